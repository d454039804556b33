"""The windows of days that are dated together: two months each, counted from the year 0."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """Days that are dated together, both included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether ``day`` is one of the days."""
        return self.first <= day <= self.last


EVERYTHING = Window(date.min, date.max)


def periods(start: date, end: date) -> Iterator[int]:
    """Return the two-month periods between two days, counted from the year 0."""
    return iter(range(period_of(start), period_of(end) + 1))


def period_of(day: date) -> int:
    """Return the period that a day is in."""
    return (day.year * 12 + day.month - 1) // 2


def window_of(period: int) -> Window:
    """Return the days of a period."""
    year, month = divmod(2 * period, 12)
    after_year, after_month = divmod(2 * period + 2, 12)
    after = date(after_year, after_month + 1, 1)
    return Window(date(year, month + 1, 1), after - timedelta(days=1))
