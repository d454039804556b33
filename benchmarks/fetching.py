"""Measures fetching a thousand feeds: Aggregator, lemon24/reader, and bare client and parser.

    python benchmarks/fetching.py --reader /path/to/python      1,000 sources: some minutes
    python benchmarks/fetching.py --sources 50 --only aggregator    does it still run?
    python benchmarks/fetching.py --memory 1000 10000           only the memory of Aggregator

Three passes over the sites of `origin`, each contender a separate process, in turns: the first
fetch; nothing has changed, so that all answer 304; each has one new entry. Aggregator's entries are
of 20 agencies, or of one a source with `--agencies 0`. A pass is timed from the start of a process
to its end. `--reader` is a Python that has `reader` (see `fetching_reader`).

Prints a table, the figures that are held to a target, and whatever makes one doubtful. CPU is of
the process and its children, less the origin, which is printed too. Memory is the peak of all
processes of a contender together, shared pages counted once, looked at five times a second, or the
peak of the largest of them where that is more. Exit code 0 if all targets are met, 1 if one is not,
2 if a program failed. Linux only, for its loopback network.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Event, Thread
from time import perf_counter

import origin

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent  # where `python -m aggregator` is this checkout, installed or not
MEGABYTE = 1_000_000
PASSES = ("first fetch", "all 304", "one new each")
EDITIONS = (1, 1, 2)
AIMS = (2, 4, 4)  # times reader's rate
CONTENDERS = ("aggregator", "reader", "feedparser", "lxml")
SAMPLES = 0.2  # seconds between two looks at memory; one costs about a millisecond


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One process that ended well. `memory` is in bytes, `cpu` in seconds."""

    seconds: float
    cpu: float
    memory: int
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One pass of one contender."""

    contender: str
    stage: int  # an index of PASSES
    run: Run
    origin_cpu: float  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What was asked for on the command line."""

    sources: int
    seed: int
    passes: int
    repeat: int
    contenders: Sequence[str]
    reader: str
    workers: int
    search: bool
    concurrency: int
    settings: Sequence[str]
    agencies: int  # that the sources are shared out among; 0: one of each source


class RunFailedError(Exception):
    """A process that had to end well did not."""


class Origin:
    """The origin's process, which lives as long as the `with` block of `served`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.port = int(self._line())

    def publish(self, edition: int) -> origin.Tally:
        """Puts an edition out; returns what happened since the one before."""
        assert self._process.stdin
        self._process.stdin.write(f"{edition}\n")
        self._process.stdin.flush()
        return origin.Tally(**json.loads(self._line()))

    def _line(self) -> str:
        assert self._process.stdout
        if line := self._process.stdout.readline():
            return line
        raise RunFailedError("the origin ended")


# The runs.


def measure(folder: Path, plan: Plan) -> tuple[list[Result], list[str]]:
    """All passes of all contenders, and the doubts about them."""
    carried = write_feeds(folder / "origin", plan.sources, plan.seed)
    results: list[Result] = []
    doubts: list[str] = []
    with served(folder / "origin") as site:
        warm = _addresses(site, min(5, plan.sources))
        for name in plan.contenders:  # compiles the modules first
            run_pass(name, prepare(name, folder / "warm" / name, warm, plan), 0, site, plan)
        for turn in range(plan.repeat):
            addresses = _addresses(site, plan.sources)
            places = {
                name: prepare(name, folder / str(turn) / name, addresses, plan)
                for name in plan.contenders
            }
            for stage in range(plan.passes):
                for name, place in places.items():
                    _say(f"{name}, {PASSES[stage]}")
                    result, tally = run_pass(name, place, stage, site, plan)
                    results.append(result)
                    doubts += _doubts_of_requests(result, tally, plan.sources)
                    doubts += _doubts_of_output(result, plan.sources, carried)
    return results, doubts


def measure_memory(folder: Path, plan: Plan, sizes: Sequence[int]) -> list[list[Run]]:
    """For each number of sources, Aggregator's passes."""
    runs: list[list[Run]] = []
    for sources in sizes:
        place = folder / str(sources)
        write_feeds(place / "origin", sources, plan.seed)
        with served(place / "origin") as site:
            prepare("aggregator", place / "aggregator", _addresses(site, sources), plan)
            passes = []
            for stage in range(plan.passes):
                _say(f"aggregator, {sources:,} sources, {PASSES[stage]}")
                result, _ = run_pass("aggregator", place / "aggregator", stage, site, plan)
                passes.append(result.run)
            runs.append(passes)
    return runs


