"""What a feed says of itself, as either parser found it, and the ``Channel`` it makes."""

import re
from dataclasses import dataclass, field
from html import unescape

from aggregator.model import Channel
from aggregator.parse.syndication import rhythm
from aggregator.parse.syndication.addresses import is_web
from aggregator.parse.syndication.found import MAX_ADDRESS, MAX_NAME, MAX_TITLE, Text

_TAG = re.compile(r"<[^<>]*>")


@dataclass(slots=True)
class Saying:
    """A feed's words for itself.  ``links`` are (rel, address), ``home`` is its own page."""

    title: Text | None = None
    home: str | None = None
    links: list[tuple[str, str]] = field(default_factory=list)
    language: str | None = None
    ttl: str = ""
    update_period: str = ""
    update_frequency: str = ""
    hours: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)


def channel(saying: Saying) -> Channel:
    """The channel of which all this was said."""
    return Channel(
        title=_plain(saying.title),
        home=_web(saying.home),
        language=saying.language[:MAX_NAME] if saying.language else None,
        hub=_first(saying, "hub"),
        topic=_first(saying, "self"),
        period=rhythm.period(saying.ttl, saying.update_period, saying.update_frequency),
        skip_hours=rhythm.hours(saying.hours),
        skip_days=rhythm.days(saying.days),
    )


def _plain(title: Text | None) -> str:
    if title is None:
        return ""
    if title.type == "text/plain":
        return title.value[:MAX_TITLE]
    return " ".join(unescape(_TAG.sub("", title.value)).split())[:MAX_TITLE]


def _first(saying: Saying, rel: str) -> str | None:
    return next((href for found, href in saying.links if found == rel and _web(href)), None)


def _web(address: str | None) -> str | None:
    return address if address and is_web(address) and len(address) <= MAX_ADDRESS else None
