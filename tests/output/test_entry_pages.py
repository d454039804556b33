"""An entry has a page of its own where one is needed, or as the setting says."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from aggregator.config import load
from aggregator.normalise.identity import page_uuid
from aggregator.output.pages.live import linked
from aggregator.output.regenerate import expected_files
from aggregator.store import open_store
from aggregator.store.entries import remove
from aggregator.store.entry_pages import entry_of_page, paged
from aggregator.web import State
from aggregator.web.metrics import Metrics
from tests.support.project import ONE, Project, make_project

ITEM = """<item><title>{0}</title><link>https://press.example/{1}</link>
<guid isPermaLink="false">tag:press.example,2024:{1}</guid>
<pubDate>Fri, 0{1} Mar 2024 10:00:00 GMT</pubDate>
<description>{2}</description></item>"""

LAMP = (
    "The keepers of the lighthouses met in the old port to see the new lamp and to hear how it was"
    " paid for. It was made in the yard next door and its makers promised that it would never fail."
)
ITEMS = (
    ("Lighthouse keepers meet", 1, LAMP),
    ("Harbour master retires", 2, "He leaves after forty years."),
    ("Bridge opens to lorries", 3, "The bridge is open at last."),
)
SOURCE = '\n[[sources]]\nid = "{0}"\nlocation = "{0}.xml"\nagency = "interpol"\n'


def feed(items: Sequence[tuple[str, int, str]]) -> str:
    listed = "".join(ITEM.format(*item) for item in items)
    return f'<rss version="2.0"><channel><title>Press</title>{listed}</channel></rss>'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that has read a feed of three items with pages at their publisher, and a digest."""
    made = make_project(tmp_path / "project", {"a.txt": ONE})
    configure(made, "")
    made.write("feed.xml", feed(ITEMS))
    assert made.run("once").code == 0
    return made


def configure(project: Project, first: str, more: str = "") -> None:
    text = project.config.read_text(encoding="utf-8")
    rest = text[text.index("title =") :].partition('\n[[sources]]\nid = "feed"')[0]
    project.configure(first + rest + SOURCE.format("feed") + more)


def own(project: Project) -> list[str]:
    """Return the pages of entries that are files."""
    return sorted(name for name in project.files() if name.startswith("entries/"))


def listed(project: Project, name: str) -> dict[str, str]:
    """Return where the entries in a list lead to, by title."""
    tree = etree.fromstring(project.files()[name])
    titles = {title for title, *_ in ITEMS} | {"Lighthouse lit again"}
    return {a.text or "": a.get("href", "") for a in tree.iter("{*}a") if a.text in titles}


def is_right(project: Project) -> bool:
    """Whether the output folder has what a first run would write."""
    config = load(project.config)
    with open_store(config.store) as store:
        expected = {name: b"".join(pieces) for name, pieces in expected_files(config, store)}
    return {name: project.files()[name] for name in expected} == expected and own(project) == [
        name for name in sorted(expected) if name.startswith("entries/")
    ]


def test_an_entry_without_a_page_at_its_publisher_needs_one(project: Project) -> None:
    """Lists lead to the others' publisher: a page of ours would only repeat that."""
    (page,) = own(project)
    there = {title: f"https://press.example/{number}" for title, number, _ in ITEMS}
    assert listed(project, "index.html") == {**there, "Lighthouse lit again": page}
    assert listed(project, "interpol.html") == there
    assert listed(project, "nato.html") == {"Lighthouse lit again": page}
    assert is_right(project)


def test_an_entry_with_a_history_needs_a_page(project: Project) -> None:
    """An edit, or another source that has the entry, is shown; lists lead there at once."""
    (first, second, third), digests = ITEMS, own(project)
    edited = feed([(first[0], 1, LAMP.replace("promised", "hope")), second, third])
    project.write("feed.xml", edited, later=60)
    assert project.run("once").code == 0
    (page,) = (name for name in own(project) if name not in digests)
    assert b'id="changes"' in project.files()[page]
    assert listed(project, "interpol.html")[first[0]] == page
    assert f"{page}#changes".encode() in project.files()["changes.atom"]
    assert is_right(project)

    configure(project, "", SOURCE.format("other"))
    project.write("other.xml", feed([second]), later=120)
    assert project.run("once").code == 0
    assert len(own(project)) == 3
    assert listed(project, "interpol.html")[second[0]] in own(project)
    assert listed(project, "index.html")[third[0]] == "https://press.example/3"
    assert is_right(project)


