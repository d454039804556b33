"""Store to pages for people: asks in batches, has ``write.page`` make the bytes.

Writes no file and changes nothing; ``regenerate`` publishes what comes out.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from types import MappingProxyType

from aggregator.config import Config
from aggregator.config.categories import category_rules
from aggregator.dedupe.changes import changes
from aggregator.model import Agency, PastDating, RevisionText, Sighting, StoredEntry
from aggregator.output import plan
from aggregator.output.formats import names
from aggregator.output.pages import page, plot, templating
from aggregator.output.pages.dating import dating_words
from aggregator.output.plan import Plan
from aggregator.store import Store, sightings
from aggregator.store import entries as store_entries
from aggregator.store import pages as store_pages
from aggregator.store.agencies import agencies_with_entries, usual_gap
from aggregator.store.categories import counts as category_counts_of
from aggregator.store.categories import of_entries as categories_of
from aggregator.store.categories import terms_of

page_name = names.page_name

FOLDER = "entries/"
"""Where the pages of entries are."""

VERSION = "4"
"""Changes whenever the same entry would give another page: all are then written anew."""

LATEST = 50
"""Entries that the index shows."""

NEWEST = 200
"""Entries that an agency's own page shows; an agency with more has a page for each year."""

CATEGORIES = "category/"
"""Where the pages of categories are."""

_BATCH = 500
_MOST_STEPS = 5  # changes of a text that are shown, the last ones

Problem = Callable[[str], None]
Made = Iterator[tuple[str, bytes]]


def contents(
    config: Config,
    store: Store,
    changed: Collection[int] | None,
    *,
    problem: Problem,
    plans: Iterable[Plan] | None = None,
    months: Collection[tuple[str, str]] | None = None,
    counted: Mapping[str, int] = MappingProxyType({}),
) -> Made:
    """The names of pages below the output folder, and what they should hold.

    Those of the entries of the rows ``changed``, or of all for None; of the agencies that have
    ``months`` (an id and ``2024-05``) in which something changed, their own page and those of the
    years, or of all agencies and years for None; of the categories that entries of ``changed``
    have, or that are other than they were ``counted`` (``category_counts``); and always the style
    and the index.  ``plans`` are of the feeds that have files: that of all agencies, that of
    each and that of changes, if none are given.  A page that cannot be made is told to ``problem``
    in a line and left out; the others come all the same.  Raises ``StoreError``.
    """
    agencies = {agency.id: agency for agency in agencies_with_entries(store)}
    if plans is None:
        plans = plan.plan(config.title, agencies.values()) if agencies else ()
    site = _site(config, plans)
    yield templating.STYLE, templating.style(len(site.categories))
    yield from _entries(site, store, changed, problem)
    touched = None if months is None else {(id_, month[:4]) for id_, month in months}
    cards = _cards(store, agencies, None if touched is None else {id_ for id_, _ in touched})
    for card in cards:
        if touched is None or card.agency.id in {id_ for id_, _ in touched}:
            yield from _of_agency(site, store, card, agencies, problem)
            yield from _of_years(site, store, card, agencies, touched, problem)
    categories = _categories(site, store)
    yield from _of_categories(
        site, store, _touched(store, categories, changed, counted), agencies, problem
    )
    latest = _lines(site, store, store_pages.latest(store, LATEST), agencies)
    yield from _made(page.INDEX, lambda: page.index(site, latest, cards, categories), problem)


def category_counts(config: Config, store: Store) -> dict[str, int]:
    """The names of the pages of categories that there should be, and how many entries each has."""
    categories = _categories(_site(config, ()), store)
    return {names.category_name(term): number for term, number in categories}


def _categories(site: page.Site, store: Store) -> list[tuple[str, int]]:
    """The categories that entries have, in their order, and how many have each."""
    counts = category_counts_of(store)
    return [(term, counts[term]) for term in site.categories if term in counts]


def _touched(
    store: Store,
    categories: list[tuple[str, int]],
    changed: Collection[int] | None,
    counted: Mapping[str, int],
) -> list[tuple[str, int]]:
    """Those of ``categories`` whose pages may be other than they were.

    Who has a category and changed is among ``changed``, and so is who came to it; who left it, or
    is gone, shows in its number, unless another came in its place.
    """
    if changed is None:
        return categories
    terms = terms_of(store, changed)
    return [
        (term, number)
        for term, number in categories
        if term in terms or counted.get(names.category_name(term)) != number
    ]


def _site(config: Config, plans: Iterable[Plan]) -> page.Site:
    return page.Site(
        title=config.title,
        base_url=config.base_url,
        feeds=tuple(
            page.Subscription(
                name=plan.name, title=plan.title, agency=plan.agency.id if plan.agency else None
            )
            for plan in plans
        ),
        categories=tuple(rule.term for rule in category_rules(config)),
    )


def _made(name: str, make: Callable[[], bytes], problem: Problem) -> Made:
    """One page; whatever is wrong with its template or with what it shows costs only this one."""
    try:
        content = make()
    except Exception as error:
        problem(f"{name}: the page could not be made: {type(error).__name__}: {error}")
    else:
        yield name, content


