"""The five real digests of ``seeds/``: the entries that are known to be in them."""

from collections import Counter

import pytest

from tests.support.project import CONFIG, ROOT, Project, Ran

SEEDS = ROOT.parent / "shared" / "seeds"

pytestmark = pytest.mark.skipif(
    not any(SEEDS.glob("*.txt")), reason="the folder ../shared/seeds is not there"
)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Ran]:
    """Return a project that read them once, and the output of that run."""
    project = Project(tmp_path_factory.mktemp("real"))
    project.configure(CONFIG.replace("digests/*.txt", f"{SEEDS.resolve()}/*.txt"))
    return project, project.run("once", "--json")


def test_every_item_is_read(first_run: tuple[Project, Ran]) -> None:
    """The five digests hold 49 items, none of which is rejected."""
    _, ran = first_run
    assert (ran.code, ran.err) == (0, "")
    (source,) = ran.json["sources"]
    assert (source["status"], source["documents"]) == ("ok", 5)
    assert (source["items"], source["new"], source["rejected"]) == (49, 42, 0)


def test_entries_by_agency(first_run: tuple[Project, Ran]) -> None:
    """Of 42 entries, 29 are NATO's, 10 Europol's, 2 INTERPOL's and 1 of the Joint Chiefs."""
    project, _ = first_run
    entries = project.run("entries", "--json", "--limit", "1000").json_lines
    assert Counter(entry["agency"] for entry in entries) == {
        "nato": 29,
        "europol": 10,
        "interpol": 2,
        "jcs": 1,
    }
    assert len({entry["id"] for entry in entries}) == 42


def test_entries_seen_twice(first_run: tuple[Project, Ran]) -> None:
    """Seven entries are in two digests each, and every other one is in one."""
    project, _ = first_run
    entries = project.run("entries", "--json", "--limit", "1000").json_lines
    assert Counter(entry["sightings"] for entry in entries) == {1: 35, 2: 7}


def test_feeds_of_four_agencies(first_run: tuple[Project, Ran]) -> None:
    """The feeds are one for each of the four agencies, the combined one, and the changes."""
    project, ran = first_run
    assert ran.json["feeds"] == {"written": 6, "unchanged": 0}
    assert sorted(path.name for path in project.output.glob("*.atom")) == [
        "all.atom",
        "changes.atom",
        "europol.atom",
        "interpol.atom",
        "jcs.atom",
        "nato.atom",
    ]


def test_a_second_run_changes_nothing(first_run: tuple[Project, Ran]) -> None:
    """Reading the same digests again finds and writes nothing new."""
    project, _ = first_run
    before = {path.name: path.stat().st_mtime_ns for path in project.output.iterdir()}
    again = project.run("once", "--json").json
    assert [source["status"] for source in again["sources"]] == ["unchanged"]
    assert again["feeds"]["written"] == 0
    assert {path.name: path.stat().st_mtime_ns for path in project.output.iterdir()} == before


def test_lines_of_sightings_are_correct(first_run: tuple[Project, Ran]) -> None:
    """The first line of each sighting is the title of its entry, and its last line holds text."""
    project, _ = first_run
    for entry in project.run("entries", "--json", "--limit", "1000").json_lines:
        for sighting in project.run("show", "--json", entry["id"]).json["sightings"]:
            name = sighting["document"].rpartition("/")[2]
            lines = (SEEDS / name).read_text(encoding="utf-8").split("\n")
            first, last = sighting["lines"]
            assert entry["title"].startswith(" ".join(lines[first - 1].split()))
            assert lines[last - 1].strip()
