"""Is an item new, or one we have?  Gives a decision, touches nothing.

``ingest`` asks the store for candidates, this decides, ``ingest`` acts.  A decision carries what it
was made on, so that it can be shown and undone.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.model import Entry
from aggregator.normalise.identity import match_key


@dataclass(frozen=True, slots=True)
class New:
    """Nothing like it is known."""


@dataclass(frozen=True, slots=True)
class Same:
    """It equals the entry of this key, but for quotes, dashes, case and white space."""

    key: int


Decision = New | Same


def decide(agency: str, fingerprint: str, known: Mapping[tuple[str, str], int]) -> Decision:
    """What an item is, given the keys of known entries by their agency and fingerprint."""
    key = known.get((agency, fingerprint))
    return New() if key is None else Same(key)


def fingerprint(entry: Entry) -> str:
    """What is equal for two entries of an agency if and only if they are the same word for word."""
    same = f"{match_key(entry.title)}\n{match_key(entry.text)}"
    return hashlib.blake2b(same.encode(), digest_size=16).hexdigest()
