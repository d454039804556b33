"""Subscribers receive over HTTP what the store holds: feedparser, newsboat, and archives.

The real server serves on loopback what the real program wrote, and ``base_url`` is the address of
that server, so that subscribers follow the links unchanged.
"""

import json
import subprocess
from calendar import timegm
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin
from xml.etree import ElementTree

import feedparser
import pytest

from aggregator.normalise.addresses import to_uri
from aggregator.output.formats.names import page_name
from tests.end_to_end.test_newsboat import NEWSBOAT, reload
from tests.support.daemons import Daemon, fetch
from tests.support.project import AGENCIES, Project, environment, make_project
from tests.support.validation import atom_complaints, json_feed_complaints, rss_complaints

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
SHOWN = 6
"""Entries in a feed; older ones are in its archives only."""

needs_newsboat = pytest.mark.skipif(NEWSBOAT is None, reason="newsboat is not installed")

DIGEST = """Bridge opens to lorries

Source: NATO
Date: 2024-03-02

The bridge is open.

نمل جديد في الميناء: OPENED

Source: NATO
Date: 2024-02-11

كل القوارب هنا.

<b>Harbour</b> drill & R&amp;D ends in “fog” 🕊

Source: NATO
Date: 2024-02-10
Link: https://nato.example/drill?a=1&b=2

The crews were thanked.

Herring fleet comes home

Source: Coast Guard of the Northern Isles
Date: 2023-12-31

All boats are in.

Lamp mended

Source: NATO
Date: 2023-12-15

It shines.

Nets counted

Source: Coast Guard of the Northern Isles
Date: 2023-08-01

There are nine.
"""

ITEMS = [
    {
        "id": "https://europol.example/5",
        "url": "https://europol.example/5",
        "title": "Ports compared, with files",
        "content_html": "<p>All <em>ports</em> &amp; piers</p>",
        "date_published": "2024-02-20T10:00:00Z",
        "authors": [{"name": "Ada Ämter"}],
        "tags": ["ports & piers", "<b>"],
        "language": "en",
        "attachments": [
            {"url": "https://europol.example/5.pdf", "mime_type": "application/pdf"},
            {
                "url": "https://europol.example/5.mp3?a=1&b=2",
                "mime_type": "audio/mpeg",
                "size_in_bytes": 1234,
            },
        ],
    },
    {
        "id": "no address",
        "content_text": "It has no title, and no address.",
        "date_published": "2024-02-19T10:00:00Z",
    },
    {
        "id": "tag:europol.example,2024:3",
        "url": "https://europol.example/עברית?q=%D7%90",
        "title": "שלום עולם (hello)",
        "content_html": "<p dir=rtl>נמל</p>",
        "date_published": "2024-01-31T23:59:59Z",
        "date_modified": "2024-02-01T00:00:01Z",
        "language": "he",
    },
    {
        "id": "https://europol.example/2",
        "url": "https://europol.example/2",
        "title": "First of the year",
        "content_html": "<p>New</p>",
        "date_published": "2024-01-01T00:00:00Z",
    },
    {
        "id": "https://europol.example/1",
        "url": "https://europol.example/1",
        "title": "Last of the year",
        "content_html": "<p>Old</p>",
        "date_published": "2023-12-31T23:59:58Z",
    },
]

NEW = "Lighthouse lit again\n\nSource: NATO\nDate: 2024-03-05\n\nThe lamp was mended.\n"


@dataclass(frozen=True, slots=True)
class Served:
    """A project, and the address below which its output is served, with a slash at its end."""

    project: Project
    base: str
    known: list[dict[str, Any]] = field(default_factory=list)

    def entries(self, agency: str | None = None) -> list[dict[str, Any]]:
        """Return the entries of the store at the first call, newest first; all or of one agency.

        ``alternate`` is the address where an entry can be read.
        """
        if not self.known:
            self.known.extend(self.project.run("entries", "--json", "--limit", "999").json_lines)
        for entry in self.known:
            pages = [link["href"] for link in entry["links"] if link["rel"] == "alternate"]
            entry["alternate"] = next(iter(pages), f"{self.base}{page_name(entry['id'])}")
        return [entry for entry in self.known if agency in (None, entry["agency"])]

    def names(self) -> dict[str, str]:
        """Return the agencies' names by their ids."""
        return dict(self.project.rows("SELECT id, name FROM agencies"))

    def get(self, address: str, media_type: str, **headers: str) -> tuple[dict[str, str], bytes]:
        """Return headers and body of the response at ``address``; check its media type."""
        status, got, body = fetch(address, headers)
        assert (status, got["content-type"].partition(";")[0]) == (200, media_type), address
        return got, body


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Start the server on an empty folder; have the program write for its address."""
    project = make_project(folder, {"a.txt": DIGEST}, config='base_url = "http://localhost/"\n')
    assert project.run("once").code == 0
    with Daemon(project, command="serve") as daemon:
        base = f"{daemon.address}/"
        project.write(
            "config.toml",
            f'title = "Trial <b>&amp; error"\nbase_url = "{base}"\nentries_per_feed = {SHOWN}\n'
            '[[sources]]\nid = "digests"\nlocation = "digests/*.txt"\n'
            '[[sources]]\nid = "feed"\nlocation = "feed.json"\nagency = "europol"\n' + AGENCIES,
        )
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Europol", "items": ITEMS}
        project.write("feed.json", json.dumps(feed))
        assert project.run("once").code == 0
        yield Served(project, base)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve eleven entries of three agencies in five months, which no test changes."""
    with serving(tmp_path_factory.mktemp("subscribers") / "project") as made:
        yield made


