"""When no news is bad news: the rules by which an agency, a source or a file is in trouble.

Pure: takes what is known of each, with its times; gives a ``Trouble`` or None, the ``Alarm`` that
one becomes, and alarms in words.  What is in trouble and what was, is for ``aggregator/alarm.py``.

An agency is silent once it was listened to for longer than its patience after its last release.
Its patience is the longest of three: 3 days, or 12 if it has ever let a day and a half pass, since
whoever keeps weekends keeps holidays; 8 times its usual gap (the median of its last 50); twice the
longest gap of the 400 days before, since whoever closes in summer has shown so, and will again.
Of 100 made-up agencies of each kind, which keep holidays, a closed week at Christmas and, those of
the last three, three weeks in August, so many alarms a year and agency were for nothing, in its
first year and later; and this was the patience in the end, in days:

=========================  =====  =====  ========
releases                   first  later  patience
=========================  =====  =====  ========
1 an hour, day and night   0.00   0.00          3
30 a working day           0.09   0.00         19
5 a working day            0.18   0.00         19
1 a working day            0.33   0.00         24
4 a week                   0.83   0.00         50
1 a week                   0.10   0.03         78
1 a month                  0.05   0.01        218
=========================  =====  =====  ========

A release that is dated wrongly by months makes its agency's patience too long, for a year.
Nothing is said of an agency with fewer than 8 releases.  How long it was listened to ends with the
last success of its sources, not with the clock: where none can be read, that is the sources' alarm.
"""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from aggregator.dating.languages import ENGLISH_MONTHS
from aggregator.model import AgencyActivity, Alarm, AlarmKind, SourceFailures
from aggregator.normalise.identity import feed_id
from aggregator.normalise.text import cut, one_line

FEED = "_health"
"""The name of the operators' feed; no agency's id begins like this."""

MOST = "*"
"""The subject of the alarm that stands for most sources at once; no source's id."""

USUAL = 50
"""Gaps from which the usual one is taken."""

SHORTEST_PATIENCE = timedelta(days=3)
PATIENCE_WITH_HOLIDAYS = timedelta(days=12)
YEAR = timedelta(days=400)
"""Back to where the longest gap is looked for: a year, and a holiday that moves."""

