"""How often an agency publishes: the usual time between two of its releases, and words for it.

Pure: takes the releases of an agency; returns a ``Gap``, which pages, ``status`` and the alarm of
silence share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from aggregator.model import Release

FEWEST = 5
"""Releases from which there is a usual gap."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The usual time between two releases.

    ``by_days``: taken from their days alone, since most of their times of day are not upstream's.
    It is then less than a day where several releases a day are usual, else whole days.
    """

    time: timedelta
    by_days: bool = False


def usual_gap(releases: Sequence[Release]) -> Gap | None:
    """Return the median gap between ``releases``, newest first; None where they are too few.

    A time of day that upstream did not give is ours, and says nothing about a gap.  Where those
    are most, the gap is that between two days with releases.
    """
    if len(releases) < FEWEST:
        return None
    if 2 * sum(release.is_timed for release in releases) > len(releases):
        gaps = [
            (later.published - earlier.published).total_seconds()
            for later, earlier in pairwise(releases)
            if later.is_timed and earlier.is_timed
        ]
        if len(gaps) >= FEWEST - 1:
            return Gap(time=timedelta(seconds=median(gaps)))
    return _by_days([release.published for release in releases])


def _by_days(times: Sequence[datetime]) -> Gap | None:
    days = sorted({time.astimezone(UTC).date() for time in times})
    if len(days) < 2:
        return None
    step = median((later - earlier).days for earlier, later in pairwise(days))
    if step == 1 and len(times) >= 2 * len(days):
        return Gap(time=_DAY * len(days) / len(times), by_days=True)
    return Gap(time=_DAY * round(step), by_days=True)


def gap_words(gap: Gap) -> str:
    """Return ``every 2 days``, ``every 26 hours``, ``several a day`` or ``several at a time``."""
    if gap.by_days and gap.time < _DAY:
        return "several a day"
    minutes = round(gap.time.total_seconds() / 60)
    if minutes < 1:
        return "several at a time"
    size, unit = next(each for each in _UNITS if minutes == each[0] or minutes >= 2 * each[0])
    number = round(minutes / size)
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"


_UNITS = ((1440, "day"), (60, "hour"), (1, "minute"))
