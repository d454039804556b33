"""Which feeds and pages have to be rendered because their files were changed outside.

Pure.  Takes names below the output folder; returns the feeds, archives and pages that have these
files.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_ARCHIVE = re.compile(r"archive/(.+)-([0-9]{4}-[0-9]{2})\.atom")
_YEAR = re.compile(r"archive/(.+)-([0-9]{4})\.html")
_ENTRIES = "entries/"
_ENTRY = re.compile(r"entries/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.html")
_CATEGORY = "category/"
_MONTH = re.compile(r"month/(index|[0-9]{4}-[0-9]{2})(?:-[0-9]{2}(?:-[0-9]+)?)?\.html")
_SEARCH = "search/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """Feeds and pages: names of ``feeds``, the months of their ``archives``, agencies with the
    ``years`` of their pages (empty for the agency's own page), files of ``categories``, the
    ``months`` of pages with the entries of all agencies (``index`` for the list of all months),
    names of ``entries``' pages, which are UUIDs, and of ``parts`` of the search, both without
    folder and extension.
    """

    feeds: set[str] = field(default_factory=set)
    archives: dict[str, set[str]] = field(default_factory=dict)
    years: set[tuple[str, str]] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    months: set[str] = field(default_factory=set)
    entries: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)


def subjects(names: Iterable[str]) -> Subjects:
    """Return the feeds and pages to which the files ``names`` belong."""
    found = Subjects()
    for name in names:
        if archive := _ARCHIVE.fullmatch(name):
            found.archives.setdefault(archive[1], set()).add(archive[2])
        elif year := _YEAR.fullmatch(name):
            found.years.add((year[1], year[2]))
        elif name.startswith(_ENTRIES):
            if entry := _ENTRY.fullmatch(name):  # other names have no page to render
                found.entries.add(entry[1])
        elif name.startswith(_SEARCH):
            found.parts.add(name.removeprefix(_SEARCH).removesuffix(".js"))
        elif name.startswith(_CATEGORY) and name.endswith(".html"):
            found.categories.add(name)
        elif month := _MONTH.fullmatch(name):
            found.months.add(month[1])
        else:
            stem, _, ending = name.rpartition(".")
            if ending == "html":
                found.years.add((stem, ""))
            else:
                found.feeds.add(stem)
    return found
