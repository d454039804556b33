"""Leave out the items of a document that the rules of its source do not select.

Takes what was read of a document; returns it without these items, which are then in ``left_out``.
What the source had before stays, so that its corrections arrive.  Only reads.  Raises
``StoreError``.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from aggregator.config import Source
from aggregator.dedupe.items import Prepared
from aggregator.ingest.jobs import ReadDocument
from aggregator.model import Problem
from aggregator.normalise.rules import WordRules
from aggregator.normalise.text import cut, title_of
from aggregator.store import Store, sightings

_LONGEST_TITLE = 80

_rules = lru_cache(maxsize=64)(WordRules)


def selected(store: Store, source: Source, read: ReadDocument) -> ReadDocument:
    """Return a document of ``source`` with the items that its rules select, or that it had."""
    if not source.rules:
        return read
    rules = _rules(source.include, source.exclude)
    against = {
        place: reason
        for place, p in enumerate(read.prepared)
        if (reason := rules.reason_against(f"{p.entry.title}\n{p.entry.text}"))
    }
    for place in known_entries(store, source.id, {p: read.prepared[p] for p in against}):
        del against[place]
    return replace(
        read,
        prepared=[p for place, p in enumerate(read.prepared) if place not in against],
        left_out=tuple(_left_out(read.prepared[place], against[place]) for place in against),
    )


def _left_out(p: Prepared, reason: str) -> Problem:
    title = cut(title_of(p.entry.title, p.entry.text), _LONGEST_TITLE)
    return Problem(lines=p.item.lines, reason=f"{title!r} {reason}")


def known_entries(store: Store, source: str, items: Mapping[int, Prepared]) -> dict[int, set[int]]:
    """Return the places of ``items`` that the source had before, each with its entries."""
    if not items:
        return {}
    ids = {p.key for p in items.values() if p.key is not None}
    by_id = sightings.entries_with_ids(store, source, ids)
    by_text = sightings.entries_with_text(store, {p.fingerprint for p in items.values()})
    had = sightings.of_source(store, source, set().union(*by_text.values()))
    found = {place: had.intersection(by_text.get(p.text_key, ())) for place, p in items.items()}
    for place, p in items.items():
        if p.key in by_id:
            found[place].add(by_id[p.key])
    return {place: entries for place, entries in found.items() if entries}
