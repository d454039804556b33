"""Keeps a store small and fast over the years, without changing its content.

``upkeep`` runs in a quiet hour beside readers and writers: its transactions are short, and nobody
waits for longer than ``_PATIENCE``.  Removing old entries is for ``retention``.  The file does not
shrink: free pages are used again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.store import BUSY_SECONDS, Store, history
from aggregator.store.times import time_text

KEPT = timedelta(days=30)
"""How long a document of a feed without any sighting is kept."""

_PATIENCE = 250  # milliseconds
_BATCH = 500  # documents that are deleted in one transaction
_MERGE_PAGES = 200  # of the search index, merged in one transaction
_MERGES = 50  # at most; the next run continues


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkept:
    """The result: how many ``documents`` were deleted, ``merges`` made in the search index, and
    ``log_pages`` moved from the write-ahead log, which is empty unless a reader kept it.
    """

    documents: int
    merges: int
    log_pages: int
    is_log_empty: bool


def upkeep(
    store: Store, *, now: datetime, kept: timedelta = KEPT, thorough: bool = False
) -> Upkept:
    """Delete what is not needed any more, and tidy the search index and the log.

    ``now`` is in UTC.  Deletes documents of feeds that are older than ``kept`` and have no
    sighting, except the last of each source, and results of sources older than 90 days.  Digests
    stay, since their hashes recognise them.  ``thorough`` is for after many entries were removed:
    it rewrites the search index without their words.  Raises ``StoreError``.
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
    dropped = last = 0
    while True:
        with store.transaction():
            keys = store.rows(
                "SELECT key FROM documents WHERE key > ? AND NOT ordered AND dated AND modified < ?"
                " AND NOT EXISTS (SELECT 1 FROM sightings WHERE document = documents.key)"
                " AND EXISTS (SELECT 1 FROM documents AS later"
                " WHERE later.source = documents.source AND later.key > documents.key)"
                " ORDER BY key LIMIT ?",
                (last, before, _BATCH),
            )
            for table, column in (("problems", "document"), ("documents", "key")):
                store.execute_many(f"DELETE FROM {table} WHERE {column} = ?", keys)
        dropped += len(keys)
        if len(keys) < _BATCH:
            return dropped
        ((last,),) = keys[-1:]


def _merge_search_index(store: Store, thorough: bool) -> int:
    """Merge parts of the search index a little at a time; return how many merges had an effect.

    As FTS5 documents ``merge``: a negative number starts to make all parts one, which the next
    merges continue; fewer than two changed rows mean that nothing is left to do.
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
    """Move the write-ahead log into the file, and empty it unless somebody is reading.

    Most of it moves while others read and write; writers are blocked only for the short rest.
    """
    ((_, _, moved),) = store.rows("PRAGMA wal_checkpoint(PASSIVE)")
    store.rows(f"PRAGMA busy_timeout = {_PATIENCE}")
    try:
        ((is_busy, _, _),) = store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        store.rows(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    return max(int(moved), 0), not is_busy
