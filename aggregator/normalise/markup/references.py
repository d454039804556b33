"""Write the tags of links, images and abbreviations.

Takes a start tag's attributes, decoded and hostile, and the base of relative addresses; returns the
tag, or an empty string where it is left out.  Only http and https addresses are let through.
Tracking pixels are left out: images without size, hidden by their style, or of a known counter.
"""

import re
from html import escape
from urllib.parse import urljoin, urlsplit

from aggregator.normalise.canonical import strip_tracking
from aggregator.normalise.links import is_usual, web_address
from aggregator.normalise.text import one_line

REL = "noopener noreferrer"
"""The ``rel`` of every link (HTML, sections 4.6.6.13 and 14)."""

_LONGEST_ADDRESS = 4_096
_LONGEST_TITLE = 1_000

# The URL Standard removes line ends and tabs from an address, and percent-encodes these.
_HAS_USER = re.compile(r"[A-Za-z]+://[^/?#]*@")
_NO_HOST = re.compile(r"https?:/*", re.IGNORECASE)
_EMPTY_PART = re.compile(r"[?#;](?:[?#]|\Z)")  # `urljoin` leaves it out
_REMOVED = re.compile(r"[\t\n\r]")
_ESCAPED = {" ": "%20", '"': "%22", "<": "%3C", ">": "%3E"}
_TO_ESCAPE = re.compile(r'[ "<>]')

_CONTACTS = ("mailto:", "tel:")
_CONTACT = re.compile(
    r"mailto:[\w.!#$%&'*+/=^`{|}~-]+@(?:[\w-]+\.)*[\w-]+(?:\?[\w.!$%&'()*+,;:@/=~-]*)?"
    r"|tel:\+?[0-9().-]{2,40}(?:;[\w=+.-]{1,60})?"
)
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-original-src", "data-orig-file")
_PLACEHOLDER = re.compile(
    r"/(?:[\w-]*[_-])?(?:placeholder|blank|lazy(?:[_-]?load\w*)?|loading|transparent|pixel|spacer|1x1)"
    r"[\w-]*\.(?:gif|png|svg|jpe?g|webp)",
    re.IGNORECASE,
)
_LONGEST_SRCSET = 20_000
_CANDIDATE_END = re.compile(r",(?=\s)|(?<=[0-9][wx]),")  # an address may contain commas
_DESCRIPTOR = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)[wx]")

_SIZE = re.compile(r"([0-9]{1,4})(?:px)?")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])"
    r"|(?<![\w-])(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|!|$)",
    re.IGNORECASE,
)
_COUNTERS = frozenset(
    "2mdn.net adnxs.com analytics.twitter.com bat.bing.com doubleclick.net feedsportal.com"
    " google-analytics.com googleadservices.com googlesyndication.com googletagmanager.com"
    " imrworldwide.com pheedo.com pixel.facebook.com pixel.quantserve.com pixel.wp.com"
    " px.ads.linkedin.com quantcount.com scorecardresearch.com stats.wordpress.com stats.wp.com"
    " statcounter.com track.hubspot.com".split()
)
"""Hosts whose images, and those of all their subdomains, are counters."""

_COUNTER_PATHS = re.compile(
    r"""^(?:feeds\.feedburner\.com|feedproxy\.google\.com|feeds2?\.[^/]+)/~(?:r|ff|4|a)/
      | ^feeds\.wordpress\.com/1\.0/
      | ^(?:www\.)?facebook\.com/tr(?:/|$)
      | \.list-manage\d*\.com/track/open
      | /wf/open$
      | /(?:matomo|piwik)\.php$
      | /(?:__utm|beacon|clear|pixel|spacer|tracker|tracking[-_]?pixel|1x1)\.gif$
      | /(?:beacon|pixel|spacer|tracking[-_]?pixel|1x1)\.png$
    """,
    re.IGNORECASE | re.VERBOSE,
)


def link(attributes: dict[str, str], base: str | None) -> str:
    """Return an ``a`` without tracking parameters."""
    href = _contact(attributes.get("href", "")) or web_link(attributes.get("href"), base)
    return f'<a href="{_quoted(href)}"{_titled(attributes)} rel="{REL}">' if href else ""


def web_link(written: str | None, base: str | None) -> str | None:
    """Return the web address ``written`` without tracking parameters, or None."""
    address = _address(written, base)
    if address is None or ("@" in address and "@" in urlsplit(address).netloc):
        return None
    return strip_tracking(address)


