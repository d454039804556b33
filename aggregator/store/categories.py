"""Categories that rules give to entries, and the entries whose categories are to be found again.

Triggers of the schema note entries whose text or agency changed; ``uncategorised`` returns them,
``save`` takes them off the list.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncategorised:
    """An entry as far as the rules read it; ``text`` is the beginning of the current one."""

    key: int
    id: str
    agency: str
    title: str
    text: str


def rules(store: Store) -> str | None:
    """Return the digest of the rules that were applied last; None before any were."""
    rows = store.rows("SELECT digest FROM kinds_by")
    return rows[0][0] if rows else None


def adopt_rules(store: Store, digest: str) -> None:
    """Note the digest of new rules, and that all entries are to be categorised again."""
    if rules(store) == digest:
        return
    with store.transaction():
        store.execute("INSERT OR IGNORE INTO to_categorise SELECT key FROM entries")
        store.execute("DELETE FROM kinds_by")
        store.execute("INSERT INTO kinds_by VALUES (?)", (digest,))


def is_waiting(store: Store) -> bool:
    """Whether an entry is to be categorised."""
    return bool(store.rows("SELECT 1 FROM to_categorise LIMIT 1"))


def count_waiting(store: Store) -> int:
    """Return how many entries are to be categorised."""
    ((count,),) = store.rows("SELECT count(*) FROM to_categorise")
    return int(count)


def uncategorised(store: Store, limit: int, length: int) -> list[Uncategorised]:
    """Return entries that are to be categorised, each with ``length`` characters of its text."""
    # A cross join begins with the list: SQLite would look for all entries in it.
    return _select(store, "to_categorise CROSS JOIN entries ON key = entry", length, limit)


def every(store: Store, limit: int, length: int) -> Iterator[list[Uncategorised]]:
    """Yield all entries as rules read them, ``limit`` at a time."""
    last = -1
    while batch := _select(store, "entries WHERE key > ?", length, last, limit):
        yield batch
        last = batch[-1].key


def _select(store: Store, source: str, length: int, *parameters: int) -> list[Uncategorised]:
    rows = store.rows(
        f"SELECT key, id, agency, title, substr(text, 1, ?) FROM {source} ORDER BY key LIMIT ?",
        (length, *parameters),
    )
    return [
        Uncategorised(key=key, id=entry_id, agency=agency, title=title, text=text)
        for key, entry_id, agency, title, text in rows
    ]


def save(store: Store, wanted: Mapping[int, Collection[str]]) -> int:
    """Give entries, by row, exactly these categories, and take them off the list.

    Belongs in a transaction.  Returns how many entries changed; triggers drop their renditions and
    note their pages.
    """
    held = of_entries(store, list(wanted))
    removed, added, changed = [], [], 0
    for key, terms in wanted.items():
        before = held.get(key, ())
        removed += [(key, term) for term in before if term not in terms]
        added += [(key, term) for term in sorted(terms) if term not in before]
        changed += set(before) != set(terms)
    store.execute_many("DELETE FROM kinds WHERE entry = ? AND term = ?", removed)
    store.execute_many("INSERT INTO kinds VALUES (?, ?)", added)
    store.execute(
        "DELETE FROM to_categorise WHERE entry IN (SELECT value FROM json_each(?))",
        (json.dumps(list(wanted)),),
    )
    return changed


def of_entries(store: Store, keys: Collection[int]) -> dict[int, list[str]]:
    """Return the categories of these entries, by name, without entries that have none."""
    found: dict[int, list[str]] = {}
    for key, term in store.rows(
        "SELECT entry, term FROM kinds WHERE entry IN (SELECT value FROM json_each(?))"
        " ORDER BY entry, term",
        (json.dumps(list(keys)),),
    ):
        found.setdefault(key, []).append(term)
    return found


def terms_of(store: Store, entries: Collection[int]) -> set[str]:
    """Return all categories that any of ``entries`` has."""
    return {term for terms in of_entries(store, entries).values() for term in terms}


def in_use(store: Store, terms: Sequence[str]) -> list[str]:
    """Return those of ``terms`` that an entry has, in their order."""
    rows = store.rows(
        "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM kinds WHERE term = value)"
        " ORDER BY key",
        (json.dumps(list(terms)),),
    )
    return [term for (term,) in rows]


def terms_of_feeds(store: Store, terms: Sequence[str]) -> list[str]:
    """Return those of ``terms`` that a feed states of an entry; case does not count."""
    wanted = {term.casefold() for term in terms}
    if not wanted:
        return []
    rows = store.rows("SELECT DISTINCT term FROM terms")
    return [term for (term,) in rows if term.casefold() in wanted]


def counts(store: Store) -> dict[str, int]:
    """Return the number of entries of each category."""
    return dict(
        store.rows("SELECT term, entries FROM category_counts WHERE entries > 0 ORDER BY term")
    )
