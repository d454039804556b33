"""Temporary folders: removed when abandoned, and never while a process uses them."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aggregator.temporary import remove_abandoned, temporary_folder
from tests.support.project import CONFIG, two_digests

DAY = 86_400


def left(parent: Path, number: int = 0) -> Path:
    """Return a folder as a killed process leaves it: with files and without a lock."""
    folder = parent / f".aggregator-temporary-{number}"
    folder.mkdir(parents=True)
    for name in ("new", "copy.db-journal"):
        (folder / name).write_bytes(b"half")
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_temporary_folder_is_removed_in_the_end(tmp_path: Path) -> None:
    """It is its owner's alone; what is left in it goes with it, also after an error."""

    def interrupted() -> None:
        with temporary_folder(tmp_path) as folder:
            assert folder.parent == tmp_path
            assert folder.stat().st_mode & 0o777 == 0o700
            (folder / "new").write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert names(tmp_path) == []


def test_abandoned_folders_are_removed(tmp_path: Path) -> None:
    """Those of several killed processes are; other files stay, whatever they are called."""
    mine = [".aggregator-temporary-0.txt", ".all.atom.123", "aggregator-temporary-1"]
    for name in mine:
        (tmp_path / name).write_text("mine")
    for number in (0, 3, 4):
        left(tmp_path, number)
    assert remove_abandoned(tmp_path) == []
    assert names(tmp_path) == sorted(mine)


def test_folder_of_a_running_writer_stays(tmp_path: Path) -> None:
    """A second writer gets another folder, and removes only what nobody holds."""
    abandoned = left(tmp_path, 0)
    with temporary_folder(tmp_path) as first:
        assert names(first) == []
        (first / "new").write_bytes(b"half")
        abandoned = left(tmp_path, 1)
        with temporary_folder(tmp_path) as second:
            assert second != first
            assert remove_abandoned(tmp_path) == []
            assert not abandoned.exists() or second == abandoned
            assert names(first) == ["new"]
    assert names(tmp_path) == []


def test_many_writers_at_once(tmp_path: Path) -> None:
    """However many there are, each has its own folder, and all of them are looked up."""
    for number in range(12):
        left(tmp_path, number)
    assert remove_abandoned(tmp_path) == []
    assert names(tmp_path) == []


@pytest.mark.parametrize("is_made_again", [False, True])
def test_folder_is_removed_before_it_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_made_again: bool
) -> None:
    """A writer whose new folder was taken for an abandoned one makes another."""
    lock = fcntl.flock
    others: list[int] = []

    def late(handle: int, operation: int) -> None:
        if not others:
            folder = tmp_path / ".aggregator-temporary-0"
            folder.rmdir()
            if is_made_again:
                folder.mkdir()
            others.append(os.open(folder if is_made_again else tmp_path, os.O_RDONLY))
            lock(others[0], fcntl.LOCK_EX)
        lock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with temporary_folder(tmp_path) as folder:
        assert folder.name == ".aggregator-temporary-1"
    assert names(tmp_path) == [".aggregator-temporary-0"] * is_made_again
    os.close(others[0])


def test_links_and_folders_are_not_removed(tmp_path: Path) -> None:
    """Only regular files are removed: what else is there is reported in one line, and stays."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "new").write_text("mine")
    parent = tmp_path / "feeds"
    parent.mkdir()
    (parent / ".aggregator-temporary-0").symlink_to(mine)
    (left(parent, 1) / "link").symlink_to(mine / "new")
    (left(parent, 2) / "folder").mkdir()
    problems = remove_abandoned(parent)
    assert [problem.partition(":")[0] for problem in problems] == [
        f"{parent}/.aggregator-temporary-{number}" for number in (1, 2)
    ]
    assert names(parent / ".aggregator-temporary-1") == ["link"]
    assert (mine / "new").read_text() == "mine"
    with temporary_folder(parent) as folder:
        assert folder.name == ".aggregator-temporary-3"
    assert names(mine) == ["new"]


@pytest.mark.parametrize("age", [0, 2 * DAY])
def test_file_system_without_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int
) -> None:
    """There a folder counts as abandoned after a day."""

    def refuse(_handle: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with temporary_folder(tmp_path) as folder:
        assert folder.is_dir()
    folder = left(tmp_path)
    changed = folder.stat().st_mtime - age
    os.utime(folder, (changed, changed))
    assert remove_abandoned(tmp_path) == []
    assert folder.exists() == (age == 0)


def test_abandoned_folder_that_may_not_be_removed(ordinary_user: Path) -> None:
    """It is reported in one line; a folder that may not be entered has no problem of its own."""
    folder = left(ordinary_user)
    for path, mode in ((ordinary_user, 0o500), (folder, 0)):
        path.chmod(mode)
        (problem,) = remove_abandoned(ordinary_user)
        assert problem.startswith(f"{folder}: cannot be removed")
        assert "\n" not in problem
    ordinary_user.chmod(0)
    assert remove_abandoned(ordinary_user) == []


def test_large_folders_are_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking for abandoned folders costs the same in a folder of 100,000 pages."""
    scan, listed = os.scandir, list[object]()

    @contextmanager
    def counted(path: int) -> Iterator[Iterator[os.DirEntry[str]]]:
        listed.append(path)
        with scan(path) as found:
            yield found

    monkeypatch.setattr(os, "scandir", counted)
    assert remove_abandoned(tmp_path) == []
    assert listed == []
    left(tmp_path)
    assert remove_abandoned(tmp_path) == []
    assert len(listed) == 1


@pytest.mark.parametrize("command", ["once", "regenerate"])
def test_run_removes_what_killed_runs_left(tmp_path: Path, command: str) -> None:
    """Wherever a run writes: the feeds, and beside the configuration, the store and backups."""
    project = two_digests(tmp_path / "p")
    project.configure(f'store = "data/store.db"\n{CONFIG}[backup]\nfolder = "backups"\n')
    places = (".", "data", "backups", "feeds", *(f"feeds/{n}" for n in ("archive", "entries")))
    abandoned = [left(project.folder / place) for place in (*places, "feeds/category")]
    ran = project.run(command)
    assert (ran.code, ran.err) == (0, "")
    assert [folder for folder in abandoned if folder.exists()] == []


@pytest.mark.parametrize("command", [["backup", "copy.db"], ["import", "list.opml"]])
def test_killed_command_leaves_nothing_for_long(tmp_path: Path, command: list[str]) -> None:
    """A command that is killed before it renames its file is cleaned up after by the next one."""
    project = two_digests(tmp_path / "p")
    assert project.run("once").code == 0
    outline = '<outline type="rss" xmlUrl="https://example.org/feed"/>'
    project.write("list.opml", f'<opml version="2.0"><body>{outline}</body></opml>')
    before = names(project.folder)
    dying = "import os\nos.replace = lambda *_: os._exit(9)\n"
    assert project.run_process(*command, before=dying).code == 9
    assert ".aggregator-temporary-0" in names(project.folder)
    assert project.run("once").code in (0, 1)
    assert names(project.folder) == before
