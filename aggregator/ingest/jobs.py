"""The documents to be read, the results of reading them, and the rules for that.

Light to import: a run that finds no new document never loads what reads one (``read``).
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from aggregator.config import Config, Source
from aggregator.dedupe.items import Prepared
from aggregator.model import Channel, Document, Problem
from aggregator.normalise.addresses import site_of
from aggregator.normalise.agency import Agencies

HASH = 8
"""Bytes of the hash by which an unchanged item of a feed is recognised."""

LARGE = 400_000
"""Bytes from which on a document is large: a remote one is read in a process that can be killed."""


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """What is known of an older page of a feed before it is read.

    Nothing on it came out after ``bound``; ``title`` and ``home`` are what the feed itself says.
    """

    bound: datetime
    title: str
    home: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """A document to be read, and the hashes of the items that its source had last time.

    ``is_partial``: it has only what is new of its feed, or ``page`` says that it is an older one.
    """

    source: Source
    document: Document
    seen: bytes = b""
    is_partial: bool = False
    page: ArchivePage | None = None


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """The content of a document: its items, its problems, and the days it covers.

    ``is_ordered``: its items are newest first, as in a digest.  ``unchanged`` counts the items of a
    feed that were the same last time, which are not in ``prepared``; ``seen`` has the hashes of all
    its items, ``listed`` their ids, or None if the document is not a whole feed.  ``modified`` is
    the time that the document itself states, as a mail does, and a digest with a day.  ``left_out``
    are items that the rules of the source do not select.  ``seconds`` is how long reading took.
    """

    prepared: list[Prepared]
    problems: list[Problem]
    days: tuple[date, date]
    is_ordered: bool = True
    channel: Channel | None = None
    unchanged: int = 0
    seen: bytes = b""
    published: tuple[datetime, ...] = ()
    listed: frozenset[str] | None = None
    modified: datetime | None = None
    left_out: tuple[Problem, ...] = ()
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document that cannot be read, and why; ``is_given_up``: it took too long.

    ``is_empty``: it has nothing but white space.  ``is_unknown``: it has no format that is read.
    """

    problem: str
    is_given_up: bool = False
    is_empty: bool = False
    is_unknown: bool = False


ReadResult = ReadDocument | Unreadable


@dataclass(frozen=True, slots=True)
class Taken:
    """What is to be stored of a poll, and what was found out (``older``).

    ``floor`` is the last row of an entry before a gap, where the feed shows that there is one.  Of
    an older page: ``is_met``, it has an entry from before the gap; ``limit``, no older entries are
    wanted; ``reached``, the median of when its items came out; ``digest`` is of which items they
    are.
    """

    read: ReadDocument
    floor: int | None = None
    is_met: bool = False
    limit: datetime | None = None
    reached: datetime | None = None
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class Rules:
    """What reading depends on besides the document.

    ``hosts`` has the source of each host: items of other sources may not have ids of that host.
    """

    agencies: Agencies
    hosts: dict[str, str]
    max_items: int
    max_item_size: int
    parse_timeout: float
    document_timeout: float


def hosts_of(config: Config) -> dict[str, str]:
    """Return the source of each host of the configuration; a host of several belongs to none."""
    hosts: dict[str, str] = {}
    for source in config.sources:
        if source.is_remote and (host := site_of(source.location)):
            hosts[host] = source.id if host not in hosts else ""
    return hosts


def read_rules(config: Config, hosts: dict[str, str] | None = None) -> Rules:
    """Return the rules that follow from a configuration, with its ``hosts`` if they are known."""
    return Rules(
        agencies=config.by_name,
        hosts=hosts if hosts is not None else hosts_of(config),
        max_items=config.fetch.max_items,
        max_item_size=config.fetch.max_item_size,
        parse_timeout=config.fetch.parse_timeout,
        document_timeout=config.document_timeout,
    )


def overdue(document: Document, seconds: float, step: str) -> Unreadable:
    """Return that ``document`` was given up after ``document_timeout``, in this step."""
    problem = f"stopped after {seconds:g} s (document_timeout) while {step}"
    return Unreadable(
        f"{document.name}: {problem}{size_words(document)}; given up", is_given_up=True
    )


def size_words(document: Document) -> str:
    """Return the size of a document, if it may be why reading it takes long."""
    return f"; it has {document.size:,} bytes" if document.size > LARGE else ""
