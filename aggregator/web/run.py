"""Serves what a configuration describes, with or without the daemon.

``serve_alone`` reads the store and writes nothing; the daemon uses the rest.
"""

import asyncio
import signal
from collections.abc import Sequence
from typing import Any

from aggregator import logs
from aggregator.config import Config
from aggregator.logs import get_logger
from aggregator.store.times import utc_now
from aggregator.web.app import app
from aggregator.web.callbacks import Callbacks
from aggregator.web.metrics import Metrics
from aggregator.web.server import serve
from aggregator.web.site import ServedSite
from aggregator.web.state import State

_HOUR = 3_600


def serve_alone(config: Config) -> None:
    """Serve the feeds until SIGTERM or SIGINT; raises ``ConfigError`` where it cannot listen."""
    logs.configure()
    asyncio.run(_serve_alone(config))


async def _serve_alone(config: Config) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    metrics = Metrics()
    state = State(config, metrics, now=utc_now)
    application = app(site_of(config, state, metrics), now=utc_now)
    log = get_logger("aggregator.web")
    try:
        await serve(
            application,
            *config.listen,
            until=stopping,
            on_listening=lambda found: log_addresses(log, found),
        )
    finally:
        application.close()


def site_of(
    config: Config, state: State, metrics: Metrics, callbacks: Callbacks | None = None
) -> ServedSite:
    """The site of a configuration; requests of hubs go to ``callbacks``."""
    return ServedSite(
        output=config.output,
        base_url=config.base_url,
        state=state,
        title=config.title,
        max_age=_max_age(config),
        hub=config.websub.hub,
        callbacks=callbacks,
        count=metrics.answered,
    )


def _max_age(config: Config) -> int:
    """For how many seconds files may be cached: the shortest interval, from a minute to an hour.

    With WebSub a feed may change at any time, and a hub must not get an old one from a cache.
    """
    if config.websub.hub is not None or config.websub.callback is not None:
        return 60
    shortest = min((source.shortest_interval for source in config.sources), default=_HOUR)
    return min(max(shortest, 60), _HOUR)


def log_addresses(log: Any, addresses: Sequence[tuple[str, int]]) -> None:
    """Log on which addresses the server listens."""
    log.info("listening", addresses=[f"{host}:{port}" for host, port in addresses])
