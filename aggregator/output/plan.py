"""Which feeds there are, and which entries make each.

Pure: takes the configuration's words and what the store counted, gives the plan of every feed, and
chooses among entries by rules that are no query.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from aggregator.model import Agency
from aggregator.normalise.identity import feed_id, match_key
from aggregator.normalise.rules import rule

ARCHIVE = "archive/"
"""Where archives are, below the output folder."""

COMBINED = "all"
"""The name of the feed of all agencies."""

CHANGES = "changes"
"""The name of the feed of edits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One feed to be made: what it is called, and what selects its entries.

    ``name`` is its file name without ending.  What is empty asks for nothing.  ``include`` and
    ``exclude`` are words that an entry must have one of, or none of; between slashes they are
    patterns.  ``max_per_agency`` is how many entries one agency may have in it.  ``has_archive``:
    its entries can be paged back to the first (RFC 5005).
    """

    name: str
    id: str
    title: str
    subtitle: str
    agency: Agency | None = None
    query: str | None = None
    agencies: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_per_agency: int | None = None
    has_archive: bool = False


class Choosable(Protocol):
    """What the rules know of an entry."""

    @property
    def key(self) -> int:
        """Its row."""
        ...

    @property
    def agency(self) -> str:
        """Whose it is."""
        ...

    @property
    def title(self) -> str:
        """Its title."""
        ...

    @property
    def text(self) -> str:
        """Its text, where a rule reads it."""
        ...


def plan(
    title: str,
    agencies: Iterable[Agency],
    searches: Iterable[Plan] = (),
    *,
    max_per_agency: int | None = None,
) -> Iterator[Plan]:
    """A plan for the combined feed, that of each agency with entries, each saved search, and the
    feed of changes.
    """
    yield Plan(
        name=COMBINED,
        id=feed_id(COMBINED),
        title=title,
        subtitle="Press releases of all agencies, newest first.",
        max_per_agency=max_per_agency,
        has_archive=True,
    )
    for agency in agencies:
        yield of_agency(agency)
    yield from searches
    yield Plan(
        name=CHANGES,
        id=feed_id(CHANGES),
        title=f"{title}: changes",
        subtitle="What was changed in press releases after they came out, newest first.",
    )


def of_agency(agency: Agency) -> Plan:
    """The plan of one agency's feed."""
    return Plan(
        name=agency.id,
        id=feed_id(agency.id),
        title=agency.name,
        subtitle=f"Press releases of {agency.name}, newest first.",
        agency=agency,
        has_archive=True,
    )


def of_search(
    name: str,
    title: str,
    *,
    query: str = "",
    agencies: Iterable[str] = (),
    sources: Iterable[str] = (),
    categories: Iterable[str] = (),
    languages: Iterable[str] = (),
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    max_per_agency: int | None = None,
) -> Plan:
    """The plan of one saved search."""
    return Plan(
        name=name,
        id=feed_id(f"search\n{name}"),
        title=title,
        subtitle=f"Press releases that the search “{title}” finds, newest first.",
        query=query or None,
        agencies=tuple(agencies),
        sources=tuple(sources),
        categories=tuple(categories),
        languages=tuple(languages),
        include=tuple(include),
        exclude=tuple(exclude),
        max_per_agency=max_per_agency,
    )


def choose(plan: Plan, entries: Iterable[Choosable], limit: int) -> list[int]:
    """The keys of the first ``limit`` of ``entries`` that the rules of ``plan`` take."""
    include = [rule(word) for word in plan.include]
    exclude = [rule(word) for word in plan.exclude]
    taken: Counter[str] = Counter()
    chosen: list[int] = []
    for entry in entries:
        if len(chosen) >= limit:
            break
        if plan.max_per_agency is not None and taken[entry.agency] >= plan.max_per_agency:
            continue
        if include or exclude:
            text = match_key(f"{entry.title}\n{entry.text}")
            if include and not any(found.search(text) for found in include):
                continue
            if any(found.search(text) for found in exclude):
                continue
        taken[entry.agency] += 1
        chosen.append(entry.key)
    return chosen


def reads_text(plan: Plan) -> bool:
    """Whether the rules of ``plan`` look at the text of entries."""
    return bool(plan.include or plan.exclude)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One month of a feed, and the months beside it, as ``2024-05``."""

    month: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Archives:
    """The months of a feed, oldest first."""

    months: Sequence[str] = field(default_factory=list)

    def of(self, month: str) -> Archive | None:
        """The archive of ``month``, if there is one."""
        if month not in self.months:
            return None
        at = list(self.months).index(month)
        before = self.months[at - 1] if at else None
        after = self.months[at + 1] if at + 1 < len(self.months) else None
        return Archive(month=month, before=before, after=after)

    def touched(self, changed: Iterable[str]) -> list[Archive]:
        """The archives to be written when entries of some months changed.

        Those and the ones beside them, whose links may lead there now or no more.
        """
        wanted = set(changed)
        beside = {
            other
            for one, two in pairwise(sorted({*self.months, *wanted}))
            for other in (one, two)
            if one in wanted or two in wanted
        }
        chosen = (wanted | beside) & set(self.months)
        found = (self.of(month) for month in sorted(chosen))
        return [archive for archive in found if archive is not None]


def archive_name(plan: Plan, month: str) -> str:
    """The file of an archive, below the output folder."""
    return f"{ARCHIVE}{plan.name}-{month}.atom"
