"""Unicode normalization of foreign text, in linear time.

Takes text of any origin; returns it in a normalization form (Unicode Standard Annex 15).  A
normalizer sorts the combining marks in a row, which CPython does in quadratic time: one letter with
200,000 marks took 89 s.  So text is made stream-safe first (section 13 of the annex): after 30
marks in a row U+034F COMBINING GRAPHEME JOINER is inserted, which is invisible and ends the row.
No script needs that many; text with fewer is normalized as ever.  This is the only module that
normalizes.
"""

import re
import unicodedata
from typing import Literal

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

MOST_MARKS = 30
"""Combining marks in a row (UAX 15, section 13)."""

_JOINER = "\u034f"
# The characters with class 0 whose decompositions have marks only, as if they were marks.
_LIKE_MARKS = frozenset("\u0f73\u0f75\u0f81\uff9e\uff9f")
_AS_MARKS = dict.fromkeys(map(ord, _LIKE_MARKS), "\u0301")
# A letter has at most 3 marks of its own and a mark at most 2, so 31 marks need 14 in a row.
_FEWEST = 14
_ROW = re.compile(rb"[^\0]{%d,}" % _FEWEST)


def normal_form(form: Form, text: str) -> str:
    """Return ``text`` in ``form``, with at most ``MOST_MARKS`` combining marks in a row."""
    if text.isascii():
        return text
    text = stream_safe(text)
    return text if unicodedata.is_normalized(form, text) else unicodedata.normalize(form, text)


def without_marks(text: str) -> str:
    """Return ``text`` decomposed (NFD) and without combining marks: ``Łódź`` becomes ``Łodz``."""
    if text.isascii():
        return text
    apart = normal_form("NFD", text)
    return "".join(sign for sign in apart if sign != _JOINER and not unicodedata.combining(sign))


def stream_safe(text: str) -> str:
    """Return ``text`` with no more than ``MOST_MARKS`` combining marks in a row.

    For text that a library normalizes: ``urlsplit`` does so with the host of an address.
    """
    if len(text) < _FEWEST or text.isascii():
        return text
    # A long row has a mark at one of these places; ordinary text is looked at no further.
    places = text[::_FEWEST]
    if not any(map(unicodedata.combining, places)) and _LIKE_MARKS.isdisjoint(places):
        return text
    seen = text.translate(_AS_MARKS)
    pieces, done = [], 0
    for row in _ROW.finditer(bytes(map(unicodedata.combining, seen))):
        start = max(done, row.start() - 1)  # with the letter below, which may have marks itself
        pieces += [text[done:start], *_with_joiners(text[start : row.end()])]
        done = row.end()
    return "".join((*pieces, text[done:]))


def _with_joiners(row: str) -> list[str]:
    signs = []
    marks = 0
    for sign in row:
        apart = unicodedata.normalize("NFKD", sign)
        if unicodedata.combining(apart[0]):  # then all of them are marks
            if marks + len(apart) > MOST_MARKS:
                signs.append(_JOINER)
                marks = 0
            marks += len(apart)
        else:
            marks = len(apart) - 1 - _last_starter(apart)
        signs.append(sign)
    return signs


def _last_starter(apart: str) -> int:
    return max(n for n, sign in enumerate(apart) if not unicodedata.combining(sign))
