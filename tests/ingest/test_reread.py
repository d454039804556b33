"""What earlier rules dated is dated again by those of today, and the change is recorded."""

from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.ingest import derive, reread
from aggregator.normalise import entry
from aggregator.store import dating_rules, open_store
from tests.support.feeds import rss
from tests.support.project import CONFIG, Project, block, digest, make_project

BOATS = block(
    "Boats race", "NATO", "The regatta was sailed on 11/02/2024, and again on 13/02/2024."
)
DIGESTS = {
    "a.txt": digest(
        block("Council meets", "NATO", "The Council met on Tuesday (6 February 2024) in Oslo."),
        block("Ports agree", "Europol", "LISBON, 5 February 2024 - Nine ports agreed on a plan."),
        BOATS,
    ),
    "b.txt": digest(
        BOATS,  # whose text is known then, and shows how the other is read
        block("Gulls counted", "NATO", "They were counted on 05/02/2024."),
        block("Ferry stops", "NATO", "The ferry will stop on 9 March 2024 for a year."),
        block("Council meets", "NATO", "The Council met on Tuesday (6 February 2024) in Oslo."),
    ),
    "c.txt": digest(
        block("Lamps lit", "NATO", "They were lit on 3 April.", date="13/04/2024"),
        block("Lamps bought", "NATO", "They were bought on 02/04/2024."),
    ),
    "feed.xml": rss("<title>Nets mended</title><description>It was on 07/03/2024.</description>"),
}
CONFIG_WITH_FEED = (
    CONFIG
    + """
[[sources]]
id = "feed"
location = "digests/feed.xml"
agency = "nato"
day_first = true
"""
)
PROSE = (
    "SELECT name, position, evidence.position, place, phrase, role, first, last, strength"
    " FROM evidence JOIN sightings ON id = sighting JOIN documents ON documents.key = document"
    " ORDER BY 1, 2, 3"
).replace("name, position", "name, sightings.position")
DATES = "SELECT title, published, dating_earliest, dating_latest, dating_evidence FROM entries"


@pytest.fixture
def older(tmp_path: Path) -> Project:
    """A project whose dates are of rules that found no date in any text."""
    project = make_project(tmp_path / "older", DIGESTS, config=CONFIG_WITH_FEED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entry, "read_evidence", lambda *_, **__: ())
        patch.setattr(dating_rules, "VERSION", "0")
        assert project.run("once").code == 0
    return project


@pytest.mark.parametrize("most", [1, 1000])
def test_new_rules_date_what_earlier_ones_dated(
    older: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """The next run has the dates of a new store, keeps the earlier ones, and is the last to."""
    new = make_project(tmp_path / "new", DIGESTS, config=CONFIG_WITH_FEED)
    assert new.run("once").code == 0
    before = {title: when for title, when, *_ in older.rows(DATES)}
    monkeypatch.setattr(derive, "MANY", most)
    assert "do not follow the rules of this version yet" in older.run("doctor").out
    assert older.run("once").code == 0
    assert older.rows(PROSE) == new.rows(PROSE)
    assert {"2024-02-05", "2024-04-02", "2024-03-07"} <= {row[6] for row in new.rows(PROSE)}
    assert sorted(older.rows(DATES)) == sorted(new.rows(DATES))
    past = older.rows(
        "SELECT title, d.published, reason FROM datings AS d JOIN entries ON key = entry"
    )
    assert {title for title, *_ in past} >= {"Council meets", "Ports agree"}
    assert all(when == before[title] for title, when, _ in past)
    assert {reason for *_, reason in past} == {reread.REASON}
    assert b"2024-02-06" in older.files()["all.atom"]
    files, stamps = older.files(), older.stamps()
    assert older.run("once").code == 0
    assert (older.files(), older.stamps()) == (files, stamps)
    assert older.run("doctor").code == 0


def test_daemon_dates_some_documents_at_a_time(
    older: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two parts it may read and publish; entries keep ``updated``."""
    monkeypatch.setattr(derive, "FEW", 1)
    updated = older.rows("SELECT id, updated FROM entries ORDER BY id")
    config = load(older.config)
    with open_store(config.store) as store:
        left = [derive.derive(config, store, is_brief=True) for _ in range(4)]
        assert left == [True, True, True, False]
    assert older.rows("SELECT id, updated FROM entries ORDER BY id") == updated
    assert older.rows("SELECT * FROM to_redate") == []
