"""A run writes archives, saved searches and lists of feeds, and only those that changed."""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from lxml import etree

from aggregator.config import Config, load
from aggregator.errors import OutputError, StoreError
from aggregator.ingest.derive import derive
from aggregator.ingest.retention import remove_expired
from aggregator.ingest.run import ingest
from aggregator.model import Search, StoredEntry
from aggregator.normalise.rules import rule_problem
from aggregator.output import render, stale, versions
from aggregator.output.files import Writer
from aggregator.output.plan import affected_archives
from aggregator.output.regenerate import regenerate
from aggregator.store import Store, open_store, output, pages, renditions, texts
from aggregator.store import entries as store_entries
from aggregator.store.entries import newest, remove
from aggregator.store.retention import Keep
from aggregator.store.selecting import month_keys, months, select
from tests.support.project import (
    AGENCIES,
    CONFIG,
    ONE,
    Project,
    assert_clear_error,
    block,
    digest,
    make_project,
    two_digests,
)
from tests.support.validation import atom_complaints, json_feed_complaints, rss_complaints

BASE = "http://localhost:8080/"
ATOM = "{http://www.w3.org/2005/Atom}"

MONTHS = """Bridge opens to lorries

Source: NATO
Date: 2024-03-02

The bridge is open to Kyiv.

Harbour drill ends in fog

Source: NATO
Date: 2024-02-10

Mircea Geoană thanked the crews.

Forged notes seized in three ports

Source: Europol
Date: 2024-02-09

Officers counted bank notes until morning.

Lamp mended

Source: NATO
Date: 2023-12-15

It shines.
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = make_project(tmp_path / "project", {"a.txt": MONTHS})
    assert made.run("once").code == 0
    return made


def links(body: bytes) -> dict[str, str]:
    root = ElementTree.fromstring(body)
    return {link.get("rel", ""): link.get("href", "") for link in root.findall(f"{ATOM}link")}


def walk(files: dict[str, bytes], name: str) -> Iterator[str]:
    """Yield the ids of entries from a feed back to its first archive (RFC 5005, section 4.1)."""
    seen: set[str] = set()
    at: str | None = name
    while at is not None:
        body = files[at]
        for entry in ElementTree.fromstring(body).findall(f"{ATOM}entry"):
            entry_id = entry.findtext(f"{ATOM}id") or ""
            if entry_id not in seen:
                seen.add(entry_id)
                yield entry_id
        older = links(body).get("prev-archive")
        at = older.removeprefix(BASE) if older else None


@pytest.mark.parametrize(
    ("name", "count"), [("all.atom", 4), ("nato.atom", 3), ("europol.atom", 1)]
)
def test_archives_lead_back_to_the_first_entry(project: Project, name: str, count: int) -> None:
    """From any feed one reaches every entry that it ever had."""
    config = "entries_per_feed = 1\n" + CONFIG
    project.write("config.toml", config)
    assert project.run("once").code == 0
    assert len(list(walk(project.files(), name))) == count


def test_archives_are_linked_both_ways(project: Project) -> None:
    """Each month links to its neighbours and its feed, and is marked as an archive."""
    files = project.files()
    february = links(files["archive/all-2024-02.atom"])
    assert february == {
        "self": f"{BASE}archive/all-2024-02.atom",
        "current": f"{BASE}all.atom",
        "prev-archive": f"{BASE}archive/all-2023-12.atom",
        "next-archive": f"{BASE}archive/all-2024-03.atom",
        "alternate": BASE,
    }
    assert b"archive xmlns" in files["archive/all-2024-02.atom"] or (
        b"fh:archive" in files["archive/all-2024-02.atom"]
    )
    assert links(files["all.atom"])["prev-archive"] == f"{BASE}archive/all-2024-03.atom"
    assert "archive/nato-2023-12.atom" in files
    assert "archive/europol-2023-12.atom" not in files


def test_news_leave_closed_months_unchanged(project: Project) -> None:
    """News of March rewrite the archive of March, and no older one."""
    before = project.stamps()
    project.write(
        "digests/b.txt", "Lighthouse lit\n\nSource: NATO\nDate: 2024-03-05\n\nAgain.\n", later=600
    )
    assert project.run("once").code == 0
    now = project.stamps()
    changed = {name for name in now if now[name] != before.get(name)}
    assert {n for n in changed if n.startswith("archive/")} == {
        "archive/all-2024-03.atom",
        "archive/nato-2024-03.atom",
    }
    assert not any("europol" in name for name in changed)


def test_edit_in_a_closed_month_rewrites_it(project: Project) -> None:
    """A release of February that changes rewrites the archive of February only."""
    before = project.files()
    text = MONTHS.replace("thanked the crews.", "thanked the crews and the harbour master.")
    project.write("digests/b.txt", text, later=86_400)
    assert project.run("once").code == 0
    assert b"harbour master" in project.files()["archive/nato-2024-02.atom"]
    assert project.files()["archive/all-2023-12.atom"] == before["archive/all-2023-12.atom"]


def test_merged_entry_loses_its_page(project: Project) -> None:
    """The page of an entry that was merged into another is removed."""
    ids = {e["title"]: e["id"] for e in project.run("entries", "--json").json_lines}
    gone = ids["Lamp mended"].removeprefix("urn:uuid:")
    assert f"entries/{gone}.html" in project.files()
    assert project.run("merge", ids["Harbour drill ends in fog"], ids["Lamp mended"]).code == 0
    assert f"entries/{gone}.html" not in project.files()
    assert project.run("doctor").code == 0


SEARCHES = """
[[feeds]]
id = "kyiv"
title = "Kyiv & Kharkiv"
query = "kyiv OR geoana"

