"""Sanitising: which HTML is kept, which is removed, and its plain text."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.normalise.html import body_from_text
from aggregator.normalise.markup import (
    MOST_INLINE,
    body_from_html,
    plain_from_html,
)
from aggregator.normalise.markup.references import web_link
from aggregator.normalise.markup.simple import LONGEST, simple_body
from aggregator.normalise.text import clean
from tests.support.attacks import ATTACKS, active_parts
from tests.support.project import ROOT
from tests.support.work import calls

BASE = "https://example.org/news/today"
REL = ' rel="noopener noreferrer"'


def html_of(raw: str, base: str | None = None) -> str:
    return body_from_html(raw, base).html


def text_of(raw: str) -> str:
    return body_from_html(raw).text


def test_paragraphs_one_a_line() -> None:
    """Each paragraph has a line; empty ones and superfluous white space are removed."""
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
def test_markup_that_separates_paragraphs(raw: str) -> None:
    """What is displayed as two paragraphs becomes two."""
    assert html_of(raw) == "<p>One.</p>\n<p>Two.</p>"


def test_br_breaks_a_line() -> None:
    """One ``br`` within a paragraph breaks the line; at its start or end it is removed."""
    body = body_from_html("<p><br>One,<br />two.<br></p>")
    assert (body.html, body.text) == ("<p>One,<br>\ntwo.</p>", "One,\ntwo.")


@pytest.mark.parametrize("raw", ["", " \n ", "<p>&nbsp;</p>", "<ul><li></ul>", "<!-- x -->", "<b>"])
def test_html_without_content(raw: str) -> None:
    """HTML without content becomes an empty body."""
    assert body_from_html(raw) == body_from_text("")


def test_emphasis_spans_paragraphs() -> None:
    """An inline element around several paragraphs is repeated in each."""
    assert html_of("<b>one<div>two</div></b>three") == (
        "<p><b>one</b></p>\n<p><b>two</b></p>\n<p>three</p>"
    )


def test_spaces_around_emphasis() -> None:
    """White space around inline elements is kept, and none is added."""
    assert html_of("<p>a<b> b </b>c<i>d</i> <u>e</u></p>") == (
        "<p>a <b>b</b> c<i>d</i> <u>e</u></p>"
    )


def test_lists_and_their_text() -> None:
    """Items have bullets or numbers in the text; the content of an item stays in it."""
    body = body_from_html("<ul><li>a<li><p>b</p><p>c</p><ul><li>d</ul></ul><ol><li>e<li>f</ol>")
    assert body.text == "• a\n• b\nc\n• d\n\n1. e\n2. f"
    assert body.html == (
        "<ul>\n<li>a</li>\n<li>b<br>\nc<ul>\n<li>d</li>\n</ul>\n</li>\n</ul>\n"
        "<ol>\n<li>e</li>\n<li>f</li>\n</ol>"
    )


def test_list_numbers_are_kept() -> None:
    """Numbers are those that a browser shows, even where an empty item is removed."""
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
def test_text_of_tables(raw: str, text: str) -> None:
    """The cells of a plain row share a line; those of a layout table do not."""
    assert text_of(raw) == text


def test_an_empty_cell_keeps_its_column() -> None:
    """Empty cells are kept in rows that have content."""
    assert html_of("<table><tr><td><td colspan=2>b<td><tr><td></table>") == (
        "<table>\n<tbody>\n<tr>\n<td></td>\n"
        '<td colspan="2">b</td>\n<td></td>\n</tr>\n</tbody>\n</table>'
    )


def test_headings_quotations_and_figures() -> None:
    """Headings, quotations, definitions, code, rules and figures are kept."""
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
def test_links_are_resolved(href: str, kept: str) -> None:
    """Links are resolved as in a browser, and lose their tracking parameters."""
    assert html_of(f'<a href="{href}" target=_blank>x</a>', BASE) == (
        f'<p><a href="{kept}"{REL}>x</a></p>'
    )


@pytest.mark.parametrize(
    "href",
    [
        "javascript:x",
        "mailto:example.org",
        "tel:alert(1)",
        "mailto:a@example.org?body=<script>",
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
def test_href_that_is_not_published(href: str, base: str | None) -> None:
    """A link that is not to the web, or hides its host, is removed; its text stays."""
    assert html_of(f'<a href="{href}">x</a>', base) == "<p>x</p>"


def test_relative_links_without_a_base() -> None:
    """Without a base, relative links become text, and relative images are removed."""
    assert html_of('<a href="/x">x</a><img src="y.png">') == "<p>x</p>"


def test_image_attributes() -> None:
    """An image keeps its alternative text and its size, and has no plain text."""
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
def test_tracking_pixels_are_removed(image: str) -> None:
    """Images that only count readers are removed, with the link around them."""
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
def test_visible_images_are_kept(image: str) -> None:
    """A size or a style that hides nothing does not remove an image."""
    assert "<img" in html_of(f'<img src="https://example.com/pixels/of-the-year.png" {image}>')


@pytest.mark.parametrize(
    "raw",
    [
        "a<script>x</script>",
        "a<style>x</style>",
        "a<svg><text>x</text></svg>",
        "a<math><annotation>x</annotation></math>",
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
@pytest.mark.parametrize("padding", [0, 60_000])
def test_elements_removed_with_content(raw: str, padding: int) -> None:
    """Elements that a browser does not show as text are removed with their content."""
    assert html_of(" " * padding + raw) == "<p>a</p>"


@pytest.mark.parametrize(
    ("raw", "made"),
    [
        ("one</br>two", "<p>one<br>\ntwo</p>"),
        ("one<!-->two<!--->three<!-- a --!>four", "<p>onetwothreefour</p>"),
        ("one</div>two", "<p>one</p>\n<p>two</p>"),
        ("one<td>two", "<p>one</p>\n<p>two</p>"),
        ("<p>one<video src=x></p><p>two", "<p>one</p>\n<p>two</p>"),
        ("one<b>two<i>three</b>four</i>", "<p>one<b>two<i>three</i></b><i>four</i></p>"),
        ("<a href=https://a.example/>one<a href=https://b.example/>two", None),
    ],
)
def test_wrong_markup_keeps_its_text(raw: str, made: str | None) -> None:
    """Wrong markup loses no text, and is read as browsers read it where that is cheap."""
    made = made or (
        f'<p><a href="https://a.example/"{REL}>one</a><a href="https://b.example/"{REL}>two</a></p>'
    )
    assert html_of(raw) == made


def test_unclosed_scripts_take_the_rest() -> None:
    """The text after an unclosed script or style is not shown by browsers either."""
    assert html_of("one<script>two") == html_of("one<style>two")
    assert html_of("one<script>two") == "<p>one</p>"


def test_elements_removed_without_content() -> None:
    """Other elements, classes, styles and ids are removed; the content stays."""
    assert html_of('<p class=a id=b style="c"><font color=red>d</font><blink>e</blink></p>') == (
        "<p>de</p>"
    )


@pytest.mark.parametrize("base", [None, BASE])
def test_attacks_become_inactive(base: str | None) -> None:
    """No attack leaves active content, whichever parser reads the output."""
    assert len(set(ATTACKS)) == len(ATTACKS) > 1_000
    for attack in ATTACKS:
        body = body_from_html(attack, base)
        assert active_parts(body.html) == [], attack
        assert body_from_html(body.html, base) == body, attack


def test_attacks_in_long_html() -> None:
    """Nor does an attack at the end of long HTML."""
    for attack in ATTACKS:
        long = " " * 60_000 + attack
        assert active_parts(html_of(long, BASE)) == [], attack


def test_attacks_are_detected_unsanitised() -> None:
    """The detector used above does find the attacks in their original form."""
    found = sum(bool(active_parts(attack)) for attack in ATTACKS)
    assert found > 0.9 * len(ATTACKS)


def test_combining_stroke_after_a_tag() -> None:
    """NFC cannot join the end of a tag and a combining stroke into one character."""
    made = html_of("<p>\u0338a<b>\u0338 onclick=x</b> 2 &lt;\u0338 1 =\u0338</p>")
    assert unicodedata.normalize("NFC", made) == made
    assert made == "<p>a <b>onclick=x</b> 2 ≮ 1 ≠</p>"


def test_deceptive_characters_are_removed() -> None:
    """Characters that ``clean`` removes do not return as character references."""
    assert html_of("<p title='x'>a&#x202e;b&#1;c&#x200b;&#xfffe;\ud800</p>") == "<p>abc</p>"
    assert html_of('<img src="https://e.example/&#1;a" alt="b&#x202e;c">') == (
        '<p><img src="https://e.example/a" alt="bc"></p>'
    )


@pytest.mark.parametrize("digest", sorted((ROOT / "seeds").glob("*.txt")), ids=lambda p: p.stem)
def test_digests_have_one_plain_text(digest: Path) -> None:
    """The HTML of a digest's text has the same plain text as the digest."""
    plain = body_from_text(digest.read_text(encoding="utf-8"))
    assert body_from_html(plain.html).text == plain.text
    assert html_of(plain.html).replace(REL, "") == plain.html.replace("&#x27;", "'")


