"""The tables of languages inverted: from a word as written to what it means.

There is one table for each kind of word, of several languages at once, since a text may mix them.
Keys are in lower case, composed, decomposed and without accents.
"""

import re
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import Literal

from aggregator.dating.languages.german import GERMAN
from aggregator.dating.languages.language import Language, all_names, full_names
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


class Vocabulary:
    """The words of ``languages``; where two disagree about a name, the first is right."""

    def __init__(self, languages: Iterable[Language]) -> None:
        self.languages = tuple(languages)
        self.months = self._turn("months", 1)
        self.weekdays = self._turn("weekdays", 0)
        # "segunda-feira": a word as it is looked for ends at the hyphen; these are the rests.
        self.compounds: dict[str, list[str]] = {}
        for name in self.weekdays:
            first = name.replace("'", "-").replace("\u2019", "-").partition("-")[0]
            if first != name:
                self.compounds.setdefault(first, []).append(name[len(first) :])
        self.before = self._offsets("before")
        self.after = self._offsets("after")
        self.leads = self.words_of("leads", "weak_leads")
        self.weak_leads = self.words_of("weak_leads") - self.words_of("leads")
        self.from_words = self.words_of("from_words")
        self.between = self.words_of("between_words")
        self.ambiguous = self.words_of("ambiguous")
        self.relative = self._relative_phrases()

    def words_of(self, *fields: str) -> set[str]:
        """Return the words that the languages list under these fields, in every spelling."""
        return {
            spelling
            for language in self.languages
            for field in fields
            for word in getattr(language, field).split()
            for spelling in _spellings(word)
        }

    def with_own_days(self, language: Language) -> "Vocabulary":
        """Return these words with the relative days that only a text in ``language`` has."""
        words = copy(self)
        words.relative = dict(self.relative)
        for text, offset in language.own_days.items():
            words.relative.update(dict.fromkeys(_spellings(text), Shift(unit="day", offset=offset)))
        return words

    def anchor(self, phrase: str) -> str:
        """Return the word by which a phrase is found: the longest that is not a mere "this"."""
        words = phrase.split()
        telling = [word for word in words if word not in self.before and word not in self.after]
        match = _LETTERS.match(max(telling or words, key=len))
        assert match is not None
        return match[0]

    def patterns_of(self, field: str) -> str:
        """Return an alternation of the regular expressions in a field; it may match nothing."""
        return "|".join(filter(None, (getattr(one, field) for one in self.languages))) or r"(?!)"

    def _turn(self, field: Literal["months", "weekdays"], base: int) -> dict[str, Name]:
        """Map every spelling of every month or weekday to its meaning."""
        names: dict[str, Name] = {}
        for language in self.languages:
            ambiguous = frozenset(language.ambiguous.split())
            for number, name in enumerate(getattr(language, field), base):
                full = full_names(name)
                for word in all_names(name):
                    meaning = Name(
                        number=number,
                        short=word not in full,
                        dotted=word.endswith("."),
                        ambiguous=word in ambiguous,
                        capital=language.capitals,
                        month_first=language.month_first,
                    )
                    for spelling in _spellings(word.rstrip(".")):
                        names[spelling] = _both(names.get(spelling), meaning)
        return names

    def _offsets(self, field: Literal["before", "after"]) -> dict[str, int]:
        """Map the words that move a unit ("last") to how far."""
        return {
            spelling: offset
            for language in self.languages
            for word, offset in getattr(language, field).items()
            for spelling in _spellings(word)
        }

    def _relative_phrases(self) -> dict[str, Shift | None]:
        """Map every relative phrase ("today", "last week") to its meaning; None is not a date."""
        phrases: dict[str, Shift | None] = {}
        for language in self.languages:
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


def key_of(written: str) -> str:
    """Return a word as it is looked up; "\u0130" in lower case is two characters."""
    return written.lower().replace("i\u0307", "i")


def _both(known: Name | None, new: Name) -> Name:
    """Join the meanings that a word has in two languages, as freely as the freer."""
    if known is None:
        return new
    if known.number != new.number:
        return known
    return Name(
        number=new.number,
        short=known.short and new.short,
        dotted=known.dotted and new.dotted,
        ambiguous=known.ambiguous or new.ambiguous,
        capital=known.capital and new.capital,
        month_first=known.month_first or new.month_first,
    )


def _spellings(word: str) -> set[str]:
    """Return ``word`` composed, decomposed and without its accents."""
    plain = without_marks(word).replace("\u0131", "i").replace("\u0142", "l").replace("\u00f8", "o")
    return {normal_form("NFC", word), normal_form("NFD", word), plain}


_LETTERS = re.compile(r"[^\W\d_][\w\u0300-\u036f]*")

# What German writes before a day, and English does not end a sentence with.
GERMAN_BEFORE = frozenset(
    word
    for words in (GERMAN.articles, GERMAN.from_words, GERMAN.leads, GERMAN.ranges, GERMAN.lists)
    for word in words.split()
)
