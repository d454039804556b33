"""Finding the feeds of a web page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.discovery import WELL_KNOWN, feed_addresses

PAGE = "https://agency.example/news/index.html"
USUAL = [f"https://agency.example{path}" for path in WELL_KNOWN]


def linked(head: str, address: str = PAGE) -> list[str]:
    """Return the feeds that a page links to, without the well-known paths of its host."""
    page = f"<!doctype html><html><head>{head}</head><body></body></html>"
    return [found for found in feed_addresses(page.encode(), address, None) if found not in USUAL]


def link(href: str, rest: str = 'rel="alternate" type="application/rss+xml"') -> str:
    return f'<link {rest} href="{href}">'


def test_linked_feeds_are_in_order() -> None:
    """RSS, Atom and JSON feeds are found, absolute, each once, and then the well-known paths."""
    page = (
        link("/rss.php")
        + link("atom", 'rel="alternate" type="application/atom+xml; charset=utf-8"')
        + link("https://other.example/f", 'type="application/feed+json" rel="ALTERNATE home"')
        + link("/rss.php")
    )
    found = feed_addresses(page.encode(), PAGE, "utf-8")
    assert found[:3] == [
        "https://agency.example/rss.php",
        "https://agency.example/news/atom",
        "https://other.example/f",
    ]
    assert found[3:] == USUAL[:7]


def test_feeds_of_comments_come_last() -> None:
    """A feed of comments is last."""
    assert linked(link("/comments/feed.php") + link("/main.php")) == [
        "https://agency.example/main.php",
        "https://agency.example/comments/feed.php",
    ]


def test_base_of_relative_links() -> None:
    """The first ``base href`` applies, wherever it is."""
    head = link("a") + '<base href="/sub/"><base href="/other/">' + link("b")
    assert linked(head) == ["https://agency.example/news/a", "https://agency.example/sub/b"]


@pytest.mark.parametrize(
    "head",
    [
        link("/x", 'rel="stylesheet" type="text/css"'),
        link("/x", 'rel="alternate" hreflang="fr"'),
        link("/x", 'rel="alternate" type="application/json"'),
        link("javascript:x"),
        link("ftp://agency.example/feed"),
        link(""),
        f"<!-- {link('/x')} -->",
        f"<script>'{link('/x')}'</script>",
        f"<noscript>{link('/x')}",
        '<link rel="alternate" type="application/rss+xml">',
        "<link",
    ],
)
def test_links_that_are_not_feeds(head: str) -> None:
    """Style sheets, translations, comments, scripts and other schemes are not feeds."""
    assert linked(head) == []


def test_the_forms_of_attributes() -> None:
    """Attributes may have either quote or none, upper case, and character references."""
    head = (
        "<LINK REL=alternate TYPE=application/rss+xml HREF=/a?x=1>"
        "<link rel='alternate' type='application/atom+xml' title='a > b' href='/b?x=1&amp;y=2'/>"
        + link("feed://agency.example/c")
        + link("/d", 'rel="alternate" type="text/xml" title="RSS feed"')
    )
    assert linked(head) == [
        "https://agency.example/a?x=1",
        "https://agency.example/b?x=1&y=2",
        "http://agency.example/c",
        "https://agency.example/d",
    ]


def test_a_page_that_links_to_itself() -> None:
    """The page itself is not tried again."""
    assert linked(link(PAGE)) == []


@pytest.mark.parametrize(
    "page",
    [
        link("/f{}") * 100_000,
        "<link " + "a='x' " * 200_000,
        "<!--" * 200_000,
        "<script>" * 200_000,
        "<link " * 200_000,
        '<link a="' * 100_000,
        "<div>" * 200_000,
        "\0" * 1_000_000,
        f'<meta http-equiv=refresh content="{" " * 400_000}x">',
        f'<meta http-equiv=refresh content="0{" " * 400_000};{" " * 400_000}x">',
    ],
    ids=range(10),
)
def test_hostile_pages_are_fast(page: str) -> None:
    """Long and deeply nested pages are read fast, and the result is short."""
    assert len(feed_addresses(page.encode(), PAGE, None)) <= 10


@given(st.binary(max_size=300), st.sampled_from((None, "utf-8", "utf-16", "x-unknown", "hex")))
def test_any_page_has_valid_links(body: bytes, charset: str | None) -> None:
    """All addresses found in any bytes can be requested."""
    assert all(
        found.startswith(("http://", "https://")) for found in feed_addresses(body, PAGE, charset)
    )


HEADER = [
    ("https://agency.example/style.css", "text/css"),
    ("https://agency.example/by-header", "application/atom+xml"),
    ("https://agency.example/fr", "text/html"),
]


def test_feeds_that_the_header_names_come_first() -> None:
    """The ``Link`` header of a page counts as its ``link`` elements do (RFC 8288, section 3)."""
    page = link("/by-element").encode()
    found = feed_addresses(page, PAGE, None, HEADER)
    assert found[:2] == ["https://agency.example/by-header", "https://agency.example/by-element"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("0; url=/news.xml", ["https://agency.example/news.xml"]),
        ("5;URL='feeds/all'", ["https://agency.example/news/feeds/all"]),
        (" 0.5 , url = https://other.example/f ", ["https://other.example/f"]),
        ("300", []),
        ("0; url=", []),
        ("0; url=javascript:alert(1)", []),
        ("0; url=index.html", []),
        (f"0; url=/{'a' * 10_000}", []),
    ],
)
def test_where_a_page_sends_its_readers(content: str, found: list[str]) -> None:
    """A refresh leads on, but not to the page itself."""
    head = f'<meta http-equiv="Refresh" content="{content}">'
    assert [each for each in linked(head) if len(each) < 1000] == found


@pytest.mark.parametrize(
    "anchor",
    [
        '<a href="/rss.php">RSS</a>',
        '<a href="/en/rss/">News</a>',
        '<a href="/news.rss?lang=en">x</a>',
        '<a href="/feed">x</a>',
        '<a href="feeds/press.xml">x</a>',
        '<a href="/?feed=rss2">x</a>',
        '<a href="/index.rdf">x</a>',
        '<a href="/press" type="application/rss+xml">x</a>',
        '<a href="feed://agency.example/press">x</a>',
    ],
)
def test_links_in_the_text_of_a_page(anchor: str) -> None:
    """A link whose address or type is that of a feed is tried, after what the head names."""
    found = feed_addresses((anchor + link("/by-element")).encode(), PAGE, None)
    assert found[0] == "https://agency.example/by-element"
    assert found[1] not in USUAL[1:]


@pytest.mark.parametrize(
    "anchor",
    [
        '<a href="/feedback">RSS</a>',
        '<a href="/atomic-energy">x</a>',
        '<a href="/press.html">feed</a>',
        '<a href="#rss">x</a>',
        '<a href="mailto:rss@agency.example">x</a>',
        "<a>rss</a>",
    ],
)
def test_links_in_the_text_that_are_not_to_feeds(anchor: str) -> None:
    """A word alone is no feed."""
    assert linked(f"</head><body>{anchor}") == []


def test_a_page_with_a_million_links() -> None:
    """Few are tried."""
    page = '<a href="/rss/1">x</a><a href="/rss/2">' * 100_000
    assert len(feed_addresses(page.encode(), PAGE, None, HEADER * 1000)) == 10
