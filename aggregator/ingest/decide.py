"""What each item of a document is: the same as an entry, a version of one, or new.

Takes the items of one document, prepared; asks the store for what is like them, has ``dedupe``
compare, and gives a decision for each.  Items are looked for by the id that their feed gave them,
by their very text, by words in common, by the page they are linked to, and by their title; the
first that holds decides.  Carrying decisions out is for ``provenance``.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aggregator import dedupe
from aggregator.dedupe import Decision, Text, Verdict, upstream
from aggregator.ingest.merge import WORDS, split, text_of
from aggregator.model import Agency, Entry, How, Item
from aggregator.normalise.canonical import canonical_link
from aggregator.normalise.entry import upstream_terms
from aggregator.normalise.identity import entry_ids, match_key, upstream_ids
from aggregator.store import Store
from aggregator.store import entries as store_entries
from aggregator.store import sightings as store_sightings
from aggregator.store import texts as store_texts
from aggregator.store.sketches import LEAST_SHARE, MAX_POSTINGS, SketchIndex
from aggregator.store.texts import StoredText

MAX_CANDIDATES = 8
"""Entries that a text is compared with: those that share most of its sketch."""

Same = tuple[str, str, str]
"""Equal for two items that are the same release word for word."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An item on its way into the store, with all that can be worked out without it.

    ``key`` is the id that its feed gave it, if it tells it from the others; ``pages`` are its
    links in the form in which two addresses of one page are equal, None for what is no page.
    """

    item: Item
    entry: Entry
    fingerprint: str
    ids: tuple[str, ...]
    sketch: tuple[int, ...]
    key: str | None = None
    pages: tuple[str | None, ...] = ()
    terms: tuple[str, ...] = ()

    @property
    def same(self) -> Same:
        """Equal for two items of a document that are the same release word for word."""
        return self.entry.agency.id, self.fingerprint, self.key or ""

    @property
    def own_pages(self) -> frozenset[str]:
        """The pages that are this very item."""
        links = zip(self.entry.links, self.pages, strict=True)
        return frozenset(page for link, page in links if page and link.rel == "alternate")

    @property
    def text(self) -> Text:
        """The item as ``dedupe`` compares it."""
        headers = [found.first for found in self.entry.evidence if found.place == "header"]
        day = headers[0].to_date() if headers else None
        return Text(
            agency=self.entry.agency.id,
            title=self.entry.title,
            body=self.entry.text,
            truncated=self.entry.truncated or self.entry.is_summary,
            earliest=day,
            latest=day,
            language=self.entry.language,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided of an item, and the row of the entry it is now a sighting of."""

    prepared: Prepared
    decision: Decision[int]
    entry: int

    @property
    def how(self) -> How:
        """The decision in the word the store keeps."""
        return WORDS[type(self.decision)]


def prepare(
    item: Item, entry: Entry, *, source: str = "", key: str | None = None, usable: bool = True
) -> Prepared:
    """``entry`` with the forms under which it is looked up.

    ``key`` is its feed's id for it, where that tells it from the other items of ``source``;
    ``usable`` says whether it may be the entry's own id as it stands.
    """
    title_key, text_key = match_key(entry.title), match_key(entry.text)
    by_text = entry_ids(entry.agency.id, title_key, text_key)
    by_key = upstream_ids(source, key) if key is not None else ()
    return Prepared(
        item,
        entry,
        dedupe.fingerprint(title_key, text_key),
        (*(by_key if usable else by_key[-1:]), *by_text),
        dedupe.sketch(entry.text),
        key,
        tuple(canonical_link(link.href) if _is_page(link.rel) else None for link in entry.links),
        upstream_terms(item.upstream) if item.upstream is not None else (),
    )


def _is_page(rel: str) -> bool:
    return rel in ("alternate", "via")


