"""Times and partial dates as the store's text, and back.

RFC 3339 in UTC to the second; a partial date has dashes for what it lacks, as in the truncated
forms of ISO 8601:2000 (``2017-10``, ``--12-15``).  Values cross this module in both directions:
``columns_of`` makes a row of a dataclass, ``with_times`` reads the times of a row.
"""

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aggregator.model import PartialDate

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def utc_now() -> datetime:
    """Return the current time in UTC, to the second as the store keeps times."""
    return datetime.now(UTC).replace(microsecond=0)


def time_text(moment: datetime) -> str:
    """``2023-12-15T12:00:07Z``: of one length, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def to_time(text: str) -> datetime:
    """The time that ``time_text`` wrote."""
    return datetime.fromisoformat(text)


def open_time_text(moment: datetime | None) -> str:
    """The same, and an empty text for the open end of a window."""
    return time_text(moment) if moment is not None else ""


def optional_time(text: str | None) -> datetime | None:
    """The time that ``time_text`` wrote; None for None and for an empty text."""
    return datetime.fromisoformat(text) if text else None


def with_times(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """``row`` with the columns of these names as times, None where they are null."""
    return {**row, **{name: optional_time(row[name]) for name in names}}


def columns_of(value: "DataclassInstance") -> dict[str, Any]:
    """The fields of a dataclass as a row: times as text, all else as it is."""
    row = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: time_text(v) if isinstance(v, datetime) else v for name, v in row.items()}


def partial_text(day: PartialDate) -> str:
    """``2023-12-15``, ``2023-12``, ``2023``, ``--12-15``, ``--12`` or ``---15``."""
    year = f"{day.year:04}" if day.year is not None else "-"
    month = f"-{day.month:02}" if day.month is not None else "-" if day.day is not None else ""
    return year + month + (f"-{day.day:02}" if day.day is not None else "")


def to_partial(text: str) -> PartialDate:
    """The partial date that ``partial_text`` wrote."""
    match = re.fullmatch(r"(\d{4}|-)(?:-(\d\d)|-)?(?:-(\d\d))?", text)
    if match is None:
        return PartialDate()
    year, month, day = match.groups()
    return PartialDate(
        year=int(year) if year != "-" else None,
        month=int(month) if month else None,
        day=int(day) if day else None,
    )
