"""Look up what the store knows about the items of one document: one visit, by the set.

Takes the store, its index of sketches and the items; returns a ``Lookup``, which has all that a
decision needs.  Only reads.  Raises ``StoreError``.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from aggregator.dedupe.corrections import Stated
from aggregator.dedupe.document import page_or_title_matches
from aggregator.dedupe.items import ItemKey, Lookup, Prepared, SeenText, TextKey
from aggregator.dedupe.sketch import MAX_CANDIDATES, base
from aggregator.dedupe.sketch import fingerprint as fingerprint_of
from aggregator.normalise.identity import match_key
from aggregator.store import Store, entries, relayed, retention, sightings, stated, texts
from aggregator.store.sketches import SketchIndex


class Feed(NamedTuple):
    """The feed of a document, besides its new items.

    ``listed`` are the ids of all its items, or None if the document is not a whole feed.  ``name``
    is the name of the feed's other documents, or None for all documents of its source.
    """

    listed: Collection[str] | None = None
    name: str | None = None


def look_up(
    store: Store,
    index: SketchIndex,
    source: str,
    items: Sequence[Prepared],
    feed: Feed = Feed(),  # noqa: B008 (immutable)
) -> Lookup:
    """Return what the store knows about the items of a document of ``source``."""
    fingerprints = {p.fingerprint for p in items}
    by_text = sightings.entries_with_text(store, fingerprints)
    ids = {p.key for p in items if p.key is not None}
    by_id = sightings.entries_with_ids(store, source, ids) if ids else {}
    is_relayed = any(p.relayed is not None for p in items)
    if is_relayed:
        by_id = entries.keys_of(store, ids - by_id.keys()) | by_id
    removed = retention.removed_before(store, source, items, by_text, by_id)
    lookup = Lookup(
        items=[p for place, p in enumerate(items) if place not in removed],
        removed={items[place].item.position: number for place, number in removed.items()},
        kept_apart=frozenset(texts.kept_apart(store, fingerprints)),
        by_text=by_text,
        by_id=by_id,
        texts=texts.texts_of(store, set(by_id.values())),
        is_relayed=is_relayed,
    )
    if is_relayed:
        lookup = _with_owned(store, source, lookup)
    lookup = replace(lookup, stated=_stated(store, source, lookup))
    lookup = replace(lookup, in_source=_in_source(store, source, lookup))
    lookup = replace(lookup, revisions=_revisions(store, lookup))
    lookup = replace(lookup, relisted_beside=_relisted_beside(store, lookup, feed.listed or ()))
    unknown = [p for p in lookup.items if not _is_known(p, lookup)]
    if not unknown:
        return lookup
    lookup = _with_candidates(store, index, source, lookup, unknown)
    return lookup if feed.listed is None else _with_unlisted(store, source, lookup, unknown, feed)


def _with_owned(store: Store, source: str, lookup: Lookup) -> Lookup:
    """``lookup`` with the entries that came from an Aggregator alone, and the texts of others."""
    known = set(lookup.by_id.values()).union(*lookup.by_text.values())
    owned = relayed.owned_by(store, source, known)
    others = known - owned - lookup.texts.keys()
    found = {**lookup.texts, **(texts.texts_of(store, others) if others else {})}
    return replace(lookup, owned=frozenset(owned), texts=found)


def _stated(store: Store, source: str, lookup: Lookup) -> Mapping[int, Stated]:
    """What the source stated before of entries whose current words its items have again."""
    asked = {
        entry: p.fingerprint
        for p in lookup.items
        if p.is_of_feed
        and (entry := lookup.entry_with_id(p)) is not None
        and lookup.has_text(entry, p)
    }
    return {
        entry: found
        for entry, found in (stated.stated_by(store, source, asked) if asked else {}).items()
        if asked[entry] == found.fingerprint
        or asked[entry] == fingerprint_of(match_key(found.title), match_key(found.text))
    }


def _in_source(store: Store, source: str, lookup: Lookup) -> Mapping[TextKey, Sequence[SeenText]]:
    """Where the source's feeds had the texts of items that are known by their text only."""
    asked = {
        p.fingerprint
        for p in lookup.items
        if p.is_of_feed and lookup.entry_with_text(p) is not None and not _has_known_id(p, lookup)
    }
    return sightings.seen_in_source(store, source, asked) if asked else {}


def _revisions(store: Store, lookup: Lookup) -> dict[tuple[int, str], int]:
    """The revisions among the texts of entries of which the document may list several."""
    listed: dict[int, set[str]] = {}
    for fingerprint, entry in _entries_known(lookup):
        listed.setdefault(entry, set()).add(fingerprint)
    several = {entry: found for entry, found in listed.items() if len(found) > 1}
    return sightings.revisions_by_rule(store, several) if several else {}


