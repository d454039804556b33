"""Dates in English words, and why an entry has its date.

strftime would use the language of the operator's system.
"""

from datetime import date, datetime

from aggregator.dating.languages.english import ENGLISH_MONTHS
from aggregator.model import Dating, StoredEntry
from aggregator.normalise.text import cut

_HOW_READ = {
    "stated": "its text states the day",
    "past": "its text reports a past event",
    "present": "its text reports the day",
    "future": "its text announces an event",
}


def day(moment: date) -> str:
    """Return ``15 December 2023``."""
    return f"{moment.day} {month(moment)}"


def month(moment: date) -> str:
    """Return ``December 2023``."""
    return f"{ENGLISH_MONTHS[moment.month - 1]} {moment.year}"


def minute(moment: datetime) -> str:
    """Return ``15 December 2023, 12:00 UTC``; ``moment`` is in UTC."""
    return f"{day(moment)}, {moment.hour:02}:{moment.minute:02} UTC"


def dating_words(stored: StoredEntry) -> str:
    """Return when an entry was published, and how that is known."""
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
        because.append(f"it is listed {_between(stored)}")
    return f"{_window(dating)}, because {', and '.join(because)}{but}"


def evidence_words(stored: StoredEntry) -> str:
    """Return the evidence of an entry's date: a phrase in its text, or the entries around it."""
    dating = stored.dating
    return dating.evidence or f"it is listed {_between(stored)}"


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
    """Return ``between 13 and 15 December 2023`` or ``on 13 December 2023``."""
    first, last = dating.earliest, dating.latest
    if first.date() == last.date():
        return f"on {day(last)}"
    if (first.year, first.month) == (last.year, last.month):
        return f"between {first.day} and {day(last)}"
    if first.year == last.year:
        return f"between {first.day} {ENGLISH_MONTHS[first.month - 1]} and {day(last)}"
    return f"between {day(first)} and {day(last)}"
