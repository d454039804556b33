"""Compare two texts exactly: are they one release, or two?

Takes two texts; returns a verdict with a rule and a reason that a person can read.  Looks nothing
up.  The verdict is the same whichever text is called new.

Press offices write by template, so words in common prove little.  An edit changes some words
anywhere and leaves the names, dates and figures that make the event what it is.  A template puts a
name in the place of a name and a date in the place of a date, and the same one everywhere.  In
doubt two texts are different: a surplus entry can be merged by hand, a lost one is not missed.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from aggregator.dedupe.pair import (
    Overlap,
    Pair,
    Text,
    days_apart,
    language_of,
    opening,
    overlap,
    pair_of,
)
from aggregator.dedupe.sketch import comparison_key, title_key
from aggregator.dedupe.slips import corrected
from aggregator.dedupe.stages import compare_stages
from aggregator.dedupe.swaps import Differences
from aggregator.dedupe.titles import is_about
from aggregator.dedupe.tokens import reads_as, share_at_most
from aggregator.dedupe.words import content, figures

__all__ = ["Text", "Verdict", "VerdictKind", "compare"]

VerdictKind = Literal["same", "truncated", "revision", "near-duplicate", "different"]

# Fewer words than this can agree by chance or by template: nothing but equality merges them.
_FEW_WORDS = 12
# A body with fewer words cannot identify a release whose title changed.
_ENOUGH_WORDS = 30
_LIST_MARK = re.compile(r"^[^\S\n]*[•◦▪‣·*–—-][^\S\n]+", re.MULTILINE)
# The part of two whole texts that must agree: one word in ten edited leaves about 0.9.
_ALIKE = {"same": 0.80, "near": 0.84, "other": 0.92}
# The part of the shorter text that the longer one must contain, where words were only added.
_HELD = 0.97
# The part of a cut text that must be the beginning of the whole one.
_BEGINS = 0.80
# Every rule that merges needs four words in five of the shorter text.  Words alone, in any order,
# are counted quickly; the margin is for words cut in half and the like.
_SHARED = 0.75
# Below this, texts whose titles conflict are not "equal but for a slip".
_NEARLY_EQUAL = 0.97
# A title with so few words that carry meaning ("Media advisory") identifies nothing.
_GENERIC_TITLE = 2
# A template replaces a name by a name in one change of four, random edits in one of 40.
_NAMES = 0.25
# The rules that one corrected name, day or figure can trigger.
_ONE_FACT = frozenset(
    "dates-swapped names-swapped figures-swapped swapped-throughout title-number".split()
)

# Characters of a reason, which quotes words of the texts.
_LONGEST_REASON = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What two texts are to each other; ``score``, from 0 to 1, is the part of them that agrees."""

    kind: VerdictKind
    score: float
    rule: str
    reason: str


def compare(new: Text, old: Text, *, agency_names: Collection[str] = ()) -> Verdict:
    """Return whether two texts are one release.

    ``agency_names`` are further names and aliases that a site puts before or after a title.  Raises
    nothing, whatever the texts; takes time in proportion to their lengths.
    """
    most = share_at_most(new.body, old.body)
    names = frozenset((*agency_names, new.agency, old.agency))
    # Equal texts share all their words, where they have any.
    may_be_equal = most >= _SHARED or most == 0.0
    if may_be_equal and (verdict := _equal(new, old, names)):
        return verdict
    if verdict := _stated_apart(new, old):
        return verdict
    if most < _SHARED:
        return _different(most, "unlike", "the texts have few words in common")
    one, other = sorted((new, old), key=_order)
    pair = pair_of(one, other, names)
    verdict = _compared(pair, one.agency == other.agency, most)
    if verdict.kind != "different" and (stages := compare_stages(pair.one, pair.other, pair.cut)):
        nearly_equal = verdict.score >= _NEARLY_EQUAL and verdict.rule != "figures"
        if stages.always or not nearly_equal:
            return _different(verdict.score, stages.rule, stages.reason)
    may_be_slip = verdict.rule in _ONE_FACT and one.agency == other.agency and not pair.cut
    if may_be_slip and (found := corrected(pair)):
        return _merged("revision", most, "slip", f"one fact was corrected: {found}")
    if verdict.rule == "equal-words" and _signs(one, names) != _signs(other, names):
        # "-5" and "5", "C++" and "C" are the same words, and a comma can be the whole edit.
        reason = "the words are equal, the signs between them are not"
        return _merged("revision", verdict.score, "signs", reason)
    return verdict


