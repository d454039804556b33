"""Read the phrase of a weekday: with the date beside it, or alone.

Takes the place of a weekday's name; gives ``Friday (15 December 2023)``, ``Monday`` or
``last Monday``.  Leaves to ``days`` the date, and keeps a weekday that contradicts it.
"""

from aggregator.dating.phrases.beside import is_hyphened, word_before
from aggregator.dating.phrases.days import days_then_month, month_then_days, numeric_day
from aggregator.dating.phrases.patterns import (
    DAY_FIRST,
    RANGE_WORD,
    SECOND_WEEKDAY,
    TO_DATE,
    WORD_AFTER,
)
from aggregator.dating.phrases.phrase import NOTHING, Read, make_phrase
from aggregator.dating.phrases.vocabulary import AFTER, BEFORE, BETWEEN, FROM, Name
from aggregator.model import Shift


def read_weekday(text: str, start: int, end: int, name: Name, floor: int) -> Read:
    """Read the weekday at ``start`` with the date beside it, or alone."""
    if not name.dotted or text[end : end + 1] == ".":
        read = _read_weekday_date(text, start, end, name, floor)
        if read is not None:
            return read
    pair = SECOND_WEEKDAY.match(text, end)
    if name.short or not name.has_case(text[start:end]):
        return None, floor
    if pair is not None and RANGE_WORD.search(pair[0]):  # opening hours, or a short visit
        end = pair.end() - pair[0].endswith(".")
    elif is_hyphened(text, end):
        return None, floor
    relative = None
    after, (word, at) = WORD_AFTER.match(text, end), word_before(text, start, floor)
    if after is not None and (offset := AFTER.get(after[1].lower())) is not None:
        relative, end = Shift(unit="week", offset=offset), after.end()
    elif word and (offset := BEFORE.get(word)) is not None:
        relative, start = Shift(unit="week", offset=offset), at
    return make_phrase(text, start, end, NOTHING, NOTHING, "day", name.number, relative), end


def _read_weekday_date(text: str, start: int, end: int, name: Name, floor: int) -> Read | None:
    """Read ``Friday (15 December 2023)`` or ``Tuesday and Wednesday (28-29 May)``."""
    if name.ambiguous and name.short and not name.has_case(text[start:end]):
        return None
    pair = SECOND_WEEKDAY.match(text, end)
    lead = TO_DATE.match(text, pair.end() if pair else end)
    assert lead is not None
    at = lead.end()
    if at == end or at >= len(text):
        return None
    if text[at].isdigit():
        days = numeric_day(text, at, name.number)
        if days is None:
            match = DAY_FIRST.match(text, at)
            days = days_then_month(text, match, start) if match is not None else None
            if days is not None and days.valid and days.start != at:
                return None
    else:
        days = month_then_days(text, at)
    if days is None:
        return None
    if not days.valid:
        return None, days.end
    stop = days.end
    if lead["bracket"] and text[stop : stop + 1] in (")", "]"):
        stop += 1
    elif lead["bracket"] is None and days.by_word:
        word, before = word_before(text, start, floor)
        start = before if word in FROM or word in BETWEEN else start
    return make_phrase(text, start, stop, days.first, days.last, "day", name.number), stop
