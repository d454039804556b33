"""Nothing that a document, an entry or a day costs grows with the store.

SQLite plans by the statistics of a store; here they are those of a store with ten thousand times
as many rows, so that it reads a whole table only where it would there too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import load
from aggregator.ingest.retention import remove_expired
from aggregator.ingest.run import ingest
from aggregator.store import Store, dating, open_empty, open_store
from aggregator.store.dating import TimesTaken
from aggregator.store.retention import Keep
from aggregator.store.schema import APPLIED
from aggregator.store.times import time_text
from aggregator.store.upkeep import upkeep
from tests.support.project import CONFIG, MODIFIED, Project, block, digest, make_project

NOW = MODIFIED + timedelta(days=1)
FEED = CONFIG.replace(
    "[[agencies]]",
    '[[sources]]\nid = "feed"\nlocation = "feed/*.xml"\nagency = "nato"\n\n[[agencies]]',
    1,
)
GROWING = frozenset(
    "entries sightings documents problems evidence links kinds categories datings revisions related"
    " titles sketches upstream_ids page_numbers paged renditions removed_texts removed_ids".split()
)
"""The tables that grow with every document."""

READS = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "REPLACE")
# Rows of these are found by a partial index, which has no others.
SHORT_INDEXES = ("documents_not_dated",)
# SQLite skips the search for the rows of an agency that comes, but names it in the plan.
NOT_SEARCHED = ("INSERT INTO agencies",)
# These end at the first row, or at a fixed number of rows that are all of use.
SHORT = (
    "SELECT 1 FROM ",
    "SELECT coalesce(sum(items), 0) FROM (SELECT items FROM documents WHERE ",
)
# Once in a run that removed entries: what no date depends on any more.
RARE = ("DELETE FROM removed_sightings", "DELETE FROM removed_evidence")


def feed(count: int) -> str:
    items = "".join(
        f"<item><title>Item {n} of the harbour</title><guid>urn:x:{n}</guid>"
        f"<link>https://example.org/{n}</link><description>Word {n} and {n * 7}.</description>"
        f"<pubDate>{MODIFIED - timedelta(days=n):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for n in range(count)
    )
    return f'<rss version="2.0"><channel><title>Feed</title>{items}</channel></rss>'


def release(number: int) -> str:
    day = MODIFIED - timedelta(days=number)
    text = " ".join(f"word{number}x{n}" for n in range(40))
    return block(f"Bridge {number} opens", "NATO", text, date=f"{day:%Y-%m-%d}")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    digests = {f"d{n}.txt": digest(*map(release, range(n, n + 4))) for n in range(0, 40, 4)}
    project = make_project(tmp_path / "project", digests, config=FEED)
    project.write("feed/a.xml", feed(30))
    project.ingest()
    with open_store(project.store) as store:
        store.execute("ANALYZE")
        store.execute(
            "UPDATE sqlite_stat1 SET stat = (10000 * CAST(stat AS INTEGER))"
            " || substr(stat, instr(stat, ' ')) WHERE instr(stat, ' ')"
        )
        store.execute("UPDATE sqlite_stat1 SET stat = 10000 * stat WHERE NOT instr(stat, ' ')")
    return project


@contextmanager
def planned(project: Project) -> Iterator[tuple[Store, Callable[[], dict[str, list[str]]]]]:
    """Yield the store, and a function that returns the plans of all statements so far."""
    statements: list[str] = []
    with open_store(project.store) as store:
        store.conn.set_trace_callback(statements.append)

        def plans() -> dict[str, list[str]]:
            store.conn.set_trace_callback(None)
            return {
                statement: [row[3] for row in store.rows(f"EXPLAIN QUERY PLAN {statement}")]
                for statement in dict.fromkeys(statements)
                if statement.startswith(READS)
            }

        yield store, plans


def whole_reads(plans: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Return the steps that read a whole table which grows, each with its statement."""
    return [
        (step, statement)
        for statement, steps in plans.items()
        if not statement.startswith((*NOT_SEARCHED, *RARE, *SHORT))
        for step in steps
        if not any(name in step for name in SHORT_INDEXES)
        if (step.startswith("SCAN") and step.split()[1] in GROWING) or "BLOOM FILTER" in step
    ]


