"""Store to ``feeds/``: compose, render, publish.

Reads no source.  An entry's element is built once for each format and kept in the store; a feed is
spliced from what is kept, and a file is replaced only when its bytes changed.  What has to be
written is known from what changed: an entry that came in costs its feeds, its archive and its page.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from urllib.parse import urljoin

from aggregator import compose, edits, pages
from aggregator.categorise import categorise, rules_of
from aggregator.compose import Archive, Archives, Plan
from aggregator.config import Config, FeedSettings
from aggregator.model import Agency, Link, StoredEntry
from aggregator.normalise.agency import Agencies
from aggregator.publish import prepare, publish, settle, state_of, withdraw
from aggregator.store import Store, pings, renditions
from aggregator.store import entries as store_entries
from aggregator.store import output as store_output
from aggregator.store.agencies import adopt_configuration, agencies_with_entries
from aggregator.store.output import Stale
from aggregator.store.search import match_expression
from aggregator.store.selecting import Selection, months, select
from aggregator.write import Format, addresses, atom, jsonfeed, opml, rss
from aggregator.write import edits as write_edits

Progress = Callable[[str, int, int], None]

FORMATS: tuple[Format, ...] = (atom, rss, jsonfeed)
"""Every feed is written in each of these; archives are in the first."""

OPML = "feeds.opml"

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
"""When a search that found nothing yet changed last, as its feed has to say."""

_BASE = "x-aggregator-base:/"
"""Stands in kept elements for where the output is served, which may change without them."""

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


@dataclass(slots=True)
class _Site:
    """All that is to be written, and what that takes."""

    config: Config
    store: Store
    keep: bool
    agencies: list[Agency] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    sources: dict[str, Plan] = field(default_factory=dict)
    edited: Sequence[int] = ()
    """Entries of which the feed of changes tells."""
    bodies: dict[str, str] = field(default_factory=dict)  # SHA-256 of each feed written, by address


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
    adopt_configuration(store, Agencies(config.agencies))
    categorise(config, store)
    site = _site(config, store, keep=True)
    stale = store_output.stale(store)
    context = _context(config)
    held = store_output.remembered(store)
    whole = anew or held.get("context") != context or not (config.output / OPML).exists()
    meddled = held.get("feeds") != _states(site)
    if not site.plans or not (stale or whole or meddled):
        return FeedsReport(unchanged=len(site.plans))
    for folder in (compose.ARCHIVE, pages.FOLDER, pages.CATEGORIES):
        prepare(config.output / folder)
    problems: list[str] = []
    site.edited = json.loads(held.get("edited", "[]"))
    written = _write_feeds(site, None if whole or meddled else stale, progress)
    for name, content in _beside(site, None if whole else stale, problems.append):
        publish(config.output / name, content, durable=False)
    _withdraw_gone(site, stale)
    categories = pages.category_names(config, store)
    for name in set(held.get("categories", "").split()).difference(categories):
        withdraw(config.output / name)
    # Until all is on the disk it stays noted as not written: a machine that loses its power
    # meanwhile has the next run put right what it finds half done.
    settle()
    with store.transaction():
        facts = {
            "context": context,
            "feeds": _states(site),
            "categories": " ".join(categories),
            "edited": json.dumps(site.edited),
        }
        store_output.written(store, stale, facts)
        if config.websub.hub is not None:
            pings.note(store, site.bodies, are_all=whole or meddled)
    return FeedsReport(
        written=written, unchanged=len(site.plans) - written, problems=tuple(problems)
    )


def contents(
    config: Config, store: Store, *, keep: bool, progress: Progress | None = None
) -> Iterator[tuple[str, bytes]]:
    """The name of every file there should be in the output folder, and what it should hold.

    Writes no file.  With ``keep``, elements that had to be built are kept in the store; without,
    nothing is written there either.
    """
    site = _site(config, store, keep=keep)
    for done, plan in enumerate(site.plans, 1):
        yield from _feed(site, plan)
        if progress is not None:
            progress(plan.name, done, len(site.plans))
    if site.plans:
        yield from _beside(site, None, lambda _: None)


def _site(config: Config, store: Store, *, keep: bool) -> _Site:
    agencies = agencies_with_entries(store)
    searches = map(_search, config.feeds)
    plans = compose.plan(config.title, agencies, searches, max_per_agency=config.max_per_agency)
    return _Site(
        config=config,
        store=store,
        keep=keep,
        agencies=agencies,
        plans=list(plans) if agencies else [],
        sources={agency.id: compose.of_agency(agency) for agency in agencies},
    )


def _states(site: _Site) -> str:
    """Size and time of change of each feed's files: whether somebody else wrote one shows there."""
    found: list[tuple[str, int, int]] = []
    for plan in site.plans:
        for form in FORMATS:
            name = f"{plan.name}{form.ENDING}"
            found.append((name, *state_of(site.config.output / name)))
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _search(feed: FeedSettings) -> Plan:
    return compose.of_search(
        feed.id,
        feed.title or feed.id,
        query=feed.query,
        agencies=feed.agencies,
        sources=feed.sources,
        categories=feed.categories,
        languages=feed.languages,
        include=feed.include,
        exclude=feed.exclude,
        max_per_agency=feed.max_per_agency,
    )


