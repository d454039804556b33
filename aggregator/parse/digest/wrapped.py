"""Join lines that were wrapped at a column, so that a wrapped text equals the one it was made of.

A break was made by wrapping if the next word had not fitted.  A text is taken for wrapped if nearly
all breaks within its paragraphs are such: the lines of a poem or an address are not.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from aggregator.normalise.text import is_blank

_NARROWEST, _WIDEST = 50, 100
_ITEM = re.compile(r"\s*(?:[•·▪◦‣*+–—-]\s|\(?\d{1,3}[.)]\s|[a-z][)]\s)")
_COLUMNS = re.compile(r"\S(?:\s{3,}|\t)\S")
_HYPHENATED = re.compile(r"[^\W\d_]-$")
# After these a hyphen stands for what follows later, as in "two- and three-year".
_CONJUNCTIONS = frozenset("and or to und oder bis et ou y o e en of i och og".split())
_FEW = 3


def column_of(bodies: Sequence[Sequence[str]]) -> int | None:
    """Return the column at which most bodies of a document are wrapped, or None."""
    found = sorted(width for body in bodies if (width := _column(body)) is not None)
    return found[len(found) // 2] if found else None


def unwrapped(lines: Sequence[str], column: int | None) -> list[str]:
    """Return the lines of a body with wrapped ones joined; ``column`` is that of its document."""
    width = _column(lines) or _narrow(lines, column)
    if width is None:
        return list(lines)
    parts: list[str] = []  # of one text, so that a line is copied once
    last: str | None = None
    for line in lines:
        if last is None:
            parts.append(line)
        elif _is_wrapped(last, line, width):
            parts[-1] = parts[-1].rstrip()
            parts += [_between(last, line), line.strip()]
        else:
            parts += ["\n", line]
        last = line
    return "".join(parts).split("\n")


def _column(lines: Sequence[str]) -> int | None:
    """Return the column at which a body is wrapped, judged by itself."""
    width = _width(lines)
    if not _NARROWEST <= width <= _WIDEST or len(breaks := _breaks(lines)) < _FEW:
        return None
    wrapped = [below for above, below in breaks if _is_wrapped(above, below, width)]
    lower = sum(below.lstrip()[:1].islower() for below in wrapped)
    is_prose = len(wrapped) * 10 >= len(breaks) * 8 and lower * 10 >= len(wrapped) * 3
    return width if is_prose else None


def _narrow(lines: Sequence[str], column: int | None) -> int | None:
    """Return the column of a body with few lines: that of its document, or its own in prose."""
    width = _width(lines)
    if width > _WIDEST or not 0 < len(breaks := _breaks(lines)) < _FEW:
        return None
    if column is not None and width <= column:
        return column
    is_prose = all(below.lstrip()[:1].islower() for _, below in breaks)
    return width if _NARROWEST <= width <= 80 and is_prose else None


def _breaks(lines: Sequence[str]) -> list[tuple[str, str]]:
    return [
        (above, below)
        for above, below in pairwise(lines)
        if not is_blank(above) and not is_blank(below) and not _ITEM.match(below)
    ]


def _width(lines: Sequence[str]) -> int:
    """Return the length of the longest line, or of one that is too long for a wrapped one."""
    width = 0
    for line in lines:
        if len(line) > width and "://" not in line:
            width = max(width, len(line.rstrip()))
            if width > _WIDEST:
                break
    return width


def _is_wrapped(above: str, below: str, width: int) -> bool:
    if is_blank(above) or is_blank(below) or _ITEM.match(below):
        return False
    if _COLUMNS.search(above) or _COLUMNS.search(below):
        return False
    word = below.split(None, 1)[0]
    room = width - len(above.rstrip())
    if "-" in word[:-1] and room < len(word) + 1:  # wrapped lines may end at a hyphen too
        return True
    return len(word) + 1 > room


def _between(above: str, below: str) -> str:
    """Return what is between two lines that were one: nothing within a hyphenated word."""
    is_one_word = (
        _HYPHENATED.search(above.rstrip()[-2:]) is not None
        and below.split(None, 1)[0] not in _CONJUNCTIONS
        and below.lstrip()[:1].isalnum()
    )
    return "" if is_one_word else " "
