"""Dates in English words, and why an entry has its date.

strftime would use the language of the operator's system.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from aggregator.dating.languages.english import ENGLISH_MONTHS, ENGLISH_WEEKDAYS
from aggregator.model import Dating, StoredEntry
from aggregator.normalise.text import cut

Piece = tuple[str, Literal["above", "below"] | None]
"""Words, and which neighbour in the list of a document they name, if they do."""

_HOW_READ = {
    "stated": "its text states the day",
    "past": "its text reports a past event",
    "present": "its text reports the day",
    "future": "its text announces an event",
}


def day(moment: date) -> str:
    """Return ``15 December 2023``."""
    return f"{moment.day} {month(moment)}"


def weekday(moment: date) -> str:
    """Return ``Friday 15 December``."""
    name = ENGLISH_WEEKDAYS[moment.weekday()]
    return f"{name} {moment.day} {ENGLISH_MONTHS[moment.month - 1]}"


def month(moment: date) -> str:
    """Return ``December 2023``."""
    return f"{ENGLISH_MONTHS[moment.month - 1]} {moment.year}"


def month_only(moment: date) -> str:
    """Return ``December``."""
    return ENGLISH_MONTHS[moment.month - 1]


def minute(moment: datetime) -> str:
    """Return ``15 December 2023, 12:00 UTC``; ``moment`` is in UTC."""
    return f"{day(moment)}, {moment.hour:02}:{moment.minute:02} UTC"


def brief(moment: datetime, now: datetime) -> str:
    """Return ``12:00`` on the day of ``now``, else ``15 Dec`` or ``15 Dec 2023``; both in UTC."""
    if moment.date() == now.date():
        return f"{moment.hour:02}:{moment.minute:02}"
    year = f" {moment.year}" if moment.year != now.year else ""
    return f"{moment.day} {ENGLISH_MONTHS[moment.month - 1][:3]}{year}"


def when(dating: Dating) -> str:
    """Return when an entry came out, as precisely as that is known, and whether it is inferred.

    ``15 December 2023, 10:15 UTC`` where upstream gave a time, ``15 December 2023`` where the day
    is stated, ``14\N{EN DASH}15 December 2023, inferred``, ``about December 2023, inferred``.
    """
    if dating.basis == "upstream" and dating.earliest == dating.latest:
        return minute(dating.published)
    if dating.basis in ("upstream", "stated"):
        return day(dating.published)
    if dating.basis == "first-seen":
        return f"not after {day(dating.latest or dating.published)}, first seen"
    return f"{_inferred(dating)}, inferred"


def _inferred(dating: Dating) -> str:
    """Return days where they are few, else the most probable day, month or year."""
    first, last = dating.earliest, dating.latest
    if first is None and last is None:
        return f"perhaps {dating.published.year}"
    if first is None or last is None or last - first > timedelta(days=31):
        return f"about {month(dating.published)}"
    if last - first > timedelta(days=4):
        return f"about {day(dating.published)}"
    start = _start(first, last)
    if not start:
        return day(last)
    dash = "\N{EN DASH}" if start.isdecimal() else " \N{EN DASH} "
    return f"{start}{dash}{day(last)}"


def dating_words(stored: StoredEntry) -> str:
    """Return when an entry was published, and how that is known."""
    return _joined(dating_pieces(stored))


def dating_pieces(stored: StoredEntry) -> Sequence[Piece]:
    """Return ``dating_words`` in pieces, with the neighbours that they name apart."""
    dating = stored.dating
    if dating.basis == "first-seen":
        seen = f", when it was {dating.evidence}"
        return [(f"{_window(dating)}{seen}; no earlier bound", None)]
    but = f"; but {dating.conflict}" if dating.conflict else ""
    if dating.basis == "upstream":
        return [(f"given by its publisher: {dating.evidence}{but}", None)]
    because, beside = "", list[Piece]()
    if dating.evidence:
        how = _HOW_READ.get(dating.role or "", "its text says")
        because = f"{how}: “{dating.evidence}”"
    if not dating.evidence or (stored.below or stored.above):
        because += ", and it is listed " if because else "it is listed "
        beside = _between(stored)
    ends = {
        (True, False): "; no earlier bound",
        (False, True): "; no later bound",
        (True, True): "; no bound on either side",
    }
    unbound = ends.get((dating.earliest is None, dating.latest is None), "")
    return [(f"{_window(dating)}, because {because}", None), *beside, (f"{unbound}{but}", None)]


def evidence_words(stored: StoredEntry) -> str:
    """Return the evidence of an entry's date: a phrase in its text, or the entries around it."""
    return stored.dating.evidence or f"it is listed {_joined(_between(stored))}"


def _joined(pieces: Sequence[Piece]) -> str:
    return "".join(words for words, _ in pieces)


def _between(stored: StoredEntry) -> list[Piece]:
    above: list[Piece] = _named(stored.above, "above")
    below: list[Piece] = _named(stored.below, "below")
    if above and below:
        return [("between ", None), *above, (" and ", None), *below]
    if above or below:
        return [("below " if above else "above ", None), *above, *below]
    return [("in a digest with dated entries", None)]


def _named(title: str | None, side: Literal["above", "below"]) -> list[Piece]:
    """Return the quoted title of a neighbour, or nothing without one."""
    return [] if title is None else [("“", None), (cut(title, 80), side), ("”", None)]


def _window(dating: Dating) -> str:
    """Return ``between 13 and 15 December 2023``, ``on 13 December 2023``, or what is known."""
    first, last = dating.earliest, dating.latest
    if first is not None and last is not None:
        start = _start(first, last)
        return f"between {start} and {day(last)}" if start else f"on {day(last)}"
    if last is not None:
        return f"not after {day(last)}"
    return f"not before {day(first)}" if first is not None else f"perhaps {dating.published.year}"


def _start(first: date, last: date) -> str:
    """Return the first of two days without what it shares with the last; empty for the same."""
    if (first.year, first.month, first.day) == (last.year, last.month, last.day):
        return ""
    if (first.year, first.month) == (last.year, last.month):
        return str(first.day)
    return (
        f"{first.day} {ENGLISH_MONTHS[first.month - 1]}" if first.year == last.year else day(first)
    )
