"""Faults of the system at the Nth change to a file, for processes that tests start.

``preloaded`` compiles ``faults.c``, the library that counts and causes them; a process that was
started with it in ``LD_PRELOAD`` calls ``arm``, and so may each of its forks.  Python and SQLite
are counted alike, so that a fault can be repeated from its number.

The daemon's worker is started anew, not forked: ``worker_main`` arms it.
"""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from multiprocessing.connection import Connection
from pathlib import Path

from aggregator.config import Config


class Action(IntEnum):
    """What happens at the event, as in ``faults.c``."""

    COUNT = 0
    """Nothing."""
    KILL = 1
    """The process is killed before the call."""
    TEAR = 2
    """The process is killed, and a write is half done."""
    FAIL = 3
    """The call fails, once."""
    FAIL_ON = 4
    """The call fails, and all later ones."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at the change number ``at``, with ``error`` where the call fails.

    ``report`` is the file that says where it happened.
    """

    report: Path
    at: int = 0
    action: Action = Action.COUNT
    error: int = 0

    @property
    def is_kill(self) -> bool:
        """Return whether it kills."""
        return self.action in (Action.KILL, Action.TEAR)

    @property
    def happened(self) -> str:
        """Return at which event it happened; empty if it did not."""
        try:
            return self.report.read_text().strip()
        except FileNotFoundError:
            return ""


COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def preloaded(folder: Path) -> dict[str, str]:
    """Compile the library into ``folder``; return the environment of processes that have it."""
    assert COMPILER is not None, "there is no C compiler"
    made = folder / "faults.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run([COMPILER, "-O1", "-shared", "-fPIC", "-o", made, source, "-ldl"], check=True)
    return {**os.environ, "LD_PRELOAD": str(made)}


def arm(fault: Fault, *, parent: int = 0) -> None:
    """Count this process's changes from now on; ``parent`` is killed with it, unless it is 0."""
    ctypes.CDLL(None).faults_arm(
        ctypes.c_long(fault.at),
        int(fault.action),
        fault.error,
        parent,
        os.fsencode(fault.report),
    )


def count() -> int:
    """Return how many changes this process made since it was armed."""
    counted: Callable[[], int] = ctypes.CDLL(None).faults_count
    return counted()


def worker_main(fault: Fault, parent: int, pipe: Connection, config: Config) -> None:
    """Be the daemon's worker, with a fault the first time: a second worker has none."""
    from aggregator.daemon import worker

    if not fault.happened:
        arm(fault, parent=parent)
    worker.main(pipe, config)
