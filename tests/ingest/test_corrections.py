"""A feed is read twice, and its second document corrects something without changing a word."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import Config, Source, load
from aggregator.ingest.derive import derive
from aggregator.ingest.run import ingest_remote, open_run
from aggregator.store import open_store
from aggregator.store.packing import unpack_html
from tests.support.loopback import Loopback, Reply
from tests.support.project import AGENCIES, MODIFIED, Project

CONFIG = f"""\
title = "Press releases"
base_url = "http://localhost:8080/"

[[sources]]
id = "harbour"
location = "digests/*.xml"
agency = "nato"

{AGENCIES}"""

TEXT = "The harbour opens on Monday and all the boats of the northern isles are invited to come."
ITEM = {
    "title": "The harbour opens",
    "guid": "urn:x-harbour:1",
    "link": "https://harbour.example/opening",
    "pubDate": "Wed, 15 May 2024 10:00:00 GMT",
    "description": f'<p>{TEXT} <a href="https://harbour.example/plan">The plan</a></p>'
    '<p><img src="https://harbour.example/mayor.jpg" alt="The mayor"></p>',
    "enclosure": "https://harbour.example/plan.pdf",
}

ANOTHER = {"title": "Herring is cheap", "guid": "urn:x-harbour:2"}


def feed(*items: Mapping[str, str]) -> str:
    """Return an RSS document; ``enclosure`` is an address, and empty elements are left out."""
    written = []
    for item in items:
        parts = []
        for name, value in item.items():
            if name == "enclosure" and value:
                parts.append(f'<enclosure url="{value}" type="application/pdf" length="9"/>')
            elif name in ("description", "content"):
                element = "content:encoded" if name == "content" else name
                parts.append(f"<{element}><![CDATA[{value}]]></{element}>")
            elif value:
                permalink = ' isPermaLink="false"' if name == "guid" else ""
                parts.append(f"<{name}{permalink}>{value.replace('&', '&amp;')}</{name}>")
        written.append(f"<item>{''.join(parts)}</item>")
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>Harbour</title>{''.join(written)}</channel></rss>"
    )


def publish(
    folder: Path, documents: Sequence[Sequence[Mapping[str, str]]], *, days: int = 1
) -> Project:
    """Read a feed as often as it has ``documents``, so many days apart, and write the output."""
    project = Project(folder)
    project.write("config.toml", CONFIG)
    (folder / "digests").mkdir()
    for number, items in enumerate(documents):
        project.write_digest("feed.xml", feed(*items), MODIFIED + number * timedelta(days=days))
        assert project.run("once").code == 0
    return project


def poll(config: Config, now: datetime) -> None:
    """Poll all sources once."""
    waiting = [config.sources]

    def due(_room: int) -> Sequence[Source] | None:
        return waiting.pop() if waiting else None

    with open_store(config.store) as store, open_run(config, store, clock=lambda: now) as run:
        ingest_remote(run, due, lambda *_: None, on_fault=lambda found: pytest.fail(str(found)))


def entries(project: Project, name: str = "all") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(
        (project.folder / "feeds" / f"{name}.json").read_text()
    )["items"]
    return items


def with_body(old: str, new: str) -> dict[str, str]:
    assert old in ITEM["description"]
    return {**ITEM, "description": ITEM["description"].replace(old, new)}


CORRECTIONS = {
    "address of a link": (with_body('/plan"', '/plan-2"'), "harbour.example/plan-2"),
    "picture": (with_body("mayor.jpg", "right-mayor.jpg"), "right-mayor.jpg"),
    "description of a picture": (with_body('"The mayor"', '"The deputy"'), "The deputy"),
    "link taken out": (
        with_body('<a href="https://harbour.example/plan">The plan</a>', "The plan"),
        "harbour.example/plan",
    ),
    "picture taken out": (
        with_body('<p><img src="https://harbour.example/mayor.jpg" alt="The mayor"></p>', ""),
        "mayor.jpg",
    ),
    "own address": ({**ITEM, "link": "https://harbour.example/the-opening"}, "the-opening"),
    "number in an address": ({**ITEM, "link": "https://harbour.example/?id=7"}, "?id=7"),
    "file": ({**ITEM, "enclosure": "https://harbour.example/plan-2.pdf"}, "plan-2.pdf"),
    "file taken out": ({**ITEM, "enclosure": ""}, "plan.pdf"),
    "case of a title": ({**ITEM, "title": "The Harbour opens"}, "Harbour"),
    "date": ({**ITEM, "pubDate": "Tue, 14 May 2024 10:00:00 GMT"}, "2024-05-14"),
}


@pytest.mark.parametrize("what", CORRECTIONS)
def test_correction_without_other_words_arrives(tmp_path: Path, what: str) -> None:
    """It is in the entry, moves its time of change, and is told in the feed of changes."""
    item, told = CORRECTIONS[what]
    once, twice = publish(tmp_path / "a", [[item]]), publish(tmp_path / "b", [[ITEM], [item]])
    (expected,), (entry,) = entries(once), entries(twice)
    assert entry.pop("date_modified") == "2024-06-02T12:00:00+00:00"
    expected.pop("date_modified")
    for one in (entry, expected):
        one["_aggregator"].pop("source")
    assert entry == expected
    (change,) = entries(twice, "changes")
    assert told in change["content_html"]
    assert change["date_published"] == "2024-06-02T12:00:00+00:00"
    (page,) = (twice.folder / "feeds" / "entries").glob("*.html")
    assert re.search(rf'class="(?:diff|title)"[^>]*>.*{re.escape(told)}', page.read_text())


PASSING = {
    "time in an address": {**ITEM, "link": "https://harbour.example/opening?ts={}"},
    "session in a link": with_body('/plan"', '/plan?sid={}"'),
    "size of a picture": with_body("mayor.jpg", "mayor.jpg?w={}"),
    "advertisement": with_body(
        "The plan</a>", 'The plan</a><img src="https://ads.example/{}.gif" alt="Buy">'
    ),
    "counter of views": with_body("</p><p>", "</p><p>Views: {}</p><p>"),
    "date of the fetch": {**ITEM, "pubDate": "Wed, 05 Jun 2024 10:00:{} GMT"},
}


@pytest.mark.parametrize("what", PASSING)
def test_change_at_every_poll_is_no_correction(tmp_path: Path, what: str) -> None:
    project = publish(
        tmp_path,
        [
            [{name: value.replace("{}", f"{10 + n}") for name, value in PASSING[what].items()}]
            for n in range(3)
        ],
    )
    assert entries(project, "changes") == []
    (entry,) = entries(project)
    assert entry["date_modified"] < "2024-06-02"


def test_address_that_changes_by_itself_is_the_latest(tmp_path: Path) -> None:
    """Signed addresses of pictures expire."""
    signed = [[with_body("mayor.jpg", f"mayor.jpg?signature={n}")] for n in range(2)]
    (entry,) = entries(publish(tmp_path, signed))
    assert "signature=1" in entry["content_html"]


def test_return_to_an_earlier_form_is_a_correction(tmp_path: Path) -> None:
    other = with_body("mayor.jpg", "wrong.jpg")
    project = publish(tmp_path, [[ITEM], [other], [ITEM, ANOTHER]])
    (entry,) = [e for e in entries(project) if e["title"] == ITEM["title"]]
    assert "mayor.jpg" in entry["content_html"]
    assert "wrong.jpg" not in entry["content_html"]
    assert entry["date_modified"] == "2024-06-03T12:00:00+00:00"
    assert len(entries(project, "changes")) == 2


def test_what_changes_again_and_again_is_shown_and_no_longer_told(tmp_path: Path) -> None:
    documents = [[with_body("mayor.jpg", f"{n}.jpg")] for n in range(6)]
    project = publish(tmp_path, documents)
    (entry,) = entries(project)
    assert "/5.jpg" in entry["content_html"]
    assert len(entries(project, "changes")) == 3


def test_link_and_words_corrected_at_once_are_both_told(tmp_path: Path) -> None:
    other = {**ITEM, "description": ITEM["description"].replace("Monday", "Tuesday")}
    other["description"] = other["description"].replace("mayor.jpg", "right.jpg")
    (change,) = entries(publish(tmp_path, [[ITEM], [other]]), "changes")
    assert "<ins>Tuesday</ins>" in change["content_html"]
    assert "right.jpg" in change["content_html"]


def test_edit_of_a_feed_with_summaries_only_is_told(tmp_path: Path) -> None:
    """Its descriptions are all the text that there is."""
    one = "Sources said that 1,400 people came to see the new lamp in the old port on Sunday."
    other = one.replace("1,400", "14,000")
    plain = [[{**ITEM, "description": text}] for text in (one, other)]
    (change,) = entries(publish(tmp_path / "a", plain), "changes")
    assert "<ins>14,000</ins>" in change["content_html"]
    cut = [[{**ITEM, "description": f"{text[:-4]} …"}] for text in (one, other)]
    (change,) = entries(publish(tmp_path / "b", cut), "changes")
    assert "<ins>14,000</ins>" in change["content_html"]


def test_summary_that_grew_was_not_edited(tmp_path: Path) -> None:
    documents = [[{**ITEM, "description": f"{TEXT[:60]} …"}], [{**ITEM, "description": TEXT}]]
    assert entries(publish(tmp_path, documents), "changes") == []


def test_items_without_date_keep_the_order_of_their_feed(tmp_path: Path) -> None:
    items = [
        {"title": f"Release {word}", "guid": f"urn:x-harbour:{word}", "pubDate": date}
        for word in "echo alpha delta bravo charlie".split()
        for date in [""]
    ]
    project = publish(tmp_path / "a", [items])
    assert [e["title"] for e in entries(project)] == [item["title"] for item in items]
    dated = [{**item, "pubDate": "15 May 2024"} for item in items]
    project = publish(tmp_path / "b", [dated])
    assert [e["title"] for e in entries(project)] == [item["title"] for item in items]
    assert all(e.get("date_modified", "9") >= e["date_published"] for e in entries(project))


def test_correction_within_the_hour_is_told(tmp_path: Path) -> None:
    """A feed that replaces its own text corrected it, however soon."""
    project = publish(tmp_path, [[ITEM], [with_body("mayor.jpg", "right.jpg")]], days=0)
    assert entries(project, "changes") == []  # at the same time nothing came first
    later = MODIFIED + timedelta(minutes=5)
    project.write_digest("feed.xml", feed(with_body("mayor.jpg", "other.jpg")), later)
    assert project.run("once").code == 0
    (change,) = entries(project, "changes")
    assert "other.jpg" in change["content_html"]
    (entry,) = entries(project)
    assert entry["date_modified"] == "2024-06-01T12:05:00+00:00"


def test_feed_that_returns_to_the_same_bytes_is_read_again(tmp_path: Path) -> None:
    """A correction that is taken back makes the document of the day before."""
    config = 'base_url = "http://localhost:8080/"\n[fetch]\ndelay = "0s"\n'
    with Loopback() as server:
        config += f'[[sources]]\nid = "a"\nlocation = "{server.url("/a")}"\nallow_private = true\n'
        project = Project(tmp_path)
        project.write("config.toml", config)
        bodies = [ITEM, with_body("mayor.jpg", "wrong.jpg"), ITEM]
        server.at("/a", *(Reply(200, feed(item).encode()) for item in bodies))
        loaded = load(tmp_path / "config.toml")
        for day in range(len(bodies)):
            poll(loaded, MODIFIED + day * timedelta(days=1))
        with open_store(loaded.store) as store:
            derive(loaded, store)
            ((html, text),) = store.rows("SELECT content_html, text FROM entries")
    assert "/mayor.jpg" in unpack_html(html, text)


@pytest.mark.parametrize(
    "link",
    [
        "https://harbour.example/{}?ts={n}",
        "https://harbour.example/{}?sid=a{n}&lang=en",
        "https://harbour.example/{};jsessionid=a{n}",
        "https://harbour{n}.example/{}",
    ],
)
def test_short_items_without_id_are_not_listed_again(tmp_path: Path, link: str) -> None:
    """Their addresses change at each fetch, or when the feed moves to another domain."""
    documents = [
        [
            {"title": f"{name} open", "link": link.format(name, n=n), "pubDate": ITEM["pubDate"]}
            for name in ("Harbours", "Bridges")
        ]
        for n in range(4)
    ]
    assert len(entries(publish(tmp_path, documents))) == 2


def test_equal_short_items_on_other_pages_stay_apart(tmp_path: Path) -> None:
    """The same few words are another release where another page has them."""
    documents = [
        [{"title": "Media advisory", "link": f"https://harbour.example/{n}?ts={n}"}]
        for n in range(3)
    ]
    assert len(entries(publish(tmp_path, documents))) == 3


def test_entry_is_never_updated_before_it_was_published(tmp_path: Path) -> None:
    """Not even where a later date came at once, so that nothing else changed since."""
    earlier = {**ITEM, "pubDate": CORRECTIONS["date"][0]["pubDate"]}
    (entry,) = entries(publish(tmp_path, [[earlier], [ITEM]], days=0))
    assert entry["date_published"] == "2024-05-15T10:00:00+00:00"
    assert entry["date_modified"] >= entry["date_published"]
