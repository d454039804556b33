"""The types that flow through the program, in the order in which a release meets them.

All are frozen: a step takes one and returns the next.  Times are aware ``datetime`` in UTC.  From
``Entry`` on, text is NFC without characters that XML forbids.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

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

AlarmKind = Literal["silent", "failing", "gone", "unwritable"]
"""``silent``: an agency; ``failing`` and ``gone`` (410): a source; ``unwritable``: a file."""

Progress = Callable[[str, int, int], None]
"""Called with what is worked on, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One retrieved body of a source, exactly as received.

    ``name`` is for people: a path relative to the configuration, or an address without credentials.
    ``sha256`` is of ``body`` in hex, ``modified`` its own time according to the file system or the
    server.  A document from HTTP also has the ``address`` after redirects, which is the base of
    relative links, and the fields of its ``Content-Type``.
    """

    source: str
    name: str
    body: bytes
    sha256: str
    modified: datetime
    address: str | None = None
    media_type: str | None = None
    charset: str | None = None


Markup = Literal["text", "html"]
"""Whether a text is plain, or HTML as found, which may contain anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of an entry, in the terms of RFC 4287, section 4.2.7; ``length`` is in bytes."""

    href: str
    rel: str = "alternate"
    type: str | None = None
    title: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """What a feed states about one of its items as data, in the terms of RFC 4287.

    Text is as found, and hostile.  ``id`` is as given: an IRI, or any text that the feed uses as
    one.  ``links`` are absolute where the document has a base; the first ``alternate`` is the
    item's own address, ``enclosure`` are its files.  ``published`` and ``updated`` are aware, in
    UTC, and None where missing or not a date.  ``publisher`` is the feed in which the item was
    first (``atom:source``, RSS ``source``).  ``is_summary``: the feed has a summary only.
    """

    id: str | None = None
    links: tuple[Link, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    publisher: str | None = None
    is_summary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One block of a document, its text as found except for line ends.

    ``position`` counts from 0 at the top; ``lines`` are the first and last line, from 1.  ``date``
    and ``link`` are the optional header lines of a digest, unparsed.  ``upstream`` is what a feed
    states about the item, whose ``title`` and ``body`` may then be HTML.
    """

    position: int
    lines: tuple[int, int]
    title: str
    agency: str
    body: str
    date: str | None = None
    link: str | None = None
    title_markup: Markup = "text"
    body_markup: Markup = "text"
    upstream: Upstream | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in a document that could not be read.

    ``rejected``: the whole block was left out, not only a detail.
    """

    lines: tuple[int, int]
    reason: str
    rejected: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What a feed states about itself, as found.

    ``title`` is plain text, ``home`` the page it belongs to, ``hub`` and ``topic`` are its WebSub
    hub and its own address (``self``).  The rest says how often to fetch it: ``period`` in seconds
    between two changes (RSS ``ttl``, ``sy:updatePeriod``), ``skip_hours`` from 0 to 23 in UTC and
    ``skip_days`` (Monday is 0) in which nothing changes.
    """

    title: str = ""
    home: str | None = None
    language: str | None = None
    hub: str | None = None
    topic: str | None = None
    period: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The items of one document in its order, and what a parser could not read."""

    items: tuple[Item, ...]
    problems: tuple[Problem, ...] = ()
    channel: Channel | None = None


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
    earliest: datetime
    latest: datetime
    evidence: str
    role: Role | None = None
    conflict: str | None = None


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
    agencies that carried it, ``related`` the entries that report the same event.
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

    @property
    def links(self) -> tuple[Link, ...]:
        """The entry's own links, and one to each related entry."""
        own = {link.href for link in self.entry.links}
        others = (related.link for related in self.related)
        return self.entry.links + tuple(link for link in others if link.href not in own)


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

    @property
    def is_partial(self) -> bool:
        """Whether the text was cut short, or is only a summary."""
        return self.truncated or self.is_summary


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDating:
    """An earlier date of an entry, and why it has another one now."""

    dating: Dating
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What is kept about a remote source from one visit to the next.

    ``address`` is set where it differs from the configuration: the source moved permanently, or, if
    ``found``, a web page names its feed.  ``etag`` and ``last_modified`` are exactly as the server
    sent them, ``sha256`` is of the last body.  ``moved_to`` is where permanent redirects have led
    since ``moved_since``; ``gone`` is the time of a 410.  ``failures`` are those in a row.  The
    next visit is ``due`` after ``interval`` seconds, for the reason ``why``.
    """

    address: str | None = None
    found: bool = False
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    moved_to: str | None = None
    moved_since: datetime | None = None
    gone: datetime | None = None
    failures: int = 0
    due: datetime | None = None
    interval: int = 0
    why: str = ""
    hub: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a publisher states, and shows, about how often to fetch a source.

    ``max_age`` (``Cache-Control``), ``period`` (of the feed) and ``retry_after`` are in seconds.
    ``skip_hours`` are from 0 to 23 in UTC; in ``skip_days`` Monday is 0.  ``published`` are times
    of publication in any order.
    """

    max_age: int | None = None
    period: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    published: tuple[datetime, ...] = ()
    retry_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """The result of one run for one source, in items and documents.

    ``status`` is ``ok``, ``unchanged`` (every document was known) or ``failed`` (something could
    not be read: ``error`` is the first problem, ``problems`` are all of them).
    """

    id: str
    status: Literal["ok", "unchanged", "failed"]
    documents: int = 0
    items: int = 0
    new: int = 0
    revised: int = 0
    merged: int = 0
    unchanged: int = 0
    rejected: int = 0
    error: str | None = None
    problems: tuple[str, ...] = ()
    new_by_agency: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyActivity:
    """How an agency publishes, for the alarm rules.  Times are aware.

    ``releases`` are the times of its last releases, newest first; ``longest`` is the longest gap
    of the period before the newest one.  ``sources`` are the configured sources that carry the
    agency, and ``heard`` is when one of them was last read without error.
    """

    agency: str
    name: str
    releases: tuple[datetime, ...]
    longest: timedelta | None
    sources: tuple[str, ...]
    heard: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFailures:
    """The failures in a row of a source, for the alarm rules.  Times are aware.

    There were ``failures`` of them from ``first_failed`` to ``last_attempt``, the last one for
    ``reason``; ``gone`` is when its server answered 410.
    """

    source: str
    is_remote: bool
    failures: int
    first_failed: datetime
    last_attempt: datetime
    reason: str
    gone: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A trouble from when it was ``raised`` until it ``ended``.

    ``id`` is permanent, made from ``kind``, ``subject`` and ``since``.  ``title`` names the trouble
    and ``words`` is one line that says what to do.  ``updated`` is the later of ``raised`` and
    ``ended``.  Times are aware, in UTC, to the second.
    """

    id: str
    kind: AlarmKind
    subject: str
    since: datetime
    title: str
    words: str
    raised: datetime
    updated: datetime
    ended: datetime | None = None
