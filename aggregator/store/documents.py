"""Sources and documents in the store: what was read, and with which result.

Functions that write belong in a transaction.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aggregator.model import Document, Problem, SourceReport
from aggregator.store import Store
from aggregator.store.bad_documents import BY_RULES
from aggregator.store.times import time_text, to_time, with_times

_BEGUN = "begun"  # in the place of limits
_FIRST_WAIT = 3600
_LONGEST_WAIT = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDocument:
    """The result of a document that was read before."""

    items: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """The state of a source.  Times are UTC, None where it never happened.

    ``last_error`` is the first failure of the last attempt, ``more_errors`` are the others, and
    the files that were not read.
    """

    last_attempt: datetime | None = None
    last_success: datetime | None = None
    last_status: str | None = None
    last_error: str | None = None
    more_errors: tuple[str, ...] = ()
    failures: int = 0
    documents: int = 0
    items: int = 0
    entries: int = 0
    rejected: int = 0


def remember_sources(store: Store, sources: Iterable[tuple[str, str]]) -> None:
    """Have a row for each of ``sources``, given as id and location."""
    store.execute_many(
        "INSERT INTO sources (id, location) VALUES (?, ?) ON CONFLICT (id)"
        " DO UPDATE SET location = excluded.location WHERE location != excluded.location",
        sources,
    )


def remember_outcomes(store: Store, reports: Iterable[SourceReport], *, at: datetime) -> None:
    """Note the result of a run for each source; failures are counted until the next success.

    A source of which something was read has succeeded too, in part.
    """
    store.execute_many(
        "UPDATE sources SET last_attempt = ?1, last_status = ?2, last_error = ?3, more_errors = ?5,"
        " last_success = iif(?3 IS NULL OR ?6 > 0, ?1, last_success),"
        " failures = iif(?3 IS NULL, 0, failures + 1) WHERE id = ?4",
        [
            (
                *(time_text(at), report.status, report.error, report.id),
                *(_more_errors(report), report.documents),
            )
            for report in reports
        ],
    )


def _more_errors(report: SourceReport) -> str | None:
    more = report.problems[min(report.failures, 1) : report.failures + report.remarks]
    return json.dumps(more) if more else None


def has_documents(store: Store, source: str) -> bool:
    """Return whether a document of a source was ever read."""
    return bool(store.rows("SELECT 1 FROM documents WHERE source = ? LIMIT 1", (source,)))


def known_documents(
    store: Store, source: str, names: Collection[str]
) -> dict[tuple[str, str], KnownDocument]:
    """Return the documents of these names that were read before, by name and SHA-256."""
    rows = store.rows(
        "SELECT name, sha256, items, rejected FROM documents"
        " WHERE source = ? AND name IN (SELECT value FROM json_each(?))",
        (source, json.dumps(list(names))),
    )
    return {
        (name, sha256): KnownDocument(items=items, rejected=rejected)
        for name, sha256, items, rejected in rows
    }


def add_document(
    store: Store,
    document: Document,
    *,
    items: int,
    problems: Sequence[Problem],
    left_out: Sequence[Problem] = (),
    ordered: bool,
    days: tuple[date, date],
) -> int | None:
    """Add ``document`` with the problems of reading it; return its key.

    Returns None where another process added it meanwhile.  ``ordered``: its items are sorted newest
    first; ``days`` are the first and last day that they seem to be of.
    ``left_out`` are items that the rules of the source do not select.
    """
    sha256 = document.sha256
    if document.address is not None and not ordered and _returns(store, document):
        sha256 += f" {time_text(document.modified)}"
    added = store.rows(
        "INSERT INTO documents (source, name, sha256, bytes, modified, items, rejected, ordered,"
        " first_day, last_day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        " RETURNING key",
        (
            document.source,
            document.name,
            sha256,
            document.size,
            time_text(document.modified),
            items,
            sum(problem.rejected for problem in problems) + len(left_out),
            int(ordered),
            days[0].isoformat(),
            days[1].isoformat(),
        ),
    )
    if not added:
        return None
    ((key,),) = added
    store.execute_many(
        "INSERT INTO problems (document, first_line, last_line, rejected, reason)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            *((key, *each.lines, int(each.rejected), each.reason) for each in problems),
            *((key, *each.lines, BY_RULES, each.reason) for each in left_out),
        ],
    )
    return int(key)


def _returns(store: Store, document: Document) -> bool:
    """Whether a feed had these bytes before, and others since: it took a change back."""
    return bool(
        store.rows(
            "SELECT 1 FROM documents AS old WHERE (source, name, sha256) = (?, ?, ?) AND EXISTS"
            " (SELECT 1 FROM documents WHERE (source, name) = (old.source, old.name)"
            " AND key > old.key)",
            (document.source, document.name, document.sha256),
        )
    )


def give_up(store: Store, document: Document, limits: str, problem: str, *, at: datetime) -> None:
    """Remember that ``document`` took too long under these ``limits``.

    It is tried again after an hour, the next time after two, and so on up to a day.
    """
    source, name, sha256 = document.source, document.name, document.sha256
    before = store.rows(
        "SELECT wait FROM given_up WHERE (source, name, sha256) = (?, ?, ?)", (source, name, sha256)
    )
    wait = min(max([_FIRST_WAIT, *(2 * seconds for (seconds,) in before)]), _LONGEST_WAIT)
    until = time_text(at + timedelta(seconds=wait))
    _note(store, (source, name, sha256, until, wait, limits, problem))


def _note(store: Store, row: Sequence[object]) -> None:
    store.execute("INSERT OR REPLACE INTO given_up VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def given_up(store: Store, document: Document, limits: str, *, now: datetime) -> str | None:
    """Return why ``document`` is not read now, if it took too long not long ago."""
    known = all_given_up(store, [document.source], limits, now=now)
    return known.get((document.source, document.name, document.sha256))


def all_given_up(
    store: Store, sources: Collection[str], limits: str, *, now: datetime
) -> dict[tuple[str, str, str], str]:
    """Return the same for all documents of ``sources``, by source, name and hash."""
    found = {}
    for source, name, sha256, until, wait, problem in store.rows(
        "SELECT source, name, sha256, until, wait, problem FROM given_up"
        " WHERE source IN (SELECT value FROM json_each(?)) AND limits = ?",
        (json.dumps(list(sources)), limits),
    ):
        again = to_time(until)
        if now < again <= now + timedelta(seconds=wait):  # unless the clock was set back
            when = f"after {again:%Y-%m-%d %H:%M} UTC"
            found[source, name, sha256] = f"{problem}; tried again when it changes, or {when}"
    return found


def begin(store: Store, document: Document, *, at: datetime) -> bool:
    """Note that ``document`` is being read; return whether it was when a process ended."""
    source, name, sha256 = document.source, document.name, document.sha256
    found = store.rows(
        "SELECT limits, wait FROM given_up WHERE (source, name, sha256) = (?, ?, ?)",
        (source, name, sha256),
    )
    if any(limits == _BEGUN for limits, _ in found):
        return True
    wait = max((seconds for _, seconds in found), default=0)
    with store.transaction():
        _note(store, (source, name, sha256, time_text(at), wait, _BEGUN, "is being read"))
    return False


def take_back(store: Store, document: Document) -> None:
    """Forget that a document of this name was begun, or given up."""
    store.execute(
        "DELETE FROM given_up WHERE (source, name) = (?, ?)", (document.source, document.name)
    )


def is_answering(store: Store) -> bool:
    """Return True, as far as a row can be read; raises ``StoreError`` where it cannot."""
    return bool(store.rows("SELECT count(*) FROM (SELECT 1 FROM sources LIMIT 1)"))


def count_by_status(store: Store) -> dict[str | None, int]:
    """Return how many sources had each result when they were last read; None: never read."""
    return dict(store.rows("SELECT last_status, count(*) FROM sources GROUP BY last_status"))


def source_count(store: Store) -> int:
    """Return how many sources were ever configured."""
    ((number,),) = store.rows("SELECT count(*) FROM sources")
    return int(number)


def source_ids(store: Store) -> set[str]:
    """Return the ids of all sources that were ever configured."""
    return {id_ for (id_,) in store.rows("SELECT id FROM sources")}


def statuses(store: Store, sources: Collection[str]) -> list[str | None]:
    """Return the last result of each of ``sources`` that the store knows."""
    listed = json.dumps(list(sources))
    rows = store.rows(
        "SELECT last_status FROM json_each(?) CROSS JOIN sources ON sources.id = value", (listed,)
    )
    return [status for (status,) in rows]


def failing_first(store: Store, former: Collection[str], *, limit: int, skip: int) -> list[str]:
    """Return the ids of ``limit`` sources after ``skip`` others, all but those in ``former``.

    First those that fail, the most often in a row first, then the others, as they are due, then
    those that are not planned.  Reads no more than those and what is before them.
    """
    found: list[str] = []
    for rest, order in (
        ("sources WHERE failures > 0", "failures DESC, id"),
        (
            "visits CROSS JOIN sources ON id = source WHERE due IS NOT NULL"
            " AND sources.failures = 0",
            "due",
        ),
        (
            "sources WHERE failures = 0 AND NOT EXISTS"
            " (SELECT 1 FROM visits WHERE source = id AND due IS NOT NULL)",
            "id",
        ),
    ):
        among = f"FROM {rest} AND id NOT IN (SELECT value FROM json_each(?))"
        listed = json.dumps(sorted(former))
        rows = store.rows(
            f"SELECT id {among} ORDER BY {order} LIMIT ? OFFSET ?",
            (listed, limit - len(found), skip),
        )
        found += (id_ for (id_,) in rows)
        if len(found) == limit:
            break
        if rows:
            skip = 0
        elif skip:
            skip -= store.rows(f"SELECT count(*) {among}", (listed,))[0][0]
    return found


def failing_ids(store: Store) -> list[str]:
    """Return the ids of the sources whose last attempt failed."""
    return [id_ for (id_,) in store.rows("SELECT id FROM sources WHERE failures > 0")]


def among_failing_first(
    store: Store, sources: Collection[str], *, limit: int, skip: int
) -> list[str]:
    """Return some of ``sources``, in the order of ``failing_first``."""
    rows = store.rows(
        "SELECT value, ifnull(sources.failures, 0) AS failed FROM json_each(?)"
        " LEFT JOIN sources ON sources.id = value LEFT JOIN visits ON visits.source = value"
        " ORDER BY failed DESC, iif(failed, '', ifnull(due, 'z')), value LIMIT ? OFFSET ?",
        (json.dumps(list(sources)), limit, skip),
    )
    return [id_ for id_, _ in rows]


def source_states(store: Store, sources: Collection[str] | None = None) -> dict[str, SourceState]:
    """Return the state of each source in the store, by id; of ``sources``, or of all."""
    rows = store.query(
        "SELECT id, last_attempt, last_success, last_status, last_error, more_errors, failures,"
        " ifnull(documents, 0) AS documents, ifnull(items, 0) AS items,"
        " ifnull(rejected, 0) AS rejected, ifnull(entries, 0) AS entries"
        " FROM sources LEFT JOIN source_counts ON source = id"
        + (" WHERE id IN (SELECT value FROM json_each(?))" if sources is not None else ""),
        [json.dumps(list(sources))] if sources is not None else [],
    )
    states = {}
    for row in rows:
        id_, listed = row.pop("id"), row.pop("more_errors")
        more = tuple(json.loads(listed)) if listed else ()
        timed = with_times(row, "last_attempt", "last_success")
        states[id_] = SourceState(more_errors=more, **timed)
    return states
