"""Find what two aligned texts have in each other's place.

Takes two texts as words and their alignment; returns the swaps: a name in the place of a name, a
date in that of a date, a figure in that of a figure.  An edit leaves few of them, a template that
was filled in twice leaves little else.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from aggregator.dedupe.align import Alignment, Replacement
from aggregator.dedupe.names import spelled_alike
from aggregator.dedupe.tokens import Words, stem
from aggregator.dedupe.words import (
    DATE_KINDS,
    Kind,
    Usage,
    as_written,
    is_content,
    is_label,
    is_slip,
    kind,
    opens_paragraph,
)

SwapKind = Literal["date", "year", "figure", "name", "word"]

# How certainly a word is a name that opens a sentence with a capital, and any replaced word of a
# text whose capitals mark no names.
_PERHAPS = 0.25
_NO_CAPITALS = 0.5
# Replacements with no more equal words than this between them are one: "the Prime Minister of
# Norway" and "the King of Jordan" are one guest each, not two edits around an "of".
_BETWEEN = 2
# A rewritten passage contains names and dates of all kinds; only so many words are looked at.
_PASSAGE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """``first`` in one text has the place of ``second`` in the other (both as written).

    ``weight``, up to 1, is how certainly these are two names, figures or days.  ``throughout``: the
    first text uses the one more than once and never the other, and the second text the reverse.
    ``label``: the figures name things rather than count them.
    """

    kind: SwapKind
    first: str
    second: str
    weight: float = 1.0
    throughout: bool = False
    label: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """The ``swaps`` among the ``passages`` in which two texts differ.

    ``moved``: some passages are in another order.
    """

    swaps: tuple[Swap, ...]
    passages: int
    moved: bool

    def of(self, *kinds: str) -> list[Swap]:
        """Return the swaps of these kinds."""
        return [swap for swap in self.swaps if swap.kind in kinds]


def differences(
    first: Words,
    second: Words,
    alignment: Alignment,
    *,
    uses: tuple[Usage, Usage],
    ignoring: Collection[str] = (),
) -> Differences:
    """Return the swaps between two texts.

    ``uses`` says how each text with its title uses its words; ``ignoring`` are words that differ
    for another reason, which are the agencies' own names.
    """
    passages = list(_passages(alignment))
    moved = _is_moved(alignment)
    # Where passages moved, words left out have no fixed place in the other text, so all of them are
    # looked at together.
    left = [change for change in alignment.replacements if moved and not change.swaps]
    found: list[Swap] = []
    for passage in [*passages, *([left] if left else [])]:
        sides = _Sides.of(first, second, passage, uses, ignoring)
        swaps = [swap for look in _LOOKS for swap in look(sides)]
        found += [] if _is_other_footer(first, second, passage, swaps) else swaps
    return Differences(swaps=tuple(found), passages=len(passages), moved=moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """The words of a passage by kind, as places in the two texts, without words of both sides."""

    first: Words
    second: Words
    uses: tuple[Usage, Usage]
    left: dict[Kind, list[int]]
    right: dict[Kind, list[int]]

    @classmethod
    def of(
        cls,
        first: Words,
        second: Words,
        passage: Sequence[Replacement],
        uses: tuple[Usage, Usage],
        ignoring: Collection[str],
    ) -> "_Sides":
        left = [at for part in passage for at in range(part.first_from, part.first_to)]
        right = [at for part in passage for at in range(part.second_from, part.second_to)]
        left, right = left[:_PASSAGE], right[:_PASSAGE]
        both = {first.keys[at] for at in left} & {second.keys[at] for at in right}
        return cls(
            first=first,
            second=second,
            uses=uses,
            left=_by_kind(first, left, uses[0], both, ignoring),
            right=_by_kind(second, right, uses[1], both, ignoring),
        )

    def only(self, places: Sequence[int], side: int) -> list[int]:
        """Return the places whose word is nowhere in the other text."""
        text, elsewhere = (self.first, self.uses[1]) if side == 0 else (self.second, self.uses[0])
        return [at for at in places if not elsewhere.count(text.keys[at])]

    def swap(
        self,
        kind: SwapKind,
        left: Sequence[int],
        right: Sequence[int],
        *,
        weight: float = 1.0,
        throughout: bool = False,
        label: bool = False,
    ) -> Swap:
        return Swap(
            kind=kind,
            first=as_written(self.first, left),
            second=as_written(self.second, right),
            weight=weight,
            throughout=throughout,
            label=label,
        )


def _by_kind(
    text: Words, places: Sequence[int], use: Usage, both: Collection[str], out: Collection[str]
) -> dict[Kind, list[int]]:
    kinds: dict[Kind, list[int]] = {}
    for at in places:
        if text.keys[at] not in both and text.keys[at] not in out:
            kinds.setdefault(kind(text, at, use), []).append(at)
    return kinds


def _passages(alignment: Alignment) -> Iterator[list[Replacement]]:
    """Yield the replacements that lie together."""
    found = sorted(
        alignment.replacements, key=lambda change: (change.first_from, change.second_from)
    )
    if not found:
        return
    passage = [found[0]]
    for before, change in pairwise(found):
        near = 0 <= change.first_from - before.first_to <= _BETWEEN
        near = near and 0 <= change.second_from - before.second_to <= _BETWEEN
        if not near:
            yield passage
            passage = []
        passage.append(change)
    yield passage


def _is_other_footer(
    first: Words, second: Words, passage: Sequence[Replacement], swaps: Sequence[Swap]
) -> bool:
    """Whether two releases end in different paragraphs, in which each publisher describes itself.

    A day there counts as the day of an event all the same.
    """
    start, end = passage[0], passage[-1]
    if (end.first_to, end.second_to) != (len(first), len(second)):
        return False
    whole = opens_paragraph(first, start.first_from) and opens_paragraph(second, start.second_from)
    small = 2 * (end.first_to - start.first_from) < len(first)
    return whole and small and not any(swap.kind == "date" for swap in swaps)


def _is_moved(alignment: Alignment) -> bool:
    in_order = [run[1] for run in alignment.runs]
    return in_order != sorted(in_order)


def _dates(sides: _Sides) -> Iterator[Swap]:
    """Yield a month for a month, a day for a day; an unchanged weekday shows a corrected day."""
    for sort in sorted(DATE_KINDS):
        left, right = sides.left.get(sort, ()), sides.right.get(sort, ())
        if not left or not right:
            continue
        slip = len(left) == len(right) == 1 and sort in ("day", "year")
        if slip and is_slip(sides.first, left[0], sides.second, right[0]):
            yield sides.swap("figure", left, right)
        else:
            yield sides.swap("year" if sort == "year" else "date", left, right)


def _figures(sides: _Sides) -> Iterator[Swap]:
    left, right = sides.left.get("number", ()), sides.right.get("number", ())
    if left and right:
        label = any(is_label(sides.first, at) for at in left)
        label = label and any(is_label(sides.second, at) for at in right)
        yield sides.swap("figure", left, right, label=label)


def _names(sides: _Sides) -> Iterator[Swap]:
    """Yield a name of only the one text for a name of only the other.

    It counts half where one of them occurs elsewhere too, and less where it may not be a name.
    """
    left, right = sides.left.get("name", []), sides.right.get("name", [])
    maybe, maybe_there = sides.left.get("perhaps", []), sides.right.get("perhaps", [])
    doubt = _PERHAPS if sides.uses[0].tells else _NO_CAPITALS
    for places, places_there, weight in (
        (left, right, 1.0),
        (left + maybe, right + maybe_there, doubt),
    ):
        some, some_there = _without_corrected(sides, places, places_there)
        only, only_there = sides.only(some, 0), sides.only(some_there, 1)
        throughout = _throughout(sides, only, only_there)
        if only and only_there:
            yield sides.swap("name", only, only_there, weight=weight, throughout=throughout)
            return
        if some and some_there and (only or only_there):
            yield sides.swap("name", some, some_there, weight=weight / 2)
            return


def _words(sides: _Sides) -> Iterator[Swap]:
    """Yield one ordinary word for another, if that was done throughout; not another tense of it."""
    left = sides.only(sides.left.get("word", ()), 0)
    right = sides.only(sides.right.get("word", ()), 1)
    left = [at for at in left if is_content(sides.first.keys[at])]
    right = [at for at in right if is_content(sides.second.keys[at])]
    if len(left) != 1 or len(right) != 1:
        return
    other_word = stem(sides.first.keys[left[0]]) != stem(sides.second.keys[right[0]])
    if other_word and _throughout(sides, left, right):
        yield sides.swap("word", left, right, throughout=True)


def _without_corrected(
    sides: _Sides, left: list[int], right: list[int]
) -> tuple[list[int], list[int]]:
    """Leave out the names that are one name in two spellings."""
    pairs = [
        (at, there)
        for at in left[:20]
        for there in right[:20]
        if spelled_alike(sides.first.keys[at], sides.second.keys[there])
    ]
    out, out_there = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    return [at for at in left if at not in out], [at for at in right if at not in out_there]


def _throughout(sides: _Sides, left: Sequence[int], right: Sequence[int]) -> bool:
    """Whether a word of the one occurs as often, twice or more, as a word of the other there."""
    often = {sides.uses[0].count(sides.first.keys[at]) for at in left}
    often &= {sides.uses[1].count(sides.second.keys[at]) for at in right}
    return max(often, default=0) > 1


_LOOKS: tuple[Callable[[_Sides], Iterator[Swap]], ...] = (_dates, _figures, _names, _words)
