"""Remove the entries that no source keeps any longer.

Takes a policy for each source that limits what it keeps; a source without one keeps everything,
and an entry stays while one of the sources that had it keeps it.  ``lookup`` keeps removed entries
from coming back.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from aggregator.dedupe.sketch import sketch
from aggregator.store import Store
from aggregator.store import retention as store_retention
from aggregator.store import texts as store_texts
from aggregator.store.retention import Keep
from aggregator.store.sketches import SketchIndex

_BATCH = 200  # entries removed in one transaction, so that other writers get their turn


def remove_expired(policies: Sequence[Keep], store: Store, *, now: datetime) -> int:
    """Remove the entries that no source keeps at ``now``, in UTC; return how many.

    A run that is killed has removed some entries completely, and the next one removes the others.
    Raises ``StoreError``.
    """
    limited = [keep for keep in policies if keep.days is not None or keep.entries is not None]
    expired = {keep.source: store_retention.expired(store, keep, now) for keep in limited}
    waiting = iter(sorted(set().union(*expired.values())))
    index = SketchIndex(store)
    removed = 0
    while ids := list(islice(waiting, _BATCH)):
        with store.transaction():
            keys = store_retention.unkept(store, ids, expired)
            texts = store_texts.texts_of(store, keys)
            for key, held in texts.items():
                numbers = {number for stored in held for number in sketch(stored.text.body)}
                index.remove(key, numbers)
            if texts:
                store_retention.remove(store, texts, now)
        removed += len(texts)
    if removed:
        with store.transaction():
            store_retention.forget_order(store)
    return removed
