"""Texts, people, links and bases of feeds that feedparser reads otherwise than a reader expects.

The rules are in ``docs/decisions/feed-parsers.md``.
"""

import json

import pytest

from aggregator.model import Link
from aggregator.parse import jsonfeed
from aggregator.parse.syndication import parse_carefully
from aggregator.parse.syndication.people import people
from tests.parse.test_syndication import both, carefully, only
from tests.support.feeds import ADDRESS, BOUNDS, atom, feed, rss

BODY = "<description>The body of the release.</description>"
PICTURE = (
    '<media:content url="https://a.example/p.jpg"><media:description type="plain">A crane'
    "</media:description></media:content>"
)
LONG = "The whole statement, with everything that was said in it. " * 3


@pytest.mark.parametrize(
    "inside",
    [
        BODY + PICTURE,
        PICTURE + BODY,
        BODY + PICTURE + PICTURE,
        f"{BODY}<media:group>{PICTURE}</media:group>",
        f"<media:group>{PICTURE}{PICTURE}</media:group>{BODY}",
        f"{BODY}<media:description>A crane</media:description>",
        f"<media:description>{LONG}</media:description>{BODY}",
        f"{BODY}<media:thumbnail><media:description>A</media:description></media:thumbnail>",
        f"{BODY}<itunes:summary>{LONG}</itunes:summary>",
        f"<itunes:summary>For players</itunes:summary>{BODY}",
        f"{BODY}<dc:description>{LONG}</dc:description>",
        f"{BODY}<own:box><description>{LONG}</description></own:box>",
        f"{BODY}<own:box><dc:description>{LONG}</dc:description></own:box>",
    ],
)
@pytest.mark.parametrize("form", [rss, atom])
def test_caption_never_replaces_the_body(inside: str, form: object) -> None:
    """The item's own text is its body, wherever other texts stand."""
    if form is atom:
        inside = inside.replace("<description>The", "<content>The", 1)
        inside = inside.replace("release.</description>", "release.</content>")
        if "<own:box><description>" in inside:
            return
    item, _ = only(rss(inside) if form is rss else atom(inside))
    assert item.body == "The body of the release."


@pytest.mark.parametrize(
    ("inside", "body"),
    [
        (PICTURE, "A crane"),
        ("<description/>" + PICTURE, "A crane"),
        ("<description> </description><dc:description>D</dc:description>" + PICTURE, "D"),
        ("<media:group><media:description>1\n2</media:description></media:group>", "1\n2"),
        (f"<content:encoded>Short.</content:encoded><description>{LONG}</description>", LONG),
        (f"<description>{LONG}</description><content:encoded>Short.</content:encoded>", LONG),
        (f"<description>{LONG}x</description><content:encoded>{LONG}</content:encoded>", LONG),
        (
            f"<description>{LONG}</description>"
            "<content:encoded>&lt;img src='https://a.example/a.png'&gt;</content:encoded>",
            "<img src='https://a.example/a.png'>",
        ),
    ],
)
def test_body_where_texts_differ_in_length(inside: str, body: str) -> None:
    """Without an own text another one is the body; of own texts the one that says more is."""
    assert only(rss(inside))[0].body == body.strip()


def test_summary_element_of_html_does_not_end_the_content() -> None:
    """``details`` has a ``summary`` of its own."""
    item, _ = only(
        atom(
            '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><details>'
            "<summary>More</summary><p>All of it.</p></details></div></content>"
        )
    )
    assert item.body == "<details><summary>More</summary><p>All of it.</p></details>"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("press@mod.agency (Press Office)", ["Press Office"]),
        ("press@harbour.museum", ["press@harbour.museum"]),
        ("Press Office <press@a.international>", ["Press Office"]),
        ("Press Office &lt;press@a.example&gt;", ["Press Office"]),
        ('"Quay, Ada" <ada@a.example>', ["Quay, Ada"]),
        ("ada@a.example (Ada), ben@b.example (Ben)", ["Ada", "Ben"]),
        ("mailto:ada@a.example", ["ada@a.example"]),
        ("ada@a.example?subject=News (Ada)", ["Ada"]),
        ("o'hara@xn--80ak6aa92e.example (O'Hara)", ["O'Hara"]),
        ("presse@büro.example (Büro)", ["Büro"]),
        ("Harbour Office (@harbour)", ["Harbour Office (@harbour)"]),
        ("Ada and Ben", ["Ada and Ben"]),
        ("()", ["()"]),
        ("", [""]),
        ("a@" * 400, ["a@" * 400]),
        ("a" * 5_000 + "@", ["a" * 5_000 + "@"]),
    ],
)
def test_people_of_an_author_element(text: str, names: list[str]) -> None:
    """Mailboxes have names; top-level domains may be long."""
    assert people(text) == names


