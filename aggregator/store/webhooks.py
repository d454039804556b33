"""Webhooks in the store: which entries are to be sent to each, and how sending goes.

Triggers note entries that are new or changed (``to_announce``); ``news`` returns those that the
feeds have by now, and ``enqueue`` puts them in the queue of a webhook.  A request is kept as it was
sent until it is accepted, so that it can be sent again with the same id and bytes.  Functions that
write belong in a transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.store import Store
from aggregator.store.times import time_text, with_times


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A request that is to be sent until it is accepted: its ``id``, its bytes, and how many
    ``items`` it has.  ``upto`` is the last serial of the queue that it covers.
    """

    id: str
    body: bytes
    items: int
    upto: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    """How sending to a webhook goes.

    ``made_of`` identifies its address and feeds.  Nothing is sent before ``due``, if it is set;
    ``tries`` failed in a row, the first at ``failing``, the last with ``error``.  ``is_off``: it
    asked for no more.  ``waiting`` entries are to be sent, ``given_up`` were not and never will be,
    and ``delivered`` is when a request was last accepted.  The entries of one request may have
    ``most_bytes``, if it said that more are too large.
    """

    name: str
    made_of: str
    due: datetime | None
    tries: int
    failing: datetime | None
    error: str | None
    is_off: bool
    waiting: int
    given_up: int
    delivered: datetime | None
    most_bytes: int | None


def deliverings(store: Store) -> dict[str, Delivering]:
    """Return how sending to each webhook goes, by name."""
    rows = store.query(
        "SELECT name, made_of, due, tries, failing, error, is_off, given_up, delivered,"
        " most_bytes,"
        " (SELECT count(*) FROM webhook_queue WHERE webhook = name) AS waiting"
        " FROM webhooks ORDER BY name"
    )
    return {
        row["name"]: Delivering(
            **with_times(row, "due", "failing", "delivered") | {"is_off": bool(row["is_off"])}
        )
        for row in rows
    }


def is_written(store: Store) -> bool:
    """Return whether feeds were written from this store, so that it is past its first run."""
    return bool(store.rows("SELECT 1 FROM output WHERE name = 'context'"))


def add(store: Store, name: str, made_of: str) -> None:
    """Add a webhook; what changes from now on is noted for it."""
    store.execute("INSERT INTO webhooks (name, made_of) VALUES (?, ?)", (name, made_of))


def remove(store: Store, name: str) -> None:
    """Remove a webhook with its queue."""
    drop_queue(store, name)
    store.execute("DELETE FROM webhooks WHERE name = ?", (name,))
    store.execute("DELETE FROM to_announce WHERE NOT EXISTS (SELECT 1 FROM webhooks)")


def drop_queue(store: Store, name: str) -> None:
    """Drop what waits to be sent to a webhook."""
    store.execute("DELETE FROM webhook_queue WHERE webhook = ?", (name,))
    _clear_event(store, name)


def news(store: Store) -> tuple[list[int], list[int]]:
    """Return the noted entries that the feeds have by now, and those of them that are no news.

    Both are in the order in which the entries came out.  No news is what a feed had when it was
    read first, and what its older pages have from before then: an entry that was seen nowhere else.
    """
    rows = store.rows(
        "SELECT key, NOT EXISTS (SELECT 1 FROM sightings JOIN documents AS seen"
        " ON seen.key = document WHERE entry = entries.key AND NOT ("
        "EXISTS (SELECT 1 FROM visits WHERE visits.source = seen.source) AND"
        " (NOT EXISTS (SELECT 1 FROM documents AS first"
        " WHERE first.source = seen.source AND first.key < seen.key)"
        " OR EXISTS (SELECT 1 FROM backfills WHERE source = seen.source AND purpose = 'backfill')"
        " AND NOT EXISTS (SELECT 1 FROM documents AS first"
        " WHERE first.source = seen.source AND first.modified <= entries.published))))"
        " FROM to_announce JOIN entries ON entries.key = entry WHERE published IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM to_show WHERE to_show.entry = entries.key)"
        " ORDER BY published, id"
    )
    return [key for key, _ in rows], [key for key, is_history in rows if is_history]


def take(store: Store, keys: Sequence[int]) -> None:
    """Take entries off the list of what is to be queued."""
    store.execute_many("DELETE FROM to_announce WHERE entry = ?", [(key,) for key in keys])


def enqueue(store: Store, name: str, keys: Sequence[int], *, now: datetime, most: int) -> int:
    """Have entries sent to a webhook, in this order; return how many others were given up for it.

    One that waits already keeps its place, unless it is in a request that may have been sent: then
    it is sent again.  Of more than ``most``, the oldest are given up.
    """
    store.execute_many(
        "DELETE FROM webhook_queue WHERE (entry, webhook) = (?1, ?2)"
        " AND serial <= (SELECT upto FROM webhooks WHERE name = ?2 AND event IS NOT NULL)",
        [(key, name) for key in keys],
    )
    store.execute_many(
        "INSERT INTO webhook_queue (webhook, entry, noted) VALUES (?, ?, ?)"
        " ON CONFLICT (entry, webhook) DO NOTHING",
        [(name, key, time_text(now)) for key in keys],
    )
    return _give_up(
        store,
        name,
        "serial <= (SELECT serial FROM webhook_queue WHERE webhook = ?1"
        " ORDER BY serial DESC LIMIT 1 OFFSET ?2)",
        most,
    )


