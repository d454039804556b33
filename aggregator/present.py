"""What the commands say: the shapes of ``--json``, and the same for people.

Pure: takes what the store or a run gave, gives plain objects or lines.  Times are RFC 3339 in UTC
in JSON, and days with minutes for people.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.config import Config, Source
from aggregator.model import Dating, Link, PastDating, Sighting, SourceReport, StoredEntry
from aggregator.normalise.text import cut
from aggregator.regenerate import FeedsReport
from aggregator.store.agencies import AgencyState
from aggregator.store.documents import SourceState

Json = dict[str, Any]

_MAX_PROBLEMS = 20


def once_json(reports: Iterable[SourceReport], feeds: FeedsReport, seconds: float) -> Json:
    """The object that ``once --json`` prints."""
    return {
        "sources": [_report_json(report) for report in reports],
        "feeds": feeds_json(feeds),
        "seconds": round(seconds, 3),
    }


def feeds_json(feeds: FeedsReport) -> Json:
    """How many feeds were written and how many were right already."""
    return {"written": feeds.written, "unchanged": feeds.unchanged}


def _report_json(report: SourceReport) -> Json:
    counts = ("documents", "items", "new", "revised", "merged", "unchanged", "rejected")
    return {
        "id": report.id,
        "status": report.status,
        **{name: getattr(report, name) for name in counts},
        "error": report.error,
    }


def entry_json(stored: StoredEntry, sightings: Sequence[Sighting]) -> Json:
    """One entry in a list, where sightings and revisions are counts."""
    return _common_json(stored, sightings) | {"revisions": 1, "sightings": len(sightings)}


def entry_in_full_json(
    stored: StoredEntry, sightings: Sequence[Sighting], before: Sequence[PastDating]
) -> Json:
    """One entry by itself, with its sightings, its revisions and the dates it had before."""
    return _common_json(stored, sightings) | {
        "revisions": [_revision_json(stored, sightings)],
        "sightings": [_sighting_json(sighting) for sighting in sightings],
        "dating_in_words": dating_words(stored),
        "past_datings": [_past_json(past) for past in before],
    }


def _past_json(past: PastDating) -> Json:
    return {
        "published": moment(past.dating.published),
        "basis": past.dating.basis,
        "earliest": moment(past.dating.earliest),
        "latest": moment(past.dating.latest),
        "evidence": past.dating.evidence,
        "until": past.reason,
    }


def _common_json(stored: StoredEntry, sightings: Sequence[Sighting]) -> Json:
    entry, dating = stored.entry, stored.dating
    return {
        "id": stored.id,
        "agency": entry.agency.id,
        "title": entry.title,
        "published": moment(dating.published),
        "updated": moment(stored.updated),
        "dating": {
            "basis": dating.basis,
            "earliest": moment(dating.earliest),
            "latest": moment(dating.latest),
            "evidence": evidence_words(stored),
        },
        "truncated": entry.truncated,
        "language": entry.language,
        "links": [_link_json(link) for link in entry.links],
        "categories": list(entry.categories),
        "summary": entry.summary,
        "content_html": entry.content_html,
        "sources": sorted({sighting.source for sighting in sightings}),
    }


def _link_json(link: Link) -> Json:
    given = {"rel": link.rel, "href": link.href, "type": link.type, "title": link.title}
    return {name: value for name, value in given.items() if value is not None}


def _revision_json(stored: StoredEntry, sightings: Sequence[Sighting]) -> Json:
    return {
        "number": 1,
        "title": stored.entry.title,
        "text": stored.entry.text,
        "seen": moment(sightings[0].seen) if sightings else moment(stored.updated),
    }


def _sighting_json(sighting: Sighting) -> Json:
    return {
        "id": sighting.id,
        "source": sighting.source,
        "document": sighting.document,
        "position": sighting.position,
        "lines": list(sighting.lines),
        "seen": moment(sighting.seen),
        "how": sighting.how,
        "score": sighting.score,
    }


def status_json(
    config: Config, states: Mapping[str, SourceState], agencies: Iterable[AgencyState]
) -> Json:
    """The object that ``status --json`` prints."""
    return {
        "sources": [
            _source_json(source, states.get(source.id, SourceState())) for source in config.sources
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
            }
            for state in agencies
        ],
    }


def _source_json(source: Source, state: SourceState) -> Json:
    due = next_due(source, state)
    return {
        "id": source.id,
        "location": source.location,
        "last_attempt": moment(state.last_attempt) if state.last_attempt else None,
        "last_success": moment(state.last_success) if state.last_success else None,
        "next_due": moment(due) if due else None,
        "failures": state.failures,
        "error": state.last_error,
        "documents": state.documents,
        "items": state.items,
        "entries": state.entries,
        "rejected": state.rejected,
    }


def next_due(source: Source, state: SourceState) -> datetime | None:
    """When a source is to be read again; None where it never was."""
    if state.last_attempt is None:
        return None
    return state.last_attempt + timedelta(seconds=source.interval)


def moment(time: datetime) -> str:
    """``2023-12-15T12:00:07Z``."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def problem_lines(reports: Iterable[SourceReport]) -> Iterator[str]:
    """Everything that went wrong, one line each, at most twenty for each source."""
    for report in reports:
        for problem in report.problems[:_MAX_PROBLEMS]:
            yield f"{report.id}: {problem}"
        more = len(report.problems) - _MAX_PROBLEMS
        if more > 0:
            yield f"{report.id}: and {more} more problems like these"


