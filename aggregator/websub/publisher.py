"""The publisher's half of WebSub: tells the hub which feeds changed, until it has heard.

Takes what ``regenerate`` noted (``store.pings``); sends a form for each topic, and remembers what
came of it.  How a publisher tells its hub, the specification leaves to the two (section 6); every
public hub takes ``hub.mode=publish`` with the topic as ``hub.url``, newer ones as ``hub.topic``.

A hub that does not answer is tried again after 10 seconds, then twice as late each time, up to an
hour, for a day; one that refuses for good (4xx) is not asked again until the feed changes next.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from aggregator.config import Config
from aggregator.fetch.exchange import Form, Limits, Posted
from aggregator.ingest.polling import user_agent
from aggregator.store import Store, pings
from aggregator.store.pings import Ping

AT_ONCE = 8
"""Topics that are told at once."""

SHORT = Limits(connect_timeout=3.0, timeout=5.0)
"""For a person who waits for the command to end."""

PATIENT = Limits(connect_timeout=10.0, timeout=20.0)

_FIRST_WAIT = 10
_LONGEST_WAIT = 3600
_MOST_DOUBLINGS = 20
_ALL = 1_000_000
_GIVEN_UP_AFTER = timedelta(days=1)
_PASSING = {408, 429}  # of the 4xx, those that say "later" (RFC 9110, section 15.5.9; RFC 6585)

Post = Callable[[Sequence[Form]], Sequence[Posted]]
"""Sends forms and says what became of each, in their order."""


def poster(config: Config, limits: Limits, now: datetime) -> Post:
    """How forms go to the hub of a configuration."""
    from aggregator.fetch.form import post_all  # and with it httpx

    agent = user_agent(config)
    return lambda forms: post_all(
        forms, limits=limits, user_agent=agent, now=now, concurrency=AT_ONCE
    )


def tell(
    config: Config,
    store: Store,
    post: Post,
    *,
    now: datetime,
    beat: Callable[[], None] = lambda: None,
) -> tuple[int, list[str]]:
    """Tell the hub, if there is one, of what is due at ``now`` (aware, UTC), each topic once.

    A hub that gives no answer to any of the first is not asked for the others.  ``beat`` is called
    from time to time.  Gives how many topics it heard of, and what went wrong, a line for each
    reason.  Raises ``StoreError``.
    """
    hub = config.websub.hub
    if hub is None:
        return 0, []
    told, problems = 0, dict[str, None]()
    done: set[tuple[str, int]] = set()
    while waiting := [ping for ping in pings.due(store, now, AT_ONCE) if _key(ping) not in done]:
        beat()
        done.update(map(_key, waiting))
        posted = list(post([_form(hub, ping) for ping in waiting]))
        told += sum(answer.is_accepted for answer in posted)
        problems |= dict.fromkeys(answer.problem for answer in posted if not answer.is_accepted)
        with store.transaction():
            for ping, answer in zip(waiting, posted, strict=True):
                _note(store, ping, answer, now)
            if all(answer.status is None for answer in posted):
                for ping in pings.due(store, now, _ALL):
                    _note(store, ping, posted[0], now)
    return told, list(problems)


def _key(ping: Ping) -> tuple[str, int]:
    return ping.topic, ping.number


def _form(hub: str, ping: Ping) -> Form:
    fields = {"hub.mode": "publish", "hub.url": ping.topic, "hub.topic": ping.topic}
    # The operator named this hub, and may well run it here.
    return Form(address=hub, fields=fields, allow_private=True)


def _note(store: Store, ping: Ping, answer: Posted, now: datetime) -> None:
    if answer.is_accepted:
        pings.told(store, [ping])
        return
    status = answer.status
    refuses = status is not None and 400 <= status < 500 and status not in _PASSING
    too_long = ping.since is not None and now - ping.since >= _GIVEN_UP_AFTER
    if refuses or too_long:
        pings.told(store, [ping], error=f"{answer.problem}; given up")
        return
    wait = min(_FIRST_WAIT * 2 ** min(ping.tries, _MOST_DOUBLINGS), _LONGEST_WAIT)
    until = now + timedelta(seconds=max(wait, answer.retry_after or 0))
    pings.put_off(store, ping, now=now, until=until, error=answer.problem)
