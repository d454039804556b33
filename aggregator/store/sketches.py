"""Where to look for texts like a text: an index of the numbers of their sketches.

Numbers are spread at random, so adding the sketches of one document to a sorted table touches as
many pages as it has numbers, and a transaction a document would write a megabyte each.  New
sketches therefore go to the end of a log, which is also held in memory, and from there into the
sorted table many at a time and in its order.  What a killed run left in the log, the next one
finds there.
"""

import json
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby

from aggregator.dedupe.sketch import MAX_POSTINGS, nearest
from aggregator.dedupe.sketch import base as base_of
from aggregator.store import Store

_LOG_LIMIT = 150_000  # numbers held in memory before they go to the table; some 20 MB
_CHUNK = 5_000
_SHORT = 8  # numbers of a sketch
BOILERPLATE = -1
"""The row number of no entry: numbers under it are boilerplate."""


class SketchIndex:
    """The index of one open store.  Costs the same whatever the number of entries."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._recent: dict[int, list[int]] = {}
        self._held = 0
        self._read_up_to = 0
        store.when_rolled_back(self._forget)

    def add(self, entry: int, sketch: Sequence[int]) -> None:
        """Have ``entry`` found by the numbers of ``sketch``; within a transaction."""
        self._store.execute(
            "INSERT INTO sketch_log (entry, numbers) VALUES (?, ?)", (entry, _packed(sketch))
        )

    def _catch_up(self) -> None:
        """Remember what was added to the log, by this process or another."""
        for key, entry, numbers in self._store.rows(
            "SELECT key, entry, numbers FROM sketch_log WHERE key > ? ORDER BY key",
            (self._read_up_to,),
        ):
            self._read_up_to = key
            for number in _unpacked(numbers):
                self._recent.setdefault(number, []).append(entry)
                self._held += 1

    def _forget(self) -> None:
        """Remember nothing, so that the log is read anew."""
        self._recent.clear()
        self._held = self._read_up_to = 0

    def candidates(
        self, sketches: Sequence[tuple[Sequence[int], int]], limit: int
    ) -> list[list[int]]:
        """For each sketch and its base, the entries that share most of it, the nearest first."""
        self._catch_up()
        postings = self._postings({number for sketch, _ in sketches for number in sketch})
        spent = {number for number, entries in postings.items() if _is_boilerplate(entries)}
        for number in spent:
            del postings[number]
        shared = [_shared(sketch, postings) for sketch, _ in sketches]
        likely = {entry for counts in shared for entry in counts}
        bases = {
            key: (base, entry_id)
            for key, base, entry_id in self._store.rows(
                "SELECT key, sketch_base, id FROM entries"
                " WHERE key IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(likely)),),
            )
        }
        return [
            # What is boilerplate in a text cannot be shared with another, so it is left aside.
            nearest(counts, min(base, base_of(telling)), bases, limit)
            for (sketch, base), counts in zip(sketches, shared, strict=True)
            for telling in [[number for number in sketch if number not in spent]]
        ]

    def _postings(self, numbers: Collection[int]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for number, entry in self._store.rows(
            "SELECT hash, entry FROM sketches WHERE hash IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(numbers)),),
        ):
            found.setdefault(number, set()).add(entry)
        for number in numbers:
            if number in self._recent:
                found.setdefault(number, set()).update(self._recent[number])
        return found

    def lacking(self, sketches: Sequence[tuple[int, Sequence[int]]]) -> set[int]:
        """Of entries with a sketch each, those that some number of it does not find.

        What comes near to being boilerplate is let pass: entries may have been removed since it
        was, and of those that it would find some were never written down.
        """
        self._catch_up()
        postings = self._postings({number for _, sketch in sketches for number in sketch})
        return {
            entry
            for entry, sketch in sketches
            for number in sketch
            for found in [postings.get(number, set())]
            if entry not in found and BOILERPLATE not in found and len(found) < MAX_POSTINGS // 4
        }

    def remove(self, entry: int, sketch: Iterable[int]) -> None:
        """Have ``entry`` no longer found by these numbers; within a transaction."""
        self._write_out()
        self._store.execute_many(
            "DELETE FROM sketches WHERE hash = ? AND entry = ?",
            [(number, entry) for number in sketch],
        )

    def write_out(self, *, if_full: bool = False) -> None:
        """Move what is in the log into the table, in a transaction of its own."""
        self._catch_up()
        if self._held > (_LOG_LIMIT if if_full else 0):
            with self._store.transaction():
                self._write_out()

    def _write_out(self) -> None:
        # From the log itself: another process may have added to it.
        rows = sorted(
            {
                (number, entry)
                for entry, numbers in self._store.each("SELECT entry, numbers FROM sketch_log")
                for number in _unpacked(numbers)
            }
        )
        for start in range(0, len(rows), _CHUNK):
            self._add_rows(rows[start : start + _CHUNK])
        self._store.execute("DELETE FROM sketch_log")
        self._recent.clear()
        self._held = 0

    def _add_rows(self, rows: Sequence[tuple[int, int]]) -> None:
        """Add postings; a number that too many entries have gets one row that says so."""
        by_number = {
            number: [entry for _, entry in run] for number, run in groupby(rows, lambda row: row[0])
        }
        held = {
            number: (count, first)
            for number, count, first in self._store.rows(
                "SELECT hash, count(*), min(entry) FROM sketches"
                " WHERE hash IN (SELECT value FROM json_each(?)) GROUP BY hash",
                (json.dumps(list(by_number)),),
            )
        }
        useful: list[tuple[int, int]] = []
        spent: list[tuple[int]] = []
        for number, entries in by_number.items():
            count, first = held.get(number, (0, 0))
            if first == BOILERPLATE:
                continue
            if count + len(entries) > MAX_POSTINGS:
                spent.append((number,))
            else:
                useful += ((number, entry) for entry in entries)
        self._store.execute_many("DELETE FROM sketches WHERE hash = ?", spent)
        useful += ((number, BOILERPLATE) for (number,) in spent)
        self._store.execute_many(
            "INSERT OR IGNORE INTO sketches (hash, entry) VALUES (?, ?)", sorted(useful)
        )


def _is_boilerplate(entries: Collection[int]) -> bool:
    return len(entries) > MAX_POSTINGS or BOILERPLATE in entries


def _shared(sketch: Sequence[int], postings: Mapping[int, Collection[int]]) -> dict[int, int]:
    """How many numbers of a sketch each entry has; one alone is chance, but in a short text."""
    counts = Counter(entry for number in sketch for entry in postings.get(number, ()))
    return {entry: n for entry, n in counts.items() if n > 1 or len(sketch) < _SHORT}


def _packed(numbers: Sequence[int]) -> bytes:
    return array("I", numbers).tobytes()


def _unpacked(numbers: bytes) -> Sequence[int]:
    return array("I", numbers).tolist()
