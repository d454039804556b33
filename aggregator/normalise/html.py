"""Convert plain text to HTML: paragraphs, lists, and links for the addresses in the text.

Takes the body of a digest's item; returns a ``Body``.  Text is escaped, so the HTML has no element,
attribute or address that is not written here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Literal
from urllib.parse import urlsplit

from aggregator.normalise.links import web_address
from aggregator.normalise.text import clean, tidy_lines

_LIST_ITEM = re.compile(r"(?:[•·▪◦‣]\s*|[*–—-]\s+|\(?(\d{1,3})[.)]\s+)(?=\S)")
_ADDRESS = re.compile(r"(?:https?://|(?<![a-z0-9@.-])www\.)[^\s<>\"“”„«»‘`{}|\\^]+", re.IGNORECASE)
# At least two labels of letters and digits, and perhaps a port: neither a user nor localhost.
_HOST = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W_](?:[\w-]*[^\W_])?\.?(?::\d+)?")
_BULLET = r"(?:[•·▪◦‣*–—-]|\(?\d{1,3}[.)])"
_STROKE = re.compile(rf"(?m)^([ \t\xa0]*(?:{_BULLET}[ \t\xa0]*)?)([\u0300-\u036f]*?)\u0338+")
_TRAILING = ".,;:!?'’…*_~"
_PAIRS = {")": "(", "]": "["}

Kind = Literal["paragraph", "bullet", "number"]


@dataclass(frozen=True, slots=True)
class Body:
    """A body in its two forms.  ``text`` is plain, with an empty line between blocks."""

    text: str
    html: str


@dataclass(slots=True)
class _Block:
    """A paragraph or list item: its lines so far, and the number of a numbered item."""

    kind: Kind
    lines: list[str]
    number: int = 0


_Run = tuple[Kind, list[_Block]]
"""Successive blocks of one kind: the items of a list, or paragraphs."""


def body_from_text(raw: str) -> Body:
    """Return ``raw`` text, as found in a digest, as tidy plain text and as HTML."""
    runs = _runs(tidy_lines(_without_stroke(clean(raw))))
    return Body(text="\n\n".join(_plain(runs)), html="\n".join(_html(runs)))


def tidy_text(raw: str) -> str:
    """Return ``raw`` text as tidy plain text: the ``text`` of its body."""
    return text_of_lines(tidy_lines(_without_stroke(clean(raw))))


def text_of_lines(lines: list[str]) -> str:
    """Return tidy lines as text in which one empty line is between blocks."""
    return "\n\n".join(_plain(_runs(lines)))


def _without_stroke(text: str) -> str:
    """Return ``text`` without combining strokes at the start of a line, where a tag precedes.

    NFC would combine the tag's ``>`` and the stroke into ``≯``, and break the tag.
    """
    return _STROKE.sub(r"\1\2", text) if "\u0338" in text else text


def _runs(lines: list[str]) -> list[_Run]:
    blocks = _blocks(lines)
    return [(kind, list(run)) for kind, run in groupby(blocks, key=lambda block: block.kind)]


def _blocks(lines: list[str]) -> list[_Block]:
    blocks: list[_Block] = []
    is_open = False
    for line in lines:
        if not line:
            is_open = False
        elif match := _LIST_ITEM.match(line):
            blocks.append(_list_item(match[1], line[match.end() :]))
            is_open = True
        elif is_open:
            blocks[-1].lines.append(line)
        else:
            blocks.append(_Block("paragraph", [line]))
            is_open = True
    return blocks


def _list_item(number: str | None, line: str) -> _Block:
    return _Block("number", [line], int(number)) if number else _Block("bullet", [line])


def _plain(runs: list[_Run]) -> Iterator[str]:
    """Yield blocks as text; the items of a list are one block."""
    for kind, run in runs:
        if kind == "paragraph":
            yield from ("\n".join(block.lines) for block in run)
        elif kind == "bullet":
            yield "\n".join("• " + "\n".join(block.lines) for block in run)
        else:
            yield "\n".join(f"{block.number}. " + "\n".join(block.lines) for block in run)


def _html(runs: list[_Run]) -> Iterator[str]:
    for kind, run in runs:
        if kind == "paragraph":
            yield from (f"<p>{_inline(block.lines)}</p>" for block in run)
        elif kind == "bullet":
            yield "<ul>\n" + "".join(f"<li>{_inline(b.lines)}</li>\n" for b in run) + "</ul>"
        else:
            yield _ordered(run)


def _ordered(run: list[_Block]) -> str:
    """Return an ``ol`` that shows the numbers as written, wherever they start or jump."""
    expected = run[0].number
    parts = ["<ol>\n" if expected == 1 else f'<ol start="{expected}">\n']
    for block in run:
        value = "" if block.number == expected else f' value="{block.number}"'
        parts.append(f"<li{value}>{_inline(block.lines)}</li>\n")
        expected = block.number + 1
    return "".join(parts) + "</ol>"


def _inline(lines: list[str]) -> str:
    return "<br>\n".join([_linked(line) for line in lines])


def _linked(line: str) -> str:
    if "://" not in line and "www." not in line and "WWW." not in line:
        return escape(line, quote=False)
    parts: list[str] = []
    done = 0
    for match in _ADDRESS.finditer(line):
        address = _without_trailing(match[0])
        href = web_address(f"https://{address}" if address[:4].lower() == "www." else address)
        if href is not None and _HOST.fullmatch(urlsplit(href).netloc):
            parts.append(escape(line[done : match.start()], quote=False))
            parts.append(f'<a href="{escape(href)}">{escape(address, quote=False)}</a>')
            done = match.start() + len(address)
    return "".join(parts) + escape(line[done:], quote=False)


def _without_trailing(address: str) -> str:
    """Return ``address`` without the punctuation after it; brackets only in pairs."""
    unpaired = {last: address.count(last) - address.count(first) for last, first in _PAIRS.items()}
    end = len(address)
    while end and (address[end - 1] in _TRAILING or unpaired.get(address[end - 1], 0) > 0):
        end -= 1
        if address[end] in unpaired:
            unpaired[address[end]] -= 1
    return address[:end]
