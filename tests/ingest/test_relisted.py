"""A feed lists a release again under another id, address or title, or another release instead."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.dedupe import relisted
from aggregator.ingest.run import ingest
from aggregator.store import open_store
from tests.ingest.test_corrections import CONFIG, feed, poll
from tests.support.loopback import Loopback, Reply
from tests.support.project import MODIFIED, Project, block, digest

SITE = "https://harbour.example"
TELLING = "The herring fleet comes home"
MISSPELT = "The hering fleet comes home"
BRIEFING = "Daily briefing"
THURSDAY = "Thu, 16 May 2024 10:00:00 GMT"
DAY = "2024-05-15"

Items = Sequence[Mapping[str, str]]


def item(
    guid: str,
    link: str,
    *,
    title: str = TELLING,
    date: str = "Wed, 15 May 2024 10:00:00 GMT",
    text: str = "Boats are in.",
) -> dict[str, str]:
    link = link if "//" in link else SITE + link
    return {"title": title, "guid": guid, "link": link, "pubDate": date, "description": text}


def ids(folder: Path, *documents: Items) -> list[str]:
    """Read a feed as often as it has ``documents``, a day apart; return the ids of the entries."""
    project = Project(folder)
    project.write("config.toml", CONFIG)
    (folder / "digests").mkdir()
    config = load(project.config)
    with open_store(config.store) as store:
        for number, items in enumerate(documents):
            at = MODIFIED + timedelta(days=number)
            project.write_digest("feed.xml", feed(*items), at)
            (report,) = ingest(config, store, now=at)
            assert report.status in ("ok", "unchanged")
        return [entry for (entry,) in store.rows("SELECT id FROM entries ORDER BY key")]


ONE_RELEASE = {
    "other guid, title only": (item("a", "/x", text=""), item("b", "/y", text="")),
    "other guid and address": (item("a", "/x"), item("b", "/news/x-2")),
    "other guid and text": (item("a", "/x"), item("b", "/y", text="All boats are in again.")),
    "other guid, date without time": (item("a", "/x", date=DAY), item("b", "/y", date=DAY)),
    "other guid, midnight": (
        item("a", "/x", date=f"{DAY}T00:00:00Z"),
        item("b", "/y", date=f"{DAY}T00:00:00Z"),
    ),
    "other guid, general title": (
        item("a", "/x", title=BRIEFING),
        item("b", "/y", title=BRIEFING),
    ),
    "other guid and text, same place": (
        item("a", "/x", title=BRIEFING),
        item("b", "/x", title=BRIEFING, text="Boats are all in again."),
    ),
    "guid by https": (
        item("http://harbour.example/x", "http://harbour.example/x", date=""),
        item("https://harbour.example/x", "/x", date="", text="Boats are all in."),
    ),
    "guid from number to address": (item("17", "/?p=17"), item(f"{SITE}/fleet", "/fleet")),
    "no guid, slug mended": (item("", "/hering-fleet"), item("", "/herring-fleet")),
    "no guid, slug and title mended": (
        item("", "/hering-fleet", title=MISSPELT),
        item("", "/herring-fleet"),
    ),
    "slug and title mended, no text": (
        item("", "/hering", title=MISSPELT, text=""),
        item("", "/herring", text=""),
    ),
    "title mended, other domain": (
        item("", "https://old.example/n/7", title="The herring fleet came home", text="In."),
        item("", "/n/7"),
    ),
    "marks of a title": (item("a", "/x"), item("b", "/y", title="The herring fleet: comes home!")),
    "no title": (item("a", "/@x/1", title=""), item("b", "/users/x/1", title="")),
    "other guid and title, same place and text": (
        item("a", "/x"),
        item("b", "/x", title="All of the boats are back"),
    ),
    "text added": (item("a", "/x", text=""), item("b", "/y")),
    "campaign in the address, undated": (
        item("", "/x?utm_source=a&utm_term=1", date=""),
        item("", "/x?utm_source=b&utm_term=2", date=""),
    ),
    "fragment, undated": (item("", "/x#t171", date=""), item("", "/x#t172", date="")),
    "session among parameters, undated": (
        item("", "/x?sessionid=1&id=7", date=""),
        item("", "/x?sessionid=2&id=7", date=""),
    ),
    "other subdomain, undated": (
        item("", "https://www1.harbour.example/x", date=""),
        item("", "https://www2.harbour.example/x", date=""),
    ),
    "time without seconds": (
        item("a", "/x", date="Wed, 15 May 2024 10:00:42 GMT"),
        item("b", "/y"),
    ),
    "day, then time": (item("a", "/x", date=DAY), item("b", "/y")),
    "update": (item("a", "/x"), item("b", "/x-2", title=f"UPDATE: {TELLING}")),
    "correction": (item("a", "/x"), item("b", "/x-2", title=f"{TELLING} (corrigé)")),
    "title that was escaped twice": (
        item("a", "/x", title="Fish &amp;amp; chips"),
        item("b", "/y", title="Fish &amp; chips"),
    ),
    "letter of a short word": (
        item("", "/opns", title="Mayor opns the bridge"),
        item("", "/opens", title="Mayor opens the bridge"),
    ),
    "letters that changed places": (
        item("", "/brigde", title="Mayor opens the brigde"),
        item("", "/bridge", title="Mayor opens the bridge"),
    ),
    "slips in title and text": (
        item("", "/hering", title=MISSPELT, text="Boats are inn for the day."),
        item("", "/herring", text="Boats are in for the day."),
    ),
    "parameter with any name": (item("", "/x?zz=1"), item("", "/x?zz=2")),
}


@pytest.mark.parametrize("what", ONE_RELEASE)
def test_release_is_listed_in_the_place_of_itself(tmp_path: Path, what: str) -> None:
    """It is one entry, with the id that it had, however often that happens."""
    one, other = ONE_RELEASE[what]
    (first,) = ids(tmp_path / "a", [one])
    assert ids(tmp_path / "b", [one], [other], [one], [other]) == [first]


TWO_RELEASES = {
    "of another day": (
        item("a", "/x", title=BRIEFING),
        item("b", "/y", title=BRIEFING, date=THURSDAY),
    ),
    "of another hour": (
        item("a", "/x", title=BRIEFING),
        item("b", "/y", title=BRIEFING, date="Wed, 15 May 2024 16:00:00 GMT"),
    ),
    "of another day at one place": (item("a", "/x"), item("b", "/x", date=THURSDAY)),
    "undated": (
        item("a", "/1", title=BRIEFING, date=""),
        item("b", "/2", title=BRIEFING, date=""),
    ),
    "a series of one day": (
        item("a", "/1", title="Traffic report for the northern isles", date=DAY, text="9 boats."),
        item("b", "/2", title="Traffic report for the northern isles", date=DAY, text="11 boats."),
    ),
    "a series of one date": (
        item("a", "/1", title="Traffic report for the northern isles", text="9 boats are in."),
        item("b", "/2", title="Traffic report for the northern isles", text="8 boats are in."),
    ),
    "at one place, with one date": (
        item("a", "/briefing", title=BRIEFING, text="The mayor opens a bridge."),
        item("b", "/briefing", title=BRIEFING, text="Herring is cheap again."),
    ),
    "number in the address, undated": (
        item("", "/x?id=7", title=BRIEFING, date=""),
        item("", "/x?id=8", title=BRIEFING, date=""),
    ),
    "a general title": (
        item("a", "/1", title="Media advisory", text="The mayor visits Ghent."),
        item("b", "/2", title="Media advisory", text="The mayor visits Bruges."),
    ),
    "another title": (item("a", "/1"), item("b", "/2", title="The cod fleet comes home")),
    "another stage": (
        item("a", "/1", title="Storm warning"),
        item("b", "/2", title="Storm warning lifted"),
    ),
    "another short word": (
        item("a", "/1", title="Mayor loves the bridge"),
        item("b", "/2", title="Mayor moves the bridge"),
    ),
    "another number": (
        item("a", "/1", title="Bulletin 17 of the harbour"),
        item("b", "/2", title="Bulletin 18 of the harbour"),
    ),
    "another country": (
        item("a", "/1", title="The minister visits Iran today"),
        item("b", "/2", title="The minister visits Iraq today"),
    ),
    "another language": (
        item("a", "/en", text="The boats of the fleet are all in the harbour and are safe."),
        item("b", "/fr", text="Les bateaux de la flotte sont tous au port et tout va bien ici."),
    ),
}


@pytest.mark.parametrize("what", TWO_RELEASES)
def test_another_release_takes_the_place_of_one_that_is_gone(tmp_path: Path, what: str) -> None:
    """It is an entry of its own."""
    one, other = TWO_RELEASES[what]
    assert len(ids(tmp_path / "p", [one], [other])) == 2


def test_two_of_one_title_and_date_in_one_document(tmp_path: Path) -> None:
    """They are two, whichever came first, and stay two when both get other ids."""
    one, other = (item(guid, f"/{guid}", title=BRIEFING, text="") for guid in "ab")
    moved = [item(guid, f"/{guid}", title=BRIEFING, text="") for guid in "cd"]
    assert len(ids(tmp_path / "p", [one], [other, one], moved, [other, one])) == 2


def test_release_that_is_listed_beside_the_one_in_whose_place_it_was(tmp_path: Path) -> None:
    """They are two after all, as if they had come together."""
    one, other = item("a", "/x"), item("b", "/y", text="Boats came in again.")
    assert len(ids(tmp_path / "a", [one], [other], [one, other])) == 2
    assert len(ids(tmp_path / "b", [one], [other], [one, other], [other], [one])) == 2


def test_page_of_all_news_is_the_place_of_none(tmp_path: Path) -> None:
    """Every item links to it, so it does not identify a release."""
    old, other = item("a", "/news", title="Minister visits Ghana"), item("c", "/news")
    new = item("b", "/news", title="Minister visits Guiana")
    assert len(ids(tmp_path / "p", [old, other], [other, new])) == 3


def test_long_titles_are_not_compared_by_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That takes time with the square of their length."""
    monkeypatch.setattr(relisted, "SequenceMatcher", lambda *_: pytest.fail("compared by letter"))
    one, other = (
        item(guid, "/x", title=f"{'Herring ' * 50}is {guid}", text=f"Boats are in {guid}.")
        for guid in "ab"
    )
    assert len(ids(tmp_path / "p", [one], [other])) == 2


