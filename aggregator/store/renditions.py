"""Entries as the files of a format hold them, built once and kept; and which entries were edited.

A rendition depends on its entry, on the name of its agency, and on the version of the code that
built it; it is used only while all three are the same.  A change of an entry calls ``drop`` in the
same transaction.

Most of an element is the texts of its entry, which are in the store already.  So it is packed with
these (``store.packing``): what is kept is the difference.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.store import Store
from aggregator.store.packing import pack, unpack
from aggregator.store.sightings import UPDATED
from aggregator.store.times import optional_time, to_time

_BATCH = 100

_TEXTS = (
    "CAST(entries.summary || entries.text || entries.published || entries.id"
    " || entries.title || name AS BLOB)"
)
"""The texts of an entry that its elements contain; those farther from the end compress less."""

_MARKUP = (
    b'"language":"en","attachments":[{"url":"","mime_type":"","size_in_bytes":}],"_aggregator":'
    b'{"agency":"","names":{"":""},"also_by":[""],"untitled":true,"truncated":true,'
    b'"summary_only":true,"revised":[""],"related":["https://"],"dating":{"basis":"inferred",'
    b'"earliest":"T00:00:00+00:00","latest":"T23:59:59+00:00","evidence":"first seen"},'
    b'"links":[{"rel":"related","href":"https://"}]}}<aggregator:extension'
    b' xmlns:aggregator="urn:uuid:52c8b2e4-6a0f-4b0e-9d57-0f6a3f1c7e21"></aggregator:extension>'
    b"<pubDate>Mon, 03 Mar 2025 12:00:00 +0000</pubDate><dc:creator></dc:creator>"
    b'<dc:language>en</dc:language><atom:updated></atom:updated><atom:link href="" rel="related"/>'
    b'</item><guid isPermaLink="false"></guid><item><title></published><link href="https://www."'
    b' rel="alternate"/></entry></summary><category term="" label=""/><published></title><updated>'
    b'T12:00:00+00:00</updated><author><name></name></author><content type="html">&lt;p&gt;'
    b"&lt;/p&gt;</content><summary>"
)
"""The markup of every element.  After a change of it, no earlier rendition can be read."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """An entry as a feed needs it.

    ``body`` is None if no valid rendition is kept, and empty if it cannot be read.
    """

    key: int
    agency: str
    updated: datetime
    body: bytes | None


def load(store: Store, form: str, version: str, keys: Sequence[int]) -> list[Rendition]:
    """Return the renditions of these entries, in their order; none of entries that are gone."""
    rows = store.rows(
        f"SELECT entries.key, agency, {UPDATED.format('entries.')}, body,"
        f" CASE WHEN body IS NOT NULL THEN {_TEXTS} END FROM entries"
        " JOIN agencies ON agencies.id = agency"
        " LEFT JOIN renditions ON entry = entries.key AND format = ?"
        " AND context = ? || ' ' || name"
        " WHERE entries.key IN (SELECT value FROM json_each(?))",
        (form, version, json.dumps(list(keys))),
    )
    found = {
        key: Rendition(
            key,
            agency,
            to_time(updated),
            None if body is None else unpack(body, _MARKUP + (texts or b"")) or b"",
        )
        for key, agency, updated, body, texts in rows
    }
    return [found[key] for key in keys if key in found]


def last_update(store: Store, keys: Sequence[int]) -> datetime | None:
    """Return when the last change of these entries was."""
    ((updated,),) = store.rows(
        f"SELECT max({UPDATED.format('entries.')}) FROM entries"
        " WHERE key IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keys)),),
    )
    return optional_time(updated)


def save(store: Store, form: str, version: str, bodies: Iterable[tuple[int, bytes]]) -> None:
    """Save renditions, each in place of the earlier one of its entry."""
    by_key = dict(bodies)
    rows = store.rows(
        f"SELECT entries.key, ? || ' ' || name, {_TEXTS} FROM entries"
        " JOIN agencies ON agencies.id = agency"
        " WHERE entries.key IN (SELECT value FROM json_each(?))",
        (version, json.dumps(list(by_key))),
    )
    store.execute_many(
        "INSERT OR REPLACE INTO renditions (entry, format, context, body) VALUES (?, ?, ?, ?)",
        [
            (key, form, context, pack(by_key[key], _MARKUP + (texts or b"")))
            for key, context, texts in rows
        ],
    )


def drop(store: Store, keys: Iterable[int]) -> None:
    """Delete the renditions of entries that changed."""
    store.execute_many("DELETE FROM renditions WHERE entry = ?", [(key,) for key in keys])


def drop_linked(store: Store, keys: Iterable[int]) -> None:
    """Delete the renditions of entries whose links changed, and of those that link to them."""
    store.execute_many(
        "DELETE FROM renditions WHERE entry = ?1"
        " OR entry IN (SELECT entry FROM related WHERE other = ?1)",
        [(key,) for key in keys],
    )


def edited(store: Store) -> Iterator[list[tuple[int, datetime]]]:
    """Yield dated entries with texts that are compared, in batches, the last edited first.

    Each is a row and the time at which the current text replaced another.  The current text is a
    whole one where there is any, so that one in ``revisions`` makes two.  Partial ones are compared
    where there is none.
    """
    last: tuple[str, int] | None = None
    while True:
        more = " AND (changed, key) < (?, ?)" if last else ""
        rows = store.rows(
            "SELECT key, changed FROM entries WHERE changed IS NOT NULL AND published IS NOT NULL"
            " AND (truncated OR is_summary OR EXISTS (SELECT 1 FROM revisions WHERE entry = key"
            f" AND NOT truncated AND NOT is_summary)){more}"
            f" ORDER BY changed DESC, key DESC LIMIT {_BATCH}",
            last or (),
        )
        if rows:
            yield [(key, to_time(changed)) for key, changed in rows]
        if len(rows) < _BATCH:
            return
        last = rows[-1][1], rows[-1][0]


def have_revisions(store: Store, keys: Collection[int]) -> bool:
    """Whether one of these entries has texts besides the current one."""
    return bool(
        store.rows(
            "SELECT 1 FROM revisions WHERE entry IN (SELECT value FROM json_each(?)) LIMIT 1",
            (json.dumps(sorted(keys)),),
        )
    )
