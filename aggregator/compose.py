"""Which feeds there are, and which entries make each.

Pure: takes the configuration's words and what the store counted, gives the plan of every feed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aggregator.model import Agency
from aggregator.normalise.identity import feed_id

COMBINED = "all"
"""The name of the feed of all agencies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One feed to be made: what it is called, and what selects its entries.

    ``name`` is its file name without ending.  Without ``agency`` and ``query`` it takes all.
    """

    name: str
    id: str
    title: str
    subtitle: str
    agency: Agency | None = None
    query: str | None = None
    agencies: tuple[str, ...] = ()


def plan(title: str, agencies: Iterable[Agency]) -> Iterator[Plan]:
    """A plan for the combined feed and for that of each agency with entries, in that order."""
    yield Plan(
        name=COMBINED,
        id=feed_id(COMBINED),
        title=title,
        subtitle="Press releases of all agencies, newest first.",
    )
    for agency in agencies:
        yield of_agency(agency)


def of_agency(agency: Agency) -> Plan:
    """The plan of one agency's feed."""
    return Plan(
        name=agency.id,
        id=feed_id(agency.id),
        title=agency.name,
        subtitle=f"Press releases of {agency.name}, newest first.",
        agency=agency,
    )
