"""Polls the sources with an address.

Joins ``fetch``, which fetches documents, and ``store.visits``, which remembers the polls.  ``poll``
takes the sources that are due and yields a ``PollResult`` for each; once its document was read,
``next_polls`` decides when to poll it again.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import NamedTuple

from aggregator.config import Config, Source
from aggregator.fetch import background
from aggregator.fetch.background import FetchResult
from aggregator.fetch.exchange import (
    BackoffFetchError,
    FetchRequest,
    FetchResponse,
    Limits,
    user_agent,
)
from aggregator.fetch.host_limiter import HostMemory
from aggregator.ingest import pages
from aggregator.ingest.jobs import Job, ReadResult, Taken
from aggregator.ingest.pages import When
from aggregator.model import Document, SourceReport, Visit
from aggregator.normalise.addresses import display_address, with_credentials
from aggregator.store import Store
from aggregator.store import backfill as store_backfill
from aggregator.store import documents as store_documents
from aggregator.store import visits as store_visits
from aggregator.store.backfill import Backfill
from aggregator.store.visits import Remembered

Work = Callable[[int], Sequence[Source] | None]
"""Called with how many more sources there is room for; returns those that are due now, or None if
there will be no more.  Called again at least every half second."""

_BATCH = 500
_OK = (200, 203, 226)
_NOT_MODIFIED = 304
_FIRST_USABLE = 946_684_800.0  # 2000-01-01: servers without a date send 1970
_MEANINGS = {
    400: "the server says that the request is wrong",
    401: "the server requires a user and a password",
    402: "the server requires payment",
    403: "the server refuses access",
    404: "there is nothing at this address",
    406: "the server has no format that we read",
    408: "the server stopped waiting for the request",
    410: "it is gone for good, and will not be polled again",
    429: "the server asks for fewer requests",
    451: "the server may not show it for legal reasons",
    500: "the server failed",
    502: "a server behind the server failed",
    503: "the server is overloaded or closed",
    504: "a server behind the server did not respond",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """The result of one poll: a ``job`` to be read, an ``error``, or nothing new.

    ``previous`` is what was remembered of the poll before, and ``error`` is in words.  ``page`` is
    the older page of the feed that was polled in its place (``pages``).  ``found`` and ``others``
    are as in ``FetchResult``.
    ``is_skipped``: nothing was requested, since the source is gone, or its host asked for no
    requests for now; then ``turn`` is when to try again.
    """

    source: Source
    previous: Remembered
    page: Backfill | None = None
    response: FetchResponse | None = None
    job: Job | None = None
    error: str | None = None
    found: str | None = None
    others: tuple[str, ...] = ()
    is_skipped: bool = False
    turn: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedPoll:
    """A poll, the report of it, and what its document held, if there was one.

    ``taken`` is what ``older`` found out.
    """

    result: PollResult
    report: SourceReport
    read: ReadResult | None = None
    taken: Taken | None = None

    @property
    def has_news(self) -> bool:
        """Whether something was not known before."""
        return self.report.new > 0 or self.report.revised > 0


class Polling(NamedTuple):
    """What is polled of a source: a page, or its feed, ``is_whole`` even if it did not change."""

    source: Source
    previous: Remembered
    page: Backfill | None
    is_whole: bool


def listed(sources: Sequence[Source]) -> Work:
    """Return the work of a list of sources, each of which is due once."""
    waiting = deque(sources)

    def work(room: int) -> Sequence[Source] | None:
        return [waiting.popleft() for _ in range(min(room, _BATCH, len(waiting)))] or None

    return work


def poll(
    config: Config,
    store: Store,
    work: Work,
    *,
    in_order: bool,
    now: Callable[[], datetime],
    clock: Callable[[], datetime],
    hosts: HostMemory | None = None,
    older: When = "due",
) -> Generator[PollResult, None, None]:
    """Yield the result of polling each source of ``work``.

    ``in_order``: in the order of the sources, except for those that are not requested; else each
    as soon as it is there.  ``now`` is the time of the run, to the second, and ``clock`` the time
    by which hosts are waited for.  ``hosts`` is what earlier calls found out of hosts.
    ``older`` says whether older pages are polled.
    """
    hosts = hosts if hosts is not None else HostMemory()
    hosts.add(store_visits.hosts_to_wait_for(store, clock()))
    under_way: dict[str, Polling] = {}
    gone: deque[PollResult] = deque()

    def requests(room: int) -> list[FetchRequest] | None:
        sources = work(room)
        if sources is None:
            return None
        wanted = []
        for polled, request in requests_of(store, sources, older, clock()):
            if isinstance(request, PollResult):
                gone.append(request)
            else:
                under_way[request.source] = polled
                wanted.append(request)
        return wanted

    fetched = background.fetch(
        requests,
        in_order=in_order,
        limits=limits_of(config),
        user_agent=user_agent(config.fetch.contact, config.base_url),
        concurrency=config.fetch.concurrency,
        delay=config.fetch.delay,
        now=clock,
        memory=hosts,
        look_further=feeds_of_page,
    )
    try:
        for result in fetched:
            yield from _drain(gone)
            yield poll_result(under_way.pop(result.request.source), result, now())
        yield from _drain(gone)
    finally:
        fetched.close()


def _introduce(store: Store, sources: Sequence[Source]) -> None:
    """Have the store know sources that were not polled before, or elsewhere."""
    if sources:
        with store.transaction():
            store_documents.remember_sources(
                store, [(source.id, display_address(source.location)) for source in sources]
            )


def requests_of(
    store: Store, sources: Sequence[Source], older: When, now: datetime
) -> Iterator[tuple[Polling, FetchRequest | PollResult]]:
    """Yield what is polled of each source and its request, or the result where it is gone."""
    ids = [source.id for source in sources]
    remembered = store_visits.remembered(store, ids)
    walks = store_backfill.backfills(store, ids)
    last = [(source, _at_location(source, remembered.get(source.id))) for source in sources]
    _introduce(store, [source for source, previous in last if not previous.is_stored])
    for source, previous in last:
        if previous.visit.gone is not None:
            gone = _gone(source, previous, previous.visit.gone)
            yield Polling(source, previous, None, False), gone
            continue
        known = [w for w in walks.get(source.id, ()) if w.asked == previous.asked]
        page = pages.page_to_visit(source, known, older, now)
        is_whole = page is None and pages.has_to_start(source, known)
        request = pages.request(source, page) if page else _request(source, previous, is_whole)
        yield Polling(source, previous, page, is_whole), request


def _drain(results: deque[PollResult]) -> Iterator[PollResult]:
    while results:
        yield results.popleft()


def _gone(source: Source, previous: Remembered, since: datetime) -> PollResult:
    error = (
        f"{display_address(source.location)}: has been gone since {since:%Y-%m-%d} (410) and is not"
        " polled any more; remove the source, or change its location"
    )
    return PollResult(source=source, previous=previous, error=error, is_skipped=True)


def limits_of(config: Config) -> Limits:
    """Return the limits of a request."""
    fetch = config.fetch
    return Limits(
        connect_timeout=fetch.connect_timeout,
        timeout=fetch.timeout,
        max_header_size=fetch.max_header_size,
        max_download=fetch.max_download,
        max_body=config.max_document_size,
        max_redirects=fetch.max_redirects,
        longest_backoff=fetch.longest_interval,
    )


def _at_location(source: Source, remembered: Remembered | None) -> Remembered:
    """Return what is remembered of ``source``, unless its configured location changed since."""
    # The digest tells one location from another without holding the credentials in it.
    digest = blake2b(source.location.encode(), digest_size=6).hexdigest()
    asked = f"{display_address(source.location)} {digest}"
    if remembered is not None and remembered.asked == asked:
        return remembered
    return Remembered(asked=asked, visit=Visit())


def _request(source: Source, previous: Remembered, is_whole: bool) -> FetchRequest:
    visit = previous.visit
    address = with_credentials(visit.address, source.location) if visit.address else source.location
    return FetchRequest(
        source=source.id,
        address=address,
        etag=visit.etag if not is_whole else None,
        last_modified=visit.last_modified if not is_whole else None,
        allow_private=source.allow_private,
        settings=source.request,
        # If there was a feed before, a page is an error, not a place to look for another feed.
        may_look_further=visit.sha256 is None and source.format in (None, "feed"),
    )


def feeds_of_page(response: FetchResponse) -> Sequence[str]:
    """Return where the feed may be, if the response is a web page."""
    if response.status not in _OK:
        return ()
    from aggregator.parse.sniff import kind_of

    headers = response.headers
    if kind_of(response.body, headers.media_type) != "html":
        return ()
    from aggregator.parse import discovery

    return discovery.feed_addresses(
        response.body, response.address, headers.charset, headers.alternates
    )


def poll_result(polled: Polling, fetched: FetchResult, now: datetime) -> PollResult:
    """Return the result of a poll at the time ``now``, which is that of the run."""
    source, previous, page, is_whole = polled
    response, error = fetched.response, fetched.error
    if response is None:
        return PollResult(
            source=source,
            previous=previous,
            page=page,
            error=error.problem if error is not None else "no response",
            is_skipped=isinstance(error, BackoffFetchError),
            turn=error.turn if isinstance(error, BackoffFetchError) else None,
        )
    result = PollResult(
        source=source,
        previous=previous,
        page=page,
        response=response,
        found=fetched.found,
        others=fetched.others,
    )
    if response.status == _NOT_MODIFIED:
        return result
    address = display_address(response.address)
    if response.status not in _OK:
        meaning = _MEANINGS.get(response.status) or _meaning_of_class(response.status)
        return replace(result, error=f"{address}: responded with {response.status}: {meaning}")
    if response.sha256 == previous.visit.sha256 and page is None and not is_whole:
        return result
    if page is not None and pages.is_foreign(page, response.address):
        return replace(result, error=f"{address}: is not of the site of its feed")
    if not response.body:
        return replace(result, error=f"{address}: is empty")
    document = Document(
        source=source.id,
        name=address,
        body=response.body,
        sha256=response.sha256,
        modified=_modified(response, now),
        address=response.address,
        media_type=response.headers.media_type,
        charset=response.headers.charset,
    )
    return replace(result, job=job_of(polled, document, is_delta=response.is_delta))


def job_of(polled: Polling, document: Document, *, is_delta: bool) -> Job:
    """Return a document of a poll as it is to be read."""
    source, previous, page, _ = polled
    if page is not None:
        return Job(source, document, is_partial=True, page=pages.reading(page))
    return Job(source, document, previous.seen, is_delta)


def _meaning_of_class(status: int) -> str:
    if 300 <= status < 400:
        return "it leads nowhere"
    return "the server refuses" if 400 <= status < 500 else "that is not a document"


def _modified(response: FetchResponse, now: datetime) -> datetime:
    """Return when a document was last modified, as its server says, or ``now``."""
    try:
        said = parsedate_to_datetime(response.headers.last_modified or "").replace(microsecond=0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return now
    if said.tzinfo is None or not _FIRST_USABLE <= said.timestamp() <= now.timestamp():
        return now
    return said.astimezone(now.tzinfo)
