"""Which entry, if any, a text belongs to.

Takes a text and the candidates an index found for it; gives a decision that names one of them, or
none. Changes nothing: the store acts on what is decided here. The order of the candidates does
not matter.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from aggregator.dedupe.compare import Boilerplate, Text, Verdict, compare

K = TypeVar("K")

_BEST_FIRST = ("same", "truncated", "revision", "near-duplicate")


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """The text is none of the candidates; `score` and `reason` are of the nearest, if any."""

    rule: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Merge(Generic[K]):
    target: K
    rule: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Same(_Merge[K]):
    """The entry `target` has this text already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated(_Merge[K]):
    """The text is that of `target` cut short, or the other way about; the longer one holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(_Merge[K]):
    """The text is that of `target`, edited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicate(_Merge[K]):
    """The text is that of `target` by way of another agency."""


Decision = New | Same[K] | Truncated[K] | Revision[K] | NearDuplicate[K]


def decide(
    new: Text,
    candidates: Sequence[tuple[K, Text]],
    *,
    boilerplate: Boilerplate | None = None,
    agency_names: Collection[str] = (),
) -> Decision[K]:
    """The best of the candidates, which are keys of entries with the text each has now.

    An equal text wins over a cut one, that over an edited one, that over another agency's; then
    the higher score; then, so that the order in which candidates come decides nothing, the key
    (by `repr`). A key may come more than once, with several texts.
    """
    compared = [
        (key, compare(new, text, boilerplate=boilerplate, agency_names=agency_names))
        for key, text in candidates
    ]
    merges = [(key, verdict) for key, verdict in compared if verdict.kind != "different"]
    if not merges:
        return _new([verdict for _, verdict in compared])
    best, verdict = min(merges, key=_rank)
    if reason := _in_doubt(verdict, [other for other in merges if other[0] != best]):
        return New(rule="in-doubt", score=verdict.score, reason=reason)
    return as_decision(best, verdict)


def _rank(candidate: tuple[K, Verdict]) -> tuple[int, float, str]:
    key, verdict = candidate
    return (_BEST_FIRST.index(verdict.kind), -verdict.score, repr(key))


def _new(verdicts: Sequence[Verdict]) -> New:
    if not verdicts:
        return New(rule="no-candidates", score=0.0, reason="nothing known shares its words")
    nearest = min(verdicts, key=lambda verdict: (-verdict.score, verdict.rule, verdict.reason))
    return New(rule=nearest.rule, score=nearest.score, reason=nearest.reason)


def _in_doubt(best: Verdict, others: Sequence[tuple[K, Verdict]]) -> str | None:
    """Entries that stand side by side and differ from the text in a figure each are a series, and
    it is the next one; a cut text that begins two entries alike may be of either.
    """
    if best.rule == "figures" and any(verdict.rule == "figures" for _, verdict in others):
        return "several entries differ from it in figures only: a series"
    if best.kind == "truncated" and any(
        verdict.kind == "truncated" and verdict.score >= best.score for _, verdict in others
    ):
        return "two entries begin alike, and it may be of either"
    return None


def as_decision(target: K, verdict: Verdict) -> Decision[K]:
    """What follows from a verdict on the text of the entry `target`."""
    rule, score, reason = verdict.rule, verdict.score, verdict.reason
    if verdict.kind == "same":
        return Same(target=target, rule=rule, score=score, reason=reason)
    if verdict.kind == "truncated":
        return Truncated(target=target, rule=rule, score=score, reason=reason)
    if verdict.kind == "revision":
        return Revision(target=target, rule=rule, score=score, reason=reason)
    if verdict.kind == "different":
        return New(rule=rule, score=score, reason=reason)
    return NearDuplicate(target=target, rule=rule, score=score, reason=reason)
