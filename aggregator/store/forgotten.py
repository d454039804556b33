"""What a person had taken out of the store, and how it is put back.

``sightings_of`` says what a source, a document or an entry has; ``take_out`` removes sightings of
one entry, and keeps the rows as they were; ``put_back`` inserts those again.  Rows are kept by the
names of their columns, so that a later version of the schema can still take them.  Functions that
write belong in a transaction.
"""

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aggregator.store import Store, entry_pages, sightings, webhooks
from aggregator.store.entries import next_key
from aggregator.store.repair import BESIDE_SIGHTINGS, delete_sightings
from aggregator.store.search import index_one
from aggregator.store.texts import note_titles
from aggregator.store.times import time_text

_OF_ENTRY = ("revisions", "datings", "kept_apart")
_NEIGHBOURS = ("dating_below", "dating_above")  # rows of others
_Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to take out: a ``kind`` (source, document or entry) and its name."""

    kind: str
    name: str

    def __str__(self) -> str:
        """Return it for people."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The sightings of an entry that are wanted, of one ``source``, out of ``total`` of all."""

    entry: int
    source: str
    ids: tuple[int, ...]
    total: int


_CONDITIONS = {"source": "source = ?", "document": "name = ?", "entry": "entries.id = ?"}


def seen_of(store: Store, wanted: Wanted) -> list[Seen]:
    """Return the entries that were seen in what is wanted, the newest first."""
    rows = store.rows(
        "SELECT entry, source, group_concat(sightings.id),"
        " (SELECT count(*) FROM sightings AS s WHERE s.entry = sightings.entry)"
        " FROM documents JOIN sightings ON document = documents.key"
        " JOIN entries ON entries.key = entry"
        f" WHERE {_CONDITIONS[wanted.kind]} GROUP BY entry, source"
        " ORDER BY published DESC, entries.id, source",
        (wanted.name,),
    )
    return [
        Seen(entry=entry, source=source, ids=tuple(sorted(map(int, ids.split(",")))), total=total)
        for entry, source, ids, total in rows
    ]


def titles(store: Store, keys: Sequence[int]) -> list[str]:
    """Return the titles of entries, in their order."""
    rows = store.rows(
        "SELECT title FROM json_each(?) AS wanted JOIN entries ON entries.key = value"
        " ORDER BY wanted.key",
        (json.dumps(list(keys)),),
    )
    return [title for (title,) in rows]


def document_names(store: Store) -> list[str]:
    """Return the names of all documents."""
    return [name for (name,) in store.rows("SELECT DISTINCT name FROM documents ORDER BY name")]


def note(store: Store, wanted: Wanted, *, at: datetime) -> int:
    """Note that something is taken out; return the number under which its rows are kept."""
    ((key,),) = store.rows(
        "INSERT INTO forgotten (kind, name, at) VALUES (?, ?, ?) RETURNING key",
        (wanted.kind, wanted.name, time_text(at)),
    )
    return int(key)


def noted(store: Store, wanted: Wanted) -> list[int]:
    """Return the numbers under which rows of what is wanted are kept, the last one first."""
    rows = store.rows(
        "SELECT key FROM forgotten WHERE (kind, name) = (?, ?) ORDER BY key DESC",
        (wanted.kind, wanted.name),
    )
    return [key for (key,) in rows]


def all_noted(store: Store) -> list[Wanted]:
    """Return everything that was taken out and not put back, in its order."""
    rows = store.rows("SELECT kind, name FROM forgotten GROUP BY kind, name ORDER BY max(key)")
    return [Wanted(kind=kind, name=name) for kind, name in rows]


