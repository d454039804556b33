"""Related, not merged: reports of one event are linked, and no others are."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.dating.evidence import read_evidence
from aggregator.dedupe.names import LEAD, names
from aggregator.dedupe.related import Release, find, form, judge
from aggregator.output.formats.names import page_name
from tests.support.project import CONFIG, ROOT, Project, block, digest

SEEDS = ROOT.parent / "shared" / "seeds"

ADVISORY = (
    "Secretary General to visit Estonia",
    "On 14 and 15 March 2024, the Secretary General, Ms Petra Lindqvist, will travel to Tallinn, "
    "Estonia. She will meet the Prime Minister, Ms Kadri Tamm, at Stenbock House.\n\n"
    "There will be no media opportunity.",
)
STORY = (
    "Secretary General concludes visit to Tallinn",
    "Secretary General Petra Lindqvist concluded her visit to Tallinn on Friday (15 March 2024), "
    "where she met Prime Minister Kadri Tamm of Estonia.\n\nThey spoke about the harbour, the "
    "new ferry across the gulf, and what the city has done in ten years to keep its old walls from "
    "falling down. She thanked the guides who had shown her the towers.",
)
SPEECH = (
    "Speech by the Secretary General at Stenbock House",
    "Prime Minister Kadri Tamm, thank you for having me here in Tallinn. It is good to be back at "
    "Stenbock House, and in Estonia.",
)
OTHER_ADVISORY = (
    "Secretary General to visit Portugal",
    "On 18 March 2024, the Secretary General, Ms Petra Lindqvist, will travel to Lisbon, Portugal. "
    "She will meet the President, Mr Rui Tavares.",
)


def release(text: tuple[str, str], day: date, number: int = 0) -> Release:
    """A release of this title and text, known to have come out on a day at noon."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Release(
        key=number,
        id=f"urn:example:{number:06}",
        title=text[0],
        text=text[1],
        language=None,
        published=at,
        earliest=at - timedelta(hours=12),
        latest=at + timedelta(hours=11),
    )


def related(*releases: tuple[tuple[str, str], date]) -> list[tuple[str, str, str]]:
    """The titles of the pairs that are related, and why."""
    made = [release(text, day, number) for number, (text, day) in enumerate(releases)]
    return [(one.title, other.title, why) for one, other, why in decided(made)]


def decided(releases: Sequence[Release]) -> Iterator[tuple[Release, Release, str]]:
    ordered = sorted(releases, key=lambda release: (release.published, release.id))
    for pair in find(ordered, ["agency"], date(2000, 1, 1), date(2100, 1, 1)):
        said = [read_evidence(r.title, r.text) for r in (pair.earlier, pair.later)]
        if why := judge(pair, *said):
            yield pair.earlier, pair.later, why


def march(day: int) -> date:
    return date(2024, 3, day)


def quiet_weeks() -> list[tuple[tuple[str, str], date]]:
    """Other releases of the same agency, all with its head, which report other things."""
    towns = "Ankara Bonn Cairo Dakar Evora Funchal Gdansk Haifa Izmir Jakarta Kobe Lagos".split()
    return [
        (
            (
                f"New bridge opens in {town}",
                f"A bridge was opened in {town} last month, and Petra Lindqvist thanked engineers.",
            ),
            march(5 + number),
        )
        for number, town in enumerate(towns)
    ]


def test_an_advisory_and_the_story_of_the_visit() -> None:
    """They name the same people and place, and a day in common."""
    ((one, other, why),) = related((ADVISORY, march(12)), (STORY, march(15)), *quiet_weeks())
    assert (one, other) == (ADVISORY[0], STORY[0])
    assert "Kadri Tamm" in why
    assert why.endswith("and the same day, 2024-03-15")


def test_a_speech_that_says_no_day() -> None:
    """It came out within days of the visit, and names the same people, house and town."""
    pairs = related((ADVISORY, march(12)), (STORY, march(15)), (SPEECH, march(14)))
    assert {frozenset(pair[:2]) for pair in pairs} == {
        frozenset((one[0], other[0]))
        for one, other in ((ADVISORY, STORY), (ADVISORY, SPEECH), (STORY, SPEECH))
    }


def test_a_speech_of_another_week() -> None:
    """The same names, but the visit was long over."""
    assert related((ADVISORY, march(12)), (SPEECH, march(24))) == []


def test_two_advisories_of_one_week() -> None:
    """They share a form, and the head of the agency, who is in everything."""
    assert related((ADVISORY, march(12)), (OTHER_ADVISORY, march(13)), *quiet_weeks()) == []


