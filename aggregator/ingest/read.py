"""Documents to items ready for the store, in this process or beside it.

Parsing and normalising need nothing but the document, so while this process writes one document to
the store, another can read the next ones.  That is worth starting a process for only when many
documents come in at once; their order stays, and what is read is the same either way.

A feed is read by the quick parser where that reads it right.  The careful one, which strangers can
stall, reads the others in a process that is ended at a deadline (``apart``).
"""

import hashlib
import os
import signal
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any, Self
from urllib.parse import urlsplit

from aggregator.config import Config, Source
from aggregator.dating.choice import Undated, span
from aggregator.dedupe.items import Prepared
from aggregator.errors import ParseError, SourceError
from aggregator.ingest.prepare import prepare
from aggregator.ingest.sandbox import Apart, DiedError, LateError
from aggregator.model import Agency, Channel, Document, Item, Parsed, Problem, Upstream
from aggregator.normalise.agency import Agencies
from aggregator.normalise.entry import normalise
from aggregator.normalise.text import is_blank, one_line
from aggregator.parse import digest
from aggregator.parse.sniff import Kind, kind_of

MANY = 200
"""New documents from which on they are read beside."""

LARGE = 400_000
"""Bytes of a document from an address from which on it is read where that can be ended."""

HASH = 8
"""Bytes of the hash by which an item of a feed is known again as it stands."""

