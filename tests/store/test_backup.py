"""Backups: a sound copy of one moment while others write, replaced whole or not at all."""

import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from aggregator.errors import AggregatorError, OutputError, StoreError
from aggregator.store import backup as module
from aggregator.store import open_for_reading, open_store
from aggregator.store.backup import backup, rotate
from tests.support.project import Project, block, digest

NOW = datetime(2024, 6, 1, 12, 0, 5, tzinfo=UTC)
PAIR = (
    "INSERT INTO sources (id, location) VALUES (?, 'left')",
    "INSERT INTO agencies (id, name, configured) VALUES (?, 'right', 0)",
)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of some hundred pages, closed."""
    path = tmp_path / "store.db"
    with open_store(path) as opened, opened.transaction():
        opened.execute_many(
            "INSERT INTO sources (id, location) VALUES (?, ?)",
            [(f"s{number}", "x" * 900) for number in range(1000)],
        )
    return path


def count(path: Path, table: str = "sources") -> int:
    with closing(sqlite3.connect(path)) as connection:
        ((number,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    assert isinstance(number, int)
    return number


def names(folder: Path) -> list[str]:
    """Return every name in ``folder``, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


def assert_refused(
    kind: type[AggregatorError], store: Path, target: Path, *words: str, named: Path | None = None
) -> None:
    """Nothing is written, and one line names the file concerned."""
    before = {path: path.read_bytes() for path in target.parent.glob("*") if path.is_file()}
    with pytest.raises(kind) as caught:
        backup(store, target)
    assert str(caught.value).startswith(f"{named or target}: ")
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert "\n" not in str(caught.value)
    after = {path: path.read_bytes() for path in target.parent.glob("*") if path.is_file()}
    assert after == before


def test_a_copy_is_a_store(project: Project, tmp_path: Path) -> None:
    """Everything is in the copy, and the program works with it as with the store."""
    project.write_digest("a.txt", digest(block("Harbour drill", "NATO", "All boats are in.")))
    assert project.run("once").code == 0
    entries = project.run("entries", "--json").out
    backup(project.store, tmp_path / "copy.db")
    project.store.unlink()
    os.replace(tmp_path / "copy.db", project.store)
    assert project.run("entries", "--json").out == entries
    assert project.run("search", "boats", "--json").json_lines != []
    assert project.run("once", "--json").json["sources"][0]["status"] == "unchanged"
    assert project.run("doctor").code == 0
    with open_store(project.store) as opened:
        assert opened.rows("PRAGMA journal_mode") == [("wal",)]


def test_the_store_is_left_as_it_was(store: Path, tmp_path: Path) -> None:
    """Neither its bytes nor its side files change, and only the copy is new."""
    before = store.read_bytes()
    backup(store, tmp_path / "copy.db")
    assert store.read_bytes() == before
    assert names(tmp_path) == ["copy.db", "store.db"]


def test_backup_includes_the_write_ahead_log(store: Path, tmp_path: Path) -> None:
    """What a running daemon has written is in the copy, though its log was not emptied."""
    with open_store(store) as daemon:
        with daemon.transaction():
            daemon.execute(PAIR[0], ("late",))
        backup(store, tmp_path / "copy.db")
    assert count(tmp_path / "copy.db") == 1001


def test_a_transaction_is_under_way(store: Path, tmp_path: Path) -> None:
    """An unfinished transaction is not in the copy, and does not delay it."""
    with open_store(store) as daemon, daemon.transaction():
        daemon.execute(PAIR[0], ("half",))
        backup(store, tmp_path / "copy.db")
    assert count(tmp_path / "copy.db") == 1000


def test_others_write_meanwhile(store: Path, tmp_path: Path) -> None:
    """The copy is of the moment at which it started, though a writer commits at every step."""
    number = 0
    with open_store(store) as daemon:

        def write(_what: str, _done: int, _total: int) -> None:
            nonlocal number
            number += 1
            with daemon.transaction():
                for statement in PAIR:
                    daemon.execute(statement, (f"w{number}",))

        step, module.PAGES_AT_ONCE = module.PAGES_AT_ONCE, 20
        try:
            backup(store, tmp_path / "copy.db", progress=write)
        finally:
            module.PAGES_AT_ONCE = step
    assert number > 5
    assert count(tmp_path / "copy.db") == 1000
    assert count(store) == 1000 + number


def test_a_writer_in_another_thread(store: Path, tmp_path: Path) -> None:
    """Two tables that are always written together agree in every copy."""
    stop = threading.Event()

    def write() -> None:
        with open_store(store) as daemon:
            number = 0
            while not stop.is_set():
                number += 1
                with daemon.transaction():
                    for statement in PAIR:
                        daemon.execute(statement, (f"w{number}",))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            copy = tmp_path / f"{number}.db"
            backup(store, copy)
            assert count(copy) == 1000 + count(copy, "agencies")
    finally:
        stop.set()
        writer.join()


