"""HTML as feeds carry it: what of it is kept, what is not, and its plain text."""

import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.normalise.html import body_from_text
from aggregator.normalise.markup import (
    MOST_CHARACTERS,
    MOST_INLINE,
    MOST_TAGS,
    body_from_html,
    plain_from_html,
)
from aggregator.normalise.text import clean
from tests.support.attacks import ATTACKS, active_parts
from tests.support.project import ROOT

BASE = "https://example.org/news/today"
REL = ' rel="noopener noreferrer"'


def html_of(raw: str, base: str | None = None) -> str:
    return body_from_html(raw, base).html


def text_of(raw: str) -> str:
    return body_from_html(raw).text


def test_paragraphs() -> None:
    """Paragraphs stay, one a line, without empty ones and without idle white space."""
    body = body_from_html("<p> One.\n Still&nbsp;one. </p><p>&nbsp;</p><p></p>\n\n<p>Two.")
    assert body.html == "<p>One. Still one.</p>\n<p>Two.</p>"
    assert body.text == "One. Still one.\n\nTwo."


@pytest.mark.parametrize(
    "raw",
    [
        "One.<br><br>Two.",
        "<div>One.</div><div>Two.</div>",
        "<section>One.<div><div>Two.</div></div></section>",
        "One.<br/>\n<br/><br/>Two.<br>",
        "<p>One.<p>Two.",
        "One.\n \nTwo.",
        "<span>One.</span><p><font color=red>Two.</font></p>",
        "<center>One.</center>Two.",
    ],
)
def test_what_parts_paragraphs(raw: str) -> None:
    """Whatever looks like two paragraphs becomes two."""
    assert html_of(raw) == "<p>One.</p>\n<p>Two.</p>"


def test_a_line_end() -> None:
    """One ``br`` within a paragraph breaks its line; at its ends it does nothing."""
    body = body_from_html("<p><br>One,<br />two.<br></p>")
    assert (body.html, body.text) == ("<p>One,<br>\ntwo.</p>", "One,\ntwo.")


@pytest.mark.parametrize("raw", ["", " \n ", "<p>&nbsp;</p>", "<ul><li></ul>", "<!-- x -->", "<b>"])
def test_nothing(raw: str) -> None:
    """HTML without content makes nothing."""
    assert body_from_html(raw) == body_from_text("")


def test_emphasis_over_paragraphs() -> None:
    """An inline element around several paragraphs is opened in each."""
    assert html_of("<b>one<div>two</div></b>three") == (
        "<p><b>one</b></p>\n<p><b>two</b></p>\n<p>three</p>"
    )


def test_spaces_around_emphasis() -> None:
    """Words stay apart where they were, and together where they were."""
    assert html_of("<p>a<b> b </b>c<i>d</i> <u>e</u></p>") == (
        "<p>a <b>b</b> c<i>d</i> <u>e</u></p>"
    )


def test_lists() -> None:
    """Items have bullets or the numbers they show; what is in an item stays with it."""
    body = body_from_html("<ul><li>a<li><p>b</p><p>c</p><ul><li>d</ul></ul><ol><li>e<li>f</ol>")
    assert body.text == "• a\n• b\nc\n• d\n\n1. e\n2. f"
    assert body.html == (
        "<ul>\n<li>a</li>\n<li>b<br>\nc<ul>\n<li>d</li>\n</ul>\n</li>\n</ul>\n"
        "<ol>\n<li>e</li>\n<li>f</li>\n</ol>"
    )


def test_numbers_are_kept() -> None:
    """Numbers stay those a browser shows, even where an empty item is left out."""
    body = body_from_html("<ol start=3><li>x<li><li>y<li value=9>z<li value=many>w</ol>")
    assert body.text == "3. x\n5. y\n9. z\n10. w"
    assert body.html == (
        '<ol start="3">\n<li>x</li>\n<li value="5">y</li>\n<li value="9">z</li>\n<li>w</li>\n</ol>'
    )


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<table><tr><th>a<th>b<tr><td>c<td>d</table>", "a | b\nc | d"),
        ("<table><tr><td>a<td><td>c</table>", "a | | c"),
        ("<table><tr><td>a<p>b</p><td>c</table>", "a\nb\n\nc"),
        ("<table><caption>t</caption><tr><td>a</table>z", "t\n\na\n\nz"),
        ("<table><tr><td><h2>t</h2><p>a</p><p>b</p></table>", "t\n\na\nb"),
    ],
)
def test_tables(raw: str, text: str) -> None:
    """The cells of a plain row share a line; a table used for layout does not press it into one."""
    assert text_of(raw) == text


