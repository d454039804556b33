"""Documents to items ready for the store, in this process or beside it.

Parsing and normalising need nothing but the document, so while this process writes one document to
the store, another can read the next ones.  That is worth starting a process for only when many
documents come in at once; their order stays, and what is read is the same either way.
"""

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from multiprocessing import get_context
from typing import Self

from aggregator.config import Source
from aggregator.errors import SourceError
from aggregator.model import Agency, Document, Problem
from aggregator.normalise import normalise
from aggregator.normalise.agency import Agencies
from aggregator.normalise.dating import Undated, span
from aggregator.parse import digest
from aggregator.provenance import Prepared, prepare

MANY = 200
"""New documents of one source from which on they are read beside."""

_CHUNK = 20
_AHEAD = 6  # chunks that may wait for this process, which bounds the memory they take


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document holds: its items, what of it could not be read, and the days it is of."""

    prepared: list[Prepared]
    problems: list[Problem]
    days: tuple[date, date]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document that makes no sense, and why."""

    problem: str


Outcome = Reading | Unreadable


def read(source: Source, document: Document, agencies: Agencies) -> Outcome:
    """All of ``document`` that can be worked out without the store."""
    try:
        parsed = digest.parse(document, agencies.knows)
    except SourceError as error:
        return Unreadable(error.problem)
    prepared: list[Prepared] = []
    problems = list(parsed.problems)
    for item in parsed.items:
        owner = agencies.by_id(source.agency) if source.agency else agencies.named(item.agency)
        entry, unreadable = normalise(item, owner)
        problems += unreadable
        prepared.append(prepare(item, entry))
    problems.sort(key=lambda problem: problem.lines)
    return Reading(prepared, problems, _days(document, prepared))


def _days(document: Document, prepared: Iterable[Prepared]) -> tuple[date, date]:
    """The days that a digest seems to be of."""
    return span(
        [
            Undated(seen=document.modified, document=document.name, evidence=p.entry.evidence)
            for p in prepared
        ]
    )


class Readers:
    """Reads documents ahead of whoever takes them; a context manager, which ends what it began."""

    def __init__(self, agencies: Agencies) -> None:
        self._agencies = agencies
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def each(
        self, source: Source, documents: Iterable[Document]
    ) -> Iterator[tuple[Document, Outcome]]:
        """Each of ``documents`` with what it holds, in their order."""
        waiting = iter(documents)
        first = list(islice(waiting, MANY))
        if len(first) < MANY or (os.cpu_count() or 1) < 2:
            for document in chain(first, waiting):
                yield document, read(source, document, self._agencies)
        else:
            yield from self._beside(source, chain(first, waiting))

    def _beside(
        self, source: Source, documents: Iterator[Document]
    ) -> Iterator[tuple[Document, Outcome]]:
        under_way: deque[tuple[list[Document], Future[list[Outcome]]]] = deque()
        while True:
            while len(under_way) < _AHEAD and (chunk := list(islice(documents, _CHUNK))):
                under_way.append((chunk, self._submit(source, chunk)))
            if not under_way:
                return
            chunk, future = under_way.popleft()
            yield from zip(chunk, self._result(source, chunk, future), strict=True)

    def _submit(self, source: Source, chunk: list[Document]) -> Future[list[Outcome]]:
        if self._pool is None:
            # Not forked: this process has a database open.
            self._pool = ProcessPoolExecutor(
                max_workers=1,
                mp_context=get_context("spawn"),
                initializer=_begin,
                initargs=(self._agencies.configured,),
            )
        return self._pool.submit(_read_chunk, source, chunk)

    def _result(
        self, source: Source, chunk: list[Document], future: Future[list[Outcome]]
    ) -> list[Outcome]:
        """What the other process read; if it died, the same read here."""
        try:
            return future.result()
        except BrokenProcessPool:
            self._pool = None
            return [read(source, document, self._agencies) for document in chunk]


_agencies = Agencies()


def _begin(configured: tuple[Agency, ...]) -> None:
    """Set the other process up.  An interrupt is for the first one, which ends this one."""
    global _agencies  # a process of a pool has no other place for what it knows
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _agencies = Agencies(configured)


def _read_chunk(source: Source, chunk: list[Document]) -> list[Outcome]:
    return [read(source, document, _agencies) for document in chunk]
