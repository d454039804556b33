"""Dating: which day each release of a list gets, how it is explained, and what later changes."""

import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from aggregator.store import dating as store_dating
from tests.support.project import CONFIG, ROOT, Project, block, digest
from tests.support.work import calls

SEEDS = ROOT / "seeds"
SHARED = ROOT.parent / "shared" / "seeds"
SEEN = datetime(2024, 1, 5, 9, 30, tzinfo=UTC)

Entries = dict[str, dict[str, Any]]


def release(title: str, body: str, *, given: str | None = None) -> str:
    """One block of NATO's.  ``given`` is its ``Date:`` line."""
    return block(title, "NATO", body, date=given)


def met(title: str, day: int, month: int = 12, year: int = 2023) -> str:
    """A release about a meeting on a day, in the past tense."""
    return release(title, f"The council met on {date(year, month, day):%A (%-d %B %Y)}.")


def silent(title: str) -> str:
    """A release that says nothing of when it came out."""
    return release(title, f"The council is pleased with {title}.")


def advisory(title: str, day: str) -> str:
    """A release about what is to come."""
    return release(title, f"The envoy will visit Porto on {day}.\n\nMedia advisory")


def dated(project: Project, *digests: str) -> Entries:
    """Return the entries of digests that were read in one run, by title."""
    for number, text in enumerate(digests):
        project.write_digest(f"{number}.txt", text, SEEN + number * timedelta(minutes=1))
    return read(project)


def read(project: Project) -> Entries:
    """Return every entry after a run, by title, newest first, with the words for its date."""
    ran = project.run("once", "--json")
    assert (ran.code, ran.err) == (0, "")
    listed = project.run("entries", "--json", "--limit", "1000").json_lines
    return {e["title"]: e | {"words": in_words(project, e["id"])} for e in listed}


def in_words(project: Project, entry_id: str) -> str:
    """Return what ``show`` says of an entry's date."""
    found = re.search(r"^Dated +(.+)$", project.run("show", entry_id).out, re.MULTILINE)
    assert found is not None
    return found[1]


def past(project: Project, title: str) -> list[tuple[Any, ...]]:
    """The datings an entry had before, oldest first, with the reason why each was replaced."""
    return query(
        project,
        "SELECT datings.published, basis, earliest, latest, reason FROM datings"
        f" JOIN entries ON entries.key = entry WHERE title = '{title}' ORDER BY number",
    )


def day(entry: dict[str, Any]) -> str:
    """Return the day of an entry."""
    return str(entry["published"][:10])


def days(entries: Entries) -> dict[str, str]:
    """The day of each entry."""
    return {title: day(entry) for title, entry in entries.items()}


def window(entry: dict[str, Any]) -> tuple[str, str]:
    """The first and the last day an entry may be of."""
    dating = entry["dating"]
    return dating["earliest"][:10], dating["latest"][:10]


def basis(entry: dict[str, Any]) -> str:
    """Return how its date is known."""
    return str(entry["dating"]["basis"])


def words(entry: dict[str, Any]) -> str:
    """Return how its date is explained."""
    return str(entry["words"])


def assert_within(entry: dict[str, Any], first: str, last: str) -> None:
    """Assert that the day and the window of an entry lie between two days."""
    assert first <= day(entry) <= last
    assert first <= window(entry)[0] <= window(entry)[1] <= last


# ---------------------------------------------------------------------------- places in a list


def test_an_undated_entry_between_two_dated(project: Project) -> None:
    """What says nothing is from between the days of its neighbours, which are named."""
    entries = dated(project, digest(met("Newer", 15), silent("Silent"), met("Older", 13)))
    assert window(entries["Silent"]) == ("2023-12-13", "2023-12-15")
    assert day(entries["Silent"]) == "2023-12-14"
    assert basis(entries["Silent"]) == "inferred"
    assert words(entries["Silent"]) == (
        "between 13 and 15 December 2023, because it is listed between “Newer” and “Older”"
    )


def test_undated_entries_between_two_dated(project: Project) -> None:
    """Several that say nothing are dated between their neighbours, in their order."""
    silents = [silent(f"Silent {n}") for n in range(3)]
    entries = dated(project, digest(met("Newer", 15), *silents, met("Older", 11)))
    given = [entries[f"Silent {n}"]["published"] for n in range(3)]
    assert given == sorted(given, reverse=True)
    assert len(set(given)) == 3
    for number in range(3):
        assert_within(entries[f"Silent {number}"], "2023-12-11", "2023-12-15")


def test_reports_of_courts_do_not_slide_to_the_years_of_the_deeds(project: Project) -> None:
    """What happened years ago bounds from below only; the time of the file says more."""
    deeds = [(2, 1, 2011), (9, 7, 2019), (3, 3, 2016), (25, 12, 2021), (14, 6, 2009)]
    blocks = [
        release(f"Case {n}", f"A clerk was arrested on {date(y, m, d):%-d %B %Y}. He was jailed.")
        for n, (d, m, y) in enumerate(deeds)
    ]
    found = dated(project, digest(*blocks)).values()
    assert {day(entry) >= "2021-12-25" for entry in found} == {True}


