"""A batch of sources that another process polls: it fetches their documents and reads them.

A batch takes along what the process has no store for: what is remembered of each source, and of the
hosts.  Back come the results without the bodies, and what became known of hosts.  All of it travels
as bytes; the secrets that requests need travel in a batch, so its way has to be a private one.
"""

import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

import msgspec

from aggregator.config import Source
from aggregator.fetch import background
from aggregator.fetch.exchange import FetchRequest, FetchResponse, Limits
from aggregator.fetch.host_limiter import HostMemory
from aggregator.ingest.jobs import Job, ReadDocument, ReadResult, Unreadable
from aggregator.ingest.polling import Polling, PollResult, feeds_of_page, job_of, poll_result
from aggregator.ingest.readers import read_elsewhere
from aggregator.ingest.transfer import from_plain, known_rules, to_plain, without_request
from aggregator.model import Document, Visit
from aggregator.store.backfill import Backfill
from aggregator.store.visits import Remembered

Read = Callable[[Job], ReadResult | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A source to be polled.

    ``sha256`` and ``seen`` are of its last document, ``page`` and ``is_whole`` as in ``Polling``.
    ``given_up`` has why documents of it are not
    read for now, by ``given_up_key``.
    """

    source: Source
    request: FetchRequest
    sha256: str | None = None
    seen: bytes = b""
    page: Backfill | None = None
    is_whole: bool = False
    given_up: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Sources to be polled together, and how.

    ``now`` is the time of the run, ``clock`` the time at which the batch is sent (aware, UTC): the
    clock of the other process does not count.  ``waits`` are hosts and paths that asked for no
    requests, as ``HostMemory.add`` takes them, ``overloaded`` is as there.  ``rests`` are seconds
    until a host may be sent the next request.
    """

    wanted: list[Wanted]
    limits: Limits
    user_agent: str
    concurrency: int
    delay: float
    now: datetime
    clock: datetime
    waits: dict[str, datetime] = field(default_factory=dict)
    overloaded: dict[str, str] = field(default_factory=dict)
    rests: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """A ``PollResult`` without what its sender knows, with what its ``document`` holds.

    The bodies of ``response`` and ``document`` are left out.
    """

    response: FetchResponse | None
    error: str | None
    found: str | None
    others: tuple[str, ...]
    is_skipped: bool
    turn: datetime | None
    document: Document | None = None
    read: ReadDocument | None = None
    unreadable: Unreadable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The result of each source of a batch, packed, in order, and of its hosts.

    A result is None if it could not be packed, or an internal error occurred.  ``clock`` is the
    time by the clock of the batch; ``waits`` and ``overloaded`` are as there.
    """

    polled: list[bytes | None]
    clock: datetime
    waits: dict[str, datetime]
    overloaded: dict[str, str]


_LEVEL = 1  # a fifth of the bytes, which pass the scheduler, in 1.4 ms for 25 entries
_NAMES = [each.name for each in fields(Polled) if each.name in PollResult.__dataclass_fields__]
_encode = msgspec.msgpack.Encoder(enc_hook=to_plain).encode
_batch = msgspec.msgpack.Decoder(Batch, dec_hook=from_plain)
_polled = msgspec.msgpack.Decoder(Polled)
_answer = msgspec.msgpack.Decoder(Answer)


def given_up_key(name: str, sha256: str) -> str:
    """Return by what a document that was given up is found."""
    return f"{sha256} {name}"


def pack_batch(batch: Batch) -> bytes | None:
    """Return a batch as bytes; None if it cannot be packed."""
    try:
        wanted = [replace(one, source=without_request(one.source)) for one in batch.wanted]
        return _encode(replace(batch, wanted=wanted))
    except (UnicodeEncodeError, OverflowError):
        return None


def unpack_answer(packed: bytes) -> Answer:
    """Return an answer that was packed."""
    return _answer.decode(packed)


def unpack_polled(packed: bytes, polling: Polling) -> tuple[PollResult, ReadResult | None]:
    """Return a result that was packed, as one of ``polling``, and what its document holds."""
    polled = _polled.decode(zlib.decompress(packed))
    result = PollResult(
        source=polling.source,
        previous=polling.previous,
        page=polling.page,
        **{name: getattr(polled, name) for name in _NAMES},
    )
    if polled.document is None:
        return result, None
    assert polled.response is not None
    job = job_of(polling, polled.document, is_delta=polled.response.is_delta)
    return replace(result, job=job), polled.read or polled.unreadable


def poll_packed(packed: bytes, key: bytes, rules: bytes | None) -> bytes | None:
    """Poll a batch in another process: all is packed, and so is the answer.

    None if the rules of ``key`` are not known here, and have to come with the batch.
    """
    known = known_rules(key, rules)
    if known is None:
        return None
    batch = _batch.decode(packed)
    memory, clock = memory_of(batch), clock_of(batch)
    found: dict[int, bytes | None] = {}

    def read(job: Job) -> ReadResult | None:
        try:
            return read_elsewhere(job, known)
        except Exception:  # it occurs again where its source is known, and is logged
            return None

    for number, result, what in poll_batch(batch, read, memory, clock):
        is_complete = result.job is None or what is not None
        found[number] = _pack_polled(result, what) if is_complete else None
    return _encode(
        Answer(
            polled=[found.get(number) for number in range(len(batch.wanted))],
            clock=clock(),
            waits={key: backoff.until for key, backoff in memory.backoffs.items()},
            overloaded=memory.overloaded,
        )
    )


def clock_of(batch: Batch) -> Callable[[], datetime]:
    """Return a clock that started with the batch."""
    started = time.monotonic()
    return lambda: batch.clock + timedelta(seconds=time.monotonic() - started)


def memory_of(batch: Batch) -> HostMemory:
    """Return what the batch says of hosts."""
    now = time.monotonic()
    memory = HostMemory(rested={host: now + rest for host, rest in batch.rests.items()})
    memory.add(batch.waits)
    memory.overloaded.update(batch.overloaded)
    return memory


def poll_batch(
    batch: Batch, read: Read, memory: HostMemory, clock: Callable[[], datetime]
) -> Iterator[tuple[int, PollResult, ReadResult | None]]:
    """Yield the result of each source, with its number in the batch, as soon as it is there."""
    waiting = deque(one.request for one in batch.wanted)
    numbers = {one.source.id: number for number, one in enumerate(batch.wanted)}

    def work(room: int) -> list[FetchRequest] | None:
        return [waiting.popleft() for _ in range(min(room, len(waiting)))] or None

    for fetched in background.fetch(
        work,
        in_order=False,
        limits=batch.limits,
        user_agent=batch.user_agent,
        concurrency=batch.concurrency,
        delay=batch.delay,
        now=clock,
        memory=memory,
        look_further=feeds_of_page,
    ):
        number = numbers[fetched.request.source]
        wanted = batch.wanted[number]
        before = Remembered(asked="", visit=Visit(sha256=wanted.sha256), seen=wanted.seen)
        polling = Polling(wanted.source, before, wanted.page, wanted.is_whole)
        result = poll_result(polling, fetched, batch.now)
        if result.job is None:
            yield number, result, None
            continue
        document = result.job.document
        problem = wanted.given_up.get(given_up_key(document.name, document.sha256))
        if problem is not None:
            yield number, replace(result, job=None, error=problem), None
            continue
        yield number, result, read(result.job)


def _pack_polled(result: PollResult, read: ReadResult | None) -> bytes | None:
    given = {name: getattr(result, name) for name in _NAMES}
    if result.response is not None:
        headers = replace(result.response.headers, alternates=())
        given["response"] = replace(result.response, body=b"", headers=headers)
    document = result.job.document if result.job is not None else None
    if document is not None:
        document = replace(document, body=b"", left_out=len(document.body))
    polled = Polled(
        **given,
        document=document,
        read=read if isinstance(read, ReadDocument) else None,
        unreadable=read if isinstance(read, Unreadable) else None,
    )
    try:
        return zlib.compress(_encode(polled), _LEVEL)
    except (UnicodeEncodeError, OverflowError):
        return None
