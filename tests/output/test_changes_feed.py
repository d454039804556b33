"""The feed of changes: which releases were edited, and which words."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.config import load
from aggregator.dedupe import history
from aggregator.dedupe.diff import changes
from aggregator.dedupe.history import MOST, SAME_TIME, Version, edits
from aggregator.ingest.retention import remove_expired
from aggregator.model import Agency, Dating, Entry, Link, RevisionText, StoredEntry
from aggregator.normalise.text import clean
from aggregator.output.formats.changes import entry_of
from aggregator.output.regenerate import regenerate
from aggregator.output.render import FORMATS
from aggregator.store import open_store
from aggregator.store.retention import Keep
from tests.support.attacks import ATTACKS
from tests.support.project import CONFIG, MODIFIED, Project, block, digest
from tests.support.validation import atom_complaints, json_feed_complaints, rss_complaints

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
LAMP = "Lighthouse keepers meet"
TEXT = (
    "The keepers of the lighthouses met in the old port to see the new lamp and to hear how it was"
    " paid for. It was made in the yard next door and its makers promised that it would never fail."
)
EDITED = TEXT.replace("promised", "hope")
TWICE = EDITED.replace("never fail", "last for years")
THRICE = TWICE.replace("old port", "new port")
CUT = TEXT[:120].rsplit(" ", 1)[0] + "…"


def publish(
    project: Project, texts: Sequence[str], *, gap: timedelta = DAY, once: bool = True
) -> None:
    """Write digests in which the release has one text after the other, ``gap`` apart."""
    for number, text in enumerate(texts):
        name = f"{number}.txt"
        other = block("Herring is cheap", "Europol", "As all know.", date="2024-01-01")
        release = block(LAMP, "NATO", text, date="2024-01-02", link="https://nato.example/lamp")
        project.write_digest(name, digest(other, release), MODIFIED + number * gap)
        if once:
            assert project.run("once").code == 0


def read_feed(project: Project, form: str = "atom") -> Any:
    return feedparser.parse((project.folder / "feeds" / f"changes.{form}").read_bytes())


def assert_valid(project: Project) -> None:
    """Check that all three formats conform to their specifications and have the same entries."""
    ids = []
    for form, check in (
        ("atom", atom_complaints),
        ("rss", rss_complaints),
        ("json", json_feed_complaints),
    ):
        body = (project.folder / "feeds" / f"changes.{form}").read_bytes()
        assert list(check(body, f"http://localhost:8080/changes.{form}")) == []
        found = json.loads(body)["items"] if form == "json" else feedparser.parse(body).entries
        ids.append([entry["id"] for entry in found])
    assert ids[0] == ids[1] == ids[2]


def test_a_quiet_edit(project: Project) -> None:
    """An edit has an entry with the removed and added words, time, document and links."""
    publish(project, [TEXT, EDITED])
    (entry,) = read_feed(project).entries
    assert entry.title == f"Changed: {LAMP}"
    assert entry.id.startswith("urn:uuid:")
    content = entry.content[0].value
    assert "its makers <del>promised</del> <ins>hope</ins> that" in content
    assert "NATO" in content
    assert "2024-06-02 at 12:00 UTC, in digests/1.txt" in content
    assert entry.summary == "Removed: “promised”. Added: “hope”"
    assert entry.published == entry.updated == "2024-06-02T11:59:59+00:00"
    assert entry.author == "NATO"
    assert [tag.term for tag in entry.tags] == ["nato"]
    links = {link.rel: link.href for link in entry.links}
    assert re.fullmatch(
        r"http://localhost:8080/entries/[0-9a-f-]{36}\.html#changes", links["alternate"]
    )
    assert links["via"] == "https://nato.example/lamp"
    page = links["alternate"].removeprefix("http://localhost:8080/").removesuffix("#changes")
    assert b'id="changes"' in (project.folder / "feeds" / page).read_bytes()
    assert_valid(project)


def test_feed_without_any_edit(project: Project) -> None:
    """The feed is empty and valid, in the lists of feeds, and has no archive."""
    publish(project, [TEXT])
    assert read_feed(project).entries == []
    assert_valid(project)
    output = project.folder / "feeds"
    assert b"http://localhost:8080/changes.atom" in (output / "feeds.opml").read_bytes()
    index = (output / "index.html").read_text(encoding="utf-8")
    for ending in ("atom", "rss", "json"):
        assert re.search(rf'<link rel="alternate"[^>]* href="changes\.{ending}"/>', index)
    assert '<code class="address">http://localhost:8080/changes.atom</code>' in index
    assert not list((output / "archive").glob("changes*"))
    assert project.run("doctor").code == 0


@pytest.mark.parametrize("texts", [[CUT, TEXT], [TEXT, CUT], [CUT, TEXT, CUT]])
def test_cut_text_then_whole_is_not_an_edit(project: Project, texts: list[str]) -> None:
    """A text that is cut in one document and whole in another was not edited."""
    publish(project, texts)
    assert read_feed(project).entries == []


def test_texts_first_seen_together_are_no_edits(project: Project) -> None:
    """Of two texts first seen within an hour, neither is an edit of the other."""
    publish(project, [TEXT, EDITED], gap=SAME_TIME - timedelta(minutes=1))
    assert read_feed(project).entries == []


def test_three_edits_newest_first(project: Project) -> None:
    """Each edit has an entry, newest first; going back to an earlier text adds none."""
    publish(project, [TEXT, EDITED, TWICE, THRICE, EDITED])
    found = read_feed(project).entries
    assert [re.findall("<ins>(.*?)</ins>", entry.content[0].value) for entry in found] == [
        ["new"],
        ["last for years."],
        ["hope"],
    ]
    assert len({entry.id for entry in found}) == 3
    assert [entry.updated[:10] for entry in found] == ["2024-06-04", "2024-06-03", "2024-06-02"]
    assert_valid(project)
    assert project.run("doctor").code == 0


def test_feed_is_not_rewritten_without_edits(project: Project) -> None:
    """Neither a second run nor one with other news writes the feed again."""
    publish(project, [TEXT, EDITED])
    files = [project.folder / "feeds" / f"changes.{form.NAME}" for form in FORMATS]
    before = [file.stat().st_mtime_ns for file in files]
    assert project.run("once").code == 0
    assert project.run("regenerate").code == 0
    project.write_digest(
        "n.txt", digest(block("New boat", "NATO", "It is blue.")), MODIFIED + 3 * DAY
    )
    assert project.run("once").code == 0
    assert [file.stat().st_mtime_ns for file in files] == before


def test_news_without_edits_do_not_render_the_feed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """News that are not edits do not render the feed of changes."""
    publish(project, [TEXT, EDITED])
    config = load(project.config)

    def made(*_: object, **__: object) -> list[object]:
        raise AssertionError

    monkeypatch.setattr("aggregator.output.changes.newest", made)
    project.write_digest(
        "n.txt", digest(block("New boat", "NATO", "It is blue.")), MODIFIED + 3 * DAY
    )
    assert project.run("once").code == 0
    assert "New boat" in (config.output / "all.atom").read_text(encoding="utf-8")
    later = block(LAMP, "NATO", TWICE, date="2024-01-02")
    project.write_digest("o.txt", digest(later), MODIFIED + 4 * DAY)
    assert project.run("once").code != 0


def test_feed_does_not_depend_on_order_of_arrival(tmp_path: Path) -> None:
    """Read one by one, in reverse, or at once: the feed is the same."""
    found = []
    for number, how in enumerate(("one by one", "reversed", "at once")):
        made = Project(tmp_path / str(number))
        (made.folder / "digests").mkdir(parents=True)
        made.configure(CONFIG)
        texts = [TEXT, CUT, EDITED, THRICE]
        publish(made, texts, once=how == "one by one")
        if how == "reversed":
            files = sorted((made.folder / "digests").iterdir())
            kept = [(f, f.read_bytes(), MODIFIED + n * DAY) for n, f in enumerate(files)]
            for file in files:
                file.unlink()
            for file, body, modified in reversed(kept):
                made.write_digest(file.name, body, modified)
                assert made.run("once").code == 0
        assert made.run("once").code == 0
        output = made.folder / "feeds"
        found.append([(output / f"changes.{form.NAME}").read_bytes() for form in FORMATS])
        assert len(read_feed(made).entries) == 2
    assert found[0] == found[1] == found[2]


def test_merge_shows_as_edit_and_split_removes_it(project: Project) -> None:
    """The text of a merged entry is an edit of the other; a split removes it."""
    project.write_digest("0.txt", digest(block(LAMP, "NATO", TEXT, date="2024-01-02")))
    other = block("Herring fleet comes home", "NATO", "All boats are in. " * 9, date="2024-01-05")
    project.write_digest("1.txt", digest(other), MODIFIED + DAY)
    assert project.run("once").code == 0
    ids = {e["title"]: e["id"] for e in project.run("entries", "--json").json_lines}
    lamp = ids[LAMP]
    assert project.run("merge", lamp, ids["Herring fleet comes home"]).code == 0
    (entry,) = read_feed(project).entries
    assert entry.title == "Changed: Herring fleet comes home"
    assert "<strong><del>Lighthouse keepers meet</del>" in entry.content[0].value
    sighting = max(s["id"] for s in project.run("show", lamp, "--json").json["sightings"])
    assert project.run("split", lamp, str(sighting)).code == 0
    assert read_feed(project).entries == []
    assert project.run("doctor").code == 0


def test_edits_of_removed_entries_are_removed(project: Project) -> None:
    """Edits of an entry that retention removes are removed with it."""
    publish(project, [TEXT, EDITED])
    late = block("New boat", "NATO", "It is blue.", date="2024-02-02")
    herring = block("Herring is dear", "Europol", "Since the storm.", date="2024-02-03")
    project.write_digest("n.txt", digest(herring, late), MODIFIED + 30 * DAY)
    assert project.run("once").code == 0
    assert len(read_feed(project).entries) == 1
    config = load(project.config)
    with open_store(config.store) as store:
        assert remove_expired([Keep(source="digests", entries=2)], store, now=MODIFIED) == 2
        regenerate(config, store)
    assert read_feed(project).entries == []


def test_entries_per_feed_limits_the_edits(project: Project) -> None:
    """The feed has the newest `entries_per_feed` edits of all entries."""
    project.configure("entries_per_feed = 2\n" + CONFIG)
    publish(project, [TEXT, EDITED, TWICE, THRICE])
    found = read_feed(project).entries
    assert [entry.updated[:10] for entry in found] == ["2024-06-04", "2024-06-03"]


def test_newest_edits_read_in_batches(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in small batches, the feed has the same entries as read at once."""
    for day in range(3):
        blocks = []
        for number in range(9):
            words = f"Crew number {number} of the harbour went to sea in ship {number} to fish. "
            extra = "It rained. " if (day + number) % 3 == 0 and day else ""
            blocks.append(block(f"Crew {number} sails", "NATO", words * 4 + extra * day + "End."))
        project.write_digest(f"{day}.txt", digest(*blocks), MODIFIED + day * DAY)
    assert project.run("once").code == 0
    config = load(project.config)
    whole = (config.output / "changes.atom").read_bytes()
    ids = [entry.id for entry in feedparser.parse(whole).entries]
    assert len(ids) >= 4
    monkeypatch.setattr("aggregator.store.renditions._BATCH", 1)
    for limit in (1, 2, 3, 50):
        project.configure(f"entries_per_feed = {limit}\n" + CONFIG)
        assert project.run("regenerate").code == 0
        assert [entry.id for entry in read_feed(project).entries] == ids[:limit]


