"""Compares the feed server with nginx on the same files, by wrk.

    python benchmarks/serving.py                 all of it: some three minutes
    python benchmarks/serving.py --seconds 1 --rounds 1    does it still run?

Needs nginx and wrk; says so and ends well where one is absent. Both servers are asked in turns, for
a feed of 100 kB as it is, with gzip, and as known (304); a figure is the median of the rounds.
nginx has two workers, bytes compressed beforehand, and its cache of open files; the server is one
process, on asyncio's own loop: uvloop answers as many, but lets some connections wait for hundreds
of milliseconds. "By ASGI alone" is the same application, but without responses from memory before
uvicorn (`aggregator.web.connections`).

Then 200 connections ask while `aggregator once` builds a store from a corpus over and over, in
another process of lower priority and in a thread of the server's own. wrk sends as fast as it is
answered, so the server is always busy, and whatever else runs on the machine adds to its p99: the
share of the time in which it waited for a processor is printed too. And 2,000 clients begin a
request, or ask and do not read, while others are served.

Prints a table. Exit code 0 if all targets are met, 1 if one is not, 2 if a program failed.
"""

import argparse
import asyncio
import contextlib
import io
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))  # where this checkout's package is, installed or not

CASES = {"304": "known", "200": "", "200 gzip": "gzip"}
CONTENDERS = ("nginx", "serve", "asgi")
SLOW = 2000
CONFIG = """\
base_url = "http://localhost/"
[[sources]]
id = "digests"
location = "digests/*.txt"
format = "digest"
"""
NGINX = """\
worker_processes 2; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 4096; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
    open_file_cache max=100; gzip_static on; types {{ application/atom+xml atom; }}
    server {{ listen 127.0.0.1:{port} backlog=2048; root {folder}/feeds; }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blast:
    """What wrk saw.  ``p99`` is in milliseconds, ``failed`` counts answers and sockets."""

    rate: float
    p99: float
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table; ``met`` is None where there is no target."""

    name: str
    target: str
    measured: str
    met: bool | None


class FailedError(Exception):
    """A program that had to do its work did not."""


# What is served.


def write_feed(folder: Path) -> None:
    """A feed of about 100 kB, which gzip makes about 40 kB, and its compressed copy for nginx."""
    random = Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(random.choices(letters, k=random.randint(3, 9))) for _ in range(2000)]
    entries = "".join(
        f"<entry><title>{' '.join(random.choices(words, k=9))}</title>"
        f"<content>{' '.join(random.choices(words, k=260))}</content></entry>\n"
        for _ in range(50)
    )
    (folder / "config.toml").write_text(CONFIG)
    feed = folder / "feeds" / "all.atom"
    feed.parent.mkdir()
    feed.write_text(f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>')
    subprocess.run(["gzip", "-6", "-k", str(feed)], check=True)
    for path in (folder, feed.parent):
        path.chmod(0o755)  # nginx's workers are of another user


# The server, in a separate process.


async def serve_feeds(folder: Path, kind: str) -> None:
    """Serves until stdin ends; says its port first."""
    from aggregator.config import load
    from aggregator.store.times import utc_now
    from aggregator.web import State, app, serve
    from aggregator.web.metrics import Metrics
    from aggregator.web.run import site_of

    config, metrics = load(folder / "config.toml"), Metrics()
    application = app(site_of(config, State(config, metrics, now=utc_now), metrics))

    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        await application(scope, receive, send)

    until = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), until.set)

    def listening(addresses: list[tuple[str, int]]) -> None:
        print(addresses[0][1], flush=True)
        if kind == "serve+ingest":
            threading.Thread(target=ingest_for_ever, args=[folder / "site"], daemon=True).start()

    served: Any = asgi if kind == "asgi" else application
    await serve(served, "127.0.0.1", 0, until=until, on_listening=listening)
    application.close()


def ingest_for_ever(folder: Path) -> None:
    """Rebuilds a store in a loop."""
    from aggregator.cli.program import cli

    while True:
        for path in folder.glob("aggregator.db*"):
            path.unlink()
        with contextlib.redirect_stdout(io.StringIO()):
            cli.main(["--config", str(folder / "config.toml"), "once"], standalone_mode=False)


