"""An item of a feed that gives its time to the second comes into the store with its date."""

from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.ingest import derive
from aggregator.ingest.run import ingest
from aggregator.store import open_store
from tests.support.project import MODIFIED, Project, make_project

ITEM = """<item><title>{0}</title><link>https://press.example/{0}</link>
<guid isPermaLink="false">tag:press.example,2024:{0}</guid>
<pubDate>{1}</pubDate><description>{2}</description></item>"""

ITEMS = (
    ("exact", "Fri, 01 Mar 2024 10:00:00 GMT", "On 29 February 2024 the bridge was opened."),
    ("far", "Fri, 01 Mar 2024 11:00:00 GMT", "Issued on 3 May 2019. Nothing has changed."),
    ("none", "", "The lamp was mended on Monday 26 February."),
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = make_project(tmp_path / "project", {})
    made.configure('[[sources]]\nid = "feed"\nlocation = "feed.xml"\nagency = "un"\n')
    items = "".join(ITEM.format(*item) for item in ITEMS)
    made.write("feed.xml", f'<rss version="2.0"><channel>{items}</channel></rss>')
    return made


def test_dates_are_those_that_are_derived(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what has no time to the second is dated later, and a check finds nothing to mend."""
    config = load(project.config)
    with open_store(config.store) as store:
        with monkeypatch.context() as patch:
            patch.setattr("aggregator.ingest.run.derive", lambda *_: None)
            ingest(config, store, now=MODIFIED)
        dated = "SELECT title FROM entries WHERE published IS NOT NULL ORDER BY title"
        assert store.rows(dated) == [("exact",), ("far",)]
        before = store.rows("SELECT * FROM entries WHERE title != 'none'")
        derive.derive(config, store)
        assert store.rows("SELECT * FROM entries WHERE title != 'none'") == before
        assert len(store.rows(dated)) == 3
        assert list(derive.misdated(store)) == []
        assert store.rows("SELECT count(*) FROM datings") == [(0,)]


@pytest.mark.parametrize(
    ("day", "published"),
    [("2024-03-05", "2024-03-01T10:00:00Z"), ("2024-03-01", "2024-03-01T10:00:00Z")],
)
def test_a_time_and_a_day_that_two_feeds_state(project: Project, day: str, published: str) -> None:
    """The earlier counts, and on one day the time."""
    item = ITEM.format("exact", day, "On 29 February 2024 the bridge was opened.")
    project.write("other.xml", f'<rss version="2.0"><channel>{item}</channel></rss>', later=60)
    project.configure(
        project.config.read_text(encoding="utf-8")
        + '[[sources]]\nid = "other"\nlocation = "other.xml"\nagency = "un"\n'
    )
    config = load(project.config)
    with open_store(config.store) as store:
        ingest(config, store, now=MODIFIED)
        assert store.rows("SELECT published FROM entries WHERE title = 'exact'") == [(published,)]
        assert list(derive.misdated(store)) == []
