"""The HTTP client: requests, redirects, credentials, and every way in which a server can fail."""

import asyncio
import gzip
import ssl
import zlib
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from typing import TypeVar
from urllib.parse import quote

import pytest
import trustme
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.errors import FetchError
from aggregator.fetch.client import Client
from aggregator.fetch.encoding import decompress
from aggregator.fetch.exchange import (
    BackoffFetchError,
    ExchangeError,
    FetchRequest,
    FetchResponse,
    Limits,
    ResponseHeaders,
)
from aggregator.fetch.headers import read_headers
from aggregator.fetch.host_limiter import HostLimiter, HostMemory
from aggregator.fetch.resolve import Resolver
from tests.support.loopback import Act, Connection, Loopback, Reply, Request

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMITS = Limits(max_header_size=8_000, max_download=50_000, max_body=100_000)
HASTY = replace(LIMITS, timeout=1.0, connect_timeout=1.0)
"""For servers that never answer; all others get time enough for a slow machine."""

FEED = Reply(200, b"<feed/>", {"Content-Type": "application/atom+xml"})


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as started:
        yield started


async def on_this_machine(name: str, port: int) -> list[str]:
    """Every name is this machine's."""
    return ["127.0.0.1"]


def get(ask: FetchRequest, limits: Limits = LIMITS, **options: object) -> FetchResponse:
    async def one() -> FetchResponse:
        client = Client(limits, "trial/1 (a@example.org)", now=lambda: NOW, **options)  # type: ignore[arg-type]
        return await client.get(ask)

    return asyncio.run(one())


def ask(address: str, etag: str | None = None, last_modified: str | None = None) -> FetchRequest:
    return FetchRequest(
        source="s", address=address, etag=etag, last_modified=last_modified, allow_private=True
    )


Result = TypeVar("Result")


def outcome(work: Callable[[], Result]) -> Result | str:
    """What ``work`` gives, or its problem in words."""
    try:
        return work()
    except ExchangeError as error:
        return str(error)


def problem(address: str, limits: Limits = LIMITS, **options: object) -> str:
    """Why there is no answer from ``address``, which is then said to have none."""
    with pytest.raises(FetchError) as raised:
        get(ask(address), limits, **options)
    assert raised.value.source == "s"
    assert raised.value.problem.isprintable()
    return raised.value.problem


# Requests and responses.


def test_response_with_its_headers(server: Loopback) -> None:
    """The body, its hash, and the headers that matter."""
    address = server.at(
        "/feed",
        Reply(
            200,
            b"<rss/>",
            {
                "Content-Type": 'Text/XML; Charset="ISO-8859-1"',
                "ETag": 'W/"a  b"',
                "Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT",
                "Cache-Control": "public, max-age=3600",
                "Age": "600",
                "Link": '</hub>; rel="hub", <https://example.org/feed>; rel=self; type="x/y"',
            },
        ),
    )
    assert get(ask(f"{address}?q=ä#part")) == FetchResponse(
        status=404, address=f"{address}?q=%C3%A4", sha256=sha256(b"").hexdigest()
    )
    assert get(ask(address)) == FetchResponse(
        status=200,
        address=address,
        body=b"<rss/>",
        sha256=sha256(b"<rss/>").hexdigest(),
        headers=ResponseHeaders(
            etag='W/"a  b"',
            last_modified="Sun, 22 Nov 2026 10:00:00 GMT",
            media_type="text/xml",
            charset="iso-8859-1",
            max_age=3000,
            hub=server.url("/hub"),
            topic="https://example.org/feed",
        ),
    )


def test_request_has_no_other_headers(server: Loopback) -> None:
    """It names the client and the formats, and holds no condition and no cookie."""
    get(ask(server.at("/feed", Reply(200, b"x", {"Set-Cookie": "a=b"}))))
    get(ask(server.url("/feed")))
    for request in server.requests:
        assert request.method == "GET"
        assert set(request.headers) == {
            "host",
            "user-agent",
            "accept",
            "accept-encoding",
            "connection",
        }
        assert request.headers["user-agent"] == "trial/1 (a@example.org)"
        assert request.headers["accept"].startswith("application/atom+xml")
        assert request.headers["host"] == f"127.0.0.1:{server.port}"


def test_conditions_go_back_exactly_as_they_came(server: Loopback) -> None:
    """Validators are sent to the byte as they were got, with ``A-IM: feed``; 304 has no body."""
    etag, date = 'W/"\xff odd"', "yesterday, or so"
    address = server.at("/feed", Reply(200, b"x", {"ETag": etag, "Last-Modified": date}))
    first = get(ask(address))
    server.at("/feed", Reply(304, b"", {"ETag": etag}))
    second = get(ask(address, first.headers.etag, first.headers.last_modified))
    assert (second.status, second.body, second.headers.etag) == (304, b"", etag)
    headers = server.requests[-1].headers
    assert (headers["if-none-match"], headers["if-modified-since"]) == (etag, date)
    assert headers["a-im"] == "feed"


def test_delta_holds_only_what_is_new(server: Loopback) -> None:
    """226 says that the document holds only what is new."""
    address = server.at("/feed", Reply(226, b"new", {"IM": "feed"}))
    answer = get(ask(address, '"1"'))
    assert (answer.is_delta, answer.body) == (True, b"new")


@pytest.mark.parametrize("value", ['"a"\r\nX-Evil: 1', "\x00", '"☃"'])
def test_validator_that_is_not_a_valid_header(server: Loopback, value: str) -> None:
    """What could end a header and begin another is never sent."""
    get(ask(server.at("/feed", FEED), value))
    assert not {"if-none-match", "x-evil", "a-im"} & set(server.requests[0].headers)


@pytest.mark.parametrize("status", [204, 206, 301, 400, 401, 404, 410, 429, 500, 503, 599])
def test_any_status_is_a_response(server: Loopback, status: int) -> None:
    """The client does not interpret a status; a redirect without Location is a response too."""
    assert get(ask(server.at("/feed", Reply(status)))).status == status