def test_a_digest_of_today_that_tells_of_an_arrest_of_months_ago(project: Project) -> None:
    """The newest release may be of the day of its file, whatever it tells in passing."""
    arrest, returned = "3 October 2023", "30 September 2023"
    entries = dated(
        project,
        digest(
            release("A", f"Two men were sentenced today. They were arrested on {arrest}."),
            release("B", "An owner pleaded guilty today. Sentencing is set for 9 March."),
            release("C", f"A jury indicted a mayor. The indictment was returned on {returned}."),
        ),
    )
    assert window(entries["A"])[1] >= "2024-01-04"


def test_a_date_line_without_its_year_is_inferred(project: Project) -> None:
    """``stated`` is for what is written: here the year is the neighbours'."""
    entries = dated(
        project,
        digest(
            met("Newer", 15),
            release("Full", "BRUSSELS, 14 December 2023 \u2014 The council is pleased."),
            release("Short", "BRUSSELS, 14 December \u2014 The council is pleased."),
            met("Older", 13),
        ),
    )
    assert [day(entries[title]) for title in ("Full", "Short")] == ["2023-12-14", "2023-12-14"]
    assert [basis(entries[title]) for title in ("Full", "Short")] == ["stated", "inferred"]


def test_undated_entries_of_one_day_keep_their_order(project: Project) -> None:
    """Between two of the same day there is one day, and the times of it rise."""
    entries = dated(
        project, digest(met("Newer", 15), silent("Upper"), silent("Lower"), met("Older", 15))
    )
    assert set(days(entries).values()) == {"2023-12-15"}
    assert list(entries) == ["Newer", "Upper", "Lower", "Older"]


def test_an_undated_entry_on_top(project: Project) -> None:
    """On top of a list nothing bounds from above but the time at which it was seen."""
    entries = dated(project, digest(silent("Top"), met("Older", 29)))
    assert_within(entries["Top"], "2023-12-29", "2024-01-05")
    assert "it is listed above “Older”" in words(entries["Top"])


def test_an_undated_entry_at_the_bottom(project: Project) -> None:
    """At the bottom of a list the entry above is the bound, and may be a day after its event."""
    entries = dated(project, digest(met("Newer", 15), silent("Bottom")))
    assert window(entries["Bottom"])[1] in ("2023-12-15", "2023-12-16")
    assert window(entries["Bottom"])[0] < "2023-12-15"
    assert day(entries["Bottom"]) <= "2023-12-15"
    assert "it is listed below “Newer”" in words(entries["Bottom"])


def test_another_digest_gives_the_missing_neighbour(project: Project) -> None:
    """The entry that ends one digest is bounded by what follows it in another."""
    entries = dated(
        project,
        digest(met("Newer", 15), silent("Silent")),
        digest(silent("Silent"), met("Older", 14)),
    )
    assert window(entries["Silent"]) == ("2023-12-14", "2023-12-15")


def test_a_digest_that_dates_nothing(project: Project) -> None:
    """Where nothing in a list says a day, entries are from when they were seen, in their order."""
    entries = dated(project, digest(silent("Upper"), silent("Lower")))
    assert {basis(entry) for entry in entries.values()} == {"first-seen"}
    assert list(entries) == ["Upper", "Lower"]
    assert entries["Lower"]["published"] == "2024-01-05T09:30:00Z"
    assert words(entries["Lower"]) == (
        "not after 5 January 2024, when it was first seen in digests/0.txt; no earlier bound"
    )


# ------------------------------------------------------------------------------ what texts say


def test_an_advisory_between(project: Project) -> None:
    """An event to come is an upper bound, which leaves the entry between its neighbours."""
    entries = dated(
        project, digest(met("Newer", 13), advisory("Visit", "15 December 2023"), met("Older", 11))
    )
    assert_within(entries["Visit"], "2023-12-11", "2023-12-13")
    assert "its text announces an event: “15 December 2023”" in words(entries["Visit"])


def test_an_advisory_is_before_its_event(project: Project) -> None:
    """The report of an event does not draw its announcement to the day of the event."""
    entries = dated(
        project, digest(met("Report", 15), advisory("Visit", "15 December 2023"), met("Older", 8))
    )
    assert "2023-12-08" <= day(entries["Visit"]) < "2023-12-15"
    assert window(entries["Visit"])[1] <= "2023-12-15"


def test_a_stated_day(project: Project) -> None:
    """A dateline is the day, and the window is that day."""
    entries = dated(project, digest(release("Office", "LISBON, 14 December 2023 — An office.")))
    assert basis(entries["Office"]) == "stated"
    assert window(entries["Office"]) == ("2023-12-14", "2023-12-14")
    assert words(entries["Office"]).startswith("on 14 December 2023, because its text states")


def test_a_wrong_weekday(project: Project) -> None:
    """The day written is kept, and the wrong weekday is reported."""
    entries = dated(
        project,
        digest(
            met("Newer", 14),
            release("Slip", "The council met on Monday (13 December 2023)."),
            met("Older", 12),
        ),
    )
    assert day(entries["Slip"]) == "2023-12-13"
    assert "was a Wednesday" in words(entries["Slip"])


