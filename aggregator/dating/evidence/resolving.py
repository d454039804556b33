"""Real days for evidence that leaves something out.

Takes a piece of evidence and a day near which it belongs; gives its first and last day.  Leaves to
others which day that is.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from aggregator.model import PartialDate, Role, Shift


class _Resolvable(Protocol):
    """What ``resolve`` needs to know of a piece of evidence."""

    @property
    def role(self) -> Role: ...
    @property
    def first(self) -> PartialDate: ...
    @property
    def last(self) -> PartialDate: ...
    @property
    def weekday(self) -> int | None: ...
    @property
    def shift(self) -> Shift | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Real days.  ``weekday_conflict``: the weekday written is not that of ``first``."""

    first: date
    last: date
    weekday_conflict: bool


def resolve(evidence: _Resolvable, near: date | None) -> Resolved | None:
    """Give the real days of a piece of evidence; None if there is nothing to tell them by.

    A full date needs no ``near``, the day about which the release is thought to have come out.  A
    missing year is the nearest to it in which the weekday is right (at most three years off), else
    the nearest.  A bare weekday is the last one on or before ``near`` for ``past``, the next on or
    after it for ``future``, the nearest otherwise.  ``today`` and ``last week`` count from
    ``near``.  A month is all its days.
    """
    try:
        return _resolved(evidence, near)
    except (ValueError, OverflowError):  # within a year of date.min or date.max
        return None


def full_day(partial: PartialDate) -> date:
    """Give the day of a full date."""
    assert partial.year is not None
    assert partial.month is not None
    assert partial.day is not None
    return date(partial.year, partial.month, partial.day)


def _resolved(evidence: _Resolvable, near: date | None) -> Resolved | None:
    """Resolve by what the evidence has: a full date, a month, a relative day or a weekday."""
    first, last = evidence.first, evidence.last
    if first.year is None and near is None:
        return None
    if first.month is None:
        assert near is not None
        return _by_relative(evidence, near)
    if first.day is None:
        return _by_month(evidence, near)
    if first.year is not None and last.year is not None:
        days = full_day(first), full_day(last)
    else:
        assert near is not None
        found = _with_year(first, last, evidence.weekday, near)
        if found is None:
            return None
        days = found
    conflict = evidence.weekday is not None and days[0].weekday() != evidence.weekday
    return Resolved(first=days[0], last=days[1], weekday_conflict=conflict)


def _with_year(
    first: PartialDate, last: PartialDate, weekday: int | None, near: date
) -> tuple[date, date] | None:
    """Give the nearest year to days without one, with the weekday right if any of seven has it."""
    assert first.month is not None
    assert first.day is not None
    assert last.month is not None
    assert last.day is not None
    turns = (last.month, last.day) < (first.month, first.day)
    spans: list[tuple[date, date]] = []
    for year in range(near.year - 8, near.year + 9):
        try:
            spans.append(
                (
                    date(year, first.month, first.day),
                    date(year + turns, last.month, last.day),
                )
            )
        except ValueError:  # 29 February
            continue
    spans.sort(key=lambda span: abs((span[1] - near).days))
    if weekday is not None:
        for span in spans:
            if span[0].weekday() == weekday and abs((span[1] - near).days) < 3.5 * 365:
                return span
    return spans[0] if spans else None


def _by_month(evidence: _Resolvable, near: date | None) -> Resolved | None:
    """Give all days of a month; without a year, the one that its role and its shift mean."""
    first, last, relative = evidence.first, evidence.last, evidence.shift
    assert first.month is not None
    assert last.month is not None
    if first.year is not None and last.year is not None:
        years = first.year, last.year
    else:
        assert near is not None
        year = near.year
        offset = relative.offset if relative is not None else None
        ahead = first.month - near.month
        if offset is None:
            if evidence.role == "future":
                year += ahead < 0
            elif evidence.role in ("past", "history"):
                year -= ahead > 0
            else:
                year += (ahead < -6) - (ahead > 6)
        elif offset < 0:
            year -= ahead >= 0
        elif offset > 0:
            year += ahead <= 0
        years = year, year
    start = date(years[0], first.month, 1)
    after = date(years[1] + last.month // 12, last.month % 12 + 1, 1)
    return Resolved(first=start, last=after - timedelta(days=1), weekday_conflict=False)


def _by_relative(evidence: _Resolvable, near: date) -> Resolved | None:
    """Give the days of ``today``, ``last week`` or ``Monday``, counted from ``near``."""
    relative = evidence.shift
    if evidence.weekday is not None:
        offset = relative.offset if relative is not None else 0
        day = _weekday_near(evidence.weekday, evidence.role, offset, near)
        return Resolved(first=day, last=day, weekday_conflict=False)
    if relative is None:
        return None
    if relative.unit == "day":
        day = near + timedelta(days=relative.offset)
        return Resolved(first=day, last=day, weekday_conflict=False)
    if relative.unit in ("week", "weekend"):
        monday = near - timedelta(days=near.weekday()) + timedelta(weeks=relative.offset)
        first = monday + timedelta(days=5 if relative.unit == "weekend" else 0)
        return Resolved(first=first, last=monday + timedelta(days=6), weekday_conflict=False)
    months = near.year * 12 + near.month - 1
    if relative.unit == "year":
        low, high = (near.year + relative.offset) * 12, (near.year + relative.offset) * 12 + 12
    else:
        low, high = months + relative.offset, months + relative.offset + 1
    first, after = (date(n // 12, n % 12 + 1, 1) for n in (low, high))
    return Resolved(first=first, last=after - timedelta(days=1), weekday_conflict=False)


def _weekday_near(weekday: int, role: Role, offset: int, near: date) -> date:
    """Give the weekday that a role and ``last``, ``this`` or ``next`` mean, seen from ``near``."""
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
