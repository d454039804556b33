"""Split a text into words that can be compared.

Takes plain text; returns its words and what follows from them alone, each worked out once for a
text however many others it is compared with, and only when it is asked for: most texts are told
apart by how often each word occurs.  ``words`` says what kind of word each is.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from aggregator.dating.languages.english import ENGLISH
from aggregator.dedupe.memory import remembered
from aggregator.dedupe.sketch import key_of_plain, plain

# Of a text without underscores.
_WORD = r"[^\W\d]\w*(?:'\w+)*|\d+(?:[.,:/]\d+)*\w*|[€$£¥%]"
_TOKEN = re.compile(_WORD)
# What comes before a word is kept: it shows where a sentence begins.
_BETWEEN = re.compile(f"({_WORD})")
# Chinese and Japanese write without spaces: each sign counts as a word.
_SIGN = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
_IOTA_BELOW = "\u0345"
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")

# If more of a title's words have a capital, capitals do not mark the names in it.
_TITLE_CASE = 0.6

_SHORT_DATES = {
    short: full
    for names in sorted((*ENGLISH.months, *ENGLISH.weekdays))
    for full in names.split()[:1]
    for short in (full[:3], full[:4])
    if short not in ("mar", "marc", "sun", "sat", "mon")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The words of a text that have a capital, and those in lower case, within a sentence.

    ``capitals`` and ``letters`` count the former and both, a word as often as it occurs.
    """

    capital: frozenset[str]
    lower: frozenset[str]
    capitals: int
    letters: int


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of a text: ``keys`` to compare, ``raws`` as written, ``gaps`` before each."""

    keys: tuple[str, ...]
    raws: tuple[str, ...]
    gaps: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.keys)

    def cut(self, stop: int) -> "Words":
        """Return the first ``stop`` words."""
        return Words(keys=self.keys[:stop], raws=self.raws[:stop], gaps=self.gaps[:stop])

    @cached_property
    def without_last(self) -> "Words":
        """All words but the last."""
        return self.cut(len(self) - 1)

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each word occurs."""
        return Counter(self.keys)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The words without endings."""
        return frozenset(map(stem, self.counts))

    @cached_property
    def in_title_case(self) -> bool:
        """Whether most of the long words have a capital, as in the titles of some offices."""
        long = [raw for raw in self.raws[1:] if len(raw) > 3 and raw[0].isalpha()]
        return len(long) > 2 and sum(raw[0].isupper() for raw in long) > _TITLE_CASE * len(long)

    @cached_property
    def case(self) -> Case:
        """Which words are written with a capital, and which without."""
        capital: set[str] = set()
        lower: set[str] = set()
        capitals = letters = 0
        for key, raw, gap in zip(self.keys, self.raws, self.gaps, strict=True):
            if raw.islower():
                lower.add(key)
                letters += 1
            elif gap == " " and raw[0].isupper():
                capital.add(key)
                letters += 1
                capitals += 1
        return Case(
            capital=frozenset(capital), lower=frozenset(lower), capitals=capitals, letters=letters
        )


class _Read:
    """A text, and what was made of it so far."""

    def __init__(self, text: str) -> None:
        self._plain = plain(text)

    @cached_property
    def key(self) -> str:
        """The ``comparison_key`` of the text."""
        return key_of_plain(self._plain)

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each word occurs."""
        counts = Counter(_folded_tokens(self._spaced))
        others = [each for each in counts if not each.isalpha()]
        for folded in (*others, *(counts.keys() & _SHORT_DATES.keys())):
            if (key := _key(folded)) != folded:
                counts[key] += counts.pop(folded)
        return counts

    @cached_property
    def length(self) -> int:
        """How many words there are."""
        return self.counts.total()

    @cached_property
    def words(self) -> Words:
        parts = _BETWEEN.split(self._spaced)  # gaps and words in turn
        raws = tuple(parts[1::2])
        different = list(set(raws))
        keys = dict(zip(different, map(_key, _folded(different)), strict=True))
        return Words(keys=tuple(map(keys.__getitem__, raws)), raws=raws, gaps=tuple(parts[:-1:2]))

    @property
    def _spaced(self) -> str:
        text = self._plain.replace("_", " ")
        return _SIGN.sub(r" \1 ", text) if _SIGN.search(text) else text


# A character takes some 12 bytes in what is made of it.
_read = remembered(400_000)(_Read)


def words(text: str) -> Words:
    """Return the words, numbers, currency and percent signs of a text, in linear time.

    A key is the word without case, variants of quotes, a genitive "'s", thousands' commas and the
    "th" of an ordinal.  Months and weekdays are written out ("Dec" is "december").
    """
    return _read(text).words


def reads_as(text: str) -> str:
    """Return the ``comparison_key`` of a text."""
    return _read(text).key


def share_at_most(one: str, other: str) -> float:
    """Return an upper bound of the part of the shorter text that the other has, quickly.

    1 for texts that read as each other, if they have words; 0 where one of two texts has none.
    """
    here, there = _read(one), _read(other)
    counts, more = here.counts, there.counts
    both = counts.keys() & more.keys()
    shared = sum(map(min, map(counts.__getitem__, both), map(more.__getitem__, both)))
    return shared / max(1, min(here.length, there.length))


def stem(key: str) -> str:
    """Return a word without endings such as those of "visits" and "visited"."""
    if len(key) > 5 and key.endswith("ies"):
        return key[:-3] + "y"
    for ending in ("ing", "es", "ed", "s"):
        if key.endswith(ending) and len(key) - len(ending) >= 4:
            return key[: -len(ending)].rstrip("e")
    return key.rstrip("e") if len(key) > 4 else key


def _folded_tokens(text: str) -> Sequence[str]:
    """Return the words of a text without case, where possible by folding the text as a whole."""
    folded = text.casefold()
    # Where each character becomes one, words begin and end where they did; of all characters only
    # the iota below a letter becomes part of a word.
    if len(folded) == len(text) and _IOTA_BELOW not in text:
        return _TOKEN.findall(folded)
    return _folded(_TOKEN.findall(text))


def _folded(raws: Sequence[str]) -> Sequence[str]:
    """Return words without case; together, since that is faster, and no word has a line end."""
    return "\n".join(raws).casefold().split("\n") if raws else ()


def _key(key: str) -> str:
    """Return the key of a word that comes without case."""
    if key.isalpha():
        return _SHORT_DATES.get(key, key)
    if key.endswith("'s"):
        return key[:-2]
    if key[0].isdigit():
        if _THOUSANDS.fullmatch(key):
            return key.replace(",", "")
        if ordinal := _ORDINAL.fullmatch(key):
            return ordinal[1]
    return key
