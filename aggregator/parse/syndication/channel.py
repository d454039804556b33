"""Build a ``Channel`` from what either parser found of a feed itself."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape

from aggregator.dating.stated import DateRules, read_time
from aggregator.model import Channel
from aggregator.parse.syndication import update_hints
from aggregator.parse.syndication.addresses import is_web
from aggregator.parse.syndication.items import MAX_ADDRESS, MAX_NAME, MAX_TITLE, Text

GENERATOR = "Aggregator"
"""What our feeds name as their generator."""

HISTORY = "http://purl.org/syndication/history/1.0"
"""The namespace of RFC 5005."""

_TAG = re.compile(r"<[^<>]*>")


@dataclass(slots=True)
class FoundChannel:
    """A feed's own elements, as text.  ``links`` are (rel, address), ``home`` is its web page.

    ``is_aggregator``: it has the extension of this program in JSON.  ``is_complete``: it has the
    ``complete`` of RFC 5005.
    """

    title: Text | None = None
    id: str | None = None
    generator: str = ""
    is_aggregator: bool = False
    home: str | None = None
    links: list[tuple[str, str]] = field(default_factory=list)
    language: str | None = None
    updated: str = ""
    is_complete: bool = False
    ttl: str = ""
    update_period: str = ""
    update_frequency: str = ""
    hours: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)


def channel_of(found: FoundChannel, dates: DateRules) -> Channel:
    """Return the channel that was ``found``; ``dates`` are the rules of its document."""
    updated = read_time(found.updated, dates) if found.updated else None
    return Channel(
        title=_plain(found.title),
        home=_web(found.home),
        language=language_of(found),
        hub=_first(found, "hub"),
        topic=_first(found, "self"),
        older=_first(found, "prev-archive") or _first(found, "next"),
        is_complete=found.is_complete,
        updated=updated if isinstance(updated, datetime) else None,
        period=update_hints.period(found.ttl, found.update_period, found.update_frequency),
        skip_hours=update_hints.hours(found.hours),
        skip_days=update_hints.days(found.days),
        is_aggregator=found.is_aggregator or found.generator == GENERATOR,
    )


def language_of(found: FoundChannel) -> str | None:
    """Return the language of what was ``found``, as written."""
    return found.language[:MAX_NAME] if found.language else None


def _plain(title: Text | None) -> str:
    if title is None:
        return ""
    if title.type == "text/plain":
        return title.value[:MAX_TITLE]
    return " ".join(unescape(_TAG.sub("", title.value)).split())[:MAX_TITLE]


def _first(found: FoundChannel, rel: str) -> str | None:
    return next((href for its_rel, href in found.links if its_rel == rel and _web(href)), None)


def _web(address: str | None) -> str | None:
    return address if address and is_web(address) and len(address) <= MAX_ADDRESS else None
