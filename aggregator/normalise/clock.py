"""Times of day for releases of which only the day is known.

Takes the releases of a line, oldest first, with their days and with the exact times of those that
have one; gives each a time of its own.  A day's oldest release gets noon in UTC, which is the same
day nearly everywhere on earth, and the next ones follow minute by minute: what is added on top
moves nothing below it.  Where a neighbour of the same day has an exact time, the others keep to
their side of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zlib import crc32

_SECOND = timedelta(seconds=1)
_MINUTES = 600  # as many releases a day have room from noon to 22:00


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a release belongs: on a ``day``, or at an ``exact`` time in UTC on it."""

    day: date
    exact: datetime | None = None


def times_of_day(spots: Sequence[Spot], name: str, used: set[datetime]) -> list[datetime]:
    """A time for each of ``spots``, which come oldest first.

    ``name`` is that of the list; lists of other names use other seconds of the minute, so that
    they seldom meet.  ``used`` holds times that are taken, and takes those given out; an exact
    time is given out whether it is taken or not.
    """
    times: list[datetime] = []
    used.update(spot.exact for spot in spots if spot.exact is not None)
    for day, run in groupby(spots, key=lambda spot: spot.day):
        times += _of_one_day(day, [spot.exact for spot in run], name, used)
    return times


def _of_one_day(
    day: date, exact: list[datetime | None], name: str, used: set[datetime]
) -> Iterator[datetime]:
    noon = datetime.combine(day, time(12), UTC) + crc32(name.encode()) % 60 * _SECOND
    step = timedelta(minutes=1) if len(exact) <= _MINUTES else _SECOND
    last = datetime.combine(day, time(23, 59, 59), UTC)
    before = datetime.combine(day, time.min, UTC) - _SECOND
    for number, moment in enumerate(exact):
        if moment is None:
            moment = max(noon + number * step, before + _SECOND)
            later = next((fixed for fixed in exact[number:] if fixed is not None), None)
            if later is not None and moment >= later > before:
                room = exact[number:].index(later)
                moment = max(later - room * _SECOND, before + _SECOND)
            moment = _free(min(moment, last), before, last, used)
        used.add(moment)
        before = max(before, moment)
        yield moment


def _free(moment: datetime, before: datetime, last: datetime, used: set[datetime]) -> datetime:
    """The first second from ``moment`` on that is not taken, else one further back in the day."""
    wanted = moment
    while moment in used and moment < last:
        moment += _SECOND
    if moment in used:
        moment = wanted
        while moment in used and moment > before + _SECOND:
            moment -= _SECOND
    return moment
