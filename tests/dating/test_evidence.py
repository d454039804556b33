"""Evidence: what the date phrases of a release say about the day it came out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dating.evidence import read_evidence, resolve
from aggregator.model import Evidence, PartialDate


def roles(title: str, text: str) -> list[tuple[str, str]]:
    """Return each phrase with its role."""
    return [(evidence.phrase, evidence.role) for evidence in read_evidence(title, text)]


def one(text: str, title: str = "News") -> Evidence:
    """Return the only evidence of a release."""
    (evidence,) = read_evidence(title, text)
    return evidence


STATED = [
    "May 7, 2024\n\nThe agency opened an office.",
    "Tuesday 7 May 2024\n\nThe agency opened an office.",
    "LISBON, 7 May 2024 — The agency opened an office.",
    "THE HAGUE (7 May 2024) \u2013 The agency opened an office.",
    "Porto, Portugal - 7 May 2024 - The agency opened an office.",
    "PORTO 7 May 2024 \u2014 The agency opened an office.",
    "Porto Alegre 07.05.2024 \u2013 The agency opened an office.",
    "(Porto, 7 May 2024) The agency opened an office.",
    "Created: 7 May 2024\nLast modified: 12 July 2024\n\nThe agency opened an office.",
    "Kraków 7 maja 2024 r. \u2013 Minister otworzył biuro i nie jest to koniec.",
    "Published: 7 May 2024\n\nThe agency opened an office.",
    "FOR IMMEDIATE RELEASE\n07/05/2024\n\nThe agency opened an office on 28/04/2024.",
    "Under strict embargo until 14:00 on 7 May 2024\n\nThe agency opened an office.",
    "Date: 7 May 2024\n\nThe agency opened an office.",
    "issued following its meeting held in Porto on 7th May 2024\n\nThe Council regrets this.",
    "The following statement was released on 7 May 2024 by the Foreign Ministry.",
    "The agency opened an office today (7 May 2024).",
    "Berlin, 7. Mai 2024 \u2013 Die Polizei eröffnete ein Büro.",
    "Paris, le 7 mai 2024\n\nLe ministre a ouvert un bureau.",
]
PAST = [
    "The envoy concluded her visit on Tuesday (7 May 2024).",
    "The envoy welcomed the mayor of Porto on Tuesday (7 May 2024).",
    "The action day on 7 May 2024 led to: 12 arrests",
    "On 7 May 2024, the committee visited the port.",
    "On 7 May 2024 \u2014 the committee visited the port.",
    "On 7 May 2024 St. John police searched the port with the crew.",
    "The verdict of 7 May 2024 was upheld by the court.",
    "Od 7 maja 2024 r. \u2013 minister otworzył biuro i nie jest to koniec.",
    "On 7 May 2024, 12 flats were searched.",
    "Addressing the assembly in Porto on 7 May 2024, the envoy said that peace is possible.",
    "Experts met at a symposium to address the challenges of hybrid threats (7 May 2024).",
    "As of 7 May 2024, 12 people are missing.",
    "Following a collision on 7 May 2024, officers are appealing for witnesses.",
    "El ministro visitó el puerto el 7 de mayo de 2024 con la alcaldesa.",
    "Le ministre a visité le port le 7 mai 2024 avec la maire.",
    "Die Polizei durchsuchte am 7. Mai 2024 in der Stadt zwölf Wohnungen.",
    "Il ministro ha visitato il porto il 7 maggio 2024 con la sindaca.",
]
FUTURE = [
    "On 7 May 2024, the envoy will travel to Porto.",
    "The envoy, Mr. J. Silva, will visit Porto on 7 May 2024.",
    "The envoy is to meet the mayor on 7 May 2024.",
    "The envoy said that ministers will address the matter on 7 May 2024.",
    "The envoy said the meeting on 7 May 2024 will address the matter.",
    "The conference is scheduled for 7 May 2024.",
    "WHEN: Tuesday, May 7, 2024\nWHERE: Town hall",
    "Date: 7 May 2024\nTime: 10:00\nVenue: Town hall",
    "The rule enters into force on 7 May 2024.",
    "Le ministre se rendra à Porto le 7 mai 2024 avec la maire.",
    "Die Konferenz wird am 7. Mai 2024 in der Stadt stattfinden.",
    "La reunión tendrá lugar el 7 de mayo de 2024 en la ciudad.",
]


@pytest.mark.parametrize("text", STATED)
def test_a_dateline_states_the_day(text: str) -> None:
    """A date at the top, after a label or a place, or beside today is the release's own."""
    evidence = next(e for e in read_evidence("News", text) if e.first.day is not None)
    assert evidence.role == "stated"
    assert evidence.first == PartialDate(year=2024, month=5, day=7)
    assert evidence.strength >= 0.9


