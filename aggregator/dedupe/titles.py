"""Find what two titles say about whether two texts are one release.

Takes two titles with the words of their texts; returns how near the titles are and where they
contradict each other.  The words of a title are chosen to tell a release from its neighbours, so a
number, date or name that differs there counts for more than a page of common text.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from aggregator.dedupe.align import Alignment, Replacement, align
from aggregator.dedupe.names import spelled_alike
from aggregator.dedupe.tokens import Words, stem
from aggregator.dedupe.words import (
    PART_WORDS,
    Usage,
    as_written,
    content,
    has_day_and_figures,
    kind,
    number_at,
)

# Titles with this part of their words in common are one title edited, or of one template.
_NEAR = 0.5

_AHEAD = frozenset(
    "will upcoming ahead announces invites invitation advisory plans planned".split()
)
_OPENING = frozenset("begins begin opens open starts start launches kicks underway".split())
_CLOSING = frozenset(
    "concludes concluded ends ended closes closed completes completed wraps finishes after "
    "following visited returned returns attended hosted".split()
)
# The forms in which one event is written up, side by side.
_FORMS = frozenset(
    "statement speech remarks address transcript readout interview editorial op-ed opinion "
    "photos video agenda programme advisory invitation communique declaration doorstep "
    "factsheet summary report keynote lecture".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Why two titles are of two releases.

    ``always``: whatever the texts say; otherwise equal texts outweigh it.
    """

    rule: str
    reason: str
    always: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """How two titles relate; ``near`` titles are one edited, or of one template."""

    relation: Literal["same", "near", "other"]
    conflict: Conflict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Headed:
    """A text with its title, as words; ``use`` is of both together."""

    title: Words
    body: Words
    use: Usage


def compare_titles(one: Headed, other: Headed, *, ignoring: Collection[str] = ()) -> Titles:
    """Return how near two titles are that are not equal, and where they conflict.

    ``ignoring`` are the words of the agencies' own names.
    """
    alignment = align(one.title.keys, other.title.keys)
    shared = 2 * sum(run[2] for run in alignment.runs)
    near = shared >= _NEAR * (len(one.title) + len(other.title)) > 0
    sides = _Sides(one=one, other=other, near=near, alignment=alignment, ignoring=ignoring)
    conflict = next((found for look in _LOOKS for found in look(sides)), None)
    return Titles(relation="near" if near else "other", conflict=conflict)


