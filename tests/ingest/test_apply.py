"""One entry per release: what is merged and what is not, its history, and undoing it by hand.

Each test is a situation: digests of certain times are read by ``once``, people ``split`` and
``merge``, and ``show`` and the feeds have the result.
"""

import random
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aggregator.ingest import merge as ingest_merge
from aggregator.store import Store, open_store
from aggregator.store import dating as store_dating
from aggregator.store import entries as store_entries
from aggregator.store import sightings as store_sightings
from aggregator.store import texts as store_texts
from tests.support.project import CONFIG, Project, block, digest
from tests.support.work import calls

NOON = datetime(2024, 1, 5, 12, 0, tzinfo=UTC)
TITLE = "Allies agree budgets for the coming year"
BODY = (
    "Allies agreed the civil and military budgets at a meeting of the Council in Brussels on "
    "Wednesday (13 December 2023). The civil budget is set at 438.1 million euros, and the "
    "military budget at 2.03 billion, an increase of 18.2 and 12 per cent over the year before.\n\n"
    "Deputy Secretary General Mircea Geoană said that common funding allows Allies to address "
    "shared challenges. “In turbulent times, we need this more than ever,” he said.\n\n"
    "The military budget covers the operating costs of headquarters, missions and operations "
    "around the world. The ceiling of the investment programme is 1.3 billion."
)
CUT = BODY[:350].rsplit(" ", 1)[0] + "…"
EDITED = BODY.replace("shared challenges", "common problems")
CORRECTED = BODY.replace("438.1", "441.3")
FLEET = (
    "All boats of the northern fleet are back in the harbour after a week of storms, the coast "
    "guard said. Two crews were brought ashore by helicopter, and nobody was hurt. Repairs to the "
    "pier will take until spring, and fishing goes on from the old port in the meantime."
)

Shown = dict[str, Any]


def at(hours: float) -> datetime:
    """A time so many hours after noon."""
    return NOON + timedelta(hours=hours)


def stamp(moment: datetime) -> str:
    """A time as the program prints it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def budget(body: str = BODY, *, title: str = TITLE, agency: str = "NATO") -> str:
    """A digest's block for the release that all of this is about."""
    return block(title, agency, body)


def fleet(body: str = FLEET) -> str:
    """A block that has nothing to do with it."""
    return block("Fleet is back", "Europol", body)


def once(project: Project, *blocks: str, name: str, hours: float = 0) -> Shown:
    """Have a digest of this time read; the report of its source."""
    project.write_digest(name, digest(*blocks), at(hours))
    return run(project)


def run(project: Project) -> Shown:
    """The report of the source after a run in which nothing failed."""
    ran = project.run("once", "--json")
    assert (ran.code, ran.err) == (0, "")
    (report,) = ran.json["sources"]
    assert isinstance(report, dict)
    return report


def entries(project: Project) -> list[Shown]:
    """Every entry in full, newest first."""
    listed = project.run("entries", "--json", "--limit", "100000").json_lines
    return [show(project, entry["id"]) for entry in listed]


