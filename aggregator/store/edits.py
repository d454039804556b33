"""Which entries may have been edited, the last ones first."""

import json
from collections.abc import Collection, Iterator
from datetime import datetime

from aggregator.store import Store
from aggregator.store.times import to_time

_BATCH = 100


def edited(store: Store) -> Iterator[list[tuple[int, datetime]]]:
    """The rows of dated entries with more than one whole text, by when the one that stands took the
    place of another, the last ones first; a few at a time.

    The text that stands is a whole one where there is any, so that one in ``revisions`` makes two.
    """
    last: tuple[str, int] | None = None
    while True:
        more = " AND (changed, key) < (?, ?)" if last else ""
        rows = store.rows(
            "SELECT key, changed FROM entries WHERE changed IS NOT NULL AND published IS NOT NULL"
            " AND EXISTS (SELECT 1 FROM revisions WHERE entry = key"
            f" AND NOT truncated AND NOT is_summary){more}"
            f" ORDER BY changed DESC, key DESC LIMIT {_BATCH}",
            last or (),
        )
        if rows:
            yield [(key, to_time(changed)) for key, changed in rows]
        if len(rows) < _BATCH:
            return
        last = rows[-1][1], rows[-1][0]


def with_texts(store: Store, keys: Collection[int]) -> bool:
    """Whether one of these entries has texts besides the one that stands."""
    return bool(
        store.rows(
            "SELECT 1 FROM revisions WHERE entry IN (SELECT value FROM json_each(?)) LIMIT 1",
            (json.dumps(sorted(keys)),),
        )
    )
