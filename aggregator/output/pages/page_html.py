"""Adapt an entry's HTML to its page: valid HTML that is XML as well, and loads nothing.

Takes the safe, rightly nested HTML of ``normalise``.  Headings are ranked below the page's own.
Images become links, so that no other site learns who reads a page.  What violates the HTML standard
is corrected: definition lists without a term or a definition, misplaced captions, nested ``dfn``,
and, by ``tables``, tables that are not rectangular.  Text is never changed.
"""

import re
from typing import Any

from aggregator.normalise.addresses import valid_address
from aggregator.output.pages.tables import correct_table

_VOID = re.compile(r"<(br|hr|img)\b([^>]*?) ?/?>")
_EMPTY = re.compile(r"<(?!br|hr)([a-z0-9]+)([^<>]*)/>")
_LINK = re.compile(r'<a href="([^"]*)"((?: title="[^"]*")?)(?: rel="[^"]*")?>')
_ADAPTED = re.compile(r"<(?:h[1-6]|img|dl|dfn|figcaption|table)\b")


def page_html(html: str) -> str:
    """Return safe HTML for an entry's page."""
    html = _LINK.sub(_link, _VOID.sub(r"<\1\2/>", html))
    if not _ADAPTED.search(html):
        return html
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(f"<div>{html}</div>", parser)
    except etree.XMLSyntaxError:  # only in a store that another program changed
        from aggregator.normalise.markup import body_from_html

        return page_html(body_from_html(html).html)
    _adapt(root)
    html = etree.tostring(root, encoding="unicode").removeprefix("<div>").removesuffix("</div>")
    return _EMPTY.sub(r"<\1\2></\1>", html)


def _link(tag: re.Match[str]) -> str:
    """Return the tag of a link; those from plain text have no ``rel`` yet."""
    return f'<a href="{valid_address(tag[1])}"{tag[2]} rel="noopener noreferrer">'


def _adapt(root: Any) -> None:
    from lxml import etree

    for dfn in list(root.iter("dfn")):
        etree.strip_tags(dfn, "dfn")  # only the outermost is allowed (HTML, section 4.5.8)
    for image in list(root.iter("img")):
        _replace_image(image)
    _rank_headings(root)
    for definitions in root.iter("dl"):
        _complete_definitions(definitions)
    for figure in root.iter("figure"):
        _correct_captions(figure)
    for table in list(root.iter("table")):
        correct_table(table)


def _replace_image(image: Any) -> None:
    """Replace an image by a link to it: loading it would tell its host who reads the page."""
    address, alt = image.get("src", ""), image.get("alt")
    is_in_link = next(image.iterancestors("a"), None) is not None
    image.attrib.clear()
    image.set("class", "picture")
    image.text = f"[Picture: {alt}]" if alt else "[Picture]"
    if is_in_link or not address.startswith(("https://", "http://")):
        image.tag = "span"
    else:
        image.tag = "a"
        image.set("href", valid_address(address))
        image.set("rel", "noopener noreferrer")


def _rank_headings(root: Any) -> None:
    """Rank headings below h1 without gaps; in a header cell, which may not contain headings (HTML,
    section 4.9.10), they become paragraphs.
    """
    above: list[int] = []
    for heading in root.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        if next(heading.iterancestors("th"), None) is not None:
            heading.tag = "p"
            continue
        rank = int(heading.tag[1])
        while above and above[-1] >= rank:
            above.pop()
        above.append(rank)
        heading.tag = f"h{min(6, 1 + len(above))}"


def _complete_definitions(definitions: Any) -> None:
    """Give every group a term and a definition (HTML, section 4.4.9)."""
    if len(definitions) and definitions[0].tag == "dd":
        _insert(definitions, 0, "dt")
    if len(definitions) and definitions[-1].tag == "dt":
        _insert(definitions, len(definitions), "dd")


def _insert(parent: Any, place: int, tag: str) -> None:
    added = parent.makeelement(tag)
    added.tail = "\n"
    parent.insert(place, added)


def _correct_captions(figure: Any) -> None:
    """Keep one caption, first or last in the figure (HTML, section 4.4.12)."""
    captions = figure.findall("figcaption")
    kept = None
    if captions and captions[0] is figure[0] and not (figure.text or "").strip():
        kept = captions[0]
    elif captions and captions[-1] is figure[-1] and not (captions[-1].tail or "").strip():
        kept = captions[-1]
    for caption in captions:
        if caption is not kept:
            caption.tag = "p"
