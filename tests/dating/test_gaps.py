"""How often an agency publishes, by times where upstream gave them, else by days."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dating.gaps import FEWEST, Gap, gap_words, usual_gap
from aggregator.model import Release

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def releases(*ago: timedelta, timed: bool) -> list[Release]:
    """Releases so long before noon, newest first."""
    return [Release(NOON - time, timed) for time in sorted(ago)]


def words(found: list[Release]) -> str | None:
    """The words for the usual gap between releases."""
    gap = usual_gap(found)
    return gap_words(gap) if gap is not None else None


def test_four_releases_are_too_few_for_a_gap() -> None:
    """From five releases on there is a usual gap."""
    times = [n * 2 * HOUR for n in range(5)]
    assert words(releases(*times[:4], timed=True)) is None
    assert words(releases(*times, timed=True)) == "every 2 hours"


def test_made_up_times_of_a_digest_count_as_days() -> None:
    """Five releases of each second day, seconds apart by our own order, come every 2 days."""
    times = [n * 2 * DAY + k * timedelta(seconds=1) for n in range(6) for k in range(5)]
    assert words(releases(*times, timed=False)) == "every 2 days"
    assert words(releases(*times, timed=True)) == "several at a time"


def test_days_with_many_releases_without_times() -> None:
    """Two a day or more on most days are several a day; one a day is every day."""
    two = [n * DAY + k * HOUR for n in range(10) for k in range(2)]
    assert words(releases(*two, timed=False)) == "several a day"
    assert words(releases(*(n * DAY for n in range(10)), timed=False)) == "every day"


def test_untimed_releases_of_one_day_have_no_gap() -> None:
    """One day says nothing of the time between two."""
    assert words(releases(*[timedelta(0)] * 20, timed=False)) is None


def test_few_untimed_releases_among_timed_ones() -> None:
    """A release without a time is left out where most have one."""
    found = releases(*(n * 3 * HOUR for n in range(20)), timed=True)
    found[7] = Release(found[6].published, False)
    assert words(found) == "every 3 hours"


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (Gap(time=timedelta(0)), "several at a time"),
        (Gap(time=MINUTE), "every minute"),
        (Gap(time=50 * MINUTE), "every 50 minutes"),
        (Gap(time=HOUR), "every hour"),
        (Gap(time=26 * HOUR), "every 26 hours"),
        (Gap(time=DAY), "every day"),
        (Gap(time=3 * DAY + HOUR), "every 3 days"),
        (Gap(time=8 * HOUR, by_days=True), "several a day"),
        (Gap(time=DAY, by_days=True), "every day"),
    ],
)
def test_gap_in_words(gap: Gap, expected: str) -> None:
    """A gap has the largest unit of which it has two, or exactly one."""
    assert gap_words(gap) == expected


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.booleans()), max_size=60),
)
def test_any_releases_have_a_gap_in_words(found: list[tuple[int, bool]]) -> None:
    """Any releases have a gap that is not negative, with words; by days it is never minutes."""
    made = [Release(NOON - timedelta(seconds=ago), timed) for ago, timed in sorted(found)]
    gap = usual_gap(made)
    if gap is not None:
        assert len(made) >= FEWEST
        assert gap.time >= timedelta(0)
        assert gap_words(gap)
    if not any(release.is_timed for release in made):
        assert gap is None or gap.by_days
