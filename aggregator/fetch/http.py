"""Gets documents from web servers: politely, within limits, and only from where it may.

Takes an ``Ask``; gives the ``Answer`` that stands at the end of its redirects, or raises a
``FetchError`` whose text is one line for people.  Which addresses may be dialled is ``guard``'s,
one exchange is ``wire``'s, when to come back is ``politeness``'s, what the bytes mean is
``parse``'s.

Loading this module loads httpx, which takes 0.2 s: ``many`` does so only where there is something
to get.  Who needs the types alone imports ``exchange``.
"""

import asyncio
import hashlib
import ssl
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self, cast

import httpx

from aggregator.errors import FetchError
from aggregator.fetch.encoding import ACCEPTED
from aggregator.fetch.exchange import Answer, Ask, ExchangeError, LeftAloneFetchError, Limits
from aggregator.fetch.headers import Said, read
from aggregator.fetch.resolve import Resolve, Resolver
from aggregator.fetch.turns import LeftAloneError, Turns
from aggregator.fetch.wire import Wire
from aggregator.normalise.addresses import LAST_PORT, PORTS, host_key
from aggregator.normalise.addresses import display_address as shown

__all__ = ["Answer", "Ask", "Client", "LeftAloneFetchError", "Limits"]

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9,"
    " application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5,"
    " text/plain;q=0.5, */*;q=0.1"
)
_PERMANENT = {301, 308}
_REDIRECTS = {301, 302, 303, 307, 308}
_OVERLOADED = {429, 503}
_NOTHING = hashlib.sha256().hexdigest()
_MANY = 1000  # requests at once, where nobody said how many

_Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class _Way:
    """How far an ask has come.

    ``url`` is what is to be asked now and ``seen`` every address so far, without credentials.
    ``permanent`` is as in ``Answer`` and ``is_permanent`` says whether it may still go on.
    ``spent`` is in seconds.
    """

    asked: str
    url: httpx.URL
    seen: list[str]
    permanent: str | None = None
    is_permanent: bool = True
    spent: float = 0.0

    def __str__(self) -> str:
        """The way for people: where it began, and where it is."""
        start = shown(self.asked)
        return f"{start}: leads to {shown(self.seen[-1])}" if len(self.seen) > 1 else start


