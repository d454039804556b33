"""The daemon: the timetable, the HTTP server, and a worker that does what is due.

``run`` stays until SIGTERM or SIGINT, and reads the configuration again at SIGHUP.  This process
serves and keeps the time; reading and writing happen in another (``worker``), which is begun again
whenever it ends.  Only one daemon works on a store.
"""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, timedelta
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from watchfiles import awatch

from aggregator import logs
from aggregator.config import Config, Source, load
from aggregator.daemon.lock import only_daemon
from aggregator.daemon.systemd import notify, watchdog_seconds
from aggregator.daemon.timetable import Timetable, by_this_clock
from aggregator.daemon.worker.orders import (
    ALARMS,
    BACKUP,
    RETENTION,
    UPKEEP,
    Configure,
    Delivered,
    Due,
    Grown,
    Replaced,
    Visited,
    Wanted,
)
from aggregator.daemon.worker_process import WorkerProcess
from aggregator.errors import ConfigError, StoreError
from aggregator.fetch.guard import unreachable_base
from aggregator.logs import Troubles
from aggregator.store import open_store
from aggregator.store.documents import SourceState, source_states
from aggregator.store.times import utc_now
from aggregator.store.visits import visits
from aggregator.web.app import app
from aggregator.web.callbacks import Callbacks
from aggregator.web.metrics import Metrics
from aggregator.web.run import log_addresses, site_of
from aggregator.web.server import serve
from aggregator.web.site import ServedSite
from aggregator.web.state import State
from aggregator.websub.inbox import Inbox

_LOOK = 5.0  # seconds between two looks at the clock and at the worker
_RETRY = 5.0  # seconds until a port is tried again
_QUIET = 1.0  # seconds in which a file must not change before it is taken for whole
_ASK_AGAIN = 60.0  # seconds at the least between two visits that a hub brings about
_DAY = 86_400


def run(config: Config) -> None:
    """Be the daemon of ``config`` until told to stop.

    Raises ``StoreError`` where the store cannot be had, or has a daemon already.
    """
    logs.configure()
    with only_daemon(config.store):
        asyncio.run(_Daemon(config).run())