# what a feed says


def test_the_entries_cover_every_case(served: Served) -> None:
    """The entries have every property that the tests below need."""
    entries = served.entries()
    assert len(entries) == len(ITEMS) + 6
    assert len({entry["published"][:7] for entry in entries}) == 5
    assert len({entry["agency"] for entry in entries}) == 3
    shown = entries[:SHOWN]
    assert [e["title"] for e in shown if not e["title"]] == [""]
    assert any(link["rel"] == "enclosure" for e in shown for link in e["links"])
    assert any("<b>" in entry["title"] for entry in shown)
    assert any("نمل" in entry["title"] for entry in shown)
    assert any("<b>" in entry["categories"] for entry in shown)


def plain(found: Any) -> str:
    """Return a title, which is HTML, escaped, where it looks like markup."""
    is_html = found.title_detail.type == "text/html"
    return unescape(found.title) if is_html else str(found.title)


def test_feedparser_reads_atom(served: Served) -> None:
    """It returns every entry, newest first, with all elements of Atom."""
    _, body = served.get(f"{served.base}all.atom", "application/atom+xml")
    parsed = feedparser.parse(BytesIO(body))
    assert not parsed.bozo
    assert plain(parsed.feed) == "Trial <b>&amp; error"
    expected = served.entries()[:SHOWN]
    assert [entry.id for entry in parsed.entries] == [entry["id"] for entry in expected]
    for found, entry in zip(parsed.entries, expected, strict=True):
        assert plain(found) == (entry["title"] or entry["summary"])
        assert moments(found) == [entry["published"], entry["updated"]]
        assert found.link == entry["alternate"]
        assert links_of(found) == {*links_in(entry), ("alternate", entry["alternate"])}
        assert [tag.term for tag in found.get("tags", [])] == entry["categories"]
        assert found.content[0].value == entry["content_html"]
        assert found.author == served.names()[entry["agency"]] or len(found.authors) > 1
        assert found.content[0].language == entry["language"]


def test_feedparser_reads_rss(served: Served) -> None:
    """The same, with one file of an entry as its enclosure, and the others as Atom links."""
    _, body = served.get(f"{served.base}all.rss", "application/rss+xml")
    parsed = feedparser.parse(BytesIO(body))
    assert not parsed.bozo
    expected = served.entries()[:SHOWN]
    assert [entry.id for entry in parsed.entries] == [entry["id"] for entry in expected]
    for found, entry in zip(parsed.entries, expected, strict=True):
        # feedparser sanitises HTML; a reader that does not do so sees the same references.
        assert unescape(found.get("title", "")) in (entry["title"], unescape(entry["title"])), found
        assert moments(found) == [entry["published"], entry["updated"]]
        page = to_uri(entry["alternate"])  # RSS has URIs, no IRIs
        assert found.link == page
        own = {(rel, to_uri(href)) for rel, href in links_in(entry)}
        assert links_of(found) == {*own, ("alternate", page)}
        names = [served.names().get(term, term) for term in entry["categories"]]
        assert [tag.term for tag in found.get("tags", [])] == names
        assert found.content[0].value == entry["content_html"]