def _entries(
    site: page.Site, store: Store, changed: Collection[int] | None, problem: Problem
) -> Made:
    keys = iter(sorted(changed)) if changed is not None else store_pages.dated_keys(store)
    while batch := list(islice(keys, _BATCH)):
        seen = sightings.of_entries(store, batch)
        texts = store_pages.revisions(store, seen)
        past = store_pages.past_datings(store, batch)
        kinds_of = categories_of(store, batch)
        for stored in store_entries.load(store, batch):
            key = stored.key
            terms = [term for term in site.categories if term in kinds_of.get(key, ())]
            yield from _entry(
                site, stored, seen[key], texts.get(key, []), past.get(key, []), terms, problem
            )


def _entry(
    site: page.Site,
    stored: StoredEntry,
    seen: Sequence[Sighting],
    texts: Sequence[RevisionText],
    past: Sequence[PastDating],
    terms: Sequence[str],
    problem: Problem,
) -> Made:
    def make() -> bytes:
        return page.entry(
            site,
            page.EntryPage(
                stored=stored,
                dated=dating_words(stored),
                past=past,
                sightings=seen,
                texts=len(texts) or 1,
                steps=list(_steps(texts)),
                kinds=terms,
            ),
        )

    yield from _made(page_name(stored.id), make, problem)


def _steps(texts: Sequence[RevisionText]) -> Iterator[page.Step]:
    """What changed from each whole text to the next; what was cut short was not edited."""
    whole = [text for text in texts if not text.truncated]
    for before, after in list(pairwise(whole))[-_MOST_STEPS:]:
        yield page.Step(
            before=before.number,
            after=after.number,
            seen=after.seen,
            document=after.document,
            title=[] if before.title == after.title else list(changes(before.title, after.title)),
            text=[] if before.text == after.text else list(changes(before.text, after.text)),
        )


def _cards(
    store: Store, agencies: dict[str, Agency], touched: Collection[str] | None
) -> list[page.AgencyCard]:
    """A card for each agency; the years of those whose pages are to be made, ``touched`` or all."""
    weekly = by_week(store, agencies)
    cards = []
    for agency in agencies.values():
        shown = touched is None or agency.id in touched
        years = store_pages.years(store, agency.id) if shown else {}
        entries = sum(years.values()) if shown else store_pages.count(store, agency.id)
        cards.append(
            page.AgencyCard(
                agency=agency,
                entries=entries,
                weeks=weekly.get(agency.id),
                usual_gap=usual_gap(store, agency.id),
                years=list(years.items()) if entries > NEWEST else [],
            )
        )
    return cards


def by_week(store: Store, agencies: Iterable[str]) -> dict[str, plot.Weekly]:
    """What each of ``agencies``, which are ids, published by week; none for one without entries."""
    days = ((agency, store_pages.days(store, agency, 7 * plot.WEEKS)) for agency in agencies)
    weekly = ((agency, plot.weekly(found)) for agency, found in days)
    return {agency: weeks for agency, weeks in weekly if weeks is not None}


def _of_agency(
    site: page.Site,
    store: Store,
    card: page.AgencyCard,
    agencies: dict[str, Agency],
    problem: Problem,
) -> Made:
    listed = store_pages.of_agency(store, card.agency.id, NEWEST)
    entries = _lines(site, store, listed, agencies)
    name = names.agency_name(card.agency.id)
    yield from _made(name, lambda: page.agency(site, card, entries), problem)


def _of_years(
    site: page.Site,
    store: Store,
    card: page.AgencyCard,
    agencies: dict[str, Agency],
    touched: Collection[tuple[str, str]] | None,
    problem: Problem,
) -> Made:
    agency = card.agency
    for year, _ in card.years:
        if touched is None or (agency.id, year) in touched:
            listed = store_pages.of_year(store, agency.id, year)
            entries = _lines(site, store, listed, agencies)
            yield from _year(site, agency, year, entries, problem)


def _year(
    site: page.Site, agency: Agency, year: str, entries: Sequence[page.Line], problem: Problem
) -> Made:
    name = names.year_name(agency.id, year)
    yield from _made(name, lambda: page.year(site, agency, year, entries), problem)


def _of_categories(
    site: page.Site,
    store: Store,
    categories: Sequence[tuple[str, int]],
    agencies: dict[str, Agency],
    problem: Problem,
) -> Made:
    total = store_pages.entry_count(store) if categories else 0
    for term, number in categories:
        listed = store_pages.of_kind(store, term, NEWEST, number=number, total=total)
        yield from _category(site, term, number, _lines(site, store, listed, agencies), problem)


def _category(
    site: page.Site, term: str, number: int, entries: Sequence[page.Line], problem: Problem
) -> Made:
    name = names.category_name(term)
    yield from _made(name, lambda: page.category(site, term, number, entries), problem)


def _lines(
    site: page.Site,
    store: Store,
    listed: Sequence[store_pages.Listed],
    agencies: dict[str, Agency],
) -> list[page.Line]:
    kinds_of = categories_of(store, [one.key for one in listed])
    return [
        page.Line(
            id=one.id,
            title=one.title,
            language=one.language,
            published=one.published,
            agency=agencies[one.agency],
            kinds=tuple(
                number
                for number, term in enumerate(site.categories, 1)
                if term in kinds_of.get(one.key, ())
            ),
        )
        for one in listed
    ]
