"""A date phrase, and the calendar it is checked against.

``make_phrase`` builds a ``DatePhrase`` from what was read; ``is_day`` and ``is_year`` say which
days and years are accepted.
"""

from calendar import monthrange
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from aggregator.model import PartialDate, Shift

Precision = Literal["day", "month", "week", "relative"]

FIRST_YEAR, LAST_YEAR = 1900, 2099
"""The years accepted: a number outside them is a count, a house number or history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatePhrase:
    """One phrase; ``text`` is exactly the source's ``[start:end]``, counted in characters.

    ``weekday`` (Monday is 0) is that of ``first``.  ``missing`` names the fields ("year", "month",
    "day") that are None in ``first`` or ``last``.  ``relative`` is set for ``today`` and
    ``last week`` (precision "relative" and "week"), and for ``this July`` and ``last Monday``
    (precision "month" and "day").
    """

    text: str
    start: int
    end: int
    first: PartialDate
    last: PartialDate
    weekday: int | None
    precision: Precision
    relative: Shift | None
    missing: frozenset[str]


Read = tuple[DatePhrase | None, int]
"""The phrase read at a place, if there is one, and the place from which to go on."""


def make_phrase(
    text: str,
    start: int,
    end: int,
    first: PartialDate,
    last: PartialDate,
    precision: Precision,
    weekday: int | None = None,
    relative: Shift | None = None,
) -> Read:
    """Return the phrase of a span, and the end of it."""
    phrase = DatePhrase(
        text=text[start:end],
        start=start,
        end=end,
        first=first,
        last=last,
        weekday=weekday,
        precision=precision,
        relative=relative,
        missing=_missing(
            first.year is None or last.year is None,
            first.month is None or last.month is None,
            first.day is None or last.day is None,
        ),
    )
    return phrase, end


@cache
def _missing(year: bool, month: bool, day: bool) -> frozenset[str]:
    """Return the names of the missing fields."""
    flags = {"year": year, "month": month, "day": day}
    return frozenset(name for name, is_missing in flags.items() if is_missing)


@lru_cache(maxsize=4096)
def partial(year: int | None, month: int | None, day: int | None) -> PartialDate:
    """Return a date, the same object for the same date: texts repeat their dates."""
    return PartialDate(year=year, month=month, day=day)


NOTHING = partial(None, None, None)


def is_day(year: int | None, month: int, day: int) -> bool:
    """Whether there is such a day; 29 February without a year is one."""
    if not 1 <= month <= 12 or (year is not None and not is_year(year)):
        return False
    return 1 <= day <= monthrange(2000 if year is None else year, month)[1]


def is_year(year: int) -> bool:
    """Whether a year is accepted."""
    return FIRST_YEAR <= year <= LAST_YEAR


def century_of(year: int) -> int:
    """Return the year of four digits that one of two digits means: 1950 to 2049."""
    return year + (2000 if year < 50 else 1900)


def weekday_of(year: int, month: int, day: int) -> int:
    """Return the weekday, Monday 0."""
    return (monthrange(year, month)[0] + day - 1) % 7
