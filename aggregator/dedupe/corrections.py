"""Corrections that change no word: links, pictures, markup, dates, the case of a title.

Takes what a feed stated of an item before and states now, as an entry of safe HTML; returns whether
that is a correction, and what of it a reader can be told.  What changes by itself is none:
addresses with a time or a signature in them, advertisements, and counters of views.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from aggregator.model import Link

MOST = 3
"""Corrections of an entry that are told; what changes more often changes by itself."""

_TAG = re.compile(r"<(a|img)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'\b(href|src|alt|title)="([^"]*)"')
_ADDRESS = re.compile(r'\b(href|src)="([^"]*)"')
_PICTURE = re.compile(r"\.(?:avif|gif|jpe?g|png|svg|webp)\Z", re.IGNORECASE)
_PASSING = re.compile(
    r"(?:_|cb|cache_?buster|dt|expires?|hash|itok|key-pair-id|nocache|nonce|now|policy|rand(?:om)?"
    r"|rnd|s(?:ess(?:ion)?)?_?id|session|sig|signature|t|time|timestamp|token|ts|ver"
    r"|x-[a-z]+-[a-z-]+)=",
    re.IGNORECASE,
)
_ADS = (
    r"(?:ads?\d*|adserver|adservice|adsystem|advert(?:ising)?|doubleclick|feedads"
    r"|googlesyndication|outbrain|pixel|taboola|tracking)"
)
_AD = re.compile(
    rf"https?://(?:[^/?#]*[.-])?{_ADS}(?:[.-][^/?#]*)?(?:[/?#]|\Z)|https?://[^/?#]*/(?:[^?#]*/)?{_ADS}/",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(?:views?|viewed|reads?|visits?|hits?|comments?|likes?|shares?|downloads?|clicks?|replies"
    r"|reactions?)\b",
    re.IGNORECASE,
)
_LONGEST_COUNTER = 6  # words


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a feed stated last of an entry, and the entry's current text, which shows it.

    ``day`` is the date that it stated as data (RFC 3339), ``since`` when a feed first had the
    entry, and ``corrections`` how many it had.  ``is_first``: nothing else had the entry before.
    Without ``has_html`` the HTML was lost, and ``html`` is made from the text.
    """

    fingerprint: str
    title: str
    text: str
    html: str
    links: Sequence[Link]
    day: str | None
    since: str
    corrections: int
    is_first: bool
    has_html: bool = True

    def is_corrected_by(
        self, title: str, html: str, links: Sequence[Link], day: str | None
    ) -> bool:
        """Whether a later statement with the same words corrects something."""
        if self.corrections >= MOST:
            return False
        is_dated_anew = day is not None and day != self.day and day <= self.since
        return (
            is_dated_anew
            or (self.is_first and title != self.title)
            or (self.has_html and _lasting_html(html) != _lasting_html(self.html))
            or _lasting_links(links) != _lasting_links(self.links)
        )


def told(html: str, links: Sequence[Link], day: str | None) -> dict[str, str]:
    """Return what of a text is not in its words, line by line, by what of it lasts."""
    lines: dict[str, str] = {}
    for link in links:
        kind = "File" if link.rel == "enclosure" else "Link"
        lines.setdefault(f"{kind}: {lasting(link.href)}", f"{kind}: {link.href}")
    for tag, found in _tags(html):
        if tag == "a" and (href := found.get("href")):
            lines.setdefault(f"Link: {lasting(href)}", f"Link: {href}")
        elif tag == "img" and (src := found.get("src")):
            alt = f" ({found['alt']})" if found.get("alt") else ""
            lines[f"Picture: {lasting(src)}{alt}"] = f"Picture: {src}{alt}"
    if day is not None:
        lines[f"Date: {day}"] = f"Date: {day}"
    return lines


def without_counters(text: str) -> str:
    """Return ``text`` without lines that only say how often it was seen or shared."""
    return "\n".join(line for line in text.splitlines() if not _is_counter(line))


def _is_counter(line: str) -> bool:
    return (
        len(line.split()) <= _LONGEST_COUNTER
        and any(sign.isdigit() for sign in line)
        and _COUNTED.search(line) is not None
    )


def lasting(address: str) -> str:
    """Return the part of ``address`` that does not change by itself."""
    path, mark, query = address.partition("?")
    if not mark:
        return address
    if _PICTURE.search(path):
        return path
    query, hash_, fragment = query.partition("#")
    kept = [pair for pair in query.split("&") if not _PASSING.match(pair)]
    return f"{path}?{'&'.join(kept)}{hash_}{fragment}" if kept else f"{path}{hash_}{fragment}"


def _is_ad(address: str) -> bool:
    return _AD.match(address) is not None


def _tags(html: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield links and pictures that last, with their attributes."""
    for tag, attributes in _TAG.findall(html):
        found = {name: unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}
        if not _is_ad(found.get("href") or found.get("src") or ""):
            yield tag, found


def _lasting_html(html: str) -> str:
    def lasting_tag(match: re.Match[str]) -> str:
        address = _ADDRESS.search(match[2])
        if address is not None and _is_ad(unescape(address[2])):
            return f"<{match[1]}>"
        return f"<{match[1]}{_ADDRESS.sub(_lasting_attribute, match[2])}>"

    return _TAG.sub(lasting_tag, html)


def _lasting_attribute(match: re.Match[str]) -> str:
    return f'{match[1]}="{lasting(unescape(match[2]))}"'


def _lasting_links(links: Sequence[Link]) -> set[tuple[str, str]]:
    return {(link.rel, lasting(link.href)) for link in links}