def show(project: Project, entry_id: str) -> Shown:
    """One entry in full."""
    ran = project.run("show", entry_id, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert isinstance(ran.json, dict)
    return ran.json


def the_entry(project: Project) -> Shown:
    """The only entry there is."""
    (entry,) = entries(project)
    return entry


def count(project: Project) -> int:
    """How many entries there are."""
    return len(project.run("entries", "--json", "--limit", "100000").json_lines)


def by_hand(project: Project, *arguments: str) -> str:
    """What ``split`` or ``merge`` prints, if it did it."""
    ran = project.run(*arguments)
    assert (ran.code, ran.err) == (0, "")
    return ran.out


def split(project: Project, entry: Shown, document: str) -> str:
    """Take what a document had out of an entry; the id it has now."""
    (sighting,) = (seen["id"] for seen in entry["sightings"] if seen["document"] == document)
    return split_off(project, entry["id"], sighting)


def split_off(project: Project, entry_id: str, sighting: int) -> str:
    """Take a sighting out of an entry; the id it has now."""
    printed = by_hand(project, "split", entry_id, str(sighting))
    (made,) = re.findall(r"urn:uuid:\S+", printed)
    return str(made)


def standing(entry: Shown) -> str:
    """The text that an entry shows."""
    (text,) = (str(revision["text"]) for revision in entry["revisions"] if revision["current"])
    return text


def hows(entry: Shown) -> list[str]:
    """What was decided of each sighting, in the order of the documents' times."""
    return [seen["how"] for seen in entry["sightings"]]


def words_of(text: str) -> list[str]:
    """The words of a text without white space."""
    return text.split()


def feed(project: Project, name: str) -> str:
    """One feed as it is on disk."""
    return (project.output / f"{name}.atom").read_text(encoding="utf-8")


# The same text again.


def test_a_link_that_comes_later_is_in_the_feed(project: Project) -> None:
    """A later digest that has the address of a known release changes its feed."""
    once(project, budget(), name="a.txt")
    assert "example.org" not in feed(project, "nato")
    linked = budget().replace("Source: NATO", "Source: NATO\nLink: https://example.org/budget")
    once(project, linked, name="b.txt", hours=24)
    assert 'href="https://example.org/budget"' in feed(project, "nato")


def test_the_same_release_in_two_digests(project: Project) -> None:
    """One entry, seen twice, with one text."""
    once(project, budget(), name="a.txt")
    report = once(project, fleet(), budget(), name="b.txt", hours=24)
    assert (report["new"], report["unchanged"]) == (1, 2)
    (entry,) = (found for found in entries(project) if found["title"] == TITLE)
    assert hows(entry) == ["new", "same"]
    assert [seen["document"] for seen in entry["sightings"]] == ["digests/a.txt", "digests/b.txt"]
    assert len(entry["revisions"]) == 1


@pytest.mark.parametrize(
    ("title", "body"),
    [
        (TITLE, BODY.replace("“", '"').replace("”", '"')),
        (TITLE, BODY.replace(" ", "\xa0", 9)),
        (TITLE, "\n\n".join(f"  {part} " for part in BODY.split("\n\n"))),
        (TITLE.upper(), BODY),
        (f"NATO: {TITLE}", BODY),
        (f"{TITLE} | NATO News", BODY),
    ],
)
def test_typography_changes_make_no_revision(project: Project, title: str, body: str) -> None:
    """Quotes, spaces, case and the site's name on the title make no new entry and no change."""
    once(project, budget(), name="a.txt")
    updated = the_entry(project)["updated"]
    once(project, budget(body, title=title), name="b.txt", hours=24)
    entry = the_entry(project)
    assert hows(entry) == ["new", "same"]
    assert entry["updated"] == updated


# Cut texts.


@pytest.mark.parametrize("first", [CUT, BODY])
def test_a_text_is_cut_and_whole(project: Project, first: str) -> None:
    """Whichever comes first: one entry with the same id, and the whole text is current."""
    second = BODY if first is CUT else CUT
    once(project, budget(first), name="a.txt")
    entry_id = the_entry(project)["id"]
    report = once(project, budget(second), name="b.txt", hours=24)
    assert (report["new"], report["merged"]) == (0, 1)
    entry = the_entry(project)
    assert entry["id"] == entry_id
    assert hows(entry) == ["new", "truncated"]
    assert words_of(standing(entry)) == words_of(BODY)
    assert entry["truncated"] is False
    assert len(entry["revisions"]) == 2
    assert "ceiling of the investment programme" in feed(project, "nato")


def test_the_id_is_that_of_the_release_whichever_came_first(tmp_path: Path) -> None:
    """Cut first or whole first: the same id."""
    ids = set()
    for number, texts in enumerate(permutations([CUT, BODY])):
        with a_project(tmp_path / str(number)) as project:
            for name, text in zip("ab", texts, strict=True):
                once(project, budget(text), name=f"{name}.txt")
            ids.add(the_entry(project)["id"])
    assert len(ids) == 1


def test_a_cut_text_becomes_whole_later(project: Project) -> None:
    """That is a change that matters, at the time of the document that had the whole."""
    once(project, budget(CUT), name="a.txt")
    once(project, budget(), name="b.txt", hours=24)
    assert the_entry(project)["updated"] == stamp(at(24))


def test_a_whole_text_is_cut_later(project: Project) -> None:
    """That is not a change."""
    once(project, budget(), name="a.txt")
    before = the_entry(project)["updated"]
    once(project, budget(CUT), name="b.txt", hours=24)
    assert the_entry(project)["updated"] == before


def test_cut_and_whole_in_one_digest(project: Project) -> None:
    """One entry, seen twice in one document."""
    once(project, budget(), fleet(), budget(CUT), name="a.txt")
    (entry,) = (found for found in entries(project) if found["title"] == TITLE)
    assert len(entry["sightings"]) == 2
    assert words_of(standing(entry)) == words_of(BODY)


# Edited texts.


@pytest.mark.parametrize("body", [EDITED, CORRECTED, f"{BODY}\n\n{FLEET}"])
def test_a_text_is_edited(project: Project, body: str) -> None:
    """A revision: same id, both texts kept, the later one is current, and ``updated`` says when."""
    once(project, budget(), name="a.txt")
    before = the_entry(project)
    report = once(project, budget(body), name="b.txt", hours=24)
    assert (report["new"], report["revised"]) == (0, 1)
    entry = the_entry(project)
    assert (entry["id"], entry["published"]) == (before["id"], before["published"])
    assert entry["updated"] == stamp(at(24))
    assert hows(entry) == ["new", "revision"]
    assert words_of(standing(entry)) == words_of(body)
    texts = [revision["text"] for revision in entry["revisions"]]
    assert [words_of(text) for text in texts] == [words_of(BODY), words_of(body)]
    assert f"<updated>{stamp(at(24))[:-1]}" in feed(project, "nato")


def test_the_older_text_is_read_later(project: Project) -> None:
    """The document's own time counts, not that of the run: nothing changes but the history."""
    once(project, budget(EDITED), name="a.txt", hours=24)
    once(project, budget(), name="b.txt", hours=0)
    entry = the_entry(project)
    assert words_of(standing(entry)) == words_of(EDITED)
    assert [words_of(r["text"]) for r in entry["revisions"]] == [words_of(BODY), words_of(EDITED)]
    assert entry["updated"] == stamp(at(24))


@pytest.mark.parametrize("hours", [0, 0.5])
def test_both_texts_came_at_one_time(project: Project, hours: float) -> None:
    """Documents of one time say nothing of which text is newer: no change is reported."""
    once(project, budget(), name="a.txt")
    before = the_entry(project)["updated"]
    once(project, budget(EDITED), name="b.txt", hours=hours)
    entry = the_entry(project)
    assert entry["updated"] == before
    assert len(entry["revisions"]) == 2


def test_upstream_flips_between_two_texts(project: Project) -> None:
    """Each flip is a sighting, but no new revision and no new ``updated``."""
    for number in range(6):
        text = EDITED if number % 2 else BODY
        once(project, budget(text), name=f"{number}.txt", hours=24 * number)
        entry = the_entry(project)
        assert len(entry["sightings"]) == number + 1
        if number:
            assert len(entry["revisions"]) == 2
            assert entry["updated"] == stamp(at(24))
            assert words_of(standing(entry)) == words_of(EDITED)


def test_a_flip_back_writes_no_feed(project: Project) -> None:
    """A reader that fetches the feed gets the same bytes."""
    once(project, budget(), name="a.txt")
    once(project, budget(EDITED), name="b.txt", hours=24)
    before = feed(project, "nato")
    once(project, budget(), name="c.txt", hours=48)
    assert feed(project, "nato") == before


def test_a_text_is_edited_again_and_again(project: Project) -> None:
    """Every text it had is kept, in order, and each is like one of the others."""
    body = BODY
    edits = [("agreed", "approved"), ("operating", "running"), ("more than ever", "above all")]
    texts = [body]
    for old, new in edits:
        body = body.replace(old, new)
        texts.append(body)
    for number, text in enumerate(texts):
        once(project, budget(text), name=f"{number}.txt", hours=24 * number)
    entry = the_entry(project)
    assert [words_of(r["text"]) for r in entry["revisions"]] == [words_of(text) for text in texts]
    assert [r["number"] for r in entry["revisions"]] == [1, 2, 3, 4]
    assert entry["updated"] == stamp(at(72))


@pytest.mark.parametrize(
    "title", [f"{TITLE} (updated)", f"UPDATE: {TITLE}", "Alliance puts more into common funding"]
)
def test_a_release_is_retitled(project: Project, title: str) -> None:
    """A revision: one entry under its new title."""
    once(project, budget(), name="a.txt")
    before = the_entry(project)["id"]
    once(project, budget(title=title), name="b.txt", hours=24)
    entry = the_entry(project)
    assert (entry["id"], entry["title"]) == (before, title)
    assert hows(entry) == ["new", "revision"]
    assert [revision["title"] for revision in entry["revisions"]] == [TITLE, title]


def test_the_change_is_shown_by_word(project: Project) -> None:
    """``show --diff`` marks what went and what came, and nothing else."""
    once(project, budget(), name="a.txt")
    once(project, budget(EDITED, title=f"{TITLE} (updated)"), name="b.txt", hours=24)
    out = by_hand(project, "show", the_entry(project)["id"], "--diff")
    assert re.findall(r"\[-(.*?)-\]", out) == ["shared challenges."]
    assert re.findall(r"\{\+(.*?)\+\}", out) == ["(updated)", "common problems."]
    assert "From text 1 to text 2" in out
    assert stamp(at(24)) in out


def test_an_entry_that_never_changed_has_no_change_to_show(project: Project) -> None:
    """``show --diff`` says so."""
    once(project, budget(), name="a.txt")
    out = by_hand(project, "show", the_entry(project)["id"], "--diff")
    assert "only" in out
    assert "From text" not in out


# Other agencies.


@pytest.mark.parametrize("body", [BODY, f"{BODY}\n\nDistributed by Europol. Source: NATO."])
def test_another_agency_carries_it(project: Project, body: str) -> None:
    """One entry, credited to both, in the feed of each."""
    once(project, budget(), name="a.txt")
    report = once(project, budget(body, agency="Europol"), name="b.txt", hours=24)
    assert (report["new"], report["merged"]) == (0, 1)
    entry = the_entry(project)
    assert hows(entry) == ["new", "near-duplicate"]
    assert entry["agency"] == "nato"
    assert sorted(entry["categories"]) == ["europol", "nato"]
    for name in ("nato", "europol", "all"):
        assert feed(project, name).count(f"<id>{entry['id']}</id>") == 1
    for agency in ("nato", "europol"):
        listed = project.run("entries", "--agency", agency, "--json").json_lines
        assert [found["id"] for found in listed] == [entry["id"]]


def test_two_agencies_in_one_digest(project: Project) -> None:
    """One entry, whose agency does not depend on the place of the other item."""
    owners = set()
    for number, blocks in enumerate(permutations([budget(), budget(agency="Europol")])):
        with a_project(project.folder / str(number)) as other:
            once(other, *blocks, name="a.txt")
            entry = the_entry(other)
            owners.add(entry["agency"])
            assert sorted(entry["categories"]) == ["europol", "nato"]
            assert len(entry["sightings"]) == 2
    assert owners <= {"nato", "europol"}


def test_the_carrier_is_read_first(project: Project) -> None:
    """The entry is of the agency that had it first by the documents' own times."""
    once(project, budget(agency="Europol"), name="b.txt", hours=24)
    carried = the_entry(project)["id"]
    once(project, budget(), name="a.txt")
    entry = the_entry(project)
    assert entry["agency"] == "nato"
    assert entry["id"] == carried


# What must stay apart.


ADVISORY = (
    "On {day}, the Secretary General will meet with the {office} of {country}, {name}, at the "
    "headquarters. They will give a joint press conference after their meeting.\n\n"
    "Media representatives who have annual accreditation can cover the press conference in "
    "person. The press statements will be live-streamed on the website. A transcript of the "
    "remarks, as well as pictures, will be available on the website."
)
GUESTS = [
    {
        "day": "Wednesday 8 November 2023",
        "office": "President",
        "country": "Hungary",
        "name": "Ms Katalin Novák",
    },
    {
        "day": "Thursday 16 November 2023",
        "office": "Prime Minister",
        "country": "Finland",
        "name": "Mr Petteri Orpo",
    },
    {
        "day": "Monday 20 November 2023",
        "office": "President",
        "country": "Romania",
        "name": "Mr Klaus Iohannis",
    },
]


@pytest.mark.parametrize("title", ["Media advisory", "Secretary General meets {name}"])
def test_advisories_by_template(project: Project, title: str) -> None:
    """They share all but the guest and the day, and are as many entries."""
    for number, guest in enumerate(GUESTS):
        advisory = block(title.format(**guest), "NATO", ADVISORY.format(**guest))
        once(project, advisory, name=f"{number}.txt", hours=24 * number)
    assert count(project) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Budgets explained, part 1", "Budgets explained, part 2"),
        ("Secretary General to visit Paris", "Secretary General concludes visit to Paris"),
        ("Report for November 2023", "Report for December 2023"),
    ],
)
def test_titles_that_say_they_are_two(project: Project, one: str, other: str) -> None:
    """Equal texts under such titles are two entries."""
    once(project, budget(title=one), name="a.txt")
    once(project, budget(title=other), name="b.txt", hours=24)
    assert count(project) == 2


