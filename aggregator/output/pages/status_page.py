"""Render the status page.

Takes the object that ``status --json`` prints, or a part of it, and the time; returns the bytes of
a page, which shows the same in words and plots: a row for each source, with its details on demand.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from aggregator.normalise.text import cut
from aggregator.output.pages import plot
from aggregator.output.pages.dating import brief, day
from aggregator.output.pages.live import ALARM_FEED, render_live
from aggregator.output.pages.page_data import SiteInfo

DAYS = 30
"""Days of a source that are plotted."""

HUB_STATES = {
    "off": "is not asked for news: there is no callback",
    "none": "has yet to be asked for news",
    "requested": "was asked for news and has not confirmed the subscription yet",
    "verified": "delivers news",
    "failing": "delivers only some of the news",
    "failed": "does not deliver news",
    "denied": "refuses to deliver news",
}
"""What the hub of a source does, by the state of the subscription."""

_MOST_BAD = 10  # documents of a source that are named
_RANKS = {"failing": 0, "gone": 0, "partial": 1}
_SUMMARIES = {
    "failing": ("fails", "fail"),
    "gone": ("is permanently gone", "are permanently gone"),
    "well": ("works", "work"),
    "never": ("was never read", "were never read"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A source: ``facts`` are those of the report; the others are derived from them."""

    facts: Mapping[str, Any]
    kind: str
    state: str
    hub: Mapping[str, Any] | None
    bad: Sequence[str]
    more_bad: int
    days: str
    strip: str


def status(
    site: SiteInfo,
    report: Mapping[str, Any],
    now: datetime,
    *,
    previous: str = "",
    next_: str = "",
) -> bytes:
    """Return the status page; ``report`` is the object that ``status --json`` prints.

    Or a part of it, with ``totals`` of everything and what is in the ``part``; ``previous`` and
    ``next_`` are then the addresses of other parts, where there are.
    """
    alarms, part = report.get("alarms", ()), report.get("part")
    active = {(alarm["kind"], alarm["subject"]) for alarm in alarms if not alarm["ended_at"]}
    if part is not None:  # also those whose alarms are not among the ones shown
        active |= {(kind, one) for kind in ("silent", "gone") for one in part[kind]}
    kinds = {source["id"]: _kind(source, active) for source in report["sources"]}
    totals = report.get("totals") or _totals(report, kinds.values())
    ordered = sorted(report["sources"], key=lambda each: _RANKS.get(kinds[each["id"]], 2))
    sources = [
        _source(each, kinds[each["id"]], now.date(), number)
        for number, each in enumerate(ordered, 1)
    ]
    all_days = _daily(report.get("days", ()), now.date())
    lasting = [alarm for alarm in alarms if not alarm["ended_at"]]
    return render_live(
        "status.html",
        site,
        "",
        "status",
        now=now,
        alarms=lasting,
        more_alarms=totals["alarms"] - len(lasting),
        over=[alarm for alarm in alarms if alarm["ended_at"]],
        counts=[
            (kind, totals[kind], words[totals[kind] != 1])
            for kind, words in _SUMMARIES.items()
            if totals[kind]
        ],
        hub=_hub(report.get("hub")),
        webhooks=[hook for hook in report.get("webhooks", ()) if hook["error"]],
        scheduler=report.get("scheduler"),
        troubled=totals["failing"] + totals["gone"],
        entries=totals["entries"],
        newest=totals["newest"],
        part=part,
        previous=previous,
        next_=next_,
        sources=sources,
        agencies=[
            {**agency, "is_silent": ("silent", agency["id"]) in active}
            for agency in report["agencies"]
        ],
        days=DAYS,
        alarm_feed=ALARM_FEED if report.get("alarm_feed") else "",
        all_days=_in_words(all_days),
        all_strip=_strip(all_days, "all sources", 0),
        brief=lambda moment: brief(moment, now),
    )


def _kind(source: Mapping[str, Any], active: set[tuple[str, str]]) -> str:
    if ("gone", source["id"]) in active:
        return "gone"
    if source["result"] is None:
        return "never"
    kinds = {"failed": "failing", "partial": "partial"}
    return kinds.get(source["result"], "well")


