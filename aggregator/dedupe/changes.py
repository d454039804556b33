"""What changed from one text to another, by word.

Takes two texts; gives the pieces of both in order, each kept, removed or added.  White space that
changed is no change.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_PIECE = re.compile(r"\S+\s*|^\s+")
_LINE = re.compile(r"\S[^\n]*\s*|^\s+")
_MANY = 6_000  # words from which on whole lines are compared: the time is quadratic
_MANY_PAIRS = 500_000  # as many words of both that are the same: it grows with these


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of text that both have, or only the one before, or only the one after."""

    kind: Literal["kept", "removed", "added"]
    text: str


def changes(before: str, after: str) -> Iterator[Change]:
    """The way from ``before`` to ``after``; joined, kept and added pieces are ``after``.

    A piece is a word with the white space that follows it, and only the word counts.
    """
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    many = _are_many(old, new)
    first, end = _alike(old, new) if many else (0, 0)
    head, tail = new[:first], new[len(new) - end :]
    old, new = old[first : len(old) - end], new[first : len(new) - end]
    if lines := many and _are_many(old, new):
        old, new = _LINE.findall("".join(old)), _LINE.findall("".join(new))
    matcher = SequenceMatcher(None, [p.strip() for p in old], [p.strip() for p in new], lines)
    if head:
        yield Change("kept", "".join(head))
    apart = not head or head[-1][-1:].isspace()  # whether what came before ends in white space
    for operation, old_from, old_to, new_from, new_to in matcher.get_opcodes():
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


def _alike(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many words both texts begin with, and end with after those.

    An edit of a long text leaves nearly all of it as it was.
    """
    first = end = 0
    shorter = min(len(old), len(new))
    while first < shorter and old[first].strip() == new[first].strip():
        first += 1
    while end < shorter - first and old[-1 - end].strip() == new[-1 - end].strip():
        end += 1
    return first, end


def _are_many(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether comparing word by word would take too long."""
    return len(old) + len(new) > _MANY or _pairs(old, new) > _MANY_PAIRS


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    """How often a word of one text is one of the other: a text of one word makes the square."""
    counts = Counter(piece.strip() for piece in old)
    return sum(counts[piece.strip()] for piece in new)
