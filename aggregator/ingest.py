"""Sources to store: fetch, parse, normalise, decide, act.

``ingest`` takes each source in turn and gives a report of it.  One document is one transaction: all
of it is in the store or none of it, and a document that was ingested before is known by its hash
and costs no parsing.  A document, or a source, that fails is reported and costs no other.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from aggregator import dedupe
from aggregator.config import Config, Source
from aggregator.errors import FetchError, SourceError
from aggregator.fetch import file as files
from aggregator.model import Document, Entry, How, Item, Parsed, Problem, SourceReport
from aggregator.normalise import normalise
from aggregator.normalise.agency import Agencies
from aggregator.normalise.dating import Undated, span
from aggregator.normalise.identity import entry_ids, match_key
from aggregator.parse import digest
from aggregator.redate import redate
from aggregator.store import Store
from aggregator.store import documents as store_documents
from aggregator.store import entries as store_entries
from aggregator.store.agencies import adopt_configuration, remember_agencies

Progress = Callable[[str, int, int], None]
"""Told the source, how many of its documents are done, and how many there are."""

_BATCH = 200  # documents whose hashes are asked for at once


@dataclass(slots=True)
class _Tally:
    """What happened so far in one source."""

    documents: int = 0
    items: int = 0
    new: int = 0
    unchanged: int = 0
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
    found = files.find(source.id, source.location, config.folder)
    for start in range(0, len(found), _BATCH):
        batch = found[start : start + _BATCH]
        known = store_documents.known_documents(store, source.id, [file.name for file in batch])
        for done, file in enumerate(batch, start + 1):
            try:
                document = files.read(source.id, file, config.max_document_size)
                seen_before = known.get((document.name, document.sha256))
                if seen_before is None:
                    _ingest_document(source, document, agencies, store, tally)
                else:
                    tally.documents += 1
                    tally.items += seen_before.items
                    tally.unchanged += seen_before.items
                    tally.rejected += seen_before.rejected
            except SourceError as error:
                tally.failures.append(error.problem)
            progress(source.id, done, len(found))


def _ingest_document(
    source: Source, document: Document, agencies: Agencies, store: Store, tally: _Tally
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
        new = _act(store, key, prepared)
    tally.documents += 1
    tally.is_news = True
    tally.items += len(prepared)
    tally.new += len(new)
    tally.unchanged += len(prepared) - len(new)
    tally.rejected += sum(problem.rejected for problem in problems)
    tally.new_by_agency.update(entry.agency.id for entry in new)
    tally.problems += (_in_words(document, problem) for problem in problems)


def _days(document: Document, prepared: Sequence["_Prepared"]) -> tuple[date, date]:
    """The days that a digest seems to be of."""
    return span(
        [
            Undated(seen=document.modified, document=document.name, evidence=p.entry.evidence)
            for p in prepared
        ]
    )


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An item on its way into the store."""

    item: Item
    entry: Entry
    fingerprint: str
    ids: tuple[str, str]

    @property
    def same(self) -> tuple[str, str]:
        """Equal for two items that are the same release word for word."""
        return self.entry.agency.id, self.fingerprint


def _prepare(
    source: Source, parsed: Parsed, agencies: Agencies
) -> tuple[list[_Prepared], list[Problem]]:
    """All of a document that can be worked out without the store."""
    prepared: list[_Prepared] = []
    problems = list(parsed.problems)
    for item in parsed.items:
        owner = agencies.by_id(source.agency) if source.agency else agencies.named(item.agency)
        entry, unreadable = normalise(item, owner)
        problems += unreadable
        title_key, text_key = match_key(entry.title), match_key(entry.text)
        prepared.append(
            _Prepared(
                item,
                entry,
                dedupe.fingerprint(title_key, text_key),
                entry_ids(owner.id, title_key, text_key),
            )
        )
    return prepared, sorted(problems, key=lambda problem: problem.lines)


def _act(store: Store, document: int, prepared: list[_Prepared]) -> list[Entry]:
    """Carry out what is decided of each item of a document; gives the entries that are new."""
    known = store_entries.entries_by_fingerprint(store, {p.fingerprint for p in prepared})
    decided = list(_decide(prepared, known))
    new = [p for p, decision in decided if isinstance(decision, dedupe.New)]
    unconfigured = {p.entry.agency for p in new if not p.entry.agency.configured}
    remember_agencies(store, sorted(unconfigured, key=lambda agency: agency.id))
    taken = store_entries.taken_ids(store, {entry_id for p in new for entry_id in p.ids})
    keys = store_entries.add_entries(store, [_new_entry(p, taken) for p in new])
    known |= {p.same: key for p, key in zip(new, keys, strict=True)}
    store_entries.add_sightings(
        store, document, [_sighting(p, decision, known[p.same]) for p, decision in decided]
    )
    for item, decision in decided:
        header = [found for found in item.entry.evidence if found.place == "header"]
        if header and isinstance(decision, dedupe.Same):
            store_entries.add_evidence(store, known[item.same], header)
    return [p.entry for p in new]


def _decide(
    prepared: list[_Prepared], known: dict[tuple[str, str], int]
) -> Iterator[tuple[_Prepared, dedupe.Decision]]:
    """A decision for each item; one that repeats an item above it in its document is the same."""
    above: set[tuple[str, str]] = set()
    for item in prepared:
        if item.same in above:
            yield item, dedupe.Same(0)
        else:
            yield item, dedupe.decide(*item.same, known)
        above.add(item.same)


def _new_entry(new: _Prepared, taken: set[str]) -> store_entries.NewEntry:
    """``new`` under the first of its ids that is free, which from then on is taken."""
    free = next((entry_id for entry_id in new.ids if entry_id not in taken), new.ids[-1])
    taken.add(free)
    return store_entries.NewEntry(id=free, fingerprint=new.fingerprint, entry=new.entry)


def _sighting(
    prepared: _Prepared, decision: dedupe.Decision, key: int
) -> store_entries.NewSighting:
    how: How = "new" if isinstance(decision, dedupe.New) else "same"
    return store_entries.NewSighting(
        entry=key,
        position=prepared.item.position,
        lines=prepared.item.lines,
        how=how,
        score=1.0,
    )


def _report(source: str, tally: _Tally) -> SourceReport:
    failed = bool(tally.failures)
    return SourceReport(
        id=source,
        status="failed" if failed else "ok" if tally.is_news else "unchanged",
        documents=tally.documents,
        items=tally.items,
        new=tally.new,
        unchanged=tally.unchanged,
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