[[feeds]]
id = "both"
query = "the"
agencies = ["europol"]

[[feeds]]
id = "nothing"
query = "zeppelin"

[[feeds]]
id = "no-word"
query = "!!!"

[[feeds]]
id = "rules"
include = ["bridge", "/cr[e]ws/"]
exclude = ["lorries"]

[[feeds]]
id = "one-each"
max_per_agency = 1
"""


def found(project: Project, name: str) -> list[str]:
    return [entry.title for entry in feedparser.parse(project.files()[name]).entries]


def test_years_of_an_agency_that_outgrows_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one entry more than its page shows, every year gets its page, and not this one alone."""
    monkeypatch.setattr("aggregator.output.pages.contents.NEWEST", 2)
    project = make_project(tmp_path)
    for number, day in enumerate(("2022-03-01", "2023-03-01", "2024-03-01")):
        words = f"Ship {number} of the {number + 3} was moored at the quay of harbour {number}."
        project.write_digest(f"{day}.txt", digest(block(f"Ship {number}", "NATO", words, date=day)))
        assert project.run("once").code == 0
        assert project.run("doctor").code == 0
    years = sorted(name for name in project.files() if name.startswith("archive/nato-20"))
    assert [name for name in years if name.endswith(".html")] == [
        f"archive/nato-{year}.html" for year in (2022, 2023, 2024)
    ]


def test_a_feed_of_the_sources_with_a_tag(tmp_path: Path) -> None:
    """It has the entries that were seen in any of them, and follows a change of tags."""
    text = AGENCIES + "".join(
        f'[[sources]]\nid = "{name}"\nlocation = "{name}.txt"\ntags = {tags}\n'
        for name, tags in (("one", '["Desk", "sea"]'), ("two", "['desk']"), ("three", "['land']"))
    )
    project = make_project(tmp_path, config=text + "[[feeds]]\nid = 'd'\ntags = ['DESK']\n")
    for name in ("one", "two", "three"):
        words = f"{name.title()} ships were seen on the river by the guard of lock {name} at night."
        project.write(f"{name}.txt", digest(block(f"Of {name}", "NATO", words)))
    assert project.run("once").code == 0
    assert set(found(project, "d.atom")) == {"Of one", "Of two"}
    assert "tagged Desk, sea" in project.run("check").out
    assert "feed d: d: everything; tagged DESK" in project.run("check").out

    project.configure(project.config.read_text().replace("['land']", "['Land', 'desk']"))
    assert project.run("regenerate").code == 0
    assert set(found(project, "d.atom")) == {"Of one", "Of two", "Of three"}
    project.configure(project.config.read_text().replace("tags = ['DESK']", "tags = ['a,b']"))
    assert_clear_error(project.run("check"), 2, "tags: may contain no comma")


