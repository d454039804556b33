"""What there is to write, and what of it may have changed since the last run.

Takes a configuration and a store; returns the feeds, and what is to be written again.  Light to
import, since most runs have nothing to write.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from aggregator.config import Config
from aggregator.model import Agency
from aggregator.output import files, versions
from aggregator.output.outside import Subjects, subjects
from aggregator.output.plan import Plan, of_agency, of_search, plan
from aggregator.store import Store, entries
from aggregator.store import output as store_output
from aggregator.store.agencies import agencies_with_entries, listed_agencies
from aggregator.store.categories import in_use
from aggregator.store.output import Listing, Stale

OPML = "feeds.opml"
AGENCIES = "agencies.html"
LISTS = frozenset((OPML, AGENCIES))
"""The files that list all agencies."""

Check = Literal["noted", "files", "bytes"]
"""How changes by others are found: not at all, but for files that are noted as unknown; by the
sizes and times of all files; or by the bytes of all files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedsReport:
    """How many feeds were written and how many had the right bytes already.

    A feed counts once, whatever its formats; those of categories do not, like their pages.
    ``problems`` are pages that could not be made, one line each.
    """

    written: int = 0
    unchanged: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What is to be rendered of a configuration and a store.

    ``keep``: elements that have to be built are kept in the store.  ``agencies`` are those whose
    feeds may have changed, by id, and ``plans`` the feeds of these and those of no agency, none as
    long as the store never had an entry.
    """

    config: Config
    store: Store
    keep: bool
    agencies: Mapping[str, Agency]
    plans: Sequence[Plan]
    _others: dict[str, Agency | None] = field(default_factory=dict)

    def agency(self, id_: str) -> Agency | None:
        """Return an agency that has a feed; None for one that is new since the feeds were planned.

        That one is noted, and has its feed the next time.
        """
        self.look_up([id_])
        return self.agencies.get(id_) or self._others.get(id_)

    def look_up(self, ids: Iterable[str]) -> None:
        """Read at once the agencies of which ``agency`` will be asked."""
        if absent := {*ids} - self.agencies.keys() - self._others.keys():
            found = {agency.id: agency for agency in listed_agencies(self.store, absent)}
            self._others.update((id_, found.get(id_)) for id_ in absent)

    def plan_of(self, agency: str) -> Plan | None:
        """Return the plan of an agency's feed, or None without one."""
        found = self.agency(agency)
        return of_agency(found) if found is not None else None


def output_of(
    config: Config, store: Store, *, keep: bool = False, touched: Collection[str] | None = None
) -> Output:
    """Return what is to be rendered of a store, with the feeds of the agencies ``touched``.

    None: of all agencies.
    """
    agencies = agencies_with_entries(store, touched)
    searches = [of_search(feed.id, feed.title or feed.id, feed) for feed in config.searches]
    made = plan(
        config.title,
        agencies,
        searches,
        categories=in_use(store, [rule.term for rule in config.category_rules]),
        max_per_agency=config.max_per_agency,
    )
    return Output(
        config=config,
        store=store,
        keep=keep,
        agencies={agency.id: agency for agency in agencies},
        plans=list(made) if agencies or _has_feeds(store) else [],
    )


def _has_feeds(store: Store) -> bool:
    """Return whether there is an entry, or was one: then its feeds are there, and stay."""
    return bool(entries.newest(store, 1)) or "context" in store_output.facts(store)


def listing(agencies: Iterable[Agency]) -> dict[str, Listing]:
    """Return what the lists of feeds and of agencies have of these, by id."""
    return {agency.id: (agency.name, agency.homepage) for agency in agencies}


@dataclass(frozen=True, kw_only=True)
class Todo:
    """What changed since the last run, what the store has ``reached``, and what the last run noted.

    With ``everything``, all files have to be compared, whatever is ``stale``; otherwise also the
    files ``changed_outside``, by name below the output folder.  The last run was number ``run``.
    It made feeds of no agency called ``names``, pages of categories with so many entries
    (``counted``), a feed of edits with the entries ``edited``, and parts of the search by name,
    each with a digest and its size (``searched``).
    """

    stale: Stale
    reached: Mapping[str, str]
    context: str
    everything: bool
    changed_outside: Set[str]
    run: str
    names: Sequence[str]
    counted: Mapping[str, int]
    edited: Sequence[int]
    searched: Mapping[str, tuple[str, int]]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written."""
        return not (self.stale or self.everything or self.changed_outside)

    @cached_property
    def outside(self) -> Subjects:
        """The feeds and pages that were changed outside."""
        return subjects(self.changed_outside - LISTS)

    @property
    def touched(self) -> set[str] | None:
        """The agencies whose feeds or pages may have changed, and other names; None: all."""
        if self.everything:
            return None
        outside = self.outside
        return {
            *(agency for agency, _ in self.stale.months),
            *outside.feeds,
            *outside.archives,
            *(agency for agency, _ in outside.years),
        }


def todo_of(config: Config, store: Store, check: Check) -> Todo:
    """Return what is to be written, as far as ``check`` finds out."""
    noted = store_output.facts(store)
    reached = store_output.reached(store)
    stale = store_output.stale(store)
    context = _context(config)
    no_list = not (config.output / OPML).exists()
    everything = check == "bytes" or noted.get("context") != context or no_list
    return Todo(
        stale=stale,
        reached=reached,
        context=context,
        everything=everything,
        changed_outside=set() if everything else _changed_outside(config, store, check),
        run=noted.get("run", "0"),
        names=noted.get("names", "").split(),
        counted=json.loads(noted.get("counted", "{}")),
        edited=json.loads(noted.get("edited", "[]")),
        searched={name: (d, n) for name, (d, n) in json.loads(noted.get("searched", "{}")).items()},
    )


def _changed_outside(config: Config, store: Store, check: Check) -> set[str]:
    """Return the files that are missing, or have another size or time than when written."""
    if check == "noted":
        return store_output.unknown_files(store)
    return files.changed(config.output, store_output.noted_files(store))


def _context(config: Config) -> str:
    """Return a digest of everything that the output depends on besides the store."""
    parts = (
        *(config.title, config.base_url, config.entries_per_feed, config.max_per_agency),
        *(config.entry_pages, config.static_search),
        *(repr(feed) for feed in config.searches),
        *(rule.term for rule in config.category_rules),
        *(f"{name} {version}" for name, version in versions.FORMATS.items()),
        *((config.websub.hub,) if config.websub.hub is not None else ()),
        *(versions.PAGES, versions.EDITS),
    )
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
