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
# The forms of nearly all feeds: these patterns are faster than those that ignore case and spaces.
_USUAL = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d\d?) ([A-Z][a-z][a-z]) (\d{4})"
    r" (\d\d):(\d\d):(\d\d) (?:GMT|UTC|Z|([+-])(\d\d)(\d\d))",
    re.ASCII,
)
_USUAL_3339 = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?(?:(Z)|[+-]\d\d:\d\d)", re.ASCII
)
_RFC822 = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
    r"(\d{1,2})\s+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+(\d{4})"
    r"\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?\s+(?:([+-])(\d\d)(\d\d)|([a-z]{1,5}))",
    re.IGNORECASE | re.ASCII,
)
_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:Z|([+-])(\d\d):(\d\d)|([+-])(\d\d)00)?)?",
    re.ASCII | re.IGNORECASE,
)


def moment(date: str) -> datetime | None:
    """Return the time of ``date``, to the second, or None where that is not certain."""
    try:
        return _usual(date) or _rfc822(date) or _rfc3339(date)
    except (ValueError, OverflowError):
        return None


def _usual(date: str) -> datetime | None:
    found = _USUAL.fullmatch(date)
    if found is None:
        iso = _USUAL_3339.fullmatch(date)
        if iso is None:
            return None
        written = datetime.fromisoformat(date)
        if not iso[2]:
            written = written.astimezone(UTC)
        return written.replace(microsecond=0) if iso[1] else written
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    number = _MONTHS.get(month.lower())
    if number is None:
        return None
    written = datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    return _shifted(written, sign, int(hours), int(minutes)) if sign else written


def _rfc822(date: str) -> datetime | None:
    found = _RFC822.fullmatch(date)
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes, zone = found.groups()
    written = datetime(
        int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second or 0),
        tzinfo=UTC,
    )  # fmt: skip
    if sign:
        return _shifted(written, sign, int(hours), int(minutes))
    shift = _ZONES.get(zone.lower(), 0)
    return written - timedelta(hours=shift) if shift else written


def _rfc3339(date: str) -> datetime | None:
    found = _RFC3339.fullmatch(date)
    if found is None:
        return None
    year, month, day, hour, minute, second, sign, hours, minutes, short_sign, short = found.groups()
    written = datetime(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0),
        tzinfo=UTC,
    )  # fmt: skip
    if sign:
        return _shifted(written, sign, int(hours), int(minutes))
    return _shifted(written, short_sign, int(short), 0) if short_sign else written


def _shifted(written: datetime, sign: str, hours: int, minutes: int) -> datetime:
    if not hours and not minutes:
        return written
    shift = timedelta(hours=hours, minutes=minutes)
    return written - shift if sign == "+" else written + shift
