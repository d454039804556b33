"""Sources that other processes poll, in batches of whole hosts."""

import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import load
from aggregator.fetch.exchange import Limits
from aggregator.fetch.host_limiter import HostMemory
from aggregator.ingest import batch as batches
from aggregator.ingest.batch import Batch, Polled, unpack_answer
from aggregator.ingest.polling import PollResult
from aggregator.ingest.run import ingest
from aggregator.model import SourceReport
from aggregator.store import open_store
from aggregator.workers import Workers
from tests.support.loopback import Loopback, Reply
from tests.support.project import Project, make_project

NOW = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)
RSS = (
    "<rss version='2.0'><channel><title>Harbour {0}</title><item><guid>https://h{0}.example/{1}"
    "</guid><title>Harbour {0} opens</title><description>Open at quay {0}.</description>"
    "</item></channel></rss>"
)


class Elsewhere(ThreadPoolExecutor):
    """In place of other processes: threads, which see what is sent and what comes back."""

    def __init__(self, threads: int = 2) -> None:
        super().__init__(threads)
        self.sent: list[Batch] = []
        self.answers: list[bytes] = []
        self.fails = 0

    def submit(self, call: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        assert call is batches.poll_packed
        assert all(isinstance(each, bytes | None) for each in args)
        if self.fails:
            self.fails -= 1
            broken: Future[Any] = Future()
            broken.set_exception(RuntimeError("the process died"))
            return broken

        def work() -> bytes | None:
            answer: bytes | None = call(*args, **more)
            if answer is not None:
                self.sent.append(batches._batch.decode(args[0]))
                self.answers.append(answer)
            return answer

        return super().submit(work)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as started:
        yield started


def project_of(folder: Path, addresses: dict[str, str], *, delay: str = "0s") -> Project:
    tables = [
        f'[[sources]]\nid = "{name}"\nlocation = "{address}"\nallow_private = true\n'
        for name, address in addresses.items()
    ]
    config = f'base_url = "http://localhost:8080/"\n[fetch]\ndelay = "{delay}"\n'
    return make_project(folder, {}, config=config + "".join(tables))


def feeds(server: Loopback, count: int, hosts: int = 1) -> dict[str, str]:
    """Addresses of feeds, on this many hosts in turn."""
    found = {}
    for number in range(count):
        body = RSS.format(number, 1).encode()
        server.at(f"/{number}", Reply(200, body, {"ETag": f'"{number}"'}))
        found[f"s{number}"] = server.url(f"/{number}", host=f"127.0.0.{1 + number % hosts}")
    return found


def poll(
    project: Project, executor: Executor | None, now: datetime = NOW, others: int = 2
) -> list[SourceReport]:
    config = load(project.config)
    workers = Workers(1 + others, executor=executor, are_elsewhere=True) if executor else Workers(1)
    with open_store(config.store) as store:
        return ingest(config, store, now=now, workers=workers)


def state(project: Project) -> tuple[Any, ...]:
    return project.contents(), project.rows("SELECT * FROM visits ORDER BY source")


def test_result_has_all_of_a_poll() -> None:
    """What the sender knows is left out: a new field travels, or is named here."""
    known = {"source", "previous", "page", "job"}
    assert {f.name for f in fields(PollResult)} - known <= {f.name for f in fields(Polled)}


def test_store_is_as_after_polling_here(tmp_path: Path, server: Loopback) -> None:
    """New, unchanged, failed and moved sources, in the order of the configuration."""
    addresses = feeds(server, 30)
    addresses["gone"] = server.at("/gone", Reply(410))
    addresses["missing"] = server.at("/missing", Reply(404))
    addresses["empty"] = server.at("/empty", Reply(200))
    addresses["moved"] = server.at("/moved", Reply(301, headers={"Location": "/0"}))
    addresses["page"] = server.at(
        "/page",
        Reply(
            200,
            b'<html><link rel="alternate" type="application/rss+xml" href="/1"></html>',
            {"Content-Type": "text/html"},
        ),
    )
    addresses["broken"] = server.at("/broken", Reply(200, b"<rss><channel"))
    addresses["none"] = "http://127.0.0.1:1/"
    here, there = (project_of(tmp_path / name, addresses) for name in ("here", "there"))
    with Elsewhere() as executor:
        for day in range(3):
            now = NOW + timedelta(days=day)
            if day == 2:
                server.at("/3", Reply(200, RSS.format(3, 2).encode()))
            assert poll(here, None, now) == poll(there, executor, now)
            assert state(here) == state(there)
        assert sum(len(batch.wanted) for batch in executor.sent) == 3 * len(addresses) - 2


def test_host_is_in_one_batch_at_a_time(tmp_path: Path) -> None:
    """Also where the sources of hosts are listed in turn, and a host has more than fit."""
    with Loopback("0.0.0.0") as server, Elsewhere(4) as executor:
        project = project_of(tmp_path, feeds(server, 120, hosts=3), delay="1ms")
        assert {report.status for report in poll(project, executor, others=4)} == {"ok"}
    assert server.most_at_once == 1
    assert len(executor.sent) > 3
    for batch in executor.sent:
        assert len(batch.wanted) <= 50


def test_no_body_and_no_secret_comes_back(tmp_path: Path, server: Loopback) -> None:
    """The location, which may hold a password, goes out in the request alone."""
    body = RSS.format(0, 1).replace("<item>", "<generator>marker</generator><item>").encode()
    server.at("/0", Reply(200, body, {"ETag": '"0"'}))
    address = server.url("/0").replace("//", "//user:password@")
    project = project_of(tmp_path, {"s0": address})
    with Elsewhere() as executor:
        poll(project, executor)
        poll(project, executor, NOW + timedelta(days=1))
        (first, _) = executor.sent
        assert first.wanted[0].source.location == ""
        assert first.wanted[0].request.address == address
    polled = [each for answer in executor.answers for each in unpack_answer(answer).polled]
    texts = [zlib.decompress(each) for each in polled if each is not None]
    assert [b"Open at quay 0" in text for text in texts] == [True, False]
    assert not [text for text in texts if b"marker" in text or b"password" in text]
    assert len(executor.answers[1]) < 1000
    assert project.rows("SELECT bytes FROM documents") == [(len(body),)]


def test_backoff_learnt_in_a_batch_counts_in_the_next(tmp_path: Path, server: Loopback) -> None:
    """By the clock of this process, and for the path or host that asked for it."""
    addresses = {
        name: server.at(f"/{name}", Reply(429, headers={"Retry-After": "3600"})) for name in "ab"
    }
    addresses |= feeds(server, 1)
    project = project_of(tmp_path, addresses)
    with Elsewhere(1) as executor:
        first = poll(project, executor, others=1)
        assert [report.status for report in first][:2] == ["failed", "failed"]
        again = poll(project, executor, NOW + timedelta(minutes=5), others=1)
        assert [report.status for report in again][:2] == ["waiting", "waiting"]
        assert executor.sent[-1].waits
        assert len(server.asked("/a")) == 1
        later = poll(project, executor, NOW + timedelta(hours=2), others=1)
        assert [report.status for report in later][:2] == ["failed", "failed"]
        assert not executor.sent[-1].waits
    (until,) = {row[0] for row in project.rows("SELECT wait_until FROM hosts")}
    assert datetime.fromisoformat(until) >= NOW + timedelta(hours=3)


def test_batch_whose_process_died_is_polled_here(tmp_path: Path, server: Loopback) -> None:
    here, there = (project_of(tmp_path / n, feeds(server, 6)) for n in ("here", "there"))
    with Elsewhere() as executor:
        executor.fails = 2
        assert poll(there, executor) == poll(here, None)
    assert state(here) == state(there)


def test_source_that_cannot_be_sent_is_polled_here(tmp_path: Path, server: Loopback) -> None:
    """As a text with half a surrogate pair cannot, which a JSON feed may hold."""
    body = (
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": ['
        b'{"id": "\\ud800", "title": "Half a character", "content_text": "It is there."}]}'
    )
    addresses = feeds(server, 2)
    addresses["odd"] = server.at("/odd", Reply(200, body))
    here, there = (project_of(tmp_path / name, addresses) for name in ("here", "there"))
    with Elsewhere() as executor:
        assert poll(there, executor) == poll(here, None)
    assert state(here) == state(there)


def test_older_pages_are_polled_by_the_others_too(tmp_path: Path, server: Loopback) -> None:
    """Each in its turn, and the state of the walk is as after polling here."""
    page = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Harbour</title><id>urn:a</id>{}"
        "<entry><id>urn:e{}</id><title>Notice {}</title><updated>2024-0{}-01T00:00:00Z</updated>"
        "<content>The quay number {} is closed.</content></entry></feed>"
    )
    for number in range(4):
        older = server.url(f"/{number + 1}")
        link = f"<link rel='prev-archive' href='{older}'/>" if number < 3 else ""
        day = 5 - number
        server.at(f"/{number}", Reply(200, page.format(link, number, number, day, number).encode()))
    here, there = (project_of(tmp_path / name, {"s": server.url("/0")}) for name in ("a", "b"))
    for project in (here, there):
        project.configure(project.config.read_text() + 'backfill = "all"\n')
    with Elsewhere() as executor:
        assert poll(there, executor) == poll(here, None)
        assert len(executor.sent) == 4
    assert state(here) == state(there)
    walks = "SELECT state, pages, bytes, floor FROM backfills"
    assert here.rows(walks) == there.rows(walks) != []
    assert len(there.rows("SELECT 1 FROM entries")) == 4


