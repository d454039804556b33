"""The days of a list by probability: what a phrase says, and how phrases and order meet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.dating import choice
from aggregator.dating.choice import date_alone
from aggregator.dating.choice import posterior as module
from aggregator.dating.choice.candidate import FUTURE, Undated, read
from aggregator.dating.choice.choose_days import _COPIED, _Told
from aggregator.dating.choice.likelihood import OfWeekday, likelihood, sums_falling
from aggregator.dating.choice.posterior import Spread, Values, posterior
from aggregator.model import Evidence, PartialDate, Role

FIRST, LAST = date(2000, 1, 1).toordinal(), date(2024, 12, 31).toordinal()
ROLES: tuple[Role, ...] = ("stated", "past", "present", "future", "history")


def evidence(
    role: Role,
    day: date,
    *,
    year: bool = True,
    strength: float = 0.8,
    weekday: int | None = None,
) -> Evidence:
    """Evidence of one day, with or without its year."""
    named = PartialDate(year=day.year if year else None, month=day.month, day=day.day)
    return Evidence(
        place="body",
        phrase=f"{day:%d %B %Y}" if year else f"{day:%d %B}",
        role=role,
        first=named,
        last=named,
        strength=strength,
        weekday=weekday,
    )


def values(*found: Evidence) -> Values:
    """All that this evidence says."""
    said = [one for e in found if (one := likelihood(e)) is not None]

    def over(edges: Sequence[int]) -> list[float]:
        product = [1.0] * (len(edges) - 1)
        for one in said:
            product = [p * v for p, v in zip(product, one.over(edges), strict=True)]
        return product

    return over


def spreads(*releases: Values) -> list[Spread]:
    """The days of a list, oldest first."""
    return posterior(releases, FIRST, LAST, 0.03)


def day(spread: Spread) -> str:
    return date.fromordinal(spread.day).isoformat()


# ------------------------------------------------------------------------------ one release


@pytest.mark.parametrize("role", ["stated", "past", "present"])
def test_a_day_that_is_named_is_the_day(role: Role) -> None:
    """Nothing else is as probable as the day itself."""
    (found,) = spreads(values(evidence(role, date(2023, 12, 13))))
    assert day(found) == "2023-12-13"
    assert found.low <= found.day <= found.high


def test_an_event_to_come_is_later() -> None:
    """A release is out before what it announces."""
    (found,) = spreads(values(evidence("future", date(2023, 12, 13))))
    assert found.day < date(2023, 12, 13).toordinal()


def test_a_year_that_is_not_written_is_left_open() -> None:
    """The same day of every year is as probable: the window is of many years."""
    (found,) = spreads(values(evidence("past", date(2023, 12, 13), year=False)))
    assert found.high - found.low > 20 * 365


def test_the_weekday_tells_the_year() -> None:
    """Wednesday, 13 December was in 2017, and the neighbours leave no other."""
    (_, found, _) = spreads(
        values(evidence("stated", date(2017, 9, 1))),
        values(evidence("past", date(2017, 12, 13), year=False, weekday=2)),
        values(evidence("stated", date(2018, 3, 1))),
    )
    assert day(found) == "2017-12-13"


def test_history_is_a_lower_bound() -> None:
    """A release is no older than the past that it tells of."""
    (found,) = spreads(values(evidence("history", date(2020, 5, 1))))
    assert found.low >= date(2020, 1, 1).toordinal() - 8000
    assert found.day >= date(2020, 5, 1).toordinal()


def test_a_day_without_a_verb_may_be_ahead() -> None:
    """The day in a title or alone on a line is often that of an event to come."""
    named = date(2023, 12, 13)
    (found,) = spreads(values(evidence("present", named, strength=0.4)))
    assert found.low < named.toordinal() - 20
    (found,) = spreads(values(evidence("present", named, strength=0.8)))
    assert day(found) == "2023-12-13"


@given(
    st.sampled_from(ROLES),
    st.dates(date(2001, 1, 1), date(2024, 1, 1)),
    st.booleans(),
    st.floats(0.05, 1),
    st.sampled_from(module.STEPS),
)
@settings(max_examples=40)
def test_cells_are_the_means_of_their_days(
    role: Role, named: date, year: bool, strength: float, step: int
) -> None:
    """A coarse cell says what its days say together, or the coarse passes would mislead."""
    said = likelihood(evidence(role, named, year=year, strength=strength))
    if said is None or (step > 100 and not year):  # a large cell has every day of the year
        return
    low = named.toordinal() - 300
    edges = [low + n * step for n in range(4)]
    days = said.over(list(range(edges[0], edges[-1] + 1)))
    for index, value in enumerate(said.over(edges)):
        mean = sum(days[index * step : (index + 1) * step]) / step
        assert value == pytest.approx(mean, rel=0.5)


@given(
    st.integers(-3000, 3000) | st.integers(60_000, 70_000),
    st.sampled_from(module.STEPS),
    st.integers(2, 40) | st.integers(990, 1010) | st.just(5000),
)
def test_sums_from_the_table_are_those_computed(start: int, step: int, count: int) -> None:
    """Also where the row of cells ends after the day, or is longer than the table."""
    sums = sums_falling(_COPIED, start, step, count)
    assert sums == [_COPIED.below(start - number * step) for number in range(count)]


@given(st.integers(0, 6), st.sampled_from(ROLES[1:4]), st.integers(1, 800_000), st.integers(1, 20))
def test_weekday_is_the_same_in_every_week(
    weekday: int, role: Role, first: int, count: int
) -> None:
    """The value of a day is that of the day alone, in however long a row."""
    said = OfWeekday(weekday, role)
    alone = [said.over((first + n, first + n + 1))[0] for n in range(count)]
    assert said.over(range(first, first + count + 1)) == alone
    assert count < 7 or len(set(alone)) > 3


def told_of(limit: int, not_before: int, fresh: Sequence[int]) -> _Told:
    """A release of which its documents alone say something."""
    seen = datetime.combine(date.fromordinal(limit) - FUTURE, time(12), UTC)
    told = _Told(read(0, Undated(seen=seen, document="d", evidence=())))
    told.not_before = not_before
    told.fresh += fresh
    return told


@given(
    st.integers(-40, 40),
    st.integers(1, 60),
    st.lists(st.integers(-40, 40), max_size=2),
    st.sampled_from((1, 4, 32)),
)
@settings(max_examples=60)
def test_documents_say_the_same_of_a_day_in_any_row_of_cells(
    limit: int, before: int, fresh: list[int], step: int
) -> None:
    """The value of a cell depends on its days alone, wherever the row of cells begins and ends."""
    base = 700_000  # in our century
    told = told_of(base + limit, base + limit - before, [base + one for one in fresh])
    edges = range(base - 10 * step, base + 11 * step, step)
    alone = [told.over((low, high))[0] for low, high in pairwise(edges)]
    assert told.over(edges) == alone
    for value, (low, high) in zip(alone, pairwise(edges), strict=True):
        if not fresh:
            assert (value == 0.0) == (low > told.limit)
            assert (value == 1.0) == (low < told.limit and high > told.not_before)


# ------------------------------------------------------------------------------------ a list


@given(
    st.sampled_from(module.STEPS),
    st.lists(st.floats(0, 1), min_size=1, max_size=12),
    st.integers(0, 5),
    st.integers(0, 5),
)
@settings(max_examples=40)
def test_what_is_carried_is_a_sum_over_all_gaps(
    step: int, weights: list[float], later: int, longer: int
) -> None:
    """Each cell of the next release has the weights below it, by how probable the gap is."""
    band, after = (10, 9 + len(weights)), (10 + later, 9 + len(weights) + later + longer)
    same, parts = module._gaps(step)
    carried = module._carried(weights, band, after, (same, parts))
    assert len(carried) == after[1] - after[0] + 1
    for cell, value in enumerate(carried, after[0]):
        total = 0.0
        for low, weight in enumerate(weights, band[0]):
            if low <= cell:
                total += weight * sum(share * ratio ** (cell - low) for share, ratio in parts)
            total += weight * same * (low == cell)
        assert value == pytest.approx(total, abs=1e-12)


def test_neighbours_bound_what_says_nothing() -> None:
    """The days between two neighbours are shared."""
    (older, silent, newer) = spreads(
        values(evidence("stated", date(2023, 12, 11))),
        values(),
        values(evidence("stated", date(2023, 12, 15))),
    )
    assert older.day < silent.day < newer.day
    assert silent.low >= older.day
    assert silent.high <= newer.day + 1


def test_coarse_cells_have_the_window_where_the_weight_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where days are too many to look at each, the window is wide and in the right place."""
    monkeypatch.setattr(module, "MOST_CELLS", 160)
    years = [evidence("history", date(2007, 1, 1)) for _ in range(4)]
    named = [
        replace(one, first=PartialDate(year=2007), last=PartialDate(year=2007)) for one in years
    ]
    for found in spreads(*(values(one) for one in named)):
        assert found.low < date(2007, 7, 1).toordinal() < found.high
        assert abs(found.day - date(2007, 7, 1).toordinal()) < 1.5 * 366


