"""Clean text: NFC, tidy white space, and no forbidden or deceptive characters.

Every text of an ``Entry`` is cleaned here.  Removed are: characters outside the ``Char`` production
of XML 1.0 (section 2.2), lone surrogates, the C1 controls that feed validators warn about,
noncharacters, zero-width characters without meaning here (byte order marks, zero-width spaces), and
the bidirectional embeddings, overrides and isolates that can make a title look like another
(Unicode Standard Annex 9; "Trojan Source").
"""

import re
from collections.abc import Sequence

from aggregator.model.normal_form import normal_form

ELLIPSES = ("…", "[…]", "...", "[...]")
"""How publishers mark a text that is cut short."""

_LAST_TWO = (0xFFFE, 0xFFFF)  # of each plane: noncharacters
_FORBIDDEN_SET = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u200b\u202a-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
    + "".join(
        chr(plane + last) for plane in range(0x10000, 0x110000, 0x10000) for last in _LAST_TWO
    )
)
_FORBIDDEN = re.compile(f"[{_FORBIDDEN_SET}]")
# Unicode's Default_Ignorable_Code_Point, and the Braille pattern without a dot.
_UNSEEN_SET = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_VISIBLE = re.compile(rf"[^\s{_FORBIDDEN_SET}{_UNSEEN_SET}]")
_GRAPHIC = frozenset(map(chr, range(0x21, 0x7F)))  # of ASCII; all of them are visible
# Printable, in NFC whatever is next to it: Latin, Cyrillic and their punctuation.
_ORDINARY = re.compile(
    "[\n -~\xa0-\xac\xae-\u02ff\u0400-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]*+"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def clean(text: str) -> str:
    """Return ``text`` in NFC, with line feeds as line ends and without forbidden characters."""
    if _ORDINARY.fullmatch(text):
        return text  # most of it, and in a third of the time
    if not text.replace("\n", "").replace("\xa0", "").isprintable():
        # Slow and rarely needed: printable text contains none of these characters.
        text = _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    return normal_form("NFC", text)


def has_forbidden(text: str) -> bool:
    """Return whether ``text`` contains a character that ``clean`` removes."""
    return _FORBIDDEN.search(text) is not None


def is_blank(text: str) -> bool:
    """Return whether ``text`` has no visible character."""
    return not text or (text[0] not in _GRAPHIC and _VISIBLE.search(text) is None)


def one_line(text: str) -> str:
    """Return ``text`` cleaned and on one line, with single spaces."""
    return single_spaced(clean(text))


def tidy_lines(text: str) -> list[str]:
    """Return the lines of clean ``text``, with single spaces."""
    return [single_spaced(line) for line in text.replace("\xa0", " ").split("\n")]


def single_spaced(line: str) -> str:
    """Return ``" ".join(line.split())``."""
    # Faster than a split: most lines are tidy, and the space is the only printable white space.
    if "  " not in line and line.isprintable() and line == line.strip():
        return line
    return " ".join(line.split())


def cut(text: str, limit: int) -> str:
    """Return ``text`` in at most ``limit`` characters, cut at a word, with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at_word = head.rpartition(" ")[0] if not text[limit - 1].isspace() else head
    return (at_word or head).rstrip(" ,;:–—-.…") + "…"


def first_of(names: Sequence[str], most: int) -> str:
    """Return ``names`` in a line, at most so many of them, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def title_of(title: str, text: str) -> str:
    """Return ``title``, or the first words of ``text`` where there is none to be seen."""
    if not is_blank(title):
        return title
    words = cut(" ".join(text[:300].split()), 100)
    return "(untitled)" if is_blank(words) else words


def is_truncated(text: str) -> bool:
    """Return whether ``text`` ends like one that its publisher cut short."""
    return text.rstrip().endswith(ELLIPSES)
