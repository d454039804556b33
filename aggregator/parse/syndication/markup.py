"""Plain text or HTML: the guess that RSS asks for, and XHTML written out as a string.

RSS says nowhere which of the two a title is.  The guess is feedparser's: HTML has an end tag or a
character reference, and every tag and reference in it is one of HTML.
"""

import re
from html import escape
from html.entities import entitydefs
from typing import Any

from aggregator.parse.syndication.names import XHTML, XML

ELEMENTS = frozenset(
    "a abbr acronym address area article aside audio b big blockquote br button canvas caption"
    " center cite code col colgroup command datagrid datalist dd del details dfn dialog dir div dl"
    " dt em event-source fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hr i"
    " img input ins kbd keygen label legend li m map menu meter multicol nav nextid noscript ol"
    " optgroup option output p pre progress q s samp section select small sound source spacer span"
    " strike strong sub sup table tbody td textarea tfoot th thead time tr tt u ul var"
    " video".split()
)
"""The elements that make a text look like HTML."""

_VOID = frozenset(
    "area base basefont br col command embed frame hr img input isindex keygen link meta param"
    " source track wbr".split()
)
_VOID_END = re.compile(rf"</(?:{'|'.join(sorted(_VOID))})>")
_TELLING = re.compile(r"</\w+>|&#?\w+;")
_TAG = re.compile(r"</?(\w+)")
_REFERENCE = re.compile(r"&(\w+);")


class NotPlainError(ValueError):
    """Markup that only feedparser can say the meaning of."""


def looks_like_html(text: str) -> bool:
    """Whether ``text``, which may be plain, is HTML."""
    if "<" not in text and "&" not in text:
        return False
    if not _TELLING.search(text):
        return False
    return all(tag.lower() in ELEMENTS for tag in _TAG.findall(text)) and all(
        name in entitydefs for name in _REFERENCE.findall(text)
    )


def without_void_ends(html: str) -> str:
    """``html`` without the end tags of elements that have none in HTML, as ``</br>``."""
    return _VOID_END.sub("", html)


def inline(element: Any, *, unwraps: bool) -> str:
    """The XHTML within an Atom text construct, as HTML (RFC 4287, section 3.1.1.3).

    ``unwraps``: the ``div`` around it is left out, as in Atom 1.0.  Raises ``NotPlainError`` for
    elements of other vocabularies.
    """
    only = element[0] if unwraps and len(element) == 1 else None
    if only is not None and only.tag == _DIV and _is_blank(element.text) and _is_blank(only.tail):
        _attributes(only)
        element = only
    pieces: list[str] = []
    _write(element, pieces)
    return "".join(pieces)


def _is_blank(text: str | None) -> bool:
    return not text or text.isspace()


def _write(element: Any, pieces: list[str]) -> None:
    if element.text:
        pieces.append(escape(element.text, quote=False))
    for child in element:
        name = _check(child)
        attributes = "".join(_attribute(name, value) for name, value in _attributes(child).items())
        pieces.append(f"<{name}{attributes}>")
        _write(child, pieces)
        if name not in _VOID:
            pieces.append(f"</{name}>")
        if child.tail:
            pieces.append(escape(child.tail, quote=False))


def _check(element: Any) -> str:
    """The element's name in lower case."""
    tag: str = element.tag
    name = tag.removeprefix(XHTML).lower()
    if len(name) == len(tag) or name in _NEVER:
        raise NotPlainError(tag)
    return name


def _attributes(element: Any) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for key, value in element.items():
        name = key.lower()
        if key.startswith(XML):
            name = "xml:" + name.removeprefix(XML.lower())
        elif key.startswith("{"):
            raise NotPlainError(key)
        attributes[name] = value.lower() if name in ("rel", "type") else value
    return attributes


def _attribute(name: str, value: str) -> str:
    quoted = escape(value, quote=False).replace('"', "&quot;")
    return f' {name}="{quoted}"'


_DIV = XHTML + "div"
_NEVER = frozenset(("body", "svg", "math"))
