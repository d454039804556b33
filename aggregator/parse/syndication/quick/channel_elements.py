"""Read what a feed says about itself, for the quick parser.

``read_channel`` reads an RSS ``channel`` or an Atom ``feed`` into the cursor's channel, and the
items in it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from aggregator.parse.syndication.addresses import joined
from aggregator.parse.syndication.channel import HISTORY
from aggregator.parse.syndication.element_names import MARKUP, name_of
from aggregator.parse.syndication.pictures import ELEMENTS
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
from aggregator.parse.syndication.quick.item_elements import (
    ITEM_ELEMENTS,
    KEPT_OF_ITEMS_ONLY,
    MAX_DEPTH,
    check_foreign,
    check_kept_of_items,
    check_markup,
    element_reader,
    is_foreign,
    read_item,
    read_picture,
)
from aggregator.parse.syndication.quick.xhtml import NotSureError

_COMPLETE = f"{{{HISTORY}}}complete"


def read_channel(cursor: Cursor, element: Any, item: str) -> None:
    """Read a channel and the elements named ``item`` in it."""
    for child in element:
        name = name_of(child.tag)
        if name == item:
            read_item(cursor, child)
        elif name in _CHANNEL_ELEMENTS:
            _CHANNEL_ELEMENTS[name](cursor, child)
        elif child.tag == _COMPLETE:
            check_foreign(child)
            cursor.channel.is_complete = True
        elif name in MARKUP:
            check_markup(child)
        elif name in KEPT_OF_ITEMS_ONLY:
            check_kept_of_items(child)
        elif name in ITEM_ELEMENTS and name not in ELEMENTS:
            raise NotSureError
        else:
            check_ignored(child, 1)


def check_image(element: Any) -> None:
    """Refuse unusual content of an ``image`` or ``textInput``."""
    for child in element:
        name = name_of(child.tag)
        if name not in ("title", "link", "description", "name", "url", "width", "height"):
            raise NotSureError
        if len(child) or child.keys():
            raise NotSureError


def check_ignored(element: Any, depth: int) -> None:
    """Refuse an element that is not ignored, with all in it."""
    if is_foreign(element):
        check_foreign(element)
    elif element_reader(element.tag) not in (None, read_picture) or depth > MAX_DEPTH:
        raise NotSureError
    for child in element:
        check_ignored(child, depth + 1)


def _title(cursor: Cursor, element: Any) -> None:
    text = cursor.text(element, PLAIN)
    if not cursor.title_is_set:
        cursor.channel.title = text
    cursor.title_is_set = bool(text.value)


def _link(cursor: Cursor, element: Any) -> None:
    channel = cursor.channel
    if not element.keys():
        channel.home = STRAY_REFERENCE.sub(r"&\1", cursor.text_link(element))
        return
    attributes, href = cursor.link_element(element)
    channel.links.append((attributes["rel"], href))
    if attributes["rel"] == "alternate" and TYPES.get(attributes["type"]) in (HTML, XHTML_TYPE):
        channel.home = href


def _id(cursor: Cursor, element: Any) -> None:
    """Take an id for the feed's page too, where none is known yet."""
    attributes = attributes_of(element)
    value = leaf(element).strip()
    cursor.channel.id = value or None
    if attributes.get("ispermalink", "true") == "true" and cursor.channel.home is None:
        whole = joined(cursor.base_of(attributes), value) if value else ""
        cursor.channel.home = cursor.repaired(whole)


def _generator(cursor: Cursor, element: Any) -> None:
    check_ignored(element, 1)
    cursor.channel.generator = (element.text or "").strip()


def _language(cursor: Cursor, element: Any) -> None:
    cursor.channel.language = cursor.leaf(element)


def _description(cursor: Cursor, element: Any) -> None:
    cursor.text(element, PLAIN)


def _image(cursor: Cursor, element: Any) -> None:
    check_image(element)
    cursor.title_is_set = False


def _update_hint(cursor: Cursor, element: Any, name: str) -> None:
    setattr(cursor.channel, name, "" if element.keys() else cursor.leaf(element))


def _updated(cursor: Cursor, element: Any) -> None:
    check_kept_of_items(element)
    cursor.channel.updated = cursor.stripped(element.text or "")


def _skipped(cursor: Cursor, element: Any, name: str) -> None:
    setattr(cursor.channel, name, [leaf(child) for child in element])


def _contents(_cursor: Cursor, element: Any) -> None:
    """Ignore a table of contents, as in RSS 1.0."""
    for child in element:
        check_ignored(child, 1)


_CHANNEL_ELEMENTS: dict[str, Callable[[Cursor, Any], None]] = {
    **dict.fromkeys(("title", "dc_title"), _title),
    "link": _link,
    **dict.fromkeys(("guid", "id"), _id),
    "generator": _generator,
    **dict.fromkeys(("language", "dc_language"), _language),
    **dict.fromkeys(
        ("summary", "itunes_summary", "description", "dc_description", "media_description"),
        _description,
    ),
    **dict.fromkeys(("image", "textinput"), _image),
    **dict.fromkeys(
        ("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), _updated
    ),
    "ttl": partial(_update_hint, name="ttl"),
    "sy_updateperiod": partial(_update_hint, name="update_period"),
    "sy_updatefrequency": partial(_update_hint, name="update_frequency"),
    "skiphours": partial(_skipped, name="hours"),
    "skipdays": partial(_skipped, name="days"),
    "items": _contents,
}