def test_many_of_one_date_are_listed_again(tmp_path: Path) -> None:
    """Each is compared with the few that have its title."""
    old, new = (
        [item(f"{feed_}{n}", f"/{feed_}/{n}", title=f"Boat {n} is in", date=DAY) for n in range(30)]
        for feed_ in "ab"
    )
    assert len(ids(tmp_path / "p", old, new)) == 30


def test_feeds_of_one_folder_do_not_take_each_others_place(tmp_path: Path) -> None:
    """That another feed does not list a release says nothing."""
    project = Project(tmp_path)
    project.write("config.toml", CONFIG)
    (tmp_path / "digests").mkdir()
    project.write_digest("a.xml", feed(item("a", "/x", title=MISSPELT)), MODIFIED)
    project.write_digest("b.xml", feed(item("b", "/y")), MODIFIED)
    config = load(project.config)
    with open_store(config.store) as store:
        ingest(config, store, now=MODIFIED)
        ((count,),) = store.rows("SELECT count(*) FROM entries")
    assert count == 2


def poll_all(folder: Path, documents: Sequence[Items], *, is_delta: bool = False) -> int:
    """Poll a feed as often as it has ``documents``; return the number of entries."""
    with Loopback() as server:
        replies = [
            Reply(
                226 if is_delta and number else 200,
                feed(*items).encode(),
                {"IM": "feed"} if is_delta and number else {},
            )
            for number, items in enumerate(documents)
        ]
        server.at("/feed", *replies)
        project = Project(folder)
        config = CONFIG.replace('"digests/*.xml"', f'"{server.url("/feed")}"\nallow_private = true')
        project.write("config.toml", config)
        loaded = load(project.config)
        for number in range(len(documents)):
            poll(loaded, MODIFIED + timedelta(days=number))
    with open_store(loaded.store) as store:
        ((count,),) = store.rows("SELECT count(*) FROM entries")
    return int(count)


