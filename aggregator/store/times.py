"""Times and partial dates as the store's text, and back.

RFC 3339 in UTC to the second; a partial date has dashes for what it lacks, as
the truncated forms of ISO 8601:2000 have (``2017-10``, ``--12-15``).
"""

import re
from datetime import UTC, datetime

from aggregator.model import PartialDate


def time_text(moment: datetime) -> str:
    """``2023-12-15T12:00:07Z``: of one length, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def to_time(text: str) -> datetime:
    """What ``time_text`` wrote."""
    return datetime.fromisoformat(text)


def partial_text(day: PartialDate) -> str:
    """``2023-12-15``, ``2023-12``, ``2023``, ``--12-15``, ``--12`` or ``---15``."""
    year = f"{day.year:04}" if day.year is not None else "-"
    month = f"-{day.month:02}" if day.month is not None else "-" if day.day is not None else ""
    return year + month + (f"-{day.day:02}" if day.day is not None else "")


def to_partial(text: str) -> PartialDate:
    """What ``partial_text`` wrote."""
    match = re.fullmatch(r"(\d{4}|-)(?:-(\d\d)|-)?(?:-(\d\d))?", text)
    if match is None:
        return PartialDate()
    year, month, day = match.groups()
    return PartialDate(
        year=int(year) if year != "-" else None,
        month=int(month) if month else None,
        day=int(day) if day else None,
    )
