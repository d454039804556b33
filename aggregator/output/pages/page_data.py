"""What pages show, as types: the site, lists of entries, agencies, and one entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from aggregator.dedupe.diff import Change
from aggregator.model import Agency, Dating, PastDating, Sighting, StoredEntry
from aggregator.output.pages import plot
from aggregator.output.pages.dating import Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A feed to subscribe to; ``name`` is its file name without extension.

    ``page`` is the page of a saved search or a category, below the output folder.
    """

    name: str
    title: str
    page: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInfo:
    """The part that all pages share.  ``base_url`` ends with a slash; ``feeds`` are those of no
    agency, the combined one first; ``categories`` are the terms of all rules, in the order in which
    they are listed.  ``has_search``: there is a search that needs no server.
    """

    title: str
    base_url: str
    feeds: tuple[Subscription, ...]
    categories: tuple[str, ...] = ()
    has_search: bool = False

    @property
    def is_public(self) -> bool:
        """Whether ``base_url`` was set to the address of a site that others can reach."""
        return urlsplit(self.base_url).hostname not in (None, "localhost", "127.0.0.1", "::1")

    def feeds_of(self, agency: Agency) -> tuple[Subscription, ...]:
        """Return the combined feed and that of an agency."""
        return (*self.feeds[:1], Subscription(name=agency.id, title=agency.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEntry:
    """An entry in a list; ``categories`` are positions in ``SiteInfo.categories``, from 1, and
    ``summary`` is the beginning of its text, or what its feed says of it.

    ``page`` is its page below the output folder, ``upstream`` the address of its publisher's page,
    which an entry without a page of its own leads to.  ``dating`` is there only where the list says
    how precisely it is dated.
    """

    page: str | None
    upstream: str | None
    title: str
    language: str | None
    published: datetime
    agency: Agency
    summary: str = ""
    categories: tuple[int, ...] = ()
    dating: Dating | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyCard:
    """An agency and its output: number of entries, entries by week, and how often it publishes.

    ``years`` are those that have a page, with their numbers of entries, newest first.
    """

    agency: Agency
    entries: int
    weeks: plot.Weekly | None
    usually: str | None
    years: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The changes from text number ``before`` to number ``after``.

    ``at`` is when the latter came, in UTC, as far as the page may say that.
    """

    before: int
    after: int
    at: datetime | None
    title: Sequence[Change]
    text: Sequence[Change]
    more: Sequence[Change] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The entries that the page of another one leads to.

    ``older`` and ``newer`` are the next ones of its agency; ``above`` and ``below`` bound its date
    in the list of a document.
    """

    older: ListedEntry | None = None
    newer: ListedEntry | None = None
    above: ListedEntry | None = None
    below: ListedEntry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """An entry with everything on its page; ``dated`` explains its date in words.

    ``texts`` is the number of its texts, and ``edits`` are the changes between the complete ones.
    ``categories`` are those by rule, which have pages.  ``updated`` is when its text last changed,
    in UTC, as far as the page may say that.  ``is_live``: the page is made for one request, and
    says when the entry was seen.
    """

    stored: StoredEntry
    dated: Sequence[Piece]
    past: Sequence[PastDating]
    sightings: Sequence[Sighting]
    texts: int
    edits: Sequence[Edit]
    categories: Sequence[str] = ()
    updated: datetime | None = None
    beside: Beside = Beside()
    is_live: bool = False
