"""What is to be served, and where the answers that are no files come from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from aggregator.web.callbacks import Callbacks

Pieces = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it was searched for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for: entries with these words, of an agency's id, of a category by rule, from
    the first day to the last; the first ``skip`` of them are left out.
    """

    words: str = ""
    agency: str | None = None
    category: str | None = None
    first: date | None = None
    last: date | None = None
    skip: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Entries, best first, each as ``entries --json`` prints it.

    ``total`` is how many there are in all, ``is_more``: or more than that.  ``snippets`` are, by
    their ids, what of the text is around the words.  ``agencies`` are the names, by id, of all that
    have entries, and ``categories`` those by rule that entries have, in the order of the
    configuration: both whatever was looked for.
    """

    entries: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0
    is_more: bool = False
    snippets: Mapping[str, Pieces] = field(default_factory=dict)
    agencies: Mapping[str, str] = field(default_factory=dict)
    categories: Sequence[str] = ()


class State(Protocol):
    """How the program is doing, for pages and for machines.

    Every method is called in a thread other than the event loop's, and not always the same one; it
    may take its time, but whoever waits is told after ``app.LONGEST_WAIT`` seconds that it took too
    long.  What it raises is answered with 503.
    """

    def status(self) -> dict[str, Any]:
        """The object that ``status --json`` prints."""
        ...

    def search(self, asked: Search) -> Results:
        """What is found; nothing for no words, or for an agency or a category of no entry."""
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

    ``title`` is its name.  ``base_url`` is where it is served from: where that has a path, files
    are found below it too.
    ``max_age`` is how many seconds a file may be kept without asking again, or a function that
    says so for this moment; it is asked at each answer, so it must not compute much.  ``count``
    is told the status of every answer.  ``hub`` is where to subscribe to the feeds, and
    ``callbacks`` answers the hubs of others (WebSub).
    """

    output: Path
    base_url: str
    state: State
    title: str = "Feeds"
    max_age: Callable[[], int] | int = 300
    hub: str | None = None
    callbacks: Callbacks | None = None
    count: Callable[[int], None] = _tell_nobody