def test_a_digest_lists_two_alike(project: Project) -> None:
    """What one document lists side by side is never merged as a revision."""
    once(project, budget(EDITED), budget(), name="a.txt")
    assert count(project) == 2
    once(project, budget(), name="b.txt", hours=24)
    assert count(project) == 2


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_a_digest_lists_two_alike_whenever_it_is_read(
    project: Project, order: Sequence[int]
) -> None:
    """Whether each was seen alone before decides nothing."""
    digests = [[budget()], [budget(EDITED), budget()], [budget(EDITED)]]
    for number in order:
        once(project, *digests[number], name=f"{number}.txt")
    assert count(project) == 2


# By hand.


def test_a_merge_is_undone(project: Project) -> None:
    """The text taken out becomes a separate entry; the other is unchanged by the merge."""
    once(project, budget(), name="a.txt")
    alone = the_entry(project)
    once(project, budget(EDITED), name="b.txt", hours=24)
    made = split(project, the_entry(project), "digests/b.txt")
    left, taken = show(project, alone["id"]), show(project, made)
    assert made != alone["id"]
    assert left == alone
    assert words_of(standing(taken)) == words_of(EDITED)
    assert hows(taken) == ["new"]
    assert "taken out by hand" in by_hand(project, "show", made)
    assert count(project) == 2
    for entry_id in (made, alone["id"]):
        assert entry_id in feed(project, "nato")


