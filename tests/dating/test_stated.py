"""Dates that are stated as data, in every form that feeds and headers have them.

The results were written by hand, from the form: none is what some program returned.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.dating.stated import DateRules, read_time, rules_of_document

BRUSSELS = DateRules(zone=ZoneInfo("Europe/Brussels"))
# A time in UTC, or a day, or None where there is nothing certain.
FORMS = [
    ("Tue, 12 Mar 2024 10:15:00 GMT", "2024-03-12T10:15"),
    ("Tue, 12 Mar 2024 10:15:00 +0100", "2024-03-12T09:15"),
    ("Tue, 12 Mar 2024 10:15:00 -0530", "2024-03-12T15:45"),
    ("Tue, 12 Mar 2024 10:15:00 Z", "2024-03-12T10:15"),
    ("Tue, 12 Mar 2024 10:15:00 UT", "2024-03-12T10:15"),
    ("Tue, 12 Mar 2024 10:15 EST", "2024-03-12T15:15"),
    ("12 Mar 24 10:15:00 GMT", "2024-03-12T10:15"),
    ("Tuesday, 12-Mar-24 10:15:00 GMT", "2024-03-12T10:15"),
    ("Tuesday, 12-Mar-2024 10:15:00 UTC", "2024-03-12T10:15"),
    ("Tue, 12 Mar 2024 10:15:00 +0100 (CET)", "2024-03-12T09:15"),
    ("Tue, 12 Mar 2024 10:15:00 (CET)", "2024-03-12T09:15"),
    ("Tue 12 Mar 2024 10:15:00 PDT", "2024-03-12T17:15"),
    ("Tue,12 Mar 2024 10:15:00 GMT", "2024-03-12T10:15"),
    ("Wed, 12 Mar 2024 10:15:00 GMT", "2024-03-12T10:15"),
    ("Tue, 12 March 2024 10:15:00 CEST", "2024-03-12T08:15"),
    ("Tue, 12 Mar 2024 24:00:00 GMT", "2024-03-13T00:00"),
    ("Tue, 12 Mar 2024 23:59:60 GMT", "2024-03-13T00:00"),
    ("Tue, 12 Mar 2024 10:15:00 XYZT", "2024-03-12"),
    ("Tue, 12 Mar 2024 25:15:00 GMT", "2024-03-12"),
    ("Tue, 12 Mar 2024", "2024-03-12"),
    ("2024-03-12T10:15:00Z", "2024-03-12T10:15"),
    ("2024-03-12T10:15:00+01:00", "2024-03-12T09:15"),
    ("2024-03-12T10:15:00.123456789Z", "2024-03-12T10:15"),
    ("2024-03-12T10:15:00,5Z", "2024-03-12T10:15"),
    ("2024-03-12t10:15:00z", "2024-03-12T10:15"),
    ("2024-03-12T10:15Z", "2024-03-12T10:15"),
    ("2024-03-12T10:15", "2024-03-12T10:15"),
    ("2024-03-12T10Z", "2024-03-12T10:00"),
    ("2024-03-12T10:15:00+01", "2024-03-12T09:15"),
    ("2024-03-12T10:15:00+0100", "2024-03-12T09:15"),
    ("2024-03-12T10:15:00.000+0000", "2024-03-12T10:15"),
    ("2024-03-12T10:15:00 +01:00", "2024-03-12T09:15"),
    ("2024-03-12T10:15:00+01:00[Europe/Brussels]", "2024-03-12T09:15"),
    ("2024-03-12 10:15:00 UTC", "2024-03-12T10:15"),
    ("2024-03-12 10:15:00 +0000 UTC", "2024-03-12T10:15"),
    ("2024-03-12 10:15:00.000000000 +0000 UTC", "2024-03-12T10:15"),
    ("2024-03-12 10:15:00", "2024-03-12T10:15"),
    ("2024-03-12 10:15 CET", "2024-03-12T09:15"),
    ("2024-03-12 - 10:15", "2024-03-12T10:15"),
    ("2024-03-12, 10:15", "2024-03-12T10:15"),
    ("2024-03-12 10:15 PM", "2024-03-12T22:15"),
    ("2024-03-12T24:00:00Z", "2024-03-13T00:00"),
    ("2024-3-12", "2024-03-12"),
    ("2024-03-12", "2024-03-12"),
    ("2024-03-12Z", "2024-03-12"),
    ("2024-03-12+01:00", "2024-03-12"),
    ("2024-03-12-05:00", "2024-03-12"),
    ("20240312", "2024-03-12"),
    ("20240312T101500Z", "2024-03-12T10:15"),
    ("20240312T1015Z", "2024-03-12T10:15"),
    ("20240312T101500+0100", "2024-03-12T09:15"),
    ("20240312101500", "2024-03-12T10:15"),
    ("202403121015", "2024-03-12T10:15"),
    ("20240312 101500", "2024-03-12T10:15"),
    ("2024-03-12T101500Z", "2024-03-12T10:15"),
    ("2024-W11-2", "2024-03-12"),
    ("2024W112", "2024-03-12"),
    ("2024-W11-2T10:15:00Z", "2024-03-12T10:15"),
    ("2024-072", "2024-03-12"),
    ("2024072", "2024-03-12"),
    ("2024-072T10:15:00Z", "2024-03-12T10:15"),
    ("2024/03/12 10:15", "2024-03-12T10:15"),
    ("2024/03/12 10:15:00 JST", "2024-03-12T01:15"),
    ("2024/3/12", "2024-03-12"),
    ("2024.03.12 10:15", "2024-03-12T10:15"),
    ("2024. 03. 12.", "2024-03-12"),
    ("2024. 03. 12. 10:15", "2024-03-12T10:15"),
    ("2024-Mar-12 10:15", "2024-03-12T10:15"),
    ("2024 March 12", "2024-03-12"),
    ("Tue Mar 12 10:15:00 2024", "2024-03-12T10:15"),
    ("Tue Mar 12 10:15:00 CET 2024", "2024-03-12T09:15"),
    ("Tue Mar 12 10:15:00 2024 +0100", "2024-03-12T09:15"),
    ("Tue Mar 12 2024 10:15:00 GMT+0100 (Central European Standard Time)", "2024-03-12T09:15"),
    ("Tue Mar 12 2024 10:15:00 GMT+0000 (Coordinated Universal Time)", "2024-03-12T10:15"),
    ("12/Mar/2024:10:15:00 +0100", "2024-03-12T09:15"),
    ("1710238500", "2024-03-12T10:15"),
    ("1710238500000", "2024-03-12T10:15"),
    ("1710238500123456", "2024-03-12T10:15"),
    ("1710238500.25", "2024-03-12T10:15"),
    ("March 12, 2024", "2024-03-12"),
    ("March 12, 2024 10:15 AM", "2024-03-12T10:15"),
    ("Mar 12, 2024, 10:15:00 PM", "2024-03-12T22:15"),
    ("Mar. 12, 2024 2:30 p.m. EDT", "2024-03-12T18:30"),
    ("March 12, 2024 at 2:30 p.m. ET", "2024-03-12T18:30"),
    ("March 12th, 2024 - 10:15", "2024-03-12T10:15"),
    ("Tuesday, March 12, 2024 - 10:15", "2024-03-12T10:15"),
    ("Tuesday, March 12, 2024 - 10:15am", "2024-03-12T10:15"),
    ("Wed, 03/13/2024 - 10:15", "2024-03-13T10:15"),
    ("12th March 2024", "2024-03-12"),
    ("12th of March, 2024 10:15 BST", "2024-03-12T09:15"),
    ("12 March 2024 12:15 AM", "2024-03-12T00:15"),
    ("12 March 2024 12:15 PM", "2024-03-12T12:15"),
    ("12 March 2024 2 pm", "2024-03-12T14:00"),
    ("12 March 2024, 14:30 CEST", "2024-03-12T12:30"),
    ("14:30 CEST, 12 March 2024", "2024-03-12T12:30"),
    ("10:15, 5/3/2024 (Tue)", "2024-03-05T10:15"),
    ("12 March 2024 10:15 GMT+1", "2024-03-12T09:15"),
    ("12 March 2024 10:15 UTC+2", "2024-03-12T08:15"),
    ("12 March 2024 10:15 UTC+5:30", "2024-03-12T04:45"),
    ("12 March 2024 10:15 (UTC+1)", "2024-03-12T09:15"),
    ("12 March 2024 10:15 (GMT)", "2024-03-12T10:15"),
    ("12 March 2024 10:15 UTC-03:00", "2024-03-12T13:15"),
    ("12 March 2024 10:15 Eastern Time", "2024-03-12T14:15"),
    ("12 March 2024 10:15 Eastern Standard Time", "2024-03-12T15:15"),
    ("12 March 2024 10:15 Central European Time", "2024-03-12T09:15"),
    ("12 March 2024 10:15 Brussels time", "2024-03-12"),
    ("12 March 2024 10:15 EET", "2024-03-12T08:15"),
    ("12 March 2024 10:15 MSK", "2024-03-12T07:15"),
    ("12 March 2024 10:15 AEDT", "2024-03-11T23:15"),
    ("12 March 2024 10:15 IST", "2024-03-12T04:45"),
    ("12 March 2024 10:15 PST", "2024-03-12T18:15"),
    ("12 March 2024 10:15 NST", "2024-03-12T13:45"),
    ("12 March 2024 10:15 MEZ", "2024-03-12T09:15"),
    ("12.03.2024", "2024-03-12"),
    ("12.03.2024 10:15", "2024-03-12T10:15"),
    ("12.3.2024", "2024-03-12"),
    ("12. 3. 2024 10:15", "2024-03-12T10:15"),
    ("12.03.24", "2024-03-12"),
    ("12.03.2024, 10.15 Uhr", "2024-03-12T10:15"),
    ("12.03.2024 - 10:15 Uhr MEZ", "2024-03-12T09:15"),
    ("31.05.2017", "2017-05-31"),
    ("24-01-2015 12:20:42", "2015-01-24T12:20"),
    ("31-12-2023", "2023-12-31"),
    ("13/12/2023", "2023-12-13"),
    ("12/13/2023", "2023-12-13"),
    ("31/12/23", "2023-12-31"),
    ("2019/11/15 10:00", "2019-11-15T10:00"),
    ("03/03/2024", "2024-03-03"),
    ("12 mars 2024", "2024-03-12"),
    ("mardi 12 mars 2024", "2024-03-12"),
    ("mardi 12 mars 2024 à 10h15", "2024-03-12T10:15"),
    ("12 mars 2024 10 h 15", "2024-03-12T10:15"),
    ("1er avril 2024", "2024-04-01"),
    ("le 12 mars 2024", "2024-03-12"),
    ("mar. 12 mars 2024 10:15:00 +0100", "2024-03-12T09:15"),
    ("12 févr. 2024", "2024-02-12"),
    ("12 août 2024 10:15", "2024-08-12T10:15"),
    ("12. März 2024", "2024-03-12"),
    ("Dienstag, 12. März 2024, 10:15 Uhr", "2024-03-12T10:15"),
    ("12. Maerz 2024", "2024-03-12"),
    ("12 de marzo de 2024", "2024-03-12"),
    ("martes, 12 de marzo de 2024 - 10:15", "2024-03-12T10:15"),
    ("Mar, 12 Mar 2024 10:15:00 +0100", "2024-03-12T09:15"),
    ("12 de marzo del 2024, 10:15 p. m.", "2024-03-12T22:15"),
    ("martedì 12 marzo 2024", "2024-03-12"),
    ("martedì 12 marzo 2024, ore 10.15", "2024-03-12T10:15"),
    ("12 marzo 2024 alle 10:15", "2024-03-12T10:15"),
    ("dinsdag 12 maart 2024", "2024-03-12"),
    ("di, 12 mrt 2024 10:15:00 +0100", "2024-03-12T09:15"),
    ("12 maart 2024 om 10:15 uur", "2024-03-12T10:15"),
    ("12 de março de 2024 às 14h30", "2024-03-12T14:30"),
    ("tirsdag 12. marts 2024 kl. 10.15", "2024-03-12T10:15"),
    ("12 mars 2024 kl 10.15", "2024-03-12T10:15"),
    ("12. maaliskuuta 2024", "2024-03-12"),
    ("12 marca 2024", "2024-03-12"),
    ("12. března 2024", "2024-03-12"),
    ("12 марта 2024 г.", "2024-03-12"),
    ("12 марта 2024, 10:15", "2024-03-12T10:15"),
    ("12 березня 2024", "2024-03-12"),
    ("2024. március 12.", "2024-03-12"),
    ("12 martie 2024", "2024-03-12"),
    ("12 Μαρτίου 2024", "2024-03-12"),
    ("12 Mart 2024", "2024-03-12"),
    ("2024 m. kovo 12 d.", "2024-03-12"),
    ("2024年3月12日", "2024-03-12"),
    ("2024年3月12日 10:15", "2024-03-12T10:15"),
    ("2024年3月12日(火) 10時15分", "2024-03-12T10:15"),
    ("2024年3月12日 午後2時30分", "2024-03-12T14:30"),
    ("2024년 3월 12일 오후 2:30", "2024-03-12T14:30"),
    ("2024年3月12日 星期二 10:15", "2024-03-12T10:15"),
    ('<time datetime="2024-03-12T10:15:00Z">yesterday</time>', "2024-03-12T10:15"),
    (
        '&lt;time datetime="2024-03-12T10:15:00+01:00" class="d"&gt;12 March&lt;/time&gt;',
        "2024-03-12T09:15",
    ),
    ('<span class="date">12 March 2024</span>', "2024-03-12"),
    ("12&nbsp;March&nbsp;2024 10:15", "2024-03-12T10:15"),
    ("12 mars 2024", "2024-03-12"),
    ("１２ March 2024", "2024-03-12"),
    ("Published: 12 March 2024 10:15", "2024-03-12T10:15"),
    ("12 March 2024 10:15 - 11:15", "2024-03-12"),
    ("03/04/2024", None),
    ("03-04-2024 10:15", None),
    ("24-01-15", None),
    ("March 2024", None),
    ("2024-03", None),
    ("2024", None),
    ("12 March", None),
    ("0000-00-00", None),
    ("0000-01-01T00:00:00Z", None),
    ("30 February 2024", None),
    ("2024-02-30T00:00:00Z", None),
    ("2024-366T00:00:00Z", "2024-12-31T00:00"),
    ("2023-366", None),
    ("2024-W54-1", None),
    ("yesterday", None),
    ("2 hours ago", None),
    ("12 and 13 March 2024", None),
    ("9999-12-31", "9999-12-31"),
    ("9999-12-31T23:59:59-12:00", "9999-12-31"),
    ("0001-01-01T00:00:00Z", "0001-01-01T00:00"),
    ("0", None),
    ("12345", None),
    ("-1", None),
    ("12 März 2024 10:15", "2024-03-12T10:15"),
    ("12 сентября 2024 в 10:15 (МСК)", "2024-09-12T07:15"),
    ("12 Mar '24", "2024-03-12"),
    ("2024-03-12T09:15:00-08:00Z", "2024-03-12T17:15"),
    ("12 lipca 2024", "2024-07-12"),
    ("2.30pm, 12 March 2024", "2024-03-12T14:30"),
    ("12 July 2024 10:15 ET", "2024-07-12T14:15"),
    ("12 January 2024 10:15 PT", "2024-01-12T18:15"),
    ("١٢ مارس ٢٠٢٤", "2024-03-12"),
    ("12 Mar 2024 10:15 - 11", "2024-03-12"),
    ("<p>2024-03-12</p>", "2024-03-12"),
]


def shown(text: str, rules: DateRules | None = None) -> str | None:
    """Return the time or the day of ``text`` as in the table."""
    read = read_time(text, rules or DateRules())
    if read is None:
        return None
    if not isinstance(read, datetime):
        return read.isoformat()
    assert read.tzinfo is UTC
    return read.isoformat()[:16]


@pytest.mark.parametrize(("written", "wanted"), FORMS)
def test_form_of_a_stated_date(written: str, wanted: str | None) -> None:
    """It is read as far as it is certain: the time, the day, or nothing."""
    assert shown(written) == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("2024-07-12T10:15:00", "2024-07-12T08:15"),
        ("2024-01-12 10:15", "2024-01-12T09:15"),
        ("12 juillet 2024, 10h15", "2024-07-12T08:15"),
        ("Fri, 12 Jul 2024 10:15:00 GMT", "2024-07-12T10:15"),
        ("2024-07-12T10:15:00Z", "2024-07-12T10:15"),
        ("Fri, 12 Jul 2024 10:15:00 EST", "2024-07-12T15:15"),
        ("2024-07-12", "2024-07-12"),
    ],
)
def test_time_without_a_zone_is_in_that_of_the_source(written: str, wanted: str) -> None:
    """A time that names its zone keeps it."""
    assert shown(written, BRUSSELS) == wanted


@pytest.mark.parametrize(
    ("zone", "written", "wanted"),
    [
        ("Europe/Dublin", "12 Jul 2024 10:15 IST", "2024-07-12T09:15"),
        ("Europe/Dublin", "Fri, 12 Jul 2024 10:15:00 IST", "2024-07-12T09:15"),
        ("Asia/Jerusalem", "12 Jan 2024 10:15 IST", "2024-01-12T08:15"),
        ("Asia/Kolkata", "12 Jan 2024 10:15 IST", "2024-01-12T04:45"),
        ("Asia/Shanghai", "12 Jan 2024 10:15 CST", "2024-01-12T02:15"),
        ("America/Chicago", "12 Jan 2024 10:15 CST", "2024-01-12T16:15"),
        ("Europe/Brussels", "12 Jul 2024 10:15 CET", "2024-07-12T09:15"),
    ],
)
def test_name_of_several_zones_is_first_that_of_the_source(
    zone: str, written: str, wanted: str
) -> None:
    """``IST`` is Irish time in Dublin; ``CET`` is UTC+1 even where it should be summer time."""
    assert shown(written, DateRules(zone=ZoneInfo(zone))) == wanted


@pytest.mark.parametrize(
    ("language", "others", "wanted"),
    [
        ("en-GB", [], "2024-04-03"),
        ("en-us", [], "2024-03-04"),
        ("en_US", ["x"], "2024-03-04"),
        ("fr", [], "2024-04-03"),
        ("de-AT", [], "2024-04-03"),
        ("en", [], None),
        (None, [], None),
        ("en-CA", [], None),
        (None, ["13/04/2024"], "2024-04-03"),
        (None, ["04-13-2024 10:15"], "2024-03-04"),
        ("en-us", ["Sat, 13/04/2024"], "2024-04-03"),
        (None, ["13/04/2024", "04/13/2024"], None),
        (None, ["13.04.2024"], None),
        (None, ["1" * 5_000], None),
    ],
)
def test_order_of_day_and_month(language: str | None, others: list[str], wanted: str) -> None:
    """A date that can mean one day only proves the order of the others, before the language."""
    rules = rules_of_document(DateRules(), language, [*others, "03/04/2024", "03-04-2024"])
    assert shown("03/04/2024", rules) == wanted
    assert shown("03-04-2024", rules) == wanted
    assert shown("03.04.2024", rules) == "2024-04-03"


def test_source_sets_the_order() -> None:
    """What the source says counts before its dates; a date with one meaning has that."""
    rules = rules_of_document(DateRules(day_first=False), "fr", ["13/04/2024"])
    assert shown("03/04/2024", rules) == "2024-03-04"
    assert shown("13/04/2024", rules) == "2024-04-13"


def test_weekday_settles_the_order() -> None:
    """5 March 2024 was a Tuesday, and 3 May 2024 a Friday."""
    assert shown("Tue, 05/03/2024 - 10:15") == "2024-03-05T10:15"
    assert shown("Fri, 05/03/2024 - 10:15") == "2024-05-03T10:15"


def test_month_of_two_languages_is_that_of_the_document() -> None:
    """``listopada`` is October in Croatian and November in Polish."""
    assert shown("12. listopada 2024.", DateRules(language="hr")) == "2024-10-12"
    assert shown("12 listopada 2024", DateRules(language="pl-PL")) == "2024-11-12"


@pytest.mark.parametrize(
    "written",
    [
        "1" * 10_000,
        "12 March 2024 " * 700,
        "<time " * 1_700,
        "<time datetime=" + "2" * 10_000,
        "&lt;" * 2_500,
        "12 March " + " " * 10_000 + "2024",
        "a" * 900 + " 12 March 2024",
    ],
)
def test_overlong_date_is_not_one(written: str) -> None:
    """It is not looked at in detail."""
    assert read_time(written) is None


@given(st.datetimes(datetime(1000, 1, 2), datetime(9998, 12, 30), timezones=st.just(UTC)))
@settings(max_examples=30)
def test_times_that_programs_write_are_read_back(moment: datetime) -> None:
    """In the forms of the usual programs the same second is read."""
    moment = moment.replace(microsecond=0)
    for form in (
        "%Y-%m-%dT%H:%M:%SZ", "%Y%m%dT%H%M%SZ", "%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S",
        "%a, %d %b %Y %H:%M:%S +0000", "%a %b %d %H:%M:%S %Y", "%A, %d %B %Y, %I:%M:%S %p",
        "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S UTC", "%B %d, %Y - %H:%M:%S", "%Y-%jT%H:%M:%SZ",
        "%G-W%V-%uT%H:%M:%SZ",
    ):  # fmt: skip
        assert read_time(moment.strftime(form)) == moment, form


@given(st.text(st.sampled_from("0123456789:/.-+ TZWapmrchMAUGCEST<>&;,()'\0"), max_size=40))
@example("\0")
@example("24:00 9999-12-31")
@example("0001-01-01 00:00 +14:00")
@example("2024-W60-1")
@settings(max_examples=100)
def test_any_text_is_read_or_not(written: str) -> None:
    """Nothing raises, and a time is in UTC."""
    for rules in (DateRules(), BRUSSELS, DateRules(day_first=True, language="fr")):
        read = read_time(written, rules)
        assert not isinstance(read, datetime) or read.tzinfo is UTC


def test_daylight_time_of_the_united_states() -> None:
    """In 2024 it was from 10 March to 3 November, in 2006 from 2 April to 29 October."""
    for year, days in (
        (2024, ("03-09", "03-11", "11-02", "11-04")),
        (2006, ("04-01", "04-03", "10-28", "10-30")),
    ):
        hours = [shown(f"{year}-{day} 12:00 ET") for day in days]
        assert [hour and hour[-5:] for hour in hours] == ["17:00", "16:00", "16:00", "17:00"]
