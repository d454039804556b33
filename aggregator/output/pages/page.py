"""Pages for people, by Jinja: the index, one for each agency, its years, and each entry.

Takes what is to be shown; gives the bytes of a page, the same for the same, which say nothing of
when they were made.  Pages are well-formed as HTML and as XML, hold no script, no style of their
own and no address that the browser loads but ``style.css`` beside the index, and lead to one
another by relative links: they work from disk, from any host, and from the daemon.

All text is escaped by Jinja.  What is markup already is an entry's ``content_html``, which holds
nothing active and is made fit for a page by ``placed``.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from aggregator.dedupe.changes import Change
from aggregator.model import Agency, PastDating, Sighting, StoredEntry
from aggregator.output.pages import plot
from aggregator.output.pages.placed import placed
from aggregator.output.pages.templating import day, is_web, month, part, rendered

INDEX = "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A feed to subscribe to; ``name`` is its file without ending."""

    name: str
    title: str
    agency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What every page knows: ``base_url`` ends with a slash, the first feed is the combined one.

    ``categories`` are the terms that rules give, in the order in which they are listed.
    """

    title: str
    base_url: str
    feeds: tuple[Subscription, ...]
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry in a list; ``kinds`` are the numbers of its categories, from 1 on."""

    id: str
    title: str
    language: str | None
    published: datetime
    agency: Agency
    kinds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyCard:
    """An agency with what it publishes: how many entries, by week, and the usual gap between two.

    ``years`` are those that have a page, with their numbers of entries, newest first.
    """

    agency: Agency
    entries: int
    weeks: plot.Weekly | None
    usual_gap: timedelta | None
    years: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What changed from text ``before`` to text ``after``, first seen in ``document``."""

    before: int
    after: int
    seen: datetime
    document: str
    title: Sequence[Change]
    text: Sequence[Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """An entry with all that its page says; ``dated`` is in words how its date is known.

    ``texts`` is how many it had, and ``steps`` are the changes between its whole ones.  ``kinds``
    are its categories by rule, which have pages.
    """

    stored: StoredEntry
    dated: str
    past: Sequence[PastDating]
    sightings: Sequence[Sighting]
    texts: int
    steps: Sequence[Step]
    kinds: Sequence[str] = ()


def index(
    site: Site,
    latest: Sequence[Line],
    agencies: Sequence[AgencyCard],
    categories: Sequence[tuple[str, int]] = (),
) -> bytes:
    """The page that the site begins with; ``categories`` are those that entries have, counted."""
    return rendered(
        "index.html",
        site,
        "",
        feeds=site.feeds,
        days=_by(latest, day),
        cards=agencies,
        filters=_filters(site, latest),
        shown=len(latest),
        categories=categories,
    )


def agency(site: Site, card: AgencyCard, entries: Sequence[Line]) -> bytes:
    """The page of an agency, with its newest ``entries``."""
    return rendered(
        "agency.html",
        site,
        "",
        feeds=_feeds_of(site, card.agency.id),
        card=card,
        filters=_filters(site, entries),
        months=_by(entries, month),
        shown=len(entries),
    )


def year(site: Site, agency: Agency, year: str, entries: Sequence[Line]) -> bytes:
    """The page with all ``entries`` of an agency of one year."""
    return rendered(
        "year.html",
        site,
        "../",
        feeds=_feeds_of(site, agency.id),
        agency=agency,
        year=year,
        filters=_filters(site, entries),
        months=_by(entries, month),
        shown=len(entries),
    )


def category(site: Site, term: str, number: int, entries: Sequence[Line]) -> bytes:
    """The page of a category by rule that ``number`` entries have, with its newest ``entries``."""
    return rendered(
        "category.html",
        site,
        "../",
        feeds=site.feeds[:1],
        term=term,
        number=number,
        months=_by(entries, month),
        shown=len(entries),
    )


def entry(site: Site, shown: EntryPage) -> bytes:
    """The page of an entry."""
    found = shown.stored.entry
    feeds = _feeds_of(site, found.agency.id)
    return rendered(
        "entry.html",
        site,
        "../",
        feeds=feeds,
        page=shown,
        stored=shown.stored,
        entry=found,
        own=[link for link in found.links if link.rel == "alternate" and is_web(link.href)],
        files=[link for link in found.links if link.rel == "enclosure" and is_web(link.href)],
        others=[link for link in found.links if link.rel == "via" and is_web(link.href)],
        content=_placed(found.content_html),
        told=_told(shown),
        subscribe=part("subscribe", feeds, "../"),
    )


def _feeds_of(site: Site, agency: str) -> tuple[Subscription, ...]:
    """The feed of all agencies, and that of one."""
    combined = site.feeds[:1]
    return (*combined, *(feed for feed in site.feeds if feed.agency == agency))


def _told(shown: EntryPage) -> list[str]:
    """The categories that feeds gave to an entry, besides its agencies and those by rule."""
    stored = shown.stored
    known = {stored.entry.agency.id, *(agency.id for agency in stored.credits), *shown.kinds}
    return [term for term in stored.entry.categories if term not in known]


def _filters(site: Site, entries: Sequence[Line]) -> list[tuple[int, str, int]]:
    """The categories that ``entries`` have: number, term, and how many have it."""
    counted = Counter(number for entry in entries for number in entry.kinds)
    return [(n, term, counted[n]) for n, term in enumerate(site.categories, 1) if n in counted]


def _by(entries: Sequence[Line], part: Callable[[datetime], str]) -> list[tuple[str, list[Line]]]:
    """Entries in the runs that have the same day, or month, in words."""
    return [(words, list(run)) for words, run in groupby(entries, lambda e: part(e.published))]


def _placed(html: str) -> str:
    """An entry's safe HTML as its page holds it, which Jinja does not escape."""
    from markupsafe import Markup

    return Markup(placed(html))  # noqa: S704, it was made safe when it came in
