"""Digests: which blocks are items, which are problems, and in which encodings."""

import re
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.model import Item, Parsed
from aggregator.parse.charset import NotTextError, decode
from aggregator.parse.digest import parse
from tests.support.project import block, digest, document

KNOWN = {"NATO", "Europol", "INTERPOL"}


def read(content: str | bytes) -> Parsed:
    return parse(document(content), KNOWN.__contains__)


def titles(content: str | bytes) -> list[str]:
    return [item.title for item in read(content).items]


FIRST = block("A first release", "NATO", "Its body ends here.")
LAST = block("A last release", "Europol", "The last body.")


def around(middle: str) -> str:
    """Return a digest with ``middle`` in the body of its first release, and another release."""
    return digest(block("A first release", "NATO", f"It begins.\n\n{middle}"), LAST)


def test_each_block_becomes_an_item_in_order() -> None:
    """Items are in the order of the document, with position, lines and text as found."""
    parsed = read(digest(FIRST, LAST))
    assert parsed.problems == ()
    assert parsed.items == (
        Item(
            position=0,
            lines=(1, 5),
            title="A first release",
            agency="NATO",
            body="Its body ends here.",
        ),
        Item(
            position=1,
            lines=(7, 11),
            title="A last release",
            agency="Europol",
            body="The last body.",
        ),
    )


def test_no_newline_at_the_end() -> None:
    """The last line is read with or without a final newline."""
    assert read(digest(FIRST, LAST).rstrip("\n")) == read(digest(FIRST, LAST))


def test_header_fields_are_kept_unread() -> None:
    """``Date:`` and ``Link:`` below ``Source:`` are fields of the item, not part of its body."""
    (item,) = read(
        block("T", "NATO", "Body.", date="15 December 2023", link=" https://example.org/a ")
    ).items
    assert (item.date, item.link, item.body) == (
        "15 December 2023",
        "https://example.org/a",
        "Body.",
    )


@pytest.mark.parametrize(
    ("header", "date", "link"),
    [
        ("Date: 2023-12-15", "2023-12-15", None),
        ("Link: https://example.org/", None, "https://example.org/"),
        ("Link: https://example.org/\nDate: 2023-12-15", "2023-12-15", "https://example.org/"),
        ("Date:", "", None),
    ],
)
def test_header_fields_in_any_order_and_number(
    header: str, date: str | None, link: str | None
) -> None:
    """Both fields are optional, in any order."""
    (item,) = read(f"T\n\nSource: NATO\n{header}\n\nBody.\n").items
    assert (item.date, item.link, item.body) == (date, link, "Body.")


def test_field_names_further_down_are_text() -> None:
    """A ``Date:`` line below the first paragraph belongs to the body."""
    (item,) = read(block("T", "NATO", "Body.\n\nDate: 14 December\nLink: the map")).items
    assert (item.date, item.link) == (None, None)
    assert item.body == "Body.\n\nDate: 14 December\nLink: the map"


def test_a_second_date_line_is_text() -> None:
    """Only the first line of a field counts; another one is part of the body."""
    (item,) = read("T\n\nSource: NATO\nDate: 2023-12-15\nDate: 2023-12-16\n\nBody.\n").items
    assert item.date == "2023-12-15"
    assert item.body == "Date: 2023-12-16\n\nBody."


def test_title_of_two_lines() -> None:
    """A title of two lines is one title, and the item starts at its first line."""
    parsed = read(digest(FIRST, block("A title that is long\nand goes on", "Europol", "Body.")))
    assert parsed.items[1].title == "A title that is long and goes on"
    assert parsed.items[1].lines[0] == 7


def test_title_of_two_lines_at_the_top() -> None:
    """The first title of a document may have two lines too."""
    parsed = read(block("A title that is long\nand goes on", "Europol", "Body."))
    assert [item.title for item in parsed.items] == ["A title that is long and goes on"]
    assert parsed.problems == ()


