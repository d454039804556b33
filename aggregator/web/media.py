"""What a file is by the ending of its name, and the headers that go with that."""

from dataclasses import dataclass
from urllib.parse import quote

Headers = tuple[tuple[bytes, bytes], ...]

PAGE_POLICY = (
    b"default-src 'none'; style-src 'self'; img-src 'self' https:; media-src https:;"
    b" form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load (Content Security Policy 3): no script at all, styles of this site only."""

_DATA_POLICY = b"default-src 'none'; frame-ancestors 'none'; sandbox"

_COMMON: Headers = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))

PAGE_HEADERS: Headers = (
    *_COMMON,
    (b"content-security-policy", PAGE_POLICY),
    (b"x-frame-options", b"DENY"),  # for browsers that do not know frame-ancestors
    (b"cross-origin-opener-policy", b"same-origin"),
)
DATA_HEADERS: Headers = (*_COMMON, (b"content-security-policy", _DATA_POLICY))

# Any page of the web may read a feed: it holds nothing that is not public, and no cookie opens it.
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
"""Leave for what a feed reader in a browser sends (Fetch Standard, "CORS-preflight fetch")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A media type.  ``is_text``: it is worth compressing."""

    type: bytes
    headers: Headers = DATA_HEADERS
    is_text: bool = True


_UNKNOWN = Media(type=b"application/octet-stream", is_text=False)

# XML says itself which charset it has; RFC 7303, section 3, would let a parameter overrule it.
_BY_ENDING = {
    "atom": Media(type=b"application/atom+xml", headers=FEED_HEADERS),  # RFC 4287, section 7
    "rss": Media(type=b"application/rss+xml", headers=FEED_HEADERS),
    "json": Media(type=b"application/feed+json", headers=FEED_HEADERS),  # JSON Feed 1.1
    "opml": Media(type=b"text/x-opml; charset=utf-8", headers=FEED_HEADERS),
    "html": Media(type=b"text/html; charset=utf-8", headers=PAGE_HEADERS),
    "css": Media(type=b"text/css; charset=utf-8"),
    "txt": Media(type=b"text/plain; charset=utf-8"),
    "xml": Media(type=b"application/xml"),
    "svg": Media(type=b"image/svg+xml"),
    "ico": Media(type=b"image/vnd.microsoft.icon", is_text=False),
    "png": Media(type=b"image/png", is_text=False),
    "jpg": Media(type=b"image/jpeg", is_text=False),
    "webp": Media(type=b"image/webp", is_text=False),
    "woff2": Media(type=b"font/woff2", is_text=False),
}

FEED_ENDINGS = ("atom", "rss", "json")
"""What a reader subscribes to, in the order in which it is offered."""


def media_of(name: str) -> Media:
    """The media type of a file called ``name``."""
    return _BY_ENDING.get(name.rpartition(".")[2], _UNKNOWN)


def links_of(name: str, base_url: str, hub: str | None) -> Headers:
    """What to say of a subscription document called ``name``: its hub, and its own address.

    Every subscriber looks for these in the header first (WebSub, section 4).  Archives do not
    change, and what begins with ``_`` is for the operator: nobody tells a hub of either.
    """
    if hub is None or "/" in name or name.startswith("_"):
        return ()
    if name.rpartition(".")[2] not in FEED_ENDINGS:
        return ()
    own = f"{base_url}{quote(name)}"
    return ((b"link", f'<{hub}>; rel="hub", <{own}>; rel="self"'.encode()),)
