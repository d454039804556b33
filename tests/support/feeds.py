"""Feeds for tests: built from parts, in every format, or drawn at random by Hypothesis."""

from dataclasses import replace
from html import escape

from hypothesis import strategies as st

from aggregator.model import Document, Parsed
from aggregator.parse.syndication import Bounds
from tests.support.project import document

ADDRESS = "https://feeds.example/news/feed.xml"
"""The address of every feed of a test, unless the test names another."""

BOUNDS = Bounds(max_items=1_000, max_item_size=100_000)

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "own": "https://vocabulary.example/own",
}
DECLARATIONS = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items())


def feed(
    content: str | bytes,
    *,
    address: str | None = ADDRESS,
    media_type: str | None = "application/xml",
    charset: str | None = None,
) -> Document:
    """Return ``content`` as a document fetched over HTTP."""
    return replace(
        document(content, source="agency", name="feeds.example/news/feed.xml"),
        address=address,
        media_type=media_type,
        charset=charset,
    )


def rss(*items: str, channel: str = "<title>Agency</title>", declarations: str = "") -> str:
    """Return RSS 2.0 with these items, each the inside of an ``item``."""
    inside = "\n".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" {DECLARATIONS} {declarations}>'
        f"\n<channel>{channel}\n{inside}\n</channel></rss>\n"
    )


def atom(*entries: str, head: str = "<title>Agency</title>", attributes: str = "") -> str:
    """Return Atom 1.0 with these entries, each the inside of an ``entry``."""
    inside = "\n".join(f"<entry>{entry}</entry>" for entry in entries)
    others = DECLARATIONS.replace(f'xmlns:atom="{NAMESPACES["atom"]}" ', "")
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="{NAMESPACES["atom"]}" {others} {attributes}>{head}\n{inside}\n</feed>\n'
    )


def rdf(*items: str, channel: str = "<title>Agency</title>") -> str:
    """Return RSS 1.0 with these items, each the inside of an ``item``."""
    inside = "\n".join(
        f'<item rdf:about="https://agency.example/{number}">{item}</item>'
        for number, item in enumerate(items)
    )
    others = DECLARATIONS.replace(f'xmlns:atom="{NAMESPACES["atom"]}" ', "")
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns="http://purl.org/rss/1.0/" {others}>\n'
        f'<channel rdf:about="https://agency.example/">{channel}</channel>\n{inside}\n</rdf:RDF>\n'
    )


def without_lines(parsed: Parsed) -> Parsed:
    """Return ``parsed`` without lines, which the two parsers count differently."""
    return replace(
        parsed,
        items=tuple(replace(item, lines=(0, 0)) for item in parsed.items),
        problems=tuple(replace(problem, lines=(0, 0)) for problem in parsed.problems),
    )


# --- at random -----------------------------------------------------------------------------------

_WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from("\n\t&<>\"'"),
    max_size=30,
)
_HTML = st.sampled_from(
    (
        "<p>One.</p><p>Two &amp; three.</p>",
        '<a href="/relative">here</a>',
        "<A HREF='other.html'>there</A>",
        '<img src="https://pictures.example/a.png" srcset="b.png 2x">',
        "Fish & chips",
        "Fish &amp; chips",
        "<b>bold</b> and <invented>",
        "a < b",
        "caf\u00c3\u00a9 \u0093quoted\u0094",
        "",
        "  ",
    )
)
_TEXT = _HTML | _WORDS
_DATES = st.sampled_from(
    (
        "Fri, 05 Jan 2024 10:00:00 GMT",
        "Fri, 5 Jan 2024 10:00 +0130",
        "05 Jan 2024 10:00:00 EST",
        "friday, 05 january 2024 10:00:00 pdt",
        "Fri, 05 Jan 2024 10:00:00 CEST",
        "2024-01-05T10:00:00Z",
        "2024-01-05T10:00:00.999-05:30",
        "2024-01-05T10:00+0200",
        "2024-01-05 10:00:00",
        "2024-01-05",
        "2024-02-30T10:00:00Z",
        "",
        "soon",
    )
)
_ADDRESSES = st.sampled_from(
    (
        "https://agency.example/release/1",
        "https://agency.example/?a=1&amp;b=2",
        "/release/2",
        "release/3#part",
        "?id=4",
        "//other.example/5",
        "http:///agency.example/6",
        "tag:agency.example,2024:7",
        "urn:uuid:00000000-0000-4000-8000-000000000000",
        "8",
        "https://agency.example/%7Ea;b?",
        "https://[broken",
        "",
    )
)


def _element(
    name: str, inside: st.SearchStrategy[str], attributes: str = ""
) -> st.SearchStrategy[str]:
    def written(text: str) -> str:
        if "]]>" not in text and len(text) % 2:
            return f"<{name}{attributes}><![CDATA[{text}]]></{name}>"
        return f"<{name}{attributes}>{escape(text, quote=False)}</{name}>"

    return inside.map(written)


