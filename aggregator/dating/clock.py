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
    """Where a release belongs: on a ``day``, or at an ``exact`` time in UTC on it.

    ``seen`` is when it was first seen, before which it must have been out.
    """

    day: date
    exact: datetime | None = None
    seen: datetime | None = None


def times_of_day(spots: Sequence[Spot], name: str, used: set[datetime]) -> list[datetime]:
    """A time for each of ``spots``, which come oldest first.

    ``name`` is that of the list; lists of other names use other seconds of the minute, so that
    they seldom meet.  ``used`` holds times that are taken, and takes those given out.  Of releases
    with one exact time each but the oldest is given the next free second.
    """
    reserved = {spot.exact for spot in spots if spot.exact is not None}
    times: list[datetime] = []
    for day, run in groupby(spots, key=lambda spot: spot.day):
        times += _of_one_day(day, list(run), name, used, reserved)
    return times


def _of_one_day(
    day: date, spots: list[Spot], name: str, used: set[datetime], reserved: set[datetime]
) -> Iterator[datetime]:
    start, step = _grid(day, spots, name)
    before = datetime.combine(day, time.min, UTC) - _SECOND
    end = datetime.combine(day, time(23, 59, 59), UTC)
    for number, (spot, limit) in enumerate(zip(spots, _limits(spots, end), strict=True)):
        if spot.exact is not None:
            moment = spot.exact
            while moment in used:
                moment += _SECOND
        else:
            low = before + _SECOND
            high = limit if limit >= low else end
            wanted = min(max(start + number * step, low), high)
            moment = _free(wanted, low, high, used, reserved)
        used.add(moment)
        before = max(before, moment)
        yield moment


def _grid(day: date, spots: Sequence[Spot], name: str) -> tuple[datetime, timedelta]:
    """The time of a day's oldest release, and how far apart the next ones are.

    One that was seen before noon of its own day was out by then.
    """
    noon = datetime.combine(day, time(12), UTC) + crc32(name.encode()) % 60 * _SECOND
    seen = spots[0].seen
    if seen is not None and seen.date() == day and seen < noon:
        return seen.replace(microsecond=0), _SECOND
    return noon, timedelta(minutes=1) if len(spots) <= _MINUTES else _SECOND


def _limits(spots: Sequence[Spot], end: datetime) -> list[datetime]:
    """The latest time each release may have: there must be room before the next exact one."""
    limits: list[datetime] = []
    for spot in reversed(spots):
        limits.append(end)
        end = (spot.exact if spot.exact is not None else end) - _SECOND
    return limits[::-1]


def _free(
    wanted: datetime, low: datetime, high: datetime, used: set[datetime], reserved: set[datetime]
) -> datetime:
    """The free second nearest after ``wanted``, up to ``high``; else before it, down to ``low``."""
    for step, bound in ((_SECOND, high), (-_SECOND, low)):
        moment = wanted
        while moment != bound and (moment in used or moment in reserved):
            moment += step
        if moment not in used and moment not in reserved:
            return moment
    return wanted
