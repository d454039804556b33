"""The words of a text: counted at once, or with what is between them, they are the same."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.sketch import comparison_key
from aggregator.dedupe.tokens import reads_as, share_at_most, words

# Letters that fold to several, to others, or to a mark; an iota that only folded is a letter.
ODD = "aSéßİŉΐẖ\u0345\u0301ﬁΣſ中か€5²½٣'’_.,:-…\xad\n "
TEXTS = st.text() | st.text(st.sampled_from(ODD)) | st.text(st.sampled_from("DEC Sun 1st,0's"))


@given(TEXTS, TEXTS)
def test_counted_words_are_those_of_the_text(one: str, other: str) -> None:
    here, there = Counter(words(one).keys), Counter(words(other).keys)
    least = max(1, min(here.total(), there.total()))
    assert share_at_most(one, other) == (here & there).total() / least
    assert share_at_most(one, one) == (1.0 if here else 0.0)


@given(TEXTS.filter(str.isascii), st.data())
def test_texts_that_read_alike_share_all_words(text: str, data: st.DataObject) -> None:
    """So texts with few words in common need not be asked whether they are equal."""
    other = "".join(data.draw(st.sampled_from((sign, sign.upper(), sign.lower()))) for sign in text)
    other = other.replace(" ", data.draw(st.sampled_from((" ", "\n", "  "))))
    if reads_as(text) == reads_as(other):
        assert share_at_most(text, other) == (1.0 if words(text).keys else 0.0)


@given(TEXTS)
def test_a_text_reads_as_its_key(text: str) -> None:
    assert reads_as(text) == comparison_key(text)


@given(TEXTS)
def test_words_and_gaps_make_the_text(text: str) -> None:
    found = words(text)
    assert len(found.keys) == len(found.raws) == len(found.gaps)
    for raw, key in zip(found.raws, found.keys, strict=True):
        assert words(raw).keys == (key,)


def test_different_spellings_are_one_word() -> None:
    assert words("The 1st of Dec: 3,000 men’s").keys == words("the 1 of DECEMBER 3000 Men").keys
