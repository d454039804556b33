"""The daemon's worker process: polls what is due, and writes the feeds.

It runs in a process of its own, so that serving never waits for it and a crash ends no more than
this process.  Commands come over a pipe, events go back.  One thread polls web servers, one reads
files, writes the feeds and does maintenance, two talk to WebSub hubs, and one to webhooks.  Errors
are logged once, and what failed is tried again at growing intervals.
"""

import os
import signal
import threading
from multiprocessing.connection import Connection

from aggregator import logs
from aggregator.config import Config
from aggregator.daemon.worker.messages import (
    DELIVERIES,
    Alive,
    Command,
    Configure,
    Delivered,
    Due,
    RestartMe,
    Stop,
    WorkerEvent,
)
from aggregator.workers import end_with_parent

STOP_SECONDS = 8.0
"""Seconds for the worker to finish its work; it may be killed at any point."""

CHECK_SECONDS = 5.0
"""Seconds between two checks of the threads and of the memory."""

MAX_IDLE_MEMORY = 110_000_000
"""Bytes of memory of an idle worker; one that just started takes half of that."""

CLUSTER_MEMORY = 80_000_000
"""Bytes that a connection to a cluster may take besides."""

SOURCE_MEMORY = 2000
"""Bytes that a source may take besides: it is configured, and its host is remembered."""

_IDLE_CHECKS = 6  # in a row, until the memory counts
_NICE = 10


def main(pipe: Connection, config: Config) -> None:
    """Work until commanded to stop, or until the daemon is gone."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # the daemon handles them, and sends commands
    end_with_parent(STOP_SECONDS)
    os.nice(_NICE)
    logs.configure()
    Worker(pipe, config).run()


class Worker:
    """The threads of the worker; ``pipe`` leads to the daemon."""

    def __init__(self, pipe: Connection, config: Config) -> None:
        # Imported here, since the daemon imports this module too, and does none of this work.
        from aggregator.daemon.worker.hubs import HubThread
        from aggregator.daemon.worker.maintenance import MaintenanceThread
        from aggregator.daemon.worker.thread import Shared
        from aggregator.daemon.worker.web import WebThread

        self._pipe = pipe
        self._sending = threading.Lock()
        self._shared = Shared(config, self._send)
        self._web = WebThread(self._shared)
        self._maintenance = MaintenanceThread(self._shared)
        for step in ("push", "subscribe", "announce"):
            HubThread(step, self._shared)
        self._threads = list(self._shared.threads.values())
        self._idle_checks = 0

    def run(self) -> None:
        """Handle commands until stopped."""
        for thread in self._threads:
            thread.start()
        try:
            while True:
                if not self._pipe.poll(CHECK_SECONDS):
                    self._check()
                    continue
                self._idle_checks = 0
                command: Command = self._pipe.recv()
                if isinstance(command, Stop):
                    break
                self._handle(command)
        except (EOFError, OSError):
            pass  # the daemon is gone
        finally:
            self._shared.is_stopping.set()
            for thread in self._threads:
                thread.wake()
            for thread in self._threads:
                thread.join(thread.stop_seconds)

    def _handle(self, command: Command) -> None:
        if isinstance(command, Configure):
            self._shared.config = command.config
            self._shared.version += 1
            self._shared.wake("push", "subscribe", "announce")
        elif isinstance(command, Delivered):
            self._maintenance.add(DELIVERIES)
        elif isinstance(command, Due):
            sources = self._shared.config.by_id
            for name in command.names:
                is_remote = name in sources and sources[name].is_remote
                (self._web if is_remote else self._maintenance).add(name)

    def _check(self) -> None:
        """Send a heartbeat, and ask for a restart if idle memory is large."""
        if all(thread.is_well() for thread in self._threads):
            self._send(Alive())
        # Python does not return to the system what a first round took for thousands of entries.
        is_idle = all(thread.is_idle() for thread in self._threads)
        self._idle_checks = self._idle_checks + 1 if is_idle else 0
        if self._idle_checks >= _IDLE_CHECKS and _memory() > self._most_memory():
            self._idle_checks = 0
            self._send(RestartMe())

    def _most_memory(self) -> int:
        config = self._shared.config
        cluster = CLUSTER_MEMORY if config.scale.scheduler is not None else 0
        return MAX_IDLE_MEMORY + cluster + SOURCE_MEMORY * len(config.sources)

    def _send(self, event: WorkerEvent) -> None:
        with self._sending:
            try:
                self._pipe.send(event)
            except OSError:
                self._shared.is_stopping.set()


def _memory() -> int:
    """Bytes of this process that are in memory; 0 where the system does not say (proc(5))."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
