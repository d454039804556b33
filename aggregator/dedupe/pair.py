"""Two texts as words, with what their titles say and how far their bodies agree.

Takes two releases; returns them as a ``Pair``, the shorter first, and the ``Overlap`` of their
bodies.  Draws no conclusion: ``compare`` does.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from aggregator.dedupe.align import Alignment, align
from aggregator.dedupe.names import CAPITAL_NOUNS
from aggregator.dedupe.sketch import ends_cut, title_key
from aggregator.dedupe.swaps import Differences, differences
from aggregator.dedupe.titles import Headed, Titles, compare_titles
from aggregator.dedupe.tokens import Words, words
from aggregator.dedupe.words import usages

# A title that was cut short says enough from this many characters on.
_TITLE_CUT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One release as it was found.  ``body`` is plain text with empty lines between paragraphs.

    ``truncated``: it is known to be a part, cut short or a summary; a final "…" is recognised
    without it.  ``earliest`` and ``latest`` bound the day of release as far as the text or its
    upstream state it, not its neighbours in a digest.  ``language`` is a BCP 47 tag, None where it
    is not certain.
    """

    agency: str
    title: str
    body: str
    truncated: bool = False
    earliest: date | None = None
    latest: date | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two releases as words, the one with fewer words first.

    ``cut``: ``one`` is cut short and may be the beginning of ``other``.  ``days_apart`` is 0 where
    they can be of one day.  ``ignoring``: the words of the agencies' names, where the agencies
    differ.
    """

    one: Headed
    other: Headed
    titles: Titles
    cut: bool
    days_apart: int
    ignoring: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """What the first body of a pair and ``other`` have in common; ``lengths`` count words."""

    pair: Pair
    other: Words
    alignment: Alignment
    lengths: tuple[int, int]

    @cached_property
    def common(self) -> int:
        """How many words they have in common."""
        return sum(length for _, _, length in self.alignment.runs)

    @cached_property
    def found(self) -> Differences:
        """What they have in each other's place, which takes longer to find than ``common``."""
        return differences(
            self.pair.one.body,
            self.other,
            self.alignment,
            uses=(self.pair.one.use, self.pair.other.use),
            ignoring=self.pair.ignoring,
        )

    @property
    def alike(self) -> float:
        """The part of both texts that agrees, from 0 to 1."""
        return 2 * self.common / max(sum(self.lengths), 1e-9)

    @property
    def held(self) -> float:
        """The part of the shorter text that the longer one contains, from 0 to 1."""
        return self.common / max(min(self.lengths), 1e-9)


def pair_of(one: Text, other: Text, names: Collection[str]) -> Pair:
    """Return two texts as words.  ``names`` are all names and aliases of their agencies."""
    sides = [_side(text) for text in (one, other)]
    sides.sort(key=lambda side: len(side.words))
    short, long = sides
    if not short.cut and _ends_in_half_word(short.words, long.words):
        short = replace(short, cut=True, words=short.words.without_last)
    sides = [short, long]
    titles = [words(side.text.title) for side in sides]
    uses = usages(
        [(title, side.words) for title, side in zip(titles, sides, strict=True)],
        capitals_tell=all(language_of(text) not in CAPITAL_NOUNS for text in (one, other)),
    )
    heads = [
        Headed(title=title, body=side.words, use=use)
        for title, side, use in zip(titles, sides, uses, strict=True)
    ]
    own = frozenset(key for name in names for key in words(name).keys)
    return Pair(
        one=heads[0],
        other=heads[1],
        titles=_titles(short.text, long.text, heads, names, own),
        cut=short.cut and (not long.cut or _is_shorter(short.words, long.words)),
        days_apart=days_apart(one, other),
        ignoring=own if one.agency != other.agency else frozenset(),
    )


def overlap(pair: Pair) -> Overlap:
    """Return what the two whole bodies have in common."""
    here, there = pair.one.body, pair.other.body
    alignment = align(here.keys, there.keys)
    return Overlap(pair=pair, other=there, alignment=alignment, lengths=(len(here), len(there)))


def opening(pair: Pair) -> Overlap:
    """Return what the shorter body has in common with the beginning of the longer one."""
    here = pair.one.body
    there = pair.other.body.cut(len(here) + len(here) // 5 + 8)
    alignment = _without_tail(align(here.keys, there.keys), len(here), len(there))
    return Overlap(pair=pair, other=there, alignment=alignment, lengths=(len(here), len(here)))


def language_of(text: Text) -> str | None:
    """Return the language without its region, or None."""
    return text.language.partition("-")[0].casefold() if text.language else None


def days_apart(one: Text, other: Text) -> int:
    """Return the least number of days between two releases; 0 where they can be of one day."""
    gaps = (
        (late.earliest - early.latest).days
        for early, late in ((one, other), (other, one))
        if early.latest is not None and late.earliest is not None
    )
    return max(0, *gaps, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    text: Text
    words: Words
    cut: bool


def _side(text: Text) -> _Side:
    found = words(text.body)
    cut = text.truncated or ends_cut(text.body)
    if cut and len(found) > 1:
        # The last word before "…" may be half a word.
        found = found.without_last
    return _Side(text=text, words=found, cut=cut)


def _ends_in_half_word(short: Words, long: Words) -> bool:
    """Whether a text is the beginning of the other, cut within a word and without a "…"."""
    last = len(short) - 1
    if not 0 < last < len(long) or short.keys[:last] != long.keys[:last]:
        return False
    half, whole = short.keys[last], long.keys[last]
    # "notice 1" is not "notice 10" cut short.
    return half != whole and half.isalpha() and whole.startswith(half)


def _is_shorter(short: Words, long: Words) -> bool:
    """Whether one of two cut texts was cut earlier: clearly, or it is exactly the other's start."""
    if len(short) < 0.9 * len(long):
        return True
    return len(short) < len(long) and long.keys[: len(short)] == short.keys


def _titles(
    one: Text, other: Text, heads: Sequence[Headed], names: Collection[str], own: frozenset[str]
) -> Titles:
    here, there = title_key(one.title, names), title_key(other.title, names)
    if not here or not there:
        return Titles(relation="other")
    cut = _is_cut_title(one.title, here, there) or _is_cut_title(other.title, there, here)
    if here == there or cut:
        return Titles(relation="same")
    return compare_titles(heads[0], heads[1], ignoring=own)


def _is_cut_title(title: str, key: str, whole: str) -> bool:
    return ends_cut(title) and len(key) >= _TITLE_CUT and whole.startswith(key)


def _without_tail(alignment: Alignment, length: int, window: int) -> Alignment:
    """Leave out what the whole text goes on with after the end of the cut one."""
    kept = tuple(
        replaced
        for replaced in alignment.replacements
        if not (replaced.first_from == replaced.first_to == length and replaced.second_to == window)
    )
    return Alignment(runs=alignment.runs, replacements=kept)
