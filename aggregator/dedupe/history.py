"""Work out from an entry's texts which is current, when it changed, and which edits it had.

Takes the texts that an entry was seen with, each with where it was seen first.  All results are
functions of the set of texts: a publisher that flips back to an earlier text changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from aggregator.dedupe.diff import Change, changes
from aggregator.model import RevisionText

SAME_TIME = timedelta(hours=1)
"""Texts first seen this close together came together: neither changed the other."""

MOST = 20
"""Edits of one entry that count, the last ones, since some texts change all the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A text of an entry, by its fingerprint, and where it was seen first.

    ``is_partial``: it was cut short, or is a summary.  ``seen`` is the time of the document in UTC,
    ``document`` its name, and ``position`` counts from the top, where the newest item is.
    ``arrival`` is the row of the document, for documents of one name and time, and ``source`` that
    of the feed, empty for a digest.
    """

    fingerprint: str
    is_partial: bool
    seen: datetime
    document: str
    position: int
    arrival: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A step from one whole text to the next that has other words, links, pictures or dates.

    ``moment`` is when the later text was first seen, in UTC, less a second for each place of its
    item from the top, as in ``changed``: so the edits of one document have an order.
    """

    before: RevisionText
    after: RevisionText
    moment: datetime
    title: Sequence[Change]
    text: Sequence[Change]
    more: Sequence[Change] = ()


def in_order(versions: Iterable[Version]) -> list[Version]:
    """Return the texts of an entry as they came, oldest first."""
    return sorted(versions, key=_order)


def current(versions: Iterable[Version]) -> Version:
    """Return the text to show: the last that came, but no partial one where a whole one exists."""
    return max(versions, key=lambda version: (not version.is_partial, _order(version)))


def changed(versions: Iterable[Version]) -> datetime | None:
    """Return when the current text replaced another; None if it never did.

    A second is taken off for each place of the item from the top, so that no two entries of a
    document changed at the same time and the newest changed last.
    """
    ordered = in_order(versions)
    latest = current(ordered)
    before = [version for version in ordered if _order(version) < _order(latest)]
    if not before:
        return None
    if latest.seen - before[0].seen < SAME_TIME and not _follows(latest, before[-1]):
        return None
    return latest.seen.replace(microsecond=0) - timedelta(seconds=latest.position)


def edits(texts: Sequence[RevisionText], positions: Mapping[str, int]) -> list[Edit]:
    """Return the edits among ``texts`` that a reader may want to know of, oldest first.

    ``texts`` come oldest first; ``positions`` are the places, from 0, at which each text, by its
    fingerprint, was seen first.
    """
    whole = list(_last_of_each_time(comparable(texts)))
    found: list[Edit] = []
    limit: datetime | None = None
    for before, after in reversed(list(pairwise(whole))[-MOST:]):
        moment = after.seen.replace(microsecond=0) - timedelta(
            seconds=positions.get(after.fingerprint, 0)
        )
        # Never later than what followed: no edit is later than the entry's time of change.
        limit = moment if limit is None else min(moment, limit - timedelta(seconds=1))
        title, text, more = steps(before, after)
        if title or text or more:
            edit = Edit(before=before, after=after, moment=limit, title=title, text=text, more=more)
            found.append(edit)
    return found[::-1]


def comparable(texts: Sequence[RevisionText]) -> list[RevisionText]:
    """Return the texts that may be edits of each other.

    A text that was cut short was not edited.  But where a feed only has summaries, these are,
    unless one is the beginning of the other.
    """
    whole = [text for text in texts if not text.is_partial]
    if whole:
        return whole
    found: list[RevisionText] = []
    for text in texts:
        if not text.source or text.source != texts[0].source:
            return []  # a digest cuts where it likes, and two feeds summarise as they like
        if not found or not _begins_with(found[-1], text):
            found.append(text)
    return found


def _begins_with(one: RevisionText, other: RevisionText) -> bool:
    """Whether one text is the beginning of the other, under the same title."""
    short, long = sorted((_uncut(one.text), _uncut(other.text)), key=len)
    is_shown_otherwise = one.told.keys() != other.told.keys()
    return one.title == other.title and long.startswith(short) and not is_shown_otherwise


def _uncut(text: str) -> str:
    return text.rstrip().rstrip(".…[]").rstrip()


def steps(
    before: RevisionText, after: RevisionText
) -> tuple[list[Change], list[Change], list[Change]]:
    """Return the changes of the title, of the text, and of what else one feed states."""
    return (
        _changes(before.title, after.title),
        _changes(before.text, after.text),
        _changes_told(before, after),
    )


def _changes_told(before: RevisionText, after: RevisionText) -> list[Change]:
    if not after.source or before.source != after.source:
        return []
    first_seen = f"Date: {before.seen:%Y-%m-%dT%H:%M:%SZ}"
    is_later = any(key.startswith("Date: ") and key > first_seen for key in after.told)
    found: list[Change] = []
    kind: Literal["removed", "added"]
    for kind, one, other in (("removed", before, after), ("added", after, before)):
        for key, line in one.told.items():
            # A date after the release was seen is none: it says when the feed was made.
            if key not in other.told and not (is_later and key.startswith("Date: ")):
                found += [Change("kept", "\n")] if found else []
                found.append(Change(kind, line))
    return found


def _order(version: Version) -> tuple[datetime, str, int, int, str]:
    return (
        *(version.seen, version.document, version.arrival),
        *(version.position, version.fingerprint),
    )


def _follows(text: Version | RevisionText, before: Version | RevisionText) -> bool:
    """Whether a feed has replaced its own text, however soon."""
    return bool(text.source) and text.source == before.source and text.seen > before.seen


def _last_of_each_time(texts: Sequence[RevisionText]) -> Iterator[RevisionText]:
    """Yield the last of the texts that came together."""
    first: RevisionText | None = None
    last: RevisionText | None = None
    for text in texts:
        if (
            first is None
            or last is None
            or text.seen - first.seen >= SAME_TIME
            or _follows(text, last)
        ):
            if last is not None:
                yield last
            first = text
        last = text
    if last is not None:
        yield last


def _changes(before: str, after: str) -> list[Change]:
    """Return the changes from one text to another; none where the words are the same."""
    if before == after:
        return []
    found = list(changes(before, after))
    return found if any(change.kind != "kept" for change in found) else []
