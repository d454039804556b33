"""Measures `aggregator once` and `--help` against what they are held to.

    python benchmarks/once.py                  100,000 items, the figures that count: minutes
    python benchmarks/once.py --items 5000     the same in seconds, to see that it still runs

Every figure is a ratio of two measurements of this one run on this one machine, but for the
memory. Prints a table, and below it whatever makes a figure doubtful. Exit code 0 if all are met,
1 if one is not, 2 if a program failed. At a few thousand items starting Python outweighs an
unchanged run, so the percentages count from 100,000 on.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import corpus
from vocabulary import AGENCIES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent  # where `python -m aggregator` is this checkout, installed or not
ITEMS_OF_A_DIGEST = 10
MEGABYTE = 1_000_000
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # getrusage(2): macOS counts bytes, Linux KiB


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One process that ended well. `memory` is the peak of the process, or of its largest child."""

    seconds: float
    memory: int  # bytes
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A folder with a configuration and a corpus, and the newest digest, kept back for later."""

    folder: Path
    items: int
    releases: int
    newest: corpus.Digest

    @property
    def digests(self) -> Path:
        return self.folder / "digests"

    @property
    def store(self) -> Path:
        return self.folder / "aggregator.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    name: str
    target: str
    measured: str
    met: bool


class RunFailedError(Exception):
    """A process that had to end well did not."""


def measure(
    folder: Path, items: int, seed: int, repeat: int, starts: int
) -> tuple[list[Figure], list[str]]:
    """All the figures, and the doubts about them."""
    small = build_site(folder / "small", items // 10, seed)
    large = build_site(folder / "large", items, seed)
    once(build_site(folder / "warm", ITEMS_OF_A_DIGEST, seed))  # compiles the modules first
    doubts: list[str] = []

    _say(f"once, {small.items:,} and {large.items:,} items")
    small_first, first = once(small), once(large)
    doubts += _doubts_of_the_first(small, small_first) + _doubts_of_the_first(large, first)
    _say("the floor")
    command: list[str | Path] = [sys.executable, HERE / "floor.py", large.store, large.digests]
    floors = [json.loads(run(command).output) for _ in range(repeat)]
    floor = median(each["seconds"] for each in floors)
    doubts += [f"the floor leaves out the search index {name}" for name in floors[0]["unfilled"]]

    _say("once, nothing changed; once, one digest added")
    second = once(large)
    corpus.write(large.digests, large.newest)
    third = once(large)
    doubts += _doubts_of_the_second(second) + _doubts_of_the_third(third)
    _say("--help")
    help_seconds, click_seconds = start_up(starts)

    memory = max(first.memory, small_first.memory)
    return [
        _at_most("first `once` against the floor", first.seconds, floor, 6),
        Figure(
            name="peak memory of `once`",
            target="< 250 MB",
            measured=f"{memory / MEGABYTE:.0f} MB",
            met=memory < 250 * MEGABYTE,
        ),
        Figure(
            name=f"the same, {large.items:,} against {small.items:,} items",
            target="≤ 1.25×",
            measured=f"{first.memory / small_first.memory:.2f}×"
            f" ({first.memory / MEGABYTE:.0f} / {small_first.memory / MEGABYTE:.0f} MB)",
            met=first.memory <= 1.25 * small_first.memory,
        ),
        _below("second `once`, nothing changed", second.seconds, first.seconds, 0.03),
        _below("`once` with one digest added", third.seconds, first.seconds, 0.05),
        _at_most("`--help` against `import click`", help_seconds, click_seconds, 2.5),
    ], doubts


def build_site(folder: Path, items: int, seed: int) -> Site:
    _say(f"writing {items:,} items")
    documents = max(1, items // ITEMS_OF_A_DIGEST)
    (folder / "digests").mkdir(parents=True)
    (folder / "config.toml").write_text(_config(), encoding="utf-8")
    releases = written = 0
    size = ITEMS_OF_A_DIGEST * (documents + 1)
    for number, digest in enumerate(corpus.digests(items=size, documents=documents + 1, seed=seed)):
        if number < documents:
            corpus.write(folder / "digests", digest)
            releases += digest.new
            written += digest.items
    return Site(folder=folder, items=written, releases=releases, newest=digest)


def once(site: Site) -> Run:
    config = site.folder / "config.toml"
    return run([sys.executable, "-m", "aggregator", "--config", config, "once", "--json"])


def run(command: list[str | Path]) -> Run:
    """Runs a command from the checkout's root, its output to files so that no pipe holds it up."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=errors)
        # Not `process.wait()`: only wait4 gives this child's own peak. It is never below this
        # process's size at the fork, which is why everything large here is a separate process.
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
            seconds=seconds, memory=usage.ru_maxrss * RSS_UNIT, output=output.read().decode()
        )


