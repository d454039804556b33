"""Plain text as clean HTML: paragraphs, lists, and the links that stand in the text.

Takes the lines of a digest's body; gives ``Body``.  The HTML is built from escaped text only, so it
holds no element, attribute or address that is not written here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Literal

from aggregator.normalise.text import clean, tidy_lines

_BULLET = re.compile(r"[•·▪◦‣]\s*|[*–—-]\s+")
_NUMBER = re.compile(r"\(?(\d{1,3})[.)]\s+")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"“”„«»‘`{}|\\^]+", re.IGNORECASE)
_TRAILING = ".,;:!?'’…*_~"
_PAIRS = {")": "(", "]": "["}

Kind = Literal["paragraph", "bullet", "number"]


@dataclass(frozen=True, slots=True)
class Body:
    """A body in its two forms.  ``text`` is plain, its blocks parted by an empty line."""

    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Block:
    """One paragraph or list item: its lines, and the number of a numbered one."""

    kind: Kind
    lines: tuple[str, ...]
    number: int = 0


def body_from_text(raw: str) -> Body:
    """``raw`` text, as found in a digest, in its tidy plain form and as HTML."""
    blocks = list(_blocks(tidy_lines(clean(raw))))
    return Body(
        text="\n\n".join("\n".join(run) for run in _plain(blocks)),
        html="\n".join(_html(blocks)),
    )


def _blocks(lines: list[str]) -> Iterator[_Block]:
    open_block: _Block | None = None
    for line in [*lines, ""]:
        started = _list_item(line)
        if open_block is not None and (started is not None or not line):
            yield open_block
            open_block = None
        if started is not None:
            open_block = started
        elif line and open_block is not None:
            open_block = _Block(open_block.kind, (*open_block.lines, line), open_block.number)
        elif line:
            open_block = _Block("paragraph", (line,))


def _list_item(line: str) -> _Block | None:
    if match := _BULLET.match(line):
        return _Block("bullet", (line[match.end() :],)) if line[match.end() :] else None
    if match := _NUMBER.match(line):
        return _Block("number", (line[match.end() :],), int(match[1]))
    return None


def _plain(blocks: list[_Block]) -> Iterator[list[str]]:
    """Blocks as lines; the items of one list stay together."""
    for kind, run in groupby(blocks, key=lambda block: block.kind):
        if kind == "paragraph":
            yield from (list(block.lines) for block in run)
        elif kind == "bullet":
            yield [line for block in run for line in ("• " + block.lines[0], *block.lines[1:])]
        else:
            yield [
                line
                for block in run
                for line in (f"{block.number}. {block.lines[0]}", *block.lines[1:])
            ]


def _html(blocks: list[_Block]) -> Iterator[str]:
    for kind, run in groupby(blocks, key=lambda block: block.kind):
        if kind == "paragraph":
            yield from (f"<p>{_inline(block.lines)}</p>" for block in run)
        elif kind == "bullet":
            yield "<ul>\n" + "".join(f"<li>{_inline(b.lines)}</li>\n" for b in run) + "</ul>"
        else:
            yield _ordered(list(run))


def _ordered(run: list[_Block]) -> str:
    """An ``ol`` that shows the numbers upstream wrote, wherever they start or jump."""
    html, expected = "", 1
    for block in run:
        if not html:
            html = "<ol>\n" if block.number == 1 else f'<ol start="{block.number}">\n'
            expected = block.number
        value = "" if block.number == expected else f' value="{block.number}"'
        html += f"<li{value}>{_inline(block.lines)}</li>\n"
        expected = block.number + 1
    return html + "</ol>"


def _inline(lines: tuple[str, ...]) -> str:
    return "<br>\n".join(_linked(line) for line in lines)


def _linked(line: str) -> str:
    if "://" not in line and "www." not in line and "WWW." not in line:
        return escape(line, quote=False)
    parts: list[str] = []
    done = 0
    for match in _ADDRESS.finditer(line):
        address = _without_trailing(match[0])
        if "." not in address.partition("://")[2] and "://" in address:
            continue
        href = address if "://" in address else f"https://{address}"
        parts.append(escape(line[done : match.start()], quote=False))
        parts.append(f'<a href="{escape(href)}">{escape(address, quote=False)}</a>')
        done = match.start() + len(address)
    return "".join(parts) + escape(line[done:], quote=False)


def _without_trailing(address: str) -> str:
    """``address`` without the punctuation of the sentence around it; brackets only in pairs."""
    while address:
        last = address[-1]
        opening = _PAIRS.get(last)
        if last in _TRAILING or (opening and address.count(last) > address.count(opening)):
            address = address[:-1]
        else:
            return address
    return address
