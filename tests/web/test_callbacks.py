"""What hubs are answered, over real connections: only below one path, and within limits."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from aggregator.errors import StoreError
from aggregator.store.subscriptions import Subscription
from aggregator.web import callbacks
from aggregator.web.callbacks import Callbacks
from aggregator.websub.inbox import Inbox, Parcel, Received
from tests.support.serving import Fixed, Server, read_all, request, site, statuses

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
TOKEN, TOPIC = "t" * 43, "https://news.example/feed"
SUBSCRIPTION = Subscription(
    token=TOKEN,
    source="news",
    hub="https://hub.example/",
    topic=TOPIC,
    callback=f"https://example.org/websub/{TOKEN}",
    allow_private=False,
    secret="secret",
    state="verified",
    due=NOW,
)
MOST = 100_000


class Box(Inbox):
    """An inbox that says what a test tells it to."""

    def __init__(self) -> None:
        self.got: list[Parcel] = []
        self.asked: list[tuple[str, str, str, int | None]] = []
        self.denied: list[tuple[str, str, str]] = []
        self.received = Received(verdict="kept", source="news")
        self.failure: Exception | None = None
        self.gate: threading.Event | None = None
        self.is_wanted = threading.Event()

    def _check(self) -> None:
        if self.failure is not None:
            raise self.failure

    def wanted(self, token: str) -> Subscription | None:
        self._check()
        self.is_wanted.set()
        return replace(SUBSCRIPTION, token=token) if token[:1] == "t" else None

    def confirm(self, token: str, mode: str, topic: str, granted: int | None) -> str | None:
        self._check()
        self.asked.append((token, mode, topic, granted))
        return "news" if (token, topic) == (TOKEN, TOPIC) else None

    def deny(self, token: str, topic: str, reason: str) -> Subscription | None:
        self.denied.append((token, topic, reason))
        return SUBSCRIPTION if (token, topic) == (TOKEN, TOPIC) else None

    def receive(self, token: str, parcel: Parcel) -> Received:
        if self.gate is not None:
            assert self.gate.wait(20)
        self._check()
        self.got.append(parcel)
        return self.received

    def close(self) -> None:
        pass


class Trial:
    """A server with callbacks, and what it told the daemon."""

    def __init__(self, server: Server, box: Box, hints: list[str], deliveries: list[int]) -> None:
        self.server = server
        self.box = box
        self.hints = hints
        self.deliveries = deliveries

    def get(self, target: str, *, method: str = "GET") -> tuple[int, bytes]:
        """Status and the whole answer."""
        answer = self.server.say(request(target, method=method))
        return statuses(answer)[0], answer

    def verify(self, token: str = TOKEN, **fields: str) -> tuple[int, bytes]:
        """Ask whether a subscription was meant."""
        right = {"mode": "subscribe", "topic": TOPIC, "challenge": "xyz", "lease_seconds": "60"}
        pairs = {f"hub.{name}": value for name, value in (right | fields).items()}
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs.items())
        return self.get(f"/websub/{token}?{query}")

    def post(self, body: bytes, *lines: str, token: str = TOKEN) -> int:
        """Deliver a body; gives the status."""
        head = request(f"/websub/{token}", f"Content-Length: {len(body)}", *lines, method="POST")
        return statuses(self.server.say(head, body))[0]


@contextmanager
def served(
    folder: Path,
    *,
    path: bytes | None = b"/websub/",
    base_url: str = "http://localhost:8080/",
    most: int = MOST,
) -> Iterator[Trial]:
    """A server that answers hubs below ``path``."""
    (folder / "feeds").mkdir(exist_ok=True)
    box, hints, deliveries = Box(), list[str](), list[int]()
    hubs = Callbacks(
        box, lambda: NOW, on_delivery=lambda: deliveries.append(1), on_hint=hints.append
    )
    hubs.path, hubs.max_body = path, most
    with Server(site(folder / "feeds", Fixed(), callbacks=hubs, base_url=base_url)) as server:
        yield Trial(server, box, hints, deliveries)
    hubs.close()


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """A server that answers hubs."""
    with served(tmp_path) as made:
        yield made


# Verification of intent.


@pytest.mark.parametrize("challenge", ["xyz", "<script>alert(1)</script>", "a b&c=d+e%", "ü"])
def test_challenge_is_said_back(trial: Trial, challenge: str) -> None:
    """Byte for byte, and as nothing that a browser would run."""
    status, answer = trial.verify(challenge=challenge)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert (status, body) == (200, challenge.encode())
    assert b"content-type: text/plain; charset=utf-8" in head
    assert b"x-content-type-options: nosniff" in head
    assert b"sandbox" in head
    assert trial.box.asked == [(TOKEN, "subscribe", TOPIC, 60)]


@pytest.mark.parametrize(
    "fields",
    [
        {"topic": TOPIC + "x"},
        {"mode": "publish"},
        {"mode": ""},
        {"challenge": ""},
        {"challenge": "x" * 1001},
        {"challenge": "a\x00b"},
        {"challenge": "a\r\nSet-Cookie: x"},
    ],
)
def test_what_nobody_asked_for_is_not_there(trial: Trial, fields: dict[str, str]) -> None:
    """The hub learns that it was not meant (section 5.3)."""
    assert trial.verify(**fields)[0] == 404


def test_fields_are_there_twice(trial: Trial) -> None:
    """What can be read in two ways is not read."""
    query = f"hub.mode=subscribe&hub.topic=x&hub.topic={TOPIC}&hub.challenge=x"
    assert trial.get(f"/websub/{TOKEN}?{query}")[0] == 404
    assert trial.box.asked == []


@pytest.mark.parametrize(
    ("said", "granted"),
    [("60", 60), ("", None), ("-1", None), ("1e3", None), ("9" * 400, 999_999_999)],
)
def test_lease_is_read_as_a_number(trial: Trial, said: str, granted: int | None) -> None:
    """Whatever is none is as if it had not been said."""
    assert trial.verify(lease_seconds=said)[0] == 200
    assert trial.box.asked[0][3] == granted


def test_hub_denies(trial: Trial) -> None:
    """That is noted, and the source is asked itself."""
    assert trial.verify(mode="denied", reason="no")[0] == 202
    assert trial.verify(token="u" * 43, mode="denied")[0] == 404
    assert trial.box.denied[0] == (TOKEN, TOPIC, "no")
    assert trial.hints == ["news"]


# Deliveries.


def test_delivery_is_kept(trial: Trial) -> None:
    """What was sent reaches the inbox as it was, and the worker is told."""
    body = bytes(range(256)) * 100
    lines = ("X-Hub-Signature: sha256=ab", f'Link: <https://h/>; rel=hub, <{TOPIC}>; rel="self"')
    assert trial.post(body, *lines, "Content-Type: application/atom+xml; charset=latin1") == 202
    (got,) = trial.box.got
    assert got == Parcel(
        body=body,
        signature="sha256=ab",
        topic=TOPIC,
        media_type="application/atom+xml",
        charset="latin1",
    )
    assert trial.deliveries == [1]


def test_delivery_is_large(tmp_path: Path) -> None:
    """Megabytes that arrive piece by piece are whole in the inbox."""
    with served(tmp_path, most=10_000_000) as trial:
        for size in (32_769, 300_000, 5_000_000):
            assert trial.post(b"x" * size) == 202
        assert [len(got.body) for got in trial.box.got] == [32_769, 300_000, 5_000_000]


def test_delivery_in_chunks(trial: Trial) -> None:
    """A body of no announced length is whole in the inbox, or not there."""
    head = request(f"/websub/{TOKEN}", "Transfer-Encoding: chunked", method="POST")
    assert statuses(trial.server.say(head, b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")) == [202]
    assert trial.box.got[0].body == b"abcde"
    chunk = b"%x\r\n%s\r\n" % (MOST // 2, b"x" * (MOST // 2))
    assert statuses(trial.server.say(head, chunk, chunk, chunk)) == [413]
    assert len(trial.box.got) == 1


def test_connection_breaks_in_the_middle(trial: Trial) -> None:
    """Half a delivery is none, and nothing is logged as a fault."""
    with trial.server.connect() as connection:
        connection.sendall(request(f"/websub/{TOKEN}", "Content-Length: 1000", method="POST"))
        assert trial.box.is_wanted.wait(20)
        connection.sendall(b"half")
    assert trial.post(b"whole") == 202
    assert [got.body for got in trial.box.got] == [b"whole"]


@pytest.mark.parametrize("verdict", ["ignored", "hint", "unknown", "full"])
def test_what_becomes_of_deliveries(
    trial: Trial, verdict: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Ignored ones are answered like others; those nobody waits for are gone, or told to wait."""
    problem = "a delivery has a wrong signature" if verdict == "ignored" else None
    trial.box.received = Received(verdict=verdict, source="news", problem=problem)  # type: ignore[arg-type]
    expected = {"ignored": 202, "hint": 202, "unknown": 410, "full": 503}[verdict]
    with caplog.at_level(logging.WARNING, "aggregator.web"):
        assert [trial.post(b"x") for _ in range(3)] == [expected] * 3
    assert trial.deliveries == []
    assert trial.hints == (["news"] * 3 if verdict == "hint" else [])
    assert len(caplog.records) == (verdict == "ignored")


