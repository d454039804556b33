"""Gather what the page of an entry shows.

Takes what the store has of an entry; returns the data of its page.  A page that is a file has no
time at which a document was seen, which is another one after each check-out of the same files: it
has the times that feeds state, and a page made for one request has both.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from aggregator.dedupe.diff import changes
from aggregator.dedupe.history import comparable, steps
from aggregator.model import PastDating, RevisionText, Sighting, StoredEntry
from aggregator.output.pages.dating import dating_pieces
from aggregator.output.pages.page_data import Beside, Edit, EntryPage

_MOST_EDITS = 5  # the latest edits of a text that are shown

Updates = Mapping[str, tuple[datetime, datetime]]
"""The first and the last time that feeds state for a text's change, by its fingerprint."""


def entry_data(
    stored: StoredEntry,
    seen: Sequence[Sighting],
    texts: Sequence[RevisionText],
    updates: Updates,
    *,
    past: Sequence[PastDating],
    categories: Sequence[str],
    beside: Beside,
    is_live: bool,
) -> EntryPage:
    """Return the data of an entry's page; an entry that never changed has no ``texts``."""
    current = {text.fingerprint for text in texts if text.current} or updates.keys()
    updated = max((last for text, (_, last) in updates.items() if text in current), default=None)
    if not is_live:
        seen = sorted(seen, key=lambda one: (one.source, one.document, one.id))
    return EntryPage(
        stored=stored,
        dated=dating_pieces(stored),
        past=past,
        sightings=seen,
        texts=len(texts) or 1,
        edits=list(edits_of(texts, updates, is_live=is_live)),
        categories=categories,
        updated=stored.updated if is_live else updated,
        beside=beside,
        is_live=is_live,
    )


def edits_of(texts: Sequence[RevisionText], updates: Updates, *, is_live: bool) -> Iterator[Edit]:
    """Yield the changes from each text to the next, of those that can be compared."""
    for before, after in list(pairwise(comparable(texts)))[-_MOST_EDITS:]:
        stated = updates.get(after.fingerprint)
        yield Edit(
            before=before.number,
            after=after.number,
            at=stated[0] if stated is not None else after.seen if is_live else None,
            title=[] if before.title == after.title else list(changes(before.title, after.title)),
            text=[] if before.text == after.text else list(changes(before.text, after.text)),
            more=steps(before, after)[2],
        )