def test_two_advisories_with_the_same_people() -> None:
    """Two of one form are two events, however much they share."""
    later = (ADVISORY[0], ADVISORY[1].replace("14 and 15", "15 and 16"))
    assert related((ADVISORY, march(12)), (later, march(13))) == []


def test_an_advisory_and_the_story_of_another_day() -> None:
    """Both name their days, and they are not the same."""
    story = (STORY[0], STORY[1].replace("Friday (15 March 2024)", "Monday (11 March 2024)"))
    assert related((ADVISORY, march(12)), (story, march(11))) == []


def test_an_advisory_too_long_before_its_event() -> None:
    """Eight days and more before it, it may be another."""
    assert related((ADVISORY, march(4)), (STORY, march(15))) == []


READOUT = (
    "Readout of the Chairman’s call with Adm. Henrik Solberg of Norway",
    "The Chairman spoke with Adm. Henrik Solberg, Chief of Defence of Norway, today on Svalbard.",
)


def test_two_readouts_are_unrelated() -> None:
    """Two calls with the same admiral in one week are two calls."""
    assert related((READOUT, march(12)), (READOUT, march(14))) == []


def test_two_stories_in_one_town() -> None:
    """A place in common is not an event in common."""
    one = ("Transport group meets in Tampere", "Experts met in Tampere, Finland, to talk of roads.")
    two = ("Committee visits Tampere", "The committee visited Tampere in Finland to see the locks.")
    assert related((one, march(12)), (two, march(12)), *quiet_weeks()) == []


def test_a_place_and_its_country_are_one_name() -> None:
    """A statement and a story that share a town and its country share one thing, not two."""
    one = ("Statement on the floods", "We think of all in Tampere, Finland, after the floods.")
    two = ("New depot opens", "A depot was opened on 12 March 2024 in Tampere, Finland, it is big.")
    assert related((one, march(12)), (two, march(12)), *quiet_weeks()) == []


def test_a_council_that_both_name_and_the_day() -> None:
    """An event has its own name: with the same day, that will do."""
    one = (
        "Secretary General attends the Baltic Council",
        "On Tuesday, 12 March 2024, she will address the Baltic Council.",
    )
    two = (
        "Cooperation keeps the peace",
        "Speaking to the Baltic Council on Tuesday (12 March 2024), she praised cooperation.",
    )
    ((_, _, why),) = related((one, march(11)), (two, march(12)), *quiet_weeks())
    assert why == "both name Baltic Council, and the same day, 2024-03-12"


def test_a_name_that_many_have() -> None:
    """What was rare is not, once a dozen releases around it have it."""
    crowd = [((f"Notes from Estonia {n}", STORY[1].replace("15 M", "9 M")), march(9))
             for n in range(12)]  # fmt: skip
    assert related((ADVISORY, march(12)), (STORY, march(15)))
    assert not related((ADVISORY, march(12)), (STORY, march(15)), *crowd)


def test_first_names_are_shared_by_strangers() -> None:
    """Petra Novak is not Petra Lindqvist."""
    keys = {key for name in names("", "We saw Petra Novak there.", None) for key in name.keys}
    assert keys == {"petra novak", "novak"}


@pytest.mark.parametrize(
    ("title", "text", "language"),
    [
        ("MEDIA NOTE", "all of it is in lower case.", None),
        ("Treffen in Wien", "Der Minister und die Gäste sahen das Haus und den Park, und "
         "der Bund, die Stadt und den Fluss.", None),
        ("Treffen", "Gestern sahen wir das Haus von Anna Gruber.", "de-AT"),
        ("", "", None),
        ("…", "\n\n", "fr"),
    ],
)  # fmt: skip
def test_texts_in_which_a_capital_says_nothing(title: str, text: str, language: str | None) -> None:
    """There are no names, and none are made up from the text."""
    assert [name for name in names(title, text, language) if name.keys != ("note",)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ADVISORY, "advisory"),
        (STORY, "news"),
        (SPEECH, "speech"),
        (READOUT, "readout"),
        (("Statement by the Council", "We agree."), "statement"),
        (("Transcript: questions and answers", "Good."), "transcript"),
        (("President of Estonia", "On Monday, she will meet with the President."), "advisory"),
    ],
)
def test_forms_of_releases(text: tuple[str, str], expected: str) -> None:
    """The form in which a release reports an event, by its title and first paragraph."""
    assert form(release(text, march(12))) == expected


