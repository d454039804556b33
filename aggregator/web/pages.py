"""Responses made on request: index, status, search results, and errors as pages.

Nothing in a request is trusted: ``output.pages.live`` escapes all of it, and the content security
policy allows no script (``media.PAGE_POLICY``).  What asks the state blocks, and is to be called in
a thread.
"""

import http
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from aggregator.output.pages import live, status_page, templating
from aggregator.output.pages.page_data import SiteInfo
from aggregator.web.media import (
    DATA_HEADERS,
    FEED_EXTENSIONS,
    HTML,
    PAGE_HEADERS,
    Headers,
    media_of,
)
from aggregator.web.response import Response, error, with_body
from aggregator.web.search_query import SearchQuery, StatusQuery
from aggregator.web.site import ServedSite
from aggregator.web.state import Results

_FORMATS = {ending.removeprefix("."): name for name, ending, _ in templating.FORMATS}
_NEGOTIATED: Headers = ((b"cache-control", b"no-cache"), (b"vary", b"Accept, Accept-Encoding"))
_KEPT_IN_ERRORS = (b"allow", b"cache-control", b"connection", b"retry-after")
_MAX_DEPTH = 16


def index(site: ServedSite, names: Iterable[str]) -> Response:
    """A list of the feeds among the files ``names``, without those for the operator (``_``)."""
    parts = [(name, *name.rpartition(".")[::2]) for name in names]
    files = [
        live.FeedFile(
            name=name, stem=stem, format=_FORMATS[ending], type=media_of(name).type.decode()
        )
        for name, stem, ending in parts
        if ending in FEED_EXTENSIONS and not name.startswith("_")
    ]
    return _page(live.index(_site(site), files))


def style() -> Response:
    """The style sheet of pages, for as long as no file has it."""
    media = media_of(templating.STYLE)
    return with_body(media.type, templating.style(), (*media.headers, _NEGOTIATED[0]))


def icon() -> Response:
    """The icon of the site, for as long as no file has it."""
    media = media_of(templating.ICON)
    return with_body(media.type, templating.icon(), (*media.headers, _NEGOTIATED[0]))


def status(site: ServedSite, query: StatusQuery, now: datetime, *, as_json: bool) -> Response:
    """The state of sources and agencies: a part of it as a page, all of it as JSON."""
    if as_json:
        return _json(site.state.status())
    found, page = site.state.status_part(query.words, query.page), query.page
    previous = query.url(min(page - 1, found["part"]["pages"])) if page > 1 else ""
    next_ = query.url(page + 1) if page < found["part"]["pages"] else ""
    return _page(status_page.status(_site(site), found, now, previous=previous, next_=next_))


def search(site: ServedSite, query: SearchQuery, *, as_json: bool) -> Response:
    """The results of a search; for an invalid one the form again, with what is wrong."""
    found = site.state.search(query)
    form = _checked(query, found)
    if as_json:
        return error(400, form.problem) if form.problem else _json(found.entries)
    hits = None if form.problem or form.note or not form.words else _hits(query, found)
    body = live.search(_site(site), form, found.agencies, found.categories, hits)
    return _page(body, status=400 if form.problem else 200)


def entry(site: ServedSite, name: str) -> Response | None:
    """The page of an entry that has none as a file; ``name`` is the UUID of the page."""
    body = site.state.entry_page(name)
    return _page(live.linked(body, "../")) if body is not None else None


def _checked(query: SearchQuery, found: Results) -> live.Form:
    """The form with its problem, or with a note where there is nothing to search for."""
    form, among = query.form, query.among
    if among.agency is not None and among.agency not in found.agencies:
        problem = "agency: no agency with entries has this id"
        return replace(form, wrong="agency", problem=problem)
    if among.category is not None and among.category not in found.categories:
        problem = "category: no entry has this category"
        return replace(form, wrong="category", problem=problem)
    note = ""
    if form.words and not any(character.isalnum() for character in form.words):
        note = "this query has no word to search for"
    elif not form.words and form.is_narrow:
        note = "words are needed; agencies and categories have pages of their own"
    return form if form.problem else replace(form, note=note)


def _hits(query: SearchQuery, found: Results) -> live.Hits:
    limit, page = query.limit, query.page
    has_next = bool(found.entries) and (page * limit < found.total or found.is_more)
    return live.Hits(
        hits=found.entries,
        snippets=found.snippets,
        total=found.total,
        is_more=found.is_more,
        number=page,
        pages=-(-found.total // limit),
        first=query.skip + 1,
        previous=query.url(page - 1 if found.entries else 1) if page > 1 else "",
        next=query.url(page + 1) if has_next else "",
    )


def error_page(
    site: ServedSite, prefix: bytes, path: bytes, response: Response, file: bytes | None = None
) -> Response:
    """An error as a page; ``path`` is what was requested, relative to ``prefix``.

    ``file`` is the page of the output folder for this error, if there is one.
    """
    depth = max(path.count(b"/") - 1, 0)
    root = "../" * depth if depth <= _MAX_DEPTH else prefix.decode()
    status = f"{response.status} {http.HTTPStatus(response.status).phrase}"
    body = file or _error_body(_site(site), root, status, response.reason)
    kept = tuple(header for header in response.headers if header[0] in _KEPT_IN_ERRORS)
    headers = (*PAGE_HEADERS, *kept, _NEGOTIATED[1])
    return with_body(HTML, body, headers, status=response.status)


@lru_cache(maxsize=64)
def _error_body(site: SiteInfo, root: str, status: str, reason: str) -> bytes:
    return live.error(site, root, status, reason)


def _site(site: ServedSite) -> SiteInfo:
    return SiteInfo(title=site.title, base_url=site.base_url, feeds=())


def error_json(response: Response) -> Response:
    """The response of an error as an object with its ``status`` and the ``error`` in words."""
    value = _bytes({"status": response.status, "error": response.reason})
    others = (h for h in response.headers if h[0] not in (b"content-type", b"content-length"))
    return with_body(b"application/json", value, tuple(others), status=response.status)


def _json(value: object) -> Response:
    return with_body(b"application/json", _bytes(value), (*DATA_HEADERS, *_NEGOTIATED))


def _bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _page(body: bytes, status: int = 200) -> Response:
    return with_body(HTML, body, (*PAGE_HEADERS, *_NEGOTIATED), status=status)
