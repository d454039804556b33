"""``test`` and ``add``: a source is tried step by step, and added as a person would write it."""

import io
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.cli.begin import _as_address
from aggregator.config import load
from tests.support.feeds import atom, rss
from tests.support.loopback import Loopback, Reply
from tests.support.project import FIRST, SECOND, Project, Ran, assert_clear_error

NEWS = rss(
    *(
        f"<title>Release {day}</title><guid>r{day}</guid><description>Words of {day}.</description>"
        f"<pubDate>0{day} May 2024 10:00:00 GMT</pubDate>"
        for day in (7, 5, 3, 1)
    ),
    "<title>Odd one</title><guid>odd</guid><description>x</description><pubDate>soon</pubDate>",
    channel="<title>Harbour News</title>",
)
PAGE = """<html><head><title>Harbour</title>
<link rel="alternate" type="application/rss+xml" href="/news.xml">
<link rel="alternate" type="application/atom+xml" href="/other.xml"></head></html>"""
PRIVATE = "--allow-private"


@pytest.fixture
def site() -> Iterator[Loopback]:
    """A site with a page that names two feeds."""
    with Loopback() as server:
        server.at("/", Reply(body=PAGE.encode(), headers={"Content-Type": "text/html"}))
        server.at("/news.xml", _xml(NEWS))
        server.at("/other.xml", _xml(atom(head="<title>Harbour News</title>")))
        server.at("/gone", Reply(status=404))
        server.at("/big", Reply(body=b"x" * 30_000_000))
        yield server


def _xml(text: str) -> Reply:
    return Reply(body=text.encode(), headers={"Content-Type": "application/xml"})


@pytest.fixture
def desk(tmp_path: Path) -> Project:
    """What ``init`` makes."""
    project = Project(tmp_path)
    assert project.run("init").code == 0
    return project


def test_init_add_once(desk: Project, site: Loopback) -> None:
    """The commands of a new user: the empty folder for digests is no failure."""
    added = desk.run("add", PRIVATE, site.url("/"))
    assert (added.code, added.err) == (0, "")
    assert "leads to the feed" in added.out
    assert site.url("/other.xml") in added.out
    assert "2024-05-07 10:00:00" in added.out
    assert "about one in 2 days" in added.out
    (source,) = [one for one in load(desk.config).sources if one.id != "seeds"]
    assert (source.id, source.title) == ("harbour-news", "Harbour News")
    assert (source.location, source.allow_private) == (site.url("/news.xml"), True)
    ran = desk.run("once", "--json")
    assert ran.code == 0
    assert [one["new"] for one in ran.json["sources"]] == [0, 5]


def test_add_does_not_add_twice(desk: Project, site: Loopback) -> None:
    """Nor what is no feed; a title that is taken makes another id."""
    ran = desk.run(
        "add", PRIVATE, site.url("/news.xml"), site.url("/"), site.url("/gone"),
        site.url("/other.xml"), site.url("/big"),
    )  # fmt: skip
    assert ran.code == 1
    assert len(ran.complaints) == 2
    assert "/gone: responded with 404" in ran.complaints[0]
    assert "nothing is added" in ran.complaints[0]
    assert "/big" in ran.complaints[1]
    assert "max_download" in ran.complaints[1]
    ids = [source["id"] for source in tomllib.loads(desk.config.read_text())["sources"]]
    assert ids[:2] == ["seeds", "harbour-news"]
    assert len(ids) == 3
    assert ids[2].startswith("harbour-news-")


@pytest.mark.parametrize(
    "what",
    [
        "seeds/new.txt",
        "new.eml",
        "config.toml",
        "mailto:desk@example.org",
        "http://",
        "http://[::bad",
    ],
)
def test_add_names_what_is_no_address(desk: Project, what: str) -> None:
    """A file is not added: a glob in the configuration is for that."""
    before = desk.config.read_bytes()
    assert_clear_error(desk.run("add", what), 2, what, "not an http or https address")
    assert desk.config.read_bytes() == before
    if "://" in what:
        assert_clear_error(desk.run("test", what), 2, what, "not an http or https address")


@pytest.mark.parametrize(
    "what", ["nosuch.txt", "mails/a.eml", "./example.org", "localhost/feed", "all.ATOM", "nosuch"]
)
def test_name_of_a_missing_file_is_not_an_address(desk: Project, what: str) -> None:
    """Nothing is asked of the network; what may be a host is an address all the same."""
    assert_clear_error(desk.run("test", what), 2, f"{what}: no such file")


@pytest.mark.parametrize("what", ["example.org", "www.gov.md", "example.org/news/feed.xml"])
def test_host_without_a_scheme_is_an_address(what: str) -> None:
    assert _as_address(what) == f"https://{what}"


@pytest.mark.parametrize("command", ["add", "test"])
def test_a_private_address_needs_permission(desk: Project, site: Loopback, command: str) -> None:
    """The line says what permits it."""
    ran = desk.run(command, site.url("/news.xml"))
    assert_clear_error(ran, 1, "not a public address", "--allow-private")


def test_an_aggregator_is_added_as_one(desk: Project, site: Loopback) -> None:
    """Its table says so before the first visit, so that no entry has another id or date."""
    desk.write("seeds/1.txt", FIRST)
    desk.run("once")
    site.at("/all.json", Reply(body=(desk.folder / "feeds/all.json").read_bytes()))
    ran = desk.run("add", PRIVATE, site.url("/all.json"), site.url("/news.xml"))
    assert (ran.code, ran.err) == (0, "")
    assert "it has aggregator = true" in ran.out
    assert [source.aggregator for source in load(desk.config).sources] == [False, True, False]
    site.at("/all.rss", Reply(body=(desk.folder / "feeds/all.rss").read_bytes()))
    ran = desk.run("add", PRIVATE, site.url("/all.rss"))
    assert "its .atom or .json file, added instead of this RSS, keeps the ids" in ran.out
    assert load(desk.config).sources[-1].aggregator is False
    assert desk.run("once").code == 0
    assert "its ids, agencies and dates are kept" in desk.run("test", site.url("/all.json")).out