def start_up(starts: int) -> tuple[float, float]:
    """Median seconds of `aggregator --help` and of `import click`, in turns, so load hits both."""
    script = Path(sys.executable).parent / "aggregator"
    program = [script] if script.exists() else [sys.executable, "-m", "aggregator"]
    commands: tuple[list[str | Path], ...] = (
        [*program, "--help"],
        [sys.executable, "-c", "import click"],
    )
    turns = [[run(command).seconds for command in commands] for _ in range(starts + 1)]
    helps, clicks = zip(*turns[1:], strict=True)
    return median(helps), median(clicks)


def _config() -> str:
    return "\n".join(_config_lines())


def _config_lines() -> Iterator[str]:
    yield 'title = "Benchmark"'
    yield 'base_url = "http://localhost:8080/"'
    yield 'store = "aggregator.db"'
    yield 'output = "feeds"'
    yield '[[sources]]\nid = "corpus"\nlocation = "digests/*.txt"\nformat = "digest"'
    for agency in AGENCIES:
        yield f'[[agencies]]\nid = "{agency.id}"\nname = "{agency.name}"'
        yield f'homepage = "https://{agency.site}/"'
        if agency.printed != agency.name:
            yield f'aliases = ["{agency.printed}"]'
    yield ""


def _at_most(name: str, seconds: float, base: float, most: float) -> Figure:
    measured = f"{seconds / base:.2f}× ({seconds:.3g} / {base:.3g} s)"
    return Figure(name=name, target=f"≤ {most:g}×", measured=measured, met=seconds <= most * base)


def _below(name: str, seconds: float, base: float, share: float) -> Figure:
    measured = f"{seconds / base:.1%} ({seconds:.3g} / {base:.3g} s)"
    return Figure(name=name, target=f"< {share:.0%}", measured=measured, met=seconds < share * base)


def _doubts_of_the_first(site: Site, first: Run) -> list[str]:
    """A fast run that lost items is not fast. Merged near-duplicates are not lost, but are told."""
    items, new = _counted(first, "items"), _counted(first, "new")
    doubts = []
    if items != site.items:
        doubts.append(f"first `once` saw {items:,} of {site.items:,} items")
    if new != site.releases:
        doubts.append(f"first `once` made {new:,} entries of {site.releases:,} releases")
    return doubts


def _doubts_of_the_second(second: Run) -> list[str]:
    new, written = _counted(second, "new"), json.loads(second.output)["feeds"]["written"]
    return [f"second `once`: {new} new, {written} feeds written"] if new or written else []


def _doubts_of_the_third(third: Run) -> list[str]:
    return [] if _counted(third, "new") else ["`once` with a digest added found nothing new"]


def _counted(once_run: Run, key: str) -> int:
    return sum(source[key] for source in json.loads(once_run.output)["sources"])


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr)


def _table(figures: list[Figure]) -> str:
    rows = [("figure", "target", "measured", "met")]
    rows += [(f.name, f.target, f.measured, "yes" if f.met else "no") for f in figures]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure `aggregator once` and `--help`.")
    parser.add_argument("--items", type=int, default=100_000, help="at least 100")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=3, help="measurements of the floor")
    parser.add_argument("--starts", type=int, default=40, help="starts of `--help` and of click")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed: compiled once, not each time
    if options.items < 100 or options.repeat < 1 or options.starts < 1:
        parser.error("at least 100 items, one measurement and one start")
    try:
        with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-") as folder:
            figures, doubts = measure(
                Path(folder), options.items, options.seed, options.repeat, options.starts
            )
    except RunFailedError as failure:
        print(f"once.py: {failure}", file=sys.stderr)
        sys.exit(2)
    print(_table(figures))
    for doubt in doubts:
        print(f"note: {doubt}")
    sys.exit(0 if all(figure.met for figure in figures) else 1)


if __name__ == "__main__":
    main()
