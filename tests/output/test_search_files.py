"""The search that needs no server: its parts, its words, and which files an entry changes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.output.pages import search_files
from aggregator.output.pages.page_data import ListedEntry
from aggregator.output.pages.search_files import part_file, parts, words_of
from aggregator.store import Store
from tests.output.test_pages import HOSTILE, MOMENT
from tests.support.project import CONFIG, NATO, Project, make_project

BEGINNING = "<script>alert(1)</script>"


def ids(numbers: Sequence[int]) -> list[tuple[int, str]]:
    """Return rows and ids, newest first."""
    return [(number, uuid5(NAMESPACE_URL, str(number)).urn) for number in sorted(numbers)[::-1]]


def read(content: bytes) -> tuple[str, Any]:
    """Return the arguments of the call that a part consists of."""
    text = content.decode()
    assert text.startswith("part(")
    assert text.endswith(");\n")
    name, value = json.loads(f"[{text[5:-3]}]")
    return name, value


def listed(title: str, **given: Any) -> ListedEntry:
    values = {"page": None, "upstream": "https://a.example/1", "language": None, "agency": NATO}
    return ListedEntry(title=title, published=MOMENT, **(values | given))


@given(st.sets(st.integers(0, 1500), max_size=1200), st.integers(0, 1500))
def test_an_entry_changes_the_part_that_it_falls_into(there: set[int], new: int) -> None:
    """Parts are all entries in order; another one changes one part, or two where it begins one."""
    before, after = parts(ids(list(there))), parts(ids([*{*there, new}]))
    for found, numbers in ((before, there), (after, there | {new})):
        assert [key for part in found for key in part.keys] == sorted(numbers)[::-1]
        assert len({part.name for part in found}) == len(found)
        assert all(0 < len(part.keys) <= 400 for part in found)
    if all(len(part.keys) < 400 for part in before):
        changed = {(p.name, p.digest) for p in after} - {(p.name, p.digest) for p in before}
        assert len(changed) <= 2


def test_no_part_changes_because_its_oldest_entry_is_pushed_out() -> None:
    """With more entries than are searched, those before the first beginning are left out."""
    old, new = (parts(ids(range(first, first + 3000))[:2000], 2000) for first in (0, 5))
    assert len(old) > 10
    assert {part.name for part in new} & {part.name for part in old}
    assert len({p.digest for p in new} - {p.digest for p in old}) <= 2
    assert 1500 < sum(len(part.keys) for part in old) <= 2000
    assert "oldest" not in {part.name for part in old}


@given(st.text(), st.text(alphabet="aàáäǎßéøÉñłŁıİΣσς’'-\u0301 \u0302Ǆﬁ한국語かがЁёй"))
def test_words_are_those_that_the_store_searches_by(noise: str, text: str) -> None:
    """Two texts that it folds to the same words have the same here."""
    folded = words_of(text)
    assert folded == words_of(text.upper().lower()) or not text.isascii()
    assert words_of(folded) == folded
    assert len(words_of(noise)) <= 400


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("Geoană", "geoana"),
        ("ÉTÉ", "été"),
        ("Žižek", "zizek"),
        ("МОСКВА", "москва"),
        ("ŐRSÉG", "orseg"),
    ],
)
def test_case_and_accents_do_not_count(store: Store, word: str, other: str) -> None:
    """Whatever the search of the store finds in spite of them is found here."""
    store.conn.execute("CREATE VIRTUAL TABLE temp.words USING fts5(word)")
    store.conn.execute("INSERT INTO temp.words VALUES (?)", (word,))
    found = store.rows("SELECT word FROM temp.words WHERE words MATCH ?", (f'"{other}"',))
    assert found == [(word,)]
    assert words_of(word) == words_of(other)


@pytest.mark.parametrize("title", [*HOSTILE, "a\u2028b", "\ud800", "__proto__"])
def test_a_part_is_data(title: str) -> None:
    """Any title is one string; an address is cut off, not cut, where it is too long."""
    name, value = read(
        part_file("n", [listed(title), listed("x", upstream="https://a.example/" + "b" * 2000)])
    )
    assert name == "n"
    assert value["agencies"] == [["NATO", "nato.html"]]
    (day, agency, shown, address, words, language), (*_, away, _, _) = value["entries"]
    assert (day, agency, address, language) == ("2024-01-05", 0, "https://a.example/1", "")
    assert len(shown) <= 200
    assert len(words) <= 400
    assert away == ""


def release(number: int, word: str = "harbour") -> str:
    return (
        f"The {word} master number {number} speaks\n\nSource: NATO\n"
        f"Date: 2024-{1 + number // 84:02}-{1 + number % 84 // 3:02}\n\nHe is number {number}.\n"
    )


def found_in(project: Project) -> list[str]:
    """Return the titles of all parts, in the order in which they are searched."""
    files = project.files()
    _, names = read(files["search/index.js"])
    assert {f"search/{name}.js" for name in [*names, "index"]} == {
        name for name in files if name.startswith("search/")
    }
    assert all(read(files[f"search/{name}.js"])[0] == name for name in names)
    return [e[2] for name in names for e in read(files[f"search/{name}.js"])[1]["entries"]]


def test_new_entry_writes_one_part(tmp_path: Path) -> None:
    """Its own, and the list only where a part comes; a removed one leaves its part."""
    releases = "\n".join(release(number) for number in range(335, -1, -1))
    project = make_project(tmp_path, {"a.txt": releases})
    project.write("config.toml", CONFIG)
    assert project.run("once").code == 0
    titles = found_in(project)
    assert len(titles) == 336
    assert titles[0] == "The harbour master number 335 speaks"
    before = project.stamps()
    assert len([name for name in before if name.startswith("search/")]) >= 3
    late = release(40, "tide").replace("number 40", "forty")
    project.write("digests/b.txt", late, later=600)
    assert project.run("once").code == 0
    assert len(found_in(project)) == 337
    after = project.stamps()
    changed = {n for n in after if n.startswith("search") and after[n] != before.get(n)}
    assert len(changed - {"search/index.js"}) in (1, 2)
    assert project.run("doctor").code == 0


def test_search_can_be_turned_off(tmp_path: Path) -> None:
    """Without it no page leads to it, and its files are removed."""
    project = make_project(tmp_path, {"a.txt": release(1)})
    assert project.run("once").code == 0
    assert b'href="search.html"' in project.files()["index.html"]
    project.write("config.toml", f"static_search = false\n{CONFIG}")
    assert project.run("once").code == 0
    files = project.files()
    assert [name for name in files if "search" in name] == []
    assert not [name for name, content in files.items() if b"search.html" in content]
    assert project.run("doctor").code == 0
    project.write("config.toml", CONFIG)
    assert project.run("once").code == 0
    assert len(found_in(project)) == 1


def test_parts_are_written_up_to_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest parts; a run that changes nothing of them leaves them so."""
    monkeypatch.setattr(search_files, "MOST_BYTES", 20_000)
    releases = "\n".join(release(number) for number in range(335, -1, -1))
    project = make_project(tmp_path, {"a.txt": releases})
    assert project.run("once").code == 0
    titles = found_in(project)
    assert 0 < len(titles) < 336
    sizes = [len(c) for name, c in project.files().items() if name.startswith("search/")]
    assert len(sizes) == 2 or sum(sizes) < 21_000
    project.write("digests/b.txt", release(340), later=600)
    assert project.run("once").code == 0
    assert found_in(project)[0] == "The harbour master number 340 speaks"
    assert project.run("doctor").code == 0


def test_search_without_entries_can_be_turned_off(tmp_path: Path) -> None:
    """It has no parts then, but its page and its script, which go too."""
    project = make_project(tmp_path, {"a.txt": release(1)})
    assert project.run("once").code == 0
    ((found,),) = project.rows("SELECT id FROM entries")
    assert project.run("forget", found, "--yes").code == 0
    project.write("config.toml", f"static_search = false\n{CONFIG}")
    assert project.run("once").code == 0
    assert [name for name in project.files() if "search" in name] == []
