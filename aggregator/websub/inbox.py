"""What hubs ask and deliver, held against the store: the callbacks' memory.

Says whether a subscription was meant (WebSub, section 5.3), notes that one was denied (5.2), and
keeps what was delivered (7), once its signature and its topic are right.  Belongs to one thread,
which has the store open; each call is one short transaction at most.  Raises ``StoreError`` where
the store cannot be had or is busy: the hub is to try again.
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
from aggregator.store import Store, open_store
from aggregator.store import subscriptions as kept
from aggregator.store.subscriptions import Delivery, Subscription
from aggregator.websub.subscriber import lease, renewal

MOST_WAITING = 64_000_000
"""Bytes of deliveries that wait to be read; beyond, hubs are to try again later."""

_BUSY = 3.0  # seconds; the hub waits for the answer
_DENIED = timedelta(days=1)
_LONGEST_REASON = 200
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_SIGNATURE = re.compile(r"(sha1|sha256|sha384|sha512)=([0-9a-f]{40,128})", re.IGNORECASE)

Verdict = Literal["unknown", "ignored", "hint", "kept", "full"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What became of a delivery for ``source``, and the ``problem`` with it, if any, in words."""

    verdict: Verdict
    source: str = ""
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A delivery as it came; ``topic`` is its link of relation ``self``, if it has one."""

    body: bytes
    signature: str | None
    topic: str | None
    media_type: str | None
    charset: str | None


class Inbox:
    """The store at ``path``, as far as hubs are concerned; ``now`` is the time in UTC."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now
        self._store: Store | None = None
        self._there: tuple[int, int] | None = None

    def close(self) -> None:
        """Leave the store."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def wanted(self, token: str) -> Subscription | None:
        """The subscription that deliveries to ``token`` are for."""
        found = self._find(token)
        return found if found is not None and found.state != "leaving" else None

    def confirm(self, token: str, mode: str, topic: str, granted: int | None) -> str | None:
        """The source whose subscription, or end of one, a hub rightly asks about; else None.

        ``granted`` is for how many seconds.  Asked twice, the answer is the same: the first one may
        have been lost.
        """
        found = self._find(token)
        if found is None or found.topic != topic:
            return None
        if mode != ("unsubscribe" if found.state == "leaving" else "subscribe"):
            return None
        with self._open().transaction():
            if mode == "unsubscribe":
                kept.forget(self._open(), [token])
            else:
                seconds, now = lease(granted), self._now()
                kept.verified(
                    self._open(),
                    token,
                    lease_until=now + timedelta(seconds=seconds),
                    due=renewal(token, seconds, now),
                )
        return found.source

    def deny(self, token: str, topic: str, reason: str) -> Subscription | None:
        """Note that a hub denies a subscription; gives it as it was."""
        found = self._find(token)
        if found is None or found.topic != topic:
            return None
        words = one_line(reason)[:_LONGEST_REASON]
        with self._open().transaction():
            if found.state == "leaving":
                kept.forget(self._open(), [token])
            else:
                error = f"its hub denies it: {words}" if words else "its hub denies it"
                due = self._now() + _DENIED
                kept.end(self._open(), token, "denied", due=due, error=error)
        return found

    def receive(self, token: str, parcel: Parcel) -> Received:
        """Keep a delivery, if it is what it should be.

        Without a secret anybody may have sent it: then it only says that there may be news.
        """
        found = self.wanted(token)
        if found is None:
            return Received(verdict="unknown")
        store = self._open()
        if found.secret is None:
            if found.polled or found.state == "failing":
                with store.transaction():
                    kept.note_hint(store, token, self._now())
            return Received(verdict="hint", source=found.source)
        if problem := _problem(found.secret, parcel):
            kept.note_error(store, token, problem)
            return Received(verdict="ignored", source=found.source, problem=problem)
        if parcel.topic is not None and parcel.topic != found.topic:
            # A hub that errs, or a topic that moved (section 7): its source will tell which.
            problem = f"a delivery is of another topic, {display_address(parcel.topic)}"
            kept.note_error(store, token, problem)
            return Received(verdict="hint", source=found.source, problem=problem)
        if kept.bytes_waiting(store) + len(parcel.body) > MOST_WAITING:
            return Received(verdict="full", source=found.source, problem="too much waits already")
        with store.transaction():
            kept.deliver(
                store,
                Delivery(
                    serial=0,
                    token=token,
                    received=self._now(),
                    media_type=parcel.media_type,
                    charset=parcel.charset,
                    sha256=hashlib.sha256(parcel.body).hexdigest(),
                    begun=0,
                    body=parcel.body,
                ),
            )
        return Received(verdict="kept", source=found.source)

    def _find(self, token: str) -> Subscription | None:
        # What has not the shape of a token costs no look at the store.
        return kept.of_token(self._open(), token) if _TOKEN.fullmatch(token) else None

    def _open(self) -> Store:
        """The store as it is there now."""
        try:
            found = os.stat(self._path)
            there = (found.st_dev, found.st_ino)
        except OSError:
            there = None
        if self._store is None or there != self._there:
            self.close()
            self._store = open_store(self._path, busy=_BUSY, is_durable=True)
            self._there = there
        return self._store


def _problem(secret: str, parcel: Parcel) -> str | None:
    """What is wrong with the signature of a delivery, in words (section 7.1)."""
    if parcel.signature is None:
        return "a delivery has no signature"
    match = _SIGNATURE.fullmatch(parcel.signature.strip())
    if match is None:
        return "a delivery has a signature of a kind that is not known"
    method, given = match[1].lower(), match[2].lower()
    right = hmac.new(secret.encode(), parcel.body, method).hexdigest()
    if not hmac.compare_digest(right, given):
        return "a delivery has a wrong signature"
    return None
