"""Sources with an address: what to ask for, what came of it, and when to come back.

Joins ``fetch``, which gets documents, and ``store.visits``, which remembers.  ``Visits`` takes the
sources and gives, in their order, a document to be read or word that there is none; whoever read
it says how that went.  When to come back is decided by ``fetch.politeness``.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from urllib.parse import urlsplit

from aggregator import __version__
from aggregator.config import Config, Source
from aggregator.fetch import many, politeness
from aggregator.fetch.exchange import Answer, Ask, LeftAloneFetchError, Limits
from aggregator.ingest.read import HASH, Job, Outcome, Reading, Unreadable
from aggregator.model import Channel, Document, Hints, Visit
from aggregator.normalise.addresses import display_address as shown
from aggregator.normalise.addresses import host_of, with_credentials
from aggregator.parse import discovery
from aggregator.parse.sniff import kind_of
from aggregator.store import Store, deliveries, subscriptions
from aggregator.store import visits as store_visits
from aggregator.store.visits import Remembered

_BATCH = 500
_GAPS = 20  # releases from which one can tell how often there is one
_OK = (200, 203, 226)
_NOT_MODIFIED = 304
_WORDS = {
    400: "the server says that the request is wrong",
    401: "the server wants a user and a password",
    402: "the server wants to be paid",
    403: "the server refuses access",
    404: "there is nothing at this address",
    406: "the server has it in no form that we read",
    408: "the server got tired of waiting",
    410: "it is gone for good; it will not be asked for again",
    429: "the server asks for fewer requests",
    451: "the server may not show it for legal reasons",
    500: "the server failed",
    502: "a server behind the server failed",
    503: "the server is overloaded or closed",
    504: "a server behind the server did not answer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of one visit: a ``job`` to be read, an ``error``, or nothing new.

    ``held`` is what was remembered before, and ``error`` in words; ``is_patient``: nothing was
    asked, since the source is gone, or its host wants to be left alone ``until`` a time.
    """

    source: Source
    held: Remembered
    answer: Answer | None = None
    job: Job | None = None
    error: str | None = None
    found: str | None = None
    is_patient: bool = False
    until: datetime | None = None


def visit_all(
    config: Config, store: Store, sources: Sequence[Source], *, now: datetime
) -> Generator[Came, None, None]:
    """Ask for each of ``sources``, many at once; what came, in their order."""
    begun: deque[tuple[Source, Remembered]] = deque()

    def asks() -> Iterator[Ask]:
        for start in range(0, len(sources), _BATCH):
            batch = sources[start : start + _BATCH]
            kept = store_visits.remembered(store, [source.id for source in batch])
            for source in batch:
                held = _of_location(source, kept.get(source.id))
                begun.append((source, held))
                if held.visit.gone is None:
                    yield _ask(source, held)

    hosts = store_visits.hosts_to_wait_for(store, now)
    coming = many.fetch_all(
        asks(),
        limits=_limits(config),
        user_agent=user_agent(config),
        concurrency=config.fetch.concurrency,
        delay=config.fetch.delay,
        now=now,
        hosts=hosts,
        look_further=_look_further,
    )
    try:
        for fetched in coming:
            yield from _gone(begun)
            source, held = begun.popleft()
            yield _came(source, held, fetched, now)
        yield from _gone(begun)
    finally:
        coming.close()


def visit_as_due(
    config: Config,
    store: Store,
    due: Callable[[int], Sequence[Source] | None],
    *,
    now: datetime,
) -> Generator[Came | None, None, None]:
    """Ask for sources as they come due, for who runs for long; what came, as soon as it is there.

    ``due`` is called with how many there is room for, and gives None to begin no more.  Gives None
    while nothing comes.  ``now`` is the time at which this began.
    """
    begun: dict[str, tuple[Source, Remembered]] = {}
    silent: deque[Came] = deque()

    def poll(room: int) -> list[Ask] | None:
        sources = due(room)
        if sources is None:
            return None
        kept = store_visits.remembered(store, [source.id for source in sources])
        asks = []
        for source in sources:
            held = _of_location(source, kept.get(source.id))
            if held.visit.gone is None:
                begun[source.id] = source, held
                asks.append(_ask(source, held))
            else:
                silent.append(_not_asked(source, held, held.visit.gone))
        return asks

    coming = many.fetch_as_due(
        poll,
        limits=_limits(config),
        user_agent=user_agent(config),
        concurrency=config.fetch.concurrency,
        delay=config.fetch.delay,
        now=now,
        hosts=store_visits.hosts_to_wait_for(store, now),
        look_further=_look_further,
    )
    try:
        for fetched in coming:
            while silent:
                yield silent.popleft()
            if fetched is None:
                yield None
            else:
                source, held = begun.pop(fetched.ask.source)
                yield _came(source, held, fetched, now)
        yield from silent
    finally:
        coming.close()


