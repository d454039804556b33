"""Alarms over time: saved once when they begin and once when they end."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config import Config, load
from aggregator.errors import StoreError
from aggregator.ingest.run import ingest
from aggregator.model import Alarm
from aggregator.status.alarms import watch
from aggregator.store import Store
from aggregator.store import alarms as store_alarms
from aggregator.store.times import time_text
from tests.support.validation import atom_complaints

MONDAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADDRESS = "http://localhost:8080/_health.atom"

NAMES = [f"s{n}" for n in range(20)]

SOURCES = """
[[sources]]
id = "digests"
location = "digests/*.txt"

[[sources]]
id = "europol-news"
location = "https://europol.example/feed"
agency = "europol"
"""

AGENCIES = """
[[agencies]]
id = "europol"
name = "Europol"

[[agencies]]
id = "nato"
name = "NATO"
"""


@dataclass
class Trial:
    """A store, and a clock that the test sets."""

    store: Store
    config: Config
    now: datetime = MONDAY
    releases: int = 0
    noted: list[Alarm] = field(default_factory=list)

    def later(self, span: timedelta) -> None:
        self.now += span

    def publish(self, agency: str, source: str, at: datetime) -> None:
        """Store a release of ``agency`` from ``source``."""
        self.releases += 1
        key = self.releases
        with self.store.transaction():
            self.store.execute(
                "INSERT OR IGNORE INTO agencies (id, name, configured) VALUES (?, ?, 1)",
                (agency, agency.upper()),
            )
            self.store.execute(
                "INSERT INTO documents (key, source, name, sha256, bytes, modified, items,"
                " rejected, ordered, first_day, last_day)"
                " VALUES (?, ?, ?, 'x', 1, ?, 1, 0, 0, '2026-01-01', '2026-01-01')",
                (key, source, f"{key}.txt", time_text(at)),
            )
            self.store.execute(
                "INSERT INTO entries (key, id, agency, published, truncated, fingerprint,"
                " sketch_base, title, summary, text, content_html)"
                " VALUES (?, ?, ?, ?, 0, ?, 0, 't', '', '', '')",
                (key, f"urn:x:{key}", agency, time_text(at), str(key)),
            )
            self.store.execute(
                "INSERT INTO sightings (entry, document, position, first_line, last_line, agency,"
                " fingerprint, how, score, rule, reason)"
                " VALUES (?, ?, 0, 1, 1, ?, ?, 'new', 1, '', '')",
                (key, key, agency, str(key)),
            )

    def publish_daily(self, agency: str, source: str, number: int = 20) -> None:
        """Store a release a day, the last of them now."""
        for days in reversed(range(number)):
            self.publish(agency, source, self.now - days * DAY)

    def read(self, source: str, error: str | None = None) -> None:
        """Store a reading of ``source``, which fails if there is an ``error``."""
        with self.store.transaction():
            self.store.execute(
                "UPDATE sources SET last_attempt = ?1, last_error = ?2,"
                " last_success = iif(?2 IS NULL, ?1, last_success),"
                " failures = iif(?2 IS NULL, 0, failures + 1) WHERE id = ?3",
                (time_text(self.now), error, source),
            )

    def note(self, unwritten: Mapping[str, str] | None = None) -> list[Alarm]:
        """Save what changed, and check what must always hold."""
        before = self.feed()
        seen = {one.id for one in watch.alarms(self.store, self.config, now=self.now)}
        changed = watch.note(self.store, self.config, now=self.now, unwritten=unwritten)
        if unwritten is None:
            assert {one.id for one in changed} <= seen
        assert watch.note(self.store, self.config, now=self.now, unwritten=unwritten) == []
        assert (self.feed() == before) == (not changed)
        assert list(atom_complaints(self.feed(), ADDRESS)) == []
        self.noted += changed
        return changed

    def feed(self) -> bytes:
        return watch.health_feed(self.store, self.config)

    def now_on(self) -> list[tuple[str, str]]:
        """Return kind and subject of the alarms that last."""
        return [
            (one.kind, one.subject)
            for one in watch.alarms(self.store, self.config, now=self.now)
            if one.ended is None
        ]


def configured(folder: Path, text: str = SOURCES + AGENCIES) -> Config:
    (folder / "config.toml").write_text(f'title = "Trial"\n{text}', encoding="utf-8")
    return load(folder / "config.toml")


@pytest.fixture
def trial(store: Store, tmp_path: Path) -> Trial:
    """Two sources that were read without error, and no release yet."""
    config = configured(tmp_path)
    with store.transaction():
        for source in config.sources:
            store.execute(
                "INSERT INTO sources (id, location) VALUES (?, ?)", (source.id, source.location)
            )
    made = Trial(store, config)
    for source in config.sources:
        made.read(source.id)
    return made


def test_no_alarm_without_trouble(trial: Trial) -> None:
    """Nothing is saved, and the feed is empty, valid, and as old as the first document."""
    assert b"<updated>2000-01-01T00:00:00+00:00</updated>" in trial.feed()
    trial.publish_daily("nato", "digests")
    assert trial.note() == []
    assert b"<updated>2026-04-15T09:00:00+00:00</updated>" in trial.feed()


def test_an_agency_falls_silent_and_comes_back(trial: Trial) -> None:
    """One alarm begins once, and ends once, however often it is read."""
    trial.publish_daily("nato", "digests")
    for _ in range(40):
        trial.later(DAY)
        trial.read("digests")
        trial.note()
    (begun,) = trial.noted
    assert begun.title == "NATO: nothing published since 4 May (usually every day)"
    assert begun.raised == MONDAY + 9 * DAY
    trial.publish("nato", "digests", trial.now)
    for _ in range(5):
        trial.later(DAY)
        trial.read("digests")
        trial.note()
    _, ended = trial.noted
    assert ended.id == begun.id
    assert ended.title == "NATO: is back since 13 June"
    assert trial.now_on() == []
    assert trial.feed().count(b"<entry>") == 1


def test_news_end_alarms_and_time_begins_them(trial: Trial) -> None:
    """After news, agencies without an alarm are not looked at: they fall silent as time passes."""

    def after_news() -> set[tuple[str, bool]]:
        changed = watch.note(trial.store, trial.config, now=trial.now, unwritten={}, only_open=True)
        return {(alarm.subject, alarm.ended is not None) for alarm in changed}

    trial.publish_daily("nato", "digests")
    trial.publish_daily("europol", "europol-news")
    trial.later(30 * DAY)
    for source in ("digests", "europol-news"):
        trial.read(source)
    trial.publish("europol", "europol-news", trial.now)
    statements: list[str] = []
    trial.store.conn.set_trace_callback(statements.append)
    assert after_news() == set()
    trial.store.conn.set_trace_callback(None)
    assert not [one for one in statements if "FROM entries" in one and "id IN" not in one]
    assert [alarm.subject for alarm in trial.note()] == ["nato"]
    assert after_news() == set()
    trial.publish("nato", "digests", trial.now)
    assert after_news() == {("nato", True)}
    assert trial.note() == []


def test_agency_is_silent_again(trial: Trial) -> None:
    """A second silence is another alarm with another id."""
    trial.publish_daily("nato", "digests")
    for days in (20, 60):
        trial.later(days * DAY)
        trial.read("digests")
        trial.note()
        trial.publish("nato", "digests", trial.now)
        trial.note()
    first, _, second, _ = trial.noted
    assert first.id != second.id
    assert trial.feed().count(b"<entry>") == 1  # the first ended more than a month before
    assert second.title == "NATO: nothing published since 24 May (usually every day)"


def test_agency_with_failing_sources_is_not_silent(trial: Trial) -> None:
    """While all sources of an agency fail, only they have an alarm."""
    trial.publish_daily("europol", "europol-news")
    for _ in range(40):
        trial.later(12 * HOUR)
        trial.read("europol-news", "answers 500")
        trial.note()
    assert trial.now_on() == [("failing", "europol-news")]
    trial.read("europol-news")
    trial.note()
    assert trial.now_on() == [("silent", "europol")]


def test_another_source_of_the_agency_is_read(trial: Trial) -> None:
    """An agency that comes through two sources can be silent while one of them is read."""
    trial.publish_daily("europol", "europol-news")
    trial.publish("europol", "digests", trial.now)
    for _ in range(20):
        trial.later(DAY)
        trial.read("digests")
        trial.read("europol-news", "answers 500")
        trial.note()
    assert sorted(trial.now_on()) == [("failing", "europol-news"), ("silent", "europol")]


def test_a_release_dated_ahead(trial: Trial) -> None:
    """A release of the year 2099 does not mean that its agency will have news until then."""
    trial.publish_daily("nato", "digests")
    trial.publish("nato", "digests", datetime(2099, 1, 1, tzinfo=UTC))
    trial.later(30 * DAY)
    trial.read("digests")
    assert [one.since for one in trial.note()] == [MONDAY]


def test_carried_by_another_agency(trial: Trial) -> None:
    """A release that is another agency's entry counts for every agency that carried it."""
    trial.publish_daily("nato", "digests")
    trial.later(30 * DAY)
    trial.publish("europol", "digests", trial.now)
    with trial.store.transaction():
        trial.store.execute("INSERT INTO credits VALUES (?, 'nato')", (trial.releases,))
    trial.read("digests")
    trial.note()
    assert ("silent", "nato") not in trial.now_on()


