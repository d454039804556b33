"""Two daemons with a hub between them: the subscriber gets new entries at once."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.daemons import Daemon, needs_proc
from tests.support.hub import Hub
from tests.support.loopback import Connection, Request
from tests.support.project import CONFIG, FIRST, ONE, Project, make_project

pytestmark = [needs_proc, pytest.mark.slow]

OLD, NEW = "Harbour drill ends in fog", "Lighthouse lit again"
_BASE = 'base_url = "http://localhost:8080/"'


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def publisher(folder: Path, hub: Hub, port: int) -> Project:
    """A project that tells the hub, served at a port."""
    config = CONFIG.replace(_BASE, f'base_url = "http://127.0.0.1:{port}/"')
    config += f'\n[websub]\nhub = "{hub.url}"\n'
    return make_project(folder, {"a.txt": FIRST}, config=config)


def subscriber(folder: Path, topic: str, port: int) -> Project:
    """A project that polls the publisher's feed every twelve hours, and subscribes to its hub."""
    config = (
        f'title = "Second"\nbase_url = "http://127.0.0.1:{port}/"\nentries_per_feed = 100\n'
        f'[websub]\ncallback = "http://127.0.0.1:{port}/websub/"\n'
        '[fetch]\ndelay = "0s"\n'
        f'[[sources]]\nid = "first"\nlocation = "{topic}"\ninterval = "12h"\nagency = "nato"\n'
        "allow_private = true\n"
        '[[agencies]]\nid = "nato"\nname = "NATO"\n'
    )
    return make_project(folder, config=config)


@contextmanager
def pair(folder: Path, hub: Hub) -> Iterator[tuple[Daemon, Project, int]]:
    """A running publisher, and a subscriber's project with its port."""
    port, other = free_port(), free_port()
    project = publisher(folder / "first", hub, port)
    with Daemon(project, listen=f"127.0.0.1:{port}") as first:
        first.until_published(OLD)
        first.until("hub notified")
        made = subscriber(folder / "second", f"http://127.0.0.1:{port}/all.atom", other)
        yield first, made, other


def websub(daemon: Daemon) -> dict[str, Any]:
    """Return what the daemon reports of its source's hub."""
    (source,) = json.loads(daemon.get("/status", Accept="application/json")[2])["sources"]
    found: dict[str, Any] = source["websub"]
    return found


def test_news_arrives_by_push(tmp_path: Path) -> None:
    """A digest dropped at the publisher is in the subscriber's feeds, long before its next poll."""
    with Hub() as hub, pair(tmp_path, hub) as (first, project, port):
        with Daemon(project, listen=f"127.0.0.1:{port}") as second:
            second.until_published(OLD)
            subscription = hub.subscription()
            assert subscription.secret
            assert subscription.topic.endswith("/all.atom")
            first.project.write("digests/b.txt", ONE, later=600)
            second.until("delivery", id="first", new=1)
            second.until_published(NEW)
            assert len(second.logged("source")) == 1  # the poll at the start
            told = websub(second)
        assert [sent.status for sent in hub.sent] == [202]
    assert (told["state"], told["error"]) == ("verified", None)
    assert told["lease_until"]
    assert told["last_delivery"]


def test_daemon_is_killed_and_restarted(tmp_path: Path) -> None:
    """A delivery answered with 202 is read by the next daemon, and the subscription stays."""
    with Hub() as hub, pair(tmp_path, hub) as (first, project, port):
        with Daemon(project, listen=f"127.0.0.1:{port}") as second:
            second.until_published(OLD)
            subscription = hub.subscription()
            # The worker is stopped first, so that the delivery is not read now.
            worker = second.worker()
            os.kill(worker, signal.SIGSTOP)
            first.project.write("digests/b.txt", ONE, later=600)
            hub.until(lambda: hub.sent, "a delivery")
            assert hub.sent[0].status == 202
            second.kill()
            os.kill(worker, signal.SIGKILL)
        assert project.rows("SELECT count(*) FROM deliveries") == [(1,)]
        with Daemon(project, listen=f"127.0.0.1:{port}") as second:
            second.until("delivery", id="first", new=1)
            second.until_published(NEW)
            assert websub(second)["state"] == "verified"
        assert hub.received("subscribe") == hub.received("subscribe")[:1]
        assert list(hub.live.values()) == [subscription]
    assert project.is_sound()