def test_an_older_backup_is_replaced(store: Path, tmp_path: Path) -> None:
    """As cron does every night; a reader of the old one reads it to the end."""
    target = tmp_path / "copy.db"
    backup(store, target)
    with open_for_reading(target) as old:
        with open_store(store) as opened, opened.transaction():
            opened.execute(PAIR[0], ("new",))
        with pytest.raises(OutputError, match="is a store that is open"):
            backup(store, target)
        assert old.rows("SELECT count(*) FROM sources") == [(1000,)]
    backup(store, target)
    assert count(target) == 1001


def test_an_empty_file_is_replaced(store: Path, tmp_path: Path) -> None:
    """A file that was made only for its name is replaced."""
    (tmp_path / "copy.db").touch()
    backup(store, tmp_path / "copy.db")
    assert count(tmp_path / "copy.db") == 1000


def test_a_link_is_followed(store: Path, tmp_path: Path) -> None:
    """The copy goes where the link points, and the link stays."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "copy.db").symlink_to(tmp_path / "disk" / "real.db")
    backup(store, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").is_symlink()
    assert count(tmp_path / "disk" / "real.db") == 1000


def test_copy_has_the_permissions_of_the_store(store: Path, tmp_path: Path) -> None:
    """The copy is readable by those who may read the store."""
    for mode in (0o600, 0o640):
        store.chmod(mode)
        backup(store, tmp_path / "copy.db")
        assert (tmp_path / "copy.db").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("name", ["store.db", "store.db-wal", "hard.db", "soft.db"])
def test_backup_onto_the_store_itself_is_refused(store: Path, tmp_path: Path, name: str) -> None:
    """No name of the store is accepted for its copy."""
    os.link(store, tmp_path / "hard.db")
    (tmp_path / "soft.db").symlink_to(store)
    assert_refused(OutputError, store, tmp_path / name, "the store itself")


def test_invalid_place_for_a_backup_is_refused(store: Path, tmp_path: Path) -> None:
    """A folder, a folder that is not there, a pipe."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert_refused(OutputError, store, tmp_path / "folder", "is a folder")
    assert_refused(OutputError, store, tmp_path / "no" / "copy.db", "does not exist")
    assert_refused(OutputError, store, tmp_path / "pipe", "is not a regular file")


@pytest.mark.parametrize("content", [b"[[sources]]\n", b"SQLite format 3\0" + bytes(84)])
def test_file_of_another_program_is_not_replaced(
    store: Path, tmp_path: Path, content: bytes
) -> None:
    """A file that is not a backup, or another program's database, is not replaced."""
    (tmp_path / "copy.db").write_bytes(content)
    assert_refused(OutputError, store, tmp_path / "copy.db", "is not a backup")


def test_another_store_that_is_open(store: Path, tmp_path: Path) -> None:
    """A store that another daemon uses is not replaced."""
    with open_store(tmp_path / "other.db") as other:
        assert other.rows("SELECT count(*) FROM sources") == [(0,)]
        assert_refused(OutputError, store, tmp_path / "other.db", "a store that is open")


def test_backup_without_a_store(tmp_path: Path) -> None:
    """There is nothing to copy, and no file is created."""
    store = tmp_path / "store.db"
    assert_refused(StoreError, store, tmp_path / "copy.db", "holds nothing yet", named=store)
    store.touch()
    assert_refused(StoreError, store, tmp_path / "copy.db", "holds nothing yet", named=store)


def test_backup_of_a_file_that_is_not_a_store(tmp_path: Path) -> None:
    """Another program's database, or a file that is not a database, is not copied."""
    store = tmp_path / "store.db"
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("CREATE TABLE t (x)")
    assert_refused(StoreError, store, tmp_path / "copy.db", "another program", named=store)
    store.write_bytes(b"nothing of the kind" * 500)
    assert_refused(StoreError, store, tmp_path / "copy.db", "not a SQLite", named=store)


def test_a_damaged_store(store: Path, tmp_path: Path) -> None:
    """The good backup of yesterday is not replaced by a copy of today's damage."""
    target = tmp_path / "copy.db"
    backup(store, target)
    content = bytearray(store.read_bytes())
    with closing(sqlite3.connect(store)) as connection:
        ((page,),) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'sources'"
        ).fetchall()
    start = (page - 1) * 4096
    content[start : start + 60] = b"\xff" * 60
    store.write_bytes(content)
    assert_refused(StoreError, store, target, "damaged", named=store)