def test_a_source_fails_and_comes_back(trial: Trial) -> None:
    """The alarm begins after a day, dated from the first failure, once."""
    for _ in range(12):
        trial.later(3 * HOUR)
        trial.read("europol-news", "answers 500")
        trial.note()
    (begun,) = trial.noted
    assert begun.since == MONDAY + 3 * HOUR
    assert begun.raised == MONDAY + 30 * HOUR
    trial.read("europol-news")
    (ended,) = trial.note()
    assert (ended.id, ended.title) == (begun.id, "europol-news: is back since 5 May")
    trial.later(HOUR)
    trial.read("europol-news", "answers 500")
    assert trial.note() == []


def test_the_daemon_was_off(trial: Trial) -> None:
    """A month without a run is not a month of failures: they count from the first one seen."""
    trial.later(30 * DAY)
    for _ in range(6):
        trial.read("europol-news", "no answer")
        trial.note()
        trial.later(HOUR)
    assert trial.now_on() == []


def test_a_source_is_gone(trial: Trial) -> None:
    """A 410 is an alarm at once, in place of an earlier one of the same source."""
    for _ in range(6):
        trial.later(6 * HOUR)
        trial.read("europol-news", "answers 500")
        trial.note()
    assert trial.now_on() == [("failing", "europol-news")]
    trial.later(6 * HOUR)
    trial.read("europol-news", "answers 410")
    with trial.store.transaction():
        trial.store.execute(
            "INSERT INTO visits (source, asked, gone) VALUES ('europol-news', '', ?)",
            (time_text(trial.now),),
        )
    trial.note()
    assert trial.now_on() == [("gone", "europol-news")]
    assert {one.title for one in trial.noted} >= {
        "europol-news: is gone for good",
        "europol-news: gone for good since 6 May",
    }


