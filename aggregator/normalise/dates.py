"""Days that a release states in full, in its header or in its text."""

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from aggregator.model import Evidence, PartialDate

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_NAMES = "|".join(_MONTHS)
_DAY_FIRST = rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<m>{_NAMES}),?\s+(?P<y>\d{{4}})"
_MONTH_FIRST = rf"(?P<m2>{_NAMES})\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})"
_IN_FULL = re.compile(rf"(?<!\w)(?:{_DAY_FIRST}|{_MONTH_FIRST})(?!\w)")


def read_header(value: str) -> Evidence | None:
    """What a ``Date:`` line says: ISO 8601, RFC 2822 or words; None where it is no date."""
    for read in (_iso, _rfc2822):
        moment = read(value.strip())
        if moment is not None:
            break
    else:
        match = _IN_FULL.search(value)
        moment = _day(match) if match else None
    if moment is None:
        return None
    exact = moment.astimezone(UTC) if isinstance(moment, datetime) else None
    day = _whole(exact.date() if exact else moment)
    return Evidence(
        place="header", phrase=value.strip(), role="stated", first=day, last=day, moment=exact
    )


def read_text(text: str) -> tuple[Evidence, ...]:
    """The first day that the text gives in full, taken as stated."""
    for match in _IN_FULL.finditer(text):
        day = _day(match)
        if day is not None:
            whole = _whole(day)
            return (
                Evidence(place="body", phrase=match[0], role="stated", first=whole, last=whole),
            )
    return ()


def _iso(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _rfc2822(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(match: re.Match[str]) -> date | None:
    month = _MONTHS.index(match["m"] or match["m2"]) + 1
    try:
        return date(int(match["y"] or match["y2"]), month, int(match["d"] or match["d2"]))
    except ValueError:
        return None


def _whole(day: date) -> PartialDate:
    return PartialDate(year=day.year, month=day.month, day=day.day)
