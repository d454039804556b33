"""Retention in the store: what a source no longer keeps, its removal, and its return.

``expired`` and ``unkept`` return what may go, ``remove`` removes it, and ``removed_before``
recognises it when it comes back.  The store remembers of a removed entry

- its id, so that no other release gets it;
- the fingerprints of its texts and its ids in feeds, by which it is recognised;
- its places in digests and what it says about its date: the dates of its neighbours were worked
  out from that and must stay the same when they are worked out again (``store.dating``).

The first two stay for good, some hundreds of bytes an entry; ``forget_order`` drops the third
where no entry is near enough to depend on it.
"""

import json
from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from aggregator.dedupe.items import Prepared, StoredText, TextKey
from aggregator.dedupe.sketch import base, sketch
from aggregator.dedupe.upstream import title_number
from aggregator.store import Row, Store, entries
from aggregator.store.times import time_text

TELLING = 30
"""Words from which on a text identifies its release under any id and agency; a shorter text may be
next week's."""

_FAR = timedelta(days=90)
"""Entries further apart do not affect each other's dates: windows are two months with margins."""

_LOWEST = -(2**31)
"""The first number of a removed entry: below zero, and dense on SQLite's pages."""

_FEW = 4
"""Numbers of a sketch that two releases may share by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """The retention policy of a source: ``days`` from publication, and at most so many ``entries``,
    the newest.  None is no limit.
    """

    source: str
    days: int | None = None
    entries: int | None = None


def expired(store: Store, keep: Keep, now: datetime) -> set[str]:
    """Return the ids of the entries that a source no longer keeps; those without a date stay."""
    rows = store.rows(
        "WITH held AS (SELECT id, published FROM entries WHERE published IS NOT NULL AND key IN"
        " (SELECT entry FROM documents JOIN sightings ON document = documents.key"
        " WHERE source = ?1))"
        " SELECT id FROM (SELECT id, published,"
        " row_number() OVER (ORDER BY published DESC, id) AS number FROM held)"
        " WHERE published < ?2 OR number > ?3",
        (keep.source, _oldest(keep, now), keep.entries if keep.entries is not None else 2**62),
    )
    return {entry_id for (entry_id,) in rows}


def _oldest(keep: Keep, now: datetime) -> str:
    """Return the earliest time that is kept, as the store writes it."""
    if keep.days is None:
        return ""
    try:
        return time_text(now - timedelta(days=keep.days))
    except OverflowError:  # before the year 1
        return ""


def unkept(store: Store, ids: Collection[str], expired: Mapping[str, Collection[str]]) -> list[int]:
    """Return the rows of those of ``ids`` that no source keeps in which they were seen.

    ``expired`` are the ids that each source no longer keeps.
    """
    found: dict[int, bool] = {}
    for key, entry_id, source in store.rows(
        "SELECT DISTINCT entries.key, entries.id, source FROM entries"
        " JOIN sightings ON entry = entries.key JOIN documents ON documents.key = document"
        " WHERE entries.id IN (SELECT value FROM json_each(?)) ORDER BY entries.id",
        (json.dumps(sorted(ids)),),
    ):
        found[key] = found.get(key, True) and entry_id in expired.get(source, ())
    return [key for key, is_unkept in found.items() if is_unkept]


def remove(
    store: Store,
    texts: Mapping[int, Sequence[StoredText]],
    now: datetime,
    *,
    keeps_order: bool = True,
    source: str | None = None,
) -> None:
    """Remove entries, given by row with all their texts, and remember them.

    Within a transaction.  The caller updates the index of sketches.  Other entries lose nothing
    but their relations to these, unless without ``keeps_order`` their dates no longer depend on
    them either.  They are kept out of every source, or only out of ``source``.
    """
    keys = json.dumps(sorted(texts))
    _remember(store, texts, keys, now, keeps_order=keeps_order, source=source)
    noted = set(store.rows("SELECT agency, day FROM to_relate"))
    _drop_sightings(store, keys)
    entries.remove(store, texts)
    # A trigger noted the days of removed entries, but the relations of the others stay.
    gone = set(store.rows("SELECT agency, day FROM to_relate")) - noted
    store.execute_many("DELETE FROM to_relate WHERE agency = ? AND day = ?", sorted(gone))


def _remember(
    store: Store,
    texts: Mapping[int, Sequence[StoredText]],
    keys: str,
    now: datetime,
    *,
    keeps_order: bool,
    source: str | None,
) -> None:
    """Note what identifies removed entries, and what the dates of others depend on."""
    numbers = _numbers(store, keys)
    store.execute_many(
        "INSERT INTO removed (key, id, published, seen, document, removed, source)"
        # With bare columns beside min(), SQLite takes them from the row that has the minimum.
        " SELECT ?1, id, coalesce(published, modified), modified, name, ?3, ?4 FROM"
        " (SELECT e.id, published, modified, name, min(modified || ' ' || name) FROM entries AS e"
        " JOIN sightings ON entry = e.key JOIN documents ON documents.key = document"
        " WHERE e.key = ?2) WHERE true ON CONFLICT (key) DO UPDATE SET"
        " published = excluded.published, removed = excluded.removed, source = excluded.source",
        [(number, key, time_text(now), source) for key, number in numbers.items()],
    )
    pairs = json.dumps(list(numbers.items()))
    _remember_texts(store, texts, numbers)
    _remember_ids(store, texts, numbers)
    if keeps_order:
        _remember_order(store, pairs)


def _numbers(store: Store, keys: str) -> dict[int, int]:
    """Return the number under which to remember each entry: the one it had, if it came back."""
    rows = store.rows(
        "SELECT entries.key, removed.key FROM entries LEFT JOIN removed USING (id)"
        " WHERE entries.key IN (SELECT value FROM json_each(?)) ORDER BY entries.key",
        (keys,),
    )
    ((last,),) = store.rows("SELECT coalesce(max(key), ?) FROM removed", (_LOWEST,))
    fresh = count(last + 1)
    return {key: next(fresh) if held is None else held for key, held in rows}


def _remember_texts(
    store: Store, texts: Mapping[int, Sequence[StoredText]], numbers: Mapping[int, int]
) -> None:
    telling = {
        (key, text.fingerprint)
        for key, held in texts.items()
        for text in held
        if len(text.text.body.split()) >= TELLING
    }
    store.execute_many(
        "INSERT OR IGNORE INTO removed_texts (fingerprint, agency, removed, is_telling)"
        " VALUES (?, ?, ?, ?)",
        [
            (fingerprint, agency, numbers[key], int((key, fingerprint) in telling))
            for key, fingerprint, agency in store.rows(
                "SELECT DISTINCT entry, fingerprint, agency FROM sightings"
                " WHERE entry IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(texts)),),
            )
        ],
    )


def _remember_ids(
    store: Store, texts: Mapping[int, Sequence[StoredText]], numbers: Mapping[int, int]
) -> None:
    rows = store.rows(
        "SELECT source, upstream_id, entry FROM upstream_ids"
        " WHERE entry IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(texts)),),
    )
    # The first of an entry's texts is the current one.
    current = {key: texts[key][0].text for _, _, key in rows}
    store.execute_many(
        "INSERT OR REPLACE INTO removed_ids (source, upstream_id, removed, title, numbers)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (
                *(source, upstream_id, numbers[key], title_number(current[key].title)),
                array("I", sketch(current[key].body)).tobytes(),
            )
            for source, upstream_id, key in rows
        ],
    )


def _remember_order(store: Store, pairs: str) -> None:
    """Note the places of entries in digests; no date depends on those that were in none."""
    store.execute(
        "INSERT OR REPLACE INTO removed_sightings (document, position, removed)"
        # A cross join begins with the entries: SQLite would look for all digests among them.
        " SELECT document, position, json_extract(value, '$[1]') FROM json_each(?)"
        " CROSS JOIN sightings ON entry = json_extract(value, '$[0]')"
        " CROSS JOIN documents ON documents.key = document AND +ordered",
        (pairs,),
    )
    columns = (
        "place, phrase, role, first, last, weekday, shift_unit, shift, strength, {}reason, moment"
    )
    store.execute(
        f"INSERT INTO removed_evidence (removed, {columns.format('')})"
        f" SELECT DISTINCT json_extract(value, '$[1]'), {columns.format('evidence.')}"
        " FROM json_each(?) CROSS JOIN sightings ON entry = json_extract(value, '$[0]')"
        " CROSS JOIN evidence ON sighting = sightings.id WHERE EXISTS"
        " (SELECT 1 FROM removed_sightings WHERE removed = json_extract(value, '$[1]'))",
        (pairs,),
    )


def _drop_sightings(store: Store, keys: str) -> None:
    """Drop sightings and what belongs to them; documents count what they lost."""
    lost = store.rows(
        "SELECT count(*), document FROM sightings"
        " WHERE entry IN (SELECT value FROM json_each(?)) GROUP BY document",
        (keys,),
    )
    store.execute_many("UPDATE documents SET removed = removed + ? WHERE key = ?", lost)
    for table in ("links", "terms", "authors", "evidence", "relayed", "relayed_credits"):
        store.execute(
            f"DELETE FROM {table} WHERE sighting IN (SELECT sightings.id FROM sightings"
            " WHERE entry IN (SELECT value FROM json_each(?)))",
            (keys,),
        )
    store.execute("DELETE FROM sightings WHERE entry IN (SELECT value FROM json_each(?))", (keys,))


def removed_before(
    store: Store,
    source: str,
    items: Sequence[Prepared],
    by_text: Mapping[TextKey, Collection[int]],
    by_id: Mapping[str, int],
) -> dict[int, int]:
    """Return the items of a document of ``source`` that were removed, by their place in ``items``.

    Each with the number under which it is remembered.  An item whose id or text an entry has is
    never among them; ``by_text`` and ``by_id`` are those entries.  An item is recognised by the id
    that its feed gives it, if its title or part of its text is the one it had; by a text that is
    long enough, whoever carries it; and by a shorter text if that is its agency's and no id tells
    it from the next one, or its feed dates it as before.
    """
    if not items or not store.rows("SELECT 1 FROM removed LIMIT 1"):
        return {}
    texts_removed = _texts_removed(store, source, {p.fingerprint for p in items})
    ids_removed = _ids_removed(store, source, {p.key or "" for p in items})
    found: dict[int, int] = {}
    for place, p in enumerate(items):
        if p.key in by_id:
            continue
        number = _by_id(p, ids_removed)
        if number is None and p.text_key not in by_text:
            number = _by_text(p, texts_removed.get(p.fingerprint, ()))
        if number is not None:
            found[place] = number
    return found


def _texts_removed(
    store: Store, source: str, fingerprints: Collection[str]
) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for fingerprint, *row in store.rows(
        "SELECT fingerprint, key, agency, is_telling, published FROM removed_texts"
        " CROSS JOIN removed ON key = removed_texts.removed AND ifnull(source, ?1) = ?1"
        " WHERE fingerprint IN (SELECT value FROM json_each(?2)) ORDER BY key DESC",
        (source, json.dumps(sorted(fingerprints))),
    ):
        found.setdefault(fingerprint, []).append(tuple(row))
    return found


def _ids_removed(store: Store, source: str, ids: Collection[str]) -> dict[str, Row]:
    rows = store.rows(
        "SELECT upstream_id, removed, title, numbers FROM removed_ids"
        " WHERE source = ? AND upstream_id IN (SELECT value FROM json_each(?))",
        (source, json.dumps(sorted(ids))),
    )
    return {row[0]: row[1:] for row in rows}


def _by_id(p: Prepared, ids_removed: Mapping[str, Row]) -> int | None:
    """Return the removed entry that an item's id means, unless another release has the id now."""
    if p.key is None or p.key not in ids_removed:
        return None
    number, title, packed = ids_removed[p.key]
    numbers: list[int] = array("I", packed).tolist()
    shared = len({*numbers} & {*p.sketch})
    half = min(base(numbers), base(p.sketch)) / 2
    is_same_title = title is not None and title == title_number(p.entry.title)
    return number if is_same_title or shared >= max(half, _FEW) else None


