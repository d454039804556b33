"""The forms of dates as regular expressions, made from the tables.

``forms_of`` takes a language and returns the ``Forms`` of dates in its texts, with their words.

A pattern does not tell a month from any other word: the code that uses it does.

Every repetition has a bound, so that one match looks at a bounded stretch and the whole at a
multiple of the text.
"""

import re
from collections.abc import Iterable
from copy import copy
from functools import cache
from typing import Any

from aggregator.dating.languages.english import ENGLISH
from aggregator.dating.languages.language import Language
from aggregator.dating.languages.tables import CORE, read_with
from aggregator.dating.phrases.vocabulary import Vocabulary


def any_of(words: Iterable[str]) -> str:
    """Return a pattern of the words in any case, the longest first, any space between their parts.

    A tree by letters, since Python tries the branches of an alternation one by one.
    """
    tree: dict[str, Any] = {}
    for word in words:
        branch = tree
        for letter in word:
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return f"(?i:{_branches(tree)})"


def _branches(tree: dict[str, Any]) -> str:
    """Return the pattern of a tree of letters; "" marks where a word may end."""
    patterns = [
        (r"\s{1,4}" if letter == " " else re.escape(letter)) + _branches(branch)
        for letter, branch in sorted(tree.items())
        if letter
    ]
    if not patterns:
        return ""
    return f"(?:{'|'.join(patterns)}){'?' if '' in tree else ''}"


# Schedules pad with a dozen (no-break) spaces; one line break is let through, since mail and PDF
# wrap lines within dates.
_GAP = r"(?:[^\S\n]{1,30}(?:\n[^\S\n]{0,8})?|\n[^\S\n]{0,8})"
_DASH = "[-\u2010-\u2015\u2212]"  # every hyphen and dash, and the minus sign
_LETTERS = r"[^\W\d_][\w\u0300-\u036f]{0,19}"
# "May 12,000" is an amount, "May 14,2024" a date without its space.
_NO_MORE_DIGITS = r"(?![.:]?\d|,\d(?!\d{3}(?!\d)))"

LETTERS_AT = re.compile(_LETTERS)
WORD = re.compile(r"[^\W\d_][\w\u0300-\u036f]*")
# A day's number does not begin inside an amount, a name or a rejected range ("COVID-19 May").
# The digit comes before what looks back at it, so that Python skips from digit to digit.
FIRST_DIGIT = re.compile(
    rf"[0-9](?<![\w$€£#@].)(?<!\d[.,:/].)(?<![^\W\d_]-.)(?<!\d{_DASH}.)[0-9]?(?![0-9])"
)
NUMBER = re.compile(r"\d+")
WORD_BEFORE = re.compile(r"(?<!\w)([^\W\d_][\w\u0300-\u036f'\u2019]{0,14})(?:\s{1,4}|-)\Z")
WORD_AFTER = re.compile(rf"\s{{1,4}}({_LETTERS})(?!\w)")
# "27 May 2000 hrs" is a time, "May 12 miles" a distance.
TIME_AFTER = re.compile(r"\s{0,2}(?i:hrs?|hours?|h|utc|gmt|cet|cest|z)(?!\w)")
AMOUNT_AFTER = re.compile(
    r"\s{0,2}(?:%|(?i:per\s?cent|percent|miles|kilomet\w+|km|kg|million|billion|euros?"
    r"|dollars|people|years|months|weeks|days|hours|minutes|times)(?!\w))"
)
NOUN_AFTER = re.compile(
    r"\s(?!(?:a|after|an|and|are|as|at|before|by|during|following|for|from|had|has|in|is|led"
    r"|of|on|or|that|the|to|until|was|were|when|where|which|while|who|will|with)\s)[a-z]"
)


