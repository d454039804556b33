"""File names of pages, below the output folder."""

import re
import uuid

from aggregator.normalise.categories import slug

_NAMESPACE = uuid.UUID("c3b1d0a4-58a5-5a53-8c9c-8f0a9a4f5f0e")
_OUR_ID = re.compile(r"urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def page_name(entry_id: str) -> str:
    """Return the file of an entry's page: ``entries/UUID.html``.

    Ids of upstream are hashed: they may contain anything, and differ in case alone.
    """
    own = _OUR_ID.fullmatch(entry_id)
    return f"entries/{own[1] if own else uuid.uuid5(_NAMESPACE, entry_id)}.html"


def agency_name(agency: str) -> str:
    """Return the file of an agency's page."""
    return f"{agency}.html"


def category_name(term: str) -> str:
    """Return the file of the page of a category by rule."""
    return f"category/{slug(term)}.html"


def year_name(agency: str, year: str) -> str:
    """Return the file of the page with an agency's entries of a year."""
    return f"archive/{agency}-{year}.html"
