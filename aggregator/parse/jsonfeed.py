"""Read JSON Feed 1.0 and 1.1 (jsonfeed.org).

Takes a document; returns its items as found, and its channel.  A value of the wrong type is
ignored; its item is rejected only if nothing else is left.
"""

import json
from dataclasses import replace
from typing import Any

from aggregator.errors import ParseError
from aggregator.model import Document, Link, Parsed, Problem
from aggregator.parse.charset import NotTextError, decode
from aggregator.parse.extension import MEMBER
from aggregator.parse.syndication.addresses import is_web, joined
from aggregator.parse.syndication.assemble import assemble
from aggregator.parse.syndication.channel import FoundChannel
from aggregator.parse.syndication.items import (
    MAX_NAME,
    SUMMARY,
    Bounds,
    FoundItem,
    Text,
    relation_of,
)
from aggregator.parse.syndication.pictures import LARGE, MEDIUM, Picture

_WIDE = (
    # RFC 4627, section 3: JSON starts with two ASCII characters.
    ("utf-32-be", (True, True, True, False)),
    ("utf-32-le", (False, True, True, True)),
    ("utf-16-be", (True, False, True, False)),
    ("utf-16-le", (False, True, False, True)),
)


def parse(document: Document, bounds: Bounds) -> Parsed:
    """Return the items of a JSON Feed.  Raises ``ParseError`` for anything else."""
    feed = _feed(document)
    address = document.address or ""
    base = address or _address(feed, "home_page_url", "")
    lines = (1, document.body.count(b"\n") + 1)
    problems: list[Problem] = []
    found: list[FoundItem] = []
    entries = feed["items"]
    for entry in entries[: bounds.max_items]:
        if not isinstance(entry, dict):
            problems.append(Problem(lines=lines, reason="an item is not a JSON object"))
            continue
        item = _item(entry, feed, address, base, is_aggregator=bounds.is_aggregator)
        if not (item.texts or (item.title and item.title.value)):
            problems.append(Problem(lines=lines, reason="an item has neither title nor text"))
            continue
        found.append(item)
    all_lines = [lines] * len(entries)
    parsed = assemble(document, bounds, _channel(feed, address), found, all_lines)
    return replace(parsed, problems=(*problems, *parsed.problems))


def _feed(document: Document) -> dict[str, Any]:
    def refused(reason: str) -> ParseError:
        return ParseError(document.source, f"{document.name}: {reason}")

    try:
        feed = json.loads(_text(document.body), parse_int=_number, parse_constant=_nothing)
    except NotTextError as error:
        raise refused(str(error)) from error
    except json.JSONDecodeError as error:
        raise refused(f"line {error.lineno}: is not JSON: {error.msg}") from error
    except RecursionError as error:
        raise refused("is nested too deeply") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise refused("is JSON, but not a JSON Feed: it has no list of items")
    return feed


def _text(body: bytes) -> str:
    if len(body) >= 4 and b"\0" in body[:4]:
        zeros = tuple(byte == 0 for byte in body[:4])
        for encoding, pattern in _WIDE:
            if zeros == pattern:
                return body.decode(encoding, "replace")
    return decode(body).removeprefix("\ufeff")


def _number(digits: str) -> int | float:
    """Return a number; Python raises for more than 4,300 digits."""
    return int(digits) if len(digits) < 100 else float("inf")


def _nothing(_name: str) -> None:
    """Return None for ``NaN`` and the like, which are not JSON but should not cost a feed."""


def _channel(feed: dict[str, Any], address: str) -> FoundChannel:
    links = [("self", _address(feed, "feed_url", address))]
    links.append(("next", _address(feed, "next_url", address)))
    links += [
        ("hub", _address(hub, "url", address))
        for hub in _dicts(feed, "hubs")
        if (_string(hub, "type") or "").lower() == "websub"
    ]
    return FoundChannel(
        title=_plain(feed, "title"),
        home=_address(feed, "home_page_url", address),
        links=links,
        language=_string(feed, "language"),
        is_aggregator=isinstance(feed.get(MEMBER), dict),
    )


