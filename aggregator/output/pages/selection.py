"""Render the pages of saved searches and of categories: their newest entries, and their feeds.

Takes what is shown; returns the bytes of a page.  Pure.
"""

from collections.abc import Sequence

from aggregator.config.settings import SavedSearch
from aggregator.model import Agency
from aggregator.output.formats.names import agency_name, category_name
from aggregator.output.pages.page import by_year
from aggregator.output.pages.page_data import ListedEntry, SiteInfo, Subscription
from aggregator.output.pages.picks import picks_of
from aggregator.output.pages.templating import macro, render
from aggregator.output.plan import category_stem

Value = tuple[str, str | None]
"""A value of a criterion in words, and its page, if it has one."""


def category(site: SiteInfo, term: str, number: int, entries: Sequence[ListedEntry]) -> bytes:
    """Return the page of a category of ``number`` entries with its newest ``entries``."""
    name = category_stem(term)
    return _page(
        site,
        Subscription(name=name, title=f"{site.title}: {term}", page=f"{name}.html"),
        entries,
        root="../",
        heading=term,
        number=number,
        parent=("categories", "Categories"),
    )


def search(
    site: SiteInfo,
    search: SavedSearch,
    agencies: Sequence[Agency | str],
    categories: Sequence[str],
    entries: Sequence[ListedEntry],
) -> bytes:
    """Return the page of a saved search with the newest ``entries`` that it finds.

    ``agencies`` are those of ``search.agencies``, or their ids where they have no entries, and
    ``categories`` are those that have pages.
    """
    title = search.title or search.id
    return _page(
        site,
        Subscription(name=search.id, title=title, page=agency_name(search.id)),
        entries,
        root="",
        heading=title,
        number=None,
        parent=("feeds", "Feeds"),
        criteria=criteria(search, agencies, categories),
    )


def criteria(
    search: SavedSearch, agencies: Sequence[Agency | str], categories: Sequence[str]
) -> list[tuple[str, list[Value]]]:
    """Return what ``search`` asks of an entry, in words: for each criterion its values.

    ``categories`` are those that have pages.
    """
    pages = {term.casefold(): category_name(term) for term in categories}
    limit = search.max_per_agency
    found: list[tuple[str, list[Value]]] = [
        ("Words", _texts([search.query] if search.query else [])),
        (
            "Of agency",
            [
                (each, None) if isinstance(each, str) else (each.name, agency_name(each.id))
                for each in agencies
            ],
        ),
        ("From source", _texts(search.sources)),
        ("From sources tagged", _texts(search.tags)),
        ("In category", [(term, pages.get(term.casefold())) for term in search.categories]),
        ("In language", _texts(search.languages)),
        ("With one of", _texts(search.include)),
        ("With none of", _texts(search.exclude)),
        ("Of one agency", _texts([] if limit is None else [f"at most {limit:,}"])),
    ]
    return [(words, values) for words, values in found if values]


def _texts(words: Sequence[str]) -> list[Value]:
    return [(word, None) for word in words]


def _page(
    site: SiteInfo,
    feed: Subscription,
    entries: Sequence[ListedEntry],
    *,
    root: str,
    heading: str,
    number: int | None,
    parent: tuple[str, str],
    criteria: Sequence[tuple[str, Sequence[Value]]] = (),
) -> bytes:
    """Return a page with its own ``feed``; ``parent`` is a part of the index, and its words."""
    return render(
        "selection.html",
        site,
        root,
        feeds=(feed, *site.feeds[:1]),
        feed=feed,
        heading=heading,
        number=number,
        parent=parent,
        criteria=criteria,
        years=by_year(entries),
        picks=picks_of(site, entries, by_category=bool(criteria)),
        shown=len(entries),
        rows=[macro("feed_row", feed, site, root)],
    )
