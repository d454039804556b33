"""Align two texts word by word.

Takes two sequences of words; returns the words in common and the replacements between them.
Passages that moved count as common.  Time and memory grow with the length of the texts and no
faster, whatever they contain; where exactness would cost more, more is reported as replaced than
necessary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# A gap of more words than this on both sides is one replacement and is not searched further.
_GAP = 60
# Cells of the tables that the small gaps of one comparison may fill altogether.
_TABLES = 200_000
# A text with more words than this between equal ends is not searched for common passages.
_TOO_MANY = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Words ``second[second_from:second_to]`` in the place of ``first[first_from:first_to]``.

    One side may be empty: words left out or added.
    """

    first_from: int
    first_to: int
    second_from: int
    second_to: int

    @property
    def swaps(self) -> bool:
        """Whether there are words on both sides."""
        return self.first_to > self.first_from and self.second_to > self.second_from

    @property
    def size(self) -> int:
        """Words on the longer side."""
        return max(self.first_to - self.first_from, self.second_to - self.second_from)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """The ``runs`` of equal words and the ``replacements`` between them.

    A run is (start in the first, start in the second, length), in the order of the first text.
    """

    runs: tuple[tuple[int, int, int], ...]
    replacements: tuple[Replacement, ...]


def align(first: Sequence[str], second: Sequence[str]) -> Alignment:
    """Align two sequences of words."""
    runs = _common_runs(first, second)
    gaps = _gaps_between(runs, len(first), len(second))
    replacements: list[Replacement] = []
    budget = _TABLES
    for gap in gaps:
        cells = (gap.first_to - gap.first_from) * (gap.second_to - gap.second_from)
        if 1 < cells <= min(_GAP * _GAP, budget):
            budget -= cells
            found, rest = _closer(first, second, gap)
            runs += found
            replacements += rest
        else:
            replacements.append(gap)
    return Alignment(runs=tuple(sorted(runs)), replacements=tuple(replacements))


def shared_start(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many words both texts begin with."""
    shortest = min(len(first), len(second))
    return next((at for at in range(shortest) if first[at] != second[at]), shortest)


def shared_end(first: Sequence[str], second: Sequence[str], start: int) -> int:
    """Return how many words both texts end with, after ``start`` words at the beginning."""
    most = min(len(first), len(second)) - start
    return next((at for at in range(most) if first[-1 - at] != second[-1 - at]), most)


def _common_runs(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return the runs at the start, at the end, and around three words that each text has once.

    So a paragraph that moved is found where it went.
    """
    head = shared_start(first, second)
    tail = shared_end(first, second, head)
    ends = (len(first) - tail, len(second) - tail)
    runs = [(0, 0, head)] if head else []
    if max(ends) - head <= _TOO_MANY:
        runs += _runs_around_anchors(first, second, head, ends)
    return [*runs, (*ends, tail)] if tail else runs


def _runs_around_anchors(
    first: Sequence[str], second: Sequence[str], start: int, ends: tuple[int, int]
) -> list[tuple[int, int, int]]:
    there = _once_only(second, start, ends[1])
    taken = bytearray(ends[1])
    runs: list[tuple[int, int, int]] = []
    free_from = start
    for shingle, place in _once_only(first, start, ends[0]).items():
        other = there.get(shingle, -1)
        if other < 0 or place < free_from or taken[other]:
            continue
        back = 0
        while (
            place - back > free_from
            and other - back > start
            and not taken[other - back - 1]
            and first[place - back - 1] == second[other - back - 1]
        ):
            back += 1
        length = 0
        while (
            place + length < ends[0]
            and other + length < ends[1]
            and not taken[other + length]
            and first[place + length] == second[other + length]
        ):
            length += 1
        taken[other - back : other + length] = b"\1" * (back + length)
        free_from = place + length
        runs.append((place - back, other - back, back + length))
    return runs


def _once_only(text: Sequence[str], start: int, stop: int) -> dict[tuple[str, str, str], int]:
    """Return the places of each three words in a row that occur in this stretch once, in order."""
    stretch = text[start:stop]
    places: dict[tuple[str, str, str], int] = {}
    for place, shingle in enumerate(
        zip(stretch, stretch[1:], stretch[2:], strict=False), start=start
    ):
        places[shingle] = -1 if shingle in places else place
    return {shingle: place for shingle, place in places.items() if place >= 0}


def _gaps_between(
    runs: Sequence[tuple[int, int, int]], first_length: int, second_length: int
) -> list[Replacement]:
    """Return what lies between runs.

    Gaps that the same runs enclose in both texts are one replacement.  What else is left, around
    passages that moved, is words left out or added.
    """
    in_first = [(-1, -1, 1), *sorted(runs), (first_length, second_length, 1)]
    in_second = sorted(in_first, key=lambda run: run[1])
    following = dict(pairwise(in_second))
    gaps: list[Replacement] = []
    paired: set[tuple[int, int, int]] = set()
    for run, after in pairwise(in_first):
        if following.get(run) == after:
            paired.add(run)
            gaps.append(_gap(run, after))
        else:
            end = run[1] + run[2]
            gaps.append(_gap(run, (after[0], end, 0)))
    for run, after in following.items():
        if run not in paired:
            end = run[0] + run[2]
            gaps.append(_gap(run, (end, after[1], 0)))
    return [gap for gap in gaps if gap.size]


def _gap(run: tuple[int, int, int], after: tuple[int, int, int]) -> Replacement:
    return Replacement(
        first_from=run[0] + run[2],
        first_to=after[0],
        second_from=run[1] + run[2],
        second_to=after[1],
    )


def _closer(
    first: Sequence[str], second: Sequence[str], gap: Replacement
) -> tuple[list[tuple[int, int, int]], list[Replacement]]:
    """The longest common subsequence of a small gap, as runs, and what it leaves."""
    left = first[gap.first_from : gap.first_to]
    right = second[gap.second_from : gap.second_to]
    rows = _rows(left, right)
    below = [(1 << count) - 1 for count in range(len(right), -1, -1)]
    runs: list[tuple[int, int, int]] = []
    x = y = 0
    while x < len(left) and y < len(right):
        if left[x] == right[y]:
            runs.append((gap.first_from + x, gap.second_from + y, 1))
            x, y = x + 1, y + 1
        elif (rows[x + 1] & below[y]).bit_count() >= (rows[x] & below[y + 1]).bit_count():
            x += 1
        else:
            y += 1
    before = (gap.first_from - 1, gap.second_from - 1, 1)
    after = (gap.first_to, gap.second_to, 1)
    enclosed = [before, *runs, after]
    rest = [_gap(run, follower) for run, follower in pairwise(enclosed)]
    return runs, [change for change in rest if change.size]


def _rows(left: Sequence[str], right: Sequence[str]) -> list[int]:
    """The longest common subsequence of left[x:] and right[y:] has as many words as row x has ones
    in its last len(right) - y bits.

    A row is made from the next one by a few operations on all its bits, where a table takes one for
    each pair of words (Hyyrö 2004, "Bit-parallel LCS-length computation revisited").
    """
    places: dict[str, int] = {}
    for place, word in enumerate(reversed(right)):
        places[word] = places.get(word, 0) | 1 << place
    whole = (1 << len(right)) - 1
    row = whole
    rows = [0]
    for word in reversed(left):
        same = row & places.get(word, 0)
        row = (row + same | row - same) & whole
        rows.append(row ^ whole)
    return rows[::-1]
