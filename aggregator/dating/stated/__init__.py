"""Read dates that are stated as data: of RSS, Atom and JSON Feed, and ``Date:`` lines.

``read_time`` takes a date as found, and ``DateRules``; returns the time as a ``datetime`` in UTC,
the day as a ``date``, or None.  RFC 822 and RFC 3339 are read here, by one regular expression each;
``forms`` reads every other form, and ``zones`` has the names of time zones.

A time is exact only if all of the date was understood.  Where the zone is unknown, or other words
remain, only the day is certain, and only the day is returned.  ``03/04/2024`` can be two days: it
is read only where the source, another date of the document, a weekday beside it or the language
tells which comes first.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from aggregator.dating.stated.rules import ANY, DateRules
from aggregator.dating.stated.zones import FIXED

__all__ = ["ANY", "DateRules", "read_time", "rules_of_document"]

LONGEST = 1_000
"""Characters of a date with its markup; what is longer is not one."""

_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}
_RFC822 = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
    r"(\d{1,2})\s+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+(\d{4})"
    r"\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?\s+(?:([+-])(0\d|1[0-4])([0-5]\d)|([a-z]{1,5}))",
    re.IGNORECASE | re.ASCII,
)
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d"
    r"(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-](?:0\d|1[0-4])(?::[0-5]\d|00))?)?",
    re.ASCII,
)
_MONTH_FIRST = frozenset(("en-us", "en-ph", "en-bz", "en-pr", "en-gu"))
# English without a region, Canada, and where the year is usually first.
_NO_ORDER = frozenset(("en", "en-ca", "fr-ca", "zh", "ja", "ko", "hu", "lt", "fil", "tl"))


def read_time(text: str, rules: DateRules = ANY) -> date | None:
    """Return the time in UTC, to the second, or the day that ``text`` states.  Never raises."""
    try:
        if text[:4].isdecimal():
            if len(text) == 10 and text[4] == text[7] == "-":
                return date.fromisoformat(text)
            moment = _rfc3339(text, rules.zone)
        else:
            moment = _rfc822(text) if rules.zone is None else None
    except (ValueError, OverflowError):
        moment = None
    if moment is not None:
        return moment
    if len(text) > LONGEST:
        return None
    from aggregator.dating.stated.forms import read_form  # few documents need its tables

    return read_form(text, rules)


def rules_of_document(rules: DateRules, language: str | None, dates: Iterable[str]) -> DateRules:
    """Return the rules for a document in ``language`` that states these ``dates``.

    The order of day and month is that of its source, else of those of its dates that can mean one
    day only, else of its language.
    """
    if rules.day_first is None and (doubtful := list(filter(_is_doubtful, dates))):
        from aggregator.dating.stated.forms import order_of

        first = order_of(doubtful)
        rules = replace(rules, day_first=_order_in(language) if first is None else first)
    return replace(rules, language=language)


def _is_doubtful(text: str) -> bool:
    """Return whether a date may be one as 03/04/2024, at little cost."""
    return "/" in text or (text.count("-") > 1 and not text[:4].isdecimal())


def _order_in(language: str | None) -> bool | None:
    """Return whether a language writes the day before the month; None where that is not certain."""
    if not language:
        return None
    tag = language.strip().lower().replace("_", "-")
    if tag in _MONTH_FIRST:
        return False
    main = tag.partition("-")[0]
    return None if tag in _NO_ORDER or (main != "en" and main in _NO_ORDER) else True


def _rfc3339(text: str, zone: tzinfo | None) -> datetime | None:
    if not _RFC3339.fullmatch(text):
        return None
    written = datetime.fromisoformat(text.upper())
    if written.tzinfo is None:
        written = written.replace(tzinfo=zone or UTC)
    if written.tzinfo is not UTC:
        written = written.astimezone(UTC)
    return written.replace(microsecond=0) if written.microsecond else written


def _rfc822(text: str) -> datetime | None:
    found = _RFC822.fullmatch(text)
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes, zone = found.groups()
    written = datetime(
        int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second or 0),
        tzinfo=UTC,
    )  # fmt: skip
    if not sign:
        ahead = FIXED.get(zone.lower())
        if ahead is None:
            return None
        return written - timedelta(minutes=ahead) if ahead else written
    shift = timedelta(hours=int(hours), minutes=int(minutes))
    return written - shift if sign == "+" else written + shift
