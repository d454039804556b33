"""Items into entries: what is decided of them, carried out in the store.

``act`` takes the items of one document, asks the store for what is like them, has ``dedupe``
decide, and writes what follows, within a transaction of the caller's.  What an entry's sightings
make of it is for ``joining``.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from aggregator import dedupe
from aggregator.dedupe import Decision, Text
from aggregator.joining import WORDS, free_number, settle, split, text_of
from aggregator.model import Agency, Entry, Evidence, How, Item
from aggregator.normalise.identity import entry_ids, match_key
from aggregator.store import Store, renditions
from aggregator.store import entries as store_entries
from aggregator.store import sightings as store_sightings
from aggregator.store import texts as store_texts
from aggregator.store.agencies import remember_agencies
from aggregator.store.entries import NewEntry
from aggregator.store.sightings import NewSighting
from aggregator.store.sketches import LEAST_SHARE, MAX_POSTINGS, SketchIndex

MAX_CANDIDATES = 8
"""Entries that a text is compared with: those that share most of its sketch."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An item on its way into the store, with all that can be worked out without it."""

    item: Item
    entry: Entry
    fingerprint: str
    ids: tuple[str, str]
    sketch: tuple[int, ...]

    @property
    def same(self) -> tuple[str, str]:
        """Equal for two items that are the same release word for word."""
        return self.entry.agency.id, self.fingerprint

    @property
    def text(self) -> Text:
        """The item as ``dedupe`` compares it."""
        headers = [found.first for found in self.entry.evidence if found.place == "header"]
        day = headers[0].to_date() if headers else None
        return Text(
            agency=self.entry.agency.id,
            title=self.entry.title,
            body=self.entry.text,
            truncated=self.entry.truncated,
            earliest=day,
            latest=day,
            language=self.entry.language,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided of an item, and the row of the entry it is now a sighting of."""

    prepared: Prepared
    decision: Decision[int]
    entry: int

    @property
    def how(self) -> How:
        """The decision in the word the store keeps."""
        return WORDS[type(self.decision)]


def prepare(item: Item, entry: Entry) -> Prepared:
    """``entry`` with the forms under which it is looked up."""
    title_key, text_key = match_key(entry.title), match_key(entry.text)
    return Prepared(
        item,
        entry,
        dedupe.fingerprint(title_key, text_key),
        entry_ids(entry.agency.id, title_key, text_key),
        dedupe.sketch(entry.text),
    )


def act(
    store: Store, index: SketchIndex, document: int, items: Sequence[Prepared]
) -> list[Outcome]:
    """Decide on the items of a document and carry it out; gives what was decided of each."""
    unconfigured = {p.entry.agency for p in items if not p.entry.agency.configured}
    remember_agencies(store, sorted(unconfigured, key=lambda agency: agency.id))
    outcomes = _decide_all(store, index, items)
    _add_new(store, index, [o for o in outcomes if isinstance(o.decision, dedupe.New)])
    _add_sightings(store, document, outcomes)
    merged = [o for o in outcomes if not isinstance(o.decision, dedupe.New | dedupe.Same)]
    for outcome in merged:
        _add_text(store, index, outcome.entry, outcome.prepared)
    # A text that was known may have been seen earlier than the entry knew.
    known = {outcome.entry for outcome in outcomes if isinstance(outcome.decision, dedupe.Same)}
    to_settle = {outcome.entry for outcome in merged}.union(store_texts.with_history(store, known))
    for entry in sorted(to_settle):
        settle(store, entry)
    renditions.forget_linked(store, sorted({o.entry for o in outcomes if o.prepared.entry.links}))
    return outcomes


def _decide_all(store: Store, index: SketchIndex, items: Sequence[Prepared]) -> list[Outcome]:
    """A decision for each item.

    An item whose very text was seen before is the same.  The others are compared with what is
    like them, but not with entries that this document holds by themselves: a digest that lists
    two texts side by side lists two releases.
    """
    known, apart = _known(store, items)
    if listed := _listed_apart(store, items, known):
        for entry, sighting in listed:
            split(store, entry, sighting, index, rule="listed-apart")
        known, apart = _known(store, items)
    present = {known[p.same] for p in items if p.same in known}
    unknown = list({p.same: p for p in items if p.same not in known}.values())
    found = index.candidates(
        [(p.sketch, dedupe.base(p.sketch)) for p in unknown], MAX_CANDIDATES + len(present)
    )
    near = {
        p.same: [key for key in keys if key not in present and (p.fingerprint, key) not in apart][
            :MAX_CANDIDATES
        ]
        for p, keys in zip(unknown, found, strict=True)
    }
    texts = store_texts.texts_of(store, {key for keys in near.values() for key in keys})
    decisions = {
        p.same: dedupe.decide(
            p.text,
            [(text.entry, text_of(text)) for key in near[p.same] for text in texts[key]],
            agency_names=_names(p.entry.agency),
        )
        for p in unknown
    }
    return _settle_claims(store, items, known, decisions)


def _known(
    store: Store, items: Sequence[Prepared]
) -> tuple[dict[tuple[str, str], int], set[tuple[str, int]]]:
    """The entries of the items whose text was seen before, and what is kept apart."""
    fingerprints = {p.fingerprint for p in items}
    apart = store_texts.kept_apart(store, fingerprints)
    known = store_sightings.entries_with_text(store, fingerprints, apart)
    return known, apart


def _listed_apart(
    store: Store, items: Sequence[Prepared], known: dict[tuple[str, str], int]
) -> list[tuple[int, int]]:
    """Entries and sightings of texts that were merged, and that this document lists side by side.

    Had the document come first, they would be two entries, as they have to be now.  The text that
    founded the entry stays.
    """
    texts: dict[int, set[str]] = {}
    for p in items:
        if p.same in known and not p.entry.truncated:
            texts.setdefault(known[p.same], set()).add(p.fingerprint)
    return [
        (entry, sighting)
        for entry, fingerprints in sorted(texts.items())
        if len(fingerprints) > 1
        for sighting in store_sightings.taken_for_revisions(store, entry, fingerprints)
    ]


def _settle_claims(
    store: Store,
    items: Sequence[Prepared],
    known: dict[tuple[str, str], int],
    decisions: dict[tuple[str, str], Decision[int]],
) -> list[Outcome]:
    """Give each item its entry.

    Of several items that claim one entry the best has it and the others are new, unless one of
    those is by way of another agency, or cut: that may stand beside the other in one document.
    """
    claims: dict[int, tuple[float, tuple[str, str]]] = {}
    for same, decision in decisions.items():
        if not isinstance(decision, dedupe.New):
            claims[decision.target] = max(
                claims.get(decision.target, (-1.0, same)), (decision.score, same)
            )
    free = store_entries.next_key(store)
    outcomes: list[Outcome] = []
    fresh = _Fresh()
    for p in items:
        if p.same in known:
            outcomes.append(Outcome(p, _same(known[p.same]), known[p.same]))
            continue
        decision = decisions[p.same]
        if not isinstance(decision, dedupe.New) and claims[decision.target][1] != p.same:
            reason = "another item of its document is nearer to the entry it resembles"
            decision = dedupe.New(rule="outdone", score=decision.score, reason=reason)
        if isinstance(decision, dedupe.New):
            decision = _beside(p, fresh.like(p)) or decision
        if isinstance(decision, dedupe.New):
            key, free = free, free + 1
            fresh.add(key, p)
        else:
            key = decision.target
        known[p.same] = key
        outcomes.append(Outcome(p, decision, key))
    return outcomes


def _same(key: int) -> dedupe.Same[int]:
    return dedupe.Same(target=key, rule="identical", score=1.0, reason="title and text are equal")


class _Fresh:
    """The entries that one document adds, looked up by their sketches as those of the store are."""

    def __init__(self) -> None:
        self._items: dict[int, Prepared] = {}
        self._postings: dict[int, list[int]] = {}

    def add(self, key: int, p: Prepared) -> None:
        self._items[key] = p
        for number in p.sketch:
            self._postings.setdefault(number, []).append(key)

    def like(self, p: Prepared) -> list[tuple[int, Prepared]]:
        shared: Counter[int] = Counter()
        for number in p.sketch:
            found = self._postings.get(number, ())
            if len(found) <= MAX_POSTINGS:
                shared.update(found)
        base = dedupe.base(p.sketch)
        return [
            (key, self._items[key])
            for key, count in shared.most_common(MAX_CANDIDATES)
            if count >= LEAST_SHARE * min(base, dedupe.base(self._items[key].sketch))
        ]


def _beside(p: Prepared, alike: Iterable[tuple[int, Prepared]]) -> Decision[int] | None:
    """An entry new in the same document of which ``p`` is a copy: carried, or cut."""
    decision = dedupe.decide(
        p.text, [(key, other.text) for key, other in alike], agency_names=_names(p.entry.agency)
    )
    copies = (dedupe.Same, dedupe.Truncated, dedupe.NearDuplicate)
    return decision if isinstance(decision, copies) else None


def _names(agency: Agency) -> Collection[str]:
    return (agency.id, agency.name, *agency.aliases)


def _add_new(store: Store, index: SketchIndex, outcomes: Sequence[Outcome]) -> None:
    taken = store_entries.taken_ids(store, {i for o in outcomes for i in o.prepared.ids})
    new: list[tuple[int, NewEntry]] = []
    for outcome in outcomes:
        p = outcome.prepared
        free = next((entry_id for entry_id in p.ids if entry_id not in taken), None)
        free = free or free_number(store, p.ids[-1])
        taken.add(free)
        base = dedupe.base(p.sketch)
        entry = NewEntry(id=free, fingerprint=p.fingerprint, sketch_base=base, entry=p.entry)
        new.append((outcome.entry, entry))
    store_entries.add_entries(store, new)
    for outcome in outcomes:
        index.add(outcome.entry, outcome.prepared.sketch)


def _text_seen(store: Store, outcome: Outcome) -> str:
    """The fingerprint of the text an item has; for one that is the same but for its typography
    that of the text it is the same as.
    """
    p = outcome.prepared
    if isinstance(outcome.decision, dedupe.Same) and outcome.decision.rule != "identical":
        names = _names(p.entry.agency)
        for text in store_texts.texts_of(store, [outcome.entry])[outcome.entry]:
            if dedupe.compare(p.text, text_of(text), agency_names=names).kind == "same":
                return text.fingerprint
    return p.fingerprint


def _add_sightings(store: Store, document: int, outcomes: Sequence[Outcome]) -> None:
    store_sightings.add_sightings(
        store,
        document,
        [
            NewSighting(
                entry=outcome.entry,
                position=outcome.prepared.item.position,
                lines=outcome.prepared.item.lines,
                agency=outcome.prepared.entry.agency.id,
                fingerprint=_text_seen(store, outcome),
                how=outcome.how,
                score=outcome.decision.score,
                rule=outcome.decision.rule,
                reason=outcome.decision.reason,
                links=outcome.prepared.entry.links,
                evidence=_evidence(outcome),
            )
            for outcome in outcomes
        ],
    )


def _evidence(outcome: Outcome) -> Sequence[Evidence]:
    """What a sighting adds to what is known of the date: a text that was known adds its header."""
    found = outcome.prepared.entry.evidence
    if isinstance(outcome.decision, dedupe.Same) and outcome.decision.rule == "identical":
        return [evidence for evidence in found if evidence.place == "header"]
    return found


def _add_text(store: Store, index: SketchIndex, entry: int, p: Prepared) -> None:
    row = (
        int(p.entry.truncated),
        p.entry.language,
        p.entry.title,
        p.entry.summary,
        p.entry.text,
        p.entry.content_html,
    )
    store_texts.add_revision(store, entry, p.fingerprint, row)
    index.add(entry, p.sketch)
