"""The daemon's hands: reads what is due, and has the feeds follow.

Runs in a process of its own, so that serving never waits for reading, and what goes wrong there
ends this process at the worst.  It is told over a pipe what is due, and tells what came of it.  The
work is shared by lanes, each a thread with the store open for itself: one asks servers, and never
waits for one of them more than for another; one reads files, writes the feeds and keeps house; two
speak with hubs (``websub.lanes``), our own and those of sources.
Whatever fails is told once and tried again, ever more seldom.
"""

import os
import signal
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue

import structlog

from aggregator import alarm, logs
from aggregator.config import Config, Source
from aggregator.errors import AggregatorError, OutputError
from aggregator.ingest import Run, begin, settle, take_files, take_visit
from aggregator.logs import Troubles
from aggregator.model import SourceReport
from aggregator.publish import publish
from aggregator.reading import Readers, rules_of
from aggregator.regenerate import regenerate
from aggregator.retain import retain
from aggregator.store import Store, open_store
from aggregator.store import backup as store_backup
from aggregator.store.entries import newest
from aggregator.store.retention import Keep
from aggregator.store.sketches import SketchIndex
from aggregator.store.upkeep import upkeep
from aggregator.write import health

RETENTION, UPKEEP, BACKUP, ALARMS = "*retention", "*upkeep", "*backup", "*alarms"
_DELIVERIES = "*deliveries"
"""Names of housekeeping; no source's id begins with an asterisk."""

_TICK = 0.5
_SESSION = 300.0  # seconds after which the thread that fetches begins anew, with the time of then
_IDLE = 20.0  # seconds without anything due after which it ends
_SOON = 0.1  # seconds until the feeds are written after news that came when all was quiet
_SETTLE = 2.0  # seconds in which more news is gathered where the feeds were just written
_LONGEST_REST = 60.0  # seconds for which a lane that has nothing to do may not look
_LONGEST_RETRY = 60.0
_NICE = 10
_ROOMY = 110_000_000  # bytes; one that just began and waits has half of that
_LOOK = 5.0  # seconds between two looks at how we are
_RESTS = 6  # of them at which nothing was under way


@dataclass(frozen=True, slots=True)
class Due:
    """These sources, or housekeeping, are due."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Configure:
    """From now on this is the configuration."""

    config: Config


@dataclass(frozen=True, slots=True)
class Delivered:
    """A hub delivered something, which is in the store."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish what is in hand and end."""


@dataclass(frozen=True, slots=True)
class Visited:
    """A source was read: with which result, in how many seconds, and when it is due again."""

    name: str
    status: str
    seconds: float
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Pulse:
    """Every lane was alive not long ago."""


@dataclass(frozen=True, slots=True)
class Grown:
    """This process holds memory that a new one would not need, and nothing is under way."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """These sources are to be visited now: no hub speaks for them, or not well."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replaced:
    """The store is another file than it was: nothing that was planned by it holds."""


Order = Due | Configure | Delivered | Stop
Word = Visited | Pulse | Grown | Wanted | Replaced


