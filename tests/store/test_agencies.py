"""Agencies of the store: variants of a name, and stores that took them for several agencies."""

from itertools import permutations
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.ingest.derive import derive
from aggregator.store import open_store
from tests.support.project import Project, block, digest, make_project

VARIANTS = ("Harbour & Coast Office", "The Harbour and Coast Office", "Harbour and Coast Office.")
BODY = "The {} pier of the harbour was closed on account of the fog, the office reports."


def with_variants(folder: Path, names: tuple[str, ...]) -> Project:
    """A project whose documents name one agency in these ways, in this order."""
    documents = {
        f"{number}.txt": digest(
            block(f"Pier {name} is closed", name, BODY.format(name), date="2024-01-04")
        )
        for number, name in enumerate(names)
    }
    return make_project(folder, documents)


def test_shown_name_does_not_depend_on_the_order_of_documents(tmp_path: Path) -> None:
    found = set()
    for number, names in enumerate(permutations(VARIANTS)):
        project = with_variants(tmp_path / str(number), names)
        project.ingest()
        found.add(tuple(project.rows("SELECT id, name FROM agencies WHERE NOT configured")))
    assert found == {(("harbour-and-coast-office", "Harbour & Coast Office"),)}


@pytest.mark.parametrize("old", ["harbour-coast-office-1a2b3c4d", "the-harbour-and-coast-office"])
def test_agency_of_an_earlier_version_moves_to_its_present_id(tmp_path: Path, old: str) -> None:
    """Entries keep their ids, the feed of the old id goes, and a run with no news does it."""
    project = with_variants(tmp_path, VARIANTS[:2])
    assert project.run("once").code == 0
    before = project.rows("SELECT id FROM entries ORDER BY id")
    files = project.files()
    with open_store(project.store) as store, store.transaction():
        store.execute(
            "INSERT INTO agencies (id, name, configured) VALUES (?, ?, 0)", (old, VARIANTS[1])
        )
        for table in ("entries", "sightings"):
            store.execute(f"UPDATE {table} SET agency = ? WHERE {table}.rowid = 1", (old,))
    for _ in range(2):
        assert project.run("once").code == 0
        assert project.rows("SELECT id FROM agencies WHERE NOT configured") == [
            ("harbour-and-coast-office",)
        ]
        assert project.rows("SELECT DISTINCT agency FROM entries") == [
            ("harbour-and-coast-office",)
        ]
    assert project.rows("SELECT id FROM entries ORDER BY id") == before
    assert set(project.files()) == set(files)


def test_agency_of_a_source_keeps_its_unusual_id(tmp_path: Path) -> None:
    """A source names its agency by an id, which need not be the one that a name would have."""
    project = with_variants(tmp_path, VARIANTS[:1])
    text = project.config.read_text(encoding="utf-8")
    project.configure(text.replace("[[sources]]", '[[sources]]\nagency = "harbour_office"', 1))
    assert project.run("once").code == 0
    with open_store(project.store) as store:
        derive(load(project.config), store)
        assert store.rows("SELECT DISTINCT agency FROM entries") == [("harbour_office",)]
