"""Remote sources from the server to ``feeds/``: what a subscriber receives."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree

from aggregator.config import load
from aggregator.ingest.run import ingest
from aggregator.model import SourceReport, StoredEntry, Visit
from aggregator.output.regenerate import regenerate
from aggregator.store import open_store
from aggregator.store.entries import load as load_entries
from aggregator.store.entries import newest
from aggregator.store.visits import visits
from tests.support.loopback import Act, Connection, Loopback, Reply, Request
from tests.support.misbehaving import prose
from tests.support.project import AGENCIES, Project, make_project

NOW = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)
"""Two days after the digests of a project were made."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

_ATOM = "{http://www.w3.org/2005/Atom}"
_UUID = re.compile(r"urn:uuid:[0-9a-f-]{36}")

PARAGRAPHS = [prose(f"paragraph {n}", 45) for n in range(4)]
TITLE = "Ministers agree on the northern harbour treaty"
WHOLE = "\n\n".join(PARAGRAPHS)
CUT = f"{PARAGRAPHS[0]}\n\n{PARAGRAPHS[1].rstrip('.')}…"


@dataclass(frozen=True, slots=True)
class Feed:
    """One source: its location, and the rest of its table."""

    location: str
    more: str = 'agency = "nato"'


@dataclass(slots=True)
class World:
    """A project that runs at the times a test sets."""

    project: Project
    reports: dict[str, SourceReport] = field(default_factory=dict)

    def run(self, now: datetime = NOW, *only: str) -> dict[str, SourceReport]:
        """Do what ``once`` does, at ``now``."""
        config = load(self.project.config)
        with open_store(config.store) as store:
            reports = ingest(config, store, now=now, only=only)
            regenerate(config, store)
        return {report.id: report for report in reports}

    def entries(self) -> list[StoredEntry]:
        """All entries, newest first."""
        with open_store(self.project.store) as store:
            return load_entries(store, newest(store, 1000))

    def entry(self) -> StoredEntry:
        """The only one."""
        (entry,) = self.entries()
        return entry

    def visit(self, source: str) -> Visit:
        """What is remembered of a source."""
        with open_store(self.project.store) as store:
            return visits(store)[source]

    def atom(self, name: str = "all") -> dict[str, Any]:
        """The entries of a feed on disk by their ids; every feed must be well-formed."""
        content = (self.project.output / f"{name}.atom").read_bytes()
        assert not feedparser.parse(content).bozo
        entries = list(etree.fromstring(content).iter(f"{_ATOM}entry"))
        found = {entry.findtext(f"{_ATOM}id"): entry for entry in entries}
        assert len(found) == len(entries)
        return found


@pytest.fixture
def server() -> Iterator[Loopback]:
    """A web server."""
    with Loopback() as running:
        yield running


def world_of(folder: Path, sources: Mapping[str, Feed], *digests: str) -> World:
    """A project with these digests and ``sources``."""
    tables = [
        f'[[sources]]\nid = "{name}"\nlocation = "{feed.location}"\nallow_private = true\n'
        f"{feed.more}\n"
        for name, feed in sources.items()
    ]
    config = "\n".join(
        [
            'title = "Trial"\nbase_url = "http://localhost:8080/"\nentries_per_feed = 100\n',
            '[fetch]\ndelay = "0s"\n',
            '[[sources]]\nid = "digests"\nlocation = "digests/*.txt"\n',
            *tables,
            AGENCIES,
        ]
    )
    texts = {f"{number}.txt": text for number, text in enumerate(digests)}
    return World(make_project(folder, texts or {"0.txt": block("Old")}, config=config))


def block(title: str, body: str = "", agency: str = "NATO") -> str:
    """One item of a digest."""
    return f"{title}\n\nSource: {agency}\n\n{body or prose(title)}\n"


def rss(*items: str, title: str = "News", more: str = "") -> Reply:
    """An RSS feed."""
    about = f"<title>{title}</title><link>https://news.example/</link>{more}"
    body = f'<rss version="2.0"><channel>{about}{"".join(items)}</channel></rss>'
    return Reply(200, body.encode(), {"Content-Type": "application/rss+xml"})


