"""Finds the feeds of a web page: those it names, then where sites usually have one.

Takes the bytes of a page; gives addresses to try, best first.  Whether there is a feed at one, and
whether it may be asked, is for others.  Pages are hostile: only their first part is looked at, tag
by tag, with patterns that go forward only.
"""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

from aggregator.normalise.links import web_address
from aggregator.parse.charset import NotTextError, decode

WELL_KNOWN: tuple[str, ...] = (
    "/feed", "/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json",
)  # fmt: skip
"""Paths at which sites have a feed, the most frequent first."""

_MAX_PAGE = 512 * 1024  # bytes; a page names its feeds in its head
_MAX_LINKS = 10
_TYPES = frozenset(
    "application/rss+xml application/atom+xml application/feed+json application/rdf+xml"
    " application/x.atom+xml application/x-atom+xml text/rss text/rss+xml application/rss"
    " application/x-rss+xml text/atom application/atom".split()
)
# JSON and XML are feeds only where the page calls them so.
_VAGUE_TYPES = frozenset(("application/json", "application/xml", "text/xml"))
_COMMENTS = re.compile(r"comment|kommentar|coment|opmerking|replies", re.IGNORECASE)
_CALLED_FEED = re.compile(r"\b(?:rss|atom|feed)\b", re.IGNORECASE)

_SKIPPED = re.compile(
    r"<!--(?:>|->|.*?--!?>|.*\Z)"
    r"|<(script|style|template|noscript|textarea|title|svg|iframe)\b[^>]{0,4000}>.*?(?:</\1\b|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(
    r"<(link|base)[\s/]((?:[^<>\"']++|\"[^\"<]{0,4000}\"|'[^'<]{0,4000}'){0,100}+)>", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>`]+))")


def feed_addresses(body: bytes, address: str, charset: str | None) -> list[str]:
    """At most 10 absolute http or https addresses at which the page at ``address`` has its feeds.

    Those of its ``link rel=alternate`` elements first, in their order and each once, but feeds of
    comments behind all others; then the well-known paths of its host.
    """
    named = _named(_without_scripts(_text(body[:_MAX_PAGE], charset)), address)
    last = [found for found, is_comments in named if is_comments]
    first = [found for found, is_comments in named if not is_comments]
    usual = [web_address(urljoin(address, path)) for path in WELL_KNOWN]
    found = dict.fromkeys(link for link in [*first, *last, *usual] if link is not None)
    found.pop(address, None)
    return list(found)[:_MAX_LINKS]


def _text(body: bytes, charset: str | None) -> str:
    if charset and charset.lower() not in ("utf-8", "utf8", "utf-7", "idna", "punycode"):
        try:
            return body.decode(charset, "replace")
        except (LookupError, UnicodeError):
            pass
    try:
        return decode(body)
    except NotTextError:
        return body.decode("utf-8", "replace")


def _without_scripts(page: str) -> str:
    """``page`` without comments and the elements in which tags are text."""
    return _SKIPPED.sub(" ", page)


def _named(page: str, address: str) -> list[tuple[str, bool]]:
    """The feeds that ``page`` names, and whether each is one of comments."""
    base = address
    has_base = False
    found: list[tuple[str, bool]] = []
    for name, attributes in _tags(page):
        href = attributes.get("href", "").strip()
        if name == "base" and href and not has_base:
            base, has_base = _joined(address, href) or address, True
        elif name == "link" and _is_feed(attributes):
            link = _joined(base, href) if href else None
            if link is not None:
                found.append((link, _is_of_comments(link, attributes.get("title", ""))))
    return found


def _tags(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    for tag in _TAG.finditer(page):
        attributes: dict[str, str] = {}
        for attribute in _ATTRIBUTE.finditer(tag[2]):
            value = next(group for group in attribute.groups()[1:] if group is not None)
            attributes.setdefault(attribute[1].lower(), unescape(value))
        yield tag[1].lower(), attributes


def _is_feed(attributes: dict[str, str]) -> bool:
    rels = attributes.get("rel", "").lower().split()
    kind = attributes.get("type", "").partition(";")[0].strip().lower()
    if "feed" in rels and "stylesheet" not in rels:
        return kind in _TYPES or kind in _VAGUE_TYPES or not kind
    if "alternate" not in rels or "stylesheet" in rels:
        return False
    called = f"{attributes.get('title', '')} {attributes.get('href', '')}"
    return kind in _TYPES or (kind in _VAGUE_TYPES and _CALLED_FEED.search(called) is not None)


def _joined(base: str, href: str) -> str | None:
    if href[:5].lower() == "feed:":
        href = href[5:] if href[5:].startswith("http") else f"http:{href[5:]}"
    try:
        return web_address(urljoin(base, href).partition("#")[0])
    except ValueError:
        return None


def _is_of_comments(link: str, title: str) -> bool:
    parts = urlsplit(link)
    return _COMMENTS.search(f"{parts.path} {parts.query} {title}") is not None
