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
from aggregator.deciding import Outcome as Decided
from aggregator.errors import SourceError
from aggregator.fetch import file as files
from aggregator.fetch.address import shown
from aggregator.model import Document, How, Problem, SourceReport
from aggregator.normalise.agency import Agencies
from aggregator.provenance import act
from aggregator.reading import (
    HASH,
    Job,
    Outcome,
    Readers,
    Reading,
    Unreadable,
    rules_of,
)
from aggregator.redate import redate
from aggregator.relate import relate
from aggregator.store import Store
from aggregator.store import documents as store_documents
from aggregator.store.agencies import adopt_configuration
from aggregator.store.documents import KnownDocument
from aggregator.store.sketches import SketchIndex

if TYPE_CHECKING:
    from aggregator import visiting

Progress = Callable[[str, int, int], None]
"""Told the source, how many of its documents are done, and how many there are."""

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
    agencies = Agencies(config.agencies)
    adopt_configuration(store, agencies)
    wanted = [source for source in config.sources if not only or source.id in only]
    with store.transaction():
        locations = [(source.id, shown(source.location)) for source in wanted]
        store_documents.remember_sources(store, locations)
    with Readers(rules_of(config, agencies)) as readers:
        run = _Run(
            config=config,
            store=store,
            readers=readers,
            index=SketchIndex(store),
            now=now,
            progress=progress or _unwatched,
            before_news=before_news,
        )
        reports = {
            source.id: _ingest_files(run, source) for source in wanted if not source.is_remote
        }
        reports.update(_ingest_remote(run, [source for source in wanted if source.is_remote]))
    run.index.write_out()
    redate(store)
    relate(store)
    return [reports[source.id] for source in wanted]


@dataclass(slots=True, kw_only=True)
class _Run:
    """What every step of one run needs."""

    config: Config
    store: Store
    readers: Readers
    index: SketchIndex
    now: datetime
    progress: Progress
    before_news: Callable[[], None] | None


def _unwatched(_source: str, _done: int, _total: int) -> None:
    """The progress of a run that nobody watches."""


def _ingest_files(run: _Run, source: Source) -> SourceReport:
    """Read the files of a source."""
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


def _unknown(run: _Run, source: Source, tally: _Tally) -> Iterator[Job]:
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


def _ingest_remote(run: _Run, sources: Sequence[Source]) -> dict[str, SourceReport]:
    """Visit the sources that have an address, and read what they have."""
    if not sources:
        return {}
    from aggregator import visiting  # and with it the client, which takes 0.2 s to import

    reports: dict[str, SourceReport] = {}
    quiet: list[tuple[SourceReport, visiting.Came]] = []

    def keep(came: "visiting.Came", report: SourceReport, outcome: Outcome | None) -> None:
        """Note how a visit went, within a transaction."""
        reports[report.id] = report
        _remember_outcome(run, report)
        visiting.remember(run.store, run.config, came, outcome, run.now)
        run.progress("sources", len(reports), len(sources))

    def flush() -> None:
        if quiet:
            with run.store.transaction():
                for report, came in quiet:
                    keep(came, report, None)
            quiet.clear()

    visits = visiting.visit_all(run.config, run.store, sources, now=run.now)
    waiting: dict[str, visiting.Came] = {}

    def jobs() -> Iterator[Job]:
        for came in visits:
            if came.job is not None:
                waiting[came.source.id] = came
                yield came.job
            else:
                quiet.append((_quiet_report(came), came))
                if len(quiet) >= _BATCH:
                    flush()

    with closing(visits):
        for job, outcome in run.readers.each_in_time(jobs()):
            came, tally = waiting.pop(job.source.id), _Tally()
            if isinstance(outcome, Unreadable):
                tally.failures.append(outcome.problem)
                with run.store.transaction():
                    keep(came, _report(job.source.id, tally), outcome)
                continue
            with _news(run):
                _take_in(run, job.document, outcome, tally)
                keep(came, _report(job.source.id, tally), outcome)
    flush()
    return reports


def _quiet_report(came: "visiting.Came") -> SourceReport:
    """The report of a visit that brought no document."""
    tally = _Tally()
    if came.error is not None:
        tally.failures.append(came.error)
    else:
        tally.documents = 1
        tally.items = tally.decided["same"] = len(came.held.seen) // HASH
    return _report(came.source.id, tally)


def _remember_outcome(run: _Run, report: SourceReport) -> None:
    store_documents.remember_outcome(
        run.store, report.id, at=run.now, status=report.status, error=report.error
    )


@contextmanager
def _news(run: _Run) -> Iterator[None]:
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


def _take_in(run: _Run, document: Document, read: Reading, tally: _Tally) -> None:
    """Put a document that was read into the store, within a transaction.

    One of a feed in which nothing is new leaves no trace.
    """
    outcomes: list[Decided] = []
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
            outcomes = act(run.store, run.index, document.source, key, read.prepared)
        else:  # another process was quicker, or a feed went back to what it was before
            tally.decided["same"] += len(read.prepared)
    tally.documents += 1
    tally.is_news = tally.is_news or read.is_ordered or bool(read.prepared)
    tally.items += len(read.prepared) + read.unchanged
    tally.decided.update(outcome.how for outcome in outcomes)
    tally.decided["same"] += read.unchanged
    tally.rejected += sum(problem.rejected for problem in read.problems)
    tally.new_by_agency.update(o.prepared.entry.agency.id for o in outcomes if o.how == "new")
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
