"""The items of a document on their way into the store, and what the store knows about them.

``Prepared`` is an item before a decision, ``Lookup`` all that the store says about the items of one
document, ``NewSighting`` an item with its decision.  ``document.decide_document`` leads from the
first two to the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aggregator.model import Dating, Entry, Item, Relayed

if TYPE_CHECKING:
    from aggregator.dedupe.corrections import Stated
    from aggregator.dedupe.decide import Decision
    from aggregator.dedupe.pair import Text

BY_KNOWN_TEXT = ("identical", "corrected", "counter")
"""The rules by which an item is a sighting of a text that was known."""

NOTED = "noted"
"""The rule of an Aggregator's sighting that adds nothing to its entry, which another source has."""

ItemKey = tuple[str, str, str]
"""Agency, fingerprint and feed id: equal for two items of a document that are the same release
word for word."""

TextKey = tuple[str, str]
"""Agency and fingerprint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An item, its entry, and the forms under which both are looked up.

    ``ids`` are the ids that the entry may get, best first.  ``key`` is the id that the feed gives
    the item, if it tells it from the feed's other items.  ``pages`` are the canonical forms of the
    entry's links, None for links that are not pages.  ``terms`` are the feed's categories.
    ``dating`` is that of an item of a feed which gives its time to the second, so that nothing else
    can move it as long as it is in that feed alone.  ``relayed`` is set for an item of another
    Aggregator, whose ``dating`` is the one that it states.
    """

    item: Item
    entry: Entry
    fingerprint: str
    ids: tuple[str, ...]
    sketch: tuple[int, ...]
    key: str | None = None
    pages: tuple[str | None, ...] = ()
    terms: tuple[str, ...] = ()
    dating: Dating | None = None
    relayed: Relayed | None = None

    @property
    def item_key(self) -> ItemKey:
        """What is equal for items of a document that are the same release word for word."""
        return self.entry.agency.id, self.fingerprint, self.key or ""

    @property
    def text_key(self) -> TextKey:
        """Agency and fingerprint."""
        return self.entry.agency.id, self.fingerprint

    @property
    def is_of_feed(self) -> bool:
        """Whether the item comes from a feed, not from a digest."""
        return self.item.upstream is not None

    @property
    def own_pages(self) -> frozenset[str]:
        """The pages that show this item and nothing else."""
        links = zip(self.entry.links, self.pages, strict=True)
        return frozenset(page for link, page in links if page and link.rel == "alternate")

    @property
    def stated_day(self) -> str | None:
        """The date that a feed states as data (RFC 3339), a time where it states one."""
        found = next((found for found in self.entry.evidence if found.place == "header"), None)
        if found is None:
            return None
        if found.moment is not None:
            return f"{found.moment:%Y-%m-%dT%H:%M:%SZ}"
        day = found.first.to_date()
        return day.isoformat() if day is not None else None

    @property
    def text(self) -> Text:
        """The item as ``compare`` takes it."""
        from aggregator.dedupe.pair import Text

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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """One text of the entry of row ``entry``.

    ``text.truncated`` is also true for a summary, ``truncated`` only for a text that was cut.
    """

    entry: int
    fingerprint: str
    truncated: bool
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenText:
    """A text as a feed had it: its entry, the days stated for it (ISO 8601), its own pages."""

    entry: int
    days: frozenset[str]
    pages: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a feed stated of an entry: its ids, its dates (RFC 3339), its own pages."""

    ids: frozenset[str]
    days: frozenset[str]
    pages: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What the store knows about the items of one document of a source.

    ``items`` are those to decide on; ``removed`` are the others by position, with the number under
    which retention remembers them.  Entries are row numbers.

    ``kept_apart`` pairs fingerprints with entries that they must not join.  ``by_text`` are the
    entries seen with a text, by id; ``by_id`` those that the source's ids mean; ``in_source`` the
    places where a text was in a feed of the source; ``revisions`` the first sighting by which a
    rule made a text a revision of an entry; ``relisted_beside`` those by which one took the place
    of another that the document lists beside it.  For items whose text is not known, ``similar``
    are the entries that share most of their sketch, nearest first, ``by_page`` and ``by_title``
    those with the same page or title, ``of_source`` those among them that the source has itself,
    and ``taken_ids`` their ids that are in use; ``unlisted`` are entries that the feed listed
    before and lists no longer.  ``texts`` are the texts of all these entries, and
    ``stated`` is what the source stated before of those whose words its items have again.

    ``is_relayed``: the source is another Aggregator.  Then ``by_id`` has the entries of any source
    that have the id, ``owned`` are those that came from this source and none besides, and
    ``of_source`` counts similar entries too.
    """

    items: Sequence[Prepared]
    removed: Mapping[int, int] = field(default_factory=dict)
    kept_apart: frozenset[tuple[str, int]] = frozenset()
    by_text: Mapping[TextKey, Sequence[int]] = field(default_factory=dict)
    by_id: Mapping[str, int] = field(default_factory=dict)
    in_source: Mapping[TextKey, Sequence[SeenText]] = field(default_factory=dict)
    revisions: Mapping[tuple[int, str], int] = field(default_factory=dict)
    relisted_beside: Mapping[tuple[int, str], int] = field(default_factory=dict)
    similar: Mapping[ItemKey, Sequence[int]] = field(default_factory=dict)
    by_page: Mapping[str, Sequence[int]] = field(default_factory=dict)
    by_title: Mapping[str, Sequence[int]] = field(default_factory=dict)
    of_source: frozenset[int] = frozenset()
    taken_ids: frozenset[str] = frozenset()
    unlisted: Mapping[int, Listing] = field(default_factory=dict)
    texts: Mapping[int, Sequence[StoredText]] = field(default_factory=dict)
    stated: Mapping[int, Stated] = field(default_factory=dict)
    next_key: int = 1
    is_relayed: bool = False
    owned: frozenset[int] = frozenset()

    def entry_with_text(self, p: Prepared) -> int | None:
        """Return the entry seen with the text of ``p``, the one with the lowest id."""
        entries = self.by_text.get(p.text_key, ())
        return next((key for key in entries if (p.fingerprint, key) not in self.kept_apart), None)

    def entry_with_id(self, p: Prepared) -> int | None:
        """Return the entry that the feed's id of ``p`` means."""
        entry = self.by_id.get(p.key) if p.key is not None else None
        return None if (p.fingerprint, entry) in self.kept_apart else entry

    def has_text(self, entry: int, p: Prepared) -> bool:
        """Whether one of the texts of ``entry`` is that of ``p``."""
        return any(text.fingerprint == p.fingerprint for text in self.texts[entry])

    def correction(self, p: Prepared, entry: int) -> Stated | None:
        """Return what the source stated of ``entry`` before, if ``p`` corrects it."""
        stated = self.stated.get(entry)
        if stated is None or not p.is_of_feed:
            return None
        own = p.entry
        is_corrected = stated.is_corrected_by(own.title, own.content_html, own.links, p.stated_day)
        return stated if is_corrected else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSighting:
    """An item with what was decided about it, and the row of the entry that it belongs to.

    ``fingerprint`` is that of the entry's text, which differs from the item's own where the two
    texts are the same apart from typography.
    """

    prepared: Prepared
    decision: Decision[int]
    entry: int
    fingerprint: str
