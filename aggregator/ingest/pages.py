"""The visits to older pages of a feed: which is due, its request, and where it may be.

How far they were read is in the store (``store.backfill``); what follows from a visit is decided in
``backfill``.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from aggregator.config import Source
from aggregator.fetch.exchange import FetchRequest
from aggregator.ingest.jobs import ArchivePage
from aggregator.normalise.addresses import host_of, with_credentials
from aggregator.store.backfill import Backfill

When = Literal["never", "due", "now"]
"""Whether a visit may be to an older page: never; where one is due and the feed is not; or to one
of each source that has some."""

PAUSE = timedelta(seconds=5)
"""From one page of a source to the next, while others are polled."""

_USUAL_PORTS = ("80", "443")


def page_to_visit(
    source: Source, known: Sequence[Backfill], when: When, now: datetime
) -> Backfill | None:
    """Return the older page that a visit of ``source`` is for, or None for the feed itself.

    ``known`` is how far it was read, from the location that is configured.
    """
    if when == "never":
        return None
    for walk in reversed(known):  # a gap first
        if not is_open(source, walk):
            continue
        if when == "now":
            is_due = walk.due <= now + PAUSE
        else:
            is_due = walk.due <= now and walk.poll_due is not None and walk.poll_due > now
        if is_due:
            return walk
    return None


def has_to_start(source: Source, known: Sequence[Backfill]) -> bool:
    """Whether the feed has to be read as a whole, for where its older pages are."""
    return source.backfill is not None and not any(walk.purpose == "backfill" for walk in known)


def is_open(source: Source, walk: Backfill) -> bool:
    """Whether ``walk`` has pages left that are wanted."""
    is_wanted = walk.purpose == "gap" or source.backfill is not None
    return walk.state == "reading" and walk.next is not None and is_wanted


def request(source: Source, page: Backfill) -> FetchRequest:
    """Return the request for an older page."""
    return FetchRequest(
        source=source.id,
        address=with_credentials(page.next or "", source.location),
        allow_private=source.allow_private,
        settings=source.request,
        may_look_further=False,
    )


def reading(page: Backfill) -> ArchivePage:
    """Return what reading a page depends on besides the page."""
    return ArchivePage(bound=page.bound, title=page.title, home=page.home)


def is_foreign(page: Backfill, address: str) -> bool:
    """Whether a page is at another publisher's than its feed, as far as the address shows.

    One host may be within the other (``example.org`` and ``archive.example.org``).  Which longer
    names have one owner, no address shows.
    """
    (feed, feed_port), (other, port) = (_place(one) for one in (page.feed, address))
    if port != feed_port and not {port, feed_port}.issubset(_USUAL_PORTS):
        return True
    short, long = sorted((feed, other), key=len)
    is_within = long.endswith(f".{short}") and "." in short and not short.replace(".", "").isdigit()
    return not (short == long or is_within)


def _place(address: str) -> tuple[str, str]:
    host, _, port = host_of(address).rpartition(":")
    return host.removeprefix("www."), port