@pytest.mark.parametrize("text", PAST)
def test_an_event_told_in_the_past_is_past(text: str) -> None:
    """A verb in the past bounds the release from below."""
    evidence = one(text)
    assert evidence.role == "past"
    assert evidence.strength >= 0.6


@pytest.mark.parametrize("text", FUTURE)
def test_an_event_to_come_is_future(text: str) -> None:
    """A verb in the future bounds the release from above."""
    evidence = one(text)
    assert evidence.role == "future"
    assert evidence.strength >= 0.6


@pytest.mark.parametrize(
    "text",
    [
        "Inaugurated in October 2017, the centre is hosted by the city.",
        "Following the accession in April, another country will join.",
        "Office hours are Monday to Friday.",
        "These ties matter today more than ever.",
        "Spending rose last year.",
        "Since 24 February 2022 the road is closed.",
        "After the 11 September attacks, laws were changed.",
        "Resolution 2231 of 20 July 2015 applies.",
        "The desk is open every Monday.",
        "The Act of 7 May 2003 was cited by the court.",
        "Regulation (EU) 2016/679 of 7 May 2016 was cited by the court.",
        "Under Act No. 12/2003 of 7 May 2003, the agency is to report.",
        "The crowd met on the Stra\u00dfe des 17. Juni in the city.",
        "The crowd met in the rue du 8 Mai 1945 in the city.",
        "The January 6, 2021 Capitol riot led to charges.",
        "In the six months ended June 30, 2023 the bank was at a loss.",
        "Seventy-five years ago today, on 4 April 1949, it was signed.",
        "Clean Air Day is marked each year on 7 May by schools.",
        "Rainfall in the week ending 7 May 2024 was low.",
        "The convoy had been planned for 7 May but was delayed.",
    ],
)
def test_history_has_no_weight(text: str) -> None:
    """Whole months, habits and what is named by its date have no weight."""
    evidence = read_evidence("News", text)[-1]
    assert evidence.role == "history"
    assert evidence.strength == 0


def test_an_advance_notice_has_a_schedule() -> None:
    """Days on their own lines are not datelines in a media advisory with hours."""
    text = (
        "The envoy will visit Porto from 9 \u2013 10 May 2024.\n\nMedia advisory\n\n"
        "Thursday\u00a0 \u00a009 May 2024\n\n13:30 (CET) Statements\n\n"
        "Friday 10 May 2024\n\n19:30 Dinner"
    )
    assert {role for _, role in roles("Envoy to visit Porto", text)} == {"future"}


def test_a_future_day_in_passing_weighs_little() -> None:
    """News in the past tense may name a day to come in a later paragraph."""
    text = (
        "The envoy welcomed the mayor on Tuesday (7 May 2024).\n\n"
        "The envoy announced that the base will become operational on Friday (10 May 2024)."
    )
    past, future = read_evidence("Envoy welcomes mayor", text)
    assert (past.role, future.role) == ("past", "future")
    assert past.strength > 3 * future.strength


def test_a_title_without_verb_carries_its_date() -> None:
    """A briefing named by its day came out that day."""
    (evidence,) = read_evidence("Daily briefing, 7 May 2024", "")
    assert (evidence.place, evidence.role) == ("title", "stated")


def test_a_title_that_says_to_visit_is_of_the_future() -> None:
    """An infinitive is the future where nothing else has a tense."""
    (evidence,) = read_evidence("Envoy to visit Porto on 7 May 2024", "")
    assert evidence.role == "future"


def test_today_is_present_and_yesterday_past() -> None:
    """Words that count from today have the role of their place in time."""
    text = "The council met today. It sat yesterday. It will vote tomorrow."
    assert [role for _, role in roles("Council meets", text)] == ["present", "past", "future"]


