"""The shapes of ``config.toml``, as msgspec holds them: what keys there are, and of which types.

What they mean is ``docs/configuration.md``'s to tell; whether values make sense is looked at in
``checking``.
"""

import re
from typing import Literal

import msgspec

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""Ids name files, so they are made of what every file system takes."""


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


class CategorySettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One ``[[categories]]`` table: what makes an entry one of a category."""

    term: str
    title: list[str] = []
    body: list[str] = []
    agencies: list[str] = []
    exclude: list[str] = []


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


class WebSubSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The ``[websub]`` table: who is told of news, and where hubs can tell us of theirs."""

    hub: str | None = None
    callback: str | None = None


class Settings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The whole file."""

    title: str = "Agency press releases"
    base_url: str = "http://localhost:8080/"
    store: str = "aggregator.db"
    output: str = "feeds"
    entries_per_feed: int = 50
    max_per_agency: int | None = None
    builtin_categories: bool = True
    listen: str = "127.0.0.1:8080"
    max_document_size: str = "20MB"
    fetch: FetchSettings = FetchSettings()
    backup: BackupSettings = BackupSettings()
    websub: WebSubSettings = WebSubSettings()
    sources: list[SourceSettings] = []
    agencies: list[AgencySettings] = []
    feeds: list[FeedSettings] = []
    categories: list[CategorySettings] = []
