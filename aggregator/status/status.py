"""How sources and agencies are doing, and what the configuration resolves to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from aggregator.config import Config, Source
from aggregator.fetch.guard import unreachable_base
from aggregator.model import Alarm, Visit
from aggregator.normalise.addresses import display_address
from aggregator.normalise.categories import Rule, slug
from aggregator.output.pages.plot import Weekly
from aggregator.status.alarms.rules import alarm_json, alarm_lines
from aggregator.status.hubs import NO_HUBS, Hubs, hub_json, hub_lines, websub_json, websub_line
from aggregator.status.layout import Json, columns, minute, moment
from aggregator.store.agencies import AgencyState
from aggregator.store.documents import SourceState
from aggregator.store.history import SourceDay


def status_json(
    config: Config,
    states: Mapping[str, SourceState],
    visits: Mapping[str, Visit],
    agencies: Iterable[AgencyState],
    alarms: Iterable[Alarm] = (),
    hubs: Hubs = NO_HUBS,
    *,
    history: Mapping[str, Sequence[SourceDay]] = MappingProxyType({}),
    weeks: Mapping[str, Weekly] = MappingProxyType({}),
) -> Json:
    """The object that ``status --json`` prints.

    ``history`` are the last days of sources, ``weeks`` the releases of agencies by week, by id.
    """
    return {
        "alarms": alarm_json(alarms),
        "hub": hub_json(config, hubs),
        "sources": [
            _source_json(source, states.get(source.id, SourceState()), visits.get(source.id))
            | {
                "websub": websub_json(config, visits.get(source.id), hubs.by_source.get(source.id)),
                "history": [_day_json(day) for day in history.get(source.id, ())],
            }
            for source in config.sources
        ],
        "agencies": [
            {
                "id": state.agency.id,
                "name": state.agency.name,
                "configured": state.agency.configured,
                "entries": state.entries,
                "newest": moment(state.newest) if state.newest else None,
                "usual_gap": round(state.usual_gap.total_seconds()) if state.usual_gap else None,
                "redated": state.redated,
                "by_week": _weeks_json(weeks.get(state.agency.id)),
            }
            for state in agencies
        ],
    }


def _source_json(source: Source, state: SourceState, visit: Visit | None) -> Json:
    due = next_due(source, state, visit)
    return {
        "id": source.id,
        "location": display_address(source.location) if source.is_remote else source.location,
        "last_attempt": moment(state.last_attempt) if state.last_attempt else None,
        "last_success": moment(state.last_success) if state.last_success else None,
        "next_due": moment(due) if due else None,
        "result": state.last_status,
        "interval": _interval(source, visit),
        "why": _why(source, visit),
        "address": visit.address if visit is not None else None,
        "failures": state.failures,
        "error": state.last_error,
        "documents": state.documents,
        "items": state.items,
        "entries": state.entries,
        "rejected": state.rejected,
    }


def _day_json(day: SourceDay) -> Json:
    return {
        "day": day.day.isoformat(),
        "visits": day.visits,
        "failures": day.failures,
        "new": day.new,
        "revised": day.revised,
        "merged": day.merged,
    }


def _weeks_json(weeks: Weekly | None) -> Json | None:
    """Releases by week, oldest first; the last of the weeks ends with a day on which one came."""
    if weeks is None:
        return None
    return {"last": weeks.last.isoformat(), "counts": list(weeks.counts)}


def next_due(source: Source, state: SourceState, visit: Visit | None) -> datetime | None:
    """When a source is to be read again; None where it never was, or is gone."""
    if state.last_attempt is None:
        return None
    if source.is_remote and visit is not None:
        return visit.due
    return state.last_attempt + timedelta(seconds=source.interval)


def _interval(source: Source, visit: Visit | None) -> int:
    """Seconds from one reading of a source to the next."""
    return visit.interval if source.is_remote and visit is not None else source.interval


def _why(source: Source, visit: Visit | None) -> str:
    """Why a source is read as often as it is, in words."""
    return visit.why if source.is_remote and visit is not None else "as configured"


def status_lines(
    config: Config,
    states: Mapping[str, SourceState],
    visits: Mapping[str, Visit],
    agencies: Sequence[AgencyState],
    alarms: Sequence[Alarm] = (),
    hubs: Hubs = NO_HUBS,
) -> Iterator[str]:
    """Sources and agencies for people, and before them what is in trouble."""
    if told := list(alarm_lines(alarms)):
        yield "Alarms"
        yield from (f"  {line}" for line in told)
        yield ""
    yield "Sources"
    head = ("", "last result", "last success", "next due", "documents", "items", "entries")
    rows = [(*head, "failures")]
    for source in config.sources:
        state = states.get(source.id, SourceState())
        rows.append(
            (
                source.id,
                state.last_status or "never read",
                minute(state.last_success),
                minute(next_due(source, state, visits.get(source.id))),
                str(state.documents),
                str(state.items),
                str(state.entries),
                str(state.failures),
            )
        )
    yield from (f"  {line}" for line in columns(rows, right={4, 5, 6, 7}))
    for source in config.sources:
        visit = visits.get(source.id)
        if source.is_remote and visit is not None and visit.why:
            yield f"  {source.id}: {visit.why}"
        if visit is not None and visit.address is not None:
            how = "its feed was found at" if visit.found else "it has moved for good to"
            yield f"  {source.id}: {how} {display_address(visit.address)}"
        if line := websub_line(config, visit, hubs.by_source.get(source.id)):
            yield f"  {source.id}: {line}"
        error = states.get(source.id, SourceState()).last_error
        if error:
            yield f"  {source.id} failed last: {error}"
    yield from (f"  {line}" for line in hub_lines(config, hubs))
    yield ""
    yield "Agencies"
    table = [
        ("", "entries", "newest", "usual gap", "re-dated", ""),
        *(
            (
                state.agency.id,
                str(state.entries),
                minute(state.newest),
                _gap(state.usual_gap),
                str(state.redated),
                state.agency.name + ("" if state.agency.configured else " (not configured yet)"),
            )
            for state in agencies
        ),
    ]
    yield from (f"  {line}" for line in columns(table, right={1, 4}))


def _gap(gap: timedelta | None) -> str:
    if gap is None:
        return "unknown"
    hours = gap.total_seconds() / 3600
    if hours < 1:
        return f"{round(hours * 60)} min"
    return f"{round(hours)} h" if hours < 48 else f"{round(hours / 24)} days"


def check_lines(config: Config) -> Iterator[str]:
    """What a configuration resolves to."""
    yield from columns(
        [
            ("configuration", str(config.file)),
            ("title", config.title),
            ("base_url", config.base_url),
            ("store", str(config.store)),
            ("output", str(config.output)),
            ("entries_per_feed", str(config.entries_per_feed)),
            ("listen", f"{config.listen[0]}:{config.listen[1]}"),
            ("max_document_size", f"{config.max_document_size:,} bytes"),
        ]
    )
    if any(source.is_remote for source in config.sources):
        fetch = config.fetch
        yield (
            f"fetch: {fetch.concurrency} at once, {fetch.delay:g} s between two requests to a host,"
            f" {fetch.timeout:g} s for an answer, {fetch.parse_timeout:g} s to read one,"
            f" contact {fetch.contact or config.base_url}"
        )
    if config.websub.hub is not None:
        yield f"websub: {display_address(config.websub.hub)} is told of news"
        if problem := unreachable_base(config.base_url, config.websub.hub):
            yield f"websub: warning: {problem}"
    if config.websub.callback is not None:
        yield f"websub: hubs of sources deliver news below {config.websub.callback} (`run` only)"
    for source in config.sources:
        owner = f", all of it {source.agency}'s" if source.agency else ""
        form = source.format or "found from the content"
        every = timedelta(seconds=source.interval)
        where = display_address(source.location) if source.is_remote else source.location
        yield f"source {source.id}: {where}, every {every}, format {form}{owner}"
    for agency in config.agencies:
        also = f", also {', '.join(agency.aliases)}" if agency.aliases else ""
        yield f"agency {agency.id}: {agency.name}{also}"
    for feed in config.feeds:
        yield f"feed {feed.id}: {feed.title or feed.id}: {feed.query or 'everything'}"
    for rule in config.category_rules:
        yield f"category {rule.term}: {_of_rule(config, rule)}"


def _of_rule(config: Config, rule: Rule) -> str:
    """Where a rule comes from, and on which pages what it takes is listed."""
    terms = {settings.term for settings in config.categories}
    origin = "configured" if rule.term in terms else "built in"
    whose = f", of {', '.join(sorted(rule.agencies))}" if rule.agencies else ""
    return f"{origin}{whose}, category/{slug(rule.term)}.html"
