"""How far the older pages of each source were read (RFC 5005), and which pages these were.

Functions that write belong in a transaction.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from aggregator.store import Store
from aggregator.store.times import columns_of, with_times

Purpose = Literal["backfill", "gap"]
State = Literal["reading", "done", "stopped", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """How far the older pages of a source were read.  Times are aware, in UTC, to the second.

    The fields are the columns of ``backfills`` (``schema/backfills.sql``).  ``wanted`` is in days,
    None for all; ``reached`` is about when the entries of the last page came out.
    """

    source: str
    purpose: Purpose
    asked: str
    wanted: int | None = None
    state: State
    reason: str = ""
    next: str | None = None
    feed: str = ""
    title: str = ""
    home: str | None = None
    bound: datetime
    cutoff: datetime | None = None
    floor: int = 0
    pages: int = 0
    bytes: int = 0
    reached: datetime | None = None
    failures: int = 0
    due: datetime
    poll_due: datetime | None = None


_FIELDS = [field.name for field in fields(Backfill)]
_TIMES = ("bound", "cutoff", "reached", "due", "poll_due")


def backfills(store: Store, sources: Collection[str] | None = None) -> dict[str, list[Backfill]]:
    """Return how far each of ``sources``, by default all, was read; gaps come last."""
    columns = ", ".join(_FIELDS)
    if sources is None:
        rows = store.query(f"SELECT {columns} FROM backfills ORDER BY source, purpose")
    else:
        rows = store.query(
            f"SELECT {columns} FROM backfills WHERE source IN (SELECT value FROM json_each(?))"
            " ORDER BY source, purpose",
            [json.dumps(list(sources))],
        )
    found: dict[str, list[Backfill]] = {}
    for row in rows:
        found.setdefault(row["source"], []).append(_backfill(row))
    return found


def _backfill(row: Mapping[str, Any]) -> Backfill:
    return Backfill(**with_times(row, *_TIMES))


def save(store: Store, backfill: Backfill) -> None:
    """Write how far a source was read."""
    marks = ", ".join("?" * len(_FIELDS))
    store.execute(
        f"INSERT OR REPLACE INTO backfills ({', '.join(_FIELDS)}) VALUES ({marks})",
        list(columns_of(backfill).values()),
    )


def forget(store: Store, source: str) -> None:
    """Forget how far a source was read: it is another one now."""
    for table in ("backfills", "backfill_pages"):
        store.execute(f"DELETE FROM {table} WHERE source = ?", (source,))


def forget_pages(store: Store, source: str, purpose: Purpose) -> None:
    """Forget which pages were read, before a new walk."""
    store.execute("DELETE FROM backfill_pages WHERE (source, purpose) = (?, ?)", (source, purpose))


def were_read(store: Store, source: str, purpose: Purpose, hashes: Sequence[bytes]) -> set[bytes]:
    """Return which of ``hashes`` are those of pages that were read."""
    return {
        found
        for one in hashes
        for (found,) in store.rows(
            "SELECT hash FROM backfill_pages WHERE (source, purpose, hash) = (?, ?, ?)",
            (source, purpose, one),
        )
    }


def add_pages(store: Store, source: str, purpose: Purpose, hashes: Sequence[bytes]) -> None:
    """Note pages that were read."""
    store.execute_many(
        "INSERT OR IGNORE INTO backfill_pages VALUES (?, ?, ?)",
        [(source, purpose, one) for one in hashes],
    )


def newest(store: Store, source: str, start: int, end: int) -> list[datetime]:
    """Return when entries of ``source`` came out, newest first, from place ``start`` to ``end``."""
    rows = store.query(
        "SELECT published FROM entries WHERE published IS NOT NULL AND key IN (SELECT entry FROM"
        " sightings JOIN documents ON documents.key = document WHERE source = ?)"
        " ORDER BY published DESC LIMIT ? OFFSET ?",
        [source, end - start, start],
    )
    return [with_times(row, "published")["published"] for row in rows]
