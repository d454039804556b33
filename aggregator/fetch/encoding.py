"""Decompresses a body by its content codings (RFC 9110, section 8.4), never beyond a limit.

Takes the bytes as sent and the value of ``Content-Encoding``; returns the document.  A few
kilobytes can decompress to gigabytes, so each step stops at the limit; httpx's own decoders have
none.  gzip and deflate come with Python, and no other coding is requested.
"""

import zlib
from contextlib import suppress

from aggregator.fetch.exchange import ExchangeError

ACCEPTED = "gzip, deflate"
"""For ``Accept-Encoding``."""

_MAGIC = b"\x1f\x8b"
_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS  # as the header says
_MOST_CODINGS = 2
_MOST_MEMBERS = 100  # each costs a copy of all that follows it


def decompress(body: bytes, codings: str, most: int) -> bytes:
    """Return ``body`` without its ``codings``, at most ``most`` bytes long.

    ``codings`` is the value of the header, with the coding applied last at its end.  Raises
    ``ExchangeError`` for a body that is corrupt, cut short or too large, and for unknown codings.
    """
    names = [name.strip().lower() for name in codings.split(",")]
    names = [name for name in names if name and name != "identity"]
    if len(names) > _MOST_CODINGS:
        raise ExchangeError(f"is compressed {len(names)} times over")
    for name in reversed(names):
        if body:  # some servers label even an empty body
            body = _decode(body, name, most)
    if len(body) > most:
        raise _too_large(most)
    return body


def _decode(body: bytes, name: str, most: int) -> bytes:
    if name not in ("gzip", "x-gzip", "deflate"):
        raise ExchangeError(f"is compressed as {name[:40]!a}, which was not requested")
    try:
        return _inflate(body, _ZLIB_OR_GZIP, most)
    except zlib.error as error:
        if name == "deflate":  # which some servers send without the header of the zlib format
            with suppress(zlib.error):
                return _inflate(body, -zlib.MAX_WBITS, most)
        raise ExchangeError(f"is labelled {name}, but is not") from error


def _inflate(body: bytes, format: int, most: int) -> bytes:
    """Decompress all members (RFC 1952, section 2.2); padding may follow them."""
    parts: list[bytes] = []
    room = most
    for _ in range(_MOST_MEMBERS):
        stream = zlib.decompressobj(format)
        # One byte more than allowed shows that there is more; 0 would mean no limit.
        parts.append(stream.decompress(body, room + 1))
        room -= len(parts[-1])
        if room < 0:
            raise _too_large(most)
        if not stream.eof:
            raise ExchangeError("ends in the middle of its compressed body")
        body = stream.unused_data
        if body[:2] != _MAGIC:
            return b"".join(parts)
    raise ExchangeError(f"is a gzip file of more than {_MOST_MEMBERS} parts")


def _too_large(most: int) -> ExchangeError:
    return ExchangeError(f"is more than {most:,} bytes long (max_document_size)")
