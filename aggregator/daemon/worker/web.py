"""The worker thread that polls web servers."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from aggregator.config import Source
from aggregator.daemon.worker.cluster import ClusterConnection
from aggregator.daemon.worker.thread import Shared, WorkerThread
from aggregator.errors import ClusterError
from aggregator.fetch.host_limiter import HostMemory
from aggregator.ingest.run import ingest_remote
from aggregator.model import SourceReport

_TICK = 0.5
_SESSION = 300.0  # seconds after which the fetching thread is replaced by a new one
_IDLE = 20.0  # seconds without anything due after which it ends


class _StoppedError(Exception):
    """The worker stops, or its configuration or store is replaced: cancel what is under way."""


class WebThread(WorkerThread):
    """Polls the sources that are due, each as soon as it is, and ingests what they have."""

    def __init__(self, shared: Shared) -> None:
        super().__init__("web", shared)
        self._under_way: dict[str, float] = {}
        self._hosts = HostMemory()
        self._cluster = ClusterConnection(self._troubles)

    def run(self) -> None:
        """Work until stopped, and end the connection to the cluster."""
        try:
            super().run()
        finally:
            self._cluster.close()

    def _work(self) -> None:
        self._woken.wait(_TICK)
        self._woken.clear()
        # What was under way in a session that failed or was cancelled is polled again.
        self._waiting.extendleft(self._under_way)
        self._under_way.clear()
        if not self._waiting:
            return
        workers = self._cluster.workers(self._shared.config)
        with self._busy(), self._session(workers) as (run, is_over):
            run.hosts = self._hosts
            started = self._active = time.monotonic()
            sources = run.config.by_id

            def due(room: int) -> list[Source] | None:
                self.beat()
                # Requests may wait for their hosts for long, and others come due meanwhile: such a
                # session goes on, or is cancelled.
                if self._under_way:
                    if is_over():
                        raise _StoppedError
                else:
                    moment = time.monotonic()
                    is_idle = not self._waiting and moment - self._active > _IDLE
                    if is_idle or is_over() or moment - started > _SESSION:
                        return None
                return [source for _ in range(room) for source in self._next(sources, is_over)]

            try:
                ingest_remote(run, due, self._done, on_fault=self._failed)
            except _StoppedError:
                return
            except ClusterError as error:
                self._cluster.note_lost(error)
                return
            run.index.write_out()

    @contextmanager
    def _busy(self) -> Iterator[None]:
        self._is_busy = True
        try:
            yield
        finally:
            self._is_busy = bool(self._under_way)

    def _next(self, sources: Mapping[str, Source], is_over: Callable[[], bool]) -> Iterator[Source]:
        """Yield the next source that is due, if there is one."""
        if self._waiting:
            if self._waiting[0] not in sources and is_over():
                return  # a source of another configuration, which the next session has
            name = self._waiting.popleft()
            if name in sources and name not in self._under_way:
                self._under_way[name] = time.monotonic()
                yield sources[name]

    def _done(self, report: SourceReport, due: datetime | None) -> None:
        self._active = time.monotonic()
        started = self._under_way.pop(report.id, self._active)
        self._report(report, self._active - started, due)
        self.note_well()

    def _failed(self, source: Source) -> None:
        self._under_way.pop(source.id, None)
        self._give_up(source)
