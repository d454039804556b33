"""Check which addresses may be linked to.

Takes text; returns http and https addresses, or in words what is wrong with one.
"""

import re
from urllib.parse import quote, urlsplit

from aggregator.normalise.addresses import ascii_host, without_credentials
from aggregator.normalise.text import has_forbidden, one_line

_NEVER = re.compile(r"[\s\x00-\x20\x7f<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})")
_ENCODED_BY_BROWSERS = re.compile(r"[{}|\\^`]|%(?![0-9A-Fa-f]{2})")
_BACKSLASH_IN_HOST = re.compile(r"\s*[A-Za-z]+://[^/?#]*\\")
_STARTS_WITH_MARK = re.compile(r"(?:^|\.)[\u0300-\u036f]")  # it would combine with the dot
# Most addresses: of these nothing is to be changed, and nothing is wrong with them.
_USUAL = re.compile(
    r"https?://(?=[a-z0-9.-]{1,253}(?:[:/?#]|\Z))(?![^/?#]*xn--)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*"
    r"(?::[1-9][0-9]{0,3})?(?:[/?#](?:[\w!#$&'()*+,./:;=?@~-]|%[0-9A-Fa-f]{2})*)?",
    re.ASCII,
)
_LONGEST_HOST = 253  # RFC 1035, section 2.3.4, without the first and last byte on the wire


def is_usual(address: str) -> bool:
    """Return whether there is nothing to change in ``address``, and nothing wrong with it."""
    return _USUAL.fullmatch(address) is not None


def web_address(text: str) -> str | None:
    """Return ``text`` as an http or https address, or None where it is not one.

    Characters that addresses may not contain, but that browsers percent-encode, are encoded
    (RFC 3987, section 3.1); nothing else is changed.
    """
    if is_usual(text):
        return text  # many times faster
    if _BACKSLASH_IN_HOST.match(text):
        return None  # to a browser it is a slash, so that the host is another one
    address = _ENCODED_BY_BROWSERS.sub(lambda sign: quote(sign[0], safe=""), one_line(text))
    return None if url_problem(address) else address


def public_address(text: str) -> str | None:
    """Return ``text`` as an address without user and password, or None where it is not one."""
    address = web_address(text)
    return without_credentials(address) if address is not None and "@" in address else address


def url_problem(url: str) -> str | None:
    """Return what is wrong with ``url`` as an http or https address, or None."""
    if is_usual(url):
        return None
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
        host = _host_in_dns(parts.hostname or "")
    except ValueError as error:
        return f"is not an address: {url!r} ({one_line(str(error))})"
    if _NEVER.search(url) or has_forbidden(url):
        return f"is not an address: {url!r} contains a space or a forbidden character"
    if parts.scheme not in ("http", "https"):
        return f"must start with http:// or https://, not {url!r}"
    if not host or "%" in parts.netloc.rpartition("@")[2] or "%" in host or not port_is_fine:
        return f"is not an address: {url!r}"
    return None


def _host_in_dns(host: str) -> str:
    """Return ``host`` in its ASCII form (RFC 5891), or ``""`` for an invalid name.

    Raises ``UnicodeError``, a ``ValueError``, where a label is empty, too long or wrongly encoded.
    """
    if len(host) > _LONGEST_HOST or _STARTS_WITH_MARK.search(host):
        return ""
    return ascii_host(host)
