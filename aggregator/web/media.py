"""Media types of files by their extension, and the headers that each kind of content has."""

from dataclasses import dataclass
from urllib.parse import quote

Headers = tuple[tuple[bytes, bytes], ...]

PLAIN_TEXT = b"text/plain; charset=utf-8"
HTML = b"text/html; charset=utf-8"

PAGE_POLICY = (
    b"default-src 'none'; style-src 'self' 'sha256-AxCevIIiiUijyh/H+sjaNrU7XOGlj2Oi9388GZLOrNs=';"
    b" img-src 'self' https:; media-src https:;"
    b" form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load (Content Security Policy 3): no scripts, styles of this site only.

The hash is of the style in the page for what is not there (``error.html``)."""

_DATA_POLICY = b"default-src 'none'; frame-ancestors 'none'; sandbox"

_COMMON: Headers = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))

PAGE_HEADERS: Headers = (
    *_COMMON,
    (b"content-security-policy", PAGE_POLICY),
    (b"x-frame-options", b"DENY"),  # for browsers that do not know frame-ancestors
    (b"cross-origin-opener-policy", b"same-origin"),
)
DATA_HEADERS: Headers = (*_COMMON, (b"content-security-policy", _DATA_POLICY))

# Any web page may read a feed: feeds are public, and no cookie gives access to more.
FEED_HEADERS: Headers = (
    *DATA_HEADERS,
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag"),
)

PREFLIGHT_HEADERS: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"If-None-Match, If-Modified-Since"),
    (b"access-control-max-age", b"86400"),
)
"""Allows what a feed reader in a browser sends (Fetch Standard, "CORS-preflight fetch")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A media type, its headers, and whether compression pays (``is_text``)."""

    type: bytes
    headers: Headers = DATA_HEADERS
    is_text: bool = True


_UNKNOWN = Media(type=b"application/octet-stream", is_text=False)

# Without charset for XML: a parameter would override the XML declaration (RFC 7303, section 3).
_BY_EXTENSION = {
    "atom": Media(type=b"application/atom+xml", headers=FEED_HEADERS),  # RFC 4287, section 7
    "rss": Media(type=b"application/rss+xml", headers=FEED_HEADERS),
    "json": Media(type=b"application/feed+json", headers=FEED_HEADERS),  # JSON Feed 1.1
    "opml": Media(type=b"text/x-opml; charset=utf-8", headers=FEED_HEADERS),
    "html": Media(type=HTML, headers=PAGE_HEADERS),
    "js": Media(type=b"text/javascript; charset=utf-8"),
    "css": Media(type=b"text/css; charset=utf-8"),
    "txt": Media(type=PLAIN_TEXT),
    "xml": Media(type=b"application/xml"),
    "svg": Media(type=b"image/svg+xml"),
    "ico": Media(type=b"image/vnd.microsoft.icon", is_text=False),
    "png": Media(type=b"image/png", is_text=False),
    "jpg": Media(type=b"image/jpeg", is_text=False),
    "webp": Media(type=b"image/webp", is_text=False),
    "woff2": Media(type=b"font/woff2", is_text=False),
}

FEED_EXTENSIONS = ("atom", "rss", "json")
"""Extensions of feeds, in the order in which they are offered to readers."""


def media_of(name: str) -> Media:
    """The media type of a file called ``name``."""
    return _BY_EXTENSION.get(name.rpartition(".")[2], _UNKNOWN)


def links_of(name: str, base_url: str, hub: str | None) -> Headers:
    """The ``Link`` header of the feed called ``name``: its hub and its own address.

    Subscribers look for both in the header first (WebSub, section 4).  Archives and feeds for the
    operator (``_``) have none, because they are not announced to the hub.
    """
    folder, _, stem = name.rpartition("/")
    if hub is None or folder not in ("", "category") or stem.startswith("_"):
        return ()
    if name.rpartition(".")[2] not in FEED_EXTENSIONS:
        return ()
    own = f"{base_url}{quote(name)}"
    return ((b"link", f'<{hub}>; rel="hub", <{own}>; rel="self"'.encode()),)
