"""Read how often a feed changes: ``ttl``, ``sy:updatePeriod``, ``skipHours``, ``skipDays``.

Takes the texts of these elements; returns seconds, hours and days.
"""

from collections.abc import Iterable

_MINUTE = 60
_DAY = 24 * 60 * _MINUTE
_YEAR = 365 * _DAY
# RDF Site Summary 1.0, module Syndication; a month and a year in round days.
_PERIODS = {
    "hourly": 60 * _MINUTE,
    "daily": _DAY,
    "weekly": 7 * _DAY,
    "monthly": 30 * _DAY,
    "yearly": _YEAR,
}
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def period(ttl: str, update_period: str, update_frequency: str) -> int | None:
    """Return the seconds between two changes, at most a year, or None where they are not stated.

    ``ttl`` is in minutes (RSS 2.0) and preferred: ``sy:updatePeriod`` is often a software default.
    """
    minutes = _number(ttl)
    if minutes:
        return min(minutes * _MINUTE, _YEAR)
    seconds = _PERIODS.get(update_period.strip().lower())
    if seconds is None:
        return None
    return max(seconds // (_number(update_frequency) or 1), _MINUTE)


def hours(texts: Iterable[str]) -> frozenset[int]:
    """Return the hours of ``skipHours``, 0 to 23 in UTC; 24 is midnight, as in RSS 0.91."""
    numbers = (_number(text) for text in texts)
    return frozenset(number % 24 for number in numbers if number is not None and number <= 24)


def days(texts: Iterable[str]) -> frozenset[int]:
    """Return the days of ``skipDays``; Monday is 0."""
    names = (text.strip().lower() for text in texts)
    return frozenset(_WEEK.index(name) for name in names if name in _WEEK)


def _number(text: str) -> int | None:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None
