"""Measures writing the output: from nothing, and after one new entry.

    python benchmarks/output.py              100,000 entries: ten minutes, half of it ingest
    python benchmarks/output.py 5000         does it still run?
    python benchmarks/output.py --store DIR  keep the store there, or use the one kept

A store of 50 agencies is filled by the program's own ingest. Then, each as a separate process:
`regenerate` makes all feeds in three formats, archives and pages, of which there are none;
feedgen alone builds the same Atom documents from the same store (`output_floor.py`); one entry
more is ingested, which does not count; and `regenerate` again, as a run of `once` calls it. Time is
given by the clock and of the processor: on a machine that does other work as well, trust the
latter. Memory is the peak of the process.

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
from pathlib import Path
from time import perf_counter, time_ns

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


def measure(kept: Path, work: Path, entries: int) -> Iterator[Figure]:
    """All the figures, from a store in ``kept``, which is made unless it is there."""
    filled = kept / "filled"
    if not filled.exists() or filled.read_text() != f"{entries}":
        fill(kept, entries)
        filled.write_text(f"{entries}")
    shutil.copy(kept / "aggregator.db", work)
    (work / "config.toml").write_text(config(), encoding="utf-8")
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


def fill(kept: Path, entries: int) -> None:
    """A store with so many entries in it, and a digest with one more, which is not in it."""
    _say(f"writing digests of {entries:,} releases")
    for folder in ("digests", "later"):
        shutil.rmtree(kept / folder, ignore_errors=True)
        (kept / folder).mkdir(parents=True)
    for left in kept.glob("aggregator.db*"):
        left.unlink()
    (kept / "config.toml").write_text(config(), encoding="utf-8")
    documents = math.ceil(entries / OF_RELEASES / ITEMS_OF_A_DIGEST)
    releases = 0
    for digest in corpus.digests(
        items=(documents + 1) * ITEMS_OF_A_DIGEST,
        documents=documents + 1,
        seed=SEED,
        agencies=agencies(),
    ):
        if releases >= entries:
            break
        corpus.write(kept / "digests", digest)
        releases += digest.new
    newest, *_ = BLOCK.split(digest.text)
    corpus.write(kept / "later", replace(digest, name="one.txt", text=newest))
    _say("ingesting them")
    part("ingest", kept)


def agencies() -> list[Agency]:
    """Fifty, each an office of an agency of the vocabulary, of which larger ones have more."""
    shares = [agency for agency in AGENCIES for _ in range(agency.weight)]
    numbers: Counter[str] = Counter()
    offices = []
    for agency in shares[::2]:
        numbers[agency.id] += 1
        name = f"{agency.name} {numbers[agency.id]}"
        known = f"{agency.id}-{numbers[agency.id]}"
        offices.append(replace(agency, id=known, name=name, printed=name, weight=2))
    return offices


def config() -> str:
    return "\n".join(_config_lines())


def _config_lines() -> Iterator[str]:
    yield 'title = "Benchmark"'
    yield 'base_url = "http://localhost:8080/"'
    yield 'store = "aggregator.db"'
    yield 'output = "feeds"'
    yield "entries_per_feed = 50"
    yield '[[sources]]\nid = "corpus"\nlocation = "digests/*.txt"\nformat = "digest"'
    for agency in agencies():
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
        from aggregator.output.regenerate import regenerate

        report_of_feeds = regenerate(settings, store)
        ((entries,),) = store.rows("SELECT count(*) FROM entries")
    return {"entries": entries, "feeds": report_of_feeds.written}


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
            figures = list(measure(kept, work, options.entries))
    except RunFailedError as failure:
        print(f"output.py: {failure}", file=sys.stderr)
        sys.exit(2)
    print(table(figures))
    sys.exit(0 if all(figure.met is not False for figure in figures) else 1)


if __name__ == "__main__":
    main()
