"""What travels between processes that read: it arrives as it was, and is read as it is here."""

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import is_dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import Source
from aggregator.config.requests import Secret
from aggregator.ingest.jobs import Job, ReadDocument, ReadResult, Rules, Unreadable
from aggregator.ingest.readers import Readers
from aggregator.ingest.transfer import (
    known_rules,
    pack_jobs,
    pack_result,
    pack_rules,
    rules_key,
    unpack_jobs,
    unpack_result,
    unpack_rules,
)
from aggregator.model import Agency, Document
from aggregator.normalise.agency import Agencies
from aggregator.workers import Workers
from tests.support.project import block, digest

NOW = datetime(2024, 1, 5, 12, tzinfo=UTC)
RULES = Rules(
    Agencies([Agency(id="nato", name="NATO", aliases=("The Alliance",))], ["harbour"]),
    {"example.org": "feed"},
    max_items=9,
    max_item_size=999,
    parse_timeout=20.0,
    document_timeout=20.0,
)
RSS = (
    "<rss version='2.0'><channel><title>Harbours</title>{}<item><guid>https://example.org/{}</guid>"
    "<title>Harbour {}</title><description>&lt;p&gt;It is open since <b>Friday.</b>&lt;/p&gt;"
    "</description><pubDate>Fri, 05 Jan 2024 10:00:00 +0100</pubDate></item></channel></rss>"
)
BODIES = [
    *(RSS.format("", n, n) for n in range(12)),
    RSS.format("A & B", 1, 1),  # not well-formed: read in a process that can be killed
    digest(block("The harbour opens", "The Alliance", "Ships may enter again on 5 January 2024.")),
    "\0",
    '{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": ['
    '{"id": "\\ud800", "title": "Half a character", "content_text": "It is there."}]}',
    "",
]
SOURCE = Source(
    id="feed",
    location="https://user:password@example.org/",
    timezone=ZoneInfo("Europe/Brussels"),
    day_first=True,
    include=("harbour", "half"),
)


def job(body: str) -> Job:
    document = Document(
        source="feed",
        name="https://example.org/",
        body=body.encode(),
        sha256="0",
        modified=NOW,
        address="https://example.org/",
    )
    return Job(SOURCE, document)


JOBS = [job(body) for body in BODIES]

_SIMPLE: dict[object, st.SearchStrategy[Any]] = {
    NoneType: st.none(),
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**64 - 1),
    float: st.floats(allow_nan=False),
    str: st.text(max_size=9),
    bytes: st.binary(max_size=9),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Return any values of a type; those of a class have something in every field."""
    inner = get_args(kind)
    match get_origin(kind):
        case None if isinstance(kind, type) and is_dataclass(kind):
            return st.builds(kind, **{n: values(hint) for n, hint in get_type_hints(kind).items()})
        case None:
            return _SIMPLE[kind]
        case origin if origin is Literal:
            return st.sampled_from(inner)
        case origin if origin in (Union, UnionType):
            return st.one_of(*map(values, inner))
        case origin if origin is tuple and inner[-1] is not Ellipsis:
            return st.tuples(*map(values, inner))
        case origin:
            return st.lists(values(inner[0]), max_size=2).map(origin)


@settings(max_examples=25)
@given(values(ReadDocument | Unreadable))
def test_result_arrives_as_it_was(result: ReadResult) -> None:
    """Every field of everything in it, and how long it took."""
    packed = pack_result(result)
    assert packed is not None
    arrived = unpack_result(packed)
    assert arrived == result
    if isinstance(arrived, ReadDocument) and isinstance(result, ReadDocument):
        assert arrived.seconds == result.seconds


def test_source_arrives_without_its_secrets() -> None:
    """Neither the address, which may hold a password, nor what is sent to its server."""
    secret = replace(SOURCE, headers=(("Authorization", Secret("Bearer x")),), cookie=Secret("y"))
    packed = pack_jobs([replace(JOBS[0], source=secret, seen=b"12", is_partial=True)])
    assert packed is not None
    assert b"password" not in packed
    assert b"Bearer" not in packed
    source = replace(SOURCE, location="")
    assert unpack_jobs(packed) == [replace(JOBS[0], source=source, seen=b"12", is_partial=True)]


def test_rules_arrive_as_they_were() -> None:
    """They are decoded once for all the documents that are read by the same ones."""
    packed = pack_rules(RULES)
    arrived = unpack_rules(packed)
    assert replace(arrived, agencies=RULES.agencies) == RULES
    assert arrived.agencies.configured == RULES.agencies.configured
    assert arrived.agencies.taken == {"harbour"}
    key = rules_key(packed)
    assert known_rules(key, None) is None
    kept = known_rules(key, packed)
    assert kept is not None
    assert known_rules(key, None) is kept


def test_rules_that_were_used_last_are_kept() -> None:
    """A process of several masters keeps a few, however often one of them changes its own."""
    packed = [pack_rules(replace(RULES, max_items=number)) for number in range(9)]
    keys = [rules_key(each) for each in packed]
    assert known_rules(keys[0], packed[0]) is not None
    for key, each in zip(keys[1:], packed[1:], strict=True):
        assert known_rules(key, each) is not None
        assert known_rules(keys[0], None) is not None
    assert [known_rules(key, None) is not None for key in keys] == [True, *5 * [False], *3 * [True]]


class Breaks(Executor):
    """Works once, and then its processes are gone."""

    def __init__(self) -> None:
        self.calls = 0

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.calls += 1
        if self.calls > 2:
            raise BrokenExecutor
        future: Future[Any] = Future()
        if self.calls == 1:
            future.set_result(call(*args, **kwargs))
        else:
            future.set_exception(BrokenExecutor())
        return future


@pytest.mark.parametrize("make", [partial(ThreadPoolExecutor, 2), Breaks])
def test_documents_are_read_as_in_this_process(make: Callable[[], Executor]) -> None:
    """Whatever they hold, and also if the others end."""
    with Readers(RULES) as here:
        expected = list(here.each(JOBS))
    with make() as executor:
        workers = Workers(3, executor=executor)
        with Readers(RULES, workers=workers) as readers:
            assert list(readers.each(JOBS, alone=1)) == expected
    kinds = [type(result) for _, result in expected]
    assert kinds.count(ReadDocument) == len(JOBS) - 2
    assert pack_result(expected[-2][1]) is None  # so it was read here


def test_document_that_cannot_be_sent() -> None:
    """A file name that is not UTF-8 has half a surrogate pair: it is read here, as its chunk is."""
    odd = replace(JOBS[0], document=replace(JOBS[0].document, name="\udcff.xml"))
    with ThreadPoolExecutor(1) as executor, Readers(RULES) as here:
        with Readers(RULES, workers=Workers(2, executor=executor)) as readers:
            read = list(readers.each([odd, *JOBS[1:3]], alone=0))
        assert read == list(here.each([odd, *JOBS[1:3]]))
