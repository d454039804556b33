"""Choose the picture of an item from what its feed says of pictures.

Takes the attributes of ``media:content``, ``media:thumbnail`` and ``itunes:image``; returns the
largest picture as a file of the item.  Both parsers and JSON Feed use it.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from aggregator.model import Link
from aggregator.parse.syndication.addresses import is_web, joined

CONTENT, THUMBNAIL, COVER = "media_content", "media_thumbnail", "itunes_image"
ELEMENTS = (CONTENT, THUMBNAIL, COVER)
ATTRIBUTES = frozenset(("url", "href", "type", "medium", "width", "height", "base"))
MOST_PICTURES = 50  # of one item
LARGE, MEDIUM, SMALL = 1_000_000, 100_000, 10_000
"""Areas that are assumed where none is stated."""

_SMALLEST = 16  # pixels; what is smaller counts visits or is an icon
_TYPES = {
    ending: f"image/{kind}"
    for kind, endings in {
        "avif": "avif", "gif": "gif", "jpeg": "jpg jpeg jpe", "png": "png", "svg+xml": "svg",
        "webp": "webp",
    }.items()
    for ending in endings.split()
}  # fmt: skip
_OTHER_TYPE = "image/jpeg"  # most are; what shows one looks at its bytes
# WordPress.com lists the author's portrait before the pictures of a post.
_PORTRAIT = re.compile(r"https?://(?:[^/]+\.)?gravatar\.com/avatar/", re.IGNORECASE)


class Picture(NamedTuple):
    """A picture as found: its address, its media type or None, and its area in pixels."""

    href: str
    type: str | None
    area: int


def picture_of(element: str, attributes: dict[str, str], base: str) -> Picture | None:
    """Return the picture of an element by feedparser's name; None for another kind of file."""
    address = attributes.get("url") or (attributes.get("href") if element == COVER else None)
    href = joined(base, address.strip()) if address else ""
    if not is_web(href) or _PORTRAIT.match(href):
        return None
    kind = attributes.get("type", "").strip().lower()
    if element == CONTENT:
        medium = attributes.get("medium", "").strip().lower()
        stated = medium == "image" if medium else kind.startswith("image/")
        if not stated and (medium or kind or type_by_name(href) is None):
            return None
    width, height = (_pixels(attributes.get(name)) for name in ("width", "height"))
    if min(width or _SMALLEST, height or _SMALLEST) < _SMALLEST:
        return None
    area = width * height if width and height else SMALL if element == THUMBNAIL else LARGE
    return Picture(href, kind if kind.startswith("image/") else None, area)


def with_picture(
    links: tuple[Link, ...], pictures: Sequence[Picture], body: str, longest: int
) -> tuple[Link, ...]:
    """Return ``links`` and the largest picture, unless one is a file or in the body already."""
    fit = [one for one in pictures[:MOST_PICTURES] if len(one.href) <= longest]
    if not fit or any(link.rel == "enclosure" and _is_picture(link) for link in links):
        return links
    best = max(fit, key=lambda one: one.area)  # the first of several
    if best.href.partition("?")[0] in body:
        return links
    kind = best.type or type_by_name(best.href) or _OTHER_TYPE
    return (*links, Link(href=best.href, rel="enclosure", type=kind))


def type_by_name(address: str) -> str | None:
    """Return the media type of a picture by the end of its name; None for other names."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return None
    return _TYPES.get(path.rpartition(".")[2].lower())


def _is_picture(link: Link) -> bool:
    return (link.type or type_by_name(link.href) or "").startswith("image/")


def _pixels(text: str | None) -> int | None:
    text = (text or "").strip().removesuffix("px")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
