"""Store to store: find the entries that tell of one event, around those that changed.

Joins ``store.related``, which knows what changed, and ``dedupe.related``, which decides.  Entries
are read as they came out, each span of days in one transaction.  A run that is killed leaves the
rest noted, and the next one goes on from there.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice

from aggregator.dedupe.names import LEAD, folded
from aggregator.dedupe.related import AROUND, Shared, find, judge
from aggregator.store import Store
from aggregator.store import related as store_related
from aggregator.store.related import Pair, Span

_GAP = timedelta(days=2 * AROUND)
_MOST = timedelta(days=366)
_BATCH = 200


def relate(store: Store) -> None:
    """Have every entry point to those that tell of the same event."""
    for span in store_related.spans_to_relate(store, _GAP, _MOST):
        with store.transaction():
            _relate_span(store, span)


def _relate_span(store: Store, span: Span) -> None:
    """A change counts for all that have it around them, and they for what is around them."""
    first, last = _day(span.first, -AROUND), _day(span.last, AROUND)
    releases = store_related.releases(
        store, span.agency, _day(first, -AROUND), _day(last, AROUND), LEAD
    )
    own = _own_words(span.agency, store_related.agency_name(store, span.agency))
    found = dict(_judged(store, find(releases, own, first, last)))
    before = store_related.held(store, span.agency, first, last)
    store_related.save(store, span, before, found)


def _judged(store: Store, pairs: Iterator[Shared]) -> Iterator[tuple[Pair, str]]:
    while batch := list(islice(pairs, _BATCH)):
        keys = {release.key for pair in batch for release in (pair.earlier, pair.later)}
        said = store_related.days_said(store, keys)
        for pair in batch:
            one, other = pair.earlier.key, pair.later.key
            if reason := judge(pair, said[one], said[other]):
                yield (one, other), reason


def _own_words(*names: str) -> Sequence[str]:
    return [folded(word) for name in names for word in re.findall(r"\w+", name)]


def _day(day: date, days: int) -> date:
    number = day.toordinal() + days
    return date.fromordinal(min(max(number, date.min.toordinal()), date.max.toordinal()))
