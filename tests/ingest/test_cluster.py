"""A Dask cluster in the place of the processes of this machine: what it does, and how it fails."""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Self

import pytest

from aggregator import errors
from aggregator.config import load
from aggregator.fetch import exchange
from aggregator.ingest import cluster
from aggregator.ingest.run import ingest
from aggregator.output.regenerate import regenerate
from aggregator.store import open_store
from tests.support.loopback import Connection, Loopback, Reply, Request
from tests.support.project import Project, block, digest, make_project

pytest.importorskip("distributed", reason="Dask is not installed")
psutil = pytest.importorskip("psutil", reason="Dask is not installed")
psutil = pytest.importorskip("psutil", reason="Dask is not installed")

NOW = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)
RSS = (
    "<rss version='2.0'><channel><title>Harbour {0}</title>{1}<item><guid>https://h{0}.example/1"
    "</guid><title>Harbour {0} opens</title><description>&lt;p&gt;Open at &lt;b&gt;quay "
    "{0}.&lt;/b&gt;&lt;/p&gt;</description></item></channel></rss>"
)


class Cluster:
    """A scheduler and workers, started by the commands of docs/scale.md; a context manager."""

    def __init__(self) -> None:
        self.started: list[subprocess.Popen[str]] = []
        self.scheduler = ""

    def __enter__(self) -> Self:
        command = ("scheduler", "--host", "127.0.0.1", "--port", "0")
        line = self._start(*command, until="Scheduler at:")
        self.scheduler = line.split()[-1]
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.started):
            process.terminate()
        for process in self.started:
            process.wait()

    def add_worker(self, daemon: str = "False") -> None:
        """Start a process that works, with two threads."""
        options = ("--nworkers", "1", "--nthreads", "2")
        self._start("worker", self.scheduler, *options, until="Registered to", daemon=daemon)

    def remove_worker(self) -> None:
        """End the one that was started last."""
        process = self.started.pop()
        process.terminate()
        process.wait()

    def workers(self) -> list[Any]:
        """The processes that work."""
        found = [psutil.Process(each.pid).children(recursive=True) for each in self.started[1:]]
        return [process for each in found for process in each]

    def _start(self, *command: str, until: str, daemon: str = "False") -> str:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *command, "--no-dashboard"],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": daemon},
        )
        self.started.append(process)
        assert process.stderr is not None
        for line in process.stderr:
            if until in line:
                # Somebody has to read the rest, or else it waits.
                threading.Thread(target=_read_all, args=(process.stderr,), daemon=True).start()
                return line
        raise AssertionError(f"{command} ended")


def _read_all(pipe: IO[str]) -> None:
    with pipe:
        pipe.read()


@pytest.fixture
def started() -> Iterator[Cluster]:
    with Cluster() as made:
        yield made


def make(folder: Path, server: Loopback, scheduler: str | None, sources: int = 12) -> Project:
    """A project of many feeds, of which some need a careful parser, and of a digest."""
    tables = ['[[sources]]\nid = "digest"\nlocation = "digests/*.txt"\n']
    for number in range(sources):
        body = RSS.format(number, "A & B" if number == 3 else "").encode()
        address = server.at(f"/{number}", Reply(200, body, {"ETag": f'"{number}"'}))
        tables.append(
            f'[[sources]]\nid = "s{number}"\nlocation = "{address}"\nallow_private = true\n'
        )
    scale = f'[scale]\nscheduler = "{scheduler}"\n' if scheduler else ""
    config = f'base_url = "http://localhost:8080/"\nworkers = 1\n[fetch]\ndelay = "0s"\n{scale}'
    project = make_project(folder, {}, config=config + "".join(tables))
    project.write_digest("one.txt", digest(block("The quay is closed", "NATO", "Until 5 May.")))
    return project


def once(project: Project, now: datetime = NOW) -> list[str]:
    """Do what ``once`` does, at a time of the test; return the status of each source."""
    config = load(project.config)
    with open_store(config.store) as store:
        reports = ingest(config, store, now=now)
        regenerate(config, store)
    return [report.status for report in reports]


def same(one: Project, other: Project) -> bool:
    """Whether two projects have the same store and the same feeds."""
    files = [
        {path.name: path.read_bytes() for path in project.output.rglob("*") if path.is_file()}
        for project in (one, other)
    ]
    return one.contents() == other.contents() and files[0] == files[1]


def test_once_with_a_cluster_one_worker_of_which_is_killed(
    tmp_path: Path, started: Cluster
) -> None:
    """Nothing is lost and nothing is there twice: all is as without, and so is the next run."""
    started.add_worker()
    started.add_worker()
    killed: list[int] = []

    async def kill(_: Request, connection: Connection) -> None:
        """End the worker that asks, before it has the answer, and answer the next one."""
        if not killed:
            port = connection.writer.get_extra_info("peername")[1]
            for worker in started.workers():
                if port in [each.laddr.port for each in worker.net_connections() if each.laddr]:
                    killed.append(worker.pid)
                    worker.kill()
        await connection.send(Reply(200, RSS.format(5, "").encode(), {"ETag": '"5"'}).to_bytes())

    with Loopback() as server:
        here = make(tmp_path / "here", server, None)
        assert set(once(here)) == {"ok"}
        there = make(tmp_path / "there", server, started.scheduler)
        server.at("/5", kill)
        assert set(once(there)) == {"ok"}
        assert len(killed) == 1
        assert len(server.asked("/5")) == 3
        assert same(here, there)

        server.at("/5", Reply(200, RSS.format(55, "").encode()))
        later = NOW + timedelta(days=1)
        assert once(here, later) == once(there, later)
        assert same(here, there)