def test_internal_error_names_its_source(
    tmp_path: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It occurs again in this process, which knows the source."""
    from aggregator.ingest.polling import listed
    from aggregator.ingest.run import ingest_remote, open_run

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    config = load(project_of(tmp_path, feeds(server, 1)).config)
    monkeypatch.setattr("aggregator.ingest.readers._read", fail)
    faults: list[str] = []
    with (
        Elsewhere() as executor,
        open_store(config.store) as store,
        open_run(
            config,
            store,
            clock=lambda: NOW,
            is_continuous=True,
            workers=Workers(3, executor=executor, are_elsewhere=True),
        ) as run,
        pytest.raises(ZeroDivisionError),
    ):
        ingest_remote(
            run, listed(config.sources), lambda *_: None, on_fault=lambda s: faults.append(s.id)
        )
    assert faults == ["s0"]


def test_delay_is_kept_from_one_batch_to_the_next() -> None:
    """The next one is told how long its hosts still rest."""
    batch = Batch(
        wanted=[],
        limits=Limits(),
        user_agent="x",
        concurrency=1,
        delay=1.0,
        now=NOW,
        clock=NOW,
        waits={"a:80": NOW + timedelta(hours=1)},
        rests={"b:80": 60.0},
    )
    memory = batches.memory_of(batch)
    assert isinstance(memory, HostMemory)
    assert set(memory.rested) == {"b:80"}
    assert memory.backoffs["a:80"].until == NOW + timedelta(hours=1)
