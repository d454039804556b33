"""Brings sources into the store: fetch, read, decide, apply.

``ingest`` takes the sources of a configuration once and returns a report of each; the daemon uses
``ingest_files``, ``ingest_remote`` and ``ingest_delivery`` for those that are due.  One document is
one transaction, and one that was ingested before is recognised by its hash.  A document, or a
source, that fails or takes too long is reported and affects no other.  Raises ``StoreError``.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

from aggregator.config import Config, Source
from aggregator.errors import AggregatorError, FetchError, SourceError
from aggregator.fetch import file as files
from aggregator.ingest.cluster import open_workers
from aggregator.ingest.deadline import Deadline, OverdueError
from aggregator.ingest.derive import DERIVING, derive
from aggregator.ingest.jobs import Job, ReadDocument, ReadResult, overdue, read_rules
from aggregator.ingest.readers import MANY, Readers
from aggregator.ingest.selection import selected
from aggregator.ingest.session import Run as Run
from aggregator.ingest.tally import Tally, remember_reports, report_of_unread
from aggregator.model import Document, Progress, SourceReport, part_of
from aggregator.normalise.addresses import display_address
from aggregator.store import Store, dating_rules, history
from aggregator.store import documents as store_documents
from aggregator.store import visits as store_visits
from aggregator.store.agencies import adopt_configuration
from aggregator.store.bad_documents import was_bad
from aggregator.store.search import index_added, index_remaining
from aggregator.store.sketches import SketchIndex
from aggregator.workers import Workers

if TYPE_CHECKING:
    from aggregator.dedupe.items import NewSighting
    from aggregator.ingest.pages import When
    from aggregator.ingest.polling import PollResult, Work

T = TypeVar("T")

Done = Callable[[SourceReport, datetime | None], None]
"""Called with the report of a source, and when it is due again."""

_BATCH = 200  # documents whose hashes are looked up together; polls that are stored together
_SECONDS = 1.0  # after which polls are stored, however few
_INDEXED_TOGETHER = 500  # entries whose words are indexed at once, unless each is to be found soon
_ALONE = 20  # documents of a run that are read at once, before others are read beside
_MANY_NEW = 100  # sources that were never polled, whose documents are all read beside


def ingest(
    config: Config,
    store: Store,
    *,
    now: datetime,
    only: Sequence[str] = (),
    progress: Progress | None = None,
    before_news: Callable[[], None] | None = None,
    workers: Workers | None = None,
) -> list[SourceReport]:
    """Ingest every source, or those named in ``only``, once; return a report of each.

    ``now`` is the time of the run, in UTC.  ``before_news`` is called before the first document
    that is new goes into the store, and may raise to keep it out.  ``workers`` are the processes
    that work beside this one, by default those of the configuration.  Raises ``StoreError``.
    """
    wanted = [source for source in config.sources if not only or source.id in only]
    local = [source for source in wanted if not source.is_remote]
    remote = [source for source in wanted if source.is_remote]
    offset = now - timedelta(seconds=time.monotonic())

    def clock() -> datetime:
        return offset + timedelta(seconds=time.monotonic())

    with (
        nullcontext(workers) if workers is not None else open_workers(config) as others,
        open_run(config, store, clock=clock, workers=others) as run,
    ):
        run.started, run.before_news = now, before_news
        # Of the whole, reading is the most, and what follows from it a sixth.
        reading, parts, reports = part_of(progress, 0, 5, "reading ", of=6), len(wanted), {}
        for number, source in enumerate(local):
            run.progress = part_of(reading, number, number + 1, of=parts)
            reports[source.id] = ingest_files(run, source)
        if remote:
            from aggregator.fetch.host_limiter import HostMemory
            from aggregator.ingest.rounds import poll_all

            if store_visits.count_unvisited(store, [source.id for source in remote]) >= _MANY_NEW:
                run.readers.start()

            def poll(work: "Work", done: Done, older: "When") -> None:
                ingest_remote(run, work, done, older=older)

            run.hosts = HostMemory()
            polled = part_of(reading, len(local), parts, of=parts)
            reports |= poll_all(store, remote, poll, clock=clock, progress=polled)
        part_of(progress, 5, 6, of=6)(DERIVING, 0, 1)
        run.index.write_out()
        index_remaining(store)
        derive(config, store, others)
    return [reports[source.id] for source in wanted]


@contextmanager
def open_run(
    config: Config,
    store: Store,
    *,
    clock: Callable[[], datetime],
    is_continuous: bool = False,
    workers: Workers | None = None,
    hosts: dict[str, str] | None = None,
) -> Iterator[Run]:
    """Open a run; ``hosts`` are those of ``config`` (``hosts_of``), if they are known."""
    rules = read_rules(config, hosts)
    adopt_configuration(store, rules.agencies)
    dating_rules.adopt(store)
    with store.transaction():
        index_added(store)  # the entries of a run that was killed

    def begin(document: Document) -> bool:
        return store_documents.begin(store, document, at=clock())

    with Readers(rules, begin, workers=workers) as readers:
        yield Run(
            config=config,
            store=store,
            readers=readers,
            index=SketchIndex(store),
            clock=clock,
            is_continuous=is_continuous,
        )


def ingest_files(run: Run, source: Source) -> SourceReport:
    """Ingest the files of a source; return its report."""
    tally, location = Tally(), display_address(source.location)
    with run.store.transaction():
        store_documents.remember_sources(run.store, [(source.id, location)])
    try:
        jobs = _new_documents(run, source, tally)
        first = list(islice(jobs, MANY))
        alone = None if len(first) < MANY else 0
        for job, read in run.readers.each(chain(first, jobs), alone=alone):
            _store(run, job, read, tally, lambda _read: None)
    except SourceError as error:
        tally.failures.append(error.problem)
    report = tally.report(source.id)
    with run.store.transaction():
        remember_reports(run.store, [report], at=run.now)
    return report


def ingest_remote(
    run: Run,
    work: "Work",
    done: Done,
    *,
    older: "When" = "due",
    on_fault: Callable[[Source], None] = lambda _: None,
) -> None:
    """Poll the sources of ``work`` until there is no more, and ingest what they have.

    ``done`` is called for each.  ``on_fault`` is called with the source that an internal error
    occurred with; the error is raised all the same, and so is what ``work`` raises.
    """
    from aggregator.ingest.next_polls import remember
    from aggregator.ingest.polling import FinishedPoll, poll  # and the client, which takes 0.2 s

    handled: Source | None = None
    reading: dict[str, PollResult] = {}
    unread: list[PollResult] = []
    stored = time.monotonic()

    def store_unread() -> None:
        nonlocal stored
        polls = [FinishedPoll(result=one, report=report_of_unread(one)) for one in unread]
        with run.store.transaction():
            ended = remember(run.store, run.config, polls, run.now, spread=run.is_continuous)
        unread.clear()
        stored = time.monotonic()
        for report, due in ended:
            done(report, due)

    def add_unread(result: "PollResult") -> None:
        unread.append(result)
        is_time = run.is_continuous or time.monotonic() - stored > _SECONDS
        if is_time or len(unread) >= _BATCH:
            store_unread()

    def jobs() -> Iterator[Job]:
        nonlocal handled
        for result in results:
            handled = result.source
            result = _without_given_up(run, result)
            if result.job is not None:
                reading[result.source.id] = result
                yield result.job
            else:
                add_unread(result)
            handled = None

    def handling(source: Source) -> None:
        nonlocal handled
        handled = source

    in_order, workers = not run.is_continuous, run.readers.workers
    try:
        if workers.are_elsewhere and workers.others:
            from aggregator.ingest.dispatch import Dispatcher

            with closing(Dispatcher(run, older, handling).results(work)) as polled:
                for result, found in polled:
                    handled = result.source
                    if found is not None:
                        done(*_ingest_polled(run, result, found))
                    else:
                        add_unread(result)
                    handled = None
        else:
            with closing(
                poll(
                    run.config,
                    run.store,
                    work,
                    in_order=in_order,
                    now=lambda: run.now,
                    clock=run.clock,
                    hosts=run.hosts,
                    older=older,
                )
            ) as results:
                alone = None if run.is_continuous else _ALONE
                for job, read in run.readers.each(jobs(), alone=alone):
                    result = reading.pop(job.source.id)
                    handled = result.source
                    done(*_ingest_polled(run, result, read))
        if unread:
            store_unread()
    except AggregatorError:
        raise
    except Exception:
        if handled is not None:
            on_fault(handled)
        raise


def ingest_delivery(
    run: Run,
    job: Job,
    check: Callable[[Job, ReadResult], ReadResult],
    done: Callable[[ReadResult], None],
) -> SourceReport:
    """Ingest what a hub delivered for a source; return its report.

    ``check`` may refuse what was read; ``done`` is called within the transaction.
    """
    tally = Tally()

    def finish(read: ReadResult) -> None:
        if isinstance(read, ReadDocument):
            history.count_delivery(run.store, tally.report(job.source.id), at=run.now)
        done(read)

    _store(run, job, check(job, run.readers.one(job)), tally, finish)
    return tally.report(job.source.id)


def _new_documents(run: Run, source: Source, tally: Tally) -> Iterator[Job]:
    """Yield the documents of a source that were not ingested before; count the others."""
    from aggregator.ingest.mailboxes import documents_in

    found = files.find(source.id, source.location, run.config.folder)
    if not found and store_documents.has_documents(run.store, source.id):
        raise FetchError(source.id, f"no file matches {source.location} any more")
    limit = run.config.max_document_size
    for start in range(0, len(found), _BATCH):
        batch = found[start : start + _BATCH]
        known = store_documents.known_documents(run.store, source.id, [f.name for f in batch])
        for number, file in enumerate(batch, start + 1):
            try:
                read = documents_in(run.store, source, file, known, limit, run.now)
                for document, before in read:
                    if before is not None:
                        tally.add_known(before)
                    elif problem := _given_up(run, document):
                        tally.failures.append(problem)
                    else:
                        yield Job(source, document)
            except SourceError as error:
                tally.failures.append(error.problem)
            if run.progress is not None:
                name = f"{source.id}, file {number:,} of {len(found):,}"
                run.progress(name, number, len(found))


def _ingest_polled(
    run: Run, result: "PollResult", read: ReadResult
) -> tuple[SourceReport, datetime | None]:
    """Store the document of a poll; return the report, and when the source is due again."""
    from aggregator.ingest.next_polls import remember
    from aggregator.ingest.older import take
    from aggregator.ingest.polling import FinishedPoll

    tally = Tally()
    taken = take(run.store, result, read, run.now) if isinstance(read, ReadDocument) else None

    def finish(read: ReadResult) -> tuple[SourceReport, datetime | None]:
        report = tally.report(result.source.id)
        whole = taken if isinstance(read, ReadDocument) else None
        polls = [FinishedPoll(result=result, report=report, read=read, taken=whole)]
        (ended,) = remember(run.store, run.config, polls, run.now, spread=run.is_continuous)
        return ended

    assert result.job is not None
    return _store(run, result.job, taken.read if taken else read, tally, finish)


def _without_given_up(run: Run, result: "PollResult") -> "PollResult":
    """Return a poll whose document took too long before as one that failed."""
    problem = _given_up(run, result.job.document) if result.job is not None else None
    return result if problem is None else replace(result, job=None, error=problem)


def _given_up(run: Run, document: Document) -> str | None:
    return store_documents.given_up(run.store, document, run.limits, now=run.now)


def _store(
    run: Run, job: Job, read: ReadResult, tally: Tally, finish: Callable[[ReadResult], T]
) -> T:
    """Store what was read, and what ``finish`` stores and returns, in one transaction.

    ``finish`` gets ``read``, or that storing it took too long; then nothing of it is stored.
    """
    document, limit = job.document, run.config.document_timeout
    if isinstance(read, ReadDocument):
        deadline = Deadline(limit - read.seconds, "storing it")
        try:
            with _transaction(run):
                kept = selected(run.store, job.source, read)
                with run.store.interrupted_when(deadline.is_over):
                    decided = deadline.run(partial(_store_document, run, document, kept, deadline))
                tally.add(document, kept, decided)
                return finish(kept)
        except OverdueError:
            read = overdue(document, limit, deadline.step)
    tally.add_unreadable(job.source, read)
    with run.store.transaction():
        if read.is_given_up:
            store_documents.give_up(run.store, document, run.limits, read.problem, at=run.now)
        else:
            store_documents.take_back(run.store, document)
        return finish(read)


def _store_document(
    run: Run, document: Document, read: ReadDocument, deadline: Deadline
) -> "list[NewSighting]":
    """Store a document that was read, within a transaction; return the decisions.

    A feed in which nothing is new leaves no trace, unless the one before could not be read whole.
    """
    store_documents.take_back(run.store, document)
    document = replace(document, modified=read.modified or document.modified)
    is_kept = read.is_ordered or read.prepared or read.problems or read.left_out
    if is_kept or was_bad(run.store, document):
        key = store_documents.add_document(
            run.store,
            document,
            items=len(read.prepared) + read.unchanged,
            problems=read.problems,
            left_out=read.left_out,
            ordered=read.is_ordered,
            days=read.days,
        )
        if key is not None:
            from aggregator.ingest.walk import take_items

            return take_items(run.store, run.index, document, key, read, deadline)
    return []


@contextmanager
def _transaction(run: Run) -> Iterator[None]:
    """Open a transaction for a new document: all of it is stored, or nothing."""
    if run.before_news is not None:
        run.before_news()
        run.before_news = None
    with run.store.transaction():
        yield
        index_added(run.store, least=1 if run.is_continuous else _INDEXED_TOGETHER)
    run.index.write_out(if_full=True)
