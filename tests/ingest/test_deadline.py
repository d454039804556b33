"""Documents that take too long: interrupted whatever they do, reported, and nothing else lost."""

import re
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import Config, load
from aggregator.errors import StoreError
from aggregator.ingest import deadline as deadlines
from aggregator.ingest import read as reading
from aggregator.ingest import readers, walk
from aggregator.ingest import run as ingest_run
from aggregator.ingest.deadline import Deadline, OverdueError
from aggregator.ingest.jobs import Job
from aggregator.ingest.polling import listed
from aggregator.ingest.run import ingest
from aggregator.ingest.sandbox import KillableProcess, ProcessDiedError
from aggregator.model import SourceReport
from aggregator.store import open_store
from aggregator.workers import Workers
from tests.ingest.test_ingest_remote import FEED, Trial
from tests.support.loopback import Loopback, Reply
from tests.support.project import AGENCIES, Project, block, digest, make_project

NOW = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)
SOON = 0.01
CALM = digest(block("The harbour opens", "NATO", "Ships may enter again."))
SLOW = digest(
    block("A stalling text", "NATO", "It takes for ever."),
    block("Another item", "NATO", "Which would have been new."),
)

# the interrupt


def in_main(call: Callable[[], None]) -> None:
    call()


def in_thread(call: Callable[[], None]) -> None:
    raised: list[BaseException] = []

    def catch() -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=catch)
    thread.start()
    thread.join()
    for error in raised:
        raise error


def endless_loop() -> None:
    for _ in count():
        pass


def endless_match() -> None:
    re.fullmatch(r"(a+)+", "a" * 60 + "b")


def catches_everything() -> None:
    with suppress(BaseException):
        endless_loop()
    endless_loop()


@pytest.mark.parametrize(
    ("where", "work"),
    [
        (in_main, endless_loop),
        (in_main, endless_match),
        (in_main, catches_everything),
        (in_thread, endless_loop),
        (in_thread, catches_everything),
    ],
)
def test_work_without_end_is_interrupted(
    monkeypatch: pytest.MonkeyPatch,
    where: Callable[[Callable[[], None]], None],
    work: Callable[[], None],
) -> None:
    """In the main thread and in others, also where a library catches the first interrupt."""
    monkeypatch.setattr(deadlines, "_AGAIN", SOON)

    def bounded() -> None:
        Deadline(SOON, "").run(work)

    with pytest.raises(OverdueError):
        where(bounded)


@pytest.mark.parametrize("where", [in_main, in_thread])
def test_nothing_is_interrupted_afterwards(where: Callable[[Callable[[], None]], None]) -> None:
    """Neither a timer nor a handler is left, and no thread goes on."""
    before = signal.getsignal(signal.SIGALRM)
    where(lambda: Deadline(60, "").run(lambda: None))
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) == before
    for thread in threading.enumerate():
        if thread.name == "deadline":
            thread.join(60)
            assert not thread.is_alive()


@pytest.mark.parametrize("work", [endless_loop, lambda: None])
def test_traced_threads_go_on(work: Callable[[], None]) -> None:
    """Nothing is left that Python 3.11 would look for without end when a traced call begins.

    That is what an interrupt does which is taken back; only tools for coverage and debuggers trace.
    """
    called: list[int] = []

    def bounded() -> None:
        with suppress(OverdueError):
            Deadline(SOON if work is endless_loop else 60, "").run(work)

    def traced() -> None:
        sys.settrace(lambda *_: None)
        try:
            called.extend(abs(n) for n in range(3))
        finally:
            sys.settrace(None)

    in_thread(bounded)
    thread = threading.Thread(target=traced, daemon=True)
    thread.start()
    thread.join(60)
    assert called == [0, 1, 2]


@pytest.mark.parametrize("where", [in_main, in_thread])
def test_interrupt_at_any_moment(where: Callable[[Callable[[], None]], None]) -> None:
    """While work starts, goes on or ends: it is raised by the call, or not at all."""

    def work() -> None:
        for _ in range(20_000):
            pass

    def bounded() -> None:
        for _ in range(100):
            with suppress(OverdueError):
                Deadline(0.001, "").run(work)
            work()

    where(bounded)


def test_work_that_ends_too_late() -> None:
    """What could not be interrupted in time is overdue when it returns."""
    times = iter([0.0, 0.0, 61.0])
    with pytest.raises(OverdueError):
        Deadline(60, "", clock=lambda: next(times)).run(lambda: None)


