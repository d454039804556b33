"""Reads a document: parses it, and normalises and prepares each of its items.

Takes a ``Job``, which needs nothing of the store; returns a ``ReadDocument``, or ``Unreadable``
with the reason.  ``readers`` decides in which process that happens.

A feed is parsed by the quick parser if it can; the careful parser, which hostile input can stall,
parses the others in a process that is killed at a deadline (``sandbox``).  The whole has a deadline
too, in whichever process it runs (``deadline``).
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from aggregator.config import Source
from aggregator.dating.choice import Undated, days_covered
from aggregator.dating.phrases import day_orders
from aggregator.dating.stated import DateRules, rules_of_document
from aggregator.dedupe.items import Prepared
from aggregator.errors import SourceError
from aggregator.ingest.deadline import Deadline, OverdueError
from aggregator.ingest.federation import (
    agency_of,
    as_told,
    claims_of,
    not_claimed,
    not_dated,
    relayed_of,
    without_dates,
    without_own,
)
from aggregator.ingest.jobs import (
    HASH,
    LARGE,
    ArchivePage,
    Job,
    ReadDocument,
    ReadResult,
    Rules,
    Unreadable,
    overdue,
    size_words,
)
from aggregator.ingest.owners import owner_of_feed, owner_of_item
from aggregator.ingest.prepare import prepare
from aggregator.ingest.sandbox import DeadlineError, KillableProcess, ProcessDiedError
from aggregator.ingest.unreadable import unreadable
from aggregator.model import Agency, Channel, Document, Item, Parsed, Problem, Relayed, Upstream
from aggregator.normalise.addresses import site_of
from aggregator.normalise.entry import normalise
from aggregator.normalise.text import is_blank, one_line
from aggregator.parse import digest
from aggregator.parse.sniff import Kind, kind_of, root_name

_FORMATS: dict[str, Kind] = {
    **{"digest": "digest", "mail": "mail", "rss": "xml", "atom": "xml", "json": "json"}
}
_FORMAT_NAMES: dict[Kind, str] = {
    **{"digest": "digest", "mail": "mail", "json": "JSON Feed", "html": "web page"},
    **{"empty": "nothing", "binary": "binary data"},
}
_ROOT_NAMES = {"rss": "RSS", "feed": "Atom", "rdf": "RSS 1.0 (RDF)", "channel": "RSS"}
_AHEAD_OF_TIME = timedelta(days=1)
"""How far in the future an ``updated`` may be, for wrong time zones."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO_TIMES = frozenset(datetime(year, 1, 1, tzinfo=UTC) for year in (1900, 1904, 1970))
"""What an unset time is: in databases and spreadsheets, on old Macs, and in Unix."""


def read(
    job: Job, rules: Rules, process: KillableProcess, *, is_suspect: bool = False
) -> ReadResult:
    """Read a document; a suspect or a large remote one, or its careful parser, in ``process``."""
    document = job.document
    is_large = document.address is not None and len(document.body) > LARGE
    limit = min(rules.parse_timeout if is_large else math.inf, rules.document_timeout)
    deadline = Deadline(rules.document_timeout, "reading it")

    def work() -> ReadResult:
        if is_suspect or is_large:
            return process.call(_read, job, rules, None, deadline=limit)
        return _read(job, rules, process)

    try:
        result = deadline.run(work)
    except OverdueError:
        return overdue(document, rules.document_timeout, deadline.step)
    except DeadlineError:
        problem = f"takes longer than {rules.parse_timeout:g} s to read (parse_timeout)"
        words = f"{document.name}: {problem}{size_words(document)}; given up"
        return Unreadable(words, is_given_up=True)
    except ProcessDiedError:
        problem = "makes the parser run out of memory or crash; given up"
        return Unreadable(f"{document.name}: {problem}")
    return replace(result, seconds=deadline.spent) if isinstance(result, ReadDocument) else result


