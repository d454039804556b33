"""Which text of an entry is current, when it changed, and what changed in it by word."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from difflib import Match, SequenceMatcher
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe import diff
from aggregator.dedupe.diff import Change, changes
from aggregator.dedupe.history import SAME_TIME, Version, changed, current, in_order

NOON = datetime(2024, 1, 5, 12, 0, tzinfo=UTC)


def version(
    name: str, hours: float = 0, *, cut: bool = False, document: str = "a.txt", position: int = 0
) -> Version:
    """A text first seen so many hours after noon."""
    return Version(
        fingerprint=name,
        is_partial=cut,
        seen=NOON + timedelta(hours=hours),
        document=document,
        position=position,
    )


def standing(*versions: Version) -> str:
    """The current text, in whatever order the versions come."""
    (name,) = {current(order).fingerprint for order in permutations(versions)}
    return name


def when(*versions: Version) -> datetime | None:
    """When the current text replaced another, in whatever order they come."""
    (at,) = {changed(order) for order in permutations(versions)}
    return at


def test_one_text_only() -> None:
    """It is current, and never changed."""
    assert standing(version("one")) == "one"
    assert when(version("one")) is None
    assert when(version("one", cut=True)) is None


def test_a_text_is_edited() -> None:
    """The last that came is current, from when it came."""
    versions = version("one"), version("two", 24), version("three", 48)
    assert standing(*versions) == "three"
    assert when(*versions) == NOON + timedelta(hours=48)


def test_a_cut_text_is_later_whole() -> None:
    """The whole text is current, from when it came."""
    versions = version("cut", cut=True), version("whole", 24)
    assert standing(*versions) == "whole"
    assert when(*versions) == NOON + timedelta(hours=24)


def test_a_whole_text_is_later_cut() -> None:
    """Nothing changes: a cut text says nothing new."""
    versions = version("whole"), version("cut", 24, cut=True)
    assert standing(*versions) == "whole"
    assert when(*versions) is None


def test_a_text_is_cut_twice() -> None:
    """Without a whole text, the last cut one is current."""
    assert standing(version("one", cut=True), version("two", 24, cut=True)) == "two"


@pytest.mark.parametrize(
    ("apart", "is_change"),
    [
        (timedelta(), False),
        (SAME_TIME - timedelta(seconds=1), False),
        (SAME_TIME, True),
        (timedelta(days=400), True),
    ],
)
def test_texts_that_came_together(apart: timedelta, is_change: bool) -> None:
    """Texts seen within an hour came in with one another: neither changed the other."""
    two = version("two", apart / timedelta(hours=1), document="b.txt")
    assert standing(version("one"), two) == "two"
    assert when(version("one"), two) == (two.seen if is_change else None)


def test_documents_of_one_time() -> None:
    """Where the time says nothing the name of the document decides, then the place in it."""
    assert standing(version("one", document="b.txt"), version("two", document="a.txt")) == "one"
    assert standing(version("one", position=3), version("two", position=2)) == "one"
    assert standing(version("one"), version("two")) == "two"


def test_two_entries_of_a_document_change() -> None:
    """No two change at the same time, and the one on top changed last."""
    top, below = (
        when(version("old"), version("new", 24, document="b.txt", position=position))
        for position in (0, 1)
    )
    assert top is not None
    assert below is not None
    assert top - below == timedelta(seconds=1)


def test_fractions_of_a_second_are_dropped() -> None:
    """The time of a change is exact to the second."""
    assert when(version("one"), version("two", 24.0001)) == NOON + timedelta(hours=24)


VERSIONS = st.lists(
    st.builds(
        Version,
        fingerprint=st.sampled_from("abcdef"),
        is_partial=st.booleans(),
        seen=st.integers(0, 300).map(lambda minutes: NOON + timedelta(minutes=minutes)),
        document=st.sampled_from(["a.txt", "b.txt"]),
        position=st.integers(0, 3),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda found: found.fingerprint,
)


@given(VERSIONS, st.randoms())
def test_history_is_that_of_the_set(versions: list[Version], random: Random) -> None:
    """The order of the texts decides nothing, and none is lost."""
    shuffled = list(versions)
    random.shuffle(shuffled)
    assert in_order(shuffled) == in_order(versions)
    assert current(shuffled) == current(versions)
    assert changed(shuffled) == changed(versions)
    assert {*in_order(versions)} == {*versions}


@given(VERSIONS)
def test_a_whole_text_is_never_hidden_by_a_cut_one(versions: list[Version]) -> None:
    """A cut text is current only where every text is cut."""
    assert current(versions).is_partial is all(found.is_partial for found in versions)


@given(VERSIONS)
def test_a_change_is_no_later_than_the_current_text(versions: list[Version]) -> None:
    """``updated`` is a time at which something was there to be read."""
    at = changed(versions)
    assert at is None or at <= current(versions).seen


def pieces(before: str, after: str) -> list[tuple[str, str]]:
    return [(change.kind, change.text) for change in changes(before, after)]


def test_equal_texts_have_no_changes() -> None:
    """One piece, kept."""
    assert pieces("The fleet came home.", "The fleet came home.") == [
        ("kept", "The fleet came home.")
    ]
    assert pieces("", "") == []


def test_a_word_is_replaced() -> None:
    """The old word goes, the new one comes, the rest stays."""
    assert pieces("All 12 boats are in.", "All 14 boats are in.") == [
        ("kept", "All "),
        ("removed", "12 "),
        ("added", "14 "),
        ("kept", "boats are in."),
    ]


def test_a_word_is_added_and_a_word_is_removed() -> None:
    """Only that is reported."""
    assert ("added", "safely ") in pieces("They came home.", "They came safely home.")
    assert [kind for kind, _ in pieces("They came safely home.", "They came home.")] == [
        "kept",
        "removed",
        "kept",
    ]


def test_a_paragraph_is_added() -> None:
    """What was there is kept, whatever follows it."""
    found = pieces("One.", "One.\n\nTwo.")
    assert [kind for kind, text in found if text.strip()] == ["kept", "added"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("one two", "one  two"),
        ("one two", "one\ntwo"),
        ("one\n\ntwo", "one two"),
        ("one two ", "one two"),
        ("one", "one\n"),
    ],
)
def test_white_space_is_not_a_change(before: str, after: str) -> None:
    """It is as it is in the later text, and nothing is marked."""
    assert {kind for kind, _ in pieces(before, after)} == {"kept"}


def test_all_is_new() -> None:
    """Nothing is kept of what has nothing in common."""
    assert pieces("", "All new") == [("added", "All new")]
    assert pieces("All gone", "") == [("removed", "All gone")]


def test_a_very_long_text_is_compared_in_time() -> None:
    """By line from some thousand words on: by word this would take minutes."""
    before = [f"line {number} of the report" for number in range(20_000)]
    after = ["a first line", *before[:10_000], "a line between", *before[10_000:], "a last line"]
    found = list(changes("\n".join(before), "\n".join(after)))
    assert [change.text.strip() for change in found if change.kind == "added"] == [
        "a first line",
        "a line between",
        "a last line",
    ]


def test_one_word_of_a_very_long_text() -> None:
    """It is found though all of the text is one paragraph."""
    before = " ".join(f"word{number}" for number in range(20_000))
    after = before.replace("word9999 ", "other ").replace("word10010 ", "")
    assert pieces(before, after)[1:-1] == [
        ("removed", "word9999 "),
        ("added", "other "),
        ("kept", " ".join(f"word{number}" for number in range(10_000, 10_010)) + " "),
        ("removed", "word10010 "),
    ]


def test_paragraphs_of_a_very_long_text() -> None:
    """What is between two paragraphs goes with the first of them, as it does with a word."""
    before = [f"Paragraph {number} of the report.\n\n" for number in range(3000)]
    after = ["New. \n\n", *before[1:1500], "Other.\n\n", *before[1501:], "Last."]
    assert pieces("".join(before), "".join(after)) == [
        ("removed", before[0]),
        ("added", "New. \n\n"),
        ("kept", "".join(before[1:1500])),
        ("removed", before[1500]),
        ("added", "Other.\n\n"),
        ("kept", "".join(before[1501:])),
        ("added", "Last."),
    ]


WORDS = st.lists(
    st.sampled_from(["the", "boat", "boats", "12", "é", " ", "\n\n", "  "]), max_size=12
)


@given(WORDS, WORDS)
def test_the_pieces_make_the_later_text(before: list[str], after: list[str]) -> None:
    """Kept and added, joined, are the text after, to the letter."""
    one, other = "".join(before), "".join(after)
    found = list(changes(one, other))
    made = "".join(change.text for change in found if change.kind != "removed")
    assert made.strip() == other.strip()


@given(WORDS, WORDS)
def test_every_word_of_the_earlier_text_is_pieces(before: list[str], after: list[str]) -> None:
    """Kept and removed are the words of the text before, in order."""
    one, other = " ".join(before), " ".join(after)
    found: list[Change] = list(changes(one, other))
    told_words = "".join(change.text for change in found if change.kind != "added").split()
    assert told_words == one.split()


def test_many_repeated_lines_are_not_compared_pair_by_pair(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """32,000 lines of 120 kinds took 8 s: line by line is as quadratic as word by word."""
    pairs: list[int] = []

    def recorded(
        junk: None, one: list[str], other: list[str], auto: bool
    ) -> "SequenceMatcher[str]":
        pairs.append(sum(map(Counter(one).__getitem__, other)))
        return SequenceMatcher(junk, one, other, auto)

    monkeypatch.setattr("aggregator.dedupe.diff.SequenceMatcher", recorded)
    chance = Random(7)
    before, after = ("".join(f"l{chance.randrange(120)}\n" for _ in range(8_000)) for _ in range(2))
    found = list(changes(f"same\n{before}", f"same\n{after}"))
    assert sum(pairs) <= 500_000
    assert "".join(c.text for c in found if c.kind != "removed") == f"same\n{after}"


class CountingMatcher(SequenceMatcher[str]):
    """Counts the pairs of equal pieces that are looked at, and the pieces."""

    work = 0

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        places = self.b2j  # type: ignore[attr-defined]
        pieces = self.a[alo:ahi]  # type: ignore[attr-defined]
        CountingMatcher.work += sum(1 + len(places.get(piece, ())) for piece in pieces)
        return super().find_longest_match(alo, ahi, blo, bhi)


def few_kinds(count: int, seed: int) -> str:
    chance = Random(seed)
    return "\n".join(f"line {chance.randrange(120)}" for _ in range(count))


def every_other(count: int, word: str, common: str, gap: str) -> str:
    return gap.join(common.format(n) if n % 2 else f"{word}{n}" for n in range(count))


@pytest.mark.parametrize(
    "text",
    [
        few_kinds,
        lambda count, seed: every_other(count, f"u{seed}", "line {}", "\n"),
        lambda count, seed: every_other(count, f"u{seed}", "line", "\n"),
        lambda count, seed: every_other(count // 8, f"u{seed}", "a", " "),
    ],
    ids=["few-kinds", "every-other-line", "one-line-repeated", "one-word-repeated"],
)
def test_work_of_a_diff_is_bounded(
    text: Callable[[int, int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Short lines that repeat, and many small edits, were compared in quadratic time."""
    monkeypatch.setattr(diff, "SequenceMatcher", CountingMatcher)
    for count in (8_000, 16_000):
        monkeypatch.setattr(CountingMatcher, "work", 0)
        before, after = text(count, 1), text(count, 100_000)
        found = list(changes(before, after))
        assert CountingMatcher.work <= 12_000_000
        assert "".join(change.text for change in found if change.kind != "removed") == after
        kept_or_removed = "".join(change.text for change in found if change.kind != "added")
        assert kept_or_removed.split() == before.split()


def test_edits_among_repeated_lines_are_found() -> None:
    """Where lines repeat, several in a row tell where a passage belongs."""
    before = few_kinds(16_000, 1).split("\n")
    after = [*before[:4_000], "a new line", *before[4_000:9_000], *before[9_001:]]
    found = pieces("\n".join(before), "\n".join(after))
    assert [kind for kind, _ in found] == ["kept", "added", "kept", "removed", "kept"]
    assert found[1] == ("added", "a new line\n")
