"""Read JSON Feed 1.0 and 1.1 (jsonfeed.org).

Takes a document; returns its items as found, and its channel.  A value of the wrong type is
ignored; its item is rejected only if nothing else is left.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from aggregator.errors import ParseError
from aggregator.model import Channel, Document, Item, Link, Parsed, Problem, Upstream
from aggregator.parse.charset import NotTextError, decode
from aggregator.parse.syndication.addresses import is_web, with_absolute_addresses
from aggregator.parse.syndication.dates import moment
from aggregator.parse.syndication.items import (
    MAX_ADDRESS,
    MAX_ID,
    MAX_LINKS,
    MAX_NAME,
    MAX_NAMES,
    MAX_TITLE,
    Bounds,
    cut_markup,
)

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
    lines = (1, document.body.count(b"\n") + 1)
    channel = _channel(feed, address)
    items: list[Item] = []
    problems: list[Problem] = []
    entries = feed["items"]
    for entry in entries[: bounds.max_items]:
        made = _item(entry, len(items), lines, channel, feed, address)
        if isinstance(made, Problem):
            problems.append(made)
            continue
        if len(made.body) > bounds.max_item_size:
            made, problem = _cut(made, bounds.max_item_size)
            problems.append(problem)
        items.append(made)
    if len(entries) > bounds.max_items:
        over = len(entries) - bounds.max_items
        reason = f"{over:,} of {len(entries):,} items are more than max_items allows"
        problems.append(Problem(lines=lines, reason=reason))
    return Parsed(items=tuple(items), problems=tuple(problems), channel=channel)


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


def _channel(feed: dict[str, Any], address: str) -> Channel:
    return Channel(
        title=(_string(feed, "title") or "")[:MAX_TITLE],
        home=_address(feed, "home_page_url", address),
        language=_string(feed, "language"),
        hub=next(_hubs(feed, address), None),
        topic=_address(feed, "feed_url", address),
    )


def _hubs(feed: dict[str, Any], address: str) -> Iterator[str]:
    for hub in _dicts(feed, "hubs"):
        found = _address(hub, "url", address)
        if found and (_string(hub, "type") or "").lower() == "websub":
            yield found


def _item(
    entry: object,
    position: int,
    lines: tuple[int, int],
    channel: Channel,
    feed: dict[str, Any],
    address: str,
) -> Item | Problem:
    if not isinstance(entry, dict):
        return Problem(lines=lines, reason="an item is not a JSON object")
    html, text = _string(entry, "content_html"), _string(entry, "content_text")
    summary = _string(entry, "summary")
    content = html or text
    title = _string(entry, "title") or ""
    if not (content or summary or title):
        return Problem(lines=lines, reason="an item has neither title nor text")
    links = _links(entry, address)
    published, updated = _date(entry, "date_published"), _date(entry, "date_modified")
    return Item(
        position=position,
        lines=lines,
        title=title[:MAX_TITLE],
        agency="",
        body=with_absolute_addresses(html, address) if html else content or summary or "",
        date=(published or updated or (None, None))[0],
        link=links[0].href if links and links[0].rel == "alternate" else None,
        body_markup="html" if html else "text",
        upstream=Upstream(
            id=_id(entry),
            links=links,
            published=published[1] if published else None,
            updated=updated[1] if updated else None,
            authors=_authors(entry) or _authors(feed),
            categories=_names(_list(entry, "tags")),
            language=_string(entry, "language") or channel.language,
            is_summary=not content,
        ),
    )


def _id(entry: dict[str, Any]) -> str | None:
    """Return the id, which may be a number (version 1.1, "Items")."""
    value = entry.get("id")
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    found = value.strip() if isinstance(value, str) else ""
    return found if 0 < len(found) <= MAX_ID else None


def _links(entry: dict[str, Any], address: str) -> tuple[Link, ...]:
    """Return the item's address, the one it refers to, and its attachments."""
    own, other = _address(entry, "url", address), _address(entry, "external_url", address)
    links = [Link(href=own)] if own else []
    if other and other != own:
        links.append(Link(href=other, rel="related" if own else "alternate"))
    for attachment in _dicts(entry, "attachments"):
        href = _address(attachment, "url", address)
        if href and len(links) < MAX_LINKS:
            links.append(
                Link(
                    href=href,
                    rel="enclosure",
                    type=_string(attachment, "mime_type"),
                    title=_string(attachment, "title"),
                    length=_size(attachment),
                )
            )
    return tuple(links)


def _size(attachment: dict[str, Any]) -> int | None:
    size = attachment.get("size_in_bytes")
    if isinstance(size, bool) or not isinstance(size, int | float):
        return None
    return int(size) if 0 <= size < 10**15 else None


def _date(entry: dict[str, Any], key: str) -> tuple[str, datetime | None] | None:
    """Return a date as written and its time (RFC 3339), or None."""
    written = _string(entry, key)
    return (written, moment(written)) if written and len(written) <= MAX_NAME else None


def _authors(found: dict[str, Any]) -> tuple[str, ...]:
    """Return ``authors`` of version 1.1, or ``author`` of version 1.0."""
    authors = [*_dicts(found, "authors")]
    if not authors and isinstance(found.get("author"), dict):
        authors = [found["author"]]
    return _names([author.get("name") for author in authors])


def _names(values: list[Any]) -> tuple[str, ...]:
    names = (_clean(value) for value in values if isinstance(value, str))
    return tuple(dict.fromkeys(name for name in names if 0 < len(name) <= MAX_NAME))[:MAX_NAMES]


def _dicts(found: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return [value for value in _list(found, key) if isinstance(value, dict)]


def _list(found: dict[str, Any], key: str) -> list[Any]:
    value = found.get(key)
    return value if isinstance(value, list) else []


def _address(found: dict[str, Any], key: str, base: str) -> str | None:
    address = _string(found, key)
    if address is None:
        return None
    try:
        whole = urljoin(base, address)
    except ValueError:
        return None
    return whole if is_web(whole) and len(whole) <= MAX_ADDRESS else None


def _string(found: dict[str, Any], key: str) -> str | None:
    value = found.get(key)
    return (_clean(value) or None) if isinstance(value, str) else None


def _clean(text: str) -> str:
    r"""Return ``text`` without lone surrogates from escapes such as ``\ud83d``."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()


def _cut(item: Item, limit: int) -> tuple[Item, Problem]:
    reason = f"its text has {len(item.body):,} characters, and was cut at {limit:,}"
    problem = Problem(lines=item.lines, reason=reason, rejected=False)
    return replace(item, body=cut_markup(item.body, limit)), problem
