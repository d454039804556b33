"""Measures what looking for duplicates costs, against datasketch's MinHashLSH in the same run.

    python benchmarks/dedupe_cost.py                          the figures that count: half an hour
    python benchmarks/dedupe_cost.py --entries 2000 20000     the same in seconds

For each number of entries: the time it takes to look a text up and to add it, from the text to the
committed transaction, and the peak memory of a process that does nothing else. Ours is the index
in a real store on disk, asked about ten texts at a time as a digest does; the other is held in
memory, with 128 permutations, a threshold of 0.8 and the same 3-word shingles. One text in ten is
an edited copy of one that is there, and what is found of those is told. Needs datasketch. Exit
code 0 if all targets are met, 1 if one is not, 2 if datasketch is absent or a process failed.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from itertools import count, islice
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from uuid import UUID

import corpus
from prose import Brief, Subject, Writer, matter
from vocabulary import AGENCIES, PLACES

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

ENTRIES = (10_000, 100_000, 1_000_000)
ROUNDS = 3  # the median of which is taken
SAMPLE = 4_000  # texts of a round: about as many as the index writes out at once
BATCH = 10  # texts of a digest
FILL = 1_000  # entries added at once where no time is taken
EDITED = 10  # one in so many texts of a sample is a copy of a known one
CANDIDATES = 8

MOST_TIME = 1 / 3
MOST_MEMORY = 1 / 10
MOST_GROWTH = 1.5
MEGABYTE = 1_000_000
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # getrusage(2): macOS counts bytes, Linux KiB


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One index at one size: for a text, seconds of the processor and by the clock, which goes on
    while something else has the processor or the disk is slow; the peak memory so far, in bytes;
    and the share of the copies that found what they are copies of.
    """

    entries: int
    seconds: float
    clock: float
    memory: int
    found: float


@dataclass(slots=True)
class Stopwatch:
    """Adds up the time spent within it."""

    seconds: float = 0.0
    clock: float = 0.0

    def __enter__(self) -> None:
        self.seconds -= process_time()
        self.clock -= perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += process_time()
        self.clock += perf_counter()


class Index(ABC):
    """What is measured: something that holds texts by number and finds them again."""

    @abstractmethod
    def fill(self, numbers: range, texts: Iterator[str]) -> None:
        """Hold more texts, one for each of `numbers`."""

    @abstractmethod
    def hold(self, numbers: Sequence[int], texts: Sequence[str]) -> None:
        """What has to be done before some texts can be looked up and added; not timed."""

    @abstractmethod
    def find_and_add(self, numbers: Sequence[int], texts: Sequence[str]) -> list[set[int]]:
        """Look texts up and add them; return the numbers of similar texts for each."""

    @abstractmethod
    def settle(self) -> None:
        """Do what was put off."""


class Ours(Index):
    """`SketchIndex`, in a store in a file."""

    def __init__(self, folder: Path) -> None:
        # sqlite_utils takes numpy along wherever it is installed, and we have no need of it.
        sys.modules["numpy"] = None  # type: ignore[assignment]
        from aggregator.dedupe import sketch as dedupe
        from aggregator.model import Agency
        from aggregator.store import open_store
        from aggregator.store.agencies import remember_agencies
        from aggregator.store.sketches import SketchIndex

        self._dedupe = dedupe
        self._store = open_store(folder / "store.db")
        self._index = SketchIndex(self._store)
        self._random = Random(5)
        with self._store.transaction():
            remember_agencies(self._store, [Agency(id="nato", name="NATO")])

    def fill(self, numbers: range, texts: Iterator[str]) -> None:
        held = list(islice(texts, len(numbers)))
        sketches = [self._dedupe.sketch(text) for text in held]
        with self._store.transaction():
            self._add_rows(numbers, held, sketches)
            for number, sketch in zip(numbers, sketches, strict=True):
                self._index.add(number, sketch)
        self._index.write_out(if_full=True)

    def hold(self, numbers: Sequence[int], texts: Sequence[str]) -> None:
        """Have the rows that an ingest writes whether or not it looks for duplicates."""
        with self._store.transaction():
            self._add_rows(numbers, texts, [self._dedupe.sketch(text) for text in texts])

    def _add_rows(
        self, numbers: Sequence[int], texts: Sequence[str], sketches: Sequence[Sequence[int]]
    ) -> None:
        made = [UUID(int=self._random.getrandbits(128)) for _ in texts]
        bases = [self._dedupe.base(sketch) for sketch in sketches]
        self._store.execute_many(
            "INSERT INTO entries (key, id, agency, truncated, fingerprint, sketch_base, title,"
            " summary, text, content_html) VALUES (?, ?, 'nato', 0, ?, ?, '', '', ?, '')",
            [
                (number, uuid.urn, uuid.hex, base, text)
                for number, uuid, base, text in zip(numbers, made, bases, texts, strict=True)
            ],
        )

    def find_and_add(self, numbers: Sequence[int], texts: Sequence[str]) -> list[set[int]]:
        with self._store.transaction():
            sketches = [self._dedupe.sketch(text) for text in texts]
            found = self._index.candidates(
                [(sketch, self._dedupe.base(sketch)) for sketch in sketches], CANDIDATES
            )
            for number, sketch in zip(numbers, sketches, strict=True):
                self._index.add(number, sketch)
        self._index.write_out(if_full=True)
        return [set(keys) for keys in found]

    def settle(self) -> None:
        self._index.write_out()


