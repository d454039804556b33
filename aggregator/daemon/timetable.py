"""When what is due: the daemon's timetable, kept by APScheduler.

Takes sources with the times at which they are due, and housekeeping with its intervals; tells what
is due when it is, once, however late.  Times are aware, in UTC, so that no change of summer time
matters.  What is due is only told: doing it is for ``worker``.

APScheduler waits by the wall clock.  When that is set back, a job an hour ahead is an hour and more
away; when it is set forward, nothing wakes up.  So somebody calls ``look_at_the_clock`` every few
seconds, who compares it with a clock that nobody sets.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.base import BaseScheduler

JUMP = 30.0
"""Seconds by which the clock may run ahead or behind between two looks; more is a jump."""

_NOTHING_IS_TOO_LATE = None

# It tells of every job that is added and run.
logging.getLogger("apscheduler").setLevel(logging.ERROR)


def by_this_clock(
    due: datetime, *, tried: datetime | None, newest: datetime | None, now: datetime
) -> datetime:
    """When that is ``due`` which was written down, ``due``, by a clock that may have been set back.

    ``tried`` is when it was last done, ``newest`` when anything was.  Where it was done at a time
    that is still to come, the clock was set back since, by no less than ``newest`` is ahead.
    """
    if tried is None or newest is None or tried <= now:
        return due
    return due - (newest - now)


class Timetable:
    """What is due when.

    ``tell`` gets the name of what is due, ``now`` is the time in UTC, and ``steady`` counts seconds
    by a clock that is never set.  ``scheduler`` is one of APScheduler's, not started yet.  All is
    told in its own event loop or thread, one after the other: ``tell`` makes a note and returns,
    and neither plans nor forgets what it is told of.
    """

    def __init__(
        self,
        scheduler: BaseScheduler,
        tell: Callable[[str], None],
        *,
        now: Callable[[], datetime],
        steady: Callable[[], float],
    ) -> None:
        self._scheduler = scheduler
        self._tell = tell
        self._now = now
        self._steady = steady
        self._due: dict[str, datetime] = {}
        self._steady_due: dict[str, float] = {}  # the same by the steady clock
        self._every: dict[str, int] = {}
        self._looked = now(), steady()
        # Otherwise an event loop's scheduler tells from a pool of threads, many at once.
        scheduler.add_executor(DebugExecutor())

    def start(self) -> None:
        """Begin to tell."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tell nothing more."""
        self._scheduler.shutdown(wait=False)

    def plan(self, name: str, due: datetime, longest: int) -> None:
        """Have ``name`` told once when it is ``due``, or now where that is past.

        It is never planned further ahead than ``longest`` seconds: a time that was written down
        before the clock was set back is none to wait for.
        """
        now = self._now()
        self._due[name] = min(due, now + timedelta(seconds=longest))
        self._steady_due[name] = self._steady() + (self._due[name] - now).total_seconds()
        self._wait_for(name)

    def repeat(self, name: str, seconds: int, *, first: datetime) -> None:
        """Have ``name`` told every so many ``seconds``, from ``first`` on; missed ones once."""
        self._every[name] = seconds
        self._scheduler.add_job(
            self._tell,
            "interval",
            args=[name],
            id=f"every {name}",
            seconds=seconds,
            next_run_time=max(first, self._now()),
            timezone=UTC,
            replace_existing=True,
            misfire_grace_time=_NOTHING_IS_TOO_LATE,
            coalesce=True,
            max_instances=1,
        )

    def forget(self, name: str) -> None:
        """Tell nothing more of ``name``."""
        self._due.pop(name, None)
        self._steady_due.pop(name, None)
        self._every.pop(name, None)
        for job in (name, f"every {name}"):
            try:
                self._scheduler.remove_job(job)
            except JobLookupError:
                continue

    @property
    def planned(self) -> Mapping[str, datetime]:
        """What is told once, and when; what was told is no more planned."""
        return {name: self._next(name) for name in self._due}

    def look_at_the_clock(self) -> float:
        """Plan anew where the clock was set; gives by how many seconds it was, 0 for not at all.

        Where it was set back, what is planned waits no longer than it would have.  Where it was set
        forward, what is due by it is told: that is how it looks after a suspension, too.
        """
        before, counted = self._looked
        self._looked = now, steady = self._now(), self._steady()
        jumped = (now - before).total_seconds() - (steady - counted)
        if abs(jumped) <= JUMP:
            return 0.0
        for name in self._due:
            self._wait_for(name)
        for name, seconds in list(self._every.items()):
            planned = self._scheduler.get_job(f"every {name}").next_run_time
            self.repeat(name, seconds, first=min(planned, now + timedelta(seconds=seconds)))
        self._scheduler.wakeup()
        return jumped

    def _wait_for(self, name: str) -> None:
        self._scheduler.add_job(
            self._fire,
            "date",
            args=[name],
            id=name,
            run_date=self._next(name),
            timezone=UTC,
            replace_existing=True,
            misfire_grace_time=_NOTHING_IS_TOO_LATE,
            coalesce=True,
            max_instances=1,
        )

    def _next(self, name: str) -> datetime:
        """When it is due by either clock."""
        left = timedelta(seconds=self._steady_due[name] - self._steady())
        return min(self._due[name], self._now() + left)

    def _fire(self, name: str) -> None:
        self._due.pop(name, None)
        self._steady_due.pop(name, None)
        self._tell(name)
