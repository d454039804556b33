"""The subscriber of WebSub: subscribes to the hubs that sources name.

Takes the configuration, and the hubs and topics that polling found; asks hubs to subscribe, to
renew and to unsubscribe (sections 5.1 and 5.2), and notes the result.  ``inbox`` handles what hubs
request and deliver, ``deliveries`` reads it.

Each subscription has an unguessable callback of its own, and a secret of its own that signs its
deliveries (7.1).  The secret is sent over TLS only, or to a hub whose address is on a private
network that the source's ``allow_private`` permits.  A lease is
renewed when a fifth of it is left.  A hub that cannot be reached, or does not verify, is asked
again after five minutes, then after twice the time, up to a day.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from aggregator.config import Config, Source
from aggregator.fetch.exchange import Form, FormResponse, Limits, user_agent
from aggregator.fetch.guard import is_local
from aggregator.normalise.addresses import display_address, host_of, redact
from aggregator.store import Store, subscriptions
from aggregator.store.subscriptions import Subscription
from aggregator.store.visits import with_hubs
from aggregator.websub.publisher import Post

LEASE = 10 * 86_400
"""Seconds of lease that are asked for: the default of common hubs."""

SHORTEST_LEASE, LONGEST_LEASE = 300, 90 * 86_400
"""Bounds in seconds of the time to a renewal and of a lease that a hub grants."""

_LIMITS = Limits(connect_timeout=10.0, timeout=20.0)
_FIRST_WAIT = 300
_LONGEST_WAIT = 86_400
_MOST_DOUBLINGS = 20
_TO_VERIFY = 600  # seconds in which a hub should verify
_UNSUBSCRIBE_TRIES = 3
_BATCH = 16
_BATCH_OF_HUB = 4  # so that a slow hub delays few others


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The result of one step.

    ``changed`` are subscriptions to log, ``to_poll`` sources to poll at once, since their hub no
    longer reports for them; ``seconds`` is the time to the next step.
    """

    changed: tuple[Subscription, ...] = ()
    to_poll: tuple[str, ...] = ()
    seconds: float = 0.0


def poster(config: Config, now: Callable[[], datetime]) -> Post:
    """Return what sends forms to the hubs of sources, one at a time to each."""
    agent, delay = user_agent(config.fetch.contact, config.base_url), config.fetch.delay

    def post(forms: Sequence[Form]) -> Sequence[FormResponse]:
        from aggregator.fetch.client import post_all  # imports httpx

        return post_all(forms, limits=_LIMITS, user_agent=agent, now=now, delay=delay)

    return post


def step(config: Config, store: Store, post: Post, *, now: Callable[[], datetime]) -> Step:
    """Make the subscriptions those of the configuration, as far as hubs answer.

    ``now`` is the clock.  Raises ``StoreError``.
    """
    if config.websub.callback is None:
        if tokens := [found.token for found in subscriptions.every(store)]:
            with store.transaction():
                subscriptions.forget(store, tokens)
        return Step(seconds=_LONGEST_WAIT)
    started = now()
    with store.transaction():
        to_poll = [*_end_lapsed(store, started), *_reconcile(config, store, started)]
    changed = tuple(_send_requests(store, _due(store, started), post, now, config.by_id))
    return Step(changed=changed, to_poll=tuple(to_poll), seconds=_seconds_to_next(store, now()))


def lease(granted: int | None, asked: int = LEASE) -> int:
    """Return the seconds of a lease: those that a hub ``granted``, else those ``asked`` for."""
    return min(granted, LONGEST_LEASE) if granted is not None and granted > 0 else asked


def renewal(token: str, seconds: int, now: datetime) -> datetime:
    """Return when to renew a lease of so many ``seconds``: at the latest with a fifth of it left.

    The time depends on the token, so that leases that began together are not renewed together.
    """
    part = int.from_bytes(blake2b(token.encode(), digest_size=4).digest(), "big") / 2**32
    return now + timedelta(seconds=max(round(seconds * (0.8 - 0.1 * part)), SHORTEST_LEASE))


def _end_lapsed(store: Store, now: datetime) -> Iterator[str]:
    """End the subscriptions whose lease ran out; yields their sources."""
    for each in subscriptions.every(store):
        is_held = each.state in ("verified", "failing")
        if is_held and (each.lease_until is None or each.lease_until <= now):
            # Soon, but a hub that grants leases of one second is not asked every second.
            due = min(max(each.due, now), now + timedelta(seconds=SHORTEST_LEASE))
            subscriptions.end(store, each.token, "failed", due=due, error="its lease ran out")
            yield each.source


def _reconcile(config: Config, store: Store, now: datetime) -> Iterator[str]:
    """Have a subscription for each source that names a hub, and for no other.

    Yields the sources that lose one, except where a visit just found another hub.
    """
    sources = config.by_id
    wanted = {
        name: found
        for name, found in with_hubs(store).items()
        if name in sources and sources[name].is_remote
    }
    kept: set[str] = set()
    for each in subscriptions.every(store):
        if each.state == "leaving":
            continue
        source = sources.get(each.source)
        if source is not None and _is_wanted(each, source, wanted.get(each.source), config):
            kept.add(each.source)
            continue
        if each.lease_until is None:
            subscriptions.forget(store, [each.token])
        else:
            subscriptions.end(store, each.token, "leaving", due=now, error="is no longer wanted")
        if source is not None and (each.hub, each.topic) == wanted.get(each.source):
            yield each.source
    for name in sorted(wanted.keys() - kept):
        subscriptions.add(store, _new(config, sources[name], *wanted[name], now))


