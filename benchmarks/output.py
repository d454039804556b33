"""Measures writing the output: from nothing, and after one new entry.

    python benchmarks/output.py              100,000 entries: ten minutes, half of it ingest
    python benchmarks/output.py 5000         does it still run?
    python benchmarks/output.py --store DIR  keep the store there, or use the one kept
    python benchmarks/output.py 20000 --agencies 4000    as of many feeds, most of them quiet

A store of 50 agencies is filled by the program's own ingest. Then, each as a separate process:
`regenerate` makes all feeds in three formats, archives and pages, of which there are none;
feedgen alone builds the same Atom documents from the same store (`output_floor.py`); one entry
more is ingested, which does not count; and `regenerate` again, as the daemon calls it; then as the
command `regenerate`, which checks every file. In the end one process, as the daemon does,
ingests one entry and writes the output, several times. Time is given by the clock and of the
processor: on a machine that does other work as well, trust the latter. Memory is the peak of the
process.

Starting Python outweighs one entry with few in the store: that share counts from 100,000 on.
Prints a table. Exit code 0 if all targets are met, 1 if one is not, 2 if a program failed.
"""

import argparse
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, time_ns
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.store import Store

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
# Where this checkout's package and the other benchmarks are, however this one is started.
sys.path[:0] = [str(HERE), str(ROOT)]

import corpus  # noqa: E402
from vocabulary import AGENCIES, Agency  # noqa: E402

