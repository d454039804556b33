"""Older pages of a feed are read (RFC 5005), once, politely, and with the same result."""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from aggregator.config import Config, load
from aggregator.errors import ConfigError
from aggregator.ingest import pages
from aggregator.ingest.backfill import MAX_GAP, MAX_PAGES
from aggregator.ingest.jobs import HASH
from aggregator.ingest.polling import listed
from aggregator.ingest.run import ingest, ingest_remote, open_run
from aggregator.model import SourceReport
from aggregator.output.regenerate import regenerate
from aggregator.status.configuration import check_lines
from aggregator.status.listing import status_lines
from aggregator.status.status import read_status
from aggregator.store import Store, open_store
from aggregator.store.backfill import Backfill, backfills, save
from aggregator.store.documents import source_states
from aggregator.store.visits import remembered
from aggregator.workers import Workers
from tests.support.loopback import Connection, Loopback, Reply, Request

NOW = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)
HISTORY = "http://purl.org/syndication/history/1.0"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as started:
        yield started


def atom(
    *numbers: int, older: str | None = None, rel: str = "prev-archive", more: str = ""
) -> bytes:
    """A feed with entries of these numbers, the newest first: number 100 is of today."""
    link = f'<link rel="{rel}" href="{older}"/>' if older else ""
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"'
        f' xmlns:fh="{HISTORY}"><title>Harbour Office</title>{link}{more}'
        f"{''.join(map(_entry, numbers))}</feed>"
    ).encode()


def _entry(number: int) -> str:
    day = NOW - timedelta(days=100 - number)
    return (
        f"<entry><id>https://harbour.example/{number}</id>"
        f"<title>Notice number {number} of the harbour office</title>"
        f"<published>{day:%Y-%m-%dT%H:%M:%SZ}</published>"
        f"<summary>Berth {number} is closed to all ships of the line.</summary></entry>"
    )


class Trial:
    """One source with an archive, of which ``once`` reads what it is told to."""

    def __init__(self, folder: Path, server: Loopback, more: str = "") -> None:
        self.folder, self.server, self.now = folder, server, NOW
        folder.mkdir(exist_ok=True)
        self.configure(more)

    def configure(self, more: str) -> None:
        config = (
            'base_url = "http://localhost:8080/"\n[fetch]\ndelay = "0s"\n[[sources]]\nid = "a"\n'
            f'location = "{self.server.url("/a")}"\nallow_private = true\n{more}\n'
        )
        file = self.folder / "config.toml"
        file.write_text(config)
        self.config: Config = load(file)

    def once(self, workers: Workers | None = None) -> SourceReport:
        with open_store(self.config.store) as store:
            (report,) = ingest(self.config, store, now=self.now, workers=workers)
        return report

    def store(self) -> Store:
        return open_store(self.config.store)

    @property
    def ids(self) -> list[int]:
        with self.store() as store:
            rows = store.rows("SELECT id FROM entries ORDER BY key")
        return [int(entry.rpartition("/")[2]) for (entry,) in rows]

    @property
    def walk(self) -> Backfill:
        with self.store() as store:
            return backfills(store)["a"][-1]


def test_archive_is_read_back_to_its_end(tmp_path: Path, server: Loopback) -> None:
    server.at("/a", Reply(200, atom(100, 99, older="/2")))
    server.at("/2", Reply(200, atom(98, 97, older="/1")))
    server.at("/1", Reply(200, atom(96, 95)))
    trial = Trial(tmp_path / "p", server, 'backfill = "all"')
    report = trial.once()
    assert report.status == "ok"
    assert (report.documents, report.new) == (3, 6)
    assert sorted(trial.ids) == [95, 96, 97, 98, 99, 100]
    assert report.older == "older pages: 2 read, back to 2024-05-30; there are no more"
    trial.once()
    assert [request.path for request in server.requests] == ["/a", "/2", "/1", "/a"]


