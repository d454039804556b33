"""The real days of evidence that leaves something out.

``resolve`` takes a piece of evidence and a day near which it belongs, and returns its first and
last day.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from aggregator.model import Evidence, Role, Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Real days.  ``weekday_conflict``: the weekday written is not that of ``first``."""

    first: date
    last: date
    weekday_conflict: bool


def resolve(evidence: Evidence, near: date | None) -> Resolved | None:
    """Return the real days of a piece of evidence; None where it does not name any.

    A full date needs no ``near``, the day about which the release is thought to have come out.  A
    missing year is the nearest to it in which the weekday is right (at most three years off), else
    the nearest.  A bare weekday is the last one on or before ``near`` for ``past``, the next on or
    after it for ``future``, the nearest otherwise.  ``today`` and ``last week`` count from
    ``near``.  A month is all its days.
    """
    try:
        days = _days(evidence, near)
    except (ValueError, OverflowError):  # within a year of date.min or date.max
        return None
    if days is None:
        return None
    is_date = evidence.first.month is not None and evidence.first.day is not None
    conflict = is_date and evidence.weekday not in (None, days[0].weekday())
    return Resolved(first=days[0], last=days[1], weekday_conflict=conflict)


_Days = tuple[date, date]


def _days(evidence: Evidence, near: date | None) -> _Days | None:
    """Return the days by what the evidence has: a full date, a month, a relative day, a weekday."""
    first, last = evidence.first, evidence.last
    if near is None:
        if first.year is None:
            return None
        near = date(first.year, 1, 1)  # with the year given, nothing depends on it
    if first.month is None or last.month is None:
        return _relative_days(evidence, near)
    if first.day is None or last.day is None:
        start, end = first.year, last.year
        if start is None or end is None:
            start = end = _year_of_month(first.month, evidence.role, evidence.shift, near)
        return _months(start * 12 + first.month - 1, end * 12 + last.month - 1)
    if first.year is not None and last.year is not None:
        return date(first.year, first.month, first.day), date(last.year, last.month, last.day)
    ends = (first.month, first.day), (last.month, last.day)
    return _nearest_year(*ends, evidence.weekday, near)


def _nearest_year(
    first: tuple[int, int], last: tuple[int, int], weekday: int | None, near: date
) -> _Days | None:
    """Return days, each a month and a day, in the nearest year whose weekday is right, if any."""
    spans: list[_Days] = []
    for year in range(near.year - 8, near.year + 9):
        try:
            spans.append((date(year, *first), date(year + (last < first), *last)))
        except ValueError:  # 29 February
            continue
    spans.sort(key=lambda span: abs((span[1] - near).days))
    if weekday is not None:
        for span in spans:
            if span[0].weekday() == weekday and abs((span[1] - near).days) < 3.5 * 365:
                return span
    return spans[0] if spans else None


def _year_of_month(month: int, role: Role, shift: Shift | None, near: date) -> int:
    """Return the year of a month without one that its role, or "last" and "next", mean."""
    ahead = month - near.month
    if shift is not None:
        return near.year - (shift.offset < 0 and ahead >= 0) + (shift.offset > 0 and ahead <= 0)
    if role == "future":
        return near.year + (ahead < 0)
    if role in ("past", "history"):
        return near.year - (ahead > 0)
    return near.year + (ahead < -6) - (ahead > 6)


def _months(first: int, last: int) -> _Days:
    """Return the first and the last day of months, counted from January of the year 0."""
    after = last + 1
    end = date(after // 12, after % 12 + 1, 1) - timedelta(days=1)
    return date(first // 12, first % 12 + 1, 1), end


def _relative_days(evidence: Evidence, near: date) -> _Days | None:
    """Return the days of ``today``, ``last week`` or ``Monday``, counted from ``near``."""
    shift = evidence.shift
    if evidence.weekday is not None:
        day = _weekday_near(evidence.weekday, evidence.role, shift.offset if shift else 0, near)
        return day, day
    if shift is None:
        return None
    if shift.unit == "day":
        day = near + timedelta(days=shift.offset)
        return day, day
    if shift.unit in ("week", "weekend"):
        monday = near - timedelta(days=near.weekday()) + timedelta(weeks=shift.offset)
        start = monday + timedelta(days=5 if shift.unit == "weekend" else 0)
        return start, monday + timedelta(days=6)
    if shift.unit == "year":
        january = (near.year + shift.offset) * 12
        return _months(january, january + 11)
    month = near.year * 12 + near.month - 1 + shift.offset
    return _months(month, month)


def _weekday_near(weekday: int, role: Role, offset: int, near: date) -> date:
    """Return the weekday near a day that a role and ``last``, ``this`` or ``next`` mean."""
    ahead = (weekday - near.weekday()) % 7
    if offset > 0:
        return near + timedelta(days=ahead or 7)
    if offset < 0:
        return near + timedelta(days=ahead - 7)
    if role == "future":
        return near + timedelta(days=ahead)
    if role == "past" or ahead > 3:
        return near + timedelta(days=ahead - 7 if ahead else 0)
    return near + timedelta(days=ahead)
