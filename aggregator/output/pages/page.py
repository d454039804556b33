"""Render the pages that are files: the index, agencies, their years, categories, and entries.

Takes what is shown; returns the bytes of a page, which depend on that alone and not on the time.
Pages are well-formed as HTML and as XML.  They have no script, load nothing but ``style.css``, and
link to one another by relative addresses, so that they work from disk, from any host, and from the
daemon.  Only ``404.html`` has an inline style too, since its addresses are not relative.

Jinja escapes all text, except for an entry's ``content_html``: that is safe already, and
``page_html`` makes it valid in its place.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from html import escape
from itertools import groupby
from unicodedata import combining
from urllib.parse import urlsplit

from aggregator.model import Agency, Link
from aggregator.model.normal_form import normal_form
from aggregator.normalise.identity import match_key
from aggregator.normalise.text import clean, cut, is_blank
from aggregator.output.formats.names import month_name
from aggregator.output.pages.dating import month
from aggregator.output.pages.page_data import (
    AgencyCard,
    EntryPage,
    ListedEntry,
    SiteInfo,
)
from aggregator.output.pages.page_html import page_html
from aggregator.output.pages.picks import picks_of
from aggregator.output.pages.sides import sides
from aggregator.output.pages.templating import cached_macro, is_web, macro, render

INDEX = "index.html"

_LONGEST_PIECE = 1000  # characters of the evidence for a date


def index(
    site: SiteInfo,
    latest: Sequence[ListedEntry],
    few: Sequence[Agency] | None,
    number: int,
    categories: Sequence[tuple[str, int]] = (),
    *,
    has_older: bool = False,
) -> bytes:
    """Return the front page with the ``latest`` entries; ``has_older``: there may be others.

    It lists the agencies ``few``, all of them; for None it leads to the page of all ``number``.
    ``categories`` are those in use, with their numbers of entries.
    """
    return render(
        "index.html",
        site,
        "",
        feeds=site.feeds,
        years=by_year(latest),
        agencies=few,
        number=number,
        older=_older(latest) if has_older else None,
        rows=[macro("feed_row", feed, site, "") for feed in site.feeds],
        picks=picks_of(site, latest),
        shown=len(latest),
        categories=categories,
    )


def _older(latest: Sequence[ListedEntry]) -> tuple[str, str]:
    """Return where the entries after the ``latest`` are: the month of the last, at its day."""
    last = latest[-1].published
    found = last.date().isoformat()
    return f"{month_name(found[:7])}#day-{found}", month(last)


def not_found(site: SiteInfo) -> bytes:
    """Return the page that a host of files shows for an address without one.

    It may be shown at any address, so it leads to others by paths from that of ``base_url`` on.
    """
    return render(
        "error.html",
        site,
        urlsplit(site.base_url).path,
        feeds=site.feeds[:1],
        status="404 Not Found",
        reason="There is nothing at this address. A release that was here may have been merged with"
        " another one, or removed.",
    )


def agencies(site: SiteInfo, agencies: Sequence[Agency]) -> bytes:
    """Return the page of all ``agencies``, which are in the order of their names."""
    letters = groupby(agencies, lambda each: sort_key(each.name)[:1].upper())
    groups: dict[str, list[Agency]] = {}
    for letter, members in letters:
        groups.setdefault(letter if letter.isalpha() else "#", []).extend(members)
    return render(
        "agencies.html",
        site,
        "",
        feeds=site.feeds[:1],
        groups=list(groups.items()),
        number=len(agencies),
    )


def sort_key(name: str) -> str:
    """Return by what agencies are sorted: their name without accents, whatever its case."""
    return "".join(c for c in normal_form("NFKD", match_key(name)) if not combining(c))


def agency(site: SiteInfo, card: AgencyCard, entries: Sequence[ListedEntry]) -> bytes:
    """Return the page of an agency with its newest ``entries``."""
    feeds = site.feeds_of(card.agency)
    return render(
        "agency.html",
        site,
        "",
        feeds=feeds,
        rows=[macro("feed_row", feed, site, "") for feed in feeds],
        card=card,
        picks=picks_of(site, entries, by_agency=False),
        months=_by(entries, month),
        shown=len(entries),
    )


def year(site: SiteInfo, agency: Agency, year: str, entries: Sequence[ListedEntry]) -> bytes:
    """Return the page of an agency's year with all ``entries``."""
    return render(
        "year.html",
        site,
        "../",
        feeds=site.feeds_of(agency),
        agency=agency,
        year=year,
        picks=picks_of(site, entries, by_agency=False),
        months=_by(entries, month),
        shown=len(entries),
    )


def entry(site: SiteInfo, shown: EntryPage) -> bytes:
    """Return the page of an entry."""
    found = shown.stored.entry
    feeds = site.feeds_of(found.agency)
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
        dated=_dated(shown),
        sides=sides,
        upstream_categories=_upstream_categories(shown),
        subscribe=cached_macro("subscribe", feeds, "../"),
    )


def _picture(files: Sequence[Link], html: str) -> Link | None:
    """Return the first file that is a picture and not in the text."""
    pictures = (link for link in files if (link.type or "").startswith("image/"))
    return next((link for link in pictures if escape(link.href) not in html), None)


def _dated(shown: EntryPage) -> list[str | ListedEntry]:
    """Return how an entry was dated as a sentence: words, and entries, titled as it names them."""
    pieces = [(cut(clean(words), _LONGEST_PIECE), side) for words, side in shown.dated]
    said = "".join(words for words, _ in pieces)
    sentence: list[str | ListedEntry] = []
    for words, side in pieces:
        named: ListedEntry | None = getattr(shown.beside, side) if side else None
        title = words if not is_blank(words) else None
        sentence.append(words if named is None else replace(named, title=title or named.title))
    if isinstance(first := sentence[0], str):
        sentence[0] = f"{first[:1].upper()}{first[1:]}"
    return sentence if said.endswith((".", "…")) else [*sentence, "."]


def _upstream_categories(shown: EntryPage) -> list[str]:
    """Return the categories from upstream feeds, without agencies and those by rule."""
    stored = shown.stored
    known = {stored.entry.agency.id, *(agency.id for agency in stored.credits), *shown.categories}
    return [term for term in stored.entry.categories if term not in known]


def by_year(
    entries: Sequence[ListedEntry],
) -> list[tuple[int, list[tuple[date, list[ListedEntry]]]]]:
    """Group successive entries by day, and the days by year."""
    days = [(at, list(run)) for at, run in groupby(entries, lambda e: e.published.date())]
    return [(year, list(run)) for year, run in groupby(days, lambda each: each[0].year)]


def _by(
    entries: Sequence[ListedEntry], words_of: Callable[[datetime], str]
) -> list[tuple[str, list[ListedEntry]]]:
    """Group successive entries of the same day, or month, in words."""
    return [(words, list(run)) for words, run in groupby(entries, lambda e: words_of(e.published))]


def _content(html: str) -> str:
    """Return an entry's safe HTML for its page, exempt from escaping."""
    from markupsafe import Markup

    return Markup(page_html(html))  # noqa: S704  (sanitised at ingest)
