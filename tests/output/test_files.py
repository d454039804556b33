"""Files are written whole or not at all, and only when they changed."""

import os
import resource
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import OutputError, StorageError
from aggregator.output.files import Writer, has, prepare, publish


def names(folder: Path) -> list[str]:
    return sorted(found.name for found in folder.iterdir())


def test_new_file_is_written(tmp_path: Path) -> None:
    """A new file is written, and no temporary file remains."""
    assert publish(tmp_path / "all.atom", b"<feed/>")
    assert (tmp_path / "all.atom").read_bytes() == b"<feed/>"
    assert names(tmp_path) == ["all.atom"]


def test_unchanged_file_is_not_touched(tmp_path: Path) -> None:
    """A file that has the right bytes already is not touched."""
    path = tmp_path / "all.atom"
    publish(path, b"<feed/>")
    os.utime(path, (1, 1))
    before = path.stat()
    assert not publish(path, b"<feed/>")
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("content", [b"<feed />", b"<FEED/>", b"", b"x" * 1_000_000])
def test_changed_bytes_replace_the_file(tmp_path: Path, content: bytes) -> None:
    """Other bytes of any length replace the file."""
    path = tmp_path / "all.atom"
    publish(path, b"<feed/>")
    assert publish(path, content)
    assert path.read_bytes() == content
    assert names(tmp_path) == ["all.atom"]


_PIECES = st.lists(st.text("ab", max_size=3).map(str.encode), max_size=5)


@given(st.none() | _PIECES, _PIECES)
def test_pieces_are_written_as_the_whole_is(old: list[bytes] | None, new: list[bytes]) -> None:
    """The file has all pieces afterwards, and is not touched if it had them before."""
    with TemporaryDirectory() as folder, Writer(Path(folder)) as writer:
        path, content = Path(folder) / "a.atom", b"".join(new)
        if old is not None:
            path.write_bytes(b"".join(old))
            os.utime(path, (1, 1))
            assert has(path, new) == (path.read_bytes() == content)
        is_same = old is not None and b"".join(old) == content
        assert writer.publish_pieces(path.name, iter(new)) is not is_same
        assert path.read_bytes() == content
        assert (path.stat().st_mtime == 1) == is_same
        assert names(path.parent) in (["a.atom"], [".aggregator-temporary-0", "a.atom"])


def test_only_one_piece_is_in_memory(tmp_path: Path) -> None:
    """Of a file that differs in its last piece, no other is held while the next one is made."""
    path = tmp_path / "a.atom"

    def made() -> Iterator[bytes]:
        for number in range(10):
            yield bytes([number]) * 3_000_000

    path.write_bytes(b"".join(made())[:-1])

    tracemalloc.start()
    try:
        with Writer(tmp_path) as writer:
            assert writer.publish_pieces(path.name, made())
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert path.stat().st_size == 30_000_000
    assert peak < 10_000_000


def test_states_are_held_by_the_names_that_were_passed(tmp_path: Path) -> None:
    """Neither whole paths nor copies of the names: there may be 100,000 of them."""
    (tmp_path / "entries").mkdir()
    pages = [f"entries/{number}.html" for number in range(3)]
    with Writer(tmp_path) as writer:
        writer.publish(pages[0], b"<html>")
        writer.publish_pieces(pages[1], [b"<html>"])
        writer.withdraw(pages[2])
    assert [id(name) for name in writer.states] == [id(name) for name in pages]


def test_failure_within_pieces_keeps_the_old_file(tmp_path: Path) -> None:
    """What was written of the new file is removed."""

    def broken() -> Iterator[bytes]:
        yield b"<feed>"
        yield b"<entry/>"
        raise ZeroDivisionError

    path = tmp_path / "a.atom"
    path.write_bytes(b"<feed></feed>")
    with pytest.raises(ZeroDivisionError), Writer(tmp_path) as writer:
        writer.publish_pieces(path.name, broken())
    assert path.read_bytes() == b"<feed></feed>"
    assert names(tmp_path) == ["a.atom"]


