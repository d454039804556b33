"""JSON Feed 1.1 (jsonfeed.org/version/1.1).

``entry`` builds the item of one entry, to be kept; ``feed`` inserts kept items into a feed without
items.  What the format has no members for is in the extension ``_aggregator``: of an item its other
links and what ``extension`` has; of a feed its id and when it last changed.  It is the last member
of both, and ``with_source`` relies on that.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from aggregator.model import Link, StoredEntry
from aggregator.normalise.addresses import to_uri
from aggregator.output.formats import (
    Head,
    address,
    author_names,
    home,
    label,
    language,
    links_of,
    with_href,
)
from aggregator.output.formats.extension import extension_of
from aggregator.output.plan import Plan
from aggregator.output.versions import FORMATS

NAME = "json"
VERSION = FORMATS[NAME]
MEDIA_TYPE = "application/feed+json"

_FORMAT = "https://jsonfeed.org/version/1.1"
_ANY_TYPE = "application/octet-stream"  # RFC 2046, section 4.5.1: unknown content
_END_OF_ENTRY = b"}}"
"""Of the extension and of the item that it closes."""

_Object = dict[str, Any]


def entry(stored: StoredEntry) -> bytes:
    """Return the item of ``stored``, the same in every feed that contains it."""
    found = stored.entry
    # URIs, as members of this format are in JSON Schema and in readers' libraries.
    links = [with_href(link, to_uri(link.href)) for link in links_of(stored)]
    page = next((link for link in links if link.rel == "alternate"), None)
    files = [link for link in links if link.rel == "enclosure"]
    others = [link for link in links if link is not page and link not in files]
    item = {
        "id": stored.id,
        "url": page.href if page else None,
        "title": found.title,
        "content_html": found.content_html or "<p></p>",
        "summary": found.summary,
        "image": _picture(files),
        "date_published": stored.dating.published.isoformat(),
        "date_modified": stored.updated.isoformat(),
        "authors": [{"name": name} for name in author_names(stored)],
        "tags": [label(stored, term) for term in found.categories],
        "language": language(stored),
        "attachments": [_attachment(link) for link in files],
    }
    extension = extension_of(stored, to_uri)
    extension = {**extension, **_present({"links": [_link(link) for link in others]})}
    return _bytes(_present(item) | {"_aggregator": extension})


def feed(head: Head, entries: Iterable[bytes]) -> bytes:
    """Return a feed with the items of its entries."""
    plan = head.plan
    members = {
        "version": _FORMAT,
        "title": plan.title,
        "home_page_url": to_uri(home(head)),
        "feed_url": address(plan, NAME, head.base_url),
        "description": plan.subtitle,
        "hubs": [{"type": "WebSub", "url": head.hub}] if head.hub is not None else [],
    }
    return b"".join(
        [
            _bytes(_present(members)).removesuffix(b"}"),
            b',"items":[\n',
            b",\n".join(entries),
            b'\n],"_aggregator":',
            _bytes({"id": plan.id, "updated": head.updated.isoformat()}),
            b"}\n",
        ]
    )


def with_source(element: bytes, plan: Plan, base_url: str, updated: datetime) -> bytes:
    """Return an entry's ``element`` with the feed that it comes from in its extension."""
    source = {
        "id": plan.id,
        "title": plan.title,
        "feed_url": address(plan, NAME, base_url),
        "updated": updated.isoformat(),
    }
    return element.removesuffix(_END_OF_ENTRY) + b',"source":' + _bytes(source) + _END_OF_ENTRY


def _picture(files: Iterable[Link]) -> str | None:
    """Return the address of the first file that is a picture; it is the entry's own."""
    return next((file.href for file in files if (file.type or "").startswith("image/")), None)


def _attachment(link: Link) -> _Object:
    return _present(
        {
            "url": link.href,
            "mime_type": link.type or _ANY_TYPE,  # required
            "title": link.title,
            "size_in_bytes": link.length,
        }
    )


def _link(link: Link) -> _Object:
    return _present(
        {
            "rel": link.rel,
            "href": link.href,
            "type": link.type,
            "hreflang": link.hreflang,
            "title": link.title,
            "length": link.length,
        }
    )


def _present(members: _Object) -> _Object:
    """Return ``members`` without empty ones: an optional member is left out, not null."""
    return {name: value for name, value in members.items() if value not in (None, "", [])}


def _bytes(value: _Object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Lone surrogates have no encoding; ``normalise`` removes them before.
    return text.encode("utf-8", "ignore")
