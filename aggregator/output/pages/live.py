"""Pages that the daemon makes when asked for: search, status, errors, a stand-in for the index.

Takes what is to be shown and the time; gives the bytes of a page that is made as the files are, by
the same templates and the same style.  Only the daemon has these pages, so only it links to them:
``linked`` puts such links into a file that is served, where its template left room for them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from aggregator.model import Agency
from aggregator.normalise.text import clean, cut
from aggregator.output.pages import plot
from aggregator.output.pages.page import AgencyCard, Site
from aggregator.output.pages.templating import ROOM, day, rendered

DAYS = 30
"""Days of a source that are plotted."""

MOST_IN_FULL = 100
"""Sources that are told of in full; of those that are well beyond it there is a line each."""

Pieces = Sequence[tuple[str, bool]]
"""A text in pieces, each with whether it was searched for."""

_LONGEST_SNIPPET = 500  # characters
_LONGEST_LEAD = 250  # of them before the first word that was found
_LIVE = (("search", "Search"), ("status", "Status"))
_DATED = {"inferred": "worked out", "first-seen": "when first seen"}


def linked(content: bytes, root: str) -> bytes:
    """A page as the daemon serves it; ``root`` leads from it to where the index is."""
    return content.replace(ROOM.encode(), _links(root).encode(), 1)


def _links(root: str, here: str = "") -> str:
    items = ""
    for address, words in _LIVE:
        current = ' aria-current="page"' if address == here else ""
        items += f'<li><a href="{root}{address}"{current}>{words}</a></li>'
    return f'<nav class="site" aria-label="Site"><ul class="inline">{items}</ul></nav>'


def _live(template: str, site: Site, root: str, here: str, **values: object) -> bytes:
    return rendered(template, site, root, feeds=site.feeds, room=_links(root, here), **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFile:
    """A feed that there is, by its ``name`` and that of its format."""

    name: str
    stem: str
    format: str
    type: str


def index(site: Site, files: Sequence[FeedFile]) -> bytes:
    """A page that stands in for the index until that is written."""
    return _live("unwritten.html", site, "", "", files=files)


def error(site: Site, root: str, status: str, reason: str) -> bytes:
    """A page for what cannot be answered: ``404 Not Found``, and why."""
    return _live("error.html", site, root, "", status=status, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What was asked for, as it was given; ``limit`` only where it was.

    ``wrong`` names the field that makes no sense, ``problem`` says why; ``note`` says why nothing
    was looked for, where nothing is wrong.
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
        """Whether only some of the entries were searched."""
        return bool(self.agency or self.category or self.since or self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry that was found; ``dated`` says how its day is known, where it was not stated."""

    id: str
    title: str
    snippet: Pieces
    language: str | None
    agency: Agency
    published: datetime
    basis: str

    @property
    def dated(self) -> str:
        """How its day is known, where nobody states it."""
        return _DATED.get(self.basis, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """A page of what was found: the ``number``-th, of ``pages``, of ``total`` entries.

    ``is_more``: there are more than ``total``.  ``previous`` and ``next`` are addresses, relative
    to the page, and ``first`` is the place of the first of ``hits``, from 1.
    """

    hits: Sequence[Hit] = ()
    total: int = 0
    is_more: bool = False
    number: int = 1
    pages: int = 1
    first: int = 1
    previous: str = ""
    next: str = ""


def search(
    site: Site,
    form: Form,
    agencies: Sequence[Agency],
    categories: Sequence[str],
    found: Hits | None,
) -> bytes:
    """The form, what it lets choose, and what was ``found``; None where nothing was looked for."""
    return _live(
        "search.html",
        site,
        "",
        "search",
        form=form,
        agencies=agencies,
        categories=categories,
        hits=found,
        cut=_cut,
    )


def _cut(pieces: Pieces) -> list[tuple[str, bool]]:
    """A snippet, clean; words of 10,000 letters do not keep what was found out of it."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subscription:
    """What a hub does for a source, in words; ``problem`` is what is wrong with that, if anything.

    ``lease_until`` is until when it is subscribed to.
    """

    hub: str
    words: str
    lease_until: datetime | None
    last_delivery: datetime | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A source as the page tells of it: how it is in one word and in several, and its days."""

    kind: str
    state: str
    facts: Mapping[str, Any]
    subscription: _Subscription | None
    last_success: datetime | None
    next_due: datetime | None
    days: str
    strip: str
    number: int


def status(site: Site, said: Mapping[str, Any], now: datetime) -> bytes:
    """How everything is; ``said`` is the object that ``status --json`` prints."""
    alarms = said.get("alarms", ())
    gone = {a["subject"] for a in alarms if a["kind"] == "gone" and not a["ended_at"]}
    silent = {a["subject"] for a in alarms if a["kind"] == "silent" and not a["ended_at"]}
    sources = sorted(said["sources"], key=lambda s: (_kind(s, gone) in _WELL, s["id"]))
    shown = [_source(each, gone, now.date(), n) for n, each in enumerate(sources, 1)]
    troubled = sum(each.kind not in _WELL for each in shown)
    full = max(MOST_IN_FULL, troubled)
    return _live(
        "status.html",
        site,
        "",
        "status",
        now=now,
        alarms=[alarm for alarm in alarms if not alarm["ended_at"]],
        over=[alarm for alarm in alarms if alarm["ended_at"]],
        counts=_counts(shown),
        hub=_hub(said.get("hub")),
        troubled=troubled,
        entries=sum(agency["entries"] for agency in said["agencies"]),
        newest=_time(max((a["newest"] or "" for a in said["agencies"]), default="")),
        sources=shown[:full],
        rest=shown[full:],
        agencies=[_agency(agency, silent) for agency in said["agencies"]],
        days=DAYS,
    )


_WELL = ("well", "never")
_STATES = {
    "failing": ("fails", "fail"),
    "gone": ("is gone for good", "are gone for good"),
    "well": ("is well", "are well"),
    "never": ("was never read", "were never read"),
}


def _counts(sources: Sequence[_Source]) -> list[tuple[str, int, str]]:
    """Each state that some source is in, with how many are, and what to say of them."""
    numbers = {kind: sum(source.kind == kind for source in sources) for kind in _STATES}
    return [
        (kind, number, _STATES[kind][number != 1]) for kind, number in numbers.items() if number
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hub:
    """How it stands with the hub that is told of our feeds, and what is wrong, if anything is."""

    kind: str
    words: str
    problem: str


def _hub(said: Mapping[str, Any] | None) -> _Hub | None:
    if said is None:
        return None
    feeds = _number(said["waiting"] + said["given_up"], "feed")
    if said["error"]:
        lost = f" ({said['given_up']:,} given up)" if said["given_up"] > 0 else ""
        words = f"the hub was not told of {feeds}{lost}"
        return _Hub(kind="failing", words=words, problem=said["error"])
    if said["waiting"]:
        return _Hub(kind="never", words=f"the hub is to be told of {feeds}", problem="")
    return _Hub(kind="well", words="the hub was told of all feeds", problem="")


_SUBSCRIBED = {
    "off": "is not asked for news: there is no callback",
    "none": "is to be asked for news",
    "requested": "was asked for news and has not confirmed it yet",
    "verified": "tells of news",
    "failing": "does not tell of all news",
    "failed": "does not tell of news",
    "denied": "does not want to tell of news",
}


def _subscription(said: Mapping[str, Any] | None) -> _Subscription | None:
    if said is None:
        return None
    return _Subscription(
        hub=said["hub"],
        words=_SUBSCRIBED.get(said["state"], ""),
        lease_until=_time(said["lease_until"]),
        last_delivery=_time(said["last_delivery"]),
        problem=said["error"] or "" if said["state"] != "off" else "",
    )


def _kind(source: Mapping[str, Any], gone: set[str]) -> str:
    if source["id"] in gone:
        return "gone"
    if source["result"] is None:
        return "never"
    return "failing" if source["result"] == "failed" else "well"


def _source(source: Mapping[str, Any], gone: set[str], today: date, number: int) -> _Source:
    kind = _kind(source, gone)
    days = _daily(source.get("history", ()), today)
    in_a_row = f"{source['failures']:,} times in a row" if source["failures"] > 1 else "once"
    return _Source(
        kind=kind,
        state={
            "failing": f"failed {in_a_row}",
            "gone": "gone for good",
            "well": "well",
            "never": "never read",
        }[kind],
        facts=source,
        subscription=_subscription(source.get("websub")),
        last_success=_time(source["last_success"]),
        next_due=_time(source["next_due"]),
        days=_in_words(days),
        strip=_drawn(days, source["id"], number),
        number=number,
    )


def _daily(history: Sequence[Mapping[str, Any]], today: date) -> plot.Daily:
    well, failed, new = [0] * DAYS, [0] * DAYS, [0] * DAYS
    for each in history:
        place = DAYS - 1 - (today - date.fromisoformat(each["day"])).days
        if 0 <= place < DAYS:
            well[place] = each["visits"] - each["failures"]
            failed[place], new[place] = each["failures"], each["new"]
    return plot.Daily(well=well, failed=failed, new=new, last=today)


def _in_words(days: plot.Daily) -> str:
    visits, failed, new = (sum(days.well) + sum(days.failed), sum(days.failed), sum(days.new))
    if not visits:
        return f"Not read in {DAYS} days"
    how = {0: "none failed", visits: "all failed"}.get(failed, f"{failed:,} failed")
    return (
        f"{DAYS} days: read {_number(visits, 'time')}, {how}; "
        f"{_number(new, 'new entry', 'new entries')}"
    )


def _number(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def _drawn(days: plot.Daily, source: str, number: int) -> str:
    """The plot of a source, and what it shows in words; nothing where there is nothing to show."""
    from markupsafe import Markup

    if not any(days.well) and not any(days.failed):
        return ""
    first = days.last - timedelta(days=DAYS - 1)
    bad = [n for n, failed in enumerate(days.failed) if failed]
    words = [f"From {day(first)} to {day(days.last)}."]
    if bad:
        last_bad = day(first + timedelta(days=bad[-1]))
        words.append(f"Failures on {_number(len(bad), 'day')}, the last on {last_bad}.")
    if most := max(days.new):
        busiest = first + timedelta(days=days.new.index(most))
        words.append(f"Most new entries: {most:,}, on {day(busiest)}.")
    title = f"Readings of {cut(source, 100)} and new entries by day"
    return Markup(plot.strip(days, f"days-{number}", title, " ".join(words)))  # noqa: S704, all of it escaped there


@dataclass(frozen=True, slots=True, kw_only=True)
class _Agency:
    """An agency as the page tells of it."""

    card: AgencyCard
    newest: datetime | None
    is_silent: bool


def _agency(said: Mapping[str, Any], silent: set[str]) -> _Agency:
    weeks, gap = said.get("by_week"), said["usual_gap"]
    card = AgencyCard(
        agency=Agency(id=said["id"], name=said["name"], configured=said["configured"]),
        entries=said["entries"],
        weeks=plot.Weekly(counts=weeks["counts"], last=date.fromisoformat(weeks["last"]))
        if weeks
        else None,
        usual_gap=timedelta(seconds=gap) if gap is not None else None,
    )
    return _Agency(card=card, newest=_time(said["newest"]), is_silent=said["id"] in silent)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
