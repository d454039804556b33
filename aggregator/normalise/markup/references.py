"""Tags that refer to elsewhere: links and images.

Takes a start tag's attributes, decoded and hostile, and the address that relative ones are relative
to; gives the tag to write, or an empty text for none.  Only http and https addresses get through.
Images that show nothing, and are there to count who reads, do not: those of no size, those that
their style hides, and those of well-known counters.
"""

import re
from html import escape
from urllib.parse import urljoin, urlsplit

from aggregator.normalise.canonical import strip_tracking
from aggregator.normalise.links import web_address
from aggregator.normalise.text import one_line

REL = "noopener noreferrer"
"""What every link says of itself (HTML, sections 4.6.6.13 and 14)."""

_LONGEST_ADDRESS = 4_096
_LONGEST_TITLE = 1_000

# The URL Standard takes line ends and tabs out of an address, and escapes these where they stand.
_HAS_USER = re.compile(r"[A-Za-z]+://[^/?#]*@")
_LEFT_OUT = re.compile(r"[\t\n\r]")
_ESCAPED = {" ": "%20", '"': "%22", "<": "%3C", ">": "%3E"}
_TO_ESCAPE = re.compile(r'[ "<>]')

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
"""Hosts, with all below them, whose images are counters."""

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
    """An ``a``, without the parameters that track who follows it."""
    address = _address(attributes.get("href"), base)
    if address is None or "@" in urlsplit(address).netloc:
        return ""  # a name before the host is there to be taken for the host
    href = strip_tracking(address)
    return f'<a href="{_quoted(href)}"{_titled(attributes)} rel="{REL}">'


def image(attributes: dict[str, str], base: str | None) -> str:
    """An ``img`` that shows something."""
    address = _address(attributes.get("src"), base)
    if address is None or _is_hidden(attributes) or _counts(address):
        return ""
    alt = _words(attributes.get("alt", ""))
    sizes = "".join(
        f' {side}="{size[1]}"'
        for side in ("width", "height")
        if (size := _SIZE.fullmatch(attributes.get(side, "").strip()))
    )
    return f'<img src="{_quoted(address)}" alt="{_quoted(alt)}"{_titled(attributes)}{sizes}>'


def abbreviation(attributes: dict[str, str]) -> str:
    """An ``abbr``, with what it stands for."""
    return f"<abbr{_titled(attributes)}>"


def _address(written: str | None, base: str | None) -> str | None:
    """The web address that ``written`` means where ``base`` is the address of what it is in."""
    if not written or len(written) > _LONGEST_ADDRESS:
        return None
    address = _LEFT_OUT.sub("", written).strip()
    address = _TO_ESCAPE.sub(lambda sign: _ESCAPED[sign[0]], address)
    if base is not None:
        try:
            address = urljoin(base, address)
        except ValueError:
            return None
    # Who reads `https://known.example@other.example/` takes it for a link to the known one.
    return None if _HAS_USER.match(address) else web_address(address)


def _is_hidden(attributes: dict[str, str]) -> bool:
    sizes = (_SIZE.fullmatch(attributes.get(side, "").strip()) for side in ("width", "height"))
    return any(size and int(size[1]) <= 1 for size in sizes) or (
        "style" in attributes and _HIDDEN.search(attributes["style"]) is not None
    )


def _counts(address: str) -> bool:
    """Whether an image's address is one of a counter."""
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
    """An attribute's value as nh3 writes it."""
    return escape(value, quote=False).replace('"', "&quot;")
