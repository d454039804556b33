"""Times of day for releases of which only the day is known.

``times_of_day`` takes the releases of a list, oldest first, with their days and the exact times of
those that have one; it returns a time of its own for each.  A day's oldest release gets noon in
UTC, which is the same day nearly everywhere on earth, and the next ones follow minute by minute, so
that a release added on top moves none below it.  Where a neighbour of the same day has an exact
time, the others keep to their side of it.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zlib import crc32

_SECOND = timedelta(seconds=1)
_MINUTES = 600  # as many releases a day have room from noon to 22:00


@dataclass(frozen=True, slots=True)
class Slot:
    """When a release came out: on a ``day``, or at an ``exact`` time in UTC on it.

    ``seen`` is when it was first seen, before which it must have been out.
    """

    day: date
    exact: datetime | None = None
    seen: datetime | None = None


class Taken:
    """Times that are taken: those ``assigned`` here, which become more, and those of ``others``.

    It remembers where a search ended, so that thousands of releases that want one time do not each
    pass all those before them.
    """

    def __init__(self, assigned: set[datetime], *others: Container[datetime]) -> None:
        self._assigned = assigned
        self._others = others
        self._found: dict[tuple[datetime, timedelta], datetime] = {}

    def add(self, moment: datetime) -> None:
        """Take a time."""
        self._assigned.add(moment)

    def and_also(self, times: Container[datetime]) -> "Taken":
        """Return these and other times; what is assigned later is among them."""
        return Taken(self._assigned, times, *self._others)

    def next_free(self, moment: datetime, step: timedelta = _SECOND) -> datetime:
        """Return the first free time from ``moment`` on, in such steps."""
        passed = []
        while moment in self._assigned or any(moment in times for times in self._others):
            passed.append(moment)
            moment = self._found.get((moment, step), moment + step)
        self._found.update(((before, step), moment) for before in passed)
        return moment


def times_of_day(slots: Sequence[Slot], name: str, used: Taken) -> list[datetime]:
    """Return a time for each of ``slots``, which are oldest first.

    ``name`` is that of the list; lists of other names use other seconds of the minute, so that
    they seldom meet.  ``used`` holds times that are taken, and takes those assigned.  Of releases
    with the same exact time, each but the oldest has the next free second.
    """
    exact = {slot.exact for slot in slots if slot.exact is not None}
    reserved = used.and_also(exact) if exact else used
    times: list[datetime] = []
    for day, run in groupby(slots, key=lambda slot: slot.day):
        times += _of_one_day(day, list(run), name, used, reserved)
    return times


def _of_one_day(
    day: date, slots: list[Slot], name: str, used: Taken, reserved: Taken
) -> Iterator[datetime]:
    start, step = _grid(day, slots, name)
    before = datetime.combine(day, time.min, UTC) - _SECOND
    end = datetime.combine(day, time(23, 59, 59), UTC)
    for number, (slot, limit) in enumerate(zip(slots, _limits(slots, end), strict=True)):
        if slot.exact is not None:
            moment = used.next_free(slot.exact)
        else:
            low = before + _SECOND
            high = limit if limit >= low else end
            wanted = min(max(start + number * step, low), high)
            moment = _free(wanted, low, high, reserved)
        used.add(moment)
        before = max(before, moment)
        yield moment


def _grid(day: date, slots: Sequence[Slot], name: str) -> tuple[datetime, timedelta]:
    """Return the time of a day's oldest release, and how far apart the next ones are.

    A release that was seen before noon of its own day was out by then.
    """
    noon = datetime.combine(day, time(12), UTC) + crc32(name.encode()) % 60 * _SECOND
    seen = slots[0].seen
    if seen is not None and seen.date() == day and seen < noon:
        return seen.replace(microsecond=0), _SECOND
    return noon, timedelta(minutes=1) if len(slots) <= _MINUTES else _SECOND


def _limits(slots: Sequence[Slot], end: datetime) -> list[datetime]:
    """Return the latest time of each release: there must be room before the next exact one."""
    limits: list[datetime] = []
    for slot in reversed(slots):
        limits.append(end)
        end = (slot.exact if slot.exact is not None else end) - _SECOND
    return limits[::-1]


def _free(wanted: datetime, low: datetime, high: datetime, reserved: Taken) -> datetime:
    """Return the nearest free second after ``wanted`` up to ``high``, else before it to ``low``."""
    after = reserved.next_free(wanted)
    if after <= high:
        return after
    before = reserved.next_free(wanted, -_SECOND)
    return before if before >= low else wanted
