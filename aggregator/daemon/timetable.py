"""The schedule: when sources and maintenance are due, kept by APScheduler.

Takes the times at which sources are due and the intervals of maintenance, and calls back with the
name of whatever is due, once, however late.  Times are in UTC, so daylight saving does not matter.

Sources are one job of APScheduler, at the time at which the next of them is due, since a job for
each takes a fifth of a millisecond and two kilobytes (docs/decisions/daemon.md).

APScheduler waits by the wall clock: set back, it makes jobs wait longer; set forward, it wakes
nothing up.  So ``check_clock`` is to be called every few seconds; it compares the wall clock with
one that cannot be set.
"""

import heapq
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.base import BaseScheduler

from aggregator.logs import get_logger

JUMP = 30.0
"""Seconds by which the clocks may differ between two checks; more means that one was set."""

_JOB: dict[str, Any] = {
    "timezone": UTC,
    "replace_existing": True,
    "misfire_grace_time": None,  # a job is never too late
    "coalesce": True,
    "max_instances": 1,
}

_STALE = 1000  # entries of the heap that may be void, besides as many as are valid

# At INFO it logs every job that is added and run.
logging.getLogger("apscheduler").setLevel(logging.ERROR)


def corrected_for_clock_change(
    due: datetime, *, tried: datetime | None, newest: datetime | None, now: datetime
) -> datetime:
    """``due``, as it was stored, corrected where the clock was set back since.

    ``tried`` is when this source was last polled, ``newest`` when any source was.  A ``tried`` in
    the future shows that the clock was set back, by at least as much as ``newest`` is ahead.
    """
    if tried is None or newest is None or tried <= now:
        return due
    return due - (newest - now)


class Timetable:
    """What is due when.

    ``on_due`` is called with a name, in the scheduler's event loop or thread, one call at a time;
    it must return at once, and must not plan or forget that name.  ``now`` returns the time in
    UTC, ``steady`` seconds of a clock that is never set.  ``scheduler`` is not started yet.
    """

    def __init__(
        self,
        scheduler: BaseScheduler,
        on_due: Callable[[str], None],
        *,
        now: Callable[[], datetime],
        steady: Callable[[], float],
    ) -> None:
        self._scheduler = scheduler
        self._on_due = on_due
        self._now = now
        self._steady = steady
        # When each name is called, and when it is due by the wall clock and by the steady one.
        self._planned: dict[str, tuple[datetime, datetime, float]] = {}
        self._heap: list[tuple[datetime, str]] = []  # void where ``_planned`` has another time
        self._wakes_at: datetime | None = None
        self._calls = 0
        self._intervals: dict[str, int] = {}
        self._checked = now(), steady()
        # The default executor of an event loop's scheduler calls from several threads.
        scheduler.add_executor(DebugExecutor())

    def start(self) -> None:
        """Start calling back."""
        self._scheduler.start()

    def stop(self) -> None:
        """Call back no more."""
        self._scheduler.shutdown(wait=False)

    def plan(self, name: str, due: datetime, longest: int) -> None:
        """Call back once with ``name`` when it is ``due``, or now where that is past.

        It is planned at most ``longest`` seconds ahead, because ``due`` may have been stored before
        the clock was set back.
        """
        now = self._now()
        due = min(due, now + timedelta(seconds=longest))
        self._planned[name] = due, due, self._steady() + (due - now).total_seconds()
        heapq.heappush(self._heap, (due, name))
        if len(self._heap) > 2 * len(self._planned) + _STALE:
            self._sort()
        self._wake(now)

    def repeat(self, name: str, seconds: int, *, first: datetime) -> None:
        """Call back with ``name`` every ``seconds`` from ``first`` on; once for missed times."""
        self._intervals[name] = seconds
        self._scheduler.add_job(
            self._on_due,
            "interval",
            args=[name],
            id=f"every {name}",
            seconds=seconds,
            next_run_time=max(first, self._now()),
            **_JOB,
        )

    def forget(self, name: str) -> None:
        """Call back no more with ``name``."""
        self._planned.pop(name, None)
        if self._intervals.pop(name, None) is not None:
            self._scheduler.remove_job(f"every {name}")

    @property
    def planned(self) -> Mapping[str, datetime]:
        """What is planned once, and when."""
        return {name: self._next(name) for name in self._planned}

    def check_clock(self) -> float:
        """Plan again where the clock was set; returns by how many seconds, 0 where it was not.

        Set back, what is planned waits no longer than before.  Set forward, as after a suspension
        of the system, what is due by it is called back.
        """
        before, counted = self._checked
        self._checked = now, steady = self._now(), self._steady()
        jumped = (now - before).total_seconds() - (steady - counted)
        if abs(jumped) <= JUMP:
            return 0.0
        for name, (_, due, steady_due) in self._planned.items():
            self._planned[name] = self._next(name), due, steady_due
        self._sort()
        self._wakes_at = None
        self._wake(now)
        for name, seconds in list(self._intervals.items()):
            planned = self._scheduler.get_job(f"every {name}").next_run_time
            self.repeat(name, seconds, first=min(planned, now + timedelta(seconds=seconds)))
        self._scheduler.wakeup()
        return jumped

    def _next(self, name: str) -> datetime:
        """When it is due by the clock that says so first."""
        _, due, steady_due = self._planned[name]
        return min(due, self._now() + timedelta(seconds=steady_due - self._steady()))

    def _sort(self) -> None:
        """Make the heap anew from what is planned."""
        self._heap = [(at, name) for name, (at, _, _) in self._planned.items()]
        heapq.heapify(self._heap)

    def _wake(self, now: datetime) -> None:
        """Have ``_call`` called when the next name is due, if it would be called later, or never.

        ``now`` is the time; what is to be called by then is called at once already.
        """
        if not self._heap:
            return
        at = self._heap[0][0]
        if self._wakes_at is None or (at < self._wakes_at and now < self._wakes_at):
            self._wakes_at = at
            # Not by the name of the job that calls now, which is removed afterwards.
            name = f"next {self._calls % 2}"
            self._scheduler.add_job(self._call, "date", id=name, run_date=at, **_JOB)

    def _call(self) -> None:
        """Call back with every name that is due."""
        # ``now`` may be cut to the second, and so be before the time of this call.
        now = max(filter(None, (self._now(), self._wakes_at)))
        names = []
        while self._heap and self._heap[0][0] <= now:
            at, name = heapq.heappop(self._heap)
            if name in self._planned and self._planned[name][0] == at:
                del self._planned[name]
                names.append(name)
        self._wakes_at = None
        self._calls += 1
        self._wake(now)
        for name in names:
            try:
                self._on_due(name)
            except Exception as error:
                get_logger("aggregator.daemon").exception("internal error", problem=repr(error))