def _relisted_beside(
    store: Store, lookup: Lookup, listed: Collection[str]
) -> dict[tuple[int, str], int]:
    """The texts that took the place of another, and that the document lists beside it."""
    keys: dict[int, set[str]] = {}
    for p in lookup.items:
        if p.key is not None and (entry := lookup.entry_with_id(p)) is not None:
            keys.setdefault(entry, set()).add(p.key)
    return {
        (entry, fingerprint): number
        for entry, fingerprint, number, key in (sightings.relisted(store, keys) if keys else ())
        if key in listed and keys[entry] - {key}
    }


def _with_candidates(
    store: Store, index: SketchIndex, source: str, lookup: Lookup, unknown: Sequence[Prepared]
) -> Lookup:
    """``lookup`` with all that items may be whose text is not known."""
    by_page = sightings.entries_on_pages(store, {page for p in unknown for page in p.own_pages})
    by_title = texts.entries_titled(store, {p.entry.title for p in unknown})
    lookup = replace(
        lookup,
        similar=_similar(index, lookup, unknown),
        by_page=by_page,
        by_title=by_title,
        taken_ids=frozenset(entries.taken_ids(store, {i for p in unknown for i in p.ids})),
        next_key=entries.next_key(store),
    )
    matches = {entry for p in unknown for entry, _ in page_or_title_matches(p, lookup)}
    if lookup.is_relayed:
        matches = matches.union(*lookup.similar.values())
    of_source = frozenset(sightings.of_source(store, source, matches))
    needed = (matches - of_source).union(*lookup.similar.values()) - lookup.texts.keys()
    return replace(
        lookup,
        of_source=of_source,
        texts={**lookup.texts, **texts.texts_of(store, needed)},
    )


def _with_unlisted(
    store: Store, source: str, lookup: Lookup, unknown: Sequence[Prepared], feed: Feed
) -> Lookup:
    """``lookup`` with entries that a feed no longer lists and whose place items may take."""
    asked = [p for p in unknown if p.is_of_feed and p.key is not None and p.key not in lookup.by_id]
    near = {entry for p in asked for entry in lookup.similar[p.item_key]}
    near.update(entry for p in asked for entry, _ in page_or_title_matches(p, lookup))
    days = {p.stated_day for p in asked}
    moments = {day for day in days if day is not None and "T" in day}
    near |= sightings.published_at(store, moments, MAX_CANDIDATES) if moments else set()
    held = sightings.listings(store, source, near, feed.name) if near else {}
    listed = frozenset(feed.listed or ())
    unlisted = {entry: one for entry, one in held.items() if listed.isdisjoint(one.ids)}
    needed = unlisted.keys() - lookup.texts.keys()
    return replace(
        lookup,
        unlisted=unlisted,
        texts={**lookup.texts, **(texts.texts_of(store, needed) if needed else {})},
    )


def _similar(
    index: SketchIndex, lookup: Lookup, unknown: Sequence[Prepared]
) -> dict[ItemKey, Sequence[int]]:
    """The entries most similar to each item, without those that the document contains anyway.

    Some of those that are left may still turn out to be in the document, so there are more than
    will be compared.
    """
    present = _certainly_present(lookup)
    doubtful = {entry for _, entry in _entries_known(lookup)} - present
    asked = list({p.item_key: p for p in unknown}.values())
    limit = MAX_CANDIDATES + len(doubtful)
    found = index.candidates([(p.sketch, base(p.sketch)) for p in asked], limit + len(present))
    return {
        p.item_key: [
            entry
            for entry in near
            if entry not in present and (p.fingerprint, entry) not in lookup.kept_apart
        ][:limit]
        for p, near in zip(asked, found, strict=True)
    }


def _certainly_present(lookup: Lookup) -> set[int]:
    """The entries that the document contains, whatever is decided."""
    present: set[int | None] = set()
    for p in lookup.items:
        if _has_known_id(p, lookup):
            present.add(lookup.entry_with_id(p))
        elif lookup.entry_with_id(p) is None and _is_known(p, lookup):
            present.add(lookup.entry_with_text(p))
    return {entry for entry in present if entry is not None}


def _is_known(p: Prepared, lookup: Lookup) -> bool:
    """Whether it is plain which entry ``p`` is: that its id means, or that has its text."""
    if _has_known_id(p, lookup):
        return True
    doubtful = p.is_of_feed and lookup.in_source.get(p.text_key)
    return lookup.entry_with_text(p) is not None and not doubtful


def _has_known_id(p: Prepared, lookup: Lookup) -> bool:
    entry = lookup.entry_with_id(p)
    return entry is not None and lookup.has_text(entry, p)


def _entries_known(lookup: Lookup) -> Iterator[tuple[str, int]]:
    """The entries that an item may be by its id or its text, each with the item's fingerprint."""
    texts: dict[TextKey, Prepared] = {}
    for p in lookup.items:
        texts[p.text_key] = p
        if (entry := lookup.entry_with_id(p)) is not None:
            yield p.fingerprint, entry
    for p in texts.values():
        if (entry := lookup.entry_with_text(p)) is not None:
            yield p.fingerprint, entry
        for seen in lookup.in_source.get(p.text_key, ()):
            yield p.fingerprint, seen.entry