def test_saved_searches_are_feeds(project: Project) -> None:
    """Each search is a feed of what it finds, newest first, or an empty feed."""
    project.write("config.toml", CONFIG + SEARCHES)
    assert project.run("once").code == 0
    assert found(project, "kyiv.atom") == ["Bridge opens to lorries", "Harbour drill ends in fog"]
    assert found(project, "both.atom") == []
    assert found(project, "nothing.atom") == found(project, "no-word.atom") == []
    assert found(project, "rules.atom") == ["Harbour drill ends in fog"]
    assert found(project, "one-each.atom") == [
        "Bridge opens to lorries",
        "Forged notes seized in three ports",
    ]
    assert feedparser.parse(project.files()["kyiv.atom"]).feed.title == "Kyiv & Kharkiv"


def test_saved_search_without_conditions_has_all_entries(project: Project) -> None:
    """A search that restricts nothing has the entries of the combined feed."""
    project.write("config.toml", CONFIG + '\n[[feeds]]\nid = "everything"\n')
    assert project.run("once").code == 0
    assert found(project, "everything.atom") == found(project, "all.atom")


def add_lighthouse(project: Project) -> None:
    """Add a saved search that the first entries do not match, and a document that it matches."""
    project.write("config.toml", CONFIG + '\n[[feeds]]\nid = "lit"\nquery = "lighthouse"\n')
    assert project.run("once").code == 0
    assert found(project, "lit.atom") == []
    project.write(
        "digests/b.txt", "Lighthouse lit\n\nSource: NATO\nDate: 2024-03-05\n\nAgain.\n", later=600
    )


def test_saved_search_has_what_another_process_wrote_before_it_was_indexed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process writes the output between a document of ``once`` and its indexing."""
    add_lighthouse(project)
    written: list[int] = []

    def write_elsewhere(_: Store) -> None:
        config = load(project.config)
        with open_store(config.store) as store:
            derive(config, store)
            written.append(regenerate(config, store).written)

    monkeypatch.setattr("aggregator.ingest.run.index_remaining", write_elsewhere)
    assert project.run("once").code == 0
    assert written[0] > 0
    assert found(project, "lit.atom") == ["Lighthouse lit"]
    assert project.is_sound()


def test_saved_search_has_the_entry_of_a_run_that_was_killed_before_indexing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``regenerate`` indexes what an interrupted ``once`` committed, so a search finds it too."""
    add_lighthouse(project)

    def interrupt(_: Store) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("aggregator.ingest.run.index_remaining", interrupt)
        assert project.run("once").code != 0
    assert project.run("regenerate").code == 0
    assert found(project, "lit.atom") == ["Lighthouse lit"]
    assert "Lighthouse lit" in project.run("search", "lighthouse").out
    assert project.is_sound()


def test_idle_regenerate_begins_no_write_transaction(project: Project) -> None:
    """Where nothing is to be written or indexed, other writers are not kept waiting."""
    config = load(project.config)
    statements: list[str] = []
    with open_store(config.store) as store:
        store.conn.set_trace_callback(statements.append)
        assert regenerate(config, store, check="files").written == 0
        store.conn.set_trace_callback(None)
    assert "BEGIN" in statements
    assert "BEGIN IMMEDIATE" not in statements


def test_every_document_is_valid(project: Project) -> None:
    """Feeds, archives and empty searches are valid in each format."""
    project.write("config.toml", CONFIG + SEARCHES)
    assert project.run("once").code == 0
    checked = 0
    for name, body in project.files().items():
        check = {
            "atom": atom_complaints,
            "rss": rss_complaints,
            "json": json_feed_complaints,
        }.get(name.rpartition(".")[2])
        if check is not None and not name.startswith("_"):
            assert list(check(body, f"{BASE}{name}")) == [], name
            checked += 1
    assert checked > 20


