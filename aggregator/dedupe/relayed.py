"""Decide on the items of another Aggregator, where its word counts more or less than a feed's.

Takes a ``Lookup`` of one with its items, and decisions; returns decisions.  The ids of such a
source are permanent and of all sources (``docs/decisions/federation.md``): its item is the entry of
its id, but only an entry that came from this source, and from no other, may change by it.
"""

from collections.abc import Sequence
from dataclasses import replace

from aggregator.dedupe import upstream
from aggregator.dedupe.decide import Decision, decision_of
from aggregator.dedupe.items import NOTED, Lookup, NewSighting, Prepared

_REASON = "another source has this entry, and what an aggregator says of it changes nothing"
_OWN_ID = "its aggregator has the same id for it"


def decide_by_id(p: Prepared, entry: int, lookup: Lookup) -> Decision[int]:
    """Return what ``p``, whose id ``entry`` has, is to it; without a target, it is not that entry.

    An entry of its own source is the one that has its id, whatever the text.  Of another's it has
    to be of the same agency, and to have part of the text: an id alone can be claimed by anybody.
    """
    texts = [stored.text for stored in lookup.texts[entry]]
    is_own = entry in lookup.owned
    verdict = upstream.compare_by_id(p.text, texts, p.entry.agency.names)
    decision = decision_of(entry, verdict)
    if decision.target is None and is_own:
        return Decision(
            target=entry, how="revision", rule="same-id", score=verdict.score, reason=_OWN_ID
        )
    if not is_own and p.entry.agency.id not in {text.agency for text in texts}:
        reason = "another source's entry of another agency has its id"
        return Decision(how="new", rule="id-reused", score=0.0, reason=reason)
    return decision


def with_noted(sightings: Sequence[NewSighting], lookup: Lookup) -> list[NewSighting]:
    """Return decisions with those that add nothing marked: of entries that others have too."""
    added = {s.entry for s in sightings if s.decision.how == "new"}
    return [s if s.entry in lookup.owned | added else _noted(s, lookup) for s in sightings]


def _noted(sighting: NewSighting, lookup: Lookup) -> NewSighting:
    """Return a sighting of the entry's current text, with nothing of its own."""
    decision, p = sighting.decision, sighting.prepared
    held = lookup.texts.get(sighting.entry)
    return replace(
        sighting,
        decision=Decision(
            target=decision.target, how="same", rule=NOTED, score=decision.score, reason=_REASON
        ),
        fingerprint=held[0].fingerprint if held else sighting.fingerprint,
        prepared=replace(
            p,
            entry=replace(p.entry, links=(), authors=(), updated=None, evidence=()),
            pages=(),
            terms=(),
        ),
    )
