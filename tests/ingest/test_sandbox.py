"""Calls in a separate process: results, errors, and calls that do not end."""

import os
from collections.abc import Iterator

import pytest

from aggregator.errors import ParseError
from aggregator.ingest.sandbox import DeadlineError, KillableProcess, ProcessDiedError

SOON = 20.0  # seconds in which any of these calls is done, however slow the machine


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
