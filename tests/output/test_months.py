"""The pages of months and of days: all entries by date, and no page written for nothing."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator.config import load
from aggregator.output.pages import months
from aggregator.output.regenerate import expected_files
from aggregator.store import Store, open_store
from aggregator.store import pages as store_pages
from tests.output.test_neighbours import CHANGES, changed_by, release
from tests.support.project import MODIFIED, Project, block, digest, make_project

CROWDED = "2024-05-17"


def dated(name: str, day: str) -> str:
    return block(f"The {name} opens its gate", "NATO", f"All of the {name} are well.", date=day)


def newest_first(*found: tuple[str, str]) -> str:
    return digest(*(dated(*each) for each in sorted(found, key=lambda each: each[1])[::-1]))


QUIET = [("yard", "2023-12-30"), ("mill", "2024-03-01"), ("quay", "2024-03-09")]
BUSY = [
    *(("pier", "2024-05-02"), ("dock", "2024-05-16"), ("gate", "2024-05-18")),
    *((name, CROWDED) for name in "lock weir sluice canal towpath".split()),
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(months, "LARGEST", 3)
    monkeypatch.setattr(months, "LARGEST_DAY", 2)
    made = make_project(tmp_path, {"a.txt": newest_first(*QUIET, *BUSY)})
    assert made.run("once").code == 0
    return made


def pages(project: Project) -> dict[str, bytes]:
    return {n: body for n, body in project.files().items() if n.startswith("month/")}


def is_right(project: Project) -> bool:
    """Whether the pages of months are those that a first run would write, and no others."""
    config = load(project.config)
    with open_store(config.store) as store:
        expected = {name: b"".join(pieces) for name, pieces in expected_files(config, store)}
    return pages(project) == {n: body for n, body in expected.items() if n.startswith("month/")}


def titles(body: bytes) -> list[str]:
    found = etree.fromstring(body).xpath("//*[contains(@class, 'news')]/*/*/*[1]")
    return [each.text.split()[1] for each in found]


def steps(body: bytes) -> dict[str, str]:
    """Return where a page leads: up, newer and older."""
    found = etree.fromstring(body).iter("{*}a")
    return {a.get("rel"): a.get("href") for a in found if a.get("rel") in ("next", "prev")}


def changed(project: Project, before: dict[str, tuple[int, int]]) -> set[str]:
    after = project.stamps()
    names = before.keys() | after.keys()
    return {n for n in names if n.startswith("month/") and before.get(n) != after.get(n)}


def test_months_lead_to_one_another(project: Project) -> None:
    """One page for a month, one for each day of a busy one, and parts of a crowded day."""
    found = pages(project)
    assert sorted(found) == [
        "month/2023-12.html",
        "month/2024-03.html",
        "month/2024-05-02.html",
        "month/2024-05-16.html",
        "month/2024-05-17-1.html",
        "month/2024-05-17-2.html",
        "month/2024-05-17.html",
        "month/2024-05-18.html",
        "month/2024-05.html",
        "month/index.html",
    ]
    assert titles(found["month/2024-03.html"]) == ["quay", "mill"]
    assert steps(found["month/2024-03.html"]) == {
        "next": "../month/2024-05.html",
        "prev": "../month/2023-12.html",
    }
    at, walked = "../month/2024-05-18.html", []
    while at.startswith("../month/2024-05-"):
        body = found[at.removeprefix("../")]
        walked += titles(body)
        at = steps(body)["prev"]
    assert at == "../month/2024-03.html"
    assert walked == ["gate", *walked[1:6], "dock", "pier"]
    assert {*walked[1:6]} == {name for name, day in BUSY if day == CROWDED}
    assert "of which 2 to 3 are here" in found["month/2024-05-17-2.html"].decode()
    links = [a.get("href") for a in etree.fromstring(found["month/2024-05.html"]).iter("{*}a")]
    assert f"../month/{CROWDED}.html" in links
    assert is_right(project)


def test_a_new_entry_changes_the_page_of_its_month(project: Project) -> None:
    """No month that is over is written, nor the list of months."""
    before = project.stamps()
    project.write_digest("b.txt", newest_first(("kiln", "2024-03-05")), MODIFIED + timedelta(1))
    assert project.run("once").code == 0
    assert changed(project, before) == {"month/2024-03.html"}
    before = project.stamps()
    project.write_digest("c.txt", newest_first(("barn", "2024-05-16")), MODIFIED + timedelta(2))
    assert project.run("once").code == 0
    assert changed(project, before) == {"month/2024-05.html", "month/2024-05-16.html"}
    assert is_right(project)


def test_only_the_days_that_changed_are_rendered(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a busy month neither the other days nor their entries are looked at."""
    read = []
    of_period = store_pages.of_period

    def recorded(store: Store, period: str, **rest: int) -> list[store_pages.Listed]:
        read.append(period)
        return of_period(store, period, **rest)

    monkeypatch.setattr(store_pages, "of_period", recorded)
    project.write_digest("c.txt", newest_first(("barn", "2024-05-02")), MODIFIED + timedelta(2))
    assert project.run("once").code == 0
    assert read == ["2024-05-16", "2024-05-02"]  # with its neighbour, as a day may be new
    assert is_right(project)


