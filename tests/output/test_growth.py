"""The work of writing the output grows with what is written, and not faster."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.ingest.run import ingest
from aggregator.output.regenerate import regenerate
from aggregator.store import Store, open_store, renditions
from tests.support.project import CONFIG, Project, make_project

FEWEST, MOST = 20, 80


def feed_of_one_text(folder: Path, items: int) -> Project:
    """Return a project with a feed that gives one short text on each of many days."""
    listed = "".join(
        f"<item><guid isPermaLink='false'>{number}</guid><title>Rate of exchange</title>"
        f"<pubDate>{1 + number % 28:02} Mar {1980 + number} 10:00:00 GMT</pubDate></item>"
        for number in range(items)
    )
    feed = f"<rss version='2.0'><channel><title>Bank</title>{listed}</channel></rss>"
    project = make_project(folder, {"a.txt": feed})
    assert project.run("once").code == 0
    return project


def test_entries_of_one_text_are_loaded_by_entry(tmp_path: Path) -> None:
    """To load ten entries costs the same, however many others have their text."""
    steps = []
    for items in (FEWEST, MOST):
        project = feed_of_one_text(tmp_path / str(items), items)
        assert project.rows("SELECT count(*), count(DISTINCT fingerprint) FROM entries") == [
            (items, 1)
        ]
        with open_store(project.store) as store:
            steps.append(steps_of_loading(store))
    assert steps[1] < 1.5 * steps[0]


def test_publishing_an_entry_does_not_grow_with_agencies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ten times the agencies of as many entries, SQLite takes hardly more steps, and as many
    files are written.

    Both numbers of agencies are too many for the index.
    """
    monkeypatch.setattr("aggregator.output.pages.contents.MOST_ON_INDEX", FEWEST - 1)
    monkeypatch.setattr("aggregator.output.pages.contents.LATEST", FEWEST)
    works = [work_of_publishing(tmp_path / str(number), number) for number in (FEWEST, 10 * FEWEST)]
    (few_steps, few_files), (many_steps, many_files) = works
    assert few_files == many_files
    assert many_steps < 1.3 * few_steps, (few_steps, many_steps)


def work_of_publishing(folder: Path, agencies: int) -> tuple[int, set[str]]:
    """Return the steps of SQLite's virtual machine and the files that one more entry takes."""
    releases = [
        f"Lamp {number} is lit\n\nSource: Harbour {number % agencies}\n"
        f"Date: 2024-{1 + number % 9:02}-01\n\n"
        f"It is number {number} of the harbour.\n"
        for number in range(10 * FEWEST)
    ]
    project = make_project(folder, {"a.txt": "\n".join(releases)})
    project.write("config.toml", f"entries_per_feed = 10\n{CONFIG}")
    assert project.run("once").code == 0
    before = project.stamps()
    assert "agencies.html" in before
    later = "Boat is back\n\nSource: Harbour 7\nDate: 2024-11-01\n\nAll are well.\n"
    project.write("digests/b.txt", later, later=600)
    config = load(project.config)
    with open_store(config.store) as store:
        (report,) = ingest(config, store, now=datetime(2024, 11, 2, tzinfo=UTC))
        assert report.new == 1
        steps = steps_of(store, lambda: regenerate(config, store, check="noted"))
    after = project.stamps()
    changed = {name for name in after if after[name] != before.get(name)}
    # The name of a part of the search is derived from an id.
    parts = {name for name in changed if name.startswith("search/")} - {"search/index.js"}
    assert len(parts) == 1
    others = changed - parts
    return steps, {name for name in others if not name.startswith(("entries/", "archive/"))}


def steps_of_loading(store: Store) -> int:
    """Return the steps of SQLite's virtual machine that ten entries take."""
    return steps_of(store, lambda: len(renditions.load(store, "atom", "0", range(1, 11))) == 10)


def steps_of(store: Store, work: Callable[[], object]) -> int:
    """Return the steps of SQLite's virtual machine that ``work`` takes."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    store.conn.set_progress_handler(count, 1)
    assert work()
    store.conn.set_progress_handler(None, 1)
    return steps
