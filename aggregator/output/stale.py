"""What there is to write, and what of it may have changed since the last run.

Takes a configuration and a store; returns the feeds, and what is to be written again.  Light to
import, since most runs have nothing to write.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from aggregator.config import Config
from aggregator.output import files, versions
from aggregator.output.plan import FOLDERS, Plan, of_search, plan
from aggregator.store import Store
from aggregator.store import output as store_output
from aggregator.store.agencies import agencies_with_entries
from aggregator.store.output import Stale

OPML = "feeds.opml"

Check = Literal["feeds", "files", "bytes"]
"""How changes by others are found: by the sizes and times of the feeds, by those of all files, or
by the bytes of all files."""


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

    With ``everything``, all files have to be compared, whatever is ``stale``; otherwise also the
    files ``changed_outside``, by name below the output folder.  The last run was number ``run``.
    It made feeds called ``names``, pages of categories with so many entries (``counted``), a feed
    of edits with the entries ``edited``, and a list of feeds with the digest ``listed``.
    """

    stale: Stale
    reached: Mapping[str, str]
    context: str
    everything: bool
    changed_outside: Collection[str]
    run: str
    names: Sequence[str]
    counted: Mapping[str, int]
    edited: Sequence[int]
    listed: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written."""
        return not (self.stale or self.everything or self.changed_outside)


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
        changed_outside=() if everything else _changed_outside(config, store, check),
        run=noted.get("run", "0"),
        names=noted.get("names", "").split(),
        counted=json.loads(noted.get("counted", "{}")),
        edited=json.loads(noted.get("edited", "[]")),
        listed=noted.get("listed", ""),
    )


def _changed_outside(config: Config, store: Store, check: Check) -> set[str]:
    """Return the files that are missing, or have another size or time than when written."""
    if check == "files":
        noted = store_output.noted_files(store, ("", *FOLDERS))
    else:
        noted = store_output.noted_files(store, ("",), endings=tuple(versions.FORMATS))
    return files.changed(config.output, noted)


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
