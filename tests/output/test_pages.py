"""The pages: their content, their safety, and the links between them."""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.config import Config, load
from aggregator.dedupe.diff import changes
from aggregator.ingest.run import ingest
from aggregator.model import (
    Agency,
    Dating,
    Entry,
    Link,
    Related,
    RevisionText,
    Sighting,
    StoredEntry,
)
from aggregator.normalise.markup import body_from_html
from aggregator.normalise.text import one_line
from aggregator.output.pages import contents, page, plot, templating
from aggregator.output.pages.entry_data import edits_of
from aggregator.output.pages.page_data import (
    AgencyCard,
    Edit,
    EntryPage,
    ListedEntry,
    SiteInfo,
    Subscription,
)
from aggregator.output.pages.sides import sides
from aggregator.output.plan import CHANGES, COMBINED
from aggregator.output.stale import output_of
from aggregator.store import Store, categories, open_store, texts
from aggregator.store import entries as store_entries
from aggregator.store import pages as store_pages
from aggregator.web import media
from tests.support.attacks import ATTACKS
from tests.support.project import CONFIG, MODIFIED, NATO, ROOT, Project, block, digest

MOMENT = datetime(2024, 1, 5, 12, tzinfo=UTC)
ALWAYS = (
    *("style.css", "404.html", "favicon.svg", "month/index.html"),
    *("search.html", "search.js", "search/index.js", "search/oldest.js"),
)
"""Files that are compared whenever something is written: the list of months only where it is not
there, and the part of the search only where what was there is not known.
"""
LONG = "endless " * 1250
FEED = """<rss version="2.0"><channel><title>Europol</title><link>https://europol.example/</link>
<item><guid>https://europol.example/1</guid><link>https://europol.example/1</link>
<title>Ports compared</title><pubDate>Thu, 04 Jan 2024 10:00:00 GMT</pubDate>
<enclosure url="https://europol.example/1.pdf" type="application/pdf" length="123456"/>
<description><![CDATA[<h1>First</h1><p>One<br>two <a href="https://a.example/?a=1&amp;b=2">three</a>
<img src="https://img.example/p.png" alt="A pier"></p><h4>Deep</h4><p>text</p><h2>Less</h2><p>x</p>
<a href="https://b.example/"><img src="https://img.example/q.png"></a>
<table><tr><th>a<td>b</table><pre>  code</pre><hr>]]></description></item>
<item><guid>none-of-it</guid><pubDate>Wed, 03 Jan 2024 10:00:00 GMT</pubDate>
<description>It has no title.</description></item>
</channel></rss>"""

HERRING = "Herring fleet comes home"

BEFORE = (
    "The keepers of the lighthouses met in the old port to see the new lamp and to hear how it was"
    " paid for. It was made in the yard next door and its makers promised that it would never fail."
)
AFTER = BEFORE.replace("promised", "hope")

HOSTILE = (
    "<script>alert(1)</script> & </title></h1>",
    'Quotes "double" and \'single\' <b onclick="x">',
    "שלום עולם: נמל חדש נפתח",
    "⚓🚢 The harbour 👩‍✈️ of many faces",
    "A" * 10_000,
    LONG.strip(),
)


HOSTILE_DAYS = [f"2023-1{number % 3}-0{number + 1}" for number in range(len(HOSTILE))]


def settled(project: Project) -> Config:
    """Return the configuration of a project that has read digests of all kinds, and a feed."""
    project.configure(
        'entry_pages = "all"\n'
        + CONFIG
        + '\n[[sources]]\nid = "feed"\nlocation = "feed.xml"\nagency = "europol"\n'
    )
    (project.folder / "feed.xml").write_text(FEED, encoding="utf-8")
    lamp = "Lighthouse keepers meet"
    project.write_digest("a.txt", digest(block(lamp, "NATO", BEFORE, date="2024-01-02")))
    project.write_digest(
        "b.txt",
        digest(
            block(lamp, "NATO", AFTER, date="2024-01-02"),
            block("Speech by the harbour master", "NATO", "The sea is wide.", date="2023-09-01"),
            block(HERRING, "Coast Guard of the Northern Isles", "All boats are in…"),
            *(
                block(title, "NATO", f"{title} was said. https://a.example/?x=1&y=2", date=day)
                for title, day in zip(HOSTILE, HOSTILE_DAYS, strict=True)
            ),
        ),
        modified=MODIFIED + timedelta(days=1),
    )
    return load(project.config)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Config, Store]]:
    """The store of that project, for reading only."""
    project = Project(tmp_path_factory.mktemp("pages"))
    (project.folder / "digests").mkdir()
    config = settled(project)
    with open_store(config.store) as store:
        ingest(config, store, now=MOMENT)
        yield config, store


@pytest.fixture(scope="module")
def files(made: tuple[Config, Store]) -> dict[str, bytes]:
    return everything(*made)


def everything(config: Config, store: Store, **how: Any) -> dict[str, bytes]:
    """Return all pages, without failures or repetitions."""
    problems: list[str] = []
    listed = list(contents.contents(output_of(config, store), None, problem=problems.append, **how))
    assert problems == []
    assert len(dict(listed)) == len(listed)
    return dict(listed)


def html(files: dict[str, bytes]) -> dict[str, etree._Element]:
    """The pages as trees; a page that is not XML fails."""
    return {
        name: etree.fromstring(content) for name, content in files.items() if name.endswith(".html")
    }


