"""Alarms in the store, and what the rules of ``aggregator/silence.py`` are asked of.

Costs a lookup for each agency; releases are read only of those that may be silent.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from aggregator.status.alarms.rules import (
    SHORTEST_PATIENCE,
    USUAL,
    YEAR,
    Alarm,
    Publishing,
    Reading,
)
from aggregator.store import Store
from aggregator.store.times import time_text, to_time

_COLUMNS = "id, kind, subject, since, title, words, raised, updated, ended"
_RECENT = timedelta(days=30)
# A clock that is set back by a day makes yesterday's releases tomorrow's.
_AHEAD = timedelta(days=1)


def open_alarms(store: Store) -> list[Alarm]:
    """The alarms that have not ended, by subject."""
    return _alarms(store, "WHERE ended IS NULL ORDER BY kind, subject")


def recent_alarms(store: Store) -> list[Alarm]:
    """The alarms that last, and those that ended in the 30 days before the last change of any.

    By the last change and not by the clock, so that nothing changes here while no alarm does.
    """
    ((last,),) = store.rows("SELECT max(updated) FROM alarms")
    if last is None:
        return []
    return _alarms(
        store,
        "WHERE ended IS NULL OR updated >= ? ORDER BY updated DESC, id",
        (time_text(to_time(last) - _RECENT),),
    )


def alarms_named(store: Store, ids: Collection[str]) -> list[Alarm]:
    """The alarms of these ids that there are or were."""
    return _alarms(
        store,
        "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(sorted(ids)),),
    )


def _alarms(store: Store, which: str, parameters: tuple[str, ...] = ()) -> list[Alarm]:
    return [
        Alarm(
            id=id_,
            kind=kind,
            subject=subject,
            since=to_time(since),
            title=title,
            words=words,
            raised=to_time(raised),
            updated=to_time(updated),
            ended=to_time(ended) if ended else None,
        )
        for id_, kind, subject, since, title, words, raised, updated, ended in store.rows(
            f"SELECT {_COLUMNS} FROM alarms {which}", parameters
        )
    ]


def times_taken(store: Store, since: datetime) -> set[datetime]:
    """The times from ``since`` on at which an alarm was last updated."""
    return {
        to_time(updated)
        for (updated,) in store.rows(
            "SELECT updated FROM alarms WHERE updated >= ?", (time_text(since),)
        )
    }


def keep_alarms(store: Store, alarms: Iterable[Alarm]) -> None:
    """Write these alarms, in place of what was kept of them."""
    store.execute_many(
        f"INSERT INTO alarms ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET title = excluded.title, words = excluded.words,"
        " raised = excluded.raised, updated = excluded.updated, ended = excluded.ended",
        [
            (
                alarm.id,
                alarm.kind,
                alarm.subject,
                time_text(alarm.since),
                alarm.title,
                alarm.words,
                time_text(alarm.raised),
                time_text(alarm.updated),
                time_text(alarm.ended) if alarm.ended is not None else None,
            )
            for alarm in alarms
        ],
    )


def failing_since(store: Store) -> dict[str, datetime]:
    """Since when each source fails that was noted to fail."""
    return {
        source: to_time(since) for source, since in store.rows("SELECT source, since FROM failing")
    }


def note_failing(store: Store, since: Mapping[str, datetime], well: Collection[str]) -> None:
    """Note since when these sources fail, and that those in ``well`` do no longer."""
    store.execute_many(
        "INSERT OR IGNORE INTO failing VALUES (?, ?)",
        [(source, time_text(moment)) for source, moment in sorted(since.items())],
    )
    store.execute_many("DELETE FROM failing WHERE source = ?", [(source,) for source in well])


def failures(store: Store, remote: Collection[str]) -> list[Reading]:
    """How the sources do that failed when they were last read, by id.

    Where it was not noted when the first failed in a row, it is the last success, or, where there
    was none, the last failure.
    """
    noted = failing_since(store)
    readings = []
    for source, attempt, success, error, number, gone in store.rows(
        "SELECT id, last_attempt, last_success, last_error, sources.failures, gone FROM sources"
        " LEFT JOIN visits ON visits.source = id"
        " WHERE last_attempt IS NOT NULL AND (sources.failures > 0 OR gone IS NOT NULL)"
        " ORDER BY id"
    ):
        first = attempt if number == 1 or success is None else success
        readings.append(
            Reading(
                source=source,
                is_remote=source in remote,
                failures=number,
                first_failed=noted.get(source, to_time(first)),
                last_attempt=to_time(attempt),
                reason=error or "",
                gone=to_time(gone) if gone else None,
            )
        )
    return readings


def last_successes(store: Store, sources: Collection[str]) -> dict[str, datetime]:
    """When each of ``sources`` was last read without error."""
    return {
        source: to_time(success)
        for source, success in store.rows(
            "SELECT id, last_success FROM sources WHERE last_success IS NOT NULL"
            " AND id IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(sources)),),
        )
    }


def first_document_time(store: Store) -> datetime | None:
    """The time of the document that came into the store first."""
    rows = store.rows("SELECT modified FROM documents ORDER BY key LIMIT 1")
    return to_time(rows[0][0]) if rows else None


def quiet(
    store: Store, owners: Mapping[str, str | None], suspects: Collection[str], now: datetime
) -> Iterator[Publishing]:
    """How the agencies publish of which no release is of the last days, and the ``suspects``.

    ``owners`` are the configured sources, each with the agency whose all of it is, if any.  What is
    dated ahead of ``now`` by more than a day is no release yet.
    """
    until = time_text(now + _AHEAD)
    for agency, name, newest in store.rows(
        "SELECT id, name, (SELECT max(published) FROM entries"
        " WHERE agency = agencies.id AND published <= ?) AS newest FROM agencies ORDER BY id",
        (until,),
    ):
        if agency in suspects or (newest is not None and to_time(newest) < now - SHORTEST_PATIENCE):
            yield _publishing(store, agency, name, owners, until)


def _publishing(
    store: Store, agency: str, name: str, owners: Mapping[str, str | None], until: str
) -> Publishing:
    """With the releases that are another agency's entries but that this one carried too."""
    releases = store.rows(
        "SELECT key, published FROM ("
        " SELECT * FROM (SELECT key, published FROM entries WHERE agency = ?1 AND published <= ?2"
        " ORDER BY published DESC LIMIT ?3) UNION"
        " SELECT key, published FROM credits JOIN entries ON key = entry"
        " WHERE credits.agency = ?1 AND published <= ?2) ORDER BY published DESC, key LIMIT ?3",
        (agency, until, USUAL + 1),
    )
    carried = {
        source
        for (source,) in store.rows(
            "SELECT DISTINCT source FROM sightings JOIN documents ON documents.key = document"
            " WHERE entry IN (SELECT value FROM json_each(?)) AND agency = ?",
            (json.dumps([key for key, _ in releases]), agency),
        )
    }
    sources = [
        source
        for source, owner in owners.items()
        if owner == agency or (owner is None and source in carried)
    ]
    times = tuple(to_time(published) for _, published in releases)
    return Publishing(
        agency=agency,
        name=name,
        releases=times,
        longest=_longest(store, agency, times[0], until) if times else None,
        sources=tuple(sources),
        heard=max(last_successes(store, sources).values(), default=None),
    )


def _longest(store: Store, agency: str, newest: datetime, until: str) -> timedelta | None:
    """The longest gap of the year before the newest release; None where there was none."""
    ((seconds,),) = store.rows(
        "SELECT max(gap) FROM (SELECT CAST(strftime('%s', published) AS INTEGER) -"
        " lag(CAST(strftime('%s', published) AS INTEGER)) OVER (ORDER BY published) AS gap"
        " FROM entries WHERE agency = ? AND published BETWEEN ? AND ?)",
        (agency, time_text(newest - YEAR), until),
    )
    return timedelta(seconds=seconds) if seconds is not None else None
