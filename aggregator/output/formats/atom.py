"""Atom 1.0 (RFC 4287), by feedgen.

``entry`` builds the element of one entry, to be kept; ``feed`` and ``archive`` insert kept elements
into a feed without entries.  The bytes are those of building the whole at once, for a hundredth of
the time (``docs/decisions/feeds.md``).
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from html import escape, unescape
from urllib.parse import urljoin

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.model import Link, StoredEntry
from aggregator.normalise.addresses import canonical_address
from aggregator.normalise.identity import EXTENSION_NAMESPACE
from aggregator.normalise.text import title_of
from aggregator.output.formats import (
    Head,
    address,
    author_names,
    file_name,
    home,
    label,
    language,
    link_attributes,
    links_of,
)
from aggregator.output.formats.extension import extension_of, needs_extension
from aggregator.output.plan import Plan
from aggregator.output.versions import FORMATS

NAME = "atom"
VERSION = FORMATS[NAME]
MEDIA_TYPE = "application/atom+xml"

_END_OF_FEED = b"</feed>"
_END_OF_ENTRY = b"</entry>"

_TIME = "0"
"""Placeholder of the time in the kept parts of a source."""

_HISTORY = "http://purl.org/syndication/history/1.0"
_OURS = {"aggregator": EXTENSION_NAMESPACE}
_EXTENSION = f"{{{EXTENSION_NAMESPACE}}}extension"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_LIKE_MARKUP = re.compile(r"<[A-Za-z/!?]|&(?:#|\w+;|\w*\d)")


class _EntryExtension(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """What feedgen 1.0 omits: the language, and all attributes of an entry's links but ``href``.

    And our extension: a simple extension element (RFC 4287, section 6.4.1).
    """

    def __init__(self) -> None:
        self.links: Sequence[Link] = ()
        self.language: str | None = None
        self.has_marks = False
        self.extension: str | None = None

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        if self.language is not None:
            entry.set(_LANGUAGE, self.language)
        for link in _one_page_each(self.links):
            etree.SubElement(entry, "link", link_attributes(link))
        if self.has_marks:
            _declare_text(entry)
        if self.extension is not None:
            etree.SubElement(entry, _EXTENSION, nsmap=_OURS).text = self.extension
        return entry


class TextTypes(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """What feedgen 1.0 omits of texts: their type."""

    def extend_atom(self, parent: etree._Element) -> etree._Element:
        """Add the type to the texts of a feed or an entry that need one."""
        _declare_text(parent)
        return parent


class _ArchiveExtension(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Marks a document as an archive (RFC 5005, section 4)."""

    def extend_ns(self) -> dict[str, str]:
        return {"fh": _HISTORY}

    def extend_atom(self, root: etree._Element) -> etree._Element:
        etree.SubElement(root, f"{{{_HISTORY}}}archive")
        return root


def entry(stored: StoredEntry) -> bytes:
    """Return the ``entry`` element of ``stored``, the same in every feed that contains it."""
    made = FeedEntry()
    made.register_extension("ours", _EntryExtension, rss=False)
    made.ours.links = links_of(stored)
    made.ours.language = language(stored)
    texts = stored.entry.title + stored.entry.summary
    made.ours.has_marks = "<" in texts or "&" in texts
    if needs_extension(stored):
        made.ours.extension = json.dumps(
            extension_of(stored), ensure_ascii=False, separators=(",", ":")
        )
    made.id(stored.id)
    made.title(title_of(stored.entry.title, stored.entry.summary))
    for name in author_names(stored):
        made.author(name=name)
    made.published(stored.dating.published)
    made.updated(stored.updated)
    if stored.entry.summary:
        made.summary(stored.entry.summary)
    made.content(stored.entry.content_html or "<p></p>", type="html")
    for term in stored.entry.categories:
        made.category(term=term, label=label(stored, term))
    return bytes(etree.tostring(made.atom_entry(), encoding="utf-8"))


def feed(head: Head, entries: Iterable[bytes]) -> bytes:
    """Return a feed with the elements of its entries."""
    links = list(_links(head.plan, head.base_url))
    if head.hub is not None:
        links.append(Link(href=head.hub, rel="hub"))
    if head.prev_archive is not None:
        links.append(_own_link("prev-archive", head.prev_archive, head.base_url))
    start, end = _document(head, links)
    return b"\n".join([start, *entries, end])


