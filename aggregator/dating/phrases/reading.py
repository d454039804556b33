"""Read the phrase at one place.

Takes a text and a place of ``places``; gives the phrase there, if there is one, and where to go on.
Leaves each kind of phrase to the module of its name: ``relative``, ``months``, ``weekdays``,
``days``.
"""

from aggregator.dating.phrases.days import numeric_day
from aggregator.dating.phrases.months import read_month
from aggregator.dating.phrases.patterns import LETTERS_AT
from aggregator.dating.phrases.phrase import Read, make_phrase
from aggregator.dating.phrases.relative import RELATIVE_NEAR, read_relative
from aggregator.dating.phrases.vocabulary import HYPHENATED, MONTHS, WEEKDAYS
from aggregator.dating.phrases.weekdays import read_weekday


def read_at(text: str, at: int, floor: int) -> Read:
    """Read the phrase anchored at ``at``, which does not reach back before ``floor``."""
    if text[at].isdigit():
        return _read_numeric(text, at)
    word = LETTERS_AT.match(text, at)
    if word is None or (at and (text[at - 1].isalnum() or text[at - 1] == "_")):
        return None, floor
    start, end = word.span()
    name = word[0].lower()
    if (pattern := RELATIVE_NEAR.get(name)) is not None:
        read = read_relative(text, start, end, floor, pattern)
        if read is not None:
            return read
    if (month := MONTHS.get(name)) is not None:
        return read_month(text, start, end, month, floor)
    tail = HYPHENATED.get(name)
    if tail is not None and text[end : end + len(tail)].lower() == tail:
        name, end = name + tail, end + len(tail)
    if (weekday := WEEKDAYS.get(name)) is not None:
        return read_weekday(text, start, end, weekday, floor)
    return None, floor


def _read_numeric(text: str, at: int) -> Read:
    """Read ``29/11/2023`` or ``2023-11-29``."""
    days = numeric_day(text, at, None)
    if days is None:
        return None, at
    return make_phrase(text, days.start, days.end, days.first, days.last, "day"), days.end