def test_every_format_has_the_same_entries(project: Project) -> None:
    """All formats have the same ids in the same order."""
    files = project.files()
    atom, rss = (feedparser.parse(files[f"all.{ending}"]).entries for ending in ("atom", "rss"))
    items = json.loads(files["all.json"])["items"]
    assert [e.id for e in atom] == [e.id for e in rss] == [item["id"] for item in items]


def test_every_atom_feed_leads_to_one_page(project: Project) -> None:
    """To that of its agency or of its entries, or else to the index; archives and changes too."""
    for name, content in project.files().items():
        if name.endswith(".atom"):
            root = etree.fromstring(content)
            pages = [
                (link.get("type"), link.get("href"))
                for link in root.findall("{http://www.w3.org/2005/Atom}link")
                if link.get("rel") == "alternate"
            ]
            page = BASE
            if name.removeprefix("archive/").startswith("nato"):
                page = "https://www.nato.int/"
            elif name.startswith("category/"):
                page = f"{BASE}{name.removesuffix('.atom')}.html"
            assert pages == [("text/html", page)], name


def test_opml_lists_every_feed(project: Project) -> None:
    """Each is listed once, but for those of categories; those of agencies in a folder."""
    root = ElementTree.fromstring(project.files()["feeds.opml"])
    outlines = list(root.iter("outline"))
    folders = {folder.get("text"): list(folder) for folder in root.iterfind("body/outline")}
    assert list(folders) == ["Everything in one", "By agency"]
    assert folders["Everything in one"][0].get("xmlUrl") == f"{BASE}all.atom"
    assert {outline.get("text") for outline in folders["By agency"]} == {"NATO", "Europol"}
    addresses = [outline.get("xmlUrl") for outline in outlines if outline.get("xmlUrl")]
    names = [name for name in project.feeds() if not name.startswith(("_", "category/"))]
    assert sorted(addresses) == sorted(f"{BASE}{name}" for name in names)  # type: ignore[type-var]


def test_entry_without_address_links_to_its_own_page(project: Project) -> None:
    """The link leads to an existing file, wherever the output is served."""
    text = CONFIG.replace(BASE, "https://press.example.org/feeds/")
    project.write("config.toml", text)
    assert project.run("once").code == 0
    for name in ("all.atom", "all.rss", "archive/nato-2024-02.atom"):
        for entry in feedparser.parse(project.files()[name]).entries:
            assert re.fullmatch(
                r"https://press\.example\.org/feeds/entries/[0-9a-f-]{36}\.html", entry.link
            )
            assert entry.link.removeprefix("https://press.example.org/feeds/") in project.files()


def test_run_without_news_writes_nothing(tmp_path: Path) -> None:
    """A second run touches no file, pages and archives included."""
    project = two_digests(tmp_path / "project")
    assert project.run("once").code == 0
    before = project.files(), project.stamps()
    assert project.run("once").code == 0
    assert project.run("regenerate").code == 0
    assert (project.files(), project.stamps()) == before


def test_rebuilt_store_results_in_the_same_files(project: Project, tmp_path: Path) -> None:
    """The output depends on the sources alone, not on the number of runs."""
    one_by_one = make_project(tmp_path / "other", {"a.txt": MONTHS})
    one_by_one.run("once")
    for each in (one_by_one, project):
        each.write("digests/b.txt", ONE, later=600)
        each.run("once")
    at_once = make_project(tmp_path / "at_once", {"a.txt": MONTHS})
    at_once.write("digests/b.txt", ONE, later=600)
    at_once.run("once")
    assert at_once.files() == one_by_one.files() == project.files()