def test_body_of_an_error_is_not_read(server: Loopback) -> None:
    """429 and its ``Retry-After`` count however long and broken the page below them is."""
    head = b"HTTP/1.1 429 No\r\nRetry-After: 60\r\nContent-Length: 99999999\r\n\r\nab"
    answer = get(ask(server.at("/feed", head)))
    assert (answer.status, answer.headers.retry_after, answer.body) == (429, 60, b"")


def test_interim_response_is_skipped(server: Loopback) -> None:
    """103 Early Hints are not the final response, nor are their headers (RFC 8297)."""
    early = b"HTTP/1.1 103 Early Hints\r\nETag: early\r\n\r\n"
    answer = get(ask(server.at("/feed", early + FEED.to_bytes())))
    assert (answer.status, answer.body, answer.headers.etag) == (200, b"<feed/>", None)


def test_upgrade_to_another_protocol(server: Loopback) -> None:
    """A server may offer HTTP/2 with its response, but not insist on it."""
    offer = {"Upgrade": "h2,h2c", "Connection": "Upgrade, close"}
    assert get(ask(server.at("/offers", Reply(200, b"x", offer)))).body == b"x"
    insists = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    assert "another protocol" in problem(server.at("/insists", insists))


def test_304_to_an_unconditional_request(server: Loopback) -> None:
    """Without a validator nothing can be unchanged."""
    address = server.at("/feed", Reply(304))
    assert problem(address).startswith(f"{address}: responded with 304")


# Bodies.

TEXT = b"Aggregated. " * 100


def packed(body: bytes) -> bytes:
    """``body`` as gzip, the same bytes whenever it is made."""
    return gzip.compress(body, mtime=0)


RAW_DEFLATE = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("codings", "body"),
    [
        ("gzip", packed(TEXT)),
        ("x-gzip", packed(TEXT)),
        ("GZip", packed(TEXT[:600]) + packed(TEXT[600:])),
        ("gzip", packed(TEXT) + b"\0" * 512),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", RAW_DEFLATE.compress(TEXT) + RAW_DEFLATE.flush()),
        ("deflate, gzip", packed(zlib.compress(TEXT))),
        ("identity", TEXT),
        (" , gzip ,", packed(TEXT)),
    ],
    ids=["gzip", "x-gzip", "parts", "padded", "zlib", "raw", "stacked", "identity", "commas"],
)
def test_compressed_bodies(server: Loopback, codings: str, body: bytes) -> None:
    """gzip, in one part or many, and deflate in its two forms."""
    address = server.at("/feed", Reply(200, body, {"Content-Encoding": codings}))
    assert get(ask(address)).body == TEXT


@pytest.mark.parametrize(
    ("codings", "body", "words"),
    [
        ("gzip", b"\1\2\3" * 99, "is labelled gzip"),
        ("deflate", b"\xff" * 99, "is labelled deflate"),
        ("gzip", packed(TEXT)[:-12], "in the middle of its compressed body"),
        ("br", b"whatever", "compressed as 'br'"),
        ("gzip, gzip, gzip", TEXT, "compressed 3 times over"),
        ("gzip", packed(b"\0" * 5_000_000), "more than 100,000 bytes long (max_document_size)"),
        (
            "gzip, gzip",
            packed(packed(b"\0" * 20_000_000)),
            "more than 100,000 bytes long (max_document_size)",
        ),
        ("gzip", packed(b"part") * 101, "more than 100 parts"),
    ],
    ids=["gzip", "deflate", "cut", "br", "stacked", "bomb", "double", "parts"],
)
def test_invalid_compressed_bodies(server: Loopback, codings: str, body: bytes, words: str) -> None:
    """Corrupt, cut, unknown or too large: each is an error in words; no bomb is decompressed."""
    address = server.at("/feed", Reply(200, body, {"Content-Encoding": codings}))
    assert words in problem(address)


@pytest.mark.parametrize(
    ("codings", "body"),
    [
        *(
            (label, TEXT)
            for label in ("utf-8", "none", "aws-chunked", "binary", "identity, UTF-8", "-")
        ),
        *((label, TEXT) for label in ("gzip", "x-gzip", "deflate")),
        ("gzip", b"\xef\xbb\xbf<rss/>"),
        ("deflate", '{"title": "Grüße"}'.encode()),
    ],
)
def test_bodies_that_are_not_what_their_label_says(
    server: Loopback, codings: str, body: bytes
) -> None:
    """A label that is no coding counts for nothing, nor does one of a body that is plain."""
    address = server.at("/feed", Reply(200, body, {"Content-Encoding": codings}))
    assert get(ask(address)).body == body


@pytest.mark.parametrize("codings", [None, "", "identity", "none", "gzip"])
def test_gzip_without_a_label(server: Loopback, codings: str | None) -> None:
    """A gzip file is opened, also where it is compressed again on the way; a bomb stays one."""
    headers = {"Content-Encoding": codings} if codings is not None else {}
    sent = packed(packed(TEXT)) if codings == "gzip" else packed(TEXT)
    assert get(ask(server.at("/feed", Reply(200, sent, headers)))).body == TEXT
    bomb = packed(packed(b"\0" * 5_000_000))
    assert "max_document_size" in problem(server.at("/bomb", Reply(200, bomb, headers)))


WHOLE = (
    b"<?xml version='1.0'?><!-- a > b --><!DOCTYPE rss [<!ENTITY a 'b'>]>\n<rss v='1'><a/></rss>\n",
    b"\xef\xbb\xbf<feed xmlns='x'>\n<entry/></feed >\n<!-- made in 3 ms -->\0\n",
    b"<!doctype html><HTML><p>a</html>",
    b' {"items": [{"id": "}"}]}\n',
    b"[1, 2]",
)


