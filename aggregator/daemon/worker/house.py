"""The lane that reads files, writes the feeds and keeps house."""

import time
from datetime import timedelta
from queue import Empty, SimpleQueue

from aggregator.config import Config
from aggregator.daemon.worker.lane import Lane, Shared
from aggregator.daemon.worker.orders import (
    ALARMS,
    BACKUP,
    DELIVERIES,
    RETENTION,
    UPKEEP,
    Replaced,
    Wanted,
)
from aggregator.errors import AggregatorError, OutputError
from aggregator.ingest.derive import derive
from aggregator.ingest.retention import remove_expired
from aggregator.ingest.run import Run, ingest_files
from aggregator.output.files import publish
from aggregator.output.formats import alarms as alarm_feed
from aggregator.output.regenerate import regenerate
from aggregator.status.alarms import watch
from aggregator.store import backup as store_backup
from aggregator.store.entries import newest
from aggregator.store.retention import Keep
from aggregator.store.upkeep import upkeep

_TICK = 0.5
_SOON = 0.1  # seconds until the feeds are written after news that came when all was quiet
_SETTLE = 2.0  # seconds in which more news is gathered where the feeds were just written
_LONGEST_RETRY = 60.0


class House(Lane):
    """Reads files, has the feeds follow the store, and keeps house."""

    patience = 900.0

    def __init__(self, shared: Shared) -> None:
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
        derive(run.config, run.store)  # which may have been left undone
        if run.config.websub.callback is not None:
            self.add(DELIVERIES)  # of which nobody may have been told
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
            DELIVERIES: self._take_deliveries,
        }
        if name in chores:
            chores[name](run)
            return
        for source in run.config.sources:
            if source.id == name:
                with self._giving_up(source, self._drop):
                    report = ingest_files(run, source)
                    run.index.write_out()
                due = run.now + timedelta(seconds=source.interval)
                self._tell(report, time.monotonic() - started, due)

    def _take_deliveries(self, run: Run) -> None:
        """Take in what hubs delivered, one after the other."""
        from aggregator.websub import deliveries

        started = time.monotonic()
        for arrived in deliveries.take_all(run):
            self.beat()
            report, ended = arrived.report, time.monotonic()
            counts = ("new", "revised", "merged") if report is not None else ()
            self._log.info(
                "delivery",
                id=arrived.source,
                **{name: number for name in counts if (number := getattr(report, name))},
                **({"error": arrived.problem} if arrived.problem is not None else {}),
                seconds=round(ended - started, 3),
            )
            started = ended
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
        derive(run.config, run.store)
        try:
            feeds = regenerate(run.config, run.store)
            watch.note(run.store, run.config, now=run.now, unwritten={})
            self._write_health(run)
        except OutputError as error:
            self._troubles.begin("feeds cannot be written", str(error))
            name = run.config.output.name
            watch.note(run.store, run.config, now=run.now, unwritten={name: _reason(error)})
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
        publish(run.config.output / alarm_feed.FILE, watch.health_feed(run.store, run.config))

    def _look_for_alarms(self, run: Run) -> None:
        changed = watch.note(run.store, run.config, now=run.now)
        for found in changed:
            self._log.warning("alarm", kind=found.kind, subject=found.subject, title=found.title)
        if changed:
            self._shared.note_news()

    def _retain(self, run: Run) -> None:
        policies = [
            Keep(source=s.id, days=s.keep_days, entries=s.keep_entries) for s in run.config.sources
        ]
        removed = remove_expired(policies, run.store, now=run.now)
        if removed:
            self._log.info("retention", removed=removed)
            self._shared.note_news()

    def _keep_up(self, run: Run) -> None:
        upkeep(run.store, now=run.now)

    def _back_up(self, run: Run) -> None:
        backup = run.config.backup
        if backup.folder is None:
            return
        try:
            made = store_backup.rotate(
                run.config.store, backup.folder, keep=backup.keep, now=run.now
            )
        except AggregatorError as error:
            self._troubles.begin("backup", str(error))
        else:
            self._troubles.end("backup")
            self._log.info("backup", file=made.name)


def _reason(error: OutputError) -> str:
    """Why a file could not be written, without where that file is."""
    return str(error).rpartition(": ")[2]