def test_entries_before_the_span_are_not_taken(tmp_path: Path, server: Loopback) -> None:
    """A page on which older ones begin is the last that is read."""
    server.at("/a", Reply(200, atom(100, older="/3")))
    server.at("/3", Reply(200, atom(99, 98, older="/2")))
    server.at("/2", Reply(200, atom(94, 92, 91, older="/1")))
    trial = Trial(tmp_path / "p", server, 'backfill = "1w"')
    assert trial.once().older == "older pages: 2 read, back to 2024-05-26; older than 2024-05-27"
    assert sorted(trial.ids) == [94, 98, 99, 100]
    assert trial.walk.next == server.url("/1")


def test_span_holds_for_another_aggregator(tmp_path: Path, server: Loopback) -> None:
    """Its dates are kept as it states them, not as evidence."""
    server.at("/a", Reply(200, atom(100, older="/3")))
    server.at("/3", Reply(200, atom(99, 92, 91, older="/2")))
    trial = Trial(tmp_path / "p", server, 'backfill = "1w"\naggregator = true')
    assert trial.once().older == "older pages: 1 read, back to 2024-05-26; older than 2024-05-27"
    assert trial.ids == [100, 99]


def test_longer_span_goes_on_where_the_shorter_ended(tmp_path: Path, server: Loopback) -> None:
    test_entries_before_the_span_are_not_taken(tmp_path, server)
    server.at("/1", Reply(200, atom(90, 89)))
    trial = Trial(tmp_path / "p", server, 'backfill = "all"')
    assert trial.once().older == "older pages: 3 read, back to 2024-05-24; there are no more"
    assert [request.path for request in server.requests][3:] == ["/a", "/1"]


def test_key_added_to_a_known_source_starts_the_backfill(tmp_path: Path, server: Loopback) -> None:
    """The feed says where its older pages are only if it is read again, once, as a whole."""
    feed = Reply(200, atom(100, older="/1"), {"ETag": '"a"'})
    server.at("/a", feed, feed, Reply(304))
    server.at("/1", Reply(200, atom(99)))
    trial = Trial(tmp_path / "p", server)
    assert trial.once().older == ""
    assert trial.ids == [100]
    trial.configure('backfill = "all"')
    assert "1 read" in trial.once().older
    assert trial.ids == [100, 99]
    trial.once()
    conditions = [r.headers.get("if-none-match") for r in server.requests if r.path == "/a"]
    assert conditions == [None, None, '"a"']


def test_without_the_key_no_page_is_read(tmp_path: Path, server: Loopback) -> None:
    server.at("/a", Reply(200, atom(100, older="/1")), Reply(200, atom(101, 100, older="/1")))
    trial = Trial(tmp_path / "p", server)
    trial.once()
    trial.once()
    assert [request.path for request in server.requests] == ["/a", "/a"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("", "its feed names none"),
        ("<fh:complete/>", "its feed lists all that there is (fh:complete)"),
    ],
)
def test_feed_without_older_pages_is_polled_as_usual(
    tmp_path: Path, server: Loopback, more: str, reason: str
) -> None:
    older = "/1" if more else None
    feed = Reply(200, atom(100, older=older, more=more), {"ETag": '"a"'})
    server.at("/a", feed, Reply(304))
    trial = Trial(tmp_path / "p", server, 'backfill = "all"')
    assert trial.once().older == f"older pages: none ({reason})"
    assert trial.once().status == "unchanged"
    assert server.requests[1].headers["if-none-match"] == '"a"'


@pytest.mark.parametrize(
    ("older", "reason"),
    [
        ("/a", "is named as the next page, and was read before"),
        ("/a#top", "is named as the next page, and was read before"),
        ("http://elsewhere.example/1", "is not of the site of its feed"),
        ("http://me:secret@localhost/1", "contains a password"),
    ],
)
def test_address_that_is_not_to_be_read_ends_it(
    tmp_path: Path, server: Loopback, older: str, reason: str
) -> None:
    server.at("/a", Reply(200, atom(100, older=older)))
    report = Trial(tmp_path / "p", server, 'backfill = "all"').once()
    assert report.status == "ok"
    (problem,) = report.problems
    assert problem.startswith("older pages: 0 read; stopped: ")
    assert reason in problem
    assert "secret" not in problem
    assert len(server.requests) == 1


