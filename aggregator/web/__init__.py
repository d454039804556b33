"""The server of feeds: the files of ``feeds/``, and a few pages that are made when asked for.

Takes a ``Site``; ``app`` gives an ASGI application, and ``serve`` runs it within the event loop of
whoever calls, until told to stop.  It writes nothing, and what it says of sources and entries comes
from a ``State``, so it knows neither the schedule nor the store (``from_store`` is the one that
reads a store).
"""

from aggregator.web.app import App, app
from aggregator.web.server import bind, serve
from aggregator.web.site import Site, State

__all__ = ["App", "Site", "State", "app", "bind", "serve"]
