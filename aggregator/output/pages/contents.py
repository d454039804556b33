"""Build the pages below ``feeds/`` from the store.

Takes what is to be rendered; yields names and bytes.  Reads the store in batches, writes nothing:
``page`` renders, and ``output.write`` writes what is returned.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from types import MappingProxyType

from aggregator.config import Config
from aggregator.dating.gaps import gap_words
from aggregator.errors import OutputError
from aggregator.model import Agency, Dating, Link
from aggregator.output import plan
from aggregator.output.formats import names
from aggregator.output.pages import months as month_pages
from aggregator.output.pages import page, plot, selection, templating
from aggregator.output.pages.entry_data import entry_data
from aggregator.output.pages.page_data import (
    AgencyCard,
    Beside,
    EntryPage,
    ListedEntry,
    SiteInfo,
    Subscription,
)
from aggregator.output.pages.search_files import MOST, Noted, search_files
from aggregator.output.stale import AGENCIES, Output, output_of
from aggregator.store import Store, sightings
from aggregator.store import entries as store_entries
from aggregator.store import pages as store_pages
from aggregator.store.agencies import agencies_with_entries, agency_gap
from aggregator.store.categories import counts as category_counts_of
from aggregator.store.categories import of_entries as categories_of
from aggregator.store.categories import terms_of
from aggregator.store.entry_pages import Neighbours, datings, neighbours, to_page
from aggregator.store.output import listed_count
from aggregator.store.stated import links_of, updates_of
from aggregator.store.texts import revision_counts, revisions

page_name = names.page_name

LATEST = 200
"""Entries on the index."""

MOST_ON_INDEX = 60
"""Agencies on the index; more have a page of their own."""

NEWEST = 200
"""Entries on an agency's page; an agency with more also has a page for each year."""

_BATCH = 500

Problem = Callable[[str], None]
Pages = Iterator[tuple[str, bytes]]
"""Names of pages below the output folder, and their contents."""


def contents(
    output: Output,
    changed: Collection[int] | None,
    *,
    problem: Problem,
    years: Collection[tuple[str, str]] | None = None,
    counted: Mapping[str, int] = MappingProxyType({}),
    whole: Output | None = None,
    chosen: Mapping[str, Sequence[int]] = MappingProxyType({}),
    beside: Collection[int] = (),
    written: dict[int, Neighbours] | None = None,
    months: Collection[str] = (),
    months_again: Collection[str] = (),
    searched: dict[str, Noted] | None = None,
) -> Pages:
    """Yield the pages that may have changed: always those without entries and the index, and of

    - the entries with the keys ``changed``, or all for None, as far as they are to have a page, and
      those ``beside`` them, of which no more than the neighbours changed,
    - the agencies that changed in ``years`` (an id and ``2024``), and those years, or all for
      None,
    - the categories of ``changed``, and those whose number is not as ``counted``
      (``category_counts``),
    - the ``months``, as ``2024-05``, in which something changed, and those to be made again
      (``months_again``), or all with ``years`` for None,
    - the saved searches named in ``chosen``, with the entries that they found,
    - all agencies, where there are many and ``whole`` has them; with ``years`` for None it is
      ``output``.

    A page that fails is reported to ``problem`` in a line and left out.  The neighbours that the
    pages of entries name are added to ``written``.  Parts of the search that are not as in
    ``searched`` are made again, and the present ones noted there.  Raises ``StoreError``.
    """
    builder = _Builder(
        output=output,
        store=output.store,
        site=_site(output.config, output.plans),
        problem=problem,
        written={} if written is None else written,
    )
    yield templating.STYLE, templating.style(len(builder.site.categories))
    yield templating.ICON, templating.icon()
    yield names.NOT_FOUND, page.not_found(builder.site)
    yield from builder.entries(None if changed is None else {*changed, *beside})
    touched = None if years is None else {id_ for id_, _ in years}
    yield from builder.of_agencies(touched, years)
    yield from month_pages.pages(
        output,
        builder.site,
        None if years is None else months,
        months_again,
        changed,
        listed=builder.listed,
        guarded=builder.guarded,
    )
    yield from builder.of_categories(changed, counted)
    yield from builder.of_searches(chosen)
    if output.config.static_search:
        newest = store_pages.newest_ids(output.store, MOST)
        noted = {} if searched is None else searched
        yield from search_files(builder.site, newest, builder.listed_by_key, changed, noted)
    yield from builder.index(output if years is None else whole)


def entry_page(config: Config, store: Store, key: int) -> bytes | None:
    """Return the page of an entry for one request; None without such an entry.

    All entries that it leads to have such a page, and it says when the entry was seen.

    Raises ``StoreError``.
    """
    problems: list[str] = []
    output = output_of(config, store, touched=())
    site = _site(config, output.plans)
    builder = _Builder(
        output=output, store=store, site=site, problem=problems.append, written={}, is_live=True
    )
    pages = [content for _, content in builder.pages_of([key])]
    if problems:
        raise OutputError(problems[0])
    return pages[0] if pages else None