def keep_rows(store: Store, number: int, entry: int, ids: Sequence[int]) -> None:
    """Keep the rows of an entry and of those of its sightings that are to be taken out."""
    listed = (json.dumps(list(ids)),)
    among = "IN (SELECT value FROM json_each(?))"
    seen = store.query(f"SELECT * FROM sightings WHERE id {among} ORDER BY id", listed)
    rows: dict[str, _Rows] = {
        "entries": store.query("SELECT * FROM entries WHERE key = ?", [entry]),
        "sightings": seen,
        "others": store.query(
            "SELECT id, how, score, rule, reason FROM sightings"
            f" WHERE entry = ? AND id NOT {among}",
            [entry, *listed],
        ),
        "agencies": store.query(
            f"SELECT * FROM agencies WHERE id IN (SELECT agency FROM sightings WHERE id {among}"
            f" UNION SELECT agency FROM relayed_credits WHERE sighting {among}) ORDER BY id",
            listed * 2,
        ),
        "relayed_agencies": store.query(
            "SELECT * FROM relayed_agencies WHERE agency IN"
            f" (SELECT agency FROM sightings WHERE id {among}"
            f" UNION SELECT agency FROM relayed_credits WHERE sighting {among}) ORDER BY agency",
            listed * 2,
        ),
        **{
            table: store.query(f"SELECT * FROM {table} WHERE entry = ?", [entry])
            for table in _OF_ENTRY
        },
        **{
            table: store.query(f"SELECT * FROM {table} WHERE sighting {among}", listed)
            for table in BESIDE_SIGHTINGS
        },
        "to_announce": store.query(
            "SELECT entry FROM to_announce WHERE entry = ?1"
            " UNION SELECT entry FROM webhook_queue WHERE entry = ?1",
            [entry],
        ),
    }
    ((before,),) = store.rows(
        "SELECT (SELECT rows FROM forgotten_entries WHERE (forgotten, id) ="
        " (?, (SELECT id FROM entries WHERE key = ?)))",
        (number, entry),
    )
    if before is not None:  # of another source; without its sightings the entry is another by now
        first = _unpack(before)
        rows = {table: _once([*first[table], *found]) for table, found in rows.items()}
        rows |= {table: first[table] for table in ("entries", "datings")}
    store.execute(
        "INSERT OR REPLACE INTO forgotten_entries SELECT ?, id, ? FROM entries WHERE key = ?",
        (number, _pack(rows), entry),
    )


def drop_sightings(store: Store, seen: Seen) -> None:
    """Drop some sightings of an entry that has others, and what belongs to them."""
    numbers = [(number,) for number in seen.ids]
    store.execute_many(
        "UPDATE documents SET removed = removed + 1, dated = 0"
        " WHERE key = (SELECT document FROM sightings WHERE id = ?)",
        numbers,
    )
    delete_sightings(store, seen.ids)
    store.execute(
        "DELETE FROM upstream_ids WHERE (source, entry) = (?1, ?2) AND upstream_id NOT IN"
        " (SELECT upstream_id FROM sightings JOIN documents ON documents.key = document"
        " WHERE entry = ?2 AND source = ?1 AND upstream_id IS NOT NULL)",
        (seen.source, seen.entry),
    )


def make_first_new(store: Store, entry: int) -> None:
    """Mark the first sighting of an entry as new, if none that is left has that mark."""
    store.execute(
        "UPDATE sightings SET how = 'new', score = 1.0, rule = 'forgotten',"
        " reason = 'what it was compared with was taken out' WHERE id ="
        " (SELECT sightings.id FROM sightings JOIN documents ON documents.key = document"
        " WHERE entry = ?1 ORDER BY modified, name, position LIMIT 1)"
        " AND NOT EXISTS (SELECT 1 FROM sightings WHERE entry = ?1 AND how = 'new')",
        (entry,),
    )


def put_back(store: Store, number: int) -> Iterator[int]:
    """Insert the rows that are kept under ``number`` again; yield the row of each entry.

    What was read again in the meantime stays as it is.  The caller brings the entries in line.
    """
    packed = store.rows("SELECT id, rows FROM forgotten_entries WHERE forgotten = ?", (number,))
    for entry_id, rows in packed:
        _let_come_back(store, entry_id)
        yield _insert(store, entry_id, _unpack(rows))
    store.execute("DELETE FROM forgotten_entries WHERE forgotten = ?", (number,))
    store.execute("DELETE FROM forgotten WHERE key = ?", (number,))


def _let_come_back(store: Store, entry_id: str) -> None:
    """Forget that an entry was removed."""
    among = "(SELECT key FROM removed WHERE id = ?)"
    for table in ("removed_texts", "removed_ids", "removed_sightings", "removed_evidence"):
        store.execute(f"DELETE FROM {table} WHERE removed IN {among}", (entry_id,))
    store.execute("DELETE FROM removed WHERE id = ?", (entry_id,))


