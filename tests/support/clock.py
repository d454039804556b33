"""A clock that tests set, and an APScheduler scheduler that runs by it.

``Clock`` has a time of day and a monotonic count of seconds.  ``HandScheduler`` wakes by the
seconds, as an event loop does, and runs the jobs that are due by the time of
day.  Within ``run_by(clock)`` APScheduler uses only this clock.  Nothing sleeps.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from unittest import mock

from apscheduler.schedulers import base
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers import interval

_NOTHING = timedelta()


class Clock:
    """The time of day, aware, and the monotonic seconds since the start."""

    def __init__(self, start: datetime) -> None:
        self._time = start
        self._passed = _NOTHING

    def now(self) -> datetime:
        return self._time

    def steady(self) -> float:
        return self._passed.total_seconds()

    def go_on(self, seconds: float) -> None:
        """Let time pass."""
        step = max(timedelta(seconds=seconds), _NOTHING)
        self._time += step
        self._passed += step

    def set_by(self, seconds: float) -> None:
        """Set the time of day ahead, or back.  A suspension looks like one set ahead."""
        self._time += timedelta(seconds=seconds)


class HandScheduler(BaseScheduler):  # type: ignore[misc]  # it ships no types
    """A scheduler that sleeps until ``wakes_at``, in monotonic seconds; None: without end."""

    def __init__(self, clock: Clock, zone: tzinfo = UTC) -> None:
        super().__init__(timezone=zone)
        self.clock = clock
        self.wakes_at: float | None = None

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)
        self.wakes_at = None

    def wakeup(self) -> None:
        """Request a run, without waiting for it."""
        self.wakes_at = self.clock.steady()

    def run(self) -> None:
        """Run the jobs that are due, and sleep."""
        self.wakes_at = None
        seconds = self._process_jobs()
        if seconds is not None and self.wakes_at is None:
            self.wakes_at = self.clock.steady() + seconds

    def let_pass(self, seconds: float) -> None:
        """Let time pass, and run each job when it is due."""
        end = self.clock.steady() + seconds
        while self.wakes_at is not None and self.wakes_at <= end:
            self.clock.go_on(self.wakes_at - self.clock.steady())
            self.run()
        self.clock.go_on(end - self.clock.steady())


@contextmanager
def run_by(clock: Clock) -> Iterator[None]:
    """Make APScheduler use ``clock``."""

    class Told(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return clock.now().astimezone(tz)

    with mock.patch.object(base, "datetime", Told), mock.patch.object(interval, "datetime", Told):
        yield
