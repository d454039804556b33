"""What changed from one text to another, by word.

Takes two texts; gives the pieces of both in order, each kept, removed or added.  White space that
changed is no change.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_MANY = 6_000  # words from which on whole lines are compared: the time is quadratic


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of text that both have, or only the one before, or only the one after."""

    kind: Literal["kept", "removed", "added"]
    text: str


def changes(before: str, after: str) -> Iterator[Change]:
    """The way from ``before`` to ``after``; joined, kept and added pieces are ``after``."""
    old, new = _pieces(before), _pieces(after)
    if len(old) + len(new) > _MANY:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > _MANY)
    for operation, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        removed, added = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if operation == "equal":
            yield Change("kept", added)
            continue
        if removed.strip() and removed.strip() != added.strip():
            yield Change("removed", removed)
        if added:
            same = added.strip() == removed.strip()
            yield Change("kept" if same or not added.strip() else "added", added)


def _pieces(text: str) -> list[str]:
    """Words with the white space that follows them, so that a removed word leaves no gap."""
    return re.findall(r"\S+\s*", text)
