"""Repairs of a store whose rows do not agree: what ``integrity`` finds, made right.

Each function belongs in a transaction and yields a line for a person for each thing that it did.
Facts are kept where they can be: what refers to a missing source or agency gets one, and an entry
without a sighting gets one.  A document that lost items is read again if its source still has it.
"""

import json
from collections.abc import Collection, Iterator

from aggregator.store import Store, integrity, open_empty
from aggregator.store.packing import LOST
from aggregator.store.schema import SEARCH_INDEX, add_search_index

SOURCE = "repaired"
"""The source of entries of which it is not known any more where they were seen, and the rule by
which a sighting is the first of its entry."""

_LOST = "lost items, once "
"""Before the key and the hash of a document that is to be read again, perhaps once more."""

_NEVER = {"modified": "1970-01-01T00:00:00Z", "first_day": "1970-01-01", "last_day": "1970-01-01"}
_NULL = ("entries", "evidence", "relayed", "removed_evidence", "sightings", "sources")
BESIDE_SIGHTINGS = ("links", "terms", "authors", "evidence", "relayed", "relayed_credits")
"""The tables with what was found in sightings."""


def schema(store: Store) -> Iterator[str]:
    """Make the tables, indexes, triggers and views that are missing or differ."""
    with open_empty() as fresh:
        wanted: dict[str, str] = dict(fresh.rows("SELECT name, sql FROM main.sqlite_master"))
    for kind, name in integrity.schema_differences(store):
        if kind in ("trigger", "view"):
            store.execute(f"DROP {kind} IF EXISTS {name}")
        store.execute(wanted[name])
        yield f"the {kind} {name} is made again"


def values(store: Store) -> Iterator[str]:
    """Replace times, days and lists that cannot be read, or delete rows that are nothing without.

    Dates of entries are worked out again, and documents are read again.
    """
    for table, column, condition in integrity.unreadable_columns():
        if table in _NULL:
            change = f"UPDATE {table} SET {column} = NULL"
        elif column in _NEVER:
            read_again(store, condition)
            change = f"UPDATE documents SET {column} = '{_NEVER[column]}', dated = 0"
        else:
            change = f"DELETE FROM {table}"
        found = len(store.rows(f"SELECT 1 FROM {table} WHERE {condition}"))
        if found:
            store.execute(f"{change} WHERE {condition}")
            yield f"{found:,} values of {table}.{column} could not be read and are removed"
    store.execute("UPDATE entries SET updated = published WHERE updated IS NULL")
    for column in integrity.DATING:
        store.execute(f"UPDATE entries SET published = NULL WHERE {column} IS NULL")


def html(store: Store) -> Iterator[str]:
    """Remove HTML that cannot be read, and have its documents read again."""
    lost = list(integrity.unreadable_html(store))
    for table, entry, fingerprint in lost:
        key = "key" if table == "entries" else "entry"
        store.execute(
            f"UPDATE {table} SET content_html = ? WHERE {key} = ? AND fingerprint = ?",
            (LOST, entry, fingerprint),
        )
    entries = ", ".join(str(entry) for entry in sorted({entry for _, entry, _ in lost}))
    store.execute(f"DELETE FROM renditions WHERE entry IN ({entries})")
    read_again(store, f"key IN (SELECT document FROM sightings WHERE entry IN ({entries}))")
    if lost:
        texts = "text" if len(lost) == 1 else "texts"
        yield (
            f"the HTML of {len(lost):,} {texts} could not be read: made from the text alone until"
            " the documents are read again, if they are still there"
        )


def orphans(store: Store) -> Iterator[str]:
    """Make the missing sources and agencies that rows refer to; delete rows of other missing ones.

    Deleting a row may leave others without what they refer to.
    """
    store.execute("PRAGMA defer_foreign_keys = ON")
    while found := set(store.rows("PRAGMA foreign_key_check")):
        for table, parent in sorted({(table, parent) for table, _, parent, _ in found}):
            for _, _, other, column, key, *_ in store.rows(f"PRAGMA foreign_key_list({table})"):
                if other == parent:
                    yield from _mend_orphans(store, table, column, parent, key)
    _found_again(store)


