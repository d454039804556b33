"""Calls in a process of its own, which is ended when it takes too long.

For work on what strangers send: a document that stalls a parser, eats memory or crashes the
process costs that call and nothing else.  The process is started with the first call and serves
the next ones; it is not forked, since the caller may have a database open and threads running.
"""

import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Self, TypeVar

T = TypeVar("T")

MEMORY = 1_500_000_000
"""Bytes of address space that the process may have, where the system can hold it to that."""

_START = 30.0  # seconds in which a new process has to be ready
_END = 5.0


class LateError(Exception):
    """The call was ended: it took longer than it may."""


class DiedError(Exception):
    """The process ended in the middle of the call."""


class Apart:
    """A process for calls; a context manager, which ends it."""

    def __init__(self) -> None:
        self._process: Any = None
        self._line: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def call(self, function: Callable[..., T], *args: object, deadline: float) -> T:
        """What ``function``, importable by name, gives for ``args``, which can be pickled.

        Raises what it raises; ``LateError`` after ``deadline`` seconds, ``DiedError`` where the
        process died or ran out of memory.  Either way the next call has a new process.
        """
        try:
            line = self._line or self._begin()
            line.send((function, args, deadline))
            if not line.poll(deadline):
                raise LateError
            worked, result = line.recv()
        except LateError:
            self.end()
            raise
        except (EOFError, OSError) as error:
            self.end()
            raise DiedError from error
        if worked:
            return result  # type: ignore[no-any-return]  # it is what the function gave
        if isinstance(result, MemoryError | RecursionError):
            self.end()
            raise DiedError from result
        raise result

    def _begin(self) -> Connection:
        context = get_context("spawn")
        self._line, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,), daemon=True)
        try:
            process.start()
        finally:
            theirs.close()
        self._process = process
        if not self._line.poll(_START):
            raise EOFError
        self._line.recv()
        return self._line

    def end(self) -> None:
        """End the process, whatever it is doing."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            self._process.kill()
            self._process.join(_END)
            self._process.close()
            self._process = None


def _serve(line: Connection) -> None:
    """Take calls until the other end closes.  An interrupt is for the first process alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()
    line.send(None)
    with suppress(EOFError, OSError):
        while True:
            function, args, deadline = line.recv()
            _alarm(deadline + _END)
            try:
                answer = True, function(*args)
            except Exception as error:  # handed to the caller, who decides
                answer = False, error
            _alarm(0.0)
            try:
                line.send(answer)
            except (AttributeError, TypeError, ValueError) as error:  # it cannot be pickled
                line.send((False, RuntimeError(f"{type(error).__name__}: {error}")))


def _alarm(seconds: float) -> None:
    """Have this process end after so many seconds, should the one that called it be gone."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    with suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
