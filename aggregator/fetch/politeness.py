"""Decides when to poll a source again, and at which address.

Takes what is remembered of a source (``Visit``), the result of the last poll and what its publisher
says of how often to poll (``Hints``); returns what to remember from now on.  Pure: the time and
the jitter are arguments.  The rules, the strongest first:

- A source that is gone (410) is not polled again.
- ``Retry-After`` is obeyed, up to ``longest``.
- After a failure the wait doubles, from the configured interval up to ``longest``: a source that
  returns after a year is noticed.
- Publishers can ask for longer intervals: by the header (``max-age``, ``Expires``), by the feed
  (``ttl``, ``sy:updatePeriod``), by the hours and days that it skips.  They cannot ask for shorter
  ones, nor for more than ``longest``: a feed that says a year by mistake is not lost.
- A configured interval is kept.
- Without one, a source that publishes rarely is polled rarely: after half of its usual gap, though
  not more often than by default.
- A source whose hub delivers its news is polled rarely, as a check (``while_subscribed``).

A source has moved once permanent redirects have led to the same address for three days, since some
come from a hotel's Wi-Fi, or are a mistake that is corrected the day after.  An address that was
learnt (moved, or found on a page) and fails for long is given up for the configured one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from aggregator.fetch.exchange import FetchResponse
from aggregator.model import Hints, Visit

MOVED_AFTER = timedelta(days=3)
"""For how long a permanent redirect must lead to the same address: a weekend and a day."""

GIVEN_UP_AFTER = 5
"""Failures in a row after which a learnt address is given up for the configured one."""

SUBSCRIBED_INTERVAL = 6 * 3600
"""Seconds between two polls of a source whose hub delivers its news."""

_FEWEST_GAPS = 3  # fewer do not show what is usual
_MOST_DOUBLINGS = 20
_HOUR = timedelta(hours=1)
_JITTER = 0.1  # at most so much longer, so that sources polled together part again

_Wait = tuple[float, str]
"""Seconds, and why."""


def after_success(
    visit: Visit,
    response: FetchResponse,
    hints: Hints,
    *,
    found: str | None = None,
    configured: int,
    is_adaptive: bool = False,
    longest: int,
    now: datetime,
    jitter: float,
) -> Visit:
    """Return what to remember after a ``response`` of 200, 226 or 304, and when to poll again.

    ``found`` is the address at which the document was found, if a page led there.  ``configured``
    and ``longest`` are in seconds; the interval is never below the first, nor above the second
    if that is longer.  ``is_adaptive``: ``configured`` is the default, and the interval follows
    how often the source publishes.  ``jitter`` is from 0 to 1, 1 excluded.
    """
    usual = f"every {in_words(configured)} {'by default' if is_adaptive else 'as configured'}"
    waits = [(float(configured), usual), *_requested(hints)]
    if is_adaptive:
        waits += _publishing(hints, now)
    seconds, why = _interval(waits, hints, max(configured, longest), now, jitter)
    known = _moved(_remembered(visit, response), response.permanent, now)
    if found is not None:
        known = replace(known, address=found, found=True, moved_to=None, moved_since=None)
    return _next_poll(changed(known, failures=0, gone=None), seconds, why, now)


def after_failure(
    visit: Visit,
    *,
    status: int | None,
    retry_after: int | None = None,
    configured: int,
    longest: int,
    now: datetime,
    jitter: float,
) -> Visit:
    """Return what to remember after a failure, and when to try again.

    ``status`` is that of the response, None if there was none; the rest is as for
    ``after_success``.
    """
    failed = replace(visit, failures=visit.failures + 1)
    if status == 410 and visit.address is None:
        gone = visit.gone or now
        why = f"gone since {gone:%Y-%m-%d} (410); it is not polled again"
        return replace(failed, gone=gone, due=None, interval=0, why=why)
    back = ""
    if visit.address is not None and (status == 410 or failed.failures >= GIVEN_UP_AFTER):
        # What was learnt may be wrong by now; the configuration is what a person wrote.
        failed = Visit(failures=failed.failures, hub=visit.hub, topic=visit.topic)
        back = ", at the configured address again"
    ceiling = max(configured, longest)
    seconds = _back_off(failed.failures, configured, ceiling, jitter)
    count = "1 failure" if failed.failures == 1 else f"{failed.failures} failures"
    why = f"{count}: next try in {in_words(seconds)}{back}"
    if retry_after is not None and retry_after > seconds:
        seconds, why = _obeyed(retry_after, ceiling)
        why += back
    return _next_poll(failed, seconds, why, now)


def after_no_request(visit: Visit, *, until: datetime, now: datetime) -> Visit:
    """Return what to remember if no request was sent (``HostBackoffError``) ``until`` a time.

    That is neither a failure nor a success.
    """
    seconds = max(0, round((until - now).total_seconds()))
    why = f"its host asks to stay away for {in_words(seconds)} (Retry-After)"
    # Not in whole seconds from now, which may be too early, and then again at once.
    return replace(visit, due=max(now, until), interval=seconds, why=why)


def while_subscribed(visit: Visit, *, longest: int, now: datetime, jitter: float) -> Visit:
    """Return what to remember while a hub delivers news: the next poll is hours away, or sooner if
    it was due sooner.  The arguments are as for ``after_success``.
    """
    seconds = min(SUBSCRIBED_INTERVAL * (1 + _JITTER * jitter), longest)
    if visit.due is None or visit.due >= now + timedelta(seconds=seconds):
        return visit
    interval = in_words(min(SUBSCRIBED_INTERVAL, longest))
    why = f"its hub delivers news; polled every {interval} as a check"
    return _next_poll(visit, seconds, why, now)


def in_words(seconds: float) -> str:
    """Return a duration for people: ``15m``, ``2h 30m``, ``3 days``."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest}s"
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{round(hours / 24)} days"
    if hours == 0:
        return f"{minutes}m"
    return f"{hours}h {minutes}m" if minutes else f"{hours}h"