def _totals(report: Mapping[str, Any], kinds: Iterable[str]) -> dict[str, Any]:
    """Return the totals of a report of everything."""
    numbers = Counter(kinds)
    agencies = report["agencies"]
    return {
        **{kind: numbers[kind] for kind in _SUMMARIES},
        "well": numbers["well"] + numbers["partial"],
        "alarms": sum(not alarm["ended_at"] for alarm in report.get("alarms", ())),
        "entries": sum(agency["entries"] for agency in agencies),
        "newest": max((agency["newest"] or "" for agency in agencies), default=""),
    }


def _source(facts: Mapping[str, Any], kind: str, today: date, number: int) -> _Source:
    days = _daily(facts.get("history", ()), today)
    in_a_row = f"{facts['failures']:,} times in a row" if facts["failures"] > 1 else "once"
    has_success = facts["last_success"] is not None
    in_part = "in part, " if has_success and facts["last_success"] == facts["last_attempt"] else ""
    hub, bad = facts.get("websub"), _bad(facts)
    return _Source(
        facts=facts,
        kind=kind,
        state={
            "failing": f"failed {in_part}{in_a_row}",
            "gone": "permanently gone",
            "partial": "read in part",
            "well": "works",
            "never": "never read",
        }[kind],
        hub=hub
        and {
            **hub,
            "words": HUB_STATES.get(hub["state"], ""),
            "problem": hub["error"] or "" if hub["state"] != "off" else "",
        },
        bad=bad[:_MOST_BAD],
        more_bad=len(bad[_MOST_BAD:]),
        days=_in_words(days),
        strip=_strip(days, facts["id"], number),
    )


def _bad(facts: Mapping[str, Any]) -> list[str]:
    """Return a line for each error of a source after the first, and for each bad document."""
    lines = list(facts.get("errors", ())[1 if facts["error"] else 0 :])
    for bad in facts.get("bad_documents", ()):
        more = f" (and {_number(bad['more'], 'more problem')})" if bad["more"] else ""
        lines.append(f"{bad['document']}, line {bad['lines'][0]}: {bad['reason']}{more}")
    return lines


def _hub(hub: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Return the state of the hub that is notified of our feeds: kind, words and problem."""
    if hub is None:
        return None
    feeds = _number(hub["waiting"] + hub["given_up"], "feed")
    if hub["error"]:
        lost = f" ({hub['given_up']:,} given up)" if hub["given_up"] > 0 else ""
        words = f"the hub was not notified of {feeds}{lost}"
        return {"kind": "failing", "words": words, "problem": hub["error"]}
    if hub["waiting"]:
        words = f"the hub has yet to be notified of {feeds}"
        return {"kind": "never", "words": words, "problem": ""}
    return {"kind": "well", "words": "the hub was notified of all feeds", "problem": ""}


def _daily(history: Sequence[Mapping[str, Any]], today: date) -> plot.Daily:
    successful, failed, new = [0] * DAYS, [0] * DAYS, [0] * DAYS
    for each in history:
        place = DAYS - 1 - (today - date.fromisoformat(each["day"])).days
        if 0 <= place < DAYS:
            successful[place] = each["visits"] - each["failures"]
            failed[place], new[place] = each["failures"], each["new"]
    return plot.Daily(successful=successful, failed=failed, new=new, last=today)


def _in_words(days: plot.Daily) -> str:
    failed, new = sum(days.failed), sum(days.new)
    visits = sum(days.successful) + failed
    if not visits:
        return f"Not read in {DAYS} days"
    how = {0: "none failed", visits: "all failed"}.get(failed, f"{failed:,} failed")
    return (
        f"{DAYS} days: read {_number(visits, 'time')}, {how}; "
        f"{_number(new, 'new entry', 'new entries')}"
    )


def _number(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def _strip(days: plot.Daily, source: str, number: int) -> str:
    """Return the plot of a source with its description, or ``""`` without visits."""
    from markupsafe import Markup

    if not any(days.successful) and not any(days.failed):
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
    title = f"Visits of {cut(source, 100)} and new entries by day"
    return Markup(plot.strip(days, f"days-{number}", title, " ".join(words)))  # noqa: S704  (escaped by strip)
