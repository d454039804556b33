"""The HTTP server: the files of ``feeds/``, pages made on request, and callbacks of hubs.

``app`` returns the ASGI application for a ``ServedSite``, and ``serve`` runs it in the caller's
event loop until an event is set.  Status, search and metrics come from a ``State``.  Nothing is
written but the deliveries of hubs.
"""

from aggregator.web.app import App, app
from aggregator.web.server import bind, serve
from aggregator.web.site import ServedSite
from aggregator.web.state import State

__all__ = ["App", "ServedSite", "State", "app", "bind", "serve"]
