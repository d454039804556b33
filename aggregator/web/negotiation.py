"""Request headers, and what they ask for: encodings, media types, conditions.

Takes header values as sent (RFC 9110, sections 12 and 13).  A malformed header counts as absent.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Literal

RequestHeaders = Mapping[bytes, bytes]

_USED = frozenset(
    {
        *(b"accept", b"accept-encoding", b"content-length", b"transfer-encoding"),
        *(b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since"),
        *(b"origin", b"access-control-request-method"),
    }
)
_LISTED = re.compile(rb'(?:W/)?("[^"\x00-\x20\x7f]*")')
_WEIGHT = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


def used_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers that matter here, by lower-case names; repeated ones are joined to a list."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _USED:
            found[name] = b", ".join((found[name], value)) if name in found else value
    return found


def has_body(headers: RequestHeaders) -> bool:
    """Whether the request has content (RFC 9112, section 6)."""
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


def accepts_gzip(headers: RequestHeaders) -> bool:
    """Whether gzip may be sent (RFC 9110, section 12.5.3)."""
    weights = _weights(headers.get(b"accept-encoding", b""))
    named = weights.get("gzip", weights.get("x-gzip"))
    return (weights.get("*", 0.0) if named is None else named) > 0


def prefers_json(headers: RequestHeaders) -> bool:
    """Whether JSON is preferred to a page (RFC 9110, section 12.5.1); if equal, a page is sent."""
    json = _quality("application/json", headers)
    return json > 0 and json > _quality("text/html", headers)


def prefers_page(headers: RequestHeaders) -> bool:
    """Whether a page is preferred to plain text, as in browsers; if equal, text is sent."""
    return _quality("text/html", headers) > _quality("text/plain", headers)


def _quality(media_type: str, headers: RequestHeaders) -> float:
    """The weight of the most specific range in ``Accept`` that matches ``media_type``."""
    weights = _weights(headers.get(b"accept", b""))
    ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((weights[each] for each in ranges if each in weights), 0.0)


@lru_cache(maxsize=256)
def _weights(value: bytes) -> Mapping[str, float]:
    """The elements of a list, each with its weight (RFC 9110, section 12.4.2)."""
    found = {}
    for part in value.decode("latin-1").lower().split(",")[:64]:
        name, *parameters = (piece.strip(" \t") for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                weight = float(parameter[2:]) if _WEIGHT.fullmatch(parameter[2:]) else 0.0
        if name:
            found[name] = weight
    return found


def precondition(
    headers: RequestHeaders, etag: bytes, modified: bytes, *, others: Sequence[bytes] = ()
) -> Literal[200, 304, 412]:
    """The status that the conditions of a GET lead to, in the order of RFC 9110, 13.2.2.

    ``etag`` is strong, ``modified`` is the value of ``Last-Modified``; ``others`` are the entity
    tags of the same file in other encodings, which satisfy ``If-Match`` too.
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
    """Whether ``modified`` is later than a date that was sent; None where that is malformed."""
    try:
        own, sent = (parsedate_to_datetime(date.decode("ascii")) for date in (modified, than))
        # A date without a zone ("-0000") is in UTC (RFC 5322, section 3.3).
        return own > (sent if sent.tzinfo else sent.replace(tzinfo=UTC))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
