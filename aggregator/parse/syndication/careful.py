"""Read RSS and Atom with feedparser, where the quick parser is not sure.

Takes the text of a feed with a harmless prolog; returns what feedparser found.  It may take long on
a hostile feed, so it has to run in a process that can be killed.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO  # feedparser would open a file whose name the bytes are
from typing import Any

import feedparser

from aggregator.model import Link
from aggregator.parse.syndication.channel import FoundChannel
from aggregator.parse.syndication.items import FoundItem, Text, link_of
from aggregator.parse.syndication.text_constructs import without_void_ends

_XHTML = "application/xhtml+xml"
# feedparser's pattern for addresses in these takes seconds on some tens of kilobytes.
_PEOPLE = re.compile(
    r"(<(?:[\w.-]+:)?(?:author|creator|managingeditor|webmaster|publisher|owner|name|email)\b"
    r"[^<>]*>\s*(?:<!\[CDATA\[)?[^<\]]{1000})[^<\]]+",
    re.IGNORECASE,
)
# feedparser's time grows with the square of a tag's length; no real feed has such tags.
_LONG_TAG = re.compile(r"<[\w:.-]+\s[^<>]{20000}")
_MANY = 1_000
_SKIP = {unit: re.compile(rf"<skip{unit}\b[^<>]*>", re.IGNORECASE) for unit in ("hours", "days")}
_SKIPPED = re.compile(r"<(?:hour|day)\b[^<>]*>([^<]*)<|</skip", re.IGNORECASE)
_MAX_SKIPPED = 4_000


class NoFeedError(ValueError):
    """There is no feed in the document; the message says why."""


def read(text: str, address: str) -> tuple[FoundChannel, list[FoundItem]]:
    """Return the channel and the items of a feed.  Raises ``NoFeedError``."""
    _check_attributes(text)
    headers = {"content-type": "application/xml; charset=utf-8"}
    if address:
        headers["content-location"] = address
    try:
        parsed = feedparser.parse(
            BytesIO(_PEOPLE.sub(r"\1", text).encode("utf-8", "replace")),
            response_headers=headers,
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except Exception as error:  # a failure of feedparser affects this document only
        raise NoFeedError(f"feedparser failed: {type(error).__name__}") from error
    if not parsed["entries"] and not parsed["version"]:
        raise NoFeedError("there is no feed in it")
    return _channel(parsed["feed"], text), [_item(entry) for entry in parsed["entries"]]


def _check_attributes(text: str) -> None:
    for found in _LONG_TAG.finditer(text):
        end = text.find(">", found.end())
        if text.count("=", found.start(), end if end >= 0 else len(text)) > _MANY:
            raise NoFeedError(f"a tag in it has more than {_MANY:,} attributes")


def _channel(feed: dict[str, Any], text: str) -> FoundChannel:
    return FoundChannel(
        title=_text(feed, "title"),
        home=_string(feed, "link"),
        links=[(link.rel, link.href) for link in _links(feed)],
        language=_string(feed, "language"),
        ttl=_string(feed, "ttl") or "",
        update_period=_string(feed, "sy_updateperiod") or "",
        update_frequency=_string(feed, "sy_updatefrequency") or "",
        hours=_skipped(text, "hours"),
        days=_skipped(text, "days"),
    )


def _skipped(text: str, unit: str) -> list[str]:
    """Return the texts in ``skipHours`` or ``skipDays``; feedparser keeps only the last."""
    start = _SKIP[unit].search(text)
    if start is None:
        return []
    texts: list[str] = []
    for found in _SKIPPED.finditer(text, start.end(), start.end() + _MAX_SKIPPED):
        if found[1] is None:
            break
        texts.append(found[1])
    return texts


def _item(entry: dict[str, Any]) -> FoundItem:
    source = _own(entry, "source")
    return FoundItem(
        title=_text(entry, "title"),
        contents=[_content(content) for content in _list(entry, "content")],
        summary=_text(entry, "summary"),
        id=_string(entry, "id"),
        link=_string(entry, "link"),
        links=_links(entry),
        published=_string(entry, "published"),
        published_at=_moment(entry, "published_parsed"),
        updated=_string(entry, "updated"),
        updated_at=_moment(entry, "updated_parsed"),
        authors=[
            _string(author, "name") or _string(author, "email") or ""
            for author in _list(entry, "authors")
        ],
        categories=[_string(tag, "term") or "" for tag in _list(entry, "tags")],
        language=_string(entry, "language"),
        publisher=_string(source, "title") if isinstance(source, dict) else None,
    )


# Elements of a feed can overwrite anything that feedparser keeps, so every type is checked.  Unlike
# feedparser's own ``get``, ``dict.get`` does not map deprecated names.
_own: Callable[..., Any] = dict.get


def _string(found: dict[str, Any], key: str) -> str | None:
    value = _own(found, key)
    return value if isinstance(value, str) else None


def _list(found: dict[str, Any], key: str) -> list[dict[str, Any]]:
    values = _own(found, key)
    return (
        [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
    )


def _text(found: dict[str, Any], key: str) -> Text | None:
    value, detail = _string(found, key), _own(found, f"{key}_detail")
    if value is None or not isinstance(detail, dict):
        return None
    return _text_of(value, detail)


def _content(content: dict[str, Any]) -> Text:
    return _text_of(_string(content, "value") or "", content)


def _text_of(value: str, detail: dict[str, Any]) -> Text:
    kind = _string(detail, "type") or ""
    if kind == _XHTML:
        value = without_void_ends(value)
    return Text(value, kind, _string(detail, "base") or "", _string(detail, "language"))


def _links(found: dict[str, Any]) -> list[Link]:
    return [
        link_of(
            href,
            _string(link, "rel") or "alternate",
            _string(link, "type"),
            _string(link, "title"),
            _string(link, "length"),
        )
        for link in _list(found, "links")
        if (href := _string(link, "href"))
    ]


def _moment(found: dict[str, Any], key: str) -> datetime | None:
    """Return a time that feedparser has as a tuple in UTC."""
    parts = _own(found, key)
    if parts is None:
        return None
    try:
        year, month, day, hour, minute, second = parts[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (TypeError, ValueError):
        return None
