"""Dates that publishers state as data, in all usual forms."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.model import PartialDate
from aggregator.normalise.header import read_header

DAY = PartialDate(year=2023, month=12, day=15)
DAYS = [
    "2023-12-15",
    "20231215",
    "15 December 2023",
    "15 Dec 2023",
    "15. Dezember 2023",
    "Fri, 15 Dec 2023",
    "Friday, 15 December 2023",
    "December 15, 2023",
    "Dec. 15, 2023",
    "le 15 décembre 2023",
    "15/12/2023",
    "  2023-12-15\t",
]
MOMENTS = [
    ("2023-12-15T10:30:00Z", (10, 30)),
    ("2023-12-15T10:30:00+02:00", (8, 30)),
    ("2023-12-15T10:30", (10, 30)),
    ("2023-12-15 10:30:00-05:00", (15, 30)),
    ("2023-12-15T10:30:00.999Z", (10, 30)),
    ("Fri, 15 Dec 2023 10:30:00 GMT", (10, 30)),
    ("Fri, 15 Dec 2023 10:30:00 +0100", (9, 30)),
    ("Fri, 15 Dec 2023 10:30:00 -0000", (10, 30)),
    ("Fri, 15 Dec 2023 10:30:00 EST", (15, 30)),
    ("15 Dec 2023 10:30", (10, 30)),
    ("Fri, 15 Dec 23 10:30:00 GMT", (10, 30)),
]
NO_DATES = [
    "",
    "   ",
    "soon",
    "today",
    "Friday",
    "December 2023",
    "15 December",
    "14 and 15 December 2023",
    "from 14 to 15 December 2023",
    "31 June 2023",
    "2023-02-30",
    "2023-13-01",
    "12",
    "0000-00-00",
    "9" * 5_000,
]


@pytest.mark.parametrize("value", DAYS)
def test_a_day_in_a_header(value: str) -> None:
    """A day is read as a day, without a time."""
    read = read_header(value)
    assert read is not None
    assert (read.first, read.last, read.moment) == (DAY, DAY, None)


@pytest.mark.parametrize(("value", "clock"), MOMENTS)
def test_a_time_in_a_header(value: str, clock: tuple[int, int]) -> None:
    """A time is converted to UTC and whole seconds; one without a zone is in UTC."""
    read = read_header(value)
    assert read is not None
    assert read.moment == datetime(2023, 12, 15, *clock, tzinfo=UTC)
    assert (read.first, read.last) == (DAY, DAY)


@pytest.mark.parametrize("value", NO_DATES)
def test_values_that_are_not_dates(value: str) -> None:
    """Other text, or an incomplete day, is not a date."""
    assert read_header(value) is None


def test_the_day_is_that_of_utc() -> None:
    """A time in a zone ahead of UTC may be on the day before."""
    read = read_header("2023-12-16T00:30:00+05:00")
    assert read is not None
    assert read.first == DAY


def test_evidence_quotes_the_header() -> None:
    """The phrase is quoted as written, and its place is the header."""
    read = read_header(" 15 December 2023 ")
    assert read is not None
    assert (read.place, read.role, read.phrase) == ("header", "stated", "15 December 2023")
    assert read.strength == 1


@pytest.mark.parametrize(
    "value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2023-12-15T10:00+23:59"]
)
def test_the_ends_of_time(value: str) -> None:
    """A time that UTC cannot represent does not raise."""
    read = read_header(value)
    assert read is not None
    assert read.first.year in (1, 2023, 9999)


@given(st.text(max_size=60))
@example("Fri, 15 Dec 99999 10:30:00 GMT")
@example("Fri, 15 Dec 2023 10:30:00 +9999")
@example("2023-12-15T10:30:00+24:00")
@example("\x00")
def test_any_header_is_read_or_ignored(value: str) -> None:
    """No value raises, and the result is a whole day."""
    read = read_header(value)
    if read is not None:
        assert None not in (read.first.year, read.first.month, read.first.day)


@given(st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2099, 12, 30)))
def test_any_iso_time_is_read(moment: datetime) -> None:
    """Every time in ISO 8601 is read."""
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    read = read_header(whole.isoformat())
    assert read is not None
    assert read.moment == whole
