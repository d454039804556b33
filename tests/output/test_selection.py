"""The pages of saved searches, and the pages and feeds of categories."""

import re
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from aggregator.config.settings import SavedSearch
from aggregator.model import Agency
from aggregator.normalise.text import clean
from aggregator.output.pages import selection
from aggregator.output.pages.page_data import SiteInfo
from aggregator.output.pages.selection import criteria
from tests.support.attacks import ATTACKS
from tests.support.project import CONFIG, Project, make_project

BASE = "http://localhost:8080/"
CATEGORIES = (
    'builtin_categories = false\n{0}\n[[categories]]\nterm = "Lamps & light"\nbody = ["lamp"]\n'
    '[[categories]]\nterm = "boats"\nbody = ["boat", "boats"]\n'
)
SEARCH = """
[[feeds]]
id = "harbour"
title = "Harbours <b> & ports"
query = "harbour OR quay"
agencies = ["nato", "coast-guard"]
tags = ["desk"]
categories = ["lamps & LIGHT", "Speech"]
languages = ["en"]
exclude = ["drill"]
max_per_agency = 20
"""
RELEASES = """Harbour lamp is lit

Source: NATO
Date: 2024-03-04

The lamp of the harbour was lit by the mayor.

Old boats come home

Source: NATO
Date: 2024-03-03

All boats of the quay are well.
"""


def lit(folder: Path, more: str = "") -> Project:
    project = make_project(folder, {"a.txt": RELEASES})
    configured = CONFIG.replace('id = "digests"', 'id = "digests"\ntags = ["desk"]')
    assert "desk" in configured
    project.write("config.toml", CATEGORIES.format(configured) + more)
    assert project.run("once").code == 0
    return project


def links(content: bytes) -> list[str]:
    return [a.get("href") for a in etree.fromstring(content).iter("{*}a")]


def words(content: bytes) -> str:
    return " ".join("".join(etree.fromstring(content).itertext()).split())


def titles(project: Project, name: str) -> list[str]:
    return [entry.title for entry in feedparser.parse(project.files()[name]).entries]


def test_page_of_a_saved_search(tmp_path: Path) -> None:
    """It says how the search selects, has its feeds and its entries, and the index leads to it."""
    project = lit(tmp_path, SEARCH.replace('"Speech"', '"boats"').replace(", max", ""))
    files = project.files()
    page = words(files["harbour.html"])
    assert "Harbours <b> & ports" in page
    for said in (
        *("Words harbour OR quay", "Of agency NATO, coast-guard", "From sources tagged desk"),
        *("In category lamps & LIGHT, boats", "In language en", "With none of drill"),
        "Of one agency at most 20",
    ):
        assert said in page
    assert "digests" not in page
    assert {"harbour.atom", "harbour.rss", "harbour.json", "category/lamps-light.html"} <= {
        *links(files["harbour.html"])
    }
    assert page.index("Harbour lamp is lit") < page.index("Old boats come home")
    assert titles(project, "harbour.atom") == ["Harbour lamp is lit", "Old boats come home"]
    assert "harbour.html" in links(files["index.html"])
    feed = feedparser.parse(files["harbour.atom"]).feed
    assert feed.link == f"{BASE}harbour.html"


def test_page_of_a_search_changes_with_its_entries_only(tmp_path: Path) -> None:
    """A release that it does not find leaves its page and its feeds as they are."""
    project = lit(tmp_path, '[[feeds]]\nid = "lamps"\nquery = "lamp*"\n')
    before = project.stamps()
    other = "Boat is painted\n\nSource: NATO\nDate: 2024-03-06\n\nThe boat is red now.\n"
    project.write("digests/b.txt", other, later=600)
    assert project.run("once").code == 0
    after = project.stamps()
    assert before["all.atom"] != after["all.atom"]
    assert {
        name for name in before if name.startswith("lamps.") and after[name] != before[name]
    } == set()
    found = "Lamp is painted\n\nSource: NATO\nDate: 2024-03-07\n\nIt is red now.\n"
    project.write("digests/c.txt", found, later=1200)
    assert project.run("once").code == 0
    assert b"Lamp is painted" in project.files()["lamps.html"]
    assert titles(project, "lamps.rss")[0] == "Lamp is painted"