def test_title_without_empty_line_above() -> None:
    """Without an empty line above a title, the end of a sentence is the end of the body."""
    parsed = read("One\n\nSource: NATO\n\nThe body ends here.\nTwo\n\nSource: Europol\n\nBody.\n")
    assert [(item.title, item.lines) for item in parsed.items] == [
        ("One", (1, 5)),
        ("Two", (6, 10)),
    ]
    assert parsed.items[0].body == "The body ends here."


@pytest.mark.parametrize(
    "title",
    [
        "Who pays for security?",
        "“Our support is no charity”",
        "Readout of Gen. Brown, Jr.",
        "NATO meets U.S.",
        "12 arrested in Lisbon",
        "1,200 vehicles found",
        "Operation Mobile 6: the results…",
        "2024 budgets agreed",
    ],
)
def test_titles_of_every_kind(title: str) -> None:
    """Questions, quotations, abbreviations and numbers are titles."""
    assert titles(digest(FIRST, block(title, "Europol", "Body."))) == ["A first release", title]


def test_title_with_no_break_spaces() -> None:
    """A title with no-break spaces anywhere is found."""
    found = titles(digest(FIRST, block("\xa0A\xa0second release\xa0", "Europol", "Body.")))
    assert [re.sub(r"\s+", " ", title).strip() for title in found] == [
        "A first release",
        "A second release",
    ]


def test_no_break_spaces_around_the_source() -> None:
    """No-break spaces around the name and on empty lines make no difference."""
    (item,) = read("T\n\xa0\nSource:\xa0NATO\xa0\n\xa0\nBody.\n").items
    assert (item.title, item.agency, item.body.strip()) == ("T", "NATO", "Body.")


def test_runs_of_empty_lines_and_lines_of_spaces() -> None:
    """Several empty lines, and lines of spaces, separate blocks like one empty line."""
    parsed = read(
        "\n  \n\xa0\nOne\n\n \nSource: NATO\n\t\n\nBody one.\n\xa0 \n\n\nTwo\n\n\n"
        "Source: Europol\n\n\n\nBody two.\n\n\n"
    )
    assert [(item.title, item.lines, item.body.strip()) for item in parsed.items] == [
        ("One", (4, 10), "Body one."),
        ("Two", (14, 21), "Body two."),
    ]
    assert parsed.problems == ()


def test_indented_lists_stay_in_the_body() -> None:
    """Indented bullets and numbered lists are kept as found, with their indentation."""
    body = "It says:\n\n  • one\n  • two\n    \xa0\n  1. first\n  2. second"
    assert read(digest(block("T", "NATO", body), LAST)).items[0].body == body


def test_body_that_is_cut_short() -> None:
    """A cut text ends its item, and the next one is found."""
    assert titles(digest(block("T", "NATO", "It was cut in the mid…"), LAST)) == [
        "T",
        "A last release",
    ]


@pytest.mark.parametrize(
    "credit",
    [
        "Table 1: victims by year\n\nSource: Europol\n\nThe text goes on.",
        "Figure 2. Seizures\n\nSource: Europol\n\nThe text goes on.",
        "2022  17\n2023  21\nSource: Europol\n\nThe text goes on.",
        "The table shows a rise. It began in 2020.\n\nSource: Eurostat\n\nThe text goes on.",
        "A sentence of a quotation.\n\nSource: Reuters\n\nThe text goes on.",
        "The numbers by year:\n\nSource: Eurostat\n\nThe text goes on.",
        "• the first of a list\n• the last of a list\n\nSource: Europol\n\nThe text goes on.",
        "  1. the first of a list\n  2. the last of a list\n\nSource: Europol\n\nThe text goes on.",
        "Victims by year\n\nSource: Eurostat, 2023\n\nThe text goes on.",
        "Victims by year\n\nSource: https://example.org/table\n\nThe text goes on.",
        "Victims by year\n\nSource: © Reuters\n\nThe text goes on.",
        "Victims by year\n\nSource: own calculations\n\nThe text goes on.",
        "Victims by year\n\n  Source: Eurostat\n\nThe text goes on.",
        "Victims by year\n\nSource: Eurostat\nThe text goes on.",
        "Victims by year\n\nSources: Eurostat\n\nThe text goes on.",
        "Victims by year (Source: Europol)\n\nThe text goes on.",
        "Victims by year\n\nSource: a survey of Europol\n\nThe text goes on.",
        "  2022  17\n  2023  21\n\nSource: Europol\n\nThe text goes on.",
        "• the first\n• the last of a list\n  and its second line\n\nSource: Europol\n\nText.",
        "A quotation.\n\nSource: own estimates\n\nSource: Reuters\n\nThe text goes on.",
        "Finland   43.8\nPoland    29.7\nSource: Eurostat, 2023\n\nThe text goes on.",
    ],
)
def test_a_credit_does_not_start_an_item(credit: str) -> None:
    """A ``Source:`` line below a table or in a quotation belongs to the item around it.

    It is reported with its line if it could be a header all the same.
    """
    content = around(credit)
    parsed = read(content)
    assert [item.title for item in parsed.items] == ["A first release", "A last release"]
    assert parsed.items[0].body == f"It begins.\n\n{credit}"
    lines = [n for n, line in enumerate(content.split("\n"), 1) if "Source" in line][1:-1]
    is_clear = re.match(r"Finland|2022|  2022|• the first of", credit)
    told = [] if is_clear else [(n, n) for n in lines]
    assert [problem.lines for problem in parsed.problems] == told
    assert not any(problem.rejected for problem in parsed.problems)