def test_cluster_that_cannot_be_used(
    tmp_path: Path, started: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without workers, with one that is set up wrongly or of another version, or lost."""

    def line_of_once() -> str:
        ran = project.run("once")
        assert ran.code == 3
        (line,) = ran.complaints
        assert line.startswith(f"aggregator: {started.scheduler}: ")
        return line

    with Loopback() as server:
        project = make(tmp_path, server, started.scheduler)
        assert "has no workers" in line_of_once()

        started.add_worker(daemon="True")
        assert "DASK_DISTRIBUTED__WORKER__DAEMON=False" in line_of_once()
        started.remove_worker()

        started.add_worker()
        own = cluster.environment()
        with monkeypatch.context() as patch:
            patch.setattr(cluster, "environment", lambda: own | {"lxml": "0.1"})
            assert f"has lxml {own['lxml']}, not 0.1" in line_of_once()
            assert not server.requests
            patch.setattr(cluster, "_check_workers", lambda *_: 2)  # it joins later
            assert f"has lxml {own['lxml']}, not 0.1" in line_of_once()
            assert not server.requests

        async def lose(_: Request, connection: Connection) -> None:
            started.started[0].kill()
            await connection.until_closed()

        server.at("/5", lose)
        ran = project.run_process("once", env={})
        assert ran.code == 3
        assert ran.complaints == [
            f"aggregator: {started.scheduler}: the connection to it was lost; what was stored stays"
        ]
        assert project.is_sound()
        project.configure(project.config.read_text().replace("[scale]\nscheduler", "#"))
        server.at("/5", Reply(200, RSS.format(5, "").encode()))
        assert set(once(project)) <= {"ok", "unchanged"}


def test_process_that_differs_says_in_what(monkeypatch: pytest.MonkeyPatch) -> None:
    """Version, libraries and code count, and whether it may start the process of a parser."""
    own = cluster.environment()
    assert cluster.check_process(own) is None
    for name in own.keys() - {"code"}:
        assert name in str(cluster.check_process(own | {name: "0"}))
    assert "other code" in str(cluster.check_process(own | {"code": "0"}))
    monkeypatch.setattr("multiprocessing.current_process", lambda: Daemonic)
    assert "DASK_DISTRIBUTED__WORKER__DAEMON=False" in str(cluster.check_process(own))


class Daemonic:
    daemon = True


@pytest.mark.parametrize("command", ["once", "regenerate"])
def test_scheduler_that_is_not_there(
    tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line and exit code 3, whether nothing listens, or it is something else."""
    monkeypatch.setattr(cluster, "_CONNECT", 0.5)
    with Loopback() as server:
        other = f"tcp://127.0.0.1:{server.port}"
        for number, address in enumerate(("tcp://127.0.0.1:1", other, "tls://127.0.0.1:1")):
            ran = make(tmp_path / str(number), server, address).run(command)
            assert ran.code == 3
            (line,) = ran.complaints
            assert line.startswith(f"aggregator: {address}: "), line
    assert "needs certificates" in line


def test_without_dask_it_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    project = make_project(tmp_path, {}, config='[scale]\nscheduler = "tcp://10.0.0.5:8786"\n')
    for command in ("once", "regenerate", "run"):
        ran = project.run(command)
        assert ran.code == 2
        (line,) = ran.complaints
        assert "[scale]: scheduler: needs Dask" in line
        assert "press-aggregator[dask]" in line


@pytest.mark.parametrize(
    "given",
    ["http://10.0.0.5:8786", "10.0.0.5:8786", "tcp://10.0.0.5", "tcp://a:b@c:1", "tcp://a:0"],
)
def test_address_that_is_not_one_of_a_scheduler(tmp_path: Path, given: str) -> None:
    project = make_project(tmp_path, {}, config=f'[scale]\nscheduler = "{given}"\n')
    ran = project.run("check")
    assert ran.code == 2
    assert "[scale]: scheduler: must be tcp://HOST:PORT or tls://HOST:PORT" in ran.err
    assert "a:b" not in ran.err


def test_warning_for_what_is_public_and_not_encrypted() -> None:
    """Private addresses are usual for a cluster."""
    assert "use tls://" in str(cluster._exposed("tcp://8.8.8.8:8786"))
    for address in ("tls://8.8.8.8:8786", "tcp://10.0.0.5:8786", "tcp://[::1]:8786"):
        assert cluster._exposed(address) is None


ERRORS: list[BaseException] = [
    errors.AggregatorError("no"),
    errors.ConfigError("a: no", "b: no"),
    errors.SourceError("a", "no"),
    errors.FetchError("a", "no"),
    errors.ParseError("a", "no"),
    errors.StorageError("no"),
    errors.StoreError("no"),
    errors.StoreChangedError("no"),
    errors.OutputError("no"),
    errors.ClusterError("no"),
    exchange.ExchangeError("no"),
    exchange.HostBackoffError(NOW, 429, NOW + timedelta(hours=1)),
    exchange.BackoffFetchError("a", "no", NOW),
]


def test_every_error_arrives_as_it_was() -> None:
    """A library may pickle it to carry it from one process to another."""
    found = {type(error) for error in ERRORS}
    for module in (errors, exchange):
        declared = {
            each
            for each in vars(module).values()
            if isinstance(each, type) and issubclass(each, Exception)
        }
        assert declared <= found
    for error in ERRORS:
        arrived = pickle.loads(pickle.dumps(error))
        assert type(arrived) is type(error)
        assert (str(arrived), arrived.args) == (str(error), error.args)
        assert vars(arrived) == vars(error)
