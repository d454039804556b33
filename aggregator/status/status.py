"""How sources and agencies are doing, as one object.

``read_status`` reads the store and returns the object that ``status --json`` prints, with times in
RFC 3339 in UTC.  The lines on a terminal (``listing``) and the status page of the daemon are
written from that object.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.config import Config, Source
from aggregator.dating.gaps import gap_words
from aggregator.ingest.backfill import in_status
from aggregator.model import Alarm, Visit
from aggregator.normalise.addresses import display_address
from aggregator.output.pages.contents import by_week
from aggregator.output.pages.plot import Weekly
from aggregator.status.alarms.watch import alarms
from aggregator.status.aliases import alias_proposals
from aggregator.status.hubs import hub_json, subscription_json, webhooks_json
from aggregator.status.layout import AGGREGATOR, Json, fields, moment, moment_or_none
from aggregator.store import Store, relayed
from aggregator.store import alarms as store_alarms
from aggregator.store.agencies import AgencyState, agency_states, shown_agencies, shown_count
from aggregator.store.backfill import backfills
from aggregator.store.bad_documents import BadDocument, bad_documents
from aggregator.store.documents import (
    SourceState,
    among_failing_first,
    failing_first,
    failing_ids,
    source_ids,
    source_states,
    statuses,
)
from aggregator.store.history import SourceDay, days, history
from aggregator.store.pages import entry_count, newest
from aggregator.store.subscriptions import by_source
from aggregator.store.visits import visits

NEVER = "never read"
"""The result of a source that was never read."""

PARTIAL = "partial"
"""The result of a source that was read, but not the whole of it."""

SHOWN = 100
"""The most sources, agencies and alarms on one page."""

CONFIGURED, DEFAULT = "as configured", "by default"
"""Why a source waits as long as it does, where nothing else makes it."""


def read_status(
    store: Store,
    config: Config,
    *,
    now: datetime,
    with_plots: bool = True,
    only_failing: bool = False,
) -> Json:
    """Return the object that ``status --json`` prints: sources that fail first, then what is due.

    Without ``with_plots``, the days of sources and the weeks of agencies, which no line of the
    terminal shows, are not read, and are empty.  With ``only_failing`` neither are the sources that
    do not fail.  Works on a store that is open for reading only.  Raises ``StoreError``.
    """
    agencies = agency_states(store)
    ids = failing_ids(store) if only_failing else None
    sources = (
        [config.by_id[id_] for id_ in ids if id_ in config.by_id]
        if ids is not None
        else config.sources
    )
    return {
        "alarms": [alarm_json(alarm) for alarm in alarms(store, config, now=now)],
        "hub": hub_json(store, config),
        "webhooks": webhooks_json(store, config),
        "scheduler": config.scale.scheduler,
        "days": [_day_json(day) for day in days(store, now=now)] if with_plots else [],
        "sources": _sources_json(store, config, sources, ids, now, with_plots=with_plots),
        "agencies": _agencies_json(store, agencies, with_plots=with_plots),
        "alias_proposals": alias_proposals(
            [
                s.agency
                for s in sorted(agencies, key=lambda s: -s.entries)
                if s.entries or s.agency.configured
            ],
            config.agencies,
        ),
    }


def read_part(
    store: Store,
    config: Config,
    results: Mapping[str, int],
    former: Collection[str],
    *,
    words: str,
    number: int,
    now: datetime,
) -> Json:
    """Return what page ``number`` of the status shows: of each list ``SHOWN`` at most.

    As ``read_status``, without the weeks of agencies, and with ``totals`` of everything and
    ``part``, which says what is on the pages.  Page 1 has the sources that fail, the most often in
    a row first, then those that are due next, and the first agencies; the others follow.
    ``words`` narrow both lists to those that have them in their id or name.  Alarms are those that
    were saved.

    ``results`` counts the sources of ``config`` by their last result, and ``former`` are the ids
    that the store has besides.  The cost of a page depends on the pages before it and on ``words``,
    not on the number of sources, entries and documents.
    """
    sources, skip = config.by_id, (number - 1) * SHOWN
    if words:
        listed = [one.id for one in config.sources if _has(words, one.id, one.title or "")]
        ids = among_failing_first(store, listed, limit=SHOWN, skip=skip)
        named = [one for one in shown_agencies(store) if _has(words, one.id, one.name)]
        agencies, found = named[skip : skip + SHOWN], (len(listed), len(named))
    else:
        ids = failing_first(store, former, limit=SHOWN, skip=skip)
        if len(ids) < SHOWN:
            stored = source_ids(store)
            more = [id_ for id_ in sources if id_ not in stored]
            before = max(skip - (len(sources) - len(more)), 0)
            ids += more[before : before + SHOWN - len(ids)]
        agencies = shown_agencies(store, limit=SHOWN, skip=skip)
        found = len(sources), shown_count(store)
    silent = store_alarms.open_subjects(store, "silent", [one.id for one in agencies])
    return {
        "alarms": [
            alarm_json(alarm)
            for alarm in (
                *store_alarms.newest_open(store, SHOWN),
                *store_alarms.newest_ended(store, SHOWN),
            )
        ],
        "hub": hub_json(store, config),
        "webhooks": webhooks_json(store, config),
        "scheduler": config.scale.scheduler,
        "days": [_day_json(day) for day in days(store, now=now)],
        "sources": _sources_json(store, config, [sources[id_] for id_ in ids], ids, now),
        "agencies": _agencies_json(store, agency_states(store, agencies), with_plots=False),
        "totals": _totals(store, sources, results),
        "part": {
            "number": number,
            "pages": max(1, -(-max(found) // SHOWN)),
            "words": words,
            "sources": found[0],
            "agencies": found[1],
            "silent": sorted(silent),
            "gone": sorted(store_alarms.open_subjects(store, "gone", ids)),
        },
    }


def _has(words: str, *names: str) -> bool:
    return any(words.casefold() in name.casefold() for name in names)


def _totals(store: Store, sources: Collection[str], results: Mapping[str, int]) -> Json:
    gone = store_alarms.open_subjects(store, "gone") & set(sources)
    results_of_gone = Counter(status or NEVER for status in statuses(store, gone))
    never, failing = (results.get(x, 0) - results_of_gone[x] for x in (NEVER, "failed"))
    return {
        "failing": failing,
        "gone": len(gone),
        "well": len(sources) - len(gone) - never - failing,
        "never": never,
        "alarms": sum(store_alarms.open_counts(store).values()),
        "entries": entry_count(store),
        "newest": moment_or_none(newest(store)),
    }


def _sources_json(
    store: Store,
    config: Config,
    sources: Iterable[Source],
    ids: Collection[str] | None,
    now: datetime,
    *,
    with_plots: bool = True,
) -> list[Json]:
    """Return ``sources``, of these ``ids`` if they are not all."""
    states, visited = source_states(store, ids), visits(store, ids)
    subscriptions = by_source(store, ids)
    past = history(store, ids, now=now) if with_plots else {}
    walks, sources = backfills(store, ids), list(sources)
    files = [source.id for source in sources if not source.is_remote]
    bad = bad_documents(store, ids, files)
    found = []
    for source in sources:
        visit = visited.get(source.id) if source.is_remote else None
        found.append(
            {
                **_source_json(
                    source, states.get(source.id, SourceState()), visit, bad.get(source.id, ())
                ),
                "websub": subscription_json(config, visit, subscriptions.get(source.id)),
                "older_pages": [in_status(walk) for walk in walks.get(source.id, ())],
                "history": [_day_json(day) for day in past.get(source.id, ())],
            }
        )
    found.sort(key=_order)
    return found


def _agencies_json(
    store: Store, states: Sequence[AgencyState], *, with_plots: bool = True
) -> list[Json]:
    weeks = by_week(store, [state.agency.id for state in states]) if with_plots else {}
    theirs = relayed.agencies(store)
    return [
        {
            **_agency_json(state, weeks.get(state.agency.id)),
            "relayed": state.agency.id in theirs,
        }
        for state in states
    ]


def _order(source: Json) -> tuple[bool, bool, str, str]:
    """Sort sources that fail first, then those read in part, then those that are due next."""
    is_whole = source["result"] != PARTIAL
    return not is_failing(source), is_whole, source["next_due"] or "", source["id"]


def is_failing(source: Json) -> bool:
    """Whether the last attempt to read a source failed."""
    return bool(source["result"] == "failed" or source["failures"])


def has_failed_in_part(source: Json) -> bool:
    """Whether the last attempt to read a source failed for some of its documents only."""
    read, tried = source["last_success"], source["last_attempt"]
    return bool(source["result"] == "failed" and read is not None and read == tried)


def alarm_json(alarm: Alarm) -> Json:
    """Return an alarm; ``ended_at`` is null while it lasts."""
    return {
        **fields(alarm, "id", "kind", "subject", "since", "title", "words"),
        "raised_at": moment(alarm.raised),
        "ended_at": moment_or_none(alarm.ended),
    }


def _source_json(
    source: Source, state: SourceState, visit: Visit | None, bad: Sequence[BadDocument]
) -> Json:
    """Return a source; its result is ``partial`` where something of it was not read."""
    is_partial = (bad or state.more_errors) and state.last_status in ("ok", "unchanged")
    return {
        "id": source.id,
        "title": source.title,
        "location": display_address(source.location) if source.is_remote else source.location,
        **fields(state, "last_attempt", "last_success"),
        "next_due": moment_or_none(_next_due(source, state, visit)),
        "result": PARTIAL if is_partial else state.last_status,
        "interval": visit.interval if visit is not None else source.shortest_interval,
        "why": visit.why if visit is not None else _why(source),
        "address": visit.address if visit is not None else None,
        "is_aggregator": visit.is_aggregator if visit is not None else None,
        "hint": AGGREGATOR if _is_unknown_aggregator(source, visit) else None,
        "failures": state.failures,
        "error": state.last_error,
        "errors": [error for error in (state.last_error, *state.more_errors) if error],
        **fields(state, "documents", "items", "entries", "rejected"),
        "problem": bad[0].reason if bad else None,
        "bad_documents": [_bad_json(document) for document in bad],
    }


def _bad_json(document: BadDocument) -> Json:
    return {
        "document": document.name,
        **fields(document, "lines", "reason", "rejected", "more"),
    }


def _why(source: Source) -> str:
    return CONFIGURED if source.interval is not None else DEFAULT


def _is_unknown_aggregator(source: Source, visit: Visit | None) -> bool:
    return visit is not None and visit.is_aggregator and not source.aggregator


def _next_due(source: Source, state: SourceState, visit: Visit | None) -> datetime | None:
    """Return when a source is due; None if it was never read, or is gone."""
    if state.last_attempt is None:
        return None
    if visit is not None:
        return visit.due
    return state.last_attempt + timedelta(seconds=source.shortest_interval)


def _day_json(day: SourceDay) -> Json:
    counts = fields(day, "visits", "failures", "new", "revised", "merged")
    return {"day": day.day.isoformat(), **counts}


def _agency_json(state: AgencyState, weeks: Weekly | None) -> Json:
    """Weeks are oldest first; the last one ends with a day on which a release came out."""
    gap = state.usual_gap
    return {
        **fields(state.agency, "id", "name", "configured"),
        **fields(state, "entries", "newest"),
        "usual_gap": round(gap.time.total_seconds()) if gap else None,
        "usually": gap_words(gap) if gap else None,
        "redated": state.redated,
        "by_week": {"last": weeks.last.isoformat(), "counts": list(weeks.counts)}
        if weeks is not None
        else None,
    }
