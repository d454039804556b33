"""The language of a text, by the words that are most frequent in it.

``language_of`` takes a text in lower case and returns one of the tables.
"""

from aggregator.dating.languages.english import ENGLISH
from aggregator.dating.languages.language import Language, full_names
from aggregator.dating.languages.tables import CORE, OTHERS

SAMPLE = 1000
"""Characters that are looked at."""


def language_of(text: str) -> Language:
    """Return the language whose common words are most frequent in the beginning of ``text``.

    One word in twelve is enough to be sure of English; where nothing tells, it is English as well.
    """
    words = text[:SAMPLE].split()
    if sum(map(_ENGLISH.__contains__, words)) * 12 > len(words):
        return ENGLISH
    # One word is not enough for a language outside of the core, apart from a month or weekday.
    counts = {0: 0}
    for word in words:
        for number, weight in _INDEX.get(word.strip(_MARKS), ()):
            counts[number] = counts.get(number, -1 if number >= len(CORE) else 0) + weight
    # Of two that are as frequent the first: a language of the core, which has no less to offer.
    return _ORDER[min(counts, key=lambda number: (-counts[number], number))]


def _index() -> dict[str, list[tuple[int, int]]]:
    """Map a word to the languages that it speaks for, by their numbers, and how much.

    For languages outside of the core the names of months, weekdays and days ("yesterday") speak
    most, and of their common words those that are not as common elsewhere.
    """
    index: dict[str, list[tuple[int, int]]] = {}
    core: set[str] = set().union(*map(_names, CORE))
    for number, language in enumerate(_ORDER):
        weights = dict.fromkeys(language.known_by.split(), 1)
        if language is ENGLISH:
            del weights["a"]  # the article of Hungarian, too
        if language not in CORE:
            weights = {word: 1 for word in weights if word not in _SHARED}
            weights |= dict.fromkeys(_names(language) - core, 3)
        for word, weight in weights.items():
            index.setdefault(word, []).append((number, weight))
    return index


def _names(language: Language) -> set[str]:
    """Return the words that are the name of a month, a weekday or a day in a language."""
    names = (*language.months, *language.weekdays)
    return {word for name in names for word in full_names(name)} | language.days.keys()


_MARKS = ".,;:!?()[]\"'\u00ab\u00bb\u201c\u201d\u201e\u2018\u2019-\u2013\u2014"
# Short words that are common in several languages of the core, and in others with another meaning.
_SHARED = frozenset(
    "a al an as at by da de des do e en es et for i in is la ma me na no o on pe per se si so to u"
    " un una y".split()
)
_ORDER = (*CORE, *OTHERS)
_ENGLISH = frozenset(("the", "of", "and", "with"))
_INDEX = _index()
