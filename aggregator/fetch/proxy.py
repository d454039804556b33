"""One exchange through a proxy, by httpx's own transport.

Takes a request and the address of the proxy; returns the response with its body as it was sent,
within the limits, or raises ``ExchangeError``, whose text holds no part of that address.  The proxy
looks the host up and connects to it, so only what the address itself shows can be checked: whether
it is a number, or a name of this machine (``guard``).
"""

import asyncio
import ssl
from socket import inet_aton, inet_ntoa

import httpx

from aggregator.fetch.exchange import ExchangeError, Limits
from aggregator.fetch.guard import is_local, is_public

Received = tuple[int, list[tuple[bytes, bytes]], list[bytes], str | None]
"""A status, headers, the parts of a body, and why it ended early, if it did."""


async def exchange(
    request: httpx.Request,
    proxy: str,
    *,
    limits: Limits,
    deadline: float,
    authorities: ssl.SSLContext,
    of_proxy: ssl.SSLContext,
) -> Received:
    """Send ``request``; ``authorities`` are those of its host, ``of_proxy`` those of the proxy."""
    if _is_local(request.url) and not request.extensions.get("allow_private", False):
        raise ExchangeError(
            "is not a public address, which no proxy is asked for"
            " (allow_private = true in its table permits it)"
        )
    wait = limits.connect_timeout
    timeout = httpx.Timeout(limits.timeout, connect=wait)
    request.extensions["timeout"] = timeout.as_dict()
    is_tls = proxy.startswith("https:")
    through = httpx.Proxy(proxy, ssl_context=of_proxy if is_tls else None)
    try:
        async with (
            asyncio.timeout_at(deadline),
            httpx.AsyncHTTPTransport(verify=authorities, proxy=through) as transport,
        ):
            return await _read(await transport.handle_async_request(request), limits)
    except httpx.ConnectTimeout as error:
        raise ExchangeError(f"no connection through the proxy within {wait:g} s") from error
    except (TimeoutError, httpx.TimeoutException) as error:
        seconds = f"{limits.timeout:g} s"
        raise ExchangeError(f"no response through the proxy within {seconds}") from error
    except httpx.ProxyError as error:
        reason = str(error)[:100].lower()
        raise ExchangeError(f"the proxy refused ({ascii(reason)[1:-1]})") from error
    except httpx.ConnectError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise ExchangeError("its certificate is not valid (through the proxy)") from error
        raise ExchangeError("no connection through the proxy") from error
    except (httpx.TransportError, OSError) as error:
        name = type(error).__name__
        raise ExchangeError(f"the exchange through the proxy failed ({name})") from error


def _is_local(url: httpx.URL) -> bool:
    """Return whether a host is not public by its text, numbers such as ``0x7f.1`` included."""
    try:
        return not is_public(inet_ntoa(inet_aton(url.host)))
    except (OSError, UnicodeEncodeError):
        return is_local(str(url))


async def _read(response: httpx.Response, limits: Limits) -> Received:
    fields = response.headers.raw
    most = limits.max_header_size
    if sum(len(name) + len(value) + 4 for name, value in fields) > most:
        raise ExchangeError(f"the header is longer than {most:,} bytes (max_header_size)")
    parts: list[bytes] = []
    size = 0
    if response.is_success:  # else a page for people, which nobody reads
        try:
            async for part in response.aiter_raw():
                size += len(part)
                if size > limits.max_download:
                    most = limits.max_download
                    raise ExchangeError(f"is more than {most:,} bytes (max_download)")
                parts.append(part)
        except (httpx.RemoteProtocolError, httpx.ReadError):
            cut = "the connection through the proxy ended in the middle of the body"
            return response.status_code, fields, parts, cut
    return response.status_code, fields, parts, None
