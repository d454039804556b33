"""Simulates a year of the daemon with the clock set by the benchmark: nothing sleeps.

    python benchmarks/year.py                          200 sources, 365 days: some ten minutes
    python benchmarks/year.py --sources 20 --days 40   does it still run?

The program's own are: the supervisor with its schedule on APScheduler, the two threads of the
worker that poll and that write feeds, client, host limiter, store and feeds. The benchmark calls
the threads in turn, in one event loop whose time goes on to the next timer, and replaces the
network below the client. So that a year is not spent on opening the store, sessions and pauses
between two writes of the feeds last six hours, and alarms are looked for as often. The daemon is
started anew every twelve days.

Sources publish a release every five to ten days, edit one in ten after a day or so, and fail for
hours at random, by status, by name or by connection. One in five shares its host with nine others,
which grants one request a minute and answers the rest with 429 or 503 and every kind of
``Retry-After``. Others move for good, and their old address ends two months later; are gone with
410; or answer 404, or have no name, for weeks, and come back.

Prints a table. Exit code 0 if all targets are met: each release that was served is in the store
once, with its last text; none is missing; no source is asked later than two minutes after it was
due, or for more than three days; no host before it allowed it; and what grows does so with the
releases alone.
"""

import argparse
import asyncio
import gc
import os
import resource
import selectors
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from time import process_time
from types import SimpleNamespace
from typing import Any
from unittest import mock

# Where this checkout's package is, installed or not.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from aggregator.config import Config, load
from aggregator.daemon import supervisor
from aggregator.daemon.supervisor import Supervisor
from aggregator.daemon.worker import maintenance, thread, web
from aggregator.daemon.worker.messages import ALARMS, Command, Due, Polled, WorkerEvent
from aggregator.daemon.worker.thread import Shared
from aggregator.daemon.worker_process import WorkerProcess
from aggregator.fetch import background, client
from aggregator.fetch.exchange import ExchangeError, FetchRequest
from aggregator.fetch.host_limiter import HostLimiter, HostMemory
from aggregator.output import files
from aggregator.store import open_store
from tests.support.clock import Clock, run_by
from tests.support.misbehaving import prose

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR, DAY = 3600.0, 86_400.0
SHOWN = 40  # items of a feed
LIMITED_PER_HOST = 10
LIMIT = 60.0  # seconds between two requests that such a host grants
PAUSE = 6 * HOUR
PROMPT = 120.0
STARVED = 3 * DAY
SURE = 3 * DAY  # from its publication, until a release must be there


# The network.


@dataclass(slots=True)
class Release:
    serial: int
    at: float
    edited: float | None


@dataclass(slots=True, kw_only=True)
class Publisher:
    """One source. Times are in seconds from the start."""

    name: str
    host: str
    releases: list[Release]
    trouble: list[tuple[float, float, str]]  # from, until, and what
    moves: float | None = None
    gone: float | None = None
    is_limited: bool = False
    served: dict[int, bool] = field(default_factory=dict)  # releases, and whether edited
    asked: list[float] = field(default_factory=list)

    def what(self, moment: float) -> str | None:
        if self.gone is not None and moment >= self.gone:
            return "410"
        return next((what for begin, end, what in self.trouble if begin <= moment < end), None)


