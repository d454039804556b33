"""All tables of languages, and the names in them by which other rooms recognise a date.

``LANGUAGES`` are those in which dates are found and understood; of ``NAMES_ONLY`` only the months
and weekdays are known.  A new language is one more ``Language`` in one of them.
"""

from collections.abc import Iterable

from aggregator.dating.languages.dutch import DUTCH
from aggregator.dating.languages.english import ENGLISH
from aggregator.dating.languages.french import FRENCH
from aggregator.dating.languages.german import GERMAN
from aggregator.dating.languages.italian import ITALIAN
from aggregator.dating.languages.language import Language
from aggregator.dating.languages.names_only import NAMES_ONLY
from aggregator.dating.languages.portuguese import PORTUGUESE
from aggregator.dating.languages.spanish import SPANISH

LANGUAGES = (ENGLISH, FRENCH, GERMAN, SPANISH, ITALIAN, DUTCH, PORTUGUESE)


def _months(languages: Iterable[Language], forms: int | None) -> frozenset[str]:
    return frozenset(
        word for language in languages for m in language.months for word in m.split()[:forms]
    )


def _weekdays(languages: Iterable[Language], forms: int | None) -> frozenset[str]:
    return frozenset(
        word for language in languages for day in language.weekdays for word in day.split()[:forms]
    )


# In full: the first form of a name, and every form of the names-only tables, which are all full.
MONTHS = _months(LANGUAGES, 1) | _months(NAMES_ONLY, None)
WEEKDAYS = _weekdays(LANGUAGES, 1) | _weekdays(NAMES_ONLY, None)
SHORT_MONTHS = _months(LANGUAGES, None) - _months(LANGUAGES, 1)

_LOWER_CASE = [language for language in (*LANGUAGES, *NAMES_ONLY) if not language.capitals]
LOWER_CASE_NAMES = (MONTHS | WEEKDAYS) & (_months(_LOWER_CASE, None) | _weekdays(_LOWER_CASE, None))
"""Those that some language writes without a capital."""

AMBIGUOUS_NAMES = frozenset(name for language in LANGUAGES for name in language.ambiguous.split())
"""Names that are other words too, short ones among them: "may", "mars", "set"."""

OF_WORDS = frozenset(word for language in LANGUAGES for word in language.of_words.split())
"""What may come between a day and its month: "5 de janeiro"."""
