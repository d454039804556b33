"""The index of sketches: which texts are similar to a text.

The numbers of a sketch are spread at random, so adding the sketches of one document to a sorted
table touches as many pages as it has numbers, and a transaction for each document would write a
megabyte.  New sketches therefore go to the end of a log, which is also held in memory, and from
there into the sorted table many at a time and in its order.  A run reads what the last one left in
the log.
"""

import json
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from aggregator.dedupe.sketch import MAX_POSTINGS, nearest
from aggregator.dedupe.sketch import base as base_of
from aggregator.store import Store

_LOG_LIMIT = 150_000  # numbers and entries held before they go to the table; at most 30 MB
_SHORT = 8  # numbers of a sketch
BOILERPLATE = -1
"""A row number that no entry has: the numbers under it are boilerplate."""


class SketchIndex:
    """The index of one open store.  A lookup costs the same whatever the number of entries.

    A sketch is looked up before it is added, in the same transaction: so boilerplate is noticed.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        # What the log holds: the first entry of each number, and the others of numbers that have
        # some, up to as many as make it boilerplate.  A list for each number would occupy the
        # garbage collector.
        self._first: dict[int, int] = {}
        self._others: dict[int, set[int]] = {}
        self._held = 0  # entries in both, each counted under every number that it is held for
        self._read_from = self._read_up_to = 0
        self._spent: set[int] = set()
        store.when_rolled_back(self._forget)

    def add(self, entry: int, sketch: Sequence[int]) -> None:
        """Index ``entry`` under the numbers of ``sketch``; within a transaction."""
        self._store.execute(
            "INSERT INTO sketch_log (entry, numbers) VALUES (?, ?)", (entry, _packed(sketch))
        )

    def _catch_up(self) -> None:
        """Read what this process or another added to the log."""
        first, others = self._first, self._others
        for key, entry, numbers in self._store.rows(
            "SELECT key, entry, numbers FROM sketch_log WHERE key > ? ORDER BY key",
            (self._read_up_to,),
        ):
            self._read_from = self._read_from or key
            self._read_up_to = key
            for number in _unpacked(numbers):
                if number not in first:
                    first[number] = entry
                    self._held += 1
                elif first[number] != entry:
                    more = others.setdefault(number, set())
                    if len(more) < MAX_POSTINGS and entry not in more:
                        more.add(entry)
                        self._held += 1

    def _forget(self) -> None:
        """Forget everything, so that the log is read again."""
        self._first.clear()
        self._others.clear()
        self._spent.clear()
        self._read_from = self._read_up_to = self._held = 0

    def candidates(
        self, sketches: Sequence[tuple[Sequence[int], int]], limit: int
    ) -> list[list[int]]:
        """Return for each sketch and its base the entries that share most of it, nearest first."""
        self._catch_up()
        postings = self._postings({number for sketch, _ in sketches for number in sketch})
        spent = {number for number, entries in postings.items() if _is_boilerplate(entries)}
        self._spent |= spent
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
            # Boilerplate finds nothing, so it does not count for the share either.
            nearest(counts, min(base, base_of(telling)), bases, limit)
            for (sketch, base), counts in zip(sketches, shared, strict=True)
            for telling in [[number for number in sketch if number not in spent] if counts else ()]
        ]

    def _postings(self, numbers: Collection[int]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for number, entry in self._store.rows(
            "SELECT hash, entry FROM sketches WHERE hash IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(numbers)),),
        ):
            found.setdefault(number, set()).add(entry)
        for number in [number for number in numbers if number in self._first]:
            found.setdefault(number, set()).update(self._logged(number))
        return found

    def _logged(self, number: int) -> list[int]:
        """Return the entries that the log has under a number."""
        return [self._first[number], *self._others.get(number, ())]

    def lacking(self, sketches: Sequence[tuple[int, Sequence[int]]]) -> set[int]:
        """Return the entries that some number of their sketch does not find.

        Numbers that nearly are boilerplate are ignored: they may have been boilerplate before
        entries were removed, and then not every entry was written.
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
        """Remove ``entry`` from these numbers; within a transaction."""
        self._write_out()
        self._store.execute_many(
            "DELETE FROM sketches WHERE hash = ? AND entry = ?",
            [(number, entry) for number in sketch],
        )

    def rebuild(self, batches: Iterable[Iterable[tuple[int, Sequence[int]]]]) -> None:
        """Replace everything by these entries with their sketches; within a transaction."""
        self._store.execute("DELETE FROM sketches")
        self._store.execute("DELETE FROM sketch_log")
        self._forget()
        for batch in batches:
            for entry, sketch in batch:
                self.add(entry, sketch)
            self._write_out()
        crowded = self._store.rows(
            f"SELECT hash FROM sketches GROUP BY hash HAVING count(*) > {MAX_POSTINGS}"
        )
        self._spend(sorted(number for (number,) in crowded))

    def write_out(self, *, if_full: bool = False) -> None:
        """Move what is in the log into the table, in a transaction of its own."""
        self._catch_up()
        if self._held > (_LOG_LIMIT if if_full else 0):
            with self._store.transaction():
                self._write_out()

    def _write_out(self) -> None:
        if self._store.rows("SELECT min(key) FROM sketch_log") != [(self._read_from,)]:
            self._forget()  # another process wrote out what this one had read
        self._catch_up()
        spent = self._spent & self._first.keys()
        spent |= {number for number, more in self._others.items() if len(more) >= MAX_POSTINGS}
        for number in spent:
            self._first.pop(number)
            self._others.pop(number, None)
        for rows in (
            self._first.items(),
            ((number, entry) for number, more in self._others.items() for entry in more),
        ):
            self._store.execute_many(
                "INSERT OR IGNORE INTO sketches (hash, entry) VALUES (?, ?)", sorted(rows)
            )
        self._spend(sorted(spent))
        self._store.execute("DELETE FROM sketch_log")
        self._forget()

    def _spend(self, numbers: Iterable[int]) -> None:
        """Keep one row, ``BOILERPLATE``, of numbers that too many entries have."""
        self._store.execute_many(
            "DELETE FROM sketches WHERE hash = ?", [(number,) for number in numbers]
        )
        self._store.execute_many(
            f"INSERT INTO sketches (hash, entry) VALUES (?, {BOILERPLATE})",
            [(number,) for number in numbers],
        )


def _is_boilerplate(entries: Collection[int]) -> bool:
    return len(entries) > MAX_POSTINGS or BOILERPLATE in entries


def _shared(sketch: Sequence[int], postings: Mapping[int, Collection[int]]) -> dict[int, int]:
    """Return how many numbers of a sketch each entry has; one alone counts in a short text only."""
    known = [number for number in sketch if number in postings]
    counts = Counter(entry for number in known for entry in postings[number])
    return {entry: n for entry, n in counts.items() if n > 1 or len(sketch) < _SHORT}


def _packed(numbers: Sequence[int]) -> bytes:
    return array("I", numbers).tobytes()


def _unpacked(numbers: bytes) -> Sequence[int]:
    return array("I", numbers).tolist()
