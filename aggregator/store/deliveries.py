"""Deliveries of hubs that were accepted and not read yet.

Functions that write belong in a transaction, except ``next_delivery``.
"""

from dataclasses import dataclass
from datetime import datetime

from aggregator.store import Store, subscriptions
from aggregator.store.times import columns_of, with_times


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery: ``body`` as received, with a signature that was right.

    ``begun`` counts how often reading it was started before.
    """

    serial: int | None = None
    token: str
    received: datetime
    media_type: str | None
    charset: str | None
    sha256: str
    begun: int = 0
    body: bytes


def add(store: Store, new: Delivery) -> None:
    """Add a delivery, unless the same body is waiting already."""
    store.db.table("deliveries").insert(columns_of(new), pk="serial", ignore=True)


def bytes_waiting(store: Store) -> int:
    """Return the size of all bodies that were not read yet."""
    ((size,),) = store.rows("SELECT ifnull(sum(length(body)), 0) FROM deliveries")
    return int(size)


def has_any(store: Store, token: str) -> bool:
    """Whether a delivery for this subscription was not read yet."""
    return bool(store.rows("SELECT 1 FROM deliveries WHERE token = ? LIMIT 1", (token,)))


def next_delivery(store: Store) -> Delivery | None:
    """Return the oldest delivery, and count in a transaction that reading it was started."""
    for row in store.query("SELECT * FROM deliveries ORDER BY serial LIMIT 1"):
        found = Delivery(**with_times(row, "received"))
        with store.transaction():
            store.execute(
                "UPDATE deliveries SET begun = begun + 1 WHERE serial = ?", (found.serial,)
            )
        return found
    return None


def done(store: Store, delivery: Delivery, problem: str | None = None) -> None:
    """Note that a delivery was read, or that there is a ``problem`` with it, and delete it."""
    store.execute("DELETE FROM deliveries WHERE serial = ?", (delivery.serial,))
    subscriptions.note_delivery(store, delivery.token, delivery.received, problem)
