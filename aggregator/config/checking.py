"""What is wrong with settings whose types are right, a line for each problem, naming the key."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from aggregator.config.reading import place_of
from aggregator.config.settings import (
    ID,
    AgencySettings,
    BackupSettings,
    CategorySettings,
    FeedSettings,
    FetchSettings,
    Settings,
    SourceSettings,
)
from aggregator.config.units import duration, host_and_port, pause, size
from aggregator.normalise.addresses import redact
from aggregator.normalise.agency import RESERVED_NAMES, name_key
from aggregator.normalise.builtin_categories import BUILTIN
from aggregator.normalise.categories import LONGEST_TERM, slug
from aggregator.normalise.links import url_problem
from aggregator.normalise.rules import rule_problem
from aggregator.normalise.text import cut, is_blank, one_line

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FOLDERS = ("archive", "category", "entries")  # of the output
_LONGEST_NAME = 255  # bytes of one part of a path, on every file system in use


def problems(settings: Settings) -> Iterator[str]:
    """All that is wrong with values whose types are right, a line each."""
    if is_blank(settings.title):
        yield "title: is empty"
    if problem := url_problem(settings.base_url):
        yield f"base_url: {problem}"
    elif urlsplit(settings.base_url).query or urlsplit(settings.base_url).fragment:
        yield "base_url: takes no ? and no #, since file names are added to it"
    for key, value in (("store", settings.store), ("output", settings.output)):
        if problem := _path_problem(value):
            yield f"{key}: {problem}"
    if not 1 <= settings.entries_per_feed <= 10_000:
        yield "entries_per_feed: must be from 1 to 10000"
    if settings.max_per_agency is not None and not 1 <= settings.max_per_agency <= 10_000:
        yield "max_per_agency: must be from 1 to 10000"
    if host_and_port(settings.listen) is None:
        yield f"listen: must be HOST:PORT, not {settings.listen!r}"
    if not size(settings.max_document_size):
        yield f"max_document_size: must be like '20MB', not {settings.max_document_size!r}"
    yield from (f"[fetch]: {problem}" for problem in _fetch_problems(settings.fetch))
    yield from (f"[backup]: {problem}" for problem in _backup_problems(settings.backup))
    yield from (f"[websub]: {problem}" for problem in _websub_problems(settings))
    for name in ("sources", "agencies", "feeds"):
        yield from _id_problems(name, getattr(settings, name))
    for number, source in enumerate(settings.sources, 1):
        place = place_of("sources", number, {"id": source.id})
        yield from (f"{place}: {problem}" for problem in _source_problems(source))
    yield from _agency_problems(settings.agencies)
    yield from _feed_problems(settings)
    yield from _category_problems(settings)


def _fetch_problems(fetch: FetchSettings) -> Iterator[str]:
    if _CONTROLS.search(fetch.contact) or not fetch.contact.isascii() or len(fetch.contact) > 200:
        yield f"contact: must be an address of mail or web, not {cut(fetch.contact, 80)!r}"
    for key, low, high in (
        ("concurrency", 1, 1000),
        ("max_redirects", 0, 20),
        ("max_items", 1, 1_000_000),
    ):
        if not low <= getattr(fetch, key) <= high:
            yield f"{key}: must be from {low} to {high}"
    if pause(fetch.delay) is None:
        yield f"delay: must be like '1s' or '500ms', and at most '1h', not {fetch.delay!r}"
    for key in ("connect_timeout", "timeout", "parse_timeout"):
        if not pause(value := getattr(fetch, key)):
            yield f"{key}: must be like '30s' or '2m', and at most '1h', not {value!r}"
    if not duration(fetch.longest_interval):
        yield (
            "longest_interval: must be like '1d', and at most '366d', "
            f"not {fetch.longest_interval!r}"
        )
    for key in ("max_header_size", "max_download", "max_item_size"):
        if not size(getattr(fetch, key)):
            yield f"{key}: must be like '10MB', not {getattr(fetch, key)!r}"


def _backup_problems(backup: BackupSettings) -> Iterator[str]:
    if backup.folder is not None and (problem := _path_problem(backup.folder)):
        yield f"folder: {problem}"
    if not duration(backup.interval):
        yield f"interval: must be like '1d', and at most '366d', not {backup.interval!r}"
    if not 1 <= backup.keep <= 1000:
        yield "keep: must be from 1 to 1000"


def _websub_problems(settings: Settings) -> Iterator[str]:
    if settings.websub.hub is not None and not settings.base_url.isascii():
        yield "hub: takes a base_url in ASCII (xn--… for a host, %C3%A9 for é), to name feeds by"
    for key in ("hub", "callback"):
        value = getattr(settings.websub, key)
        if value is None:
            continue
        if redact(value) != value:  # not quoted: what stands before the @ may be a password
            yield f"{key}: holds a user or a password, which everybody would be told"
        elif problem := url_problem(value):
            yield f"{key}: {problem}"
        elif not value.isascii():  # it stands in headers, and is what requests are compared with
            yield f"{key}: is to be written as it is sent, in ASCII: xn--… for a host, %C3%A9 for é"
        elif urlsplit(value).fragment:
            yield f"{key}: takes no #"
        elif key == "callback":
            yield from (f"callback: {problem}" for problem in _callback_problems(value, settings))


def _callback_problems(callback: str, settings: Settings) -> Iterator[str]:
    if urlsplit(callback).query:
        yield "takes no ?, since names are added to it"
    parts = _parts_of(callback)
    if not parts:
        yield "needs a path of its own, such as https://example.org/websub/"
        return
    if {".", ".."} & set(parts):
        yield "takes no . and no .. in its path, which nobody sends"
    # A proxy may take the path of base_url away before `run` sees it.
    base = [] if url_problem(settings.base_url) else _parts_of(settings.base_url)
    within = parts[len(base) :] if parts[: len(base)] == base else parts
    if not within or within[0] in _FOLDERS:
        yield (
            "needs a path of its own: below this one are the feeds and pages themselves; "
            f"for example {settings.base_url.rstrip('/')}/websub/"
        )


def _parts_of(address: str) -> list[str]:
    return [part for part in urlsplit(address).path.split("/") if part]


def _path_problem(value: str) -> str | None:
    if is_blank(value) or _CONTROLS.search(value):
        return f"is not a path: {value!r}"
    try:
        parts = Path(value).expanduser().parts
    except RuntimeError:
        return f"nobody has the home folder that {value!r} begins with"
    for part in parts:
        if len(part.encode()) > _LONGEST_NAME:
            return f"holds a name of more than {_LONGEST_NAME} bytes: {cut(part, 40)!r}"
    return None


def _id_problems(
    table: str, rows: Sequence[SourceSettings | AgencySettings | FeedSettings]
) -> Iterator[str]:
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        place = place_of(table, number, {"id": row.id})
        if not ID.fullmatch(row.id):
            yield f"{place}: id: may hold letters, digits, '.', '_' and '-' only: {row.id!r}"
        elif table != "sources" and _is_reserved(row.id):
            yield f"{place}: id: {row.id!r} cannot name a feed's file; choose another"
        elif (first := seen.setdefault(row.id.casefold(), number)) != number:
            yield f"{place}: id: {row.id!r} is already that of number {first}"


def _is_reserved(id_: str) -> bool:
    """Whether no feed's file may have this name; systems differ over case and endings."""
    return id_.casefold().partition(".")[0] in RESERVED_NAMES


