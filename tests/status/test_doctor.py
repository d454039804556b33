"""``doctor``: a sound project passes, each fault is one line, and nothing changes."""

import importlib
import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.daemon.lock import only_daemon
from aggregator.errors import StoreError
from aggregator.ingest.retention import remove_expired
from aggregator.status.doctor import derived
from aggregator.status.doctor.report import Finding
from aggregator.store import open_for_reading, open_store
from aggregator.store.retention import Keep
from tests.support.project import CONFIG, MODIFIED, Project, Ran, block, digest, make_project
from tests.support.sound import (
    EDITED,
    HARBOUR,
    LATER,
    NOTES,
    TITLES,
    assert_mends,
    examined,
    plant,
)


@pytest.fixture
def sound(sound_project: Project, tmp_path: Path) -> Project:
    """Three entries of two agencies, one of which changed its text and was carried by another."""
    return sound_project.copy(tmp_path / "project")


def assert_named(ran: Ran, pattern: str, code: int = 1) -> None:
    """Check that exactly one line matches."""
    named = [line for line in ran.out.splitlines() if re.search(pattern, line)]
    assert (len(named), ran.code) == (1, code), ran.out + ran.err


def test_sound_project_has_no_findings(sound: Project) -> None:
    """Nothing is found, and what was examined is counted."""
    ran = examined(sound)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "All is well: 3 entries, 4 texts, 5 feeds and the configuration were examined.\n"
    )


def test_a_sound_project_as_json(sound: Project) -> None:
    report = examined(sound, "--json").json
    assert report["sound"] is True
    assert report["checked"] == {"entries": 3, "texts": 4, "feeds": 5}
    assert (report["damage"], report["faults"], report["notes"]) == (0, 0, 0)
    assert report["findings"] == []


HARBOUR_KEY = "(SELECT entry FROM revisions WHERE title LIKE 'Harbour%')"


@pytest.mark.parametrize(
    ("pattern", "statements"),
    [
        (
            r"^search index: .*\(others\).*--repair' mends it",
            ["UPDATE entries SET text = text || ' besides', content_html = '' WHERE key = 1"],
        ),
        (
            r"^search index: .*lacks 3 of the entries",
            ["INSERT INTO entries_fts (entries_fts) VALUES ('delete-all')"],
        ),
        (
            r"^search index: .*has 1 that are not entries",
            ["INSERT INTO entries_fts (rowid, title, text) VALUES (77, 'a', 'b')"],
        ),
        (r"^search index: .*\(others\)", ["DROP TABLE entries_fts"]),
        (
            r"^sightings: [0-9a-f]{8}: “Bridge.* has no sighting",
            [
                f"DELETE FROM {table} WHERE sighting IN (SELECT id FROM sightings WHERE entry ="
                " (SELECT key FROM entries WHERE title LIKE 'Bridge%'))"
                for table in ("evidence", "links")
            ]
            + [
                "DELETE FROM sightings WHERE entry ="
                " (SELECT key FROM entries WHERE title LIKE 'Bridge%')"
            ],
        ),
        (
            r"^sightings: .*b\.txt of source digests had 4 items and has 3 sightings",
            ["UPDATE documents SET items = 4 WHERE name LIKE '%b.txt'"],
        ),
        (
            r"^sightings: [0-9a-f]{8}: .*its sighting 1 has a text that is not in the store",
            [f"UPDATE sightings SET fingerprint = '{'0' * 32}' WHERE id = 1"],
        ),
        (
            r"^dates: [0-9a-f]{8}: “Bridge.* is not dated.*'aggregator once'",
            ["UPDATE entries SET published = NULL WHERE title LIKE 'Bridge%'"],
        ),
        (
            r"^texts: [0-9a-f]{8}: .*one of its texts was never seen \(f{32}\)",
            [f"INSERT INTO revisions VALUES (1, '{'f' * 32}', 0, 0, NULL, 't', 's', 'x', 'x')"],
        ),
        (
            r"^texts: [0-9a-f]{8}: “Harbour.* shows another text than .*, from .*a\.txt",
            ["UPDATE documents SET modified = '2024-09-01T00:00:00Z' WHERE name LIKE '%a.txt'"],
        ),
        (
            r"^texts: [0-9a-f]{8}: .*has 2020-01-01T00:00:00Z as its time .* changed 2024-06-03T",
            [f"UPDATE entries SET changed = '2020-01-01T00:00:00Z' WHERE key = {HARBOUR_KEY}"],
        ),
        (
            r"^agencies: [0-9a-f]{8}: .*belongs to jcs, and nato carried it first",
            [
                "INSERT OR IGNORE INTO agencies"
                " VALUES ('jcs', 'US Joint Chiefs of Staff', NULL, 1)",
                f"UPDATE entries SET agency = 'jcs' WHERE key = {HARBOUR_KEY}",
            ],
        ),
        (
            r"^agencies: [0-9a-f]{8}: “Forged.*credits none, .*carried by interpol",
            ["DELETE FROM credits"],
        ),
        (
            r"^index of sketches: [0-9a-f]{8}: “Bridge.* cannot be found",
            [
                "DELETE FROM sketches WHERE entry ="
                " (SELECT key FROM entries WHERE title LIKE 'Bridge%')"
            ],
        ),
        (
            r"^counts: what is counted of source digests .*--repair' mends it",
            ["UPDATE source_counts SET entries = 7"],
        ),
        (
            r"^counts: what is counted of agency europol ",
            ["DELETE FROM agency_counts WHERE agency = 'europol'"],
        ),
        (
            r"^counts: what is counted of category gone ",
            ["INSERT INTO category_counts VALUES ('gone', 1)"],
        ),
        (r"^index of sketches: names 1 missing entries", ["INSERT INTO sketches VALUES (5, 777)"]),
    ],
)
def test_a_fault_in_the_store(sound: Project, pattern: str, statements: list[str]) -> None:
    """Each is one line, with what to do about it, and exit code 1; ``--repair`` mends it."""
    plant(sound, *statements)
    ran = examined(sound)
    assert_named(ran, pattern)
    assert ran.err == ""
    assert re.search(r"\d+ faults? found: 3 entries", ran.out)
    assert_mends(sound)


