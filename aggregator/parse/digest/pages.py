"""The lines of a digest in HTML: each heading, paragraph and broken line is one.

Takes HTML, which may contain anything; returns ``Text`` in time that grows with its length.  Lines
of different blocks have an empty line between them.  The bodies of items are cut from the HTML
itself, so that their links, lists and tables are kept.
"""

import re

from aggregator.normalise.markup.elements import BLOCKS, BOUNDARIES, HEADINGS, LEAVES
from aggregator.normalise.markup.tokens import attributes_of, tokenise
from aggregator.parse.digest.text import Text

_START = re.compile(
    r"(?:\s|\ufeff|<!--.*?-->|<\?.*?\?>)*<(?:!doctype\s+html|html|head|body|h[1-6]|p|div|table"
    r"|article|section|main|center|ul|ol|dl|title|meta|style|script|link|header|pre|font|span|a|b|strong|em|hr|br)\b",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(
    r"</?(?:p|div|h[1-6]|table|tr|td|ul|li|article|section|body|html|pre|br)\b[^<>]*>",
    re.IGNORECASE,
)
_TEXT_HEADER = re.compile(r"^\s*\n[^\S\n]*Source[^\S\n]?:[^<\n]*\n[^\S\n]*$", re.MULTILINE)
_SEPARATING = (LEAVES | BLOCKS | BOUNDARIES | {"hr"}) - {"td", "th", "tr"}
_CELL = " | "


def is_html(text: str) -> bool:
    """Return whether a document is HTML, and not plain text that has some."""
    if _START.match(text[:64_000]) is None:
        return False
    return len(_MARKUP.findall(text[:64_000])) >= 2 and _TEXT_HEADER.search(text) is None


def read_page(html: str) -> Text:
    """Return the lines of ``html``."""
    page = _Page(html)
    starts: list[int] = []
    for name, content in tokenise(html, starts):
        page.take(name, content, starts[-1])
    page.end_line()
    return page.text


class _Page:
    def __init__(self, html: str) -> None:
        self.text = Text([], [], html=html)
        self._html = html
        self._counted = (0, 1)  # a place, and the number of its line
        self._parts: list[str] = []
        self._start: int | None = None
        self._link: str | None = None
        self._in_heading = self._in_pre = False
        self._is_row = False
        self._needs_cell = False

    def take(self, name: str, content: str, at: int) -> None:
        """Take the next token."""
        if not name:
            self._take_text(content, at)
            return
        tag = name.removeprefix("/")
        is_start = name == tag
        if tag == "br":
            self._open(at)
            self.end_line(keep_empty=True)
        elif tag in ("td", "th"):
            self._needs_cell = is_start and bool(self._parts)
        elif tag == "tr" or tag in _SEPARATING:
            self.end_block()
        if is_start:
            self._open(at)
            if tag == "a" and self._link is None:
                self._link = attributes_of(content).get("href")
        if tag in HEADINGS and tag != "pre":
            self._in_heading = is_start
        elif tag == "pre":
            self._in_pre = is_start

    def _take_text(self, content: str, at: int) -> None:
        if not self._in_pre:
            if content.strip():
                self._open(at)
                self._add(content)
            elif self._parts:
                self._parts.append(" ")
            return
        first, *others = content.split("\n")
        self._open(at)
        self._add(first)
        for line in others:
            self.end_line(keep_empty=True)
            self._open(at)
            self._add(line)

    def _add(self, content: str) -> None:
        if self._needs_cell:
            self._parts.append(_CELL)
            self._is_row, self._needs_cell = True, False
        self._parts.append(content)

    def _open(self, at: int) -> None:
        if self._start is None:
            self._start = at

    def end_line(self, *, keep_empty: bool = False) -> None:
        """End the current line; an empty one is only kept where it was written as one."""
        line = " ".join("".join(self._parts).split())
        if line or (keep_empty and self.text.lines and self.text.lines[-1]):
            start = self._start or 0
            at = len(self.text.lines)
            self.text.lines.append(line)
            self.text.starts.append(start)
            self.text.numbers.append(self._number(start))
            if line and self._in_heading:
                self.text.headings.add(at)
            if self._is_row:
                self.text.rows.add(at)
            if line and self._link:
                self.text.links[at] = self._link
        if line or keep_empty:
            self._start = self._link = None
        self._parts = []
        self._is_row = self._needs_cell = False

    def end_block(self) -> None:
        """End the current line and its block."""
        self.end_line()
        if self.text.lines and self.text.lines[-1]:
            self.text.lines.append("")
            self.text.starts.append(self.text.starts[-1])
            self.text.numbers.append(self.text.numbers[-1])

    def _number(self, place: int) -> int:
        counted, number = self._counted
        number += self._html.count("\n", counted, place)
        self._counted = (place, number)
        return number
