"""How probable each day is for each release of a list, all evidence and the order considered.

``posterior`` takes for each release, oldest first, a function from cells of days to the values of
its evidence, and returns for each the most probable day, and the days between which it came out
with a given probability.

It is a hidden Markov model: the days never fall, since the list is in order; how many days lie
between two neighbours has a fixed distribution with a heavy tail; forward and backward passes give
the distribution of every release.  Days of a century would be too many, so it is done with cells of
256 days first, then with smaller ones where a release may be at all: near the time n log d for n
releases and d days.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

Values = Callable[[Sequence[int]], list[float]]
"""From the edges of cells of days to the value of each cell."""

STEPS = (2048, 256, 32, 4, 1)
"""Days of a cell, from the first pass to the last."""

MOST_CELLS = 150_000
"""Cells of all releases, beyond which smaller ones are not worth it: their year is not known."""

GAPS = ((0.45, 0.2), (0.4, 1.0), (0.12, 4.0), (0.03, 30.0))
"""The days between two neighbours: geometric distributions, each with its share and its mean.

The first is of the same day, the second of a busy office, the last of one that pauses.  It is the
same for all lists: a pace found from a list would make the dates of its end depend on its
beginning.
"""

_Gaps = tuple[float, list[tuple[float, float]]]

_SAME = 1e-3  # a gap so short that it ends in the same cell

_BARELY = 5e-4
"""The probability of the days on either side that the next pass leaves out."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Ordinals of days: the most probable one, and the first and the last of all but a share."""

    day: int
    low: int
    high: int


Band = tuple[int, int]
"""The first and the last cell in which a release may be."""


def posterior(releases: Sequence[Values], first: int, last: int, outside: float) -> list[Spread]:
    """Return the spread of each release between the days ``first`` and ``last``.

    ``outside`` is the probability that a release came out before ``low``, and that it came out
    after ``high``.
    """
    step = STEPS[0]
    bands: list[Band] = [(first // step, last // step)] * len(releases)
    weights = _weights(releases, bands, step)
    for smaller in STEPS[1:]:
        narrowed = [
            (low * step // smaller, ((high + 1) * step - 1) // smaller)
            for low, high in _narrowed(bands, weights)
        ]
        if sum(high - low + 1 for low, high in narrowed) > MOST_CELLS:
            break
        bands, step = narrowed, smaller
        weights = _weights(releases, bands, step)
    found = [
        _spread(weight, low, step, first, last, outside)
        for weight, (low, _) in zip(weights, bands, strict=True)
    ]
    days = accumulate((one.day for one in found), max)
    return [replace(one, day=day) for one, day in zip(found, days, strict=True)]


def _gaps(step: int) -> _Gaps:
    """Return the mixture for cells: the share in the same cell, and geometric distributions.

    Where cells are so large that all of it ends in the same cell, there are no distributions.
    """
    same = 0.0
    parts = []
    for share, mean in GAPS:
        ratio = (mean / (1 + mean)) ** step
        if ratio < _SAME:
            same, share, ratio = same + share, 0.0, 0.0
        parts.append((share * (1 - ratio), ratio))
    return same, parts if any(ratio for _, ratio in parts) else []


def _weights(releases: Sequence[Values], bands: Sequence[Band], step: int) -> list[list[float]]:
    """Return the probability of each cell of each release's band."""
    gaps = _gaps(step)
    values = [
        values(range(low * step, (high + 2) * step, step))
        for values, (low, high) in zip(releases, bands, strict=True)
    ]
    forward = [_scaled(values[0])]
    for index, value in enumerate(values[1:], 1):
        carried = _carried(forward[-1], bands[index - 1], bands[index], gaps)
        forward.append(_scaled([a * v for a, v in zip(carried, value, strict=True)]))
    backward = [1.0] * len(values[-1])
    weights = [forward[-1]]
    for index in range(len(values) - 2, -1, -1):
        behind = [b * v for b, v in zip(backward, values[index + 1], strict=True)]
        backward = _scaled(_carried_back(behind, bands[index + 1], bands[index], gaps))
        weights.append(_scaled([f * b for f, b in zip(forward[index], backward, strict=True)]))
    return weights[::-1]


def _scaled(weights: list[float]) -> list[float]:
    """Return weights that add up to 1, and equal ones where nothing fits at all."""
    total = sum(weights)
    if total <= 0.0:
        return [1.0 / len(weights)] * len(weights)
    return [weight / total for weight in weights]


def _carried(weights: list[float], band: Band, after: Band, gaps: _Gaps) -> list[float]:
    """Return the weights of the next release's cells, before its own evidence."""
    same, parts = gaps
    padded = weights + [0.0] * (after[1] - band[1])
    if not parts:
        return [same * weight for weight in padded[after[0] - band[0] :]]
    (one, r1), (two, r2), (three, r3), (four, r4) = parts
    s1 = s2 = s3 = s4 = 0.0
    carried = []
    for weight in padded:
        s1 = s1 * r1 + weight
        s2 = s2 * r2 + weight
        s3 = s3 * r3 + weight
        s4 = s4 * r4 + weight
        carried.append(same * weight + one * s1 + two * s2 + three * s3 + four * s4)
    return carried[after[0] - band[0] :]


def _carried_back(weights: list[float], band: Band, before: Band, gaps: _Gaps) -> list[float]:
    """Return the same against the order: the days are counted backwards."""
    mirrored = _carried(weights[::-1], (-band[1], -band[0]), (-before[1], -before[0]), gaps)
    return mirrored[::-1]


def _narrowed(bands: Sequence[Band], weights: Sequence[list[float]]) -> list[Band]:
    """Return the bands without the cells that are all but impossible, never falling."""
    lows, highs = [], []
    for (low, high), weight in zip(bands, weights, strict=True):
        least = _BARELY * sum(weight)
        sums = list(accumulate(weight))
        lows.append(max(low, low + _first_above(sums, least) - 1))
        highs.append(min(high, low + _first_above(sums, sums[-1] - least) + 1))
    lows = list(accumulate(lows, max))
    highs = list(accumulate(reversed(highs), min))[::-1]
    return [(low, max(low, high)) for low, high in zip(lows, highs, strict=True)]


def _first_above(sums: Sequence[float], least: float) -> int:
    return min(bisect_right(sums, least), len(sums) - 1)


def _spread(
    weight: list[float], low: int, step: int, first: int, last: int, outside: float
) -> Spread:
    """Return the spread of one release from the weights of its cells."""
    sums = list(accumulate(weight))
    total = sums[-1]
    lowest = (low + _first_above(sums, total * outside)) * step
    highest = (low + _first_above(sums, total * (1 - outside))) * step + step - 1
    best = _first_above(sums, total / 2)
    if step == 1:
        best = _near_most(weight)
    middle = (low + best) * step + (step - 1) // 2
    return Spread(*(max(first, min(last, day)) for day in (middle, lowest, highest)))


def _near_most(weights: Sequence[float]) -> int:
    """Return the day with the most probability on it and, counting less, up to two days off."""
    padded = [0.0, 0.0, *weights, 0.0, 0.0]
    around = [
        a + 2 * b + 3 * c + 2 * d + e
        for a, b, c, d, e in zip(
            padded, padded[1:], padded[2:], padded[3:], padded[4:], strict=False
        )
    ]
    return around.index(max(around))
