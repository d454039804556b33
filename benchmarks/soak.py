"""Runs the daemon for half an hour against sites that change often and sites that ask it to wait.

    python benchmarks/soak.py              30 minutes
    python benchmarks/soak.py --minutes 3  does it still run?

On loopback, in this process, are 200 sites that publish a release each minute, each on an address
of its own, and 20 feeds on four hosts that answer each request with 429: ten feeds of one host with
``Retry-After: 3``, four with 60, three with a date in ten minutes, and three with a value that is
none. The daemon is `aggregator run` as a separate process, with an interval of ten minutes. Only
Linux has all of 127.0.0.0/8 on its loopback interface.

A feed is late where its site is asked more than five seconds after the daemon logged that it would
be due. A request is early where its host is asked before the time that its last response asked for.
Memory is that of all the daemon's processes, every five seconds, shared pages counted once in all
(PSS).

Prints a table. Exit code 0 if all targets are met, 1 if one is not.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from statistics import median

# Where this checkout's package is, installed or not.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.daemons import Daemon
from tests.support.misbehaving import prose
from tests.support.project import Project

SITES = 200
ITEMS = 25  # of a feed
GAP = 60.0  # seconds between two releases of a site
LIMITED = ("3",) * 10 + ("60",) * 4 + ("date",) * 3 + ("soon",) * 3
INTERVAL = 600
LATE = 5.0
SETTLED = 300.0  # seconds until memory counts
MOST_LINES = 2000 / 30  # a minute
GROWTH = 1.05


class Sites(threading.Thread):
    """The web server, in a thread of its own. ``asked`` has when each path was requested."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.start_time = time.time()
        self.asked: dict[str, list[float]] = {}
        self.early: list[str] = []
        self.port = 0
        self.ready = threading.Event()
        self._until: dict[str, float] = {}

    def addresses(self) -> list[str]:
        """Return the address of every feed."""
        paths = [f"{_site(n)}:{self.port}/open/{n}" for n in range(SITES)]
        paths += [f"{_limited(v)}:{self.port}/limited/{n}" for n, v in enumerate(LIMITED)]
        return [f"http://{path}" for path in paths]

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        hosts = [_site(n) for n in range(SITES)] + sorted({_limited(value) for value in LIMITED})
        first = await asyncio.start_server(self._answer, hosts[0], 0, backlog=512)
        self.port = first.sockets[0].getsockname()[1]
        for host in hosts[1:]:
            await asyncio.start_server(self._answer, host, self.port)
        self.ready.set()
        await asyncio.Event().wait()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ", 2)[1]
            self.asked.setdefault(path, []).append(time.time())
            _, kind, number = path.split("/")
            answer = self._feed(int(number)) if kind == "open" else self._limit(int(number))
            writer.write(answer)
            await writer.drain()
        writer.close()

    def _feed(self, number: int) -> bytes:
        passed = time.time() - self.start_time + number * GAP / SITES
        newest = int(passed // GAP) + ITEMS
        items = "".join(_item(number, serial) for serial in range(newest, newest - ITEMS, -1))
        body = (
            f'<rss version="2.0"><channel><title>Site {number}</title>{items}</channel></rss>'
        ).encode()
        return _response("200 OK", body, "Content-Type: application/rss+xml")

    def _limit(self, number: int) -> bytes:
        value, now = LIMITED[number], time.time()
        if now < self._until.get(value, 0.0):
            self.early.append(f"{number} by {self._until[value] - now:.2f} s")
        if value == "date":
            # HTTP dates have whole seconds.
            self._until[value] = int(now) + 600
            value = format_datetime(datetime.fromtimestamp(int(now) + 600, UTC), usegmt=True)
        elif value.isdigit():
            self._until[value] = now + int(value)
        return _response("429 Too Many Requests", b"", f"Retry-After: {value}")


def _site(number: int) -> str:
    return f"127.1.0.{number + 1}"


def _limited(value: str) -> str:
    return f"127.2.0.{1 + sorted(set(LIMITED)).index(value)}"


def _item(site: int, serial: int) -> str:
    title = f"{prose(f'{site} {serial} title', 6).rstrip('.')} {site}/{serial}"
    return (
        f"<item><title>{title}</title><description>{prose(f'{site} {serial}', 120)}</description>"
        f'<guid isPermaLink="false">{site}-{serial}</guid></item>'
    )


def _response(status: str, body: bytes, header: str) -> bytes:
    date = format_datetime(datetime.now(UTC), usegmt=True)
    head = f"HTTP/1.1 {status}\r\nDate: {date}\r\n{header}\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


# The daemon's processes, in /proc.


def _memory(pids: list[int]) -> int:
    """Bytes in memory of these processes."""
    total = 0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def _processor_time(pids: list[int]) -> float:
    """Seconds that these processes and their children that ended took (proc_pid_stat(5))."""
    ticks = 0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _lateness(daemon: Daemon, sites: Sites, end: float) -> list[float]:
    """By how many seconds each request came after it was due, as logged before it."""
    late = []
    for event in list(daemon.events):
        if event["event"] != "source" or event["due"] == "never" or event["status"] == "waiting":
            continue
        due = datetime.fromisoformat(event["due"]).timestamp()
        logged = datetime.fromisoformat(event["timestamp"]).timestamp()
        if due > end - LATE:
            continue
        asked = sites.asked[_path(event["id"])]
        if event["status"] == "failed":
            # It may wait for its host from then on, which has its own figure.
            continue
        late.append(min((moment for moment in asked if moment > logged), default=end) - due)
    return late


def _path(source: str) -> str:
    number = int(source.removeprefix("source-"))
    return f"/open/{number}" if number < SITES else f"/limited/{number - SITES}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    minutes = parser.parse_args().minutes
    sites = Sites()
    sites.start()
    sites.ready.wait()
    lines = ['base_url = "http://localhost/"']
    for number, address in enumerate(sites.addresses()):
        lines += ["[[sources]]", f'id = "source-{number}"', f'location = "{address}"']
        lines += [f'interval = "{INTERVAL}s"', "allow_private = true"]
    with tempfile.TemporaryDirectory(prefix="aggregator-soak-") as folder:
        project = Project(Path(folder))
        project.configure("\n".join(lines))
        with Daemon(project) as daemon:
            memory, end = [], time.time() + 60 * minutes
            began = time.time()
            while time.time() < end:
                time.sleep(5.0)
                memory.append((time.time() - began, _memory([daemon.pid, *daemon.others()])))
            spent = _processor_time([daemon.pid, *daemon.others()])
            late = _lateness(daemon, sites, time.time())
            count = len(daemon.lines)
            others = [e for e in daemon.events if e["level"] in ("warning", "error")]
            code = daemon.stop()
        entries = project.rows("SELECT count(*) FROM entries")[0][0]
        size = project.store.stat().st_size
    return _print(sites, minutes, memory, spent, late, count, len(others), code, entries, size)


def _print(
    sites: Sites,
    minutes: float,
    memory: list[tuple[float, int]],
    spent: float,
    late: list[float],
    lines: int,
    troubles: int,
    code: int,
    entries: int,
    size: int,
) -> int:
    limited = [len(sites.asked.get(f"/limited/{n}", ())) for n in range(len(LIMITED))]
    polls = sum(map(len, sites.asked.values()))
    settled = [held / 1e6 for moment, held in memory if moment > SETTLED] or [0.0]
    half = max(1, len(settled) // 2)
    first, last = max(settled[:half]), max(settled[-half:])
    minutely: dict[int, float] = {}
    for moment, held in memory:
        minute = int(moment / 60)
        minutely[minute] = max(minutely.get(minute, 0.0), held / 1e6)
    print("memory by minute, in MB:", *(f"{held:.0f}" for held in minutely.values()))
    never = SITES + len(LIMITED) - len(sites.asked)
    rows = [
        ("requests", f"{polls:,}, {sum(limited):,} of them answered 429", None),
        ("entries, store", f"{entries:,}, {size / 1e6:.0f} MB", None),
        ("sources never asked", f"{never}", never == 0),
        (
            "fewest, most requests to a feed that answers 429",
            f"{min(limited)}, {max(limited)}",
            None,
        ),
        ("requests before Retry-After was over", f"{len(sites.early)}", not sites.early),
        (
            f"requests after due, median and latest (≤ {LATE:.0f} s)",
            f"{median(late or [0]):.1f}, {max(late, default=0):.1f} s",
            max(late, default=0) <= LATE,
        ),
        (f"log lines (< {MOST_LINES * minutes:,.0f})", f"{lines:,}", lines < MOST_LINES * minutes),
        ("warnings and errors", f"{troubles}", troubles == 0),
        (
            f"highest memory after {SETTLED / 60:.0f} min, by halves (≤ {GROWTH - 1:.0%} more)",
            f"{first:.0f} MB, {last:.0f} MB",
            last <= first * GROWTH,
        ),
        ("processor time", f"{spent:.0f} s, {spent / minutes / 60:.1%} of a core", None),
        ("exit code", f"{code}", code == 0),
    ]
    for name, measured, met in rows:
        print(f"{name:<62}{measured:>32}{'' if met in (None, True) else '  MISSED'}")
    return int(any(met is False for _, _, met in rows))


if __name__ == "__main__":
    sys.exit(main())