def format_of(job: Job, rules: Rules) -> str:
    """Return in words which format a document has, and whether the quick parser reads it."""
    document, kind = job.document, _kind(job)
    if kind != "xml":
        return _FORMAT_NAMES[kind]
    from aggregator.parse import syndication

    name = _ROOT_NAMES.get(root_name(document.body) or "", "XML")
    if syndication.parse(document, _bounds(job.source, rules)) is not None:
        return name
    return f"{name}, not well-formed or unusual, so that the lenient parser reads it"


def _kind(job: Job) -> Kind:
    document, configured = job.document, job.source.format
    if configured in _FORMATS:
        return _FORMATS[configured]
    kind = kind_of(document.body, document.media_type)
    # Under `format = "feed"` the feed parser names the fault of what is a digest or a mail.
    return "xml" if configured == "feed" and kind in ("digest", "mail") else kind


def _read(job: Job, rules: Rules, process: KillableProcess | None) -> ReadResult:
    document, kind = job.document, _kind(job)
    if job.page is not None and kind not in ("xml", "json"):
        return Unreadable(f"{document.name}: is not a feed")
    if kind == "mail":
        return _mail(job, rules)
    try:
        parsed = _parsed(kind, job.source, document, rules, process)
    except SourceError as error:
        return unreadable(job, error)
    return _items(job, parsed, rules)


def _items(job: Job, parsed: Parsed, rules: Rules) -> ReadDocument:
    if parsed.channel is None:
        return _digest(job, parsed, rules)
    return _feed(job, parsed, parsed.channel, rules)


def _parsed(
    kind: Kind, source: Source, document: Document, rules: Rules, process: KillableProcess | None
) -> Parsed:
    if kind == "xml":
        return _syndication(source, document, rules, process)
    if kind == "json":
        from aggregator.parse import jsonfeed

        return jsonfeed.parse(document, _bounds(source, rules))
    if kind == "html" and document.address is not None:
        return _bounded(digest.parse_page(document, rules.agencies.knows), rules)
    parsed = digest.parse(document, rules.agencies.knows)
    return parsed if document.address is None else _bounded(parsed, rules)


def _bounded(parsed: Parsed, rules: Rules) -> Parsed:
    """Limit the items of a remote digest as those of a feed."""
    count, most = len(parsed.items), rules.max_items
    if count <= most:
        return parsed
    reason = f"{count - most:,} of {count:,} items are more than max_items allows"
    over = Problem(lines=(parsed.items[most].lines[0], parsed.items[-1].lines[1]), reason=reason)
    return replace(parsed, items=parsed.items[:most], problems=(*parsed.problems, over))


def _syndication(
    source: Source, document: Document, rules: Rules, process: KillableProcess | None
) -> Parsed:
    from aggregator.parse import syndication

    bounds = _bounds(source, rules)
    parsed = syndication.parse(document, bounds)
    if parsed is not None:
        return parsed
    if process is None:
        return syndication.parse_carefully(document, bounds)
    limit = min(rules.parse_timeout, rules.document_timeout)
    return process.call(syndication.parse_carefully, document, bounds, deadline=limit)


def _bounds(source: Source, rules: Rules) -> Any:
    from aggregator.parse.syndication import Bounds

    return Bounds(
        max_items=rules.max_items,
        max_item_size=rules.max_item_size,
        dates=_dates(source),
        is_aggregator=source.aggregator,
    )


def _dates(source: Source) -> DateRules:
    return DateRules(zone=source.timezone, day_first=source.day_first)


