"""What there is to write, and what of it may have changed since the last run.

Takes a configuration and a store; returns the feeds, and what is to be written again.  Light to
import, since most runs have nothing to write.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.config import Config
from aggregator.output import files, versions
from aggregator.output.formats import file_name
from aggregator.output.plan import Plan, of_search, plan
from aggregator.store import Store
from aggregator.store import output as store_output
from aggregator.store.agencies import agencies_with_entries
from aggregator.store.output import Stale

OPML = "feeds.opml"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedsReport:
    """How many feeds were written and how many had the right bytes already.

    A feed counts once, whatever its formats.  ``problems`` are pages that could not be made, one
    line each.
    """

    written: int = 0
    unchanged: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What is to be rendered: every feed of a configuration and a store.

    ``keep``: elements that have to be built are kept in the store.  ``plans`` is empty as long as
    the store has no entries.
    """

    config: Config
    store: Store
    keep: bool
    plans: Sequence[Plan]
    plan_of: dict[str, Plan]  # by the id of an agency


def output_of(config: Config, store: Store, *, keep: bool) -> Output:
    """Return what is to be rendered of a store."""
    agencies = agencies_with_entries(store)
    searches = [of_search(feed.id, feed.title or feed.id, feed) for feed in config.feeds]
    made = plan(config.title, agencies, searches, max_per_agency=config.max_per_agency)
    plans = list(made) if agencies else []
    of_agencies = {plan.agency.id: plan for plan in plans if plan.agency is not None}
    return Output(config=config, store=store, keep=keep, plans=plans, plan_of=of_agencies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """What changed since the last run, what the store has ``reached``, and what the last run noted.

    ``all_feeds`` and ``all_pages`` have to be compared, whatever is ``stale``.  The last run made
    feeds called ``names``, pages of categories with so many entries (``counted``), and a feed of
    edits with the entries ``edited``.
    """

    stale: Stale
    reached: Mapping[str, str]
    context: str
    all_feeds: bool
    all_pages: bool
    names: Sequence[str]
    counted: Mapping[str, int]
    edited: Sequence[int]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written."""
        return not (self.stale or self.all_feeds or self.all_pages)


def todo_of(output: Output, *, everything: bool) -> Todo:
    """Return what is to be written of ``output``; with ``everything``, all of it."""
    noted = store_output.facts(output.store)
    reached = store_output.reached(output.store)
    stale = store_output.stale(output.store)
    context = _context(output.config)
    no_list = not (output.config.output / OPML).exists()
    everything = everything or noted.get("context") != context or no_list
    changed_outside = noted.get("feeds") != file_states(output)
    return Todo(
        stale=stale,
        reached=reached,
        context=context,
        all_feeds=everything or changed_outside,
        all_pages=everything,
        names=noted.get("names", "").split(),
        counted=json.loads(noted.get("counted", "{}")),
        edited=json.loads(noted.get("edited", "[]")),
    )


def _context(config: Config) -> str:
    """Return a digest of everything that the output depends on besides the store."""
    parts = (
        *(config.title, config.base_url, config.entries_per_feed, config.max_per_agency),
        config.entry_pages,
        *(repr(feed) for feed in config.feeds),
        *(rule.term for rule in config.category_rules),
        *(f"{name} {version}" for name, version in versions.FORMATS.items()),
        *((config.websub.hub,) if config.websub.hub is not None else ()),
        *(versions.PAGES, versions.EDITS),
    )
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def file_states(output: Output) -> str:
    """Return a digest of the feeds' sizes and times, which shows changes made by others."""
    found: list[tuple[str, int, int]] = []
    for planned in output.plans:
        for form in versions.FORMATS:
            name = file_name(planned, form)
            found.append((name, *files.state_of(output.config.output / name)))
    return hashlib.sha256(repr(found).encode()).hexdigest()
