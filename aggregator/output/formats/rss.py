"""RSS 2.0 (rssboard.org/rss-specification), by feedgen.

``entry`` builds the item of one entry, to be kept; ``feed`` inserts kept items into a channel
without items.  RSS has no elements for some parts of an entry, so an item has besides: the whole
text (``content:encoded``), names and language (Dublin Core), and, as Atom elements, its other
links and the time of its last change.  What RSS leaves open follows the best practices of the RSS
Advisory Board (rssboard.org/rss-profile).
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.model import Link, StoredEntry
from aggregator.normalise.addresses import to_uri
from aggregator.output.formats import (
    Head,
    address,
    author_names,
    home,
    label,
    language,
    link_attributes,
    links_of,
    with_href,
)
from aggregator.output.plan import Plan
from aggregator.output.versions import FORMATS

NAME = "rss"
VERSION = FORMATS[NAME]
MEDIA_TYPE = "application/rss+xml"

_END_OF_FEED = b"</channel>"
_END_OF_ENTRY = b"</item>"
_END_OF_TITLE = b"</title>"

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_NAMESPACES = {"dc": _DC, "atom": _ATOM, "content": "http://purl.org/rss/1.0/modules/content/"}
"""Declared once, on the root element: many readers recognise these elements by their prefixes."""

_ANY_TYPE = "application/octet-stream"  # RFC 2046, section 4.5.1: unknown content
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _EntryExtension(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """What feedgen 1.0 omits from an item, and ``pubDate``, which it formats by the locale."""

    def __init__(self) -> None:
        self.stored: StoredEntry | None = None
        self.links: list[Link] = []

    def extend_rss(self, item: etree._Element) -> etree._Element:
        stored = self.stored
        assert stored is not None
        _text(item, "pubDate", _rfc822(stored.dating.published))
        for name in author_names(stored):
            _text(item, f"{{{_DC}}}creator", name)
        if (found := language(stored)) is not None:
            _text(item, f"{{{_DC}}}language", found)
        if stored.updated != stored.dating.published:
            _text(item, f"{{{_ATOM}}}updated", stored.updated.isoformat())
        for link in self.links:
            _link(item, link)
        return item


class _ChannelExtension(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """What feedgen 1.0 omits from a channel, and the prefixes that its items use."""

    def __init__(self) -> None:
        self.head: Head | None = None

    def extend_ns(self) -> dict[str, str]:
        return _NAMESPACES

    def extend_rss(self, root: etree._Element) -> etree._Element:
        assert self.head is not None
        _text(root[0], "lastBuildDate", _rfc822(self.head.updated))
        if self.head.hub is not None:  # of its Atom links, feedgen writes only the first ``self``
            _link(root[0], Link(href=self.head.hub, rel="hub"))
        return root


class _NoDate(datetime):
    """A date that is false, which makes feedgen leave out ``lastBuildDate``.

    feedgen formats it with setlocale(3), which changes the locale of all threads of the process,
    and has no other public way to omit it.
    """

    def __bool__(self) -> bool:
        return False


def entry(stored: StoredEntry) -> bytes:
    """Return the ``item`` element of ``stored``, the same in every feed that contains it.

    Its prefixes are those that ``feed`` declares.
    """
    made = FeedEntry()
    made.register_extension("ours", _EntryExtension, atom=False)
    made.ours.stored = stored
    # URIs: the specification is older than IRIs, and validators reject them.
    links = [with_href(link, to_uri(_xml(link.href))) for link in links_of(stored)]
    page, made.ours.links = _add_links(made, links)
    if stored.entry.title:  # an item with a description needs none
        made.title(_xml(stored.entry.title))
    # An id stays as it is, so that no reader takes the item for new, and is a permanent link only
    # if it is the address of the page, not just shaped like one.
    made.guid(_xml(stored.id), permalink=page == stored.id)
    if stored.entry.summary:
        made.summary(_xml(escape(stored.entry.summary, quote=False)))  # a description is HTML
    made.content(_xml(stored.entry.content_html) or "<p></p>")
    for term in stored.entry.categories:
        made.category(term=_xml(term), label=_xml(label(stored, term)))
    return _without_prefixes(made.rss_entry())


def feed(head: Head, entries: Iterable[bytes]) -> bytes:
    """Return a feed with the items of its entries."""
    made = FeedGenerator()
    made.register_extension("ours", _ChannelExtension, atom=False)
    made.ours.head = head
    made.updated(_NoDate(2000, 1, 1, tzinfo=UTC))
    made.title(_xml(head.plan.title))
    made.description(_xml(head.plan.subtitle))
    made.generator("Aggregator")
    made.link(href=address(head.plan, NAME, head.base_url), rel="self", type=MEDIA_TYPE)
    # The last link becomes the channel's page, which it must have.
    made.link(href=to_uri(home(head)))
    start, end, after = bytes(made.rss_str()).rpartition(_END_OF_FEED)
    return b"\n".join([_plain_title(start), *entries, end + after + b"\n"])


def with_source(
    element: bytes,
    plan: Plan,
    base_url: str,
    updated: datetime,  # noqa: ARG001  # the same call for every format; RSS has no place for it
) -> bytes:
    """Return an entry's ``element`` with a ``source`` for the feed that it comes from."""
    source = etree.Element("source", url=to_uri(address(plan, NAME, base_url)))
    source.text = _xml(plan.title)
    element, end, _ = element.rpartition(_END_OF_ENTRY)
    return element + bytes(etree.tostring(source, encoding="utf-8")) + end


