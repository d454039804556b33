"""Where we read a feed otherwise than feedparser (``docs/decisions/feed-parsers.md`` says why).

``parsed_by_our_rules`` is ``feedparser.parse`` with these methods in place of its own.  What they
keep of an item is under keys that no element can have, because ``#`` is in no name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import feedparser.api

from aggregator.parse.syndication.items import (
    CAPTION,
    CONTENT,
    DESCRIPTION,
    OTHER,
    SUMMARY,
    relation_of,
)
from aggregator.parse.syndication.pictures import ELEMENTS, picture_of

TEXTS, PLACE, PERMALINK, AUTHOR_TEXT = "#texts", "#place", "#permalink", "#author"
PICTURES = "#pictures"
_HTML_TYPES = ("text", "html", "xhtml", "text/html", "application/xhtml+xml")


def parsed_by_our_rules(stream: BytesIO, headers: dict[str, str]) -> Any:
    """Return feedparser's result for a feed, with the texts, links and people read by our rules."""
    with _our_parsers():
        return feedparser.parse(
            stream, response_headers=headers, resolve_relative_uris=False, sanitize_html=False
        )


class _Rules:
    """Methods that replace those of feedparser's parsers; ``Any``: it has no types."""

    self: Any
    item_depth = 0

    def _start_item(self: Any, attributes: Any) -> None:
        super()._start_item(attributes)  # type: ignore[misc]
        self.item_depth = self.depth

    _start_entry = _start_item

    def _start_text(self: Any, attributes: Any, name: str, kind: str, place: int) -> None:
        """Start a text that may be the body.

        Of several, feedparser would take the second one for content, whatever it describes.
        """
        self.push_content(f"#{name}", attributes, kind, 1)
        self.contentparams[PLACE] = place if self.depth == self.item_depth + 1 else CAPTION

    def _end_text(self: Any, name: str) -> None:
        key = f"#{name}"
        if all(pushed[0] != key for pushed in self.elementstack):
            return  # the end of an HTML element of this name, such as ``summary``
        self.pop_content(key)
        if self.inentry and not self.insource and not self.inimage:
            detail = self.entries[-1].pop(f"{key}_detail", None)
            if detail is not None:
                self.entries[-1].setdefault(TEXTS, []).append(detail)

    def _start_content(self: Any, attributes: Any) -> None:
        self._start_text(attributes, "content", "text/plain", CONTENT)
        source = attributes.get("src")
        if source and self.inentry and not self.insource:
            entry, address = self.entries[-1], self.resolve_uri(source)
            if attributes.get("type", "text") in _HTML_TYPES:
                entry.setdefault(PERMALINK, address)
            else:
                link = {"rel": "enclosure", "href": address, "type": attributes["type"]}
                entry.setdefault("links", []).append(link)

    def _sync_author_detail(self: Any, key: str = "author") -> None:
        """Do nothing: feedparser cuts e-mail addresses, and takes seconds for long texts."""

    def _end_author(self: Any) -> None:
        text = self.pop("author")
        self.inauthor = 0
        people = self._get_context().get("authors")
        if text is not None and isinstance(people, list) and people and not people[-1]:
            people[-1][AUTHOR_TEXT] = text

    _end_managingeditor = _end_author

    def _start_link(self: Any, attributes: Any) -> None:
        attributes["rel"] = relation_of(attributes.get("rel"))
        super()._start_link(attributes)  # type: ignore[misc]

    def _end_link(self: Any) -> None:
        """End a link; an empty one is none."""
        context = self._get_context()
        before = context.get("link")
        super()._end_link()  # type: ignore[misc]
        if before and not context.get("link"):
            context["link"] = before

    def _end_guid(self: Any) -> None:
        value = self.pop("id")
        if self.guidislink and value:
            context = self._get_context()
            if self.inentry:
                context[PERMALINK] = value
            else:
                context.setdefault("link", value)

    _end_id = _end_guid


def _reader_of_text(name: str, kind: str, place: int) -> dict[str, Any]:
    def start(self: Any, attributes: Any) -> None:
        self._start_text(attributes, name, kind, place)

    def end(self: Any) -> None:
        self._end_text(name)

    return {f"_start_{name}": start, f"_end_{name}": end}


for _name, _kind, _place in (
    ("content_encoded", "text/html", CONTENT),
    ("fullitem", "text/html", CONTENT),
    ("body", "application/xhtml+xml", CONTENT),
    ("xhtml_body", "application/xhtml+xml", CONTENT),
    ("description", "text/html", DESCRIPTION),
    ("abstract", "text/plain", DESCRIPTION),
    ("summary", "text/plain", SUMMARY),
    ("dc_description", "text/html", OTHER),
    ("itunes_summary", "text/plain", OTHER),
    ("media_description", "text/plain", CAPTION),
):
    for _method, _function in _reader_of_text(_name, _kind, _place).items():
        setattr(_Rules, _method, _function)
_Rules._end_content = _reader_of_text("content", "", CONTENT)["_end_content"]  # type: ignore[attr-defined]


def _starter_of_picture(name: str) -> Any:
    def start(self: Any, attributes: Any) -> None:
        if self.inentry and not self.insource:
            picture = picture_of(name, attributes, self.baseuri or "")
            if picture is not None:
                self.entries[-1].setdefault(PICTURES, []).append(picture)
        getattr(super(_Rules, self), f"_start_{name}")(attributes)

    return start


for _name in ELEMENTS:
    setattr(_Rules, f"_start_{_name}", _starter_of_picture(_name))


class _Strict(_Rules, feedparser.api.StrictFeedParser):  # type: ignore[misc]
    pass


class _Loose(_Rules, feedparser.api.LooseFeedParser):  # type: ignore[misc]
    pass


@contextmanager
def _our_parsers() -> Iterator[None]:
    api: Any = feedparser.api
    theirs = api.StrictFeedParser, api.LooseFeedParser
    api.StrictFeedParser, api.LooseFeedParser = _Strict, _Loose
    try:
        yield
    finally:
        api.StrictFeedParser, api.LooseFeedParser = theirs
