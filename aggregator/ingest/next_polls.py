"""Decides when to poll each source again, and stores what the next poll has to know.

Takes the polls and the documents that were read of them.  The rules are in ``fetch.politeness``.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from aggregator.config import Config, Source
from aggregator.fetch import politeness
from aggregator.ingest import backfill
from aggregator.ingest.jobs import HASH, ReadDocument, ReadResult, Unreadable
from aggregator.ingest.polling import FinishedPoll, PollResult
from aggregator.ingest.tally import remember_reports, report_of_page
from aggregator.model import Channel, Hints, SourceReport, Visit
from aggregator.normalise.addresses import redact
from aggregator.store import Store, deliveries, history, subscriptions
from aggregator.store import backfill as store_backfill
from aggregator.store import visits as store_visits
from aggregator.store.visits import Remembered

_GAPS = 20  # releases that show how often there is one


def remember(
    store: Store,
    config: Config,
    polls: Sequence[FinishedPoll],
    now: datetime,
    *,
    spread: bool = False,
) -> list[tuple[SourceReport, datetime | None]]:
    """Store how polls went and what the next ones have to know; return reports with the next times.

    Within a transaction.  ``polls`` are of different sources.  ``spread`` is as for ``next_visit``.
    """
    visits = [poll.report for poll in polls if poll.result.page is None]
    # Waiting is neither a success nor a failure.
    remember_reports(store, [one for one in visits if one.status != "waiting"], at=now)
    reports: list[SourceReport] = []
    kept: dict[str, Remembered] = {}
    walks = store_backfill.backfills(store, [poll.result.source.id for poll in polls])
    hosts: dict[str, datetime] = {}
    for poll in polls:
        result, response = poll.result, poll.result.response
        known_walks = walks.get(result.source.id, ())
        if response is not None and response.until is not None and response.backed_off is not None:
            place = response.backed_off
            hosts[place] = max(response.until, hosts.get(place, response.until))
        if result.page is not None:
            history.count_delivery(store, poll.report, at=now)
            longest = max(config.fetch.longest_interval, result.source.shortest_interval)
            walk = backfill.after_page(store, poll, longest, now)
            others = [one for one in known_walks if one.purpose != walk.purpose]
            visit = backfill.after_page_visit(result.previous.visit, result.source, walk, others)
            kept[result.source.id] = replace(result.previous, visit=visit)
            reports.append(replace(report_of_page(poll.report), older=backfill.in_status(walk)))
            continue
        known = next_visit(result, poll.read, config, now, spread=spread)
        has_hub = config.websub.callback is not None and not result.is_skipped
        if has_hub and known.visit.failures == 0:
            known = _with_hub(store, config, result.source, known, now, poll.has_news)
        visit = backfill.after_poll(store, poll, known_walks, known.visit, now)
        kept[result.source.id] = replace(known, visit=visit)
        reports.append(poll.report)
    store_visits.remember(store, kept)
    if hosts:
        store_visits.remember_hosts(store, hosts, now)
    return [(one, kept[one.id].visit.due) for one in reports]


def next_visit(
    result: PollResult,
    read: ReadResult | None,
    config: Config,
    now: datetime,
    *,
    spread: bool = False,
) -> Remembered:
    """Return what to remember of a poll, and when the next one is due.

    With ``spread``, a source that is polled for the first time, or late, is next due up to one
    interval later: sources that started together, or waited together, part again.
    """
    source, response, before = result.source, result.response, result.previous.visit
    interval = source.shortest_interval
    longest = max(config.fetch.longest_interval, interval)
    if result.is_skipped:
        if result.turn is None:
            return result.previous
        visit = politeness.after_no_request(before, until=result.turn, now=now)
        return replace(result.previous, visit=visit)
    if response is None or result.error is not None or isinstance(read, Unreadable):
        visit = politeness.after_failure(
            before,
            status=response.status if response is not None else None,
            retry_after=response.headers.retry_after if response is not None else None,
            configured=interval,
            longest=longest,
            now=now,
            jitter=_jitter(source, before.failures + 1),
        )
        turn = response.turn if response is not None else None
        if turn is not None and visit.due is not None and visit.due < turn:
            visit = replace(visit, due=turn)
        return replace(result.previous, visit=visit)
    seen, hints = result.previous.seen, result.previous.hints
    if read is not None:
        hints = _hints(read)
        # A delta holds only what is new: the rest of the feed is as it was.
        kept = (read.seen + seen)[: HASH * config.fetch.max_items]
        seen = kept if response.is_delta else read.seen
    visit = politeness.after_success(
        before,
        response,
        replace(hints, max_age=response.headers.max_age, retry_after=response.headers.retry_after),
        configured=interval,
        is_adaptive=source.interval is None,
        longest=longest,
        now=now,
        jitter=_jitter(source, 0),
        found=result.found,
    )
    # The hub and topic of the header, else of the feed (WebSub, section 4), else as before; and
    # which program made the feed.
    said: Channel | Visit = before if read is None or read.channel is None else read.channel
    visit = politeness.changed(
        visit,
        hub=_without_password(response.headers.hub) or _without_password(said.hub),
        topic=_without_password(response.headers.topic) or _without_password(said.topic),
        is_aggregator=said.is_aggregator,
    )
    if spread and visit.due is not None and _is_late(before, visit.interval, now):
        part = timedelta(seconds=round(visit.interval * _jitter(source, 1)))
        visit = replace(visit, due=visit.due + part)
    if read is None:
        return replace(result.previous, visit=visit)
    return replace(result.previous, visit=visit, hints=hints, seen=seen, is_stored=False)


def _without_password(address: str | None) -> str | None:
    """Return ``address`` unless it may hold credentials, which are neither stored nor passed on."""
    return address if address is None or redact(address) == address else None


def _is_late(before: Visit, interval: int, now: datetime) -> bool:
    return before.due is None or (now - before.due).total_seconds() > interval / 10


def _hints(read: ReadDocument) -> Hints:
    """Return what a document says of how often to poll, to be remembered until the next one."""
    channel = read.channel or Channel()
    return Hints(
        period=channel.period,
        skip_hours=channel.skip_hours,
        skip_days=channel.skip_days,
        published=read.published[:_GAPS],
    )


def _jitter(source: Source, number: int) -> float:
    """Return a number from 0 to 1 that spreads polls, and is the same in a repeated run."""
    digest = blake2b(f"{source.id}\n{number}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32


def _with_hub(
    store: Store, config: Config, source: Source, known: Remembered, now: datetime, has_news: bool
) -> Remembered:
    """Put the next poll off while a hub delivers news, unless this poll shows that it does not."""
    found = subscriptions.of_source(store, source.id)
    if found is None or (found.hub, found.topic) != (known.visit.hub, known.visit.topic):
        return known
    if not found.is_live(now):
        return known
    if has_news and found.polled and not deliveries.has_any(store, found.token):
        error = "a poll found news that its hub had not delivered"
        subscriptions.end(store, found.token, "failing", due=now, error=error)
        return known
    subscriptions.note_polled(store, found.token)
    longest = max(config.fetch.longest_interval, source.shortest_interval)
    visit = politeness.while_subscribed(
        known.visit, longest=longest, now=now, jitter=_jitter(source, 0)
    )
    return replace(known, visit=visit)
