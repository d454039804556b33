"""Split and merge entries, and work out the rest of an entry from its sightings.

``split`` and ``merge`` move sightings, for a person or because a document shows that a rule was
wrong; ``update_entries`` makes current text, time of change and agencies a function of the
sightings.  Each runs within a transaction of the caller and raises ``StoreError``.
"""

from collections.abc import Collection, Sequence

from aggregator.dedupe import history
from aggregator.dedupe.decide import Decision, decide
from aggregator.dedupe.items import StoredText
from aggregator.dedupe.sketch import base
from aggregator.dedupe.sketch import sketch as sketch_of
from aggregator.normalise.entry import evidence_of_text
from aggregator.normalise.identity import entry_ids, match_key, numbered_id
from aggregator.store import Store, entries, sightings, texts
from aggregator.store.sightings import StoredSighting
from aggregator.store.sketches import SketchIndex


def update_entries(store: Store, keys: Collection[int]) -> None:
    """Bring entries, given by row, in line with their sightings."""
    if not keys:
        return
    versions = texts.versions(store, keys)
    texts.make_current(store, {key: history.current(v).fingerprint for key, v in versions.items()})
    texts.drop_unseen(store, keys)
    texts.set_changed(store, {key: history.changed(v) for key, v in versions.items()})
    texts.set_agencies(store, texts.agencies_seen(store, keys))


def split(
    store: Store,
    entry: int,
    sighting: int,
    index: SketchIndex | None = None,
    *,
    rule: str = "split",
) -> str:
    """Make an entry of its own of a sighting of ``entry``; return the new id.

    Where the entry has other texts, all sightings of the same text go along.  The new entry gets
    the id back that it had if entries were merged by hand, otherwise the one that its text makes.
    No rule merges its text with the old entry again.  ``entry`` must have another sighting.
    """
    index = index or SketchIndex(store)
    seen = sightings.one(store, sighting)
    held = texts.texts_of(store, [entry])[entry]
    (stored,) = (text for text in held if text.fingerprint == seen.fingerprint)
    sketch = sketch_of(stored.text.body)
    key = entries.next_key(store)
    new_id = _id_of_split(store, seen, stored)
    entries.copy_as(store, entry, seen.fingerprint, key, new_id, seen.agency, base(sketch))
    _move_to_split(store, seen, key, rule=rule, is_only_text=len(held) == 1)
    left = {version.fingerprint for version in texts.versions(store, [entry])[entry]}
    theirs = [(fingerprint, key) for fingerprint in left if fingerprint != seen.fingerprint]
    texts.keep_apart(store, [(seen.fingerprint, entry), *theirs])
    if seen.fingerprint not in left:
        index.remove(entry, sketch)
    for text in held:
        if text.fingerprint in left:
            index.add(entry, sketch_of(text.text.body))
    index.add(key, sketch)
    evidence = evidence_of_text(stored.text.title, stored.text.body)
    for row in (key, entry):
        sightings.give_evidence(store, row, seen.fingerprint, evidence)
    update_entries(store, [key, entry])
    for row in (key, entry):
        sightings.mark_to_date(store, row)
    return new_id


def merge(store: Store, entry: int, other: int) -> None:
    """Make all sightings of ``other`` sightings of ``entry``, which keeps its id."""
    index = SketchIndex(store)
    held = texts.texts_of(store, [entry, other])
    known = {stored.fingerprint for stored in held[entry]}
    for stored in held[other]:
        decision = _decide_by_hand(entry, stored, held[entry], is_known=stored.fingerprint in known)
        sightings.move_text(store, other, stored.fingerprint, entry, decision)
        sketch = sketch_of(stored.text.body)
        index.add(entry, sketch)
        index.remove(other, sketch)
    texts.move_texts(store, other, entry)
    texts.let_join(store, {stored.fingerprint for stored in held[other]}, entry)
    entries.remove(store, [other])
    update_entries(store, [entry])
    sightings.mark_to_date(store, entry)


def first_free_id(store: Store, ids: Sequence[str], taken: Collection[str]) -> str:
    """Return the first of ``ids`` that is not taken, or a numbered one if all are.

    A number is needed for a release that is another's word for word.
    """
    free = next((entry_id for entry_id in ids if entry_id not in taken), None)
    if free is not None:
        return free
    number = 2
    while entries.taken_ids(store, [numbered := numbered_id(ids[-1], number)]):
        number += 1
    return numbered


def _id_of_split(store: Store, seen: StoredSighting, stored: StoredText) -> str:
    ids = entry_ids(seen.agency, match_key(stored.text.title), match_key(stored.text.body))
    wanted = [seen.former, *ids] if seen.former else list(ids)
    return first_free_id(store, wanted, entries.taken_ids(store, wanted))


def _move_to_split(
    store: Store, seen: StoredSighting, key: int, *, rule: str, is_only_text: bool
) -> None:
    same = sightings.with_text(store, seen.entry, seen.fingerprint)
    reason = "taken out by hand" if rule == "split" else "a document lists the two side by side"
    sightings.move(store, [seen.id], key, how="new", rule=rule, reason=reason)
    if not is_only_text:
        others = [other for other in same if other != seen.id]
        reason = "title and text are equal"
        sightings.move(store, others, key, how="same", rule="identical", reason=reason)


def _decide_by_hand(
    entry: int, stored: StoredText, held: Sequence[StoredText], *, is_known: bool
) -> Decision[int]:
    """Return what a text is to an entry that a person says it belongs to."""
    if is_known:
        reason = "title and text are equal"
        return Decision(target=entry, how="same", rule="identical", score=1.0, reason=reason)
    decision = decide(stored.text, [(entry, own.text) for own in held])
    if decision.target is not None:
        return decision
    return Decision(
        target=entry,
        how="near-duplicate",
        rule="by-hand",
        score=decision.score,
        reason="merged by hand",
    )
