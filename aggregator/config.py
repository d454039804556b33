"""Reads ``config.toml`` and says everything that is wrong with it at once.

Takes a path; gives a ``Config`` with its defaults filled in, its durations in seconds and its
paths absolute, or raises ``ConfigError`` with a line for each problem, naming the key.  The shapes
below are the file's own (``docs/configuration.md`` explains them); msgspec holds the types, and
this module the meaning: ids that repeat, addresses, intervals, names claimed twice.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from aggregator.compose import rule_problem
from aggregator.errors import ConfigError
from aggregator.model import Agency
from aggregator.normalise.agency import RESERVED_NAMES, name_key
from aggregator.normalise.links import url_problem
from aggregator.normalise.text import cut, is_blank, one_line

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""Ids name files, so they are made of what every file system takes."""

_INTERVAL = re.compile(r"(?:[0-9]{1,6}[smhd]){1,4}")
_PAUSE = re.compile(r"([0-9]{1,6})(ms|s|m)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_INTERVAL = 366 * _SECONDS["d"]
_SIZE = re.compile(r"([0-9]{1,6}) ?([kMG]?B)")
_BYTES = {"B": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3}


_USER = re.compile(r"//[^/\s]*@")
_LISTEN = re.compile(r"(\[[^\s\[\]]+\]|[^\s\[\]]+):([0-9]{1,5})")
_LAST_PORT = 65535
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LONGEST_NAME = 255  # bytes of one part of a path, on every file system in use


class SourceSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One ``[[sources]]`` table."""

    id: str
    location: str
    format: Literal["digest", "rss", "atom", "json"] | None = None
    interval: str = "15m"
    agency: str | None = None
    allow_private: bool = False
    keep_days: int | None = None
    keep_entries: int | None = None


class AgencySettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One ``[[agencies]]`` table."""

    id: str
    name: str | None = None
    aliases: list[str] = []
    homepage: str | None = None


class FeedSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One ``[[feeds]]`` table: a saved search."""

    id: str
    title: str | None = None
    query: str = ""
    agencies: list[str] = []
    sources: list[str] = []
    categories: list[str] = []
    languages: list[str] = []
    include: list[str] = []
    exclude: list[str] = []
    max_per_agency: int | None = None


class FetchSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The ``[fetch]`` table: how sources with an address are asked, and how much is too much."""

    contact: str = ""
    concurrency: int = 16
    delay: str = "1s"
    connect_timeout: str = "10s"
    timeout: str = "30s"
    parse_timeout: str = "10s"
    longest_interval: str = "1d"
    max_header_size: str = "64kB"
    max_download: str = "10MB"
    max_redirects: int = 5
    max_items: int = 5000
    max_item_size: str = "1MB"


class BackupSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The ``[backup]`` table: copies of the store that the daemon makes."""

    folder: str | None = None
    interval: str = "1d"
    keep: int = 7


class Settings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The whole file."""

    title: str = "Agency press releases"
    base_url: str = "http://localhost:8080/"
    store: str = "aggregator.db"
    output: str = "feeds"
    entries_per_feed: int = 50
    max_per_agency: int | None = None
    listen: str = "127.0.0.1:8080"
    max_document_size: str = "20MB"
    fetch: FetchSettings = FetchSettings()
    backup: BackupSettings = BackupSettings()
    sources: list[SourceSettings] = []
    agencies: list[AgencySettings] = []
    feeds: list[FeedSettings] = []


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
    feeds: tuple[FeedSettings, ...]
    backup: Backup | None = None
    max_per_agency: int | None = None


def load(file: Path) -> Config:
    """Read and check the configuration in ``file``.

    Raises ``ConfigError`` where the file is missing, is not TOML, or holds anything it should not.
    """
    settings = _typed(_toml(file), str(file))
    problems = [f"{file}: {problem}" for problem in _problems(settings)]
    if problems:
        raise ConfigError(*problems)
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
        max_document_size=_size(settings.max_document_size) or 0,
        fetch=_fetching(settings.fetch),
        sources=tuple(_source(source) for source in settings.sources),
        agencies=tuple(_agency(agency) for agency in settings.agencies),
        feeds=tuple(_feed(feed) for feed in settings.feeds),
        backup=_backup(settings.backup, folder),
        max_per_agency=settings.max_per_agency,
    )


def _toml(file: Path) -> dict[str, Any]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text.replace("\r\n", "\n"))
    except FileNotFoundError:
        raise ConfigError(
            f"{file}: there is no such file; name another with --config FILE"
        ) from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: is not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: is not TOML: {error}") from error
    except ValueError as error:  # of int(), which takes no more digits than a few thousand
        raise ConfigError(f"{file}: is not TOML: it holds a number of too many digits") from error
    except RecursionError as error:
        raise ConfigError(f"{file}: is not TOML: nested too deeply") from error


def _typed(table: dict[str, Any], file: str) -> Settings:
    """The file in its shapes.  Unknown keys are all named at once, wrong types one at a time."""
    unknown = [f"{file}: {problem}" for problem in _unknown_keys(table)]
    if unknown:
        raise ConfigError(*unknown)
    try:
        return msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{file}: {_in_words(str(error), table)}") from error


_TABLES: dict[str, type[msgspec.Struct]] = {
    "sources": SourceSettings,
    "agencies": AgencySettings,
    "feeds": FeedSettings,
}


_SINGLE_TABLES: dict[str, type[msgspec.Struct]] = {
    "fetch": FetchSettings,
    "backup": BackupSettings,
}


