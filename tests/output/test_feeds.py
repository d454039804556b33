"""The feeds as subscribers read them: valid, equal to the store, and the same bytes every time.

``complaints`` is a feed validator of our own, since no package has one: a RELAX NG schema checks
elements and attributes as RFC 4287 requires them, and the other checks are errors and warnings of
the W3C feed validator that no schema can express.
"""

import io
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from lxml import etree

from aggregator.output.formats.names import page_name
from aggregator.output.pages.templating import is_web
from tests.support.project import (
    CONFIG,
    FIRST,
    ONE,
    SECOND,
    Project,
    assert_clear_error,
    make_project,
    seeds_project,
    two_digests,
)
from tests.support.validation import atom_complaints

ATOM = "{http://www.w3.org/2005/Atom}"
CONFIGURED = {"NATO", "Europol", "INTERPOL", "US Joint Chiefs of Staff"}

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def complaints(body: bytes, address: str) -> Iterator[str]:
    """Return what is wrong with an Atom feed, at the time of the test."""
    return iter(list(atom_complaints(body, address, now=datetime.now(UTC))))


SOUND = b"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:x="urn:example:x">
<id>urn:uuid:00000000-0000-4000-8000-000000000001</id><title>T</title>
<updated>2023-01-02T00:00:00Z</updated><link rel="self" href="http://h/f.atom"/><x:y z="1">w</x:y>
<entry><id>http://h/1</id><title>One</title><updated>2023-01-02T00:00:00Z</updated>
<author><name>A</name></author><content type="html">&lt;p&gt;c&lt;/p&gt;</content>
<link href="http://h/1.html"/><category term="t"/>
<source><id>http://h/</id><title>S</title><updated>2023-01-02T00:00:00Z</updated></source></entry>
<entry><id>http://h/2</id><title>Two</title><updated>2023-01-01T00:00:00+01:00</updated>
<author><name>A</name></author><summary>s</summary><link href="http://h/2.html"/></entry>
</feed>
"""
FAULTS = {
    "no title": (b"<title>One</title>", b""),
    "two titles": (b"<title>One</title>", b"<title>One</title><title>One</title>"),
    "no id": (b"<id>http://h/2</id>", b""),
    "no updated": (b"<updated>2023-01-01T00:00:00+01:00</updated>", b""),
    "date without zone": (b"2023-01-01T00:00:00+01:00", b"2023-01-01T00:00:00"),
    "day without time": (b"2023-01-01T00:00:00+01:00", b"2023-01-01"),
    "unknown element": (b"<summary>s</summary>", b"<description>s</description>"),
    "unknown attribute": (b"<summary>", b'<summary mode="x">'),
    "unknown type": (b'type="html"', b'type="wiki"'),
    "link without address": (b' href="http://h/1.html"', b""),
    "text in a link": (b'<link href="http://h/1.html"/>', b'<link href="http://h/1">x</link>'),
    "blank author": (b"<name>A</name>", b"<name> </name>"),
    "no author": (b"<author><name>A</name></author>", b""),
    "category without term": (b' term="t"', b""),
    "same id": (b"http://h/2<", b"http://h/1<"),
    "id is not an IRI": (b"http://h/2<", b"a name<"),
    "id is not a UUID": (b"http://h/2<", b"urn:uuid:1<"),
    "same updated": (b"2023-01-01T00:00:00+01:00", b"2023-01-02T00:00:00Z"),
    "ahead of time": (b"2023-01-02T", b"2999-01-02T"),
    "before the web": (b"2023-01-01T00:00:00+01:00", b"1989-01-01T00:00:00Z"),
    "feed is older than its entry": (b"<updated>2023-01-02", b"<updated>2022-01-02"),
    "source without title": (b"<title>S</title>", b""),
    "source without id": (b"<id>http://h/</id>", b""),
    "C1 control": (b"Two", b"T\xc2\x80wo"),
    "bidi override": (b"Two", b"T\xe2\x80\xaewo"),
    "title like markup": (b"Two", b"&lt;b&gt;Two&lt;/b&gt;"),
    "title escaped twice": (b"Two", b"R&amp;amp;D"),
    "two alternates": (b'<link href="http://h/1.html"/>', b'<link href="http://h/1.html"/>' * 2),
    "no self": (b'rel="self"', b'rel="related"'),
    "another self": (b"http://h/f.atom", b"http://h/g.atom"),
    "address with a brace": (b"http://h/1.html", b"http://h/{1}"),
    "script": (b"&lt;p&gt;c&lt;/p&gt;", b"&lt;script&gt;1&lt;/script&gt;"),
    "handler": (b"&lt;p&gt;", b"&lt;p onclick='1'&gt;"),
    "open element": (b"&lt;/p&gt;", b""),
}


def test_the_validator_accepts_a_sound_feed() -> None:
    """The validator reports nothing about a sound feed."""
    assert list(complaints(SOUND, "http://h/f.atom")) == []


@pytest.mark.parametrize(("right", "wrong"), FAULTS.values(), ids=FAULTS)
def test_the_validator_reports_each_fault(right: bytes, wrong: bytes) -> None:
    """Each fault that the validator is meant to find is reported."""
    assert right in SOUND
    assert list(complaints(SOUND.replace(right, wrong), "http://h/f.atom"))


# Hostile digests

HOSTILE_TITLES = [
    "<b>Bold</b> & <i>brash</i>",
    "R&D, R&amp;D and R&amp;amp;D",
    "]]> ends a section",
    "<script>alert(1)</script>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]> &e;",
    "<!-- comment --> <?php echo 1 ?>",
    "Controls \x01\x02\x0e\x1b[31mred\x1b[0m \x7f end",
    "C1 controls \x80\x9b31m end",
    "Bidi \u202etxt.exe\u202c and \u2066isolated\u2069 \u200bend",
    "Noncharacters \ufffe\uffff\U0001ffff\ufdd0 end",
    "Emoji 👩‍🚀🏳️‍🌈 and flags 🇺🇦",
    "Decomposed: Łódź, Çanakkale, Ångström, \u1e9b\u0323",
    "عنوان بالعربية وكلمة English فيه",
    "כותרת בעברית",
    "中文標題與日本語の題",
    "ﬁne ligatures, ½ fractions, ™ marks",
    "Tab\tand no-break\xa0space\u2009thin\u3000wide",
    "Quotes \" ' ` “ ” ‘ ’ « » and \\backslashes\\",
    "{{ template }} ${shell} %s %(x)s {0}",
    "x" * 390,
]
HOSTILE_BODIES = [
    "<img src=x onerror=alert(1)> and <iframe src='javascript:1'></iframe>",
    "javascript:alert(1) data:text/html,<b> vbscript:x https://example.org/?a=1&b=<2>",
    'https://example.org/"onmouseover="alert(1) and https://example.org/(a)_b).',
    "https://example.org/{x}|y^z`w and http://[::1 and https://exa_mple..org",
    "www.example.org/ä?q=ö#ü and HTTPS://EXAMPLE.ORG/%zz%",
    "]]></content></entry></feed><feed>",
    "&lt;b&gt; &#0; &#x1F; &nbsp; &bogus; &",
    "\x00".replace("\x00", "\x02") + "a\x0bb\x0cc\x85d\u2028e\u2029f",
    "\u202eRLO \u2067isolate\u2069 \u061c mark \u200f mark",
    "• one\n  • two\n\n1. first\n3) third\n\n- dash\n– dash",
    "9" * 3000,
    "word " * 3000,
    "\u0301" * 500 + "e\u0301",
    "<p>An open paragraph\n\n</div></p>",
]


def hostile_digest() -> bytes:
    """Return a digest of all these, and one block with the bytes of lone surrogates."""
    blocks = [
        f"{title}\n\nSource: NATO\n\nBody {n}. {HOSTILE_BODIES[n % len(HOSTILE_BODIES)]}\n"
        for n, title in enumerate(HOSTILE_TITLES)
    ]
    blocks += [
        "Link with braces\n\nSource: NATO\nLink: https://example.org/{a}|b^c`d\\e\n\nText.\n",
        "Link with per cent\n\nSource: NATO\nLink: https://example.org/100%\n\nText.\n",
        "Link in letters\n\nSource: NATO\nLink: https://exämple.org/ö?ü#ß\n\nText.\n",
        "Link with controls\n\nSource: NATO\nLink: https://example.org/\x9b\u202ea\n\nText.\n",
        "Link to a script\n\nSource: NATO\nLink: javascript:alert(1)\n\nText.\n",
        "By another\n\nSource: Bureau & Sons \u202eltd \x01\n\nText.\n",
    ]
    surrogates = b"Surrogates \xed\xa0\x80 and \xed\xbf\xbf\n\nSource: NATO\n\n\xed\xa0\xbd text.\n"
    return "\n".join(blocks).encode() + b"\n" + surrogates


@pytest.fixture(scope="module", params=["seeds", "hostile", "wide"])
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project after one run: our own digests, hostile ones, or hostile ones in UTF-16."""
    folder = tmp_path_factory.mktemp("feeds") / "project"
    if request.param == "seeds":
        project = seeds_project(folder)
        text = project.config.read_text()
        project.write(
            "config.toml", text.replace("entries_per_feed = 50", "entries_per_feed = 999")
        )
    elif request.param == "hostile":
        project = make_project(folder, {"a.txt": hostile_digest(), "b.txt": FIRST})
    else:
        text = hostile_digest().decode("utf-8", "surrogatepass")
        wide = b"\xff\xfe" + text.encode("utf-16-le", "surrogatepass") + b"\x00\xd8\n\0"
        project = make_project(folder, {"a.txt": wide})
    ran = project.run("once")
    assert ran.code == 0, ran.err
    return project


