"""The worker threads that talk to WebSub hubs and to webhooks."""

from collections.abc import Callable

from aggregator.config import Config
from aggregator.daemon.worker.messages import PollNow
from aggregator.daemon.worker.thread import WorkerThread, store_file
from aggregator.store import Store, open_store

_MAX_PAUSE = 60.0


class HubThread(WorkerThread):
    """Calls the function of ``websub.steps`` that has its name, as often as that asks for.

    Others may be slow, which delays nothing else.
    """

    patience = 900.0
    stop_seconds = 1.0

    def _work(self) -> None:
        from aggregator.websub import steps

        step: Callable[[Config, Store, steps.Context], float] = getattr(steps, self.name)
        config, version = self._shared.config, self._shared.version
        with open_store(config.store) as store:
            file = store_file(config)
            context = steps.Context(
                log=self._log,
                troubles=self._troubles,
                beat=self.beat,
                poll_now=lambda names: self._shared.send(PollNow(names)),
                is_over=lambda: self._is_over(config, version, file),
            )
            while not self._is_over(config, version, file):
                self.beat()
                self._woken.clear()
                self._is_busy = True
                seconds = step(config, store, context)
                self._is_busy = False
                self.note_well()
                self._woken.wait(min(max(seconds, 1.0), _MAX_PAUSE))
