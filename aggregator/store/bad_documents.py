"""The documents of each source of which something could not be read, as they are now.

What the rules of a source leave out (``include``, ``exclude``) is not among it.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass

from aggregator.model import Document
from aggregator.store import Store

BY_RULES = 2
"""In ``problems.rejected``: left out as the rules of the source say."""

_CURRENT = """
    SELECT d.key FROM json_each(?) CROSS JOIN documents AS d INDEXED BY documents_bad
        ON d.source = value
    WHERE d.rejected > 0
        AND NOT EXISTS (SELECT 1 FROM documents
            WHERE (source, name) = (d.source, d.name) AND key > d.key)
        AND EXISTS (SELECT 1 FROM problems WHERE document = d.key AND rejected != 2)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadDocument:
    """A document with the first of its problems; ``more`` is how many there are besides.

    ``rejected``: the item at ``lines`` was left out, not only a detail.
    """

    name: str
    lines: tuple[int, int]
    reason: str
    rejected: bool
    more: int


def bad_documents(
    store: Store, sources: Collection[str] | None, files: Collection[str]
) -> dict[str, list[BadDocument]]:
    """Return the bad documents of ``sources``, or of all, the newest first.

    Of a source the newest document; of those that are ``files`` every one as it was read last, of
    which an item was left out.
    """
    among = " AND source IN (SELECT value FROM json_each(?))" if sources is not None else ""
    parameters = [json.dumps(list(sources))] if sources is not None else []
    keys = [
        key
        for (key,) in store.rows(
            f"SELECT newest FROM source_counts WHERE newest IS NOT NULL{among}", parameters
        )
    ]
    keys += (key for (key,) in store.rows(_CURRENT, (json.dumps(list(files)),)))
    found: dict[str, list[BadDocument]] = {}
    # With min(), SQLite takes the other columns from the row that has it.
    for source, name, first, last, rejected, reason, number, _ in store.rows(
        "SELECT source, name, first_line, last_line, problems.rejected, reason, count(*),"
        " min(problems.rowid) FROM (SELECT DISTINCT value FROM json_each(?))"
        f" CROSS JOIN problems ON document = value AND problems.rejected != {BY_RULES}"
        " CROSS JOIN documents ON key = document GROUP BY key ORDER BY key DESC",
        (json.dumps(keys),),
    ):
        found.setdefault(source, []).append(
            BadDocument(
                name=name,
                lines=(first, last),
                reason=reason,
                rejected=bool(rejected),
                more=number - 1,
            )
        )
    return found


def was_bad(store: Store, document: Document) -> bool:
    """Return whether something could not be read of the newest document, which this one follows.

    An older page of a feed has another name, and does not.
    """
    return bool(
        store.rows(
            "SELECT 1 FROM source_counts JOIN documents ON key = newest"
            " JOIN problems ON document = newest WHERE (source_counts.source, name) = (?, ?)"
            f" AND problems.rejected != {BY_RULES} LIMIT 1",
            (document.source, document.name),
        )
    )