def test_authors_with_long_domains_in_both_parsers() -> None:
    """Text and structured authors may be mixed."""
    _, upstream = only(
        rss(
            "<author>press@mod.agency (Press Office)</author><dc:creator>Ada</dc:creator>"
            "<atom:author><atom:name>Ben</atom:name></atom:author>"
            "<atom:author><atom:uri>https://a.example/</atom:uri></atom:author>"
            "<author>eva@harbour.museum</author>"
        )
    )
    assert upstream.authors == ("Press Office", "Ada", "Ben", "eva@harbour.museum")


@pytest.mark.parametrize(
    ("inside", "title", "link"),
    [
        ("<title>AT&T and R&D</title>", "AT&T and R&D", None),
        ("<title>A & B &amp; C &lt; D</title>", "A & B & C < D", None),
        ("<title>Q&A: caf&eacute; &#8212; x&#x2014;y</title>", "Q&A: café — x—y", None),
        ("<title><![CDATA[AT&T]]> &c</title>", "AT&T &c", None),
        (
            "<title>T</title><link>https://a.example/?a=1&copy=3&lt=4</link>",
            "T",
            "https://a.example/?a=1&copy=3&lt=4",
        ),
        (
            '<title>T</title><atom:link href="https://a.example/?a=1&copy=3"/>',
            "T",
            "https://a.example/?a=1&copy=3",
        ),
    ],
)
def test_bare_ampersands_of_an_ill_formed_feed(inside: str, title: str, link: str | None) -> None:
    """They stay as they are, and references are read."""
    (item,) = carefully(rss(f"{inside}<description>R&D</description>")).items
    assert (item.title, item.link, item.body) == (title, link, "R&D")


def test_many_unclosed_sections_take_linear_work() -> None:
    """Ampersands are looked for once, however many sections are open."""
    parse_carefully(feed(rss("<title>T</title>" + "<![CDATA[ & <!-- " * 5_000)), BOUNDS)


@pytest.mark.parametrize(
    ("inside", "link"),
    [
        ("<link/><guid>https://a.example/g</guid>", "https://a.example/g"),
        ("<guid>https://a.example/g</guid><link/>", "https://a.example/g"),
        ("<link>javascript:x()</link><guid>https://a.example/g</guid>", "https://a.example/g"),
        ("<link/><guid isPermaLink='false'>https://a.example/g</guid>", None),
        ("<link>https://a.example/1</link><link/>", "https://a.example/1"),
        ("<link/><atom:link href='https://a.example/1'/>", "https://a.example/1"),
    ],
)
def test_empty_link_does_not_hide_another(inside: str, link: str | None) -> None:
    """An address that leads nowhere is not the item's."""
    assert only(rss(inside + "<title>T</title>"))[0].link == link


def test_relations_that_are_iris() -> None:
    """Registered relations may be written in full (RFC 4287, section 4.2.7.2)."""
    base = "http://www.iana.org/assignments/relation/"
    _, upstream = only(
        atom(
            f'<link rel="{base}alternate" href="/1"/><link rel="{base}Enclosure" href="/a.pdf"/>'
            '<link rel="" href="/2"/><link rel="https://a.example/rel" href="/3"/>'
        )
    )
    found = {link.rel: link.href for link in upstream.links}
    assert found["enclosure"] == "https://feeds.example/a.pdf"
    assert set(found) == {"alternate", "enclosure"}


@pytest.mark.parametrize(
    ("content", "body", "links"),
    [
        ('<content type="image/png">aGFyYm91cg==</content>', "S", ()),
        ('<content type="application/pdf">JVBERi0=</content>', "S", ()),
        (
            '<content type="application/pdf" src="/1.pdf"/>',
            "S",
            (Link(href="https://feeds.example/1.pdf", rel="enclosure", type="application/pdf"),),
        ),
        (
            '<content type="text/html" src="https://a.example/1"/>',
            "S",
            (Link(href="https://a.example/1"),),
        ),
        ('<content src="/1"/>', "S", (Link(href="https://feeds.example/1"),)),
        ('<content type="video/mp4" src="javascript:x()"/>', "S", ()),
    ],
)
def test_content_of_other_types_and_elsewhere(
    content: str, body: str, links: tuple[Link, ...]
) -> None:
    """Content that is no text is not shown as text, and content elsewhere is linked to."""
    (item,) = carefully(atom(f"<title>T</title><summary>S</summary>{content}")).items
    assert item.upstream is not None
    assert (item.body, item.upstream.links) == (body, links)


