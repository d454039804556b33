"""Metrics, and the state as read from the store."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from aggregator.config import load
from aggregator.errors import StoreError
from aggregator.store import Store, open_for_reading, open_store
from aggregator.web import state as state_module
from aggregator.web.metrics import Metrics, Snapshot
from aggregator.web.search_query import MAX_LIMIT, parse
from aggregator.web.state import Results, State
from tests.support.project import CONFIG, Project, block, digest
from tests.support.serving import DELIVERING, NOW, Asker, site

JSON = {"Accept": "application/json"}


def samples(text: bytes) -> dict[str, float]:
    """Each sample by its name and its labels in their order, as Prometheus reads them."""
    families = text_string_to_metric_families(text.decode())
    return {
        "".join(
            [each.name, *(f"[{label}]" for _, label in sorted(each.labels.items()))]
        ): each.value
        for family in families
        for each in family.samples
    }


def test_metrics_have_labels_and_values() -> None:
    """Responses, fetches and gauges are present with their labels."""
    metrics = Metrics()
    for status in (200, 200, 304, 404, 503):
        metrics.answered(status)
    metrics.fetched("ok", 0.2)
    metrics.fetched("failed", 60.0)
    snapshot = Snapshot(
        sources={"ok": 3, "failed": 1},
        entries={"nato": 10},
        feed_ages={'odd "name"\n': 5.0},
        schedule_lag=1.5,
        silent=("europol",),
        webhooks={"desk": DELIVERING},
    )
    found = samples(metrics.text(snapshot))
    assert found["aggregator_webhook_waiting[desk]"] == 12
    assert found["aggregator_webhook_failing[desk]"] == 3
    assert found["aggregator_webhook_given_up[desk]"] == 40
    assert found["aggregator_http_requests_total[2xx]"] == 2
    assert found["aggregator_http_requests_total[3xx]"] == 1
    assert found["aggregator_http_requests_total[5xx]"] == 1
    assert found["aggregator_fetch_seconds_bucket[0.3][ok]"] == 1
    assert found["aggregator_fetch_seconds_bucket[0.1][ok]"] == 0
    assert found["aggregator_fetch_seconds_sum[failed]"] == 60
    assert found["aggregator_sources[failed]"] == 1
    assert found["aggregator_entries[nato]"] == 10
    assert found['aggregator_feed_age_seconds[odd "name"\n]'] == 5
    assert found["aggregator_schedule_lag_seconds"] == 1.5
    assert found["aggregator_agency_silent[europol]"] == 1


def test_two_servers_count_separately() -> None:
    """Two servers share no counter, and gauges are taken again at each scrape."""
    one, other = Metrics(), Metrics()
    one.answered(200)
    assert samples(other.text(Snapshot()))["aggregator_http_requests_total[2xx]"] == 0
    assert "aggregator_schedule_lag_seconds" not in samples(other.text(Snapshot()))
    one.text(Snapshot(sources={"ok": 1}))
    assert "aggregator_sources[ok]" not in samples(one.text(Snapshot()))


@pytest.fixture
def project_with_entries(project: Project) -> Project:
    """A project that has run once."""
    first = block("Ministers meet in Brussels", "NATO", "They met on 5 January 2024.")
    second = block("Café owner arrested", "Europol", "The arrest was on 4 January 2024.")
    project.write_digest("a.txt", digest(first, second))
    assert project.run("once").code == 0
    return project


def state_of(project: Project, lag: float | None = None) -> State:
    return State(load(project.config), Metrics(), now=lambda: NOW, lag=lambda: lag)


@pytest.fixture
def ask(project_with_entries: Project) -> Iterator[Asker]:
    state = state_of(project_with_entries)
    asker = Asker(replace(site(project_with_entries.output), state=state))
    yield asker
    asker.close()


def test_same_results_as_the_commands(ask: Asker, project_with_entries: Project) -> None:
    """Status and search over HTTP are the objects that the commands print."""
    ran = project_with_entries.run
    assert ask("/status", JSON).json == ran("status", "--json").json
    assert ask("/search?q=cafe", JSON).json == ran("search", "cafe", "--json").json_lines
    assert [entry["agency"] for entry in ask("/search?q=cafe", JSON).json] == ["europol"]


def test_pages_of_a_store(ask: Asker) -> None:
    """Pages show what is in the store."""
    assert "Café owner arrested" in ask("/search?q=cafe").body.decode()
    assert "digests" in ask("/status").body.decode()
    assert ask("/readyz").status == 200


def test_metrics_of_a_store(ask: Asker) -> None:
    """Counts come from the store, ages from the folder of feeds."""
    found = samples(ask("/metrics").body)
    assert found["aggregator_sources[ok]"] == 1
    assert found["aggregator_entries[nato]"] == 1
    assert "aggregator_feed_age_seconds[all]" in found


def test_metrics_of_sources_that_come_and_go(project_with_entries: Project) -> None:
    """Those that are configured count, whether or not they were ever read, and no others."""
    project, text = project_with_entries, project_with_entries.config.read_text("utf-8")
    state = state_of(project)
    assert aggregator_sources(state) == {"ok": 1}
    for id_ in ("none", "later"):
        text += f'\n[[sources]]\nid = "{id_}"\nlocation = "{id_}/*.txt"\n'
    project.configure(text)
    state.configure(load(project.config))
    assert aggregator_sources(state) == {"ok": 1, "never read": 2}
    assert project.run("once", "--source", "none").code == 1
    assert aggregator_sources(state) == {"ok": 1, "failed": 1, "never read": 1}
    project.configure(text.replace('id = "digests"', 'id = "renamed"'))
    state.configure(load(project.config))
    assert aggregator_sources(state) == {"failed": 1, "never read": 2}


def aggregator_sources(state: State) -> dict[str, float]:
    found = samples(state.metrics())
    return {
        name.removeprefix("aggregator_sources[").removesuffix("]"): value
        for name, value in found.items()
        if name.startswith("aggregator_sources[")
    }


def test_labels_that_need_escapes() -> None:
    """Quotes, backslashes and line ends in a label come back as they were."""
    name = 'a"b\\c\nd é {x="y"} \\n'
    found = samples(Metrics().text(Snapshot(entries={name: 3})))
    assert found[f"aggregator_entries[{name}]"] == 3


GROWING = ("entries", "sightings", "documents", "problems", "kinds", "datings")
"""The tables that grow with every document."""


@pytest.mark.parametrize(
    ("asked", "given"), [("ready", ()), ("metrics", ()), ("status_part", ("", 1))]
)
def test_no_scan_of_what_grows(
    project_with_entries: Project,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
    given: tuple[Any, ...],
) -> None:
    """No query reads a whole table, or index, of those that grow with every document."""
    statements: list[str] = []

    @contextmanager
    def traced(path: Path) -> Iterator[Store]:
        with open_for_reading(path) as store:
            store.conn.set_trace_callback(statements.append)
            yield store

    monkeypatch.setattr(state_module, "open_for_reading", traced)
    getattr(state_of(project_with_entries), asked)(*given)
    asked_for = {one for one in statements if one.startswith(("SELECT", "WITH"))}
    assert asked_for
    with open_store(project_with_entries.store) as store:
        for statement in asked_for:
            steps = [row[3] for row in store.rows(f"EXPLAIN QUERY PLAN {statement}")]
            scans = [step.split()[1] for step in steps if step.startswith("SCAN")]
            assert not set(scans) & set(GROWING), (statement, steps)


def test_only_categories_that_entries_have(project: Project) -> None:
    """Categories are in the order of the rules; an unknown one has no results."""
    project.configure(
        f'{CONFIG}\n[[categories]]\nterm = "rare"\ntitle = ["unheard"]\n'
        '[[categories]]\nterm = "Aid"\ntitle = ["meet"]\n'
    )
    first = block("Ministers meet in Brussels", "NATO", "They met on 5 January 2024.")
    second = block("Minister to visit Brussels", "Europol", "She will come on 7 January 2024.")
    project.write_digest("a.txt", digest(first, second))
    assert project.run("once").code == 0
    state = state_of(project)
    got = state.search(parse(b"q=minis*+brussels&category=visit", MAX_LIMIT))
    assert (got.categories, got.total) == (("visit", "Aid"), 1)
    assert [entry["agency"] for entry in got.entries] == ["europol"]
    for unknown in ("rare", "aid", "nothing"):
        got = state.search(parse(f"q=minis*&category={unknown}".encode(), MAX_LIMIT))
        assert (got.entries, got.total, got.categories) == ([], 0, ("visit", "Aid"))


def test_no_store_yet(project: Project) -> None:
    """Before the first run everything is empty, and no store is created."""
    state = state_of(project)
    assert state.search(parse(b"q=cafe", MAX_LIMIT)) == Results()
    assert state.ready() == (True, [])
    assert state.status()["agencies"] == []
    assert not project.store.exists()


def test_damaged_store_is_not_ready(project: Project) -> None:
    """A damaged store is not ready, and an error for searches."""
    project.store.write_bytes(b"this is no database" * 100)
    is_ready, reasons = state_of(project).ready()
    assert not is_ready
    assert "aggregator.db" in reasons[0]
    with pytest.raises(StoreError):
        state_of(project).search(parse(b"q=cafe", MAX_LIMIT))


def test_late_schedule_is_not_ready(project: Project) -> None:
    """A schedule far behind is not ready; one a little behind is."""
    assert state_of(project, lag=299.0).ready()[0]
    assert state_of(project, lag=900.0).ready() == (False, ["the schedule is 900 seconds behind"])


def test_slow_query_is_interrupted(
    project_with_entries: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query that takes too long is ended, and its thread with it."""
    monkeypatch.setattr(state_module, "MAX_QUERY_SECONDS", -1.0)
    monkeypatch.setattr(state_module, "_STEPS", 1)
    with pytest.raises(StoreError):
        state_of(project_with_entries).search(parse(b"q=cafe", MAX_LIMIT))
