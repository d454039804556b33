"""Where in a text to look: the places of words at which a date may be read.

``places_in`` takes a text and returns the places, cheaply, since most of a text holds no date.

Latin-1 has one byte for each character (a question mark for those it lacks), so that places stay
what they are, and bytes are cheap: a table turns capitals and accents into small letters, digits
into 0 and all else into spaces; splitting and looking up the words is then done in C.
"""

from collections.abc import Iterable, Iterator

from aggregator.dating.phrases.patterns import LETTERS_AT, NUMERIC
from aggregator.dating.phrases.vocabulary import AFTER, BEFORE, MONTHS, RELATIVE, WEEKDAYS


def places_in(text: str) -> list[int]:
    """Return, in order, the places in ``text`` where a phrase may have its anchor."""
    flat = _flatten(text)
    pieces = _PIECES.intersection(flat.split())
    places = list(_occurrences(b" " + flat + b" ", pieces)) if pieces else []
    if any(hint in flat for hint in _NUMERIC_HINTS):
        places += [match.start() for match in NUMERIC.finditer(text)]
    places.sort()
    return places


def anchor(phrase: str) -> str:
    """Return the word by which a phrase is found: the longest that is not a mere "this"."""
    words = [word for word in phrase.split() if word not in BEFORE and word not in AFTER]
    match = LETTERS_AT.match(max(words, key=len))
    assert match is not None
    return match[0]


def _flatten(text: str) -> bytes:
    """Return ``text`` in flat bytes, one for each character."""
    return text.encode("latin-1", "replace").translate(_FLAT)


def _occurrences(padded: bytes, pieces: Iterable[bytes]) -> Iterator[int]:
    """Yield where the words that have these pieces begin, counted without the padding."""
    for piece in pieces:
        for needle in _NEEDLES[piece]:
            at = padded.find(needle)
            while at >= 0:
                yield at
                at = padded.find(needle, at + len(needle) - 1)


def _flat_letter(letter: str) -> str:
    """Return what a Latin-1 character becomes."""
    small = letter.lower().translate(_ACCENTS)
    return "0" if letter in "0123456789" else small if "a" <= small <= "z" else " "


def _needles() -> dict[bytes, frozenset[bytes]]:
    """Map a piece of each word of the tables, as flat bytes, to the whole words that have it.

    Most words are their own piece; one with a combining accent falls into pieces, of which
    splitting can find the longest.  Of several words ("last week") the anchor is taken.
    """
    needles: dict[bytes, set[bytes]] = {}
    for table in (MONTHS, WEEKDAYS, RELATIVE):
        for phrase in table:
            flat = _flatten(anchor(phrase))
            piece = max(flat.split(), key=len)
            needles.setdefault(piece, set()).add(b" " + flat + b" ")
    return {piece: frozenset(words) for piece, words in needles.items()}


_ACCENTS = str.maketrans(
    "àáâãäåçèéêëìíîïñòóôõöøùúûüý", "aaaaaaceeeeiiiinoooooouuuuy"
)  # fmt: skip

_FLAT = "".join(_flat_letter(chr(code)) for code in range(256)).encode()

_NEEDLES = _needles()
_PIECES = frozenset(_NEEDLES)
# Three numbers of which the first or last has four digits, with one character between.
_NUMERIC_HINTS = (b"0 0000", b"0000 0")
