"""Read HTML that has nothing but text, emphasis and links in paragraphs and lists, as most feeds.

Takes HTML; returns the ``Body`` that ``tokens``, ``writer`` and ``plain`` make of it, or None where
it has anything else: another element, an attribute that matters, an end tag that is missing.  The
result consists of the tags written here, of links from ``references``, and of escaped text.
"""

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby

from aggregator.normalise.html import Body, text_of_lines
from aggregator.normalise.markup import references
from aggregator.normalise.markup.substitutes import is_needed
from aggregator.normalise.markup.tokens import attributes_of, unescaped
from aggregator.normalise.text import clean, single_spaced

LONGEST = 20_000
"""Characters of HTML that is read here: too few for any bound of long HTML to apply."""

_STROKE = "\u0338"  # NFC combines it with the `>` of a tag before it
_PLAIN = r'(?: (?:class|dir|id|lang|style)="[^"<>]*+")*+'
_TEXT = rf"(?:[^<]++|<(?:br ?/?|(?:b|em|i|strong){_PLAIN}|a [^<>]*+|/(?:a|b|em|i|strong))>)*+"
_ELEMENT = re.compile(
    rf"<p{_PLAIN}>(?P<text>{_TEXT})</p>\s*+"
    rf"|<(?P<list>[ou]l){_PLAIN}>\s*+(?P<items>(?:<li{_PLAIN}>{_TEXT}</li>\s*+)++)</(?P=list)>\s*+"
)
_ITEM = re.compile(rf"<li{_PLAIN}>({_TEXT})</li>")
_BREAK = re.compile("<br ?/?>")
_TAG = re.compile(r"<(/?[a-z]+)([^<>]*)>")
_EMPTY_LINE = re.compile(r"\n\s*\n")
_DEEPEST_INLINE = 3

_Line = tuple[str, str]
"""A line as text and as HTML; both are empty, or neither."""


class _NotSimpleError(Exception):
    """The HTML has something that is not read here."""


def simple_body(raw: str, base: str | None = None) -> Body | None:
    """Return the body of HTML that has nothing but text in paragraphs and lists, else None."""
    if len(raw) > LONGEST or clean(raw) != raw:
        return None
    if (" style=" in raw or "<a " in raw) and is_needed(raw):
        return None
    html: list[str] = []
    lines: list[str] = []
    try:
        for tag, texts in _elements(raw, base):
            if tag == "p":
                html += [f"<p>{_html(text)}</p>" for text in texts]
                lines += [line for text in texts for line in (*(one for one, _ in text), "")]
                continue
            items = [f"<li>{_html(text)}</li>\n" for text in texts]
            html.append(f"<{tag}>\n{''.join(items)}</{tag}>")
            for number, ((first, _), *others) in enumerate(texts, 1):
                lines.append(f"• {first}" if tag == "ul" else f"{number}. {first}")
                lines += [line for line, _ in others]
            lines.append("")
    except _NotSimpleError:
        return None
    written = "\n".join(html)
    return None if _STROKE in written else Body(text=text_of_lines(lines), html=written)


def _elements(raw: str, base: str | None) -> Iterator[tuple[str, list[list[_Line]]]]:
    """Yield each element with its texts, of one line or more."""
    if "<" not in raw:
        # It was plain text before it was declared HTML: empty lines end paragraphs.
        for part in _EMPTY_LINE.split(raw):
            yield "p", _paragraphs(_lines(part, base))
        return
    at = len(raw) - len(raw.lstrip())
    while at < len(raw):
        element = _ELEMENT.match(raw, at)
        if element is None:
            raise _NotSimpleError
        at = element.end()
        if (tag := element["list"]) is None:
            yield "p", _paragraphs(_lines(element["text"], base))
            continue
        items = [_lines(item, base) for item in _ITEM.findall(element["items"])]
        texts = [[line for line in item if line[0]] for item in items]
        if not all(texts):
            raise _NotSimpleError  # an empty item counts, and is not written
        yield tag, texts


def _lines(text: str, base: str | None) -> list[_Line]:
    """Return the lines of a text, decoded and with single spaces."""
    if "<" not in text:
        return [_plain_line(text)]
    lines = _BREAK.split(text)
    return [_line(line, base) if "<" in line else _plain_line(line) for line in lines]


def _plain_line(written: str) -> _Line:
    text = single_spaced(_decoded(written))
    return text, escape(text, quote=False)


def _line(written: str, base: str | None) -> _Line:
    """Return a line with emphasis and links, the spaces outside of them as ``writer`` puts them."""
    text, html = "", ""
    space = False
    waiting = ""  # start tags, before the next text
    names: list[str] = []
    at = 0
    for tag in (*_TAG.finditer(written), None):
        found = _decoded(written[at : tag.start() if tag else len(written)])
        words = " ".join(found.split())
        space = space or found[:1].isspace()
        if words:
            gap = " " if space and text else ""
            text += gap + words
            html += f"{gap}{waiting}{escape(words, quote=False)}"
            waiting = ""
            space = found[-1].isspace()
        if tag is None:
            break
        at = tag.end()
        name, attributes = tag.groups()
        if name[0] == "/":
            if waiting or not names or names.pop() != name[1:]:
                raise _NotSimpleError
            html += f"<{name}>"
            continue
        made = f"<{name}>" if name != "a" else references.link(attributes_of(attributes), base)
        if not made or name in names or len(names) == _DEEPEST_INLINE:
            raise _NotSimpleError
        names.append(name)
        waiting += made
    if names or clean(text) != text:
        raise _NotSimpleError
    return text, html


def _decoded(text: str) -> str:
    return clean(unescaped(text)) if "&" in text else text


def _paragraphs(lines: list[_Line]) -> list[list[_Line]]:
    """Return the paragraphs in one element: empty lines are between them."""
    groups = groupby(lines, key=lambda line: bool(line[0]))
    return [list(group) for has_text, group in groups if has_text]


def _html(lines: list[_Line]) -> str:
    return "<br>\n".join([html for _, html in lines])