def test_item_that_did_not_change_is_still_listed(tmp_path: Path) -> None:
    """A poll skips it, but its place is not free."""
    one, other = (item(guid, f"/{guid}") for guid in "ab")
    assert poll_all(tmp_path, [[one], [other, one]]) == 2


def test_release_returns_beside_one_that_did_not_change(tmp_path: Path) -> None:
    """A poll skips the other, but lists it."""
    one, other = item("a", "/x"), item("b", "/y", text="Boats came in again.")
    assert poll_all(tmp_path, [[one], [other], [one, other]]) == 2


def test_address_with_a_parameter_that_changes_at_each_poll(tmp_path: Path) -> None:
    """Two releases without an id stay two."""
    documents = [
        [
            item("", f"/fleet?visit={number}7a"),
            item("", f"/price?visit={number}7a", title="Herring is cheap"),
        ]
        for number in range(4)
    ]
    assert poll_all(tmp_path, documents) == 2


def test_what_is_new_of_a_feed_is_not_all_that_it_lists(tmp_path: Path) -> None:
    """A delta (RFC 3229) leaves out what did not change, and nothing follows from that."""
    assert poll_all(tmp_path, [[item("a", "/x")], [item("b", "/y")]], is_delta=True) == 2


def test_no_source_takes_the_entry_of_another(tmp_path: Path) -> None:
    """Only what a feed listed itself can be listed again."""
    project = Project(tmp_path)
    other = CONFIG.replace('"harbour"', '"other"').replace("digests/", "other/")
    project.write("config.toml", CONFIG + other[other.index("[[sources]]") :].split("[[ag")[0])
    for folder in ("digests", "other"):
        (tmp_path / folder).mkdir()
    (tmp_path / "digests" / "feed.xml").write_text(feed(item("a", "/x", title=MISSPELT)))
    (tmp_path / "other" / "feed.xml").write_text(feed(item("b", "/y")))
    config = load(project.config)
    with open_store(config.store) as store:
        ingest(config, store, now=MODIFIED)
        ((count,),) = store.rows("SELECT count(*) FROM entries")
    assert count == 2


