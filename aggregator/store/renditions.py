"""Entries as they stand in feeds, built once and kept.

A rendition depends on its entry, on its agency's name, and on the version of what built it; it is
used only while all three hold.  Whoever changes an entry calls ``forget`` in the same transaction.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.store import Store
from aggregator.store.sightings import UPDATED
from aggregator.store.times import to_time


@dataclass(frozen=True, slots=True)
class Kept:
    """What a feed needs to know of one of its entries.  ``body`` is None where none is kept."""

    key: int
    agency: str
    updated: datetime
    body: bytes | None


def kept(store: Store, form: str, version: str, keys: Sequence[int]) -> list[Kept]:
    """The renditions there are of these entries, in their order."""
    rows = store.rows(
        f"SELECT entries.key, agency, {UPDATED.format('entries.')}, body FROM entries"
        " JOIN agencies ON agencies.id = agency"
        " LEFT JOIN renditions ON entry = entries.key AND format = ?"
        " AND context = ? || ' ' || name"
        " WHERE entries.key IN (SELECT value FROM json_each(?))",
        (form, version, json.dumps(list(keys))),
    )
    found = {key: Kept(key, agency, to_time(updated), body) for key, agency, updated, body in rows}
    return [found[key] for key in keys]


def keep(store: Store, form: str, version: str, bodies: Iterable[tuple[int, bytes]]) -> None:
    """Keep renditions, each in the place of what there was of its entry."""
    store.execute_many(
        "INSERT OR REPLACE INTO renditions (entry, format, context, body)"
        " SELECT entries.key, ?1, ?2 || ' ' || name, ?4 FROM entries"
        " JOIN agencies ON agencies.id = agency WHERE entries.key = ?3",
        [(form, version, key, body) for key, body in bodies],
    )


def forget(store: Store, keys: Iterable[int]) -> None:
    """Drop the renditions of entries that changed."""
    store.execute_many("DELETE FROM renditions WHERE entry = ?", [(key,) for key in keys])


def forget_linked(store: Store, keys: Iterable[int]) -> None:
    """Drop the renditions of entries whose links changed, and of those that point to them."""
    store.execute_many(
        "DELETE FROM renditions WHERE entry = ?1"
        " OR entry IN (SELECT entry FROM related WHERE other = ?1)",
        [(key,) for key in keys],
    )
