"""Sources to store: fetch, parse, normalise, decide, act.

``ingest`` takes each source in turn and gives a report of it.  One document is one transaction: all
of it is in the store or none of it, and a document that was ingested before is known by its hash
and costs no parsing.  A document, or a source, that fails is reported and costs no other.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from aggregator.config import Config, Source
from aggregator.errors import FetchError, SourceError
from aggregator.fetch import file as files
from aggregator.model import Document, How, Parsed, Problem, SourceReport
from aggregator.normalise import normalise
from aggregator.normalise.agency import Agencies
from aggregator.normalise.dating import Undated, span
from aggregator.parse import digest
from aggregator.provenance import Prepared, act, prepare
from aggregator.redate import redate
from aggregator.store import Store
from aggregator.store import documents as store_documents
from aggregator.store.agencies import adopt_configuration
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
) -> list[SourceReport]:
    """Read every source, or those named in ``only``, into the store; a report for each.

    ``now`` is the time of the run, in UTC.  Raises ``StoreError``; nothing that a source holds
    raises.
    """
    agencies = Agencies(config.agencies)
    adopt_configuration(store, agencies)
    reports = [
        _ingest_source(config, source, agencies, store, now, progress or _unwatched)
        for source in config.sources
        if not only or source.id in only
    ]
    redate(store)
    return reports


def _unwatched(_source: str, _done: int, _total: int) -> None:
    """The progress of a run that nobody watches."""


def _ingest_source(
    config: Config,
    source: Source,
    agencies: Agencies,
    store: Store,
    now: datetime,
    progress: Progress,
) -> SourceReport:
    tally = _Tally()
    with store.transaction():
        store_documents.remember_source(store, source.id, source.location)
    try:
        _ingest_files(config, source, agencies, store, tally, progress)
    except SourceError as error:
        tally.failures.append(error.problem)
    report = _report(source.id, tally)
    with store.transaction():
        store_documents.remember_outcome(
            store, source.id, at=now, status=report.status, error=report.error
        )
    return report


def _ingest_files(
    config: Config,
    source: Source,
    agencies: Agencies,
    store: Store,
    tally: _Tally,
    progress: Progress,
) -> None:
    if source.is_remote:
        raise FetchError(source.id, "this version reads files only, not http or https addresses")
    index = SketchIndex(store)
    found = files.find(source.id, source.location, config.folder)
    for start in range(0, len(found), _BATCH):
        batch = found[start : start + _BATCH]
        known = store_documents.known_documents(store, source.id, [file.name for file in batch])
        for done, file in enumerate(batch, start + 1):
            try:
                document = files.read(source.id, file, config.max_document_size)
                seen_before = known.get((document.name, document.sha256))
                if seen_before is None:
                    _ingest_document(source, document, agencies, store, index, tally)
                    index.write_out(if_full=True)
                else:
                    tally.documents += 1
                    tally.items += seen_before.items
                    tally.decided["same"] += seen_before.items
                    tally.rejected += seen_before.rejected
            except SourceError as error:
                tally.failures.append(error.problem)
            progress(source.id, done, len(found))
    index.write_out()


def _ingest_document(
    source: Source,
    document: Document,
    agencies: Agencies,
    store: Store,
    index: SketchIndex,
    tally: _Tally,
) -> None:
    parsed = digest.parse(document, agencies.knows)
    prepared, problems = _prepare(source, parsed, agencies)
    with store.transaction():
        key = store_documents.add_document(
            store,
            document,
            items=len(prepared),
            problems=problems,
            ordered=True,
            days=_days(document, prepared),
        )
        outcomes = act(store, index, key, prepared)
    tally.documents += 1
    tally.is_news = True
    tally.items += len(prepared)
    tally.decided.update(outcome.how for outcome in outcomes)
    tally.rejected += sum(problem.rejected for problem in problems)
    tally.new_by_agency.update(o.prepared.entry.agency.id for o in outcomes if o.how == "new")
    tally.problems += (_in_words(document, problem) for problem in problems)


def _days(document: Document, prepared: Sequence[Prepared]) -> tuple[date, date]:
    """The days that a digest seems to be of."""
    return span(
        [
            Undated(seen=document.modified, document=document.name, evidence=p.entry.evidence)
            for p in prepared
        ]
    )


def _prepare(
    source: Source, parsed: Parsed, agencies: Agencies
) -> tuple[list[Prepared], list[Problem]]:
    """All of a document that can be worked out without the store."""
    prepared: list[Prepared] = []
    problems = list(parsed.problems)
    for item in parsed.items:
        owner = agencies.by_id(source.agency) if source.agency else agencies.named(item.agency)
        entry, unreadable = normalise(item, owner)
        problems += unreadable
        prepared.append(prepare(item, entry))
    return prepared, sorted(problems, key=lambda problem: problem.lines)


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