def elements(tree: etree._Element, name: str) -> list[etree._Element]:
    return list(tree.iter(f"{{*}}{name}"))


def text_of(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def titled(files: dict[str, bytes], beginning: str) -> tuple[str, etree._Element]:
    """Return the page of the entry whose heading starts with ``beginning``."""
    (found,) = (
        (name, tree)
        for name, tree in html(files).items()
        if name.startswith("entries/") and text_of(elements(tree, "h1")[0]).startswith(beginning)
    )
    return found


def test_pages_that_are_written(made: tuple[Config, Store], files: dict[str, bytes]) -> None:
    """There are the index, what all share, and a page for each agency with entries and entry."""
    _, store = made
    ids = [entry_id for (entry_id,) in store.rows("SELECT id FROM entries")]
    assert len(ids) == 11
    agencies = {f"{id_}.html" for (id_,) in store.rows("SELECT DISTINCT agency FROM entries")}
    assert len(agencies) == 3
    months = store.rows("SELECT DISTINCT substr(published, 1, 7) FROM entries")
    assert set(files) == {
        *("index.html", *ALWAYS),
        *agencies,
        "category/speech.html",
        *(f"month/{month}.html" for (month,) in months),
        *(contents.page_name(entry_id) for entry_id in ids),
    }


def test_pages_are_well_formed(files: dict[str, bytes]) -> None:
    """Every page is XML too, in UTF-8, with one main element and the same layout."""
    for name, tree in html(files).items():
        assert files[name].startswith(b"<!DOCTYPE html>"), name
        assert (
            len(elements(tree, "main"))
            == len(tree.xpath("//*[local-name()='head']/*[local-name()='title']"))
            == 1
        ), name
        ids = [element.get("id") for element in tree.iter() if element.get("id")]
        assert len(ids) == len(set(ids)), name


def test_links_lead_somewhere(files: dict[str, bytes]) -> None:
    """Each relative link is to an existing page, to a part of it, or to a feed."""
    trees = html(files)
    feeds = {
        f"{name}{ending}"
        for name in (
            *(COMBINED, CHANGES),
            *(file[:-5] for file in files if "/" not in file or file.startswith("category/")),
        )
        for _, ending, _ in templating.FORMATS
    }
    there = {*files, *feeds, "feeds.opml"}
    for name, tree in trees.items():
        targets = [e.get("href") for e in tree.iter() if e.get("href") is not None]
        assert targets
        for target in targets:
            parts = urlsplit(target)
            if parts.scheme:
                assert parts.scheme in ("http", "https")
                continue
            path = unquote(parts.path)
            if name == "404.html" and path:  # which is shown at any address
                assert path.startswith("/"), target
                path = path.removeprefix("/") or "index.html"
            found = normpath(join(dirname(name), path)) if path else name
            assert found in there, (name, target)
            if parts.fragment:
                assert trees[found].xpath("//*[@id=$id]", id=parts.fragment), (name, target)


def test_every_entry_is_reached_from_the_index(files: dict[str, bytes]) -> None:
    """Every page can be reached from the index by links."""
    trees, seen, to_see = html(files), set[str](), ["index.html"]
    while to_see:
        name = to_see.pop()
        if name in seen or name not in trees:
            continue
        seen.add(name)
        links = (link.get("href", "") for link in elements(trees[name], "a"))
        to_see += [normpath(join(dirname(name), link)) for link in links if ":" not in link]
    assert seen == set(trees) - {"404.html"}


def test_headings_are_in_order(files: dict[str, bytes]) -> None:
    """There is one h1, and no rank is skipped, whatever ranks a text has."""
    for name, tree in html(files).items():
        ranks = [int(e.tag[-1]) for e in tree.iter() if re.fullmatch(r".*}h[1-6]", str(e.tag))]
        assert ranks.count(1) == 1, name
        assert ranks[0] == 1, name
        assert all(b <= a + 1 for a, b in pairwise(ranks)), (name, ranks)


def test_headings_of_a_text_keep_their_order(files: dict[str, bytes]) -> None:
    """The relative ranks are kept: h1, h4, h2 become h2, h3, h3."""
    _, tree = titled(files, "Ports compared")
    content = next(e for e in elements(tree, "div") if e.get("class") == "content")
    ranks = [(str(e.tag)[-2:], text_of(e)) for e in content.iter() if str(e.tag)[-2:-1] == "h"]
    assert [r for r in ranks if r[0][1].isdigit()] == [
        ("h2", "First"),
        ("h3", "Deep"),
        ("h3", "Less"),
    ]


def test_landmarks_captions_and_languages(files: dict[str, bytes]) -> None:
    """Pages have language, direction, a skip link, captions and named plots for screen readers."""
    for name, tree in html(files).items():
        assert tree.get("lang") == "en", name
        assert text_of(elements(tree, "a")[0]) == "Skip to the content"
        for table in elements(tree, "table"):
            in_text = any(e.get("class") == "content" for e in table.iterancestors())
            assert in_text or elements(table, "caption"), name
        for region in elements(tree, "section"):
            label = region.get("aria-labelledby")
            assert label is None or tree.xpath("//*[@id=$id]", id=label), name
        for drawing in elements(tree, "svg"):
            assert drawing.get("role") == "img"
            for label in drawing.get("aria-labelledby", "").split():
                assert tree.xpath("//*[@id=$id]", id=label), name
        for heading in elements(tree, "h1"):
            assert heading.get("dir") == "auto" or elements(heading, "bdi"), name


class ActiveParts(HTMLParser):
    """Finds active and loaded parts of a page, as a browser reads it."""

    ELEMENTS = frozenset(
        "html head meta title link body a header p main footer nav ul ol li section h1 h2 h3 h4 h5"
        " h6 div span table caption thead tbody tfoot tr th td code svg desc path text figure"
        " figcaption time article details summary dl dt dd bdi br hr strong ins del abbr b"
        " blockquote cite dfn em i kbd mark pre q s samp small sub sup u var fieldset legend label"
        " input".split()
    )
    ATTRIBUTES = frozenset(
        "xmlns lang xml:lang dir charset name content rel href type title class id tabindex"
        " aria-label aria-labelledby scope datetime viewbox role d value start colspan"
        " rowspan data-label checked property x y".split()
    )

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [] if tag in self.ELEMENTS else [f"<{tag}>"]
        for name, value in attrs:
            if name not in self.ATTRIBUTES:
                self.found.append(f"<{tag} {name}={value!r}>")
        given = dict(attrs)
        target = given.get("href") or ""
        scheme = urlsplit(re.sub(r"[\x00-\x20]", "", target)).scheme
        if scheme and (scheme not in ("http", "https")):
            self.found.append(f"<{tag} href={target!r}>")
        if scheme and tag == "a" and given.get("rel") != "noopener noreferrer":
            self.found.append(f"<a href={target!r}> without rel")
        if tag == "link" and scheme and given.get("rel") != "canonical":
            self.found.append(f"<link href={target!r}>")
        if tag == "meta" and "http-equiv" in given:
            self.found.append("<meta http-equiv>")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"a comment: {data[:40]!r}")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"an instruction: {data[:40]!r}")

    def unknown_decl(self, data: str) -> None:
        self.found.append(f"a section: {data[:40]!r}")


