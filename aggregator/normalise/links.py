"""Addresses: which are fit to be followed, and what is wrong with one that is not."""

import re
from urllib.parse import quote, urlsplit

from aggregator.normalise.addresses import without_credentials
from aggregator.normalise.text import has_forbidden, one_line

_NEVER = re.compile(r"[\s\x00-\x20\x7f<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})")
_SENT_ESCAPED = re.compile(r"[{}|\\^`]|%(?![0-9A-Fa-f]{2})")
_STARTS_WITH_MARK = re.compile(r"(?:^|\.)[\u0300-\u036f]")  # it would fall upon the dot
_LONGEST_HOST = 253  # RFC 1035, section 2.3.4, less the ends of the form on the wire


def web_address(text: str) -> str | None:
    """``text`` as an http or https address to link to, or None where it is none.

    Signs that no address may hold, but that browsers send escaped, are escaped (RFC 3987,
    section 3.1); every other address stays as it is.
    """
    address = _SENT_ESCAPED.sub(lambda sign: quote(sign[0], safe=""), one_line(text))
    return None if url_problem(address) else address


def public_address(text: str) -> str | None:
    """``text`` as an address that may be published, or None where it is none.

    A user and a password are taken out: they are nobody's but the one's who wrote them.
    """
    address = web_address(text)
    return without_credentials(address) if address is not None and "@" in address else address


def url_problem(url: str) -> str | None:
    """What is wrong with ``url`` as an http or https address, in words, or None."""
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
        host = _known_as(parts.hostname or "")
    except ValueError as error:
        return f"is not an address: {url!r} ({one_line(str(error))})"
    if _NEVER.search(url) or has_forbidden(url):
        return f"is not an address: {url!r} holds a space or a character that none may hold"
    if parts.scheme not in ("http", "https"):
        return f"must start with http:// or https://, not {url!r}"
    if not host or "%" in parts.netloc or "%" in host or not port_is_fine:
        return f"is not an address: {url!r}"
    return None


def _known_as(host: str) -> str:
    """``host`` as name servers know it (RFC 3490, section 4.1), or nothing where they may not.

    Raises ``UnicodeError``, which is a ``ValueError``, where a part of it is empty, too long, or no
    name that was made so.
    """
    if len(host) > _LONGEST_HOST or _STARTS_WITH_MARK.search(host):
        return ""
    known = host.encode("idna")
    if "xn--" in host:
        known.decode("idna")
    return known.decode()
