"""What other Aggregators state of entries: datings, carriers, times of change.

Takes rows of entries; returns what counts for them.  Of an entry that came from one Aggregator
alone, what that states last counts; of one that another source has too, nothing but a time to the
second (``docs/decisions/federation.md``).  Raises ``StoreError``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.dedupe.items import NOTED
from aggregator.model import Dating
from aggregator.store import Row, Store
from aggregator.store.times import open_time_text, optional_time, time_text, to_time

if TYPE_CHECKING:
    from aggregator.dedupe.items import Prepared
    from aggregator.model import Relayed


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayedFacts:
    """What Aggregators tell of one entry.

    ``is_owned``: it came from one of them alone; ``dating``, ``agencies`` (its own first) and
    ``revised`` are then what that tells last, where it tells a dating.  ``exact`` are times to the
    second that sources tell of it which may speak for its agency.
    """

    is_owned: bool
    dating: Dating | None
    agencies: tuple[str, ...]
    revised: tuple[datetime, ...]
    exact: tuple[Dating, ...]

    def narrower(self, own: Dating) -> Dating | None:
        """Return the earliest of the times to the second within the days of ``own``, if any.

        None where ``own`` is a time to the second, or only when the entry was first seen.
        """
        low, high = own.earliest, own.latest
        if own.basis == "first-seen" or low is None or high is None or low == high:
            return None
        within = [dating for dating in self.exact if low <= dating.published <= high]
        return min(within, key=lambda dating: (dating.published, dating.evidence), default=None)


def add(store: Store, items: Iterable[tuple[int, Prepared]]) -> None:
    """Write what is relayed with sightings, each given by its number."""
    rows = [(number, p.relayed) for number, p in items if p.relayed is not None]
    store.execute_many(
        "INSERT INTO relayed (sighting, basis, published, earliest, latest, evidence, updated,"
        " revised, claimed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_row(number, relayed) for number, relayed in rows],
    )
    store.execute_many(
        "INSERT INTO relayed_credits VALUES (?, ?)",
        [(number, agency.id) for number, relayed in rows for agency in relayed.credits],
    )


def _row(number: int, relayed: Relayed) -> tuple[object, ...]:
    dating = relayed.dating
    shown: tuple[object, ...] = (None, None, None, None, "")
    if dating is not None:
        shown = (
            dating.basis,
            time_text(dating.published),
            open_time_text(dating.earliest),
            open_time_text(dating.latest),
            dating.evidence,
        )
    updated = time_text(relayed.updated) if relayed.updated is not None else None
    revised = json.dumps([time_text(moment) for moment in relayed.revised])
    return number, *shown, updated, revised, int(relayed.is_claimed)


def remember_agencies(store: Store, items: Iterable[Prepared]) -> None:
    """Write the agencies of relayed items that the store does not have; the others stay."""
    named = {
        agency.id: agency
        for p in items
        if p.relayed is not None
        for agency in (p.entry.agency, *p.relayed.credits)
    }
    held = store.rows(
        "SELECT id FROM agencies WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(named)),),
    )
    added = [named[name] for name in sorted(named.keys() - {name for (name,) in held})]
    store.execute_many(
        "INSERT INTO agencies (id, name, configured) VALUES (?, ?, 0)",
        [(agency.id, agency.name) for agency in added],
    )
    store.execute_many(
        "INSERT INTO relayed_agencies VALUES (?)", [(agency.id,) for agency in added]
    )


def agencies(store: Store) -> set[str]:
    """Return the agencies whose id is another Aggregator's."""
    return {name for (name,) in store.rows("SELECT agency FROM relayed_agencies")}


def owned_by(store: Store, source: str, entries: Collection[int]) -> set[int]:
    """Return those of ``entries`` that came from this Aggregator first, and from no feed."""
    if not entries:
        return set()
    rows = store.rows(
        "SELECT entry, source, relayed.sighting IS NULL FROM sightings"
        " JOIN documents ON documents.key = document"
        " LEFT JOIN relayed ON relayed.sighting = sightings.id"
        " WHERE entry IN (SELECT value FROM json_each(?)) ORDER BY sightings.id DESC",
        (json.dumps(sorted(entries)),),
    )
    first = {entry: first_source for entry, first_source, _ in rows}
    others = {entry for entry, _, is_other in rows if is_other}
    return {entry for entry, name in first.items() if name == source} - others


def told(store: Store, keys: Collection[int]) -> dict[int, RelayedFacts]:
    """Return what Aggregators tell of these entries, of those that came from any."""
    if not store.rows("SELECT 1 FROM relayed LIMIT 1"):
        return {}
    listed = json.dumps(sorted(keys))
    own = store.rows(
        "SELECT DISTINCT entry FROM sightings WHERE entry IN (SELECT value FROM json_each(?))"
        " AND id NOT IN (SELECT sighting FROM relayed)",
        (listed,),
    )
    carriers: dict[int, list[str]] = {}
    for sighting, agency in store.rows(
        "SELECT id, relayed_credits.agency FROM sightings"
        " JOIN relayed_credits ON sighting = id"
        " WHERE entry IN (SELECT value FROM json_each(?)) ORDER BY 1, 2",
        (listed,),
    ):
        carriers.setdefault(sighting, []).append(agency)
    rows: dict[int, list[Row]] = {}
    for entry, *row in store.rows(
        "SELECT entry, id, agency, rule, revised, claimed, basis, published, earliest, latest,"
        " evidence FROM sightings JOIN relayed ON sighting = id"
        " WHERE entry IN (SELECT value FROM json_each(?)) ORDER BY id",
        (listed,),
    ):
        rows.setdefault(entry, []).append(tuple(row))
    others = {entry for (entry,) in own}
    return {entry: _told(found, entry not in others, carriers) for entry, found in rows.items()}


def _told(
    rows: Sequence[Row], is_owned: bool, carriers: Mapping[int, Sequence[str]]
) -> RelayedFacts:
    standing = [row for row in rows if row[2] != NOTED]
    datings = [dating for row in standing if (dating := _dating(row)) is not None]
    agencies: list[str] = []
    revised: tuple[datetime, ...] = ()
    if standing:
        last = standing[-1]
        agencies = [last[1], *carriers.get(last[0], ())]
        revised = tuple(map(to_time, json.loads(last[3])))
    claimed = [dating for row in rows if row[4] and (dating := _dating(row)) is not None]
    return RelayedFacts(
        is_owned=is_owned and bool(standing),
        dating=datings[-1] if datings else None,
        agencies=tuple(dict.fromkeys([*agencies, *(row[1] for row in rows if row[2] == NOTED)])),
        revised=revised,
        exact=tuple(
            dating
            for dating in claimed
            if dating.basis == "upstream" and dating.earliest == dating.latest
        ),
    )


def _dating(row: Row) -> Dating | None:
    basis, published, earliest, latest, evidence = row[5:]
    if basis is None or published is None:
        return None
    return Dating(
        basis=basis,
        published=to_time(published),
        earliest=optional_time(earliest),
        latest=optional_time(latest),
        evidence=evidence,
    )
