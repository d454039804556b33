"""An answer, ready to be sent: by ASGI, or as bytes on a connection."""

import http
from dataclasses import dataclass, field, replace

from aggregator.web.media import DATA_HEADERS, Headers

PLAIN_TEXT = b"text/plain; charset=utf-8"

STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    for status in http.HTTPStatus
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, its headers without ``Date``, and its body; ``lines`` is the headers on the wire.

    ``reason`` says in words why there is nothing better to answer, where that is all it says.
    ``Content-Length`` is among the headers wherever there may be a body, so that the answer to
    HEAD has it too.
    """

    status: int
    headers: Headers
    body: bytes = b""
    reason: str = ""
    lines: bytes = field(init=False, default=b"")

    def __post_init__(self) -> None:
        lines = b"".join(b"%s: %s\r\n" % header for header in self.headers)
        object.__setattr__(self, "lines", lines)


def whole(media_type: bytes, body: bytes, headers: Headers, *, status: int = 200) -> Answer:
    """An answer with a body."""
    head = ((b"content-type", media_type), (b"content-length", b"%d" % len(body)), *headers)
    return Answer(status, head, body)


def error(status: int, reason: str, *headers: tuple[bytes, bytes]) -> Answer:
    """A short answer in words to what cannot be answered."""
    phrase = http.HTTPStatus(status).phrase
    body = f"{status} {phrase}: {reason}\n".encode()
    head = (*DATA_HEADERS, (b"cache-control", b"no-store"), *headers)
    return replace(whole(PLAIN_TEXT, body, head, status=status), reason=reason)
