"""What hubs have still to be told: feeds whose bytes changed, by their addresses (topics).

A topic has one row for good.  It holds the hash of the body that was told last, or is to be told: a
run that is killed between writing a feed and noting it finds the file right the next time, and the
hash all the same another one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.store import Store
from aggregator.store.times import time_text, to_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """One topic to tell the hub of.

    ``number`` is of this change: a newer one has a higher.  ``tries`` failed so far, the first at
    ``since``.
    """

    number: int
    topic: str
    tries: int
    since: datetime | None


def note(store: Store, bodies: Mapping[str, str], *, are_all: bool = False) -> None:
    """Note that these topics have bodies of these hashes, within a transaction.

    One whose hash is another than before is to be told now, however often that failed before.  If
    these ``are_all``, every other one is no topic any more.
    """
    if are_all:
        store.execute(
            "DELETE FROM pings WHERE topic NOT IN (SELECT value FROM json_each(?))",
            (json.dumps(list(bodies)),),
        )
    store.execute_many(
        "INSERT INTO pings (topic, sha256, number, due) VALUES"
        " (?, ?, (SELECT ifnull(max(number), 0) + 1 FROM pings), '')"
        " ON CONFLICT (topic) DO UPDATE SET sha256 = excluded.sha256, number = excluded.number,"
        " due = '', tries = 0, since = NULL, error = NULL WHERE sha256 != excluded.sha256",
        sorted(bodies.items()),
    )


def due(store: Store, now: datetime, limit: int) -> list[Ping]:
    """What is to be told now, the oldest change first."""
    rows = store.rows(
        "SELECT number, topic, tries, since FROM pings WHERE due <= ? ORDER BY number LIMIT ?",
        (time_text(now), limit),
    )
    return [
        Ping(number=number, topic=topic, tries=tries, since=to_time(since) if since else None)
        for number, topic, tries, since in rows
    ]


def next_due(store: Store) -> datetime | None:
    """When the next one is to be told; None for nothing to tell, and ``now`` may be past it."""
    ((first,),) = store.rows("SELECT min(due) FROM pings WHERE due != ''")
    return to_time(first) if first else None


def told(store: Store, done: Sequence[Ping], error: str | None = None) -> None:
    """Note, within a transaction, that there is no more to do: told, or given up for ``error``.

    A topic that changed again meanwhile is another matter.
    """
    store.execute_many(
        "UPDATE pings SET due = NULL, tries = 0, since = NULL, error = ?"
        " WHERE topic = ? AND number = ?",
        [(error, ping.topic, ping.number) for ping in done],
    )


def put_off(store: Store, ping: Ping, *, now: datetime, until: datetime, error: str) -> None:
    """Note, within a transaction, that telling failed ``now`` and is tried again."""
    store.execute(
        "UPDATE pings SET due = ?, tries = tries + 1, since = ifnull(since, ?), error = ?"
        " WHERE topic = ? AND number = ?",
        (time_text(until), time_text(now), error, ping.topic, ping.number),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """How many topics wait to be told again, and what went wrong last; ``given_up`` are lost."""

    waiting: int = 0
    given_up: int = 0
    error: str | None = None


def untold(store: Store) -> Untold:
    """How telling stands."""
    rows = store.rows(
        "SELECT due IS NOT NULL, error FROM pings WHERE due IS NOT NULL OR error"
        " IS NOT NULL ORDER BY number"
    )
    waiting = sum(is_due for is_due, _ in rows)
    errors = [error for _, error in rows if error]
    return Untold(
        waiting=waiting, given_up=len(rows) - waiting, error=errors[-1] if errors else None
    )