def text_of(number: int, text: str, seen: datetime, *, title: str = LAMP, cut: bool = False) -> Any:
    return RevisionText(
        number=number,
        fingerprint=f"{number:x}",
        title=title,
        text=text,
        truncated=cut,
        seen=seen,
        document="a.txt",
        current=False,
    )


def test_edits_keep_their_order_whatever_the_position() -> None:
    """However far down an item was, edits are in order, and the last is at the stored time."""
    texts = [text_of(n, f"text {n}", MODIFIED + 2 * n * HOUR) for n in range(4)]
    positions = {"0": 0, "1": 0, "2": 5, "3": 30_000}
    found = edits(texts, positions)
    moments = [edit.moment for edit in found]
    assert moments == sorted(set(moments))
    versions = [
        Version(
            fingerprint=t.fingerprint,
            is_partial=False,
            seen=t.seen,
            document=t.document,
            position=positions[t.fingerprint],
        )
        for t in texts
    ]
    assert moments[-1] == history.changed(versions)


def test_white_space_is_not_an_edit() -> None:
    """White space is not an edit; of texts seen together the last one counts."""
    texts = [
        text_of(0, "a b", MODIFIED),
        text_of(1, "a\n\nb", MODIFIED + 2 * HOUR),
        text_of(2, "a c", MODIFIED + 2 * HOUR + timedelta(minutes=5)),
        text_of(3, "a d", MODIFIED + 4 * HOUR),
    ]
    assert [(e.before.number, e.after.number) for e in edits(texts, {})] == [(0, 2), (2, 3)]
    assert edits(texts[:2], {}) == []