@pytest.mark.parametrize(
    ("changed", "written", "affected"),
    [
        (["2024-03"], ["2024-03"], ["2024-03"]),
        (["2024-03"], [], ["2024-02", "2024-03", "2024-05"]),
        (["2024-04"], ["2024-04"], ["2024-03", "2024-05"]),
        (["2024-02", "2024-06"], ["2024-02"], ["2024-02", "2024-05"]),
        ([], [], []),
        (None, [], ["2024-01", "2024-02", "2024-03", "2024-05"]),
    ],
    ids=["known", "new", "gone", "known and gone", "none", "all"],
)
def test_archives_beside_a_month(
    changed: list[str] | None, written: list[str], affected: list[str]
) -> None:
    """The neighbours of a month are written only if it is new or gone."""
    months = ["2024-01", "2024-02", "2024-03", "2024-05"]
    assert [a.month for a in affected_archives(months, changed, written)] == affected
    assert affected_archives([], changed, written) == []


def test_agency_that_carried_another_ones_release(project: Project) -> None:
    """It has its own entries and those it carried, in order of time, each once."""
    with open_store(project.store) as store:
        one = {entry.key: entry for entry in select(store, Search())}
        lamp = one[month_keys(store, "2023-12", None)[0]]
        with store.transaction():
            store.execute("INSERT INTO credits VALUES (?, 'europol')", (lamp.key,))
        (notes, drill) = (one[key] for key in month_keys(store, "2024-02", None))
        if notes.agency != "europol":
            notes, drill = drill, notes
        assert months(store, "europol") == ["2023-12", "2024-02"]
        assert months(store, "nato") == ["2023-12", "2024-02", "2024-03"]
        assert months(store, None) == ["2023-12", "2024-02", "2024-03"]
        assert months(store, "nobody") == []
        for month, held in (("2023-12", [lamp]), ("2024-02", [notes]), ("2024-03", [])):
            assert month_keys(store, month, "europol") == [entry.key for entry in held]
        assert newest(store, 5, agency="europol") == [notes.key, lamp.key]
        assert newest(store, 1, agency="europol") == [notes.key]
        assert newest(store, 5, agency="europol", since=datetime(2024, 1, 1, tzinfo=UTC)) == [
            notes.key
        ]
        assert newest(store, 1, agency="europol", since=datetime(2024, 3, 1, tzinfo=UTC)) == []
        assert [pages.count(store, id_) for id_ in ("europol", "nato", "nobody")] == [2, 3, 0]


def test_newest_entries_of_an_agency_in_one_source(project: Project) -> None:
    """Newer entries of another source do not use up the limit."""
    other = '\n[[sources]]\nid = "other"\nlocation = "other/*.txt"\nformat = "digest"\n'
    project.write("config.toml", CONFIG + other)
    (project.folder / "other").mkdir()
    project.write("other/a.txt", "Lighthouse lit\n\nSource: NATO\nDate: 2024-03-05\n\nAgain.\n")
    assert project.run("once").code == 0
    with open_store(project.store) as store:
        (first,) = newest(store, 1, agency="nato")
        (second,) = newest(store, 1, agency="nato", source="digests")
        assert newest(store, 2, agency="nato") == [first, second]


