"""A store is read where nothing can be written: a read-only file, folder or disk."""

import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest

from aggregator.errors import StoreChangedError, StoreError
from aggregator.store import open_for_reading, open_store
from tests.support.project import Project, two_digests

ADD = "INSERT INTO sources (id, location) VALUES (?, '*.txt')"
IDS = "SELECT id FROM sources ORDER BY id"


def closed(path: Path) -> Path:
    """Return the path of a store with the source ``a``, closed."""
    with open_store(path) as store, store.transaction():
        store.execute(ADD, ("a",))
    return path


def killed(path: Path, *endings: str) -> Path:
    """Return the path of a store whose source ``b`` is in its write-ahead log only."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(closed(Path(folder) / path.name)) as store,
    ):
        with store.transaction():
            store.execute(ADD, ("b",))
        for end in ("", *endings):
            shutil.copy(f"{store.path}{end}", f"{path}{end}")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def read(path: Path) -> list[tuple[str]]:
    with open_for_reading(path) as store:
        return store.rows(IDS)


def assert_refused(path: Path, said: str) -> None:
    """It is refused in one line that names the store."""
    with pytest.raises(StoreError, match=said) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_store_file_without_write_permission(ordinary_user: Path) -> None:
    """It is read; no side file is made, which a later writer could not open."""
    path = closed(ordinary_user / "a.db")
    path.chmod(0o400)
    assert read(path) == [("a",)]
    assert names(ordinary_user) == ["a.db"]
    path.chmod(0o600)
    with open_store(path) as store, store.transaction():
        store.execute(ADD, ("b",))
    assert read(path) == [("a",), ("b",)]


@pytest.mark.parametrize("endings", [("-wal", "-shm"), ("-wal",)])
def test_log_of_a_killed_process_is_read(ordinary_user: Path, endings: tuple[str, ...]) -> None:
    """What is only in the write-ahead log is read, also where no side file can be made."""
    path = killed(ordinary_user / "a.db", *endings)
    before = {file: file.read_bytes() for file in ordinary_user.iterdir()}
    ordinary_user.chmod(0o500)
    assert read(path) == [("a",), ("b",)]
    ordinary_user.chmod(0o700)
    after = {file: file.read_bytes() for file in ordinary_user.iterdir()}
    shared = Path(f"{path}-shm")  # readers lock in it
    assert {**after, shared: None} == {**before, shared: None}


def test_log_without_any_folder_to_write_to(
    ordinary_user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of an older state, one line says what is in the way."""
    path = killed(ordinary_user / "a.db", "-wal")
    ordinary_user.chmod(0o500)
    monkeypatch.setattr(tempfile, "tempdir", str(ordinary_user))
    assert_refused(path, "its -wal file cannot be read in this folder")


def test_empty_log_in_a_read_only_folder(ordinary_user: Path) -> None:
    """An empty write-ahead log has nothing to miss."""
    path = closed(ordinary_user / "a.db")
    Path(f"{path}-wal").touch()
    ordinary_user.chmod(0o500)
    assert read(path) == [("a",)]


def test_written_while_it_is_read(ordinary_user: Path) -> None:
    """Where no lock can be held, a reader that may have seen two states says so."""
    path = closed(ordinary_user / "a.db")
    path.chmod(0o400)

    def read_slowly() -> None:
        with open_for_reading(path) as store:
            store.rows(IDS)
            path.chmod(0o600)
            with open_store(path) as other, other.transaction():
                other.execute(ADD, ("b",))

    with pytest.raises(StoreChangedError, match="was written while it was read"):
        read_slowly()
    assert read(path) == [("a",), ("b",)]


def test_half_of_a_write_is_not_taken_for_damage(ordinary_user: Path) -> None:
    """A program that replaces pages of a copy one after the other damages it for that moment."""
    path = closed(ordinary_user / "a.db")
    whole = path.read_bytes()
    path.chmod(0o400)

    def read_meanwhile() -> None:
        with open_for_reading(path) as store:
            path.chmod(0o600)
            path.write_bytes(whole[:4096] + b"\x01" * (len(whole) - 4096))
            store.rows("PRAGMA integrity_check")
            store.rows("SELECT * FROM sources JOIN entries")

    with pytest.raises(StoreChangedError, match="was written while it was read"):
        read_meanwhile()
    path.chmod(0o400)
    assert_refused(path, "damaged")
    path.chmod(0o600)
    path.write_bytes(whole)
    assert read(path) == [("a",)]


def test_store_of_an_older_version_on_a_read_only_disk(ordinary_user: Path) -> None:
    """One line says what brings it up to date."""
    path = closed(ordinary_user / "a.db")
    with open_store(path) as store, store.transaction():
        store.execute("DELETE FROM _sqlite_migrations")
    ordinary_user.chmod(0o500)
    assert_refused(path, "older version .*'aggregator regenerate'")


@pytest.mark.parametrize("content", [None, b""])
def test_store_that_is_not_made_yet(tmp_path: Path, content: bytes | None) -> None:
    """Without a file, and with an empty one, there are no entries, and none is made."""
    path = tmp_path / "a.db"
    if content is not None:
        path.write_bytes(content)
    before = names(tmp_path)
    assert read(path) == []
    assert names(tmp_path) == before
    assert content is None or path.read_bytes() == content


def test_store_that_is_being_made(tmp_path: Path) -> None:
    """While the first run makes the tables there are no entries yet."""
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE sources (id)")
    assert read(path) == []
    connection.close()


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with entries."""
    project = two_digests(tmp_path_factory.mktemp("reading") / "p")
    assert project.run("once").code == 0
    return project


@pytest.mark.parametrize(
    "command",
    [
        ["status"],
        ["entries"],
        ["search", "harbour"],
        ["show", "{id}"],
        ["doctor"],
        ["check"],
        ["export"],
    ],
)
def test_command_that_looks_opens_nothing_for_writing(
    read_only: Project, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    """Commands that only look do their work without opening the store for writing."""
    entry = read_only.run("entries", "--json").json_lines[0]["id"]

    def refuse(path: Path, **_: object) -> None:
        raise StoreError(f"{path}: is opened for writing")

    monkeypatch.setattr("aggregator.store.open_store", refuse)
    ran = read_only.run(*(part.format(id=entry) for part in command))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out