def _add_links(made: FeedEntry, links: list[Link]) -> tuple[str | None, list[Link]]:
    """Add an item's page and file; return the address of the page, and the links that remain.

    There is one of each: the specification has room for one ``link``, and the best practices for
    one ``enclosure``, because readers differ in which of several they take.  A further page is
    left out altogether: feedparser, for one, would take it for the item's own.
    """
    page, file = _first(links, "alternate"), _first(links, "enclosure")
    remaining = [link for link in links if link.rel != "alternate"]
    if page is not None:
        made.link(href=page.href)
    if file is not None:
        # All three attributes are required, and the best practices say 0 for an unknown length.
        made.enclosure(file.href, str(file.length or 0), _xml(file.type or _ANY_TYPE))
        remaining.remove(file)
    return page.href if page is not None else None, remaining


def _first(links: Iterable[Link], rel: str) -> Link | None:
    return next((link for link in links if link.rel == rel), None)


def _without_prefixes(item: etree._Element) -> bytes:
    """Return ``item`` as it is written below a root element that declares its prefixes."""
    root = etree.Element("rss", nsmap=_NAMESPACES)
    root.append(item)
    whole = bytes(etree.tostring(root, encoding="utf-8"))
    return _plain_title(whole[whole.index(b"<item>") : whole.rindex(b"</rss>")])


def _plain_title(element: bytes) -> bytes:
    """Return ``element`` with hexadecimal references for ``&``, ``<`` and ``>`` in its first title.

    Readers disagree on whether a title is plain text or HTML; written like this, most of them show
    it as it was meant (best practices, "Character Data").
    """
    title, end, rest = element.partition(_END_OF_TITLE)
    if not end:
        return element
    for name, reference in ((b"&amp;", b"&#x26;"), (b"&lt;", b"&#x3C;"), (b"&gt;", b"&#x3E;")):
        title = title.replace(name, reference)
    return title + end + rest


def _rfc822(moment: datetime) -> str:
    """``Fri, 15 Dec 2023 12:00:07 +0000`` in every locale, which ``strftime`` does not promise."""
    return format_datetime(moment.astimezone(UTC))


def _link(parent: etree._Element, link: Link) -> None:
    attributes = {name: _xml(value) for name, value in link_attributes(link).items()}
    etree.SubElement(parent, f"{{{_ATOM}}}link", attributes)


def _text(parent: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(parent, tag).text = _xml(text)


def _xml(text: str) -> str:
    """Return ``text`` without characters that XML forbids (XML 1.0, section 2.2).

    ``normalise`` removes them, but one that remained would cost the whole feed: lxml refuses it.
    """
    return _NOT_XML.sub("", text)
