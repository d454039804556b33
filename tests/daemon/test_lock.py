"""Only one daemon at a store, whatever became of the one before."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.daemon.lock import is_daemon_running, only_daemon
from aggregator.errors import StoreError
from tests.support.project import environment

HOLD = """
import sys
from pathlib import Path
from aggregator.daemon.lock import only_daemon
with only_daemon(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_second_daemon_is_refused_with_process_id(tmp_path: Path) -> None:
    """The second holder gets the process id of the first, which keeps its lock."""
    store = tmp_path / "a.db"
    with only_daemon(store):
        for _ in range(2):
            with pytest.raises(StoreError, match=rf"a\.db: .* \(process {os.getpid()}\);"):
                only_daemon(store).__enter__()


def test_whether_a_daemon_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the process that the lock names, without trying the lock."""
    store = tmp_path / "a.db"
    assert not is_daemon_running(store)
    with only_daemon(store):
        assert is_daemon_running(store)
    lock = tmp_path / "a.db.lock"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for content in (f"{ended.pid}", "", "no number", "9" * 30):
        lock.write_text(content)
        assert not is_daemon_running(store)

    def refuse(_process: int, _number: int) -> None:
        raise PermissionError

    lock.write_text(f"{os.getpid()}\n")
    monkeypatch.setattr("os.kill", refuse)
    assert is_daemon_running(store)  # it is another user's


def test_lock_is_free_after_its_holder(tmp_path: Path) -> None:
    """The lock is free after its holder has left, in order or by an error."""
    store = tmp_path / "a.db"
    with only_daemon(store):
        pass
    with pytest.raises(ZeroDivisionError), only_daemon(store):
        raise ZeroDivisionError
    with only_daemon(store):
        pass


def test_lock_is_free_after_a_kill(tmp_path: Path) -> None:
    """The lock of a killed process is free."""
    store = tmp_path / "a.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, store],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(tmp_path),
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match=rf"\(process {holder.pid}\);"):
            only_daemon(store).__enter__()
        holder.kill()
        holder.wait()
        with only_daemon(store):
            pass


def test_stores_in_one_folder_lock_separately(tmp_path: Path) -> None:
    """Two stores in one folder have separate locks."""
    with only_daemon(tmp_path / "a.db"), only_daemon(tmp_path / "b.db"):
        pass


def test_longer_process_id_is_overwritten(tmp_path: Path) -> None:
    """The file holds the process id only, and no rest of a longer one."""
    (tmp_path / "a.db.lock").write_text("1234567890123\nand more")
    with only_daemon(tmp_path / "a.db"):
        assert (tmp_path / "a.db.lock").read_text() == f"{os.getpid()}\n"


def test_holder_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk the process id is missing, but the lock is held."""

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    store = tmp_path / "a.db"
    with only_daemon(store), pytest.raises(StoreError, match=r"\(process unknown\);"):
        only_daemon(store).__enter__()


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    """A missing folder is an error that names the file."""
    with pytest.raises(StoreError, match="cannot be made: No such file or directory"):
        only_daemon(tmp_path / "none" / "a.db").__enter__()
