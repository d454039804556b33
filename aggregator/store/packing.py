"""Keeps texts as what they have besides others that are in the store already.

They are compressed by zlib, with the others as the preset dictionary (RFC 1950, section 2.2).  What
is packed has checksums of both, so that it is never read with other ones than it was packed with.
"""

import zlib

LOST = b""
"""The value of the column ``content_html`` if the HTML was damaged and removed."""

_WINDOW = 1 << 15
"""Bytes of a dictionary that can be referred to; zlib ignores those before."""


def pack(content: bytes, known: bytes) -> bytes:
    """Return ``content`` without what ``known`` has; the end of that is the cheapest."""
    packer = zlib.compressobj(level=1, zdict=known[-_WINDOW:])
    return packer.compress(content) + packer.flush()


def unpack(packed: bytes, known: bytes) -> bytes | None:
    """Return what was packed with ``known``, or None if it was not.

    A column of a damaged store can have a value of another type.
    """
    unpacker = zlib.decompressobj(zdict=known[-_WINDOW:])
    try:
        content = unpacker.decompress(packed)
    except (TypeError, zlib.error):
        return None
    return content if unpacker.eof else None


def pack_html(html: str, text: str) -> str | bytes:
    """Return the HTML of a text as the column ``content_html`` has it: packed where that helps."""
    packed = pack(html.encode(), text.encode())
    return packed if 2 * len(packed) < len(html) else html


def unpack_html(kept: str | bytes, text: str) -> str:
    """Return the HTML of a text; that of the text alone if the HTML cannot be read."""
    html = read_html(kept, text.encode())
    if html is None:
        from aggregator.normalise.html import body_from_text

        return body_from_text(text).html
    return html


def read_html(kept: object, text: bytes) -> str | None:
    """Return the HTML of a text, or None if it is lost or cannot be read: one is damaged."""
    if isinstance(kept, str):
        return kept
    html = unpack(kept, text) if isinstance(kept, bytes) else None
    try:
        return html.decode() if html is not None else None
    except UnicodeDecodeError:
        return None
