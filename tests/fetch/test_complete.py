"""Whether a document is whole whose connection ended too early."""

import asyncio
import gzip

import pytest

from aggregator.fetch.complete import is_complete
from aggregator.fetch.encoding import decompress
from aggregator.fetch.exchange import ExchangeError, Limits
from aggregator.fetch.transport import _ResponseProtocol

WHOLE = "<rss><channel><item><description><![CDATA[<p>x</p>]]></description></item></channel></rss>"


@pytest.mark.parametrize(
    "body",
    [
        WHOLE,
        f"<?xml version='1.0'?>\n<!-- a > b --><?x y?><!DOCTYPE rss [<!ENTITY a 'b'>]>{WHOLE}\n",
        f"{WHOLE}\n<!-- Page generated in 0.5 s --><!-- cached -->\n",
        "<rdf:RDF xmlns:rdf='x'></rdf:RDF\n>",
        "<!doctype html><html><body></body></html>",
        "<!DOCTYPE HTML><HTML><BODY></body></html>",
        '{"version": "https://jsonfeed.org/version/1.1", "items": []}\n',
        " [1]",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_whole_documents_end_where_they_say(body: str, encoding: str) -> None:
    """The root element is closed, or the brackets are."""
    assert is_complete(body.encode(encoding))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "plain text.\n",
        WHOLE[:-1],
        WHOLE[:-6],
        f"{WHOLE}<item>",
        f"{WHOLE} and more",
        f"{WHOLE}\n<!-- Page gener",
        "<rss><item></rssx>",
        "<rss><item><![CDATA[ it ends with </rss>",
        "<rss><item><!-- </rss>",
        "<rss><item><![CDATA[ a ]]></item><![CDATA[ </rss>",
        '{"items": [{"id": "1"}, ',
        '{"items": []} {',
        "[" * 100_000,
        "Source: NATO\n\n</rss>",
    ],
)
def test_torn_documents_are_not_whole(body: str) -> None:
    """Nor are those of which nobody can tell; an end tag in a text or a comment closes nothing."""
    assert not is_complete(body.encode())


@pytest.mark.parametrize(
    "part",
    ["<!--a-->", "<!--", "<?a?>", "<?", "<!DOCTYPE a>", "<!DOCTYPE [", " ", "<a", "]]>", "</rss>"],
)
@pytest.mark.parametrize("start", ["", "<rss></rss>", "<rss>"])
def test_hostile_documents_take_linear_time(part: str, start: str) -> None:
    """No repetition is tried in more than one way; it would not end within the life of the test."""
    is_complete((start + part * 50_000 + "x").encode())


@pytest.mark.parametrize(
    "lengths", ["5\r\nContent-Length: 5\r\nX: y", "5, 5", "5\r\nX: y\r\ncontent-length: 5 ,5"]
)
def test_length_given_twice_alike_in_any_pieces(lengths: str) -> None:
    """Where the network cuts the header makes no difference."""
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {lengths}\r\n\r\nwhole".encode()

    async def receive(at: int) -> bytes:
        protocol = _ResponseProtocol(Limits(), asyncio.get_running_loop())
        for part in (answer[:at], answer[at:]):
            protocol.data_received(part)
        await protocol.done
        return b"".join(protocol.body)

    async def receive_all() -> set[bytes]:
        return {await receive(at) for at in range(1, len(answer))}

    assert asyncio.run(receive_all()) == {b"whole"}


@pytest.mark.parametrize("coding", ["br", "zstd", "compress"])
@pytest.mark.parametrize(
    "body", [WHOLE, '{"version": "https://jsonfeed.org/version/1.1", "items": []}']
)
def test_document_that_is_labelled_as_what_was_not_requested(coding: str, body: str) -> None:
    """It is read if it is not compressed at all."""
    assert decompress(body.encode(), coding, 1000) == body.encode()
    with pytest.raises(ExchangeError, match="which was not requested"):
        decompress(b"[\x80\x02" + bytes(40), coding, 1000)


def test_gzip_without_its_sum() -> None:
    """The document is whole, which its length and check sum only repeat."""
    assert decompress(gzip.compress(WHOLE.encode())[:-8], "gzip", 1000) == WHOLE.encode()
    with pytest.raises(ExchangeError, match="in the middle of its compressed body"):
        decompress(gzip.compress(WHOLE[:-3].encode())[:-8], "gzip", 1000)
