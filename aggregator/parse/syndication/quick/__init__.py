"""Read RSS and Atom with lxml, where its meaning is certain.

Takes the XML of a feed in UTF-8; returns what was found of it, or None where only feedparser knows
what it means.  feedparser reads a feed as a stream of events with some hundred rules on how they
affect each other.  This parser implements what these rules mean for an element in its usual place,
and refuses everything else (``NotSureError``): it never guesses.  libxml2 without recovery accepts
no document that expat rejects.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from aggregator.parse.syndication.channel import FoundChannel
from aggregator.parse.syndication.element_names import (
    ATOM,
    PREFIXES,
    RDF,
    RSS09,
    RSS10,
    SPLIT_PREFIXES,
    name_of,
    prefix_of,
)
from aggregator.parse.syndication.items import FoundItem
from aggregator.parse.syndication.lines import item_lines
from aggregator.parse.syndication.quick.channel_elements import (
    check_ignored,
    check_image,
    read_channel,
)
from aggregator.parse.syndication.quick.cursor import Cursor
from aggregator.parse.syndication.quick.item_elements import read_item
from aggregator.parse.syndication.quick.xhtml import NotSureError

_ROOTS = {
    ATOM.lower(): f"{{{ATOM}}}feed",
    RSS10.lower(): f"{{{RDF}}}RDF",
    RSS09.lower(): f"{{{RDF}}}RDF",
}
"""The root elements of formats that feedparser recognises by their namespace."""

_DECLARED = re.compile(rb"\sxmlns(?::([^\s=]+))?\s*=\s*[\"']([^\"']*)[\"']")
_MAX_LINE = 65_535  # libxml2 counts no further

_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    recover=False,
    remove_comments=True,
    remove_pis=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed as found: its channel, its first items, and the lines of all of them."""

    channel: FoundChannel
    items: list[FoundItem]
    lines: Sequence[tuple[int, int]]


def read(xml: bytes, address: str, max_items: int) -> FoundFeed | None:
    """Return a feed with its first ``max_items`` items; the others are only counted.

    ``xml`` is in UTF-8 and has no document type.  None: the careful parser has to read it.
    """
    try:
        root = etree.fromstring(xml, _PARSER)
        _check_namespaces(xml, root)
        return _feed(Cursor(xml, root, address, max_items))
    except (NotSureError, etree.XMLSyntaxError, ValueError):
        return None


def _check_namespaces(xml: bytes, root: Any) -> None:
    """Refuse a feed in which a prefix does not have its usual meaning."""
    declared: Iterable[tuple[str | None, str]] = root.nsmap.items()
    prefixes = len(root.nsmap) - (None in root.nsmap)
    # The only search of the whole feed: each takes a tenth of the time of building its tree.
    if xml.count(b"xmlns:") != prefixes:
        declared = [
            (prefix.decode() or None, namespace.decode())
            for prefix, namespace in _DECLARED.findall(xml)
        ]
    if root.tag == f"{{{RDF}}}RDF" and not {RSS10, RSS09} & set(root.nsmap.values()):
        raise NotSureError
    for prefix, namespace in declared:
        usual = prefix_of(namespace)
        if _ROOTS.get(namespace.lower(), root.tag) != root.tag and root.tag != "rss":
            raise NotSureError  # of two formats, the first one declared decides how texts are read
        if prefix is None:
            continue
        if prefix.lower() in PREFIXES and usual != prefix.lower():
            raise NotSureError
        if usual is None and prefix.lower() in SPLIT_PREFIXES:
            raise NotSureError


def _feed(cursor: Cursor) -> FoundFeed:
    root = cursor.root
    cursor.enter(root)
    if root.tag == "rss":
        (channel,) = root
        if channel.tag != "channel":
            raise NotSureError
        cursor.channel.language = cursor.language
        cursor.enter(channel)
        read_channel(cursor, channel, "item")
    elif cursor.is_atom:
        cursor.channel.language = cursor.language
        read_channel(cursor, root, "entry")
    elif root.tag == f"{{{RDF}}}RDF":
        _read_rdf(cursor)
    else:
        raise NotSureError
    lines = _lines(cursor.xml, cursor.elements)
    return FoundFeed(channel=cursor.channel, items=cursor.items, lines=lines)


def _read_rdf(cursor: Cursor) -> None:
    """Read RSS 1.0 and 0.9, in which items are beside the channel."""
    outer = cursor.base, cursor.language
    for element in cursor.root:
        name = name_of(element.tag)
        if name == "channel":
            cursor.enter(element)
            read_channel(cursor, element, "")
            cursor.base, cursor.language = outer
        elif name == "item":
            read_item(cursor, element)
        elif name in ("image", "textinput"):
            check_image(element)
        else:
            check_ignored(element, 1)


def _lines(xml: bytes, items: list[Any]) -> Sequence[tuple[int, int]]:
    """Return the first and last line of each item; an item ends where the next one starts."""
    starts = [element.sourceline for element in items]
    if not starts or starts[-1] >= _MAX_LINE:
        return item_lines(xml, len(items))
    ends = [
        max(start, following - (element.tail or "").count("\n"))
        for element, start, following in zip(items, starts, starts[1:], strict=False)
    ]
    last = starts[-1] + "".join(items[-1].itertext()).count("\n")
    return list(zip(starts, [*ends, last], strict=True))
