"""How probable a piece of evidence is, for each day on which its release may have come out.

``likelihood`` takes evidence and returns a ``Likelihood``, whose ``over`` returns a value for each
of a row of cells of days: the mean of their days, up to a factor that is the same for all days.  So
a phrase that lacks its year speaks for the same days of every year, and a bare weekday for the same
days of every week; the neighbours decide between them.

The tables say how far from a day that it names a release comes out.  They have heavy tails, and
each phrase may be misread: then it says little more than that the day is not far, or nothing.
They were set from what releases of many offices do, not fitted to any; ``docs/decisions/dating.md``
has the reasons, ``benchmarks/dating_truth.py`` measures what follows.
"""

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise

from aggregator.model import Evidence, PartialDate

YEAR = 366


@dataclass(frozen=True)
class Kernel:
    """How probable it is that a release comes out so many days behind (or ahead of) a day it names.

    ``head`` has the first days; ``tail`` is the probability of all later ones together, which falls
    as the power ``-fall`` of the days from ``-start`` on.  ``near`` is that of the phrase being
    misread where it still names a day within some weeks, on either side; ``lost`` that of its
    saying nothing.
    """

    head: tuple[float, ...]
    tail: float = 0.0
    start: float = 8.0
    fall: float = 1.3
    near: float = 0.0
    lost: float = 0.05

    @cached_property
    def _below(self) -> Sequence[float]:
        """The probabilities of an offset below 0, 1, … and all days of ``head``."""
        return [sum(self.head[:days]) for days in range(len(self.head) + 1)]

    def below(self, days: int) -> float:
        """Return the probability of an offset from 0 to less than ``days``."""
        if days <= 0:
            return 0.0
        beyond = days - len(self.head)
        if beyond <= 0:
            return self._below[days]
        ratio = self.start / (self.start + beyond)
        return self._below[-1] + self.tail * (1.0 - math.pow(ratio, self.fall - 1.0))


STATED = Kernel((0.95, 0.035, 0.01, 0.004), near=0.03, lost=0.02)
NEWS = Kernel((0.955, 0.025, 0.006, 0.002), 0.01, near=0.01, lost=0.02)
# Without brackets ("on Tuesday, 5 July 2022"), or of several days: courts, councils and police
# write of them a day or some days later.
NEWS_OF_LATE = Kernel((0.8, 0.1, 0.04, 0.015, 0.01), 0.025, near=0.02, lost=0.02)
PAST = Kernel((0.52, 0.2, 0.06, 0.04, 0.03, 0.015, 0.012, 0.01), 0.07, near=0.06, lost=0.07)
# With its year: writers give that where the day is not of late.
PAST_IN_FULL = Kernel(
    (0.30, 0.10, 0.04, 0.03, 0.02, 0.015, 0.01, 0.01), 0.395, 120.0, 1.4, near=0.05, lost=0.08
)
MENTIONED = Kernel((0.28, 0.12, 0.06, 0.05, 0.04, 0.03, 0.02, 0.02), 0.33, near=0.06, lost=0.12)
MENTIONED_IN_FULL = Kernel(
    (0.06, 0.03, 0.02, 0.02, 0.015, 0.015, 0.01, 0.01), 0.65, 120.0, 1.4, near=0.03, lost=0.1
)
HISTORY = Kernel((0.01, 0.01), 0.95, start=30.0, fall=1.1, lost=0.1)
PRESENT = Kernel((0.87, 0.06, 0.02, 0.01, 0.01, 0.01, 0.01), near=0.2, lost=0.1)
# A day that no verb is about: in a title, or alone on a line.
NAMED = Kernel((0.4, 0.06, 0.03, 0.02, 0.02), near=0.45, lost=0.12)
FUTURE = Kernel((0.09, 0.17, 0.1, 0.07, 0.06, 0.05, 0.05, 0.05), 0.33, near=0.06, lost=0.06)
# By which something is due or from which it goes on, or in a later paragraph: often weeks ahead.
DUE = Kernel(
    (0.04, 0.05, 0.05, 0.04, 0.04, 0.03, 0.03, 0.03), 0.66, 30.0, 1.5, near=0.05, lost=0.07
)

_NEAR_DAYS = 20.0  # the mean distance of a day that was misread
_TABLED = 1500  # days on either side of which the sums are kept
_LONGEST = 1 << 16  # days: a table of the sums behind a day has no more
_MANY = 1000  # sums, for fewer of which that table is not worth making
_NOWHERE = 1 / 3000  # the weight of a day where a phrase says nothing
_SLIP = 0.01  # of the years in which the weekday is another than the one written