def test_sketches_in_the_log_are_a_note(sound: Project) -> None:
    """``split`` leaves sketches in the log, where they are found: there is nothing to repair."""
    plant(sound, "INSERT INTO sketch_log (entry, numbers) VALUES (1, X'')")
    assert_named(examined(sound), "^index of sketches: for your information: has 1 text in", 0)


# damage


def test_rows_without_a_parent_are_damage(sound: Project) -> None:
    """Nothing else is examined, and the exit code says that the store failed."""
    plant(
        sound, "INSERT INTO links (sighting, position, rel, href) VALUES (999, 0, 'alternate', 'x')"
    )
    ran = examined(sound)
    assert_named(ran, r"^file: 1 row of the table links refer to missing rows of sightings", 3)
    assert "nothing else was examined" in ran.out
    assert ran.err == f"aggregator: {sound.store}: is damaged\n"


def test_damaged_page_is_reported(sound: Project) -> None:
    """SQLite's own check runs, and its words are shown."""
    connection = sqlite3.connect(sound.store)
    ((root,),) = connection.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'sightings_by_text'"
    ).fetchall()
    ((size,),) = connection.execute("PRAGMA page_size").fetchall()
    connection.close()
    with sound.store.open("r+b") as file:
        file.seek(root * size - 200)
        file.write(b"\xff" * 200)
    ran = examined(sound)
    assert ran.code == 3
    assert "damaged" in ran.out + ran.err


def test_damage_as_json(sound: Project) -> None:
    plant(
        sound, "INSERT INTO links (sighting, position, rel, href) VALUES (999, 0, 'alternate', 'x')"
    )
    ran = examined(sound, "--json")
    assert (ran.code, ran.json["sound"], ran.json["damage"]) == (3, False, 1)
    assert ran.json["findings"][0]["level"] == "damage"


# feeds


def test_a_feed_is_missing(sound: Project) -> None:
    (sound.output / "nato.atom").unlink()
    assert_named(examined(sound), r"^feeds: .*/nato\.atom is missing; .*regenerate")


def test_a_feed_is_out_of_date(sound: Project) -> None:
    with (sound.output / "nato.atom").open("ab") as file:
        file.write(b" ")
    assert_named(examined(sound), r"^feeds: .*/nato\.atom is out of date; .*regenerate")


def test_a_feed_cannot_be_read(sound: Project) -> None:
    (sound.output / "nato.atom").unlink()
    (sound.output / "nato.atom").mkdir()
    assert_named(examined(sound), r"^feeds: .*/nato\.atom cannot be read")


def test_feed_of_no_agency(sound: Project) -> None:
    (sound.output / "gone.atom").write_text("<feed/>")
    assert_named(examined(sound), r"^feeds: .*/gone\.atom is the feed of no agency")


def test_feeds_that_have_to_be_built_are_not_kept(sound: Project) -> None:
    """A feed is rendered for the comparison even where no element of it is stored."""
    plant(sound, "DELETE FROM renditions")
    assert examined(sound).code == 0


