"""How each source did, day by day: what the daemon's status plots.

A row counts what came of one UTC day's visits, and of what hubs delivered on it.  Nothing that is
written into ``feeds/`` is made from it, since it depends on when one looked.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aggregator.model import SourceReport
from aggregator.store import Store
from aggregator.store.times import time_text

SHOWN = timedelta(days=30)
"""How far back status goes."""

KEPT = timedelta(days=90)
"""How far back the store goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDay:
    """What came of a source on one day, in UTC: readings of it, and those that failed; entries
    that were new, got another text, or were found to be known ones, also of what was delivered.
    """

    day: date
    visits: int
    failures: int
    new: int
    revised: int
    merged: int


def count(store: Store, report: SourceReport, *, at: datetime) -> None:
    """Count what one reading of a source came to, in the transaction at hand."""
    _count(store, report, 1, int(report.status == "failed"), at)


def count_delivery(store: Store, report: SourceReport, *, at: datetime) -> None:
    """Count what a delivery for a source came to, which is no reading of it, as ``count`` does."""
    if report.new or report.revised or report.merged:
        _count(store, report, 0, 0, at)


def _count(store: Store, report: SourceReport, visits: int, failures: int, at: datetime) -> None:
    store.execute(
        "INSERT INTO history (source, day, visits, failures, new, revised, merged)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, day) DO UPDATE SET"
        " visits = visits + excluded.visits, failures = failures + excluded.failures,"
        " new = new + excluded.new, revised = revised + excluded.revised,"
        " merged = merged + excluded.merged",
        (
            report.id,
            _day_of(at),
            visits,
            failures,
            report.new,
            report.revised,
            report.merged,
        ),
    )


def history(store: Store, *, now: datetime) -> dict[str, list[SourceDay]]:
    """The days since ``SHOWN`` before ``now`` that each source has, oldest first."""
    found: dict[str, list[SourceDay]] = {}
    for source, day, visits, failures, new, revised, merged in store.rows(
        "SELECT source, day, visits, failures, new, revised, merged FROM history"
        " WHERE day > ? ORDER BY source, day",
        (_day_of(now - SHOWN),),
    ):
        found.setdefault(source, []).append(
            SourceDay(
                day=date.fromisoformat(day),
                visits=visits,
                failures=failures,
                new=new,
                revised=revised,
                merged=merged,
            )
        )
    return found


def drop_old(store: Store, *, now: datetime) -> None:
    """Forget the days that are further back than ``KEPT``, in the transaction at hand."""
    store.execute("DELETE FROM history WHERE day <= ?", (_day_of(now - KEPT),))


def _day_of(moment: datetime) -> str:
    return time_text(moment)[:10]