class FormParts(ActiveParts):
    """Reads a page that may also have a form."""

    ELEMENTS = ActiveParts.ELEMENTS | {"form", "button"}
    ATTRIBUTES = ActiveParts.ATTRIBUTES | {"for", "action", "maxlength", "autocomplete", "hidden"}


def active_parts(content: bytes, kind: type[ActiveParts] = ActiveParts) -> list[str]:
    reading = kind()
    reading.feed(content.decode())
    reading.close()
    return reading.found


def test_nothing_acts_and_nothing_is_loaded(files: dict[str, bytes]) -> None:
    """No page has a script, style, handler or image, or a link but to the web and to pages.

    But for the form of the search, the script of that page, and the style of ``404.html``.
    """
    kinds = {"404.html": FormParts, "search.html": FormParts}
    for name, content in files.items():
        if name.endswith(".html"):
            found = active_parts(content, kinds.get(name, ActiveParts))
            script = ["<script>", "<script src='search.js'>", "<script defer='defer'>"]
            assert found == {"search.html": script, "404.html": ["<style>"]}.get(name, []), name


def test_no_comment_is_published(files: dict[str, bytes]) -> None:
    """Comments in templates and in the style are for those who change them."""
    for name, content in files.items():
        assert not re.search(rb"<!--|/\*|\{#", content), name


def test_active_parts_are_detected() -> None:
    """The detector used above finds what it is for."""
    for attack in (
        "<script>x</script>",
        '<p onclick="x">x</p>',
        '<a href="java\nscript:x" rel="noopener noreferrer">x</a>',
        '<img src="https://a.example/">',
        '<p style="color: red">x</p>',
    ):
        assert active_parts(attack.encode()), attack


def test_pictures_are_linked_and_not_shown(files: dict[str, bytes]) -> None:
    """The host of an image does not learn who reads; within a link there is no second link."""
    _, tree = titled(files, "Ports compared")
    (picture,) = (e for e in elements(tree, "a") if e.get("class") == "picture")
    assert picture.get("href") == "https://img.example/p.png"
    assert text_of(picture) == "[Picture: A pier]"
    assert not tree.xpath("//*[local-name()='a']//*[local-name()='a']")


def social(tree: etree._Element) -> dict[str, str]:
    """Return what a page says of itself to those who show a link to it."""
    found = ((e.get("property") or e.get("name"), e.get("content")) for e in elements(tree, "meta"))
    return {name: content for name, content in found if name and name.startswith(("og:", "desc"))}


def test_pages_say_what_they_are_about(files: dict[str, bytes]) -> None:
    """Title, kind and description for a link to it; no address before ``base_url`` is set."""
    trees = html(files)
    for name, tree in trees.items():
        if name == "404.html":
            assert social(tree) == {}
            continue
        said = social(tree)
        assert said["og:title"] == text_of(elements(tree, "title")[0]), name
        assert said["og:site_name"] == "Press releases"
        assert said["og:type"] == ("article" if name.startswith("entries/") else "website")
        assert 0 < len(said["description"]) <= 240
        assert said["og:description"] == said["description"]
        assert "og:url" not in said
        assert "og:image" not in said
    descriptions = {social(tree).get("description") for tree in trees.values()}
    assert len(descriptions) > len(trees) / 2
    assert "The sea is wide." in descriptions