def be_server(folder: Path, kind: str) -> None:
    """The work of the process that `running` starts."""
    with asyncio.Runner() as runner:
        runner.run(serve_feeds(folder, kind))
    os._exit(0)  # whatever the ingest is at


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that runs."""

    port: int
    process: "subprocess.Popen[str]"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/all.atom"

    @property
    def memory(self) -> float:
        """Megabytes of memory that are the process's own or shared with others, now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s*(\d+) kB", status)
        return int(found[1]) / 1000 if found else 0.0

    @property
    def waited(self) -> float:
        """Seconds in which the process could have run, had others not had the processors."""
        return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[1]) / 1e9


@contextmanager
def running(folder: Path, kind: str) -> Iterator[Running]:
    if kind == "nginx":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        conf = folder / "nginx.conf"
        conf.write_text(NGINX.format(folder=folder, port=port))
        command = [nginx() or "nginx", "-c", str(conf), "-e", str(folder / "nginx.log")]
        process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE)
        server = Running(port=port, process=process)
    else:
        command = [sys.executable, str(Path(__file__)), "--serve", kind, "--folder", str(folder)]
        process = subprocess.Popen(
            command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise FailedError(f"{kind} did not start")
        server = Running(port=int(line), process=process)
    try:
        yield server
    finally:
        process.terminate()
        process.wait(20)


def nginx() -> str | None:
    """nginx, which Debian keeps where only the administrator looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


# Those who ask.


def head(server: Running, *lines: str) -> str:
    """The head of an answer."""
    for _ in range(200):  # nginx does not say when it listens
        with (
            contextlib.suppress(ConnectionRefusedError),
            socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection,
        ):
            request = ("HEAD /all.atom HTTP/1.1", "Host: localhost", *lines, "Connection: close")
            connection.sendall("\r\n".join((*request, "", "")).encode())
            return b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
        threading.Event().wait(0.05)
    raise FailedError(f"nothing answers at port {server.port}")


def blast(server: Running, case: str, seconds: int, connections: int = 50) -> Blast:
    """Ask by wrk for so many seconds."""
    headers = []
    if CASES[case] == "gzip":
        headers = ["-H", "Accept-Encoding: gzip"]
    elif CASES[case] == "known":
        etag = re.search(r"(?mi)^etag: (\S+)", head(server))
        headers = ["-H", f"If-None-Match: {etag[1] if etag else ''}"]
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", *headers, server.url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s*([\d.]+)", said)
    slowest = re.search(r"99%\s*([\d.]+)(us|ms|s)", said)
    if rate is None or slowest is None:
        raise FailedError(said)
    errors = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said
    )
    others = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Blast(
        rate=float(rate[1]),
        p99=float(slowest[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[slowest[2]],
        failed=sum(map(int, errors.groups() if errors else ())) + int(others[1] if others else 0),
    )


def rates(folder: Path, seconds: int, rounds: int) -> Iterator[Figure]:
    """Requests a second, each case asked of all contenders in turns."""
    with ExitStack() as stack:
        servers = {kind: stack.enter_context(running(folder, kind)) for kind in CONTENDERS}
        for case in CASES:
            seen: dict[str, list[Blast]] = {kind: [] for kind in CONTENDERS}
            for _ in range(rounds):
                for kind in CONTENDERS:
                    head(servers[kind])
                    seen[kind].append(blast(servers[kind], case, seconds))
            rate = {kind: median(each.rate for each in seen[kind]) for kind in CONTENDERS}
            failed = sum(each.failed for kind in CONTENDERS for each in seen[kind])
            if failed:
                raise FailedError(f"{case}: {failed} requests failed")
            share, by_asgi = rate["serve"] / rate["nginx"], rate["asgi"] / rate["nginx"]
            yield Figure(
                name=f"{case}, requests a second",
                target="≥ 33% of nginx" if case == "304" else "",
                measured=f"{rate['serve']:,.0f} of {rate['nginx']:,.0f}: {share:.0%}"
                f" (by ASGI alone {by_asgi:.0%})",
                met=share >= 1 / 3 if case == "304" else None,
            )


def during_an_ingest(folder: Path, seconds: int, rounds: int) -> Iterator[Figure]:
    """How long 200 connections wait while a store is built; alternating with nginx."""
    import corpus

    site = folder / "site"
    (site / "digests").mkdir(parents=True)
    (site / "config.toml").write_text(CONFIG)
    for each in corpus.digests(items=3000, documents=300, seed=1):
        corpus.write(site / "digests", each)
    beside = [sys.executable, str(Path(__file__)), "--serve", "ingest", "--folder", str(folder)]
    for where, kind in (("another process", "serve"), ("a thread of the server's", "serve+ingest")):
        with ExitStack() as stack:
            ours = stack.enter_context(running(folder, kind))
            theirs = stack.enter_context(running(folder, "nginx"))
            if kind == "serve":
                other = subprocess.Popen(beside)
                stack.callback(other.wait)
                stack.callback(other.kill)
            for case in CASES:
                head(ours)
                head(theirs)
                waited = ours.waited
                seen = [
                    (blast(ours, case, seconds, 200), blast(theirs, case, seconds, 200))
                    for _ in range(rounds)
                ]
                share = (ours.waited - waited) / (seconds * rounds)
                p99 = median(each.p99 for each, _ in seen)
                yield Figure(
                    name=f"{case}, p99 at 200 connections, ingest in {where}",
                    target="< 50 ms",
                    measured=f"{p99:.1f} ms at {median(each.rate for each, _ in seen):,.0f} a"
                    f" second (nginx {median(each.p99 for _, each in seen):.1f} ms);"
                    f" it waited {share:.0%} of the time for a processor",
                    met=p99 < 50 and not any(each.failed for each, _ in seen),
                )


def beside_slow_clients(folder: Path, seconds: int) -> Iterator[Figure]:
    """What 2,000 who begin a request, or ask and do not read, cost the others."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asked = b"GET /all.atom HTTP/1.1\r\nHost: localhost\r\n"
    for what, said in (("begin a request", asked), ("do not read", (asked + b"\r\n") * 20)):
        with running(folder, "serve") as server, ExitStack() as stack:
            alone, before = blast(server, "304", seconds), server.memory
            for _ in range(SLOW):
                client = stack.enter_context(socket.socket())
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.connect(("127.0.0.1", server.port))
                client.sendall(said)
            head(server)
            among, after = blast(server, "304", min(seconds, 5)), server.memory
            yield Figure(
                name=f"304 while {SLOW:,} clients {what}",
                target="none fails, < 120 MB",
                measured=f"{among.rate / alone.rate:.0%} of the rate without them,"
                f" p99 {among.p99:.1f} ms, {before:.0f} → {after:.0f} MB",
                met=not among.failed and after < 120,
            )


def table(figures: Sequence[Figure]) -> str:
    rows = [("figure", "target", "measured", "met")]
    words = {True: "yes", False: "no", None: ""}
    rows += [(f.name, f.target, f.measured, words[f.met]) for f in figures]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the feed server with nginx.")
    parser.add_argument("--seconds", type=int, default=4, help="of one measurement")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each rate")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve == "ingest":
        os.nice(10)
        ingest_for_ever(options.folder / "site")
    if options.serve:
        be_server(options.folder, options.serve)
    if nginx() is None or shutil.which("wrk") is None:
        print("serving.py: skipped: nginx and wrk are needed, and one is not installed")
        return
    figures: list[Figure] = []
    try:
        with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-") as name:
            folder = Path(name)
            write_feed(folder)
            parts = (
                rates(folder, options.seconds, options.rounds),
                during_an_ingest(folder, options.seconds, options.rounds),
                beside_slow_clients(folder, options.seconds),
            )
            for figure in chain(*parts):
                print(f"… {figure.name}: {figure.measured}", file=sys.stderr)
                figures.append(figure)
    except (FailedError, OSError, subprocess.CalledProcessError) as failure:
        print(f"serving.py: {failure}", file=sys.stderr)
        sys.exit(2)
    print(table(figures))
    sys.exit(0 if all(figure.met is not False for figure in figures) else 1)


if __name__ == "__main__":
    main()
