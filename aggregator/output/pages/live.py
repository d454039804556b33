"""Render the pages that only the daemon has: search, errors, and a substitute for the index.

Takes what is shown; returns the bytes of a page with the templates and the style of the files.
Only the daemon links to these pages: ``linked`` adds the links to a file when it is served.  The
status page is in ``status_page``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aggregator.normalise.text import clean, cut
from aggregator.output.pages.page_data import SiteInfo
from aggregator.output.pages.templating import SKIP_LINK, render, static_links
from aggregator.store.snippets import Pieces

_LONGEST_SNIPPET = 500  # characters
_LONGEST_LEAD = 250  # of them before the first match
_LIVE_PAGES = (("search", "Search"), ("status", "Status"))
ALARM_FEED = "_health.atom"
_CONTENTS = b'<nav aria-label="On this page">'
_CHECKS = b'<p class="copy"><a href="status#sources">When each source was last read</a></p>\n'
_DATED = {"inferred": "inferred", "first-seen": "first seen"}


def linked(content: bytes, root: str) -> bytes:
    """Return a page with links to the daemon's pages; ``root`` is as in ``templating.render``."""
    before, skip, after = content.partition(SKIP_LINK.encode())
    if not skip:
        return content
    after = after.removeprefix(b"\n" + static_links(root).encode())
    return before + skip + b"\n" + live_links(root).encode() + after


def with_checks(content: bytes) -> bytes:
    """Return the index with a link to when its sources were read, which no file says."""
    before, contents, after = content.partition(_CONTENTS)
    return before + (_CHECKS + contents if contents else b"") + after


def with_alarm_feed(content: bytes) -> bytes:
    """Return the index with a link to the operators' feed, at its end."""
    link = f'<a href="{ALARM_FEED}" type="application/atom+xml">alarms as a feed</a>'
    before, end, after = content.rpartition(b"</footer>")
    return b"%s<p>For the operator: %s.</p>\n%s%s" % (before, link.encode(), end, after)


def live_links(root: str, here: str = "") -> str:
    """Return the links to the daemon's pages; ``here`` is the current one."""
    items = ""
    for address, words in _LIVE_PAGES:
        current = ' aria-current="page"' if address == here else ""
        items += f'<li><a href="{root}{address}"{current}>{words}</a></li>'
    return f'<nav class="site" aria-label="Site"><ul class="inline">{items}</ul></nav>'


def render_live(template: str, site: SiteInfo, root: str, here: str, **values: object) -> bytes:
    """Return a page of the daemon; ``here`` is its address below ``root``."""
    links = live_links(root, here)
    return render(template, site, root, feeds=site.feeds, live_links=links, **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFile:
    """A file of a feed; ``format`` is the name of its format, ``type`` its media type."""

    name: str
    stem: str
    format: str
    type: str


def index(site: SiteInfo, files: Sequence[FeedFile]) -> bytes:
    """Return a substitute for the index until that is written."""
    return render_live("unwritten.html", site, "", "", files=files)


def error(site: SiteInfo, root: str, status: str, reason: str) -> bytes:
    """Return an error page; ``status`` is such as ``404 Not Found``."""
    return render_live("error.html", site, root, "", status=status, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The request as entered; ``limit`` only if it was given.

    ``wrong`` names the invalid field, ``problem`` says why; ``note`` says why a valid request was
    not searched for.
    """

    words: str = ""
    agency: str = ""
    category: str = ""
    since: str = ""
    until: str = ""
    limit: str = ""
    wrong: str = ""
    problem: str = ""
    note: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether only a part of the entries was searched."""
        return bool(self.agency or self.category or self.since or self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Page ``number`` of ``pages`` with the results of ``total`` entries.

    ``hits`` are entries as ``search --json`` prints them, and ``snippets`` passages of their texts
    by id.  ``is_more``: there are more than ``total``.  ``previous`` and ``next`` are relative
    addresses, and ``first`` is the rank of the first of ``hits``, from 1.
    """

    hits: Sequence[Mapping[str, Any]] = ()
    snippets: Mapping[str, Pieces] = field(default_factory=dict)
    total: int = 0
    is_more: bool = False
    number: int = 1
    pages: int = 1
    first: int = 1
    previous: str = ""
    next: str = ""


def search(
    site: SiteInfo,
    form: Form,
    agencies: Mapping[str, str],
    categories: Sequence[str],
    found: Hits | None,
) -> bytes:
    """Return the form with its choices, and what was ``found``, or None without a search.

    ``agencies`` are names by id.
    """
    return render_live(
        "search.html",
        site,
        "",
        "search",
        form=form,
        names=agencies,
        agencies=sorted(agencies.items(), key=lambda each: (each[1].casefold(), each[0])),
        categories=categories,
        hits=found,
        snippet=_snippet,
        dated=_DATED,
    )


def _snippet(pieces: Pieces) -> list[tuple[str, bool]]:
    """Return a clean snippet of limited length that contains the match."""
    kept: list[tuple[str, bool]] = []
    limit = _LONGEST_SNIPPET
    for text, is_marked in pieces:
        piece = clean(text)
        if not kept and not is_marked and len(pieces) > 1 and len(piece) > _LONGEST_LEAD:
            piece = f"…{piece[-_LONGEST_LEAD:]}"
        if len(piece) > limit:
            kept.append((cut(piece, limit) if limit > 1 else "…", is_marked))
            break
        kept.append((piece, is_marked))
        limit -= len(piece)
    return kept if any(text.strip() for text, _ in kept) else []
