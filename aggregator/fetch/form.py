"""Sends forms to web servers: what WebSub asks of publishers and subscribers (RFC 1866, 8.2.1).

Takes forms; gives what each server answered, or why there is no answer.  A form goes only to where
it may (``guard``, at the address that is dialled), over one exchange of ``wire``; the answer's body
is nobody's and its size bounded.  Redirects are followed where they keep the method (307 and 308,
WebSub, section 5.1), and never from TLS into the clear: a form may hold a secret.

Loading this module loads httpx, which takes 0.2 s.  Who needs the types alone imports ``exchange``.
"""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from urllib.parse import urlencode

import httpx

from aggregator.fetch.exchange import ExchangeError, Form, Limits, Posted
from aggregator.fetch.headers import read
from aggregator.fetch.resolve import Resolve, Resolver
from aggregator.fetch.turns import LeftAloneError, Turns
from aggregator.fetch.wire import Wire
from aggregator.normalise.addresses import LAST_PORT, display_address, host_of

_REDIRECTS = {307, 308}
_MOST_READ = 65_536  # bytes of an answer that nobody looks at


def post_all(
    forms: Sequence[Form],
    *,
    limits: Limits,
    user_agent: str,
    now: datetime,
    concurrency: int = 8,
    delay: float | None = None,
    resolve: Resolve | None = None,
    authorities: ssl.SSLContext | None = None,
) -> list[Posted]:
    """What became of each of ``forms``, in their order; many are sent at once.

    With a ``delay``, in seconds, hosts have turns: one form at a time, and so long until the next.
    ``limits`` hold for each form, time in which its turn is waited for not counted.
    """
    if not forms:
        return []
    sender = _Sender(limits, user_agent, now, resolve, authorities)
    return asyncio.run(sender.send_all(forms, concurrency, delay))


class _Sender:
    def __init__(
        self,
        limits: Limits,
        user_agent: str,
        now: datetime,
        resolve: Resolve | None,
        authorities: ssl.SSLContext | None,
    ) -> None:
        small = {"max_download": _MOST_READ, "max_body": _MOST_READ}
        self._limits = Limits(
            connect_timeout=limits.connect_timeout,
            timeout=limits.timeout,
            max_header_size=limits.max_header_size,
            max_redirects=limits.max_redirects,
            **small,
        )
        self._now = now
        self._resolve = resolve
        self._authorities = authorities
        name = "".join(sign if sign.isprintable() else " " for sign in user_agent)
        self._headers = [
            (b"User-Agent", name.encode("ascii", "replace")),
            (b"Content-Type", b"application/x-www-form-urlencoded"),
            (b"Connection", b"close"),
        ]

    async def send_all(
        self, forms: Sequence[Form], concurrency: int, delay: float | None
    ) -> list[Posted]:
        self._wire = Wire(self._limits, self._resolve or Resolver(), self._authorities)
        self._slots = asyncio.Semaphore(concurrency)
        self._turns = Turns(delay, concurrency) if delay is not None else None
        return await asyncio.gather(*map(self._send, forms))

    async def _send(self, form: Form) -> Posted:
        try:
            return await self._follow(form)
        except ExchangeError as error:
            return Posted(form=form, error=str(error))
        except LeftAloneError as error:
            seconds = max(0, round((error.until - self._now).total_seconds()))
            return Posted(form=form, error="asked to be left alone", retry_after=seconds)

    async def _follow(self, form: Form) -> Posted:
        url, spent = _url(form.address), 0.0
        clock = asyncio.get_running_loop().time
        content = urlencode(form.fields).encode("ascii")
        for _ in range(self._limits.max_redirects + 1):
            async with self._turn(url):
                start = clock()
                request = httpx.Request(
                    "POST",
                    url,
                    headers=self._headers,
                    content=content,
                    extensions={
                        "allow_private": form.allow_private,
                        "deadline": start + self._limits.timeout - spent,
                    },
                )
                try:
                    response = await self._wire.handle_async_request(request)
                finally:
                    spent += clock() - start
            said = read(response.headers.raw, str(url), self._now)
            if response.status_code not in _REDIRECTS or not said.location:
                return Posted(form=form, status=response.status_code, retry_after=said.retry_after)
            url = _onward(url, said.location)
        most = self._limits.max_redirects
        raise ExchangeError(f"leads on more than {most} times (max_redirects)")

    def _turn(self, url: httpx.URL) -> AbstractAsyncContextManager[None]:
        return self._slots if self._turns is None else self._turns.at(host_of(str(url)))


def _url(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise ExchangeError("is no address that can be asked") from error
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise ExchangeError("is no address that can be asked")
    if url.port is not None and not 0 < url.port <= LAST_PORT:
        raise ExchangeError("is no address that can be asked")
    return url.copy_with(fragment=None)


def _onward(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads."""
    try:
        onward = _url(str(url.join(location.strip())))
    except (httpx.InvalidURL, ExchangeError) as error:
        raise ExchangeError(f"leads to {display_address(location)}, which is no address") from error
    if url.scheme == "https" and onward.scheme != "https":
        raise ExchangeError(f"leads to {display_address(str(onward))}, which is not encrypted")
    return onward