def _compared(pair: Pair, same_agency: bool, most: float) -> Verdict:
    conflict = pair.titles.conflict
    if conflict and conflict.always:
        return _different(most, conflict.rule, conflict.reason)
    cut = _begins(pair) if pair.cut else None
    return cut or _edited(pair, same_agency)


def _signs(text: Text, names: Collection[str]) -> tuple[str, str]:
    """Return title and body with all their signs except white space and list marks."""
    parts = title_key(text.title, names), comparison_key(_LIST_MARK.sub("", text.body))
    return "".join(parts[0].split()), "".join(parts[1].split())


def _order(text: Text) -> tuple[str, ...]:
    """Any total order serves: the verdict must not depend on which text is called new."""
    parts = (text.truncated, text.earliest, text.latest, text.language)
    return (text.body, text.title, text.agency, *map(str, parts))


def _equal(one: Text, other: Text, names: Collection[str]) -> Verdict | None:
    key = reads_as(one.body)
    if key != reads_as(other.body):
        return None
    if title_key(one.title, names) != title_key(other.title, names):
        return None
    length = len(key.split())
    if days_apart(one, other) > 1 and length < _ENOUGH_WORDS:
        return _different(1.0, "dates-apart", "a short text, used again on another day")
    if one.agency == other.agency:
        return _merged("same", 1.0, "equal", "title and text are equal")
    if length < _FEW_WORDS:
        return _different(1.0, "little-text", "two agencies, and too little text to tell")
    return _merged("near-duplicate", 1.0, "carried", "another agency carries the same text")


def _stated_apart(new: Text, old: Text) -> Verdict | None:
    here, there = language_of(new), language_of(old)
    if here and there and here != there:
        here, there = map(language_of, sorted((new, old), key=_order))
        return _different(0.0, "language", f"one text is in '{here}', the other in '{there}'")
    return None


def _begins(pair: Pair) -> Verdict | None:
    """Return the verdict if the one text is the beginning of the other, None if it is not."""
    shared = opening(pair)
    score = min(1.0, shared.held)
    length = len(pair.one.body)
    if pair.titles.relation == "same":
        enough = score >= (_BEGINS if length >= _FEW_WORDS else 1.0)
    else:
        enough = score >= _HELD and length >= _ENOUGH_WORDS and _is_retitled(pair)
    if not enough:
        return None
    if sign := _template(pair, shared.found):
        return _different(score, *sign)
    return _merged("truncated", score, "cut", "one text is how the other begins, cut short")


def _is_retitled(pair: Pair) -> bool:
    return pair.titles.conflict is None and (is_about(pair.one) or is_about(pair.other))


def _edited(pair: Pair, same_agency: bool) -> Verdict:
    """Return the verdict on whether the one text is the other, edited."""
    shared = overlap(pair)
    score = min(1.0, shared.alike)
    conflict = pair.titles.conflict
    if conflict and (score < _NEARLY_EQUAL or shared.found.swaps):
        return _different(score, conflict.rule, conflict.reason)
    if sign := _template(pair, shared.found):
        return _different(score, *sign)
    if reason := _too_little(pair, shared):
        return _different(score, "little-text", reason)
    if not _alike_enough(pair, shared):
        return _different(score, "unlike", "too much of the texts differs for an edit")
    if not same_agency:
        return _merged("near-duplicate", score, "carried", "another agency carries the text")
    return _revision(pair, shared, score)


