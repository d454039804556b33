"""Where hubs ask and deliver: the one place that takes a body, and only below one path.

Takes requests whose path ends in a subscription's token; answers whether it was meant (WebSub,
section 5.3), and takes deliveries (7): a bounded body, within a bounded time, a few at once, and of
nobody whose token is unknown.  What that means is for an ``Inbox``, which is asked in a thread of
its own; where it cannot say, the hub is told to try again.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl

from aggregator.errors import AggregatorError
from aggregator.fetch.headers import read
from aggregator.store.subscriptions import Subscription
from aggregator.web.answer import PLAIN_TEXT, Answer, error, whole
from aggregator.web.desk import Desk, UnavailableError
from aggregator.web.media import DATA_HEADERS
from aggregator.web.names import below
from aggregator.websub.inbox import Parcel, Received

LONGEST_BODY_SECONDS = 30.0
"""Seconds in which a delivery has to be here."""

MOST_AT_ONCE, MOST_OF_ONE = 8, 2
"""Deliveries whose bodies are being read, of all and of one subscription."""

LONGEST_CHALLENGE = 1000
"""Characters that are said back."""

_SECONDS = 8.0  # that the inbox may take
_LATER = (b"retry-after", b"30")
_NOT_KEPT = (b"cache-control", b"no-store")

_log = logging.getLogger("aggregator.web")

T = TypeVar("T")
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Inbox(Protocol):
    """What is behind the callbacks (``websub.inbox``); each call is made in one and the same
    thread, and may raise ``AggregatorError``.
    """

    def wanted(self, token: str) -> Subscription | None: ...  # noqa: D102  see websub.inbox
    def confirm(  # noqa: D102
        self, token: str, mode: str, topic: str, granted: int | None
    ) -> str | None: ...
    def deny(self, token: str, topic: str, reason: str) -> Subscription | None: ...  # noqa: D102
    def receive(self, token: str, parcel: Parcel) -> Received: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class GoneError(Exception):
    """The client went away in the middle of its request."""


class Callbacks:
    """Answers hubs.  Belongs to one event loop.

    ``path`` is below which, as bytes with a slash at both ends; None for nowhere.  ``most`` is how
    many bytes a delivery may have.  ``on_delivery`` is called when something waits to be read,
    ``on_hint`` with the source that is to be asked itself.
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
        self.most = 0
        self._inbox = inbox
        self._now = now
        self._on_delivery = on_delivery
        self._on_hint = on_hint
        self._desk = Desk("hubs", threads=1, room=64, seconds=_SECONDS)
        self._reading: Counter[str] = Counter()
        self._told: dict[str, str] = {}  # what is wrong with deliveries, by source

    def close(self) -> None:
        """Answer nobody any more."""
        self._desk.close(self._inbox.close)

    def token(self, path: bytes, prefix: bytes) -> str | None:
        """What ``path``, as sent, has below ours; None where it lies elsewhere.

        ``prefix`` is the path of the site, which a proxy may take away.
        """
        if self.path is None:
            return None
        own, inner = below(self.path, prefix), below(path, prefix)
        return inner[len(own) :].decode("latin-1") if inner.startswith(own) else None

    async def answer(
        self, method: str, token: str, query: bytes, headers: Any, receive: Receive
    ) -> Answer:
        """The answer to a request below ``path``; raises ``UnavailableError``."""
        if method == "GET":
            return await self._asked(token, query)
        if method == "POST":
            return await self._delivered(token, list(headers), receive)
        return error(405, "hubs ask by GET and deliver by POST", (b"allow", b"GET, POST"))

    async def _asked(self, token: str, query: bytes) -> Answer:
        """Verification of intent, or word that a subscription was denied."""
        fields = _fields(query)
        mode, topic = fields.get("hub.mode", ""), fields.get("hub.topic", "")
        if mode == "denied":
            return await self._denied(token, topic, fields.get("hub.reason", ""))
        challenge = fields.get("hub.challenge", "")
        # Section 8.2: no binary data is said back, and not much of anything.
        is_fit = 0 < len(challenge) <= LONGEST_CHALLENGE and challenge.isprintable()
        if mode not in ("subscribe", "unsubscribe") or not is_fit:
            return error(404, "nobody here asked for that")
        granted = _seconds(fields.get("hub.lease_seconds", ""))
        source = await self._ask(partial(self._inbox.confirm, token, mode, topic, granted))
        if source is None:
            return error(404, "nobody here asked for that")
        _log.info("the hub of %s confirms: %s", source, mode)
        return whole(PLAIN_TEXT, challenge.encode(), (*DATA_HEADERS, _NOT_KEPT))

    async def _denied(self, token: str, topic: str, reason: str) -> Answer:
        before = await self._ask(partial(self._inbox.deny, token, topic, reason))
        if before is None:
            return error(404, "nobody here asked for that")
        if before.state in ("verified", "failing"):
            _log.warning("the hub of %s denies the subscription", before.source)
            self._on_hint(before.source)
        return _noted()

    async def _delivered(
        self, token: str, headers: list[tuple[bytes, bytes]], receive: Receive
    ) -> Answer:
        found = await self._ask(partial(self._inbox.wanted, token))
        if found is None:
            return error(410, "nobody here wants this any more")
        if _value(headers, b"content-encoding") not in (None, b"", b"identity"):
            return error(415, "deliveries are taken as they are, not compressed")
        length = _value(headers, b"content-length")
        if length is not None and (not length.isdigit() or int(length[:12]) > self.most):
            return self._too_much(found)
        with self._place(token):
            try:
                async with asyncio.timeout(LONGEST_BODY_SECONDS):
                    body = await _body(receive, self.most)
            except TimeoutError:
                self._tell(found, "a delivery came too slowly")
                return error(408, "the delivery took too long to come")
            if body is None:
                return self._too_much(found)
            said = read(headers, found.topic, self._now())
            signature = _value(headers, b"x-hub-signature")
            parcel = Parcel(
                body=body,
                signature=signature.decode("latin-1") if signature is not None else None,
                topic=said.topic,
                media_type=said.media_type,
                charset=said.charset,
            )
            return self._answered(
                found, await self._ask(partial(self._inbox.receive, token, parcel))
            )

    def _answered(self, found: Subscription, received: Received) -> Answer:
        if received.verdict == "unknown":
            return error(410, "nobody here wants this any more")
        if received.problem is not None:
            self._tell(found, received.problem)
        if received.verdict == "kept":
            self._tell(found, None)
            self._on_delivery()
        elif received.verdict == "hint":
            self._on_hint(received.source)
        if received.verdict == "full":
            return error(503, "too much waits already", _LATER)
        # Also where it is ignored, so that nobody can try signatures (section 7.1).
        return _noted()

    def _too_much(self, found: Subscription) -> Answer:
        self._tell(found, f"a delivery has more than {self.most:,} bytes (max_download)")
        return error(413, f"at most {self.most} bytes are taken")

    def _tell(self, found: Subscription, problem: str | None) -> None:
        """Log what is wrong with deliveries for a source, once until it is another thing."""
        if problem is None:
            if self._told.pop(found.source, None) is not None:
                _log.info("deliveries for %s: well again", found.source)
        elif self._told.get(found.source) != problem:
            self._told[found.source] = problem
            _log.warning("deliveries for %s: %s; ignored", found.source, problem)

    @contextmanager
    def _place(self, token: str) -> Iterator[None]:
        """One of the places for bodies that are being read."""
        if self._reading.total() >= MOST_AT_ONCE or self._reading[token] >= MOST_OF_ONE:
            raise UnavailableError("too much is delivered at once")
        self._reading[token] += 1
        try:
            yield
        finally:
            self._reading[token] -= 1
            if not self._reading[token]:
                del self._reading[token]

    async def _ask(self, work: Callable[[], T]) -> T:
        """What the inbox says; ``UnavailableError`` where it cannot be had."""
        try:
            return await self._desk.do(work)
        except AggregatorError as failure:
            _log.error("a hub is told to try again: %s", failure)
            raise UnavailableError("this cannot be kept now") from failure


async def _body(receive: Receive, most: int) -> bytes | None:
    """The body of a request; None where it is larger.  Raises ``GoneError``."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise GoneError
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _value(headers: list[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    """The value of a header; of several the list, which is no length and no signature."""
    values = [
        value.strip().lower() if name == b"content-encoding" else value.strip()
        for found, value in headers
        if found == name
    ]
    return b", ".join(values) if values else None


def _fields(query: bytes) -> dict[str, str]:
    """The fields of a query; none where there are many, or one is there twice."""
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


def _seconds(text: str) -> int | None:
    return int(text[:9]) if text.isascii() and text.isdigit() else None


def _noted() -> Answer:
    return whole(PLAIN_TEXT, b"noted\n", (*DATA_HEADERS, _NOT_KEPT), status=202)
