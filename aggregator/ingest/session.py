"""What the steps of one run share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.config import Config
from aggregator.ingest.readers import Readers
from aggregator.model import Progress
from aggregator.store import Store
from aggregator.store.sketches import SketchIndex

if TYPE_CHECKING:
    from aggregator.fetch.host_limiter import HostMemory


@dataclass(slots=True, kw_only=True)
class Run:
    """What the steps of one run share.

    ``clock`` returns the time (aware, UTC); ``started`` is the one time of all that a run stores.
    ``is_continuous``: sources come due one after the other, as in the daemon, so that each is
    stored as soon as it was polled, and polls are spread.  ``hosts`` is kept between runs.
    """

    config: Config
    store: Store
    readers: Readers
    index: SketchIndex
    clock: Callable[[], datetime]
    started: datetime | None = None
    is_continuous: bool = False
    hosts: "HostMemory | None" = None
    progress: Progress | None = None
    before_news: Callable[[], None] | None = None

    @property
    def now(self) -> datetime:
        """The time (aware, UTC) to be stored, to the second."""
        return self.started or self.clock().replace(microsecond=0)

    @property
    def limits(self) -> str:
        """The limits of time; what was given up under others is tried again."""
        return f"{self.config.fetch.parse_timeout:g} {self.config.document_timeout:g}"
