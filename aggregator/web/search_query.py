"""The query strings of ``/search`` and ``/status``, parsed and checked.

The fields of a search are ``q``, ``agency``, ``category``, ``from``, ``until`` (days, both
included), ``page`` and ``limit``, those of the status ``q`` and ``page``.  Of a repeated field the
first value counts; unknown fields are ignored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import parse_qs, urlencode

from aggregator.normalise.text import clean
from aggregator.output.pages.live import Form
from aggregator.store.search import EVERYTHING, Among

MAX_QUERY = 1000
"""Characters that are searched for."""

MAX_LIMIT = 50
"""The most entries of one response, and what JSON has without ``limit=``."""

PAGE_SIZE = 20
"""Entries on an HTML page without ``limit=``."""

MAX_PAGE = 1000
MAX_STATUS_PAGE = 100_000
MAX_STATUS_WORDS = 200

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAMES = {
    "q": "words",
    "agency": "agency",
    "category": "category",
    "from": "since",
    "until": "until",
    "limit": "limit",
}
"""The fields of ``Form`` by their names in a query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """A search: the ``form`` as it was filled in, and its meaning; ``page`` counts from 1.

    Where a field is invalid, ``form`` names it and says why, and nothing is to be searched.
    """

    form: Form
    among: Among = EVERYTHING
    page: int = 1
    limit: int = PAGE_SIZE

    @property
    def words(self) -> str:
        """What is searched for; empty where a field is invalid."""
        return "" if self.form.problem else self.form.words

    @property
    def skip(self) -> int:
        """How many results are on the pages before this one."""
        return (self.page - 1) * self.limit

    def url(self, page: int) -> str:
        """The relative address of another page of the same results."""
        values = {name: getattr(self.form, field) for name, field in _NAMES.items()}
        fields = {name: value for name, value in values.items() if value}
        return f"search?{urlencode(fields | ({'page': str(page)} if page > 1 else {}))}"


@dataclass(frozen=True, slots=True)
class StatusQuery:
    """Which page of the status, from 1 on, of what has these ``words``; ``problem``: invalid."""

    words: str = ""
    page: int = 1
    problem: str = ""

    def url(self, page: int) -> str:
        """The relative address of another page of the same."""
        fields = {"q": self.words} if self.words else {}
        query = urlencode(fields | ({"page": str(page)} if page > 1 else {}))
        return f"status?{query}" if query else "status"


def parse_status(query: bytes) -> StatusQuery:
    """The part of the status that ``query``, as sent, stands for: its fields ``q`` and ``page``."""
    fields = _fields(query)
    try:
        page = _number(fields, "page", 1, MAX_STATUS_PAGE)
    except _InvalidFieldError as error:
        return StatusQuery(problem=": ".join(error.args))
    words = fields.get("q", "")
    if len(words) > MAX_STATUS_WORDS:
        return StatusQuery(problem=f"q: has more than {MAX_STATUS_WORDS} characters")
    return StatusQuery(words, page)


class _InvalidFieldError(Exception):
    """A field is invalid: its name, and why."""


def parse(query: bytes, default_limit: int) -> SearchQuery:
    """The search that ``query``, as sent, stands for."""
    fields = _fields(query)
    form = Form(**{field: fields.get(name, "") for name, field in _NAMES.items()})
    try:
        if len(form.words) > MAX_QUERY:
            raise _InvalidFieldError("q", f"has more than {MAX_QUERY} characters")
        if "\ufffd" in form.words:  # half an escape, of which the rest would find nearly everything
            raise _InvalidFieldError("q", "the address is damaged; enter the words again")
        limit = _number(fields, "limit", default_limit, MAX_LIMIT)
        page = _number(fields, "page", 1, MAX_PAGE)
        first, last = _day(fields, "from"), _day(fields, "until")
        if first is not None and last is not None and first > last:
            raise _InvalidFieldError("until", "is before the first day, in from")
    except _InvalidFieldError as error:
        name, why = error.args
        words = form.words[:MAX_QUERY]
        return SearchQuery(form=replace(form, words=words, wrong=name, problem=f"{name}: {why}"))
    among = Among(
        agency=form.agency or None, category=form.category or None, first=first, last=last
    )
    return SearchQuery(form=form, among=among, page=page, limit=limit)


def _fields(query: bytes) -> dict[str, str]:
    """The first value of each field, cleaned; nothing where there are too many fields."""
    try:
        found = parse_qs(query.decode("latin-1"), max_num_fields=20)
    except ValueError:
        return {}
    return {name: clean(found[name][0]).strip() for name in (*_NAMES, "page") if name in found}


def _number(fields: Mapping[str, str], name: str, default: int, most: int) -> int:
    value = fields.get(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdigit() and 0 < int(value[:9]) <= most):
        raise _InvalidFieldError(name, f"must be a number from 1 to {most}")
    return int(value)


def _day(fields: Mapping[str, str], name: str) -> date | None:
    value = fields.get(name)
    if not value:
        return None
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _InvalidFieldError(name, "must be a day such as 2024-05-31")
