"""The work lists: every change notes what follows from it, whatever kind of statement makes it.

SQLite replaces the conflict clause of a trigger by that of the statement that fires it, so each
trigger is fired by each kind, once with empty lists and once with lists that hold its notes.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from aggregator.store import Store, open_empty, open_store
from aggregator.store.schema import DEVELOPMENT_NAMES, WORK_LISTS
from tests.support.older import undo

Note = tuple[str, tuple[Any, ...]]
"""The work list that a note is in, and what it names there."""

NOTE = {
    "to_relate": "INSERT INTO to_relate VALUES (?, ?)",
    "to_categorise": "INSERT INTO to_categorise VALUES (?)",
    "to_archive": "INSERT INTO to_archive (agency, month) VALUES (?, ?)",
    "to_show": "INSERT INTO to_show (entry, id) VALUES (?, '')",
}
"""Notes something by hand."""

AGENCY = "INTO agencies (id, name, configured) VALUES"
ENTRY = (
    "INTO entries (key, id, agency, published, truncated, fingerprint, sketch_base, title, summary,"
    " text, content_html) VALUES"
)
SIGHTING = (
    "INTO sightings (id, entry, document, position, first_line, last_line, agency, fingerprint,"
    " how, score, rule, reason) VALUES"
)
FILLED = (
    "INSERT INTO sources (id, location) VALUES ('s', '*')",
    "INSERT INTO documents (key, source, name, sha256, bytes, modified, items, rejected, ordered,"
    " first_day, last_day) VALUES (1, 's', 'd', 'x', 1, '', 1, 0, 1, '', '')",
    f"INSERT {AGENCY} ('nato', 'NATO', 1), ('europol', 'Europol', 1), ('un', 'UN', 1)",
    *(
        f"INSERT {ENTRY} ({key}, 'urn:{key}', '{agency}', '2024-0{key}-05T00:00:00Z', 0, 'f{key}',"
        " 0, 't', '', '', '')"
        for key, agency in ((1, "nato"), (2, "nato"), (3, "europol"))
    ),
    "UPDATE entries SET dating_below = 1 WHERE key = 2",
    "INSERT INTO related VALUES (3, 1, 'x')",
    "INSERT INTO credits VALUES (2, 'europol')",
    *(f"INSERT {SIGHTING} ({n}, {n}, 1, {n}, 1, 1, 'nato', 'f', 'new', 1, '', '')" for n in (1, 2)),
    "INSERT INTO kinds VALUES (2, 'speech')",
    "INSERT INTO renditions VALUES (1, 'atom', '', x''), (2, 'atom', '', x'')",
)


@pytest.fixture
def filled() -> Iterator[Store]:
    """A store with three entries, on whose work lists nothing is."""
    with open_empty() as store:
        for statement in FILLED:
            store.execute(statement)
        clear(store)
        yield store


def clear(store: Store) -> None:
    for name in WORK_LISTS:
        store.execute(f"DELETE FROM {name}")


def notes(store: Store) -> dict[Note, int]:
    """Everything that is noted, with its serial; 0 in a list without serials."""
    found: dict[Note, int] = {}
    for row in store.rows("SELECT agency, day FROM to_relate"):
        found["to_relate", row] = 0
    for row in store.rows("SELECT entry FROM to_categorise"):
        found["to_categorise", row] = 0
    for row in store.rows("SELECT agency, month, serial FROM to_archive"):
        found["to_archive", row[:2]] = row[2]
    for row in store.rows("SELECT entry, serial FROM to_show"):
        found["to_show", row[:1]] = row[1]
    return found


def relate(*days: tuple[str, str]) -> set[Note]:
    return {("to_relate", day) for day in days}


def archive(*months: tuple[str, str]) -> set[Note]:
    return {("to_archive", month) for month in months}


def show(*entries: int) -> set[Note]:
    return {("to_show", (entry,)) for entry in entries}


def categorise(*entries: int) -> set[Note]:
    return {("to_categorise", (entry,)) for entry in entries}


ADDED = f"{ENTRY} (9, 'urn:9', 'un', '2024-09-09T00:00:00Z', 0, 'f9', 0, 't', '', '', '')"
AGAIN = f"{ENTRY} (1, 'urn:1', 'nato', '2024-05-07T00:00:00Z', 0, 'f1', 0, 't', '', '', '')"
SEEN = f"{SIGHTING} (8, 3, 1, 8, 1, 1, 'nato', 'f', 'same', 1, '', '')"
MOVED = f"{SIGHTING} (1, 3, 1, 1, 1, 1, 'nato', 'f', 'same', 1, '', '')"
UPSERT_MOVED = "ON CONFLICT DO UPDATE SET entry = excluded.entry"
REDATED = (
    relate(("nato", "2024-01-05"), ("nato", "2024-05-07"))
    | archive(("nato", "2024-01"), ("nato", "2024-05"))
    | show(1)
)
WRITTEN = archive(("nato", "2024-02"), ("europol", "2024-02")) | show(2)
RENAMED = (
    relate(("nato", "2024-01-05"), ("nato", "2024-02-05"))
    | archive(("nato", "2024-01"), ("nato", "2024-02"), ("europol", "2024-02"))
    | show(1, 2)
)
CAME_DATED = categorise(9) | relate(("un", "2024-09-09")) | archive(("un", "2024-09")) | show(9)
INSERTS = ("INSERT", "INSERT OR IGNORE", "INSERT OR REPLACE", "INSERT OR FAIL")
UPDATES = ("UPDATE", "UPDATE OR IGNORE", "UPDATE OR REPLACE", "UPDATE OR FAIL")
CASES = [
    *((f"{verb} {ADDED}", CAME_DATED) for verb in INSERTS),
    (f"INSERT {ADDED} ON CONFLICT DO NOTHING", CAME_DATED),
    (f"INSERT {AGAIN} ON CONFLICT (id) DO UPDATE SET published = excluded.published", REDATED),
    *((f"{verb} entries SET published = '2024-05-07' WHERE key = 1", REDATED) for verb in UPDATES),
    *(
        (
            f"{verb} entries SET published = '2024-05-07' WHERE key = 2",
            relate(("nato", "2024-02-05"), ("nato", "2024-05-07"))
            | archive(*((a, f"2024-0{m}") for a in ("nato", "europol") for m in (2, 5)))
            | show(2),
        )
        for verb in UPDATES
    ),
    *(
        (
            f"{verb} entries SET agency = 'un' WHERE key = 1",
            relate(("nato", "2024-01-05"), ("un", "2024-01-05"))
            | archive(("nato", "2024-01"), ("un", "2024-01"))
            | show(1)
            | categorise(1),
        )
        for verb in UPDATES
    ),
    *(
        (
            f"{verb} entries SET fingerprint = 'g' WHERE key = 1",
            relate(("nato", "2024-01-05")) | categorise(1) | show(1, 2, 3),
        )
        for verb in UPDATES
    ),
    *((f"{verb} entries SET dating_evidence = 'x' WHERE key = 1", show(1)) for verb in UPDATES),
    *((f"{verb} agencies SET name = 'N' WHERE id = 'nato'", RENAMED) for verb in UPDATES),
    (f"INSERT {AGENCY} ('nato', 'N', 1) ON CONFLICT DO UPDATE SET name = excluded.name", RENAMED),
    *(
        (
            f"{verb} agencies SET homepage = 'https://nato.int/' WHERE id = 'nato'",
            archive(("nato", "2024-01"), ("nato", "2024-02")) | show(1, 2),
        )
        for verb in UPDATES
    ),
    *((f"{verb} INTO credits VALUES (1, 'un')", archive(("un", "2024-01"))) for verb in INSERTS),
    ("DELETE FROM credits WHERE entry = 2", archive(("europol", "2024-02"))),
    *((f"{verb} {SEEN}", show(3)) for verb in INSERTS),
    (f"INSERT {MOVED} {UPSERT_MOVED}", show(1, 3)),
    *((f"{verb} sightings SET entry = 3 WHERE id = 1", show(1, 3)) for verb in UPDATES),
    *((f"{verb} INTO related VALUES (1, 2, 'x')", show(1)) for verb in INSERTS),
    ("INSERT INTO related VALUES (1, 2, 'x') ON CONFLICT DO UPDATE SET reason = 'y'", show(1)),
    ("DELETE FROM related WHERE entry = 3", show(3)),
    ("DELETE FROM renditions WHERE entry = 2", WRITTEN),
    *((f"{verb} INTO kinds VALUES (2, 'visit')", WRITTEN) for verb in INSERTS),
    ("DELETE FROM kinds WHERE entry = 2", WRITTEN),
]


@pytest.mark.parametrize(("statement", "expected"), CASES, ids=[case[0] for case in CASES])
def test_every_statement_notes_what_follows(
    filled: Store, statement: str, expected: set[Note]
) -> None:
    """A change is noted on empty lists, and again, with new serials, on lists that have it."""
    filled.execute("SAVEPOINT before")
    filled.execute(statement)
    assert notes(filled).keys() == expected
    filled.execute("ROLLBACK TO before")
    for name, note in expected:
        filled.execute(NOTE[name], note)
    before = notes(filled)
    filled.execute(statement)
    after = notes(filled)
    assert after.keys() == expected
    for note_, serial in after.items():
        assert serial > before[note_] or serial == before[note_] == 0


def test_a_removed_entry(filled: Store) -> None:
    """Its day and month are noted, and its page, so that all of that is written without it."""
    for table, column in (("related", "other"), ("renditions", "entry"), ("sightings", "entry")):
        filled.execute(f"DELETE FROM {table} WHERE {column} = 1")
    filled.execute("UPDATE entries SET dating_below = NULL WHERE key = 2")
    for _ in range(2):
        filled.execute("SAVEPOINT before")
        filled.execute("DELETE FROM entries WHERE key = 1")
        assert notes(filled).keys() >= (
            relate(("nato", "2024-01-05")) | archive(("nato", "2024-01")) | show(1)
        )
        assert not categorise(1) & notes(filled).keys()
        assert filled.rows("SELECT id FROM to_show WHERE entry = 1") == [("urn:1",)]
        filled.execute("ROLLBACK TO before")
        clear(filled)
        for name, note in relate(("nato", "2024-01-05")) | categorise(1) | show(1):
            filled.execute(NOTE[name], note)


def test_a_store_with_the_triggers_of_the_development_version(tmp_path: Path) -> None:
    """Their conflict clauses let an upsert fail; they are replaced when the store is taken over."""
    path = tmp_path / "a.db"
    with open_store(path) as store:
        for statement in FILLED:
            store.execute(statement)
        store.execute("DROP TRIGGER agency_described")
        store.execute(
            "CREATE TRIGGER agency_described AFTER UPDATE OF name ON agencies BEGIN"
            " INSERT INTO to_show (entry, id) SELECT key, id FROM entries; END"
        )
        store.execute("CREATE TABLE mine (a)")
        store.execute("CREATE TRIGGER my_own AFTER INSERT ON mine BEGIN SELECT 1; END")
        undo(store.conn)
        store.db.table("_sqlite_migrations").insert_all(
            {"migration_set": "aggregator", "name": name, "applied_at": ""}
            for name in DEVELOPMENT_NAMES
        )
    with open_store(path) as store, open_empty() as new:
        store.db.table("agencies").upsert({"id": "nato", "name": "N", "configured": 1}, pk="id")
        assert triggers(store.db) == triggers(new.db) | {"my_own"}


def triggers(db: Database) -> set[str]:
    return {trigger.name for trigger in db.triggers}
