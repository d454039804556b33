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
from urllib.parse import urlsplit

from aggregator.normalise.links import url_problem
from aggregator.normalise.text import has_forbidden

_NAMESPACE = uuid.UUID("6d0f6a5e-3c0b-5c59-9f4e-0f2a1d6f7b11")
"""Names everything this program identifies; changing it would change every id ever published."""

_OPENING_WORDS = 8
_WORD = re.compile(r"\w+")
_LONGEST_IRI = 1000
_IRI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):([^\s\x00-\x20\x7f<>\"{}|\\^`]+)")
_OUR_KIND = re.compile(r"uuid:[0-9a-f]{8}-[0-9a-f]{4}-5", re.IGNORECASE)
_URN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,31}:\S+")
_PLAIN = [(mark, "'") for mark in "‘’‚‛′`´ʼ"]
_PLAIN += [(mark, '"') for mark in "“”„‟″«»"]
_PLAIN += [(mark, "-") for mark in "‐‑‒–—―−"]


def match_key(text: str) -> str:
    """The form in which two texts are the same: quotes, dashes, case and white space aside."""
    for mark, plain in _PLAIN:  # many times faster than str.translate
        text = text.replace(mark, plain)
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def entry_ids(agency_id: str, title_key: str, text_key: str) -> tuple[str, str]:
    """The ids an entry may have, the one to take if it is free first.

    Title and text come as ``match_key`` has them.
    """
    words = _WORD.finditer(text_key)
    opening = " ".join(word[0] for word, _ in zip(words, range(_OPENING_WORDS), strict=False))
    head = f"entry\n{agency_id}\n{title_key}\n{opening}"
    return _urn(head), _urn(f"{head}\n{text_key}")


def upstream_ids(source: str, upstream_id: str) -> tuple[str, ...]:
    """The ids an entry may have by its feed's own id, the one to take if it is free first.

    That id itself where it is one that any feed may carry (RFC 4287, section 4.2.6), and one made
    from it and its source, which no other source can have.
    """
    own = _urn(f"upstream\n{source}\n{upstream_id}")
    return (upstream_id, own) if is_iri(upstream_id) else (own,)


def is_iri(text: str) -> bool:
    """Whether ``text`` can be an id as it stands: an absolute IRI (RFC 3987) of a kind that names
    things.
    """
    if len(text) > _LONGEST_IRI or has_forbidden(text) or not (match := _IRI.fullmatch(text)):
        return False
    scheme, rest = match[1].lower(), match[2]
    if scheme in ("http", "https"):
        return url_problem(text) is None and "@" not in urlsplit(text).netloc
    if scheme == "urn":
        return _URN.fullmatch(rest) is not None and _OUR_KIND.match(rest) is None
    return scheme in ("tag", "at", "info", "doi", "hdl", "oai", "mid", "cid") and bool(rest)


def numbered_id(entry_id: str, number: int) -> str:
    """The id of one more entry that is word for word the one of ``entry_id``: somebody said they
    are two.
    """
    return _urn(f"{entry_id}\n{number}")


def change_id(entry_id: str, before: str, after: str) -> str:
    """The id of what tells that an entry's text changed, from one fingerprint to another."""
    return _urn(f"change\n{entry_id}\n{before}\n{after}")


def feed_id(name: str) -> str:
    """The atom:id of the feed of this name, wherever it is served from."""
    return _urn(f"feed\n{name}")


def _urn(name: str) -> str:
    return uuid.uuid5(_NAMESPACE, name).urn
