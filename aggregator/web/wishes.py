"""What the headers of a request ask for: encodings, media types, and "only if it changed".

Takes header values as sent and gives decisions (RFC 9110, sections 12 and 13).  A header that makes
no sense is as if it had not been sent.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Literal

Wanted = Mapping[bytes, bytes]

_READ = frozenset(
    {
        *(b"accept", b"accept-encoding", b"content-length", b"transfer-encoding"),
        *(b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since"),
        *(b"origin", b"access-control-request-method"),
    }
)
_LISTED = re.compile(rb'(?:W/)?("[^"\x00-\x20\x7f]*")')
_WEIGHT = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


def wanted(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers that are read here, by names in lower case; repeated ones make one list."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _READ:
            found[name] = b", ".join((found[name], value)) if name in found else value
    return found


def has_body(headers: Wanted) -> bool:
    """Whether content comes with the request (RFC 9112, section 6)."""
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: bytes | None) -> bool:
    """Whether gzip may be sent (RFC 9110, section 12.5.3)."""
    if accept_encoding is None:
        return False
    weights = dict(_weighed(accept_encoding))
    named = weights.get("gzip", weights.get("x-gzip"))
    return (weights.get("*", 0.0) if named is None else named) > 0


@lru_cache(maxsize=256)
def prefers_json(accept: bytes | None) -> bool:
    """Whether JSON is wanted rather than a page (RFC 9110, section 12.5.1); in doubt, a page."""
    if accept is None:
        return False
    weights = dict(_weighed(accept))
    json = _weight_of("application/json", weights)
    return json > 0 and json > _weight_of("text/html", weights)


@lru_cache(maxsize=256)
def prefers_page(accept: bytes | None) -> bool:
    """Whether a page is wanted rather than plain text (as browsers say); in doubt, text."""
    if accept is None:
        return False
    weights = dict(_weighed(accept))
    return _weight_of("text/html", weights) > _weight_of("text/plain", weights)


def _weighed(value: bytes) -> Iterable[tuple[str, float]]:
    """Each of a list, without parameters, with its weight."""
    for part in value.decode("latin-1").lower().split(",")[:64]:
        name, *parameters = (piece.strip(" \t") for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                weight = float(parameter[2:]) if _WEIGHT.fullmatch(parameter[2:]) else 0.0
        if name:
            yield name, weight


def _weight_of(media: str, weights: Mapping[str, float]) -> float:
    """The weight of what names ``media`` most closely."""
    ranges = (media, f"{media.partition('/')[0]}/*", "*/*")
    return next((weights[each] for each in ranges if each in weights), 0.0)


def precondition(
    headers: Wanted, etag: bytes, modified: bytes, *, others: Sequence[bytes] = ()
) -> Literal[200, 304, 412]:
    """What the conditions of a GET come to, in the order of RFC 9110, section 13.2.2.

    ``etag`` is a strong one, ``modified`` as ``Last-Modified`` has it; ``others`` are the entity
    tags of the same file in other encodings, which satisfy ``If-Match``.
    """
    if (match := headers.get(b"if-match")) is not None:
        if not (match.strip() == b"*" or _is_listed(match, etag, *others, weakly=False)):
            return 412
    elif _is_newer(modified, headers.get(b"if-unmodified-since", b"")):
        return 412
    if (known := headers.get(b"if-none-match")) is not None:
        is_known = known == etag or known.strip() == b"*" or _is_listed(known, etag, weakly=True)
        return 304 if is_known else 200
    if (since := headers.get(b"if-modified-since")) is not None:
        return 304 if since == modified or _is_newer(modified, since) is False else 200
    return 200


def _is_listed(listed: bytes, *etags: bytes, weakly: bool) -> bool:
    return any(
        match[1] in etags and (weakly or not match[0].startswith(b"W/"))
        for match in _LISTED.finditer(listed)
    )


@lru_cache(maxsize=1024)
def _is_newer(modified: bytes, than: bytes) -> bool | None:
    """Whether ``modified`` is later than a date that was sent; None where that is no date."""
    try:
        own, sent = (parsedate_to_datetime(date.decode("ascii")) for date in (modified, than))
        # A date without a zone ("-0000") is in UTC (RFC 5322, section 3.3).
        return own > (sent if sent.tzinfo else sent.replace(tzinfo=UTC))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
