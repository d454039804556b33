"""Normalization in linear time: the bound on combining marks in a row."""

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.names import folded
from aggregator.dedupe.sketch import comparison_key, plain, sketch
from aggregator.model.normal_form import MOST_MARKS, Form, normal_form, stream_safe, without_marks
from aggregator.normalise.agency import name_key
from aggregator.normalise.categories import slug
from aggregator.normalise.identity import match_key
from aggregator.normalise.links import web_address
from aggregator.normalise.text import clean, one_line
from aggregator.parse.syndication.addresses import joined
from aggregator.store.snippets import fold, term_of
from tests.support.project import ROOT

MARK, BELOW, VOICED, TIBETAN = "\u0301", "\u0316", "\uff9e", "\u0f73"


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize(
    "marks", [MARK + BELOW, VOICED + BELOW, TIBETAN, "\u0344", BELOW * 3 + "\u0f75", BELOW]
)
@pytest.mark.parametrize("letter", ["", "a", "\u0390", "\u1f82"])
def test_long_row_of_marks_is_bounded(form: Form, marks: str, letter: str) -> None:
    """A normalizer sorts no more than 30 marks at once, whatever they are; none is lost."""
    text = f"{letter}{marks * 60} b"
    made = normal_form(form, text)
    assert max(map(len, rows_of_marks(unicodedata.normalize("NFKD", made)))) <= MOST_MARKS
    assert normal_form(form, made) == made
    kept, given_marks = (
        sorted(unicodedata.normalize("NFKD", each).replace("\u034f", "")) for each in (made, text)
    )
    assert kept == given_marks


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@given(st.text(st.sampled_from("ae\u0390가カ \n" + MARK + BELOW + VOICED + TIBETAN), max_size=29))
def test_marks_within_bounds_are_normalized_as_ever(form: Form, text: str) -> None:
    """Where fewer than 30 marks are in a row, the result is that of the library."""
    rows = rows_of_marks(unicodedata.normalize("NFKD", text))
    if max(map(len, rows), default=0) <= MOST_MARKS:
        assert normal_form(form, text) == unicodedata.normalize(form, text)


@pytest.mark.parametrize("marks", [14, 15, 29, 30, 31, 32])
@pytest.mark.parametrize("before", range(16))
def test_joiner_is_inserted_after_thirty_marks(marks: int, before: int) -> None:
    """A row is found wherever it begins."""
    text = "ж" * before + BELOW * marks
    joined = "ж" * before + BELOW * 30 + "\u034f" + BELOW * (marks - 30)
    assert stream_safe(text) == (joined if marks > 30 else text)


def test_signs_that_decompose_to_marks_are_known() -> None:
    """No character begins with a mark once decomposed, unless it is a mark or like one."""
    found = {
        sign
        for sign in map(chr, range(0x110000))
        if unicodedata.combining(unicodedata.normalize("NFKD", sign)[0])
        and not unicodedata.combining(sign)
    }
    assert found == set("\u0f73\u0f75\u0f81\uff9e\uff9f")


@pytest.mark.parametrize(
    "function",
    [
        clean,
        one_line,
        web_address,
        match_key,
        name_key,
        slug,
        comparison_key,
        plain,
        sketch,
        fold,
        folded,
        without_marks,
        lambda text: term_of(text, is_beginning=False),
        lambda text: joined("http://known.example/", text),
        lambda text: joined(text, "path"),
    ],
)
@pytest.mark.parametrize("before", ["a", "http://host"])
def test_nothing_normalizes_more_than_thirty_marks(
    function: Callable[[str], object], before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every function that normalizes foreign text bounds its marks; 196,000 took 89 s."""
    longest = 0
    normalize, is_normalized = unicodedata.normalize, unicodedata.is_normalized

    def measured(text: str) -> str:
        nonlocal longest
        assert len(text) < 20_000
        apart = "".join(normalize("NFKD", sign) for sign in text)
        longest = max(longest, *map(len, rows_of_marks(apart)), 0)
        return text

    monkeypatch.setattr(
        unicodedata, "normalize", lambda form, text: normalize(form, measured(text))
    )
    monkeypatch.setattr(
        unicodedata, "is_normalized", lambda form, text: is_normalized(form, measured(text))
    )
    function(before + MARK * 300 + BELOW * 300)
    assert longest <= MOST_MARKS


def test_normal_form_is_the_only_caller_of_the_normalizer() -> None:
    """No other module normalizes, so that no text escapes the bound."""
    callers = {
        path.name
        for path in (ROOT / "aggregator").rglob("*.py")
        if re.search(r"(?<!`)unicodedata\.(normalize|is_normalized)\(", path.read_text("utf-8"))
    }
    assert callers == {"normal_form.py"}


def rows_of_marks(text: str) -> list[str]:
    """Return the rows of combining marks in ``text``, and one without any."""
    classes = "".join("m" if unicodedata.combining(sign) else " " for sign in text)
    return classes.split(" ")
