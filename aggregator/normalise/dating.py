"""One date for each entry, and how it is known.

Takes entries oldest first, with what their text says and when they were first seen; gives a
``Dating`` for each, no two at the same time.  A day is given as its noon in UTC, which is the same
day nearly everywhere on earth, and the entries of a day follow it second by second from the
oldest on: what is added on top moves nothing below it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from aggregator.model import Dating, Evidence

NOON = time(12, tzinfo=UTC)
FUTURE = timedelta(days=1)
"""How far after it was seen a release may say it came out, for time zones' sake."""

OLDEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undated:
    """An entry to be dated.  ``seen`` is the time of the document that first carried it."""

    key: int
    seen: datetime
    document: str
    evidence: tuple[Evidence, ...]


def date_entries(undated: Sequence[Undated], taken: set[datetime]) -> Iterator[tuple[int, Dating]]:
    """A dating for each of ``undated``, which come oldest first.

    ``taken`` holds the times that other entries have; those given out are added to it.
    """
    free: dict[datetime, datetime] = {}  # from which second on to look, for each start
    for entry in undated:
        dating = _stated(entry) or _first_seen(entry)
        moment = free.get(dating.published, dating.published)
        while moment in taken:
            moment += timedelta(seconds=1)
        free[dating.published] = moment
        taken.add(moment)
        yield (
            entry.key,
            Dating(
                basis=dating.basis,
                published=moment,
                earliest=dating.earliest,
                latest=dating.latest,
                evidence=dating.evidence,
            ),
        )


def _stated(entry: Undated) -> Dating | None:
    limit = (entry.seen + FUTURE).date()
    for found in entry.evidence:
        first = found.first
        if found.role != "stated" or None in (first.year, first.month, first.day):
            continue
        day = date(first.year or 0, first.month or 0, first.day or 0)
        if OLDEST <= day <= limit:
            return Dating(
                basis="upstream" if found.place == "header" else "stated",
                published=found.moment or datetime.combine(day, NOON),
                earliest=found.moment or datetime.combine(day, time.min, UTC),
                latest=found.moment or datetime.combine(day, time(23, 59, 59), UTC),
                evidence=found.phrase,
            )
    return None


def _first_seen(entry: Undated) -> Dating:
    moment = entry.seen.replace(microsecond=0)
    return Dating(
        basis="first-seen",
        published=moment,
        earliest=moment,
        latest=moment,
        evidence=f"first seen in {entry.document}",
    )
