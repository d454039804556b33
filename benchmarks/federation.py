"""Measures shards, and one Aggregator that reads and combines them.

    python benchmarks/federation.py                  3 shards, 1,000 entries
    python benchmarks/federation.py --entries 120    does it still run?

Each shard has agencies of its own and a folder of digests; the combiner reads the combined JSON
Feed of each from a loopback server, with ``aggregator = true``. All run in this process, one after
the other, whose processor time is measured. The clock is set, so that a day passes at once.

1. All shards take in their digests, and the combiner reads them: every entry arrives, with the id,
   the time and the dating that its shard gave it.
2. A round in which nothing is new changes no byte of the combiner's feeds.
3. One release comes to a shard: from its ingest there to the combiner's feeds.
4. A shard answers 503 for a day while another has news: that arrives, and its entries stay.
5. It is back with what came meanwhile, which then arrives too.

Prints a table. Exit code 0 if everything arrived, 1 if not.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
# Where this checkout's package and the other benchmarks are, however this one is started.
sys.path[:0] = [str(HERE), str(HERE.parent)]

from large_store import Words  # noqa: E402

from tests.support.federation import NOW, Federation, Node, Upstream  # noqa: E402
from tests.support.loopback import Loopback, Reply  # noqa: E402
from tests.support.project import block, digest  # noqa: E402

SHARDS = 3
AGENCIES = 4  # of a shard
ITEMS = 25  # of a digest
ROUND = timedelta(hours=1)
DAY = timedelta(days=1)
PATIENCE = 'parse_timeout = "10m"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: seconds of the processor of shards and of the combiner, and whether
    the combiner then had what it should.
    """

    name: str
    shards: float
    combiner: float
    result: str
    met: bool


class Shards:
    """Shards with a combiner, and a clock that is set."""

    def __init__(self, folder: Path, server: Loopback, entries: int) -> None:
        self._words = Words(Random(3))
        self._count = 0
        self._server = server
        self._now: datetime = NOW
        federation = Federation(folder, server)
        each = -(-entries // SHARDS)
        self.shards = [
            federation.node(f"shard-{number}", digests=dict(self._digests(number, each)))
            for number in range(SHARDS)
        ]
        upstreams = [Upstream(shard.name) for shard in self.shards]
        self.combiner = federation.node("combiner", *upstreams)
        # On a busy machine a feed of hundreds of entries may take longer than is usual.
        config = self.combiner.project.config.read_text(encoding="utf-8")
        self.combiner.project.configure(config.replace("[fetch]\n", f"[fetch]\n{PATIENCE}\n"))

    def _digests(self, shard: int, entries: int) -> Iterator[tuple[str, str]]:
        """Yield names and texts of digests with so many releases, one a day up to now."""
        for start in range(0, entries, ITEMS):
            day = self._now - timedelta(days=(entries - start) // ITEMS)
            items = range(start, min(start + ITEMS, entries))
            yield f"{start:05}.txt", digest(*(self._release(shard, n, day) for n in items))

    def _release(self, shard: int, number: int, day: datetime) -> str:
        agency = f"Office {shard}{number % AGENCIES} of Matter"
        return block(self._words.title(), agency, self._words.text(), date=f"{day:%Y-%m-%d}")

    def news(self, shard: int, count: int) -> None:
        """Write a digest of so many new releases for a shard."""
        self._count += 1
        day = self._now - timedelta(days=1)
        text = digest(*(self._release(shard, number, day) for number in range(count)))
        project = self.shards[shard].project
        later = self._now + timedelta(minutes=self._count)
        project.write_digest(f"news-{self._count:03}.txt", text, later)

    def round(self, name: str, *, off: int | None = None, passed: timedelta = ROUND) -> Row:
        """Run all shards but the one that is ``off``, then the combiner; look at the result."""
        self._now += passed
        before = {node.name: self._dated(node) for node in self.shards}
        began = time.process_time()
        for number, shard in enumerate(self.shards):
            if number != off:
                shard.run(self._now)
        between = time.process_time()
        if off is not None:
            self._server.at(f"/{self.shards[off].name}/all.json", Reply(status=503))
        reports = self.combiner.run(self._now)
        ended = time.process_time()
        wanted = {
            entry_id: dating
            for number, node in enumerate(self.shards)
            for entry_id, dating in (
                before[node.name] if number == off else self._dated(node)
            ).items()
        }
        got = self._dated(self.combiner)
        failed = {report.id: report.error for report in reports if report.error is not None}
        unwanted = [
            error for id_, error in failed.items() if off is None or id_ != self.shards[off].name
        ]
        return Row(
            name=name,
            shards=between - began,
            combiner=ended - between,
            result=f"{len(got.keys() & wanted.keys()):,} of {len(wanted):,} ids,"
            f" {sum(got.get(key) == value for key, value in wanted.items()):,} datings"
            + "".join(f"; {error}" for error in unwanted),
            met=got == wanted and len(failed) == (off is not None),
        )

    def _dated(self, node: Node) -> dict[str, tuple[str, str]]:
        """Return the ids of a node's entries, with their times and how these are known."""
        select = "SELECT id, published, dating_basis FROM entries"
        if not node.project.store.exists():
            return {}
        return {entry_id: (time, basis) for entry_id, time, basis in node.project.rows(select)}


def measure(folder: Path, server: Loopback, entries: int) -> Iterator[Row]:
    """Yield the lines of the table."""
    all_of_them = Shards(folder, server, entries)
    yield all_of_them.round(f"{entries:,} entries, from digests to the combiner's feeds")
    files = all_of_them.combiner.project.files()
    idle = all_of_them.round("nothing new")
    same = all_of_them.combiner.project.files() == files
    yield replace(
        idle, met=idle.met and same, result=f"{idle.result}, {'same' if same else 'other'} bytes"
    )
    all_of_them.news(0, 1)
    yield all_of_them.round("one release")
    all_of_them.news(0, ITEMS)
    all_of_them.news(1, ITEMS)
    yield all_of_them.round("a shard off for a day, another has a digest", off=0, passed=DAY)
    yield all_of_them.round("the shard is back, with a digest", passed=DAY)


def table(rows: Sequence[Row]) -> str:
    """Return the table as text."""
    cells = [("processor, ms", "shards", "combiner", "at the combiner", "met")]
    for row in rows:
        times = (f"{1000 * row.shards:,.0f}", f"{1000 * row.combiner:,.0f}")
        cells.append((row.name, *times, row.result, "yes" if row.met else "no"))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--entries", type=int, default=1_000)
    entries = parser.parse_args().entries
    with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-") as name, Loopback() as server:
        rows = list(measure(Path(name), server, entries))
    print(table(rows))
    return int(not all(row.met for row in rows))


if __name__ == "__main__":
    sys.exit(main())
