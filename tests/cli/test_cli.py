"""The command line as a user meets it: what each command prints, where, and its exit code."""

import errno
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aggregator import __version__
from aggregator.cli.terminal import as_wide_as_terminal
from tests.support.project import (
    CONFIG,
    ONE,
    SECOND,
    Project,
    Ran,
    assert_clear_error,
    block,
    command_line,
    environment,
    make_project,
    two_digests,
)

COMMANDS = ["init", "once", "regenerate", "check", "status", "entries", "search", "show"]
COUNTS = ["documents", "items", "new", "revised", "merged", "unchanged", "rejected"]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
ENTRY_KEYS = [
    "id",
    "agency",
    "title",
    "published",
    "updated",
    "dating",
    "truncated",
    "language",
    "links",
    "categories",
    "summary",
    "content_html",
    "sources",
    "revisions",
    "sightings",
]
SIGHTING_KEYS = ["id", "source", "document", "position", "lines", "seen", "how", "score"]


@pytest.fixture
def project(ran: Project) -> Project:
    """A project with four entries in its store and its feeds written."""
    return ran


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    """The same project before its first run."""
    return two_digests(tmp_path / "fresh")


def printed(ran: Ran, code: int = 0) -> str:
    """Return what a run printed, which must have printed no error."""
    assert (ran.code, ran.err) == (code, "")
    return ran.out


# once


def test_first_run_counts_what_it_read(fresh: Project) -> None:
    """``once --json`` prints one object of the promised shape, with right counts."""
    report = json.loads(printed(fresh.run("once", "--json")))
    assert list(report) == ["sources", "feeds", "seconds"]
    assert report["sources"] == [
        {
            "id": "digests",
            "status": "ok",
            "documents": 2,
            "items": 5,
            "new": 4,
            "revised": 0,
            "merged": 0,
            "unchanged": 1,
            "rejected": 0,
            "error": None,
        }
    ]
    assert report["feeds"] == {"written": len(fresh.feeds()), "unchanged": 0}
    assert 0 <= report["seconds"] < 60


def test_second_run_changes_nothing(project: Project) -> None:
    """A second run calls the source unchanged and writes no feed."""
    report = project.run("once", "--json").json
    assert report["sources"][0]["status"] == "unchanged"
    assert report["sources"][0]["new"] == 0
    assert report["sources"][0]["items"] == report["sources"][0]["unchanged"] == 5
    assert report["feeds"] == {"written": 0, "unchanged": len(project.feeds())}


def test_a_digest_is_added(project: Project) -> None:
    """A run reports as new what was added since the last one."""
    project.write("digests/c.txt", ONE)
    report = project.run("once", "--json").json
    assert report["sources"][0]["status"] == "ok"
    assert report["sources"][0]["documents"] == 3
    assert report["sources"][0]["new"] == 1


def test_summary_for_people_names_agencies_and_feeds(fresh: Project) -> None:
    """Without ``--json`` a run prints the new entries by agency and where the feeds are."""
    out = printed(fresh.run("once"))
    for words in ("NATO", "Europol", "Coast Guard of the Northern Isles", str(fresh.output)):
        assert words in out


def test_one_source_fails_and_the_others_are_read(tmp_path: Path) -> None:
    """Exit code 1, the failed source named with its file, and the feeds of the others written."""
    config = CONFIG + '\n[[sources]]\nid = "gone"\nlocation = "gone/away.txt"\n'
    project = make_project(tmp_path / "p", {"a.txt": ONE}, config=config)
    ran = project.run("once", "--json")
    assert_clear_error(ran, 1, "gone", "gone/away.txt")
    assert len(ran.complaints) == 1
    good, failed = ran.json["sources"]
    assert (good["status"], good["new"], good["error"]) == ("ok", 1, None)
    assert (failed["id"], failed["status"]) == ("gone", "failed")
    assert "gone/away.txt" in failed["error"]
    assert {"all.atom", "nato.atom"} <= set(project.feeds())


def test_a_block_is_left_out_and_the_run_is_done(tmp_path: Path) -> None:
    """A block without a title is counted and reported by line; the source does not fail."""
    digest = ONE + "\n\nThird story\n\nSource:\n\nNobody says whose it is.\n"
    project = make_project(tmp_path / "p", {"a.txt": digest})
    ran = project.run("once", "--json")
    assert_clear_error(ran, 0, "digests", "digests/a.txt", "line")
    (report,) = ran.json["sources"]
    assert (report["status"], report["new"], report["rejected"]) == ("ok", 1, 1)