def _contact(written: str) -> str | None:
    """Return ``written`` if it is a mail address or a telephone number (RFC 6068, RFC 3966)."""
    if len(written) > _LONGEST_TITLE or not written[:8].strip().lower().startswith(_CONTACTS):
        return None
    scheme, _, rest = one_line(written).partition(":")
    rest = rest.strip().replace(" ", "" if scheme.lower() == "tel" else "%20")
    address = f"{scheme.lower()}:{rest}"
    return address if _CONTACT.fullmatch(address) else None


def image(attributes: dict[str, str], base: str | None) -> str:
    """Return an ``img``, unless it shows nothing."""
    address = _source(attributes, base)
    if address is None or _is_hidden(attributes) or _counts(address):
        return ""
    alt = _words(attributes.get("alt", ""))
    sizes = "".join(
        f' {side}="{size[1]}"'
        for side in ("width", "height")
        if (size := _SIZE.fullmatch(attributes.get(side, "").strip()))
    )
    return f'<img src="{_quoted(address)}" alt="{_quoted(alt)}"{_titled(attributes)}{sizes}>'


def _source(attributes: dict[str, str], base: str | None) -> str | None:
    """Return the address of an image; scripts put it in place of a placeholder in ``src``."""
    address = _address(attributes.get("src"), base)
    if address is not None and not (len(attributes) > 1 and _PLACEHOLDER.search(address)):
        return address
    for name in _LAZY:
        if name in attributes and (other := _address(attributes[name], base)):
            return other
    for name in ("srcset", "data-srcset", "data-lazy-srcset"):
        if name in attributes and (other := _address(largest(attributes[name]), base)):
            return other
    return address


def largest(candidates: str) -> str | None:
    """Return the address of the largest picture in a ``srcset`` (HTML, section 4.8.4.2.1)."""
    sizes: dict[str, float] = {}
    for candidate in _CANDIDATE_END.split(candidates[:_LONGEST_SRCSET]):
        address, *descriptors = candidate.split(maxsplit=2) or [""]
        size = _DESCRIPTOR.fullmatch(descriptors[0]) if descriptors else None
        sizes[address.rstrip(",")] = float(size[1]) if size else 1
    sizes.pop("", None)
    return max(sizes, key=lambda one: sizes[one], default=None)


def abbreviation(attributes: dict[str, str]) -> str:
    """Return an ``abbr`` with its expansion."""
    return f"<abbr{_titled(attributes)}>"


def _address(written: str | None, base: str | None) -> str | None:
    """Return ``written`` as an absolute web address, or None."""
    if not written or len(written) > _LONGEST_ADDRESS:
        return None
    if is_usual(written) and not _EMPTY_PART.search(written):
        return written  # as the rest would, many times faster
    address = _REMOVED.sub("", written).strip()
    address = _TO_ESCAPE.sub(lambda sign: _ESCAPED[sign[0]], address)
    if _NO_HOST.fullmatch(address):
        return None
    if base is not None:
        try:
            address = urljoin(base, address)
        except ValueError:
            return None
    # A user name looks like the host: `https://known.example@other.example/`.
    return None if _HAS_USER.match(address) else web_address(address)


def is_shown(address: str, attributes: dict[str, str]) -> bool:
    """Return whether an embed shows something, and does not only count readers."""
    return not _is_hidden(attributes) and not _counts(address)


def _is_hidden(attributes: dict[str, str]) -> bool:
    sizes = (_SIZE.fullmatch(attributes.get(side, "").strip()) for side in ("width", "height"))
    return any(size and int(size[1]) <= 1 for size in sizes) or (
        "style" in attributes and _HIDDEN.search(attributes["style"]) is not None
    )


def _counts(address: str) -> bool:
    """Return whether an image's address is one of a counter."""
    parts = urlsplit(address)
    labels = (parts.hostname or "").split(".")
    if any(".".join(labels[start:]) in _COUNTERS for start in range(len(labels) - 1)):
        return True
    return _COUNTER_PATHS.search(f"{parts.hostname}{parts.path}") is not None


def _titled(attributes: dict[str, str]) -> str:
    title = _words(attributes.get("title", ""))
    return f' title="{_quoted(title)}"' if title else ""


def _words(text: str) -> str:
    return one_line(text)[:_LONGEST_TITLE].rstrip()


def _quoted(value: str) -> str:
    """Return an attribute's value as nh3 writes it."""
    return escape(value, quote=False).replace('"', "&quot;")
