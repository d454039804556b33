"""From the query of an address to what is to be searched for, or to what is wrong with it.

The fields are ``q``, ``agency``, ``category``, ``from``, ``until`` (days, both included), ``page``
and ``limit``.  What is sent twice counts once, and fields of other names do not count.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qs, urlencode

from aggregator.normalise.text import clean
from aggregator.web.site import Search

LONGEST_QUERY = 1000
"""Characters that are searched for."""

MOST_FOUND = 50
"""The most entries that a search over HTTP gives at once; ``limit=`` may ask for fewer."""

A_PAGE = 20
"""Entries that a page shows where no limit is asked for."""

MOST_PAGES = 1000

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for: the fields as sent, and what they come to; the ``page`` counts from 1.

    ``wrong`` names the field that makes no sense, and ``problem`` says why.
    """

    fields: Mapping[str, str]
    search: Search
    page: int = 1
    wrong: str = ""
    problem: str = ""

    def of_page(self, page: int) -> str:
        """The query of another page of the same."""
        kept = {name: value for name, value in self.fields.items() if value and name != "page"}
        return urlencode(kept | ({"page": str(page)} if page > 1 else {}))


class _WrongError(Exception):
    """A field makes no sense: its name, and why."""


_FIELDS = ("q", "agency", "category", "from", "until", "page", "limit")


def read(query: bytes, usual: int) -> Asked:
    """What ``query``, as sent, asks for; ``usual`` many entries where it does not say."""
    fields = _fields(query)
    words = fields.get("q", "")
    try:
        if len(words) > LONGEST_QUERY:
            raise _WrongError("q", f"has more than {LONGEST_QUERY} characters")
        limit = _number(fields, "limit", usual, MOST_FOUND)
        page = _number(fields, "page", 1, MOST_PAGES)
        first, last = _day(fields, "from"), _day(fields, "until")
        if first is not None and last is not None and first > last:
            raise _WrongError("until", "is before the day from which on is asked for")
    except _WrongError as wrong:
        name, why = wrong.args
        kept = fields | {"q": words[:LONGEST_QUERY]}
        return Asked(fields=kept, search=Search(), wrong=name, problem=f"{name}: {why}")
    return Asked(
        fields=fields,
        page=page,
        search=Search(
            words=words,
            agency=fields.get("agency") or None,
            category=fields.get("category") or None,
            first=first,
            last=last,
            skip=(page - 1) * limit,
            limit=limit,
        ),
    )


def _fields(query: bytes) -> dict[str, str]:
    """The first value of each field, clean; none where there are absurdly many."""
    try:
        found = parse_qs(query.decode("latin-1"), max_num_fields=20)
    except ValueError:
        return {}
    return {name: clean(found[name][0]).strip() for name in _FIELDS if name in found}


def _number(fields: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = fields.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= most):
        raise _WrongError(name, f"must be a number from 1 to {most}")
    return int(text)


def _day(fields: Mapping[str, str], name: str) -> date | None:
    text = fields.get(name)
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _WrongError(name, "must be a day such as 2024-05-31")