def test_the_json_feed_has_the_same(served: Served) -> None:
    """Ids, titles, dates, pages, files and categories, by a JSON parser."""
    _, body = served.get(f"{served.base}all.json", "application/feed+json")
    expected = served.entries()[:SHOWN]
    for found, entry in zip(json.loads(body)["items"], expected, strict=True):
        assert found["id"] == entry["id"]
        assert found.get("title", "") == entry["title"]
        times = [found[name] for name in ("date_published", "date_modified")]
        assert [utc(datetime.fromisoformat(time)) for time in times] == [
            entry["published"],
            entry["updated"],
        ]
        assert found["url"] == to_uri(entry["alternate"])
        files = {link["href"] for link in entry["links"] if link["rel"] == "enclosure"}
        assert {file["url"] for file in found.get("attachments", [])} == files
        names = [served.names().get(term, term) for term in entry["categories"]]
        assert found.get("tags", []) == names
        assert found["content_html"] == entry["content_html"]


def moments(found: Any) -> list[str]:
    """Return when an entry was published and updated, as ``entries --json`` writes it."""
    # For a missing key feedparser would look up another one, and warn.
    updated = dict.get(found, "updated_parsed") or found.published_parsed
    parts = (found.published_parsed, updated)
    return [utc(datetime.fromtimestamp(timegm(part), UTC)) for part in parts]


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def links_of(found: Any) -> set[tuple[str, str]]:
    return {(link.rel, link.href) for link in found.links}


def links_in(entry: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(link["rel"], link["href"]) for link in entry["links"]}


# archives


@dataclass(frozen=True, slots=True)
class Seen:
    """A document of a feed and its archives, as it was served."""

    address: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def root(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.body)

    @property
    def links(self) -> dict[str, str]:
        found = self.root.findall(f"{ATOM}link")
        assert len({link.get("rel") for link in found}) == len(found)
        return {link.get("rel", ""): link.get("href", "") for link in found}

    @property
    def ids(self) -> list[str]:
        return [e.findtext(f"{ATOM}id") or "" for e in self.root.findall(f"{ATOM}entry")]


def walk(served: Served, name: str) -> list[Seen]:
    """Return the documents from a feed back to its first archive, by links only (RFC 5005)."""
    seen: list[Seen] = []
    address: str | None = f"{served.base}{name}"
    while address is not None:
        assert address not in {document.address for document in seen}
        seen.append(Seen(address, *served.get(address, "application/atom+xml")))
        address = seen[-1].links.get("prev-archive")
    return seen


@pytest.mark.parametrize("agency", [None, "nato", "europol", "coast-guard-of-the-northern-isles"])
def test_archives_hold_every_entry_once(served: Served, agency: str | None) -> None:
    """Every entry occurs once, newest first; every document is valid and links its neighbours."""
    feed, *archives = walk(served, f"{agency or 'all'}.atom")
    expected = [entry["id"] for entry in served.entries(agency)]
    assert feed.ids == expected[:SHOWN]
    assert [entry_id for archive in archives for entry_id in archive.ids] == expected
    assert feed.root.find(f"{HISTORY}archive") is None
    newer = None
    for document in (feed, *archives):
        assert list(atom_complaints(document.body, document.address)) == []
        assert document.links["self"] == document.address
    for archive in archives:
        assert archive.root.find(f"{HISTORY}archive") is not None
        assert archive.root.findtext(f"{ATOM}id") == feed.root.findtext(f"{ATOM}id")
        assert archive.links["current"] == feed.address
        assert archive.links.get("next-archive") == newer
        newer = archive.address
        (month,) = {
            (e.findtext(f"{ATOM}published") or "")[:7] for e in archive.root.iter(f"{ATOM}entry")
        }
        assert month in archive.address


@pytest.mark.parametrize("name", ["all.atom", "europol.atom"])
def test_archives_unchanged_get_304(served: Served, name: str) -> None:
    """A client that has the documents gets 304 for each, by ETag and by date."""
    for document in walk(served, name):
        for condition, header in (
            ("If-None-Match", "etag"),
            ("If-Modified-Since", "last-modified"),
        ):
            status, _, body = fetch(document.address, {condition: document.headers[header]})
            assert (status, body) == (304, b""), (document.address, condition)


def test_new_entry_changes_the_open_month_only(tmp_path: Path) -> None:
    """The feed and its open month change; closed months still answer 304."""
    with serving(tmp_path / "project") as served:
        names = ("all.atom", "nato.atom", "europol.atom")
        before = {name: walk(served, name) for name in names}
        served.project.write("digests/b.txt", NEW, later=600)
        assert served.project.run("once").code == 0
        changed = {
            document.address.removeprefix(served.base)
            for documents in before.values()
            for document in documents
            if fetch(document.address, {"If-None-Match": document.headers["etag"]})[0] == 200
        }
        assert changed == {
            *("all.atom", "archive/all-2024-03.atom"),
            *("nato.atom", "archive/nato-2024-03.atom"),
        }
        for name in names:
            after = walk(served, name)
            for old, new in zip(before[name], after, strict=True):
                is_changed = new.address.removeprefix(served.base) in changed
                assert (old.body != new.body) == is_changed
            agency = None if name == "all.atom" else name.removesuffix(".atom")
            ids = [entry["id"] for entry in served.entries(agency)]
            assert [entry_id for document in after[1:] for entry_id in document.ids] == ids


