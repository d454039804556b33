"""Which days there are: a calendar, and the years that a press release may speak of.

Takes numbers; gives whether they are a day.  Leaves to others what is done with days that are none.
"""

from calendar import monthrange

FIRST_YEAR, LAST_YEAR = 1900, 2099
"""The years we take: what lies outside is a count, a house number or history."""


def is_day(year: int | None, month: int, day: int) -> bool:
    """Say whether there is such a day; 29 February without a year is one."""
    if not 1 <= month <= 12 or (year is not None and not is_year(year)):
        return False
    return 1 <= day <= monthrange(2000 if year is None else year, month)[1]


def is_year(year: int) -> bool:
    """Say whether a year is one we take."""
    return FIRST_YEAR <= year <= LAST_YEAR


def weekday_of(year: int, month: int, day: int) -> int:
    """Give the weekday, Monday 0."""
    return (monthrange(year, month)[0] + day - 1) % 7