def test_pages_that_lead_in_a_circle_are_read_once(tmp_path: Path, server: Loopback) -> None:
    server.at("/a", Reply(200, atom(100, older="/2")))
    server.at("/2", Reply(200, atom(99, older="/1")))
    server.at("/1", Reply(200, atom(98, older="/2")))
    report = Trial(tmp_path / "p", server, 'backfill = "all"').once()
    assert report.problems[0].endswith("/2: is named as the next page, and was read before")
    assert len(server.requests) == 3


def test_one_page_at_ever_new_addresses_is_read_twice(tmp_path: Path, server: Loopback) -> None:
    server.at("/a", Reply(200, atom(100, older="/1")))
    for number in range(1, 9):
        server.at(f"/{number}", Reply(200, atom(99, 98, older=f"/{number + 1}")))
    trial = Trial(tmp_path / "p", server, 'backfill = "all"')
    assert "has the items of a page before it" in trial.once().problems[0]
    assert [request.path for request in server.requests] == ["/a", "/1", "/2"]
    trial.once()
    assert [request.path for request in server.requests][3:] == ["/a"]


def test_pages_without_items_do_not_end_it(tmp_path: Path, server: Loopback) -> None:
    """A month without news has its page; each names the one before it.

    So in another process too, which keeps the bodies to itself.
    """
    server.at("/a", Reply(200, atom(100, older="/3")))
    for number in (3, 2):
        server.at(f"/{number}", Reply(200, atom(older=f"/{number - 1}")))
    server.at("/1", Reply(200, atom(90)))
    here = Trial(tmp_path / "here", server, 'backfill = "all"')
    there = Trial(tmp_path / "there", server, 'backfill = "all"')
    with ThreadPoolExecutor(1) as executor:
        others = Workers(2, executor=executor, are_elsewhere=True)
        reports = here.once(), there.once(others)
    assert reports[0] == reports[1]
    assert reports[0].older == "older pages: 3 read, back to 2024-05-24; there are no more"
    assert here.ids == there.ids == [100, 90]
    assert here.walk == there.walk
    assert here.walk.bytes == sum(len(atom(older=f"/{n}")) for n in (2, 1)) + len(atom(90))


def test_archive_without_an_end_is_left(tmp_path: Path, server: Loopback) -> None:
    server.at("/a", Reply(200, atom(100, older="/1")), Reply(200, atom(101, 100, older="/1")))
    server.at("/1", Reply(500), Reply(200, atom(99, older="/0")))
    trial = Trial(tmp_path / "p", server, 'backfill = "all"')
    trial.once()
    with trial.store() as store, store.transaction():
        (walk,) = backfills(store)["a"]
        save(store, replace(walk, pages=MAX_PAGES - 1))
    trial.now += timedelta(hours=1)
    assert trial.once().problems == (
        "older pages: 5,000 read, back to 2024-06-02; stopped: no more than 5,000 pages are read",
    )


def test_failing_page_is_no_failure_of_its_source(tmp_path: Path, server: Loopback) -> None:
    """It is tried again when it may work, and then the rest is read."""
    server.at("/a", Reply(200, atom(100, older="/1")))
    server.at("/1", Reply(503), Reply(503), Reply(200, atom(99)))
    trial = Trial(tmp_path / "p", server, 'backfill = "all"')
    report = trial.once()
    assert (report.status, report.error) == ("ok", None)
    assert "responded with 503" in report.older
    assert len(server.requests) == 2
    for _ in range(2):
        trial.now += timedelta(hours=1)
        report = trial.once()
        assert report.status != "failed"
    assert report.older == "older pages: 1 read, back to 2024-06-02; there are no more"
    with trial.store() as store:
        assert source_states(store)["a"].failures == 0


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(404), "responded with 404"),
        (Reply(200, b"<html><body>Archive</body></html>"), "is not a feed"),
        (Reply(200, b'{"version": 1}'), "is JSON, but not a JSON Feed"),
    ],
)
def test_page_that_cannot_be_read_stops_it_in_one_line(
    tmp_path: Path, server: Loopback, reply: Reply, reason: str
) -> None:
    server.at("/a", Reply(200, atom(100, older="/2")))
    server.at("/2", Reply(200, atom(99, older="/1")))
    server.at("/1", reply)
    report = Trial(tmp_path / "p", server, 'backfill = "all"').once()
    assert report.status == "ok"
    (problem,) = report.problems
    assert "older pages: 1 read, back to 2024-06-02; stopped: " in problem
    assert reason in problem


