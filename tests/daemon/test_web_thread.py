"""The thread that polls: sessions that wait for slow hosts, and what it logs of waiting."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import Config, Source, load
from aggregator.config.settings import ScaleSettings
from aggregator.daemon.worker import cluster, web
from aggregator.daemon.worker.messages import Polled, WorkerEvent
from aggregator.daemon.worker.thread import Shared
from aggregator.errors import ClusterError
from aggregator.ingest.run import Run
from aggregator.logs import Troubles
from aggregator.model import SourceReport
from aggregator.workers import Workers
from tests.support.project import make_project

NOW = datetime(2024, 6, 3, 12, tzinfo=UTC)
CONFIG = 'base_url = "http://localhost/"\n' + "".join(
    f'[[sources]]\nid = "{name}"\nlocation = "https://{name}.example/"\n' for name in "abc"
)

Work = Callable[[int], Sequence[Source] | None]
Done = Callable[[SourceReport, datetime | None], None]


@dataclass
class Log:
    """The events that were logged."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def info(self, event: str, **fields: object) -> None:
        self.events.append({"event": event, **fields})

    error = info

    def exception(self, event: str, **fields: object) -> None:
        raise AssertionError(fields)


class Trial:
    """A thread, which the test calls, and a clock; ``session`` is what a session does."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        self.sent: list[WorkerEvent] = []
        self.session: Callable[[Work, Done], None] = lambda _work, _done: None
        monkeypatch.setattr("time.monotonic", lambda: self.seconds)
        monkeypatch.setattr(web, "ingest_remote", self._ingest)
        self.shared = Shared(load(make_project(folder, {}, config=CONFIG).config), self.sent.append)
        self.thread = web.WebThread(self.shared)
        self.shared.threads |= dict.fromkeys(("maintenance", "subscribe"), self.thread)
        self.thread._log = self.log = Log()

    def _ingest(self, _run: Run, work: Work, done: Done, **_: object) -> None:
        self.session(work, done)

    def work(self, *names: str) -> None:
        """Do a session, with these due."""
        for name in names:
            self.thread.add(name)
        self.thread._work()


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    return Trial(tmp_path / "p", monkeypatch)


def ids(sources: Sequence[Source] | None) -> list[str] | None:
    return None if sources is None else [source.id for source in sources]


def test_session_that_waits_for_a_slow_host_takes_what_comes_due(trial: Trial) -> None:
    """Neither its age nor a time without results ends it; then it ends."""
    seen: list[object] = []

    def session(work: Work, done: Done) -> None:
        seen.append(ids(work(10)))
        trial.seconds += 1000
        seen.append(ids(work(10)))
        trial.thread.add("b")
        seen.append(ids(work(10)))
        for name in "ba":
            done(SourceReport(id=name, status="unchanged"), NOW)
        seen.append(ids(work(10)))

    trial.session = session
    trial.work("a")
    assert seen == [["a"], [], ["b"], None]


def test_new_configuration_cancels_what_waits_for_a_slow_host(trial: Trial) -> None:
    """It is polled again, by the new configuration, together with what else is due."""
    seen: list[object] = []

    def session(work: Work, _done: Done) -> None:
        seen.append(ids(work(10)))
        trial.shared.version += 1
        seen.append(ids(work(10)))

    trial.session = session
    trial.work("a")
    trial.session = lambda work, _done: seen.append(ids(work(10)))
    trial.work("b")
    assert seen == [["a"], ["a", "b"]]


def test_waiting_source_is_logged_once_for_each_wait(trial: Trial) -> None:
    """The daemon learns each time when it is due."""

    def session(work: Work, done: Done) -> None:
        work(10)
        for status in ("waiting", "waiting", "waiting", "unchanged", "waiting"):
            done(SourceReport(id="a", status=status, error=status), NOW)

    trial.session = session
    trial.work("a")
    assert [event["status"] for event in trial.log.events] == ["waiting", "unchanged", "waiting"]
    assert trial.sent == [
        Polled("a", status, 0.0, NOW) for status in ["waiting"] * 3 + ["unchanged", "waiting"]
    ]


def test_cluster_that_is_lost_and_comes_back(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources are polled here meanwhile, what was under way too; each change is logged once."""
    opened: list[str] = []
    problem: list[str] = []

    @contextmanager
    def open_workers(config: Config, _warn: object) -> Iterator[Workers]:
        if problem:
            raise ClusterError(problem[0])
        opened.append(str(config.scale.scheduler))
        yield Workers(3, executor=Executor(), are_elsewhere=True)
        opened.append("closed")

    monkeypatch.setattr(cluster, "open_workers", open_workers)
    config = trial.shared.config
    trial.shared.config = replace(config, scale=ScaleSettings(scheduler="tcp://a:1"))
    log = Log()
    trial.thread._cluster = cluster.ClusterConnection(Troubles(log))
    seen: list[object] = []

    def lose(work: Work, _done: Done) -> None:
        seen.append(ids(work(10)))
        problem.append("tcp://a:1: lost")
        raise ClusterError("tcp://a:1: lost")

    def poll(work: Work, done: Done) -> None:
        names = ids(work(10))
        assert names is not None
        seen.append(names)
        for name in names:
            done(SourceReport(id=name, status="unchanged"), NOW)

    trial.session = lose
    trial.work("a", "b")
    assert (seen, opened) == ([["a", "b"]], ["tcp://a:1", "closed"])
    trial.session = poll
    trial.work()
    trial.seconds += cluster.PAUSE  # it is tried again, and is still away
    trial.work("c")
    assert seen[1:] in ([["b", "a"], ["c"]], [["a", "b"], ["c"]])
    assert [event["event"] for event in log.events] == ["cluster"]
    assert log.events[0]["problem"] == "tcp://a:1: lost; sources are polled in this process"
    problem.clear()
    trial.work("a")  # not tried yet
    assert opened == ["tcp://a:1", "closed"]
    trial.seconds += cluster.PAUSE
    trial.work("a")
    trial.work("a")  # the connection stays
    assert opened == ["tcp://a:1", "closed", "tcp://a:1"]
    assert [event["event"] for event in log.events] == ["cluster", "cluster: works again"]
    trial.shared.config = config
    trial.work("a")
    assert opened[-1] == "closed"
