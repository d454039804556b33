"""Messages between the daemon and its worker, over a pipe: commands one way, events the other."""

from dataclasses import dataclass
from datetime import datetime

from aggregator.config import Config

RETENTION, UPKEEP, BACKUP, ALARMS = "*retention", "*upkeep", "*backup", "*alarms"
DELIVERIES = "*deliveries"
"""Names of maintenance tasks; ids of sources do not begin with an asterisk."""


@dataclass(frozen=True, slots=True)
class Due:
    """These sources or maintenance tasks are due."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Configure:
    """Use this configuration from now on."""

    config: Config


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery of a hub is in the store."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish the work at hand and exit."""


@dataclass(frozen=True, slots=True)
class Polled:
    """A source was polled: with which result, in how many seconds, and when it is due again."""

    name: str
    status: str
    seconds: float
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Alive:
    """Every thread of the worker sent a heartbeat recently."""


@dataclass(frozen=True, slots=True)
class RestartMe:
    """The worker holds memory that a new process would not need, and has no work."""


@dataclass(frozen=True, slots=True)
class PollNow:
    """These sources should be polled now: their hubs do not push, or not reliably."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoreReplaced:
    """The store is another file than before, so what was planned from it is void."""


Command = Due | Configure | Delivered | Stop
WorkerEvent = Polled | Alive | RestartMe | PollNow | StoreReplaced
