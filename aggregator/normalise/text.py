"""Clean text: NFC, tidy white space, and nothing that XML forbids or that deceives the eye.

Everything that reaches an ``Entry`` went through here.  What is taken out: characters outside the
``Char`` production of XML 1.0 (section 2.2), lone surrogates, the C1 controls that feed validators
warn of, noncharacters, marks that have no width and no meaning here (byte order marks, zero-width
spaces), and the bidirectional embeddings, overrides and isolates by which a title can be made to
read as another (Unicode Standard Annex 9; "Trojan Source").
"""

import re
import unicodedata

ELLIPSES = ("…", "[…]", "...", "[...]")
"""How upstream marks a text that it cut short."""

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
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def clean(text: str) -> str:
    """``text`` in NFC, with line feeds for line ends and without forbidden characters."""
    if not text.replace("\n", "").replace("\xa0", "").isprintable():
        # Rare, and slow: whatever is printable holds none of what is looked for.
        text = _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def has_forbidden(text: str) -> bool:
    """Whether ``text`` holds a character that ``clean`` would take out."""
    return _FORBIDDEN.search(text) is not None


def is_blank(text: str) -> bool:
    """Whether ``text`` has nothing that a reader could see."""
    return _VISIBLE.search(text) is None


def one_line(text: str) -> str:
    """``text`` cleaned and on one line, each run of white space one space."""
    return " ".join(clean(text).split())


def tidy_lines(text: str) -> list[str]:
    """The lines of clean ``text``, each run of white space within one a single space."""
    return [_tidy(line) for line in text.replace("\xa0", " ").split("\n")]


def _tidy(line: str) -> str:
    # Most lines are tidy, and no white space but the space is printable: faster than to split.
    if "  " not in line and line.isprintable() and line == line.strip():
        return line
    return " ".join(line.split())


def cut(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` characters, cut at a word and marked with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at_word = head.rpartition(" ")[0] if not text[limit - 1].isspace() else head
    return (at_word or head).rstrip(" ,;:–—-.…") + "…"


def is_truncated(text: str) -> bool:
    """Whether upstream marked ``text`` as cut short."""
    return text.rstrip().endswith(ELLIPSES)
