"""Computes what so many sources take, from measured costs.

    python benchmarks/capacity.py                  10,000, 100,000 and 1,000,000 sources
    python benchmarks/capacity.py --interval 3600 --entries 5
    python benchmarks/capacity.py --unchanged 1.5 --write 15    with the figures of your machine

Every source is polled once in an interval. Most polls find nothing new and cost a request; a poll
with a new entry costs what reads the feed, which other processes and machines can do, and what the
one writer does: decide, store, date, and write the files. Cores are what is busy on average; the
writer may be half busy, since entries come in bursts. Prints a table.
"""

import argparse
import math
import sys
from dataclasses import dataclass

DAY = 86_400
GIGABYTE = 1_000_000_000
SOURCES = (10_000, 100_000, 1_000_000)
OF_A_CORE = 0.5  # of the writer's, until there should be another writer
OF_A_FILE = 500 * GIGABYTE  # until a backup takes hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Milliseconds of the processor, and bytes; measured on feeds of 25 entries on loopback.

    ``unchanged`` is a poll that is answered 304, for whom polls, ``remembered`` the same for the
    writer.  ``read`` is reading a feed with a new entry, ``write`` storing the entry, ``publish``
    writing the files after it, at most: entries that come together are written together.
    ``bytes`` are those of an entry in the store and in archives.
    """

    unchanged: float = 0.7
    remembered: float = 0.45
    read: float = 6.7
    write: float = 7.0
    publish: float = 46.0
    bytes: float = 12_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Assumed: seconds between two polls of a source, and its new entries a day."""

    interval: float = 1_800.0
    entries: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What so many sources take: polls a second, entries a day, cores on average, gigabytes a year,
    and what ends first.
    """

    sources: int
    polls: float
    entries: float
    reading: float
    writing: float
    disk: float
    limit: str


def need(sources: int, load: Load, costs: Costs) -> Need:
    """Return what ``sources`` take."""
    polls = sources / load.interval
    entries = sources * load.entries
    reading = (polls * costs.unchanged + entries / DAY * costs.read) / 1000
    writing = (polls * costs.remembered + entries / DAY * (costs.write + costs.publish)) / 1000
    disk = 365 * entries * costs.bytes
    return Need(
        sources=sources,
        polls=polls,
        entries=entries,
        reading=reading,
        writing=writing,
        disk=disk / GIGABYTE,
        limit=_limit(reading, writing, disk),
    )


def _limit(reading: float, writing: float, disk: float) -> str:
    """Return what ends first, and what to change then."""
    limits = []
    if writing > OF_A_CORE:
        limits.append(f"the writer: {math.ceil(writing / OF_A_CORE)} shards")
    elif reading + writing > OF_A_CORE:
        limits.append("one core: `workers`, or Dask")
    if disk > OF_A_FILE:
        limits.append("the file: retention")
    return "; ".join(limits) or "nothing: one machine"


def table(needs: list[Need]) -> str:
    """Return the table in Markdown."""
    lines = [
        "| sources | polls a second | entries a day | cores that read | cores of the writer |"
        " disk a year | what ends first |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | :--- |",
    ]
    lines += [
        f"| {one.sources:,} | {one.polls:,.0f} | {one.entries:,.0f} | {one.reading:.2f} |"
        f" {one.writing:.2f} | {one.disk:,.0f} GB | {one.limit} |"
        for one in needs
    ]
    return "\n".join(lines)


def main() -> int:
    costs, load = Costs(), Load()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name in ("unchanged", "remembered", "read", "write", "publish", "bytes"):
        parser.add_argument(f"--{name}", type=float, default=getattr(costs, name))
    for name in ("interval", "entries"):
        parser.add_argument(f"--{name}", type=float, default=getattr(load, name))
    parser.add_argument("sources", type=int, nargs="*", default=SOURCES)
    given = parser.parse_args()
    costs = Costs(
        unchanged=given.unchanged,
        remembered=given.remembered,
        read=given.read,
        write=given.write,
        publish=given.publish,
        bytes=given.bytes,
    )
    load = Load(interval=given.interval, entries=given.entries)
    print(table([need(sources, load, costs) for sources in given.sources]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
