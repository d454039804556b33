"""What a source has for its own requests: headers, cookie, user agent, proxy, authorities."""

import asyncio
import re
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from aggregator.errors import FetchError
from aggregator.fetch.exchange import FetchRequest, FetchResponse, Form, Limits
from aggregator.model import RequestSettings
from tests.fetch.test_client import LIMITS, NOW, on_this_machine
from tests.support.loopback import Connection, Loopback, Reply, Request

OK = Reply(200, b"<rss/>")


def fetched(
    address: str, settings: RequestSettings, *, limits: Limits = LIMITS, private: bool = True
) -> FetchResponse:
    from aggregator.fetch.client import Client

    wanted = FetchRequest(source="s", address=address, allow_private=private, settings=settings)
    client = Client(limits, "trial/1", now=lambda: NOW, resolve=on_this_machine)
    return asyncio.run(client.get(wanted))


def test_headers_stay_at_the_origin_of_the_source() -> None:
    """A redirect elsewhere drops them, and one from there back has them again."""
    with Loopback() as server, Loopback() as other:
        start = server.at("/a", Reply(302, headers={"Location": "/b", "Set-Cookie": "v=1; Path=/"}))
        server.at("/b", Reply(302, headers={"Location": other.url("/c")}))
        other.at("/c", Reply(302, headers={"Location": server.url("/d")}))
        server.at("/d", OK)
        settings = RequestSettings(
            location=start,
            headers=(("Authorization", "Bearer t"), ("X-Key", "k"), ("Cookie", "own=1")),
            user_agent="Reader/2",
        )
        fetched(start, settings)
        # A learnt address on another host: a feed that a page named, a permanent move.
        other.at("/feed", OK)
        fetched(other.url("/feed"), settings)
        names = ("authorization", "x-key", "cookie")
        seen = [[r.headers.get(name) for name in names] for r in server.requests]
        assert seen == [
            ["Bearer t", "k", "own=1"],
            ["Bearer t", "k", "own=1; v=1"],
            ["Bearer t", "k", "own=1; v=1"],
        ]
        for request in other.requests:  # cookies of the exchange know no ports
            assert "own" not in request.headers.get("cookie", "")
            assert not {"authorization", "x-key"} & request.headers.keys()
        agents = {r.headers["user-agent"] for r in server.requests + other.requests}
        assert agents == {"Reader/2"}


def test_form_for_a_hub_of_the_same_origin() -> None:
    """It has the headers of the source; one for another host does not."""
    from aggregator.fetch.client import post_all

    with Loopback() as server, Loopback() as other:
        settings = RequestSettings(location=server.url("/feed"), headers=(("X-Key", "k"),))
        forms = [
            Form(address=each.at("/hub", Reply(202)), fields={}, allow_private=True)
            for each in (server, other)
        ]
        forms = [replace(form, settings=settings) for form in forms]
        answers = post_all(forms, limits=LIMITS, user_agent="trial/1", now=lambda: NOW)
        assert [answer.status for answer in answers] == [202, 202]
        assert server.requests[0].headers["x-key"] == "k"
        assert "x-key" not in other.requests[0].headers


def test_authorities_of_a_source_hold_for_its_origin_only(tmp_path: Path) -> None:
    """They are trusted besides the usual ones, and not where a redirect leads."""
    authority, file = trustme.CA(), tmp_path / "ca.pem"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("a.example", "b.example").configure_cert(context)
    authority.cert_pem.write_to_path(str(file))
    with Loopback(tls=context) as server:
        server.at("/feed", OK)
        location = server.url("/feed", "a.example")
        settings = RequestSettings(location=location, ca_file=file)
        assert fetched(location, settings).status == 200
        server.at("/away", Reply(302, headers={"Location": server.url("/feed", "b.example")}))
        for address in (server.url("/away", "a.example"), server.url("/feed", "b.example")):
            with pytest.raises(FetchError, match="its certificate is not valid"):
                fetched(address, settings)
        file.unlink()
        with pytest.raises(FetchError, match=r"ca\.pem: cannot be read \(ca_file\)"):
            fetched(location, settings)


def through(proxy: Loopback, user: str = "") -> RequestSettings:
    address = f"http://{user}127.0.0.1:{proxy.port}"
    return RequestSettings(
        location="http://a.example/feed", headers=(("X-Key", "k"),), proxy=address
    )


def test_proxy_gets_the_whole_address() -> None:
    """It is asked for the address, with its own password, and looks the name up itself."""
    with Loopback() as proxy:
        proxy.at("http://a.example/feed", OK)
        response = fetched("http://a.example/feed", through(proxy, "u:p@"), private=False)
        assert (response.status, response.body) == (200, b"<rss/>")
        (request,) = proxy.requests
        assert request.headers["host"] == "a.example"
        assert request.headers["user-agent"] == "trial/1"
        assert (request.headers["x-key"], request.headers["connection"]) == ("k", "close")
        assert request.headers["proxy-authorization"] == "Basic dTpw"


async def _silent(_request: Request, connection: Connection) -> None:
    await connection.until_closed()


@pytest.mark.parametrize(
    ("path", "act", "words"),
    [
        ("http://a.example/", b"SSH-2.0\r\n\r\n", "the exchange through the proxy failed"),
        ("http://a.example/", _silent, "no response through the proxy within"),
        ("http://a.example/", Reply(200, b"x" * 2000), r"\(max_download\)"),
        ("http://a.example/", Reply(200, b"", {"X": "x" * 2000}), r"\(max_header_size\)"),
        ("a.example:443", Reply(403), r"the proxy refused \(403 forbidden\)"),
    ],
)
def test_proxy_that_fails(path: str, act: object, words: str) -> None:
    """Each failure is one line without the password of the proxy."""
    timeout = 1.0 if act is _silent else LIMITS.timeout
    limits = replace(LIMITS, timeout=timeout, max_download=1000, max_header_size=1000)
    address = path if "://" in path else "https://a.example/"
    with Loopback() as proxy:
        proxy.at(path, act)  # type: ignore[arg-type]
        with pytest.raises(FetchError, match=words) as raised:
            fetched(address, through(proxy, "user:pass@"), limits=limits)
    assert re.search("user|pass|\n", raised.value.problem) is None


@pytest.mark.parametrize("body", [b"<rss></rss>", b"<rss><it"])
def test_body_through_a_proxy_that_is_too_short(body: bytes) -> None:
    """It is read if the document is whole, as without a proxy."""
    with Loopback() as proxy:
        proxy.at("http://a.example/feed", Reply(200, body, {"Content-Length": "99"}))
        try:
            found = fetched("http://a.example/feed", through(proxy), private=False).body
        except FetchError as error:
            found = error.problem.encode()
    assert found == body or (b"in the middle of the body" in found and b"</" not in body)


def test_proxy_that_does_not_answer() -> None:
    """A port without a server is one clear line."""
    with Loopback() as closed:
        settings = through(closed, "user:pass@")
    with pytest.raises(FetchError, match="no connection through the proxy") as raised:
        fetched("http://a.example/feed", settings)
    assert "pass" not in str(raised.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "0x7f.1", "[::1]", "localhost", "10.1.2.3"])
def test_proxy_is_not_asked_for_private_addresses(host: str) -> None:
    """What the address itself shows is checked, though the proxy would connect."""
    with Loopback() as proxy:
        with pytest.raises(FetchError, match="is not a public address"):
            fetched(f"http://{host}/feed", through(proxy), private=False)
        assert proxy.requests == []
