"""Which files nothing leads to any more: pages, archives, whole feeds.

Returns only names that this program gave: those of entries and months that the store notes as
gone, and of feeds that the last run wrote and this one does not.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from aggregator.output.formats.names import agency_name, page_name, year_name
from aggregator.output.pages import contents, months, search_files
from aggregator.output.plan import ARCHIVE, MONTH, archive_name
from aggregator.output.render import FORMATS, months_of
from aggregator.output.stale import Output
from aggregator.store import output as store_output
from aggregator.store import pages as store_pages
from aggregator.store.output import Stale


def of_entries(output: Output, stale: Stale, made: Collection[str]) -> Iterator[str]:
    """Yield the pages, archives and years of entries that are gone or were moved.

    ``made`` are the names of the pages that this run made, among them those of all years in which
    something changed and which still have entries.
    """
    folder = output.config.output
    gone = store_output.without_page(output.store, stale)
    yield from map(page_name, gone)
    changed: dict[str | None, set[str]] = {}
    for agency, month in stale.months:
        changed.setdefault(None, set()).add(month)
        changed.setdefault(agency, set()).add(month)
        if (year := year_name(agency, month[:4])) not in made:
            yield year
    for month in sorted(changed.get(None, ())):
        kept = months.names_of(output.store, month)
        for name in _below(folder, MONTH, rf"{month}(?:-[0-9]{{2}}(?:-[0-9]+)?)?\.html"):
            if name not in kept:
                yield name
    for plan in output.plans:
        if plan.has_archive and (moved := changed.get(plan.agency_id)):
            for month in moved.difference(months_of(output, plan)):
                yield archive_name(plan, month)
    for agency in sorted(name for name in changed if gone and name is not None):
        if store_pages.count(output.store, agency) <= contents.NEWEST:
            yield from _of_feed(folder, agency, r"[0-9]{4}\.html")


def of_search(
    before: Iterable[str], now: Collection[str], *, had_search: bool, has_search: bool
) -> Iterator[str]:
    """Yield the parts of the search that are there no more, or all its files without a search."""
    parts = set(before)
    if has_search:
        parts.difference_update(now)
    elif had_search:
        yield from (search_files.PAGE, search_files.SCRIPT, search_files.INDEX)
    yield from (f"{search_files.FOLDER}{name}.js" for name in sorted(parts))


def of_feeds(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """Yield the files of feeds in every format, their archives, and the pages of their agencies."""
    for name in names:
        yield from (f"{name}.{form.NAME}" for form in FORMATS)
        yield agency_name(name)
        yield from of_archives(folder, [name])


def of_archives(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """Yield the archives of feeds, and the pages of their agencies' years."""
    for name in names:
        yield from _of_feed(folder, name, r"[0-9]{4}(?:-[0-9]{2}\.atom|\.html)")


def _of_feed(folder: Path, name: str, ending: str) -> Iterator[str]:
    """Yield the archives, or the pages of years, of the feed ``name`` that are on disk."""
    return _below(folder, ARCHIVE, rf"{re.escape(name)}-{ending}")


def _below(folder: Path, part: str, pattern: str) -> Iterator[str]:
    """Yield the files on disk in the folder ``part`` whose names there match ``pattern``."""
    wanted = re.compile(pattern)
    below = folder / part
    for path in sorted(below.iterdir()) if below.is_dir() else ():
        if wanted.fullmatch(path.name):
            yield f"{part}{path.name}"