def test_only_the_sources_named_are_read(tmp_path: Path) -> None:
    """``--source``, which may be repeated, leaves the others alone."""
    more = "".join(f'\n[[sources]]\nid = "{n}"\nlocation = "{n}.txt"\n' for n in ("one", "two"))
    project = make_project(tmp_path / "p", {"a.txt": ONE}, config=CONFIG + more)
    project.write("one.txt", ONE)
    project.write("two.txt", SECOND)
    ran = project.run("once", "--source", "one", "--source", "two", "--json")
    assert [source["id"] for source in json.loads(printed(ran))["sources"]] == ["one", "two"]
    assert {source for (source,) in project.rows("SELECT source FROM documents")} == {"one", "two"}


def test_no_source_is_configured(tmp_path: Path) -> None:
    """An empty configuration is not an error: there is nothing to read and nothing to write."""
    project = make_project(tmp_path / "p", config="")
    report = json.loads(printed(project.run("once", "--json")))
    assert report["sources"] == []
    assert report["feeds"] == {"written": 0, "unchanged": 0}


# regenerate


def test_feeds_are_written_again_from_the_store(project: Project) -> None:
    """``regenerate`` restores the same bytes, without any source."""
    before = project.feeds()
    (project.output / "all.atom").unlink()
    for digest in (project.folder / "digests").iterdir():
        digest.unlink()
    report = json.loads(printed(project.run("regenerate", "--json")))
    assert report["feeds"] == {"written": 1, "unchanged": len(before) - 1}
    assert project.feeds() == before


def test_regenerate_ingests_nothing(project: Project) -> None:
    """A new digest is left for ``once``."""
    before = project.contents()
    project.write("digests/c.txt", ONE)
    assert str(project.output) in printed(project.run("regenerate"))
    assert project.contents() == before


# check


def test_configuration_is_shown_resolved(fresh: Project) -> None:
    """``check`` prints sources, agencies and absolute paths, and writes nothing."""
    out = printed(fresh.run("check"))
    for words in ("digests/*.txt", "Europol", "OTAN", str(fresh.store), str(fresh.output)):
        assert words in out
    assert not fresh.store.exists()
    assert not fresh.output.exists()


def test_check_tells_every_filter_and_names_that_nothing_has(fresh: Project) -> None:
    """A feed that finds nothing because of a slip is told; what the store has is known."""
    fresh.configure(
        CONFIG
        + """
[[feeds]]
id = "slips"
query = "fog"
agencies = ["nato", "natoo", "coast-guard-of-the-northern-isles"]
categories = ["Press Releas", "media advisory"]
languages = ["en", "english"]
exclude = ["drill"]
max_per_agency = 3
"""
    )
    out = printed(fresh.run("check"))
    assert (
        "feed slips: slips: fog; of nato, natoo, coast-guard-of-the-northern-isles; in the"
        " categories Press Releas, media advisory; in the languages en, english; excludes drill;"
        " at most 3 of an agency"
    ) in out
    assert "User-Agent Aggregator/" not in out  # nothing is requested
    assert "there is no agency 'natoo' yet; did you mean 'nato'?" in out
    assert "no agency 'coast-guard" in out
    assert "no category 'Press Releas' yet" in out
    assert "no language 'english' yet" in out
    assert out.count("warning") == 4
    fresh.run("once")
    assert "no agency 'coast-guard" not in printed(fresh.run("check"))


def test_check_tells_how_servers_see_it(fresh: Project) -> None:
    """The header as it is sent, not only its contact."""
    fresh.configure(
        CONFIG
        + '\n[fetch]\ncontact = "a@b.example"\n'
        + '\n[[sources]]\nid = "far"\nlocation = "https://feeds.example/"\n'
    )
    out = printed(fresh.run("check"))
    assert f"User-Agent Aggregator/{__version__} (+a@b.example)" in out


def test_doctor_before_the_first_run(fresh: Project) -> None:
    """Nothing was read yet, which is no fault."""
    ran = fresh.run("doctor")
    assert (ran.code, ran.err) == (0, "")
    assert "no source was read yet; run 'aggregator once'" in ran.out


