"""What is packed with a text comes back with it, and with no other."""

import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.store.packing import pack, pack_html, unpack, unpack_html

_LONG = "The harbour of “Łódź” was closed & until morning.\n\n" * 3
_TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.sampled_from(["", "\0", _LONG, _LONG * 300, f"<p>{_LONG}</p>"]),
)


@given(_TEXTS, _TEXTS, _TEXTS)
def test_html_comes_back_with_its_text(html: str, text: str, other: str) -> None:
    """Whether or not the text helps to keep it."""
    for each in (html, f"<p>{text}</p>", f"<p>{text}</p>{html}"):
        kept = pack_html(each, text)
        assert unpack_html(kept, text) == each
        assert len(kept) <= len(each)
    packed = pack(html.encode(), text.encode())
    assert unpack(packed, text.encode()) == html.encode()
    if text not in ("", other):
        assert unpack(packed, other.encode()) is None


def test_html_that_repeats_its_text_takes_little_room() -> None:
    """And one that has nothing of it is kept as it is, to be read in any SQLite browser."""
    html = "<p>" + _LONG.replace("\n\n", "</p>\n<p>").replace("&", "&amp;") + "</p>"
    assert len(pack_html(html, _LONG)) < len(html) / 2
    assert pack_html("<p>Ship ahoy</p>", _LONG) == "<p>Ship ahoy</p>"


def test_html_of_a_damaged_text_is_made_from_the_text() -> None:
    """A feed has the entry all the same, with its paragraphs and addresses."""
    kept = pack_html(f"<p>{_LONG}</p>", _LONG)
    assert isinstance(kept, bytes)
    damaged = "The harb\ufffdur & the quay"
    assert unpack_html(kept, damaged) == "<p>The harb\ufffdur &amp; the quay</p>"
    assert unpack_html(kept[:-3], "Quay\n\nPier") == "<p>Quay</p>\n<p>Pier</p>"
    link = '<a href="https://quay.example/">https://quay.example/</a>'
    assert unpack_html(kept[:-3], "https://quay.example/") == f"<p>{link}</p>"
    assert unpack_html(zlib.compress(b"\xff"), "Quay") == "<p>Quay</p>"


@pytest.mark.parametrize("kept", ["text", 5, 2.5, None])
def test_value_of_another_type_cannot_be_unpacked(kept: Any) -> None:
    """SQLite has any type in any column."""
    assert unpack(kept, b"known") is None
    if not isinstance(kept, str):
        assert unpack_html(kept, "Quay") == "<p>Quay</p>"
