"""Simulates the daemon's timetable for a month, with a clock that the benchmark sets.

    python benchmarks/schedule.py                         1,000 sources, 30 days: some two minutes
    python benchmarks/schedule.py --sources 50 --days 2   does it still run?

What decides is the program's own: the timetable (`aggregator.daemon.timetable`) upon APScheduler,
and the time of the next poll (`aggregator.ingest.polling`, `fetch.politeness`). Simulated
are both clocks, a worker that visits 16 sources at once for seconds each, a store that keeps what a
visit leaves, and publishers. Of the sources seven in ten have an interval of 15 minutes, the
others of 1 hour, 6 hours and a day; many publish rarely or ask for longer. At any time two in a
hundred fail, for hours; some answer 429. The daemon is restarted at random, and once it is down for
an hour; the clock is set back by an hour, forward by one, and back by one while the daemon is down.

A source is lost where the daemon is up and does not visit it within two minutes of the time it is
due; while everything waits at once, after a start and after the clock was set forward, within ten.
It is doubled where it is visited though it is due by neither clock: that of the day, nor that which
nobody sets. Lag is what passes, with the daemon up, from due to visited. A daemon that starts
behind a clock that was set back cannot know of it from a source visited more than an hour ago: such
sources may come late by that hour, once, and are counted.

Evenness counts from the second day on, but for two hours after an hour down and after the clock is
set forward, when much was late at once; with few sources it is chance and has no target.

Prints a table. Exit code 0 if all targets are met, 1 if one is not.
"""

import argparse
import itertools
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from pathlib import Path
from random import Random

# Where this checkout's package is, installed or not.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from aggregator.config import Config, Source, load
from aggregator.daemon.timetable import Timetable, corrected_for_clock_change
from aggregator.fetch.exchange import FetchResponse, ResponseHeaders
from aggregator.ingest.next_polls import next_visit
from aggregator.ingest.polling import PollResult
from aggregator.model import Hints, Visit
from aggregator.store.visits import Remembered
from tests.support.clock import Clock, HandScheduler, run_by

