"""Entries and feeds to bytes: one module for each format, all pure and all with the same functions.

A new format is a module with the names of ``Format``, listed in ``output.render.FORMATS``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from urllib.parse import urljoin

from aggregator.model import Link, StoredEntry
from aggregator.normalise.addresses import canonical_address
from aggregator.normalise.languages import registered_language
from aggregator.output.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a feed contains besides its entries.

    The output is served at ``base_url``; ``updated`` is when the feed last changed.  ``hub`` is
    where to subscribe (WebSub, section 4), and ``prev_archive`` the file with older entries, for
    formats that have archives (RFC 5005).
    """

    plan: Plan
    base_url: str
    updated: datetime
    hub: str | None = None
    prev_archive: str | None = None


class Format(Protocol):
    """A format of feeds.

    ``NAME`` is also the extension of its files.  ``VERSION`` changes whenever the same entry would
    result in other bytes: kept elements are then built again.
    """

    NAME: str
    VERSION: str
    MEDIA_TYPE: str

    def entry(self, stored: StoredEntry, /) -> bytes:
        """Return the element of one entry, the same in every feed that contains it."""
        ...

    def feed(self, head: Head, entries: Iterable[bytes], /) -> bytes:
        """Return a feed with the elements of its entries."""
        ...

    def with_source(self, element: bytes, plan: Plan, base_url: str, updated: datetime, /) -> bytes:
        """Return an entry's ``element`` with the feed that it comes from.

        The source is that feed as it was when this entry was its newest (RFC 4287, section
        4.2.11): ``updated`` is the entry's own, so that later entries do not change this one.
        """
        ...


def file_name(plan: Plan, form: str) -> str:
    """Return the file of a feed in the format called ``form``, below the output folder."""
    return f"{plan.name}.{form}"


def address(plan: Plan, form: str, base_url: str) -> str:
    """Return the URL of a feed in the format called ``form``."""
    return urljoin(base_url, file_name(plan, form))


def home(head: Head) -> str:
    """Return a feed's page: its agency's own, ours of its entries, or the index."""
    plan = head.plan
    if plan.agency is not None and plan.agency.homepage:
        return canonical_address(plan.agency.homepage)
    return urljoin(head.base_url, plan.page) if plan.page else head.base_url


def label(stored: StoredEntry, term: str) -> str:
    """Return a category as people should read it: an agency's name instead of its id."""
    agency = stored.entry.agency
    return agency.name if term == agency.id else term


def author_names(stored: StoredEntry) -> list[str]:
    """Return the agency and the authors of an entry, each once."""
    return list(dict.fromkeys((stored.entry.agency.name, *stored.entry.authors)))


def links_of(stored: StoredEntry) -> list[Link]:
    """Return the links of an entry, with their addresses in canonical form."""
    return [with_href(link, canonical_address(link.href)) for link in stored.links]


def with_href(link: Link, href: str) -> Link:
    """Return ``link`` with another address."""
    return link if href == link.href else replace(link, href=href)


def language(stored: StoredEntry) -> str | None:
    """Return the language of an entry, or None for a code that is none."""
    return registered_language(stored.entry.language)


def link_attributes(link: Link) -> dict[str, str]:
    """Return the attributes of an ``atom:link`` (RFC 4287, section 4.2.7)."""
    attributes = {
        "href": link.href,
        "rel": link.rel,
        "type": link.type,
        "hreflang": link.hreflang,
        "title": link.title,
        "length": str(link.length) if link.length is not None else None,
    }
    return {name: value for name, value in attributes.items() if value is not None}
