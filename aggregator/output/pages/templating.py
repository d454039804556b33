"""Render Jinja templates, with filters for titles, dates, gaps and sizes.

Takes the name of a template and its values; returns the bytes of a page.  All text is escaped, and
all times are in UTC.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

from aggregator.model import Agency, Dating
from aggregator.normalise.addresses import valid_address
from aggregator.normalise.languages import valid_language
from aggregator.normalise.text import clean, cut, is_blank, title_of
from aggregator.output.formats.names import (
    MONTHS,
    agency_name,
    category_name,
    day_name,
    month_name,
    page_name,
    year_name,
)
from aggregator.output.pages import picks, plot
from aggregator.output.pages.dating import day, minute, month_only, weekday, when

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from jinja2.environment import TemplateModule

    from aggregator.output.pages.page_data import AgencyCard, ListedEntry, SiteInfo, Subscription

STYLE = "style.css"
ICON = "favicon.svg"
FORMATS = (
    ("Atom", ".atom", "application/atom+xml"),
    ("RSS", ".rss", "application/rss+xml"),
    ("JSON Feed", ".json", "application/feed+json"),
)
"""The name of each format, its file extension, and its media type."""

LONGEST_TITLE = 300
"""Characters of a title in a heading or a list; an entry's page shows the rest below it."""

SKIP_LINK = '<a class="skip" href="#main">Skip to the content</a>'
"""The first link of a page; after it are the links to search and, of the daemon, its pages."""

MARKS = "abcdef"
"""The names of the colours by which agencies are told apart."""

_FORMS = "abcd"
"""The names of the forms of a mark, so that agencies of one colour differ."""

LONGEST_SUMMARY = 200
"""Characters of a summary in a list, which shows as much of them as a line has room for."""


_COMMENT = re.compile(rb"^ *(?:/\*.*?\*/\s*)+", re.DOTALL | re.MULTILINE)


def static_links(root: str) -> str:
    """Return the link to the search that needs no server, which the daemon replaces by its own."""
    return (
        '<nav class="site" aria-label="Site"><ul class="inline">'
        f'<li><a href="{root}search.html">Search</a></li></ul></nav>'
    )


def style(categories: int = 0) -> bytes:
    """Return the bytes of ``style.css``, with filters for so many categories."""
    return source(STYLE) + picks.style(categories).encode()


def icon() -> bytes:
    """Return the bytes of ``favicon.svg``."""
    return source(ICON)


def source(name: str) -> bytes:
    """Return a file beside the templates without its comments, which are ours."""
    found = environment()
    assert found.loader is not None
    return _COMMENT.sub(b"", found.loader.get_source(found, name)[0].encode())


def render(
    template: str,
    site: "SiteInfo",
    root: str,
    *,
    feeds: tuple["Subscription", ...],
    found: object = None,
    live_links: str = "",
    **values: object,
) -> bytes:
    """Return a page; ``root`` is the relative address of the front page's folder.

    Browsers find ``feeds`` by the links ``found``, which are made unless given.
    """
    if found is None:
        found = cached_macro("found", feeds, root)
    text = _template(template).render(
        parts=_macros(),
        site=site,
        root=root,
        feeds=feeds,
        found=found,
        live_links=live_links,
        **values,
    )
    return text.encode("utf-8", "replace")


@cache
def _template(name: str) -> "Template":
    found = environment().get_template(name)
    # Jinja copies these for each page, from a dict in a tenth of the time of its chain of maps.
    found.globals = dict(found.globals)
    return found


@cache
def _macros() -> "TemplateModule":
    """Return the macros of ``parts.html``, imported once for all pages."""
    return _template("parts.html").module


def macro(name: str, *values: object) -> str:
    """Return a part of a page."""
    made: str = getattr(_macros(), name)(*values)
    return made


@lru_cache(maxsize=1024)
def cached_macro(name: str, feeds: tuple["Subscription", ...], root: str) -> str:
    """Return what thousands of pages share, rendered once: half of the time of a page."""
    return macro(name, feeds, root)