def test_paths_start_from_the_configuration(fresh: Project, tmp_path: Path) -> None:
    """With ``--config`` from another folder, paths start from the configuration's."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert printed(fresh.run("--config", str(fresh.config), "once", cwd=elsewhere))
    relative = os.path.relpath(fresh.config, elsewhere)
    assert printed(fresh.run("--config", relative, "once", cwd=elsewhere))
    assert fresh.store.exists()
    assert "all.atom" in fresh.feeds()
    assert list(elsewhere.iterdir()) == []


# status


def test_status_counts_sources_and_agencies(project: Project) -> None:
    """Each source with its times and counts, each agency with entries, newest and usual gap."""
    status = json.loads(printed(project.run("status", "--json")))
    (source,) = status["sources"]
    assert source["id"] == "digests"
    assert source["failures"] == 0
    assert (source["documents"], source["items"], source["entries"]) == (2, 5, 4)
    assert MOMENT.fullmatch(source["last_success"])
    assert MOMENT.fullmatch(source["next_due"])
    assert source["next_due"] > source["last_success"]
    agencies = {agency["id"]: agency for agency in status["agencies"]}
    assert agencies["nato"]["entries"] == 2
    assert agencies["nato"]["configured"] is True
    assert MOMENT.fullmatch(agencies["nato"]["newest"])
    assert agencies["nato"]["usual_gap"] is None  # two releases are too few to tell
    assert agencies["europol"]["usual_gap"] is None


def test_usual_gap_of_a_digest_is_in_days(tmp_path: Path) -> None:
    """Releases that state their day have no time of their own: their gap is that between days."""
    project = Project(tmp_path)
    project.configure('[[sources]]\nid = "digests"\nlocation = "digests/*.txt"\n')
    stories = [
        f"Story {n} of day {day}\n\nSource: NATO\n\nDate: {day} May 2024\n\n"
        f"A text on subject {n} of the {day}th, long enough to be told apart from {n * day}.\n"
        for day in (9, 7, 5, 3)
        for n in range(3)
    ]
    project.write_digest("one.txt", "\n".join(stories))
    assert project.run("once").code == 0
    (agency,) = json.loads(printed(project.run("status", "--json")))["agencies"]
    assert (agency["usual_gap"], agency["usually"]) == (2 * 86400, "every 2 days")
    assert "every 2 days" in printed(project.run("status"))


def test_scheduler_of_a_cluster_is_named(fresh: Project) -> None:
    """Where it is set, check and status say who does the work."""
    for command in ("check", "status"):
        assert "Dask cluster" not in printed(fresh.run(command))
    text = fresh.config.read_text(encoding="utf-8")
    fresh.configure(f'{text}\n[scale]\nscheduler = "tcp://10.0.0.5:8786"\n')
    for command in ("check", "status"):
        words = "the Dask cluster of the scheduler tcp://10.0.0.5:8786 polls and reads"
        assert words in printed(fresh.run(command))
    assert fresh.run("status", "--json").json["scheduler"] == "tcp://10.0.0.5:8786"


def test_status_marks_an_unconfigured_agency(project: Project) -> None:
    """An agency found only in a digest has a line that says so."""
    lines = printed(project.run("status")).splitlines()
    (line,) = [line for line in lines if "Coast Guard" in line]
    assert "not configured" in line
    assert not any("not configured" in line for line in lines if "Europol" in line)


def test_many_unconfigured_agencies_share_one_line(fresh: Project) -> None:
    """Each has a mark in status, and doctor has one note for all."""
    names = ["Abbey", "Bureau", "Chamber", "Depot"]
    fresh.configure(CONFIG[: CONFIG.index("[[agencies]]")])
    for file in (fresh.folder / "digests").iterdir():
        file.unlink()
    fresh.write_digest("a.txt", "\n".join(block(f"A title of {n}", n, "Some text.") for n in names))
    printed(fresh.run("once"))
    lines = printed(fresh.run("status")).splitlines()
    assert [line.split()[-2:] for line in lines[-5:-1]] == [[name, "*"] for name in names]
    (line,) = [line for line in lines if "not configured" in line]
    assert line.startswith("  * not configured yet (4): each has a feed")
    (note, _) = printed(fresh.run("doctor")).splitlines()
    assert "4 agencies have feeds and are not configured (abbey, bureau, chamber and 1" in note


def test_status_counts_failures_until_the_next_success(project: Project) -> None:
    """A source that failed twice has two failures and its last error; success clears both."""
    project.write("digests/empty.txt", b"no digest")
    for _ in range(2):
        assert project.run("once").code == 1
    (source,) = json.loads(printed(project.run("status", "--json")))["sources"]
    assert source["failures"] == 2
    assert "empty.txt" in source["error"]
    assert re.search("failed in part .*empty.txt", printed(project.run("status")))
    assert source["last_success"] == source["last_attempt"]  # the other files were read
    (project.folder / "digests/empty.txt").unlink()
    assert project.run("once").code == 0
    (source,) = json.loads(printed(project.run("status", "--json")))["sources"]
    assert (source["failures"], source["error"]) == (0, None)


def several(folder: Path) -> Project:
    """A project of four sources, two of which fail, after a run."""
    config = "\n".join(
        f'[[sources]]\nid = "{name}"\nlocation = "digests/{name}-*.txt"\ninterval = "{minutes}m"'
        for name, minutes in (("a", 50), ("gone", 10), ("b", 20), ("empty", 30))
    )
    project = make_project(folder, {"a-1.txt": ONE, "b-1.txt": SECOND}, config=config)
    project.run("once")
    return project


def test_failing_sources_come_first(tmp_path: Path) -> None:
    """Then the others as they are due; ``--failing`` shows the first ones alone, with why."""
    project = several(tmp_path / "p")
    found = json.loads(printed(project.run("status", "--json")))
    assert [source["id"] for source in found["sources"]] == ["gone", "empty", "b", "a"]
    lines = printed(project.run("status")).splitlines()
    rows = [line for line in lines if re.match(r" +(a|b|gone|empty) ", line)]
    assert [row.split()[0] for row in rows] == ["gone", "empty", "b", "a"]
    assert "no file matches" in rows[0]
    failing = printed(project.run("status", "--failing"))
    assert [line.split()[0] for line in failing.splitlines()[1:]] == ["gone", "empty"]
    only = json.loads(printed(project.run("status", "--failing", "--json")))
    assert [source["id"] for source in only["sources"]] == ["gone", "empty"]


def test_no_source_fails(project: Project) -> None:
    """``--failing`` says so, and with ``--json`` returns no source."""
    assert printed(project.run("status", "--failing")) == "No source fails\n"
    assert json.loads(printed(project.run("status", "--failing", "--json")))["sources"] == []


def test_a_line_of_status_is_cut_to_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal a long remark does not break the table; in a pipe nothing is cut."""
    assert list(as_wide_as_terminal(["x" * 500])) == ["x" * 500]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    assert list(as_wide_as_terminal(["y" * 40, "x" * 41])) == ["y" * 40, "x" * 39 + "…"]


