"""Items into entries: what is decided of them, carried out in the store.

``act`` takes the items of one document, asks the store for what is like them, has ``dedupe``
decide, and writes what follows, within a transaction of the caller's.  What an entry's sightings
make of it is for ``joining``.
"""

from collections.abc import Sequence

from aggregator import dedupe
from aggregator.ingest.decide import Outcome, Prepared, decide_all, names_of
from aggregator.ingest.merge import free_number, settle, text_of
from aggregator.ingest.retention import without_removed
from aggregator.model import Evidence
from aggregator.normalise.html import body_from_text
from aggregator.store import Store, renditions
from aggregator.store import entries as store_entries
from aggregator.store import sightings as store_sightings
from aggregator.store import texts as store_texts
from aggregator.store.agencies import remember_agencies
from aggregator.store.entries import NewEntry
from aggregator.store.sightings import NewSighting
from aggregator.store.sketches import SketchIndex


def act(
    store: Store, index: SketchIndex, source: str, document: int, items: Sequence[Prepared]
) -> list[Outcome]:
    """Decide on the items of a document of ``source``, and carry it out.

    Gives what was decided of each; of an item whose entry was removed nothing is.
    """
    items = without_removed(store, source, document, items)
    unconfigured = {p.entry.agency for p in items if not p.entry.agency.configured}
    remember_agencies(store, sorted(unconfigured, key=lambda agency: agency.id))
    outcomes = decide_all(store, index, source, items)
    _add_new(store, index, [o for o in outcomes if isinstance(o.decision, dedupe.New)])
    _add_sightings(store, document, outcomes)
    merged = [o for o in outcomes if not isinstance(o.decision, dedupe.New | dedupe.Same)]
    for outcome in merged:
        store_texts.add_revision(
            store, outcome.entry, outcome.prepared.fingerprint, outcome.prepared.entry
        )
        index.add(outcome.entry, outcome.prepared.sketch)
    # A text that was known may have been seen earlier than the entry knew.
    known = {outcome.entry for outcome in outcomes if isinstance(outcome.decision, dedupe.Same)}
    to_settle = {outcome.entry for outcome in merged}.union(store_texts.with_history(store, known))
    for entry in sorted(to_settle):
        settle(store, entry)
    keys = [(o.prepared.key, o.entry) for o in outcomes if o.prepared.key is not None]
    store_sightings.remember_ids(store, source, ((key, entry) for key, entry in keys if key))
    store_texts.give_markup(store, _better_markup(outcomes))
    renditions.forget_linked(store, sorted({o.entry for o in outcomes if _says_more(o.prepared)}))
    return outcomes


def _says_more(p: Prepared) -> bool:
    """Whether ``p`` tells of its entry what is no text."""
    return bool(p.entry.links or p.entry.updated or p.entry.authors or p.terms)


def _better_markup(outcomes: Sequence[Outcome]) -> dict[tuple[int, str], tuple[str, str]]:
    """The markup of texts that may have come without it, from a digest, before."""
    found: dict[tuple[int, str], tuple[str, str]] = {}
    for outcome in outcomes:
        p = outcome.prepared
        if p.item.body_markup == "html" and isinstance(outcome.decision, dedupe.Same):
            plain = body_from_text(p.entry.text).html
            if plain != p.entry.content_html:
                found.setdefault((outcome.entry, p.fingerprint), (plain, p.entry.content_html))
    return found


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
        names = names_of(p.entry.agency)
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
                pages=outcome.prepared.pages,
                upstream_id=outcome.prepared.key,
                updated=outcome.prepared.entry.updated,
                terms=outcome.prepared.terms,
                authors=outcome.prepared.entry.authors,
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
