"""Languages from the text to the feeds, for new entries and for those of earlier versions."""

import json

import feedparser
import pytest

from aggregator.ingest import derive
from aggregator.normalise import language_detection
from aggregator.store import open_store
from tests.support.project import CONFIG, Project, block, digest

GERMAN = (
    "Das Kabinett hat am Mittwoch den Entwurf für den Haushalt beschlossen. Der Minister erklärte,"
    " die Ausgaben für Bahn und Straßen würden im kommenden Jahr deutlich steigen."
)
ENGLISH = (
    "The Council today adopted conclusions on maritime security, and ministers underlined the"
    " need to protect the infrastructure at sea with more exercises before the end of the year."
)
BLOCKS = (
    block("Haushalt beschlossen", "NATO", GERMAN, date="2024-01-05"),
    block("Council adopts conclusions", "Europol", ENGLISH, date="2024-01-04"),
    block("Herring", "NATO", "12 345.", date="2024-01-03"),
)
ENGLISH_FEED = '\n[[feeds]]\nid = "english"\nlanguages = ["en"]\n'


@pytest.fixture
def read(project: Project) -> Project:
    """A project that has read releases in two languages and one in none."""
    project.configure(CONFIG + ENGLISH_FEED)
    project.write_digest("a.txt", digest(*BLOCKS))
    assert project.run("once").code == 0
    return project


def languages(project: Project) -> list[str | None]:
    return [line["language"] for line in project.run("entries", "--json").json_lines]


def titles(project: Project, name: str) -> list[str]:
    return [entry.title for entry in feedparser.parse(project.files()[name]).entries]


def forget_languages(project: Project) -> None:
    """Make the store as one of a version that did not detect languages."""
    with open_store(project.folder / "aggregator.db") as store, store.transaction():
        store.execute("UPDATE entries SET language = NULL")
        store.execute("INSERT INTO to_detect SELECT key FROM entries")


def test_saved_search_for_a_language_finds_undeclared_texts(read: Project) -> None:
    assert languages(read) == ["de", "en", None]
    assert titles(read, "english.atom") == ["Council adopts conclusions"]
    items = json.loads(read.files()["all.json"])["items"]
    assert [item.get("language") for item in items] == ["de", "en", None]


def test_next_run_detects_languages_of_older_entries(
    read: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run detects a bounded number, and the files are then as those of a new store."""
    before = read.files()
    forget_languages(read)
    assert read.run("once").code == 0
    assert titles(read, "english.atom") == ["Council adopts conclusions"]
    assert languages(read) == ["de", "en", None]
    assert read.files() == before
    forget_languages(read)
    monkeypatch.setattr(derive, "_BATCH", 1)
    monkeypatch.setattr(derive, "MOST_DETECTED", 1)
    assert read.run("once").code == 0
    assert languages(read).count(None) == 2
    monkeypatch.setattr(derive, "MOST_DETECTED", 5)
    assert read.run("once").code == 0
    assert read.files() == before
    assert read.rows("SELECT * FROM to_detect") == []


def test_run_without_news_does_not_load_the_model(
    read: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(language_detection, "_model")
    assert read.run("once").code == 0


@pytest.mark.parametrize(("wanted", "count"), [("nb", 1), ("NN-NO", 1), ("no", 1), ("da", 0)])
def test_norwegian_is_found_under_each_of_its_tags(
    project: Project, wanted: str, count: int
) -> None:
    text = (
        "Regjeringen legger fram forslag til statsbudsjett for neste år. Det blir mer penger til"
        " forsvar og beredskap, men også kommunene får økte overføringer, sier ministeren."
    )
    project.configure(CONFIG + ENGLISH_FEED.replace('"en"', f'"{wanted}"'))
    project.write_digest("a.txt", digest(block("Statsbudsjettet", "NATO", text)))
    assert project.run("once").code == 0
    assert len(titles(project, "english.atom")) == count
