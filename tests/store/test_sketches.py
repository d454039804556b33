"""The index of sketches: what was added is found, wherever it lies, until it is removed."""

import tracemalloc
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.sketch import MAX_POSTINGS
from aggregator.store import Store, open_empty, open_store
from aggregator.store.agencies import remember_agencies
from aggregator.store.sketches import BOILERPLATE, SketchIndex
from tests.support.project import NATO

TEXT = tuple(range(100, 140))
OTHER = tuple(range(500, 540))


def add(store: Store, index: SketchIndex, entry: int, sketch: Sequence[int]) -> None:
    """Add an entry with a sketch in a separate transaction."""
    with store.transaction():
        have(store, [(entry, len(sketch))])
        index.add(entry, sketch)


def fail_to_add(store: Store, index: SketchIndex, entry: int, sketch: Sequence[int]) -> None:
    """The same, in a transaction that something ends before its time."""
    with suppress(ZeroDivisionError), store.transaction():
        have(store, [(entry, len(sketch))])
        index.add(entry, sketch)
        raise ZeroDivisionError


def have(store: Store, entries: Collection[tuple[int, int]]) -> None:
    """Entries with no more to them than an index needs: a row and the base of a sketch."""
    remember_agencies(store, [NATO])
    store.execute_many(
        "INSERT OR IGNORE INTO entries (key, id, agency, truncated, fingerprint, sketch_base,"
        " title, summary, text, content_html) VALUES (?, ?, 'nato', 0, '', ?, '', '', '', '')",
        [(key, f"urn:x:{key:04}", base) for key, base in entries],
    )


def found(index: SketchIndex, sketch: Sequence[int], limit: int = 8) -> list[int]:
    """What is like a text of this sketch, the nearest first."""
    (keys,) = index.candidates([(sketch, len(sketch))], limit)
    return keys


def test_empty_index_finds_nothing(store: Store) -> None:
    """An empty index finds nothing."""
    assert found(SketchIndex(store), TEXT) == []
    assert SketchIndex(store).candidates([], 8) == []


def test_an_entry_is_found_by_its_sketch(store: Store) -> None:
    """By all of it, by a part that is large enough, and not by another."""
    index = SketchIndex(store)
    add(store, index, 1, TEXT)
    assert found(index, TEXT) == [1]
    assert found(index, TEXT[:10]) == [1]
    assert found(index, (*TEXT[:14], *OTHER[:26])) == [1]
    assert found(index, (*TEXT[:13], *OTHER[:27])) == []
    assert found(index, OTHER) == []


def test_the_nearest_comes_first(store: Store) -> None:
    """By how much is shared, then by id, and no more than were asked for."""
    index = SketchIndex(store)
    add(store, index, 1, (*TEXT[:20], *OTHER[:20]))
    add(store, index, 3, TEXT)
    add(store, index, 2, TEXT)
    assert found(index, TEXT) == [2, 3, 1]
    assert found(index, TEXT, limit=2) == [2, 3]


def test_a_text_without_words(store: Store) -> None:
    """It has no sketch: it is found by nothing and finds nothing."""
    index = SketchIndex(store)
    add(store, index, 1, ())
    add(store, index, 2, TEXT)
    assert found(index, ()) == []
    index.write_out()
    assert found(index, ()) == []
    assert found(index, TEXT) == [2]


def test_one_number_in_common(store: Store) -> None:
    """It is a candidate for a very short text, and a chance for any other."""
    index = SketchIndex(store)
    add(store, index, 1, (7,))
    add(store, index, 2, (8, *TEXT))
    assert found(index, (7,)) == [1]
    assert found(index, (8, *OTHER)) == []


def test_company_of_other_texts_decides_nothing(store: Store) -> None:
    """A text finds the same entries alone and with a text that is similar to one of them."""
    index = SketchIndex(store)
    add(store, index, 1, TEXT)
    one_number = (TEXT[0], *range(900, 920))
    alone = index.candidates([(one_number, 2)], 8)
    together = index.candidates([(one_number, 2), (TEXT, len(TEXT))], 8)
    assert alone == [[]]
    assert together == [[], [1]]


def test_written_out_it_finds_the_same(store: Store) -> None:
    """Whether numbers are in the log or in the table makes no difference."""
    index = SketchIndex(store)
    for entry in range(1, 30):
        add(store, index, entry, [n * n % 97 for n in range(entry, entry + 12)])
    asked = [[n * n % 97 for n in range(entry, entry + 15)] for entry in range(1, 30)]
    before = [found(index, sketch) for sketch in asked]
    assert any(before)
    index.write_out()
    assert store.rows("SELECT count(*) FROM sketch_log") == [(0,)]
    assert [found(index, sketch) for sketch in asked] == before
    add(store, index, 30, asked[0])
    assert 30 in found(index, asked[0])
    index.write_out()
    index.write_out()
    assert 30 in found(index, asked[0])