SEED = 7
ITEMS_OF_A_DIGEST = 50
OF_RELEASES = 1 - corpus.SEEN_AGAIN  # of the items in digests
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TURNS = 8  # entries that come in one at a time
MEGABYTE = 1_000_000
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # getrusage(2): macOS counts bytes, Linux KiB
BLOCK = re.compile(r"\n\n(?=[^\n]+\n\nSource: )")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One process that ended well: seconds by the clock and of the processor, bytes at most."""

    seconds: float
    processor: float
    memory: int
    said: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    name: str
    measured: str
    target: str = ""
    met: bool | None = None


class RunFailedError(Exception):
    """A process that had to end well did not."""


def measure(kept: Path, work: Path, entries: int, offices: int) -> Iterator[Figure]:
    """All the figures, from a store in ``kept``, which is made unless it is there."""
    filled = kept / "filled"
    if not filled.exists() or filled.read_text() != f"{entries} {offices}":
        fill(kept, entries, agencies(offices))
        filled.write_text(f"{entries} {offices}")
    shutil.copy(kept / "aggregator.db", work)
    shutil.copy(kept / "config.toml", work)
    (work / "digests").mkdir()

    _say("all of it, from nothing")
    first = part("regenerate", work)
    count = first.said["entries"]
    yield Figure(
        name="from nothing",
        measured=f"{first.seconds:.1f} s by the clock, {first.processor:.1f} s of the processor,"
        f" {count / first.seconds:,.0f} entries a second"
        f" ({count:,} entries, {files(work / 'feeds'):,} files)",
    )
    yield Figure(
        name="peak memory",
        measured=f"{first.memory / MEGABYTE:.0f} MB",
        target="< 300 MB",
        met=first.memory < 300 * MEGABYTE,
    )
    for what, arguments in (("feeds and archives", ()), ("feeds alone", ("--feeds",))):
        _say(f"feedgen, {what}")
        with tempfile.TemporaryDirectory(dir=work) as folder:
            floor = run(HERE / "output_floor.py", work / "aggregator.db", folder, *arguments)
        yield Figure(
            name=f"from nothing, of feedgen's time for Atom {what}",
            measured=f"{first.seconds / floor.seconds:.2f} by the clock,"
            f" {first.processor / floor.processor:.2f} of the processor"
            f" ({floor.seconds:.1f} s, {floor.processor:.1f} s,"
            f" {floor.said['documents']:,} documents, {floor.said['entries']:,} times an entry,"
            f" {floor.memory / MEGABYTE:.0f} MB)",
        )
    yield from after_one_entry(kept, work, first)


def after_one_entry(kept: Path, work: Path, first: Run) -> Iterator[Figure]:
    _say("one entry more")
    shutil.copy(kept / "later" / "one.txt", work / "digests")
    came = part("ingest", work).said
    began = time_ns()
    again = part("regenerate", work)
    changed = files(work / "feeds", began)
    idle = part("regenerate", work)
    shares = again.seconds / first.seconds, again.processor / first.processor
    yield Figure(
        name="after one new entry, of the first time",
        measured=f"{shares[0]:.2%} by the clock, {shares[1]:.2%} of the processor"
        f" ({again.seconds:.2f} s, {again.processor:.2f} s, {changed} files,"
        f" {again.memory / MEGABYTE:.0f} MB; {came['noted']} entries were noted as changed)",
        target="< 1%",
        met=max(shares) < 0.01 and came["new"] == 1,
    )
    yield Figure(
        name="of which starting, and finding nothing changed",
        measured=f"{idle.seconds:.2f} s by the clock, {idle.processor:.2f} s of the processor",
    )
    _say("all files, nothing changed")
    checked = part("check", work)
    yield Figure(
        name="the command, nothing changed",
        measured=f"{checked.seconds:.2f} s by the clock, {checked.processor:.2f} s of the processor"
        f" ({files(work / 'feeds'):,} files)",
        target="≤ 1 s",
        met=checked.processor <= 1 and not checked.said["feeds"],
    )
    _say("one entry at a time, in one process")
    for number, text in enumerate(blocks((kept / "later" / "more.txt").read_text("utf-8"))):
        (work / "more").mkdir(exist_ok=True)
        (work / "more" / f"{number}.txt").write_text(text, "utf-8")
    daemon = part("daemon", work)
    yield Figure(
        name="one new entry, written by a process that runs",
        measured=f"{daemon.said['milliseconds'] / 1000:.3f} s by the clock,"
        f" {daemon.said['milliseconds_of_the_processor'] / 1000:.3f} s of the processor"
        f" ({daemon.said['agencies']:,} agencies, the median of {daemon.said['turns']})",
        target="≤ 0.1 s",
        met=daemon.said["milliseconds_of_the_processor"] <= 100,
    )


def blocks(digest: str) -> list[str]:
    return BLOCK.split(digest)


def fill(kept: Path, entries: int, listed: list[Agency]) -> None:
    """A store with so many entries in it, and a digest with one more, which is not in it."""
    _say(f"writing digests of {entries:,} releases")
    for folder in ("digests", "later"):
        shutil.rmtree(kept / folder, ignore_errors=True)
        (kept / folder).mkdir(parents=True)
    for left in kept.glob("aggregator.db*"):
        left.unlink()
    (kept / "config.toml").write_text(config(listed), encoding="utf-8")
    documents = math.ceil(entries / OF_RELEASES / ITEMS_OF_A_DIGEST)
    releases = 0
    for digest in corpus.digests(
        items=(documents + 1) * ITEMS_OF_A_DIGEST,
        documents=documents + 1,
        seed=SEED,
        agencies=listed,
    ):
        if releases >= entries:
            break
        corpus.write(kept / "digests", digest)
        releases += digest.new
    newest, *more = blocks(digest.text)[: digest.new]
    corpus.write(kept / "later", replace(digest, name="one.txt", text=newest))
    corpus.write(kept / "later", replace(digest, name="more.txt", text="\n\n".join(more[:TURNS])))
    _say("ingesting them")
    part("ingest", kept)


def agencies(number: int) -> list[Agency]:
    """Each an office of an agency of the vocabulary, of which larger ones have more."""
    shares = [agency for agency in AGENCIES for _ in range(agency.weight)]
    numbers: Counter[str] = Counter()
    offices = []
    for agency in islice(cycle(shares[::2]), number):
        numbers[agency.id] += 1
        name = f"{agency.name} {numbers[agency.id]}"
        known = f"{agency.id}-{numbers[agency.id]}"
        offices.append(replace(agency, id=known, name=name, printed=name, weight=2))
    return offices


def config(listed: list[Agency]) -> str:
    return "\n".join(_config_lines(listed))


def _config_lines(listed: list[Agency]) -> Iterator[str]:
    yield 'title = "Benchmark"'
    yield 'base_url = "http://localhost:8080/"'
    yield 'store = "aggregator.db"'
    yield 'output = "feeds"'
    yield "entries_per_feed = 50"
    yield '[[sources]]\nid = "corpus"\nlocation = "digests/*.txt"\nformat = "digest"'
    for agency in listed:
        yield f'[[agencies]]\nid = "{agency.id}"\nname = "{agency.name}"'
        yield f'homepage = "https://{agency.site}/"'
    yield ""


def part(name: str, folder: Path) -> Run:
    return run(HERE / "output.py", "--part", name, "--folder", folder)


def run(*arguments: str | Path) -> Run:
    """Runs a program to its end, its output to files so that no pipe holds it up."""
    command = [sys.executable, *arguments]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=errors)
        # Not `process.wait()`: only wait4 gives this child's own times and peak.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            shown = " ".join(map(str, command))
            raise RunFailedError(
                f"exit code {process.returncode}: {shown}\n{errors.read().decode()}"
            )
        return Run(
            seconds=seconds,
            processor=usage.ru_utime + usage.ru_stime,
            memory=usage.ru_maxrss * RSS_UNIT,
            said=json.loads(output.read()),
        )


def do_part(part: str, folder: Path) -> dict[str, int]:
    """The work of the separate process, and what it prints."""
    from aggregator.config import load
    from aggregator.store import open_store

    settings = load(folder / "config.toml")
    with open_store(settings.store) as store:
        if part == "ingest":
            from aggregator.ingest.run import ingest

            (report,) = ingest(settings, store, now=NOW)
            ((noted,),) = store.rows("SELECT count(*) FROM to_show")
            return {"new": report.new, "noted": noted}
        if part == "daemon":
            return publish_by_one(folder, store)
        from aggregator.output.regenerate import regenerate

        report_of_feeds = regenerate(settings, store, check="files" if part == "check" else "noted")
        ((entries,),) = store.rows("SELECT count(*) FROM entries")
    return {"entries": entries, "feeds": report_of_feeds.written}


def publish_by_one(folder: Path, store: "Store") -> dict[str, int]:
    """Ingest one entry at a time, and measure writing it; the first one loads what is needed."""
    from aggregator.config import load
    from aggregator.ingest.run import ingest
    from aggregator.output.regenerate import regenerate

    settings = load(folder / "config.toml")
    times = []
    for path in sorted((folder / "more").iterdir()):
        shutil.move(path, folder / "digests")
        list(ingest(settings, store, now=NOW))
        began = perf_counter(), process_time()
        regenerate(settings, store, check="noted")
        times.append((perf_counter() - began[0], process_time() - began[1]))
    clock, processor = (median(part) for part in zip(*times[1:], strict=True))
    ((number,),) = store.rows("SELECT count(DISTINCT agency) FROM entries")
    return {
        "milliseconds": round(1000 * clock),
        "milliseconds_of_the_processor": round(1000 * processor),
        "turns": len(times) - 1,
        "agencies": number,
    }


def files(folder: Path, since: int = 0) -> int:
    """How many files below ``folder`` changed since a time in nanoseconds.

    Not by ``rglob``, which remembers all it found: no child's peak is below what this one holds.
    """
    return sum(
        os.stat(os.path.join(at, name)).st_mtime_ns >= since
        for at, _, names in os.walk(folder)
        for name in names
    )


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr)


def table(figures: list[Figure]) -> str:
    rows = [("figure", "target", "measured", "met")]
    words = {True: "yes", False: "no", None: ""}
    rows += [(f.name, f.target, f.measured, words[f.met]) for f in figures]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the writing of feeds and pages.")
    parser.add_argument("entries", type=int, nargs="?", default=100_000, help="at least 1,000")
    parser.add_argument("--agencies", type=int, default=50)
    parser.add_argument("--store", type=Path, help="a folder where the filled store is kept")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(do_part(options.part, options.folder)))
        return
    if options.entries < 1_000:
        parser.error("at least 1,000 entries")
    try:
        with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-") as name:
            kept, work = options.store or Path(name) / "kept", Path(name) / "work"
            work.mkdir()
            kept.mkdir(parents=True, exist_ok=True)
            figures = list(measure(kept, work, options.entries, options.agencies))
    except RunFailedError as failure:
        print(f"output.py: {failure}", file=sys.stderr)
        sys.exit(2)
    print(table(figures))
    sys.exit(0 if all(figure.met is not False for figure in figures) else 1)


if __name__ == "__main__":
    main()
