"""Digests as mail, editors and web pages leave them: the items are those of the plain text."""

import quopri
import textwrap
from datetime import date

import pytest

from aggregator.model import Parsed
from aggregator.normalise.markup import body_from_html
from aggregator.parse.digest import days, parse
from aggregator.parse.digest.days import is_day_line
from tests.support.project import block, digest, document

KNOWN = frozenset({"NATO", "Europol"})
FIRST = (
    "The harbour drill began on Monday – with ships of nine countries, some of them long-term "
    "partners – and will take until Friday, when the last vessel is to leave the port.\n\n"
    "It is the largest of its kind. The two- and three-year programmes behind it go on, said the "
    "officer in charge; nobody expects that to change before the spring."
)
SECOND = (
    "Officers counted bank notes until morning, and found that more than half of them were made "
    "by one hand."
)
PLAIN = digest(
    block("Harbour drill ends in heavy fog", "NATO", FIRST),
    block("Forged notes seized in three ports", "Europol", SECOND),
)


def read(content: str, name: str = "a.txt") -> Parsed:
    return parse(document(content, name=name), KNOWN.__contains__)


def found(parsed: Parsed) -> list[tuple[str, str, str]]:
    """Return title, agency and plain body of each item."""
    return [
        (
            item.title,
            item.agency,
            item.body if item.body_markup == "text" else body_from_html(item.body).text,
        )
        for item in parsed.items
    ]


EXPECTED = [
    ("Harbour drill ends in heavy fog", "NATO", FIRST),
    ("Forged notes seized in three ports", "Europol", SECOND),
]


def wrapped(text: str, width: int) -> str:
    return "\n\n".join(textwrap.fill(paragraph, width) for paragraph in text.split("\n\n"))


@pytest.mark.parametrize("width", [60, 66, 72, 76, 80])
@pytest.mark.parametrize("which", ["both", "first", "second"])
def test_wrapped_lines_are_joined_again(width: int, which: str) -> None:
    """A text wrapped at a column is the text that was wrapped, in all bodies or in one."""
    first = wrapped(FIRST, width) if which != "second" else FIRST
    second = wrapped(SECOND, width) if which != "first" else SECOND
    content = digest(block(EXPECTED[0][0], "NATO", first), block(EXPECTED[1][0], "Europol", second))
    assert found(read(content)) == EXPECTED


@pytest.mark.parametrize(
    "body",
    [
        "Present were:\nJane Smith, Minister of Foreign Affairs of Norway\nJohn Doe\nA. N. Other",
        "The rose is red,\nthe violet’s blue,\nthe honey’s sweet,\nand so are you.",
        "2021  twelve ships\n2022  nine ships\n2023  seven ships\n2024  eleven ships",
        "Press office\nHarbour Street 12, 1234 Porttown, in the north of the island\nTel. 12 34",
        "  • one\n  • two\n  • three\n  1. first\n  2. second",
    ],
)
def test_lines_that_were_not_wrapped_stay(body: str) -> None:
    """Lists, tables, poems and addresses keep their lines."""
    (item,) = read(block("Harbour drill ends in heavy fog", "NATO", body)).items
    assert item.body == body.strip("\n")


def test_wrapped_list_items_are_joined() -> None:
    """A list item that goes on below its bullet is one line."""
    one = "one point that is so long that it has to go on in the second line of the list item"
    body = f"{FIRST}\n\n  • {one}\n  • a second point"
    inner = textwrap.fill(one, 72, initial_indent="  • ", subsequent_indent="    ")
    content = f"{wrapped(FIRST, 72)}\n\n{inner}\n  • a second point"
    (item,) = read(block("Harbour drill ends in heavy fog", "NATO", content)).items
    assert item.body == body


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_a_quoted_digest_loses_its_marks(levels: int) -> None:
    """A digest that was quoted in a mail, once or again and again, is read as it was."""
    content = PLAIN
    for _ in range(levels):
        content = textwrap.indent(content, "> ", lambda line: True)
    parsed = read(content)
    assert found(parsed) == EXPECTED
    assert parsed.items[0].lines[0] == 1


