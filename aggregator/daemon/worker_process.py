"""The worker process as the daemon sees it: started, commanded, monitored, stopped.

Belongs to the event loop, which receives each event as soon as the worker sends it.
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
from aggregator.daemon.worker.messages import Alive, Command, Polled, Stop, WorkerEvent

_KILL_SECONDS = 5.0
_STALLED = 240.0  # seconds without an event


class WorkerProcess:
    """The process that reads and writes, and the pipe to it; events go to ``on_event``."""

    def __init__(self, on_event: Callable[[WorkerEvent], None]) -> None:
        self._on_event = on_event
        self._process: Any = None
        self._pipe: Connection | None = None
        self._last_event = 0.0
        self.is_working = False

    def start(self, config: Config) -> None:
        """Start the process.  It is not forked, because this process has threads."""
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=worker.main, args=(theirs, config), name="worker")
        self._process.start()
        theirs.close()
        self._last_event = time.monotonic()
        self.is_working = False
        asyncio.get_running_loop().add_reader(self._pipe.fileno(), self._receive)

    def send(self, command: Command) -> None:
        """Send a command; a worker that has ended gets it again when it is restarted."""
        if self._pipe is not None:
            with suppress(OSError):
                self._pipe.send(command)

    def is_well(self) -> bool:
        """Whether the process is alive and sent an event not long ago."""
        alive = self._process is not None and self._process.is_alive()
        return alive and time.monotonic() - self._last_event < _STALLED

    def restart(self, config: Config) -> None:
        """Kill the process and start another."""
        self._kill()
        self.start(config)

    async def stop(self) -> None:
        """Let the process finish its work, and kill it if that takes too long."""
        self.send(Stop())
        deadline = time.monotonic() + worker.STOP_SECONDS
        while self._process is not None and self._process.is_alive():
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.05)
        self._kill()

    def _kill(self) -> None:
        if self._pipe is not None:
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            self._process.kill()
            self._process.join(_KILL_SECONDS)
            self._process = None

    def _receive(self) -> None:
        """Handle what the worker sent; ``is_well`` notices where it has ended."""
        assert self._pipe is not None
        try:
            while self._pipe.poll():
                event = self._pipe.recv()
                self._last_event = time.monotonic()
                self.is_working = self.is_working or isinstance(event, Alive | Polled)
                self._on_event(event)
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