@pytest.mark.parametrize("fails", ["chmod", "fsync", "replace"])
def test_system_error_keeps_the_old_backup(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    """Whatever fails, the old backup is there and no temporary file is left."""
    backup(store, tmp_path / "copy.db")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, fails, refuse)
    assert_refused(OutputError, store, tmp_path / "copy.db", "No space left")
    assert names(tmp_path) == ["copy.db", "store.db"]


def test_stopped_half_way(store: Path, tmp_path: Path) -> None:
    """An interrupt leaves nothing behind."""

    def interrupt(_what: str, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup(store, tmp_path / "copy.db", progress=interrupt)
    assert names(tmp_path) == ["store.db"]


def test_a_disk_that_fills_up(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error of SQLite is reported as one of the copy."""
    connect = sqlite3.connect

    def small(path: object, **options: object) -> sqlite3.Connection:
        connection = connect(path, **options)  # type: ignore[call-overload]
        if str(path).startswith(f"{tmp_path}/.aggregator"):
            connection.execute("PRAGMA max_page_count = 20")
        assert isinstance(connection, sqlite3.Connection)
        return connection

    monkeypatch.setattr(sqlite3, "connect", small)
    assert_refused(OutputError, store, tmp_path / "copy.db", "the disk is full")


def test_backup_reports_its_progress(store: Path, tmp_path: Path) -> None:
    """From some pages to all of them."""
    told: list[tuple[int, int]] = []
    backup(store, tmp_path / "copy.db", progress=lambda _, done, of: told.append((done, of)))
    assert told
    assert told[-1] == (told[-1][1], told[-1][1])
    assert told[-1][1] * 4096 == (tmp_path / "copy.db").stat().st_size


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of scheduled backups, which is made when it is needed."""
    return tmp_path / "backups" / "aggregator"


def test_backups_by_schedule(store: Path, folder: Path) -> None:
    """The last few are kept, named by their time in UTC; other files stay."""
    folder.mkdir(parents=True)
    for name in ("notes.txt", "aggregator-old.db", "aggregator-20200101-000000.db.gz"):
        (folder / name).touch()
    zone = timezone(timedelta(hours=2))
    for day in range(5):
        made = rotate(store, folder, keep=3, now=(NOW + timedelta(days=day)).astimezone(zone))
        assert made == folder / f"aggregator-2024060{day + 1}-120005.db"
        assert count(made) == 1000
    assert names(folder) == [
        "aggregator-20200101-000000.db.gz",
        *(f"aggregator-2024060{day}-120005.db" for day in (3, 4, 5)),
        "aggregator-old.db",
        "notes.txt",
    ]


def test_the_clock_was_set_back(store: Path, folder: Path) -> None:
    """The new one stays, though others have later names."""
    for days in (5, 6, 0):
        made = rotate(store, folder, keep=1, now=NOW + timedelta(days=days))
        assert names(folder) == [made.name]


def test_a_backup_that_fails_costs_no_other(store: Path, folder: Path) -> None:
    """Old ones are deleted only when the new one is there."""
    rotate(store, folder, keep=1, now=NOW)
    store.unlink()
    with pytest.raises(StoreError):
        rotate(store, folder, keep=1, now=NOW + timedelta(days=1))
    assert names(folder) == ["aggregator-20240601-120005.db"]


def test_the_folder_is_a_file(store: Path, tmp_path: Path) -> None:
    """It is reported in one line."""
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written: File exists"):
        rotate(store, tmp_path / "file", keep=1, now=NOW)


@pytest.mark.parametrize(
    ("mode", "after"), [(0o644, 0o600), (0o664, 0o600), (0o640, 0o640), (0o400, 0o400)]
)
def test_store_of_everybody_becomes_its_owners(store: Path, mode: int, after: int) -> None:
    """A store that everybody may read is restricted when opened; a group's permissions stay."""
    store.chmod(mode)
    with open_store(store) as opened:
        opened.rows("SELECT * FROM sources")
        found = {path.name: path.stat().st_mode & 0o777 for path in store.parent.iterdir()}
    assert set(found.values()) == {after}, found


def test_new_store_and_its_backups_are_private(tmp_path: Path) -> None:
    """Store, side files and backups are their owner's only, older backups too."""
    folder = tmp_path / "backups"
    with open_store(tmp_path / "new.db") as opened, opened.transaction():
        opened.execute(PAIR[0], ("s",))
        files = [path for path in tmp_path.iterdir() if path.is_file()]
        assert len(files) == 3
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    (tmp_path / "new.db").chmod(0o644)
    old = rotate(tmp_path / "new.db", folder, keep=3, now=NOW)
    old.chmod(0o644)
    rotate(tmp_path / "new.db", folder, keep=3, now=NOW + timedelta(days=1))
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
