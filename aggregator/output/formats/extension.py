"""What a feed states of an entry beyond its format, for another Aggregator (docs/federation.md).

Takes an entry; returns the extension as an object of JSON, without members that are empty.
"""

from collections.abc import Callable
from typing import Any

from aggregator.model import StoredEntry
from aggregator.normalise.addresses import canonical_address
from aggregator.normalise.text import is_blank

MOST_REVISIONS = 20
"""Times of change that are stated, the last ones."""


def extension_of(
    stored: StoredEntry, address: Callable[[str], str] = lambda href: href
) -> dict[str, Any]:
    """Return what is stated of ``stored``; ``address`` is the form of addresses in the format."""
    agencies = (stored.entry.agency, *stored.credits)
    dating = stored.dating
    revised = stored.revised[-MOST_REVISIONS:]
    related = [address(canonical_address(link.href)) for link in stored.related_links]
    members: dict[str, Any] = {
        "agency": stored.entry.agency.id,
        "names": {agency.id: agency.name for agency in agencies},
        "also_by": [agency.id for agency in stored.credits],
        "untitled": is_blank(stored.entry.title),
        "truncated": stored.entry.truncated,
        "summary_only": stored.entry.is_summary,
        "revised": [moment.isoformat() for moment in revised],
        "related": related,
        "dating": {
            "basis": dating.basis,
            "earliest": dating.earliest.isoformat() if dating.earliest else None,
            "latest": dating.latest.isoformat() if dating.latest else None,
            "evidence": dating.evidence,
        },
    }
    return {name: value for name, value in members.items() if value not in (False, [])}


def needs_extension(stored: StoredEntry) -> bool:
    """Return whether an Atom entry without the extension would not say the same.

    Of an entry of one agency whose publisher gave the time, Atom says all of it.
    """
    dating = stored.dating
    is_exact = dating.basis == "upstream" and dating.earliest == dating.latest == dating.published
    return (
        not is_exact
        or is_blank(stored.entry.title)
        or stored.entry.truncated
        or stored.entry.is_summary
        or bool(stored.credits or stored.revised or stored.related_links)
    )
