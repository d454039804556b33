"""Takes from an older page of a feed what is wanted of it, and notices gaps between two polls.

``take`` gets what was read of a poll; returns what is to be stored, and what the next step depends
on.  Only reads.  Raises ``StoreError``.  What happens next is decided in ``backfill``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from aggregator.config import Source
from aggregator.dedupe.items import Prepared
from aggregator.ingest.jobs import ReadDocument, Taken
from aggregator.ingest.polling import PollResult
from aggregator.ingest.selection import known_entries
from aggregator.store import Store, sightings
from aggregator.store import backfill as store_backfill
from aggregator.store.backfill import Backfill
from aggregator.store.entries import next_key
from aggregator.store.times import to_time


def take(store: Store, result: PollResult, read: ReadDocument, now: datetime) -> Taken:
    """Return what is to be stored of a poll that was read."""
    if result.page is not None:
        return _of_page(store, result.source, result.page, read, now)
    channel = read.channel
    may_miss = (
        channel is not None
        and channel.older is not None
        and not channel.is_complete
        and bool(result.previous.seen)
        and bool(read.prepared)
        and not read.unchanged
        and not (result.response is not None and result.response.is_delta)
    )
    if not may_miss or known_entries(store, result.source.id, dict(enumerate(read.prepared))):
        return Taken(read=read)
    return Taken(read=read, floor=next_key(store) - 1)


def _of_page(
    store: Store, source: Source, page: Backfill, read: ReadDocument, now: datetime
) -> Taken:
    items = dict(enumerate(read.prepared))
    moments = {place: moment for place, p in items.items() if (moment := _moment(p)) is not None}
    known = known_entries(store, source.id, items)
    unknown = {place: moment for place, moment in moments.items() if place not in known}
    limit = _limit(store, source, page, now, list(unknown.values()))
    unwanted = set(_unchanged(store, source, items))
    if limit is not None:
        unwanted |= {place for place, moment in unknown.items() if moment < limit}
    dates = sorted(moments.values())
    return Taken(
        read=replace(
            read,
            prepared=[p for place, p in items.items() if place not in unwanted],
            unchanged=read.unchanged + len(unwanted.intersection(known)),
        ),
        is_met=any(min(entries) <= page.floor for entries in known.values()),
        limit=limit,
        reached=dates[len(dates) // 2] if dates else None,
        digest=_digest(read.prepared),
    )


def _limit(
    store: Store, source: Source, page: Backfill, now: datetime, added: Sequence[datetime]
) -> datetime | None:
    """Return when the oldest entry that is wanted came out, as far as there is a limit.

    ``added`` is when those came out that the page would add.
    """
    limits = [page.cutoff]
    if source.keep_days is not None and source.keep_days < now.toordinal():
        limits.append(now - timedelta(days=source.keep_days))
    if (most := source.keep_entries) is not None:
        # Those before ``start`` are among the newest, whatever is added.
        start = max(most - len(added), 0)
        held = store_backfill.newest(store, source.id, start, most)
        limits += sorted((*held, *added), reverse=True)[most - start - 1 : most - start]
    return max((limit for limit in limits if limit is not None), default=None)


def _unchanged(store: Store, source: Source, items: dict[int, Prepared]) -> Iterable[int]:
    """Return the places of the items whose id and text the source had before.

    A second sighting would say nothing, or move what follows from the first one.
    """
    by_id = sightings.entries_with_ids(
        store, source.id, {p.key for p in items.values() if p.key is not None}
    )
    if not by_id:
        return ()
    by_text = sightings.entries_with_text(store, {p.fingerprint for p in items.values()})
    return [
        place
        for place, p in items.items()
        if p.key is not None and by_id.get(p.key) in by_text.get(p.text_key, ())
    ]


def _moment(p: Prepared) -> datetime | None:
    """Return when an item came out as its feed states it; a day ends last."""
    if p.relayed is not None and p.relayed.dating is not None:
        return p.relayed.dating.published
    stated = p.stated_day
    if stated is None:
        return None
    return to_time(stated if "T" in stated else f"{stated}T23:59:59Z")


def _digest(items: Iterable[Prepared]) -> bytes:
    """Return a hash of which items a page has, whatever else is on it; empty for none."""
    names = sorted(p.key or f"{p.fingerprint} {p.entry.title}" for p in items)
    return (
        blake2b("\n".join(names).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if names
        else b""
    )
