"""What sources state of entries now: which sightings stand, asked in few steps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.store import Store, open_empty, stated
from aggregator.store.agencies import remember_agencies
from tests.support.project import NATO

ENTRIES = (1, 2, 3)


def fill(store: Store, seen: list[tuple[int, str, int, bool]]) -> None:
    """Sightings of entries in documents of sources, each with a category of its own."""
    remember_agencies(store, [NATO])
    store.execute_many(
        "INSERT INTO entries (key, id, agency, truncated, fingerprint, sketch_base, title,"
        " summary, text, content_html) VALUES (?1, ?1, 'nato', 0, '', 0, '', '', '', '')",
        [(entry,) for entry in ENTRIES],
    )
    store.execute_many("INSERT INTO sources (id, location) VALUES (?, '')", [("a",), ("b",)])
    for number, (entry, source, day, is_of_feed) in enumerate(seen, 1):
        store.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, 0, ?, 1, 0, 0, '', '', 1, 0)",
            (number, source, f"{number % 3}", str(number), f"2024-05-0{day}T00:00:00Z"),
        )
        store.execute(
            "INSERT INTO sightings (id, entry, document, position, first_line, last_line, agency,"
            " fingerprint, how, score, rule, reason, upstream_id)"
            " VALUES (?1, ?2, ?1, 0, 0, 0, 'nato', '', '', 0, '', '', ?3)",
            (number, entry, "id" if is_of_feed else None),
        )
        store.execute("INSERT INTO terms VALUES (?1, 0, 'term ' || ?1)", (number,))


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(ENTRIES), st.sampled_from("ab"), st.integers(1, 3), st.booleans()
        ),
        max_size=7,
    )
)
def test_only_sighting_in_a_feed_stands(seen: list[tuple[int, str, int, bool]]) -> None:
    """To look for the latest among several gives the same for an entry with one."""
    with open_empty() as store, pytest.MonkeyPatch.context() as patch:
        with store.transaction():
            fill(store, seen)
        found = stated.terms_of(store, ENTRIES)
        patch.setattr(stated, "_restated", lambda _store, keys: keys)
        assert stated.terms_of(store, ENTRIES) == found
        digests = [
            (entry, n) for n, (entry, *_, is_of_feed) in enumerate(seen, 1) if not is_of_feed
        ]
        assert all(f"term {n}" in found[entry] for entry, n in digests)


def test_latest_of_several_in_a_feed_stands() -> None:
    """Of each source one; those of entries that are not asked for are left out."""
    with open_empty() as store:
        with store.transaction():
            fill(
                store, [(1, "a", 1, True), (1, "a", 2, True), (1, "b", 2, True), (2, "a", 1, True)]
            )
        assert stated.terms_of(store, [1]) == {1: ["term 2", "term 3"]}
