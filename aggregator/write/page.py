"""Pages for people, by Jinja: the index, one for each agency, its years, and each entry.

Takes what is to be shown; gives the bytes of a page, the same for the same, which say nothing of
when they were made.  Pages are well-formed as HTML and as XML, hold no script, no style of their
own and no address that the browser loads but ``style.css`` beside the index, and lead to one
another by relative links: they work from disk, from any host, and from the daemon.

All text is escaped by Jinja.  What is markup already is an entry's ``content_html``, which holds
nothing active; here it gets headings that follow the page's, and links in the place of images, so
that nobody but the site itself learns who reads what.
"""

import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from aggregator.dedupe.changes import Change
from aggregator.model import Agency, PastDating, Sighting, StoredEntry
from aggregator.normalise.categories import slug
from aggregator.normalise.text import clean, cut, is_blank
from aggregator.write import plot

if TYPE_CHECKING:
    from jinja2 import Environment

STYLE = "style.css"
INDEX = "index.html"
FORMATS = (
    ("Atom", ".atom", "application/atom+xml"),
    ("RSS", ".rss", "application/rss+xml"),
    ("JSON Feed", ".json", "application/feed+json"),
)
"""What a feed is called for people, its file's ending, and its media type."""

LONGEST_TITLE = 300
"""Characters of a title that a heading or a list shows; an entry's page has the rest below it."""

