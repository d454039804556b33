"""Read dates in digits: ``2023-11-29``, ``08.03.2024``, ``13/02/2024``, ``(20.7.)``, ``3月8日``.

``numeric_places`` takes the forms of the text's language and the text, and returns where such dates
may be; ``numeric_days`` returns the ``Days`` at one of these places.  ``day_order`` returns which
comes first in the dates of a text, where that can be told.

With dots the day is first, with slashes as the language has it.  English has both: a date such as
03/04/2024 is not read unless ``Forms.is_day_first`` or a weekday beside it settles which.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from aggregator.dating.languages.english import ENGLISH
from aggregator.dating.phrases.days import Days
from aggregator.dating.phrases.patterns import Forms, any_of, word_before
from aggregator.dating.phrases.phrase import century_of, is_day, partial, weekday_of
from aggregator.model import PartialDate

_NUMERIC = re.compile(
    r"(?P<a>[0-9](?<![\w$€£#@].)(?<![\w+][.,/:-].)[0-9]{0,3})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)"
    r"(?P<c>\d{1,4})(?:(?=T\d\d:)|(?=(?:г|р|r)\b)|(?!\w|[-/.,:]\d))"
)
# "12.–14.3.2024", "8. 3. 2024", "20.7.": where days are ordinals with a dot.
_DOTTED = re.compile(
    r"(?<![\w$€£#@.,/:+-])(?:(?P<from>\d{1,2})\.(?:\s?(?P<month>\d{1,2})\.)?\s?[-\u2013]\s?)?"
    r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.(?!\d{3}(?!\d))(?:\s?(?P<y>\d{4}|\d\d)(?![\w]|[.,:/]\d)|(?!\d))"
)
# Hungarian: "2024. 03. 08.".
_YEAR_FIRST = re.compile(
    r"(?<![\w.,/-])(?P<y>\d{4})\.\s(?P<m>\d{1,2})\.\s(?P<d>\d{1,2})(?:\.|(?!\w))"
)
# Chinese, Japanese and Korean.
_BY_SIGNS = re.compile(
    r"(?<!\d)(?:(?P<y>\d{4})\s?[年년]\s?)?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日일]"
)
# Three numbers with one character between, by their first or last, once digits are 0.
_HINTS = re.compile(rb"0 0(?:000| 00|0 00)|0000 0")
# What is numbered, not dated: "version 10.12.24", "tel. 01/02/03".  "Press release" is not.
_NUMBERED = re.compile(
    r"(?:\bv|version|ver|(?<!press )(?<!news )(?<!media )release|t[eé]l|tlf|phone|fax|\bno|\bnr"
    r"|n[º°]|\bart|articles?|§|sections?|chapter|kapitel|abschnitt|ziffer|\bip)[.:]{0,2}[^\S\n]{0,2}\Z",
    re.IGNORECASE,
)
_HOUR_AFTER = re.compile(r"\s?(?:Uhr|h|hod|godz|t)\b")
_ENGLISH_NAMES = any_of(word for name in ENGLISH.months for word in name.replace("|", " ").split())
_MONTH_THEN_DAY = re.compile(rf"(?<!\w){_ENGLISH_NAMES}\.?\s\d{{1,2}},?\s\d{{4}}")
_DAY_THEN_MONTH = re.compile(rf"(?<!\d)\d{{1,2}}(?:st|nd|rd|th)?\s{_ENGLISH_NAMES}\.?,?\s\d{{4}}")


def numeric_places(forms: Forms, text: str, flat: bytes) -> list[int]:
    """Return where dates in digits may begin; ``flat`` is the text in bytes, its digits 0."""
    places: list[int] = []
    if _HINTS.search(flat) is not None:
        places += [match.start() for match in _NUMERIC.finditer(text)]
    if forms.has_dots or forms.is_year_first:
        shape = _DOTTED if forms.has_dots else _YEAR_FIRST
        places += [match.start() for match in shape.finditer(text)]
    if "月" in text or "월" in text:
        places += [match.start() for match in _BY_SIGNS.finditer(text)]
    return places


def numeric_days(forms: Forms, text: str, at: int, weekday: int | None) -> Days | None:
    """Read a date in digits at ``at``, if it has one reading, or is left one.

    It is by ``weekday``, the one written beside it, or by the order of day and month.
    """
    days = _dotted(forms, text, at, weekday) if forms.has_dots else None
    if days is None and (match := _NUMERIC.match(text, at)) is not None:
        days = _three_numbers(forms, text, match, weekday)
    if days is not None and (after := forms.year_after.match(text, days.end)) is not None:
        days = replace(days, end=after.end())
    if days is None:
        match = _BY_SIGNS.match(text, at)
        if match is None and forms.is_year_first:
            match = _YEAR_FIRST.match(text, at)
        if match is not None:
            year = int(match["y"]) if match["y"] else None
            days = _one_day(match, (year, int(match["m"]), int(match["d"])))
    return days


def day_order(text: str) -> bool | None:
    """Return whether the day comes first in dates with slashes: by those that can mean one day.

    In a text without such dates those with a month's name show what its writer is used to, if they
    are all of one order.
    """
    slashes = [match for match in _NUMERIC.finditer(text) if match["sep"] == "/"]
    if not slashes:
        return None
    firsts = {_order_of(int(match["a"]), int(match["b"])) for match in slashes} - {None}
    if not firsts:
        by_names = ((False, _MONTH_THEN_DAY), (True, _DAY_THEN_MONTH))
        firsts = {first for first, shape in by_names if shape.search(text)}
    return firsts.pop() if len(firsts) == 1 else None


def day_orders(texts: Iterable[tuple[str | None, str]]) -> dict[str | None, bool]:
    """Return ``day_order`` for each agency whose texts agree on it, from its name and texts."""
    found: dict[str | None, set[bool]] = {}
    for agency, text in texts:
        if "/" in text and (order := day_order(text)) is not None:
            found.setdefault(agency, set()).add(order)
    return {agency: orders.pop() for agency, orders in found.items() if len(orders) == 1}


def _order_of(a: int, b: int) -> bool | None:
    """Return whether the day is the first of two numbers; None where both may be one or none is."""
    return a > 12 if (12 < a <= 31) != (12 < b <= 31) and min(a, b) <= 12 else None


def _three_numbers(
    forms: Forms, text: str, match: re.Match[str], weekday: int | None
) -> Days | None:
    """Read ``13/02/2024``, ``08.03.24`` or ``2024-03-08``."""
    a, b, c = int(match["a"]), int(match["b"]), int(match["c"])
    dots = match["sep"] == "."
    if len(match["a"]) == 4 and len(match["c"]) <= 2:
        readings = [(a, b, c)]
    elif len(match["a"]) > 2 or not _has_year(match):
        return None
    else:
        year = c if len(match["c"]) == 4 else century_of(c)
        readings = [(year, b, a), (year, a, b)]
    real = list(dict.fromkeys(reading for reading in readings if is_day(*reading)))
    if len(real) > 1 and weekday is not None:
        fitting = [reading for reading in real if weekday_of(*reading) == weekday]
        real = fitting if len(fitting) == 1 else real
    if len(real) > 1 and (dots or forms.is_day_first is not None):
        real = real[:1] if dots or forms.is_day_first else real[1:]
    if len(real) != 1 or _NUMBERED.search(text, max(0, match.start() - 16), match.start()):
        return None
    return _one_day(match, real[0])


def _has_year(match: re.Match[str]) -> bool:
    """Whether the last of three numbers may be a year: of four digits, or of two as in 08.03.24."""
    if len(match["c"]) == 4:
        return True
    if len(match["c"]) != 2 or match["sep"] == "-":
        return False
    return match["sep"] == "/" or (len(match["a"]) == 2 and len(match["b"]) == 2)


def _dotted(forms: Forms, text: str, at: int, weekday: int | None) -> Days | None:
    """Read ``12.–14.3.2024``, or ``20.7.`` where a word or a bracket shows that it is a date."""
    match = _DOTTED.match(text, at)
    if match is None or _NUMBERED.search(text, max(0, at - 16), at):
        return None
    written = match["y"]
    year = (
        None if written is None else int(written) if len(written) == 4 else century_of(int(written))
    )
    last = (year, int(match["m"]), int(match["d"]))
    if match["from"] is None:
        if year is None and weekday is None and not _is_announced(forms, text, match):
            return None
        return _one_day(match, last)
    first = (year, int(match["month"] or match["m"]), int(match["from"]))
    if not (is_day(*first) and is_day(*last) and first[1:] < last[1:]):
        return None
    return Days(match.start(), match.end(), partial(*first), partial(*last))


def _is_announced(forms: Forms, text: str, match: re.Match[str]) -> bool:
    """Whether a day and a month in digits are a date: in brackets, or after "am" and the like."""
    if _HOUR_AFTER.match(text, match.end()):
        return False
    if text[: match.start()].endswith("(") and text[match.end() : match.end() + 1] in (")", ","):
        return True
    if not forms.is_core and int(match["d"]) > 12:  # a date needs no word before it in Finnish
        return True
    return word_before(text, match.start(), 0)[0] in forms.before_days


def _one_day(match: re.Match[str], day: tuple[int | None, int, int]) -> Days | None:
    if not is_day(*day):
        return None
    date: PartialDate = partial(*day)
    return Days(match.start(), match.end(), date, date)
