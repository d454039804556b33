"""Has the sources with an address polled in other processes, in batches of whole hosts.

Takes the sources that are due, as ``polling.poll`` does, and yields each result with what was read.
A host is in one batch at a time, and what became known of it goes into the next one, so that delays
between requests, and backoffs, are kept whichever process sends them.  Only a host that others
redirect to may be sent two requests at once.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from aggregator.config import Source
from aggregator.errors import ClusterError
from aggregator.fetch.background import TICK
from aggregator.fetch.exchange import FetchRequest, user_agent
from aggregator.fetch.host_limiter import HostMemory
from aggregator.ingest import batch as batches
from aggregator.ingest.batch import Batch, Wanted
from aggregator.ingest.jobs import ReadResult
from aggregator.ingest.pages import When
from aggregator.ingest.polling import Polling, PollResult, Work, limits_of, requests_of
from aggregator.ingest.session import Run
from aggregator.normalise.addresses import host_of
from aggregator.store import documents as store_documents
from aggregator.store import visits as store_visits

_LARGEST = 25  # sources of a batch, which halve what one costs; more keep others waiting
_AHEAD = 2  # batches that wait for a process
_MOST_SOURCES = 2000  # that are under way, or whose results wait for their turn
_MOST_HELD = 64_000_000  # bytes of results that wait for their turn
_FEW = 32  # sources, for which there is room, are not worth asking for more
_MOST_WAITS = 1000  # hosts with a backoff, of which a batch is told

Result = tuple[PollResult, ReadResult | None]


@dataclass(frozen=True, slots=True)
class _Poll:
    number: int
    polling: Polling
    request: FetchRequest
    host: str


@dataclass(frozen=True, slots=True)
class _Sent:
    """A batch that is under way."""

    batch: Batch
    polls: list[_Poll]
    packed: bytes


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A packed result; ``lag`` is how much later it is than its process thought."""

    poll: _Poll
    packed: bytes
    lag: timedelta

    def unpack(self) -> Result:
        result, read = batches.unpack_polled(self.packed, self.poll.polling)
        response = result.response
        if response is not None and response.until is not None:
            turn = _later(response.turn or response.until, self.lag)
            response = replace(response, until=_later(response.until, self.lag), turn=turn)
            result = replace(result, response=response)
        if result.turn is not None:
            result = replace(result, turn=_later(result.turn, self.lag))
        return result, read