_NAMESPACE = uuid.UUID("c3b1d0a4-58a5-5a53-8c9c-8f0a9a4f5f0e")
_OUR_ID = re.compile(r"urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_LONGEST_KEPT = 60  # words of unchanged text shown before and after a change

# Not strftime's, which speaks the language of whoever runs this.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


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


def page_name(entry_id: str) -> str:
    """The file of an entry's page below the output folder: ``entries/UUID.html``.

    Ids of upstream name no files: they may hold anything, and be equal but for case.
    """
    own = _OUR_ID.fullmatch(entry_id)
    return f"entries/{own[1] if own else uuid.uuid5(_NAMESPACE, entry_id)}.html"


def agency_name(agency: str) -> str:
    """The file of the page of the agency of this id."""
    return f"{agency}.html"


def year_name(agency: str, year: str) -> str:
    """The file of the page with an agency's entries of a year."""
    return f"archive/{agency}-{year}.html"


def category_name(term: str) -> str:
    """The file of the page of a category by rule."""
    return f"category/{slug(term)}.html"


def style(categories: int = 0) -> bytes:
    """The bytes of ``style.css``, by which lists are filtered by so many categories."""
    environment = _environment()
    assert environment.loader is not None
    text = environment.loader.get_source(environment, STYLE)[0]
    return (text + _filters_style(categories)).encode()


def _filters_style(categories: int) -> str:
    """For each category, what is hidden of a list where it is chosen.

    Browsers without ``:has`` show no filter, and paper shows all.
    """
    if not categories:
        return ""
    rules = "".join(
        f'  .filtered:has([value="k{n}"]:checked) :is(.entries > li:not(.k{n}),'
        f" .part:not(:has(.k{n}))) {{ display: none; }}\n"
        for n in range(1, categories + 1)
    )
    return f"@media not print {{ @supports selector(:has(*)) {{\n{rules}}} }}\n"


def index(
    site: Site,
    latest: Sequence[Line],
    agencies: Sequence[AgencyCard],
    categories: Sequence[tuple[str, int]] = (),
) -> bytes:
    """The page that the site begins with; ``categories`` are those that entries have, counted."""
    return _rendered(
        "index.html",
        site,
        "",
        feeds=site.feeds,
        days=_by(latest, _day),
        cards=agencies,
        filters=_filters(site, latest),
        shown=len(latest),
        categories=categories,
    )


def agency(site: Site, card: AgencyCard, entries: Sequence[Line]) -> bytes:
    """The page of an agency, with its newest ``entries``."""
    return _rendered(
        "agency.html",
        site,
        "",
        feeds=_feeds_of(site, card.agency.id),
        card=card,
        filters=_filters(site, entries),
        months=_by(entries, _month),
        shown=len(entries),
    )


def year(site: Site, agency: Agency, year: str, entries: Sequence[Line]) -> bytes:
    """The page with all ``entries`` of an agency of one year."""
    return _rendered(
        "year.html",
        site,
        "../",
        feeds=_feeds_of(site, agency.id),
        agency=agency,
        year=year,
        filters=_filters(site, entries),
        months=_by(entries, _month),
        shown=len(entries),
    )


def category(site: Site, term: str, number: int, entries: Sequence[Line]) -> bytes:
    """The page of a category by rule that ``number`` entries have, with its newest ``entries``."""
    return _rendered(
        "category.html",
        site,
        "../",
        feeds=site.feeds[:1],
        term=term,
        number=number,
        months=_by(entries, _month),
        shown=len(entries),
    )


def entry(site: Site, shown: EntryPage) -> bytes:
    """The page of an entry."""
    found = shown.stored.entry
    feeds = _feeds_of(site, found.agency.id)
    return _rendered(
        "entry.html",
        site,
        "../",
        feeds=feeds,
        page=shown,
        stored=shown.stored,
        entry=found,
        own=[link for link in found.links if link.rel == "alternate" and _is_web(link.href)],
        files=[link for link in found.links if link.rel == "enclosure" and _is_web(link.href)],
        others=[link for link in found.links if link.rel == "via" and _is_web(link.href)],
        content=_placed(found.content_html),
        told=_told(shown),
        subscribe=_part("subscribe", feeds, "../"),
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


def _rendered(
    template: str, site: Site, root: str, *, feeds: tuple[Subscription, ...], **values: object
) -> bytes:
    """``root`` leads from the page to where the index is."""
    text = (
        _environment()
        .get_template(template)
        .render(site=site, root=root, feeds=feeds, found=_part("found", feeds, root), **values)
    )
    return text.encode("utf-8", "replace")


@lru_cache(maxsize=1024)
def _part(macro: str, feeds: tuple[Subscription, ...], root: str) -> str:
    """What thousands of pages say of the same feeds, built once: half of the time of a page."""
    made: str = getattr(_environment().get_template("parts.html").module, macro)(feeds, root)
    return made


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("aggregator.write", "templates"),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters.update(
        clean=clean,
        day=_day,
        gap=_gap,
        iso=_iso,
        minute=_minute,
        plot=_plot,
        sentence=_sentence,
        short=_short,
        size=_size,
        titled=_titled,
    )
    made.globals.update(
        FORMATS=FORMATS,
        LONGEST_TITLE=LONGEST_TITLE,
        agency_name=agency_name,
        category_name=category_name,
        is_web=_is_web,
        page_name=page_name,
        shortened=_shortened,
        year_name=year_name,
    )
    return made


def _titled(title: str) -> str:
    """A title that can be seen, in a length that a list can bear."""
    return "(untitled)" if is_blank(title) else cut(title, LONGEST_TITLE)


def _short(text: str, limit: int) -> str:
    return cut(text, limit)


def _sentence(words: str) -> str:
    end = "" if words.endswith((".", "…")) else "."
    return f"{words[:1].upper()}{words[1:]}{end}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {_month(moment)}"


def _month(moment: datetime) -> str:
    return f"{_MONTHS[moment.month - 1]} {moment.year}"


def _minute(moment: datetime) -> str:
    """``15 December 2023, 12:00 UTC``: all times are in UTC here."""
    return f"{_day(moment)}, {moment.hour:02}:{moment.minute:02} UTC"


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _gap(gap: timedelta) -> str:
    minutes = round(gap.total_seconds() / 60)
    if minutes < 2:
        return "within a minute of each other"
    for size, unit in ((1440, "days"), (60, "hours")):
        if minutes >= 2 * size:
            return f"every {round(minutes / size)} {unit}"
    return f"every {minutes} minutes"


def _size(length: int) -> str:
    """Bytes as people say them."""
    for size, unit in ((1_000_000, "MB"), (1_000, "kB")):
        if length >= size:
            return f"{length / size:.1f} {unit}"
    return f"{length} bytes"


def _plot(card: AgencyCard) -> str:
    from markupsafe import Markup

    weeks = card.weeks
    assert weeks is not None
    busiest = max(weeks.counts)
    empty = sum(not count for count in weeks.counts)
    first, last = (f"{d.day} {_MONTHS[d.month - 1]} {d.year}" for d in (weeks.first, weeks.last))
    words = (
        f"{weeks.total} in the {len(weeks.counts)} weeks from {first} to {last}: at most {busiest}"
        f" in a week, and none in {empty} of the weeks."
    )
    title = f"Releases of {cut(card.agency.name, 100)} by week"
    return Markup(plot.bars(weeks, f"plot-{card.agency.id}", title, words))  # noqa: S704, all of it escaped there


def _is_web(address: str | None) -> bool:
    return address is not None and address.startswith(("https://", "http://"))


def _shortened(changes: Sequence[Change]) -> Iterator[Change]:
    """``changes`` as they are shown: marked words without the space behind them, and of a long
    stretch that both texts have only its ends.
    """
    last = len(changes) - 1
    for number, change in enumerate(changes):
        words = change.text.split(" ")
        if change.kind != "kept":
            bare = change.text.rstrip()
            yield Change(change.kind, bare)
            yield Change("kept", change.text[len(bare) :])
        elif len(words) <= 2 * _LONGEST_KEPT:
            yield change
        else:
            head = " ".join(words[:_LONGEST_KEPT]) if number else ""
            tail = " ".join(words[-_LONGEST_KEPT:]) if number < last else ""
            yield Change("kept", f"{head} […] {tail}")


_TAG = re.compile(r'<(/?)(h[1-6]|img|a|br|hr)((?: [^\s"=<>/]+="[^"]*")*) ?/?>')
_ATTRIBUTE = re.compile(r' ([^\s"=<>/]+)="([^"]*)"')


def _placed(html: str) -> str:
    """An entry's safe HTML with headings below the page's own, and no images."""
    from markupsafe import Markup

    return Markup("".join(_parts(html)))  # noqa: S704, it was made safe when it came in


def _parts(html: str) -> Iterator[str]:
    """Safe HTML, piece by piece; its links that come from plain text have no ``rel`` yet.

    Values in it are quoted and hold no ``<``, ``>`` or ``"``, so tags end where they seem to.
    """
    done, in_link = 0, False
    levels: list[int] = []
    for match in _TAG.finditer(html):
        yield html[done : match.start()]
        done = match.end()
        closing, name, attributes = match.groups()
        if name in ("br", "hr"):
            yield f"<{name}/>"
        elif name == "a":
            in_link = not closing
            has_rel = closing or " rel=" in attributes
            rel = "" if has_rel else ' rel="noopener noreferrer"'
            yield f"<{closing}a{attributes}{rel}>"
        elif name == "img":
            yield _picture(dict(_ATTRIBUTE.findall(attributes)), in_link)
        else:
            yield f"<{closing}h{_level(levels, int(name[1]), closing)}>"
    yield html[done:]


def _level(levels: list[int], written: int, closing: str) -> int:
    """The rank that a heading of rank ``written`` has below an h1, none of them left out."""
    if not closing:
        while levels and levels[-1] >= written:
            levels.pop()
        levels.append(written)
    return min(6, 1 + len(levels))


def _picture(attributes: dict[str, str], in_link: bool) -> str:
    """A link to an image, for it is its host that would learn who reads this."""
    words = f"Picture: {attributes['alt']}" if attributes.get("alt") else "Picture"
    if in_link or not _is_web(attributes.get("src")):
        return f'<span class="picture">[{words}]</span>'
    return f'<a class="picture" href="{attributes["src"]}" rel="noopener noreferrer">[{words}]</a>'
