"""Polls every remote source once, as ``once`` does, and then their older pages in rounds.

Takes the sources and what polls them; returns their reports.  A round has one page of each source
that has some left, so that the order of documents does not depend on which server is quickest.
Raises ``StoreError``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.config import Source
from aggregator.ingest.backfill import in_status
from aggregator.ingest.pages import When, page_to_visit
from aggregator.ingest.polling import Work, listed
from aggregator.model import Progress, SourceReport
from aggregator.store import Store
from aggregator.store import backfill as store_backfill
from aggregator.store.backfill import Backfill

MAX_ROUNDS = 500
"""Pages of one source that are read in one run."""

LONGEST = timedelta(minutes=10)
"""After so long no further round starts; the next run goes on."""

_COUNTS = ("documents", "items", "new", "revised", "merged", "unchanged", "rejected")


Poll = Callable[[Work, Callable[[SourceReport, datetime | None], None], When], None]
"""Called with the sources, with what is called for each report, and about older pages."""


def poll_all(
    store: Store,
    sources: Sequence[Source],
    poll: Poll,
    *,
    clock: Callable[[], datetime],
    progress: Progress | None = None,
) -> dict[str, SourceReport]:
    """Return the report of each of ``sources``, by id."""
    reports: dict[str, SourceReport] = {}

    def done(report: SourceReport, _due: datetime | None) -> None:
        reports[report.id] = report
        if progress is not None:
            number = f"source {len(reports):,} of {len(sources):,}: {report.id}"
            progress(number, len(reports), len(sources))

    def add(page: SourceReport, _due: datetime | None) -> None:
        reports[page.id] = _added(reports[page.id], page)

    def walks() -> dict[str, list[Backfill]]:
        return store_backfill.backfills(store)

    before = walks()
    poll(listed(sources), done, "never")
    end = clock() + LONGEST
    for _ in range(MAX_ROUNDS):
        now, known = clock(), walks()
        left = [s for s in sources if page_to_visit(s, known.get(s.id, ()), "now", now)]
        if not left or now >= end:
            break
        poll(listed(left), add, "now")
    return _noted(reports, before, walks())


def _added(report: SourceReport, page: SourceReport) -> SourceReport:
    """Return the report of a source with that of a page added."""
    agencies = dict(report.new_by_agency)
    for agency, number in page.new_by_agency.items():
        agencies[agency] = agencies.get(agency, 0) + number
    is_news = report.status == "unchanged" and page.status == "ok"
    return replace(
        report,
        **{name: getattr(report, name) + getattr(page, name) for name in _COUNTS},
        status="ok" if is_news else report.status,
        problems=(*report.problems, *page.problems),
        new_by_agency=agencies,
    )


def _noted(
    reports: Mapping[str, SourceReport],
    before: Mapping[str, Sequence[Backfill]],
    after: Mapping[str, Sequence[Backfill]],
) -> dict[str, SourceReport]:
    """Return ``reports`` with how far the older pages of each source were read in this run."""
    found = dict(reports)
    for source, walks in after.items():
        if source not in found:
            continue
        known = [_progress(walk) for walk in before.get(source, ())]
        moved = [walk for walk in walks if _progress(walk) not in known]
        if moved:
            report = found[source]
            stops = (in_status(walk) for walk in moved if walk.state == "stopped")
            found[source] = replace(
                report,
                problems=(*report.problems, *stops),
                older="; ".join(map(in_status, moved)),
            )
    return found


def _progress(walk: Backfill) -> tuple[object, ...]:
    return walk.purpose, walk.state, walk.pages, walk.reason, walk.failures