def test_address_of_a_page_is_named_where_it_is_public() -> None:
    """It is that of the file below ``base_url``."""
    found = stored(title=HOSTILE[1], summary=HOSTILE[0])
    said = social(etree.fromstring(shown(found)))
    assert said["og:url"] == f"https://a.example/{contents.page_name(found.id)}"
    assert said["og:description"] == HOSTILE[0]
    front = social(etree.fromstring(page.index(SITE, [], [], 0)))
    assert front["og:url"] == "https://a.example/"
    for base in ("http://localhost:8080/", "http://127.0.0.1/", "http://[::1]:80/feeds/"):
        front = etree.fromstring(page.index(replace(SITE, base_url=base), [], [], 0))
        assert "og:url" not in social(front)
        assert text_of(front).count("while aggregator run runs: http") == 2
    assert "aggregator run" not in text_of(etree.fromstring(page.index(SITE, [], [], 0)))


def test_page_for_what_is_not_there_works_at_any_address() -> None:
    """Its addresses begin at that of the site, and search engines do not list it."""
    for base, root in (("https://a.example/", "/"), ("https://a.example/press/x/", "/press/x/")):
        content = page.not_found(replace(SITE, base_url=base))
        tree = etree.fromstring(content)
        targets = [e.get("href") for e in tree.iter() if e.get("href") and e.get("href") != "#main"]
        assert targets
        assert all(target.startswith(root) for target in targets)
        assert b'content="noindex"' in content


