"""The tense of the sentence in which a date occurs.

``cues_of`` returns the compiled ``Cues`` of a language; ``tense_of`` takes them, a text and a span,
and returns the role that the deciding verb implies.  ``sentence`` and ``in_quotes`` look at a
bounded stretch around the span.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from aggregator.dating.evidence.signs import DETERMINERS, NO_TENSE, PASSIVE, REPORTING, STOP
from aggregator.dating.languages.language import Language
from aggregator.dating.languages.tables import read_with
from aggregator.model import Role

_SENTENCE = 300  # characters looked at on either side; longer sentences do not say more


class Cues:
    """The cues of one language, compiled; the future first, since "is to meet" begins as present.

    Few words begin a cue, and texts repeat their words, so the answer for each word is cached.
    """

    def __init__(self, language: Language) -> None:
        self._pattern = re.compile(
            rf"(?:(?P<future>{language.future})|(?P<past>{language.past})"
            rf"|(?P<present>{language.present})|(?P<infinitive>{language.infinitive}))(?!\w)",
            re.IGNORECASE,
        )
        self._openers = frozenset(f"{language.openers} to".split())
        self.abbreviation = _abbreviation(read_with(language))
        self._begins = lru_cache(maxsize=20_000)(self._begins_cue)

    def find(self, text: str, low: int, high: int) -> Iterator[re.Match[str]]:
        """Yield the cues between two places, in order, not overlapping."""
        end = low
        for word in _WORD.finditer(text, low, high):
            if word.start() >= end and self._begins(word[0].lower()):
                match = self._pattern.match(text, word.start(), high)
                if match is not None:
                    end = match.end()
                    yield match

    def _begins_cue(self, word: str) -> bool:
        """Whether a cue may begin with this word."""
        return word in self._openers or self._pattern.match(word) is not None


@cache
def cues_of(language: Language) -> Cues:
    """Return the cues of a language."""
    return Cues(language)


@cache
def _abbreviation(languages: tuple[Language, ...]) -> re.Pattern[str]:
    words = "|".join(filter(None, (language.abbreviations for language in languages)))
    return re.compile(rf"(?:\b(?:{words})|\b[^\W\d_])\Z", re.IGNORECASE)


def tense_of(cues: Cues, text: str, start: int, end: int) -> tuple[Role | None, str]:
    """Return the tense of the verb a span belongs to, and the verb: the last before it, else after.

    After a verb of saying the first verb that follows decides if it is of the future: "said the
    meeting on 5 May will …".  An infinitive decides only where nothing else has a tense.
    """
    low, high = sentence(cues, text, start, end)
    before = list(_tensed(cues, text, low, start))
    finite = [match for match in before if match.lastgroup != "infinitive"]
    chosen = finite[-1] if finite else None
    if chosen is None or REPORTING.search(chosen[0]):
        after = list(_tensed(cues, text, end, high))
        later = next((match for match in after if match.lastgroup != "infinitive"), None)
        if later is not None and (chosen is None or later.lastgroup == "future"):
            chosen = later
        chosen = chosen or next(iter(before + after), None)
    if chosen is None:
        return None, ""
    group = chosen.lastgroup
    role: Role = "past" if group == "past" else "present" if group == "present" else "future"
    return role, chosen[0].lower()


def _tensed(cues: Cues, text: str, low: int, high: int) -> Iterator[re.Match[str]]:
    """Yield the cues of a stretch that have a tense."""
    for match in cues.find(text, low, high):
        is_participle = match.lastgroup == "past" and " " not in match[0]
        if not is_participle or _has_tense(text, low, match):
            yield match


def _has_tense(text: str, low: int, match: re.Match[str]) -> bool:
    """Whether a participle is a verb of its own: not in "the planned base" or "will be held"."""
    word, start = match[0], match.start()
    before = text[max(low, start - 12) : start].split(" ")
    previous = before[-2].lower() if len(before) > 1 else ""
    if previous in PASSIVE:
        return False
    if not word.endswith("ed"):
        return True
    if word.lower() in NO_TENSE or (word[0].isupper() and start > low):
        return False
    if start > low and text[start - 1] == "-":
        return False
    return previous not in DETERMINERS


def sentence(cues: Cues, text: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the sentence around a span, at most 300 characters either way."""
    low = max(0, start - _SENTENCE)
    for stop in STOP.finditer(text, low, start):
        if _ends_sentence(cues, text, stop):
            low = stop.end()
    high = min(len(text), end + _SENTENCE)
    for stop in STOP.finditer(text, end, high):
        if _ends_sentence(cues, text, stop):
            high = stop.start()
            break
    return low, high


def _ends_sentence(cues: Cues, text: str, stop: re.Match[str]) -> bool:
    """Whether a stop ends a sentence: not after "Mr.", nor where a long line was wrapped."""
    if stop[0] == "\n":
        line = text[max(0, stop.start() - 60) : stop.start()]
        wrapped = len(line) == 60 and "\n" not in line and line[-1] not in ".!?:"
        return not wrapped or text[stop.end() : stop.end() + 1] in ("\n", "\u2022", "")
    if "\n" in stop[0]:
        return True
    if text[stop.end()].islower():
        return False
    return not cues.abbreviation.search(text, max(0, stop.start() - 8), stop.start())


def in_quotes(text: str, at: int) -> bool:
    """Whether a place is inside a quotation that began in the same paragraph."""
    low = max(text.rfind("\n", 0, at) + 1, at - 2000)
    before = text[low:at]
    if before.count('"') % 2:
        return True
    for opening, closing in _QUOTES:
        if opening in before:
            return before.count(opening) > sum(map(before.count, closing))
    return False


# What closes in English opens in no language; what opens in English closes in German.
_QUOTES = (("\u201e", "\u201c\u201d"), ("\u00ab", "\u00bb"), ("\u201c", "\u201d"))
_WORD = re.compile(r"[^\W\d_][\w'\u2019]*")