def test_number_of_edits_of_an_entry_is_limited() -> None:
    """Of a text that changes all the time, only the last edits are listed."""
    texts = [text_of(n, f"text {n}", MODIFIED + n * DAY) for n in range(MOST + 20)]
    found = edits(texts, {})
    assert len(found) == MOST
    assert found[-1].after.number == MOST + 19


def shown(before: str, after: str, *, title: tuple[str, str] = ("", "")) -> StoredEntry:
    old = text_of(1, before, MODIFIED, title=title[0])
    new = text_of(2, after, MODIFIED + DAY, title=title[1])
    (found,) = edits([old, new], {})
    moment = datetime(2024, 1, 2, tzinfo=UTC)
    stored = StoredEntry(
        key=1,
        id="urn:uuid:6d0f6a5e-3c0b-4c59-9f4e-0f2a1d6f7b11",
        entry=Entry(
            agency=Agency(id="nato", name="N & <b>ATO</b>"),
            title=title[1],
            text=after,
            content_html="<p>x</p>",
            summary="",
            truncated=False,
            links=(Link(href="https://a.example/"),),
        ),
        dating=Dating(
            basis="stated", published=moment, earliest=moment, latest=moment, evidence=""
        ),
        updated=moment,
    )
    return entry_of(stored, found, "http://localhost:8080/")