@pytest.mark.parametrize("body", WHOLE)
def test_a_document_that_is_whole_although_the_body_is_not(server: Loopback, body: bytes) -> None:
    """A length that is too long or a missing last chunk is forgiven, of a torn one it is not."""
    chunk = b"%x\r\n%b\r\n" % (len(body), body)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    long = Reply(200, body, {"Content-Length": str(len(body) + 100)})
    packed_long = Reply(200, packed(body), {"Content-Length": "5000", "Content-Encoding": "gzip"})
    acts: list[Act] = [head + chunk, head + chunk[:-2], long, packed_long]
    for number, act in enumerate(acts):
        assert get(ask(server.at(f"/{number}", act))).body == body
    torn = body.rstrip()[:-2]
    words = "in the middle of the body"
    assert words in problem(server.at("/torn", replace(long, body=torn)))
    assert words in problem(server.at("/torn", head + b"%x\r\n%b\r\n" % (len(torn), torn)))


@pytest.mark.parametrize(
    "body", [b"", b"A digest\n\nSource: NATO\n", b"<rss><channel></channel>", b"</rss>", b"<", b"{"]
)
def test_a_document_that_may_be_torn(server: Loopback, body: bytes) -> None:
    """Where a document does not say that it has ended, it is not read."""
    address = server.at("/feed", Reply(200, body, {"Content-Length": "1000"}))
    assert "in the middle of the body" in problem(address)


def test_a_whole_document_on_a_connection_that_stays_open(server: Loopback) -> None:
    """A server that announces more and then waits has sent all that there is."""

    async def waits(_: Request, connection: Connection) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<rss></rss>")
        await connection.until_closed()

    assert get(ask(server.at("/feed", waits)), HASTY).body == b"<rss></rss>"


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 7\r\nX: y\r\ncontent-length:7\r\n",
        b"Content-Length: 7, 7\r\n",
        b"Content-Length: 7\r\nContent-Length: 7\r\nContent-Length: 7\r\n",
    ],
)
def test_a_length_that_is_given_twice(server: Loopback, lengths: bytes) -> None:
    """Equal lengths are one (RFC 9112, section 6.3); different ones are an error."""
    head = b"HTTP/1.1 200 OK\r\nETag: x\r\n"
    answer = get(ask(server.at("/feed", head + lengths + b"\r\n<feed/>")))
    assert (answer.body, answer.headers.etag) == (b"<feed/>", "x")
    other = lengths[::-1].replace(b"7", b"8", 1)[::-1]
    assert "is not HTTP" in problem(server.at("/feed", head + other + b"\r\n<feed/>"))


def test_a_redirect_to_itself_with_a_cookie(server: Loopback) -> None:
    """It is followed with the cookie, once, within this visit and on this host alone."""
    back = Reply(302, b"", {"Location": "/feed", "Set-Cookie": "seen=1; Path=/"})
    address = server.at("/feed", back, FEED, back, FEED)
    for _ in range(2):
        assert get(ask(address)).body == b"<feed/>"
    cookies = [request.headers.get("cookie") for request in server.requests]
    assert cookies == [None, "seen=1", None, "seen=1"]
    assert "in a circle" in problem(
        server.at("/loop", replace(back, headers={**back.headers, "Location": "/loop"}))
    )
    elsewhere = replace(
        back, headers={**back.headers, "Location": server.url("/feed", "b.example")}
    )
    server.at("/feed", FEED)
    get(ask(server.at("/other", elsewhere)), resolve=on_this_machine)
    assert "cookie" not in server.requests[-1].headers


def test_empty_body_labelled_as_compressed(server: Loopback) -> None:
    """It is empty, whatever its label."""
    assert get(ask(server.at("/feed", Reply(200, b"", {"Content-Encoding": "gzip"})))).body == b""


@given(st.binary(max_size=300), st.integers(1, 400), st.sampled_from(["gzip", "deflate"]))
def test_decompressed_body_keeps_its_limit(body: bytes, most: int, coding: str) -> None:
    """A decompressed body is complete and within the limit, or an error."""
    sent = packed(body) if coding == "gzip" else zlib.compress(body)
    if len(body) <= most:
        assert decompress(sent, coding, most) == body
    else:
        with pytest.raises(ExchangeError, match="max_document_size"):
            decompress(sent, coding, most)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "gzip, deflate"]))
@example(b"\x1f\x8b\x08\x00", "gzip")
def test_any_bytes_labelled_as_compressed(body: bytes, codings: str) -> None:
    """They are a document within the limit, or an error in words."""
    result = outcome(lambda: decompress(body, codings, 1000))
    assert len(result) <= 1000
    assert isinstance(result, bytes) or result.isprintable()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: Chunked\r\n\r\n2;ext=1\r\nwh\r\n3\r\nole\r\n0\r\nX: 1\r\n\r\n",
        HEAD + b"Connection: close\r\n\r\nwhole",
        b"HTTP/1.0 200 OK\r\n\r\nwhole",
        HEAD + b"Content-Length: 5\r\n\r\nwhole and what is not part of it",
        HEAD + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5  \r\nwhole\r\n0\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nX: folded\r\n  and \x01\r\n\r\nwhole",
        b"HTTP/1.1 200\nContent-Length: 5\n\nwhole",
    ],
    ids=[
        "chunked",
        "chunk-extension",
        "until-closed",
        "1.0",
        "more-than-said",
        "length-and-chunks",
        "padded-chunk-size",
        "folded",
        "bare-line-feeds",
    ],
)
def test_where_a_body_ends(server: Loopback, answer: bytes) -> None:
    """By its length, its last chunk, or the end of the connection (RFC 9112, section 6.3)."""
    assert get(ask(server.at("/feed", answer))).body == b"whole"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "closed the connection without a response"),
        (b"HTTP/1.1 200 OK\r\nContent-Ty", "closed the connection in the middle of the header"),
        (HEAD + b"Content-Length: 99\r\n\r\nab", "in the middle of the body"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", "in the middle of the body"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n", "in the middle of the body"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab", "is not HTTP"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nab", "is not HTTP"),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\nab", "transfer coding"),
        (HEAD + b"Content-Length: -1\r\n\r\nab", "is not HTTP"),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", "is not HTTP"),
        (HEAD + b"Content-Length: 9" + b"9" * 30 + b"\r\n\r\nab", "is not HTTP"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "is not HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x16", "is not HTTP"),
        (b"HTTP/1.1 two OK\r\n\r\n", "is not HTTP"),
        (HEAD + b"Bad Name\x00: 1\r\n\r\n", "is not HTTP"),
    ],
)
def test_invalid_responses(server: Loopback, answer: bytes, words: str) -> None:
    """Cut short anywhere, or not HTTP: an error, never a short document."""
    address = server.at("/feed", answer)
    said = problem(address)
    assert said.startswith(f"{address}: ")
    assert words in said


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"", "without a response"),
        (HEAD, "in the middle of the header"),
        (HEAD + b"Content-Length: 9\r\n\r\nab", "in the middle of the body"),
        (HEAD + b"Connection: close\r\n\r\nab", "in the middle of the body"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", "in the middle of the body"),
    ],
    ids=["request", "header", "body", "body-without-length", "chunks"],
)
def test_reset_at_every_stage(server: Loopback, sent: bytes, words: str) -> None:
    """A reset is told from an end, also where the end of the connection ends the body."""

    async def reset(request: Request, connection: Connection) -> None:
        await connection.send(sent)
        connection.reset()

    assert words in problem(server.at("/feed", reset))


