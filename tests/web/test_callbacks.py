"""Requests of hubs over real connections: only below one path, and within limits."""

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
    """An inbox that returns what a test sets."""

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
            assert self.gate.wait(60)
        self._check()
        self.got.append(parcel)
        return self.received

    def close(self) -> None:
        pass


class Trial:
    """A server with callbacks, and the calls that it made."""

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
        """Deliver a body, and return the status."""
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
def test_challenge_is_echoed(trial: Trial, challenge: str) -> None:
    """The challenge comes back byte for byte, with headers that keep a browser from running it."""
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
def test_unrequested_subscription_is_not_found(trial: Trial, fields: dict[str, str]) -> None:
    """The hub gets 404 (section 5.3)."""
    assert trial.verify(**fields)[0] == 404


def test_repeated_fields_are_ignored(trial: Trial) -> None:
    """A repeated field is ambiguous, so the request is refused."""
    query = f"hub.mode=subscribe&hub.topic=x&hub.topic={TOPIC}&hub.challenge=x"
    assert trial.get(f"/websub/{TOKEN}?{query}")[0] == 404
    assert trial.box.asked == []


@pytest.mark.parametrize(
    ("said", "granted"),
    [("60", 60), ("", None), ("-1", None), ("1e3", None), ("9" * 400, 999_999_999)],
)
def test_lease_is_parsed_as_a_number(trial: Trial, said: str, granted: int | None) -> None:
    """An invalid number counts as absent."""
    assert trial.verify(lease_seconds=said)[0] == 200
    assert trial.box.asked[0][3] == granted


def test_hub_denies_a_subscription(trial: Trial) -> None:
    """The denial is stored, and the source is polled."""
    assert trial.verify(mode="denied", reason="no")[0] == 202
    assert trial.verify(token="u" * 43, mode="denied")[0] == 404
    assert trial.box.denied[0] == (TOKEN, TOPIC, "no")
    assert trial.hints == ["news"]


# Deliveries.


def test_delivery_reaches_the_inbox(trial: Trial) -> None:
    """The inbox gets the delivery unchanged, and the worker is notified."""
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
    """A delivery of megabytes in chunks reaches the inbox complete."""
    with served(tmp_path, most=10_000_000) as trial:
        for size in (32_769, 300_000, 5_000_000):
            assert trial.post(b"x" * size) == 202
        assert [len(got.body) for got in trial.box.got] == [32_769, 300_000, 5_000_000]


def test_delivery_in_chunks(trial: Trial) -> None:
    """A chunked body reaches the inbox complete, or is refused as too large."""
    head = request(f"/websub/{TOKEN}", "Transfer-Encoding: chunked", method="POST")
    assert statuses(trial.server.say(head, b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")) == [202]
    assert trial.box.got[0].body == b"abcde"
    chunk = b"%x\r\n%s\r\n" % (MOST // 2, b"x" * (MOST // 2))
    assert statuses(trial.server.say(head, chunk, chunk, chunk)) == [413]
    assert len(trial.box.got) == 1


def test_connection_breaks_in_the_middle(trial: Trial) -> None:
    """An incomplete delivery is dropped without an error in the log."""
    with trial.server.connect() as connection:
        connection.sendall(request(f"/websub/{TOKEN}", "Content-Length: 1000", method="POST"))
        assert trial.box.is_wanted.wait(60)
        connection.sendall(b"half")
    assert trial.post(b"whole") == 202
    assert [got.body for got in trial.box.got] == [b"whole"]


@pytest.mark.parametrize("verdict", ["ignored", "hint", "unknown", "full"])
def test_status_of_each_verdict(
    trial: Trial, verdict: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Ignored deliveries look accepted; unknown ones get 410, and 503 where too many wait."""
    problem = "a delivery has a wrong signature" if verdict == "ignored" else None
    trial.box.received = Received(verdict=verdict, source="news", problem=problem)  # type: ignore[arg-type]
    expected = {"ignored": 202, "hint": 202, "unknown": 410, "full": 503}[verdict]
    with caplog.at_level(logging.WARNING, "aggregator.web"):
        assert [trial.post(b"x") for _ in range(3)] == [expected] * 3
    assert trial.deliveries == []
    assert trial.hints == (["news"] * 3 if verdict == "hint" else [])
    assert len(caplog.records) == (verdict == "ignored")


def test_delivery_to_unknown_token(trial: Trial) -> None:
    """A request with an unknown token is refused before its body is sent."""
    head = request(f"/websub/{'u' * 43}", f"Content-Length: {MOST}", method="POST")
    with trial.server.connect() as connection:
        connection.sendall(head)
        assert statuses(read_all(connection)) == [410]
    assert trial.box.got == []


def test_delivery_is_too_large(trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
    """It is refused by its Content-Length, and logged once."""
    head = request(f"/websub/{TOKEN}", f"Content-Length: {MOST + 1}", method="POST")
    with caplog.at_level(logging.WARNING, "aggregator.web"):
        for _ in range(3):
            with trial.server.connect() as connection:
                connection.sendall(head)
                assert statuses(read_all(connection)) == [413]
    assert len(caplog.records) == 1
    assert trial.post(b"x" * MOST) == 202


def test_delivery_is_compressed(trial: Trial) -> None:
    """Compressed bodies are refused, because the signature is of the bytes as sent."""
    assert trial.post(b"x", "Content-Encoding: gzip") == 415
    assert trial.post(b"x", "Content-Encoding: identity") == 202


def test_delivery_is_slow(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow body times out, and its place is free again."""
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
        assert trial.box.is_wanted.wait(60)
        begun.append(connection)
    return begun


@pytest.mark.parametrize("whose", ["of one", "of all"])
def test_too_many_deliver_at_once(trial: Trial, whose: str) -> None:
    """Deliveries are limited for each subscription and in all; earlier ones go on."""
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


def test_store_is_busy_hub_retries(trial: Trial) -> None:
    """Every request of a hub gets 503 with Retry-After."""
    trial.box.failure = StoreError("locked")
    assert trial.post(b"x") == 503
    status, answer = trial.verify()
    assert status == 503
    assert b"retry-after" in answer


# Everything else.


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(trial: Trial, method: str) -> None:
    """Methods other than GET and POST get 405."""
    assert trial.get(f"/websub/{TOKEN}", method=method)[0] == 405


def test_bodies_are_accepted_nowhere_else(trial: Trial) -> None:
    """A POST to any other path gets 405."""
    for target in ("/", "/all.atom", "/websubx/", "/search"):
        head = request(target, "Content-Length: 1", method="POST")
        assert statuses(trial.server.say(head, b"x")) == [405]
    assert trial.box.got == []


@pytest.mark.parametrize("target", [f"/news/websub/{TOKEN}", f"/websub/{TOKEN}"])
def test_proxy_removes_a_path(tmp_path: Path, target: str) -> None:
    """Where the site has a path, callbacks below it are found with and without."""
    with served(tmp_path, path=b"/news/websub/", base_url="https://example.org/news/") as trial:
        head = request(target, "Content-Length: 1", method="POST")
        assert statuses(trial.server.say(head, b"x")) == [202]


def test_without_a_callback_configured(tmp_path: Path) -> None:
    """Without a callback the endpoint does not exist."""
    with served(tmp_path, path=None) as trial:
        assert trial.verify()[0] == 404
        assert trial.post(b"x") == 405
