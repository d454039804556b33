"""The state of the program, read from the store: status, search, readiness and metrics.

Each call opens the store for reading in the thread of the caller, sees one consistent state of it,
and closes it.  A query that takes too long is interrupted, so that it does not block its thread.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from aggregator.config import Config
from aggregator.errors import AggregatorError, StoreChangedError
from aggregator.output.pages import contents
from aggregator.output.plan import COMBINED
from aggregator.status.alarms.rules import FEED as HEALTH
from aggregator.status.entries import entry_json
from aggregator.status.status import NEVER, read_part, read_status
from aggregator.store import Store, open_for_reading
from aggregator.store.agencies import agencies_with_entries
from aggregator.store.alarms import open_subjects
from aggregator.store.categories import in_use as categories_in_use
from aggregator.store.counts import entries_by_agency
from aggregator.store.documents import (
    count_by_status,
    is_answering,
    source_count,
    source_ids,
    statuses,
)
from aggregator.store.entries import load
from aggregator.store.entry_pages import entry_of_page
from aggregator.store.output import noted_feeds
from aggregator.store.search import find, snippets
from aggregator.store.sightings import of_entries
from aggregator.store.snippets import Pieces
from aggregator.store.texts import revision_counts
from aggregator.store.webhooks import deliverings
from aggregator.web.metrics import Metrics, Snapshot
from aggregator.web.search_query import SearchQuery

MAX_QUERY_SECONDS = 8.0
MAX_COUNTED = 1000
"""Results are counted up to this number."""

_STEPS = 20_000  # instructions of SQLite's virtual machine between two checks of the time


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Entries found, best first, each as ``entries --json`` prints it.

    ``total`` counts all of them, up to a limit; ``is_more`` says that there are more than that.
    ``snippets`` are passages of their texts by id.  ``agencies`` (names by id) and ``categories``
    are all that have entries, whatever was searched.
    """

    entries: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0
    is_more: bool = False
    snippets: Mapping[str, Pieces] = field(default_factory=dict)
    agencies: Mapping[str, str] = field(default_factory=dict)
    categories: Sequence[str] = ()


class State:
    """The state of the store of ``config``, for pages and for machines; ``now`` is in UTC.

    Methods are called in threads; what they raise is answered with 503.

    ``lag`` returns by how many seconds the schedule is behind, None where there is no schedule;
    more than ``late_after`` is a problem.
    """

    def __init__(
        self,
        config: Config,
        metrics: Metrics,
        *,
        now: Callable[[], datetime],
        lag: Callable[[], float | None] = lambda: None,
        late_after: float = 300.0,
    ) -> None:
        self._config = config
        self._metrics = metrics
        self._now = now
        self._lag = lag
        self._late_after = late_after
        self._former: tuple[Config, int, set[str]] | None = None

    def configure(self, config: Config) -> None:
        """Use the sources of ``config`` from now on."""
        self._config = config

    def status(self) -> dict[str, Any]:
        """The object that ``status --json`` prints; raises ``StoreError``."""
        with self._store() as store:
            return read_status(store, self._config, now=self._now())

    def status_part(self, words: str, number: int) -> dict[str, Any]:
        """What page ``number`` of the status shows (``read_part``); raises ``StoreError``."""
        with self._store() as store:
            config, former = self._config, self._former_sources(store)
            found = read_part(
                store,
                config,
                self._sources_by_result(store, former),
                former,
                words=words,
                number=number,
                now=self._now(),
            )
            found["alarm_feed"] = (self._config.output / f"{HEALTH}.atom").is_file()
            return found

    def search(self, query: SearchQuery) -> Results:
        """The results; no entries without words, or for an unknown agency or category.

        Raises ``StoreError``.
        """
        words, among = query.words, query.among
        with self._store() as store:
            agencies = {agency.id: agency.name for agency in agencies_with_entries(store)}
            terms = [rule.term for rule in self._config.category_rules]
            categories = tuple(categories_in_use(store, terms))
            nothing = Results(agencies=agencies, categories=categories)
            if among.agency not in (None, *agencies) or among.category not in (None, *categories):
                return nothing
            count_to = MAX_COUNTED + 1
            found = find(store, words, query.limit, among=among, skip=query.skip, count_to=count_to)
            entries = load(store, found.keys)
            seen, counts = of_entries(store, found.keys), revision_counts(store, found.keys)
            texts = snippets(store, words, found.keys)
            return replace(
                nothing,
                entries=[entry_json(e, seen[e.key], counts.get(e.key, 1)) for e in entries],
                total=min(found.total, MAX_COUNTED),
                is_more=found.total > MAX_COUNTED,
                snippets={entry.id: texts.get(entry.key, ()) for entry in entries},
            )

    def entry_page(self, name: str) -> bytes | None:
        """The page of the entry whose page is named by this UUID, or None.

        Raises ``StoreError`` and ``OutputError``.
        """
        with self._store() as store:
            key = entry_of_page(store, name)
            return contents.entry_page(self._config, store, key) if key is not None else None

    def ready(self) -> tuple[bool, list[str]]:
        """Whether the store answers and the schedule is on time, and the problems in words."""
        problems = []
        try:
            with self._store() as store:
                is_answering(store)
        except StoreChangedError:
            pass  # it answers
        except AggregatorError as error:
            problems.append(str(error))
        lag = self._lag()
        if lag is not None and lag > self._late_after:
            problems.append(f"the schedule is {lag:.0f} seconds behind")
        return not problems, problems

    def metrics(self) -> bytes:
        """The metrics in Prometheus's text format; raises ``StoreError``."""
        with self._store() as store:
            snapshot = Snapshot(
                sources=self._sources_by_result(store, self._former_sources(store)),
                entries=entries_by_agency(store),
                feed_ages=self._feed_ages(store),
                schedule_lag=self._lag(),
                silent=tuple(open_subjects(store, "silent")),
                webhooks=deliverings(store),
            )
        return self._metrics.text(snapshot)

    def _former_sources(self, store: Store) -> Collection[str]:
        """Return the ids of sources that the store has and that are not configured any more.

        Looked up once for a configuration and a number of sources in the store, whose sources are
        only ever added.
        """
        config, stored, known = self._config, source_count(store), self._former
        if known is None or known[0] is not config or known[1] != stored:
            self._former = known = config, stored, source_ids(store) - config.by_id.keys()
        return known[2]

    def _sources_by_result(self, store: Store, former: Collection[str]) -> dict[str, int]:
        """Count the configured sources by their last result."""
        found = Counter(count_by_status(store))
        found.subtract(statuses(store, former))
        del found[None]
        found[NEVER] = len(self._config.sources) - found.total()
        return {str(result): number for result, number in found.items() if number > 0}

    def _feed_ages(self, store: Store) -> dict[str, float]:
        """Return the seconds since each feed changed: as noted when it was written.

        Asking the file system for each of thousands of files would take longer than all the rest.
        It is asked for the combined feed, so that an old copy of the folder is noticed, and for the
        operators' feed, which is not noted.
        """
        now = self._now().timestamp()
        files = noted_feeds(store)
        changed = {name.removesuffix(".atom"): ns / 1e9 for name, (_, ns) in files}
        for name in (COMBINED, HEALTH):
            with suppress(OSError):
                changed[name] = (self._config.output / f"{name}.atom").stat().st_mtime
        return {name: max(now - moment, 0.0) for name, moment in changed.items()}

    @contextmanager
    def _store(self) -> Iterator[Store]:
        """The store, or an empty one until the first run makes it."""
        with open_for_reading(self._config.store) as store:
            end = time.monotonic() + MAX_QUERY_SECONDS
            store.conn.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
            yield store
