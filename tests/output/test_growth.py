"""The work of writing the output grows with what is written, and not faster."""

from pathlib import Path

from aggregator.output.pages.page_data import SiteInfo, Subscription
from aggregator.store import Store, open_store, renditions
from tests.support.project import Project, make_project

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


def test_feeds_of_an_agency_are_found_among_thousands() -> None:
    """Each page of thousands of agencies and entries names the feeds of its own."""
    looked: list[str] = []

    class Watched(Subscription):
        __slots__ = ()

        def __getattribute__(self, name: str) -> object:
            looked.append(name)
            return super().__getattribute__(name)

    agencies = [f"agency-{number}" for number in range(100)]
    feeds = [Subscription(name="all", title="All")]
    feeds += [Watched(name=agency, title=agency, agency=agency) for agency in agencies]
    site = SiteInfo(title="T", base_url="http://localhost/", feeds=tuple(feeds))
    for agency in agencies:
        combined, own = site.feeds_of(agency)
        assert (combined.name, own.name) == ("all", agency)
    assert len(looked) < 5 * len(agencies)
    assert site.feeds_of("unknown") == tuple(feeds[:1])


def steps_of_loading(store: Store) -> int:
    """Return the steps of SQLite's virtual machine that ten entries take."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    store.conn.set_progress_handler(count, 1)
    assert len(renditions.load(store, "atom", "0", range(1, 11))) == 10
    store.conn.set_progress_handler(None, 1)
    return steps