def test_new_entry_writes_the_files_of_its_category_only(tmp_path: Path) -> None:
    """Its page and its feeds, which have the same entries; those of the others stay."""
    project = lit(tmp_path)
    before = project.stamps()
    other = "Boat is painted\n\nSource: NATO\nDate: 2024-03-06\n\nThe boat is red now.\n"
    project.write("digests/b.txt", other, later=600)
    assert project.run("once").code == 0
    after = project.stamps()
    assert {
        name for name in after if name.startswith("category/") and before.get(name) != after[name]
    } == {f"category/boats.{ending}" for ending in ("atom", "rss", "json", "html")}
    assert titles(project, "category/boats.atom") == ["Boat is painted", "Old boats come home"]
    assert titles(project, "category/lamps-light.atom") == ["Harbour lamp is lit"]


def test_feed_of_a_category_is_one_of_its_own(tmp_path: Path) -> None:
    """It has its own id, address and page; its entries are those of the other feeds."""
    project = lit(tmp_path)
    files = project.files()
    found = feedparser.parse(files["category/lamps-light.atom"])
    everything = feedparser.parse(files["all.atom"])
    assert found.feed.id not in {everything.feed.id, feedparser.parse(files["nato.atom"]).feed.id}
    assert found.feed.title == "Press releases: Lamps & light"
    rels = {link.rel: link.href for link in found.feed.links}
    assert rels["self"] == f"{BASE}category/lamps-light.atom"
    assert rels["alternate"] == f"{BASE}category/lamps-light.html"
    assert "prev-archive" not in rels
    assert found.entries[0].id in {entry.id for entry in everything.entries}
    assert found.entries[0].source.title == "NATO"
    assert {"../category/lamps-light.atom", "../category/lamps-light.json"} <= {
        *links(files["category/lamps-light.html"])
    }


@pytest.mark.parametrize("name", ["feeds.opml", "index.html"])
def test_feeds_of_categories_are_not_listed(tmp_path: Path, name: str) -> None:
    """A reader that keeps one copy of an id would show them empty beside the agency's."""
    assert b"category/boats.atom" not in lit(tmp_path).files()[name]


def test_category_that_loses_its_entries_loses_its_files(tmp_path: Path) -> None:
    """Its feeds go with its page."""
    project = lit(tmp_path)
    config = (project.folder / "config.toml").read_text().replace('"boat", "boats"', '"zeppelin"')
    project.write("config.toml", config)
    assert project.run("once").code == 0
    assert [name for name in project.files() if "boats" in name] == []
    assert project.run("doctor").code == 0


@pytest.mark.parametrize("attack", ATTACKS[:: len(ATTACKS) // 20])
def test_criteria_show_any_text(attack: str) -> None:
    """Words of a search are shown as text, and lead nowhere unless they name a page."""
    name = clean(attack)  # as titles and names are configured
    search = SavedSearch(id="a", title=name, query=attack, tags=(attack,), categories=(attack,))
    agency = Agency(id="x", name=name)
    found = dict(criteria(search, [agency], ["speech"]))
    assert found["Words"] == found["In category"] == [(attack, None)]
    assert found["Of agency"] == [(name, "x.html")]
    site = SiteInfo(title=name, base_url=BASE, feeds=(), categories=("speech",))
    tree = etree.fromstring(selection.search(site, search, [agency], ["speech"], []))
    assert [*tree.iter("{*}script", "{*}img", "{*}svg", "{*}iframe", "{*}style")] == []
    assert [name for each in tree.iter() for name in each.attrib if name.startswith("on")] == []
    addresses = [each.get("href") for each in tree.iter() if each.get("href")]
    assert [at for at in addresses if not re.fullmatch(r"[\w./-]*(#\w+)?", at)] == []


def test_agency_of_a_search_loses_its_last_entry(tmp_path: Path) -> None:
    """The page of the search leads neither to that of the agency, nor to one without entries."""
    search = '\n[[feeds]]\nid = "drills"\nagencies = ["nato"]\ncategories = ["speech"]\n'
    digests = {"a.txt": "Drill ends in fog\n\nSource: NATO\nDate: 2024-03-06\n\nAll are back.\n"}
    project = make_project(tmp_path, digests, config=CONFIG + search)
    assert project.run("once").code == 0
    assert "nato.html" in links(project.files()["drills.html"])
    assert "category/speech.html" not in links(project.files()["drills.html"])
    ((found,),) = project.rows("SELECT id FROM entries")
    assert project.run("forget", found, "--yes").code == 0
    assert "nato.html" not in project.files()
    assert "nato.html" not in links(project.files()["drills.html"])
