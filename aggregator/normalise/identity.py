"""Derive the permanent id of an entry from what identifies the release.

Takes agency, title and text; returns ``urn:uuid:`` ids, the preferred one first.  The first depends
on the agency's id, the title, and the first words of the text: they distinguish equal titles
("Media advisory"), whichever came first, and a cut text has the id of the whole one.  The second
depends on the whole text, for the rare release that also starts like another.  No file, date,
position, address or display name is part of an id (``docs/decisions/entry-ids.md``).
"""

import hashlib
import re
import uuid
from itertools import islice
from urllib.parse import urlsplit

from aggregator.model.normal_form import normal_form
from aggregator.normalise.addresses import valid_address
from aggregator.normalise.links import url_problem
from aggregator.normalise.text import has_forbidden, single_spaced

_NAMESPACE = uuid.UUID("6d0f6a5e-3c0b-5c59-9f4e-0f2a1d6f7b11")
"""The namespace of all ids of this program; a change would change every published id."""

_PAGES = uuid.UUID("c3b1d0a4-58a5-5a53-8c9c-8f0a9a4f5f0e")
"""The namespace of the pages of entries that have an id of upstream."""

EXTENSION_NAMESPACE = "urn:uuid:52c8b2e4-6a0f-4b0e-9d57-0f6a3f1c7e21"
"""The XML namespace of what our Atom entries have besides RFC 4287 (``docs/federation.md``)."""

_HASH = hashlib.sha1(_NAMESPACE.bytes, usedforsecurity=False)
# A UUID's version is its digit 12; digit 16 begins with the bits of the variant (RFC 9562, 4).
_VARIANT = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}

_OPENING_WORDS = 8
_WORD = re.compile(r"\w+")
_LONGEST_IRI = 1000
_IRI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):([^\s\x00-\x20\x7f<>\"{}|\\^`]+)")
_OUR_KIND = re.compile(r"uuid:[0-9a-f]{8}-[0-9a-f]{4}-5", re.IGNORECASE)
_OUR_ID = re.compile(r"urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_UUID = re.compile(r"uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)  # RFC 9562
_PART = r"(?:[^\s\[\]#%]|%[0-9A-Fa-f]{2})+"
_NAME = re.compile(rf"{_PART}(?:#{_PART})?")
_URN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,31}:.+")  # RFC 8141, section 2
_TAG = re.compile(r"(?:[\w.-]+@)?[A-Za-z0-9.-]+,\d{4}(?:-\d\d){0,2}:.+", re.ASCII)  # RFC 4151
_PLAIN = [(mark, "'") for mark in "‘’‚‛′`´ʼ"]
_PLAIN += [(mark, '"') for mark in "“”„‟″«»"]
_PLAIN += [(mark, "-") for mark in "‐‑‒–—―−"]


def match_key(text: str) -> str:
    """Return the form in which texts are compared: without differences in typography and case."""
    if text.isascii():  # the common case: one mark, and nothing to normalize
        return _on_one_line(text.replace("`", "'").lower())
    for mark, plain in _PLAIN:  # many times faster than str.translate
        text = text.replace(mark, plain)
    return _on_one_line(normal_form("NFKC", text).casefold())


def _on_one_line(text: str) -> str:
    """Return text with single spaces; to split it takes longer than the rest of a key."""
    return single_spaced(text.replace("\n\n", " ").replace("\n", " "))


def entry_ids(agency_id: str, title_key: str, text_key: str) -> tuple[str, str]:
    """Return the possible ids of an entry; the first that is not taken is used.

    Title and text are in the form of ``match_key``.
    """
    words = islice(_WORD.finditer(text_key), _OPENING_WORDS)
    opening = " ".join(word[0] for word in words)
    head = f"entry\n{agency_id}\n{title_key}\n{opening}"
    return _urn(head), _urn(f"{head}\n{text_key}")


def upstream_ids(source: str, upstream_id: str, *, is_aggregator: bool = False) -> tuple[str, ...]:
    """Return the possible ids of a feed's entry; the first that is not taken is used.

    The first is the feed's own id where that is an IRI (RFC 4287, section 4.2.6), of an Aggregator
    also one that this program makes; the second is derived from that id and the source, so that no
    other source has it.
    """
    own = _urn(f"upstream\n{source}\n{upstream_id}")
    is_usable = is_iri(upstream_id) or (is_aggregator and _OUR_ID.fullmatch(upstream_id))
    return (upstream_id, own) if is_usable else (own,)


def page_uuid(entry_id: str) -> str:
    """Return the UUID that an entry's page is named by: that of its id, or one derived from it.

    Ids of upstream are hashed: they may contain anything, and differ in case alone.
    """
    own = _OUR_ID.fullmatch(entry_id)
    return own[1] if own else str(uuid.uuid5(_PAGES, entry_id))


def is_iri(text: str) -> bool:
    """Return whether ``text`` can be an id: an absolute IRI (RFC 3987) of a suitable scheme."""
    if len(text) > _LONGEST_IRI or has_forbidden(text) or not (match := _IRI.fullmatch(text)):
        return False
    scheme, rest = match[1].lower(), match[2]
    if scheme in ("http", "https"):
        is_sound = url_problem(text) is None and valid_address(text) == text
        return is_sound and "@" not in urlsplit(text).netloc
    if not _NAME.fullmatch(rest):
        return False
    if scheme == "tag":
        return _TAG.fullmatch(rest) is not None
    if scheme == "urn":
        if rest.lower().startswith("uuid:"):
            return _UUID.fullmatch(rest) is not None and _OUR_KIND.match(rest) is None
        return _URN.fullmatch(rest) is not None
    return scheme in ("at", "info", "doi", "hdl", "oai", "mid", "cid")


def numbered_id(entry_id: str, number: int) -> str:
    """Return the id of an entry that was split from the identical ``entry_id`` by hand."""
    return _urn(f"{entry_id}\n{number}")


def change_id(entry_id: str, before: str, after: str) -> str:
    """Return the id of the change of an entry's text, from one fingerprint to another."""
    return _urn(f"change\n{entry_id}\n{before}\n{after}")


def feed_id(name: str) -> str:
    """Return the atom:id of the feed of this name, independent of its address."""
    return _urn(f"feed\n{name}")


def _urn(name: str) -> str:
    """Return ``uuid.uuid5(_NAMESPACE, name).urn``, in a fifth of the time."""
    made = _HASH.copy()
    made.update(name.encode())
    digits = made.hexdigest()
    variant = _VARIANT[digits[16]]
    return (
        f"urn:uuid:{digits[:8]}-{digits[8:12]}-5{digits[13:16]}"
        f"-{variant}{digits[17:20]}-{digits[20:32]}"
    )
