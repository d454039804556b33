"""Limits the time of one document's work, whatever that is doing.

``Deadline`` counts on the monotonic clock.  What it runs is interrupted by ``OverdueError`` when
the time is over: in the main thread by a signal, which also ends a regular expression, and in other
threads between two steps of Python.  A single call of a library in C that does not look for signals
is interrupted when it returns (docs/decisions/deadline.md).
"""

import ctypes
import signal
import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_AGAIN = 1.0  # seconds until an interrupt that library code caught is repeated


class OverdueError(BaseException):
    """The time of a document is over.

    Not an ``Exception``, so that no library takes it for an error of its own.
    """


class Deadline:
    """The time that is left for a document; ``step`` is what is being done, for the message."""

    def __init__(
        self, seconds: float, step: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.step = step
        self._clock = clock
        self._started = clock()
        self._end = self._started + seconds

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._started

    def is_over(self) -> bool:
        """Whether no time is left."""
        return self._clock() >= self._end

    def run(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns; raise ``OverdueError`` as soon as no time is left.

        An error of ``work`` that occurs afterwards, such as that of an interrupted query, becomes
        one too.
        """
        is_main = threading.current_thread() is threading.main_thread()
        has_timer = is_main and hasattr(signal, "setitimer")
        interrupt = _SignalInterrupt() if has_timer else _ThreadInterrupt()
        try:
            # Not a context manager: an interrupt while that is entered would keep it from leaving.
            try:
                try:
                    interrupt.start(max(self._end - self._clock(), 0.001))
                    result = work()
                finally:
                    interrupt.stop()
            finally:
                interrupt.stop()  # the interrupt may have ended the first call
        except Exception as error:
            if self.is_over():
                raise OverdueError from error
            raise
        if self.is_over():
            raise OverdueError
        return result


class _SignalInterrupt:
    """Raises ``OverdueError`` in the main thread."""

    def __init__(self) -> None:
        self._before = signal.getsignal(signal.SIGALRM)

    def start(self, seconds: float) -> None:
        signal.signal(signal.SIGALRM, _raise)
        signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)


def _raise(_number: int, _frame: object) -> None:
    raise OverdueError


class _ThreadInterrupt:
    """Raises ``OverdueError`` in the thread that made it, from another thread."""

    def __init__(self) -> None:
        self._thread = ctypes.c_ulong(threading.get_ident())
        self._lock = threading.Lock()
        self._stopped = threading.Lock()  # simpler than an event, which an interrupt could break
        self._stopped.acquire()
        self._is_rung = False

    def start(self, seconds: float) -> None:
        threading.Thread(target=self._ring, args=(seconds,), name="deadline", daemon=True).start()

    def stop(self) -> None:
        with self._lock:
            if self._stopped.locked():
                self._stopped.release()
            is_rung, self._is_rung = self._is_rung, False
        if is_rung:
            self._take_in()

    def _take_in(self) -> None:
        """Raise here what may not have been raised yet.

        It cannot be taken back: Python 3.11 would then look for it at every step, and not get on at
        all while it traces.
        """
        try:
            self._raise()
            while True:
                pass
        except OverdueError:
            pass

    def _raise(self) -> None:
        error = ctypes.py_object(OverdueError)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(self._thread, error)

    def _ring(self, seconds: float) -> None:
        while not self._stopped.acquire(timeout=seconds):
            seconds = _AGAIN
            with self._lock:
                if self._stopped.locked():
                    self._is_rung = True
                    self._raise()
