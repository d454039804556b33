"""The subscriber's half of WebSub: has hubs tell us of news in the sources that name one.

Takes the configuration, and what visits found of hubs and topics; asks hubs to subscribe, to renew
and to unsubscribe (sections 5.1 and 5.2), and remembers what came of it.  What hubs ask and deliver
is for ``inbox``, and reading it for ``arriving``.

A subscription is asked for with a callback of its own that nobody can guess, and with a secret of
its own by which deliveries are known (7.1).  The secret is sent over TLS only, or to a hub on
one's own network.  It is renewed when a fifth of its lease is left.  A hub that cannot be had, or
does not verify, is asked again after five minutes, then twice as late each time, up to a day.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from aggregator.config import Config, Source
from aggregator.fetch.exchange import Form, Limits, Posted
from aggregator.fetch.guard import is_local
from aggregator.ingest.polling import user_agent
from aggregator.normalise.addresses import display_address, host_of, redact
from aggregator.store import Store
from aggregator.store import subscriptions as kept
from aggregator.store.subscriptions import Subscription
from aggregator.store.visits import with_hubs

LEASE = 10 * 86_400
"""Seconds for which subscriptions are asked for: the default of common hubs."""

SHORTEST_LEASE, LONGEST_LEASE = 300, 90 * 86_400
"""Seconds: renewals are no more often than the first, and no lease counts for longer."""

_LIMITS = Limits(connect_timeout=10.0, timeout=20.0)
_FIRST_WAIT = 300
_LONGEST_WAIT = 86_400
_MOST_DOUBLINGS = 20
_TO_VERIFY = 600  # seconds in which a hub should have asked back
_FAREWELLS = 3  # requests to unsubscribe
_AT_ONCE = 16
_AT_A_HUB = 4  # of those, so that one which answers slowly holds up few others

Post = Callable[[Sequence[Form]], Sequence[Posted]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What came of one step.

    ``changed`` are subscriptions of which the log should know.  ``to_poll`` are sources to be asked
    now, since no hub speaks for them any more; ``seconds`` is until the next step.
    """

    changed: tuple[Subscription, ...] = ()
    to_poll: tuple[str, ...] = ()
    seconds: float = 0.0


def poster(config: Config, now: datetime) -> Post:
    """How forms go to the hubs of sources: one at a time to each."""
    agent, delay = user_agent(config), config.fetch.delay

    def post(forms: Sequence[Form]) -> Sequence[Posted]:
        from aggregator.fetch.form import post_all  # and with it httpx

        return post_all(forms, limits=_LIMITS, user_agent=agent, now=now, delay=delay)

    return post


def step(config: Config, store: Store, post: Post, *, now: datetime) -> Step:
    """Bring subscriptions nearer to what is wanted; ``now`` is aware, in UTC.

    Raises ``StoreError``.
    """
    if config.websub.callback is None:
        if there := [each.token for each in kept.every(store)]:
            with store.transaction():
                kept.forget(store, there)
        return Step(seconds=_LONGEST_WAIT)
    with store.transaction():
        to_poll = [*_lapsed(store, now), *_reconciled(config, store, now)]
    asked = _batch(store, now)
    changed = _ask(store, asked, post, now)
    return Step(changed=tuple(changed), to_poll=tuple(to_poll), seconds=_until_due(store, now))


def lease(granted: int | None, asked: int = LEASE) -> int:
    """For how many seconds a lease counts that a hub ``granted``; it must say so, and may not."""
    return min(granted, LONGEST_LEASE) if granted is not None and granted > 0 else asked


def renewal(token: str, seconds: int, now: datetime) -> datetime:
    """When a lease of so many ``seconds`` is to be renewed: at the latest with a fifth of it left.

    Not all that were taken together are renewed together.
    """
    part = int.from_bytes(blake2b(token.encode(), digest_size=4).digest(), "big") / 2**32
    return now + timedelta(seconds=max(round(seconds * (0.8 - 0.1 * part)), SHORTEST_LEASE))


def _lapsed(store: Store, now: datetime) -> Iterator[str]:
    """End the subscriptions whose lease ran out; gives their sources."""
    for each in kept.every(store):
        is_held = each.state in ("verified", "failing")
        if is_held and (each.lease_until is None or each.lease_until <= now):
            # Soon, but no hub that grants a second can have us ask it every second.
            due = min(max(each.due, now), now + timedelta(seconds=SHORTEST_LEASE))
            kept.end(store, each.token, "failed", due=due, error="its lease ran out")
            yield each.source


