"""Categories from the configuration to the store, the feeds and the pages."""

import json
import re
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import msgspec
import pytest
from lxml import etree

from aggregator.config import Config, load
from aggregator.errors import ConfigError
from aggregator.ingest.categorise import are_categories_current, begin, categorise
from aggregator.ingest.retention import remove_expired
from aggregator.normalise.builtin_categories import BUILTIN
from aggregator.output.formats.names import category_name
from aggregator.output.regenerate import regenerate
from aggregator.store import Store, categories, open_store
from aggregator.store.retention import Keep
from aggregator.workers import Workers
from tests.support.project import CONFIG, MODIFIED, Project, block, digest
from tests.support.validation import atom_complaints, json_feed_complaints, rss_complaints

NOW = MODIFIED + timedelta(days=2)

BOATS = """
[[categories]]
term = "boats"
title = ["boat", "/ships?/"]
body = ["harbour"]
exclude = ["toy"]
"""

RELEASES = (
    block("Speech by the Director at the pier", "NATO", "The sea is wide.", date="2024-01-04"),
    block("Smuggler arrested in Split", "Europol", "He was on a boat.", date="2024-01-03"),
    block("New boat for the crew", "NATO", "It is blue.", date="2024-01-02"),
    block("Herring is cheap", "INTERPOL", "As all know.", date="2023-12-29"),
)


def categorised(project: Project, config: str = CONFIG) -> Config:
    """A project that has read these releases."""
    project.configure(config)
    project.write_digest("a.txt", digest(*RELEASES))
    assert project.run("once").code == 0
    return load(project.config)


def terms(project: Project) -> dict[str, list[str]]:
    """The categories of each entry, by its title, as they are printed."""
    lines = project.run("entries", "--json").json_lines
    return {line["title"]: line["categories"] for line in lines}


def test_terms_follow_categories_of_agency(project: Project) -> None:
    """They come after the agency's own, in lists and where one entry is shown."""
    categorised(project, CONFIG + BOATS)
    assert terms(project) == {
        "Speech by the Director at the pier": ["nato", "speech"],
        "Smuggler arrested in Split": ["europol", "operation"],
        "New boat for the crew": ["nato", "boats"],
        "Herring is cheap": ["interpol"],
    }
    entry = next(
        e for e in project.run("entries", "--json").json_lines if "boats" in e["categories"]
    )
    shown = project.run("show", entry["id"])
    assert re.search(r"^Categories +boats$", shown.out, re.MULTILINE)
    assert project.run("show", entry["id"], "--json").json["categories"] == ["nato", "boats"]


def test_terms_are_categories_in_feeds(project: Project) -> None:
    """Atom and RSS have them as categories, JSON Feed as tags; all of it is valid."""
    config = categorised(project)
    for form, check in (("atom", atom_complaints), ("rss", rss_complaints)):
        body = (config.output / f"all.{form}").read_bytes()
        found = feedparser.parse(body).entries[0]
        assert [tag.term.casefold() for tag in found.tags] == ["nato", "speech"]
        assert list(check(body, f"http://localhost:8080/all.{form}")) == []
    body = (config.output / "all.json").read_bytes()
    assert json.loads(body)["items"][0]["tags"] == ["NATO", "speech"]
    assert list(json_feed_complaints(body, "http://localhost:8080/all.json")) == []


FEED = """<rss version="2.0"><channel><title>Europol</title><link>https://europol.example/</link>
<item><guid>https://europol.example/1</guid><title>Speech by the Director on ports</title>
<category>Ports</category><category>SPEECH</category><category>ports</category>
<description>The sea is wide.</description><pubDate>Thu, 04 Jan 2024 10:00:00 GMT</pubDate></item>
</channel></rss>"""


def test_terms_from_a_feed_come_last(project: Project) -> None:
    """They come last; terms that differ only in case appear once, spelled as in the rule."""
    project.configure(CONFIG + '[[sources]]\nid = "feed"\nlocation = "f.xml"\nagency = "europol"\n')
    (project.folder / "f.xml").write_text(FEED, encoding="utf-8")
    project.write_digest("a.txt", digest(RELEASES[3]))
    assert project.run("once").code == 0
    assert terms(project)["Speech by the Director on ports"] == ["europol", "speech", "Ports"]


