"""How it stands with hubs: ours, which is told of news, and those of sources, which tell us."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aggregator.config import Config
from aggregator.model import Visit
from aggregator.normalise.addresses import display_address
from aggregator.status.layout import Json, count, minute, moment
from aggregator.store import Store
from aggregator.store.pings import Backlog, backlog
from aggregator.store.subscriptions import Subscription, by_source


@dataclass(frozen=True, slots=True, kw_only=True)
class Hubs:
    """What the store knows of hubs."""

    backlog: Backlog = field(default_factory=Backlog)
    by_source: Mapping[str, Subscription] = field(default_factory=dict)


NO_HUBS = Hubs()


def hubs(store: Store) -> Hubs:
    """How it stands with hubs."""
    return Hubs(backlog=backlog(store), by_source=by_source(store))


def hub_json(config: Config, known: Hubs) -> Json | None:
    """Our hub: how many feeds it has still to be told of, and why."""
    if config.websub.hub is None:
        return None
    return {
        "address": config.websub.hub,
        "waiting": known.backlog.waiting,
        "given_up": known.backlog.given_up,
        "error": known.backlog.error,
    }


def hub_lines(config: Config, known: Hubs) -> Iterator[str]:
    """The same for people, where something is wrong."""
    if config.websub.hub is not None and known.backlog.error is not None:
        feeds = count(known.backlog.waiting + known.backlog.given_up, "feed")
        yield f"the hub was not told of {feeds}: {known.backlog.error}"


def websub_json(config: Config, visit: Visit | None, found: Subscription | None) -> Json | None:
    """The hub of a source, and how it stands with it; None where it names none."""
    hub = found.hub if found is not None else visit.hub if visit is not None else None
    topic = found.topic if found is not None else visit.topic if visit is not None else None
    if hub is None:
        return None
    lease = found.lease_until if found is not None else None
    delivered = found.last_delivery if found is not None else None
    return {
        "hub": display_address(hub),
        "topic": display_address(topic) if topic is not None else None,
        "state": _state(config, found),
        "lease_until": moment(lease) if lease is not None else None,
        "last_delivery": moment(delivered) if delivered is not None else None,
        "error": found.error if found is not None else None,
    }


def _state(config: Config, found: Subscription | None) -> str:
    if config.websub.callback is None:
        return "off"
    return found.state if found is not None else "none"


def websub_line(config: Config, visit: Visit | None, found: Subscription | None) -> str | None:
    """The same for people, where it is wanted."""
    known = websub_json(config, visit, found)
    if known is None or found is None or known["state"] == "off":
        return None
    delivered = f", last delivery {minute(found.last_delivery)}" if found.last_delivery else ""
    lease = f" until {minute(found.lease_until)}" if found.lease_until is not None else ""
    error = f": {found.error}" if found.error is not None else ""
    return f"subscription at {known['hub']} {found.state}{lease}{delivered}{error}"
