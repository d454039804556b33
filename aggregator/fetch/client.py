"""Fetches documents from web servers and posts forms to them: politely and within limits.

Takes a ``FetchRequest`` or a ``Form``; returns the response at the end of its redirects, or raises
a ``FetchError`` whose text is one line for people.  httpx does redirects, cookies and
authentication, over the transport of this package (``transport``), which checks the address of
every connection.  When to poll again is decided by ``politeness``, what the bytes mean by
``parse``.

Importing this module imports httpx, which takes 0.2 s: import it where there is something to fetch,
and ``exchange`` for the types alone.
"""

import asyncio
import hashlib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx

from aggregator.errors import FetchError
from aggregator.fetch.exchange import (
    BackoffFetchError,
    ExchangeError,
    FetchRequest,
    FetchResponse,
    Form,
    FormResponse,
    HostBackoffError,
    Limits,
    ResponseHeaders,
)
from aggregator.fetch.headers import read_headers
from aggregator.fetch.host_limiter import HostLimiter
from aggregator.fetch.resolve import Resolve, Resolver
from aggregator.fetch.transport import GuardedTransport
from aggregator.model import RequestSettings
from aggregator.normalise.addresses import LAST_PORT, PORTS, display_address, host_key

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9,"
    " application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5,"
    " text/plain;q=0.5, */*;q=0.1"
).encode("ascii")
_PERMANENT = {301, 308}
_OVERLOADED = {429, 503}
_SHA256_OF_NOTHING = hashlib.sha256().hexdigest()
_MAX_FORM_RESPONSE = 65_536  # bytes; nobody reads them

_Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class RedirectChain:
    """The addresses of one exchange so far, without credentials.

    ``permanent`` is as in ``FetchResponse``; ``is_permanent``: every redirect so far was.
    ``spent`` is in seconds.
    """

    seen: list[str]
    permanent: str | None = None
    is_permanent: bool = True
    spent: float = 0.0

    def __str__(self) -> str:
        """Return the chain for people: its start, and where it is now."""
        start = display_address(self.seen[0])
        return f"{start}: leads to {display_address(self.seen[-1])}" if self.seen[1:] else start

    def follow(self, response: httpx.Response, url: httpx.URL, most: int) -> None:
        """Add where a redirect leads; raises ``ExchangeError`` if it must not be followed.

        A page may send a visitor on to itself, or back, with a cookie that it wants to see.
        """
        status, has_cookie = response.status_code, "set-cookie" in response.headers
        address = str(url)
        if problem := _url_problem(url):
            raise ExchangeError(f"leads to {display_address(address)}, which {problem}")
        if address in self.seen and not (has_cookie and self.seen.count(address) == 1):
            raise ExchangeError(f"redirects in a circle, to {display_address(address)}")
        if len(self.seen) > most:
            raise ExchangeError(f"redirects more than {most} times (max_redirects)")
        self.seen.append(address)
        self.is_permanent = self.is_permanent and status in _PERMANENT
        if self.is_permanent:
            self.permanent = address