def _item(
    entry: dict[str, Any], feed: dict[str, Any], address: str, base: str, *, is_aggregator: bool
) -> FoundItem:
    """Return an item; ``base`` is that of its addresses, and ``address`` the feed's own.

    The extension counts only if the feed ``is_aggregator``.
    """
    extensions = _dicts(entry, MEMBER) if is_aggregator else []
    extension = extensions[0] if extensions else {}
    html, text = _string(entry, "content_html"), _plain(entry, "content_text")
    texts = [Text(html, "text/html", address, None)] if html else [text] if text else []
    if summary := _plain(entry, "summary"):
        texts.append(summary._replace(place=SUMMARY))
    own, other = _address(entry, "url", base), _address(entry, "external_url", base)
    links = [Link(href=other, rel="related")] if own and other and other != own else []
    return FoundItem(
        title=_plain(entry, "title"),
        texts=texts,
        id=_id(entry),
        link=own or other,
        links=[*links, *_attachments(entry, base), *_other_links(extension, base)],
        pictures=_pictures(entry, base),
        published=_date(entry, "date_published"),
        updated=_date(entry, "date_modified"),
        authors=_authors(entry) or _authors(feed),
        categories=_tags(entry),
        language=_string(entry, "language"),
        extension=extension,
    )


def _plain(found: dict[str, Any], key: str) -> Text | None:
    value = _string(found, key)
    return Text(value, "text/plain", "", None) if value else None


def _id(entry: dict[str, Any]) -> str | None:
    """Return the id, which may be a number (version 1.1, "Items")."""
    value = entry.get("id")
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return value.strip() if isinstance(value, str) else None


def _attachments(entry: dict[str, Any], address: str) -> list[Link]:
    return [
        Link(
            href=href,
            rel="enclosure",
            type=_string(attachment, "mime_type"),
            title=_string(attachment, "title"),
            length=_size(attachment, "size_in_bytes"),
        )
        for attachment in _dicts(entry, "attachments")
        if (href := _address(attachment, "url", address))
    ]


def _other_links(extension: dict[str, Any], base: str) -> list[Link]:
    """Return the links for which the format has no member, of another Aggregator."""
    return [
        Link(
            href=href,
            rel=relation_of(_string(link, "rel")),
            type=_string(link, "type"),
            title=_string(link, "title"),
            length=_size(link, "length"),
            hreflang=_string(link, "hreflang"),
        )
        for link in _dicts(extension, "links")
        if (href := _address(link, "href", base))
    ]


def _pictures(entry: dict[str, Any], base: str) -> list[Picture]:
    return [
        Picture(href, None, area)
        for key, area in (("image", LARGE), ("banner_image", MEDIUM))
        if (href := _address(entry, key, base))
    ]


def _size(found: dict[str, Any], key: str) -> int | None:
    size = found.get(key)
    if isinstance(size, str) and size.strip().isdecimal() and len(size) < 20:
        size = int(size)
    if isinstance(size, bool) or not isinstance(size, int | float):
        return None
    return int(size) if 0 <= size < 10**15 else None


def _date(entry: dict[str, Any], key: str) -> str | None:
    """Return a date as text, or one in seconds or milliseconds since 1970 as its number."""
    value = entry.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    written = _string(entry, key)
    return written if written and len(written) <= MAX_NAME else None


def _authors(found: dict[str, Any]) -> list[str]:
    """Return ``authors`` of version 1.1, or ``author`` of version 1.0; either may be a name."""
    names = [
        author.get("name") if isinstance(author, dict) else author
        for key in ("authors", "author")
        for author in _list(found, key)
    ]
    return [name for name in dict.fromkeys(_strings(names)) if name]


def _tags(entry: dict[str, Any]) -> list[str]:
    tags = entry.get("tags")
    return _strings(tags.split(",") if isinstance(tags, str) else _list(entry, "tags"))


def _strings(values: list[Any]) -> list[str]:
    return [_clean(value) for value in values if isinstance(value, str)]


def _dicts(found: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return [value for value in _list(found, key) if isinstance(value, dict)]


def _list(found: dict[str, Any], key: str) -> list[Any]:
    """Return a list; a single object or text counts as a list of one."""
    value = found.get(key)
    return value if isinstance(value, list) else [value] if isinstance(value, str | dict) else []


def _address(found: dict[str, Any], key: str, base: str) -> str:
    written = _string(found, key)
    address = joined(base, written) if written else ""
    return address if is_web(address) else ""


def _string(found: dict[str, Any], key: str) -> str | None:
    value = found.get(key)
    return (_clean(value) or None) if isinstance(value, str) else None


def _clean(text: str) -> str:
    r"""Return ``text`` without lone surrogates from escapes such as ``\ud83d``."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()
