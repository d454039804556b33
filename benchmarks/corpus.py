"""Writes digest files as large as one likes, which overlap as real ones do.

    python benchmarks/corpus.py --items 100000 --documents 10000 --seed 1 OUT_DIR

Each digest is a window, newest first, over one of a few rolling lists; its oldest items may be
the newest of the same list's digest before it, about 49 items for every 42 releases. Titles are
distinct throughout. Same arguments, same bytes. Memory does not grow with the corpus: it holds
one digest of each list. What a release says is `prose`'s business, its words are `vocabulary`'s.
"""

import argparse
import heapq
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from itertools import count
from pathlib import Path
from random import Random
from statistics import NormalDist

from prose import Brief, Subject, Writer, matter
from vocabulary import AGENCIES, PLACES, Agency

SEEN_AGAIN = 7 / 49  # of all items: the real digests' 49 items are 42 releases
START = date(2016, 1, 4)
DAYS_BETWEEN_RELEASES = 0.3  # of one list; with week-ends mostly left out, some 2.5 a day
RELEASES_OF_A_LIST = (
    7_500  # which is some eight years; a larger corpus has more lists, not later dates
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One file: `items` blocks, of which the `new` first are in no earlier digest."""

    name: str
    text: str
    items: int
    new: int


def digests(
    *, items: int, documents: int, seed: int, agencies: Sequence[Agency] = AGENCIES
) -> Iterator[Digest]:
    """The digests, oldest window first; their names say nothing of that order."""
    if not 1 <= documents <= items:
        raise ValueError("a corpus has at least one document, and an item for each")
    random = Random(seed)
    writer = Writer(random)
    serial = count(random.randrange(1_000_000))
    lists = max(1, round(items * (1 - SEEN_AGAIN) / RELEASES_OF_A_LIST))
    shares = [agency for agency in agencies for _ in range(agency.weight)]
    rolling = [_RollingList(random, writer, serial, shares) for _ in range(lists)]
    for number in range(documents):
        size = items * (number + 1) // documents - items * number // documents
        window, new = rolling[number % lists].next_window(size)
        name = blake2b(f"{seed}/{number}".encode(), digest_size=8).hexdigest()
        yield Digest(name=f"{name}.txt", text="\n\n".join(window), items=size, new=new)


def write(folder: Path, digest: Digest) -> None:
    """Writes one digest file: UTF-8, and no newline at its end, as found."""
    (folder / digest.name).write_bytes(digest.text.encode())


class _RollingList:
    """One list of releases that moves forward in time, and the digests that are cut from it."""

    def __init__(
        self, random: Random, writer: Writer, serial: Iterator[int], shares: Sequence[Agency]
    ) -> None:
        self._shares = shares
        self._random = random
        self._writer = writer
        self._serial = serial
        self._clock = 2.0 * random.random()  # days since START
        self._visits: list[tuple[date, int, Agency, Subject]] = []  # announced, not yet reported
        self._window: list[str] = []
        self._owed = 0.0  # items that should have been repeated by now, less those that were
        self._patience = self._draw_patience()

    def next_window(self, size: int) -> tuple[list[str], int]:
        """`size` blocks, newest first, and how many of them are new."""
        self._owed += size * SEEN_AGAIN
        repeated = 0
        if self._owed >= self._patience:
            repeated = min(self._patience, size - 1, len(self._window))
            self._owed -= repeated
            self._patience = self._draw_patience()
        new = [self._next_block() for _ in range(size - repeated)]
        self._window = new[::-1] + self._window[:repeated]
        return self._window, len(new)

    def _draw_patience(self) -> int:
        """Repeats come together, as they do where one fetches often for a while: 1 to 8 items."""
        return 1 + int(8 * self._random.random())

    def _next_block(self) -> str:
        day = self._next_day()
        agency, kind, subject = self._due_visit(day) or self._new_subject(day)
        if kind == "advisory":
            heapq.heappush(self._visits, (subject.event, next(self._serial), agency, subject))
        brief = Brief(kind=kind, agency=agency, subject=subject, day=day, length=self._length())
        title, body = self._writer.write(brief)
        return f"{title}\n\nSource: {agency.printed}\n\n{body}"

    def _next_day(self) -> date:
        self._clock -= math.log(1 - self._random.random()) * DAYS_BETWEEN_RELEASES
        day = START + timedelta(int(self._clock))
        if day.weekday() > 4 and self._random.random() < 0.7:
            self._clock = math.floor(self._clock) + 7.0 - day.weekday()
            day = START + timedelta(int(self._clock))
        return day

    def _due_visit(self, day: date) -> tuple[Agency, str, Subject] | None:
        """A visit announced before, that is over by now: the near miss of its announcement."""
        if self._visits and self._visits[0][0] <= day:
            event, _, agency, subject = heapq.heappop(self._visits)
            if (day - event).days < 3:
                return agency, "report", subject
        return None

    def _new_subject(self, day: date) -> tuple[Agency, str, Subject]:
        agency = self._shares[int(len(self._shares) * self._random.random())]
        kind = "cut" if agency.always_cut else _KINDS[int(len(_KINDS) * self._random.random())]
        if kind == "advisory":
            event = day + timedelta(1 + int(6 * self._random.random()))
        else:
            event = day - timedelta(self._random.random() < 0.25)
        town, country = PLACES[int(len(PLACES) * self._random.random())]
        subject = Subject(
            matter=matter(next(self._serial)),
            town=town,
            country=country,
            guest=self._writer.person(),
            event=event,
        )
        return agency, kind, subject

    def _length(self) -> int:
        """Of a body that is not cut. With the cut ones the median is 900, the mean 1,400."""
        drawn = math.exp(_LENGTHS.inv_cdf(self._random.random() or 0.5))
        return int(min(max(drawn, 300), 6_000))


_KINDS = ("news",) * 13 + ("advisory",) * 2 + ("statement", "speech", "readout")
_LENGTHS = NormalDist(7.26, 0.75)  # of the logarithm


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a corpus of digests.")
    parser.add_argument("--items", type=int, default=100_000, help="blocks in all files together")
    parser.add_argument("--documents", type=int, default=10_000, help="files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("folder", type=Path, metavar="OUT_DIR", help="made if it is not there")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    new = 0
    try:
        for digest in digests(items=options.items, documents=options.documents, seed=options.seed):
            write(options.folder, digest)
            new += digest.new
    except ValueError as error:
        sys.exit(f"corpus: {error}")
    print(f"{options.items} items, {new} releases, {options.documents} files in {options.folder}")


if __name__ == "__main__":
    main()