def test_gap_between_two_polls_is_closed(tmp_path: Path, server: Loopback) -> None:
    """Also without the key; the page with a known entry is the last one."""
    server.at("/a", Reply(200, atom(50, 49, older="/1")), Reply(200, atom(100, 99, older="/4")))
    server.at("/4", Reply(200, atom(98, 97, older="/3")))
    server.at("/3", Reply(200, atom(51, 50, older="/2")))
    trial = Trial(tmp_path / "p", server)
    trial.once()
    trial.now += timedelta(hours=1)
    report = trial.once()
    assert report.older == "pages of a gap: 2 read, back to 2024-04-15; the gap is closed"
    assert sorted(trial.ids) == [49, 50, 51, 97, 98, 99, 100]
    trial.once()
    assert [request.path for request in server.requests] == ["/a", "/a", "/4", "/3", "/a"]


def test_poll_that_knows_an_item_shows_no_gap(tmp_path: Path, server: Loopback) -> None:
    server.at("/a", Reply(200, atom(50, 49, older="/1")), Reply(200, atom(100, 50, older="/1")))
    trial = Trial(tmp_path / "p", server)
    trial.once()
    assert trial.once().older == ""
    assert len(server.requests) == 2


def test_gap_that_is_still_open_is_not_closed_by_its_own_pages(
    tmp_path: Path, server: Loopback
) -> None:
    """A page failed, and the next poll missed entries too: both gaps are closed."""
    feeds = (atom(50, older="/1"), atom(70, older="/69"), atom(90, older="/89"))
    server.at("/a", *(Reply(200, feed) for feed in feeds))
    server.at("/69", Reply(503), Reply(200, atom(69, older="/50")))
    server.at("/50", Reply(200, atom(51, 50, older="/1")))
    server.at("/89", Reply(200, atom(89, 70, older="/69")))
    trial = Trial(tmp_path / "p", server)
    for _ in feeds:
        report = trial.once()
        trial.now += timedelta(hours=1)
    assert "the gap is closed" in report.older
    assert sorted(trial.ids) == [50, 51, 69, 70, 89, 90]


def test_feed_with_other_items_each_time_is_not_read_back_for_ever(
    tmp_path: Path, server: Loopback
) -> None:
    """So many pages for a gap, whatever else is missed meanwhile, and then none for a day."""
    numbers = count(1, 2)

    async def serve(_: Request, connection: Connection) -> None:
        number = next(numbers)
        await connection.send(Reply(200, atom(number, older=f"/{number + 1_000}")).to_bytes())

    server.at("/a", serve)
    for number in range(1_000, 1_020):
        server.at(f"/{number}", Reply(503))
    trial = Trial(tmp_path / "p", server)
    for _ in range(3):
        trial.once()
        trial.now += timedelta(hours=1)
    with trial.store() as store, store.transaction():
        save(store, replace(backfills(store)["a"][0], pages=MAX_GAP - 1))
    for number in range(1_000, 1_020):
        server.at(f"/{number}", Reply(200, atom(number, older="/9")))
    assert "stopped: no more than 50 pages are read" in trial.once().older
    asked = len(server.requests)
    for hours in (1, 22):
        trial.now += timedelta(hours=hours)
        assert trial.once().older == ""
    assert len(server.requests) == asked + 2
    trial.now += timedelta(hours=2)
    assert "pages of a gap: " in trial.once().older


