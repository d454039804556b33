"""Choose the days of a list of entries that go against its evidence least.

``choose_days`` takes candidates, oldest first, and sets the day of each.  ``_hinges`` is the table
of what each kind of evidence costs; see ``docs/decisions/dating.md``.
"""

from bisect import insort
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from statistics import median

from aggregator.dating.choice.candidate import FUTURE, Candidate, guess, take
from aggregator.dating.choice.isotonic import Hinge, fit
from aggregator.dating.choice.windows import REACH

MOST_MENTIONED = 1.5
"""The greatest strength that all events mentioned in a text have together."""

_FAR_DAYS = 200
_AROUND = 6
_FAR_WEIGHT = 0.01


def choose_days(run: Sequence[Candidate]) -> None:
    """Set the day of every entry of ``run``, oldest first, if anything in it names a day."""
    _discount_far(run)
    _fit(run)
    if any(entry.unread for entry in run):
        _read_rest(run)
        _discount_far(run)
        _fit(run)
    _spread(run)


def _discount_far(run: Sequence[Candidate]) -> None:
    """Make days that lie far from all those around them count for next to nothing.

    An old event that reads like news would otherwise move its neighbours by years.
    """
    known = [(entry, day) for entry in run if (day := guess(entry)) is not None]
    if len(known) < 3:
        return
    window: list[int] = sorted(day for _, day in known[: _AROUND + 1])
    for index, (entry, _) in enumerate(known):
        middle = median(window)
        for days in entry.days:
            far = min(abs(days.first - middle), abs(days.last - middle)) > far_limit(window, middle)
            if far and days.weight > _FAR_WEIGHT:
                days.weight = _FAR_WEIGHT
                entry.conflicts.append(f"“{days.evidence.phrase}” is far from all around it")
        if index + _AROUND + 1 < len(known):
            insort(window, known[index + _AROUND + 1][1])
        if index >= _AROUND:
            window.remove(known[index - _AROUND][1])


def far_limit(window: Sequence[int], middle: float) -> float:
    """Return how far from the middle of its surroundings a day may lie."""
    return max(_FAR_DAYS, 4 * median(abs(day - middle) for day in window))


def _fit(run: Sequence[Candidate]) -> None:
    costs = [list(_hinges(entry)) for entry in run]
    for entry, cost, day in zip(run, costs, fit(costs), strict=True):
        entry.day = day if cost else None


def _hinges(entry: Candidate) -> Iterator[Hinge]:
    """Yield what each day would cost, by each piece of evidence.

    However many events a text mentions, together they do not outweigh what it says of itself.
    """
    mentioned = sum(days.evidence.strength for days in entry.days if days.evidence.role != "stated")
    crowd = min(1.0, MOST_MENTIONED / max(mentioned, MOST_MENTIONED))
    for days in entry.days:
        evidence = days.evidence
        weight = evidence.strength * days.weight
        weight *= 1.0 if evidence.role == "stated" else crowd
        if weight <= 0:
            continue
        if evidence.place == "header":
            yield Hinge(days.first, 1000 * weight, after=False)
            yield Hinge(days.first, 1000 * weight, after=True)
        elif evidence.role == "stated":
            # Never out before its own date; a day or two later in a list is not unheard of, since
            # the writer's day and the list's need not begin at the same hour.
            yield Hinge(days.first, 12 * weight, after=False)
            yield Hinge(days.last, 3 * weight, after=True)
            yield Hinge(days.last + 2, 7 * weight, after=True)
        elif evidence.role == "past":
            yield Hinge(days.last, 6 * weight, after=False)
            yield Hinge(days.last, 0.4 * weight, after=True)
        elif evidence.role == "present":
            yield Hinge(days.first, 3 * weight, after=False)
            yield Hinge(days.last, 3 * weight, after=True)
        else:
            # Announced the day before, for all we know; seldom on the day, never after it.
            yield Hinge(days.first - 1, 0.15 * weight, after=False)
            yield Hinge(days.first - 1, 0.3 * weight, after=True)
            yield Hinge(days.first, 6 * weight, after=True)
    if entry.days:
        yield Hinge(entry.limit - FUTURE.days, 50, after=True)


def _read_rest(run: Sequence[Candidate]) -> None:
    """Read what lacks a year, or counts from a day not yet known, by the days now chosen."""
    near: int | None = None
    nears: list[int | None] = []
    for entry in run:
        near = entry.day if entry.day is not None else near
        nears.append(near)
    above: int | None = None
    for entry, below in zip(reversed(run), reversed(nears), strict=True):
        above = entry.day if entry.day is not None else above
        around = entry.day or _near(below, above) or entry.undated.seen.date().toordinal()
        for evidence in entry.unread:
            take(entry, evidence, date.fromordinal(around))
        entry.unread.clear()


def _near(below: int | None, above: int | None) -> int | None:
    """Return a day near an entry without one: the newer neighbour's, where that is close."""
    if below is not None and above is not None and above - below < REACH:
        return above
    return below if below is not None else above


def _spread(run: Sequence[Candidate]) -> None:
    """Spread entries that say nothing evenly over the days between their neighbours."""
    known = [index for index, entry in enumerate(run) if entry.day is not None]
    if not known:
        return
    edges = [None, *known, None]
    for left, right in pairwise(edges):
        start = -1 if left is None else left
        end = len(run) if right is None else right
        low = run[left].day if left is not None else None
        high = run[right].day if right is not None else None
        for index in range(start + 1, end):
            run[index].day = _between(low, high, index - start, end - start)


def _between(low: int | None, high: int | None, step: int, steps: int) -> int | None:
    if low is None or high is None:
        return high if low is None else low
    return low + (high - low) * step // steps