def _by_text(p: Prepared, removed: Sequence[Row]) -> int | None:
    day = p.stated_day
    for number, agency, is_telling, published in removed:
        is_dated_so = day is not None and published.startswith(day.removesuffix("T00:00:00Z"))
        if is_telling or (agency == p.entry.agency.id and (p.key is None or is_dated_so)):
            return int(number)
    return None


def note_seen_again(store: Store, document: int, seen: Mapping[int, int]) -> None:
    """Note where a document lists removed entries; ``seen`` are their numbers by position."""
    if not seen:
        return
    store.execute_many(
        "INSERT OR REPLACE INTO removed_sightings (document, position, removed)"
        " SELECT key, ?, ? FROM documents WHERE key = ? AND ordered",
        [(position, number, document) for position, number in sorted(seen.items())],
    )
    store.execute("UPDATE documents SET removed = removed + ? WHERE key = ?", (len(seen), document))


def forget_order(store: Store) -> None:
    """Drop what removed entries say about dates, where no entry is near enough to depend on it.

    Within a transaction.
    """
    # Near to an entry, or to the last digest: the next one may overlap with it.
    store.execute(
        "DELETE FROM removed_sightings WHERE document IN (SELECT key FROM documents"
        " WHERE ordered AND julianday(last_day) + ? <"
        " (SELECT julianday(coalesce(min(first_day, day), day)) FROM"
        " (SELECT min(first_day) AS first_day FROM documents WHERE ordered"
        " AND EXISTS (SELECT 1 FROM sightings WHERE document = documents.key)),"
        " (SELECT max(last_day) AS day FROM documents WHERE ordered)))",
        (_FAR.days,),
    )
    store.execute(
        "DELETE FROM removed_evidence WHERE removed NOT IN (SELECT removed FROM removed_sightings)"
    )
