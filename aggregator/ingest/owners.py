"""Whose the items of a feed are; pure.

Takes what a feed and its items say, and the agencies; returns the agency.
"""

from urllib.parse import urlsplit

from aggregator.config import Source
from aggregator.model import Agency, Channel, Document, Item, Upstream
from aggregator.normalise.agency import Agencies
from aggregator.normalise.text import is_blank, one_line


def host_of(address: str) -> str | None:
    """Return the host of an address without ``www.``, None for none."""
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def owner_of_feed(
    source: Source, document: Document, channel: Channel, agencies: Agencies
) -> Agency:
    """Return the agency of a feed without a configured one: by its title, or by its host."""
    title = one_line(channel.title)
    if title and agencies.knows(title):
        return agencies.named(title)
    for address in (channel.home, document.address):
        if address is not None and (owner := _at_home(address, agencies)) is not None:
            return owner
    host = host_of(document.address or "")
    return agencies.named(title if not is_blank(title) else host or source.id)


def _at_home(address: str, agencies: Agencies) -> Agency | None:
    host = host_of(address)
    owners = [a for a in agencies.configured if a.homepage and host_of(a.homepage) == host]
    return owners[0] if host is not None and len(owners) == 1 else None


def owner_of_item(item: Item, owner: Agency, agencies: Agencies) -> Agency:
    """Return the agency that an item names, if it is configured, else that of its feed."""
    upstream = item.upstream or Upstream()
    for name in (upstream.publisher, *upstream.authors[:1]):
        if name is not None and agencies.knows(name):
            return agencies.named(name)
    return owner