def test_status_shows_that_dates_cannot_be_read(project: Project) -> None:
    """The first problem with the newest document of a source is shown; it is no failure."""
    item = "<item><title>Pier opens</title><description>A pier.</description><pubDate>soon"
    feed = f'<rss version="2.0"><channel><title>A</title>{item}</pubDate></item></channel></rss>'
    project.write("digests/feed.txt", feed.encode())
    assert project.run("once").code == 0
    (source,) = json.loads(printed(project.run("status", "--json")))["sources"]
    assert "the dates of 1 of 1 items cannot be read" in source["problem"]
    assert source["problem"] in printed(project.run("status"))
    assert source["failures"] == 0


@pytest.mark.parametrize(
    "command", [["status"], ["status", "--json"], ["entries", "--json"], ["search", "fog"]]
)
def test_query_before_the_first_run(
    fresh: Project,
    command: list[str],
) -> None:
    """Without a store, a query prints an empty result and creates no store."""
    printed(fresh.run(*command))
    assert not fresh.store.exists()


# entries


def test_entries_have_the_promised_shape(project: Project) -> None:
    """``entries --json`` is JSON Lines with every promised key, in order."""
    entries = project.run("entries", "--json").json_lines
    assert len(entries) == 4
    for entry in entries:
        assert list(entry) == ENTRY_KEYS
        assert list(entry["dating"]) == ["basis", "earliest", "latest", "evidence"]
        assert entry["dating"]["basis"] in ("upstream", "stated", "inferred", "first-seen")
        for moment in (entry["published"], entry["updated"]):
            assert MOMENT.fullmatch(moment)
        assert MOMENT.fullmatch(entry["dating"]["earliest"])
        assert MOMENT.fullmatch(entry["dating"]["latest"])
        assert entry["dating"]["earliest"] <= entry["dating"]["latest"]
        assert type(entry["revisions"]) is int
        assert type(entry["sightings"]) is int
        assert entry["sources"] == ["digests"]


def test_entries_say_what_was_read(project: Project) -> None:
    """The fields of one entry are those of its block in the digest."""
    entries = {e["title"]: e for e in project.run("entries", "--json").json_lines}
    drill = entries["Harbour drill ends in fog"]
    assert drill["id"].startswith("urn:uuid:")
    assert drill["agency"] == "nato"
    assert drill["truncated"] is False
    assert [link["href"] for link in drill["links"]] == ["https://example.org/harbour"]
    assert drill["content_html"].startswith("<p>Mircea Geoană thanked the crews.</p>")
    assert "<li>divers</li>" in drill["content_html"]
    assert "Mircea Geoană thanked the crews." in drill["summary"]
    assert (drill["revisions"], drill["sightings"]) == (1, 2)
    assert entries["Forged notes seized in three ports"]["truncated"] is True


