"""The state of sources between visits: what is written is what is read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Hints, Visit
from aggregator.store import Store, open_empty
from aggregator.store.documents import remember_sources
from aggregator.store.visits import Remembered, add_seen, remember, remembered

NAMES = ("a", "b", "c")
times = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
texts = st.none() | st.text(max_size=5)
visits = st.builds(
    Visit,
    address=texts,
    found=st.booleans(),
    etag=texts,
    moved_since=st.none() | times,
    gone=st.none() | times,
    failures=st.integers(0, 9),
    due=st.none() | times,
    interval=st.integers(0, 10_000),
    why=st.text(max_size=5),
    is_aggregator=st.booleans(),
)
hints = st.builds(
    Hints,
    period=st.none() | st.integers(0, 9),
    skip_hours=st.frozensets(st.integers(0, 23), max_size=2),
    published=st.lists(times, max_size=3).map(tuple),
)
states = st.builds(
    Remembered, asked=st.text(max_size=3), visit=visits, hints=hints, seen=st.binary(max_size=16)
)


def _with_sources() -> Store:
    store = open_empty()
    with store.transaction():
        remember_sources(store, [(name, name) for name in NAMES])
    return store


def _write(store: Store, kept: dict[str, Remembered]) -> None:
    with store.transaction():
        remember(store, kept)


@settings(max_examples=30)
@given(
    st.lists(st.dictionaries(st.sampled_from(NAMES), states | visits, max_size=3), max_size=4),
)
def test_visits_written_together_are_read_back(
    batches: list[dict[str, Remembered | Visit]],
) -> None:
    """Whole states, and visits after which the rest is as it was."""
    expected: dict[str, Remembered] = {}
    with _with_sources() as store:
        for batch in batches:
            before = remembered(store, NAMES)
            kept = {
                name: replace(before.get(name, Remembered(asked="x", visit=Visit())), visit=new)
                if isinstance(new, Visit)
                else new
                for name, new in batch.items()
            }
            _write(store, kept)
            expected |= {name: replace(one, is_stored=True) for name, one in kept.items()}
            assert remembered(store, NAMES) == expected


def test_poll_without_document_keeps_hashes_of_a_delivery() -> None:
    """A hub delivered while the poll was under way."""
    with _with_sources() as store:
        _write(store, {"a": Remembered(asked="x", visit=Visit(), seen=b"1" * 8)})
        before = remembered(store, ["a"])["a"]
        with store.transaction():
            add_seen(store, "a", b"2" * 8, each=8, most=10)
        later = datetime(2024, 6, 3, tzinfo=UTC) + timedelta(hours=1)
        _write(store, {"a": replace(before, visit=Visit(due=later))})
        after = remembered(store, ["a"])["a"]
    assert (after.visit.due, after.seen) == (later, b"2" * 8 + b"1" * 8)