def test_it_is_written_out_when_it_is_full_and_not_before(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small log stays where it is."""
    monkeypatch.setattr("aggregator.store.sketches._LOG_LIMIT", 1_500)
    index = SketchIndex(store)
    add(store, index, 1, TEXT)
    index.write_out(if_full=True)
    assert store.rows("SELECT count(*) FROM sketches") == [(0,)]
    add(store, index, 2, range(1_000_000, 1_001_600))
    index.write_out(if_full=True)
    assert store.rows("SELECT count(*) FROM sketch_log") == [(0,)]
    assert found(index, TEXT) == [1]


def test_entries_under_the_same_numbers_fill_the_log(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is held in memory is limited, not only how many different numbers there are."""
    monkeypatch.setattr("aggregator.store.sketches._LOG_LIMIT", 10 * len(TEXT))
    index = SketchIndex(store)
    for entry in range(1, 11):
        add(store, index, entry, TEXT)
        index.write_out(if_full=True)
    assert store.rows("SELECT count(*) FROM sketches") == [(0,)]
    add(store, index, 11, TEXT)
    index.write_out(if_full=True)
    assert store.rows("SELECT count(*) FROM sketch_log") == [(0,)]
    assert found(index, TEXT, 20) == list(range(1, 12))


def test_boilerplate_of_many_entries_takes_little_memory(store: Store) -> None:
    """Entries of one template are held up to the number that makes it boilerplate, and no more."""
    index = SketchIndex(store)
    with store.transaction():
        have(store, [(entry, len(TEXT) + 20) for entry in range(1, 2_001)])
        for entry in range(1, 101):
            index.add(entry, TEXT)
    assert found(index, TEXT) == []
    tracemalloc.start()
    with store.transaction():
        for entry in range(101, 2_001):
            index.add(entry, TEXT)
    assert found(index, TEXT) == []
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 500_000
    index.write_out()
    assert store.rows("SELECT DISTINCT entry FROM sketches") == [(BOILERPLATE,)]
    assert found(index, TEXT) == []


def test_the_largest_numbers(store: Store) -> None:
    """A number of a sketch has 32 bits, all of which may be set."""
    index = SketchIndex(store)
    add(store, index, 1, (0, 2**31, 2**32 - 1))
    for _ in range(2):
        assert found(index, (0, 2**31, 2**32 - 1)) == [1]
        index.write_out()


def test_killed_run_loses_no_committed_sketch(tmp_path: Path) -> None:
    """What was committed and not written out is found by the next run."""
    first = open_store(tmp_path / "store.db")
    add(first, SketchIndex(first), 1, TEXT)
    first.close()
    with open_store(tmp_path / "store.db") as store:
        index = SketchIndex(store)
        assert found(index, TEXT) == [1]
        index.write_out()
    with open_store(tmp_path / "store.db") as store:
        assert found(SketchIndex(store), TEXT) == [1]


def test_rolled_back_sketch_is_not_found(store: Store) -> None:
    """What was rolled back is not found after the next start."""
    index = SketchIndex(store)
    add(store, index, 1, TEXT)
    fail_to_add(store, index, 2, OTHER)
    assert found(SketchIndex(store), TEXT) == [1]
    assert found(SketchIndex(store), OTHER) == []
    # Nor by this one, though it may still remember the number of a row that is not there.
    assert found(index, OTHER) == []


def test_rolled_back_number_is_assigned_again(store: Store) -> None:
    """Numbers of a failed document are not attributed to the entry of the next one."""
    index = SketchIndex(store)
    fail_to_add(store, index, 1, OTHER)
    add(store, index, 1, TEXT)
    assert found(index, TEXT) == [1]
    assert found(index, OTHER) == []


@pytest.mark.parametrize("written", [False, True])
def test_boilerplate_finds_nothing(store: Store, written: bool) -> None:
    """A number that more entries have than the cap says nothing; the others still find."""
    index = SketchIndex(store)
    for entry in range(1, MAX_POSTINGS + 2):
        own = range(1_000 * entry, 1_000 * entry + 10)
        add(store, index, entry, (*TEXT, *own))
        if entry == MAX_POSTINGS:
            assert len(found(index, TEXT, limit=100)) == MAX_POSTINGS
        if written:
            index.write_out()
    assert found(index, TEXT, limit=100) == []
    assert found(index, range(5_000, 5_010)) == [5]


def test_boilerplate_takes_no_room(store: Store) -> None:
    """However many entries share a number, the table holds little more of it than the cap."""
    index = SketchIndex(store)
    for entry in range(1, 200):
        add(store, index, entry, TEXT)
        if entry % 40 == 0:
            index.write_out()
    index.write_out()
    ((most,),) = store.rows("SELECT max(n) FROM (SELECT count(*) AS n FROM sketches GROUP BY hash)")
    assert most <= MAX_POSTINGS + 1
    assert found(index, TEXT) == []


def rows_of(store: Store, number: int) -> list[int]:
    """The entries that the table has under a number."""
    return [n for (n,) in store.rows("SELECT entry FROM sketches WHERE hash = ?", (number,))]


def test_boilerplate_that_a_look_up_saw_is_one_row(store: Store) -> None:
    """Also if it became boilerplate a few entries at a time; other numbers keep theirs."""
    index = SketchIndex(store)
    for entry in range(1, 100):
        found(index, TEXT)
        add(store, index, entry, (*TEXT, 1_000 + entry))
        if entry % 10 == 0:
            index.write_out()
    index.write_out()
    assert rows_of(store, TEXT[0]) == [BOILERPLATE]
    assert rows_of(store, 1_050) == [50]


def test_rebuilt_index_has_one_row_of_boilerplate(store: Store) -> None:
    """Boilerplate is noticed without a look-up, over several batches."""
    index = SketchIndex(store)
    with store.transaction():
        have(store, [(entry, 41) for entry in range(1, 51)])
        index.rebuild(
            [(entry, (*TEXT, 1_000 + entry)) for entry in range(start, start + 10)]
            for start in range(1, 50, 10)
        )
    assert rows_of(store, TEXT[0]) == [BOILERPLATE]
    assert found(index, TEXT) == []
    assert rows_of(store, 1_050) == [50]


def test_what_another_process_wrote_out_and_removed_stays_removed(tmp_path: Path) -> None:
    """An index that had read it from the log does not write it again."""
    with open_store(tmp_path / "store.db") as one, open_store(tmp_path / "store.db") as other:
        here, there = SketchIndex(one), SketchIndex(other)
        add(one, here, 1, TEXT)
        assert found(here, TEXT) == [1]
        with other.transaction():
            there.remove(1, TEXT)
        add(one, here, 2, OTHER)
        here.write_out()
        assert found(here, TEXT) == []
        assert found(here, OTHER) == [2]


def test_many_texts_of_one_entry_are_not_boilerplate(store: Store) -> None:
    """An entry that was edited very often counts once and displaces no other entry."""
    index = SketchIndex(store)
    add(store, index, 1, TEXT)
    for _ in range(2 * MAX_POSTINGS):
        add(store, index, 1, TEXT)
    add(store, index, 2, TEXT)
    assert found(index, TEXT) == [1, 2]
    index.write_out()
    assert found(index, TEXT) == [1, 2]


@pytest.mark.parametrize("written", [False, True])
def test_an_entry_is_removed(store: Store, written: bool) -> None:
    """These numbers no longer find it; they find others, and other numbers find it."""
    index = SketchIndex(store)
    add(store, index, 1, (*TEXT, *OTHER))
    add(store, index, 2, TEXT)
    if written:
        index.write_out()
    with store.transaction():
        index.remove(1, TEXT)
    assert found(index, TEXT) == [2]
    assert found(index, OTHER) == [1]
    add(store, index, 1, TEXT)
    assert found(index, TEXT) == [1, 2]


def test_two_processes_add(tmp_path: Path) -> None:
    """What the one writes out holds what the other put into the log."""
    with open_store(tmp_path / "store.db") as one, open_store(tmp_path / "store.db") as other:
        here, there = SketchIndex(one), SketchIndex(other)
        add(one, here, 1, TEXT)
        add(other, there, 2, OTHER)
        here.write_out()
        add(other, there, 3, OTHER)
        there.write_out()
        for store in (one, other):
            index = SketchIndex(store)
            assert found(index, TEXT) == [1]
            assert found(index, OTHER) == [2, 3]


@given(
    st.lists(st.sets(st.integers(0, 40), max_size=12), max_size=12),
    st.lists(st.sampled_from(["add", "write", "restart"]), max_size=20),
    st.sets(st.integers(0, 40), max_size=12),
)
def test_where_the_numbers_lie_decides_nothing(
    sketches: list[set[int]], steps: list[str], asked: set[int]
) -> None:
    """However often it is written out or opened again, an index finds the same."""
    with open_empty() as plain, open_empty() as store:
        for each in (plain, store):
            with each.transaction():
                have(each, [(n, len(sketch)) for n, sketch in enumerate(sketches, 1)])
        simple, index = SketchIndex(plain), SketchIndex(store)
        for entry, sketch in enumerate(sketches, 1):
            for each, at in ((plain, simple), (store, index)):
                with each.transaction():
                    at.add(entry, sorted(sketch))
            step = steps[entry] if entry < len(steps) else "add"
            if step == "write":
                index.write_out()
            elif step == "restart":
                index = SketchIndex(store)
        assert found(index, sorted(asked)) == found(simple, sorted(asked))


def test_what_another_run_adds_is_found(tmp_path: Path) -> None:
    """Two runs at once see each other's texts, in the log and after it was written out."""
    with open_store(tmp_path / "store.db") as one, open_store(tmp_path / "store.db") as other:
        index = SketchIndex(one)
        add(other, SketchIndex(other), 1, TEXT)
        assert found(index, TEXT) == [1]
        second = SketchIndex(other)
        second.write_out()
        add(other, second, 2, OTHER)
        assert found(index, OTHER) == [2]
        assert found(index, TEXT) == [1]
