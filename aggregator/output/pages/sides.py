"""Set two texts side by side, passage by passage, to show what changed between them.

Takes the changes from one text to another (``dedupe.diff``); returns the passages that changed with
what surrounds them.  A passage ends where a line of both texts ends.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aggregator.dedupe.diff import Change

_LONGEST_KEPT = 60  # words of unchanged text shown before and after a change
_GAP = "[…]"
_LINES = re.compile(r"[^\n]*\n+|[^\n]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """The two sides of a passage, which may be the same; None on both for what is left out."""

    before: Sequence[Change] | None
    after: Sequence[Change] | None
    is_same: bool = True


def sides(changes: Sequence[Change]) -> list[Passage]:
    """Return the passages that changed, each between the unchanged ones next to it."""
    passages = list(_passages(changes))
    changed = [_is_changed(passage) for passage in passages]
    shown: list[Passage] = []
    for number, passage in enumerate(passages):
        first, last = max(number - 1, 0), number + 2
        if any(changed[first:last]):
            shown.append(_passage(passage, is_before=any(changed[number:last])))
        elif not shown or shown[-1].before is not None:
            shown.append(Passage(None, None))
    return shown


def shortened(pieces: Sequence[Change]) -> Iterator[Change]:
    """Yield ``pieces`` with the ends of long unchanged ones only, next to what changed."""
    last = len(pieces) - 1
    for number, piece in enumerate(pieces):
        words = piece.text.split(" ")
        if piece.kind != "kept" or len(words) <= 2 * _LONGEST_KEPT:
            yield piece
            continue
        head = " ".join(words[:_LONGEST_KEPT]) if number else ""
        tail = " ".join(words[-_LONGEST_KEPT:]) if number < last else ""
        yield Change("kept", f"{head} {_GAP} {tail}")


def bare(pieces: Sequence[Change]) -> Iterator[Change]:
    """Yield ``pieces`` without the white space that marked words begin or end with."""
    for piece in pieces:
        words = piece.text.strip()
        if piece.kind == "kept" or not words:
            yield piece
            continue
        start = piece.text.index(words)
        yield Change("kept", piece.text[:start])
        yield Change(piece.kind, words)
        yield Change("kept", piece.text[start + len(words) :])


def _passages(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Yield runs of changes that begin with a line in both texts."""
    passage: list[Change] = []
    for change in changes:
        is_kept = change.kind == "kept"
        for text in _LINES.findall(change.text) if is_kept else [change.text]:
            # What replaces a line belongs to that line.
            is_over = bool(passage) and (is_kept or passage[-1].kind == "kept")
            if is_over and _is_at_line_ends(passage):
                yield passage
                passage = []
            passage.append(Change(change.kind, text))
    if passage:
        yield passage


def _is_changed(passage: Sequence[Change]) -> bool:
    return any(piece.kind != "kept" for piece in passage)


def _is_at_line_ends(passage: Sequence[Change]) -> bool:
    """Whether what each side has of a passage ends with a line, or is nothing."""
    ends: dict[str, str] = {}
    for piece in reversed(passage):
        for side in ("removed", "added") if piece.kind == "kept" else (piece.kind,):
            ends.setdefault(side, piece.text)
        if len(ends) == 2:
            break  # a long line may have thousands of changes
    return all(text.endswith("\n") for text in ends.values())


def _passage(pieces: Sequence[Change], *, is_before: bool) -> Passage:
    """Return the sides of a passage; of an unchanged one the end next to the change.

    ``is_before``: it changed, or the passage after it did.
    """
    if not _is_changed(pieces):
        text = "".join(piece.text for piece in pieces)
        nothing = Change("added", "")
        around = [Change("kept", text), nothing] if is_before else [nothing, Change("kept", text)]
        pieces = [piece for piece in shortened(around) if piece.text]
    else:
        pieces = list(shortened(pieces))
    is_same = not _is_changed(pieces)
    return Passage(_side(pieces, "added"), _side(pieces, "removed"), is_same)


def _side(pieces: Sequence[Change], without: str) -> list[Change]:
    """Return one side of a passage, without the end of its last line."""
    side = [piece for piece in pieces if piece.kind != without]
    if side:
        side[-1] = Change(side[-1].kind, side[-1].text.rstrip())
    return list(bare(side))
