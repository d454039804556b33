"""The ASGI application: which path is answered by what.

Takes a ``Site``.  Files come from ``files``, pages from ``pages``, and what they show from the
site's ``State``, asked in threads.  Every request gets an answer, and no error of ours is shown:
the log has it.  How long a client may take is the connection's affair (``connection``).
"""

import asyncio
import gzip
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aggregator.errors import AggregatorError
from aggregator.web import pages
from aggregator.web.answer import PLAIN_TEXT, Answer, error, whole
from aggregator.web.asking import A_PAGE, MOST_FOUND, read
from aggregator.web.callbacks import GoneError
from aggregator.web.desk import Desk, UnavailableError
from aggregator.web.files import Files, Held
from aggregator.web.media import DATA_HEADERS, PREFLIGHT_HEADERS, links_of
from aggregator.web.names import LONGEST_TARGET, below, file_name
from aggregator.web.site import Site
from aggregator.web.wishes import Wanted, has_body, prefers_json, prefers_page, takes_gzip, wanted

LONGEST_WAIT = 10.0
"""Seconds that a page may take to make."""

T = TypeVar("T")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_PIECE = 32_768
_WORTH_COMPRESSING = 1024
_CLOSE = (b"connection", b"close")
_NOT_KEPT = (b"cache-control", b"no-cache")

_log = logging.getLogger("aggregator.web")


def _now() -> datetime:
    return datetime.now(UTC)


def app(site: Site, *, now: Callable[[], datetime] = _now) -> "App":
    """The application that serves ``site``; ``now`` is the time in UTC."""
    return App(site, now)


class App:
    """An ASGI 3 application for HTTP.  Belongs to the event loop that it is first called in."""

    def __init__(self, site: Site, now: Callable[[], datetime]) -> None:
        self.site = site
        self._now = now
        self.files = Files(
            site.output, now, links=lambda name: links_of(name, self.site.base_url, self.site.hub)
        )
        self._prefix = _path_of(site.base_url)
        # Apart, so that many searches cannot make the program seem dead.
        self._searches = Desk("search", threads=2, room=64, seconds=LONGEST_WAIT)
        self._checks = Desk("checks", threads=2, room=8, seconds=LONGEST_WAIT)
        self._told = ""
        state = site.state
        # Bound once: `Desk.share` knows work by what is called.
        self._ready, self._metrics = state.ready, state.metrics
        self._pages: dict[bytes, Callable[[bytes, Wanted], Awaitable[Answer]]] = {
            b"/healthz": self._alive,
            b"/readyz": self._readiness,
            b"/metrics": self._measures,
            b"/status": self._status_page,
            b"/search": self._search_page,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"only HTTP is served here, not {scope['type']}")
        headers = wanted(scope["headers"])
        answer, held = await self._answered(scope, headers, receive)
        # What of it nobody read cannot be parted from what follows; only callbacks read any.
        if has_body(headers):
            answer = Answer(answer.status, (*answer.headers, _CLOSE), answer.body)
        self.site.count(answer.status)
        await self._send(scope, send, answer, held)

    def at_once(self, method: bytes, target: bytes, headers: Wanted) -> Answer | None:
        """The answer to a request for a file that is in memory; None where this must be called.

        ``target`` is as sent.  Counts the answer as given.
        """
        if method not in (b"GET", b"HEAD") or has_body(headers):
            return None
        held = self.files.kept(b"/index.html" if target == b"/" else target)
        if held is None or not held.is_whole:
            return None
        answer = held.answer(headers)
        self.site.count(answer.status)
        return answer

    def cache_control(self) -> bytes:
        """How long a file may be kept, for this moment."""
        age = self.site.max_age
        return b"public, max-age=%d" % max(age if isinstance(age, int) else age(), 0)

    def close(self) -> None:
        """Begin nothing more."""
        self.files.close()
        self._searches.close()
        self._checks.close()

    async def _answered(
        self, scope: Scope, headers: Wanted, receive: Receive
    ) -> tuple[Answer, Held | None]:
        """The answer, and the file whose bytes follow it where the answer has none."""
        try:
            answer, held = await self._routed(scope, headers, receive)
            if answer.reason and prefers_page(headers.get(b"accept")):
                answer = await self._as_page(scope, answer)
        except UnavailableError as reason:
            return _busy(reason), None
        except GoneError:
            return error(400, "the request ended too early", _CLOSE), None
        except Exception:
            _log.exception("a request failed: %s", scope.get("path", "")[:200])
            return error(500, "this failed; the log says why"), None
        return answer, held

    async def _as_page(self, scope: Scope, answer: Answer) -> Answer:
        """An error for people: made in a thread, since the first page takes a while."""
        path = below(_raw_path(scope), self._prefix)
        return await asyncio.to_thread(pages.of_error, self.site, self._prefix, path, answer)

    async def _routed(
        self, scope: Scope, headers: Wanted, receive: Receive
    ) -> tuple[Answer, Held | None]:
        path, query = _raw_path(scope), scope.get("query_string", b"")
        if len(path) + len(query) > LONGEST_TARGET:
            return error(414, "the address is too long", _CLOSE), None
        hubs = self.site.callbacks
        if hubs is not None and (token := hubs.token(path, self._prefix)) is not None:
            return await hubs.answer(scope["method"], token, query, scope["headers"], receive), None
        if scope["method"] not in ("GET", "HEAD"):
            return _other_method(scope["method"], headers), None
        inner = below(path, self._prefix)
        if (page := self._pages.get(inner)) is not None:
            try:
                return await page(query, headers), None
            except UnavailableError as reason:
                return _busy(reason), None
        held = await self._file(inner)
        if held is not None:
            answer = held.answer(headers)
            head = (*answer.headers, (b"cache-control", self.cache_control()))
            rest = None if held.is_whole or answer.status != 200 else held
            return Answer(answer.status, head, answer.body), rest
        if inner in (b"/", b"/index.html"):
            return await self._index(headers), None
        if inner == b"/style.css":
            return _packed(pages.style(), headers), None
        return error(404, "there is no such file here"), None

    async def _file(self, path: bytes) -> Held | None:
        name = "index.html" if path == b"/" else file_name(path)
        return await self.files.get(name) if name is not None else None

    async def _index(self, headers: Wanted) -> Answer:
        return _packed(pages.index(self.site, await self.files.feeds()), headers)

    async def _alive(self, _query: bytes, _headers: Wanted) -> Answer:
        return _text(200, ["alive"])

    async def _readiness(self, _query: bytes, _headers: Wanted) -> Answer:
        try:
            is_ready, reasons = await self._from_state(self._checks.share(self._ready))
        except UnavailableError as reason:
            is_ready, reasons = False, [str(reason)]
        return _text(200 if is_ready else 503, reasons or ["ready" if is_ready else "not ready"])

    async def _measures(self, _query: bytes, headers: Wanted) -> Answer:
        text = await self._from_state(self._checks.share(self._metrics))
        kind = b"text/plain; version=0.0.4; charset=utf-8"
        return _packed(whole(kind, text, (*DATA_HEADERS, _NOT_KEPT)), headers)

    async def _status_page(self, _query: bytes, headers: Wanted) -> Answer:
        as_json = prefers_json(headers.get(b"accept"))
        made = self._checks.share(self._status_json if as_json else self._status_html)
        return _packed(await self._from_state(made), headers)

    def _status_json(self) -> Answer:
        return pages.status(self.site, self._now(), as_json=True)

    def _status_html(self) -> Answer:
        return pages.status(self.site, self._now(), as_json=False)

    async def _search_page(self, query: bytes, headers: Wanted) -> Answer:
        as_json = prefers_json(headers.get(b"accept"))
        asked = read(query, MOST_FOUND if as_json else A_PAGE)
        if asked.problem and not prefers_page(headers.get(b"accept")):
            return error(400, asked.problem)
        made = partial(pages.search, self.site, asked, as_json=as_json)
        return _packed(await self._from_state(self._searches.do(made)), headers)

    async def _from_state(self, asked: Awaitable[T]) -> T:
        """What the state says; ``UnavailableError`` for whatever it raises, which is logged once.

        A monitor that asks every few seconds while the store is gone makes one line, not thousands.
        """
        try:
            said = await asked
        except UnavailableError:
            raise
        except Exception as failure:
            if self._told != repr(failure):
                self._told = repr(failure)
                is_ours = isinstance(failure, AggregatorError)
                _log.error("the state cannot be had: %s", failure, exc_info=not is_ours)
            raise UnavailableError("this cannot be had now; the log says why") from failure
        self._told = ""
        return said

    async def _send(self, scope: Scope, send: Send, answer: Answer, held: Held | None) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": list(answer.headers),
            }
        )
        if scope["method"] != "HEAD":
            for piece in self.files.pieces(held) if held is not None else _pieces(answer.body):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _path_of(base_url: str) -> bytes:
    """The path below which a site lies, with a slash at both ends."""
    path = urlsplit(base_url).path.strip("/")
    return f"/{path}/".encode() if path else b"/"


