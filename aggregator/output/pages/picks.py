"""Filter the lists of pages by agency or category without script.

A filter is a link to itself: its fragment can be shared (``index.html#agency-nato``), and the
style sheet hides the entries that it does not choose while it is the target.  Pure.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aggregator.normalise.categories import slug
from aggregator.output.pages.page_data import ListedEntry, SiteInfo

MOST_AGENCIES = 12
"""Agencies by which a page can be filtered, the busiest on it; the others have their pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A filter: its ``id`` in the page, the class ``mark`` of the entries that it shows, words, and
    their number.
    """

    id: str
    mark: str
    words: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks:
    """The filters of a page.

    ``marks`` are the classes of the agencies' entries, by id; ``is_cut``: the page has other
    agencies too.
    """

    agencies: Sequence[Pick] = ()
    categories: Sequence[Pick] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    is_cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.agencies or self.categories)


def picks_of(
    site: SiteInfo,
    entries: Sequence[ListedEntry],
    *,
    by_agency: bool = True,
    by_category: bool = True,
) -> Picks:
    """Return the filters for a list, by agency only where it has more than one."""
    names = {entry.agency.id: entry.agency.name for entry in entries} if by_agency else {}
    agencies: list[Pick] = []
    if len(names) > 1:
        numbers = Counter(entry.agency.id for entry in entries)
        busiest = sorted(numbers, key=lambda id_: (-numbers[id_], id_))[:MOST_AGENCIES]
        agencies = [
            Pick(id=f"agency-{id_}", mark=f"a{place}", words=names[id_], number=numbers[id_])
            for place, id_ in enumerate(busiest, 1)
        ]
    counted = Counter(number for entry in entries for number in entry.categories)
    categories = [
        Pick(id=f"category-{slug(term)}", mark=f"k{place}", words=term, number=counted[place])
        for place, term in enumerate(site.categories, 1)
        if by_category and place in counted
    ]
    return Picks(
        agencies=agencies,
        categories=categories,
        marks={pick.id.removeprefix("agency-"): pick.mark for pick in agencies},
        is_cut=len(names) > MOST_AGENCIES,
    )


def style(categories: int) -> str:
    """Return rules that hide what is not chosen, for so many categories.

    Browsers without ``:has`` show no filter; printed pages show all entries.
    """
    marks = [*(f"a{n}" for n in range(1, MOST_AGENCIES + 1))]
    marks += [f"k{n}" for n in range(1, categories + 1)]
    rules = "".join(
        f"  .filtered:has(.pick.{mark}:target) :is(.entries > li:not(.{mark}),"
        f" .part:not(:has(.{mark}))) {{ display: none; }}\n"
        for mark in marks
    )
    return f"@media not print {{\n{rules}}}\n"
