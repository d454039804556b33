"""Entries taken apart and put together, and what follows for each.

However an entry came by its sightings, ``settle`` makes the rest of it a function of them: the text
that stands, when it changed, and whose it is.  ``split`` and ``merge`` move sightings, by hand or
because a document shows that the rules were wrong; each runs within a transaction of the caller's.
"""

from aggregator import dedupe
from aggregator.dating.evidence import read_evidence
from aggregator.dedupe import Text, history
from aggregator.model import How
from aggregator.normalise.identity import entry_ids, match_key, numbered_id
from aggregator.store import Store
from aggregator.store import entries as store_entries
from aggregator.store import sightings as store_sightings
from aggregator.store import texts as store_texts
from aggregator.store.sketches import SketchIndex
from aggregator.store.texts import StoredText

WORDS: dict[type, How] = {
    dedupe.New: "new",
    dedupe.Same: "same",
    dedupe.Truncated: "truncated",
    dedupe.Revision: "revision",
    dedupe.NearDuplicate: "near-duplicate",
}
"""The decisions in the words the store keeps."""


def settle(store: Store, entry: int) -> None:
    """Make all of an entry what its sightings make it."""
    versions = store_texts.versions(store, entry)
    store_texts.make_current(store, entry, history.current(versions).fingerprint)
    store_texts.drop_unseen(store, entry)
    store_texts.set_changed(store, entry, history.changed(versions))
    store_texts.set_agencies(store, entry, store_texts.agencies_seen(store, entry))


def split(
    store: Store,
    entry: int,
    sighting: int,
    index: SketchIndex | None = None,
    *,
    rule: str = "split",
) -> str:
    """Take a sighting out of an entry and make it one of its own; gives the id of that.

    Where the entry has other texts, all sightings of the same text go along.  The new entry gets
    back the id it had, if entries were merged by hand, else the one its text makes; its text never
    joins the old one again by itself.  The old entry must have another sighting.
    """
    index = index or SketchIndex(store)
    seen = store_sightings.one(store, sighting)
    (text,) = (
        text
        for text in store_texts.texts_of(store, [entry])[entry]
        if text.fingerprint == seen.fingerprint
    )
    key = store_entries.next_key(store)
    free = _free_id(store, seen, text)
    sketch = dedupe.sketch(text.text)
    base = dedupe.base(sketch)
    store_entries.copy_as(store, entry, seen.fingerprint, key, free, seen.agency, base)
    others = store_sightings.with_text(store, entry, seen.fingerprint)
    alone = len(store_texts.texts_of(store, [entry])[entry]) == 1
    reason = "taken out by hand" if rule == "split" else "a document lists the two side by side"
    store_sightings.move(store, [sighting], key, how="new", rule=rule, reason=reason)
    if not alone:
        same = [other for other in others if other != sighting]
        reason = "title and text are equal"
        store_sightings.move(store, same, key, how="same", rule="identical", reason=reason)
    left = {other.fingerprint for other in store_texts.versions(store, entry)}
    theirs = [(text, key) for text in left if text != seen.fingerprint]
    store_texts.keep_apart(store, [(seen.fingerprint, entry), *theirs])
    if seen.fingerprint not in left:
        index.remove(entry, sketch)
    for other in store_texts.texts_of(store, [entry])[entry]:
        if other.fingerprint in left:
            index.add(entry, dedupe.sketch(other.text))
    index.add(key, sketch)
    evidence = read_evidence(text.title, text.text)
    for row in (key, entry):
        store_sightings.give_evidence(store, row, seen.fingerprint, evidence)
    for row in (key, entry):
        settle(store, row)
        store_sightings.mark_to_date(store, row)
    return free


def _free_id(store: Store, seen: store_sightings.StoredSighting, text: StoredText) -> str:
    """The id of an entry that is split off: the one it had, or the first free one of its text."""
    ids = entry_ids(seen.agency, match_key(text.title), match_key(text.text))
    wanted = [seen.former, *ids] if seen.former else list(ids)
    taken = store_entries.taken_ids(store, wanted)
    free = next((entry_id for entry_id in wanted if entry_id not in taken), None)
    return free or free_number(store, ids[-1])


def free_number(store: Store, entry_id: str) -> str:
    """A free id for a release that is another's word for word."""
    number = 2
    while store_entries.taken_ids(store, [free := numbered_id(entry_id, number)]):
        number += 1
    return free


def merge(store: Store, entry: int, other: int) -> None:
    """Make all sightings of ``other`` sightings of ``entry``, which keeps its id."""
    index = SketchIndex(store)
    texts = store_texts.texts_of(store, [entry, other])
    mine = [(entry, text_of(text)) for text in texts[entry]]
    for text in texts[other]:
        decision = dedupe.decide(text_of(text), mine)
        decided: tuple[How, float, str, str] = (
            *(WORDS[type(decision)], decision.score),
            *(decision.rule, decision.reason),
        )
        if any(text.fingerprint == own.fingerprint for own in texts[entry]):
            decided = ("same", 1.0, "identical", "title and text are equal")
        elif isinstance(decision, dedupe.New):
            decided = ("near-duplicate", decision.score, "by-hand", "merged by hand")
        store_sightings.move_text(store, other, text.fingerprint, entry, decided)
        index.add(entry, dedupe.sketch(text.text))
        index.remove(other, dedupe.sketch(text.text))
    store_texts.move_texts(store, other, entry)
    store_texts.let_join(store, {text.fingerprint for text in texts[other]}, entry)
    store_entries.remove(store, other)
    settle(store, entry)
    store_sightings.mark_to_date(store, entry)


def text_of(stored: StoredText) -> Text:
    """A stored text as ``dedupe`` compares it."""
    return Text(
        agency=stored.agency,
        title=stored.title,
        body=stored.text,
        truncated=stored.is_partial,
        language=stored.language,
    )
