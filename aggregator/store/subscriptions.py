"""Subscriptions at hubs in the store, and what was delivered for them (WebSub).

Each has a ``token``, the unguessable end of its callback's address, by which hubs name it, and a
``state``:

- ``requested``: the hub was asked, or is to be, and has not asked back yet;
- ``verified``: it works, as far as anybody knows, until its lease ends;
- ``failing``: the same, but a poll found news that the hub had not delivered;
- ``failed``: the hub cannot be had, or the lease ran out; ``denied``: the hub says no;
- ``leaving``: it is not wanted any more, and the hub is told so.

``due`` is when the hub is to be asked next.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aggregator.store import Row, Store
from aggregator.store.times import time_text, to_time

State = Literal["requested", "verified", "failing", "failed", "denied", "leaving"]

_COLUMNS = (
    "token, source, hub, topic, callback, allow_private, secret, state, lease_until, due, tries,"
    " polled, last_delivery, error"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One subscription; times are aware, in UTC.

    ``callback`` is its whole address.  Without a ``secret`` what is delivered cannot be told from
    what anybody sent.  ``tries`` are the requests since the hub verified last.  ``polled``: a poll
    has looked since then, so that what the next one finds, the hub should have delivered.
    """

    token: str
    source: str
    hub: str
    topic: str
    callback: str
    allow_private: bool
    secret: str | None
    state: State = "requested"
    lease_until: datetime | None = None
    due: datetime
    tries: int = 0
    polled: bool = False
    last_delivery: datetime | None = None
    error: str | None = None

    def is_live(self, now: datetime) -> bool:
        """Whether the hub can be relied upon."""
        has_lease = self.lease_until is not None and self.lease_until > now
        return self.state == "verified" and has_lease


def every(store: Store) -> list[Subscription]:
    """All of them."""
    rows = store.rows(f"SELECT {_COLUMNS} FROM subscriptions ORDER BY source, token")
    return [_subscription(row) for row in rows]


def by_source(store: Store) -> dict[str, Subscription]:
    """That of each source that has one it wants."""
    return {each.source: each for each in every(store) if each.state != "leaving"}


def of_token(store: Store, token: str) -> Subscription | None:
    """The one that hubs call ``token``."""
    rows = store.rows(f"SELECT {_COLUMNS} FROM subscriptions WHERE token = ?", (token,))
    return _subscription(rows[0]) if rows else None


def of_source(store: Store, source: str) -> Subscription | None:
    """The one that ``source`` wants."""
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM subscriptions WHERE source = ? AND state != 'leaving'", (source,)
    )
    return _subscription(rows[0]) if rows else None


def _subscription(row: Row) -> Subscription:
    token, source, hub, topic, callback, private, secret, state, lease, due, tries, *rest = row
    polled, delivered, error = rest
    return Subscription(
        token=token,
        source=source,
        hub=hub,
        topic=topic,
        callback=callback,
        allow_private=bool(private),
        secret=secret,
        state=state,
        lease_until=to_time(lease) if lease else None,
        due=to_time(due),
        tries=tries,
        polled=bool(polled),
        last_delivery=to_time(delivered) if delivered else None,
        error=error,
    )


def add(store: Store, new: Subscription) -> None:
    """Keep one that is new, within a transaction, as the following do."""
    store.execute(
        "INSERT INTO subscriptions (token, source, hub, topic, callback, allow_private, secret,"
        " state, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(new.token, new.source, new.hub, new.topic, new.callback, int(new.allow_private)),
            *(new.secret, new.state, time_text(new.due)),
        ),
    )


def asked(store: Store, token: str, *, due: datetime, error: str | None) -> None:
    """Note that the hub is being asked, and when it is to be asked again if it does not verify.

    Noted before, for a hub may verify before it answers.
    """
    store.execute(
        "UPDATE subscriptions SET due = ?, tries = tries + 1, error = ifnull(?, error),"
        " state = iif(state IN ('failed', 'denied'), 'requested', state) WHERE token = ?",
        (time_text(due), error, token),
    )


def refused(store: Store, token: str, *, tries: int, due: datetime, error: str) -> None:
    """Note that it did not take the last of so many requests, unless it verified meanwhile."""
    store.execute(
        "UPDATE subscriptions SET due = ?, error = ?,"
        " state = iif(state = 'requested', 'failed', state) WHERE token = ? AND tries = ?",
        (time_text(due), error, token, tries),
    )


