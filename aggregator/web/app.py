"""The ASGI application: routes requests to files, pages, health checks and callbacks.

Takes a ``ServedSite``.  Every request gets a response; internal errors go to the log, not to the
client.  Limits on connections are in ``connections``.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import formatdate
from functools import lru_cache, partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aggregator.errors import AggregatorError, StoreChangedError
from aggregator.output.formats.names import NOT_FOUND
from aggregator.web import pages
from aggregator.web.callbacks import DisconnectedError
from aggregator.web.files import CHUNK, FileCache
from aggregator.web.media import DATA_HEADERS, PREFLIGHT_HEADERS, links_of
from aggregator.web.negotiation import (
    RequestHeaders,
    has_body,
    prefers_json,
    prefers_page,
    used_headers,
)
from aggregator.web.paths import MAX_TARGET, below, file_name
from aggregator.web.pool import BoundedPool, UnavailableError
from aggregator.web.response import CLOSE, Response, compressed, error, text, with_body
from aggregator.web.search_query import (
    MAX_LIMIT,
    PAGE_SIZE,
    StatusQuery,
    parse,
    parse_status,
)
from aggregator.web.site import ServedSite

MAX_WAIT = 10.0
"""Seconds that a page may take to make."""

T = TypeVar("T")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_TRIES = 3  # to read a copy of the store that is being written

_METRICS_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
_REVALIDATE = (b"cache-control", b"no-cache")

# Any other request, well-formed or not, is parsed by uvicorn.
_PLAIN_REQUEST = re.compile(
    rb"(GET|HEAD) (/[!-~]*) HTTP/1\.1\r\n((?:[!#-'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n)*)\r\n"
)
_ENTRY = re.compile(r"entries/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.html")
_NOT_PLAIN = {b"content-length", b"expect", b"transfer-encoding", b"upgrade"}

_log = logging.getLogger("aggregator.web")


def _now() -> datetime:
    return datetime.now(UTC)


def app(site: ServedSite, *, now: Callable[[], datetime] = _now) -> "App":
    """The application that serves ``site``; ``now`` returns the time in UTC."""
    return App(site, now)


class App:
    """An ASGI 3 application for HTTP.  Belongs to the event loop that it is first called in."""

    def __init__(self, site: ServedSite, now: Callable[[], datetime]) -> None:
        self.site = site
        self._now = now
        path = urlsplit(site.base_url).path.strip("/")
        prefix = f"/{path}/" if path else "/"
        self.files = FileCache(
            site.output,
            now,
            links=lambda name: links_of(name, self.site.base_url, self.site.hub),
            # The page for what is not there is shown at any address.
            root_of=lambda name: prefix if name == NOT_FOUND else "../" * name.count("/"),
        )
        self._prefix = prefix.encode()
        # Two pools, so that many searches cannot make the program seem dead.
        self._searches = BoundedPool("search", threads=2, room=64, seconds=MAX_WAIT)
        self._checks = BoundedPool("checks", threads=2, room=8, seconds=MAX_WAIT)
        self._logged = ""
        self._pages: dict[bytes, Callable[[bytes, RequestHeaders], Awaitable[Response]]] = {
            b"/healthz": self._alive,
            b"/readyz": self._ready,
            b"/metrics": self._metrics,
            b"/status": self._status,
            b"/search": self._search,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"only HTTP is served, not {scope['type']}")
        headers = used_headers(scope["headers"])
        response = await self._respond(scope, headers, receive)
        # Unread content cannot be told from the next request; only callbacks read any.
        if has_body(headers) or scope["method"] not in ("GET", "HEAD"):
            response = response.adding(CLOSE)
        self.site.count(response.status)
        head = list(response.headers)
        await send({"type": "http.response.start", "status": response.status, "headers": head})
        if scope["method"] != "HEAD":
            for chunk in _chunks(response.body) if response.stream is None else response.stream():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def from_memory(self, request: bytes) -> tuple[bytes, bytes] | None:
        """Head and body of the response to a plain request for a file that is in memory.

        ``request`` is its head as sent.  None where the application has to be called.
        """
        parsed = _plain_request(request)
        if parsed is None:
            return None
        method, target, headers = parsed
        file = self.files.cached(b"/index.html" if target == b"/" else target)
        if file is None:
            return None
        response = file.respond(headers)
        if response.stream is not None:
            return None
        self.site.count(response.status)
        head = b"%scache-control: %s\r\ndate: %s\r\n\r\n" % (
            response.head,
            self._cache_control(),
            _http_date(int(time.time())),
        )
        return head, b"" if method == b"HEAD" else response.body

    def close(self) -> None:
        """Start no more work."""
        self.files.close()
        self._searches.close()
        self._checks.close()

    def _cache_control(self) -> bytes:
        return b"public, max-age=%d" % self.site.max_age

    async def _respond(self, scope: Scope, headers: RequestHeaders, receive: Receive) -> Response:
        try:
            response = await self._route(scope, headers, receive)
        except UnavailableError as reason:
            response = error(503, f"{reason}; try again later", (b"retry-after", b"5"))
        except DisconnectedError:
            return error(400, "the request ended too early", CLOSE)
        except Exception:
            _log.exception("internal error in a request: %s", scope.get("path", "")[:200])
            return error(500, "internal error; see the log")
        if not response.reason:
            return response
        if prefers_json(headers):
            return pages.error_json(response)
        if not prefers_page(headers):
            return response
        path = below(_raw_path(scope), self._prefix)
        file = await self.files.get(NOT_FOUND) if response.status == 404 else None
        body = file.plain.full.body if file is not None else None
        # In a thread, because the first page takes a while.
        return await asyncio.to_thread(
            pages.error_page, self.site, self._prefix, path, response, body
        )

    async def _route(self, scope: Scope, headers: RequestHeaders, receive: Receive) -> Response:
        path, query = _raw_path(scope), scope.get("query_string", b"")
        method = scope["method"]
        if len(path) + len(query) > MAX_TARGET:
            return error(414, "the address is too long", CLOSE)
        hubs = self.site.callbacks
        if hubs is not None and (token := hubs.token(path, self._prefix)) is not None:
            return await hubs.respond(method, token, query, scope["headers"], receive)
        if method == "OPTIONS" and {b"origin", b"access-control-request-method"} <= headers.keys():
            return Response(204, PREFLIGHT_HEADERS)
        if method not in ("GET", "HEAD"):
            return error(405, "only GET and HEAD are supported", (b"allow", b"GET, HEAD"))
        inner = below(path, self._prefix)
        if inner == b"/search.html":  # the one for hosts of files needs a script; ours does not
            head = ((b"location", b"search?" + query), (b"content-length", b"0"))
            return Response(302, head)
        if (page := self._pages.get(inner)) is not None:
            return await page(query, headers)
        return await self._file(inner, headers)

    async def _file(self, path: bytes, headers: RequestHeaders) -> Response:
        """The file at ``path``, or what stands in for it."""
        name = "index.html" if path == b"/" else file_name(path)
        file = await self.files.get(name) if name is not None else None
        if file is not None:
            return file.respond(headers).adding((b"cache-control", self._cache_control()))
        if name == "index.html":
            return compressed(pages.index(self.site, await self.files.names()), headers)
        if name == "style.css":
            return compressed(pages.style(), headers)
        if name == "favicon.ico":  # readers and browsers ask for it, whatever a page says
            return await self._file(b"/favicon.svg", headers)
        if name == "favicon.svg":
            return compressed(pages.icon(), headers)
        if name is not None and (match := _ENTRY.fullmatch(name)):
            make = partial(pages.entry, self.site, match[1])
            page = await self._from_state(None, make)
            if page is not None:
                return compressed(page, headers)
        return error(404, "there is no such file here")

    async def _alive(self, _query: bytes, _headers: RequestHeaders) -> Response:
        return text(200, ["alive"])

    async def _ready(self, _query: bytes, _headers: RequestHeaders) -> Response:
        try:
            is_ready, problems = await self._from_state("ready", self.site.state.ready)
        except UnavailableError as reason:
            is_ready, problems = False, [str(reason)]
        return text(200 if is_ready else 503, problems or ["ready" if is_ready else "not ready"])

    async def _metrics(self, _query: bytes, headers: RequestHeaders) -> Response:
        body = await self._from_state("metrics", self.site.state.metrics)
        return compressed(with_body(_METRICS_TYPE, body, (*DATA_HEADERS, _REVALIDATE)), headers)

    async def _status(self, query: bytes, headers: RequestHeaders) -> Response:
        as_json = prefers_json(headers)
        part = StatusQuery() if as_json else parse_status(query)
        if part.problem:
            return error(400, part.problem)
        make = partial(pages.status, self.site, part, self._now(), as_json=as_json)
        # Only the first page shares the threads of checks, which any number of others would fill.
        key = ("status", as_json) if part == StatusQuery() else None
        return compressed(await self._from_state(key, make), headers)

    async def _search(self, query: bytes, headers: RequestHeaders) -> Response:
        as_json = prefers_json(headers)
        search = parse(query, MAX_LIMIT if as_json else PAGE_SIZE)
        if search.form.problem and not prefers_page(headers):
            return error(400, search.form.problem)
        make = partial(pages.search, self.site, search, as_json=as_json)
        return compressed(await self._from_state(None, make), headers)

    async def _from_state(self, key: object, work: Callable[[], T]) -> T:
        """The result of ``work``, shared by concurrent requests with the same ``key``.

        Raises ``UnavailableError`` for whatever ``work`` raises, and logs that once: a monitor that
        asks every few seconds while the store is away makes one line, not thousands.
        """
        tried = partial(_tried_again, work)
        try:
            result = await (
                self._searches.run(tried) if key is None else self._checks.share(key, tried)
            )
        except UnavailableError:
            raise
        except Exception as failure:
            if self._logged != repr(failure):
                self._logged = repr(failure)
                is_ours = isinstance(failure, AggregatorError)
                _log.error("state unavailable: %s", failure, exc_info=not is_ours)
            raise UnavailableError("this is not available now; see the log") from failure
        self._logged = ""
        return result


def _tried_again(work: Callable[[], T]) -> T:
    """The result of ``work``, tried again where another program wrote a copy of the store."""
    for _ in range(_TRIES - 1):
        with suppress(StoreChangedError):
            return work()
    return work()


def _plain_request(head: bytes) -> tuple[bytes, bytes, RequestHeaders] | None:
    """Method, target and headers of a request without content that keeps the connection."""
    matched = _PLAIN_REQUEST.fullmatch(head)
    if matched is None:
        return None
    method, target, lines = matched.groups()
    fields = []
    for line in lines.split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        fields.append((name.lower(), value.strip()))
        if fields[-1][0] in _NOT_PLAIN:
            return None
        if fields[-1][0] == b"connection" and fields[-1][1].lower() != b"keep-alive":
            return None
    return method, target, used_headers(fields)


@lru_cache(maxsize=1)
def _http_date(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()


def _raw_path(scope: Scope) -> bytes:
    """The path as sent, or encoded again where the server has only the decoded one."""
    raw = scope.get("raw_path")
    return raw if isinstance(raw, bytes) else str(scope["path"]).encode("utf-8", "replace")


def _chunks(body: bytes) -> Iterable[bytes]:
    """``body`` in chunks, so that little is buffered for a client that reads slowly."""
    return (body[start : start + CHUNK] for start in range(0, len(body), CHUNK))