def archive(head: Head, *, name: str, before: str | None, after: str | None) -> tuple[bytes, bytes]:
    """Return what comes before and after the lines of the entries in the file ``name``: one month
    of a feed, with links to the files of its neighbours.
    """
    relations = (
        ("self", name),
        ("current", file_name(head.plan, NAME)),
        ("prev-archive", before),
        ("next-archive", after),
    )
    links = [_own_link(rel, file, head.base_url) for rel, file in relations if file is not None]
    return _document(head, links, is_archive=True)


def with_source(element: bytes, plan: Plan, base_url: str, updated: datetime) -> bytes:
    """Return an entry's ``element`` with an ``atom:source`` for the feed that it comes from."""
    before, after = _source(plan, base_url)
    element, end, _ = element.rpartition(_END_OF_ENTRY)
    return b"".join((element, before, updated.isoformat().encode(), after, end))


def _document(
    head: Head, links: Iterable[Link], *, is_archive: bool = False
) -> tuple[bytes, bytes]:
    """Return what comes before and after the lines of the entries."""
    made = FeedGenerator()
    made.register_extension("text", TextTypes, rss=False)
    if is_archive:
        made.register_extension("archive", _ArchiveExtension, rss=False)
    made.id(head.plan.id)
    made.title(head.plan.title)
    made.subtitle(head.plan.subtitle)
    made.updated(head.updated)
    made.generator("Aggregator")
    made.link([link_attributes(link) for link in _with_home(links, head)])
    start, end, _ = bytes(made.atom_str()).rpartition(_END_OF_FEED)
    return start, end + b"\n"


@lru_cache(maxsize=1024)
def _source(plan: Plan, base_url: str) -> tuple[bytes, bytes]:
    """Return what comes before and after the time in the ``source`` of every entry of a feed."""
    source = etree.Element("source")
    for name, text in (("id", plan.id), ("title", plan.title), ("updated", _TIME)):
        etree.SubElement(source, name).text = text
    _declare_text(source)
    for link in _links(plan, base_url):
        etree.SubElement(source, "link", link_attributes(link))
    whole = bytes(etree.tostring(source, encoding="utf-8"))
    before, _, after = whole.partition(f"<updated>{_TIME}</updated>".encode())
    return before + b"<updated>", b"</updated>" + after


def _declare_text(parent: etree._Element) -> None:
    """Write texts that look like markup as HTML, escaped: readers strip it from plain text.

    Many readers, feedparser for one, take such a text for HTML although its type says otherwise.
    """
    for element in parent.iterchildren("title", "subtitle", "summary"):
        text = element.text or ""
        if _LIKE_MARKUP.search(text) or unescape(text) != text:
            element.set("type", "html")
            element.text = escape(text, quote=False)


def _one_page_each(links: Iterable[Link]) -> Iterator[Link]:
    """Yield links, further pages of one type and language as related: an entry has one of each
    (section 4.1.2).
    """
    seen: set[tuple[str | None, str | None]] = set()
    for link in links:
        if link.rel == "alternate":
            kind = (link.type, link.hreflang)
            if kind in seen:
                yield replace(link, rel="related")
                continue
            seen.add(kind)
        yield link


def _links(plan: Plan, base_url: str) -> Iterator[Link]:
    yield Link(href=address(plan, NAME, base_url), rel="self", type=MEDIA_TYPE)
    if plan.agency is not None and plan.agency.homepage:
        page = canonical_address(plan.agency.homepage)
        yield Link(href=page, rel="alternate", type="text/html")


def _with_home(links: Iterable[Link], head: Head) -> Iterator[Link]:
    """Yield links, and one to the feed's page where there is none."""
    has_page = False
    for link in links:
        has_page = has_page or link.rel == "alternate"
        yield link
    if not has_page:
        yield Link(href=home(head), rel="alternate", type="text/html")


def _own_link(rel: str, file: str, base_url: str) -> Link:
    return Link(href=urljoin(base_url, file), rel=rel, type=MEDIA_TYPE)
