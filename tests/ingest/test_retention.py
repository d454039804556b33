"""Retention: which entries are removed or kept, and that removed entries do not return."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from aggregator.dedupe.items import Prepared
from aggregator.ingest.lookup import look_up
from aggregator.ingest.prepare import prepare
from aggregator.ingest.retention import remove_expired
from aggregator.model import Agency, Document, Entry, Item
from aggregator.store import Store, open_store, retention
from aggregator.store.retention import Keep
from aggregator.store.sketches import SketchIndex
from tests.support.project import CONFIG, MODIFIED, Project, block, digest

NOW = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)
FIRST = datetime(2024, 1, 5, 9, 30, tzinfo=UTC)
NOUNS = (
    "harbour bridge herring lantern orchard glacier customs ferry archive quarry signal meadow"
    " tunnel vaccine compass granite bakery railway satellite pasture lighthouse weaving border"
    " treaty timber rescue cavalry diploma foundry census"
).split()
VERBS = "inspects repairs counts escorts surveys restores guards opens measures trains".split()

TWO_SOURCES = CONFIG.replace(
    "[[agencies]]", '[[sources]]\nid = "others"\nlocation = "others/*.txt"\n\n[[agencies]]', 1
)
FEED = CONFIG.replace(
    "[[agencies]]",
    '[[sources]]\nid = "feed"\nlocation = "feed/*.xml"\nagency = "nato"\n\n[[agencies]]',
    1,
)


def title(number: int) -> str:
    """A title that no other release has."""
    return f"{NOUNS[number % 30].title()} crew {VERBS[number % 10]} {NOUNS[(number * 7 + 3) % 30]}"


def body(number: int) -> str:
    """Sixty words that no other release has in this order."""
    words = random.Random(number)
    return " ".join(
        f"The {words.choice(NOUNS)} unit {words.choice(VERBS)} the {words.choice(NOUNS)}"
        f" near {words.choice(NOUNS)} {words.choice(NOUNS)} at dawn."
        for _ in range(6)
    )


def release(number: int, *, dated: bool = True, agency: str = "NATO") -> str:
    """The block of one release; ``number`` counts days from the start of 2024."""
    day = datetime(2024, 1, 1) + timedelta(days=number)
    return block(
        title(number), agency, body(number), date=day.date().isoformat() if dated else None
    )


def ran(project: Project) -> Any:
    """What ``once`` reports, which must not have failed."""
    ran = project.run("once", "--json")
    assert ran.code == 0, ran.err
    return ran.json


def kept(project: Project) -> dict[str, tuple[Any, ...]]:
    """What people see of each entry but its neighbours, by title."""
    ran = project.run("entries", "--limit", "1000", "--json")
    return {
        entry["title"]: (
            *(entry["id"], entry["agency"], entry["published"], entry["updated"]),
            *(entry["dating"]["basis"], entry["dating"]["earliest"], entry["dating"]["latest"]),
            *(entry["content_html"], entry["revisions"], entry["sightings"]),
        )
        for entry in ran.json_lines
    }


def prune(project: Project, *keep: Keep, now: datetime = NOW) -> int:
    """Apply retention and rewrite the feeds; return how many entries were removed."""
    with open_store(project.store) as store:
        removed = remove_expired(keep, store, now=now)
    assert project.run("regenerate").code == 0
    return removed


def newest(entries: int, source: str = "digests") -> Keep:
    return Keep(source=source, entries=entries)


def rows(project: Project, sql: str) -> list[tuple[Any, ...]]:
    with open_store(project.store) as store:
        return store.rows(sql)


def assert_sound(project: Project) -> None:
    """Nothing is left that the doctor or SQLite could find fault with."""
    doctor = project.run("doctor", "--json")
    assert [f for f in doctor.json["findings"] if f["level"] != "note"] == []
    with open_store(project.store) as store:
        assert store.rows("PRAGMA foreign_key_check") == []
        for table in ("links", "terms", "authors", "evidence"):
            left = store.rows(
                f"SELECT 1 FROM {table} WHERE sighting NOT IN (SELECT id FROM sightings)"
            )
            assert left == []


@pytest.fixture
def ten(project: Project) -> Project:
    """Ten releases of ten days, in two digests that overlap."""
    project.write_digest("a.txt", digest(*(release(n) for n in reversed(range(7)))))
    later = FIRST + timedelta(days=5)
    project.write_digest("b.txt", digest(*(release(n) for n in reversed(range(3, 10)))), later)
    assert ran(project)["sources"][0]["new"] == 10
    return project


def test_no_limit_keeps_everything(ten: Project) -> None:
    """A source without limits keeps everything, however old it is."""
    before = kept(ten)
    assert prune(ten, Keep(source="digests"), now=NOW + timedelta(days=9999)) == 0
    assert kept(ten) == before


def test_a_number_of_entries_is_kept(ten: Project) -> None:
    """The newest by the time they were published stay, exactly as they were."""
    before = kept(ten)
    assert prune(ten, newest(4)) == 6
    assert kept(ten) == {title(n): before[title(n)] for n in (6, 7, 8, 9)}
    assert_sound(ten)


def test_entries_are_kept_for_days(ten: Project) -> None:
    """What was published longer ago than that goes; the limit itself stays."""
    ((eighth,),) = rows(ten, f"SELECT published FROM entries WHERE title = '{title(7)}'")
    now = datetime.fromisoformat(eighth) + timedelta(days=30)
    assert prune(ten, Keep(source="digests", days=30), now=now) == 7
    assert prune(ten, Keep(source="digests", days=30), now=now + timedelta(seconds=1)) == 1
    assert sorted(kept(ten)) == sorted([title(8), title(9)])


def test_both_limits_apply(ten: Project) -> None:
    """An entry has to be within both."""
    now = datetime(2024, 1, 9, tzinfo=UTC)
    assert prune(ten, Keep(source="digests", days=1, entries=4), now=now) == 7
    assert sorted(kept(ten)) == sorted([title(7), title(8), title(9)])


def test_nothing_is_kept(ten: Project) -> None:
    """A limit of none empties the store, and another run has nothing to do."""
    assert prune(ten, newest(0)) == 10
    assert prune(ten, newest(0)) == 0
    assert kept(ten) == {}


def test_ages_beyond_the_calendar(ten: Project) -> None:
    """A limit before the year 1 is not a limit."""
    assert prune(ten, Keep(source="digests", days=10_000_000)) == 0


def test_a_source_that_is_not_there(ten: Project) -> None:
    """A policy for a source that never brought anything changes nothing."""
    assert prune(ten, Keep(source="nowhere", days=0, entries=0)) == 0


def test_one_of_two_sources_keeps_it(project: Project) -> None:
    """An entry stays while one of the sources in which it was seen keeps it."""
    project.configure(TWO_SOURCES)
    project.write_digest("a.txt", digest(release(2), release(1), release(0)))
    project.write_digest("../others/b.txt", digest(release(3), release(1)))
    ran(project)
    assert prune(project, newest(0)) == 2
    assert sorted(kept(project)) == sorted([title(1), title(3)])
    assert prune(project, newest(0), newest(1, "others")) == 1
    assert sorted(kept(project)) == [title(3)]


def test_entries_without_a_date_stay(ten: Project) -> None:
    """An entry without a date is neither old nor new."""
    with open_store(ten.store) as store, store.transaction():
        store.execute("UPDATE entries SET published = NULL WHERE title = ?", (title(0),))
    with open_store(ten.store) as store:
        assert remove_expired([Keep(source="digests", days=1, entries=0)], store, now=NOW) == 9


def test_search_finds_nothing_removed(ten: Project) -> None:
    """The search index drops removed entries and keeps the others."""
    prune(ten, newest(4))
    for number in range(10):
        found = ten.run("search", f'"{body(number).partition(".")[0]}"', "--json").json_lines
        assert [entry["title"] for entry in found] == ([title(number)] if number > 5 else [])


def test_feeds_lose_only_removed_entries(ten: Project) -> None:
    """Remaining entries are in the feeds byte for byte as before."""
    feed = ten.output / "all.atom"
    before = feed.read_text().split("<entry")
    prune(ten, newest(4))
    after = feed.read_text().split("<entry")
    assert [entry.partition("</entry>")[0] for entry in after[1:]] == [
        entry.partition("</entry>")[0] for entry in before[1:5]
    ]


def test_dating_by_a_removed_neighbour_stays(project: Project) -> None:
    """Its window is what it was; only the neighbour's title is not shown any more."""
    project.write_digest("a.txt", digest(release(9), release(5, dated=False), release(1)))
    ran(project)
    before = kept(project)
    assert prune(project, newest(2)) == 1
    assert kept(project) == {title(n): before[title(n)] for n in (9, 5)}
    assert_sound(project)