class Client:
    """Gets documents, one at a time to a host.

    ``user_agent`` says who asks, and should say how to reach them.  ``now`` is the time of the run
    (aware, UTC).  ``turns`` are shared by all that must wait for each other; without them there is
    no delay.  ``resolve`` stands in for the system's look-up of names, and ``authorities`` for its
    certificates, in tests.  It keeps no cookies, no connections, and heeds no proxy.
    """

    def __init__(
        self,
        limits: Limits,
        user_agent: str,
        *,
        now: datetime,
        turns: Turns | None = None,
        resolve: Resolve | None = None,
        authorities: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._now = now
        self._turns = turns
        self._resolve = resolve
        self._authorities = authorities
        name = "".join(sign if sign.isprintable() else " " for sign in user_agent)
        self._headers: _Headers = [
            (b"User-Agent", name.encode("ascii", "replace")),
            (b"Accept", _ACCEPT.encode()),
            (b"Accept-Encoding", ACCEPTED.encode()),
            (b"Connection", b"close"),
        ]

    async def __aenter__(self) -> Self:
        resolve = self._resolve or Resolver()
        self._wire: httpx.AsyncBaseTransport = Wire(self._limits, resolve, self._authorities)
        if self._turns is None:
            self._turns = Turns(0, _MANY)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._wire.aclose()

    async def get(self, ask: Ask, before: Callable[[], None] = lambda: None) -> Answer:
        """The answer to ``ask`` at the end of its redirects, whatever its status.

        A conditional request offers ``A-IM: feed`` besides (RFC 3229), so that a server may send
        what is new alone.  ``before`` is called when the first turn has come, and what it raises
        ends the call before anything is asked.  Raises ``FetchError`` where there is no answer,
        and its subclass ``LeftAloneFetchError`` where a host asked for peace earlier.
        """
        way = _Way(ask.address, *_start(ask))
        credentials = _credentials(way.url)
        origin = _origin(way.url)
        while True:
            # To that origin only: another host, or the same one in the clear, is another reader.
            headers = credentials if _origin(way.url) == origin else []
            try:
                response = await self._exchange(ask, way, headers, before)
            except LeftAloneError as error:
                raise LeftAloneFetchError(ask.source, _peace(way, error), error.until) from error
            except ExchangeError as error:
                raise FetchError(ask.source, f"{way}: {error}") from error
            said = read(response.headers.raw, way.seen[-1], self._now)
            if response.status_code not in _REDIRECTS or not said.location:
                return self._answer(ask, way, response.status_code, await _body(response), said)
            self._follow(ask, way, response.status_code, said.location)

    async def _exchange(
        self, ask: Ask, way: _Way, headers: _Headers, before: Callable[[], None]
    ) -> httpx.Response:
        """One request and its answer, when its host's turn comes."""
        assert self._turns is not None, "used outside of `async with`"
        clock = asyncio.get_running_loop().time
        async with self._turns.at(_host(way.url)):
            if len(way.seen) == 1:
                before()
            start = clock()
            request = httpx.Request(
                "GET",
                way.url,
                headers=self._headers + _conditions(ask) + headers,
                extensions={
                    "allow_private": ask.allow_private,
                    "deadline": start + self._limits.timeout - way.spent,
                },
            )
            try:
                response = await self._wire.handle_async_request(request)
            finally:
                way.spent += clock() - start
            self._heed(way, response)
            return response

    def _heed(self, way: _Way, response: httpx.Response) -> None:
        """Leave a host alone from now on, where it asks for that (RFC 6585, RFC 9110)."""
        if response.status_code in _OVERLOADED and self._turns is not None:
            said = read(response.headers.raw, way.seen[-1], self._now)
            if said.retry_after:
                until = self._now + timedelta(seconds=said.retry_after)
                self._turns.leave_alone(_host(way.url), until, response.status_code)

    def _follow(self, ask: Ask, way: _Way, status: int, location: str) -> None:
        """Go on to where a redirect leads."""
        try:
            url = way.url.join(location.strip())
        except httpx.InvalidURL as error:
            problem = f"{way}: leads to {shown(location)}, which is no address"
            raise FetchError(ask.source, problem) from error
        if url.scheme not in PORTS or not url.host:
            problem = f"{way}: leads to {shown(str(url))}, which is neither http nor https"
            raise FetchError(ask.source, problem)
        if not _has_port(url):
            problem = f"{way}: leads to {shown(location)}, which is no address"
            raise FetchError(ask.source, problem)
        way.url = _bare(url)
        address = str(way.url)
        if address in way.seen:
            raise FetchError(ask.source, f"{way}: leads round in a circle, to {shown(address)}")
        if len(way.seen) > self._limits.max_redirects:
            most = self._limits.max_redirects
            problem = f"{shown(way.asked)}: leads on more than {most} times (max_redirects)"
            raise FetchError(ask.source, problem)
        way.seen.append(address)
        way.is_permanent = way.is_permanent and status in _PERMANENT
        if way.is_permanent:
            way.permanent = address

    def _answer(self, ask: Ask, way: _Way, status: int, body: bytes, said: Said) -> Answer:
        if status == 304 and not ask.is_conditional:
            problem = f"{way}: answers 304 (not modified), though nothing was known of it"
            raise FetchError(ask.source, problem)
        return Answer(
            status=status,
            address=way.seen[-1],
            permanent=way.permanent,
            body=body,
            sha256=hashlib.sha256(body).hexdigest() if body else _NOTHING,
            etag=said.etag,
            last_modified=said.last_modified,
            media_type=said.media_type,
            charset=said.charset,
            max_age=said.max_age,
            retry_after=said.retry_after,
            hub=said.hub,
            topic=said.topic,
            is_delta=status == 226,
        )


def _start(ask: Ask) -> tuple[httpx.URL, list[str]]:
    """The address asked for, and without credentials the same as first of those seen."""
    try:
        url = httpx.URL(ask.address)
    except httpx.InvalidURL as error:
        # The reason may quote what stands before an @, a password.
        reason = "" if "@" in ask.address else f" ({shown(str(error)).rstrip('.')})"
        problem = f"{shown(ask.address)}: is no address that can be asked{reason}"
        raise FetchError(ask.source, problem) from error
    if url.scheme not in PORTS or not url.host:
        raise FetchError(ask.source, f"{shown(ask.address)}: is neither http nor https")
    if not _has_port(url):
        raise FetchError(ask.source, f"{shown(ask.address)}: is no address that can be asked")
    return url, [str(_bare(url))]


def _has_port(url: httpx.URL) -> bool:
    """Whether the port is one that there can be; httpx takes any number."""
    return url.port is None or 0 < url.port <= LAST_PORT


async def _body(response: httpx.Response) -> bytes:
    """The body, already whole: ``aread`` would spend longer on finding nothing to unpack."""
    stream = cast("httpx.AsyncByteStream", response.stream)
    return b"".join([part async for part in stream])


def _bare(url: httpx.URL) -> httpx.URL:
    """``url`` without its credentials and its fragment."""
    if url.userinfo or url.fragment:
        return url.copy_with(userinfo=b"", fragment=None)
    return url


def _origin(url: httpx.URL) -> tuple[str, str]:
    """RFC 6454, section 4."""
    return url.scheme, _host(url)


def _host(url: httpx.URL) -> str:
    return host_key(url.raw_host.decode("ascii"), url.port or PORTS[url.scheme])


def _credentials(url: httpx.URL) -> _Headers:
    """Basic authentication (RFC 7617) with what the address has of it."""
    if not url.userinfo:
        return []
    pair = f"{url.username}:{url.password}".encode()
    return [(b"Authorization", b"Basic " + b64encode(pair))]


def _conditions(ask: Ask) -> _Headers:
    """What makes a request conditional (RFC 9110, section 13.1)."""
    headers = _field(b"If-None-Match", ask.etag) + _field(b"If-Modified-Since", ask.last_modified)
    return [*headers, (b"A-IM", b"feed")] if headers else []


def _field(name: bytes, value: str | None) -> _Headers:
    """A header, unless its value could end it and begin another."""
    if not value or any(sign in value for sign in "\r\n\0"):
        return []
    try:
        return [(name, value.encode("latin-1"))]
    except UnicodeEncodeError:
        return []


def _peace(way: _Way, asked: LeftAloneError) -> str:
    code = str(asked.status or "429 or 503")
    return f"{way}: asked ({code}) to be left alone until {asked.until:%Y-%m-%d %H:%M} UTC"