def _is_wanted(
    each: Subscription, source: Source, wanted: tuple[str, str] | None, config: Config
) -> bool:
    callback = f"{config.websub.callback}{each.token}"
    return (
        (each.hub, each.topic) == wanted
        and (each.callback, each.allow_private)
        == (
            callback,
            source.allow_private,
        )
        and (each.secret is None or _may_send_secret(each.hub, source))
    )


def _may_send_secret(hub: str, source: Source) -> bool:
    """Return whether nobody outside can read what is sent to ``hub`` (section 5.1)."""
    return hub.lower().startswith("https://") or (source.allow_private and is_local(hub))


def _new(config: Config, source: Source, hub: str, topic: str, now: datetime) -> Subscription:
    token = secrets.token_urlsafe(32)
    return Subscription(
        token=token,
        source=source.id,
        hub=hub,
        topic=topic,
        callback=f"{config.websub.callback}{token}",
        allow_private=source.allow_private,
        secret=secrets.token_urlsafe(32) if _may_send_secret(hub, source) else None,
        due=now,
    )


def _due(store: Store, now: datetime) -> list[Subscription]:
    """Return the subscriptions whose hubs are to be asked now."""
    hubs: Counter[str] = Counter()
    chosen: list[Subscription] = []
    for each in sorted(subscriptions.every(store), key=lambda found: found.due):
        if each.due <= now and hubs[host_of(each.hub)] < _BATCH_OF_HUB and len(chosen) < _BATCH:
            hubs[host_of(each.hub)] += 1
            chosen.append(each)
    return chosen


def _send_requests(
    store: Store,
    batch: Sequence[Subscription],
    post: Post,
    now: Callable[[], datetime],
    sources: Mapping[str, Source],
) -> Iterator[Subscription]:
    """Send a request for each subscription; yields those whose state changed."""
    to_ask: list[Subscription] = []
    with store.transaction():
        for each in batch:
            if each.state == "leaving" and each.tries >= _UNSUBSCRIBE_TRIES:
                subscriptions.forget(store, [each.token])
            elif problem := _problem(each):
                due = now() + timedelta(seconds=_LONGEST_WAIT)
                subscriptions.end(store, each.token, "failed", due=due, error=problem)
                yield replace(each, state="failed", error=problem)
            else:
                is_unverified = each.tries > 0 and each.state == "requested"
                error = "its hub did not verify" if is_unverified else None
                due = now() + timedelta(seconds=max(_wait(each.tries + 1), _TO_VERIFY))
                subscriptions.note_request(store, each.token, due=due, error=error)
                again = each.state in ("failed", "denied")
                to_ask.append(replace(each, state="requested") if again else each)
    if not to_ask:
        return
    answers = post([_form(each, sources.get(each.source)) for each in to_ask])
    with store.transaction():
        for each, answer in zip(to_ask, answers, strict=True):
            if answer.is_accepted:
                yield replace(each, error=None)
                continue
            tries = each.tries + 1
            due = now() + timedelta(seconds=max(_wait(tries), answer.retry_after or 0))
            subscriptions.note_refusal(
                store, each.token, tries=tries, due=due, error=answer.problem
            )
            # A lease that was verified before goes on.
            state = "failed" if each.state == "requested" else each.state
            yield replace(each, state=state, error=answer.problem)


def _problem(each: Subscription) -> str | None:
    """Why a hub must not be asked for a topic: it would learn a password or a private address."""
    if redact(each.topic) != each.topic:
        return "its topic holds a user or a password"
    if is_local(each.topic) and not each.allow_private:
        return f"its topic, {display_address(each.topic)}, is not a public address"
    return None


def _form(each: Subscription, source: Source | None) -> Form:
    mode = "unsubscribe" if each.state == "leaving" else "subscribe"
    fields = {"hub.callback": each.callback, "hub.mode": mode, "hub.topic": each.topic}
    if mode == "subscribe":
        fields["hub.lease_seconds"] = str(LEASE)
        if each.secret is not None:
            fields["hub.secret"] = each.secret
    return Form(
        address=each.hub,
        fields=fields,
        allow_private=each.allow_private,
        settings=source.request if source is not None else None,
    )


def _wait(tries: int) -> int:
    return min(_FIRST_WAIT * int(2 ** min(tries - 1, _MOST_DOUBLINGS)), _LONGEST_WAIT)


def _seconds_to_next(store: Store, now: datetime) -> float:
    """Return the seconds until a hub is to be asked, or a lease ends."""
    found = subscriptions.every(store)
    times = [each.due for each in found]
    times += [
        each.lease_until
        for each in found
        if each.lease_until is not None and each.state in ("verified", "failing")
    ]
    return (min(times) - now).total_seconds() if times else _LONGEST_WAIT
