"""Isotonic regression: days for a list of releases, as close to the evidence as its order allows.

``fit`` takes for each release, oldest first, what each day would cost; it returns a day for each
such that none is before the one below it and the sum of the costs is least.  A cost is a sum of
*hinges*: nothing on one side of a day, and so much for every day beyond it on the other.  The costs
are convex and piecewise linear, and the slope trick solves this exactly: the least cost of all
releases so far, as a function of the newest one's day, is kept as the days at which its slope
changes, and each hinge moves a few of those.  Time grows as n log n.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush


@dataclass(frozen=True, slots=True)
class Hinge:
    """What it costs to be before ``day``, or ``after`` it: ``weight`` for every day beyond."""

    day: int
    weight: float
    after: bool


def fit(costs: Sequence[Sequence[Hinge]]) -> list[int | None]:
    """Return a day, as an ordinal, for each release; oldest first, never falling.

    The oldest releases have None if nothing bounds them.
    """
    slopes: list[tuple[int, float]] = []  # a heap: the latest day first, as its negative
    best: list[int | None] = []
    for hinges in costs:
        for hinge in hinges:
            heappush(slopes, (-hinge.day, hinge.weight))
        for hinge in hinges:
            if hinge.after:
                _lower(slopes, hinge.weight)
        best.append(-slopes[0][0] if slopes else None)
    return _backwards(best)


def _lower(slopes: list[tuple[int, float]], weight: float) -> None:
    """Take ``weight`` from the latest days: beyond them the cost would rise, and the next release
    may always be later, so what lies there is no longer needed.
    """
    while weight > 1e-9 and slopes:
        day, held = heappop(slopes)
        if held > weight:
            heappush(slopes, (day, held - weight))
        weight -= held


def _backwards(best: list[int | None]) -> list[int | None]:
    """Return, from the newest down, the best day for all below, or the one above if earlier."""
    days: list[int | None] = []
    above: int | None = None
    for day in reversed(best):
        if day is not None:
            above = day if above is None else min(day, above)
            days.append(above)
        else:
            days.append(None)
    return days[::-1]
