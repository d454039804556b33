"""Reads documents one after the other, in this process or in child processes.

While this process writes one document to the store, others can read the next ones.  Starting them
is worth it only for many documents; the order and the results are the same either way.
"""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Self

from aggregator.errors import ClusterError
from aggregator.ingest.jobs import Job, ReadResult, Rules
from aggregator.ingest.sandbox import KillableProcess
from aggregator.model import Document
from aggregator.workers import Workers

if TYPE_CHECKING:
    from concurrent.futures import Future

    _Chunk = tuple[list[Job], bytes, Future[list[bytes | None] | None] | None]

MANY = 200
"""From so many documents on it is worth starting a process."""

RISKY = 10_000
"""Bytes of a document up to which even a call whose time grows as the square takes no seconds."""

_CHUNK = 4
_GRACE = 5.0
_AHEAD = 2  # chunks that may wait for this process, which limits the memory they take


class Readers:
    """Reads documents; a context manager, which ends the processes that it started.

    ``begin`` is called with a document that is risky, before it is read in this process, and
    returns whether a process ended that was reading the same one.  ``workers`` are the other
    processes; by default there are none.
    """

    def __init__(
        self,
        rules: Rules,
        begin: Callable[[Document], bool] = lambda _document: False,
        *,
        workers: Workers | None = None,
    ) -> None:
        self._rules = rules
        self.workers = workers or Workers(1)
        self._begin = begin
        self._process = KillableProcess()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()

    def start(self) -> None:
        """Have another process import what reading takes, before there are documents."""
        if self.workers.others and not self.workers.is_started:
            self.workers.submit(read_packed, b"\x90", self.rules_key, self.packed_rules)

    def each(
        self, jobs: Iterable[Job], *, alone: int | None = None
    ) -> Iterator[tuple[Job, ReadResult]]:
        """Yield each of ``jobs`` with its result, in order.

        The first ``alone`` are read in this process, each as soon as it comes, unless others are
        started already; and the others in other processes, in chunks.  None for all in this one.
        """
        waiting = iter(jobs)
        alone = 0 if alone is not None and self.workers.is_started else alone
        yield from ((job, self.one(job)) for job in islice(waiting, alone))
        under_way: deque[_Chunk] = deque()
        while True:
            most = _AHEAD + self.workers.others if self.workers.others else 0
            while len(under_way) < most and (chunk := list(islice(waiting, _CHUNK))):
                under_way.append(self._submit(chunk))
            if not under_way:
                break
            yield from self._results(*under_way.popleft())
        yield from ((job, self.one(job)) for job in waiting)

    def one(self, job: Job) -> ReadResult:
        """Read one document in this process, unless that may end it."""
        is_risky = len(job.document.body) > RISKY
        if is_risky and self._begin(job.document):
            return _read(job, self._rules, self._process, is_suspect=True)
        if is_risky:
            return _read_or_end(job, self._rules, self._process)
        return _read(job, self._rules, self._process)

    def apart(self, job: Job) -> ReadResult:
        """Read one document in a process that can be killed."""
        return _read(job, self._rules, self._process, is_suspect=True)

    @cached_property
    def packed_rules(self) -> bytes:
        """The rules as bytes."""
        from aggregator.ingest.transfer import pack_rules

        return pack_rules(self._rules)

    @cached_property
    def rules_key(self) -> bytes:
        """By what another process finds the rules that it was sent before."""
        from aggregator.ingest.transfer import rules_key

        return rules_key(self.packed_rules)

    def _submit(self, chunk: list[Job]) -> "_Chunk":
        """Have documents read in another process; without a future they are to be read here."""
        from aggregator.ingest.transfer import pack_jobs

        packed = pack_jobs(chunk)
        if packed is None:
            return chunk, b"", None
        return chunk, packed, self.workers.submit(read_packed, packed, self.rules_key, None)

    def _results(
        self, chunk: list[Job], packed: bytes, future: "Future[list[bytes | None] | None] | None"
    ) -> Iterator[tuple[Job, ReadResult]]:
        """Yield the results of another process; if it died, read each document apart."""
        from aggregator.ingest.transfer import unpack_result

        results: list[bytes | None] | None = [None] * len(chunk)
        try:
            if future is not None:
                results = future.result()
            if results is None:
                again = self.workers.submit(read_packed, packed, self.rules_key, self.packed_rules)
                results = again.result()
            assert results is not None
        except ClusterError:
            raise
        except Exception:  # each executor has its own for a process that died
            for job in chunk:
                yield job, self.apart(job)
            return
        for job, result in zip(chunk, results, strict=True):
            yield job, unpack_result(result) if result is not None else self.one(job)


def _read(
    job: Job, rules: Rules, process: KillableProcess, *, is_suspect: bool = False
) -> ReadResult:
    """Read a document; what that takes is imported with the first one."""
    from aggregator.ingest.read import read

    return read(job, rules, process, is_suspect=is_suspect)


class _Sandbox(threading.local):
    """The process of each thread for documents that may end the one in which they are read."""

    def __init__(self) -> None:
        self.process = KillableProcess()


_sandbox = _Sandbox()


def read_packed(jobs: bytes, key: bytes, rules: bytes | None) -> list[bytes | None] | None:
    """Read documents in another process; all is as ``transfer`` packs it, and so are results.

    A result that cannot be packed is None; all are if the rules of ``key`` are not known here, and
    have to come with the documents.
    """
    import aggregator.ingest.read  # noqa: F401 - also where there are no documents yet
    from aggregator.ingest.transfer import known_rules, pack_result, unpack_jobs

    known = known_rules(key, rules)
    if known is None:
        return None
    return [pack_result(read_elsewhere(job, known)) for job in unpack_jobs(jobs)]


def read_elsewhere(job: Job, rules: Rules) -> ReadResult:
    """Read a document in a process that works for another one, and may end."""
    process = _sandbox.process
    if threading.current_thread() is threading.main_thread():
        return _read_or_end(job, rules, process)
    if len(job.document.body) <= RISKY or not hasattr(time, "pthread_getcpuclockid"):
        return _read(job, rules, process)
    spent = time.pthread_getcpuclockid(threading.get_ident())
    most = time.clock_gettime(spent) + rules.document_timeout
    is_done = threading.Event()

    def watch() -> None:
        while not is_done.wait(2 * rules.document_timeout + _GRACE):
            if time.clock_gettime(spent) > most:  # it does not wait for a process
                os._exit(1)

    threading.Thread(target=watch, name="watch", daemon=True).start()
    try:
        return _read(job, rules, process)
    finally:
        is_done.set()


def _read_or_end(job: Job, rules: Rules, process: KillableProcess) -> ReadResult:
    """Read a document, and end this process if a call into C goes on long after the deadline."""
    if threading.current_thread() is not threading.main_thread():
        return _read(job, rules, process)  # the processor time would be that of others, too
    _end_after_work(2 * rules.document_timeout + _GRACE)
    try:
        return _read(job, rules, process)
    finally:
        _end_after_work(0)


def _end_after_work(seconds: float) -> None:
    """Have this process end after so many seconds of processor time; 0 for never."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)
