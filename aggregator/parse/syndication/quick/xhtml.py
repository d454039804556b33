"""Write the XHTML within an Atom text construct as HTML (RFC 4287, section 3.1.1.3).

Takes an lxml element; returns HTML.  Raises ``NotSureError`` for other vocabularies.
"""

from html import escape
from typing import Any

from aggregator.parse.syndication.element_names import XHTML, XML
from aggregator.parse.syndication.text_constructs import VOID

_DIV = XHTML + "div"
_NEVER = frozenset(("body", "svg", "math"))


class NotSureError(ValueError):
    """Only feedparser knows what this means."""


def inline_html(element: Any, *, unwraps: bool) -> str:
    """Return the content of ``element``; ``unwraps`` removes the ``div`` around it."""
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
        name = _name(child)
        attributes = "".join(_attribute(name, value) for name, value in _attributes(child).items())
        pieces.append(f"<{name}{attributes}>")
        _write(child, pieces)
        if name not in VOID:
            pieces.append(f"</{name}>")
        if child.tail:
            pieces.append(escape(child.tail, quote=False))


def _name(element: Any) -> str:
    """Return the element's name in lower case."""
    tag: str = element.tag
    name = tag.removeprefix(XHTML).lower()
    if len(name) == len(tag) or name in _NEVER:
        raise NotSureError(tag)
    return name


def _attributes(element: Any) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for key, value in element.items():
        name = key.lower()
        if key.startswith(XML):
            name = "xml:" + name.removeprefix(XML.lower())
        elif key.startswith("{"):
            raise NotSureError(key)
        attributes[name] = value.lower() if name in ("rel", "type") else value
    return attributes


def _attribute(name: str, value: str) -> str:
    quoted = escape(value, quote=False).replace('"', "&quot;")
    return f' {name}="{quoted}"'