def _source_problems(source: SourceSettings) -> Iterator[str]:
    if is_blank(source.location) or _CONTROLS.search(source.location):
        yield f"location: is not a path or an address: {source.location!r}"
    elif "://" in source.location and url_problem(source.location):
        # In its own words: url_problem quotes the address, and that may hold a password.
        bare = redact(source.location)
        yield f"location: {url_problem(bare) or f'is not an address: {bare!r}'}"
    elif "://" not in source.location and source.location.startswith(("http:", "https:", "feed:")):
        yield f"location: an address begins with http:// or https://, not {source.location!r}"
    if not duration(source.interval):
        yield (
            "interval: must be like '15m', '6h' or '1d', and at most '366d', "
            f"not {source.interval!r}"
        )
    for key in ("keep_days", "keep_entries"):
        value = getattr(source, key)
        if value is not None and not 1 <= value <= 10_000_000:
            yield f"{key}: must be from 1 to 10000000"
    if source.agency is not None and not ID.fullmatch(source.agency):
        yield f"agency: is not an agency's id: {source.agency!r}"
    elif source.agency is not None and _is_reserved(source.agency):
        yield f"agency: {source.agency!r} cannot name a feed's file; choose another"


def _agency_problems(agencies: Sequence[AgencySettings]) -> Iterator[str]:
    claimed: dict[str, str] = {}
    for number, agency in enumerate(agencies, 1):
        place = place_of("agencies", number, {"id": agency.id})
        if agency.name is not None and is_blank(agency.name):
            yield f"{place}: name: is empty"
        if any(is_blank(alias) for alias in agency.aliases):
            yield f"{place}: aliases: one of them is empty"
        if agency.homepage is not None and (problem := url_problem(agency.homepage)):
            yield f"{place}: homepage: {problem}"
        for name in (agency.id, agency.name or agency.id, *agency.aliases):
            owner = claimed.setdefault(name_key(name), agency.id)
            if owner != agency.id:
                yield f"{place}: the name {name!r} is already that of {owner}"


