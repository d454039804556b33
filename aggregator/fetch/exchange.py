"""The types of one HTTP exchange: what is requested, what came back, and its limits.

Light to import: a program without remote sources never loads the client (``client``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from aggregator import __version__
from aggregator.errors import FetchError
from aggregator.model import RequestSettings
from aggregator.normalise.addresses import display_address

LONGEST_BACKOFF = timedelta(days=7, minutes=1)
"""More than any backoff: ``Retry-After`` counts up to a week, and its end is rounded up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one exchange: durations in seconds, sizes in bytes.

    ``timeout`` covers the whole exchange with all its redirects, from the first DNS lookup to the
    last byte, but not the time spent waiting for a host's turn.  ``max_header_size`` and
    ``max_download`` count bytes as sent, ``max_body`` bytes as decompressed.
    ``longest_backoff`` is how much of a longer ``Retry-After`` is obeyed.
    """

    connect_timeout: float = 10.0
    timeout: float = 30.0
    max_header_size: int = 65_536
    max_download: int = 10_000_000
    max_body: int = 20_000_000
    max_redirects: int = 5
    longest_backoff: int = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """One document to fetch, for the source with the id ``source``.

    ``address`` may hold a user and a password.  ``etag`` and ``last_modified`` are exactly what the
    server sent with the document before; with them the response may be 304.
    ``may_look_further``: if the document is a page, the feeds it names are tried (``background``).
    """

    source: str
    address: str
    etag: str | None = None
    last_modified: str | None = None
    allow_private: bool = False
    settings: RequestSettings | None = None
    may_look_further: bool = True

    @property
    def is_conditional(self) -> bool:
        """Whether 304 is a valid response."""
        return self.etag is not None or self.last_modified is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseHeaders:
    """The headers of a response that matter, each None if absent or not well formed.

    ``etag`` and ``last_modified`` are as sent.  ``max_age`` is for how many seconds from now the
    response is fresh (RFC 9111, section 4.2), ``retry_after`` how many seconds from now to send no
    request (RFC 9110, section 10.2.3), at most a week.  ``hub`` and ``topic`` are its links of
    relation ``hub`` and ``self``, absolute (WebSub, section 4); ``alternates`` those of relation
    ``alternate``, with their media types.
    """

    etag: str | None = None
    last_modified: str | None = None
    media_type: str | None = None
    charset: str | None = None
    max_age: int | None = None
    retry_after: int | None = None
    hub: str | None = None
    topic: str | None = None
    alternates: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResponse:
    """The final response of a server, whatever its status, redirects followed.

    ``address`` is where the response came from, without credentials and fragment.  ``permanent`` is
    how far redirects of 301 and 308 led before any of another kind, None if the first was of
    another kind or there was none.  ``body`` is decompressed, and empty unless the status is from
    200 to 299.  ``until`` is when a backoff ends (429 or 503 with ``Retry-After``), ``turn``
    when to repeat this request then, after others that waited, and ``backed_off`` the host or path
    that it is of (``host_limiter``); None without a backoff.
    """

    status: int
    address: str
    permanent: str | None = None
    body: bytes = b""
    sha256: str
    headers: ResponseHeaders = ResponseHeaders()
    until: datetime | None = None
    turn: datetime | None = None
    backed_off: str | None = None

    @property
    def is_delta(self) -> bool:
        """Whether it holds only what is new (RFC 3229)."""
        return self.status == 226


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Fields, or a ``body`` with its ``headers``, to post to ``address`` without credentials.

    A body is for this address alone, and the body of its response is not read.
    """

    address: str
    fields: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    allow_private: bool = False
    settings: RequestSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormResponse:
    """The result of posting a form: a ``status``, or an ``error`` in words.

    ``retry_after`` is how many seconds from now the server wants no request.
    """

    form: Form
    status: int | None = None
    error: str | None = None
    retry_after: int | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the server accepted the form."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def problem(self) -> str:
        """Why it was not accepted, with the address, for people; empty if it was."""
        if self.is_accepted:
            return ""
        reason = self.error or f"responded with {self.status}"
        return f"{display_address(self.form.address)}: {reason}"


class ExchangeError(Exception):
    """An exchange without a response.

    Its text says why and reads on from the address: "the server closed the connection".
    """


class HostBackoffError(ExchangeError):
    """No request was sent: the host or path asked for none ``until`` a time (aware, UTC).

    ``status`` is 429 or 503, or None if it was not stored; ``turn`` is when to send it again,
    after others that wait.
    """

    def __init__(self, until: datetime, status: int | None, turn: datetime) -> None:
        code = str(status or "429 or 503")
        super().__init__(f"asked ({code}) for no requests until {until:%Y-%m-%d %H:%M} UTC")
        self.until = until
        self.status = status
        self.turn = turn

    def __reduce__(self) -> tuple[type["HostBackoffError"], tuple[datetime, int | None, datetime]]:
        """Return how to build it again (pickle)."""
        return type(self), (self.until, self.status, self.turn)


class BackoffFetchError(FetchError):
    """No request was sent, since the host asked for none; ``turn`` is when to try again.

    That does not count as a failure of the source.
    """

    def __init__(self, source: str, problem: str, turn: datetime) -> None:
        super().__init__(source, problem)
        self.turn = turn

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to build it again (pickle)."""
        return type(self), (self.source, self.problem, self.turn)


def user_agent(contact: str, base_url: str) -> str:
    """Return the ``User-Agent`` (RFC 9110, section 10.1.5): this program and whom to contact.

    Without a ``contact`` that is ``base_url``, if it is a name that a stranger can look up.
    """
    host = urlsplit(base_url).hostname or ""
    if not contact and "." in host and not host.replace(".", "").isdigit():
        contact = base_url
    name = f"Aggregator/{__version__} (+{contact})" if contact else f"Aggregator/{__version__}"
    printable = "".join(sign if sign.isprintable() else " " for sign in name)
    return printable.encode("ascii", "replace").decode("ascii")