def test_page_for_what_is_not_there_has_a_style_from_a_disk(files: dict[str, bytes]) -> None:
    """A part of the one that it does not find there, and policies allow it."""
    (own,) = elements(etree.fromstring(files["404.html"]), "style")
    assert own.text is not None
    digest = b64encode(sha256(own.text.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}';" in media.PAGE_POLICY.decode()
    assert f"style-src 'self' 'sha256-{digest}';" in (ROOT / "deploy" / "nginx.conf").read_text()
    rules = re.findall(r"^([^{}\n]+) \{", own.text, re.MULTILINE)
    named = {name for rule in rules for name in rule.split(", ")}
    assert named <= {*re.split(r", | \{|\n", files["style.css"].decode())}


def test_icon_is_a_drawing_that_loads_nothing(files: dict[str, bytes]) -> None:
    """Every page leads to it; it is an SVG of a few shapes."""
    for name, tree in html(files).items():
        (icon,) = (e.get("href") for e in elements(tree, "link") if e.get("rel") == "icon")
        root = "/" if name == "404.html" else "../" * name.count("/")
        assert icon == f"{root}favicon.svg"
    drawing = etree.fromstring(files["favicon.svg"])
    assert {etree.QName(each).localname for each in drawing.iter()} == {"svg", "rect", "path"}
    assert b"http" not in files["favicon.svg"].replace(b"http://www.w3.org/2000/svg", b"")


SITE = SiteInfo(
    title="Title",
    base_url="https://a.example/",
    feeds=(Subscription(name="all", title="All"),),
)


def stored(**given: Any) -> StoredEntry:
    """Return an entry as the store returns it."""
    entry: dict[str, Any] = {
        "agency": NATO,
        "title": "T",
        "text": "x",
        "content_html": "<p>x</p>",
        "summary": "x",
        "truncated": False,
    }
    own = {name: given.pop(name) for name in list(given) if name in Entry.__slots__}
    return StoredEntry(
        key=1,
        id="urn:uuid:f68faf07-471c-519a-b2fc-4f8d76b7060f",
        entry=Entry(**(entry | own)),
        dating=Dating(
            basis="upstream", published=MOMENT, earliest=MOMENT, latest=MOMENT, evidence="2024"
        ),
        updated=MOMENT,
        **given,
    )


def shown(found: StoredEntry, **given: Any) -> bytes:
    """Return the page of an entry."""
    values: dict[str, Any] = {
        "dated": [("given by its publisher: 2024", None)],
        "past": (),
        "sightings": (),
        "texts": 1,
        "edits": (),
    }
    return page.entry(SITE, EntryPage(stored=found, **(values | given)))


def test_attacks_by_title_and_text_fail() -> None:
    """Attacks in titles, texts, names and links do not become active on a page."""
    assert len(ATTACKS) > 1000
    for attack in ATTACKS:
        if len(attack) > 5000:
            continue
        plain = one_line(attack)
        link = Link(href=attack, title=plain)
        page_ = shown(
            stored(
                title=plain,
                content_html=body_from_html(attack, "https://a.example/").html,
                authors=(plain,),
                language=plain[:20],
                agency=Agency(id="nato", name=plain, homepage=attack),
                links=(link, replace(link, rel="via"), replace(link, rel="enclosure")),
                related=(Related(id=plain, title=plain, href=attack, reason=plain),),
            ),
            dated=[(plain, None)],
        )
        assert active_parts(page_) == [], attack


def test_picture_of_an_entry_is_a_link_above_its_text() -> None:
    """No page loads it; a picture that the text shows is among the files only."""
    first, second = (
        Link(href=f"https://a.example/{n}.png?a=1&b=2", rel="enclosure", type="image/png")
        for n in (1, 2)
    )
    html = f'<p><img src="{first.href.replace("&", "&amp;")}" alt="A crane"/> B</p>'
    page_ = shown(stored(content_html=html, links=(first, second)))
    assert b"<img" not in page_
    tree = etree.fromstring(page_)
    found = [
        (a.text, a.get("href"))
        for a in tree.iter("{*}a")
        if a.get("href") in (first.href, second.href)
    ]
    assert found == [
        ("[Picture]", second.href),
        ("[Picture: A crane]", first.href),
        (first.href, first.href),
    ]


@given(title=st.text(), name=st.text(), reason=st.text())
def test_any_text_makes_a_well_formed_page(title: str, name: str, reason: str) -> None:
    """Titles are clean; names of files may contain anything."""
    sighting = Sighting(
        id=1,
        source="s",
        document=name,
        position=0,
        lines=(1, 2),
        seen=MOMENT,
        how="new",
        score=1.0,
        rule="r",
        reason=reason,
        fingerprint="f",
        agency="nato",
    )
    content = shown(stored(title=one_line(title)), sightings=[sighting], dated=[(reason, None)])
    tree = etree.fromstring(content)
    heading = text_of(elements(tree, "h1")[0])
    assert heading
    assert active_parts(content) == []


def test_a_title_of_ten_thousand_characters(files: dict[str, bytes]) -> None:
    """It is cut in headings and links, and complete in one place of its own page."""
    _, tree = titled(files, "endless")
    assert len(text_of(elements(tree, "h1")[0])) <= templating.LONGEST_TITLE
    assert LONG.strip() in text_of(elements(tree, "details")[0])
    for name, other in html(files).items():
        for link in elements(other, "a"):
            assert len(text_of(link)) < 500, name


def test_an_entry_without_title(files: dict[str, bytes]) -> None:
    """The first words of its text can be seen and followed."""
    name, _ = titled(files, "It has no title.")
    assert f'href="{name}" dir="auto">It has no title.<'.encode() in files["europol.html"]


def marked(tree: etree._Element) -> list[list[str]]:
    """Return what stands on the sides of each passage; what changed is in brackets."""
    (table,) = (e for e in elements(tree, "table") if e.get("class") == "sides")
    for name in ("del", "ins"):
        for change in elements(table, name):
            change.text = f"[{change.text}]"
    return [[text_of(cell) for cell in row] for row in elements(table, "tr")[1:]]


def test_an_edit_is_marked(files: dict[str, bytes]) -> None:
    """The removed word is marked before, the added one after, and no other."""
    _, tree = titled(files, "Lighthouse")
    assert marked(tree) == [
        [BEFORE.replace("promised", "[promised]"), AFTER.replace("hope", "[hope]")]
    ]
    (remark,) = (e for e in elements(tree, "a") if e.get("href") == "#changes")
    assert text_of(remark) == "Edited: what changed"


def edited(before: str, after: str) -> etree._Element:
    """Return a page with an edit of its text."""
    found = list(changes(before, after))
    edit = Edit(before=1, after=2, at=MOMENT, title=(), text=found)
    return etree.fromstring(shown(stored(), texts=2, edits=[edit]))


def test_long_texts_show_the_context_of_edits() -> None:
    """The unchanged part of a long text is left out, on both sides alike."""
    before = " ".join(f"w{n}" for n in range(2000))
    tree = edited(before, before.replace("w1000 ", "changed "))
    ((one, other),) = marked(tree)
    assert "w999 [w1000] w1001" in one
    assert "w999 [changed] w1001" in other
    assert one.replace("w1000", "changed") == other
    assert one.startswith("[…] w941 ")
    assert one.endswith(" w1060 […]")
    (remark,) = (e for e in elements(tree, "a") if e.get("href") == "#changes")
    assert text_of(remark) == "Edited on 5 January 2024: what changed"


def test_passages_stand_beside_each_other() -> None:
    """Lines that one side alone has are beside nothing; of the others only the next are shown."""
    lines = [f"l{number} m{number} n{number}" for number in range(9)]
    after = [*lines[:4], "A new line.", *lines[4:6], lines[6].replace("m6", "x"), *lines[7:]]
    assert marked(edited("\n\n".join(lines), "\n\n".join(after))) == [
        ["[…]"],
        [lines[3], lines[3]],
        ["", "[A new line.]"],
        [lines[4], lines[4]],
        [lines[5], lines[5]],
        ["l6 [m6] n6", "l6 [x] n6"],
        [lines[7], lines[7]],
        ["[…]"],
    ]


def test_each_changed_line_is_a_passage() -> None:
    """Also where every line begins with another word."""
    before, after = ("\n".join(f"{word}{n} l{n} m{n}" for n in range(4)) for word in "ab")
    assert marked(edited(before, after)) == [
        [f"[a{n}] l{n} m{n}", f"[b{n}] l{n} m{n}"] for n in range(4)
    ]


TEXTS = st.lists(st.sampled_from(["a", "b b", "c", "", " d", "e\u2028f", "\n"]), max_size=8)


@given(TEXTS, TEXTS)
def test_sides_have_the_words_of_their_texts(before: list[str], after: list[str]) -> None:
    """Each side reads as its text, as far as it is shown; the unmarked words are on both."""
    texts_ = " \n".join(before), " \n".join(after)
    passages = sides(list(changes(*texts_)))
    shown_ = [passage for passage in passages if passage.before is not None]
    for side, text in zip(("before", "after"), texts_, strict=True):
        words = "".join(f"{p.text} " for one in shown_ for p in getattr(one, side)).split()
        rest = iter(text.split())
        assert all(word in rest for word in words)
        if len(shown_) == len(passages):
            assert words == text.split()
    kept = [
        [
            "".join(p.text for p in side or () if p.kind == "kept").split()
            for side in (p.before, p.after)
        ]
        for p in shown_
    ]
    assert all(one == other for one, other in kept)


def test_cut_texts_are_not_edits() -> None:
    """Cut texts are not compared; complete texts are."""
    said = [("a b", True), ("a b c", False), ("a b", True), ("a x c", False)]
    texts_ = [
        RevisionText(
            number=number,
            fingerprint=str(number),
            title="T",
            text=text,
            truncated=is_cut,
            seen=MOMENT,
            document="a.txt",
            current=False,
        )
        for number, (text, is_cut) in enumerate(said, 1)
    ]
    assert [(step.before, step.after) for step in edits_of(texts_, {}, is_live=True)] == [(2, 4)]
    assert list(edits_of(texts_[:3], {}, is_live=True)) == []


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/hostname", "//evil.example/"],
)
def test_only_the_web_is_linked(address: str) -> None:
    """Addresses of other schemes are not linked."""
    links = [Link(href=address, rel=rel) for rel in ("alternate", "via", "enclosure")]
    good = [Link(href=f"https://good.example/{link.rel}", rel=link.rel) for link in links]
    agency = Agency(id="nato", name="NATO", homepage=address)
    content = shown(stored(links=(*links, *good), agency=agency))
    assert address.encode() not in content
    assert all(link.href.encode() in content for link in good)
    assert active_parts(content) == []
    card = AgencyCard(agency=agency, entries=1, weeks=None, usually=None)
    assert address.encode() not in page.agency(SITE, card, [])


