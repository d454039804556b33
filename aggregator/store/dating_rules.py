"""Which rules dates were worked out by, and the documents that older rules dated.

Dates follow from the evidence in texts, which is stored, so after a change of the rules both are
worked out again: ``adopt`` puts all documents on a list, and ``ingest.reread`` takes some at a time
off it.  Functions that write belong in a transaction, except ``adopt``.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from aggregator.dating import VERSION
from aggregator.dedupe.items import BY_KNOWN_TEXT, NOTED
from aggregator.model import Evidence
from aggregator.store import Store
from aggregator.store.sightings import evidence_row, insert_evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A sighting in a document that is read again.

    ``is_carrier``: it has what its text says about its date, or would get some.  ``is_ordered``:
    the document is a digest.
    """

    id: int
    entry: int
    fingerprint: str
    agency: str
    source: str
    is_ordered: bool
    is_carrier: bool


def is_current(store: Store) -> bool:
    """Whether the rules that were applied last are those of this version of the program."""
    return store.rows("SELECT version FROM dated_by") == [(VERSION,)]


def adopt(store: Store) -> None:
    """Note that the rules are those of today, and what is to be read and dated again by them."""
    if is_current(store):
        return
    with store.transaction():
        store.execute("INSERT OR IGNORE INTO to_redate SELECT key FROM documents")
        store.execute("DELETE FROM dated_by")
        store.execute("INSERT INTO dated_by VALUES (?)", (VERSION,))


def is_waiting(store: Store) -> bool:
    """Whether a document is to be read and dated again."""
    return bool(store.rows("SELECT 1 FROM to_redate LIMIT 1"))


def next_documents(store: Store, items: int) -> list[int]:
    """Return documents that are to be dated again, with so many items; one may have more.

    The oldest first, since documents of the same days are dated together.
    """
    found: list[int] = []
    for document, held in store.rows(
        "SELECT document, coalesce(items, 0) FROM to_redate LEFT JOIN documents ON key = document"
        " ORDER BY first_day, document LIMIT ?",
        (items,),
    ):
        items -= held
        if found and items < 0:
            break
        found.append(document)
    return found


def sightings_in(store: Store, document: int) -> list[Seen]:
    """Return the sightings in a document.

    Those whose text was known, or whose time is stated to the second, carry nothing of their text,
    except what was given to them later.
    """
    rows = store.query(
        "SELECT id, entry, fingerprint, agency, source, ordered AS is_ordered,"
        " EXISTS (SELECT 1 FROM evidence WHERE sighting = id AND place != 'header')"
        " OR rule NOT IN (SELECT value FROM json_each(?2)) AND NOT EXISTS"
        " (SELECT 1 FROM evidence WHERE sighting = id AND moment IS NOT NULL) AS is_carrier"
        " FROM documents CROSS JOIN sightings ON document = documents.key"
        " WHERE documents.key = ?1 ORDER BY id",
        (document, json.dumps([*BY_KNOWN_TEXT, NOTED])),
    )
    flags = ("is_ordered", "is_carrier")
    return [Seen(**row | {flag: bool(row[flag]) for flag in flags}) for row in rows]


def headers_in(store: Store, document: int) -> list[str]:
    """Return the dates that items of a document state, as they are written."""
    rows = store.rows(
        "SELECT phrase FROM sightings CROSS JOIN evidence ON sighting = id"
        " WHERE document = ? AND place = 'header' ORDER BY id",
        (document,),
    )
    return [phrase for (phrase,) in rows]


def save(store: Store, document: int, evidence: Mapping[int, Sequence[Evidence]]) -> None:
    """Replace what the texts of sightings say, and note that their document is to be dated."""
    listed = json.dumps(sorted(evidence))
    among = "sighting IN (SELECT value FROM json_each(?))"
    first: dict[int, int] = dict.fromkeys(evidence, 0)  # behind what headers state
    first.update(
        store.rows(
            f"SELECT sighting, max(position) + 1 FROM evidence WHERE {among}"
            " AND place = 'header' GROUP BY sighting",
            (listed,),
        )
    )
    store.execute(f"DELETE FROM evidence WHERE {among} AND place != 'header'", (listed,))
    insert_evidence(
        store,
        [
            evidence_row(number, place, one)
            for number, found in evidence.items()
            for place, one in enumerate(found, first[number])
        ],
    )
    store.execute("UPDATE documents SET dated = 0 WHERE key = ?", (document,))


def take_off(store: Store, documents: Collection[int]) -> None:
    """Take documents that were dated again off the list."""
    store.execute_many("DELETE FROM to_redate WHERE document = ?", [(key,) for key in documents])
