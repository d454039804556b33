"""Read the phrase at one place: a month, a weekday, a relative day, or digits.

``read_at`` takes a text and one of its ``places``; it returns the phrase there, if there is one,
and where to go on.  The days next to a month are read in ``days``.
"""

import re

from aggregator.dating.phrases import patterns, vocabulary
from aggregator.dating.phrases.days import (
    Days,
    days_before,
    days_then_month,
    month_then_days,
    numeric_day,
    year_of,
)
from aggregator.dating.phrases.phrase import NOTHING, Precision, Read, make_phrase, partial
from aggregator.dating.phrases.places import anchor
from aggregator.model import Shift


def read_at(text: str, at: int, floor: int) -> Read:
    """Read the phrase anchored at ``at``, which does not reach back before ``floor``."""
    if text[at].isdigit():
        return _read_numeric(text, at)
    word = patterns.LETTERS_AT.match(text, at)
    if word is None or (at and (text[at - 1].isalnum() or text[at - 1] == "_")):
        return None, floor
    start, end = word.span()
    name = word[0].lower()
    if (pattern := _RELATIVE_BY_ANCHOR.get(name)) is not None:
        read = _read_relative(text, start, end, floor, pattern)
        if read is not None:
            return read
    if (month := vocabulary.MONTHS.get(name)) is not None:
        return _read_month(text, start, end, month, floor)
    tail = vocabulary.HYPHENATED.get(name)
    if tail is not None and text[end : end + len(tail)].lower() == tail:
        name, end = name + tail, end + len(tail)
    if (weekday := vocabulary.WEEKDAYS.get(name)) is not None:
        return _read_weekday(text, start, end, weekday, floor)
    return None, floor


def _read_numeric(text: str, at: int) -> Read:
    """Read ``29/11/2023`` or ``2023-11-29``."""
    days = numeric_day(text, at, None)
    if days is None:
        return None, at
    return make_phrase(text, days.start, days.end, days.first, days.last, "day")


# ------------------------------------------------------------------- "today", "last week"


def _read_relative(
    text: str, start: int, end: int, floor: int, pattern: re.Pattern[str]
) -> Read | None:
    """Read ``today`` or ``last week`` around the anchor; None if there is no such phrase here."""
    for match in pattern.finditer(text, max(floor, start - 16), end + 16):
        if match.start() <= start and end <= match.end():
            words = " ".join(match[0].lower().split())
            shift = vocabulary.RELATIVE.get(words)
            if shift is None or (words in vocabulary.AMBIGUOUS and not match[0].islower()):
                return None, match.end()
            precision: Precision = "week" if shift.unit in ("week", "weekend") else "relative"
            return make_phrase(text, *match.span(), NOTHING, NOTHING, precision, None, shift)
    return None


def _relative_by_anchor() -> dict[str, re.Pattern[str]]:
    """Map the anchor of each relative phrase to a pattern of all phrases that have it."""
    groups: dict[str, list[str]] = {}
    for phrase in vocabulary.RELATIVE:
        groups.setdefault(anchor(phrase), []).append(phrase)
    return {word: re.compile(rf"(?<!\w){patterns.any_of(p)}(?![\w])") for word, p in groups.items()}


_RELATIVE_BY_ANCHOR = _relative_by_anchor()


# ------------------------------------------------------- "8 November 2023", "October 2017"


def _read_month(text: str, start: int, end: int, month: vocabulary.Name, floor: int) -> Read:
    """Read the phrase whose month's name is at ``start``: with days, with a year, or alone."""
    may_be_verb = month.ambiguous and month.capital and text[start].islower()
    # The verb "may" is the most frequent of all these words: only a number next to it can save it.
    if may_be_verb and not any(letter.isdecimal() for letter in text[end : end + 4]):
        return None, floor
    days = days_before(text, start, floor)
    if days is None and patterns.word_before(text, start, floor)[0] != "in":
        days = month_then_days(text, start)
    if days is None:
        return _read_bare_month(text, start, end, month, floor)
    if not days.valid:
        return None, days.end
    weekday, stop = None, days.end
    after = patterns.WEEKDAY_AFTER.match(text, stop)
    if (
        after is not None
        and (name := vocabulary.WEEKDAYS.get(after["weekday"].lower())) is not None
    ):
        weekday, stop = name.number, after.end()
    begin = _with_from(text, days, days.start, floor)
    return make_phrase(text, begin, stop, days.first, days.last, "day", weekday)


def _with_from(text: str, days: Days, start: int, floor: int) -> int:
    """Return where a phrase starts, with the ``from`` or ``between`` that its words answer."""
    if not days.by_word:
        return start
    word, at = patterns.word_before(text, start, floor)
    return at if word in vocabulary.FROM or word in vocabulary.BETWEEN else start


