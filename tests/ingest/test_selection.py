"""A source says which of its items become entries, and how it is called."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from aggregator.cli.subscriptions import export_opml
from aggregator.config import load
from aggregator.store import open_store
from tests.ingest.test_corrections import feed
from tests.support.loopback import Loopback, Reply
from tests.support.project import AGENCIES, ONE, Project

ARREST = {"title": "Two arrested", "guid": "urn:x:1", "description": "They had stolen a boat."}
SPORT = {"title": "Police win cup", "guid": "urn:x:2", "description": "A day of sport. Arrests: 0."}
ROAD = {"title": "Road is closed", "guid": "urn:x:3", "description": "Until Monday at noon."}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def configure(project: Project, more: str, location: str = "digests/*") -> None:
    project.configure(
        'title = "Releases"\nbase_url = "http://localhost:8080/"\n\n[[sources]]\nid = "police"\n'
        f'location = "{location}"\nagency = "nato"\n{more}\n\n{AGENCIES}'
    )


def titles(project: Project) -> set[object]:
    return {title for (title,) in rows(project, "SELECT title FROM releases")}


def rows(project: Project, sql: str) -> Sequence[tuple[object, ...]]:
    with open_store(project.store) as store:
        return [tuple(row) for row in store.rows(sql)]


def once(project: Project, name: str, *items: Mapping[str, str]) -> str:
    project.write_digest(name, feed(*items))
    ran = project.run("once")
    assert (ran.code, ran.err) == (0, "")
    return ran.out


def test_items_are_selected_by_words(project: Project) -> None:
    """What is left out is counted, and kept with its reason; no line tells of each at every run."""
    configure(project, 'include = ["arrest*"]\nexclude = ["sport"]')
    out = once(project, "a.xml", ARREST, SPORT, ROAD)
    assert "police: 1 document, 1 item, 1 new, 0 seen before, 2 left out" in out
    assert titles(project) == {"Two arrested"}
    assert rows(project, "SELECT rejected, reason FROM problems ORDER BY reason") == [
        (2, "'Police win cup' contains 'sport' (exclude)"),
        (2, "'Road is closed' contains no word of include"),
    ]
    assert project.run("status", "--json").json["sources"][0]["rejected"] == 2
    assert "  2 items left out" in project.run("status").out
    checked = project.run("check").out
    assert "source police: includes only arrest*\nsource police: excludes sport\n" in checked


def test_items_of_a_digest_are_selected_too(project: Project) -> None:
    """Rules are for every format."""
    configure(project, 'exclude = ["LÁMP"]')
    project.write_digest("a.txt", ONE + "\nRoad is closed\n\nSource: NATO\n\nUntil Monday.\n")
    assert project.run("once").code == 0
    assert titles(project) == {"Road is closed"}


def test_correction_of_a_selected_item_arrives(project: Project) -> None:
    """Also where the rules would leave out what it is corrected to, or have changed."""
    configure(project, 'include = ["arrest*"]')
    once(project, "a.xml", ARREST)
    corrected = ARREST | {"title": "Two questioned", "description": "They had borrowed a boat."}
    once(project, "b.xml", corrected, ROAD)
    assert titles(project) == {"Two questioned"}
    configure(project, 'exclude = ["boat"]')
    once(project, "c.xml", ARREST | {"description": "They had a boat, and gave it back."}, ROAD)
    assert titles(project) == {"Two arrested", "Road is closed"}


def test_changed_rules_apply_to_what_a_feed_still_lists(project: Project) -> None:
    """Its unchanged items are read again; without a change they are not."""
    with Loopback() as server:
        for more, listed, expected, left_out in (
            ('include = ["arrest*"]', [ARREST, ROAD], {"Two arrested"}, 1),
            ('include = ["arrest*"]', [ARREST, ROAD, SPORT], {"Police win cup"}, 0),
            ("", [ARREST, ROAD], {"Road is closed"}, 0),
        ):
            before = titles(project) if project.store.exists() else set()
            location = server.at("/feed", Reply(200, feed(*listed).encode()))
            configure(project, f"allow_private = true\n{more}", location)
            (report,) = project.run("once", "--json").json["sources"]
            assert titles(project) - before == expected
            assert report["rejected"] == left_out


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('include = ["/a/"]', "include: '/a/' is a regular expression"),
        ('exclude = ["*"]', "exclude: '*' has nothing to search for"),
        ('include = "arrest"', "include: "),
        ('title = " "', "title: is empty"),
    ],
)
def test_invalid_rules_are_reported(project: Project, line: str, problem: str) -> None:
    """With the key that is wrong."""
    configure(project, line)
    ran = project.run("check")
    assert ran.code == 2
    assert problem in ran.err


def test_title_of_a_source(project: Project) -> None:
    """It is in status, in check and in exported lists; without one, the id is."""
    configure(project, 'title = "Police <news> of the isles"', "https://police.example/feed")
    assert "source police (Police <news> of the isles): " in project.run("check").out
    assert 'text="Police &lt;news&gt; of the isles"' in export_opml(load(project.config)).decode()
    assert (
        project.run("status", "--json").json["sources"][0]["title"] == "Police <news> of the isles"
    )
    assert "  Police <news> of the isles" in project.run("status").out
    configure(project, "", "https://police.example/feed")
    assert 'text="police"' in export_opml(load(project.config)).decode()