_FEWEST_RELEASES = 8
_REST = timedelta(hours=36)
_TIMES_USUAL = 8
_TIMES_LONGEST = 2
_FEWEST_FAILURES = 5
_FEWEST_FAILURES_OF_FILES = 2
_PATIENCE_WITH_SERVERS = timedelta(days=1)
# Servers come back by themselves.  A folder that is not there was never made, or was moved.
_PATIENCE_WITH_FILES = timedelta(hours=1)
_FEWEST_OF_MOST = 10  # sources
_SECOND = timedelta(seconds=1)
_LONGEST_NAME = 100
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong now: of what kind, with whom, since when, in words for people.

    ``title`` names it; ``words`` are one line, and say what to do.
    """

    kind: AlarmKind
    subject: str
    since: datetime
    title: str
    words: str


def silent(publishing: AgencyActivity) -> Trouble | None:
    """The trouble with an agency that has published nothing for too long."""
    releases = publishing.releases
    if len(releases) < _FEWEST_RELEASES or publishing.heard is None:
        return None
    gaps = [later - earlier for later, earlier in pairwise(releases)]
    usual = timedelta(seconds=median(gap.total_seconds() for gap in gaps))
    if publishing.heard - releases[0] <= patience(usual, publishing.longest or max(gaps)):
        return None
    name = shown(publishing.name)
    since = day(releases[0], publishing.heard)
    return Trouble(
        kind="silent",
        subject=publishing.agency,
        since=releases[0],
        title=f"{name}: nothing published since {since} (usually {_every(usual)})",
        words=f"{name} has published nothing since {since}, and usually publishes {_every(usual)}."
        f" It comes through {_list(publishing.sources)}, last read without error on "
        f"{day(publishing.heard, publishing.heard)}. See whether its own pages have news; if so, "
        "the source needs its new address, or newer digests.",
    )


def patience(usual: timedelta, longest: timedelta) -> timedelta:
    """How long after its last release an agency is not yet silent."""
    shortest = PATIENCE_WITH_HOLIDAYS if longest > _REST else SHORTEST_PATIENCE
    return max(shortest, _TIMES_USUAL * usual, _TIMES_LONGEST * longest)


def unread(readings: Iterable[SourceFailures], remote: int) -> Iterator[Trouble]:
    """The troubles with sources that failed, ``remote`` being how many have an address at all.

    Where most of those fail there is one trouble, ``MOST``, instead of one for each.
    """
    gone, failing = [], []
    for reading in readings:
        if reading.gone is not None:
            gone.append(reading)
        elif _is_failing(reading):
            failing.append(reading)
    yield from map(_gone, gone)
    away = [reading for reading in failing if reading.is_remote]
    if len(away) >= _FEWEST_OF_MOST and 2 * len(away) > remote:
        yield _most(away, remote)
        failing = [reading for reading in failing if not reading.is_remote]
    yield from map(_failing, failing)


def most_fail(readings: Iterable[SourceFailures], remote: int) -> bool:
    """Whether most of the sources with an address failed when they were last read."""
    away = sum(reading.is_remote and reading.gone is None for reading in readings)
    return 2 * away > remote


def _is_failing(reading: SourceFailures) -> bool:
    lasted = reading.last_attempt - reading.first_failed
    if reading.is_remote:
        return reading.failures >= _FEWEST_FAILURES and lasted > _PATIENCE_WITH_SERVERS
    return reading.failures >= _FEWEST_FAILURES_OF_FILES and lasted > _PATIENCE_WITH_FILES


def _gone(reading: SourceFailures) -> Trouble:
    since = reading.gone or reading.last_attempt
    return Trouble(
        kind="gone",
        subject=reading.source,
        since=since,
        title=f"{reading.source}: gone for good since {day(since, reading.last_attempt)}",
        words=f"The server of {reading.source} says that it is gone for good (410) since "
        f"{day(since, reading.last_attempt)}, so it is not asked any more. Give it its new "
        "address, or take it out of the configuration.",
    )


def _failing(reading: SourceFailures) -> Trouble:
    since = day(reading.first_failed, reading.last_attempt)
    reason = cut(one_line(reading.reason), _LONGEST_REASON).rstrip(".")
    return Trouble(
        kind="failing",
        subject=reading.source,
        since=reading.first_failed,
        title=f"{reading.source}: cannot be read since {since}",
        words=f"{reading.source} could not be read {reading.failures} times in a row since {since}:"
        f" {reason}. Look at its location, or take it out of the configuration.",
    )


def _most(readings: Sequence[SourceFailures], remote: int) -> Trouble:
    since = min(reading.first_failed for reading in readings)
    shown_since = day(since, max(reading.last_attempt for reading in readings))
    share = f"{len(readings):,} of {remote:,} sources"
    return Trouble(
        kind="failing",
        subject=MOST,
        since=since,
        title=f"Most sources cannot be read since {shown_since}",
        words=f"{share} with an address could not be read since {shown_since} or later. Look at "
        "the network of this machine first.",
    )


def unwritten(name: str, reason: str, now: datetime) -> Trouble:
    """The trouble with a file of a feed that could not be written."""
    return Trouble(
        kind="unwritable",
        subject=name,
        since=now,
        title=f"{shown(name)}: cannot be written since {day(now, now)}",
        words=f"{shown(name)} could not be written: {cut(one_line(reason), _LONGEST_REASON)}. "
        "Subscribers get the old file until that can be mended.",
    )


def began(trouble: Trouble, now: datetime) -> Alarm:
    """The alarm that ``trouble`` becomes."""
    since = _second(trouble.since)
    return Alarm(
        id=_alarm_id(trouble.kind, trouble.subject, since),
        kind=trouble.kind,
        subject=trouble.subject,
        since=since,
        title=trouble.title,
        words=trouble.words,
        raised=_second(now),
        updated=_second(now),
    )


def _alarm_id(kind: str, subject: str, since: datetime) -> str:
    """Within the names of the operators' feed, so that it is no entry's id."""
    return uuid.uuid5(uuid.UUID(feed_id(FEED)), f"{kind}\n{subject}\n{since.isoformat()}").urn


def back(alarm: Alarm, since: datetime, now: datetime) -> Alarm:
    """``alarm`` when what it was of is well again, and is ``since`` then."""
    how = "are read again" if alarm.subject == MOST else "is back"
    return _ended(alarm, f"{how} since {day(since, now)}", now)


def dropped(alarm: Alarm, why: str, now: datetime) -> Alarm:
    """``alarm`` when it ends for another reason than that all is well again."""
    return _ended(alarm, why, now)


def _ended(alarm: Alarm, how: str, now: datetime) -> Alarm:
    """A clock that was set back ends nothing before it began."""
    name, before = _parted(alarm)
    at = max(_second(now), alarm.raised + _SECOND)
    return replace(
        alarm,
        title=f"{name}: {how}",
        words=f"{name} {how}; before: {before}.",
        updated=at,
        ended=at,
    )


def _parted(alarm: Alarm) -> tuple[str, str]:
    """Whom the title of an open alarm names, and what it says."""
    if alarm.subject == MOST:
        return "Most sources", alarm.title.removeprefix("Most sources ")
    name, _, said = alarm.title.rpartition(": ")
    return name, said


def apart(alarms: Iterable[Alarm], taken: Collection[datetime]) -> Iterator[Alarm]:
    """``alarms`` that changed together, each with an ``updated`` of its own, none of ``taken``.

    The W3C's validator warns of two entries with one time, since readers then cannot order them.
    """
    used = set(taken)
    free: dict[datetime, datetime] = {}  # where to go on, so that many at once cost little
    for alarm in alarms:
        at = free.get(alarm.updated, alarm.updated)
        while at in used:
            at += _SECOND
        used.add(at)
        free[alarm.updated] = at
        yield replace(
            alarm,
            updated=at,
            raised=at if alarm.raised == alarm.updated else alarm.raised,
            ended=at if alarm.ended is not None else None,
        )


def day(moment: datetime, now: datetime) -> str:
    """``3 May``, or ``3 May 2024`` where that is not the year of ``now``; in UTC."""
    moment = moment.astimezone(UTC)
    year = f" {moment.year}" if moment.year != now.astimezone(UTC).year else ""
    return f"{moment.day} {ENGLISH_MONTHS[moment.month - 1]}{year}"


def shown(name: str) -> str:
    """A name as titles have it, whatever it holds: on one line, and not long."""
    return cut(one_line(name), _LONGEST_NAME) or "(unnamed)"


def _every(gap: timedelta) -> str:
    """``every 2 days``, ``every hour``, ``several at a time``."""
    minutes = gap.total_seconds() / 60
    if minutes < 1:
        return "several at a time"
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        number = round(minutes / size)
        if minutes >= size or unit == "minute":
            return f"every {unit}" if number == 1 else f"every {number} {unit}s"
    return ""


def _list(names: Sequence[str]) -> str:
    first = ", ".join(names[:3])
    return f"{first} and {len(names) - 3} more" if len(names) > 3 else first


def _second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
