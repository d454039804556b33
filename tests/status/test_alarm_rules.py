"""Alarm rules: agencies that fall silent, sources that fail, and the words for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import AgencyActivity, Alarm, Release, SourceFailures
from aggregator.output.formats.alarms import alarm_feed
from aggregator.status.alarms.rules import (
    MOST,
    USUAL,
    Trouble,
    began,
    ended,
    may_be_silent,
    most_fail,
    silent,
    spaced,
    unread,
)
from aggregator.status.listing import alarm_lines
from aggregator.status.status import alarm_json
from tests.support.validation import atom_complaints

MONDAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADDRESS = "http://localhost:8080/_health.atom"


def publishing(
    times: list[datetime],
    heard: datetime | None,
    *,
    name: str = "Europol",
    is_timed: bool = True,
) -> AgencyActivity:
    """An agency that published at ``times``, in any order, and nothing until ``heard``."""
    newest_first = sorted(times, reverse=True)
    gaps = [later - earlier for later, earlier in pairwise(newest_first)]
    return AgencyActivity(
        agency="europol",
        name=name,
        releases=tuple(Release(time, is_timed) for time in newest_first[: USUAL + 1]),
        longest=max(gaps, default=None),
        sources=("europol-news",),
        heard=heard,
    )


def every(gap: timedelta, number: int, last: datetime = MONDAY) -> list[datetime]:
    """The times of ``number`` releases, ``gap`` apart, up to ``last``."""
    return [last - n * gap for n in range(number)]


def working_days(weeks: int, last: datetime = MONDAY) -> list[datetime]:
    """A release on each working day of the last weeks."""
    return [moment for moment in every(DAY, 7 * weeks, last) if moment.weekday() < 5]


def reading(
    source: str = "europol-news",
    *,
    failures: int = 5,
    lasted: timedelta = 2 * DAY,
    is_remote: bool = True,
    reason: str = "https://europol.example/feed: answers 500 (Internal Server Error)",
    gone: datetime | None = None,
) -> SourceFailures:
    """A source that fails since Monday."""
    return SourceFailures(
        source=source,
        is_remote=is_remote,
        failures=failures,
        first_failed=MONDAY,
        last_attempt=MONDAY + lasted,
        reason=reason,
        gone=gone,
    )


def alarm(since: datetime = MONDAY, name: str = "Europol") -> Alarm:
    """An agency that fell silent, noted a month later."""
    trouble = silent(publishing(every(2 * DAY, 20, since), since + 30 * DAY, name=name))
    assert trouble is not None
    return began(trouble, since + 30 * DAY)


def test_agency_falls_silent() -> None:
    """After eight times its usual gap an agency is silent; the title says since when."""
    trouble = silent(publishing(every(2 * DAY, 20), MONDAY + 17 * DAY))
    assert trouble is not None
    assert (trouble.kind, trouble.subject, trouble.since) == ("silent", "europol", MONDAY)
    assert trouble.title == "Europol: nothing published since 4 May (usually every 2 days)"
    assert "through europol-news, last read on 21 May" in trouble.words


def test_not_yet_that_long() -> None:
    """Up to eight times the usual gap is not a silence."""
    assert silent(publishing(every(2 * DAY, 20), MONDAY + 16 * DAY)) is None


def test_unread_agency_is_not_silent() -> None:
    """Where no source of it can be read, how long it was silent is not known."""
    assert silent(publishing(every(DAY, 20), None)) is None
    assert silent(publishing(every(DAY, 20), MONDAY + 2 * DAY)) is None


def test_too_few_releases_to_judge() -> None:
    """Seven releases are too few for an alarm; eight are enough."""
    assert silent(publishing(every(HOUR, 7), MONDAY + 1000 * DAY)) is None
    assert silent(publishing(every(HOUR, 8), MONDAY + 1000 * DAY)) is not None


@pytest.mark.parametrize("hours", [3 * 24, 4 * 24])
def test_a_very_short_gap(hours: int) -> None:
    """An agency with a release each minute is not silent before three days have passed."""
    found = silent(publishing(every(timedelta(minutes=1), 51), MONDAY + hours * HOUR))
    assert (found is not None) == (hours > 3 * 24)


def test_releases_all_at_once() -> None:
    """Releases of one moment have no gap, and the title says so."""
    found = silent(publishing([MONDAY] * 10, MONDAY + 4 * DAY))
    assert found is not None
    assert found.title.endswith("(usually several at a time)")


def test_invented_times_of_day_are_not_gaps() -> None:
    """Releases of which only the days are known are judged, and described, by their days."""
    days = [moment - n * timedelta(seconds=1) for moment in every(2 * DAY, 10) for n in range(5)]
    trouble = silent(publishing(days, MONDAY + 17 * DAY, is_timed=False))
    assert trouble is not None
    assert trouble.title.endswith("(usually every 2 days)")
    assert silent(publishing(days, MONDAY + 16 * DAY, is_timed=False)) is None
    same = silent(publishing([MONDAY] * 10, MONDAY + 4 * DAY, is_timed=False))
    assert same is not None
    assert same.title.endswith("(usually several a day)")


def test_a_weekend_and_a_holiday() -> None:
    """For an agency of working days, neither a long weekend nor Christmas is a silence."""
    friday = datetime(2026, 4, 3, 17, tzinfo=UTC)
    busy = [moment + n * HOUR for moment in working_days(8, friday) for n in range(-8, 1)]
    for away in (4 * DAY, 12 * DAY):
        assert silent(publishing(busy, max(busy) + away)) is None
    assert silent(publishing(busy, max(busy) + 13 * DAY)) is not None


def test_a_summer_break_like_the_last() -> None:
    """An agency that paused for four weeks last summer may do so again."""
    times = working_days(44) + working_days(8, MONDAY - 48 * 7 * DAY)
    assert silent(publishing(times, MONDAY + 8 * DAY)) is None
    assert silent(publishing(times, MONDAY + 35 * DAY)) is None
    assert silent(publishing(working_days(52), MONDAY + 35 * DAY)) is not None


@given(
    minutes=st.integers(0, 60 * 24 * 40),
    number=st.integers(1, 60),
    gaps=st.floats(0, 20),
)
def test_a_regular_publisher(minutes: int, number: int, gaps: float) -> None:
    """A regular publisher is never silent before eight gaps, nor before three days."""
    gap = timedelta(minutes=minutes)
    quiet = gap * gaps
    found = silent(publishing(every(gap, number), MONDAY + quiet))
    if found is not None:
        assert quiet > 8 * gap
        assert quiet > 3 * DAY
        assert number >= 8
    elif number >= 8:
        assert quiet <= max(8 * gap, 12 * DAY)


@given(st.lists(st.integers(0, 10**7), min_size=8, max_size=51), st.integers(0, 10**8))
def test_silence_only_grows(seconds: list[int], later: int) -> None:
    """A silent agency is still silent an hour later if nothing came."""
    times = [MONDAY - timedelta(seconds=second) for second in seconds]
    heard = max(times) + timedelta(seconds=later)
    if silent(publishing(times, heard)) is not None:
        assert silent(publishing(times, heard + HOUR)) is not None


def test_a_source_fails_for_long() -> None:
    """Five failures in a row over more than a day: what fails, since when, why, what to do."""
    (trouble,) = unread([reading()], remote=3)
    assert (trouble.kind, trouble.subject, trouble.since) == ("failing", "europol-news", MONDAY)
    assert trouble.title == "europol-news: cannot be read since 4 May"
    assert "5 times in a row" in trouble.words
    assert "500 (Internal Server Error)" in trouble.words
    assert "Look at its location" in trouble.words


@pytest.mark.parametrize(
    "short",
    [
        reading(failures=4),
        reading(lasted=DAY),
        reading(lasted=-DAY),
        reading(is_remote=False, failures=1),
        reading(is_remote=False, lasted=HOUR),
    ],
)
def test_a_source_fails_for_a_while(short: SourceFailures) -> None:
    """A few failures, or many in a short time, may be over soon."""
    assert list(unread([short], remote=1)) == []


def test_a_folder_with_no_digest() -> None:
    """For files, two failures over an hour are enough."""
    empty = reading(
        "digests",
        is_remote=False,
        failures=2,
        lasted=2 * HOUR,
        reason="no file matches digests/*.txt",
    )
    (trouble,) = unread([empty], remote=0)
    assert "no file matches digests/*.txt" in trouble.words


def test_a_source_is_gone() -> None:
    """A 410 is an alarm at once, and the only one of its source."""
    (trouble,) = unread([reading(failures=9, gone=MONDAY)], remote=1)
    assert trouble.kind == "gone"
    assert trouble.title == "europol-news: gone for good since 4 May"
    assert "410" in trouble.words


def test_the_network_is_down() -> None:
    """When most sources fail there is one alarm about them; folders have their own."""
    away = [reading(f"s{n}") for n in range(1000)]
    local = reading("digests", is_remote=False)
    troubles = list(unread([*away, local], remote=1500))
    assert [trouble.subject for trouble in troubles] == [MOST, "digests"]
    assert "1,000 of 1,500 sources" in troubles[0].words
    assert most_fail(away, 1500)


def test_many_sources_fail_but_not_most() -> None:
    """Half of the sources, or few sources, have an alarm each."""
    assert len(list(unread([reading(f"s{n}") for n in range(20)], remote=40))) == 20
    assert len(list(unread([reading(f"s{n}") for n in range(9)], remote=9))) == 9
    assert not most_fail([reading(f"s{n}") for n in range(20)], 40)


def test_silence_since_last_year() -> None:
    """A day of another year is written with the year."""
    trouble = silent(publishing(every(DAY, 20), MONDAY + 300 * DAY))
    assert trouble is not None
    assert "since 4 May 2026 " in trouble.title


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(minutes=1), "every minute"),
        (timedelta(minutes=20), "every 20 minutes"),
        (HOUR, "every hour"),
        (5 * HOUR, "every 5 hours"),
        (DAY, "every day"),
        (7 * DAY, "every 7 days"),
    ],
)
def test_usual_gap_in_words(gap: timedelta, words: str) -> None:
    """The usual gap is written in its largest unit."""
    found = silent(publishing(every(gap, 20), MONDAY + 400 * DAY))
    assert found is not None
    assert f"(usually {words})" in found.title


def test_id_follows_kind_subject_and_time() -> None:
    """An alarm in other words keeps its id; one of another time has another."""
    one = alarm()
    trouble = Trouble(
        kind="silent", subject="europol", since=MONDAY, title="Renamed: nothing", words="?"
    )
    assert began(trouble, MONDAY + 90 * DAY).id == one.id
    others = [
        replace(trouble, since=MONDAY + DAY),
        replace(trouble, kind="gone"),
        replace(trouble, subject="nato"),
    ]
    assert len({one.id, *(began(other, MONDAY).id for other in others)}) == 4


def test_an_alarm_ends() -> None:
    """It is the same alarm, which says since when its subject is back, and what it was."""
    one = alarm()
    over = ended(one, "Europol", "is back since 13 June", MONDAY + 41 * DAY)
    assert (over.id, over.raised, over.since) == (one.id, one.raised, one.since)
    assert over.ended == over.updated == MONDAY + 41 * DAY
    assert over.title == "Europol: is back since 13 June"
    assert over.words == (
        "Europol is back since 13 June. The alarm was: "
        "Europol: nothing published since 4 May (usually every 2 days)."
    )


def test_an_alarm_that_ends_before_it_began() -> None:
    """A clock that was set back does not make an end earlier than the beginning."""
    one = alarm()
    over = ended(one, "Europol", "is no longer configured", one.raised - DAY)
    assert over.ended is not None
    assert over.ended > one.raised


@given(st.integers(0, 40), st.sets(st.integers(0, 60)))
def test_no_two_alarms_share_a_time(number: int, seconds: set[int]) -> None:
    """Alarms that change together differ in their times, and from those that changed before."""
    base = alarm()
    taken = {base.updated + timedelta(seconds=second) for second in seconds}
    made = list(spaced([base] * number, taken))
    times = {one.updated for one in made}
    assert len(times) == number == len(made)
    assert times.isdisjoint(taken)
    assert all(one.raised == one.updated for one in made)


HOSTILE = [
    "<script>alert(1)</script>",
    "A & B: ]]> <!-- -->",
    "line\nbreak\x00\x1b[31m\ud800",
    "\u202eloporuE",
    "",
    "x" * 10_000,
    '"><img src=x onerror=alert(1)>',
    "a: b: c: ",
]


def complaints(body: bytes) -> list[str]:
    """Return what is invalid in the feed."""
    return list(atom_complaints(body, ADDRESS))


def feed(alarms: list[Alarm]) -> bytes:
    return alarm_feed("Trial", "http://localhost:8080/", alarms, quiet_since=MONDAY)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name(name: str) -> None:
    """For any agency name, the feed is valid and the title one short line, as text."""
    one = alarm(name=name)
    for shown in (one, ended(one, name, "is back since 5 May", MONDAY + 40 * DAY)):
        assert "\n" not in shown.title
        assert len(shown.title) < 250
        assert complaints(feed([shown])) == []
        assert b"<script>" not in feed([shown])
        assert b"&lt;img" not in feed([shown]).partition(b"<content")[2]
    assert all("\n" not in line and "\x1b" not in line for line in alarm_lines([alarm_json(one)]))


@given(st.text(), st.text())
def test_any_name_and_any_error(name: str, reason: str) -> None:
    """No text of an agency or a server makes the feed or the lines invalid."""
    (failing,) = unread([reading(reason=reason)], remote=1)
    found = list(spaced([alarm(name=name), began(failing, MONDAY)], ()))
    assert complaints(feed(found)) == []
    lines = list(alarm_lines([alarm_json(one) for one in found]))
    assert len(lines) == 2
    assert all(len(line.splitlines()) == 1 for line in lines)


def test_feed_has_an_entry_per_alarm() -> None:
    """An entry for each alarm, in the order given, valid, and as new as its newest change."""
    begun = alarm()
    over = ended(alarm(MONDAY + DAY), "Europol", "is back since 13 June", MONDAY + 40 * DAY)
    made = feed([over, begun])
    assert complaints(made) == []
    assert made.count(b"<entry>") == 2
    assert made.index(over.id.encode()) < made.index(begun.id.encode())
    assert b"<updated>2026-06-13T09:00:00+00:00</updated>" in made.partition(b"<entry>")[0]
    assert made.count(b'<category term="silent"/>') == 2
    assert made.count(b'<category term="over"/>') == 1
    assert feed([over, begun]) == made


def test_feed_without_alarms_is_valid() -> None:
    """A feed without entries is valid, and as old as its store."""
    made = feed([])
    assert complaints(made) == []
    assert b"<updated>2026-05-04T09:00:00+00:00</updated>" in made


def test_alarms_as_json_and_lines() -> None:
    """Alarms that last come first in the lines, and have no end in JSON."""
    begun = alarm()
    over = ended(alarm(MONDAY + DAY), "Europol", "is back since 13 June", MONDAY + 40 * DAY)
    lines = list(alarm_lines([alarm_json(over), alarm_json(begun)]))
    assert lines == [f"silent: {begun.words}", "over: Europol: is back since 13 June"]
    objects = [alarm_json(over), alarm_json(begun)]
    assert [one["ended_at"] for one in objects] == ["2026-06-13T09:00:00Z", None]
    assert {one["since"] for one in objects} == {"2026-05-04T09:00:00Z", "2026-05-05T09:00:00Z"}


@given(st.lists(st.integers(0, 300), min_size=6, max_size=12), st.integers(0, 2000), st.booleans())
def test_no_silence_is_overlooked(hours: list[int], heard: int, is_timed: bool) -> None:
    """An agency that is silent may be so, as far as its releases alone say, then and later."""
    times = sorted((MONDAY - n * HOUR for n in hours), reverse=True)
    agency = publishing(times, MONDAY + heard * HOUR, is_timed=is_timed)
    if silent(agency) is not None:
        assert may_be_silent(agency.releases, MONDAY + heard * HOUR)
        assert may_be_silent(agency.releases, MONDAY + (heard + 5) * HOUR)


def test_few_releases_are_not_silent() -> None:
    """As long as it takes the rule itself, and no longer than that of the usual gap."""
    seven, eight = (publishing(every(DAY, number), None).releases for number in (7, 8))
    assert not may_be_silent(seven, MONDAY + 99 * DAY)
    assert not may_be_silent(eight, MONDAY + 8 * DAY)
    assert may_be_silent(eight, MONDAY + 9 * DAY)
