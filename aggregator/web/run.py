"""What is served of a configuration, by the daemon or by itself.

``serve_alone`` reads the store and writes nothing; ``site_of`` and ``tell_where`` are the daemon's
too.
"""

import asyncio
import signal
from collections.abc import Sequence
from typing import Any

import structlog

from aggregator import logs
from aggregator.config import Config
from aggregator.store.times import utc_now
from aggregator.web.app import app
from aggregator.web.callbacks import Callbacks
from aggregator.web.from_store import StoreState
from aggregator.web.metrics import Metrics
from aggregator.web.server import serve
from aggregator.web.site import Site

_HOUR = 3_600


def serve_alone(config: Config) -> None:
    """Serve the feeds until told to stop, reading the store and writing nothing.

    Raises ``ConfigError`` where it cannot listen.
    """
    logs.configure()
    asyncio.run(_serve_alone(config))


async def _serve_alone(config: Config) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    metrics = Metrics()
    state = StoreState(config, metrics, now=utc_now)
    application = app(site_of(config, state, metrics), now=utc_now)
    log = structlog.get_logger("aggregator.web")
    try:
        await serve(
            application,
            *config.listen,
            until=stopping,
            on_listening=lambda found: tell_where(log, found),
        )
    finally:
        application.close()


def site_of(
    config: Config, state: StoreState, metrics: Metrics, callbacks: Callbacks | None = None
) -> Site:
    """The site of a configuration; hubs are answered where there are ``callbacks``."""
    return Site(
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
    """Seconds in which nothing can be new: the shortest interval, within a minute and an hour.

    With hubs something can be at any time, and theirs must not be given an old feed by a cache.
    """
    if config.websub.hub is not None or config.websub.callback is not None:
        return 60
    shortest = min((source.interval for source in config.sources), default=_HOUR)
    return min(max(shortest, 60), _HOUR)


def tell_where(log: Any, addresses: Sequence[tuple[str, int]]) -> None:
    """Log where it listens."""
    log.info("listening", addresses=[f"{host}:{port}" for host, port in addresses])