def test_test_stores_nothing(desk: Project, site: Loopback) -> None:
    """Every step is told, and nothing is written: no store, no line of configuration."""
    before = sorted((path, path.read_bytes()) for path in desk.folder.rglob("*") if path.is_file())
    ran = desk.run("test", PRIVATE, site.url("/"))
    assert (ran.code, ran.err) == (0, "")
    assert "5: 4 with a date, 1 without" in ran.out
    assert "5 new" in ran.out
    assert "soon" in ran.out
    after = sorted((path, path.read_bytes()) for path in desk.folder.rglob("*") if path.is_file())
    assert after == before


def test_test_says_where_older_items_are(desk: Project, site: Loopback) -> None:
    link = '<title>Harbour News</title><link rel="prev-archive" href="/2023.xml"/>'
    site.at("/news.xml", _xml(atom(head=link)))
    ran = desk.run("test", PRIVATE, site.url("/news.xml"))
    assert f"are at {site.url('/2023.xml')}; backfill reads them" in ran.out
    ran = desk.run("test", PRIVATE, "--json", site.url("/news.xml"))
    assert ran.json["documents"][0]["older"] == site.url("/2023.xml")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("all.json", "its ids, agencies and dates are kept"),
        ("all.rss", "use its .atom or .json"),
        ("news.xml", "no Aggregator made this feed"),
    ],
)
def test_test_says_whether_another_aggregator_is_read_as_one(
    desk: Project, site: Loopback, tmp_path: Path, name: str, words: str
) -> None:
    """A configured source has its lines too: what is kept, and where older items are."""
    other = Project(tmp_path / "other")
    other.folder.mkdir()
    other.run("init")
    other.write("seeds/a.txt", FIRST)
    other.run("once")
    for file in ("all.json", "all.rss"):
        kind = "application/feed+json" if file.endswith("json") else "application/rss+xml"
        body = (other.folder / "feeds" / file).read_bytes()
        site.at(f"/{file}", Reply(body=body, headers={"Content-Type": kind}))
    with desk.config.open("a") as config:
        config.write(
            f'[[sources]]\nid = "other"\nlocation = "{site.url("/" + name)}"\n'
            "aggregator = true\nallow_private = true\n"
        )
    assert words in desk.run("test", "other").out
    assert "Aggregator " not in desk.run("test", PRIVATE, site.url("/other.xml")).out


def test_test_knows_what_is_new(desk: Project, site: Loopback) -> None:
    """A configured source is found by its id or address, and asked without conditions."""
    desk.run("add", PRIVATE, site.url("/news.xml"))
    desk.run("once")
    more = NEWS.replace("<item>", "<item><title>New</title><guid>n</guid></item><item>", 1)
    site.at("/news.xml", _xml(more.replace("Words of 3", "Nothing at all on 3")))
    for what in ("harbour-news", site.url("/news.xml")):
        tried = desk.run("test", what, "--json").json
        assert tried["id"] == "harbour-news"
        assert tried["counts"] == {"new": 1, "revision": 1, "same": 4}
    assert "if-none-match" not in site.requests[-1].headers


def test_test_reads_files(desk: Project) -> None:
    """One digest, or a glob of them; a file that cannot be read is named, and the others are read.

    Problems have their line.
    """
    desk.write("a/1.txt", FIRST)
    desk.write("a/2.txt", SECOND + "\nNo source here\n\nSource:\n\nx\n")
    desk.write("a/3.txt", b"\0\1\2")
    ran = desk.run("test", "a/*.txt")
    assert ran.code == 1
    assert "a/3.txt" in ran.err
    assert "NUL" in ran.err
    assert "a/2.txt" in ran.out
    assert "line 1" in ran.out
    tried = desk.run("test", "a/1.txt", "--json").json
    assert (tried["counts"], tried["error"]) == ({"new": 3}, None)
    assert tried["documents"][0]["format"] == "digest"


class Terminal(io.StringIO):
    """Standard input at which somebody sits."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("answer", ["y", "n"])
def test_without_a_configuration_both_offer_to_make_one(
    tmp_path: Path, site: Loopback, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """On a terminal, where somebody can answer; elsewhere the line names ``init``."""
    project = Project(tmp_path)
    monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))
    ran = project.run("add", PRIVATE, site.url("/news.xml"))
    assert "Make one" in ran.err
    if answer == "y":
        assert "harbour-news: added" in ran.out
        assert "allow_private" in project.config.read_text()
    else:
        assert ran.code == 2
        assert "aggregator init" in ran.err
        assert not project.config.exists()


@pytest.mark.parametrize(
    "body",
    ["", "\0", "<", "{", "[]", '{"version": "https://jsonfeed.org/version/1.1"}', "a" * 5000,
     "<rss/>", "<html>", "Title\n\nSource: X\n\n", "From a@b.c\nSubject: x\n\n"],
)  # fmt: skip
def test_anything_is_told_in_lines(desk: Project, body: str) -> None:
    """Whatever a file holds, the result is lines, and JSON with the same error."""
    desk.write("what.bin", body)
    ran: Ran = desk.run("test", "what.bin")
    tried = desk.run("test", "what.bin", "--json")
    assert ran.code == tried.code == int(tried.json["error"] is not None)
    assert len(ran.complaints) == ran.code