def test_document_reads_no_whole_table(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A digest, and a feed with an item more and a known one changed."""
    monkeypatch.setattr(dating, "SMALL", 10)
    project.write_digest("new.txt", digest(release(2), release(3), release(50)), NOW)
    project.write("feed/a.xml", feed(31).replace("Word 5 ", "Words 5 "), later=60)
    with planned(project) as (store, plans):
        reports = ingest(load(project.config), store, now=NOW)
        found = plans()
    assert sum(report.new for report in reports) == 2
    assert len(found) > 50
    assert not whole_reads(found)


def test_retention_reads_no_whole_table(project: Project) -> None:
    """Entries of a feed and of digests are removed."""
    with planned(project) as (store, plans):
        policies = [Keep(source="feed", entries=20), Keep(source="digests", days=30)]
        assert remove_expired(policies, store, now=NOW) > 10
        found = plans()
    assert len(found) > 20
    assert not whole_reads(found)


def test_upkeep_removes_the_documents_without_sightings_of_all_batches(tmp_path: Path) -> None:
    """Those of several batches go, and the last document of each source stays."""
    with open_empty() as store:
        for source in ("a", "b"):
            store.execute("INSERT INTO sources (id, location) VALUES (?, 'x')", (source,))
        store.execute_many(
            "INSERT INTO documents (source, name, sha256, bytes, modified, items, rejected,"
            " ordered, first_day, last_day, dated)"
            " VALUES (?, 'feed', ?, 1, ?, 0, 0, 0, '2024-01-01', '2024-01-01', 1)",
            [("ab"[n % 2], f"{n:064}", time_text(MODIFIED)) for n in range(1_203)],
        )
        kept = upkeep(store, now=MODIFIED + timedelta(days=60))
        assert kept.documents == 1_201
        assert store.rows("SELECT source FROM documents ORDER BY source") == [("a",), ("b",)]


MOMENTS = st.datetimes(datetime(2024, 6, 1), datetime(2024, 6, 3, 23, 59)).map(
    lambda moment: moment.replace(microsecond=0, second=0, tzinfo=MODIFIED.tzinfo)
)


@settings(max_examples=25, deadline=None)
@given(
    held=st.lists(MOMENTS, max_size=8),
    gone=st.lists(MOMENTS, max_size=3),
    but=st.sets(st.integers(1, 8)),
    days=st.sets(st.integers(1, 3)),
    asked=st.lists(MOMENTS, max_size=8),
)
def test_times_taken_are_those_of_other_entries_on_the_days(
    held: list[datetime],
    gone: list[datetime],
    but: set[int],
    days: set[int],
    asked: list[datetime],
) -> None:
    """As a set of all times of these days has them."""
    with open_empty() as store:
        store.execute("INSERT INTO agencies VALUES ('nato', 'NATO', NULL, 0)")
        store.execute_many(
            "INSERT INTO entries (key, id, agency, published, truncated, fingerprint, sketch_base,"
            " title, summary, text, content_html)"
            " VALUES (?, ?, 'nato', ?, 0, '', 0, '', '', '', '')",
            [(key, f"urn:x:{key}", time_text(moment)) for key, moment in enumerate(held, 1)],
        )
        store.execute_many(
            "INSERT INTO removed (key, id, published, seen, document, removed)"
            " VALUES (?, ?, ?, '', '', '')",
            [(-key, f"urn:y:{key}", time_text(moment)) for key, moment in enumerate(gone, 1)],
        )
        dates = {date(2024, 6, day) for day in days}
        taken = TimesTaken(store, dates.__contains__, but)
        wanted = {moment for key, moment in enumerate(held, 1) if key not in but} | {*gone}
        for moment in {*asked, *held, *gone}:
            assert (moment in taken) == (moment in wanted and moment.date() in dates)


def test_store_of_the_version_before_finds_page_numbers_by_entry(tmp_path: Path) -> None:
    """The index is made in a store that does not have it."""
    path, listed = tmp_path / "a.db", "SELECT name FROM sqlite_master WHERE type = 'index'"
    with open_store(path) as store:
        store.execute("DROP INDEX page_numbers_by_entry")
        store.execute(f"DELETE FROM {APPLIED} WHERE name = 'm014_page_numbers'")
    with open_store(path) as store:
        assert ("page_numbers_by_entry",) in store.rows(listed)
