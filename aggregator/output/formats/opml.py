"""OPML 2.0 (opml.org/spec2), by lxml: a list of feeds to subscribe to.

Takes outlines in the order in which they are to stand; gives the bytes of a file.  It says nothing
of when it was made, so that the same outlines give the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from aggregator.normalise.text import clean, one_line

MEDIA_TYPE = "text/x-opml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed: its address, its title as plain text, its home page, and the folder it goes in."""

    address: str
    title: str
    home: str | None = None
    folder: str | None = None


def opml(title: str, outlines: Sequence[Outline]) -> bytes:
    """A list called ``title``: what is in no folder first, then folder by folder as they come."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = one_line(title)
    body = etree.SubElement(root, "body")
    folders: dict[str | None, list[Outline]] = {None: []}
    for outline in outlines:
        folders.setdefault(outline.folder, []).append(outline)
    for folder, members in folders.items():
        parent = body if folder is None else _titled(body, folder)
        for outline in members:
            _feed(parent, outline)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True))


def _titled(parent: etree._Element, title: str) -> etree._Element:
    """Readers show ``text``, or ``title``, so each outline has both."""
    shown = one_line(title)
    return etree.SubElement(parent, "outline", text=shown, title=shown)


def _feed(parent: etree._Element, outline: Outline) -> None:
    element = _titled(parent, outline.title)
    element.set("type", "rss")  # whatever the feed's form: the specification knows no other type
    element.set("xmlUrl", clean(outline.address))
    if outline.home:
        element.set("htmlUrl", clean(outline.home))