def _not_asked(source: Source, held: Remembered, since: datetime) -> Came:
    error = (
        f"{shown(source.location)}: is gone for good since {since:%Y-%m-%d} (410) and not asked"
        " for any more; remove the source, or change its location"
    )
    return Came(source=source, held=held, error=error, is_patient=True)


def _gone(begun: deque[tuple[Source, Remembered]]) -> Iterator[Came]:
    """The sources at the head of the line that are not asked any more."""
    while begun and (since := begun[0][1].visit.gone) is not None:
        yield _not_asked(*begun.popleft(), since)


def user_agent(config: Config) -> str:
    """Who asks, and how to reach them (RFC 9110, section 10.1.5)."""
    contact = config.fetch.contact or _public(config.base_url)
    return f"Aggregator/{__version__} (+{contact})" if contact else f"Aggregator/{__version__}"


def _public(address: str) -> str | None:
    """``address`` where it can tell a stranger anything."""
    host = urlsplit(address).hostname or ""
    return address if "." in host and not host.replace(".", "").isdigit() else None


def _limits(config: Config) -> Limits:
    fetch = config.fetch
    return Limits(
        connect_timeout=fetch.connect_timeout,
        timeout=fetch.timeout,
        max_header_size=fetch.max_header_size,
        max_download=fetch.max_download,
        max_body=config.max_document_size,
        max_redirects=fetch.max_redirects,
    )


def _of_location(source: Source, kept: Remembered | None) -> Remembered:
    """What is remembered of ``source``, unless it was configured to be elsewhere since."""
    asked = _asked(source)
    is_there = kept is not None and kept.asked == asked
    return kept if kept is not None and is_there else Remembered(asked=asked, visit=Visit())


def _asked(source: Source) -> str:
    """What tells one location from another without holding the credentials in it."""
    digest = blake2b(source.location.encode(), digest_size=6).hexdigest()
    return f"{shown(source.location)} {digest}"


def _ask(source: Source, held: Remembered) -> Ask:
    visit = held.visit
    address = with_credentials(visit.address, source.location) if visit.address else source.location
    return Ask(
        source=source.id,
        address=address,
        etag=visit.etag,
        last_modified=visit.last_modified,
        allow_private=source.allow_private,
        # Where a feed was before, a page is a fault and no place to look for another one.
        may_look_further=visit.sha256 is None and source.format is None,
    )


def _look_further(answer: Answer) -> Sequence[str]:
    """Where the feed may be, if what came is a web page."""
    if answer.status not in _OK or kind_of(answer.body, answer.media_type) != "html":
        return ()
    return discovery.feed_addresses(answer.body, answer.address, answer.charset)


def _came(source: Source, held: Remembered, fetched: many.Fetched, now: datetime) -> Came:
    answer, error = fetched.answer, fetched.error
    if answer is None:
        return Came(
            source=source,
            held=held,
            error=error.problem if error is not None else "no answer",
            is_patient=isinstance(error, LeftAloneFetchError),
            until=error.until if isinstance(error, LeftAloneFetchError) else None,
        )
    came = Came(source=source, held=held, answer=answer, found=fetched.found)
    if answer.status == _NOT_MODIFIED:
        return came
    if answer.status not in _OK:
        words = _WORDS.get(answer.status, _class(answer.status))
        status = f"{shown(answer.address)}: answers {answer.status}: {words}"
        return replace(came, error=status)
    if answer.sha256 == held.visit.sha256:
        return came
    if not answer.body:
        return replace(came, error=f"{shown(answer.address)}: is empty")
    document = Document(
        source=source.id,
        name=shown(answer.address),
        body=answer.body,
        sha256=answer.sha256,
        modified=_modified(answer, now),
        address=answer.address,
        media_type=answer.media_type,
        charset=answer.charset,
    )
    return replace(came, job=Job(source, document, held.seen))


def _class(status: int) -> str:
    if 300 <= status < 400:
        return "it leads nowhere"
    return "the server refuses" if 400 <= status < 500 else "that is no document"