def test_a_saved_search_by_category(project: Project) -> None:
    """It finds what a rule gave a term, whatever the case, as it finds what a feed said."""
    search = '[[feeds]]\nid = "spoken"\ncategories = ["SPEECH", "boats"]\n'
    config = categorised(project, CONFIG + BOATS + search)
    found = feedparser.parse((config.output / "spoken.atom").read_bytes()).entries
    assert [entry.title for entry in found] == [
        "Speech by the Director at the pier",
        "New boat for the crew",
    ]


def test_changed_rules_apply_to_all(project: Project) -> None:
    """Entries get other terms without being read again; only what shows them is written."""
    config = categorised(project)
    before = {p: p.stat().st_mtime_ns for p in config.output.rglob("*") if p.is_file()}
    held = {p: p.read_bytes() for p in before}
    project.configure(CONFIG + BOATS)
    assert project.run("regenerate").code == 0
    assert terms(project)["New boat for the crew"] == ["nato", "boats"]
    now = {p: p.stat().st_mtime_ns for p in config.output.rglob("*") if p.is_file()}
    changed = {p.relative_to(config.output).as_posix() for p in now if before.get(p) != now[p]}
    assert {name for name in changed if not name.startswith("entries/")} == {
        *(f"{feed}.{ending}" for feed in ("all", "nato") for ending in ("atom", "rss", "json")),
        *("archive/all-2024-01.atom", "archive/nato-2024-01.atom", "nato.html"),
        *(f"category/boats.{ending}" for ending in ("atom", "rss", "json", "html")),
        *("index.html", "month/2024-01.html", "style.css"),
    }
    assert len([name for name in changed if name.startswith("entries/")]) == 1
    assert project.run("doctor").code == 0
    project.configure(CONFIG)
    assert project.run("once").code == 0
    assert {p: p.read_bytes() for p in before} == held
    assert not (config.output / "category" / "boats.html").exists()
    assert terms(project)["New boat for the crew"] == ["nato"]


def test_a_table_in_the_place_of_a_built_in_category(project: Project) -> None:
    """Its words count, and those that came with the program do not."""
    categorised(project, CONFIG + '[[categories]]\nterm = "speech"\ntitle = ["cheap"]\n')
    assert terms(project)["Herring is cheap"] == ["interpol", "speech"]
    assert terms(project)["Speech by the Director at the pier"] == ["nato"]


def test_without_built_in_categories(project: Project) -> None:
    """Built-in categories can be disabled; no pages of categories are written then."""
    config = categorised(project, "builtin_categories = false\n" + CONFIG)
    assert all(len(found) == 1 for found in terms(project).values())
    assert list((config.output / "category").iterdir()) == []
    assert b"<fieldset" not in (config.output / "index.html").read_bytes()


def test_nothing_changed_costs_nothing(project: Project) -> None:
    """No entry is categorised twice by the same rules, and no file is written."""
    config = categorised(project)
    before = {p: p.stat().st_mtime_ns for p in config.output.rglob("*")}
    with open_store(config.store) as store:
        assert are_categories_current(config, store)
        assert categorise(config, store) == 0
    assert project.run("once").code == 0
    assert project.run("regenerate").code == 0
    assert {p: p.stat().st_mtime_ns for p in config.output.rglob("*")} == before


def test_an_edit_changes_the_category(project: Project) -> None:
    """The current text counts: an edited entry is categorised again, and its feeds follow."""
    config = categorised(project)
    text = "It was built in the yard next door by people who know about ships and how to mend them."
    title = "New crane for the quay"
    project.write_digest("b.txt", digest(block(title, "NATO", text, date="2024-01-02")))
    assert project.run("once").code == 0
    assert terms(project)[title] == ["nato"]
    edited = f"Good morning. {text}"
    later = MODIFIED + timedelta(days=1)
    project.write_digest("c.txt", digest(block(title, "NATO", edited, date="2024-01-02")), later)
    assert project.run("once").code == 0
    assert terms(project)[title] == ["nato", "speech"]
    assert b'term="speech"' in (config.output / "archive" / "nato-2024-01.atom").read_bytes()
    assert (config.output / "category" / "speech.html").read_bytes().count(b"/entries/") == 2
    assert project.run("doctor").code == 0


def opened(project: Project, config: str = CONFIG) -> tuple[Config, Store]:
    loaded = categorised(project, config)
    return loaded, open_store(loaded.store)


