"""What is retrieved and parsed: documents, and the items in them as found."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One retrieved body of a source, exactly as received.

    ``name`` is for people: a path relative to the configuration, or an address without credentials.
    ``sha256`` is of ``body`` in hex, ``modified`` its own time according to the file system or the
    server.  A document from HTTP also has the ``address`` after redirects, which is the base of
    relative links, and the fields of its ``Content-Type``.  ``left_out`` are the bytes of a
    ``body`` which was read in another process and is not there.
    """

    source: str
    name: str
    body: bytes
    sha256: str
    modified: datetime
    address: str | None = None
    media_type: str | None = None
    charset: str | None = None
    left_out: int = 0

    @property
    def size(self) -> int:
        """The size of the body in bytes."""
        return len(self.body) or self.left_out


Markup = Literal["text", "html"]
"""Whether a text is plain, or HTML as found, which may contain anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of an entry, in the terms of RFC 4287, section 4.2.7; ``length`` is in bytes,
    ``hreflang`` the language of what is there.
    """

    href: str
    rel: str = "alternate"
    type: str | None = None
    title: str | None = None
    length: int | None = None
    hreflang: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """What a feed states about one of its items as data, in the terms of RFC 4287.

    Text is as found, and hostile.  ``id`` is as given: an IRI, or any text that the feed uses as
    one.  ``links`` are absolute where the document has a base; the first ``alternate`` is the
    item's own address, ``enclosure`` are its files.  ``published`` and ``updated`` are aware, in
    UTC, and None where missing or not a time.  ``day`` is that of the publication, or else of the
    last change, where no more than the day can be read.  ``publisher`` is the feed in which the
    item was first (``atom:source``, RSS ``source``).  ``is_summary``: the feed has a summary only.
    """

    id: str | None = None
    links: tuple[Link, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    day: date | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    publisher: str | None = None
    is_summary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What another Aggregator states of an entry beyond its format (``docs/federation.md``).

    Clean and bounded, but not to be trusted.  ``agency`` and ``also_by`` are ids, ``names`` their
    names by id.  ``is_untitled``: its title is made of its text.  ``basis`` is how the date is
    known, in the words of ``Basis``, or None where what is stated of that cannot be right;
    ``earliest`` and ``latest`` are aware, in UTC.  ``revised`` are the times at which a whole text
    replaced another, oldest first.
    """

    agency: str | None = None
    also_by: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    is_untitled: bool = False
    truncated: bool = False
    is_summary: bool = False
    basis: str | None = "upstream"
    earliest: datetime | None = None
    latest: datetime | None = None
    evidence: str = ""
    revised: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One block of a document, its text as found except for line ends.

    ``position`` counts from 0 at the top; ``lines`` are the first and last line, from 1.  ``date``
    and ``link`` are the optional header lines of a digest, unparsed.  ``upstream`` is what a feed
    states about the item, whose ``title`` and ``body`` may then be HTML; ``extension`` is set for
    the items of another Aggregator alone.
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
    extension: Extension | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in a document that could not be read.

    ``rejected``: the whole block was left out, not only a detail.
    """

    lines: tuple[int, int]
    reason: str
    rejected: bool = True

    @property
    def words(self) -> str:
        """The reason, and that the block was left out, where the reason does not say so."""
        says_so = not self.rejected or "left out" in self.reason
        return self.reason if says_so else f"{self.reason}; left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What a feed states about itself, as found.

    ``title`` is plain text, ``home`` the page it belongs to, ``hub`` and ``topic`` are its WebSub
    hub and its own address (``self``).  ``older`` is where its older items are: the page before it
    in an archive (RFC 5005, section 4), else the next one of a paged feed (section 3, and
    ``next_url`` of JSON Feed); ``is_complete``: it lists all items that there are (section 2).
    ``updated`` is when it says that it changed, aware, in UTC.  The rest says how often to fetch
    it: ``period`` in seconds between two changes (RSS ``ttl``, ``sy:updatePeriod``), ``skip_hours``
    from 0 to 23 in UTC and ``skip_days`` (Monday is 0) in which nothing changes.
    ``is_aggregator``: it says that this program made it.
    """

    title: str = ""
    home: str | None = None
    language: str | None = None
    hub: str | None = None
    topic: str | None = None
    older: str | None = None
    is_complete: bool = False
    updated: datetime | None = None
    period: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    is_aggregator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The items of one document in its order, and what a parser could not read.

    ``dated`` is the day that the document states of itself: nothing in it came out later.
    """

    items: tuple[Item, ...]
    problems: tuple[Problem, ...] = ()
    channel: Channel | None = None
    dated: date | None = None
