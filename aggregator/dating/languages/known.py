"""The language of a text, by the words that are most frequent in it.

``language_of`` takes a text in lower case and returns one of the tables.
"""

from collections import Counter

from aggregator.dating.languages.english import ENGLISH
from aggregator.dating.languages.language import Language, full_names
from aggregator.dating.languages.tables import CORE, OTHERS

SAMPLE = 1000
"""Characters that are looked at."""

_FEW = 400
"""Of these, those by which English is known at once."""


def language_of(text: str) -> Language:
    """Return the language whose common words are most frequent in the beginning of ``text``.

    One word in ten, and three in all, are enough to be sure of English; where nothing tells, it is
    English as well.
    """
    words: list[str] = []
    for length in (_FEW, SAMPLE):
        words = text[:length].split()
        if sum(map(_ENGLISH.__contains__, words)) > max(2, len(words) // 10):
            return ENGLISH
    counts: Counter[int] = Counter()
    for word in words:
        for number, weight in _INDEX.get(word.strip(_MARKS), ()):
            counts[number] += weight
    if not text.isascii():
        letters = _LETTERS.keys() & set(text[:SAMPLE])
        counts.update({number for letter in letters for number in _LETTERS[letter]})
    # One common word is not enough for a language outside of the core.  Of two that are as
    # frequent the first is taken: one of the core, which has no less to offer.
    sure = [(-n, number) for number, n in counts.items() if number < len(CORE) or n > 1]
    return _ORDER[min(sure)[1]] if sure else ENGLISH


def _index() -> dict[str, list[tuple[int, int]]]:
    """Map a word to the languages that it speaks for, by their numbers, and how much.

    The names of months, weekdays and days ("yesterday") speak most, unless another language of the
    core has them.  Outside of the core the common words count that are not as common elsewhere.
    """
    index: dict[str, list[tuple[int, int]]] = {}
    core = Counter(name for language in CORE for name in _names(language))
    for number, language in enumerate(_ORDER):
        weights = dict.fromkeys(language.known_by.split(), 1)
        if language is ENGLISH:
            del weights["a"]  # the article of Hungarian, too
        if language not in CORE:
            weights = {word: 1 for word in weights if word not in _SHARED}
            weights |= dict.fromkeys(_names(language) - core.keys(), 4)
        else:
            weights |= {name: 1 for name in _names(language) if core[name] == 1}
        for word, weight in weights.items():
            index.setdefault(word, []).append((number, weight))
    return index


def _letters() -> dict[str, list[int]]:
    """Map a letter to the numbers of the languages that it speaks for."""
    return {
        letter: [number for number, language in enumerate(_ORDER) if letter in language.letters]
        for letter in set().union(*(language.letters for language in _ORDER))
    }


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
_ENGLISH = frozenset(("the", "of", "and", "with", "by", "for", "that"))
_INDEX = _index()
_LETTERS = _letters()