def test_reset_at_once() -> None:
    """A server that drops connections as soon as they are made."""

    async def reset(connection: Connection) -> bool:
        connection.reset()
        return False

    with Loopback(on_connect=reset) as server:
        assert "the server closed the connection" in problem(server.url("/feed"))


def test_port_without_a_server() -> None:
    """The connection is refused."""
    with Loopback() as server:
        address = server.url("/feed")
    assert problem(address) == f"{address}: the server refused the connection"


def endless(part: bytes, before: bytes = b"") -> Callable[[Request, Connection], Awaitable[None]]:
    async def act(request: Request, connection: Connection) -> None:
        await connection.send(before)
        while True:
            await connection.send(part)

    return act


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (endless(b"x" * 1000, HEAD + b"\r\n"), "more than 50,000 bytes (max_download)"),
        (
            endless(
                b"3e8\r\n" + b"x" * 1000 + b"\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
            ),
            "more than 50,000 bytes (max_download)",
        ),
        (
            endless(
                b"1;" + b"e" * 900 + b"\r\nx\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
            ),
            "(max_download)",
        ),
        (
            endless(b"x" * 1000, HEAD + b"Content-Encoding: gzip\r\n\r\n"),
            "more than 50,000 bytes compressed (max_download)",
        ),
        (HEAD + b"Content-Length: 50001\r\n\r\n", "more than 50,000 bytes (max_download)"),
        (endless(b"X-Flood: 1\r\n", HEAD), "8,000 bytes (max_header_size)"),
        (endless(b"x" * 1000, b"HTTP/1.1 200 OK\r\nX-Flood: "), "8,000 bytes (max_header_size)"),
        (endless(b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"), "8,000 bytes (max_header_size)"),
        (
            endless(b"X: 1\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"),
            "(max_header_size)",
        ),
    ],
    ids=[
        "body",
        "chunks",
        "chunk-extensions",
        "compressed",
        "announced",
        "headers",
        "header",
        "interim",
        "trailers",
    ],
)
def test_endless_headers_and_bodies(server: Loopback, act: Act, words: str) -> None:
    """Endless bodies and headers of every kind are given up at their limit."""
    assert words in problem(server.at("/feed", act))


def test_server_that_sends_nothing(server: Loopback) -> None:
    """It accepts the request and never responds."""

    async def silence(request: Request, connection: Connection) -> None:
        await connection.until_closed()

    address = server.at("/feed", silence)
    assert problem(address, HASTY) == f"{address}: no response within 1 s"


@pytest.mark.parametrize("before", [b"HTTP/1.1 200 OK\r\nX: ", HEAD + b"\r\n"])
def test_response_a_byte_at_a_time(server: Loopback, before: bytes) -> None:
    """The timeout is for the whole exchange, so bytes now and then do not extend it."""

    async def drip(request: Request, connection: Connection) -> None:
        await connection.send(before)
        while not connection.reader.at_eof():
            await connection.send(b"x")
            await asyncio.sleep(0.01)

    assert "was too slow: not complete within 1 s" in problem(server.at("/feed", drip), HASTY)


def test_timeout_covers_all_redirects(server: Loopback) -> None:
    """Each hop is quick enough, but all together are too slow."""

    async def later(request: Request, connection: Connection) -> None:
        await asyncio.sleep(0.4)
        await connection.send(Reply(302, headers={"Location": request.path + "a"}).to_bytes())

    for number in range(6):
        server.at("/" + "a" * number, later)
    assert "within 1 s" in problem(server.url("/"), HASTY)


# Redirects.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(server: Loopback, status: int) -> None:
    """All five kinds are, with the conditions; the response has its final address."""
    server.at("/old/feed", Reply(status, headers={"Location": "../new/feed?x#part"}))
    address = server.at("/new/feed?x", FEED)
    answer = get(ask(server.url("/old/feed"), '"1"'))
    assert (answer.status, answer.address) == (200, address)
    assert answer.permanent == (address if status in (301, 308) else None)
    assert server.requests[-1].headers["if-none-match"] == '"1"'


def test_permanent_as_far_as_it_goes(server: Loopback) -> None:
    """After a redirect that is not permanent, none counts as permanent."""
    server.at("/a", Reply(301, headers={"Location": "/b"}))
    server.at("/b", Reply(308, headers={"Location": "/c"}))
    server.at("/c", Reply(302, headers={"Location": "/d"}))
    server.at("/d", Reply(301, headers={"Location": "/e"}))
    server.at("/e", FEED)
    assert get(ask(server.url("/a"))).permanent == server.url("/c")
    assert get(ask(server.url("/c"))).permanent is None


