"""Decide what each item of a document is: the same as an entry, a version of one, or new.

Takes what the store knows about the items (``Lookup``); returns a decision with its reason for
each.  Asks nothing and changes nothing.  An item is recognised by the id that its feed gives it,
by its very text, by words in common, by the page that it links to, by its title, and by the place
that it takes in its feed; the first of these that applies decides.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from typing import Literal

from aggregator.dedupe import relayed, upstream
from aggregator.dedupe.added import Added
from aggregator.dedupe.compare import Verdict, compare
from aggregator.dedupe.corrections import Stated, without_counters
from aggregator.dedupe.decide import Decision, decide, decision_of
from aggregator.dedupe.items import (
    ItemKey,
    Lookup,
    NewSighting,
    Prepared,
    SeenText,
    StoredText,
    TextKey,
)
from aggregator.dedupe.relisted import relisted
from aggregator.dedupe.sketch import MAX_CANDIDATES, fingerprint

COPIES = ("same", "truncated", "near-duplicate")
"""What may be in one document beside the entry it belongs to: a copy, cut or carried."""

_SAME_TEXT = "title and text are equal"
_OTHER_COUNTERS = "its feed gives it the same id, and only counters of readers changed"
_CORRECTED = "its feed gives it the same id and words, and another link, picture, date or markup"


def decide_document(lookup: Lookup) -> list[NewSighting]:
    """Return a decision for each of the items of ``lookup``, in their order.

    An item whose text was seen before is the same.  The others are compared with similar entries,
    but not with entries that the document contains anyway: a document that lists two texts side by
    side lists two releases.
    """
    known = _recognise(lookup)
    unknown = list({p.item_key: p for p in lookup.items if not known.knows(p)}.values())
    present = known.present
    decisions = dict(known.decisions)
    decisions.update({p.item_key: _by_words(p, lookup, known, present) for p in unknown})
    left = [p for p in unknown if decisions[p.item_key].target is None]
    decisions.update(_by_page_or_title(left, lookup, known, present))
    left = [p for p in left if decisions[p.item_key].target is None]
    claimed = {d.target for d in decisions.values() if d.target is not None}
    decisions.update(relisted(left, lookup, present | claimed))
    for key, (_, reason) in known.barred.items():
        if key in decisions and decisions[key].target is None:
            decisions[key] = reason
    assigned = _assign_entries(lookup, known, decisions)
    return relayed.with_noted(assigned, lookup) if lookup.is_relayed else assigned


def listed_apart(lookup: Lookup) -> list[tuple[int, int]]:
    """Return entries and sightings of texts that were merged, and that the document lists apart.

    Had the document come first, they would be two entries, which they have to become.  The text
    that founded the entry stays.
    """
    known = _recognise(lookup)
    listed: dict[int, set[str]] = {}
    for p in lookup.items:
        if p.item_key in known.texts and not p.entry.truncated and not p.entry.is_summary:
            listed.setdefault(known.texts[p.item_key], set()).add(p.fingerprint)
    found = {
        (entry, fingerprint): lookup.revisions[entry, fingerprint]
        for entry, fingerprints in listed.items()
        if len(fingerprints) > 1
        for fingerprint in fingerprints
        if (entry, fingerprint) in lookup.revisions
    }
    apart = {**found, **lookup.relisted_beside}
    return sorted((entry, sighting) for (entry, _), sighting in apart.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recognised:
    """The items that need no comparison with similar texts.

    ``texts``: the entries that had the very text.  ``decisions``: what follows from a feed's ids.
    ``barred``: entries that an item is not, although its text or id was theirs, and why.  ``seen``:
    where the source's feeds had a text.
    """

    kept_apart: frozenset[tuple[str, int]]
    texts: dict[ItemKey, int] = field(default_factory=dict)
    decisions: dict[ItemKey, Decision[int]] = field(default_factory=dict)
    barred: dict[ItemKey, tuple[tuple[Collection[int], ...], Decision[int]]] = field(
        default_factory=dict
    )
    seen: dict[TextKey, "_Seen"] = field(default_factory=dict)

    @property
    def present(self) -> set[int]:
        """The entries that the document contains in any case."""
        targets = (decision.target for decision in self.decisions.values())
        return {*self.texts.values(), *(target for target in targets if target is not None)}

    def knows(self, p: Prepared) -> bool:
        return p.item_key in self.texts or p.item_key in self.decisions

    def bars(self, p: Prepared, entry: int) -> bool:
        """Whether ``p`` must not become ``entry``."""
        barred, _ = self.barred.get(p.item_key, ((), None))
        is_apart = (p.fingerprint, entry) in self.kept_apart
        return is_apart or any(entry in entries for entries in barred)

    def bar(self, p: Prepared, entries: Collection[int], reason: Decision[int]) -> None:
        """Keep ``p`` from becoming one of ``entries``; the first reason counts."""
        barred, first = self.barred.get(p.item_key, ((), reason))
        self.barred[p.item_key] = (*barred, entries), first


class _Seen:
    """The entries with which the source's feeds had one text, found by its days and pages.

    A feed may list a few words under thousands of ids.
    """

    def __init__(self, seen: Sequence[SeenText]) -> None:
        self.entries = frozenset(each.entry for each in seen)
        self._seen = seen
        self._places: dict[upstream.SeenKey, list[int]] = {}
        for place, each in enumerate(seen):
            for key in upstream.keys_seen(each.days, upstream.places(each.pages)):
                self._places.setdefault(key, []).append(place)

    def again(self, p: Prepared) -> Iterator[int]:
        """Yield the entries that ``p`` may be, in the order of what was seen."""
        keys = upstream.keys_again(p.text, upstream.places(p.own_pages))
        for place in merge(*(self._places.get(key, ()) for key in keys)):
            yield self._seen[place].entry


def _recognise(lookup: Lookup) -> _Recognised:
    known = _Recognised(kept_apart=lookup.kept_apart)
    for p in lookup.items:
        _recognise_id(p, lookup, known)
    for p in lookup.items:
        if not known.knows(p):
            _recognise_text(p, lookup, known)
    return known


def _recognise_id(p: Prepared, lookup: Lookup, known: _Recognised) -> None:
    """Note what follows from a feed's id: the entry that it meant before, or that it no longer
    does.
    """
    entry = lookup.entry_with_id(p)
    if entry is None:
        return
    if lookup.has_text(entry, p):
        known.texts[p.item_key] = entry
        return
    if _with_other_counters(p, lookup.texts[entry]) is not None:
        known.decisions[p.item_key] = Decision(
            target=entry, how="same", rule="counter", score=1.0, reason=_OTHER_COUNTERS
        )
        return
    if lookup.is_relayed:
        decision = relayed.decide_by_id(p, entry, lookup)
    else:
        held = [stored.text for stored in lookup.texts[entry]]
        verdict = upstream.compare_by_id(p.text, held, p.entry.agency.names)
        decision = decision_of(entry, verdict)
    if decision.target is None:
        known.bar(p, {entry}, decision)
    else:
        known.decisions[p.item_key] = decision


def _recognise_text(p: Prepared, lookup: Lookup, known: _Recognised) -> None:
    """Note the entry that had the very text.

    A feed that has listed a short text before may mean another release by it.
    """
    entry = lookup.entry_with_text(p)
    if entry is None:
        return
    listed = lookup.in_source.get(p.text_key, ()) if p.is_of_feed else ()
    if not listed:
        known.texts[p.item_key] = entry
        return
    seen = known.seen.get(p.text_key)
    if seen is None:
        seen = known.seen[p.text_key] = _Seen(listed)
    again = (entry for entry in seen.again(p) if not known.bars(p, entry))
    if (same := next(again, None)) is not None:
        known.texts[p.item_key] = same
    else:
        reason = "its feed gives the same few words another id, and another day or page"
        why: Decision[int] = Decision(how="new", rule="listed-twice", score=1.0, reason=reason)
        known.bar(p, seen.entries, why)


def _by_words(
    p: Prepared, lookup: Lookup, known: _Recognised, present: Collection[int]
) -> Decision[int]:
    similar = [
        entry
        for entry in lookup.similar[p.item_key]
        if entry not in present and not known.bars(p, entry)
        # Another Aggregator compared its own entries itself.
        if not (lookup.is_relayed and entry in lookup.of_source)
    ]
    candidates = [
        (entry, stored.text) for entry in similar[:MAX_CANDIDATES] for stored in lookup.texts[entry]
    ]
    return decide(p.text, candidates, agency_names=p.entry.agency.names)


def _by_page_or_title(
    items: Sequence[Prepared], lookup: Lookup, known: _Recognised, present: set[int]
) -> dict[ItemKey, Decision[int]]:
    """Return decisions for items that an entry of another source is, by its page or its title."""
    excluded = present | lookup.of_source
    decisions: dict[ItemKey, Decision[int]] = {}
    for p in items:
        verdicts = [
            (entry, verdict)
            for entry, by in page_or_title_matches(p, lookup)
            if entry not in excluded and not known.bars(p, entry)
            for stored in lookup.texts[entry]
            if (verdict := _compare_by(by, p, stored)) is not None
        ]
        if verdicts:
            best = min(verdicts, key=lambda pair: (pair[1].rule, -pair[1].score, pair[0]))
            decisions[p.item_key] = decision_of(*best)
    return decisions


def page_or_title_matches(
    p: Prepared, lookup: Lookup
) -> list[tuple[int, Literal["page", "title"]]]:
    """Return the entries with the page or the title of ``p``, and which of both it is.

    A page that several entries link to belongs to none of them.
    """
    on = [(entry, "page") for page in p.own_pages for entry in lookup.by_page.get(page, ())[:2]]
    titled = lookup.by_title.get(p.entry.title, ())[:MAX_CANDIDATES]
    return sorted({*(on if len(on) == 1 else ()), *((entry, "title") for entry in titled)})


def _compare_by(by: Literal["page", "title"], p: Prepared, stored: StoredText) -> Verdict | None:
    rule = upstream.compare_by_page if by == "page" else upstream.compare_by_title
    return rule(p.text, stored.text, p.entry.agency.names)


def _assign_entries(
    lookup: Lookup, known: _Recognised, decisions: Mapping[ItemKey, Decision[int]]
) -> list[NewSighting]:
    """Return each item with its entry.

    Of several items that claim one entry the best gets it, first of all one with its id.  The
    others are new, unless they are copies of an entry that the document adds.
    """
    best = _best_claims(known, decisions)
    entries = dict(known.texts)
    added = Added()
    free = lookup.next_key
    seen: set[ItemKey] = set()
    sightings: list[NewSighting] = []
    for p in lookup.items:
        key = p.item_key
        if key in entries:
            decision = _same(entries[key])
            if key not in seen and (stated := lookup.correction(p, entries[key])) is not None:
                decision = replace(
                    _same(entries[key]), how="revision", rule="corrected", reason=_CORRECTED
                )
                p = _corrected(p, stated)
        else:
            decision = decisions[key]
            if decision.target is not None and best[decision.target] != key:
                reason = "another item of its document is nearer to the entry it resembles"
                decision = Decision(how="new", rule="outdone", score=decision.score, reason=reason)
            if decision.target is None:
                decision = _copy_of_added(p, added) or decision
        if decision.target is None:
            entry, free = free, free + 1
            added.add(entry, p)
        else:
            entry = decision.target
        entries[key] = entry
        seen.add(key)
        text = _text_of_entry(p, decision, lookup, added)
        sightings.append(NewSighting(prepared=p, decision=decision, entry=entry, fingerprint=text))
    return sightings


def _best_claims(
    known: _Recognised, decisions: Mapping[ItemKey, Decision[int]]
) -> dict[int, ItemKey]:
    """Return the item that gets each entry."""
    claims: dict[int, tuple[bool, float, ItemKey]] = {}
    for key, decision in decisions.items():
        if decision.target is not None:
            claim = key in known.decisions, decision.score, key
            claims[decision.target] = max(claims.get(decision.target, claim), claim)
    return {entry: key for entry, (*_, key) in claims.items()}


def _same(entry: int) -> Decision[int]:
    return Decision(target=entry, how="same", rule="identical", score=1.0, reason=_SAME_TEXT)


def _corrected(p: Prepared, stated: Stated) -> Prepared:
    """Return ``p`` with a fingerprint that it alone has: a text may return to an earlier form."""
    own = p.entry
    links = "\n".join(f"{link.rel} {link.href}" for link in own.links)
    form = f"{p.fingerprint}\n{own.title}\n{own.content_html}\n{links}\n{p.stated_day}"
    return replace(p, fingerprint=fingerprint(stated.fingerprint, form))


def _with_other_counters(p: Prepared, texts: Sequence[StoredText]) -> StoredText | None:
    """Return the text that ``p`` has apart from lines that count its readers."""
    bare = without_counters(p.entry.text)
    if bare == p.entry.text:
        return None
    for stored in texts:
        if stored.text.title == p.entry.title and without_counters(stored.text.body) == bare:
            return stored
    return None


def _copy_of_added(p: Prepared, added: Added) -> Decision[int] | None:
    """Return the decision that ``p`` copies an entry of the same document: carried, or cut.

    Items with different ids of their feed are copies only if their texts are equal, and those of
    another Aggregator never.
    """
    if added.excludes(p) or p.relayed is not None:
        return None
    similar = added.similar(p)
    candidates = [(entry, other.text) for entry, other in similar if not _differ_in_id(p, other)]
    decision = decide(p.text, candidates, agency_names=p.entry.agency.names)
    if decision.how in COPIES:
        return decision
    for entry, other in similar:
        if _differ_in_id(p, other) and p.fingerprint == other.fingerprint and _repeats(p, other):
            return _same(entry)
    return None


def _differ_in_id(p: Prepared, other: Prepared) -> bool:
    return p.key is not None and other.key is not None and p.key != other.key


def _repeats(p: Prepared, other: Prepared) -> bool:
    """Whether an item repeats another item of its document under another id."""
    day = other.text.earliest
    seen = upstream.keys_seen([day.isoformat()] if day else [], other.own_pages)
    return not set(upstream.keys_again(p.text, p.own_pages)).isdisjoint(seen)


def _text_of_entry(p: Prepared, decision: Decision[int], lookup: Lookup, added: Added) -> str:
    """Return the fingerprint of the entry's text that ``p`` has, apart from typography."""
    if decision.how != "same" or decision.rule == "identical" or decision.target is None:
        return p.fingerprint
    if decision.target in added.items:
        return added.items[decision.target].fingerprint
    if decision.rule == "counter":
        held = _with_other_counters(p, lookup.texts[decision.target])
        return held.fingerprint if held is not None else p.fingerprint
    for stored in lookup.texts[decision.target]:
        if compare(p.text, stored.text, agency_names=p.entry.agency.names).kind == "same":
            return stored.fingerprint
    return p.fingerprint
