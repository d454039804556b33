"""Read dates that a publisher states as data: a ``Date:`` line, or a feed's ``pubDate``.

Takes the text or the time; returns ``Evidence`` that states the day.
"""

from datetime import date, datetime

from aggregator.dating.stated import ANY, DateRules, read_time
from aggregator.model import Evidence, PartialDate
from aggregator.normalise.text import cut, one_line

LONGEST_PHRASE = 100
"""Characters of a date as its feed writes it."""


def read_header(value: str, rules: DateRules = ANY) -> Evidence | None:
    """Return the date in a header, in any usual form, or None."""
    text = value.strip()
    found = read_time(text, rules)
    if found is None:
        return None
    moment = found if isinstance(found, datetime) else None
    return _evidence(moment.date() if moment else found, moment, text, "given by its publisher")


def stated_time(moment: datetime, phrase: str | None, reason: str) -> Evidence:
    """Return the evidence of an exact time in UTC that a feed has as ``phrase``."""
    moment = moment.replace(microsecond=0)
    shown = cut(one_line(phrase or ""), LONGEST_PHRASE) or moment.isoformat()
    return _evidence(moment.date(), moment, shown, reason)


def stated_day(day: date, phrase: str | None, reason: str) -> Evidence:
    """Return the evidence of a day that a feed has as ``phrase``."""
    shown = cut(one_line(phrase or ""), LONGEST_PHRASE) or day.isoformat()
    return _evidence(day, None, shown, reason)


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
