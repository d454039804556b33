"""Measures what must not grow with the store: on a large store, and on one of a tenth.

    python benchmarks/scale.py                     10 million sightings: half an hour, 11 GB
    python benchmarks/scale.py 100000              does it still run?
    python benchmarks/scale.py 1000000 --store DIR   keep the stores there, or use those kept

A store of ten times as many sightings has ten times as many entries, agencies and sources too, by
default 1 million, 4,000 and 100,000; `large_store.py` makes both. In each, one after the other, are
measured, several times each, and given as the median by the clock and of the processor:

- a daemon that starts with nothing due: until it answers `/readyz`, and the memory of all its
  processes; then `/readyz`, `/metrics` and `/status`;
- in one process: writing the output after one entry, looking up an edited text, `ingest` of a
  digest, of which some items are known, and of none, and a search;
- the commands `status` and `once` with nothing new, with starting Python.

A kept store gets some entries more with each run. On a machine that does other work as well, trust
the time of the processor. Prints a table. Exit code 0 if all targets are met, 1 if one is not.
"""

import argparse
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
# Where this checkout's package and the other benchmarks are, however this one is started.
sys.path[:0] = [str(HERE), str(ROOT)]

import large_store  # noqa: E402
from large_store import Size, Words  # noqa: E402

from tests.support.daemons import descendants, is_running  # noqa: E402

TURNS = 5
LOOKUPS = 40
GROWTH = 1.3
MEGABYTE = 1_000_000
PATIENCE = 120.0  # seconds for a daemon to answer
SETTLE = 5.0  # seconds after the start in which memory is looked at
DIGEST = 30  # items

Times = list[tuple[float, float]]
"""Seconds by the clock and of the processor, of each turn."""

AIMS: Mapping[str, float] = {
    "start until /readyz answers": 3.0,
    "/readyz": 0.05,
    "/metrics": 0.05,
    "writing one entry": 0.1,
}
"""Seconds by the clock, and of the processor for what is done in one process."""

MEMORY = "memory of all processes"
MOST_MEMORY = 200 * MEGABYTE

NO_TARGET = ("search for a phrase",)
"""What grows by its nature: each result is ranked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table, with the figures of both stores; None where it was refused.

    ``clock`` and ``processor`` are the ratios of the larger store's figures to the smaller one's.
    """

    name: str
    small: str
    large: str
    growth: float | None
    aim: str
    met: bool | None


# In the process that works in the store.