@pytest.mark.parametrize("most", [1, 9], ids=["on their own page", "on the index"])
def test_lists_of_agencies_follow_them(
    project: Project, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """A new agency, another name and an agency that is gone change the lists, other news do not."""
    monkeypatch.setattr("aggregator.output.pages.contents.MOST_ON_INDEX", most)
    page = "agencies.html" if most == 1 else "index.html"
    rebuilt(project)

    def publish(agency: str, day: int, config: str = CONFIG) -> dict[str, bytes]:
        text = f"Lighthouse {day}\n\nSource: {agency}\nDate: 2024-03-{day:02}\n\nLit again.\n"
        project.write("config.toml", f"{config}# {most}\n")
        project.write(f"digests/{day}.txt", text, later=day * 600)
        assert project.run("once").code == 0
        files = project.files()
        assert files == rebuilt(project)
        return files

    first = publish("NATO", 5)
    assert (page == "agencies.html") == (first.get("agencies.html") is not None)
    assert publish("NATO", 6)["feeds.opml"] == first["feeds.opml"]
    added = publish("Harbour Guard", 7)
    assert b"harbour-guard.atom" in added[page]
    assert b"harbour-guard.atom" in added["feeds.opml"]
    renamed = publish("NATO", 8, CONFIG.replace('name = "NATO"', 'name = "Alliance"'))
    assert b"Alliance" in renamed[page]
    assert b"Alliance" in renamed["feeds.opml"]
    with open_store(project.store) as store:
        remove_expired([Keep(source="digests", entries=1)], store, now=datetime.now(UTC))
    assert project.run("regenerate").code == 0
    left = project.files()
    assert b"harbour-guard" not in left["feeds.opml"] + left["index.html"]
    assert "agencies.html" not in left
    assert left == rebuilt(project)
    assert project.run("doctor").code == 0


def test_changes_during_a_run_stay_noted(project: Project) -> None:
    """A change noted after a run has looked stays noted for the next run."""
    with open_store(project.store) as store:

        def note(key: int, entry_id: str) -> None:
            with store.transaction():
                store.execute(
                    "INSERT OR REPLACE INTO to_show (entry, id) VALUES (?, ?)", (key, entry_id)
                )

        assert not output.stale(store)
        note(1, "urn:x-test:one")
        note(2, "urn:x-test:two")
        note(999, "urn:x-test:gone")
        seen = output.stale(store)
        assert list(seen.entries) == [1, 2, 999]
        note(2, "urn:x-test:two")
        note(1000, "urn:x-test:gone-since")
        assert output.without_page(store, seen) == ["urn:x-test:gone"]
        with store.transaction():
            output.mark_written(store, seen, {})
        assert list(output.stale(store).entries) == [2, 1000]


def test_page_of_removed_entry_is_removed_when_its_row_is_reused(project: Project) -> None:
    """The page of a removed entry is removed also if another entry got its row."""
    with open_store(project.store) as store:
        ((key, entry_id),) = store.rows("SELECT key, id FROM entries ORDER BY key DESC LIMIT 1")
        page = f"entries/{entry_id.removeprefix('urn:uuid:')}.html"
        assert page in project.files()
        with store.transaction():
            for table in ("evidence", "links", "terms", "authors"):
                store.execute(
                    f"DELETE FROM {table} WHERE sighting IN"
                    " (SELECT id FROM sightings WHERE entry = ?)",
                    (key,),
                )
            store.execute("DELETE FROM sightings WHERE entry = ?", (key,))
            remove(store, [key])
    project.write(
        "digests/b.txt", "Late bulletin\n\nSource: NATO\nDate: 2024-03-03\n\nIt is late.\n"
    )
    assert project.run("once").code == 0
    assert page not in project.files()
    assert project.rows("SELECT count(*) FROM entries") == [(4,)]


def rebuilt(project: Project) -> dict[str, bytes]:
    """Return the output, made again from nothing."""
    shutil.rmtree(project.output)
    assert project.run("regenerate").code == 0
    return project.files()


@pytest.mark.parametrize("word", ["/(/", "//", "   "])
def test_invalid_rule_is_reported(word: str) -> None:
    """An invalid regular expression or a blank word is a problem."""
    assert rule_problem(word) is not None
    assert rule_problem("drill") is None


def test_removed_saved_search_loses_its_files(project: Project) -> None:
    """Only its own files are removed, also if another name starts with its name."""
    searches = "".join(f'\n[[feeds]]\nid = "{name}"\nquery = "bridge"\n' for name in ("x", "x-y"))
    project.write("config.toml", CONFIG + searches)
    assert project.run("once").code == 0
    project.write("feeds/archive/x-notes.html", "a person's own")
    project.write("config.toml", CONFIG + searches.split("\n\n")[0] + "\n")
    before = set(project.files())
    assert {"x.atom", "x-y.rss", "x-y.json"} <= before
    project.run("once")
    assert before - set(project.files()) == {"x-y.atom", "x-y.rss", "x-y.json", "x-y.html"}
    assert project.run("doctor").code == 0


def test_saved_search_takes_the_name_of_an_agency_that_is_not_configured(tmp_path: Path) -> None:
    """The agency has another feed as long as the search is there, whichever came first."""
    text = digest(
        block("The bridge opens", "NATO", "The bridge opens on 5 January 2024."),
        block("The ferry stops", "Bridges", "The ferry stops on 5 January 2024."),
    )
    project = make_project(tmp_path / "a", {"a.txt": text})
    assert project.run("once").code == 0
    plain = project.files()
    project.write("config.toml", CONFIG + '\n[[feeds]]\nid = "Bridges"\nquery = "opens"\n')
    assert project.run("regenerate").code == 0
    with_search = project.files()
    found = feedparser.parse(with_search["Bridges.atom"])
    assert [entry.title for entry in found.entries] == ["The bridge opens"]
    (moved,) = (name for name in project.feeds() if name.startswith("bridges-"))
    assert feedparser.parse(with_search[moved]).entries[0].title == "The ferry stops"
    assert "archive/bridges-2024-01.atom" not in with_search
    assert project.run("doctor").code == 0
    project.write("config.toml", CONFIG)
    assert project.run("regenerate").code == 0
    assert project.files() == plain


def test_agency_without_entries_loses_its_files(project: Project) -> None:
    """Its feed, archives and pages are removed; those of others stay."""
    assert any("europol" in name for name in project.files())
    with open_store(project.store) as store:
        removed = remove_expired([Keep(source="digests", entries=2)], store, now=datetime.now(UTC))
    assert removed == 2
    assert project.run("regenerate").code == 0
    assert not [name for name in project.files() if "europol" in name or "2023" in name]
    assert len([name for name in project.files() if name.startswith("entries/")]) == 2
    assert project.run("doctor").code == 0


def test_pages_of_years_are_removed_when_few_entries_remain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of years are removed when one page has room for all entries again."""
    monkeypatch.setattr("aggregator.output.pages.contents.NEWEST", 2)
    project = make_project(tmp_path / "project", {"a.txt": MONTHS})
    config = load(project.config)
    with open_store(config.store) as store:
        ingest(config, store, now=datetime.now(UTC))
        regenerate(config, store)
        years = {"archive/nato-2023.html", "archive/nato-2024.html"}
        assert years <= set(project.files())
        assert (
            remove_expired([Keep(source="digests", entries=3)], store, now=datetime.now(UTC)) == 1
        )
        regenerate(config, store)
    assert not [
        name
        for name in project.files()
        if name.startswith("archive/nato-20") and name.endswith("html")
    ]


QUAYS = """Evening on the new quay with the harbour master

Source: NATO
Date: 2024-03-04

It was a long evening, and everybody stayed until the lamps were lit along the water. The harbour
master thanked all who had come, and those who had stayed at home for minding the children.

Evening on the old quay with the mayor

Source: Europol
Date: 2024-03-03

Nobody spoke against it, and the band played until the lanterns went out in the last of the boats.
The mayor told how the quay was built, and who had paid for the stones, and who had carried them.
"""


def test_page_of_a_category_follows_its_entries(project: Project) -> None:
    """Its page changes when entries leave it, enter it, or both, and only then."""
    project.write("config.toml", CONFIG + '\n[[categories]]\nterm = "lamps"\nbody = ["lamps"]\n')
    page, feed = "category/lamps.html", "category/lamps.atom"

    def publish(name: str, text: str, later: int) -> bytes:
        project.write(f"digests/{name}.txt", text, later=later)
        assert project.run("once").code == 0
        files = project.files()
        assert files == rebuilt(project)
        assert len(project.run("entries", "--json").json_lines) == 6
        found = files.get(page, b""), files.get(feed, b"")
        titles = (b"on the new quay", b"on the old quay")
        in_page, in_feed = ([title in each for title in titles] for each in found)
        assert in_page == in_feed
        return found[0]

    both = QUAYS.replace("the lanterns", "the lamps")
    held = publish("a1", both, 7200)
    assert (b"new quay" in held, b"old quay" in held) == (True, True)
    left = publish("a2", QUAYS, 14400)
    assert (b"new quay" in left, b"old quay" in left) == (True, False)
    swapped = QUAYS.replace("lamps", "lanterns").replace("lanterns went", "old lamps went")
    entered = publish("a3", swapped, 21600)
    assert (b"new quay" in entered, b"old quay" in entered) == (False, True)
    stamps = project.stamps()
    project.write("digests/a4.txt", swapped.replace("children", "kittens"), later=28800)
    assert project.run("once").code == 0
    assert [project.stamps()[name] for name in (page, feed)] == [stamps[page], stamps[feed]]


# Beside other processes, and interrupted


def test_lost_output_is_restored_after_an_interruption(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that restores the output and is killed between feeds and pages is continued."""
    whole = project.files()
    shutil.rmtree(project.output)
    real = Writer.publish

    def publish(writer: Writer, name: str, content: bytes, *, durable: bool = True) -> bool:
        if name.endswith(".html"):
            raise OutputError("killed")
        return real(writer, name, content, durable=durable)

    with monkeypatch.context() as context:
        context.setattr(Writer, "publish", publish)
        assert project.run("once").code == 3
    assert project.run("once").code == 0
    assert project.files() == whole


def test_unreadable_rendition_is_built_again(project: Project) -> None:
    """Feeds and archives contain the entry all the same."""
    before = project.files()
    with open_store(project.store) as store:
        store.execute("UPDATE renditions SET body = x'00'")
    shutil.rmtree(project.output)
    assert project.run("once").code == 0
    assert project.files() == before


def test_rendition_is_not_kept_of_what_another_process_changed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that changes while its element is built is written as it is then."""
    with open_store(project.store) as store:
        store.execute("DELETE FROM renditions")
    real = store_entries.load
    changed: list[bool] = []

    def change(busy: float) -> None:
        with open_store(project.store, busy=busy) as other, other.transaction():
            keys = [key for (key,) in other.rows("SELECT key FROM entries")]
            other.execute("UPDATE entries SET dating_evidence = 'the almanac'")
            renditions.drop(other, keys)
        changed.append(True)

    def load(store: Store, keys: Sequence[int]) -> list[StoredEntry]:
        loaded = real(store, keys)
        if not changed:
            with suppress(StoreError):  # it has to wait
                change(0)
        return loaded

    with monkeypatch.context() as context:
        context.setattr(store_entries, "load", load)
        assert project.run("regenerate").code == 0
    if not changed:
        change(1)
    assert project.run("once").code == 0
    items = json.loads(project.files()["all.json"])["items"]
    assert {item["_aggregator"]["dating"]["evidence"] for item in items} == {"the almanac"}


def test_versions_are_those_of_the_formats() -> None:
    """What a run without news looks at is every format that a run with news writes."""
    assert {form.NAME: form.VERSION for form in render.FORMATS} == versions.FORMATS


def test_entry_that_another_process_removes_is_left_out(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Feeds leave out an entry that was removed, or got a new agency, after they were planned."""

    def output_of(config: Config, store: Store, **how: Any) -> stale.Output:
        found = stale.output_of(config, store, **how)
        return replace(found, _others={"europol": None})

    whole = project.files()["all.json"].count(b'"id"')
    monkeypatch.setattr("aggregator.output.regenerate.output_of", output_of)
    monkeypatch.setattr(render, "keys_of", lambda output, plan: [1, 999, 2, 3, 4])
    (project.output / "all.json").unlink()
    assert project.run("regenerate").code == 0
    assert 0 < project.files()["all.json"].count(b'"id"') < whole


def test_pages_and_edits_are_read_at_one_moment(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No commit of another process comes between the reads for pages, or for edits."""
    project.write("digests/b.txt", MONTHS.replace("to Kyiv", "to Lviv"), later=600)
    seen: list[tuple[str, bool]] = []

    def noting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **more: Any) -> Any:
            store = next(arg for arg in args if isinstance(arg, Store))
            seen.append((name, store.conn.in_transaction))
            return real(*args, **more)

        return called

    for module, name in ((pages, "days"), (texts, "versions")):
        monkeypatch.setattr(module, name, noting(name, getattr(module, name)))
    assert project.run("once").code == 0
    assert {name for name, _ in seen} == {"days", "versions"}
    assert all(is_inside for _, is_inside in seen)
