"""Subscriptions at hubs (WebSub) in the store.

Each has a ``token``, the unguessable end of its callback's address, by which hubs name it, and a
``state``:

- ``requested``: the hub was asked, or is about to be, and has not verified yet;
- ``verified``: it works, as far as is known, until its lease ends;
- ``failing``: the same, but a poll found news that the hub had not delivered;
- ``failed``: the hub cannot be reached, or the lease ran out; ``denied``: the hub refused;
- ``leaving``: it is no longer wanted, and the hub is being asked to end it.

Functions that write belong in a transaction.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aggregator.store import Store
from aggregator.store.times import columns_of, time_text, with_times

State = Literal["requested", "verified", "failing", "failed", "denied", "leaving"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One subscription; times are aware, in UTC.

    ``callback`` is its whole address.  Without a ``secret`` anybody can send a
    delivery.  ``due`` is when the hub is to be asked next; ``tries`` counts the requests since
    it last verified.  ``polled``: a poll has looked since then, so that the hub should have
    delivered whatever the next poll finds.
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
    """Return all subscriptions, by source."""
    return _select(store, "TRUE ORDER BY source, token")


def by_source(store: Store, sources: Collection[str] | None = None) -> dict[str, Subscription]:
    """Return the subscription of each source that has one, without those being left.

    Of ``sources``, or of all.
    """
    if sources is None:
        found = _select(store, "state != 'leaving'")
    else:
        among = "source IN (SELECT value FROM json_each(?))"
        found = _select(store, f"{among} AND state != 'leaving'", json.dumps(list(sources)))
    return {one.source: one for one in found}


def of_token(store: Store, token: str) -> Subscription | None:
    """Return the subscription that hubs call ``token``."""
    return next(iter(_select(store, "token = ?", token)), None)


def of_source(store: Store, source: str) -> Subscription | None:
    """Return the subscription of ``source``, unless it is being left."""
    return next(iter(_select(store, "source = ? AND state != 'leaving'", source)), None)


def _select(store: Store, where: str, *parameters: str) -> list[Subscription]:
    found = []
    for row in store.query(f"SELECT * FROM subscriptions WHERE {where}", parameters):
        values = with_times(row, "lease_until", "due", "last_delivery")
        flags = {name: bool(row[name]) for name in ("allow_private", "polled")}
        found.append(Subscription(**values | flags))
    return found


def add(store: Store, new: Subscription) -> None:
    """Add a new subscription."""
    store.db.table("subscriptions").insert(columns_of(new))


def note_request(store: Store, token: str, *, due: datetime, error: str | None) -> None:
    """Note that the hub is being asked, and when to ask again if it does not verify.

    Called before the request, since a hub may verify before it answers.
    """
    store.execute(
        "UPDATE subscriptions SET due = ?, tries = tries + 1, error = ifnull(?, error),"
        " state = iif(state IN ('failed', 'denied'), 'requested', state) WHERE token = ?",
        (time_text(due), error, token),
    )


def note_refusal(store: Store, token: str, *, tries: int, due: datetime, error: str) -> None:
    """Note that the hub refused request number ``tries``, unless it has verified meanwhile."""
    store.execute(
        "UPDATE subscriptions SET due = ?, error = ?,"
        " state = iif(state = 'requested', 'failed', state) WHERE token = ? AND tries = ?",
        (time_text(due), error, token, tries),
    )


def note_verified(store: Store, token: str, *, lease_until: datetime, due: datetime) -> None:
    """Note that the hub verified it.  A failing one stays so until the next delivery."""
    store.execute(
        "UPDATE subscriptions SET lease_until = ?, due = ?, tries = 0,"
        " error = iif(state = 'failing', error, NULL), polled = iif(state = 'verified', polled, 0),"
        " state = iif(state = 'failing', 'failing', 'verified') WHERE token = ?",
        (time_text(lease_until), time_text(due), token),
    )


def end(store: Store, token: str, state: State, *, due: datetime, error: str) -> None:
    """Note that it stopped working, or is not wanted any more; tries count from zero again."""
    store.execute(
        "UPDATE subscriptions SET state = ?, due = ?, tries = 0, polled = 0, error = ?"
        " WHERE token = ?",
        (state, time_text(due), error, token),
    )


def note_polled(store: Store, token: str) -> None:
    """Note that a poll has looked since the hub verified."""
    store.execute("UPDATE subscriptions SET polled = 1 WHERE token = ?", (token,))


def note_hint(store: Store, token: str, now: datetime) -> None:
    """Note that the hub announced news without content, so that the next poll may find news."""
    _note_delivery(store, token, now)
    store.execute("UPDATE subscriptions SET polled = 0 WHERE token = ?", (token,))


def note_delivery(store: Store, token: str, received: datetime, problem: str | None) -> None:
    """Note that a delivery was read: the hub works, or there is a ``problem`` with it."""
    if problem is None:
        _note_delivery(store, token, received)
    else:
        store.execute("UPDATE subscriptions SET error = ? WHERE token = ?", (problem, token))


def _note_delivery(store: Store, token: str, received: datetime) -> None:
    store.execute(
        "UPDATE subscriptions SET last_delivery = ?, error = NULL,"
        " state = iif(state = 'failing', 'verified', state) WHERE token = ?",
        (time_text(received), token),
    )


def forget(store: Store, tokens: Collection[str]) -> None:
    """Delete these subscriptions, with the deliveries for them."""
    for table in ("deliveries", "subscriptions"):
        store.execute_many(f"DELETE FROM {table} WHERE token = ?", [(token,) for token in tokens])
