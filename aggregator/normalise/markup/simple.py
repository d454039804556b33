"""Read HTML that has nothing but text in paragraphs and lists, as that of most feeds.

Takes HTML; returns the ``Body`` that ``tokens``, ``writer``, nh3 and ``plain`` make of it, or None
where it has anything else: another element, an attribute that matters, an end tag that is missing.
The result consists of the tags written here and of escaped text.
"""

import re
from html import escape
from itertools import groupby

from aggregator.normalise.html import Body, text_of_lines
from aggregator.normalise.markup.tokens import unescaped
from aggregator.normalise.text import clean

LONGEST = 20_000
"""Characters of HTML that is read here: too few for any bound of long HTML to apply."""

_STROKE = "\u0338"  # NFC combines it with the `>` of a tag before it
_PLAIN = r'(?: (?:class|dir|id|lang)="[^"<>]*+")*+'
_TEXT = r"[^<]*+(?:<br ?/?>[^<]*+)*+"
_ELEMENT = re.compile(
    rf"<p{_PLAIN}>(?P<text>{_TEXT})</p>\s*+"
    rf"|<(?P<list>[ou]l){_PLAIN}>\s*+(?P<items>(?:<li{_PLAIN}>{_TEXT}</li>\s*+)++)</(?P=list)>\s*+"
)
_ITEM = re.compile(rf"<li{_PLAIN}>({_TEXT})</li>")
_BREAK = re.compile("<br ?/?>")
_EMPTY_LINE = re.compile(r"\n\s*\n")

_Text = list[str]
"""The lines of a paragraph or an item."""


def simple_body(raw: str) -> Body | None:
    """Return the body of HTML that has nothing but text in paragraphs and lists, else None."""
    if len(raw) > LONGEST or clean(raw) != raw:
        return None
    elements = _elements(raw)
    if elements is None:
        return None
    html: list[str] = []
    lines: list[str] = []
    for tag, texts in elements:
        if tag == "p":
            html += [f"<p>{_escaped(text)}</p>" for text in texts]
            lines += [line for text in texts for line in (*text, "")]
        else:
            items = [f"<li>{_escaped(text)}</li>\n" for text in texts]
            html.append(f"<{tag}>\n{''.join(items)}</{tag}>")
            for number, (first, *others) in enumerate(texts, 1):
                lines += [f"• {first}" if tag == "ul" else f"{number}. {first}", *others]
            lines.append("")
    written = "\n".join(html)
    return None if _STROKE in written else Body(text=text_of_lines(lines), html=written)


def _elements(raw: str) -> list[tuple[str, list[_Text]]] | None:
    """Return each element with its texts; None where there is more than paragraphs and lists."""
    if "<" not in raw:
        # It was plain text before it was declared HTML: empty lines end paragraphs.
        return [("p", [text]) for part in _EMPTY_LINE.split(raw) if any(text := _lines(part))]
    found: list[tuple[str, list[_Text]]] = []
    at = len(raw) - len(raw.lstrip())
    while at < len(raw):
        element = _ELEMENT.match(raw, at)
        if element is None:
            return None
        at = element.end()
        if (tag := element["list"]) is None:
            found.append(("p", _paragraphs(_lines(element["text"]))))
            continue
        items = [list(filter(None, _lines(item))) for item in _ITEM.findall(element["items"])]
        if not all(items):
            return None  # an empty item counts, and is not written
        found.append((tag, items))
    return found


def _lines(text: str) -> _Text:
    """Return the lines of a text, decoded and with single spaces."""
    lines = _BREAK.split(text) if "<" in text else [text]
    if "&" in text:
        lines = [clean(unescaped(line)) for line in lines]
    return [" ".join(line.split()) for line in lines]


def _paragraphs(lines: _Text) -> list[_Text]:
    """Return the paragraphs in one element: empty lines are between them."""
    return [list(group) for has_text, group in groupby(lines, key=bool) if has_text]


def _escaped(lines: _Text) -> str:
    return "<br>\n".join([escape(line, quote=False) for line in lines])
