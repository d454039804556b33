"""The words and forms of dates, one table a language.

``LANGUAGES`` are those in which dates are found and understood, each in the module of its name;
``NAMES_ONLY`` those of which only months and weekdays are known.  The sets of names, in lower case
and of all these languages, are for other rooms that must recognise a date.  A new language is one
more ``Language``.
"""

from collections.abc import Iterable

from aggregator.dating.languages.dutch import DUTCH
from aggregator.dating.languages.english import ENGLISH
from aggregator.dating.languages.french import FRENCH
from aggregator.dating.languages.german import GERMAN
from aggregator.dating.languages.italian import ITALIAN
from aggregator.dating.languages.language import Language, Unit
from aggregator.dating.languages.names_only import NAMES_ONLY
from aggregator.dating.languages.portuguese import PORTUGUESE
from aggregator.dating.languages.spanish import SPANISH

__all__ = [
    "AMBIGUOUS_NAMES",
    "ENGLISH",
    "ENGLISH_MONTHS",
    "ENGLISH_WEEKDAYS",
    "GERMAN",
    "LANGUAGES",
    "LOWER_CASE_NAMES",
    "MONTHS",
    "NAMES_ONLY",
    "OF_WORDS",
    "SHORT_MONTHS",
    "WEEKDAYS",
    "Language",
    "Unit",
]

LANGUAGES = (ENGLISH, FRENCH, GERMAN, SPANISH, ITALIAN, DUTCH, PORTUGUESE)

ENGLISH_MONTHS = tuple(names.split()[0].title() for names in ENGLISH.months)
ENGLISH_WEEKDAYS = tuple(names.split()[0].title() for names in ENGLISH.weekdays)
"""Names for texts that people read; those of ``strftime`` depend on the locale."""


def _in_full(languages: Iterable[Language], field: str) -> frozenset[str]:
    """Return the names in full: the first of each, and every form of the names-only tables."""
    return frozenset(
        name
        for language in languages
        for names in getattr(language, field)
        for name in (names.split() if language in NAMES_ONLY else names.split()[:1])
    )


MONTHS = _in_full((*LANGUAGES, *NAMES_ONLY), "months")
WEEKDAYS = _in_full((*LANGUAGES, *NAMES_ONLY), "weekdays")
SHORT_MONTHS = frozenset(
    name for language in LANGUAGES for names in language.months for name in names.split()[1:]
)
LOWER_CASE_NAMES = frozenset().union(
    *(
        _in_full([language], field)
        for language in (*LANGUAGES, *NAMES_ONLY)
        if not language.capitals
        for field in ("months", "weekdays")
    )
)
"""Those of languages that write them without a capital."""

AMBIGUOUS_NAMES = frozenset(name for language in LANGUAGES for name in language.ambiguous.split())
"""Names that are other words too, short ones among them: "may", "mars", "set"."""

OF_WORDS = frozenset(word for language in LANGUAGES for word in language.of_words.split())
"""What may come between a day and its month: "5 de janeiro"."""
