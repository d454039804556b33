"""Permanent ids, and the identity of releases."""

import re
import unicodedata
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe import sketch
from aggregator.model import Item
from aggregator.normalise import identity
from aggregator.normalise.entry import normalise
from aggregator.normalise.identity import entry_ids, feed_id, match_key
from tests.support.project import NATO

TEXT = "The Secretary General met the President of Finland in Brussels on Monday. They spoke."


def ids(agency: str, title: str, text: str) -> tuple[str, str]:
    return entry_ids(agency, match_key(title), match_key(text))


def fingerprint(title: str, text: str) -> str:
    return sketch.fingerprint(match_key(title), match_key(text))


def test_ids_are_uuids() -> None:
    """An id is an IRI of the scheme ``urn:uuid:``."""
    for one in (*ids("nato", "A title", TEXT), feed_id("nato")):
        assert one.startswith("urn:uuid:")
        assert uuid.UUID(one).version == 5


PUBLISHED = [
    "urn:uuid:f1ab1eae-2e5c-5667-8f2f-77c9373aa963",
    "urn:uuid:563d54a0-55ab-534f-9ea4-535b561945af",
    "urn:uuid:c742ea77-29d8-5029-adb9-342c47b26431",
    "urn:uuid:7f8eab20-0fe5-5ba3-a830-9749c6d82d13",
]


def test_ids_never_change() -> None:
    """These ids were published; with other ids every entry would appear as new."""
    assert [*ids("nato", "A title", "Some text."), feed_id("all"), feed_id("nato")] == PUBLISHED


@given(st.text(st.characters(codec="utf-8")))
def test_ids_are_those_of_uuid5(name: str) -> None:
    """They are made without ``uuid``, which takes longer."""
    namespace = uuid.UUID("6d0f6a5e-3c0b-5c59-9f4e-0f2a1d6f7b11")
    assert feed_id(name) == uuid.uuid5(namespace, f"feed\n{name}").urn


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("NATO’s “new” plan – agreed", TEXT),
        ('NATO\'s "new" plan - agreed', TEXT),
        ("nato’s «new» PLAN — Agreed", TEXT.upper()),
        (" NATO’s  “new”\xa0plan – agreed ", TEXT.replace(" ", "\n")),
    ],
)
def test_spelling_does_not_count(title: str, text: str) -> None:
    """Quotes, dashes, case and white space do not change the id."""
    assert ids("nato", title, text) == ids("nato", 'NATO\'s "new" plan - agreed', TEXT)


def test_agency_title_and_opening_count() -> None:
    """Another agency, title or opening means another release."""
    made = {
        ids("nato", "Media advisory", TEXT)[0],
        ids("europol", "Media advisory", TEXT)[0],
        ids("nato", "Media advisory 2", TEXT)[0],
        ids("nato", "Media advisory", "On Tuesday, " + TEXT)[0],
    }
    assert len(made) == 4


def test_a_cut_text_has_the_id_of_its_whole() -> None:
    """The first id depends on the opening only, the second on the whole text."""
    whole, cut = ids("nato", "T", TEXT), ids("nato", "T", TEXT[:60] + "…")
    assert whole[0] == cut[0]
    assert whole[1] != cut[1]


def test_title_and_text_are_separate() -> None:
    """Words moved from the title to the text change the id."""
    assert ids("nato", "One two", "three")[0] != ids("nato", "One", "two three")[0]


def test_feeds_and_entries_share_no_id() -> None:
    """The feed of an agency and its entries have different ids."""
    assert feed_id("nato") not in ids("nato", "", "")


@given(st.text(max_size=50))
def test_the_key_of_a_text_is_that_of_its_spellings(text: str) -> None:
    """Surrounding and repeated white space does not change the key."""
    assert match_key(f" \n{text}\xa0") == match_key(text)
    assert match_key(re.sub(r"\s", "  ", text)) == match_key(text)


@given(st.text(max_size=50), st.text(max_size=50), st.text(max_size=50))
def test_ids_are_a_function_of_the_text(agency: str, title: str, text: str) -> None:
    """The same release always has the same two ids."""
    made = ids(agency, title, text)
    assert made == ids(agency, title, text)
    assert made[0] != made[1]


def test_fingerprints_of_spellings() -> None:
    """Quotes, dashes, case and white space do not count; letters do."""
    one = fingerprint("NATO’s plan", "It’s – agreed.\n\nBy all.")
    assert one == fingerprint("nato's  PLAN", "It's - agreed. By all.")
    assert one != fingerprint("NATO’s plan", "It’s – agreed.\n\nBy al.")
    assert one != fingerprint("NATO’s plans", "It’s – agreed.\n\nBy all.")


def test_fingerprints_keep_title_and_text_apart() -> None:
    """Words moved from the title to the text change the fingerprint."""
    assert fingerprint("One two", "three") != fingerprint("One", "two three")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("• one\n\xa0\n• two", "  •\xa0one\n  •\xa0two"),
        ("Para.\n\n\n\nTwo.", "Para. \n\xa0\nTwo.\n"),
        ("Geoană", "Geoana\u0306"),
    ],
)
def test_layouts_of_one_release(one: str, other: str) -> None:
    """The same words are the same release, in any layout."""
    prints = set()
    for body in (one, other):
        item = Item(position=0, lines=(1, 2), title="T", agency="NATO", body=body)
        entry, _ = normalise(item, NATO)
        prints.add(fingerprint(entry.title, entry.text))
    assert len(prints) == 1


@given(st.text(st.sampled_from("aß`’“—Ⅷ \n\t\xa0\x1c\x85\u2028\u3000ﬁ…")))
def test_key_has_single_spaces_whatever_way_it_is_made(text: str) -> None:
    """Most texts are not split into words for it."""
    for mark, plain in identity._PLAIN:
        text = text.replace(mark, plain)
    words = unicodedata.normalize("NFKC", text).casefold().split()
    assert match_key(text) == " ".join(words)
