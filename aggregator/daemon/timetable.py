"""The schedule: when sources and maintenance are due, kept by APScheduler.

Takes the times at which sources are due and the intervals of maintenance, and calls back with the
name of whatever is due, once, however late.  Times are in UTC, so daylight saving does not matter.

APScheduler waits by the wall clock: set back, it makes jobs wait longer; set forward, it wakes
nothing up.  So ``check_clock`` is to be called every few seconds; it compares the wall clock with
one that cannot be set.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.base import BaseScheduler

JUMP = 30.0
"""Seconds by which the clocks may differ between two checks; more means that one was set."""

_JOB: dict[str, Any] = {
    "timezone": UTC,
    "replace_existing": True,
    "misfire_grace_time": None,  # a job is never too late
    "coalesce": True,
    "max_instances": 1,
}

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
        self._due: dict[str, datetime] = {}
        self._steady_due: dict[str, float] = {}  # the same by the steady clock
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
        self._due[name] = min(due, now + timedelta(seconds=longest))
        self._steady_due[name] = self._steady() + (self._due[name] - now).total_seconds()
        self._schedule(name)

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
        self._due.pop(name, None)
        self._steady_due.pop(name, None)
        self._intervals.pop(name, None)
        for job in (name, f"every {name}"):
            try:
                self._scheduler.remove_job(job)
            except JobLookupError:
                continue

    @property
    def planned(self) -> Mapping[str, datetime]:
        """What is planned once, and when."""
        return {name: self._next(name) for name in self._due}

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
        for name in self._due:
            self._schedule(name)
        for name, seconds in list(self._intervals.items()):
            planned = self._scheduler.get_job(f"every {name}").next_run_time
            self.repeat(name, seconds, first=min(planned, now + timedelta(seconds=seconds)))
        self._scheduler.wakeup()
        return jumped

    def _schedule(self, name: str) -> None:
        due = self._next(name)
        self._scheduler.add_job(self._fire, "date", args=[name], id=name, run_date=due, **_JOB)

    def _next(self, name: str) -> datetime:
        """When it is due by the clock that says so first."""
        left = timedelta(seconds=self._steady_due[name] - self._steady())
        return min(self._due[name], self._now() + left)

    def _fire(self, name: str) -> None:
        self._due.pop(name, None)
        self._steady_due.pop(name, None)
        self._on_due(name)
