"""Measures a Dask cluster of this machine against one process: rate, processor time, bytes.

    python benchmarks/cluster.py                   400 sources: some minutes
    python benchmarks/cluster.py --sources 40      does it still run?

Two passes over the sites of `origin`: the first fetch, and one in which all answer 304.  Each way
is a run of `aggregator once` as a separate process.  Processor time is that of this process and its
children, and of scheduler and workers.  A batch is empty where it calls a function that does
nothing.  Bytes are those of the arguments and results of batches, for a source of 25 entries.
Linux only.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import perf_counter
from typing import Any

import origin
import psutil

from aggregator.config import load
from aggregator.ingest.cluster import open_workers
from aggregator.ingest.run import ingest
from aggregator.store import open_store
from aggregator.workers import Workers

HERE = Path(__file__).resolve().parent
PASSES = ("first fetch", "all 304")
EMPTY_BATCHES = 200


@contextmanager
def served(folder: Path, sources: int) -> Iterator[int]:
    """The sites of `origin`; yields their port."""
    script = str(HERE / "origin.py")
    subprocess.run(
        [sys.executable, script, "write", folder, "--sources", str(sources), "--seed", "1"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with subprocess.Popen(
        [sys.executable, script, "serve", folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        port = int(process.stdout.readline())
        process.stdin.write("1\n")
        process.stdin.flush()
        yield port
        process.stdin.close()


@contextmanager
def cluster(workers: int) -> Iterator[tuple[str, list[psutil.Process]]]:
    """A scheduler and workers of one thread; yields the address and their processes."""
    environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
    with tempfile.TemporaryFile() as rest:
        started: list[subprocess.Popen[str]] = []

        def start(*command: str, until: str) -> str:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *command, "--no-dashboard"],
                stderr=subprocess.PIPE,
                stdout=rest,
                text=True,
                env=environment,
            )
            started.append(process)
            assert process.stderr is not None
            return next(line for line in process.stderr if until in line)

        line = start("scheduler", "--host", "127.0.0.1", "--port", "0", until="Scheduler at:")
        address = line.split()[-1]
        options = ("--nworkers", "1", "--nthreads", "1")
        for _ in range(workers):
            start("worker", address, *options, until="Registered to")
        try:
            found = [psutil.Process(each.pid) for each in started]
            yield address, [p for each in found for p in (each, *each.children(recursive=True))]
        finally:
            for process in reversed(started):
                process.terminate()
            for process in started:
                process.wait()


def configure(folder: Path, port: int, sources: int, more: str) -> Path:
    """Write a configuration; return it."""
    tables = [
        f'[[sources]]\nid = "s{number}"\nallow_private = true\n'
        f'location = "http://{origin.host(number)}:{port}{origin.PATH}"\n'
        for number in range(sources)
    ]
    folder.mkdir()
    config = folder / "config.toml"
    text = 'base_url = "http://localhost:8080/"\n' + more + "".join(tables)
    config.write_text(text, encoding="utf-8")
    return config


def measure(name: str, config: Path, sources: int, processes: list[psutil.Process]) -> None:
    """Run `once` twice, and print a line for each pass."""
    for stage in PASSES:
        before, start = spent(processes), perf_counter()
        subprocess.run(
            [sys.executable, "-m", "aggregator", "-q", "--config", config, "once"], check=True
        )
        seconds = perf_counter() - start
        first, others = (now - then for now, then in zip(spent(processes), before, strict=True))
        print(
            f"{name:24}{stage:14}{sources / seconds:9.1f}{1000 * first / sources:12.1f}"
            f"{1000 * others / sources:12.1f}",
            flush=True,
        )


def spent(processes: list[psutil.Process]) -> tuple[float, float]:
    """Seconds of processor time of children that ended, and of ``processes``."""
    used = getrusage(RUSAGE_CHILDREN)
    times = [process.cpu_times() for process in processes]
    return used.ru_utime + used.ru_stime, sum(each.user + each.system for each in times)


class Counting(ThreadPoolExecutor):
    """Threads in place of a cluster, which count the bytes of arguments and results."""

    def __init__(self) -> None:
        super().__init__(1)
        self.sent = self.received = 0

    def submit(self, call: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        def work() -> Any:
            result = call(*args)
            self.sent += sum(len(each) for each in args if each is not None)
            self.received += len(result or b"")
            return result

        return super().submit(work)


def count_bytes(config: Path, sources: int) -> None:
    """Print the bytes that a source takes in each pass."""
    loaded = load(config)
    for stage in PASSES:
        with Counting() as executor, open_store(loaded.store) as store:
            workers = Workers(2, executor=executor, are_elsewhere=True)
            ingest(loaded, store, now=datetime.now(UTC), workers=workers)
            sent, received = executor.sent / sources, executor.received / sources
        print(f"{stage}: {sent:,.0f} bytes a source sent, {received:,.0f} received")


def time_empty(config: Path) -> None:
    """Print what a batch costs that does nothing."""
    times = []
    with open_workers(load(config)) as workers:
        for _ in range(EMPTY_BATCHES):
            start = perf_counter()
            workers.submit(re.escape, b"").result()
            times.append(perf_counter() - start)
    print(f"an empty batch: {1000 * median(times):.1f} ms (median of {EMPTY_BATCHES})")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure a Dask cluster on this machine.")
    parser.add_argument("--sources", type=int, default=400)
    sources = parser.parse_args().sources
    print(f"{'':24}{'':14}{'sources/s':>9}{'ms here':>12}{'elsewhere':>12}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with served(folder / "sites", sources) as port:
            for workers in (1, 2):
                config = configure(folder / f"l{workers}", port, sources, f"workers = {workers}\n")
                measure(f"workers = {workers}", config, sources, [])
            for workers in (1, 2):
                with cluster(workers) as (address, processes):
                    scale = f'[scale]\nscheduler = "{address}"\n'
                    config = configure(folder / f"d{workers}", port, sources, scale)
                    measure(f"Dask, {workers} worker(s)", config, sources, processes)
                    if workers == 1:
                        time_empty(config)
            count_bytes(configure(folder / "bytes", port, sources, ""), sources)


if __name__ == "__main__":
    main()
