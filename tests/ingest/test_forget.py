"""``forget``: what was taken out does not come back, and ``--undo`` puts it back as it was."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.feeds import rss
from tests.support.project import CONFIG, Project, assert_clear_error, block, digest, make_project
from tests.support.sound import BRIDGE, EDITED, HARBOUR, NOTES

SECOND_SOURCE = CONFIG.replace(
    "[[agencies]]",
    """[[sources]]
id = "others"
location = "others/*"

[[agencies]]""",
    1,
)
ONLY_B = "Bridge opens to lorries"
BOTH = "Harbour drill ends in fog"
NEWS = rss(
    f"<title>Lantern crews meet</title><guid>1</guid><description>{BRIDGE[::-1]}</description>"
    "<pubDate>Fri, 03 May 2024 10:00:00 GMT</pubDate><category>crews</category>",
    f"<title>Forged notes seized</title><guid>2</guid><description>{NOTES}</description>"
    "<pubDate>Thu, 02 May 2024 10:00:00 GMT</pubDate><author>desk@example.org (Desk)</author>",
)


@pytest.fixture
def desk(tmp_path: Path) -> Project:
    """Two overlapping digests of one source, and a feed of another that has one of them too."""
    project = make_project(
        tmp_path / "desk",
        {
            "a.txt": digest(
                block(BOTH, "NATO", HARBOUR, date="2024-01-04"),
                block("Forged notes seized", "Europol", NOTES),
            ),
            "b.txt": digest(
                block(ONLY_B, "NATO", BRIDGE),
                block(BOTH, "NATO", EDITED, date="2024-01-04"),
            ),
        },
        config=SECOND_SOURCE,
    )
    project.write("others/news.xml", NEWS)
    assert project.run("once").code == 0
    return project


def titles(project: Project) -> set[str]:
    return {entry["title"] for entry in project.run("entries", "--json").json_lines}


def state(project: Project) -> object:
    """The output, and each entry in full; a page also says that a date was another meanwhile."""
    shown = [
        project.run("show", entry["id"], "--json").json
        for entry in project.run("entries", "--json").json_lines
    ]
    files = {n: body for n, body in project.files().items() if not n.startswith("entries/")}
    return files, project.files().keys(), sorted(shown, key=lambda entry: entry["id"])


def assert_sound(project: Project) -> None:
    ran = project.run("doctor", "--json")
    assert ran.json["sound"], ran.out


def test_only_with_yes_something_changes(desk: Project) -> None:
    """Without it, what would go is shown."""
    before = state(desk)
    ran = desk.run("forget", "digests")
    assert "source digests: 4 sightings; 2 entries to take out, 1 to keep" in ran.out
    assert ONLY_B in ran.out
    assert "Nothing was changed" in ran.out
    of_one_document = desk.run("forget", "--document", "digests/b.txt").out
    assert "1 entry to take out, 1 to keep, seen elsewhere too" in of_one_document
    (found,) = desk.run("search", f'"{ONLY_B}"', "--json").json_lines
    of_one_entry = desk.run("forget", found["id"]).out
    assert "1 entry to take out" in of_one_entry
    assert "to keep" not in of_one_entry
    assert state(desk) == before


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (["digests"], {"Lantern crews meet", "Forged notes seized"}),
        (["--document", "digests/b.txt"], {BOTH, "Lantern crews meet", "Forged notes seized"}),
        (["others"], {BOTH, ONLY_B, "Forged notes seized"}),
    ],
)
def test_what_was_seen_elsewhere_stays(desk: Project, arguments: list[str], left: set[str]) -> None:
    """The rest is in no feed, and the next run does not bring it back; undone, all is as before."""
    before = state(desk)
    assert desk.run("forget", *arguments, "--yes").code == 0
    assert titles(desk) == left
    assert all(title.encode() not in desk.files()["all.atom"] for title in {ONLY_B} - left)
    assert_sound(desk)
    desk.write("digests/c.txt", (desk.folder / "digests/b.txt").read_bytes() + b"\n", later=900)
    (desk.folder / "digests/c.txt").unlink()
    desk.run("once")
    assert titles(desk) == left
    assert desk.run("forget", *arguments, "--undo").code == 0
    assert state(desk) == before
    assert_sound(desk)


def test_a_later_digest_that_repeats_it_does_not_bring_it_back(desk: Project) -> None:
    """A digest overlaps with the last one; what is new in it comes in."""
    desk.run("forget", "--document", "digests/b.txt", "--yes")
    fresh = block("Quarry closes for winter", "NATO", "The last stone was cut on Friday.")
    body = (desk.folder / "digests/b.txt").read_text()
    desk.write("digests/c.txt", f"{fresh}\n\n{body}", later=900)
    desk.run("once")
    assert ONLY_B not in titles(desk)
    assert "Quarry closes for winter" in titles(desk)
    assert_sound(desk)
    desk.run("forget", "--document", "digests/b.txt", "--undo")
    assert ONLY_B in titles(desk)
    assert_sound(desk)


def test_another_source_may_have_it(desk: Project) -> None:
    """A source that was wrong does not keep its releases out of the right one."""
    desk.run("forget", "digests", "--yes")
    desk.write("others/d.txt", digest(block(ONLY_B, "NATO", BRIDGE)))
    desk.run("once")
    assert ONLY_B in titles(desk)


def test_undone_beside_a_copy_of_another_source(desk: Project) -> None:
    """Both are there, which ``doctor`` can tell, and ``merge`` makes one of them."""
    desk.run("forget", "digests", "--yes")
    desk.write("others/d.txt", digest(block(ONLY_B, "NATO", BRIDGE)))
    desk.run("once")
    desk.run("forget", "digests", "--undo")
    ids = [e["id"] for e in desk.run("entries", "--json").json_lines if e["title"] == ONLY_B]
    assert len(ids) == 2
    assert desk.run("doctor").code in (0, 1)
    assert desk.run("merge", *ids).code == 0
    assert_sound(desk)


def test_an_entry_comes_back_from_nowhere(desk: Project) -> None:
    """Neither from its own source nor from another; its id is taken as ``show`` takes it."""
    (entry,) = [e for e in desk.run("entries", "--json").json_lines if e["title"] == ONLY_B]
    short = entry["id"].removeprefix("urn:uuid:")[:8]
    before = state(desk)
    desk.run("forget", short, "--yes")
    for name in ("others/d.txt", "digests/d.txt"):
        desk.write(name, digest(block(ONLY_B, "NATO", BRIDGE)))
    desk.run("once")
    assert ONLY_B not in titles(desk)
    for name in ("others/d.txt", "digests/d.txt"):
        (desk.folder / name).unlink()
    assert desk.run("forget", short, "--undo").code == 0
    (again,) = [e for e in desk.run("entries", "--json").json_lines if e["title"] == ONLY_B]
    assert again["id"] == entry["id"]
    assert desk.files().keys() == before[1]  # type: ignore[index]


def test_an_entry_of_two_sources_is_undone(desk: Project) -> None:
    """Without the sightings of the first source, it had another date and text before it went."""
    desk.write("others/later.txt", digest(block(BOTH, "NATO", HARBOUR[:-40])), later=900)
    desk.run("once")
    before = state(desk)
    for title in ("Forged notes seized", BOTH):
        (entry,) = [e for e in desk.run("entries", "--json").json_lines if e["title"] == title]
        assert desk.run("forget", entry["id"], "--yes").code == 0
        assert title not in titles(desk)
        assert desk.run("forget", entry["id"], "--undo").code == 0
        assert state(desk) == before
        assert_sound(desk)


def test_a_carrier_that_is_another_agency_now_is_undone(tmp_path: Path) -> None:
    """Meanwhile the configuration made it one with another id, and the old one is gone."""
    config = SECOND_SOURCE.replace('"others/*"', '"others/*"\naggregator = true')
    project = make_project(
        tmp_path, {"a.txt": digest(block(ONLY_B, "NATO", BRIDGE))}, config=config
    )
    item = {
        "id": "urn:uuid:11111111-1111-4111-8111-111111111111",
        "title": BOTH,
        "content_text": HARBOUR,
        "_aggregator": {"agency": "crews", "also_by": ["lamps"], "names": {"lamps": "Lamps"}},
    }
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Shard", "items": [item]}
    project.write("others/shard.json", json.dumps(feed))
    project.run("once")
    assert project.run("forget", "others", "--yes").code == 0
    named = '\n[[agencies]]\nid = "lanterns"\nname = "Lanterns"\naliases = ["Lamps"]\n'
    project.write("config.toml", config + named)
    project.run("once")
    ran = project.run("forget", "others", "--undo")
    assert ran.code == 0, ran.err
    assert BOTH in titles(project)
    project.run("once")  # the carrier has the other id in the feeds too
    assert_sound(project)


def test_everything(desk: Project) -> None:
    """All sources: the feeds are there, and empty; undone one after the other, all is as before."""
    before = state(desk)
    for source in ("digests", "others"):
        assert desk.run("forget", source, "--yes").code == 0
    assert titles(desk) == set()
    for name, body in desk.files().items():
        assert b"fog" not in body, name
    assert_sound(desk)
    for source in ("others", "digests"):
        assert desk.run("forget", source, "--undo").code == 0
    assert state(desk) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name either"),
        (["digests", "--document", "digests/a.txt"], "name either"),
        (["digest"], "is neither a source nor the id of an entry; did you mean 'digests'?"),
        (["Digests"], "did you mean 'digests'?"),
        (["0000"], "'0000' is neither a source nor the id of an entry ("),
        (["--document", "digests/a.tx"], "did you mean 'digests/a.txt'"),
        ([""], "name either"),
        (["digests", "--undo"], "'digests' was not taken out and cannot be put back ("),
        (["--document", "a\nb", "--undo"], "was not taken out"),
    ],
)
def test_what_is_not_there_is_named(desk: Project, arguments: list[str], words: str) -> None:
    before = state(desk)
    assert_clear_error(desk.run("forget", *arguments, "--yes"), 2, words)
    assert state(desk) == before


def test_agency_without_an_entry_left_is_not_in_the_status(tmp_path: Path) -> None:
    """One that is not configured comes from its entries, so it goes with them."""
    project = make_project(tmp_path, {"a.txt": digest(block("Pier opens", "Harbour", "It opens."))})
    assert project.run("once").code == 0

    def listed() -> set[str]:
        return {agency["id"] for agency in project.run("status", "--json").json["agencies"]}

    assert "harbour" in listed()
    assert project.run("forget", "digests", "--yes").code == 0
    assert "harbour" not in listed()
    assert "nato" in listed()  # configured
    assert project.run("forget", "digests", "--undo").code == 0
    assert "harbour" in listed()


def test_twice_is_once(desk: Project) -> None:
    """The second time nothing is left to take out; one undo puts everything back."""
    before = state(desk)
    assert desk.run("forget", "digests", "--yes").code == 0
    again = desk.run("forget", "digests", "--yes")
    assert (again.code, again.out) == (0, "source digests: has no entries; nothing was changed\n")
    desk.run("forget", "digests", "--undo")
    assert state(desk) == before


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.sampled_from(["digests", "others", "a", "b"]), unique=True))
def test_any_order_is_undone(sound_desk: Project, tmp_path_factory: pytest.TempPathFactory,
                             steps: list[str]) -> None:  # fmt: skip
    """Whatever is taken out in whichever order, the last first undone is as before."""
    desk = sound_desk.copy(tmp_path_factory.mktemp("desk"))
    before = state(desk)
    named = [[s] if len(s) > 1 else ["--document", f"digests/{s}.txt"] for s in steps]
    done = [arguments for arguments in named if desk.run("forget", *arguments, "--yes").code == 0]
    for arguments in reversed(done):
        assert desk.run("forget", *arguments, "--undo").code in (0, 2)  # nothing was left of it
        assert_sound(desk)
    assert state(desk) == before


@pytest.fixture
def sound_desk(desk: Project) -> Project:
    return desk