def _raw_path(scope: Scope) -> bytes:
    """The path as sent; servers that leave it out have decoded it, and it cannot be had again."""
    raw = scope.get("raw_path")
    return raw if isinstance(raw, bytes) else str(scope["path"]).encode("utf-8", "replace")


def _busy(reason: UnavailableError) -> Answer:
    return error(503, f"{reason}; try again later", (b"retry-after", b"5"))


def _other_method(method: str, headers: Wanted) -> Answer:
    if method == "OPTIONS" and b"origin" in headers and b"access-control-request-method" in headers:
        return Answer(204, PREFLIGHT_HEADERS)
    return error(405, "only GET and HEAD are answered", (b"allow", b"GET, HEAD"))


def _text(status: int, lines: Iterable[str]) -> Answer:
    body = "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
    head = (*DATA_HEADERS, (b"cache-control", b"no-store"))
    return whole(PLAIN_TEXT, body, head, status=status)


def _packed(answer: Answer, headers: Wanted) -> Answer:
    """``answer`` with gzip, where that is wanted and worth it."""
    if len(answer.body) < _WORTH_COMPRESSING or not takes_gzip(headers.get(b"accept-encoding")):
        return answer
    body = gzip.compress(answer.body, 1, mtime=0)
    kept = (header for header in answer.headers if header[0] != b"content-length")
    length = (b"content-length", b"%d" % len(body))
    return Answer(answer.status, (*kept, length, (b"content-encoding", b"gzip")), body)


def _pieces(body: bytes) -> Iterable[bytes]:
    """``body`` piece by piece, so that of a client which reads slowly little waits in memory."""
    return (body[start : start + _PIECE] for start in range(0, len(body), _PIECE))
