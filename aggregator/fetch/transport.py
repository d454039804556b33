"""A transport for httpx: one HTTP/1.1 exchange over one connection, guarded and bounded.

Takes an ``httpx.Request``; looks its host up, connects to an address that is allowed (``guard``),
and returns the response whole, decompressed and within the limits.  Raises ``ExchangeError``.

httpx's own transport costs five times the processor time, and would have to be wrapped for what
matters here: the check of the address that is connected to, the sizes of header and body, and words
for what went wrong (docs/decisions/fetching.md).  Every exchange has a connection of its own,
closed after it: no connection can serve another host, or a second request that it was not made for,
and 10,000 sources keep none open.  Parsing is llhttp's.
"""

import asyncio
import ssl
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, zip_longest
from pathlib import Path
from typing import cast

import certifi
import httptools
import httpx

from aggregator.fetch import proxy
from aggregator.fetch.complete import is_complete
from aggregator.fetch.encoding import ACCEPTED, decompress
from aggregator.fetch.exchange import ExchangeError, Limits
from aggregator.fetch.guard import dialable
from aggregator.fetch.headers import with_one_length
from aggregator.fetch.resolve import Resolve
from aggregator.normalise.addresses import PORTS

_MOST_DIALLED = 4  # addresses of a host that are tried
# What old servers do and every browser accepts.  The danger would be two readers that understand
# one response differently, and no second response on a connection could start elsewhere.
_LENIENCIES = {
    "lenient_headers": True,  # folded lines (RFC 9112, section 5.2), control characters
    "lenient_chunked_length": True,  # chunks besides a length, which is then ignored
    "lenient_optional_cr_before_lf": True,
    "lenient_spaces_after_chunk_size": True,
}
_BODY_HEADERS = {b"content-length", b"transfer-encoding", b"content-encoding"}


@lru_cache(maxsize=1)
def trusted_authorities() -> ssl.SSLContext:
    """Return the TLS context with the authorities of the system and of certifi.

    One for all, since creating it takes some 30 ms.  Certificates and names are always verified.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


@lru_cache(maxsize=16)
def _authorities_with(file: Path, _modified: int) -> ssl.SSLContext:
    """Return ``trusted_authorities()`` and those in ``file``, as of when it was modified."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    context.load_verify_locations(file)
    return context


