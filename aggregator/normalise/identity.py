"""The permanent id of an entry, made from what identifies the release.

Takes agency, title and text; gives ``urn:uuid:`` ids, most general first.  The first is of the
agency's id, the title, and the first words of the text: equal titles ("Media advisory") are told
apart by how their texts begin, whichever came first, and a cut text has the id of its whole.  The
second is of the whole text, for the rare release that shares even its beginning with another.
Nothing else goes in: no file, date, position, address or display name.
``docs/decisions/entry-ids.md`` says what follows from that.
"""

import re
import unicodedata
import uuid

_NAMESPACE = uuid.UUID("6d0f6a5e-3c0b-5c59-9f4e-0f2a1d6f7b11")
"""Names everything this program identifies; changing it would change every id ever published."""

_OPENING_WORDS = 8
_WORD = re.compile(r"\w+")
_LIKE_QUOTES = dict.fromkeys(map(ord, "‘’‚‛′`´ʼ"), "'") | dict.fromkeys(map(ord, "“”„‟″«»"), '"')
_LIKE_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_PLAIN = _LIKE_QUOTES | _LIKE_DASHES
_SPACES = re.compile(r"\s+")


def match_key(text: str) -> str:
    """The form in which two texts are the same: quotes, dashes, case and white space aside."""
    plain = unicodedata.normalize("NFKC", text.translate(_PLAIN)).casefold()
    return _SPACES.sub(" ", plain).strip()


def entry_ids(agency_id: str, title: str, text: str) -> tuple[str, str]:
    """The ids an entry may have, the one to take if it is free first."""
    words = _WORD.finditer(match_key(text[:600]))
    opening = " ".join(word[0] for word, _ in zip(words, range(_OPENING_WORDS), strict=False))
    head = f"entry\n{agency_id}\n{match_key(title)}\n"
    return _urn(head + opening), _urn(f"{head}{opening}\n{match_key(text)}")


def feed_id(name: str) -> str:
    """The atom:id of the feed of this name, wherever it is served from."""
    return _urn(f"feed\n{name}")


def _urn(name: str) -> str:
    return uuid.uuid5(_NAMESPACE, name).urn