def test_the_year_comes_from_the_rest_of_the_release() -> None:
    """A day without year takes that of the release's main day, a weekday its day."""
    text = (
        "The envoy will visit Porto from 9 \u2013 10 May 2024. On 9 May, she will meet "
        "the mayor.\n\nOn Friday, she will leave."
    )
    evidence = read_evidence("Envoy to visit Porto", text)
    assert evidence[1].first == PartialDate(year=2024, month=5, day=9)
    assert evidence[1].phrase == "9 May"
    assert evidence[2].first == PartialDate(year=2024, month=5, day=10)


def test_a_weekday_is_not_of_the_week_of_a_report_that_is_mentioned() -> None:
    """The bill of Wednesday was not introduced in the week of a report of years ago."""
    text = "The bill was introduced on Wednesday.\n\nThe audit was released on 18 August 2005."
    (weekday, audit) = read_evidence("Bill introduced", text)
    assert (weekday.weekday, weekday.first) == (2, PartialDate())
    assert audit.first == PartialDate(year=2005, month=8, day=18)


@pytest.mark.parametrize(
    "text",
    [
        "On 24 February 2015, the four are accused of killing a guard.",
        "Two men are alleged to have robbed the kiosk on 24 February 2015.",
        "The clerk, who allegedly took the money on 24 February 2015, appeared in court.",
    ],
)
def test_a_deed_of_which_somebody_is_accused_says_little(text: str) -> None:
    """The law tells of deeds in the present tense, years later."""
    (evidence,) = read_evidence("Court", text)
    assert (evidence.role, evidence.strength) == ("past", 0.2)


def test_an_updated_page_is_of_the_day_it_was_published() -> None:
    """What was updated later came out before."""
    found = read_evidence(
        "Figures", "Theft fell. Published: 9 May 2024. Last updated: 12 July 2024."
    )
    assert [(one.role, one.first.month) for one in found] == [("stated", 5), ("future", 7)]


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Daily briefing, 3 May 2024", "stated"),
        ("Minutes of 3 May 2024", "stated"),
        ("Le 6 juin 1944 dans la mémoire", "present"),
        ("Raid on 30 April 2024 in Basel", "present"),
        ("Umzug in die Straße des 17. Juni", "history"),
        ("Entries for the prize until 31 March 2024", "future"),
        ("Novas taxas em vigor a partir de 1 de janeiro de 2024", "future"),
        ("Counter closed on 16 January", "present"),
    ],
)
def test_a_date_in_a_title_without_a_verb(title: str, role: str) -> None:
    """A title may be named by its day, tell of another, or have one in a street's name."""
    (evidence,) = read_evidence(title, "")
    assert evidence.role == role


@pytest.mark.parametrize(
    "text",
    [
        "The mayor was elected on Friday. Her term ends on 30 June 2027.",
        "The board elected her at its meeting on 8 June. Her term ends on 30 June 2027.",
        "He spoke on Friday 9 December. The declaration was adopted on 10 December 1948.",
    ],
)
def test_a_day_of_news_has_no_year_of_a_distant_one(text: str) -> None:
    """The year of what ends years ahead, or of an old event, is not that of the news."""
    assert read_evidence("News", text)[0].first.year is None


@pytest.mark.parametrize(
    "text",
    [
        "The ship had left Porto on 7 May.",
        "Photographs were taken between 7 May and 3 June.",
        "Officers are appealing for witnesses to a theft on 7 May.",
    ],
)
def test_what_came_before_the_news_counts_half(text: str) -> None:
    """What had happened, took weeks, or is still looked into is told some time later."""
    evidence = one(text)
    assert evidence.role == "past"
    assert evidence.strength <= 0.4


def test_a_state_on_a_day_is_not_its_news() -> None:
    """A helpline that "is staffed on 27 December" is announced before, or reported after."""
    evidence = one("Call the helpline, which is staffed on 27 December.")
    assert (evidence.role, evidence.strength <= 0.4) == ("present", True)


def test_what_happened_today_discounts_other_days() -> None:
    """Who writes "today" and names a date means another day."""
    text = "Two men were sentenced today. They were arrested on 2 February 2024."
    (today, arrest) = read_evidence("Two men sentenced", text)
    assert (today.role, arrest.role) == ("present", "past")
    assert arrest.strength <= 0.4


def test_a_date_in_straight_quotes_counts_half() -> None:
    """Who is quoted speaks of other days too."""
    text = '"It matters as it did on 4 April 1999," she said.'
    (evidence,) = read_evidence("Anniversary", text)
    assert evidence.strength <= 0.4