def main(line: Connection, config: Config) -> None:
    """Work until told to stop, or until nobody is at the other end of ``line``."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # they are for the daemon, which says what to do
    os.nice(_NICE)
    logs.configure()
    _Worker(line, config).run()


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class _Shared:
    """What the lanes share."""

    config: Config
    tell: Callable[[Word], None]
    is_stopping: threading.Event = field(default_factory=threading.Event)
    has_news: threading.Event = field(default_factory=threading.Event)
    edition: int = 0  # of the configuration
    wake_house: Callable[[], None] = lambda: None
    wake_push: Callable[[], None] = lambda: None
    wake_subscribe: Callable[[], None] = lambda: None

    def note_news(self) -> None:
        """Have the feeds follow what is new in the store."""
        self.has_news.set()
        self.wake_house()


class _Worker:
    def __init__(self, line: Connection, config: Config) -> None:
        self._line = line
        self._sending = threading.Lock()
        self._shared = _Shared(config, self._tell)
        self._web = _Web(self._shared)
        self._house = _House(self._shared)
        self._rests = 0
        self._push = _Hubs(self._shared, "push")
        self._shared.wake_house = self._house.wake
        self._shared.wake_push = self._push.wake
        self._subscribe = _Hubs(self._shared, "subscribe")
        self._shared.wake_subscribe = self._subscribe.wake

    def run(self) -> None:
        lanes: list[_Lane] = [self._web, self._house, self._push, self._subscribe]
        for lane in lanes:
            lane.start()
        try:
            while not isinstance(order := self._order(lanes), Stop):
                if isinstance(order, Configure):
                    self._shared.config = order.config
                    self._shared.edition += 1
                    self._push.wake()
                    self._subscribe.wake()
                elif isinstance(order, Delivered):
                    self._house.add(_DELIVERIES)
                elif order is not None:
                    self._hand_out(order)
        except (EOFError, OSError):
            pass  # the daemon is gone
        finally:
            self._shared.is_stopping.set()
            for lane in lanes:
                lane.wake()
            for lane in lanes:
                lane.join(lane.farewell)

    def _order(self, lanes: "Sequence[_Lane]") -> Order | None:
        """The next order, if one comes soon; else tell how we are."""
        if self._line.poll(_LOOK):
            order: Order = self._line.recv()
            self._rests = 0
            return order
        if all(lane.is_well() for lane in lanes):
            self._tell(Pulse())
        # What a first round took, for thousands of new entries, Python does not give back.
        self._rests = self._rests + 1 if all(lane.is_resting() for lane in lanes) else 0
        if self._rests >= _RESTS and _memory() > _ROOMY:
            self._rests = 0
            self._tell(Grown())
        return None

    def _hand_out(self, due: Due) -> None:
        remote = {s.id for s in self._shared.config.sources if s.is_remote}
        for name in due.names:
            (self._web if name in remote else self._house).add(name)

    def _tell(self, word: Word) -> None:
        with self._sending:
            try:
                self._line.send(word)
            except OSError:
                self._shared.is_stopping.set()


def _memory() -> int:
    """Bytes of this process that are in memory; 0 where the system does not say so (proc(5))."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


class _Lane(threading.Thread, ABC):
    """A thread that has the store open, and opens it again when it was lost."""

    patience = 180.0
    """Seconds in which it says that it lives, whatever it does."""

    farewell: float | None = None
    """Seconds that it may still take when all is to end; None for as long as it takes."""

    def __init__(self, name: str, shared: _Shared) -> None:
        super().__init__(name=name, daemon=True)
        self._shared = shared
        self._log = structlog.get_logger(f"aggregator.{name}")
        self._troubles = Troubles(self._log)
        self._faults: set[str] = set()
        self._beaten = time.monotonic()
        self._pause = 1.0
        self._has_lost_store = False

    def is_well(self) -> bool:
        """Whether it gave a sign of life lately."""
        return self.is_alive() and time.monotonic() - self._beaten < self.patience

    def beat(self) -> None:
        """Give a sign of life."""
        self._beaten = time.monotonic()

    @abstractmethod
    def is_resting(self) -> bool:
        """Whether it has nothing in hand and nothing to come."""

    def note_well(self) -> None:
        """Note that something was done: what stopped it before is over."""
        self._pause = 1.0
        self._troubles.end(f"{self.name} stopped")

    def run(self) -> None:
        while not self._shared.is_stopping.is_set():
            self.beat()
            try:
                self._work()
                self.note_well()
            except AggregatorError as error:
                self._troubles.begin(f"{self.name} stopped", str(error))
            except Exception as error:
                fault = f"{type(error).__name__}: {error}"
                if fault not in self._faults:
                    self._faults.add(fault)
                    self._log.exception("a fault in this program", problem=fault)
            else:
                continue
            self._shared.is_stopping.wait(self._pause)
            self._pause = min(2 * self._pause, _LONGEST_RETRY)

    @abstractmethod
    def wake(self) -> None:
        """Have it look whether there is something to do, or to stop."""

    @abstractmethod
    def _work(self) -> None:
        """Do what is to be done until the store or the configuration is another."""

    @contextmanager
    def _at_the_store(self) -> Iterator[tuple[Run, Callable[[], bool]]]:
        """A run that goes on until the store or the configuration is another: then it says so."""
        config, edition = self._shared.config, self._shared.edition
        with open_store(config.store) as store:
            there = _identity(config)
            agencies = begin(config, store, config.sources)
            with Readers(rules_of(config, agencies)) as readers:
                run = Run(
                    config=config,
                    store=store,
                    readers=readers,
                    index=SketchIndex(store),
                    now=_now(),
                    spread=True,
                )
                try:
                    yield run, lambda: self._is_over(config, edition, there)
                finally:
                    # Known only while the old file is open: a new one may well get its number.
                    self._has_lost_store |= _identity(config) != there

    def _is_over(self, config: Config, edition: int, there: tuple[int, int] | None) -> bool:
        """Whether to stop, or to begin anew with another configuration or store."""
        return (
            self._shared.is_stopping.is_set()
            or self._shared.edition != edition
            or _identity(config) != there
        )

    def _tell(self, report: SourceReport, seconds: float, due: datetime | None) -> None:
        self._log.info(
            "source",
            id=report.id,
            status=report.status,
            **{
                name: value
                for name in ("items", "new", "revised", "merged", "rejected")
                if (value := getattr(report, name))
            },
            **({"error": report.error} if report.error else {}),
            seconds=round(seconds, 3),
            due=due.isoformat() if due is not None else "never",
        )
        self._shared.tell(Visited(report.id, report.status, seconds, due))
        if report.new or report.revised or report.merged or report.status == "ok":
            self._shared.note_news()
            self._shared.wake_subscribe()  # it may name a hub, or another one

    @contextmanager
    def _giving_up(self, run: Run, source: Source, forget: Callable[[str], None]) -> Iterator[None]:
        """Have a fault that a source brings about cost only that source, and only until next time.

        What failed for the store's sake is done again instead, once the store is well.
        """
        try:
            yield
        except AggregatorError:
            raise
        except Exception:
            forget(source.id)
            due = run.now + timedelta(seconds=source.interval)
            self._shared.tell(Visited(source.id, "failed", 0.0, due))
            raise


