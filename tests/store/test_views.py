"""The views of the store, which people read with other programs."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import load
from aggregator.ingest.run import ingest
from aggregator.normalise.text import cut
from aggregator.store import open_store
from aggregator.store.stated import links_of
from tests.support.feeds import rss
from tests.support.older import undo
from tests.support.project import (
    AGENCIES,
    MODIFIED,
    Project,
    block,
    digest,
    make_project,
    seeds_project,
)

TEXT = "The ministers met in Brussels and agreed on a plan for the coming year. " * 5
CONFIG = f"""\
[[sources]]
id = "digests"
location = "digests/*.txt"

[[sources]]
id = "feed"
location = "one/*.xml"
agency = "nato"

[[sources]]
id = "other"
location = "other/*.xml"
agency = "nato"

{AGENCIES}"""


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a store as other programs do, for reading only."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def rows(path: Path, sql: str) -> list[dict[str, Any]]:
    with opened(path) as connection:
        return [dict(row) for row in connection.execute(sql)]


def item(guid: str, link: str | None, text: str = TEXT, title: str = "A plan is agreed") -> str:
    address = f"<link>https://agency.example/{link}</link>" if link else ""
    return (
        f'<title>{title}</title><guid isPermaLink="false">{guid}</guid>{address}'
        f"<pubDate>Wed, 15 May 2024 10:00:00 GMT</pubDate><description>{text}</description>"
    )


def read_day_by_day(project: Project, *days: tuple[str, str]) -> None:
    """Ingest one document a day: the name of its file and its content."""
    config = load(project.config)
    with open_store(config.store) as store:
        for number, (name, content) in enumerate(days):
            at = MODIFIED + timedelta(days=number)
            project.write(name, content, at)
            ingest(config, store, now=at)


def _cut(evidence: str) -> str:
    """The evidence with titles of neighbours as short as the program writes them."""
    return re.sub("“(.*?)”", lambda title: f"“{cut(title[1], 80)}”", evidence)


def test_releases_are_what_the_command_lists(tmp_path: Path) -> None:
    """The view and ``entries --json`` agree on every release of the sample digests."""
    project = seeds_project(tmp_path)
    project.ingest()
    names = dict(project.rows("SELECT id, name FROM agencies"))
    listed = project.run("entries", "--json", "--limit", "1000").json_lines
    assert len(listed) > 40
    found = rows(project.store, "SELECT * FROM releases ORDER BY published DESC, key DESC")
    for row, entry in zip(found, listed, strict=True):
        assert (row["id"], row["title"]) == (entry["id"], entry["title"])
        assert row["published"] == entry["published"]
        assert (row["agency_id"], row["agency"]) == (entry["agency"], names[entry["agency"]])
        assert row["truncated"] == entry["truncated"]
        assert row["language"] == entry["language"]
        assert row["summary"] == entry["summary"]
        assert row["sources"].split(", ") == entry["sources"]
        assert row["sightings"] == entry["sightings"]
        dating = {name: row[f"date_{name}"] for name in ("basis", "earliest", "latest", "evidence")}
        dating["evidence"] = _cut(dating["evidence"])
        assert dating == {name: entry["dating"][name] for name in dating}
        own = [link["href"] for link in entry["links"] if link["rel"] == "alternate"]
        assert row["link"] == (own[0] if own else None)
        assert set((row["categories"] or "").split(", ")) - {""} <= set(entry["categories"])


_DAYS = st.lists(
    st.tuples(st.sampled_from(["one/a.xml", "other/b.xml", "digests/c.txt"]), st.integers(0, 3)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=15)
@given(days=_DAYS)
def test_the_link_is_that_of_the_feeds(
    tmp_path_factory: pytest.TempPathFactory, days: list[tuple[str, int]]
) -> None:
    """Whichever sources move the link of a release, the view has the one that is published."""
    project = make_project(tmp_path_factory.mktemp("days"), config=CONFIG)

    def content(name: str, number: int) -> str:
        if name.endswith(".xml"):
            return rss(item("a", f"{name[:3]}-{number}"))
        link = f"https://agency.example/digest-{number}"
        return digest(f"A plan is agreed\n\nSource: NATO\nLink: {link}\n\n{TEXT}\n")

    read_day_by_day(project, *((name, content(name, number)) for name, number in days))
    found = rows(project.store, "SELECT key, link FROM releases")
    with open_store(project.store) as store:
        published = links_of(store, [row["key"] for row in found])
    assert found
    for row in found:
        own = [link.href for link in published.get(row["key"], []) if link.rel == "alternate"]
        assert row["link"] == (own[0] if own else None)


def test_merges_have_both_titles_and_the_reason(tmp_path: Path) -> None:
    """A correction, a text that was cut, and a merge by hand until it is split again."""
    project = make_project(tmp_path, config=CONFIG)
    whole = TEXT + "A second paragraph says much more about it, and names the ships. " * 5
    other = block(
        "Ships are named", "NATO", "The four ships got their names on Monday in the harbour."
    )
    read_day_by_day(
        project,
        ("one/a.xml", rss(item("a", "a", whole))),
        ("one/a.xml", rss(item("a", "a", whole.replace("ships", "boats"), "A plan is agreed on"))),
        ("digests/c.txt", digest(block("A plan is agreed on", "NATO", whole[:250] + "…"), other)),
    )
    cut_short, corrected = rows(project.store, "SELECT * FROM merges")
    assert (cut_short["title"], cut_short["how"]) == ("A plan is agreed on", "truncated")
    assert (cut_short["source"], cut_short["merged_agency"]) == ("digests", "NATO")
    assert (corrected["how"], corrected["source"]) == ("revision", "feed")
    assert all(row["reason"] and row["id_before"] is None for row in (cut_short, corrected))

    keep, gone = (
        row["id"] for row in rows(project.store, "SELECT id FROM releases ORDER BY title")
    )
    assert project.run("merge", keep, gone).code == 0
    by_hand = rows(project.store, "SELECT * FROM merges WHERE id_before IS NOT NULL")
    assert [(row["id"], row["id_before"], row["merged_title"]) for row in by_hand] == [
        (keep, gone, "Ships are named")
    ]
    assert project.run("split", keep, str(by_hand[0]["sighting"])).code == 0
    assert rows(project.store, "SELECT * FROM merges WHERE id_before IS NOT NULL") == []


def test_changes_are_edits_with_both_texts(tmp_path: Path) -> None:
    """An item that its feed corrected has both texts; one that was only cut has no change."""
    project = make_project(tmp_path, config=CONFIG)
    before, after = TEXT + "Four ships sail.", TEXT + "Five ships sail, and one stays."
    lone = "The harbour of the town was open all night because of the storm at sea. " * 6
    read_day_by_day(
        project,
        ("one/a.xml", rss(item("a", "a", before))),
        ("one/a.xml", rss(item("a", "a", after))),
        ("digests/c.txt", digest(block("Harbour open all night", "NATO", lone[:200] + "…"))),
        ("digests/d.txt", digest(block("Harbour open all night", "NATO", lone))),
    )
    (change,) = rows(project.store, "SELECT * FROM changes")
    assert change["earlier_text"].endswith("Four ships sail.")
    assert change["current_text"].endswith("and one stays.")
    assert change["earlier_seen"] == "2024-06-01T12:00:00Z"
    assert change["changed"].startswith("2024-06-02T")
    assert change["agency"] == "NATO"
    assert [row["changed"] for row in rows(project.store, "SELECT changed FROM releases")].count(
        change["changed"]
    ) == 1


def test_source_health_begins_with_what_fails(tmp_path: Path) -> None:
    """A source that fails is first, with the error and since when."""
    config = CONFIG.replace('location = "other/*.xml"', 'location = "http://127.0.0.1:1/feed"')
    project = make_project(
        tmp_path, {"a.txt": digest(block("A plan", "NATO", TEXT))}, config=config
    )
    project.write("one/a.xml", rss())
    project.run("once")
    found = rows(project.store, "SELECT * FROM source_health")
    assert [row["id"] for row in found] == ["other", "digests", "feed"]
    failing, working, _ = found
    assert (failing["last_status"], failing["visits_in_90_days"]) == ("failed", 1)
    assert failing["failures_in_90_days"] == failing["failures_in_a_row"] == 1
    assert "127.0.0.1" in failing["last_error"]
    assert failing["failing_since"] == failing["last_attempt"]
    assert failing["next_due"]
    assert failing["next_due_reason"]
    assert (working["new_in_90_days"], working["failing_since"]) == (1, None)
    assert [working[n] for n in ("documents", "items", "unreadable_items", "releases")] == [
        *(1, 1, 0, 1)
    ]
    assert failing["releases"] in (0, None)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM releases ORDER BY published DESC LIMIT 100",
        "SELECT * FROM releases WHERE agency_id = 'nato' ORDER BY published DESC LIMIT 100",
        "SELECT * FROM merges LIMIT 100",
        "SELECT * FROM changes LIMIT 100",
    ],
)
def test_a_page_of_a_view_needs_no_sort_of_all(tmp_path: Path, sql: str) -> None:
    """SQLite follows an index, and sorts within a release at most."""
    open_store(tmp_path / "a.db").close()
    plan = rows(tmp_path / "a.db", f"EXPLAIN QUERY PLAN {sql}")
    steps = {row["id"]: row["detail"] for row in plan}
    sorts = [row for row in plan if "ORDER BY" in row["detail"]]
    assert all("SUBQUERY" in steps.get(row["parent"], "") for row in sorts)
    assert plan


def test_counting_releases_reads_no_more_than_entries(tmp_path: Path) -> None:
    """The columns that are worked out are not worked out to count rows."""
    open_store(tmp_path / "a.db").close()
    plan = rows(tmp_path / "a.db", "EXPLAIN QUERY PLAN SELECT count(*) FROM releases")
    assert not [row for row in plan if "SUBQUERY" in row["detail"]]


def test_a_store_of_the_version_before_gets_the_views(tmp_path: Path) -> None:
    """Views of the same names are replaced, and what the store holds stays."""
    project = make_project(tmp_path, {"a.txt": digest(block("A plan", "NATO", TEXT))})
    project.ingest()
    with open_store(project.store) as store, store.transaction():
        undo(store.conn, "m009_views")
        store.execute(
            "CREATE VIEW releases AS SELECT id, title, dating_basis AS basis FROM entries"
        )
    assert project.run("once").code == 0
    (release,) = rows(project.store, "SELECT * FROM releases")
    assert (release["title"], release["sightings"]) == ("A plan", 1)
    assert rows(project.store, "SELECT name FROM sqlite_master WHERE name = 'sightings_merged'")
    assert project.run("doctor").code == 0