# A weekday alone, by the days from the last (in the future: to the next) such day.
_WEEK = {
    "past": (0.46, 0.30, 0.09, 0.04, 0.03, 0.03, 0.05),
    "present": (0.46, 0.30, 0.09, 0.04, 0.03, 0.03, 0.05),
    "future": (0.10, 0.32, 0.16, 0.12, 0.10, 0.10, 0.10),
}
_WEEK_LOST = 0.15

# The latest year that a release names, by the years from its beginning to the release: in January
# offices write of the year that is over, in December of the one to come.
_SINCE = (-50.0, -8.0, -2.0, -1.0, -0.1, 0.0, 0.15, 0.9, 1.1, 2.0, 3.0, 5.0, 8.0, 200.0)
_YEARS = (0.001, 0.01, 0.05, 0.12, 0.25, 0.4, 0.5, 0.52, 0.42, 0.14, 0.06, 0.02, 0.006, 0.003)


class Likelihood(ABC):
    """One piece of evidence; ``rank`` orders those of a release, the most telling first."""

    rank = 0.0

    @abstractmethod
    def over(self, edges: Sequence[int]) -> list[float]:
        """Return the value of each cell between two neighbours of ``edges``, day numbers."""


class OfDays(Likelihood):
    """A phrase that names days: of one year, or of every year.

    ``ahead``: the release is expected before the day, not after it.
    """

    def __init__(
        self,
        kernel: Kernel,
        first: PartialDate,
        last: PartialDate,
        weekday: int | None,
        ahead: bool,
    ) -> None:
        self.kernel = kernel
        self.rank = kernel.head[0] + kernel.head[1]
        self._named = first if ahead else last
        self._first = first
        self._weekday = weekday
        self._ahead = ahead

    def over(self, edges: Sequence[int]) -> list[float]:
        """Return the values: a sum over the years in which the phrase may be."""
        first, step, count = edges[0], edges[1] - edges[0], len(edges) - 1
        is_yearly = self._named.year is None
        nothing = self.kernel.lost * _NOWHERE
        if is_yearly and step > YEAR // 2:
            return [nothing + (1 - self.kernel.lost) / YEAR] * count
        values = [nothing] * count
        for day, weight in self._days(edges):
            low, high = 0, count
            if is_yearly:
                low = max(0, (day - YEAR - first) // step)
                high = min(count, (day + YEAR - first) // step)
                if high <= low:
                    continue
            sums = _sums(self.kernel, self._ahead, first + low * step - day, step, high - low)
            scale = weight / step
            values[low:high] = [
                value + scale * (after - before)
                for value, (before, after) in zip(values[low:high], pairwise(sums), strict=True)
            ]
        return values

    def _days(self, edges: Sequence[int]) -> Iterator[tuple[int, float]]:
        """Yield the days that the phrase may name, as ordinals with their weights."""
        named, first = self._named, self._first
        assert named.month is not None
        assert named.day is not None
        if named.year is not None:
            yield date(named.year, named.month, named.day).toordinal(), 1.0
            return
        years = range(
            date.fromordinal(max(1, edges[0] - YEAR)).year,
            date.fromordinal(min(edges[-1] + YEAR, date.max.toordinal())).year + 1,
        )
        for year in years:
            try:
                day = date(year, named.month, named.day)
            except ValueError:  # 29 February
                continue
            weight = 1.0
            if self._weekday is not None and first == named:
                weight = 1.0 if day.weekday() == self._weekday else _SLIP
            yield day.toordinal(), weight


class OfWeekday(Likelihood):
    """A weekday alone, or one counted from the day of writing."""

    rank = 0.5

    def __init__(self, weekday: int, role: str) -> None:
        self._weekday = weekday
        self._ahead = role == "future"
        self._table = _WEEK[role]

    def over(self, edges: Sequence[int]) -> list[float]:
        """Return the values; a week and more has every weekday."""
        count = len(edges) - 1
        if edges[1] - edges[0] > 1:
            return [1.0] * count
        week = []
        for day in range(edges[0], edges[0] + 7):
            since = (day + 6 - self._weekday) % 7
            value = self._table[-since % 7 if self._ahead else since]
            week.append(7 * ((1 - _WEEK_LOST) * value + _WEEK_LOST / 7))
        return (week * (count // 7 + 1))[:count]


class OfYear(Likelihood):
    """The latest year that a release names anywhere."""

    def __init__(self, year: int) -> None:
        self._year = year

    def over(self, edges: Sequence[int]) -> list[float]:
        """Return the values, by the middle of each cell."""
        start = date(self._year, 1, 1).toordinal()
        return [_of_year(low + high - 2 * start) for low, high in pairwise(edges)]


class FromMonth(OfDays):
    """A month or year that is over: the release is later than its first day."""

    def __init__(self, first: PartialDate) -> None:
        start = PartialDate(year=first.year, month=first.month or 1, day=1)
        super().__init__(HISTORY, start, start, None, ahead=False)
        self.rank = 0.0


def likelihood(evidence: Evidence) -> Likelihood | None:
    """Return what a piece of evidence says; None where it names no day, month or year."""
    first, last, role = evidence.first, evidence.last, evidence.role
    if first.month is None or last.month is None:
        if first.year is not None:
            return OfYear(first.year)
        if evidence.weekday is None or role not in _WEEK:
            return None
        return OfWeekday(evidence.weekday, role)
    if first.day is None or last.day is None:
        if first.year is None or role == "future":
            return None
        return FromMonth(first)
    if role == "history":
        return None if last.year is None else OfDays(HISTORY, last, last, None, ahead=False)
    return OfDays(_kernel(evidence), first, last, evidence.weekday, ahead=role == "future")


def _kernel(evidence: Evidence) -> Kernel:
    if evidence.role == "stated":
        return STATED
    if evidence.role == "present":
        return PRESENT if evidence.strength >= 0.6 else NAMED
    if evidence.role == "future":
        return FUTURE if evidence.strength >= 0.6 else DUE
    year = evidence.last.year
    is_full = year is not None and str(year) in evidence.phrase and evidence.weekday is None
    if evidence.strength < 0.6:
        return MENTIONED_IN_FULL if is_full else MENTIONED
    if is_full:
        return PAST_IN_FULL
    if evidence.weekday is None:
        return PAST
    # Offices that write "on Tuesday (5 July 2022)" write on that day.
    is_same_day = "(" in evidence.phrase and evidence.first == evidence.last
    return NEWS if is_same_day else NEWS_OF_LATE


def sums_falling(kernel: Kernel, start: int, step: int, count: int) -> list[float]:
    """Return the probabilities of offsets below ``start``, ``start - step`` and so on."""
    positive = min(count, max(0, (start - 1) // step + 1))
    end = start - positive * step
    if positive < _MANY or start >= _LONGEST:
        sums = [kernel.below(days) for days in range(start, end, -step)]
    else:
        sums = _table_below(kernel)[start : max(end, 0) : -step]
    return sums + [0.0] * (count - positive)


@lru_cache(maxsize=4)
def _table_below(kernel: Kernel) -> list[float]:
    return [kernel.below(days) for days in range(_LONGEST)]


def _sums(kernel: Kernel, ahead: bool, start: int, step: int, count: int) -> Sequence[float]:
    """Return the probabilities of offsets below ``start``, and below each edge of the cells."""
    end = start + count * step
    if start >= -_TABLED and end <= _TABLED:
        return _table(kernel, ahead)[start + _TABLED : end + _TABLED + 1 : step]
    return _sums_at(kernel, ahead, range(start, end + 1, step))


@lru_cache(maxsize=64)
def _table(kernel: Kernel, ahead: bool) -> list[float]:
    return _sums_at(kernel, ahead, range(-_TABLED, _TABLED + 1))


def _sums_at(kernel: Kernel, ahead: bool, offsets: range) -> list[float]:
    """Return the probabilities that a release comes out less than so many days after the day."""
    below, near, sure = kernel.below, kernel.near, 1.0 - kernel.lost - kernel.near
    if ahead:
        straight = [1.0 - below(1 - offset) for offset in offsets]
    else:
        straight = list(map(below, offsets))
    if not near:
        return [sure * one for one in straight]
    return [
        sure * one + near * _nearer(offset) for one, offset in zip(straight, offsets, strict=True)
    ]


def _nearer(days: int) -> float:
    """Return the probability that a day that was misread is less than so many days before it."""
    half = math.exp(-abs(days) / _NEAR_DAYS) / 2
    return half if days < 0 else 1 - half


@lru_cache(maxsize=8192)
def _of_year(half_days: int) -> float:
    """Return the value so many half days from a year's beginning, on the line through the table."""
    years = half_days / 731
    above = min(max(bisect_right(_SINCE, years), 1), len(_SINCE) - 1)
    left, right = _SINCE[above - 1], _SINCE[above]
    share = min(max((years - left) / (right - left), 0.0), 1.0)
    return _YEARS[above - 1] + share * (_YEARS[above] - _YEARS[above - 1])
