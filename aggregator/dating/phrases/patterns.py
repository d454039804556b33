"""The forms of dates as regular expressions, made from the tables.

A pattern does not tell a month from any other word: the code that uses it does.

Every repetition has a bound, so that one match looks at a bounded stretch and the whole at a
multiple of the text.
"""

import re
from collections.abc import Iterable
from typing import Any

from aggregator.dating.phrases.vocabulary import WEEKDAYS, words_of


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
_LETTERS = r"[^\W\d_][\w\u0300-\u036f]{0,14}"
# "May 12,000" is an amount, "May 14,2024" a date without its space.
_NO_MORE_DIGITS = r"(?![.:]?\d|,\d(?!\d{3}(?!\d)))"
_DAY = rf"\d{{1,2}}(?:\.|{any_of(words_of('ordinals') - {'.'})}(?!\w)|(?!\w)){_NO_MORE_DIGITS}"
_WEEKDAY = any_of(WEEKDAYS) + r"(?!\w)\.?"
_ARTICLE = rf"(?:{any_of(words_of('articles'))}{_GAP})"
_OF = any_of(words_of("of_words"))
_BEFORE_DAY = rf"{_ARTICLE}?(?:{_WEEKDAY},?{_GAP}{_ARTICLE}?)?"
_RANGE = rf"(?:{_GAP}?{_DASH}{_GAP}?|,?{_GAP}{any_of(words_of('ranges'))}(?:{_GAP}|(?<=['\u2019])))"
_JOIN = (
    rf"(?:{_GAP}?(?:{_DASH}|[/&,]){_GAP}?"
    rf"|,?{_GAP}{any_of(words_of('ranges', 'lists'))}(?:{_GAP}|(?<=['\u2019])))"
)
_DAYS = rf"(?P<days>{_DAY}(?:{_JOIN}{_BEFORE_DAY}{_DAY}){{0,8}})"
# A year, or digits where one would be: ``year_of`` decides what they are.
_YEAR = rf"(?P<tail>(?P<sep>\.?,?{_GAP}(?:{_OF}{_GAP})?|[-/,])(?P<year>\d{{3,}}))?"

DAY_FIRST = re.compile(
    rf"{_DAYS}(?:{_GAP}(?:{_OF}{_GAP})?|(?<=\.)|[-/])(?P<month>{_LETTERS})(?P<dot>\.)?{_YEAR}"
)
MONTH_FIRST = re.compile(rf"(?P<month>{_LETTERS})\.?{_GAP}{_ARTICLE}?{_DAYS}{_YEAR}")
MONTH_YEAR = re.compile(rf"(?P<month>{_LETTERS}){_YEAR}")
MONTH_TO_MONTH = re.compile(rf"{_LETTERS}{_JOIN}(?={_LETTERS})")
RANGE_TO = re.compile(rf"{_RANGE}{_BEFORE_DAY}")
AND_TO = re.compile(rf"{_JOIN}{_BEFORE_DAY}")
SECOND_WEEKDAY = re.compile(rf"{_JOIN}{_WEEKDAY}")
TO_DATE = re.compile(rf"\.?,?{_GAP}?(?P<bracket>[(\[])?{_ARTICLE}?")
WEEKDAY_AFTER = re.compile(rf"{_GAP}?\((?P<weekday>{_LETTERS})\)")
NUMERIC = re.compile(
    r"(?P<a>[0-9](?<![\w$€£#@].)(?<![\w+][.,/:-].)[0-9]{0,3})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)"
    r"(?P<c>\d{1,4})(?:(?=T\d\d:)|(?!\w|[-/.,:]\d))"
)
LETTERS_AT = re.compile(_LETTERS)
# A day's number does not begin inside an amount, a name or a rejected range ("COVID-19 May").
# The digit comes before what looks back at it, so that Python skips from digit to digit.
FIRST_DIGIT = re.compile(
    rf"[0-9](?<![\w$€£#@].)(?<!\d[.,:/].)(?<![^\W\d_]-.)(?<!\d{_DASH}.)[0-9]?(?![0-9])"
)
NUMBER = re.compile(r"\d+")
RANGE_WORD = re.compile(rf"{_DASH}|(?<!\w){any_of(words_of('ranges'))}(?!\w)|['\u2019]")
LIST_WORD = re.compile(rf"[/&]|(?<!\w){any_of(words_of('lists'))}(?!\w)")
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


def word_before(text: str, at: int, floor: int) -> tuple[str, int]:
    """Return the word that ends right before ``at``, in lower case, and where it starts."""
    match = WORD_BEFORE.search(text, max(floor, at - 16), at)
    return (match[1].lower(), match.start()) if match is not None else ("", at)


def is_hyphened(text: str, end: int) -> bool:
    """Whether a name that ends at ``end`` is part of a longer word: "March-based"."""
    return text[end : end + 1] == "-" and text[end + 1 : end + 2].isalpha()