TAG = re.compile(r"<(/?)(p|strong|del|ins)>|<br/>")


def assert_sound(html: str) -> None:
    """Check that there are only paragraphs and marks, properly nested."""
    left: list[str] = []
    for match in TAG.finditer(html):
        if match[2] and match[1]:
            assert left.pop() == match[2]
        elif match[2]:
            left.append(match[2])
    assert left == []
    assert "<" not in TAG.sub("", html)
    assert len(html) < 400_000


@given(st.text(), st.text())
@example("a\n\nb\n\nc", "a\n\nx\n\nb d")
@example("<p></p>", "</p><script>alert(1)</script>")
@example("one\n\n\n\ntwo", "")
def test_any_two_texts_result_in_sound_content(before: str, after: str) -> None:
    """Whatever two texts contain, the content is sound, without any of their markup."""
    if before.split() != after.split():
        made = shown(before, f"{after} end", title=(before, f"{after}."))
        assert_sound(made.entry.content_html)


@pytest.mark.parametrize("number", range(0, len(ATTACKS), max(1, len(ATTACKS) // 20)))
def test_hostile_markup_is_shown_as_text(number: int) -> None:
    """Markup in both texts is shown as text."""
    attack = clean(ATTACKS[number])  # as all stored text is
    made = shown(f"Before {attack} it", f"After {attack} that", title=(attack, f"{attack}!"))
    assert_sound(made.entry.content_html)
    for form in FORMATS:
        assert form.entry(made)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("word " * 2000, "other " * 1700),
        ("x" * 10_000, "y" * 10_000),
        ("\n".join(f"line {n}" for n in range(4000)), "\n".join(f"row {n}" for n in range(4000))),
        ("a b " * 2000 + "end", "a b " * 2000 + "ende"),
    ],
)
def test_content_of_long_texts_is_limited(before: str, after: str) -> None:
    """The content has a limit, and long unchanged passages are left out."""
    made = shown(before, after, title=("T " * 5000, "U " * 5000))
    assert len(made.entry.content_html) < 100_000
    assert len(made.entry.title) < 320
    assert len(made.entry.summary) <= 300
    assert_sound(made.entry.content_html)


def test_context_around_a_change() -> None:
    """The adjacent words are shown, and those far away are not."""
    words = [f"w{n}" for n in range(1000)]
    after = [*words[:500], "new", *words[500:]]
    html = shown(" ".join(words), " ".join(after)).entry.content_html
    assert "w499 <ins>new</ins> w500" in html
    assert "w300" not in html
    assert html.count("[…]") == 2


def test_changes_is_a_reserved_name() -> None:
    """No agency and no search can use the file of the feed of changes."""
    from aggregator.normalise.agency import RESERVED_NAMES, Agencies

    assert {"changes", "category"} <= RESERVED_NAMES
    assert Agencies().named("Changes").id != "changes"


@pytest.mark.parametrize("words", [("same",), ("one", "two")])
def test_texts_of_few_words_are_compared(words: tuple[str, ...]) -> None:
    """Texts that say the same word over and over are compared line by line: the time is bounded."""
    before = " ".join(words * (2900 // len(words)))
    found = list(changes(before, f"new {before} more"))
    assert [change.kind for change in found] == ["removed", "added"]
