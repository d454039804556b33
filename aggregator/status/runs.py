"""The report of a run: as JSON, as a summary, and its problems one line each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from aggregator.config import Config
from aggregator.model import SourceReport
from aggregator.output.stale import FeedsReport
from aggregator.status.layout import Json, columns, count, fields

_MAX_PROBLEMS = 20
_REPORT = (
    *("id", "status", "documents", "items", "new", "revised", "merged", "unchanged"),
    *("rejected", "error"),
)


def once_json(reports: Iterable[SourceReport], feeds: FeedsReport, seconds: float) -> Json:
    """Return the object that ``once --json`` prints."""
    return {
        "sources": [_report(report) for report in reports],
        "feeds": feeds_json(feeds),
        "seconds": round(seconds, 3),
    }


def _report(report: SourceReport) -> Json:
    """Return a report; a source that waits is unchanged, with the reason as its error."""
    found = fields(report, *_REPORT)
    return found | {"status": "unchanged"} if report.status == "waiting" else found


def feeds_json(feeds: FeedsReport) -> Json:
    """Return how many feeds were written and how many were unchanged."""
    return fields(feeds, "written", "unchanged")


def problem_lines(reports: Iterable[SourceReport], *, all_of_them: bool = False) -> Iterator[str]:
    """Return problems, one line each: ``all_of_them``, or at most twenty for each source."""
    for report in reports:
        most = len(report.problems) if all_of_them else _MAX_PROBLEMS
        for problem in report.problems[:most]:
            yield f"{report.id}: {problem}"
        more = len(report.problems) - most
        if more > 0:
            yield f"{report.id}: and {more} more problems like these; --verbose shows all"


def once_lines(
    config: Config, reports: Sequence[SourceReport], feeds: FeedsReport, names: Mapping[str, str]
) -> Iterator[str]:
    """Return what came in, what is new by agency, and where the feeds are."""
    if not reports:
        yield "No source is configured: add a [[sources]] table to the configuration."
    for report in reports:
        yield (
            f"{report.id}: {count(report.documents, 'document')}, "
            f"{count(report.items, 'item')}, {report.new} new, {report.unchanged} seen before"
            + (f", {report.revised} revised" if report.revised else "")
            + (f", {report.merged} merged" if report.merged else "")
            + (f", {report.rejected} left out" if report.rejected else "")
            + (" (failed in part)" if report.status == "failed" and report.documents else "")
            + (" (failed)" if report.status == "failed" and not report.documents else "")
            + (" (waiting)" if report.status == "waiting" else "")
            + (f"; {report.older}" if report.older else "")
        )
    new: dict[str, int] = {}
    for report in reports:
        for agency, added in report.new_by_agency.items():
            new[agency] = new.get(agency, 0) + added
    if new:
        yield ""
        yield "New entries"
        table = [
            (names.get(agency, agency), str(added), f"{agency}.atom")
            for agency, added in sorted(new.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
        yield from (f"  {line}" for line in columns(table, right={1, 4}))
    yield ""
    yield from feeds_lines(config, feeds)


def feeds_lines(config: Config, feeds: FeedsReport) -> Iterator[str]:
    """Return where the feeds are and how many were written."""
    total = feeds.written + feeds.unchanged
    if not total:
        yield "No feed yet: there is no entry to put in one."
        return
    yield f"{count(total, 'feed')} in {config.output}: {feeds.written} written, " + (
        f"{feeds.unchanged} unchanged"
    )
    yield f"Subscribe to {config.output / 'all.atom'}, or {config.base_url}all.atom once served"
