"""The forms under which texts are looked up: fingerprint, normal form, title form, sketch.

Takes plain text; returns strings that are equal for texts that are the same to a reader, and a
small set of numbers that two versions of one text share.  The store finds the entries that share
them, and ``compare`` decides whether these are the same release.
"""

import hashlib
import re
import struct
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from zlib import crc32

from aggregator.model.normal_form import normal_form

K = TypeVar("K")

MAX_POSTINGS = 32
"""Entries that may share a number of a sketch before it counts as boilerplate."""

MAX_CANDIDATES = 8
"""Entries that a text is compared with: those that share most of its sketch."""

LEAST_SHARE = 0.35
"""The least part of the smaller sketch that two versions of a text share.

With one word in ten edited, three in four of the shingles are left, and a sample may be unlucky.
"""

_WHOLE = 1 << 32
_ONE_IN_4 = _WHOLE >> 2
_ONE_IN_8 = _WHOLE >> 3

# Below this many different shingles a sample would often be empty, so all of them are kept.
_VERY_SHORT = 16
# A text cut at 350 characters has some 50 shingles, a release that is read in a minute 200.
_SHORT = 120
# However long a text is, the sample grows no further than about this: the index pays per number.
_LONG = 256
# Sampled as densely as a short text, since a text cut at 350 characters has no more than this.
_BEGINNING = 64
# Sampled at the usual rate in every text, however long, so that a cut text finds its whole.
_OPENING = 120

# Small odd multipliers tell "a b c" from "c b a", and the sum of three checksums stays cheap.
_SECOND, _THIRD = 5, 9

_WORD = re.compile(r"\w+")
# What is not part of a word becomes a space: other than ASCII by a pattern, ASCII by a table.
_BETWEEN_WORDS = re.compile(r"[^\x00-\x7f\w]")
_SPACED = bytes(
    code if code >= 0x80 or chr(code).isalnum() or chr(code) == "_" else 0x20 for code in range(256)
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\ufe0e\ufe0f]")
# Quotes to ``match_key`` that are also a letter and, decomposed, a mark.
_LETTER_QUOTE, _MARK_QUOTE = "\u02bc", "\u00b4"
_VARIANT = re.compile(
    "[\u2018\u2019\u201a\u201b\u2032\u2035\u02bc\u00b4`\u2039\u203a]"
    "|[\u201c-\u201f\u2033\u2036\u00ab\u00bb]"
    "|[\u2010-\u2015\u2212\u2043]"
)
_SITE_WORDS = frozenset("news newsroom website site official home homepage press media web".split())
_CUT_MARKS = ("...", "[...]", "(...)")


def fingerprint(title_key: str, text_key: str) -> str:
    """Return 32 hex digits that are equal for texts that are the same word for word.

    Title and text come as ``normalise.identity.match_key`` returns them.
    """
    return hashlib.blake2b(f"{title_key}\n{text_key}".encode(), digest_size=16).hexdigest()


def sketch(text: str, match_key: str | None = None) -> tuple[int, ...]:
    """Return some of the 3-word shingles of a text, as different 32-bit numbers, ascending.

    One in 8 is kept, one in 4 of a short text, all of a very short one, and fewer of a very long
    one beyond its opening.  Which ones depends on the shingle alone, so two texts that share words
    in a row keep the same ones.  The numbers are the same in every run and on every platform.
    A text without words has none and can be found by its title only.

    ``match_key`` is what ``normalise.identity.match_key`` returns for the text, where it is known:
    nearly always it has the same words, and the text need not be folded again.
    """
    folded = match_key if match_key is not None and _keeps_words(text, match_key) else _folded(text)
    if not folded.isascii():
        folded = _BETWEEN_WORDS.sub(" ", folded)
    words = folded.encode().translate(_SPACED).split()
    return tuple(sorted(_sampled(_shingles(list(map(crc32, words))))))


def base(sketch: Sequence[int]) -> int:
    """Return how many numbers of a sketch every text with the same words in a row would keep.

    Two texts are measured by the smaller base: short texts keep more than long ones.
    """
    return bisect_left(sketch, _ONE_IN_8) or len(sketch)


def nearest(
    shared: Mapping[K, int], own_base: int, bases: Mapping[K, tuple[int, Any]], limit: int
) -> list[K]:
    """Return the keys that share enough numbers with a sketch, those that share most first.

    ``shared`` counts the numbers in common with each key, ``own_base`` is the base of the sketch,
    and ``bases`` are the keys' bases, each with what ranks keys that share equally many.
    """
    ranked = sorted(
        (-count, bases[key][1], key)
        for key, count in shared.items()
        if key in bases and count >= LEAST_SHARE * min(own_base, bases[key][0])
    )
    return [key for *_, key in ranked[:limit]]


