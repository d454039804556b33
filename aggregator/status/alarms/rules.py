"""The rules by which an agency, a source or a file is in trouble.

Pure: takes what is known of each, with its times; returns a ``Trouble`` or None, and the ``Alarm``
that one becomes.  ``watch`` finds out what began and what ended.

The rules, their reasons and how often they are wrong: ``docs/decisions/alarms.md``.
"""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from aggregator.dating.gaps import gap_words, usual_gap
from aggregator.dating.languages.english import ENGLISH_MONTHS
from aggregator.model import AgencyActivity, Alarm, AlarmKind, Release, SourceFailures
from aggregator.normalise.identity import feed_id
from aggregator.normalise.text import cut, one_line

FEED = "_health"
"""The name of the operators' feed; no agency's id begins like this."""

MOST = "*"
"""The subject of the alarm about most sources at once; it is not the id of a source."""

MOST_NAME = "Most sources"

USUAL = 50
"""Gaps from which the usual one is taken."""

SHORTEST_PATIENCE = timedelta(days=3)
PATIENCE_WITH_HOLIDAYS = timedelta(days=12)
YEAR = timedelta(days=400)
"""How far back the longest gap is looked for: a year, and a holiday that moves."""

_FEWEST_RELEASES = 8
_REST = timedelta(hours=36)
_TIMES_USUAL = 8
_TIMES_LONGEST = 2
_FEWEST_FAILURES = 5
_FEWEST_FAILURES_OF_FILES = 2
_PATIENCE_WITH_SERVERS = timedelta(days=1)
# A server is usually repaired without us.  A missing folder was never made, or was moved.
_PATIENCE_WITH_FILES = timedelta(hours=1)
_FEWEST_OF_MOST = 10  # sources
_SECOND = timedelta(seconds=1)
_LONGEST_NAME = 100
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong now, since when, in words for people.

    ``title`` names the subject; ``words`` are one line that says what to do.
    """

    kind: AlarmKind
    subject: str
    since: datetime
    title: str
    words: str


def silent(activity: AgencyActivity) -> Trouble | None:
    """Return the trouble with an agency that has published nothing for too long."""
    releases, heard = activity.releases, activity.heard
    if len(releases) < _FEWEST_RELEASES or heard is None:
        return None
    usual, last = usual_gap(releases), releases[0].published
    longest = activity.longest or max(
        later.published - earlier.published for later, earlier in pairwise(releases)
    )
    if heard - last <= patience(usual.time if usual else timedelta(0), longest):
        return None
    name, since = shown(activity.name), day(last, heard)
    often = gap_words(usual) if usual else "several a day"
    return Trouble(
        kind="silent",
        subject=activity.agency,
        since=last,
        title=f"{name}: nothing published since {since} (usually {often})",
        words=f"{name} has published nothing since {since}, and usually publishes {often}."
        f" It comes through {_list(activity.sources)}, last read on "
        f"{day(heard, heard)}. See whether its own pages have news; if so, the source needs its "
        "new address, or newer digests.",
    )


def may_be_silent(releases: Sequence[Release], now: datetime) -> bool:
    """Return whether ``silent`` may find a trouble, whatever else is known of the agency.

    Costs less to find out: not unless the patience has passed that its usual gap alone makes.
    """
    if len(releases) < _FEWEST_RELEASES:
        return False
    usual = usual_gap(releases)
    return now - releases[0].published > patience(
        usual.time if usual else timedelta(0), timedelta(0)
    )


def patience(usual: timedelta, longest: timedelta) -> timedelta:
    """Return how long after its last release an agency is not yet silent."""
    shortest = PATIENCE_WITH_HOLIDAYS if longest > _REST else SHORTEST_PATIENCE
    return max(shortest, _TIMES_USUAL * usual, _TIMES_LONGEST * longest)


def unread(sources: Iterable[SourceFailures], remote: int) -> Iterator[Trouble]:
    """Yield the troubles with sources that failed; ``remote`` sources are on the network.

    Where most of those fail there is one trouble, ``MOST``, instead of one for each.
    """
    failed = list(sources)
    yield from (_gone(source, source.gone) for source in failed if source.gone is not None)
    failing = [source for source in failed if source.gone is None and _is_failing(source)]
    away = [source for source in failing if source.is_remote]
    if len(away) >= _FEWEST_OF_MOST and 2 * len(away) > remote:
        yield _most(away, remote)
        failing = [source for source in failing if not source.is_remote]
    yield from map(_failing, failing)


def most_fail(sources: Iterable[SourceFailures], remote: int) -> bool:
    """Return whether most of the sources on the network failed when they were last read."""
    away = sum(source.is_remote and source.gone is None for source in sources)
    return 2 * away > remote


def _is_failing(source: SourceFailures) -> bool:
    lasted = source.last_attempt - source.first_failed
    if source.is_remote:
        return source.failures >= _FEWEST_FAILURES and lasted > _PATIENCE_WITH_SERVERS
    return source.failures >= _FEWEST_FAILURES_OF_FILES and lasted > _PATIENCE_WITH_FILES


def _gone(source: SourceFailures, gone: datetime) -> Trouble:
    since = day(gone, source.last_attempt)
    return Trouble(
        kind="gone",
        subject=source.source,
        since=gone,
        title=f"{source.source}: gone for good since {since}",
        words=f"The server of {source.source} answers since {since} that it is gone for good (410)"
        ", so it is no longer requested. Give it its new address, or take it out of the "
        "configuration.",
    )


def _failing(source: SourceFailures) -> Trouble:
    since = day(source.first_failed, source.last_attempt)
    return _configured(
        "failing",
        source.source,
        source.first_failed,
        title=f"{source.source}: cannot be read since {since}",
        what=f"{source.source} could not be read {source.failures} times in a row since {since}",
        reason=source.reason,
        place="its location",
    )


def _configured(
    kind: AlarmKind,
    subject: str,
    since: datetime,
    *,
    title: str,
    what: str,
    reason: str,
    place: str,
) -> Trouble:
    """Return the trouble with something that a person configured, and may take out again."""
    why = cut(one_line(reason), _LONGEST_REASON).rstrip(".")
    advice = f"Look at {place}, or take it out of the configuration."
    return Trouble(
        kind=kind, subject=subject, since=since, title=title, words=f"{what}: {why}. {advice}"
    )


def _most(sources: Sequence[SourceFailures], remote: int) -> Trouble:
    first = min(source.first_failed for source in sources)
    since = day(first, max(source.last_attempt for source in sources))
    return Trouble(
        kind="failing",
        subject=MOST,
        since=first,
        title=f"{MOST_NAME} cannot be read since {since}",
        words=f"{len(sources):,} of {remote:,} sources with an address could not be read since "
        f"{since} or later. Look at the network of this machine first.",
    )


def unwritten(name: str, reason: str, now: datetime) -> Trouble:
    """Return the trouble with a file of a feed that could not be written."""
    return Trouble(
        kind="unwritable",
        subject=name,
        since=now,
        title=f"{shown(name)}: cannot be written since {day(now, now)}",
        words=f"{shown(name)} could not be written: {cut(one_line(reason), _LONGEST_REASON)}. "
        "Subscribers get the old file until that is repaired.",
    )


def undelivered(
    name: str, since: datetime, reason: str, now: datetime, *, is_off: bool
) -> Trouble | None:
    """Return the trouble with a webhook that has accepted nothing for too long, or ``is_off``.

    ``since`` is when sending first failed, of the failures in a row.
    """
    if not is_off and now - since <= _PATIENCE_WITH_SERVERS:
        return None
    day_since = day(since, now)
    return _configured(
        "undelivered",
        name,
        since,
        title=f"webhook {name}: accepts nothing since {day_since}",
        what=f"The webhook {name} has accepted nothing since {day_since}",
        reason=reason,
        place="its receiver",
    )


def began(trouble: Trouble, now: datetime) -> Alarm:
    """Return the alarm that ``trouble`` raises."""
    since = _second(trouble.since)
    # Within the names of the operators' feed, so that it is not the id of an entry.
    made_from = f"{trouble.kind}\n{trouble.subject}\n{since.isoformat()}"
    return Alarm(
        id=uuid.uuid5(uuid.UUID(feed_id(FEED)), made_from).urn,
        kind=trouble.kind,
        subject=trouble.subject,
        since=since,
        title=trouble.title,
        words=trouble.words,
        raised=_second(now),
        updated=_second(now),
    )


def ended(alarm: Alarm, name: str, how: str, now: datetime) -> Alarm:
    """Return ``alarm`` as it ends ``now``; ``name`` is its subject's, ``how`` says why it ends.

    The end is later than the beginning even if the clock was set back.
    """
    at = max(_second(now), alarm.raised + _SECOND)
    return replace(
        alarm,
        title=f"{shown(name)}: {how}",
        words=f"{shown(name)} {how}. The alarm was: {alarm.title}.",
        updated=at,
        ended=at,
    )


def spaced(alarms: Iterable[Alarm], taken: Collection[datetime]) -> Iterator[Alarm]:
    """Yield ``alarms`` that changed together, each with its own ``updated``, none of ``taken``.

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
    """Return ``3 May``, or ``3 May 2024`` if that is not the year of ``now``; in UTC."""
    moment = moment.astimezone(UTC)
    year = f" {moment.year}" if moment.year != now.astimezone(UTC).year else ""
    return f"{moment.day} {ENGLISH_MONTHS[moment.month - 1]}{year}"


def shown(name: str) -> str:
    """Return a name for a title: one line, and not long."""
    return cut(one_line(name), _LONGEST_NAME) or "(unnamed)"


def _list(names: Sequence[str]) -> str:
    first = ", ".join(names[:3])
    return f"{first} and {len(names) - 3} more" if len(names) > 3 else first


def _second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