def test_split_texts_stay_split(project: Project) -> None:
    """Later digests that repeat either text, or both, or cut them, merge nothing."""
    once(project, budget(), name="a.txt")
    once(project, budget(EDITED), name="b.txt", hours=24)
    kept = the_entry(project)["id"]
    made = split(project, the_entry(project), "digests/b.txt")
    once(project, budget(EDITED), name="c.txt", hours=48)
    once(project, budget(), fleet(), name="d.txt", hours=72)
    once(project, budget(EDITED), budget(), name="e.txt", hours=96)
    documents = {
        entry_id: [seen["document"][-5] for seen in show(project, entry_id)["sightings"]]
        for entry_id in (kept, made)
    }
    assert documents == {kept: ["a", "d", "e"], made: ["b", "c", "e"]}


def test_every_digest_with_a_text_goes_along(project: Project) -> None:
    """A split of one sighting is a verdict on its text, wherever that was seen."""
    for number, text in enumerate([BODY, EDITED, EDITED, BODY]):
        once(project, budget(text), name=f"{number}.txt", hours=24 * number)
    entry = the_entry(project)
    made = split(project, entry, "digests/1.txt")
    assert len(show(project, made)["sightings"]) == 2
    assert len(show(project, entry["id"])["sightings"]) == 2