_CHUNK = 20
_AHEAD = 6  # chunks that may wait for this process, which bounds the memory they take
_FORMATS: dict[str, Kind] = {"digest": "digest", "rss": "xml", "atom": "xml", "json": "json"}
_AHEAD_OF_TIME = timedelta(days=1)
"""How far after it was fetched a feed may say that something changed, for time zones' sake."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Job:
    """A document to be read, and the hashes of the items that its source had the last time."""

    source: Source
    document: Document
    seen: bytes = b""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document holds: its items, what of it could not be read, and the days it is of.

    ``is_ordered``: its items stand newest first, as a digest's do.  ``unchanged`` counts the items
    of a feed that were the same the last time, which are not among ``prepared``; ``seen`` are the
    hashes of all of them.
    """

    prepared: list[Prepared]
    problems: list[Problem]
    days: tuple[date, date]
    is_ordered: bool = True
    channel: Channel | None = None
    unchanged: int = 0
    seen: bytes = b""
    published: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document that makes no sense, and why.  ``kind`` is what it is instead."""

    problem: str
    kind: Kind | None = None


Outcome = Reading | Unreadable


@dataclass(frozen=True, slots=True)
class Rules:
    """What a reader has to know besides the document.

    ``hosts`` are the hosts of each source that has an address: no other one may take their ids.
    """

    agencies: Agencies
    hosts: dict[str, str]
    max_items: int
    max_item_size: int
    parse_timeout: float


def rules_of(config: Config, agencies: Agencies) -> Rules:
    """The rules that a configuration makes."""
    hosts: dict[str, str] = {}
    for source in config.sources:
        if source.is_remote and (host := _host(source.location)):
            # A host that several sources are at is nobody's own.
            hosts[host] = source.id if host not in hosts else ""
    return Rules(
        agencies=agencies,
        hosts=hosts,
        max_items=config.fetch.max_items,
        max_item_size=config.fetch.max_item_size,
        parse_timeout=config.fetch.parse_timeout,
    )


def _host(address: str) -> str | None:
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def read(job: Job, rules: Rules, apart: Apart) -> Outcome:
    """All of a document that can be worked out without the store.

    A large one that came from a stranger is read where that can be ended.
    """
    document = job.document
    if document.address is None or len(document.body) <= LARGE:
        return _read(job, rules, apart)
    try:
        bare = replace(rules, agencies=Agencies())
        configured = rules.agencies.configured
        return apart.call(_read_alone, job, bare, configured, deadline=rules.parse_timeout)
    except (LateError, DiedError) as error:
        return Unreadable(f"{document.name}: {_given_up(error, rules)}")


def _read_alone(job: Job, rules: Rules, configured: tuple[Agency, ...]) -> Outcome:
    return _read(job, replace(rules, agencies=Agencies(configured)), None)


def _given_up(error: LateError | DiedError, rules: Rules) -> str:
    if isinstance(error, LateError):
        return f"takes longer than {rules.parse_timeout:g} s to read (parse_timeout); given up"
    return "makes the parser run out of memory or end; given up"


def _read(job: Job, rules: Rules, apart: Apart | None) -> Outcome:
    document = job.document
    kind = _FORMATS.get(job.source.format or "") or kind_of(document.body, document.media_type)
    try:
        parsed = _parsed(kind, document, rules, apart)
    except SourceError as error:
        return Unreadable(error.problem, kind)
    if parsed.channel is None:
        return _digest(job, parsed, rules)
    return _feed(job, parsed, parsed.channel, rules)


def _parsed(kind: Kind, document: Document, rules: Rules, apart: Apart | None) -> Parsed:
    if kind == "xml":
        return _syndication(document, rules, apart)
    if kind == "json":
        from aggregator.parse import jsonfeed

        return jsonfeed.parse(document, _bounds(rules))
    if kind == "html" and document.address is not None:
        raise ParseError(
            document.source, f"{document.name}: is a web page, and no feed was found by way of it"
        )
    parsed = digest.parse(document, rules.agencies.knows)
    return parsed if document.address is None else _bounded(parsed, rules)


def _bounded(parsed: Parsed, rules: Rules) -> Parsed:
    """No more items of a digest from an address than of a feed."""
    count, most = len(parsed.items), rules.max_items
    if count <= most:
        return parsed
    reason = f"{count - most:,} of {count:,} items are more than max_items allows"
    over = Problem(lines=(parsed.items[most].lines[0], parsed.items[-1].lines[1]), reason=reason)
    return replace(parsed, items=parsed.items[:most], problems=(*parsed.problems, over))


def _syndication(document: Document, rules: Rules, apart: Apart | None) -> Parsed:
    from aggregator.parse import syndication

    bounds = _bounds(rules)
    parsed = syndication.parse(document, bounds)
    if parsed is not None:
        return parsed
    if apart is None:
        return syndication.parse_carefully(document, bounds)
    try:
        return apart.call(
            syndication.parse_carefully, document, bounds, deadline=rules.parse_timeout
        )
    except (LateError, DiedError) as error:
        problem = f"{document.name}: {_given_up(error, rules)}"
        raise ParseError(document.source, problem) from error


def _bounds(rules: Rules) -> Any:
    from aggregator.parse.syndication import Bounds

    return Bounds(max_items=rules.max_items, max_item_size=rules.max_item_size)


def _digest(job: Job, parsed: Parsed, rules: Rules) -> Reading:
    prepared: list[Prepared] = []
    problems = list(parsed.problems)
    for item in parsed.items:
        owner = _configured(job.source, rules) or rules.agencies.named(item.agency)
        entry, unreadable = normalise(item, owner)
        problems += unreadable
        prepared.append(prepare(item, entry))
    problems.sort(key=lambda problem: problem.lines)
    return Reading(prepared, problems, _days(job.document, prepared))


def _configured(source: Source, rules: Rules) -> Agency | None:
    return rules.agencies.by_id(source.agency) if source.agency else None


def _days(document: Document, prepared: Iterable[Prepared]) -> tuple[date, date]:
    """The days that a digest seems to be of."""
    return span(
        [
            Undated(seen=document.modified, document=document.name, evidence=p.entry.evidence)
            for p in prepared
        ]
    )


def _feed(job: Job, parsed: Parsed, channel: Channel, rules: Rules) -> Reading:
    """The items of a feed that were not in it as they are the last time, oldest first."""
    document = job.document
    known = {job.seen[start : start + HASH] for start in range(0, len(job.seen), HASH)}
    keys = Counter(_key(item) for item in parsed.items)
    owner = _configured(job.source, rules) or _owner_of_feed(job, channel, rules.agencies)
    prepared: list[Prepared] = []
    problems = list(parsed.problems)
    hashes = [_hash(item) for item in parsed.items]
    for item, hash_ in zip(parsed.items, hashes, strict=True):
        if hash_ in known:
            continue
        item = _plausible(item, document.modified)
        whose = owner if job.source.agency else _owner_of_item(item, owner, rules.agencies)
        entry, unreadable = normalise(item, whose, base=document.address, language=channel.language)
        problems += unreadable
        if is_blank(entry.title) and is_blank(entry.text) and not entry.links:
            problems.append(Problem(lines=item.lines, reason="an item without title, text or link"))
            continue
        key = _key(item)
        prepared.append(
            prepare(
                item,
                entry,
                source=job.source.id,
                key=key if keys[key] == 1 else None,
                usable=_is_free(job, item, rules),
            )
        )
    problems.sort(key=lambda problem: problem.lines)
    day = document.modified.date()
    return Reading(
        prepared[::-1],  # so that what stands above came in later, as it did at its publisher
        problems,
        (day, day),
        is_ordered=False,
        channel=channel,
        unchanged=sum(hash_ in known for hash_ in hashes),
        seen=b"".join(dict.fromkeys(hashes)),
        published=_published(parsed.items),
    )


def _hash(item: Item) -> bytes:
    """What is equal for an item that stands in a feed as it did before, wherever it stands."""
    said = repr((item.title, item.body, item.date, item.link, item.title_markup, item.upstream))
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=HASH).digest()


def _key(item: Item) -> str | None:
    """What its feed knows an item by: its id, else its address."""
    upstream = item.upstream or Upstream()
    key = one_line(upstream.id or "") or one_line(item.link or "")
    return key if key and len(key) <= 4000 else None


def _is_free(job: Job, item: Item, rules: Rules) -> bool:
    """Whether an item has an id that can be its entry's: not of a host that is another source's."""
    if item.upstream is None or not item.upstream.id:
        return False
    host = _host(item.upstream.id) if "://" in item.upstream.id else None
    return host is None or rules.hosts.get(host, "") in ("", job.source.id)


def _plausible(item: Item, fetched: datetime) -> Item:
    """``item`` without times that no publisher can have meant."""
    upstream = item.upstream
    if upstream is None:
        return item
    published, updated = upstream.published, upstream.updated
    if published is not None and published == _NEVER:
        published = None
    if updated is not None and not _NEVER < updated <= fetched + _AHEAD_OF_TIME:
        updated = None
    if (published, updated) == (upstream.published, upstream.updated):
        return item
    return replace(item, upstream=replace(upstream, published=published, updated=updated))


def _owner_of_feed(job: Job, channel: Channel, agencies: Agencies) -> Agency:
    """Whose a feed is that no configuration says it of: by its title, or by where it lives."""
    title = one_line(channel.title)
    if title and agencies.knows(title):
        return agencies.named(title)
    for address in (channel.home, job.document.address):
        if address is not None and (owner := _at_home(address, agencies)) is not None:
            return owner
    host = _host(job.document.address or "")
    return agencies.named(title if not is_blank(title) else host or job.source.id)


def _at_home(address: str, agencies: Agencies) -> Agency | None:
    host = _host(address)
    owners = [a for a in agencies.configured if a.homepage and _host(a.homepage) == host]
    return owners[0] if host is not None and len(owners) == 1 else None


def _owner_of_item(item: Item, owner: Agency, agencies: Agencies) -> Agency:
    """The agency an item is of: one that it names and the configuration knows, else its feed's."""
    upstream = item.upstream or Upstream()
    for name in (upstream.publisher, *upstream.authors[:1]):
        if name is not None and agencies.knows(name):
            return agencies.named(name)
    return owner


