"""Tell what kind of word each word of a text is: number, date, name, or word.

Takes the words of ``tokens``; returns the kind of any one of them as far as spelling and neighbours
show it.  ``compare`` decides what a difference means.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aggregator.dating.languages import tables
from aggregator.dedupe.tokens import Words

Kind = Literal["month", "weekday", "year", "day", "time", "number", "name", "perhaps", "word"]
DATE_KINDS: frozenset[Kind] = frozenset(("month", "weekday", "year", "day", "time"))

_SENTENCE_END = re.compile(r'[.!?:;\n"\[•|]')
_YEAR = re.compile(r"(?:19|20)\d\d")
_TIME = re.compile(r"\d{1,2}:\d\d")
_ROMAN = re.compile(r"[IVX]+")

_MONTHS = frozenset(map(str.casefold, tables.MONTHS))
_WEEKDAYS = frozenset(map(str.casefold, tables.WEEKDAYS))
# In lower case "février" is nothing but a month; "mai" is also Italian for "never", and so on.
_SURE_NAMES = frozenset(map(str.casefold, tables.LOWER_CASE_NAMES)) - frozenset(
    "august maj maja mai marca mars mayo mei".split()
)
# Also a rank ("Maj. Gen.") and names of people: a month only in lower case.
_LOWER_CASE_ONLY = frozenset("maj maja mei".split())
_ALWAYS_DATES = (_MONTHS | _WEEKDAYS) - _LOWER_CASE_ONLY
_NUMBER_WORDS = {
    word: str(number)
    for row in (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen twenty",
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
    )
    for number, word in enumerate(row.split(), start=1)
} | dict(
    zip(
        "thirty forty fifty sixty seventy eighty ninety".split(),
        map(str, range(30, 100, 10)),
        strict=True,
    )
)
_TITLES_OF_PEOPLE = frozenset("mr mrs ms dr gen adm capt col lt sgt st prof h.e jr sr no".split())
_FUNCTION_WORDS = frozenset(
    "a an and are as at be been but by can did do does for from had has have he her his how i if "
    "in into is it its may more most mr mrs ms my new no not of on or our out over she so some "
    "than that the their them then there these they this those to under up us was we were what "
    "when where which while who will with would you your after all also any before between both "
    "during each".split()
)
# Words that a number tells apart: part 2 is never the same release as part 1.
PART_WORDS = frozenset(
    "part no nr number item issue volume vol episode chapter bulletin notice case lot round phase "
    "session edition section annex report series version stage day week entry document "
    "sample example record page article resolution".split()
)
_SCALES = frozenset("million billion trillion thousand hundred percent per people".split())
_COUNT_LEADS = frozenset(
    "about over nearly some almost around least only just than total another further".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How a release uses its words.

    ``title`` and ``body`` are how often each occurs there.  ``capital`` and ``lower`` are the words
    with a capital or in lower case within a sentence of the body, or of the one it is compared
    with.  ``tells`` is whether a capital marks a name: not in German, not in a text all in
    capitals, not in a script without them.
    """

    title: Counter[str]
    body: Counter[str]
    capital: frozenset[str]
    lower: frozenset[str]
    tells: bool

    def count(self, key: str) -> int:
        """Return how often a word occurs in title and body."""
        return self.title[key] + self.body[key]


def usages(releases: Sequence[tuple[Words, Words]], *, capitals_tell: bool = True) -> list[Usage]:
    """Return how each release, given as (title, body), uses its words.

    ``capitals_tell`` is False where the language writes common nouns with a capital.
    """
    cases = [body.case for _, body in releases]
    capitals = sum(case.capitals for case in cases)
    letters = sum(case.letters for case in cases)
    capital = frozenset().union(*(case.capital for case in cases))
    lower = frozenset().union(*(case.lower for case in cases))
    return [
        Usage(
            title=title.counts,
            body=body.counts,
            capital=capital,
            lower=lower,
            tells=capitals_tell and 0 < capitals < 0.7 * letters,
        )
        for title, body in releases
    ]


def kind(text: Words, place: int, use: Usage) -> Kind:
    """Return the kind of the word at ``place``.

    "perhaps" is a word that may be a name: it opens a sentence with a capital, or capitals mark
    nothing in this text.
    """
    key = text.keys[place]
    if key[0].isdigit():
        return _kind_of_number(text, place)
    if (key in _WEEKDAYS and _is_date_word(text, place)) or _is_hyphenated_weekday(text, place):
        return "weekday"
    if (key in _MONTHS and _is_date_word(text, place)) or _is_short_month(text, place):
        return "month"
    if key in _NUMBER_WORDS:
        return "number"
    return _kind_of_word(text, place, use)


def is_label(text: Words, place: int) -> bool:
    """Whether a number names a thing ("Notice 17", "part two", "II"), and does not count things
    ("17 people", "rose to 438", "€2.03 billion").
    """
    before = text.keys[place - 1] if place else ""
    after = text.keys[place + 1] if place + 1 < len(text) else ""
    if before in PART_WORDS:
        return True
    if before in "€$£¥" or after in _SCALES or (after and after in "€$£¥%"):
        return False
    if before in _FUNCTION_WORDS or before in _COUNT_LEADS or before.endswith(("ly", "ed")):
        return False
    return not (after[-1:] == "s" and after not in _FUNCTION_WORDS and " " in text.gaps[place + 1])


def number_at(text: Words, place: int) -> str | None:
    """Return the number at a place in digits ("2" for "two", "second" and "Part II"), or None."""
    key, raw = text.keys[place], text.raws[place]
    if key[0].isdigit():
        return key
    if key in _NUMBER_WORDS:
        return _NUMBER_WORDS[key]
    if _ROMAN.fullmatch(raw) and (len(raw) > 1 or (place and text.keys[place - 1] in PART_WORDS)):
        return str(_roman(raw))
    return None


