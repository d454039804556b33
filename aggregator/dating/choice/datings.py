"""The dating of each entry, from the day and the window chosen for it.

``with_times`` takes candidates with their days and windows, oldest first, and returns a ``Dated``
for each: a time of day, how it is known, and what contradicts it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from aggregator.dating.choice.candidate import (
    OLDEST,
    Candidate,
    Days,
    telling,
    upstream,
    worth,
)
from aggregator.dating.choice.times_of_day import Slot, Taken, times_of_day
from aggregator.model import Basis, Dating

_NEAR_DAYS = 45
"""Days from an event within which it explains the day of a release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """An entry's dating, and the entries that bound it from below and above, where some do."""

    dating: Dating
    older: int | None = None
    newer: int | None = None


def with_times(name: str, run: Sequence[Candidate], used: Taken) -> Iterator[tuple[int, Dated]]:
    """Yield the dating of each candidate of a list, oldest first, by node.

    ``name`` is the list's; ``used`` holds times that other entries have, and takes those assigned.
    """
    if all(entry.day is None for entry in run):
        yield from _first_seen(run, used)
        return
    exact = [_exact(entry) for entry in run]
    slots = [
        Slot(moment.date() if moment else date.fromordinal(_day(entry)), moment, entry.undated.seen)
        for entry, moment in zip(run, exact, strict=True)
    ]
    for entry, moment in zip(run, times_of_day(slots, name, used), strict=True):
        yield entry.node, dated(entry, moment)


def _day(entry: Candidate) -> int:
    """Return the day of an entry: upstream's own, whatever the order says."""
    given = upstream(entry)
    return given.first if given is not None else entry.day or OLDEST


def _exact(entry: Candidate) -> datetime | None:
    given = upstream(entry)
    return given.evidence.moment if given else None


def dated(entry: Candidate, published: datetime) -> Dated:
    """Return the dating of a candidate whose day is chosen, at the time ``published``."""
    day = published.date().toordinal()
    given = upstream(entry)
    low: datetime | None
    high: datetime | None
    if given is not None and given.evidence.moment is not None:
        low = high = given.evidence.moment
    else:
        low = None if entry.low is None else _start(min(entry.low, day))
        high = None if entry.high is None else _end(max(entry.high, day))
    best = given or _best_evidence(entry, day)
    basis: Basis = "inferred"
    if given is not None:
        basis = "upstream"
    elif best is not None and _states(best, day):
        basis = "stated"
    is_plain = basis == "stated" and best is not None and best.evidence.strength >= 0.9
    if is_plain or (given is not None and given.evidence.moment is None):
        low, high = _start(day), _end(day)
    for days in _contradicting(entry, day):
        if low is not None and high is not None:
            low, high = min(low, _start(days.first)), max(high, _end(days.last))
        entry.conflicts.append(f"its own “{days.evidence.phrase}” does not fit its place")
    return Dated(
        dating=Dating(
            basis=basis,
            published=published,
            earliest=low,
            latest=high,
            evidence=best.evidence.phrase if best is not None else "",
            role=best.evidence.role if best is not None else None,
            conflict="; ".join(entry.conflicts) or None,
        ),
        older=entry.older if basis == "inferred" else None,
        newer=entry.newer if basis == "inferred" else None,
    )


def _states(days: Days, day: int) -> bool:
    """Whether a piece of evidence says that the release is of a day, in full: year and all."""
    if days.evidence.role != "stated" or not days.first == day == days.last:
        return False
    year = f"{date.fromordinal(day).year:04}"
    return re.search(rf"(?<!\d)(?:{year}|[./-]\s?{year[2:]}$)", days.evidence.phrase) is not None


def _contradicting(entry: Candidate, day: int) -> list[Days]:
    """Return the statements of an entry that its date contradicts."""
    return [
        days
        for days in telling(entry)
        if days.evidence.role == "stated" and days.evidence.strength >= 0.5
        if not days.first <= day <= days.last
    ]


def _best_evidence(entry: Candidate, day: int) -> Days | None:
    """Return the evidence that explains the day best: one that names it, else the strongest near.

    An event of years ago, or to come next year, does not explain a day.
    """
    near = (d for d in telling(entry) if d.first - _NEAR_DAYS <= day <= d.last + _NEAR_DAYS)
    return max(near, key=lambda d: (d.first <= day <= d.last, worth(d)), default=None)


def _start(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), time.min, UTC)


def _end(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), time(23, 59, 59), UTC)


def _first_seen(run: Sequence[Candidate], used: Taken) -> Iterator[tuple[int, Dated]]:
    """Date entries of a list without any date: in their order, from when they were seen."""
    before = datetime.min.replace(tzinfo=UTC)
    # A single entry is moved to the past: nothing came out later than it was seen.
    step = timedelta(seconds=1 if len(run) > 1 else -1)
    for entry in run:
        seen = entry.undated.seen.replace(microsecond=0)
        moment = used.next_free(max(seen, before + timedelta(seconds=1)), step)
        used.add(moment)
        before = moment
        yield (
            entry.node,
            Dated(
                dating=Dating(
                    basis="first-seen",
                    published=moment,
                    earliest=None,
                    latest=max(seen, moment),
                    evidence=f"first seen in {entry.undated.document}",
                    conflict="; ".join(entry.conflicts) or None,
                )
            ),
        )