class Theirs(Index):
    """`MinHashLSH`.

    It is filled with signatures drawn at random, as those of unlike texts are: hashing a million
    texts that no time is taken of would take a quarter of an hour.
    """

    def __init__(self, _folder: Path) -> None:
        datasketch = import_module("datasketch")
        self._minhash = datasketch.MinHash
        self._lsh = datasketch.MinHashLSH(threshold=0.8, num_perm=128)
        self._empty = self._minhash(num_perm=128)
        self._random = import_module("numpy").random.default_rng(5)

    def fill(self, numbers: range, _texts: Iterator[str]) -> None:
        kind = self._empty.hashvalues.dtype
        drawn = self._random.integers(0, 2**32, (len(numbers), 128), kind)
        for number, values in zip(numbers, drawn, strict=True):
            signature = self._empty.copy()
            signature.hashvalues = values
            self._lsh.insert(number, signature)

    def hold(self, numbers: Sequence[int], texts: Sequence[str]) -> None:
        """Nothing."""

    def find_and_add(self, numbers: Sequence[int], texts: Sequence[str]) -> list[set[int]]:
        found = []
        for number, text in zip(numbers, texts, strict=True):
            words = re.findall(r"\w+", text.casefold())
            shingles = [" ".join(words[at : at + 3]).encode() for at in range(len(words) - 2)]
            signature = self._empty.copy()
            signature.update_batch(shingles)
            found.append(set(self._lsh.query(signature)))
            self._lsh.insert(number, signature)
        return found

    def settle(self) -> None:
        """Nothing is put off."""


INDEXES: dict[str, type[Ours | Theirs]] = {"ours": Ours, "datasketch": Theirs}


