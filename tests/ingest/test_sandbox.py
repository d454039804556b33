"""Calls in a separate process: results, errors, calls that do not end, and orphans."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection, Pipe
from types import SimpleNamespace

import pytest

from aggregator import workers
from aggregator.config import Source
from aggregator.errors import ParseError
from aggregator.ingest.jobs import Job, Rules
from aggregator.ingest.readers import Readers
from aggregator.ingest.sandbox import DeadlineError, KillableProcess, ProcessDiedError
from aggregator.model import Document
from aggregator.normalise.agency import Agencies
from aggregator.workers import Workers
from tests.support.daemons import descendants, until_gone

SOON = 20.0  # seconds in which any of these calls is done, however slow the machine
NOW = datetime(2024, 1, 5, tzinfo=UTC)
ADDRESS = "https://example.org/x.xml"


@pytest.fixture
def process() -> Iterator[KillableProcess]:
    with KillableProcess() as made:
        yield made


def who() -> int:
    return os.getpid()


def never() -> None:
    while True:
        pass


def dies() -> None:
    os._exit(3)


def eats() -> int:
    return len(bytearray(8 * 10**9))


def refuses() -> None:
    raise ParseError("feed", "x.xml: makes no sense")


def nests() -> None:
    nests()


def local() -> object:
    return lambda: None


def test_call_runs_in_another_process(process: KillableProcess) -> None:
    """One other process serves all calls."""
    first = process.call(who, deadline=SOON)
    assert first != os.getpid()
    assert process.call(who, deadline=SOON) == first


def test_error_of_a_call_is_raised(process: KillableProcess) -> None:
    """An error keeps its type and its attributes."""
    with pytest.raises(ParseError, match=r"makes no sense") as caught:
        process.call(refuses, deadline=SOON)
    assert (caught.value.source, caught.value.problem) == ("feed", "x.xml: makes no sense")


def test_call_past_its_deadline_is_killed(process: KillableProcess) -> None:
    """Its process is killed, and the next call has a new one."""
    before = process.call(who, deadline=SOON)
    with pytest.raises(DeadlineError):
        process.call(never, deadline=0.2)
    assert process.call(who, deadline=SOON) != before
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


@pytest.mark.parametrize("call", [dies, eats, nests])
def test_call_that_crashes_its_process(process: KillableProcess, call: object) -> None:
    """A process that ends, or runs out of memory or stack, fails that call only."""
    with pytest.raises(ProcessDiedError):
        process.call(call, deadline=SOON)  # type: ignore[arg-type]  # one of the functions above
    assert process.call(who, deadline=SOON) != os.getpid()


def test_result_that_cannot_be_pickled(process: KillableProcess) -> None:
    """It is an error with its reason."""
    with pytest.raises(RuntimeError, match=r"(?i)pickle"):
        process.call(local, deadline=SOON)


def test_no_call_starts_no_process() -> None:
    """Killing is allowed without a process."""
    with KillableProcess() as idle:
        idle.kill()


def starts_readers(ready: Connection) -> None:
    """Have processes for reading, as a run over many documents has, and wait for ever."""
    rules = Rules(
        Agencies([]), {}, max_items=9, max_item_size=999, parse_timeout=SOON, document_timeout=SOON
    )
    source = Source(id="feed", location="https://example.org/")
    broken = b"<rss><channel><title>A & B</title><item><title>C</title></channel>"
    jobs = [Job(source, document(broken))] * 2
    with Workers(2) as others, Readers(rules, workers=others) as readers:
        assert len(list(readers.each(iter(jobs), alone=1))) == 2
        ready.send(None)
        ready.recv()


def document(body: bytes) -> Document:
    return Document(
        source="feed", name="x.xml", body=body, sha256="0", modified=NOW, address=ADDRESS
    )


def test_children_end_when_their_parent_is_killed() -> None:
    """A pool waits for a pipe that it holds itself, so the end of the pipe does not show it."""
    ready, theirs = Pipe()
    parent = get_context("spawn").Process(target=starts_readers, args=(theirs,))
    parent.start()
    theirs.close()
    assert parent.pid is not None
    assert ready.poll(3 * SOON)
    ready.recv()
    children = list(descendants(parent.pid))
    assert len(children) >= 3  # the pool's, its sandbox, and the parent's own
    parent.kill()
    until_gone(children)
    parent.join()


def test_child_of_a_forked_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a copy of the parent keeps the sentinel open, the id of the parent shows its end."""
    parents = iter([7, 7, 1])
    ended: list[int] = []
    monkeypatch.setattr("multiprocessing.parent_process", lambda: SimpleNamespace(sentinel=0))
    monkeypatch.setattr("multiprocessing.connection.wait", lambda _objects, _seconds: [])
    monkeypatch.setattr(os, "getppid", lambda: next(parents))
    monkeypatch.setattr(os, "_exit", ended.append)
    workers._outlive(7, 0.0)
    assert ended == [1]
    assert list(parents) == []