def test_entries_come_newest_first(project: Project) -> None:
    """Later entries come before earlier ones, and ``--limit`` takes from the top."""
    entries = project.run("entries", "--json").json_lines
    published = [entry["published"] for entry in entries]
    assert published == sorted(published, reverse=True)
    assert project.run("entries", "--json", "--limit", "2").json_lines == entries[:2]


def test_entries_of_one_agency(project: Project) -> None:
    """``--agency`` takes an id, configured or made from a name."""
    for agency, count in (("nato", 2), ("europol", 1), ("coast-guard-of-the-northern-isles", 1)):
        entries = project.run("entries", "--json", "--agency", agency).json_lines
        assert [entry["agency"] for entry in entries] == [agency] * count


def test_an_agency_that_has_published_nothing(tmp_path: Path) -> None:
    """An agency that is configured but has no entry prints an empty list, not an error."""
    project = make_project(tmp_path / "p", {"a.txt": ONE})
    project.run("once")
    assert printed(project.run("entries", "--agency", "europol")) == ""


def test_entries_of_one_source(tmp_path: Path) -> None:
    """``--source`` lists what that source carried, also an entry that another source had first."""
    more = '\n[[sources]]\nid = "other"\nlocation = "other.txt"\n'
    project = make_project(tmp_path / "p", {"a.txt": SECOND}, config=CONFIG + more)
    project.write("other.txt", SECOND.partition("Harbour")[0])
    project.run("once")
    (entry,) = project.run("entries", "--json", "--source", "other").json_lines
    assert entry["title"] == "Bridge opens to lorries"
    assert entry["sources"] == ["digests", "other"]


def test_entries_since_a_day(project: Project) -> None:
    """``--since`` keeps what was published on that day or later."""
    every = project.run("entries", "--json").json_lines
    oldest = every[-1]["published"]
    second_oldest = every[-2]["published"]
    assert project.run("entries", "--json", "--since", oldest[:10]).json_lines == every
    assert project.run("entries", "--json", "--since", second_oldest).json_lines == every[:-1]
    assert project.run("entries", "--json", "--since", "2999-01-01").json_lines == []


def test_entries_for_people_take_a_line_each(project: Project) -> None:
    """Without ``--json`` each entry is one line with its agency and title."""
    lines = printed(project.run("entries")).splitlines()
    assert len(lines) == 4
    (line,) = [line for line in lines if "Harbour drill" in line]
    assert "nato" in line


# search


@pytest.mark.parametrize("query", ["geoana", "GEOANĂ", "Geoană crews", '"thanked the crews"'])
def test_search_ignores_case_and_accents(project: Project, query: str) -> None:
    """Other case or accents find the same entry, in the shape of ``entries --json``."""
    ran = project.run("search", query, "--json")
    printed(ran)
    (entry,) = ran.json_lines
    assert list(entry) == ENTRY_KEYS
    assert entry["title"] == "Harbour drill ends in fog"


def test_search_takes_agency_and_limit(project: Project) -> None:
    """``--agency`` and ``--limit`` narrow what is found."""
    found = project.run("search", "the OR all", "--json").json_lines
    assert {entry["agency"] for entry in found} >= {"nato", "coast-guard-of-the-northern-isles"}
    of_nato = project.run("search", "the OR all", "--agency", "nato", "--json").json_lines
    assert {entry["agency"] for entry in of_nato} == {"nato"}
    assert len(project.run("search", "the OR all", "--limit", "1", "--json").json_lines) == 1


def test_search_finds_nothing(project: Project) -> None:
    """No hit is exit code 0 and a line for people that says so; as JSON it is no line."""
    assert "No entry matches zebra" in printed(project.run("search", "zebra"))
    assert printed(project.run("search", "zebra", "--json")) == ""


@pytest.mark.parametrize(
    "query", ['fog"', "((((fog", "fog NOT", "title:fog", "fog^2 NEAR(x", "'; DROP TABLE entries"]
)
def test_any_text_is_a_valid_query(
    project: Project,
    query: str,
) -> None:
    """Brackets, quotes and words of other query languages are not errors."""
    printed(project.run("search", query))