def once_lines(
    config: Config, reports: Sequence[SourceReport], feeds: FeedsReport, names: Mapping[str, str]
) -> Iterator[str]:
    """The summary of a run: what came in, what was new by agency, where the feeds are."""
    if not reports:
        yield "No source is configured: add a [[sources]] table to the configuration."
    for report in reports:
        yield (
            f"{report.id}: {_count(report.documents, 'document')}, "
            f"{_count(report.items, 'item')}, {report.new} new, {report.unchanged} seen before"
            + (f", {report.rejected} left out" if report.rejected else "")
            + (" (failed in part)" if report.status == "failed" and report.documents else "")
            + (" (failed)" if report.status == "failed" and not report.documents else "")
        )
    new: dict[str, int] = {}
    for report in reports:
        for agency, count in report.new_by_agency.items():
            new[agency] = new.get(agency, 0) + count
    if new:
        yield ""
        yield "New entries"
        table = [
            (names.get(agency, agency), str(count), f"{agency}.atom")
            for agency, count in sorted(new.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
        yield from (f"  {line}" for line in columns(table, right={1, 4}))
    yield ""
    yield from feeds_lines(config, feeds)


def feeds_lines(config: Config, feeds: FeedsReport) -> Iterator[str]:
    """Where the feeds are and what happened to them."""
    total = feeds.written + feeds.unchanged
    if not total:
        yield "No feed yet: there is no entry to put in one."
        return
    yield f"{_count(total, 'feed')} in {config.output}: {feeds.written} written, " + (
        f"{feeds.unchanged} unchanged"
    )
    yield f"Subscribe to {config.output / 'all.atom'}, or {config.base_url}all.atom once served"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def entry_line(stored: StoredEntry) -> str:
    """An entry on one line: day, short id, agency and title."""
    day = stored.dating.published.strftime("%Y-%m-%d")
    entry = stored.entry
    return f"{day}  {short_id(stored.id)}  {entry.agency.id:<12}  {cut(entry.title, 120)}"


def short_id(entry_id: str) -> str:
    """The beginning of a UUID, which ``show`` takes for the whole; other ids as they are."""
    prefix = "urn:uuid:"
    return entry_id[len(prefix) : len(prefix) + 8] if entry_id.startswith(prefix) else entry_id


def entry_lines(
    stored: StoredEntry, sightings: Sequence[Sighting], before: Sequence[PastDating]
) -> Iterator[str]:
    """One entry for people: what it is, how it was dated, where it was seen, its text."""
    entry = stored.entry
    yield entry.title or "(untitled)"
    yield ""
    facts = [
        ("Agency", f"{entry.agency.name} ({entry.agency.id})"),
        ("Id", stored.id),
        ("Published", moment(stored.dating.published)),
        ("Dated", dating_words(stored)),
        *(("", f"was {moment(past.dating.published)} until {past.reason}") for past in before),
        ("Updated", moment(stored.updated)),
        *(("Link", link.href) for link in entry.links),
        *((("Text", "cut short upstream"),) if entry.truncated else ()),
    ]
    yield from columns(facts)
    yield ""
    yield "Seen"
    yield from (
        f"  {s.id}: {s.document}, lines {s.lines[0]}-{s.lines[1]}, "
        f"{moment(s.seen)}, {s.how} (source {s.source})"
        for s in sightings
    )
    yield ""
    yield entry.text


def evidence_words(stored: StoredEntry) -> str:
    """What an entry's date rests on: a phrase of its own, or the entries around it."""
    dating = stored.dating
    return dating.evidence or f"it stands {_between(stored)}"


def _between(stored: StoredEntry) -> str:
    above, below = (
        f"“{cut(title, 80)}”" if title is not None else None
        for title in (stored.above, stored.below)
    )
    if above and below:
        return f"between {above} and {below}"
    if above or below:
        return f"below {above}" if above else f"above {below}"
    return "in a digest with dated entries"


_HOW_READ = {
    "stated": "its text states the day",
    "past": "its text tells of a past event",
    "present": "its text tells of the day",
    "future": "its text announces an event",
}


def dating_words(stored: StoredEntry) -> str:
    """When an entry came out and how that is known, in words."""
    dating = stored.dating
    if dating.basis == "first-seen":
        return f"nothing dates it; {dating.evidence}"
    if dating.basis == "upstream":
        return f"given by its publisher: {dating.evidence}"
    because = []
    if dating.evidence:
        how = _HOW_READ.get(dating.role or "", "its text says")
        because.append(f"{how}: “{dating.evidence}”")
    if not dating.evidence or (stored.below or stored.above):
        because.append(f"it stands {_between(stored)}")
    but = f"; but {dating.conflict}" if dating.conflict else ""
    return f"{_window(dating)}, because {', and '.join(because)}{but}"


def _window(dating: Dating) -> str:
    """``between 13 and 15 December 2023``, ``on 13 December 2023``."""
    first, last = dating.earliest, dating.latest
    if first.date() == last.date():
        return f"on {_day(last)}"
    if (first.year, first.month) == (last.year, last.month):
        return f"between {first.day} and {_day(last)}"
    if first.year == last.year:
        return f"between {first.day} {_MONTHS[first.month - 1]} and {_day(last)}"
    return f"between {_day(first)} and {_day(last)}"


# Not strftime's, which speaks the language of whoever runs this.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def _day(moment: datetime) -> str:
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def status_lines(
    config: Config, states: Mapping[str, SourceState], agencies: Sequence[AgencyState]
) -> Iterator[str]:
    """Sources and agencies for people."""
    yield "Sources"
    rows = [("", "last success", "next due", "documents", "items", "entries", "failures")]
    for source in config.sources:
        state = states.get(source.id, SourceState())
        rows.append(
            (
                source.id,
                _minute(state.last_success),
                _minute(next_due(source, state)),
                str(state.documents),
                str(state.items),
                str(state.entries),
                str(state.failures),
            )
        )
    yield from (f"  {line}" for line in columns(rows, right={3, 4, 5, 6}))
    for source in config.sources:
        error = states.get(source.id, SourceState()).last_error
        if error:
            yield f"  {source.id} failed last: {error}"
    yield ""
    yield "Agencies"
    table = [
        ("", "entries", "newest", "usual gap", "re-dated", ""),
        *(
            (
                state.agency.id,
                str(state.entries),
                _minute(state.newest),
                _gap(state.usual_gap),
                str(state.redated),
                state.agency.name + ("" if state.agency.configured else " (not configured yet)"),
            )
            for state in agencies
        ),
    ]
    yield from (f"  {line}" for line in columns(table, right={1, 4}))


def _minute(time: datetime | None) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if time else "never"


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
    for source in config.sources:
        owner = f", all of it {source.agency}'s" if source.agency else ""
        form = source.format or "found from the content"
        every = timedelta(seconds=source.interval)
        yield f"source {source.id}: {source.location}, every {every}, format {form}{owner}"
    for agency in config.agencies:
        also = f", also {', '.join(agency.aliases)}" if agency.aliases else ""
        yield f"agency {agency.id}: {agency.name}{also}"
    for feed in config.feeds:
        yield f"feed {feed.id}: {feed.title or feed.id}: {feed.query or 'everything'}"


def columns(rows: Sequence[tuple[str, ...]], right: Set[int] = frozenset()) -> Iterator[str]:
    """``rows`` in columns as wide as they need; those in ``right`` end flush."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))] if rows else []
    for row in rows:
        cells = [
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
