"""The counts of sources, agencies and categories: whatever changes, they are what a count finds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.store import Store, counts, open_empty, open_store
from aggregator.store.documents import source_states
from tests.store.test_work_lists import FILLED, INSERTS, SIGHTING, UPDATES
from tests.support.older import undo
from tests.support.sound import make_sound

DOCUMENT = (
    "INTO documents (key, source, name, sha256, bytes, modified, items, rejected, ordered,"
    " first_day, last_day) VALUES"
)
MORE = (
    "INSERT INTO sources (id, location) VALUES ('t', '*')",
    f"INSERT {DOCUMENT} (2, 's', 'e', 'y', 1, '', 4, 1, 1, '', ''),"
    " (3, 't', 'd', 'x', 1, '', 2, 2, 1, '', '')",
    f"INSERT {SIGHTING} (3, 1, 2, 1, 1, 1, 'nato', 'f', 'same', 1, '', ''),"
    " (4, 1, 3, 1, 1, 1, 'nato', 'f', 'same', 1, '', '')",
    "INSERT INTO datings VALUES (1, 1, '', '', '', '', '', ''), (1, 2, '', '', '', '', '', '')",
)
TABLES = ("source_counts", "agency_counts", "category_counts")


@pytest.fixture
def filled() -> Iterator[Store]:
    """A store with three entries of two agencies, two sources and four sightings."""
    with open_empty() as store:
        for statement in (*FILLED, *MORE):
            store.execute(statement)
        yield store


def held(store: Store) -> list[tuple[object, ...]]:
    return [
        row
        for table in TABLES
        for row in store.rows(f"SELECT * FROM {table}")
        if table != "category_counts" or row[1]
    ]


def test_counts_of_a_filled_store(filled: Store) -> None:
    """Documents, items, rejected, entries and newest; entries and re-dated; entries."""
    assert held(filled) == [
        *(("s", 2, 5, 1, 2, 2), ("t", 1, 2, 2, 1, 3)),
        *(("europol", 1, 0), ("nato", 2, 1), ("un", 0, 0)),
        ("speech", 1),
    ]
    assert list(counts.wrong(filled)) == []


STATEMENTS = [
    *(
        f"{verb} {DOCUMENT} (9, '{source}', 'n', 'z', 1, '', 3, 1, 1, '', '')"
        for verb in INSERTS
        for source in "st"
    ),
    *(f"{verb} INTO sources (id, location) VALUES ('s', 'again')" for verb in INSERTS[1:3]),
    "INSERT INTO sources (id, location) VALUES ('s', 'again')"
    " ON CONFLICT (id) DO UPDATE SET location = excluded.location",
    "DELETE FROM sources WHERE id = 'u'",
    *(f"{verb} documents SET items = 9, rejected = 8 WHERE source = 's'" for verb in UPDATES),
    *(
        f"{verb} {SIGHTING} (9, {entry}, {document}, 9, 1, 1, 'nato', 'f', 'same', 1, '', '')"
        for verb in INSERTS
        for entry in (1, 2)
        for document in (2, 3)
    ),
    *(f"{verb} sightings SET entry = 2 WHERE id = {n}" for verb in UPDATES for n in (1, 3, 4)),
    "UPDATE sightings SET entry = 2",
    "UPDATE sightings SET entry = entry",
    *(f"DELETE FROM sightings WHERE id = {n}" for n in (1, 2, 3, 4)),
    "DELETE FROM sightings",
    *(f"{verb} entries SET agency = 'un' WHERE agency = 'nato'" for verb in UPDATES),
    *(
        f"{verb} INTO datings VALUES ({n}, 3, '', '', '', '', '', '')"
        for verb in INSERTS
        for n in (1, 2)
    ),
    "DELETE FROM datings WHERE number = 1",
    "DELETE FROM datings",
    *(f"{verb} INTO kinds VALUES ({n}, 'speech')" for verb in INSERTS for n in (1, 3)),
    *(f"{verb} INTO kinds VALUES (1, 'visit')" for verb in INSERTS),
    "DELETE FROM kinds",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_statement_is_counted(filled: Store, statement: str) -> None:
    """After any kind of statement the counts are those of a count of everything."""
    filled.execute("INSERT INTO sources (id, location) VALUES ('u', '*')")
    filled.execute(statement)
    assert list(counts.wrong(filled)) == []


def test_whole_store_is_emptied(filled: Store) -> None:
    """Children first, as retention does it; nothing is counted then, and nothing below zero."""
    filled.execute("UPDATE entries SET dating_below = NULL")
    for table in (
        *("related", "credits", "kinds", "renditions", "datings", "sightings", "documents"),
        *("entries", "agencies", "sources"),
    ):
        filled.execute(f"DELETE FROM {table}")
        assert list(counts.wrong(filled)) == []
    assert held(filled) == []


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_sightings_come_move_and_go(data: st.DataObject) -> None:
    """Whatever the order, each source has the entries that it has sightings of."""
    numbers = st.integers(1, 3)
    with open_empty() as store:
        for statement in (*FILLED, *MORE):
            store.execute(statement)
        for step in range(10, 10 + data.draw(st.integers(1, 12))):
            there = [key for (key,) in store.rows("SELECT id FROM sightings")]
            kind = data.draw(st.sampled_from(["add", "move", "drop"] if there else ["add"]))
            if kind == "add":
                values = (step, data.draw(numbers), data.draw(numbers), step)
                row = f"{values[0]}, {values[1]}, {values[2]}, {values[3]}"
                store.execute(f"INSERT {SIGHTING} ({row}, 1, 1, 'nato', 'f', 'same', 1, '', '')")
            elif kind == "move":
                moved = data.draw(st.lists(st.sampled_from(there), min_size=1))
                among = ", ".join(map(str, moved))
                to = data.draw(numbers)
                store.execute(f"UPDATE sightings SET entry = {to} WHERE id IN ({among})")
            else:
                store.execute(
                    "DELETE FROM sightings WHERE id = ?", [data.draw(st.sampled_from(there))]
                )
            assert list(counts.wrong(store)) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE source_counts SET entries = 5 WHERE source = 't'", [("source", "t")]),
        ("UPDATE source_counts SET newest = NULL WHERE source = 's'", [("source", "s")]),
        ("DELETE FROM source_counts", [("source", "s"), ("source", "t")]),
        ("INSERT INTO source_counts (source) VALUES ('ghost')", [("source", "ghost")]),
        ("UPDATE agency_counts SET redated = -1 WHERE agency = 'nato'", [("agency", "nato")]),
        ("UPDATE category_counts SET entries = 0", [("category", "speech")]),
    ],
)
def test_wrong_counts_are_found_and_set_right(
    filled: Store, statement: str, found: list[tuple[str, str]]
) -> None:
    """Each is named, and a count of everything takes the place of all."""
    before = held(filled)
    filled.execute(statement)
    assert list(counts.wrong(filled)) == found
    assert list(counts.set_right(filled)) == ["counted again"]
    assert list(counts.wrong(filled)) == []
    assert held(filled) == before


def test_store_of_the_version_before_is_counted_once(tmp_path: Path) -> None:
    """The migration finds what the triggers counted, and triggers go on from there."""
    path = make_sound(tmp_path / "project").store
    with open_store(path) as store:
        before, states = held(store), source_states(store)
        assert any(state.entries for state in states.values())
    undo(path, "m010_counts")
    with open_store(path) as store:
        assert held(store) == before
        assert source_states(store) == states
        store.execute("DELETE FROM evidence WHERE sighting = 1")
        store.execute("DELETE FROM links WHERE sighting = 1")
        store.execute("DELETE FROM sightings WHERE id = 1")
        assert list(counts.wrong(store)) == []
