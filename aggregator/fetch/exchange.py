"""What is asked of a web server, what it answered, and what an answer may cost.

Types only, and light to import: whoever has no remote source never loads the client (``http``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aggregator.errors import FetchError
from aggregator.normalise.addresses import display_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one exchange may cost: durations in seconds, sizes in bytes.

    ``timeout`` is for the whole exchange with all its redirects, from the first look-up of a name
    to the last byte; time in which only turns are waited for does not count.  ``max_header_size``
    and ``max_download`` are of what is sent, ``max_body`` is of what that unpacks to.
    """

    connect_timeout: float = 10.0
    timeout: float = 30.0
    max_header_size: int = 65_536
    max_download: int = 10_000_000
    max_body: int = 20_000_000
    max_redirects: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One document to get, for the source with the id ``source``.

    ``address`` may hold a user and a password.  ``etag`` and ``last_modified`` are exactly what the
    server once sent with the document, and make it answer 304 where nothing changed.
    ``may_look_further``: a page in its place may lead to the document (``many``).
    """

    source: str
    address: str
    etag: str | None = None
    last_modified: str | None = None
    allow_private: bool = False
    may_look_further: bool = True

    @property
    def is_conditional(self) -> bool:
        """Whether 304 is an answer to it."""
        return self.etag is not None or self.last_modified is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered, whatever the status, its redirects followed.

    ``address`` is where the answer came from, without credentials and fragment.  ``permanent`` is
    how far redirects of 301 and 308 led before any of another kind, None where the first was of
    another kind or none was.  ``body`` is unpacked, and empty for all but a status from 200 to 299:
    no other body is read.  ``etag``, ``last_modified`` are as sent.  ``max_age`` is for how many
    seconds from now the answer is fresh (RFC 9111, section 4.2), None where it does not say;
    ``retry_after`` how many seconds from now to stay away (RFC 9110, section 10.2.3), at most a
    week.  ``hub`` and ``topic`` are its links of relation ``hub`` and ``self``, absolute (WebSub,
    section 4).  ``is_delta``: holds only what is new (226, RFC 3229).
    """

    status: int
    address: str
    permanent: str | None = None
    body: bytes = b""
    sha256: str
    etag: str | None = None
    last_modified: str | None = None
    media_type: str | None = None
    charset: str | None = None
    max_age: int | None = None
    retry_after: int | None = None
    hub: str | None = None
    topic: str | None = None
    is_delta: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Fields for the server at ``address``, which holds no credentials."""

    address: str
    fields: Mapping[str, str]
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What became of a form: a ``status``, or an ``error`` in words.

    ``retry_after`` is how many seconds from now the server wants to be left alone.
    """

    form: Form
    status: int | None = None
    error: str | None = None
    retry_after: int | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the server took it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def problem(self) -> str:
        """Why it was not taken, with the address, for people; empty where it was."""
        if self.is_accepted:
            return ""
        return f"{display_address(self.form.address)}: {self.error or f'answers {self.status}'}"


class ExchangeError(Exception):
    """An exchange that came to no answer.

    Its text says why, in words that go on after the address: "the server closed the connection".
    """


class LeftAloneFetchError(FetchError):
    """Nothing was asked, for the host wants to be left alone ``until`` a time (aware, UTC).

    That is no failure of the source.
    """

    def __init__(self, source: str, problem: str, until: datetime) -> None:
        super().__init__(source, problem)
        self.until = until
