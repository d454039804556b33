"""Takes away files that nothing leads to any more: pages, archives, whole feeds.

Only names that this program gave are touched: those of what the store notes as gone, and of feeds
and categories that the last run wrote and this one does not.
"""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from aggregator.output.files import withdraw
from aggregator.output.formats.names import agency_name, year_name
from aggregator.output.pages import contents
from aggregator.output.plan import ARCHIVE, archive_name
from aggregator.output.render import FORMATS, Site, agency_of
from aggregator.store import output as store_output
from aggregator.store import pages as store_pages
from aggregator.store.output import Stale
from aggregator.store.selecting import months


def withdraw_entries(site: Site, stale: Stale, made: Collection[str]) -> None:
    """Take away what showed entries that are gone, or moved: their pages, months and years.

    ``made`` are the names of the pages that this run made, among them those of all years in which
    something changed that are still to be there.  Raises ``OutputError``.
    """
    output = site.config.output
    gone = store_output.gone(site.store, stale)
    for entry_id in gone:
        withdraw(output / contents.page_name(entry_id))
    noted: dict[str | None, set[str]] = {}
    for agency, month in stale.months:
        for of in (agency, None):
            noted.setdefault(of, set()).add(month)
        if (year := year_name(agency, month[:4])) not in made:
            withdraw(output / year)
    for plan in site.plans:
        if plan.has_archive and (changed := noted.get(agency_of(plan))):
            for month in changed - set(months(site.store, agency_of(plan))):
                withdraw(output / archive_name(plan, month))
    for agency in sorted(name for name in noted if gone and name is not None):
        if store_pages.count(site.store, agency) <= contents.NEWEST:
            _withdraw_below(output, agency, r"[0-9]{4}\.html")


def withdraw_feeds(output: Path, names: Sequence[str]) -> None:
    """Take away feeds in every format, their archives, and the pages of their agencies.

    Raises ``OutputError``.
    """
    for name in names:
        for form in FORMATS:
            withdraw(output / f"{name}{form.ENDING}")
        withdraw(output / agency_name(name))
        _withdraw_below(output, name, r"[0-9]{4}(?:-[0-9]{2}\.atom|\.html)")


def _withdraw_below(output: Path, name: str, ending: str) -> None:
    """Take away the archives, or pages of years, of the feed ``name``."""
    wanted = re.compile(rf"{re.escape(name)}-{ending}")
    folder = output / ARCHIVE
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if wanted.fullmatch(path.name):
            withdraw(path)
