"""Parse one message with the standard library, within bounds.

Takes its bytes; returns an ``EmailMessage``, or raises ``MailError``.  The library takes time that
grows with the length of a header's value in the square, and with the depth of parts for each line:
both are bounded before it begins.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import parseaddr
from functools import lru_cache
from itertools import accumulate
from typing import Any

from aggregator.normalise.text import one_line
from aggregator.parse.charset import decode_line

MOST_PARTS = 10_000
_MOST_CONTAINERS = 500
_DEEPEST = 20
_MOST_STEPS = 5_000_000  # the library looks at each line once for each level
_LONGEST_VALUE = 2_000
_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\d+[ \t]*\r?\n)?")  # Apple Mail: its length
_BOUNDARY = re.compile(rb"boundary\s*=\s*\"?([^\s\";]{1,70})", re.IGNORECASE)
_MIME = frozenset(["content-type", "content-transfer-encoding", "content-disposition"])
LIBRARY_ERRORS = (ValueError, LookupError, AttributeError, TypeError, RecursionError, MessageError)
"""What the library raises for headers that it does not understand."""


class MailError(ValueError):
    """The bytes are not a mail that can be read; the message says why."""


class _Policy(EmailPolicy):
    """The default policy, with values of bounded length, in any charset, and never an error."""

    def header_source_parse(self, sourcelines: Any) -> Any:
        name, value = super().header_source_parse(sourcelines)
        value = "".join(value[:_LONGEST_VALUE].splitlines())
        if not value.isascii():
            value = decode_line(value.encode("utf-8", "surrogateescape"))
        return name, _mime_header(name, value) if name.lower() in _MIME else value


_policy = _Policy(utf8=True)


@lru_cache(maxsize=256)
def _mime_header(name: str, value: str) -> Any:
    try:
        return _policy.header_factory(name, value)
    except LIBRARY_ERRORS:
        plain = {"content-type": "text/plain", "content-disposition": "inline"}
        return _policy.header_factory(name, plain.get(name.lower(), "8bit"))


def parse_message(raw: bytes) -> EmailMessage:
    """Return the message in ``raw``.  Raises ``MailError``."""
    start = _START.match(raw)
    raw = raw[start.end() :] if start else raw
    _check_parts(raw)
    try:
        message = message_from_bytes(raw, policy=_policy)
    except RecursionError as error:
        raise MailError("has parts that are nested too deeply") from error
    except LIBRARY_ERRORS as error:
        raise MailError(f"is not a mail: {one_line(str(error))}") from error
    if not isinstance(message, EmailMessage) or not message.keys():
        raise MailError("has no header, so it is not a mail")
    return message


def header(message: EmailMessage, name: str) -> str:
    """Return the value of a header as text on one line, or an empty text."""
    return next(headers(message, name), "")


def headers(message: EmailMessage, name: str) -> Iterator[str]:
    """Yield the values of a header that may occur several times, each as text on one line."""
    for written, value in message.raw_items():
        if written.lower() == name:
            try:
                value = str(_policy.header_factory(written, value)) or value
            except LIBRARY_ERRORS:
                value = str(value)
            yield one_line(value)


def address_of(value: str) -> tuple[str, str]:
    """Return the name and the address in a header, empty where it has none."""
    try:
        return parseaddr(value)
    except RecursionError:  # brackets in brackets
        return "", ""


def _check_parts(raw: bytes) -> None:
    """Raise ``MailError`` for more parts, or deeper ones, than a mail has that people read."""
    boundaries = dict.fromkeys(match[1] for match in _BOUNDARY.finditer(raw))
    if len(boundaries) > _MOST_CONTAINERS:
        raise MailError(f"has {len(boundaries):,} groups of parts; {_MOST_CONTAINERS} are read")
    parts = sum(raw.count(b"\n--" + boundary) for boundary in boundaries)
    if parts > MOST_PARTS:
        raise MailError(f"has {parts:,} parts; at most {MOST_PARTS:,} are read")
    depth = _depth(raw, boundaries) if len(boundaries) > 1 else 1
    if depth > _DEEPEST or (depth > 1 and depth * raw.count(b"\n") > _MOST_STEPS):
        raise MailError(f"has parts nested {depth} deep, too deep for its length")


def _depth(raw: bytes, boundaries: dict[bytes, None]) -> int:
    """Return how many groups of parts are open at once."""
    changes = []
    for boundary in boundaries:
        end = raw.find(b"\n--" + boundary + b"--")
        changes.append((raw.find(boundary), 1))
        changes.append((end if end >= 0 else len(raw), -1))
    return max(accumulate(change for _, change in sorted(changes)), default=0)
