"""Sources to store: fetch, parse, normalise, decide, act.

``ingest`` takes each source in turn and gives a report of it.  One document is one transaction: all
of it is in the store or none of it, and a document that was ingested before is known by its hash
and costs no parsing.  A document, or a source, that fails is reported and costs no other.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.config import Config, Source
from aggregator.errors import FetchError, SourceError
from aggregator.fetch import file as files
from aggregator.model import Document, How, Problem, SourceReport
from aggregator.normalise.agency import Agencies
from aggregator.provenance import act
from aggregator.reading import Readers, Reading, Unreadable
from aggregator.redate import redate
from aggregator.relate import relate
from aggregator.store import Store
from aggregator.store import documents as store_documents
from aggregator.store.agencies import adopt_configuration
from aggregator.store.documents import KnownDocument
from aggregator.store.sketches import SketchIndex

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
    with Readers(agencies) as readers:
        run = _Run(
            config=config,
            store=store,
            readers=readers,
            index=SketchIndex(store),
            now=now,
            progress=progress or _unwatched,
            before_news=before_news,
        )
        wanted = [source for source in config.sources if not only or source.id in only]
        reports = [_ingest_source(run, source) for source in wanted]
    run.index.write_out()
    redate(store)
    relate(store)
    return reports


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


def _ingest_source(run: _Run, source: Source) -> SourceReport:
    tally = _Tally()
    with run.store.transaction():
        store_documents.remember_source(run.store, source.id, source.location)
    try:
        _ingest_files(run, source, tally)
    except SourceError as error:
        tally.failures.append(error.problem)
    report = _report(source.id, tally)
    with run.store.transaction():
        store_documents.remember_outcome(
            run.store, source.id, at=run.now, status=report.status, error=report.error
        )
    return report


def _ingest_files(run: _Run, source: Source, tally: _Tally) -> None:
    if source.is_remote:
        raise FetchError(source.id, "this version reads files only, not http or https addresses")
    for document, read in run.readers.each(source, _unknown(run, source, tally)):
        if isinstance(read, Unreadable):
            tally.failures.append(read.problem)
        else:
            _take_in(run, document, read, tally)


def _unknown(run: _Run, source: Source, tally: _Tally) -> Iterator[Document]:
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
                    yield document
                else:
                    _count_known(tally, seen_before)
            run.progress(source.id, done, len(found))


def _count_known(tally: _Tally, known: KnownDocument) -> None:
    tally.documents += 1
    tally.items += known.items
    tally.decided["same"] += known.items
    tally.rejected += known.rejected


def _take_in(run: _Run, document: Document, read: Reading, tally: _Tally) -> None:
    """Put a document that was read into the store: all of it or none."""
    if run.before_news is not None:
        run.before_news()
        run.before_news = None
    with run.store.transaction():
        key = store_documents.add_document(
            run.store,
            document,
            items=len(read.prepared),
            problems=read.problems,
            ordered=True,
            days=read.days,
        )
        outcomes = act(run.store, run.index, key, read.prepared) if key is not None else []
    run.index.write_out(if_full=True)
    tally.documents += 1
    tally.is_news = True
    tally.items += len(read.prepared)
    tally.decided.update(outcome.how for outcome in outcomes)
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
