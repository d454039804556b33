"""Carry out in the store what was decided about the items of a document: one visit that writes.

Takes the ``Lookup`` and the decisions, within a transaction of the caller.  Raises ``StoreError``.
"""

from collections.abc import Sequence

from aggregator.dedupe.items import NOTED, Lookup, NewSighting, Prepared
from aggregator.ingest.merge import first_free_id, update_entries
from aggregator.normalise.html import body_from_text
from aggregator.store import Store, entries, relayed, renditions, retention, sightings, texts
from aggregator.store.agencies import remember_agencies
from aggregator.store.sketches import SketchIndex


def apply_decisions(
    store: Store,
    index: SketchIndex,
    source: str,
    document: int,
    lookup: Lookup,
    decided: Sequence[NewSighting],
) -> None:
    """Write entries, texts and sightings of a document of ``source``, given by its row."""
    retention.note_seen_again(store, document, lookup.removed)
    agencies = {s.prepared.entry.agency for s in decided}
    unconfigured = [
        agency for agency in agencies if not agency.configured and not lookup.is_relayed
    ]
    remember_agencies(store, sorted(unconfigured, key=lambda agency: agency.id))
    if lookup.is_relayed:
        relayed.remember_agencies(store, [s.prepared for s in decided])
    _add_entries(store, index, lookup, [s for s in decided if s.decision.how == "new"])
    sightings.add_sightings(store, document, decided)
    versions = [s for s in decided if s.decision.how not in ("new", "same")]
    texts.add_revisions(store, [(s.entry, s.prepared) for s in versions])
    for s in versions:
        index.add(s.entry, s.prepared.sketch)
    # A text that was known may have been seen earlier than the entry knew.
    same = {s.entry for s in decided if s.decision.how == "same"}
    update = {s.entry for s in versions}.union(texts.with_history(store, same))
    if lookup.is_relayed:
        # Their agencies are those that were told last; of others they may be carriers.
        update.update(s.entry for s in decided if s.decision.rule != NOTED or _carries(s, lookup))
    update_entries(store, update)
    ids = [(s.prepared.key, s.entry) for s in decided]
    sightings.remember_ids(store, source, [(key, entry) for key, entry in ids if key])
    texts.give_markup(store, _better_markup(lookup, decided))
    told = [s for s in decided if s.decision.rule != NOTED]
    changed = {s.entry for s in told if _has_more_than_text(s.prepared)}
    renditions.drop_linked(store, sorted(changed))


def _add_entries(
    store: Store, index: SketchIndex, lookup: Lookup, decided: Sequence[NewSighting]
) -> None:
    taken = set(lookup.taken_ids)
    added: list[tuple[int, str, Prepared]] = []
    for sighting in decided:
        entry_id = first_free_id(store, sighting.prepared.ids, taken)
        taken.add(entry_id)
        added.append((sighting.entry, entry_id, sighting.prepared))
    entries.add_entries(store, added)
    for sighting in decided:
        index.add(sighting.entry, sighting.prepared.sketch)


def _better_markup(
    lookup: Lookup, decided: Sequence[NewSighting]
) -> dict[tuple[int, str], tuple[str, str]]:
    """The HTML of texts that came from a digest before, without any, or that changes by itself."""
    found: dict[tuple[int, str], tuple[str, str]] = {}
    for sighting in decided:
        p = sighting.prepared
        if p.item.body_markup != "html" or sighting.decision.how != "same":
            continue
        if sighting.decision.rule == NOTED:
            continue
        if (stated := lookup.stated.get(sighting.entry)) is not None:
            if stated.html != p.entry.content_html:
                key = sighting.entry, stated.fingerprint
                found.setdefault(key, (stated.html, p.entry.content_html))
        elif sighting.decision.rule != "counter":
            plain = body_from_text(p.entry.text).html
            if plain != p.entry.content_html:
                found.setdefault((sighting.entry, p.fingerprint), (plain, p.entry.content_html))
    return found


def _carries(sighting: NewSighting, lookup: Lookup) -> bool:
    """Whether an item of another agency was noted as a sighting of an entry."""
    held = lookup.texts.get(sighting.entry)
    return held is None or held[0].text.agency != sighting.prepared.entry.agency.id


def _has_more_than_text(p: Prepared) -> bool:
    return p.is_of_feed or bool(p.entry.links or p.entry.updated or p.entry.authors or p.terms)
