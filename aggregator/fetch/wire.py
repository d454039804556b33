"""One HTTP/1.1 exchange over one connection: a transport for httpx.

Takes a request; looks its host up, dials an address that may be dialled, and gives the answer
whole, unpacked and within the limits, or an ``ExchangeError``.  Redirects, turns and what headers
mean are ``http``'s.

httpx' own transport costs several times the CPU of this one, and what matters here would have to be
put around it: the check of the address that is dialled, the size of header and body, words for what
went wrong.  Every exchange has a connection of its own, which is
closed after it: no connection can serve another host, or a second request that it was not made for,
and 10,000 sources keep none open.  The parsing is llhttp's.
"""

import asyncio
import ssl
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, zip_longest
from typing import cast

import certifi
import httptools
import httpx

from aggregator.fetch.encoding import unpacked
from aggregator.fetch.exchange import ExchangeError, Limits
from aggregator.fetch.guard import dialable
from aggregator.fetch.resolve import Resolve
from aggregator.normalise.addresses import PORTS

_MOST_DIALLED = 4  # addresses of one host, before it counts as not there
# What old servers do and every browser takes.  Two readers that understand one answer differently
# would be the danger, and there is no second answer on a connection that could begin elsewhere.
_LENIENCIES = {
    "lenient_headers": True,  # folded lines (RFC 9112, section 5.2), control characters
    "lenient_chunked_length": True,  # chunks, and a length besides, which does not count
    "lenient_optional_cr_before_lf": True,
    "lenient_spaces_after_chunk_size": True,
}
_LENGTHS = {b"content-length", b"transfer-encoding", b"content-encoding"}


@lru_cache(maxsize=1)
def trusted() -> ssl.SSLContext:
    """What certificates are checked against: the system's authorities and certifi's.

    Made once, for that takes some 30 ms.  Certificates and names are always verified.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


class Wire(httpx.AsyncBaseTransport):
    """The transport.  ``authorities`` stands in for ``trusted()`` in tests.

    A request's extensions may say ``allow_private`` (bool) and ``deadline``, the loop's time at
    which it must be done.
    """

    def __init__(
        self, limits: Limits, resolve: Resolve, authorities: ssl.SSLContext | None = None
    ) -> None:
        self._limits = limits
        self._resolve = resolve
        self._authorities = authorities

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer; its body is empty unless its status is from 200 to 299.

        Raises ``ExchangeError``.
        """
        loop = asyncio.get_running_loop()
        deadline = request.extensions.get("deadline", loop.time() + self._limits.timeout)
        reply = _Reply(self._limits, loop)
        try:
            async with asyncio.timeout_at(deadline):
                await self._dial(request, reply)
                reply.send(_sent(request))
                await reply.done
        except TimeoutError as error:
            raise ExchangeError(reply.lateness()) from error
        finally:
            reply.hang_up()
        return self._response(reply)

    async def _dial(self, request: httpx.Request, reply: "_Reply") -> None:
        """Connect ``reply`` to the first address of the host that takes the connection."""
        url = request.url
        host = url.raw_host.decode("ascii")
        port = url.port or PORTS[url.scheme]
        addresses = dialable(
            _turn_about(await self._resolve(host, port)),
            allow_private=request.extensions.get("allow_private", False),
        )
        if not addresses:
            raise ExchangeError("there is no such host")
        tls = (self._authorities or trusted()) if url.scheme == "https" else None
        dialled = addresses[:_MOST_DIALLED]
        for number, address in enumerate(dialled, 1):
            is_last = number == len(dialled)
            # An address that swallows packets must not use up the time of those after it.
            seconds = self._limits.connect_timeout / (1 if is_last else len(dialled))
            try:
                await self._connect(reply, address, port, tls, host, seconds)
            except ExchangeError:
                if is_last:
                    raise
            else:
                return

    async def _connect(
        self,
        reply: "_Reply",
        address: str,
        port: int,
        tls: ssl.SSLContext | None,
        host: str,
        seconds: float,
    ) -> None:
        """Connect to the numeric ``address``; the certificate must be for ``host`` all the same."""
        loop = asyncio.get_running_loop()
        name = host.rstrip(".") if tls else None
        try:
            async with asyncio.timeout(seconds):
                await loop.create_connection(
                    lambda: reply, address, port, ssl=tls, server_hostname=name
                )
        except TimeoutError as error:
            raise ExchangeError(
                f"no connection within {self._limits.connect_timeout:g} s"
            ) from error
        except ssl.SSLCertVerificationError as error:
            reason = _tidy(error.verify_message)
            raise ExchangeError(f"its certificate is not valid: {reason}") from error
        except ssl.SSLError as error:
            raise ExchangeError(f"TLS failed: {_tidy(error.reason)}") from error
        except ConnectionRefusedError as error:
            raise ExchangeError("the server refused the connection") from error
        except ConnectionError as error:
            raise ExchangeError("the server closed the connection at once") from error
        except OSError as error:
            raise ExchangeError(f"no connection: {_tidy(error.strerror or str(error))}") from error

    def _response(self, reply: "_Reply") -> httpx.Response:
        codings = b",".join([v for n, v in reply.headers if n.lower() == b"content-encoding"])
        body = unpacked(b"".join(reply.body), codings.decode("latin-1"), self._limits.max_body)
        # What describes the body as it was sent would be wrong of this one.
        headers = [field for field in reply.headers if field[0].lower() not in _LENGTHS]
        return httpx.Response(reply.status, headers=headers, stream=httpx.ByteStream(body))


