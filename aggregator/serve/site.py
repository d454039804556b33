"""What is to be served, and where the answers that are no files come from."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from aggregator.serve.callbacks import Callbacks


class State(Protocol):
    """How the program is doing, for pages and for machines.

    Every method is called in a thread other than the event loop's, and not always the same one; it
    may take its time, but whoever waits is told after ``app.LONGEST_WAIT`` seconds that it took too
    long.  What it raises is answered with 503.
    """

    def status(self) -> dict[str, Any]:
        """The object that ``status --json`` prints."""
        ...

    def search(self, query: str, limit: int) -> list[dict[str, Any]]:
        """At most ``limit`` entries, best first, each as ``entries --json`` prints it."""
        ...

    def ready(self) -> tuple[bool, list[str]]:
        """Whether the store answers and the schedule is on time, and what is wrong in words."""
        ...

    def metrics(self) -> bytes:
        """The text that Prometheus reads (``metrics.Metrics.text``)."""
        ...


def _tell_nobody(_status: int) -> None:
    """Who counts answers where nobody wants to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The folder of feeds, and what goes with it.

    ``base_url`` is where it is served from: where that has a path, files are found below it too.
    ``max_age`` is how many seconds a file may be kept without asking again, or a function that
    says so for this moment; it is asked at each answer, so it must not compute much.  ``count``
    is told the status of every answer.  ``hub`` is where to subscribe to the feeds, and
    ``callbacks`` answers the hubs of others (WebSub).
    """

    output: Path
    base_url: str
    state: State
    max_age: Callable[[], int] | int = 300
    hub: str | None = None
    callbacks: Callbacks | None = None
    count: Callable[[int], None] = _tell_nobody
