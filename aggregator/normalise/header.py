"""Read dates that a publisher states as data: a ``Date:`` line, or a feed's ``pubDate``.

Takes the text or the time; returns ``Evidence`` that states the day.
"""

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from aggregator.dating.phrases import find_dates
from aggregator.model import Evidence, PartialDate
from aggregator.normalise.text import cut, one_line

LONGEST_PHRASE = 100
"""Characters of a date as its feed writes it."""


def read_header(value: str) -> Evidence | None:
    """Return the date in a header, in ISO 8601, RFC 2822 or words, or None.

    A time without a zone is in UTC.
    """
    text = value.strip()
    when = _iso(text) or _rfc2822(text) or _words(text)
    if when is None:
        return None
    moment = _utc(when) if isinstance(when, datetime) else None
    day = moment.date() if moment is not None else when
    return _evidence(day, moment, text, "given by its publisher")


def stated_time(moment: datetime, phrase: str | None, reason: str) -> Evidence:
    """Return the evidence of an exact time in UTC that a feed has as ``phrase``."""
    moment = moment.replace(microsecond=0)
    shown = cut(one_line(phrase or ""), LONGEST_PHRASE) or moment.isoformat()
    return _evidence(moment.date(), moment, shown, reason)


def _evidence(day: date, moment: datetime | None, phrase: str, reason: str) -> Evidence:
    whole = PartialDate(year=day.year, month=day.month, day=day.day)
    return Evidence(
        place="header",
        phrase=phrase,
        role="stated",
        first=whole,
        last=whole,
        reason=reason,
        moment=moment,
    )


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _rfc2822(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _words(text: str) -> date | None:
    """Return the day in words, if there is exactly one and it is complete."""
    found = [phrase for phrase in find_dates(text) if not phrase.missing]
    if len(found) != 1 or found[0].first != found[0].last:
        return None
    day = found[0].first
    return date(day.year or 1, day.month or 1, day.day or 1)


def _utc(moment: datetime) -> datetime | None:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC).replace(microsecond=0)
    except OverflowError:  # within a day of the first or last possible time
        return None
