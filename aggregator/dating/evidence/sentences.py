"""Where a sentence begins and ends, and whether it is quoted.

Takes a text and a span; gives places, and looks at a bounded stretch around the span.  Leaves to
others what the sentence says.
"""

import re

from aggregator.dating.evidence.signs import ABBREVIATION, STOP

_SENTENCE = 300  # characters looked at on either side; longer sentences do not tell more


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Give the bounds of the sentence around a span, at most 300 characters either way."""
    low = max(0, start - _SENTENCE)
    for stop in STOP.finditer(text, low, start):
        if _ends_sentence(text, stop):
            low = stop.end()
    high = min(len(text), end + _SENTENCE)
    for stop in STOP.finditer(text, end, high):
        if _ends_sentence(text, stop):
            high = stop.start()
            break
    return low, high


def _ends_sentence(text: str, stop: re.Match[str]) -> bool:
    """Say whether a stop ends a sentence: not after "Mr.", nor where a long line was wrapped."""
    if stop[0] == "\n":
        line = text[max(0, stop.start() - 60) : stop.start()]
        wrapped = len(line) == 60 and "\n" not in line and line[-1] not in ".!?:"
        return not wrapped or text[stop.end() : stop.end() + 1] in ("\n", "\u2022", "")
    if "\n" in stop[0]:
        return True
    if text[stop.end()].islower():
        return False
    return not ABBREVIATION.search(text, max(0, stop.start() - 8), stop.start())


def in_quotes(text: str, at: int) -> bool:
    """Say whether a place is inside a quotation that began in the same paragraph."""
    low = max(text.rfind("\n", 0, at) + 1, at - 2000)
    return text.count("\u201c", low, at) > text.count("\u201d", low, at)
