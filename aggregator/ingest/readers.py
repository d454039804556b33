"""Reads documents one after the other, in this process or in a child process.

While this process writes one document to the store, another can read the next ones.  Starting that
process is worth it only for many documents; the order and the results are the same either way.
"""

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import Self

from aggregator.ingest.read import Job, ReadResult, Rules, read
from aggregator.ingest.sandbox import KillableProcess, end_with_parent

MANY = 200
"""From so many documents on it is worth starting a process."""

_CHUNK = 20
_GRACE = 5.0
_AHEAD = 6  # chunks that may wait for this process, which limits the memory they take


class Readers:
    """Reads documents; a context manager, which ends the processes that it started."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
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
        another process, in chunks; None for all in this process.
        """
        waiting = iter(jobs)
        if alone is None or (os.cpu_count() or 1) < 2:
            yield from ((job, self.one(job)) for job in waiting)
            return
        yield from ((job, self.one(job)) for job in islice(waiting, alone))
        under_way: deque[tuple[list[Job], Future[list[ReadResult]]]] = deque()
        while True:
            while len(under_way) < _AHEAD and (chunk := list(islice(waiting, _CHUNK))):
                under_way.append((chunk, self._submit(chunk)))
            if not under_way:
                return
            chunk, future = under_way.popleft()
            yield from zip(chunk, self._result(chunk, future), strict=True)

    def one(self, job: Job) -> ReadResult:
        """Read one document in this process."""
        return read(job, self._rules, self._process)

    def _submit(self, chunk: list[Job]) -> Future[list[ReadResult]]:
        if self._pool is None:
            # Not forked: this process has a database open.
            self._pool = ProcessPoolExecutor(
                max_workers=1,
                mp_context=get_context("spawn"),
                initializer=_set_up,
                initargs=(self._rules,),
            )
        return self._pool.submit(_read_chunk, chunk)

    def _result(self, chunk: list[Job], future: Future[list[ReadResult]]) -> list[ReadResult]:
        """Return what the other process read; if it died, read each apart, to find the culprit."""
        try:
            return future.result()
        except BrokenProcessPool:
            self._pool = None
            return [read(job, self._rules, self._process, is_suspect=True) for job in chunk]


_state: tuple[Rules, KillableProcess] | None = None


def _set_up(rules: Rules) -> None:
    """Set up the other process; the first one handles interrupts and ends this one."""
    global _state  # a process of a pool has no other place for its state
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    _state = rules, KillableProcess()


def _read_chunk(chunk: list[Job]) -> list[ReadResult]:
    assert _state is not None
    results = []
    for job in chunk:
        # Ends the process if the deadline cannot, because a call into C does not return.
        _end_after_work(_state[0].document_timeout + _GRACE)
        results.append(read(job, *_state))
    _end_after_work(0)
    return results


def _end_after_work(seconds: float) -> None:
    """Have this process end after so many seconds of processor time; 0 for never."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)