def test_an_empty_cell_keeps_its_column() -> None:
    """Cells without content stay where another in their row has some."""
    assert html_of("<table><tr><td><td colspan=2>b<td><tr><td></table>") == (
        "<table>\n<tbody>\n<tr>\n<td></td>\n"
        '<td colspan="2">b</td>\n<td></td>\n</tr>\n</tbody>\n</table>'
    )


def test_other_blocks() -> None:
    """Headings, quotations, definitions, code, rules and figures stay what they are."""
    body = body_from_html(
        "<h2>H</h2><blockquote>q</blockquote><dl><dt>t<dd>d</dl><pre>\n\n a\n  b</pre><hr>"
        "<figure><img src=https://example.org/a.png><figcaption>c</figcaption></figure>"
    )
    assert body.html == (
        "<h2>H</h2>\n<blockquote>\n<p>q</p>\n</blockquote>\n<dl>\n<dt>t</dt>\n<dd>d</dd>\n</dl>\n"
        "<pre> a\n  b</pre>\n<hr>\n"
        '<figure><img src="https://example.org/a.png" alt=""><figcaption>c</figcaption>\n</figure>'
    )
    assert body.text == "H\n\nq\n\nt\nd\n\na\nb\n\nc"


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("https://example.com/a?b=1", "https://example.com/a?b=1"),
        ("https://example.com/a?utm_source=rss&amp;b=1", "https://example.com/a?b=1"),
        ("/x", "https://example.org/x"),
        ("x y", "https://example.org/news/x%20y"),
        ("//example.net", "https://example.net"),
        ("#part", "https://example.org/news/today#part"),
        ("https://exam\nple.com/", "https://example.com/"),
    ],
)
def test_links(href: str, kept: str) -> None:
    """Links lead where they led in a browser, less what tracks who follows them."""
    assert html_of(f'<a href="{href}" target=_blank>x</a>', BASE) == (
        f'<p><a href="{kept}"{REL}>x</a></p>'
    )


@pytest.mark.parametrize(
    "href",
    [
        "javascript:x",
        "mailto:a@example.org",
        "ftp://example.org/",
        "https://nato.example@example.org/",
        "https://[x/",
        "https://",
        "https://known..example/",
        "https://xn--a.example/",
        "https://\u0301known.example/",
        "https://\uff0541.example/",
        f"https://{'x' * 64}.example/",
        f"https://{'x.' * 127}example/",
        "https://example.org/" + "x" * 5_000,
    ],
)
@pytest.mark.parametrize("base", [None, BASE])
def test_what_is_no_link(href: str, base: str | None) -> None:
    """Where a link leads nowhere on the web, or hides where, its text stays alone."""
    assert html_of(f'<a href="{href}">x</a>', base) == "<p>x</p>"


def test_relative_links_without_a_base() -> None:
    """A link relative to nobody knows what stays text, and such an image goes."""
    assert html_of('<a href="/x">x</a><img src="y.png">') == "<p>x</p>"


def test_an_image() -> None:
    """An image keeps its text and its size, and says nothing in the plain text."""
    body = body_from_html('<p>a <img src=i.png alt="b &quot;c" width=30px height=100%> d', BASE)
    assert body.html == (
        '<p>a <img src="https://example.org/news/i.png" alt="b &quot;c" width="30"> d</p>'
    )
    assert body.text == "a d"


@pytest.mark.parametrize(
    "image",
    [
        'src="https://example.com/i.png" width=1 height=1',
        'src="https://example.com/i.png" height="0"',
        'src="https://example.com/i.png" style="display: none"',
        'src="https://example.com/i.png" style="border:0;width:1px;height:1px"',
        'src="https://feeds.feedburner.com/~r/name/~4/abc"',
        'src="https://ad.doubleclick.net/i.png"',
        'src="https://pixel.wp.com/b.gif?host=example.org"',
        'src="https://www.google-analytics.com/collect?v=1"',
        'src="https://www.facebook.com/tr?id=1"',
        'src="https://example.com/matomo.php?idsite=1"',
        'src="https://u1.list-manage.com/track/open.php?u=1"',
        'src="https://example.com/img/spacer.gif"',
        'src="data:image/gif;base64,R0lGODlhAQABAAAAACw="',
        'src="ftp://example.com/i.png"',
        'alt="none"',
    ],
)
def test_images_that_show_nothing(image: str) -> None:
    """Images that only count readers are left out, with the link around them."""
    assert html_of(f'<p>a<a href="https://example.com/"><img {image}></a></p>') == "<p>a</p>"


@pytest.mark.parametrize(
    "image",
    [
        'width="10"',
        'height="100"',
        'style="max-width:1px"',
        'style="width:100%"',
        'style="opacity:0.9"',
    ],
)
def test_images_that_show_something(image: str) -> None:
    """A size or a style that hides nothing costs no image."""
    assert "<img" in html_of(f'<img src="https://example.com/pixels/of-the-year.png" {image}>')