class Client:
    """An HTTP client that keeps no connection, and no cookie beyond one exchange.

    ``user_agent`` should say how to reach its operator.  ``now`` is the clock (aware, UTC).
    Clients that share a ``limiter`` wait for each other; without one there is no delay.  Tests
    replace the DNS lookup by ``resolve`` and the certificate authorities by ``authorities``.
    Environment variables for proxies are not read.
    """

    def __init__(
        self,
        limits: Limits,
        user_agent: str,
        *,
        now: Callable[[], datetime],
        limiter: HostLimiter | None = None,
        resolve: Resolve | None = None,
        authorities: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._now = now
        self._limiter = limiter or HostLimiter(0, 1000, now=now)
        self._transport = GuardedTransport(limits, user_agent, resolve or Resolver(), authorities)
        self._spare: list[httpx.AsyncClient] = []

    async def get(
        self, wanted: FetchRequest, on_turn: Callable[[], None] = lambda: None
    ) -> FetchResponse:
        """Fetch a document; the response may have any status.

        A conditional request also offers ``A-IM: feed`` (RFC 3229), so that a server may send only
        what is new.  ``on_turn`` is called before the first request is sent, and what it raises
        ends the call.  Raises ``FetchError`` if there is no response, and its subclass
        ``BackoffFetchError`` if a host asked for no requests.
        """
        chain = RedirectChain([wanted.address])
        try:
            url = _url(wanted.address)
            auth = httpx.BasicAuth(url.username, url.password) if url.userinfo else None
            chain.seen = [str(bare := _without_userinfo(url))]
            sent = [(b"Accept", _ACCEPT), *_conditions(wanted)]
            request = httpx.Request("GET", bare, headers=sent)
            request.extensions["allow_private"] = wanted.allow_private
            response, headers, backoff = await self._exchange(
                request, chain, auth, on_turn, wanted.source, wanted.settings
            )
            if response.status_code == 304 and not wanted.is_conditional:
                raise ExchangeError("responded with 304 (not modified) to an unconditional request")
        except HostBackoffError as error:
            raise BackoffFetchError(wanted.source, f"{chain}: {error}", error.turn) from error
        except ExchangeError as error:
            raise FetchError(wanted.source, f"{chain}: {error}") from error
        body: bytes = response.extensions["body"]
        return FetchResponse(
            status=response.status_code,
            address=chain.seen[-1],
            permanent=chain.permanent,
            body=body,
            sha256=hashlib.sha256(body).hexdigest() if body else _SHA256_OF_NOTHING,
            headers=headers,
            until=backoff[0] if backoff else None,
            turn=backoff[1] if backoff else None,
            backed_off=backoff[2] if backoff else None,
        )

    async def post(self, form: Form) -> FormResponse:
        """Post a form.

        Redirects are followed where they keep the method (307 and 308; WebSub, section 5.1), and
        never from https to http: a form may hold a secret.  With a body none is followed.
        """
        try:
            url = _url(form.address)
            if url.userinfo:
                raise ExchangeError("must not hold a user or a password")
            chain = RedirectChain([str(url)])
            if form.body is None:
                request = httpx.Request("POST", url, data=dict(form.fields))
            else:
                request = httpx.Request("POST", url, content=form.body, headers=dict(form.headers))
                request.extensions["only_header"] = True
            request.extensions["allow_private"] = form.allow_private
            response, headers, _ = await self._exchange(
                request, chain, None, lambda: None, settings=form.settings
            )
        except HostBackoffError as error:
            seconds = max(0, round((error.until - self._now()).total_seconds()))
            return FormResponse(form=form, error=str(error), retry_after=seconds)
        except ExchangeError as error:
            return FormResponse(form=form, error=str(error))
        return FormResponse(form=form, status=response.status_code, retry_after=headers.retry_after)

    async def _exchange(
        self,
        request: httpx.Request,
        chain: RedirectChain,
        auth: httpx.BasicAuth | None,
        on_turn: Callable[[], None],
        who: str = "",
        settings: RequestSettings | None = None,
    ) -> tuple[httpx.Response, ResponseHeaders, tuple[datetime, datetime, str] | None]:
        """Send ``request`` of ``who`` and what it is redirected to, each in its host's turn.

        Also returns until when the last host or path is backed off, when to come again, and which
        of the two it is, if one is.  Raises ``ExchangeError``.
        """
        backoff: tuple[datetime, datetime, str] | None = None
        origin, method = _origin(request.url), request.method
        own = _origin(httpx.URL(settings.location)) if settings else None
        client: httpx.AsyncClient | None = None  # one for the exchange, where one is needed
        try:
            while True:
                scheme, host = _origin(request.url)
                # Credentials are for their own origin only, also when a redirect returns to it.
                allowed = auth if (scheme, host) == origin else None
                if settings is not None:
                    _apply(settings, request, is_own=(scheme, host) == own)
                path = request.url.raw_path.decode("ascii")
                async with self._limiter.turn(host, who, path):
                    on_turn()
                    response = None
                    if client is None and allowed is None:
                        response = await self._send_plain(request, chain)
                    if response is None:
                        client = client or self._a_client()
                        response = await self._send(client, request, chain, allowed)
                    headers = read_headers(response.headers.raw, chain.seen[-1], self._now())
                    if response.status_code < 500 and response.status_code != 429:
                        self._limiter.responded(host)
                    elif response.status_code in _OVERLOADED and headers.retry_after:
                        wait = min(headers.retry_after, self._limits.longest_backoff)
                        until = _rounded_up(self._now() + timedelta(seconds=wait))
                        key, turn = self._limiter.back_off(host, until, response.status_code, path)
                        backoff = until, turn, key
                following = response.next_request
                is_followed = "only_header" not in request.extensions
                if following is None or following.method != method or not is_followed:
                    return response, headers, backoff
                following.url = _without_userinfo(following.url)
                if method == "POST" and (scheme, following.url.scheme) == ("https", "http"):
                    address = display_address(str(following.url))
                    raise ExchangeError(f"leads to {address}, which is not encrypted")
                chain.follow(response, following.url, self._limits.max_redirects)
                request, on_turn = following, lambda: None
        finally:
            if client is not None:
                client.cookies.clear()  # no other source sees them
                self._spare.append(client)

    def _a_client(self) -> httpx.AsyncClient:
        if self._spare:
            return self._spare.pop()
        return httpx.AsyncClient(transport=self._transport, trust_env=False)

    async def _send_plain(
        self, request: httpx.Request, chain: RedirectChain
    ) -> httpx.Response | None:
        """Send ``request`` without httpx's client, which takes a third of the time of a 304.

        Returns None if it has to go on with the response: a redirect, or one with a cookie.
        """
        with self._timed(request, chain):
            response = await self._transport.handle_async_request(request)
        if not response.has_redirect_location and "set-cookie" not in response.headers:
            return response
        request.extensions["received"] = response
        return None

    @contextmanager
    def _timed(self, request: httpx.Request, chain: RedirectChain) -> Iterator[None]:
        """Give ``request`` what is left of the time of its exchange, and count what it takes."""
        clock = asyncio.get_running_loop().time
        start = clock()
        request.extensions["deadline"] = start + self._limits.timeout - chain.spent
        try:
            yield
        finally:
            chain.spent += clock() - start

    async def _send(
        self,
        client: httpx.AsyncClient,
        request: httpx.Request,
        chain: RedirectChain,
        auth: httpx.BasicAuth | None,
    ) -> httpx.Response:
        try:
            with self._timed(request, chain):
                return await client.send(request, auth=auth, follow_redirects=False, stream=True)
        except (
            httpx.RemoteProtocolError,
            httpx.InvalidURL,
            UnicodeError,
        ) as error:  # of a Location
            reason = display_address(str(error)).rstrip(".")
            raise ExchangeError(f"leads to what is not an address ({reason})") from error


def post_all(
    forms: Sequence[Form],
    *,
    limits: Limits,
    user_agent: str,
    now: Callable[[], datetime],
    concurrency: int = 8,
    delay: float | None = None,
    resolve: Resolve | None = None,
    authorities: ssl.SSLContext | None = None,
) -> list[FormResponse]:
    """Post ``forms`` at the same time; return their results in order.

    With a ``delay``, in seconds, each host gets one form at a time, with so long between two.
    """
    if not forms:
        return []

    async def post() -> list[FormResponse]:
        per_host = concurrency if delay is None else 1
        client = Client(
            replace(limits, max_download=_MAX_FORM_RESPONSE, max_body=_MAX_FORM_RESPONSE),
            user_agent,
            now=now,
            limiter=HostLimiter(delay or 0, concurrency, per_host=per_host, now=now),
            resolve=resolve,
            authorities=authorities,
        )
        return await asyncio.gather(*map(client.post, forms))

    return asyncio.run(post())


def _rounded_up(moment: datetime) -> datetime:
    """Return a whole second, as times are stored, that is not too early."""
    return moment + timedelta(microseconds=-moment.microsecond % 1_000_000)


def _url(address: str) -> httpx.URL:
    """Return ``address`` as a URL that can be requested; raises ``ExchangeError``."""
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, UnicodeError) as error:
        # The reason may quote what is before an @, a password.
        reason = "" if "@" in address else f" ({display_address(str(error)).rstrip('.')})"
        raise ExchangeError(f"is not an address that can be requested{reason}") from error
    if problem := _url_problem(url):
        raise ExchangeError(problem)
    return url


