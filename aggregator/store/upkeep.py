"""Upkeep: what keeps a store small and quick over the years, none of which changes what it says.

``upkeep`` is for a quiet hour, beside whoever reads and writes: it takes turns with writers, and
makes nobody wait for longer than ``_PATIENCE``.  Entries that go for their age are for
``retention``.  The file does not shrink: what becomes free is used again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.store import BUSY_SECONDS, Store, history
from aggregator.store.times import time_text

KEPT = timedelta(days=30)
"""How long a document of a feed is kept that no entry was seen in."""

_PATIENCE = 250  # milliseconds
_BATCH = 500  # documents that go in one transaction
_MERGE_PAGES = 200  # of the search index, merged in one transaction
_MERGES = 50  # at most; the next time goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkept:
    """What was done.  ``documents`` went; ``merges`` were made in the search index;
    ``log_pages`` of the write-ahead log are in the file now; ``is_log_empty`` unless somebody was
    reading meanwhile.
    """

    documents: int
    merges: int
    log_pages: int
    is_log_empty: bool


def upkeep(
    store: Store, *, now: datetime, kept: timedelta = KEPT, thorough: bool = False
) -> Upkept:
    """Drop what nobody asks for, and put the file in order.

    ``now`` is in UTC; documents of feeds older than ``kept`` without a sighting go, but the last
    of each source.  Digests stay: by their hashes they are known.  Of how sources did, day by day,
    the last 90 days stay.  ``thorough`` is for when many entries were removed: the search index
    gets rid of their words, which takes writing all of it anew.  Raises ``StoreError``.
    """
    documents = _drop_documents(store, time_text(now - kept))
    with store.transaction():
        history.drop_old(store, now=now)
    merges = _merge_search_index(store, thorough)
    store.rows("PRAGMA analysis_limit = 400")  # rows of each index that are looked at
    store.rows("PRAGMA optimize")
    log_pages, is_log_empty = _empty_log(store)
    return Upkept(
        documents=documents, merges=merges, log_pages=log_pages, is_log_empty=is_log_empty
    )


def _drop_documents(store: Store, before: str) -> int:
    dropped = 0
    while True:
        with store.transaction():
            keys = store.rows(
                "SELECT key FROM documents WHERE NOT ordered AND dated AND modified < ?"
                " AND NOT EXISTS (SELECT 1 FROM sightings WHERE document = documents.key)"
                " AND key NOT IN (SELECT max(key) FROM documents GROUP BY source) LIMIT ?",
                (before, _BATCH),
            )
            for table, column in (("problems", "document"), ("documents", "key")):
                store.execute_many(f"DELETE FROM {table} WHERE {column} = ?", keys)
        dropped += len(keys)
        if len(keys) < _BATCH:
            return dropped


def _merge_search_index(store: Store, thorough: bool) -> int:
    """Merge parts of the search index, a little at a time; gives how many times that did something.

    As FTS5's documentation says of ``merge``: a number below zero makes all parts one, which the
    next ones go on with; and fewer than two rows change when nothing is left to do.
    """
    for done in range(_MERGES):
        with store.transaction():
            ((before,),) = store.rows("SELECT total_changes()")
            pages = -_MERGE_PAGES if thorough and done == 0 else _MERGE_PAGES
            store.execute(
                "INSERT INTO entries_fts (entries_fts, rank) VALUES ('merge', ?)", (pages,)
            )
            ((after,),) = store.rows("SELECT total_changes()")
        if after - before < 2:
            return done
    return _MERGES


def _empty_log(store: Store) -> tuple[int, bool]:
    """Have what the write-ahead log holds in the file, and the log empty if nobody reads.

    Most of it moves while others read and write; only then are writers kept out, for a moment.
    """
    ((_, _, moved),) = store.rows("PRAGMA wal_checkpoint(PASSIVE)")
    store.rows(f"PRAGMA busy_timeout = {_PATIENCE}")
    try:
        ((is_busy, _, _),) = store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        store.rows(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    return max(int(moved), 0), not is_busy
