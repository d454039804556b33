"""Adapt an entry's HTML to its page: valid HTML that is XML as well, and loads nothing.

Takes the safe, rightly nested HTML of ``normalise``.  Headings are ranked below the page's own.
Images become links, so that no other site learns who reads a page.  What violates the HTML standard
is corrected: definition lists without a term or a definition, misplaced captions, nested ``dfn``,
and, by ``tables``, tables that are not rectangular.  Text is never changed.
"""

import re
from html import unescape

from aggregator.output.pages.attributes import valid_address
from aggregator.output.pages.tables import Table

_TAG = re.compile(
    r"<(/?)(h[1-6]|img|a|br|hr|d[ldt]|dfn|fig(?:ure|caption)|table|caption|t(?:head|body|foot|[rdh]))"
    r'((?: [^\s"=<>/]+="[^"]*")*) ?/?>'
)
_ATTRIBUTE = re.compile(r' ([^\s"=<>/]+)="([^"]*)"')
_HREF = re.compile(r'(?<= href=")[^"]*')


def page_html(html: str) -> str:
    """Return safe HTML for an entry's page; unknown tags are not changed."""
    writer = _Writer()
    done = 0
    for match in _TAG.finditer(html):
        writer.out.append(html[done : match.start()])
        done = match.end()
        writer.tag(match[0], match[2], match[3], is_end=bool(match[1]))
    return "".join(writer.out) + html[done:]


class _Writer:
    """The output, in pieces that may still be changed, and the open elements."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.is_in_link = False
        self.levels: list[int] = []  # original ranks of the headings above
        self.terms = 0  # nested dfn
        self.lists: list[str] = []  # the last part of each open dl
        self.figures: list[_Figure] = []
        self.tables: list[Table] = []

    def tag(self, written: str, name: str, attributes: str, *, is_end: bool) -> None:
        """Write a tag, or its replacement."""
        if name in ("br", "hr"):
            self.out.append(f"<{name}/>")
        elif name == "a":
            self._link(attributes, is_end=is_end)
        elif name == "img":
            self.out.append(_picture(dict(_ATTRIBUTE.findall(attributes)), self.is_in_link))
        elif name[0] == "h":
            self._heading(int(name[1]), is_end=is_end)
        elif name == "dfn":
            self._term(written, is_end=is_end)
        elif name in ("dl", "dt", "dd"):
            self._definition(written, name, is_end=is_end)
        elif name in ("figure", "figcaption"):
            self._figure(written, name, is_end=is_end)
        else:
            self._table(written, name, attributes, is_end=is_end)

    def _link(self, attributes: str, *, is_end: bool) -> None:
        """Write a link; those from plain text have no ``rel`` yet."""
        self.is_in_link = not is_end
        if is_end:
            self.out.append("</a>")
            return
        rel = "" if " rel=" in attributes else ' rel="noopener noreferrer"'
        attributes = _HREF.sub(lambda href: valid_address(href[0]), attributes)
        self.out.append(f"<a{attributes}{rel}>")

    def _heading(self, written: int, *, is_end: bool) -> None:
        """Write a heading below h1, without gaps in the ranks; in a header cell, which may not
        contain headings (HTML, section 4.9.10), a paragraph.
        """
        if any(table.is_in_header for table in self.tables):
            name = "p"
        else:
            if not is_end:
                while self.levels and self.levels[-1] >= written:
                    self.levels.pop()
                self.levels.append(written)
            name = f"h{min(6, 1 + len(self.levels))}"
        self.out.append(f"</{name}>" if is_end else f"<{name}>")

    def _term(self, written: str, *, is_end: bool) -> None:
        """Write only the outermost of nested ``dfn`` (HTML, section 4.5.8)."""
        self.terms += not is_end
        if self.terms == 1:
            self.out.append(written)
        self.terms = max(0, self.terms - is_end)

    def _definition(self, written: str, name: str, *, is_end: bool) -> None:
        """Write a list in which every group has a term and a definition (HTML, section 4.4.9)."""
        if name == "dl":
            if not is_end:
                self.lists.append("")
            elif self.lists and self.lists.pop() == "dt":
                self.out.append("<dd></dd>\n")
        elif not is_end and self.lists:
            if name == "dd" and not self.lists[-1]:
                self.out.append("<dt></dt>\n")
            self.lists[-1] = name
        self.out.append(written)

    def _figure(self, written: str, name: str, *, is_end: bool) -> None:
        if name == "figcaption" and self.figures:
            captions = self.figures[-1].captions
            if not is_end:
                captions.append((len(self.out), len(self.out)))
            elif captions:
                captions[-1] = (captions[-1][0], len(self.out))
        self.out.append(written)
        if name == "figure" and not is_end:
            self.figures.append(_Figure(len(self.out)))
        elif name == "figure" and self.figures:
            self.figures.pop().correct(self.out)

    def _table(self, written: str, name: str, attributes: str, *, is_end: bool) -> None:
        if name == "table" and not is_end:
            self.tables.append(Table())
        elif name == "table" and self.tables:
            self.out.append(written)
            self.tables.pop().correct(self.out)
            return
        elif self.tables and is_end:
            self.tables[-1].end(name, len(self.out))
        elif self.tables:
            spans = dict(_ATTRIBUTE.findall(attributes))
            self.tables[-1].start(name, len(self.out), spans)
        self.out.append(written)


class _Figure:
    """An open figure: its first piece, and the pieces where its captions start and end."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.captions: list[tuple[int, int]] = []

    def correct(self, out: list[str]) -> None:
        """Keep one caption, first or last in the figure (HTML, section 4.4.12)."""
        kept = next((c for c in self.captions if _is_blank(out[self.first : c[0]])), None)
        if kept is None and self.captions and _is_blank(out[self.captions[-1][1] + 1 : -1]):
            kept = self.captions[-1]
        for begin, end in self.captions:
            if (begin, end) != kept:
                out[begin], out[end] = "<p>", "</p>"


def _is_blank(pieces: list[str]) -> bool:
    return not any(piece.strip() for piece in pieces)


def _picture(attributes: dict[str, str], is_in_link: bool) -> str:
    """Return a link to an image: loading it would tell its host who reads the page."""
    words = f"Picture: {attributes['alt']}" if attributes.get("alt") else "Picture"
    address = attributes.get("src", "")
    if is_in_link or not unescape(address).startswith(("https://", "http://")):
        return f'<span class="picture">[{words}]</span>'
    href = valid_address(address)
    return f'<a class="picture" href="{href}" rel="noopener noreferrer">[{words}]</a>'