# readers


def assert_kept(kept: dict[str, Any], expected: list[dict[str, Any]]) -> None:
    """Check that newsboat's cache has these entries, with the store's titles and addresses."""
    entries = {entry["id"]: entry for entry in expected}
    assert {item["guid"] for item in kept["items"]} == set(entries)
    for item in kept["items"]:
        title = entries[item["guid"]]["title"]
        # Newsboat parses titles as HTML, and escapes non-ASCII characters of an address.
        assert item["title"] in (title, unescape(title)) or not title
        assert unquote(item["url"]) == unquote(entries[item["guid"]]["alternate"])


@needs_newsboat
@pytest.mark.parametrize("ending", ["atom", "rss"])
def test_newsboat_subscribes_to_a_feed(served: Served, ending: str, tmp_path: Path) -> None:
    """It has the entries of the feed, in either format."""
    kept = reload(tmp_path / "home", [f"{served.base}all.{ending}"])
    assert_kept(kept, served.entries()[:SHOWN])


@needs_newsboat
def test_newsboat_imports_the_list_of_feeds(served: Served, tmp_path: Path) -> None:
    """From the served OPML it subscribes to every feed, and has all their entries.

    It keeps one copy of an id: each folder of the list alone has every entry in its feeds.
    """
    _, body = served.get(f"{served.base}feeds.opml", "text/x-opml")
    home = tmp_path / "home"
    home.mkdir()
    (home / "feeds.opml").write_bytes(body)
    for name in ("urls", "config"):
        (home / name).touch()
    done = subprocess.run(
        [
            str(NEWSBOAT),
            *("-C", str(home / "config"), "-u", str(home / "urls"), "-c", str(home / "cache.db")),
            *("-i", str(home / "feeds.opml")),
        ],
        env=environment(home, {"TERM": "dumb"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    lines = (home / "urls").read_text().splitlines()
    addresses = [line.split()[0].strip('"') for line in lines]
    agencies = sorted({entry["agency"] for entry in served.entries()})
    assert sorted(addresses) == sorted(
        f"{served.base}{name}.atom" for name in ("all", "changes", *agencies)
    )
    kept = reload(home, addresses)
    assert {feed["title"] for feed in kept["feeds"]} > {"NATO", "Europol"}
    of_agencies = [served.entries(agency)[:SHOWN] for agency in agencies]
    assert_kept(kept, sum(of_agencies, served.entries()[:SHOWN]))

    for folder, expected in (
        ("Everything in one", {"all": served.entries()[:SHOWN]}),
        ("By agency", dict(zip(agencies, of_agencies, strict=True))),
    ):
        chosen = [line.split()[0].strip('"') for line in lines if f'"{folder}"' in line]
        alone = reload(tmp_path / folder, chosen)
        filled = {item["feedurl"] for item in alone["items"]}
        assert filled == {f"{served.base}{name}.atom" for name in expected}
        assert_kept(alone, [entry for feed in expected.values() for entry in feed])


class _Links(HTMLParser):
    """Collects the links for autodiscovery: relation, media type and address."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and given.get("rel") == "alternate":
            self.found.append((given.get("type") or "", given.get("href") or ""))


def test_autodiscovery_finds_valid_feeds(served: Served) -> None:
    """Each feed that a page links to exists, with that type, valid, and has a self link."""
    checks: dict[str, Callable[[bytes, str], Iterator[str]]] = {
        "application/atom+xml": atom_complaints,
        "application/rss+xml": partial(rss_complaints, titles=False),
    }
    pages = ["", "nato.html", page_name(served.entries()[0]["id"])]
    counts = []
    for page in pages:
        links = _Links()
        links.feed(served.get(f"{served.base}{page}", "text/html")[1].decode())
        counts.append(len(links.found))
        for media_type, href in links.found:
            address = urljoin(f"{served.base}{page}", href)
            _, body = served.get(address, media_type)
            if media_type in checks:
                assert list(checks[media_type](body, address)) == [], address
            elif media_type == "application/feed+json":
                assert list(json_feed_complaints(body, address)) == [], address
            else:
                assert media_type == "text/x-opml"
    assert counts == [2 * 3 + 1, 2 * 3, 2 * 3]  # the index has those of everybody
