"""The daemon when things go wrong: killed, without a port, a disk, a store or its feeds.

It keeps running, logs the problem once, and recovers when the cause is gone.
"""

import asyncio
import os
import shutil
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import Config, Source, load
from aggregator.daemon import worker
from aggregator.daemon.supervisor import Supervisor
from aggregator.daemon.worker import messages
from aggregator.daemon.worker_process import WorkerProcess
from aggregator.ingest.run import Run, ingest_files
from aggregator.model import SourceReport
from tests.support.daemons import PATIENCE, Daemon, holds, needs_proc, no_room, until_gone
from tests.support.project import (
    CONFIG,
    ONE,
    SECOND,
    Project,
    assert_clear_error,
    block,
    digest,
    make_project,
    two_digests,
)

pytestmark = [needs_proc, pytest.mark.slow]

OLD, NEW = "Bridge opens to lorries", "Lighthouse lit again"

MANY = {
    f"{n:03}.txt": digest(
        block(f"Report {n} from the harbour", "NATO", f"Ship number {n} came in from the east."),
        block(f"Letter {n} to the mayor", "Europol", f"Mayor number {n} has been told of it."),
    )
    for n in range(100)
}
"""More digests than are read by one process."""


def errors(daemon: Daemon) -> list[str]:
    """The names of errors and warnings in the log, in order."""
    return [event["event"] for event in daemon.events if event["level"] in ("error", "warning")]


# it is killed


def size(path: Path) -> int:
    """The size of a file in bytes, 0 where it does not exist."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


MOMENTS: dict[str, Callable[[Project], bool]] = {
    "a store is made": lambda project: project.store.exists(),
    "something was written": lambda project: size(project.folder / "aggregator.db-wal") > 200_000,
    "more was written": lambda project: size(project.folder / "aggregator.db-wal") > 600_000,
    "feeds are written": lambda project: project.output.exists(),
    "the first feed is there": lambda project: holds(project),
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after one undisturbed run over many digests."""
    project = make_project(tmp_path_factory.mktemp("undisturbed") / "p", MANY)
    assert project.run("once").code == 0
    return project


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_in_the_middle(tmp_path: Path, undisturbed: Project, moment: str) -> None:
    """Killed at any point it leaves no process; restarted, it reaches the same feeds, and removes
    temporary files.
    """
    project = make_project(tmp_path / "p", MANY)
    with Daemon(project) as daemon:
        deadline = time.monotonic() + PATIENCE
        while not MOMENTS[moment](project):
            assert time.monotonic() < deadline
            time.sleep(0.001)  # what a process does with files can only be looked at
        left = daemon.kill()
        until_gone(left)
    assert project.is_sound()
    project.write(".aggregator-temporary-7/copy.db", "half")
    with Daemon(project) as daemon:
        daemon.until("listening")
        daemon.until_so(lambda: files_of(project) == files_of(undisturbed), "all of the feeds")
        assert daemon.stop() == 0
    assert errors(daemon) == []
    assert list(project.folder.rglob(".aggregator*")) == []
    assert ids(project) == ids(undisturbed)
    assert project.run("doctor") == undisturbed.run("doctor")


def files_of(project: Project) -> dict[str, bytes]:
    """All files of the output folder, pages too, that entries make."""
    return {name: content for name, content in project.files().items() if name[0] != "_"}


def feeds_of(project: Project) -> dict[str, bytes]:
    """The feeds that agencies' entries make."""
    return {
        name: content for name, content in project.feeds().items() if not name.startswith("_health")
    }


def ids(project: Project) -> list[tuple[Any, ...]]:
    """The ids of all entries."""
    return project.rows("SELECT id FROM entries ORDER BY id")


def test_worker_is_killed(tmp_path: Path) -> None:
    """A killed worker is restarted and does what was due, and feeds are served meanwhile."""
    project = two_digests(tmp_path / "p")
    with Daemon(project) as daemon:
        daemon.until_published(OLD)
        os.kill(daemon.worker(), signal.SIGKILL)
        assert daemon.get("/all.atom")[0] == 200
        project.write("digests/c.txt", ONE, later=600)
        daemon.until_published(NEW)
        assert errors(daemon) == ["the worker"]
        assert daemon.stop() == 0
    assert project.is_sound()