class _Daemon:
    def __init__(self, config: Config) -> None:
        self._config = config
        self._listen = _listen_of_file(config)
        self._log = structlog.get_logger("aggregator.daemon")
        self._troubles = Troubles(self._log)
        self._stopping = asyncio.Event()
        self._changed = asyncio.Event()  # which folders are to be watched
        self._told: dict[str, float] = {}  # what is due and not done yet, and since when
        self._again: set[str] = set()  # what came due meanwhile
        self._gathered: list[str] = []  # what came due just now
        self._asked: dict[str, float] = {}  # when a hub had us ask a source
        self._metrics = Metrics()
        self._state = State(config, self._metrics, now=utc_now, lag=self._lag)
        self._timetable = Timetable(
            AsyncIOScheduler(timezone=UTC), self._begin, now=utc_now, steady=time.monotonic
        )
        self._worker = WorkerProcess(self._hear)
        self._renewal: asyncio.Task[None] | None = None
        self._callbacks = Callbacks(
            Inbox(config.store, utc_now),
            utc_now,
            on_delivery=lambda: self._worker.send(Delivered()),
            on_hint=self._ask_now,
        )

    async def run(self) -> None:
        """Work until told to stop."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        self._application = app(self._site(), now=utc_now)
        self._timetable.start()
        self._plan(self._config.sources)  # before there is a worker, for this may raise
        self._worker.start(self._config)
        self._keep_house()
        self._log.info("started", pid=os.getpid(), sources=len(self._config.sources))
        self._warn()
        tasks = [loop.create_task(task) for task in (self._serve(), self._watch(), self._look())]
        notify("READY=1", f"STATUS={len(self._config.sources)} sources")
        try:
            stopped = loop.create_task(self._stopping.wait())
            await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            notify("STOPPING=1")
            self._stopping.set()
            self._timetable.stop()
            await self._worker.stop()
            for task in tasks[1:]:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    self._log.error("internal error", problem=repr(result))
            self._application.close()
            self._callbacks.close()
            self._log.info("stopped")

    def _warn(self) -> None:
        if problem := unreachable_base(self._config.base_url, self._config.websub.hub):
            self._log.warning("the hub may not reach us", problem=problem)

    def _stop(self) -> None:
        self._log.info("stopping")
        self._stopping.set()

    def _site(self) -> ServedSite:
        callback = self._config.websub.callback
        self._callbacks.path = urlsplit(callback).path.encode() if callback is not None else None
        self._callbacks.max_body = self._config.fetch.max_download
        return site_of(self._config, self._state, self._metrics, self._callbacks)

    # what is due

    def _plan(self, sources: Sequence[Source]) -> None:
        """Plan sources as the store remembers them; what it does not know is due now."""
        with open_store(self._config.store) as store:
            states, visited = source_states(store), visits(store)
        now = utc_now()
        newest = max((s.last_attempt for s in states.values() if s.last_attempt), default=None)
        for source in sources:
            state = states.get(source.id, SourceState())
            visit = visited.get(source.id)
            # Files cost nothing to look at, and may have come while nobody did.
            due = None
            if source.is_remote and visit is not None:
                if visit.gone is not None:
                    continue  # the worker says so once; a new location is a new visit
                due = visit.due
            if due is not None:
                due = by_this_clock(due, tried=state.last_attempt, newest=newest, now=now)
            self._timetable.plan(source.id, due or now, self._longest(source))

    def _plan_again(self, sources: Sequence[Source]) -> None:
        """Plan as ``_plan`` does, or for now where the store cannot be had: the worker waits."""
        try:
            self._plan(sources)
            self._troubles.end("the store")
        except StoreError as error:
            self._troubles.begin("the store", str(error))
            for source in sources:
                self._timetable.plan(source.id, utc_now(), self._longest(source))

    def _longest(self, source: Source) -> int:
        """Seconds ahead of which a source is never due: a week's ``Retry-After`` at the most."""
        return max(2 * source.interval, 2 * self._config.fetch.longest_interval, 7 * _DAY)

    def _keep_house(self) -> None:
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

    def _begin(self, name: str) -> None:
        """Have the worker do what is due; what it is doing already, once more afterwards."""
        if name in self._told:
            self._again.add(name)
            return
        if not name.startswith("*"):
            self._told[name] = time.monotonic()
        if not self._gathered:
            asyncio.get_running_loop().call_soon(self._send_due)
        self._gathered.append(name)

    def _ask_now(self, name: str) -> None:
        """Have a source visited before it is due, though not all the time: hubs bring it about."""
        for source in self._config.sources:
            if source.id == name:
                since = time.monotonic() - self._asked.get(name, -_ASK_AGAIN)
                if since >= _ASK_AGAIN:
                    self._asked[name] = time.monotonic()
                    self._begin(name)
                else:
                    later = utc_now() + timedelta(seconds=_ASK_AGAIN - since)
                    self._timetable.plan(name, later, self._longest(source))

    def _send_due(self) -> None:
        """Tell the worker of all that came due at once, at once."""
        names, self._gathered = self._gathered, []
        self._worker.send(Due(tuple(names)))

    def _hear(self, word: object) -> None:
        """Take word from the worker."""
        if isinstance(word, Replaced):
            self._plan_again(self._config.sources)
        if isinstance(word, Grown) and not self._is_renewing():
            self._renewal = asyncio.get_running_loop().create_task(self._renew_worker())
        if isinstance(word, Wanted):
            for name in word.names:
                self._ask_now(name)
        if not isinstance(word, Visited):
            return
        self._told.pop(word.name, None)
        self._metrics.fetched(word.status, word.seconds)
        if word.name in self._again:
            self._again.discard(word.name)
            self._begin(word.name)
        for source in self._config.sources:
            if source.id == word.name and word.due is not None:
                self._timetable.plan(word.name, word.due, self._longest(source))

    def _is_renewing(self) -> bool:
        return self._renewal is not None and not self._renewal.done()

    async def _renew_worker(self) -> None:
        """Have another worker in the place of one that holds too much."""
        self._log.info("the worker begins anew, to give back its memory")
        await self._worker.stop()
        if not self._stopping.is_set():
            self._begin_worker_again()

    def _begin_worker_again(self) -> None:
        self._worker.restart(self._config)
        self._worker.send(Due(tuple(self._told)))

    def _lag(self) -> float:
        """By how many seconds the oldest of what is due and not done is behind."""
        began = min(self._told.values(), default=None)
        return 0.0 if began is None else time.monotonic() - began

    # what goes on beside

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

    async def _look(self) -> None:
        """Look at the clock and at the worker now and then, and say that all is well."""
        wanted = watchdog_seconds()
        pause = min(_LOOK, wanted / 3) if wanted else _LOOK
        while not self._stopping.is_set():
            await self._pause(pause)
            if jumped := self._timetable.look_at_the_clock():
                self._log.warning("the clock was set", by_seconds=round(jumped))
            if self._is_renewing() or self._stopping.is_set():
                continue
            if not self._worker.is_well():
                self._troubles.begin("the worker", "ended or stalled; it is begun again")
                self._begin_worker_again()
            elif self._worker.has_spoken:
                self._troubles.end("the worker")
                notify("WATCHDOG=1")

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _watch(self) -> None:
        """Read a source of files soon after one of them was written whole."""
        has_missed = False  # what was written while no folder was watched
        while not self._stopping.is_set():
            self._changed.clear()
            folders = sorted({str(folder) for folder, _ in self._watched() if folder.is_dir()})
            if not folders:
                await self._pause(30.0)
                continue
            try:
                over = asyncio.Event()
                ended = asyncio.create_task(self._until_changed(over))
                async for changes in awatch(
                    *folders,
                    stop_event=over,
                    step=200,
                    rust_timeout=2000,
                    yield_on_timeout=True,
                    raise_interrupt=False,
                ):
                    if has_missed:
                        has_missed = False
                        for _, source in self._watched():
                            self._begin(source.id)
                    await self._once_whole({path for _, path in changes})
                    if not all(os.path.isdir(folder) for folder in folders):
                        break
                ended.cancel()
                has_missed = True
            except (OSError, RuntimeError) as error:
                self._troubles.begin("watching files", str(error))
                await self._pause(30.0)

    async def _until_changed(self, over: asyncio.Event) -> None:
        """Set ``over`` once the daemon stops or is configured anew."""
        waits = [asyncio.create_task(e.wait()) for e in (self._stopping, self._changed)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.set()
            for wait in waits:
                wait.cancel()

    def _watched(self) -> list[tuple[Path, Source]]:
        """The folders of the sources of files."""
        found = []
        for source in self._config.sources:
            if not source.is_remote:
                wanted = self._config.folder / Path(source.location).expanduser()
                while any(sign in str(wanted) for sign in "*?["):
                    wanted = wanted.parent
                found.append((wanted if wanted.is_dir() else wanted.parent, source))
        return found

    async def _once_whole(self, paths: set[str]) -> None:
        """Have the sources of ``paths`` read, once none of them changes any more."""
        touched = {
            source.id: {path for path in paths if self._is_of(path, source)}
            for _, source in self._watched()
        }
        concerned = set().union(*touched.values())
        before = None
        while concerned and before != (before := _states(concerned)):
            await self._pause(_QUIET)
        for name, found in touched.items():
            if found and not self._stopping.is_set():
                self._begin(name)

    def _is_of(self, path: str, source: Source) -> bool:
        wanted = str(self._config.folder / Path(source.location).expanduser())
        hidden = os.path.basename(path).startswith(".")
        return not hidden and (path == wanted or fnmatch(path, wanted))

    # a new configuration

    def _reload(self) -> None:
        """Take the configuration as its file is now, or keep the old one and say why."""
        notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            new = load(self._config.file)
        except ConfigError as error:
            for problem in error.problems:
                self._log.error("the configuration is not used", problem=problem)
        else:
            self._take(new)
        notify("READY=1", f"STATUS={len(self._config.sources)} sources")

    def _take(self, new: Config) -> None:
        old = self._config
        fixed = {name: getattr(old, name) for name in ("store", "output", "listen", "base_url")}
        begun_with = {**fixed, "listen": self._listen}
        if any(getattr(new, name) != value for name, value in begun_with.items()):
            self._log.warning("store, output, listen and base_url change with the next start only")
        self._config = replace(new, **fixed)
        before = {source.id: source for source in old.sources}
        now = {source.id: source for source in new.sources}
        for name in before.keys() - now.keys():
            self._timetable.forget(name)
            self._told.pop(name, None)
            self._asked.pop(name, None)
        changed = [source for source in new.sources if before.get(source.id) != source]
        self._worker.send(Configure(self._config))
        self._state.configure(self._config)
        self._application.site = self._site()
        self._plan_again(changed)
        self._keep_house()
        self._changed.set()
        self._warn()
        self._log.info("configured", sources=len(new.sources), changed=len(changed))


def _listen_of_file(config: Config) -> tuple[str, int]:
    """Where the file says to listen, which ``--listen`` may have overruled."""
    try:
        return load(config.file).listen
    except ConfigError:
        return config.listen


def _states(paths: set[str]) -> dict[str, tuple[int, int]]:
    """Size and time of change of each path that is there."""
    found = {}
    for path in paths:
        with suppress(OSError):
            status = os.stat(path)
            found[path] = status.st_size, status.st_mtime_ns
    return found
