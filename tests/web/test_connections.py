"""The server on loopback: what a connection may do, how long, and how the server ends."""

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from aggregator.errors import ConfigError
from aggregator.output.files import publish
from aggregator.web import app, bind, serve
from aggregator.web.connections import ConnectionLimiter, LimitedConnection, Limits
from tests.support.serving import Fixed, Server, pour, read_all, request, site, statuses

FEED = b"<feed>" + bytes(range(32, 127)) * 1000 + b"</feed>"
LARGE = 6_000_000
"""More than the buffers between two sockets hold."""

SHORT = Limits(head=0.3, idle=0.3, stall=0.3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "feeds"
    made.mkdir()
    (made / "all.atom").write_bytes(FEED)
    (made / "large.bin").write_bytes(b"x" * LARGE)
    return made


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with Server(site(folder, max_age=60)) as running:
        yield running


@pytest.fixture
def hasty(folder: Path) -> Iterator[Server]:
    """A server without patience."""
    with Server(site(folder), SHORT) as running:
        yield running


def test_a_client(server: Server) -> None:
    """A client gets the feed, compressed, and then that nothing changed, at once or by the app."""
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
        first, second = client.get("/all.atom"), client.get("/all.atom")
        known = client.get("/all.atom", headers={"If-None-Match": first.headers["etag"]})
    assert first.content == second.content == FEED
    assert first.headers["content-encoding"] == "gzip"
    assert "server" not in first.headers
    assert known.status_code == 304
    # The second was answered from memory: nothing but the order of headers may tell.
    names = set(first.headers) - {"date"}
    assert {name: first.headers[name] for name in names} == {
        name: second.headers[name] for name in names
    }
    assert set(second.headers) == set(first.headers)


def test_a_feed_is_rewritten(server: Server, folder: Path) -> None:
    """On the same connection the next answer has the new bytes."""
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
        for content in (FEED, FEED[::-1], FEED, b"<feed/>"):
            publish(folder / "all.atom", content)
            assert client.get("/all.atom").content == content
            assert client.get("/all.atom").content == content


def test_head_from_memory(server: Server) -> None:
    """HEAD on a connection that goes on has no body, the first time and the second."""
    head = request("/all.atom", method="HEAD", close=False)
    answer = server.say(head, head, request("/healthz"))
    assert statuses(answer) == [200, 200, 200]
    assert b"<feed>" not in answer
    assert answer.count(f"content-length: {len(FEED)}\r\n".encode()) == 2


def test_requests_one_after_another(server: Server) -> None:
    """Requests sent without waiting are answered in their order, whole, wherever they come from."""
    targets = ["/all.atom", "/healthz", "/all.atom", "/nothing", "/all.atom", "/all.atom"]
    sent = b"".join(request(target, close=False) for target in targets)
    answer = server.say(sent + request("/healthz"))
    assert statuses(answer) == [404 if target == "/nothing" else 200 for target in targets] + [200]
    assert answer.count(FEED) == 4


def test_too_many_requests_in_advance(server: Server) -> None:
    """A client that sends a thousand requests without waiting is answered once, then cut off."""
    assert statuses(server.say(request("/large.bin", close=False) * 1000)) == [200]
    assert statuses(server.say(request("/all.atom"))) == [200]


def test_plain_requests_bypass_the_application(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plain request for a file in memory is answered without the application, others by it."""
    server = Server(site(folder))
    respond, calls = server.app.from_memory, list[str]()

    def noted(head: bytes) -> tuple[bytes, bytes] | None:
        found = respond(head)
        calls.append("memory" if found is not None else "application")
        return found

    monkeypatch.setattr(server.app, "from_memory", noted)
    with server:
        etag = server.say(request("/all.atom")).partition(b"etag: ")[2][:34].decode()
        plain = request(
            "/all.atom", f"If-None-Match: {etag}", "Connection: keep-alive", close=False
        )
        answer = server.say(plain + plain + request("/all.atom", f"If-None-Match: {etag}"))
    assert statuses(answer) == [304] * 3
    assert calls == ["application", "memory", "memory", "application"]


def test_a_large_answer(server: Server) -> None:
    """An answer larger than every buffer arrives whole."""
    for _ in range(2):
        answer = server.say(request("/large.bin"))
        assert answer.partition(b"\r\n\r\n")[2] == b"x" * LARGE
    answer = server.say(request("/large.bin", close=False) * 3 + request("/nothing"))
    assert statuses(answer) == [200, 200, 200, 404]
    assert answer.count(b"x" * LARGE) == 3


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET /all.atom HTTP/9.9\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
        (b"GET /a b HTTP/1.1\r\n\r\n", 400),
        (b"GET /all.atom HTTP/1.1\r\nNo colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"CONNECT localhost:1 HTTP/1.1\r\n\r\n", 400),
        (request("/" + "a" * 65_536), 414),
        (request("/search?q=" + "a" * 65_536), 414),
        (request("/all.atom", "X: " + "a" * 65_536), 431),
        (request("/all.atom", *["X: a"] * 200), 431),
        (request("/..%2fsecret"), 404),
        (request("/all.atom%00"), 404),
        (request("http://elsewhere.example/all.atom"), 200),
        (request("/all.atom", method="POST"), 405),
        (request("/all.atom", "Content-Length: 3", method="PUT") + b"abc", 405),
        (request("/all.atom", "Upgrade: websocket", "Connection: Upgrade"), 200),
    ],
)
def test_odd_requests(server: Server, sent: bytes, status: int) -> None:
    """What is no request, or too large a one, is told so in one answer, and the connection ends."""
    assert statuses(server.say(sent))[:1] == [status]
    assert statuses(server.say(request("/all.atom"))) == [200]


def test_content_is_not_a_request(server: Server) -> None:
    """What follows a request as its content is never answered as another request."""
    hidden = request("/all.atom")
    sent = request("/healthz", f"Content-Length: {len(hidden)}", close=False) + hidden
    assert len(statuses(server.say(sent))) <= 1


def test_content_without_end(server: Server) -> None:
    """Who sends content for ever is cut off; it is neither kept nor read to its end."""
    head = request("/", "Content-Length: 1000000000", method="POST", close=False)
    with server.connect() as connection, pytest.raises(ConnectionError):
        pour(connection, head + b"x" * 1_000_000, 1000)


def test_a_head_without_end(server: Server) -> None:
    """A head that only grows is refused long before it fills the memory."""
    with server.connect() as connection:
        sent = 0
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nX: ")
            for _ in range(10_000):
                connection.sendall(b"a" * 10_000)
                sent += 10_000
        except ConnectionError:
            pass
    assert sent < 50_000_000


@pytest.mark.parametrize("said", [b"", b"G", b"GET /all.atom HTTP/1.1\r\nHost: local"])
def test_half_a_request(hasty: Server, said: bytes) -> None:
    """A connection on which no whole request comes is ended."""
    answer = hasty.say(said)
    assert statuses(answer) == ([408] if said else [])


def test_a_request_in_drips(hasty: Server) -> None:
    """Bytes that come one by one do not buy more time."""
    with hasty.connect() as connection:
        connection.settimeout(0.02)
        head = b"GET /all.atom HTTP/1.1\r\n" + b"X: a\r\n" * 1000
        sent, answer = 0, b""
        for byte in head:
            try:
                connection.sendall(bytes([byte]))
                sent += 1
                answer = connection.recv(4096)
                break
            except TimeoutError:
                continue
            except ConnectionError:
                break
    assert sent < len(head)
    assert statuses(answer) in ([408], [])


def test_a_connection_that_rests(hasty: Server) -> None:
    """A connection is kept for the next request, and ended when none comes."""
    with hasty.connect() as connection:
        connection.sendall(request("/all.atom", close=False))
        answer = read_all(connection)
    assert statuses(answer) == [200]
    assert answer.endswith(b"</feed>")


def test_a_client_that_does_not_read(hasty: Server) -> None:
    """Who asks and never reads is cut off, and others are served meanwhile."""
    with hasty.connect() as connection:
        connection.sendall(request("/large.bin", close=False))
        assert connection.recv(1) == b"H"
        assert statuses(hasty.say(request("/all.atom"))) == [200]
        # To ask for more is not to read.
        connection.sendall(request("/large.bin", close=False) * 3)
        # Nobody reads this either, so it ends when the server does.
        with pytest.raises(ConnectionError):
            pour(connection, request("/large.bin", close=False) * 1000, 100_000)


class Wire(asyncio.Transport):
    """A transport without a peer; records what is written, and whether it was aborted."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.is_aborted

    def abort(self) -> None:
        self.is_aborted = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass


def test_requests_do_not_extend_the_deadline_of_reading() -> None:
    """A client that does not read gets no more time by sending requests."""

    async def run() -> None:
        limiter = ConnectionLimiter(Limits(stall=30), lambda _: (b"head", b"x" * LARGE))
        connection, wire = LimitedConnection(limiter), Wire()
        connection.server = asyncio.Protocol()
        connection.connection_made(wire)
        connection.pause_writing()
        deadline = connection.deadline
        assert deadline < asyncio.get_running_loop().time() + 31
        for _ in range(3):
            connection.data_received(request("/all.atom", close=False))
            connection.data_received(b"GET /")
            connection.data_received(b" HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.deadline == deadline
        assert wire.written == b""
        limiter.sweep(deadline - 1)
        assert not wire.is_aborted
        limiter.sweep(deadline + 1)
        assert wire.is_aborted
        assert not limiter.connections

    asyncio.run(run())


def test_more_connections_than_allowed(folder: Path) -> None:
    """Where connections run short, the one that was idle longest makes room."""
    with Server(site(folder), Limits(connections=20)) as server, ExitStack() as stack:
        idle = [stack.enter_context(server.connect()) for _ in range(60)]
        for _ in range(3):
            assert statuses(server.say(request("/all.atom"))) == [200]
        assert read_all(idle[0]) == b""
        idle[-1].sendall(request("/all.atom"))
        assert statuses(read_all(idle[-1])) == [200]


def test_only_clients_that_do_not_read(folder: Path) -> None:
    """Where all connections are of clients that do not read, a new one is let in all the same."""
    with Server(site(folder), Limits(connections=20)) as server, ExitStack() as stack:
        for _ in range(40):
            client = stack.enter_context(server.connect())
            client.sendall(request("/large.bin", close=False))
            assert client.recv(1) == b"H"
        assert statuses(server.say(request("/all.atom"))) == [200]


def test_two_thousand_half_open_clients(server: Server) -> None:
    """Two thousand who begin a request and say no more cost the others nothing."""
    with ExitStack() as stack:
        for _ in range(server.affordable(2000)):
            stack.enter_context(server.connect()).sendall(b"GET /all.atom HTTP/1.1\r\n")
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
            for _ in range(20):
                assert client.get("/all.atom").status_code == 200


def test_a_client_breaks_off(server: Server) -> None:
    """A reset in the middle of anything harms nobody."""
    for said in (b"", b"GET", request("/large.bin", close=False), request("/search?q=a")):
        with server.connect() as connection:
            connection.sendall(said)
            # No lingering: closing sends a reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert statuses(server.say(request("/all.atom"))) == [200]


def test_nothing_is_logged_of_nonsense(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """A thousand bad requests make no thousand lines."""
    for _ in range(5):
        server.say(b"nonsense\r\n\r\n")
        server.say(request("/nothing"))
    assert caplog.records == []


# How it begins and ends.


def test_the_port_is_taken(folder: Path) -> None:
    """Two cannot listen at one port; the second is told which it is, in one line."""
    with Server(site(folder)) as server:
        taken = rf"^listen: 127\.0\.0\.1:{server.port}: is in use by another program; [^\n]*$"
        with pytest.raises(ConfigError, match=taken):
            bind("127.0.0.1", server.port)
        assert statuses(server.say(request("/all.atom"))) == [200]


def test_an_address_of_another_machine() -> None:
    """An address that is not ours, or no name at all, is an error that names it."""
    for host in ("192.0.2.1", "no-such-host.invalid"):
        with pytest.raises(ConfigError, match=f"^listen: {host}:"):
            bind(host, 0)


def test_the_port_is_free_at_once_after(folder: Path) -> None:
    """A server that ended leaves its port to the next one."""
    with Server(site(folder)) as server:
        port = server.port
        server.say(request("/all.atom"))
    for listening in bind("127.0.0.1", port):
        listening.close()


def test_it_stops_while_clients_hold_on(folder: Path) -> None:
    """Idle, slow and half-open clients do not keep it from stopping."""
    with ExitStack() as stack:
        with Server(site(folder)) as server:
            for said in (b"", b"GET / HT", request("/large.bin", close=False) * 9):
                stack.enter_context(server.connect()).sendall(said)
            assert statuses(server.say(request("/all.atom"))) == [200]
        assert not server.is_running


def test_it_finishes_what_is_read_slowly(server: Server) -> None:
    """An answer from memory that is half read when it is told to stop is given to its end."""
    server.say(request("/large.bin"))
    with server.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.sendall(request("/large.bin", close=False))
        got = connection.recv(100)
        server.stop()
        server.until_closed()
        got += read_all(connection)
    assert got.partition(b"\r\n\r\n")[2] == b"x" * LARGE


def test_it_finishes_what_it_answers(folder: Path) -> None:
    """An answer under way when it is told to stop is still given."""
    state = Fixed(gate=threading.Event())
    with Server(site(folder, state)) as server, server.connect() as connection:
        connection.sendall(request("/search?q=x"))
        assert state.was_called.wait(10)
        server.stop()
        assert state.gate is not None
        state.gate.set()
        assert statuses(read_all(connection)) == [200]


def test_signals_are_not_its_business(folder: Path) -> None:
    """It leaves the signal handlers of its process as they are."""
    import signal

    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]

    async def run() -> list[object]:
        until = asyncio.Event()
        seen: list[object] = []

        def listening(_addresses: object) -> None:
            loop.call_soon(look)

        def look() -> None:
            seen.extend(signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM))
            until.set()

        loop = asyncio.get_running_loop()
        application = app(site(folder))
        await serve(application, "127.0.0.1", 0, until=until, on_listening=listening)
        application.close()
        return seen

    runner = asyncio.new_event_loop()
    try:
        assert runner.run_until_complete(run()) == before
    finally:
        runner.close()