def test_relations_to_removed_entries_are_dropped(ten: Project) -> None:
    """No entry links to a removed one, and the others' relations stay."""
    keys = dict(rows(ten, "SELECT title, key FROM entries"))
    with open_store(ten.store) as store, store.transaction():
        for one, other in ((0, 9), (8, 9)):
            pair = keys[title(one)], keys[title(other)]
            for way in (pair, pair[::-1]):
                store.execute("INSERT INTO related VALUES (?, ?, 'a test says so')", way)
        store.execute("DELETE FROM renditions")
    prune(ten, newest(4))
    assert rows(ten, "SELECT entry, other FROM related ORDER BY entry") == sorted(
        [(keys[title(8)], keys[title(9)]), (keys[title(9)], keys[title(8)])]
    )
    assert rows(ten, "SELECT * FROM to_relate") == []
    assert_sound(ten)


def test_a_writer_fails_half_way(ten: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch is removed whole or not at all."""
    before = kept(ten)
    delete = retention._drop_sightings

    def fail(store: Store, keys: str) -> None:
        delete(store, keys)
        raise RuntimeError

    monkeypatch.setattr(retention, "_drop_sightings", fail)
    with open_store(ten.store) as store, pytest.raises(RuntimeError):
        remove_expired([newest(4)], store, now=NOW)
    assert kept(ten) == before
    assert_sound(ten)


@settings(max_examples=12)
@given(st.lists(st.integers(0, 9), unique=True, min_size=1, max_size=10), st.integers(0, 10))
def test_any_removal_leaves_a_sound_store(
    tmp_path_factory: pytest.TempPathFactory, others: list[int], number: int
) -> None:
    """Whichever entries are removed, the others are unchanged, consistent and searchable."""
    project = Project(tmp_path_factory.mktemp("any"))
    (project.folder / "digests").mkdir()
    project.configure(TWO_SOURCES)
    project.write_digest(
        "a.txt", digest(*(release(n, dated=n % 3 == 0) for n in reversed(range(10))))
    )
    project.write_digest("../others/b.txt", digest(*map(release, sorted(others, reverse=True))))
    ran(project)
    before = kept(project)
    order = sorted(range(10), key=lambda n: before[title(n)][2], reverse=True)
    stay = {*order[:number], *others}
    assert prune(project, newest(number)) == 10 - len(stay)
    assert kept(project) == {title(n): before[title(n)] for n in stay}
    assert_sound(project)


def incoming(text: str, head: str, *, agency: str = "nato", id_: str | None = None) -> Prepared:
    entry = Entry(
        agency=Agency(id=agency, name=agency),
        title=head,
        text=text,
        content_html="",
        summary="",
        truncated=False,
    )
    item = Item(position=0, lines=(1, 1), title=head, agency=agency, body=text)
    of = Document(source="digests", name="a.txt", body=b"", sha256="", modified=MODIFIED)
    return prepare(item, entry, feed=of if id_ is not None else None, key=id_)


def known_again(project: Project, source: str, items: Sequence[Prepared]) -> set[int]:
    """The items that are left out because their entries were removed, by place."""
    items = [replace(p, item=replace(p.item, position=place)) for place, p in enumerate(items)]
    with open_store(project.store) as store:
        return set(look_up(store, SketchIndex(store), source, items).removed)


def test_removed_release_is_recognised(ten: Project) -> None:
    """By its text, in whatever source, and from any agency if the text is long enough."""
    prune(ten, newest(4))
    items = [
        incoming(body(0), title(0)),
        incoming(body(0), title(0), agency="europol"),
        incoming(body(0) + " And more.", title(0)),
        incoming(body(9), title(9)),
        incoming(body(20), title(20)),
    ]
    for source in ("digests", "others"):
        assert known_again(ten, source, items) == {0, 1}


def test_short_text_may_be_next_weeks_release(project: Project) -> None:
    """A short text is recognised from the same agency, and only without its own id."""
    project.write_digest(
        "a.txt", digest(release(3), block("Weekly advisory", "NATO", "See the list."))
    )
    ran(project)
    prune(project, newest(0))
    items = [
        incoming("See the list.", "Weekly advisory"),
        incoming("See the list.", "Weekly advisory", agency="europol"),
        incoming("See the list.", "Weekly advisory", id_="https://example.org/2"),
    ]
    assert known_again(project, "digests", items) == {0}


def test_text_of_a_stored_entry_is_not_left_out(ten: Project) -> None:
    """What the store holds is never left out, whatever went before."""
    prune(ten, newest(4))
    with open_store(ten.store) as store, store.transaction():
        store.execute(
            "INSERT INTO removed_texts SELECT fingerprint, agency, max(key), 1"
            " FROM sightings, removed GROUP BY 1, 2"
        )
    assert known_again(ten, "digests", [incoming(body(9), title(9))]) == set()
    assert known_again(ten, "digests", [incoming(body(0), title(0))]) == {0}


def test_places_that_no_date_depends_on_are_dropped(ten: Project) -> None:
    """Places in digests are kept while an entry is near, and then dropped."""
    prune(ten, newest(4))
    assert rows(ten, "SELECT count(*) FROM removed_sightings") == [(9,)]
    ten.write_digest("c.txt", digest(release(300)), NOW + timedelta(days=300))
    ran(ten)
    assert prune(ten, newest(2)) == 3
    assert rows(ten, "SELECT count(*) FROM removed_sightings") == [(13,)]
    assert prune(ten, newest(1)) == 1
    assert rows(ten, "SELECT count(*) FROM removed_sightings") == [(0,)]
    assert rows(ten, "SELECT count(*) FROM removed_evidence") == [(0,)]
    assert rows(ten, "SELECT count(*) FROM removed") == [(10,)]


def test_a_digest_that_still_holds_it_is_read_again(ten: Project) -> None:
    """A digest with another hash adds new entries and none that were removed."""
    prune(ten, newest(4))
    before = kept(ten)
    holds = [release(n) for n in reversed(range(11))]
    ten.write_digest("b.txt", digest(*holds), FIRST + timedelta(days=8))
    (source,) = ran(ten)["sources"]
    assert (source["items"], source["new"], source["unchanged"]) == (18, 1, 17)
    assert sorted(kept(ten)) == sorted([*before, title(10)])
    assert_sound(ten)
    again = ran(ten)
    assert again["sources"][0]["status"] == "unchanged"
    assert again["sources"][0]["items"] == 18
    assert again["feeds"]["written"] == 0


def test_another_source_carries_it(ten: Project) -> None:
    """The same text in a source that keeps all, under whichever agency, is what went."""
    prune(ten, newest(4))
    ten.configure(TWO_SOURCES)
    ten.write_digest(
        "../others/c.txt", digest(release(11), release(1), release(0, agency="Europol"))
    )
    ran(ten)
    assert sorted(kept(ten)) == sorted(title(n) for n in (6, 7, 8, 9, 11))
    assert_sound(ten)


def test_a_feed_lists_it_again(project: Project) -> None:
    """An item of a feed is known by its id when its text was edited, and not when its id was used
    again for another release.
    """
    project.configure(FEED)
    project.write_digest("a.txt", digest(release(40)))
    items = [("tag:example.org,2024:1", title(0), body(0)), ("2", title(1), body(1))]
    project.write_digest("../feed/f.xml", feed(*items))
    ran(project)
    assert prune(project, newest(0, "feed")) == 2
    edited = ("tag:example.org,2024:1", title(0), body(0).replace("dawn", "dusk"))
    project.write_digest(
        "../feed/f.xml", feed(edited, ("2", title(3), body(3))), FIRST + timedelta(1)
    )
    ran(project)
    assert sorted(kept(project)) == sorted([title(40), title(3)])
    assert_sound(project)


def test_feed_lists_a_short_text_again_under_another_id(project: Project) -> None:
    """With its date it is the one that was removed, with another date it is another."""
    project.configure(FEED)
    project.write_digest("a.txt", digest(release(40)))
    advisory = "Weekly advisory", "See the list."
    project.write_digest("../feed/f.xml", feed(("1", *advisory)))
    ran(project)
    assert prune(project, newest(0, "feed")) == 1
    project.write_digest("../feed/f.xml", feed(("2", *advisory)), FIRST + timedelta(1))
    ran(project)
    assert sorted(kept(project)) == [title(40)]
    project.write_digest(
        "../feed/f.xml", feed(("2", *advisory), ("3", *advisory)), FIRST + timedelta(2)
    )
    ran(project)
    assert sorted(kept(project)) == sorted([title(40), advisory[0]])


def test_another_release_does_not_get_its_id(project: Project) -> None:
    """A reader that goes by ids would take the other release for one that it knows."""
    opening = "The weekly count of all the boats in the northern harbour gave"
    texts = [f"{opening} {number} of them. {body(number)}" for number in (1, 2)]
    project.write_digest("a.txt", digest(release(9), block("Boats", "NATO", texts[0])))
    ran(project)
    id_ = kept(project)["Boats"][0]
    prune(project, newest(0))
    project.write_digest(
        "b.txt", digest(block("Boats", "NATO", texts[1])), FIRST + timedelta(days=1)
    )
    ran(project)
    assert kept(project)["Boats"][0] != id_


@settings(max_examples=10, phases=[Phase.generate])
@given(st.data())
def test_dates_do_not_move_when_neighbours_go(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Digests come in, entries go, more digests come in: what is left has the dates that it has
    where nothing ever went.
    """
    trials = [Project(tmp_path_factory.mktemp(name)) for name in ("all", "some")]
    for project in trials:
        (project.folder / "digests").mkdir()
        project.configure(CONFIG)
    # A release may say nothing of its date, and several may be of one day.
    dated = data.draw(st.lists(st.booleans(), min_size=16, max_size=16))
    steps = data.draw(st.lists(st.integers(0, 3), min_size=16, max_size=16))
    days = [sum(steps[:n]) for n in range(16)]
    start = 0
    for number in range(3):
        end = data.draw(st.integers(start + 1, min(start + 8, 16)))
        begin = data.draw(st.integers(max(0, start - 4), start))
        blocks = [
            block(
                title(n),
                "NATO",
                body(n),
                date=f"2024-02-{days[n] % 28 + 1:02}" if dated[n] else None,
            )
            for n in reversed(range(begin, end))
            for day in [f"2024-02-{days[n] % 28 + 1:02}"]
        ]
        for project in trials:
            project.write_digest(f"{number}.txt", digest(*blocks), FIRST + timedelta(days=40 + end))
            ran(project)
        start = min(end, 15)
        if number < 2:
            prune(trials[1], newest(data.draw(st.integers(0, 8))))
    complete, left = (kept(project) for project in trials)
    assert {name: entry[:7] for name, entry in left.items()} == {
        name: entry[:7] for name, entry in complete.items() if name in left
    }
    assert_sound(trials[1])


def feed(*items: tuple[str, str, str]) -> str:
    """An RSS feed of items with id, title and text, of the first days of a year."""
    inner = "".join(
        f'<item><guid isPermaLink="false">{id_}</guid><title>{head}</title>'
        f"<description>{text}</description><pubDate>{number + 1} Jan 2024 08:00:00 GMT</pubDate>"
        "</item>"
        for number, (id_, head, text) in enumerate(items)
    )
    return f'<rss version="2.0"><channel><title>News</title>{inner}</channel></rss>'
