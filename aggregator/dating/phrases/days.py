"""Read days with their month in words: ``12-13 December 2023``, ``November 27-29``.

The functions take the forms of the text's language, the text, and the place where the days or the
month begin; they return ``Days``: one day, a list or a range, within a month or across two.  The
words around them are read in ``read``, and dates in digits in ``numeric``.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from aggregator.dating.phrases import patterns
from aggregator.dating.phrases.patterns import Forms
from aggregator.dating.phrases.phrase import century_of, is_day, is_year, partial
from aggregator.dating.phrases.vocabulary import GERMAN_BEFORE, key_of
from aggregator.model import PartialDate


@dataclass(frozen=True, slots=True)
class Days:
    """One or more days read at a place; ``valid`` is False for what must not be read otherwise."""

    start: int
    end: int
    first: PartialDate
    last: PartialDate
    valid: bool = True
    by_word: bool = False


def days_before(forms: Forms, text: str, month_at: int, floor: int) -> Days | None:
    """Read the days before the month at ``month_at``, and what follows it."""
    low = max(floor, month_at - 48)
    for digit in patterns.FIRST_DIGIT.finditer(text, low, month_at):
        match = forms.day_first.match(text, digit.start())
        if match is not None and match.start("month") == month_at:
            return days_then_month(forms, text, match, floor)
    return None


def days_then_month(forms: Forms, text: str, match: re.Match[str], floor: int) -> Days | None:
    """Return the days of a match such as ``12-13 December 2023``, if its word is a month."""
    month = forms.words.months.get(key_of(match["month"]))
    if month is None:
        return None
    year, end, valid = year_of(forms, text, match)
    if year is None and not month.is_plain(match["month"]):
        return None
    start, low, high, kind = _day_list(forms, match)
    if forms.is_core and year is None and month.month_first and match["days"].endswith("."):
        # "The total rose to 27. November was dry": German and English share the month.
        # With nothing before it on its line, no sentence can have ended there.
        word = patterns.word_before(text, start, floor)[0]
        alone = start == 0 or text[start - 1] == "\n"
        if not alone and word not in GERMAN_BEFORE and word not in forms.words.weekdays:
            return None
    days = _checked(start, end, year, month.number, low, high, kind, valid)
    return _to_other_month(forms, text, days, floor, forms.day_first)


def month_then_days(forms: Forms, text: str, at: int) -> Days | None:
    """Read ``November 27-29, 2023`` at ``at``, if there is such a month."""
    match = forms.month_first.match(text, at)
    if match is None:
        return None
    name = forms.words.months.get(key_of(match["month"]))
    if name is None or not name.month_first:
        return None
    year, end, valid = year_of(forms, text, match)
    if year is None:
        followed = match.end("days")
        if not name.is_plain(match["month"]) or patterns.AMOUNT_AFTER.match(text, followed):
            return None
    _, low, high, kind = _day_list(forms, match)
    if kind == "last":
        # "November 27, 30 properties": the first is the day, the rest something else.
        first = patterns.NUMBER.search(match["days"])
        assert first is not None
        low = high = int(first[0])
        kind, year, end = "one", None, match.start("days") + first.end()
    if year is None and text[end - 1] == ".":  # the sentence's, not an ordinal's
        end -= 1
    days = _checked(match.start(), end, year, name.number, low, high, kind, valid)
    return _to_other_month(forms, text, days, at, forms.month_first)


def year_of(forms: Forms, text: str, match: re.Match[str]) -> tuple[int | None, int, bool]:
    """Return the year of a match, where the phrase ends, and whether the phrase is valid.

    It is not where the digits are a year that is not accepted: without it the date would be wrong.
    """
    if match["tail"] is None:
        return None, _without_tail(forms, match, match.end()), True
    written, separator, end = match["year"], match["sep"], match.end()
    head = _without_tail(forms, match, match.start("tail"))
    after = forms.year_after.match(text, end)
    if after is None and text[end : end + 1].isalnum():
        return None, head, True
    if len(written) == 2 and _is_short_year(text, match):
        return century_of(int(written)), end, True
    if len(written) != 4:
        return None, head, True
    if patterns.TIME_AFTER.match(text, end):
        return None, head, True
    counts = "," in separator and patterns.NOUN_AFTER.match(text, end) is not None
    if is_year(int(written)):
        # "On 21 November, 2023 officers": but Americans leave out the comma after the year.
        if counts and match.re is forms.day_first:
            return None, head, True
        return int(written), after.end() if after else end, True
    return None, head if counts else end, counts


def _is_short_year(text: str, match: re.Match[str]) -> bool:
    """Whether two digits are a year: ``15-Nov-23``, ``15 Nov '23``."""
    if match["sep"] != "-":
        return True  # after an apostrophe
    return text[match.start("month") - 1 : match.start("month")] == "-"


