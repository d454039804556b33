"""Store to ``feeds/``: compose, render, publish.

Reads no source.  An entry's element is built once for each format and kept in the store; a feed is
spliced from what is kept, and a file is replaced only when its bytes changed.  What has to be
written is known from what changed: an entry that came in costs its feeds, its archive and its page.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urljoin

from aggregator.config import Config
from aggregator.config.categories import category_rules
from aggregator.output import changes
from aggregator.output.files import prepare, publish, settle, state_of, withdraw
from aggregator.output.formats import changes as write_edits
from aggregator.output.pages import contents
from aggregator.output.plan import ARCHIVE, CHANGES, Archive, Archives, Plan, archive_name
from aggregator.output.render import (
    FORMATS,
    OPML,
    Site,
    agency_of,
    archives,
    feed,
    opml_file,
    site_of,
)
from aggregator.output.withdraw import withdraw_entries, withdraw_feeds
from aggregator.store import Store, pings
from aggregator.store import output as store_output
from aggregator.store.output import Stale
from aggregator.store.selecting import months

Progress = Callable[[str, int, int], None]


_BATCH = 500
_FEW = 50  # feeds that are put on the disk one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedsReport:
    """How many feeds were written and how many held the right bytes already.

    A feed counts once, whatever its formats.  ``problems`` are what was left out, one line each.
    """

    written: int = 0
    unchanged: int = 0
    problems: tuple[str, ...] = ()


def regenerate(
    config: Config,
    store: Store,
    *,
    progress: Progress | None = None,
    anew: bool = False,
) -> FeedsReport:
    """Have the right bytes in every file of the output folder.

    With ``anew`` all of it is looked at, not only what changed.  Raises ``StoreError`` and
    ``OutputError``; the files that came before are then complete, and the others as they were.
    """
    prepare(config.output)
    site = site_of(config, store, keep=True)
    stale = store_output.stale(store)
    context = _context(config)
    held = store_output.remembered(store)
    whole = anew or held.get("context") != context or not (config.output / OPML).exists()
    meddled = held.get("feeds") != _states(site)
    if not site.plans or not (stale or whole or meddled):
        return FeedsReport(unchanged=len(site.plans))
    for folder in (ARCHIVE, contents.FOLDER, contents.CATEGORIES):
        prepare(config.output / folder)
    problems: list[str] = []
    site.edited = json.loads(held.get("edited", "[]"))
    written = _write_feeds(site, None if whole or meddled else stale, progress)
    made = set()
    counted: dict[str, int] = json.loads(held.get("counted", "{}"))
    for name, content in _beside(site, None if whole else stale, problems.append, counted):
        publish(config.output / name, content, durable=False)
        made.add(name)
    if not problems:  # else a page that stood may be the last good one of what could not be made
        withdraw_entries(site, stale, made)
    names, counts = [plan.name for plan in site.plans], contents.category_counts(config, store)
    for name in sorted(set(counted).difference(counts)):
        withdraw(config.output / name)
    withdraw_feeds(config.output, sorted(set(held.get("names", "").split()).difference(names)))
    # Until all is on the disk it stays noted as not written: a machine that loses its power
    # meanwhile has the next run put right what it finds half done.
    settle()
    with store.transaction():
        facts = {
            "context": context,
            "feeds": _states(site),
            "counted": json.dumps(counts),
            "names": " ".join(names),
            "edited": json.dumps(site.edited),
        }
        store_output.written(store, stale, facts)
        if config.websub.hub is not None:
            pings.note(store, site.bodies, are_all=whole or meddled)
    return FeedsReport(
        written=written, unchanged=len(site.plans) - written, problems=tuple(problems)
    )


def expected_files(
    config: Config, store: Store, *, keep: bool, progress: Progress | None = None
) -> Iterator[tuple[str, bytes]]:
    """The name of every file there should be in the output folder, and what it should hold.

    Writes no file.  With ``keep``, elements that had to be built are kept in the store; without,
    nothing is written there either.
    """
    site = site_of(config, store, keep=keep)
    for done, plan in enumerate(site.plans, 1):
        yield from feed(site, plan)
        if progress is not None:
            progress(plan.name, done, len(site.plans))
    if site.plans:
        yield from _beside(site, None, lambda _: None)


def _states(site: Site) -> str:
    """Size and time of change of each feed's files: whether somebody else wrote one shows there."""
    found: list[tuple[str, int, int]] = []
    for plan in site.plans:
        for form in FORMATS:
            name = f"{plan.name}{form.ENDING}"
            found.append((name, *state_of(site.config.output / name)))
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _context(config: Config) -> str:
    """What all of the output depends on besides the store."""
    said = (
        *(config.title, config.base_url, config.entries_per_feed, config.max_per_agency),
        *(repr(feed) for feed in config.feeds),
        *(rule.term for rule in category_rules(config)),
        *(f"{form.FORM} {form.VERSION}" for form in FORMATS),
        *((config.websub.hub,) if config.websub.hub is not None else ()),
        *(contents.VERSION, write_edits.VERSION),
    )
    return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()


