"""The publisher of WebSub: notifies our hub of changed feeds until it has accepted that.

Takes the topics that writing the output noted (``store.pings``), sends a form for each, and notes
the result.  The specification leaves the form to publisher and hub (section 6); every public hub
accepts ``hub.mode=publish`` with the topic as ``hub.url``, newer ones as ``hub.topic``.

A hub that does not answer is tried again after 10 seconds, then after twice the time, up to an
hour, for a day; after a refusal (4xx) it is not asked again until the feed changes.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from aggregator.config import Config
from aggregator.fetch.exchange import Form, FormResponse, Limits, user_agent
from aggregator.store import Store, pings
from aggregator.store.pings import Ping

BATCH = 8
"""Topics in one round of notifications."""

SHORT = Limits(connect_timeout=3.0, timeout=5.0)
"""For a person who waits for the command to end."""

PATIENT = Limits(connect_timeout=10.0, timeout=20.0)

_FIRST_WAIT = 10
_LONGEST_WAIT = 3600
_MOST_DOUBLINGS = 20
_ALL = 1_000_000
_GIVEN_UP_AFTER = timedelta(days=1)
_TEMPORARY = {408, 429}  # 4xx that mean "later" (RFC 9110, section 15.5.9; RFC 6585)

Post = Callable[[Sequence[Form]], Sequence[FormResponse]]
"""Sends forms and returns the answer to each, in their order."""


def poster(config: Config, limits: Limits, now: Callable[[], datetime]) -> Post:
    """Return what sends forms to the hub of a configuration."""
    from aggregator.fetch.client import post_all  # imports httpx

    agent = user_agent(config.fetch.contact, config.base_url)
    return lambda forms: post_all(
        forms, limits=limits, user_agent=agent, now=now, concurrency=BATCH
    )


def notify_hub(
    config: Config,
    store: Store,
    post: Post,
    *,
    now: Callable[[], datetime],
    beat: Callable[[], None] = lambda: None,
) -> tuple[int, list[str]]:
    """Tell the hub, if there is one, of what is due, each topic once.  ``now`` is the clock.

    After a whole batch without an answer, the others are put off unasked.  ``beat`` is called
    before each batch.  Returns how many topics the hub accepted, and each problem once.  Raises
    ``StoreError``.
    """
    hub = config.websub.hub
    if hub is None:
        return 0, []
    started, accepted, problems = now(), 0, dict[str, None]()
    tried: set[int] = set()
    while batch := [ping for ping in pings.due(store, started, BATCH) if ping.number not in tried]:
        beat()
        tried.update(ping.number for ping in batch)
        answers = post([_form(hub, ping) for ping in batch])
        accepted += sum(answer.is_accepted for answer in answers)
        problems |= dict.fromkeys(answer.problem for answer in answers if not answer.is_accepted)
        with store.transaction():
            for ping, answer in zip(batch, answers, strict=True):
                _note(store, ping, answer, now())
            if all(answer.status is None for answer in answers):
                for ping in pings.due(store, started, _ALL):
                    _note(store, ping, answers[0], now())
    return accepted, list(problems)


def _form(hub: str, ping: Ping) -> Form:
    fields = {"hub.mode": "publish", "hub.url": ping.topic, "hub.topic": ping.topic}
    # The operator named this hub, and may run it on a private address.
    return Form(address=hub, fields=fields, allow_private=True)


def _note(store: Store, ping: Ping, answer: FormResponse, now: datetime) -> None:
    if answer.is_accepted:
        pings.mark_done(store, [ping])
        return
    status = answer.status
    is_refused = status is not None and 400 <= status < 500 and status not in _TEMPORARY
    is_too_old = ping.since is not None and now - ping.since >= _GIVEN_UP_AFTER
    if is_refused or is_too_old:
        pings.mark_done(store, [ping], error=f"{answer.problem}; given up")
        return
    wait = min(_FIRST_WAIT * 2 ** min(ping.tries, _MOST_DOUBLINGS), _LONGEST_WAIT)
    until = now + timedelta(seconds=max(wait, answer.retry_after or 0))
    pings.put_off(store, ping, now=now, until=until, error=answer.problem)
