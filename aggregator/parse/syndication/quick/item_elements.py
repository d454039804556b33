"""Read the elements of an item, for the quick parser.

``read_item`` reads an ``item`` or ``entry`` into a ``FoundItem``; ``ITEM_ELEMENTS`` has a reader
for each element, by feedparser's name for it.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from aggregator.parse.extension import ELEMENT as EXTENSION
from aggregator.parse.syndication.addresses import joined
from aggregator.parse.syndication.element_names import (
    CLOBBERING,
    IGNORED,
    MARKUP,
    RDF,
    UNSURE,
    XHTML,
    name_of,
)
from aggregator.parse.syndication.items import (
    CAPTION,
    CONTENT,
    DESCRIPTION,
    OTHER,
    SUMMARY,
    FoundItem,
    link_of,
)
from aggregator.parse.syndication.people import people
from aggregator.parse.syndication.pictures import ATTRIBUTES, ELEMENTS, picture_of
from aggregator.parse.syndication.quick.cursor import (
    HTML,
    PLAIN,
    STRAY_REFERENCE,
    TYPES,
    XHTML_TYPE,
    Cursor,
    attributes_of,
    leaf,
)
from aggregator.parse.syndication.quick.xhtml import NotSureError

MAX_DEPTH = 12

ElementReader = Callable[[Cursor, Any, int], None]
"""Reads an element at a depth below its item."""

_OF_SOURCE = frozenset(
    "id updated published link author category generator icon logo contributor".split()
)
_IN_KEPT_OF_ITEMS = frozenset("name email uri url homepage itunes_category".split())
_PEOPLE = frozenset(("author", "contributor"))


def read_item(cursor: Cursor, element: Any) -> None:
    """Read an item, or only count it where there are enough already."""
    cursor.elements.append(element)
    cursor.title_is_set = False
    if len(cursor.items) >= cursor.max_items:
        return
    outer = cursor.base, cursor.language
    cursor.item = FoundItem()
    cursor.title_depth = -1
    if element.keys():
        cursor.enter(element)
        cursor.item.id = element.get(f"{{{RDF}}}about") or None
    for child in element:
        read = element_reader(child.tag)
        if read is not None:
            read(cursor, child, 1)
        elif len(child):
            _read_nested(cursor, child, 1)
    cursor.items.append(cursor.item)
    cursor.base, cursor.language = outer


@lru_cache(maxsize=4096)
def element_reader(tag: str) -> ElementReader | None:
    """Return the reader of an element; None where only the elements in it may matter."""
    name = name_of(tag)
    if name is None:
        return _extension if tag == EXTENSION else _foreign
    if name in UNSURE or name in CLOBBERING:
        return _refuse
    return ITEM_ELEMENTS.get(name)


def is_foreign(element: Any) -> bool:
    """Return whether an element is of a namespace that feedparser does not know."""
    return name_of(element.tag) is None


def check_foreign(element: Any) -> None:
    """Refuse a foreign element that feedparser takes for one of RSS."""
    if element.prefix is None and element.tag.rpartition("}")[2].lower() in _KNOWN:
        raise NotSureError


def check_markup(element: Any) -> None:
    """Refuse anything but simple XHTML in a text that is not kept."""
    for inner in element.iterdescendants():
        tag = inner.tag
        if not tag.startswith(XHTML) or tag.removeprefix(XHTML) in ("body", "svg", "math"):
            raise NotSureError


def check_kept_of_items(element: Any) -> None:
    """Refuse unusual content of an element that is kept of items, but not of their feed."""
    for child in element:
        if name_of(child.tag) not in _IN_KEPT_OF_ITEMS:
            raise NotSureError
        check_kept_of_items(child)


def _title(cursor: Cursor, element: Any, depth: int) -> None:
    text = _place_title(cursor, element, depth)
    if text:
        cursor.title_depth = depth


def _media_title(cursor: Cursor, element: Any, depth: int) -> None:
    """Read ``media:title``, which is the title until there is another one."""
    _place_title(cursor, element, depth)


def _place_title(cursor: Cursor, element: Any, depth: int) -> str:
    text = cursor.text(element, PLAIN)
    if 0 <= cursor.title_depth <= depth:
        return text.value
    old = cursor.item.title
    if old is None or depth <= cursor.title_kept_at:
        cursor.item.title = text
        cursor.title_kept_at = depth
    else:
        cursor.item.title = text._replace(value=old.value)
    return text.value


def _text(cursor: Cursor, element: Any, depth: int, kind: str, place: int) -> None:
    """Read a text that may be the body; one within another element is not the item's own."""
    text = cursor.text(element, kind)
    cursor.item.texts.append(text._replace(place=place if depth == 1 else CAPTION))


