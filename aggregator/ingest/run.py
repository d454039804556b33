"""Sources to store: fetch, parse, normalise, decide, act.

``ingest`` takes each source in turn and gives a report of it.  One document is one transaction: all
of it is in the store or none of it, and a document that was ingested before is known by its hash
and costs no parsing.  A document, or a source, that fails is reported and costs no other.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.config import Config, Source
from aggregator.dedupe.items import NewSighting
from aggregator.errors import SourceError
from aggregator.fetch import file as files
from aggregator.ingest.derive import derive
from aggregator.ingest.read import HASH, Job, Outcome, Readers, Reading, Unreadable, rules_of
from aggregator.ingest.walk import take_items
from aggregator.model import Document, How, Problem, SourceReport
from aggregator.normalise.addresses import display_address
from aggregator.normalise.agency import Agencies
from aggregator.store import Store, history
from aggregator.store import documents as store_documents
from aggregator.store.agencies import adopt_configuration
from aggregator.store.documents import KnownDocument
from aggregator.store.sketches import SketchIndex

if TYPE_CHECKING:
    from aggregator.ingest import polling

Progress = Callable[[str, int, int], None]
"""Told the source, how many of its documents are done, and how many there are."""


def _unwatched(_source: str, _done: int, _total: int) -> None:
    """The progress of a run that nobody watches."""


_BATCH = 200  # documents whose hashes are asked for at once


@dataclass(slots=True)
class _Tally:
    """What happened so far in one source."""

    documents: int = 0
    items: int = 0
    decided: Counter[How] = field(default_factory=Counter)
    rejected: int = 0
    is_news: bool = False
    problems: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    new_by_agency: Counter[str] = field(default_factory=Counter)


def ingest(
    config: Config,
    store: Store,
    *,
    now: datetime,
    only: Sequence[str] = (),
    progress: Progress | None = None,
    before_news: Callable[[], None] | None = None,
) -> list[SourceReport]:
    """Read every source, or those named in ``only``, into the store; a report for each.

    ``now`` is the time of the run, in UTC.  ``before_news`` is called before the first document
    that is new goes into the store, and may raise to keep it out.  Raises ``StoreError``; nothing
    that a source holds raises.
    """
    wanted = [source for source in config.sources if not only or source.id in only]
    agencies = begin(config, store, wanted)
    with Readers(rules_of(config, agencies)) as readers:
        run = Run(
            config=config,
            store=store,
            readers=readers,
            index=SketchIndex(store),
            now=now,
            progress=progress or _unwatched,
            before_news=before_news,
        )
        reports = {source.id: take_files(run, source) for source in wanted if not source.is_remote}
        reports.update(_ingest_remote(run, [source for source in wanted if source.is_remote]))
    run.index.write_out()
    derive(config, store)
    return [reports[source.id] for source in wanted]


def begin(config: Config, store: Store, sources: Sequence[Source]) -> Agencies:
    """Have the store know the agencies and sources of a configuration; gives the agencies."""
    agencies = Agencies(config.agencies)
    adopt_configuration(store, agencies)
    with store.transaction():
        locations = [(source.id, display_address(source.location)) for source in sources]
        store_documents.remember_sources(store, locations)
    return agencies


@dataclass(slots=True, kw_only=True)
class Run:
    """What every step of one run needs.

    Who runs for long sets ``now`` anew from time to time, and has visits ``spread`` over time.
    """

    config: Config
    store: Store
    readers: Readers
    index: SketchIndex
    now: datetime
    spread: bool = False
    progress: Progress = _unwatched
    before_news: Callable[[], None] | None = None


def take_files(run: Run, source: Source) -> SourceReport:
    """Read the files of a source into the store; a report of it."""
    tally = _Tally()
    try:
        for job, outcome in run.readers.each(_unknown(run, source, tally)):
            if isinstance(outcome, Unreadable):
                tally.failures.append(outcome.problem)
            else:
                with _news(run):
                    _take_in(run, job.document, outcome, tally)
    except SourceError as error:
        tally.failures.append(error.problem)
    report = _report(source.id, tally)
    with run.store.transaction():
        _remember_outcome(run, report)
    return report


def _unknown(run: Run, source: Source, tally: _Tally) -> Iterator[Job]:
    """The documents of a source that no earlier run ingested; the others are only counted."""
    found = files.find(source.id, source.location, run.config.folder)
    for start in range(0, len(found), _BATCH):
        batch = found[start : start + _BATCH]
        names = [file.name for file in batch]
        known = store_documents.known_documents(run.store, source.id, names)
        for done, file in enumerate(batch, start + 1):
            try:
                limit = run.config.max_document_size
                document = files.read(source.id, file, limit, run.now)
            except SourceError as error:
                tally.failures.append(error.problem)
            else:
                seen_before = known.get((document.name, document.sha256))
                if seen_before is None:
                    yield Job(source, document)
                else:
                    _count_known(tally, seen_before)
            run.progress(source.id, done, len(found))


def _ingest_remote(run: Run, sources: Sequence[Source]) -> dict[str, SourceReport]:
    """Visit the sources that have an address, and read what they have."""
    if not sources:
        return {}
    from aggregator.ingest import polling  # and with it the client, which takes 0.2 s to import

    reports: dict[str, SourceReport] = {}
    quiet: list[tuple[SourceReport, polling.Came]] = []
    waiting: dict[str, polling.Came] = {}

    def note(report: SourceReport) -> None:
        reports[report.id] = report
        run.progress("sources", len(reports), len(sources))

    def flush() -> None:
        if quiet:
            with run.store.transaction():
                for report, came in quiet:
                    _remember_visit(run, came, report, None)
            quiet.clear()

    def jobs() -> Iterator[Job]:
        for came in visits:
            if came.job is not None:
                waiting[came.source.id] = came
                yield came.job
            else:
                report = _quiet_report(came)
                quiet.append((report, came))
                note(report)
                if len(quiet) >= _BATCH:
                    flush()

    visits = polling.visit_all(run.config, run.store, sources, now=run.now)
    with closing(visits):
        for job, outcome in run.readers.each_in_time(jobs()):
            report, _ = _take_visit(run, waiting.pop(job.source.id), outcome)
            note(report)
    flush()
    return reports


def take_visit(run: Run, came: "polling.Came") -> tuple[SourceReport, datetime | None]:
    """Read what one visit brought, if anything, into the store.

    Gives a report of it, and when the source is due again.
    """
    if came.job is not None:
        return _take_visit(run, came, run.readers.one(came.job))
    report = _quiet_report(came)
    with run.store.transaction():
        due = _remember_visit(run, came, report, None)
    return report, due


def take_delivery(
    run: Run,
    job: Job,
    fit: Callable[[Job, Outcome], Outcome],
    done: Callable[[Outcome], None],
) -> SourceReport:
    """Read what a hub delivered of a source into the store; that is no visit to the source.

    ``fit`` may turn away what was read, ``done`` notes within the transaction what came of it.
    """
    tally = _Tally()
    outcome = fit(job, run.readers.one(job))
    if isinstance(outcome, Unreadable):
        tally.failures.append(outcome.problem)
        with run.store.transaction():
            done(outcome)
        return _report(job.source.id, tally)
    with _news(run):
        _take_in(run, job.document, outcome, tally)
        report = _report(job.source.id, tally)
        history.count_delivery(run.store, report, at=run.now)
        done(outcome)
    return report


def _take_visit(
    run: Run, came: "polling.Came", outcome: Outcome
) -> tuple[SourceReport, datetime | None]:
    tally = _Tally()
    if isinstance(outcome, Unreadable):
        tally.failures.append(outcome.problem)
        report = _report(came.source.id, tally)
        with run.store.transaction():
            due = _remember_visit(run, came, report, outcome)
        return report, due
    assert came.job is not None
    with _news(run):
        _take_in(run, came.job.document, outcome, tally)
        report = _report(came.source.id, tally)
        due = _remember_visit(run, came, report, outcome)
    return report, due


def _remember_visit(
    run: Run, came: "polling.Came", report: SourceReport, outcome: Outcome | None
) -> datetime | None:
    """Note how a visit went, within a transaction; gives when the source is due again."""
    from aggregator.ingest import polling

    _remember_outcome(run, report)
    return polling.remember(
        run.store,
        run.config,
        came,
        outcome,
        run.now,
        spread=run.spread,
        has_news=report.new > 0 or report.revised > 0,
    )


def _quiet_report(came: "polling.Came") -> SourceReport:
    """The report of a visit that brought no document."""
    tally = _Tally()
    if came.error is not None:
        tally.failures.append(came.error)
    else:
        tally.documents = 1
        tally.items = tally.decided["same"] = len(came.held.seen) // HASH
    return _report(came.source.id, tally)


def _remember_outcome(run: Run, report: SourceReport) -> None:
    store_documents.remember_outcome(
        run.store, report.id, at=run.now, status=report.status, error=report.error
    )
    history.count(run.store, report, at=run.now)


@contextmanager
def _news(run: Run) -> Iterator[None]:
    """A transaction for a document that is new: all of it or none."""
    if run.before_news is not None:
        run.before_news()
        run.before_news = None
    with run.store.transaction():
        yield
    run.index.write_out(if_full=True)


def _count_known(tally: _Tally, known: KnownDocument) -> None:
    tally.documents += 1
    tally.items += known.items
    tally.decided["same"] += known.items
    tally.rejected += known.rejected


def _take_in(run: Run, document: Document, read: Reading, tally: _Tally) -> None:
    """Put a document that was read into the store, within a transaction.

    One of a feed in which nothing is new leaves no trace.
    """
    decided: list[NewSighting] = []
    if read.is_ordered or read.prepared or read.problems:
        key = store_documents.add_document(
            run.store,
            document,
            items=len(read.prepared) + read.unchanged,
            problems=read.problems,
            ordered=read.is_ordered,
            days=read.days,
        )
        if key is not None:
            decided = take_items(run.store, run.index, document.source, key, read.prepared)
        # Another process was quicker, a feed went back to what it was, or entries were removed.
        tally.decided["same"] += len(read.prepared) - len(decided)
    tally.documents += 1
    tally.is_news = tally.is_news or read.is_ordered or bool(read.prepared)
    tally.items += len(read.prepared) + read.unchanged
    tally.decided.update(sighting.decision.how for sighting in decided)
    tally.decided["same"] += read.unchanged
    tally.rejected += sum(problem.rejected for problem in read.problems)
    new = (s.prepared.entry for s in decided if s.decision.how == "new")
    tally.new_by_agency.update(entry.agency.id for entry in new)
    tally.problems += (_in_words(document, problem) for problem in read.problems)


def _report(source: str, tally: _Tally) -> SourceReport:
    failed = bool(tally.failures)
    return SourceReport(
        id=source,
        status="failed" if failed else "ok" if tally.is_news else "unchanged",
        documents=tally.documents,
        items=tally.items,
        new=tally.decided["new"],
        revised=tally.decided["revision"],
        merged=tally.decided["truncated"] + tally.decided["near-duplicate"],
        unchanged=tally.decided["same"],
        rejected=tally.rejected,
        error=tally.failures[0] if failed else None,
        problems=tuple(tally.failures + tally.problems),
        new_by_agency=dict(tally.new_by_agency),
    )


def _in_words(document: Document, problem: Problem) -> str:
    first, last = problem.lines
    lines = f"line {first}" if first == last else f"lines {first}-{last}"
    left_out = "; left out" if problem.rejected else ""
    return f"{document.name}: {lines}: {problem.reason}{left_out}"
