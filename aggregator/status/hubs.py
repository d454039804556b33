"""The state of WebSub: our hub, which we notify of news, and the hubs of sources, which notify us.

The functions in ``_json`` return parts of what ``status --json`` prints, the others lines of it.
"""

from collections.abc import Iterator

from aggregator.config import Config
from aggregator.model import Visit
from aggregator.normalise.addresses import display_address
from aggregator.status.layout import Json, count, fields, minute, moment_or_none
from aggregator.store import Store
from aggregator.store.pings import backlog
from aggregator.store.subscriptions import Subscription


def hub_json(store: Store, config: Config) -> Json | None:
    """Return our hub and how many feeds it has yet to be notified of; None without a hub."""
    if config.websub.hub is None:
        return None
    return {"address": config.websub.hub} | fields(backlog(store), "waiting", "given_up", "error")


def hub_lines(hub: Json | None) -> Iterator[str]:
    """Return a line where the hub could not be notified."""
    if hub is not None and hub["error"] is not None:
        feeds = count(hub["waiting"] + hub["given_up"], "feed")
        yield f"the hub was not notified of {feeds}: {hub['error']}"


def subscription_json(
    config: Config, visit: Visit | None, subscription: Subscription | None
) -> Json | None:
    """Return the hub of a source and our subscription there; None if the source names no hub."""
    named = subscription or visit
    if named is None or named.hub is None:
        return None
    state = subscription.state if subscription is not None else "none"
    lease = subscription.lease_until if subscription is not None else None
    delivery = subscription.last_delivery if subscription is not None else None
    return {
        "hub": display_address(named.hub),
        "topic": display_address(named.topic) if named.topic is not None else None,
        "state": state if config.websub.callback is not None else "off",
        "lease_until": moment_or_none(lease),
        "last_delivery": moment_or_none(delivery),
        "error": subscription.error if subscription is not None else None,
    }


def subscription_lines(subscription: Json | None) -> Iterator[str]:
    """Return a line where we have asked the hub for a subscription."""
    if subscription is None or subscription["state"] in ("off", "none"):
        return
    lease, delivery = subscription["lease_until"], subscription["last_delivery"]
    yield (
        f"subscription at {subscription['hub']} {subscription['state']}"
        + (f" until {minute(lease)}" if lease else "")
        + (f", last delivery {minute(delivery)}" if delivery else "")
        + (f": {subscription['error']}" if subscription["error"] is not None else "")
    )