def test_a_glob_that_matches_nothing(trial: Trial) -> None:
    """A folder without a digest is an alarm at the second run."""
    trial.config = replace(trial.config, sources=trial.config.sources[:1])
    for _ in range(2):
        trial.later(2 * HOUR)
        ingest(trial.config, trial.store, now=trial.now)
        trial.note()
    (found,) = trial.noted
    assert (found.kind, found.subject) == ("failing", "digests")
    assert "no file matches digests/*.txt" in found.words


def test_source_is_no_longer_configured(trial: Trial, tmp_path: Path) -> None:
    """A source that is no longer configured has no alarm, nor has an agency read from it."""
    trial.publish_daily("nato", "digests")
    trial.later(20 * DAY)
    trial.read("digests")
    for _ in range(6):
        trial.later(6 * HOUR)
        trial.read("europol-news", "answers 500")
        trial.note()
    assert len(trial.now_on()) == 2
    trial.config = configured(tmp_path, AGENCIES)
    assert {one.title for one in trial.note()} == {
        "NATO: no longer comes through any source",
        "europol-news: is no longer configured",
    }
    assert trial.now_on() == []


def test_source_is_configured_again(trial: Trial, tmp_path: Path) -> None:
    """The same silence is the same entry: it has one permanent id."""
    trial.publish_daily("nato", "digests")
    trial.later(20 * DAY)
    trial.read("digests")
    (begun,) = trial.note()
    before, trial.config = trial.config, configured(tmp_path, AGENCIES)
    trial.later(DAY)
    trial.note()
    trial.config = before
    trial.later(DAY)
    (again,) = trial.note()
    assert (again.id, again.raised, again.ended) == (begun.id, begun.raised, None)
    assert again.title == begun.title
    assert again.updated == trial.now
    assert trial.feed().count(b"<entry>") == 1


