"""Notes of what has to be written again, made by triggers, and of the written files."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from aggregator.store import Store

FileState = tuple[int, int]
"""Size and modification time in nanoseconds of a file."""

UNKNOWN: FileState = (-1, 0)
"""A state that no file has, so that the file is looked at."""

Listing = tuple[str, str | None]
"""The name and the homepage of an agency in a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """What changed since the output was written: months of agencies, and entries.

    ``entries`` are rows, of entries that may be gone; only rows, since in a first run they are all
    entries.  ``upto`` are the serials of the last note in each list, for ``mark_written``.
    """

    months: Sequence[tuple[str, str]]
    entries: Sequence[int]
    upto: tuple[int, int]

    def __bool__(self) -> bool:
        return bool(self.months or self.entries)


def stale(store: Store) -> Stale:
    """Return everything that has to be written again."""
    # First, since a note made meanwhile has a higher serial, and is returned the next time.
    ((last,),) = store.rows("SELECT coalesce(max(serial), 0) FROM to_show")
    months = store.rows("SELECT agency, month, serial FROM to_archive ORDER BY agency, month")
    entries = store.rows("SELECT entry FROM to_show ORDER BY entry")
    return Stale(
        months=[(agency, month) for agency, month, _ in months],
        entries=[entry for (entry,) in entries],
        upto=(max((serial for *_, serial in months), default=0), last),
    )


def reached(store: Store) -> dict[str, str]:
    """Return the last document and the last earlier dating, as facts for ``mark_written``.

    What is written later contains no less.
    """
    ((documents, datings),) = store.rows(
        "SELECT (SELECT coalesce(max(key), 0) FROM documents),"
        " (SELECT coalesce(max(rowid), 0) FROM datings)"
    )
    return {"documents": str(documents), "datings": str(datings)}


def were_written(store: Store, keys: Sequence[int]) -> dict[int, bool]:
    """Return which of these dated entries were in the feeds, and whether with their present date.

    An entry was if one of its documents came before the feeds were written last.  Where an older
    version wrote them, which documents those were is not known, and all entries count.
    """
    if not keys:
        return {}
    rows = store.rows(
        "SELECT key, NOT EXISTS (SELECT 1 FROM datings WHERE entry = key AND rowid >"
        " coalesce((SELECT CAST(value AS INTEGER) FROM output WHERE name = 'datings'), ?2))"
        " FROM entries WHERE key IN (SELECT value FROM json_each(?1)) AND EXISTS"
        " (SELECT 1 FROM sightings WHERE entry = key AND document <= coalesce("
        "(SELECT CAST(value AS INTEGER) FROM output WHERE name = 'documents'),"
        " (SELECT max(?2) FROM output LIMIT 1)))",
        (json.dumps(list(keys)), 2**62),
    )
    return {key: bool(is_present) for key, is_present in rows}


def mark_written(store: Store, done: Stale, facts: Mapping[str, str]) -> None:
    """Note, in a transaction, that ``done`` was written, and ``facts`` about how.

    A note of a later change has a higher serial, and stays.
    """
    store.execute("DELETE FROM to_archive WHERE serial <= ?", (done.upto[0],))
    store.execute("DELETE FROM to_show WHERE serial <= ?", (done.upto[1],))
    store.execute_many(
        "INSERT INTO output VALUES (?, ?) ON CONFLICT (name)"
        " DO UPDATE SET value = excluded.value WHERE value != excluded.value",
        facts.items(),
    )


def facts(store: Store) -> dict[str, str]:
    """Return the facts that were noted when the output was written."""
    return dict(store.rows("SELECT name, value FROM output"))


def noted_files(store: Store) -> list[tuple[str, FileState]]:
    """Return the noted files, by name below the output folder, and their states."""
    return _noted(store, "true")


def noted_feeds(store: Store) -> list[tuple[str, FileState]]:
    """Return the noted Atom feeds, without archives, and their states."""
    return _noted(store, "folder = '' AND name LIKE '%.atom'")


def _noted(store: Store, where: str) -> list[tuple[str, FileState]]:
    rows = store.rows(f"SELECT folder || name, size, modified FROM written WHERE {where}")
    return [(name, (size, modified)) for name, size, modified in rows]


def unknown_files(store: Store) -> set[str]:
    """Return the files that were noted as ``UNKNOWN``."""
    return {name for (name,) in store.rows("SELECT folder || name FROM written WHERE size < 0")}


def is_noted(store: Store, name: str) -> bool:
    """Whether a run noted this file."""
    return bool(store.rows("SELECT 1 FROM written WHERE (folder, name) = (?, ?)", _split(name)))


def forget_files(store: Store) -> None:
    """Remove, in a transaction, what is noted of files."""
    store.execute("DELETE FROM written")


def note_files(store: Store, states: Mapping[str, FileState | None]) -> None:
    """Note, in a transaction, the states of files, by name; None for those that are gone."""
    store.execute_many(
        "INSERT INTO written VALUES (?, ?, ?, ?) ON CONFLICT (folder, name) DO UPDATE"
        " SET size = excluded.size, modified = excluded.modified",
        ((*_split(name), *state) for name in sorted(states) if (state := states[name]) is not None),
    )
    store.execute_many(
        "DELETE FROM written WHERE (folder, name) = (?, ?)",
        (_split(name) for name, state in states.items() if state is None),
    )


def _split(name: str) -> tuple[str, str]:
    folder, slash, rest = name.rpartition("/")
    return folder + slash, rest


def listed_agencies(store: Store, ids: Collection[str] | None = None) -> dict[str, Listing]:
    """Return which of these agencies the lists have, by id, and as what; None: of all."""
    among = "" if ids is None else " WHERE agency IN (SELECT value FROM json_each(?))"
    rows = store.rows(
        f"SELECT agency, name, homepage FROM listed_agencies{among} ORDER BY agency",
        () if ids is None else (json.dumps(sorted(ids)),),
    )
    return {agency: (name, homepage) for agency, name, homepage in rows}


def listed_count(store: Store) -> int:
    """Return how many agencies the lists have."""
    ((number,),) = store.rows("SELECT count(*) FROM listed_agencies")
    return int(number)


def note_listed(store: Store, listed: Mapping[str, Listing]) -> None:
    """Note, in a transaction, that the lists have exactly these agencies."""
    held = listed_agencies(store)
    store.execute_many(
        "DELETE FROM listed_agencies WHERE agency = ?",
        ((agency,) for agency in held if agency not in listed),
    )
    store.execute_many(
        "INSERT OR REPLACE INTO listed_agencies VALUES (?, ?, ?)",
        ((agency, *found) for agency, found in listed.items() if held.get(agency) != found),
    )


def without_page(store: Store, done: Stale) -> list[str]:
    """Return the ids in ``done`` that no longer have a page."""
    rows = store.rows(
        "SELECT id FROM to_show WHERE serial <= ? AND NOT EXISTS"
        " (SELECT 1 FROM entries WHERE key = to_show.entry AND published IS NOT NULL)",
        (done.upto[1],),
    )
    return [entry_id for (entry_id,) in rows]
