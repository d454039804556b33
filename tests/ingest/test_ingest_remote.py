"""The driver that polls and ingests remote sources: fed from a list, or as sources come due."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import Source, load
from aggregator.ingest.polling import listed
from aggregator.ingest.run import ingest, ingest_remote, open_run
from aggregator.model import SourceReport
from aggregator.store import open_store
from aggregator.store.documents import source_states
from aggregator.store.history import history
from aggregator.workers import Workers
from tests.support.loopback import Loopback, Reply
from tests.support.project import make_project

NOW = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)
FEED = b"""<rss version="2.0"><channel><title>Harbour Office</title>
<item><title>The harbour opens</title><guid>https://harbour.example/1</guid></item>
</channel></rss>"""

Due = Callable[[int], Sequence[Source] | None]


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as started:
        yield started


class Trial:
    """Sources ``a``, ``b`` … of one server, ingested as in the daemon."""

    def __init__(self, folder: Path, server: Loopback, names: str) -> None:
        tables = [
            f'[[sources]]\nid = "{name}"\nlocation = "{server.url("/" + name)}"\n'
            "allow_private = true\n"
            for name in names
        ]
        config = 'base_url = "http://localhost:8080/"\n[fetch]\ndelay = "0s"\n' + "".join(tables)
        self.config = load(make_project(folder, {}, config=config).config)
        self.sources = {source.id: source for source in self.config.sources}
        self.reports: list[SourceReport] = []
        self.due: list[datetime | None] = []
        self.faults: list[str] = []
        self.now = NOW

    def ingest(self, due: Due) -> None:
        with (
            open_store(self.config.store) as store,
            open_run(self.config, store, clock=lambda: self.now, is_continuous=True) as run,
        ):
            ingest_remote(run, due, self._done, on_fault=lambda found: self.faults.append(found.id))

    def _done(self, report: SourceReport, due: datetime | None) -> None:
        self.reports.append(report)
        self.due.append(due)


def test_sources_that_come_due_later_are_polled(tmp_path: Path, server: Loopback) -> None:
    """Each is finished before the next one comes due, and the call ends with the work."""
    server.at("/a", Reply(200, FEED))
    server.at("/b", Reply(404))
    trial = Trial(tmp_path / "p", server, "ab")

    waiting = list("ba")

    def due(_room: int) -> list[Source] | None:
        if len(waiting) + len(trial.reports) < 2:
            return []  # one is under way
        return [trial.sources[waiting.pop()]] if waiting else None

    trial.ingest(due)
    assert [(report.id, report.status) for report in trial.reports] == [
        ("a", "ok"),
        ("b", "failed"),
    ]
    assert all(moment is not None and moment > NOW for moment in trial.due)


def test_host_is_polled_again_after_its_backoff(tmp_path: Path, server: Loopback) -> None:
    """``Retry-After`` ends by the clock, also for a call that goes on for long."""
    server.at("/a", Reply(429, headers={"Retry-After": "60"}), Reply(200, FEED))
    trial = Trial(tmp_path / "p", server, "a")
    polls = 0

    def due(_room: int) -> list[Source] | None:
        nonlocal polls
        if len(trial.reports) < polls:
            return []
        if polls == 3:
            return None
        polls += 1
        trial.now = NOW + timedelta(seconds=30 * (polls - 1))
        return [trial.sources["a"]]

    trial.ingest(due)
    assert [report.status for report in trial.reports] == ["failed", "waiting", "ok"]
    assert "for no requests until 2024-06-03 12:01 UTC" in (trial.reports[1].error or "")
    assert len(server.requests) == 2


def test_source_that_was_not_asked_is_not_counted(tmp_path: Path, server: Loopback) -> None:
    """It is due exactly when it may be asked, and neither a visit nor a failure."""
    for path in ("/a", "/b"):  # the second path shows that it is the host
        server.at(path, Reply(429, headers={"Retry-After": "7200"}))
    trial = Trial(tmp_path / "p", server, "abcd")
    waiting = list("dcba")

    def due(_room: int) -> list[Source] | None:
        if len(waiting) + len(trial.reports) < 4:
            return []
        return [trial.sources[waiting.pop()]] if waiting else None

    trial.ingest(due)
    assert [report.status for report in trial.reports] == ["failed"] * 2 + ["waiting"] * 2
    until = NOW + timedelta(hours=2)
    assert trial.due == [until, until, until, until + timedelta(seconds=1)]
    with open_store(trial.config.store) as store:
        states, days = source_states(store), history(store, now=NOW)
    assert [states[name].failures for name in "abcd"] == [1, 1, 0, 0]
    assert [states[name].last_attempt for name in "abcd"] == [NOW, NOW, None, None]
    assert (days["a"][0].visits, days["a"][0].failures) == (1, 1)
    assert days.keys() == {"a", "b"}


def test_moment_before_a_backoff_is_over(tmp_path: Path, server: Loopback) -> None:
    """What waits for less than a second is not due at once, and again until then."""
    server.at("/a", Reply(503, headers={"Retry-After": "60"}))
    trial = Trial(tmp_path / "p", server, "a")
    waiting = list("aa")

    def due(_room: int) -> list[Source] | None:
        if len(waiting) + len(trial.reports) < 2:
            return []
        if trial.reports:
            trial.now = NOW + timedelta(seconds=59.9)
        return [trial.sources[waiting.pop()]] if waiting else None

    trial.ingest(due)
    assert trial.due[1] == NOW + timedelta(seconds=60)


def test_error_of_the_work_cancels_what_is_under_way(tmp_path: Path, server: Loopback) -> None:
    """The daemon stops that way; it is not a fault of any source."""
    trial = Trial(tmp_path / "p", server, "a")

    def due(_room: int) -> list[Source] | None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        trial.ingest(due)
    assert (trial.reports, trial.faults) == ([], [])


def test_internal_error_names_its_source(
    tmp_path: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is raised, and the source known that it occurred with."""
    server.at("/a", Reply(200, FEED))
    trial = Trial(tmp_path / "p", server, "a")

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("aggregator.ingest.walk.take_items", broken)
    waiting = [[trial.sources["a"]]]
    with pytest.raises(ZeroDivisionError):
        trial.ingest(lambda _room: waiting.pop() if waiting else None)
    assert (trial.reports, trial.faults) == ([], ["a"])


