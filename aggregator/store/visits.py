"""State of remote sources between visits, and of their hosts.

Functions that write belong in a transaction.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from aggregator.model import Hints, Visit
from aggregator.store import Store
from aggregator.store.times import columns_of, optional_time, time_text, to_time, with_times

_FIELDS = [field.name for field in fields(Visit)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A visit as the store keeps it.

    ``asked`` is the location that was configured then; ``hints`` are those of its last document,
    ``seen`` the hashes of the items of that, 8 bytes each.  ``is_stored``: the store has these
    three as they are.
    """

    asked: str
    visit: Visit
    hints: Hints = field(default_factory=Hints)
    seen: bytes = b""
    is_stored: bool = False


def remembered(store: Store, sources: Collection[str]) -> dict[str, Remembered]:
    """Return the state of each of ``sources`` that was visited."""
    rows = store.query(
        "SELECT * FROM visits WHERE source IN (SELECT value FROM json_each(?))",
        [json.dumps(list(sources))],
    )
    return {
        row["source"]: Remembered(
            asked=row["asked"],
            visit=_visit(row),
            hints=_hints(row),
            seen=row["seen"],
            is_stored=True,
        )
        for row in rows
    }


def visits(store: Store, sources: Collection[str] | None = None) -> dict[str, Visit]:
    """Return the last visit to each source that was visited, of ``sources`` or of all."""
    among = " WHERE source IN (SELECT value FROM json_each(?))" if sources is not None else ""
    rows = store.query(
        f"SELECT source, {', '.join(_FIELDS)} FROM visits{among}",
        [json.dumps(list(sources))] if sources is not None else [],
    )
    return {row["source"]: _visit(row) for row in rows}


def due_times(
    store: Store, now: datetime
) -> Iterator[tuple[str, datetime | None, bool, datetime | None]]:
    """Yield each source that was visited, when it is due, whether it is gone, and a last attempt.

    The last is None unless it is after ``now``, which shows that the clock was set back since.
    """
    for source, due, gone, tried in store.each(
        "SELECT source, due, gone IS NOT NULL, iif(last_attempt > ?, last_attempt, NULL)"
        " FROM visits JOIN sources ON id = source",
        (time_text(now),),
    ):
        yield source, optional_time(due), bool(gone), optional_time(tried)


def newest_attempt(store: Store) -> datetime | None:
    """Return when a source was last polled or read, if any was."""
    ((newest,),) = store.rows("SELECT max(last_attempt) FROM sources")
    return optional_time(newest)


def aggregators(store: Store) -> set[str]:
    """Return the sources whose feed says that this program made it."""
    return {source for (source,) in store.rows("SELECT source FROM visits WHERE is_aggregator")}


def count_unvisited(store: Store, sources: Collection[str]) -> int:
    """Return how many of ``sources`` were not visited yet."""
    ((count,),) = store.rows(
        "SELECT count(*) FROM json_each(?) WHERE value NOT IN (SELECT source FROM visits)",
        (json.dumps(list(sources)),),
    )
    return int(count)


def _visit(row: Mapping[str, Any]) -> Visit:
    values = {name: row[name] for name in _FIELDS}
    values |= {name: bool(values[name]) for name in ("found", "is_aggregator")}
    return Visit(**with_times(values, "moved_since", "gone", "due"))


def _hints(row: Mapping[str, Any]) -> Hints:
    return Hints(
        period=row["period"],
        skip_hours=frozenset(json.loads(row["skip_hours"])),
        skip_days=frozenset(json.loads(row["skip_days"])),
        published=tuple(map(to_time, json.loads(row["published"]))),
    )


def remember(store: Store, kept: Mapping[str, Remembered]) -> None:
    """Write the state of each source for the next visit; of what ``is_stored`` only the visit."""
    store.execute_many(
        f"UPDATE visits SET ({', '.join(_FIELDS)}) = ({_marks(_FIELDS)}) WHERE source = ?",
        [(*_values(one.visit), source) for source, one in kept.items() if one.is_stored],
    )
    names = ["source", "asked", "seen", "period", "skip_hours", "skip_days", "published", *_FIELDS]
    store.execute_many(
        f"INSERT OR REPLACE INTO visits ({', '.join(names)}) VALUES ({_marks(names)})",
        [
            (
                source,
                one.asked,
                one.seen,
                one.hints.period,
                json.dumps(sorted(one.hints.skip_hours)),
                json.dumps(sorted(one.hints.skip_days)),
                json.dumps([time_text(moment) for moment in one.hints.published]),
                *_values(one.visit),
            )
            for source, one in kept.items()
            if not one.is_stored
        ],
    )


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" * len(names))


def _values(visit: Visit) -> Iterable[object]:
    return columns_of(visit).values()


def add_seen(store: Store, source: str, seen: bytes, *, each: int, most: int) -> None:
    """Add hashes of items to the state of ``source``.

    ``each`` is the size of one in bytes, ``most`` the number that is kept.
    """
    for (before,) in store.rows("SELECT seen FROM visits WHERE source = ?", (source,)):
        joined = seen + before
        parts = [joined[start : start + each] for start in range(0, len(joined), each)]
        kept = b"".join(list(dict.fromkeys(parts))[:most])
        store.execute("UPDATE visits SET seen = ? WHERE source = ?", (kept, source))


def with_hubs(store: Store) -> dict[str, tuple[str, str]]:
    """Return the hub and topic of each source that names both, and is not gone."""
    return {
        source: (hub, topic)
        for source, hub, topic in store.rows(
            "SELECT source, hub, topic FROM visits"
            " WHERE hub IS NOT NULL AND topic IS NOT NULL AND gone IS NULL ORDER BY source"
        )
    }


def hosts_to_wait_for(store: Store, now: datetime) -> dict[str, datetime]:
    """Return the hosts and paths that asked for no requests until a time after ``now``."""
    rows = store.rows(
        "SELECT host, wait_until FROM hosts WHERE wait_until > ? ORDER BY host",
        (time_text(now),),
    )
    return {host: to_time(until) for host, until in rows}


def remember_hosts(store: Store, hosts: Mapping[str, datetime], now: datetime) -> None:
    """Write until when hosts, or paths of them, asked for no requests; delete what is over.

    They are named as the client names them (``FetchResponse.backed_off``).
    """
    store.execute("DELETE FROM hosts WHERE wait_until <= ?", (time_text(now),))
    store.execute_many(
        "INSERT INTO hosts VALUES (?, ?) ON CONFLICT (host)"
        " DO UPDATE SET wait_until = max(wait_until, excluded.wait_until)",
        [(host, time_text(until)) for host, until in sorted(hosts.items())],
    )