@pytest.mark.parametrize("query", ["", "  ", '""', "?!", "\u202e"])
def test_query_without_a_word(
    project: Project,
    query: str,
) -> None:
    """A query with nothing to look for is bad usage, reported in one line."""
    ran = project.run("search", query)
    assert_clear_error(ran, 2)
    assert (ran.out, len(ran.complaints)) == ("", 1)


# show


def test_show_has_the_promised_shape(project: Project) -> None:
    """``show --json`` is the entry with its revisions and sightings as lists."""
    (listed,) = project.run("search", "fog", "--json").json_lines
    shown = json.loads(printed(project.run("show", listed["id"], "--json")))
    assert list(shown) == ENTRY_KEYS
    lists = ("revisions", "sightings")
    assert {k: v for k, v in shown.items() if k not in lists} == {
        k: v for k, v in listed.items() if k not in lists
    }
    assert len(shown["revisions"]) == listed["revisions"]
    assert len(shown["sightings"]) == listed["sightings"] == 2
    for sighting in shown["sightings"]:
        assert list(sighting) == SIGHTING_KEYS
        assert sighting["how"] in ("new", "same", "revision", "near-duplicate", "truncated")
        assert MOMENT.fullmatch(sighting["seen"])


def test_show_names_the_place_of_a_sighting(project: Project) -> None:
    """A sighting has document, position and lines, counted from 1, of the block."""
    (listed,) = project.run("search", "fog", "--json").json_lines
    shown = project.run("show", listed["id"], "--json").json
    places = {s["document"]: s for s in shown["sightings"]}
    assert set(places) == {"digests/a.txt", "digests/b.txt"}
    assert (places["digests/a.txt"]["position"], places["digests/a.txt"]["lines"]) == (0, [1, 10])
    assert (places["digests/b.txt"]["position"], places["digests/b.txt"]["lines"]) == (1, [8, 17])
    assert sorted(s["how"] for s in places.values()) == ["new", "same"]


def test_show_for_people(project: Project) -> None:
    """Without ``--json`` the entry's title, agency, dating and sightings are printed."""
    (listed,) = project.run("search", "fog", "--json").json_lines
    out = printed(project.run("show", listed["id"]))
    for words in (listed["title"], "NATO", listed["id"], "2023-12-15", "digests/b.txt", "divers"):
        assert words in out


def test_show_takes_the_beginning_of_an_id(project: Project) -> None:
    """What ``entries`` prints for people is enough for ``show``."""
    (line,) = [line for line in printed(project.run("entries")).splitlines() if "Harbour" in line]
    short = line.split()[1]
    assert project.run("show", short, "--json").json["title"] == "Harbour drill ends in fog"


@pytest.mark.parametrize("entry_id", ["nothing", "urn:uuid:00000000", "", "'; --"])
def test_show_refuses_an_unknown_id(
    project: Project,
    entry_id: str,
) -> None:
    """An unknown or ambiguous id is bad usage, and the message repeats it."""
    ran = project.run("show", entry_id, "--json")
    assert_clear_error(ran, 2, entry_id)
    assert (ran.out, len(ran.complaints)) == ("", 1)


