"""Store to the feed of changes: the newest edits, as elements of every format.

Asks in batches, has ``dedupe.edits`` say what is an edit and ``write.edits`` what to say of it, and
keeps what was built as a rendition of the entry, which whoever changes an entry drops.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.dedupe.edits import edits
from aggregator.output.formats import Format
from aggregator.output.formats.changes import VERSION, entry_of
from aggregator.store import Store, renditions, sightings
from aggregator.store import edits as store_edits
from aggregator.store import entries as store_entries
from aggregator.store import pages as store_pages
from aggregator.store.times import time_text, to_time

FORM = "changes"
"""How the renditions are called that hold an entry's edits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An edit of the entry of row ``key``: its own id, when it was, and its elements by format."""

    key: int
    id: str
    moment: datetime
    elements: Mapping[str, bytes]


def newest(
    store: Store, limit: int, formats: Sequence[Format], *, base: str, keep: bool
) -> list[Told]:
    """The last ``limit`` edits, newest first; ``base`` is where pages are served.

    With ``keep``, what had to be built is kept in the store.
    """
    found: list[Told] = []
    for batch in store_edits.edited(store):
        found += _told(store, [key for key, _ in batch], formats, base, keep)
        found = sorted(found, key=lambda told: told.id)
        found = sorted(found, key=lambda told: told.moment, reverse=True)[:limit]
        # No edit is later than its entry's `changed` (dedupe.edits), and entries come by that: if
        # as many edits as are wanted are later than the last one's, no entry that was not read yet
        # has one that belongs among them.  Entries whose texts differ by no word give nothing, and
        # only make this go on.  What has the very same moment is read too, so that the id decides.
        if len(found) == limit and found[-1].moment > batch[-1][1]:
            break
    return found


def concern(store: Store, shown: Collection[int], changed: Collection[int]) -> bool:
    """Whether a change of entries may change the feed of changes, which has those of ``shown``."""
    return not set(shown).isdisjoint(changed) or store_edits.with_texts(store, changed)


def _told(
    store: Store, keys: Sequence[int], formats: Sequence[Format], base: str, keep: bool
) -> list[Told]:
    version = " ".join((VERSION, *(f"{form.FORM}{form.VERSION}" for form in formats)))
    kept = {entry.key: entry.body for entry in renditions.kept(store, FORM, version, keys)}
    absent = [key for key in keys if kept.get(key) is None]
    if absent:
        built = _built(store, absent, formats, base)
        kept.update(built)
        if keep:
            with store.transaction():
                renditions.keep(store, FORM, version, built.items())
    return [told for key in keys for told in _read(key, kept[key] or b"[]")]


def _built(
    store: Store, keys: Sequence[int], formats: Sequence[Format], base: str
) -> dict[int, bytes]:
    """The edits of entries as they are kept: JSON of their ids, moments and elements."""
    seen = sightings.of_entries(store, keys)
    texts = store_pages.revisions(store, seen)
    found: dict[int, bytes] = {}
    for stored in store_entries.load(store, keys):
        positions: dict[str, int] = {}
        for sighting in seen[stored.key]:
            positions.setdefault(sighting.fingerprint, sighting.position)
        made = []
        for edit in edits(texts.get(stored.key, []), positions):
            entry = entry_of(stored, edit, base)
            elements = {form.FORM: form.entry(entry).decode() for form in formats}
            made.append([entry.id, time_text(edit.moment), elements])
        found[stored.key] = json.dumps(made, ensure_ascii=False).encode()
    return found


def _read(key: int, body: bytes) -> list[Told]:
    return [
        Told(
            key=key,
            id=edit_id,
            moment=to_time(moment),
            elements={form: element.encode() for form, element in elements.items()},
        )
        for edit_id, moment, elements in json.loads(body)
    ]
