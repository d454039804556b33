"""Lining digests up: what they agree on is kept, and what they disagree on is recorded."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aggregator.dating.choice.order import Lineup, line_up

nodes = st.integers(min_value=0, max_value=11)
any_digests = st.lists(st.lists(nodes, max_size=8), max_size=6)
any_guesses = st.dictionaries(nodes, st.integers(min_value=1, max_value=30))


@st.composite
def agreeing_digests(draw: st.DrawFn) -> list[list[int]]:
    """Digests cut from one list: each leaves some of it out and turns nothing round."""
    whole = draw(st.permutations(range(10)))
    kept = st.lists(st.booleans(), min_size=10, max_size=10)
    return [
        [node for node, keep in zip(whole, draw(kept), strict=True) if keep]
        for _ in range(draw(st.integers(min_value=1, max_value=5)))
    ]


def both_ways(
    digests: list[list[int]],
) -> st.SearchStrategy[tuple[list[list[int]], list[list[int]]]]:
    """Digests as they are, and in some other order."""
    return st.tuples(st.just(digests), st.permutations(digests))


def the_line(digests: list[list[int]], guesses: dict[int, int] | None = None) -> Lineup:
    """The only line of digests that hang together."""
    (line,) = line_up(digests, guesses or {})
    return line


def is_kept(digest: list[int], order: list[int]) -> bool:
    """Whether ``order`` keeps the order of ``digest``."""
    places = [order.index(node) for node in digest]
    return places == sorted(places)


def test_one_digest_is_its_own_line() -> None:
    """A single digest is taken as it is, whatever its entries seem to be of."""
    assert the_line([[3, 1, 2]], {3: 1, 1: 2, 2: 3}) == Lineup([3, 1, 2], [])


def test_digests_that_overlap_become_one() -> None:
    """A window that begins where another ends goes on from there."""
    assert the_line([[1, 2, 3, 4], [3, 4, 5, 6]]) == Lineup([1, 2, 3, 4, 5, 6], [])


def test_an_entry_between_two_is_put_there() -> None:
    """What another digest has between two entries is between them in the lineup."""
    assert the_line([[1, 3], [1, 2, 3]]) == Lineup([1, 2, 3], [])


def test_digests_that_share_nothing_are_lines_of_their_own() -> None:
    """Nothing is known of the order of two lists that never meet."""
    assert list(line_up([[5, 6], [1, 2]], {})) == [Lineup([1, 2], []), Lineup([5, 6], [])]


def test_digests_that_meet_in_a_third_are_one_line() -> None:
    """Two windows that share nothing are one list if a third reaches into both."""
    assert the_line([[1, 2], [4, 5], [2, 4]]) == Lineup([1, 2, 4, 5], [])


def test_the_probably_newer_of_two_free_ones_comes_first() -> None:
    """Where no digest decides, the day does."""
    assert the_line([[1, 9], [2, 9]], {1: 10, 2: 20}).order == [2, 1, 9]
    assert the_line([[1, 9], [2, 9]], {1: 20, 2: 10}).order == [1, 2, 9]


def test_a_silent_entry_goes_with_its_neighbours() -> None:
    """An entry without a day of its own is placed by its neighbours."""
    order = the_line([[1, 2, 9], [3, 4, 9]], {1: 20, 3: 10, 9: 5}).order
    assert order == [1, 2, 3, 4, 9]


def test_digests_that_contradict_each_other() -> None:
    """Two in both orders are both in the lineup, and the order that is broken is recorded."""
    line = the_line([[1, 2], [2, 1]])
    assert line.order == [1, 2]
    assert line.broken == [(2, 1)]


def test_the_probably_newer_wins_a_contradiction() -> None:
    """Of two in both orders, the one of the later day comes first."""
    assert the_line([[1, 2], [2, 1]], {1: 10, 2: 20}) == Lineup([2, 1], [(1, 2)])


def test_only_those_that_contradict_are_broken() -> None:
    """A contradiction above moves no entry that every digest has below it."""
    line = the_line([[1, 2, 3], [2, 1]], {1: 10, 2: 10, 3: 12})
    assert line.order[-1] == 3
    assert line.broken == [(2, 1)]


def test_an_entry_twice_in_one_digest() -> None:
    """The upper place counts."""
    assert the_line([[1, 2, 1, 3]]) == Lineup([1, 2, 3], [])


def test_digests_without_entries() -> None:
    """A digest of nothing makes no line."""
    assert list(line_up([[], []], {})) == []


def test_a_hundred_thousand_entries() -> None:
    """A long list of windows that overlap is lined up as a whole, without deep recursion."""
    digests = [list(range(start, start + 12)) for start in range(0, 100_000, 10)]
    line = the_line(digests[::-1])
    assert line.order == sorted(set().union(*digests))


@given(agreeing_digests(), any_guesses)
def test_digests_that_agree_are_all_kept(digests: list[list[int]], guesses: dict[int, int]) -> None:
    """Whatever the days seem to be, the order that digests agree on is kept."""
    lines = list(line_up(digests, guesses))
    assert all(line.broken == [] for line in lines)
    for digest in filter(None, digests):
        assert any(is_kept(digest, line.order) for line in lines if digest[0] in line.order)


@given(any_digests, any_guesses)
def test_every_entry_is_there_once(digests: list[list[int]], guesses: dict[int, int]) -> None:
    """However digests contradict each other, no entry is lost and none is doubled."""
    order = [node for line in line_up(digests, guesses) for node in line.order]
    assert sorted(order) == sorted({node for digest in digests for node in digest})


@given(any_digests, any_guesses)
def test_what_is_broken_is_recorded(digests: list[list[int]], guesses: dict[int, int]) -> None:
    """Two neighbours in a digest are in that order, or among the broken."""
    for line in line_up(digests, guesses):
        for digest in digests:
            for newer, older in pairwise(dict.fromkeys(digest)):
                if newer in line.order:
                    turned = line.order.index(newer) > line.order.index(older)
                    assert turned == ((newer, older) in line.broken)


@given(any_digests.flatmap(both_ways), any_guesses)
def test_the_order_of_digests_does_not_matter(
    digests: tuple[list[list[int]], list[list[int]]], guesses: dict[int, int]
) -> None:
    """The same digests in another order make the same lines."""
    one, other = digests
    assert list(line_up(one, guesses)) == list(line_up(other, guesses))