def _context(config: Config) -> str:
    """What all of the output depends on besides the store."""
    said = (
        *(config.title, config.base_url, config.entries_per_feed, config.max_per_agency),
        *(repr(feed) for feed in config.feeds),
        *(rule.term for rule in rules_of(config)),
        *(f"{form.FORM} {form.VERSION}" for form in FORMATS),
        *((config.websub.hub,) if config.websub.hub is not None else ()),
        *(pages.VERSION, write_edits.VERSION),
    )
    return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()


def _write_feeds(site: _Site, stale: Stale | None, progress: Progress | None) -> int:
    """Write the feeds that may have changed, with their archives; gives how many did."""
    touched = None if stale is None else {agency for agency, _ in stale.months}
    if touched is not None and not touched:
        return 0
    plans = [
        plan
        for plan in site.plans
        if touched is None
        or (plan.agency is None and plan.name != compose.CHANGES)
        or (plan.agency is not None and plan.agency.id in touched)
        or (plan.name == compose.CHANGES and _concerns_edits(site, stale))
    ]
    written = 0
    tells = site.config.websub.hub is not None
    # A few are put on the disk one by one, so that each is whole whatever happens.
    durable = len(plans) <= _FEW
    output = site.config.output
    for done, plan in enumerate(plans, 1):
        files = []
        for name, body in _feed(site, plan):
            files.append(publish(output / name, body, durable=durable))
            if tells:
                digest = hashlib.sha256(body).hexdigest()
                site.bodies[urljoin(site.config.base_url, name)] = digest
        written += any(files)
        if plan.has_archive:
            for name, body in _archives(site, plan, _months_to_write(site, plan, stale)):
                publish(output / name, body, durable=False)
        if progress is not None:
            progress(plan.name, done, len(plans))
    return written


def _concerns_edits(site: _Site, stale: Stale | None) -> bool:
    changed = stale.entries if stale is not None else []
    return edits.concern(site.store, site.edited, changed)


