"""HTTP responses as values, which the application sends and the connection writes."""

import gzip
import http
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from aggregator.web.media import DATA_HEADERS, PLAIN_TEXT, Headers
from aggregator.web.negotiation import RequestHeaders, accepts_gzip

COMPRESS_FROM = 256
"""Bytes from which on a body is compressed: below, the headers outweigh what is saved."""

CLOSE = (b"connection", b"close")
NO_STORE = (b"cache-control", b"no-store")

_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    for status in http.HTTPStatus
}


@dataclass(frozen=True, slots=True)
class Response:
    """A status, headers without ``Date``, and a body; ``head`` is the first two as bytes.

    ``Content-Length`` is among the headers wherever there may be a body, so that a response to
    HEAD has it too.  ``reason`` is the message of an error, which may be shown on a page instead.
    ``stream`` returns the body in chunks where it is too large for memory.
    """

    status: int
    headers: Headers
    body: bytes = b""
    reason: str = ""
    stream: Callable[[], Iterable[bytes]] | None = None
    head: bytes = field(init=False, default=b"")

    def __post_init__(self) -> None:
        lines = b"".join(b"%s: %s\r\n" % header for header in self.headers)
        object.__setattr__(self, "head", _STATUS_LINES[self.status] + lines)

    def adding(self, *headers: tuple[bytes, bytes]) -> "Response":
        """The same response with more headers."""
        return replace(self, headers=(*self.headers, *headers))


def with_body(media_type: bytes, body: bytes, headers: Headers, *, status: int = 200) -> Response:
    """A response that has ``body``."""
    head = ((b"content-type", media_type), (b"content-length", b"%d" % len(body)), *headers)
    return Response(status, head, body)


def text(status: int, lines: Iterable[str]) -> Response:
    """A response of plain text, which no cache keeps."""
    body = "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
    return with_body(PLAIN_TEXT, body, (*DATA_HEADERS, NO_STORE), status=status)


def error(status: int, reason: str, *headers: tuple[bytes, bytes]) -> Response:
    """A response that says in one line of text why the request failed."""
    line = f"{status} {http.HTTPStatus(status).phrase}: {reason}"
    return replace(text(status, [line]).adding(*headers), reason=reason)


def compressed(response: Response, request: RequestHeaders) -> Response:
    """``response`` with gzip, where the client accepts that and it saves something."""
    if len(response.body) < COMPRESS_FROM or not accepts_gzip(request):
        return response
    body = gzip.compress(response.body, 1, mtime=0)
    kept = (header for header in response.headers if header[0] != b"content-length")
    length = (b"content-length", b"%d" % len(body))
    headers = (*kept, length, (b"content-encoding", b"gzip"))
    return replace(response, headers=headers, body=body)
