"""How pages and ``show`` say when a release came out: no more precisely than is known."""

from datetime import UTC, datetime

import pytest

from aggregator.model import Basis, Dating
from aggregator.output.pages.dating import _window, when


def at(day: str, time: str = "00:00:00") -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)


def dating(basis: Basis, earliest: datetime | None, latest: datetime | None) -> Dating:
    """A dating whose best guess is three minutes past noon on 14 December 2023."""
    return Dating(
        basis=basis,
        published=latest if earliest and earliest == latest else at("2023-12-14", "12:03:31"),
        earliest=earliest,
        latest=latest,
        evidence="",
    )


def end(day: str) -> datetime:
    """The last second of a day."""
    return at(day, "23:59:59")


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (dating("inferred", at("2023-12-14"), end("2023-12-14")), "14 December 2023, inferred"),
        (dating("inferred", at("2023-12-14"), end("2023-12-15")), "14–15 December 2023, inferred"),
        (
            dating("inferred", at("2023-11-30"), end("2023-12-02")),
            "30 November – 2 December 2023, inferred",
        ),
        (
            dating("inferred", at("2023-12-31"), end("2024-01-02")),
            "31 December 2023 – 2 January 2024, inferred",
        ),
        (
            dating("inferred", at("2023-12-10"), end("2023-12-25")),
            "about 14 December 2023, inferred",
        ),
        (dating("inferred", at("2023-10-01"), end("2023-12-25")), "about December 2023, inferred"),
        (dating("inferred", None, end("2023-12-25")), "about December 2023, inferred"),
        (dating("inferred", at("2023-10-01"), None), "about December 2023, inferred"),
        (dating("inferred", None, None), "perhaps 2023, inferred"),
        (dating("first-seen", None, end("2024-05-03")), "not after 3 May 2024, first seen"),
        (dating("stated", at("2023-12-14"), end("2023-12-14")), "14 December 2023"),
        (dating("upstream", at("2023-12-14"), end("2023-12-14")), "14 December 2023"),
        (
            dating("upstream", at("2023-12-14", "10:15:00"), at("2023-12-14", "10:15:00")),
            "14 December 2023, 10:15 UTC",
        ),
    ],
)
def test_a_date_is_as_precise_as_it_is_known(known: Dating, words: str) -> None:
    """A time of day is shown only where upstream gave one, and a day only where it is one."""
    assert when(known) == words


@pytest.mark.parametrize(
    ("earliest", "latest", "words"),
    [
        (at("2023-12-13"), end("2023-12-15"), "between 13 and 15 December 2023"),
        (at("2023-12-14"), end("2023-12-14"), "on 14 December 2023"),
        (None, end("2023-12-15"), "not after 15 December 2023"),
        (at("2023-12-13"), None, "not before 13 December 2023"),
        (None, None, "perhaps 2023"),
    ],
)
def test_a_window_may_be_open(
    earliest: datetime | None, latest: datetime | None, words: str
) -> None:
    """Nothing is said of a side on which nothing bounds the day."""
    assert _window(dating("inferred", earliest, latest)) == words