def _digest(job: Job, parsed: Parsed, rules: Rules) -> ReadDocument:
    own = datetime.combine(parsed.dated or date.max, time(12), UTC)
    document = replace(job.document, modified=min(own, job.document.modified))
    prepared: list[Prepared] = []
    problems = list(parsed.problems)
    stated = (item.date for item in parsed.items if item.date)
    dates = rules_of_document(_dates(job.source), None, stated)
    orders = day_orders((item.agency, item.body) for item in parsed.items)
    for item in parsed.items:
        owner = _configured(job.source, rules) or rules.agencies.named(item.agency)
        first = orders.get(item.agency) if dates.day_first is None else dates.day_first
        rule = replace(dates, day_first=first)
        entry, unreadable = normalise(item, owner, day_first=first, dates=rule)
        problems += unreadable
        prepared.append(prepare(item, entry))
    problems.sort(key=lambda problem: problem.lines)
    return ReadDocument(prepared, problems, _days(document, prepared), modified=document.modified)


def _mail(job: Job, rules: Rules) -> ReadDocument:
    """Read a mail, or each of an mbox; what the mail's own date bounds is read as of that date."""
    from aggregator.parse.mail import letters

    document = job.document
    parts: list[ReadDocument] = []
    prepared: dict[str | int, Prepared] = {}
    sent: list[datetime] = []
    for letter in letters.parse(document, rules.agencies.knows):
        dated = replace(job, document=replace(document, modified=letter.sent or document.modified))
        part = _items(dated, letter.parsed, rules)
        parts.append(part)
        sent += [at] if (at := part.modified or letter.sent) else []
        for one in part.prepared:
            prepared.setdefault(one.key or len(prepared), one)
    problems = [problem for part in parts for problem in part.problems]
    most = rules.max_items if document.address is not None else len(prepared)
    if (over := len(prepared) - most) > 0:
        reason = f"{over:,} of {len(prepared):,} items are more than max_items allows"
        problems.append(Problem(lines=(1, 1), reason=reason))
    return ReadDocument(
        list(prepared.values())[:most],
        sorted(problems, key=lambda problem: problem.lines),
        (min(part.days[0] for part in parts), max(part.days[1] for part in parts)),
        is_ordered=len(parts) == 1 and parts[0].is_ordered,
        unchanged=sum(part.unchanged for part in parts),
        seen=b"".join(part.seen for part in parts),
        modified=max(sent, default=None),
    )


def _configured(source: Source, rules: Rules) -> Agency | None:
    return rules.agencies.by_id(source.agency) if source.agency else None


def _days(document: Document, prepared: Iterable[Prepared]) -> tuple[date, date]:
    """Return the days that a digest seems to cover."""
    return days_covered(
        [
            Undated(seen=document.modified, document=document.name, evidence=p.entry.evidence)
            for p in prepared
        ]
    )