@pytest.mark.parametrize(
    "line",
    [
        "Victims by year\n\n  Source: Europol\n\nThe text goes on.",
        "Victims by year\n\nSource: Europol\nThe text goes on.",
        "Victims by year\n\nSources: Europol\n\nThe text goes on.",
        "The numbers by year:\n\nSource: Europol\n\nThe text goes on.",
        "• a title or a point\n\nSource: Europol\n\nThe text goes on.",
        "Victims by year\n\nSource: Eurostat\n\nThe text goes on.",
    ],
)
def test_a_doubtful_header_splits_a_release_and_is_reported(line: str) -> None:
    """What could be a header out of line or a credit is read as a header, and reported."""
    content = digest(
        block("A first release", "NATO", f"It begins.\n\n{line}"),
        LAST,
        block("A third release", "NATO", "Body."),
    )
    parsed = read(content)
    assert len(parsed.items) == 4
    (problem,) = parsed.problems
    assert "is read as the header of a release, but" in problem.reason
    assert not problem.rejected


def test_a_credit_as_the_first_line_of_a_body() -> None:
    """A credit directly below the header does not shorten the body."""
    parsed = read(digest(block("T", "NATO", "Source: Reuters\n\nThe text."), LAST))
    assert [item.title for item in parsed.items] == ["T", "A last release"]
    assert parsed.items[0].body == "Source: Reuters\n\nThe text."
    assert [(p.lines, p.rejected) for p in parsed.problems] == [((5, 5), False)]


@pytest.mark.parametrize("indent", ["  ", "\t", "\xa0", "\u2003", "\u200b"])
@pytest.mark.parametrize("agency", ["Europol", "Ministry of Truth"])
def test_title_that_is_indented(indent: str, agency: str) -> None:
    """An indented title is found, whoever published it."""
    found = titles(digest(FIRST, block(f"{indent}A second release", agency, "Body."), LAST))
    assert [title.strip(indent) for title in found] == [
        "A first release",
        "A second release",
        "A last release",
    ]


@pytest.mark.parametrize("name", ["Bureau of Calculations", "A survey", "Somebody; anybody"])
def test_the_first_block_may_have_any_name(name: str) -> None:
    """At the top of a document there is no body that a credit could belong to."""
    parsed = read(digest(block("One", name, "Body."), LAST))
    assert [item.agency for item in parsed.items] == [name, "Europol"]
    assert parsed.problems == ()


@pytest.mark.parametrize("agency", ["Ministry of Truth", "U.S. Geological Survey", "Müller & Co"])
def test_agencies_that_are_not_configured(agency: str) -> None:
    """Releases of unknown agencies are items too, at the top of a document and within it."""
    parsed = read(digest(block("One", agency, "Body."), block("Two", agency, "Body."), LAST))
    assert [item.title for item in parsed.items] == ["One", "Two", "A last release"]
    assert parsed.problems == ()


