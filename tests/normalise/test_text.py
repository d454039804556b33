"""Clean text, and the entries of items."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from aggregator.model import Item
from aggregator.normalise import text as texts
from aggregator.normalise.entry import SUMMARY_LENGTH, normalise
from aggregator.normalise.links import url_problem, web_address
from aggregator.normalise.text import (
    clean,
    cut,
    first_of,
    has_forbidden,
    is_blank,
    is_truncated,
    one_line,
    tidy_lines,
    title_of,
)
from tests.support.project import NATO

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
"""Any string of Python, including lone surrogates."""

FORBIDDEN = [
    *map(chr, (0x00, 0x01, 0x08, 0x0E, 0x1F, 0x7F, 0x80, 0x9F)),  # controls
    *map(chr, (0xD800, 0xDFFF)),  # lone surrogates
    *map(chr, (0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF)),  # noncharacters
    *map(chr, range(0x202A, 0x202F)),  # bidirectional embeddings and overrides
    *map(chr, range(0x2066, 0x206A)),  # bidirectional isolates
    *map(chr, (0x200B, 0x2060, 0xFEFF)),  # no width and no meaning
]


def test_ordinary_characters_are_clean_next_to_any_other() -> None:
    """What ``clean`` returns without a closer look is printable, and NFC leaves it alone."""
    ordinary = [sign for sign in map(chr, range(0x110000)) if texts._ORDINARY.fullmatch(sign)]
    assert len(ordinary) > 900
    for sign in ordinary:
        assert sign.isprintable() or sign in "\n\xa0"
        assert unicodedata.is_normalized("NFC", sign)
        assert not unicodedata.combining(sign)
        assert unicodedata.normalize("NFC", f"e{sign}") == f"e{sign}"


@pytest.mark.parametrize("character", FORBIDDEN, ids=lambda c: f"U+{ord(c):04X}")
def test_forbidden_characters_are_removed(character: str) -> None:
    """Controls, surrogates, noncharacters and bidirectional marks are removed."""
    assert clean(f"a{character}b") == "ab"


@pytest.mark.parametrize("character", ["\t", "\xa0", "é", "\u200d", "\U0001f1fa", "日", "\ufffd"])
def test_other_characters_are_kept(character: str) -> None:
    """Tabs, letters of all scripts, emoji and their joiners are kept."""
    assert clean(f"a{character}b") == f"a{character}b"


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n", "\x0b", "\x0c", "\x85", "\u2028"])
def test_line_ends_become_line_feeds(line_end: str) -> None:
    """Every line end in use becomes a line feed."""
    assert clean(f"a{line_end}b") == "a\nb"


def test_letters_are_composed() -> None:
    """A letter and its accent become one character (NFC)."""
    assert clean("Geoana\u0306") == "Geoană"


def test_an_accent_after_a_removed_character() -> None:
    """Composition is last, so a removed character does not separate a letter and its accent."""
    assert clean("Geoana\u200b\u0306") == "Geoană"


def test_text_on_one_line() -> None:
    """Each run of white space, including line ends and no-break spaces, is one space."""
    assert one_line("\xa0 A \xa0 title\r\n\tover\u2003lines \n") == "A title over lines"


def test_tidy_lines_keep_line_ends() -> None:
    """Within each line, runs of white space are one space."""
    assert tidy_lines("  a \xa0 b\n\xa0\n c\t") == ["a b", "", "c"]


@pytest.mark.parametrize(
    "text", ["", " \n\t\xa0", "\xad", "\u3164", "\u2800", "\u200d\ufe0f", "".join(FORBIDDEN)]
)
def test_blank_text_is_invisible(text: str) -> None:
    """Invisible characters, however many, are blank."""
    assert is_blank(text)
    assert not is_blank(f"{text}.")


@pytest.mark.parametrize("text", ["a", "-", "日", "🇺🇦", "\u0301", "\ufffd"])
def test_visible_text_is_not_blank(text: str) -> None:
    """Any visible character is text."""
    assert not is_blank(text)


@given(ANY_TEXT)
def test_clean_removes_what_is_forbidden(text: str) -> None:
    """Clean text has no forbidden character, and blank text is blank when clean."""
    assert not has_forbidden(clean(text))
    assert is_blank(clean(text)) == is_blank(text)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("two words", 8, "two…"),
        ("two words", 4, "two…"),
        ("a sentence, and", 12, "a sentence…"),
        ("unbreakable", 5, "unbr…"),
        ("", 5, ""),
    ],
)
def test_cut_at_a_word(text: str, limit: int, expected: str) -> None:
    """Long text is cut after a whole word, without punctuation."""
    assert cut(text, limit) == expected


@given(st.text(max_size=60), st.integers(min_value=1, max_value=50))
def test_cut_keeps_to_the_limit(text: str, limit: int) -> None:
    """The result is within the limit, and the start of the text."""
    result = cut(text, limit)
    assert len(result) <= limit or result == text
    assert result == text or text.startswith(result.removesuffix("…"))


@pytest.mark.parametrize("end", ["…", "[…]", "...", "[...]", "… \n"])
def test_an_ellipsis_at_the_end_means_cut(end: str) -> None:
    """A text that ends with any kind of ellipsis is cut short."""
    assert is_truncated("The text was cut" + end)


@pytest.mark.parametrize("text", ["", "Whole.", "… and so on.", "Wait… what?"])
def test_an_ellipsis_elsewhere_means_nothing(text: str) -> None:
    """An ellipsis elsewhere does not count."""
    assert not is_truncated(text)


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """Clean text is a fixed point, composed, and valid UTF-8."""
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode()


@given(ANY_TEXT)
@example("".join(FORBIDDEN))
def test_clean_text_fits_into_xml(text: str) -> None:
    """XML returns clean text unchanged."""
    element = etree.Element("a")
    element.text = one_line(text)
    assert (etree.fromstring(etree.tostring(element)).text or "") == one_line(text)


def item(**fields: str | None) -> Item:
    given_fields = {"title": "A title", "body": "A body.", "date": None, "link": None} | fields
    return Item(
        position=0,
        lines=(3, 9),
        title=given_fields["title"] or "",
        agency="NATO",
        body=given_fields["body"] or "",
        date=given_fields["date"],
        link=given_fields["link"],
    )


def test_an_item_becomes_an_entry() -> None:
    """An entry has the tidy title, both forms of the body, a summary and its agency's category."""
    made, problems = normalise(
        item(title=" A\xa0title ", body="One.\n\n  • two", link="https://example.org/a?b=1&c"), NATO
    )
    assert problems == ()
    assert (made.title, made.text, made.summary) == ("A title", "One.\n\n• two", "One. • two")
    assert made.content_html == "<p>One.</p>\n<ul>\n<li>two</li>\n</ul>"
    assert [link.href for link in made.links] == ["https://example.org/a?b=1&c"]
    assert (made.agency, made.categories, made.truncated) == (NATO, ("nato",), False)