# it cannot have what it needs


def test_port_is_taken_and_freed(tmp_path: Path) -> None:
    """While its port is in use it logs that once and works on; then it serves."""
    project = two_digests(tmp_path / "p")
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        daemon = Daemon(project, listen=where)
        daemon.__enter__()
        with suppress(BaseException):
            daemon.until_published(OLD)
            told = daemon.until("the server")
    try:
        assert where in told["problem"]
        assert daemon.get("/readyz")[0] == 200
        assert errors(daemon) == ["the server"]
        assert daemon.stop() == 0
    finally:
        daemon.__exit__(None, None, None)


def test_store_is_of_another_program(tmp_path: Path) -> None:
    """With a file that is not its store it exits with one line."""
    project = two_digests(tmp_path / "p")
    with closing(sqlite3.connect(project.store)) as other:
        other.execute("CREATE TABLE birds (name)")
    ran = project.run("run", "--listen", "127.0.0.1:0")
    assert_clear_error(ran, 3, "aggregator.db", "another program")


def test_feeds_are_deleted(tmp_path: Path) -> None:
    """Deleted feeds are written again, the same as before."""
    project = two_digests(tmp_path / "p")
    with Daemon(project) as daemon:
        daemon.until("feeds")
        before = feeds_of(project)
        shutil.rmtree(project.output)
        daemon.until("feeds", since=daemon.events.index(daemon.until("feeds")) + 1)
        assert feeds_of(project) == before
        assert daemon.get("/all.atom")[0] == 200
        assert errors(daemon) == []


def remove_store(project: Project) -> None:
    """Delete the store and its journal."""
    for name in ("", "-wal", "-shm"):
        (project.folder / f"{project.store.name}{name}").unlink(missing_ok=True)


def test_store_is_deleted(tmp_path: Path) -> None:
    """A deleted store is made again, with one line in the log; feeds lose nothing meanwhile."""
    project = two_digests(tmp_path / "p")
    with Daemon(project) as daemon:
        daemon.until("feeds")
        before = feeds_of(project)
        mark = daemon.mark
        remove_store(project)
        daemon.until("source", since=mark, id="digests", status="ok", new=4)
        project.write("digests/c.txt", ONE, later=600)
        daemon.until_published(NEW, OLD)
        assert errors(daemon) == ["store was replaced; polling sources again"]
        assert daemon.stop() == 0
    assert project.is_sound()
    assert before.keys() <= feeds_of(project).keys()


def test_store_is_gone_at_the_start(tmp_path: Path) -> None:
    """A new, empty store does not empty the feeds."""
    project = make_project(tmp_path / "p", {"a.txt": SECOND})
    assert project.run("once").code == 0
    remove_store(project)
    (project.folder / "digests" / "a.txt").rename(project.folder / "a.txt")
    with Daemon(project) as daemon:
        daemon.until("source", status="unchanged")  # its folder is there, and empty
        assert holds(project, OLD.encode())
        project.write("digests/b.txt", ONE, later=600)
        daemon.until_published(NEW)


def test_feeds_cannot_be_written(tmp_path: Path) -> None:
    """A read-only folder is logged once; once it is writable, the feeds are written."""
    project = two_digests(tmp_path / "p")
    with Daemon(project, modes_count=True) as daemon:
        daemon.until("feeds")
        project.output.chmod(0o500)
        project.write("digests/c.txt", ONE, later=600)
        daemon.until("feeds cannot be written")
        project.write("digests/d.txt", ONE.replace("Lighthouse", "Chapel"), later=900)
        daemon.until_so(lambda: len(daemon.logged("source")) >= 3, "another digest")
        assert daemon.get("/all.atom")[0] == 200
        project.output.chmod(0o700)
        daemon.until_published(NEW, "Chapel lit again")
        daemon.until("feeds cannot be written: works again")
        assert errors(daemon).count("feeds cannot be written") == 1