def test_the_setting_decides(project: Project) -> None:
    """Pages come and go with it; without pages nothing leads to one."""
    configure(project, 'entry_pages = "all"\n')
    assert project.run("regenerate").code == 0
    assert len(own(project)) == 4
    assert set(listed(project, "index.html").values()) == set(own(project))
    assert is_right(project)

    configure(project, 'entry_pages = "none"\n')
    assert project.run("regenerate").code == 0
    assert own(project) == []
    assert is_right(project)
    assert "Lighthouse lit again" not in listed(project, "index.html")
    assert b"Lighthouse lit again" in project.files()["index.html"]
    assert not [name for name, body in project.files().items() if b"entries/" in body]

    configure(project, 'entry_pages = "needed"\n')
    assert project.run("regenerate").code == 0
    assert len(own(project)) == 1
    assert is_right(project)


def test_an_unknown_setting_is_refused(project: Project) -> None:
    """The error names the key and the choices."""
    configure(project, 'entry_pages = "some"\n')
    refused = project.run("check")
    assert refused.code == 2
    assert refused.complaints == [
        "aggregator: config.toml: entry_pages: must be one of needed, all, none, not 'some'"
    ]


def test_pages_are_made_on_request(project: Project) -> None:
    """The daemon makes the page that ``all`` would write, with the times at which documents were
    seen, and none of what there is not.
    """
    configure(project, 'entry_pages = "all"\n')
    assert project.run("once").code == 0
    written = {name: project.files()[name] for name in own(project)}
    assert len(written) == 4
    configure(project, 'entry_pages = "none"\n')
    assert project.run("regenerate").code == 0
    state = State(load(project.config), Metrics(), now=lambda: datetime(2024, 6, 2, tzinfo=UTC))
    for name, body in written.items():
        made = state.entry_page(name.removeprefix("entries/").removesuffix(".html"))
        assert made is not None
        assert without_times(made) == without_times(body)
        assert made != body
    assert state.entry_page("00000000-0000-0000-0000-000000000000") is None


def without_times(page: bytes) -> list[str]:
    """Return the words and addresses of a page, without when its entry was seen."""
    tree = etree.fromstring(linked(page, "../"))
    for cell in tree.xpath("//*[text()='When' or @data-label='When']"):
        cell.getparent().remove(cell)
    (caption,) = tree.xpath("//*[@id='seen']//*[local-name()='caption']")
    caption.text = ""
    return [*tree.itertext(), *tree.xpath("//@href")]


def test_the_page_of_a_removed_entry_is_not_found(project: Project) -> None:
    """Its name is taken out of the index with it."""
    with open_store(project.store) as store:
        (entry_id, key) = store.rows("SELECT id, key FROM entries WHERE id NOT LIKE 'urn:uuid%'")[0]
        name = page_uuid(entry_id)
        assert entry_of_page(store, name) == key
        with store.transaction():
            mine = "(SELECT id FROM sightings WHERE entry = ?)"
            for table in ("evidence", "links", "terms", "authors"):
                store.execute(f"DELETE FROM {table} WHERE sighting IN {mine}", (key,))
            store.execute("DELETE FROM sightings WHERE entry = ?", (key,))
            remove(store, [key])
        assert entry_of_page(store, name) is None
        assert store.rows("SELECT count(*) FROM page_numbers") == [(2,)]


def test_a_page_that_fails_keeps_the_others_noted(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is withdrawn then, so what is no longer needed is withdrawn by a later run."""
    configure(project, 'entry_pages = "all"\n')
    assert project.run("regenerate").code == 0
    configure(project, 'entry_pages = "none"\n')
    with monkeypatch.context() as patch:
        patch.setattr("aggregator.output.pages.page.index", lambda *_: 1 / 0)
        project.run("regenerate")
    assert len(own(project)) == 4
    with open_store(project.store) as store:
        assert len(paged(store)) == 4
    configure(project, 'entry_pages = "needed"\n')
    assert project.run("regenerate").code == 0
    assert len(own(project)) == 1
    assert is_right(project)