def test_a_missing_year_from_the_weekday(project: Project) -> None:
    """Of the years near by, the one in which the weekday is right is meant."""
    lines = [release("A", "The council met on Tuesday 12 December.")]
    assert day(dated(project, digest(*lines))["A"]) == "2023-12-12"
    lines = [release("B", "The council met on Monday 12 December.")]
    assert day(dated(project, digest(*lines))["B"]) == "2022-12-12"


def test_a_missing_year_from_its_own_text(project: Project) -> None:
    """Another day of the same release that has a year supplies it."""
    body = "On 28 December, 30 flats were searched. The case was closed on 4 January 2021."
    assert day(dated(project, digest(release("A", body)))["A"]) in ("2020-12-28", "2021-01-04")


def test_a_missing_year_from_the_neighbours(project: Project) -> None:
    """A day without a year is of the year of the digest around it."""
    body = "On 21 November, 30 properties were searched."
    entries = dated(
        project,
        digest(met("Newer", 24, 11, 2019), release("Search", body), met("Older", 20, 11, 2019)),
    )
    assert_within(entries["Search"], "2019-11-20", "2019-11-24")
    assert "30" not in entries["Search"]["dating"]["evidence"]


def test_a_missing_year_across_new_year(project: Project) -> None:
    """In a digest of January, a day of December is of the year before."""
    entries = dated(
        project,
        digest(
            met("Newer", 3, 1, 2023),
            release("Search", "On 29 December, 30 properties were searched."),
            met("Older", 28, 12, 2022),
        ),
    )
    assert day(entries["Search"]).startswith(("2022-12", "2023-01"))


@pytest.mark.parametrize("year", [2010, 2022])
def test_a_misread_far_year(project: Project, year: int) -> None:
    """A day that lies far from all around it moves none of them, and is reported."""
    upper = [met(f"Upper {n}", 28 - n, 12, 2021) for n in range(4)]
    lower = [met(f"Lower {n}", 20 - n, 12, 2021) for n in range(4)]
    entries = dated(project, digest(*upper, met("Far", 3, 11, year), *lower))
    for number in range(4):
        assert day(entries[f"Upper {number}"]) == f"2021-12-{28 - number}"
        assert day(entries[f"Lower {number}"]) == f"2021-12-{20 - number}"
    assert_within(entries["Far"], "2021-12-20", "2021-12-25")
    assert "is far from all around it" in words(entries["Far"])


def test_an_entry_against_the_order(project: Project) -> None:
    """Where a statement does not fit its place, the window holds both and it is reported."""
    entries = dated(
        project,
        digest(
            *(release(f"Upper {n}", "LISBON, 20 December 2023 — An office.") for n in range(3)),
            release("Late", "LISBON, 28 December 2023 — An office."),
            met("Lower", 19),
        ),
    )
    first, last = window(entries["Late"])
    assert first <= "2023-12-20" < "2023-12-28" <= last
    assert "does not fit its place" in words(entries["Late"])


# --------------------------------------------------------------------- digests that contradict


def test_digests_that_contradict_each_other(project: Project) -> None:
    """Two entries in both orders get plausible dates, and both report it."""
    entries = dated(
        project,
        digest(met("Newer", 15), silent("One"), silent("Two"), met("Older", 13)),
        digest(met("Newer", 15), silent("Two"), silent("One"), met("Older", 13)),
    )
    for title in ("One", "Two"):
        assert_within(entries[title], "2023-12-13", "2023-12-15")
        assert "digests disagree on its place" in words(entries[title])
    assert "digests disagree" not in words(entries["Newer"]) + words(entries["Older"])


def test_a_contradiction_moves_no_other(project: Project) -> None:
    """What every digest has below a contradiction stays below it."""
    entries = dated(
        project,
        digest(silent("One"), silent("Two"), advisory("Visit", "30 December 2023")),
        digest(silent("Two"), silent("One"), met("Older", 3)),
    )
    assert entries["Visit"]["published"] < entries["One"]["published"]
    assert entries["Visit"]["published"] < entries["Two"]["published"]
    assert "digests disagree" not in words(entries["Visit"])


# ------------------------------------------------------------------------------------- future


def latest_allowed() -> str:
    """A day after the digests were seen."""
    return (SEEN + timedelta(days=1)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    "odd",
    [
        met("Odd", 3, 1, 2030),
        release("Odd", "LISBON, 3 January 2030 — The council met."),
        release("Odd", "The council met.", given="2030-01-03"),
        release("Odd", "The council met.", given="Thu, 03 Jan 2030 10:00:00 GMT"),
        release("Odd", "The council met.", given="2099-12-31T23:59:59Z"),
    ],
)
def test_a_date_in_the_future(project: Project, odd: str) -> None:
    """A day after the digest was seen is not believed, and the entry stays in its place."""
    entries = dated(project, digest(met("Newer", 3, 1, 2024), odd, met("Older", 1, 1, 2024)))
    assert list(entries) == ["Newer", "Odd", "Older"]
    assert_within(entries["Odd"], "2024-01-01", "2024-01-03")
    assert "lies after the day it was seen" in words(entries["Odd"])


