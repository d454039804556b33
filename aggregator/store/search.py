"""Full-text search: what people type, as FTS5 understands it, and what it finds.

Case and accents do not count (``geoana`` finds Geoană): the index folds both.  People may write
words, ``"phrases"``, ``OR``, ``NOT`` or ``-word``, brackets, and ``begin*``; everything else they
type is text, never syntax, so no query can be malformed.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from aggregator.store import Store
from aggregator.store.snippets import LOOKED_AT, Pieces, Term, snippet, term_of

_TOKEN = re.compile(r'"([^"]*)"?(\*?)|([()])|([^\s()"]+)')
_MAX_DEPTH = 20
_MAX_TERMS = 200

_MATCHING = (
    "FROM entries_fts JOIN entries ON entries.key = entries_fts.rowid WHERE entries_fts MATCH ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """The entries that are searched: of an agency's id, with a term that rules gave, published from
    the first day to the last, both included, in UTC; what is None leaves none out.
    """

    agency: str | None = None
    category: str | None = None
    first: date | None = None
    last: date | None = None

    @property
    def condition(self) -> tuple[str, list[str]]:
        """It in SQL, and the values of that."""
        asked = [
            ("agency = ?", self.agency),
            (
                "EXISTS (SELECT 1 FROM kinds WHERE kinds.entry = entries.key AND kinds.term = ?)",
                self.category,
            ),
            ("published >= ?", self.first and self.first.isoformat()),
            ("published <= ?", self.last and f"{self.last.isoformat()}T23:59:59Z"),
        ]
        given = [(sql, value) for sql, value in asked if value]
        return (
            " AND ".join(["published IS NOT NULL", *(sql for sql, _ in given)]),
            [value for _, value in given],
        )


EVERYTHING = Among()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of what was found: the keys of entries, best first, and how many there are in all.

    ``total`` stops at what was asked for: then there are that many or more.
    """

    keys: list[int] = field(default_factory=list)
    total: int = 0


def search(
    store: Store, query: str, limit: int, *, agency: str | None = None, among: Among = EVERYTHING
) -> list[int]:
    """The keys of the entries that match ``query``, best first; a hit in the title counts more.

    A query without a word in it matches nothing.
    """
    if agency is not None:
        among = replace(among, agency=agency)
    return find(store, query, limit, among=among, count_to=0).keys


def find(
    store: Store, query: str, limit: int, *, among: Among, skip: int = 0, count_to: int
) -> Found:
    """As ``search``, without the first ``skip``, and counted up to ``count_to``."""
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


def snippets(store: Store, query: str, keys: Sequence[int]) -> dict[int, Pieces]:
    """What of the text is around the words of ``query``, of entries that it found."""
    if not keys:
        return {}
    rows = store.rows(
        "SELECT key, substr(text, 1, ?) FROM entries"
        " WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key",
        (LOOKED_AT, json.dumps(list(keys))),
    )
    terms = _terms(query)
    return {key: snippet(text, terms) for key, text in rows}


def _terms(query: str) -> list[Term]:
    """What ``query`` asks for, without its operators; what it does not want is in no text found."""
    quoted = [token for token in _tokens(query) if token.startswith('"')]
    return [term_of(token, is_beginning=token.endswith("*")) for token in quoted]


def match_expression(query: str) -> str:
    """``query`` as an FTS5 expression, or an empty string where there is no word in it."""
    return _either(list(_tokens(query)), 0)[0]


def _tokens(query: str) -> Iterator[str]:
    """Operators as they are, and terms quoted; at most as many as SQLite takes."""
    for number, match in enumerate(_TOKEN.finditer(_plain(query))):
        phrase, star, bracket, word = match.groups()
        if number >= _MAX_TERMS:
            return
        if bracket or word in ("AND", "OR", "NOT"):
            yield bracket or word
        elif word is not None:
            if word.startswith("-") and len(word) > 1:
                yield "NOT"
            yield from _term(word.strip("-").rstrip("*"), "*" if word.endswith("*") else "")
        else:
            yield from _term(phrase, star)


def _plain(query: str) -> str:
    """``query`` as SQLite can take it: without NUL and without stray bytes."""
    return query.replace("\0", " ").encode("utf-8", "replace").decode()


def _term(text: str, star: str) -> Iterator[str]:
    if any(character.isalnum() for character in text):
        quoted = text.replace('"', "")
        yield f'"{quoted}"{star}'


def _either(tokens: list[str], depth: int) -> tuple[str, int]:
    """``a OR b OR …`` from the start of ``tokens``; gives it and how many tokens it took."""
    parts: list[str] = []
    taken = 0
    while True:
        part, count = _together(tokens[taken:], depth)
        taken += count
        if part:
            parts.append(part)
        if taken >= len(tokens) or tokens[taken] != "OR":
            return " OR ".join(parts), taken
        taken += 1


def _together(tokens: list[str], depth: int) -> tuple[str, int]:
    """``a AND b NOT c``; what is asked for without ``AND`` is asked for all the same."""
    wanted: list[str] = []
    unwanted: list[str] = []
    taken, negated = 0, False
    while taken < len(tokens) and tokens[taken] not in ("OR", ")"):
        term = tokens[taken]
        taken += 1
        if term in ("AND", "NOT"):
            negated = term == "NOT"
            continue
        if term == "(":
            term, count = _bracketed(tokens[taken:], depth)
            taken += count
        if term:
            (unwanted if negated else wanted).append(term)
        negated = False
    if depth == 0 and taken < len(tokens) and tokens[taken] == ")":
        rest, count = _together(tokens[taken + 1 :], depth)
        return " AND ".join(filter(None, [_minus(wanted, unwanted), rest])), taken + 1 + count
    return _minus(wanted, unwanted), taken


def _bracketed(tokens: list[str], depth: int) -> tuple[str, int]:
    if depth >= _MAX_DEPTH:
        return "", len(tokens)
    inner, count = _either(tokens, depth + 1)
    closing = 1 if count < len(tokens) else 0
    return (f"({inner})" if inner else ""), count + closing


def _minus(wanted: list[str], unwanted: list[str]) -> str:
    """FTS5 has no "not" by itself: without anything wanted there is nothing to take from."""
    if not wanted or not unwanted:
        return " AND ".join(wanted)
    return f"(({' AND '.join(wanted)}) NOT ({' OR '.join(unwanted)}))"
