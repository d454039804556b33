"""``doctor --repair``: whatever the doctor finds in a store is mended, and nothing is lost."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aggregator.daemon.lock import only_daemon
from aggregator.store.packing import unpack_html
from tests.support.feeds import rss
from tests.support.project import CONFIG, Project, assert_clear_error
from tests.support.sound import HARBOUR, assert_mends, examined, plant

BRIDGE = "(SELECT key FROM entries WHERE title LIKE 'Bridge%')"
ENTRIES = "SELECT id, title, published, updated, changed, agency, text FROM entries ORDER BY id"
FEED_SOURCE = '\n[[sources]]\nid = "feed"\nlocation = "feed.xml"\nagency = "nato"\n'
FEED = rss(f"<title>Harbour drill</title><description>{HARBOUR}</description><guid>h1</guid>")
MARKED = rss(
    "<title>Quay closed</title><guid>q1</guid><description><![CDATA[<p>Divers searched <a"
    ' href="https://quay.example/">the quay</a> for twelve hours and found a cracked pillar.</p>'
    "<p>Ferries to the islands leave from the fish market until the concrete is cast anew, which"
    " the harbour master hopes for before Easter.</p>]]></description>"
)


@pytest.fixture
def sound(sound_project: Project, tmp_path: Path) -> Project:
    """A project in which the doctor finds nothing."""
    return sound_project.copy(tmp_path / "project")


def found(project: Project) -> set[str]:
    """Return the checks that find something."""
    listed = examined(project, "--json").json["findings"]
    return {finding["check"] for finding in listed if finding["level"] != "note"}


def connect(project: Project) -> sqlite3.Connection:
    return sqlite3.connect(project.store, isolation_level=None)


# ------------------------------------------------------------------------------ what follows


@pytest.mark.parametrize(
    ("check", "statement"),
    [
        ("dates", "UPDATE entries SET published = '2019-01-01T12:00:00Z' WHERE key = 1"),
        ("dates", "UPDATE entries SET dating_evidence = 'nothing' WHERE key = 1"),
        ("dates", "UPDATE documents SET dated = 0"),
        ("relations", "INSERT INTO related VALUES (1, 2, 'x'), (2, 1, 'x')"),
        ("dates", "INSERT INTO to_relate VALUES ('nato', '2024-01-04')"),
        ("work lists", "INSERT INTO to_relate VALUES ('nato', 'never')"),
        ("work lists", "INSERT INTO to_categorise VALUES (777)"),
        ("work lists", "INSERT INTO to_archive (agency, month) VALUES ('nato', '../..')"),
        ("work lists", "INSERT INTO to_show (entry, id) VALUES (1, 'urn:another')"),
        ("categories", "INSERT INTO kinds VALUES (1, 'weather')"),
        ("categories", "DELETE FROM kinds_by"),
        ("agencies", "INSERT INTO categories VALUES (1, 'weather')"),
        ("index of titles", "DELETE FROM titles"),
        ("elements", "UPDATE renditions SET body = x'' WHERE entry = 1 AND format = 'json'"),
        ("elements", "UPDATE renditions SET body = x'5b5d' WHERE format = 'changes'"),
        ("elements", "UPDATE renditions SET body = 'text' WHERE entry = 1"),
        ("output", "UPDATE output SET value = '{' WHERE name = 'counted'"),
        ("output", "UPDATE output SET value = '{\"category/x.html\": 3}' WHERE name = 'counted'"),
        ("output", "UPDATE output SET value = '[77]' WHERE name = 'edited'"),
        ("output", "UPDATE output SET value = 'ghost nato' WHERE name = 'names'"),
        ("sightings", "UPDATE documents SET removed = -1 WHERE key = 1"),
    ],
)
def test_what_does_not_follow_is_worked_out_again(
    sound: Project, check: str, statement: str
) -> None:
    """The entries are afterwards what they were before."""
    before = sound.rows(ENTRIES)
    plant(sound, statement)
    assert check in found(sound)
    assert_mends(sound)
    assert [row[0] for row in sound.rows(ENTRIES)] == [row[0] for row in before]
    assert [row[2:] for row in sound.rows(ENTRIES)] == [row[2:] for row in before]


def test_ids_of_feeds_lead_to_their_entries_again(sound: Project) -> None:
    """An id that means no entry would make the next edit of its item a new entry."""
    sound.configure(CONFIG + FEED_SOURCE)
    sound.write("feed.xml", FEED)
    assert sound.run("once").code == 0
    before = sound.rows("SELECT * FROM upstream_ids")
    assert len(before) == 1
    for statement in ("DELETE FROM upstream_ids", "UPDATE upstream_ids SET entry = 2"):
        plant(sound, statement)
        assert found(sound) == {"feed ids"}
        assert_mends(sound)
        assert sound.rows("SELECT * FROM upstream_ids") == before


def test_feed_that_is_ours_and_of_nobody_is_removed(sound: Project) -> None:
    (sound.output / "gone.atom").write_bytes((sound.output / "nato.atom").read_bytes())
    assert found(sound) == {"strays"}
    assert_mends(sound)
    assert not (sound.output / "gone.atom").exists()


def test_feed_of_another_program_stays(sound: Project) -> None:
    (sound.output / "gone.atom").write_text("<feed/>")
    assert sound.run("doctor", "--repair").code == 1
    assert (sound.output / "gone.atom").read_text() == "<feed/>"


def test_missing_files_are_written_again(sound: Project) -> None:
    before = sound.files()
    (sound.output / "nato.atom").unlink()
    next((sound.output / "entries").iterdir()).unlink()
    assert_mends(sound)
    assert sound.files() == before


# ------------------------------------------------------------------------------- lost sightings


def test_lost_items_are_read_again(sound: Project) -> None:
    """The entry stays meanwhile, and has its sighting again after the next run."""
    before = sound.rows(ENTRIES)
    plant(
        sound,
        f"DELETE FROM evidence WHERE sighting IN (SELECT id FROM sightings WHERE entry = {BRIDGE})",
        f"DELETE FROM sightings WHERE entry = {BRIDGE}",
    )
    assert_mends(sound)
    assert sound.rows(ENTRIES) == before
    assert sound.run("once").code == 0
    assert examined(sound).code == 0
    assert sound.rows(ENTRIES) == before
    seen = sound.rows(
        "SELECT source FROM sightings JOIN documents ON documents.key = document"
        f" WHERE entry = {BRIDGE} ORDER BY source"
    )
    assert seen == [("digests",), ("repaired",)]


def test_document_that_lost_items_twice_is_read_again(sound: Project) -> None:
    """The store has it as it was read before and as it was read again, under one name."""
    before = sound.rows(ENTRIES)
    for _ in range(2):
        for table, key in (("evidence", "sighting"), ("sightings", "id")):
            which = f"SELECT id FROM sightings WHERE entry = {BRIDGE}"
            plant(sound, f"DELETE FROM {table} WHERE {key} IN ({which})")
        assert_mends(sound)
        assert sound.run("once").code == 0
    assert examined(sound).code == 0
    assert sound.rows(ENTRIES) == before


# -------------------------------------------------------------------------------------- damage


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER entry_redated",
        "DROP INDEX entries_by_time",
        "DROP VIEW releases",
        "DROP TABLE hosts",
        "INSERT INTO links (sighting, position, rel, href) VALUES (999, 0, 'alternate', 'x')",
        "INSERT INTO related VALUES (1, 777, 'x')",
        "DELETE FROM agencies WHERE id = 'nato'",
        "DELETE FROM documents WHERE name LIKE '%b.txt'",
        f"DELETE FROM entries WHERE key = {BRIDGE}",
        "UPDATE entries SET dating_below = 777 WHERE key = 1",
        "UPDATE entries SET published = 'yesterday' WHERE key = 1",
        "UPDATE entries SET dating_basis = NULL WHERE key = 1",
        "UPDATE entries SET changed = '' || changed || 'Z' WHERE changed IS NOT NULL",
        "UPDATE entries SET updated = NULL WHERE key = 1",
        "UPDATE documents SET modified = '2024-02-31T00:00:00Z' WHERE key = 1",
        "UPDATE documents SET first_day = '-'",
        "INSERT INTO hosts VALUES ('h', 'soon')",
        "INSERT INTO visits (source, asked, skip_days) VALUES ('digests', 'x', '[')",
        "INSERT INTO datings VALUES (1, 1, 'x', 'stated', 'x', 'x', 'x', 'x')",
    ],
)
def test_rows_that_cannot_be_are_mended(sound: Project, statement: str) -> None:
    """What can be is kept; after a run over the sources the entries are what they were."""
    before = sound.rows(ENTRIES)
    plant(sound, "PRAGMA foreign_keys = OFF", statement)
    assert examined(sound).code == 3
    assert_mends(sound)
    assert sound.run("once").code == 0
    assert examined(sound).code == 0
    assert [row[0] for row in sound.rows(ENTRIES)] == [row[0] for row in before]


@pytest.mark.parametrize(
    "statement", ["DELETE FROM sources", "UPDATE sources SET last_attempt = 'x'"]
)
def test_source_without_a_result_is_read_again(sound: Project, statement: str) -> None:
    before = sound.contents()
    plant(sound, statement)
    ran = sound.run("doctor", "--repair")
    assert (ran.code, "source digests was never read" in ran.out) == (1, True)
    assert sound.run("once").code == 0
    assert examined(sound).code == 0
    assert sound.contents() == before


@pytest.mark.parametrize("kept", ["substr(content_html, 1, 20)", "x'78'", "zeroblob(9)"])
def test_html_that_cannot_be_read_is_read_again(sound: Project, kept: str) -> None:
    """It is plain paragraphs until then; that of a former text stays so, as no source has it."""
    sound.configure(CONFIG + FEED_SOURCE)
    for body in (MARKED, MARKED.replace("twelve", "thirteen")):
        sound.write("feed.xml", body)
        assert sound.run("once").code == 0
    html = unpacked(sound, "entries")
    assert 'href="https://quay.example/"' in html
    for table in ("entries", "revisions"):
        statement = f"UPDATE {table} SET content_html = {kept} WHERE title = 'Quay closed'"
        plant(sound, "DELETE FROM renditions", statement)
        ran = examined(sound)
        assert ran.code == 3
        assert f"1 value of content_html in the table {table} cannot be read" in ran.out
        assert "the HTML of 1 text could not be read" in assert_mends(sound).out
        assert unpacked(sound, table).startswith("<p>Divers searched the quay for t")
        assert "</p>\n<p>" in unpacked(sound, table)
        assert sound.run("once").code == 0
        assert unpacked(sound, "entries") == html
        assert sound.rows("SELECT count(*) FROM sightings WHERE rule = 'corrected'") == [(0,)]
        assert examined(sound).code == 0


def unpacked(project: Project, table: str) -> str:
    """Return the HTML of the item in ``MARKED``."""
    where = "WHERE title = 'Quay closed'"
    ((html, text),) = project.rows(f"SELECT content_html, text FROM {table} {where}")
    return unpack_html(html, text)


def overwrite(project: Project, name: str, body: bytes = b"\xff" * 300) -> None:
    """Overwrite the end of the first page of a table or index, in the file itself."""
    with closing(connect(project)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ((root,),) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)
        )
        ((size,),) = connection.execute("PRAGMA page_size")
    with project.store.open("r+b") as file:
        file.seek(root * size - len(body))
        file.write(body)


def test_damaged_file_is_kept(sound: Project) -> None:
    overwrite(sound, "sightings_by_text")
    damaged = sound.store.read_bytes()
    assert_mends(sound)
    (kept,) = sound.folder.glob("aggregator.db.damaged-*")
    assert kept.read_bytes() == damaged
    assert kept.stat().st_mode & 0o777 == 0o600


def test_index_that_lacks_rows_is_built_again(sound: Project) -> None:
    """Nothing is copied where that is enough."""
    for condition in (" WHERE first_line < 0", ""):
        plant(
            sound,
            "PRAGMA writable_schema = ON",
            f"UPDATE sqlite_master SET sql = 'CREATE INDEX problems_by_document ON"
            f" problems(document){condition}' WHERE name = 'problems_by_document'",
        )
        if condition:
            plant(sound, "INSERT INTO problems VALUES (1, 1, 1, 0, 'x')")
    assert examined(sound).code == 3
    ran = assert_mends(sound)
    assert "indexes of the file were damaged and are built again" in ran.out
    assert sound.rows("SELECT count(*) FROM problems") == [(1,)]


@pytest.mark.parametrize(
    "table",
    [
        *("renditions", "sketches", "entries_fts_data", "titles", "sightings_by_text"),
        *("written", "listed_agencies"),
    ],
)
def test_damaged_table_that_follows_loses_nothing(sound: Project, table: str) -> None:
    before = sound.contents()
    overwrite(sound, table, b"\xff" * 4000)
    assert " is damaged: " not in assert_mends(sound).out
    assert sound.contents() == before


@pytest.mark.parametrize("table", ["sightings", "evidence", "documents", "entries", "revisions"])
def test_damaged_table_is_read_again_from_the_sources(sound: Project, table: str) -> None:
    """What cannot be read is said, and comes back with the next run."""
    ids = [row[0] for row in sound.rows(ENTRIES)]
    files = sound.files()
    overwrite(sound, table, b"\xff" * 4000)
    ran = assert_mends(sound)
    assert f"the table {table} is damaged: " in ran.out
    assert sound.is_sound()
    assert sound.run("once").code == 0
    assert examined(sound).code == 0
    assert [row[0] for row in sound.rows(ENTRIES)] == ids
    assert sound.files().keys() == files.keys()


def test_only_the_rows_of_a_damaged_page_are_lost(sound: Project) -> None:
    """Rows before and behind it are kept, in a table of several pages."""
    with closing(connect(sound)) as connection:
        connection.executemany(
            "INSERT INTO alarms VALUES (?, 'k', ?, '2024-01-01T00:00:00Z', ?, 'w',"
            " '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z', NULL)",
            [(f"{n:04}", f"s{n}", "t" * 500) for n in range(200)],
        )
        connection.executemany(
            "INSERT INTO deliveries (token, received, sha256, body)"
            " VALUES ('t', '2024-01-01T00:00:00Z', ?, ?)",
            [(str(n), b"b" * 500) for n in range(200)],
        )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    body = sound.store.read_bytes()
    for mark in (b"0100ks100", b"100" + b"b" * 500):
        page = body.index(mark) // 4096 * 4096
        body = body[:page] + b"\xff" * 4096 + body[page + 4096 :]
    sound.store.write_bytes(body)
    assert_mends(sound)
    for table in ("alarms", "deliveries"):
        ((left,),) = sound.rows(f"SELECT count(*) FROM {table}")
        assert 180 < left < 200


def test_cut_file_is_salvaged(sound: Project) -> None:
    """The second half of the file is missing, as after a copy that was interrupted."""
    ids = [row[0] for row in sound.rows(ENTRIES)]
    size = sound.store.stat().st_size
    os.truncate(sound.store, size // 8192 * 4096)
    assert sound.run("doctor", "--repair").code == 0
    assert sound.run("once").code == 0
    assert examined(sound).code == 0
    assert [row[0] for row in sound.rows(ENTRIES)] == ids


def test_nothing_can_be_read(sound: Project) -> None:
    """The store stays as it is, and the line names the newest backup."""
    sound.configure(CONFIG + '\n[backup]\nfolder = "copies"\n')
    sound.write("copies/aggregator-20240101-000000.db", "")
    damaged = sound.store.read_bytes()[:100] + b"\xff" * 50_000
    sound.store.write_bytes(damaged)
    ran = sound.run("doctor", "--repair")
    assert_clear_error(ran, 3, "is damaged", "copies/aggregator-20240101-000000.db")
    assert sound.store.read_bytes() == damaged


def test_file_of_another_program_is_not_touched(sound: Project) -> None:
    for body in (b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 8000):
        sound.store.write_bytes(body)
        assert_clear_error(sound.run("doctor", "--repair"), 3, "aggregator.db")
        assert sound.store.read_bytes() == body
        assert not list(sound.folder.glob("*.damaged-*"))


# --------------------------------------------------------------------------------- the command


def test_sound_store_is_not_touched(sound: Project) -> None:
    """No copy is made where nothing is to be repaired."""
    before = sound.store.read_bytes()
    ran = sound.run("doctor", "--repair", "--json")
    assert (ran.code, ran.json["repaired"], ran.json["sound"]) == (0, [], True)
    assert sound.store.read_bytes() == before
    assert not list(sound.folder.glob("*repair*"))


def test_store_is_copied_first(sound: Project) -> None:
    """The copy is a store of its own, with what was found."""
    plant(sound, "DELETE FROM credits")
    assert_mends(sound)
    (copy,) = sound.folder.glob("aggregator.db.before-repair-*")
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM credits").fetchall() == [(0,)]


def test_repairs_as_json(sound: Project) -> None:
    plant(sound, "DELETE FROM credits")
    ran = sound.run("doctor", "--repair", "--json")
    assert ran.json["sound"] is True
    assert any("in line with where they were seen" in line for line in ran.json["repaired"])


def test_findings_say_what_is_repaired(sound: Project) -> None:
    plant(sound, "DELETE FROM credits")
    sound.configure(CONFIG + '\n[[sources]]\nid = "more"\nlocation = "more/*.txt"\n')
    findings = examined(sound, "--json").json["findings"]
    repaired = {finding["check"]: finding["repair"] for finding in findings}
    assert (repaired["agencies"], repaired["configuration"]) == (True, False)


def test_no_repair_beside_the_daemon(sound: Project) -> None:
    plant(sound, "DELETE FROM credits")
    with only_daemon(sound.store):
        ran = sound.run("doctor", "--repair")
    assert_clear_error(ran, 3, "a daemon is already running")
    assert sound.rows("SELECT count(*) FROM credits") == [(0,)]


def test_no_store_yet_is_not_repaired(project: Project) -> None:
    assert project.run("doctor", "--repair").code == 0
    assert not project.store.exists()
