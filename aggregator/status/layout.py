"""Columns, counts and times, as all commands write them."""

from collections.abc import Iterator, Sequence, Set
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


def columns(rows: Sequence[tuple[str, ...]], right: Set[int] = frozenset()) -> Iterator[str]:
    """``rows`` in columns as wide as they need; those in ``right`` end flush."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))] if rows else []
    for row in rows:
        cells = [
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def count(number: int, what: str) -> str:
    """``1 item``, ``2,000 items``."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def moment(time: datetime) -> str:
    """``2023-12-15T12:00:07Z``."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def minute(time: datetime | None) -> str:
    """``2023-12-15 12:00`` in UTC, or ``never``."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if time else "never"