def _unknown_keys(table: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown(table, Settings, "")
    for name, shape in _SINGLE_TABLES.items():
        single = table.get(name)
        if isinstance(single, dict):
            yield from _unknown(single, shape, f"[{name}]: ")
    for name, shape in _TABLES.items():
        rows = table.get(name)
        for number, row in enumerate(rows if isinstance(rows, list) else [], 1):
            if isinstance(row, dict):
                yield from _unknown(row, shape, _place(name, number, row) + ": ")


def _unknown(table: Mapping[str, Any], shape: type[msgspec.Struct], place: str) -> Iterator[str]:
    known = shape.__struct_fields__
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield f"{place}unknown key {key!r}{hint}"


def _in_words(message: str, table: Mapping[str, Any]) -> str:
    """What msgspec says of ``$.sources[0].interval``, for a reader of TOML."""
    what, _, path = one_line(message).partition(" - at `$.")
    what = what.replace("`", "").replace("Object missing required field", "missing key")
    path = path.rstrip("`")
    match = re.fullmatch(r"(\w+)\[(\d+)\](?:\.(.*))?", path)
    table_name, _, key_name = path.partition(".")
    if table_name in _SINGLE_TABLES and key_name:
        return f"[{table_name}]: {key_name}: {what}"
    if match is None:
        return f"{path}: {what}" if path else what
    name, index, key = match[1], int(match[2]), match[3]
    row = table[name][index]
    place = _place(name, index + 1, row if isinstance(row, dict) else {})
    return f"{place}: {key}: {what}" if key else f"{place}: {what}"


def _place(name: str, number: int, row: Mapping[str, Any]) -> str:
    given = row.get("id")
    if not isinstance(given, str):
        return f"[[{name}]] number {number}"
    return f"[[{name}]] number {number} ({given if ID.fullmatch(given) else repr(given)})"


def _problems(settings: Settings) -> Iterator[str]:
    """What is wrong with values whose types are right."""
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
    if not _size(settings.max_document_size):
        yield f"max_document_size: must be like '20MB', not {settings.max_document_size!r}"
    yield from (f"[fetch]: {problem}" for problem in _fetch_problems(settings.fetch))
    yield from (f"[backup]: {problem}" for problem in _backup_problems(settings.backup))
    for name in _TABLES:
        yield from _id_problems(name, getattr(settings, name))
    for number, source in enumerate(settings.sources, 1):
        place = _place("sources", number, {"id": source.id})
        yield from (f"{place}: {problem}" for problem in _source_problems(source))
    yield from _agency_problems(settings.agencies)
    yield from _feed_problems(settings)


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
        if not _size(getattr(fetch, key)):
            yield f"{key}: must be like '10MB', not {getattr(fetch, key)!r}"


def _backup_problems(backup: BackupSettings) -> Iterator[str]:
    if backup.folder is not None and (problem := _path_problem(backup.folder)):
        yield f"folder: {problem}"
    if not duration(backup.interval):
        yield f"interval: must be like '1d', and at most '366d', not {backup.interval!r}"
    if not 1 <= backup.keep <= 1000:
        yield "keep: must be from 1 to 1000"


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
        place = _place(table, number, {"id": row.id})
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
        bare = _USER.sub("//", source.location)
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
        place = _place("agencies", number, {"id": agency.id})
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
        place = _place("feeds", number, {"id": feed.id})
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


def duration(text: str) -> int | None:
    """Seconds in ``15m``, ``6h``, ``1d`` or ``1h30m``.

    None where it is no interval, no time at all, or longer than a year has days.
    """
    if not _INTERVAL.fullmatch(text):
        return None
    seconds = sum(int(n) * _SECONDS[unit] for n, unit in re.findall(r"([0-9]+)([smhd])", text))
    return seconds if 0 < seconds <= _LONGEST_INTERVAL else None


def pause(text: str) -> float | None:
    """Seconds in ``500ms``, ``2s`` or ``1m``, none at all among them; None where it is no such."""
    match = _PAUSE.fullmatch(text)
    if match is None:
        return None
    seconds = int(match[1]) * {"ms": 0.001, "s": 1.0, "m": 60.0}[match[2]]
    return seconds if seconds <= _SECONDS["h"] else None


def _size(text: str) -> int | None:
    match = _SIZE.fullmatch(text)
    return int(match[1]) * _BYTES[match[2]] if match else None


def host_and_port(text: str) -> tuple[str, int] | None:
    """``127.0.0.1:8080`` or ``[::1]:8080`` as host and port, or None where it is no such."""
    match = _LISTEN.fullmatch(text)
    if match is None or int(match[2]) > _LAST_PORT:
        return None
    return match[1].strip("[]"), int(match[2])


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


def _fetching(fetch: FetchSettings) -> Fetching:
    return Fetching(
        contact=fetch.contact.strip(),
        concurrency=fetch.concurrency,
        delay=pause(fetch.delay) or 0.0,
        connect_timeout=pause(fetch.connect_timeout) or 0.0,
        timeout=pause(fetch.timeout) or 0.0,
        parse_timeout=pause(fetch.parse_timeout) or 0.0,
        longest_interval=duration(fetch.longest_interval) or 0,
        max_header_size=_size(fetch.max_header_size) or 0,
        max_download=_size(fetch.max_download) or 0,
        max_redirects=fetch.max_redirects,
        max_items=fetch.max_items,
        max_item_size=_size(fetch.max_item_size) or 0,
    )


def _agency(agency: AgencySettings) -> Agency:
    return Agency(
        id=agency.id,
        name=one_line(agency.name or agency.id),
        aliases=tuple(agency.aliases),
        homepage=agency.homepage,
    )


def _feed(feed: FeedSettings) -> FeedSettings:
    title = None if feed.title is None else one_line(feed.title)
    return msgspec.structs.replace(feed, title=title)
