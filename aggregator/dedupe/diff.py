"""Find what changed from one text to another, by word.

Takes two texts; yields the pieces of both in order, each kept, removed or added.  White space alone
is not a change.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from aggregator.dedupe.align import shared_end, shared_start

_PIECE = re.compile(r"\S+\s*|^\s+")
_LINE = re.compile(r"\S[^\n]*\s*|^\s+")
_MANY = 6_000  # words from which on lines are compared, since the time is quadratic
# Pairs of equal words from which on lines are compared; with more pairs of equal lines than this,
# all that lies between the equal ends is replaced.
_MANY_PAIRS = 500_000


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of text that both texts have, or only the one before or after."""

    kind: Literal["kept", "removed", "added"]
    text: str


def changes(before: str, after: str) -> Iterator[Change]:
    """Yield the pieces from ``before`` to ``after``; kept and added ones make ``after``.

    A piece is a word and the white space after it, which is not compared.
    """
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    many = _are_many(old, new)
    first, end = _equal_ends(old, new) if many else (0, 0)
    head, tail = new[:first], new[len(new) - end :]
    old, new = old[first : len(old) - end], new[first : len(new) - end]
    if lines := many and _are_many(old, new):
        old, new = _LINE.findall("".join(old)), _LINE.findall("".join(new))
    if head:
        yield Change("kept", "".join(head))
    apart = not head or head[-1][-1:].isspace()  # whether what came before ends in white space
    for operation, old_from, old_to, new_from, new_to in _operations(old, new, lines=lines):
        removed, added = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if operation == "equal":
            yield Change("kept", added)
            apart = added[-1:].isspace()
            continue
        if removed:
            yield Change("removed", removed if apart else f" {removed}")
            apart = removed[-1:].isspace()
        if added:
            yield Change("added", added)
            apart = added[-1:].isspace()
    if tail:
        yield Change("kept", "".join(tail))


def _operations(
    old: Sequence[str], new: Sequence[str], *, lines: bool
) -> Sequence[tuple[str, int, int, int, int]]:
    """Return how ``new`` is made of ``old``; one replacement if lines repeat too often."""
    if lines and _pairs(old, new) > _MANY_PAIRS:
        return [("replace", 0, len(old), 0, len(new))]
    before, after = [piece.strip() for piece in old], [piece.strip() for piece in new]
    return SequenceMatcher(None, before, after, lines).get_opcodes()


def _equal_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Return how many words at both ends an edit of a long text left as they were."""
    before, after = [piece.strip() for piece in old], [piece.strip() for piece in new]
    first = shared_start(before, after)
    return first, shared_end(before, after, first)


def _are_many(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether comparing word by word would take too long."""
    return len(old) + len(new) > _MANY or _pairs(old, new) > _MANY_PAIRS


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many pairs of equal pieces there are, the square of a repeated one."""
    counts = Counter(piece.strip() for piece in old)
    return sum(counts[piece.strip()] for piece in new)
