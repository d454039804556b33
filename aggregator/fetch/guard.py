"""Decides which addresses may be connected to.

Takes numeric addresses; returns whether each belongs to the public internet.  The address of a feed
comes from configuration, OPML, redirects and web pages, so it must not reach what only this machine
can: its own services, its network, or a cloud's metadata.  ``transport`` checks the very address
that it then connects to, since a second lookup of a name may return another.

Python's ``is_global`` differs between versions, so the tables are here: the registries of
special-purpose addresses (RFC 6890 and what IANA added since).
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit

from aggregator.fetch.exchange import ExchangeError

_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network (RFC 791)
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # behind a carrier's NAT (RFC 6598)
        "127.0.0.0/8",  # loopback (RFC 1122)
        "168.63.129.16/32",  # public by number, but inside one cloud it is the host of the machine
        "169.254.0.0/16",  # link-local, and where clouds keep their metadata (RFC 3927)
        "172.16.0.0/12",  # private (RFC 1918)
        "192.0.0.0/24",  # IETF protocols (RFC 6890)
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.88.99.0/24",  # 6to4 relays, given up (RFC 7526)
        "192.168.0.0/16",  # private (RFC 1918)
        "198.18.0.0/15",  # measuring (RFC 2544)
        "198.51.100.0/24",  # documentation (RFC 5737)
        "203.0.113.0/24",  # documentation (RFC 5737)
        "224.0.0.0/4",  # multicast (RFC 5771)
        "240.0.0.0/4",  # reserved, and broadcast (RFC 1112)
    )
)
# All others are not unicast addresses of the internet (RFC 4291): loopback, link-local, unique
# local, multicast, IPv4 mapped or compatible, NAT64 (64:ff9b::/96, 64:ff9b:1::/48).  NAT64 is
# refused whatever it leads to: the network behind it decides, and such a name also has A records.
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocols, Teredo among them (RFC 2928, RFC 4380)
        "2001:db8::/32",  # documentation (RFC 3849)
        "2002::/16",  # 6to4: leads to any IPv4 address (RFC 3056)
        "3fff::/20",  # documentation (RFC 9637)
    )
)


def is_public(address: str) -> bool:
    """Return whether ``address`` is a numeric address, IPv4 or IPv6, of the public internet."""
    try:
        number = ip_address(address)
    except ValueError:
        return False
    if number.version == 4:
        return not any(number in network for network in _NOT_PUBLIC_4)
    return number in _PUBLIC_6 and not any(number in network for network in _NOT_PUBLIC_6)


def is_local(address: str) -> bool:
    """Return whether the web ``address`` names this machine or its network, by its text alone."""
    host = (urlsplit(address).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith((".localhost", ".local")):
        return True
    return (host.replace(".", "").isdigit() or ":" in host) and not is_public(host)


def unreachable_base(base_url: str, hub: str | None) -> str | None:
    """Return why ``hub`` cannot fetch what is served at ``base_url``, or None."""
    if hub is None or not is_local(base_url) or is_local(hub):
        return None
    return (
        f"[websub]: hub: it cannot fetch feeds from {base_url} (base_url), which is an"
        " address of this machine or network only"
    )


def dialable(addresses: Sequence[str], *, allow_private: bool) -> Sequence[str]:
    """Return those of ``addresses`` that may be connected to, in order.

    Raises ``ExchangeError`` if there are some and none is allowed.
    """
    if allow_private:
        return addresses
    public = [address for address in addresses if is_public(address)]
    if addresses and not public:
        raise ExchangeError(
            f"leads to {addresses[0]}, which is not a public address"
            " (allow_private = true in its table permits it, or --allow-private of add and test)"
        )
    return public