def item(title: str, text: str = "", *, id_: str = "", date: str = "", more: str = "") -> str:
    """An item of an RSS feed."""
    parts = [f"<title>{title}</title>", f"<description>{text or prose(title)}</description>"]
    parts += [f'<guid isPermaLink="false">{id_}</guid>'] if id_ else []
    parts += [f"<pubDate>{date}</pubDate>"] if date else []
    return f"<item>{''.join(parts)}{more}</item>"


def paragraphs(text: str) -> str:
    """``text`` as HTML within XML."""
    return "".join(f"&lt;p&gt;{part}&lt;/p&gt;" for part in text.split("\n\n"))


def atom_feed(*entries: str) -> Reply:
    """An Atom feed."""
    about = "<title>News</title><id>tag:news.example,2024:feed</id>"
    body = (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">{about}{"".join(entries)}</feed>'
    )
    return Reply(200, body.encode(), {"Content-Type": "application/atom+xml"})


def tagged(reply: Reply, etag: str) -> Act:
    """``reply`` with an ETag, or 304 if the client has it."""

    async def act(request: Request, connection: Connection) -> None:
        if request.headers.get("if-none-match") == etag:
            await connection.send(Reply(304, b"", {"ETag": etag}).to_bytes())
        else:
            headers = {**reply.headers, "ETag": etag}
            await connection.send(Reply(reply.status, reply.body, headers).to_bytes())

    return act


def after(is_time: Callable[[], bool], reply: Reply) -> Act:
    """``reply``, not before ``is_time``."""

    async def act(_request: Request, connection: Connection) -> None:
        async with asyncio.timeout(10):
            while not is_time():
                await asyncio.sleep(0.01)
        await connection.send(reply.to_bytes())

    return act


# The same release from a digest and from a feed


def test_same_release_from_a_digest_and_a_feed_is_one_entry(
    tmp_path: Path, server: Loopback
) -> None:
    """The cut text becomes whole and the inferred date exact; the id stays."""
    release = item(TITLE, paragraphs(WHOLE), id_="n-1", date="Fri, 31 May 2024 08:30:00 GMT")
    server.at("/feed", rss(release))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))}, block(TITLE, CUT))
    world.run(NOW, "digests")
    before = world.entry()
    assert before.entry.truncated

    reports = world.run(NOW + HOUR)
    entry = world.entry()
    assert reports["news"].merged == 1
    assert entry.id == before.id
    assert not entry.entry.truncated
    assert PARAGRAPHS[3] in entry.entry.text
    assert entry.dating.basis == "upstream"
    assert entry.dating.published == datetime(2024, 5, 31, 8, 30, tzinfo=UTC)
    for name in ("all", "nato"):
        (shown,) = world.atom(name).values()
        assert PARAGRAPHS[3] in shown.findtext(f"{_ATOM}content")
        assert shown.findtext(f"{_ATOM}published") == "2024-05-31T08:30:00+00:00"


def test_same_release_from_a_feed_and_then_a_digest_is_one_entry(
    tmp_path: Path, server: Loopback
) -> None:
    """A cut text in a digest does not replace the whole text of a feed."""
    release = item(TITLE, paragraphs(WHOLE), id_="n-1", date="Fri, 31 May 2024 08:30:00 GMT")
    server.at("/feed", rss(release))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))}, block(TITLE, CUT))
    world.run(NOW, "news")
    before = world.entry()
    world.run(NOW + HOUR)
    entry = world.entry()
    assert (entry.id, entry.entry.text) == (before.id, before.entry.text)
    assert entry.dating.published == before.dating.published