def test_nobody_waits_for_it(trial: Trial) -> None:
    """An unknown token is answered before its body is sent, let alone read."""
    head = request(f"/websub/{'u' * 43}", f"Content-Length: {MOST}", method="POST")
    with trial.server.connect() as connection:
        connection.sendall(head)
        assert statuses(read_all(connection)) == [410]
    assert trial.box.got == []


def test_delivery_is_too_large(trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
    """It is turned away by its announced length, in one line of the log."""
    head = request(f"/websub/{TOKEN}", f"Content-Length: {MOST + 1}", method="POST")
    with caplog.at_level(logging.WARNING, "aggregator.web"):
        for _ in range(3):
            with trial.server.connect() as connection:
                connection.sendall(head)
                assert statuses(read_all(connection)) == [413]
    assert len(caplog.records) == 1
    assert trial.post(b"x" * MOST) == 202


def test_delivery_is_compressed(trial: Trial) -> None:
    """Nothing is unpacked: the signature is of the bytes as they are."""
    assert trial.post(b"x", "Content-Encoding: gzip") == 415
    assert trial.post(b"x", "Content-Encoding: identity") == 202


def test_delivery_is_slow(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is waited for longer than it takes, and then the place is free again."""
    monkeypatch.setattr(callbacks, "MAX_BODY_SECONDS", 0.2)
    head = request(f"/websub/{TOKEN}", "Content-Length: 1000", method="POST")
    for _ in range(callbacks.MAX_DELIVERIES_EACH + 1):
        assert statuses(trial.server.say(head, b"slow")) == [408]
    assert trial.post(b"quick") == 202


def _waiting(trial: Trial, tokens: list[str]) -> list[socket.socket]:
    """Connections on which deliveries are under way."""
    begun = []
    for token in tokens:
        connection = trial.server.connect()
        trial.box.is_wanted.clear()
        head = request(f"/websub/{token}", "Content-Length: 10", method="POST")
        connection.sendall(head)
        assert trial.box.is_wanted.wait(20)
        begun.append(connection)
    return begun


@pytest.mark.parametrize("whose", ["of one", "of all"])
def test_too_many_deliver_at_once(trial: Trial, whose: str) -> None:
    """One hub cannot take all places, nor all hubs all memory; who is early is not disturbed."""
    others = [f"t{n}".ljust(43, "x") for n in range(callbacks.MAX_DELIVERIES)]
    begun = _waiting(
        trial, [TOKEN] * callbacks.MAX_DELIVERIES_EACH if whose == "of one" else others
    )
    assert trial.post(b"late") == 503
    if whose == "of one":
        assert trial.post(b"x", token=others[0]) == 202
    for connection in begun:
        connection.sendall(b"0123456789")
        assert statuses(read_all(connection)) == [202]
        connection.close()
    assert trial.post(b"late") == 202


def test_store_is_busy(trial: Trial) -> None:
    """The hub is told to try again, whatever it wants."""
    trial.box.failure = StoreError("locked")
    assert trial.post(b"x") == 503
    status, answer = trial.verify()
    assert status == 503
    assert b"retry-after" in answer


# Everything else.


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
def test_other_methods(trial: Trial, method: str) -> None:
    """Hubs have no use for them."""
    assert trial.get(f"/websub/{TOKEN}", method=method)[0] == 405


def test_bodies_are_taken_nowhere_else(trial: Trial) -> None:
    """A POST to anything else is refused as ever."""
    for target in ("/", "/all.atom", "/websubx/", "/search"):
        head = request(target, "Content-Length: 1", method="POST")
        assert statuses(trial.server.say(head, b"x")) == [405]
    assert trial.box.got == []


@pytest.mark.parametrize("target", [f"/news/websub/{TOKEN}", f"/websub/{TOKEN}"])
def test_proxy_takes_a_path_away(tmp_path: Path, target: str) -> None:
    """Where the site has a path, callbacks below it are found with and without."""
    with served(tmp_path, path=b"/news/websub/", base_url="https://example.org/news/") as trial:
        head = request(target, "Content-Length: 1", method="POST")
        assert statuses(trial.server.say(head, b"x")) == [202]


def test_off(tmp_path: Path) -> None:
    """Without a callback configured nobody is there."""
    with served(tmp_path, path=None) as trial:
        assert trial.verify()[0] == 404
        assert trial.post(b"x") == 405