def changed(visit: Visit, **values: object) -> Visit:
    """Return ``visit`` with these values; the same object if it has them, as after most polls."""
    if all(getattr(visit, name) == value for name, value in values.items()):
        return visit
    return replace(visit, **values)  # type: ignore[arg-type]


def _next_poll(visit: Visit, seconds: float, why: str, now: datetime) -> Visit:
    interval = round(seconds)
    return replace(visit, due=now + timedelta(seconds=interval), interval=interval, why=why)


def _remembered(visit: Visit, response: FetchResponse) -> Visit:
    """Keep the validators to send next time."""
    if response.status == 304:
        # RFC 9110, section 15.4.5: it may hold new validators, and leaves the others as they were.
        return changed(
            visit,
            etag=response.headers.etag or visit.etag,
            last_modified=response.headers.last_modified or visit.last_modified,
            hub=response.headers.hub or visit.hub,
            topic=response.headers.topic or visit.topic,
        )
    return replace(
        visit,
        etag=response.headers.etag,
        last_modified=response.headers.last_modified,
        # The hash of a delta would never be that of the whole.
        sha256=None if response.is_delta else response.sha256,
        hub=response.headers.hub,
        topic=response.headers.topic,
    )


def _moved(visit: Visit, permanent: str | None, now: datetime) -> Visit:
    """Note where permanent redirects lead, and move there once they have for long enough."""
    if permanent is None or permanent == visit.address:
        return changed(visit, moved_to=None, moved_since=None)
    if permanent != visit.moved_to or visit.moved_since is None:
        return replace(visit, moved_to=permanent, moved_since=now)
    if now - visit.moved_since < MOVED_AFTER:
        return visit
    return replace(visit, address=permanent, found=False, moved_to=None, moved_since=None)


def _back_off(failures: int, configured: int, ceiling: int, jitter: float) -> float:
    seconds = configured * 2.0 ** min(failures - 1, _MOST_DOUBLINGS)
    return min(seconds * (1 + _JITTER * jitter), ceiling)


def _interval(
    waits: Sequence[_Wait], hints: Hints, ceiling: int, now: datetime, jitter: float
) -> _Wait:
    seconds, why = max(
        ((min(wait, ceiling), why) for wait, why in waits),
        key=lambda wait: wait[0],  # the first of equals
    )
    if seconds > waits[0][0]:
        seconds = min(seconds * (1 + _JITTER * jitter), ceiling)
    seconds, why = _after_skipped_hours(seconds, why, hints, ceiling, now)
    if hints.retry_after is not None and hints.retry_after > seconds:
        return _obeyed(hints.retry_after, ceiling)
    return seconds, why


def _obeyed(retry_after: int, ceiling: int) -> _Wait:
    why = f"the server asks to stay away for {in_words(retry_after)} (Retry-After)"
    if retry_after > ceiling:
        why += f"; next try in {in_words(ceiling)}"
    return min(retry_after, ceiling), why


def _requested(hints: Hints) -> Iterator[_Wait]:
    if hints.max_age is not None:
        words = in_words(hints.max_age)
        yield hints.max_age, f"the server asks for {words} (Cache-Control or Expires)"
    if hints.period is not None:
        yield hints.period, f"the feed asks for {in_words(hints.period)} (ttl or sy:updatePeriod)"


def _publishing(hints: Hints, now: datetime) -> Iterator[_Wait]:
    gap = _usual_gap(hints.published, now)
    if gap is not None:
        yield gap / 2, f"it publishes about every {in_words(gap)}, and no interval is configured"


def _usual_gap(published: tuple[datetime, ...], now: datetime) -> float | None:
    """Return the median of the times between two releases, in seconds.

    The time since the last one is among them: a source that fell silent is polled ever less often.
    """
    times = sorted([now, *(time for time in published if time <= now)])
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    gaps = [gap for gap in gaps if gap]  # of two at one time, one
    return median(gaps) if len(gaps) >= _FEWEST_GAPS else None


def _after_skipped_hours(
    seconds: float, why: str, hints: Hints, ceiling: int, now: datetime
) -> _Wait:
    """Move a poll out of the hours and days without changes (RSS ``skipHours``, ``skipDays``)."""
    due = (now + timedelta(seconds=seconds)).astimezone(UTC)
    end = now + timedelta(seconds=ceiling)
    moved = due
    while moved < end and (moved.hour in hints.skip_hours or moved.weekday() in hints.skip_days):
        moved = moved.replace(minute=0, second=0, microsecond=0) + _HOUR
    if moved == due:
        return seconds, why
    waited = min((moved - now).total_seconds(), ceiling)
    return waited, f"{why}, but not in the hours and days that the feed skips"
