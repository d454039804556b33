"""The daemon: the schedule, the HTTP server, and a worker process that does what is due.

``run`` returns after SIGTERM or SIGINT, and reads the configuration again at SIGHUP.  This process
serves and keeps the schedule; another reads and writes (``worker``), and is restarted whenever it
ends.
"""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, timedelta
from urllib.parse import urlsplit

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator import logs
from aggregator.config import Config, Source, load
from aggregator.daemon.files import FileWatcher
from aggregator.daemon.lock import only_daemon
from aggregator.daemon.systemd import notify, watchdog_seconds
from aggregator.daemon.timetable import Timetable, corrected_for_clock_change
from aggregator.daemon.worker.messages import (
    ALARMS,
    BACKUP,
    RETENTION,
    UPKEEP,
    Configure,
    Delivered,
    Due,
    Polled,
    PollNow,
    RestartMe,
    StoreReplaced,
    WorkerEvent,
)
from aggregator.daemon.worker_process import WorkerProcess
from aggregator.errors import ConfigError, StoreError
from aggregator.fetch.guard import unreachable_base
from aggregator.logs import Troubles, get_logger
from aggregator.store import open_store
from aggregator.store.times import utc_now
from aggregator.store.visits import due_times, newest_attempt
from aggregator.web.app import app
from aggregator.web.callbacks import Callbacks
from aggregator.web.metrics import Metrics
from aggregator.web.run import log_addresses, site_of
from aggregator.web.server import serve
from aggregator.web.site import ServedSite
from aggregator.web.state import State
from aggregator.websub.inbox import Inbox

_CHECK = 5.0  # seconds between two checks of the clock and of the worker
_RETRY = 5.0  # seconds until a port is tried again
_HINT_INTERVAL = 60.0  # seconds at least between two polls of a source that a hub causes
_DAY = 86_400


def run(config: Config, listen: tuple[str, int] | None = None) -> None:
    """Run the daemon until it is stopped by a signal, listening at ``listen`` if that is given.

    Raises ``StoreError`` where the store cannot be opened, or another daemon has it.
    """
    logs.configure()
    with only_daemon(config.store):
        asyncio.run(_run(config, listen))


async def _run(config: Config, listen: tuple[str, int] | None) -> None:
    await Supervisor(config, listen=listen).run()


