"""How each source did, day by day: what the daemon's status plots.

A row counts what came of the visits of one UTC day.  Nothing that is written into ``feeds/`` is
made from it, since it depends on when one looked.
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
    that were new, got another text, or were found to be known ones.
    """

    day: date
    visits: int
    failures: int
    new: int
    revised: int
    merged: int


def count(store: Store, report: SourceReport, *, at: datetime) -> None:
    """Count what one reading of a source came to, in the transaction at hand."""
    store.execute(
        "INSERT INTO history (source, day, visits, failures, new, revised, merged)"
        " VALUES (?, ?, 1, ?, ?, ?, ?) ON CONFLICT (source, day) DO UPDATE SET"
        " visits = visits + 1, failures = failures + excluded.failures, new = new + excluded.new,"
        " revised = revised + excluded.revised, merged = merged + excluded.merged",
        (
            report.id,
            _day_of(at),
            int(report.status == "failed"),
            report.new,
            report.revised,
            report.merged,
        ),
    )


def history(store: Store, *, now: datetime) -> dict[str, list[SourceDay]]:
    """The days since ``SHOWN`` before ``now`` on which each source was read, oldest first."""
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
