"""RSS 2.0 (rssboard.org/rss-specification), by feedgen.

``entry`` builds the item of one entry, to be kept; ``feed`` splices kept items into the head of a
feed.  RSS has no words for some of an entry, so an item has besides: the whole text
(``content:encoded``), names and language (Dublin Core), and, as elements of Atom, its links to
other things and the time of its last change.  What RSS leaves open is as the best practices of the
RSS Advisory Board (rssboard.org/rss-profile) have it.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import urljoin

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.model import Link, StoredEntry
from aggregator.output.plan import Plan

FORM = "rss"
VERSION = "2"
"""Changes whenever the same entry would give other bytes: kept items are then built anew."""

MEDIA_TYPE = "application/rss+xml"
ENDING = ".rss"

_END_OF_FEED = b"</channel>"
_END_OF_ENTRY = b"</item>"
_END_OF_TITLE = b"</title>"

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_NAMESPACES = {"dc": _DC, "atom": _ATOM, "content": "http://purl.org/rss/1.0/modules/content/"}
"""Declared once, at the top of a feed: many readers know these elements by their prefixes."""

_ANY_TYPE = "application/octet-stream"  # RFC 2046, section 4.5.1: bytes of which no more is known
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Besides(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """What feedgen 1.0 leaves out of an item, or gets from the locale."""

    def __init__(self) -> None:
        self.stored: StoredEntry | None = None
        self.links: list[Link] = []

    def extend_rss(self, item: etree._Element) -> etree._Element:
        stored = self.stored
        assert stored is not None
        _text(item, "pubDate", _rfc822(stored.dating.published))
        for name in dict.fromkeys((stored.entry.agency.name, *stored.entry.authors)):
            _text(item, f"{{{_DC}}}creator", name)
        if stored.entry.language is not None:
            _text(item, f"{{{_DC}}}language", stored.entry.language)
        if stored.updated != stored.dating.published:
            _text(item, f"{{{_ATOM}}}updated", stored.updated.isoformat())
        for link in self.links:
            etree.SubElement(item, f"{{{_ATOM}}}link", _attributes(link))
        return item


class _Head(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """When the channel last changed, and the prefixes its items use."""

    def __init__(self) -> None:
        self.updated: datetime | None = None
        self.hub: str | None = None

    def extend_ns(self) -> dict[str, str]:
        return _NAMESPACES

    def extend_rss(self, root: etree._Element) -> etree._Element:
        assert self.updated is not None
        _text(root[0], "lastBuildDate", _rfc822(self.updated))
        if self.hub is not None:  # of its links of Atom, feedgen writes only the first ``self``
            link = Link(href=self.hub, rel="hub")
            etree.SubElement(root[0], f"{{{_ATOM}}}link", _attributes(link))
        return root


def entry(stored: StoredEntry) -> bytes:
    """The ``item`` element of ``stored``, which is the same in every feed that has it.

    Its prefixes are those that ``feed`` declares.
    """
    made = FeedEntry()
    made.register_extension("besides", _Besides, atom=False)
    made.besides.stored = stored
    made.besides.links = _add_links(made, stored)
    if stored.entry.title:  # an item with a description needs none
        made.title(_fit(stored.entry.title))
    made.guid(_fit(stored.id), permalink=_is_page(stored))
    if stored.entry.summary:
        made.summary(_fit(escape(stored.entry.summary, quote=False)))  # a description is HTML
    made.content(_fit(stored.entry.content_html) or "<p></p>")
    for term in stored.entry.categories:
        made.category(term=_fit(term), label=_fit(_label(stored, term)))
    return _item(made.rss_entry())


def _add_links(made: FeedEntry, stored: StoredEntry) -> list[Link]:
    """Give an item its page and its file; returns the links that it has besides.

    It can have one of each: the specification has room for one ``link``, and the best practices
    for one ``enclosure``, because readers differ in which of several they take.  A further page is
    left out altogether: feedparser, for one, would take it for the item's own.
    """
    page, file = _first(stored.links, "alternate"), _first(stored.links, "enclosure")
    left = [link for link in stored.links if link.rel != "alternate"]
    if page is not None:
        made.link(href=_fit(page.href))
    if file is not None:
        # All three attributes are required, and the best practices say 0 for a length unknown.
        made.enclosure(_fit(file.href), str(file.length or 0), _fit(file.type or _ANY_TYPE))
        left.remove(file)
    return left


def _first(links: Iterable[Link], rel: str) -> Link | None:
    return next((link for link in links if link.rel == rel), None)


def _is_page(stored: StoredEntry) -> bool:
    """Whether the id of an entry is its address, and not only a name that looks like one."""
    page = _first(stored.links, "alternate")
    return page is not None and page.href == stored.id


def _label(stored: StoredEntry, term: str) -> str:
    agency = stored.entry.agency
    return agency.name if term == agency.id else term


def _item(item: etree._Element) -> bytes:
    """``item`` as it stands in a feed, where its prefixes are declared above it."""
    root = etree.Element("rss", nsmap=_NAMESPACES)
    root.append(item)
    whole = bytes(etree.tostring(root, encoding="utf-8"))
    return _plain_title(whole[whole.index(b"<item>") : whole.rindex(b"</rss>")])


def _plain_title(element: bytes) -> bytes:
    """``element`` with ``&`` and ``<`` of its title, which comes first, as hexadecimal references.

    Readers disagree on whether a title is plain text or HTML; so written, the most of them show it
    as it was meant (best practices, "Character Data").
    """
    title, end, rest = element.partition(_END_OF_TITLE)
    if not end:
        return element
    for name, reference in ((b"&amp;", b"&#x26;"), (b"&lt;", b"&#x3C;"), (b"&gt;", b"&#x3E;")):
        title = title.replace(name, reference)
    return title + end + rest


def feed(
    plan: Plan,
    base_url: str,
    updated: datetime,
    entries: Iterable[bytes],
    *,
    hub: str | None = None,
) -> bytes:
    """The feed of ``plan``, served below ``base_url``, with the items of its entries.

    ``hub`` is where to subscribe (WebSub, section 4).
    """
    made = FeedGenerator()
    # feedgen would write it by way of setlocale(3), which other threads of the process would feel.
    made._FeedGenerator__rss_lastBuildDate = None
    made.register_extension("head", _Head, atom=False)
    made.head.updated = updated
    made.head.hub = hub
    made.title(_fit(plan.title))
    made.description(_fit(plan.subtitle))
    made.generator("Aggregator")
    made.link(href=_address(plan, base_url), rel="self", type=MEDIA_TYPE)
    made.link(href=_home(plan, base_url))  # the last link is the one that RSS has
    head, end, after = bytes(made.rss_str()).rpartition(_END_OF_FEED)
    return b"\n".join([_plain_title(head), *entries, end + after + b"\n"])


def with_source(
    element: bytes,
    plan: Plan,
    base_url: str,
    updated: datetime,  # noqa: ARG001  # every format is asked alike, and RSS has no place for it
) -> bytes:
    """An entry's ``element`` with a ``source`` that says from which feed it comes."""
    source = etree.Element("source", url=_address(plan, base_url))
    source.text = _fit(plan.title)
    element, end, _ = element.rpartition(_END_OF_ENTRY)
    return element + bytes(etree.tostring(source, encoding="utf-8")) + end


def _address(plan: Plan, base_url: str) -> str:
    return urljoin(base_url, f"{plan.name}{ENDING}")


def _home(plan: Plan, base_url: str) -> str:
    """A channel must have a page; where its agency has none, it is the index of all feeds."""
    return (plan.agency.homepage if plan.agency else None) or base_url


def _rfc822(moment: datetime) -> str:
    """``Fri, 15 Dec 2023 12:00:07 +0000`` in every locale, which ``strftime`` does not promise."""
    return format_datetime(moment.astimezone(UTC))


def _attributes(link: Link) -> dict[str, str]:
    length = str(link.length) if link.length is not None else None
    attributes = {
        "href": link.href,
        "rel": link.rel,
        "type": link.type,
        "title": link.title,
        "length": length,
    }
    return {name: _fit(value) for name, value in attributes.items() if value is not None}


def _text(parent: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(parent, tag).text = _fit(text)


def _fit(text: str) -> str:
    """``text`` without what XML forbids (XML 1.0, section 2.2).

    There should be none by now, but lxml would refuse the entry, and with it the feed.
    """
    return _NO_CHARACTER.sub("", text)
