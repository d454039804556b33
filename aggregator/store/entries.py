"""Entries in the store: add, remove, find and load them, in batches.

Takes rows, ids and conditions; returns rows and ``StoredEntry``.  Raises ``StoreError``.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from aggregator.dedupe.history import in_order
from aggregator.dedupe.items import Prepared
from aggregator.dedupe.sketch import base
from aggregator.model import Agency, Dating, Entry, Link, PastDating, Related, StoredEntry
from aggregator.store import Row, Store, categories, entry_pages, related, relayed, texts
from aggregator.store.packing import pack_html, unpack_html
from aggregator.store.search import index_added, unindex
from aggregator.store.sightings import UPDATED
from aggregator.store.stated import authors_of, links_of, terms_of
from aggregator.store.texts import COLUMNS, note_titles
from aggregator.store.times import (
    open_time_text,
    optional_time,
    time_text,
    to_time,
    with_times,
)

_OF_ENTRIES = (
    *("categories", "credits", "renditions", "datings", "kept_apart", "revisions"),
    *("upstream_ids", "titles", "kinds"),
)
"""The tables whose rows belong to one entry, besides sightings."""


def taken_ids(store: Store, ids: Collection[str]) -> set[str]:
    """Return which of ``ids`` an entry has, or a removed one had."""
    rows = store.rows(
        "SELECT id FROM entries WHERE id IN (SELECT value FROM json_each(?1))"
        " UNION SELECT id FROM removed WHERE id IN (SELECT value FROM json_each(?1))",
        (json.dumps(sorted(ids)),),
    )
    return {entry_id for (entry_id,) in rows}


def keys_of(store: Store, ids: Collection[str]) -> dict[str, int]:
    """Return the rows of the entries that have each of these ids."""
    rows = store.rows(
        "SELECT id, key FROM entries WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(ids)),),
    )
    return dict(rows)


def next_key(store: Store) -> int:
    """Return the first row number that is free; it stays so within the transaction.

    The numbers of entries whose pages have yet to be removed are not free either.
    """
    ((last,),) = store.rows(
        "SELECT max(coalesce(max(key), 0), (SELECT coalesce(max(entry), 0) FROM to_show))"
        " FROM entries"
    )
    return int(last) + 1


def add_entries(store: Store, entries: Sequence[tuple[int, str, Prepared]]) -> None:
    """Add entries under row numbers from ``next_key`` and permanent ids.

    ``search.index_added`` indexes their words, before the run ends.
    """
    if not entries:
        return
    store.execute_many(
        "INSERT INTO entries (key, id, agency, published, updated, dating_basis, dating_earliest,"
        " dating_latest, dating_evidence, dating_role, dating_conflict, truncated, is_summary,"
        " language, fingerprint, sketch_base, title, summary, text, content_html)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_entry_row(*new) for new in entries],
    )
    store.execute_many(
        "INSERT INTO categories VALUES (?, ?)",
        [(key, term) for key, _, p in entries for term in p.entry.categories],
    )
    note_titles(store, [(key, p.entry.title) for key, _, p in entries])
    entry_pages.index_names(store, [(key, entry_id) for key, entry_id, _ in entries])


def copy_as(
    store: Store,
    entry: int,
    fingerprint: str,
    key: int,
    entry_id: str,
    agency: str,
    sketch_base: int,
) -> None:
    """Add an entry with one of the texts of another."""
    copied = f"SELECT ?1, ?2, ?3, ?6, {COLUMNS} FROM"
    store.execute(
        f"INSERT INTO entries (key, id, agency, sketch_base, {COLUMNS})"
        f" {copied} entries WHERE key = ?4 AND fingerprint = ?5"
        f" UNION {copied} revisions WHERE entry = ?4 AND fingerprint = ?5",
        (key, entry_id, agency, entry, fingerprint, sketch_base),
    )
    note_titles(store, store.rows("SELECT key, title FROM entries WHERE key = ?", (key,)))
    entry_pages.index_names(store, [(key, entry_id)])
    index_added(store)


def remove(store: Store, keys: Collection[int]) -> None:
    """Remove entries that have no sightings left, and everything that was only theirs."""
    listed = json.dumps(sorted(keys))
    among = "IN (SELECT value FROM json_each(?))"
    unindex(store, keys)
    related.drop(store, keys)
    entry_pages.drop_names(store, keys)
    for table in _OF_ENTRIES:
        store.execute(f"DELETE FROM {table} WHERE entry {among}", (listed,))
    for column in ("dating_below", "dating_above"):
        store.execute(f"UPDATE entries SET {column} = NULL WHERE {column} {among}", (listed,))
    store.execute(f"DELETE FROM entries WHERE key {among}", (listed,))


def _entry_row(key: int, entry_id: str, p: Prepared) -> Row:
    entry = p.entry
    return (
        *(key, entry_id, entry.agency.id),
        *(_dating_row(p.dating) if p.dating is not None else (None,) * 8),
        *(int(entry.truncated), int(entry.is_summary), entry.language),
        *(p.fingerprint, base(p.sketch)),
        *(entry.title, entry.summary, entry.text),
        pack_html(entry.content_html, entry.text),
    )


def _dating_row(dating: Dating) -> Row:
    published = time_text(dating.published)
    return (
        *(published, published, dating.basis),
        *(open_time_text(dating.earliest), open_time_text(dating.latest), dating.evidence),
        *(dating.role, dating.conflict),
    )


def newest(
    store: Store,
    limit: int,
    *,
    agency: str | None = None,
    source: str | None = None,
    since: datetime | None = None,
) -> list[int]:
    """Return the rows of the entries that came out last, newest first."""
    conditions: list[str] = ["published IS NOT NULL"]
    parameters: list[Any] = []
    if agency is not None:
        # Not ``agency = ? OR …``, which reads everything back to the last of a rare agency.
        last = "" if source is not None else f" ORDER BY published DESC, key DESC LIMIT {limit:d}"
        conditions.append(
            "key IN (SELECT key FROM (SELECT key FROM entries WHERE agency = ?"
            f" AND published IS NOT NULL{last})"
            " UNION ALL SELECT entry FROM credits WHERE credits.agency = ?)"
        )
        parameters += [agency, agency]
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
    """Return the row of the entry whose id is ``entry_id``, or two whose UUID begins with it."""
    rows = store.rows("SELECT key FROM entries WHERE id = ?", (entry_id,))
    if not rows:
        prefix = entry_id.removeprefix("urn:uuid:").lower()
        rows = store.rows(
            "SELECT key FROM entries WHERE id >= ? AND id < ? ORDER BY id LIMIT 2",
            (f"urn:uuid:{prefix}", f"urn:uuid:{prefix}\U0010ffff"),
        )
    return [key for (key,) in rows]


def id_of(store: Store, key: int) -> str:
    """Return the id of the entry of a row."""
    ((entry_id,),) = store.rows("SELECT id FROM entries WHERE key = ?", (key,))
    return str(entry_id)


def load(store: Store, keys: Sequence[int]) -> list[StoredEntry]:
    """Return the dated entries of these rows, in their order."""
    rows = {
        row[0]: row
        for row in store.rows(
            "SELECT e.key, e.id, agencies.id, name, homepage, configured, e.published,"
            f" {UPDATED.format('e.')},"
            " e.dating_basis, e.dating_earliest, e.dating_latest, e.dating_evidence,"
            " e.dating_role, e.dating_conflict, below.title, above.title, e.truncated,"
            " e.is_summary, e.language, e.title, e.summary, e.text, e.content_html"
            " FROM entries AS e JOIN agencies ON agencies.id = e.agency"
            " LEFT JOIN entries AS below ON below.key = e.dating_below"
            " LEFT JOIN entries AS above ON above.key = e.dating_above"
            " WHERE e.published IS NOT NULL AND e.key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
    }
    links = links_of(store, keys)
    categories, authors = _categories(store, keys), authors_of(store, keys)
    carriers = _credits(store, keys)
    events = related.of_entries(store, keys)
    revised = _revised(store, keys)
    return [
        _stored(
            rows[key],
            tuple(links.get(key, ())),
            tuple(categories.get(key, ())),
            tuple(authors.get(key, ())),
            tuple(carriers.get(key, ())),
            tuple(events.get(key, ())),
            tuple(revised.get(key, ())),
        )
        for key in keys
        if key in rows
    ]


def _stored(
    row: Row,
    links: tuple[Link, ...],
    categories: tuple[str, ...],
    authors: tuple[str, ...],
    credits: tuple[Agency, ...],
    related: tuple[Related, ...],
    revised: tuple[datetime, ...],
) -> StoredEntry:
    (key, entry_id, agency, name, homepage, configured, published, updated) = row[:8]
    (basis, earliest, latest, evidence, role, conflict, below, above) = row[8:16]
    (truncated, is_summary, language, title, summary, text, content_html) = row[16:]
    return StoredEntry(
        key=key,
        id=entry_id,
        entry=Entry(
            agency=Agency(id=agency, name=name, homepage=homepage, configured=bool(configured)),
            title=title,
            text=text,
            content_html=unpack_html(content_html, text),
            summary=summary,
            truncated=bool(truncated),
            is_summary=bool(is_summary),
            language=language,
            links=links,
            categories=categories,
            authors=authors,
        ),
        dating=Dating(
            basis=basis,
            published=to_time(published),
            earliest=optional_time(earliest),
            latest=optional_time(latest),
            evidence=evidence,
            role=role,
            conflict=conflict,
        ),
        updated=to_time(updated),
        below=below,
        above=above,
        credits=credits,
        related=related,
        revised=revised,
    )


def _revised(store: Store, keys: Sequence[int]) -> dict[int, Sequence[datetime]]:
    """Return when a whole text replaced another: as it was seen, or as an Aggregator tells."""
    told = relayed.told(store, keys)
    found: dict[int, Sequence[datetime]] = {
        key: one.revised for key, one in told.items() if one.is_owned
    }
    seen = texts.revision_counts(store, [key for key in keys if key not in found])
    for key, held in (texts.versions(store, seen) if seen else {}).items():
        whole = [version.seen for version in in_order(held) if not version.is_partial]
        later = dict.fromkeys(seen.replace(microsecond=0) for seen in whole if seen > whole[0])
        found[key] = list(later)
    return found


def _categories(store: Store, keys: Sequence[int]) -> dict[int, list[str]]:
    """Return the terms of agencies, of rules, and of feeds; the first two by name.

    Terms that differ in case only are there once, in the form that comes first: a feed's “Speech”
    adds nothing to the rules' “speech”.
    """
    found: dict[int, list[str]] = {}
    for key, term in store.rows(
        "SELECT entry, term FROM categories"
        " WHERE entry IN (SELECT value FROM json_each(?)) ORDER BY entry, term",
        (json.dumps(list(keys)),),
    ):
        found.setdefault(key, []).append(term)
    for more in (categories.of_entries(store, keys), terms_of(store, keys)):
        for key, terms in more.items():
            found.setdefault(key, []).extend(terms)
    return {key: _each_once(terms) for key, terms in found.items()}


def _each_once(terms: Sequence[str]) -> list[str]:
    first: dict[str, str] = {}
    for term in terms:
        first.setdefault(term.casefold(), term)
    return list(first.values())


def _credits(store: Store, keys: Sequence[int]) -> dict[int, list[Agency]]:
    found: dict[int, list[Agency]] = {}
    for key, agency, name, homepage, configured in store.rows(
        "SELECT entry, id, name, homepage, configured FROM credits"
        " JOIN agencies ON id = agency WHERE entry IN (SELECT value FROM json_each(?))"
        " ORDER BY entry, id",
        (json.dumps(list(keys)),),
    ):
        found.setdefault(key, []).append(
            Agency(id=agency, name=name, homepage=homepage, configured=bool(configured))
        )
    return found


def past_datings(store: Store, keys: Collection[int]) -> dict[int, list[PastDating]]:
    """Return the earlier datings of these entries, oldest first."""
    found: dict[int, list[PastDating]] = {}
    for row in store.query(
        "SELECT entry, reason, published, basis, earliest, latest, evidence FROM datings"
        " WHERE entry IN (SELECT value FROM json_each(?)) ORDER BY entry, number",
        [json.dumps(list(keys))],
    ):
        entry, reason = row.pop("entry"), row.pop("reason")
        dating = Dating(**with_times(row, "published", "earliest", "latest"))
        found.setdefault(entry, []).append(PastDating(dating=dating, reason=reason))
    return found
