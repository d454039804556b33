"""Webhooks: sends new and changed entries to the addresses that the configuration names.

Each webhook has a queue (``store.webhooks``), filled with the entries that the feeds have by now,
and gets one request after the other, each a JSON Feed, signed as Standard Webhooks 1.0.0 says.  A
request is sent again, with the same id and bytes, until it is accepted (2xx), so an entry arrives
at least once and in order.  A slow webhook delays no other one.

After a failure it is tried again after 10 seconds, then after twice the time, up to a day, and not
before ``Retry-After``.  A status of 410 switches it off.  After 413, requests have half as many
bytes from then on, and an entry that is too large alone is given up.  While it fails, what has
waited for a week is given up.  Redirects are not followed: the body is for the configured address.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.config import Config, Webhook
from aggregator.config.webhooks import ALL, signing_key
from aggregator.fetch.exchange import LONGEST_BACKOFF, Form, FormResponse, Limits, user_agent
from aggregator.output.render import among_feeds, items
from aggregator.output.stale import Output, output_of
from aggregator.store import Store
from aggregator.store import webhooks as store_webhooks
from aggregator.store.webhooks import Delivering, Event

MOST_ITEMS = 50
"""Entries in one request."""

MOST_BYTES = 500_000
"""Bytes of the entries in one request, unless one alone has more."""

MOST_WAITING = 10_000
"""Entries that wait for one webhook; above that, the oldest are given up."""

GIVEN_UP_AFTER = timedelta(days=7)

PATIENT = Limits(connect_timeout=10.0, timeout=20.0)
SHORT = Limits(connect_timeout=3.0, timeout=5.0)
"""For a person who waits for the command to end."""

_FIRST_WAIT = 10
_LONGEST_WAIT = 86_400
_MOST_DOUBLINGS = 20
_TICK = 0.5  # seconds until what came meanwhile is looked for
_GONE = 410
_TOO_LARGE = 413

Send = Callable[[Form], Awaitable[FormResponse]]
"""Sends a request and returns the answer to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The result of one request to a webhook, or a change of the webhook itself.

    ``items`` were accepted; otherwise ``problem`` says why not.  ``change`` is one line about a
    webhook that starts or ends, or gets smaller requests.
    """

    webhook: str
    items: int = 0
    problem: str | None = None
    change: str | None = None


def sender(config: Config, limits: Limits, now: Callable[[], datetime]) -> Send:
    """Return what sends a request; a webhook that asks for a pause delays no other one."""
    agent = user_agent(config.fetch.contact, config.base_url)

    async def send(form: Form) -> FormResponse:
        from aggregator.fetch.client import Client  # imports httpx

        return await Client(limits, agent, now=now).post(form)

    return send


def deliver(
    config: Config,
    store: Store,
    send: Send,
    told: Callable[[Told], None],
    *,
    now: Callable[[], datetime],
    is_over: Callable[[], bool],
) -> datetime | None:
    """Send what waits for the webhooks; return when the next request is due, None for never.

    ``told`` is called with each result.  ``now`` is the clock.  ``is_over`` is called twice a
    second; once it is true, no request is started and those under way are cancelled, which are then
    sent again the next time.  Raises ``StoreError``.
    """
    hooks = {hook.name: hook for hook in config.webhooks}
    if not hooks and not store_webhooks.deliverings(store):
        return None
    running: dict[asyncio.Task[FormResponse], tuple[str, Event]] = {}

    def begin() -> None:
        output = output_of(config, store, keep=True, touched=())
        for change in _queue_news(output, hooks, now()):
            told(change)
        known = store_webhooks.deliverings(store)
        busy = {name for name, _ in running.values()}
        for name in sorted(hooks.keys() & known.keys() - busy):
            if not is_over() and _is_due(known[name], now()):
                event = _next_event(output, hooks[name], known[name])
                if event is not None:
                    form = _form(hooks[name], event, now())
                    running[asyncio.ensure_future(send(form))] = name, event

    async def send_all() -> datetime | None:
        try:
            while True:
                begin()
                if not running or is_over():
                    return _next_due(store)
                done, _ = await asyncio.wait(
                    running, timeout=_TICK, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    name, event = running.pop(task)
                    told(_note(store, name, event, task.result(), now()))
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    return asyncio.run(send_all())


def _is_due(state: Delivering, now: datetime) -> bool:
    if not state.waiting or state.is_off:
        return False
    # A clock that was wrong may have put it off for years.
    return state.due is None or state.due <= now or state.due - now > LONGEST_BACKOFF


def _next_due(store: Store) -> datetime | None:
    states = store_webhooks.deliverings(store).values()
    return min((s.due for s in states if s.due and s.waiting and not s.is_off), default=None)


def _queue_news(output: Output, hooks: Mapping[str, Webhook], now: datetime) -> Iterator[Told]:
    """Have the webhooks be those of the configuration, and queue what is new for them.

    A webhook that is new gets what comes from now on.
    """
    store = output.store
    known = store_webhooks.deliverings(store)
    same = {name for name, hook in hooks.items() if name in known and _is_same(hook, known[name])}
    noted, history = store_webhooks.news(store)
    may_start = store_webhooks.is_written(store)
    if not noted and same == known.keys() and (same == hooks.keys() or not may_start):
        return
    changes = []
    with store.transaction():
        for name in sorted(known.keys() - same):
            store_webhooks.remove(store, name)
            changes.append(Told(webhook=name, change=_end(known[name], name in hooks)))
        fresh = [key for key in noted if key not in set(history)]
        for name in sorted(same):
            if not known[name].is_off:
                keys = among_feeds(output, hooks[name].feeds or (ALL,), fresh)
                store_webhooks.enqueue(store, name, keys, now=now, most=MOST_WAITING)
        store_webhooks.take(store, noted)
        for name in sorted(hooks.keys() - same) if may_start else ():
            store_webhooks.add(store, name, hooks[name].made_of)
            changes.append(
                Told(webhook=name, change="starts; entries that come from now on are sent")
            )
    yield from changes


def _is_same(hook: Webhook, state: Delivering) -> bool:
    return hook.made_of == state.made_of


def _end(state: Delivering, is_configured: bool) -> str:
    how = "has another address or other feeds" if is_configured else "is no longer configured"
    return f"{how}; {_count(state.waiting)} that waited for it will not be sent"


def _count(number: int) -> str:
    return "1 entry" if number == 1 else f"{number:,} entries"


def _next_event(output: Output, hook: Webhook, state: Delivering) -> Event | None:
    """Return the request to send next, kept in the store; None if there is nothing to send."""
    store = output.store
    most = MOST_BYTES if state.most_bytes is None else min(MOST_BYTES, state.most_bytes)
    while (event := store_webhooks.event(store, hook.name)) is None:
        queued = store_webhooks.queued(store, hook.name, MOST_ITEMS)
        if not queued or not output.plans:
            return None
        body, taken = items(output, hook.feeds or (ALL,), [key for _, key in queued], most)
        # Up to the last one that is in it; entries before it that are not are gone.
        upto = max((serial for serial, key in queued if key in taken), default=queued[-1][0])
        with store.transaction():
            if body is None:
                store_webhooks.drop_covered(store, hook.name, upto)
            else:
                made = Event(
                    id=_event_id(hook.name, upto, body), body=body, items=len(taken), upto=upto
                )
                store_webhooks.note_event(store, hook.name, made)
    return event


def _event_id(name: str, upto: int, body: bytes) -> str:
    """Return an id that the same request has again, and no other one; it has no full stop."""
    return "evt_" + hashlib.sha256(f"{name}\n{upto}\n".encode() + body).hexdigest()[:32]


def _form(hook: Webhook, event: Event, now: datetime) -> Form:
    stamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/feed+json",
        "webhook-id": event.id,
        "webhook-timestamp": stamp,
    }
    if hook.secret is not None:
        headers["webhook-signature"] = signature(hook.secret, event.id, stamp, event.body)
    return Form(
        address=hook.url,
        body=event.body,
        headers=headers,
        allow_private=hook.allow_private,
        settings=hook.request,
    )


def signature(secret: str, event: str, stamp: str, body: bytes) -> str:
    """Return the header of that name: HMAC-SHA256 of id, time in seconds and body.

    Standard Webhooks 1.0.0, section "Signature scheme".
    """
    signed = f"{event}.{stamp}.".encode() + body
    digest = hmac.new(signing_key(secret), signed, "sha256").digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _note(store: Store, name: str, event: Event, answer: FormResponse, now: datetime) -> Told:
    if answer.is_accepted:
        with store.transaction():
            store_webhooks.note_accepted(store, name, event, now)
        return Told(webhook=name, items=event.items)
    is_too_large = answer.status == _TOO_LARGE and not answer.retry_after
    if is_too_large and event.items > 1:
        with store.transaction():
            store_webhooks.note_too_large(store, name, event)
        size = f"{len(event.body):,} bytes"
        return Told(webhook=name, change=f"takes no request of {size}; smaller ones are sent")
    problem = _problem(answer)
    with store.transaction():
        if answer.status == _GONE:
            problem += "; nothing is sent until its address or its feeds are changed"
            store_webhooks.switch_off(store, name, now=now, error=problem)
            return Told(webhook=name, problem=problem)
        state = store_webhooks.deliverings(store).get(name)
        if state is None:  # another process removed it
            return Told(webhook=name, problem=problem)
        if is_too_large:
            store_webhooks.give_up_event(store, name, event)
            problem += f" to {_only_id(event)}, which is given up: {len(event.body):,} bytes"
        wait = min(_FIRST_WAIT * 2 ** min(state.tries, _MOST_DOUBLINGS), _LONGEST_WAIT)
        until = now + timedelta(seconds=max(wait, answer.retry_after or 0))
        store_webhooks.note_failed(store, name, now=now, until=until, error=problem)
        before = now - GIVEN_UP_AFTER
        if state.failing is not None and state.failing <= before:
            number = store_webhooks.give_up(store, name, before)
            problem += f"; {_count(number)} given up" if number else ""
    return Told(webhook=name, problem=problem)


def _only_id(event: Event) -> str:
    """Return the id of the entry that a request has."""
    (item,) = json.loads(event.body)["items"]
    return str(item["id"])


def _problem(answer: FormResponse) -> str:
    """Return why a request was not accepted, without its address, which may have a token in it."""
    if answer.status is not None and 300 <= answer.status < 400:
        return f"redirects ({answer.status}), which is not followed; configure where it leads to"
    return answer.error or f"responded with {answer.status}"
