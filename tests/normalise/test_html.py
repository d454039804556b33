"""Plain text as HTML: paragraphs, lists, links, and no active content."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree, html

from aggregator.normalise.html import body_from_text
from aggregator.normalise.text import clean
from tests.support.work import calls


def as_html(text: str) -> str:
    return body_from_text(text).html


def test_paragraphs_and_lines() -> None:
    """Empty lines and lines of spaces separate paragraphs; a single line end is a line break."""
    body = body_from_text("One.\n\n\xa0\nTwo,\nstill two.\n\n\n\nThree.")
    assert body.html == "<p>One.</p>\n<p>Two,<br>\nstill two.</p>\n<p>Three.</p>"
    assert body.text == "One.\n\nTwo,\nstill two.\n\nThree."


def test_text_without_content() -> None:
    """Empty text has an empty body."""
    assert (as_html(""), as_html(" \n\xa0\n")) == ("", "")


@pytest.mark.parametrize("mark", ["• ", "  •\xa0", "•", "- ", "– ", "* ", "▪ "])
def test_bullets_of_any_kind(mark: str) -> None:
    """Lines with bullets of any kind, indented or not, are one list."""
    body = body_from_text(f"It says:\n\n{mark}one\n\n{mark}two\nwith more\n\nDone.")
    assert body.html == (
        "<p>It says:</p>\n<ul>\n<li>one</li>\n<li>two<br>\nwith more</li>\n</ul>\n<p>Done.</p>"
    )
    assert body.text == "It says:\n\n• one\n• two\nwith more\n\nDone."


@pytest.mark.parametrize("mark", ["{}. ", "  {}.\xa0", "{}) ", "({}) "])
def test_numbers_of_any_kind(mark: str) -> None:
    """Lines with numbers of any kind are one list."""
    text = "\n\xa0\n".join(mark.format(n) + word for n, word in enumerate(["one", "two"], 1))
    assert body_from_text(text).html == "<ol>\n<li>one</li>\n<li>two</li>\n</ol>"
    assert body_from_text(text).text == "1. one\n2. two"


def test_numbers_are_shown_as_written() -> None:
    """A list that starts elsewhere, or omits numbers, keeps its numbers."""
    assert as_html("3. three\n4. four\n7. seven") == (
        '<ol start="3">\n<li>three</li>\n<li>four</li>\n<li value="7">seven</li>\n</ol>'
    )


def test_list_directly_below_a_paragraph() -> None:
    """A list may follow its paragraph without an empty line."""
    assert as_html("It says:\n• one\n• two") == (
        "<p>It says:</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>"
    )


@pytest.mark.parametrize(
    "line", ["2023. A year.", "3.5 million", "-5 degrees", "–", "1.", "*bold*"]
)
def test_lines_that_are_not_lists(line: str) -> None:
    """Years, decimals, negative numbers and single marks are text."""
    assert as_html(line) == f"<p>{line}</p>"


def test_markup_is_text() -> None:
    """Markup in a plain text is escaped."""
    assert as_html("<script>alert(1)</script> R&D &amp; <b>") == (
        "<p>&lt;script&gt;alert(1)&lt;/script&gt; R&amp;D &amp;amp; &lt;b&gt;</p>"
    )


@pytest.mark.parametrize(
    ("text", "address", "rest"),
    [
        ("https://example.org/a", "https://example.org/a", ""),
        ("https://example.org/a.", "https://example.org/a", "."),
        ("https://example.org/a), and", "https://example.org/a", "), and"),
        ("https://example.org/a_(b)", "https://example.org/a_(b)", ""),
        ("https://example.org/a_(b)).", "https://example.org/a_(b)", ")."),
        ("https://example.org/a?b=c;d#e!", "https://example.org/a?b=c;d#e", "!"),
        ("https://example.org/…", "https://example.org/", "…"),
        ("HTTPS://EXAMPLE.ORG", "HTTPS://EXAMPLE.ORG", ""),
        ("http://münchen.example/ä”", "http://münchen.example/ä", "”"),
    ],
)
def test_links_in_the_text(text: str, address: str, rest: str) -> None:
    """Addresses become links, without the punctuation after them."""
    assert as_html(f"see {text}") == f'<p>see <a href="{address}">{address}</a>{rest}</p>'


def test_a_stray_per_cent_sign() -> None:
    """It is encoded in the link, but not in the text."""
    assert as_html("https://example.org/100%!") == (
        '<p><a href="https://example.org/100%25">https://example.org/100%</a>!</p>'
    )


def test_ampersands_in_a_link() -> None:
    """An ampersand is escaped once in the text and once in the link."""
    assert as_html("https://example.org/?a=1&b=2") == (
        '<p><a href="https://example.org/?a=1&amp;b=2">https://example.org/?a=1&amp;b=2</a></p>'
    )


def test_an_address_without_its_scheme() -> None:
    """``www.`` starts an address too, with https."""
    assert as_html("at www.example.org.") == (
        '<p>at <a href="https://www.example.org">www.example.org</a>.</p>'
    )


@pytest.mark.parametrize(
    "text",
    [
        "http://",
        "https:// x",
        "http://localhost/",
        "www.",
        "www...",
        "http://[::1",
        "javascript:x",
        "http://example.org:port/",
        "data:text/html,x",
        "ftp://example.org/",
        "name@example.org",
        "name@www.example.org",
        "www.https://example.org/",
        "http://.../",
        "http://a..b/",
        "http://-a.example/",
        "http://user:secret@example.org/",
        "http://exa%6dple.org/",
    ],
)
def test_text_that_is_not_a_link(text: str) -> None:
    """Incomplete addresses are text."""
    assert "<a" not in as_html(f"see {text} there")


PIECES = st.sampled_from(
    [
        "<b>",
        "&",
        "&lt;",
        '"',
        "'",
        "\n",
        "\n\n",
        "• ",
        "1. ",
        "7) ",
        "- ",
        "www.",
        "http://",
        ")(",
        "https://example.org/",
        "\u202e",
        "\x00",
        "\xa0",
        "javascript:",
        "…",
        ".",
        "\ud800",
        "]",
        " ",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=8), max_size=20).map("".join)


@given(TEXTS)
@example("www.https://example.org/")
def test_any_text_makes_plain_html(text: str) -> None:
    """The output has only the known elements and attributes, and links to the web."""
    made = body_from_text(text).html
    if not made:
        return
    allowed = {"p": [], "br": [], "ul": [], "ol": ["start"], "li": ["value"], "a": ["href"]}
    for element in html.fragment_fromstring(made, create_parent="div").iterdescendants():
        assert isinstance(element.tag, str)
        assert set(element.attrib) <= set(allowed[element.tag])
        assert element.get("href", "http://").lower().startswith(("http://", "https://"))


@given(TEXTS)
def test_any_text_makes_well_formed_html(text: str) -> None:
    """The output is well-formed XML too."""
    etree.fromstring(f"<div>{body_from_text(text).html.replace('<br>', '<br/>')}</div>")


@given(TEXTS)
def test_the_plain_form_is_stable(text: str) -> None:
    """The plain form is clean, and a fixed point."""
    plain = body_from_text(text).text
    assert clean(plain) == plain
    assert body_from_text(plain).text == plain


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "a\n" * n,
        lambda n: "• a\n" + "b\n" * n,
        lambda n: "http://a.example/" + ")" * n,
        lambda n: "1. a\n" * n,
        lambda n: "www." * n,
    ],
    ids=["long paragraph", "long bullet", "brackets", "long list", "addresses"],
)
def test_work_is_linear(text: Callable[[int], str]) -> None:
    """Four times the text takes about four times the calls; a long text ends."""
    small, large = text(2_000), text(8_000)
    assert calls(lambda: body_from_text(large)) < 5 * calls(lambda: body_from_text(small)) + 100
    body_from_text(text(40_000))
