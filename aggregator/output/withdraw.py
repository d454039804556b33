"""Which files nothing leads to any more: pages, archives, whole feeds.

Returns only names that this program gave: those of entries and months that the store notes as
gone, and of feeds that the last run wrote and this one does not.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from aggregator.output.formats.names import agency_name, page_name, year_name
from aggregator.output.pages import contents
from aggregator.output.plan import ARCHIVE, archive_name
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
    for plan in output.plans:
        if plan.has_archive and (months := changed.get(plan.agency_id)):
            for month in months.difference(months_of(output, plan)):
                yield archive_name(plan, month)
    for agency in sorted(name for name in changed if gone and name is not None):
        if store_pages.count(output.store, agency) <= contents.NEWEST:
            yield from _below(folder, agency, r"[0-9]{4}\.html")


def of_feeds(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """Yield the files of feeds in every format, their archives, and the pages of their agencies."""
    for name in names:
        yield from (f"{name}.{form.NAME}" for form in FORMATS)
        yield agency_name(name)
        yield from _below(folder, name, r"[0-9]{4}(?:-[0-9]{2}\.atom|\.html)")


def _below(folder: Path, name: str, ending: str) -> Iterator[str]:
    """Yield the archives, or the pages of years, of the feed ``name`` that are on disk."""
    wanted = re.compile(rf"{re.escape(name)}-{ending}")
    archive = folder / ARCHIVE
    for path in sorted(archive.iterdir()) if archive.is_dir() else ():
        if wanted.fullmatch(path.name):
            yield f"{ARCHIVE}{path.name}"