def _reason(error: OutputError) -> str:
    """Why a file could not be written, without where that file is."""
    return str(error).rpartition(": ")[2]


def _identity(config: Config) -> tuple[int, int] | None:
    """What tells the store's file from another one in its place."""
    try:
        found = os.stat(config.store)
    except OSError:
        return None
    return found.st_dev, found.st_ino


class _Web(_Lane):
    """Asks servers for what is due, each as soon as it is, and takes in what comes."""

    def __init__(self, shared: _Shared) -> None:
        super().__init__("web", shared)
        self._waiting: deque[str] = deque()
        self._under_way: dict[str, float] = {}
        self._something = threading.Event()
        self._is_at_the_store = False

    def is_resting(self) -> bool:
        """Whether it has nothing in hand and nothing to come."""
        return not (self._waiting or self._under_way or self._is_at_the_store)

    def add(self, name: str) -> None:
        """Ask for this source, once its turn comes."""
        self._waiting.append(name)
        self._something.set()

    def wake(self) -> None:
        """Look whether to stop."""
        self._something.set()

    def _work(self) -> None:
        from aggregator import visiting

        if not self._something.wait(_TICK) or not self._waiting:
            self._something.clear()
            return
        # What a session that failed had begun is begun again.
        self._waiting.extendleft(self._under_way)
        self._under_way.clear()
        with self._busy(), self._at_the_store() as (run, is_over):
            started = self._active = time.monotonic()
            sources = {source.id: source for source in run.config.sources}

            def due(room: int) -> list[Source] | None:
                moment = time.monotonic()
                idle = not self._waiting and moment - self._active > _IDLE
                if idle or is_over() or moment - started > _SESSION:
                    return None
                return [source for _ in range(room) for source in self._next(sources, is_over)]

            visits = visiting.visit_as_due(run.config, run.store, due, now=_now())
            with closing(visits):
                for came in visits:
                    self.beat()
                    if self._shared.is_stopping.is_set():
                        return
                    if came is not None:
                        run.now = _now()
                        begun = self._under_way.get(came.source.id, time.monotonic())
                        with self._giving_up(run, came.source, self._forget):
                            report, again = take_visit(run, came)
                        self._forget(report.id)
                        self._active = time.monotonic()
                        self._tell(report, self._active - begun, again)
                        self.note_well()
            run.index.write_out()

    @contextmanager
    def _busy(self) -> Iterator[None]:
        self._is_at_the_store = True
        try:
            yield
        finally:
            self._is_at_the_store = False

    def _forget(self, name: str) -> None:
        self._under_way.pop(name, None)

    def _next(self, sources: dict[str, Source], is_over: Callable[[], bool]) -> Iterator[Source]:
        """The next source that is due, if there is one."""
        if self._waiting:
            if self._waiting[0] not in sources and is_over():
                return  # it is of another configuration, which the next session has
            name = self._waiting.popleft()
            if name in sources and name not in self._under_way:
                self._under_way[name] = time.monotonic()
                yield sources[name]