def _insert(store: Store, entry_id: str, rows: Mapping[str, _Rows]) -> int:
    for table in ("agencies", "relayed_agencies"):
        _put(store, table, rows.get(table, ()))
    own = rows["entries"][0]
    found = store.rows("SELECT key, fingerprint FROM entries WHERE id = ?", (entry_id,))
    if found:
        key, current = int(found[0][0]), found[0][1]
        held = [own, *rows["revisions"]]
        columns = set(rows["revisions"][0] if rows["revisions"] else _revision_columns(store))
        texts = [
            {**{name: text[name] for name in columns & text.keys()}, "entry": key}
            for text in held
            if text["fingerprint"] != current
        ]
        _put(store, "revisions", texts)
        kept = {"kept_apart": rows["kept_apart"]}
    else:
        key = _former(store, "entries", "key", own["key"]) or next_key(store)
        _put(store, "entries", [own | dict.fromkeys(_NEIGHBOURS) | {"key": key}])
        if not rows.get("to_announce"):  # webhooks had it before it was taken out
            webhooks.take(store, [key])
        entry_pages.index_names(store, [(key, entry_id)])
        index_one(store, key)
        kept = {table: rows[table] for table in _OF_ENTRY}
    for table, of_entry in kept.items():
        _put(store, table, [row | {"entry": key} for row in of_entry])
    note_titles(store, [(key, text["title"]) for text in (own, *rows["revisions"])])
    _insert_sightings(store, key, rows)
    return key


def _revision_columns(store: Store) -> list[str]:
    return [name for _, name, *_ in store.rows("PRAGMA table_info(revisions)")]


def _insert_sightings(store: Store, entry: int, rows: Mapping[str, _Rows]) -> None:
    """Insert sightings whose document has nothing in their place."""
    for row in rows["sightings"]:
        place = (row["document"], row["position"])
        there = "SELECT 1 FROM documents WHERE key = ?1 AND NOT EXISTS"
        there += " (SELECT 1 FROM sightings WHERE (document, position) = (?1, ?2))"
        if not store.rows(there, place):
            continue
        number = _former(store, "sightings", "id", row["id"])
        if number is None:
            ((number,),) = store.rows("SELECT coalesce(max(id), 0) + 1 FROM sightings")
        _put(store, "sightings", [row | {"id": number, "entry": entry}])
        for table in BESIDE_SIGHTINGS:
            own = [beside for beside in rows[table] if beside["sighting"] == row["id"]]
            _put(store, table, [beside | {"sighting": number} for beside in own])
        store.execute("UPDATE documents SET removed = max(removed - 1, 0) WHERE key = ?", place[:1])
    store.execute_many(
        "UPDATE sightings SET (how, score, rule, reason) = (:how, :score, :rule, :reason)"
        " WHERE id = :id AND entry = :entry AND rule = 'forgotten'",
        [row | {"entry": entry} for row in rows["others"]],
    )
    sightings.ids_follow(store, entry)
    sightings.mark_to_date(store, entry)


def _former(store: Store, table: str, column: str, number: int) -> int | None:
    """Return the number that a row had, if no other row has it now."""
    return None if store.rows(f"SELECT 1 FROM {table} WHERE {column} = ?", (number,)) else number


def _put(store: Store, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        names = ", ".join(row)
        places = ", ".join("?" * len(row))
        store.execute(
            f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})", tuple(row.values())
        )


def _once(rows: _Rows) -> _Rows:
    return list({json.dumps(row, default=_as_text): row for row in rows}.values())


def _pack(rows: Mapping[str, _Rows]) -> bytes:
    return zlib.compress(json.dumps(rows, default=_as_text).encode())


def _unpack(packed: bytes) -> dict[str, _Rows]:
    found: dict[str, _Rows] = json.loads(zlib.decompress(packed), object_hook=_from_text)
    return found


def _as_text(value: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(value).decode("ascii")}


def _from_text(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["base64"]) if value.keys() == {"base64"} else value
