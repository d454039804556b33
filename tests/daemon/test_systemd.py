"""What the service manager is told, by a socket of the test's own."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.daemon.systemd import notify, watchdog_seconds


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A socket that ``NOTIFY_SOCKET`` names."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as ours:
        ours.bind(os.fspath(tmp_path / "s"))
        ours.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", os.fspath(tmp_path / "s"))
        yield ours


def test_fields_come_in_one_message(manager: socket.socket) -> None:
    """Each call sends one datagram with a field per line."""
    notify("READY=1", "STATUS=3 sources")
    notify("STOPPING=1")
    assert manager.recv(1000) == b"READY=1\nSTATUS=3 sources"
    assert manager.recv(1000) == b"STOPPING=1"


def test_abstract_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that begins with @ is one without a file (unix(7))."""
    name = f"aggregator-test-{os.getpid()}"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as ours:
        ours.bind(f"\0{name}")
        ours.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        notify("READY=1")
        assert ours.recv(1000) == b"READY=1"


@pytest.mark.parametrize("address", ["", "relative", "/nowhere/at/all", "@nobody", "/" + "x" * 200])
def test_service_manager_is_unreachable(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unreachable or invalid address is ignored."""
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    notify("READY=1")


def test_without_a_service_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a service manager nothing is sent, and there is no watchdog."""
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    notify("READY=1")
    assert watchdog_seconds() is None


@pytest.mark.parametrize(
    ("usec", "pid", "seconds"),
    [
        ("30000000", None, 30.0),
        ("500000", "ours", 0.5),
        ("30000000", "1", None),
        ("0", None, None),
        ("-5", None, None),
        ("", None, None),
    ],
)
def test_watchdog_interval_is_parsed(
    usec: str, pid: str | None, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is in microseconds, and only meant for the process it names (sd_notify(3))."""
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    if pid is None:
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
    else:
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "ours" else pid)
    assert watchdog_seconds() == seconds


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12))
def test_watchdog_of_any_text(text: str) -> None:
    """Any text is a positive interval or None."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHDOG_USEC", text)
        patch.delenv("WATCHDOG_PID", raising=False)
        found = watchdog_seconds()
    assert found is None or found > 0