class Forms:
    """The words of some languages, and the patterns of dates that are made with them."""

    #: Whether the day is first in a date with slashes; None where that is not known.
    is_day_first: bool | None = None
    #: Whether a day in digits has a dot after it ("20.7."), or the year is first ("2024. 03. 08.").
    has_dots = is_year_first = False

    def __init__(self, words: Vocabulary, *, is_core: bool) -> None:
        self.words = words
        self.is_core = is_core
        self.before_days = words.words_of("articles", "leads", "from_words", "ranges", "lists")
        ordinals = any_of(words.words_of("ordinals") - {"."})
        day = rf"\d{{1,2}}(?:\.|{ordinals}(?!\w)|(?!\w)){_NO_MORE_DIGITS}"
        weekday = any_of(words.weekdays) + r"(?!\w)\.?"
        article = rf"(?:{any_of(words.words_of('articles'))}\.?{_GAP})"
        of = any_of(words.words_of("of_words"))
        of = rf"(?:{of}(?:{_GAP}|(?<=['\u2019])))"
        before_day = rf"{article}?(?:{weekday},?{_GAP}{article}?)?"
        ranges, lists = words.words_of("ranges"), words.words_of("ranges", "lists")
        to = rf"(?:{_GAP}?{_DASH}{_GAP}?|,?{_GAP}{any_of(ranges)}(?:{_GAP}|(?<=['\u2019])))"
        join = (
            rf"(?:{_GAP}?(?:{_DASH}|[/&,]){_GAP}?"
            rf"|,?{_GAP}{any_of(lists)}(?:{_GAP}|(?<=['\u2019])))"
        )
        days = rf"(?P<days>{day}(?:{join}{before_day}{day}){{0,8}})"
        # A year, or digits where one would be: ``year_of`` decides what they are.
        two_digits = r"(?<=[-'\u2019])\d\d(?!\w)"
        year = (
            rf"(?P<tail>(?P<sep>\.?,?{_GAP}{of}?['\u2019]?|[-/,])"
            rf"(?P<year>\d{{3,}}|{two_digits}))?"
        )
        self.day_first = re.compile(
            rf"{days}(?:{_GAP}{of}?|(?<=\.)|[-/])(?P<month>{_LETTERS})(?P<dot>\.)?{year}"
        )
        self.month_first = re.compile(rf"(?P<month>{_LETTERS})\.?{_GAP}{article}?{days}{year}")
        self.month_year = re.compile(rf"(?P<month>{_LETTERS}){year}")
        self.month_to_month = re.compile(rf"{_LETTERS}{join}(?={_LETTERS})")
        self.range_to = re.compile(rf"{to}{before_day}")
        self.and_to = re.compile(rf"{join}{before_day}")
        self.second_weekday = re.compile(rf"{join}{weekday}")
        self.to_date = re.compile(rf"\.?,?{_GAP}?(?P<bracket>[(\[])?{article}?")
        self.range_word = re.compile(rf"{_DASH}|(?<!\w){any_of(ranges)}(?!\w)|['\u2019]")
        self.list_word = re.compile(rf"[/&]|(?<!\w){any_of(words.words_of('lists'))}(?!\w)")
        before = words.patterns_of("year_before")
        self.year_before = re.compile(rf"(?<![\w.,/-])(?P<year>\d{{4}})(?:{before}),?\s{{1,2}}\Z")
        self.year_after = re.compile(rf"\s?(?i:{words.patterns_of('year_after')})(?!\w)")
        # "8 May 2024 (Wednesday)"; without brackets only where that is the usual form.
        bare = r"(?!)" if is_core else rf"\.?,?{_GAP}"
        self.weekday_after = re.compile(
            rf"{_GAP}?\((?P<within>{_LETTERS})\)|{bare}(?P<bare>{_LETTERS})(?!\w)"
        )
        self.relative_by_anchor = self._relative_by_anchor()

    def of_language(self, language: Language, day_first: bool | None) -> "Forms":
        """Return these forms for texts of one of their languages."""
        forms = copy(self)
        if language.own_days:
            forms.words = self.words.with_own_days(language)
            forms.relative_by_anchor = forms._relative_by_anchor()
        forms.is_day_first = True if day_first is None and language is not ENGLISH else day_first
        forms.has_dots = "." in language.ordinals.split()
        forms.is_year_first = bool(language.year_before) and not forms.has_dots
        return forms

    def _relative_by_anchor(self) -> dict[str, re.Pattern[str]]:
        """Map the anchor of each relative phrase to a pattern of all phrases that have it."""
        groups: dict[str, list[str]] = {}
        for phrase in self.words.relative:
            groups.setdefault(self.words.anchor(phrase), []).append(phrase)
        return {word: re.compile(rf"(?<!\w){any_of(p)}(?![\w])") for word, p in groups.items()}


@cache
def forms_of(language: Language, day_first: bool | None = None) -> Forms:
    """Return the forms of dates in texts of a language.

    ``day_first`` is the order of dates with slashes, if it is known otherwise.
    """
    forms = _core() if language in CORE else Forms(Vocabulary(read_with(language)), is_core=False)
    return forms.of_language(language, day_first)


@cache
def _core() -> Forms:
    return Forms(Vocabulary(CORE), is_core=True)


def word_before(text: str, at: int, floor: int) -> tuple[str, int]:
    """Return the word that ends right before ``at``, in lower case, and where it starts."""
    match = WORD_BEFORE.search(text, max(floor, at - 16), at)
    return (match[1].lower(), match.start()) if match is not None else ("", at)


def is_hyphened(text: str, end: int) -> bool:
    """Whether a name that ends at ``end`` is part of a longer word: "March-based"."""
    return text[end : end + 1] == "-" and text[end + 1 : end + 2].isalpha()