@pytest.mark.parametrize(
    "raw",
    [
        "a<script>x</script>",
        "a<style>x</style>",
        "a<iframe>x</iframe>",
        "a<svg><text>x</text></svg>",
        "a<math><mi>x</mi></math>",
        "a<video>x</video>",
        "a<object>x</object>",
        "a<select><option>x</select>",
        "a<textarea>x</textarea>",
        "a<template>x</template>",
        "a<title>x</title>",
        "a<noscript>x</noscript>",
        "a<!-- x -->",
        "a<?x ?>",
        "a<!doctype x>",
    ],
)
@pytest.mark.parametrize("padding", [0, MOST_CHARACTERS])
def test_what_goes_with_its_content(raw: str, padding: int) -> None:
    """What a browser would not show as text goes whole, from short HTML and from long."""
    assert html_of(" " * padding + raw) == "<p>a</p>"


def test_what_goes_and_leaves_its_content() -> None:
    """Elements without meaning here, classes, styles and ids go; what they hold stays."""
    assert html_of('<p class=a id=b style="c"><font color=red>d</font><blink>e</blink></p>') == (
        "<p>de</p>"
    )


@pytest.mark.parametrize("base", [None, BASE])
def test_attacks(base: str | None) -> None:
    """Of a thousand attempts none leaves anything active, whoever reads what is left."""
    assert len(set(ATTACKS)) == len(ATTACKS) > 1_000
    for attack in ATTACKS:
        body = body_from_html(attack, base)
        assert active_parts(body.html) == [], attack
        assert body_from_html(body.html, base) == body, attack


def test_attacks_among_much_else() -> None:
    """Nor do they where the HTML is too much to be read as browsers do."""
    for attack in ATTACKS:
        long = " " * MOST_CHARACTERS + attack
        assert active_parts(html_of(long, BASE)) == [], attack


def test_attacks_are_seen() -> None:
    """The reading that finds nothing above does find attacks as they were made."""
    found = sum(bool(active_parts(attack)) for attack in ATTACKS)
    assert found > 0.9 * len(ATTACKS)


def test_a_stroke_after_a_tag() -> None:
    """A combining stroke cannot make another sign of the end of a tag where text is put in NFC."""
    made = html_of("<p>\u0338a<b>\u0338 onclick=x</b> 2 &lt;\u0338 1 =\u0338</p>")
    assert unicodedata.normalize("NFC", made) == made
    assert made == "<p>a <b>onclick=x</b> 2 ≮ 1 ≠</p>"


def test_signs_that_deceive() -> None:
    """Characters that ``clean`` takes out of text do not come in by way of references."""
    assert html_of("<p title='x'>a&#x202e;b&#1;c&#x200b;&#xfffe;\ud800</p>") == "<p>abc</p>"
    assert html_of('<img src="https://e.example/&#1;a" alt="b&#x202e;c">') == (
        '<p><img src="https://e.example/a" alt="bc"></p>'
    )


@pytest.mark.parametrize("digest", sorted((ROOT / "seeds").glob("*.txt")), ids=lambda p: p.stem)
def test_digests_have_one_plain_text(digest: Path) -> None:
    """What was a digest's text has the same plain text when it comes as HTML."""
    plain = body_from_text(digest.read_text(encoding="utf-8"))
    assert body_from_html(plain.html).text == plain.text
    assert html_of(plain.html).replace(REL, "") == plain.html.replace("&#x27;", "'")


def test_text_that_looks_like_a_list() -> None:
    """Lists made by hand in paragraphs are lists in the plain text, as in a digest's."""
    assert text_of("<p>- one<br>- two</p><p>1) three</p>") == "• one\n• two\n\n1. three"


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("AT&amp;T <b>x</b>", "AT&T x"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("5 < 6 &hellip;", "5 < 6 …"),
        ("a<br>b\n c", "a b c"),
        ("x<script>alert(1)</script>y<style>z</style>", "xy"),
        ("<p>a</p><p>b</p>", "a b"),
        ("- x", "- x"),
        ("1) <i>x</i>", "1) x"),
        ("a&#x202e;b\ud800", "ab"),
        ("&#" + "9" * 5_000 + ";", "\ufffd"),
        ("", ""),
    ],
)
def test_titles(raw: str, plain: str) -> None:
    """A title is decoded once, without its tags, on one line."""
    assert plain_from_html(raw) == plain