def measure(kind: str, sizes: Sequence[int], folder: Path) -> Iterator[Measured]:
    """Fill an index to each of `sizes` in turn, and measure the last texts before it is reached."""
    index, random = INDEXES[kind](folder), Random(1)
    filling, sampled = _texts(Random(2)), _texts(Random(3))
    last = 0
    for size in sizes:
        sample = min(SAMPLE, size // (2 * ROUNDS))
        originals = dict(enumerate(islice(sampled, ROUNDS * sample // EDITED), last + 1))
        index.hold(list(originals), list(originals.values()))
        index.find_and_add(list(originals), list(originals.values()))
        last += len(originals)
        while last + FILL + ROUNDS * sample < size:
            index.fill(range(last + 1, last + 1 + FILL), filling)
            last += FILL
        copied = iter(originals.items())
        rounds: list[tuple[float, float]] = []
        found = 0
        for _ in range(ROUNDS):
            index.settle()
            texts = list(_sample(sample, random, sampled, copied))
            stopwatch = Stopwatch()
            found += _round(index, last + 1, texts, stopwatch)
            last += sample
            rounds.append((stopwatch.seconds / sample, stopwatch.clock / sample))
        seconds, clock = sorted(rounds)[ROUNDS // 2]
        yield Measured(
            entries=size,
            seconds=seconds,
            clock=clock,
            memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT,
            found=found / len(originals),
        )


def _sample(
    size: int, random: Random, texts: Iterator[str], originals: Iterator[tuple[int, str]]
) -> Iterator[tuple[str, int | None]]:
    """Texts, and the number of the one each is an edited copy of: 2 words in 100 changed."""
    for at in range(size):
        original = next(originals, None) if at % EDITED == 0 else None
        if original is None:
            yield next(texts), None
            continue
        number, text = original
        words = text.split(" ")
        for place in random.sample(range(len(words)), max(1, len(words) // 50)):
            words[place] = "edited"
        yield " ".join(words), number


def _round(
    index: Index, first: int, sample: list[tuple[str, int | None]], stopwatch: Stopwatch
) -> int:
    """Look all of a sample up and add it; returns how many copies were found by their originals."""
    right = 0
    for start in range(0, len(sample), BATCH):
        batch = sample[start : start + BATCH]
        numbers = range(first + start, first + start + len(batch))
        texts = [text for text, _ in batch]
        index.hold(numbers, texts)
        with stopwatch:
            near = index.find_and_add(numbers, texts)
        right += sum(original in keys for (_, original), keys in zip(batch, near, strict=True))
    with stopwatch:
        index.settle()
    return right


def _texts(random: Random) -> Iterator[str]:
    """Releases without end, no two of them about the same."""
    writer = Writer(random)
    for number in count(random.randrange(1_000_000)):
        town, country = random.choice(PLACES)
        day = corpus.START + timedelta(days=random.randrange(3_000))
        subject = Subject(
            matter=matter(number), town=town, country=country, guest=writer.person(), event=day
        )
        brief = Brief(
            kind=random.choice(("news", "news", "news", "advisory", "statement", "readout")),
            agency=random.choice(AGENCIES),
            subject=subject,
            day=day,
            length=min(6_000, int(random.lognormvariate(7.26, 0.75))),
        )
        yield writer.write(brief)[1]


def _table(measured: dict[str, list[Measured]]) -> Iterator[str]:
    yield "| entries | time | by the clock | memory | found | datasketch found | µs, MB |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: | :--- |"
    for ours, theirs in zip(measured["ours"], measured["datasketch"], strict=True):
        yield (
            f"| {ours.entries:,} | {ours.seconds / theirs.seconds:.2f}"
            f" | {ours.clock / theirs.clock:.2f} | {ours.memory / theirs.memory:.3f}"
            f" | {ours.found:.1%} | {theirs.found:.1%}"
            f" | {ours.seconds * 1e6:.0f} of {theirs.seconds * 1e6:.0f},"
            f" {ours.memory / MEGABYTE:.0f} of {theirs.memory / MEGABYTE:.0f} |"
        )


def _targets(measured: dict[str, list[Measured]]) -> Iterator[tuple[str, bool]]:
    """What the largest store is held to, in words, and whether it is met."""
    ours, theirs = measured["ours"][-1], measured["datasketch"][-1]
    time, memory = ours.seconds / theirs.seconds, ours.memory / theirs.memory
    at = f"at {ours.entries:,} entries"
    yield f"time {at}: {time:.2f} of datasketch's, at most {MOST_TIME:.2f}", time <= MOST_TIME
    yield (
        f"memory {at}: {memory:.3f} of datasketch's, at most {MOST_MEMORY:.3f}",
        memory <= MOST_MEMORY,
    )
    if len(measured["ours"]) > 1:
        before = measured["ours"][-2]
        growth = ours.seconds / before.seconds
        yield (
            f"growth of time from {before.entries:,}: {growth:.2f}×, at most {MOST_GROWTH}×",
            growth <= MOST_GROWTH,
        )


def _in_a_process(kind: str, sizes: Sequence[int]) -> list[Measured]:
    command = [sys.executable, __file__, "--only", kind, "--entries", *map(str, sizes)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return [Measured(**line) for line in map(json.loads, ran.stdout.splitlines())]


def main() -> None:
    """Measure both, print the table."""
    parser = argparse.ArgumentParser(description="Measure what looking for duplicates costs.")
    parser.add_argument("--entries", type=int, nargs="+", default=ENTRIES, metavar="N")
    parser.add_argument("--only", choices=sorted(INDEXES), help="print one's measurements as JSON")
    options = parser.parse_args()
    sizes = sorted(options.entries)
    if sizes[0] < 1_000:
        parser.error("--entries: at least 1,000")
    if options.only:
        with tempfile.TemporaryDirectory(prefix="aggregator-cost-") as folder:
            for measured in measure(options.only, sizes, Path(folder)):
                print(json.dumps(asdict(measured)), flush=True)
                print(f"… {options.only}: {measured.entries:,} entries", file=sys.stderr)
        return
    if find_spec("datasketch") is None:
        print(
            "dedupe_cost.py: datasketch is not installed: pip install datasketch", file=sys.stderr
        )
        sys.exit(2)
    try:
        both = {kind: _in_a_process(kind, sizes) for kind in INDEXES}
    except subprocess.CalledProcessError as error:
        print(f"dedupe_cost.py: a process failed: {error}", file=sys.stderr)
        sys.exit(2)
    print("\n".join(_table(both)))
    targets = list(_targets(both))
    for words, met in targets:
        print(f"{'met' if met else 'NOT MET'}: {words}")
    sys.exit(0 if all(met for _, met in targets) else 1)


if __name__ == "__main__":
    main()