@dataclass(slots=True)
class _Known:
    """What the store knows of the items of a document.

    ``texts``: the entries that had the very text; ``by_id``: what follows from the ids of a feed;
    ``apart``: texts and entries that are kept apart; ``barred``: entries that an item is not,
    though its text or its id was theirs, and why.
    """

    texts: dict[Same, int] = field(default_factory=dict)
    by_id: dict[Same, Decision[int]] = field(default_factory=dict)
    apart: set[tuple[str, int]] = field(default_factory=set)
    barred: dict[Same, tuple[set[int], dedupe.New]] = field(default_factory=dict)

    @property
    def present(self) -> set[int]:
        """The entries that the document holds by themselves."""
        targets = (d.target for d in self.by_id.values() if not isinstance(d, dedupe.New))
        return {*self.texts.values(), *targets}

    def knows(self, p: Prepared) -> bool:
        """Whether it is settled what ``p`` is."""
        return p.same in self.texts or p.same in self.by_id

    def bars(self, p: Prepared, key: int) -> bool:
        """Whether ``p`` must not become the entry ``key``."""
        barred = self.barred.get(p.same)
        return (p.fingerprint, key) in self.apart or (barred is not None and key in barred[0])

    def bar(self, p: Prepared, keys: set[int], why: dedupe.New) -> None:
        """Keep ``p`` from becoming one of ``keys``."""
        held, first = self.barred.get(p.same, (set(), why))
        self.barred[p.same] = held | keys, first


def decide_all(
    store: Store, index: SketchIndex, source: str, items: Sequence[Prepared]
) -> list[Outcome]:
    """A decision for each of the items of a document of ``source``.

    An item whose very text was seen before is the same.  The others are compared with what is
    like them, but not with entries that this document holds by themselves: a document that lists
    two texts side by side lists two releases.
    """
    known = _known(store, source, items)
    if listed := _listed_apart(store, items, known):
        for entry, sighting in listed:
            split(store, entry, sighting, index, rule="listed-apart")
        known = _known(store, source, items)
    present = known.present
    unknown = list({p.same: p for p in items if not known.knows(p)}.values())
    found = index.candidates(
        [(p.sketch, dedupe.base(p.sketch)) for p in unknown], MAX_CANDIDATES + len(present)
    )
    near = {
        p.same: [key for key in keys if key not in present and not known.bars(p, key)][
            :MAX_CANDIDATES
        ]
        for p, keys in zip(unknown, found, strict=True)
    }
    texts = store_texts.texts_of(store, {key for keys in near.values() for key in keys})
    decisions = dict(known.by_id)
    for p in unknown:
        decisions[p.same] = dedupe.decide(
            p.text,
            [(text.entry, text_of(text)) for key in near[p.same] for text in texts[key]],
            agency_names=names_of(p.entry.agency),
        )
    left = [p for p in unknown if isinstance(decisions[p.same], dedupe.New)]
    decisions.update(_by_page_or_title(store, source, left, known))
    for same, (_, why) in known.barred.items():
        if isinstance(decisions.get(same), dedupe.New):
            decisions[same] = why
    return _settle_claims(store, items, known, decisions)


def _known(store: Store, source: str, items: Sequence[Prepared]) -> _Known:
    """What the store knows of the items by their ids and their very texts."""
    fingerprints = {p.fingerprint for p in items}
    known = _Known(apart=store_texts.kept_apart(store, fingerprints))
    _note_ids(store, source, items, known)
    by_text = store_sightings.entries_with_text(store, fingerprints, known.apart)
    fed = {p.fingerprint for p in items if p.item.upstream is not None and not known.knows(p)}
    here = store_sightings.seen_in_source(store, source, fed) if fed else {}
    for p in items:
        key = by_text.get(p.same[:2])
        if key is None or known.knows(p):
            continue
        seen = here.get(p.same[:2], []) if p.item.upstream is not None else []
        again = next((s.entry for s in seen if not known.bars(p, s.entry) and _again(p, s)), None)
        if again is not None or not seen:
            known.texts[p.same] = key if again is None else again
        else:
            reason = "its feed gives the same few words another id, and another day or page"
            why = dedupe.New(rule="listed-twice", score=1.0, reason=reason)
            known.bar(p, {s.entry for s in seen}, why)
    return known


