"""Every format of feeds keeps the same promises, and each reads back as what was put in.

``CASES`` are entries with every odd property; each is rendered in every format, validated against
the format's specification, and read with a third-party parser.
"""

import hashlib
import html
import io
import json
import locale
import subprocess
import sys
from calendar import timegm
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.model import Agency, Dating, Entry, Link, Related, StoredEntry
from aggregator.normalise.html import body_from_text
from aggregator.normalise.text import cut, is_blank, one_line, title_of
from aggregator.output import plan
from aggregator.output.formats import Format, Head, atom, jsonfeed, rss
from aggregator.output.plan import Plan
from tests.support.project import ROOT, environment
from tests.support.validation import atom_complaints, json_feed_complaints, rss_complaints

FORMATS: list[Format] = [atom, rss, jsonfeed]
BASE_URL = "https://press.example/feeds/"
NOON = datetime(2023, 12, 15, 12, tzinfo=UTC)
ISLES = Agency(id="isles", name="Coast Guard & Rescue", homepage="https://isles.example/")
COAST = plan.of_agency(ISLES)
HARBOUR = plan.of_agency(Agency(id="harbour", name="Harbour Office"))
ALL = next(plan.plan("All <b>&amp; everything</b>", []))
TEXT = "The lamp was mended.\n\n• by day\n• by night & fog <later>"

every_format = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.NAME)


def stored(
    number: int = 1,
    *,
    title: str = "Lighthouse lit again",
    text: str = TEXT,
    links: tuple[Link, ...] = (),
    entry_id: str | None = None,
    authors: tuple[str, ...] = (),
    categories: tuple[str, ...] = ("isles",),
    language: str | None = None,
    related: tuple[Related, ...] = (),
    revised: timedelta = timedelta(),
) -> StoredEntry:
    """Return entry ``number``, published that many hours after noon."""
    body = body_from_text(text)
    published = NOON + timedelta(hours=number)
    return StoredEntry(
        key=number,
        id=entry_id or f"urn:uuid:00000000-0000-4000-8000-{number:012}",
        entry=Entry(
            agency=ISLES,
            title=one_line(title),
            text=body.text,
            content_html=body.html,
            summary=cut(one_line(body.text), 300),
            truncated=False,
            language=language,
            links=links,
            categories=categories,
            authors=authors,
        ),
        dating=Dating(
            basis="stated",
            published=published,
            earliest=published,
            latest=published,
            evidence="15 December",
        ),
        updated=published + revised,
        related=related,
    )


PAGE = Link(href="https://isles.example/lamp?a=1&b=2")
FILES = (
    Link(href="https://isles.example/a.mp3", rel="enclosure", type="audio/mpeg", length=1234),
    Link(href="https://isles.example/b.pdf", rel="enclosure"),
)

CASES = {
    "plain": {},
    "no title": {"title": ""},
    "no text": {"text": ""},
    "no title and no text": {"title": "", "text": ""},
    "markup in the title": {"title": "<b>Bold</b> & <script>alert(1)</script> ]]> <i>"},
    "references in the title": {"title": "R&D, R&amp;D, &lt;b&gt; and &#65;"},
    "right to left": {"title": "عنوان بالعربية وكلمة English فيه", "text": "כותרת בעברית"},
    "emoji": {"title": "👩‍🚀 and 🇺🇦 🏳️‍🌈", "text": "👩‍🚀\n\n🇺🇦"},
    "10,000 characters in the title": {"title": "word & " * 1430},
    "a page": {"links": (PAGE,)},
    "an address for its id": {"links": (PAGE,), "entry_id": PAGE.href},
    "an address for its id, and another page": {
        "links": (PAGE,),
        "entry_id": "https://isles.example/?p=7",
    },
    "several links": {
        "links": (
            PAGE,
            Link(href="https://isles.example/fr", type="text/html", title='"Fr" & <co>'),
            Link(href="https://wire.example/1", rel="via"),
        )
    },
    "a file": {"links": FILES[:1]},
    "several files": {"links": (PAGE, *FILES)},
    "several authors": {"authors": ("Ada Ämter", "Bo <b>", "Coast Guard & Rescue")},
    "several categories": {"categories": ("isles", "rescue & tow", "<fog>")},
    "a language": {"language": "de-AT"},
    "a related entry": {
        "related": (Related(id="x", title="Fog <lifts>", href="https://a.example/x", reason="y"),)
    },
    "revised": {"revised": timedelta(days=2, seconds=1)},
    "a text with markup": {"text": "<p onclick=x>]]> &lt;b&gt; </content:encoded></item>"},
}
ENTRIES = {
    name: stored(number, **case)  # type: ignore[arg-type]  # a table of what differs
    for number, (name, case) in enumerate(CASES.items(), 1)
}
PAGES = st.sampled_from([PAGE, *FILES, Link(href="https://a.example/%C3%A4#x", rel="related")])
LINES = st.lists(
    st.sampled_from(["<b>", "</b>", "&", "&lt;", "&#x26;", '"', "]]>", "\n", "• ", "\u202e", " "])
    | st.text(max_size=8),
    max_size=8,
).map("".join)
VISIBLE = LINES.map(one_line).filter(lambda text: not is_blank(text))
ANY_ENTRY = st.builds(
    stored,
    number=st.integers(1, 10**6),
    title=LINES,
    text=LINES,
    links=st.lists(PAGES, max_size=4, unique=True).map(tuple),
    categories=st.lists(VISIBLE, max_size=3, unique=True).map(tuple),
    language=st.sampled_from([None, "de", "zh-Hans-CN"]),
    revised=st.sampled_from([timedelta(), timedelta(hours=1)]),
)


