"""Releases: an entry, its date with the evidence, its sightings and texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from aggregator.model.documents import Link

Basis = Literal["upstream", "stated", "inferred", "first-seen"]
"""How the date of an entry is known.

``upstream``: its publisher sent it as data (a ``Date:`` line, an RSS ``pubDate``).  ``stated``: its
own text states it in full.  ``inferred``: worked out from its text and its neighbours.
``first-seen``: unknown, so it is the time of the document that first had the entry.
"""


Place = Literal["header", "title", "body"]
"""Where in a release a date is found; ``header`` is upstream's own data, not prose."""


Role = Literal["stated", "past", "present", "future", "history"]
"""What a date says about the release: it came out then, after it, on it, before it, or nothing."""


How = Literal["new", "same", "revision", "near-duplicate", "truncated"]
"""What was decided about an item when it was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A publisher.  ``id`` names its feed's file and never changes; ``name`` is for people."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    homepage: str | None = None
    configured: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The names that may stand for it in a title."""
        return (self.id, self.name, *self.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What selects the entries of a feed; what is empty does not restrict.

    ``query`` is what people type for ``aggregator search``.  ``agencies``, ``sources``,
    ``categories`` and ``languages`` are alternatives: one of each must apply.  ``include`` and
    ``exclude`` are words (between slashes: regular expressions), one of which must, and none of
    which may, occur in title or text.  ``max_per_agency`` limits the entries of one agency.
    """

    query: str = ""
    agencies: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_per_agency: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDate:
    """A day as a text states it; parts that it omits are None."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def to_date(self) -> date | None:
        """Return the day if it is complete and exists."""
        if self.year is None or self.month is None or self.day is None:
            return None
        try:
            return date(self.year, self.month, self.day)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A distance from the day of writing: yesterday is ("day", -1), next week ("week", 1)."""

    unit: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One statement of a release about when it came out.

    ``place`` is where it is and ``phrase`` its exact words.  ``first`` and ``last`` are the days
    meant, equal for one day; ``weekday`` (Monday is 0) is that of ``first`` as written, and
    ``shift`` is set for what counts from the day of writing.  ``strength`` is from 0 to 1, and
    ``reason`` says in a few words why it was read so.  ``moment`` is the time in UTC if upstream
    states one to the second.
    """

    place: Place
    phrase: str
    role: Role
    first: PartialDate
    last: PartialDate
    weekday: int | None = None
    shift: Shift | None = None
    strength: float = 1.0
    reason: str = ""
    moment: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item normalised: clean text, one agency, safe HTML.

    ``text`` is plain, with empty lines between blocks.  ``content_html`` is the same as HTML
    without active content.  ``summary`` is plain and short.  ``truncated``: the text was cut short
    upstream; ``is_summary``: its feed has a summary only.  ``language`` is a BCP 47 tag where
    known.  ``updated`` is the time of the last change in UTC according to upstream.
    """

    agency: Agency
    title: str
    text: str
    content_html: str
    summary: str
    truncated: bool
    evidence: tuple[Evidence, ...] = ()
    language: str | None = None
    links: tuple[Link, ...] = ()
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    is_summary: bool = False
    updated: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dating:
    """When an entry came out, how that is known, and how far it may be off.

    The release came out between ``earliest`` and ``latest``, both included; a date known to the
    day runs from the first second of that day to the last.  ``evidence`` is the phrase, header
    line or document that states it, empty where only the neighbours bound it; ``role`` is how the
    phrase was read, and ``conflict`` what contradicts the date, in words.
    """

    basis: Basis
    published: datetime
    earliest: datetime | None
    latest: datetime | None
    evidence: str
    role: Role | None = None
    conflict: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """What is kept of an item of another Aggregator besides its entry.

    ``dating`` is None where it states none that can be right.  ``credits`` are the other agencies
    that carried the entry, ``updated`` is when that last changed, ``revised`` the times of earlier
    changes.  ``is_claimed``: the configuration lets its source speak for its agency.
    """

    dating: Dating | None
    credits: tuple[Agency, ...] = ()
    updated: datetime | None = None
    revised: tuple[datetime, ...] = ()
    is_claimed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another entry that reports the same event, with the reason for thinking so.

    ``href`` is its address, or its id if it has none.
    """

    id: str
    title: str
    href: str
    reason: str

    @property
    def link(self) -> Link:
        """The entry as a link (RFC 4287, section 4.2.7.2)."""
        return Link(href=self.href, rel="related", title=self.title or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry as the store keeps it: with its permanent ``id``, an IRI, and its dates.

    ``key`` is its row and means nothing outside the store.  ``below`` and ``above`` are the titles
    of the entries that bound its window, where its own text does not.  ``credits`` are the other
    agencies that carried it, ``related`` the entries that report the same event, ``revised`` the
    times at which a whole text replaced another, oldest first.
    """

    key: int
    id: str
    entry: Entry
    dating: Dating
    updated: datetime
    below: str | None = None
    above: str | None = None
    credits: tuple[Agency, ...] = ()
    related: tuple[Related, ...] = ()
    revised: tuple[datetime, ...] = ()

    @property
    def links(self) -> tuple[Link, ...]:
        """The entry's own links, and one to each related entry."""
        return self.entry.links + self.related_links

    @property
    def related_links(self) -> tuple[Link, ...]:
        """A link to each related entry, unless it is one of its own links too."""
        own = {link.href for link in self.entry.links}
        others = (related.link for related in self.related)
        return tuple(link for link in others if link.href not in own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One time an entry was seen: where, when, with which text, and what was decided.

    ``score`` is how certain the decision is, from 0 to 1, ``rule`` its short name and ``reason``
    the same for people.  ``fingerprint`` identifies the text, ``agency`` the one that carried it.
    """

    id: int
    source: str
    document: str
    position: int
    lines: tuple[int, int]
    seen: datetime
    how: How
    score: float
    rule: str
    reason: str
    fingerprint: str
    agency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionText:
    """One of the texts an entry had, with where it was seen first.

    ``number`` counts from 1 in the order in which they came; ``current`` is the one that is shown.
    ``source`` is the feed that had it first, and ``told`` what it states besides its words, by line
    (``dedupe.corrections``); both are empty for a text of a digest.
    """

    number: int
    fingerprint: str
    title: str
    text: str
    truncated: bool
    seen: datetime
    document: str
    current: bool
    is_summary: bool = False
    source: str = ""
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_partial(self) -> bool:
        """Whether the text was cut short, or is only a summary."""
        return self.truncated or self.is_summary


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDating:
    """An earlier date of an entry, and why it has another one now."""

    dating: Dating
    reason: str
