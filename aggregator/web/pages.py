"""The pages that are made when asked for: what the state says, and what was asked, to HTML.

Nothing that comes in is trusted: ``write.live`` escapes all of it.  There is no script and no style
within a page, which the content policy would refuse (``media.PAGE_POLICY``).  What asks the state
takes its time and is called in threads.
"""

import http
import json
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from aggregator.model import Agency
from aggregator.output.pages import live, status_page, templating
from aggregator.output.pages.page_data import SiteInfo
from aggregator.web.answer import Answer, error, whole
from aggregator.web.asking import Asked
from aggregator.web.media import DATA_HEADERS, FEED_ENDINGS, PAGE_HEADERS, Headers, media_of
from aggregator.web.site import Results, Site

_FORMATS = {ending.removeprefix("."): name for name, ending, _ in templating.FORMATS}
_HTML = b"text/html; charset=utf-8"
_BY_ACCEPT: Headers = ((b"cache-control", b"no-cache"), (b"vary", b"Accept, Accept-Encoding"))
_KEPT_OF_ERRORS = (b"allow", b"cache-control", b"connection", b"retry-after")
_DEEPEST = 16


def index(site: Site, names: Iterable[str]) -> Answer:
    """The feeds there are, for people and for autodiscovery; ``names`` are files.

    What begins with ``_`` is for the operator.
    """
    parts = [(name, *name.rpartition(".")[::2]) for name in names]
    files = [
        live.FeedFile(
            name=name, stem=stem, format=_FORMATS[ending], type=media_of(name).type.decode()
        )
        for name, stem, ending in parts
        if ending in FEED_ENDINGS and not name.startswith("_")
    ]
    return _page(live.index(_shown(site), files))


def style() -> Answer:
    """The style of pages, where no file has it yet."""
    media = media_of(templating.STYLE)
    return whole(media.type, templating.style(), (*media.headers, _BY_ACCEPT[0]))


def status(site: Site, now: datetime, *, as_json: bool) -> Answer:
    """How sources and agencies are doing."""
    said = site.state.status()
    return _json(said) if as_json else _page(status_page.status(_shown(site), said, now))


def search(site: Site, asked: Asked, *, as_json: bool) -> Answer:
    """What is found, best first; what makes no sense gets the form again, and what is wrong."""
    found = site.state.search(asked.search)
    wrong, problem = asked.wrong, asked.problem
    if asked.search.agency is not None and asked.search.agency not in found.agencies:
        wrong, problem = "agency", "agency: there is none of that id that has entries"
    elif asked.search.category is not None and asked.search.category not in found.categories:
        wrong, problem = "category", "category: there is none of that name that entries have"
    if as_json:
        return error(400, problem) if problem else _json(found.entries)
    fields = asked.fields
    form = live.Form(
        words=fields.get("q", ""),
        agency=fields.get("agency", ""),
        category=fields.get("category", ""),
        since=fields.get("from", ""),
        until=fields.get("until", ""),
        limit=fields.get("limit", ""),
        wrong=wrong,
        problem=problem,
        note="" if problem else _note(asked),
    )
    agencies = sorted(found.agencies.items(), key=lambda each: (each[1].casefold(), each[0]))
    listed = [Agency(id=id_, name=name) for id_, name in agencies]
    hits = None if problem or form.note or not form.words else _hits(asked, found)
    body = live.search(_shown(site), form, listed, found.categories, hits)
    return _page(body, status=400 if problem else 200)


def _note(asked: Asked) -> str:
    """Why there is nothing to look for, in words."""
    words, search = asked.search.words, asked.search
    if words and not any(character.isalnum() for character in words):
        return "there is no word in this that could be looked for"
    if not words and (search.agency or search.category or search.first or search.last):
        return "words are needed; agencies and categories have pages of their own"
    return ""


def _hits(asked: Asked, found: Results) -> live.Hits:
    limit, page = asked.search.limit, asked.page
    has_next = found.is_more if page * limit >= found.total else True
    return live.Hits(
        hits=[_hit(entry, found) for entry in found.entries],
        total=found.total,
        is_more=found.is_more,
        number=page,
        pages=-(-found.total // limit),
        first=asked.search.skip + 1,
        previous=_address(asked, page - 1 if found.entries else 1) if page > 1 else "",
        next=_address(asked, page + 1) if has_next and found.entries else "",
    )


def _address(asked: Asked, page: int) -> str:
    return f"search?{asked.of_page(page)}"


def _hit(entry: dict[str, Any], found: Results) -> live.Hit:
    agency = entry["agency"]
    return live.Hit(
        id=entry["id"],
        title=entry["title"],
        snippet=found.snippets.get(entry["id"], ()),
        language=entry["language"],
        agency=Agency(id=agency, name=found.agencies.get(agency, agency)),
        published=datetime.fromisoformat(entry["published"]),
        basis=entry["dating"]["basis"],
    )


def of_error(site: Site, prefix: bytes, path: bytes, answer: Answer) -> Answer:
    """An error as a page; ``path`` is what was asked for, as seen from ``prefix``."""
    depth = max(path.count(b"/") - 1, 0)
    root = "../" * depth if depth <= _DEEPEST else prefix.decode()
    phrase = f"{answer.status} {http.HTTPStatus(answer.status).phrase}"
    body = _error(site.title, site.base_url, root, phrase, answer.reason)
    kept = tuple(header for header in answer.headers if header[0] in _KEPT_OF_ERRORS)
    return whole(_HTML, body, (*PAGE_HEADERS, *kept, _BY_ACCEPT[1]), status=answer.status)


@lru_cache(maxsize=64)
def _error(title: str, base_url: str, root: str, status: str, reason: str) -> bytes:
    return live.error(SiteInfo(title=title, base_url=base_url, feeds=()), root, status, reason)


def _shown(site: Site) -> SiteInfo:
    return SiteInfo(title=site.title, base_url=site.base_url, feeds=())


def _json(value: object) -> Answer:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return whole(b"application/json", body, (*DATA_HEADERS, *_BY_ACCEPT))


def _page(body: bytes, status: int = 200) -> Answer:
    return whole(_HTML, body, (*PAGE_HEADERS, *_BY_ACCEPT), status=status)
