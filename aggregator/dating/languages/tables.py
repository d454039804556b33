"""All tables of languages, and the names in them by which other rooms recognise a date.

``CORE`` are the languages whose texts are read with the words of all of them, since offices mix
them; a text in one of ``OTHERS`` is read with the words of its own and with English.  A new
language is one more ``Language`` in ``OTHERS``.
"""

from collections.abc import Callable, Iterable

from aggregator.dating.languages.cyrillic import CYRILLIC
from aggregator.dating.languages.dutch import DUTCH
from aggregator.dating.languages.english import ENGLISH
from aggregator.dating.languages.french import FRENCH
from aggregator.dating.languages.german import GERMAN
from aggregator.dating.languages.italian import ITALIAN
from aggregator.dating.languages.language import Language, all_names, full_names
from aggregator.dating.languages.nordic import NORDIC
from aggregator.dating.languages.others import MORE
from aggregator.dating.languages.portuguese import PORTUGUESE
from aggregator.dating.languages.slavic import SLAVIC
from aggregator.dating.languages.southern import SOUTHERN
from aggregator.dating.languages.spanish import SPANISH

CORE = (ENGLISH, FRENCH, GERMAN, SPANISH, ITALIAN, DUTCH, PORTUGUESE)
OTHERS = (*NORDIC, *SLAVIC, *CYRILLIC, *SOUTHERN, *MORE)
LANGUAGES = (*CORE, *OTHERS)


def read_with(language: Language) -> tuple[Language, ...]:
    """Return the languages with whose words a text in ``language`` is read."""
    return CORE if language in CORE else (language, ENGLISH)


def _months(languages: Iterable[Language], forms: Callable[[str], list[str]]) -> frozenset[str]:
    return frozenset(word for language in languages for m in language.months for word in forms(m))


def _weekdays(languages: Iterable[Language], forms: Callable[[str], list[str]]) -> frozenset[str]:
    return frozenset(word for language in languages for d in language.weekdays for word in forms(d))


MONTHS = _months(LANGUAGES, full_names)
WEEKDAYS = _weekdays(LANGUAGES, full_names)
SHORT_MONTHS = _months(CORE, all_names) - MONTHS

_LOWER_CASE = [language for language in LANGUAGES if not language.capitals]
LOWER_CASE_NAMES = (MONTHS | WEEKDAYS) & (
    _months(_LOWER_CASE, all_names) | _weekdays(_LOWER_CASE, all_names)
)
"""Those that some language writes without a capital."""

AMBIGUOUS_NAMES = frozenset(name for language in CORE for name in language.ambiguous.split())
"""Names that are other words too, short ones among them: "may", "mars", "set"."""

OF_WORDS = frozenset(word for language in LANGUAGES for word in language.of_words.split())
"""What may come between a day and its month: "5 de janeiro"."""