def _content(cursor: Cursor, element: Any, depth: int) -> None:
    if "src" in map(str.lower, element.keys()):
        raise NotSureError
    _text(cursor, element, depth, PLAIN, CONTENT)


def _link(cursor: Cursor, element: Any, _depth: int) -> None:
    found = cursor.item
    if not element.keys():
        address = cursor.text_link(element)
        if "&" in address:
            address = STRAY_REFERENCE.sub(r"&\1", address.replace("&amp;", "&"))
        if address:
            found.link = address
            found.links.append(link_of(address, "alternate", None, None, None))
        return
    attributes, href = cursor.link_element(element)
    rel, kind = attributes["rel"], attributes["type"]
    title, length, hreflang = map(attributes.get, ("title", "length", "hreflang"))
    found.links.append(link_of(href, rel, kind, title, length, hreflang))
    if rel == "alternate" and TYPES.get(kind) in (HTML, XHTML_TYPE):
        found.link = href


def _id(cursor: Cursor, element: Any, _depth: int) -> None:
    """Read an id; a ``guid`` is the link too, unless it says otherwise or there is a link."""
    attributes = attributes_of(element) if element.keys() else {}
    value = leaf(element).strip()
    is_link = attributes.get("ispermalink", "true") == "true"
    if value and is_link:
        value = joined(cursor.base_of(attributes), value)
    found = cursor.item
    found.id = cursor.repaired(value)
    if is_link:
        found.permalink = found.id


def _published(cursor: Cursor, element: Any, _depth: int) -> None:
    cursor.item.published = cursor.leaf(element)


def _updated(cursor: Cursor, element: Any, _depth: int) -> None:
    cursor.item.updated = cursor.leaf(element)


def _author(cursor: Cursor, element: Any, _depth: int) -> None:
    authors = cursor.item.authors
    if not len(element):
        authors += people(cursor.stripped(element.text or ""))
        return
    names = {"name": "", "email": ""}
    for child in element:
        name = name_of(child.tag)
        if name not in ("name", "email", "uri", "url", "homepage"):
            raise NotSureError
        value = leaf(child).strip()  # the only texts that feedparser does not repair
        if name in names:
            names[name] = value
    authors.append(names["name"] or names["email"])


def _category(cursor: Cursor, element: Any, _depth: int, attribute: str = "term") -> None:
    if element.keys():
        cursor.item.categories.append(attributes_of(element).get(attribute, ""))
    cursor.item.categories.append(cursor.leaf(element))


def _keywords(cursor: Cursor, element: Any, _depth: int) -> None:
    if not element.keys():
        words = cursor.leaf(element).split(",")
        cursor.item.categories += [word.strip() for word in words]
    else:
        leaf(element)


def _enclosure(cursor: Cursor, element: Any, _depth: int) -> None:
    attributes = attributes_of(element)
    address = attributes.get("url")
    if not address or len(element):
        raise NotSureError
    kind, title, length = map(attributes.get, ("type", "title", "length"))
    link = link_of(address, "enclosure", kind.lower() if kind else "", title, length)
    cursor.item.links.append(link)


def read_picture(cursor: Cursor, element: Any, depth: int) -> None:
    """Read an element of a picture, and what is in it."""
    attributes = {}
    for key, value in element.items():
        name = key.rpartition("}")[2].lower()
        if name in ATTRIBUTES and (key.startswith("{") or name == "base"):
            raise NotSureError
        attributes[name] = value
    picture = picture_of(name_of(element.tag) or "", attributes, cursor.base)
    if picture is not None:
        cursor.item.pictures.append(picture)
    if len(element):
        _read_nested(cursor, element, depth)


