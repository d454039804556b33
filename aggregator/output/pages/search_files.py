"""Search without a server: a page, its script, and the words of the newest entries in parts.

Takes the newest entries; yields names and bytes.  A part is a run of entries in the order of their
times, and begins (at its oldest entry) where the hash of an entry's id says so.  So a new entry
changes the part that it falls into and no other one, and the same entries make the same parts,
whatever the order in which they came.  A part is a script that calls a function with data, because
pages from a disk may not fetch files.
"""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import category
from zlib import crc32

from aggregator.model.normal_form import normal_form
from aggregator.normalise.addresses import valid_address
from aggregator.normalise.identity import page_uuid
from aggregator.normalise.languages import valid_language
from aggregator.normalise.text import clean, cut
from aggregator.output.formats.names import agency_name
from aggregator.output.pages.page_data import ListedEntry, SiteInfo
from aggregator.output.pages.templating import render, source, titled

PAGE = "search.html"
SCRIPT = "search.js"
FOLDER = "search/"
INDEX = f"{FOLDER}index.js"
"""Names the parts, newest first."""

MOST = 5000
"""Entries that may be searched."""

MOST_BYTES = 2_000_000
"""Of all parts; the newest ones are written."""

_USUAL_PART = 128  # entries
_LARGEST_PART = 400
_LONGEST_TITLE = 200
_LONGEST_WORDS = 400
_LONGEST_ADDRESS = 500
_WORD = re.compile(r"[^\W_]+")

Noted = tuple[str, int]
"""The digest of the entries of a part, and its size in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows of entries, newest first; ``name`` is derived from the id of the oldest one."""

    name: str
    keys: tuple[int, ...]
    digest: str


def parts(newest: Sequence[tuple[int, str]], most: int = MOST) -> list[Part]:
    """Return the parts of entries, which are rows and ids, newest first.

    ``newest`` are at most ``most``.  Where there may be older ones, those before the first
    beginning of a part are left out, since each new entry would push one of them out.
    """
    found: list[list[tuple[int, str]]] = []
    oldest_first = newest[::-1]
    is_whole = len(newest) < most
    for key, id_ in oldest_first:
        begins = crc32(id_.encode("utf-8", "replace")) % _USUAL_PART == 0
        if begins or (found and len(found[-1]) >= _LARGEST_PART) or (not found and is_whole):
            found.append([])
        if found:
            found[-1].append((key, id_))
    made = []
    for number, entries in enumerate(found):
        ids = "\n".join(id_ for _, id_ in entries)
        made.append(
            Part(
                # The first part of all begins where the entries do, which may change.
                name="oldest" if is_whole and number == 0 else page_uuid(entries[0][1]),
                keys=tuple(key for key, _ in entries[::-1]),
                digest=hashlib.sha256(ids.encode("utf-8", "replace")).hexdigest()[:16],
            )
        )
    return made[::-1]


def search_files(
    site: SiteInfo,
    newest: Sequence[tuple[int, str]],
    listed: Callable[[Sequence[int]], list[ListedEntry]],
    changed: Collection[int] | None,
    noted: dict[str, Noted],
) -> Iterator[tuple[str, bytes]]:
    """Yield the page, its script, the list of parts, and the parts that changed.

    ``listed`` reads entries by their rows.  A part is made again with an entry in ``changed``
    (None: all) or if it is not as ``noted``, which has the present parts afterwards.
    """
    yield PAGE, render("static_search.html", site, "", feeds=site.feeds[:1])
    yield SCRIPT, source(SCRIPT)
    before, total, stale = dict(noted), 0, set(changed or ())
    noted.clear()
    for part in parts(newest):
        digest, size = before.get(part.name, ("", 0))
        content = None
        if changed is None or digest != part.digest or not stale.isdisjoint(part.keys):
            content = part_file(part.name, listed(part.keys))
            size = len(content)
        total += size
        if total > MOST_BYTES and noted:
            break
        noted[part.name] = (part.digest, size)
        if content is not None:
            yield f"{FOLDER}{part.name}.js", content
    yield INDEX, _script("index", list(noted))


def part_file(name: str, entries: Sequence[ListedEntry]) -> bytes:
    """Return a part: agencies, which are names and pages, and entries.

    An entry is its day, the position of its agency, its title, its address, the words of its first
    lines and its language.
    """
    agencies: dict[str, tuple[int, str]] = {}
    rows = []
    for entry in entries:
        id_ = entry.agency.id
        number, _ = agencies.setdefault(id_, (len(agencies), cut(entry.agency.name, 100)))
        address = entry.page or (valid_address(entry.upstream) if entry.upstream else "")
        rows.append(
            [
                entry.published.date().isoformat(),
                number,
                cut(titled(entry.title), _LONGEST_TITLE),
                address if len(address) <= _LONGEST_ADDRESS else "",
                words_of(clean(entry.summary)),
                valid_language(entry.language) or "",
            ]
        )
    named = [[name, agency_name(id_)] for id_, (_, name) in agencies.items()]
    return _script(name, {"agencies": named, "entries": rows})


def words_of(text: str) -> str:
    """Return the words of a text without case and accents, as ``search.js`` reads those of titles.

    SQLite's unicode61, by which the store searches, folds letters likewise.
    """
    plain = "".join(c for c in normal_form("NFKD", text) if category(c)[0] != "M")
    words = _WORD.findall(plain.lower().replace("ς", "σ"))
    return " ".join(words)[:_LONGEST_WORDS].rstrip()


def _script(name: str, value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"part({json.dumps(name)},{text});\n".encode("utf-8", "replace")
