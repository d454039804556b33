"""Which changes of an entry's text are edits that somebody may want to notice.

Takes the texts an entry was seen with, oldest first; gives each step from a whole text to the next
whole one that has other words.  A function of the set of texts, as ``history`` is: what was cut
short was not edited, and of texts that came in with one another neither changed the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from aggregator.dedupe.changes import Change, changes
from aggregator.dedupe.history import SAME_TIME
from aggregator.model import RevisionText

MOST = 20
"""Edits of one entry that count, the last ones: a text that changes all the time has no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A step from one text to the next, with what changed in title and text.

    ``moment`` is when the later text was first seen, in UTC, less a second for each place that its
    item stood from the top, as in ``history.changed``: so edits of one document have an order.
    """

    before: RevisionText
    after: RevisionText
    moment: datetime
    title: Sequence[Change]
    text: Sequence[Change]


def edits(texts: Sequence[RevisionText], positions: Mapping[str, int]) -> list[Edit]:
    """The edits among ``texts``, oldest first.

    ``positions`` are the places, from 0, at which each text, by its fingerprint, was first seen.
    """
    standing = list(_standing([text for text in texts if not text.is_partial]))
    steps = list(pairwise(standing))[-MOST:]
    found: list[Edit] = []
    limit: datetime | None = None
    for before, after in reversed(steps):
        moment = after.seen.replace(microsecond=0) - timedelta(
            seconds=positions.get(after.fingerprint, 0)
        )
        # Never later than what followed: no edit is later than the entry's `changed`.
        limit = moment if limit is None else min(moment, limit - timedelta(seconds=1))
        title, text = _changed(before.title, after.title), _changed(before.text, after.text)
        if title or text:
            found.append(Edit(before=before, after=after, moment=limit, title=title, text=text))
    return found[::-1]


def _standing(texts: Sequence[RevisionText]) -> Iterator[RevisionText]:
    """Of texts that came in with one another the last, which stood when they had."""
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


def _changed(before: str, after: str) -> list[Change]:
    """The changes from one text to another; none where the words are the same."""
    if before == after:
        return []
    found = list(changes(before, after))
    return found if any(change.kind != "kept" for change in found) else []