class Threads(ThreadPoolExecutor):
    """In place of a pool of processes: counts the calls of all."""

    calls = 0

    def __init__(self, max_workers: int, **_: object) -> None:
        super().__init__(max_workers)

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        Threads.calls += 1
        return super().submit(*args, **kwargs)


@pytest.mark.parametrize(("many", "calls"), [(3, 0), (2, 2)])
def test_documents_of_many_new_sources_are_read_by_the_others(
    tmp_path: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch, many: int, calls: int
) -> None:
    """From the first one on, and they are started before; those of sources that were polled before
    may be few, and are not.
    """
    monkeypatch.setattr("aggregator.ingest.run._MANY_NEW", many)
    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", Threads)
    monkeypatch.setattr(Threads, "calls", 0)
    for path in ("/a", "/b"):
        server.at(path, Reply(200, FEED), Reply(200, FEED.replace(b"opens", b"closes")))
    trial = Trial(tmp_path / "p", server, "ab")
    for now in (NOW, NOW + timedelta(days=1)):
        with open_store(trial.config.store) as store:
            reports = ingest(trial.config, store, now=now, workers=Workers(2))
        assert [report.status for report in reports] == ["ok", "ok"]
        assert Threads.calls == calls  # none in the second run


def test_a_poll_costs_the_same_with_many_sources(tmp_path: Path, server: Loopback) -> None:
    """The store is asked as often, and for as much, for one of 1,000 sources as for one of two."""
    server.at("/a", Reply(200, FEED))
    counts = []
    for number in (2, 1000):
        trial = Trial(tmp_path / f"p{number}", server, "ab")
        (pattern,) = [source for source in trial.config.sources if source.id == "b"]
        more = [
            replace(pattern, id=f"s{n}", location=f"http://h{n}.example/") for n in range(number)
        ]
        config = replace(trial.config, sources=(trial.sources["a"], *more))
        statements: list[str] = []
        with open_store(config.store) as store:
            for _ in range(2):  # the second session finds everything as it was
                statements.clear()
                store.conn.set_trace_callback(statements.append)
                with open_run(config, store, clock=lambda: NOW, is_continuous=True) as run:
                    ingest_remote(run, listed([config.by_id["a"]]), lambda *_: None)
        assert not any("s500" in statement for statement in statements)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] > 0


def test_sources_are_in_the_store_once_they_were_polled(tmp_path: Path, server: Loopback) -> None:
    """Also one that failed, and where it is now if its location changed."""
    server.at("/a", Reply(200, FEED))
    server.at("/b", Reply(404))
    trial = Trial(tmp_path / "p", server, "abc")
    first = {"a": trial.sources["a"], "b": trial.sources["b"]}
    moved = {"a": replace(trial.sources["a"], location=server.url("/b"))}
    for sources in (first, moved):
        trial.ingest(listed(list(sources.values())))
    with open_store(trial.config.store) as store:
        found = store.rows("SELECT id, location FROM sources ORDER BY id")
    assert found == [("a", server.url("/b")), ("b", server.url("/b"))]
