"""The state of what is sent: to our hub, to webhooks, and by the hubs of sources to us.

The functions in ``_json`` return parts of what ``status --json`` prints, the others lines of it.
"""

from collections.abc import Iterator

from aggregator.config import Config, Webhook
from aggregator.model import Visit
from aggregator.normalise.addresses import display_address
from aggregator.status.layout import Json, count, fields, minute, moment_or_none
from aggregator.store import Store
from aggregator.store.pings import backlog
from aggregator.store.subscriptions import Subscription
from aggregator.store.webhooks import Delivering, deliverings


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


def webhooks_json(store: Store, config: Config) -> list[Json]:
    """Return how sending to each webhook goes; its address may be a secret, and is not there."""
    known = deliverings(store)
    return [_webhook_json(hook, known.get(hook.name)) for hook in config.webhooks]


def _webhook_json(hook: Webhook, how: Delivering | None) -> Json:
    found: Json = {"id": hook.name, "feeds": list(hook.feeds), "state": _state(how)}
    if how is None:
        return found | dict.fromkeys(("waiting", "given_up"), 0) | dict.fromkeys(_WEBHOOK_FIELDS)
    return found | {
        **fields(how, "waiting", "given_up", "error"),
        "failing_since": moment_or_none(how.failing),
        "next_try": moment_or_none(how.due),
        "last_delivery": moment_or_none(how.delivered),
    }


_WEBHOOK_FIELDS = ("error", "failing_since", "next_try", "last_delivery")


def _state(how: Delivering | None) -> str:
    if how is None:
        return "new"
    return "off" if how.is_off else "failing" if how.failing is not None else "well"


def webhook_lines(hooks: list[Json]) -> Iterator[str]:
    """Return a line for each webhook."""
    for hook in hooks:
        parts = [f"webhook {hook['id']} {hook['state']}"]
        if hook["last_delivery"]:
            parts.append(f"last accepted {minute(hook['last_delivery'])}")
        if hook["waiting"]:
            words = "entry waits" if hook["waiting"] == 1 else "entries wait"
            parts.append(f"{hook['waiting']:,} {words}")
        if hook["given_up"]:
            parts.append(f"{hook['given_up']:,} given up")
        if hook["state"] == "failing":
            since, due = minute(hook["failing_since"]), minute(hook["next_try"])
            parts.append(f"fails since {since}, next try {due}")
        yield ", ".join(parts) + (f": {hook['error']}" if hook["error"] else "")


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
