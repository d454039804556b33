"""Find the feeds of a web page: those it links to, then well-known paths.

Takes a page and the links in its header; returns addresses to try, best first.  Nothing is fetched
here.  Only the first part of a page is read, in linear time.
"""

import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from aggregator.model.normal_form import stream_safe
from aggregator.normalise.links import web_address
from aggregator.normalise.markup.tokens import attributes_of, tokenise
from aggregator.parse.charset import NotTextError, decode

WELL_KNOWN: tuple[str, ...] = (
    "/feed", "/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json",
)  # fmt: skip
"""Common paths of feeds, the most frequent first."""

Named = tuple[str, bool]
"""An address, and whether what is there is called a feed of comments."""

_MAX_PAGE = 512 * 1024  # bytes; feeds are linked in the head
_MAX_LINKS = 10
_TYPES = frozenset(
    "application/rss+xml application/atom+xml application/feed+json application/rdf+xml"
    " application/x.atom+xml application/x-atom+xml text/rss text/rss+xml application/rss"
    " application/x-rss+xml text/atom application/atom".split()
)
# JSON and XML are feeds only if the link says so.
_VAGUE_TYPES = frozenset(("application/json", "application/xml", "text/xml"))
_COMMENTS = re.compile(r"comment|kommentar|coment|opmerking|replies", re.IGNORECASE)
_REFRESH = re.compile(
    r"""\s*+[\d.]*+\s*+[;,]?\s*+url\s*+=\s*+["']?([^"'<>]{1,2000})""", re.IGNORECASE
)
_FEED_PATH = re.compile(
    r"^feed:|(?:^|[/.?&=_-])(?:rss|atom|rdf|feeds?)(?:2|20)?(?:[/.?&=_-]|$)|\.(?:rss|atom|rdf)(?:\?|$)"
    r"|\bfeed\.(?:xml|json)\b",
    re.IGNORECASE,
)
_CALLED_FEED = re.compile(r"\b(?:rss|atom|feed)\b", re.IGNORECASE)


def feed_addresses(
    body: bytes, address: str, charset: str | None, links: Iterable[tuple[str, str]] = ()
) -> list[str]:
    """Return at most 10 addresses at which the page at ``address`` may have its feeds.

    They are those of ``links``, the alternates in its HTTP header with their media types; of its
    ``link rel=alternate`` elements; where it sends its readers on to (meta refresh); and what its
    text links to as a feed: each once, and feeds of comments last.  Then come the well-known paths
    of its host.
    """
    header = [(link, False) for link, kind in links if _is_feed({"rel": "alternate", "type": kind})]
    linked, onwards, mentioned = _linked(_text(body[:_MAX_PAGE], charset), address)
    named = [*header, *linked, *onwards, *mentioned]
    last = [found for found, is_comments in named if is_comments]
    first = [found for found, is_comments in named if not is_comments]
    usual = [web_address(urljoin(address, path)) for path in WELL_KNOWN]
    found = dict.fromkeys(link for link in [*first, *last, *usual] if link is not None)
    found.pop(address, None)
    return list(found)[:_MAX_LINKS]


def is_guess(address: str, page: str) -> bool:
    """Return whether ``address`` is a well-known path of the host of ``page``."""
    return address in {web_address(urljoin(page, path)) for path in WELL_KNOWN}


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


def _linked(page: str, address: str) -> tuple[list[Named], list[Named], list[Named]]:
    """Return the feeds that ``page`` names, where it leads to, and what its text calls feeds."""
    base = address
    has_base = False
    found: tuple[list[Named], list[Named], list[Named]] = ([], [], [])
    for name, written in tokenise(page):
        if name not in ("base", "link", "meta", "a"):
            continue
        attributes = attributes_of(written)
        href = attributes.get("href", "").strip()
        title = attributes.get("title", "")
        if name == "base" and href and not has_base:
            base, has_base = _joined(address, href) or address, True
        elif name == "link" and _is_feed(attributes):
            _add(found[0], base, href, title)
        elif name == "meta" and attributes.get("http-equiv", "").strip().lower() == "refresh":
            if (refresh := _REFRESH.match(attributes.get("content", ""))) is not None:
                _add(found[1], base, refresh[1].strip(), title)
        elif name == "a" and len(found[2]) < _MAX_LINKS and _leads_to_feed(attributes, href):
            _add(found[2], base, href, title)
    return found


def _add(found: list[Named], base: str, href: str, title: str) -> None:
    link = _joined(base, href) if href else None
    if link is not None:
        found.append((link, _is_of_comments(link, title)))


def _leads_to_feed(attributes: dict[str, str], href: str) -> bool:
    """Whether a link in the text says by its type or its address that it is one to a feed."""
    kind = attributes.get("type", "").partition(";")[0].strip().lower()
    return kind in _TYPES or _FEED_PATH.search(href.partition("#")[0][:2000]) is not None


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
        return web_address(urljoin(stream_safe(base), stream_safe(href)).partition("#")[0])
    except ValueError:
        return None


def _is_of_comments(link: str, title: str) -> bool:
    parts = urlsplit(link)
    return _COMMENTS.search(f"{parts.path} {parts.query} {title}") is not None