def test_an_indented_digest_loses_its_indentation() -> None:
    """Indentation that all lines have says nothing."""
    assert found(read(textwrap.indent(PLAIN, "    "))) == EXPECTED


def test_the_rest_of_quoted_printable_is_decoded() -> None:
    """Encoded characters and soft line ends are undone, and lines keep their numbers."""
    encoded = quopri.encodestring(PLAIN.encode()).decode()
    assert "=\n" in encoded
    parsed = read(encoded)
    assert found(parsed) == EXPECTED
    second = encoded.split("\n").index("Forged notes seized in three ports") + 1
    assert parsed.items[1].lines[0] == second


def test_an_equals_sign_is_no_encoding() -> None:
    """Text with equals signs and addresses with parameters stay as they are."""
    body = "The result is a=3D, or https://example.org/?id=20231215 as said. =20\nOne=\ntwo"
    (item,) = read(block("Harbour drill ends in heavy fog", "NATO", body)).items
    assert item.body == body


def test_character_references_are_decoded_once() -> None:
    """References in plain text become characters; what they hide is not decoded again."""
    content = "A &amp; B on &#8220;it&#x201D;\n\nSource: NATO&nbsp;\n\nBody&rsquo;s &amp;lt;.\n"
    assert found(read(content)) == [("A & B on “it”", "NATO", "Body’s &lt;.")]


def test_ampersands_are_left_alone_where_one_is_written_bare() -> None:
    """Who writes R&D means ``&amp;`` when that is written; quotes and spaces are still decoded."""
    content = "R&D and &amp;\n\nSource: NATO\n\nIt&rsquo;s &lt;b&gt;.\n"
    assert found(read(content)) == [("R&D and &amp;", "NATO", "It’s &lt;b&gt;.")]


def test_a_very_long_title_with_a_date_line() -> None:
    """No credit below a paragraph has a ``Date:`` line."""
    title = "endless " * 500
    content = (
        f"First\n\nSource: NATO\n\nIt met.\n\n{title}\n\nSource: NATO\nDate: 2024-01-02\n\nX.\n"
    )
    assert [one[0] for one in found(read(content))] == ["First", title.strip()]


@pytest.mark.parametrize(
    "tail",
    [
        "-- \nPress office\nTel. 12 34",
        "--\nPress office",
        "-----",
        "*****",
        "______________________\nPress mailing list\nhttps://lists.example.org/listinfo/press",
        "----------\nYou are receiving this as you asked.\n\nUnsubscribe: stop@example.org",
    ],
)
def test_signatures_and_footers_are_no_text(tail: str) -> None:
    """What a mail program or a list adds at the end is not part of the last release."""
    assert found(read(f"{PLAIN.rstrip()}\n\n{tail}\n")) == EXPECTED


def page(*releases: tuple[str, str, str], form: str) -> str:
    return "\n".join(
        form.format(
            title=title,
            name=name,
            body=body.replace("\n\n", "</p><p>" if "<p>{body}" in form else "<br><br>"),
        )
        for title, name, body in releases
    )


