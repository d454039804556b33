"""The tables of the languages inverted: from a word as written to what it means.

There is one table for each kind of word, of all languages at once, since a text may mix them.  Keys
are in lower case, composed, decomposed and without accents.
"""

from dataclasses import dataclass
from typing import Literal

from aggregator.dating.languages.german import GERMAN
from aggregator.dating.languages.tables import LANGUAGES
from aggregator.model import Shift
from aggregator.model.normal_form import normal_form, without_marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a month's or weekday's name means.  ``number``: months from 1, weekdays from 0."""

    number: int
    short: bool
    dotted: bool
    ambiguous: bool
    capital: bool
    month_first: bool

    def is_plain(self, written: str) -> bool:
        """Whether a month's name can do without a year: "may" and "set" cannot."""
        return not self.ambiguous or (not self.short and self.has_case(written))

    def has_case(self, written: str) -> bool:
        """Whether a name is written as its language writes it, where that matters."""
        if self.capital:
            return written[0].isupper()
        return written.islower() or not self.ambiguous


def words_of(*fields: str) -> set[str]:
    """Return the words that the languages list under these fields, in every spelling."""
    return {
        spelling
        for language in LANGUAGES
        for field in fields
        for word in getattr(language, field).split()
        for spelling in _spellings(word)
    }


def _turn(field: Literal["months", "weekdays"], base: int) -> dict[str, Name]:
    """Map every spelling of every month or weekday to its meaning."""
    names: dict[str, Name] = {}
    for language in LANGUAGES:
        for number, words in enumerate(getattr(language, field), base):
            for position, word in enumerate(words.split()):
                name = Name(
                    number=number,
                    short=position > 0,
                    dotted=word.endswith("."),
                    ambiguous=word in language.ambiguous.split(),
                    capital=language.capitals,
                    month_first=language.month_first,
                )
                for spelling in _spellings(word.rstrip(".")):
                    names[spelling] = _both(names.get(spelling), name, spelling)
    return names


def _both(known: Name | None, new: Name, word: str) -> Name:
    """Join the meanings that a word has in two languages, as freely as the freer.

    Raises ``ValueError`` if they name different months or weekdays.
    """
    if known is None:
        return new
    if known.number != new.number:
        raise ValueError(f"two languages disagree on {word!r}")
    return Name(
        number=new.number,
        short=known.short and new.short,
        dotted=known.dotted and new.dotted,
        ambiguous=known.ambiguous or new.ambiguous,
        capital=known.capital and new.capital,
        month_first=known.month_first or new.month_first,
    )


def _offsets(field: Literal["before", "after"]) -> dict[str, int]:
    """Map the words that move a unit ("last") to how far."""
    return {
        spelling: offset
        for language in LANGUAGES
        for word, offset in getattr(language, field).items()
        for spelling in _spellings(word)
    }


def _relative_phrases() -> dict[str, Shift | None]:
    """Map every relative phrase ("today", "last week") to its meaning; None is not a date."""
    phrases: dict[str, Shift | None] = {}
    for language in LANGUAGES:
        for text, offset in language.days.items():
            meaning = None if offset is None else Shift(unit="day", offset=offset)
            phrases.update(dict.fromkeys(_spellings(text), meaning))
        for name, unit in language.units.items():
            combined = {f"{word} {name}": n for word, n in language.before.items()}
            combined |= {f"{name} {word}": n for word, n in language.after.items()}
            for text, n in combined.items():
                meaning = Shift(unit=unit, offset=n)
                phrases.update(dict.fromkeys(_spellings(text), meaning))
    return phrases


def _spellings(word: str) -> set[str]:
    """Return ``word`` composed, decomposed and without its accents."""
    return {normal_form("NFC", word), normal_form("NFD", word), without_marks(word)}


MONTHS = _turn("months", 1)
WEEKDAYS = _turn("weekdays", 0)
# "segunda-feira": a word as it is looked for ends at the hyphen, and this is the rest.
HYPHENATED = {name[: name.index("-")]: name[name.index("-") :] for name in WEEKDAYS if "-" in name}

BEFORE = _offsets("before")
AFTER = _offsets("after")
LEADS = words_of("leads", "weak_leads")
WEAK_LEADS = words_of("weak_leads") - words_of("leads")
FROM = words_of("from_words")
BETWEEN = words_of("between_words")
AMBIGUOUS = words_of("ambiguous")

# What German writes before a day, and English does not end a sentence with.
GERMAN_BEFORE = {
    word
    for words in (GERMAN.articles, GERMAN.from_words, GERMAN.leads, GERMAN.ranges, GERMAN.lists)
    for word in words.split()
}

RELATIVE = _relative_phrases()
