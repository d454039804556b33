"""Sightings in the store: every item ever seen, and which entry it is one of."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from aggregator.model import Evidence, How, Link, Sighting
from aggregator.store import Row, Store
from aggregator.store.times import partial_text, time_text, to_time


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSighting:
    """A sighting to be added: the entry's row, the item's place, what was decided and why."""

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
        " fingerprint, how, score, rule, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(number, s.entry, document, s.position, *s.lines, s.agency, s.fingerprint),
                *(s.how, s.score, s.rule, s.reason),
            )
            for number, s in numbered
        ],
    )
    store.execute_many(
        "INSERT INTO links (sighting, position, rel, href, type, title) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (number, n, link.rel, link.href, link.type, link.title)
            for number, s in numbered
            for n, link in enumerate(s.links)
        ],
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
    for entry, sighting, rel, href, kind, title in store.rows(
        "SELECT entry, sightings.id, rel, href, type, title FROM sightings"
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
            links.append(Link(href=href, rel=rel, type=kind, title=title))
    return found
