"""Store to the bytes of feeds: which entries, their elements, and their archives.

Takes the configuration and the store; gives names and bytes, and writes no file (``regenerate``
does).  An entry's element is built once for each format and kept in the store; a feed is spliced
from what is kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice

from aggregator.config import Config, FeedSettings
from aggregator.model import Agency, Link, StoredEntry
from aggregator.output import changes
from aggregator.output.formats import Format, addresses, atom, jsonfeed, opml, rss
from aggregator.output.formats.names import page_name
from aggregator.output.plan import (
    CHANGES,
    COMBINED,
    Archive,
    Archives,
    Plan,
    archive_name,
    choose,
    of_agency,
    of_search,
    reads_text,
)
from aggregator.output.plan import plan as plan_feeds
from aggregator.store import Store, renditions
from aggregator.store import entries as store_entries
from aggregator.store.agencies import agencies_with_entries
from aggregator.store.search import match_expression
from aggregator.store.selecting import Selection, months, select

FORMATS: tuple[Format, ...] = (atom, rss, jsonfeed)
"""Every feed is written in each of these; archives are in the first."""

OPML = "feeds.opml"

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
"""When a search that found nothing yet changed last, as its feed has to say."""

_BASE = "x-aggregator-base:/"
"""Stands in kept elements for where the output is served, which may change without them."""

_BATCH = 500


@dataclass(slots=True)
class Site:
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


def site_of(config: Config, store: Store, *, keep: bool) -> Site:
    """What is to be written of a store; with ``keep``, elements that are built are kept there."""
    agencies = agencies_with_entries(store)
    searches = map(_search, config.feeds)
    plans = plan_feeds(config.title, agencies, searches, max_per_agency=config.max_per_agency)
    return Site(
        config=config,
        store=store,
        keep=keep,
        agencies=agencies,
        plans=list(plans) if agencies else [],
        sources={agency.id: of_agency(agency) for agency in agencies},
    )


def _search(feed: FeedSettings) -> Plan:
    return of_search(
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


def feed(site: Site, plan: Plan) -> Iterator[tuple[str, bytes]]:
    """A feed in each format; none of an agency without entries: a feed says when it changed."""
    if plan.name == CHANGES:
        yield from _changes(site, plan)
        return
    keys = _keys(site, plan)
    if not keys and (plan.agency is not None or plan.name == COMBINED):
        return
    kept = _rendered(site, keys, FORMATS)
    archives = Archives(months(site.store, agency_of(plan))) if plan.has_archive else Archives()
    last = archives.months[-1] if archives.months else None
    for form in FORMATS:
        entries = kept[form.FORM]
        updated = max((entry.updated for entry in entries), default=_NEVER)
        elements = _elements(site, plan, form, entries)
        hub = site.config.websub.hub
        if form is atom:
            archive = archive_name(plan, last) if last is not None else None
            body = atom.feed(
                plan, site.config.base_url, updated, elements, prev_archive=archive, hub=hub
            )
        else:
            body = form.feed(plan, site.config.base_url, updated, elements, hub=hub)
        yield f"{plan.name}{form.ENDING}", body


def _changes(site: Site, plan: Plan) -> Iterator[tuple[str, bytes]]:
    """The feed of changes in each format."""
    limit = site.config.entries_per_feed
    told = changes.newest(site.store, limit, FORMATS, base=_BASE, keep=site.keep)
    site.edited = sorted({edit.key for edit in told})
    updated = max((edit.moment for edit in told), default=_NEVER)
    base_url, hub = site.config.base_url, site.config.websub.hub
    for form in FORMATS:
        found = (edit.elements[form.FORM] for edit in told)
        elements = [element.replace(_BASE.encode(), base_url.encode()) for element in found]
        yield f"{plan.name}{form.ENDING}", form.feed(plan, base_url, updated, elements, hub=hub)


def agency_of(plan: Plan) -> str | None:
    """The id of the agency whose feed it is."""
    return plan.agency.id if plan.agency is not None else None


def _keys(site: Site, plan: Plan) -> list[int]:
    """The entries of a feed, newest first."""
    limit = site.config.entries_per_feed
    expression = match_expression(plan.query) if plan.query else ""
    if plan.query and not expression:
        return []  # what holds no word finds nothing
    if _is_plain(plan):
        return store_entries.newest(site.store, limit, agency=agency_of(plan))
    wanted = Selection(
        expression=expression,
        agencies=(plan.agency.id,) if plan.agency is not None else plan.agencies,
        sources=plan.sources,
        categories=plan.categories,
        languages=plan.languages,
    )
    found = select(site.store, wanted, with_text=reads_text(plan))
    return choose(plan, found, limit)


def _is_plain(plan: Plan) -> bool:
    asked = (plan.query, plan.agencies, plan.sources, plan.categories, plan.languages)
    return not any(asked) and not reads_text(plan) and plan.max_per_agency is None


def archives(site: Site, plan: Plan, archives: Iterable[Archive]) -> Iterator[tuple[str, bytes]]:
    """The archive documents of a feed."""
    for archive in archives:
        body = _archive(site, plan, archive)
        if body is not None:
            yield archive_name(plan, archive.month), body


def _archive(site: Site, plan: Plan, archive: Archive) -> bytes | None:
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
        name=archive_name(plan, archive.month),
        before=archive_name(plan, archive.before) if archive.before else None,
        after=archive_name(plan, archive.after) if archive.after else None,
    )


def _elements(
    site: Site, plan: Plan, form: Format, entries: Iterable[renditions.Kept]
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
    site: Site, keys: Sequence[int], formats: Sequence[Format]
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
    page = Link(href=f"{_BASE}{page_name(stored.id)}", type="text/html")
    return replace(stored, entry=replace(stored.entry, links=(page, *links)))


def opml_file(site: Site) -> bytes:
    """All feeds in one list, to subscribe to at once."""
    outlines = [
        opml.Outline(
            address=addresses(plan, site.config.base_url, FORMATS[:1])[0].href,
            title=plan.title,
            home=plan.agency.homepage if plan.agency is not None else None,
        )
        for plan in site.plans
    ]
    return opml.opml(site.config.title, outlines)
