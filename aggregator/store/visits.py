"""Visits in the store: what is remembered of sources with an address, and of their hosts."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.model import Hints, Visit
from aggregator.store import Store
from aggregator.store.times import time_text, to_time

_TIMES = ("moved_since", "gone", "due")
_FIELDS = (
    *("address", "found", "etag", "last_modified", "sha256", "moved_to", "moved_since", "gone"),
    *("failures", "due", "interval", "why", "hub", "topic"),
)
_COLUMNS = ", ".join(_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A visit as it is kept: with the location it was to, and the items of the last document.

    ``hints`` are what its last document said of how often to come; ``seen`` are hashes of 8 bytes
    each.
    """

    asked: str
    visit: Visit
    hints: Hints = field(default_factory=Hints)
    seen: bytes = b""


def remembered(store: Store, sources: Collection[str]) -> dict[str, Remembered]:
    """What is remembered of each of ``sources`` that was visited."""
    return {
        source: Remembered(asked=asked, visit=_visit(row[4:]), hints=_hints(*row[:4]), seen=seen)
        for source, asked, seen, *row in store.rows(
            "SELECT source, asked, seen, period, skip_hours, skip_days, published,"
            f" {_COLUMNS} FROM visits WHERE source IN (SELECT value FROM json_each(?))",
            (json.dumps(list(sources)),),
        )
    }


def visits(store: Store) -> dict[str, Visit]:
    """The last visit to each source that was visited."""
    return {
        source: _visit(row) for source, *row in store.rows(f"SELECT source, {_COLUMNS} FROM visits")
    }


def _visit(row: list[object]) -> Visit:
    values: dict[str, object] = dict(zip(_FIELDS, row, strict=True))
    values["found"] = bool(values["found"])
    for name in _TIMES:
        value = values[name]
        values[name] = to_time(value) if isinstance(value, str) else None
    return Visit(**values)  # type: ignore[arg-type]  # the columns are the fields


def _hints(period: int | None, hours: str, days: str, published: str) -> Hints:
    return Hints(
        period=period,
        skip_hours=frozenset(json.loads(hours)),
        skip_days=frozenset(json.loads(days)),
        published=tuple(map(to_time, json.loads(published))),
    )


def remember(store: Store, source: str, kept: Remembered) -> None:
    """Keep what is to be known at the next visit to ``source``."""
    values = [getattr(kept.visit, name) for name in _FIELDS]
    row = [time_text(value) if isinstance(value, datetime) else value for value in values]
    hints = kept.hints
    told = (
        hints.period,
        json.dumps(sorted(hints.skip_hours)),
        json.dumps(sorted(hints.skip_days)),
        json.dumps([time_text(moment) for moment in hints.published]),
    )
    marks = ", ".join("?" * (len(_FIELDS) + 7))
    store.execute(
        "INSERT OR REPLACE INTO visits (source, asked, seen, period, skip_hours, skip_days,"
        f" published, {_COLUMNS}) VALUES ({marks})",
        (source, kept.asked, kept.seen, *told, *row),
    )


def add_seen(store: Store, source: str, seen: bytes, *, each: int, most: int) -> None:
    """Remember these hashes too, within a transaction; all else of the visit stays as it is.

    ``each`` is the size of one in bytes, ``most`` how many are remembered at most.
    """
    for (before,) in store.rows("SELECT seen FROM visits WHERE source = ?", (source,)):
        joined = seen + before
        parts = [joined[start : start + each] for start in range(0, len(joined), each)]
        kept = b"".join(list(dict.fromkeys(parts))[:most])
        store.execute("UPDATE visits SET seen = ? WHERE source = ?", (kept, source))


def with_hubs(store: Store) -> dict[str, tuple[str, str]]:
    """The hub and the topic of each source that names both, and is not gone."""
    return {
        source: (hub, topic)
        for source, hub, topic in store.rows(
            "SELECT source, hub, topic FROM visits"
            " WHERE hub IS NOT NULL AND topic IS NOT NULL AND gone IS NULL ORDER BY source"
        )
    }


def hosts_to_wait_for(store: Store, now: datetime) -> dict[str, datetime]:
    """The hosts that asked to be left alone until a time after ``now``."""
    return {
        host: to_time(until)
        for host, until in store.rows(
            "SELECT host, wait_until FROM hosts WHERE wait_until > ? ORDER BY host",
            (time_text(now),),
        )
    }


def remember_hosts(store: Store, hosts: Mapping[str, datetime], now: datetime) -> None:
    """Keep until when hosts want to be left alone, and forget those whose time is over."""
    store.execute("DELETE FROM hosts WHERE wait_until <= ?", (time_text(now),))
    store.execute_many(
        "INSERT INTO hosts VALUES (?, ?) ON CONFLICT (host)"
        " DO UPDATE SET wait_until = max(wait_until, excluded.wait_until)",
        [(host, time_text(until)) for host, until in sorted(hosts.items())],
    )