def write_feeds(folder: Path, sources: int, seed: int) -> int:
    """Has another process write the feeds (see `run`); returns how many entries are carried."""
    _say(f"writing {sources:,} feeds")
    arguments = ["--sources", str(sources), "--seed", str(seed)]
    written = run([sys.executable, HERE / "origin.py", "write", folder, *arguments])
    carried: int = json.loads(written.output)["carried"]
    return carried


@contextmanager
def served(folder: Path) -> Iterator[Origin]:
    command = [sys.executable, str(HERE / "origin.py"), "serve", str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield Origin(process)
        finally:
            assert process.stdin
            process.stdin.close()  # which ends it


def prepare(name: str, folder: Path, addresses: Sequence[str], plan: Plan) -> Path:
    """A folder for one contender, its sources known to it. This is not timed."""
    folder.mkdir(parents=True)
    (folder / "addresses.txt").write_text("\n".join(addresses), encoding="utf-8")
    if name == "aggregator":
        config = "\n".join(_config(addresses, plan.settings, plan.agencies))
        (folder / "config.toml").write_text(config, encoding="utf-8")
    elif name == "reader":
        script = HERE / "fetching_reader.py"
        run([plan.reader, script, "subscribe", folder / "reader.db", folder / "addresses.txt"])
    return folder


def run_pass(
    name: str, folder: Path, stage: int, site: Origin, plan: Plan
) -> tuple[Result, origin.Tally]:
    """One pass of one contender, and what the origin saw of it."""
    edition = EDITIONS[stage]
    site.publish(edition)
    ran = run(_command(name, folder, plan))
    tally = site.publish(edition)
    return Result(contender=name, stage=stage, run=ran, origin_cpu=tally.cpu), tally


def _command(name: str, folder: Path, plan: Plan) -> list[str | Path]:
    if name == "aggregator":
        config = folder / "config.toml"
        return [sys.executable, "-m", "aggregator", "--config", config, "once", "--json"]
    if name == "reader":
        script = HERE / "fetching_reader.py"
        database = folder / "reader.db"
        search = ["--search"] if plan.search else []
        return [plan.reader, script, "update", database, "--workers", str(plan.workers), *search]
    script, tasks = HERE / "fetching_floor.py", str(plan.concurrency)
    state = (folder / "addresses.txt", folder / "state.json")
    return [sys.executable, script, name, *state, "--concurrency", tasks]


def run(command: Sequence[str | Path]) -> Run:
    """Runs a command from the checkout's root, its output to files so that no pipe holds it up."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=errors)
        with _watched(process.pid) as peaks:
            # Not `process.wait()`: only wait4 tells what this child used. Its peak is never below
            # this process's size at the fork, which is why all that is large runs elsewhere.
            _, status, usage = os.wait4(process.pid, 0)
            seconds = perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            shown = " ".join(map(str, command))
            said = errors.read().decode()[-2_000:]
            raise RunFailedError(f"exit code {process.returncode}: {shown}\n{said}")
        return Run(
            seconds=seconds,
            cpu=usage.ru_utime + usage.ru_stime,
            memory=max(usage.ru_maxrss * 1024, *peaks),
            output=output.read().decode(),
        )


@contextmanager
def _watched(pid: int) -> Iterator[list[int]]:
    """A list in which, at the end, is the most memory that a process and its children had."""
    peaks = [0]
    ended = Event()

    def watch() -> None:
        while not ended.wait(SAMPLES):
            peaks[0] = max(peaks[0], sum(map(_memory, _family(pid))))

    thread = Thread(target=watch)
    thread.start()
    try:
        yield peaks
    finally:
        ended.set()
        thread.join()


def _family(pid: int) -> list[int]:
    """A process and all that descend from it, as far as one can see them without a pause."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            stat = Path("/proc", name, "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it has just ended
        parent = int(stat.rpartition(")")[2].split()[1])  # proc(5): the name may hold anything
        children.setdefault(parent, []).append(int(name))
    family = [pid]
    for member in family:
        family += children.get(member, [])
    return family


def _memory(pid: int) -> int:
    """Bytes of a process, a page that n share counted as an nth; 0 if it has just ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    except OSError:
        return 0
    return next(
        (int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0
    )


def _addresses(site: Origin, sources: int) -> list[str]:
    return [f"http://{origin.host(n)}:{site.port}{origin.PATH}" for n in range(sources)]


def _config(addresses: Sequence[str], settings: Sequence[str], agencies: int) -> Iterator[str]:
    yield 'title = "Benchmark"'
    yield 'base_url = "http://localhost:8080/"'
    yield '[fetch]\ncontact = "benchmark@example.org"'
    yield from settings
    for number, address in enumerate(addresses):
        yield f'[[sources]]\nid = "site-{number}"\nlocation = "{address}"\nallow_private = true'
        if agencies:
            yield f'agency = "agency-{number % agencies}"'
    for number in range(agencies):
        yield f'[[agencies]]\nid = "agency-{number}"\nname = "Agency {number}"'
    yield ""


# What they come to.


def _doubts_of_requests(result: Result, tally: origin.Tally, sources: int) -> list[str]:
    """A contender that asked less, or was answered otherwise, did not do the same."""
    expected = (0, sources) if result.stage == 1 else (sources, 0)
    seen = (tally.whole, tally.not_modified)
    if seen == expected and not tally.other:
        return []
    where = f"{result.contender}, {PASSES[result.stage]}"
    return [f"{where}: {seen[0]:,} whole, {seen[1]:,} not modified, {tally.other:,} other answers"]


def _doubts_of_output(result: Result, sources: int, carried: int) -> list[str]:
    """Whether a contender says that it found what was there to find."""
    told = json.loads(result.run.output)
    if result.contender == "aggregator":  # which would not have ended well if a source had failed
        found, failed = sum(source["new"] for source in told["sources"]), 0
        expected = (origin.ENTRIES * sources - carried, 0, sources)[result.stage]
    elif result.contender == "reader":
        found, failed = told["new"], told["failed"]
        expected = (origin.ENTRIES * sources, 0, sources)[result.stage]
    else:
        found, failed = told["entries"], told["failed"]
        expected = 0 if result.stage == 1 else origin.ENTRIES * sources
    where = f"{result.contender}, {PASSES[result.stage]}"
    doubts = [f"{where}: {failed:,} sources failed"] if failed else []
    if found != expected:
        doubts.append(f"{where}: {found:,} entries, where there are {expected:,}")
    return doubts


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One pass of one contender, the median of its turns; its memory is the most of them."""

    contender: str
    stage: int
    rate: float  # sources a second
    cpu: float  # seconds a source
    memory: int  # bytes
    origin_cpu: float  # seconds a source


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    name: str
    target: str
    measured: str
    met: bool


def _rows(results: Sequence[Result], sources: int) -> list[Row]:
    rows = []
    for stage in range(len(PASSES)):
        for name in CONTENDERS:
            turns = [each for each in results if (each.contender, each.stage) == (name, stage)]
            if not turns:
                continue
            row = Row(
                contender=name,
                stage=stage,
                rate=sources / median(each.run.seconds for each in turns),
                cpu=median(each.run.cpu for each in turns) / sources,
                memory=max(each.run.memory for each in turns),
                origin_cpu=median(each.origin_cpu for each in turns) / sources,
            )
            rows.append(row)
    return rows


def _shown(rows: Sequence[Row]) -> str:
    rates = {(row.contender, row.stage): row.rate for row in rows}
    lines = [("pass", "contender", "sources/s", "of reader's", "CPU ms", "origin's", "MB")]
    for row in rows:
        reader = rates.get(("reader", row.stage))
        line = (
            PASSES[row.stage],
            row.contender if row.contender in CONTENDERS[:2] else f"httpx and {row.contender}",
            f"{row.rate:.1f}",
            f"{row.rate / reader:.2f}×" if reader else "–",
            f"{1_000 * row.cpu:.2f}",
            f"{1_000 * row.origin_cpu:.2f}",
            f"{row.memory / MEGABYTE:.0f}",
        )
        lines.append(line)
    return _table(lines)


def _figures(rows: Sequence[Row]) -> list[Figure]:
    found = {(row.contender, row.stage): row for row in rows}
    figures = []
    for stage, aim in enumerate(AIMS):
        ours, theirs = found.get(("aggregator", stage)), found.get(("reader", stage))
        if ours and theirs:
            figure = Figure(
                name=f"{PASSES[stage]}, sources a second against reader's",
                target=f"≥ {aim}×",
                measured=f"{ours.rate / theirs.rate:.2f}×",
                met=ours.rate >= aim * theirs.rate,
            )
            figures.append(figure)
    ours, theirs = found.get(("aggregator", 0)), found.get(("feedparser", 0))
    if ours and theirs:
        figure = Figure(
            name="first fetch, processor time against httpx and feedparser",
            target="≤ 1.5×",
            measured=f"{ours.cpu / theirs.cpu:.2f}×",
            met=ours.cpu <= 1.5 * theirs.cpu,
        )
        figures.append(figure)
    ours_all = [row.memory for row in rows if row.contender == "aggregator"]
    if ours_all:
        figures.append(_memory_figure(max(ours_all)))
    return figures


def _memory_figures(sizes: Sequence[int], runs: Sequence[Sequence[Run]]) -> list[Figure]:
    peaks = [max(each.memory for each in passes) for passes in runs]
    growth = peaks[-1] / peaks[0]
    flat = Figure(
        name=f"the same, {sizes[-1]:,} against {sizes[0]:,} sources",
        target="≤ 1.25×",
        measured=f"{growth:.2f}×",
        met=growth <= 1.25,
    )
    return [_memory_figure(max(peaks)), flat]


def _memory_figure(peak: int) -> Figure:
    return Figure(
        name="peak memory of `once`",
        target="< 150 MB",
        measured=f"{peak / MEGABYTE:.0f} MB",
        met=peak < 150 * MEGABYTE,
    )


def _shown_memory(sizes: Sequence[int], runs: Sequence[Sequence[Run]]) -> str:
    lines = [("sources", "pass", "sources/s", "CPU ms", "MB")]
    for sources, passes in zip(sizes, runs, strict=True):
        for name, each in zip(PASSES, passes, strict=False):
            rate, cpu = sources / each.seconds, 1_000 * each.cpu / sources
            memory = f"{each.memory / MEGABYTE:.0f}"
            lines.append((f"{sources:,}", name, f"{rate:.1f}", f"{cpu:.2f}", memory))
    return _table(lines)


def _held(figures: Sequence[Figure]) -> str:
    lines = [("figure", "target", "measured", "met")]
    return _table(
        lines + [(f.name, f.target, f.measured, "yes" if f.met else "no") for f in figures]
    )


def _table(lines: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure fetching feeds.")
    parser.add_argument("--sources", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--passes", type=int, default=3, choices=(1, 2, 3), help="the first of 3")
    parser.add_argument("--repeat", type=int, default=1, help="turns, of which the median counts")
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, default=CONTENDERS)
    parser.add_argument("--reader", default="", metavar="PYTHON", help="a Python with `reader`")
    # Of 1, 2, 4, 8 and 20 on two cores: the best at 304, and as good as any at first.
    parser.add_argument("--workers", type=int, default=8, help="of reader")
    parser.add_argument("--search", action="store_true", help="reader updates its search as well")
    parser.add_argument("--concurrency", type=int, default=20, help="of bare httpx")
    parser.add_argument(
        "--agencies", type=int, default=20, help="of Aggregator's entries; 0: one a source"
    )
    parser.add_argument("--set", action="append", default=[], metavar="'KEY = VALUE'",
                        help="a further line of the [fetch] table of Aggregator")  # fmt: skip
    parser.add_argument("--memory", type=int, nargs="+", metavar="SOURCES",
                        help="only Aggregator's memory with so many sources")  # fmt: skip
    options = parser.parse_args()
    if min(options.sources, options.repeat, *(options.memory or [1])) < 1:
        parser.error("at least one source, and one turn")
    if "reader" in options.only and not options.reader and not options.memory:
        options.only = [name for name in options.only if name != "reader"]
        _say("no --reader: what it does is left out")
    return options


def main() -> None:
    options = _options()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed: compiled once, not each time
    plan = Plan(
        sources=options.sources,
        seed=options.seed,
        passes=options.passes,
        repeat=options.repeat,
        contenders=options.only,
        reader=options.reader,
        workers=options.workers,
        agencies=options.agencies,
        search=options.search,
        concurrency=options.concurrency,
        settings=options.set,
    )
    doubts: list[str] = []
    try:
        with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-") as folder:
            if options.memory:
                runs = measure_memory(Path(folder), plan, options.memory)
                shown, figures = (
                    _shown_memory(options.memory, runs),
                    _memory_figures(options.memory, runs),
                )
            else:
                results, doubts = measure(Path(folder), plan)
                rows = _rows(results, plan.sources)
                shown, figures = _shown(rows), _figures(rows)
    except RunFailedError as failure:
        print(f"fetching.py: {failure}", file=sys.stderr)
        sys.exit(2)
    print(shown)
    if figures:
        print(f"\n{_held(figures)}")
    for doubt in doubts:
        print(f"note: {doubt}")
    sys.exit(0 if all(figure.met for figure in figures) else 1)


if __name__ == "__main__":
    main()
