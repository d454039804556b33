"""Alarms in the store, and the activity of agencies and sources that the alarm rules judge.

Costs one lookup per agency; releases are read only of agencies that may be silent.  Functions that
write belong in a transaction.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from aggregator.model import AgencyActivity, Alarm, Release, SourceFailures
from aggregator.store import Store
from aggregator.store.agencies import IS_TIMED
from aggregator.store.times import columns_of, optional_time, time_text, to_time, with_times

_RECENT = timedelta(days=30)
# A clock that is set back by a day makes yesterday's releases tomorrow's.
_AHEAD = timedelta(days=1)


def open_ones(store: Store) -> list[Alarm]:
    """The alarms that have not ended, by subject."""
    return _alarms(store, "ended IS NULL ORDER BY kind, subject")


def recent(store: Store) -> list[Alarm]:
    """The open alarms, and those that ended in the 30 days before the last change of any.

    Measured from the last change instead of the clock, so that the result is the same as long as
    no alarm changes.
    """
    ((last,),) = store.rows("SELECT max(updated) FROM alarms")
    if last is None:
        return []
    since = time_text(to_time(last) - _RECENT)
    return _alarms(store, "ended IS NULL OR updated >= ? ORDER BY updated DESC, id", since)


def newest_open(store: Store, limit: int) -> list[Alarm]:
    """The open alarms, the last change first, at most so many."""
    few = "alarms_open" if sum(open_counts(store).values()) <= limit else "alarms_by_time"
    where = "ended IS NULL ORDER BY updated DESC, id LIMIT ?"
    return _alarms(store, where, limit, index=few)


def newest_ended(store: Store, limit: int) -> list[Alarm]:
    """The alarms that ended among ``recent``, the last change first, at most so many."""
    ((last,),) = store.rows("SELECT max(updated) FROM alarms")
    since = time_text(to_time(last) - _RECENT) if last is not None else ""
    where = "ended IS NOT NULL AND updated >= ? ORDER BY updated DESC, id LIMIT ?"
    return _alarms(store, where, since, limit, index="alarms_by_time")


def open_counts(store: Store) -> dict[str, int]:
    """How many alarms of each kind are open."""
    return dict(store.rows("SELECT kind, count(*) FROM alarms WHERE ended IS NULL GROUP BY kind"))


def open_subjects(store: Store, kind: str, subjects: Collection[str] | None = None) -> set[str]:
    """The subjects of the open alarms of a kind; of ``subjects``, or all."""
    among = " AND subject IN (SELECT value FROM json_each(?))" if subjects is not None else ""
    rows = store.rows(
        f"SELECT subject FROM alarms WHERE ended IS NULL AND kind = ?{among}",
        [kind, *([json.dumps(list(subjects))] if subjects is not None else [])],
    )
    return {subject for (subject,) in rows}


def by_id(store: Store, ids: Collection[str]) -> list[Alarm]:
    """The alarms of these ids that the store has."""
    listed = json.dumps(list(ids))
    return _alarms(store, "id IN (SELECT value FROM json_each(?)) ORDER BY id", listed)


def _alarms(
    store: Store, where: str, *parameters: str | int, index: str | None = None
) -> list[Alarm]:
    by = f" INDEXED BY {index}" if index is not None else ""
    return [
        Alarm(**with_times(row, "since", "raised", "updated", "ended"))
        for row in store.query(f"SELECT * FROM alarms{by} WHERE {where}", parameters)
    ]


def update_times(store: Store, since: datetime) -> set[datetime]:
    """The times from ``since`` on at which an alarm was last updated."""
    rows = store.rows("SELECT updated FROM alarms WHERE updated >= ?", (time_text(since),))
    return {to_time(updated) for (updated,) in rows}


def save(store: Store, alarms: Iterable[Alarm]) -> None:
    """Write these alarms, each in place of an earlier state of it."""
    store.db.table("alarms").upsert_all([columns_of(alarm) for alarm in alarms], pk="id")


def failing_since(store: Store) -> dict[str, datetime]:
    """When the failures in a row of each source began, where that was noted."""
    return {
        source: to_time(since) for source, since in store.rows("SELECT source, since FROM failing")
    }


def note_failing(store: Store, since: Mapping[str, datetime], well: Collection[str]) -> None:
    """Note since when these sources fail, and that those in ``well`` no longer do."""
    store.execute_many(
        "INSERT OR IGNORE INTO failing VALUES (?, ?)",
        [(source, time_text(moment)) for source, moment in sorted(since.items())],
    )
    store.execute_many("DELETE FROM failing WHERE source = ?", [(source,) for source in well])


def source_failures(store: Store, is_remote: Callable[[str], bool]) -> list[SourceFailures]:
    """The sources whose last reading failed, by id, with whether each has an address.

    Where the first failure was not noted, the last success stands for it, or the last failure
    where the source never succeeded.
    """
    noted = failing_since(store)
    found = []
    for source, attempt, success, error, number, gone in store.rows(
        "SELECT id, last_attempt, last_success, last_error, sources.failures, gone FROM sources"
        " LEFT JOIN visits ON visits.source = id WHERE last_attempt IS NOT NULL AND id IN"
        " (SELECT id FROM sources WHERE failures > 0"
        " UNION ALL SELECT source FROM visits WHERE gone IS NOT NULL) ORDER BY id"
    ):
        first = attempt if number == 1 or success is None else success
        found.append(
            SourceFailures(
                source=source,
                is_remote=is_remote(source),
                failures=number,
                first_failed=noted.get(source, to_time(first)),
                last_attempt=to_time(attempt),
                reason=error or "",
                gone=optional_time(gone),
            )
        )
    return found


def last_successes(store: Store, sources: Collection[str]) -> dict[str, datetime]:
    """When each of ``sources`` was last read, at least in part."""
    rows = store.rows(
        "SELECT id, last_success FROM sources WHERE last_success IS NOT NULL"
        " AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(sources)),),
    )
    return {source: to_time(success) for source, success in rows}


def first_document_time(store: Store) -> datetime | None:
    """The time of the first document that the store took in."""
    rows = store.rows("SELECT modified FROM documents ORDER BY key LIMIT 1")
    return to_time(rows[0][0]) if rows else None


def quiet_agencies(
    store: Store,
    owners: Mapping[str, str | None],
    suspects: Collection[str],
    *,
    now: datetime,
    quiet: timedelta | None,
    releases: int,
    period: timedelta,
    may_be_silent: Callable[[Sequence[Release], datetime], bool],
) -> Iterator[AgencyActivity]:
    """The activity of agencies without a release for the time ``quiet``, and of ``suspects``.

    Of the latter alone if ``quiet`` is None; of the others only those of which ``may_be_silent``
    says so, by their releases and ``now``.  ``owners`` maps each configured source to the agency
    that all of it belongs to, if any.  Of each agency the last ``releases`` are returned, and the
    longest gap of the ``period`` before the newest.  An entry dated more than a day after ``now``
    is not a release yet.
    """
    until = time_text(now + _AHEAD)
    among = "WHERE id IN (SELECT value FROM json_each(?2))" if quiet is None else ""
    agencies = store.rows(
        "SELECT id, name, (SELECT max(published) FROM entries"
        f" WHERE agency = agencies.id AND published <= ?1) AS newest FROM agencies {among}"
        " ORDER BY id",
        (until, *([json.dumps(sorted(suspects))] if quiet is None else [])),
    )
    owned: dict[str, list[str]] = {}
    places: dict[str, int] = {}
    if agencies:
        for place, (source, owner) in enumerate(owners.items()):
            places[source] = place
            if owner is not None:
                owned.setdefault(owner, []).append(source)
    for agency, name, newest in agencies:
        is_quiet = quiet is not None and newest is not None and to_time(newest) < now - quiet
        if agency not in suspects and not is_quiet:
            continue
        found = _releases(store, agency, until, releases)
        published = tuple(Release(to_time(moment), bool(timed)) for _, moment, timed in found)
        if agency not in suspects and not may_be_silent(published, now):
            continue
        carriers = _carriers(store, agency, [key for key, *_ in found])
        carriers = {source for source in carriers & places.keys() if owners[source] is None}
        sources = sorted({*owned.get(agency, ()), *carriers}, key=places.__getitem__)
        yield AgencyActivity(
            agency=agency,
            name=name,
            releases=published,
            longest=_longest_gap(store, agency, published[0].published - period, until)
            if published
            else None,
            sources=tuple(sources),
            heard=max(last_successes(store, sources).values(), default=None),
        )


def _releases(store: Store, agency: str, until: str, limit: int) -> list[tuple[int, str, int]]:
    """The rows and times of an agency's last releases, and whether upstream gave those.

    Includes entries of other agencies that this one carried as well.
    """
    row = "key, published, dating_basis, dating_earliest, dating_latest"
    return store.rows(
        f"SELECT key, published, {IS_TIMED} FROM ("
        f" SELECT * FROM (SELECT {row} FROM entries WHERE agency = ?1 AND published <= ?2"
        " ORDER BY published DESC LIMIT ?3) UNION"
        f" SELECT {row} FROM credits JOIN entries ON key = entry"
        " WHERE credits.agency = ?1 AND published <= ?2) ORDER BY published DESC, key LIMIT ?3",
        (agency, until, limit),
    )


def _carriers(store: Store, agency: str, entries: Sequence[int]) -> set[str]:
    """The sources that brought these entries of an agency."""
    rows = store.rows(
        "SELECT DISTINCT source FROM sightings JOIN documents ON documents.key = document"
        " WHERE entry IN (SELECT value FROM json_each(?)) AND agency = ?",
        (json.dumps(entries), agency),
    )
    return {source for (source,) in rows}


def _longest_gap(store: Store, agency: str, since: datetime, until: str) -> timedelta | None:
    """The longest time between two releases in a row; None where there are fewer than two."""
    rows = store.rows(
        "SELECT published FROM entries WHERE agency = ? AND published BETWEEN ? AND ?"
        " ORDER BY published",
        (agency, time_text(since), until),
    )
    # In SQL it would take four times as long.
    gaps = (later - earlier for earlier, later in pairwise(to_time(text) for (text,) in rows))
    return max(gaps, default=None)
