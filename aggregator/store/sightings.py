"""Sightings in the store: every item ever seen, and which entry it is one of."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from aggregator.model import Evidence, How, Link, Sighting
from aggregator.store import Row, Store
from aggregator.store.times import partial_text, time_text, to_time

UPDATED = (
    "max({0}updated, coalesce({0}changed, ''), coalesce((SELECT max(s.updated) FROM sightings AS s"
    " WHERE s.entry = {0}key AND s.fingerprint = {0}fingerprint), ''))"
)
"""SQL for when an entry was last updated: dated, changed as we saw it, or as its feed says of the
text that stands.  Takes the name of the table with a full stop.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSighting:
    """A sighting to be added: the entry's row, the item's place, what was decided and why.

    ``pages`` are the canonical forms of ``links``, as many; the rest is what feeds say of items.
    """

    entry: int
    position: int
    lines: tuple[int, int]
    agency: str
    fingerprint: str
    how: How
    score: float
    rule: str
    reason: str
    links: Sequence[Link]
    evidence: Sequence[Evidence]
    pages: Sequence[str | None] = ()
    upstream_id: str | None = None
    updated: datetime | None = None
    terms: Sequence[str] = ()
    authors: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSighting:
    """What undoing a merge needs of a sighting.  ``former`` is the id of the entry it was of."""

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
        [
            (
                *(number, s.entry, document, s.position, *s.lines, s.agency, s.fingerprint),
                *(s.how, s.score, s.rule, s.reason, s.upstream_id),
                time_text(s.updated) if s.updated else None,
            )
            for number, s in numbered
        ],
    )
    store.execute_many(
        "INSERT INTO links (sighting, position, rel, href, type, title, length, canonical)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (number, n, link.rel, link.href, link.type, link.title, link.length, page)
            for number, s in numbered
            for n, (link, page) in enumerate(zip_longest(s.links, s.pages))
        ],
    )
    store.execute_many(
        "INSERT INTO terms (sighting, position, term) VALUES (?, ?, ?)",
        [(number, n, term) for number, s in numbered for n, term in enumerate(s.terms)],
    )
    store.execute_many(
        "INSERT INTO authors (sighting, position, name) VALUES (?, ?, ?)",
        [(number, n, name) for number, s in numbered for n, name in enumerate(s.authors)],
    )
    _insert_evidence(
        store,
        [_evidence_row(number, n, e) for number, s in numbered for n, e in enumerate(s.evidence)],
    )


