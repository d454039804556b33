"""Which of an entry's texts is the one to show, and when it last changed.

Takes the texts that an entry was seen with, each with when it was first seen; gives the one that
stands and the time of the last change that a reader should hear of.  A function of the set of
texts: an upstream that flips back to an earlier text changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SAME_TIME = timedelta(hours=1)
"""Texts first seen this close together came in with one another: neither changed the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A text of an entry, by its fingerprint, and the first place it was seen at.

    ``is_partial``: it was cut short, or is a summary.
    ``seen`` is the time of that document in UTC, ``document`` its name, ``position`` counts from
    the top, where the newest is.
    """

    fingerprint: str
    is_partial: bool
    seen: datetime
    document: str
    position: int


def in_order(versions: Iterable[Version]) -> list[Version]:
    """The texts of an entry as they came, oldest first."""
    return sorted(versions, key=_order)


def _order(version: Version) -> tuple[datetime, str, int, str]:
    return version.seen, version.document, version.position, version.fingerprint


def current(versions: Iterable[Version]) -> Version:
    """The text that stands: the last that came, but no part of one where there is a whole one."""
    return max(versions, key=lambda version: (not version.is_partial, _order(version)))


def changed(versions: Iterable[Version]) -> datetime | None:
    """When the text that stands took the place of another; None if it never did.

    Seconds are taken off by the item's place, so that no two entries of a document changed at the
    same time and the newest changed last.
    """
    ordered = in_order(versions)
    standing = current(ordered)
    before = [version for version in ordered if _order(version) < _order(standing)]
    if not before or standing.seen - before[0].seen < SAME_TIME:
        return None
    return standing.seen.replace(microsecond=0) - timedelta(seconds=standing.position)
