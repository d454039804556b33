"""The work of comparing texts grows with their length and number, and not faster."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest

from aggregator.dedupe.align import align
from aggregator.dedupe.compare import Text, compare
from aggregator.dedupe.document import decide_document, page_or_title_matches
from aggregator.dedupe.items import Lookup, SeenText
from aggregator.dedupe.memory import remembered
from aggregator.dedupe.sketch import comparison_key
from aggregator.dedupe.swaps import Differences, Swap
from aggregator.ingest.prepare import prepare
from aggregator.model import Item, Upstream
from aggregator.normalise.entry import normalise
from tests.support.project import NATO
from tests.support.work import calls

MIXED = random.Random(7)


def test_long_texts_are_taken_apart_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many others a text is compared with, and however long all of them are."""
    words = [f"word{number}" for number in range(5_000)]
    texts = [
        Text(agency="nato", title=f"Part {number}", body=" ".join(words[:-number] + words[:number]))
        for number in range(1, 6)
    ]
    asked: list[str] = []

    def plain(text: str) -> str:
        asked.append(text)
        return text

    monkeypatch.setattr("aggregator.dedupe.tokens.plain", plain)
    for one, other in combinations(texts, 2):
        assert compare(one, other).kind == "different"
    assert sum(len(text) > 20_000 for text in asked) == len(texts)


def test_remembered_texts_are_bounded_by_characters() -> None:
    made: list[str] = []

    @remembered(10_000)
    def last(text: str) -> str:
        made.append(text)
        return text[-1:]

    long, longer, short = "a" * 4_000, "b" * 40_000, "c"
    assert [last(long), last(short), last(long), last(short)] == ["a", "c", "a", "c"]
    assert made == [long, short]
    assert [last(longer), last(longer), last(short)] == ["b", "b", "c"]
    assert made == [long, short, longer, short]


def test_swaps_are_counted_once_for_a_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts that replace many words throughout, among more passages that were left out."""
    places = range(50)
    both = "same{0} {1}{0} and same{0} went to {1}{0} shore{0} {2} out{0} here{0}"
    first = " ".join(both.format(place, "one", "again twice") for place in places)
    second = " ".join(both.format(place, "two", "") for place in places)
    counted: list[tuple[str, ...]] = []
    count = Differences.of

    def of(found: Differences, *kinds: str) -> list[Swap]:
        counted.append(kinds)
        return count(found, *kinds)

    monkeypatch.setattr(Differences, "of", of)
    one, other = (Text(agency="nato", title="Same", body=body) for body in (first, second))
    assert compare(one, other).rule == "unlike"
    assert len(counted) < 10


def test_texts_under_conflicting_titles_are_not_searched_for_swaps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are only measured: a template that names another place is the rule among candidates."""

    def differences(*_args: object, **_kwargs: object) -> Differences:
        raise AssertionError

    monkeypatch.setattr("aggregator.dedupe.pair.differences", differences)
    body = "The minister opened the port of {} today and spoke with those who work there. {}"
    more = " ".join(f"word{number}" for number in range(40))
    one, other = (
        Text(agency="nato", title=f"Minister opens the port of {place}", body=body.format(*words))
        for place, *words in (("Bergen", "Bergen", more), ("Tromsø", "Tromsø", more))
    )
    assert compare(one, other).rule == "title-name"


class Copied(str):
    """A text that counts the characters that are copied out of it."""

    __slots__ = ()
    characters = 0

    def __getitem__(self, key: object) -> "Copied":
        return self._noted(super().__getitem__(key))  # type: ignore[index]

    def rstrip(self, characters: str | None = None, /) -> "Copied":
        return self._noted(super().rstrip(characters))

    def _noted(self, part: str) -> "Copied":
        Copied.characters += len(part)
        return Copied(part)


@pytest.mark.parametrize("marks", ["[...]", "[...] ", "(...)...", "... ... (...) "])
def test_many_cut_marks_are_taken_off_at_once(marks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = comparison_key.__globals__
    monkeypatch.setitem(names, "normal_form", lambda _form, text: Copied(text))
    Copied.characters = 0
    text = "It begins " + marks * 2_000
    assert comparison_key(text) == "it begins"
    assert Copied.characters < 3 * len(text)


def test_small_gap_is_aligned_in_full() -> None:
    """The longest common subsequence is found, the same one as from a table of all pairs."""
    for _ in range(200):
        left, right = (MIXED.choices("abcde", k=MIXED.randrange(12)) for _ in "lr")
        found = align(["<", *left, ">"], ["<", *right, ">"])
        assert sum(length for *_, length in found.runs) - 2 == longest(left, right)


def longest(left: list[str], right: list[str]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(right) + 1)
    for word in left:
        before = row
        row = [0]
        for at, other in enumerate(right):
            row.append(before[at] + 1 if word == other else max(row[at], before[at + 1]))
    return row[-1]


def test_work_of_a_small_gap_grows_with_its_words() -> None:
    """A gap is searched with a few operations for each word, not for each pair of words."""

    def gap(size: int) -> Callable[[], object]:
        words = [str(number) for number in range(size)]
        return lambda: align(["<", *words, ">"], ["<", *words[::-1], ">"])

    assert calls(gap(50)) < 2.5 * calls(gap(25))


def test_entries_of_one_page_are_not_paired_with_its_items() -> None:
    """A page that many entries link to belongs to none of them, whatever their number."""

    class Watched(list[int]):
        def __iter__(self) -> Iterator[int]:
            pytest.fail("all entries are looked at")

    page = "https://example.org/all"
    item = Item(position=0, lines=(1, 1), title="Rates", agency="NATO", body="Low.", link=page)
    entry, _ = normalise(item, NATO)
    lookup = Lookup(items=[], by_page={page: Watched(range(1_000))})
    assert page_or_title_matches(prepare(item, entry), lookup) == []


def test_text_listed_under_thousands_of_ids_is_found_by_its_day() -> None:
    """A feed that gives a few words each day, with new ids at each fetch."""

    def listed(days: int) -> Callable[[], object]:
        items = []
        for number in range(days):
            published = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(number)
            upstream = Upstream(id=f"new {number}", published=published)
            item = Item(
                position=number,
                lines=(1, 1),
                title="Rates",
                agency="NATO",
                body="Low.",
                upstream=upstream,
            )
            items.append(prepare(item, normalise(item, NATO)[0], key=upstream.id))
        seen = [
            SeenText(
                entry=number,
                days=frozenset([str(date(2020, 1, 1) + timedelta(number))]),
                pages=frozenset(),
            )
            for number in range(days)
        ]
        key = items[0].text_key
        lookup = Lookup(items=items, by_text={key: range(days)}, in_source={key: seen})
        assert [decided.entry for decided in decide_document(lookup)] == list(range(days))
        return lambda: decide_document(lookup)

    assert calls(listed(100)) < 2.5 * calls(listed(50))