def is_about(one: Headed) -> bool:
    """Whether a body belongs to its title and is not a notice under every title.

    It repeats words of its title, or names a day and figures.
    """
    meant = {stem(key) for key in content(one.title)}
    told = len(meant & one.body.stems)
    return told >= 2 or told * 4 >= len(meant) > 0 or has_day_and_figures(one.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    one: Headed
    other: Headed
    near: bool
    alignment: Alignment
    ignoring: Collection[str]

    def against(self, rule: str, here: str, there: str, *, always: bool) -> Conflict:
        reason = f"the titles differ in '{here}' against '{there}'"
        return Conflict(rule=rule, reason=reason, always=always)


def _numbers(sides: _Sides) -> Iterator[Conflict]:
    """Yield part 1 and part 2, 2023 and 2024, 14 arrests and 16."""
    here, there = _numbers_of(sides.one.title), _numbers_of(sides.other.title)
    only, only_there = here.keys() - there.keys(), there.keys() - here.keys()
    if only and only_there:
        yield sides.against(
            "title-number",
            " ".join(here[number] for number in sorted(only)),
            " ".join(there[number] for number in sorted(only_there)),
            always=sides.near,
        )
    parts, parts_there = _parts_of(sides.one.title), _parts_of(sides.other.title)
    if sides.near and parts != parts_there:
        reason = f"only one title names part {' '.join(sorted(parts ^ parts_there))}"
        yield Conflict(rule="title-part", reason=reason)


def _numbers_of(title: Words) -> dict[str, str]:
    found = ((number_at(title, at), at) for at in range(len(title)))
    return {number: title.raws[at] for number, at in found if number is not None}


def _parts_of(title: Words) -> set[str]:
    """Return the numbers after a word such as "part"."""
    found = (
        number_at(title, at) for at in range(1, len(title)) if title.keys[at - 1] in PART_WORDS
    )
    return {number for number in found if number is not None}


def _dates(sides: _Sides) -> Iterator[Conflict]:
    here = _kinds_missing(sides.one, sides.other)
    there = _kinds_missing(sides.other, sides.one)
    for sort in ("month", "weekday"):
        only = [at for at, kind_here in here.items() if kind_here == sort]
        rest = [at for at, kind_there in there.items() if kind_there == sort]
        if only and rest:
            yield sides.against(
                "title-date",
                as_written(sides.one.title, only),
                as_written(sides.other.title, rest),
                always=True,
            )


def _kinds_missing(text: Headed, other: Headed) -> dict[int, str]:
    """Return the kinds of the words, by place, that the other title does not have."""
    return {
        at: kind(text.title, at, text.use)
        for at, key in enumerate(text.title.keys)
        if key not in other.title.keys
    }


def _names(sides: _Sides) -> Iterator[Conflict]:
    """Yield a name in the place of a name, or other names that the other text does not have."""
    if not sides.near:
        whole = Replacement(
            first_from=0,
            first_to=len(sides.one.title),
            second_from=0,
            second_to=len(sides.other.title),
        )
        yield from _names_in(sides, whole)
        return
    for change in sides.alignment.replacements:
        yield from _names_in(sides, change)


def _names_in(sides: _Sides, change: Replacement) -> Iterator[Conflict]:
    here = _only(sides.one, sides.other, range(change.first_from, change.first_to), sides)
    there = _only(sides.other, sides.one, range(change.second_from, change.second_to), sides)
    names, sure = _names_among(sides.one, here)
    others, sure_there = _names_among(sides.other, there)
    one, other = sides.one, sides.other
    fresh = [at for at in names if not other.use.count(one.title.keys[at])]
    fresh_there = [at for at in others if not one.use.count(other.title.keys[at])]
    if not sides.near:
        names, others = fresh, fresh_there
    if not names or not others:
        return
    if any(
        spelled_alike(one.title.keys[at], other.title.keys[to]) for at in names for to in others
    ):
        return
    told = not fresh and not fresh_there
    yield sides.against(
        "title-name",
        as_written(one.title, names),
        as_written(other.title, others),
        always=sides.near and sure and sure_there and not told,
    )


def _only(text: Headed, other: Headed, places: Sequence[int], sides: _Sides) -> list[int]:
    """Return the places whose word the other title does not have in any form."""
    return [
        at
        for at in places
        if stem(text.title.keys[at]) not in other.title.stems
        and text.title.keys[at] not in sides.ignoring
    ]


def _names_among(text: Headed, places: Sequence[int]) -> tuple[list[int], bool]:
    """Return the places of names, and whether one of them is certainly a name."""
    kinds = {at: _kind_in_title(text, at) for at in places}
    found = [at for at, sort in kinds.items() if sort in ("name", "perhaps")]
    return found, "name" in kinds.values()


def _kind_in_title(text: Headed, place: int) -> str:
    sort = kind(text.title, place, text.use)
    if sort != "name" or not text.title.in_title_case:
        return sort
    key = text.title.keys[place]
    if key in text.use.lower:
        return "word"
    return "name" if key in text.use.capital else "perhaps"


def _told_words(sides: _Sides) -> Iterator[Conflict]:
    """Yield a word of each title that its own text uses and the other text does not.

    These are the ministers of health and the ministers of finance.
    """
    here = _told(sides.one, sides.other)
    there = _told(sides.other, sides.one)
    if here and there:
        yield sides.against("title-word", here[0], there[0], always=sides.near)


def _told(text: Headed, other: Headed) -> list[str]:
    known = other.title.stems | other.body.stems
    told = text.body.stems - known
    return [key for key in content(text.title) if stem(key) in told]


def _phases(sides: _Sides) -> Iterator[Conflict]:
    """Yield what is planned and what is over: "to visit" and "concludes visit"."""
    here, there = _phase_of(sides.one.title), _phase_of(sides.other.title)
    for sort, word in here.items():
        for another, other_word in there.items():
            if sort not in there and another not in here:
                over = "closing" in (sort, another)
                yield sides.against("title-phase", word, other_word, always=over)


def _phase_of(title: Words) -> dict[str, str]:
    found: dict[str, str] = {}
    for at, (key, raw) in enumerate(zip(title.keys, title.raws, strict=True)):
        if key in _AHEAD or _is_infinitive(title, at):
            found.setdefault("ahead", raw)
        elif key in _OPENING:
            found.setdefault("opening", raw)
        elif key in _CLOSING:
            found.setdefault("closing", raw)
    return found


def _is_infinitive(title: Words, at: int) -> bool:
    """Whether this is the "visit" of "Secretary General to visit France"."""
    if not 1 < at < len(title) - 1 or title.keys[at - 1] != "to":
        return False
    return title.raws[at].islower() and title.raws[at - 2][0].isupper()


def _forms(sides: _Sides) -> Iterator[Conflict]:
    here = _FORMS.intersection(sides.one.title.keys)
    there = _FORMS.intersection(sides.other.title.keys)
    only, only_there = here - there, there - here
    if only and only_there:
        yield sides.against("title-form", min(only), min(only_there), always=False)


_LOOKS = (_numbers, _dates, _names, _told_words, _phases, _forms)
