"""Date phrases: found where they are, with their exact words, and nowhere else."""

import re
import tomllib
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aggregator.dating.languages.english import ENGLISH
from aggregator.dating.phrases import DatePhrase, find_dates
from aggregator.dating.phrases.patterns import forms_of
from aggregator.model import PartialDate, Shift
from tests.support.work import calls

CASES = tomllib.loads((Path(__file__).parent.parent / "data/date_phrases.toml").read_text("utf-8"))[
    "case"
]
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
OFFSETS = {"last": -1, "this": 0, "next": 1}


def spans(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a sentence without its marks, and the places of the marks."""
    plain, found = "", []
    for part in re.split("(⟦.*?⟧)", marked, flags=re.DOTALL):
        if part.startswith("⟦"):
            found.append((len(plain), len(plain) + len(part) - 2))
            plain += part[1:-1]
        else:
            plain += part
    return plain, found


def shown(date: PartialDate) -> str:
    """Write a partial date as the data file does."""
    year = "????" if date.year is None else f"{date.year:04}"
    month = "??" if date.month is None else f"{date.month:02}"
    return f"{year}-{month}-" + ("??" if date.day is None else f"{date.day:02}")


def meaning(phrase: DatePhrase) -> str:
    """Write what a phrase means as the data file does."""
    if phrase.precision in ("week", "relative"):
        assert phrase.relative is not None
        return f"{phrase.relative.unit}{phrase.relative.offset:+}"
    words = shown(phrase.first)
    if phrase.last != phrase.first:
        words += "/" + shown(phrase.last)
    if phrase.weekday is not None:
        words += " " + WEEKDAYS[phrase.weekday]
    if phrase.relative is not None:
        words += " " + {-1: "last", 0: "this", 1: "next"}[phrase.relative.offset]
    return words


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:60])
def test_a_sentence_of_the_collection(case: dict[str, object]) -> None:
    """Each sentence has the spans that are marked in it, and their meanings."""
    text, expected = spans(str(case["text"]))
    found = find_dates(text)
    assert [(p.start, p.end) for p in found] == expected
    assert [meaning(p) for p in found] == case["is"]


def test_the_collection_is_large() -> None:
    """Several hundred sentences are in the collection, one in ten without any date."""
    assert len(CASES) >= 400
    assert sum(not case["is"] for case in CASES) >= 40


def test_missing_names_what_is_not_written() -> None:
    """A phrase without a year says so, and a bare weekday lacks everything."""
    (day,) = find_dates("on 3 May")
    (month,) = find_dates("October 2017")
    (weekday,) = find_dates("on Monday")
    (whole,) = find_dates("3 May 2024")
    assert day.missing == {"year"}
    assert month.missing == {"day"}
    assert weekday.missing == {"year", "month", "day"}
    assert whole.missing == frozenset()


def test_days_months_and_weeks_have_their_precision() -> None:
    """The four precisions are distinguished."""
    found = find_dates("On 3 May 2024, in April, this week and today")
    assert [p.precision for p in found] == ["day", "month", "week", "relative"]
    assert found[3].relative == Shift(unit="day", offset=0)


@pytest.mark.parametrize(
    ("text", "phrase", "year"),
    [
        ("On 5 May 2023 officers searched a flat.", "5 May 2023", 2023),
        ("On 5 May 2000 officers searched a flat.", "5 May 2000", 2000),
        ("On May 5 2000 officers searched a flat.", "May 5 2000", 2000),
        ("On May 5, 2000 officers searched a flat.", "May 5, 2000", 2000),
        ("On 5 May, 2000 officers searched a flat.", "5 May", None),
        ("On 5 May 2,000 officers searched a flat.", "5 May", None),
        ("On 5 May 850 officers searched a flat.", "5 May", None),
        ("The flat was searched on 27 Nov 23.", "27 Nov", None),
    ],
)
def test_a_number_after_a_day_is_its_year_unless_it_is_a_count(
    text: str, phrase: str, year: int | None
) -> None:
    """A number that may be a year is one, and only the way it is written can make it a count."""
    (found,) = find_dates(text)
    assert (found.text, found.first.year) == (phrase, year)


WORDS = forms_of(ENGLISH).words
KNOWN = "|".join(sorted((re.escape(w) for w in (*WORDS.months, *WORDS.weekdays)), key=len))
ANCHORS = "|".join(re.escape(anchor) for anchor in forms_of(ENGLISH).relative_by_anchor)
JOINED = (
    "On|from|to|and|,|-|.|\n|(|)|14|15|31st|30|1er|2023|1800|May|march|novembre|Monday|lundi|Sat"
    "|today|last|week|this|July|8/11/2023|2023-11-29|de|bis|the|of|In|17:30|\u00a0|é|€|Nov.|x"
)
PIECES = JOINED.split("|")
prose = st.lists(st.sampled_from(PIECES), max_size=25).flatmap(
    lambda words: st.sampled_from(["", " "]).map(lambda gap: gap.join(words))
)
anything = st.one_of(prose, st.text(max_size=200))


@given(anything)
def test_any_text_has_true_spans_in_order(text: str) -> None:
    """No text raises; spans are the texts they claim, in order, and do not overlap."""
    found = find_dates(text)
    assert all(text[p.start : p.end] == p.text != "" for p in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(anything)
def test_a_phrase_alone_is_found_whole_again(text: str) -> None:
    """Finding in the words of a phrase returns that phrase."""
    for phrase in find_dates(text):
        (again,) = find_dates(phrase.text)
        assert again.text == phrase.text
        assert (again.first, again.last) == (phrase.first, phrase.last)
        assert (again.weekday, again.relative) == (phrase.weekday, phrase.relative)


@given(st.text(alphabet=st.characters(exclude_categories=["Nd"]), max_size=300))
def test_without_digit_or_word_of_the_tables_nothing_is_found(text: str) -> None:
    """A text without digits and without words of the tables holds no phrase."""
    assume(not re.search(f"(?i:{KNOWN}|{ANCHORS})", unicodedata.normalize("NFC", text)))
    assert find_dates(text) == ()


@given(anything)
def test_every_full_day_is_real(text: str) -> None:
    """A day with a year is a day of the calendar, from 1900 to 2099, and ranges run forwards."""
    from datetime import date

    for phrase in find_dates(text):
        ends = [
            date(end.year, end.month, end.day)
            for end in (phrase.first, phrase.last)
            if end.year and end.month and end.day
        ]
        assert ends == sorted(ends)
        assert all(1900 <= end.year <= 2099 for end in ends)


UNITS = (
    *("On 14 May 2024 we met. ", "14, ", "Monday ", "in May ", "1 ", "a", "12-", " ", "\n"),
    *("2023-11-", "from 1 to ", "this week ", "é"),
)


@pytest.mark.parametrize("unit", UNITS)
def test_work_grows_with_the_length(unit: str) -> None:
    """Four times the text takes about four times the calls, whatever it repeats."""
    short = unit * (10_000 // len(unit))
    assert calls(lambda: find_dates(short * 4)) < 5 * calls(lambda: find_dates(short)) + 100


@pytest.mark.parametrize("unit", UNITS)
def test_long_repetition_ends(unit: str) -> None:
    """If any pattern were quadratic, the suite would not end."""
    find_dates(unit * (150_000 // len(unit)))


def test_ten_thousand_dates_are_all_found() -> None:
    """A body of ten thousand dates has ten thousand phrases."""
    assert len(find_dates("It was on 3 May 2024 in Rome. " * 10_000)) == 10_000


def test_a_line_of_five_megabytes_ends_soon() -> None:
    """If any pattern were quadratic in five megabytes, the suite would not end."""
    assert len(find_dates("lorem ipsum dolor " * 280_000 + "3 May 2024")) == 1
