"""When and where to poll a source again: each rule, and what holds for all of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aggregator.fetch.exchange import FetchResponse, ResponseHeaders
from aggregator.fetch.politeness import (
    GIVEN_UP_AFTER,
    MOVED_AFTER,
    after_failure,
    after_no_request,
    after_success,
    in_words,
)
from aggregator.model import Hints, Visit

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)  # a Sunday
QUARTER, HOUR, DAY = 900, 3600, 86_400
OLD, NEW, OTHER = (f"https://{name}.example/feed" for name in ("old", "new", "other"))


def answer(status: int = 200, permanent: str | None = None, **headers: str) -> FetchResponse:
    return FetchResponse(
        status=status,
        address=OLD,
        permanent=permanent,
        sha256="a" * 64,
        headers=ResponseHeaders(**headers),  # type: ignore[arg-type]
    )


def succeed(
    visit: Visit | None = None,
    got: FetchResponse | None = None,
    hints: Hints | None = None,
    *,
    found: str | None = None,
    configured: int = QUARTER,
    is_adaptive: bool = False,
    longest: int = DAY,
    now: datetime = NOW,
    jitter: float = 0.0,
) -> Visit:
    return after_success(
        visit or Visit(),
        got or answer(),
        hints or Hints(),
        found=found,
        configured=configured,
        is_adaptive=is_adaptive,
        longest=longest,
        now=now,
        jitter=jitter,
    )


def fail(
    visit: Visit | None = None,
    status: int | None = None,
    *,
    times: int = 1,
    retry_after: int | None = None,
    configured: int = QUARTER,
    longest: int = DAY,
    jitter: float = 0.0,
) -> Visit:
    failed = visit or Visit()
    for _ in range(times):
        failed = after_failure(
            failed,
            status=status,
            retry_after=retry_after,
            configured=configured,
            longest=longest,
            now=NOW,
            jitter=jitter,
        )
    return failed


# How long.


def test_configured_interval_is_the_default() -> None:
    """Without a hint it is the interval, exactly."""
    visit = succeed(jitter=0.9)
    assert (visit.interval, visit.why) == (QUARTER, "every 15m as configured")
    assert visit.due == NOW + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("hints", "seconds", "why"),
    [
        (Hints(max_age=HOUR), HOUR, "the server asks for 1h (Cache-Control or Expires)"),
        (Hints(period=2 * HOUR), 2 * HOUR, "the feed asks for 2h (ttl or sy:updatePeriod)"),
        (Hints(max_age=HOUR, period=60), HOUR, "the server asks for 1h (Cache-Control or Expires)"),
        (Hints(max_age=60, period=60), QUARTER, "every 15m as configured"),
        (Hints(max_age=QUARTER), QUARTER, "every 15m as configured"),
        (Hints(period=366 * DAY), DAY, "the feed asks for 366 days (ttl or sy:updatePeriod)"),
        (
            Hints(retry_after=3 * DAY),
            DAY,
            "the server asks to stay away for 3 days (Retry-After); next try in 24h",
        ),
        (Hints(retry_after=5), QUARTER, "every 15m as configured"),
    ],
)
def test_publishers_ask_for_longer_intervals(hints: Hints, seconds: int, why: str) -> None:
    """Longer ones up to the longest, never shorter ones; ``why`` names the rule."""
    visit = succeed(hints=hints)
    assert (visit.interval, visit.why) == (seconds, why)


def test_longest_is_below_the_configured_interval() -> None:
    """Then the configured interval is the longest."""
    visit = succeed(hints=Hints(period=9 * DAY), configured=2 * DAY, longest=HOUR)
    assert (visit.interval, visit.why) == (
        2 * DAY,
        "every 48h as configured".replace("48h", "2 days"),
    )


def every(gap: timedelta, count: int = 10, last: timedelta | None = None) -> tuple[datetime, ...]:
    """``count`` releases, ``gap`` apart, the newest one ``last`` ago."""
    newest = NOW - (gap / 2 if last is None else last)
    return tuple(newest - gap * number for number in range(count))


@pytest.mark.parametrize(
    ("published", "seconds", "why"),
    [
        (
            every(timedelta(hours=4)),
            2 * HOUR,
            "it publishes about every 4h, and no interval is configured",
        ),
        (
            every(timedelta(days=3)),
            DAY,
            "it publishes about every 3 days, and no interval is configured",
        ),
        (every(timedelta(minutes=5)), QUARTER, "every 15m by default"),
        (every(timedelta(days=3), count=2), QUARTER, "every 15m by default"),
        (
            every(timedelta(days=3), count=3),
            DAY,
            "it publishes about every 3 days, and no interval is configured",
        ),
        ((NOW - timedelta(days=9),) * 50, QUARTER, "every 15m by default"),
        (every(timedelta(days=-3), last=timedelta(0)), QUARTER, "every 15m by default"),
        ((), QUARTER, "every 15m by default"),
    ],
    ids=["rarely", "very-rarely", "often", "too-few", "enough", "one-batch", "future", "none"],
)
def test_a_source_that_publishes_rarely(
    published: tuple[datetime, ...], seconds: int, why: str
) -> None:
    """It is polled after half of its usual gap, if enough releases are known."""
    visit = succeed(hints=Hints(published=published), is_adaptive=True)
    assert (visit.interval, visit.why) == (seconds, why)
    assert succeed(hints=Hints(published=published[::-1]), is_adaptive=True) == visit


def test_configured_interval_of_a_source_that_publishes_rarely() -> None:
    """It is kept, unless the publisher asks for a longer one."""
    published = every(timedelta(days=3))
    visit = succeed(hints=Hints(published=published))
    assert (visit.interval, visit.why) == (QUARTER, "every 15m as configured")
    asked = succeed(hints=Hints(published=published, max_age=HOUR))
    assert (asked.interval, asked.why) == (
        HOUR,
        "the server asks for 1h (Cache-Control or Expires)",
    )


def test_a_source_that_fell_silent() -> None:
    """The time since its last release counts as a gap."""
    published = (NOW - timedelta(days=90), NOW - timedelta(days=90, hours=1))
    hints = Hints(published=(*published, NOW - timedelta(days=200)))
    assert succeed(hints=hints, is_adaptive=True).interval == DAY


@pytest.mark.parametrize(
    ("hints", "due"),
    [
        (Hints(skip_hours=frozenset({12})), "2026-11-22 13:00"),
        (Hints(skip_hours=frozenset({12, 13, 14})), "2026-11-22 15:00"),
        (Hints(skip_hours=frozenset({11, 13})), "2026-11-22 12:45"),
        (Hints(skip_days=frozenset({6})), "2026-11-23 00:00"),
        (Hints(skip_days=frozenset({6}), skip_hours=frozenset({0, 1})), "2026-11-23 02:00"),
        (Hints(skip_hours=frozenset(range(24))), "2026-11-23 12:30"),
        (Hints(skip_days=frozenset(range(7))), "2026-11-23 12:30"),
        (Hints(skip_days=frozenset({0})), "2026-11-22 12:45"),
    ],
)
def test_hours_and_days_that_are_skipped(hints: Hints, due: str) -> None:
    """The poll moves to the next hour that is not skipped, at most to the longest interval."""
    visit = succeed(hints=hints)
    assert visit.due is not None
    assert f"{visit.due:%Y-%m-%d %H:%M}" == due
    assert ("skips" in visit.why) == (due != "2026-11-22 12:45")


# Failures.


def test_back_off_doubles_the_wait() -> None:
    """It doubles from the configured interval up to the longest, and ``why`` says so."""
    waits = [fail(times=times).interval for times in range(1, 10)]
    assert waits == [QUARTER * 2**n for n in range(7)] + [DAY, DAY]
    assert fail(times=1).why == "1 failure: next try in 15m"
    assert fail(times=4).why == "4 failures: next try in 2h"
    assert fail(times=5000).interval == DAY


def test_a_success_ends_the_back_off() -> None:
    """One success is enough."""
    visit = succeed(fail(times=9))
    assert (visit.failures, visit.interval) == (0, QUARTER)


def test_jitter_only_lengthens_a_wait() -> None:
    """Sources that failed together are polled at different times, none earlier than allowed."""
    waits = [fail(times=3, jitter=jitter).interval for jitter in (0.0, 0.5, 0.99)]
    assert waits == sorted(set(waits))
    assert 4 * QUARTER == waits[0] < waits[-1] < 4.5 * QUARTER


def test_retry_after_is_cut_to_the_longest_interval() -> None:
    """A week by mistake costs a day, and is told."""
    visit = fail(status=503, retry_after=7 * DAY)
    assert (visit.interval, visit.failures) == (DAY, 1)
    assert visit.why == "the server asks to stay away for 7 days (Retry-After); next try in 24h"
    assert fail(status=503, retry_after=7 * DAY, configured=2 * DAY).interval == 2 * DAY
    assert fail(status=503, retry_after=HOUR).interval == HOUR
    assert fail(status=429, retry_after=1).interval == QUARTER


def test_host_in_backoff_is_not_a_failure() -> None:
    """Only the next poll is put off."""
    before = replace(succeed(), failures=2)
    after = after_no_request(before, until=NOW + timedelta(hours=3), now=NOW)
    assert (after.due, after.interval, after.failures) == (NOW + timedelta(hours=3), 3 * HOUR, 2)
    assert "3h" in after.why
    assert after_no_request(before, until=NOW - timedelta(hours=3), now=NOW).due == NOW


def test_gone_source_is_not_polled_again() -> None:
    """410 stops a source and records since when; no other status does."""
    visit = fail(status=410)
    assert (visit.gone, visit.due) == (NOW, None)
    assert visit.why == "gone since 2026-11-22 (410); it is not polled again"
    again = after_failure(
        visit, status=410, configured=1, longest=1, now=NOW + timedelta(days=9), jitter=0.0
    )
    assert again.gone == NOW
    assert fail(times=999, status=404).due is not None
    assert succeed(visit).gone is None


# Where.


def test_a_source_moves_after_some_days() -> None:
    """The same permanent redirect must have been seen for three days."""
    first = succeed(got=answer(permanent=NEW))
    assert (first.address, first.moved_to, first.moved_since) == (None, NEW, NOW)
    second = succeed(first, answer(permanent=NEW), now=NOW + MOVED_AFTER - timedelta(seconds=1))
    assert (second.address, second.moved_since) == (None, NOW)
    third = succeed(second, answer(permanent=NEW), now=NOW + MOVED_AFTER)
    assert (third.address, third.moved_to, third.moved_since) == (NEW, None, None)
    assert succeed(third, now=NOW + 2 * MOVED_AFTER).address == NEW


def test_another_redirect_target_starts_again() -> None:
    """So does a redirect that was absent in between."""
    first = succeed(got=answer(permanent=NEW))
    other = succeed(first, answer(permanent=OTHER), now=NOW + MOVED_AFTER)
    assert (other.address, other.moved_to, other.moved_since) == (None, OTHER, NOW + MOVED_AFTER)
    away = succeed(first, answer(permanent=None), now=NOW + MOVED_AFTER)
    assert (away.moved_to, away.moved_since) == (None, None)
    assert succeed(away, answer(permanent=NEW), now=NOW + MOVED_AFTER).address is None


def test_a_failure_in_between_changes_nothing() -> None:
    """A server that is down for an hour has not withdrawn its redirect."""
    held = fail(succeed(got=answer(permanent=NEW)))
    assert succeed(held, answer(permanent=NEW), now=NOW + MOVED_AFTER).address == NEW


def test_address_found_on_a_page() -> None:
    """The feed that a page names is polled from then on."""
    visit = succeed(found=NEW)
    assert (visit.address, visit.found) == (NEW, True)
    moved = succeed(visit, answer(permanent=OTHER))
    moved = succeed(moved, answer(permanent=OTHER), now=NOW + MOVED_AFTER)
    assert (moved.address, moved.found) == (OTHER, False)


@pytest.mark.parametrize("found", [True, False])
def test_a_learnt_address_that_fails_for_long(found: bool) -> None:
    """It and its validators are given up for the configured address, and not before."""
    learnt = Visit(address=NEW, found=found, etag='"1"', last_modified="x", sha256="b" * 64)
    almost = fail(learnt, 404, times=GIVEN_UP_AFTER - 1)
    assert (almost.address, almost.etag) == (NEW, '"1"')
    given_up = fail(almost, 404)
    assert given_up.failures == GIVEN_UP_AFTER
    assert (given_up.address, given_up.found, given_up.etag, given_up.sha256) == (
        None,
        False,
        None,
        None,
    )
    assert given_up.why.endswith("at the configured address again")
    assert fail(Visit(etag='"1"'), 404, times=9).etag == '"1"'


def test_a_learnt_address_that_is_gone() -> None:
    """The configured address is polled before the source counts as gone."""
    visit = fail(Visit(address=NEW), 410)
    assert (visit.address, visit.gone) == (None, None)
    assert visit.due is not None
    assert fail(visit, 410).gone == NOW


# What to send next time.


def test_validators_of_a_new_document() -> None:
    """A new document replaces them; 304 keeps or renews them."""
    known = Visit(etag='"1"', last_modified="a", sha256="b" * 64, hub="h", topic="t")
    new = succeed(known, answer(etag='"2"'))
    assert (new.etag, new.last_modified, new.sha256, new.hub) == ('"2"', None, "a" * 64, None)
    same = succeed(known, answer(304))
    assert (same.etag, same.last_modified, same.sha256) == ('"1"', "a", "b" * 64)
    assert (same.hub, same.topic) == ("h", "t")
    renewed = succeed(known, answer(304, etag='"2"', last_modified="c"))
    assert (renewed.etag, renewed.last_modified) == ('"2"', "c")


def test_a_delta_has_no_hash() -> None:
    """A delta is never equal to the whole document."""
    visit = succeed(got=answer(226, etag='"2"'))
    assert (visit.etag, visit.sha256) == ('"2"', None)


# What holds always.

SECONDS = st.integers(1, 400 * DAY)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
HINTS = st.builds(
    Hints,
    max_age=st.none() | SECONDS,
    period=st.none() | SECONDS,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
    published=st.lists(TIMES, max_size=8).map(tuple),
    retry_after=st.none() | st.integers(0, 7 * DAY),
)
JITTER = st.floats(0, 1, exclude_max=True)
VISITS = st.builds(
    Visit,
    address=st.none() | st.just(NEW),
    failures=st.integers(0, 10_000),
    moved_to=st.none() | st.just(OTHER),
    moved_since=st.none() | st.just(NOW),
    found=st.booleans(),
)


@given(VISITS, HINTS, SECONDS, SECONDS, JITTER, st.sampled_from([200, 226, 304]))
def test_bounds_of_intervals(
    visit: Visit, hints: Hints, configured: int, longest: int, jitter: float, status: int
) -> None:
    """Never below the configured, nor above the longest."""
    after = succeed(
        visit, answer(status), hints, configured=configured, longest=longest, jitter=jitter
    )
    ceiling = max(configured, longest)
    assert configured <= after.interval <= ceiling
    assert after.due == NOW + timedelta(seconds=after.interval)
    assert after.why
    assert (after.failures, after.gone) == (0, None)


@given(VISITS, HINTS, SECONDS, SECONDS, JITTER)
def test_hints_never_lower_an_interval(
    visit: Visit, hints: Hints, configured: int, longest: int, jitter: float
) -> None:
    """No hint makes a poll earlier than no hints."""
    silent = succeed(visit, configured=configured, longest=longest, jitter=jitter)
    said = succeed(visit, hints=hints, configured=configured, longest=longest, jitter=jitter)
    assert said.interval >= silent.interval


@given(
    VISITS,
    st.none() | st.sampled_from([400, 404, 410, 429, 500, 503]),
    st.none() | st.integers(0, 7 * DAY),
    SECONDS,
    SECONDS,
    JITTER,
)
def test_bounds_of_failures(
    visit: Visit,
    status: int | None,
    retry_after: int | None,
    configured: int,
    longest: int,
    jitter: float,
) -> None:
    """More failures never mean earlier, and there is a next poll unless the source is gone."""
    assume(status != 410 or visit.address is not None)
    first, second = (
        fail(
            visit,
            status if status != 410 else 404,
            times=times,
            retry_after=retry_after,
            configured=configured,
            longest=longest,
            jitter=jitter,
        )
        for times in (1, 2)
    )
    assert configured <= first.interval <= second.interval
    assert second.interval <= max(configured, longest)
    assert first.due is not None
    assert fail(visit, status, configured=configured, longest=longest).due is not None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0s"), (59, "59s"), (60, "1m"), (899.6, "15m"), (3600, "1h"), (9000, "2h 30m"),
        (86_400, "24h"), (47 * 3600, "47h"), (172_800, "2 days"), (7 * 86_400, "7 days"),
    ],
)  # fmt: skip
def test_durations_for_people(seconds: float, words: str) -> None:
    """They are short, in the largest fitting units."""
    assert in_words(seconds) == words
