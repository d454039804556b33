"""Read RSS and Atom with feedparser, where the quick parser is not sure.

Takes the text of a feed with a harmless prolog; returns what feedparser found.  It may take long on
a hostile feed, so it has to run in a process that can be killed.
"""

import re
from collections.abc import Callable
from io import BytesIO  # feedparser would open a file whose name the bytes are
from typing import Any

from aggregator.model import Link
from aggregator.normalise.identity import EXTENSION_NAMESPACE
from aggregator.parse.syndication.channel import HISTORY, FoundChannel
from aggregator.parse.syndication.feedparser_rules import (
    AUTHOR_TEXT,
    PERMALINK,
    PICTURES,
    PLACE,
    TEXTS,
    parsed_by_our_rules,
)
from aggregator.parse.syndication.items import FoundItem, Text, link_of, relation_of
from aggregator.parse.syndication.people import people
from aggregator.parse.syndication.text_constructs import without_void_ends

_OURS = "aggregator"  # the prefix of our namespace
_XHTML = "application/xhtml+xml"
# An ampersand outside of CDATA that starts no reference: `AT&T`, `?a=1&copy=3`.
_BARE_AMPERSAND = re.compile(
    r"(<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z))"
    r"|&(?!(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][\w.-]{0,63});)",
    re.DOTALL,
)
_NOT_TEXT = re.compile(r"(?:image|audio|video|font|application)/(?!(?:[\w.-]+\+)?xml\b)")
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
        parsed = parsed_by_our_rules(
            BytesIO(_with_references(text).encode("utf-8", "replace")), headers
        )
    except Exception as error:  # a failure of feedparser affects this document only
        raise NoFeedError(f"feedparser failed: {type(error).__name__}") from error
    if not parsed["entries"] and not parsed["version"]:
        raise NoFeedError("there is no feed in it")
    is_ours = parsed["namespaces"].get(_OURS) == EXTENSION_NAMESPACE
    items = [_item(entry, is_ours=is_ours) for entry in parsed["entries"]]
    return _channel(parsed["feed"], text), items


def _with_references(text: str) -> str:
    """Return ``text`` with bare ampersands as references; feedparser adds semicolons to them."""
    return _BARE_AMPERSAND.sub(lambda found: found[1] or "&amp;", text)


def _check_attributes(text: str) -> None:
    for found in _LONG_TAG.finditer(text):
        end = text.find(">", found.end())
        if text.count("=", found.start(), end if end >= 0 else len(text)) > _MANY:
            raise NoFeedError(f"a tag in it has more than {_MANY:,} attributes")


def _channel(feed: dict[str, Any], text: str) -> FoundChannel:
    return FoundChannel(
        title=_text(feed, "title"),
        id=_string(feed, "id"),
        generator=_string(feed, "generator") or "",
        home=_string(feed, "link"),
        links=[(link.rel, link.href) for link in _links(feed)],
        language=_string(feed, "language"),
        updated=_string(feed, "updated") or "",
        is_complete=HISTORY in text and any(name.endswith("_complete") for name in feed),
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


def _item(entry: dict[str, Any], *, is_ours: bool) -> FoundItem:
    source = _own(entry, "source")
    return FoundItem(
        title=_text(entry, "title"),
        texts=[text for found in _list(entry, TEXTS) if (text := _content(found))],
        id=_string(entry, "id"),
        link=_string(entry, "link"),
        permalink=_string(entry, PERMALINK),
        links=_links(entry),
        pictures=_own(entry, PICTURES) or [],
        published=_string(entry, "published"),
        updated=_string(entry, "updated"),
        authors=[name for author in _list(entry, "authors") for name in _list_of_names(author)],
        categories=[_string(tag, "term") or "" for tag in _list(entry, "tags")],
        language=_string(entry, "language"),
        publisher=_string(source, "title") if isinstance(source, dict) else None,
        source_id=_string(source, "id") if isinstance(source, dict) else None,
        extension=_string(entry, f"{_OURS}_extension") if is_ours else None,
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


def _content(found: dict[str, Any]) -> Text | None:
    if _NOT_TEXT.match(_string(found, "type") or ""):
        return None
    return _text_of(_string(found, "value") or "", found)._replace(place=_own(found, PLACE))


def _list_of_names(author: dict[str, Any]) -> list[str]:
    text = _string(author, AUTHOR_TEXT)
    return (
        people(text)
        if text is not None
        else [_string(author, "name") or _string(author, "email") or ""]
    )


def _text_of(value: str, detail: dict[str, Any]) -> Text:
    kind = _string(detail, "type") or ""
    if kind == _XHTML:
        value = without_void_ends(value)
    return Text(value, kind, _string(detail, "base") or "", _string(detail, "language"))


def _links(found: dict[str, Any]) -> list[Link]:
    return [
        link_of(
            href,
            relation_of(_string(link, "rel")),
            _string(link, "type"),
            _string(link, "title"),
            _string(link, "length"),
            _string(link, "hreflang"),
        )
        for link in _list(found, "links")
        if (href := _string(link, "href"))
    ]