# usage


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (["nonsense"], "nonsense"),
        (["--nonsense"], "--nonsense"),
        (["once", "--nonsense"], "--nonsense"),
        (["once", "extra"], "extra"),
        (["once", "--source"], "--source"),
        (["once", "--source", "digest"], "digest"),
        (["entries", "--source", "nobody"], "nobody"),
        (["entries", "--agency", "nobody"], "nobody"),
        (["search", "fog", "--agency", "nobody"], "nobody"),
        (["entries", "--limit", "0"], "--limit"),
        (["entries", "--limit", "-1"], "--limit"),
        (["entries", "--limit", "many"], "many"),
        (["entries", "--since", "yesterday"], "yesterday"),
        (["entries", "--since", "2023-02-30"], "2023-02-30"),
        (["search"], "QUERY"),
        (["show"], "ENTRY_ID"),
        (["--config"], "--config"),
        (["check", "--json"], "--json"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_usage_is_refused(
    project: Project,
    args: list[str],
    named: str,
) -> None:
    """Exit code 2 and one line on stderr that names the problem; nothing on stdout."""
    ran = project.run(*args)
    assert_clear_error(ran, 2, named)
    assert (ran.out, len(ran.complaints)) == ("", 1)


@pytest.mark.parametrize(
    "args",
    [
        ["entries", "--limit", "9" * 30],
        ["search", "fog", "--limit", "9" * 30],
        ["entries", "--since", "0001-01-01T00:00:00+14:00"],
        ["entries", "--since", "9999-12-31T23:59:59-14:00"],
    ],
    ids=" ".join,
)
def test_numbers_and_dates_beyond_all_bounds(
    project: Project,
    args: list[str],
) -> None:
    """A limit or a date that no store can hold is accepted or refused as bad usage."""
    ran = project.run(*args)
    if ran.code != 0:
        assert_clear_error(ran, 2, args[-2])


@pytest.mark.parametrize(
    "args",
    [["show", b"\xff"], ["search", b"fog \xff"], ["entries", "--agency", b"\xff"]],
    ids=["show", "search", "agency"],
)
def test_arguments_that_are_not_utf8(project: Project, args: list[str | bytes]) -> None:
    """Arguments that are not UTF-8 find nothing or are refused."""
    ran = project.run_process(*args)
    if ran.code != 0:
        assert_clear_error(ran, 2)


def test_no_command_shows_the_help(fresh: Project) -> None:
    """The bare command lists the commands, as text and not as errors."""
    ran = fresh.run()
    shown = ran.out or ran.err
    assert "Traceback" not in shown
    listed = re.findall(r"^  ([a-z]+) ", shown.partition("Commands:")[2], re.M)
    assert set(COMMANDS) <= set(listed), shown
    assert listed.index("init") < listed.index("once") < listed.index("doctor")
    assert "..." not in shown.partition("Commands:")[2]  # no line is cut
    assert ran.code in (0, 2)


@pytest.mark.parametrize("args", [["-h"], ["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_of_every_command(tmp_path: Path, args: list[str]) -> None:
    """Help needs no configuration, goes to stdout, and is exit code 0."""
    out = printed(Project(tmp_path).run(*args))
    assert out.startswith("Usage: ")


def test_version_option_prints(tmp_path: Path) -> None:
    """``--version`` prints the program's name and a number."""
    assert re.search(r"aggregator.*\d+\.\d+", printed(Project(tmp_path).run("--version")))


def test_the_command_is_the_module(project: Project) -> None:
    """The installed command and ``python -m aggregator`` call the same function."""
    by_door = project.run_process("check", before="import sys; sys.argv[0] = '/usr/bin/aggregator'")
    assert by_door == project.run("check")


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    """Besides the standard library, ``--help`` imports only click and this package's commands."""
    script = (
        "import sys\n"
        "sys.argv = ['aggregator', '--help']\n"
        "before = set(sys.modules)\n"
        "from aggregator.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    imported = {name.partition(".")[0] for name in done.stderr.split()}
    assert imported - sys.stdlib_module_names <= {"aggregator", "click"}
    assert not imported & {"sqlite3", "asyncio", "http", "xml", "email", "tomli"}


# streams


@pytest.mark.parametrize("command", ["once", "regenerate", "status", "entries"])
def test_broken_configuration_with_json(tmp_path: Path, command: str) -> None:
    """With ``--json`` an error leaves stdout empty."""
    project = make_project(tmp_path / "p", config="sources = 1\n")
    ran = project.run(command, "--json")
    assert_clear_error(ran, 2, "config.toml", "sources")
    assert ran.out == ""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_json_on_a_stream_of_another_encoding(project: Project, encoding: str) -> None:
    """What ``--json`` prints is valid JSON with the right letters, whatever the locale."""
    title = "Café 😀 “Łódź” lit again"
    project.write("digests/c.txt", ONE.replace("Lighthouse lit again", title))
    project.run("once")
    done = subprocess.run(
        command_line("search", "Łódź", "--json"),
        cwd=project.folder,
        env=environment(project.folder, {"PYTHONIOENCODING": encoding}),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == b""
    assert title in (_title(done.stdout, encoding), _title(done.stdout, "utf-8"))


def _title(line: bytes, encoding: str) -> Any:
    """Return the title in ``line``, or why this encoding cannot hold it."""
    try:
        return json.loads(line.decode(encoding))["title"]
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("command", [["entries"], ["--help"]], ids=" ".join)
def test_reader_closes_the_pipe(project: Project, command: list[str]) -> None:
    """A pipe that is closed early, as by ``head``, ends the command without an error."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            command_line(*command),
            cwd=project.folder,
            env=environment(project.folder),
            stdout=write_end,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    finally:
        os.close(write_end)
    assert done.stderr == b""


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_closed_stdout_or_stderr_is_no_error(project: Project, closed: str) -> None:
    """The command does its work, and Python shows no traceback."""
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *command_line("entries")],
        cwd=project.folder,
        env=environment(project.folder),
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr, bool(done.stdout)) == (0, b"", closed == "2>&-")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_output_cannot_be_written(project: Project) -> None:
    """Output to a full disk is a failure, reported in one line."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command_line("entries", "--json"),
            cwd=project.folder,
            env=environment(project.folder),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    ran = Ran(done.returncode, "", done.stderr.decode())
    assert ran.code != 0
    assert_clear_error(ran, ran.code)
    assert len(ran.complaints) == 1


def on_a_terminal(project: Project, *args: str) -> tuple[int, str, str]:
    """Return exit code, stdout from a pipe, and what a terminal on stderr received."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            command_line(*args),
            cwd=project.folder,
            env=environment(project.folder, {"TERM": "xterm", "COLUMNS": "80"}),
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
    finally:
        os.close(theirs)
    out, _ = process.communicate(timeout=60)  # both are small enough to wait in their buffers
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError as error:
        assert error.errno == errno.EIO  # noqa: PT017  # Linux reports a closed terminal so
    finally:
        os.close(ours)
    return process.returncode, out.decode(), shown.decode()


BAR = re.compile(r"\d+%|\d+/\d+|[█#━▏-]{3,}")


def test_progress_on_a_terminal(fresh: Project) -> None:
    """Long work shows a bar on a terminal, and stdout holds only JSON."""
    code, out, shown = on_a_terminal(fresh, "once", "--json")
    assert code == 0
    assert BAR.search(shown), shown
    assert list(json.loads(out)) == ["sources", "feeds", "seconds"]
    assert out.count("\n") == 1


@pytest.mark.parametrize("command", ["once", "regenerate", "doctor"])
def test_progress_is_one_bar_to_the_end(fresh: Project, command: str) -> None:
    """It never goes back, says what is done, and is full only at the end."""
    if command != "once":
        assert fresh.run("once").code == 0
    if command == "regenerate":
        (fresh.output / "all.atom").unlink()
    code, _, shown = on_a_terminal(fresh, command)
    assert code == 0
    drawn = [
        (int(percent), doing) for percent, doing in re.findall(r"(\d+)%  (.*?)[\r\x1b]", shown)
    ]
    percents = [percent for percent, _ in drawn]
    assert percents == sorted(percents)
    assert [doing.strip() for percent, doing in drawn if percent == 100] == ["done"]
    assert drawn[-1][0] == 100
    assert shown.count("\n") == 1
    if command != "doctor":
        assert any("writing feed all" in doing for _, doing in drawn), drawn
    if command == "once":
        assert any("reading digests, file 2 of 2" in doing for _, doing in drawn), drawn


def test_no_progress_in_a_pipe(fresh: Project) -> None:
    """A pipe holds neither a bar nor an escape sequence."""
    ran = fresh.run("once")
    assert printed(ran)
    assert not BAR.search(ran.out)
    assert "\x1b" not in ran.out
    assert "\r" not in ran.out


def test_errors_on_a_terminal_have_lines_of_their_own(fresh: Project) -> None:
    """An error does not follow a progress bar on the same line."""
    fresh.write("digests/empty.txt", b"no digest")
    code, _, shown = on_a_terminal(fresh, "once")
    assert code == 1
    assert re.search(r"(^|[\r\n]|\x1b\[\?25h)aggregator: digests: .*empty\.txt", shown), shown


FAULT = """
import os
real = os.fstat
def fstat(handle):
    raise {kind}("a thing nobody thought of\\nin two lines")
import aggregator.fetch.file
os.fstat = fstat
"""


@pytest.mark.parametrize("kind", ["RuntimeError", "KeyError", "RecursionError", "MemoryError"])
def test_internal_error_is_one_line(fresh: Project, kind: str) -> None:
    """An unexpected error is one line and not a traceback."""
    ran = fresh.run_process("once", "--json", before=FAULT.format(kind=kind))
    assert ran.code in (1, 3)
    assert ran.complaints
    for line in ran.complaints:
        assert line.startswith("aggregator: ")
    assert "Traceback" not in ran.err


def test_run_is_interrupted(fresh: Project) -> None:
    """Ctrl-C ends a run without a traceback, and the next run completes it."""
    ran = fresh.run_process("once", before=FAULT.format(kind="KeyboardInterrupt"))
    assert ran.code not in (0, 1)
    assert "Traceback" not in ran.err
    assert [line for line in ran.complaints if line] == ["aggregator: stopped"]
    assert fresh.is_sound()
    report: dict[str, Any] = json.loads(printed(fresh.run("once", "--json")))
    assert report["sources"][0]["new"] == 4
