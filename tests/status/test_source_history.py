"""The history of sources by day: what is counted, for how long, and where it is shown."""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.config import load
from aggregator.ingest.run import ingest
from aggregator.model import SourceReport
from aggregator.store import Store, open_store
from aggregator.store.documents import remember_sources
from aggregator.store.history import count, days, history
from aggregator.store.schema import m020_days
from aggregator.store.upkeep import upkeep
from aggregator.web import State
from aggregator.web.metrics import Metrics
from tests.support.project import Project, block, digest

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def known(store: Store) -> Store:
    """A store with one source."""
    with store.transaction():
        remember_sources(store, [("s", "https://a.example/")])
    return store


def read(store: Store, at: datetime, status: str = "ok", **counts: int) -> None:
    """Count one reading of the source."""
    with store.transaction():
        count(store, [SourceReport(id="s", status=status, **counts)], at=at)  # type: ignore[arg-type]


def test_the_readings_of_a_day_are_added_up(known: Store) -> None:
    """The readings of a UTC day are added up in its row."""
    read(known, NOON, new=3)
    read(known, NOON + timedelta(hours=11, minutes=59), "failed", new=1)
    read(known, NOON + timedelta(hours=12), "unchanged", revised=2, merged=1)
    first, second = history(known, now=NOON + DAY)["s"]
    assert (first.day, first.visits, first.failures, first.new) == (NOON.date(), 2, 1, 4)
    assert (second.day, second.visits, second.failures) == ((NOON + DAY).date(), 1, 0)
    assert (second.new, second.revised, second.merged) == (0, 2, 1)


def test_days_of_all_sources_are_their_sum(known: Store) -> None:
    """Counted together as each is, in a store of an earlier version too."""
    with known.transaction():
        remember_sources(known, [("t", "https://b.example/")])
        reports = [SourceReport(id="s", status="failed"), SourceReport(id="t", status="ok", new=4)]
        count(known, reports, at=NOON - DAY)
        count(known, reports[1:], at=NOON)
        count(known, [], at=NOON)
    found = days(known, now=NOON)
    assert [(day.visits, day.failures, day.new) for day in found] == [(2, 1, 4), (1, 0, 4)]
    known.execute("DROP TABLE days")
    m020_days(known.db)
    assert days(known, now=NOON) == found
    upkeep(known, now=NOON + 90 * DAY)
    assert known.rows("SELECT count(*) FROM days") == [(0,)]


def test_old_days_are_hidden_and_later_deleted(known: Store) -> None:
    """Thirty days are shown, today among them; ninety are kept."""
    for ago in (0, 29, 30, 89, 90, 400):
        read(known, NOON - ago * DAY)
    shown = [day.day for day in history(known, now=NOON)["s"]]
    assert shown == [(NOON - 29 * DAY).date(), NOON.date()]
    upkeep(known, now=NOON)
    kept = [day for (day,) in known.rows("SELECT day FROM history ORDER BY day DESC")]
    assert kept == [(NOON - ago * DAY).date().isoformat() for ago in (0, 29, 30, 89)]


def test_runs_are_counted(project: Project) -> None:
    """Each run is one reading of each source, with or without news."""
    project.write_digest("a.txt", digest(block("Ministers meet", "NATO", "They met.")))
    config = load(project.config)
    with open_store(config.store) as store:
        ingest(config, store, now=NOON)
        ingest(config, store, now=NOON)
        ingest(config, store, now=NOON + DAY)
        first, second = history(store, now=NOON + DAY)["digests"]
    assert (first.visits, first.failures, first.new) == (2, 0, 1)
    assert (second.visits, second.failures, second.new) == (1, 0, 0)


def test_a_failure_is_counted(project: Project) -> None:
    """A missing folder fails each time."""
    config = load(project.config)
    (project.folder / "digests").rmdir()
    with open_store(config.store) as store:
        ingest(config, store, now=NOON)
        (day,) = history(store, now=NOON)["digests"]
    assert (day.visits, day.failures) == (1, 1)


def test_rolled_back_reading_is_not_counted(known: Store) -> None:
    """A count belongs to the transaction of its reading."""

    def fail_halfway() -> None:
        with known.transaction():
            count(known, [SourceReport(id="s", status="ok")], at=NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert history(known, now=NOON) == {}


def test_status_has_days_and_weeks(project: Project) -> None:
    """``status --json`` has the days of each source, and the weeks of each agency."""
    project.write_digest(
        "a.txt", digest(block("Ministers meet", "NATO", "They met.", date="2024-01-04"))
    )
    config = load(project.config)
    with open_store(config.store) as store:
        ingest(config, store, now=NOON)
    status = State(config, Metrics(), now=lambda: NOON + DAY).status()
    (source,) = status["sources"]
    assert source["history"] == [
        {"day": "2024-03-01", "visits": 1, "failures": 0, "new": 1, "revised": 0, "merged": 0}
    ]
    weeks = {agency["id"]: agency["by_week"] for agency in status["agencies"]}
    assert weeks["europol"] is None
    assert weeks["nato"]["last"] == "2024-01-04"
    assert weeks["nato"]["counts"] == [0] * 51 + [1]