def _months_to_write(site: _Site, plan: Plan, stale: Stale | None) -> Collection[Archive]:
    """The archives of a feed that may have changed.

    Those beside a month matter only if that is new or gone: then links lead elsewhere.
    """
    archives = Archives(months(site.store, _agency_of(plan)))
    changed = _months_of(plan, stale)
    if changed is None:
        return archives.touched(archives.months)
    there = {
        month
        for month in changed
        if (site.config.output / compose.archive_name(plan, month)).exists()
        and month in archives.months
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


def _feed(site: _Site, plan: Plan) -> Iterator[tuple[str, bytes]]:
    """A feed in each format; none of an agency without entries: a feed says when it changed."""
    if plan.name == compose.CHANGES:
        yield from _changes(site, plan)
        return
    keys = _keys(site, plan)
    if not keys and (plan.agency is not None or plan.name == compose.COMBINED):
        return
    kept = _rendered(site, keys, FORMATS)
    archives = Archives(months(site.store, _agency_of(plan))) if plan.has_archive else Archives()
    last = archives.months[-1] if archives.months else None
    for form in FORMATS:
        entries = kept[form.FORM]
        updated = max((entry.updated for entry in entries), default=_NEVER)
        elements = _elements(site, plan, form, entries)
        hub = site.config.websub.hub
        if form is atom:
            archive = compose.archive_name(plan, last) if last is not None else None
            body = atom.feed(
                plan, site.config.base_url, updated, elements, prev_archive=archive, hub=hub
            )
        else:
            body = form.feed(plan, site.config.base_url, updated, elements, hub=hub)
        yield f"{plan.name}{form.ENDING}", body


def _changes(site: _Site, plan: Plan) -> Iterator[tuple[str, bytes]]:
    """The feed of changes in each format."""
    limit = site.config.entries_per_feed
    told = edits.newest(site.store, limit, FORMATS, base=_BASE, keep=site.keep)
    site.edited = sorted({edit.key for edit in told})
    updated = max((edit.moment for edit in told), default=_NEVER)
    base_url, hub = site.config.base_url, site.config.websub.hub
    for form in FORMATS:
        found = (edit.elements[form.FORM] for edit in told)
        elements = [element.replace(_BASE.encode(), base_url.encode()) for element in found]
        yield f"{plan.name}{form.ENDING}", form.feed(plan, base_url, updated, elements, hub=hub)


def _agency_of(plan: Plan) -> str | None:
    return plan.agency.id if plan.agency is not None else None


def _keys(site: _Site, plan: Plan) -> list[int]:
    """The entries of a feed, newest first."""
    limit = site.config.entries_per_feed
    expression = match_expression(plan.query) if plan.query else ""
    if plan.query and not expression:
        return []  # what holds no word finds nothing
    if _is_plain(plan):
        return store_entries.newest(site.store, limit, agency=_agency_of(plan))
    wanted = Selection(
        expression=expression,
        agencies=(plan.agency.id,) if plan.agency is not None else plan.agencies,
        sources=plan.sources,
        categories=plan.categories,
        languages=plan.languages,
    )
    found = select(site.store, wanted, with_text=compose.reads_text(plan))
    return compose.choose(plan, found, limit)


def _is_plain(plan: Plan) -> bool:
    asked = (plan.query, plan.agencies, plan.sources, plan.categories, plan.languages)
    return not any(asked) and not compose.reads_text(plan) and plan.max_per_agency is None


def _archives(site: _Site, plan: Plan, archives: Iterable[Archive]) -> Iterator[tuple[str, bytes]]:
    """The archive documents of a feed."""
    for archive in archives:
        body = _archive(site, plan, archive)
        if body is not None:
            yield compose.archive_name(plan, archive.month), body


def _archive(site: _Site, plan: Plan, archive: Archive) -> bytes | None:
    wanted = Selection(
        agencies=(plan.agency.id,) if plan.agency is not None else (), month=archive.month
    )
    chosen = select(site.store, wanted)
    elements: list[bytes] = []
    updated: datetime | None = None
    while keys := [entry.key for entry in islice(chosen, _BATCH)]:
        entries = _rendered(site, keys, (atom,))[atom.FORM]
        elements += _elements(site, plan, atom, entries)
        updated = max([entry.updated for entry in entries] + ([updated] if updated else []))
    if updated is None:
        return None
    return atom.archive(
        plan,
        site.config.base_url,
        updated,
        elements,
        name=compose.archive_name(plan, archive.month),
        before=compose.archive_name(plan, archive.before) if archive.before else None,
        after=compose.archive_name(plan, archive.after) if archive.after else None,
    )


def _elements(
    site: _Site, plan: Plan, form: Format, entries: Iterable[renditions.Kept]
) -> list[bytes]:
    """The elements of entries, which in a feed of many agencies say from which feed they are."""
    base_url = site.config.base_url
    here = base_url.encode()
    found = ((entry, (entry.body or b"").replace(_BASE.encode(), here)) for entry in entries)
    if plan.agency is not None:
        return [body for _, body in found]
    return [
        form.with_source(body, site.sources[entry.agency], base_url, entry.updated)
        for entry, body in found
    ]


def _rendered(
    site: _Site, keys: Sequence[int], formats: Sequence[Format]
) -> dict[str, list[renditions.Kept]]:
    """The elements of entries in each of ``formats``, built now where none was kept."""
    kept = {
        form.FORM: renditions.kept(site.store, form.FORM, form.VERSION, keys) for form in formats
    }
    missing = {form.FORM: {e.key for e in kept[form.FORM] if e.body is None} for form in formats}
    absent = [key for key in keys if any(key in lacking for lacking in missing.values())]
    if not absent:
        return kept
    built: dict[str, dict[int, bytes]] = {form.FORM: {} for form in formats}
    for stored in map(_with_page, store_entries.load(site.store, absent)):
        for form in formats:
            if stored.key in missing[form.FORM]:
                built[form.FORM][stored.key] = form.entry(stored)
    if site.keep:
        with site.store.transaction():
            for form in formats:
                renditions.keep(site.store, form.FORM, form.VERSION, built[form.FORM].items())
    return {
        name: [replace(entry, body=built[name].get(entry.key, entry.body)) for entry in entries]
        for name, entries in kept.items()
    }


def _with_page(stored: StoredEntry) -> StoredEntry:
    """``stored`` with a link to its own page, where upstream gave none."""
    links = stored.entry.links
    if any(link.rel == "alternate" for link in links):
        return stored
    page = Link(href=f"{_BASE}{pages.page_name(stored.id)}", type="text/html")
    return replace(stored, entry=replace(stored.entry, links=(page, *links)))


def _beside(
    site: _Site, stale: Stale | None, problem: Callable[[str], None]
) -> Iterator[tuple[str, bytes]]:
    """What is to be written besides feeds: the list of feeds, and the pages that changed."""
    if stale is None:
        for plan in site.plans:
            if plan.has_archive and not site.keep:
                yield from _archives(site, plan, _months_to_write(site, plan, None))
    yield OPML, _opml(site)
    yield from pages.contents(
        site.config,
        site.store,
        None if stale is None else stale.entries,
        problem=problem,
        plans=site.plans,
        months=None if stale is None else stale.months,
    )


def _opml(site: _Site) -> bytes:
    outlines = [
        opml.Outline(
            address=addresses(plan, site.config.base_url, FORMATS[:1])[0].href,
            title=plan.title,
            home=plan.agency.homepage if plan.agency is not None else None,
        )
        for plan in site.plans
    ]
    return opml.opml(site.config.title, outlines)


def _withdraw_gone(site: _Site, stale: Stale) -> None:
    """Take away the pages of entries that are gone, and the archives of months that are."""
    for entry_id in store_output.gone(site.store, stale):
        withdraw(site.config.output / pages.page_name(entry_id))
    noted: dict[str | None, set[str]] = {}
    for agency, month in stale.months:
        for of in (agency, None):
            noted.setdefault(of, set()).add(month)
    for plan in site.plans:
        if plan.has_archive and (changed := noted.get(_agency_of(plan))):
            for month in changed - set(months(site.store, _agency_of(plan))):
                withdraw(site.config.output / Path(compose.archive_name(plan, month)))