def test_open_reader_keeps_the_old_file(tmp_path: Path) -> None:
    """A reader that has the old file open reads it to its end."""
    path = tmp_path / "all.atom"
    publish(path, b"old" * 1000)
    with path.open("rb") as reader:
        assert reader.read(3) == b"old"
        publish(path, b"new" * 1000)
        assert reader.read() == b"old" * 999


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    """A feed has the permissions of any new file of the process."""
    mask = os.umask(0o022)
    os.umask(mask)
    publish(tmp_path / "all.atom", b"<feed/>")
    assert (tmp_path / "all.atom").stat().st_mode & 0o777 == 0o666 & ~mask


def test_symbolic_link_is_replaced_not_followed(tmp_path: Path) -> None:
    """A link in the output folder does not redirect writes."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"mine")
    path = tmp_path / "all.atom"
    path.symlink_to(elsewhere)
    assert publish(path, b"<feed/>")
    assert elsewhere.read_bytes() == b"mine"
    assert path.read_bytes() == b"<feed/>"


def assert_reported(error: OutputError, path: Path) -> None:
    """Check that an error is one line with the path, and has the right exit code."""
    assert str(error).startswith(f"{path}: ")
    assert "\n" not in str(error)
    assert error.exit_code == StorageError.exit_code == 3


def test_folder_with_the_name_of_a_feed(tmp_path: Path) -> None:
    """A folder with the name of a feed is reported and kept."""
    path = tmp_path / "all.atom"
    path.mkdir()
    with pytest.raises(OutputError) as caught:
        publish(path, b"<feed/>")
    assert_reported(caught.value, path)
    assert names(tmp_path) == ["all.atom"]


def test_missing_output_folder_is_reported(tmp_path: Path) -> None:
    """An output folder that was removed in the meantime is an output error."""
    path = tmp_path / "gone" / "all.atom"
    with pytest.raises(OutputError) as caught:
        publish(path, b"<feed/>")
    assert_reported(caught.value, path)


def test_read_only_output_folder(ordinary_user: Path) -> None:
    """In a read-only folder the old file stays; an unchanged file is not an error."""
    path = ordinary_user / "all.atom"
    publish(path, b"old")
    ordinary_user.chmod(0o500)
    with pytest.raises(OutputError) as caught:
        publish(path, b"new")
    assert_reported(caught.value, path)
    assert path.read_bytes() == b"old"
    assert not publish(path, b"old")


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Limit the size of files of this process, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_full_disk_keeps_the_old_file(tmp_path: Path) -> None:
    """If the new bytes do not fit, the old file stays, and no part of the new one."""
    path = tmp_path / "all.atom"
    publish(path, b"old")
    with pytest.raises(OutputError) as caught, room_for(10_000):
        publish(path, b"new" * 100_000)
    assert_reported(caught.value, path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["all.atom"]


def test_output_folder_is_created(tmp_path: Path) -> None:
    """The folder is created with its parents; an existing one is not changed."""
    folder = tmp_path / "a" / "feeds"
    prepare(folder)
    (folder / "mine.txt").write_text("x")
    prepare(folder)
    assert names(folder) == ["mine.txt"]


def test_file_instead_of_the_output_folder(tmp_path: Path) -> None:
    """A file is not replaced by a folder."""
    path = tmp_path / "feeds"
    path.write_text("mine")
    with pytest.raises(OutputError, match="is a file") as caught:
        prepare(path)
    assert_reported(caught.value, path)
    with pytest.raises(OutputError):
        prepare(path / "below")
    assert path.read_text() == "mine"


def test_output_folder_that_cannot_be_created(ordinary_user: Path) -> None:
    """A folder that cannot be created is reported."""
    ordinary_user.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be created") as caught:
        prepare(ordinary_user / "feeds")
    assert_reported(caught.value, ordinary_user / "feeds")