def test_an_entry_of_two_agencies(made: tuple[Config, Store], tmp_path: Path) -> None:
    """An entry that another agency published too is on the pages of both, as in their feeds."""
    config, store = made
    with open_store(tmp_path / "copy.db") as copy:
        store.conn.backup(copy.conn)
        ((key, entry_id),) = copy.rows("SELECT key, id FROM entries WHERE title LIKE 'Lighth%'")
        with copy.transaction():
            copy.execute("INSERT INTO credits VALUES (?, 'europol')", (key,))
        files = everything(config, copy)
    link = f'href="{contents.page_name(entry_id)}"'.encode()
    assert files["nato.html"].count(link) == files["europol.html"].count(link) == 1
    assert b"3 entries" in files["europol.html"]
    tree = etree.fromstring(files[contents.page_name(entry_id)])
    facts = next(e for e in elements(tree, "p") if e.get("class") == "facts")
    assert text_of(facts) == "NATO also by Europol"
    test_links_lead_somewhere(files)


def test_dating_and_sightings_are_shown(files: dict[str, bytes]) -> None:
    """A page shows the evidence of its date, and each document with the lines."""
    _, tree = titled(files, "Lighthouse")
    said = text_of(elements(tree, "main")[0])
    assert "How it was dated Given by its publisher: 2024-01-02." in said
    rows = [[text_of(cell) for cell in row] for row in elements(tree, "tr")[1:]]
    assert [row[:3] for row in rows[-2:]] == [
        ["digests/a.txt", "digests", "1–6"],
        ["digests/b.txt", "digests", "1–6"],
    ]
    assert rows[-1][3].startswith("revision: ")


def test_feeds_can_be_discovered_and_copied(files: dict[str, bytes]) -> None:
    """The index names the feed of everything, and each agency its own, in three formats; feeds are
    linked with their title, and their addresses shown.
    """
    tree = html(files)["index.html"]
    found = {
        (link.get("type"), link.get("href"))
        for link in elements(tree, "link")
        if link.get("rel") == "alternate"
    }
    assert ("application/atom+xml", "all.atom") in found
    assert ("application/feed+json", "changes.json") in found
    assert ("text/x-opml", "feeds.opml") in found
    linked = {link.get("href") for link in elements(tree, "a")}
    assert {"all.atom", "nato.atom", "europol.atom", "feeds.opml"} <= linked
    own = html(files)["europol.html"]
    links = {link.get("href"): link.get("title") for link in elements(own, "link")}
    assert links["europol.rss"] == "Europol (RSS)"
    copied = {text_of(code) for each in (tree, own) for code in elements(each, "code")}
    assert "http://localhost:8080/all.atom" in copied
    assert "http://localhost:8080/europol.atom" in copied
    for name, each in html(files).items():
        for link in elements(each, "a"):
            if link.get("href", "").endswith((".atom", ".rss", ".json")):
                assert link.get("title", "").endswith(("(Atom)", "(RSS)", "(JSON Feed)")), name


def test_the_same_store_has_the_same_pages(
    made: tuple[Config, Store], files: dict[str, bytes]
) -> None:
    """The same store renders to the same bytes."""
    assert everything(*made) == files


