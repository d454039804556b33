"""Store to store: work out the dates of what came in, and of what that casts a new light on.

Joins ``store.dating``, which says what to look at, and ``normalise.dating``, which decides.  Each
window is one transaction.  A run that is killed leaves its documents marked, and the next one goes
on from there.
"""

from aggregator.normalise.dating import Dated, date_list
from aggregator.store import Store
from aggregator.store import dating as store_dating
from aggregator.store.dating import EVERYTHING, Context, Window

_BATCH = 500
_REASON = "documents that came in later say more"


def redate(store: Store) -> int:
    """Date every entry that needs it; gives how many had another date before."""
    moved = 0
    last = store_dating.last_document(store)
    for window in store_dating.windows_to_date(store):
        with store.transaction():
            moved += _date_window(store, window)
    _date_single(store)
    while left := store_dating.window_of_undated(store):
        with store.transaction():
            _date_window(store, left, only_undated=True)
    with store.transaction():
        store_dating.mark_dated(store, last)
    return moved


def _date_window(store: Store, window: Window, *, only_undated: bool = False) -> int:
    context = store_dating.context(store, window)
    used = store_dating.times_taken(store, window, context.keys)
    dated = dict(date_list(context.entries, context.digests, used))
    if only_undated:
        undated = store_dating.undated(store, context.keys)
        accepted = {node: dated[node] for node in dated if context.keys[node] in undated}
    else:
        accepted = {
            node: dated[node] for node in dated if _is_for(window, context, node, dated[node])
        }
    return store_dating.save(store, accepted, context.keys, _REASON)


def _is_for(window: Window, context: Context, node: int, dated: Dated) -> bool:
    """Whether this window is the one to date an entry: its day is here, or is nowhere near the
    days of its digests, which are here.
    """
    day = dated.dating.published.date()
    first, last = context.reach[node]
    return window.holds(day) if first <= day <= last else window.holds(last) or window == EVERYTHING


def _date_single(store: Store) -> None:
    """Date entries that stand in no digest, each by itself."""
    while batch := store_dating.in_no_digest(store, _BATCH):
        with store.transaction():
            keys = [key for key, _ in batch]
            entries = {node: undated for node, (_, undated) in enumerate(batch)}
            digests = [(undated.document, [node]) for node, undated in entries.items()]
            used = store_dating.times_taken(store, EVERYTHING, keys)
            store_dating.save(store, dict(date_list(entries, digests, used)), keys, _REASON)