def category_counts(config: Config, store: Store) -> dict[str, int]:
    """Return the names of the pages of categories, and their numbers of entries."""
    categories = _categories(_site(config, ()), store)
    return {names.category_name(term): number for term, number in categories}


def stale_categories(
    output: Output, changed: Collection[int] | None, counted: Mapping[str, int]
) -> list[tuple[str, int]]:
    """Return the categories whose entries may have changed, with their numbers of entries.

    An entry that changed or gained a category is in ``changed`` (None: all are); one that lost it
    or was removed changes the number, which was as ``counted``, unless another one gained it.
    """
    categories = _categories(_site(output.config, ()), output.store)
    if changed is None:
        return categories
    terms = terms_of(output.store, changed)
    return [
        (term, number)
        for term, number in categories
        if term in terms or counted.get(names.category_name(term)) != number
    ]


def by_name(agencies: Iterable[Agency]) -> list[Agency]:
    """Return agencies in the order of their names, whatever their case and accents."""
    return sorted(agencies, key=lambda each: (page.sort_key(each.name), each.id))


def by_week(store: Store, agencies: Iterable[str]) -> dict[str, plot.Weekly]:
    """Return the entries by week of ``agencies``, which are ids, except those without entries."""
    days = ((agency, store_pages.days(store, agency, 7 * plot.WEEKS)) for agency in agencies)
    weekly = ((agency, plot.weekly(found)) for agency, found in days)
    return {agency: weeks for agency, weeks in weekly if weeks is not None}


def _site(config: Config, plans: Iterable[plan.Plan]) -> SiteInfo:
    return SiteInfo(
        title=config.title,
        base_url=config.base_url,
        feeds=tuple(
            Subscription(name=plan.name, title=plan.title, page=plan.page)
            for plan in plans
            if plan.agency is None and plan.is_listed
        ),
        categories=tuple(rule.term for rule in config.category_rules),
        has_search=config.static_search,
    )


