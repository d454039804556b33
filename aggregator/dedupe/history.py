"""Work out from an entry's texts which is current, when it changed, and which edits it had.

Takes the texts that an entry was seen with, each with where it was seen first.  All results are
functions of the set of texts: a publisher that flips back to an earlier text changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

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
    """

    fingerprint: str
    is_partial: bool
    seen: datetime
    document: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A step from one whole text to the next that has other words.

    ``moment`` is when the later text was first seen, in UTC, less a second for each place of its
    item from the top, as in ``changed``: so the edits of one document have an order.
    """

    before: RevisionText
    after: RevisionText
    moment: datetime
    title: Sequence[Change]
    text: Sequence[Change]


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
    if not before or latest.seen - before[0].seen < SAME_TIME:
        return None
    return latest.seen.replace(microsecond=0) - timedelta(seconds=latest.position)


def edits(texts: Sequence[RevisionText], positions: Mapping[str, int]) -> list[Edit]:
    """Return the edits among ``texts`` that a reader may want to know of, oldest first.

    ``texts`` come oldest first; ``positions`` are the places, from 0, at which each text, by its
    fingerprint, was seen first.  A text that was cut short was not edited.
    """
    whole = list(_last_of_each_time([text for text in texts if not text.is_partial]))
    found: list[Edit] = []
    limit: datetime | None = None
    for before, after in reversed(list(pairwise(whole))[-MOST:]):
        moment = after.seen.replace(microsecond=0) - timedelta(
            seconds=positions.get(after.fingerprint, 0)
        )
        # Never later than what followed: no edit is later than the entry's time of change.
        limit = moment if limit is None else min(moment, limit - timedelta(seconds=1))
        title, text = _changes(before.title, after.title), _changes(before.text, after.text)
        if title or text:
            found.append(Edit(before=before, after=after, moment=limit, title=title, text=text))
    return found[::-1]


def _order(version: Version) -> tuple[datetime, str, int, str]:
    return version.seen, version.document, version.position, version.fingerprint


def _last_of_each_time(texts: Sequence[RevisionText]) -> Iterator[RevisionText]:
    """Yield the last of the texts that came together."""
    first: RevisionText | None = None
    last: RevisionText | None = None
    for text in texts:
        if first is None or last is None or text.seen - first.seen >= SAME_TIME:
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
