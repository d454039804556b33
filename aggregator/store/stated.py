"""What sources state of entries now: their links, categories, authors and dates.

Takes rows of entries; returns what stands of their sightings.  A feed states an item anew whenever
it changes, so of the sightings of an entry in a feed only those of the latest document stand.  A
digest states what it knew, and all its sightings stand.  Raises ``StoreError``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aggregator.model import Link
from aggregator.store import Row, Store
from aggregator.store.packing import read_html, unpack_html
from aggregator.store.times import to_time

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.dedupe.corrections import Stated

    Span = tuple[datetime, datetime]


def links_of(store: Store, keys: Iterable[int]) -> dict[int, list[Link]]:
    """Return links of entries: of the first source with some, then the others as ``via``."""
    found: dict[int, list[Link]] = {}
    first: dict[int, int] = {}
    for entry, sighting, rel, href, kind, title, length, hreflang in _stated(
        store, keys, "links", "rel, href, type, title, length, hreflang"
    ):
        links = found.setdefault(entry, [])
        own = first.setdefault(entry, sighting) == sighting
        if href not in {link.href for link in links}:
            rel = rel if own or rel != "alternate" else "via"
            links.append(
                Link(href=href, rel=rel, type=kind, title=title, length=length, hreflang=hreflang)
            )
    return found


def terms_of(store: Store, keys: Iterable[int]) -> dict[int, list[str]]:
    """Return the categories that feeds state for entries, each once, as they came."""
    return _values(store, keys, "terms", "term")


def authors_of(store: Store, keys: Iterable[int]) -> dict[int, list[str]]:
    """Return the authors that feeds name, each once, as they came."""
    return _values(store, keys, "authors", "authors.name")


def _values(store: Store, keys: Iterable[int], table: str, column: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for entry, _, value in _stated(store, keys, table, column):
        held = found.setdefault(entry, [])
        if value not in held:
            held.append(value)
    return found


def _stated(store: Store, keys: Iterable[int], table: str, columns: str) -> list[Row]:
    """Return entry, sighting and ``columns`` of what stands, in the order of the sources."""
    rows = store.rows(
        "SELECT entry, modified || ' ' || documents.name, sightings.position,"
        f" upstream_id IS NOT NULL, sightings.id, {columns} FROM sightings"
        f" JOIN {table} ON {table}.sighting = sightings.id"
        " JOIN documents ON documents.key = sightings.document"
        " WHERE entry IN (SELECT value FROM json_each(?))"
        f" ORDER BY entry, modified, documents.name, sightings.position, {table}.position",
        (json.dumps(list(keys)),),
    )
    if restated := _restated(store, {row[0] for row in rows if row[3]}):
        since = _standing_since(store, restated)
        rows = [row for row in rows if not row[3] or row[0] not in restated or row[4] in since]
        rows.sort(key=lambda row: (row[0], since.get(row[4], row[1]), row[2]))
    return [(row[0], *row[4:]) for row in rows]


def _restated(store: Store, keys: Collection[int]) -> set[int]:
    """Return the entries with several sightings in feeds; the only one of another stands."""
    rows = store.rows(
        "SELECT entry FROM sightings WHERE upstream_id IS NOT NULL"
        " AND entry IN (SELECT value FROM json_each(?)) GROUP BY entry HAVING count(*) > 1",
        (json.dumps(sorted(keys)),),
    )
    return {entry for (entry,) in rows}


def _standing_since(store: Store, keys: Collection[int]) -> dict[int, str]:
    """Return the sightings in feeds that stand, each with when its source first had the entry."""
    return dict(
        store.rows(
            "SELECT id, since FROM (SELECT sightings.id,"
            " min(modified || ' ' || name) OVER source AS since,"
            " document = first_value(document) OVER"
            " (source ORDER BY modified DESC, name DESC, document DESC) AS stands"
            " FROM sightings JOIN documents ON documents.key = document"
            " WHERE upstream_id IS NOT NULL AND entry IN (SELECT value FROM json_each(?))"
            " WINDOW source AS (PARTITION BY entry, source)) WHERE stands",
            (json.dumps(sorted(keys)),),
        )
    )


def replaced_dates(store: Store, keys: Collection[int]) -> set[int]:
    """Return the sightings whose date a later sighting in the same feed corrects.

    A date after the first sighting is no correction: nothing comes out after it was seen.  Feeds
    that date their items anew at each fetch, or at each edit, have such dates.
    """
    if not store.rows("SELECT 1 FROM upstream_ids LIMIT 1"):
        return set()
    dates: dict[tuple[int, str], list[tuple[str, str, int]]] = {}
    for entry, source, modified, stated, sighting in store.rows(
        "SELECT entry, source, modified, coalesce(moment, first), sightings.id FROM sightings"
        " JOIN evidence ON sighting = sightings.id AND place = 'header'"
        " JOIN documents ON documents.key = document"
        " WHERE upstream_id IS NOT NULL AND entry IN (SELECT value FROM json_each(?))"
        " ORDER BY entry, source, modified, name, document, sightings.position",
        (json.dumps(sorted(keys)),),
    ):
        dates.setdefault((entry, source), []).append((modified, stated, sighting))
    replaced: set[int] = set()
    for held in dates.values():
        possible = [date for date in held if date[1] <= held[0][0]]
        (_, stated, _) = possible[-1] if possible else held[0]
        replaced.update(sighting for _, other, sighting in held if other != stated)
    return replaced


def stated_by(store: Store, source: str, keys: Collection[int]) -> dict[int, Stated]:
    """Return what ``source`` states of the entries that it was the first feed to have."""
    from aggregator.dedupe.corrections import Stated

    listed = json.dumps(sorted(keys))
    own: dict[int, int] = {}
    first: dict[int, str] = {}
    owner: dict[int, str] = {}
    corrections: dict[int, int] = {}
    since: dict[int, str] = {}
    for entry, name, sighting, modified, rule, is_of_feed in store.rows(
        "SELECT entry, source, sightings.id, modified, rule, upstream_id IS NOT NULL"
        " FROM sightings JOIN documents ON documents.key = document"
        " WHERE entry IN (SELECT value FROM json_each(?))"
        " ORDER BY entry, modified, name, document, sightings.position",
        (listed,),
    ):
        first.setdefault(entry, name)
        if not is_of_feed:
            continue
        owner.setdefault(entry, name)
        since.setdefault(entry, modified)
        corrections[entry] = corrections.get(entry, 0) + (rule == "corrected")
        if name == source:
            own[entry] = sighting
    latest = {entry: own[entry] for entry, name in owner.items() if name == source}
    links, days = links_by_sighting(store, latest.values())
    return {
        entry: Stated(
            fingerprint=fingerprint,
            title=title,
            text=text,
            html=unpack_html(html, text),
            has_html=read_html(html, text.encode()) is not None,
            links=tuple(links.get(latest[entry], ())),
            day=days.get(latest[entry]),
            since=since[entry],
            corrections=corrections[entry],
            is_first=first[entry] == source,
        )
        for entry, fingerprint, title, text, html in store.rows(
            "SELECT key, fingerprint, title, text, content_html FROM entries"
            " WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(latest)),),
        )
    }


def links_by_sighting(
    store: Store, sightings: Iterable[int]
) -> tuple[Mapping[int, Sequence[Link]], Mapping[int, str]]:
    """Return the links of sightings, and the dates that they state as data."""
    listed = json.dumps(list(sightings))
    links: dict[int, list[Link]] = {}
    for sighting, rel, href, kind in store.rows(
        "SELECT sighting, rel, href, type FROM links"
        " WHERE sighting IN (SELECT value FROM json_each(?)) ORDER BY sighting, position",
        (listed,),
    ):
        links.setdefault(sighting, []).append(Link(rel=rel, href=href, type=kind))
    days = store.rows(
        "SELECT sighting, coalesce(moment, first) FROM evidence WHERE place = 'header'"
        " AND sighting IN (SELECT value FROM json_each(?)) ORDER BY sighting, position DESC",
        (listed,),
    )
    return links, dict(days)


def updates_of(store: Store, keys: Iterable[int]) -> dict[int, dict[str, Span]]:
    """Return the first and the last time at which feeds say that a text changed.

    By entry and fingerprint, in UTC; without texts of which no feed says so.
    """
    found: dict[int, dict[str, Span]] = {}
    for entry, fingerprint, first, last in store.rows(
        "SELECT entry, fingerprint, min(updated), max(updated) FROM sightings"
        " WHERE entry IN (SELECT value FROM json_each(?)) AND updated IS NOT NULL"
        " GROUP BY entry, fingerprint",
        (json.dumps(sorted(keys)),),
    ):
        found.setdefault(entry, {})[fingerprint] = (to_time(first), to_time(last))
    return found


def told_of(store: Store, keys: Collection[int]) -> dict[tuple[int, str], dict[str, Any]]:
    """Return the feed that had each text first, and what it stated besides its words.

    By entry and fingerprint; without texts that a digest had first.
    """
    first: dict[tuple[int, str], tuple[str, int]] = {}
    for entry, fingerprint, source, sighting, is_of_feed in store.rows(
        "SELECT entry, fingerprint, source, sightings.id, upstream_id IS NOT NULL FROM sightings"
        " JOIN documents ON documents.key = document"
        " WHERE entry IN (SELECT value FROM json_each(?))"
        " ORDER BY modified, name, sightings.position",
        (json.dumps(sorted(keys)),),
    ):
        first.setdefault((entry, fingerprint), (source if is_of_feed else "", sighting))
    of_feeds = {key: found for key, found in first.items() if found[0]}
    if not of_feeds:
        return {}
    from aggregator.dedupe.corrections import told

    links, days = links_by_sighting(store, [sighting for _, sighting in of_feeds.values()])
    listed = json.dumps(sorted({entry for entry, _ in of_feeds}))
    return {
        (entry, fingerprint): {
            "source": of_feeds[entry, fingerprint][0],
            "told": told(unpack_html(html, text), links.get(sighting, ()), days.get(sighting)),
        }
        for entry, fingerprint, text, html in store.rows(
            "SELECT key, fingerprint, text, content_html FROM entries"
            " WHERE key IN (SELECT value FROM json_each(?1)) UNION ALL"
            " SELECT entry, fingerprint, text, content_html FROM revisions"
            " WHERE entry IN (SELECT value FROM json_each(?1))",
            (listed,),
        )
        if (entry, fingerprint) in of_feeds
        for sighting in [of_feeds[entry, fingerprint][1]]
    }