class GuardedTransport(httpx.AsyncBaseTransport):
    """The transport.  Tests replace ``trusted_authorities()`` by ``authorities``.

    Extensions of a request are read: ``allow_private`` (bool), ``deadline``, the event loop's time
    by which the exchange must be done, and those of its source: ``user_agent``, ``proxy`` (text),
    and ``ca_file`` (a path).  ``received`` is the response, if it is there already.  The extension
    ``body`` of a response is its whole body, which with ``only_header`` nobody reads.
    """

    def __init__(
        self,
        limits: Limits,
        user_agent: str,
        resolve: Resolve,
        authorities: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._resolve = resolve
        self._authorities = authorities
        # Added here, since httpx copies the headers of a request several times.
        self._agent_text = user_agent
        self._user_agent = b"User-Agent: %b\r\n" % user_agent.encode("ascii")
        self._headers = b"Accept-Encoding: %b\r\nConnection: close\r\n" % ACCEPTED.encode("ascii")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response; its body is empty unless its status is from 200 to 299.

        Raises ``ExchangeError``.
        """
        if received := request.extensions.pop("received", None):
            return cast("httpx.Response", received)
        loop = asyncio.get_running_loop()
        deadline = request.extensions.get("deadline", loop.time() + self._limits.timeout)
        if address := request.extensions.get("proxy"):
            return self._response(*await self._through(address, request, deadline))
        protocol = _ResponseProtocol(self._limits, loop)
        protocol.only_header = "only_header" in request.extensions
        try:
            async with asyncio.timeout_at(deadline):
                await self._dial(request, protocol)
                protocol.send(await self._encode(request))
                await protocol.done
        except TimeoutError as error:
            if not protocol.is_in_body:
                raise ExchangeError(protocol.timeout_problem()) from error
            protocol.cut = protocol.timeout_problem()
        finally:
            protocol.close()
        return self._response(protocol.status, protocol.headers, protocol.body, protocol.cut)

    async def _through(
        self, address: str, request: httpx.Request, deadline: float
    ) -> proxy.Received:
        agent = request.extensions.get("user_agent")
        request.headers["User-Agent"] = agent or self._agent_text
        request.headers["Accept-Encoding"] = ACCEPTED
        request.headers["Connection"] = "close"
        return await proxy.exchange(
            request,
            address,
            limits=self._limits,
            deadline=deadline,
            authorities=self._authorities_of(request),
            of_proxy=self._authorities or trusted_authorities(),
        )

    def _authorities_of(self, request: httpx.Request) -> ssl.SSLContext:
        file: Path | None = request.extensions.get("ca_file")
        if file is None:
            return self._authorities or trusted_authorities()
        try:
            return _authorities_with(file, file.stat().st_mtime_ns)
        except (OSError, ssl.SSLError) as error:
            raise ExchangeError(f"{file}: cannot be read (ca_file)") from error

    async def _dial(self, request: httpx.Request, protocol: "_ResponseProtocol") -> None:
        """Connect to the first address of the host that accepts the connection."""
        url = request.url
        host = url.raw_host.decode("ascii")
        port = url.port or PORTS[url.scheme]
        addresses = dialable(
            _alternate_families(await self._resolve(host, port)),
            allow_private=request.extensions.get("allow_private", False),
        )
        if not addresses:
            raise ExchangeError("there is no such host")
        tls = self._authorities_of(request) if url.scheme == "https" else None
        dialled = addresses[:_MOST_DIALLED]
        for number, address in enumerate(dialled, 1):
            is_last = number == len(dialled)
            # An address that drops packets must not use up the time of those after it.
            seconds = self._limits.connect_timeout / (1 if is_last else len(dialled))
            try:
                await self._connect(protocol, address, port, tls, host, seconds)
            except ExchangeError:
                if is_last:
                    raise
            else:
                return

    async def _connect(
        self,
        protocol: "_ResponseProtocol",
        address: str,
        port: int,
        tls: ssl.SSLContext | None,
        host: str,
        seconds: float,
    ) -> None:
        """Connect to the numeric ``address``, whose certificate must be valid for ``host``."""
        loop = asyncio.get_running_loop()
        name = host.rstrip(".") if tls else None
        try:
            async with asyncio.timeout(seconds):
                await loop.create_connection(
                    lambda: protocol, address, port, ssl=tls, server_hostname=name
                )
        except TimeoutError as error:
            raise ExchangeError(
                f"no connection within {self._limits.connect_timeout:g} s"
            ) from error
        except ssl.SSLCertVerificationError as error:
            reason = _reason(error.verify_message)
            raise ExchangeError(f"its certificate is not valid: {reason}") from error
        except ssl.SSLError as error:
            raise ExchangeError(f"TLS failed: {_reason(error.reason)}") from error
        except ConnectionRefusedError as error:
            raise ExchangeError("the server refused the connection") from error
        except ConnectionError as error:
            raise ExchangeError("the server closed the connection at once") from error
        except OSError as error:
            reason = _reason(error.strerror or str(error))
            raise ExchangeError(f"no connection: {reason}") from error

    async def _encode(self, request: httpx.Request) -> bytes:
        start = b"%b %b HTTP/1.1\r\n" % (request.method.encode("ascii"), request.url.raw_path)
        fields = b"".join([b"%b: %b\r\n" % field for field in request.headers.raw])
        body = await request.aread() if request.method != "GET" else b""
        agent: str | None = request.extensions.get("user_agent")
        user_agent = b"User-Agent: %b\r\n" % agent.encode("ascii") if agent else self._user_agent
        return b"%b%b%b%b\r\n%b" % (start, fields, user_agent, self._headers, body)

    def _response(
        self,
        status: int,
        fields: list[tuple[bytes, bytes]],
        parts: list[bytes],
        cut: str | None = None,
    ) -> httpx.Response:
        """Return the response; ``cut`` is why its body ended before the server said it would."""
        codings = b",".join([v for n, v in fields if n.lower() == b"content-encoding"])
        body = decompress(b"".join(parts), codings.decode("latin-1"), self._limits.max_body)
        if cut is not None and not is_complete(body):
            raise ExchangeError(cut)
        # These described the body as it was sent.
        headers = [field for field in fields if field[0].lower() not in _BODY_HEADERS]
        return httpx.Response(
            status,
            headers=headers,
            stream=httpx.ByteStream(body),
            extensions={"body": body},
        )


def _alternate_families(addresses: Sequence[str]) -> Sequence[str]:
    """Alternate IPv4 and IPv6 addresses, since one of the two may lead nowhere (RFC 8305)."""
    if len(addresses) < 3:
        return addresses
    first = [address for address in addresses if (":" in address) == (":" in addresses[0])]
    other = [address for address in addresses if address not in first]
    return [address for address in chain(*zip_longest(first, other)) if address]


def _reason(text: str | None) -> str:
    return (text or "no reason given")[:150].replace("_", " ").rstrip(".").lower()


class _ResponseProtocol(asyncio.Protocol):
    """The response on one connection; ``done`` is set once enough of it has arrived.

    httptools calls the ``on_`` methods while it is fed.
    """

    def __init__(self, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        self.done: asyncio.Future[None] = loop.create_future()
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: list[bytes] = []
        self._limits = limits
        self._parser = self._new_parser()
        self._transport: asyncio.Transport | None = None
        self._received = 0
        self._header_size = 0
        self._body_size = 0
        self.only_header = self.is_in_body = False
        self.cut: str | None = None
        self._head: list[bytes] = []
        self._is_refused = False
        self._ends_with_connection = False

    def send(self, data: bytes) -> None:
        """Send the request."""
        assert self._transport is not None
        self._transport.write(data)

    def close(self) -> None:
        """Close the connection, if there is one, whatever is under way on it."""
        if self.done.done() and not self.done.cancelled():
            self.done.exception()  # retrieved, or asyncio would report that nobody did
        else:
            self.done.cancel()
        if self._transport is not None:
            self._transport.abort()

    def timeout_problem(self) -> str:
        """Return what was missing when the time ran out."""
        seconds = f"{self._limits.timeout:g} s"
        if self._received:
            return f"the response was too slow: not complete within {seconds}"
        if self._transport is None:
            return f"no connection within {seconds}"
        return f"no response within {seconds}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self.done.done():
            return
        self._received += len(data)
        if not self.is_in_body:
            self._head.append(data)
        try:
            self._parse(data)
        except httptools.HttpParserUpgrade:
            self._fail("the server switches to another protocol")
        except httptools.HttpParserError as error:
            reason = _reason(str(error))
            if self.is_in_body and not self.done.done():
                self.cut = f"the response is not HTTP in the middle of the body ({reason})"
                self._finish()
            self._fail(f"the response is not HTTP ({reason})")
        if not self.is_in_body and self._received > self._limits.max_header_size:
            self._fail(self._header_too_large())
        # Chunks have headers too, which are not counted elsewhere.
        if self._received > self._limits.max_header_size + 2 * self._limits.max_download:
            self._fail(self._body_too_large())

    def _parse(self, data: bytes) -> None:
        """Feed the parser; if it refuses a length, again when the header is complete."""
        if not self._is_refused:
            try:
                self._parser.feed_data(data)
                return
            except httptools.HttpParserError as error:
                if self.is_in_body or "Content-Length" not in str(error):
                    raise
                self._is_refused = True
        if (once := with_one_length(b"".join(self._head))) is not None:
            self.headers.clear()
            self._header_size = 0
            self._is_refused = False
            self._parser = self._new_parser()
            self._parser.feed_data(once)

    def _new_parser(self) -> httptools.HttpResponseParser:
        parser = httptools.HttpResponseParser(self)
        parser.set_dangerous_leniencies(**_LENIENCIES)
        return parser

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_size += len(name) + len(value) + 4
        if self._header_size > self._limits.max_header_size:
            self._fail(self._header_too_large())
        elif not self.is_in_body:  # else it is a trailer
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self.status < 200:  # 100 Continue, 103 Early Hints: the final response follows
            return
        self.is_in_body = True
        if self.only_header or not 200 <= self.status < 300:
            self._finish()  # a page for people; 429 and Retry-After count however it is sent
            return
        lengths = {v.strip() for name, v in self.headers if name.lower() == b"content-length"}
        codings = [v for name, v in self.headers if name.lower() == b"transfer-encoding"]
        if codings and b",".join(codings).strip().lower() != b"chunked":
            self._fail("the body has a transfer coding that was not requested")
        self._ends_with_connection = not lengths and not codings
        if not codings and any(int(n) > self._limits.max_download for n in lengths if n.isdigit()):
            self._fail(self._body_too_large())

    def on_body(self, data: bytes) -> None:
        self._body_size += len(data)
        if self._body_size > self._limits.max_download:
            self.body.clear()
            self._fail(self._body_too_large())
        elif not self.done.done():
            self.body.append(data)

    def on_message_complete(self) -> None:
        if self.is_in_body:
            self._finish()
        else:
            self.headers.clear()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.done.done():
            return
        if self.is_in_body and self._ends_with_connection and exc is None:
            self._finish()  # RFC 9112, section 6.3: such a body ends with the connection
        elif self.is_in_body:
            self.cut = "the server closed the connection in the middle of the body"
            self._finish()
        elif self._received:
            self._fail("the server closed the connection in the middle of the header")
        else:
            self._fail("the server closed the connection without a response")

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _fail(self, problem: str) -> None:
        if not self.done.done():
            self.done.set_exception(ExchangeError(problem))

    def _header_too_large(self) -> str:
        return f"the header is longer than {self._limits.max_header_size:,} bytes (max_header_size)"

    def _body_too_large(self) -> str:
        is_compressed = any(name.lower() == b"content-encoding" for name, _ in self.headers)
        how = " compressed" if is_compressed else ""
        return f"is more than {self._limits.max_download:,} bytes{how} (max_download)"