def _again(p: Prepared, seen: store_sightings.Seen) -> bool:
    pages = p.own_pages
    return upstream.is_same_again(
        p.text,
        seen.days,
        has_pages=bool(pages and seen.pages),
        shares_page=bool(pages & seen.pages),
    )


def _note_ids(store: Store, source: str, items: Sequence[Prepared], known: _Known) -> None:
    """What follows from the ids that a feed gave: an entry it meant before, or no more."""
    keys = {p.key for p in items if p.key is not None}
    meant = store_sightings.entries_with_ids(store, source, keys) if keys else {}
    texts = store_texts.texts_of(store, set(meant.values()))
    for p in items:
        if p.key is None or p.key not in meant or (p.fingerprint, meant[p.key]) in known.apart:
            continue
        entry = meant[p.key]
        if any(text.fingerprint == p.fingerprint for text in texts[entry]):
            known.texts[p.same] = entry
            continue
        held = map(text_of, texts[entry])
        verdict = upstream.compare_by_id(p.text, held, names_of(p.entry.agency))
        decision = dedupe.as_decision(entry, verdict)
        if isinstance(decision, dedupe.New):
            known.bar(p, {entry}, decision)
        else:
            known.by_id[p.same] = decision


def _listed_apart(store: Store, items: Sequence[Prepared], known: _Known) -> list[tuple[int, int]]:
    """Entries and sightings of texts that were merged, and that this document lists side by side.

    Had the document come first, they would be two entries, as they have to be now.  The text that
    founded the entry stays.
    """
    texts: dict[int, set[str]] = {}
    for p in items:
        if p.same in known.texts and not p.entry.truncated and not p.entry.is_summary:
            texts.setdefault(known.texts[p.same], set()).add(p.fingerprint)
    return [
        (entry, sighting)
        for entry, fingerprints in sorted(texts.items())
        if len(fingerprints) > 1
        for sighting in store_sightings.taken_for_revisions(store, entry, fingerprints)
    ]


def _by_page_or_title(
    store: Store, source: str, items: Sequence[Prepared], known: _Known
) -> dict[Same, Decision[int]]:
    """Entries of other sources that items are by the page they are linked to, or by their title.

    A page that has several entries is nobody's own, and within a source ids say more than pages.
    """
    pages = store_sightings.entries_on_pages(store, {page for p in items for page in p.own_pages})
    titles = store_texts.entries_titled(store, {p.entry.title for p in items})
    looked_at: dict[Same, list[tuple[int, str]]] = {}
    for p in items:
        on = [(key, "page") for page in p.own_pages for key in pages.get(page, ())]
        called = [(key, "title") for key in titles.get(p.entry.title, ())[:MAX_CANDIDATES]]
        looked_at[p.same] = sorted({*(on if len(on) == 1 else ()), *called})
    keys = {key for found in looked_at.values() for key, _ in found}
    keys -= known.present | store_sightings.of_source(store, source, keys)
    texts = store_texts.texts_of(store, keys)
    decisions: dict[Same, Decision[int]] = {}
    for p in items:
        found = [
            (key, by) for key, by in looked_at[p.same] if key in keys and not known.bars(p, key)
        ]
        verdicts = [
            (key, verdict)
            for key, by in found
            for text in texts[key]
            if (verdict := _by_data(p, text, by)) is not None
        ]
        if verdicts:
            best = min(verdicts, key=lambda pair: (pair[1].rule, -pair[1].score, pair[0]))
            decisions[p.same] = dedupe.as_decision(*best)
    return decisions


def _by_data(p: Prepared, held: StoredText, by: str) -> Verdict | None:
    rule = upstream.compare_by_page if by == "page" else upstream.compare_by_title
    return rule(p.text, text_of(held), names_of(p.entry.agency))


