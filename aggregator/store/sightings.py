"""Sightings in the store: every item ever seen, with its entry and what was found in it.

Takes rows, texts, ids and pages; returns what the sightings say about them.  Raises ``StoreError``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.dedupe.items import BY_KNOWN_TEXT, Listing, NewSighting, SeenText, TextKey
from aggregator.model import Evidence, How, Sighting
from aggregator.store import Row, Store, relayed
from aggregator.store.times import partial_text, time_text, with_times

if TYPE_CHECKING:
    from aggregator.dedupe.decide import Decision

UPDATED = (
    "max({0}updated, coalesce({0}published, ''), coalesce({0}changed, ''),"
    " coalesce((SELECT max(s.updated) FROM sightings AS s"
    " WHERE s.entry = {0}key AND +s.fingerprint = {0}fingerprint), ''))"
)
"""SQL for when an entry was last updated: dated, seen to change, or as its feed says about the
current text.  Takes the name of the table with a full stop.  The sightings are found by the entry:
thousands of entries may have one text (the plus keeps SQLite from the index of texts).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSighting:
    """A sighting as a split needs it.  ``former`` is the id of its entry before a merge."""

    id: int
    entry: int
    agency: str
    fingerprint: str
    former: str | None


def add_sightings(store: Store, document: int, sightings: Sequence[NewSighting]) -> None:
    """Note where entries were seen in one document, with the links and dates found there."""
    ((last,),) = store.rows("SELECT coalesce(max(id), 0) FROM sightings")
    numbered = list(enumerate(sightings, last + 1))
    store.execute_many(
        "INSERT INTO sightings (id, entry, document, position, first_line, last_line, agency,"
        " fingerprint, how, score, rule, reason, upstream_id, updated)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_sighting_row(number, document, sighting) for number, sighting in numbered],
    )
    items = [(number, sighting.prepared) for number, sighting in numbered]
    store.execute_many(
        "INSERT INTO links (sighting, position, rel, href, type, title, length, hreflang,"
        " canonical) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(number, n, link.rel, link.href, link.type, link.title, link.length),
                *(link.hreflang, page),
            )
            for number, p in items
            for n, (link, page) in enumerate(zip(p.entry.links, p.pages, strict=True))
        ],
    )
    store.execute_many(
        "INSERT INTO terms (sighting, position, term) VALUES (?, ?, ?)",
        [(number, n, term) for number, p in items for n, term in enumerate(p.terms)],
    )
    store.execute_many(
        "INSERT INTO authors (sighting, position, name) VALUES (?, ?, ?)",
        [(number, n, name) for number, p in items for n, name in enumerate(p.entry.authors)],
    )
    relayed.add(store, items)
    insert_evidence(
        store,
        [
            evidence_row(number, n, found)
            for number, sighting in numbered
            for n, found in enumerate(_new_evidence(sighting))
        ],
    )


def _sighting_row(number: int, document: int, sighting: NewSighting) -> Row:
    p, decision = sighting.prepared, sighting.decision
    return (
        *(number, sighting.entry, document, p.item.position, *p.item.lines),
        *(p.entry.agency.id, sighting.fingerprint),
        *(decision.how, decision.score, decision.rule, decision.reason, p.key),
        time_text(p.entry.updated) if p.entry.updated else None,
    )


def _new_evidence(sighting: NewSighting) -> Sequence[Evidence]:
    """Return what a sighting adds to the evidence: of a text that was known only its header."""
    evidence = sighting.prepared.entry.evidence
    if sighting.decision.rule in BY_KNOWN_TEXT:
        return [found for found in evidence if found.place == "header"]
    return evidence