def test_a_day_years_before_the_main_one_is_history() -> None:
    """A release about May 2024 that mentions 2015 is not of 2015."""
    text = "The council adopted the plan on 20 July 2015. On 7 May 2024, it met to review it."
    assert [role for _, role in roles("Review", text)] == ["history", "past"]


def near(text: str, day: date | None) -> tuple[date, date, bool] | None:
    """Resolve the only evidence of a text."""
    found = resolve(one(text), day)
    return None if found is None else (found.first, found.last, found.weekday_conflict)


NEAR = date(2024, 5, 15)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("On 7 May they met.", (2024, 5, 7), (2024, 5, 7)),
        ("On 28 December they met.", (2023, 12, 28), (2023, 12, 28)),
        ("On Sunday 7 May they met.", (2023, 5, 7), (2023, 5, 7)),
        ("From 27 to 29 May they met.", (2024, 5, 27), (2024, 5, 29)),
        ("They met on Monday.", (2024, 5, 13), (2024, 5, 13)),
        ("They met on Wednesday.", (2024, 5, 15), (2024, 5, 15)),
        ("They will meet on Monday.", (2024, 5, 20), (2024, 5, 20)),
        ("They met last Monday.", (2024, 5, 13), (2024, 5, 13)),
        ("They met last Wednesday.", (2024, 5, 8), (2024, 5, 8)),
        ("They will meet next Wednesday.", (2024, 5, 22), (2024, 5, 22)),
        ("They met today.", (2024, 5, 15), (2024, 5, 15)),
        ("They met yesterday.", (2024, 5, 14), (2024, 5, 14)),
        ("They met last week.", (2024, 5, 6), (2024, 5, 12)),
        ("They met last month.", (2024, 4, 1), (2024, 4, 30)),
        ("They met last year.", (2023, 1, 1), (2023, 12, 31)),
        ("They will meet in July.", (2024, 7, 1), (2024, 7, 31)),
        ("They met in July.", (2023, 7, 1), (2023, 7, 31)),
        ("They met in December 2023.", (2023, 12, 1), (2023, 12, 31)),
        ("On 29 February they met.", (2024, 2, 29), (2024, 2, 29)),
    ],
)
def test_what_is_missing_comes_from_near(
    text: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    """Years, weekdays and relative words count from the day the release is thought to have."""
    assert near(text, NEAR) == (date(*first), date(*last), False)


def test_a_wrong_weekday_keeps_the_day() -> None:
    """The day written wins over the weekday written, and the conflict is reported."""
    assert near("On Monday 7 May 2024 they met.", None) == (date(2024, 5, 7),) * 2 + (True,)


def test_a_weekday_no_near_year_has_keeps_the_nearest_year() -> None:
    """A weekday that is right only many years away is taken for a slip."""
    assert near("On Monday 30 May they met.", NEAR) == (date(2022, 5, 30),) * 2 + (False,)
    assert near("On Wednesday 28 May they met.", NEAR) == (date(2025, 5, 28),) * 2 + (False,)
    assert near("On Monday 28 May they met.", NEAR) == (date(2024, 5, 28),) * 2 + (True,)


def test_nothing_near_leaves_a_missing_year_open() -> None:
    """Without a year and without a day to start from, the result is None."""
    assert near("On 7 May they met.", None) is None
    assert near("They met on Monday.", None) is None


JOINED = (
    "On|3 May|2024|Monday|today|last week|in July|will|met|.|\n|,|(|)|Date:|29 February|\u201c|said"
    "|30 December to 2 January|October to March 2024|to visit|next Friday|this May"
)
PIECES = JOINED.split("|")


def test_a_title_of_nothing_but_dates_is_read_in_part() -> None:
    """Each date of a title is judged against all of it, so its length has a bound."""
    title = " ".join(f"{1 + number % 28} May 2024," for number in range(10_000))
    assert 10 < len(roles(title, "The agency opened an office.")) < 100


@given(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(PIECES),
        max_size=20,
    ).map(" ".join),
    st.one_of(st.none(), st.dates()),
)
def test_any_release_is_read_and_resolved(title: str, text: str, day: date | None) -> None:
    """No text and no day raise; weights are from 0 to 1 and resolved days in order."""
    for evidence in read_evidence(title, text):
        assert 0 <= evidence.strength <= 1
        assert evidence.reason
        found = resolve(evidence, day)
        assert found is None or found.first <= found.last
