"""Whose the items of a feed are; pure.

Takes what a feed and its items say, and the agencies; returns the agency.
"""

from aggregator.config import Source
from aggregator.model import Agency, Channel, Document, Item, Upstream
from aggregator.normalise.addresses import site_of
from aggregator.normalise.agency import Agencies
from aggregator.normalise.text import is_blank, one_line


def owner_of_feed(
    source: Source, document: Document, channel: Channel, agencies: Agencies
) -> Agency:
    """Return the agency of a feed without a configured one: by its title, or by its host."""
    title = one_line(channel.title)
    if title and agencies.knows(title):
        return agencies.named(title)
    for address in (channel.home, document.address):
        site = site_of(address) if address is not None else None
        if site is not None and (owner := agencies.at_home(site)) is not None:
            return owner
    site = site_of(document.address or "")
    return agencies.named(title if not is_blank(title) else site or source.id)


def owner_of_item(item: Item, owner: Agency, agencies: Agencies) -> Agency:
    """Return the agency that an item names, if it is configured, else that of its feed."""
    upstream = item.upstream or Upstream()
    for name in (upstream.publisher, *upstream.authors[:1]):
        if name is not None and agencies.knows(name):
            return agencies.named(name)
    return owner
