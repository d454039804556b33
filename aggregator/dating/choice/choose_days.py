"""Choose the day and the window of each release of a list, by all evidence and the order.

``choose_days`` takes candidates, oldest first, and sets the day, the window and the neighbours of
each.  ``likelihood`` has what a phrase says, ``posterior`` how the evidence of a list meets;
this module adds what the documents say: nothing came out after it was seen, the newest release of a
digest seldom came out long before the digest was read, and a release above the newest of a digest
that was read earlier did not come out before that.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence, Set
from datetime import date
from itertools import pairwise

from aggregator.dating.choice.candidate import (
    FUTURE,
    OLDEST,
    Candidate,
    take,
    telling,
    upstream,
)
from aggregator.dating.choice.likelihood import (
    Kernel,
    Likelihood,
    OfYear,
    likelihood,
    sums_falling,
)
from aggregator.dating.choice.posterior import Spread, posterior
from aggregator.model import Evidence

OUTSIDE = 0.04
"""The probability that a release came out before its window, and that it came out after it."""

MOST_PHRASES = 12
"""The phrases of a release that count; a text that names more days says less with each."""

_TEMPER, _DAMPING = 0.7, 0.8
"""The weight of the second phrase of a release, and of each one after it: one text has them all."""

_YEAR_WEIGHT = 0.4  # offices write of next year in the same months
_AFTER_SEEN = 0.02  # of the day after the one it was seen, for time zones' sake
_NOT_YET = 0.03  # of a day on which a digest did not have the release yet
_FRESH = 0.75  # how probable it is that the time of a digest says when it was made
# The days from the newest release of a digest to the time of the digest, or of a later copy of it.
_READ = Kernel((), 1.0, start=1.5, fall=1.4)
_COPIED = Kernel((), 1.0, start=200.0, fall=1.5)
_FAR = 200  # days
_OPEN = 400
"""Days from the chosen one beyond which a window says nothing, and is open."""


def choose_days(run: Sequence[Candidate], tops: Set[int]) -> None:
    """Set the day of every entry of ``run``, oldest first, if anything in it names a day.

    ``tops`` are the nodes that are the newest of a digest.
    """
    if len(run) == 1 and (given := upstream(run[0])) is not None:  # each entry of a feed
        _set(run[0], Spread(given.first, given.first, given.first))
        _name_neighbours(run)
        return
    told = [_Told(entry) for entry in run]
    if not any(found.is_dated for found in told):
        return
    _add_documents(told, run, tops)
    last = max(entry.limit for entry in run)
    first = min([OLDEST, *(given.first for entry in run if (given := upstream(entry)))])
    for entry, spread in zip(
        run, posterior([t.over for t in told], first, last, OUTSIDE), strict=True
    ):
        _set(entry, spread)
    _name_neighbours(run)


class _Told:
    """All that is known of one release."""

    def __init__(self, entry: Candidate) -> None:
        given = upstream(entry)
        self.exact = given.first if given is not None else None
        found = [f for e in _distinct(entry) if (f := likelihood(e)) is not None]
        self.years = [f for f in found if isinstance(f, OfYear)]
        self.phrases = [f for f in found if not isinstance(f, OfYear)]
        self.phrases = sorted(self.phrases, key=lambda f: -f.rank)[:MOST_PHRASES]
        self.limit = entry.limit
        self.not_before = 0
        self.fresh: list[int] = []

    @property
    def is_dated(self) -> bool:
        """Whether anything but a year mentioned somewhere says a day."""
        return self.exact is not None or bool(self.phrases)

    def over(self, edges: Sequence[int]) -> list[float]:
        """Return the value of each cell of days between two neighbours of ``edges``."""
        if self.exact is not None:
            return [1.0 if low <= self.exact < high else 1e-9 for low, high in pairwise(edges)]
        cells = len(edges) - 1
        # Of the cells, those that end by ``not_before``, and those that begin by ``limit``.
        early = max(0, bisect_right(edges, self.not_before) - 1)
        possible = bisect_right(edges, self.limit, 0, cells)
        values = [_NOT_YET] * early + [1.0] * (possible - early) + [0.0] * (cells - possible)
        if possible and edges[possible - 1] == self.limit:
            values[possible - 1] *= _AFTER_SEEN
        for day in self.fresh:
            values = [value * one for value, one in zip(values, _fresh(day, edges), strict=True)]
        weight = 1.0
        for number, phrase in enumerate(self.phrases):
            weight = 1.0 if number == 0 else _TEMPER * _DAMPING**number
            values = _weighted(values, phrase, edges, weight)
        for year in self.years[:1]:
            values = _weighted(values, year, edges, _YEAR_WEIGHT)
        return values


def _distinct(entry: Candidate) -> Iterable[Evidence]:
    """Return what the text says, each day in each role once, the strongest first."""
    found: dict[tuple[object, ...], Evidence] = {}
    for one in sorted(entry.undated.evidence, key=lambda e: -e.strength):
        if one.place != "header":
            found.setdefault((one.role, one.first, one.last, one.weekday), one)
    return found.values()


def _weighted(
    values: list[float], phrase: Likelihood, edges: Sequence[int], weight: float
) -> list[float]:
    over = phrase.over(edges)
    most = max(over)
    if weight == 1.0:
        return [value * (one / most) for value, one in zip(values, over, strict=True)]
    return [value * (one / most) ** weight for value, one in zip(values, over, strict=True)]


def _fresh(day: int, edges: Sequence[int]) -> list[float]:
    """Return how probable a day of each cell is for the newest release of a digest of ``day``."""
    start, step, count = day - edges[0] + 1, edges[1] - edges[0], len(edges)
    read = sums_falling(_READ, start, step, count)
    copied = sums_falling(_COPIED, start, step, count)
    return [
        (_FRESH * (near - nearer) + (1 - _FRESH) * (far - farther)) / step
        for (near, nearer), (far, farther) in zip(pairwise(read), pairwise(copied), strict=True)
    ]


def _add_documents(told: Sequence[_Told], run: Sequence[Candidate], tops: Set[int]) -> None:
    """Add what follows from the times of the digests."""
    newest: dict[int, int] = {}  # the index of the newest top of all digests of a day
    earlier = 0
    for index, entry in enumerate(run):
        day = entry.limit - FUTURE.days
        if day > earlier:
            told[index].not_before = earlier - FUTURE.days
        if entry.node in tops:
            earlier = max(earlier, day)
            newest[day] = index
    for day, index in newest.items():
        told[index].fresh.append(day)


def _set(entry: Candidate, spread: Spread) -> None:
    entry.day = spread.day
    entry.low = spread.low if spread.day - spread.low <= _OPEN else None
    entry.high = spread.high if spread.high - spread.day <= _OPEN else None
    for evidence in entry.unread:
        take(entry, evidence, date.fromordinal(spread.day))
    entry.unread.clear()
    for days in telling(entry):
        is_main = days.evidence.role != "future" and days.evidence.strength >= 0.6
        if is_main and min(abs(days.first - spread.day), abs(days.last - spread.day)) > _FAR:
            entry.conflicts.append(f"“{days.evidence.phrase}” is far from all around it")


def _name_neighbours(run: Sequence[Candidate]) -> None:
    """Set the nearest neighbours of each entry that are on their days by their own words."""
    older: int | None = None
    for entry in run:
        entry.older = older
        if names_its_day(entry):
            older = entry.node
    newer: int | None = None
    for entry in reversed(run):
        entry.newer = newer
        if names_its_day(entry):
            newer = entry.node


def names_its_day(entry: Candidate) -> bool:
    """Whether an entry's own words, rather than its neighbours', put it on its day."""
    return any(days.evidence.role != "future" and days.last == entry.day for days in telling(entry))
