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
    many = len(old) + len(new) > _MANY or _pairs(old, new) > _MANY_PAIRS
    if many:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = SequenceMatcher(None, [p.strip() for p in old], [p.strip() for p in new], many)
    apart = True  # whether what came before ends in white space, or is nothing
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


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    """How often a word of one text is one of the other: a text of one word makes the square."""
    counts = Counter(piece.strip() for piece in old)
    return sum(counts[piece.strip()] for piece in new)
