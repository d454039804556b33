"""Reads the headers of a response that matter here.

Takes the fields as sent; returns ``ResponseHeaders``.  A header that is not well formed is ignored:
none can fail a response.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from aggregator.fetch.exchange import ResponseHeaders

_WEEK = 7 * 86_400
_YEAR = 366 * 86_400
_LONGEST_DATE = 40  # characters; the longest form is "Wednesday, 09-Nov-94 08:49:37 GMT"
_MOST_LINKS = 50
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([A-Za-z0-9._:+-]{1,40})""", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"\s*([A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127})\s*(?:;|$)")
_LINES = re.compile(rb"(?s).*?(?=\r?\n\r?\n)")
_LENGTH = re.compile(
    rb"\r?\ncontent-length:[ \t]*(\d+(?:[ \t]*,[ \t]*\d+)*)[ \t]*(?=\r?\n|\Z)", re.IGNORECASE
)
_TARGET = re.compile(r"[\s,]*<([^<>]*)>")
_PARAMETER = re.compile(
    r"""\s*;\s*([A-Za-z*]{1,20})(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?"""
)

Fields = Sequence[tuple[bytes, bytes]]
"""Names and values as sent, in order."""


def read_headers(fields: Fields, address: str, now: datetime) -> ResponseHeaders:
    """Read the headers of a response from ``address``; ``now`` replaces a missing ``Date``."""
    values: dict[bytes, list[bytes]] = {}
    for name, value in fields:
        values.setdefault(name.lower(), []).append(value)

    def first(name: bytes) -> str | None:
        # Latin-1 keeps every byte: a validator goes back exactly as it came.
        return values[name][0].decode("latin-1") if name in values else None

    def joined(name: bytes) -> str:
        return b", ".join(values.get(name, ())).decode("latin-1")

    content_type = first(b"content-type")
    found = list(_links(joined(b"link"), address)) if b"link" in values else []
    links = {rel: href for rel, href, _ in found[::-1]}
    return ResponseHeaders(
        etag=first(b"etag") or None,
        last_modified=first(b"last-modified") or None,
        media_type=_media_type(content_type),
        charset=_charset(content_type),
        max_age=_max_age(
            joined(b"cache-control"), first(b"age"), first(b"expires"), first(b"date")
        ),
        retry_after=_retry_after(first(b"retry-after"), first(b"date"), now),
        hub=links.get("hub"),
        topic=links.get("self"),
        alternates=tuple((href, kind) for rel, href, kind in found if rel == "alternate"),
    )


def with_one_length(received: bytes) -> bytes | None:
    """Return a response with its length once, if that is stated more than once, always alike.

    Equal lengths, in one line or in several, may be taken as one (RFC 9112, section 6.3).  Returns
    None until the header is complete.
    """
    found = _LINES.match(received)
    if found is None:
        return None
    lines = found[0]
    lengths = {n.strip() for line in _LENGTH.findall(lines) for n in line.split(b",")}
    if len(lengths) != 1:
        return received
    once = b"%b\r\nContent-Length: %b" % (_LENGTH.sub(b"", lines), lengths.pop())
    return once + received[found.end() :]


def _media_type(value: str | None) -> str | None:
    match = _MEDIA_TYPE.match(value) if value else None
    return match[1].lower() if match else None


def _charset(value: str | None) -> str | None:
    match = _CHARSET.search(value) if value else None
    return match[1].lower() if match else None


def _max_age(control: str, age: str | None, expires: str | None, date: str | None) -> int | None:
    """Return for how long the response is fresh (RFC 9111, sections 4.2.1 and 5.2.2).

    ``s-maxage`` is for shared caches, which this is not.
    """
    directives = dict(_directives(control))
    if "no-cache" in directives or "no-store" in directives:
        return None
    if (stated := directives.get("max-age")) is not None:
        seconds = _seconds(stated)
        return None if seconds is None else max(0, min(seconds, _YEAR) - (_seconds(age) or 0))
    end, start = http_date(expires), http_date(date)
    if end is None or start is None:
        return None
    return max(0, min(int((end - start).total_seconds()), _YEAR))


def _directives(control: str) -> Iterator[tuple[str, str]]:
    for directive in control.split(","):
        name, _, value = directive.partition("=")
        yield name.strip().lower(), value.strip().strip('"')


def _seconds(value: str | None) -> int | None:
    value = (value or "").strip()
    # Python refuses to convert 4,300 digits.
    return int(value[:12]) if value.isascii() and value.isdigit() else None


def _retry_after(value: str | None, date: str | None, now: datetime) -> int | None:
    if value is None:
        return None
    seconds = _seconds(value)
    if seconds is None:
        end = http_date(value)
        if end is None:
            return None
        seconds = int((end - (http_date(date) or now)).total_seconds())
    return max(0, min(seconds, _WEEK))


def http_date(value: str | None) -> datetime | None:
    """Return the time of an HTTP date in any of its three forms (RFC 9110, 5.6.7), in UTC."""
    if not value or len(value) > _LONGEST_DATE:
        return None
    try:
        date = parsedate_to_datetime(value)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _links(value: str, address: str) -> Iterator[tuple[str, str, str]]:
    """Yield relations, targets and media types of links, in order (RFC 8288, section 3)."""
    number = position = 0
    while number < _MOST_LINKS and (target := _TARGET.match(value, position)):
        position = target.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(value, position):
            position = parameter.end()
            quoted, plain = parameter[2], parameter[3]
            parameters.setdefault(parameter[1].lower(), (plain or "") if quoted is None else quoted)
        # A link with an anchor belongs to another document.
        if "anchor" not in parameters and (href := _absolute(target[1], address)):
            for rel in parameters.get("rel", "").split():
                number += 1
                yield rel.lower(), href, parameters.get("type", "")


def _absolute(target: str, address: str) -> str | None:
    try:
        href = urljoin(address, target.strip())
    except ValueError:
        return None
    return href if href.lower().startswith(("http://", "https://")) else None