# configuration


def test_a_source_that_was_never_read(sound: Project) -> None:
    sound.configure(CONFIG + '\n[[sources]]\nid = "more"\nlocation = "more/*.txt"\n')
    assert_named(examined(sound), "^configuration: source more was never read")


def test_a_source_that_could_never_be_read(sound: Project) -> None:
    sound.configure(CONFIG + '\n[[sources]]\nid = "more"\nlocation = "more/*.txt"\n')
    sound.run("once")
    assert_named(examined(sound), "^configuration: source more could never be read: no file")


def test_source_that_is_no_longer_configured(sound: Project) -> None:
    """Its entries stay on purpose, so it is a note and not a fault."""
    sound.configure(CONFIG.replace('"digests"', '"other"'))
    ran = examined(sound)
    assert_named(ran, "for your information: source digests .* with 3 entries")
    assert_named(ran, "source other was never read")


def test_an_agency_that_is_not_configured(sound: Project) -> None:
    """It has a feed, so it is a note and not a fault."""
    sound.configure(CONFIG.replace('[[agencies]]\nid = "europol"\nname = "Europol"\n', ""))
    ran = examined(sound)
    assert_named(ran, r"1 agency has a feed and is not configured \(europol\)", 0)
    assert "All is well" in ran.out


def test_an_agency_with_a_new_name(sound: Project) -> None:
    sound.configure(CONFIG.replace('name = "Europol"', 'name = "The European Police Office"'))
    assert_named(examined(sound), "name of agency europol is now The European Police Office")


def test_an_agency_with_a_new_id(sound: Project) -> None:
    sound.configure(CONFIG.replace('id = "europol"', 'id = "police"'))
    assert_named(examined(sound), "entries of agency europol now belong to police")


# today's rules


def test_the_rules_would_merge_what_is_apart(sound: Project) -> None:
    """A split by hand is respected; one that no one made is reported."""
    entry, sighting = edited_sighting(sound)
    assert sound.run("split", entry, str(sighting)).code == 0
    assert "rules:" not in examined(sound).out
    plant(
        sound,
        "DELETE FROM kept_apart",
        "UPDATE sightings SET rule = 'no-candidates' WHERE rule = 'split'",
    )
    ran = examined(sound)
    assert_named(ran, "^rules: .*be one with “Harbour.*'aggregator merge urn:uuid:")


def test_the_rules_would_keep_apart_what_is_merged(sound: Project) -> None:
    """A merge by hand is respected; one that no one made is reported."""
    bridge, harbour = (
        next(
            entry["id"]
            for entry in sound.run("entries", "--json").json_lines
            if entry["title"].startswith(title)
        )
        for title in ("Bridge", "Harbour")
    )
    assert sound.run("merge", harbour, bridge).code == 0
    assert "rules:" not in examined(sound).out
    plant(sound, "UPDATE sightings SET rule = 'edited', how = 'revision', former = NULL")
    assert_named(examined(sound), r"^rules: .*not have the text .*'aggregator split urn:uuid:\S+ 3")


TEXTS = (
    (TITLES[0], HARBOUR),
    (TITLES[0], EDITED),
    (TITLES[0], HARBOUR[:350].rsplit(" ", 1)[0] + "…"),
    (TITLES[0], HARBOUR.replace("thirty-one", "41")),
    (TITLES[1], NOTES),
    (TITLES[1], NOTES.replace("frozen", "salted")),
    ("Note", "Yes."),
    ("Note", "No."),
)

EUROPOL = '[[agencies]]\nid = "europol"\nname = "Europol"\n'
CONFIGURATIONS = (
    CONFIG,
    CONFIG.replace('name = "NATO"\naliases = [', 'name = "Alliance"\naliases = ["NATO", '),
    CONFIG.replace("https://www.nato.int/", "https://nato.example/"),
    CONFIG.replace(EUROPOL, "").replace('["OTAN"]', '["OTAN", "Europol"]'),
    CONFIG.replace('id = "europol"', 'id = "police"'),
)
"""Names, homepages and ids that change, and an agency that becomes another's alias."""

Step = tuple[str, list[int], int]
"""``read`` with the numbers of texts (from 8 on: carried by another agency) and the day of the
digest; ``again`` likewise, with the first digest in another version; ``split``, ``merge``,
``configure`` and ``keep`` (so many of the newest entries) with a number for each choice.
"""


