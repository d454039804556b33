"""Unpacks the content codings of a body (RFC 9110, section 8.4), never to more than is allowed.

Takes the bytes as they were sent and what ``Content-Encoding`` says; gives the document.  A few
kilobytes can unpack to gigabytes, so each step stops at the limit.  gzip and deflate are all: they
come with Python, and nothing else is asked for.
"""

import zlib

from aggregator.fetch.exchange import ExchangeError

ACCEPTED = "gzip, deflate"
"""For ``Accept-Encoding``."""

_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS
_MOST_CODINGS = 2
_MOST_MEMBERS = 100  # each costs a copy of all that follows it


def unpacked(body: bytes, codings: str, most: int) -> bytes:
    """``body`` without its ``codings``, at most ``most`` bytes long.

    ``codings`` is the value of the header, the one applied last at its end.  Raises
    ``ExchangeError`` for a body that is broken, cut short or too large, and for unknown codings.
    """
    names = [name.strip().lower() for name in codings.split(",")]
    names = [name for name in names if name and name != "identity"]
    if len(names) > _MOST_CODINGS:
        raise ExchangeError(f"is compressed {len(names)} times over")
    for name in reversed(names):
        if body:  # some servers label even an empty body
            body = _step(body, name, most)
    if len(body) > most:
        raise _too_large(most)
    return body


def _step(body: bytes, name: str, most: int) -> bytes:
    try:
        if name in ("gzip", "x-gzip"):
            return _gunzipped(body, most)
        if name == "deflate":
            return _inflated(body, most)
    except zlib.error as error:
        raise ExchangeError(f"is not the {name} that it claims to be") from error
    raise ExchangeError(f"is compressed as {name[:40]!a}, which was not asked for")


def _gunzipped(body: bytes, most: int) -> bytes:
    """All members of a gzip file (RFC 1952, section 2.2); what follows them is padding."""
    parts: list[bytes] = []
    rest, room = body, most
    for _ in range(_MOST_MEMBERS):
        part, rest = _inflate(rest, _GZIP, room, most)
        parts.append(part)
        room -= len(part)
        if rest[:2] != _MAGIC:
            return b"".join(parts)
    raise ExchangeError(f"is a gzip file of more than {_MOST_MEMBERS} parts")


def _inflated(body: bytes, most: int) -> bytes:
    """``deflate`` is the zlib format; some servers leave its two bytes of header out."""
    try:
        return _inflate(body, zlib.MAX_WBITS, most, most)[0]
    except zlib.error:
        return _inflate(body, -zlib.MAX_WBITS, most, most)[0]


def _inflate(body: bytes, format: int, room: int, most: int) -> tuple[bytes, bytes]:
    """The first stream in ``body``, and what follows it; ``room`` is what is left of ``most``."""
    stream = zlib.decompressobj(format)
    # One byte more than there may be shows that there is more; 0 would mean no limit.
    data = stream.decompress(body, room + 1)
    if len(data) > room:
        raise _too_large(most)
    if not stream.eof:
        raise ExchangeError("ends in the middle of its compressed body")
    return data, stream.unused_data


def _too_large(most: int) -> ExchangeError:
    return ExchangeError(f"is more than {most:,} bytes long (max_document_size)")
