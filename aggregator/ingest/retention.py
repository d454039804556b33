"""Store to store: let entries go that no source keeps, and keep them from coming back.

Joins ``store.retention``, which knows what may go, and the index of likeness.  ``retain`` takes the
policy of each source that has one; a source that has none keeps all it ever brought, and an entry
stays while one of the sources that brought it keeps it.  ``without_removed`` is for whoever takes
items in.  Feeds are for ``regenerate``.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from aggregator.dedupe import sketch
from aggregator.ingest.decide import Prepared
from aggregator.store import Store
from aggregator.store import retention as store_retention
from aggregator.store import texts as store_texts
from aggregator.store.retention import Incoming, Keep
from aggregator.store.sketches import SketchIndex

_BATCH = 200  # entries that go in one transaction, so that other writers' turns come


def retain(policies: Sequence[Keep], store: Store, *, now: datetime) -> int:
    """Remove the entries that no source keeps at ``now``, a time in UTC; gives how many went.

    A run that is killed has removed some of them whole, and the next one goes on.  Raises
    ``StoreError``.
    """
    limited = [keep for keep in policies if keep.days is not None or keep.entries is not None]
    going = {keep.source: store_retention.expired(store, keep, now) for keep in limited}
    waiting = iter(sorted(set().union(*going.values())))
    index = SketchIndex(store)
    removed = 0
    while ids := list(islice(waiting, _BATCH)):
        with store.transaction():
            keys = store_retention.unkept(store, ids, going)
            texts = store_texts.texts_of(store, keys)
            for key, held in texts.items():
                index.remove(key, {number for text in held for number in sketch(text.text)})
            if texts:
                store_retention.remove(store, texts, now)
        removed += len(texts)
    if removed:
        with store.transaction():
            store_retention.forget_order(store)
    return removed


def without_removed(
    store: Store, source: str, document: int, items: Sequence[Prepared]
) -> Sequence[Prepared]:
    """The items of a document that was just added, without those that were removed before.

    Within the transaction that takes the document in.  The document counts those left out.
    """
    found = store_retention.removed_before(store, source, [_incoming(p) for p in items])
    if not found:
        return items
    seen = {items[place].item.position: number for place, number in found.items()}
    store_retention.note_seen_again(store, document, seen)
    return [p for place, p in enumerate(items) if place not in found]


def _incoming(p: Prepared) -> Incoming:
    return Incoming(
        agency=p.entry.agency.id,
        fingerprint=p.fingerprint,
        upstream_id=p.key,
        title=p.entry.title,
        sketch=p.sketch,
    )