def test_rss_atom_and_json_feeds_mix_with_digests(tmp_path: Path, server: Loopback) -> None:
    """The entries of each are in the feed of its agency and in the combined one."""
    server.at("/rss", rss(item("A convoy leaves the harbour", id_="r-1")))
    server.at(
        "/atom",
        atom_feed(
            "<entry><id>tag:news.example,2024:a-1</id><title>Forged notes are seized</title>"
            f"<updated>2024-05-30T10:00:00Z</updated><content>{prose('atom')}</content></entry>"
        ),
    )
    json_feed = (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [{"id": "j-1",'
        f' "title": "The lamp is mended", "content_text": "{prose("json")}"}}]}}'
    )
    server.at("/json", Reply(200, json_feed.encode(), {"Content-Type": "application/feed+json"}))
    server.at("/digest", Reply(200, block("A digest by the web").encode()))
    sources = {
        "rss": Feed(server.url("/rss")),
        "atom": Feed(server.url("/atom"), 'agency = "europol"'),
        "json": Feed(server.url("/json")),
        "digest": Feed(server.url("/digest"), ""),
    }
    world = world_of(tmp_path / "p", sources, block("A bridge opens"))
    reports = world.run()
    assert [(report.status, report.new) for report in reports.values()] == [("ok", 1)] * 5
    titles = {
        name: {entry.findtext(f"{_ATOM}title") for entry in world.atom(name).values()}
        for name in ("nato", "europol", "all")
    }
    assert titles["europol"] == {"Forged notes are seized"}
    assert titles["nato"] == {
        "A convoy leaves the harbour",
        "The lamp is mended",
        "A digest by the web",
        "A bridge opens",
    }
    assert titles["all"] == titles["nato"] | titles["europol"]


# What changes, and what does not


def test_second_run_is_all_304_and_writes_nothing(tmp_path: Path, server: Loopback) -> None:
    """No body is sent, nothing is parsed, and no file is written."""
    reply = rss(item(TITLE, id_="n-1"), item("Another thing", id_="n-2"))
    server.at("/feed", tagged(reply, '"v1"'))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))})
    world.run()
    stamps, contents = world.project.stamps(), world.project.contents()
    report = world.run(NOW + HOUR)["news"]
    assert (report.status, report.items, report.unchanged) == ("unchanged", 2, 2)
    assert (world.project.stamps(), world.project.contents()) == (stamps, contents)
    assert "if-none-match" in server.asked("/feed")[1].headers


UNNEEDED = (
    *("dating.choice", "dating.phrases", "dedupe.compare", "dedupe.document", "ingest.read"),
    *("ingest.walk", "normalise.entry", "normalise.markup", "output.pages", "output.render"),
    *("parse.digest", "parse.syndication"),
)
UNNEEDED_LIBRARIES = (
    *("dateutil", "feedgen", "feedparser", "gcld3", "jinja2", "lxml", "multiprocessing", "nh3"),
    *("numpy", "sqlite_utils", "w3lib"),
)
"""What takes long to import, and is for new documents only."""


def test_run_that_finds_only_304_imports_little(tmp_path: Path, server: Loopback) -> None:
    """What reads, compares, dates and writes is not loaded, nor what makes a store."""
    server.at("/feed", tagged(rss(item(TITLE, id_="n-1")), '"v1"'))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))})
    world.run(datetime.now(UTC))
    listing = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    ran = world.project.run_process("once", before=listing, env={})
    assert "if-none-match" in server.asked("/feed")[1].headers
    loaded = set(ran.err.split())
    assert "aggregator.ingest.polling" in loaded
    assert not loaded.intersection(UNNEEDED_LIBRARIES)
    assert not loaded.intersection(f"aggregator.{name}" for name in UNNEEDED)


def test_same_bytes_without_validators_write_nothing(tmp_path: Path, server: Loopback) -> None:
    """A server without validators costs a download and no more."""
    server.at("/feed", rss(item(TITLE, id_="n-1")))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))})
    world.run()
    stamps, contents = world.project.stamps(), world.project.contents()
    assert world.run(NOW + HOUR)["news"].status == "unchanged"
    assert (world.project.stamps(), world.project.contents()) == (stamps, contents)


@pytest.mark.parametrize("etag", ['"v1"', 'W/"v 1"', "unquoted", '"\xe9\xff"', '"a", "b"'])
def test_etag_goes_back_exactly_as_sent(tmp_path: Path, server: Loopback, etag: str) -> None:
    """Weak, unquoted or odd: it is sent back unchanged."""
    server.at("/feed", tagged(rss(item(TITLE)), etag))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))})
    world.run()
    assert world.run(NOW + HOUR)["news"].error is None
    assert server.requests[1].headers["if-none-match"] == etag


