"""Read dates in RFC 822 and RFC 3339, with the usual variants.

Takes a date as found; returns its time in UTC, or None where only feedparser knows what it means.
The results are feedparser's, including its table of zone names: an unknown name counts as UTC.
"""

import re
from datetime import UTC, datetime, timedelta

_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}
_ZONES = {
    "adt": -3, "ast": -4, "at": -4, "edt": -4, "est": -5, "et": -5, "cdt": -5, "cst": -6, "ct": -6,
    "mdt": -6, "mst": -7, "mt": -7, "pdt": -7, "pst": -8, "pt": -8, "a": -1, "n": 1, "m": -12,
    "y": 12, "met": 1, "mest": 2,
}  # fmt: skip
_RFC822 = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
    r"(\d{1,2})\s+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+(\d{4})"
    r"\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?\s+(?:([+-])(\d\d)(\d\d)|([a-z]{1,5}))",
    re.IGNORECASE | re.ASCII,
)
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d"
    r"(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d|[+-]\d\d00)?)?",
    re.ASCII,
)


def moment(date: str) -> datetime | None:
    """Return the time of ``date``, to the second, or None where that is not certain."""
    try:
        return _rfc3339(date) if date[:4].isdecimal() else _rfc822(date)
    except (ValueError, OverflowError):
        return None


def _rfc3339(date: str) -> datetime | None:
    if not _RFC3339.fullmatch(date):
        return None
    written = datetime.fromisoformat(date.upper())
    if written.tzinfo is not UTC:
        written = written.astimezone(UTC) if written.tzinfo else written.replace(tzinfo=UTC)
    return written.replace(microsecond=0) if written.microsecond else written


def _rfc822(date: str) -> datetime | None:
    found = _RFC822.fullmatch(date)
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes, zone = found.groups()
    written = datetime(
        int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second or 0),
        tzinfo=UTC,
    )  # fmt: skip
    if not sign:
        ahead = _ZONES.get(zone.lower())
        return written - timedelta(hours=ahead) if ahead else written
    shift = timedelta(hours=int(hours), minutes=int(minutes))
    return written - shift if sign == "+" else written + shift