def _feed_problems(settings: Settings) -> Iterator[str]:
    agencies = {agency.id.casefold() for agency in settings.agencies}
    sources = {source.id for source in settings.sources}
    for number, feed in enumerate(settings.feeds, 1):
        place = place_of("feeds", number, {"id": feed.id})
        if feed.id.casefold() in agencies:
            yield f"{place}: id: {feed.id!r} is an agency's, and two feeds cannot share a file"
        if feed.title is not None and is_blank(feed.title):
            yield f"{place}: title: is empty"
        for name in feed.sources:
            if name not in sources:
                yield f"{place}: sources: there is no source {name!r}"
        for word in (*feed.include, *feed.exclude):
            if problem := rule_problem(word):
                key = "include" if word in feed.include else "exclude"
                yield f"{place}: {key}: {problem}"
        if feed.max_per_agency is not None and not 1 <= feed.max_per_agency <= 10_000:
            yield f"{place}: max_per_agency: must be from 1 to 10000"


_MOST_CATEGORIES = 100


def _category_problems(settings: Settings) -> Iterator[str]:
    """Terms that nobody can tell apart, rules that are none, and rules that take everything."""
    if len(settings.categories) > _MOST_CATEGORIES:
        yield f"[[categories]]: there may be {_MOST_CATEGORIES} of them"
    pages = {slug(rule.term): rule.term for rule in BUILTIN} if settings.builtin_categories else {}
    seen: dict[str, int] = {}
    for number, category in enumerate(settings.categories, 1):
        place = place_of("categories", number, {"term": category.term})
        term = category.term
        if problem := _term_problem(term):
            yield f"{place}: term: {problem}"
        elif (first := seen.setdefault(term.casefold(), number)) != number:
            yield f"{place}: term: {term!r} is already that of number {first}"
        elif (other := pages.setdefault(slug(term), term)).casefold() != term.casefold():
            yield f"{place}: term: {term!r} and {other!r} would share the page {slug(term)}.html"
        yield from (f"{place}: {problem}" for problem in _rule_problems(category))


def _term_problem(term: str) -> str | None:
    if is_blank(term):
        return "is empty"
    if one_line(term) != term:
        return f"must be on one line, with single spaces: {cut(term, 80)!r}"
    if len(term) > LONGEST_TERM:
        return f"may have {LONGEST_TERM} characters: {cut(term, 80)!r}"
    return None


def _rule_problems(category: CategorySettings) -> Iterator[str]:
    for key in ("title", "body", "exclude"):
        for word in getattr(category, key):
            if problem := rule_problem(word):
                yield f"{key}: {problem}"
    for id_ in category.agencies:
        if not ID.fullmatch(id_):
            yield f"agencies: is not an agency's id: {cut(id_, 80)!r}"
    if not (category.title or category.body or category.agencies):
        yield "says of no entry that it is one: give it title, body or agencies"