START = datetime(2026, 3, 1, tzinfo=UTC)  # summer time begins on the way
MINUTE, HOUR, DAY = 60, 3600, 86_400
LOOK = 5  # seconds between two looks at the clock, as in the daemon
PROMPT = 2 * MINUTE
LATE = 10 * MINUTE  # where all sources wait at once, 16 at a time
FEWEST = 10  # visits a minute in the mean, from which chance does not outweigh the rest
UNREST = 2 * HOUR  # after which sources that waited together have parted
INTERVALS = ("15m",) * 7 + ("1h", "6h", "1d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """How a source behaves. Times are in seconds from the start, by the steady clock."""

    gap: int | None  # between two releases, where its feed says when they were
    period: int | None  # what its feed asks for
    fails: tuple[tuple[int, int], ...]  # from, until
    refuses: float  # share of the visits that are answered 429

    def is_down(self, moment: float) -> bool:
        return any(begin <= moment < end for begin, end in self.fails)


@dataclass(slots=True)
class Owed:
    """The next visit: due at `steady`, in seconds, which is `time` by the clock of then.

    It may be so much later as `slack` says, in seconds, where nobody could know better.
    """

    steady: float
    time: datetime
    slack: float = 0.0


@dataclass(slots=True, kw_only=True)
class Result:
    """What came of it. `lags` counts whole seconds; `minutes` counts visits a minute."""

    days: int
    runs: int = 0
    restarts: int = 0
    early: int = 0  # due by the time of day only, since that was set forward
    misled: int = 0  # late after a restart, since the clock had been set back before
    failed: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    lags: Counter[int] = field(default_factory=Counter)
    minutes: Counter[int] = field(default_factory=Counter)
    unrest: list[tuple[float, float]] = field(default_factory=list)

    def lag(self, share: float) -> int:
        """The lag in seconds that so large a share of the visits does not exceed."""
        missing = share * self.lags.total()
        for lag, visits in sorted(self.lags.items()):
            missing -= visits
            if missing <= 0:
                return lag
        return 0

    def evenness(self, *, calm: bool) -> tuple[int, float]:
        """The most visits in a minute after the first day, and the mean."""
        seen = [
            self.minutes[minute]
            for minute in range(DAY // MINUTE, self.days * DAY // MINUTE)
            if not (calm and self._is_unrest(minute * MINUTE))
        ]
        return max(seen), sum(seen) / len(seen)

    def _is_unrest(self, moment: float) -> bool:
        return any(begin - MINUTE < moment < end for begin, end in self.unrest)


def simulate(*, sources: int, days: int, seed: int) -> Result:
    """Runs it; the same arguments, the same result. At least two days."""
    config = _config(sources)
    clock = Clock(START)
    with run_by(clock):
        world = _World(config, clock, Random(seed), days)
        world.run()
    return world.result


class _Daemon:
    """The daemon and its worker from a start to the end, as far as they decide when."""

    def __init__(self, clock: Clock, concurrency: int, visit: Callable[[str], None]) -> None:
        self._concurrency = concurrency
        self._visit = visit
        self._told: set[str] = set()
        self._again: set[str] = set()
        self._waiting: deque[str] = deque()
        self._under_way = 0
        self.scheduler = HandScheduler(clock)
        self.timetable = Timetable(self.scheduler, self._begin, now=clock.now, steady=clock.steady)
        self.timetable.start()

    def has_in_hand(self, name: str) -> bool:
        return name in self._told

    def end(self, name: str) -> None:
        """Note that a visit is over."""
        self._under_way -= 1
        self._told.discard(name)
        if name in self._again:
            self._again.discard(name)
            self._begin(name)
        self._fill()

    def _begin(self, name: str) -> None:
        if name in self._told:
            self._again.add(name)
            return
        self._told.add(name)
        self._waiting.append(name)
        self._fill()

    def _fill(self) -> None:
        while self._waiting and self._under_way < self._concurrency:
            self._under_way += 1
            self._visit(self._waiting.popleft())


class _World:
    """Everything else: the clocks, the store, the publishers, and who watches them all."""

    def __init__(self, config: Config, clock: Clock, random: Random, days: int) -> None:
        self.result = Result(days=days)
        self._config = config
        self._clock = clock
        self._random = random
        self._end = days * DAY
        self._sources = {source.id: source for source in config.sources}
        self._publishers = {name: _publisher(random, days) for name in self._sources}
        self._store: dict[str, Remembered] = {}
        self._tried: dict[str, datetime] = {}
        self._owed = {name: Owed(0.0, START) for name in self._sources}
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._daemon: _Daemon | None = None
        self._down: list[tuple[float, float]] = []  # when there was no daemon
        self._crowded_until = 0.0
        self._set_back_at = 0.0

    def run(self) -> None:
        """From the first start to the end."""
        self._plot()
        self._start()
        clock = self._clock
        while clock.steady() < self._end:
            wakes_at = self._daemon.scheduler.wakes_at if self._daemon is not None else None
            if self._daemon is not None and wakes_at is not None and wakes_at <= self._events[0][0]:
                clock.go_on(wakes_at - clock.steady())
                self._daemon.scheduler.run()
            else:
                moment, _, happen = heappop(self._events)
                clock.go_on(moment - clock.steady())
                happen()
        self._look_for_lost()

    # What happens to the machine.

    def _plot(self) -> None:
        """Restarts at random times, an hour down, and the clock set back and forward."""
        end, uniform = self._end, self._random.uniform
        for _ in range(max(2, self.result.days // 2)):
            self._at(uniform(0, end - HOUR), partial(self._stop, uniform(2, 30)))
        self._at(0.55 * end, partial(self._stop, HOUR))
        self._at(0.65 * end, partial(self._set_clock, -HOUR))
        self._at(0.75 * end, partial(self._set_clock, HOUR))
        self._at(0.85 * end, partial(self._stop, 10))
        self._at(0.85 * end + 5, partial(self._set_clock, -HOUR))

    def _at(self, moment: float, happen: Callable[[], None]) -> None:
        heappush(self._events, (moment, next(self._order), happen))

    def _set_clock(self, seconds: float) -> None:
        self._clock.set_by(seconds)
        if seconds < 0:
            self._set_back_at = self._clock.steady()
        else:
            self._crowd()

    def _stop(self, seconds: float) -> None:
        """End the daemon, without a warning, and start it so many seconds later."""
        if self._daemon is None:
            return
        self._daemon.timetable.stop()
        self._daemon = None
        now = self._clock.steady()
        self._down.append((now, now + seconds))
        self._at(now + seconds, self._start_again)

    def _start_again(self) -> None:
        self.result.restarts += 1
        began, ended = self._down[-1]
        if ended - began > MINUTE:
            self._crowd()
        self._start()

    def _crowd(self) -> None:
        """From now on for a while, many sources are due at once."""
        now = self._clock.steady()
        self._crowded_until = now + LATE
        self.result.unrest.append((now, now + UNREST))

    def _start(self) -> None:
        """Plan sources as the store remembers them; what it does not know is due now."""
        now, newest = self._clock.now(), max(self._tried.values(), default=None)
        if newest is None:
            self._crowd()
        daemon = _Daemon(self._clock, self._config.fetch.concurrency, self._visit)
        self._daemon = daemon
        self._look(daemon)
        for name, source in self._sources.items():
            due = self._store[name].visit.due if name in self._store else None
            if due is not None:
                tried = self._tried[name]
                due = corrected_for_clock_change(due, tried=tried, newest=newest, now=now)
                self._excuse(name, is_known=tried > now)
            daemon.timetable.plan(name, due or now, self._longest(source))

    def _excuse(self, name: str, *, is_known: bool) -> None:
        """Where the clock was set back since the last visit, the store does not know by how much.

        It knows what is needed only until the time of that visit has come again.
        """
        owed, now = self._owed[name], self._clock.now()
        if owed.time - now > timedelta(seconds=owed.steady - self._clock.steady() + 1):
            since = self._clock.steady() - self._set_back_at
            owed.slack = min(HOUR, since + 5 * MINUTE) if is_known else HOUR

    def _longest(self, source: Source) -> int:
        """As the daemon has it."""
        return max(2 * source.shortest_interval, 2 * self._config.fetch.longest_interval, 7 * DAY)

    def _look(self, daemon: _Daemon) -> None:
        if daemon is self._daemon:
            daemon.timetable.check_clock()
            self._at(self._clock.steady() + LOOK, partial(self._look, daemon))

    # Visits.

    def _visit(self, name: str) -> None:
        self._count(name)
        is_down = self._publishers[name].is_down(self._clock.steady())
        seconds = 10.0 if is_down else self._random.uniform(0.3, 5.0)
        self._at(self._clock.steady() + seconds, partial(self._leave, self._daemon, name))

    def _leave(self, daemon: _Daemon | None, name: str) -> None:
        """A visit is over, unless its daemon was over before."""
        if daemon is None or daemon is not self._daemon:
            return
        source, now = self._sources[name], self._clock.now()
        previous = self._store.get(name) or Remembered(asked=source.location, visit=Visit())
        kept = next_visit(self._polled(source, previous), None, self._config, now, spread=True)
        due = kept.visit.due
        assert due is not None  # no source is ever gone here
        self._store[name], self._tried[name] = kept, now
        self._owed[name] = Owed(self._clock.steady() + (due - now).total_seconds(), due)
        daemon.end(name)
        daemon.timetable.plan(name, due, self._longest(source))

    def _polled(self, source: Source, previous: Remembered) -> PollResult:
        publisher, moment = self._publishers[source.id], self._clock.steady()
        if publisher.is_down(moment):
            self.result.failed += 1
            return PollResult(source=source, previous=previous, error="no response")
        if self._random.random() < publisher.refuses:
            self.result.failed += 1
            asked = self._random.choice((None, 10 * MINUTE, 2 * HOUR))
            refused = _response(source, 429, asked)
            return PollResult(
                source=source, previous=previous, response=refused, error="responded with 429"
            )
        hints = Hints(period=publisher.period, published=_releases(publisher.gap, moment))
        return PollResult(
            source=source, previous=replace(previous, hints=hints), response=_response(source, 304)
        )

    # What is found.

    def _count(self, name: str) -> None:
        """Note that a visit of this source begins now."""
        owed, now, result = self._owed[name], self._clock.steady(), self.result
        result.runs += 1
        result.minutes[int(now // MINUTE)] += 1
        if now < owed.steady - 1:
            if self._clock.now() < owed.time - timedelta(seconds=1):
                result.doubled.append(self._words(name, now - owed.steady))
            else:
                result.early += 1
            return
        lag = self._up_between(owed.steady, now)
        if owed.slack and lag > PROMPT:
            result.misled += 1
        else:
            result.lags[int(lag)] += 1
        if lag > self._allowed(owed):
            result.lost.append(self._words(name, lag))

    def _look_for_lost(self) -> None:
        """What is due at the end and was not visited."""
        for name, owed in self._owed.items():
            lag = self._up_between(owed.steady, self._end)
            in_hand = self._daemon is not None and self._daemon.has_in_hand(name)
            if not in_hand and lag > self._allowed(owed):
                self.result.lost.append(self._words(name, lag))

    def _allowed(self, owed: Owed) -> float:
        return owed.slack + (LATE if owed.steady < self._crowded_until else PROMPT)

    def _up_between(self, begin: float, end: float) -> float:
        down = 0.0
        for since, until in reversed(self._down):
            if until <= begin:
                break
            down += min(until, end) - max(since, begin)
        return max(0.0, end - begin - down)

    def _words(self, name: str, lag: float) -> str:
        return f"{name} on day {self._clock.steady() / DAY:.2f}, {lag:+.0f} s"


def _config(sources: int) -> Config:
    """The program's own configuration, with so many sources and nothing else said."""
    lines = ['base_url = "http://localhost/"']
    for number in range(sources):
        lines += [
            "[[sources]]",
            f'id = "source-{number}"',
            f'location = "https://host-{number}.example/feed"',
            f'interval = "{INTERVALS[number % len(INTERVALS)]}"',
        ]
    with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-") as folder:
        file = Path(folder) / "config.toml"
        file.write_text("\n".join(lines), encoding="utf-8")
        return load(file)


def _publisher(random: Random, days: int) -> Publisher:
    kind = random.random()
    return Publisher(
        gap=random.randint(2 * HOUR, 2 * DAY) if kind < 0.6 else None,
        period=random.choice((HOUR, 2 * HOUR, 4 * HOUR)) if 0.6 <= kind < 0.75 else None,
        fails=tuple(_failures(random, days)),
        refuses=0.05 if random.random() < 0.03 else 0.0,
    )


def _failures(random: Random, days: int) -> Iterator[tuple[int, int]]:
    """Some eight hours in one of seventeen days: two in a hundred at any time."""
    for day in range(days):
        if random.random() < 0.06:
            begin = day * DAY + random.randrange(DAY)
            yield begin, begin + random.randint(2 * HOUR, 14 * HOUR)


def _releases(gap: int | None, moment: float) -> tuple[datetime, ...]:
    """The last few releases of a feed that has one every so many seconds."""
    if gap is None:
        return ()
    last = int(moment // gap)
    return tuple(START + timedelta(seconds=gap * n) for n in range(last - 4, last + 1))


def _response(source: Source, status: int, retry_after: int | None = None) -> FetchResponse:
    headers = ResponseHeaders(retry_after=retry_after)
    return FetchResponse(status=status, address=source.location, sha256="", headers=headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table; ``met`` is None where there is no target."""

    name: str
    target: str
    measured: str
    met: bool | None = None


def figures(result: Result, sources: int) -> list[Figure]:
    p50, p99, longest = (result.lag(share) for share in (0.5, 0.99, 1))
    most, mean = result.evenness(calm=True)
    peak, _ = result.evenness(calm=False)
    lost, doubled = len(result.lost), len(result.doubled)
    visits = f"{result.runs:,}, {result.failed:,} of them failed"
    early = f"{result.early:,}"
    return [
        Figure(name="visits", target="", measured=visits),
        Figure(name="restarts", target="", measured=f"{result.restarts}"),
        Figure(name="lost", target="0", measured=f"{lost}", met=lost == 0),
        Figure(name="doubled", target="0", measured=f"{doubled}", met=doubled == 0),
        Figure(
            name="early, the clock being set forward",
            target=f"≤ {sources:,}",
            measured=early,
            met=result.early <= sources,
        ),
        Figure(
            name="late, set back before a restart",
            target=f"≤ {sources:,}",
            measured=f"{result.misled:,}",
            met=result.misled <= sources,
        ),
        Figure(name="lag, p50", target="≤ 1 s", measured=f"{p50} s", met=p50 <= 1),
        Figure(name="lag, p99", target="≤ 10 s", measured=f"{p99} s", met=p99 <= 10),
        Figure(
            name="lag, longest", target=f"≤ {LATE} s", measured=f"{longest} s", met=longest <= LATE
        ),
        Figure(
            name="visits a minute, most against mean",
            target="≤ 3×",
            measured=f"{most / mean:.2f}× ({most} / {mean:.1f})",
            met=most <= 3 * mean if mean >= FEWEST else None,
        ),
        Figure(name="the same, where all were late", target="", measured=f"{peak / mean:.2f}×"),
    ]


def _table(found: list[Figure]) -> str:
    words = {True: "yes", False: "no", None: ""}
    rows = [("figure", "target", "measured", "met")]
    rows += [(f.name, f.target, f.measured, words[f.met]) for f in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Simulate the daemon's timetable.")
    parser.add_argument("--sources", type=int, default=1000)
    parser.add_argument("--days", type=int, default=30, help="at least 2")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.sources < 1 or options.days < 2:
        parser.error("at least one source and two days")
    result = simulate(sources=options.sources, days=options.days, seed=options.seed)
    found = figures(result, options.sources)
    print(_table(found))
    for what, cases in (("lost", result.lost), ("doubled", result.doubled)):
        for case in cases[:5]:
            print(f"note: {what}: {case}")
    sys.exit(1 if any(figure.met is False for figure in found) else 0)


if __name__ == "__main__":
    main()
