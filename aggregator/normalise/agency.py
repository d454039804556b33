"""Whose release is it?  From the name a document gives to one ``Agency``.

Names are compared by ``name_key``, which sees past case, width, white space and a descriptor in
brackets.  A name that no configuration knows still gets an agency, whose id is made from the name
alone: the same in every store, safe as a file name on every system, and never that of another
name (``docs/decisions/agency-ids.md``).
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from aggregator.model import Agency
from aggregator.normalise.text import one_line

RESERVED_NAMES = frozenset(
    ["all", "archive", "changes", "entries", "feeds", "index", "readme", "search", "status"]
    # Device names, which no file may have on Windows, whatever its ending.
    + ["con", "prn", "aux", "nul"]
    + [f"{port}{n}" for port in ("com", "lpt") for n in range(10)]
)
"""File names in the output folder that are not free for an agency."""

_DESCRIPTOR = re.compile(r"\s*[(\[{][^()\[\]{}]*[)\]}]\s*$")
_MAX_SLUG = 60


class Agencies:
    """The agencies a configuration knows, looked up by id, name or alias."""

    def __init__(self, configured: Iterable[Agency] = ()) -> None:
        self.configured = tuple(configured)
        self._known: dict[str, Agency] = {}
        for agency in self.configured:
            for name in (agency.id, agency.name, *agency.aliases):
                self._known.setdefault(name_key(name), agency)
        self._ids = {agency.id for agency in self._known.values()}
        self._made: dict[str, Agency] = {}

    def knows(self, name: str) -> bool:
        """Whether the configuration has an agency of this name."""
        return name_key(name) in self._known

    def named(self, name: str) -> Agency:
        """The agency that ``name`` means; one is made where the configuration has none."""
        key = name_key(name)
        found = self._known.get(key) or self._made.get(key)
        if found is None:
            found = self._made[key] = _unconfigured(name, key, self._ids)
        return found

    def by_id(self, agency_id: str) -> Agency:
        """The agency of this id; one of that id and name where the configuration has none."""
        found = self._known.get(name_key(agency_id))
        if found is not None and found.id == agency_id:
            return found
        return Agency(id=agency_id, name=agency_id, configured=False)


def name_key(name: str) -> str:
    """The form in which two names of one agency are equal.

    Compatibility forms, case, white space and a trailing descriptor in brackets do not count:
    ``Interpol (news and events)`` is ``INTERPOL``.  A name that is nothing but brackets keeps
    them.
    """
    folded = one_line(unicodedata.normalize("NFKC", name)).casefold()
    bare = _DESCRIPTOR.sub("", folded)
    return bare or folded


def display_name(name: str) -> str:
    """A name for people: tidy, and without its descriptor in brackets."""
    tidy = one_line(name)
    return _DESCRIPTOR.sub("", tidy) or tidy


def _unconfigured(name: str, key: str, taken: set[str]) -> Agency:
    return Agency(id=_made_id(key, taken), name=display_name(name), configured=False)


def _made_id(key: str, taken: set[str]) -> str:
    """An id for a name nobody configured.

    ``european union`` becomes ``european-union``.  Where letters were lost on the way, or the
    plain id is not free, a short hash of the name follows, so that ``NATO/`` and ``NATO`` do not
    share a file and neither depends on which came first.
    """
    plain = key.replace(" ", "-")
    ascii_only = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:_MAX_SLUG].strip("-")
    if slug and slug == plain and slug not in RESERVED_NAMES and slug not in taken:
        return slug
    return f"{slug or 'agency'}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
