"""Tries a source without storing anything: fetch it, read it, and decide what would be new.

Takes a source, which need not be in the configuration; returns a ``Preview``.  Reads the store, and
writes nothing.  Raises ``StoreError``.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from aggregator.config import Config, Source
from aggregator.dedupe.document import decide_document
from aggregator.dedupe.items import Prepared
from aggregator.errors import SourceError
from aggregator.fetch import file as files
from aggregator.fetch.host_limiter import HostMemory
from aggregator.ingest.jobs import Job, ReadDocument, Unreadable, read_rules
from aggregator.ingest.lookup import Feed, look_up
from aggregator.ingest.mailboxes import documents_in
from aggregator.ingest.polling import PollResult, listed, poll
from aggregator.ingest.read import format_of, read
from aggregator.ingest.sandbox import KillableProcess
from aggregator.ingest.selection import selected
from aggregator.ingest.unreadable import remark_on
from aggregator.model import Document, Problem
from aggregator.parse.discovery import is_guess
from aggregator.store import Store, open_empty
from aggregator.store import visits as store_visits
from aggregator.store.sketches import SketchIndex

MOST_DOCUMENTS = 100
"""Files that are read; a folder may have many thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedDocument:
    """One document: its ``format`` in words, its items and its problems.

    ``counts`` has how many items would be ``new``, ``same`` and so on; ``unread`` says why it could
    not be read at all, which is a failure unless ``is_dispensable``.  ``is_aggregator``: it says
    that this program made it.  ``older`` is where it has its older items.
    """

    name: str
    size: int
    format: str = ""
    title: str = ""
    items: tuple[Prepared, ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: tuple[Problem, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)
    unread: str | None = None
    is_dispensable: bool = False
    is_aggregator: bool = False
    older: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a source has.

    Of a request: the ``status``, the ``media_type``, the ``address`` that responded, how far
    permanent redirects led (``moved``), and where the feed was ``found`` if the address is of a
    page; ``others`` are the other feeds that the page names.  ``error`` is in words, None where
    something could be read.  ``total`` is how many documents there are.
    """

    source: Source
    documents: tuple[PreviewedDocument, ...] = ()
    total: int = 0
    status: int | None = None
    media_type: str | None = None
    address: str | None = None
    moved: str | None = None
    found: str | None = None
    others: tuple[str, ...] = ()
    error: str | None = None

    @property
    def location(self) -> str:
        """Where to poll it: the feed of a page, or where it has moved for good."""
        return self.found or self.moved or self.source.location

    @property
    def counts(self) -> Counter[str]:
        """How many items of all documents would be ``new``, ``same`` and so on."""
        return sum((document.counts for document in self.documents), Counter())


def preview(config: Config, store: Store, source: Source, *, now: datetime) -> Preview:
    """Return what ``source`` has; ``now`` is the time in UTC, to the second."""
    with_source = config
    if source.id not in {each.id for each in config.sources}:
        with_source = replace(config, sources=(*config.sources, source))
    if source.is_remote:
        return _remote(with_source, store, source, now)
    return _local(with_source, store, source, now)


def _remote(config: Config, store: Store, source: Source, now: datetime) -> Preview:
    hosts = HostMemory()
    hosts.add(store_visits.hosts_to_wait_for(store, now))
    # An empty store remembers no last poll, so the whole document is asked for.
    with open_empty() as nothing:
        (result,) = poll(
            config,
            nothing,
            listed([source]),
            in_order=True,
            now=lambda: now,
            clock=lambda: now,
            hosts=hosts,
        )
    seen = _of_response(source, result)
    if result.job is None:
        return seen
    document = _document(config, store, result.job)
    return replace(seen, documents=(document,), total=1, error=document.unread)


def _of_response(source: Source, result: PollResult) -> Preview:
    response = result.response
    if response is None:
        return Preview(source=source, error=result.error)
    return Preview(
        source=source,
        status=response.status,
        media_type=response.headers.media_type,
        address=response.address,
        moved=response.permanent if result.found is None else None,
        found=result.found,
        others=tuple(other for other in result.others if not is_guess(other, source.location)),
        error=result.error,
    )


def _local(config: Config, store: Store, source: Source, now: datetime) -> Preview:
    documents: list[PreviewedDocument] = []
    problems: list[str] = []
    total = 0
    try:
        found = files.find(source.id, source.location, config.folder)
        total = len(found)
        for file in found:
            if len(documents) >= MOST_DOCUMENTS:
                break
            try:
                limit = config.max_document_size
                for document, _ in documents_in(store, source, file, {}, limit, now):
                    documents.append(_document(config, store, Job(source, document)))
                    if len(documents) >= MOST_DOCUMENTS:
                        break
            except SourceError as error:
                problems.append(error.problem)
    except SourceError as error:
        problems.append(error.problem)
    problems += [each.unread for each in documents if each.unread and not each.is_dispensable]
    return Preview(
        source=source,
        documents=tuple(documents),
        total=max(total, len(documents)),
        error=problems[0] if problems else None,
    )


def _document(config: Config, store: Store, job: Job) -> PreviewedDocument:
    document = job.document
    rules = read_rules(config)
    process = KillableProcess()
    try:
        result = read(job, rules, process)
    finally:
        process.kill()
    seen = PreviewedDocument(
        name=document.name, size=len(document.body), format=format_of(job, rules)
    )
    if isinstance(result, Unreadable):
        remark = remark_on(job.source, result)
        return replace(seen, unread=remark or result.problem, is_dispensable=remark is not None)
    kept = selected(store, job.source, result)
    return replace(
        seen,
        title=result.channel.title if result.channel is not None else "",
        items=tuple(_newest_first(result)),
        problems=tuple(result.problems),
        left_out=kept.left_out,
        counts=_counts(store, document, kept),
        is_aggregator=result.channel is not None and result.channel.is_aggregator,
        older=result.channel.older if result.channel is not None else None,
    )


def _newest_first(result: ReadDocument) -> Iterable[Prepared]:
    return result.prepared if result.is_ordered else reversed(result.prepared)


def _counts(store: Store, document: Document, read: ReadDocument) -> Counter[str]:
    """Return how many items would be what."""
    feed = Feed(read.listed, document.name if document.address is None else None)
    lookup = look_up(store, SketchIndex(store), document.source, read.prepared, feed)
    counts: Counter[str] = Counter(sighting.decision.how for sighting in decide_document(lookup))
    if lookup.removed:
        counts["removed before"] = len(lookup.removed)
    return counts