def test_redirects_up_to_the_limit(server: Loopback) -> None:
    """Five are followed, and the sixth is one too many."""
    for number in range(6):
        server.at(f"/{number}", Reply(302, headers={"Location": f"/{number + 1}"}))
    server.at("/6", FEED)
    assert get(ask(server.url("/1"))).status == 200
    start = server.url("/0")
    last = server.url("/5")
    assert problem(start) == (
        f"{start}: leads to {last}: redirects more than 5 times (max_redirects)"
    )


def test_redirects_in_a_circle_end(server: Loopback) -> None:
    """A circle is an error as soon as it closes."""
    server.at("/a", Reply(302, headers={"Location": "/b"}))
    server.at("/b", Reply(302, headers={"Location": "/a#other"}))
    assert "redirects in a circle" in problem(server.url("/a"))
    assert len(server.requests) == 2
    server.at("/self", Reply(301, headers={"Location": ""}))
    server.at("/self", Reply(301, headers={"Location": "/self"}))
    assert "redirects in a circle" in problem(server.url("/self"))


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", "is neither http nor https"),
        ("ftp://example.org/feed", "is neither http nor https"),
        ("gopher://example.org/", "is neither http nor https"),
        ("javascript:alert(1)", "is not an address"),
        ("data:text/xml,<rss/>", "is not an address"),
        ("feed:https://example.org/", "is not an address"),
        ("http://[::1", "is not an address"),
        ("http://a b/", "there is no such host"),
        ("//x:y/", "is not an address"),
        ("http://x:99999/", "is not an address that can be requested"),
    ],
)
def test_redirect_that_is_not_followed(server: Loopback, location: str, reason: str) -> None:
    """Only http and https are followed, and only what is an address."""
    address = server.at("/feed", Reply(302, headers={"Location": location}))
    said = problem(address)
    assert said.startswith(f"{address}: leads to ")
    assert reason in said
    assert len(server.requests) == 1


def test_redirect_without_a_host(server: Loopback) -> None:
    """A malformed ``http:///feed`` leads to the same host."""
    address = server.at("/old", Reply(302, headers={"Location": "http:///feed"}))
    assert problem(address) == (
        f"{address}: leads to http://127.0.0.1/feed: the server refused the connection"
    )