def test_an_event_far_ahead(project: Project) -> None:
    """The announcement of an event years ahead is no later than when it was seen."""
    entries = dated(project, digest(advisory("Visit", "3 January 2030"), met("Older", 3, 1, 2024)))
    assert list(entries) == ["Visit", "Older"]
    assert entries["Visit"]["published"] <= latest_allowed()
    assert day(entries["Visit"]) <= "2024-01-05"


def test_an_upstream_time_an_hour_ahead(project: Project) -> None:
    """A clock that is a little fast is believed."""
    entries = dated(project, digest(release("A", "They met.", given="2024-01-05T10:30:00Z")))
    assert entries["A"]["published"] == "2024-01-05T10:30:00Z"


def test_a_file_from_the_future(project: Project) -> None:
    """A file whose time is years ahead puts nothing that says nothing on top for years."""
    project.write_digest("far.txt", digest(silent("Silent")), datetime(2099, 1, 1, tzinfo=UTC))
    entries = read(project)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert datetime.fromisoformat(entries["Silent"]["published"]) <= tomorrow


# ----------------------------------------------------------------------------- upstream's own


def test_a_date_line_is_the_date(project: Project) -> None:
    """Data from upstream takes precedence over the text."""
    entries = dated(
        project, digest(release("A", "They met on 14 December 2023.", given="2023-12-15"))
    )
    assert basis(entries["A"]) == "upstream"
    assert window(entries["A"]) == ("2023-12-15", "2023-12-15")
    assert words(entries["A"]).startswith("given by its publisher: 2023-12-15")


def test_a_date_line_bounds_its_neighbours(project: Project) -> None:
    """Entries that say nothing are dated between the times that upstream gave."""
    entries = dated(
        project,
        digest(
            release("Newer", "They met.", given="2023-12-15T08:00:00Z"),
            silent("Silent"),
            release("Older", "They sat.", given="2023-12-15T07:00:00Z"),
        ),
    )
    assert "2023-12-15T07:00:00Z" < entries["Silent"]["published"] < "2023-12-15T08:00:00Z"


def test_two_of_the_same_second(project: Project) -> None:
    """Two to which upstream gives one time are kept in their order, each with a time of its own."""
    given = "2023-12-15T10:00:00Z"
    entries = dated(
        project,
        digest(
            release("Newer", "They met.", given=given), release("Older", "They sat.", given=given)
        ),
    )
    assert list(entries) == ["Newer", "Older"]
    assert entries["Newer"]["published"] != entries["Older"]["published"]


@pytest.mark.parametrize(
    "given", ["31 June 2023", "0001-01-01", "9999-12-31", "1850-05-05", "soon"]
)
def test_an_impossible_date_line(project: Project, given: str) -> None:
    """With a header that is not a possible day, the entry is dated by its neighbours."""
    odd = release("Odd", "They met.", given=given)
    project.write_digest("a.txt", digest(met("Newer", 15), odd, met("Older", 13)), SEEN)
    assert project.run("once").code == 0  # with a line on stderr where it is not a date at all
    (shown,) = [e for e in project.run("entries", "--json").json_lines if e["title"] == "Odd"]
    assert_within(shown, "2023-12-13", "2023-12-15")


def test_a_day_before_all_time_is_not_called_late(project: Project) -> None:
    """What is said of a day that is not believed is true of it."""
    entries = dated(
        project, digest(met("Newer", 15), release("Odd", "They met.", given="1850-05-05"))
    )
    assert "“1850-05-05” lies after" not in words(entries["Odd"])


# ------------------------------------------------------------------------------------ later on


def test_a_date_line_that_arrives_later(project: Project) -> None:
    """The date follows what upstream says later; the old one is kept, and ``updated`` stays."""
    silent_one = digest(met("Newer", 20), release("A", "They met."), met("Older", 4))
    before = dated(project, silent_one)
    project.write_digest("later.txt", digest(release("A", "They met.", given="2023-12-18")), SEEN)
    after = read(project)

    assert (basis(before["A"]), basis(after["A"])) == ("inferred", "upstream")
    assert day(after["A"]) == "2023-12-18"
    (kept,) = past(project, "A")
    told = before["A"]["dating"]
    assert kept[:4] == (
        before["A"]["published"],
        "inferred",
        told["earliest"],
        told["latest"],
    )
    assert kept[4]
    assert after["A"]["updated"] == before["A"]["updated"]
    assert after["A"]["id"] == before["A"]["id"]
    for title in ("Newer", "Older"):
        assert day(after[title]) == day(before[title])
        assert past(project, title) == []


def test_status_counts_what_was_redated(project: Project) -> None:
    """``status`` says how many entries of an agency had another date before, and people see it."""
    dated(project, digest(met("Newer", 20), release("A", "They met."), met("Older", 4)))
    assert redated(project) == {"nato": 0}
    project.write_digest("later.txt", digest(release("A", "They met.", given="2023-12-18")), SEEN)
    project.run("once")
    assert redated(project) == {"nato": 1}
    assert "re-dated" in project.run("status").out


