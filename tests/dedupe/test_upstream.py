"""What a feed's ids, addresses and titles say about two texts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe import upstream
from aggregator.dedupe.pair import Text
from aggregator.normalise.identity import is_iri, upstream_ids

LONG = (
    "The harbour master said on Friday that the crews of both boats had come home unhurt after a "
    "night in the fog off the northern light, where they had waited for the tide to turn and for "
    "the pilot to find them."
)
OTHER = (
    "Officers in three countries seized forged notes worth two million and arrested nine people."
)


def text(title: str, body: str, *, cut: bool = False, day: date | None = None) -> Text:
    return Text(agency="nato", title=title, body=body, truncated=cut, earliest=day, latest=day)


def kind(new: Text, *held: Text) -> tuple[str, str]:
    verdict = upstream.compare_by_id(new, held)
    return verdict.kind, verdict.rule


def test_an_id_keeps_an_edited_release() -> None:
    """A figure that changes in a short text parts two releases, but not if their id is one."""
    before, after = text("Toll", "Nine were hurt."), text("Toll", "Twelve were hurt.")
    assert kind(after, before) == ("revision", "same-id")


def test_an_id_is_used_again() -> None:
    """Texts with nothing in common are two releases."""
    assert kind(text("Forged notes seized", OTHER), text("Boats home", LONG)) == (
        "different",
        "id-reused",
    )


def test_a_new_title_over_the_same_text() -> None:
    """It is the same release with another title."""
    assert kind(text("Crews are home", LONG), text("Boats home", LONG))[0] == "revision"


def test_only_titles_and_they_share_words() -> None:
    """Without any body the titles decide."""
    assert kind(text("Drill in the harbour ends", ""), text("Drill in the harbour", ""))[0] == (
        "revision"
    )
    assert kind(text("Notes seized", ""), text("Drill in the harbour", ""))[0] == "different"


def test_nothing_to_compare() -> None:
    """Two items without any words are not the same for that."""
    assert kind(text("", ""), text("", "x")) == ("different", "id-reused")


@pytest.mark.parametrize(
    ("body", "days", "pages", "same"),
    [
        (LONG, ["2024-05-01"], ["/other"], True),  # long: the release, whatever its id and day
        ("Weekly weather, all day.", ["2024-05-01"], ["/page"], False),  # another day
        ("Weekly weather, all day.", ["2024-05-08"], ["/other"], False),  # another page
        ("Weekly weather, all day.", ["2024-05-08"], ["/page", "/other"], True),
        ("Weekly weather, all day.", [], [], True),  # nothing tells them apart
        ("", ["2024-05-08"], ["/other"], False),
    ],
)
def test_a_text_is_listed_again(body: str, days: list[str], pages: list[str], same: bool) -> None:
    """A text that a feed lists under another id is the same release unless it is short and new."""
    new = text("Weather", body, day=date(2024, 5, 8))
    again = set(upstream.keys_again(new, ["/page"])) & set(upstream.keys_seen(days, pages))
    assert bool(again) is same


def test_a_summary_and_its_whole() -> None:
    """Under one specific title they are one release, under a general title they are not."""
    summary = text("Harbour drill ends in fog off the light", "What the drill was for.", cut=True)
    whole = text("Harbour drill ends in fog off the light", LONG)
    found = upstream.compare_by_title(summary, whole)
    assert found is not None
    assert (found.kind, found.rule) == ("truncated", "same-title")
    assert upstream.compare_by_title(whole, whole) is None
    advisory = text("Media advisory", "What the drill was for.", cut=True)
    assert upstream.compare_by_title(advisory, text("Media advisory", LONG)) is None


def test_a_summary_of_another_day() -> None:
    """A yearly report has last year's title."""
    title = "Harbour drill ends in fog off the light"
    old = text(title, LONG, day=date(2023, 5, 8))
    new = text(title, "What the drill was for.", cut=True, day=date(2024, 5, 8))
    assert upstream.compare_by_title(new, old) is None
    assert upstream.compare_by_page(new, old) is None


def test_one_page_is_one_release() -> None:
    """A page and a title make two texts one release; a page alone does not."""
    assert upstream.compare_by_page(text("Boats home", LONG), text("Boats home", OTHER)) is not None
    assert upstream.compare_by_page(text("Boats home", LONG), text("Notes", LONG)) is None
    assert upstream.compare_by_page(text("", LONG), text("", OTHER)) is None


@given(title=st.text(max_size=40))
def test_equal_titles_have_one_number(title: str) -> None:
    """White space and case do not count, and the number fits a column of SQLite."""
    number = upstream.title_number(title)
    assert number is None or -(2**63) <= number < 2**63
    assert upstream.title_number(f"  {title} ") == number


@pytest.mark.parametrize(
    "iri",
    [
        "https://example.org/news?id=7",
        "http://example.org/a#b",
        "tag:example.org,2024:1",
        "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
        "urn:isbn:0451450523",
        "https://例え.example/ニュース",
    ],
)
def test_an_id_that_is_an_iri_stays(iri: str) -> None:
    """It is the first choice, and one of the source's own the second."""
    ids = upstream_ids("feed", iri)
    assert ids[0] == iri
    assert ids[1].startswith("urn:uuid:")
    assert ids[1] != upstream_ids("other", iri)[1]


@pytest.mark.parametrize(
    "bad",
    [
        "12345",
        "press release 7",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user:pw@example.org/",
        "https://",
        "urn:",
        "tag:",
        "<b>1</b>",
        "https://example.org/" + "x" * 1000,
        "https://example.org/\u202e",
        "https://example.org/a[1]",
        "https://example.org/a#b#c",
        "urn:example:a%zz",
        "urn:example:a[1]",
        "tag:example.org:7",
        "tag:example.org,04:7",
        "tag:example.org,2004:",
        "urn:uuid:7",
        "URN:UUID:6d0f6a5e-3c0b-4c59-9f4e-0f2a1d6f7b11-1",
        "urn:uuid:6d0f6a5e3c0b4c599f4e0f2a1d6f7b11",
        "urn:uuid:6d0f6a5e-3c0b-5c59-9f4e-0f2a1d6f7b11",  # version 5, as our own
    ],
)
def test_an_id_that_is_none(bad: str) -> None:
    """It cannot be an entry's id as it is."""
    assert not is_iri(bad)
    (only,) = upstream_ids("feed", bad)
    assert only.startswith("urn:uuid:")