def _read_bare_month(text: str, start: int, end: int, month: vocabulary.Name, floor: int) -> Read:
    """Read ``October 2017``, ``October to December 2023``, ``in April`` or ``this July``."""
    if month.short and month.ambiguous:  # "set 2024 targets"
        return None, floor
    match = patterns.MONTH_YEAR.match(text, start)
    if match is not None and match["tail"] is not None:
        year, stop, valid = year_of(text, match)
        if not valid:
            return None, stop
        if year is not None:
            date = partial(year, month.number, None)
            return make_phrase(text, start, stop, date, date, "month")
    return _read_month_to_month(text, start, month) or _read_month_alone(
        text, start, end, month, floor
    )


def _read_month_to_month(text: str, start: int, month: vocabulary.Name) -> Read | None:
    """Read ``October to December 2023``; without a year it is not a phrase."""
    join = patterns.MONTH_TO_MONTH.match(text, start)
    match = join and patterns.MONTH_YEAR.match(text, join.end())
    if not match or (name := vocabulary.MONTHS.get(match["month"].lower())) is None:
        return None
    year, end, valid = year_of(text, match)
    if year is None or not valid or (name.short and name.ambiguous):
        return None
    first = partial(year - (name.number <= month.number), month.number, None)
    return make_phrase(text, start, end, first, partial(year, name.number, None), "month")


def _read_month_alone(text: str, start: int, end: int, month: vocabulary.Name, floor: int) -> Read:
    """Read ``in April``, ``this July`` or ``juillet dernier``, as the word next to it says."""
    written = text[start:end]
    if month.short or patterns.is_hyphened(text, end):
        return None, floor
    if not month.is_plain(written) or not month.has_case(written):
        return None, floor
    date = partial(None, month.number, None)
    after = patterns.WORD_AFTER.match(text, end)
    if after is not None and (offset := vocabulary.AFTER.get(after[1].lower())) is not None:
        shift = Shift(unit="year", offset=offset)
        return make_phrase(text, start, after.end(), date, date, "month", None, shift)
    word, at = patterns.word_before(text, start, floor)
    if not word or (month.ambiguous and word in vocabulary.WEAK_LEADS):
        return None, floor
    if (offset := vocabulary.BEFORE.get(word)) is not None:
        if month.ambiguous and text[at].isupper():  # "This May Change Everything"
            return None, floor
        shift = Shift(unit="year", offset=offset)
        return make_phrase(text, at, end, date, date, "month", None, shift)
    if word in vocabulary.LEADS:
        return make_phrase(text, at, end, date, date, "month")
    return None, floor


# ------------------------------------------------- "Friday (15 December 2023)", "last Monday"


def _read_weekday(text: str, start: int, end: int, name: vocabulary.Name, floor: int) -> Read:
    """Read the weekday at ``start`` with the date next to it, or alone."""
    if not name.dotted or text[end : end + 1] == ".":
        read = _read_weekday_date(text, start, end, name, floor)
        if read is not None:
            return read
    pair = patterns.SECOND_WEEKDAY.match(text, end)
    if name.short or not name.has_case(text[start:end]):
        return None, floor
    if pair is not None and patterns.RANGE_WORD.search(pair[0]):  # opening hours, or a short visit
        end = pair.end() - pair[0].endswith(".")
    elif patterns.is_hyphened(text, end):
        return None, floor
    shift = None
    after, (word, at) = (
        patterns.WORD_AFTER.match(text, end),
        patterns.word_before(text, start, floor),
    )
    if after is not None and (offset := vocabulary.AFTER.get(after[1].lower())) is not None:
        shift, end = Shift(unit="week", offset=offset), after.end()
    elif word and (offset := vocabulary.BEFORE.get(word)) is not None:
        shift, start = Shift(unit="week", offset=offset), at
    return make_phrase(text, start, end, NOTHING, NOTHING, "day", name.number, shift)


def _read_weekday_date(
    text: str, start: int, end: int, name: vocabulary.Name, floor: int
) -> Read | None:
    """Read ``Friday (15 December 2023)`` or ``Tuesday and Wednesday (28-29 May)``."""
    if name.ambiguous and name.short and not name.has_case(text[start:end]):
        return None
    pair = patterns.SECOND_WEEKDAY.match(text, end)
    lead = patterns.TO_DATE.match(text, pair.end() if pair else end)
    assert lead is not None
    at = lead.end()
    if at == end or at >= len(text):
        return None
    if not text[at].isdigit():
        days = month_then_days(text, at)
    elif (days := numeric_day(text, at, name.number)) is None:
        match = patterns.DAY_FIRST.match(text, at)
        days = days_then_month(text, match, start) if match is not None else None
        if days is not None and days.valid and days.start != at:
            return None
    if days is None:
        return None
    if not days.valid:
        return None, days.end
    stop = days.end
    if lead["bracket"] is None:
        start = _with_from(text, days, start, floor)
    elif text[stop : stop + 1] in (")", "]"):
        stop += 1
    return make_phrase(text, start, stop, days.first, days.last, "day", name.number)
