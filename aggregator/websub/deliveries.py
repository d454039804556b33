"""Takes in what hubs delivered, like a document of its source that a visit brought.

The same parser reads it, with the same deadline, and the same rules say what is new.  But it is not
the whole of its source: what is absent from it is not gone, and validators, the hash of the last
body and the schedule stay as they are.  What cannot be read, or is no feed, is the delivery's
failure and not the source's, which is asked itself then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from aggregator.config import Source
from aggregator.errors import AggregatorError
from aggregator.ingest.read import HASH, Job, Outcome, Reading, Unreadable
from aggregator.ingest.run import Run, take_delivery
from aggregator.model import Document, SourceReport
from aggregator.normalise.addresses import display_address, without_credentials
from aggregator.store import subscriptions, visits
from aggregator.store.subscriptions import Delivery, Subscription

_MOST_TIMES = 2  # that reading one is begun: it may be what ended the worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What became of a delivery for a source: a report, or a problem with it."""

    source: str
    report: SourceReport | None = None
    problem: str | None = None


def take_all(run: Run) -> Iterator[Arrived]:
    """Read what was delivered, one after the other, into the store; what became of each.

    Where there is a ``problem`` the source itself is to be asked.  A fault that a delivery brings
    about costs that delivery.
    """
    while (delivery := subscriptions.next_delivery(run.store)) is not None:
        try:
            arrived = take(run, delivery)
        except AggregatorError:
            raise  # the store's: it is read again once that is well
        except Exception as fault:
            found = subscriptions.of_token(run.store, delivery.token)
            if found is not None:
                problem = f"a delivery cannot be read: {type(fault).__name__}"
                yield _left_out(run, delivery, found, problem)
            raise
        if arrived is not None:
            yield arrived


def take(run: Run, delivery: Delivery) -> Arrived | None:
    """Read a delivery into the store; None where nobody waits for it any more.

    Raises ``StoreError``, and then it waits on.
    """
    found = subscriptions.of_token(run.store, delivery.token)
    source = next((s for s in run.config.sources if found and s.id == found.source), None)
    if found is None or source is None or found.state == "leaving":
        with run.store.transaction():
            subscriptions.taken(run.store, delivery, "its source is not wanted any more")
        return None
    if delivery.begun >= _MOST_TIMES:
        return _left_out(run, delivery, found, "a delivery ended the worker; left out")
    job = _job(run, source, found, delivery)
    problem: str | None = None

    def done(outcome: Outcome) -> None:
        nonlocal problem
        problem = outcome.problem if isinstance(outcome, Unreadable) else None
        if isinstance(outcome, Reading):
            most = run.config.fetch.max_items
            visits.add_seen(run.store, source.id, outcome.seen, each=HASH, most=most)
        subscriptions.taken(run.store, delivery, problem)

    report = take_delivery(run, job, _feeds_only, done)
    return Arrived(source=source.id, report=report, problem=problem)


def _left_out(run: Run, delivery: Delivery, found: Subscription, problem: str) -> Arrived:
    with run.store.transaction():
        subscriptions.taken(run.store, delivery, problem)
    return Arrived(source=found.source, problem=problem)


def _job(run: Run, source: Source, found: Subscription, delivery: Delivery) -> Job:
    kept = visits.remembered(run.store, [source.id]).get(source.id)
    # As a visit would have it: what is relative to the address is then the same by either way.
    address = (kept.visit.address if kept is not None else None) or without_credentials(
        source.location
    )
    document = Document(
        source=source.id,
        name=display_address(found.topic),
        body=delivery.body,
        sha256=delivery.sha256,
        modified=delivery.received,
        address=address,
        media_type=delivery.media_type,
        charset=delivery.charset,
    )
    return Job(source, document, kept.seen if kept is not None else b"")


def _feeds_only(job: Job, outcome: Outcome) -> Outcome:
    """A digest has no hub: whatever looks like one here is an error page, or a notice."""
    if isinstance(outcome, Reading) and outcome.channel is None:
        return Unreadable(f"{job.document.name}: what was delivered is no feed")
    if isinstance(outcome, Unreadable):
        return replace(outcome, problem=f"what was delivered: {outcome.problem}")
    return outcome
