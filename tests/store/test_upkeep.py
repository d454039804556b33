"""Upkeep: what it deletes, what it never deletes, and that it blocks no other connection."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.store import Store, open_for_reading, open_store
from aggregator.store.times import time_text
from aggregator.store.upkeep import upkeep
from tests.support.project import Project, block, digest

NOW = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def kept(store: Store) -> Store:
    """A store with two sources."""
    with store.transaction():
        store.execute_many(
            "INSERT INTO sources (id, location) VALUES (?, 'https://example.org/')",
            [("a",), ("b",)],
        )
    return store


def add(
    store: Store, source: str, ages: Iterable[int], *, ordered: bool = False, dated: bool = True
) -> None:
    """Documents of these ages in days, without sightings, each with a problem."""
    with store.transaction():
        for age in ages:
            modified = time_text(NOW - timedelta(days=age))
            ((key,),) = store.rows(
                "INSERT INTO documents (source, name, sha256, bytes, modified, items, rejected,"
                " ordered, first_day, last_day, dated) VALUES (?, ?, 'x', 1, ?, 0, 1, ?,"
                " '2024-01-01', '2024-01-01', ?) RETURNING key",
                (source, str(age), modified, int(ordered), int(dated)),
            )
            store.execute("INSERT INTO problems VALUES (?, 1, 1, 1, 'a test')", (key,))


def names(store: Store) -> list[tuple[str, str]]:
    return store.rows("SELECT source, name FROM documents ORDER BY key")


def test_documents_of_feeds_that_brought_nothing(kept: Store) -> None:
    """Those older than a month are deleted, with their problems; the last of each source stays."""
    add(kept, "a", [90, 31, 30, 2])
    add(kept, "b", [80, 70])
    assert upkeep(kept, now=NOW).documents == 3
    assert names(kept) == [("a", "30"), ("a", "2"), ("b", "70")]
    assert kept.rows("SELECT count(*) FROM problems") == [(3,)]
    assert upkeep(kept, now=NOW).documents == 0
    assert upkeep(kept, now=NOW, kept=timedelta(days=10)).documents == 1


def test_more_documents_than_go_at_once(kept: Store) -> None:
    """All of them are deleted, some at a time."""
    add(kept, "a", range(1300, 50, -1))
    assert upkeep(kept, now=NOW).documents == 1249


def test_documents_that_are_asked_for(kept: Store) -> None:
    """Digests, which are known by their hashes, and documents that were not dated yet."""
    add(kept, "a", [90, 80], ordered=True)
    add(kept, "b", [90, 80], dated=False)
    assert upkeep(kept, now=NOW).documents == 0


def test_documents_in_which_entries_were_seen(project: Project) -> None:
    """A store in use has the same content afterwards."""
    project.write_digest("a.txt", digest(block("Harbour drill", "NATO", "All boats are in.")))
    assert project.run("once").code == 0
    with open_store(project.store) as store, store.transaction():
        store.execute("UPDATE documents SET ordered = 0")
        store.execute("INSERT INTO sources (id, location) VALUES ('later', 'x')")
    with open_store(project.store) as store:
        before = store.rows("SELECT * FROM entries JOIN sightings ON entry = key")
        assert upkeep(store, now=NOW + timedelta(days=999)).documents == 0
        assert store.rows("SELECT * FROM entries JOIN sightings ON entry = key") == before
    assert project.run("search", "boats", "--json").json_lines != []
    assert project.run("doctor").code == 0


def test_the_log_is_emptied(kept: Store) -> None:
    """The write-ahead log is moved into the file."""
    add(kept, "a", range(40))
    log = kept.path.with_name("store.db-wal")
    assert log.stat().st_size > 0
    done = upkeep(kept, now=NOW)
    assert done.is_log_empty
    assert done.log_pages > 0
    assert log.stat().st_size == 0


def test_upkeep_does_not_wait_for_a_reader(kept: Store) -> None:
    """The reader keeps what it sees, and upkeep does not wait for it, and says so."""
    add(kept, "a", range(90, 50, -1))
    with open_for_reading(kept.path) as reader:
        assert reader.rows("SELECT count(*) FROM documents") == [(40,)]
        done = upkeep(kept, now=NOW)
        assert done.documents == 39
        assert not done.is_log_empty
        assert reader.rows("SELECT count(*) FROM documents") == [(40,)]
    assert kept.rows("PRAGMA busy_timeout") == [(30_000,)]
    assert upkeep(kept, now=NOW).is_log_empty


def test_the_search_index_is_merged(project: Project) -> None:
    """Many small parts become few, and searches find the same."""
    with open_store(project.store) as store:
        with store.transaction():
            store.execute("INSERT INTO agencies VALUES ('nato', 'NATO', NULL, 1)")
        for number in range(60):
            with store.transaction():
                store.execute(
                    "INSERT INTO entries (key, id, agency, truncated, fingerprint, sketch_base,"
                    " title, summary, text, content_html)"
                    " VALUES (?1, ?1, 'nato', 0, ?1, 0, 'Harbour ' || ?1, '', 'word' || ?1, '')",
                    (number + 1,),
                )
                store.execute(
                    "INSERT INTO entries_fts (rowid, title, text)"
                    " SELECT key, title, text FROM entries WHERE key = ?",
                    (number + 1,),
                )
        found = "SELECT rowid FROM entries_fts WHERE entries_fts MATCH 'harbour' ORDER BY 1"
        before = store.rows(found)
        ((parts,),) = store.rows("SELECT count(DISTINCT segid) FROM entries_fts_idx")
        assert upkeep(store, now=NOW).merges > 0
        ((left,),) = store.rows("SELECT count(DISTINCT segid) FROM entries_fts_idx")
        assert left < parts
        assert store.rows(found) == before
        assert upkeep(store, now=NOW).merges == 0
        upkeep(store, now=NOW, thorough=True)
        assert store.rows("SELECT count(DISTINCT segid) FROM entries_fts_idx") == [(1,)]
        assert store.rows(found) == before