def _modified(answer: Answer, now: datetime) -> datetime:
    """When a document was made, as its server says, or when it came."""
    try:
        said = parsedate_to_datetime(answer.last_modified or "").replace(microsecond=0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return now
    if said.tzinfo is None or not _FIRST_USABLE <= said.timestamp() <= now.timestamp():
        return now
    return said.astimezone(now.tzinfo)


_FIRST_USABLE = 946_684_800.0  # 2000-01-01: servers send 1970 where they know nothing


def after(
    came: Came, outcome: Outcome | None, config: Config, now: datetime, *, spread: bool = False
) -> Remembered:
    """What to remember of a visit, once its document was read; ``outcome`` is what that gave.

    With ``spread`` a source that is visited for the first time, or late, comes next up to one more
    interval later: sources that began together, or waited together, part again.
    """
    source, answer, before = came.source, came.answer, came.held.visit
    longest = max(config.fetch.longest_interval, source.interval)
    if came.is_patient:
        if came.until is None:
            return came.held
        visit = politeness.after_no_request(before, until=came.until, now=now)
        return replace(came.held, visit=visit)
    failed = came.error is not None or isinstance(outcome, Unreadable)
    if failed or answer is None:
        visit = politeness.after_failure(
            before,
            status=answer.status if answer is not None else None,
            retry_after=answer.retry_after if answer is not None else None,
            configured=source.interval,
            longest=longest,
            now=now,
            jitter=_jitter(source, before.failures + 1),
        )
        return replace(came.held, visit=visit)
    seen, hints = came.held.seen, came.held.hints
    if isinstance(outcome, Reading):
        seen = outcome.seen
        if answer.is_delta:  # only what is new: the rest stands as it was
            seen = (seen + came.held.seen)[: HASH * config.fetch.max_items]
        hints = _hints(outcome)
    visit = politeness.after_success(
        before,
        answer,
        replace(hints, max_age=answer.max_age, retry_after=answer.retry_after),
        configured=source.interval,
        longest=longest,
        now=now,
        jitter=_jitter(source, 0),
        found=came.found,
    )
    visit = _with_links(visit, before, answer, outcome)
    if spread and visit.due is not None and _is_late(before, visit.interval, now):
        part = timedelta(seconds=round(visit.interval * _jitter(source, 1)))
        visit = replace(visit, due=visit.due + part)
    return replace(came.held, visit=visit, hints=hints, seen=seen)


def _with_links(visit: Visit, before: Visit, answer: Answer, outcome: Outcome | None) -> Visit:
    """``visit`` with hub and topic: of the header, else of the feed (WebSub, section 4).

    What was not read again says what it said before.
    """
    channel = outcome.channel if isinstance(outcome, Reading) else None
    said: Channel | Visit = before if channel is None else channel
    return replace(visit, hub=answer.hub or said.hub, topic=answer.topic or said.topic)


def _is_late(before: Visit, interval: int, now: datetime) -> bool:
    return before.due is None or (now - before.due).total_seconds() > interval / 10


def _hints(read: Reading) -> Hints:
    """What a document says of how often to come, to be remembered until the next one."""
    channel = read.channel or Channel()
    return Hints(
        period=channel.period,
        skip_hours=channel.skip_hours,
        skip_days=channel.skip_days,
        published=read.published[:_GAPS],
    )


def _jitter(source: Source, number: int) -> float:
    """From 0 to 1, by what is asked and for which time: visits spread, and runs can be repeated."""
    digest = blake2b(f"{source.id}\n{number}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32


def remember(
    store: Store,
    config: Config,
    came: Came,
    outcome: Outcome | None,
    now: datetime,
    *,
    spread: bool = False,
    has_news: bool = False,
) -> datetime | None:
    """Keep what the next visit has to know, within a transaction; gives when it is due.

    ``has_news``: it found what was not known before.
    """
    kept = after(came, outcome, config, now, spread=spread)
    if config.websub.callback is not None and kept.visit.failures == 0 and not came.is_patient:
        kept = _with_hub(store, config, came.source, kept, now, has_news)
    store_visits.remember(store, came.source.id, kept)
    if asked := host_and_time(came, now):
        store_visits.remember_hosts(store, dict([asked]), now)
    return kept.visit.due


def _with_hub(
    store: Store, config: Config, source: Source, kept: Remembered, now: datetime, has_news: bool
) -> Remembered:
    """``kept`` with a later visit, where a hub tells of news: and does, as this visit shows."""
    found = subscriptions.of_source(store, source.id)
    if found is None or (found.hub, found.topic) != (kept.visit.hub, kept.visit.topic):
        return kept
    if not found.is_live(now):
        return kept
    if has_news and found.polled and not deliveries.has_any(store, found.token):
        error = "a poll found news that its hub had not delivered"
        subscriptions.end(store, found.token, "failing", due=now, error=error)
        return kept
    subscriptions.note_polled(store, found.token)
    longest = max(config.fetch.longest_interval, source.interval)
    visit = politeness.while_told(kept.visit, longest=longest, now=now, jitter=_jitter(source, 0))
    return replace(kept, visit=visit)


def host_and_time(came: Came, now: datetime) -> tuple[str, datetime] | None:
    """The host that asks to be left alone, and until when."""
    answer = came.answer
    if answer is None or answer.status not in (429, 503) or answer.retry_after is None:
        return None
    return host_of(answer.address), now + timedelta(seconds=answer.retry_after)
