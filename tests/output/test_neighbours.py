"""The page of an entry leads to its neighbours, and follows when these change."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator.config import load
from aggregator.normalise.identity import page_uuid
from aggregator.output.pages import contents
from aggregator.output.regenerate import is_noted_right
from aggregator.store import open_store
from tests.output.test_entry_pages import LAMP, SOURCE, feed, is_right
from tests.output.test_written_files import looked_into
from tests.support.project import CONFIG, MODIFIED, Project, block, digest, make_project

WORDS = "harbour bridge lamp almanac quay orchard tunnel regatta ferry granary".split()
DAYS = range(1, 11)


def title(number: int, word: str = "opens") -> str:
    return f"The {WORDS[number % 10]} {word} for the {WORDS[(number + 3) % 10]} of {number}"


def release(number: int, *, is_dated: bool = True, word: str = "opens", day: int = 0) -> str:
    agency = ("NATO", "Europol")[number % 3 == 0]
    text = f"It has {number} {WORDS[(number + 5) % 10]} wardens, and {number + 7} masters."
    date = f"2024-03-{day or number:02}" if is_dated else None
    return block(title(number, word), agency, text, date=date)


def newest_first(*numbers: int, undated: int = 0) -> str:
    return digest(*(release(n, is_dated=n != undated) for n in sorted(numbers, reverse=True)))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with releases on every second day; the one of the fifth has no date of its own."""
    made = make_project(
        tmp_path_factory.mktemp("neighbours"), {"a.txt": newest_first(1, 3, 5, 7, 9, 11, undated=5)}
    )
    assert made.run("once").code == 0
    return made


@pytest.fixture
def project(published: Project, tmp_path: Path) -> Project:
    return published.copy(tmp_path / "copy")


def entry_id(project: Project, number: int) -> str:
    ((found,),) = project.rows(f"SELECT id FROM entries WHERE title LIKE '% of {number}'")
    return str(found)


def links(project: Project, number: int) -> dict[str, str]:
    """Return what the page of an entry says of its neighbours, by relation: titles."""
    body = project.files()[f"entries/{page_uuid(entry_id(project, number))}.html"]
    tree = etree.fromstring(body)
    found = {a.get("rel"): a.text for a in tree.iter("{*}a") if a.get("rel") in ("prev", "next")}
    dating = tree.xpath("//*[@id='dating']//*[local-name()='a']")
    return found | {f"dating {place}": a.text for place, a in enumerate(dating)}


def test_a_page_leads_to_the_neighbours_of_its_agency(project: Project) -> None:
    """The earlier and the later entry, by date; what bounds its date is linked in its words."""
    assert links(project, 7) == {"prev": title(5), "next": title(11)}
    assert links(project, 1) == {"next": title(5)}
    assert links(project, 9) == {"prev": title(3)}
    assert links(project, 5) == {
        **{"prev": title(1), "next": title(7)},
        **{"dating 0": title(7), "dating 1": title(3)},
    }
    body = project.files()[f"entries/{page_uuid(entry_id(project, 7))}.html"].decode()
    assert 'Older: <time datetime="2024-03-05">about 5 March 2024, inferred</time>' in body
    assert 'Newer: <time datetime="2024-03-11">11 March 2024</time>' in body
    assert is_right(project)


