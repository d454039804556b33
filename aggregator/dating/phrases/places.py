"""Where in a text to look: the places of words at which a date may be read.

``places_in`` takes the forms of a text's language and the text, and returns the places, cheaply,
since most of a text holds no date.

Latin-1 has one byte for each character (a question mark for those it lacks), so that places stay
what they are, and bytes are cheap: a table turns capitals and accents into small letters, digits
into 0 and all else into spaces; splitting and looking up the words is then done in C.
"""

from collections.abc import Iterable, Iterator
from functools import cache

from aggregator.dating.phrases.numeric import numeric_places
from aggregator.dating.phrases.patterns import LETTERS_AT, WORD, Forms
from aggregator.dating.phrases.vocabulary import key_of


def places_in(forms: Forms, text: str) -> list[int]:
    """Return, in order, the places in ``text`` where a phrase may have its anchor."""
    flat = _flatten(text)
    if forms.is_core:
        needles, known = _needles(forms)
        pieces = known.intersection(flat.split())
        places = list(_occurrences(b" " + flat + b" ", needles, pieces)) if pieces else []
    else:
        anchors = _anchors(forms)
        places = [word.start() for word in WORD.finditer(text) if key_of(word[0]) in anchors]
    places += numeric_places(forms, text, flat)
    places.sort()
    return places


def _flatten(text: str) -> bytes:
    """Return ``text`` in flat bytes, one for each character."""
    return text.encode("latin-1", "replace").translate(_FLAT)


def _occurrences(
    padded: bytes, needles: dict[bytes, frozenset[bytes]], pieces: Iterable[bytes]
) -> Iterator[int]:
    """Yield where the words that have these pieces begin, counted without the padding."""
    for piece in pieces:
        for needle in needles[piece]:
            at = padded.find(needle)
            while at >= 0:
                yield at
                at = padded.find(needle, at + len(needle) - 1)


def _flat_letter(letter: str) -> str:
    """Return what a Latin-1 character becomes."""
    small = letter.lower().translate(_ACCENTS)
    return "0" if letter in "0123456789" else small if "a" <= small <= "z" else " "


@cache
def _anchors(forms: Forms) -> frozenset[str]:
    """Return the words at which a phrase may be read."""
    words = forms.words
    compounds = (name for name in words.compounds)
    return frozenset((*words.months, *words.weekdays, *compounds, *forms.relative_by_anchor))


@cache
def _needles(forms: Forms) -> tuple[dict[bytes, frozenset[bytes]], frozenset[bytes]]:
    """Map a piece of each word of the tables, as flat bytes, to the whole words that have it.

    Most words are their own piece; one with a combining accent falls into pieces, of which
    splitting can find the longest.  Of several words ("last week") the anchor is taken.
    The pieces are returned once more, as a set.
    """
    needles: dict[bytes, set[bytes]] = {}
    for word in _anchors(forms):
        match = LETTERS_AT.match(word)
        assert match is not None
        flat = _flatten(match[0])
        piece = max(flat.split(), key=len)
        needles.setdefault(piece, set()).add(b" " + flat + b" ")
    return {piece: frozenset(words) for piece, words in needles.items()}, frozenset(needles)


_ACCENTS = str.maketrans(
    "àáâãäåçèéêëìíîïñòóôõöøùúûüý", "aaaaaaceeeeiiiinoooooouuuuy"
)  # fmt: skip

_FLAT = "".join(_flat_letter(chr(code)) for code in range(256)).encode()