@dataclass(frozen=True, slots=True)
class Read:
    """An entry as a feed reader sees it.  ``title`` is empty if there is none."""

    id: str
    title: str
    page: str | None
    files: list[str]
    authors: list[str]
    categories: list[str]
    summary: str
    content: str
    published: datetime
    updated: datetime


def wanted(entry: StoredEntry, form: Format) -> Read:
    """Return ``entry`` as a feed reader should see it; Atom must have a title."""
    found = entry.entry
    pages = [link.href for link in entry.links if link.rel == "alternate"]
    return Read(
        id=entry.id,
        title=title_of(found.title, found.summary) if form.NAME == "atom" else found.title,
        page=pages[0] if pages else None,
        files=[link.href for link in entry.links if link.rel == "enclosure"],
        authors=list(dict.fromkeys((found.agency.name, *found.authors))),
        categories=[ISLES.name if term == ISLES.id else term for term in found.categories],
        summary=found.summary,
        content=found.content_html or "<p></p>",
        published=entry.dating.published,
        updated=entry.updated,
    )


def read(form: Format, body: bytes) -> list[Read]:
    """Return the entries of a feed, in its order, as a third-party parser reads them."""
    if form.NAME == "json":
        return [_read_json(item) for item in json.loads(body)["items"]]
    # Content that feedparser removes because it may be active is compared here unchanged.
    feed = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    assert not feed.bozo
    return [_read_xml(entry, is_rss=form.NAME == "rss") for entry in feed.entries]


def _read_json(item: dict[str, Any]) -> Read:
    return Read(
        id=item["id"],
        title=item.get("title", ""),
        page=item.get("url"),
        files=[file["url"] for file in item.get("attachments", [])],
        authors=[author["name"] for author in item["authors"]],
        categories=item.get("tags", []),
        summary=item.get("summary", ""),
        content=item["content_html"],
        published=datetime.fromisoformat(item["date_published"]),
        updated=datetime.fromisoformat(item["date_modified"]),
    )


def _read_xml(entry: Any, *, is_rss: bool) -> Read:
    title, summary = (_text(entry, name, is_rss=is_rss) for name in ("title", "summary"))
    content = entry.content[0].value if "content" in entry else summary
    pages = [link.href for link in entry.get("links", []) if link.rel == "alternate"]
    if is_rss:  # there is at most one, which feedparser must take for the entry's own
        assert pages == ([entry.link] if "link" in entry else [])
    published = _moment(entry.published_parsed)
    return Read(
        id=entry.id,
        title=title,
        page=pages[0] if pages else None,
        files=[link.href for link in entry.get("links", []) if link.rel == "enclosure"],
        authors=[author.name for author in entry.authors],
        categories=[tag.label or tag.term for tag in entry.get("tags", [])],
        # Without a summary, feedparser returns the content.
        summary="" if summary == content else html.unescape(summary) if is_rss else summary,
        content=content,
        published=published,
        updated=_moment(entry.updated_parsed) if "updated_parsed" in entry else published,
    )


def _text(entry: Any, name: str, *, is_rss: bool) -> str:
    """Return a text; Atom may have it as HTML, escaped."""
    text = str(entry.get(name, ""))
    is_html = not is_rss and entry.get(f"{name}_detail", {}).get("type") == "text/html"
    return html.unescape(text) if is_html else text


def _moment(parsed: Any) -> datetime:
    return datetime.fromtimestamp(timegm(parsed), UTC)