def insert_evidence(store: Store, rows: Sequence[Row]) -> None:
    """Store rows of evidence, as ``evidence_row`` makes them."""
    store.execute_many(
        "INSERT INTO evidence (sighting, position, place, phrase, role, first, last, weekday,"
        " shift_unit, shift, strength, reason, moment)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def evidence_row(sighting: int, number: int, found: Evidence) -> Row:
    """Return the row of what a sighting says about its date at the place ``number``."""
    return (
        sighting,
        number,
        found.place,
        found.phrase,
        found.role,
        partial_text(found.first),
        partial_text(found.last),
        found.weekday,
        found.shift.unit if found.shift else None,
        found.shift.offset if found.shift else None,
        found.strength,
        found.reason,
        time_text(found.moment) if found.moment else None,
    )


def entries_with_text(store: Store, fingerprints: Collection[str]) -> dict[TextKey, list[int]]:
    """Return the entries that were seen with one of these texts, by id."""
    found: dict[TextKey, list[int]] = {}
    for agency, fingerprint, key, _ in store.rows(
        "SELECT DISTINCT sightings.agency, sightings.fingerprint, entries.key, entries.id"
        " FROM sightings JOIN entries ON entries.key = entry"
        " WHERE sightings.fingerprint IN (SELECT value FROM json_each(?)) ORDER BY entries.id",
        (json.dumps(sorted(fingerprints)),),
    ):
        found.setdefault((agency, fingerprint), []).append(key)
    return found


def revisions_by_rule(
    store: Store, fingerprints: Mapping[int, Collection[str]]
) -> dict[tuple[int, str], int]:
    """Return the first sightings by which a rule, not a person, made texts revisions.

    By entry and fingerprint, for the ``fingerprints`` of each entry.
    """
    return {
        (entry, fingerprint): number
        for entry, fingerprint, number in store.rows(
            "SELECT entry, fingerprint, min(id) FROM sightings"
            " WHERE how = 'revision' AND rule != 'by-hand'"
            " AND entry IN (SELECT value FROM json_each(?)) GROUP BY entry, fingerprint",
            (json.dumps(sorted(fingerprints)),),
        )
        if fingerprint in fingerprints[entry]
    }


def relisted(store: Store, entries: Collection[int]) -> list[tuple[int, str, int, str]]:
    """Return where texts took the place of one of ``entries`` in its feed, each text once.

    Entry, fingerprint, sighting and the feed's id.
    """
    # With bare columns beside min(), SQLite takes them from the row that has the minimum.
    return [
        (entry, fingerprint, number, upstream_id)
        for entry, fingerprint, number, upstream_id in store.rows(
            "SELECT entry, fingerprint, min(id), upstream_id FROM sightings"
            " WHERE rule = 'relisted' AND entry IN (SELECT value FROM json_each(?))"
            " GROUP BY entry, fingerprint",
            (json.dumps(sorted(entries)),),
        )
    ]


def one(store: Store, sighting: int) -> StoredSighting:
    """Return the sighting of this id, which must exist."""
    (row,) = store.query(
        "SELECT id, entry, agency, fingerprint, former FROM sightings WHERE id = ?", (sighting,)
    )
    return StoredSighting(**row)


def are_of(store: Store, ids: Collection[int], entry: int) -> bool:
    """Return whether all these sightings are of the entry of this row."""
    among = "id IN (SELECT value FROM json_each(?))"
    listed = (entry, json.dumps(sorted(ids)))
    return len(store.rows(f"SELECT 1 FROM sightings WHERE entry = ? AND {among}", listed)) == len(
        ids
    )


def count(store: Store, entry: int) -> int:
    """Return how many sightings an entry has."""
    return int(store.rows("SELECT count(*) FROM sightings WHERE entry = ?", (entry,))[0][0])


def of_entries(store: Store, keys: Sequence[int]) -> dict[int, list[Sighting]]:
    """Return where each of the entries was seen, in the order of the documents' own times."""
    found: dict[int, list[Sighting]] = {key: [] for key in keys}
    for row in store.query(
        "SELECT entry, sightings.id, source, name AS document, position, first_line, last_line,"
        " modified AS seen, how, score, rule, reason, fingerprint, agency FROM sightings"
        " JOIN documents ON documents.key = sightings.document"
        " WHERE entry IN (SELECT value FROM json_each(?))"
        " ORDER BY entry, modified, name, position",
        (json.dumps(list(keys)),),
    ):
        entry, lines = row.pop("entry"), (row.pop("first_line"), row.pop("last_line"))
        found[entry].append(Sighting(lines=lines, **with_times(row, "seen")))
    return found


def move(
    store: Store, sightings: Collection[int], entry: int, *, how: How, rule: str, reason: str
) -> None:
    """Move sightings to ``entry``."""
    store.execute_many(
        "UPDATE sightings SET entry = ?, how = ?, score = 1.0, rule = ?, reason = ? WHERE id = ?",
        [(entry, how, rule, reason, sighting) for sighting in sightings],
    )
    ids_follow(store, entry)


def move_text(store: Store, entry: int, fingerprint: str, to: int, decision: Decision[int]) -> None:
    """Move the sightings of a text of ``entry`` to another entry, and note where they were.

    ``decision`` is for the sighting that was new until now.
    """
    store.execute(
        "UPDATE sightings SET how = ?, score = ?, rule = ?, reason = ?"
        " WHERE entry = ? AND fingerprint = ? AND how = 'new'",
        (decision.how, decision.score, decision.rule, decision.reason, entry, fingerprint),
    )
    store.execute(
        "UPDATE sightings SET entry = ?1, former = coalesce(former,"
        " (SELECT id FROM entries WHERE key = ?2)) WHERE entry = ?2 AND fingerprint = ?3",
        (to, entry, fingerprint),
    )
    ids_follow(store, to)


def ids_follow(store: Store, entry: int) -> None:
    """Make the feeds' ids of an entry's sightings mean that entry."""
    store.execute(
        "INSERT OR REPLACE INTO upstream_ids SELECT source, upstream_id, entry FROM sightings"
        " JOIN documents ON documents.key = document"
        " WHERE entry = ? AND upstream_id IS NOT NULL ORDER BY id",
        (entry,),
    )


def with_text(store: Store, entry: int, fingerprint: str) -> list[int]:
    """Return the sightings of an entry that have this text."""
    select = "SELECT id FROM sightings WHERE entry = ? AND fingerprint = ? ORDER BY id"
    rows = store.rows(select, (entry, fingerprint))
    return [number for (number,) in rows]


def give_evidence(store: Store, entry: int, fingerprint: str, evidence: Sequence[Evidence]) -> None:
    """Store what a text says about its date with its first sighting, if no sighting has it."""
    rows = store.rows(
        "SELECT id, EXISTS (SELECT 1 FROM evidence WHERE sighting = id AND place != 'header'),"
        " (SELECT count(*) FROM evidence WHERE sighting = id)"
        " FROM sightings WHERE entry = ? AND fingerprint = ? ORDER BY id",
        (entry, fingerprint),
    )
    if rows and not any(has for _, has, _ in rows):
        number, _, held = rows[0]
        insert_evidence(
            store, [evidence_row(number, n, found) for n, found in enumerate(evidence, held)]
        )


def mark_to_date(store: Store, entry: int) -> None:
    """Mark the documents of an entry to be dated again."""
    store.execute(
        "UPDATE documents SET dated = 0 WHERE key IN"
        " (SELECT document FROM sightings WHERE entry = ?)",
        (entry,),
    )


def seen_in_source(
    store: Store, source: str, fingerprints: Collection[str]
) -> dict[TextKey, list[SeenText]]:
    """Return the entries with which texts were in the feeds of a source, by id."""
    gathered: dict[tuple[str, str, int], tuple[set[str], set[str]]] = {}
    for agency, fingerprint, entry, day, page in store.rows(
        "SELECT s.agency, s.fingerprint, s.entry, evidence.first, canonical FROM sightings AS s"
        " JOIN documents ON documents.key = s.document AND source = ? AND NOT ordered"
        " JOIN entries ON entries.key = s.entry"
        " LEFT JOIN evidence ON evidence.sighting = s.id AND place = 'header'"
        " LEFT JOIN links ON links.sighting = s.id AND rel = 'alternate'"
        " WHERE s.fingerprint IN (SELECT value FROM json_each(?)) ORDER BY entries.id",
        (source, json.dumps(sorted(fingerprints))),
    ):
        days, pages = gathered.setdefault((agency, fingerprint, entry), (set(), set()))
        days.update([day] if day else [])
        pages.update([page] if page else [])
    found: dict[TextKey, list[SeenText]] = {}
    for (agency, fingerprint, entry), (days, pages) in gathered.items():
        seen = SeenText(entry=entry, days=frozenset(days), pages=frozenset(pages))
        found.setdefault((agency, fingerprint), []).append(seen)
    return found


def listings(
    store: Store, source: str, entries: Collection[int], name: str | None
) -> dict[int, Listing]:
    """Return what the feeds of a source stated of ``entries``, in documents of this ``name``.

    Without those to which it once gave no id of their own.  None for ``name`` is any.
    """
    gathered: dict[int, tuple[set[str | None], set[str], set[str]]] = {}
    for entry, upstream_id, day, page in store.rows(
        "SELECT s.entry, s.upstream_id, coalesce(moment, first), canonical FROM sightings AS s"
        " JOIN documents ON documents.key = s.document AND +source = ?1 AND NOT ordered"
        " AND (?2 IS NULL OR name = ?2)"
        " LEFT JOIN evidence ON evidence.sighting = s.id AND place = 'header'"
        " LEFT JOIN links ON links.sighting = s.id AND rel = 'alternate'"
        " WHERE s.entry IN (SELECT value FROM json_each(?3))",
        (source, name, json.dumps(sorted(entries))),
    ):
        ids, days, pages = gathered.setdefault(entry, (set(), set(), set()))
        ids.add(upstream_id)
        days.update([day] if day else [])
        pages.update([page] if page else [])
    return {
        entry: Listing(
            ids=frozenset(filter(None, ids)), days=frozenset(days), pages=frozenset(pages)
        )
        for entry, (ids, days, pages) in gathered.items()
        if None not in ids
    }


def published_at(store: Store, moments: Collection[str], most: int) -> set[int]:
    """Return the entries that were published at each of ``moments``, where they are few."""
    found: dict[str, list[int]] = {}
    for moment, entry in store.rows(
        "SELECT published, key FROM entries WHERE published IN (SELECT value FROM json_each(?))"
        " LIMIT ?",
        (json.dumps(sorted(moments)), most * (len(moments) + 1)),
    ):
        found.setdefault(moment, []).append(entry)
    return {entry for held in found.values() if len(held) <= most for entry in held}


def entries_on_pages(store: Store, pages: Collection[str]) -> dict[str, list[int]]:
    """Return the entries that have each of these pages, in canonical form, as their own address."""
    found: dict[str, list[int]] = {}
    if not pages:
        return found
    for page, entry in store.rows(
        "SELECT DISTINCT canonical, entry FROM links JOIN sightings ON id = sighting"
        " WHERE rel = 'alternate' AND canonical IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(pages)),),
    ):
        found.setdefault(page, []).append(entry)
    return found


def of_source(store: Store, source: str, entries: Collection[int]) -> set[int]:
    """Return those of ``entries`` that were seen in ``source``."""
    if not entries:
        return set()
    # The sign keeps SQLite from reading all sightings of the source, which may be all of the store,
    # to find the few of these entries.
    rows = store.rows(
        "SELECT DISTINCT entry FROM sightings JOIN documents ON documents.key = document"
        " WHERE +source = ? AND entry IN (SELECT value FROM json_each(?))",
        (source, json.dumps(sorted(entries))),
    )
    return {entry for (entry,) in rows}


def entries_with_ids(store: Store, source: str, ids: Collection[str]) -> dict[str, int]:
    """Return which entry each of these ids means in ``source``."""
    return dict(
        store.rows(
            "SELECT upstream_id, entry FROM upstream_ids WHERE source = ?"
            " AND upstream_id IN (SELECT value FROM json_each(?))",
            (source, json.dumps(sorted(ids))),
        )
    )


def remember_ids(store: Store, source: str, ids: Iterable[tuple[str, int]]) -> None:
    """Make each id of a source mean an entry from now on."""
    store.execute_many(
        "INSERT INTO upstream_ids VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET entry = ?3"
        " WHERE entry != ?3",
        [(source, upstream_id, entry) for upstream_id, entry in ids],
    )
