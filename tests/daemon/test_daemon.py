"""The daemon from outside, without trouble: polling, serving, signals.

Each test starts a daemon as a process on a free port, and waits for events in its log.
"""

import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from tests.end_to_end.test_newsboat import NEWSBOAT, reload
from tests.support.daemons import Daemon, holds, needs_proc, until_gone
from tests.support.feeds import rss
from tests.support.loopback import Connection, Loopback, Reply, Request
from tests.support.project import (
    CONFIG,
    ONE,
    SECOND,
    assert_clear_error,
    block,
    digest,
    make_project,
    two_digests,
)

pytestmark = [needs_proc, pytest.mark.slow]

OLD, NEW = "Bridge opens to lorries", "Lighthouse lit again"


def with_sources(*sources: tuple[str, str], interval: str = "1s") -> str:
    """The configuration of a project with these sources besides, each an id and an address."""
    tables = [
        f'[[sources]]\nid = "{name}"\nlocation = "{address}"\ninterval = "{interval}"\n'
        "allow_private = true\n"
        for name, address in sources
    ]
    return CONFIG + '\n[fetch]\ndelay = "0s"\n\n' + "\n".join(tables)


def feed_of(*titles: str) -> Reply:
    """An RSS feed with items of these titles."""
    items = [
        f"<title>{title}</title><guid>https://example.org/{number}</guid><description>Text of it."
        "</description>"
        for number, title in enumerate(titles)
    ]
    return Reply(200, rss(*items).encode(), {"Content-Type": "application/rss+xml"})


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon with two digests in its feeds, for tests that only ask."""
    project = two_digests(tmp_path_factory.mktemp("daemon") / "project")
    with Daemon(project) as daemon:
        daemon.until("listening")
        daemon.until_published(OLD)
        daemon.until("feeds")
        yield daemon


# it serves


def test_daemon_is_alive_and_ready(shared: Daemon) -> None:
    """The daemon responds at the address that it logs."""
    assert [shared.get(path)[0] for path in ("/healthz", "/readyz", "/all.atom")] == [200] * 3
    assert shared.get("/nothing.atom")[0] == 404


def test_daemon_serves_written_files(shared: Daemon) -> None:
    """A feed is sent as it is on disk, and then 304."""
    for name in ("all.atom", "nato.atom", "_health.atom"):
        _, headers, body = shared.get(f"/{name}")
        assert body == (shared.project.output / name).read_bytes()
        assert headers["content-type"].startswith("application/atom+xml")
        status, _, again = shared.get(f"/{name}", If_None_Match=headers["etag"])
        assert (status, again) == (304, b"")


def test_status_metrics_and_search_agree(shared: Daemon) -> None:
    """Status, metrics and search show the same store."""
    status = json.loads(shared.get("/status", Accept="application/json")[2])
    assert [(each["id"], each["result"]) for each in status["sources"]] == [("digests", "ok")]
    metrics = shared.get("/metrics")[2].decode()
    assert 'aggregator_entries{agency="nato"} 2.0' in metrics
    assert re.search(r'aggregator_sources{\w+="ok"} 1.0', metrics)
    assert "aggregator_fetch_seconds_count" in metrics
    found = json.loads(shared.get("/search?q=lorries", Accept="application/json")[2])
    assert [entry["title"] for entry in found] == [OLD]


def test_log_is_one_json_object_a_line(shared: Daemon) -> None:
    """Every line is an event with its level and its time, and nothing else is on stderr."""
    assert len(shared.lines) == len(shared.events)
    for event in shared.events:
        assert {"event", "level", "timestamp"} <= event.keys()
        assert event["level"] == "info"


@pytest.mark.skipif(NEWSBOAT is None, reason="newsboat is not installed")
def test_newsboat_reads_the_feeds(tmp_path: Path) -> None:
    """A feed reader gets all entries, and after another digest exactly the new ones."""
    project = two_digests(tmp_path / "p")
    with Daemon(project) as daemon:
        daemon.until_published(OLD)
        url = [f"{daemon.address}/all.atom"]
        before = {item["guid"] for item in reload(tmp_path / "home", url)["items"]}
        project.write("digests/c.txt", ONE, later=600)
        daemon.until_published(NEW)
        items = {i["guid"]: i["title"] for i in reload(tmp_path / "home", url)["items"]}
    assert len(before) == 4
    assert [title for guid, title in items.items() if guid not in before] == [NEW]
    assert before < items.keys()


# it watches


def test_new_digest_is_read_soon(tmp_path: Path) -> None:
    """A file written or moved into the folder is in the feeds before it would be due."""
    project = two_digests(tmp_path / "p")
    with Daemon(project) as daemon:
        daemon.until_published(OLD)
        began = time.monotonic()
        project.write("digests/c.txt", ONE, later=600)
        daemon.until_published(NEW)
        project.write("elsewhere/d.txt", ONE.replace("Lighthouse", "Chapel"), later=900)
        (project.folder / "elsewhere" / "d.txt").rename(project.folder / "digests" / "d.txt")
        daemon.until_published("Chapel lit again")
        assert time.monotonic() - began < 900  # the interval; it is far less


def test_hidden_file_is_ignored(tmp_path: Path) -> None:
    """A file whose name begins with a dot, as of half-copied ones, is not read."""
    project = make_project(tmp_path / "p", {"a.txt": SECOND})
    with Daemon(project) as daemon:
        daemon.until_published(OLD)
        project.write("digests/.b.txt", ONE)
        project.write("digests/c.txt", "Chapel lit again\n\nSource: NATO\n\nIt shines.\n", later=60)
        daemon.until_published("Chapel lit again")
        assert len(daemon.logged("source")) == 2
    assert not holds(project, NEW.encode())


def test_digest_is_written_slowly(tmp_path: Path) -> None:
    """A growing file is read once, when it is complete."""
    project = make_project(tmp_path / "p", {"a.txt": SECOND})
    text = digest(*(block(f"Title {n} of many", "NATO", f"Body number {n}.") for n in range(12)))
    with Daemon(project) as daemon:
        daemon.until_published(OLD)
        step = len(text) // 8
        with (project.folder / "digests" / "slow.txt").open("w") as file:
            times = []
            for start in range(0, len(text), step):
                file.write(text[start : start + step])
                file.flush()
                times.append(time.monotonic())
                time.sleep(0.25)  # this is what writing slowly is
        daemon.until_published("Title 0 of many", "Title 11 of many")
    if max(later - earlier for earlier, later in pairwise(times)) < 0.8:
        assert project.rows("SELECT count(*) FROM documents") == [(2,)]


# it asks servers


def test_source_fails_and_comes_back(tmp_path: Path) -> None:
    """A feed is fetched at its interval; failures are logged, and later entries are read."""
    with Loopback() as server:
        url = server.at("/feed", feed_of("Port closed"), Reply(503), feed_of("Port open"))
        project = make_project(tmp_path / "p", config=with_sources(("port", url)))
        with Daemon(project) as daemon:
            daemon.until("source", id="port", status="ok", new=1)
            failed = daemon.until("source", id="port", status="failed")
            daemon.until_published("Port open")
            back = daemon.until("source", since=daemon.events.index(failed), id="port", status="ok")
    assert "503" in failed["error"]
    assert (failed["level"], back["level"]) == ("warning", "info")
    assert daemon.events.index(back) > daemon.events.index(failed)
    assert len(server.asked("/feed")) >= 3


async def hang(_request: Request, connection: Connection) -> None:
    """Never answer."""
    await connection.until_closed()


def test_hanging_source_delays_no_other(tmp_path: Path) -> None:
    """While one server never answers, others are read at their intervals, and files as well."""
    with Loopback() as server:
        stuck, quick = server.at("/stuck", hang), server.at("/quick", feed_of("Port open"))
        config = with_sources(("stuck", stuck), ("quick", quick.replace("127.0.0.1", "127.0.0.2")))
        config = config.replace("127.0.0.2", "localhost")
        project = make_project(tmp_path / "p", {"a.txt": SECOND}, config=config)
        with Daemon(project) as daemon:
            daemon.until_so(lambda: server.asked("/stuck"), "a request that hangs")
            daemon.until_published(OLD, "Port open")
            daemon.until_so(lambda: len(daemon.logged("source", id="quick")) >= 3, "three visits")
            assert not daemon.logged("source", id="stuck")
            assert daemon.stop() == 0


def test_no_credentials_are_logged(tmp_path: Path) -> None:
    """A password in an address is sent to its server and logged nowhere."""
    with Loopback() as server:
        url = server.at("/feed", Reply(401), Reply(500), feed_of("Port open"))
        private = url.replace("http://", "http://reader:hidden-word@")
        project = make_project(tmp_path / "p", config=with_sources(("port", private)))
        with Daemon(project) as daemon:
            daemon.until_published("Port open")
            assert daemon.logged("source", status="failed")
            broken = project.config.read_text().replace("/feed", "/feed{}").replace(":", ":x", 3)
            project.config.write_text(broken + f'\n[[sources]]\nid = "port"\nurl = "{private}"\n')
            daemon.tell(signal.SIGHUP)
            daemon.until("configuration not used")
            pages = [daemon.get(path)[2] for path in ("/status", "/metrics", "/_health.atom")]
            assert daemon.stop() == 0
        assert any("authorization" in request.headers for request in server.requests)
    assert "hidden-word" not in "\n".join(daemon.lines)
    assert not any(b"hidden-word" in page for page in pages)


# it stops


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_at_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """At a signal the daemon exits in order and leaves no process, and another can start."""
    project = two_digests(tmp_path / "p")
    with Daemon(project) as daemon:
        daemon.until_published(OLD)
        others = daemon.others()
        assert daemon.stop(number) == 0
        until_gone(others)
    assert daemon.events[-1]["event"] == "stopped"
    with Daemon(project) as daemon:
        daemon.until("listening")
        assert daemon.stop(number) == 0


def test_stops_right_after_the_start(tmp_path: Path) -> None:
    """A signal right after the start stops the daemon."""
    with Daemon(two_digests(tmp_path / "p")) as daemon:
        daemon.until("started")
        assert daemon.stop() == 0


def test_stops_in_the_middle_of_work(tmp_path: Path) -> None:
    """With much work left it stops in time, and the next daemon does the rest."""
    texts = {
        f"{n:04}.txt": digest(block(f"Report {n} from the harbour", "NATO", f"Ship number {n}."))
        for n in range(600)
    }
    project = make_project(tmp_path / "p", texts)
    with Daemon(project) as daemon:
        daemon.until_so(lambda: project.store.exists(), "a store")
        others = daemon.others()
        assert daemon.stop() == 0
        until_gone(others)
    assert project.is_sound()
    with Daemon(project) as daemon:
        daemon.until_so(lambda: holds(project, b"Report 599 from"), "the youngest")
    assert project.rows("SELECT count(*) FROM documents") == [(600,)]


# it is told


def test_configuration_is_read_again(tmp_path: Path) -> None:
    """At SIGHUP a new source is read and watched, and a removed one is not."""
    project = two_digests(tmp_path / "p")
    with Daemon(project) as daemon:
        daemon.until_published(OLD)
        project.write("more/a.txt", ONE)
        old = project.config.read_text()
        project.config.write_text(old.replace('"digests"', '"more"').replace("digests/*", "more/*"))
        daemon.tell(signal.SIGHUP)
        assert daemon.until("configured")["sources"] == 1
        daemon.until_published(NEW, OLD)
        project.write("more/b.txt", ONE.replace("Lighthouse", "Chapel"), later=60)
        daemon.until_published("Chapel lit again")
        assert not daemon.logged(
            "source", since=daemon.events.index(daemon.until("configured")) + 1, id="digests"
        )


def test_bad_configuration_is_not_used(tmp_path: Path) -> None:
    """At SIGHUP an invalid or missing configuration is logged, and the old one stays in use."""
    project = two_digests(tmp_path / "p")
    with Daemon(project) as daemon:
        daemon.until_published(OLD)
        for content in ("[[sources", "nonsense = 1\n", None):
            if content is None:
                project.config.unlink()
            else:
                project.config.write_text(content)
            mark = daemon.mark
            daemon.tell(signal.SIGHUP)
            refused = daemon.until("configuration not used", since=mark)
            assert "config.toml" in refused["problem"]
        project.write("digests/c.txt", ONE, later=600)
        daemon.until_published(NEW)
        assert daemon.get("/readyz")[0] == 200
        assert daemon.stop() == 0


# others beside it


def test_second_daemon_refuses(tmp_path: Path) -> None:
    """A second daemon on the same store is refused with the process id of the first."""
    project = two_digests(tmp_path / "p")
    with Daemon(project) as daemon:
        daemon.until_published(OLD)
        ran = project.run("run", "--listen", "127.0.0.1:0")
        assert_clear_error(ran, 3, "aggregator.db", f"(process {daemon.pid})")
        assert daemon.get("/healthz")[0] == 200


def test_commands_beside_the_daemon(tmp_path: Path) -> None:
    """Commands beside the daemon use the same store and feeds."""
    project = two_digests(tmp_path / "p")
    with Daemon(project) as daemon:
        # The last file that it writes after it read a source; no command writes it.
        daemon.until_so((project.output / "_health.atom").exists, "the feed of alarms")
        assert project.run("once").code == 0
        before = project.feeds()
        (project.output / "all.atom").unlink()
        assert project.run("regenerate").code == 0
        assert project.feeds() == before
        project.config.write_text(
            project.config.read_text() + '\n[[sources]]\nid = "more"\nlocation = "more/*.txt"\n'
        )
        project.write("more/c.txt", ONE, later=600)
        assert project.run("once", "--source", "more").code == 0
        assert NEW.encode() in daemon.get("/all.atom")[2]
        assert project.run("backup", str(tmp_path / "copy.db")).code == 0
        assert project.run("doctor").code == 0
        assert daemon.get("/readyz")[0] == 200
        assert daemon.stop() == 0
    assert not [event for event in daemon.events if event["level"] == "error"]
    assert project.is_sound()


# the service manager


class Manager:
    """A service manager's end of ``NOTIFY_SOCKET``."""

    def __init__(self, folder: Path) -> None:
        self.path = os.fspath(folder / "s")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._socket.settimeout(60)

    def until(self, field: str) -> list[str]:
        """The fields of the next message that has ``field``."""
        while True:
            fields = self._socket.recv(10_000).decode().split("\n")
            if field in fields:
                return fields

    def close(self) -> None:
        self._socket.close()


