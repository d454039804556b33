"""Decides which older pages of a feed are read, and when (RFC 5005; ``next_url`` of JSON Feed).

A source with ``backfill`` is read back from its first poll; any source whose feed has nothing that
was known is read back to the last poll.  A page is one visit of its source: the feed is polled when
it is due, and while pages are left the visits between are for these.  How far each walk has come is
in the store, so that it goes on after a stop.  Pages are read from the newest to the oldest, each
once; ``docs/decisions/backfill.md`` lists what ends that.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from aggregator.config import ALL_DAYS, Source
from aggregator.fetch.exchange import FetchResponse
from aggregator.ingest.jobs import ReadDocument, Taken
from aggregator.ingest.pages import PAUSE, is_foreign, is_open
from aggregator.ingest.polling import FinishedPoll, PollResult
from aggregator.model import Visit
from aggregator.normalise.addresses import (
    canonical_address,
    display_address,
    redact,
)
from aggregator.store import Store
from aggregator.store import backfill as store_backfill
from aggregator.store.backfill import Backfill, Purpose, State

MAX_PAGES = 5_000
"""Pages of one source that are read for ``backfill``."""

MAX_BYTES = 1_000_000_000
"""Bytes of these pages."""

MAX_GAP = 50
"""Pages that are read to close a gap."""

TRIES = 5
"""Failures in a row after which a page is given up."""

_GAP_AGAIN = timedelta(days=1)
_FIRST_WAIT = 300
_TEMPORARY = (408, 425, 429)


def after_poll(
    store: Store,
    poll: FinishedPoll,
    known: Sequence[Backfill],
    visit: Visit,
    now: datetime,
) -> Visit:
    """Start what a poll of the feed itself calls for; return ``visit``, due for the first page."""
    source, result = poll.result.source, poll.result
    if any(walk.asked != result.previous.asked for walk in known):
        store_backfill.forget(store, source.id)
        known = ()
    walks = {walk.purpose: walk for walk in known}
    read, response = poll.read, result.response
    if isinstance(read, ReadDocument) and response is not None and not response.is_delta:
        before = walks.get("backfill")
        if source.backfill is not None and (before is None or not _was_begun(before)):
            walks["backfill"] = _begin(store, "backfill", result, read, now)
        if poll.taken is not None and poll.taken.floor is not None:
            last = walks.get("gap")
            # A feed whose items are others each time would be read back for ever.
            if last is None or last.state != "stopped" or now - last.due >= _GAP_AGAIN:
                walks["gap"] = _gap(_begin(store, "gap", result, read, now), last, poll.taken.floor)
    if (walk := walks.get("backfill")) is not None and source.backfill is not None:
        walks["backfill"] = _as_configured(walk, source.backfill, now)
    left = [walk for walk in walks.values() if is_open(source, walk)]
    for walk in walks.values():
        if walk in left or walk not in known:
            store_backfill.save(store, replace(walk, poll_due=visit.due))
    return _due_with(visit, left)


def _gap(gap: Backfill, last: Backfill | None, floor: int) -> Backfill:
    """Return the walk of a gap, which is the wider one where the ``last`` is still open."""
    if last is None or last.state != "reading":
        return replace(gap, floor=floor)
    return replace(gap, floor=last.floor, pages=last.pages, bytes=last.bytes)


def _was_begun(walk: Backfill) -> bool:
    """Whether the feed led to a first page, so that its link no longer matters."""
    return walk.next is not None or walk.pages > 0


def _due_with(visit: Visit, left: Sequence[Backfill]) -> Visit:
    if visit.due is None or not left:
        return visit
    return replace(visit, due=min(visit.due, *(walk.due for walk in left)))


def _begin(
    store: Store, purpose: Purpose, result: PollResult, read: ReadDocument, now: datetime
) -> Backfill:
    """Return a walk from what a feed says of its older pages."""
    channel, response, source = read.channel, result.response, result.source
    assert response is not None
    store_backfill.forget_pages(store, source.id, purpose)
    walk = Backfill(
        source=source.id,
        purpose=purpose,
        asked=result.previous.asked,
        wanted=source.backfill if purpose == "backfill" else None,
        state="none",
        reason="its feed names none",
        feed=response.address,
        bound=_bound_after(read.published, result.job.document.modified if result.job else now),
        due=now,
    )
    if purpose == "backfill":
        walk = replace(walk, cutoff=_cutoff(source.backfill, now))
    if channel is None:
        return replace(walk, reason="it is not a feed")
    walk = replace(walk, title=channel.title, home=channel.home)
    if channel.is_complete:
        return replace(walk, reason="its feed lists all that there is (fh:complete)")
    if channel.older is None:
        return walk
    store_backfill.add_pages(store, source.id, purpose, [_address_hash(response.address)])
    return _on(store, replace(walk, state="reading", reason=""), channel.older)


def _cutoff(days: int | None, now: datetime) -> datetime | None:
    return None if days in (None, ALL_DAYS) or days is None else now - timedelta(days=days)


def _bound_after(published: Sequence[datetime], otherwise: datetime) -> datetime:
    """Return what nothing on the next page came out after: the median of the page before it.

    Not its oldest item: that may be old for another reason, or its date be wrong.
    """
    return min(sorted(published)[len(published) // 2], otherwise) if published else otherwise


def _as_configured(walk: Backfill, wanted: int, now: datetime) -> Backfill:
    """Return a walk as far back as it is configured now; a stopped one is tried again."""
    if walk.wanted == wanted or not _was_begun(walk):
        return walk
    cutoff = _cutoff(wanted, now)
    is_short = cutoff is None or walk.reached is None or walk.reached >= cutoff
    state: State = "reading" if walk.next is not None and is_short else walk.state
    if state == "reading" and walk.state != "reading":
        walk = replace(walk, due=now, failures=0, reason="")
    return replace(walk, wanted=wanted, cutoff=cutoff, state=state)


def after_page(store: Store, poll: FinishedPoll, longest: int, now: datetime) -> Backfill:
    """Store how a visit to an older page went; return how far its source was read now.

    ``longest`` is in seconds: no failure makes the next try wait longer.
    """
    page, result = poll.result.page, poll.result
    assert page is not None
    if result.is_skipped:
        walk = replace(page, due=result.turn or now)
    elif poll.taken is None or result.job is None or result.response is None:
        walk = _after_failure(page, poll, longest, now)
    else:
        size = result.job.document.size
        walk = _after_success(store, page, result.response, size, poll.taken, now)
    store_backfill.save(store, walk)
    return walk


def _after_failure(page: Backfill, poll: FinishedPoll, longest: int, now: datetime) -> Backfill:
    result = poll.result
    response = result.response
    reason = result.error or poll.report.error or "cannot be read"
    failures = page.failures + 1
    is_final = result.job is not None or (
        response is not None and response.status < 500 and response.status not in _TEMPORARY
    )
    if is_final or failures >= TRIES:
        return replace(page, state="stopped", reason=reason, failures=failures)
    wait = min(_FIRST_WAIT * 2 ** (failures - 1), longest)
    if response is not None and response.headers.retry_after is not None:
        wait = max(wait, min(response.headers.retry_after, longest))
    due = now + timedelta(seconds=wait)
    turn = response.turn if response is not None else None
    return replace(page, failures=failures, reason=reason, due=max(due, turn) if turn else due)


def _after_success(
    store: Store, page: Backfill, response: FetchResponse, size: int, taken: Taken, now: datetime
) -> Backfill:
    digest = taken.digest or bytes.fromhex(response.sha256)[:16]
    is_again = bool(store_backfill.were_read(store, page.source, page.purpose, [digest]))
    hashes = [digest, _address_hash(response.address)]
    store_backfill.add_pages(store, page.source, page.purpose, hashes)
    read = taken.read
    assert read.modified is not None
    wait = min(timedelta(seconds=response.headers.retry_after or 0), timedelta(days=1))
    walk = replace(
        page,
        pages=page.pages + 1,
        bytes=page.bytes + size,
        failures=0,
        reason="",
        reached=taken.reached or page.reached,
        bound=min(
            taken.reached or read.modified,
            read.modified - timedelta(seconds=len(read.prepared)),
        ),
        due=now + max(PAUSE, wait),
    )
    channel = read.channel
    older = channel.older if channel is not None and not channel.is_complete else None
    if walk.purpose == "gap" and taken.is_met:
        return replace(walk, state="done", reason="the gap is closed")
    if is_again:
        address = display_address(response.address)
        return _stopped(walk, f"{address}: has the items of a page before it; it would never end")
    if older is None:
        return replace(walk, state="done", next=None, reason="there are no more")
    walk = _on(store, walk, older)
    if walk.state == "stopped":
        return walk
    if taken.limit is not None and taken.reached is not None and taken.reached < taken.limit:
        return replace(walk, state="done", reason=f"older than {taken.limit:%Y-%m-%d}")
    most = MAX_GAP if walk.purpose == "gap" else MAX_PAGES
    if walk.pages >= most:
        return _stopped(walk, f"no more than {most:,} pages are read")
    if walk.bytes >= MAX_BYTES:
        return _stopped(walk, f"no more than {MAX_BYTES // 1_000_000:,} MB are read")
    return walk


def _on(store: Store, walk: Backfill, older: str) -> Backfill:
    """Return ``walk`` with its next page, or stopped where that is not one to be read."""
    address = older.partition("#")[0]
    shown = display_address(address)
    if redact(address) != address:
        return _stopped(walk, f"{shown}: the address of its next page contains a password")
    if is_foreign(walk, address):
        return _stopped(walk, f"{shown}: is not of the site of its feed")
    if store_backfill.were_read(store, walk.source, walk.purpose, [_address_hash(address)]):
        return _stopped(walk, f"{shown}: is named as the next page, and was read before")
    return replace(walk, next=address)


def _stopped(walk: Backfill, reason: str) -> Backfill:
    return replace(walk, state="stopped", reason=reason)


def _address_hash(address: str) -> bytes:
    return blake2b(
        canonical_address(address.partition("#")[0]).encode("utf-8", "surrogatepass"),
        digest_size=16,
    ).digest()


def after_page_visit(
    visit: Visit, source: Source, walk: Backfill, others: Sequence[Backfill]
) -> Visit:
    """Return ``visit`` with when the source is due again, after a visit to an older page."""
    left = [one for one in (walk, *others) if is_open(source, one)]
    due = min((one.due for one in left), default=walk.poll_due)
    if due is None or walk.poll_due is None:
        return visit
    return replace(visit, due=min(due, walk.poll_due))


def in_status(walk: Backfill) -> str:
    """Return how far a walk has come, for people."""
    what = "older pages" if walk.purpose == "backfill" else "pages of a gap"
    if walk.state == "none":
        return f"{what}: none ({walk.reason})"
    back = f", back to {walk.reached:%Y-%m-%d}" if walk.reached is not None else ""
    read = f"{what}: {walk.pages:,} read{back}"
    if walk.state == "reading":
        tried = f"; {walk.reason}; tried again" if walk.reason else ""
        return f"{read}, more to come{tried}"
    ended = "stopped: " if walk.state == "stopped" else ""
    return f"{read}; {ended}{walk.reason}"
