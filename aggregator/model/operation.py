"""How sources do: what the next poll needs, reports, alarms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

AlarmKind = Literal["silent", "failing", "gone", "unwritable", "undelivered"]
"""``silent``: an agency; ``failing`` and ``gone`` (410): a source; ``unwritable``: a file;
``undelivered``: a webhook.
"""


Progress = Callable[[str, int, int], None]
"""Called with what is worked on, how much of it is done, and how much there is."""


def part_of(
    progress: Progress | None, start: int, end: int, doing: str = "", *, of: int = 100
) -> Progress:
    """Return what to call for the part of some work from ``start`` to ``end`` of ``of``.

    ``doing`` is put before what is worked on.
    """

    def tell(name: str, done: int, total: int) -> None:
        if progress is not None and total > 0:
            share = start * total + (end - start) * min(done, total)
            progress(f"{doing}{name}", share, of * total)

    return tell


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSettings:
    """How the requests of one source differ from those of others; each part may be a secret.

    ``headers`` and ``ca_file`` are for the origin of the configured ``location`` only, wherever a
    redirect, a learnt address or a hub leads; ``user_agent`` and ``proxy`` are for every request.
    """

    location: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    user_agent: str | None = None
    proxy: str | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What is kept about a remote source from one visit to the next.

    ``address`` is set where it differs from the configuration: the source moved permanently, or, if
    ``found``, a web page names its feed.  ``etag`` and ``last_modified`` are exactly as the server
    sent them, ``sha256`` is of the last body.  ``moved_to`` is where permanent redirects have led
    since ``moved_since``; ``gone`` is the time of a 410.  ``failures`` are those in a row.  The
    next visit is ``due`` after ``interval`` seconds, for the reason ``why``.  ``is_aggregator``:
    its feed says that this program made it.
    """

    address: str | None = None
    found: bool = False
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    moved_to: str | None = None
    moved_since: datetime | None = None
    gone: datetime | None = None
    failures: int = 0
    due: datetime | None = None
    interval: int = 0
    why: str = ""
    hub: str | None = None
    topic: str | None = None
    is_aggregator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a publisher states, and shows, about how often to fetch a source.

    ``max_age`` (``Cache-Control``), ``period`` (of the feed) and ``retry_after`` are in seconds.
    ``skip_hours`` are from 0 to 23 in UTC; in ``skip_days`` Monday is 0.  ``published`` are times
    of publication in any order.
    """

    max_age: int | None = None
    period: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    published: tuple[datetime, ...] = ()
    retry_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """The result of one run for one source, in items and documents.

    ``status`` is ``ok``, ``unchanged`` (every document was known), ``failed`` (something could not
    be read: ``error`` is the first problem) or ``waiting`` (its host asked for no requests:
    ``error`` says until when).  ``problems`` are first so many ``failures``, then so many
    ``remarks`` on files that are not read, then those within documents.
    ``older`` is how far its older pages were read in this run, in words.
    """

    id: str
    status: Literal["ok", "unchanged", "failed", "waiting"]
    documents: int = 0
    items: int = 0
    new: int = 0
    revised: int = 0
    merged: int = 0
    unchanged: int = 0
    rejected: int = 0
    error: str | None = None
    problems: tuple[str, ...] = ()
    failures: int = 0
    remarks: int = 0
    new_by_agency: Mapping[str, int] = field(default_factory=dict)
    older: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """When an entry was published; ``is_timed`` if upstream gave the time of day."""

    published: datetime
    is_timed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyActivity:
    """How an agency publishes, for the alarm rules.  Times are aware.

    ``releases`` are its last releases, newest first; ``longest`` is the longest gap
    of the period before the newest one.  ``sources`` are the configured sources that carry the
    agency, and ``heard`` is when one of them was last read, at least in part.
    """

    agency: str
    name: str
    releases: tuple[Release, ...]
    longest: timedelta | None
    sources: tuple[str, ...]
    heard: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFailures:
    """The failures in a row of a source, for the alarm rules.  Times are aware.

    There were ``failures`` of them from ``first_failed`` to ``last_attempt``, the last one for
    ``reason``; ``gone`` is when its server answered 410.
    """

    source: str
    is_remote: bool
    failures: int
    first_failed: datetime
    last_attempt: datetime
    reason: str
    gone: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A trouble from when it was ``raised`` until it ``ended``.

    ``id`` is permanent, made from ``kind``, ``subject`` and ``since``.  ``title`` names the trouble
    and ``words`` is one line that says what to do.  ``updated`` is the later of ``raised`` and
    ``ended``.  Times are aware, in UTC, to the second.
    """

    id: str
    kind: AlarmKind
    subject: str
    since: datetime
    title: str
    words: str
    raised: datetime
    updated: datetime
    ended: datetime | None = None