class _House(_Lane):
    """Reads files, has the feeds follow the store, and keeps house."""

    patience = 900.0

    def __init__(self, shared: _Shared) -> None:
        super().__init__("house", shared)
        self._waiting: SimpleQueue[str] = SimpleQueue()
        self._in_hand: str | None = None
        self._publish_at: float | None = None
        self._published = time.monotonic() - _SETTLE
        self._wait = 1.0

    def is_resting(self) -> bool:
        """Whether it has nothing in hand and nothing to come."""
        return self._waiting.empty() and self._in_hand is None and self._publish_at is None

    def add(self, name: str) -> None:
        """Read this source, or do this chore."""
        self._waiting.put(name)

    def wake(self) -> None:
        """Look whether there is news, or to stop."""
        self._waiting.put("")

    def _work(self) -> None:
        with self._at_the_store() as (run, is_over):
            self._look_at_store(run)
            while not is_over():
                self.beat()
                run.now = _now()
                if self._in_hand is None:
                    self._in_hand = self._next()
                if is_over():
                    break  # what was just handed out may be of another configuration
                if self._in_hand is not None:
                    self._do(run, self._in_hand)
                    self._in_hand = None
                    self.note_well()
                self._note_news(run.config)
                if self._publish_at is not None and time.monotonic() >= self._publish_at:
                    self._publish(run)

    def _look_at_store(self, run: Run) -> None:
        """Have the feeds hold whatever happened to the store since they were written.

        A store that is new has nothing for them yet: they stay as they are until it has.
        """
        if self._has_lost_store:
            self._has_lost_store = False
            self._log.warning("the store is another one; sources are read again as it needs")
            self._shared.tell(Replaced())
        settle(run.config, run.store)  # which may have been left undone
        if run.config.websub.callback is not None:
            self.add(_DELIVERIES)  # of which nobody may have been told
        is_bare = not newest(run.store, 1) and run.config.output.is_dir()
        self._publish_at = None if is_bare else time.monotonic()

    def _next(self) -> str | None:
        wait = _TICK
        if self._publish_at is not None:
            wait = min(max(self._publish_at - time.monotonic(), 0.0), _TICK)
        try:
            return self._waiting.get(timeout=wait) or None
        except Empty:
            return None

    def _do(self, run: Run, name: str) -> None:
        started = time.monotonic()
        chores = {
            RETENTION: self._retain,
            UPKEEP: self._keep_up,
            BACKUP: self._back_up,
            ALARMS: self._look_for_alarms,
            _DELIVERIES: self._take_deliveries,
        }
        if name in chores:
            chores[name](run)
            return
        for source in run.config.sources:
            if source.id == name:
                with self._giving_up(run, source, self._drop):
                    report = take_files(run, source)
                    run.index.write_out()
                due = run.now + timedelta(seconds=source.interval)
                self._tell(report, time.monotonic() - started, due)

    def _take_deliveries(self, run: Run) -> None:
        """Take in what hubs delivered, one after the other."""
        from aggregator.websub import arriving

        started = time.monotonic()
        for arrived in arriving.take_all(run):
            self.beat()
            report, now = arrived.report, time.monotonic()
            counts = ("new", "revised", "merged") if report is not None else ()
            self._log.info(
                "delivery",
                id=arrived.source,
                **{name: number for name in counts if (number := getattr(report, name))},
                **({"error": arrived.problem} if arrived.problem is not None else {}),
                seconds=round(now - started, 3),
            )
            started = now
            if arrived.problem is not None:
                self._shared.tell(Wanted((arrived.source,)))
            if report is not None and report.status == "ok":
                self._shared.note_news()
        run.index.write_out()

    def _drop(self, _name: str) -> None:
        self._in_hand = None

    def _note_news(self, config: Config) -> None:
        """Have the feeds written soon, where there is reason to.

        The first news after a quiet time is written at once, for somebody waits for it; what comes
        in quick succession is written together.
        """
        if self._shared.has_news.is_set():
            self._shared.has_news.clear()
            if self._publish_at is None:
                soon = time.monotonic() + _SOON
                self._publish_at = max(soon, self._published + _SETTLE)
        elif self._publish_at is None and not config.output.is_dir():
            self._publish_at = time.monotonic()

    def _publish(self, run: Run) -> None:
        settle(run.config, run.store)
        try:
            feeds = regenerate(run.config, run.store)
            alarm.note(run.store, run.config, now=run.now, unwritten={})
            self._write_health(run)
        except OutputError as error:
            self._troubles.begin("feeds cannot be written", str(error))
            name = run.config.output.name
            alarm.note(run.store, run.config, now=run.now, unwritten={name: _reason(error)})
            self._publish_at = time.monotonic() + self._wait
            self._wait = min(2 * self._wait, _LONGEST_RETRY)
            return
        self._troubles.end("feeds cannot be written")
        self.note_well()
        self._wait = 1.0
        self._publish_at = None
        self._published = time.monotonic()
        self._shared.wake_push()
        if feeds.written:
            self._log.info("feeds", written=feeds.written, unchanged=feeds.unchanged)

    def _write_health(self, run: Run) -> None:
        publish(run.config.output / health.FILE, alarm.health_feed(run.store, run.config))

    def _look_for_alarms(self, run: Run) -> None:
        changed = alarm.note(run.store, run.config, now=run.now)
        for found in changed:
            self._log.warning("alarm", kind=found.kind, subject=found.subject, title=found.title)
        if changed:
            self._shared.note_news()

    def _retain(self, run: Run) -> None:
        policies = [
            Keep(source=s.id, days=s.keep_days, entries=s.keep_entries) for s in run.config.sources
        ]
        removed = retain(policies, run.store, now=run.now)
        if removed:
            self._log.info("retention", removed=removed)
            self._shared.note_news()

    def _keep_up(self, run: Run) -> None:
        upkeep(run.store, now=run.now)

    def _back_up(self, run: Run) -> None:
        plan = run.config.backup
        if plan is None:
            return
        try:
            made = store_backup.rotate(run.config.store, plan.folder, keep=plan.keep, now=run.now)
        except AggregatorError as error:
            self._troubles.begin("backup", str(error))
        else:
            self._troubles.end("backup")
            self._log.info("backup", file=made.name)