def _insert_evidence(store: Store, rows: Sequence[Row]) -> None:
    store.execute_many(
        "INSERT INTO evidence (sighting, position, place, phrase, role, first, last, weekday,"
        " shift_unit, shift, strength, reason, moment)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def _evidence_row(sighting: int, number: int, found: Evidence) -> Row:
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


def entries_with_text(
    store: Store, fingerprints: Collection[str], apart: Collection[tuple[str, int]]
) -> dict[tuple[str, str], int]:
    """The entries that were seen with one of these texts, by agency and fingerprint.

    ``apart`` holds texts and entries that are kept apart from one another.
    """
    rows = store.rows(
        "SELECT sightings.agency, sightings.fingerprint, entries.key FROM sightings"
        " JOIN entries ON entries.key = entry"
        " WHERE sightings.fingerprint IN (SELECT value FROM json_each(?))"
        " ORDER BY entries.id DESC",
        (json.dumps(sorted(fingerprints)),),
    )
    return {
        (agency, fingerprint): key
        for agency, fingerprint, key in rows
        if (fingerprint, key) not in apart
    }


def taken_for_revisions(store: Store, entry: int, fingerprints: Collection[str]) -> list[int]:
    """The sightings by which the rules, not a person, made these texts revisions of ``entry``."""
    rows = store.rows(
        "SELECT min(id) FROM sightings WHERE entry = ? AND how = 'revision' AND rule != 'by-hand'"
        " AND fingerprint IN (SELECT value FROM json_each(?)) GROUP BY fingerprint ORDER BY 1",
        (entry, json.dumps(sorted(fingerprints))),
    )
    return [number for (number,) in rows]


def one(store: Store, sighting: int) -> StoredSighting:
    """The sighting of this id, which there must be."""
    ((entry, agency, fingerprint, former),) = store.rows(
        "SELECT entry, agency, fingerprint, former FROM sightings WHERE id = ?", (sighting,)
    )
    return StoredSighting(
        id=sighting, entry=entry, agency=agency, fingerprint=fingerprint, former=former
    )


def of_entries(store: Store, keys: Sequence[int]) -> dict[int, list[Sighting]]:
    """Where each of the entries was seen, in the order of the documents' own times."""
    found: dict[int, list[Sighting]] = {key: [] for key in keys}
    for row in store.rows(
        "SELECT entry, sightings.id, source, name, position, first_line, last_line, modified,"
        " how, score, rule, reason, fingerprint, agency FROM sightings"
        " JOIN documents ON documents.key = sightings.document"
        " WHERE entry IN (SELECT value FROM json_each(?))"
        " ORDER BY entry, modified, name, position",
        (json.dumps(list(keys)),),
    ):
        entry, number, source, document, position, first, last, modified, how, score = row[:10]
        rule, reason, fingerprint, agency = row[10:]
        found[entry].append(
            Sighting(
                id=number,
                source=source,
                document=document,
                position=position,
                lines=(first, last),
                seen=to_time(modified),
                how=how,
                score=score,
                rule=rule,
                reason=reason,
                fingerprint=fingerprint,
                agency=agency,
            )
        )
    return found


def move(
    store: Store, sightings: Collection[int], entry: int, *, how: How, rule: str, reason: str
) -> None:
    """Make sightings those of ``entry``, for a reason that is by hand."""
    store.execute_many(
        "UPDATE sightings SET entry = ?, how = ?, score = 1.0, rule = ?, reason = ? WHERE id = ?",
        [(entry, how, rule, reason, sighting) for sighting in sightings],
    )
    _ids_follow(store, entry)


def move_text(
    store: Store, entry: int, fingerprint: str, to: int, decided: tuple[How, float, str, str]
) -> None:
    """Make the sightings of a text of ``entry`` those of another, and remember whose they were.

    ``decided`` is how, score, rule and reason, for the sighting that was new until now.
    """
    store.execute(
        "UPDATE sightings SET how = ?, score = ?, rule = ?, reason = ?"
        " WHERE entry = ? AND fingerprint = ? AND how = 'new'",
        (*decided, entry, fingerprint),
    )
    store.execute(
        "UPDATE sightings SET entry = ?1, former = coalesce(former,"
        " (SELECT id FROM entries WHERE key = ?2)) WHERE entry = ?2 AND fingerprint = ?3",
        (to, entry, fingerprint),
    )
    _ids_follow(store, to)


def _ids_follow(store: Store, entry: int) -> None:
    """Have the ids of the sightings that an entry was given mean that entry."""
    store.execute(
        "INSERT OR REPLACE INTO upstream_ids SELECT source, upstream_id, entry FROM sightings"
        " JOIN documents ON documents.key = document"
        " WHERE entry = ? AND upstream_id IS NOT NULL ORDER BY id",
        (entry,),
    )


def with_text(store: Store, entry: int, fingerprint: str) -> list[int]:
    """The sightings of an entry that have this text."""
    rows = store.rows(
        "SELECT id FROM sightings WHERE entry = ? AND fingerprint = ? ORDER BY id",
        (entry, fingerprint),
    )
    return [number for (number,) in rows]


def give_evidence(store: Store, entry: int, fingerprint: str, evidence: Sequence[Evidence]) -> None:
    """Have the first sighting of a text carry what the text says of its date, if none does."""
    rows = store.rows(
        "SELECT id, EXISTS (SELECT 1 FROM evidence WHERE sighting = id AND place != 'header'),"
        " (SELECT count(*) FROM evidence WHERE sighting = id)"
        " FROM sightings WHERE entry = ? AND fingerprint = ? ORDER BY id",
        (entry, fingerprint),
    )
    if rows and not any(has for _, has, _ in rows):
        number, _, held = rows[0]
        _insert_evidence(
            store, [_evidence_row(number, n, found) for n, found in enumerate(evidence, held)]
        )


def mark_to_date(store: Store, entry: int) -> None:
    """Have the documents of an entry dated anew."""
    store.execute(
        "UPDATE documents SET dated = 0 WHERE key IN"
        " (SELECT document FROM sightings WHERE entry = ?)",
        (entry,),
    )


def links_of(store: Store, keys: Iterable[int]) -> dict[int, list[Link]]:
    """The links of entries: those of the first sighting that has some, then ``via`` the others'."""
    found: dict[int, list[Link]] = {}
    first: dict[int, int] = {}
    for entry, sighting, rel, href, kind, title, length in store.rows(
        "SELECT entry, sightings.id, rel, href, type, title, length FROM sightings"
        " JOIN links ON links.sighting = sightings.id"
        " JOIN documents ON documents.key = sightings.document"
        " WHERE entry IN (SELECT value FROM json_each(?))"
        " ORDER BY entry, modified, name, sightings.position, links.position",
        (json.dumps(list(keys)),),
    ):
        links = found.setdefault(entry, [])
        own = first.setdefault(entry, sighting) == sighting
        if href not in {link.href for link in links}:
            rel = rel if own or rel != "alternate" else "via"
            links.append(Link(href=href, rel=rel, type=kind, title=title, length=length))
    return found


def terms_of(store: Store, keys: Sequence[int]) -> dict[int, list[str]]:
    """The categories that feeds gave to entries, each once, in the order in which they came."""
    return _told(store, keys, "terms", "term")


def authors_of(store: Store, keys: Sequence[int]) -> dict[int, list[str]]:
    """The authors whom feeds name, each once, in the order in which they came."""
    return _told(store, keys, "authors", "authors.name")


def _told(store: Store, keys: Sequence[int], table: str, column: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for entry, told in store.rows(
        f"SELECT entry, {column} FROM sightings JOIN {table} ON sighting = id"
        " JOIN documents ON documents.key = sightings.document"
        " WHERE entry IN (SELECT value FROM json_each(?))"
        f" ORDER BY entry, modified, documents.name, sightings.position, {table}.position",
        (json.dumps(list(keys)),),
    ):
        held = found.setdefault(entry, [])
        if told not in held:
            held.append(told)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A text as a source has it: its entry, its day if given, and the pages it is linked to."""

    entry: int
    days: frozenset[str]
    pages: frozenset[str]


def seen_in_source(
    store: Store, source: str, fingerprints: Collection[str]
) -> dict[tuple[str, str], list[Seen]]:
    """Where texts stood in the feed of a source, by agency and fingerprint, in a fixed order."""
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
    found: dict[tuple[str, str], list[Seen]] = {}
    for (agency, fingerprint, entry), (days, pages) in gathered.items():
        seen = Seen(entry=entry, days=frozenset(days), pages=frozenset(pages))
        found.setdefault((agency, fingerprint), []).append(seen)
    return found


def entries_on_pages(store: Store, pages: Collection[str]) -> dict[str, set[int]]:
    """The entries of which a page, given in its canonical form, is the own address."""
    found: dict[str, set[int]] = {}
    for page, entry in store.rows(
        "SELECT DISTINCT canonical, entry FROM links JOIN sightings ON id = sighting"
        " WHERE rel = 'alternate' AND canonical IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(pages)),),
    ):
        found.setdefault(page, set()).add(entry)
    return found


def of_source(store: Store, source: str, entries: Collection[int]) -> set[int]:
    """Those of ``entries`` that were seen in ``source``."""
    if not entries:
        return set()
    # The sign keeps SQLite from reading all sightings of the source, of which there may be as many
    # as in the store, to find the few of these entries.
    rows = store.rows(
        "SELECT DISTINCT entry FROM sightings JOIN documents ON documents.key = document"
        " WHERE +source = ? AND entry IN (SELECT value FROM json_each(?))",
        (source, json.dumps(sorted(entries))),
    )
    return {entry for (entry,) in rows}


def entries_with_ids(store: Store, source: str, ids: Collection[str]) -> dict[str, int]:
    """Which entry each of these ids means in their source."""
    return dict(
        store.rows(
            "SELECT upstream_id, entry FROM upstream_ids WHERE source = ?"
            " AND upstream_id IN (SELECT value FROM json_each(?))",
            (source, json.dumps(sorted(ids))),
        )
    )


def remember_ids(store: Store, source: str, ids: Iterable[tuple[str, int]]) -> None:
    """Have each id of a source mean an entry from now on."""
    store.execute_many(
        "INSERT INTO upstream_ids VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET entry = ?3"
        " WHERE entry != ?3",
        [(source, upstream_id, entry) for upstream_id, entry in ids],
    )
