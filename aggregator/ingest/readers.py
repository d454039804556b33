"""Reads documents one after the other, in this process or in child processes.

While this process writes one document to the store, others can read the next ones.  Starting them
is worth it only for many documents; the order and the results are the same either way.
"""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Self

from aggregator.ingest.jobs import Job, ReadResult, Rules
from aggregator.ingest.sandbox import KillableProcess, end_with_parent
from aggregator.model import Document

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

MANY = 200
"""From so many documents on it is worth starting a process."""

RISKY = 10_000
"""Bytes of a document up to which even a call whose time grows as the square takes no seconds."""

_CHUNK = 10
_GRACE = 5.0
_AHEAD = 3  # chunks that may wait for this process, which limits the memory they take


def _processors() -> Collection[int]:
    """Return the processors that this process may use, which a container may limit."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return range(os.cpu_count() or 1)


class Readers:
    """Reads documents; a context manager, which ends the processes that it started.

    ``begin`` is called with a document that is risky, before it is read in this process, and
    returns whether a process ended that was reading the same one.  ``workers`` are the processes
    that may work at the same time, this one included; None for one for each processor.
    """

    def __init__(
        self,
        rules: Rules,
        begin: Callable[[Document], bool] = lambda _document: False,
        *,
        workers: int | None = None,
    ) -> None:
        self._rules = rules
        self._others = (workers or len(_processors())) - 1
        self._begin = begin
        self._pool: ProcessPoolExecutor | None = None
        self._process = KillableProcess()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def each(
        self, jobs: Iterable[Job], *, alone: int | None = None
    ) -> Iterator[tuple[Job, ReadResult]]:
        """Yield each of ``jobs`` with its result, in order.

        The first ``alone`` are read in this process, each as soon as it comes, and the others in
        other processes, in chunks; None for all in this process.
        """
        waiting = iter(jobs)
        if alone is None or self._others < 1:
            yield from ((job, self.one(job)) for job in waiting)
            return
        yield from ((job, self.one(job)) for job in islice(waiting, alone))
        under_way: deque[tuple[list[Job], Future[list[ReadResult]]]] = deque()
        while True:
            while len(under_way) < _AHEAD + self._others and (
                chunk := list(islice(waiting, _CHUNK))
            ):
                under_way.append((chunk, self._submit(chunk)))
            if not under_way:
                return
            chunk, future = under_way.popleft()
            yield from zip(chunk, self._result(chunk, future), strict=True)

    def one(self, job: Job) -> ReadResult:
        """Read one document in this process, unless that may end it."""
        is_risky = len(job.document.body) > RISKY
        if is_risky and self._begin(job.document):
            return _read(job, self._rules, self._process, is_suspect=True)
        if is_risky and threading.current_thread() is threading.main_thread():
            return _read_or_end(job, self._rules, self._process)
        return _read(job, self._rules, self._process)

    def _submit(self, chunk: list[Job]) -> "Future[list[ReadResult]]":
        if self._pool is None:
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import get_context

            # Not forked: this process has a database open.
            self._pool = ProcessPoolExecutor(
                max_workers=self._others,
                mp_context=get_context("spawn"),
                initializer=_set_up,
                initargs=(self._rules,),
            )
        return self._pool.submit(_read_chunk, chunk)

    def _result(self, chunk: list[Job], future: "Future[list[ReadResult]]") -> list[ReadResult]:
        """Return what the other process read; if it died, read each apart, to find the culprit."""
        from concurrent.futures.process import BrokenProcessPool

        try:
            return future.result()
        except BrokenProcessPool:
            self._pool = None
            return [_read(job, self._rules, self._process, is_suspect=True) for job in chunk]


def _read(
    job: Job, rules: Rules, process: KillableProcess, *, is_suspect: bool = False
) -> ReadResult:
    """Read a document; what that takes is imported with the first one."""
    from aggregator.ingest.read import read

    return read(job, rules, process, is_suspect=is_suspect)


_state: tuple[Rules, KillableProcess] | None = None


def _set_up(rules: Rules) -> None:
    """Set up the other process; the first one handles interrupts and ends this one."""
    global _state  # a process of a pool has no other place for its state
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    _state = rules, KillableProcess()


def _read_chunk(chunk: list[Job]) -> list[ReadResult]:
    assert _state is not None
    return [_read_or_end(job, *_state) for job in chunk]


def _read_or_end(job: Job, rules: Rules, process: KillableProcess) -> ReadResult:
    """Read a document, and end this process if a call into C goes on long after the deadline."""
    _end_after_work(2 * rules.document_timeout + _GRACE)
    try:
        return _read(job, rules, process)
    finally:
        _end_after_work(0)


def _end_after_work(seconds: float) -> None:
    """Have this process end after so many seconds of processor time; 0 for never."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)