def test_a_new_entry_changes_the_pages_of_two(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the entries before and after it; no other page of an entry is rendered."""
    before = project.stamps()
    project.write_digest("b.txt", digest(release(8)), MODIFIED + timedelta(days=1))
    names = looked_into(monkeypatch)
    assert project.run("once").code == 0
    own = {n: f"entries/{page_uuid(entry_id(project, n))}.html" for n in (7, 8, 11)}
    assert {f"entries/{name}" for name in names} & project.files().keys() == set(own.values())
    changed = {n for n, stamp in project.stamps().items() if before.get(n) != stamp}
    assert {name for name in changed if name.startswith("entries/")} == set(own.values())
    assert links(project, 8) == {"prev": title(7), "next": title(11)}
    assert is_right(project)


def test_an_entry_that_is_seen_again_changes_its_page_alone(project: Project) -> None:
    """Its neighbours are rendered, and have the same bytes."""
    before = project.stamps()
    project.write_digest("b.txt", digest(release(7)), MODIFIED + timedelta(days=1))
    assert project.run("once").code == 0
    changed = {n for n, stamp in project.stamps().items() if before.get(n) != stamp}
    assert {n for n in changed if n.startswith("entries/")} == {
        f"entries/{page_uuid(entry_id(project, 7))}.html"
    }


def changed_by(project: Project, turn: int, what: str, number: int, other: int) -> None:
    """Change the project as people and sources do, and publish."""
    name, later = f"z{turn}.txt", MODIFIED + timedelta(days=1 + turn)
    ids = [found for (found,) in project.rows("SELECT id FROM entries ORDER BY published, key")]
    one, two = ids[number % len(ids)], ids[other % len(ids)]
    if what == "come":
        project.write_digest(name, digest(release(1 + number)), later)
    elif what == "edit":
        project.write_digest(name, digest(release(1 + number, word="closes")), later)
    elif what == "move":
        project.write_digest(name, digest(release(5, day=1 + number)), later)
    elif what == "merge" and one != two:
        project.run("merge", one, two)
    elif what == "split":
        found = project.rows("SELECT sightings.id, entries.id FROM sightings JOIN entries"
                             " ON key = entry ORDER BY sightings.id DESC")  # fmt: skip
        project.run("split", found[0][1], str(found[0][0]))
    elif what == "forget" and len(ids) > 2:
        project.run("forget", one, "--yes")
    elif what == "undo":
        project.run("forget", one, "--undo")
    assert project.run("once").code == 0


CHANGES = st.tuples(
    st.sampled_from("come edit move merge split forget undo".split()),
    st.integers(0, 11),
    st.integers(0, 11),
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGES, min_size=3, max_size=5))
def test_pages_are_those_of_a_first_run(
    published: Project,
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[tuple[str, int, int]],
) -> None:
    """Whatever comes, moves, is merged, split or removed, each page names its neighbours of now."""
    project = published.copy(tmp_path_factory.mktemp("changed"))
    for turn, change in enumerate(changes):
        changed_by(project, turn, *change)
        assert is_right(project)
    config = load(project.config)
    with open_store(config.store) as store:
        assert is_noted_right(config, store)


def test_a_neighbour_without_a_page_is_at_its_publisher(tmp_path: Path) -> None:
    """A file leads where the index does, and follows when the neighbour gets a page of its own; the
    daemon's page leads to the daemon's page.
    """
    items = [("Ports compared", 1, "They differ."), ("Lamp is lit", 2, LAMP), ("Fog", 3, "Grey.")]
    edited = [*items[:2], ("Fog", 3, "Grey and thick, and it stays for days.")]
    project = make_project(tmp_path / "project")
    project.configure(CONFIG + SOURCE.format("feed"))
    project.write("feed.xml", feed(items))
    assert project.run("once").code == 0
    edited[0] = ("Ports compared", 1, "They differ, and they do so in every way there is.")
    project.write("feed.xml", feed([edited[0], *items[1:]]), later=60)
    assert project.run("once").code == 0
    (name,) = (name for name in project.files() if name.startswith("entries/"))
    there = b'<a href="https://press.example/2" rel="noopener noreferrer" dir="auto"'
    assert there in project.files()[name]
    config = load(project.config)
    ((key, second),) = project.rows("SELECT key, id FROM entries WHERE title = 'Lamp is lit'")
    with open_store(config.store) as store:
        ((first,),) = store.rows("SELECT key FROM entries WHERE title = 'Ports compared'")
        live = contents.entry_page(config, store, first)
    assert live is not None
    own = f'<a href="../entries/{page_uuid(second)}.html" rel="next"'.encode()
    assert own in live

    changed = LAMP.replace("promised", "hope")
    project.write("feed.xml", feed([edited[0], ("Lamp is lit", 2, changed), items[2]]), later=120)
    assert project.run("once").code == 0
    assert own in project.files()[name]
    assert there not in project.files()[name].split(b"<nav", 1)[1]
    assert is_right(project)
    assert key != first


FEEDS = {
    *(f"{feed}{end}" for feed in ("all", "nato", "changes") for end in (".atom", ".rss", ".json")),
    *("archive/all-2024-03.atom", "archive/nato-2024-03.atom"),
}


@pytest.mark.parametrize("with_edit", [False, True])
def test_the_time_of_a_check_out_is_in_no_page(tmp_path: Path, *, with_edit: bool) -> None:
    """The same digests with other times result in the same files, byte for byte.

    An edit of a digest has no other time than that of its file: ``updated`` in feeds is that, and
    so are the archives and the feed of edits.  No page has it.
    """
    found = []
    text_of_lamp = LAMP.replace("promised", "hope") if with_edit else LAMP
    for hours in (0, 999):
        project = make_project(tmp_path / str(hours))
        later = MODIFIED + timedelta(hours=hours)
        for turn, text in enumerate(
            (
                newest_first(1, 2, 3, 4, 5, undated=2),
                newest_first(3, 4, 5, 6, 7, undated=4),
                digest(block("Keepers meet", "NATO", LAMP, date="2024-03-09"), release(7)),
                digest(block("Keepers meet", "NATO", text_of_lamp, date="2024-03-09"), release(7)),
            )
        ):
            project.write_digest(f"{turn}.txt", text, later + timedelta(hours=2 * turn))
        assert project.run("once").code == 0
        found.append(project.files())
    one, other = found
    assert one.keys() == other.keys()
    differ = {name for name in one if one[name] != other[name]}
    assert any(b"Edited: what changed" in body for body in one.values()) == with_edit
    assert differ == (FEEDS if with_edit else set())
