"""How sources and agencies are doing: one object, and the lines that a terminal shows of it.

``read_status`` reads the store and returns the object that ``status --json`` prints, with times in
RFC 3339 in UTC.  ``status_lines`` and the status page of the daemon are written from that object.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from aggregator.config import Config, Source
from aggregator.ingest.backfill import in_status
from aggregator.model import Alarm, Visit
from aggregator.normalise.addresses import display_address
from aggregator.output.pages.contents import by_week
from aggregator.output.pages.plot import Weekly
from aggregator.status.alarms.watch import alarms
from aggregator.status.aliases import alias_proposals, proposal_lines
from aggregator.status.hubs import hub_json, hub_lines, subscription_json, subscription_lines
from aggregator.status.layout import Json, columns, count, fields, minute, moment, moment_or_none
from aggregator.store import Store
from aggregator.store.agencies import AgencyState, agency_states
from aggregator.store.backfill import backfills
from aggregator.store.documents import SourceState, source_states
from aggregator.store.history import SourceDay, history
from aggregator.store.subscriptions import by_source
from aggregator.store.visits import visits

_CONFIGURED = "as configured"


def read_status(store: Store, config: Config, *, now: datetime) -> Json:
    """Return the object that ``status --json`` prints: sources that fail first, then what is due.

    Works on a store that is open for reading only.  Raises ``StoreError``.
    """
    states, visited, subscriptions = source_states(store), visits(store), by_source(store)
    days, agencies = history(store, now=now), agency_states(store)
    walks = backfills(store)
    weeks = by_week(store, [state.agency.id for state in agencies])
    sources = []
    for source in config.sources:
        visit = visited.get(source.id) if source.is_remote else None
        sources.append(
            {
                **_source_json(source, states.get(source.id, SourceState()), visit),
                "websub": subscription_json(config, visit, subscriptions.get(source.id)),
                "older_pages": [in_status(walk) for walk in walks.get(source.id, ())],
                "history": [_day_json(day) for day in days.get(source.id, ())],
            }
        )
    sources.sort(
        key=lambda source: (not is_failing(source), source["next_due"] or "", source["id"])
    )
    return {
        "alarms": [alarm_json(alarm) for alarm in alarms(store, config, now=now)],
        "hub": hub_json(store, config),
        "sources": sources,
        "agencies": [_agency_json(state, weeks.get(state.agency.id)) for state in agencies],
        "alias_proposals": alias_proposals(
            [
                s.agency
                for s in sorted(agencies, key=lambda s: -s.entries)
                if s.entries or s.agency.configured
            ],
            config.agencies,
        ),
    }


def is_failing(source: Json) -> bool:
    """Whether the last attempt to read a source failed."""
    return bool(source["result"] == "failed" or source["failures"])


def alarm_json(alarm: Alarm) -> Json:
    """Return an alarm; ``ended_at`` is null while it lasts."""
    return {
        **fields(alarm, "id", "kind", "subject", "since", "title", "words"),
        "raised_at": moment(alarm.raised),
        "ended_at": moment_or_none(alarm.ended),
    }


def _source_json(source: Source, state: SourceState, visit: Visit | None) -> Json:
    return {
        "id": source.id,
        "title": source.title,
        "location": display_address(source.location) if source.is_remote else source.location,
        **fields(state, "last_attempt", "last_success"),
        "next_due": moment_or_none(_next_due(source, state, visit)),
        "result": state.last_status,
        "interval": visit.interval if visit is not None else source.interval,
        "why": visit.why if visit is not None else _CONFIGURED,
        "address": visit.address if visit is not None else None,
        "failures": state.failures,
        "error": state.last_error,
        **fields(state, "documents", "items", "entries", "rejected", "problem"),
    }


def _next_due(source: Source, state: SourceState, visit: Visit | None) -> datetime | None:
    """Return when a source is due; None if it was never read, or is gone."""
    if state.last_attempt is None:
        return None
    if visit is not None:
        return visit.due
    return state.last_attempt + timedelta(seconds=source.interval)


def _day_json(day: SourceDay) -> Json:
    counts = fields(day, "visits", "failures", "new", "revised", "merged")
    return {"day": day.day.isoformat(), **counts}


def _agency_json(state: AgencyState, weeks: Weekly | None) -> Json:
    """Weeks are oldest first; the last one ends with a day on which a release came out."""
    return {
        **fields(state.agency, "id", "name", "configured"),
        **fields(state, "entries", "newest"),
        "usual_gap": round(state.usual_gap.total_seconds()) if state.usual_gap else None,
        "redated": state.redated,
        "by_week": {"last": weeks.last.isoformat(), "counts": list(weeks.counts)}
        if weeks is not None
        else None,
    }


def status_lines(status: Json, *, only_sources: bool = False) -> Iterator[str]:
    """Return alarms, sources and agencies of what ``read_status`` returned, for people.

    A source has one line.  With ``only_sources``, the lines of alarms and agencies are not there.
    """
    if only_sources:
        yield from _source_table(status["sources"])
        return
    if shown := list(alarm_lines(status["alarms"])):
        yield "Alarms"
        yield from (f"  {line}" for line in shown)
        yield ""
    yield "Sources"
    yield from (f"  {line}" for line in _source_table(status["sources"]))
    yield from (f"  {line}" for line in hub_lines(status["hub"]))
    yield ""
    yield "Agencies"
    rows = [_AGENCY_COLUMNS, *(_agency_row(agency) for agency in status["agencies"])]
    yield from (f"  {line}" for line in columns(rows, right={1, 4}))
    if status["alias_proposals"]:
        yield ""
        yield "Perhaps one agency; to make them one, paste into the configuration"
        yield from (f"  {line}" for line in proposal_lines(status["alias_proposals"]))


def alarm_lines(alarms: Sequence[Json]) -> Iterator[str]:
    """Return a line for each alarm: first those that last, then those that are over."""
    yield from (f"{alarm['kind']}: {alarm['words']}" for alarm in alarms if not alarm["ended_at"])
    yield from (f"over: {alarm['title']}" for alarm in alarms if alarm["ended_at"])


_SOURCE_COLUMNS = (
    *("result", "last success", "next due", "failures", "documents", "items", "entries", "remarks"),
)
_AGENCY_COLUMNS = ("", "entries", "newest", "usual gap", "re-dated", "")


def _source_table(sources: Sequence[Json]) -> Iterator[str]:
    rows = [("", *_SOURCE_COLUMNS), *(_source_row(source) for source in sources)]
    yield from columns(rows, right={4, 5, 6, 7})


def _source_row(source: Json) -> tuple[str, ...]:
    return (
        source["id"],
        source["result"] or "never read",
        minute(source["last_success"]),
        minute(source["next_due"]),
        *(str(source[name]) for name in ("failures", "documents", "items", "entries")),
        "; ".join(_remarks(source)),
    )


def _remarks(source: Json) -> Iterator[str]:
    """Return what else there is to say of a source, what matters most first."""
    if source["error"]:
        yield source["error"]
    if source["problem"]:
        yield f"of its newest document, {source['problem']}"
    if source["rejected"]:
        yield f"{count(source['rejected'], 'item')} left out"
    yield from subscription_lines(source["websub"])
    yield from source["older_pages"]
    if source["why"] not in ("", _CONFIGURED):
        yield source["why"]
    if source["address"] is not None:
        yield f"is read from {display_address(source['address'])}"
    if source["title"]:
        yield source["title"]


def _agency_row(agency: Json) -> tuple[str, ...]:
    return (
        agency["id"],
        str(agency["entries"]),
        minute(agency["newest"]),
        _gap(agency["usual_gap"]),
        str(agency["redated"]),
        agency["name"] + ("" if agency["configured"] else " (not configured yet)"),
    )


def _gap(seconds: int | None) -> str:
    if seconds is None:
        return "unknown"
    hours = seconds / 3600
    if hours < 1:
        return f"{round(hours * 60)} min"
    return f"{round(hours)} h" if hours < 48 else f"{round(hours / 24)} days"
