"""Recheck decisions of the past by today's rules.

Every text that a rule once decided on is decided on again, with the candidates that the index of
sketches finds for it and only with what was in the store when it came.  Decisions by a feed's data
and on items of other Aggregators are left out, and so are entries that a split, a merge or a repair
rearranged: what they were when a text came is not known any more.  Changes nothing.  Raises
``StoreError``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from aggregator.dedupe import upstream
from aggregator.dedupe.decide import Decision, decide
from aggregator.dedupe.document import COPIES
from aggregator.dedupe.items import StoredText
from aggregator.dedupe.pair import Text
from aggregator.dedupe.sketch import MAX_CANDIDATES, base
from aggregator.dedupe.sketch import sketch as sketch_of
from aggregator.normalise.agency import Agencies
from aggregator.store import Store, integrity
from aggregator.store import texts as store_texts
from aggregator.store.integrity import History, Seen
from aggregator.store.sketches import SketchIndex

_MANY = 4 * MAX_CANDIDATES  # some of the candidates came later, or do not count
_MOVED = ("split", "listed-apart", "by-hand", "repaired")
"""Rules of sightings that a split, a merge or a repair moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A text about which today's rules decide otherwise.

    ``together``: it would belong to ``other``, which is another entry today.  ``apart``: it would
    be an entry of its own.  ``sighting`` is where the text came in; score, rule and reason are
    those of today's decision.
    """

    kind: Literal["together", "apart"]
    entry: History
    other: History | None
    sighting: int
    score: float
    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A text to decide on again: its entry, its first sighting, its words."""

    entry: History
    seen: Seen
    text: Text
    sketch: tuple[int, ...]

    @property
    def founded_entry(self) -> bool:
        return self.seen.how == "new"


def recheck(
    store: Store,
    index: SketchIndex,
    agencies: Agencies,
    entries: Mapping[int, History],
    texts: Mapping[int, Sequence[StoredText]],
) -> Iterator[Difference]:
    """Yield where today's rules differ about the ``texts`` of ``entries``.

    ``agencies`` are those of today's configuration.
    """
    cases = list(_cases(store, entries, texts))
    found = index.candidates([(case.sketch, base(case.sketch)) for case in cases], _MANY)
    keys = {key for each in found for key in each}
    known = dict(entries) | integrity.histories(store, keys - set(entries))
    known_texts = dict(texts) | store_texts.texts_of(store, keys - set(entries))
    apart = store_texts.kept_apart(
        store, {text.fingerprint for key in known for text in known_texts.get(key, ())}
    )
    rearranged = store_texts.with_kept_apart(store, known)
    rearranged |= {key for key, entry in known.items() if any(map(_is_moved, entry.seen))}
    for case, similar in zip(cases, found, strict=True):
        others = [
            known[key]
            for key in similar
            if key in known and key != case.entry.key and not _is_apart(case, known[key], apart)
        ]
        # The entry's own numbers may have become boilerplate since.
        candidates = others if case.founded_entry else [case.entry, *others]
        if not rearranged.isdisjoint(entry.key for entry in (case.entry, *candidates)):
            continue
        names = agencies.by_id(case.seen.agency).names
        decision = _decide(case, candidates, known_texts, names)
        if difference := _difference(case, decision, known):
            yield difference


def _cases(
    store: Store, entries: Mapping[int, History], texts: Mapping[int, Sequence[StoredText]]
) -> Iterator[_Case]:
    """Yield the texts that a rule decided on, each with its first sighting."""
    chosen: list[tuple[History, Seen]] = []
    for entry in entries.values():
        first: dict[tuple[str, str], Seen] = {}
        for seen in entry.seen:
            first.setdefault((seen.agency, seen.fingerprint), seen)
        chosen += ((entry, seen) for seen in first.values() if not _is_by_data(seen))
    days = integrity.header_days(store, [seen.id for _, seen in chosen])
    for entry, seen in chosen:
        day = days.get(seen.id)
        for stored in texts[entry.key]:
            if stored.fingerprint == seen.fingerprint:
                text = replace(stored.text, agency=seen.agency, earliest=day, latest=day)
                sketch = sketch_of(text.body)
                yield _Case(entry=entry, seen=seen, text=text, sketch=sketch)


def _is_by_data(seen: Seen) -> bool:
    is_equal = seen.how == "same" and seen.rule == "identical"
    return is_equal or seen.rule in upstream.RULES or seen.is_relayed


def _is_moved(seen: Seen) -> bool:
    return seen.rule in _MOVED or seen.former is not None


def _is_apart(case: _Case, other: History, apart: set[tuple[str, int]]) -> bool:
    """Whether a person, or the document of the text, says that these are two."""
    if (case.seen.fingerprint, other.key) in apart:
        return True
    if any((fingerprint, case.entry.key) in apart for fingerprint in other.texts):
        return True
    return any(_was_known(other, seen) for seen in _adjacent(case, other))


def _adjacent(case: _Case, other: History) -> list[Seen]:
    return [seen for seen in other.seen if seen.document == case.seen.document]


def _was_known(entry: History, seen: Seen) -> bool:
    """Whether an entry had the text of a sighting before the document of that sighting came."""
    return any(
        earlier.id < seen.id
        and earlier.document != seen.document
        and (earlier.agency, earlier.fingerprint) == (seen.agency, seen.fingerprint)
        for earlier in entry.seen
    )


def _decide(
    case: _Case,
    entries: Sequence[History],
    texts: Mapping[int, Sequence[StoredText]],
    names: Sequence[str],
) -> Decision[int]:
    """Decide as when the text came in: among stored entries, then among those of its document.

    The texts of its document are no part of the former, and only the first is of the latter.
    """
    stored: list[tuple[int, Text]] = []
    added: list[tuple[int, Text]] = []
    earlier = [entry for entry in entries if entry.seen and entry.seen[0].id < case.seen.id]
    for entry in earlier[: MAX_CANDIDATES + 1]:
        is_added = entry.seen[0].document == case.seen.document
        before = [seen for seen in entry.seen if seen.document < case.seen.document]
        had = entry.seen[:1] if is_added else before
        if not had:  # a sighting that was put back has its former number
            continue
        agency = min(had, key=_place).agency  # documents that are older may have come later
        fingerprints = {seen.fingerprint for seen in had}
        (added if is_added else stored).extend(
            (entry.key, replace(text.text, agency=agency))
            for text in texts[entry.key]
            if text.fingerprint in fingerprints
        )
    decision = decide(case.text, stored, agency_names=names)
    if decision.target is None and added:
        adjacent = decide(case.text, added, agency_names=names)
        return adjacent if adjacent.how in COPIES else decision
    return decision


def _place(seen: Seen) -> tuple[str, str, int]:
    return seen.modified, seen.name, seen.position


def _difference(
    case: _Case, decision: Decision[int], known: Mapping[int, History]
) -> Difference | None:
    if decision.target == case.entry.key or (decision.target is None and case.founded_entry):
        return None
    other = known[decision.target] if decision.target is not None else None
    if other and case.seen.rule == "outdone" and _adjacent(case, other):
        return None
    return Difference(
        kind="apart" if decision.target is None else "together",
        entry=case.entry,
        other=other,
        sighting=case.seen.id,
        score=decision.score,
        rule=decision.rule,
        reason=decision.reason,
    )