@pytest.mark.parametrize(("now", "raised"), [(59.0, StoreError), (61.0, OverdueError)])
def test_error_after_the_deadline(now: float, raised: type[BaseException]) -> None:
    """An error after the deadline is taken for its effect; one before it stays what it is."""
    times = iter([0.0, 0.0, now])

    def fail() -> None:
        raise StoreError("interrupted")

    with pytest.raises(raised):
        Deadline(60, "", clock=lambda: next(times)).run(fail)


def test_query_is_interrupted(tmp_path: Path) -> None:
    """A single statement ends too, and the store can be used afterwards."""
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    )
    with open_store(tmp_path / "a.db") as store:
        with (
            pytest.raises(StoreError, match="interrupted"),
            store.transaction(),
            store.interrupted_when(lambda: True),
        ):
            store.rows(endless)
        with store.transaction():
            assert store.rows("SELECT count(*) FROM sources") == [(0,)]


# a document that takes too long

STEPS = {
    "reading it": (reading, "_read"),
    "looking up its items": (walk, "look_up"),
    "deciding on its items": (walk, "decide_document"),
    "writing its entries": (walk, "apply_decisions"),
}


class Stall:
    """Interrupts the work on the slow document at one step; ``tries`` counts how often."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
        self.tries = 0
        self.is_mended = False
        module, name = STEPS[step]
        self._real: Callable[..., Any] = getattr(module, name)
        monkeypatch.setattr(module, name, self)

    def __call__(self, *args: Any) -> Any:
        result = self._real(*args)
        if "stalling" in repr(args):
            self.tries += 1
            if not self.is_mended:
                raise OverdueError
        return result


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two digests, of which the first takes too long, and a source with another."""
    config = "".join(
        f'[[sources]]\nid = "{name}"\nlocation = "{name}/*.txt"\n' for name in ("some", "others")
    )
    config += AGENCIES
    made = make_project(tmp_path, {}, config=config)
    for name, content in (("some/a", SLOW), ("some/b", CALM), ("others/c", CALM)):
        made.write(f"{name}.txt", content)
    return made


def run_once(
    project: Project, *, now: datetime = NOW, workers: Workers | None = None, **changes: Any
) -> list[SourceReport]:
    config: Config = replace(load(project.config), **changes)
    with open_store(config.store) as store:
        return ingest(config, store, now=now, workers=workers)