def _turn_about(addresses: Sequence[str]) -> Sequence[str]:
    """Addresses of both families by turns, for one of the two may lead nowhere (RFC 8305)."""
    if len(addresses) < 3:
        return addresses
    first = [address for address in addresses if (":" in address) == (":" in addresses[0])]
    other = [address for address in addresses if address not in first]
    return [address for address in chain(*zip_longest(first, other)) if address]


def _sent(request: httpx.Request) -> bytes:
    """A request, whole."""
    target = request.url.raw_path
    fields = b"".join(b"%b: %b\r\n" % field for field in request.headers.raw)
    start = b"%b %b HTTP/1.1\r\n" % (request.method.encode("ascii"), target)
    return b"%b%b\r\n%b" % (start, fields, request.content)


def _tidy(reason: str | None) -> str:
    return (reason or "no reason given")[:150].replace("_", " ").rstrip(".").lower()


class _Reply(asyncio.Protocol):
    """What comes back over one connection; ``done`` is set once there is enough of it.

    httptools calls the ``on_`` methods while it is fed.
    """

    def __init__(self, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        self.done: asyncio.Future[None] = loop.create_future()
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: list[bytes] = []
        self._limits = limits
        self._parser = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(**_LENIENCIES)
        self._transport: asyncio.Transport | None = None
        self._received = 0
        self._head_size = 0
        self._body_size = 0
        self._is_in_body = False
        self._ends_with_connection = False

    def send(self, data: bytes) -> None:
        """Send the request."""
        assert self._transport is not None
        self._transport.write(data)

    def hang_up(self) -> None:
        """Close the connection, if there is one, whatever is under way on it."""
        if self.done.done() and not self.done.cancelled():
            self.done.exception()  # so that asyncio does not report it as never looked at
        else:
            self.done.cancel()
        if self._transport is not None:
            self._transport.abort()

    def lateness(self) -> str:
        """Why the time ran out."""
        seconds = f"{self._limits.timeout:g} s"
        if self._received:
            return f"the answer came too slowly: not whole within {seconds}"
        if self._transport is None:
            return f"no connection within {seconds}"
        return f"no answer within {seconds}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self.done.done():
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail("the server wants to go on in another protocol")
        except httptools.HttpParserError as error:
            where = " in the middle of the body" if self._is_in_body else ""
            self._fail(f"the server does not speak HTTP{where} ({_tidy(str(error))})")
        if not self._is_in_body and self._received > self._limits.max_header_size:
            self._fail(self._too_much_header())
        # Chunks have headers too, which count nowhere else.
        if self._received > self._limits.max_header_size + 2 * self._limits.max_download:
            self._fail(self._too_much_body())

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_size += len(name) + len(value) + 4
        if self._head_size > self._limits.max_header_size:
            self._fail(self._too_much_header())
        elif not self._is_in_body:  # else it is a trailer
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self.status < 200:  # 100 Continue, 103 Early Hints: the answer is still to come
            return
        self._is_in_body = True
        if not 200 <= self.status < 300:
            # What a person would read; 429 and its Retry-After count however that page is sent.
            self._finish()
            return
        lengths = {
            value.strip() for name, value in self.headers if name.lower() == b"content-length"
        }
        codings = [v for name, v in self.headers if name.lower() == b"transfer-encoding"]
        if codings and b",".join(codings).strip().lower() != b"chunked":
            self._fail("the body is in a transfer coding that was not asked for")
        self._ends_with_connection = not lengths and not codings
        if not codings and any(int(n) > self._limits.max_download for n in lengths if n.isdigit()):
            self._fail(self._too_much_body())

    def on_body(self, data: bytes) -> None:
        self._body_size += len(data)
        if self._body_size > self._limits.max_download:
            self.body.clear()
            self._fail(self._too_much_body())
        elif not self.done.done():
            self.body.append(data)

    def on_message_complete(self) -> None:
        if self._is_in_body:
            self._finish()
        else:
            self.headers.clear()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.done.done():
            return
        if self._is_in_body and self._ends_with_connection and exc is None:
            self._finish()  # RFC 9112, section 6.3: such a body ends where the connection does
        elif self._is_in_body:
            self._fail("the server closed the connection in the middle of the body")
        elif self._received:
            self._fail("the server closed the connection in the middle of the header")
        else:
            self._fail("the server closed the connection without an answer")

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _fail(self, problem: str) -> None:
        if not self.done.done():
            self.done.set_exception(ExchangeError(problem))

    def _too_much_header(self) -> str:
        return f"the header is longer than {self._limits.max_header_size:,} bytes (max_header_size)"

    def _too_much_body(self) -> str:
        how = (
            " compressed" if any(n.lower() == b"content-encoding" for n, _ in self.headers) else ""
        )
        return f"is more than {self._limits.max_download:,} bytes{how} (max_download)"
