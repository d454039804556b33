"""What is noted of written files, and that only what needs it is rendered again."""

import os
import re
import shutil
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.config import load
from aggregator.output.files import Writer
from aggregator.output.pages import page
from aggregator.output.regenerate import expected_files, regenerate
from aggregator.store import open_store
from aggregator.store import output as store_output
from tests.support.project import CONFIG, Project, make_project

CATEGORY = '\n[[categories]]\nterm = "lamps"\nbody = ["lamp"]\n'
SEARCH = '\n[[feeds]]\nid = "bridges"\nquery = "bridge"\n'
AGENCIES = ("NATO", "Europol", "Interpol")
ALWAYS = ("style.css", "404.html", "favicon.svg", "search.html", "search.js", "index.js")
WORDS = ("harbour", "bridge", "lamp", "almanac", "quay", "orchard", "tunnel", "regatta")


def release(number: int, agency: str, month: int) -> str:
    word = WORDS[number % len(WORDS)]
    return (
        f"The {word} of {WORDS[(number + 3) % 8]}s is number {number}\n\nSource: {agency}\n"
        f"Date: 2024-{month:02}-{1 + number % 28:02}\n\nIt has {number} {word} masters, says"
        f" {agency}, and {number + 7} more {WORDS[(number + 5) % 8]} wardens.\n"
    )


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Project:
    text = "\n".join(
        release(number, AGENCIES[number % 3], 1 + number % 4) for number in range(11, -1, -1)
    )
    project = make_project(tmp_path_factory.mktemp("written"), {"a.txt": text})
    project.write("config.toml", CONFIG + CATEGORY + SEARCH)
    assert project.run("once").code == 0
    return project


@pytest.fixture
def project(published: Project, tmp_path: Path) -> Project:
    return published.copy(tmp_path / "copy")


def noted(project: Project) -> dict[str, tuple[int, int]]:
    with open_store(project.store) as store:
        return dict(store_output.noted_files(store))


def expected(project: Project) -> dict[str, bytes]:
    config = load(project.config)
    with open_store(config.store) as store:
        return {name: b"".join(pieces) for name, pieces in expected_files(config, store)}


