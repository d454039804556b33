"""An entry to be dated, with its evidence in real days.

``read`` takes an entry's evidence and returns its ``Candidate``, with the days that its phrases
mean as far as they are known.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from aggregator.dating.evidence import resolve
from aggregator.dating.languages.english import ENGLISH_WEEKDAYS
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
    """An entry to be dated: its evidence, then the day and the window that are chosen.

    Days are ordinals.  ``limit`` is the latest day possible; ``unread`` is evidence whose days are
    not known yet; ``older`` and ``newer`` are the nodes that bound it.
    """

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
    """Return an entry with its evidence in real days, where it names them in full."""
    entry = Candidate(node, undated, (undated.seen + FUTURE).date().toordinal())
    for evidence in undated.evidence:
        if _can_date(evidence) and not take(entry, evidence, None):
            entry.unread.append(evidence)
    return entry


def _can_date(evidence: Evidence) -> bool:
    """Whether ``evidence`` names a day: "today" does not, since it is true of every day."""
    names_a_day = evidence.first.month is not None or evidence.weekday is not None
    return evidence.role != "history" and names_a_day


def take(entry: Candidate, evidence: Evidence, near: date | None) -> bool:
    """Add the days of ``evidence`` to ``entry``; return False where they are not known yet."""
    resolved = resolve(evidence, near)
    if resolved is None:
        return False
    first, last = resolved.first.toordinal(), resolved.last.toordinal()
    weight = 1.0
    if resolved.weekday_conflict:
        weight = 0.5
        weekday = ENGLISH_WEEKDAYS[resolved.first.weekday()]
        entry.conflicts.append(f"“{evidence.phrase}” was a {weekday}")
    if last < OLDEST:
        entry.conflicts.append(f"“{evidence.phrase}” is too long ago")
    elif evidence.role != "future" and first > entry.limit:
        entry.conflicts.append(f"“{evidence.phrase}” lies after the day it was seen")
    else:
        entry.days.append(Days(evidence, first, last, weight))
    return True


def guess(entry: Candidate) -> int | None:
    """Return the day an entry is probably of, by its own evidence."""
    if not entry.days:
        return None
    best = max(entry.days, key=lambda days: (worth(days), -days.last))
    return best.first - 1 if best.evidence.role == "future" else best.last


def worth(days: Days) -> float:
    """Return how much a piece of evidence says of the day, for comparison with others."""
    scale = 100.0 if days.evidence.place == "header" else 1.0
    role = {"stated": 2.0, "past": 1.5, "present": 1.5, "future": 1.0}[days.evidence.role]
    return scale * role * days.evidence.strength * days.weight


def upstream(entry: Candidate) -> Days | None:
    """Return the date that its publisher gave as data, if there is one."""
    return next((days for days in entry.days if days.evidence.place == "header"), None)


def telling(entry: Candidate) -> Iterator[Days]:
    """Return the evidence that is strong enough to be named."""
    return (d for d in entry.days if d.weight * d.evidence.strength >= 0.1)
