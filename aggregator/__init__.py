"""Aggregator turns press releases into feeds.

Data flows one way, in two halves that meet at the store::

    Source → Document → Item → Entry → Decision → store ‖ store → Feed → Rendition → feeds/

``docs/architecture.md`` follows it.  Importing this package imports nothing heavy, so that
``aggregator --help`` answers at once.
"""

__version__ = "0.2.0"
