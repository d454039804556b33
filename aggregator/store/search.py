"""Full-text search: what people type, as FTS5 understands it, and what it finds.

Case and accents do not count (``geoana`` finds Geoană): the index folds both.  People may write
words, ``"phrases"``, ``OR``, ``NOT`` or ``-word``, brackets, and ``begin*``; everything else they
type is text, never syntax, so no query can be malformed.
"""

import re
from collections.abc import Iterator

from aggregator.store import Store

_TOKEN = re.compile(r'"([^"]*)"?(\*?)|([()])|([^\s()"]+)')
_MAX_DEPTH = 20
_MAX_TERMS = 200


def search(store: Store, query: str, limit: int, *, agency: str | None = None) -> list[int]:
    """The keys of the entries that match ``query``, best first; a hit in the title counts more.

    A query without a word in it matches nothing.
    """
    expression = match_expression(query)
    if not expression:
        return []
    rows = store.rows(
        "SELECT entries.key FROM entries_fts JOIN entries ON entries.key = entries_fts.rowid"
        " WHERE entries_fts MATCH ? AND (? IS NULL OR agency = ?) AND published IS NOT NULL"
        " ORDER BY bm25(entries_fts, 5.0, 1.0), published DESC, entries.key LIMIT ?",
        (expression, agency, agency, limit),
    )
    return [key for (key,) in rows]


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
