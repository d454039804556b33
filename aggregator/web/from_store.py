"""A ``State`` that reads the store: enough for ``serve`` alone, and the ground for the daemon's.

Each call opens the store for reading, in the thread it is called in, sees it as it is at one moment
and leaves it.  A query that takes too long is ended, so that no thread is lost to it.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from aggregator.config import Config
from aggregator.config.categories import category_rules
from aggregator.errors import AggregatorError
from aggregator.output.pages.contents import by_week
from aggregator.status.alarms.watch import alarms
from aggregator.status.entries import entry_json
from aggregator.status.hubs import hubs
from aggregator.status.status import status_json
from aggregator.store import Store, open_empty, open_for_reading
from aggregator.store.agencies import agencies_with_entries, agency_states
from aggregator.store.categories import given as categories_given
from aggregator.store.documents import source_states
from aggregator.store.entries import load
from aggregator.store.history import history
from aggregator.store.search import Among, find, snippets
from aggregator.store.sightings import of_entries
from aggregator.store.texts import revision_counts
from aggregator.store.visits import visits
from aggregator.web.metrics import Metrics, Readings
from aggregator.web.site import Results, Search

LONGEST_QUERY_SECONDS = 8.0
MOST_COUNTED = 1000
"""Entries that are counted when more are found than are shown."""

_STEPS = 20_000  # of SQLite's machine, between two looks at the clock


class StoreState:
    """How the store of ``config`` stands; ``now`` is the time in UTC.

    ``lag`` says by how many seconds a schedule is behind, None where there is none, and
    ``late_after`` from how many on that is trouble.
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

    def configure(self, config: Config) -> None:
        """Tell of the sources of ``config`` from now on."""
        self._config = config

    def status(self) -> dict[str, Any]:
        """See ``State.status``; raises ``StoreError``."""
        now = self._now()
        with self._store() as store:
            agencies = agency_states(store)
            return status_json(
                self._config,
                source_states(store),
                visits(store),
                agencies,
                alarms(store, self._config, now=now),
                hubs(store),
                history=history(store, now=now),
                weeks=by_week(store, [state.agency.id for state in agencies]),
            )

    def search(self, asked: Search) -> Results:
        """See ``State.search``; raises ``StoreError``."""
        with self._store() as store:
            agencies = {agency.id: agency.name for agency in agencies_with_entries(store)}
            terms = [rule.term for rule in category_rules(self._config)]
            categories = tuple(categories_given(store, terms))
            nothing = Results(agencies=agencies, categories=categories)
            if asked.agency is not None and asked.agency not in agencies:
                return nothing
            if asked.category is not None and asked.category not in categories:
                return nothing
            among = Among(
                agency=asked.agency, category=asked.category, first=asked.first, last=asked.last
            )
            found = find(
                store,
                asked.words,
                asked.limit,
                among=among,
                skip=asked.skip,
                count_to=MOST_COUNTED + 1,
            )
            entries = load(store, found.keys)
            seen, counts = of_entries(store, found.keys), revision_counts(store, found.keys)
            texts = snippets(store, asked.words, found.keys)
            return replace(
                nothing,
                entries=[entry_json(e, seen[e.key], counts.get(e.key, 1)) for e in entries],
                total=min(found.total, MOST_COUNTED),
                is_more=found.total > MOST_COUNTED,
                snippets={entry.id: texts.get(entry.key, ()) for entry in entries},
            )

    def ready(self) -> tuple[bool, list[str]]:
        """See ``State.ready``."""
        problems = []
        try:
            with self._store() as store:
                source_states(store)
        except AggregatorError as error:
            problems.append(str(error))
        lag = self._lag()
        if lag is not None and lag > self._late_after:
            problems.append(f"the schedule is {lag:.0f} seconds behind")
        return not problems, problems

    def metrics(self) -> bytes:
        """See ``State.metrics``; raises ``StoreError``."""
        with self._store() as store:
            states, agencies = source_states(store), agency_states(store)
            troubles = alarms(store, self._config, now=self._now())
        readings = Readings(
            sources=Counter(
                (states[source.id].last_status if source.id in states else None) or "never read"
                for source in self._config.sources
            ),
            entries={state.agency.id: state.entries for state in agencies},
            feed_ages=self._ages(),
            schedule_lag=self._lag(),
            silent=tuple(a.subject for a in troubles if a.kind == "silent" and a.ended is None),
        )
        return self._metrics.text(readings)

    def _ages(self) -> dict[str, float]:
        now = self._now().timestamp()
        return {
            path.stem: max(now - path.stat().st_mtime, 0.0)
            for path in self._config.output.glob("[!.]*.atom")
        }

    @contextmanager
    def _store(self) -> Iterator[Store]:
        """The store, or an empty one where no run has made it yet."""
        if not self._config.store.exists():
            with open_empty() as store:
                yield store
            return
        with open_for_reading(self._config.store) as store:
            end = time.monotonic() + LONGEST_QUERY_SECONDS
            store.db.conn.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
            yield store
