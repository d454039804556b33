"""What the server serves: a folder of feeds, with the settings and the state that go with it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aggregator.web.callbacks import Callbacks
from aggregator.web.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedSite:
    """A folder of feeds and the settings it is served with.

    ``base_url`` is its public address: where that has a path, files are found below it too.
    ``max_age`` is for how many seconds a file may be cached.  ``count`` is called with the status
    of each response.  ``hub`` is the WebSub hub of the feeds, and ``callbacks`` answers the hubs of
    others.
    """

    output: Path
    base_url: str
    state: State
    title: str = "Feeds"
    max_age: int = 300
    hub: str | None = None
    callbacks: Callbacks | None = None
    count: Callable[[int], None] = lambda _status: None
