"""JSON Feed 1.1 (jsonfeed.org/version/1.1).

``entry`` builds the item of one entry, to be kept; ``feed`` splices kept items into the head of a
feed.  What the format has no words for is in the extension ``_aggregator``: of an item its agency,
how its date is known, what its text lacks and its other links; of a feed when it last changed.  It
is the last member of both, and ``with_source`` relies on that.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from aggregator.model import Link, StoredEntry
from aggregator.output.plan import Plan

FORM = "json"
VERSION = "2"
"""Changes whenever the same entry would give other bytes: kept items are then built anew."""

MEDIA_TYPE = "application/feed+json"
ENDING = ".json"

_FORMAT = "https://jsonfeed.org/version/1.1"
_ANY_TYPE = "application/octet-stream"  # RFC 2046, section 4.5.1: bytes of which no more is known
_END_OF_ENTRY = b"}}"
"""Of the extension and of the item it closes."""

_Object = dict[str, Any]


def entry(stored: StoredEntry) -> bytes:
    """The item of ``stored``, which is the same in every feed that has it."""
    found = stored.entry
    page = next((link for link in stored.links if link.rel == "alternate"), None)
    files = [link for link in stored.links if link.rel == "enclosure"]
    others = [link for link in stored.links if link is not page and link not in files]
    item = {
        "id": stored.id,
        "url": page.href if page else None,
        "title": found.title,
        "content_html": found.content_html or "<p></p>",
        "summary": found.summary,
        "date_published": stored.dating.published.isoformat(),
        "date_modified": stored.updated.isoformat(),
        "authors": [{"name": name} for name in dict.fromkeys((found.agency.name, *found.authors))],
        "tags": [_label(stored, term) for term in found.categories],
        "language": found.language,
        "attachments": [_attachment(link) for link in files],
    }
    return _bytes(_given(item) | {"_aggregator": _extension(stored, others)})


def _label(stored: StoredEntry, term: str) -> str:
    agency = stored.entry.agency
    return agency.name if term == agency.id else term


def _attachment(link: Link) -> _Object:
    return _given(
        {
            "url": link.href,
            "mime_type": link.type or _ANY_TYPE,  # required
            "title": link.title,
            "size_in_bytes": link.length,
        }
    )


def _extension(stored: StoredEntry, links: Iterable[Link]) -> _Object:
    dating = stored.dating
    return _given(
        {
            "agency": stored.entry.agency.id,
            "also_by": [agency.id for agency in stored.credits],
            "truncated": stored.entry.truncated or None,
            "links": [_link(link) for link in links],
        }
    ) | {
        "dating": {
            "basis": dating.basis,
            "earliest": dating.earliest.isoformat(),
            "latest": dating.latest.isoformat(),
            "evidence": dating.evidence,
        }
    }


def _link(link: Link) -> _Object:
    return _given(
        {
            "rel": link.rel,
            "href": link.href,
            "type": link.type,
            "title": link.title,
            "length": link.length,
        }
    )


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
    head = {
        "version": _FORMAT,
        "title": plan.title,
        "home_page_url": (plan.agency.homepage if plan.agency else None) or base_url,
        "feed_url": _address(plan, base_url),
        "description": plan.subtitle,
        "hubs": [{"type": "WebSub", "url": hub}] if hub is not None else [],
    }
    extension = _bytes({"id": plan.id, "updated": updated.isoformat()})
    return b"".join(
        [
            _bytes(_given(head)).removesuffix(b"}"),
            b',"items":[\n',
            b",\n".join(entries),
            b'\n],"_aggregator":',
            extension,
            b"}\n",
        ]
    )


def with_source(element: bytes, plan: Plan, base_url: str, updated: datetime) -> bytes:
    """An entry's ``element`` that says in its extension from which feed it comes.

    As in Atom, ``updated`` is the entry's own, so that later entries do not change this one.
    """
    source = {
        "id": plan.id,
        "title": plan.title,
        "feed_url": _address(plan, base_url),
        "updated": updated.isoformat(),
    }
    return element.removesuffix(_END_OF_ENTRY) + b',"source":' + _bytes(source) + _END_OF_ENTRY


def _address(plan: Plan, base_url: str) -> str:
    return urljoin(base_url, f"{plan.name}{ENDING}")


def _given(members: _Object) -> _Object:
    """``members`` without those that say nothing: an optional member is left out, not null."""
    return {name: value for name, value in members.items() if value not in (None, "", [])}


def _bytes(value: _Object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate is no character and has no bytes; there should be none by now.
    return text.encode("utf-8", "ignore")
