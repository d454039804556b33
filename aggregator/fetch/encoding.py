"""Decompresses a body by its content codings (RFC 9110, section 8.4), never beyond a limit.

Takes the bytes as sent and the value of ``Content-Encoding``; returns the document.  A few
kilobytes can decompress to gigabytes, so each step stops at the limit; httpx's own decoders have
none.  gzip and deflate come with Python, and no other coding is requested.

Servers label what they send wrongly in every way: a charset or ``none`` for a coding, gzip for what
is plain, nothing for what is gzip.  What a body is then shows in its first bytes.
"""

import re
import zlib
from contextlib import suppress

from aggregator.fetch.complete import is_complete
from aggregator.fetch.exchange import ExchangeError

ACCEPTED = "gzip, deflate"
"""For ``Accept-Encoding``."""

_MAGIC = b"\x1f\x8b"
_GZIP_FILE = _MAGIC + b"\x08"  # RFC 1952, section 2.3.1: no other method exists
_OURS = {"gzip", "x-gzip", "deflate"}
_OTHERS = {
    "br",
    "zstd",
    "compress",
    "x-compress",
    "dcb",
    "dcz",
    "exi",
    "pack200-gzip",
    "bzip2",
    "xz",
}
"""Codings that are registered, or that somebody might send, and that are not read."""

_PLAIN = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\0\s]*[<{\[]")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<[?!A-Za-z][^\0-\x08]{20}|[{\[]\s*\"[^\0-\x08]{20})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS  # as the header says
_MOST_CODINGS = 2
_MOST_MEMBERS = 100  # each costs a copy of all that follows it


def decompress(body: bytes, codings: str, most: int) -> bytes:
    """Return ``body`` without its ``codings``, at most ``most`` bytes long.

    ``codings`` is the value of the header, with the coding applied last at its end; a name that is
    no coding counts for nothing.  Raises ``ExchangeError`` for a body that is corrupt, cut short or
    too large, and for codings that were not requested.
    """
    names = [name.strip().lower() for name in codings.split(",")] if codings else []
    names = [name for name in names if name in _OURS or name in _OTHERS]
    if len(names) > _MOST_CODINGS:
        raise ExchangeError(f"is compressed {len(names)} times over")
    for name in reversed(names):
        if body:  # some servers label even an empty body
            body = _decode(body, name, most)
    for _ in range(_MOST_CODINGS - len(names)):
        if body.startswith(_GZIP_FILE):  # a file that is gzip, or compressed twice
            body = _decode(body, "gzip", most)
    if len(body) > most:
        raise _too_large(most)
    return body


def _decode(body: bytes, name: str, most: int) -> bytes:
    if name not in _OURS:
        if _MARKUP.match(body):
            return body
        raise ExchangeError(f"is compressed as {name[:40]!a}, which was not requested")
    try:
        return _inflate(body, _ZLIB_OR_GZIP, most)
    except zlib.error as error:
        if name == "deflate":  # which some servers send without the header of the zlib format
            with suppress(zlib.error):
                return _inflate(body, -zlib.MAX_WBITS, most)
        if _is_plain(body):
            return body
        raise ExchangeError(f"is labelled {name}, but is not") from error


def _is_plain(body: bytes) -> bool:
    """Whether a body that does not decompress is a document as it is."""
    start = body[:512].decode("utf-8", "ignore")
    is_text = len(start.encode()) > min(512, len(body)) - 4 and not _CONTROL.search(start)
    return is_text or _PLAIN.match(body) is not None


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
            if is_complete(whole := b"".join(parts)):
                return whole  # what follows a document is its sum alone
            raise ExchangeError("ends in the middle of its compressed body")
        body = stream.unused_data
        if body[:2] != _MAGIC:
            return b"".join(parts)
    raise ExchangeError(f"is a gzip file of more than {_MOST_MEMBERS} parts")


def _too_large(most: int) -> ExchangeError:
    return ExchangeError(f"is more than {most:,} bytes long (max_document_size)")