def _feed(job: Job, parsed: Parsed, channel: Channel, rules: Rules) -> ReadDocument:
    """Prepare the items of a feed that are new or changed since last time, oldest first."""
    document = job.document
    known = {job.seen[start : start + HASH] for start in range(0, len(job.seen), HASH)}
    keys = Counter(_key(item) for item in parsed.items)
    own = channel
    if job.page is not None:  # whose the feed is, an old page may say as it was then
        own = replace(channel, title=job.page.title, home=job.page.home)
    owner = _configured(job.source, rules) or owner_of_feed(
        job.source, document, own, rules.agencies
    )
    prepared: list[Prepared] = []
    problems = list(parsed.problems)
    hashes = [_hash(item, (*job.source.rules, *job.source.agencies)) for item in parsed.items]
    claims = claims_of(job.source, rules.agencies)
    not_ours: list[tuple[Item, Agency]] = []
    misdated: list[tuple[Item, str]] = []
    for item, hash_ in zip(parsed.items, hashes, strict=True):
        if hash_ in known:
            continue
        item = _plausible(item, document.modified)
        relayed: Relayed | None = None
        if job.source.aggregator:
            whose = agency_of(item, owner, rules.agencies)
            if not claims.permits(whose):
                not_ours.append((item, whose))
                continue
            relayed, reason = relayed_of(item, whose, claims, rules.agencies, document.modified)
            if reason is not None:
                misdated.append((item, reason))
            item = without_own(item, whose)
            if item.upstream is not None and item.upstream.published is not None:
                item = without_dates(item)
        else:
            whose = owner if job.source.agency else owner_of_item(item, owner, rules.agencies)
        base = item.link or channel.home or document.address
        first = job.source.day_first
        entry, unreadable = normalise(
            item, whose, base=base, language=channel.language, day_first=first
        )
        if relayed is not None:
            entry = replace(as_told(entry, item), updated=relayed.updated)
        problems += unreadable
        if is_blank(entry.title) and is_blank(entry.text) and not entry.links:
            problems.append(Problem(lines=item.lines, reason="an item without title, text or link"))
            continue
        key = _key(item)
        prepared.append(
            prepare(
                item,
                entry,
                feed=document,
                key=key if keys[key] == 1 else None,
                usable=_is_free(job, item, rules),
                relayed=relayed,
            )
        )
    problems += [*not_claimed(job.source, not_ours), *not_dated(misdated)]
    problems.sort(key=lambda problem: problem.lines)
    modified = _latest(job.page, document, channel, parsed.items) if job.page else None
    day = (modified or document.modified).date()
    # Of another Aggregator ids are permanent, so nothing takes the place of what is gone.
    is_partial = job.is_partial or job.source.aggregator
    is_whole = not is_partial and len(parsed.items) < rules.max_items
    return ReadDocument(
        prepared[::-1],  # the order in which they were published
        problems,
        (day, day),
        is_ordered=False,
        channel=channel,
        unchanged=sum(hash_ in known for hash_ in hashes),
        seen=b"".join(dict.fromkeys(hashes)),
        published=_published(parsed.items),
        modified=modified,
        listed=frozenset(key for key in keys if key is not None) if is_whole else None,
    )


def _latest(
    page: ArchivePage, document: Document, channel: Channel, items: Iterable[Item]
) -> datetime:
    """Return when the newest item of an older page came out at the latest.

    That is when the page changed, or where the page before it began, unless an item is newer.
    """
    newest = max(_published(items), default=_NEVER)
    bounds = (page.bound, channel.updated, document.modified)
    return min(
        (bound for bound in bounds if bound is not None and newest <= bound <= document.modified),
        default=document.modified,
    )


def _hash(item: Item, rules: tuple[object, ...]) -> bytes:
    """Return a hash by which an unchanged item is recognised, wherever it is in the feed.

    With other ``rules`` of its source every item is read again.
    """
    stated = (item.upstream,) if item.extension is None else (item.upstream, item.extension)
    said = repr((item.title, item.body, item.date, item.link, item.title_markup, *stated, *rules))
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=HASH).digest()


def _key(item: Item) -> str | None:
    """Return what identifies an item within its feed: its id, else its address."""
    upstream = item.upstream or Upstream()
    key = one_line(upstream.id or "") or one_line(item.link or "")
    return key if key and len(key) <= 4000 else None


def _is_free(job: Job, item: Item, rules: Rules) -> bool:
    """Return whether the id of an item can be its entry's: not if another source has its host."""
    if item.upstream is None or not item.upstream.id:
        return False
    host = site_of(item.upstream.id) if "://" in item.upstream.id else None
    return host is None or rules.hosts.get(host, "") in ("", job.source.id)


def _plausible(item: Item, fetched: datetime) -> Item:
    """Return ``item`` without impossible times."""
    upstream = item.upstream
    if upstream is None:
        return item
    published, updated = upstream.published, upstream.updated
    if published in _ZERO_TIMES:
        published = None
    if updated is not None and not _NEVER < updated <= fetched + _AHEAD_OF_TIME:
        updated = None
    if (published, updated) == (upstream.published, upstream.updated):
        return item
    return replace(item, upstream=replace(upstream, published=published, updated=updated))


def _published(items: Iterable[Item]) -> tuple[datetime, ...]:
    """Return when the items of a feed were published, as far as it says so, newest first."""
    times = [item.upstream.published for item in items if item.upstream is not None]
    return tuple(sorted((moment for moment in times if moment is not None), reverse=True))[:50]
