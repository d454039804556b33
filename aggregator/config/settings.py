"""The tables of ``config.toml``: every key with its check, its default and its meaning.

Nothing else lists the keys: ``keys.read`` fills these types, and ``docs/configuration.md`` consists
of the texts below them (``tools/configuration.py``).  Durations are in seconds, sizes in bytes.
"""

# ruff: noqa: RUF009  # key, table and tables return fields, as dataclasses.field does

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.config import requests, values
from aggregator.config.keys import REQUIRED, key, table, tables
from aggregator.config.webhooks import Webhook
from aggregator.model import Agency, RequestSettings, Search
from aggregator.normalise.addresses import userinfo
from aggregator.normalise.agency import Agencies
from aggregator.normalise.builtin_categories import BUILTIN
from aggregator.normalise.categories import Rule, rules_of

_texts = values.list_of(values.text)
_rules = values.list_of(values.rule)
_words = values.list_of(values.word)
_agencies = values.list_of(values.feed_name)
_SHORTEST_INTERVAL = 900  # seconds, of a source for which none is configured
_feed_size = values.whole(1, 10_000)
_tags = values.list_of(values.tag)
_formats = values.one_of("digest", "mail", "feed", "rss", "atom", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A ``[[sources]]`` table: where releases come from."""

    id: str = key(values.identifier, REQUIRED)
    """its name, in messages and in `--source`"""
    title: str | None = key(values.title, None, shown="the id")
    """as people should read it in `status`, `check` and exported lists"""
    tags: tuple[str, ...] = key(_tags, [], shown="none")
    """words of your own that group sources, for `tags` of `[[feeds]]`; folders of an imported list
    become tags, and an exported one has them"""
    location: str = key(values.location, REQUIRED)
    """a path, a glob such as `"seeds/*.txt"` (`**` goes into folders; after `"seeds/*"` a file that
    is not a digest, mail or feed is a remark, not a failure), a Maildir, or an http or https
    address"""
    format: str | None = key(_formats, None, shown="found from the content")
    """`"digest"`, `"mail"` ([how it is read](decisions/mail.md)) or `"feed"`; of feeds also only
    `"rss"`, `"atom"` or `"json"`"""
    interval: int | None = key(values.duration, None, shown="`15m`, or half its usual gap")
    """how often it is due: `s`, `m`, `h`, `d`"""
    agency: str | None = key(values.feed_name, None)
    """the id of the agency whose releases all of these are, whatever they say"""
    include: tuple[str, ...] = key(_words, [], shown="")
    """words or phrases, one of which the title or text of a new item must contain, such as
    `"arrest*"`: case and accents do not count, `*` is any letters
    ([what is left out](decisions/selection.md))"""
    exclude: tuple[str, ...] = key(_words, [], shown="")
    """the same, of which it must contain none"""
    timezone: ZoneInfo | None = key(values.zone, None, shown="UTC")
    """such as `"Europe/Brussels"`: of its dates that name none; this and the next key count for
    what is read from then on ([how dates are read](decisions/dates-of-feeds.md))"""
    day_first: bool | None = key(values.flag, None, shown="by its dates and its language")
    """whether its 03/04/2024 is 3 April"""
    keep_days: int | None = key(values.whole(1, 10_000_000), None)
    """entries that came out longer ago are removed, if no other source keeps them; `run` looks for
    them once a day, `once` removes nothing"""
    keep_entries: int | None = key(values.whole(1, 10_000_000), None)
    """this many of the newest entries are kept ([what is removed](decisions/retention.md))"""
    aggregator: bool = key(values.flag, False)
    """`true`: it is the feed of another Aggregator, whose ids, agencies and datings are kept
    ([how](federation.md))"""
    agencies: tuple[str, ...] = key(_agencies, [], shown="all")
    """of another Aggregator: ids of the agencies for which it may speak; items of others are left
    out"""
    allow_private: bool = key(values.flag, False)
    """`true` lets this source be at a private or loopback address"""
    backfill: int | None = key(values.span, None, shown="none")
    """how far back its older pages are read at first, where its feed names them (RFC 5005, JSON
    Feed): `"1y"`, `"6w"`, `"90d"`, or `"all"` ([how](decisions/backfill.md))"""
    headers: tuple[tuple[str, requests.Secret], ...] = key(requests.headers, {}, shown="none")
    """headers of its requests, such as `{ Authorization = "env:EUROPOL_TOKEN" }`; here and in the
    next three keys `"env:NAME"` is the value of an environment variable, and no value is shown
    ([where they are sent](decisions/secrets.md))"""
    cookie: requests.Secret | None = key(requests.secret, None)
    """the `Cookie` of its requests"""
    user_agent: requests.Secret | None = key(requests.secret, None, shown="that of all")
    """the `User-Agent` of its requests"""
    proxy: requests.Secret | None = key(requests.proxy, None, shown="none")
    """an `http://`, `https://` or `socks5://` address (the last needs the package socksio) through
    which it is requested; the proxy looks names up, so private addresses behind names are its
    affair"""
    ca_file: Path | None = key(values.path, None)
    """a PEM file of certificate authorities that are trusted for this source besides the usual"""

    @property
    def is_remote(self) -> bool:
        """Whether ``location`` is an http or https address."""
        return "://" in self.location

    @property
    def shortest_interval(self) -> int:
        """Seconds from one poll to the next at least."""
        return self.interval if self.interval is not None else _SHORTEST_INTERVAL

    @property
    def rules(self) -> tuple[tuple[str, ...], ...]:
        """What selects its items, or nothing."""
        return (self.include, self.exclude) if self.include or self.exclude else ()

    @property
    def request(self) -> RequestSettings | None:
        """How its requests differ from those of other sources, or None."""
        if not any(getattr(self, name) for name in _REQUEST_KEYS):
            return None
        cookie = () if self.cookie is None else (("Cookie", self.cookie),)
        return RequestSettings(
            location=self.location,
            headers=(*self.headers, *cookie),
            user_agent=self.user_agent,
            proxy=self.proxy,
            ca_file=self.ca_file,
        )

    @property
    def request_words(self) -> str:
        """The names of these settings, for people."""
        names = [name for name in _REQUEST_KEYS[1:] if getattr(self, name)]
        return ", ".join([*(f"header {name}" for name, _ in self.headers), *names])


_REQUEST_KEYS = ("headers", "cookie", "user_agent", "proxy", "ca_file")


def _has_authorization(source: Source) -> bool:
    return any(name.lower() == "authorization" for name, _ in source.headers)


def _source(source: Source) -> Source:
    used = [name for name in _REQUEST_KEYS if getattr(source, name)]
    if used and not source.is_remote:
        raise ValueError(f"{used[0]}: needs a location that is an http or https address")
    if source.backfill is not None and not source.is_remote:
        raise ValueError("backfill: needs a location that is an http or https address")
    if source.headers and userinfo(source.location) and _has_authorization(source):
        raise ValueError("headers: Authorization and a password in location exclude each other")
    if source.agencies and not source.aggregator:
        raise ValueError("agencies: is for a source with aggregator = true")
    if source.agency and source.aggregator:
        raise ValueError("agency: aggregator = true takes agencies from the feed; use agencies")
    return source


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """The ``[fetch]`` table: how sources with an address are requested, and what is too much."""

    contact: str = key(values.contact, "", shown="none")
    """an address of mail or web, sent to every server in the `User-Agent`; without it, `base_url`
    if that is a public one"""
    concurrency: int = key(values.whole(1, 1000), 16)
    """simultaneous requests; always at most one to a host"""
    delay: float = key(values.pause, "1s")
    """from one request to a host to the next; `"0s"` for none"""
    connect_timeout: float = key(values.timeout, "10s")
    """for a connection to be established"""
    timeout: float = key(values.timeout, "30s")
    """for a whole response, redirects included"""
    parse_timeout: float = key(values.timeout, "10s")
    """for a feed so broken that the quick parser gives up and the lenient one reads it"""
    longest_interval: int = key(values.duration, "1d")
    """no hint and no failure makes a source wait longer than this"""
    max_header_size: int = key(values.size, "64kB")
    """of a response"""
    max_download: int = key(values.size, "10MB")
    """of a response as sent; unpacked, `max_document_size` applies"""
    max_redirects: int = key(values.whole(0, 20), 5)
    """that are followed"""
    max_items: int = key(values.whole(1, 1_000_000), 5000)
    """of a feed; the first ones are read"""
    max_item_size: int = key(values.size, "1MB")
    """characters of one item's text; what is longer is cut"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSettings:
    """The ``[backup]`` table: copies of the store that the daemon makes."""

    folder: Path | None = key(values.path, None)
    """where copies of the store go, as `aggregator-YYYYMMDD-HHMMSS.db`; none are made without it"""
    interval: int = key(values.duration, "1d")
    """how often"""
    keep: int = key(values.whole(1, 1000), 7)
    """how many are kept"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSubSettings:
    """The ``[websub]`` table: our hub, and the address to which hubs of sources deliver."""

    hub: str | None = key(values.public_url, None, shown="none")
    """a [WebSub](https://www.w3.org/TR/websub/) hub: feeds name it, and it is notified when one
    changed"""
    callback: str | None = key(values.callback, None, shown="none")
    """a public address below which `run` answers hubs, such as `"https://example.org/websub/"`: not
    that of `base_url`, nor of a folder of the output below it, such as `entries/`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleSettings:
    """The ``[scale]`` table: other machines that work beside this one."""

    scheduler: str | None = key(values.scheduler, None, shown="none")
    """the scheduler of a Dask cluster, such as `"tcp://10.0.0.5:8786"`, or `tls://`: its workers
    fetch and read instead of the processes of `workers`; needs the extra `press-aggregator[dask]`
    ([how](scale.md))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencySettings:
    """An ``[[agencies]]`` table: who publishes."""

    id: str = key(values.feed_name, REQUIRED)
    """also the name of its feed's file: choose it once, never change it"""
    name: str | None = key(values.title, None, shown="the id")
    """as people should read it"""
    aliases: tuple[str, ...] = key(values.list_of(values.visible), [])
    """other names in digests; how they are written, and a descriptor in brackets, do not count"""
    homepage: str | None = key(values.url, None)
    """linked from its feed"""


def _agency(settings: AgencySettings) -> Agency:
    return Agency(
        id=settings.id,
        name=settings.name or settings.id,
        aliases=settings.aliases,
        homepage=settings.homepage,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch(Search):
    """A ``[[feeds]]`` table: a saved search, published as a feed."""

    id: str = key(values.feed_name, REQUIRED)
    """also the name of its feed's files, and of its page"""
    title: str | None = key(values.title, None, shown="the id")
    """as people should read it"""
    query: str = key(values.text, "", shown="")
    """as for `aggregator search`: words, `"phrases"`, `OR`, `NOT`, brackets, `begin*`"""
    agencies: tuple[str, ...] = key(_texts, [], shown="all")
    """ids of agencies, one of which must have published or carried an entry"""
    sources: tuple[str, ...] = key(_texts, [], shown="all")
    """ids of sources, in one of which it was seen"""
    tags: tuple[str, ...] = key(_tags, [], shown="all")
    """tags of sources, with one of which it was seen; those of `sources` count as well, and case
    does not"""
    categories: tuple[str, ...] = key(_texts, [], shown="all")
    """categories, one of which it has by a rule or by its own feed; case does not count"""
    languages: tuple[str, ...] = key(_texts, [], shown="all")
    """such as `"en"`; entries of unknown language have none"""
    include: tuple[str, ...] = key(_rules, [], shown="")
    """words, one of which it must contain; `"/pattern/"` is a regular expression"""
    exclude: tuple[str, ...] = key(_rules, [], shown="")
    """words of which it must contain none"""
    max_per_agency: int | None = key(_feed_size, None)
    """how many entries of one agency the feed contains at most"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategorySettings:
    """A ``[[categories]]`` table: what makes an entry one of a category."""

    term: str = key(values.term, REQUIRED)
    """the category, in plain words as people should read it; also the name of its page
    and of its feed, `category/media-advisory.html` and `.atom`"""
    title: tuple[str, ...] = key(_rules, [], shown="")
    """words, one of which the title must contain"""
    body: tuple[str, ...] = key(_rules, [], shown="")
    """words, one of which the first 10,000 characters of the text must contain"""
    agencies: tuple[str, ...] = key(values.list_of(values.identifier), [], shown="all")
    """ids of agencies, one of which must be the entry's"""
    exclude: tuple[str, ...] = key(_rules, [], shown="")
    """words of which neither title nor text may contain any"""


def _category(settings: CategorySettings) -> CategorySettings:
    if not (settings.title or settings.body or settings.agencies):
        raise ValueError("applies to every entry: set title, body or agencies")
    return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole file.  ``folder`` is where relative paths start; ``by_id`` has the sources."""

    file: Path
    folder: Path
    by_id: Mapping[str, Source] = field(init=False, repr=False, compare=False)
    title: str = key(values.title, "Agency press releases")
    """the title of the combined feed"""
    base_url: str = key(values.base_url, "http://localhost:8080/")
    """where the output folder is served; every `self` link starts with it"""
    store: Path = key(values.path, "aggregator.db")
    """the SQLite file"""
    output: Path = key(values.path, "feeds")
    """the folder of feeds"""
    entries_per_feed: int = key(_feed_size, 50)
    """how many of the newest entries a feed contains, at most 10,000"""
    max_per_agency: int | None = key(_feed_size, None)
    """how many entries of one agency the combined feed contains at most"""
    workers: int | None = key(values.whole(1, 64), None, shown="one for each processor")
    """processes that work at the same time, this one included: beside it, documents of a large run
    are read and their entries categorised; `1` for none"""
    entry_pages: str = key(values.one_of("needed", "all", "none"), "needed")
    """which entries get a page of their own as a file: `"needed"` for those without a page at their
    publisher, and those with something to show (changes, merges, a date that is not upstream's);
    `"all"`; or `"none"`. `run` and `serve` have a page of every entry"""
    static_search: bool = key(values.flag, True)
    """`false` leaves out `search.html`, the search of the newest 5,000 entries that needs no
    server but script, and its data (`search/`, at most 2 MB)"""
    builtin_categories: bool = key(values.flag, True)
    """`false` turns the built-in categories off"""
    listen: tuple[str, int] = key(values.host_and_port, "127.0.0.1:8080")
    """where `run` and `serve` listen; their `--listen` wins"""
    max_document_size: int = key(values.size, "20MB")
    """the largest document that is read, unpacked"""
    document_timeout: float = key(values.timeout, "2m")
    """for all that is done with one document once it is there; after that it is given up, and tried
    again when it changes, or at growing intervals ([how](decisions/deadline.md))"""
    fetch: FetchSettings = table(FetchSettings)
    backup: BackupSettings = table(BackupSettings)
    websub: WebSubSettings = table(WebSubSettings)
    scale: ScaleSettings = table(ScaleSettings)
    sources: tuple[Source, ...] = tables(Source, build=_source)
    agencies: tuple[Agency, ...] = tables(AgencySettings, build=_agency)
    feeds: tuple[SavedSearch, ...] = tables(SavedSearch)
    categories: tuple[CategorySettings, ...] = tables(CategorySettings, build=_category)
    webhooks: tuple[Webhook, ...] = tables(Webhook)

    def __post_init__(self) -> None:
        """Make the sources known by their ids."""
        object.__setattr__(self, "by_id", {source.id: source for source in self.sources})

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how another process builds it again: of many sources by columns, the quick way."""
        names = [each.name for each in fields(Source)]
        columns = {name: tuple(map(attrgetter(name), self.sources)) for name in names}
        usual = {each.name: each.default for each in fields(Source)}
        given = {
            name: values
            for name, values in columns.items()
            if any(value is not usual[name] for value in values)
        }
        init = {each.name: getattr(self, each.name) for each in fields(self) if each.init}
        return _config_of, (init | {"sources": ()}, given)

    @property
    def by_name(self) -> Agencies:
        """The agencies, looked up by their names."""
        return Agencies(self.agencies, (feed.id for feed in self.feeds))

    @property
    def category_rules(self) -> tuple[Rule, ...]:
        """The rules of all categories, in the order in which these are listed."""
        return rules_of(self.categories, BUILTIN if self.builtin_categories else ())

    @property
    def searches(self) -> tuple[SavedSearch, ...]:
        """The saved searches, with the sources that have their tags among their sources."""
        return tuple(
            replace(feed, sources=tuple(dict.fromkeys((*feed.sources, *self._tagged(feed.tags)))))
            for feed in self.feeds
        )

    def _tagged(self, tags: Sequence[str]) -> Iterator[str]:
        """Yield the ids of the sources with one of ``tags``."""
        wanted = {tag.casefold() for tag in tags}
        for source in self.sources if wanted else ():
            if any(tag.casefold() in wanted for tag in source.tags):
                yield source.id


def _config_of(init: dict[str, Any], columns: dict[str, tuple[Any, ...]]) -> Config:
    rows = zip(*columns.values(), strict=True)
    sources = tuple(Source(**dict(zip(columns, row, strict=True))) for row in rows)
    return Config(**init | {"sources": sources})