def redated(project: Project) -> dict[str, int]:
    """How many entries of each agency had another date before, those without entries left out."""
    agencies = project.run("status", "--json").json["agencies"]
    return {a["id"]: a["redated"] for a in agencies if a["entries"]}


def test_a_redated_entry_is_shown_with_its_past(project: Project) -> None:
    """People see what the date was, and until when."""
    before = dated(project, digest(met("Newer", 20), release("A", "They met."), met("Older", 4)))
    project.write_digest("later.txt", digest(release("A", "They met.", given="2023-12-18")), SEEN)
    project.run("once")
    shown = project.run("show", before["A"]["id"]).out
    later = f"was {before['A']['published']} until documents that came in later said more"
    assert later in shown


def test_the_feed_follows_a_better_date(project: Project) -> None:
    """A re-dated entry has its new date in the feeds, where it keeps its place in the digest."""
    dated(project, digest(met("Newer", 20), release("A", "They met."), met("Older", 4)))
    project.write_digest("later.txt", digest(release("A", "They met.", given="2023-12-22")), SEEN)
    after = read(project)
    assert [title for title, _ in feed(project, "nato")] == ["Newer", "A", "Older"]
    assert dict(feed(project, "nato")) == {
        title: datetime.fromisoformat(entry["published"]) for title, entry in after.items()
    }
    assert (day(after["A"]), day(after["Newer"])) == ("2023-12-22", "2023-12-22")


def test_a_later_digest_narrows_a_window(project: Project) -> None:
    """A digest that puts a dated entry beside an undated one bounds it more closely."""
    before = dated(project, digest(met("Newer", 20), silent("Silent"), met("Older", 4)))
    project.write_digest("later.txt", digest(silent("Silent"), met("Between", 18), met("Older", 4)))
    after = read(project)
    assert window(before["Silent"]) == ("2023-12-04", "2023-12-20")
    assert window(after["Silent"]) == ("2023-12-18", "2023-12-20")
    assert len(past(project, "Silent")) == 1
    assert after["Silent"]["updated"] == before["Silent"]["updated"]


def test_news_on_top_moves_nothing_below(project: Project) -> None:
    """What comes in above, of the same day or later, changes no date below it."""
    before = dated(project, digest(met("Two", 14), met("One", 14)))
    project.write_digest("later.txt", digest(met("Four", 15), met("Three", 14), met("Two", 14)))
    after = read(project)
    for title in ("One", "Two"):
        assert after[title]["published"] == before[title]["published"]
    assert list(after) == ["Four", "Three", "Two", "One"]


def test_nothing_new_redates_nothing(project: Project) -> None:
    """A second run leaves every dating as it is."""
    lines = digest(met("Newer", 20), silent("Silent"), met("Older", 4))
    assert dated(project, lines) == read(project)


# ----------------------------------------------------------------------------------- bad input


def test_impossible_days(project: Project) -> None:
    """Days that are none, and years that no release is of, leave an entry to its neighbours."""
    body = (
        "They met on 31 June 2023, on 30 February 2023, on 5 May 0001 and on 5 May 9999, on "
        "Friday 45 December 2023, on 2023-13-45, and from 15 to 12 December 2019 or 1/2/03."
    )
    entries = dated(project, digest(met("Newer", 15), release("Odd", body), met("Older", 13)))
    assert_within(entries["Odd"], "2023-12-13", "2023-12-15")


def test_a_header_and_a_text_that_contradict(project: Project) -> None:
    """Data takes precedence over prose, and ``show`` names the prose that contradicts it."""
    entries = dated(
        project, digest(release("A", "LISBON, 7 May 2023 — They met.", given="2023-12-15"))
    )
    assert day(entries["A"]) == "2023-12-15"
    assert "7 May 2023" in words(entries["A"])


def past_events(number: int, first: date) -> str:
    """Sentences about so many events, one a day."""
    return " ".join(f"They met on {first + timedelta(n):%-d %B %Y}." for n in range(number))


def test_ten_thousand_dates(project: Project) -> None:
    """A body that names ten thousand days keeps its place, and leaves its neighbours theirs."""
    many = release("Many", past_events(10_000, date(2000, 1, 1)))
    entries = dated(project, digest(met("Newer", 15), many, met("Older", 13)))
    assert (day(entries["Newer"]), day(entries["Older"])) == ("2023-12-15", "2023-12-13")
    assert_within(entries["Many"], "2023-12-13", "2023-12-15")


def test_a_chronology_does_not_outweigh_a_dateline(project: Project) -> None:
    """However many past events a release goes through, its dateline is its date."""
    body = "LISBON, 14 December 2023 — The envoy met the mayor.\n\n"
    many = release("Many", body + 2 * past_events(40, date(2023, 11, 1)))
    entries = dated(project, digest(met("Newer", 15), many, met("Older", 13)))
    assert (basis(entries["Many"]), day(entries["Many"])) == ("stated", "2023-12-14")