def test_title_that_is_a_sentence_needs_a_known_agency() -> None:
    """A sentence with a full stop is a title only for a configured agency."""
    assert titles(digest(FIRST, block("Europol closes a case.", "Europol", "Body."))) == [
        "A first release",
        "Europol closes a case.",
    ]
    assert titles(digest(FIRST, block("Prices rose again.", "Eurostat", "Body."))) == [
        "A first release"
    ]


def test_cut_at_the_top_in_the_middle_of_a_body() -> None:
    """The rest of a body above the first title is reported with its lines."""
    parsed = read("the end of a sentence.\n\nAnother paragraph.\n\n" + LAST)
    assert [(item.title, item.lines) for item in parsed.items] == [("A last release", (5, 9))]
    (problem,) = parsed.problems
    assert (problem.lines, problem.rejected) == ((1, 3), True)


def test_cut_at_the_top_between_title_and_source() -> None:
    """A block whose title was cut off is reported with its lines."""
    parsed = read("Source: NATO\n\nA body.\n\n" + LAST)
    assert [(item.title, item.position) for item in parsed.items] == [("A last release", 0)]
    (problem,) = parsed.problems
    assert (problem.lines, problem.rejected) == ((1, 3), True)
    assert "title" in problem.reason


@pytest.mark.parametrize("size", range(len(LAST.rstrip())))
def test_cut_anywhere_at_the_end(size: int) -> None:
    """Wherever the last block is cut, it is an item, a problem or text; the first one is kept."""
    cut_block = LAST[:size]
    parsed = read(FIRST + "\n" + cut_block)
    first, *rest = parsed.items
    assert (first.title, first.lines[0]) == ("A first release", 1)
    assert first.body.startswith("Its body ends here.")
    if "Source: E" in cut_block:
        assert [item.title for item in rest] == ["A last release"]
        assert parsed.problems == ()
    elif "Source:" in cut_block:
        assert (rest, [problem.lines for problem in parsed.problems]) == ([], [(7, 9)])
    else:
        assert not any(problem.rejected for problem in parsed.problems)
        assert len(parsed.problems) == cut_block.endswith("Source")
        assert rest == []
        assert first.body.endswith(cut_block.strip("\n"))


def test_cut_at_the_end_after_the_source() -> None:
    """A release with only a header is an item with an empty body."""
    parsed = read(FIRST + "\nA last release\n\nSource: Europol")
    assert [(item.title, item.body) for item in parsed.items[1:]] == [("A last release", "")]


@pytest.mark.parametrize("name", ["", "\u200b", "\u202e\u2060", "\x01", "\xad", "\u3164"])
def test_a_source_line_without_name(name: str) -> None:
    """A block without a visible name is reported with its lines; other blocks are not affected."""
    parsed = read(digest(FIRST, block("No name", name, "Lost."), LAST))
    assert [(item.title, item.position) for item in parsed.items] == [
        ("A first release", 0),
        ("A last release", 1),
    ]
    assert parsed.items[0].body == "Its body ends here."
    (problem,) = parsed.problems
    assert (problem.lines, problem.rejected) == ((7, 11), True)


@pytest.mark.parametrize("line", ["\u200b", "\ufeff", "\xad \u2060", "\u3164"])
def test_lines_without_visible_characters(line: str) -> None:
    """A line without a visible character is an empty line, and not a title."""
    blank = LAST.replace("\n\n", f"\n{line}\n")
    assert titles(f"{FIRST}\n{line}\n{blank}") == ["A first release", "A last release"]
    assert read(f"{line}\n\nSource: NATO\n\nLost.\n\n{LAST}").problems[0].lines == (3, 5)


def test_a_problem_is_one_clean_line() -> None:
    """Quotations from a document cannot break the line or reverse the text."""
    (problem,) = read(f"Source: \x1b[31m\u202eNATO{'x' * 200}\n\nBody.\n\n{LAST}").problems
    assert problem.reason.isprintable()
    assert len(problem.reason) < 150


