"""What pages show, as types: the site, lists of entries, agencies, and one entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from aggregator.dedupe.diff import Change
from aggregator.model import Agency, PastDating, Sighting, StoredEntry
from aggregator.output.pages import plot


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A feed to subscribe to; ``name`` is its file name without extension."""

    name: str
    title: str
    agency: str | None = None


@dataclass(frozen=True, kw_only=True)
class SiteInfo:
    """The part that all pages share.  ``base_url`` ends with a slash; the first feed is the
    combined one; ``categories`` are the terms of all rules, in the order in which they are listed.
    """

    title: str
    base_url: str
    feeds: tuple[Subscription, ...]
    categories: tuple[str, ...] = ()

    @cached_property
    def _by_agency(self) -> Mapping[str | None, Subscription]:
        return {feed.agency: feed for feed in self.feeds}

    def feeds_of(self, agency: str) -> tuple[Subscription, ...]:
        """Return the combined feed and that of an agency, given by its id."""
        own = self._by_agency.get(agency)
        return (*self.feeds[:1], own) if own is not None else self.feeds[:1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEntry:
    """An entry in a list; ``categories`` are positions in ``SiteInfo.categories``, from 1.

    ``page`` is its page below the output folder, ``upstream`` the address of its publisher's page,
    which an entry without a page of its own leads to.
    """

    page: str | None
    upstream: str | None
    title: str
    language: str | None
    published: datetime
    agency: Agency
    categories: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyCard:
    """An agency and its output: number of entries, entries by week, and usual gap between two.

    ``years`` are those that have a page, with their numbers of entries, newest first.
    """

    agency: Agency
    entries: int
    weeks: plot.Weekly | None
    usual_gap: timedelta | None
    years: Sequence[tuple[str, int]] = ()


AgencyParts = tuple[bytes, bytes, bytes]
"""An agency on the index, as HTML: its card, the row of its feed, and links to find that by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The changes from text number ``before`` to number ``after``, first seen in ``document``."""

    before: int
    after: int
    seen: datetime
    document: str
    title: Sequence[Change]
    text: Sequence[Change]
    more: Sequence[Change] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """An entry with everything on its page; ``dated`` explains its date in words.

    ``texts`` is the number of its texts, and ``edits`` are the changes between the complete ones.
    ``categories`` are those by rule, which have pages.
    """

    stored: StoredEntry
    dated: str
    past: Sequence[PastDating]
    sightings: Sequence[Sighting]
    texts: int
    edits: Sequence[Edit]
    categories: Sequence[str] = ()
