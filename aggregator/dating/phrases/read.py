"""Read the phrase at one place: a month, a weekday, a relative day, or digits.

``read_at`` takes the forms of the text's language, the text and one of its ``places``; it returns
the phrase there, if there is one, and where to go on.  Days next to a month are
read in ``days``, digits in ``numeric``.
"""

import re
from dataclasses import replace

from aggregator.dating.phrases import patterns
from aggregator.dating.phrases.days import (
    Days,
    days_before,
    days_then_month,
    month_then_days,
    year_of,
)
from aggregator.dating.phrases.numeric import numeric_days
from aggregator.dating.phrases.patterns import Forms
from aggregator.dating.phrases.phrase import (
    NOTHING,
    Precision,
    Read,
    is_day,
    is_year,
    make_phrase,
    partial,
)
from aggregator.dating.phrases.vocabulary import Name, key_of
from aggregator.model import Shift


def read_at(forms: Forms, text: str, at: int, floor: int) -> Read:
    """Read the phrase anchored at ``at``, which does not reach back before ``floor``."""
    if text[at].isdigit():
        return _read_numeric(forms, text, at)
    word = patterns.LETTERS_AT.match(text, at)
    if word is None or (at and (text[at - 1].isalnum() or text[at - 1] == "_")):
        return None, floor
    start, end = word.span()
    name = key_of(word[0])
    if (pattern := forms.relative_by_anchor.get(name)) is not None:
        read = _read_relative(forms, text, start, end, floor, pattern)
        if read is not None:
            return read
    if (month := forms.words.months.get(name)) is not None:
        return _read_month(forms, text, start, end, month, floor)
    for tail in forms.words.compounds.get(name, ()):
        if text[end : end + len(tail)].lower() == tail:
            name, end = name + tail, end + len(tail)
            break
    if (weekday := forms.words.weekdays.get(name)) is not None:
        return _read_weekday(forms, text, start, end, weekday, floor)
    return None, floor


def _read_numeric(forms: Forms, text: str, at: int) -> Read:
    """Read ``29/11/2023`` or ``2023-11-29``."""
    days = numeric_days(forms, text, at, None)
    if days is None:
        return None, at
    return make_phrase(text, days.start, days.end, days.first, days.last, "day")


# ------------------------------------------------------------------- "today", "last week"


def _read_relative(
    forms: Forms, text: str, start: int, end: int, floor: int, pattern: re.Pattern[str]
) -> Read | None:
    """Read ``today`` or ``last week`` around the anchor; None if there is no such phrase here."""
    for match in pattern.finditer(text, max(floor, start - 16), end + 16):
        if match.start() <= start and end <= match.end():
            words = " ".join(match[0].lower().split())
            shift = forms.words.relative.get(words)
            if shift is None or (words in forms.words.ambiguous and not match[0].islower()):
                return None, match.end()
            precision: Precision = "week" if shift.unit in ("week", "weekend") else "relative"
            return make_phrase(text, *match.span(), NOTHING, NOTHING, precision, None, shift)
    return None


# ------------------------------------------------------- "8 November 2023", "October 2017"


def _read_month(forms: Forms, text: str, start: int, end: int, month: Name, floor: int) -> Read:
    """Read the phrase whose month's name is at ``start``: with days, with a year, or alone."""
    may_be_verb = month.ambiguous and month.capital and text[start].islower()
    # The verb "may" is the most frequent of all these words: only a number next to it can save it.
    if may_be_verb and not any(letter.isdecimal() for letter in text[end : end + 4]):
        return None, floor
    days = days_before(forms, text, start, floor)
    if days is None and patterns.word_before(text, start, floor)[0] != "in":
        days = month_then_days(forms, text, start)
    if days is None:
        return _read_bare_month(forms, text, start, end, month, floor)
    days = _with_year_before(forms, text, days, floor)
    if not days.valid:
        return None, days.end
    weekday, stop = None, days.end
    after = forms.weekday_after.match(text, stop)
    if after is not None:
        name = forms.words.weekdays.get(key_of(after["within"] or after["bare"]))
        if name is not None and not (after["bare"] and name.short):
            weekday, stop = name.number, after.end()
    begin = _with_from(forms, text, days, days.start, floor)
    return make_phrase(text, begin, stop, days.first, days.last, "day", weekday)


def _with_year_before(forms: Forms, text: str, days: Days, floor: int) -> Days:
    """Return days with the year that some languages write first: ``2024. március 8.``."""
    if days.first.year is not None or days.last.year is not None:
        return days
    match = forms.year_before.search(text, max(floor, days.start - 20), days.start)
    if match is None or not is_year(year := int(match["year"])):
        return days
    first, last = (partial(year, end.month, end.day) for end in (days.first, days.last))
    is_whole = all(is_day(year, end.month or 0, end.day or 0) for end in (first, last))
    return replace(days, start=match.start(), first=first, last=last, valid=is_whole)


def _with_from(forms: Forms, text: str, days: Days, start: int, floor: int) -> int:
    """Return where a phrase starts, with the ``from`` or ``between`` that its words answer."""
    if not days.by_word:
        return start
    word, at = patterns.word_before(text, start, floor)
    return at if word in forms.words.from_words or word in forms.words.between else start