@pytest.mark.parametrize("content", ["", " \n\t\n", "\ufeff", "\xa0\n\n", b"\xff\xfe"])
def test_an_empty_document(content: str | bytes) -> None:
    """A document without text is rejected as empty."""
    with pytest.raises(ParseError, match=r"a\.txt: is empty"):
        read(content)


@pytest.mark.parametrize(
    "content",
    ["Some text.\n\nAnd more of it.\n", "<rss><channel/></rss>", "T\n\nThe source is NATO\n\nB\n"],
)
def test_text_that_is_not_a_digest(content: str) -> None:
    """A document without a ``Source:`` line is rejected with file and line."""
    with pytest.raises(ParseError, match=r"^digests: a\.txt: line 1: no 'Source:' line"):
        read(content)


@pytest.mark.parametrize("content", [b"PNG\0\0\0", bytes(range(1, 32)) * 40, b"\x7fELF\0\1"])
def test_binary_bytes_are_rejected(content: bytes) -> None:
    """Bytes that are not text are rejected as such."""
    with pytest.raises(ParseError, match=r"a\.txt: it .* not text"):
        read(content)
    with pytest.raises(NotTextError):
        decode(content)


TEXT = digest(
    block("Geoană’s visit – “done”", "NATO", "Préfet Stéphane\n\n• 438.1 million €\n\nIt ends…"),
    block("日本 and 🇺🇦", "Europol", "Body\xa0two."),
)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_encodings_and_line_ends(encoding: str, line_end: str) -> None:
    """The items are the same in every encoding with a byte order mark, with every line end."""
    marked = TEXT if encoding in ("utf-8", "utf-8-sig", "utf-16") else "\ufeff" + TEXT
    assert read(marked.replace("\n", line_end).encode(encoding)) == read(TEXT)


def test_windows_1252_is_decoded() -> None:
    """Quotes, dashes and the ellipsis of Windows-1252 are decoded."""
    text = block("Café “Zürich” – it’s open", "NATO", "A body of 5 €…")
    assert read(text.encode("cp1252")) == read(text)


def test_windows_1252_in_one_line_only() -> None:
    """A line in Windows-1252 does not affect the lines in UTF-8."""
    body = "Geoană’s line.\n".encode() + "the café’s line\n".encode("cp1252") + "Préfet.\n".encode()
    assert decode(body) == "Geoană’s line.\nthe café’s line\nPréfet.\n"


def test_bytes_that_windows_1252_lacks() -> None:
    """A byte that is in neither encoding becomes a replacement character."""
    assert decode(b"caf\xe9 \x81 x") == "café \ufffd x"


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_character_cut_in_two_at_the_end(cut: int) -> None:
    """An incomplete UTF-8 character at the end is removed."""
    assert decode("Préfet 🇺".encode()[:-cut]) == "Préfet "


def test_utf16_cut_in_the_middle_of_a_character() -> None:
    """UTF-16 with a missing last byte is read."""
    assert titles(TEXT.encode("utf-16")[:-1]) == titles(TEXT)


def test_utf16_without_a_mark_is_not_text() -> None:
    """UTF-16 without a mark has NUL bytes, and is rejected."""
    with pytest.raises(NotTextError, match="NUL"):
        decode("Plain text".encode("utf-16-le"))


def check_order(parsed: Parsed, line_count: int) -> None:
    """Check that items are numbered from 0, and that no line belongs to two items or problems."""
    assert [item.position for item in parsed.items] == list(range(len(parsed.items)))
    for spans in (
        [item.lines for item in parsed.items],
        sorted([i.lines for i in parsed.items] + [p.lines for p in parsed.problems if p.rejected]),
    ):
        last = 0
        for first, end in spans:
            assert last < first <= end <= line_count
            last = end


@given(st.binary() | st.text().map(str.encode) | st.text().map(lambda text: text.encode("utf-16")))
@example(b"\xff\xfeS\0o\0")
@example(b"\xef\xbb\xbf\xef\xbb\xbf")
def test_any_bytes_give_items_or_a_parse_error(body: bytes) -> None:
    """No bytes raise anything but ``ParseError``."""
    with suppress(ParseError):
        parsed = read(body)
        assert parsed.items or parsed.problems


