"""What hubs request and deliver at our callbacks, checked against the store.

Says whether a subscription was intended (WebSub, section 5.3), notes that one was denied (5.2), and
stores deliveries (7) whose signature and topic are right.  Belongs to one thread, which has the
store open; each call is at most one short transaction.  Raises ``StoreError`` where the store
cannot be opened or is busy: the hub is to try again.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from aggregator.normalise.addresses import display_address
from aggregator.normalise.text import one_line
from aggregator.store import Store, deliveries, open_store, subscriptions
from aggregator.store.deliveries import Delivery
from aggregator.store.subscriptions import Subscription
from aggregator.websub.subscriber import lease, renewal

MOST_WAITING = 64_000_000
"""Bytes of deliveries that wait to be read; above that, hubs are to try again later."""

_BUSY = 3.0  # seconds; the hub is waiting for the response
_DENIED = timedelta(days=1)
_LONGEST_REASON = 200
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_SIGNATURE = re.compile(r"(sha1|sha256|sha384|sha512)=([0-9a-f]{40,128})", re.IGNORECASE)

Verdict = Literal["unknown", "ignored", "hint", "kept", "full"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The verdict on a delivery for ``source``, and the ``problem`` with it, if any, in words."""

    verdict: Verdict
    source: str = ""
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A delivery as received; ``topic`` is its link of relation ``self``, if it has one."""

    body: bytes
    signature: str | None
    topic: str | None
    media_type: str | None
    charset: str | None


class Inbox:
    """The callbacks' view of the store at ``path``; ``now`` returns the time in UTC."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now
        self._store: Store | None = None
        self._file: tuple[int, int] | None = None

    def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def wanted(self, token: str) -> Subscription | None:
        """Return the subscription that deliveries to ``token`` are for."""
        found = self._find(token)
        return found if found is not None and found.state != "leaving" else None

    def confirm(self, token: str, mode: str, topic: str, granted: int | None) -> str | None:
        """Return the source whose subscription, or its end, a hub rightly verifies; else None.

        ``granted`` is the lease in seconds.  A repeated request gets the same answer, since the
        first answer may have been lost.
        """
        found = self._find(token)
        if found is None or found.topic != topic:
            return None
        if mode != ("unsubscribe" if found.state == "leaving" else "subscribe"):
            return None
        with self._open().transaction():
            if mode == "unsubscribe":
                subscriptions.forget(self._open(), [token])
            else:
                seconds, now = lease(granted), self._now()
                subscriptions.note_verified(
                    self._open(),
                    token,
                    lease_until=now + timedelta(seconds=seconds),
                    due=renewal(token, seconds, now),
                )
        return found.source

    def deny(self, token: str, topic: str, reason: str) -> Subscription | None:
        """Note that a hub denies a subscription; return it as it was."""
        found = self._find(token)
        if found is None or found.topic != topic:
            return None
        words = one_line(reason)[:_LONGEST_REASON]
        with self._open().transaction():
            if found.state == "leaving":
                subscriptions.forget(self._open(), [token])
            else:
                error = f"its hub denies it: {words}" if words else "its hub denies it"
                due = self._now() + _DENIED
                subscriptions.end(self._open(), token, "denied", due=due, error=error)
        return found

    def receive(self, token: str, parcel: Parcel) -> Received:
        """Store a delivery whose signature and topic are right.

        Without a secret anybody may have sent it: it is then only a hint that there may be news.
        """
        found = self.wanted(token)
        if found is None:
            return Received(verdict="unknown")
        store = self._open()
        if found.secret is None:
            if found.polled or found.state == "failing":
                with store.transaction():
                    subscriptions.note_hint(store, token, self._now())
            return Received(verdict="hint", source=found.source)
        if problem := _problem(found.secret, parcel):
            self._note_error(found, problem)
            return Received(verdict="ignored", source=found.source, problem=problem)
        if parcel.topic is not None and parcel.topic != found.topic:
            # The hub errs, or the topic moved (section 7): polling the source will tell which.
            problem = f"a delivery has another topic, {display_address(parcel.topic)}"
            self._note_error(found, problem)
            return Received(verdict="hint", source=found.source, problem=problem)
        if deliveries.bytes_waiting(store) + len(parcel.body) > MOST_WAITING:
            return Received(
                verdict="full", source=found.source, problem="too many bytes are waiting"
            )
        delivery = Delivery(
            token=token,
            received=self._now(),
            media_type=parcel.media_type,
            charset=parcel.charset,
            sha256=hashlib.sha256(parcel.body).hexdigest(),
            body=parcel.body,
        )
        with store.transaction():
            deliveries.add(store, delivery)
        return Received(verdict="kept", source=found.source)

    def _note_error(self, found: Subscription, problem: str) -> None:
        """Note what is wrong with deliveries; anybody can send one, so only news is written."""
        if found.error != problem:
            store = self._open()
            with store.transaction():
                subscriptions.note_delivery(store, found.token, self._now(), problem)

    def _find(self, token: str) -> Subscription | None:
        # Anything without the shape of a token costs no query.
        return subscriptions.of_token(self._open(), token) if _TOKEN.fullmatch(token) else None

    def _open(self) -> Store:
        """Return the store, opened again if the file was replaced."""
        try:
            found = os.stat(self._path)
            file = (found.st_dev, found.st_ino)
        except OSError:
            file = None
        if self._store is None or file != self._file:
            self.close()
            self._store = open_store(self._path, busy=_BUSY, is_durable=True)
            self._file = file
        return self._store


def _problem(secret: str, parcel: Parcel) -> str | None:
    """Return what is wrong with the signature of a delivery, in words (section 7.1)."""
    if parcel.signature is None:
        return "a delivery has no signature"
    match = _SIGNATURE.fullmatch(parcel.signature.strip())
    if match is None:
        return "a delivery has a signature of an unknown method"
    method, given = match[1].lower(), match[2].lower()
    right = hmac.new(secret.encode(), parcel.body, method).hexdigest()
    if not hmac.compare_digest(right, given):
        return "a delivery has a wrong signature"
    return None
