"""Entries in the store: adding them, finding them, reading them back.

Everything is asked for in batches; nothing here decides anything.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aggregator.model import (
    Agency,
    Dating,
    Entry,
    Evidence,
    How,
    Link,
    PastDating,
    Sighting,
    StoredEntry,
)
from aggregator.store import Row, Store
from aggregator.store.times import partial_text, time_text, to_time


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to be added under a permanent id."""

    id: str
    fingerprint: str
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSighting:
    """A sighting to be added: the entry's key, the item's place, and what was decided."""

    entry: int
    position: int
    lines: tuple[int, int]
    how: How
    score: float


def entries_by_fingerprint(
    store: Store, fingerprints: Collection[str]
) -> dict[tuple[str, str], int]:
    """The keys of the entries that have one of these fingerprints, by agency and fingerprint."""
    rows = store.rows(
        "SELECT agency, fingerprint, key FROM entries"
        f" WHERE fingerprint IN ({_marks(fingerprints)}) ORDER BY key DESC",
        list(fingerprints),
    )
    return {(agency, fingerprint): key for agency, fingerprint, key in rows}


def taken_ids(store: Store, ids: Collection[str]) -> set[str]:
    """Which of ``ids`` are some entry's already."""
    rows = store.rows(f"SELECT id FROM entries WHERE id IN ({_marks(ids)})", list(ids))
    return {entry_id for (entry_id,) in rows}


def add_entries(store: Store, entries: Sequence[NewEntry]) -> list[int]:
    """Add ``entries`` with all that belongs to them; gives their keys in the same order."""
    if not entries:
        return []
    ((last,),) = store.rows("SELECT coalesce(max(key), 0) FROM entries")
    keys = list(range(last + 1, last + 1 + len(entries)))
    store.execute_many(
        "INSERT INTO entries (key, id, agency, truncated, language, fingerprint, title, summary,"
        " text, content_html) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_entry_row(key, new) for key, new in zip(keys, entries, strict=True)],
    )
    pairs = [(key, new.entry) for key, new in zip(keys, entries, strict=True)]
    _add_details(store, pairs)
    store.execute(
        "INSERT INTO entries_fts (rowid, title, text)"
        " SELECT key, title, text FROM entries WHERE key > ?",
        (last,),
    )
    return keys


def _entry_row(key: int, new: NewEntry) -> Row:
    entry = new.entry
    return (
        key,
        new.id,
        entry.agency.id,
        int(entry.truncated),
        entry.language,
        new.fingerprint,
        entry.title,
        entry.summary,
        entry.text,
        entry.content_html,
    )


def _add_details(store: Store, pairs: Iterable[tuple[int, Entry]]) -> None:
    links: list[Row] = []
    categories: list[Row] = []
    evidence: list[Row] = []
    for key, entry in pairs:
        links += [
            (key, n, link.rel, link.href, link.type, link.title)
            for n, link in enumerate(entry.links)
        ]
        categories += [(key, term) for term in entry.categories]
        evidence += [_evidence_row(key, n, found) for n, found in enumerate(entry.evidence)]
    store.execute_many("INSERT INTO links VALUES (?, ?, ?, ?, ?, ?)", links)
    store.execute_many("INSERT INTO categories VALUES (?, ?)", categories)
    _insert_evidence(store, evidence)