def test_one_misread_day_moves_no_other() -> None:
    """A day of years ago is an old event, or a slip, where its neighbours are of this week."""
    days = [date(2023, 12, n) for n in range(1, 9)]
    days[4] = date(2010, 11, 3)
    found = spreads(*(values(evidence("past", one)) for one in days))
    assert [day(found[n]) for n in (3, 5)] == ["2023-12-04", "2023-12-06"]
    assert found[3].day <= found[4].day <= found[5].day


LISTS = st.lists(
    st.lists(
        st.builds(
            evidence,
            st.sampled_from(ROLES),
            st.dates(date(2019, 1, 1), date(2022, 1, 1)),
            year=st.booleans(),
            strength=st.floats(0.05, 1),
        ),
        max_size=3,
    ),
    min_size=1,
    max_size=6,
)


@given(LISTS)
@settings(max_examples=25)
def test_days_and_windows_never_run_against_the_order(found: list[list[Evidence]]) -> None:
    """Whatever the texts say, days and both ends of the windows rise, and windows hold the days."""
    spread = spreads(*(values(*one) for one in found))
    for one in spread:
        assert FIRST <= one.low <= one.day <= one.high <= LAST
    for older, newer in pairwise(spread):
        assert older.day <= newer.day
        assert older.low <= newer.low
        assert older.high <= newer.high


