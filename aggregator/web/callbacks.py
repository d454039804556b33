"""The endpoint for WebSub hubs: verifications of intent, and deliveries.

Takes requests whose path is below that of ``websub.callback`` and ends with the token of a
subscription; answers verifications (WebSub, section 5.3) and accepts deliveries (section 7).  This
is the only place that reads the body of a request: of a limited size, within a limited time, a few
at a time, and only for known tokens.  The ``Inbox`` decides; where it fails, the hub is asked to
try again.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from aggregator.errors import AggregatorError
from aggregator.fetch.headers import read_headers
from aggregator.store.subscriptions import Subscription
from aggregator.web.media import DATA_HEADERS, PLAIN_TEXT
from aggregator.web.paths import below
from aggregator.web.pool import BoundedPool, UnavailableError
from aggregator.web.response import NO_STORE, Response, error, text, with_body
from aggregator.websub.inbox import Inbox, Parcel, Received

MAX_BODY_SECONDS = 30.0
"""Seconds in which the body of a delivery has to arrive."""

MAX_DELIVERIES, MAX_DELIVERIES_EACH = 8, 2
"""Deliveries whose bodies are read at a time: in all, and of one subscription."""

MAX_CHALLENGE = 1000
"""Characters of a challenge."""

_INBOX_SECONDS = 8.0
_ACCEPTED = text(202, ["accepted"])
_NOT_REQUESTED = error(404, "no such subscription was requested")
_UNSUBSCRIBED = error(410, "there is no such subscription any more")

_log = logging.getLogger("aggregator.web")

T = TypeVar("T")
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class DisconnectedError(Exception):
    """The client disconnected in the middle of its request."""


class Callbacks:
    """Responds to hubs.  Belongs to one event loop, and calls the inbox in one other thread.

    ``path`` is the path of the endpoint, with a slash at both ends, None where there is none;
    ``max_body`` is in bytes.  ``on_delivery`` is called when a delivery was stored, ``on_hint``
    with a source that should be polled.
    """

    def __init__(
        self,
        inbox: Inbox,
        now: Callable[[], datetime],
        *,
        on_delivery: Callable[[], None],
        on_hint: Callable[[str], None],
    ) -> None:
        self.path: bytes | None = None
        self.max_body = 0
        self._inbox = inbox
        self._now = now
        self._on_delivery = on_delivery
        self._on_hint = on_hint
        self._pool = BoundedPool("hubs", threads=1, room=64, seconds=_INBOX_SECONDS)
        self._reading: Counter[str] = Counter()
        self._problems: dict[str, str] = {}  # with deliveries, by source, as logged

    def close(self) -> None:
        """Accept nothing more."""
        self._pool.close(self._inbox.close)

    def token(self, path: bytes, prefix: bytes) -> str | None:
        """The rest of ``path``, as sent, below the endpoint; None where it is not below it.

        ``prefix`` is the path of the site, which a proxy may remove.
        """
        if self.path is None:
            return None
        own, inner = below(self.path, prefix), below(path, prefix)
        return inner[len(own) :].decode("latin-1") if inner.startswith(own) else None

    async def respond(
        self, method: str, token: str, query: bytes, headers: Any, receive: Receive
    ) -> Response:
        """The response to a hub; raises ``UnavailableError`` and ``DisconnectedError``."""
        if method == "GET":
            return await self._verify(token, query)
        if method == "POST":
            return await self._deliver(token, list(headers), receive)
        return error(405, "hubs verify by GET and deliver by POST", (b"allow", b"GET, POST"))

    async def _verify(self, token: str, query: bytes) -> Response:
        """Verification of intent, or the denial of a subscription."""
        fields = _fields(query)
        mode, topic = fields.get("hub.mode", ""), fields.get("hub.topic", "")
        if mode == "denied":
            return await self._deny(token, topic, fields.get("hub.reason", ""))
        challenge = fields.get("hub.challenge", "")
        # Section 8.2: nothing binary is echoed, and not much of anything.
        is_valid = 0 < len(challenge) <= MAX_CHALLENGE and challenge.isprintable()
        if mode not in ("subscribe", "unsubscribe") or not is_valid:
            return _NOT_REQUESTED
        granted = _seconds(fields.get("hub.lease_seconds", ""))
        source = await self._ask(partial(self._inbox.confirm, token, mode, topic, granted))
        if source is None:
            return _NOT_REQUESTED
        _log.info("hub confirmed %s of %s", mode, source)
        return with_body(PLAIN_TEXT, challenge.encode(), (*DATA_HEADERS, NO_STORE))

    async def _deny(self, token: str, topic: str, reason: str) -> Response:
        before = await self._ask(partial(self._inbox.deny, token, topic, reason))
        if before is None:
            return _NOT_REQUESTED
        if before.state in ("verified", "failing"):
            _log.warning("hub denied the subscription of %s", before.source)
            self._on_hint(before.source)
        return _ACCEPTED

    async def _deliver(
        self, token: str, headers: list[tuple[bytes, bytes]], receive: Receive
    ) -> Response:
        subscription = await self._ask(partial(self._inbox.wanted, token))
        if subscription is None:
            return _UNSUBSCRIBED
        if _value(headers, b"content-encoding").lower() not in (b"", b"identity"):
            return error(415, "compressed deliveries are not accepted")
        length = _value(headers, b"content-length") or b"0"
        if not length.isdigit() or int(length[:12]) > self.max_body:
            return self._too_large(subscription)
        with self._place(token):
            try:
                async with asyncio.timeout(MAX_BODY_SECONDS):
                    body = await _body(receive, self.max_body)
            except TimeoutError:
                self._note(subscription, "a delivery took too long to arrive")
                return error(408, "the delivery took too long to arrive")
            if body is None:
                return self._too_large(subscription)
            hints = read_headers(headers, subscription.topic, self._now())
            parcel = Parcel(
                body=body,
                signature=_value(headers, b"x-hub-signature").decode("latin-1") or None,
                topic=hints.topic,
                media_type=hints.media_type,
                charset=hints.charset,
            )
            received = await self._ask(partial(self._inbox.receive, token, parcel))
            return self._respond_to(subscription, received)

    def _respond_to(self, subscription: Subscription, received: Received) -> Response:
        if received.verdict == "unknown":
            return _UNSUBSCRIBED
        if received.problem is not None:
            self._note(subscription, received.problem)
        if received.verdict == "kept":
            self._note(subscription, None)
            self._on_delivery()
        elif received.verdict == "hint":
            self._on_hint(received.source)
        if received.verdict == "full":
            return error(503, "too many deliveries are waiting", (b"retry-after", b"30"))
        # Also where it is ignored, so that nobody can try signatures (section 7.1).
        return _ACCEPTED

    def _too_large(self, subscription: Subscription) -> Response:
        self._note(subscription, f"a delivery has more than {self.max_body:,} bytes (max_download)")
        return error(413, f"at most {self.max_body} bytes are accepted")

    def _note(self, subscription: Subscription, problem: str | None) -> None:
        """Log a problem with deliveries for a source once, and its end."""
        source = subscription.source
        if problem is None:
            if self._problems.pop(source, None) is not None:
                _log.info("deliveries for %s work again", source)
        elif self._problems.get(source) != problem:
            self._problems[source] = problem
            _log.warning("ignoring deliveries for %s: %s", source, problem)

    @contextmanager
    def _place(self, token: str) -> Iterator[None]:
        """One of the places for deliveries that are being read."""
        if self._reading.total() >= MAX_DELIVERIES or self._reading[token] >= MAX_DELIVERIES_EACH:
            raise UnavailableError("too many deliveries at once")
        self._reading[token] += 1
        try:
            yield
        finally:
            self._reading[token] -= 1
            self._reading += Counter()  # drops the zero

    async def _ask(self, work: Callable[[], T]) -> T:
        """The inbox's decision; raises ``UnavailableError`` where it has none."""
        try:
            return await self._pool.run(work)
        except AggregatorError as failure:
            _log.error("cannot answer a hub, which will try again: %s", failure)
            raise UnavailableError("the store is not available") from failure


async def _body(receive: Receive, most: int) -> bytes | None:
    """The body of a request; None where it is too large.  Raises ``DisconnectedError``."""
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise DisconnectedError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            return None
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _value(headers: list[tuple[bytes, bytes]], name: bytes) -> bytes:
    """The value of a header, or empty; a list for repeated ones, which is not a valid length."""
    return b", ".join(value.strip() for found, value in headers if found == name)


def _fields(query: bytes) -> dict[str, str]:
    """The fields of a query; none where there are too many, or one is repeated."""
    try:
        pairs = parse_qsl(
            query.decode("latin-1"),
            keep_blank_values=True,
            max_num_fields=20,
            encoding="utf-8",
            errors="surrogateescape",
        )
    except ValueError:
        return {}
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else {}


def _seconds(value: str) -> int | None:
    return int(value[:9]) if value.isascii() and value.isdigit() else None
