"""Agencies in the store, and how often each publishes.

Functions that write belong in a transaction, except ``adopt_configuration``.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.dating.gaps import Gap, usual_gap
from aggregator.model import Agency, Release
from aggregator.normalise.agency import Agencies, better_name
from aggregator.store import Row, Store, relayed, renditions, texts
from aggregator.store.times import to_time

IS_TIMED = "dating_basis = 'upstream' AND dating_earliest = dating_latest"
"""The condition in SQL that upstream gave the time of day of an entry."""

_RECENT = 50  # releases whose gaps count as usual


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyState:
    """The state of an agency.

    ``redated`` counts the entries whose date was changed.
    """

    agency: Agency
    entries: int
    newest: datetime | None
    usual_gap: Gap | None
    redated: int


def adopt_configuration(store: Store, agencies: Agencies) -> None:
    """Make the store's agencies those of the configuration; writes only differences.

    The entries of an unconfigured agency move to the configured one that has its name or alias, or
    to the one that its name has an id of by now: names that an earlier version took for two may be
    one, and a saved search may have the id.  Entries keep their ids.
    """
    held = {agency.id: agency for agency in all_agencies(store)}
    wanted = {agency.id: replace(agency, aliases=()) for agency in agencies.configured}
    changed = [agency for id_, agency in wanted.items() if held.get(id_) != agency]
    dropped = [
        replace(agency, configured=False)
        for id_, agency in held.items()
        if agency.configured and id_ not in wanted
    ]
    kept = relayed.agencies(store)
    moved = [
        (new, id_)
        for id_, agency in held.items()
        if id_ not in wanted and (new := agencies.named(agency.name)).id != id_
        # That of a source is named after its id, whatever that is; that of another Aggregator has
        # the id that it has there.
        if new.configured
        or id_ in agencies.taken
        or (agency.name.casefold() != id_ and id_ not in kept)
    ]
    if not (changed or dropped or moved):
        return
    with store.transaction():
        remember_agencies(store, changed + dropped)
        remember_agencies(store, [new for new, _ in moved if not new.configured])
        for new, old in moved:
            _move(store, old, new.id)


def _move(store: Store, old: str, new: str) -> None:
    """Make an agency's entries another's: those that it carried first, and those it is credited."""
    carried = [e for (e,) in store.rows("SELECT entry FROM sightings WHERE agency = ?", (old,))]
    credited = [e for (e,) in store.rows("SELECT entry FROM credits WHERE agency = ?", (old,))]
    for table in ("sightings", "removed_texts", "entries", "relayed_credits"):
        store.execute(f"UPDATE OR REPLACE {table} SET agency = ? WHERE agency = ?", (new, old))
    # Triggers note what is inserted and deleted, of both agencies.
    store.execute(
        "INSERT OR IGNORE INTO credits SELECT entry, ? FROM credits WHERE agency = ?", (new, old)
    )
    store.execute("DELETE FROM credits WHERE agency = ?", (old,))
    texts.set_agencies(store, texts.agencies_seen(store, {*carried, *credited}))
    renditions.drop(store, {*carried, *credited})
    store.execute("DELETE FROM relayed_agencies WHERE agency = ?", (old,))
    store.execute("DELETE FROM agencies WHERE id = ?", (old,))


def remember_agencies(store: Store, agencies: Iterable[Agency]) -> None:
    """Write a row for each of ``agencies``, with its current name.

    Of the names of one that is not configured the better is kept, so that it does not depend on
    which came last.
    """
    agencies = list(agencies)
    ids = json.dumps([agency.id for agency in agencies])
    among = "NOT configured AND id IN (SELECT value FROM json_each(?))"
    held = {agency.id: agency for agency in _agencies(store, among, (ids,))}
    for number, agency in enumerate(agencies):
        before = held.get(agency.id)
        if before is not None and not agency.configured:
            name = better_name(before.name, agency.name)
            agency = agencies[number] = replace(before, name=name)
        held[agency.id] = agency
    store.execute_many(
        "INSERT INTO agencies (id, name, homepage, configured) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, homepage = excluded.homepage,"
        " configured = excluded.configured",
        [(a.id, a.name, a.homepage, int(a.configured)) for a in agencies],
    )


_WITH_ENTRIES = (
    "(EXISTS (SELECT 1 FROM entries WHERE agency = agencies.id AND published IS NOT NULL)"
    " OR EXISTS (SELECT 1 FROM credits WHERE agency = agencies.id))"
)
_SHOWN = f"(configured OR {_WITH_ENTRIES})"


def agencies_with_entries(store: Store, ids: Collection[str] | None = None) -> list[Agency]:
    """Return the agencies with dated entries, by id; those of ``ids``, or of all for None."""
    if ids is None:
        return _agencies(store, _WITH_ENTRIES)
    among = f"id IN (SELECT value FROM json_each(?)) AND {_WITH_ENTRIES}"
    return _agencies(store, among, (json.dumps(sorted(ids)),))


def listed_agencies(store: Store, ids: Collection[str]) -> list[Agency]:
    """Return those of ``ids`` that had a feed when the output was written last, by id."""
    return _agencies(
        store,
        "id IN (SELECT value FROM json_each(?))"
        " AND EXISTS (SELECT 1 FROM listed_agencies WHERE agency = agencies.id)",
        (json.dumps(sorted(ids)),),
    )


def all_agencies(store: Store) -> list[Agency]:
    """Return the agencies, by id."""
    return _agencies(store, "TRUE")


def shown_agencies(store: Store, *, limit: int = -1, skip: int = 0) -> list[Agency]:
    """Return the agencies that are configured or have entries, by id: all, or a part of them.

    A feed whose entries are all of others, or were taken out, may have left one that is neither.
    """
    return _agencies(store, _SHOWN, limit=limit, skip=skip)


def shown_count(store: Store) -> int:
    """Return how many ``shown_agencies`` there are."""
    ((number,),) = store.rows(f"SELECT count(*) FROM agencies WHERE {_SHOWN}")
    return int(number)


def _agencies(
    store: Store, where: str, parameters: Row = (), *, limit: int = -1, skip: int = 0
) -> list[Agency]:
    rows = store.rows(
        f"SELECT id, name, homepage, configured FROM agencies WHERE {where} ORDER BY id"
        " LIMIT ? OFFSET ?",
        (*parameters, limit, skip),
    )
    return [
        Agency(id=id_, name=name, homepage=homepage, configured=bool(configured))
        for id_, name, homepage, configured in rows
    ]


def agency_states(store: Store, agencies: Iterable[Agency] | None = None) -> list[AgencyState]:
    """Return the state of each of ``agencies``, or of all ``shown_agencies``."""
    agencies = shown_agencies(store) if agencies is None else list(agencies)
    counts = {
        agency: numbers
        for agency, *numbers in store.rows(
            "SELECT agency, entries, redated FROM json_each(?) CROSS JOIN agency_counts"
            " ON agency = value",
            (json.dumps([agency.id for agency in agencies]),),
        )
    }
    states = []
    for agency in agencies:
        entries, redated = counts.get(agency.id, (0, 0))
        recent = _recent(store, agency.id)
        states.append(
            AgencyState(
                agency=agency,
                entries=entries,
                newest=recent[0].published if recent else None,
                usual_gap=usual_gap(recent),
                redated=redated,
            )
        )
    return states


def agency_gap(store: Store, agency: str) -> Gap | None:
    """Return the usual gap between the last releases of an agency."""
    return usual_gap(_recent(store, agency))


def _recent(store: Store, agency: str) -> list[Release]:
    """Return an agency's last releases, newest first."""
    rows = store.rows(
        f"SELECT published, {IS_TIMED} FROM entries WHERE agency = ? AND published IS NOT NULL"
        " ORDER BY published DESC LIMIT ?",
        (agency, _RECENT),
    )
    return [Release(to_time(published), bool(is_timed)) for published, is_timed in rows]
