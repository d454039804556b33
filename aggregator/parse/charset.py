"""Decode text that does not declare its encoding.

Takes a body; returns its text, or raises ``NotTextError``.  In order: a byte order mark (UTF-8,
UTF-16 or UTF-32), UTF-8, and then for each line UTF-8 or Windows-1252, because files are joined
from several sources and cut anywhere.
"""

import codecs
import re

BYTE_ORDER_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ONE_BYTE = re.compile(
    r"(?:us-)?ascii|(?:iso[-_]?8859|latin|(?:windows|cp|ibm)[-_]?(?!31j|932|936|949|950)|koi8|mac"
    r"|tis-?620|x-unknown|unknown)\S*",
    re.IGNORECASE,
)
_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)])
_SAMPLE = 64 * 1024


class NotTextError(ValueError):
    """The bytes are not text; the message says why."""


def decode(body: bytes) -> str:
    """Return the text of ``body`` without its byte order mark.

    Raises ``NotTextError`` for bytes with a NUL, or with more than 1% control characters.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    _refuse_binary(body)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return "\n".join(decode_line(line) for line in _whole_characters(body).split(b"\n"))


def is_mislabelled(body: bytes, charset: str) -> bool:
    """Return whether a text is UTF-8 with letters of several bytes, but said to be of one byte."""
    if body.isascii() or not _ONE_BYTE.fullmatch(charset):
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refuse_binary(body: bytes) -> None:
    if b"\0" in body:
        raise NotTextError("it has NUL bytes, so it is not text")
    sample = body[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls * 100 > len(sample):
        raise NotTextError("it is full of control characters, so it is not text")


def _whole_characters(body: bytes) -> bytes:
    """Return ``body`` without the incomplete UTF-8 character at its end."""
    head, tail = body[:-3], body[-3:]
    for kept in range(len(tail), -1, -1):
        lead = tail[kept : kept + 1]
        if lead and lead[0] >= 0xC2 and _length(lead[0]) > len(tail) - kept:
            rest = tail[kept + 1 :]
            if all(0x80 <= byte < 0xC0 for byte in rest) and _is_utf8(head[-400:] + tail[:kept]):
                return head + tail[:kept]
    return body


def _length(lead: int) -> int:
    """Return the number of bytes of a UTF-8 character that starts with ``lead``."""
    return 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4


def _is_utf8(text: bytes) -> bool:
    """Return whether ``text``, which may start within a character, is UTF-8 and not only ASCII."""
    body = text.lstrip(bytes(range(0x80, 0xC0)))
    try:
        return not body.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def decode_line(line: bytes) -> str:
    """Return one line, in UTF-8 or Windows-1252."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
