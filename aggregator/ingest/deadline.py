"""Limits the time of one document's work, whatever that is doing.

``Deadline`` counts on the monotonic clock.  What runs within ``enforced`` is interrupted by
``OverdueError`` when its time is over: in the main thread by a signal, which also ends a regular
expression, and in other threads between two steps of Python.  A single call of a library in C that
does not look for signals is interrupted when it returns (docs/decisions/deadline.md).
"""

import ctypes
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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

    @contextmanager
    def enforced(self) -> Iterator[None]:
        """Raise ``OverdueError`` within as soon as no time is left, or at the end if none is.

        An error that occurs afterwards, such as that of an interrupted query, becomes one too.
        """
        seconds = max(self._end - self._clock(), 0.001)
        try:
            stop = _interrupt_after(seconds)
            try:
                try:
                    yield
                finally:
                    stop()
            finally:
                stop()  # the interrupt may have ended the first call
        except Exception as error:
            if self.is_over():
                raise OverdueError from error
            raise
        if self.is_over():
            raise OverdueError


def _interrupt_after(seconds: float) -> Callable[[], None]:
    """Have ``OverdueError`` raised in this thread; return a function that prevents that."""
    is_main = threading.current_thread() is threading.main_thread()
    return (_by_signal if is_main and hasattr(signal, "setitimer") else _by_thread)(seconds)


def _by_signal(seconds: float) -> Callable[[], None]:
    def ring(_number: int, _frame: object) -> None:
        raise OverdueError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)

    def stop() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    return stop


def _by_thread(seconds: float) -> Callable[[], None]:
    thread = ctypes.c_ulong(threading.get_ident())
    lock = threading.Lock()
    is_done = threading.Event()

    set_exception = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def ring() -> None:
        wait = seconds
        while not is_done.wait(wait):
            wait = _AGAIN
            with lock:
                if not is_done.is_set():
                    set_exception(thread, ctypes.py_object(OverdueError))

    def stop() -> None:
        with lock:
            is_done.set()
            set_exception(thread, None)  # one that was not raised yet

    threading.Thread(target=ring, name="deadline", daemon=True).start()
    return stop