def _reconciled(config: Config, store: Store, now: datetime) -> Iterator[str]:
    """Have a subscription for each source that names a hub, and for no other.

    Gives the sources that lose one, but for those where a visit just found another hub.
    """
    sources = {source.id: source for source in config.sources if source.is_remote}
    found = with_hubs(store)
    wanted = {name: found[name] for name in sources if name in found}
    there: set[str] = set()
    for each in kept.every(store):
        if each.state == "leaving":
            continue
        source = sources.get(each.source)
        if source is not None and _is_wanted(each, source, wanted.get(each.source), config):
            there.add(each.source)
            continue
        if each.lease_until is None:
            kept.forget(store, [each.token])
        else:
            kept.end(store, each.token, "leaving", due=now, error="is not wanted any more")
        if source is not None and (each.hub, each.topic) == wanted.get(each.source):
            yield each.source
    for name in sorted(wanted.keys() - there):
        kept.add(store, _new(config, sources[name], *wanted[name], now))


def _is_wanted(
    each: Subscription, source: Source, wanted: tuple[str, str] | None, config: Config
) -> bool:
    callback = f"{config.websub.callback}{each.token}"
    return (each.hub, each.topic) == wanted and (each.callback, each.allow_private) == (
        callback,
        source.allow_private,
    )


def _new(config: Config, source: Source, hub: str, topic: str, now: datetime) -> Subscription:
    token = secrets.token_urlsafe(32)
    # Section 5.1: a secret only over TLS; who listens on one's own network has won already.
    may_send = hub.lower().startswith("https://") or source.allow_private or is_local(hub)
    return Subscription(
        token=token,
        source=source.id,
        hub=hub,
        topic=topic,
        callback=f"{config.websub.callback}{token}",
        allow_private=source.allow_private,
        secret=secrets.token_urlsafe(32) if may_send else None,
        due=now,
    )


def _batch(store: Store, now: datetime) -> list[Subscription]:
    """The subscriptions whose hubs are to be asked now."""
    hubs: Counter[str] = Counter()
    chosen: list[Subscription] = []
    for each in sorted(kept.every(store), key=lambda found: found.due):
        if each.due <= now and hubs[host_of(each.hub)] < _AT_A_HUB and len(chosen) < _AT_ONCE:
            hubs[host_of(each.hub)] += 1
            chosen.append(each)
    return chosen


def _ask(
    store: Store, batch: Sequence[Subscription], post: Post, now: datetime
) -> Iterator[Subscription]:
    """Ask the hubs of a batch; gives what changed."""
    to_ask: list[Subscription] = []
    with store.transaction():
        for each in batch:
            if each.state == "leaving" and each.tries >= _FAREWELLS:
                kept.forget(store, [each.token])
            elif problem := _problem(each):
                due = now + timedelta(seconds=_LONGEST_WAIT)
                kept.end(store, each.token, "failed", due=due, error=problem)
                yield replace(each, state="failed", error=problem)
            else:
                was_silent = each.tries > 0 and each.state == "requested"
                error = "its hub did not ask back" if was_silent else None
                due = now + timedelta(seconds=max(_wait(each.tries + 1), _TO_VERIFY))
                kept.asked(store, each.token, due=due, error=error)
                again = each.state in ("failed", "denied")
                to_ask.append(replace(each, state="requested") if again else each)
    if not to_ask:
        return
    answers = post([_form(each) for each in to_ask])
    with store.transaction():
        for each, answer in zip(to_ask, answers, strict=True):
            if answer.is_accepted:
                yield replace(each, error=None)
                continue
            tries = each.tries + 1
            due = now + timedelta(seconds=max(_wait(tries), answer.retry_after or 0))
            kept.refused(store, each.token, tries=tries, due=due, error=answer.problem)
            # Where it was verified before, its lease goes on.
            state = "failed" if each.state == "requested" else each.state
            yield replace(each, state=state, error=answer.problem)


def _problem(each: Subscription) -> str | None:
    """Why a hub should not be asked for a topic at all: it would be told what is none of its."""
    if redact(each.topic) != each.topic:
        return "its topic holds a user or a password"
    if is_local(each.topic) and not each.allow_private:
        return f"its topic, {display_address(each.topic)}, is not a public address"
    return None


def _form(each: Subscription) -> Form:
    mode = "unsubscribe" if each.state == "leaving" else "subscribe"
    fields = {"hub.callback": each.callback, "hub.mode": mode, "hub.topic": each.topic}
    if mode == "subscribe":
        fields["hub.lease_seconds"] = str(LEASE)
        if each.secret is not None:
            fields["hub.secret"] = each.secret
    return Form(address=each.hub, fields=fields, allow_private=each.allow_private)


def _wait(tries: int) -> int:
    return min(_FIRST_WAIT * int(2 ** min(tries - 1, _MOST_DOUBLINGS)), _LONGEST_WAIT)


def _until_due(store: Store, now: datetime) -> float:
    """Seconds until a hub is to be asked, or a lease ends."""
    found = kept.every(store)
    times = [each.due for each in found]
    times += [
        each.lease_until
        for each in found
        if each.lease_until is not None and each.state in ("verified", "failing")
    ]
    return (min(times) - now).total_seconds() if times else _LONGEST_WAIT