def verified(store: Store, token: str, *, lease_until: datetime, due: datetime) -> None:
    """Note that the hub has verified it.  One that is failing is so until the next delivery."""
    store.execute(
        "UPDATE subscriptions SET lease_until = ?, due = ?, tries = 0,"
        " error = iif(state = 'failing', error, NULL), polled = iif(state = 'verified', polled, 0),"
        " state = iif(state = 'failing', 'failing', 'verified') WHERE token = ?",
        (time_text(lease_until), time_text(due), token),
    )


def end(store: Store, token: str, state: State, *, due: datetime, error: str) -> None:
    """Note that it does not work, or is not wanted, any more; from now on tries count anew."""
    store.execute(
        "UPDATE subscriptions SET state = ?, due = ?, tries = 0, polled = 0, error = ?"
        " WHERE token = ?",
        (state, time_text(due), error, token),
    )


def note_polled(store: Store, token: str) -> None:
    """Note that a poll has looked since it works."""
    store.execute("UPDATE subscriptions SET polled = 1 WHERE token = ?", (token,))


def note_hint(store: Store, token: str, now: datetime) -> None:
    """Note that the hub told of news without bringing it: what the next poll finds, it told of."""
    store.execute(
        "UPDATE subscriptions SET polled = 0, last_delivery = ?, error = NULL,"
        " state = iif(state = 'failing', 'verified', state) WHERE token = ?",
        (time_text(now), token),
    )


def note_error(store: Store, token: str, error: str) -> None:
    """Note what is wrong with what was delivered, in a transaction of its own if it is news."""
    rows = store.rows("SELECT 1 FROM subscriptions WHERE token = ? AND error IS ?", (token, error))
    if not rows:
        with store.transaction():
            store.execute("UPDATE subscriptions SET error = ? WHERE token = ?", (error, token))


def forget(store: Store, tokens: Collection[str]) -> None:
    """Know nothing of these any more, nor of what was delivered for them."""
    for table in ("deliveries", "subscriptions"):
        store.execute_many(f"DELETE FROM {table} WHERE token = ?", [(token,) for token in tokens])


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a hub delivered: ``body`` as it came, checked against its signature.

    ``begun`` is how often somebody has begun to read it.
    """

    serial: int
    token: str
    received: datetime
    media_type: str | None
    charset: str | None
    sha256: str
    begun: int
    body: bytes


def deliver(store: Store, new: Delivery) -> None:
    """Keep what was delivered, within a transaction, unless the same waits already."""
    store.execute(
        "INSERT OR IGNORE INTO deliveries (token, received, media_type, charset, sha256, body)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            *(new.token, time_text(new.received), new.media_type, new.charset),
            *(new.sha256, new.body),
        ),
    )


def bytes_waiting(store: Store) -> int:
    """How many bytes were delivered and not read yet."""
    ((size,),) = store.rows("SELECT ifnull(sum(length(body)), 0) FROM deliveries")
    return int(size)


def is_waited_for(store: Store, token: str) -> bool:
    """Whether something was delivered for it that is not read yet."""
    return bool(store.rows("SELECT 1 FROM deliveries WHERE token = ? LIMIT 1", (token,)))


def next_delivery(store: Store) -> Delivery | None:
    """What was delivered first of what is not read yet; it counts as begun from now on."""
    rows = store.rows(
        "SELECT serial, token, received, media_type, charset, sha256, begun, body FROM deliveries"
        " ORDER BY serial LIMIT 1"
    )
    for serial, token, received, media_type, charset, sha256, begun, body in rows:
        with store.transaction():
            store.execute("UPDATE deliveries SET begun = begun + 1 WHERE serial = ?", (serial,))
        return Delivery(
            serial=serial,
            token=token,
            received=to_time(received),
            media_type=media_type,
            charset=charset,
            sha256=sha256,
            begun=begun,
            body=body,
        )
    return None


def taken(store: Store, done: Delivery, problem: str | None = None) -> None:
    """Note, within a transaction, that a delivery was read: it works, but for a ``problem``."""
    store.execute("DELETE FROM deliveries WHERE serial = ?", (done.serial,))
    if problem is not None:
        store.execute("UPDATE subscriptions SET error = ? WHERE token = ?", (problem, done.token))
        return
    store.execute(
        "UPDATE subscriptions SET last_delivery = ?, error = NULL,"
        " state = iif(state = 'failing', 'verified', state) WHERE token = ?",
        (time_text(done.received), done.token),
    )
