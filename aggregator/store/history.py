"""Results of each source, and of all together, day by day, for the plots of the status page.

A row counts the visits of one UTC day with their results, and deliveries by hubs.  Nothing in
``feeds/`` is made from it, since it depends on when sources were polled.  Functions that write
belong in a transaction.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from aggregator.model import SourceReport
from aggregator.store import Store
from aggregator.store.times import time_text

SHOWN = timedelta(days=30)
"""How far back status goes."""

KEPT = timedelta(days=90)
"""How far back the store goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDay:
    """One UTC day of a source, or of all: visits, failed visits, and entries that were new,
    revised, or merged with known ones, deliveries included.
    """

    day: date
    visits: int
    failures: int
    new: int
    revised: int
    merged: int


def count(store: Store, reports: Iterable[SourceReport], *, at: datetime) -> None:
    """Count one visit to each of the sources and its results."""
    _count(store, [(report, 1, int(report.status == "failed")) for report in reports], at)


def count_delivery(store: Store, report: SourceReport, *, at: datetime) -> None:
    """Count the results of a delivery for a source, which is not a visit."""
    if report.new or report.revised or report.merged:
        _count(store, [(report, 0, 0)], at)


def _count(store: Store, counts: Iterable[tuple[SourceReport, int, int]], at: datetime) -> None:
    """Add for each report the numbers of visits and of failures, and its results."""
    add = (
        " ON CONFLICT DO UPDATE SET"
        " visits = visits + excluded.visits, failures = failures + excluded.failures,"
        " new = new + excluded.new, revised = revised + excluded.revised,"
        " merged = merged + excluded.merged"
    )
    rows = [
        (report.id, _day(at), visits, failures, report.new, report.revised, report.merged)
        for report, visits, failures in counts
    ]
    store.execute_many(
        "INSERT INTO history (source, day, visits, failures, new, revised, merged)"
        f" VALUES (?, ?, ?, ?, ?, ?, ?){add}",
        rows,
    )
    if rows:
        numbers = [sum(column) for column in list(zip(*rows, strict=True))[2:]]
        store.execute(f"INSERT INTO days VALUES (?, ?, ?, ?, ?, ?){add}", (_day(at), *numbers))


def history(
    store: Store, sources: Collection[str] | None = None, *, now: datetime
) -> dict[str, list[SourceDay]]:
    """Return the days of each source since ``SHOWN`` before ``now``, oldest first.

    Of ``sources``, or of all.
    """
    found: dict[str, list[SourceDay]] = {}
    among = "source IN (SELECT value FROM json_each(?)) AND" if sources is not None else ""
    for row in store.query(
        f"SELECT * FROM history WHERE {among} day > ? ORDER BY source, day",
        [*([json.dumps(list(sources))] if sources is not None else []), _day(now - SHOWN)],
    ):
        found.setdefault(row.pop("source"), []).append(_source_day(row))
    return found


def days(store: Store, *, now: datetime) -> list[SourceDay]:
    """Return the days of all sources together since ``SHOWN`` before ``now``, oldest first.

    Sources that are no longer configured are included.
    """
    rows = store.query("SELECT * FROM days WHERE day > ? ORDER BY day", [_day(now - SHOWN)])
    return [_source_day(row) for row in rows]


def _source_day(row: dict[str, Any]) -> SourceDay:
    return SourceDay(**row | {"day": date.fromisoformat(row["day"])})


def drop_old(store: Store, *, now: datetime) -> None:
    """Delete the days that are older than ``KEPT``."""
    # By source, since the days are sorted within each.
    store.execute(
        "DELETE FROM history WHERE source IN (SELECT id FROM sources) AND day <= ?",
        (_day(now - KEPT),),
    )
    store.execute("DELETE FROM days WHERE day <= ?", (_day(now - KEPT),))


def _day(moment: datetime) -> str:
    return time_text(moment)[:10]
