"""A page of the status: it shows a part of what the command lists, with totals of everything."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import Config, load
from aggregator.status import status as status_module
from aggregator.status.status import read_status
from aggregator.store import Store, open_empty, open_store
from aggregator.store.documents import among_failing_first, failing_first
from aggregator.store.times import time_text
from aggregator.web.metrics import Metrics
from aggregator.web.state import State
from tests.support.project import CONFIG, Project

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
NAMES = ("ok", "unchanged", "failed")


def add_source(
    store: Store, number: int, *, failures: int, due: int | None, is_read: bool = True
) -> str:
    """Add a source that is due in so many minutes, or not planned; return its id."""
    id_ = f"site-{number:03}"
    status = NAMES[2 if failures else number % 2] if is_read else None
    store.execute(
        "INSERT INTO sources (id, location, last_attempt, last_status, failures)"
        " VALUES (?, ?, ?, ?, ?)",
        (id_, "https://site.example/", time_text(NOW) if is_read else None, status, failures),
    )
    if due is not None:
        store.execute(
            "INSERT INTO visits (source, asked, due) VALUES (?, '', ?)",
            (id_, time_text(NOW + timedelta(minutes=due))),
        )
    return id_


def expected(sources: Sequence[tuple[str, int, int | None]]) -> list[str]:
    """The order by hand; those that are due at once as they came."""

    def key(source: tuple[str, int, int | None]) -> tuple[Any, ...]:
        id_, failures, due = source
        if failures:
            return 0, -failures, id_
        return (1, due, id_) if due is not None else (2, 0, id_)

    return [id_ for id_, *_ in sorted(sources, key=key)]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(-3, 3)), max_size=12),
    st.integers(1, 5),
    st.sets(st.integers(0, 11)),
)
@settings(max_examples=40, deadline=None)
def test_pages_have_each_source_once_in_order(
    made: list[tuple[int, int | None]], limit: int, former: set[int]
) -> None:
    """Page after page is the order by hand, without the sources that are not configured."""
    with open_empty() as store:
        known = [
            (add_source(store, number, failures=failures, due=due), failures, due)
            for number, (failures, due) in enumerate(made)
        ]
        gone = {known[number][0] for number in former if number < len(known)}
        wanted = expected([source for source in known if source[0] not in gone])
        pages = [
            failing_first(store, gone, limit=limit, skip=limit * page)
            for page in range(len(known) // limit + 2)
        ]
        assert [id_ for page in pages for id_ in page] == wanted
        assert among_failing_first(store, wanted, limit=99, skip=0) == wanted


@pytest.fixture
def many(project: Project, monkeypatch: pytest.MonkeyPatch) -> tuple[Config, State]:
    """Twelve configured sources, of which the store knows ten, and one more; five on a page."""
    monkeypatch.setattr(status_module, "SHOWN", 5)
    listed = "".join(
        f'\n[[sources]]\nid = "site-{number:03}"\nlocation = "https://site.example/{number}"\n'
        for number in (*range(9), 90, 91)
    )
    project.configure(CONFIG + listed)
    config = load(project.config)
    with open_store(project.store) as store:
        for number in range(9):
            add_source(store, number, failures=number % 3, due=-number, is_read=number != 6)
        add_source(store, 50, failures=7, due=0)
        for number in range(7):
            store.execute(
                "INSERT INTO agencies (id, name, configured) VALUES (?, ?, 1)",
                (f"agency-{number}", f"Agency {number}"),
            )
        store.execute("UPDATE visits SET gone = ? WHERE source = 'site-001'", (time_text(NOW),))
        for kind, subject in (("gone", "site-001"), ("gone", "site-050"), ("silent", "agency-6")):
            store.execute(
                "INSERT INTO alarms VALUES (?, ?, ?, '', '', '', ?4, ?4, NULL)".replace("''", "?4"),
                (f"urn:{kind}:{subject}", kind, subject, time_text(NOW)),
            )
    return config, State(config, Metrics(), now=lambda: NOW)


def pages_of(state: State, words: str = "") -> list[dict[str, Any]]:
    first = state.status_part(words, 1)
    rest = range(2, first["part"]["pages"] + 1)
    return [first, *(state.status_part(words, number) for number in rest)]


def test_all_pages_together_are_the_status(many: tuple[Config, State]) -> None:
    """Each source and agency is on one page, as the command has it; those never stored are last."""
    config, state = many
    with open_store(config.store) as store:
        whole = read_status(store, config, now=NOW)
    pages = pages_of(state)
    assert [len(page["sources"]) for page in pages] == [5, 5, 2]
    assert [len(page["agencies"]) for page in pages] == [5, 2, 0]
    by_id = {source["id"]: source for source in whole["sources"]}
    shown = [source for page in pages for source in page["sources"]]
    assert {source["id"] for source in shown} == by_id.keys()
    assert all(by_id[source["id"]] == source for source in shown)
    agencies = [agency | {"by_week": None} for agency in whole["agencies"]]
    assert [a for page in pages for a in page["agencies"]] == agencies
    assert all(page["days"] == whole["days"] for page in pages)
    assert {source["id"] for source in pages[0]["sources"]} == {
        *("site-001", "site-002", "site-004", "site-005", "site-008")
    }
    assert {source["id"] for source in pages[2]["sources"]} == {"site-090", "site-091"}
    assert pages[0]["part"]["gone"] == ["site-001"]
    assert (pages[0]["part"]["silent"], pages[1]["part"]["silent"]) == ([], ["agency-6"])
    assert state.status_part("", 9)["sources"] == []


def test_totals_are_of_all_sources(many: tuple[Config, State]) -> None:
    """On each page; a source that is gone counts as that, one that is not configured not at all."""
    config, state = many
    failing = 5  # of nine, without the one that is gone
    for page in pages_of(state):
        assert page["totals"] == {
            **{"gone": 1, "failing": failing, "never": 4, "well": 2},
            **{"alarms": 3, "entries": 0, "newest": None},
        }
    with open_store(config.store) as store:
        whole = read_status(store, config, now=NOW)["sources"]
    results = Counter(source["result"] for source in whole)
    assert results["failed"] == failing + 1


def test_words_narrow_sources_and_agencies(many: tuple[Config, State]) -> None:
    """Whatever their case, in an id or a name; failing ones come first here, too."""
    _, state = many
    (found,) = pages_of(state, "SITE-00")[:1]
    assert (found["part"]["sources"], found["part"]["pages"]) == (9, 2)
    assert {source["failures"] > 0 for source in found["sources"]} == {True}
    (found,) = pages_of(state, "agency 3")
    assert [agency["id"] for agency in found["agencies"]] == ["agency-3"]
    (unknown,) = pages_of(state, "site-09")
    assert [source["id"] for source in unknown["sources"]] == ["site-090", "site-091"]
    assert pages_of(state, "%")[0]["sources"] == []


def test_no_store_yet(project: Project) -> None:
    """Configured sources are shown as never read."""
    page = State(load(project.config), Metrics(), now=lambda: NOW).status_part("", 1)
    assert [source["id"] for source in page["sources"]] == ["digests"]
    assert page["totals"]["never"] == 1
    assert not project.store.exists()