class Supervisor:
    """Connects the schedule, the server, the file watcher and the worker.

    Belongs to the running event loop.
    """

    def __init__(
        self,
        config: Config,
        worker: WorkerProcess | None = None,
        *,
        listen: tuple[str, int] | None = None,
    ) -> None:
        self._file_listen = config.listen
        config = replace(config, listen=listen or config.listen)
        self._config = config
        self._log = get_logger("aggregator.daemon")
        self._troubles = Troubles(self._log)
        self._stopping = asyncio.Event()
        self._pending: dict[str, float] = {}  # sources that are due and not polled, and since when
        self._again: set[str] = set()  # of them, what came due meanwhile
        self._batch: list[str] = []  # what came due in this turn of the event loop
        self._hinted: dict[str, float] = {}  # when a hub last caused a poll of a source
        self._restarting: asyncio.Task[None] | None = None
        self._metrics = Metrics()
        self._state = State(config, self._metrics, now=utc_now, lag=self._lag)
        self._timetable = Timetable(
            AsyncIOScheduler(timezone=UTC), self.request, now=utc_now, steady=time.monotonic
        )
        self._worker = worker or WorkerProcess(self.handle)
        self._watcher = FileWatcher(config, self.request, self._troubles)
        self._callbacks = Callbacks(
            Inbox(config.store, utc_now),
            utc_now,
            on_delivery=lambda: self._worker.send(Delivered()),
            on_hint=self._poll_now,
        )
        self._application = app(self._site(), now=utc_now)

    async def run(self) -> None:
        """Work until stopped."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        self._timetable.start()
        self._plan(self._config.sources)  # before the worker starts, because this may raise
        self._worker.start(self._config)
        self._plan_maintenance()
        self._log.info("started", pid=os.getpid(), sources=len(self._config.sources))
        self._warn()
        tasks = [
            loop.create_task(task) for task in (self._serve(), self._watcher.run(), self._check())
        ]
        notify("READY=1", f"STATUS={len(self._config.sources)} sources")
        try:
            stopped = loop.create_task(self._stopping.wait())
            await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            notify("STOPPING=1")
            self._stopping.set()
            self._timetable.stop()
            self._watcher.stop()
            await self._worker.stop()
            for task in tasks[1:]:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    self._log.error("internal error", problem=repr(result))
            self._application.close()
            self._callbacks.close()
            self._log.info("stopped")

    def stop(self) -> None:
        """Let ``run`` return."""
        self._log.info("stopping")
        self._stopping.set()

    def request(self, name: str) -> None:
        """Have the worker do what is due; what it is doing already, once more afterwards."""
        if name in self._pending:
            self._again.add(name)
            return
        if not name.startswith("*"):
            self._pending[name] = time.monotonic()
        if not self._batch:
            asyncio.get_running_loop().call_soon(self._send_batch)
        self._batch.append(name)

    def _send_batch(self) -> None:
        """Send what came due at the same time in one command."""
        names, self._batch = self._batch, []
        self._worker.send(Due(tuple(names)))

    def handle(self, event: WorkerEvent) -> None:
        """Handle an event from the worker."""
        if isinstance(event, StoreReplaced):
            self._plan_again(self._config.sources)
        elif isinstance(event, RestartMe) and not self._is_restarting():
            loop = asyncio.get_running_loop()
            self._restarting = loop.create_task(self._restart_grown_worker())
        elif isinstance(event, PollNow):
            for name in event.names:
                self._poll_now(name)
        elif isinstance(event, Polled):
            self._finish(event)

    def _finish(self, polled: Polled) -> None:
        """Note that a source was polled, and plan its next poll."""
        name = polled.name
        self._pending.pop(name, None)
        if polled.status != "waiting":
            self._metrics.fetched(polled.status, polled.seconds)
        if name in self._again:
            self._again.discard(name)
            self.request(name)
        source = self._config.by_id.get(name)
        if source is not None and polled.due is not None:
            self._timetable.plan(name, polled.due, self._longest(source))

    def _poll_now(self, name: str) -> None:
        """Poll a source before it is due, though not too often, because hubs cause this."""
        source = self._config.by_id.get(name)
        if source is None:
            return
        since = time.monotonic() - self._hinted.get(name, -_HINT_INTERVAL)
        if since >= _HINT_INTERVAL:
            self._hinted[name] = time.monotonic()
            self.request(name)
        else:
            later = utc_now() + timedelta(seconds=_HINT_INTERVAL - since)
            self._timetable.plan(name, later, self._longest(source))

    def _lag(self) -> float:
        """By how many seconds the oldest pending source is late."""
        oldest = next(iter(self._pending.values()), None)
        return 0.0 if oldest is None else time.monotonic() - oldest

    # The schedule.

    def _plan(self, sources: Sequence[Source]) -> None:
        """Plan sources as stored; those that the store does not know are due now."""
        now = utc_now()
        # Files are cheap to check, and may have changed while no daemon was running.
        unknown = {source.id: source for source in sources}
        with open_store(self._config.store) as store:
            newest = newest_attempt(store)
            for name, due, is_gone, tried in due_times(store, now):
                if name not in unknown or not unknown[name].is_remote:
                    continue
                source = unknown.pop(name)
                if not is_gone:  # else for good; a new location is a new visit
                    due = corrected_for_clock_change(
                        due or now, tried=tried, newest=newest, now=now
                    )
                    self._timetable.plan(name, due, self._longest(source))
        for source in unknown.values():
            self._timetable.plan(source.id, now, self._longest(source))

    def _plan_again(self, sources: Sequence[Source]) -> None:
        """Plan as ``_plan`` does, or for now where the store cannot be read: the worker waits."""
        try:
            self._plan(sources)
            self._troubles.end("the store")
        except StoreError as error:
            self._troubles.begin("the store", str(error))
            for source in sources:
                self._timetable.plan(source.id, utc_now(), self._longest(source))

    def _longest(self, source: Source) -> int:
        """Seconds ahead of which a source is never due: at most a week, as ``Retry-After`` may."""
        return max(2 * source.shortest_interval, 2 * self._config.fetch.longest_interval, 7 * _DAY)

    def _plan_maintenance(self) -> None:
        now = utc_now()
        soon = now + timedelta(minutes=10)
        self._timetable.repeat(ALARMS, 600, first=now + timedelta(minutes=1))
        self._timetable.repeat(UPKEEP, _DAY, first=soon)
        self._timetable.forget(RETENTION)
        if any(s.keep_days or s.keep_entries for s in self._config.sources):
            self._timetable.repeat(RETENTION, _DAY, first=now + timedelta(minutes=5))
        self._timetable.forget(BACKUP)
        if self._config.backup.folder is not None:
            self._timetable.repeat(BACKUP, self._config.backup.interval, first=soon)

    # The worker.

    async def _check(self) -> None:
        """Check the clock and the worker now and then, and notify the service manager."""
        watchdog = watchdog_seconds()
        pause = min(_CHECK, watchdog / 3) if watchdog else _CHECK
        while not self._stopping.is_set():
            await self._pause(pause)
            if jumped := self._timetable.check_clock():
                self._log.warning("clock was set", by_seconds=round(jumped))
            if self._is_restarting() or self._stopping.is_set():
                continue
            if not self._worker.is_well():
                self._troubles.begin("the worker", "ended or stalled; restarting it")
                self._restart_worker()
            elif self._worker.is_working:
                self._troubles.end("the worker")
                notify("WATCHDOG=1")

    def _is_restarting(self) -> bool:
        return self._restarting is not None and not self._restarting.done()

    async def _restart_grown_worker(self) -> None:
        self._log.info("restarting worker to free memory")
        await self._worker.stop()
        if not self._stopping.is_set():
            self._restart_worker()

    def _restart_worker(self) -> None:
        self._worker.restart(self._config)
        self._worker.send(Due(tuple(self._pending)))

    # The server.

    async def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                await serve(
                    self._application,
                    *self._config.listen,
                    until=self._stopping,
                    on_listening=lambda found: log_addresses(self._log, found),
                )
                self._troubles.end("the server")
            except ConfigError as error:
                self._troubles.begin("the server", str(error))
                await self._pause(_RETRY)

    def _site(self) -> ServedSite:
        callback = self._config.websub.callback
        self._callbacks.path = urlsplit(callback).path.encode() if callback is not None else None
        self._callbacks.max_body = self._config.fetch.max_download
        return site_of(self._config, self._state, self._metrics, self._callbacks)

    def _warn(self) -> None:
        if problem := unreachable_base(self._config.base_url, self._config.websub.hub):
            self._log.warning("hub may not reach this server", problem=problem)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    # A new configuration.

    def _reload(self) -> None:
        """Read the configuration file again; keep the old configuration if it is invalid."""
        notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            new = load(self._config.file)
        except ConfigError as error:
            for problem in error.problems:
                self._log.error("configuration not used", problem=problem)
        else:
            self._configure(new)
        notify("READY=1", f"STATUS={len(self._config.sources)} sources")

    def _configure(self, new: Config) -> None:
        old = self._config
        fixed = {name: getattr(old, name) for name in ("store", "output", "listen", "base_url")}
        in_file = {**fixed, "listen": self._file_listen}
        if any(getattr(new, name) != value for name, value in in_file.items()):
            self._log.warning("store, output, listen and base_url change at the next start only")
        self._config = replace(new, **fixed)
        for name in old.by_id.keys() - new.by_id.keys():
            self._timetable.forget(name)
            self._pending.pop(name, None)
            self._hinted.pop(name, None)
        changed = [source for source in new.sources if old.by_id.get(source.id) != source]
        self._worker.send(Configure(self._config))
        self._state.configure(self._config)
        self._application.site = self._site()
        self._plan_again(changed)
        self._plan_maintenance()
        self._watcher.configure(self._config)
        self._warn()
        self._log.info("configured", sources=len(new.sources), changed=len(changed))
