"""OPML 2.0 (opml.org/spec2), by lxml: a list of feeds to subscribe to.

Takes outlines in their order; returns the bytes of a file.  The file has no date, so that the same
outlines result in the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from aggregator.normalise.addresses import canonical_address, to_uri
from aggregator.normalise.text import clean, one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed: its address, its title as plain text, its home page, and its folder.

    ``categories`` are tags without commas.
    """

    address: str
    title: str
    home: str | None = None
    folder: str | None = None
    categories: tuple[str, ...] = ()


def opml(title: str, outlines: Sequence[Outline]) -> bytes:
    """Return a list called ``title``: outlines without a folder first, then folder by folder."""
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
    """Add an outline; readers show either ``text`` or ``title``, so it has both."""
    shown = one_line(title)
    return etree.SubElement(parent, "outline", text=shown, title=shown)


def _feed(parent: etree._Element, outline: Outline) -> None:
    element = _titled(parent, outline.title)
    element.set("type", "rss")  # for every format: the specification has no other type
    element.set("xmlUrl", to_uri(clean(outline.address)))
    if outline.categories:
        element.set("category", ",".join(one_line(tag) for tag in outline.categories))
    if outline.home:
        element.set("htmlUrl", to_uri(canonical_address(clean(outline.home))))
