"""What replaces elements that are not published: links, sources of pictures, readings."""

import pytest

from aggregator.normalise.markup import body_from_html

BASE = "https://e.example/n/1"
REL = ' rel="noopener noreferrer"'


def html_of(raw: str) -> str:
    html = body_from_html(raw, BASE).html
    assert body_from_html(html, BASE).html == html
    return html


def image(name: str, alt: str = "") -> str:
    return f'<p><img src="https://e.example/n/{name}" alt="{alt}"></p>'


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("mailto:press@a.example", "mailto:press@a.example"),
        ("MAILTO:Press@a.example?subject=Hi there", "mailto:Press@a.example?subject=Hi%20there"),
        ("mailto: press@a.example", "mailto:press@a.example"),
        ("tel:+1 (555) 01-00", "tel:+1(555)01-00"),
        ("tel:112", "tel:112"),
    ],
)
def test_contact_links_are_kept(href: str, kept: str) -> None:
    assert html_of(f'<a href="{href}">x</a>') == f'<p><a href="{kept}"{REL}>x</a></p>'


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ('<img src="data:image/gif;base64,R0" data-src="a.jpg">', "a.jpg"),
        ('<img data-lazy-src="a.jpg">', "a.jpg"),
        ('<img src="/img/placeholder.png" data-original="a.jpg">', "a.jpg"),
        ('<img src="a.jpg" data-src="b.jpg">', "a.jpg"),
        ('<img srcset="a.jpg 1x, b.jpg 2x">', "b.jpg"),
        ('<img srcset="a.jpg, b,c.jpg 300w,d.jpg 100w">', "b,c.jpg"),
        ('<img data-srcset="a.jpg 1.5x" src="data:,">', "a.jpg"),
        ('<img srcset="a.jpg ....w">', "a.jpg"),
        (f'<img srcset="{"a.jpg 1x, " * 100_000}b.jpg 2x">', "a.jpg"),
        ('<picture><source srcset="a.webp 1x, b.webp 2x"><img></picture>', "b.webp"),
        ('<picture><source srcset="a.webp"></picture>', "a.webp"),
        ('<picture><source srcset="a.webp"><img src="b.jpg"></picture>', "b.jpg"),
        ('<noscript><img src="a.jpg"></noscript>', "a.jpg"),
        ('<img class="lazy"><noscript>Enable scripts <img src="a.jpg"/></noscript>', "a.jpg"),
        ('<img data-src="a.jpg"><noscript><img src="a-300x200.jpg"></noscript>', "a.jpg"),
        ('<noscript><img src="a.jpg"></noscript><img data-src="a.jpg">', "a.jpg"),
    ],
)
def test_pictures_that_a_script_would_load(raw: str, name: str) -> None:
    """The picture that a browser would show is kept, once."""
    assert html_of(raw) == image(name)


@pytest.mark.parametrize(
    "raw",
    [
        '<noscript><img width=1 height=1 src="https://a.example/p.gif"></noscript>',
        "<noscript>Enable scripts</noscript>",
        '<img data-src="javascript:x()">',
        '<picture><source srcset="javascript:x()"></picture>',
        '<iframe src="https://www.googletagmanager.com/ns.html?id=1"></iframe>',
        '<iframe src="/x" width="0" height="0"></iframe>',
        '<iframe src="javascript:x()"></iframe>',
        '<object data="data:text/html,x"></object>',
        "<div hidden>x<div>y</div></div>",
        '<div style="Display : None">x</div>',
        '<p style="visibility:hidden">x',
        "<div hidden>" * 5_000 + "x",
    ],
)
def test_what_shows_nothing_is_left_out(raw: str) -> None:
    assert html_of(f"<p>a</p>{raw}") == "<p>a</p>"


