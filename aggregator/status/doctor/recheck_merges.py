"""Store to opinions: what would today's rules say of what was decided before?

Every text that was once decided on is put to ``dedupe.decide`` again, with the candidates that the
index gives for it, as they were when it came: texts that came later had no say in it then and have
none now.  What a person decided is not put to the rules.  Changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from aggregator import dedupe
from aggregator.dedupe import Decision, Text, upstream
from aggregator.ingest.decide import MAX_CANDIDATES
from aggregator.normalise.agency import Agencies
from aggregator.store import Store, integrity
from aggregator.store import texts as store_texts
from aggregator.store.integrity import History, Seen
from aggregator.store.sketches import SketchIndex
from aggregator.store.texts import StoredText

_WIDELY = 4 * MAX_CANDIDATES  # candidates asked for: some of them came later, or do not count
_COPIES = (dedupe.Same, dedupe.Truncated, dedupe.NearDuplicate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A text of which today's rules would say something else.

    ``together``: they would give it to ``other``, whose entry is another one today; ``apart``: they
    would make it an entry of its own.  ``sighting`` is where the text came in, ``score`` and
    ``reason`` are those of today's decision.
    """

    kind: Literal["together", "apart"]
    entry: History
    other: History | None
    sighting: int
    score: float
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """A text to be decided on again: its entry, where it came in, its words, its own day."""

    entry: History
    seen: Seen
    text: Text
    sketch: tuple[int, ...]

    @property
    def is_founding(self) -> bool:
        return self.seen.how == "new"


def redecide(
    store: Store,
    index: SketchIndex,
    agencies: Agencies,
    entries: Mapping[int, History],
    texts: Mapping[int, Sequence[StoredText]],
) -> Iterator[Difference]:
    """Where today's rules differ over the texts of ``entries``.

    ``agencies`` are those of today's configuration; ``texts`` are the texts of ``entries``.
    """
    asked = list(_to_ask(store, entries, texts))
    found = index.candidates([(one.sketch, dedupe.base(one.sketch)) for one in asked], _WIDELY)
    keys = {key for each in found for key in each}
    known = dict(entries) | integrity.histories(store, keys - set(entries))
    words = dict(texts) | store_texts.texts_of(store, keys - set(entries))
    apart = store_texts.kept_apart(
        store, {text.fingerprint for key in known for text in words.get(key, ())}
    )
    for one, near in zip(asked, found, strict=True):
        others = [
            known[key]
            for key in near
            if key in known and key != one.entry.key and not _is_apart(one, known[key], apart)
        ]
        # The index may have come to know the entry's numbers for boilerplate since.
        candidates = others if one.is_founding else [one.entry, *others]
        names = _names(agencies, one.seen.agency)
        if difference := _difference(one, _decide(one, candidates, words, names), known):
            yield difference


def _to_ask(
    store: Store, entries: Mapping[int, History], texts: Mapping[int, Sequence[StoredText]]
) -> Iterator[_Asked]:
    """The texts that a rule decided on, each where it came in."""
    chosen: list[tuple[History, Seen]] = []
    for entry in entries.values():
        first: dict[tuple[str, str], Seen] = {}
        for seen in entry.seen:
            first.setdefault((seen.agency, seen.fingerprint), seen)
        chosen += ((entry, seen) for seen in first.values() if not _is_by_hand(seen))
    days = integrity.header_days(store, [seen.id for _, seen in chosen])
    for entry, seen in chosen:
        for stored in texts[entry.key]:
            if stored.fingerprint == seen.fingerprint:
                text = _text(stored, seen.agency, days.get(seen.id))
                yield _Asked(entry, seen, text, dedupe.sketch(stored.text))


def _is_by_hand(seen: Seen) -> bool:
    equal = seen.how == "same" and seen.rule == "identical"
    by_data = seen.rule in upstream.RULES
    return equal or by_data or seen.rule == "by-hand" or seen.former is not None


def _text(stored: StoredText, agency: str, day: date | None = None) -> Text:
    return Text(
        agency=agency,
        title=stored.title,
        body=stored.text,
        truncated=stored.is_partial,
        earliest=day,
        latest=day,
        language=stored.language,
    )


def _names(agencies: Agencies, agency_id: str) -> tuple[str, ...]:
    agency = agencies.by_id(agency_id)
    return (agency.id, agency.name, *agency.aliases)


def _is_apart(one: _Asked, other: History, apart: set[tuple[str, int]]) -> bool:
    """Whether a person, or the document of the text, says that these are two."""
    if (one.seen.fingerprint, other.key) in apart:
        return True
    if any((fingerprint, one.entry.key) in apart for fingerprint in other.texts):
        return True
    beside = [seen for seen in other.seen if seen.document == one.seen.document]
    if one.seen.rule == "outdone" and beside:
        return True
    return any(_was_known(other, seen) for seen in beside)


def _was_known(entry: History, seen: Seen) -> bool:
    """Whether an entry had the text of a sighting before the document of that sighting came."""
    return any(
        earlier.id < seen.id
        and earlier.document != seen.document
        and (earlier.agency, earlier.fingerprint) == (seen.agency, seen.fingerprint)
        for earlier in entry.seen
    )


def _decide(
    one: _Asked,
    entries: Sequence[History],
    words: Mapping[int, Sequence[StoredText]],
    names: Sequence[str],
) -> Decision[int]:
    """As when it came in: first among what was there, then among what its document added."""
    there: list[tuple[int, Text]] = []
    added: list[tuple[int, Text]] = []
    for entry in [entry for entry in entries if entry.seen and entry.seen[0].id < one.seen.id][
        : MAX_CANDIDATES + 1
    ]:
        came: dict[str, Seen] = {}
        for seen in entry.seen:
            if seen.id < one.seen.id:
                came.setdefault(seen.fingerprint, seen)
        is_new = entry.seen[0].document == one.seen.document
        (added if is_new else there).extend(
            (entry.key, _text(text, entry.agency))
            for text in words[entry.key]
            if text.fingerprint in came
        )
    decision = dedupe.decide(one.text, there, agency_names=names)
    if isinstance(decision, dedupe.New) and added:
        beside = dedupe.decide(one.text, added, agency_names=names)
        return beside if isinstance(beside, _COPIES) else decision
    return decision


def _difference(
    one: _Asked, decision: Decision[int], known: Mapping[int, History]
) -> Difference | None:
    if isinstance(decision, dedupe.New):
        if one.is_founding:
            return None
        kind: Literal["together", "apart"] = "apart"
        other = None
    elif decision.target == one.entry.key:
        return None
    else:
        kind, other = "together", known[decision.target]
    return Difference(
        kind=kind,
        entry=one.entry,
        other=other,
        sighting=one.seen.id,
        score=decision.score,
        rule=decision.rule,
        reason=decision.reason,
    )