class _Hubs(_Lane):
    """Speaks with hubs, which may be slow and delay nothing else; rests in between.

    ``step`` names what of ``websub.lanes`` it does.
    """

    patience = 900.0
    farewell = 1.0

    def __init__(self, shared: _Shared, step: str) -> None:
        super().__init__(step, shared)
        self._something = threading.Event()
        self._is_speaking = False

    def is_resting(self) -> bool:
        """Whether it has nothing in hand; what is to come, another worker looks for as well."""
        return not self._is_speaking

    def wake(self) -> None:
        """Look at once what there is to do."""
        self._something.set()

    def _work(self) -> None:
        from aggregator.websub import lanes

        step: Callable[[Config, Store, lanes.Lane], float] = getattr(lanes, self.name)
        lent = lanes.Lane(
            log=self._log,
            troubles=self._troubles,
            beat=self.beat,
            ask_now=lambda names: self._shared.tell(Wanted(names)),
        )
        config, edition = self._shared.config, self._shared.edition
        with open_store(config.store) as store:
            there = _identity(config)
            while not self._is_over(config, edition, there):
                self.beat()
                self._something.clear()
                self._is_speaking = True
                seconds = step(config, store, lent)
                self._is_speaking = False
                self.note_well()
                self._something.wait(min(max(seconds, 1.0), _LONGEST_REST))