def figures(text: Words) -> int:
    """Return how many of the words are figures that are not part of a date."""
    return sum(
        key[0].isdigit() and _kind_of_number(text, at) == "number"
        for at, key in enumerate(text.keys)
    )


def has_day_and_figures(text: Words) -> bool:
    """Whether a text names a day, month or year and two more numbers."""
    numbers = sum(key[0].isdigit() for key in text.counts)
    return numbers >= 3 and not _ALWAYS_DATES.isdisjoint(text.counts)


def is_slip(first: Words, place: int, second: Words, other: int) -> bool:
    """Whether a day or year was corrected beside the same weekday, so that one must be wrong.

    These are "Wednesday (13 December 2023)" and "Wednesday (14 December 2023)".
    """
    numbers = first.keys[place], second.keys[other]
    if not all(map(str.isdecimal, numbers)):  # "1/2" and "12.12.2023" are days too
        return False
    near, near_other = _date_around(first, place), _date_around(second, other)
    if len(near ^ near_other) != 2 or not near & near_other & _WEEKDAYS:
        return False
    days = abs(int(numbers[0]) - int(numbers[1]))
    # A year or a few later the day falls on another weekday; seven days later it does not.
    return days % 7 != 0 if len(numbers[0]) <= 2 else days <= 4


def is_content(key: str) -> bool:
    """Whether a word carries meaning: it is not a function word and not a single letter."""
    return len(key) > 1 and key not in _FUNCTION_WORDS


def content(text: Words) -> list[str]:
    """Return the words that carry meaning."""
    return [key for key in text.keys if is_content(key)]


def opens_paragraph(text: Words, place: int) -> bool:
    """Whether a paragraph begins with the word at `place`."""
    return place < len(text) and (place == 0 or text.gaps[place].count("\n") > 1)


def as_written(text: Words, places: Sequence[int]) -> str:
    """Return the words at these places as they were written, at most six, for a person to read."""
    return " ".join(text.raws[place] for place in places[:6])


def _date_around(text: Words, place: int) -> set[str]:
    near = text.keys[max(0, place - 4) : place + 4]
    return {key for key in near if key in _WEEKDAYS or key in _MONTHS or key.isdecimal()}


def _kind_of_number(text: Words, place: int) -> Kind:
    key = text.keys[place]
    if _YEAR.fullmatch(key):
        return "year"
    if _TIME.fullmatch(key):
        return "time"
    if "/" in key or key.count(".") > 1:
        return "day"
    # "13 December", "December 13", "26-27 October", "14 and 15 December"
    near = range(max(0, place - 2), min(place + 4, len(text)))
    if len(key) <= 2 and any(text.keys[at] in _MONTHS and _has_right_case(text, at) for at in near):
        return "day"
    return "number"


def _is_date_word(text: Words, place: int) -> bool:
    """Whether a name such as "May" or "mars" is a month here: it is nothing else, or has a capital,
    or a number is beside it.
    """
    if not _has_right_case(text, place):
        return False
    sure = text.keys[place] in _SURE_NAMES or text.raws[place][0].isupper()
    return sure or _is_beside_number(text, place)


def _has_right_case(text: Words, place: int) -> bool:
    return text.keys[place] not in _LOWER_CASE_ONLY or text.raws[place].islower()


def _is_beside_number(text: Words, place: int) -> bool:
    return any(word[:1].isdigit() for word in _beside(text, place))


def _beside(text: Words, place: int) -> tuple[str, str]:
    """The words before and after one, without an "of" between: "5 de mayo de 2024"."""
    before, after = text.keys[max(0, place - 2) : place], text.keys[place + 1 : place + 3]
    return _next_word(before[::-1]), _next_word(after)


def _next_word(words: Sequence[str]) -> str:
    return next((word for word in words if word not in tables.OF_WORDS), "")


def _is_hyphenated_weekday(text: Words, place: int) -> bool:
    """Whether a word is the first half of a Portuguese "segunda-feira"."""
    return (
        text.keys[place + 1 : place + 2] == ("feira",)
        and text.gaps[place + 1] == "-"
        and f"{text.keys[place]}-feira" in _WEEKDAYS
    )


def _is_short_month(text: Words, place: int) -> bool:
    """Whether a word abbreviates a month: after a day and, if it is another word too ("set"),
    before a year.
    """
    key = text.keys[place]
    if key not in tables.SHORT_MONTHS:
        return False
    day, year = _beside(text, place)
    is_year = _YEAR.fullmatch(year) is not None
    return day.isdecimal() and (is_year or key not in tables.AMBIGUOUS_NAMES)


def _kind_of_word(text: Words, place: int, use: Usage) -> Kind:
    key, raw = text.keys[place], text.raws[place]
    if key in _FUNCTION_WORDS or not raw[0].isalpha():
        return "word"
    if not use.tells:
        return "perhaps" if not raw.islower() or not raw.isascii() else "word"
    if raw.islower():
        return "word"
    if not _opens_sentence(text, place):
        return "name"
    if key in use.capital and key not in use.lower:
        return "name"
    return "word" if key in use.lower else "perhaps"


def _opens_sentence(text: Words, place: int) -> bool:
    if place == 0 or "\n" in text.gaps[place]:
        return True
    before = text.keys[place - 1]
    if before in _TITLES_OF_PEOPLE or len(before) == 1:
        return False
    return _SENTENCE_END.search(text.gaps[place]) is not None


def _roman(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, following, strict=True))