def test_one_of_two_equal_sightings_is_split_off(project: Project) -> None:
    """Word for word the same, and somebody says they are two: two ids, and they stay two."""
    once(project, budget(), name="a.txt")
    once(project, budget(), name="b.txt", hours=24)
    entry = the_entry(project)
    made = split(project, entry, "digests/b.txt")
    assert count(project) == 2
    assert [seen["document"] for seen in show(project, made)["sightings"]] == ["digests/b.txt"]
    once(project, fleet(), name="c.txt", hours=48)
    assert count(project) == 3


def test_the_text_of_two_entries_comes_again(project: Project) -> None:
    """Where somebody said that two equal texts are two, a third is one of them."""
    once(project, budget(), name="a.txt")
    once(project, budget(), name="b.txt", hours=24)
    split(project, the_entry(project), "digests/b.txt")
    once(project, budget(), name="c.txt", hours=48)
    assert count(project) == 2
    assert sightings(project) == 3


def test_the_first_sighting_is_split_off(project: Project) -> None:
    """The remaining entry keeps the id; the text taken out has another."""
    once(project, budget(), name="a.txt")
    once(project, budget(EDITED), name="b.txt", hours=24)
    entry = the_entry(project)
    made = split(project, entry, "digests/a.txt")
    assert words_of(standing(show(project, entry["id"]))) == words_of(EDITED)
    assert words_of(standing(show(project, made))) == words_of(BODY)


def test_sighting_of_another_agency_is_split_off(project: Project) -> None:
    """It is that agency's own entry then, and in no other agency's feed."""
    once(project, budget(), name="a.txt")
    once(project, budget(agency="Europol"), name="b.txt", hours=24)
    entry = the_entry(project)
    made = split(project, entry, "digests/b.txt")
    assert (show(project, entry["id"])["agency"], show(project, made)["agency"]) == (
        "nato",
        "europol",
    )
    assert made not in feed(project, "nato")
    assert entry["id"] not in feed(project, "europol")


def test_two_entries_are_merged_by_hand(project: Project) -> None:
    """The first id stays with all that was seen of both; the other is gone."""
    once(project, budget(), fleet(), name="a.txt")
    kept, gone = (found["id"] for found in entries(project))
    by_hand(project, "merge", kept, gone)
    entry = the_entry(project)
    assert entry["id"] == kept
    assert len(entry["sightings"]) == 2
    assert len(entry["revisions"]) == 2
    assert project.run("show", gone).code == 2
    assert gone not in feed(project, "all")


def test_entries_merged_by_hand_stay_merged(project: Project) -> None:
    """Later digests that repeat either text are sightings of the one entry."""
    once(project, budget(), fleet(), name="a.txt")
    kept, gone = (found["id"] for found in entries(project))
    by_hand(project, "merge", kept, gone)
    once(project, fleet(), name="b.txt", hours=24)
    once(project, budget(), name="c.txt", hours=48)
    assert len(the_entry(project)["sightings"]) == 4


