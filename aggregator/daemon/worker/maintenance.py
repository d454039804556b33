"""The worker thread that reads files, writes the feeds and does maintenance."""

import time
from datetime import timedelta

from aggregator.config import Config, Source
from aggregator.daemon.worker.messages import (
    ALARMS,
    BACKUP,
    DELIVERIES,
    RETENTION,
    UPKEEP,
    PollNow,
    StoreReplaced,
)
from aggregator.daemon.worker.thread import Shared, WorkerThread
from aggregator.errors import AggregatorError, OutputError
from aggregator.ingest.derive import derive
from aggregator.ingest.retention import remove_expired
from aggregator.ingest.run import Run, ingest_files
from aggregator.output.files import publish
from aggregator.output.formats import alarms as alarm_feed
from aggregator.output.regenerate import regenerate, remove_abandoned
from aggregator.output.stale import Check
from aggregator.status.alarms import watch
from aggregator.store import backup as store_backup
from aggregator.store.entries import newest
from aggregator.store.retention import Keep
from aggregator.store.upkeep import upkeep

_TICK = 0.5
_SOON = 0.1  # seconds until the feeds are written after the first news
_SETTLE = 2.0  # seconds between two writes of the feeds, in which more news is collected
_MAX_RETRY = 60.0


class MaintenanceThread(WorkerThread):
    """Reads files, keeps the feeds in line with the store, and does maintenance tasks."""

    patience = 900.0

    def __init__(self, shared: Shared) -> None:
        super().__init__("maintenance", shared)
        self._current: str | None = None  # done again after an error of the store
        self._publish_at: float | None = None
        self._published = time.monotonic() - _SETTLE
        self._check: Check = "files"  # of the next writing of the feeds
        self._retry = 1.0
        self._tasks = {
            RETENTION: self._remove_expired,
            UPKEEP: self._keep_up,
            BACKUP: self._back_up,
            ALARMS: self._check_alarms,
            DELIVERIES: self._ingest_deliveries,
        }

    def is_idle(self) -> bool:
        """Whether nothing is under way or waiting."""
        return not self._waiting and self._current is None and self._publish_at is None

    def _work(self) -> None:
        for problem in remove_abandoned(self._shared.config):
            self._troubles.begin("temporary files", problem)
        with self._session() as (run, is_over):
            self._check_store(run)
            while not is_over():
                self.beat()
                if self._current is None:
                    self._current = self._next()
                if is_over():
                    break  # the next task may belong to another configuration
                if self._current is not None:
                    self._do(run, self._current)
                    self._current = None
                    self.note_well()
                self._plan_publishing(run.config)
                if self._publish_at is not None and time.monotonic() >= self._publish_at:
                    self._publish(run)

    def _check_store(self, run: Run) -> None:
        """Have the feeds written, because another process may have changed the store.

        Feeds of a store that is new and empty stay as they are until it has entries.
        """
        if self._has_lost_store:
            self._has_lost_store = False
            self._log.warning("store was replaced; polling sources again")
            self._shared.send(StoreReplaced())
        derive(run.config, run.store, is_brief=True)  # a run may have ended before it did
        if run.config.websub.callback is not None:
            self.add(DELIVERIES)  # some may have arrived before this thread started
        is_empty = not newest(run.store, 1) and run.config.output.is_dir()
        self._check = "files"
        self._publish_at = None if is_empty else time.monotonic()

    def _keep_up(self, run: Run) -> None:
        """Look after the store, and look once a day for files that others changed."""
        upkeep(run.store, now=run.now)
        self._check = "files"
        self._shared.note_news()

    def _next(self) -> str | None:
        """The next task or source, waiting for one until the feeds are to be written."""
        if not self._waiting:
            now = time.monotonic()
            until_publishing = _TICK if self._publish_at is None else self._publish_at - now
            self._woken.wait(min(max(until_publishing, 0.0), _TICK))
        self._woken.clear()
        return self._waiting.popleft() if self._waiting else None

    def _do(self, run: Run, name: str) -> None:
        task = self._tasks.get(name)
        if task is not None:
            task(run)
        elif name in run.config.by_id:
            self._read_files(run, run.config.by_id[name])

    def _read_files(self, run: Run, source: Source) -> None:
        """Ingest a source; an internal error costs only that source, until it is next due."""
        started = time.monotonic()
        try:
            report = ingest_files(run, source)
            run.index.write_out()
        except AggregatorError:
            raise
        except Exception:
            self._current = None
            self._give_up(source)
            raise
        due = run.now + timedelta(seconds=source.shortest_interval)
        self._report(report, time.monotonic() - started, due)

    def _ingest_deliveries(self, run: Run) -> None:
        """Ingest what hubs delivered, one delivery after the other."""
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
                self._shared.send(PollNow((arrived.source,)))
            if report is not None and report.status == "ok":
                self._shared.note_news()
        run.index.write_out()

    def _plan_publishing(self, config: Config) -> None:
        """Have the feeds written soon where there is news, or where they are gone.

        The first news after a quiet time is written at once; what follows in quick succession is
        written together.
        """
        if self._shared.has_news.is_set():
            self._shared.has_news.clear()
            if self._publish_at is None:
                soon = time.monotonic() + _SOON
                self._publish_at = max(soon, self._published + _SETTLE)
        elif self._publish_at is None and not config.output.is_dir():
            self._publish_at = time.monotonic()

    def _publish(self, run: Run) -> None:
        config, store = run.config, run.store
        is_left = derive(config, store, is_brief=True)
        try:
            feeds = regenerate(config, store, check=self._check)
            watch.note(store, config, now=run.now, unwritten={}, only_open=True)
            publish(config.output / alarm_feed.FILE, watch.health_feed(store, config))
        except OutputError as error:
            self._troubles.begin("feeds cannot be written", str(error))
            reason = str(error).rpartition(": ")[2]  # without the path
            reasons = {config.output.name: reason}
            watch.note(store, config, now=run.now, unwritten=reasons, only_open=True)
            self._publish_at = time.monotonic() + self._retry
            self._retry = min(2 * self._retry, _MAX_RETRY)
            return
        self._troubles.end("feeds cannot be written")
        self.note_well()
        self._retry = 1.0
        self._publish_at = None
        self._check = "noted"
        self._published = time.monotonic()
        self._shared.wake("push", "announce")
        if is_left:  # the next part of it, after what is due meanwhile
            self._shared.note_news()
        if feeds.written:
            self._log.info("feeds", written=feeds.written, unchanged=feeds.unchanged)

    def _check_alarms(self, run: Run) -> None:
        changed = watch.note(run.store, run.config, now=run.now)
        for alarm in changed:
            self._log.warning("alarm", kind=alarm.kind, subject=alarm.subject, title=alarm.title)
        if changed:
            self._shared.note_news()

    def _remove_expired(self, run: Run) -> None:
        policies = [
            Keep(source=s.id, days=s.keep_days, entries=s.keep_entries) for s in run.config.sources
        ]
        removed = remove_expired(policies, run.store, now=run.now)
        if removed:
            self._log.info("retention", removed=removed)
            self._shared.note_news()

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
