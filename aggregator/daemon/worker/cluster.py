"""The daemon's connection to a cluster: made when there is something to poll, and again when lost.

Without it sources are polled in this process.  That is logged once, and so is the return.
"""

import time
from contextlib import ExitStack

from aggregator.config import Config
from aggregator.errors import ClusterError
from aggregator.ingest.cluster import open_workers
from aggregator.logs import Troubles
from aggregator.workers import Workers

PAUSE = 60.0
"""Seconds after which a cluster that cannot be used is tried again."""


class ClusterConnection:
    """The workers of a cluster, as long as it is there; ``troubles`` are logged."""

    def __init__(self, troubles: Troubles) -> None:
        self._troubles = troubles
        self._opened = ExitStack()
        self._workers: Workers | None = None
        self._scheduler: str | None = None
        self._again = 0.0

    def workers(self, config: Config) -> Workers | None:
        """Return the workers of the cluster, connecting to it if it is time; None for none."""
        scheduler = config.scale.scheduler
        if scheduler != self._scheduler:
            self.close()
            self._scheduler, self._again = scheduler, 0.0
        if scheduler is None or self._workers is not None or time.monotonic() < self._again:
            return self._workers
        try:
            self._workers = self._opened.enter_context(open_workers(config, self._warn))
        except ClusterError as error:
            self.note_lost(error)
        else:
            self._troubles.end("cluster")
        return self._workers

    def note_lost(self, error: ClusterError) -> None:
        """Note that the cluster cannot be used for now."""
        self.close()
        self._again = time.monotonic() + PAUSE
        self._troubles.begin("cluster", f"{error}; sources are polled in this process")

    def close(self) -> None:
        """End the connection."""
        self._workers = None
        self._opened.close()

    def _warn(self, line: str) -> None:
        self._troubles.begin("encryption of the cluster", line)
