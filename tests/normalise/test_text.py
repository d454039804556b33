"""Clean text, and items made into entries of it."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from aggregator.model import Item
from aggregator.normalise.entry import SUMMARY_LENGTH, normalise
from aggregator.normalise.links import url_problem, web_address
from aggregator.normalise.text import (
    clean,
    cut,
    has_forbidden,
    is_blank,
    is_truncated,
    one_line,
    tidy_lines,
)
from tests.support.project import NATO

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
"""Text with all that Python's strings can hold, lone surrogates too."""

FORBIDDEN = [
    *map(chr, (0x00, 0x01, 0x08, 0x0E, 0x1F, 0x7F, 0x80, 0x9F)),  # controls
    *map(chr, (0xD800, 0xDFFF)),  # lone surrogates
    *map(chr, (0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF)),  # noncharacters
    *map(chr, range(0x202A, 0x202F)),  # bidirectional embeddings and overrides
    *map(chr, range(0x2066, 0x206A)),  # bidirectional isolates
    *map(chr, (0x200B, 0x2060, 0xFEFF)),  # no width and no meaning
]


@pytest.mark.parametrize("character", FORBIDDEN, ids=lambda c: f"U+{ord(c):04X}")
def test_what_deceives_or_breaks_is_taken_out(character: str) -> None:
    """Controls, surrogates, noncharacters and bidirectional marks vanish."""
    assert clean(f"a{character}b") == "ab"


@pytest.mark.parametrize("character", ["\t", "\xa0", "é", "\u200d", "\U0001f1fa", "日", "\ufffd"])
def test_what_is_text_stays(character: str) -> None:
    """Tabs, letters of all scripts, emoji and their joiners stay."""
    assert clean(f"a{character}b") == f"a{character}b"


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n", "\x0b", "\x0c", "\x85", "\u2028"])
def test_line_ends_become_line_feeds(line_end: str) -> None:
    """Every line end in use becomes one line feed."""
    assert clean(f"a{line_end}b") == "a\nb"


def test_letters_are_composed() -> None:
    """A letter and its accent become one character, as NFC has it."""
    assert clean("Geoana\u0306") == "Geoană"


def test_an_accent_behind_something_taken_out() -> None:
    """Composing comes last, so nothing taken out keeps a letter from its accent."""
    assert clean("Geoana\u200b\u0306") == "Geoană"


def test_one_line() -> None:
    """Each run of white space, line ends and no-break spaces included, is one space."""
    assert one_line("\xa0 A \xa0 title\r\n\tover\u2003lines \n") == "A title over lines"


def test_tidy_lines() -> None:
    """Lines stay lines; within each, runs of white space are one space."""
    assert tidy_lines("  a \xa0 b\n\xa0\n c\t") == ["a b", "", "c"]


@pytest.mark.parametrize(
    "text", ["", " \n\t\xa0", "\xad", "\u3164", "\u2800", "\u200d\ufe0f", "".join(FORBIDDEN)]
)
def test_blank(text: str) -> None:
    """Characters that show nothing, however many, are no text."""
    assert is_blank(text)
    assert not is_blank(f"{text}.")


@pytest.mark.parametrize("text", ["a", "-", "日", "🇺🇦", "\u0301", "\ufffd"])
def test_not_blank(text: str) -> None:
    """Anything that can be seen is text."""
    assert not is_blank(text)


@given(ANY_TEXT)
def test_what_is_forbidden_is_what_is_taken_out(text: str) -> None:
    """Clean text holds nothing forbidden, and what is blank is blank when clean."""
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
    """What is too long is cut behind a whole word, without the punctuation there."""
    assert cut(text, limit) == expected


@given(st.text(max_size=60), st.integers(min_value=1, max_value=50))
def test_cut_keeps_to_the_limit(text: str, limit: int) -> None:
    """What was cut is never too long, and is the beginning of the text."""
    result = cut(text, limit)
    assert len(result) <= limit or result == text
    assert result == text or text.startswith(result.removesuffix("…"))


@pytest.mark.parametrize("end", ["…", "[…]", "...", "[...]", "… \n"])
def test_truncated(end: str) -> None:
    """A text that ends with an ellipsis of any kind was cut short upstream."""
    assert is_truncated("The text was cut" + end)


@pytest.mark.parametrize("text", ["", "Whole.", "… and so on.", "Wait… what?"])
def test_not_truncated(text: str) -> None:
    """An ellipsis anywhere else means nothing."""
    assert not is_truncated(text)


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """Clean text is clean, composed, and writable as UTF-8."""
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode()


@given(ANY_TEXT)
@example("".join(FORBIDDEN))
def test_clean_text_fits_into_xml(text: str) -> None:
    """XML takes clean text and gives it back."""
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


def test_a_cut_body() -> None:
    """An ellipsis at the very end, white space aside, marks an entry as truncated."""
    made, _ = normalise(item(body="It was cut in the mid…\n\xa0\n"), NATO)
    assert made.truncated


def test_a_long_body_has_a_short_summary() -> None:
    """A summary is cut at a word, and a summary's own ellipsis marks nothing as truncated."""
    made, _ = normalise(item(body="word " * 200), NATO)
    assert len(made.summary) <= SUMMARY_LENGTH
    assert made.summary.endswith("word…")
    assert not made.truncated


@pytest.mark.parametrize("field", ["date", "link"])
@pytest.mark.parametrize("value", ["", "nonsense", "javascript:alert(1)", "http://", "\u202e\x01"])
def test_a_field_that_makes_no_sense(field: str, value: str) -> None:
    """A date or link nobody can read is reported with the item's lines; the item stays."""
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
    """A date that no calendar can hold is at most reported, and never ends a run."""
    made, _ = normalise(item(date=value), NATO)
    assert made.title == "A title"


@given(ANY_TEXT, ANY_TEXT, st.none() | ANY_TEXT, st.none() | ANY_TEXT)
def test_any_item_becomes_a_clean_entry(
    title: str, body: str, date: str | None, link: str | None
) -> None:
    """Whatever an item holds, an entry of clean text comes of it."""
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
def test_addresses_to_follow(address: str) -> None:
    """Whole http and https addresses are taken as they are."""
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
def test_signs_that_browsers_escape(address: str, sent: str) -> None:
    """What no address may hold, and yet some do, is escaped rather than lost."""
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
def test_addresses_not_to_follow(address: str) -> None:
    """Everything else is no address, and what is wrong is said in one line."""
    assert web_address(address) is None
    problem = url_problem(address)
    assert problem is not None
    assert "\n" not in problem


@given(ANY_TEXT)
def test_any_address_is_judged(text: str) -> None:
    """Whatever an address holds, it is judged and nothing is raised."""
    for address in (text, f"http://{text}", f"https://example.org/{text}"):
        found = web_address(address)
        assert found is None or found.startswith(("http://", "https://"))
