"""Decide which entry, if any, a text belongs to.

Takes a text and candidates with their texts; returns a decision that names one of the candidates,
or none.  Changes nothing; ``ingest.apply`` carries decisions out.  The order of the candidates does
not matter.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from aggregator.dedupe.compare import Text, Verdict, compare
from aggregator.model import How

K = TypeVar("K")

BEST_FIRST = ("same", "truncated", "revision", "near-duplicate")
"""The kinds of verdicts that merge, the surest first."""

_ONE_FACT = ("figures", "slip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Generic[K]):
    """What a text is to the entry ``target``, or that it is ``new`` and has no target.

    ``how``: ``same``, the entry has this text; ``truncated``, one of both is the other cut short;
    ``revision``, the entry's text, edited; ``near-duplicate``, the entry's text by way of another
    agency.  ``score`` is from 0 to 1.  Score and reason of a new text are of the nearest candidate.
    """

    how: How
    rule: str
    score: float
    reason: str
    target: K | None = None


def decide(
    new: Text,
    candidates: Sequence[tuple[K, Text]],
    *,
    agency_names: Collection[str] = (),
) -> Decision[K]:
    """Return the decision for the best of the candidates, which are keys of entries with a text.

    An equal text wins over a cut one, that over an edited one, that over another agency's; then
    the higher score wins, then the key (by ``repr``), so that the order of candidates decides
    nothing.  A key may come more than once, with several texts.
    """
    compared = [(key, compare(new, text, agency_names=agency_names)) for key, text in candidates]
    merges = [(key, verdict) for key, verdict in compared if verdict.kind != "different"]
    if not merges:
        return _new([verdict for _, verdict in compared])
    best, verdict = min(merges, key=_rank)
    if reason := _in_doubt(verdict, [other for other in merges if other[0] != best]):
        return Decision(how="new", rule="in-doubt", score=verdict.score, reason=reason)
    return decision_of(best, verdict)


def decision_of(target: K, verdict: Verdict) -> Decision[K]:
    """Return the decision that follows from a verdict on a text of the entry ``target``."""
    rule, score, reason = verdict.rule, verdict.score, verdict.reason
    if verdict.kind == "different":
        return Decision(how="new", rule=rule, score=score, reason=reason)
    return Decision(how=verdict.kind, target=target, rule=rule, score=score, reason=reason)


def _rank(candidate: tuple[K, Verdict]) -> tuple[int, float, str]:
    key, verdict = candidate
    return (BEST_FIRST.index(verdict.kind), -verdict.score, repr(key))


def _new(verdicts: Sequence[Verdict]) -> Decision[K]:
    if not verdicts:
        reason = "nothing known shares its words"
        return Decision(how="new", rule="no-candidates", score=0.0, reason=reason)
    nearest = min(verdicts, key=lambda verdict: (-verdict.score, verdict.rule, verdict.reason))
    return Decision(how="new", rule=nearest.rule, score=nearest.score, reason=nearest.reason)


def _in_doubt(best: Verdict, others: Sequence[tuple[K, Verdict]]) -> str | None:
    """Return why the best candidate may be the wrong one, if so.

    Several entries that differ from the text in a figure each are a series, and the text is the
    next of it.  A cut text with which two entries begin may be either.
    """
    if best.rule in _ONE_FACT and any(verdict.rule in _ONE_FACT for _, verdict in others):
        return "several entries differ from it in one fact each: a series"
    if best.kind == "truncated" and any(
        verdict.kind == "truncated" and verdict.score >= best.score for _, verdict in others
    ):
        return "two entries begin alike, and it may be of either"
    return None