def test_removed_entry_leaves_no_term(project: Project) -> None:
    """Retention takes the terms along, and the page of a category that no entry has."""
    config, opened_store = opened(project)
    with opened_store as store:
        assert remove_expired([Keep(source="digests", entries=1)], store, now=NOW) == 3
        assert categories.counts(store) == {"speech": 1}
        assert not categories.is_waiting(store)
        regenerate(config, store)
    assert {p.name for p in (config.output / "category").iterdir()} == {
        f"speech.{ending}" for ending in ("atom", "rss", "json", "html")
    }
    assert "categor" not in project.run("doctor").out


def test_merge_and_split_update_categories(project: Project) -> None:
    """What becomes part of another has that one's terms, and has its own again taken out."""
    categorised(project)
    ids = {e["title"]: e["id"] for e in project.run("entries", "--json").json_lines}
    speech, boat = ids["Speech by the Director at the pier"], ids["New boat for the crew"]
    assert project.run("merge", boat, speech).code == 0
    both = project.run("show", boat, "--json").json
    assert both["categories"] == (
        ["nato", "speech"] if both["title"].startswith("Speech") else ["nato"]
    )
    seen = {sighting["id"] for sighting in both["sightings"]}
    assert project.run("split", boat, str(max(seen))).code == 0
    assert project.run("doctor").code == 0
    assert sorted(map(len, terms(project).values())) == [1, 1, 2, 2]


def test_an_agency_that_moves(project: Project) -> None:
    """A rule by agency follows the agency of an entry, also when a configuration changes it."""
    table = '[[categories]]\nterm = "police"\nagencies = ["europol", "yard", "not-there-yet"]\n'
    project.configure(CONFIG + table)
    project.write_digest("a.txt", digest(block("Lamp lit", "Scotland Yard Works", "It shines.")))
    assert project.run("once").code == 0
    assert terms(project)["Lamp lit"] == ["scotland-yard-works"]
    agency = '[[agencies]]\nid = "yard"\nname = "Scotland Yard Works"\n'
    project.configure(CONFIG + table + agency)
    assert project.run("regenerate").code == 0
    assert terms(project)["Lamp lit"] == ["yard", "police"]


def test_order_of_arrival_does_not_matter(project: Project, tmp_path: Path) -> None:
    """One digest after another, in either order, leads to the same terms and files."""
    config = CONFIG + BOATS
    one, two = digest(*RELEASES[:2]), digest(*RELEASES[2:])
    found = []
    for number, order in enumerate(((("a", one), ("b", two)), (("b", two), ("a", one)))):
        made = Project(tmp_path / str(number))
        (made.folder / "digests").mkdir(parents=True)
        made.configure(config)
        for name, text in order:
            made.write_digest(f"{name}.txt", text)
            assert made.run("once").code == 0
        output = made.folder / "feeds"
        files = {p.relative_to(output): p.read_bytes() for p in output.rglob("*") if p.is_file()}
        found.append((terms(made), files))
    assert found[0] == found[1]


