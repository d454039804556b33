"""A lane of the worker: a thread that has the store open for itself.

Each kind of lane says what it does in ``_work``; here is what they share: how they live, what they
tell, and how they begin again when the store, or they, were lost.
"""

import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from aggregator.config import Config, Source
from aggregator.daemon.worker.orders import Visited, Word
from aggregator.errors import AggregatorError
from aggregator.ingest.run import Run, open_run
from aggregator.logs import Troubles
from aggregator.model import SourceReport
from aggregator.store import open_store
from aggregator.store.times import utc_now

_LONGEST_RETRY = 60.0


@dataclass
class Shared:
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


class Lane(threading.Thread, ABC):
    """A thread that has the store open, and opens it again when it was lost."""

    patience = 180.0
    """Seconds in which it says that it lives, whatever it does."""

    farewell: float | None = None
    """Seconds that it may still take when all is to end; None for as long as it takes."""

    def __init__(self, name: str, shared: Shared) -> None:
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
        """Work, and begin again after whatever went wrong."""
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
                    self._log.exception("internal error", problem=fault)
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
            there = identity(config)
            with open_run(config, store, clock=utc_now, is_continuous=True) as run:
                try:
                    yield run, lambda: self._is_over(config, edition, there)
                finally:
                    # Known only while the old file is open: a new one may well get its number.
                    self._has_lost_store |= identity(config) != there

    def _is_over(self, config: Config, edition: int, there: tuple[int, int] | None) -> bool:
        """Whether to stop, or to begin anew with another configuration or store."""
        return (
            self._shared.is_stopping.is_set()
            or self._shared.edition != edition
            or identity(config) != there
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
    def _giving_up(self, source: Source, forget: Callable[[str], None]) -> Iterator[None]:
        """Have a fault that a source brings about cost only that source, and only until next time.

        What failed for the store's sake is done again instead, once the store is well.
        """
        try:
            yield
        except AggregatorError:
            raise
        except Exception:
            forget(source.id)
            self._give_up(source)
            raise

    def _give_up(self, source: Source) -> None:
        """Leave out a source that an internal error occurred with, until it is next due."""
        due = utc_now() + timedelta(seconds=source.interval)
        self._shared.tell(Visited(source.id, "failed", 0.0, due))


def identity(config: Config) -> tuple[int, int] | None:
    """What tells the store's file from another one in its place."""
    try:
        found = os.stat(config.store)
    except OSError:
        return None
    return found.st_dev, found.st_ino
