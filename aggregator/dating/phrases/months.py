"""Read the phrase of a month: with its days, with a year, or alone.

Takes the place of a month's name; gives ``8 November 2023``, ``October 2017``, ``in April`` or
``this July``.  Leaves to ``days`` the days themselves, and to ``weekdays`` a weekday before them.
"""

from aggregator.dating.phrases.beside import is_hyphened, word_before
from aggregator.dating.phrases.days import Days, days_before, month_then_days
from aggregator.dating.phrases.patterns import MONTH_TO_MONTH, MONTH_YEAR, WEEKDAY_AFTER, WORD_AFTER
from aggregator.dating.phrases.phrase import Read, make_phrase, partial
from aggregator.dating.phrases.vocabulary import (
    AFTER,
    BEFORE,
    BETWEEN,
    FROM,
    LEADS,
    MONTHS,
    WEAK_LEADS,
    WEEKDAYS,
    Name,
)
from aggregator.dating.phrases.years import year_of
from aggregator.model import Shift


def read_month(text: str, start: int, end: int, month: Name, floor: int) -> Read:
    """Read the phrase whose month's name stands at ``start``: with days, with a year, or alone."""
    if month.ambiguous and month.capital and text[start].islower():
        # The verb "may" is the most frequent of all these words: only a number can save it.
        beside = text[end : end + 4]
        if not any(letter.isdecimal() for letter in beside):
            return None, floor
    days = days_before(text, start, floor)
    if days is None and word_before(text, start, floor)[0] != "in":
        days = month_then_days(text, start)
    if days is None:
        return _read_bare_month(text, start, end, month, floor)
    if not days.valid:
        return None, days.end
    begin = _with_from(text, days, floor)
    weekday, stop = None, days.end
    after = WEEKDAY_AFTER.match(text, stop)
    if after is not None and (name := WEEKDAYS.get(after["weekday"].lower())) is not None:
        weekday, stop = name.number, after.end()
    return make_phrase(text, begin, stop, days.first, days.last, "day", weekday), stop


def _with_from(text: str, days: Days, floor: int) -> int:
    """Give where a phrase starts, with the ``from`` or ``between`` that its words answer."""
    if not days.by_word:
        return days.start
    word, at = word_before(text, days.start, floor)
    return at if word in FROM or word in BETWEEN else days.start


def _read_bare_month(text: str, start: int, end: int, month: Name, floor: int) -> Read:
    """Read ``October 2017``, ``October to December 2023``, ``in April`` or ``this July``."""
    if month.short and month.ambiguous:  # "set 2024 targets"
        return None, floor
    match = MONTH_YEAR.match(text, start)
    if match is not None and match["tail"] is not None:
        year, stop, valid = year_of(text, match)
        if not valid:
            return None, stop
        if year is not None:
            date = partial(year, month.number, None)
            return make_phrase(text, start, stop, date, date, "month"), stop
    to_month = _read_month_to_month(text, start, month)
    if to_month is not None:
        return to_month
    return _read_month_alone(text, start, end, month, floor)


def _read_month_to_month(text: str, start: int, month: Name) -> Read | None:
    """Read ``October to December 2023``; without a year such a span is none."""
    join = MONTH_TO_MONTH.match(text, start)
    match = join and MONTH_YEAR.match(text, join.end())
    if not match or (name := MONTHS.get(match["month"].lower())) is None:
        return None
    year, end, valid = year_of(text, match)
    if year is None or not valid or (name.short and name.ambiguous):
        return None
    turns = name.number <= month.number
    first = partial(year - turns, month.number, None)
    last = partial(year, name.number, None)
    return make_phrase(text, start, end, first, last, "month"), end


def _read_month_alone(text: str, start: int, end: int, month: Name, floor: int) -> Read:
    """Read ``in April``, ``this July`` or ``juillet dernier``, as the word beside says."""
    written = text[start:end]
    if month.short or is_hyphened(text, end):
        return None, floor
    if not month.is_plain(written) or not month.has_case(written):
        return None, floor
    date = partial(None, month.number, None)
    after = WORD_AFTER.match(text, end)
    if after is not None and (offset := AFTER.get(after[1].lower())) is not None:
        relative = Shift(unit="year", offset=offset)
        end = after.end()
        return make_phrase(text, start, end, date, date, "month", None, relative), end
    word, at = word_before(text, start, floor)
    if not word or (month.ambiguous and word in WEAK_LEADS):
        return None, floor
    if (offset := BEFORE.get(word)) is not None:
        if month.ambiguous and text[at].isupper():  # "This May Change Everything"
            return None, floor
        relative = Shift(unit="year", offset=offset)
        return make_phrase(text, at, end, date, date, "month", None, relative), end
    if word in LEADS:
        return make_phrase(text, at, end, date, date, "month"), end
    return None, floor
