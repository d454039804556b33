"""The lanes that speak with hubs."""

import threading
from collections.abc import Callable

from aggregator.config import Config
from aggregator.daemon.worker.lane import Lane, Shared, identity
from aggregator.daemon.worker.orders import Wanted
from aggregator.store import Store, open_store

_LONGEST_REST = 60.0  # seconds for which a lane that has nothing to do may not look


class Hubs(Lane):
    """Speaks with hubs, which may be slow and delay nothing else; rests in between.

    ``step`` names the function of ``websub.steps`` that it calls.
    """

    patience = 900.0
    farewell = 1.0

    def __init__(self, shared: Shared, step: str) -> None:
        super().__init__(step, shared)
        self._something = threading.Event()
        self._is_speaking = False

    def is_resting(self) -> bool:
        """Whether it has nothing in hand; what is to come, another worker looks for as well."""
        return not self._is_speaking

    def wake(self) -> None:
        """Look at once what there is to do."""
        self._something.set()

    def _work(self) -> None:
        from aggregator.websub import steps

        step: Callable[[Config, Store, steps.Context], float] = getattr(steps, self.name)
        context = steps.Context(
            log=self._log,
            troubles=self._troubles,
            beat=self.beat,
            poll_now=lambda names: self._shared.tell(Wanted(names)),
        )
        config, edition = self._shared.config, self._shared.edition
        with open_store(config.store) as store:
            there = identity(config)
            while not self._is_over(config, edition, there):
                self.beat()
                self._something.clear()
                self._is_speaking = True
                seconds = step(config, store, context)
                self._is_speaking = False
                self.note_well()
                self._something.wait(min(max(seconds, 1.0), _LONGEST_REST))
