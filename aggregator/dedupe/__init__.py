"""Is an item new, or one we have?  Gives a decision, touches nothing.

``ingest`` asks the store for candidates, this decides, ``ingest`` acts.  A decision carries what it
was made on, so that it can be shown and undone.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass


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


def fingerprint(title_key: str, text_key: str) -> str:
    """What is equal for two entries of an agency if and only if they are the same word for word.

    Title and text come as ``normalise.identity.match_key`` has them.
    """
    return hashlib.blake2b(f"{title_key}\n{text_key}".encode(), digest_size=16).hexdigest()