LONG = (
    "The harbour master said on Friday that the crews of both boats had come home unhurt after a "
    "night in the fog off the northern light, where they had waited for the tide to turn."
)


@pytest.mark.parametrize("text", [LONG, f"{LONG[:80]}…", "Crews unhurt.", ""])
@pytest.mark.parametrize("is_feed_first", [True, False])
def test_digest_and_feed_that_meet_keep_the_id_of_the_first(
    tmp_path: Path, text: str, *, is_feed_first: bool
) -> None:
    """They are one entry in either order, and its id does not change when the other comes."""
    project = Project(tmp_path)
    digests = CONFIG.replace('"harbour"', '"mails"').replace("digests/*.xml", "mails/*.txt")
    project.write("config.toml", CONFIG + digests[digests.index("[[sources]]") :].split("[[ag")[0])
    for folder in ("digests", "mails"):
        (tmp_path / folder).mkdir()
    written = {
        "digests/feed.xml": feed(item("urn:x-harbour:1", "/x", text=text)),
        "mails/digest.txt": digest(block(TELLING, "NATO", LONG)),
    }
    config = load(project.config)
    found = []
    with open_store(config.store) as store:
        for name in sorted(written, reverse=not is_feed_first):
            project.write(name, written[name])
            ingest(config, store, now=MODIFIED)
            found.append(store.rows("SELECT id FROM entries"))
    assert found[0] == found[1]
    assert len(found[0]) == 1
    assert (found[0] == [("urn:x-harbour:1",)]) is is_feed_first


def stored(folder: Path, *documents: str) -> set[tuple[str, str, str]]:
    """Read these documents of a feed, an hour apart; return id, title and text of each entry."""
    project = Project(folder)
    project.write("config.toml", CONFIG)
    (folder / "digests").mkdir()
    config = load(project.config)
    with open_store(config.store) as store:
        for number, document in enumerate(documents):
            at = MODIFIED + timedelta(hours=number)
            project.write_digest("feed.xml", document, at)
            ingest(config, store, now=at)
        return set(store.rows("SELECT id, title, text FROM entries"))


CUT = {
    "rss without ids": (
        feed(item("", "/a", title=BRIEFING), item("", "/b", text="It is <b>cheap</b>.")),
        ["<item>", "</title>", "</link>", "</pubDate>", "]]></description>"],
    ),
    "rss with id last": (
        feed(
            item("a", "/a", title=BRIEFING),
            {"title": TELLING, "description": "All boats.", "link": f"{SITE}/c", "guid": "c"},
        ),
        ["<item>", "</title>", "]]></description>", "</link>", "</guid>"],
    ),
    "rss with one item": (
        feed({"title": BRIEFING, "link": f"{SITE}/c", "guid": "c", "description": "All boats."}),
        ["<item>", "</title>", "</link>", "</guid>"],
    ),
    "atom": (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour</title><entry><title>One</title>'
        "<id>urn:x-harbour:1</id><updated>2024-05-15T10:00:00Z</updated></entry>"
        "<entry><title>Another is here</title><content>Nine boats of the fleet.</content>"
        f'<link href="{SITE}/x"/><updated>2024-05-15T11:00:00Z</updated>'
        "<id>urn:x-harbour:2</id></entry></feed>",
        ["<entry>", "</title>", "</content>", "/>", "</updated>", "</id>"],
    ),
}


@pytest.mark.parametrize("kind", CUT)
def test_cut_feed_leaves_nothing_that_the_whole_does_not_take_up(tmp_path: Path, kind: str) -> None:
    """A document that ends in the middle of its last item leaves the entries of the whole one."""
    whole, ends = CUT[kind]
    expected = stored(tmp_path / "whole", whole)
    start = max(whole.rfind("<item>"), whole.rfind("<entry>"))
    for number, end in enumerate(ends):
        cut = whole[: whole.index(end, start) + len(end)]
        assert stored(tmp_path / f"{number}", cut, whole) == expected, end