def _insert_evidence(store: Store, rows: Sequence[Row]) -> None:
    store.execute_many(
        "INSERT INTO evidence (entry, position, place, phrase, role, first, last, weekday,"
        " shift_unit, shift, strength, reason, moment)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def add_evidence(store: Store, key: int, evidence: Sequence[Evidence]) -> None:
    """Add to what is known of when an entry came out, where it is not known yet."""
    held = store.rows(
        "SELECT place, phrase, role FROM evidence WHERE entry = ? ORDER BY position", (key,)
    )
    new = [found for found in evidence if (found.place, found.phrase, found.role) not in held]
    _insert_evidence(
        store, [_evidence_row(key, n, found) for n, found in enumerate(new, len(held))]
    )


def _evidence_row(key: int, number: int, found: Evidence) -> Row:
    return (
        key,
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


def add_sightings(store: Store, document: int, sightings: Iterable[NewSighting]) -> None:
    """Note where entries were seen in one document."""
    store.execute_many(
        "INSERT INTO sightings (entry, document, position, first_line, last_line, how, score)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(s.entry, document, s.position, *s.lines, s.how, s.score) for s in sightings],
    )


def newest(
    store: Store,
    limit: int,
    *,
    agency: str | None = None,
    source: str | None = None,
    since: datetime | None = None,
) -> list[int]:
    """The keys of the entries that came out last, newest first."""
    conditions, parameters = ["published IS NOT NULL"], []
    if agency is not None:
        conditions.append("agency = ?")
        parameters.append(agency)
    if since is not None:
        conditions.append("published >= ?")
        parameters.append(time_text(since))
    if source is not None:
        conditions.append(
            "key IN (SELECT entry FROM sightings JOIN documents"
            " ON documents.key = sightings.document WHERE source = ?)"
        )
        parameters.append(source)
    rows = store.rows(
        f"SELECT key FROM entries WHERE {' AND '.join(conditions)}"
        " ORDER BY published DESC, key DESC LIMIT ?",
        (*parameters, limit),
    )
    return [key for (key,) in rows]


def find(store: Store, entry_id: str) -> list[int]:
    """The keys of the entries whose id is ``entry_id``, or whose UUID begins with it."""
    rows = store.rows("SELECT key FROM entries WHERE id = ?", (entry_id,))
    if not rows:
        prefix = entry_id.removeprefix("urn:uuid:").lower()
        rows = store.rows(
            "SELECT key FROM entries WHERE id >= ? AND id < ? ORDER BY id LIMIT 20",
            (f"urn:uuid:{prefix}", f"urn:uuid:{prefix}\U0010ffff"),
        )
    return [key for (key,) in rows]


def load(store: Store, keys: Sequence[int]) -> list[StoredEntry]:
    """The dated entries of these keys, in their order."""
    rows = {
        row[0]: row
        for row in store.rows(
            "SELECT e.key, e.id, agencies.id, name, homepage, configured, e.published, e.updated,"
            " e.dating_basis, e.dating_earliest, e.dating_latest, e.dating_evidence,"
            " e.dating_role, e.dating_conflict, below.title, above.title, e.truncated, e.language,"
            " e.title, e.summary, e.text, e.content_html"
            " FROM entries AS e JOIN agencies ON agencies.id = e.agency"
            " LEFT JOIN entries AS below ON below.key = e.dating_below"
            " LEFT JOIN entries AS above ON above.key = e.dating_above"
            " WHERE e.published IS NOT NULL AND e.key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
    }
    links = _links(store, keys)
    categories = _categories(store, keys)
    return [
        _stored(rows[key], tuple(links.get(key, ())), tuple(categories.get(key, ())))
        for key in keys
        if key in rows
    ]


def _stored(row: Row, links: tuple[Link, ...], categories: tuple[str, ...]) -> StoredEntry:
    (key, entry_id, agency, name, homepage, configured, published, updated) = row[:8]
    (basis, earliest, latest, evidence, role, conflict, below, above) = row[8:16]
    (truncated, language, title, summary, text, content_html) = row[16:]
    return StoredEntry(
        key=key,
        id=entry_id,
        entry=Entry(
            agency=Agency(id=agency, name=name, homepage=homepage, configured=bool(configured)),
            title=title,
            text=text,
            content_html=content_html,
            summary=summary,
            truncated=bool(truncated),
            language=language,
            links=links,
            categories=categories,
        ),
        dating=Dating(
            basis=basis,
            published=to_time(published),
            earliest=to_time(earliest),
            latest=to_time(latest),
            evidence=evidence,
            role=role,
            conflict=conflict,
        ),
        updated=to_time(updated),
        below=below,
        above=above,
    )


def _links(store: Store, keys: Sequence[int]) -> dict[int, list[Link]]:
    found: dict[int, list[Link]] = {}
    for key, rel, href, kind, title in store.rows(
        "SELECT entry, rel, href, type, title FROM links"
        " WHERE entry IN (SELECT value FROM json_each(?)) ORDER BY entry, position",
        (json.dumps(list(keys)),),
    ):
        found.setdefault(key, []).append(Link(href=href, rel=rel, type=kind, title=title))
    return found


def _categories(store: Store, keys: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for key, term in store.rows(
        "SELECT entry, term FROM categories"
        " WHERE entry IN (SELECT value FROM json_each(?)) ORDER BY entry, term",
        (json.dumps(list(keys)),),
    ):
        found.setdefault(key, []).append(term)
    return found


def sightings(store: Store, keys: Sequence[int]) -> dict[int, list[Sighting]]:
    """Where each of the entries was seen, in the order of the documents' own times."""
    found: dict[int, list[Sighting]] = {key: [] for key in keys}
    for entry, *row in store.rows(
        "SELECT entry, sightings.id, source, name, position, first_line, last_line, modified,"
        " how, score FROM sightings JOIN documents ON documents.key = sightings.document"
        " WHERE entry IN (SELECT value FROM json_each(?))"
        " ORDER BY entry, modified, sightings.id",
        (json.dumps(list(keys)),),
    ):
        found[entry].append(_sighting(row))
    return found


def _sighting(row: list[Any]) -> Sighting:
    number, source, document, position, first, last, modified, how, score = row
    return Sighting(
        id=number,
        source=source,
        document=document,
        position=position,
        lines=(first, last),
        seen=to_time(str(modified)),
        how=how,
        score=score,
    )


def past_datings(store: Store, key: int) -> list[PastDating]:
    """The dates that an entry had before the one it has, oldest first."""
    return [
        PastDating(
            dating=Dating(
                basis=basis,
                published=to_time(published),
                earliest=to_time(earliest),
                latest=to_time(latest),
                evidence=evidence,
            ),
            reason=reason,
        )
        for published, basis, earliest, latest, evidence, reason in store.rows(
            "SELECT published, basis, earliest, latest, evidence, reason FROM datings"
            " WHERE entry = ? ORDER BY number",
            (key,),
        )
    ]


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))
