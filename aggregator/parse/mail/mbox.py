"""Split an mbox into its messages (RFC 4155, and the older forms in use).

Takes its bytes in pieces of any size; yields each message without its ``From `` line.  A line of a
body that only looks like one is text: a time must be in it, and a header below it.
"""

import re
from collections.abc import Iterable, Iterator

_LINE = rb"From [^\n]{0,200}?\d:\d\d[^\n]{0,100}\n"
_FIELD = rb"[!-9;-~]{1,100}:"
_FIRST = re.compile(rb"\s*" + _LINE + rb"(?=>?" + _FIELD + rb")")
_BREAK = re.compile(rb"\r?\n(?=" + _LINE + rb">?" + _FIELD + rb")")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_ID = re.compile(rb"^message-id[ \t]*:\s*<([^<>\r\n]{1,300})>", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"\n\r?\n")
_BOUNDARY = re.compile(rb"^content-type:\s*multipart/[^\n]*(?:\n[ \t][^\n]*)*", re.I | re.M)
_VALUE = re.compile(rb"boundary\s*=\s*(?:\"([^\"\n]{1,100})\"|([^\s\";]{1,100}))", re.IGNORECASE)


def is_mbox(body: bytes) -> bool:
    """Return whether ``body`` starts like an mbox."""
    return _FIRST.match(body[:1000]) is not None


def split(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield the messages of an mbox; of one longer than ``limit``, a little more than that."""
    rest = b""
    for piece in pieces:
        *complete, rest = _BREAK.split(rest + piece)
        yield from map(_unquoted, complete)
        if len(rest) > 2 * limit:
            rest = rest[: limit + 1] + rest[-1000:]  # a `From ` line may begin at its end
    if rest.strip():
        yield _unquoted(rest)


def message_id(message: bytes) -> str | None:
    """Return the Message-ID of a message, without its angle brackets."""
    found = _ID.search(_header(message))
    return found[1].decode("ascii", "backslashreplace") if found else None


def is_complete(message: bytes) -> bool:
    """Return whether a message has its header and, where it has parts, the end of the last one."""
    header = _header(message)
    if len(header) == len(message):
        return False
    content_type = _BOUNDARY.search(header)
    boundary = _VALUE.search(content_type[0]) if content_type else None
    return boundary is None or b"\n--" + (boundary[1] or boundary[2]) + b"--" in message


def _header(message: bytes) -> bytes:
    end = _BLANK_LINE.search(message)
    return message[: end.start() + 1] if end else message


def _unquoted(message: bytes) -> bytes:
    first, _, rest = message.partition(b"\n")
    if first.lstrip().startswith(b"From "):
        message = rest
    # The same whether it is the last one or not.
    return _QUOTED.sub(rb"\1", message).rstrip(b"\r\n") + b"\n"
