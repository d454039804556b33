"""Extract the plain text of HTML that ``writer`` wrote.

Takes HTML in that form alone, in which ``>`` only ends tags and a row of plain cells has a line for
each; returns its text with empty lines between blocks, which ``normalise.html`` then tidies like
any plain text.  A list item starts with its bullet or number, as in a digest; the cells of a row
are separated by ``|``; images have no text.
"""

import re

_ROW = re.compile(r"(?<=<tr>\n)<t[dh][^>]*>([^\n]*(?:\n<t[dh][^>]*>[^\n]*)*)(?=\n</tr>)")
_NEXT_CELL = re.compile(r"</t[dh]>\n<t[dh][^>]*>")
_TAG = re.compile(r"\n?<(/?[a-z0-9]+)([^>]*)>\n?")
_NUMBER = re.compile(r'(?:start|value)="(-?\d+)"')

_SEPARATORS = {
    **dict.fromkeys(
        "blockquote caption dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr p pre table td th"
        " /blockquote /caption /dl /figcaption /figure /h1 /h2 /h3 /h4 /h5 /h6 /p /pre /table"
        "".split(),
        "\n\n",
    ),
    **dict.fromkeys("br dd tr".split(), "\n"),
    **dict.fromkeys("tbody tfoot thead /dd /dt /li /tbody /td /tfoot /th /thead /tr".split(), ""),
}
"""The separator at the start and at the end of an element."""


def text_of(html: str) -> str:
    """Return the text of ``html``; its white space is not tidy yet."""
    if "<tr>" in html:
        html = _ROW.sub(lambda row: _NEXT_CELL.sub(" | ", row[1]), html)
    text = _TAG.sub(_Lists().mark, html)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


class _Lists:
    """The open lists, each as the number of its next item, or None for bullets."""

    def __init__(self) -> None:
        self.open: list[int | None] = []

    def mark(self, tag: re.Match[str]) -> str:
        """Return the text in place of a tag."""
        name, attributes = tag.groups()
        if (mark := _SEPARATORS.get(name)) is not None:
            return mark
        if name == "li":
            return "\n" + self._next(attributes)
        if name in ("ol", "ul"):
            self.open.append(int(_number(attributes, "1")) if name == "ol" else None)
            return _list_end(len(self.open) - 1)
        if name in ("/ol", "/ul"):
            self.open.pop()
            return _list_end(len(self.open))
        return _line_ends(tag[0])

    def _next(self, attributes: str) -> str:
        number = self.open[-1]
        if number is None:
            return "• "
        number = int(_number(attributes, str(number)))
        self.open[-1] = number + 1
        return f"{number}. "


def _number(attributes: str, default: str) -> str:
    match = _NUMBER.search(attributes)
    return match[1] if match else default


def _list_end(outer_lists: int) -> str:
    """Return the separator around a list: a nested one continues its item."""
    return "\n" if outer_lists else "\n\n"


def _line_ends(tag: str) -> str:
    """Return the line ends around a tag within a line."""
    return "\n" * ((tag[0] == "\n") + (tag[-1] == "\n"))