@cache
def environment() -> "Environment":
    """Return Jinja's environment; it is imported at the first use, which takes a while."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("aggregator.output.pages", "templates"),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters.update(
        clean=clean,
        day=day,
        href=valid_address,
        is_web=is_web,
        iso=_iso,
        weekday=weekday,
        minute=minute,
        moment=_moment,
        month_only=month_only,
        parsed=datetime.fromisoformat,
        plot=_plot,
        sentence=_sentence,
        short=_short,
        size=_size,
        title_of=title_of,
        titled=titled,
        when=when,
    )
    made.globals.update(
        FORMATS=FORMATS,
        SKIP_LINK=_safe(SKIP_LINK),
        agency_columns=_agency_columns,
        agency_link=agency_link,
        LONGEST_TITLE=LONGEST_TITLE,
        MONTHS=MONTHS,
        agency_name=agency_name,
        category_marks=_marks,
        category_name=category_name,
        day_name=day_name,
        dated_rows=_dated_rows,
        is_web=is_web,
        language_attributes=_language,
        link_to_entry=_entry_link,
        month_name=month_name,
        news_rows=_news_rows,
        page_name=page_name,
        static_links=lambda root: _safe(static_links(root)),
        time_element=_time,
        year_name=year_name,
    )
    return made


def titled(title: str) -> str:
    """Return a visible title of limited length."""
    return "(untitled)" if is_blank(title) else cut(title, LONGEST_TITLE)


def _short(text: str, limit: int) -> str:
    return cut(text, limit)


def _sentence(words: str) -> str:
    end = "" if words.endswith((".", "…")) else "."
    return f"{words[:1].upper()}{words[1:]}{end}"


def _iso(moment: date) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _moment(dating: Dating) -> date:
    """Return when an entry came out: the day alone where no time of day is known."""
    is_exact = dating.earliest is not None and dating.earliest == dating.latest
    return dating.published if is_exact else dating.published.date()


def _time(moment: date, words: str) -> str:
    """Return a ``time`` element; a macro would take five times as long."""
    from markupsafe import Markup, escape

    return Markup(f'<time datetime="{_iso(moment)}">{escape(words)}</time>')  # noqa: S704  (escaped)


def _entry_link(line: "ListedEntry", root: str, rel: str = "") -> str:
    """Return the title of an entry with a link to it; ``rel`` is what a page of ours is to this."""
    from markupsafe import Markup, escape

    title, language = escape(titled(line.title)), _language(line.language)
    if line.page:
        attributes = f'href="{escape(root + line.page)}"' + (f' rel="{rel}"' if rel else "")
    elif line.upstream:
        attributes = f'href="{escape(valid_address(line.upstream))}" rel="noopener noreferrer"'
    else:
        return Markup(f"<bdi{language}>{title}</bdi>")  # noqa: S704  (escaped)
    return Markup(f'<a {attributes} dir="auto"{language}>{title}</a>')  # noqa: S704  (escaped)


def _safe(html: str) -> str:
    from markupsafe import Markup

    return Markup(html)  # noqa: S704  (ours)


def _news_rows(
    entries: Sequence["ListedEntry"], site: "SiteInfo", root: str, marks: Mapping[str, str]
) -> str:
    """Return rows with agency, title, summary and categories, without a template as below."""
    from markupsafe import Markup, escape

    rows = []
    for line in entries:
        title, language = titled(line.title), _language(line.language)
        summary = cut(clean(line.summary), LONGEST_SUMMARY)
        said = ""
        if not is_blank(summary) and not summary.startswith(title):
            said = f'<p class="summary" dir="auto"{language}>{escape(summary)}</p>'
        chips = " ".join(_chip(site.categories[n - 1], root) for n in line.categories)
        rows.append(
            f"<li{_marks(line.categories, marks.get(line.agency.id))}>"
            f"{agency_link(line.agency, root)}"
            f"<div>{_entry_link(line, root)}{said}"
            + (f'<p class="chips">{chips}</p>' if chips else "")
            + "</div></li>"
        )
    return Markup("\n".join(rows))  # noqa: S704  (escaped)


def agency_link(agency: Agency, root: str) -> str:
    """Return a link to the page of an agency, with the colour and the form of its id."""
    from markupsafe import Markup, escape

    number = (crc32(agency.id.encode("utf-8", "replace")) >> 12) % (len(MARKS) * len(_FORMS))
    form, mark = divmod(number, len(MARKS))
    href, name = escape(root + agency_name(agency.id)), escape(cut(agency.name, 100))
    kind = f"agency mark-{MARKS[mark]} form-{_FORMS[form]}"
    link = f'<a class="{kind}" href="{href}" dir="auto">{name}</a>'
    return Markup(link)  # noqa: S704  (escaped)


@lru_cache(maxsize=256)
def _chip(term: str, root: str) -> str:
    from markupsafe import escape

    return f'<a href="{escape(root + category_name(term))}" dir="auto">{escape(cut(term, 60))}</a>'


def _agency_columns(agencies: Sequence[Agency]) -> str:
    """Return a list of agencies with their feeds, which may be thousands."""
    from markupsafe import Markup, escape

    name, ending, type_ = FORMATS[0]
    rows = []
    for agency in agencies:
        words = escape(f"{cut(agency.name, 100)} ({name})")
        feed = f'href="{escape(agency.id + ending)}" type="{type_}" title="{words}"'
        rows.append(
            f'<li>{agency_link(agency, "")} <a class="feed" {feed}>{name}'
            f'<span class="unseen"> feed of {escape(cut(agency.name, 100))}</span></a></li>'
        )
    return Markup("\n".join(rows))  # noqa: S704  (escaped)


def _dated_rows(entries: Sequence["ListedEntry"], root: str, with_agency: bool) -> str:
    """Return a list of entries, half of all that is rendered: a macro takes four times as long."""
    from markupsafe import Markup, escape

    rows = []
    for line in entries:
        shown = _entry_link(line, root)
        if with_agency:
            href = escape(root + agency_name(line.agency.id))
            name = escape(cut(line.agency.name, 100))
            shown = f'<span>{shown} <a class="agency" href="{href}" dir="auto">{name}</a></span>'
        moment = line.published
        time = f'<time datetime="{_iso(moment)}">{moment.day}</time>'
        rows.append(f'<li{_marks(line.categories)}><span class="when">{time}</span> {shown}</li>')
    return Markup("\n".join(rows))  # noqa: S704  (escaped)


@lru_cache(maxsize=256)
def _marks(categories: tuple[int, ...], agency: str | None = None) -> str:
    """Return the classes by which the entries of a category or an agency are shown alone.

    ``agency`` is the class of the agency's entries (``picks``).
    """
    from markupsafe import Markup

    classes = " ".join((*([agency] if agency else ()), *(f"k{number}" for number in categories)))
    return Markup(f' class="{classes}"') if classes else ""  # noqa: S704  (numbers)


@lru_cache(maxsize=256)
def _language(tag: str | None) -> str:
    """Return the attributes for the language of an element."""
    from markupsafe import Markup

    known = valid_language(tag)
    return Markup(' lang="{0}" xml:lang="{0}"').format(known) if known else ""


def _size(length: int) -> str:
    """Return a number of bytes in words."""
    for size, unit in ((1_000_000, "MB"), (1_000, "kB")):
        if length >= size:
            return f"{length / size:.1f} {unit}"
    return f"{length} bytes"


def _plot(card: "AgencyCard") -> str:
    from markupsafe import Markup

    weeks = card.weeks
    assert weeks is not None
    busiest = max(weeks.counts)
    empty = sum(not count for count in weeks.counts)
    first, last = (day(weeks.first), day(weeks.last))
    words = (
        f"{weeks.total} in the {len(weeks.counts)} weeks from {first} to {last}: at most {busiest}"
        f" in a week, and none in {empty} of the weeks."
    )
    title = f"Releases of {cut(card.agency.name, 100)} by week"
    return Markup(plot.bars(weeks, f"plot-{card.agency.id}", title, words))  # noqa: S704  (escaped by bars)


def is_web(address: str | None) -> bool:
    """Return whether ``address`` may be linked to."""
    return address is not None and address.startswith(("https://", "http://"))
