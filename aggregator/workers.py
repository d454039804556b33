"""Processes that work beside this one, through an executor of ``concurrent.futures``.

A function that is submitted to the executor can be imported by name, takes and returns bytes, and
needs no state that something else set up in the process.  So any executor serves, also one whose
processes are on other machines.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

T = TypeVar("T")

_ORPHAN_CHECK = 5.0


class Workers:
    """The executor of a run, started when it is first used; a context manager, which ends it.

    ``count`` are the processes that work at the same time, this one included; None for one for each
    processor.  ``executor`` is used instead of processes that this one starts, and is not ended.
    ``are_elsewhere``: its processes are on other machines, and what they read they fetch too.
    """

    def __init__(
        self,
        count: int | None = None,
        *,
        executor: "Executor | None" = None,
        are_elsewhere: bool = False,
    ) -> None:
        self.are_elsewhere = are_elsewhere
        self.others = (count or len(_processors())) - 1
        self._is_own = executor is None
        self._executor = executor

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_own and self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)

    @property
    def is_started(self) -> bool:
        """Whether the executor costs nothing more."""
        return self._executor is not None

    def submit(self, call: Callable[..., T], *args: object) -> "Future[T]":
        """Call a function in another process; there are ``others`` at most.

        If the process dies, the future raises an error, a ``BrokenExecutor`` with most executors;
        then the next call has another executor of our own, and one of the caller is not used again.
        """
        from concurrent.futures import BrokenExecutor, Future

        executor = self._executor = self._executor or self._start()

        def drop_if_broken(future: Future[T]) -> None:
            if future.cancelled() or not isinstance(future.exception(), BrokenExecutor):
                return
            if not self._is_own:
                self.others = 0
            elif self._executor is executor:
                self._executor = None

        try:
            future = executor.submit(call, *args)
        except BrokenExecutor as error:  # it died when nobody used it
            future = Future()
            future.set_exception(error)
        future.add_done_callback(drop_if_broken)
        return future

    def _start(self) -> "Executor":
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        # Not forked: this process has a database open.
        return ProcessPoolExecutor(
            max_workers=self.others, mp_context=get_context("spawn"), initializer=_set_up
        )


def end_with_parent(grace: float = 0.0) -> None:
    """Have this process, which ``multiprocessing`` started, end once its parent has ended.

    It may be in the middle of a call, or wait for a pipe that does not close because it, or another
    child, holds the other end too.  ``grace`` is how many seconds it has to end by itself.
    """
    threading.Thread(target=_outlive, args=(os.getppid(), grace), daemon=True).start()


def _outlive(parent: int, grace: float) -> None:
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    process = parent_process()
    assert process is not None
    # A process that was forked from the parent keeps the sentinel open, and the id still changes.
    while not wait([process.sentinel], _ORPHAN_CHECK) and os.getppid() == parent:
        pass
    time.sleep(grace)
    os._exit(1)


def _set_up() -> None:
    """Leave interrupts to the first process, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


def _processors() -> Collection[int]:
    """Return the processors that this process may use, which a container may limit."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return range(os.cpu_count() or 1)
