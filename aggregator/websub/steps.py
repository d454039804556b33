"""The periodic steps of what is sent: to our own hub, to the hubs of sources, and to webhooks.

Each takes the configuration, the store and the context of its thread, does what is due, logs it,
and returns in how many seconds it is due again.  Raises ``StoreError``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aggregator.config import Config
from aggregator.logs import Troubles
from aggregator.normalise.addresses import display_address
from aggregator.store import Store, pings
from aggregator.store.times import utc_now
from aggregator.websub import publisher, subscriber, webhooks

_NOTHING_TO_DO = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a worker thread provides: ``beat`` reports that it is alive, ``poll_now`` has sources
    polled before they are due, and ``is_over`` says whether the step has to end.
    """

    log: Any
    troubles: Troubles
    beat: Callable[[], None]
    poll_now: Callable[[tuple[str, ...]], None]
    is_over: Callable[[], bool]


def push(config: Config, store: Store, context: Context) -> float:
    """Notify our hub of the feeds that changed."""
    if config.websub.hub is None:
        return _NOTHING_TO_DO
    post = publisher.poster(config, publisher.PATIENT, utc_now)
    accepted, problems = publisher.notify_hub(config, store, post, now=utc_now, beat=context.beat)
    if problems:
        context.troubles.begin("the hub", problems[0])
    elif accepted:
        context.troubles.end("the hub")
    if accepted:
        context.log.info("hub notified", topics=accepted)
    due = pings.next_due(store)
    return (due - utc_now()).total_seconds() if due is not None else _NOTHING_TO_DO


def subscribe(config: Config, store: Store, context: Context) -> float:
    """Subscribe at the hubs of sources, renew and unsubscribe."""
    done = subscriber.step(config, store, subscriber.poster(config, utc_now), now=utc_now)
    for changed in done.changed:
        hub = display_address(changed.hub)
        fields = {"id": changed.source, "hub": hub, "state": changed.state}
        if changed.error is not None:
            context.log.warning("subscription", **fields, problem=changed.error)
        else:
            context.log.info("subscription", **fields)
    if done.to_poll:
        context.poll_now(done.to_poll)
    return done.seconds


def announce(config: Config, store: Store, context: Context) -> float:
    """Send new and changed entries to the webhooks."""

    def told(result: webhooks.Told) -> None:
        name = f"webhook {result.webhook}"
        if result.change is not None:
            context.log.warning("webhook", id=result.webhook, change=result.change)
            context.troubles.end(name)
        elif result.problem is not None:
            context.troubles.begin(name, result.problem)
        else:
            context.troubles.end(name)
            context.log.info("webhook", id=result.webhook, items=result.items)

    def is_over() -> bool:
        context.beat()
        return context.is_over()

    send = webhooks.sender(config, webhooks.PATIENT, utc_now)
    due = webhooks.deliver(config, store, send, told, now=utc_now, is_over=is_over)
    return (due - utc_now()).total_seconds() if due is not None else _NOTHING_TO_DO
