"""Which feeds there are, and which of their files a change affects.

Pure.  Takes titles, agencies, saved searches and the months that have entries; returns one ``Plan``
a feed, and the feeds and archives that have to be written again.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from aggregator.model import Agency, Search
from aggregator.normalise.categories import slug
from aggregator.normalise.identity import feed_id

ARCHIVE = "archive/"
"""The folder of archives below the output folder."""

MONTH = "month/"
"""The folder of the pages of months and days."""

FOLDERS = (ARCHIVE, "entries/", "category/", MONTH, "search/")
"""The folders below the output folder: of archives, of the pages of entries, categories and months,
and of the parts of the search."""

COMBINED = "all"
"""The name of the feed of all agencies."""

CHANGES = "changes"
"""The name of the feed of edits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One feed to be made.

    ``name`` is its file name without extension.  ``search`` selects its entries: None for all of
    ``agency``, of ``category`` (the term of a rule), or of everybody.  ``has_archive``: readers can
    page back to its first entry (RFC 5005).
    """

    name: str
    title: str
    subtitle: str
    agency: Agency | None = None
    category: str | None = None
    search: Search | None = None
    has_archive: bool = False

    @property
    def id(self) -> str:
        """The permanent id of the feed."""
        return feed_id(f"search\n{self.name}" if self.is_saved else self.name)

    @property
    def is_saved(self) -> bool:
        """Whether this is the feed of a saved search."""
        return self.search is not None and self.name != COMBINED

    @property
    def is_listed(self) -> bool:
        """Whether the lists of feeds have it: those of categories are on the categories' pages."""
        return self.category is None

    @property
    def page(self) -> str | None:
        """The page with the entries of a saved search or a category, below the output folder."""
        return f"{self.name}.html" if self.is_saved or self.category is not None else None

    @property
    def agency_id(self) -> str | None:
        """The id of the agency whose feed this is."""
        return self.agency.id if self.agency is not None else None


def plan(
    title: str,
    agencies: Iterable[Agency],
    searches: Iterable[Plan] = (),
    *,
    categories: Iterable[str] = (),
    max_per_agency: int | None = None,
) -> Iterator[Plan]:
    """Yield the combined feed, one for each of ``agencies``, ``searches``, that of edits, and one
    for each of ``categories``, which are terms.
    """
    yield Plan(
        name=COMBINED,
        title=title,
        subtitle="Press releases of all agencies, newest first.",
        search=Search(max_per_agency=max_per_agency) if max_per_agency is not None else None,
        has_archive=True,
    )
    for agency in agencies:
        yield of_agency(agency)
    yield from searches
    yield Plan(
        name=CHANGES,
        title=f"{title}: changes",
        subtitle="What was changed in press releases after they came out, newest first. "
        "Changes in the first hour are not listed.",
    )
    for term in categories:
        yield of_category(title, term)


def of_agency(agency: Agency) -> Plan:
    """Return the plan of one agency's feed."""
    return Plan(
        name=agency.id,
        title=agency.name,
        subtitle=f"Press releases of {agency.name}, newest first.",
        agency=agency,
        has_archive=True,
    )


def of_search(name: str, title: str, search: Search) -> Plan:
    """Return the plan of a saved search."""
    return Plan(
        name=name,
        title=title,
        subtitle=f"Press releases that the search “{title}” finds, newest first.",
        search=search,
    )


def of_category(title: str, term: str) -> Plan:
    """Return the plan of the feed of a category, in an output called ``title``."""
    return Plan(
        name=category_stem(term),
        title=f"{title}: {term}",
        subtitle=f"Press releases of the category “{term}”, newest first.",
        category=term,
    )


def category_stem(term: str) -> str:
    """Return the name of the files of a category by rule, without extension."""
    return f"category/{slug(term)}"


def affected(
    plans: Iterable[Plan],
    agencies: Collection[str] | None,
    *,
    edits: bool,
    categories: Collection[str] = (),
) -> Iterator[Plan]:
    """Yield the feeds that a change of entries of ``agencies`` may affect; None: any change.

    The combined feed and saved searches may contain any agency's entries.  ``edits`` says whether
    the feed of edits is affected, ``categories`` are the terms whose entries changed.
    """
    if agencies is not None and not agencies:
        return
    for each in plans:
        if agencies is None:
            yield each
        elif each.name == CHANGES:
            if edits:
                yield each
        elif each.category is not None:
            if each.category in categories:
                yield each
        elif each.agency is None or each.agency.id in agencies:
            yield each


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One month of a feed, and the months before and after it, as ``2024-05``."""

    month: str
    before: str | None = None
    after: str | None = None


def archives(months: Sequence[str]) -> list[Archive]:
    """Return the archives of a feed whose entries came out in ``months``, oldest first."""
    neighbours = zip([None, *months], months, [*months[1:], None], strict=False)
    return [Archive(month=month, before=before, after=after) for before, month, after in neighbours]


def affected_archives(
    months: Sequence[str], changed: Collection[str] | None, written: Collection[str]
) -> list[Archive]:
    """Return the archives that a change of entries in the months ``changed`` affects; None: all.

    ``written`` are the months whose archive is on disk.  The neighbours of a month are affected
    only where it is new or gone, since their links change.
    """
    if changed is None:
        return archives(months)
    new_or_gone = set(changed) - (set(written) & set(months))
    neighbours = {
        month
        for pair in pairwise(sorted({*months, *new_or_gone}))
        if not new_or_gone.isdisjoint(pair)
        for month in pair
    }
    return [each for each in archives(months) if each.month in neighbours | set(changed)]


def archive_name(plan: Plan, month: str) -> str:
    """Return the file of an archive, below the output folder."""
    return f"{ARCHIVE}{plan.name}-{month}.atom"
