"""The entries that a document adds, found by their sketches like those of the store.

Takes entries with their items; returns those that share most with another item.  They are indexed
when the first item is looked up: those of a feed with an id for each item never are.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import chain, islice

from aggregator.dedupe.items import Prepared
from aggregator.dedupe.sketch import MAX_CANDIDATES, MAX_POSTINGS, base, nearest


class Added:
    """Entries with the items that made them."""

    def __init__(self) -> None:
        self.items: dict[int, Prepared] = {}
        self._ids: set[str | None] = set()
        self._fingerprints: set[str] = set()
        self._bases: dict[int, tuple[int, int]] = {}
        self._postings: dict[int, list[int]] = {}

    def add(self, entry: int, p: Prepared) -> None:
        """Note that ``p`` becomes the new ``entry``."""
        self.items[entry] = p
        self._ids.add(p.key)
        self._fingerprints.add(p.fingerprint)

    def excludes(self, p: Prepared) -> bool:
        """Whether ``p`` copies none of them: all have other ids of the feed and other texts."""
        differs_in_id = p.key is not None and self._ids.isdisjoint((p.key, None))
        return differs_in_id and p.fingerprint not in self._fingerprints

    def similar(self, p: Prepared) -> list[tuple[int, Prepared]]:
        """Return the entries that share enough of the sketch of ``p``, nearest first."""
        for entry in islice(self.items, len(self._bases), None):
            self._index(entry, self.items[entry].sketch)
        found = [self._postings[number] for number in self._postings.keys() & p.sketch]
        shared = Counter(chain.from_iterable(each for each in found if len(each) <= MAX_POSTINGS))
        entries = nearest(shared, base(p.sketch), self._bases, MAX_CANDIDATES)
        return [(entry, self.items[entry]) for entry in entries]

    def _index(self, entry: int, sketch: Sequence[int]) -> None:
        self._bases[entry] = base(sketch), entry
        for number in sketch:
            self._postings.setdefault(number, []).append(entry)