def test_disk_is_full_twice(tmp_path: Path) -> None:
    """On a full disk it waits, with one line; when there is room it goes on, twice."""
    project = two_digests(tmp_path / "p")
    with Daemon(project) as daemon:
        daemon.until("feeds")
        for number, title in enumerate((NEW, "Chapel lit again"), 1):
            with no_room(daemon.worker()):
                text = ONE.replace("Lighthouse", title.split()[0])
                # The tests have room: it is the worker that finds none.
                project.write(f"digests/{number}.txt", text, later=600 * number)
                mark = daemon.mark
                daemon.until("maintenance stopped", since=mark)
            daemon.until_published(title)
            daemon.until("maintenance stopped: works again", since=mark)
        assert errors(daemon).count("maintenance stopped") == 2
        assert daemon.stop() == 0
    assert project.is_sound()


# it has taken much memory


def test_idle_worker_with_much_memory_asks_for_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker asks for a restart only when it is idle and holds much memory for its sources."""
    project = make_project(tmp_path / "p", {"a.txt": SECOND})
    monkeypatch.setattr("aggregator.daemon.worker.CHECK_SECONDS", 0.01)
    for roomy, source, expected in ((0, 0, True), (1 << 60, 0, False), (0, 1 << 60, False)):
        monkeypatch.setattr("aggregator.daemon.worker.MAX_IDLE_MEMORY", roomy)
        monkeypatch.setattr("aggregator.daemon.worker.SOURCE_MEMORY", source)
        ours, theirs = Pipe()
        at_work = threading.Thread(target=worker.Worker(theirs, load(project.config)).run)
        at_work.start()
        try:
            ours.send(messages.Due(("digests",)))
            words: list[object] = []
            while sum(isinstance(word, messages.Alive) for word in words) < 300:
                words.append(ours.recv())
                if isinstance(words[-1], messages.RestartMe):
                    break
        finally:
            ours.send(messages.Stop())
            at_work.join(PATIENCE)
            ours.close()
            theirs.close()
        assert any(isinstance(word, messages.Polled) for word in words)
        assert isinstance(words[-1], messages.RestartMe) == expected


class FakeProcess(WorkerProcess):
    """A worker process that only records its calls."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    async def stop(self) -> None:
        self.calls.append("stop")
        await asyncio.sleep(0)

    def restart(self, _config: Config) -> None:
        self.calls.append("restart")

    def send(self, command: object) -> None:
        self.calls.append(command)


@pytest.mark.parametrize("is_stopping", [False, True])
def test_worker_with_much_memory_is_restarted(tmp_path: Path, *, is_stopping: bool) -> None:
    """It is restarted once and gets what was due; not while the daemon stops."""
    project = make_project(tmp_path / "p", {"a.txt": SECOND})
    worker = FakeProcess()

    async def grow() -> None:
        daemon = Supervisor(load(project.config), worker)
        daemon.request("digests")
        await asyncio.sleep(0)
        daemon.handle(messages.RestartMe())
        daemon.handle(messages.RestartMe())
        if is_stopping:
            daemon.stop()
        for _ in range(10):
            await asyncio.sleep(0)

    asyncio.run(grow())
    due = messages.Due(("digests",))
    assert worker.calls == [due, "stop", *([] if is_stopping else ["restart", due])]


# a fault of ours


def test_fault_in_one_source_delays_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source with an internal error waits until it is next due; others are read."""
    config = CONFIG + '\n[[sources]]\nid = "bad"\nlocation = "bad/*.txt"\n'
    project = make_project(tmp_path / "p", {"a.txt": SECOND}, config=config)

    def faulty(run: Run, source: Source) -> SourceReport:
        if source.id == "bad":
            raise ZeroDivisionError("a fault")
        return ingest_files(run, source)

    monkeypatch.setattr("aggregator.daemon.worker.maintenance.ingest_files", faulty)
    ours, theirs = Pipe()
    at_work = threading.Thread(target=worker.Worker(theirs, load(project.config)).run)
    at_work.start()
    try:
        ours.send(messages.Due(("bad", "digests")))
        visited = [word for word in (ours.recv(), ours.recv()) if isinstance(word, messages.Polled)]
    finally:
        ours.send(messages.Stop())
        at_work.join(PATIENCE)
        ours.close()
        theirs.close()
    assert [(word.name, word.status) for word in visited] == [("bad", "failed"), ("digests", "ok")]
    assert all(word.due is not None and word.due > datetime.now(UTC) for word in visited)
