"""The daemon and its webhooks: news is sent at once, and SIGHUP takes changes."""

import json
import signal
from pathlib import Path

from tests.support.daemons import Daemon
from tests.support.loopback import Connection, Loopback, Request
from tests.support.project import CONFIG, FIRST, ONE, Project, make_project


class Receiver:
    """A receiver on loopback; ``answer`` is what it answers, None for nothing."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.ids: list[str] = []
        self.answer: bytes | None = b"HTTP/1.1 204 No Content\r\n\r\n"

    async def __call__(self, request: Request, connection: Connection) -> None:
        length = int(request.headers["content-length"])
        body = json.loads(await connection.reader.readexactly(length))
        self.ids.append(request.headers["webhook-id"])
        if self.answer is None:
            await connection.until_closed()
            return
        self.titles += [item["title"] for item in body["items"]]
        await connection.send(self.answer)


def hook(name: str, url: str) -> str:
    return f'\n[[webhooks]]\nid = "{name}"\nurl = "{url}"\nallow_private = true\n'


def project_with(folder: Path, server: Loopback, **receivers: Receiver) -> Project:
    """Return a project with a webhook for each receiver, after its first run."""
    hooks = [hook(name, server.at(f"/{name}", got)) for name, got in receivers.items()]
    project = make_project(folder, {"a.txt": FIRST}, config=CONFIG + "".join(hooks))
    assert project.run("once").code == 0
    return project


def test_daemon_sends_news_at_once(tmp_path: Path) -> None:
    """A receiver that hangs delays neither the feeds nor another receiver."""
    good, slow = Receiver(), Receiver()
    slow.answer = None
    with Loopback() as server:
        project = project_with(tmp_path / "p", server, good=good, slow=slow)
        with Daemon(project) as daemon:
            daemon.until("listening")
            project.write("digests/b.txt", ONE, later=600)
            daemon.until("webhook", id="good", items=1)
            assert good.titles == ["Lighthouse lit again"]
            project.write("digests/c.txt", ONE.replace("Lighthouse", "Chapel"), later=900)
            daemon.until_published("Chapel lit again")
            daemon.until_so(lambda: "Chapel lit again" in good.titles, "the second entry")
            project.configure(CONFIG + hook("late", server.at("/late", late := Receiver())))
            daemon.tell(signal.SIGHUP)
            change = daemon.until("webhook", id="late")["change"]
            assert change == "starts; entries that come from now on are sent"
            assert "no longer configured" in daemon.until("webhook", id="slow")["change"]
            project.write("digests/d.txt", ONE.replace("Lighthouse", "Mill"), later=1200)
            daemon.until("webhook", id="late", items=1)
            assert late.titles == ["Mill lit again"]
            assert daemon.stop() == 0
    assert slow.titles == []


def test_daemon_is_killed_while_it_sends(tmp_path: Path) -> None:
    """The next one sends the same request again."""
    receiver = Receiver()
    receiver.answer = None
    with Loopback() as server:
        project = project_with(tmp_path / "p", server, desk=receiver)
        with Daemon(project) as daemon:
            daemon.until("listening")
            project.write("digests/b.txt", ONE, later=600)
            daemon.until_so(lambda: receiver.ids, "a request")
            daemon.kill()
        receiver.answer = b"HTTP/1.1 200 OK\r\n\r\n"
        with Daemon(project) as daemon:
            daemon.until("webhook", id="desk", items=1)
            assert daemon.stop() == 0
    assert receiver.titles == ["Lighthouse lit again"]
    assert len(set(receiver.ids)) == 1


def test_page_and_metrics_of_a_webhook_that_fails(tmp_path: Path) -> None:
    """The status has it among the problems, without its address."""
    receiver = Receiver()
    receiver.answer = b"HTTP/1.1 500 No\r\n\r\n"
    with Loopback() as server:
        project = project_with(tmp_path / "p", server, desk=receiver)
        with Daemon(project) as daemon:
            daemon.until("listening")
            project.write("digests/b.txt", ONE, later=600)
            shown = b"The webhook desk did not accept what was sent</strong><br/>responded with 500"
            daemon.until_so(lambda: shown in daemon.get("/status")[2], "the problem")
            assert b"127.0.0.1" not in daemon.get("/status")[2]
            metrics = daemon.get("/metrics")[2]
            assert b'aggregator_webhook_waiting{webhook="desk"} 1.0\n' in metrics
            assert b'aggregator_webhook_failing{webhook="desk"} 1.0\n' in metrics
            assert daemon.stop() == 0