def _template(pair: Pair, found: Differences) -> tuple[str, str] | None:
    """Return the sign, if any, that these are one template filled in twice: rule and reason."""
    for swap in found.of("date", "year"):
        return "dates-swapped", f"the texts differ in '{swap.first}' against '{swap.second}'"
    mostly_words = 2 * len(found.of("word")) > found.passages
    for swap in found.swaps:
        against = f"'{swap.first}' against '{swap.second}'"
        # An ordinary word may be replaced everywhere by an editor, but hardly nothing else.
        if swap.throughout and (swap.kind != "word" or mostly_words):
            return "swapped-throughout", f"one text has everywhere {against}"
        if swap.label:
            return "figures-name", f"the texts are of two things: {against}"
    return _names(pair, found) or _figures(pair, found)


def _names(pair: Pair, found: Differences) -> tuple[str, str] | None:
    names = sorted(found.of("name"), key=lambda swap: -swap.weight)
    sure = sum(swap.weight for swap in names)
    limit = _NAMES if pair.titles.relation == "same" and not _is_generic(pair) else _NAMES / 2
    share = sure / max(1, found.passages)
    if share > limit or (sure >= 3 and share > limit / 2):
        return (
            "names-swapped",
            f"the texts differ in '{names[0].first}' against '{names[0].second}'",
        )
    return None


def _figures(pair: Pair, found: Differences) -> tuple[str, str] | None:
    """A figure or two corrected is an edit; most of them, or in a text that says little else or
    has another title or day, is the next report of a series.
    """
    swapped = found.of("figure")
    if not swapped:
        return None
    series = (
        len(swapped) * 2 > max(2, figures(pair.one.body))
        or len(pair.one.body) < _ENOUGH_WORDS
        or pair.titles.relation != "same"
        or pair.days_apart > 1
    )
    against = f"'{swapped[0].first}' against '{swapped[0].second}'"
    return ("figures-swapped", f"the figures differ as in a series: {against}") if series else None


def _too_little(pair: Pair, shared: Overlap) -> str | None:
    least = _FEW_WORDS if pair.titles.relation == "same" else _ENOUGH_WORDS
    if shared.common < least:
        return "too little is shared that is not boilerplate"
    if pair.titles.relation != "same" and not (is_about(pair.one) or is_about(pair.other)):
        return "the titles differ, and the text speaks of neither"
    return None


def _alike_enough(pair: Pair, shared: Overlap) -> bool:
    relation = pair.titles.relation
    if relation == "same" and _is_generic(pair):
        relation = "near"
    if pair.days_apart > 1:
        return relation == "same" and shared.held >= _HELD and not shared.found.swaps
    if shared.alike >= _ALIKE[relation]:
        return True
    added_to = shared.held >= _HELD and (relation == "same" or shared.alike >= 0.5)
    return added_to or (relation == "same" and shared.held >= 0.9 and shared.alike >= 0.6)


def _is_generic(pair: Pair) -> bool:
    return len(set(content(pair.one.title))) <= _GENERIC_TITLE


def _revision(pair: Pair, shared: Overlap, score: float) -> Verdict:
    if not shared.found.passages and shared.found.moved:
        return _merged("revision", score, "reordered", "the same words, passages moved")
    if not shared.found.passages:
        if pair.titles.relation == "same":
            return _merged(
                "same", score, "equal-words", "the same but for white space and marks of lists"
            )
        return _merged("revision", score, "retitled", "the text is equal, the title changed")
    if swapped := shared.found.of("figure"):
        reason = f"corrected: '{swapped[0].first}' against '{swapped[0].second}'"
        return _merged("revision", score, "figures", reason)
    if shared.held >= _HELD and shared.alike < _HELD:
        return _merged("revision", score, "extended", "one text is the other with more added")
    places = shared.found.passages
    where = "1 place" if places == 1 else f"{places} places"
    return _merged("revision", score, "edited", f"the text was edited in {where}")


def _merged(kind: VerdictKind, score: float, rule: str, reason: str) -> Verdict:
    return Verdict(kind=kind, score=round(score, 4), rule=rule, reason=_cut(reason))


def _different(score: float, rule: str, reason: str) -> Verdict:
    score = round(min(1.0, score), 4)
    return Verdict(kind="different", score=score, rule=rule, reason=_cut(reason))


def _cut(reason: str) -> str:
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}…"
