"""Render the pages that are files: the index, agencies, their years, categories, and entries.

Takes what is shown; returns the bytes of a page, which depend on that alone and not on the time.
Pages are well-formed as HTML and as XML.  They have no script and no inline style, load nothing but
``style.css``, and link to one another by relative addresses, so that they work from disk, from any
host, and from the daemon.

Jinja escapes all text, except for an entry's ``content_html``: that is safe already, and
``page_html`` makes it valid in its place.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from itertools import groupby

from aggregator.model import Agency, Link
from aggregator.output.pages.dating import day, month
from aggregator.output.pages.page_data import (
    AgencyCard,
    AgencyParts,
    EntryPage,
    ListedEntry,
    SiteInfo,
    Subscription,
)
from aggregator.output.pages.page_html import page_html
from aggregator.output.pages.templating import cached_macro, is_web, macro, render

INDEX = "index.html"


def index(
    site: SiteInfo,
    latest: Sequence[ListedEntry],
    agencies: Mapping[str, AgencyParts],
    categories: Sequence[tuple[str, int]] = (),
) -> bytes:
    """Return the front page; ``categories`` are those in use, with their numbers of entries."""
    parts = [
        agencies[feed.agency] if feed.agency is not None else (b"", *_feed_parts(site, feed))
        for feed in site.feeds
    ]
    page = render(
        "index.html",
        site,
        "",
        feeds=site.feeds,
        found=_marker("links"),
        days=_by(latest, day),
        cards=_marker("cards"),
        has_cards=bool(agencies),
        rows=[_marker("rows")],
        filters=_filters(site, latest),
        shown=len(latest),
        categories=categories,
    )
    # Put in as bytes: those of thousands of agencies are megabytes.
    made = []
    for name, number in (("links", 2), ("cards", 0), ("rows", 1)):
        before, _, page = page.partition(_marker(name).encode())
        made += [before, *(part[number] for part in parts)]
    return b"".join([*made, page])


def _marker(name: str) -> str:
    """Return the place for what is put in later, which no text has, since that is escaped."""
    from markupsafe import Markup

    return Markup(f"<!--{name}-->")  # noqa: S704  (names are ours)


def agency_parts(site: SiteInfo, card: AgencyCard) -> AgencyParts:
    """Return what the front page shows of an agency."""
    *_, feed = site.feeds_of(card.agency.id)
    return (macro("card", card).encode("utf-8", "replace"), *_feed_parts(site, feed))


def _feed_parts(site: SiteInfo, feed: Subscription) -> tuple[bytes, bytes]:
    row, links = macro("feed_row", feed, site, ""), macro("found", (feed,), "")
    return row.encode("utf-8", "replace"), links.encode("utf-8", "replace")


def agency(site: SiteInfo, card: AgencyCard, entries: Sequence[ListedEntry]) -> bytes:
    """Return the page of an agency with its newest ``entries``."""
    feeds = site.feeds_of(card.agency.id)
    return render(
        "agency.html",
        site,
        "",
        feeds=feeds,
        rows=[macro("feed_row", feed, site, "") for feed in feeds],
        card=card,
        filters=_filters(site, entries),
        months=_by(entries, month),
        shown=len(entries),
    )


def year(site: SiteInfo, agency: Agency, year: str, entries: Sequence[ListedEntry]) -> bytes:
    """Return the page of an agency's year with all ``entries``."""
    return render(
        "year.html",
        site,
        "../",
        feeds=site.feeds_of(agency.id),
        agency=agency,
        year=year,
        filters=_filters(site, entries),
        months=_by(entries, month),
        shown=len(entries),
    )


def category(site: SiteInfo, term: str, number: int, entries: Sequence[ListedEntry]) -> bytes:
    """Return the page of a category of ``number`` entries with its newest ``entries``."""
    return render(
        "category.html",
        site,
        "../",
        feeds=site.feeds[:1],
        term=term,
        number=number,
        months=_by(entries, month),
        shown=len(entries),
    )


def entry(site: SiteInfo, shown: EntryPage) -> bytes:
    """Return the page of an entry."""
    found = shown.stored.entry
    feeds = site.feeds_of(found.agency.id)
    files = [link for link in found.links if link.rel == "enclosure" and is_web(link.href)]
    picture = _picture(files, found.content_html)
    return render(
        "entry.html",
        site,
        "../",
        feeds=feeds,
        page=shown,
        stored=shown.stored,
        entry=found,
        own=[link for link in found.links if link.rel == "alternate" and is_web(link.href)],
        picture=picture,
        files=[link for link in files if link is not picture],
        others=[link for link in found.links if link.rel == "via" and is_web(link.href)],
        content=_content(found.content_html),
        upstream_categories=_upstream_categories(shown),
        subscribe=cached_macro("subscribe", feeds, "../"),
    )


def _picture(files: Sequence[Link], html: str) -> Link | None:
    """Return the first file that is a picture and not in the text."""
    pictures = (link for link in files if (link.type or "").startswith("image/"))
    return next((link for link in pictures if escape(link.href) not in html), None)


def _upstream_categories(shown: EntryPage) -> list[str]:
    """Return the categories from upstream feeds, without agencies and those by rule."""
    stored = shown.stored
    known = {stored.entry.agency.id, *(agency.id for agency in stored.credits), *shown.categories}
    return [term for term in stored.entry.categories if term not in known]


def _filters(site: SiteInfo, entries: Sequence[ListedEntry]) -> list[tuple[int, str, int]]:
    """Return the categories of ``entries``: position, term, and number of entries."""
    counted = Counter(number for entry in entries for number in entry.categories)
    return [(n, term, counted[n]) for n, term in enumerate(site.categories, 1) if n in counted]


def _by(
    entries: Sequence[ListedEntry], words_of: Callable[[datetime], str]
) -> list[tuple[str, list[ListedEntry]]]:
    """Group successive entries of the same day, or month, in words."""
    return [(words, list(run)) for words, run in groupby(entries, lambda e: words_of(e.published))]


def _content(html: str) -> str:
    """Return an entry's safe HTML for its page, exempt from escaping."""
    from markupsafe import Markup

    return Markup(page_html(html))  # noqa: S704  (sanitised at ingest)
