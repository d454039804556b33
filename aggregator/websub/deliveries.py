"""Reads the deliveries of hubs into the store, like documents that polling fetched.

The same parser reads them, with the same deadline, and the same rules decide what is new.  But a
delivery is only a part of its source: what is absent from it is not gone, and validators, the hash
of the last body and the schedule stay as they are.  What cannot be read, or is not a feed, counts
as a failure of the delivery and not of the source, which is then polled.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from aggregator.config import Source
from aggregator.errors import AggregatorError
from aggregator.ingest.jobs import HASH, Job, ReadDocument, ReadResult, Unreadable
from aggregator.ingest.run import Run, ingest_delivery
from aggregator.model import Document, SourceReport
from aggregator.normalise.addresses import display_address, without_credentials
from aggregator.store import deliveries, subscriptions, visits
from aggregator.store.deliveries import Delivery
from aggregator.store.subscriptions import Subscription

_MOST_STARTS = 2  # of reading a delivery, which may be what ended the worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """The result of a delivery for a source: a report, or a problem with it."""

    source: str
    report: SourceReport | None = None
    problem: str | None = None


def take_all(run: Run) -> Iterator[Arrived]:
    """Read all deliveries into the store; yields the result of each.

    Where there is a ``problem`` the source is to be polled.  An internal error discards the
    delivery that caused it, and is raised.
    """
    while (delivery := deliveries.next_delivery(run.store)) is not None:
        try:
            arrived = take(run, delivery)
        except AggregatorError:
            raise  # of the store: the delivery is read again later
        except Exception as fault:
            found = subscriptions.of_token(run.store, delivery.token)
            if found is not None:
                problem = f"a delivery cannot be read: {type(fault).__name__}"
                yield _discard(run, delivery, found, problem)
            raise
        if arrived is not None:
            yield arrived


def take(run: Run, delivery: Delivery) -> Arrived | None:
    """Read a delivery into the store; return None where its source is no longer wanted.

    Raises ``StoreError``; the delivery then stays.
    """
    found = subscriptions.of_token(run.store, delivery.token)
    source = run.config.by_id.get(found.source) if found is not None else None
    if found is None or source is None or found.state == "leaving":
        with run.store.transaction():
            deliveries.done(run.store, delivery, "its source is no longer wanted")
        return None
    if delivery.begun >= _MOST_STARTS:
        return _discard(run, delivery, found, "a delivery ended the worker; discarded")
    job = _job(run, source, found, delivery)
    problem: str | None = None

    def done(outcome: ReadResult) -> None:
        nonlocal problem
        problem = outcome.problem if isinstance(outcome, Unreadable) else None
        if isinstance(outcome, ReadDocument):
            most = run.config.fetch.max_items
            visits.add_seen(run.store, source.id, outcome.seen, each=HASH, most=most)
        deliveries.done(run.store, delivery, problem)

    report = ingest_delivery(run, job, _feeds_only, done)
    return Arrived(source=source.id, report=report, problem=problem)


def _discard(run: Run, delivery: Delivery, found: Subscription, problem: str) -> Arrived:
    with run.store.transaction():
        deliveries.done(run.store, delivery, problem)
    return Arrived(source=found.source, problem=problem)


def _job(run: Run, source: Source, found: Subscription, delivery: Delivery) -> Job:
    kept = visits.remembered(run.store, [source.id]).get(source.id)
    # The address that polling has, so that relative references resolve to the same.
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
    return Job(source, document, kept.seen if kept is not None else b"", is_partial=True)


def _feeds_only(job: Job, outcome: ReadResult) -> ReadResult:
    """Refuse a digest: digests have no hub, so it is an error page or a notice."""
    if isinstance(outcome, ReadDocument) and outcome.channel is None:
        return Unreadable(f"{job.document.name}: the delivery is not a feed")
    if isinstance(outcome, Unreadable):
        return replace(outcome, problem=f"a delivery: {outcome.problem}")
    return outcome