def test_a_merge_by_hand_is_undone(project: Project) -> None:
    """The entry that was swallowed has its old id back, and all is as it was."""
    once(project, budget(), name="a.txt")
    once(project, fleet(), name="b.txt", hours=24)
    before = {found["id"]: found for found in entries(project)}
    kept, gone = (found["id"] for found in before.values())
    by_hand(project, "merge", kept, gone)
    (document,) = (seen["document"] for seen in before[gone]["sightings"])
    assert split(project, the_entry(project), document) == gone
    for entry_id, was in before.items():
        now = show(project, entry_id)
        for field in ("id", "agency", "title", "published", "updated", "revisions"):
            assert now[field] == was[field]


def test_a_split_is_undone(project: Project) -> None:
    """Merging again makes the entry what it was, and forgets the verdict."""
    once(project, budget(), name="a.txt")
    once(project, budget(EDITED), name="b.txt", hours=24)
    entry = the_entry(project)
    made = split(project, entry, "digests/b.txt")
    by_hand(project, "merge", entry["id"], made)
    again = the_entry(project)
    for field in ("id", "title", "published", "updated", "revisions", "content_html"):
        assert again[field] == entry[field]
    once(project, budget(EDITED), name="c.txt", hours=48)
    assert len(the_entry(project)["sightings"]) == 3


def test_a_split_that_is_undone_leaves_the_dates(project: Project) -> None:
    """What a text says about its date counts once, however often it was moved."""
    advisory = block("Media advisory", "NATO", ADVISORY.format(**GUESTS[1]))
    project.write_digest("a.txt", digest(budget()), at(0))
    once(project, block("Statement", "NATO", "Yes."), advisory, budget(), name="b.txt", hours=24)
    before = state(project)
    (entry,) = (found for found in entries(project) if found["title"] == TITLE)
    made = split(project, entry, "digests/a.txt")
    by_hand(project, "merge", entry["id"], made)
    assert state(project) == before


