"""Two texts laid side by side, ready to be judged.

Takes two releases as found; gives them as words, the shorter first, with what their titles say
and what of their bodies agrees. Draws no conclusion: that is for `compare`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from aggregator.dedupe.align import Alignment, align
from aggregator.dedupe.sketch import comparison_key, ends_cut, title_key
from aggregator.dedupe.swaps import Differences, differences
from aggregator.dedupe.titles import Headed, Titles, compare_titles
from aggregator.dedupe.words import Words, usages, words

Boilerplate = Callable[[str], float] | Mapping[str, float]

# Languages that write common nouns with a capital.
_CAPITAL_NOUNS = ("de", "lb")
# A title that was cut short says enough from this many characters on.
_TITLE_CUT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One release as it was found. `body` is plain text, paragraphs apart by an empty line.

    `truncated` says that it is known to be cut; a final "…" is seen without it. `earliest` and
    `latest` bound the day of release as far as the text or its upstream state it (not what its
    neighbours in a digest suggest). `language` is a BCP 47 tag, or None where it is not sure.
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
    """Two releases as words, the one with fewer first. `cut`: `one` is a text cut short that may
    be how `other` begins. `days_apart` is 0 where their days of release can be the same.
    `ignoring`: the words of the agencies' names, where the agencies differ. `weights`: what each
    word of the bodies counts, 0 to 1.
    """

    one: Headed
    other: Headed
    titles: Titles
    cut: bool
    days_apart: int
    ignoring: frozenset[str]
    weights: tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """What two bodies share. `common` and `lengths` are in words, boilerplate counted less."""

    common: float
    lengths: tuple[float, float]
    found: Differences

    @property
    def alike(self) -> float:
        """The part of both texts that agrees, 0 to 1."""
        return 2 * self.common / max(sum(self.lengths), 1e-9)

    @property
    def held(self) -> float:
        """The part of the shorter text that the longer one holds, 0 to 1."""
        return self.common / max(min(self.lengths), 1e-9)


def lay(one: Text, other: Text, names: Collection[str], boilerplate: Boilerplate | None) -> Pair:
    """Two texts as words. `names` are those of the agencies, aliases among them; `boilerplate`
    gives for the `comparison_key` of a paragraph how much of the agency's entries have it, 0 to 1.
    """
    sides = [_side(text, boilerplate) for text in (one, other)]
    sides.sort(key=lambda side: len(side.words))
    short, long = sides
    if not short.cut and _ends_in_half_word(short.words, long.words):
        short = replace(short, cut=True, words=short.words.cut(len(short.words) - 1))
    sides = [short, long]
    titles = [words(side.text.title) for side in sides]
    uses = usages(
        [(title, side.words) for title, side in zip(titles, sides, strict=True)],
        capitals_tell=all(language_of(text) not in _CAPITAL_NOUNS for text in (one, other)),
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
        weights=(short.weights[: len(short.words)], long.weights),
    )


def overlap(pair: Pair) -> Overlap:
    """What the two whole bodies share."""
    here, there = pair.one.body, pair.other.body
    alignment = align(here.keys, there.keys)
    ours, theirs = pair.weights
    return Overlap(
        common=sum(sum(ours[start : start + length]) for start, _, length in alignment.runs),
        lengths=(sum(ours), sum(theirs)),
        found=_differences(pair, there, alignment),
    )


def opening(pair: Pair) -> Overlap:
    """What the shorter body shares with the beginning of the longer one."""
    here = pair.one.body
    there = pair.other.body.cut(len(here) + len(here) // 5 + 8)
    alignment = _without_tail(align(here.keys, there.keys), len(here), len(there))
    common = float(sum(run[2] for run in alignment.runs))
    lengths = (float(len(here)), float(len(here)))
    return Overlap(common=common, lengths=lengths, found=_differences(pair, there, alignment))


def language_of(text: Text) -> str | None:
    """The language without its region, or None."""
    return text.language.partition("-")[0].casefold() if text.language else None


def days_apart(one: Text, other: Text) -> int:
    """The days between two texts' days of release, at least; 0 where they can be the same."""
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
    weights: list[float]
    cut: bool


def _side(text: Text, boilerplate: Boilerplate | None) -> _Side:
    found = words(text.body)
    weights = _weights(text.body, boilerplate) if boilerplate else [1.0] * len(found)
    cut = text.truncated or ends_cut(text.body)
    if cut and len(found) > 1:
        # The last word before "…" may be half a word.
        found = found.cut(len(found) - 1)
    return _Side(text=text, words=found, weights=weights[: len(found)], cut=cut)


def _ends_in_half_word(short: Words, long: Words) -> bool:
    """Whether a text is how the other begins, cut in the middle of a word and without a "…"."""
    last = len(short) - 1
    if not 0 < last < len(long) or short.keys[:last] != long.keys[:last]:
        return False
    half, whole = short.keys[last], long.keys[last]
    # "notice 1" is not "notice 10" cut short.
    return half != whole and half.isalpha() and whole.startswith(half)


def _is_shorter(short: Words, long: Words) -> bool:
    """Whether one of two cut texts was cut earlier: clearly so, or it begins the other exactly."""
    if len(short) < 0.9 * len(long):
        return True
    return len(short) < len(long) and long.keys[: len(short)] == short.keys


def _weights(body: str, boilerplate: Boilerplate) -> list[float]:
    weights: list[float] = []
    for paragraph in body.split("\n\n"):
        key = comparison_key(paragraph)
        often = boilerplate(key) if callable(boilerplate) else boilerplate.get(key, 0.0)
        weights += [1.0 - min(1.0, max(0.0, often))] * len(words(paragraph))
    return weights


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


def _differences(pair: Pair, other: Words, alignment: Alignment) -> Differences:
    return differences(
        pair.one.body,
        other,
        alignment,
        uses=(pair.one.use, pair.other.use),
        ignoring=pair.ignoring,
    )


def _without_tail(alignment: Alignment, length: int, window: int) -> Alignment:
    """Without what the whole text goes on to say after the cut one has ended."""
    kept = tuple(
        change
        for change in alignment.changes
        if not (change.first_from == change.first_to == length and change.second_to == window)
    )
    return Alignment(runs=alignment.runs, changes=kept)
