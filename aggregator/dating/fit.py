"""Days for a line of releases, as close to the evidence as the line's order allows.

Takes for each release, oldest first, what each day would cost; gives a day for each such that none
is before the one below it and the sum of the costs is least.  A cost is a sum of *hinges*: nothing
on one side of a day, and so much for every day beyond it on the other.  This is isotonic regression
with convex, piecewise linear costs, solved exactly by the method known as slope trick: the least
cost of all releases so far, as a function of the newest one's day, is kept as the days at which its
slope changes, and each hinge moves a few of those.  Time grows as n log n.
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
    """A day, as an ordinal, for each release; oldest first, never falling.

    Releases at the old end that nothing bounds have None.
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
    may always be later, so what lies there is not needed any more.
    """
    while weight > 1e-9 and slopes:
        day, held = heappop(slopes)
        if held > weight:
            heappush(slopes, (day, held - weight))
        weight -= held


def _backwards(best: list[int | None]) -> list[int | None]:
    """From the newest down: each the best for all below it, unless the one above is earlier."""
    days: list[int | None] = []
    above: int | None = None
    for day in reversed(best):
        if day is not None:
            above = day if above is None else min(day, above)
            days.append(above)
        else:
            days.append(None)
    return days[::-1]
