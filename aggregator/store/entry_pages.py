"""Which entries need a page of their own, which have one, and which entry a page is of.

A page is needed where no publisher has one, and where there is something to show that the
publisher's does not: texts that were changed, sightings that were merged, a date that is not
upstream's.  ``paged`` lists the entries whose pages are files now.  Raises ``StoreError``.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from aggregator.model import Dating
from aggregator.normalise.identity import page_uuid
from aggregator.store import Store
from aggregator.store.times import with_times

_NEEDS_ONE = """
    dating_basis != 'upstream'
    OR EXISTS (SELECT 1 FROM datings WHERE entry = entries.key)
    OR EXISTS (SELECT 1 FROM revisions WHERE entry = entries.key)
    OR EXISTS (SELECT 1 FROM sightings WHERE entry = entries.key AND how NOT IN ('new', 'same'))
    OR NOT EXISTS (SELECT 1 FROM sightings JOIN links ON sighting = sightings.id
        WHERE entry = entries.key AND rel = 'alternate' AND href LIKE 'http%')
    OR (SELECT min(source) != max(source) FROM sightings JOIN documents ON documents.key = document
        WHERE entry = entries.key)
"""

_NEXT = (
    "(SELECT key FROM entries WHERE agency = e.agency AND (published, key) {0} (e.published, e.key)"
    " ORDER BY published {1}, key {1} LIMIT 1)"
)


class Neighbours(NamedTuple):
    """The rows of the entries beside one: the next ``older`` and ``newer`` of its agency, and those
    ``above`` and ``below`` it in the list of a document that bound its date.
    """

    older: int | None
    newer: int | None
    above: int | None
    below: int | None


def to_page(store: Store, keys: Collection[int] | None, mode: str) -> set[int]:
    """Return which of these dated entries are to have a page; None: which of all.

    ``mode`` is the setting ``entry_pages``: ``needed``, ``all`` or ``none``.
    """
    if mode == "none":
        return set()
    condition = "" if mode == "all" else f" AND ({_NEEDS_ONE})"
    among = "" if keys is None else " AND key IN (SELECT value FROM json_each(?))"
    rows = store.rows(
        f"SELECT key FROM entries WHERE published IS NOT NULL{among}{condition}",
        () if keys is None else (json.dumps(sorted(keys)),),
    )
    return {key for (key,) in rows}


def paged(store: Store, keys: Collection[int] | None = None) -> set[int]:
    """Return which of these entries have a page that is a file; None: which of all."""
    if keys is None:
        return {key for (key,) in store.rows("SELECT entry FROM paged")}
    rows = store.rows(
        "SELECT entry FROM paged WHERE entry IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(keys)),),
    )
    return {key for (key,) in rows}


def neighbours(store: Store, keys: Collection[int]) -> dict[int, Neighbours]:
    """Return the neighbours of these entries, of those that are dated."""
    rows = store.rows(
        f"SELECT key, {_NEXT.format('<', 'DESC')}, {_NEXT.format('>', 'ASC')}, dating_above,"
        " dating_below FROM entries AS e"
        " WHERE published IS NOT NULL AND key IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(keys)),),
    )
    return {key: Neighbours(*found) for key, *found in rows}


def datings(store: Store, keys: Collection[int]) -> dict[int, Dating]:
    """Return when these entries came out, of those that are dated, without the evidence."""
    rows = store.query(
        "SELECT key, dating_basis AS basis, published, dating_earliest AS earliest,"
        " dating_latest AS latest, '' AS evidence FROM entries"
        " WHERE published IS NOT NULL AND key IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(keys)),),
    )
    return {
        row.pop("key"): Dating(**with_times(row, "published", "earliest", "latest")) for row in rows
    }


def naming(store: Store, keys: Collection[int]) -> set[int]:
    """Return the entries whose pages name one of these as a neighbour, or are to.

    That is at most the two neighbours that each had and the two that it has, and those whose date
    it bounds.
    """
    beside = store.rows(
        "WITH changed(key) AS (SELECT value FROM json_each(?))"
        " SELECT entry FROM changed JOIN paged ON older = key"
        " UNION SELECT entry FROM changed JOIN paged ON newer = key"
        " UNION SELECT e.key FROM changed AS c JOIN entries AS e ON e.dating_below = c.key"
        " UNION SELECT e.key FROM changed AS c JOIN entries AS e ON e.dating_above = c.key",
        (json.dumps(sorted(keys)),),
    )
    now = neighbours(store, keys).values()
    found = {key for (key,) in beside}.union(*((at.older, at.newer) for at in now))
    return {key for key in found if key is not None}


def note_paged(
    store: Store,
    new: Iterable[int],
    gone: Collection[int],
    written: Mapping[int, Neighbours],
) -> None:
    """Note, in a transaction, whose pages are new and whose are gone, and the neighbours that those
    ``written`` name.
    """
    store.execute_many(
        "INSERT OR IGNORE INTO paged (entry) VALUES (?)", ((k,) for k in sorted(new))
    )
    store.execute_many(
        "UPDATE paged SET older = ?2, newer = ?3"
        " WHERE entry = ?1 AND (older, newer) IS NOT (?2, ?3)",
        ((key, at.older, at.newer) for key, at in sorted(written.items())),
    )
    store.execute_many("DELETE FROM paged WHERE entry = ?", ((key,) for key in sorted(gone)))


def are_noted_right(store: Store) -> bool:
    """Return whether the noted neighbours are those that entries have."""
    return not store.rows(
        "SELECT 1 FROM paged JOIN entries AS e ON e.key = entry WHERE (older, newer) IS NOT"
        f" ({_NEXT.format('<', 'DESC')}, {_NEXT.format('>', 'ASC')}) LIMIT 1"
    )


def affected_months(store: Store, keys: Collection[int]) -> set[tuple[str, str]]:
    """Return the agencies whose lists have these entries, each with the month, as ``2024-05``."""
    rows = store.rows(
        "SELECT agency, substr(published, 1, 7) FROM entries"
        " WHERE key IN (SELECT value FROM json_each(?1)) AND published IS NOT NULL"
        " UNION SELECT credits.agency, substr(published, 1, 7) FROM credits"
        " JOIN entries ON key = entry"
        " WHERE entry IN (SELECT value FROM json_each(?1)) AND published IS NOT NULL",
        (json.dumps(sorted(keys)),),
    )
    return set(rows)


def ids(store: Store, keys: Collection[int]) -> list[str]:
    """Return the ids of these entries."""
    rows = store.rows(
        "SELECT id FROM entries WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key",
        (json.dumps(sorted(keys)),),
    )
    return [entry_id for (entry_id,) in rows]


def index_names(store: Store, entries: Iterable[tuple[int, str]]) -> None:
    """Index new entries, given by row and id, by the names of their pages."""
    numbers = [(number, key) for key, id_ in entries if (number := _number(id_)) is not None]
    store.execute_many("INSERT INTO page_numbers VALUES (?, ?)", numbers)


def drop_names(store: Store, keys: Collection[int]) -> None:
    """Remove entries from the index, before they are removed."""
    rows = store.rows(
        "SELECT id, key FROM entries WHERE key IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(keys)),),
    )
    numbers = [(number, key) for id_, key in rows if (number := _number(id_)) is not None]
    store.execute_many("DELETE FROM page_numbers WHERE (number, entry) = (?, ?)", numbers)


def entry_of_page(store: Store, name: str) -> int | None:
    """Return the row of the dated entry whose page has this UUID as its name, if there is one."""
    number = int(name.replace("-", ""), 16) >> 65
    rows = store.rows(
        "SELECT key, id FROM entries WHERE published IS NOT NULL AND (id = ? OR key IN"
        " (SELECT entry FROM page_numbers WHERE number = ?))",
        (f"urn:uuid:{name}", number),
    )
    return next((key for key, id_ in rows if page_uuid(id_) == name), None)


def _number(entry_id: str) -> int | None:
    """Return the number of an entry's page, or None where the name of the page is its id."""
    name = page_uuid(entry_id)
    return None if entry_id == f"urn:uuid:{name}" else int(name.replace("-", ""), 16) >> 65