def test_the_work_grows_with_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times as many releases need about ten times as many cells, not their square."""
    counts = []
    for length in (20, 200):
        cells = 0

        def counted(said: Values) -> Values:
            def over(edges: Sequence[int]) -> list[float]:
                nonlocal cells
                cells += len(edges) - 1
                return said(edges)

            return over

        start = date(2021, 1, 1).toordinal()
        days = [date.fromordinal(start + n) for n in range(length)]
        spreads(*(counted(values(evidence("past", one))) for one in days))
        counts.append(cells)
    assert counts[1] < 13 * counts[0]


@given(
    st.datetimes(datetime(1850, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([None, 0, 3]),
    st.sampled_from([timedelta(0), timedelta(days=1)]),
)
@settings(max_examples=50)
def test_time_of_the_publisher_alone_is_dated_without_choosing(
    moment: datetime, weekday: int | None, off: timedelta
) -> None:
    """The short way has the result of the long one, for times that cannot be too."""
    day = (moment + off).date()
    whole = PartialDate(year=day.year, month=day.month, day=day.day)
    stated = Evidence(
        place="header",
        phrase="a time",
        role="stated",
        first=whole,
        last=whole,
        weekday=weekday,
        moment=moment,
    )
    undated = Undated(seen=datetime(2024, 1, 5, tzinfo=UTC), document="feed", evidence=(stated,))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(choice, "_only_moment", lambda _: None)
        long = date_alone(undated)
    assert date_alone(undated) == long
