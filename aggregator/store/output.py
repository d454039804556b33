"""What of the output has to be written anew, as the schema's triggers noted it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """What changed since the output was written: months of agencies, and entries.

    ``entries`` are rows, of entries that may be gone: just these, since in a first run they are all
    there are.  ``upto`` are the numbers of the last notes of each kind, for ``written``.
    """

    months: Sequence[tuple[str, str]]
    entries: Sequence[int]
    upto: tuple[int, int]

    def __bool__(self) -> bool:
        return bool(self.months or self.entries)


def stale(store: Store) -> Stale:
    """All that has to be written anew."""
    # Asked before the rest: what is noted meanwhile has a higher number, and comes again.
    ((last,),) = store.rows("SELECT coalesce(max(serial), 0) FROM to_show")
    months = store.rows("SELECT agency, month, serial FROM to_archive ORDER BY agency, month")
    entries = store.rows("SELECT entry FROM to_show ORDER BY entry")
    return Stale(
        months=[(agency, month) for agency, month, _ in months],
        entries=[entry for (entry,) in entries],
        upto=(max((serial for *_, serial in months), default=0), last),
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


def gone(store: Store, done: Stale) -> list[str]:
    """The ids of those that ``done`` names and that have no page any more."""
    rows = store.rows(
        "SELECT id FROM to_show WHERE serial <= ? AND NOT EXISTS"
        " (SELECT 1 FROM entries WHERE key = to_show.entry AND published IS NOT NULL)",
        (done.upto[1],),
    )
    return [entry_id for (entry_id,) in rows]
