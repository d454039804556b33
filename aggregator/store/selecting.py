"""Selects the entries of a feed, newest first, by the criteria of a saved search."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from aggregator.model import Search
from aggregator.store import Store
from aggregator.store.categories import counts as category_counts
from aggregator.store.search import match_expression

_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """An entry as rules read it; ``text`` is empty where no rule reads it."""

    key: int
    agency: str
    title: str
    text: str


@dataclass(slots=True)
class _Query:
    conditions: list[str] = field(default_factory=lambda: ["published IS NOT NULL"])
    parameters: list[Any] = field(default_factory=list)

    def add(self, condition: str, *parameters: object) -> None:
        self.conditions.append(condition)
        self.parameters += parameters


def select(
    store: Store,
    search: Search,
    *,
    with_text: bool = False,
    among: Collection[int] | None = None,
) -> Iterator[Selected]:
    """Yield the entries that ``search`` selects, newest first, read a few at a time.

    Of those ``among``, if given.  ``include``, ``exclude`` and ``max_per_agency`` are left to the
    caller.  A query without any word finds nothing.
    """
    expression = match_expression(search.query) if search.query else ""
    if search.query and not expression:
        return
    query = _conditions(search, expression, _terms(store, search.categories))
    if among is not None:
        query.add("key IN (SELECT value FROM json_each(?))", json.dumps(sorted(among)))
    text = "text" if with_text else "''"
    last: tuple[str, int] | None = None
    while True:
        more = " AND (published, key) < (?, ?)" if last else ""
        rows = store.rows(
            f"SELECT key, agency, title, {text}, published FROM entries"
            f" WHERE {' AND '.join(query.conditions)}{more}"
            f" ORDER BY published DESC, key DESC LIMIT {_BATCH}",
            [*query.parameters, *(last or ())],
        )
        for key, agency, title, found, _ in rows:
            yield Selected(key=key, agency=agency, title=title, text=found)
        if len(rows) < _BATCH:
            return
        last = rows[-1][4], rows[-1][0]


def _terms(store: Store, categories: Sequence[str]) -> list[str]:
    """The terms that rules gave which are ``categories`` but for case."""
    folded = {term.casefold() for term in categories}
    held = category_counts(store) if folded else ()
    return [term for term in held if term.casefold() in folded]


def _conditions(wanted: Search, expression: str, terms: Sequence[str]) -> _Query:
    query = _Query()
    if expression:
        query.add("key IN (SELECT rowid FROM entries_fts WHERE entries_fts MATCH ?)", expression)
    if wanted.agencies:
        listed = json.dumps(list(wanted.agencies))
        query.add(
            "(agency IN (SELECT value FROM json_each(?)) OR key IN (SELECT entry FROM credits"
            " WHERE credits.agency IN (SELECT value FROM json_each(?))))",
            *(listed, listed),
        )
    if wanted.sources:
        query.add(
            "key IN (SELECT entry FROM sightings JOIN documents ON documents.key = document"
            " WHERE source IN (SELECT value FROM json_each(?)))",
            json.dumps(list(wanted.sources)),
        )
    if wanted.categories:
        listed = json.dumps([term.casefold() for term in wanted.categories])
        query.add(
            "key IN (SELECT entry FROM categories WHERE lower(term) IN"
            " (SELECT value FROM json_each(?)) UNION SELECT entry FROM terms JOIN sightings"
            " ON id = sighting WHERE lower(term) IN (SELECT value FROM json_each(?))"
            " UNION SELECT entry FROM kinds WHERE term IN (SELECT value FROM json_each(?)))",
            *(listed, listed, json.dumps(terms)),
        )
    if wanted.languages:
        query.add(
            "lower(substr(language, 1, instr(language || '-', '-') - 1)) IN"
            " (SELECT value FROM json_each(?))",
            json.dumps(sorted(_with_norwegian(wanted.languages))),
        )
    return query


def _with_norwegian(tags: Iterable[str]) -> set[str]:
    """Return the languages of ``tags``; Norwegian is ``no``, or ``nb`` or ``nn``, or not told."""
    found = {tag.partition("-")[0].casefold() for tag in tags}
    if "no" in found:
        return found | {"nb", "nn"}
    return found | {"no"} if found & {"nb", "nn"} else found


def month_keys(store: Store, month: str, agency: str | None) -> list[int]:
    """Return the entries that came out in a month, as ``2024-05``, newest first; of an agency, or
    all.
    """
    # By the index of agencies and times: a month of one is a few rows of all there are.
    among = (
        "key IN (SELECT key FROM entries WHERE agency = ?3 AND published >= ?1 AND published < ?2"
        " UNION ALL SELECT entry FROM credits WHERE credits.agency = ?3) AND"
    )
    rows = store.rows(
        f"SELECT key FROM entries WHERE {among if agency is not None else ''}"
        " published >= ?1 AND published < ?2 ORDER BY published DESC, key DESC",
        (month, f"{month}\U0010ffff", *([agency] if agency is not None else [])),
    )
    return [key for (key,) in rows]


def months(store: Store, agency: str | None) -> list[str]:
    """The months, as ``2024-05``, in which entries came out, oldest first; of an agency, or all."""
    if agency is None:
        rows = store.rows(f"{_EACH_MONTH.format('')} ORDER BY 1")
    else:
        rows = store.rows(
            f"{_EACH_MONTH.format('agency = ?1 AND')} UNION SELECT substr(published, 1, 7)"
            " FROM credits JOIN entries ON key = entry"
            " WHERE credits.agency = ?1 AND published IS NOT NULL ORDER BY 1",
            (agency,),
        )
    return [month for (month,) in rows]


_EACH_MONTH = (
    "WITH RECURSIVE each(month) AS ("
    "SELECT substr(min(published), 1, 7) FROM entries WHERE {0} published IS NOT NULL"
    " UNION ALL SELECT (SELECT substr(min(published), 1, 7) FROM entries"
    " WHERE {0} published > month || '\U0010ffff') FROM each WHERE month IS NOT NULL)"
    " SELECT month FROM each WHERE month IS NOT NULL"
)
"""From each month to the next by an index of times, however many entries a month has."""
