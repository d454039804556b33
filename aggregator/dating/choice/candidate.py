"""An entry on its way to a date: what it says, in real days.

Takes an entry's evidence; gives its ``Candidate``, with the days that its phrases mean as far as
they can be told.  What the days add up to is for ``choosing``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from aggregator.dating.evidence import resolve
from aggregator.model import Evidence

FUTURE = timedelta(days=1)
"""How far after it was seen a release may say it came out, for time zones' sake."""

OLDEST = date(1900, 1, 1).toordinal()
"""No release is older than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undated:
    """An entry to be dated.  ``seen`` is the time of the document that first carried it."""

    seen: datetime
    document: str
    evidence: tuple[Evidence, ...]


@dataclass(slots=True)
class Days:
    """A piece of evidence in real days, as ordinals."""

    evidence: Evidence
    first: int
    last: int
    weight: float = 1.0


@dataclass(slots=True)
class Candidate:
    """An entry on its way to a date."""

    node: int
    undated: Undated
    limit: int
    days: list[Days] = field(default_factory=list)
    unread: list[Evidence] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    day: int | None = None
    low: int | None = None
    high: int | None = None
    older: int | None = None
    newer: int | None = None


def read(node: int, undated: Undated) -> Candidate:
    """What an entry says, in real days where it says them in full."""
    entry = Candidate(node, undated, (undated.seen + FUTURE).date().toordinal())
    for evidence in undated.evidence:
        if _says_something(evidence) and not take(entry, evidence, None):
            entry.unread.append(evidence)
    return entry


def _says_something(evidence: Evidence) -> bool:
    """Whether ``evidence`` can tell a day: "today" is true of every day."""
    names_a_day = evidence.first.month is not None or evidence.weekday is not None
    return evidence.role != "history" and names_a_day


def take(entry: Candidate, evidence: Evidence, near: date | None) -> bool:
    """Add ``evidence`` to what ``entry`` says; False where its days cannot be told yet."""
    resolved = resolve(evidence, near)
    if resolved is None:
        return False
    first, last = resolved.first.toordinal(), resolved.last.toordinal()
    weight = 1.0
    if resolved.weekday_conflict:
        weight = 0.5
        entry.conflicts.append(f"“{evidence.phrase}” was a {resolved.first:%A}")
    if last < OLDEST:
        entry.conflicts.append(f"“{evidence.phrase}” is too long ago")
    elif evidence.role != "future" and first > entry.limit:
        entry.conflicts.append(f"“{evidence.phrase}” lies after the day it was seen")
    else:
        entry.days.append(Days(evidence, first, last, weight))
    return True


def guess(entry: Candidate) -> int | None:
    """The day an entry is probably of, by itself."""
    if not entry.days:
        return None
    best = max(entry.days, key=lambda days: (worth(days), -days.last))
    return best.first - 1 if best.evidence.role == "future" else best.last


def worth(days: Days) -> float:
    """How much a piece of evidence tells of the day, to compare it with others by."""
    scale = {"header": 100.0}.get(days.evidence.place, 1.0)
    role = {"stated": 2.0, "past": 1.5, "present": 1.5, "future": 1.0}[days.evidence.role]
    return scale * role * days.evidence.strength * days.weight


def upstream(entry: Candidate) -> Days | None:
    """What its publisher gave as its date, where there is such a thing."""
    return next((days for days in entry.days if days.evidence.place == "header"), None)


def telling(entry: Candidate) -> Iterator[Days]:
    """The evidence that is strong enough to be named."""
    return (d for d in entry.days if d.weight * d.evidence.strength >= 0.1)
