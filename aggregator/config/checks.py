"""Check what no single value shows: repeated ids, names of two agencies, addresses that collide.

Takes a configuration in which every invalid value was replaced by its default; yields a line for
each problem, naming the key.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from aggregator.config.keys import place_of
from aggregator.config.settings import Config, SavedSearch, Source
from aggregator.model import Agency
from aggregator.normalise.agency import name_key
from aggregator.normalise.builtin_categories import BUILTIN
from aggregator.normalise.categories import slug

_FOLDERS = ("archive", "category", "entries", "month", "search")  # of the output
_MOST_CATEGORIES = 100


def problems_across(config: Config) -> Iterator[str]:
    """Yield everything that is wrong with values that are valid one by one."""
    yield from (f"[websub]: {problem}" for problem in _websub_problems(config))
    yield from _repeated_ids("sources", config.sources)
    yield from _repeated_ids("agencies", config.agencies)
    yield from _repeated_ids("feeds", config.feeds)
    yield from _agency_problems(config.agencies)
    yield from _feed_problems(config)
    yield from _category_problems(config)
    yield from _webhook_problems(config)


def _websub_problems(config: Config) -> Iterator[str]:
    if config.websub.hub is not None and not config.base_url.isascii():
        yield "hub: needs a base_url in ASCII (xn--… for a host, %C3%A9 for é), to name feeds by"
    callback = config.websub.callback
    if callback is None:
        return
    # A proxy may remove the path of base_url before `run` sees the request.
    parts, base = _parts_of(callback), _parts_of(config.base_url)
    within = parts[len(base) :] if parts[: len(base)] == base else parts
    if not within or within[0] in _FOLDERS:
        yield (
            "callback: needs a path of its own, since feeds and pages are served below this one; "
            f"for example {config.base_url}websub/"
        )


def _parts_of(address: str) -> list[str]:
    return [part for part in urlsplit(address).path.split("/") if part]


def _repeated_ids(table: str, rows: Sequence[Source | Agency | SavedSearch]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        if row.id and (first := seen.setdefault(row.id.casefold(), number)) != number:
            place = place_of(table, number, row.id)
            yield f"{place}: id: {row.id!r} is already that of number {first}"


def _agency_problems(agencies: Sequence[Agency]) -> Iterator[str]:
    claimed: dict[str, str] = {}
    for number, agency in enumerate(agencies, 1):
        for name in (agency.id, agency.name, *agency.aliases):
            if (owner := claimed.setdefault(name_key(name), agency.id)) != agency.id:
                place = place_of("agencies", number, agency.id)
                yield f"{place}: the name {name!r} is already that of {owner}"


def _feed_problems(config: Config) -> Iterator[str]:
    agencies = {agency.id.casefold() for agency in config.agencies if agency.id}
    agencies |= {source.agency.casefold() for source in config.sources if source.agency}
    sources = {source.id for source in config.sources}
    tags = {tag.casefold() for source in config.sources for tag in source.tags}
    for number, feed in enumerate(config.feeds, 1):
        place = place_of("feeds", number, feed.id)
        if feed.id.casefold() in agencies:
            yield f"{place}: id: {feed.id!r} is an agency's, and two feeds cannot share a file"
        for name in feed.sources:
            if name not in sources:
                yield f"{place}: sources: there is no source {name!r}"
        for tag in feed.tags:
            if tag.casefold() not in tags:
                yield f"{place}: tags: no source has the tag {tag!r}"


def _category_problems(config: Config) -> Iterator[str]:
    """Yield terms that are equal, or have the same page."""
    if len(config.categories) > _MOST_CATEGORIES:
        yield f"[[categories]]: there may be at most {_MOST_CATEGORIES} of them"
    pages = {slug(rule.term): rule.term for rule in BUILTIN} if config.builtin_categories else {}
    seen: dict[str, int] = {}
    terms = [(number, each.term) for number, each in enumerate(config.categories, 1) if each.term]
    for number, term in terms:
        place = place_of("categories", number, term)
        if (first := seen.setdefault(term.casefold(), number)) != number:
            yield f"{place}: term: {term!r} is already that of number {first}"
        elif (other := pages.setdefault(slug(term), term)).casefold() != term.casefold():
            yield f"{place}: term: {term!r} and {other!r} would share the page {slug(term)}.html"


def _webhook_problems(config: Config) -> Iterator[str]:
    """Yield names that two webhooks share: each has a queue of its own, under its name."""
    seen: dict[str, int] = {}
    for number, hook in enumerate(config.webhooks, 1):
        if hook.url and (first := seen.setdefault(hook.name.casefold(), number)) != number:
            place = place_of("webhooks", number, hook.id)
            yield f"{place}: id: {hook.name!r} is already that of number {first}; give it another"