LINES = st.sampled_from(
    [
        "",
        "",
        "",
        " ",
        "\xa0",
        "A title",
        "Another Title?",
        "A sentence. And more.",
        "• a point",
        "  2. a point",
        "Table 1",
        "Source: NATO",
        "Source: Europol",
        "Source: Somebody",
        "Source:",
        "Source : NATO",
        " Source: NATO",
        "Source: own estimates",
        "Date: 2023-12-15",
        "Date:",
        "Link: https://example.org/",
        "\ufeff",
        "Cut in the mid…",
        "Source: " + "x" * 300,
        "y" * 500,
    ]
)


@given(st.lists(LINES, max_size=40), st.sampled_from(["\n", "\r\n", "\r", "\x85"]))
def test_items_in_order_and_apart(lines: list[str], line_end: str) -> None:
    """Whatever the lines, items are in order and share no line."""
    try:
        parsed = read(line_end.join(lines))
    except ParseError:
        return
    check_order(parsed, len(lines))
    for item in parsed.items:
        found = lines[item.lines[0] - 1 : item.lines[1]]
        assert item.title.startswith(found[0].strip()) or found[0].startswith("Date:")
        assert item.agency
        assert all(line in found for line in item.body.split("\n") if line.strip())


@given(st.lists(LINES, max_size=40))
def test_no_text_is_lost_silently(lines: list[str]) -> None:
    """Every line with text is in an item or in a problem, or tells a title in advance."""
    try:
        parsed = read("\n".join(lines))
    except ParseError:
        return
    told = [item.lines for item in parsed.items] + [problem.lines for problem in parsed.problems]
    for number, line in enumerate(lines, 1):
        if line.strip("\ufeff \xa0") and line not in {item.title for item in parsed.items}:
            assert any(first <= number <= last for first, last in told), (number, line)


WORD = st.text(st.characters(categories=("Lu", "Ll", "Lo")), min_size=1, max_size=10).filter(
    lambda word: word.lower() not in ("source", "date", "link")
)
TITLE = st.lists(WORD, min_size=4, max_size=8).map(lambda words: "A" + " ".join(words))
PARAGRAPH = st.one_of(
    st.lists(WORD, min_size=1, max_size=12).map(lambda words: " ".join(words) + "."),
    st.lists(WORD, min_size=1, max_size=3).map(
        lambda words: "\n".join(f"  • {word}" for word in words)
    ),
    st.lists(WORD, min_size=1, max_size=3).map(
        lambda words: "\n".join(f"{n}. {word}" for n, word in enumerate(words, 1))
    ),
)
RELEASE = st.tuples(
    TITLE,
    st.sampled_from(sorted(KNOWN)) | WORD,
    st.lists(PARAGRAPH, min_size=1, max_size=4).map("\n\n".join),
    st.none() | st.just("15 December 2023"),
    st.none() | st.just("https://example.org/x"),
)


@given(st.lists(RELEASE, min_size=1, max_size=6))
def test_well_formed_releases_come_back(
    releases: list[tuple[str, str, str, str | None, str | None]],
) -> None:
    """A digest that is composed of releases is read as these releases, word for word."""
    text = digest(*[block(t, a, b, date=date, link=link) for t, a, b, date, link in releases])
    parsed = read(text)
    assert parsed.problems == ()
    assert [(i.title, i.agency, i.body, i.date, i.link) for i in parsed.items] == releases
    check_order(parsed, text.count("\n") + 1)


@given(st.text())
def test_utf8_is_read_as_it_is(text: str) -> None:
    """Text in UTF-8 is decoded unchanged, unless it has characters that text files do not have."""
    try:
        read_back = decode(text.encode())
    except NotTextError:
        assert re.search(r"[\x00-\x1f]", text)
    else:
        assert read_back == text.removeprefix("\ufeff")


@given(st.binary(max_size=300))
def test_decoding_returns_text_or_raises(body: bytes) -> None:
    """No bytes raise anything but ``NotTextError``."""
    with suppress(NotTextError):
        decode(body).encode()
