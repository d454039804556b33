"""Calls in a process of its own: what comes back, and what becomes of those that do not end."""

import os
from collections.abc import Iterator

import pytest

from aggregator.errors import ParseError
from aggregator.ingest.sandbox import Apart, DiedError, LateError

SOON = 20.0  # seconds in which any of these calls is done, however slow the machine


@pytest.fixture
def apart() -> Iterator[Apart]:
    with Apart() as made:
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


def test_a_call_is_made_elsewhere(apart: Apart) -> None:
    """Another process does the work, and the same one the next time."""
    first = apart.call(who, deadline=SOON)
    assert first != os.getpid()
    assert apart.call(who, deadline=SOON) == first


def test_an_error_comes_back_as_it_is(apart: Apart) -> None:
    """What a call raises is raised, with all that it says."""
    with pytest.raises(ParseError, match=r"makes no sense") as caught:
        apart.call(refuses, deadline=SOON)
    assert (caught.value.source, caught.value.problem) == ("feed", "x.xml: makes no sense")


def test_a_call_that_does_not_end(apart: Apart) -> None:
    """It is given up at its deadline, its process is ended, and the next call has a new one."""
    before = apart.call(who, deadline=SOON)
    with pytest.raises(LateError):
        apart.call(never, deadline=0.2)
    assert apart.call(who, deadline=SOON) != before
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


@pytest.mark.parametrize("call", [dies, eats, nests])
def test_a_call_that_takes_its_process_down(apart: Apart, call: object) -> None:
    """A process that ends, or has no memory or stack left, costs that call alone."""
    with pytest.raises(DiedError):
        apart.call(call, deadline=SOON)  # type: ignore[arg-type]  # one of the functions above
    assert apart.call(who, deadline=SOON) != os.getpid()


def test_what_cannot_be_handed_over(apart: Apart) -> None:
    """A result that no other process can have is an error, not a silence."""
    with pytest.raises(RuntimeError, match=r"(?i)pickle"):
        apart.call(local, deadline=SOON)


def test_nothing_is_started_for_nothing() -> None:
    """Whoever makes no call has no second process to end."""
    with Apart() as idle:
        idle.end()