def _write_feeds(site: Site, stale: Stale | None, progress: Progress | None) -> int:
    """Write the feeds that may have changed, with their archives; gives how many did."""
    touched = None if stale is None else {agency for agency, _ in stale.months}
    if touched is not None and not touched:
        return 0
    plans = [
        plan
        for plan in site.plans
        if touched is None
        or (plan.agency is None and plan.name != CHANGES)
        or (plan.agency is not None and plan.agency.id in touched)
        or (plan.name == CHANGES and _concerns_edits(site, stale))
    ]
    written = 0
    tells = site.config.websub.hub is not None
    # A few are put on the disk one by one, so that each is whole whatever happens.
    durable = len(plans) <= _FEW
    output = site.config.output
    for done, plan in enumerate(plans, 1):
        files = []
        for name, body in feed(site, plan):
            files.append(publish(output / name, body, durable=durable))
            if tells:
                digest = hashlib.sha256(body).hexdigest()
                site.bodies[urljoin(site.config.base_url, name)] = digest
        written += any(files)
        if plan.has_archive:
            for name, body in archives(site, plan, _months_to_write(site, plan, stale)):
                publish(output / name, body, durable=False)
        if progress is not None:
            progress(plan.name, done, len(plans))
    return written


def _concerns_edits(site: Site, stale: Stale | None) -> bool:
    changed = stale.entries if stale is not None else []
    return changes.concern(site.store, site.edited, changed)


def _months_to_write(site: Site, plan: Plan, stale: Stale | None) -> Collection[Archive]:
    """The archives of a feed that may have changed.

    Those beside a month matter only if that is new or gone: then links lead elsewhere.
    """
    archives = Archives(months(site.store, agency_of(plan)))
    changed = _months_of(plan, stale)
    if changed is None:
        return archives.touched(archives.months)
    there = {
        month
        for month in changed
        if (site.config.output / archive_name(plan, month)).exists() and month in archives.months
    }
    held = [found for month in sorted(there) if (found := archives.of(month)) is not None]
    beside = archives.touched(changed - there)
    return [*held, *(archive for archive in beside if archive.month not in there)]


def _months_of(plan: Plan, stale: Stale | None) -> set[str] | None:
    """The months of a feed in which something changed; None for all."""
    if stale is None:
        return None
    of = plan.agency.id if plan.agency is not None else None
    return {month for agency, month in stale.months if of is None or agency == of}


def _beside(
    site: Site,
    stale: Stale | None,
    problem: Callable[[str], None],
    counted: Mapping[str, int] = MappingProxyType({}),
) -> Iterator[tuple[str, bytes]]:
    """What is to be written besides feeds: the list of feeds, and the pages that changed."""
    if stale is None:
        for plan in site.plans:
            if plan.has_archive and not site.keep:
                yield from archives(site, plan, _months_to_write(site, plan, None))
    yield OPML, opml_file(site)
    yield from contents.contents(
        site.config,
        site.store,
        None if stale is None else stale.entries,
        problem=problem,
        plans=site.plans,
        months=None if stale is None else stale.months,
        counted=counted,
    )