def test_without_a_callback_nothing_is_subscribed(tmp_path: Path) -> None:
    """No request is sent to a hub, and the callback path is not served."""
    with Hub() as hub, pair(tmp_path, hub) as (_, project, port):
        lines = project.config.read_text().splitlines()
        project.write("config.toml", "\n".join(line for line in lines if "callback" not in line))
        with Daemon(project, listen=f"127.0.0.1:{port}") as second:
            second.until_published(OLD)
            second.until("feeds")
            assert websub(second)["state"] == "off"
            assert second.get(f"/websub/{'a' * 43}")[0] == 404
        assert hub.received("subscribe") == []


def test_unreadable_deliveries_do_not_cause_constant_polls(tmp_path: Path) -> None:
    """An unreadable delivery causes a poll of the source, but not each time."""
    with (
        Hub() as hub,
        pair(tmp_path, hub) as (_, project, port),
        Daemon(project, listen=f"127.0.0.1:{port}") as second,
    ):
        second.until_published(OLD)
        subscription = hub.subscription()
        for number in range(4):
            here = second.mark
            assert hub.deliver(subscription, b"no feed %d" % number).status == 202
            assert second.until("delivery", since=here, id="first")["error"]
            if number == 0:
                second.until("source", since=here, id="first", status="unchanged")
        assert websub(second)["state"] == "verified"
        assert len(second.logged("source")) == 2


def test_source_is_removed(tmp_path: Path) -> None:
    """Its hub is asked to unsubscribe, verifies, and drops the subscription."""
    with Hub() as hub, pair(tmp_path, hub) as (_, project, port):
        with Daemon(project, listen=f"127.0.0.1:{port}") as second:
            second.until_published(OLD)
            hub.subscription()
            text = project.config.read_text()
            changed = text[: text.index("[[sources]]")] + text[text.index("[[agencies]]") :]
            project.write("config.toml", changed)
            second.tell(signal.SIGHUP)
            second.until("configured")
            hub.until(lambda: not hub.live, "an end")
        assert len(hub.received("unsubscribe")) == 1
    assert project.rows("SELECT count(*) FROM subscriptions") == [(0,)]


async def _never(_request: Request, connection: Connection) -> None:
    await connection.until_closed()


def test_hub_never_answers(tmp_path: Path) -> None:
    """Feeds are written and the daemon stops as usual, and the next daemon tells the hub."""
    with Hub() as hub:
        stuck = hub.server.at("/stuck", _never)
        project = publisher(tmp_path / "p", hub, free_port())
        config = project.config.read_text()
        project.write("config.toml", config.replace(hub.url, stuck))
        with Daemon(project) as daemon:
            daemon.until_published(OLD)
            hub.until(lambda: hub.server.asked("/stuck"), "a request")
            project.write("digests/b.txt", ONE, later=600)
            daemon.until_published(NEW)
            assert daemon.stop() == 0
        assert project.rows("SELECT count(*) FROM pings WHERE due = ''") == [(18,)]
        hub.distributes = False
        hub.server.at("/stuck", hub.act)
        with Daemon(project) as daemon:
            daemon.until("hub notified")
        assert len({form["hub.topic"] for form in hub.received("publish")}) == 18
    assert project.is_sound()


@pytest.mark.parametrize("how", ["is not signed right", "is huge", "is another topic's"])
def test_hub_delivers_what_is_wrong(tmp_path: Path, how: str) -> None:
    """An untrusted delivery changes nothing and is logged in one line; a valid one is read."""
    with (
        Hub() as hub,
        pair(tmp_path, hub) as (first, project, port),
        Daemon(project, listen=f"127.0.0.1:{port}") as second,
    ):
        second.until_published(OLD)
        subscription = hub.subscription()
        body = (first.project.output / "all.atom").read_bytes().replace(b"Harbour", b"Invented")
        before = project.contents()
        for _ in range(3):
            if how == "is huge":
                hub.deliver(subscription, b" " * 11_000_000)
            elif how == "is another topic's":
                link = f'<{subscription.topic}x>; rel="self"'
                hub.deliver(subscription, body, headers={"Link": link})
            else:
                hub.deliver(subscription, body, headers={"X-Hub-Signature": "sha256=" + "0" * 64})
        hub.until(lambda: len(hub.sent) == 3, "three answers")
        assert project.contents() == before
        complaints = [e for e in second.events if e["level"] == "warning"]
        assert len(complaints) == 1, complaints
        first.project.write("digests/b.txt", ONE, later=600)
        second.until_published(NEW)
    assert project.is_sound()
    assert not any(b"Invented" in feed for feed in project.feeds().values())
