"""Putting files in place: whole or not at all, and only when they changed."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aggregator.errors import OutputError, StorageError
from aggregator.output.files import prepare, publish


def names(folder: Path) -> list[str]:
    return sorted(found.name for found in folder.iterdir())


def test_a_new_file(tmp_path: Path) -> None:
    """A file that was not there is there, with nothing beside it."""
    assert publish(tmp_path / "all.atom", b"<feed/>")
    assert (tmp_path / "all.atom").read_bytes() == b"<feed/>"
    assert names(tmp_path) == ["all.atom"]


def test_nothing_changes(tmp_path: Path) -> None:
    """A file that holds the right bytes is not touched at all."""
    path = tmp_path / "all.atom"
    publish(path, b"<feed/>")
    os.utime(path, (1, 1))
    before = path.stat()
    assert not publish(path, b"<feed/>")
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("content", [b"<feed />", b"<FEED/>", b"", b"x" * 1_000_000])
def test_the_bytes_change(tmp_path: Path, content: bytes) -> None:
    """Other bytes, of whatever length, replace the file."""
    path = tmp_path / "all.atom"
    publish(path, b"<feed/>")
    assert publish(path, content)
    assert path.read_bytes() == content
    assert names(tmp_path) == ["all.atom"]


def test_a_reader_in_the_middle(tmp_path: Path) -> None:
    """Who opened the old file reads it to its end; nobody sees half of each."""
    path = tmp_path / "all.atom"
    publish(path, b"old" * 1000)
    with path.open("rb") as reader:
        assert reader.read(3) == b"old"
        publish(path, b"new" * 1000)
        assert reader.read() == b"old" * 999


def test_who_may_read_it(tmp_path: Path) -> None:
    """A feed is for everybody whom the process's mask lets read."""
    mask = os.umask(0o022)
    os.umask(mask)
    publish(tmp_path / "all.atom", b"<feed/>")
    assert (tmp_path / "all.atom").stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """A link in the output folder leads no write elsewhere."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"mine")
    path = tmp_path / "all.atom"
    path.symlink_to(elsewhere)
    assert publish(path, b"<feed/>")
    assert elsewhere.read_bytes() == b"mine"
    assert path.read_bytes() == b"<feed/>"


def assert_told(error: OutputError, path: Path) -> None:
    """One line that names the path, and the right exit code."""
    assert str(error).startswith(f"{path}: ")
    assert "\n" not in str(error)
    assert error.exit_code == StorageError.exit_code == 3


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    """A folder of a feed's name is left alone, and said to be in the way."""
    path = tmp_path / "all.atom"
    path.mkdir()
    with pytest.raises(OutputError) as caught:
        publish(path, b"<feed/>")
    assert_told(caught.value, path)
    assert names(tmp_path) == ["all.atom"]


def test_the_folder_is_gone(tmp_path: Path) -> None:
    """A folder that somebody removed meanwhile is an error of the output."""
    path = tmp_path / "gone" / "all.atom"
    with pytest.raises(OutputError) as caught:
        publish(path, b"<feed/>")
    assert_told(caught.value, path)


def test_a_folder_that_may_not_be_written(ordinary_user: Path) -> None:
    """In a read-only folder the old file stays; what is right already is no error."""
    path = ordinary_user / "all.atom"
    publish(path, b"old")
    ordinary_user.chmod(0o500)
    with pytest.raises(OutputError) as caught:
        publish(path, b"new")
    assert_told(caught.value, path)
    assert path.read_bytes() == b"old"
    assert not publish(path, b"old")


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond ``size``, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_without_room(tmp_path: Path) -> None:
    """Where the new bytes do not fit, the old file stays, and no part of the new one."""
    path = tmp_path / "all.atom"
    publish(path, b"old")
    with pytest.raises(OutputError) as caught, room_for(10_000):
        publish(path, b"new" * 100_000)
    assert_told(caught.value, path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["all.atom"]


def test_the_folder_of_feeds(tmp_path: Path) -> None:
    """The folder is made with those above it, and one that is there is left as it is."""
    folder = tmp_path / "a" / "feeds"
    prepare(folder)
    (folder / "mine.txt").write_text("x")
    prepare(folder)
    assert names(folder) == ["mine.txt"]


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    """A file is not replaced by a folder."""
    path = tmp_path / "feeds"
    path.write_text("mine")
    with pytest.raises(OutputError, match="is a file") as caught:
        prepare(path)
    assert_told(caught.value, path)
    with pytest.raises(OutputError):
        prepare(path / "below")
    assert path.read_text() == "mine"


def test_a_folder_that_cannot_be_made(ordinary_user: Path) -> None:
    """Where no folder can be made, that is said."""
    ordinary_user.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be created") as caught:
        prepare(ordinary_user / "feeds")
    assert_told(caught.value, ordinary_user / "feeds")


def test_a_name_that_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an interrupted run left under the very name to write beside is not written over."""
    drawn = iter([b"\0" * 6, b"\0" * 6, b"\1" * 6])
    monkeypatch.setattr(os, "urandom", lambda _size: next(drawn))
    left = tmp_path / ".all.atom.000000000000"
    left.write_bytes(b"half")
    assert publish(tmp_path / "all.atom", b"<feed/>")
    assert left.read_bytes() == b"half"
    assert (tmp_path / "all.atom").read_bytes() == b"<feed/>"
    assert names(tmp_path) == [left.name, "all.atom"]