TAGS = (
    "a abbr b blockquote br caption dd div dl dt em figcaption figure form h2 hr i li ol p pre"
    " script span svg table tbody td textarea th tr ul video x"
).split()
ATTRIBUTES = (
    "",
    " href='https://e.example/?utm_x=1&y=2'",
    " href=x",
    " title='a > b'",
    " start=3 value=7",
    " style='display:none'",
    " onclick=x",
    " a='",
)
TEXTS = st.sampled_from(
    [
        *("\n", "\n\n", "&amp;", "&nbsp;", "• ", "1. ", "<!--", "-->", "]]>", "&#x202e;", "&#"),
        *("\u0301", "\u0338", "한", "ᆫ", "\xa0", "\ud800", "\x00", "< ", "www.e.example"),
    ]
)
FRAGMENTS = st.lists(
    st.builds("<{}{}>".format, st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES))
    | st.builds("</{}>".format, st.sampled_from(TAGS))
    | TEXTS
    | st.text(max_size=6),
    max_size=25,
).map("".join)


@given(FRAGMENTS, st.sampled_from([None, BASE]))
@example("<ol href=x><pre></b><dt></thead><pre>&nbsp; 1. ", None)
@example("<h1><pre>•<br>x&#x202e;<abbr>&#x202e;", None)
@example("<ul>" * 50 + "x", None)
def test_any_html(raw: str, base: str | None) -> None:
    """Whatever comes in, what goes out is clean, safe, and its own outcome."""
    body = body_from_html(raw, base)
    assert active_parts(body.html) == []
    assert clean(body.html) == body.html
    assert body_from_text(body.text).text == body.text
    assert body_from_html(body.html, base) == body
    assert plain_from_html(raw) == " ".join(plain_from_html(raw).split())


@given(FRAGMENTS)
def test_both_ways_of_reading(raw: str) -> None:
    """Well-formed HTML comes out the same however long it is."""
    made = html_of(raw)
    padding = "<p>x</p>\n" * (MOST_TAGS // 2 + 1)
    assert html_of(padding + made) == (padding + made).rstrip("\n")


@given(st.lists(TEXTS | st.text(max_size=8), max_size=20).map("".join))
def test_plain_text_as_html(raw: str) -> None:
    """Plain text that was made HTML has the same plain text again."""
    plain = body_from_text(raw.replace("\u0338", ""))
    assert body_from_html(plain.html).text == plain.text


HOSTILE: dict[str, Callable[[int], str]] = {
    "nested blocks": lambda n: "<div>" * n + "x",
    "nested quotations": lambda n: "<blockquote>x" * n,
    "nested lists": lambda n: "<ul><li>x" * n,
    "nested tables": lambda n: "<table><tr><td>x" * n,
    "nested links": lambda n: "<a href=https://e.example/>x" * n,
    "open emphasis": lambda n: "".join(f"<b a{i}>" for i in range(n)) + "<p>x" * n,
    "attributes": lambda n: "<p " + " ".join(f"a{i}=x" for i in range(n)) + ">x",
    "empty cells": lambda n: "<table><tr>" + "<td>" * n + "x",
    "ends": lambda n: "<ul>" + "<blockquote>" * n + "</ul>" * n + "x",
    "brackets": lambda n: "x" + "<" * n,
    "open tags": lambda n: "x<a " * n,
    "open quotes": lambda n: "x<a b=\"'" * n,
    "open comments": lambda n: "x<!--" * n,
    "references": lambda n: "&amp" * n + "x",
    "breaks": lambda n: "<br>x" * n,
    "white space": lambda n: "x" + "\n " * n + "<p>",
    "marks": lambda n: "x<b>" + "\u0338" * n,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_time_grows_with_the_html(kind: str) -> None:
    """Four times the HTML takes about four times the time, not sixteen."""
    make = HOSTILE[kind]
    small, large = make(3_000), make(12_000)
    assert "x" in body_from_html(large).text
    assert seconds(lambda: body_from_html(large)) < 9 * seconds(lambda: body_from_html(small)) + 0.1


def seconds(work: Callable[[], object]) -> float:
    """The lesser of two times of this process's own."""
    times = []
    for _ in range(2):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_hostile_stays_as_it_is_made(kind: str) -> None:
    """What is made of too much, or too deep, is made so that it need not be made again."""
    for number in (60, MOST_TAGS - 10, MOST_INLINE // 3 - 10):
        body = body_from_html(HOSTILE[kind](number))
        assert active_parts(body.html) == []
        assert body_from_html(body.html) == body


def test_links_in_very_much_html() -> None:
    """HTML of a great many tags keeps its paragraphs and loses its links."""
    link = '<a href="https://e.example/">x</a>'
    assert "<a " in html_of(f"<p>{link}</p>\n" * (MOST_INLINE // 4 - 1))
    assert html_of(f"<p>{link}</p>\n" * MOST_INLINE) == "\n".join(["<p>x</p>"] * MOST_INLINE)
