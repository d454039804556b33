"""Store to the entries of the feed of changes: the newest edits, as elements of every format.

``dedupe.history`` decides what is an edit, ``formats.changes`` makes an entry of it.  What was
built is kept as a rendition of the edited entry, and dropped when that changes.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from aggregator.dedupe.history import edits
from aggregator.output.formats import Format
from aggregator.output.formats.changes import entry_of
from aggregator.output.versions import EDITS
from aggregator.store import Store, renditions, sightings
from aggregator.store import entries as store_entries
from aggregator.store.texts import revision_counts, revisions
from aggregator.store.times import time_text, to_time

_FORMAT = "changes"
"""The format of renditions that contain an entry's edits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedEdit:
    """An edit of the entry ``key``: its own id, its time, and its elements by format."""

    key: int
    id: str
    moment: datetime
    elements: Mapping[str, bytes]


def newest(
    store: Store, limit: int, formats: Sequence[Format], *, base: str | None, keep: bool
) -> list[RenderedEdit]:
    """Return the last ``limit`` edits, newest first; ``base`` is where pages are served,
    None where there are none.

    With ``keep``, elements that had to be built are kept in the store.  Everything is read in one
    transaction: texts and sightings have to be those of one moment.
    """
    with store.transaction() if keep else nullcontext():
        return _newest(store, limit, formats, base, keep)


def _newest(
    store: Store, limit: int, formats: Sequence[Format], base: str | None, keep: bool
) -> list[RenderedEdit]:
    found: list[RenderedEdit] = []
    for batch in renditions.edited(store):
        found += _rendered(store, [key for key, _ in batch], formats, base, keep)
        found = sorted(found, key=lambda edit: edit.id)
        found = sorted(found, key=lambda edit: edit.moment, reverse=True)[:limit]
        # Entries come ordered by `changed`, and no edit is later than its entry's (dedupe.history):
        # if `limit` edits are later than that of the last entry read, the other entries have none
        # that is newer.  Those of the same moment are read too, so that the id decides.
        if len(found) == limit and found[-1].moment > batch[-1][1]:
            break
    return found


def wrong(store: Store, formats: Sequence[Format], *, base: str | None) -> Iterator[int]:
    """Yield the rows of the entries whose kept edits are not those that would be built now."""
    for batch in renditions.edited(store):
        kept = renditions.load(store, _FORMAT, _version(formats, base), [key for key, _ in batch])
        held = {entry.key: entry.body for entry in kept if entry.body is not None}
        built = _built(store, list(held), formats, base)
        yield from (key for key, body in held.items() if built[key] != body)


def is_affected(store: Store, shown: Collection[int], changed: Collection[int]) -> bool:
    """Return whether a change of entries may affect the feed, which contains those ``shown``."""
    return not set(shown).isdisjoint(changed) or renditions.have_revisions(store, changed)


def _rendered(
    store: Store, keys: Sequence[int], formats: Sequence[Format], base: str | None, keep: bool
) -> list[RenderedEdit]:
    version = _version(formats, base)
    kept = {entry.key: entry.body for entry in renditions.load(store, _FORMAT, version, keys)}
    absent = [key for key in keys if not kept.get(key)]
    if absent:
        built = _built(store, absent, formats, base)
        kept.update(built)
        if keep:
            renditions.save(store, _FORMAT, version, built.items())
    return [edit for key in keys for edit in _read(key, kept[key] or b"[]")]


def _version(formats: Sequence[Format], base: str | None) -> str:
    return " ".join(
        (
            EDITS,
            *(f"{form.NAME}{form.VERSION}" for form in formats),
            *(["no pages"] if base is None else []),
        )
    )


def _built(
    store: Store, keys: Sequence[int], formats: Sequence[Format], base: str | None
) -> dict[int, bytes]:
    """Return the edits of entries as they are kept: JSON of their ids, times and elements."""
    seen = sightings.of_entries(store, keys)
    texts = revisions(store, list(revision_counts(store, keys)))
    found: dict[int, bytes] = {}
    for stored in store_entries.load(store, keys):
        positions: dict[str, int] = {}
        for sighting in seen[stored.key]:
            positions.setdefault(sighting.fingerprint, sighting.position)
        made = []
        for edit in edits(texts.get(stored.key, []), positions):
            entry = entry_of(stored, edit, base)
            elements = {form.NAME: form.entry(entry).decode() for form in formats}
            made.append([entry.id, time_text(edit.moment), elements])
        found[stored.key] = json.dumps(made, ensure_ascii=False).encode()
    return found


def _read(key: int, body: bytes) -> list[RenderedEdit]:
    return [
        RenderedEdit(
            key=key,
            id=edit_id,
            moment=to_time(moment),
            elements={form: element.encode() for form, element in elements.items()},
        )
        for edit_id, moment, elements in json.loads(body)
    ]