def queued(store: Store, name: str, limit: int) -> list[tuple[int, int]]:
    """Return the serials and entries that are to be sent next, the oldest first."""
    return store.rows(
        "SELECT serial, entry FROM webhook_queue WHERE webhook = ? ORDER BY serial LIMIT ?",
        (name, limit),
    )


def drop_covered(store: Store, name: str, upto: int) -> None:
    """Drop what a request covered, or what there was nothing to send of."""
    store.execute("DELETE FROM webhook_queue WHERE webhook = ? AND serial <= ?", (name, upto))


def event(store: Store, name: str) -> Event | None:
    """Return the request that a webhook has yet to accept."""
    rows = store.query(
        "SELECT event AS id, body, items, upto FROM webhooks WHERE name = ? AND event IS NOT NULL",
        (name,),
    )
    return Event(**rows[0]) if rows else None


def note_event(store: Store, name: str, event: Event) -> None:
    """Keep a request before it is sent; one that is kept already stays."""
    store.execute(
        "UPDATE webhooks SET event = ?, body = ?, items = ?, upto = ?"
        " WHERE name = ? AND event IS NULL",
        (event.id, event.body, event.items, event.upto, name),
    )


def note_accepted(store: Store, name: str, event: Event, now: datetime) -> None:
    """Note that a webhook accepted a request."""
    store.execute(
        "UPDATE webhooks SET due = '', tries = 0, failing = NULL, error = NULL, delivered = ?"
        " WHERE name = ?",
        (time_text(now), name),
    )
    if _drop_event(store, name, event):
        drop_covered(store, name, event.upto)


def note_failed(store: Store, name: str, *, now: datetime, until: datetime, error: str) -> None:
    """Note that sending failed ``now``, and that nothing is sent before ``until``."""
    store.execute(
        "UPDATE webhooks SET due = ?, tries = tries + 1, failing = ifnull(failing, ?), error = ?"
        " WHERE name = ?",
        (time_text(until), time_text(now), error, name),
    )


def note_too_large(store: Store, name: str, event: Event) -> None:
    """Note that a request was too large; what it covered is sent again in smaller ones."""
    store.execute(
        "UPDATE webhooks SET most_bytes = min(?, ifnull(most_bytes, ?)) / 2 WHERE name = ?",
        (len(event.body), len(event.body), name),
    )
    _drop_event(store, name, event)


def give_up_event(store: Store, name: str, event: Event) -> None:
    """Give up what a request covers."""
    if _drop_event(store, name, event):
        _count_given_up(store, name, event.items)
        drop_covered(store, name, event.upto)


def switch_off(store: Store, name: str, *, now: datetime, error: str) -> None:
    """Note that a webhook asked for no more."""
    note_failed(store, name, now=now, until=now, error=error)
    store.execute("UPDATE webhooks SET is_off = 1 WHERE name = ?", (name,))
    drop_queue(store, name)


def give_up(store: Store, name: str, before: datetime) -> int:
    """Give up what was queued before a time; return how many entries that were."""
    return _give_up(store, name, "noted < ?2", time_text(before))


def _give_up(store: Store, name: str, condition: str, value: object) -> int:
    """Give up what was queued up to the last one that meets a condition."""
    ((last,),) = store.rows(
        f"SELECT max(serial) FROM webhook_queue WHERE webhook = ?1 AND {condition}", (name, value)
    )
    if last is None:
        return 0
    ((number,),) = store.rows(
        "SELECT count(*) FROM webhook_queue WHERE webhook = ? AND serial <= ?", (name, last)
    )
    drop_covered(store, name, last)
    _count_given_up(store, name, number)
    # A request of which everything is given up is not sent again.
    if store.rows("SELECT 1 FROM webhooks WHERE name = ? AND upto <= ?", (name, last)):
        _clear_event(store, name)
    return int(number)


def _count_given_up(store: Store, name: str, number: int) -> None:
    store.execute("UPDATE webhooks SET given_up = given_up + ? WHERE name = ?", (number, name))


def _drop_event(store: Store, name: str, event: Event) -> bool:
    """Keep a request no longer; return False if another process has already seen to that."""
    if not store.rows("SELECT 1 FROM webhooks WHERE (name, event) = (?, ?)", (name, event.id)):
        return False
    _clear_event(store, name)
    return True


def _clear_event(store: Store, name: str) -> None:
    store.execute(
        "UPDATE webhooks SET event = NULL, body = NULL, items = 0, upto = 0 WHERE name = ?", (name,)
    )
