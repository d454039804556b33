"""The position in a feed while the quick parser reads it.

Holds the base and the language in effect, the channel and the item so far, and reads the text and
the attributes of an element as feedparser does.
"""

import re
from typing import Any

from aggregator.parse.syndication.addresses import joined, rebased
from aggregator.parse.syndication.channel import FoundChannel
from aggregator.parse.syndication.element_names import ATOM, ATOM03, XML
from aggregator.parse.syndication.items import (
    FoundItem,
    Text,
    may_need_repair,
    relation_of,
    repaired,
)
from aggregator.parse.syndication.quick.xhtml import NotSureError, inline_html
from aggregator.parse.syndication.text_constructs import looks_like_html

PLAIN, HTML, XHTML_TYPE = "text/plain", "text/html", "application/xhtml+xml"
TYPES = {
    "text": PLAIN,
    "plain": PLAIN,
    "text/plain": PLAIN,
    "html": HTML,
    "text/html": HTML,
    "xhtml": XHTML_TYPE,
    XHTML_TYPE: XHTML_TYPE,
}
"""Media types by what the ``type`` of a text construct may say."""

STRAY_REFERENCE = re.compile(r"&(\w+);", re.ASCII)

_TYPE_ALONE = ["type"]
_BASE = re.compile(rb"[\s:]base\s*=", re.IGNORECASE)


class Cursor:
    """One feed while it is read."""

    def __init__(self, xml: bytes, root: Any, address: str, max_items: int) -> None:
        self.xml = xml
        self.root = root
        self.max_items = max_items
        self.base = address
        self.language: str | None = None
        self.is_atom10 = root.tag == f"{{{ATOM}}}feed"
        self.is_atom = self.is_atom10 or root.tag == f"{{{ATOM03}}}feed"
        if not address and _BASE.search(xml):
            raise NotSureError  # without an outer base, feedparser keeps an inner one too long
        self.may_need_repair: bool | None = None
        self.channel = FoundChannel()
        self.title_is_set = False
        self.items: list[FoundItem] = []
        self.elements: list[Any] = []
        self.item = FoundItem()
        self.title_depth = -1
        self.title_kept_at = 0

    def enter(self, element: Any) -> None:
        """Apply the base and the language of ``element``; refuse one that has an address."""
        base = language = None
        for key, value in element.items():
            local = key.rpartition("}")[2].lower()
            if local in ("href", "lastmod") and element is not self.root:
                raise NotSureError
            if local == "base" and base is None and _is_plain(key):
                base = value
            elif local == "lang" and language is None and _is_plain(key):
                language = value
            elif local in ("base", "lang"):
                raise NotSureError
        if base:
            self.base = rebased(self.base, base)
        if language is not None:
            self.language = language.replace("_", "-") or None

    def text(self, element: Any, kind: str) -> Text:
        """Return the text of an element; ``kind`` is its default media type."""
        base, language = self.base, self.language
        keys = element.keys()
        if keys:
            known = TYPES.get(element.get("type")) if keys == _TYPE_ALONE else None
            if known:
                kind = known
            else:
                kind, base, language = self._text_attributes(element, kind)
        if len(element):
            if kind != XHTML_TYPE or not self.is_atom:
                raise NotSureError
            html = inline_html(element, unwraps=self.is_atom10)
            return Text(self.stripped(html), kind, base, language)
        value = (element.text or "").strip()
        if kind == XHTML_TYPE:
            value = value.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;")
        elif kind == PLAIN and not self.is_atom and looks_like_html(value):
            kind = HTML
        return Text(value if value.isascii() else self.repaired(value), kind, base, language)

    def leaf(self, element: Any) -> str:
        """Return the text of an element without children, stripped and repaired."""
        if len(element):
            raise NotSureError
        text = (element.text or "").strip()
        return text if text.isascii() else self.repaired(text)

    def stripped(self, text: str) -> str:
        """Return ``text`` without white space around it, and repaired."""
        text = text.strip()
        return text if text.isascii() else self.repaired(text)

    def repaired(self, text: str) -> str:
        """Return ``text`` with feedparser's repairs, if anything in the feed needs them."""
        if self.may_need_repair is None:
            self.may_need_repair = may_need_repair(self.xml)
        return repaired(text) if self.may_need_repair else text

    def base_of(self, attributes: dict[str, str]) -> str:
        """Return the base of addresses in an element with ``attributes``."""
        own = attributes.get("xml:base", attributes.get("base"))
        return rebased(self.base, own) if own else self.base

    def text_link(self, element: Any) -> str:
        """Return the address in an RSS ``link``."""
        address = leaf(element).strip()
        return self.repaired(joined(self.base, address)) if address else ""

    def link_element(self, element: Any) -> tuple[dict[str, str], str]:
        """Return the attributes of an Atom ``link``, and its address."""
        attributes = attributes_of(element)
        href = attributes.get("href")
        if not href or "url" in attributes or "uri" in attributes:
            raise NotSureError
        leaf(element)
        attributes["rel"] = relation_of(attributes.get("rel"))
        attributes["type"] = attributes.get("type", HTML).lower()
        return attributes, joined(self.base_of(attributes), href)

    def _text_attributes(self, element: Any, kind: str) -> tuple[str, str, str | None]:
        """Return the media type, base and language of an element's text."""
        language = self.language
        attributes = attributes_of(element)
        if attributes.get("mode", "xml") not in ("xml", "escaped"):
            raise NotSureError
        if "type" in attributes:
            known = TYPES.get(attributes["type"].lower())
            if known is None:
                raise NotSureError
            kind = known
        own = attributes.get("xml:lang", attributes.get("lang"))
        if own is not None:
            language = own.replace("_", "-") or None
        return kind, self.base_of(attributes), language


def attributes_of(element: Any) -> dict[str, str]:
    """Return the attributes of ``element`` by name in lower case, those of XML with ``xml:``."""
    attributes = {}
    for key, value in element.items():
        if key.startswith(XML):
            attributes["xml:" + key[len(XML) :].lower()] = value
        elif key.startswith("{"):
            raise NotSureError  # feedparser takes it for the attribute without a namespace
        else:
            attributes[key.lower()] = value
    return attributes


def leaf(element: Any) -> str:
    """Return the text of an element; refuse one that has children."""
    if len(element):
        raise NotSureError
    return element.text or ""


def _is_plain(key: str) -> bool:
    return not key.startswith("{") or key.startswith(XML)
