"""Dates of feeds: both parsers and JSON Feed read them alike, by the document and the source."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from aggregator.dating.stated import DateRules
from aggregator.model import Item, Upstream
from aggregator.parse import jsonfeed
from aggregator.parse.syndication import parse, parse_carefully
from tests.parse.test_syndication import both
from tests.support.feeds import BOUNDS, atom, feed, rdf, rss, without_lines

AT = datetime(2024, 3, 12, 9, 15, tzinfo=UTC)
DAY = date(2024, 3, 12)


def dated(*dates: str, channel: str = "<title>A</title>") -> str:
    return rss(
        *(f"<title>T{n}</title><pubDate>{text}</pubDate>" for n, text in enumerate(dates)),
        channel=channel,
    )


def stated(item: Item) -> tuple[datetime | None, datetime | None, date | None]:
    upstream = item.upstream or Upstream()
    return upstream.published, upstream.updated, upstream.day


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("Tue, 12 Mar 2024 10:15:00 CET", (AT, None, None)),
        ("mardi 12 mars 2024 à 10h15 CET", (AT, None, None)),
        ("20240312T091500Z", (AT, None, None)),
        ("1710234900", (AT, None, None)),
        ("&lt;time datetime=&quot;2024-03-12T10:15:00+01:00&quot;&gt;today&lt;/time&gt;",
         (AT, None, None)),
        ("<![CDATA[<time datetime='2024-03-12T09:15Z'>12 March</time>]]>", (AT, None, None)),
        ("12.03.2024", (None, None, DAY)),
        ("12&#160;mars 2024", (None, None, DAY)),
        ("2024-03-12", (None, None, DAY)),
        ("Tue, 12 Mar 2024 09:15:00 XYZT", (None, None, DAY)),
        ("1970-01-01", (None, None, None)),
        ("0001-01-01", (None, None, None)),
        ("2 hours ago", (None, None, None)),
        ("12 March 2024 " * 800, (None, None, None)),
    ],
)  # fmt: skip
def test_date_of_an_item_in_any_form(
    written: str, wanted: tuple[datetime | None, datetime | None, date | None]
) -> None:
    """The quick parser reads it too, as far as it is certain."""
    (item,) = both(dated(written)).items
    assert stated(item) == wanted


def test_day_of_publication_is_before_the_time_of_a_change() -> None:
    """A day is the date of an item; the time of its last change is kept beside it."""
    inside = "<title>T</title><published>12 March 2024</published>"
    (item,) = both(atom(f"{inside}<updated>2024-03-14T09:15:00Z</updated>")).items
    assert stated(item) == (None, datetime(2024, 3, 14, 9, 15, tzinfo=UTC), DAY)
    assert item.date == "12 March 2024"
    (item,) = both(rdf("<title>T</title><dc:date>12 March 2024</dc:date>")).items
    assert (stated(item), item.date) == ((None, None, DAY), "12 March 2024")


def test_other_dates_of_the_feed_prove_the_order() -> None:
    """One date that can mean one day only is enough for all of them."""
    first, second = both(dated("03/04/2024", "25/03/2024 10:15")).items
    assert stated(first)[2] == date(2024, 4, 3)
    assert stated(second)[0] == datetime(2024, 3, 25, 10, 15, tzinfo=UTC)
    first, second = both(dated("03/04/2024", "03/25/2024")).items
    assert stated(first)[2] == date(2024, 3, 4)


@pytest.mark.parametrize(
    ("language", "wanted"),
    [("en-US", date(2024, 3, 4)), ("en-gb", date(2024, 4, 3)), ("nl", date(2024, 4, 3))],
)
def test_language_of_the_feed_tells_the_order(language: str, wanted: date) -> None:
    """Where nothing is proven, what is usual in the language counts."""
    channel = f"<title>A</title><language>{language}</language>"
    (item,) = both(dated("03/04/2024", channel=channel)).items
    assert stated(item)[2] == wanted


def test_source_sets_zone_and_order() -> None:
    """``timezone`` and ``day_first`` reach both parsers and JSON Feed."""
    rules = DateRules(zone=ZoneInfo("Europe/Brussels"), day_first=False)
    bounds = replace(BOUNDS, dates=rules)
    document = feed(dated("03/12/2024 10:15", "2024-03-12T10:15:00"))
    read = parse(document, bounds)
    assert read is not None
    assert without_lines(read) == without_lines(parse_carefully(document, bounds))
    assert [stated(item)[0] for item in read.items] == [AT, AT]
    (item,) = _json({"title": "T", "date_published": "03/12/2024 10:15"}, rules)
    assert stated(item)[0] == AT


def _json(entry: dict[str, object], rules: DateRules) -> tuple[Item, ...]:
    content = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", **entry}]}
    document = feed(json.dumps(content), media_type="application/feed+json")
    return jsonfeed.parse(document, replace(BOUNDS, dates=rules)).items


@pytest.mark.parametrize(
    "value",
    [1710234900, 1710234900.5, 1710234900000, "1710234900", "1710234900000", "12 March 2024 9:15"],
)
def test_json_feed_with_seconds_or_milliseconds(value: object) -> None:
    """Numbers are seconds since 1970, or milliseconds; the text may have any form."""
    entry = {"title": "T", "date_published": value, "date_modified": value}
    (item,) = _json(entry, DateRules())
    assert stated(item) == (AT, AT, None)


@pytest.mark.parametrize("value", [0, -1, True, None, 1e300, 10**120, [1710234900], {}, "soon"])
def test_json_feed_with_a_value_that_is_no_date(value: object) -> None:
    """The item loses its date only."""
    (item,) = _json({"title": "T", "date_published": value}, DateRules())
    assert (item.title, stated(item)) == ("T", (None, None, None))


def test_unreadable_dates_are_one_problem_of_the_feed() -> None:
    """It says how many there are, and quotes one."""
    parsed = both(dated("soon", "Tue, 12 Mar 2024 10:15:00 GMT", "03/04/2024", "later " * 50))
    (problem,) = parsed.problems
    assert not problem.rejected
    assert problem.lines == parsed.items[0].lines
    assert problem.reason == (
        "the dates of 3 of 4 items cannot be read for certain and are left out, such as 'soon'"
    )
    assert not both(dated("12 March 2024", "")).problems
