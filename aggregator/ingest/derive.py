"""Bring up to date what follows from sightings and configuration: dates, relations, categories.

Entries of versions that did not detect languages get theirs first, some at each call.

Takes the configuration and the store, and works on what has changed since the last time.  Each
step commits in batches and takes finished work off its list, so a run that is killed is continued
by the next one.  Raises ``StoreError``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from aggregator.config import Config
from aggregator.ingest.categorise import begin, categorise
from aggregator.ingest.reread import FEW, MANY, read_again
from aggregator.ingest.reread import REASON as REREAD
from aggregator.store import Store, dating_rules, texts
from aggregator.store import dating as store_dating
from aggregator.store import related as store_related
from aggregator.store import relayed as store_relayed
from aggregator.store.agencies import adopt_configuration
from aggregator.store.dating import Context
from aggregator.store.dating_windows import EVERYTHING, Window
from aggregator.store.related import Pair, Span
from aggregator.workers import Workers

if TYPE_CHECKING:
    from aggregator.dating.choice import Dated, Undated
    from aggregator.dedupe.related import Shared

MOST_DETECTED = 2000
"""Entries of an earlier version whose language is detected at a time: about a second."""

DERIVING = "dates, relations and categories"
"""What ``derive`` does, for a progress bar."""

_BATCH = 500
_REASON = "documents that came in later said more"

_LONGEST_SPAN = timedelta(days=366)
_PAIRS = 200


def derive(
    config: Config,
    store: Store,
    workers: Workers | None = None,
    *,
    reason: str = _REASON,
    is_brief: bool = False,
) -> bool:
    """Adopt the agencies of ``config``; detect, date, relate and categorise what changed.

    ``workers`` are other processes that take part; by default there are none.  ``reason`` is why
    dates may change, for people.  After a change of the rules for dates all documents are dated
    again; with ``is_brief`` a bounded number of them.  Returns whether some are left.
    """
    adopt_configuration(store, config.by_name)
    detect_languages(store)
    under_way = begin(config, store, workers)
    redate_by_rules(config, store, reason, is_brief=is_brief)
    relate(store)
    categorise(config, store, under_way)
    return dating_rules.is_waiting(store)


def detect_languages(store: Store) -> None:
    """Detect the language of entries that are on the list for it, a bounded number of them."""
    if not texts.is_any_undetected(store):
        return
    from aggregator.normalise.language_detection import SAMPLE, detected

    for _ in range(MOST_DETECTED // _BATCH):
        with store.transaction():
            batch = texts.undetected(store, _BATCH, 2 * SAMPLE)
            if not batch:
                return
            texts.set_languages(
                store,
                {
                    entry: {fingerprint: detected(title, text) for fingerprint, title, text in held}
                    for entry, held in batch.items()
                },
            )


def redate_by_rules(config: Config, store: Store, reason: str, *, is_brief: bool) -> None:
    """Date what is new, then what earlier rules dated."""
    dating_rules.adopt(store)
    # A run that was killed may have left some of these marked.
    redate(store, REREAD if dating_rules.is_waiting(store) else reason)
    while documents := read_again(config, store, FEW if is_brief else MANY):
        redate(store, REREAD)
        with store.transaction():
            dating_rules.take_off(store, documents)
        if is_brief:
            return


def redate(store: Store, reason: str = _REASON) -> int:
    """Date every entry that needs it; return how many had another date before.

    ``reason`` is noted with those.
    """
    last = store_dating.last_document(store)
    before = store_dating.to_date(store, last)
    moved = 0
    for window in store_dating.windows_to_date(store):
        with store.transaction():
            moved += _date_window(store, window, reason)
    moved += _date_single(store, reason)
    while left := store_dating.window_of_undated(store):
        with store.transaction():
            _date_window(store, left, reason, only_undated=True)
    with store.transaction():
        store_dating.mark_dated(store, last, before)
    return moved


def misdated(store: Store) -> Iterator[int]:
    """Yield the rows of the entries whose day, or its reason, is not that of their documents.

    All documents have to be dated.  The time of day is not compared: it may depend on the order in
    which documents came.
    """
    from aggregator.dating.choice import date_alone

    for window in store_dating.all_windows(store):
        context = store_dating.context(store, window)
        dated = _dated(store, context, window)
        yield from store_dating.differing(store, dated, context.keys)
    for batch in store_dating.in_no_digest(store, _BATCH, only_new=False):
        keys = [key for key, _ in batch]
        dated = {
            node: found for node, (_, said) in enumerate(batch) for found in [date_alone(said)]
        }
        yield from store_dating.differing(store, _as_told(store, dated, keys), keys)


def relate(store: Store) -> None:
    """Link every entry to those that report the same event."""
    if not store_related.is_waiting(store):
        return
    for span in store_related.spans_to_relate(store, _gap(), _LONGEST_SPAN):
        with store.transaction():
            _relate_span(store, span)


def misrelated(store: Store) -> Iterator[int]:
    """Yield the rows of the entries whose relations are not those that ``relate`` would find.

    Entries near removed ones are left out: they keep the relations that they had beside those.
    """
    for span in store_related.all_spans(store, _gap(), _LONGEST_SPAN):
        before, found = _relations(store, span)
        differing = {key for pair, _ in before.items() ^ found.items() for key in pair}
        yield from store_related.far_from_removed(store, differing, _gap().days)


def _date_window(store: Store, window: Window, reason: str, *, only_undated: bool = False) -> int:
    context = store_dating.context(store, window)
    return store_dating.save(
        store, _dated(store, context, window, only_undated=only_undated), context.keys, reason
    )


def _dated(
    store: Store, context: Context, window: Window, *, only_undated: bool = False
) -> dict[int, Dated]:
    """Return the dates that a window decides, or those of entries without one, by node."""
    from aggregator.dating.choice import date_list

    used = store_dating.TimesTaken(store, window.holds, context.keys)
    dated = dict(date_list(context.entries, context.digests, used))
    dated = _as_told(store, dated, context.keys)
    if only_undated:
        undated = store_dating.undated(store, context.keys)
        return {node: dated[node] for node in dated if context.keys[node] in undated}
    return {node: dated[node] for node in dated if _belongs(window, context, node, dated[node])}


def _belongs(window: Window, context: Context, node: int, dated: Dated) -> bool:
    """Whether this window decides the date of an entry.

    It does if it contains the day found.  A day that is nowhere near the entry's digests is decided
    by the window that contains these digests.
    """
    day = dated.dating.published.date()
    first, last = context.reach[node]
    return window.holds(day) if first <= day <= last else window.holds(last) or window == EVERYTHING


def _date_single(store: Store, reason: str) -> int:
    """Date the entries that are in no digest, each on its own.

    A time that a feed gives to the second is kept, even if other entries have the same.  The others
    get a time of their own on their day.
    """
    moved = 0
    for batch in store_dating.in_no_digest(store, _BATCH):
        from aggregator.dating.choice import date_alone, date_list, is_exact

        alone = [(key, undated, date_alone(undated)) for key, undated in batch]
        # A time at which an entry was seen is moved back, and a time on a day that is stated is
        # moved on: so both are taken in the order that keeps that of the feed.
        alone = [
            *(one for one in alone if one[2].dating.basis == "first-seen"),
            *(one for one in reversed(alone) if one[2].dating.basis != "first-seen"),
        ]
        keys = [key for key, *_ in alone]
        found = {node: one[2] for node, one in enumerate(alone)}
        dated = _as_told(store, found, keys)
        inexact: dict[int, Undated] = {}
        for node, (_, undated, by_itself) in enumerate(alone):
            if dated[node] is by_itself and not is_exact(by_itself.dating):
                inexact[node] = undated
        days = {dated[node].dating.published.date() for node in inexact}
        days |= {day - timedelta(days=1) for day in days}
        with store.transaction():
            used = store_dating.TimesTaken(store, days.__contains__, keys)
            digests = [(undated.document, [node]) for node, undated in inexact.items()]
            dated.update(date_list(inexact, digests, used))
            moved += store_dating.save(store, dated, keys, reason)
    return moved


def _as_told(store: Store, dated: dict[int, Dated], keys: Sequence[int]) -> dict[int, Dated]:
    """Return dates, by node, with those that other Aggregators tell where these count.

    That of an entry which came from one of them alone does as it is.  One to the second, of a
    source that may speak for the agency, does where nothing else is known to the second, if it is
    within the days that are known.
    """
    from aggregator.dating.choice import Dated

    told = store_relayed.told(store, [keys[node] for node in dated if keys[node] > 0])
    if not told:
        return dated
    found = dict(dated)
    for node, own in dated.items():
        one = told.get(keys[node])
        if one is None:
            continue
        if one.is_owned and one.dating is not None:
            found[node] = Dated(dating=one.dating)
        elif not one.is_owned and (exact := one.narrower(own.dating)) is not None:
            found[node] = Dated(dating=exact)
    return found


def _gap() -> timedelta:
    """Return how far apart days are whose entries have nothing to do with each other."""
    from aggregator.dedupe.related import AROUND

    return timedelta(days=2 * AROUND)


def _relate_span(store: Store, span: Span) -> None:
    """Relate the entries around a span; whatever changed there concerns all of them."""
    store_related.save(store, span, *_relations(store, span))


def _relations(store: Store, span: Span) -> tuple[dict[Pair, str], dict[Pair, str]]:
    """Return the pairs of entries around a span that are stored as related, and those that are."""
    from aggregator.dedupe.names import LEAD
    from aggregator.dedupe.related import AROUND, find

    first, last = _day(span.first, -AROUND), _day(span.last, AROUND)
    releases = store_related.releases(
        store, span.agency, _day(first, -AROUND), _day(last, AROUND), LEAD
    )
    own = _own_words(span.agency, store_related.agency_name(store, span.agency))
    found = dict(_judged(store, find(releases, own, first, last)))
    return store_related.held(store, span.agency, first, last), found


def _judged(store: Store, pairs: Iterator[Shared]) -> Iterator[tuple[Pair, str]]:
    from aggregator.dedupe.related import judge

    while batch := list(islice(pairs, _PAIRS)):
        keys = {release.key for pair in batch for release in (pair.earlier, pair.later)}
        days = store_related.days_said(store, keys)
        for pair in batch:
            one, other = pair.earlier.key, pair.later.key
            if reason := judge(pair, days[one], days[other]):
                yield (one, other), reason


def _own_words(*names: str) -> Sequence[str]:
    from aggregator.dedupe.names import folded

    return [folded(word) for name in names for word in re.findall(r"\w+", name)]


def _day(day: date, days: int) -> date:
    number = day.toordinal() + days
    return date.fromordinal(min(max(number, date.min.toordinal()), date.max.toordinal()))