def test_a_cut_body_is_truncated() -> None:
    """An ellipsis at the end, apart from white space, marks an entry as truncated."""
    made, _ = normalise(item(body="It was cut in the mid…\n\xa0\n"), NATO)
    assert made.truncated


def test_a_long_body_has_a_short_summary() -> None:
    """A summary is cut at a word; its own ellipsis does not mark the entry as truncated."""
    made, _ = normalise(item(body="word " * 200), NATO)
    assert len(made.summary) <= SUMMARY_LENGTH
    assert made.summary.endswith("word…")
    assert not made.truncated


@pytest.mark.parametrize("field", ["date", "link"])
@pytest.mark.parametrize("value", ["", "nonsense", "javascript:alert(1)", "http://", "\u202e\x01"])
def test_an_unreadable_header_field(field: str, value: str) -> None:
    """An unreadable date or link is reported with the item's lines; the item is kept."""
    made, problems = normalise(item(**{field: value}), NATO)
    assert (made.title, made.links) == ("A title", ())
    (problem,) = problems
    assert (problem.lines, problem.rejected) == ((3, 9), False)
    assert clean(problem.reason) == problem.reason


@pytest.mark.parametrize(
    "value",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "Mon, 01 Jan 0001 00:00:00 +1400",
        "99 December 99999",
        "1" * 5000,
        "Fri, 15 Dec 2023 10:00:00 +9999",
    ],
)
def test_dates_beyond_every_calendar(value: str) -> None:
    """A date that no calendar has is at most reported."""
    made, _ = normalise(item(date=value), NATO)
    assert made.title == "A title"