def test_a_feed_cannot_be_written(trial: Trial) -> None:
    """The alarm begins at once, and ends when all files were written."""
    (begun,) = trial.note({"nato.atom": "cannot be written: No space left on device"})
    assert begun.title == "nato.atom: cannot be written since 4 May"
    trial.later(HOUR)
    assert trial.note() == []
    assert trial.note({"all.atom": "the same"})[0].subject == "all.atom"
    trial.later(HOUR)
    assert [one.ended is not None for one in trial.note({})] == [True, True]


@pytest.fixture
def many(trial: Trial, tmp_path: Path) -> Trial:
    """Twenty sources, none of which can be reached for some days."""
    trial.config = configured(
        tmp_path,
        "".join(
            f'[[sources]]\nid = "{name}"\nlocation = "https://{name}.example/feed"\n'
            for name in NAMES
        ),
    )
    with trial.store.transaction():
        for name in NAMES:
            trial.store.execute("INSERT INTO sources (id, location) VALUES (?, '')", (name,))
    for _ in range(10):
        trial.later(6 * HOUR)
        for name in NAMES:
            trial.read(name, "no route to host")
        trial.note()
    return trial


def test_the_network_is_down(many: Trial) -> None:
    """When all sources fail there is one alarm; when most are back, one for each that is not."""
    assert many.now_on() == [("failing", "*")]
    for name in NAMES[:12]:
        many.read(name)
    many.note()
    assert {subject for _, subject in many.now_on()} == set(NAMES[12:])
    assert len(many.noted) == 2 + 8
    (ended,) = [alarm for alarm in many.noted if alarm.ended is not None]
    assert ended.title == "Most sources: are read again since 6 May"
    assert "The alarm was: Most sources cannot be read since 4 May." in ended.words


def test_the_network_comes_and_goes(many: Trial) -> None:
    """Sources that were read once and fail again cause no alarms of the others."""
    for name in NAMES[:12]:
        many.read(name)
        many.read(name, "no route to host")
    assert many.note() == []


def test_the_clock_goes_back_while_the_network_is_down(many: Trial) -> None:
    """The alarm of most sources does not end because they seem to fail for less long."""
    many.later(-2 * DAY)
    for name in NAMES:
        many.read(name, "no route to host")
    assert many.note() == []
    assert many.now_on() == [("failing", "*")]


def test_the_clock_goes_back_before_a_silence(trial: Trial) -> None:
    """A silence that seems shorter than it was is not over: nothing was published."""
    trial.publish_daily("nato", "digests")
    for days, changed in ((9, 1), (-2, 0), (2, 0)):
        trial.later(days * DAY)
        trial.read("digests")
        assert len(trial.note()) == changed
    assert trial.now_on() == [("silent", "nato")]


