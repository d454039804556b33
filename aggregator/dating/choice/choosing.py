"""The days of a line of entries: those that break the least of what they say.

Takes candidates, oldest first, and gives each its day and the window that it and those around it
allow.  See the prose of the package and ``docs/decisions/dating.md``.
"""

from bisect import insort
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from statistics import median

from aggregator.dating.choice.candidate import FUTURE, Candidate, guess, take, telling
from aggregator.dating.fit import Hinge, fit

REACH = 7
"""Days within which an agency writes of a past event; nearly all do on the day itself."""

MOST_TOLD = 1.5
"""The strength that all events a text tells of have together at the most."""

_FAR_DAYS = 200
_AROUND = 6
_FAR_WEIGHT = 0.01


def choose(run: list[Candidate]) -> None:
    """Give every entry of ``run``, oldest first, its day and window, where anything tells."""
    weigh_far(run)
    _fit(run)
    if any(entry.unread for entry in run):
        _read_rest(run)
        weigh_far(run)
        _fit(run)
    _spread(run)
    bound(run)


def weigh_far(run: list[Candidate]) -> None:
    """Let days count for next to nothing that lie far from all those around them.

    An old event that reads like news would else drag its neighbours along for years.
    """
    known = [(entry, day) for entry in run if (day := guess(entry)) is not None]
    if len(known) < 3:
        return
    window: list[int] = sorted(day for _, day in known[: _AROUND + 1])
    for index, (entry, _) in enumerate(known):
        middle = median(window)
        for days in entry.days:
            far = min(abs(days.first - middle), abs(days.last - middle)) > allowed(window, middle)
            if far and days.weight > _FAR_WEIGHT:
                days.weight = _FAR_WEIGHT
                entry.conflicts.append(f"“{days.evidence.phrase}” is far from all around it")
        if index + _AROUND + 1 < len(known):
            insort(window, known[index + _AROUND + 1][1])
        if index >= _AROUND:
            window.remove(known[index - _AROUND][1])


def allowed(window: Sequence[int], middle: float) -> float:
    """How far from the middle of its surroundings a day may lie."""
    return max(_FAR_DAYS, 4 * median(abs(day - middle) for day in window))


def _fit(run: list[Candidate]) -> None:
    costs = [list(_hinges(entry)) for entry in run]
    for entry, cost, day in zip(run, costs, fit(costs), strict=True):
        entry.day = day if cost else None


def _hinges(entry: Candidate) -> Iterator[Hinge]:
    """What each day would cost, by each piece of evidence.

    However many events a text tells of, together they do not outweigh what it says of itself.
    """
    told = sum(days.evidence.strength for days in entry.days if days.evidence.role != "stated")
    crowd = min(1.0, MOST_TOLD / max(told, MOST_TOLD))
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


def _read_rest(run: list[Candidate]) -> None:
    """Read what lacked a year, or was told from a day not yet known, by the days now chosen."""
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
    """A day that an entry without one is near: the newer neighbour's, where that is close."""
    if below is not None and above is not None and above - below < REACH:
        return above
    return below if below is not None else above


def _spread(run: list[Candidate]) -> None:
    """Give entries that say nothing days between their neighbours', evenly."""
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


def bound(run: list[Candidate]) -> None:
    """What each entry and those around it allow: from below going up, from above going down.

    An entry that tells its own day bounds those below it by that day.
    """
    low, older = None, None
    for entry in run:
        own = max((days for days in _lows(entry)), default=None)
        if own is not None and (low is None or own >= low):
            low, older = own, entry.node
        entry.low, entry.older = low, older if older != entry.node else None
    high, newer = None, None
    for entry in reversed(run):
        own = min((days for days in _highs(entry)), default=None)
        if own is not None and (high is None or own <= high):
            high, newer = own, entry.node
        entry.high, entry.newer = high, newer if newer != entry.node else None
        if entry.day is not None and _tells_its_day(entry) and (high is None or entry.day <= high):
            high, newer = entry.day, entry.node


def _tells_its_day(entry: Candidate) -> bool:
    """Whether an entry's own words, rather than its neighbours', put it on its day."""
    return any(days.evidence.role != "future" and days.last == entry.day for days in telling(entry))


def _lows(entry: Candidate) -> Iterator[int]:
    for days in telling(entry):
        first = days.last if days.evidence.role == "past" else days.first
        if days.evidence.role != "future" and first <= (entry.day or 0):
            yield first


def _highs(entry: Candidate) -> Iterator[int]:
    for days in telling(entry):
        role = days.evidence.role
        last = days.first if role == "future" else days.last
        last += REACH if role == "past" else 0
        if last >= (entry.day or 0):
            yield min(last, max(entry.limit, entry.day or 0))