def _without_tail(forms: Forms, match: re.Match[str], end: int) -> int:
    """Leave out a full stop that ends the sentence, not the month: "27 November."."""
    if match.re is forms.day_first and match["dot"] and match.end("dot") == end:
        name = forms.words.months.get(key_of(match["month"]))
        return end if name is not None and name.short else end - 1
    return end


_Kind = Literal["one", "list", "range", "word range", "last", "backwards"]


def _day_list(forms: Forms, match: re.Match[str]) -> tuple[int, int, int, _Kind]:
    """Read the days of a match: where they start, the lowest, the highest, and how joined."""
    written, start = match["days"], match.start("days")
    if written.isdecimal():
        day = int(written)
        return start, day, day, "one"
    numbers = list(patterns.NUMBER.finditer(written))
    days = [int(number[0]) for number in numbers]
    if len(days) == 1:
        return start, days[0], days[0], "one"
    joins = [written[a.end() : b.start()] for a, b in pairwise(numbers)]
    rising = all(a < b for a, b in pairwise(days))
    by_range = [join for join in joins if forms.range_word.search(join)]
    if rising and by_range:
        by_word = any(any(c.isalpha() for c in join) for join in by_range)
        return start, days[0], days[-1], "word range" if by_word else "range"
    if rising and forms.list_word.search(joins[-1]):
        return start, days[0], days[-1], "list"
    if by_range:
        return start, days[0], days[-1], "backwards"
    return start + numbers[-1].start(), days[-1], days[-1], "last"


def _checked(
    start: int,
    end: int,
    year: int | None,
    month: int,
    low: int,
    high: int,
    kind: _Kind,
    valid: bool,
) -> Days:
    """Return days, valid only if both ends are real and in order."""
    real = valid and kind != "backwards" and is_day(year, month, low)
    real = real and (low == high or is_day(year, month, high))
    first = partial(year, month, low)
    last = first if low == high else partial(year, month, high)
    return Days(start, end, first, last, real, kind in ("word range", "list"))


def _to_other_month(
    forms: Forms, text: str, days: Days, floor: int, shape: re.Pattern[str]
) -> Days:
    """Join ``30 November`` with the ``to 2 December`` that follows it, if that runs forwards."""
    if not days.valid or days.first.day != days.last.day:
        return days
    join = forms.range_to.match(text, days.end)
    if join is None:
        join = forms.and_to.match(text, days.end)
        if (
            join is None
            or patterns.word_before(text, days.start, floor)[0] not in forms.words.between
        ):
            return days
    match = shape.match(text, join.end())
    if match is None or (name := forms.words.months.get(key_of(match["month"]))) is None:
        return days
    year, end, valid = year_of(forms, text, match)
    _, low, high, kind = _day_list(forms, match)
    if not valid or kind != "one" or not name.is_plain(match["month"]):
        return days
    ends = _with_years(days.first, partial(year, name.number, high))
    if not is_day(year, name.number, low) or ends is None:
        return days
    if text[end - 1] == "." and shape is forms.month_first:
        end -= 1
    return Days(days.start, end, *ends, by_word=any(c.isalpha() for c in join[0]))


def _with_years(first: PartialDate, last: PartialDate) -> tuple[PartialDate, PartialDate] | None:
    """Return both ends of a range with the year that one of them has; None if it runs backwards.

    If an end has no year, the range may run over the turn of the year where its ends are at most
    three months apart that way round: 30 December to 2 January 2024 begins in 2023.
    """
    months = (first.month or 0, last.month or 0)
    turns = (months[1], last.day or 0) <= (months[0], first.day or 0)
    if first.year is not None and last.year is not None:
        runs_on = first.year + turns <= last.year <= first.year + 1
        return (first, last) if runs_on else None
    if turns and not 0 < (months[1] - months[0]) % 12 <= 3:
        return None
    if last.year is not None:
        first = partial(last.year - turns, first.month, first.day)
    elif first.year is not None:
        last = partial(first.year + turns, last.month, last.day)
    ends_are_days = all(is_day(end.year, end.month or 0, end.day or 0) for end in (first, last))
    return (first, last) if ends_are_days else None