def test_cookie_of_a_redirect_is_returned_once(server: Loopback) -> None:
    """A cookie set by a redirect goes with the next request, and with no later exchange."""
    server.at("/a", Reply(302, headers={"Location": "/b", "Set-Cookie": "visit=1; Path=/"}))
    server.at("/b", FEED)
    get(ask(server.url("/a", "a.example")), resolve=on_this_machine)
    get(ask(server.url("/b", "a.example")), resolve=on_this_machine)
    cookies = [request.headers.get("cookie") for request in server.requests]
    assert cookies == [None, "visit=1", None]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<feed/>"),
        Reply(304, headers={"ETag": '"2"'}),
        Reply(404),
        Reply(200, b"<feed/>", {"Set-Cookie": "visit=1"}),
        Reply(302),
        Reply(301, headers={"Location": "/b"}),
        Reply(307, headers={"Location": "/b", "Set-Cookie": "visit=1; Path=/"}),
        Reply(302, headers={"Location": "http://[/"}),
    ],
)
def test_exchange_with_and_without_the_client_of_httpx(
    server: Loopback, reply: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same requests, the same response or error, and no request is sent twice."""
    server.at("/a", reply)
    server.at("/b", FEED)

    def exchange() -> tuple[FetchResponse | str, list[tuple[str, dict[str, str]]]]:
        before = len(server.requests)
        try:
            found: FetchResponse | str = get(ask(server.url("/a"), etag='"1"'))
        except FetchError as error:
            found = error.problem
        return found, [(one.path, dict(one.headers)) for one in server.requests[before:]]

    async def not_sent(*_: object) -> None:
        return None

    plain = exchange()
    monkeypatch.setattr(Client, "_send_plain", not_sent)
    assert plain == exchange()


def test_cookie_stays_at_its_host(server: Loopback) -> None:
    """A redirect to another host takes no cookie along."""
    location = server.url("/b", "b.example")
    server.at("/a", Reply(302, headers={"Location": location, "Set-Cookie": "visit=1"}))
    server.at("/b", FEED)
    get(ask(server.url("/a", "a.example")), resolve=on_this_machine)
    assert [request.headers.get("cookie") for request in server.requests] == [None, None]


def test_location_in_other_alphabets(server: Loopback) -> None:
    """A Location in UTF-8 is followed, though it should be ASCII."""
    server.at("/feed", b"HTTP/1.1 302 Found\r\nLocation: /caf\xc3\xa9 au lait\r\n\r\n")
    server.at("/caf%C3%A9%20au%20lait", FEED)
    assert get(ask(server.url("/feed"))).status == 200


# Addresses.


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0x7f000001", "017700000001", "[::1]",
     "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "0", "localhost"],
)  # fmt: skip
def test_private_addresses_are_not_dialled(server: Loopback, host: str) -> None:
    """An address of this machine is refused in every notation, and nothing is sent."""
    with pytest.raises(FetchError, match="not a public address") as raised:
        get(FetchRequest(source="s", address=f"http://{host}:{server.port}/feed"))
    assert "allow_private = true" in raised.value.problem
    assert server.requests == []


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A server at an address that counts as public."""
    monkeypatch.setattr("aggregator.fetch.guard.is_public", "127.0.0.2".__eq__)
    with Loopback("127.0.0.2") as started:
        yield started


def get_as_public(address: str, **options: object) -> FetchResponse:
    return get(FetchRequest(source="s", address=address), LIMITS, **options)


def test_a_redirect_to_a_private_address(public: Loopback, server: Loopback) -> None:
    """A public source may not lead to a private address, unless it says that it may be private."""
    target = server.at("/secret", FEED)
    address = public.at("/feed", Reply(302, headers={"Location": target}))
    with pytest.raises(FetchError) as raised:
        get_as_public(address)
    assert raised.value.problem == (
        f"{address}: leads to {target}: leads to 127.0.0.1, which is not a public address"
        " (allow_private = true in its table permits it, or --allow-private of add and test)"
    )
    assert server.requests == []
    assert get(ask(address)).status == 200


def test_a_name_that_changes_its_answer(public: Loopback, server: Loopback) -> None:
    """The address that was checked is the one that is dialled: there is one look-up a request."""
    answers = [["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]]

    async def resolve(name: str, port: int) -> list[str]:
        return answers.pop(0)

    public.at("/feed", FEED)
    server.at("/feed", FEED)
    address = public.url("/feed", "changing.example")
    assert get_as_public(address, resolve=resolve).status == 200
    assert len(answers) == 2
    with pytest.raises(FetchError, match="not a public address"):
        get_as_public(address, resolve=resolve)
    assert server.requests == []


def test_a_redirect_to_itself_is_looked_up_again(public: Loopback) -> None:
    """A host that was public for the first hop is checked again for the second."""
    answers = [["127.0.0.2"], ["127.0.0.1"]]

    async def resolve(name: str, port: int) -> list[str]:
        return answers.pop(0)

    public.at("/feed", Reply(302, headers={"Location": "/next"}))
    public.at("/next", FEED)
    with pytest.raises(FetchError, match="not a public address"):
        get_as_public(public.url("/feed", "changing.example"), resolve=resolve)
    assert [request.path for request in public.requests] == ["/feed"]


def test_a_name_with_addresses_of_both_kinds(public: Loopback) -> None:
    """Only the public ones of a name are dialled."""

    async def resolve(name: str, port: int) -> list[str]:
        return ["127.0.0.1", "::1", "127.0.0.2", "10.0.0.1"]

    public.at("/feed", FEED)
    assert get_as_public(public.url("/feed", "both.example"), resolve=resolve).status == 200


def test_a_name_of_which_one_address_is_dead(server: Loopback) -> None:
    """Where one address refuses the connection, the next one is tried."""

    async def resolve(name: str, port: int) -> list[str]:
        return ["127.0.0.3", "::1", "127.0.0.1"]

    server.at("/feed", FEED)
    assert get(ask(server.url("/feed", "host.example")), resolve=resolve).status == 200


def test_no_such_host() -> None:
    """A name that has no address."""

    async def resolve(name: str, port: int) -> list[str]:
        return []

    said = problem("http://nowhere.example/feed", resolve=resolve)
    assert said == "http://nowhere.example/feed: there is no such host"


def test_a_look_up_that_hangs() -> None:
    """The time limit holds for the look-up of the name as well."""

    async def resolve(name: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    said = problem("http://slow.example/feed", HASTY, resolve=resolve)
    assert said == "http://slow.example/feed: no connection within 1 s"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_the_systems_own_look_up(name: str) -> None:
    """Names and numbers are turned into numeric addresses."""

    async def look_up() -> object:
        return await Resolver()(name, 80)

    assert set(asyncio.run(look_up())) <= {"127.0.0.1", "::1"}  # type: ignore[call-overload]


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "..", "a b"])
def test_a_name_that_cannot_be_one(name: str) -> None:
    """The system's complaints about a name end in no address, or in words."""

    async def look_up() -> object:
        return await Resolver()(name, 80)

    result = outcome(lambda: asyncio.run(look_up()))
    assert result == [] or "cannot be looked up" in str(result)


def test_names_in_other_alphabets(server: Loopback) -> None:
    """An internationalised name is asked for in its ASCII form (RFC 5891)."""
    asked: list[str] = []

    async def resolve(name: str, port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"]

    server.at("/feed", FEED)
    answer = get(ask(server.url("/feed", "bücher.example")), resolve=resolve)
    assert asked == ["xn--bcher-kva.example"]
    assert server.requests[0].host == f"xn--bcher-kva.example:{server.port}"
    assert answer.address == server.url("/feed", "xn--bcher-kva.example")


@pytest.mark.parametrize(
    "address",
    [
        "", "feed", "/feed", "file:///etc/passwd", "ftp://example.org/", "http:", "http://",
        "http:///feed", "javascript:alert(1)", "http://[::1", "http://example.org:99999/",
        "http://exa\nmple.org/", "http://☃.example/", "http://xn--n3h.example/",
        "http://xn--a.example/", "http://user:secret@[bad/",
        "http://user:sec/ret@example.org/", "https://user:secret@", "ftp://a:secret@example.org/",
        "http://example.org/" + "x" * 70_000, "//user:secret@example.org", "a:secret@example.org",
    ],
)  # fmt: skip
def test_configured_address_that_is_not_valid(address: str) -> None:
    """Whatever the configuration holds, the error is a short line without a password."""
    said = problem(address)
    assert "secret" not in said
    assert "ret@" not in said
    assert len(said) < 400


# Credentials.

BASIC = "Basic " + b64encode(b"us er:p\xc3\xa4ss@").decode()


def test_credentials_go_to_their_origin(server: Loopback) -> None:
    """They are sent as Basic authentication, along redirects within the origin, and not shown."""
    server.at("/feed", Reply(301, headers={"Location": "/moved"}))
    server.at("/moved", FEED)
    address = server.url("/feed", f"us%20er:{quote('päss@')}@127.0.0.1")
    answer = get(ask(address))
    assert [request.headers["authorization"] for request in server.requests] == [BASIC, BASIC]
    assert (answer.address, answer.permanent) == (server.url("/moved"), server.url("/moved"))


def test_credentials_stay_at_their_origin(server: Loopback) -> None:
    """Another port, and another name of the same machine, is another origin (RFC 6454)."""
    with Loopback() as other:
        server.at("/port", Reply(302, headers={"Location": other.at("/feed", FEED)}))
        server.at("/name", Reply(302, headers={"Location": server.url("/feed", "b.example")}))
        server.at("/feed", FEED)
        for path in ("/port", "/name"):
            address = server.url(path, "user:secret@a.example")
            assert get(ask(address), resolve=on_this_machine).status == 200
        assert "authorization" in server.requests[0].headers
        assert "authorization" not in other.requests[0].headers
        assert "authorization" not in server.requests[-1].headers


def test_credentials_come_back_to_their_origin(server: Loopback) -> None:
    """A redirect away and back is requested with them again."""
    with Loopback() as other:
        server.at("/a", Reply(302, headers={"Location": other.url("/b")}))
        other.at("/b", Reply(302, headers={"Location": server.at("/c", FEED)}))
        get(ask(server.url("/a", "user:secret@127.0.0.1")))
        assert "authorization" in server.requests[-1].headers


def test_credentials_in_a_redirect_are_not_used(server: Loopback) -> None:
    """A server cannot choose the credentials that are sent."""
    location = server.url("/feed", "user:secret@127.0.0.1")
    server.at("/a", Reply(302, headers={"Location": location}))
    server.at("/feed", FEED)
    answer = get(ask(server.url("/a")))
    assert "authorization" not in server.requests[-1].headers
    assert answer.address == server.url("/feed")


def test_credentials_are_in_no_error(server: Loopback) -> None:
    """Not at any of the places where an exchange fails."""
    server.at("/away", Reply(302, headers={"Location": "ftp://user:secret@example.org/"}))
    server.at("/round", Reply(302, headers={"Location": "/round"}))
    server.at("/cut", HEAD + b"Content-Length: 9\r\n\r\n")
    for path in ("/away", "/round", "/cut"):
        assert "secret" not in problem(server.url(path, "user:secret@127.0.0.1"))


# TLS.


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """What trusts the tests' own authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def serving(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """A server's context, with a certificate for ``names``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def test_tls(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    """The certificate is checked against the name, though its address is what is dialled."""
    tls = serving(authority, "a.example")
    names: list[str | None] = []
    tls.sni_callback = lambda _, name, __: names.append(name)
    with Loopback(tls=tls) as server:
        server.at("/feed", FEED)
        address = server.url("/feed", "a.example.")
        answer = get(ask(address), resolve=on_this_machine, authorities=trusting)
        assert answer.body == b"<feed/>"
    assert names == ["a.example"]


def test_tls_of_another_name(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    """A certificate for another name is refused, though both names are at one address."""
    with Loopback(tls=serving(authority, "a.example")) as server:
        server.at("/feed", FEED)
        for name, is_right in (("a.example", True), ("b.example", False), ("127.0.0.1", False)):
            address = server.url("/feed", name)
            if is_right:
                get(ask(address), resolve=on_this_machine, authorities=trusting)
            else:
                said = problem(address, resolve=on_this_machine, authorities=trusting)
                assert said.startswith(f"{address}: its certificate is not valid: ")
        assert len(server.requests) == 1


def test_tls_of_an_unknown_authority(authority: trustme.CA) -> None:
    """Only the authorities of the system, and certifi's, are trusted."""
    with Loopback(tls=serving(authority, "a.example")) as server:
        address = server.url("/feed", "a.example")
        assert "its certificate is not valid" in problem(address, resolve=on_this_machine)
        assert server.requests == []


def test_tls_where_there_is_none() -> None:
    """A server that speaks only http is asked for https."""

    async def complain(connection: Connection) -> bool:
        await connection.send(Reply(400).to_bytes())
        return False

    with Loopback(on_connect=complain) as server:
        said = problem(server.url("/feed").replace("http:", "https:"))
        assert "TLS failed" in said or "closed the connection" in said


def test_http_where_there_is_tls(authority: trustme.CA) -> None:
    """A server that speaks only https is asked for http."""
    with Loopback(tls=serving(authority, "127.0.0.1")) as server:
        address = server.url("/feed").replace("https:", "http:")
        said = problem(address)
        assert "the server closed the connection" in said or "is not HTTP" in said


def test_tls_handshake_that_hangs() -> None:
    """A server that takes the connection and never shakes hands."""

    async def silence(connection: Connection) -> bool:
        await connection.until_closed()
        return False

    with Loopback(on_connect=silence) as server:
        address = server.url("/feed").replace("http:", "https:")
        limits = replace(LIMITS, connect_timeout=1.0)
        assert problem(address, limits) == f"{address}: no connection within 1 s"


def test_credentials_do_not_leave_tls(
    server: Loopback, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    """A redirect from https to http loses them, whatever the host."""
    with Loopback(tls=serving(authority, "127.0.0.1")) as secure:
        target = server.at("/feed", FEED)
        secure.at("/feed", Reply(302, headers={"Location": target}))
        get(ask(secure.url("/feed", "u:p@127.0.0.1")), authorities=trusting)
        assert "authorization" in secure.requests[0].headers
        assert "authorization" not in server.requests[0].headers


# Backoff.


def test_host_backs_off_until_its_time_is_over(server: Loopback) -> None:
    """So does a path after 429 or 503 with ``Retry-After``, and its host after a second path."""
    server.at("/busy", Reply(503))
    server.at("/limited", Reply(429, headers={"Retry-After": "3600"}))
    server.at("/too", Reply(429, headers={"Retry-After": "9999999"}))
    server.at("/feed", FEED)

    limits = replace(LIMITS, longest_backoff=3600)
    clock = [NOW]

    async def run() -> list[object]:
        seen: list[object] = []
        client = Client(limits, "trial", now=lambda: clock[0])
        for path in ("/busy", "/feed", "/limited", "/too", "/feed"):
            try:
                seen.append((await client.get(ask(server.url(path)))).status)
            except BackoffFetchError as error:
                seen += [error.problem, error.turn]
        clock[0] += timedelta(hours=1)
        seen.append((await client.get(ask(server.url("/feed")))).status)
        return seen

    assert asyncio.run(run()) == [
        503,
        200,
        429,
        429,
        f"{server.url('/feed')}: asked (429) for no requests until 2026-11-22 13:00 UTC",
        NOW + timedelta(hours=1),
        200,
    ]
    assert (
        " ".join(request.path for request in server.requests) == "/busy /feed /limited /too /feed"
    )


def test_backoff_ends_on_a_whole_second_that_is_not_too_early(server: Loopback) -> None:
    """Times are stored to the second, and the server is not asked before its time."""
    server.at("/feed", Reply(503, headers={"Retry-After": "3"}))
    now = NOW + timedelta(milliseconds=1)
    response = asyncio.run(Client(LIMITS, "trial", now=lambda: now).get(ask(server.url("/feed"))))
    assert response.until == response.turn == NOW + timedelta(seconds=4)


def test_redirect_to_a_host_in_backoff(server: Loopback) -> None:
    """The backoff holds on every hop."""
    server.at("/feed", Reply(302, headers={"Location": "http://b.example/feed"}))

    async def run() -> None:
        memory = HostMemory()
        memory.add({"b.example:80": NOW + timedelta(minutes=5)})
        limiter = HostLimiter(0, 1, memory=memory, now=lambda: NOW)
        client = Client(LIMITS, "trial", now=lambda: NOW, limiter=limiter)
        await client.get(ask(server.url("/feed")))

    with pytest.raises(BackoffFetchError, match=r"leads to http://b\.example/feed: asked"):
        asyncio.run(run())


# Headers.


def said(**fields: str) -> ResponseHeaders:
    raw = [
        (name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in fields.items()
    ]
    return read_headers(raw, "https://example.org/a/feed", NOW)


DATE = "Sun, 22 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, None),
        ({"Cache_Control": "max-age=600"}, 600),
        ({"Cache_Control": 'private, Max-Age="600"'}, 600),
        ({"Cache_Control": "max-age=600", "Age": "200"}, 400),
        ({"Cache_Control": "max-age=600", "Age": "900"}, 0),
        ({"Cache_Control": "max-age=600", "Age": "old"}, 600),
        ({"Cache_Control": "max-age=600, no-cache"}, None),
        ({"Cache_Control": "no-store", "Expires": "Mon, 23 Nov 2026 12:00:00 GMT"}, None),
        ({"Cache_Control": "max-age=soon"}, None),
        ({"Cache_Control": "max-age=-1"}, None),
        ({"Cache_Control": "s-maxage=600"}, None),
        ({"Cache_Control": "max-age=" + "9" * 5000}, 366 * 86_400),
        ({"Date": DATE, "Expires": "Sun, 22 Nov 2026 13:00:00 GMT"}, 3600),
        ({"Date": DATE, "Expires": "Sunday, 22-Nov-26 13:00:00 GMT"}, 3600),
        ({"Date": DATE, "Expires": "Sun Nov 22 13:00:00 2026"}, 3600),
        ({"Date": DATE, "Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"Date": DATE, "Expires": "0"}, None),
        ({"Expires": "Sun, 22 Nov 2026 13:00:00 GMT"}, None),
        ({"Date": DATE, "Expires": "Sun, 99 Nov 2026 13:00:00 GMT" + "x" * 9000}, None),
        ({"Cache_Control": "max-age=60", "Date": DATE, "Expires": "Mon, 23 Nov 2026 12:00:00 GMT"},
         60),
    ],
)  # fmt: skip
def test_freshness_of_a_response(fields: dict[str, str], seconds: int | None) -> None:
    """Cache-Control, else Expires, each only where it is well formed."""
    assert said(**fields).max_age == seconds


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, None),
        ({"Retry_After": "120"}, 120),
        ({"Retry_After": " 120 "}, 120),
        ({"Retry_After": "-5"}, None),
        ({"Retry_After": "later"}, None),
        ({"Retry_After": "9" * 40}, 7 * 86_400),
        ({"Retry_After": "Sun, 22 Nov 2026 12:10:00 GMT"}, 600),
        ({"Retry_After": "Sun, 22 Nov 2026 12:10:00 GMT", "Date": "Sun, 22 Nov 2026 12:09:00 GMT"},
         60),
        ({"Retry_After": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0),
        ({"Retry_After": "Fri, 31 Dec 9999 23:59:59 GMT"}, 7 * 86_400),
    ],
)  # fmt: skip
def test_retry_after_in_both_forms(fields: dict[str, str], seconds: int | None) -> None:
    """Seconds or a date, by the server's own clock if it sends one, and a week at most."""
    assert said(**fields).retry_after == seconds


@pytest.mark.parametrize(
    ("link", "hub", "topic"),
    [
        ("<https://hub.example/>; rel=hub", "https://hub.example/", None),
        ("<../self>; rel=\"other SELF\"", None, "https://example.org/self"),
        ('<a,b;c>; title="x, <y>; rel=hub"; rel=self', None, "https://example.org/a/a,b;c"),
        ("<one>; rel=hub, <two>; rel=hub", "https://example.org/a/one", None),
        ("<one>; rel=hub; anchor=\"/elsewhere\"", None, None),
        ("<javascript:alert(1)>; rel=hub", None, None),
        ("<http://[>; rel=hub, <two>; rel=self", None, "https://example.org/a/two"),
        ("hub", None, None),
        ("<one; rel=hub", None, None),
        ('<one>; rel="hub', None, None),
        ("<one>; rel", None, None),
        ("<x>;" * 4000 + "rel=hub", None, None),
    ],
)  # fmt: skip
def test_hub_and_topic_of_the_link_header(link: str, hub: str | None, topic: str | None) -> None:
    """Hub and topic as RFC 8288 has them: absolute, of this document, the first of each."""
    found = said(Link=link)
    assert (found.hub, found.topic) == (hub, topic)


NAMES = ("Link", "Cache_Control", "Expires", "Date", "Retry_After", "Content_Type", "Age", "ETag")


@given(st.dictionaries(st.sampled_from(NAMES), st.text(st.characters(max_codepoint=255))))
@example({"Date": format_datetime(NOW), "Expires": "Mon, 1 Jan 0001 00:00:00 +2359"})
def test_no_header_fails_a_response(fields: Mapping[str, str]) -> None:
    """A header that is not well formed is ignored."""
    found = said(**fields)
    assert found.etag == (fields.get("ETag") or None)