def test_split_beside_a_dating_run_is_dated_by_the_next(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person splits while another process dates its documents is dated again."""
    advisory = block("Media advisory", "NATO", ADVISORY.format(**GUESTS[1]))
    project.write_digest("a.txt", digest(budget(), fleet()), at(0))
    once(project, advisory, budget(EDITED), fleet(), name="b.txt", hours=24)
    twin = project.copy(tmp_path / "twin")
    (entry,) = (found for found in entries(project) if found["title"] == TITLE)
    split(twin, entry, "digests/b.txt")

    (sighting,) = (seen["id"] for seen in entry["sightings"] if seen["document"].endswith("b.txt"))
    real = store_dating.mark_dated

    def mark_dated(store: Store, *args: Any) -> None:
        monkeypatch.undo()
        store.execute("COMMIT")  # the other process waits for the transaction, if there is one
        with open_store(project.store) as other, other.transaction():
            (key,) = store_entries.find(other, entry["id"])
            ingest_merge.split(other, key, sighting)
        store.execute("BEGIN IMMEDIATE")
        real(store, *args)

    monkeypatch.setattr(store_dating, "mark_dated", mark_dated)
    project.write_digest("c.txt", digest(fleet()), at(48))
    twin.write_digest("c.txt", digest(fleet()), at(48))
    assert project.run("once").code == 0
    assert project.rows("SELECT name FROM documents WHERE NOT dated")
    for each in (project, twin):
        assert each.run("once").code == 0
    assert state(project) == state(twin)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("split", "{id}", "99"), "not a sighting of this entry"),
        (("split", "{id}", "1"), "nothing to undo"),
        (("split", "urn:uuid:0", "1"), "not the id of an entry"),
        (("merge", "{id}", "{id}"), "one entry"),
        (("merge", "{id}", "ffff0000"), "not the id of an entry"),
    ],
)
def test_impossible_split_or_merge_exits_with_2(
    project: Project, arguments: Sequence[str], said: str
) -> None:
    """Exit code 2 and a clear line; nothing changes."""
    once(project, budget(), name="a.txt")
    before = the_entry(project)
    ran = project.run(*(argument.format(id=before["id"]) for argument in arguments))
    assert ran.code == 2
    assert said in ran.err
    assert the_entry(project) == before


# Whatever comes, in whatever order.


@contextmanager
def a_project(folder: Path | None = None) -> Iterator[Project]:
    """Yield a project that is deleted afterwards."""
    path = folder or Path(tempfile.mkdtemp())
    (path / "digests").mkdir(parents=True)
    made = Project(path)
    made.configure(CONFIG)
    try:
        yield made
    finally:
        shutil.rmtree(path)


@dataclass(frozen=True, slots=True)
class Held:
    """All of one entry that must be the same, however it came about."""

    agencies: tuple[str, ...]
    standing: str
    published: datetime
    updated: datetime
    texts: frozenset[tuple[str, str]]
    seen: frozenset[tuple[str, int]]


def state(project: Project) -> dict[str, Held]:
    """What the store holds, by entry; read as ``show`` reads it, but all at once."""
    with open_store(project.store) as store:
        keys = store_entries.newest(store, 100_000)
        seen = store_sightings.of_entries(store, keys)
        return {
            stored.id: Held(
                (stored.entry.agency.id, *sorted(agency.id for agency in stored.credits)),
                stored.entry.text,
                stored.dating.published,
                stored.updated,
                frozenset(
                    (t.title, t.text)
                    for t in store_texts.revisions(store, [stored.key])[stored.key]
                ),
                frozenset((s.document, s.position) for s in seen[stored.key]),
            )
            for stored in store_entries.load(store, keys)
        }


def merges(held: dict[str, Held]) -> set[tuple[str, Held]]:
    """All of it but what is once and for all: when readers were told of a change, and the id of
    what two agencies carry, which is that of whoever was read first.
    """
    return {
        (entry_id if len(entry.agencies) == 1 else "", replace(entry, updated=NOON))
        for entry_id, entry in held.items()
    }


def sightings(project: Project) -> int:
    """How many items were seen, in all entries together."""
    listed = project.run("entries", "--json", "--limit", "100000").json_lines
    return sum(entry["sightings"] for entry in listed)


# One version of each release is in a digest, as in a real list.
VERSIONS = {
    "budget": [budget(), budget(CUT), budget(EDITED), budget(agency="Europol")],
    "fleet": [fleet(), fleet(FLEET.replace("a week", "nine days"))],
    "hungary": [block("Media advisory", "NATO", ADVISORY.format(**GUESTS[0]))],
    "finland": [block("Media advisory", "NATO", ADVISORY.format(**GUESTS[1]))],
    "bare": [block("Statement", "NATO", "Yes."), block("Statement", "NATO", "No.")],
}


def a_digest() -> st.SearchStrategy[list[str]]:
    """Blocks of some releases in some order, each in one of its versions."""
    return st.lists(st.sampled_from(sorted(VERSIONS)), min_size=1, unique=True).flatmap(
        lambda names: st.tuples(*(st.sampled_from(VERSIONS[name]) for name in names)).map(list)
    )


@given(st.lists(a_digest(), min_size=2, max_size=4), st.data())
@settings(max_examples=10)
def test_the_order_of_documents_decides_nothing(
    digests: list[list[str]], data: st.DataObject
) -> None:
    """The same digests of one time, in any order and grouping: the same entries, ids, merges."""
    files = {f"{number}.txt": blocks for number, blocks in enumerate(digests)}
    with a_project() as together:
        for name, blocks in files.items():
            together.write_digest(name, digest(*blocks), NOON)
        run(together)
        expected = state(together)
    order = data.draw(st.permutations(sorted(files)))
    alone = data.draw(st.sets(st.sampled_from(order)))
    with a_project() as apart:
        for name in order:
            apart.write_digest(name, digest(*files[name]), NOON)
            if name in alone:
                run(apart)
        run(apart)
        assert merges(state(apart)) == merges(expected)


@given(st.lists(a_digest(), min_size=2, max_size=4), st.data())
@settings(max_examples=10)
def test_split_then_merge_is_where_one_started(
    digests: list[list[str]], data: st.DataObject
) -> None:
    """Whichever sighting it is: entries, ids, texts, dates and sightings are as before."""
    with a_project() as project:
        for number, blocks in enumerate(digests):
            project.write_digest(f"{number}.txt", digest(*blocks), at(24 * number))
        run(project)
        before = state(project)
        several = sorted(entry_id for entry_id, held in before.items() if len(held.seen) > 1)
        assume(several)
        entry = show(project, data.draw(st.sampled_from(several)))
        sighting = data.draw(st.sampled_from([seen["id"] for seen in entry["sightings"]]))
        made = split_off(project, entry["id"], sighting)
        assert {*state(project)} == {*before, made}
        by_hand(project, "merge", entry["id"], made)
        assert state(project) == before
        assert run(project)["status"] == "unchanged"
        assert state(project) == before


@given(st.lists(a_digest(), min_size=3, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=5)
def test_no_sighting_is_ever_lost(digests: list[list[str]], chance: random.Random) -> None:
    """Whatever is read, split and merged: all that ever came is seen, and no entry is bare."""
    items = 0
    with a_project() as project:
        for number, blocks in enumerate(digests):
            once(project, *blocks, name=f"{number}.txt", hours=24 * number)
            items += len(blocks)
            assert sightings(project) == items
            held = state(project)
            chosen = chance.choice(sorted(held))
            if len(held[chosen].seen) > 1:
                numbers = [seen["id"] for seen in show(project, chosen)["sightings"]]
                split_off(project, chosen, chance.choice(numbers))
            elif len(held) > 1:
                by_hand(project, "merge", *chance.sample(sorted(held), 2))
            after = state(project)
            assert sum(len(entry.seen) for entry in after.values()) == items
            assert all(entry.seen and entry.texts for entry in after.values())


# Bad input.


def work(project: Project, *blocks: str, name: str) -> int:
    """How many calls it takes to read one digest in which nothing is lost."""
    project.write_digest(name, digest(*blocks), NOON)
    items = sightings(project) if project.store.exists() else 0
    made = calls(lambda: run(project))
    assert sightings(project) == items + len(blocks)
    return made


def test_bodies_are_empty(project: Project) -> None:
    """Titles without a body: equal ones of one agency are one entry, all others are apart."""
    once(
        project,
        block("Statement", "NATO", ""),
        block("Statement", "Europol", ""),
        block("Statement by the chair", "NATO", ""),
        block("Statement", "NATO", BODY),
        name="a.txt",
    )
    assert count(project) == 4
    once(project, block("Statement", "NATO", ""), name="b.txt", hours=24)
    assert count(project) == 4
    assert sightings(project) == 5


def test_bodies_of_one_word(project: Project) -> None:
    """Too little to merge by: every other word is another entry."""
    words = ["Yes", "No", "Maybe", "…", "!!!", "???", "1", "2"]
    for number, word in enumerate(words):
        once(project, block("Statement", "NATO", word), name=f"{number}.txt", hours=24 * number)
    assert count(project) == len(words)
    once(project, *(block("Statement", "NATO", word) for word in words), name="all.txt")
    assert count(project) == len(words)
    assert sightings(project) == 2 * len(words)


def test_one_title_on_every_item(project: Project) -> None:
    """What the texts say counts."""
    bodies = [BODY, FLEET, *(ADVISORY.format(**guest) for guest in GUESTS)]
    for number, body in enumerate(bodies):
        once(project, block("News", "NATO", body), name=f"{number}.txt", hours=number)
    assert count(project) == len(bodies)


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Notice", f"{BODY}\n\nThis is notice {{}}."),
        ("Notice {}", BODY),
        ("Notice", "This is notice {}."),
        ("Notice", "This is notice {}. " * 40),
    ],
)
def test_many_items_that_differ_in_one_number(project: Project, title: str, body: str) -> None:
    """All are separate entries, and four times as many take no more than some four times."""
    made = [
        block(title.format(number), "NATO", body.format(*[number] * 40)) for number in range(300)
    ]
    few = work(project, *made[:60], name="a.txt")
    many = work(project, *made[60:], name="b.txt")
    assert count(project) == len(made)
    assert many < 6 * few


def test_a_series_grows_by_a_digest_a_day(project: Project) -> None:
    """The items of a series are not revisions of each other, one by one either."""
    for number in range(16):
        notice = block("Notice", "NATO", f"{BODY}\n\nThis is notice {number}.")
        once(project, notice, name=f"{number:02}.txt", hours=24 * number)
    assert count(project) == 16


def test_bodies_of_one_repeated_word(project: Project) -> None:
    """They are long and say nothing."""
    bodies = ["word " * 50_000, "other " * 50_000, "a b " * 25_000, "word" * 50_000]
    for number, body in enumerate(bodies):
        once(project, block(f"Text {number}", "NATO", body), name=f"{number}.txt")
    assert count(project) == sightings(project) == len(bodies)


def test_work_on_very_long_bodies_is_linear(project: Project) -> None:
    """Four times the length takes some four times the calls; if it were the square, a body of a
    megabyte would not end.
    """
    chance = random.Random(3)
    texts = [
        " ".join(f"w{chance.randrange(60_000)}" for _ in range(size))
        for size in (10_000, 40_000, 200_000)
    ]
    short, long = (
        work(project, block(f"Report {number}", "NATO", text), name=f"{number}.txt")
        for number, text in enumerate(texts[:2])
    )
    assert long < 6 * short
    once(project, block("Long report", "NATO", texts[2]), name="long.txt")
    assert count(project) == 3


def test_one_text_under_ever_new_titles(project: Project) -> None:
    """A notice in the place of every text ("allow scripts for this site") makes no merge."""
    notice = (
        "The content of this page cannot be shown because your browser does not allow scripts. "
        "Please allow scripts for this site and load the page again, or write to the web editors, "
        "who will be glad to send you the text by mail within two working days."
    )
    titles = ["Budgets agreed", "Fleet is back", "Visit to Finland", "New bridge opens"]
    for number, title in enumerate(titles):
        once(project, block(title, "NATO", notice), name=f"{number}.txt", hours=24 * number)
    assert count(project) == len(titles)
