"""Store to store: work out the dates of what came in, and of what that casts a new light on.

Joins ``store.dating``, which says what to look at, and ``normalise.dating``, which decides.  Each
window is one transaction.  A run that is killed leaves its documents marked, and the next one goes
on from there.
"""

from datetime import timedelta

from aggregator.dating.choice import Dated, Undated, date_list
from aggregator.model import Dating
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
    moved += _date_single(store)
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


def _is_exact(dating: Dating) -> bool:
    return dating.earliest == dating.latest


def _date_single(store: Store) -> int:
    """Date entries that stand in no digest, each by itself.

    What its feed gives to the second is its time, whoever else has the same one; the others get a
    time of their own on their day.
    """
    moved = 0
    for batch in store_dating.in_no_digest(store, _BATCH):
        keys = [key for key, _ in batch]
        entries = {node: undated for node, (_, undated) in enumerate(batch)}
        dated: dict[int, Dated] = {}
        inexact: dict[int, Undated] = {}
        for node, undated in entries.items():
            found = dict(date_list({node: undated}, [(undated.document, [node])], set()))
            dated.update(found)
            if found[node].dating.basis != "upstream" or not _is_exact(found[node].dating):
                inexact[node] = undated
        days = {dated[node].dating.published.date() for node in inexact}
        days |= {day - timedelta(days=1) for day in days}
        with store.transaction():
            used = store_dating.times_taken_on(store, days, keys)
            digests = [(undated.document, [node]) for node, undated in inexact.items()]
            dated.update(date_list(inexact, digests, used))
            moved += store_dating.save(store, dated, keys, _REASON)
    return moved