def test_a_run_that_was_killed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was left undone is still noted, and the next run does it."""
    config = categorised(project)
    project.configure(CONFIG + BOATS)
    config = load(project.config)
    with open_store(config.store) as store:
        categories.adopt_rules(store, "other rules")
        assert not are_categories_current(config, store)
        monkeypatch.setattr("aggregator.ingest.categorise._BATCH", 1)
        save, calls = categories.save, []

        def failing(store: Store, wanted: Any) -> int:
            calls.append(1)
            if len(calls) == 3:
                raise RuntimeError
            return save(store, wanted)

        monkeypatch.setattr(categories, "save", failing)
        with pytest.raises(RuntimeError):
            categorise(config, store)
        ((left,),) = store.rows("SELECT count(*) FROM to_categorise")
        assert left == 2
        monkeypatch.setattr(categories, "save", save)
        categorise(config, store)
        assert are_categories_current(config, store)
    assert terms(project)["New boat for the crew"] == ["nato", "boats"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM kinds WHERE term = 'speech'", "has the categories none"),
        ("INSERT INTO kinds SELECT min(key), 'visit' FROM entries", "visit"),
        ("DELETE FROM kinds_by", "do not follow the rules"),
    ],
)
def test_the_doctor_sees_wrong_terms(project: Project, statement: str, said: str) -> None:
    """Terms that are not those of the rules are named."""
    config = categorised(project)
    assert project.run("doctor").code == 0
    with open_store(config.store) as store, store.transaction():
        store.execute(statement)
    ran = project.run("doctor")
    assert ran.code == 1
    assert said in ran.out


def test_check_prints_categories(project: Project) -> None:
    """Each with where it comes from, and its page."""
    project.configure(CONFIG + BOATS + '[[categories]]\nterm = "visit"\nagencies = ["NATO"]\n')
    out = project.run("check").out
    assert "category speech: built in, category/speech.html" in out
    assert "category visit: configured, of nato, category/visit.html" in out
    assert "category boats: configured, category/boats.html" in out


TABLE = "[[categories]]\nterm = 'boats'\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (TABLE, "[[categories]] number 1 (boats): applies to every entry"),
        (TABLE + "exclude = ['x']", "applies to every entry"),
        (
            TABLE + "title = ['/(/']",
            "(boats): title: '/(/' is not a valid regular expression",
        ),
        (
            TABLE + f"title = ['/{'[' + 'a' * 5000}/']",
            "…' is not a valid regular expression: unterminated",
        ),
        (TABLE + "body = ['']", "body: '' has nothing to search for"),
        (
            TABLE + "title = ['x']\nexclude = ['/[/']",
            "exclude: '/[/' is not a valid regular",
        ),
        (TABLE + "agencies = ['a/b']", "agencies: may contain only letters"),
        (
            TABLE + "title = 'x'",
            "number 1 (boats): title: must be a list of strings",
        ),
        (TABLE + "titel = ['x']", "unknown key 'titel'; did you mean 'title'?"),
        ("[[categories]]\ntitle = ['x']", "[[categories]] number 1: term: is missing"),
        ("[[categories]]\nterm = ''\ntitle = ['x']", "term: is empty"),
        (
            "[[categories]]\nterm = 'a\\nb'\ntitle = ['x']".replace("'a", '"a').replace("b'", 'b"'),
            "term: must be on one line",
        ),
        (f"[[categories]]\nterm = '{'x' * 61}'\ntitle = ['x']", "term: may have 60 characters"),
        ((TABLE + "title = ['x']\n") * 2, "number 2 (boats): term: 'boats' is already that of"),
        (
            TABLE + "title = ['x']\n" + TABLE.replace("boats", "Boats!") + "title = ['x']",
            "'Boats!' and 'boats' would share the page boats.html",
        ),
        ("[[categories]]\nterm = 'media-advisory'\ntitle = ['x']", "and 'media advisory' would"),
        ("builtin_categories = 1", "builtin_categories: must be true or false"),
    ],
)
def test_invalid_category_configuration_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    """Each is refused with a line that names the key."""
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert any(problem in line for line in caught.value.problems), caught.value.problems


def test_valid_category_configuration_is_accepted(tmp_path: Path) -> None:
    """A term may have the page of a built-in one that is turned off; agencies can come later."""
    file = tmp_path / "config.toml"
    text = "builtin_categories = false\n[[categories]]\nterm = 'media-advisory'\nagencies = ['x']\n"
    file.write_text(text, encoding="utf-8")
    assert [rule.term for rule in load(file).category_rules] == ["media-advisory"]


def tree(config: Config, name: str) -> Any:
    return etree.fromstring((config.output / name).read_bytes())


def picks(page: Any) -> list[Any]:
    return [nav for nav in page.iter("{*}nav") if nav.get("class") == "picks"]


def test_filters_of_sources_apply(project: Project) -> None:
    """A list has a choice of what occurs in it, in the order of the rules; lines are marked."""
    config = categorised(project, CONFIG + BOATS)
    index = tree(config, "index.html")
    (choice,) = picks(index)
    operation, boats = [r.term for r in BUILTIN].index("operation") + 1, len(BUILTIN) + 1
    found = [
        (link.get("class"), link.get("id"), "".join(link.itertext()).partition(" (")[0])
        for link in choice.iter("{*}a")
        if not link.get("id").startswith("agency-")
    ]
    assert found == [
        ("pick all", "everything", "All 4"),
        ("pick k2", "category-speech", "speech 1"),
        (f"pick k{operation}", "category-operation", "operation 1"),
        (f"pick k{boats}", "category-boats", "boats 1"),
    ]
    marks = [
        li.get("class")
        for ul in index.iter("{*}ul")
        if "entries" in (ul.get("class") or "")
        for li in ul
    ]
    assert marks == ["a1 k2", f"a2 k{operation}", f"a1 k{boats}", "a3"]
    style = (config.output / "style.css").read_text(encoding="utf-8")
    assert f".pick.k{boats}:target" in style
    assert f".pick.k{boats + 1}:" not in style
    assert style.index("@media not print") < style.index(".pick.k1:target")
    assert len(picks(tree(config, "nato.html"))) == 1
    assert len(picks(tree(config, "interpol.html"))) == 0


def test_pages_of_categories(project: Project) -> None:
    """The index lists them with numbers, entries link to theirs, and these to the entries."""
    config = categorised(project)
    index = tree(config, "index.html")
    lines = {"".join(li.itertext()).strip() for li in index.iter("{*}li")}
    assert "speech 1" in lines
    found = tree(config, "category/speech.html")
    assert [h.text for h in found.iter("{*}h1")] == ["speech"]
    (entry,) = (a.get("href") for a in found.iter("{*}a") if "entries/" in a.get("href"))
    own = tree(config, entry.removeprefix("../"))
    assert "../category/speech.html" in [a.get("href") for a in own.iter("{*}a")]


def test_the_newest_of_a_category(project: Project) -> None:
    """However rare or common a category is, its list has the newest entries, newest first."""
    from aggregator.store import pages as store_pages

    project.write_digest(
        "a.txt",
        digest(
            *(
                block(
                    f"{'Speech by' if n % 3 else 'News of'} the crew of boat {n} and its harbour",
                    "NATO",
                    f"Number {n} {'is old' if n % 2 else 'was new'}. " * (n + 1),
                    date=f"2024-01-{30 - n:02}",
                )
                for n in range(25)
            )
        ),
    )
    assert project.run("once").code == 0
    with open_store(load(project.config).store) as store:
        number = categories.counts(store)["speech"]
        for limit in (1, 3, 200):
            ways = [
                [
                    one.title
                    for one in store_pages.of_category(store, "speech", limit, number=n, total=t)
                ]
                for n, t in ((number, 10**9), (10**6, 1))
            ]
            assert ways[0] == ways[1]
            assert len(ways[0]) == min(limit, number)
            assert ways[0][0] == "Speech by the crew of boat 1 and its harbour"


def test_built_in_categories_share_no_page() -> None:
    """No two built-in categories share a page."""
    names = [category_name(rule.term) for rule in BUILTIN]
    assert len(set(names)) == len(names)
    assert "category/media-advisory.html" in names


class Elsewhere(Executor):
    """Finds the same category for any entry, or ends."""

    def __init__(self, *, is_broken: bool) -> None:
        self.is_broken = is_broken

    def submit(self, *args: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.is_broken:
            future.set_exception(BrokenProcessPool())
        else:
            count = len(msgspec.msgpack.decode(args[2]))
            future.set_result(msgspec.msgpack.encode([["elsewhere"]] * count))
        return future


@pytest.mark.parametrize(
    ("executor", "speech"),
    [
        (ThreadPoolExecutor(1), ["nato", "speech"]),
        (Elsewhere(is_broken=True), ["nato", "speech"]),
        (Elsewhere(is_broken=False), ["nato", "elsewhere"]),
    ],
)
def test_categories_found_by_other_processes(
    project: Project, monkeypatch: pytest.MonkeyPatch, executor: Executor, speech: list[str]
) -> None:
    """They are those of this process; what changed meanwhile has those of its new words."""
    config = categorised(project, CONFIG + BOATS)
    monkeypatch.setattr("aggregator.ingest.categorise._BATCH", 2)
    with open_store(config.store) as store:
        store.execute("INSERT INTO to_categorise SELECT key FROM entries")
        begun = begin(config, store, Workers(2, executor=executor))
        assert sum(len(batch) for batch, _ in begun) == len(RELEASES)
        store.execute("UPDATE entries SET title = 'A boat is cheap' WHERE title LIKE 'Herring%'")
        categorise(config, store, begun)
        assert are_categories_current(config, store)
    assert terms(project)["Speech by the Director at the pier"] == speech
    assert terms(project)["A boat is cheap"] == ["interpol", "boats"]


def test_few_entries_start_no_process(project: Project) -> None:
    """It would take longer than finding their categories."""
    config = categorised(project)
    with open_store(config.store) as store, Workers(2) as workers:
        store.execute("INSERT INTO to_categorise SELECT key FROM entries")
        assert begin(config, store, workers) == ()
        assert not workers.is_started