def steps() -> st.SearchStrategy[list[Step]]:
    numbers = st.integers(0, 15)
    reads = st.tuples(
        st.sampled_from(["read", "again"]),
        st.lists(numbers, min_size=1, max_size=4),
        st.integers(-2, 2),
    )
    by_hand = st.tuples(
        st.sampled_from(["split", "merge", "configure", "keep"]),
        st.lists(numbers, min_size=2, max_size=2),
        st.just(0),
    )
    return st.tuples(reads, st.lists(reads | by_hand, min_size=1, max_size=5)).map(
        lambda drawn: [drawn[0], *drawn[1]]
    )


def carry_out(project: Project, number: int, step: Step) -> None:
    """Carry out one step; a split or a merge only where there is something to choose."""
    kind, numbers, day = step
    if kind == "configure":
        project.configure(CONFIGURATIONS[numbers[0] % len(CONFIGURATIONS)])
        assert project.run("regenerate").code == 0
        return
    if kind == "keep":
        with open_store(project.store) as store:
            remove_expired([Keep(source="digests", entries=numbers[0] % 4)], store, now=LATER)
        assert project.run("regenerate").code == 0
        return
    if kind in ("read", "again"):
        number = 0 if kind == "again" else number
        blocks = [
            block(TEXTS[n % 8][0], ("NATO", "Europol")[n // 8], TEXTS[n % 8][1])
            for n in dict.fromkeys(numbers)
        ]
        project.write_digest(f"{number}.txt", digest(*blocks), MODIFIED + timedelta(days=day))
        assert project.run("once").code == 0
        return
    seen = project.rows(
        "SELECT id, sighting FROM (SELECT entries.id, sightings.id AS sighting,"
        " count(*) OVER (PARTITION BY entry) AS times FROM sightings JOIN entries ON key = entry)"
        " WHERE times > 1 ORDER BY sighting"
    )
    ids = [found for (found,) in project.rows("SELECT id FROM entries ORDER BY key")]
    if kind == "split" and seen:
        entry, sighting = seen[numbers[0] % len(seen)]
        assert project.run("split", entry, str(sighting)).code == 0
    elif kind == "merge" and len(ids) > 1:
        kept = ids.pop(numbers[0] % len(ids))
        assert project.run("merge", kept, ids[numbers[1] % len(ids)]).code == 0


@given(steps())
@example([("read", [12, 5], 0), ("split", [0, 0], 0)])  # the first text is taken out
@example([("read", [1, 0, 2, 3], 0), ("split", [0, 0], 0), ("merge", [0, 1], 0)])
@example([("read", [0, 2, 1, 3], 0), ("split", [1, 0], 0), ("merge", [1, 0], 0)])
@example([("read", [9, 5, 3], 0), ("read", [4, 6, 0, 1], -1)])  # an older document comes later
@example([("read", [0], 1), ("read", [0], 0)])  # the span of a date changes, and not its day
@example([("read", [0, 9], 0), ("configure", [3], 0), ("configure", [4], 0)])
@example([("read", [1, 8, 4], 0), ("configure", [4], 0), ("read", [12], 1)])
@example([("read", [0, 4, 6], 0), ("keep", [1], 0), ("again", [1, 5], 1), ("keep", [2], 0)])
@example([("read", [0], 0), ("again", [1], 1), ("again", [0], 2)])  # an edit is taken back
@settings(max_examples=12, deadline=None)
def test_changes_in_any_order_are_sound(taken: list[Step]) -> None:
    """Whatever is read, split, merged, removed and configured, nothing is found after any step.

    Where two agencies became one, today's rules may decide otherwise about what they carried.
    """
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        # Each day since the oldest is weighed, of 1900 as of those that are possible here.
        choose_days = importlib.import_module("aggregator.dating.choice.choose_days")
        patch.setattr(choose_days, "OLDEST", date(2010, 1, 1).toordinal())
        project = make_project(Path(folder) / "project")
        for number, step in enumerate(taken):
            carry_out(project, number, step)
            found = project.run("doctor", "--json").json["findings"]
            about = {"rules"} if "configure" in [kind for kind, *_ in taken] else set()
            faults = [f for f in found if f["level"] != "note" and f["check"] not in about]
            assert not faults, (step, faults)


def edited_sighting(project: Project) -> tuple[str, int]:
    """Return the id of the entry that changed, and the sighting that changed it."""
    connection = sqlite3.connect(project.store)
    ((entry, sighting),) = connection.execute(
        "SELECT entries.id, sightings.id FROM sightings JOIN entries ON key = entry"
        " WHERE how = 'revision'"
    ).fetchall()
    connection.close()
    return entry, sighting


def test_many_faults_of_one_kind_are_counted(project: Project) -> None:
    """At most twenty are listed."""
    names = [f"Note {chr(65 + n)}{chr(97 + n)}" for n in range(25)]
    project.write_digest("a.txt", digest(*(block(name, "NATO", f"{name}.") for name in names)))
    project.run("once")
    plant(project, "UPDATE entries SET changed = '2020-01-01T00:00:00Z'")
    ran = examined(project)
    assert len([line for line in ran.out.splitlines() if line.startswith("texts: ")]) == 21
    assert_named(ran, "^texts: and 5 more like these")
    assert examined(project, "--json").json["not_listed"] == {"texts": 5}


# the store that is read


def test_no_store_yet(project: Project) -> None:
    """The finding is that nothing was read; no store is created."""
    assert_named(examined(project), "no source was read yet; run 'aggregator once'", code=0)


def test_a_store_that_is_being_written(sound: Project) -> None:
    """An unfinished write of another process is ignored and blocks nothing."""
    writer = sqlite3.connect(sound.store, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE entries SET published = NULL")
    assert sound.run("doctor").code == 0
    writer.execute("COMMIT")
    assert_named(sound.run("doctor"), "^dates: .*Bridge")
    writer.close()


def beside(sound: Project, monkeypatch: pytest.MonkeyPatch, *steps: Callable[[], None]) -> Ran:
    """Examine a project while a daemon, in place of each pause, takes the next of ``steps``."""
    left = list(steps)
    monkeypatch.setattr("aggregator.status.doctor.derived.sleep", lambda _: left.pop(0)())
    with only_daemon(sound.store):
        return sound.run("doctor")


def write_more(sound: Project) -> None:
    sound.write_digest("c.txt", digest(block("Lock is repaired", "NATO", "It is.")), LATER)
    sound.ingest()


def test_files_that_the_daemon_is_about_to_write(
    sound: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that is stored and not yet written is not a fault, if it soon is."""
    write_more(sound)
    assert_named(sound.run("doctor"), "all.atom is out of date; run 'aggregator regenerate'")

    def publish() -> None:
        assert sound.run("regenerate").code == 0

    ran = beside(sound, monkeypatch, lambda: None, publish)
    assert (ran.code, ran.out.split(":")[0]) == (0, "All is well"), ran.out


def test_daemon_that_does_not_write(sound: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that stays is reported beside a daemon as well, once."""
    (sound.output / "all.atom").write_text("cut")
    ran = beside(sound, monkeypatch, *[lambda: None] * len(derived._PAUSES))
    assert_named(ran, "all.atom is out of date")


def test_command_that_writes_meanwhile(sound: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files newer than the moment at which the store was opened are compared with it as it is."""
    check = derived._output

    def write_first(*args: Any) -> Iterator[Finding]:
        write_more(sound)
        assert sound.run("regenerate").code == 0
        monkeypatch.setattr(derived, "_output", check)
        yield from check(*args)

    monkeypatch.setattr(derived, "_output", write_first)
    monkeypatch.setattr(derived, "sleep", lambda _: None)
    assert sound.run("doctor").code == 0


def test_reader_sees_one_moment(sound: Project) -> None:
    """A reader sees the store as it was when it was opened."""
    with open_for_reading(sound.store) as reader:
        plant(sound, "UPDATE entries SET published = NULL")
        assert reader.rows("SELECT count(*) FROM entries WHERE published IS NULL") == [(0,)]


def test_reading_refuses_to_write(sound: Project) -> None:
    with open_for_reading(sound.store) as reader, pytest.raises(sqlite3.OperationalError):
        reader.execute("DELETE FROM entries")


def test_a_store_of_an_older_version(sound: Project) -> None:
    """Reading migrates nothing; the error names the command that does."""
    plant(sound, "DELETE FROM _sqlite_migrations")
    ran = examined(sound)
    assert ran.code == 3
    assert "older version" in ran.err
    assert "'aggregator regenerate'" in ran.err


def test_file_that_is_not_a_store(tmp_path: Path) -> None:
    """Reading refuses what writing does, in the same words."""
    (tmp_path / "a.db").write_text("not a database, but long enough to be taken for one" * 20)
    with (
        pytest.raises(StoreError, match="is not a SQLite database"),
        open_for_reading(tmp_path / "a.db"),
    ):
        pass


def test_a_store_in_a_folder_that_cannot_be_written(ordinary_user: Path) -> None:
    """SQLite's side files are not needed where no other process can have made them."""
    path = ordinary_user / "a.db"
    with open_store(path) as store, store.transaction():
        store.execute("INSERT INTO sources (id, location) VALUES ('s', '*.txt')")
    os.chmod(ordinary_user, 0o500)
    with open_for_reading(path) as reader:
        assert reader.rows("SELECT id FROM sources") == [("s",)]