def test_edited_item_is_a_revision(tmp_path: Path, server: Loopback) -> None:
    """The text changes; the id and date stay, and ``updated`` is new."""
    date = "Sun, 02 Jun 2024 08:00:00 GMT"
    first, *rest = PARAGRAPHS
    edited = "\n\n".join([first, "One sentence more was added later.", *rest])
    server.at(
        "/feed",
        rss(item(TITLE, paragraphs(WHOLE), id_="n-1", date=date)),
        rss(item(TITLE, paragraphs(edited), id_="n-1", date=date)),
    )
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))})
    world.run(NOW, "news")
    before = world.entry()
    assert world.run(NOW + HOUR, "news")["news"].revised == 1
    entry = world.entry()
    assert (entry.id, entry.dating.published) == (before.id, before.dating.published)
    assert "One sentence more" in entry.entry.text
    assert entry.updated > before.updated


def test_entry_of_a_removed_item_stays(tmp_path: Path, server: Loopback) -> None:
    """An entry stays when its feed no longer lists it."""
    server.at("/feed", rss(item("First thing", id_="1")), rss(item("Second thing", id_="2")))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))})
    world.run(NOW, "news")
    world.run(NOW + HOUR, "news")
    assert {entry.entry.title for entry in world.entries()} == {"First thing", "Second thing"}


# Where a source is, and when it is asked


def test_moved_for_good_after_some_days(tmp_path: Path, server: Loopback) -> None:
    """A permanent redirect is followed each time, and remembered once it has held."""
    server.at("/old", Reply(301, b"", {"Location": "/new"}))
    server.at("/new", rss(item(TITLE, id_="n-1")))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/old"))})
    for days in (0, 1, 2, 4):
        assert world.run(NOW + days * DAY)["news"].error is None
    assert len(server.asked("/old")) == 4
    assert world.visit("news").address == server.url("/new")
    world.run(NOW + 5 * DAY)
    assert len(server.asked("/old")) == 4
    assert len(server.asked("/new")) == 5


def test_temporary_redirect_is_not_remembered(tmp_path: Path, server: Loopback) -> None:
    """It is followed each time."""
    server.at("/old", Reply(302, b"", {"Location": "/new"}))
    server.at("/new", rss(item(TITLE, id_="n-1")))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/old"))})
    for days in (0, 4, 8):
        world.run(NOW + days * DAY)
    assert len(server.asked("/old")) == 3
    assert world.visit("news").address is None


def test_gone_source_is_reported_each_run(tmp_path: Path, server: Loopback) -> None:
    """410 ends the polls; the entries stay, and every run reports it."""
    server.at("/feed", rss(item(TITLE, id_="n-1")), Reply(410, b""))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))})
    world.run()
    feeds = world.project.feeds()
    assert "gone" in (world.run(NOW + DAY)["news"].error or "")
    report = world.run(NOW + 2 * DAY)["news"]
    assert report.status == "failed"
    assert "gone" in (report.error or "")
    assert len(server.requests) == 2
    assert world.project.feeds() == feeds


@pytest.mark.parametrize(
    ("status", "wait"), [(429, "3600"), (503, "Mon, 03 Jun 2024 13:00:00 GMT")]
)
def test_retry_after_is_obeyed_by_a_later_run(
    tmp_path: Path, server: Loopback, status: int, wait: str
) -> None:
    """The path is not polled until its time is over; others of its host are read."""
    server.at("/a", Reply(status, b"", {"Retry-After": wait}), rss(item("A title", id_="a")))
    server.at("/b", rss(item("B title", id_="b")))
    server.at("/c", rss(item("C title", id_="c")))
    sources = {name: Feed(server.url(f"/{name}")) for name in "abc"}
    world = world_of(tmp_path / "p", sources)
    world.run(NOW, "a")
    reports = world.run(NOW + HOUR / 2)
    assert [reports[name].status for name in sources] == ["waiting", "ok", "ok"]
    assert [request.path for request in server.requests] == ["/a", "/b", "/c"]
    reports = world.run(NOW + HOUR + timedelta(minutes=1))
    assert [reports[name].error for name in sources] == [None] * 3


