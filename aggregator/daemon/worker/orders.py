"""What the daemon and its worker say to one another, over a pipe.

The daemon gives an ``Order``, the worker a ``Word``.
"""

from dataclasses import dataclass
from datetime import datetime

from aggregator.config import Config

RETENTION, UPKEEP, BACKUP, ALARMS = "*retention", "*upkeep", "*backup", "*alarms"
DELIVERIES = "*deliveries"
"""Names of housekeeping; no source's id begins with an asterisk."""


@dataclass(frozen=True, slots=True)
class Due:
    """These sources, or housekeeping, are due."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Configure:
    """From now on this is the configuration."""

    config: Config


@dataclass(frozen=True, slots=True)
class Delivered:
    """A hub delivered something, which is in the store."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish what is in hand and end."""


@dataclass(frozen=True, slots=True)
class Visited:
    """A source was read: with which result, in how many seconds, and when it is due again."""

    name: str
    status: str
    seconds: float
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Pulse:
    """Every lane was alive not long ago."""


@dataclass(frozen=True, slots=True)
class Grown:
    """This process holds memory that a new one would not need, and nothing is under way."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """These sources are to be visited now: no hub speaks for them, or not well."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replaced:
    """The store is another file than it was: nothing that was planned by it holds."""


Order = Due | Configure | Delivered | Stop
Word = Visited | Pulse | Grown | Wanted | Replaced
