"""The daemon's hands: reads what is due, and has the feeds follow.

Runs in a process of its own, so that serving never waits for reading, and what goes wrong there
ends this process at the worst.  It is told over a pipe what is due, and tells what came of it.  The
work is shared by lanes, each a thread with the store open for itself: one asks servers, and never
waits for one of them more than for another; one reads files, writes the feeds and keeps house; two
speak with hubs (``websub.steps``), our own and those of sources.
Whatever fails is told once and tried again, ever more seldom.
"""

import os
import signal
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection

from aggregator import logs
from aggregator.config import Config
from aggregator.daemon.worker.house import House
from aggregator.daemon.worker.hubs import Hubs
from aggregator.daemon.worker.lane import Lane, Shared
from aggregator.daemon.worker.orders import (
    DELIVERIES,
    Configure,
    Delivered,
    Due,
    Grown,
    Order,
    Pulse,
    Stop,
    Word,
)
from aggregator.daemon.worker.web import Web

_NICE = 10
_ROOMY = 110_000_000  # bytes; one that just began and waits has half of that
_LOOK = 5.0  # seconds between two looks at how we are
_RESTS = 6  # of them at which nothing was under way


def main(line: Connection, config: Config) -> None:
    """Work until told to stop, or until nobody is at the other end of ``line``."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # they are for the daemon, which says what to do
    os.nice(_NICE)
    logs.configure()
    Worker(line, config).run()


class Worker:
    """All that the worker's process does; ``line`` leads to the daemon."""

    def __init__(self, line: Connection, config: Config) -> None:
        self._line = line
        self._sending = threading.Lock()
        self._shared = Shared(config, self._tell)
        self._web = Web(self._shared)
        self._house = House(self._shared)
        self._rests = 0
        self._push = Hubs(self._shared, "push")
        self._shared.wake_house = self._house.wake
        self._shared.wake_push = self._push.wake
        self._subscribe = Hubs(self._shared, "subscribe")
        self._shared.wake_subscribe = self._subscribe.wake

    def run(self) -> None:
        """Have the lanes do what is ordered, until told to stop."""
        lanes: list[Lane] = [self._web, self._house, self._push, self._subscribe]
        for lane in lanes:
            lane.start()
        try:
            while not isinstance(order := self._order(lanes), Stop):
                if isinstance(order, Configure):
                    self._shared.config = order.config
                    self._shared.edition += 1
                    self._push.wake()
                    self._subscribe.wake()
                elif isinstance(order, Delivered):
                    self._house.add(DELIVERIES)
                elif order is not None:
                    self._hand_out(order)
        except (EOFError, OSError):
            pass  # the daemon is gone
        finally:
            self._shared.is_stopping.set()
            for lane in lanes:
                lane.wake()
            for lane in lanes:
                lane.join(lane.farewell)

    def _order(self, lanes: "Sequence[Lane]") -> Order | None:
        """The next order, if one comes soon; else tell how we are."""
        if self._line.poll(_LOOK):
            order: Order = self._line.recv()
            self._rests = 0
            return order
        if all(lane.is_well() for lane in lanes):
            self._tell(Pulse())
        # What a first round took, for thousands of new entries, Python does not give back.
        self._rests = self._rests + 1 if all(lane.is_resting() for lane in lanes) else 0
        if self._rests >= _RESTS and _memory() > _ROOMY:
            self._rests = 0
            self._tell(Grown())
        return None

    def _hand_out(self, due: Due) -> None:
        remote = {s.id for s in self._shared.config.sources if s.is_remote}
        for name in due.names:
            (self._web if name in remote else self._house).add(name)

    def _tell(self, word: Word) -> None:
        with self._sending:
            try:
                self._line.send(word)
            except OSError:
                self._shared.is_stopping.set()


def _memory() -> int:
    """Bytes of this process that are in memory; 0 where the system does not say so (proc(5))."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
