"""Templates by Jinja, and how they say things: titles, days, gaps, sizes.

What every page is rendered with; what it shows is ``page``'s and ``live``'s to say.  All text is
escaped, all times are in UTC, and no word depends on the language of whoever runs this.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from aggregator.dedupe.changes import Change
from aggregator.normalise.text import clean, cut, is_blank
from aggregator.output.formats.names import agency_name, category_name, page_name, year_name
from aggregator.output.pages import plot
from aggregator.output.pages.attributes import valid_address, valid_language

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from jinja2.environment import TemplateModule

    from aggregator.output.pages.page import AgencyCard, Site, Subscription

STYLE = "style.css"
FORMATS = (
    ("Atom", ".atom", "application/atom+xml"),
    ("RSS", ".rss", "application/rss+xml"),
    ("JSON Feed", ".json", "application/feed+json"),
)
"""What a feed is called for people, its file's ending, and its media type."""

LONGEST_TITLE = 300
"""Characters of a title that a heading or a list shows; an entry's page has the rest below it."""

ROOM = "<!--the daemon's links-->"
"""Where a page has room for links to what only the daemon has (``live.linked``)."""

_LONGEST_KEPT = 60  # words of unchanged text shown before and after a change

# Not strftime's, which speaks the language of whoever runs this.
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def style(categories: int = 0) -> bytes:
    """The bytes of ``style.css``, by which lists are filtered by so many categories."""
    found = environment()
    assert found.loader is not None
    return (found.loader.get_source(found, STYLE)[0] + _filters_style(categories)).encode()


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
    return f"@media not print {{\n{rules}}}\n"


def rendered(
    template: str,
    site: "Site",
    root: str,
    *,
    feeds: tuple["Subscription", ...],
    room: str = ROOM,
    **values: object,
) -> bytes:
    """The bytes of a page; ``root`` leads from it to where the index is, ``room`` is markup."""
    found = part("found", feeds, root)
    text = _template(template).render(
        parts=_macros(), site=site, root=root, feeds=feeds, found=found, room=room, **values
    )
    return text.encode("utf-8", "replace")


@cache
def _template(name: str) -> "Template":
    found = environment().get_template(name)
    # Jinja copies these for each page: from a dict in a tenth of the time it takes from its chain.
    found.globals = dict(found.globals)
    return found


@cache
def _macros() -> "TemplateModule":
    """The macros of ``parts.html``, imported once and not by each page."""
    return _template("parts.html").module


@lru_cache(maxsize=1024)
def part(macro: str, feeds: tuple["Subscription", ...], root: str) -> str:
    """What thousands of pages say of the same feeds, built once: half of the time of a page."""
    made: str = getattr(_macros(), macro)(feeds, root)
    return made


@cache
def environment() -> "Environment":
    """Jinja with our filters, made once; its import takes a while."""
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
        gap=_gap,
        href=valid_address,
        iso=_iso,
        minute=minute,
        plot=_plot,
        sentence=_sentence,
        short=_short,
        size=_size,
        titled=titled,
    )
    made.globals.update(
        FORMATS=FORMATS,
        LONGEST_TITLE=LONGEST_TITLE,
        agency_name=agency_name,
        category_name=category_name,
        is_web=is_web,
        language_attributes=_language,
        page_name=page_name,
        shortened=_shortened,
        time_element=_time,
        year_name=year_name,
    )
    return made


def titled(title: str) -> str:
    """A title that can be seen, in a length that a list can bear."""
    return "(untitled)" if is_blank(title) else cut(title, LONGEST_TITLE)


def _short(text: str, limit: int) -> str:
    return cut(text, limit)


def _sentence(words: str) -> str:
    end = "" if words.endswith((".", "…")) else "."
    return f"{words[:1].upper()}{words[1:]}{end}"


def day(moment: date) -> str:
    """``15 December 2023``."""
    return f"{moment.day} {month(moment)}"


def month(moment: date) -> str:
    """``December 2023``."""
    return f"{MONTHS[moment.month - 1]} {moment.year}"


def minute(moment: datetime) -> str:
    """``15 December 2023, 12:00 UTC``: all times are in UTC here."""
    return f"{day(moment)}, {moment.hour:02}:{moment.minute:02} UTC"


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _time(moment: datetime, words: str) -> str:
    """A moment in words; not a macro, since a page has a dozen, and those cost five times this."""
    from markupsafe import Markup, escape

    return Markup(f'<time datetime="{_iso(moment)}">{escape(words)}</time>')  # noqa: S704, escaped


def _language(tag: str | None) -> str:
    """The attributes that say in which language an element is."""
    from markupsafe import Markup

    known = valid_language(tag)
    return Markup(' lang="{0}" xml:lang="{0}"').format(known) if known else ""


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


def _plot(card: "AgencyCard") -> str:
    from markupsafe import Markup

    weeks = card.weeks
    assert weeks is not None
    busiest = max(weeks.counts)
    empty = sum(not count for count in weeks.counts)
    first, last = (f"{d.day} {MONTHS[d.month - 1]} {d.year}" for d in (weeks.first, weeks.last))
    words = (
        f"{weeks.total} in the {len(weeks.counts)} weeks from {first} to {last}: at most {busiest}"
        f" in a week, and none in {empty} of the weeks."
    )
    title = f"Releases of {cut(card.agency.name, 100)} by week"
    return Markup(plot.bars(weeks, f"plot-{card.agency.id}", title, words))  # noqa: S704, all of it escaped there


def is_web(address: str | None) -> bool:
    """Whether ``address`` may be linked to."""
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
