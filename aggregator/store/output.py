"""What of the output has to be written anew, as the schema's triggers noted it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """What changed since the output was written: months of agencies, and entries.

    ``entries`` are rows and ids, of entries that may be gone.  ``upto`` are the numbers of the last
    notes of each kind, for ``written``.
    """

    months: Sequence[tuple[str, str]]
    entries: Sequence[tuple[int, str]]
    upto: tuple[int, int]

    def __bool__(self) -> bool:
        return bool(self.months or self.entries)


def stale(store: Store) -> Stale:
    """All that has to be written anew."""
    months = store.rows("SELECT agency, month, serial FROM to_archive ORDER BY agency, month")
    entries = store.rows("SELECT entry, id, serial FROM to_show ORDER BY entry")
    return Stale(
        months=[(agency, month) for agency, month, _ in months],
        entries=[(entry, entry_id) for entry, entry_id, _ in entries],
        upto=(
            max((serial for *_, serial in months), default=0),
            max((serial for *_, serial in entries), default=0),
        ),
    )


def written(store: Store, done: Stale, facts: Mapping[str, str]) -> None:
    """Note that what ``done`` names was written, and ``facts`` about how; within a transaction.

    What changed again meanwhile has a higher number, and stays.
    """
    store.execute("DELETE FROM to_archive WHERE serial <= ?", (done.upto[0],))
    store.execute("DELETE FROM to_show WHERE serial <= ?", (done.upto[1],))
    store.execute_many(
        "INSERT INTO output VALUES (?, ?) ON CONFLICT (name)"
        " DO UPDATE SET value = excluded.value WHERE value != excluded.value",
        facts.items(),
    )


def remembered(store: Store) -> dict[str, str]:
    """The facts that were noted when the output was written."""
    return dict(store.rows("SELECT name, value FROM output"))


def present(store: Store, entries: Sequence[tuple[int, str]]) -> set[int]:
    """Those of ``entries`` that are there still."""
    rows = store.rows(
        "SELECT key FROM entries WHERE key IN (SELECT value FROM json_each(?))"
        " AND published IS NOT NULL",
        (json.dumps([key for key, _ in entries]),),
    )
    return {key for (key,) in rows}
