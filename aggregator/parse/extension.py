"""Read what another Aggregator states of an entry: the extension of its feeds.

Takes JSON as found; returns an ``Extension``, and the addresses of links that are not the entry's
own.  ``docs/federation.md`` lists the members.  All of it is hostile: what is of the wrong type,
too long or impossible is left out, and nothing raises.
"""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from aggregator.dating.stated import read_time
from aggregator.model import Extension
from aggregator.normalise.agency import RESERVED_NAMES
from aggregator.normalise.identity import EXTENSION_NAMESPACE
from aggregator.normalise.text import cut, is_blank, one_line

MEMBER = "_aggregator"
"""The member of a JSON Feed and of its items that has the extension."""

ELEMENT = f"{{{EXTENSION_NAMESPACE}}}extension"
"""The element of an Atom entry that has the extension as its text, as lxml names it."""

MOST_AGENCIES = 50
"""Agencies of one entry that are read."""

MOST_REVISIONS = 20
"""Times of change of one entry that are read."""

LONGEST = 100_000
"""Characters of the extension of an Atom entry."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_BASES = ("upstream", "stated", "inferred", "first-seen")
_LONGEST_NAME = 200
_LONGEST_EVIDENCE = 400
_MOST_RELATED = 200

_NOTHING = Extension()


def from_text(text: str | None) -> dict[str, Any]:
    """Return the extension of an Atom entry, empty for anything that is not a JSON object."""
    if not text or len(text) > LONGEST:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def extension_of(found: object) -> Extension:
    """Return what ``found`` states, as far as it can be used."""
    if not isinstance(found, dict) or not found:
        return _NOTHING
    agency = _id(found.get("agency"))
    also_by = [
        name
        for name in map(_id, _list(found.get("also_by"), MOST_AGENCIES))
        if name and name != agency
    ]
    revised = _list(found.get("revised"), MOST_REVISIONS)
    basis, earliest, latest, evidence = _dating(found)
    return Extension(
        agency=agency,
        also_by=tuple(dict.fromkeys(also_by)),
        names=tuple(_names(found.get("names"), [agency, *also_by])),
        is_untitled=found.get("untitled") is True,
        truncated=found.get("truncated") is True,
        is_summary=found.get("summary_only") is True,
        basis=basis,
        earliest=earliest,
        latest=latest,
        evidence=evidence,
        revised=tuple(sorted(set(filter(None, map(_time, revised))))),
    )


def related_addresses(found: object) -> frozenset[str]:
    """Return the addresses of the entries to which a reader found relations: no links of its own.

    Whoever reads several of those relates them again.
    """
    listed = _list(found.get("related"), _MOST_RELATED) if isinstance(found, dict) else []
    return frozenset(address for address in listed if isinstance(address, str))


def _dating(
    found: dict[str, Any],
) -> tuple[str | None, datetime | None, datetime | None, str]:
    """Return basis, window and evidence; the basis is None for what cannot be right."""
    if "dating" not in found:
        return "upstream", None, None, ""
    dating = found["dating"]
    nothing = None, None, None, ""
    if not isinstance(dating, dict) or dating.get("basis") not in _BASES:
        return nothing
    window = [dating.get(name) for name in ("earliest", "latest")]
    earliest, latest = map(_time, window)
    unread = any(written is not None and not _time(written) for written in window)
    if unread or (earliest and latest and earliest > latest):
        return nothing
    return dating["basis"], earliest, latest, _line(dating.get("evidence"), _LONGEST_EVIDENCE)


def _names(found: object, ids: Iterable[str | None]) -> Iterable[tuple[str, str]]:
    if not isinstance(found, dict):
        return
    written = {_id(agency): name for agency, name in islice(found.items(), 2 * MOST_AGENCIES)}
    for agency in dict.fromkeys(ids):
        if agency and not is_blank(name := _line(written.get(agency), _LONGEST_NAME)):
            yield agency, name


def _id(value: object) -> str | None:
    """Return the id of an agency, which is to name files."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        return None
    found = value.casefold()
    return None if found.partition(".")[0] in RESERVED_NAMES else found


def _line(value: object, limit: int) -> str:
    return cut(one_line(value[: 2 * limit]), limit) if isinstance(value, str) else ""


def _time(value: object) -> datetime | None:
    if not isinstance(value, str) or len(value) > 40:
        return None
    found = read_time(value)
    return found.astimezone(UTC) if isinstance(found, datetime) else None


def _list(value: object, most: int) -> list[Any]:
    return value[:most] if isinstance(value, list) else []
