"""Times of day: each its own, in order, and none moves for what comes in on top."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aggregator.dating.choice.times_of_day import Slot, Taken, times_of_day
from tests.support.work import calls

DAY = date(2023, 12, 15)
SECOND = timedelta(seconds=1)

days = st.integers(min_value=0, max_value=3).map(lambda number: DAY + timedelta(number))
untimed = st.lists(days.map(Slot), max_size=40).map(lambda slots: sorted(slots, key=_day_of))


def _day_of(slot: Slot) -> date:
    return slot.day


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A time on the day."""
    return datetime.combine(DAY, time(hour, minute, second), UTC)


def assigned_times(
    *slots: Slot, name: str = "list", used: set[datetime] | None = None
) -> list[str]:
    """Return the times assigned, without the day."""
    times = times_of_day(slots, name, Taken(set() if used is None else used))
    return [moment.strftime("%H:%M:%S") for moment in times]


@st.composite
def one_day(draw: st.DrawFn) -> list[Slot]:
    """Releases of one day, some with exact times that rise and are minutes apart."""
    minutes = sorted(draw(st.sets(st.integers(min_value=30, max_value=1400), max_size=5)))
    slots = [Slot(DAY, at(0) + timedelta(minutes=minute)) for minute in minutes]
    for _ in range(draw(st.integers(min_value=0, max_value=8))):
        slots.insert(draw(st.integers(min_value=0, max_value=len(slots))), Slot(DAY))
    return slots


def test_a_day_begins_at_noon() -> None:
    """The oldest release of a day is at noon in UTC, at a second that is the list's own."""
    (moment,) = times_of_day([Slot(DAY)], "list", Taken(set()))
    assert (moment.date(), moment.hour, moment.minute, moment.tzinfo) == (DAY, 12, 0, UTC)


def test_the_next_ones_follow_minute_by_minute() -> None:
    """Three of one day are a minute apart, and the next day begins at noon again."""
    first, second, third, other = times_of_day(
        [Slot(DAY), Slot(DAY), Slot(DAY), Slot(DAY + timedelta(1))], "list", Taken(set())
    )
    assert second - first == third - second == timedelta(minutes=1)
    assert other - first == timedelta(days=1)


def test_two_lists_seldom_meet() -> None:
    """Lists of other names take other seconds of the minute."""
    assert assigned_times(Slot(DAY), name="one") != assigned_times(Slot(DAY), name="other")


def test_an_exact_time_is_kept() -> None:
    """A time that upstream gave is the time; where another entry has it, the second after."""
    assert assigned_times(Slot(DAY, at(7, 30))) == ["07:30:00"]
    assert assigned_times(Slot(DAY, at(7, 30)), used={at(7, 30)}) == ["07:30:01"]


def test_releases_keep_to_their_side_of_an_exact_time() -> None:
    """Older ones come before a time that is known, and newer ones after it."""
    slots = [Slot(DAY), Slot(DAY), Slot(DAY, at(7)), Slot(DAY), Slot(DAY, at(18)), Slot(DAY)]
    times = times_of_day(slots, "list", Taken(set()))
    assert times == sorted(times)
    assert times[2:5:2] == [at(7), at(18)]
    assert at(7) < times[3] < at(18) < times[5]


def test_a_taken_time_before_an_exact_one() -> None:
    """That another list has the second before an exact time pushes no older release past it."""
    used = {at(7) - SECOND}
    older, exact = times_of_day([Slot(DAY), Slot(DAY, at(7))], "list", Taken(used))
    assert older < exact == at(7)


def test_the_first_second_of_a_day() -> None:
    """A release below one of midnight has no room on its day, and takes a free time of it."""
    times = times_of_day([Slot(DAY), Slot(DAY, at(0))], "list", Taken(set()))
    assert times[1] == at(0)
    assert times[0].date() == DAY
    assert len(set(times)) == 2


def test_a_very_long_day() -> None:
    """Ten thousand releases of one day all have their own time on it, in order."""
    times = times_of_day([Slot(DAY)] * 10_000, "list", Taken(set()))
    assert times == sorted(set(times))
    assert {moment.date() for moment in times} == {DAY}


def test_assigned_times_are_added_to_those_taken() -> None:
    """Times assigned are added to those that are taken, so that the next list avoids them."""
    used: set[datetime] = set()
    times = times_of_day([Slot(DAY), Slot(DAY)], "list", Taken(used))
    assert used == set(times)
    assert not used & set(times_of_day([Slot(DAY), Slot(DAY)], "list", Taken(used.copy())))


@given(untimed)
def test_times_are_unique_and_in_order(slots: list[Slot]) -> None:
    """Every release has a time of its own, later than that of the one below, on its own day."""
    times = times_of_day(slots, "list", Taken(set()))
    assert all(older < newer for older, newer in pairwise(times))
    assert [moment.date() for moment in times] == [slot.day for slot in slots]


@given(untimed, untimed)
def test_adding_on_top_moves_nothing_below(slots: list[Slot], more: list[Slot]) -> None:
    """News of the same day or of later ones leaves every time that was given as it was."""
    newest = slots[-1].day if slots else DAY
    on_top = [slot for slot in more if slot.day >= newest]
    before = times_of_day(slots, "list", Taken(set()))
    assert times_of_day(slots + on_top, "list", Taken(set()))[: len(slots)] == before


@given(one_day(), st.sets(st.integers(min_value=0, max_value=86_399), max_size=50))
def test_exact_neighbours_are_respected(slots: list[Slot], seconds: set[int]) -> None:
    """Exact times are kept, and all others are on their side of them, clear of those taken."""
    used = {at(0) + second * SECOND for second in seconds}
    times = times_of_day(slots, "list", Taken(used.copy()))
    assert all(older < newer for older, newer in pairwise(times))
    for slot, moment in zip(slots, times, strict=True):
        assert moment == slot.exact if slot.exact else moment not in used


def test_search_for_a_free_time_passes_no_run_twice() -> None:
    """Thousands of releases of one time, each dated on its own, are looked at once each."""
    looked = 0

    class Watched(set[datetime]):
        def __contains__(self, moment: object) -> bool:
            nonlocal looked
            looked += 1
            return super().__contains__(moment)

    assigned = Watched()
    used = Taken(assigned)
    for _ in range(1_000):
        times_of_day([Slot(DAY, at(7))], "list", used)
        used.add(used.next_free(at(7), -SECOND))
    assert len(assigned) == 2_000
    assert looked < 10 * len(assigned)


def test_times_beside_exact_ones_are_found_at_once() -> None:
    """The exact times of a list are passed together too."""
    exact = [Slot(DAY, at(12) + number * SECOND) for number in range(1_000)]
    assert (
        calls(lambda: times_of_day([*exact, *[Slot(DAY)] * 1_000], "list", Taken(set()))) < 50_000
    )