def _empty(form: str) -> st.SearchStrategy[str]:
    return _ADDRESSES.map(lambda address: form.format(address))


_ANYWHERE = st.one_of(
    _element("dc:title", _TEXT),
    _element("dc:description", _TEXT),
    _element("dc:creator", _TEXT),
    _element("dc:subject", _WORDS),
    _element("dc:date", _DATES),
    _element("dc:language", st.sampled_from(("fr", "de_AT", ""))),
    _element("dcterms:modified", _DATES),
    _element("content:encoded", _TEXT),
    _element("itunes:summary", _TEXT),
    _element("itunes:author", _TEXT),
    _element("itunes:keywords", _WORDS),
    _element("media:title", _TEXT),
    _element("media:description", _TEXT),
    _element("media:keywords", _WORDS),
    _element("own:thing", _TEXT),
    _element("slash:comments", _WORDS),
    _empty('<media:group><media:content url="{}"/><media:title>In it</media:title></media:group>'),
    _empty('<media:content url="{}"><media:description>In it</media:description></media:content>'),
    _empty('<media:thumbnail url="{}"/>'),
    st.just("<own:box><own:thing>1</own:thing><own:thing a='b'>2</own:thing></own:box>"),
)
_RSS_ONLY = st.one_of(
    _element("title", _TEXT),
    _element("description", _TEXT),
    _element("link", _ADDRESSES),
    _element("guid", _ADDRESSES),
    _element("guid", _ADDRESSES, ' isPermaLink="false"'),
    _element("pubDate", _DATES),
    _element("author", _TEXT | st.sampled_from(("a@agency.example (A. B.)", "B <b@c.example>"))),
    _element("category", _WORDS),
    _element("category", _WORDS, ' domain="topics"'),
    _element("source", _TEXT, ' url="https://other.example/feed"'),
    _element("comments", _ADDRESSES),
    _empty('<enclosure url="{}" type="audio/mpeg" length="12"/>'),
    _empty('<atom:link rel="related" href="{}" title="More"/>'),
    _empty('<atom:link href="{}"/>'),
    st.just("<image>picture</image>"),
)
_DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'
_XHTML = st.sampled_from(
    (
        f'{_DIV}<p class="a">One<br/>two &amp; <i>three</i></p></div>',
        f"{_DIV}a</div>{_DIV}b</div>",
        '<h:div xmlns:h="http://www.w3.org/1999/xhtml"><h:a href="/x?a&amp;b">x</h:a> y</h:div>',
        "no element",
    )
)
_ATOM_ONLY = st.one_of(
    _element("title", _TEXT),
    _element("title", _TEXT, ' type="html"'),
    _element("summary", _TEXT),
    _element("summary", _TEXT, ' type="html" xml:base="/base/"'),
    _element("content", _TEXT),
    _element("content", _TEXT, ' type="html" xml:lang="es"'),
    _XHTML.map(lambda inside: f'<content type="xhtml">{inside}</content>'),
    _XHTML.map(lambda inside: f'<title type="xhtml" xml:base="sub/">{inside}</title>'),
    _element("id", _ADDRESSES),
    _element("published", _DATES),
    _element("updated", _DATES),
    _element("rights", _TEXT, ' type="html"'),
    _empty('<link href="{}"/>'),
    _empty('<link rel="alternate" type="text/html" href="{}" xml:base="/other/"/>'),
    _empty('<link rel="alternate" type="application/pdf" href="{}"/>'),
    _empty('<link rel="enclosure" type="audio/ogg" length="x" href="{}"/>'),
    _empty('<link rel="VIA" href="{}"/>'),
    _element("author", _WORDS).map(lambda author: f"<author><name>{author[8:-9]}</name></author>"),
    st.just("<author><email>e@agency.example</email><uri>https://e.example/</uri></author>"),
    st.just('<category term="One" label="The one"/>'),
    st.just("<source><title>First</title><id>x</id><updated>2020-01-01</updated></source>"),
    st.just("<contributor><name>C.</name></contributor>"),
)


@st.composite
def feeds(draw: st.DrawFn) -> str:
    """Draw a feed in one of three formats, its elements in any order and number."""
    form = draw(st.sampled_from(("rss", "rdf", "atom")))
    own = _ATOM_ONLY if form == "atom" else _RSS_ONLY
    items = draw(
        st.lists(st.lists(own | _ANYWHERE, max_size=8).map("".join), min_size=1, max_size=3)
    )
    if form == "atom":
        attributes = draw(
            st.sampled_from(("", 'xml:lang="en_GB"', 'xml:base="https://b.example/c/"'))
        )
        return atom(*items, attributes=attributes)
    return rss(*items) if form == "rss" else rdf(*items)