def looked_into(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return a set that gets the names of the files that are rendered."""
    names: set[str] = set()

    def noting(real: Callable[..., bool]) -> Callable[..., bool]:
        def publish(writer: Writer, name: str, *arguments: Any, **more: Any) -> bool:
            names.add(Path(name).name)
            return real(writer, name, *arguments, **more)

        return publish

    for name in ("publish", "publish_pieces"):
        monkeypatch.setattr(Writer, name, noting(getattr(Writer, name)))
    return names


DAMAGE: dict[str, Callable[[Path], object]] = {
    "removed": lambda path: path.unlink(),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-5]),
    "edited": lambda path: path.write_bytes(path.read_bytes().replace(b"e", b"a")),
    "touched": lambda path: os.utime(path, ns=(1, 1)),
}


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_files_changed_outside_are_made_as_they_were(
    published: Project, tmp_path: Path, data: st.DataObject
) -> None:
    """Whichever files others change, `regenerate` makes those right and leaves the others."""
    shutil.rmtree(tmp_path / "copy", ignore_errors=True)
    project = published.copy(tmp_path / "copy")
    assert noted(project).keys() == project.files().keys() == expected(project).keys()
    names = st.sampled_from(sorted(project.files()))
    assert_repaired(project, data.draw(st.dictionaries(names, st.sampled_from(sorted(DAMAGE)))))


@pytest.mark.parametrize("damage", DAMAGE)
def test_list_of_feeds_changed_outside_is_repaired(project: Project, damage: str) -> None:
    """The list is not rendered with any of the feeds or pages."""
    assert_repaired(project, {"feeds.opml": damage})


def test_noted_name_of_no_entry_is_forgotten(project: Project) -> None:
    """As in a damaged store: no page has it, so there is nothing to render."""
    before = noted(project)
    with open_store(project.store) as store, store.transaction():
        names = ("harbour.html", "0x.html", f"{'f' * 36}.html", "0.atom")
        store_output.note_files(store, {f"entries/{name}": (1, 1) for name in names})
    assert project.run("regenerate").code == 0
    assert noted(project) == before


def assert_repaired(project: Project, damage: Mapping[str, str]) -> None:
    """Damage files, by name in a way of ``DAMAGE``; `regenerate` mends these and only these."""
    files, stamps = project.files(), project.stamps()
    for name, how in damage.items():
        DAMAGE[how](project.output / name)
    for _ in range(2):
        assert project.run("regenerate").code == 0
        assert project.files() == files
        now = project.stamps()
        assert {name for name in files if now[name] != stamps[name]} <= damage.keys()
        assert noted(project).keys() == files.keys()
    assert project.run("doctor").code == 0


def test_nothing_is_rendered_when_nothing_changed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by a run nor by `regenerate`."""
    monkeypatch.setattr("aggregator.output.write.write", pytest.fail)
    assert project.run("once").code == 0
    assert project.run("regenerate").code == 0


def test_only_a_missing_archive_is_rendered(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its neighbours and its feed, and no page but the index."""
    (project.output / "archive/nato-2024-02.atom").unlink()
    names = looked_into(monkeypatch)
    config = load(project.config)
    with open_store(config.store) as store:
        regenerate(config, store, check="noted")  # as the daemon does: it looks at no file
    assert names == set()
    assert project.run("once").code == 0
    assert {name for name in names if "nato" not in name} == {*ALWAYS, "index.html"}
    assert "nato-2024-02.atom" in names
    assert not [
        name for name in names if name.endswith(".html") and name not in {*ALWAYS, "index.html"}
    ]


def test_only_missing_pages_are_rendered(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages of an entry, an agency and a category, and what has them in a list."""
    entry = next(name for name in sorted(project.files()) if name.startswith("entries/"))
    for name in (entry, "nato.html", "category/lamps.html"):
        (project.output / name).unlink()
    names = looked_into(monkeypatch)
    assert project.run("regenerate").code == 0
    assert names == {
        *(Path(entry).name, "nato.html", "lamps.html", "index.html", "oldest.js", *ALWAYS),
    }


def test_a_whole_new_folder_is_noted_anew(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files with other times, as after a copy, are compared once."""
    for path in project.output.rglob("*.*"):
        os.utime(path)
    names = looked_into(monkeypatch)
    assert project.run("regenerate").code == 0
    assert names >= {Path(name).name for name in project.files()}
    names.clear()
    assert project.run("regenerate").code == 0
    assert names == set()


def test_noting_files_copies_no_states(project: Project) -> None:
    """Of 20,000 files, a list of their names is made and no other one."""
    states = {f"entries/{number}.html": (number, number) for number in range(20_000)}
    with open_store(project.store) as store, store.transaction():
        tracemalloc.start()
        try:
            store_output.note_files(store, states)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 600_000


def test_an_edit_that_hides_itself_is_found_by_doctor(project: Project) -> None:
    """With the old size and time, only comparing the bytes finds it, and `--repair` mends it."""
    path = project.output / "nato.atom"
    before, content = path.stat(), path.read_bytes()
    path.write_bytes(content.replace(b"harbour", b"herbour"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert project.run("regenerate").code == 0
    assert path.read_bytes() != content
    found = project.run("doctor")
    assert found.code == 1
    assert "nato.atom is out of date; 'aggregator doctor --repair' mends it" in found.out
    assert project.run("doctor", "--repair").code == 0
    assert path.read_bytes() == content


def test_a_page_that_failed_is_made_later(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not noted as right, so `regenerate` makes it when that is possible again."""
    files = project.files()
    (project.output / "nato.html").unlink()

    def fail(*_: object) -> bytes:
        raise ValueError("no such filter")

    with monkeypatch.context() as context:
        context.setattr(page, "agency", fail)
        assert "no such filter" in project.run("regenerate").err
    assert project.run("regenerate").code == 0
    assert project.files() == files


def be_overtaken(project: Project, monkeypatch: pytest.MonkeyPatch, before: str) -> None:
    """Make files of NATO again, and let another run bring an entry of it ``before`` one of them."""
    config = load(project.config)
    real = Writer.publish
    met: list[bool] = []

    def publish(writer: Writer, name: str, content: bytes, *, durable: bool = True) -> bool:
        if name == before and not met:
            met.append(True)
            project.write("digests/b.txt", release(40, "NATO", 5), later=600)
            assert project.run("once").code == 0
        return real(writer, name, content, durable=durable)

    for name in ("nato.atom", "nato.html"):
        (project.output / name).unlink()
    with open_store(config.store) as store, monkeypatch.context() as context:
        context.setattr(Writer, "publish", publish)
        first = int(store_output.facts(store)["run"])
        regenerate(config, store, check="files")
        assert met
        assert int(store_output.facts(store)["run"]) == first + 2


@pytest.mark.parametrize("before", ["nato.atom", "style.css"])
def test_files_are_not_known_where_two_runs_met(
    project: Project, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    """A run that another one overtook does not vouch for the bytes that it wrote."""
    be_overtaken(project, monkeypatch, before)
    assert project.run("once").code == 0
    assert project.run("regenerate").code == 0
    assert project.files() == expected(project)


def test_overtaken_run_leaves_no_old_card_on_the_index(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It read the store before the other run changed it; the next run looks at the index."""
    be_overtaken(project, monkeypatch, "style.css")
    assert project.run("once").code == 0
    assert project.files()["index.html"] == expected(project)["index.html"]


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_each_change_leaves_what_all_of_it_would(
    published: Project, tmp_path: Path, data: st.DataObject
) -> None:
    """After releases of any agencies, and new names of them, each file is as if made anew."""
    shutil.rmtree(tmp_path / "copy", ignore_errors=True)
    project = published.copy(tmp_path / "copy")
    for step, what in enumerate(_steps(data)):
        if what.startswith("name"):
            renamed = f'name = "{what}"\naliases = ["NATO", "OTAN"]'
            config = CONFIG.replace('name = "NATO"\naliases = ["OTAN"]', renamed)
            project.write("config.toml", config + CATEGORY + SEARCH)
        else:
            month = data.draw(st.integers(3, 6))
            project.write(f"digests/{step}.txt", release(50 + step, what, month), later=step * 600)
        assert project.run("once").code == 0
        assert project.files() == expected(project)
        assert noted(project).keys() == project.files().keys()


@pytest.mark.parametrize("name", ["Europol", "NATO"], ids=["credited", "owning"])
def test_agency_of_a_joint_release_gets_another_name(tmp_path: Path, name: str) -> None:
    """What credits it, or lists an edit of what it carried, is written as if it had it always.

    So are the feeds of the others, and its own where it only carried what others published.
    """
    named = f'name = "The Agency"\naliases = ["{name}"]'
    renamed = re.sub(rf'name = "{name}"(?:\naliases.*)?', named, CONFIG)
    first = "".join(f"{release(n, 'NATO', n)}\n" for n in (3, 2, 1))
    digests = {
        "a.txt": first,
        "b.txt": first.replace("Source: NATO", "Source: Europol"),
        "d.txt": first.replace("Source: NATO", "Source: INTERPOL"),
        "c.txt": first.replace("bridge masters", "proud bridge masters"),
    }
    before = make_project(tmp_path / "before", digests)
    after = make_project(tmp_path / "after", digests, config=renamed)
    for project in (before, after):
        assert project.run("once").code == 0
    assert before.rows("SELECT count(*) FROM credits") == [(6,)]
    assert before.files() != after.files()
    before.configure(renamed)
    assert before.run("once").code == 0
    assert before.files() == after.files()


def _steps(data: st.DataObject) -> Iterator[str]:
    return iter(
        data.draw(
            st.lists(
                st.sampled_from((*AGENCIES, "Red Cross", "name A", "name B")),
                min_size=2,
                max_size=4,
            )
        )
    )
