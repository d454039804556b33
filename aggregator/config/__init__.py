"""Reads ``config.toml`` and says everything that is wrong with it at once.

Takes a path; gives a ``Config`` with its defaults filled in, its durations in seconds and its
paths absolute, or raises ``ConfigError`` with a line for each problem, naming the key.  The shapes
of the file are in ``settings``, where msgspec holds the types; ``reading`` fits the file to them,
and ``checking`` has the meaning: ids that repeat, addresses, intervals, names claimed twice.
"""

from dataclasses import dataclass
from pathlib import Path

from aggregator.config.checking import problems
from aggregator.config.reading import toml, typed
from aggregator.config.settings import (
    ID,
    AgencySettings,
    BackupSettings,
    CategorySettings,
    FeedSettings,
    FetchSettings,
    SourceSettings,
    WebSubSettings,
)
from aggregator.config.units import duration, host_and_port, pause, size
from aggregator.errors import ConfigError
from aggregator.model import Agency, Search
from aggregator.normalise.text import one_line

__all__ = [
    "ID",
    "Backup",
    "CategorySettings",
    "Config",
    "Fetching",
    "SavedSearch",
    "Source",
    "WebSub",
    "duration",
    "host_and_port",
    "load",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place bytes come from.  ``interval`` is in seconds; ``is_remote`` for http and https.

    ``keep_days`` and ``keep_entries`` are how long, and how many of, its entries are kept; None for
    all.
    """

    id: str
    location: str
    is_remote: bool
    format: str | None
    interval: int
    agency: str | None
    allow_private: bool
    keep_days: int | None = None
    keep_entries: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetching:
    """How remote sources are asked.  Durations are in seconds, sizes in bytes.

    ``contact`` is what the ``User-Agent`` names besides this program: an address of mail or web.
    """

    contact: str
    concurrency: int
    delay: float
    connect_timeout: float
    timeout: float
    parse_timeout: float
    longest_interval: int
    max_header_size: int
    max_download: int
    max_redirects: int
    max_items: int
    max_item_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """Copies of the store: into which folder, every how many seconds, and how many are kept."""

    folder: Path
    interval: int
    keep: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSub:
    """The hub that is told of news and named in the feeds, and the address below which this
    program's daemon answers hubs, with a slash at its end.  Without either, that half is off.
    """

    hub: str | None = None
    callback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch(Search):
    """A search that is published as a feed."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A configuration that can be used as it is.  ``folder`` is where relative paths start."""

    file: Path
    folder: Path
    title: str
    base_url: str
    store: Path
    output: Path
    entries_per_feed: int
    listen: tuple[str, int]
    max_document_size: int
    fetch: Fetching
    sources: tuple[Source, ...]
    agencies: tuple[Agency, ...]
    feeds: tuple[SavedSearch, ...]
    backup: Backup | None = None
    websub: WebSub = WebSub()
    max_per_agency: int | None = None
    categories: tuple[CategorySettings, ...] = ()
    builtin_categories: bool = True


def load(file: Path) -> Config:
    """Read and check the configuration in ``file``.

    Raises ``ConfigError`` where the file is missing, is not TOML, or holds anything it should not.
    """
    settings = typed(toml(file), str(file))
    if found := [f"{file}: {problem}" for problem in problems(settings)]:
        raise ConfigError(*found)
    folder = file.absolute().parent
    return Config(
        file=file,
        folder=folder,
        title=one_line(settings.title),
        base_url=settings.base_url.rstrip("/") + "/",
        store=folder / Path(settings.store).expanduser(),
        output=folder / Path(settings.output).expanduser(),
        entries_per_feed=settings.entries_per_feed,
        listen=host_and_port(settings.listen) or ("127.0.0.1", 8080),
        max_document_size=size(settings.max_document_size) or 0,
        fetch=_fetching(settings.fetch),
        sources=tuple(_source(source) for source in settings.sources),
        agencies=tuple(_agency(agency) for agency in settings.agencies),
        feeds=tuple(_feed(feed) for feed in settings.feeds),
        backup=_backup(settings.backup, folder),
        websub=_websub(settings.websub),
        max_per_agency=settings.max_per_agency,
        categories=tuple(settings.categories),
        builtin_categories=settings.builtin_categories,
    )


def _source(source: SourceSettings) -> Source:
    return Source(
        id=source.id,
        location=source.location,
        is_remote="://" in source.location,
        format=source.format,
        interval=duration(source.interval) or 0,
        agency=source.agency,
        allow_private=source.allow_private,
        keep_days=source.keep_days,
        keep_entries=source.keep_entries,
    )


def _backup(backup: BackupSettings, folder: Path) -> Backup | None:
    if backup.folder is None:
        return None
    return Backup(
        folder=folder / Path(backup.folder).expanduser(),
        interval=duration(backup.interval) or 0,
        keep=backup.keep,
    )


def _websub(websub: WebSubSettings) -> WebSub:
    callback = websub.callback
    return WebSub(hub=websub.hub, callback=callback.rstrip("/") + "/" if callback else None)


def _fetching(fetch: FetchSettings) -> Fetching:
    return Fetching(
        contact=fetch.contact.strip(),
        concurrency=fetch.concurrency,
        delay=pause(fetch.delay) or 0.0,
        connect_timeout=pause(fetch.connect_timeout) or 0.0,
        timeout=pause(fetch.timeout) or 0.0,
        parse_timeout=pause(fetch.parse_timeout) or 0.0,
        longest_interval=duration(fetch.longest_interval) or 0,
        max_header_size=size(fetch.max_header_size) or 0,
        max_download=size(fetch.max_download) or 0,
        max_redirects=fetch.max_redirects,
        max_items=fetch.max_items,
        max_item_size=size(fetch.max_item_size) or 0,
    )


def _agency(agency: AgencySettings) -> Agency:
    return Agency(
        id=agency.id,
        name=one_line(agency.name or agency.id),
        aliases=tuple(agency.aliases),
        homepage=agency.homepage,
    )


def _feed(feed: FeedSettings) -> SavedSearch:
    return SavedSearch(
        id=feed.id,
        title=one_line(feed.title or feed.id),
        query=feed.query,
        agencies=tuple(feed.agencies),
        sources=tuple(feed.sources),
        categories=tuple(feed.categories),
        languages=tuple(feed.languages),
        include=tuple(feed.include),
        exclude=tuple(feed.exclude),
        max_per_agency=feed.max_per_agency,
    )
