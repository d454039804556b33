"""Topics of which the hub is to be notified: feeds whose bytes changed, by their addresses.

A topic has one row for good, with the hash of the body of the last notification or of the next one.
A run that is killed between writing a feed and noting it finds the file unchanged the next time,
but the hash still different.  Functions that write belong in a transaction.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.store import Store
from aggregator.store.times import optional_time, time_text, with_times


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """A change of a topic of which the hub is to be notified.

    ``number`` identifies the change; a later one has a higher number.  ``tries`` failed so far,
    the first at ``since``.
    """

    number: int
    topic: str
    tries: int
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many topics are ``waiting``, how many were ``given_up``, and the last error."""

    waiting: int = 0
    given_up: int = 0
    error: str | None = None


def note(store: Store, digests: Mapping[str, str], *, are_all: bool = False) -> None:
    """Note the hashes of the bodies of topics.

    A topic with a new hash is due at once, however often that failed before.  If these
    ``are_all`` topics, every other one is deleted.
    """
    if are_all:
        store.execute(
            "DELETE FROM pings WHERE topic NOT IN (SELECT value FROM json_each(?))",
            (json.dumps(list(digests)),),
        )
    store.execute_many(
        "INSERT INTO pings (topic, sha256, number, due) VALUES"
        " (?, ?, (SELECT ifnull(max(number), 0) + 1 FROM pings), '')"
        " ON CONFLICT (topic) DO UPDATE SET sha256 = excluded.sha256, number = excluded.number,"
        " due = '', tries = 0, since = NULL, error = NULL WHERE sha256 != excluded.sha256",
        sorted(digests.items()),
    )


def due(store: Store, now: datetime, limit: int) -> list[Ping]:
    """Return the notifications due ``now``, the oldest change first."""
    rows = store.query(
        "SELECT number, topic, tries, since FROM pings WHERE due <= ? ORDER BY number LIMIT ?",
        (time_text(now), limit),
    )
    return [Ping(**with_times(row, "since")) for row in rows]


def next_due(store: Store) -> datetime | None:
    """Return when the next ping that was put off is due, which may be past; None without one."""
    ((first,),) = store.rows("SELECT min(due) FROM pings WHERE due != ''")
    return optional_time(first)


def mark_done(store: Store, pings: Sequence[Ping], error: str | None = None) -> None:
    """Note that the hub accepted these, or that they were given up for ``error``.

    A topic that changed meanwhile stays due.
    """
    store.execute_many(
        "UPDATE pings SET due = NULL, tries = 0, since = NULL, error = ?"
        " WHERE topic = ? AND number = ?",
        [(error, ping.topic, ping.number) for ping in pings],
    )


def put_off(store: Store, ping: Ping, *, now: datetime, until: datetime, error: str) -> None:
    """Note that notifying failed ``now``, and is due again at ``until``."""
    store.execute(
        "UPDATE pings SET due = ?, tries = tries + 1, since = ifnull(since, ?), error = ?"
        " WHERE topic = ? AND number = ?",
        (time_text(until), time_text(now), error, ping.topic, ping.number),
    )


def backlog(store: Store) -> Backlog:
    """Return the notifications that wait and those that were given up, with the last error."""
    rows = store.rows(
        "SELECT due IS NOT NULL, error FROM pings WHERE due IS NOT NULL OR error"
        " IS NOT NULL ORDER BY number"
    )
    waiting = sum(is_due for is_due, _ in rows)
    errors = [error for _, error in rows if error]
    return Backlog(
        waiting=waiting, given_up=len(rows) - waiting, error=errors[-1] if errors else None
    )