def test_a_busy_month() -> None:
    """Ten thousand releases in which everybody is named: no pairs are made, and it is over soon."""
    crowd = [
        release((f"Note {n}", f"We met Ada Byron{n % 7} and Karl Marxsen{n % 11} in Ulm."),
                march(1 + n % 28), n)
        for n in range(10_000)
    ]  # fmt: skip
    crowd += [release(ADVISORY, march(12), 10_001), release(STORY, march(15), 10_002)]
    assert [(one.key, other.key) for one, other, _ in decided(crowd)] == [(10_001, 10_002)]


_NAMES = "Ada Byron;Kadri Tamm;Stenbock House;Tallinn;Lisbon;Baltic Council;Oslo".split(";")
_RELEASES = st.lists(
    st.tuples(
        st.sampled_from(["Statement", "Speech", "Story", "Readout"]),
        st.lists(st.sampled_from(_NAMES), min_size=1, max_size=5),
        st.integers(1, 90),
    ),
    max_size=40,
)


@given(_RELEASES, st.integers(1, 90))
def test_spans_of_days_give_what_the_whole_gives(
    drawn: list[tuple[str, list[str], int]], cut: int
) -> None:
    """It does not matter in which pieces a list is looked at."""
    start = date(2024, 1, 1)
    all_ = [
        release((f"{kind} no {n}", f"It was with {' and with '.join(found)}."),
                start + timedelta(days), n)
        for n, (kind, found, days) in enumerate(drawn)
    ]  # fmt: skip
    all_.sort(key=lambda release: (release.published, release.id))

    def pairs(first: date, last: date) -> list[tuple[str, str]]:
        near = [
            r for r in all_
            if first - timedelta(14) <= r.published.date() <= last + timedelta(14)
        ]  # fmt: skip
        return [(pair.earlier.id, pair.later.id) for pair in find(near, [], first, last)]

    middle, end = start + timedelta(cut), start + timedelta(90)
    assert pairs(start, middle) + pairs(middle + timedelta(1), end) == pairs(start, end)


# In the store.


MODIFIED = datetime(2024, 6, 15, 9, 30, tzinfo=UTC)


def write(project: Project, name: str, content: str | bytes) -> None:
    """A digest that was fetched when all its events were over."""
    project.write_digest(name, content, MODIFIED)


def blocks(*texts: tuple[str, str]) -> str:
    return digest(*(block(title, "NATO", body) for title, body in texts))


def ids(project: Project) -> dict[str, str]:
    return {entry["title"]: entry["id"] for entry in project.run("entries", "--json").json_lines}


def in_store(project: Project) -> set[tuple[str, str, str]]:
    with sqlite3.connect(project.store) as connection:
        return set(
            connection.execute(
                "SELECT one.id, two.id, reason FROM related JOIN entries AS one ON one.key = entry"
                " JOIN entries AS two ON two.key = other"
            )
        )


def related_links(project: Project, title: str) -> list[tuple[str, str]]:
    feed = feedparser.parse(project.output / "nato.atom")
    (entry,) = (entry for entry in feed.entries if entry.title == title)
    return [(link.href, link.title) for link in entry.get("links", []) if link.rel == "related"]


def page_of(entry_id: str) -> str:
    """Return where a feed leads to for an entry without a page at its publisher."""
    return f"http://localhost:8080/{page_name(entry_id)}"


def test_both_point_to_each_other(project: Project) -> None:
    """In the feed, in `show` and among the links of its JSON; by address where there is one."""
    address = "https://www.nato.int/visit"
    write(
        project,
        "a.txt",
        digest(block(*STORY[:1], "NATO", STORY[1], link=address), block(ADVISORY[0], "NATO",
               ADVISORY[1])),
    )  # fmt: skip
    assert project.run("once").code == 0
    known = ids(project)
    assert related_links(project, ADVISORY[0]) == [(address, STORY[0])]
    assert related_links(project, STORY[0]) == [(page_of(known[ADVISORY[0]]), ADVISORY[0])]
    shown = project.run("show", known[ADVISORY[0]]).out
    assert "\nRelated\n" in shown
    assert "both name" in shown
    links = project.run("show", known[ADVISORY[0]], "--json").json["links"]
    assert {"rel": "related", "href": address, "title": STORY[0]} in links
    assert page_name(known[ADVISORY[0]]) in project.files()
    for format_ in ("rss", "json"):
        feed = (project.output / f"nato.{format_}").read_text(encoding="utf-8")
        assert f'"{page_of(known[ADVISORY[0]])}"' in feed


