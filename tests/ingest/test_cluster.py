"""A Dask cluster in the place of the processes of this machine: what it does, and how it fails."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator import errors
from aggregator.config import load
from aggregator.fetch import exchange
from aggregator.ingest import cluster
from aggregator.ingest.run import ingest
from aggregator.output.regenerate import regenerate
from aggregator.store import open_store
from tests.support.loopback import Loopback, Reply
from tests.support.project import Project, block, digest, make_project

dask = pytest.importorskip("dask", reason="Dask is not installed")
distributed = pytest.importorskip("distributed", reason="Dask is not installed")

NOW = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)
RSS = (
    "<rss version='2.0'><channel><title>Harbour {0}</title>{1}<item><guid>https://h{0}.example/1"
    "</guid><title>Harbour {0} opens</title><description>&lt;p&gt;Open since &lt;b&gt;Friday "
    "{0}.&lt;/b&gt;&lt;/p&gt;</description></item></channel></rss>"
)


@contextmanager
def local_cluster(workers: int, **more: Any) -> Iterator[Any]:
    """A cluster of processes of this machine, started as the documentation says."""
    with (
        dask.config.set({"distributed.worker.daemon": False}),
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, **more
        ) as started,
    ):
        yield started


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Any]:
    with local_cluster(2) as started:
        yield started


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


def test_run_with_a_cluster_is_as_without(tmp_path: Path, two_workers: Any) -> None:
    """The same ids, dates, texts and feeds, at a first run and at one where little is new."""
    with Loopback() as server:
        here = make(tmp_path / "here", server, None)
        there = make(tmp_path / "there", server, two_workers.scheduler_address)
        for now in (NOW, NOW + timedelta(days=1)):
            assert once(here, now) == once(there, now)
            assert same(here, there)


def test_worker_of_another_version_is_refused(
    tmp_path: Path, two_workers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name, before anything is read; and if it joins later, by the first call it gets."""
    own = cluster.environment()
    monkeypatch.setattr(cluster, "environment", lambda: own | {"lxml": "0.1"})
    with Loopback() as server:
        project = make(tmp_path, server, two_workers.scheduler_address)
        ran = project.run("once")
        assert ran.code == 3
        (line,) = ran.complaints
        assert "worker tcp://" in line
        assert f"has lxml {own['lxml']}, not 0.1" in line
        assert not server.requests

        monkeypatch.setattr(cluster, "_check_workers", lambda *_: 2)
        ran = project.run("once")
        assert ran.code == 3
        (line,) = ran.complaints
        assert f"has lxml {own['lxml']}, not 0.1" in line


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