def work(folder: Path) -> dict[str, Times]:
    """Measure in this process what is done in the store of ``folder``."""
    from aggregator.config import load
    from aggregator.ingest.run import ingest
    from aggregator.output.regenerate import regenerate
    from aggregator.store import open_store
    from aggregator.store.search import EVERYTHING, find

    config = load(folder / "config.toml")
    now = datetime.now(UTC).replace(microsecond=0)
    with open_store(config.store) as store:
        ((documents,),) = store.rows("SELECT max(key) FROM documents")
        words = Words(Random(documents))
        digests = folder / "digests"

        def take(text: str) -> None:
            nonlocal documents
            documents += 1
            (digests / f"later-{documents}.txt").write_text(text)
            (report,) = ingest(config, store, now=now, only=["digests"])
            assert report.new, "a digest with new items brought none"

        found: dict[str, Times] = {}
        publish: Times = []
        for _ in range(TURNS + 1):
            take(large_store.block(words, 0, now))
            publish.append(_timed(lambda: regenerate(config, store, check="noted")))
        found["writing one entry"] = publish[1:]
        found["look-up of an edited text"] = look_ups(store, config, words)
        of_digests: Times = []
        known: list[str] = []
        for _ in range(TURNS + 1):
            new = [
                large_store.block(words, number, now - timedelta(days=number // 10))
                for number in range(DIGEST - len(known))
            ]
            text = "\n\n".join([*new, *known])
            of_digests.append(_timed(partial(take, text)))
            known = new[:4]
            regenerate(config, store, check="noted")
        found["one new digest"] = of_digests[1:]
        found["nothing new"] = [
            _timed(lambda: ingest(config, store, now=now, only=["digests"])) for _ in range(TURNS)
        ]
        phrases = store.rows(
            "SELECT substr(text, 1, 40) FROM entries ORDER BY key DESC LIMIT ?", (TURNS + 1,)
        )
        found["search for a phrase"] = [
            _timed(partial(find, store, f'"{phrase}"', 20, among=EVERYTHING, count_to=1001))
            for phrase in (text.rpartition(" ")[0] for (text,) in phrases)
        ][1:]
    return found


def look_ups(store: Any, config: Any, words: Words) -> Times:
    """Time looking up texts of which one word in twenty is another, each of another entry."""
    from aggregator.dedupe.items import Lookup, Prepared
    from aggregator.ingest.jobs import Job, ReadDocument, read_rules
    from aggregator.ingest.lookup import look_up
    from aggregator.ingest.readers import Readers
    from aggregator.model import Document
    from aggregator.store.sketches import SketchIndex

    times: Times = []
    index = SketchIndex(store)
    (source,) = [source for source in config.sources if source.id == "digests"]
    ((first, last),) = store.rows("SELECT min(key), max(key) FROM entries")
    with Readers(read_rules(config)) as readers:
        for number in range(LOOKUPS):
            key = first + (last - first) * (2 * number + 1) // (2 * LOOKUPS)
            ((title, text, name),) = store.rows(
                "SELECT title, text, name FROM entries JOIN agencies ON agencies.id = agency"
                " WHERE key = ?",
                (key,),
            )
            body = f"{title}\n\nSource: {name}\n\n{words.edited(text)}\n".encode()
            read = readers.one(
                Job(
                    source,
                    Document(
                        source="digests",
                        name="edited.txt",
                        body=body,
                        sha256=sha256(body).hexdigest(),
                        modified=datetime.now(UTC),
                    ),
                )
            )
            assert isinstance(read, ReadDocument)
            seen: list[Lookup] = []

            def ask(items: Sequence[Prepared], seen: list[Lookup] = seen) -> None:
                seen.append(look_up(store, index, "digests", items))

            times.append(_timed(partial(ask, read.prepared)))
            (similar,) = seen[0].similar.values()
            assert key in similar, "an edited text was not found"
    return times[1:]


def _timed(action: Callable[[], object]) -> tuple[float, float]:
    began = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - began[0], time.process_time() - began[1]


# Processes.


def measure(folder: Path) -> dict[str, Times | None]:
    """Measure everything in the project of ``folder``; None for what was refused."""
    large_store.refresh(folder, datetime.now(UTC))
    found: dict[str, Times | None] = {}
    _say(f"{folder.name}: in one process")
    output = _run(folder, str(HERE / "scale.py"), "--part", str(folder))[2]
    found.update(json.loads(output))
    for name, command in (
        ("command status", ("status",)),
        ("command once, nothing new", ("once", "--source", "digests")),
    ):
        _say(f"{folder.name}: {name}")
        found[name] = [
            _run(folder, "-m", "aggregator", "--quiet", *command)[:2] for _ in range(TURNS)
        ]
    _say(f"{folder.name}: daemon")
    found.update(daemon(folder))
    return found


def _run(folder: Path, *arguments: str) -> tuple[float, float, str]:
    """Run Python to its end; return seconds by the clock and of the processor, and its output."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=folder, stdout=output, env=environment
        )
        # Not `process.wait()`: only wait4 gives this child's own times.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"scale.py: exit code {process.returncode}: {' '.join(arguments)}")
        output.seek(0)
        return seconds, usage.ru_utime + usage.ru_stime, output.read().decode()


def daemon(folder: Path) -> dict[str, Times | None]:
    """Measure a daemon: its start, its memory (in bytes, as both times), and its pages."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "aggregator", "run", "--listen", f"127.0.0.1:{port}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (folder / "daemon.log").open("wb") as log:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stderr=log, env=environment)
    try:
        while _get(port, "/readyz") is None:
            if time.perf_counter() - began > PATIENCE or process.poll() is not None:
                sys.exit(f"scale.py: the daemon does not answer: {folder / 'daemon.log'}")
            time.sleep(0.02)
        pids = [process.pid, *descendants(process.pid)]
        started = time.perf_counter() - began, _processor_time(pids)
        most, end = 0, time.perf_counter() + SETTLE
        while time.perf_counter() < end:
            most = max(most, _memory([process.pid, *descendants(process.pid)]))
            time.sleep(0.2)
        found: dict[str, Times | None] = {
            "start until /readyz answers": [started],
            MEMORY: [(most, most)],
        }
        for path in ("/readyz", "/metrics", "/status"):
            found[path] = _visits(process.pid, port, path)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    return found


def _visits(pid: int, port: int, path: str) -> Times | None:
    """Time requests; the processor's time is that of all processes, in the mean."""
    pids = [pid, *filter(is_running, descendants(pid))]
    before, clock = _processor_time(pids), []
    for _ in range(TURNS):
        began = time.perf_counter()
        status = _get(port, path)
        clock.append(time.perf_counter() - began)
        if status != http.client.OK:
            return None
    spent = (_processor_time(pids) - before) / TURNS
    return [(each, spent) for each in clock]


def _get(port: int, path: str) -> int | None:
    """Return the status of the response; None where nobody listens yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    except ConnectionError:
        return None
    finally:
        connection.close()


def _memory(pids: list[int]) -> int:
    """Return the bytes in memory of these processes."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


def _processor_time(pids: list[int]) -> float:
    """Return the seconds that these processes and their ended children took (proc_pid_stat(5))."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


# The table.


def rows(small: Mapping[str, Times | None], large: Mapping[str, Times | None]) -> Iterator[Row]:
    """Yield the lines of the table.

    The growth is that of the processor's time where that is long enough to be measured, since other
    work on the machine does not change it.
    """
    for name, times in large.items():
        before, after = _median(small[name]), _median(times)
        growth = None if before is None or after is None else _growth(before, after)
        aim = AIMS.get(name) if name != MEMORY else MOST_MEMORY
        has_target = name not in NO_TARGET
        met = None
        if has_target:
            met = growth is not None and growth <= GROWTH
            if aim is not None:
                met = met and after is not None and min(after) < aim
        yield Row(
            name=name,
            small=_shown(name, before),
            large=_shown(name, after),
            growth=growth,
            aim=f"< {_amount(name, aim)}" if aim is not None else "",
            met=met,
        )


def _median(times: Times | None) -> tuple[float, float] | None:
    if times is None:
        return None
    clock, processor = zip(*times, strict=True)
    return median(clock), median(processor)


def _growth(before: tuple[float, float], after: tuple[float, float]) -> float:
    least = 0.02  # seconds, twice the unit in which the processor's time of others is counted
    return after[1] / before[1] if before[1] >= least else after[0] / before[0]


def _shown(name: str, figures: tuple[float, float] | None) -> str:
    if figures is None:
        return "refused"
    if name == MEMORY:
        return _amount(name, figures[0])
    return " / ".join(_amount(name, figure) for figure in figures)


def _amount(name: str, figure: float) -> str:
    return f"{figure / MEGABYTE:.0f} MB" if name == MEMORY else f"{1000 * figure:,.1f} ms"


def table(lines: list[Row]) -> str:
    """Return the table as text."""
    words = {True: "yes", False: "no", None: ""}
    cells = [("clock / processor", "a tenth", "the whole", "growth", "aim", "met")]
    for row in lines:
        growth = f"{row.growth:.2f}" if row.growth is not None else ""
        cells.append((row.name, row.small, row.large, growth, row.aim, words[row.met]))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)


def _made(folder: Path, size: Size) -> None:
    """Make the project of this size in ``folder``, unless it is there."""
    wanted = json.dumps(asdict(size))
    marker = folder / "size.json"
    if marker.exists() and marker.read_text() == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.perf_counter()
    now = datetime.now(UTC).replace(microsecond=0)
    large_store.fill(folder, size, now, lambda what: _say(f"{folder.name}: {what}"))
    marker.write_text(wanted)
    megabytes = (folder / "aggregator.db").stat().st_size / MEGABYTE
    _say(f"{folder.name}: {megabytes:,.0f} MB, made in {time.perf_counter() - began:.0f} s")


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sightings", type=int, nargs="?", default=10_000_000)
    parser.add_argument("--store", type=Path, help="a folder where the stores are kept")
    parser.add_argument("--part", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(work(options.part)))
        return 0
    if options.sightings < 100_000:
        parser.error("at least 100,000 sightings")
    number = options.sightings
    size = Size(
        sightings=number,
        entries=number // 10,
        agencies=max(number // 2_500, 20),
        sources=number // 100,
    )
    with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-") as name:
        kept = options.store or Path(name)
        both = (kept.resolve() / "tenth", size.part(10)), (kept.resolve() / "whole", size)
        for folder, each in both:
            _made(folder, each)
        small, large = (measure(folder) for folder, _ in both)
    lines = list(rows(small, large))
    print(f"{number // 10:,} and {number:,} sightings")
    print(table(lines))
    return int(any(row.met is False for row in lines))


if __name__ == "__main__":
    sys.exit(main())
