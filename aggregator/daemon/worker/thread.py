"""A thread of the worker, which opens the store for itself.

``_work`` says what a kind of thread does.  Shared by all kinds: the queue of what is due, reports
to the daemon, and restarting after an error or when the store or the configuration was replaced.
"""

import os
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aggregator.config import Config, Source
from aggregator.daemon.worker.messages import Polled, WorkerEvent
from aggregator.errors import AggregatorError
from aggregator.ingest.jobs import hosts_of
from aggregator.ingest.run import Run, open_run
from aggregator.logs import Troubles, get_logger
from aggregator.model import SourceReport
from aggregator.store import open_store
from aggregator.store.times import utc_now
from aggregator.workers import Workers

_MAX_PAUSE = 60.0


@dataclass
class Shared:
    """What the threads share; ``version`` counts the configurations."""

    config: Config
    send: Callable[[WorkerEvent], None]
    version: int = 0
    is_stopping: threading.Event = field(default_factory=threading.Event)
    has_news: threading.Event = field(default_factory=threading.Event)
    threads: "dict[str, WorkerThread]" = field(default_factory=dict)
    _hosts: tuple[Config, dict[str, str]] | None = None

    def hosts(self, config: Config) -> dict[str, str]:
        """``hosts_of`` a configuration, found once, since that takes all sources."""
        kept = self._hosts
        if kept is None or kept[0] is not config:
            kept = self._hosts = config, hosts_of(config)
        return kept[1]

    def wake(self, *names: str) -> None:
        """Have these threads check what there is to do."""
        for name in names:
            self.threads[name].wake()

    def note_news(self) -> None:
        """Have the feeds written, because the store has changed."""
        self.has_news.set()
        self.wake("maintenance")


class WorkerThread(threading.Thread, ABC):
    """A thread with the store open, and a queue of names that are due."""

    patience = 180.0
    """Seconds between two heartbeats at most, besides those that one document may take."""

    stop_seconds: float | None = None
    """Seconds that it may take to stop; None for as long as it takes."""

    def __init__(self, name: str, shared: Shared) -> None:
        super().__init__(name=name, daemon=True)
        shared.threads[name] = self
        self._shared = shared
        self._log = get_logger(f"aggregator.{name}")
        self._troubles = Troubles(self._log)
        self._waiting: deque[str] = deque()
        self._woken = threading.Event()
        self._is_busy = False
        self._has_lost_store = False
        self._last_beat = time.monotonic()
        self._pause = 1.0
        self._errors: set[str] = set()  # internal ones, as logged
        self._deferred: set[str] = set()  # sources that wait for their host, as logged

    def add(self, name: str) -> None:
        """Do ``name`` once its turn comes."""
        self._waiting.append(name)
        self._woken.set()

    def wake(self) -> None:
        """Check what there is to do, or whether to stop."""
        self._woken.set()

    def is_idle(self) -> bool:
        """Whether nothing is under way or waiting."""
        return not (self._waiting or self._is_busy)

    def is_well(self) -> bool:
        """Whether it sent a heartbeat recently."""
        patience = self.patience + self._shared.config.document_timeout
        return self.is_alive() and time.monotonic() - self._last_beat < patience

    def beat(self) -> None:
        """Send a heartbeat."""
        self._last_beat = time.monotonic()

    def note_well(self) -> None:
        """Note that something was done, so that an earlier error is over."""
        self._pause = 1.0
        self._troubles.end(f"{self.name} stopped")

    def run(self) -> None:
        """Work, and start again after errors, at growing intervals."""
        while not self._shared.is_stopping.is_set():
            self.beat()
            try:
                self._work()
                self.note_well()
                continue
            except AggregatorError as error:
                self._troubles.begin(f"{self.name} stopped", str(error))
            except Exception as error:
                problem = f"{type(error).__name__}: {error}"
                if problem not in self._errors:
                    self._errors.add(problem)
                    self._log.exception("internal error", problem=problem)
            self._shared.is_stopping.wait(self._pause)
            self._pause = min(2 * self._pause, _MAX_PAUSE)

    @abstractmethod
    def _work(self) -> None:
        """Work until the store or the configuration is replaced."""

    @contextmanager
    def _session(self, workers: Workers | None = None) -> Iterator[tuple[Run, Callable[[], bool]]]:
        """A run, and a function that returns whether it is over."""
        config, version = self._shared.config, self._shared.version
        with open_store(config.store) as store:
            file = store_file(config)
            hosts = self._shared.hosts(config)
            with open_run(
                config, store, clock=_now, is_continuous=True, hosts=hosts, workers=workers
            ) as run:
                try:
                    yield run, lambda: self._is_over(config, version, file)
                finally:
                    # While the old file is open, because a new one may get its number.
                    self._has_lost_store |= store_file(config) != file

    def _is_over(self, config: Config, version: int, file: tuple[int, int] | None) -> bool:
        """Whether to stop, or to start again with another configuration or store."""
        return (
            self._shared.is_stopping.is_set()
            or self._shared.version != version
            or store_file(config) != file
        )

    def _report(self, report: SourceReport, seconds: float, due: datetime | None) -> None:
        """Log that a source was polled, and send it to the daemon.

        That it waits is logged once, until it is polled.
        """
        is_logged = report.status == "waiting" and report.id in self._deferred
        (self._deferred.add if report.status == "waiting" else self._deferred.discard)(report.id)
        if not is_logged:
            self._log_report(report, seconds, due)
        self._shared.send(Polled(report.id, report.status, seconds, due))
        if report.new or report.revised or report.merged or report.status == "ok":
            self._shared.note_news()
            self._shared.wake("subscribe")  # the source may name a hub, or another one

    def _log_report(self, report: SourceReport, seconds: float, due: datetime | None) -> None:
        counts = ("items", "new", "revised", "merged", "rejected")
        log = self._log.warning if report.status == "failed" else self._log.info
        log(
            "source",
            id=report.id,
            status=report.status,
            **{name: number for name in counts if (number := getattr(report, name))},
            **({"error": report.error} if report.error else {}),
            **({"older": report.older} if report.older else {}),
            seconds=round(seconds, 3),
            due=due.isoformat(timespec="seconds") if due is not None else "never",
        )

    def _give_up(self, source: Source) -> None:
        """Leave out a source that an internal error occurred with, until it is next due."""
        due = utc_now() + timedelta(seconds=source.shortest_interval)
        self._shared.send(Polled(source.id, "failed", 0.0, due))


def _now() -> datetime:
    return datetime.now(UTC)


def store_file(config: Config) -> tuple[int, int] | None:
    """What distinguishes the store's file from another in its place."""
    try:
        found = os.stat(config.store)
    except OSError:
        return None
    return found.st_dev, found.st_ino