def comparison_key(text: str) -> str:
    """The form under which two texts are the same to a reader.

    It sees past more than ``normalise.identity.match_key``, which ids are made from and which can
    therefore never change.  Folds compatibility forms (NFKC: no-break spaces, ligatures, "…" as
    three dots), case, the kinds of quotes and dashes, and white space; drops invisible characters
    and a final ellipsis.
    """
    return key_of_plain(plain(text))


def key_of_plain(text: str) -> str:
    """The `comparison_key` of a text that comes as `plain` returns it."""
    key = " ".join(text.casefold().split())
    return _without_cut_mark(normal_form("NFKC", key))


def title_key(title: str, agency_names: Iterable[str] = ()) -> str:
    """The `comparison_key` of a title without what a site hangs on it.

    Drops a leading "NATO:" and a trailing " | NATO News" or " - Europol" when nothing else is said
    there than a name in `agency_names` and words such as "news"; what remains is never empty.
    """
    key = comparison_key(title)
    known = {word for name in agency_names for word in _WORD.findall(comparison_key(name))}
    if not known and "|" not in key:
        return key
    head, colon, rest = key.partition(": ")
    if colon and rest and _says_only(head, known):
        key = rest
    for mark in (" | ", " - "):
        rest, found, tail = key.rpartition(mark)
        if found and rest and _says_only(tail, known | _SITE_WORDS):
            key = rest
    return key


def plain(text: str) -> str:
    """The text with one kind of apostrophe, quote, dash and space, and with its case and lines."""
    if text.isascii():
        return text.replace("`", "'").replace("''", '"')
    text = normal_form("NFKC", _INVISIBLE.sub("", text))
    return _VARIANT.sub(_typewritten, text).replace("''", '"')


def ends_cut(text: str) -> bool:
    """Whether a text ends the way a digest ends what it cuts short."""
    return text.rstrip().endswith(("…", "...", "[…]", "[...]", "(…)", "(...)"))


def _folded(text: str) -> str:
    if text.isascii():
        return text.casefold()
    return normal_form("NFKC", _INVISIBLE.sub("", text)).casefold()


def _keeps_words(text: str, match_key: str) -> bool:
    """Whether the words of a text are those of its key, which keeps invisible characters."""
    is_visible = match_key.isascii() or _INVISIBLE.search(match_key) is None
    return is_visible and _LETTER_QUOTE not in text and _MARK_QUOTE not in text


def _shingles(sums: Sequence[int]) -> Sequence[int]:
    """Return ``a + 5 * b + 9 * c`` modulo 2**32 for each three checksums in a row.

    Of one or two checksums there is one, as if 0 followed.  Every checksum has 64 bits of one long
    number, more than the sum takes, so that all sums are made by two additions.
    """
    count = len(sums)
    row = int.from_bytes(struct.pack(f"<{count}Q", *sums), "little")
    row += _SECOND * (row >> 64) + _THIRD * (row >> 128)
    halves = struct.unpack(f"<{2 * count}I", row.to_bytes(8 * count, "little"))
    return halves[: 2 * max(1, count - 2) : 2]


def _sampled(shingles: Sequence[int]) -> Iterable[int]:
    different = set(shingles)
    if len(different) <= _VERY_SHORT:
        return different
    limit = _ONE_IN_4 if len(different) <= _SHORT else _ONE_IN_8
    while len(different) * limit // _WHOLE > _LONG:
        limit >>= 1
    # The limits nest: what a long text keeps, a short one that has it keeps too.
    kept = {shingle for shingle in different if shingle < limit}
    kept.update(shingle for shingle in shingles[:_BEGINNING] if shingle < _ONE_IN_4)
    if limit < _ONE_IN_8:
        kept.update(shingle for shingle in shingles[:_OPENING] if shingle < _ONE_IN_8)
    return kept or sorted(different)[:4]


def _without_cut_mark(key: str) -> str:
    end = len(key)
    while key.endswith(_CUT_MARKS, 0, end):
        left = " ."
        if key[end - 1] != ".":
            left = " "
            end -= 5
        while end and key[end - 1] in left:
            end -= 1
    return key[:end]


def _typewritten(match: re.Match[str]) -> str:
    variant = match[0]
    if variant in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043":
        return "-"
    if variant in "\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb":
        return '"'
    return "'"


def _says_only(part: str, known: set[str] | frozenset[str]) -> bool:
    words = _WORD.findall(part)
    return bool(words) and not words[0].isdigit() and known.issuperset(words)