def made(form: Format, entries: Iterable[StoredEntry], plan: Plan = COAST) -> bytes:
    """Return the feed of these entries."""
    newest_first = sorted(entries, key=lambda entry: entry.updated, reverse=True)
    updated = max((entry.updated for entry in newest_first), default=NOON)
    head = Head(plan=plan, base_url=BASE_URL, updated=updated)
    return form.feed(head, [form.entry(entry) for entry in newest_first])


def made_of_all(form: Format) -> bytes:
    """Return the combined feed of every case."""
    elements = (
        form.with_source(form.entry(entry), COAST, BASE_URL, entry.updated)
        for entry in sorted(ENTRIES.values(), key=lambda entry: entry.updated, reverse=True)
    )
    updated = max(entry.updated for entry in ENTRIES.values())
    return form.feed(Head(plan=ALL, base_url=BASE_URL, updated=updated), elements)


def complaints(form: Format, body: bytes, plan: Plan, *, titles: bool = False) -> list[str]:
    address = f"{BASE_URL}{plan.name}.{form.NAME}"
    if form.NAME == "json":
        return list(json_feed_complaints(body, address))
    if form.NAME == "atom":
        return list(atom_complaints(body, address))
    return list(rss_complaints(body, address, titles=titles))


@every_format
@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_an_entry_reads_back(form: Format, entry: StoredEntry) -> None:
    """A third-party parser reads what the store has."""
    assert read(form, made(form, [entry])) == [wanted(entry, form)]


@every_format
@given(entry=ANY_ENTRY)
def test_any_entry_reads_back(form: Format, entry: StoredEntry) -> None:
    """Whatever text an entry contains, it reads back and the feed is valid."""
    body = made(form, [entry])
    assert read(form, body) == [wanted(entry, form)]
    assert [c for c in complaints(form, body, COAST) if "alternate links" not in c] == []


@every_format
def test_entries_keep_their_order(form: Format) -> None:
    """A feed contains all its entries, first to last."""
    entries = sorted(ENTRIES.values(), key=lambda entry: entry.updated, reverse=True)
    assert read(form, made_of_all(form)) == [wanted(entry, form) for entry in entries]


@every_format
@pytest.mark.parametrize("plan", [COAST, HARBOUR, ALL], ids=lambda plan: plan.name)
def test_feeds_are_valid(form: Format, plan: Plan) -> None:
    """A feed of all these entries conforms to its specification."""
    body = made_of_all(form) if plan is ALL else made(form, ENTRIES.values(), plan)
    assert complaints(form, body, plan) == []


@every_format
def test_a_feed_without_entries_is_valid(form: Format) -> None:
    """An empty feed differs from a broken one."""
    body = form.feed(Head(plan=COAST, base_url=BASE_URL, updated=NOON), [])
    assert complaints(form, body, COAST) == []
    assert read(form, body) == []


@every_format
def test_titles_are_not_taken_for_markup(form: Format) -> None:
    """No validator warns of markup in a title that contains only its characters."""
    body = made(form, [stored(title="R&D: 1 < 2 > 0 “quoted” 'so'", text="So.")])
    assert complaints(form, body, COAST, titles=True) == []