def test_json_feed_and_rss_name_their_next_page(tmp_path: Path, server: Loopback) -> None:
    rss = (
        b'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>H</title>'
        b'<atom:link rel="next" href="/2.json"/><item><title>The first notice</title>'
        b"<guid>https://harbour.example/3</guid></item></channel></rss>"
    )
    item = '{"id": "https://harbour.example/%d", "content_text": "Notice %d", "title": "N %d"}'
    page = '{"version": "https://jsonfeed.org/version/1.1", "title": "H", "items": [%s]%s}'
    server.at("/a", Reply(200, rss))
    following = ', "next_url": "1.json"'
    server.at("/2.json", Reply(200, (page % (item % (2, 2, 2), following)).encode()))
    server.at("/1.json", Reply(200, (page % (item % (1, 1, 1), "")).encode()))
    trial = Trial(tmp_path / "p", server, 'backfill = "all"')
    assert "2 read; there are no more" in trial.once().older
    assert trial.ids == [3, 2, 1]


def test_older_pages_say_nothing_of_the_feed_as_it_is(tmp_path: Path, server: Loopback) -> None:
    """Its agency, its hints, and what it lists are those of the feed."""
    server.at("/a", Reply(200, atom(100, older="/1")))
    server.at("/1", Reply(200, atom(99, 98).replace(b"Harbour Office", b"Port Authority")))
    trial = Trial(tmp_path / "p", server, 'backfill = "all"')
    trial.once()
    with trial.store() as store:
        assert [row for (row,) in store.rows("SELECT DISTINCT agency FROM entries")] == [
            "harbour-office"
        ]
        visit = remembered(store, ["a"])["a"]
        assert len(visit.seen) == HASH
        assert len(visit.hints.published) == 1


def test_what_retention_removed_does_not_come_back(tmp_path: Path, server: Loopback) -> None:
    """Nor is anything taken that it would remove, or a page read that has nothing else."""
    server.at("/a", Reply(200, atom(100, older="/3")))
    server.at("/3", Reply(200, atom(99, 80, older="/2")))
    server.at("/2", Reply(200, atom(79, 78, older="/1")))
    trial = Trial(tmp_path / "p", server, 'backfill = "all"\nkeep_days = 10')
    trial.once()
    assert trial.ids == [100, 99]
    assert [request.path for request in server.requests] == ["/a", "/3", "/2"]

    kept = Trial(tmp_path / "q", server, 'backfill = "all"\nkeep_entries = 2')
    kept.once()
    assert kept.ids == [100, 99]


def test_undated_item_is_not_newer_than_the_page_before(tmp_path: Path, server: Loopback) -> None:
    undated = re.sub(rb"<published>[^<]*</published>", b"", atom(60))
    server.at("/a", Reply(200, atom(100, older="/2")))
    server.at("/2", Reply(200, atom(71, 70, 69, older="/1")))
    server.at("/1", Reply(200, undated))
    trial = Trial(tmp_path / "p", server, 'backfill = "all"')
    trial.once()
    with trial.store() as store:
        ((published, basis, latest),) = store.rows(
            "SELECT published, dating_basis, dating_latest FROM entries WHERE id LIKE '%/60'"
        )
    assert basis == "first-seen"
    assert published <= latest == "2024-05-04T12:00:00Z"


def test_moved_source_begins_anew(tmp_path: Path, server: Loopback) -> None:
    test_archive_is_read_back_to_its_end(tmp_path, server)
    server.at("/b", Reply(200, atom(100, older="/0")))
    server.at("/0", Reply(200, atom(94)))
    trial = Trial(tmp_path / "p", server, 'backfill = "all"')
    moved = trial.config.file.read_text().replace('/a"', '/b"')
    trial.config.file.write_text(moved)
    trial.config = load(trial.config.file)
    assert trial.once().older == "older pages: 1 read, back to 2024-05-28; there are no more"


def test_status_and_check_say_how_far_it_came(tmp_path: Path, server: Loopback) -> None:
    server.at("/a", Reply(200, atom(100, older="/1")))
    server.at("/1", Reply(200, atom(99, older="/0")))
    server.at("/0", Reply(503))
    trial = Trial(tmp_path / "p", server, 'backfill = "2w"')
    trial.once()
    with trial.store() as store:
        found = read_status(store, trial.config, now=NOW)
        _, line = status_lines(found, only_sources=True)
        lines = list(check_lines(trial.config, store))
    assert "older pages: 1 read, back to 2024-06-02, more to come; " in line
    assert "/0: responded with 503" in line
    assert "source a: its older pages are read, 14 days back" in lines