def _mend_orphans(store: Store, table: str, column: str, parent: str, key: str) -> Iterator[str]:
    lost = f"{column} IS NOT NULL AND {column} NOT IN (SELECT {key} FROM {parent})"
    ((number,),) = store.rows(f"SELECT count(*) FROM {table} WHERE {lost}")
    if not number:
        return
    which = f"{number:,} rows of {table} referred to missing rows of {parent}"
    if parent == "sources":
        store.execute(
            f"INSERT INTO sources (id, location) SELECT DISTINCT {column}, '' FROM {table}"
            f" WHERE {lost}"
        )
        yield f"{which}, which are made again"
    elif parent == "agencies":
        store.execute(
            "INSERT INTO agencies (id, name, configured)"
            f" SELECT DISTINCT {column}, {column}, 0 FROM {table} WHERE {lost}"
        )
        yield f"{which}, which are made again"
    elif column.startswith("dating_"):
        store.execute(f"UPDATE {table} SET {column} = NULL WHERE {lost}")
        yield f"{which} and do so no more"
    else:
        store.execute(f"DELETE FROM {table} WHERE {lost}")
        yield f"{which} and are deleted"


def sightings(store: Store) -> Iterator[str]:
    """Make sightings, texts and documents agree.

    A sighting whose text is not known takes that of its entry of which no sighting is known; if
    there is not one such text, the sighting is deleted and its document read again.
    """
    unseen: dict[int, list[str]] = {}
    lost: dict[int, list[int]] = {}
    for batch in integrity.all_histories(store, 500):
        for entry in batch:
            seen = {sighting.fingerprint for sighting in entry.seen}
            unseen[entry.key] = sorted(set(entry.texts) - seen)
            lost[entry.key] = [s.id for s in entry.seen if s.fingerprint not in entry.texts]
    for key, ids in lost.items():
        if ids and len(unseen[key]) == 1:
            store.execute_many(
                "UPDATE sightings SET fingerprint = ? WHERE id = ?",
                [(unseen[key][0], number) for number in ids],
            )
            yield f"{len(ids):,} sightings of an entry have its text again"
        elif ids:
            delete_sightings(store, ids)
            yield f"{len(ids):,} sightings whose text is lost are deleted"
    yield from _documents(store)
    yield from _entries_never_seen(store)
    _found_again(store)


def _found_again(store: Store) -> None:
    """Have an entry begin with its first sighting, if that with which it began was lost.

    One from which a text was split had the other sightings before.
    """
    store.execute(
        "UPDATE sightings SET how = 'new', score = 1.0, rule = ?,"
        " reason = 'its first sighting was lost' WHERE id IN (SELECT min(id) FROM sightings"
        " WHERE entry NOT IN (SELECT entry FROM kept_apart)"
        " GROUP BY entry HAVING max(how = 'new') = 0)",
        (SOURCE,),
    )


def read_again(store: Store, documents: str) -> None:
    """Have documents read again if their sources still have them; ``documents`` is SQL."""
    store.execute(
        f"UPDATE documents SET sha256 = '{_LOST}' || key || ' ' || sha256"
        f" WHERE sha256 NOT LIKE '{_LOST}%' AND {documents}"
    )
    # A poll that finds nothing new would not read the items of a feed that were lost.
    store.execute(
        "UPDATE visits SET etag = NULL, last_modified = NULL, sha256 = NULL, seen = x''"
        " WHERE source IN (SELECT source FROM documents WHERE sha256 LIKE ?)",
        (f"{_LOST}%",),
    )


def delete_sightings(store: Store, ids: Collection[int]) -> None:
    """Delete sightings with everything that belongs to them."""
    for table in BESIDE_SIGHTINGS:
        store.execute_many(f"DELETE FROM {table} WHERE sighting = ?", [(number,) for number in ids])
    store.execute_many("DELETE FROM sightings WHERE id = ?", [(number,) for number in ids])


def read_again_without_header(store: Store, entries: Collection[int]) -> None:
    """Have the documents of entries read again that had a date of upstream which is lost."""
    for key in entries:
        read_again(
            store,
            "key IN (SELECT document FROM sightings JOIN entries ON entries.key = entry"
            f" WHERE entry = {key:d} AND dating_basis = 'upstream' AND NOT EXISTS"
            " (SELECT 1 FROM evidence JOIN sightings AS s ON s.id = sighting"
            f" WHERE s.entry = {key:d} AND place = 'header'))",
        )


