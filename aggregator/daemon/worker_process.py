"""The worker as the daemon has it: a process that is begun, told, heard, and ended.

Belongs to the event loop, which hears what the worker says as soon as it says it.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from aggregator.config import Config
from aggregator.daemon import worker
from aggregator.daemon.worker.orders import Order, Pulse, Stop, Visited

_STOP = 8.0
"""Seconds that the worker has to finish what it has in hand; it may stop anywhere."""

_END = 5.0  # seconds in which a process that was killed is gone
_WORKER_LATE = 240.0  # seconds without a word from the worker after which it is ended


class WorkerProcess:
    """The process that does the work, and the line to it.  Belongs to the event loop."""

    def __init__(self, hear: Callable[[object], None]) -> None:
        self._hear = hear
        self._process: Any = None
        self._line: Connection | None = None
        self._heard = 0.0
        self.has_spoken = False

    def start(self, config: Config) -> None:
        """Begin it.  It is not forked: this process has threads."""
        context = get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=worker.main, args=(theirs, config), name="worker")
        self._process.start()
        theirs.close()
        self._heard = time.monotonic()
        self.has_spoken = False
        asyncio.get_running_loop().add_reader(self._line.fileno(), self._read)

    def send(self, order: Order) -> None:
        """Tell it; where it is gone, whoever begins it again tells it again."""
        if self._line is not None:
            with suppress(OSError):
                self._line.send(order)

    def is_well(self) -> bool:
        """Whether it is there, and was heard of not long ago."""
        alive = self._process is not None and self._process.is_alive()
        return alive and time.monotonic() - self._heard < _WORKER_LATE

    def restart(self, config: Config) -> None:
        """Begin it anew, whatever it was doing."""
        self._end()
        self.start(config)

    async def stop(self) -> None:
        """Have it finish what it has in hand, and end it if that takes too long."""
        self.send(Stop())
        deadline = time.monotonic() + _STOP
        while self._process is not None and self._process.is_alive():
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.05)
        self._end()

    def _end(self) -> None:
        if self._line is not None:
            asyncio.get_running_loop().remove_reader(self._line.fileno())
            self._line.close()
            self._line = None
        if self._process is not None:
            self._process.kill()
            self._process.join(_END)
            self._process = None

    def _read(self) -> None:
        """Take what it says; a line that ended is noticed by ``is_well``."""
        assert self._line is not None
        try:
            while self._line.poll():
                word = self._line.recv()
                self._heard = time.monotonic()
                self.has_spoken = self.has_spoken or isinstance(word, Pulse | Visited)
                self._hear(word)
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._line.fileno())