def _source(cursor: Cursor, element: Any, depth: int) -> None:
    """Read RSS ``source``, or ``atom:source`` with elements of the original feed."""
    cursor.title_depth = -1
    cursor.item.publisher = cursor.stripped(element.text or "")
    if not len(element):
        return
    title = None
    for child in element:
        name = name_of(child.tag)
        if name == "id":
            cursor.item.source_id = child.text or None
        if name == "title" and title is None:
            title = cursor.text(child, PLAIN).value
            cursor.title_depth = depth + 1 if title else -1
        elif name in MARKUP:
            check_markup(child)
        elif name not in _OF_SOURCE or (len(child) and name not in _PEOPLE):
            raise NotSureError
        else:
            check_kept_of_items(child)
        if child.tail and not child.tail.isspace():
            raise NotSureError
    if cursor.item.publisher:
        raise NotSureError
    cursor.item.publisher = title


def _language(cursor: Cursor, element: Any, _depth: int) -> None:
    cursor.item.language = cursor.leaf(element)


def _image(cursor: Cursor, element: Any, _depth: int) -> None:
    leaf(element)
    cursor.title_depth = -1


def _markup(_cursor: Cursor, element: Any, _depth: int) -> None:
    check_markup(element)


def _foreign(cursor: Cursor, element: Any, depth: int) -> None:
    """Read an element of a namespace that feedparser does not know."""
    check_foreign(element)
    if len(element):
        _read_nested(cursor, element, depth)


def _read_nested(cursor: Cursor, element: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise NotSureError
    if any(key.rpartition("}")[2].lower() in ("base", "lang") for key, _ in element.items()):
        raise NotSureError
    for child in element:
        read = element_reader(child.tag)
        if read is not None:
            if read not in _NESTED:
                raise NotSureError
            read(cursor, child, depth + 1)
        elif len(child):
            _read_nested(cursor, child, depth + 1)


def _extension(cursor: Cursor, element: Any, _depth: int) -> None:
    cursor.item.extension = cursor.leaf(element)


def _refuse(_cursor: Cursor, _element: Any, _depth: int) -> None:
    raise NotSureError


_itunes_category = partial(_category, attribute="text")

ITEM_ELEMENTS: dict[str, ElementReader] = {
    **dict.fromkeys(("title", "dc_title"), _title),
    "media_title": _media_title,
    "description": partial(_text, kind=HTML, place=DESCRIPTION),
    "summary": partial(_text, kind=PLAIN, place=SUMMARY),
    "dc_description": partial(_text, kind=HTML, place=OTHER),
    "itunes_summary": partial(_text, kind=PLAIN, place=OTHER),
    "media_description": partial(_text, kind=PLAIN, place=CAPTION),
    "content": _content,
    "content_encoded": partial(_text, kind=HTML, place=CONTENT),
    "link": _link,
    **dict.fromkeys(("guid", "id"), _id),
    **dict.fromkeys(("pubdate", "published", "issued", "dcterms_issued"), _published),
    **dict.fromkeys(
        ("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), _updated
    ),
    **dict.fromkeys(
        ("author", "managingeditor", "dc_author", "dc_creator", "itunes_author"), _author
    ),
    **dict.fromkeys(("category", "keywords", "dc_subject", "media_category"), _category),
    "itunes_category": _itunes_category,
    **dict.fromkeys(("itunes_keywords", "media_keywords"), _keywords),
    "enclosure": _enclosure,
    **dict.fromkeys(ELEMENTS, read_picture),
    "source": _source,
    **dict.fromkeys(("language", "dc_language"), _language),
    "image": _image,
    "tags": _refuse,
    **dict.fromkeys(MARKUP, _markup),
}
_KNOWN = frozenset(ITEM_ELEMENTS) | IGNORED | UNSURE | CLOBBERING
_NESTED = (
    *(_foreign, _media_title, _title, _category, _keywords, _markup, read_picture),
    *map(ITEM_ELEMENTS.get, ("description", "dc_description", "media_description")),
)
"""Readers of elements that may be nested in unknown ones."""

KEPT_OF_ITEMS_ONLY = frozenset(
    name
    for name, read in ITEM_ELEMENTS.items()
    if read in (_published, _updated, _author, _category, _itunes_category, _keywords)
)
