"""The lane that asks servers."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from aggregator.config import Source
from aggregator.daemon.worker.lane import Lane, Shared
from aggregator.ingest.run import take_visit
from aggregator.store.times import utc_now

_TICK = 0.5
_SESSION = 300.0  # seconds after which the thread that fetches begins anew, with the time of then
_IDLE = 20.0  # seconds without anything due after which it ends


class Web(Lane):
    """Asks servers for what is due, each as soon as it is, and takes in what comes."""

    def __init__(self, shared: Shared) -> None:
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
        from aggregator.ingest import polling

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

            visits = polling.visit_as_due(run.config, run.store, due, now=utc_now())
            with closing(visits):
                for came in visits:
                    self.beat()
                    if self._shared.is_stopping.is_set():
                        return
                    if came is not None:
                        run.now = utc_now()
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