def test_what_comes_later_is_pointed_to(project: Project) -> None:
    """The advisory's entry in the feed changes when the story comes, and only then."""
    write(project, "a.txt", blocks(ADVISORY))
    project.run("once")
    assert related_links(project, ADVISORY[0]) == []
    write(project, "b.txt", blocks(STORY, ADVISORY))
    project.run("once")
    assert related_links(project, ADVISORY[0]) == [(page_of(ids(project)[STORY[0]]), STORY[0])]
    before = (project.output / "nato.atom").read_bytes()
    project.run("once")
    assert (project.output / "nato.atom").read_bytes() == before


def test_a_new_title_is_pointed_to(project: Project) -> None:
    """An entry that is retitled has its new title where others point to it."""
    write(project, "a.txt", blocks(STORY, ADVISORY))
    project.run("once")
    retitled = "Secretary General concludes her visit to Tallinn"
    project.write_digest("b.txt", blocks((retitled, STORY[1]), ADVISORY), MODIFIED + timedelta(1))
    project.run("once")
    assert [title for _, title in related_links(project, ADVISORY[0])] == [retitled]


def test_merged_entries_are_not_related(project: Project) -> None:
    """Nothing links to an entry that is gone, and `split` brings the links back."""
    write(project, "a.txt", blocks(STORY, ADVISORY))
    project.run("once")
    known, before = ids(project), in_store(project)
    assert len(before) == 2
    assert project.run("merge", known[ADVISORY[0]], known[STORY[0]]).code == 0
    assert in_store(project) == set()
    (entry,) = project.run("entries", "--json").json_lines
    seen = project.run("show", entry["id"], "--json").json["sightings"]
    (number,) = (sighting["id"] for sighting in seen if sighting["how"] != "new")
    assert project.run("split", entry["id"], str(number)).code == 0
    assert in_store(project) == before


_DOCUMENTS = (
    blocks(STORY, ADVISORY),
    blocks(OTHER_ADVISORY, STORY, SPEECH),
    blocks(SPEECH, ADVISORY, READOUT),
    blocks(*(text for text, _ in quiet_weeks()[:5])),
)


def related_after(groups: list[list[int]]) -> set[tuple[str, str, str]]:
    with TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.configure(CONFIG)
        for group in groups:
            for number in group:
                write(project, f"{number}.txt", _DOCUMENTS[number])
            assert project.run("once").code == 0
        return in_store(project)


@given(st.permutations(range(len(_DOCUMENTS))), st.integers(1, len(_DOCUMENTS) - 1))
@settings(max_examples=8)
def test_the_order_of_documents_does_not_matter(order: list[int], cut: int) -> None:
    """Whatever came first and with what: the same entries are related, for the same reasons."""
    assert related_after([order[:cut], order[cut:]]) == related_after([[0, 1, 2, 3]])


@pytest.mark.skipif(not any(SEEDS.glob("*.txt")), reason="the folder ../shared/seeds is not there")
def test_real_digests_have_relations(project: Project) -> None:
    """Five pairs among 42 releases, each judged by hand: all that there are, and no other."""
    for path in SEEDS.glob("*.txt"):
        write(project, path.name, path.read_bytes())
    project.run("once")
    titles = {id_: title for title, id_ in ids(project).items()}
    pairs = {
        frozenset((titles[one][:45], titles[other][:45])) for one, other, _ in in_store(project)
    }
    assert pairs == {
        frozenset(("NATO Deputy Secretary General to visit France",
                   "NATO Deputy Secretary General concludes two-d")),
        frozenset(("NATO Secretary General attends the Nordic Cou",
                   "NATO Secretary General: Nordic cooperation de")),
        frozenset(("Statement by the NATO-Ukraine Council at the ",
                   "Secretary General welcomes Ukraine’s Foreign ")),
        frozenset(("Doorstep statement by NATO Secretary General ",
                   "NATO Secretary General: Ukraine’s most urgent")),
        frozenset(("Speech by NATO Secretary General Stoltenberg ",
                   "Secretary General welcomes NATO’s deepening p")),
    }  # fmt: skip


def test_endless_title_is_read_as_far_as_a_text() -> None:
    """Its names become one run, which would be copied for each of them."""
    (name,) = names("Oslo, Bergen, " * 100_000, "", None)
    assert len(name.said) <= LEAD
