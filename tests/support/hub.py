"""A WebSub hub on loopback, by the Recommendation of 23 January 2018, that can misbehave.

``with Hub() as hub`` serves in separate threads.  On a subscription request it answers 202 and
verifies the intent (section 5.3); on a notification it fetches the topic and distributes it with
its links and, if it has a secret, signed (sections 7 and 7.1).  A test makes it misbehave by its
attributes, waits with ``until``, and makes it deliver with ``deliver``.
"""

import asyncio
import hmac
import http.client
import secrets
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.support.loopback import Connection, Loopback, Reply, Request

PATIENCE = 60.0
"""Seconds to wait for an event; far more than it takes."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A callback that confirmed its subscription to a topic."""

    callback: str
    topic: str
    secret: str | None
    lease: int


@dataclass(frozen=True, slots=True)
class Sent:
    """The response of a subscriber; status 0 without one."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Hub:
    """The hub.

    ``forms`` are the forms received, ``live`` the subscriptions, ``sent`` the responses to
    deliveries.  ``status`` replaces the right status, ``lease`` is granted for any request,
    ``verifies`` says whether it verifies, and ``verified_with`` and ``signature`` replace right
    values.
    """

    def __init__(self) -> None:
        self.server = Loopback()
        self.forms: list[dict[str, str]] = []
        self.live: dict[tuple[str, str], Subscription] = {}
        self.sent: list[Sent] = []
        self.verifications: list[Sent] = []
        self.status: int | None = None
        self.leads_to: tuple[int, str] | None = None
        self.lease: int | None = None
        self.verifies = True
        self.distributes = True
        self.verified_with: dict[str, str] = {}
        self.method = "sha256"
        self.sign: Callable[[str, bytes], str] = self._right_signature
        self.change: Callable[[bytes], bytes] = lambda body: body
        self._heard = threading.Condition()
        self._errands = ThreadPoolExecutor(8)

    def __enter__(self) -> Self:
        self.server.__enter__()
        self.url = self.server.at("/hub", self._redirect)
        self.second_url = self.server.at("/second", self.act)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._errands.shutdown(wait=True, cancel_futures=True)
        self.server.__exit__(kind, error, trace)

    # for tests

    def until(self, found: Callable[[], T | None], what: str) -> T:
        """Wait until ``found``, called after each event, returns something."""
        deadline = time.monotonic() + PATIENCE
        with self._heard:
            while not (got := found()):
                if time.monotonic() > deadline:
                    raise AssertionError(f"never came: {what}; forms: {self.forms}")
                self._heard.wait(0.2)
        return got

    def received(self, mode: str) -> list[dict[str, str]]:
        """Return the forms with this ``hub.mode``."""
        return [form for form in self.forms if form.get("hub.mode") == mode]

    def subscription(self) -> Subscription:
        """Return the first subscription, once there is one."""
        return self.until(lambda: next(iter(self.live.values()), None), "a subscription")

    # the behaviour of a hub

    async def _redirect(self, request: Request, connection: Connection) -> None:
        await self._answer(request, connection, self.leads_to)

    async def act(self, request: Request, connection: Connection) -> None:
        """Answer as a hub does, at any path."""
        await self._answer(request, connection, None)

    async def _answer(
        self, request: Request, connection: Connection, leads_to: tuple[int, str] | None
    ) -> None:
        length = int(request.headers.get("content-length", "0"))
        body = await asyncio.wait_for(connection.reader.readexactly(length), PATIENCE)
        if leads_to is not None:
            status, where = leads_to
            await connection.send(Reply(status, b"", {"Location": where}).to_bytes())
            return
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        mode = form.get("hub.mode", "")
        wrong = self.status
        status = wrong or (204 if mode == "publish" else 202)
        with self._heard:
            self.forms.append(form)
            self._heard.notify_all()
        await connection.send(Reply(status).to_bytes())
        if wrong is None:
            with suppress(RuntimeError):  # the hub is stopping
                if mode == "publish" and self.distributes:
                    self._errands.submit(self.distribute, form["hub.topic"])
                elif mode in ("subscribe", "unsubscribe") and self.verifies:
                    self._errands.submit(self.verify, form)

    def verify(self, form: Mapping[str, str]) -> Sent:
        """Verify the intent of the subscriber (section 5.3)."""
        challenge = secrets.token_hex(16)
        lease = self.lease or int(form.get("hub.lease_seconds", "864000"))
        fields = {
            "hub.mode": form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": challenge,
            "hub.lease_seconds": str(lease),
            **self.verified_with,
        }
        got = self.get(form["hub.callback"], fields)
        key = form["hub.callback"], form["hub.topic"]
        with self._heard:
            self.verifications.append(got)
            if got.status // 100 == 2 and got.body == fields["hub.challenge"].encode():
                if form["hub.mode"] == "subscribe":
                    self.live[key] = Subscription(*key, form.get("hub.secret"), lease)
                else:
                    self.live.pop(key, None)
            self._heard.notify_all()
        return got

    def deny(self, subscription: Subscription, reason: str) -> Sent:
        """Deny a subscription, also one that was granted (section 5.2)."""
        fields = {"hub.mode": "denied", "hub.topic": subscription.topic, "hub.reason": reason}
        return self.get(subscription.callback, fields)

    def distribute(self, topic: str) -> None:
        """Fetch a topic, and send it to all its subscribers."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(topic, timeout=PATIENCE) as answer:
            body, media_type = answer.read(), answer.headers.get("Content-Type", "")
        for subscription in [s for s in self.live.values() if s.topic == topic]:
            self.deliver(subscription, body, media_type)

    def deliver(
        self,
        subscription: Subscription,
        body: bytes,
        media_type: str = "application/atom+xml",
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Sent:
        """Send a body to a subscriber, with its signature."""
        given = {
            "Content-Type": media_type,
            "Link": f'<{self.url}>; rel="hub", <{subscription.topic}>; rel="self"',
        }
        if subscription.secret is not None:
            given["X-Hub-Signature"] = self.sign(subscription.secret, body)
        kept = {name: value for name, value in (given | dict(headers or {})).items() if value}
        got = ask("POST", subscription.callback, self.change(body), kept)
        with self._heard:
            self.sent.append(got)
            self._heard.notify_all()
        return got

    def get(self, callback: str, fields: Mapping[str, str]) -> Sent:
        """Request a callback with these fields."""
        return ask("GET", f"{callback}?{urlencode(fields)}")

    def _right_signature(self, secret: str, body: bytes) -> str:
        return f"{self.method}={hmac.new(secret.encode(), body, self.method).hexdigest()}"


def ask(
    method: str, address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Sent:
    """Return the response to a request."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        connection.request(method, target, body, dict(headers or {}))
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Sent(answer.status, answer.read(), named)
    except OSError:
        return Sent(0)
    finally:
        connection.close()
