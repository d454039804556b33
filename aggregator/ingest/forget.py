"""Take out what came from a source, a document or an entry, so that it does not come back.

An entry that was seen elsewhere too stays, without these sightings.  One that was not is removed as
retention removes it, and remembered: an entry that was named comes back from nowhere, others not
from the same source.  ``undo`` puts everything back as it was.  Raises ``StoreError``.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from aggregator.dedupe.sketch import sketch
from aggregator.ingest.merge import update_entries
from aggregator.normalise.entry import evidence_of_text
from aggregator.store import Store, forgotten, retention, sightings, texts
from aggregator.store.forgotten import Seen, Wanted
from aggregator.store.sketches import SketchIndex

_BATCH = 200  # entries in one transaction, so that other writers get their turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What would be taken out: so many ``sightings``, and with them these entries, by row.

    Others ``stay`` because they were seen elsewhere.
    """

    sightings: int
    entries: tuple[int, ...]
    stay: int


def effect(store: Store, wanted: Wanted) -> Effect:
    """Return what ``forget`` would take out; nothing is changed."""
    left: dict[int, int] = {}
    count = 0
    for seen in forgotten.seen_of(store, wanted):
        left[seen.entry] = left.get(seen.entry, seen.total) - len(seen.ids)
        count += len(seen.ids)
    gone = tuple(entry for entry, others in left.items() if not others)
    return Effect(sightings=count, entries=gone, stay=len(left) - len(gone))


def forget(store: Store, wanted: Wanted, *, now: datetime) -> None:
    """Take out what is wanted, at ``now`` (UTC).

    A run that is killed has taken some entries out completely; the next one takes out the others.
    """
    index = SketchIndex(store)
    waiting = iter(forgotten.seen_of(store, wanted))
    number: int | None = None
    while batch := list(islice(waiting, _BATCH)):
        with store.transaction():
            number = number or forgotten.note(store, wanted, at=now)
            for seen in batch:
                only_here = None if wanted.kind == "entry" else seen.source
                _take_out(store, index, number, seen, only_here, now)


def undo(store: Store, wanted: Wanted) -> int:
    """Put back what was taken out last; return how many entries, 0 if nothing was."""
    index = SketchIndex(store)
    restored = 0
    for number in forgotten.noted(store, wanted):
        with store.transaction():
            keys = list(forgotten.put_back(store, number))
            for key, held in texts.texts_of(store, keys).items():
                for text in held:
                    index.add(key, sketch(text.text.body))
            update_entries(store, keys)
        restored += len(keys)
    return restored


def _take_out(
    store: Store,
    index: SketchIndex,
    number: int,
    seen: Seen,
    only_here: str | None,
    now: datetime,
) -> None:
    if not sightings.are_of(store, seen.ids, seen.entry):
        return  # changed since
    forgotten.keep_rows(store, number, seen.entry, seen.ids)
    sightings.mark_to_date(store, seen.entry)
    held = texts.texts_of(store, [seen.entry])[seen.entry]
    index.remove(seen.entry, {n for stored in held for n in sketch(stored.text.body)})
    if sightings.count(store, seen.entry) == len(seen.ids):
        retention.remove(store, {seen.entry: held}, now, keeps_order=False, source=only_here)
        return
    forgotten.drop_sightings(store, seen)
    forgotten.make_first_new(store, seen.entry)
    update_entries(store, [seen.entry])
    for text in texts.texts_of(store, [seen.entry])[seen.entry]:
        index.add(seen.entry, sketch(text.text.body))
        evidence = evidence_of_text(text.text.title, text.text.body)
        sightings.give_evidence(store, seen.entry, text.fingerprint, evidence)