@pytest.fixture
def project(ran: Project) -> Project:
    """A small project with four entries in its store and its feeds written."""
    return ran


@pytest.fixture(scope="module")
def grown(_ran_once: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The feeds of that project after one more digest, ``digests/c.txt``."""
    project = _ran_once.copy(tmp_path_factory.mktemp("grown") / "project")
    project.write("digests/c.txt", ONE, later=600)
    assert project.run("once").code == 0
    return project.feeds()


def is_hostile(project: Project) -> bool:
    return not (project.folder / "seeds").exists()


def test_feeds_are_well_formed(published: Project) -> None:
    """Two independent XML parsers read every feed, and there are no other files."""
    for name, body in published.feeds().items():
        assert name.endswith(".atom")
        assert etree.fromstring(body).tag == f"{ATOM}feed"
        assert ElementTree.fromstring(body).tag == f"{ATOM}feed"
        assert body.decode("utf-8")


def test_feeds_are_valid(published: Project) -> None:
    """The validator reports no error and no avoidable warning."""
    for name, body in published.feeds().items():
        address = f"http://localhost:8080/{name}"
        found = list(complaints(body, address))
        assert not found, "\n".join([name, *found])


def test_feeds_contain_no_harmful_character(published: Project) -> None:
    """Characters that XML forbids, lone surrogates and bidirectional overrides reach no feed, as
    text, in an attribute or as a reference.
    """
    for name, body in published.feeds().items():
        text = body.decode("utf-8")
        assert not FORBIDDEN.search(text.replace("\n", "")), name
        references = (
            int(n, 16 if x else 10) for x, n in re.findall(r"&#(x?)([0-9A-Fa-f]+);", text)
        )
        assert not [n for n in references if n not in (9, 10, 13) and FORBIDDEN.search(chr(n))]


@pytest.mark.parametrize("published", ["hostile", "wide"], indirect=True)
def test_titles_keep_every_character(published: Project) -> None:
    """A title keeps every character that a feed may contain, ``<`` and ``&`` included."""
    titles = {e["title"] for e in published.run("entries", "--json").json_lines}
    for title in (
        "<b>Bold</b> & <i>brash</i>",
        "R&D, R&amp;D and R&amp;amp;D",
        "]]> ends a section",
        "Emoji 👩‍🚀🏳️‍🌈 and flags 🇺🇦",
        "عنوان بالعربية وكلمة English فيه",
        "中文標題與日本語の題",
        "Tab and no-break space thin wide",
        "Quotes \" ' ` “ ” ‘ ’ « » and \\backslashes\\",
        "x" * 390,
        unicodedata.normalize("NFC", "Decomposed: Łódź, Çanakkale, Ångström, \u1e9b\u0323"),
    ):
        assert title in titles


def parsed(body: bytes) -> Any:
    """Return ``body`` as feedparser reads it, without sanitising."""
    return feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)


def plain(read: Any, name: str) -> str:
    """Return a text of an entry, which may be HTML, escaped."""
    text = str(read.get(name, ""))
    return unescape(text) if read.get(f"{name}_detail", {}).get("type") == "text/html" else text


def seconds(moment: str) -> tuple[int, ...]:
    return tuple(datetime.fromisoformat(moment).astimezone(UTC).timetuple())[:6]


def page_of(entry_id: str) -> str:
    """Return the address of an entry's own page."""
    return f"http://localhost:8080/{page_name(entry_id)}"


def test_feedparser_reads_back_every_field(published: Project) -> None:
    """Each entry of the combined feed has, field by field, the values of ``entries --json``."""
    entries = published.run("entries", "--json", "--limit", "999").json_lines
    names = dict(published.rows("SELECT id, name FROM agencies"))
    feed = parsed(published.feeds()["all.atom"])
    assert not feed.bozo
    assert feed.version == "atom10"
    assert [read.id for read in feed.entries] == [entry["id"] for entry in entries]
    for read, entry in zip(feed.entries, entries, strict=True):
        for name in ("title", "summary"):
            assert plain(read, name) == entry[name]
        assert tuple(read.published_parsed)[:6] == seconds(entry["published"])
        assert tuple(read.updated_parsed)[:6] == seconds(entry["updated"])
        assert [(c.type, c.value) for c in read.content] == [("text/html", entry["content_html"])]
        assert [(t.term, t.label) for t in read.tags] == [
            (term, names.get(term, term)) for term in entry["categories"]
        ]
        assert read.author_detail.name == names[entry["agency"]]
        given = [
            (link["rel"], link["href"] if is_web(link["href"]) else page_of(link["href"]))
            for link in entry["links"]
        ]
        links = [(link.rel, link.href) for link in read.get("links", [])]
        assert [link for link in links if link in given] == given
        assert read.source.title == names[entry["agency"]]


def test_feed_of_an_agency_contains_its_entries(published: Project) -> None:
    """Each agency has a feed with the same entries as the combined feed has of it."""
    entries = published.run("entries", "--json", "--limit", "999").json_lines
    agencies = {entry["agency"] for entry in entries}
    names = {"all.atom", "changes.atom", *(f"{agency}.atom" for agency in agencies)}
    assert set(published.feeds()) == names
    combined = parsed(published.feeds()["all.atom"])
    sources = {read.id: read.source for read in combined.entries}
    for agency in agencies:
        feed = parsed(published.feeds()[f"{agency}.atom"])
        ids = [entry["id"] for entry in entries if entry["agency"] == agency]
        assert [read.id for read in feed.entries] == ids
        assert {sources[entry_id].id for entry_id in ids} == {feed.feed.id}
        assert {sources[entry_id].title for entry_id in ids} == {feed.feed.title}


@pytest.mark.parametrize("published", ["seeds"], indirect=True)
def test_seeds_have_every_agency(published: Project) -> None:
    """Our own digests have all four configured agencies, and others."""
    titles = {parsed(body).feed.title for body in published.feeds().values()}
    assert titles > CONFIGURED
    assert len(titles) >= len(CONFIGURED) + 2


def test_feed_has_title_id_and_address(published: Project) -> None:
    """The combined feed has the configured title; each feed has its own id and address."""
    feeds = {name: parsed(body).feed for name, body in published.feeds().items()}
    title = "Press releases" if is_hostile(published) else "Agency press releases"
    assert feeds["all.atom"].title == title
    assert len({feed.id for feed in feeds.values()}) == len(feeds)
    for name, feed in feeds.items():
        (address,) = [link.href for link in feed.links if link.rel == "self"]
        assert address == f"http://localhost:8080/{name}"


# The same input, the same bytes


def test_second_run_writes_no_file(published: Project, tmp_path: Path) -> None:
    """Without news no feed is replaced or touched."""
    project = published.copy(tmp_path / "copy")
    feeds, stamps = project.files(), project.stamps()
    report = project.run("once", "--json").json
    assert report["feeds"] == {"written": 0, "unchanged": len(project.feeds())}
    assert project.run("regenerate", "--json").json["feeds"]["written"] == 0
    assert (project.files(), project.stamps()) == (feeds, stamps)


def test_rebuilt_store_results_in_the_same_bytes(published: Project, tmp_path: Path) -> None:
    """After store and feeds were removed, the same digests result in the same bytes."""
    project = published.copy(tmp_path / "copy")
    feeds = project.files()
    entries = project.run("entries", "--json").out
    for path in (*project.output.iterdir(), *project.folder.glob("aggregator.db*")):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert project.run("once").code == 0
    assert project.files() == feeds
    assert project.run("entries", "--json").out == entries


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"},
        {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "EAST-14"},
        {"PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.ISO-8859-9", "TZ": "WEST+12", "PYTHONUTF8": "0"},
    ],
    ids=lambda env: env["LC_ALL"],
)
def test_environment_does_not_change_a_byte(
    published: Project, tmp_path: Path, env: dict[str, str]
) -> None:
    """Hash seed, locale, time zone and current folder do not change a byte."""
    project = published.copy(tmp_path / "copy")
    for path in (*project.output.iterdir(), *project.folder.glob("aggregator.db*")):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    ran = project.run_process("--config", str(project.config), "once", env=env, cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert project.files() == published.files()


def test_touched_digests_are_not_news(published: Project, tmp_path: Path) -> None:
    """A digest whose time changed but not its bytes, as after a checkout, is not news."""
    project = published.copy(tmp_path / "copy")
    feeds, stamps = project.files(), project.stamps()
    for path in project.folder.glob("*/*.txt"):
        os.utime(path)
    assert project.run("once").code == 0
    assert (project.files(), project.stamps()) == (feeds, stamps)


def test_feed_changed_outside_is_repaired(project: Project) -> None:
    """A feed that was edited, cut or emptied by others is repaired; the rest stays untouched."""
    feeds, stamps = project.files(), project.stamps()
    for name, content in (
        ("nato.atom", feeds["nato.atom"].replace(b"fog", b"log")),
        ("europol.atom", feeds["europol.atom"][:-9]),
        ("all.atom", b""),
    ):
        (project.output / name).write_bytes(content)
    report = project.run("once", "--json").json
    assert report["feeds"]["written"] == 3
    assert project.files() == feeds
    untouched = "coast-guard-of-the-northern-isles.atom"
    assert project.stamps()[untouched] == stamps[untouched]


def test_only_feeds_that_change_are_written(project: Project) -> None:
    """A release of one agency replaces its feed and the combined one, and no other."""
    stamps = project.stamps()
    project.write("digests/c.txt", ONE, later=600)
    report = project.run("once", "--json").json
    assert report["feeds"] == {"written": 2, "unchanged": 3}
    now = project.stamps()
    assert {n for n in project.feeds() if now[n] != stamps[n]} == {"all.atom", "nato.atom"}
    others = [name for name in stamps if "coast-guard" in name or "europol" in name]
    assert others
    assert all(now[name] == stamps[name] for name in others)


def test_entries_per_feed(tmp_path: Path) -> None:
    """A feed has as many of the newest entries as the configuration sets."""
    config = "entries_per_feed = 2\n" + CONFIG
    project = make_project(tmp_path / "p", {"a.txt": FIRST, "b.txt": SECOND}, config=config)
    project.run("once")
    newest = project.run("entries", "--json", "--limit", "2").json_lines
    feed = parsed(project.feeds()["all.atom"])
    assert [read.id for read in feed.entries] == [entry["id"] for entry in newest]


def test_new_base_url_keeps_ids(project: Project) -> None:
    """With another ``base_url``, self links change and ids stay."""
    before = parsed(project.feeds()["all.atom"])
    text = CONFIG.replace("http://localhost:8080/", "https://press.example.org/feeds")
    project.write("config.toml", text)
    assert project.run("regenerate").code == 0
    for name, body in project.feeds().items():
        assert list(complaints(body, f"https://press.example.org/feeds/{name}")) == []
    after = parsed(project.feeds()["all.atom"])
    assert after.feed.id == before.feed.id
    assert [read.id for read in after.entries] == [read.id for read in before.entries]


def test_new_name_of_an_agency_keeps_ids(project: Project) -> None:
    """With a new name, an agency's file and its entries' ids stay; all feeds have the name."""
    before = parsed(project.feeds()["nato.atom"])
    text = CONFIG.replace('name = "NATO"', 'name = "The Alliance & friends"')
    project.write("config.toml", text)
    assert project.run("regenerate").code == 0
    after = parsed(project.feeds()["nato.atom"])
    assert after.feed.title == "The Alliance & friends"
    assert [read.id for read in after.entries] == [read.id for read in before.entries]
    assert {read.author for read in after.entries} == {"The Alliance & friends"}
    assert b"<name>NATO</name>" not in project.feeds()["all.atom"]


# Whole or not at all


def test_open_reader_of_a_feed_sees_one_state(project: Project) -> None:
    """A reader that has the feed open while it is replaced reads the old one to its end."""
    before = project.feeds()["all.atom"]
    with (project.output / "all.atom").open("rb") as reader:
        start = reader.read(100)
        project.write("digests/c.txt", ONE, later=600)
        assert project.run("once").code == 0
        assert start + reader.read() == before
    assert project.feeds()["all.atom"] != before


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_run_is_killed_while_it_writes(
    project: Project, grown: dict[str, bytes], step: str
) -> None:
    """Each feed is the old one or the new one; the next run repairs the rest, and removes what the
    killed one left.
    """
    before = project.feeds()
    project.write("digests/c.txt", ONE, later=600)
    dying = f"import os, aggregator.output.files\nos.{step} = lambda *_, **__: os._exit(9)\n"
    killed = project.run_process("once", before=dying)
    assert killed.code == 9
    assert any(name.startswith(".") for name in project.feeds())
    now = {name: body for name, body in project.feeds().items() if not name.startswith(".")}
    assert set(now) == set(before)
    for body in now.values():
        assert etree.fromstring(body).tag == f"{ATOM}feed"
    assert project.run("once").code == 0
    assert project.feeds() == grown
    assert list(project.output.rglob(".*")) == []


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_writing_fails_half_way(project: Project, step: str) -> None:
    """If a step of the writing fails, the old feed and no temporary file remain."""
    feeds, stamps = project.files(), project.stamps()
    project.write("digests/c.txt", ONE, later=600)
    failing = (
        "import os, aggregator.output.files\n"
        "def fail(*_, **__):\n    raise OSError(5, 'Input/output error')\n"
        f"os.{step} = fail\n"
    )
    ran = project.run_process("once", before=failing)
    assert_clear_error(ran, 3, "all.atom", "nput/output error")
    assert (project.files(), project.stamps()) == (feeds, stamps)


def test_feeds_are_readable_by_a_web_server(tmp_path: Path) -> None:
    """A feed has the mode of any new file, so that a web server can read it."""
    project = two_digests(tmp_path / "p")
    project.run_process("once", before="import os\nos.umask(0o022)\n")
    for name in project.feeds():
        assert (project.output / name).stat().st_mode & 0o777 == 0o644


def test_other_files_among_the_feeds_stay(tmp_path: Path) -> None:
    """Files of others in the output folder stay unchanged."""
    project = two_digests(tmp_path / "p")
    for name in ("README.md", ".htaccess", "old/all.atom"):
        project.write(f"feeds/{name}", "mine")
    project.run("once")
    assert project.run("regenerate").code == 0
    for name in ("README.md", ".htaccess", "old/all.atom"):
        assert project.files()[name] == b"mine"


@pytest.mark.parametrize("published", ["hostile"], indirect=True)
def test_entries_json_has_one_line_an_entry(published: Project) -> None:
    """Titles and texts with quotes and line ends are one JSON line each."""
    lines = published.run("entries", "--json").out.split("\n")[:-1]
    assert len(lines) == len(parsed(published.feeds()["all.atom"]).entries)
    assert all(isinstance(json.loads(line), dict) for line in lines)