@pytest.mark.parametrize("step", STEPS)
def test_slow_document_costs_only_itself(
    project: Project, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """It is reported in one line with the step; nothing of it is stored, and the others are."""
    Stall(monkeypatch, step)
    some, others = run_once(project)
    problem = f"a.txt: stopped after 120 s (document_timeout) while {step}; given up"
    assert some.status == "failed"
    assert some.problems == (f"some/{problem}",)
    assert (some.documents, others.status, others.documents) == (1, "ok", 1)
    assert project.rows("SELECT title FROM entries") == [("The harbour opens",)]
    assert project.rows("SELECT name FROM documents ORDER BY name") == [
        ("others/c.txt",),
        ("some/b.txt",),
    ]
    assert project.rows("SELECT last_error FROM sources WHERE id = 'some'") == [(some.error,)]
    assert project.run("once").code == 1
    assert project.run("doctor").code == 0


@pytest.mark.parametrize("step", ["reading it", "deciding on its items"])
def test_slow_document_is_not_tried_at_each_run(
    project: Project, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """It fails without being read, until it or the limit has changed, or some time has passed."""
    stall = Stall(monkeypatch, step)
    monkeypatch.setattr(readers, "RISKY", 0)
    minutes = 0
    for tries, wait in enumerate([60, 120, 240, 480, 960, 1440, 1440], start=1):
        run_once(project, now=NOW + timedelta(minutes=minutes))
        assert stall.tries == tries
        some, _ = run_once(project, now=NOW + timedelta(minutes=minutes + wait - 1))
        assert stall.tries == tries
        minutes += wait
        again = NOW + timedelta(minutes=minutes)
        assert some.status == "failed"
        assert some.error is not None
        assert some.error.endswith(
            f"; given up; tried again when it changes, or after {again:%Y-%m-%d %H:%M} UTC"
        )
    run_once(project, now=NOW)  # the clock was wrong before
    assert stall.tries == tries + 1
    run_once(project, now=NOW, document_timeout=300.0)
    assert stall.tries == tries + 2
    project.write("some/a.txt", SLOW + "\n")
    run_once(project, now=NOW, document_timeout=300.0)
    assert stall.tries == tries + 3


def test_slow_document_that_becomes_quick(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it can be read, nothing remembers that it was given up."""
    stall = Stall(monkeypatch, "reading it")
    run_once(project)
    stall.is_mended = True
    some, _ = run_once(project, now=NOW + timedelta(days=1))
    assert (some.status, some.new) == ("ok", 2)
    assert project.rows("SELECT * FROM given_up") == []


def test_slow_document_by_the_clock(project: Project) -> None:
    """With a limit that no document keeps, the command says so and ends."""
    assert project.run("once").code == 0  # everything is imported, which is not to be interrupted
    project.configure('document_timeout = "1ms"\n' + project.config.read_text())
    project.write("some/a.txt", SLOW * 200)
    ran = project.run("once")
    assert ran.code == 1
    assert "a.txt: stopped after 0.001 s (document_timeout) while" in ran.err


@pytest.mark.parametrize("step", STEPS)
def test_slow_feed_at_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """It counts as a failed poll, and the same body is not read again at the next."""
    with Loopback() as server:
        server.at("/a", Reply(200, FEED.replace(b"The harbour opens", b"A stalling text")))
        server.at("/b", Reply(200, FEED))
        trial = Trial(tmp_path / "p", server, "ab")
        stall = Stall(monkeypatch, step)
        for _ in range(2):
            trial.ingest(listed(list(trial.sources.values())))
    found = {(report.id, report.status) for report in trial.reports}
    assert found == {("a", "failed"), ("b", "ok"), ("b", "unchanged")}
    assert stall.tries == 1
    assert all(f"while {step}; given up" in str(r.error) for r in trial.reports if r.id == "a")
    with open_store(trial.config.store) as store:
        assert store.rows("SELECT failures FROM visits WHERE source = 'a'") == [(2,)]
        assert store.rows("SELECT count(*) FROM entries") == [(1,)]


# a document that ends the process in which it is read


class DeadProcess(Executor):
    """Its process ends whatever it reads."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(BrokenProcessPool())
        return future


def test_documents_of_a_process_that_died_are_read_apart(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in a process that can be killed, so that the one that is to blame costs only itself."""
    monkeypatch.setattr(ingest_run, "MANY", 1)
    dead = Workers(2, executor=DeadProcess())
    read_here = reading._read

    def call(_process: KillableProcess, _function: object, *args: Any, deadline: float) -> Any:
        assert deadline == 120.0
        if "stalling" in repr(args):
            raise ProcessDiedError
        return read_here(*args)

    monkeypatch.setattr(KillableProcess, "call", call)
    some, others = run_once(project, workers=dead)
    assert "makes the parser run out of memory or crash" in str(some.error)
    assert (some.documents, some.new, others.status) == (1, 1, "ok")


class KilledError(BaseException):
    """The process ends here."""


def test_large_document_that_ended_the_program(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run reads it in a process that can be killed, and then forgets that."""
    monkeypatch.setattr(readers, "RISKY", len(SLOW) - 1)
    read_here = reading._read
    apart: list[str] = []

    def ends(job: Job, *args: Any) -> Any:
        if "stalling" in repr(job):
            raise KilledError
        return read_here(job, *args)

    def call(_process: KillableProcess, _function: object, job: Job, *args: Any, **_: Any) -> Any:
        apart.append(job.document.name)
        return read_here(job, *args)

    monkeypatch.setattr(reading, "_read", ends)
    monkeypatch.setattr(KillableProcess, "call", call)
    with pytest.raises(KilledError):
        run_once(project)
    some, _ = run_once(project)
    assert (some.status, some.documents, some.new) == ("ok", 2, 3)
    assert apart == ["some/a.txt"]
    assert project.rows("SELECT * FROM given_up") == []
    project.write("some/a.txt", SLOW + "\n")
    with pytest.raises(KilledError):
        run_once(project)


@pytest.mark.parametrize("content", [SLOW, b"\0"])
def test_large_document_leaves_no_note(
    project: Project, monkeypatch: pytest.MonkeyPatch, content: str | bytes
) -> None:
    """What was read, or cannot be, is not taken for what ended the program."""
    monkeypatch.setattr(readers, "RISKY", 0)
    project.write("some/a.txt", content)
    run_once(project)
    assert project.rows("SELECT * FROM given_up") == []
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def stall_in_c() -> None:
    """Search as long as the square of the text, without looking for signals."""
    readers._end_after_work(SOON)
    re.search("a*b", "a" * 1_000_000)


def test_call_into_c_ends_its_process() -> None:
    """What the deadline cannot interrupt ends with the process that reads ahead."""
    with KillableProcess() as process, pytest.raises(ProcessDiedError):
        process.call(stall_in_c, deadline=60.0)
