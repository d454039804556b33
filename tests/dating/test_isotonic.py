"""Isotonic regression: days never fall, and no other choice costs less."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dating.choice.isotonic import Hinge, fit

Costs = list[list[Hinge]]

# Whole weights, so that equal sums are equal.
hinges = st.builds(
    Hinge,
    day=st.integers(min_value=1, max_value=9),
    weight=st.integers(min_value=1, max_value=12).map(float),
    after=st.booleans(),
)
lists = st.lists(st.lists(hinges, max_size=4), max_size=7)


def on(day: int, weight: float = 1.0) -> list[Hinge]:
    """A release that is of ``day``, with a cost on either side."""
    return [Hinge(day, weight, after=False), Hinge(day, weight, after=True)]


def from_(day: int, weight: float = 1.0) -> list[Hinge]:
    """A release that is not from before ``day``."""
    return [Hinge(day, weight, after=False)]


def until(day: int, weight: float = 1.0) -> list[Hinge]:
    """A release that is not from after ``day``."""
    return [Hinge(day, weight, after=True)]


def cost(hinges: list[Hinge], day: int) -> float:
    """What ``day`` costs, by the definition."""
    return sum(
        hinge.weight * max(0, day - hinge.day if hinge.after else hinge.day - day)
        for hinge in hinges
    )


def total(costs: Costs, days: list[int | None]) -> float:
    """What a choice costs; those without a day are as early as can matter."""
    return sum(cost(hinges, day or 0) for hinges, day in zip(costs, days, strict=True))


def least(costs: Costs) -> float:
    """The least that any rising choice of days costs, by trying them all."""
    best = [0.0] * 11  # the least with the newest release on this day or before
    for hinges in costs:
        each = [before + cost(hinges, day) for day, before in enumerate(best)]
        best = [min(each[: day + 1]) for day in range(11)]
    return best[-1]


def test_each_gets_its_own_day() -> None:
    """Days that rise are taken as they are."""
    assert fit([on(1), on(2), on(5)]) == [1, 2, 5]


def test_no_release_at_all() -> None:
    """An empty list has no days."""
    assert fit([]) == []


def test_days_that_fall_meet_at_the_heavier() -> None:
    """Where two run against the order the one that is surer stays."""
    assert fit([on(5, 3), on(2, 1)]) == [5, 5]
    assert fit([on(5, 1), on(2, 3)]) == [2, 2]


def test_a_misread_day_is_outvoted() -> None:
    """One day that is far off moves none of those around it."""
    assert fit([on(3), on(4), on(900), on(5), on(6)]) == [3, 4, 5, 5, 6]


def test_a_release_that_says_nothing_stays_with_the_one_below() -> None:
    """Without costs of its own a release is no earlier than those below it."""
    assert fit([on(3), [], on(7)]) == [3, 3, 7]


def test_nothing_is_known_at_the_old_end() -> None:
    """The oldest have no day where nothing bounds them from below."""
    assert fit([[], until(4), on(6)]) == [None, None, 6]


def test_a_bound_from_above_holds_down_what_is_below() -> None:
    """A release that is no later than a day keeps all older ones from being later."""
    assert fit([on(8, 1), until(5, 10)]) == [5, 5]


def test_a_bound_from_below_lifts_what_is_above() -> None:
    """A release that is no earlier than a day keeps all newer ones from being earlier."""
    assert fit([from_(8, 10), on(5, 1)]) == [8, 8]


def test_a_long_list() -> None:
    """Thirty thousand releases are fitted at once."""
    days = fit([on(day // 7 + (50 if day % 97 == 0 else 0)) for day in range(30_000)])
    assert days == sorted(days, key=lambda day: day or 0)
    assert days[98] == 98 // 7


@given(lists)
def test_no_choice_costs_less(costs: Costs) -> None:
    """The days chosen cost what the best of all choices costs."""
    assert total(costs, fit(costs)) == least(costs)


@given(lists)
def test_days_never_fall(costs: Costs) -> None:
    """A newer release is never given an earlier day, and only the oldest can lack one."""
    known = [day if day is not None else 0 for day in fit(costs)]
    assert known == sorted(known)


@given(lists, st.integers(min_value=-5, max_value=700_000))
def test_only_distances_count(costs: Costs, shift: int) -> None:
    """Everything a number of days later is fitted that number of days later."""
    later = [[Hinge(h.day + shift, h.weight, h.after) for h in hinges] for hinges in costs]
    assert fit(later) == [day if day is None else day + shift for day in fit(costs)]


@given(lists, st.sampled_from([0.1, 0.3, 0.7]))
def test_broken_weights_cost_no_more(costs: Costs, scale: float) -> None:
    """Weights that binary numbers cannot hold exactly lead to no worse choice."""
    scaled = [[Hinge(h.day, h.weight * scale, h.after) for h in hinges] for hinges in costs]
    assert total(scaled, fit(scaled)) == pytest.approx(least(scaled))
