"""A phrase as it is handed out, and how readers make one.

Takes what a reader found; gives ``DatePhrase`` and ``PartialDate``, with what is missing worked
out.  Leaves to the readers whether there are such days.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from aggregator.model import PartialDate, Shift

Precision = Literal["day", "month", "week", "relative"]


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
) -> DatePhrase:
    """Build the phrase of a span."""
    missing = _missing(
        first.year is None or last.year is None,
        first.month is None or last.month is None,
        first.day is None or last.day is None,
    )
    return DatePhrase(
        text=text[start:end],
        start=start,
        end=end,
        first=first,
        last=last,
        weekday=weekday,
        precision=precision,
        relative=relative,
        missing=missing,
    )


@cache
def _missing(year: bool, month: bool, day: bool) -> frozenset[str]:
    """Give the names of what is missing."""
    flags = {"year": year, "month": month, "day": day}
    return frozenset(name for name, is_missing in flags.items() if is_missing)


@lru_cache(maxsize=4096)
def partial(year: int | None, month: int | None, day: int | None) -> PartialDate:
    """Give the date, the same object for the same date: texts repeat their dates."""
    return PartialDate(year=year, month=month, day=day)


NOTHING = partial(None, None, None)