@pytest.mark.parametrize("value", ["1", "0d", "1m", "yes", "2000y", ""])
def test_span_that_is_none_is_refused(tmp_path: Path, server: Loopback, value: str) -> None:
    with pytest.raises(ConfigError, match="backfill: must be like '1y'"):
        Trial(tmp_path / "p", server, f'backfill = "{value}"')


class Continuous:
    """Sources ``a`` and ``b`` as the daemon visits them: each when it is due, by a clock."""

    def __init__(self, folder: Path, server: Loopback) -> None:
        folder.mkdir()
        table = '[[sources]]\nid = "{0}"\nlocation = "{1}"\nallow_private = true\ninterval = "1m"\n'
        tables = [table.format(name, server.url(f"/{name}")) for name in "ab"]
        file = folder / "config.toml"
        file.write_text(
            'base_url = "http://localhost:8080/"\n[fetch]\ndelay = "0s"\n'
            + 'backfill = "all"\n'.join([*tables, ""])
        )
        self.config = load(file)
        self.now = NOW
        self.due: dict[str, datetime] = dict.fromkeys("ab", NOW)
        self.reports: list[SourceReport] = []

    def visit(self) -> list[str]:
        """Set the clock to when the next sources are due, and visit these; return them."""
        self.now = max(self.now, min(self.due.values()))
        names = [name for name, due in self.due.items() if due <= self.now]
        work = listed([source for source in self.config.sources if source.id in names])
        with (
            open_store(self.config.store) as store,
            open_run(self.config, store, clock=lambda: self.now, is_continuous=True) as run,
        ):
            ingest_remote(run, work, self._done)
        return names

    def _done(self, report: SourceReport, due: datetime | None) -> None:
        assert due is not None
        self.due[report.id] = due
        self.reports.append(report)


def test_daemon_reads_a_page_a_visit_and_polls_what_is_due(
    tmp_path: Path, server: Loopback
) -> None:
    """Other sources are polled meanwhile, and so is the feed itself, at its usual time."""
    server.at("/a", Reply(200, atom(100, older="/a500")))
    server.at("/b", Reply(200, atom(1000)))
    for number in range(401, 501):
        server.at(f"/a{number}", Reply(200, atom(number - 501, older=f"/a{number - 1}")))
    daemon = Continuous(tmp_path / "p", server)
    daemon.visit()
    assert daemon.due["a"] == NOW
    for _ in range(30):
        daemon.visit()
    seconds = (daemon.now - NOW).total_seconds()
    asked = Counter(request.path for request in server.requests)
    assert asked["/a"] in (asked["/b"], asked["/b"] + 1)
    assert seconds / 120 <= asked["/a"] <= seconds / 60 + 2
    older = [path for path in asked if len(path) > 2]
    assert older == [f"/a{number}" for number in range(500, 500 - len(older), -1)]
    assert len(older) >= 20
    assert {report.status for report in daemon.reports} <= {"ok", "unchanged"}
    assert {report.older for report in daemon.reports if report.id == "b"} == {""}
    assert any("older pages: 20 read" in report.older for report in daemon.reports)


def test_daemon_waits_as_long_as_the_host_of_a_page_asks(tmp_path: Path, server: Loopback) -> None:
    server.at("/a", Reply(200, atom(100, older="/a1")))
    server.at("/b", Reply(200, atom(1000)))
    server.at("/a1", Reply(503, headers={"Retry-After": "400"}), Reply(200, atom(99)))
    daemon = Continuous(tmp_path / "p", server)
    while len(server.asked("/a1")) < 2:
        assert daemon.now < NOW + timedelta(seconds=1000)
        daemon.visit()
    assert daemon.now >= NOW + timedelta(seconds=400)
    with open_store(daemon.config.store) as store:
        assert backfills(store)["a"][0].state == "done"
        assert remembered(store, ["a"])["a"].visit.due == daemon.due["a"] > daemon.now


def _published(config: Config) -> dict[str, str]:
    with open_store(config.store) as store:
        return dict(store.rows("SELECT id, published FROM entries"))


