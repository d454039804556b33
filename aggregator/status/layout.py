"""Columns, counts and times, as all commands write them."""

from collections.abc import Iterator, Sequence, Set
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

AGGREGATOR = "another Aggregator's feed: 'aggregator = true' would keep its ids, agencies and dates"
"""What is said of a source that is not configured as one."""

CLUSTER = "the Dask cluster of the scheduler {} polls and reads"
"""What is said where ``[scale] scheduler`` is set."""


def columns(rows: Sequence[tuple[str, ...]], right: Set[int] = frozenset()) -> Iterator[str]:
    """Return ``rows`` in columns; those in ``right`` are aligned to the right."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))] if rows else []
    for row in rows:
        cells = [
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def count(number: int, one: str, several: str = "") -> str:
    """Return ``1 item`` or ``2,000 items``; ``several`` is the plural where it is irregular."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def fields(value: object, *names: str) -> Json:
    """Return the attributes ``names`` of ``value`` for JSON, with times in RFC 3339."""
    found = {name: getattr(value, name) for name in names}
    return {
        name: moment(item) if isinstance(item, datetime) else item for name, item in found.items()
    }


def moment(time: datetime) -> str:
    """Return ``2023-12-15T12:00:07Z``."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment_or_none(time: datetime | None) -> str | None:
    """Return ``2023-12-15T12:00:07Z``, or None."""
    return moment(time) if time is not None else None


def minute(text: str | None) -> str:
    """Return ``2023-12-15 12:00`` for what ``moment`` returned, or ``never`` for None."""
    return text[:16].replace("T", " ") if text else "never"