class Network(httpx.AsyncBaseTransport):
    """Answers as the publishers do."""

    def __init__(self, clock: Clock, sources: int, days: float, seed: int) -> None:
        self.clock = clock
        self.requests = 0
        self.statuses: Counter[str] = Counter()
        self.early: list[str] = []
        self._random = Random(seed)
        self.publishers = {
            each.name: each for each in (self._publisher(n, days) for n in range(sources))
        }
        self._granted: dict[str, float] = {}
        self._until: dict[str, dict[str, float]] = {}  # by host, and the path that was refused
        self._refused: dict[str, set[str]] = {}  # paths since the host last granted a request

    def _publisher(self, number: int, days: float) -> Publisher:
        random, end = self._random, days * DAY
        releases: list[Release] = []
        moment = random.uniform(-20 * DAY, 0)
        gap = random.uniform(5, 10) * DAY
        while moment < end:
            edited = moment + random.uniform(HOUR, 2 * DAY) if random.random() < 0.1 else None
            releases.append(Release(len(releases), moment, edited))
            moment += random.expovariate(1 / gap)
        trouble, moment = [], random.expovariate(1 / (20 * DAY))
        while moment < end:
            until = moment + random.choice((HOUR, 6 * HOUR, DAY))
            what = random.choice(("500", "502", "503", "name", "connection", "empty", "404"))
            trouble.append((moment, until, what))
            moment = until + random.expovariate(1 / (20 * DAY))
        kind = number % 20
        if kind in (3, 13):  # away for a twelfth of the time, and back
            begin = random.uniform(0.1, 0.6) * end
            trouble.insert(0, (begin, begin + end / 12, "404" if kind == 3 else "name"))
        is_limited = kind % 5 == 4
        host = f"limited-{number // 50}" if is_limited else f"host-{number}"
        return Publisher(
            name=f"source-{number}",
            host=f"{host}.example",
            releases=releases,
            trouble=trouble,
            moves=random.uniform(0.1, 0.5) * end if kind == 7 else None,
            gone=random.uniform(0.5, 0.8) * end if kind == 11 else None,
            is_limited=is_limited,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self._random.uniform(0.1, 2))
        now = self.clock.steady()
        publisher = self.publishers[request.url.path.strip("/")]
        self.requests += 1
        publisher.asked.append(now)
        status, body, headers = self._answer(publisher, request.url.host, now)
        self.statuses[str(status)] += 1
        return httpx.Response(
            status, headers=headers, stream=httpx.ByteStream(body), extensions={"body": body}
        )

    def _answer(
        self, publisher: Publisher, host: str, now: float
    ) -> tuple[int, bytes, dict[str, str]]:
        what = publisher.what(now)
        if publisher.moves is not None and not host.startswith("new-"):
            if now > publisher.moves + DAY * 60:
                what = "name"
            elif now > publisher.moves:
                return 301, b"", {"Location": f"https://new-{host}/{publisher.name}"}
        if publisher.is_limited and (answer := self._limit(host, publisher.name, now)) is not None:
            return answer
        if what in ("name", "connection"):
            self.statuses[what] += 1
            raise ExchangeError("there is no such host" if what == "name" else "no connection")
        if what == "empty":
            return 200, b"", {}
        if what is not None:
            return int(what), b"", {}
        out = [release for release in publisher.releases if release.at <= now][-SHOWN:]
        items = []
        for release in reversed(out):
            is_edited = release.edited is not None and release.edited <= now
            publisher.served[release.serial] = is_edited
            items.append(_item(publisher.name, release, is_edited=is_edited))
        body = f'<rss version="2.0"><channel><title>{publisher.name}</title>{"".join(items)}'
        return 200, f"{body}</channel></rss>".encode(), {"Content-Type": "application/rss+xml"}

    def _limit(self, host: str, path: str, now: float) -> tuple[int, bytes, dict[str, str]] | None:
        """A refused path is early until its time is over; so is any, once two were refused."""
        waits, refused = self._until.setdefault(host, {}), self._refused.setdefault(host, set())
        waiting = {each for each, until in waits.items() if now < until - 0.001}
        if path in waiting or len(waiting & refused) > 1:
            self.early.append(f"{host} on day {now / DAY:.2f}")
        if now - self._granted.get(host, -LIMIT) >= LIMIT:
            self._granted[host] = now
            refused.clear()
            return None
        refused.add(path)
        seconds = self._random.choice((3, 60, 60, 3600, 7200, 86_400))
        form = self._random.choice(("seconds", "seconds", "date", "none", "invalid"))
        headers = {}
        if form == "seconds":
            headers = {"Retry-After": str(seconds)}
        elif form == "date":
            moment = self.clock.now() + timedelta(seconds=seconds)
            headers = {"Retry-After": format_datetime(moment, usegmt=True)}
            seconds -= 1  # it has no fraction of a second
        elif form == "invalid":
            headers = {"Retry-After": self._random.choice(("soon", "-5", "", "3.5"))}
        if form in ("seconds", "date"):
            waits[path] = now + seconds
        return self._random.choice((429, 503)), b"", headers


def _item(source: str, release: Release, *, is_edited: bool) -> str:
    key = f"{source} {release.serial}"
    text = prose(key, 60) + (" This was edited later." if is_edited else "")
    date = format_datetime(START + timedelta(seconds=release.at))
    return (
        f"<item><title>{prose(f'{key} title', 6).rstrip('.')}, {key}</title>"
        f"<description>{text}</description><pubDate>{date}</pubDate>"
        f'<guid isPermaLink="false">{key}</guid></item>'
    )


# The daemon, in one event loop with a clock that is set.


