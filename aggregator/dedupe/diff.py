"""Find what changed from one text to another, by word.

Takes two texts; yields the pieces of both in order, each kept, removed or added.  White space alone
is not a change.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from aggregator.dedupe.align import shared_end, shared_start

_PIECE = re.compile(r"\S+\s*|^\s+")
_LINE = re.compile(r"\S[^\n]*\s*|^\s+")
_MANY = 6_000  # words from which on lines are compared, since the time is quadratic
_MANY_PAIRS = 100_000  # pairs of equal words from which on lines are compared
# Lines, and pairs of equal ones, from which on only passages between rare lines are compared.
_TOO_MANY, _TOO_MANY_PAIRS = 4_000, 50_000
_PASSAGE, _PASSAGE_PAIRS = 200, 500
_WIDTHS = (1, 8)  # of what marks a place: a line, or several in a row where lines repeat

Opcode = tuple[str, int, int, int, int]


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
    before_keys, after_keys = [p.strip() for p in old], [p.strip() for p in new]
    opcodes: Sequence[tuple[str, int, int, int, int]]
    if lines and _are_too_many(before_keys, after_keys):
        opcodes = _coarse(before_keys, after_keys)
    else:
        opcodes = SequenceMatcher(None, before_keys, after_keys, lines).get_opcodes()
    if head:
        yield Change("kept", "".join(head))
    apart = not head or head[-1][-1:].isspace()  # whether what came before ends in white space
    for operation, old_from, old_to, new_from, new_to in opcodes:
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


def _equal_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Return how many words at both ends an edit of a long text left as they were."""
    before, after = [piece.strip() for piece in old], [piece.strip() for piece in new]
    first = shared_start(before, after)
    return first, shared_end(before, after, first)


def _are_many(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether comparing word by word would take too long."""
    return len(old) + len(new) > _MANY or _pairs(old, new) > _MANY_PAIRS


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many pairs of equal words there are, which is the square for a repeated word."""
    counts = Counter(piece.strip() for piece in old)
    return sum(counts[piece.strip()] for piece in new)


def _are_too_many(old: Sequence[str], new: Sequence[str]) -> bool:
    return len(old) + len(new) > _TOO_MANY or _pairs(old, new) > _TOO_MANY_PAIRS


def _coarse(old: Sequence[str], new: Sequence[str]) -> list[Opcode]:
    """Return the opcodes of long texts, in linear time.

    Lines that each text has once are matched first, in order, and the passages between them
    compared.  A passage that is still long is replaced as a whole.
    """
    opcodes: list[Opcode] = []
    for opcode in _passages(old, new, _WIDTHS, 0, 0):
        if opcodes and opcodes[-1][0] == opcode[0] == "equal":
            last = opcodes.pop()
            opcodes.append(("equal", last[1], opcode[2], last[3], opcode[4]))
        else:
            opcodes.append(opcode)
    return opcodes


def _passages(
    old: Sequence[str], new: Sequence[str], widths: Sequence[int], old_at: int, new_at: int
) -> Iterator[Opcode]:
    first = shared_start(old, new)
    end = shared_end(old, new, first)
    if first:
        yield "equal", old_at, old_at + first, new_at, new_at + first
    inner_old, inner_new = old[first : len(old) - end], new[first : len(new) - end]
    yield from _inner(inner_old, inner_new, widths, old_at + first, new_at + first)
    if end:
        old_end, new_end = old_at + len(old), new_at + len(new)
        yield "equal", old_end - end, old_end, new_end - end, new_end


def _inner(
    old: Sequence[str], new: Sequence[str], widths: Sequence[int], old_at: int, new_at: int
) -> Iterator[Opcode]:
    if not old and not new:
        return
    if len(old) + len(new) <= _PASSAGE and _pairs(old, new) <= _PASSAGE_PAIRS:
        for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            yield kind, old_at + a, old_at + b, new_at + c, new_at + d
    elif not widths:
        yield "replace", old_at, old_at + len(old), new_at, new_at + len(new)
    else:
        done_old = done_new = 0
        for here, there in (*_anchors(old, new, widths[0]), (len(old), len(new))):
            yield from _passages(
                old[done_old:here],
                new[done_new:there],
                widths[1:],
                old_at + done_old,
                new_at + done_new,
            )
            if here < len(old):
                yield "equal", old_at + here, old_at + here + 1, new_at + there, new_at + there + 1
            done_old, done_new = here + 1, there + 1


def _anchors(old: Sequence[str], new: Sequence[str], width: int) -> list[tuple[int, int]]:
    """Return the places of ``width`` lines that both have once: most of them, in both orders."""
    here, there = _once(old, width), _once(new, width)
    pairs = [(at, there[key]) for key, at in here.items() if key in there]
    ends: list[int] = []  # the longest ascending subsequence, by patience sorting
    last: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        pile = bisect_left(ends, place)
        before.append(last[pile - 1] if pile else -1)
        ends[pile : pile + 1] = [place]
        last[pile : pile + 1] = [index]
    found = []
    index = last[-1] if last else -1
    while index >= 0:
        found.append(pairs[index])
        index = before[index]
    return found[::-1]


def _once(lines: Sequence[str], width: int) -> dict[tuple[str, ...], int]:
    """Return where each ``width`` lines in a row are that are there once, in order."""
    windows = list(zip(*(lines[start:] for start in range(width)), strict=False))
    counts = Counter(windows)
    return {window: at for at, window in enumerate(windows) if counts[window] == 1}
