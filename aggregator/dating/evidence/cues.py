"""The cues of a language, compiled, and which language a text is in.

Takes ``LANGUAGES`` and a text; gives a ``Cues``, which finds the cues of a stretch.  Leaves to
``verbs`` which of them decides.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from aggregator.dating.languages import LANGUAGES, Language


class Cues:
    """The cues of one language, compiled; the future first, since "is to meet" begins as present.

    Most words begin no cue, and texts repeat their words: what a word is, is remembered.
    """

    def __init__(self, language: Language) -> None:
        self._pattern = re.compile(
            rf"(?:(?P<future>{language.future})|(?P<past>{language.past})"
            rf"|(?P<present>{language.present})|(?P<infinitive>{language.infinitive}))(?!\w)",
            re.IGNORECASE,
        )
        self._openers = frozenset(f"{language.openers} to".split())
        self._begins = lru_cache(maxsize=20_000)(self._begins_cue)

    def find(self, text: str, low: int, high: int) -> Iterator[re.Match[str]]:
        """Give the cues between two places, in order, not overlapping."""
        end = low
        for word in _WORD.finditer(text, low, high):
            if word.start() >= end and self._begins(word[0].lower()):
                match = self._pattern.match(text, word.start(), high)
                if match is not None:
                    end = match.end()
                    yield match

    def _begins_cue(self, word: str) -> bool:
        """Say whether a cue may begin with this word."""
        return word in self._openers or self._pattern.match(word) is not None


def cues_of(text: str) -> Cues:
    """Give the cues of the language whose common words a text, in lower case, begins with most of.

    One word in eight is enough to be sure of the first, English, and asks no more.
    """
    words = text[:1000].split()
    counts: list[int] = []
    for common in _KNOWN_BY:
        counts.append(sum(map(common.__contains__, words)))
        if counts[0] * 8 > len(words):
            return _CUES[0]
    return _CUES[counts.index(max(counts))]


_WORD = re.compile(r"[^\W\d_][\w'\u2019]*")
_CUES = [Cues(language) for language in LANGUAGES]
_KNOWN_BY = [frozenset(language.known_by.split()) for language in LANGUAGES]