def test_secrets_of_a_source_are_sent_and_kept_nowhere(
    tmp_path: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the store, nor feeds, status and exports have them, also if the source fails."""
    monkeypatch.setenv("EUROPOL_TOKEN", "Bearer hush-1")
    more = 'headers = { Authorization = "env:EUROPOL_TOKEN" }\ncookie = "id=hush-2"\n'
    more += f'proxy = "http://u:hush-3@127.0.0.1:{server.port}"\n'
    world = world_of(tmp_path / "p", {"a": Feed(server.url("/a"), more)})
    server.at(server.url("/a"), rss(item("A title", id_="a")), Reply(401))
    assert world.run()["a"].new == 1
    report = world.run(NOW + HOUR)["a"]
    assert (report.error or "").startswith(f"{server.url('/a')}: responded with 401")
    sent = [(r.headers["authorization"], r.headers["cookie"]) for r in server.requests]
    assert sent == [("Bearer hush-1", "id=hush-2")] * 2
    shown = [world.project.run(*words).out for words in (["status"], ["check"], ["export"])]
    assert all(shown)
    assert "hush" not in "".join(shown) + repr(report)
    files = [world.project.store, *world.project.output.rglob("*")]
    assert not any(b"hush" in file.read_bytes() for file in files if file.is_file())


def test_found_by_autodiscovery_and_kept(tmp_path: Path, server: Loopback) -> None:
    """A page leads to its feed once; then the feed itself is polled, and status says so."""
    link = '<link rel="alternate" type="application/rss+xml" href="news.xml">'
    page = f"<!DOCTYPE html><html><head><title>News</title>{link}</head></html>"
    server.at("/", Reply(200, page.encode(), {"Content-Type": "text/html"}))
    server.at("/news.xml", rss(item(TITLE, id_="n-1")))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/"))})
    assert world.run()["news"].new == 1
    assert world.visit("news").address == server.url("/news.xml")
    assert world.run(NOW + HOUR)["news"].error is None
    assert len(server.asked("/")) == 1
    assert len(server.asked("/news.xml")) == 2
    assert server.url("/news.xml") in world.project.run("status").out


def test_once_polls_the_named_sources_only(tmp_path: Path, server: Loopback) -> None:
    """``once --source ID`` polls no other source."""
    server.at("/a", rss(item("A title", id_="a")))
    server.at("/b", rss(item("B title", id_="b")))
    sources = {"a": Feed(server.url("/a")), "b": Feed(server.url("/b"))}
    world = world_of(tmp_path / "p", sources)
    ran = world.project.run("once", "--source", "b", "--json")
    assert ran.code == 0, ran.err
    assert [source["id"] for source in ran.json["sources"]] == ["b"]
    assert [request.path for request in server.requests] == ["/b"]


# Identity


def test_rebuilt_store_is_the_same_whichever_server_answers_first(tmp_path: Path) -> None:
    """Ids, dates and feeds do not depend on which server is quick."""
    feeds = {}
    date = "Sat, 01 Jun 2024 08:00:00 GMT"
    for first in ("a", "b"):
        with Loopback() as a, Loopback() as b:
            shared = item(TITLE, paragraphs(WHOLE), id_="same", date=date)
            replies = {
                "a": rss(shared, item("Only in a", id_="1")),
                "b": rss(shared, item("Only in b", id_="1")),
            }
            servers = {"a": a, "b": b}
            second = "b" if first == "a" else "a"
            servers[first].at("/feed", replies[first])
            quick = servers[first].requests
            servers[second].at("/feed", after(lambda quick=quick: bool(quick), replies[second]))  # type: ignore[misc]
            sources = {name: Feed(one.url("/feed")) for name, one in servers.items()}
            world = world_of(tmp_path / first, sources, block(TITLE, CUT))
            world.run()
            ports = re.compile(rb"127\.0\.0\.1:\d+")  # the evidence of a date names its document
            feeds[first] = {
                name: ports.sub(b"", feed) for name, feed in world.project.feeds().items()
            }
            assert len(world.entries()) == 3
    assert feeds["a"] == feeds["b"]


def test_two_sources_with_one_item_id_keep_both_entries(tmp_path: Path, server: Loopback) -> None:
    """Both entries stay, each with its own text, in either order."""
    id_ = "tag:news.example,2024:1"
    server.at("/a", rss(item("Ministers meet in the capital", id_=id_)))
    server.at("/b", rss(item("A lighthouse is for sale", id_=id_)))
    sources = {"a": Feed(server.url("/a")), "b": Feed(server.url("/b"))}
    world = world_of(tmp_path / "p", sources)
    world.run(NOW, "a")
    before = world.entry()
    world.run(NOW + HOUR, "a", "b")
    entries = {entry.entry.title: entry for entry in world.entries()}
    assert len(entries) == 2
    assert entries["Ministers meet in the capital"] == before
    assert entries["A lighthouse is for sale"].id != before.id


def test_reused_id_is_another_entry(tmp_path: Path, server: Loopback) -> None:
    """A feed that uses its id for another release does not overwrite the first."""
    server.at(
        "/feed",
        rss(item("Ministers meet in the capital", id_="today")),
        rss(item("A lighthouse is for sale", id_="today")),
    )
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))})
    world.run(NOW, "news")
    first = world.entry()
    world.run(NOW + HOUR, "news")
    entries = {entry.id: entry.entry.title for entry in world.entries()}
    assert len(entries) == 2
    assert entries[first.id] == "Ministers meet in the capital"


def test_same_text_under_two_ids_in_one_feed(tmp_path: Path, server: Loopback) -> None:
    """Nothing is lost, and a second run adds nothing."""
    server.at(
        "/feed",
        rss(
            item(TITLE, paragraphs(WHOLE), id_="1", date="Sat, 01 Jun 2024 08:00:00 GMT"),
            item(TITLE, paragraphs(WHOLE), id_="2", date="Sat, 01 Jun 2024 08:00:00 GMT"),
        ),
    )
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))})
    assert world.run(NOW, "news")["news"].items == 2
    before = world.entries()
    world.run(NOW + HOUR, "news")
    assert world.entries() == before
    assert {entry.entry.title for entry in before} == {TITLE}


def test_ids_that_change_at_each_fetch_are_one_entry(tmp_path: Path, server: Loopback) -> None:
    """A feed with a new id for an old text adds no entry."""
    server.at("/feed", *(rss(item(TITLE, paragraphs(WHOLE), id_=f"x-{n}")) for n in range(3)))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))})
    for hours in range(3):
        world.run(NOW + hours * HOUR, "news")
    assert len(world.entries()) == 1


def test_id_of_upstream_is_kept_where_it_is_an_iri(tmp_path: Path, server: Loopback) -> None:
    """An IRI is the id; anything else gets a constant ``urn:uuid:``."""
    iris = ["tag:news.example,2024:1", "https://news.example/?p=7", "urn:isbn:9780141036144"]
    others = ["42", "not an iri", "javascript:alert(1)", "&lt;b&gt;"]
    server.at(
        "/feed", rss(*(item(f"Title of {n}", id_=id_) for n, id_ in enumerate(iris + others)))
    )
    ids = []
    for name in ("p", "q"):
        world = world_of(tmp_path / name, {"news": Feed(server.url("/feed"))})
        world.run(NOW, "news")
        ids.append({entry.entry.title: entry.id for entry in world.entries()})
    assert ids[0] == ids[1]
    for number, iri in enumerate(iris):
        assert ids[0][f"Title of {number}"] == iri
    for number in range(len(iris), len(iris + others)):
        assert _UUID.fullmatch(ids[0][f"Title of {number}"])


# What reaches the feeds


def test_data_of_an_item_reaches_the_feed(tmp_path: Path, server: Loopback) -> None:
    """Enclosure, authors, categories, language and address are those of the item."""
    server.at(
        "/feed",
        atom_feed(
            '<entry xml:lang="fr-CA"><id>tag:news.example,2024:7</id><title>Un titre</title>'
            "<updated>2024-05-30T10:00:00Z</updated><published>2024-05-29T10:00:00Z</published>"
            "<author><name>Anne Roy</name></author><category term='navy'/>"
            '<link href="https://news.example/7?utm_source=rss&amp;id=7"/>'
            '<link rel="enclosure" href="/7.mp3" type="audio/mpeg" length="1234"/>'
            f"<content type='html'>&lt;p&gt;{prose('seven')}&lt;/p&gt;</content></entry>"
        ),
    )
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))})
    world.run(NOW, "news")
    (entry,) = world.atom("nato").values()
    links = {link.get("rel", "alternate"): dict(link.attrib) for link in entry.iter(f"{_ATOM}link")}
    assert links["alternate"]["href"] == "https://news.example/7?id=7"
    assert links["enclosure"]["href"] == server.url("/7.mp3")
    assert links["enclosure"]["type"] == "audio/mpeg"
    assert links["enclosure"]["length"] == "1234"
    assert "Anne Roy" in {name.text for name in entry.iter(f"{_ATOM}name")}
    assert "navy" in {category.get("term") for category in entry.iter(f"{_ATOM}category")}
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr-CA"
    assert entry.findtext(f"{_ATOM}published") == "2024-05-29T10:00:00+00:00"
    assert entry.findtext(f"{_ATOM}updated") == "2024-05-30T10:00:00+00:00"


def test_links_in_a_text_are_absolute_and_clean(tmp_path: Path, server: Loopback) -> None:
    """Relative links are resolved, and tracking parameters removed."""
    text = (
        '<a href="/page?utm_campaign=x&amp;amp;q=1">a</a><img src="pic.png">'
        '<img src="https://t.example/p.gif" width="1" height="1">' + prose("links")
    )
    server.at("/news/feed", rss(item(TITLE, text.replace("<", "&lt;"), id_="n-1")))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/news/feed"))})
    world.run(NOW, "news")
    html = world.entry().entry.content_html
    assert 'href="https://news.example/page?q=1"' in html
    assert 'src="https://news.example/pic.png"' in html
    assert "t.example" not in html
    assert 'rel="noopener noreferrer"' in html


def test_title_of_a_feed_names_its_agency(tmp_path: Path, server: Loopback) -> None:
    """If the configuration does not name the agency of a feed, its title does."""
    server.at("/known", rss(item("A known thing", id_="1"), title="Europol"))
    server.at("/other", rss(item("An other thing", id_="1"), title="Coast Watch"))
    sources = {"known": Feed(server.url("/known"), ""), "other": Feed(server.url("/other"), "")}
    world = world_of(tmp_path / "p", sources)
    world.run(NOW, "known", "other")
    agencies = {entry.entry.title: entry.entry.agency for entry in world.entries()}
    assert agencies["A known thing"].id == "europol"
    assert agencies["An other thing"].name == "Coast Watch"
    assert not agencies["An other thing"].configured
    assert len(world.atom("europol")) == len(world.atom(agencies["An other thing"].id)) == 1


def test_item_without_a_date_has_that_of_its_first_visit(tmp_path: Path, server: Loopback) -> None:
    """It is dated once; a later poll does not change that."""
    server.at("/feed", rss(item(TITLE, id_="1")), rss(item(TITLE, id_="1"), item("More", id_="2")))
    world = world_of(tmp_path / "p", {"news": Feed(server.url("/feed"))})
    world.run(NOW, "news")
    before = world.entry()
    assert before.dating.basis == "first-seen"
    assert before.dating.published.date() == NOW.date()
    world.run(NOW + 3 * DAY, "news")
    entries = {entry.id: entry for entry in world.entries()}
    assert entries[before.id].dating == before.dating


def test_configured_interval_of_a_daily_feed_is_kept(tmp_path: Path, server: Loopback) -> None:
    """Without one, the same feed is asked after half of its usual gap."""
    days = [NOW - timedelta(days=n, hours=1) for n in range(6)]
    items = [item(f"Day {n}", date=f"{day:%a, %d %b %Y %X} +0000") for n, day in enumerate(days)]
    feeds = {}
    for name, more in (
        ("kept", 'interval = "20m"'),
        ("adaptive", ""),
        ("asked", 'interval = "20m"'),
    ):
        ttl = "<ttl>120</ttl>" if name == "asked" else ""
        feeds[name] = Feed(server.at(f"/{name}", rss(*items, more=ttl)), more)
    world = world_of(tmp_path / "p", feeds)
    world.run()
    found = {name: (world.visit(name).interval // 60, world.visit(name).why) for name in feeds}
    assert found["kept"] == (20, "every 20m as configured")
    assert found["asked"][1] == "the feed asks for 2h (ttl or sy:updatePeriod)"
    assert found["adaptive"][1] == "it publishes about every 24h, and no interval is configured"
    assert 12 * 60 <= found["adaptive"][0] <= 14 * 60
