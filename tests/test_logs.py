"""The log: one event a line, trouble once, and nothing that nobody needs."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from aggregator import logs
from aggregator.logs import Troubles


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def as_before() -> Iterator[None]:
    """Logging as it was, after a test that configured it."""
    names = ("aggregator", "apscheduler")
    root, levels = logging.getLogger(), [logging.getLogger(name).level for name in names]
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, its in zip(names, levels, strict=True):
        logging.getLogger(name).setLevel(its)
    structlog.reset_defaults()


@pytest.fixture
def log(as_before: None, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What is logged, where nobody looks on."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure()
    return stream


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    """Each line of the log as an object."""
    text = stream.getvalue()
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def test_quiet_log_has_what_went_wrong(as_before: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variable that ``--quiet`` sets, only warnings and errors are logged."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv(logs.QUIET, "1")
    logs.configure()
    logger = structlog.get_logger("aggregator.daemon")
    logger.info("source", id="a")
    logger.warning("trouble")
    assert [told["event"] for told in written(stream)] == ["trouble"]


def test_event_is_a_line_of_json(log: io.StringIO) -> None:
    """An event has its name, level, time in UTC and fields, and is one line."""
    structlog.get_logger("aggregator.daemon").info("source", id="a", new=3)
    (told,) = written(log)
    assert told.pop("timestamp").endswith("Z")
    assert told == {"event": "source", "level": "info", "id": "a", "new": 3}


@given(st.text(), st.text())
def test_any_text_is_one_line(event: str, value: str) -> None:
    """Line breaks, control characters and lone surrogates neither end a line nor are lost."""
    rendered = logs._json({"event": event, "problem": value})
    assert rendered.isascii()
    assert rendered.isprintable()
    assert json.loads(rendered) == {"event": event, "problem": value}


def test_trace_is_within_its_line(log: io.StringIO) -> None:
    """A fault's trace is a field of its event, and not lines of its own."""
    try:
        raise ZeroDivisionError("odd")
    except ZeroDivisionError:
        structlog.get_logger("aggregator.house").exception("internal error")
        logging.getLogger("aggregator.web").exception("a request failed: %s", "/x")
    ours, standard = written(log)
    assert ours["event"] == "internal error"
    assert standard["event"] == "a request failed: /x"
    for told in (ours, standard):
        assert told["level"] == "error"
        assert "ZeroDivisionError: odd" in told["exception"]


def test_chatter_is_kept_down(log: io.StringIO) -> None:
    """Of libraries only warnings are shown, and in our own form."""
    for name in ("httpx", "uvicorn.error", "uvicorn.access", "apscheduler.executors.default"):
        logging.getLogger(name).info("GET https://user:secret@example.org/")
    logging.getLogger("httpx").warning("odd %s", "thing")
    (told,) = written(log)
    assert (told["event"], told["level"]) == ("odd thing", "warning")


def test_logging_configured_twice_logs_once(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who configures it again does not have everything twice."""
    monkeypatch.setattr(sys, "stderr", log)  # pytest has one of its own for every phase
    logs.configure()
    structlog.get_logger("aggregator.daemon").info("started")
    assert len(written(log)) == 1


def test_people_read_no_json(as_before: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal an event is a line for people."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure()
    structlog.get_logger("aggregator.daemon").info("started", sources=3)
    line = stream.getvalue()
    assert line.count("\n") == 1
    assert "started" in line
    assert not line.lstrip().startswith("{")


def test_trouble_is_told_once() -> None:
    """However often it is met, trouble is told when it begins and when it ends."""
    with capture_logs() as told:
        troubles = Troubles(structlog.get_logger())
        for _ in range(1000):
            troubles.begin("the server", "port taken")
        assert troubles
        for _ in range(3):
            troubles.end("the server")
        assert not troubles
    assert [(line["event"], line["log_level"]) for line in told] == [
        ("the server", "error"),
        ("the server: works again", "info"),
    ]


def test_trouble_that_comes_back_is_told_again() -> None:
    """After it was well, the same trouble is news; so is another reason meanwhile."""
    with capture_logs() as told:
        troubles = Troubles(structlog.get_logger())
        for problem in ("full", "full", "read-only"):
            troubles.begin("feeds", problem)
        troubles.end("feeds")
        troubles.begin("feeds", "read-only")
    assert [line.get("problem") for line in told] == ["full", "read-only", None, "read-only"]


def test_troubles_are_apart() -> None:
    """The end of one is not the end of another."""
    with capture_logs() as told:
        troubles = Troubles(structlog.get_logger())
        troubles.begin("a", "x")
        troubles.begin("b", "x")
        troubles.end("a")
        assert troubles
    assert [line["event"] for line in told] == ["a", "b", "a: works again"]