class Dispatcher:
    """The batches of one run.

    ``older`` is as for ``polling.poll``.  ``handling`` is called with a source before it is polled
    in this process, which is done where another process died of its batch or cannot send the
    result.
    """

    def __init__(self, run: Run, older: When, handling: Callable[[Source], None]) -> None:
        self._run = run
        self._older = older
        self._readers = run.readers
        self._handling = handling
        self._memory = run.hosts if run.hosts is not None else HostMemory()
        self._waiting: deque[_Poll] = deque()
        self._busy: set[str] = set()  # hosts
        self._under_way: dict[Future[bytes | None], _Sent] = {}
        self._ready: dict[int, Result | _Arrived] = {}
        self._held = 0
        self._count = 0
        self._next = 0  # the first one whose result was not handed out

    def results(self, work: Work) -> Generator[Result, None, None]:
        """Yield the result of each source of ``work``.

        In their order, or else each as soon as it is there; where nothing was read, with None.
        Raises ``ClusterError`` if the other processes are lost.
        """
        self._memory.add(store_visits.hosts_to_wait_for(self._run.store, self._run.clock()))
        try:
            yield from self._results(work)
        finally:
            for future in self._under_way:
                future.cancel()

    def _results(self, work: Work) -> Iterator[Result]:
        is_over, asked = False, -TICK
        while True:
            room = _MOST_SOURCES - len(self._waiting) - len(self._ready) - self._polls_under_way()
            is_time = not self._ready or time.monotonic() - asked >= TICK
            if not is_over and room >= _FEW and is_time:
                asked = time.monotonic()
                sources = work(room)
                is_over = sources is None
                yield from self._add(sources or ())
            self._send()
            self._collect(0.0 if self._next_ready() is not None else TICK)
            number = self._next_ready()
            if number is not None:
                yield self._take(number)
            elif is_over and not (self._under_way or self._waiting):
                return

    def _polls_under_way(self) -> int:
        return sum(len(sent.polls) for sent in self._under_way.values())

    def _add(self, sources: Sequence[Source]) -> Iterator[Result]:
        found = requests_of(self._run.store, sources, self._older, self._run.clock())
        for polling, request in found:
            if isinstance(request, PollResult):
                yield request, None
                continue
            host = host_of(request.address)
            self._waiting.append(_Poll(self._count, polling, request, host))
            self._count += 1

    def _next_ready(self) -> int | None:
        if self._run.is_continuous:
            return next(iter(self._ready), None)
        return self._next if self._next in self._ready else None

    def _take(self, number: int) -> Result:
        self._next += 1
        found = self._ready.pop(number)
        if not isinstance(found, _Arrived):
            return found
        self._held -= len(found.packed)
        return found.unpack()

    def _send(self) -> None:
        """Send what may be sent now."""
        most = _AHEAD + self._readers.workers.others
        while self._waiting and len(self._under_way) < most:
            is_full = self._held > _MOST_HELD
            if is_full and (self._run.is_continuous or self._waiting[0].number != self._next):
                return
            polls = self._next_polls(most)
            if not polls:
                return
            batch = self._batch(polls)
            packed = batches.pack_batch(batch)
            self._busy.update(poll.host for poll in polls)
            if packed is None:
                self._poll_here(batch, polls)
            else:
                sent = _Sent(batch, polls, packed)
                self._under_way[self._submit(sent, None)] = sent

    def _submit(self, sent: _Sent, rules: bytes | None) -> "Future[bytes | None]":
        key = self._readers.rules_key
        return self._readers.workers.submit(batches.poll_packed, sent.packed, key, rules)

    def _next_polls(self, most: int) -> list[_Poll]:
        """Take the next sources, with all others of their hosts, that no batch has hosts of."""
        size = min(_LARGEST, -(-len(self._waiting) // most))
        by_host: dict[str, list[_Poll]] = {}
        for poll in self._waiting:
            if poll.host not in self._busy:
                by_host.setdefault(poll.host, []).append(poll)
        chosen: list[_Poll] = []
        for polls in by_host.values():
            if len(chosen) >= size:
                break
            chosen += islice(polls, _LARGEST)
        numbers = {poll.number for poll in chosen}
        self._waiting = deque(poll for poll in self._waiting if poll.number not in numbers)
        return chosen

    def _batch(self, polls: Sequence[_Poll]) -> Batch:
        now, clock = self._run.now, self._run.clock()
        names = [poll.polling.source.id for poll in polls]
        given_up = store_documents.all_given_up(self._run.store, names, self._run.limits, now=now)
        hosts = {poll.host for poll in polls}
        moment = time.monotonic()
        waits = {k: b.until for k, b in self._memory.backoffs.items() if b.until > clock}
        fetch = self._run.config.fetch
        return Batch(
            wanted=[
                Wanted(
                    source=poll.polling.source,
                    request=poll.request,
                    sha256=poll.polling.previous.visit.sha256,
                    seen=poll.polling.previous.seen,
                    page=poll.polling.page,
                    is_whole=poll.polling.is_whole,
                    given_up={
                        batches.given_up_key(name, sha256): problem
                        for (source, name, sha256), problem in given_up.items()
                        if source == poll.polling.source.id
                    },
                )
                for poll in polls
            ],
            limits=limits_of(self._run.config),
            user_agent=user_agent(fetch.contact, self._run.config.base_url),
            concurrency=fetch.concurrency,
            delay=fetch.delay,
            now=now,
            clock=clock,
            waits=dict(islice(waits.items(), _MOST_WAITS)),
            overloaded={h: k for h, k in self._memory.overloaded.items() if h in hosts},
            rests={
                host: rest
                for host in sorted(hosts)
                if (rest := self._memory.rested.get(host, 0.0) - moment) > 0
            },
        )

    def _collect(self, seconds: float) -> None:
        """Take in the batches that are done, waiting for one at most so long."""
        if not self._under_way:
            if seconds and not self._waiting:
                time.sleep(seconds)
            return
        done, _ = wait(list(self._under_way), timeout=seconds, return_when=FIRST_COMPLETED)
        for future in done:
            sent = self._under_way.pop(future)
            try:
                packed = future.result()
            except ClusterError:
                raise
            except Exception:  # the process died of it, perhaps: each executor has its own error
                self._poll_here(sent.batch, sent.polls)
                continue
            if packed is None:
                again = self._submit(sent, self._readers.packed_rules)
                self._under_way[again] = sent
                continue
            self._take_in(sent, batches.unpack_answer(packed))

    def _take_in(self, sent: _Sent, answer: batches.Answer) -> None:
        lag = max(self._run.clock() - answer.clock, timedelta(0))
        waits = {key: _later(until, lag) for key, until in answer.waits.items()}
        self._release(sent.polls, waits, answer.overloaded)
        missing = []
        for poll, packed in zip(sent.polls, answer.polled, strict=True):
            if packed is None:
                missing.append(poll)
                continue
            self._ready[poll.number] = _Arrived(poll, packed, lag)
            self._held += len(packed)
        if missing:
            self._poll_here(self._batch(missing), missing)

    def _poll_here(self, batch: Batch, polls: Sequence[_Poll]) -> None:
        """Poll sources in this process; their documents are read in one that can be killed."""
        for number, poll in enumerate(polls):
            self._handling(poll.polling.source)
            one = replace(batch, wanted=[batch.wanted[number]])
            found = batches.poll_batch(one, self._readers.apart, self._memory, self._run.clock)
            for _, result, read in found:
                polling = poll.polling
                result = replace(result, source=polling.source, previous=polling.previous)
                self._ready[poll.number] = result, read
            self._busy.discard(poll.host)

    def _release(
        self, polls: Sequence[_Poll], waits: dict[str, datetime], overloaded: dict[str, str]
    ) -> None:
        """Note that no batch has the hosts of ``polls`` any more, and what became known of them."""
        memory, rested = self._memory, self._memory.rested
        memory.add(waits)
        moment = time.monotonic()
        for host in {poll.host for poll in polls}:
            self._busy.discard(host)
            memory.overloaded.pop(host, None)
            rested.pop(host, None)
            rested[host] = moment + self._run.config.fetch.delay
        memory.overloaded.update(overloaded)
        while rested and next(iter(rested.values())) < moment:  # they end in the order of entry
            del rested[next(iter(rested))]
        clock = self._run.clock()
        for key in [k for k, backoff in memory.backoffs.items() if backoff.until <= clock]:
            del memory.backoffs[key]


def _later(moment: datetime, lag: timedelta) -> datetime:
    """Return a whole second that is not too early."""
    later = moment + lag
    return later + timedelta(microseconds=-later.microsecond % 1_000_000)
