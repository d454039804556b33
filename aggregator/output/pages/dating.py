"""How an entry's date is known, in words."""

from datetime import datetime

from aggregator.model import Dating, StoredEntry
from aggregator.normalise.text import cut

_HOW_READ = {
    "stated": "its text states the day",
    "past": "its text tells of a past event",
    "present": "its text tells of the day",
    "future": "its text announces an event",
}

# Not strftime's, which speaks the language of whoever runs this.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def dating_words(stored: StoredEntry) -> str:
    """When an entry came out and how that is known, in words."""
    dating = stored.dating
    if dating.basis == "first-seen":
        return f"nothing dates it; {dating.evidence}"
    but = f"; but {dating.conflict}" if dating.conflict else ""
    if dating.basis == "upstream":
        return f"given by its publisher: {dating.evidence}{but}"
    because = []
    if dating.evidence:
        how = _HOW_READ.get(dating.role or "", "its text says")
        because.append(f"{how}: “{dating.evidence}”")
    if not dating.evidence or (stored.below or stored.above):
        because.append(f"it stands {_between(stored)}")
    return f"{_window(dating)}, because {', and '.join(because)}{but}"


def evidence_words(stored: StoredEntry) -> str:
    """What an entry's date rests on: a phrase of its own, or the entries around it."""
    dating = stored.dating
    return dating.evidence or f"it stands {_between(stored)}"


def _between(stored: StoredEntry) -> str:
    above, below = (
        f"“{cut(title, 80)}”" if title is not None else None
        for title in (stored.above, stored.below)
    )
    if above and below:
        return f"between {above} and {below}"
    if above or below:
        return f"below {above}" if above else f"above {below}"
    return "in a digest with dated entries"


def _window(dating: Dating) -> str:
    """``between 13 and 15 December 2023``, ``on 13 December 2023``."""
    first, last = dating.earliest, dating.latest
    if first.date() == last.date():
        return f"on {_day(last)}"
    if (first.year, first.month) == (last.year, last.month):
        return f"between {first.day} and {_day(last)}"
    if first.year == last.year:
        return f"between {first.day} {_MONTHS[first.month - 1]} and {_day(last)}"
    return f"between {_day(first)} and {_day(last)}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
