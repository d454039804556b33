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
from aggregator.dating.languages.known import language_of
from aggregator.dating.phrases import DatePhrase, day_order, find_dates
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
NUMERIC = [
    ("de", "Am 08.03.2024 wurde das Urteil in der Sache von dem Gericht bestätigt.", "2024-03-08"),
    ("de", "Die Sitzung des Rates (20.7.) ist in dem Saal von der Stadt.", "????-07-20"),
    ("de", "Der Markt ist vom 12.\u201314.3.2024 in der Stadt und auf dem Land.", "2024-03-12"),
    ("de", "Das war am Mittwoch, 20.7., in der Stadt und auf dem Land.", "????-07-20"),
    ("de", "Das war am 8. 3. 24 in der Stadt und auf dem Land.", "2024-03-08"),
    ("cs", "Jednání se koná 8. 3. 2024 v Praze, jak bylo řečeno.", "2024-03-08"),
    ("fi", "Ministeri vierailee 20.7. Helsingissä ja se on mukaan tärkeä.", "????-07-20"),
    ("nl", "De zitting is op 08-03-2024 in de stad en het land.", "2024-03-08"),
    ("fr", "La réunion du 08/03/2024 est dans la ville pour les élus.", "2024-03-08"),
    ("hu", "A rendelet 2024. 03. 08. napján lépett hatályba, és az fontos.", "2024-03-08"),
    ("hu", "Az ülés 2024. március 8-án, pénteken volt, és az fontos.", "2024-03-08"),
    ("lt", "Posėdis įvyko 2024 m. kovo 8 d. ir yra svarbus, kad.", "2024-03-08"),
    ("lv", "Sēde notika 2024. gada 8. martā, un tā ir no svarīgākajām.", "2024-03-08"),
    ("pl", "Posiedzenie odbyło się 8 marca 2024r. i nie jest to koniec.", "2024-03-08"),
    ("ru", "Заседание прошло 8 марта 2024г. и не было закрыто.", "2024-03-08"),
    ("en", "The flat was searched on 15-Nov-23 by the police.", "2023-11-15"),
    ("en", "The flat was searched on 27 Nov \u201923 by the police.", "2023-11-27"),
    ("en", "The flat was searched on 08.03.2024 by the police.", "2024-03-08"),
    ("en", "The flat was searched on 13/8/24 by the police.", "2024-08-13"),
    ("en", "The flat was searched on 8/13/2024 by the police.", "2024-08-13"),
    ("en", "\u8868\u5f70\u5f0f\u306f2024\u5e743\u67088\u65e5\u306b", "2024-03-08"),
]


@pytest.mark.parametrize(("language", "text", "first"), NUMERIC)
def test_a_date_in_digits_is_read_as_its_language_writes_it(
    language: str, text: str, first: str
) -> None:
    found = find_dates(text)
    assert (language_of(text.lower()).tag, shown(found[0].first), len(found)) == (
        language,
        first,
        1,
    )


@pytest.mark.parametrize(
    "text",
    [
        "The accounts of FY2024, fiscal year 2024 and 2023/24 were read by the board.",
        "The 9/11 attacks and a service that runs 24/7 were named by the court.",
        "Call the office of the clerk on 01.42.34.56.78 or 01/02/03 45 67 with questions.",
        "The case 12/03/2024-55 and the file 1.5.2 of the court were closed by the clerk.",
        "Version 10.12.24 of the program, release 2.1.24 and 192.168.12.24 were seen.",
        "It was on 31.02.2024, on 29.2.2023, on 8.3.9999 or 2024-13-45 by the clock of the man.",
        "On 03/04/2024 the man was seen by the police.",
        "Nach Ziffer 3.4. der Ordnung ist um 8.30. Uhr und mit Kapitel 2.1. das Ende.",
        "IV ZR 12/23, Az. 3/2024 und \u00a7 4.2. der Ordnung sind von dem Gericht genannt.",
    ],
)
def test_numbers_that_are_not_dates_or_have_two_readings_are_left(text: str) -> None:
    assert find_dates(text) == ()


@pytest.mark.parametrize(
    ("others", "first"),
    [
        ("The man was seen on 13/02/2024.", "2024-04-03"),
        ("The man was seen on 02/13/2024.", "2024-03-04"),
        ("The man was seen on March 2, 2024.", "2024-03-04"),
        ("The man was seen on 2 March 2024.", "2024-04-03"),
        ("The man was seen on 13/02/2024 and 02/13/2024.", None),
    ],
)
def test_other_dates_show_whether_the_day_is_first(others: str, first: str | None) -> None:
    text = f"{others} The arrest of the man was on 03/04/2024."
    found = find_dates(text, ENGLISH, day_order(text))
    assert (shown(found[-1].first) if found[-1].text == "03/04/2024" else None) == first


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
    assert find_dates(text, ENGLISH) == ()


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
    *("2023-11-", "from 1 to ", "this week ", "é", "1/2/24 ", "03/04/", "1.2.", "3\u6708"),
    *("am 20.7. und der ", "12.\u201314.3. der die das ", "8 marca 2024 r. nie jest "),
    *("2024. március 8. és hogy az ", "8. maaliskuuta ja se on "),
)


@pytest.mark.parametrize("unit", UNITS)
def test_work_grows_with_the_length(unit: str) -> None:
    """Four times the text takes about four times the calls, whatever it repeats."""
    short = unit * (10_000 // len(unit))
    find_dates(unit)  # compiles the patterns of its language
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