def test_lists_written_by_hand() -> None:
    """Lists written as paragraphs are lists in the plain text, as in a digest."""
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
def test_titles_as_plain_text(raw: str, plain: str) -> None:
    """A title is decoded once, without tags, on one line."""
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
def test_any_html_is_safe_and_stable(raw: str, base: str | None) -> None:
    """The output is clean, safe, and unchanged when it is sanitised again."""
    body = body_from_html(raw, base)
    assert active_parts(body.html) == []
    assert clean(body.html) == body.html
    assert body_from_text(body.text).text == body.text
    assert body_from_html(body.html, base) == body
    assert plain_from_html(raw) == " ".join(plain_from_html(raw).split())


@given(FRAGMENTS)
def test_output_within_long_html(raw: str) -> None:
    """Sanitised HTML is unchanged within longer HTML."""
    made = html_of(raw)
    padding = "<p>x</p>\n" * (500 // 2 + 1)
    assert html_of(padding + made) == (padding + made).rstrip("\n")


@given(st.lists(TEXTS | st.text(max_size=8), max_size=20).map("".join))
def test_plain_text_via_html(raw: str) -> None:
    """Plain text that became HTML has the same plain text again."""
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
    "unclosed objects": lambda n: "<object><video>x" * n,
    "ends": lambda n: "<ul>" + "<blockquote>" * n + "</ul>" * n + "x",
    "brackets": lambda n: "x" + "<" * n,
    "open tags": lambda n: "x<a " * n,
    "open quotes": lambda n: "x<a b=\"'" * n,
    "open comments": lambda n: "x<!--" * n,
    "references": lambda n: "&amp" * n + "x",
    "breaks": lambda n: "<br>x" * n,
    "white space": lambda n: "x" + "\n " * n + "<p>",
    "marks": lambda n: "x<b>" + "\u0338" * n,
    "frames": lambda n: "x<iframe src=https://e.example/1><video src=https://e.example/2>" * n,
    "scripts": lambda n: "x<noscript><img src=https://e.example/1></noscript>" * n,
    "candidates": lambda n: "x<img srcset='" + "https://e.example/1 2x, " * n + "'>",
    "readings": lambda n: "<ruby>x<rt>y<rp>" * n,
    "hidden": lambda n: "x" + "<p hidden>y" * n,
    "sources": lambda n: "x<picture>" + "<source srcset='https://e.example/1 2x'>" * n,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_work_is_linear_in_the_html(kind: str) -> None:
    """Twice the HTML takes about twice the calls of functions, not four times."""
    make = HOSTILE[kind]
    small, large = make(1_500), make(3_000)
    assert calls(lambda: body_from_html(large)) < 2.5 * calls(lambda: body_from_html(small)) + 100


@pytest.mark.parametrize("kind", HOSTILE)
def test_text_of_very_long_html_is_kept(kind: str) -> None:
    assert "x" in body_from_html(HOSTILE[kind](6_000)).text


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_html_is_safe_and_stable(kind: str) -> None:
    """The output of very long or deep HTML is unchanged when it is sanitised again."""
    for number in (60, 500 - 10, MOST_INLINE // 3 - 10):
        body = body_from_html(HOSTILE[kind](number))
        assert active_parts(body.html) == []
        assert body_from_html(body.html) == body


def test_links_in_very_long_html() -> None:
    """HTML of very many tags keeps its paragraphs and loses its links."""
    link = '<a href="https://e.example/">x</a>'
    assert "<a " in html_of(f"<p>{link}</p>\n" * (MOST_INLINE // 4 - 1))
    assert html_of(f"<p>{link}</p>\n" * MOST_INLINE) == "\n".join(["<p>x</p>"] * MOST_INLINE)


SIMPLE_INLINE = st.lists(
    st.sampled_from(
        ["One", " two ", " ", "&nbsp;", "e\u0301", "\u0301", "<br>", "- x", "&lt;b&gt;", ">"]
    )
    | TEXTS
    | st.text(max_size=3),
    max_size=3,
).map("".join)
SIMPLE_TAGS = st.sampled_from(
    [
        *("b", "em", "strong", 'i class="x"', 'a href="https://e.example/y?utm_x=1"', "a href='z'"),
        *('a href="mailto:a@e.example"', 'a href="x:y"', 'a hidden href="https://e.example/"'),
    ]
)


def _in_tag(tag: str, content: str) -> str:
    return f"<{tag}>{content}</{tag.partition(' ')[0]}>"


SIMPLE_TEXTS = st.lists(
    SIMPLE_INLINE
    | st.builds(
        _in_tag, SIMPLE_TAGS, SIMPLE_INLINE | st.builds(_in_tag, SIMPLE_TAGS, SIMPLE_INLINE)
    ),
    max_size=5,
).map("".join)
SIMPLE_ATTRIBUTES = st.sampled_from(
    [
        *[""] * 6,
        ' class="x"',
        ' id="&quot;" lang="de"',
        ' style="display:none"',
        ' value="3"',
        " start=4",
    ]
)
SIMPLE_HTML = st.lists(
    st.builds(
        "<p{}>{}</p>{}".format, SIMPLE_ATTRIBUTES, SIMPLE_TEXTS, st.sampled_from(["", "\n", " "])
    )
    | st.builds(
        "<{0}{1}>{2}</{0}>".format,
        st.sampled_from(["ul", "ol"]),
        SIMPLE_ATTRIBUTES,
        st.lists(
            st.builds("<li{}>{}</li>\n".format, SIMPLE_ATTRIBUTES, SIMPLE_TEXTS), max_size=4
        ).map("".join),
    ),
    max_size=5,
).map("".join)


@given((SIMPLE_HTML | SIMPLE_TEXTS).map(clean), st.sampled_from([None, BASE]))
@example("<p>a<br><br>b</p><ul><li>- x<br>y</li></ul><ol><li>1</li><li>2</li></ol>", None)
@example("<p>a<b>b<i> c</i> </b>d <a href='/x'> <em>e</em></a>f</p>", BASE)
@example("a\n \nb &amp; c", None)
def test_simple_html_is_read_as_any_other(raw: str, base: str | None) -> None:
    """A character that is removed makes the general way read the same HTML."""
    assert body_from_html(raw, base) == body_from_html(raw + "\ufeff", base)


@pytest.mark.parametrize(
    ("raw", "is_simple"),
    [
        ('<p class="x">One &amp; two.<br/>Three.</p>\n<ul><li>x</li> <li>y</li></ul>', True),
        ("One.\n\nTwo.", True),
        ("<p>One.", False),
        ("<p>One.</p>Two.", False),
        ('<p><b>One</b> <a href="https://e.example/" rel="x"><em>two</em></a>.</p>', True),
        ('<p><a href="https://e.example/" hidden>One.</a></p>', False),
        ("<p><a href='javascript:x'>One.</a></p>", False),
        ("<p><b>One.</p>", False),
        ("<p><b>e</b>\u0301</p>", False),
        ("<p><b> </b>One.</p>", False),
        ("<p><u>One.</u></p>", False),
        ('<p style="display:none">One.</p>', False),
        ('<ol start="2"><li>One.</li></ol>', False),
        ("<ol><li> </li><li>One.</li></ol>", False),
        ("<p>\u0338One.</p>", False),
        ("x" * (LONGEST + 1), False),
    ],
)
def test_which_html_is_simple(raw: str, is_simple: bool) -> None:
    assert (simple_body(raw) is not None) == is_simple


ADDRESS_PARTS = st.sampled_from([*"/?#;&=@:!a", "//", "..", "%41", "index.html", "utm_source=1"])


@given(st.lists(ADDRESS_PARTS, max_size=6).map("".join), st.sampled_from([None, BASE]))
@example("/a;?b", BASE)
@example("#", BASE)
def test_absolute_addresses_are_resolved_as_any_other(rest: str, base: str | None) -> None:
    """White space around an address makes the general way resolve the same one."""
    address = f"https://e.example{rest}"
    assert web_link(address, base) == web_link(f" {address}", base)