def _read_bare_month(
    forms: Forms, text: str, start: int, end: int, month: Name, floor: int
) -> Read:
    """Read ``October 2017``, ``October to December 2023``, ``in April`` or ``this July``."""
    if month.short and month.ambiguous:  # "set 2024 targets"
        return None, floor
    match = forms.month_year.match(text, start)
    if match is not None and match["tail"] is not None:
        year, stop, valid = year_of(forms, text, match)
        if not valid:
            return None, stop
        if year is not None:
            date = partial(year, month.number, None)
            return make_phrase(text, start, stop, date, date, "month")
    return _read_month_to_month(forms, text, start, month) or _read_month_alone(
        forms, text, start, end, month, floor
    )


def _read_month_to_month(forms: Forms, text: str, start: int, month: Name) -> Read | None:
    """Read ``October to December 2023``; without a year it is not a phrase."""
    join = forms.month_to_month.match(text, start)
    match = join and forms.month_year.match(text, join.end())
    if not match or (name := forms.words.months.get(key_of(match["month"]))) is None:
        return None
    year, end, valid = year_of(forms, text, match)
    if year is None or not valid or (name.short and name.ambiguous):
        return None
    first = partial(year - (name.number <= month.number), month.number, None)
    return make_phrase(text, start, end, first, partial(year, name.number, None), "month")


def _read_month_alone(
    forms: Forms, text: str, start: int, end: int, month: Name, floor: int
) -> Read:
    """Read ``in April``, ``this July`` or ``juillet dernier``, as the word next to it says."""
    written = text[start:end]
    if month.short or patterns.is_hyphened(text, end):
        return None, floor
    if not month.is_plain(written) or not month.has_case(written):
        return None, floor
    date = partial(None, month.number, None)
    after = patterns.WORD_AFTER.match(text, end)
    if after is not None and (offset := forms.words.after.get(after[1].lower())) is not None:
        shift = Shift(unit="year", offset=offset)
        return make_phrase(text, start, after.end(), date, date, "month", None, shift)
    word, at = patterns.word_before(text, start, floor)
    if not word or (month.ambiguous and word in forms.words.weak_leads):
        return None, floor
    if (offset := forms.words.before.get(word)) is not None:
        if month.ambiguous and text[at].isupper():  # "This May Change Everything"
            return None, floor
        shift = Shift(unit="year", offset=offset)
        return make_phrase(text, at, end, date, date, "month", None, shift)
    if word in forms.words.leads:
        return make_phrase(text, at, end, date, date, "month")
    return None, floor


# ------------------------------------------------- "Friday (15 December 2023)", "last Monday"


def _read_weekday(forms: Forms, text: str, start: int, end: int, name: Name, floor: int) -> Read:
    """Read the weekday at ``start`` with the date next to it, or alone."""
    if not name.dotted or text[end : end + 1] == ".":
        read = _read_weekday_date(forms, text, start, end, name, floor)
        if read is not None:
            return read
    pair = forms.second_weekday.match(text, end)
    if name.short or not name.has_case(text[start:end]):
        return None, floor
    if pair is not None and forms.range_word.search(pair[0]):  # opening hours, or a short visit
        end = pair.end() - pair[0].endswith(".")
    elif patterns.is_hyphened(text, end):
        return None, floor
    shift = None
    after, (word, at) = (
        patterns.WORD_AFTER.match(text, end),
        patterns.word_before(text, start, floor),
    )
    if after is not None and (offset := forms.words.after.get(after[1].lower())) is not None:
        shift, end = Shift(unit="week", offset=offset), after.end()
    elif word and (offset := forms.words.before.get(word)) is not None:
        shift, start = Shift(unit="week", offset=offset), at
    return make_phrase(text, start, end, NOTHING, NOTHING, "day", name.number, shift)


def _read_weekday_date(
    forms: Forms, text: str, start: int, end: int, name: Name, floor: int
) -> Read | None:
    """Read ``Friday (15 December 2023)`` or ``Tuesday and Wednesday (28-29 May)``."""
    if name.ambiguous and name.short and not name.has_case(text[start:end]):
        return None
    pair = forms.second_weekday.match(text, end)
    lead = forms.to_date.match(text, pair.end() if pair else end)
    assert lead is not None
    at = lead.end()
    if at == end or at >= len(text):
        return None
    if not text[at].isdigit():
        days = month_then_days(forms, text, at)
    elif (days := numeric_days(forms, text, at, name.number)) is None:
        match = forms.day_first.match(text, at)
        days = days_then_month(forms, text, match, start) if match is not None else None
        if days is not None and days.valid and days.start != at:
            return None
    if days is None:
        return None
    if not days.valid:
        return None, days.end
    stop = days.end
    if lead["bracket"] is None:
        start = _with_from(forms, text, days, start, floor)
    elif text[stop : stop + 1] in (")", "]"):
        stop += 1
    return make_phrase(text, start, stop, days.first, days.last, "day", name.number)
