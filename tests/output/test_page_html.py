"""An entry's HTML on its page: corrected where it is invalid, and unchanged otherwise."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.normalise.addresses import valid_address
from aggregator.normalise.languages import valid_language
from aggregator.normalise.markup import body_from_html
from aggregator.output.pages.page_html import page_html
from aggregator.output.pages.tables import MOST_SPANNING


def on_page(raw: str) -> str:
    """Return upstream's HTML as on a page, in one line."""
    return page_html(body_from_html(raw).html).replace("\n", "")


def row(*cells: str) -> str:
    return f"<tr>{''.join(cells)}</tr>"


@pytest.mark.parametrize(
    ("raw", "rows"),
    [
        ("<tr><td>a<td>b<tr><td>c", "<td>a</td><td>b</td>|<td>c</td><td></td>"),
        ("<tr><td colspan=5>a<tr><td>b<td>c", '<td colspan="2">a</td>|<td>b</td><td>c</td>'),
        ("<tr><td colspan=2>a<td colspan=3>b", "<td>a</td><td>b</td>"),
        ("<tr><td rowspan=9>a<td>b", "<td>a</td><td>b</td>"),
        (
            "<tr><td>a<td rowspan=2>b<tr><td colspan=2>c",
            '<td>a</td><td rowspan="2">b</td>|<td>c</td>',
        ),
        (
            "<tr><td rowspan=2>a<th>b<tr><td>c<td>d<td>e",
            '<td rowspan="2">a</td><th>b</th><td colspan="2"></td>|<td>c</td><td>d</td><td>e</td>',
        ),
        ("<tr><td colspan=2>a<td>b<tr><td>c<td>d<td>e", None),
    ],
)
def test_tables_are_rectangular(raw: str, rows: str | None) -> None:
    """Rows are filled, spans end with the table, and a valid table is unchanged."""
    made = on_page(f"<table>{raw}</table>")
    if rows is None:
        assert made == body_from_html(f"<table>{raw}</table>").html.replace("\n", "")
    else:
        expected = "".join(map(row, rows.split("|")))
        assert made == f"<table><tbody>{expected}</tbody></table>"


@pytest.mark.parametrize(
    ("raw", "made"),
    [
        (
            "<table><tr><td>a<td>b</tr><caption>c</caption></table>",
            "<table><tbody><tr><td>a</td><td>b</td></tr></tbody>"
            "<tbody><tr><td>c</td><td></td></tr></tbody></table>",
        ),
        (
            "<table><tfoot><tr><td>a<tbody><tr><td>b<thead><tr><td>c</table>",
            "<table><tbody><tr><td>a</td></tr></tbody><tbody><tr><td>b</td></tr></tbody>"
            "<tbody><tr><td>c</td></tr></tbody></table>",
        ),
        (
            "<table><tr><th><h2>a</h2></table><h4>b</h4>",
            "<table><tbody><tr><th><p>a</p></th></tr></tbody></table><h2>b</h2>",
        ),
        ("<dl><dd>a</dl>", "<dl><dt></dt><dd>a</dd></dl>"),
        ("<dl><dt>a<dl></dl></dl>", "<dl><dt>a</dt><dd></dd></dl>"),
        ("<dfn>a <dfn>b</dfn> c</dfn>", "<p><dfn>a b c</dfn></p>"),
        (
            "<figure><figcaption>a</figcaption>b<figcaption>c</figcaption></figure>",
            "<figure><figcaption>a</figcaption>b<p>c</p></figure>",
        ),
        (
            "<figure>a<figcaption>b</figcaption>c</figure>",
            "<figure>a<p>b</p>c</figure>",
        ),
        (
            "<figure>a<figcaption>b</figcaption></figure>",
            "<figure>a<figcaption>b</figcaption></figure>",
        ),
    ],
)
def test_misplaced_elements_are_corrected(raw: str, made: str) -> None:
    """Heads, feet, captions, headings, terms and definitions are in valid places."""
    assert on_page(raw) == made


def test_a_hostile_table_stays_small() -> None:
    """Wide spans over many rows add at most a cell to each row."""
    rows = "<tr><td>a<td rowspan=999>b" * 1000
    raw = f"<table><tr>{'<td colspan=999 rowspan=999>x' * 3}{rows}</table>"
    html = body_from_html(raw).html
    made = page_html(html)
    assert made.count("<td") - html.count("<td") <= html.count("<tr>") * 2
    assert len(re.findall("rowspan", made)) <= 1000 + MOST_SPANNING


_TAGS = st.sampled_from(
    "table caption thead tbody tfoot tr td th dl dt dd figure figcaption dfn h1 h4 a img br".split()
)


@given(st.lists(st.tuples(st.booleans(), _TAGS, st.sampled_from(["", ' colspan="9"', " a=b"]))))
def test_any_tags_keep_their_text(tags: list[tuple[bool, str, str]]) -> None:
    """Tags in any order, which ``normalise`` does not return, raise nothing and keep the text."""
    html = "".join(f"<{'/' * end}{name}{'' if end else more}>t" for end, name, more in tags)
    text = re.sub("<[^>]*>|\\[Picture\\]|\\s", "", page_html(html))
    assert text == re.sub("<[^>]*>", "", html)


@pytest.mark.parametrize(
    ("address", "valid"),
    [
        ("https://a.example/?a[]=1&amp;b#c[#d", "https://a.example/?a%5B%5D=1&amp;b#c%5B%23d"),
        ("https://[::1]:80/[x]", "https://[::1]:80/%5Bx%5D"),
        ("https://a.example/?a=1#b", "https://a.example/?a=1#b"),
        ("[", "["),
    ],
)
def test_addresses_in_attributes(address: str, valid: str) -> None:
    """Brackets are only in the host, and there is one ``#``."""
    assert valid_address(address) == valid


@pytest.mark.parametrize(
    ("tag", "valid"),
    [
        ("en", "en"),
        ("EN-gb", "en-GB"),
        ("en-UK", "en"),
        ("iw", "he"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("en-Latn-US", "en"),
        ("xx", None),
        ("i-klingon", None),
        ("", None),
        (None, None),
    ],
)
def test_languages_in_attributes(tag: str | None, valid: str | None) -> None:
    """A registered language is kept, with the known parts of its tag."""
    assert valid_language(tag) == valid