@pytest.mark.parametrize(
    "form",
    [
        "<h2>{title}</h2><p>Source: {name}</p><p>{body}</p>",
        "<h1>{title}</h1>\n<p>SOURCE: {name}</p>\n<p>{body}</p>",
        "<h3><a href='https://example.org/1'>{title}</a></h3><p>Source: {name}<p>{body}",
        "<div class=r><h2>{title}</h2><div>Source: {name}</div><p>{body}</p></div>",
        "<article><header><h2>{title}</h2></header><p><em>Source:</em> {name}</p><p>{body}</p>",
        "<p><b>{title}</b></p><p><b>Source:</b> {name}</p><p>{body}</p>",
        "<p><b>{title}</b><br>Source: {name}<br><br>{body}</p>",
        "<p>{title}<br/>\nSource: {name}<br/>\n<br/>\n{body}</p><hr>",
        "{title}<br><br>Source: {name}<br><br>{body}<br><br>",
        "<table><tr><td>{title}</td></tr><tr><td>Source: {name}</td></tr><tr><td>{body}</table>",
        "<table><tr><td><h2>{title}</h2><p>Source:</td><td>{name}</td></tr></table><p>{body}</p>",
        "<ul><li><h2>{title}</h2><p>Source: {name}</p><p>{body}</p></ul>",
        "<script>var t='<h2>No</h2>';</script><style>p{{}}</style><h2>{title}</h2>"
        "<p>Source: {name}</p><p>{body}</p><!-- <h2>No</h2> -->",
        "<section><h2>{title}</h2><p>Source&nbsp;: {name}</p><p>{body}</p></section>",
    ],
)
@pytest.mark.parametrize("around", ["{}", "<!DOCTYPE html><html><body>{}</body></html>"])
def test_a_digest_in_html(form: str, around: str) -> None:
    """Headings, paragraphs and broken lines are the blocks of a digest; bodies keep their HTML."""
    content = around.replace("{}", page(*EXPECTED, form=form))
    if not content.startswith("<"):
        content = f"<p>{content}"
    parsed = read(content)
    assert found(parsed) == EXPECTED
    assert parsed.problems == ()
    assert all(item.body_markup == "html" for item in parsed.items)


def test_a_heading_in_html_may_be_a_sentence_and_link() -> None:
    """A heading is a title whatever it ends in, and its link is the item's."""
    content = (
        "<h1>Press digest, 15 December 2023</h1>\n"
        "<h2><a href='https://example.org/1'>Prices rose again.</a></h2><p>Source: Eurostat</p>"
        "<p>Body <a href='https://example.org/2'>two</a>.</p>\n"
        "<table><tr><td>2022</td><td>17</td></tr></table><p>Source: Europol</p>\n"
        "<h2>12 arrested:</h2><p>Source: Europol</p><p>Body.</p>"
    )
    parsed = read(content)
    assert [(i.title, i.link, i.lines) for i in parsed.items] == [
        ("Prices rose again.", "https://example.org/1", (2, 3)),
        ("12 arrested:", None, (4, 4)),
    ]
    assert "href='https://example.org/2'" in parsed.items[0].body
    assert parsed.problems == ()
    assert parsed.dated == date(2023, 12, 15)


@pytest.mark.parametrize("kind", ["<div>", "<b>", "<table><tr><td>", "<p><a href=x>", "<h2>"])
def test_deeply_nested_html_is_one_line_each(kind: str) -> None:
    """A page of nothing but tags is read in one pass, and has no release."""
    parsed = read(f"<p>{kind * 20_000}<h2>T</h2><p>Source: NATO</p><p>Body.</p>")
    assert [item.title for item in parsed.items] == ["T"]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2023-12-15.txt", date(2023, 12, 15)),
        ("digest-20231215.txt", date(2023, 12, 15)),
        ("news_2023_12_15-evening.txt", date(2023, 12, 15)),
        ("in/2023/12/15.txt", date(2023, 12, 15)),
        ("in/15.12.2023.txt", date(2023, 12, 15)),
        ("12-15-2023.txt", date(2023, 12, 15)),
        ("press 15-Dec-2023.txt", date(2023, 12, 15)),
        ("digest_15_December_2023.txt", date(2023, 12, 15)),
        ("pressespiegel-15-dezember-2023.txt", date(2023, 12, 15)),
        ("2023-W50.txt", date(2023, 12, 17)),
        ("2023-12.txt", date(2023, 12, 31)),
        ("2023-12-11_2023-12-15.txt", date(2023, 12, 15)),
        ("05-04-2023.txt", None),
        ("agencies-19bd.txt", None),
        ("20239999.txt", None),
        ("12345678901234.txt", None),
        ("2030-01-01.txt", None),
    ],
)
def test_the_day_in_a_file_name(name: str, day: date | None) -> None:
    """A name states a day, a week or a month; one after the time of the file says nothing."""
    assert read(PLAIN, name).dated == day


