"""File names of pages, below the output folder."""

from aggregator.normalise.identity import page_uuid
from aggregator.output.plan import category_stem

NOT_FOUND = "404.html"
"""The page for an address without a file, under the name that most hosts of files look for."""


def page_name(entry_id: str) -> str:
    """Return the file of an entry's page: ``entries/UUID.html``."""
    return f"entries/{page_uuid(entry_id)}.html"


def agency_name(agency: str) -> str:
    """Return the file of an agency's page."""
    return f"{agency}.html"


def category_name(term: str) -> str:
    """Return the file of the page of a category by rule."""
    return f"{category_stem(term)}.html"


def year_name(agency: str, year: str) -> str:
    """Return the file of the page with an agency's entries of a year."""
    return f"archive/{agency}-{year}.html"


MONTHS = "month/index.html"
"""The page of all months."""


def month_name(month: str) -> str:
    """Return the file of the page of a month, given as ``2024-05``."""
    return f"month/{month}.html"


def day_name(day: str, part: int | None = None) -> str:
    """Return the file of the page of a day, given as ``2024-05-17``, or of an older part of it."""
    return f"month/{day}.html" if part is None else f"month/{day}-{part}.html"
