"""Full-text search: translates what people type for FTS5, runs it, and keeps the index.

Case and accents do not matter (``geoana`` finds Geoană): the index folds both.  A query has words,
``"phrases"``, ``OR``, ``NOT`` or ``-word``, brackets, and ``prefix*``; everything else is text and
never syntax, so that no query can be malformed.  The search without a server has the same language
(``output/pages/templates/search.js``).

Entries are indexed in the order of their rows, so the entries after the last one that is indexed
are those that have yet to be.  Indexing costs a third if it is done for some hundred at once.
"""

import json
import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from aggregator.store import Store
from aggregator.store.snippets import READ, Pieces, Term, snippet, term_of

_TOKEN = re.compile(r'"([^"]*)"?(\*?)|([()]|-(?=["(]))|([^\s()"]+)')
_MAX_DEPTH = 20
_MAX_TERMS = 200

_INDEX = "INSERT INTO entries_fts (rowid, title, text) SELECT key, title, text FROM entries"
_MATCHING = (
    "FROM entries_fts JOIN entries ON entries.key = entries_fts.rowid WHERE entries_fts MATCH ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """Which entries are searched: of an agency, of a category by rule, published from the first
    day to the last (UTC, both included).  What is None does not restrict.
    """

    agency: str | None = None
    category: str | None = None
    first: date | None = None
    last: date | None = None

    @property
    def condition(self) -> tuple[str, list[str]]:
        """The condition in SQL, and its parameters."""
        conditions = [
            ("agency = ?", self.agency),
            (
                "EXISTS (SELECT 1 FROM kinds WHERE kinds.entry = entries.key AND kinds.term = ?)",
                self.category,
            ),
            ("published >= ?", self.first and self.first.isoformat()),
            ("published <= ?", self.last and f"{self.last.isoformat()}T23:59:59Z"),
        ]
        used = [(sql, value) for sql, value in conditions if value]
        return (
            " AND ".join(["published IS NOT NULL", *(sql for sql, _ in used)]),
            [value for _, value in used],
        )


EVERYTHING = Among()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of results: the keys of entries, best first, and the number of all results.

    ``total`` is at most the number that the caller counts to: then there are that many or more.
    """

    keys: list[int] = field(default_factory=list)
    total: int = 0


def search(
    store: Store, query: str, limit: int, *, agency: str | None = None, among: Among = EVERYTHING
) -> list[int]:
    """Return the keys of the entries that match ``query``, best first; titles count five times.

    A query without any word matches nothing.
    """
    if agency is not None:
        among = replace(among, agency=agency)
    return find(store, query, limit, among=among, count_to=0).keys


def find(
    store: Store, query: str, limit: int, *, among: Among, skip: int = 0, count_to: int
) -> Found:
    """Return results as ``search``, after the first ``skip``, counted up to ``count_to``."""
    expression = match_expression(query)
    if not expression:
        return Found()
    condition, values = among.condition
    rows = store.rows(
        f"SELECT entries.key {_MATCHING} AND {condition}"
        " ORDER BY bm25(entries_fts, 5.0, 1.0), published DESC, entries.key LIMIT ? OFFSET ?",
        (expression, *values, limit, skip),
    )
    ((total,),) = store.rows(
        f"SELECT count(*) FROM (SELECT 1 {_MATCHING} AND {condition} LIMIT ?)",
        (expression, *values, count_to),
    )
    return Found(keys=[key for (key,) in rows], total=total)


def index_added(store: Store, *, least: int = 1) -> None:
    """Index the entries that were added since the last time, if they are ``least`` or more.

    Within a transaction.
    """
    last, indexed = _last_rows(store)
    if last >= indexed + least:
        store.execute(f"{_INDEX} WHERE key > ?", (indexed,))


def index_remaining(store: Store) -> None:
    """Index the entries that were added since the last time, if any, in a transaction."""
    if not is_indexed(store):
        with store.transaction():
            index_added(store)


def is_indexed(store: Store) -> bool:
    """Whether no entry waits for ``index_added``."""
    last, indexed = _last_rows(store)
    return last <= indexed


def _last_rows(store: Store) -> tuple[int, int]:
    """Return the key of the last entry, and of the last that is indexed; 0 if there is none."""
    ((last, indexed),) = store.rows(
        "SELECT (SELECT coalesce(max(key), 0) FROM entries),"
        " (SELECT coalesce(max(id), 0) FROM entries_fts_docsize)"
    )
    return last, indexed


def index_one(store: Store, entry: int) -> None:
    """Index an entry that was just added, and all before it; within a transaction."""
    index_added(store)
    ((is_indexed,),) = store.rows(
        "SELECT EXISTS (SELECT 1 FROM entries_fts_docsize WHERE id = ?)", (entry,)
    )
    if not is_indexed:
        index_again(store, entry)


def index_again(store: Store, entry: int) -> None:
    """Index an entry that ``unindex`` took out, with its words of now; within a transaction."""
    store.execute(f"{_INDEX} WHERE key = ?", (entry,))


def unindex(store: Store, entries: Collection[int]) -> bool:
    """Take entries out of the index, before their words change; return whether any was in it.

    Within a transaction.
    """
    condition = (
        "key IN (SELECT value FROM json_each(?)) AND key IN (SELECT id FROM entries_fts_docsize)"
    )
    listed = (json.dumps(sorted(entries)),)
    if not store.rows(f"SELECT 1 FROM entries WHERE {condition} LIMIT 1", listed):
        return False
    store.execute(
        "INSERT INTO entries_fts (entries_fts, rowid, title, text)"
        f" SELECT 'delete', key, title, text FROM entries WHERE {condition}",
        listed,
    )
    return True


def snippets(store: Store, query: str, keys: Sequence[int]) -> dict[int, Pieces]:
    """Return the passage of each text that matches ``query`` best, for entries that it found."""
    if not keys:
        return {}
    rows = store.rows(
        "SELECT key, substr(text, 1, ?) FROM entries"
        " WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key",
        (READ, json.dumps(list(keys))),
    )
    terms = _terms(query)
    return {key: snippet(text, terms) for key, text in rows}


def _terms(query: str) -> list[Term]:
    """Return the terms of ``query``; those after NOT are in none of the texts that it found."""
    quoted = [token for token in _tokens(query) if token.startswith('"')]
    return [term_of(token, is_beginning=token.endswith("*")) for token in quoted]


def match_expression(query: str) -> str:
    """Return ``query`` as an FTS5 expression, empty where it has no word."""
    return _either(deque(_tokens(query)), 0)


def _tokens(query: str) -> Iterator[str]:
    """Yield operators as they are and terms quoted, at most as many as SQLite accepts."""
    for number, match in enumerate(_TOKEN.finditer(_plain(query))):
        phrase, star, bracket, word = match.groups()
        if number >= _MAX_TERMS:
            return
        if bracket or word in ("AND", "OR", "NOT"):
            yield "NOT" if bracket == "-" else bracket or word
        elif word is not None:
            if word.startswith("-") and len(word) > 1:
                yield "NOT"
            yield from _term(word.strip("-").rstrip("*"), "*" if word.endswith("*") else "")
        else:
            yield from _term(phrase, star)


def _plain(query: str) -> str:
    """Return ``query`` without what SQLite rejects: NUL and surrogates."""
    return query.replace("\0", " ").encode("utf-8", "replace").decode()


def _term(text: str, star: str) -> Iterator[str]:
    if any(character.isalnum() for character in text):
        quoted = text.replace('"', "")
        yield f'"{quoted}"{star}'


def _either(tokens: deque[str], depth: int) -> str:
    """Parse and consume ``a OR b OR …``."""
    parts = [_together(tokens, depth)]
    while tokens and tokens[0] == "OR":
        tokens.popleft()
        parts.append(_together(tokens, depth))
    return " OR ".join(filter(None, parts))


def _together(tokens: deque[str], depth: int) -> str:
    """Parse and consume ``a AND b NOT c``, in which ``AND`` may be omitted."""
    wanted: list[str] = []
    unwanted: list[str] = []
    is_negated = False
    while tokens and tokens[0] not in ("OR", ")"):
        term = tokens.popleft()
        if term in ("AND", "NOT"):
            is_negated = term == "NOT"
            continue
        if term == "(":
            term = _bracketed(tokens, depth)
        if term:
            (unwanted if is_negated else wanted).append(term)
        is_negated = False
    expression = _minus(wanted, unwanted)
    if depth == 0 and tokens and tokens[0] == ")":  # without an opening one
        tokens.popleft()
        return " AND ".join(filter(None, [expression, _together(tokens, depth)]))
    return expression


def _bracketed(tokens: deque[str], depth: int) -> str:
    """Parse and consume what is in brackets, and the closing one, which may be missing."""
    if depth >= _MAX_DEPTH:
        tokens.clear()
        return ""
    inner = _either(tokens, depth + 1)
    if tokens:
        tokens.popleft()
    return f"({inner})" if inner else ""


def _minus(wanted: list[str], unwanted: list[str]) -> str:
    """FTS5 has NOT only as "a NOT b": without a wanted term, the unwanted ones are ignored."""
    if not wanted or not unwanted:
        return " AND ".join(wanted)
    return f"(({' AND '.join(wanted)}) NOT ({' OR '.join(unwanted)}))"
