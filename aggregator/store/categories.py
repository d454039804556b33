"""The categories that rules give to entries, and of which entries they are to be found anew.

Triggers of the schema note the entries whose text or agency changed; ``waiting`` gives them, and
``save`` takes them off the list.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An entry as far as rules look at it; ``text`` is the beginning of the one that stands."""

    key: int
    id: str
    agency: str
    title: str
    text: str


def rules(store: Store) -> str | None:
    """The digest of the rules by which entries have their terms; None before there were any."""
    rows = store.rows("SELECT digest FROM kinds_by")
    return rows[0][0] if rows else None


def adopt_rules(store: Store, digest: str) -> None:
    """Note that entries have their terms by other rules from now on, and so all of them."""
    if rules(store) == digest:
        return
    with store.transaction():
        store.execute("INSERT OR IGNORE INTO to_categorise SELECT key FROM entries")
        store.execute("DELETE FROM kinds_by")
        store.execute("INSERT INTO kinds_by VALUES (?)", (digest,))


def is_waiting(store: Store) -> bool:
    """Whether there is an entry whose terms are to be found anew."""
    return bool(store.rows("SELECT 1 FROM to_categorise LIMIT 1"))


def waiting(store: Store, limit: int, length: int) -> list[Told]:
    """Entries whose terms are to be found anew, each with ``length`` characters of its text."""
    return _told(
        store,
        "SELECT key, id, agency, title, substr(text, 1, ?) FROM to_categorise JOIN entries"
        " ON key = entry ORDER BY key LIMIT ?",
        (length, limit),
    )


def told(store: Store, limit: int, length: int) -> Iterator[list[Told]]:
    """All entries with the beginnings of their texts, ``limit`` at a time."""
    last = -1
    while batch := _told(
        store,
        "SELECT key, id, agency, title, substr(text, 1, ?) FROM entries WHERE key > ?"
        " ORDER BY key LIMIT ?",
        (length, last, limit),
    ):
        yield batch
        last = batch[-1].key


def _told(store: Store, sql: str, parameters: Sequence[int]) -> list[Told]:
    return [
        Told(key=key, id=entry_id, agency=agency, title=title, text=text)
        for key, entry_id, agency, title, text in store.rows(sql, parameters)
    ]


def save(store: Store, wanted: Mapping[int, Collection[str]]) -> int:
    """Have entries, by row, have just these terms, and take them off the list.

    Within a transaction.  Gives how many had others; what stands of those in feeds is dropped, and
    their pages are noted, by triggers.
    """
    held = of_entries(store, list(wanted))
    gone, come, changed = [], [], 0
    for key, terms in wanted.items():
        before = held.get(key, ())
        gone += [(key, term) for term in before if term not in terms]
        come += [(key, term) for term in sorted(terms) if term not in before]
        changed += set(before) != set(terms)
    store.execute_many("DELETE FROM kinds WHERE entry = ? AND term = ?", gone)
    store.execute_many("INSERT INTO kinds VALUES (?, ?)", come)
    store.execute(
        "DELETE FROM to_categorise WHERE entry IN (SELECT value FROM json_each(?))",
        (json.dumps(list(wanted)),),
    )
    return changed


def terms_of(store: Store, entries: Collection[int]) -> set[str]:
    """All terms that any of ``entries`` has."""
    rows = store.rows(
        "SELECT DISTINCT term FROM kinds WHERE entry IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(entries)),),
    )
    return {term for (term,) in rows}


def of_entries(store: Store, keys: Collection[int]) -> dict[int, list[str]]:
    """The terms that rules gave to entries, by name, of those that have some."""
    found: dict[int, list[str]] = {}
    for key, term in store.rows(
        "SELECT entry, term FROM kinds WHERE entry IN (SELECT value FROM json_each(?))"
        " ORDER BY entry, term",
        (json.dumps(list(keys)),),
    ):
        found.setdefault(key, []).append(term)
    return found


def given(store: Store, terms: Sequence[str]) -> list[str]:
    """Those of ``terms`` that some entry has, in their order."""
    rows = store.rows(
        "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM kinds WHERE term = value)"
        " ORDER BY key",
        (json.dumps(list(terms)),),
    )
    return [term for (term,) in rows]


def counts(store: Store) -> dict[str, int]:
    """How many entries have each term, of those that any has."""
    return dict(store.rows("SELECT term, count(*) FROM kinds GROUP BY term"))
