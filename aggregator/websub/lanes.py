"""What the worker's lanes do for WebSub: one tells our hub, one speaks with the hubs of sources.

Each function does what is to be done now, says what came of it, and gives in how many seconds there
is more to do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aggregator.config import Config
from aggregator.logs import Troubles
from aggregator.normalise.addresses import display_address
from aggregator.store import Store, pings
from aggregator.store.times import utc_now
from aggregator.websub import publisher, subscriber

_NOTHING_TO_DO = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What a lane lends: its log, its troubles, how to say that it lives, and how to have sources
    visited before they are due.
    """

    log: Any
    troubles: Troubles
    beat: Callable[[], None]
    ask_now: Callable[[tuple[str, ...]], None]


def push(config: Config, store: Store, lane: Lane) -> float:
    """Tell our hub what changed."""
    if config.websub.hub is None:
        return _NOTHING_TO_DO
    now = utc_now()
    post = publisher.poster(config, publisher.PATIENT, now)
    told, problems = publisher.tell(config, store, post, now=now, beat=lane.beat)
    if problems:
        lane.troubles.begin("the hub", problems[0])
    elif told:
        lane.troubles.end("the hub")
    if told:
        lane.log.info("hub", told=told)
    due = pings.next_due(store)
    return (due - utc_now()).total_seconds() if due is not None else _NOTHING_TO_DO


def subscribe(config: Config, store: Store, lane: Lane) -> float:
    """Have the hubs of sources tell us of their news."""
    now = utc_now()
    done = subscriber.step(config, store, subscriber.poster(config, now), now=now)
    for each in done.changed:
        what = {"id": each.source, "hub": display_address(each.hub), "state": each.state}
        if each.error is not None:
            lane.log.warning("subscription", **what, problem=each.error)
        else:
            lane.log.info("subscription", **what)
    if done.to_poll:
        lane.ask_now(done.to_poll)
    return done.seconds