def test_a_new_month_changes_the_pages_beside_it(project: Project) -> None:
    """A month that comes or goes is in the list of all, and its neighbours lead to it."""
    before = project.stamps()
    project.write_digest("b.txt", newest_first(("kiln", "2024-04-05")), MODIFIED + timedelta(1))
    assert project.run("once").code == 0
    beside = {"month/2024-03.html", "month/2024-05-02.html", "month/2024-05.html"}
    assert changed(project, before) == {"month/2024-04.html", "month/index.html", *beside}
    assert is_right(project)
    before = project.stamps()
    ((kiln,),) = project.rows("SELECT id FROM entries WHERE title LIKE '%kiln%'")
    assert project.run("forget", kiln, "--yes").code == 0
    assert project.run("once").code == 0
    assert changed(project, before) == {"month/2024-04.html", "month/index.html", *beside}
    assert "month/2024-04.html" not in project.files()
    assert is_right(project)


def test_a_busy_month_becomes_quiet(project: Project) -> None:
    """The pages of its days go."""
    for name in ("lock", "weir", "sluice", "canal", "towpath"):
        ((found,),) = project.rows(f"SELECT id FROM entries WHERE title LIKE '% {name} %'")
        assert project.run("forget", found, "--yes").code == 0
    assert project.run("once").code == 0
    assert sorted(pages(project)) == [
        *("month/2023-12.html", "month/2024-03.html", "month/2024-05.html", "month/index.html"),
    ]
    assert titles(pages(project)["month/2024-05.html"]) == ["gate", "dock", "pier"]
    assert is_right(project)


def test_a_day_whose_entries_move_is_left_out(project: Project) -> None:
    """The pages beside it lead past it."""
    project.write_digest("b.txt", newest_first(("dock", "2024-05-01")), MODIFIED + timedelta(1))
    assert project.run("once").code == 0
    assert "month/2024-05-16.html" not in pages(project)
    assert steps(pages(project)["month/2024-05-17-1.html"])["prev"] == "../month/2024-05-02.html"
    assert is_right(project)


@pytest.mark.parametrize(
    "name", ["index", "2024-03", "2024-05", "2024-05-02", "2024-05-17-1", "2024-05-17"]
)
def test_a_deleted_page_comes_back(name: str, project: Project) -> None:
    (project.output / f"month/{name}.html").unlink()
    assert project.run("regenerate").code == 0
    assert is_right(project)


def test_index_leads_to_older_days(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is more than the index has, it leads on at the day of its last entry."""
    monkeypatch.setattr("aggregator.output.pages.contents.LATEST", 9)
    project.write_digest("b.txt", newest_first(("kiln", "2024-06-05")), MODIFIED + timedelta(1))
    assert project.run("once").code == 0
    index = etree.fromstring(project.files()["index.html"])
    links = [a.get("href") for a in index.iter("{*}a")]
    assert "month/2024-05.html#day-2024-05-02" in links
    body = etree.fromstring(pages(project)["month/2024-05.html"])
    assert body.xpath("//*[@id='day-2024-05-02']")
    assert "month/index.html" in links


def test_hostile_titles_and_no_entries(tmp_path: Path) -> None:
    """An agency called as the folder has its own files; without entries no page is made."""
    project = make_project(tmp_path, {"a.txt": ""})
    project.run("once")
    assert not pages(project)
    month = block("<script>alert(1)</script>", "month", "x" * 10_000, date="0001-01-01")
    project.write_digest("b.txt", digest(month), MODIFIED)
    project.run("once")
    assert {"month.html", "month/index.html"} <= project.files().keys()
    for body in pages(project).values():
        assert b"<script" not in body
    assert is_right(project)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGES, min_size=3, max_size=5))
def test_pages_are_those_of_a_first_run(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    changes: list[tuple[str, int, int]],
) -> None:
    """Whatever comes, moves, goes or returns."""
    monkeypatch.setattr(months, "LARGEST", 4)
    monkeypatch.setattr(months, "LARGEST_DAY", 2)
    first = digest(*(release(n, is_dated=n != 5) for n in (9, 7, 5, 3)))
    project = make_project(tmp_path_factory.mktemp("months"), {"a.txt": first})
    assert project.run("once").code == 0
    for turn, change in enumerate(changes):
        changed_by(project, turn, *change)
        assert is_right(project), change