def _settle_claims(
    store: Store,
    items: Sequence[Prepared],
    known: _Known,
    decisions: Mapping[Same, Decision[int]],
) -> list[Outcome]:
    """Give each item its entry.

    Of several items that claim one entry the best has it, first of all one with its id, and the
    others are new, unless one of those is by way of another agency, or cut: that may stand beside
    the other in one document.
    """
    claims: dict[int, tuple[bool, float, Same]] = {}
    for same, decision in decisions.items():
        if not isinstance(decision, dedupe.New):
            claim = same in known.by_id, decision.score, same
            claims[decision.target] = max(claims.get(decision.target, claim), claim)
    free = store_entries.next_key(store)
    outcomes: list[Outcome] = []
    fresh = _Fresh()
    settled = dict(known.texts)
    for p in items:
        if p.same in settled:
            outcomes.append(Outcome(p, _same(settled[p.same]), settled[p.same]))
            continue
        decision = decisions[p.same]
        if not isinstance(decision, dedupe.New) and claims[decision.target][2] != p.same:
            reason = "another item of its document is nearer to the entry it resembles"
            decision = dedupe.New(rule="outdone", score=decision.score, reason=reason)
        if isinstance(decision, dedupe.New):
            decision = _beside(p, fresh.like(p)) or decision
        if isinstance(decision, dedupe.New):
            key, free = free, free + 1
            fresh.add(key, p)
        else:
            key = decision.target
        settled[p.same] = key
        outcomes.append(Outcome(p, decision, key))
    return outcomes


def _same(key: int) -> dedupe.Same[int]:
    return dedupe.Same(target=key, rule="identical", score=1.0, reason="title and text are equal")


class _Fresh:
    """The entries that one document adds, looked up by their sketches as those of the store are."""

    def __init__(self) -> None:
        self._items: dict[int, Prepared] = {}
        self._postings: dict[int, list[int]] = {}

    def add(self, key: int, p: Prepared) -> None:
        self._items[key] = p
        for number in p.sketch:
            self._postings.setdefault(number, []).append(key)

    def like(self, p: Prepared) -> list[tuple[int, Prepared]]:
        shared: Counter[int] = Counter()
        for number in p.sketch:
            found = self._postings.get(number, ())
            if len(found) <= MAX_POSTINGS:
                shared.update(found)
        base = dedupe.base(p.sketch)
        return [
            (key, self._items[key])
            for key, count in shared.most_common(MAX_CANDIDATES)
            if count >= LEAST_SHARE * min(base, dedupe.base(self._items[key].sketch))
        ]


def _beside(p: Prepared, alike: Iterable[tuple[int, Prepared]]) -> Decision[int] | None:
    """An entry new in the same document of which ``p`` is a copy: carried, or cut.

    Items to which their feed gave an id each are copies only if their texts are equal.
    """
    others = [(key, other) for key, other in alike if not _have_two_ids(p, other)]
    decision = dedupe.decide(
        p.text, [(key, other.text) for key, other in others], agency_names=names_of(p.entry.agency)
    )
    copies = (dedupe.Same, dedupe.Truncated, dedupe.NearDuplicate)
    if isinstance(decision, copies):
        return decision
    for key, other in alike:
        if _have_two_ids(p, other) and p.fingerprint == other.fingerprint and _repeats(p, other):
            return _same(key)
    return None


def _have_two_ids(p: Prepared, other: Prepared) -> bool:
    return p.key is not None and other.key is not None and p.key != other.key


def _repeats(p: Prepared, other: Prepared) -> bool:
    """Whether an item says again what another item of its document says under another id."""
    day = other.text.earliest
    return upstream.is_same_again(
        p.text,
        [day.isoformat()] if day else [],
        has_pages=bool(p.own_pages and other.own_pages),
        shares_page=bool(p.own_pages & other.own_pages),
    )


def names_of(agency: Agency) -> Collection[str]:
    """The names under which an agency may stand in a title."""
    return (agency.id, agency.name, *agency.aliases)
