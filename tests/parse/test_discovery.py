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
    ],
    ids=range(8),
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