@pytest.mark.parametrize(
    ("raw", "href", "label", "after"),
    [
        ('<iframe src="https://v.example/e/1"></iframe>', "https://v.example/e/1", None, ""),
        ('<iframe data-src="//v.example/1"></iframe>', "https://v.example/1", None, ""),
        ('<iframe src="/1" title="A film">Go</iframe>', "https://e.example/1", "A film", "Go"),
        ('<video><source src="/a.mp4"><source src="/b.ogv">Get it</video>',
         "https://e.example/a.mp4", None, "Get it"),
        ('<audio src="/a.mp3"></audio>', "https://e.example/a.mp3", None, ""),
        ('<object data="/a.pdf"><embed src="/a.pdf"></object>',
         "https://e.example/a.pdf", None, ""),
        ('<embed src="/a.swf">', "https://e.example/a.swf", None, ""),
        ('<iframe src="/1"><iframe src="/1">', "https://e.example/1", None, ""),
    ],
)  # fmt: skip
def test_embed_becomes_a_link(raw: str, href: str, label: str | None, after: str) -> None:
    """The link leads to what the embed shows; the text in it is kept."""
    label = label or href.removeprefix("https://")
    after = after and f" {after}"
    assert html_of(f"a{raw}") == f'<p>a <a href="{href}"{REL}>{label}</a>{after}</p>'


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢(kan)"),
        ("<ruby>漢<rt> kan </rt>字<rt>ji</ruby>.", "漢(kan)字(ji)."),
        ("<ruby>漢<rp>(<rt>kan<rp>)</ruby>", "漢(kan)"),
        ("<ruby>漢<rt></rt></ruby>", "漢"),
        ("if <math><mi>x</mi><mo>=</mo><annotation>t</annotation></math>.", "if x=."),
        ("<math><mfrac><mi>a</mi><mi>b</mi></mfrac></math>", "a/b"),
        (
            "<math><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mn>20</mn></mfrac></math>",
            "(a+1)/20",
        ),
        (
            "<math> <mfrac><mtext>net cost</mtext><mrow><mn>2</mn><mi>n</mi></mrow></mfrac></math>",
            "(net cost)/(2n)",
        ),
        ("E=<math><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>!", "E=mc^2!"),
        (
            "<math><msub><mi>x</mi><mrow><mi>i</mi><mo>-</mo><mn>1</mn></mrow></msub></math>",
            "x_(i-1)",
        ),
        (
            "<math><msup><mrow><mo>(</mo><mi>a</mi><mo>+</mo><mi>b</mi><mo>)</mo></mrow><mn>2</mn>"
            "</msup></math>",
            "(a+b)^2",
        ),
        (
            "<math><msqrt><mi>x</mi></msqrt><mo>+</mo><msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>"
            "</math>",
            "√x+√(x+1)",
        ),
        ("<math><mroot><mi>x</mi><mn>3</mn></mroot></math>", "x^(1/3)"),
        ("<math><munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover></math>", "∑_i^n"),
        ("<math><mfrac><msup><mi>x</mi><mn>2</mn></msup><mn>-3</mn></mfrac></math>", "x^2/(-3)"),
        ("<math><mfrac><mfrac><mi>a</mi><mi>b</mi></mfrac><mi>c</mi></mfrac></math>", "(a/b)/c"),
        (
            "<math><mtable><mtr><mtd>1</mtd><mtd>2</mtd></mtr><mtr><mtd>3</mtd></mtr></mtable></math>",
            "1, 2; 3",
        ),
        (
            "<math><mi>x</mi><mo>&#x2062;</mo><mi>y</mi><mspace/><mfrac><mi>a</mi></math> on",
            "xya on",
        ),
        ("<math><mfrac><mi>a</mi><p>A paragraph</p></mfrac>", "a\n\nA paragraph"),
        ("<math><msup><mi>x</mi></msup></mfrac></mi></math>y</math>", "xy"),
        ("where a <b and c", "where a <b and c"),
        ("a <b and c is\n\na second paragraph", "a <b and c is\n\na second paragraph"),
        ("<p>if a<b then <i>c</i></p>", "if a<b then c"),
        ("<p>a <b and c are</p><p>B", "a <b and c are\n\nB"),
        ("the end is <b class='x", "the end is"),
        ("the end is <span class", "the end is"),
        ("A<span hidden>x <b>y</b></span>B", "AB"),
        ("<p hidden>x<p>B", "B"),
        ("<ul><li hidden>x<li>B</ul>", "• B"),
        ('<input type="hidden">A', "A"),
        ("<p>It is hidden: none knows.</p>", "It is hidden: none knows."),
        ("5 < 6 &amp; so\n\non <press@a.example>.", "5 < 6 & so\n\non <press@a.example>."),
        ("a <- b\n\nc <3", "a <- b\n\nc <3"),
    ],
)
def test_text_of_substitutes(raw: str, text: str) -> None:
    assert body_from_html(raw).text == text


def test_ampersands_in_addresses() -> None:
    """A name before ``=`` is no character reference (HTML, section 13.2.5.73)."""
    assert html_of('<a href="/?a=1&copy=3&amp;lt=4&notit=5&eacute;">x</a>') == (
        f'<p><a href="https://e.example/?a=1&amp;copy=3&amp;lt=4&amp;notit=5é"{REL}>x</a></p>'
    )


def test_deep_formulas_take_linear_work() -> None:
    """Levels below the sixtieth count as one."""
    deep = "<math>" + "<msup><mi>x</mi>" * 5_000 + "</msup>" * 5_000 + "</math>"
    assert body_from_html(deep).text.count("x") == 5_000
    assert body_from_html("<math><mfrac>" * 5_000 + "x").text == "x"
    assert "<b b" in body_from_html("<b b " * 20_000).text