def test_a_line_of_a_megabyte(project: Project) -> None:
    """A line of a megabyte is read, and the date in it is found."""
    line = "lorem ipsum " * 100_000 + "LISBON. They met on 14 December 2023."
    entries = dated(project, digest(met("Newer", 15), release("Long", line), met("Older", 13)))
    assert_within(entries["Long"], "2023-12-14", "2023-12-15")


@pytest.mark.parametrize(
    "piece", ["They met on 14 December. ", "Monday "], ids=["dates", "weekdays"]
)
def test_work_grows_with_the_text(tmp_path: Path, piece: str) -> None:
    """Four times as many dates take about four times the calls, not their square."""
    made = []
    for size in (5_000, 20_000):
        project = fresh(tmp_path / str(size))
        project.write_digest("a.txt", digest(release("Long", piece * (size // len(piece)))), SEEN)
        made.append(calls(project.ingest))
    assert made[1] < 6 * made[0]


# ------------------------------------------------------------- any order, one at a time, twice


def datings(project: Project) -> list[tuple[Any, ...]]:
    """Every entry's dating with all that belongs to it, in terms that outlive a rebuild."""
    return query(
        project,
        "SELECT entries.title, entries.published, entries.dating_basis, entries.dating_earliest,"
        " entries.dating_latest, entries.dating_evidence, entries.dating_role,"
        " entries.dating_conflict, below.title, above.title FROM entries"
        " LEFT JOIN entries AS below ON below.key = entries.dating_below"
        " LEFT JOIN entries AS above ON above.key = entries.dating_above ORDER BY 1, 2",
    )


def query(project: Project, sql: str) -> list[tuple[Any, ...]]:
    """What the store answers."""
    connection = sqlite3.connect(project.store)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def fresh(folder: Path) -> Project:
    """A project of its own in ``folder``."""
    made = Project(folder)
    (made.folder / "digests").mkdir(parents=True)
    made.configure("entries_per_feed = 1000\n" + CONFIG)
    return made


def add(project: Project, path: Path) -> None:
    """Put a digest into a project with its time unchanged."""
    shutil.copy2(path, project.folder / "digests" / path.name)


def shuffled(paths: list[Path], times: int) -> Iterator[list[Path]]:
    """``paths`` in some other orders, the same in every run of the tests."""
    for seed in range(times):
        yield random.Random(seed).sample(paths, len(paths))


def assert_any_order_gives_the_same(folder: Path, paths: list[Path], times: int) -> None:
    """One run over all digests, and one run after each digest in any order, date alike."""
    at_once = fresh(folder / "at once")
    for path in paths:
        add(at_once, path)
    at_once.ingest()
    expected = datings(at_once)
    assert expected
    for number, order in enumerate([paths, paths[::-1], *shuffled(paths, times)]):
        one_by_one = fresh(folder / str(number))
        for path in order:
            add(one_by_one, path)
            one_by_one.ingest()
        assert datings(one_by_one) == expected
        one_by_one.ingest()
        assert datings(one_by_one) == expected


def test_the_projects_own_digests_in_any_order(tmp_path: Path) -> None:
    """The seeds end in the same dates at once, one at a time, in any order, and twice."""
    assert_any_order_gives_the_same(tmp_path, sorted(SEEDS.glob("*.txt")), 1)


@pytest.mark.skipif(not any(SHARED.glob("*.txt")), reason="../shared/seeds is not there")
def test_real_digests_in_any_order(tmp_path: Path) -> None:
    """So do five real digests."""
    assert_any_order_gives_the_same(tmp_path, sorted(SHARED.glob("*.txt")), 1)


def test_digests_that_contradict_in_any_order(tmp_path: Path) -> None:
    """So do digests that contradict each other, and header lines that come at any time."""
    written = fresh(tmp_path / "written")
    texts = [
        digest(met("Newer", 15), silent("One"), silent("Two"), met("Older", 13)),
        digest(silent("Two"), silent("One"), silent("Three")),
        digest(silent("Three"), release("Two", "The council is pleased with Two."), met("Old", 9)),
        digest(release("One", "The council is pleased with One.", given="2023-12-14")),
        digest(met("Elsewhere", 14), advisory("Visit", "16 December")),
    ]
    paths = [
        written.write_digest(f"{number}.txt", text, SEEN + number * timedelta(hours=1))
        for number, text in enumerate(texts)
    ]
    assert_any_order_gives_the_same(tmp_path, paths, 4)


def long_list(project: Project, seed: int) -> list[Path]:
    """Digests of a list of eight months, which overlap; half the entries are silent."""
    chance = random.Random(seed)
    at = date(2023, 3, 1)
    releases: list[str] = []
    for number in range(240):
        at += timedelta(chance.choice((0, 0, 1, 1, 2)))
        kind = chance.random()
        title = f"Release {number}"
        if kind < 0.5:
            releases.append(silent(title))
        elif kind < 0.75:
            releases.append(met(title, at.day, at.month, at.year))
        elif kind < 0.85:
            releases.append(release(title, f"On {at:%-d %B}, 30 properties were searched."))
        elif kind < 0.95:
            ahead = at + timedelta(chance.randint(1, 5))
            releases.append(advisory(title, f"{ahead:%-d %B %Y}"))
        else:
            releases.append(release(title, "It was done.", given=at.isoformat()))
    return [
        project.write_digest(
            f"{random.Random(start).random()}.txt",
            digest(*releases[start : start + 10][::-1]),
            SEEN + timedelta(minutes=start),
        )
        for start in range(0, 240, 8)
    ]


def test_windows_date_as_the_whole_does(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dated by the month, a long list has the dates it has when dated as a whole."""
    paths = long_list(project, seed=1)
    project.ingest()
    whole = datings(project)
    monkeypatch.setattr(store_dating, "SMALL", 0)
    assert len(whole) == 240
    by_month = fresh(tmp_path / "by month")
    for path in paths:
        add(by_month, path)
    by_month.ingest()
    assert datings(by_month) == whole


def test_windows_one_digest_at_a_time(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dated by the month as digests come in, in any order, the dates are the same."""
    paths = long_list(project, seed=2)
    project.ingest()
    whole = datings(project)
    monkeypatch.setattr(store_dating, "SMALL", 0)
    one_by_one = fresh(tmp_path / "one by one")
    for path in random.Random(3).sample(paths, len(paths)):
        add(one_by_one, path)
        one_by_one.ingest()
    assert datings(one_by_one) == whole


def test_entry_that_a_digest_of_another_season_repeats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What that digest says of its date moves its neighbours of then, at once and one by one."""
    monkeypatch.setattr(store_dating, "SMALL", 0)
    at_once, one_by_one = fresh(tmp_path / "at once"), fresh(tmp_path / "one by one")
    spring = [silent("Above"), release("One", "The council is pleased with One."), silent("Below")]
    autumn = [met(f"Autumn {day}", day, 11) for day in range(29, 1, -1)]
    texts = (
        digest(met("Upper", 20, 3), *spring, met("Lower", 10, 3)),
        digest(*autumn, release("One", "The council is pleased with One.", given="2023-03-12")),
    )
    for number, text in enumerate(texts):
        for project in (at_once, one_by_one):
            project.write_digest(f"{number}.txt", text, SEEN + number * timedelta(hours=1))
        assert one_by_one.run("once").code == 0
    assert at_once.run("once").code == 0
    assert datings(one_by_one) == datings(at_once)


def test_the_edges_of_a_month(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every entry of a list that runs over the ends of months and of a year gets its date."""
    monkeypatch.setattr(store_dating, "SMALL", 0)
    entries = dated(
        project,
        digest(met("January", 1, 1, 2024), silent("Between"), met("December", 31, 12, 2023)),
        digest(met("December", 31, 12, 2023), silent("Lower"), met("November", 30, 11, 2023)),
    )
    assert_within(entries["Between"], "2023-12-31", "2024-01-01")
    assert_within(entries["Lower"], "2023-11-30", "2023-12-31")


# --------------------------------------------------------------- killed, continued, built again

KILLED_AT = {
    "before dates are worked out": "aggregator.ingest.run.derive",
    "before relations are found": "aggregator.ingest.derive.relate",
    "before feeds are written": "aggregator.output.regenerate.regenerate",
    "before what was written is noted": "aggregator.store.output.mark_written",
}


def later_says_more() -> tuple[str, str, str]:
    """Three digests, the second and third of which change dates that the first has."""
    return (
        digest(met("Newer", 15), silent("One"), silent("Two"), met("Older", 13)),
        digest(release("One", "The council is pleased with One.", given="2023-12-14")),
        digest(silent("Two"), met("Between", 14), silent("One")),
    )


def everything_known(project: Project) -> tuple[Any, ...]:
    """All that subscribers and readers of the store can see of its entries."""
    entries = query(project, "SELECT id, published, updated, changed FROM entries ORDER BY id")
    return entries, query(project, "SELECT * FROM datings"), project.files()


@pytest.mark.parametrize("target", KILLED_AT.values(), ids=KILLED_AT)
def test_killed_run_is_continued_as_if_it_had_not_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """A date that was never in the feeds leaves no trace, neither in ``updated`` nor as earlier."""

    def kill(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    at_once, killed = fresh(tmp_path / "at once"), fresh(tmp_path / "killed")
    for number, text in enumerate(later_says_more()):
        for project in (at_once, killed):
            project.write_digest(f"{number}.txt", text, SEEN + number * timedelta(hours=1))
        if number < 2:
            with monkeypatch.context() as patched:
                patched.setattr(target, kill)
                assert killed.run("once").code != 0
    for project in (at_once, killed):
        assert project.run("once").code == 0
    assert everything_known(killed) == everything_known(at_once)
    assert everything_known(killed)[1] == []


def test_rebuilt_store_differs_where_the_feeds_had_another_date(tmp_path: Path) -> None:
    """Only in ``updated``, and only for entries whose page says what they were dated before."""
    at_once, one_by_one = fresh(tmp_path / "at once"), fresh(tmp_path / "one by one")
    for number, text in enumerate(later_says_more()):
        for project in (at_once, one_by_one):
            project.write_digest(f"{number}.txt", text, SEEN + number * timedelta(hours=1))
        assert one_by_one.run("once").code == 0
    assert at_once.run("once").code == 0
    assert datings(one_by_one) == datings(at_once)
    updated = "SELECT id, updated FROM entries ORDER BY id"
    differing = dict(set(query(one_by_one, updated)) - set(query(at_once, updated)))
    first = "SELECT id, datings.published FROM datings JOIN entries ON key = entry WHERE number = 1"
    assert differing
    assert differing.items() <= dict(query(one_by_one, first)).items()
    assert query(at_once, "SELECT * FROM datings") == []


# --------------------------------------------------------------------------- feeds and ``show``


def feed(project: Project, name: str) -> list[tuple[str, datetime]]:
    """The titles of a feed's entries with their ``published``, from the top."""
    atom = {"a": "http://www.w3.org/2005/Atom"}
    tree = etree.parse(project.output / f"{name}.atom")
    return [
        (
            entry.findtext("a:title", namespaces=atom),
            datetime.fromisoformat(entry.findtext("a:published", namespaces=atom)),
        )
        for entry in tree.findall("a:entry", namespaces=atom)
    ]


@pytest.fixture(scope="module", params=["seeds", "shared"])
def with_digests(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Project:
    """A project that read the seeds, or the real digests where they are."""
    folder = SEEDS if request.param == "seeds" else SHARED
    if not any(folder.glob("*.txt")):
        pytest.skip("../shared/seeds is not there")
    made = fresh(tmp_path_factory.mktemp(request.param) / "project")
    for path in sorted(folder.glob("*.txt")):
        add(made, path)
    assert made.run("once").code == 0
    return made


def test_feeds_keep_the_order_of_each_digest(with_digests: Project) -> None:
    """Whatever the dates, every feed keeps the order of each digest."""
    rows = query(
        with_digests,
        "SELECT document, title FROM sightings JOIN entries ON entries.key = entry"
        " ORDER BY document, position",
    )
    for path in with_digests.output.glob("*.atom"):
        titles = [title for title, _ in feed(with_digests, path.stem)]
        places = {title: titles.index(title) for title in set(titles) if titles.count(title) == 1}
        for number in {number for number, _ in rows}:
            listed = [places[title] for n, title in rows if n == number and title in places]
            assert listed == sorted(listed)


def test_no_two_entries_of_a_feed_share_a_time(with_digests: Project) -> None:
    """Times fall from the top of each feed, and none is there twice."""
    for path in with_digests.output.glob("*.atom"):
        times = [moment for _, moment in feed(with_digests, path.stem)]
        assert all(newer > older for newer, older in pairwise(times))


def test_feeds_are_newest_first_and_none_is_new(with_digests: Project) -> None:
    """No entry is of the day on which the digests are read."""
    newest = max(moment for _, moment in feed(with_digests, "all"))
    assert newest < datetime(2024, 7, 1, tzinfo=UTC)


def test_every_date_is_in_its_window(with_digests: Project) -> None:
    """The day chosen is one that the window allows, and the window is no wider than two months."""
    for entry in with_digests.run("entries", "--json", "--limit", "1000").json_lines:
        dating = entry["dating"]
        assert dating["earliest"] <= entry["published"] <= dating["latest"]
        width = datetime.fromisoformat(dating["latest"]) - datetime.fromisoformat(
            dating["earliest"]
        )
        assert width < timedelta(days=62)


def test_show_explains_in_words(with_digests: Project) -> None:
    """Every entry's date is a sentence: when, because of which words or which neighbours."""
    sentence = re.compile(
        r"(on|between) \d{1,2} .*\b20\d\d, because (its text .+: “.+”|it is listed .+ “.+”)"
        r"|given by its publisher: .+"
    )
    titles = {title for (title,) in query(with_digests, "SELECT title FROM entries")}
    for entry in with_digests.run("entries", "--json", "--limit", "1000").json_lines:
        said = in_words(with_digests, entry["id"])
        assert sentence.match(said), said
        for named in re.findall(r"(?:above|below|between|and) “([^”]+?)…?”", said):
            assert any(title.startswith(named) for title in titles)


def test_every_entry_has_evidence(with_digests: Project) -> None:
    """In ``entries`` an entry whose text says nothing says what it is listed between."""
    for entry in with_digests.run("entries", "--json", "--limit", "1000").json_lines:
        assert entry["dating"]["evidence"]


@pytest.mark.parametrize(
    ("earliest", "latest", "said"),
    [
        ("2023-12-13", "2023-12-15", "between 13 and 15 December 2023"),
        ("2023-11-29", "2023-12-02", "between 29 November and 2 December 2023"),
        ("2023-12-29", "2024-01-02", "between 29 December 2023 and 2 January 2024"),
    ],
)
def test_windows_in_words(project: Project, earliest: str, latest: str, said: str) -> None:
    """A window is written as a person would write it."""
    first, last = date.fromisoformat(earliest), date.fromisoformat(latest)
    entries = dated(
        project,
        digest(
            met("Newer", last.day, last.month, last.year),
            silent("Silent"),
            met("Older", first.day, first.month, first.year),
        ),
    )
    assert words(entries["Silent"]).startswith(f"{said}, because it is listed between")
