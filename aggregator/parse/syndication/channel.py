"""Build a ``Channel`` from what either parser found of a feed itself."""

import re
from dataclasses import dataclass, field
from html import unescape

from aggregator.model import Channel
from aggregator.parse.syndication import update_hints
from aggregator.parse.syndication.addresses import is_web
from aggregator.parse.syndication.items import MAX_ADDRESS, MAX_NAME, MAX_TITLE, Text

GENERATOR = "Aggregator"
"""What our feeds name as their generator."""

_TAG = re.compile(r"<[^<>]*>")


@dataclass(slots=True)
class FoundChannel:
    """A feed's own elements, as text.  ``links`` are (rel, address), ``home`` is its web page.

    ``is_aggregator``: it has the extension of this program in JSON.
    """

    title: Text | None = None
    id: str | None = None
    generator: str = ""
    is_aggregator: bool = False
    home: str | None = None
    links: list[tuple[str, str]] = field(default_factory=list)
    language: str | None = None
    ttl: str = ""
    update_period: str = ""
    update_frequency: str = ""
    hours: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)


def channel_of(found: FoundChannel) -> Channel:
    """Return the channel that was ``found``."""
    return Channel(
        title=_plain(found.title),
        home=_web(found.home),
        language=found.language[:MAX_NAME] if found.language else None,
        hub=_first(found, "hub"),
        topic=_first(found, "self"),
        period=update_hints.period(found.ttl, found.update_period, found.update_frequency),
        skip_hours=update_hints.hours(found.hours),
        skip_days=update_hints.days(found.days),
        is_aggregator=found.is_aggregator or found.generator == GENERATOR,
    )


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