@every_format
def test_spliced_feed_equals_one_built_at_once(
    form: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feed of kept elements has the bytes that feedgen makes of the whole at once."""
    if form.NAME == "json":
        body = made(form, ENTRIES.values())
        whole = json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":"))
        assert body.replace(b"\n", b"").decode() == whole
        return
    entries: list[FeedEntry] = []
    feeds: list[FeedGenerator] = []

    class NotedEntry(FeedEntry):  # type: ignore[misc]  # feedgen has no types
        def __init__(self) -> None:
            super().__init__()
            entries.append(self)

    class NotedFeed(FeedGenerator):  # type: ignore[misc]  # feedgen has no types
        def __init__(self) -> None:
            super().__init__()
            feeds.append(self)

    monkeypatch.setattr(form, "FeedEntry", NotedEntry)
    monkeypatch.setattr(form, "FeedGenerator", NotedFeed)
    body = made(form, ENTRIES.values())
    (feed,) = feeds
    assert len(entries) == len(ENTRIES)
    for entry in entries:
        feed.add_entry(entry, order="append")
    whole = feed.atom_str() if form.NAME == "atom" else feed.rss_str()
    assert _canonical(body) == _canonical(whole)


def _canonical(body: bytes) -> bytes:
    """Return canonical XML without the line ends that splicing puts between elements."""
    root = etree.fromstring(body)
    for element in root.iter():
        element.tail = (element.tail or "").strip("\n") or None
    return bytes(etree.tostring(root, method="c14n"))


@every_format
def test_an_entry_of_the_combined_feed_names_its_source(form: Format) -> None:
    """In the combined feed an entry names its agency's feed, and is otherwise unchanged."""
    entry = ENTRIES["several files"]
    element = form.with_source(form.entry(entry), COAST, BASE_URL, entry.updated)
    body = form.feed(Head(plan=ALL, base_url=BASE_URL, updated=entry.updated), [element])
    assert read(form, body) == [wanted(entry, form)]
    if form.NAME == "json":
        source = json.loads(body)["items"][0]["_aggregator"]["source"]
        assert (source["title"], source["feed_url"]) == (ISLES.name, f"{BASE_URL}isles.json")
    else:
        (found,) = feedparser.parse(io.BytesIO(body)).entries
        assert html.unescape(found.source.title) == ISLES.name
        assert f"{BASE_URL}isles.{form.NAME}" in str(found.source)


@every_format
def test_elements_do_not_depend_on_their_feed(form: Format) -> None:
    """The kept element of an entry is in its feed byte for byte, whatever else is there."""
    body = made(form, ENTRIES.values())
    assert all(body.count(form.entry(entry)) == 1 for entry in ENTRIES.values())


@every_format
def test_each_entry_starts_a_line(form: Format) -> None:
    """A line-by-line comparison of two versions of a feed shows which entries changed."""
    body = made(form, ENTRIES.values())
    assert all(b"\n" + form.entry(entry) in body for entry in ENTRIES.values())


def fingerprint() -> str:
    """Return a hash of everything that the formats render of the cases."""
    bodies = [made_of_all(form) + made(form, ENTRIES.values()) for form in FORMATS]
    return hashlib.sha256(b"".join(bodies)).hexdigest()


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8"},
    ],
    ids=["east", "west"],
)
def test_the_same_bytes_in_every_environment(env: dict[str, str]) -> None:
    """Hash seed, time zone and locale of a process do not change the bytes."""
    code = (
        "import locale; locale.setlocale(locale.LC_ALL, '')\n"
        "from tests.output.test_formats import fingerprint; print(fingerprint())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment(ROOT, env),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stdout.strip() == fingerprint(), ran.stderr


@every_format
def test_the_locale_is_never_changed(form: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dates are not formatted by way of the process's locale, which all its threads share."""

    def refuse(*_: object) -> str:
        raise AssertionError("the locale was asked for or changed")

    monkeypatch.setattr(locale, "setlocale", refuse)
    assert made_of_all(form)


@pytest.mark.parametrize("form", [rss, jsonfeed], ids=lambda form: form.NAME)
@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\ud800", "\ufffe"], ids=ascii)
def test_characters_that_xml_forbids_are_dropped(form: Format, sign: str) -> None:
    """A forbidden character that ``normalise`` missed is dropped; the feed is still written."""
    entry = ENTRIES["several categories"]
    bad = replace(
        entry,
        entry=replace(
            entry.entry,
            title=f"a{sign}b",
            content_html=f"<p>c{sign}d</p>",
            summary=f"c{sign}d",
            categories=(f"e{sign}f",),
            authors=(f"g{sign}h",),
            links=(Link(href=f"https://a.example/{sign}", title=sign),),
        ),
    )
    assert form.entry(bad).decode()
    (found,) = read(form, made(form, [bad]))
    assert found.title.replace(sign, "") == "ab"


# Properties of one format


def rss_item(entry: StoredEntry) -> Any:
    return etree.fromstring(made(rss, [entry])).find("channel/item")


def test_rss_has_one_enclosure_with_all_its_attributes() -> None:
    """The first file is the enclosure; the others are links, and none is lost."""
    item = rss_item(ENTRIES["several files"])
    (enclosure,) = item.findall("enclosure")
    assert dict(enclosure.attrib) == {
        "url": FILES[0].href,
        "length": "1234",
        "type": "audio/mpeg",
    }
    (other,) = item.findall("{http://www.w3.org/2005/Atom}link")
    assert dict(other.attrib) == {"href": FILES[1].href, "rel": "enclosure"}


def test_rss_enclosure_of_unknown_length_and_type() -> None:
    """Length and type are required, so unknown ones have the recommended values."""
    enclosure = rss_item(stored(links=FILES[1:])).find("enclosure")
    assert (enclosure.get("length"), enclosure.get("type")) == ("0", "application/octet-stream")


@pytest.mark.parametrize(
    ("case", "permanent"),
    [
        ("plain", "false"),
        ("a page", "false"),
        ("an address for its id", "true"),
        ("an address for its id, and another page", "false"),
    ],
)
def test_rss_guid_is_a_permalink_only_if_it_is_the_page(case: str, permanent: str) -> None:
    """An id that looks like an address may not be one that can be opened."""
    assert rss_item(ENTRIES[case]).find("guid").get("isPermaLink") == permanent


def test_rss_link_is_the_first_page() -> None:
    """Of several links, ``link`` is the item's own page."""
    assert rss_item(ENTRIES["several links"]).findtext("link") == PAGE.href
    assert rss_item(ENTRIES["a related entry"]).find("link") is None


def test_rss_dates() -> None:
    """Dates follow RFC 822, and only a changed entry has the time of its change."""
    body = made(rss, [ENTRIES["revised"]])
    root = etree.fromstring(body)
    number = list(CASES).index("revised") + 1
    published = NOON + timedelta(hours=number)
    assert root.findtext("channel/item/pubDate") == f"Sat, 16 Dec 2023 {published:%H:%M:%S} +0000"
    changed = f"Mon, 18 Dec 2023 {published:%H:%M}:01 +0000"
    assert [e.text for e in root.iter("lastBuildDate")] == [changed]
    assert rss_item(ENTRIES["plain"]).find("{http://www.w3.org/2005/Atom}updated") is None


def test_rss_titles_use_hexadecimal_references() -> None:
    """``&`` and ``<`` are hexadecimal references in the titles of the channel and of items."""
    body = made(rss, [stored(title="R&D <b>")])
    assert b"<item><title>R&#x26;D &#x3C;b&#x3E;</title>" in body
    assert b"<title>Coast Guard &#x26; Rescue</title>" in body


def test_rss_prefixes_are_declared_once() -> None:
    """Elements keep the usual prefixes, which the root element declares."""
    body = made(rss, ENTRIES.values())
    for prefix in (b"content", b"dc", b"atom"):
        assert body.count(b"xmlns:" + prefix + b"=") == 1
    assert b"<content:encoded>" in body
    assert b"<dc:creator>" in body


def test_json_extension_of_an_item() -> None:
    """The extension contains what the format has no members for."""
    found = stored(
        links=(PAGE, *FILES),
        related=(Related(id="x", title="Fog", href="https://a.example/x", reason="y"),),
    )
    found = replace(
        found,
        credits=(Agency(id="harbour", name="Harbour"),),
        entry=replace(found.entry, truncated=True, language="de"),
    )
    (item,) = json.loads(made(jsonfeed, [found]))["items"]
    assert item["language"] == "de"
    assert item["_aggregator"] == {
        "agency": "isles",
        "names": {"isles": found.entry.agency.name, "harbour": "Harbour"},
        "also_by": ["harbour"],
        "truncated": True,
        "related": ["https://a.example/x"],
        "links": [{"rel": "related", "href": "https://a.example/x", "title": "Fog"}],
        "dating": {
            "basis": "stated",
            "earliest": "2023-12-15T13:00:00+00:00",
            "latest": "2023-12-15T13:00:00+00:00",
            "evidence": "15 December",
        },
    }


def test_json_attachments() -> None:
    """Every file has a type, which is required, and its size if that is known."""
    (item,) = json.loads(made(jsonfeed, [ENTRIES["several files"]]))["items"]
    assert item["attachments"] == [
        {"url": FILES[0].href, "mime_type": "audio/mpeg", "size_in_bytes": 1234},
        {"url": FILES[1].href, "mime_type": "application/octet-stream"},
    ]


def test_json_image_is_the_first_file_that_is_a_picture() -> None:
    """Readers show it in lists; it stays an attachment, with its type."""
    (item,) = json.loads(made(jsonfeed, [ENTRIES["several files"]]))["items"]
    assert "image" not in item
    stored = ENTRIES["several files"]
    picture = Link(href="https://a.example/ö.png", rel="enclosure", type="image/png")
    links = (*stored.entry.links, picture, replace(picture, href="https://a.example/2.png"))
    stored = replace(stored, entry=replace(stored.entry, links=links))
    (item,) = json.loads(made(jsonfeed, [stored]))["items"]
    assert item["image"] == "https://a.example/%C3%B6.png"
    assert item["attachments"][-2] == {"url": item["image"], "mime_type": "image/png"}


def test_json_extension_of_a_feed() -> None:
    """The format has no member for id and time of change, so the extension has them."""
    feed = json.loads(made(jsonfeed, [ENTRIES["plain"]]))
    assert feed["_aggregator"] == {"id": COAST.id, "updated": "2023-12-15T13:00:00+00:00"}
    assert feed["home_page_url"] == ISLES.homepage


# The validators

RSS = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" version="2.0"><channel>
<title>T</title><link>http://h/</link><description>D</description><ttl>60</ttl>
<atom:link href="http://h/f.rss" rel="self" type="application/rss+xml"/>
<lastBuildDate>Mon, 02 Jan 2023 00:00:00 +0000</lastBuildDate>
<item><title>One</title><link>http://h/1</link><guid>http://h/1</guid><dc:creator>A</dc:creator>
<description>s</description><content:encoded>&lt;p&gt;c&lt;/p&gt;</content:encoded>
<pubDate>Sun, 01 Jan 2023 00:00:00 GMT</pubDate><source url="http://h/s.rss">S</source>
<enclosure url="http://h/a" length="0" type="a/b"/></item>
<item><title>Two</title><guid isPermaLink="false">2</guid><dc:creator>A</dc:creator></item>
</channel></rss>
"""
RSS_FAULTS = {
    "version": (b'version="2.0"', b'version="0.91"'),
    "no description": (b"<description>D</description>", b""),
    "blank title": (b"<title>T</title>", b"<title> </title>"),
    "two links": (b"<link>http://h/</link>", b"<link>http://h/</link>" * 2),
    "relative link": (b"<link>http://h/1<", b"<link>/1<"),
    "unknown element": (b"<ttl>60</ttl>", b"<updated>x</updated>"),
    "ttl": (b"60", b"an hour"),
    "nothing to show": (b"<title>Two</title>", b""),
    "same guid": (b">2<", b">http://h/1<"),
    "guid is not a link": (b' isPermaLink="false"', b""),
    "guid is perhaps a link": (b'"false"', b'"no"'),
    "no guid": (b'<guid isPermaLink="false">2</guid>', b""),
    "no author": (b"<dc:creator>A</dc:creator></item>\n</channel>", b"</item></channel>"),
    "author without address": (b"<dc:creator>A</dc:creator>", b"<author>A</author>"),
    "date of Atom": (b"Sun, 01 Jan 2023 00:00:00 GMT", b"2023-01-01T00:00:00Z"),
    "wrong weekday": (b"Sun, 01", b"Mon, 01"),
    "two digits of a year": (b"Jan 2023 00:00:00 GMT", b"Jan 23 00:00:00 GMT"),
    "before the web": (b"Sun, 01 Jan 2023 00:00:00 GMT", b"Sun, 01 Jan 1989 00:00:00 GMT"),
    "ahead of time": (b"Mon, 02 Jan 2023", b"Thu, 02 Jan 2025"),
    "enclosure without length": (b' length="0"', b""),
    "enclosure without type": (b' type="a/b"', b""),
    "two enclosures": (
        b"<enclosure",
        b'<enclosure url="http://h/" length="0" type="a/b"/><enclosure',
    ),
    "source without address": (b' url="http://h/s.rss"', b""),
    "no self": (b'rel="self"', b'rel="related"'),
    "self of another type": (b"application/rss+xml", b"text/xml"),
    "two texts": (b"<content:encoded>", b"<content:encoded>x</content:encoded><content:encoded>"),
    "script": (b"&lt;p&gt;c&lt;/p&gt;", b"&lt;script&gt;1&lt;/script&gt;"),
    "title like markup": (b"<title>Two", b"<title>&lt;b&gt;Two&lt;/b&gt;"),
    "bidi override": (b"Two", b"T\xe2\x80\xaewo"),
    "link in another form": (b"<link>http://h/1<", b"<link>http://h:80/1<"),
    "Atom link in another form": (b"<ttl>", b'<atom:link href="http://h/%c3" rel="hub"/><ttl>'),
    "Atom link that is an IRI": (b"<ttl>", b'<atom:link href="http://h/\xc3\xa9" rel="hub"/><ttl>'),
    "language": (b"<description>s", b"<dc:language>xx</dc:language><description>s"),
    "name with address": (b"<dc:creator>A<", b"<dc:creator>A &lt;a@b.example&gt;<"),
}

JSON = b"""{"version":"https://jsonfeed.org/version/1.1","title":"T","feed_url":"http://h/f.json",
"items":[{"id":"1","title":"One","content_html":"<p>c</p>","url":"http://h/1","summary":"s",
"date_published":"2023-01-01T00:00:00Z","authors":[{"name":"A"}],"tags":["t"],"language":"de-AT",
"attachments":[{"url":"http://h/a","mime_type":"a/b","size_in_bytes":1}],"_x":{"y":1}},
{"id":"2","content_text":"c"}]}
"""
JSON_FAULTS = {
    "no JSON": (b"{", b"{{"),
    "not UTF-8": (b"One", b"\xff"),
    "version": (b"1.1", b"1"),
    "no title": (b'"title":"T",', b""),
    "no items": (b'"items"', b'"_items"'),
    "another address": (b"f.json", b"g.json"),
    "no id": (b'"id":"2",', b""),
    "number for an id": (b'"id":"2"', b'"id":2'),
    "same id": (b'"id":"2"', b'"id":"1"'),
    "no content": (b',"content_text":"c"', b""),
    "relative url": (b"http://h/1", b"/1"),
    "unknown member": (b'"summary"', b'"excerpt"'),
    "member of 1.0": (b'"authors":[{"name":"A"}]', b'"author":{"name":"A"}'),
    "null": (b'"summary":"s"', b'"summary":null'),
    "date without zone": (b"00:00:00Z", b"00:00:00"),
    "date without time": (b"2023-01-01T00:00:00Z", b"2023-01-01"),
    "ahead of time": (b"2023-01-01", b"2025-01-01"),
    "empty author": (b'{"name":"A"}', b"{}"),
    "tags": (b'["t"]', b'"t"'),
    "language": (b"de-AT", b"de_AT"),
    "attachment without type": (b',"mime_type":"a/b"', b""),
    "size in words": (b'"size_in_bytes":1', b'"size_in_bytes":"1"'),
    "extension that is not an object": (b'{"y":1}', b"1"),
    "member twice": (b'"tags":["t"]', b'"tags":["t"],"tags":["t"]'),
    "script": (b"<p>c</p>", b"<script>1</script>"),
    "C1 control": (b"One", b"O\xc2\x80ne"),
    "url in another form": (b"http://h/1", b"http://h/a/../1"),
    "url that is an IRI": (b"http://h/1", b"http://h/\xc3\xa9"),
    "language that is not registered": (b"de-AT", b"xx-AT"),
}
LATER = datetime(2024, 1, 1, tzinfo=UTC)


def rss_faults(body: bytes) -> Iterator[str]:
    return rss_complaints(body, "http://h/f.rss", now=LATER)


def json_faults(body: bytes) -> Iterator[str]:
    return json_feed_complaints(body, "http://h/f.json", now=LATER)


def test_the_validators_accept_sound_feeds() -> None:
    """The validators report nothing about sound feeds."""
    assert list(rss_faults(RSS)) == []
    assert list(json_faults(JSON)) == []


@pytest.mark.parametrize(
    ("faults", "sound", "right", "wrong"),
    [
        pytest.param(faults, sound, *fault, id=f"{name}, {what}")
        for name, faults, sound, table in (
            ("RSS", rss_faults, RSS, RSS_FAULTS),
            ("JSON", json_faults, JSON, JSON_FAULTS),
        )
        for what, fault in table.items()
    ],
)
def test_the_validators_report_each_fault(
    faults: Callable[[bytes], Iterator[str]], sound: bytes, right: bytes, wrong: bytes
) -> None:
    """Each fault that the validators are meant to find is reported."""
    assert right in sound
    assert list(faults(sound.replace(right, wrong)))


# Input that a validator would reject in the output


def test_second_page_of_one_type_is_related_in_atom() -> None:
    """RFC 4287, section 4.1.2: one alternate link for each type; pages of other types stay."""
    links = (
        Link(href="https://isles.example/1", type="text/html"),
        Link(href="https://isles.example/2", type="text/html"),
        Link(href="https://isles.example/1.pdf", type="application/pdf"),
    )
    head = Head(plan=COAST, base_url=BASE_URL, updated=NOON)
    body = atom.feed(head, [atom.entry(stored(links=links))])
    assert not [c for c in atom_complaints(body, f"{BASE_URL}isles.atom") if "alternate" in c]
    (made,) = etree.fromstring(body).iter("{*}entry")
    assert [link.get("rel") for link in made.iter("{*}link")] == [
        "alternate",
        "related",
        "alternate",
    ]


def test_addresses_in_rss_are_uris_and_the_guid_stays() -> None:
    """RFC 3987, section 3.1.  A guid that changed would be a new item to readers."""
    page = "https://bücher.example:8080/straße?q=ä#é"
    links = (Link(href=page), Link(href="https://isles.example/é.mp3", rel="enclosure"))
    head = Head(plan=COAST, base_url=BASE_URL, updated=NOON)
    body = rss.feed(head, [rss.entry(stored(links=links, entry_id=page))])
    assert list(rss_complaints(body, f"{BASE_URL}isles.rss")) == []
    (made,) = etree.fromstring(body).iter("item")
    uri = "https://xn--bcher-kva.example:8080/stra%C3%9Fe?q=%C3%A4#%C3%A9"
    assert made.findtext("link") == uri
    guid, enclosure = made.find("guid"), made.find("enclosure")
    assert (guid.text, guid.get("isPermaLink")) == (page, "false")
    assert enclosure.get("url") == "https://isles.example/%C3%A9.mp3"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<b>Bold</b> move", "&lt;b&gt;Bold&lt;/b&gt; move"),
        ("</p> ends it", "&lt;/p&gt; ends it"),
        ("R&amp;D", "R&amp;amp;D"),
        ("&copy 2024", "&amp;copy 2024"),
        ("&#60;i", "&amp;#60;i"),
        ("AT&T2 now", "AT&amp;T2 now"),
    ],
)
def test_text_like_markup_is_declared_as_html_in_atom(text: str, written: str) -> None:
    """Readers take such a text for markup, and validators warn, unless it is escaped HTML."""
    search = replace(HARBOUR, title=text, subtitle=text)
    element = atom.with_source(atom.entry(stored(title=text, text=text)), search, BASE_URL, NOON)
    updated = NOON + timedelta(hours=1)
    body = atom.feed(Head(plan=search, base_url=BASE_URL, updated=updated), [element])
    assert complaints(atom, body, HARBOUR) == []
    found = etree.fromstring(body).iter("{*}title", "{*}subtitle", "{*}summary")
    assert [(e.get("type"), e.text) for e in found] == [("html", written)] * 5


@pytest.mark.parametrize("text", ["R&D", "1 < 2 > 0", "I <3 you", "Q&A"])
def test_text_unlike_markup_stays_plain(text: str) -> None:
    """Only what a reader could take for markup is written as HTML."""
    found = etree.fromstring(atom.entry(stored(title=text)))
    assert dict(found.find("{*}title").attrib) == {}


@every_format
def test_addresses_are_in_canonical_form(form: Format) -> None:
    """In each format, RFC 3986, section 6.2; the id of an entry stays what it is."""
    page, file = "HTTPS://Isles.Example:443/a/../%c3%a9[1]", "http://ISLES.example"
    links = (
        Link(href=page),
        Link(href=file, rel="enclosure", type="a/b"),
        Link(href="https://Wire.example:443", rel="via"),
    )
    entry = stored(links=links, entry_id=page)
    home = replace(COAST, agency=replace(ISLES, homepage="HTTPS://Isles.EXAMPLE"))
    body = form.feed(Head(plan=home, base_url=BASE_URL, updated=entry.updated), [form.entry(entry)])
    accepted = ("id is no IRI", "schema", "Invalid sequence", "Element ")  # what the id is
    found = [c for c in complaints(form, body, COAST) if not c.startswith(accepted)]
    assert found == []
    assert b"https://isles.example/%C3%A9%5B1%5D" in body
    assert b"http://isles.example/" in body
    assert b"https://wire.example/" in body
    assert read(form, body)[0].id == page
    if form is rss:
        assert b'<guid isPermaLink="false">' in body


@every_format
@pytest.mark.parametrize(("language", "written"), [("xx", None), ("en-UK", "en-UK"), ("iw", "iw")])
def test_language_that_is_not_registered_is_left_out(
    form: Format, language: str, written: str | None
) -> None:
    """Validators reject two letters that are no language."""
    body = made(form, [stored(language=language)])
    assert complaints(form, body, COAST) == []
    assert (language.encode() in body) == (written is not None)


def test_addresses_in_json_are_uris() -> None:
    """The format's members are URLs, and readers' libraries reject IRIs."""
    links = (Link(href="https://isles.example/ä"), Link(href="https://isles.example/é", rel="via"))
    (item,) = json.loads(made(jsonfeed, [stored(links=links)]))["items"]
    assert item["url"] == "https://isles.example/%C3%A4"
    assert item["_aggregator"]["links"][0]["href"] == "https://isles.example/%C3%A9"


def test_other_links_in_rss_are_uris() -> None:
    """An Atom link may be an IRI, but RSS has none."""
    links = (Link(href="https://isles.example/é", rel="via"),)
    (link,) = rss_item(stored(links=links)).findall("{*}link")
    assert link.get("href") == "https://isles.example/%C3%A9"