def test_a_source_that_is_another_agencys_now(trial: Trial) -> None:
    """A source whose releases are all another agency's does not count."""
    trial.publish_daily("nato", "europol-news")
    trial.later(30 * DAY)
    trial.read("europol-news")
    assert trial.note() == []


def test_a_break_of_last_winter(trial: Trial) -> None:
    """The longest gap of the year counts, though fifty releases came since."""
    trial.publish("nato", "digests", trial.now - 100 * DAY)
    trial.publish_daily("nato", "digests", 71)  # after thirty days without
    for days, changed in ((59, 0), (2, 1)):
        trial.later(days * DAY)
        trial.read("digests")
        assert len(trial.note()) == changed


def test_the_clock_goes_back_by_a_day(trial: Trial) -> None:
    """There is no error, and no alarm twice."""
    trial.publish_daily("nato", "digests")
    for days in (1, -1, 1, 20, -1, 0, 1, 1):
        trial.later(days * DAY)
        trial.read("digests")
        for _ in range(5):
            trial.later(HOUR)
            trial.read("europol-news", "answers 500")
            trial.note()
    assert sorted((one.kind, one.ended) for one in trial.noted) == [
        ("failing", None),
        ("silent", None),
    ]
    trial.later(-DAY)
    trial.read("europol-news")
    assert [one.ended is not None for one in trial.note()] == [True]


def test_alarms_of_one_run_differ_in_time(trial: Trial) -> None:
    """Two entries of a feed never share their ``updated``."""
    trial.publish_daily("nato", "digests")
    trial.publish_daily("europol", "europol-news")
    trial.later(30 * DAY)
    trial.read("digests")
    trial.read("europol-news")
    assert len({one.updated for one in trial.note()}) == 2


def test_alarm_that_is_not_saved_yet(trial: Trial) -> None:
    """It is returned with the id that it will have."""
    trial.publish_daily("nato", "digests")
    trial.later(30 * DAY)
    trial.read("digests")
    (seen,) = watch.alarms(trial.store, trial.config, now=trial.now)
    assert trial.store.rows("SELECT * FROM alarms") == []
    assert trial.note() == [seen]


def test_two_runs_save_at_once(trial: Trial) -> None:
    """The table refuses a second open alarm of the same subject."""
    trial.publish_daily("nato", "digests")
    trial.later(30 * DAY)
    trial.read("digests")
    (begun,) = trial.note()
    with pytest.raises(StoreError, match="UNIQUE"), trial.store.transaction():
        store_alarms.save(trial.store, [replace(begun, id="urn:x:other")])


@pytest.mark.parametrize("days", [1, 2, 5])
def test_feed_without_changes_keeps_its_bytes(trial: Trial, days: int) -> None:
    """While no alarm begins or ends the feed keeps its bytes."""
    trial.publish_daily("nato", "digests")
    trial.later(30 * DAY)
    trial.read("digests")
    trial.note()
    before = trial.feed()
    for _ in range(30):
        trial.later(days * DAY)
        trial.read("digests")
        trial.note()
    assert trial.feed() == before


def test_a_hostile_agency(trial: Trial) -> None:
    """A name that is markup or SQL is text in the feed."""
    trial.publish_daily("nato", "digests")
    with trial.store.transaction():
        trial.store.execute(
            "UPDATE agencies SET name = ?", ("<b>'; DROP TABLE alarms; --</b> & sons",)
        )
    trial.later(30 * DAY)
    trial.read("digests")
    watch.note(trial.store, trial.config, now=trial.now)
    assert list(atom_complaints(trial.feed(), ADDRESS)) == []
    title = b"&amp;lt;b&amp;gt;'; DROP TABLE alarms; --&amp;lt;/b&amp;gt; &amp;amp; sons: nothing"
    assert b'<title type="html">' + title in trial.feed()