def _published(items: Iterable[Item]) -> tuple[datetime, ...]:
    """When the items of a feed came out, newest first, as far as it says so."""
    times = [item.upstream.published for item in items if item.upstream is not None]
    return tuple(sorted((moment for moment in times if moment is not None), reverse=True))[:50]


class Readers:
    """Reads documents ahead of whoever takes them; a context manager, which ends what it began."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._pool: ProcessPoolExecutor | None = None
        self._apart = Apart()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._apart.end()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def each(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Each of ``jobs`` with what its document holds, in their order."""
        waiting = iter(jobs)
        first = list(islice(waiting, MANY))
        if len(first) < MANY or (os.cpu_count() or 1) < 2:
            for job in chain(first, waiting):
                yield job, read(job, self._rules, self._apart)
        else:
            yield from self._beside(chain(first, waiting))

    def one(self, job: Job) -> Outcome:
        """What one document holds, read here and now."""
        return read(job, self._rules, self._apart)

    def each_in_time(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome]]:
        """The same for documents that come slowly: the first of them wait for no other."""
        waiting = iter(jobs)
        for job in islice(waiting, _CHUNK):
            yield job, read(job, self._rules, self._apart)
        if (os.cpu_count() or 1) < 2:
            yield from ((job, read(job, self._rules, self._apart)) for job in waiting)
        else:
            yield from self._beside(waiting)

    def _beside(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Outcome]]:
        under_way: deque[tuple[list[Job], Future[list[Outcome]]]] = deque()
        while True:
            while len(under_way) < _AHEAD and (chunk := list(islice(jobs, _CHUNK))):
                under_way.append((chunk, self._submit(chunk)))
            if not under_way:
                return
            chunk, future = under_way.popleft()
            yield from zip(chunk, self._result(chunk, future), strict=True)

    def _submit(self, chunk: list[Job]) -> Future[list[Outcome]]:
        if self._pool is None:
            # Not forked: this process has a database open.
            self._pool = ProcessPoolExecutor(
                max_workers=1,
                mp_context=get_context("spawn"),
                initializer=_begin,
                initargs=(
                    replace(self._rules, agencies=Agencies()),
                    self._rules.agencies.configured,
                ),
            )
        return self._pool.submit(_read_chunk, chunk)

    def _result(self, chunk: list[Job], future: Future[list[Outcome]]) -> list[Outcome]:
        """What the other process read; if it died, the same read here."""
        try:
            return future.result()
        except BrokenProcessPool:
            self._pool = None
            return [read(job, self._rules, self._apart) for job in chunk]


_there: tuple[Rules, Apart] | None = None


def _begin(rules: Rules, configured: tuple[Agency, ...]) -> None:
    """Set the other process up.  An interrupt is for the first one, which ends this one."""
    global _there  # a process of a pool has no other place for what it knows
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _there = replace(rules, agencies=Agencies(configured)), Apart()


def _read_chunk(chunk: list[Job]) -> list[Outcome]:
    assert _there is not None
    return [read(job, *_there) for job in chunk]