def test_own_feeds_read_back_are_as_if_polled_along(tmp_path: Path, server: Loopback) -> None:
    """Years of entries, of which the feed lists ten: by archives at once, or bit by bit."""
    origin = tmp_path / "origin"
    origin.mkdir()
    (origin / "config.toml").write_text(
        f'base_url = "{server.url("/")}"\nentries_per_feed = 10\n[[sources]]\nid = "o"\n'
        'location = "*.xml"\nformat = "atom"\n'
    )
    config = load(origin / "config.toml")
    sources = '[[sources]]\nid = "a"\nlocation = "{}"\nallow_private = true\n{}'
    readers = {}
    for name, more in (("along", ""), ("back", 'backfill = "all"'), ("gap", "")):
        (tmp_path / name).mkdir()
        file = tmp_path / name / "config.toml"
        file.write_text(
            'base_url = "http://localhost:8080/"\n[fetch]\ndelay = "0s"\n'
            + sources.format(server.url("/all.atom"), more)
        )
        readers[name] = load(file)

    def read(name: str, now: datetime) -> None:
        with open_store(readers[name].store) as store:
            ingest(readers[name], store, now=now)

    for stage in range(6):
        now = NOW + timedelta(days=7 * 30 * (stage - 5))
        numbers = [100 - 30 * 7 * (5 - stage) - 30 * place for place in range(7)]
        (origin / f"{stage}.xml").write_bytes(atom(*numbers))
        with open_store(config.store) as store:
            ingest(config, store, now=now)
            regenerate(config, store)
        for path in config.output.rglob("*.atom"):
            server.at(f"/{path.relative_to(config.output)}", Reply(200, path.read_bytes()))
        read("along", now)
        if stage in (0, 5):
            read("gap", now)
    read("back", NOW)
    along = _published(readers["along"])
    assert len(along) == 7 * 6
    assert along == _published(config)
    assert _published(readers["back"]) == along
    assert _published(readers["gap"]) == along


@pytest.mark.parametrize(
    ("feed", "page", "is_foreign"),
    [
        ("https://example.org/feed", "https://example.org/1", False),
        ("https://example.org/feed", "http://www.EXAMPLE.org:80/1", False),
        ("https://feeds.example.org/feed", "https://example.org/1", False),
        ("https://example.org/feed", "https://archive.example.org/1", False),
        ("https://example.org/feed", "https://example.org.elsewhere.example/1", True),
        ("https://example.org/feed", "https://anexample.org/1", True),
        ("https://a.example.org/feed", "https://b.example.org/1", True),
        ("https://example.org/feed", "https://org/1", True),
        ("https://example.org/feed", "https://example.org:8443/1", True),
        ("http://127.0.0.1:8080/feed", "http://127.0.0.1:9200/1", True),
        ("http://10.0.0.1/feed", "http://0.0.1/1", True),
    ],
)
def test_host_of_an_older_page(feed: str, page: str, is_foreign: bool) -> None:
    walk = Backfill(
        source="a", purpose="gap", asked="", state="reading", feed=feed, bound=NOW, due=NOW
    )
    assert pages.is_foreign(walk, page) == is_foreign


def test_link_of_the_feed_that_is_mended_is_followed(tmp_path: Path, server: Loopback) -> None:
    bad, good = (Reply(200, atom(100, older=o)) for o in ("https://elsewhere.example/", "/1"))
    server.at("/a", bad, good)
    server.at("/1", Reply(200, atom(99)))
    trial = Trial(tmp_path / "p", server, 'backfill = "all"')
    assert "stopped" in trial.once().older
    assert trial.once().older == "older pages: 1 read, back to 2024-06-02; there are no more"


def test_redirect_of_a_page_to_another_site_is_not_taken(tmp_path: Path, server: Loopback) -> None:
    server.at("/a", Reply(200, atom(100, older="/1")))
    with Loopback() as other:
        other.at("/1", Reply(200, atom(99)))
        server.at("/1", Reply(302, headers={"Location": other.url("/1")}))
        trial = Trial(tmp_path / "p", server, 'backfill = "all"')
        assert "is not of the site of its feed" in trial.once().problems[0]
    assert trial.ids == [100]