def _url_problem(url: httpx.URL) -> str | None:
    if url.scheme not in PORTS or not url.raw_host:
        return "is neither http nor https"
    try:
        url.host  # noqa: B018  a name in ASCII is decoded only now, and may be no name
    except UnicodeError:
        return "is not an address that can be requested"
    if url.port is not None and not 0 < url.port <= LAST_PORT:  # httpx takes any number
        return "is not an address that can be requested"
    return None


def _without_userinfo(url: httpx.URL) -> httpx.URL:
    """Return ``url`` without its credentials and its fragment."""
    if url.userinfo or url.fragment:
        return url.copy_with(userinfo=b"", fragment=None)
    return url


def _origin(url: httpx.URL) -> tuple[str, str]:
    """Return the scheme and the host with its port (RFC 6454)."""
    host = url.raw_host.decode("ascii")
    return url.scheme, host_key(host, url.port or PORTS.get(url.scheme, 0))


def _apply(settings: RequestSettings, request: httpx.Request, *, is_own: bool) -> None:
    """Add to ``request`` what its source has for its own origin, else remove it.

    A cookie of the source goes before those of the exchange, which httpx puts on each request anew.
    """
    for name, value in settings.headers:
        if not is_own:
            if name != "Cookie":
                request.headers.pop(name, None)
        elif name == "Cookie" and (more := request.headers.get(name)):
            request.headers[name] = f"{value}; {more}"
        else:
            request.headers[name] = value
    request.extensions["user_agent"] = settings.user_agent
    request.extensions["proxy"] = settings.proxy
    request.extensions["ca_file"] = settings.ca_file if is_own else None


def _conditions(wanted: FetchRequest) -> _Headers:
    """Return the headers of a conditional request (RFC 9110, section 13.1)."""
    headers = _header(b"If-None-Match", wanted.etag)
    headers += _header(b"If-Modified-Since", wanted.last_modified)
    return [*headers, (b"A-IM", b"feed")] if headers else []


def _header(name: bytes, value: str | None) -> _Headers:
    """Return a header, unless its value could end it and start another."""
    if not value or any(sign in value for sign in "\r\n\0"):
        return []
    try:
        return [(name, value.encode("latin-1"))]
    except UnicodeEncodeError:
        return []