def _categories(site: SiteInfo, store: Store) -> list[tuple[str, int]]:
    """Return the categories in use, in order, with their numbers of entries."""
    counts = category_counts_of(store)
    return [(term, counts[term]) for term in site.categories if term in counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Builder:
    output: Output
    store: Store
    site: SiteInfo
    problem: Problem
    written: dict[int, Neighbours]
    is_live: bool = False

    def entries(self, changed: Collection[int] | None) -> Pages:
        store = self.store
        keys = iter(sorted(changed)) if changed is not None else store_pages.dated_keys(store)
        while batch := list(islice(keys, _BATCH)):
            yield from self.pages_of(sorted(to_page(store, batch, self.output.config.entry_pages)))

    def pages_of(self, keys: Sequence[int]) -> Pages:
        """Yield the pages of these entries."""
        store, site = self.store, self.site
        seen = sightings.of_entries(store, keys)
        texts = revisions(store, list(revision_counts(store, keys)))
        past = store_entries.past_datings(store, keys)
        terms = categories_of(store, keys)
        updates = updates_of(store, keys)
        placed = neighbours(store, keys)
        rows = {row for at in placed.values() for row in at if row is not None}
        others = self._by_key(store_pages.of_keys(store, sorted(rows)), datings(store, rows))
        for stored in store_entries.load(store, keys):
            key = stored.key
            made = partial(
                entry_data,
                stored,
                seen[key],
                texts.get(key, ()),
                updates.get(key, {}),
                past=past.get(key, ()),
                categories=[t for t in site.categories if t in terms.get(key, ())],
                beside=Beside(
                    **{side: others.get(row) for side, row in placed[key]._asdict().items() if row}
                ),
                is_live=self.is_live,
            )
            self.written[key] = placed[key]
            yield from self.guarded(page_name(stored.id), partial(_entry_page, site, made))

    def card(self, agency: Agency) -> AgencyCard:
        """Return what the page of an agency says of it."""
        store, id_ = self.store, agency.id
        years = store_pages.years(store, id_)
        entries, gap = sum(years.values()), agency_gap(store, id_)
        return AgencyCard(
            agency=agency,
            entries=entries,
            weeks=by_week(store, [id_]).get(id_),
            usually=gap_words(gap) if gap else None,
            years=list(years.items()) if entries > NEWEST else [],
        )

    def of_agencies(
        self, touched: Collection[str] | None, years: Collection[tuple[str, str]] | None
    ) -> Pages:
        """Yield the pages of the agencies ``touched`` and of their ``years``, None for all.

        Years that have no page yet get one: an agency has them from its entry ``NEWEST`` + 1 on.
        """
        for id_ in sorted(self.output.agencies if touched is None else touched):
            agency = self.output.agency(id_)
            if agency is None:
                continue
            card = self.card(agency)
            newest = self.listed(store_pages.of_agency(self.store, id_, NEWEST))
            yield from self.guarded(
                names.agency_name(id_), partial(page.agency, self.site, card, newest)
            )
            for year, _ in card.years:
                name = names.year_name(id_, year)
                is_there = (self.output.config.output / name).exists()
                if years is None or (id_, year) in years or not is_there:
                    entries = self.listed(store_pages.of_year(self.store, id_, year))
                    render = partial(page.year, self.site, agency, year, entries)
                    yield from self.guarded(name, render)

    def of_categories(self, changed: Collection[int] | None, counted: Mapping[str, int]) -> Pages:
        """Yield the pages of categories that may have changed."""
        store = self.store
        categories = stale_categories(self.output, changed, counted)
        total = store_pages.entry_count(store) if categories else 0
        for term, number in categories:
            listed = store_pages.of_category(store, term, NEWEST, number=number, total=total)
            entries = self.listed(listed)
            render = partial(selection.category, self.site, term, number, entries)
            yield from self.guarded(names.category_name(term), render)

    def of_searches(self, chosen: Mapping[str, Sequence[int]]) -> Pages:
        """Yield the pages of saved searches with the entries that they found."""
        categories = [plan.category for plan in self.output.plans if plan.category is not None]
        for search in self.output.config.feeds if chosen else ():
            if search.id not in chosen:
                continue
            there = {each.id: each for each in agencies_with_entries(self.store, search.agencies)}
            agencies = [there.get(id_, id_) for id_ in search.agencies]
            found = self.listed_by_key(chosen[search.id][:NEWEST])
            render = partial(selection.search, self.site, search, agencies, categories, found)
            yield from self.guarded(names.agency_name(search.id), render)

    def index(self, whole: Output | None) -> Pages:
        """Yield the index, and the page of all agencies where they are many."""
        latest = self.listed(store_pages.latest(self.store, LATEST))
        categories = _categories(self.site, self.store)
        few = None
        if whole is not None:
            agencies = by_name(whole.agencies.values())
            number = len(agencies)
            if number > MOST_ON_INDEX:
                yield from self.guarded(AGENCIES, partial(page.agencies, self.site, agencies))
        else:
            number = listed_count(self.store)
        if number <= MOST_ON_INDEX:
            found = whole or output_of(self.output.config, self.store)
            few = by_name(found.agencies.values())
        has_older = len(latest) >= LATEST
        render = partial(
            page.index, self.site, latest, few, number, categories, has_older=has_older
        )
        yield from self.guarded(page.INDEX, render)

    def listed_by_key(self, keys: Sequence[int]) -> list[ListedEntry]:
        """Return entries as a list shows them."""
        return self.listed(store_pages.of_keys(self.store, keys))

    def guarded(self, name: str, render: Callable[[], bytes]) -> Pages:
        """Yield one page; an error in its template or its data affects this page only."""
        try:
            content = render()
        except Exception as error:
            self.problem(f"{name}: the page cannot be rendered: {type(error).__name__}: {error}")
        else:
            yield name, content

    def listed(self, listed: Sequence[store_pages.Listed]) -> list[ListedEntry]:
        """Return entries as lists show them, in their order."""
        return list(self._by_key(listed).values())

    def _by_key(
        self,
        listed: Sequence[store_pages.Listed],
        dated: Mapping[int, Dating] = MappingProxyType({}),
    ) -> dict[int, ListedEntry]:
        """Return entries as lists show them, in their order, by row."""
        keys = [one.key for one in listed]
        terms_by_key = categories_of(self.store, keys)
        mode = "all" if self.is_live else self.output.config.entry_pages
        own = to_page(self.store, keys, mode)
        links = links_of(self.store, [key for key in keys if key not in own])
        self.output.look_up(one.agency for one in listed)
        return {
            one.key: ListedEntry(
                page=page_name(one.id) if one.key in own else None,
                upstream=_upstream(links.get(one.key, ())),
                title=one.title,
                summary=one.summary,
                language=one.language,
                published=one.published,
                agency=agency,
                dating=dated.get(one.key),
                categories=tuple(
                    number
                    for number, term in enumerate(self.site.categories, 1)
                    if term in terms_by_key.get(one.key, ())
                ),
            )
            for one in listed
            if (agency := self.output.agency(one.agency)) is not None
        }


def _upstream(links: Iterable[Link]) -> str | None:
    """Return the address of the publisher's page."""
    pages = (link.href for link in links if link.rel == "alternate")
    return next(filter(templating.is_web, pages), None)


def _entry_page(site: SiteInfo, gathered: Callable[[], EntryPage]) -> bytes:
    return page.entry(site, gathered())
