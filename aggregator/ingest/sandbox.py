"""Calls functions in a process of their own, which is killed if they take too long.

For work on hostile input: a document that stalls a parser, eats memory or crashes the process costs
that call and nothing else.  The process is started by the first call and serves the next ones; it
is not forked, since the caller may have a database open and threads running.
"""

import signal
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from aggregator.workers import end_with_parent

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")

MEMORY = 1_500_000_000
"""Bytes of address space that the process may have, if the system can limit it."""

_START = 30.0  # seconds in which a new process has to be ready
_END = 5.0


class DeadlineError(Exception):
    """The call took longer than its deadline, and its process was killed."""


class ProcessDiedError(Exception):
    """The process ended during the call."""


class KillableProcess:
    """A process for calls; a context manager, which kills it."""

    def __init__(self) -> None:
        self._process: Any = None
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def call(self, function: Callable[..., T], *args: object, deadline: float) -> T:
        """Return what ``function``, importable by name, returns for ``args``, all picklable.

        Raises what it raises; ``DeadlineError`` after ``deadline`` seconds, ``ProcessDiedError`` if
        the process died or ran out of memory.  After either the next call has a new process.
        """
        try:
            connection = self._connection or self._start()
            connection.send((function, args, deadline))
            if not connection.poll(deadline):
                raise DeadlineError
            worked, result = connection.recv()
        except (EOFError, OSError) as error:
            self.kill()
            raise ProcessDiedError from error
        except BaseException:  # or else its answer would be taken for that of the next call
            self.kill()
            raise
        if worked:
            return result  # type: ignore[no-any-return]  # it is what the function returned
        if isinstance(result, MemoryError | RecursionError):
            self.kill()
            raise ProcessDiedError from result
        raise result

    def kill(self) -> None:
        """Kill the process, whatever it is doing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.kill()
            self._process.join(_END)
            self._process.close()
            self._process = None

    def _start(self) -> "Connection":
        from multiprocessing import get_context

        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,), daemon=True)
        try:
            process.start()
        finally:
            theirs.close()
        self._process = process
        if not self._connection.poll(_START):
            raise EOFError
        self._connection.recv()
        return self._connection


def _serve(connection: "Connection") -> None:
    """Serve calls until the other end closes; only the first process handles interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    _limit_memory()
    connection.send(None)
    with suppress(EOFError, OSError):
        while True:
            function, args, deadline = connection.recv()
            _end_after(deadline + _END)
            try:
                answer = True, function(*args)
            except Exception as error:  # handed to the caller, who decides
                answer = False, error
            _end_after(0.0)
            try:
                connection.send(answer)
            except (AttributeError, TypeError, ValueError) as error:  # it cannot be pickled
                connection.send((False, RuntimeError(f"{type(error).__name__}: {error}")))


def _end_after(seconds: float) -> None:
    """Have this process end after so many seconds, in case its caller is gone; 0 for never."""
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