def test_service_manager_is_notified(tmp_path: Path) -> None:
    """READY, WATCHDOG at its interval, RELOADING and STOPPING are sent."""
    project = two_digests(tmp_path / "p")
    with closing(Manager(tmp_path)) as manager:
        env = {"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "600000"}
        with Daemon(project, env=env) as daemon:
            assert "STATUS=1 sources" in manager.until("READY=1")
            for _ in range(3):
                manager.until("WATCHDOG=1")
            for content in (None, "broken = "):
                if content is not None:
                    project.config.write_text(content)
                daemon.tell(signal.SIGHUP)
                stamp = manager.until("RELOADING=1")[1]
                assert stamp.startswith("MONOTONIC_USEC=")
                assert int(stamp.partition("=")[2]) <= time.monotonic_ns() // 1000
                manager.until("READY=1")
            daemon.tell(signal.SIGTERM)
            manager.until("STOPPING=1")
            assert daemon.ended() == 0


@pytest.mark.parametrize("zone", [None, "", "Nowhere/Land", "Pacific/Kiritimati", ":/no/file"])
def test_time_zone_does_not_matter(tmp_path: Path, zone: str | None) -> None:
    """With any TZ, or an invalid one, the daemon runs and plans in UTC."""
    project = two_digests(tmp_path / "p")
    env = {} if zone is None else {"TZ": zone}
    with Daemon(project, env=env, without=() if zone is not None else ("TZ",)) as daemon:
        daemon.until_published(OLD)
        read = daemon.until("source")
        assert daemon.stop() == 0
    assert read["due"].endswith("+00:00")
    assert read["due"][:10] >= read["timestamp"][:10]
    assert all(event["level"] == "info" for event in daemon.events)


# serving alone


def test_serve_without_the_daemon(tmp_path: Path) -> None:
    """`serve` shows the store, reads no source, and does not change the store."""
    project = two_digests(tmp_path / "p")
    assert project.run("once").code == 0
    project.write("digests/c.txt", ONE, later=600)
    before = project.store_bytes()
    with Daemon(project, command="serve") as daemon:
        for path in ("/all.atom", "/readyz", "/status", "/metrics", "/search?q=harbour"):
            assert daemon.get(path)[0] == 200
        assert daemon.get("/all.atom")[2] == project.feeds()["all.atom"]
        assert project.run("once").code == 0
        assert NEW.encode() in daemon.get("/all.atom")[2]
        assert daemon.others() == []
        assert daemon.stop() == 0
    assert before.keys() == project.store_bytes().keys()


def test_serve_without_a_store(tmp_path: Path) -> None:
    """Without store and feeds `serve` responds, and creates neither."""
    project = make_project(tmp_path / "p")
    with Daemon(project, command="serve") as daemon:
        assert [daemon.get(path)[0] for path in ("/healthz", "/status", "/")] == [200] * 3
        assert daemon.get("/all.atom")[0] == 404
        assert daemon.stop(signal.SIGINT) == 0
    assert not project.store.exists()
    assert not project.output.exists()


def test_serve_on_a_port_in_use(tmp_path: Path) -> None:
    """On a port in use `serve` says so and exits."""
    project = make_project(tmp_path / "p")
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        assert_clear_error(project.run("serve", "--listen", where), 2, where, "in use")
