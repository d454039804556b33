"""The passage of a text that matches a search best, with the matches marked.

Takes a text and the terms of a query; returns the words around the place where most terms are
close together.  FTS5's ``snippet`` and ``highlight`` take time in the square of the number of
matches (40,000 repeats of a word: 46 s), and no limit on a query stops them.  The time here grows
with the part of the text that is read.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from aggregator.model.normal_form import normal_form, without_marks

Pieces = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it matches."""

Term = tuple[tuple[str, ...], bool]
"""The words of a term, folded, and whether the last one is a prefix."""

READ = 100_000
"""Characters of a text that are read; matches beyond them are not shown."""

_WORD = re.compile(r"[^\W_]+")
_SPACE = re.compile(r"\s")
_PLACES = 100  # matches among which the best is chosen
_LONGEST = 250  # characters
_BEFORE = 40  # characters before the match


def term_of(text: str, *, is_beginning: bool) -> Term:
    """Return the term for one or more words as people write them."""
    return tuple(fold(word) for word in _WORD.findall(normal_form("NFC", text))), is_beginning


def snippet(text: str, terms: Sequence[Term]) -> Pieces:
    """Return the best passage, or the beginning of ``text`` without any match."""
    places = []
    for place in _found(text[:READ], terms):
        places.append(place)
        if len(places) == _PLACES:
            break
    start = _best(text, places)
    first, last = _bounds(text, start)
    pieces = [("…", False)] if first else []
    done = first
    for begin, end in places:
        if begin >= done and begin < last:
            pieces += [(text[done:begin], False), (text[begin : min(end, last)], True)]
            done = min(end, last)
    pieces += [(text[done:last], False), ("" if last == len(text) else "…", False)]
    return _joined(pieces)


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """Return ``word`` as the index has it, without case and accents."""
    return without_marks(word.lower())


def _found(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each match, in order; of several at one place the longest."""
    prefixes = tuple(words[0] for words, is_beginning in terms if is_beginning and len(words) == 1)
    whole: dict[str, list[Term]] = {}
    for words, is_beginning in terms:
        if words and not (is_beginning and len(words) == 1):
            whole.setdefault(words[0], []).append((words, is_beginning))
    words_of = list(_WORD.finditer(text))
    for number, match in enumerate(words_of):
        word = fold(match[0])
        length = 1 if prefixes and word.startswith(prefixes) else 0
        for words, is_beginning in whole.get(word, ()):
            there = [fold(each[0]) for each in words_of[number : number + len(words)]]
            if _is_term(there, words, is_beginning):
                length = max(length, len(words))
        if length:
            yield match.start(), words_of[number + length - 1].end()


def _is_term(there: Sequence[str], words: tuple[str, ...], is_beginning: bool) -> bool:
    if len(there) != len(words) or tuple(there[:-1]) != words[:-1]:
        return False
    return there[-1].startswith(words[-1]) if is_beginning else there[-1] == words[-1]


def _best(text: str, places: Sequence[tuple[int, int]]) -> int:
    """Return the first start that most different matching words follow."""
    best, most = 0, 0
    for number, (start, _) in enumerate(places):
        near = {text[a:b].casefold() for a, b in places[number:] if b <= start + _LONGEST - _BEFORE}
        if len(near) > most or not most:
            best, most = start, max(len(near), 1)
    return best


def _bounds(text: str, start: int) -> tuple[int, int]:
    """Return the bounds of a passage that shows ``start`` and cuts no word, unless too long."""
    first = max(start - _BEFORE, 0)
    if first and (space := _SPACE.search(text, first, start)):
        first = space.end()
    elif first:
        first = start
    last = min(first + _LONGEST, len(text))
    if last < len(text):
        spaces = [space.start() for space in _SPACE.finditer(text, start, last + 1)]
        last = spaces[-1] if spaces and spaces[-1] > start else last
    return first, last


def _joined(pieces: Sequence[tuple[str, bool]]) -> Pieces:
    """Join adjacent pieces of one kind, and drop empty ones."""
    made: list[tuple[str, bool]] = []
    for text, is_found in pieces:
        if made and made[-1][1] == is_found:
            made[-1] = (made[-1][0] + text, is_found)
        elif text:
            made.append((text, is_found))
    return tuple(made)
