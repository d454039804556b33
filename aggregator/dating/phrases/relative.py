"""Read days and weeks told from the day of writing: ``today``, ``last week``.

Takes the place of such a phrase's anchor; gives the phrase.  Leaves to ``evidence`` which day that
was, and to ``weekdays`` and ``months`` what moves those (``last Monday``, ``this July``).
"""

import re

from aggregator.dating.phrases.patterns import any_of
from aggregator.dating.phrases.phrase import NOTHING, Precision, Read, make_phrase
from aggregator.dating.phrases.places import anchor
from aggregator.dating.phrases.vocabulary import AMBIGUOUS, RELATIVE


def read_relative(
    text: str, start: int, end: int, floor: int, pattern: re.Pattern[str]
) -> Read | None:
    """Read ``today`` or ``last week`` around the anchor; None if there is no such phrase here."""
    for match in pattern.finditer(text, max(floor, start - 16), end + 16):
        if match.start() <= start and end <= match.end():
            words = " ".join(match[0].lower().split())
            meaning = RELATIVE.get(words)
            if meaning is None:
                return None, match.end()
            if words in AMBIGUOUS and not match[0].islower():
                return None, match.end()
            precision: Precision = "week" if meaning.unit in ("week", "weekend") else "relative"
            return make_phrase(
                text, *match.span(), NOTHING, NOTHING, precision, relative=meaning
            ), match.end()
    return None


def _near() -> dict[str, re.Pattern[str]]:
    """Map the anchor of each relative phrase to a pattern of all phrases that have it."""
    groups: dict[str, list[str]] = {}
    for phrase in RELATIVE:
        groups.setdefault(anchor(phrase), []).append(phrase)
    return {word: re.compile(rf"(?<!\w){any_of(p)}(?![\w])") for word, p in groups.items()}


RELATIVE_NEAR = _near()
"""From the anchor of a relative phrase to a pattern of all phrases that have it."""