@given(ANY_TEXT, ANY_TEXT, st.none() | ANY_TEXT, st.none() | ANY_TEXT)
def test_any_item_becomes_a_clean_entry(
    title: str, body: str, date: str | None, link: str | None
) -> None:
    """The entry of any item has clean text."""
    made, _ = normalise(item(title=title, body=body, date=date, link=link), NATO)
    for text in (made.title, made.text, made.summary, *(link.href for link in made.links)):
        assert clean(text) == text
    assert len(made.summary) <= SUMMARY_LENGTH


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org",
        "https://example.org/a%20b?c=d&e=f#g",
        "http://localhost:8080/",
        "http://[::1]:8080/",
        "https://münchen.example/",
    ],
)
def test_valid_addresses_are_unchanged(address: str) -> None:
    """Complete http and https addresses are unchanged."""
    assert web_address(f" {address}\n") == address
    assert url_problem(address) is None


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("https://example.org/{a}|b^c`d\\e", "https://example.org/%7Ba%7D%7Cb%5Ec%60d%5Ce"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://example.org/100%zz%20", "https://example.org/100%25zz%20"),
    ],
)
def test_characters_that_browsers_encode(address: str, sent: str) -> None:
    """Common invalid characters are percent-encoded."""
    assert web_address(address) == sent
    assert url_problem(address) is not None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://example.org\\@example.com/",
        "http://a|b/",
        "example.org",
        "/a/b",
        "//example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://",
        "http:///a",
        "http://example.org:99999/",
        "http://example.org:x/",
        "http://[::1/",
        "http://example.org/a b",
        'http://example.org/"onclick="x',
        "http://example.org/<script>",
    ],
)
def test_invalid_addresses(address: str) -> None:
    """Other text is not an address, and the problem is one line."""
    assert web_address(address) is None
    problem = url_problem(address)
    assert problem is not None
    assert "\n" not in problem


@given(ANY_TEXT)
def test_any_address_is_checked(text: str) -> None:
    """No text raises."""
    for address in (text, f"http://{text}", f"https://example.org/{text}"):
        found = web_address(address)
        assert found is None or found.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("title", "text", "shown"),
    [
        ("A title", "A text", "A title"),
        ("", "The pier is\n\nopen again.", "The pier is open again."),
        (" \u00ad ", "word " * 200, "word " * 19 + "word…"),
        ("", "\u200d", "(untitled)"),
    ],
)
def test_title_of_an_entry_without_one(title: str, text: str, shown: str) -> None:
    """The first words of its text are shown."""
    assert title_of(title, text) == shown


@given(ANY_TEXT)
@example("a\xa0b")
@example("a  b ")
def test_single_spaces_are_those_of_a_split(text: str) -> None:
    assert texts.single_spaced(text) == " ".join(text.split())


@given(ANY_TEXT)
def test_blank_text_has_no_visible_character(text: str) -> None:
    """Of ASCII, what is a sign on paper is visible; the first character settles most texts."""
    assert is_blank(text) == (texts._VISIBLE.search(text) is None)


def test_first_names_and_how_many_more() -> None:
    """A list of thousands is one short line."""
    names = ["nato", "europol", "interpol"]
    assert first_of(names, 3) == "nato, europol, interpol"
    assert first_of(names, 2) == "nato, europol and 1 more"
    assert first_of(names * 1_000, 1) == "nato and 2,999 more"