def test_the_size_of_a_batch_changes_nothing(
    made: tuple[Config, Store], files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages do not depend on the size of batches."""
    monkeypatch.setattr(contents, "_BATCH", 3)
    assert everything(*made) == files


def test_one_entry_changed(made: tuple[Config, Store], files: dict[str, bytes]) -> None:
    """Its own page and those of its categories are rendered, with the bytes of the full set."""
    config, store = made
    counted = contents.category_counts(config, store)
    ((key, entry_id),) = store.rows("SELECT key, id FROM kinds JOIN entries ON key = entry LIMIT 1")
    problems: list[str] = []
    some = dict(
        contents.contents(
            output_of(config, store), [key], problem=problems.append, years=[], counted=counted
        )
    )
    assert problems == []
    own = {f"category/{term}.html" for term in categories.of_entries(store, [key])[key]}
    assert own <= set(counted)
    assert set(some) == {contents.page_name(entry_id), "index.html", *ALWAYS, *own}
    assert some.items() <= files.items()


def test_queries_do_not_grow_with_entries(made: tuple[Config, Store]) -> None:
    """One entry takes as many queries as all of them."""
    config, store = made
    keys = list(store_pages.dated_keys(store))

    def asked(changed: list[int]) -> int:
        statements: list[str] = []
        store.conn.set_trace_callback(statements.append)
        try:
            list(contents.contents(output_of(config, store), changed, problem=print))
        finally:
            store.conn.set_trace_callback(None)
        return len(statements)

    edited = store.rows("SELECT entry FROM revisions")[0][0]
    assert 0 < asked(keys) <= asked([edited]) + 2  # which of them are related is asked if any are


def test_a_broken_page_affects_only_itself(
    made: tuple[Config, Store], files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in a template is reported in a line, and the other pages are rendered."""
    name, _ = titled(files, HERRING)
    whole = page.entry

    def breaking(site: SiteInfo, shown: EntryPage) -> bytes:
        if shown.stored.entry.title == HERRING:
            raise ValueError("no such filter")
        return whole(site, shown)

    monkeypatch.setattr(page, "entry", breaking)
    problems: list[str] = []
    rest = dict(contents.contents(output_of(*made), None, problem=problems.append))
    assert problems == [f"{name}: the page cannot be rendered: ValueError: no such filter"]
    assert rest == {other: content for other, content in files.items() if other != name}


def test_a_store_without_entries(store: Store, project: Project) -> None:
    """Without entries there is an index that says so."""
    files = everything(load(project.config), store)
    assert set(files) == {"index.html", *ALWAYS} - {"search/oldest.js"}
    tree = html(files)["index.html"]
    assert "There are no entries yet." in text_of(tree)


def test_an_agency_with_many_entries(
    made: tuple[Config, Store], files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page shows the newest entries, and a page for each year has every entry once."""
    monkeypatch.setattr(contents, "NEWEST", 2)
    many = everything(*made)
    years = sorted(name for name in many if name.startswith("archive/"))
    assert years == ["archive/nato-2023.html", "archive/nato-2024.html"]
    listed = [
        link.get("href")
        for name in years
        for link in elements(html(many)[name], "a")
        if "entries/" in link.get("href", "")
    ]
    before = [
        f"../{link.get('href')}"
        for link in elements(html(files)["nato.html"], "a")
        if "entries/" in link.get("href", "")
    ]
    assert len(before) == 8
    assert sorted(listed) == sorted(before)
    assert many["nato.html"].count(b'href="entries/') == 2
    test_links_lead_somewhere(many)
    for name in years:
        path = made[0].output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(many[name])
    some = dict(contents.contents(output_of(*made), [], problem=print, years=[("nato", "2023")]))
    assert set(some) == {
        *("index.html", *ALWAYS, "nato.html", "archive/nato-2023.html"),
        "category/speech.html",
    }


def test_texts_and_datings_of_many_entries_at_once(made: tuple[Config, Store]) -> None:
    """The texts and the earlier datings of many entries are those of each alone."""
    _, store = made
    keys = list(store_pages.dated_keys(store))
    found = texts.revisions(store, keys)
    assert found == {key: texts.revisions(store, [key])[key] for key in keys}
    assert sorted(map(len, found.values()))[-2:] == [1, 2]
    past = store_entries.past_datings(store, keys)
    assert past == {
        k: v for key in keys for k, v in store_entries.past_datings(store, [key]).items()
    }


@given(st.text())
def test_the_name_of_a_page_is_safe(entry_id: str) -> None:
    """No id leads out of the folder."""
    assert re.fullmatch(
        r"entries/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.html", contents.page_name(entry_id)
    )


def test_file_names_of_entries() -> None:
    """Our ids are the names of their pages; ids that differ in case have different pages."""
    ours = "urn:uuid:f68faf07-471c-519a-b2fc-4f8d76b7060f"
    assert contents.page_name(ours) == "entries/f68faf07-471c-519a-b2fc-4f8d76b7060f.html"
    others = [ours, ours.upper(), ours + "\n", "urn:uuid:../index", "https://a.example/1", ""]
    assert len({contents.page_name(other) for other in others}) == len(others)


MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
NEAR = st.dates(date(2023, 1, 1), date(2024, 12, 31))
DAYS = st.dictionaries(NEAR | st.dates(), st.integers(1, 1000), min_size=1, max_size=30)


@given(DAYS)
def test_weeks_are_counted_back_from_the_newest(days: dict[date, int]) -> None:
    """The last week ends with the newest day; days before the first week are not counted."""
    found = plot.weekly(days)
    assert found is not None
    assert len(found.counts) == plot.WEEKS
    assert found.counts[-1] >= days[max(days)]
    late = sum(n for day, n in days.items() if day >= found.first)
    assert found.total == late
    drawn = etree.fromstring(plot.bars(found, "p", "<t>", "&"))
    assert (drawn.findtext("{*}title"), drawn.findtext("{*}desc")) == ("<t>", "&")
    _, _, width, height = map(int, drawn.get("viewBox").split())
    path = drawn.findall("{*}path")[1].get("d")
    bars = re.findall(r"M(\d+) (\d+)v-(\d+)h(\d+)v(\d+)z", path)
    assert len(bars) == sum(map(bool, found.counts))
    for x, bottom, up, across, down in (map(int, bar) for bar in bars):
        assert x + across <= width
        assert bottom < height
        assert 0 < up == down <= bottom
    marks = re.findall(r"M(\d+) \d+v4", drawn.findall("{*}path")[0].get("d"))
    span = range(found.first.toordinal() + 1, found.last.toordinal() + 1)
    firsts = [day for day in map(date.fromordinal, span) if day.day == 1]
    assert [round((day - found.first).days * 6 / 7) for day in firsts] == list(map(int, marks))
    names = [text.text for text in drawn.findall("{*}text")]
    assert names == [MONTHS[day.month - 1] for day in firsts][: len(names)]
    assert len(names) >= len(firsts) - 1


def test_plots_have_descriptions(files: dict[str, bytes]) -> None:
    """A description says what a plot shows."""
    tree = html(files)["nato.html"]
    (words,) = (text_of(e) for e in elements(tree, "desc"))
    assert words == (
        "8 in the 52 weeks from 4 January 2023 to 2 January 2024:"
        " at most 2 in a week, and none in 45 of the weeks."
    )


def colours(css: str) -> Iterator[dict[str, str]]:
    """Yield the colours of each scheme: light, dark and print."""
    for rules in re.findall(r":root \{(.*?)\}", css, re.DOTALL):
        yield dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", rules))


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * sign for sign in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colours_have_enough_contrast(files: dict[str, bytes]) -> None:
    """Text and drawings have the contrast of WCAG 2.2 at AA, in every scheme."""
    assert round(contrast("#000000", "#fff"), 1) == 21
    light, dark, printed = colours(files["style.css"].decode())
    assert light.keys() == dark.keys()
    for scheme in (light, dark, light | printed):
        for ink in ("ink", "quiet", "link", "visited"):
            for ground in ("paper", "card"):
                assert contrast(scheme[ink], scheme[ground]) >= 4.5, (ink, ground)
        assert contrast(scheme["added-ink"], scheme["added"]) >= 4.5
        assert contrast(scheme["removed-ink"], scheme["removed"]) >= 4.5
        assert contrast(scheme["found-ink"], scheme["found"]) >= 4.5
        assert contrast(scheme["failed"], scheme["paper"]) >= 4.5  # words have it as well
        assert contrast(scheme["paper"], scheme["link"]) >= 4.5  # a button
        for drawn in ("bars", "line", "well"):
            assert contrast(scheme[drawn], scheme["paper"]) >= 3, drawn
        assert contrast(scheme["bars"], scheme["card"]) >= 3
        for mark in templating.MARKS:
            assert contrast(scheme[f"mark-{mark}"], scheme["paper"]) >= 3, mark


def test_agencies_of_the_samples_have_different_marks() -> None:
    """A mark is a colour and a form; both are in the style."""
    found = {templating.agency_link(agency, "") for agency in load(ROOT / "config.toml").agencies}
    marks = {re.findall(r"mark-[a-f] form-[a-d]", link)[0] for link in found}
    assert len(marks) == len(found) >= 4


def test_the_style_names_no_other_colours(files: dict[str, bytes]) -> None:
    """There are no other colours, and nothing is loaded."""
    rest = re.sub(r":root \{.*?\}", "", files["style.css"].decode(), flags=re.DOTALL)
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl|url\(|@import", rest)


def test_pages_are_in_the_package() -> None:
    """Templates and style are in the package, where the loader reads them."""
    folder = Path(page.__file__).parent / "templates"
    assert {path.name for path in folder.iterdir()} >= {
        "index.html",
        "entry.html",
        templating.STYLE,
    }


ROW = """<li{% if line.categories %} class="{% for n in line.categories %}k{{ n }}\
{% if not loop.last %} {% endif %}{% endfor %}"{% endif %}><span class="when">\
{{ time_element(line.published, line.published.day ~ "") }}</span> {% if agency %}<span>{% endif %}\
{% if line.page %}<a href="{{ root }}{{ line.page }}" dir="auto"{{ lang }}>{{ title }}</a>\
{% elif line.upstream %}<a href="{{ line.upstream|href }}" rel="noopener noreferrer" dir="auto"\
{{ lang }}>{{ title }}</a>{% else %}<bdi{{ lang }}>{{ title }}</bdi>{% endif %}\
{% if agency %} <a class="agency" href="{{ root }}{{ agency_name(line.agency.id) }}" dir="auto">\
{{ line.agency.name|short(100) }}</a></span>{% endif %}</li>"""
hostile = st.text(st.sampled_from("<>&\"' ab\u200b…"), max_size=9)


@given(
    st.builds(
        ListedEntry,
        page=st.none() | hostile,
        upstream=st.none() | hostile.map("https://a.example/{}".format),
        title=hostile | st.just("word " * 90),
        language=st.sampled_from((None, "en", 'x"y')),
        published=st.datetimes(timezones=st.just(UTC)),
        agency=st.builds(Agency, id=st.just("a"), name=hostile),
        categories=st.lists(st.integers(1, 9), max_size=3).map(tuple),
    ),
    st.booleans(),
)
def test_row_of_a_list_as_a_template_would_escape_it(line: ListedEntry, agency: bool) -> None:
    """The rows are written without one, since there are many."""
    environment = templating.environment()
    row = environment.from_string(ROW.replace("title }}", "line.title|titled }}")).render(
        line=line,
        root="../",
        agency=agency,
        lang=environment.globals["language_attributes"](line.language),  # type: ignore[operator]
    )
    months = templating.macro("months", [("May", [line, line])], "../", 2, agency)
    assert f"{row}\n{row}\n</ul>" in months
