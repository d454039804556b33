"""Find the ``Agency`` that a name in a document means.

Names are compared by ``name_key``, which ignores case, width, white space and descriptors in
brackets.  A name that is not configured gets an agency too.  Its id depends on the name alone: it
is the same in every store, safe as a file name on every system, and unique to the name
(``docs/decisions/agency-ids.md``).
"""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

from aggregator.model import Agency
from aggregator.model.normal_form import normal_form
from aggregator.normalise.text import is_blank, one_line

DEVICE_NAMES = frozenset(
    ["con", "prn", "aux", "nul"] + [f"{port}{n}" for port in ("com", "lpt") for n in range(10)]
)
"""File names that Windows reserves, with any extension."""

RESERVED_NAMES = DEVICE_NAMES.union(
    ["all", "archive", "category", "changes", "entries", "feeds", "index", "readme", "search"],
    ["status"],
)
"""File names that the output folder uses itself."""

# Read from the end of a name: a search from its beginning would begin anew at each bracket.
_DESCRIPTORS = re.compile(r"\s*(?:[)\]}][^()\[\]{}]*[(\[{]\s*)+")
_PLAIN_NAME = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
_ENDS_LIKE_A_HASH = re.compile(r".* [0-9a-f]{8}")
_MAX_SLUG = 60


class Agencies:
    """The configured agencies, looked up by id, name or alias."""

    def __init__(self, configured: Iterable[Agency] = ()) -> None:
        self.configured = tuple(configured)
        self._known: dict[str, Agency] = {}
        for agency in self.configured:
            for name in (agency.id, agency.name, *agency.aliases):
                self._known.setdefault(name_key(name), agency)
        # Case-folded: on some file systems `Coast-Guard` and `coast-guard` are one file.
        self._ids = {agency.id.casefold() for agency in self.configured}
        self._made: dict[str, Agency] = {}

    def __reduce__(self) -> tuple[type["Agencies"], tuple[tuple[Agency, ...]]]:
        """Pickle the configuration alone; what follows from it is made again."""
        return Agencies, (self.configured,)

    def knows(self, name: str) -> bool:
        """Return whether an agency of this name is configured."""
        return name_key(name) in self._known

    def named(self, name: str) -> Agency:
        """Return the agency that ``name`` means, configured or made from the name."""
        key = name_key(name)
        found = self._known.get(key) or self._made.get(key)
        if found is None:
            found = self._made[key] = _unconfigured(name, key, self._ids)
        return found

    def by_id(self, agency_id: str) -> Agency:
        """Return the agency that a source's configuration names, ignoring case.

        An agency that is not configured has that id, in lower case, and that name.
        """
        found = self._known.get(name_key(agency_id))
        return found or Agency(id=agency_id.casefold(), name=agency_id, configured=False)


@lru_cache(maxsize=1024)
def name_key(name: str) -> str:
    """Return the form in which two names of one agency are equal.

    It ignores compatibility forms, case, white space and trailing descriptors in brackets:
    ``Interpol (news and events)`` equals ``INTERPOL``.  A name has the key of its ``display_name``.
    """
    shown = normal_form("NFKC", display_name(name))
    return _without_descriptors(one_line(shown).casefold())


def display_name(name: str) -> str:
    """Return a name for display: tidy, and without descriptors in brackets."""
    return _without_descriptors(one_line(name))


def _without_descriptors(name: str) -> str:
    """Return ``name`` without the brackets at its end, unless nothing else is left."""
    found = _DESCRIPTORS.match(name[::-1])
    bare = name[: -found.end()] if found else name
    return name if is_blank(bare) else bare


def _unconfigured(name: str, key: str, taken: set[str]) -> Agency:
    made = _made_id(key, taken)
    return Agency(id=made, name=display_name(name) or made, configured=False)


def _made_id(key: str, taken: set[str]) -> str:
    """Return an id for a name that is not configured.

    ``european union`` becomes ``european-union``.  A short hash of the name is added where the name
    has anything but ASCII letters, digits and single spaces, is long, ends like a hash, or where
    the plain id is taken.  So ``NATO/`` and ``NATO``, or ``Foo-Bar`` and ``Foo Bar``, have
    different files, whichever comes first.
    """
    ascii_only = normal_form("NFKD", key).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:_MAX_SLUG].strip("-")
    is_whole = _PLAIN_NAME.fullmatch(key) and len(key) <= _MAX_SLUG
    is_free = slug not in RESERVED_NAMES and slug not in taken
    if is_whole and is_free and not _ENDS_LIKE_A_HASH.fullmatch(key):
        return slug
    return f"{slug or 'agency'}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