BODY_OF_LINKS = (
    "&lt;a href='#n'&gt;1&lt;/a&gt;&lt;img src='m.png'&gt;&lt;a href='../o/'&gt;2&lt;/a&gt;"
)


@pytest.mark.parametrize(
    ("link", "home", "address", "wanted"),
    [
        ("https://a.example/n/1", None, ADDRESS, "https://a.example/n/{} https://a.example/o/"),
        (None, "https://a.example/h/", ADDRESS, "https://a.example/h/{} https://a.example/o/"),
        (None, None, ADDRESS, "https://feeds.example/news/{} https://feeds.example/o/"),
        ("https://a.example/n/1", None, None, "https://a.example/n/{} https://a.example/o/"),
        ("n/1", "https://a.example/", None, "https://a.example/n/{} https://a.example/o/"),
    ],
)
def test_relative_addresses_of_a_body(
    link: str | None, home: str | None, address: str | None, wanted: str
) -> None:
    """They are relative to the item's page, else to the feed's page, else to the feed."""
    channel = f"<title>A</title><link>{home}</link>" if home else "<title>A</title>"
    own = f"<link>{link}</link>" if link else ""
    text = f"<description>{BODY_OF_LINKS}</description>"
    item = both(rss(own + text, channel=channel), address=address).items[0]
    picture, other = wanted.format("m.png").split()
    assert f"src='{picture}'" in item.body
    assert f"href='{other}'" in item.body
    if link:
        assert f"href='{item.link}#n'" in item.body


def test_declared_base_of_a_body_is_kept() -> None:
    """``xml:base`` says to what addresses are relative; a script does not."""
    text = f"<link href='https://a.example/n/1'/><content type='html'>{BODY_OF_LINKS}</content>"
    declared, hostile = (
        both(atom(text, attributes=f'xml:base="{base}"')).items[0].body
        for base in ("https://b.example/x/", "javascript:x()")
    )
    assert "src='https://b.example/x/m.png'" in declared
    assert "src='https://a.example/n/m.png'" in hostile


@pytest.mark.parametrize(
    ("members", "authors"),
    [
        ({"authors": {"name": "Ada"}}, ("Ada",)),
        ({"authors": "Ada"}, ("Ada",)),
        ({"authors": ["Ada", {"name": "Ben"}, 5, None, ""]}, ("Ada", "Ben")),
        ({"author": "Ada"}, ("Ada",)),
        ({"author": [{"name": "Ada"}]}, ("Ada",)),
        ({"author": {"name": "Ada"}, "authors": [{"name": "Ada"}]}, ("Ada",)),
        ({"authors": {"name": {"x": 1}}}, ()),
    ],
)
def test_authors_of_json_feed_in_other_forms(
    members: dict[str, object], authors: tuple[str, ...]
) -> None:
    """One author may stand without a list, and as a name."""
    content = json.dumps({"items": [{"title": "T", **members}]})
    (item,) = jsonfeed.parse(feed(content), BOUNDS).items
    assert item.upstream is not None
    assert item.upstream.authors == authors


def test_json_feed_in_other_forms() -> None:
    """Sizes may be strings, lists single values, and addresses those of the feed's page."""
    entry = {
        "title": "T",
        "url": "n/1",
        "content_html": "<img src='m.png'>",
        "tags": "a, b",
        "attachments": {"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": "77"},
    }
    content = json.dumps({"home_page_url": "https://a.example/", "items": [entry]})
    (item,) = jsonfeed.parse(feed(content, address=None), BOUNDS).items
    assert item.body == "<img src='https://a.example/n/m.png'>"
    assert item.upstream is not None
    assert item.upstream.categories == ("a", "b")
    assert item.upstream.links == (
        Link(href="https://a.example/n/1"),
        Link(href="https://a.example/a.mp3", rel="enclosure", type="audio/mpeg", length=77),
    )