class _Selector(selectors.SelectSelector):
    """Lets time pass instead of waiting."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits for nothing")
        if timeout > 0:
            self._clock.go_on(max(timeout, 1e-6))
        return []


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: Clock) -> None:
        super().__init__(_Selector(clock))
        self._clock = clock
        # By default less than what distinguishes two floats after half a year of seconds.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self._clock.steady()


@dataclass(slots=True)
class Log:
    """Counts what is logged, by event and level."""

    lines: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)

    def info(self, event: str, **fields: object) -> None:
        self.lines[f"{event} {fields['status']}" if event == "source" else event] += 1

    def warning(self, event: str, **fields: object) -> None:
        self.info(event, **fields)

    def error(self, event: str, **fields: object) -> None:
        self.lines[event] += 1
        self.troubles.append(f"{event}: {fields}")

    def exception(self, event: str, **_: object) -> None:
        raise RuntimeError(event)


class _Worker(WorkerProcess):
    """The worker, without a process: commands go to its threads, which the benchmark calls."""

    def __init__(self, world: "World") -> None:
        super().__init__(lambda _: None)
        self._world = world

    def send(self, command: Command) -> None:
        if isinstance(command, Due):
            self._world.take(command.names)


class World:
    """The daemon, its clock and its network; `lags` and `gaps` are of the sources, in seconds."""

    def __init__(self, folder: Path, sources: int, days: float, seed: int) -> None:
        self.clock = Clock(START)
        self.network = Network(self.clock, sources, days, seed)
        self.config = _config(folder, self.network)
        self.log = Log()
        self.longest_lag = 0.0
        self.late: list[str] = []
        self.waits = 0
        self.growth: list[tuple[float, int, int, int]] = []
        self._end = days * DAY
        self._stop_at = 0.0
        self._alarms_at = 0.0
        self._due: dict[str, float] = {}
        self._loop = _Loop(self.clock)
        self._stirred = asyncio.Event()

    def run(self) -> None:
        parts = max(4, round(self._end / DAY / 12))
        with self._patched():
            for part in range(1, parts + 1):
                self._stop_at = self._end * part / parts
                self._run_daemon()
                gc.collect()
                self.growth.append(self._sizes())
        self._loop.close()

    def take(self, names: tuple[str, ...]) -> None:
        """Add to the queues of the threads, as the worker does."""
        for name in names:
            if name in self.network.publishers:
                self._web.add(name)
            elif name != ALARMS or self.clock.steady() >= self._alarms_at:
                self._maintenance.add(name)
                self._alarms_at = self.clock.steady() + PAUSE
        self._stirred.set()

    @contextmanager
    def _patched(self) -> Iterator[None]:
        clock = self.clock
        steady = SimpleNamespace(monotonic=clock.steady)
        with ExitStack() as stack, run_by(clock):

            def patch(module: object, name: str, value: object) -> None:
                stack.enter_context(mock.patch.object(module, name, value))

            for module in (supervisor, web, thread, maintenance):
                patch(module, "time", steady)
            for module in (supervisor, thread):
                patch(module, "utc_now", lambda: clock.now().replace(microsecond=0))
                patch(module, "get_logger", lambda _: self.log)
            patch(thread, "_now", clock.now)
            patch(web, "_IDLE", PAUSE)
            patch(web, "_SESSION", PAUSE)
            patch(maintenance, "_SETTLE", PAUSE)
            patch(files, "flush", lambda: None)  # power does not fail here
            patch(os, "fsync", lambda _: None)
            patch(background, "fetch", self._fetch)
            patch(client, "GuardedTransport", lambda *_: self.network)
            yield

    def _run_daemon(self) -> None:
        """Start it, work until it is time to stop, and end it without a warning."""
        shared = Shared(self.config, self._receive)
        self._web = web.WebThread(shared)
        self._maintenance = maintenance.MaintenanceThread(shared)
        shared.threads |= dict.fromkeys(("push", "subscribe", "announce"), self._web)
        self._due.clear()
        with self._maintenance._session() as (run, _):
            self._maintenance_run = run
            self._maintenance._check_store(run)
            self._loop.run_until_complete(self._start())
            while self.clock.steady() < self._stop_at:
                if not self._web._waiting:
                    self._wait()
                self._web._woken.set()
                self._web._work()
            self._supervisor._timetable.stop()
            shared.is_stopping.set()

    async def _start(self) -> None:
        self._supervisor = Supervisor(self.config, _Worker(self))
        self._supervisor._timetable.start()
        self._supervisor._plan(self.config.sources)
        self._supervisor._plan_maintenance()

    def _receive(self, event: WorkerEvent) -> None:
        if isinstance(event, Polled) and event.due is not None:
            self._due[event.name] = (event.due - START).total_seconds()
            self.waits += event.status == "waiting"
        self._loop.call_soon(self._supervisor.handle, event)

    def _wait(self) -> None:
        """Let time pass until something is to be done, and do maintenance."""

        async def until_stirred() -> None:
            self._supervisor._timetable.check_clock()
            try:
                async with asyncio.timeout(PAUSE / 6):
                    await self._stirred.wait()
            except TimeoutError:
                pass
            self._stirred.clear()

        self._loop.run_until_complete(until_stirred())
        lane, run = self._maintenance, self._maintenance_run
        while lane._waiting:
            lane._do(run, lane._waiting.popleft())
        lane._plan_publishing(run.config)
        if lane._publish_at is not None and self.clock.steady() >= lane._publish_at:
            lane._publish(run)

    def _fetch(
        self,
        work: background.Work,
        *,
        limits: Any,
        user_agent: str,
        concurrency: int,
        delay: float,
        now: Callable[[], datetime],
        memory: HostMemory,
        look_further: background.LookFurther,
        **_: object,
    ) -> Generator[background.FetchResult, None, None]:
        """As `background.fetch`, in this thread."""
        limiter = HostLimiter(
            delay, concurrency, memory=memory, now=now, clock=self.clock.steady, sleep=asyncio.sleep
        )
        fetching = client.Client(limits, user_agent, now=now, limiter=limiter)
        results: deque[background.FetchResult] = deque()
        tasks: set[asyncio.Task[None]] = set()

        async def fetch(request: FetchRequest) -> None:
            def on_turn() -> None:
                self._note_asked(request.source)

            results.append(await background._fetch(fetching, request, on_turn, look_further))
            self._stirred.set()

        try:
            while self.clock.steady() < self._stop_at:
                batch = work(2000 - len(tasks))
                if batch is None and not tasks:
                    return
                for request in batch or ():
                    task = self._loop.create_task(fetch(request))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
                self._wait()
                while results:
                    yield results.popleft()
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                self._loop.run_until_complete(asyncio.wait(tasks))

    def _note_asked(self, name: str) -> None:
        """Note how late a request is; at a start, all that are overdue come at once."""
        now = self.clock.steady()
        due = self._due.pop(name, now)
        self.longest_lag = max(self.longest_lag, now - due)
        if now - due > PROMPT:
            self.late.append(f"{name} on day {now / DAY:.2f}, {now - due:.0f} s")

    def _sizes(self) -> tuple[float, int, int, int]:
        """The day, bytes of the store, bytes of memory, and entries."""
        with open("/proc/self/statm", encoding="ascii") as file:
            memory = int(file.read().split()[1]) * resource.getpagesize()
        with open_store(self.config.store) as store:
            entries = next(iter(store.rows("SELECT count(*) FROM entries")))[0]
        return self.clock.steady() / DAY, self.config.store.stat().st_size, memory, entries

    # What is found.

    def wrong_releases(self) -> list[str]:
        """Return the releases that are missing, there twice, or with an old text."""
        with open_store(self.config.store) as store:
            rows = list(store.rows("SELECT title, text FROM entries"))
        found: dict[str, list[str]] = {}
        for title, text in rows:
            found.setdefault(title.rpartition(", ")[2], []).append(text)
        wrong = []
        for publisher in self.network.publishers.values():
            for serial, is_edited in publisher.served.items():
                texts = found.pop(f"{publisher.name} {serial}", [])
                if [text.endswith("This was edited later.") for text in texts] != [is_edited]:
                    wrong.append(f"{publisher.name} {serial}: {len(texts)} times")
        return wrong + [f"{name}: of nobody" for name in found]

    def missing(self) -> list[str]:
        """Return the releases that no poll saw, though there was time for one."""
        return [
            f"{each.name} {release.serial} of day {release.at / DAY:.1f}"
            for each in self.network.publishers.values()
            for release in each.releases
            if release.serial not in each.served
            and self._well_after(each, release.at) < min(self._end, each.gone or self._end)
        ]

    def _well_after(self, publisher: Publisher, moment: float) -> float:
        """Return when a source was well long enough since for a release to be there."""
        end = moment + SURE
        for begin, until, _ in sorted(publisher.trouble):
            if begin < end and until > moment:
                # After a failure of days the next try is within a day.
                end = max(end, until + SURE)
        return end

    def starved(self) -> list[str]:
        """Return who was not asked for too long."""
        found = []
        for each in self.network.publishers.values():
            stop = each.gone if each.gone is not None else self._end
            asked = [0.0, *(moment for moment in each.asked if moment < stop), stop]
            gap = max(b - a for a, b in pairwise(asked))
            if gap > STARVED:
                found.append(f"{each.name}: {gap / DAY:.1f} days")
        return found

    def polls(self) -> int:
        """Return how many log lines are of polls."""
        lines = self.log.lines.items()
        return sum(count for event, count in lines if event.startswith("source "))

    def asked_when_gone(self) -> int:
        """Return how often those were asked that had said that they were gone."""
        return sum(
            max(0, sum(moment >= each.gone for moment in each.asked) - 1)
            for each in self.network.publishers.values()
            if each.gone is not None
        )


def simulate(folder: Path, *, sources: int, days: float, seed: int = 1) -> World:
    """Run it; the same arguments, the same result."""
    world = World(folder, sources, days, seed)
    world.run()
    return world


def _config(folder: Path, network: Network) -> Config:
    lines = ['base_url = "http://localhost/"']
    for each in network.publishers.values():
        lines += ["[[sources]]", f'id = "{each.name}"', 'interval = "6h"']
        lines += [f'location = "https://{each.host}/{each.name}"']
    file = folder / "config.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return load(file)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--days", type=float, default=365)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    began = process_time()
    with tempfile.TemporaryDirectory(prefix="aggregator-year-") as name:
        world = simulate(Path(name), sources=wanted.sources, days=wanted.days, seed=wanted.seed)
        wrong, missing, starved = world.wrong_releases(), world.missing(), world.starved()
    return _print(world, wrong, missing, starved, process_time() - began)


def _print(
    world: World, wrong: list[str], missing: list[str], starved: list[str], spent: float
) -> int:
    network, log = world.network, world.log
    served = sum(len(each.served) for each in network.publishers.values())
    lines, polls = log.lines.total(), world.polls()
    print(f"{'day':>6}{'entries':>10}{'store':>10}{'an entry':>10}{'memory':>10}")
    for day, store, memory, entries in world.growth[2::3]:
        each = store / max(entries, 1) / 1e3
        print(
            f"{day:>6.0f}{entries:>10,}{store / 1e6:>7.1f} MB{each:>7.1f} kB{memory / 1e6:>7.0f} MB"
        )
    middle, last = world.growth[len(world.growth) // 2 - 1], world.growth[-1]
    by_entry = (last[1] - middle[1]) / max(last[3] - middle[3], 1) / (middle[1] / middle[3])
    rows = [
        ("requests", f"{network.requests:,}", None),
        *(
            (f"  {status}", f"{count:,}", None)
            for status, count in sorted(network.statuses.items())
        ),
        ("releases served, wrong in the store", f"{served:,}, {len(wrong)}", not wrong),
        ("releases that no poll saw in time", f"{len(missing)}", not missing),
        ("sources that were not asked for three days", f"{len(starved)}", not starved),
        (
            "longest lag, requests later than two minutes",
            f"{world.longest_lag:.0f} s, {len(world.late)}",
            not world.late,
        ),
        ("requests before Retry-After was over", f"{len(network.early)}", not network.early),
        ("requests to what is gone", f"{world.asked_when_gone()}", not world.asked_when_gone()),
        ("times that a source was planned anew for its host", f"{world.waits:,}", None),
        ("log lines, of them polls", f"{lines:,}, {polls:,}", None),
        *((f"  {event}", f"{count:,}", None) for event, count in sorted(log.lines.items())),
        (
            "log lines less polls and feeds (≤ 20 a day)",
            f"{lines - polls - log.lines['feeds']:,}",
            lines - polls - log.lines["feeds"] <= 20 * last[0],
        ),
        ("errors logged", f"{len(log.troubles)}", not log.troubles),
        ("store by entry, second half to first (≤ 1.2)", f"{by_entry:.2f}", by_entry <= 1.2),
        (
            "memory, half the time to the end (≤ 1.1)",
            f"{last[2] / middle[2]:.2f}",
            last[2] <= 1.1 * middle[2],
        ),
        ("processor time", f"{spent:.0f} s", None),
    ]
    for name, measured, met in rows:
        print(f"{name:<54}{measured:>20}{'' if met in (None, True) else '  MISSED'}")
    for found in (wrong, missing, starved, world.late, network.early, log.troubles):
        print(*found[:5], sep="\n", end="\n" if found else "")
    return int(any(met is False for _, _, met in rows))


if __name__ == "__main__":
    sys.exit(main())
