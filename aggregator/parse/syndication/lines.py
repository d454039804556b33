"""Find the lines of a feed's items.

Needed because libxml2 does not count beyond line 65,535, and feedparser does not count at all.
"""

from collections.abc import Sequence

_AFTER_NAME = frozenset(b" \t\r\n>/")


def item_lines(text: bytes, count: int) -> Sequence[tuple[int, int]]:
    """Return the first and last line, from 1, of each of the ``count`` items of a feed in UTF-8.

    Where the number of ``item`` or ``entry`` elements is different, all lines for each.
    """
    for name in (b"item", b"entry"):
        starts = _starts(text, b"<" + name)
        if starts and len(starts) == count:
            return _lines(text, starts, b"</" + name)
    return [(1, text.count(b"\n") + 1)] * count


def _starts(text: bytes, tag: bytes) -> list[int]:
    found: list[int] = []
    at = text.find(tag)
    while at >= 0:
        end = at + len(tag)
        if end < len(text) and text[end] in _AFTER_NAME:
            found.append(at)
        at = text.find(tag, end)
    return found


def _lines(text: bytes, starts: list[int], end_tag: bytes) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    line, counted = 1, 0
    for start, following in zip(starts, [*starts[1:], len(text)], strict=True):
        line += text.count(b"\n", counted, start)
        end = text.rfind(end_tag, start, following)
        counted = end if end >= 0 else start
        last = line + text.count(b"\n", start, counted)
        found.append((line, last))
        line = last
    return found
