"""Find the language of a release from its text.

Takes the language that its feed declares, the title and the text; returns a BCP 47 tag, or None
where a text is too short to tell, or in no language.  Pure: the model is part of a library
(``docs/decisions/languages.md``).
"""

import re
import threading
from collections import Counter
from typing import Any

from aggregator.dating.languages.tables import LANGUAGES

SAMPLE = 400
"""Characters of a text that are looked at, and once as many again where those do not tell."""

_SHORTEST = 12  # letters; a name is no language
_FEW_SIGNS = 8
_ENOUGH = 150  # letters that make a language told for one in another plainly wrong
# Letters of a text, and how likely its language must be: a short one often resembles another.
_LIKELY = ((250, 0.7), (80, 0.85), (_SHORTEST, 0.95))
_PLAIN = 0.99
_ALIKE = 0.4  # of Croatian and Bosnian, between which the likelihood is shared
_ADDRESS = re.compile(r"[^\s:/]{1,20}://\S*|www\.\S*|\S{1,80}@\S*")
# Languages that the model does not take for each other in a long text.
_TOLD_APART = {
    tag: tag
    for tag in "ar cs de el en es fi fr he hu it ja ko nl no pl pt ro ru sv tr uk zh".split()
} | {"nb": "no", "nn": "no"}
_ONE_IN = 15  # words must be the language's own in both halves, for the model not to be asked
_ENGLISH = "been from has not said that their they this were which who"
_OWN_SCRIPT = frozenset(["ja", "ko", "zh"])
_FORMERLY = {"iw": "he"}
_models = threading.local()  # a search changes its model, and other threads go on meanwhile


def language_of(declared: str | None, title: str, text: str) -> str | None:
    """Return ``declared``, or the language of a text that has none or is plainly in another.

    Many feeds declare the language of the software that writes them, which is English.
    """
    if declared is None:
        return detected(title, text)
    told = declared.partition("-")[0].casefold()
    known = _TOLD_APART.get(told)
    if known is None or len(text[:_ENOUGH].encode("utf-8", "replace")) < _ENOUGH:
        return declared
    if _agrees(told, text[:SAMPLE]):
        return declared
    found, likelihood, _ = _find(text[:SAMPLE])
    if found is None or likelihood < _PLAIN:
        return declared
    other = _TOLD_APART.get(found, found if told == "en" else known)
    return found if other != known else declared


def detected(title: str, text: str) -> str | None:
    """Return the language of a text, without script or region; None where it cannot be told."""
    if len(text) < SAMPLE:
        return _likely(f"{title}\n{text}"[:SAMPLE])
    if _is_plainly("en", text[:SAMPLE]):
        return "en"
    return _likely(text[:SAMPLE]) or _likely(text[SAMPLE : 2 * SAMPLE])


def _is_plainly(tag: str, sample: str) -> bool:
    """Return whether a text is full of common words of that language alone, in both halves.

    The model would say the same, and takes many times longer.
    """
    return all(own > max(1, words // _ONE_IN) for own, words in _own_in_halves(tag, sample))


def _agrees(tag: str, sample: str) -> bool:
    """Return whether a text has common words of the language that was declared, in both halves.

    With that many of them, the model is never certain that it is in another.
    """
    (first, before), (second, after) = _own_in_halves(tag, sample)
    return min(first, second) > 0 and first + second > max(2, (before + after) // _ONE_IN)


def _own_in_halves(tag: str, sample: str) -> list[tuple[int, int]]:
    """Return for each half of a text how many words it has of that language alone, and in all."""
    own = _OWN_WORDS.get(tag, frozenset())
    words = sample.lower().split()
    middle = len(words) // 2
    halves = words[:middle], words[middle:]
    return [(sum(map(own.__contains__, half)), len(half)) for half in halves]


def _own_words() -> dict[str, frozenset[str]]:
    """Return the common words that each language shares with no other, by its tag."""
    common = {language.tag: set(language.known_by.split()) for language in LANGUAGES}
    common["en"].update(_ENGLISH.split())
    count = Counter(word for words in common.values() for word in words)
    return {
        tag: frozenset(word for word in words if count[word] == 1) for tag, words in common.items()
    }


def _likely(sample: str) -> str | None:
    found, likelihood, letters = _find(sample)
    least = next(least for length, least in _LIKELY if letters >= length) if found else 1
    if found in ("bs", "hr"):
        least = min(least, _ALIKE)
    return found if likelihood >= least else None


def _find(sample: str) -> tuple[str | None, float, int]:
    """Return the most likely language of ``sample``, how likely it is, and the letters."""
    if "@" in sample or "://" in sample or "www." in sample:
        sample = _ADDRESS.sub(" ", sample)
    sample = " ".join(sample.split())
    letters = sum(map(str.isalpha, sample))
    if letters < _SHORTEST or len(set(sample)) < _FEW_SIGNS:
        return None, 0.0, letters
    found = _model().FindLanguage(sample)
    tag = _FORMERLY.get(found.language, found.language)
    # "-Latn" means letters that are not those of the language: a guess at best.
    if "-" in tag or (tag in _OWN_SCRIPT and sample.isascii()):
        return None, 0.0, letters
    return tag, found.probability, letters


def _model() -> Any:
    """Return this thread's model; it is loaded, in a few milliseconds, when a text needs it."""
    if not hasattr(_models, "model"):
        import gcld3

        # As many bytes as any sample has: of more, the library looks at pieces.
        _models.model = gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=4 * SAMPLE)
    return _models.model


_OWN_WORDS = _own_words()