def _documents(store: Store) -> Iterator[str]:
    for document, source, name, _, seen in list(integrity.incomplete_documents(store)):
        store.execute(
            "UPDATE documents SET removed = max(removed, 0), items = max(removed, 0) + ?"
            " WHERE key = ?",
            (seen, document),
        )
        read_again(store, f"key = {document}")
        yield f"{name} of source {source} is read again if it is still there, for lost items"


def _entries_never_seen(store: Store) -> Iterator[str]:
    lacking = store.rows(
        "SELECT key, id, agency, fingerprint, coalesce(published, ?) FROM entries"
        " WHERE NOT EXISTS (SELECT 1 FROM sightings WHERE entry = key) ORDER BY key",
        (_NEVER["modified"],),
    )
    if lacking:
        store.execute(
            "INSERT INTO sources (id, location) VALUES (?, '') ON CONFLICT DO NOTHING", (SOURCE,)
        )
    for key, entry_id, agency, fingerprint, published in lacking:
        ((document,),) = store.rows(
            "INSERT INTO documents (source, name, sha256, bytes, modified, items, rejected,"
            " ordered, first_day, last_day, dated)"
            " VALUES (?1, ?2, '', 0, ?3, 1, 0, 0, date(?3), date(?3), 1)"
            " ON CONFLICT (source, name, sha256) DO UPDATE SET dated = 1 RETURNING key",
            (SOURCE, entry_id, published),
        )
        store.execute(
            "INSERT INTO sightings (entry, document, position, first_line, last_line, agency,"
            " fingerprint, how, score, rule, reason)"
            " VALUES (?, ?, 0, 0, 0, ?, ?, 'new', 1.0, ?, 'its sighting was lost')",
            (key, document, agency, fingerprint, SOURCE),
        )
    if lacking:
        yield (
            f"{len(lacking):,} entries without a sighting are kept, as of a source “{SOURCE}”,"
            " until their documents are read again"
        )


def feed_ids(store: Store) -> Iterator[str]:
    """Make the ids of feeds lead to the entries that were last seen with them."""
    wrong = json.dumps(integrity.wrong_feed_ids(store))
    pairs = "IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))"
    store.execute(f"DELETE FROM upstream_ids WHERE (source, upstream_id) {pairs}", (wrong,))
    store.execute(
        "INSERT OR REPLACE INTO upstream_ids SELECT source, upstream_id, entry FROM sightings"
        f" JOIN documents ON documents.key = document WHERE (source, upstream_id) {pairs}"
        " ORDER BY id",
        (wrong,),
    )
    yield "made again"


def search_index(store: Store) -> Iterator[str]:
    """Build the search index again, from nothing."""
    for (name,) in store.rows(
        "SELECT name FROM main.sqlite_master WHERE name LIKE ? || '%' ORDER BY name",
        (SEARCH_INDEX,),
    ):
        store.execute(f"DROP TABLE IF EXISTS {name}")
    add_search_index(store.db)
    store.execute(f"INSERT INTO {SEARCH_INDEX} ({SEARCH_INDEX}) VALUES ('rebuild')")
    yield "built again"


def work_lists(store: Store) -> Iterator[str]:
    """Delete the notes that no entry can have caused."""
    for table, condition in integrity.IMPOSSIBLE.items():
        store.execute(f"DELETE FROM {table} WHERE {condition}")
    yield "notes that were of no entry are deleted"


AGAIN = {
    "dates": "UPDATE documents SET dated = 0",
    "relations": "INSERT OR IGNORE INTO to_relate SELECT DISTINCT agency,"
    " substr(published, 1, 10) FROM entries WHERE published IS NOT NULL",
    "categories": "DELETE FROM kinds_by",
    "elements": "DELETE FROM renditions",
    # The names stay: they are of the files that may be removed.
    "output": "DELETE FROM output WHERE name != 'names'",
}
"""How to note that something is to be worked out again for all entries."""


def work_out_again(store: Store, *what: str) -> None:
    """Note what of ``AGAIN`` is to be worked out again for all entries."""
    for name in what:
        store.execute(AGAIN[name])