@pytest.mark.parametrize(
    ("heading", "day"),
    [
        ("Press digest, 15 December 2023", date(2023, 12, 15)),
        ("# Digest – 15.12.2023", date(2023, 12, 15)),
        ("Week of 11 December 2023", date(2023, 12, 17)),
        ("Week 50, 2023", date(2023, 12, 17)),
        ("11–15 December 2023", date(2023, 12, 15)),
        ("Friday, 15 December 2023", date(2023, 12, 15)),
        ("Revue de presse du 15 décembre 2023", date(2023, 12, 15)),
        ("From: press@example.org\nDate: Fri, 15 Dec 2023 10:00:00 +0000", date(2023, 12, 15)),
        (
            "PRESS DIGEST\n15 December 2023\n\nIn this issue\n\n"
            "1. Harbour drill ends in heavy fog\n2. Forged notes seized in three ports",
            date(2023, 12, 15),
        ),
    ],
)
def test_the_day_in_a_heading(heading: str, day: date) -> None:
    """A heading and a table of contents date the document, and are no rejected text."""
    parsed = read(f"{heading}\n\n{PLAIN}")
    assert parsed.dated == day
    assert found(parsed) == EXPECTED
    assert [item.date for item in parsed.items] == [None, None]
    assert parsed.problems == ()


def test_contents_with_days_date_the_items() -> None:
    """The days of a table of contents are those of the titles in it."""
    contents = (
        "15 December 2023\nHarbour drill ends in heavy fog\n"
        "14 December 2023\nForged notes seized in three ports"
    )
    for opening in (
        contents,
        "15 Dec 2023 – Harbour drill ends in heavy fog\n"
        "14 Dec 2023 – Forged notes seized in three ports",
    ):
        parsed = read(f"Contents\n\n{opening}\n\n{PLAIN}")
        assert [item.date and item.date[:2] for item in parsed.items] == ["15", "14"]
        assert parsed.problems == ()


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_day_above_each_title_is_the_title_s(gap: str) -> None:
    """A line with a day alone belongs to the title below it where most titles have one."""
    days = ["15 December 2023", "Brussels, 14 December 2023"]
    blocks = PLAIN.split("Forged")
    content = f"{days[0]}{gap}{blocks[0]}{days[1]}{gap}Forged{blocks[1]}"
    parsed = read(content)
    assert [item.date for item in parsed.items] == days
    assert found(parsed) == EXPECTED


def test_a_day_below_each_text_stays_there() -> None:
    """A line with a day alone that ends each text belongs to the text above it."""
    blocks = PLAIN.rstrip().split("\n\nForged")
    content = f"{blocks[0]}\n\n15 December 2023\n\nForged{blocks[1]}\n\n14 December 2023\n"
    parsed = read(content)
    assert [item.date for item in parsed.items] == [None, None]
    assert [item.body.split("\n")[-1] for item in parsed.items] == [
        "15 December 2023",
        "14 December 2023",
    ]


def test_a_release_after_the_day_of_its_document() -> None:
    """A document's day that a release contradicts is not used, and that is reported."""
    content = PLAIN.replace("Source: NATO", "Source: NATO\nDate: 2024-01-20")
    parsed = read(content, "2023-12-15.txt")
    assert parsed.dated is None
    (problem,) = parsed.problems
    assert "2023-12-15" in problem.reason
    assert not problem.rejected


@pytest.mark.parametrize("line", ["5 May 2023", "20231215", "2023\u200b1215", "Date: 5.3.2024"])
def test_line_with_the_digits_of_a_day_is_a_day_line(line: str) -> None:
    """What a line has that nobody sees may be between its digits."""
    assert is_day_line(line)


@pytest.mark.parametrize("line", ["Text 2023", "5 May", "2023121", "\u200b", "²", "５ May", ""])
def test_line_without_the_digits_of_a_day_is_not_read(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "find_dates", None)
    assert not is_day_line(line)
