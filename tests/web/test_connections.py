"""The server on loopback: limits on connections, and how the server starts and stops."""

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


def test_client_gets_feed_then_304(server: Server) -> None:
    """A client gets the feed with gzip, then 304; memory and application send equal headers."""
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
    """The next response on the same connection has the new bytes."""
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
        for content in (FEED, FEED[::-1], FEED, b"<feed/>"):
            publish(folder / "all.atom", content)
            assert client.get("/all.atom").content == content
            assert client.get("/all.atom").content == content


def test_head_from_memory(server: Server) -> None:
    """HEAD has no body, from the application and from memory."""
    head = request("/all.atom", method="HEAD", close=False)
    answer = server.say(head, head, request("/healthz"))
    assert statuses(answer) == [200, 200, 200]
    assert b"<feed>" not in answer
    assert answer.count(f"content-length: {len(FEED)}\r\n".encode()) == 2


def test_requests_one_after_another(server: Server) -> None:
    """Pipelined requests are answered in order and completely."""
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
    """A response larger than every buffer arrives complete."""
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
def test_malformed_requests_are_refused(server: Server, sent: bytes, status: int) -> None:
    """A malformed or oversized request gets one error response, and the connection closes."""
    assert statuses(server.say(sent))[:1] == [status]
    assert statuses(server.say(request("/all.atom"))) == [200]


def test_content_is_not_a_request(server: Server) -> None:
    """The content of a request is never answered as another request."""
    hidden = request("/all.atom")
    sent = request("/healthz", f"Content-Length: {len(hidden)}", close=False) + hidden
    assert len(statuses(server.say(sent))) <= 1


def test_content_without_end(server: Server) -> None:
    """Endless content is neither buffered nor read to its end."""
    head = request("/", "Content-Length: 1000000000", method="POST", close=False)
    with server.connect() as connection, pytest.raises(ConnectionError):
        pour(connection, head + b"x" * 1_000_000, 1000)


def test_head_without_end_is_refused(server: Server) -> None:
    """An endless head is refused long before it fills the memory."""
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
def test_incomplete_request_times_out(hasty: Server, said: bytes) -> None:
    """A connection without a complete request is closed."""
    answer = hasty.say(said)
    assert statuses(answer) == ([408] if said else [])


def test_slow_head_gets_no_more_time(hasty: Server) -> None:
    """Sending byte by byte does not extend the deadline."""
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


def test_idle_connection_is_closed(hasty: Server) -> None:
    """A connection is kept for the next request, and closed when none arrives."""
    with hasty.connect() as connection:
        connection.sendall(request("/all.atom", close=False))
        answer = read_all(connection)
    assert statuses(answer) == [200]
    assert answer.endswith(b"</feed>")


def test_a_client_that_does_not_read(hasty: Server) -> None:
    """A client that never reads is disconnected, and others are served meanwhile."""
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


def test_client_that_pipelines_and_leaves_is_written_nothing_more() -> None:
    """After the connection is lost, neither the rest of a response nor another is written."""

    async def run() -> None:
        limiter = ConnectionLimiter(Limits(), lambda _: (b"head", b"x" * LARGE))
        connection, wire = LimitedConnection(limiter), Leaving()
        connection.server = asyncio.Protocol()
        connection.connection_made(wire)
        connection.data_received(request("/all.atom", close=False) * 100)
        assert wire.writes == 1

    asyncio.run(run())


class Leaving(Wire):
    """A transport whose peer is gone at the first write; counts the writes."""

    writes = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes += 1
        self.is_aborted = True


def test_more_connections_than_allowed(folder: Path) -> None:
    """Where connections run short, the one idle longest is closed."""
    with Server(site(folder), Limits(connections=20)) as server, ExitStack() as stack:
        idle = [stack.enter_context(server.connect()) for _ in range(60)]
        for _ in range(3):
            assert statuses(server.say(request("/all.atom"))) == [200]
        assert read_all(idle[0]) == b""
        idle[-1].sendall(request("/all.atom"))
        assert statuses(read_all(idle[-1])) == [200]


def test_only_clients_that_do_not_read(folder: Path) -> None:
    """A new client is admitted even where no other client reads."""
    with Server(site(folder), Limits(connections=20)) as server, ExitStack() as stack:
        for _ in range(40):
            client = stack.enter_context(server.connect())
            client.sendall(request("/large.bin", close=False))
            assert client.recv(1) == b"H"
        assert statuses(server.say(request("/all.atom"))) == [200]


def test_two_thousand_half_open_clients(server: Server) -> None:
    """Two thousand incomplete requests do not disturb other clients."""
    with ExitStack() as stack:
        for _ in range(server.affordable(2000)):
            stack.enter_context(server.connect()).sendall(b"GET /all.atom HTTP/1.1\r\n")
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
            for _ in range(20):
                assert client.get("/all.atom").status_code == 200


def test_client_resets_the_connection(server: Server) -> None:
    """A reset at any point does not disturb other clients."""
    for said in (b"", b"GET", request("/large.bin", close=False), request("/search?q=a")):
        with server.connect() as connection:
            connection.sendall(said)
            # No lingering: closing sends a reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert statuses(server.say(request("/all.atom"))) == [200]


def test_malformed_requests_are_not_logged(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Malformed requests and missing files are not logged."""
    for _ in range(5):
        server.say(b"nonsense\r\n\r\n")
        server.say(request("/nothing"))
    assert caplog.records == []


# How it begins and ends.


def test_port_in_use_is_reported(folder: Path) -> None:
    """The second server on a port gets an error that names it, in one line."""
    with Server(site(folder)) as server:
        taken = rf"^listen: 127\.0\.0\.1:{server.port}: is in use by another program; [^\n]*$"
        with pytest.raises(ConfigError, match=taken):
            bind("127.0.0.1", server.port)
        assert statuses(server.say(request("/all.atom"))) == [200]


def test_an_address_of_another_machine() -> None:
    """An address of another machine, or an unknown name, is an error that names it."""
    for host in ("192.0.2.1", "no-such-host.invalid"):
        with pytest.raises(ConfigError, match=f"^listen: {host}:"):
            bind(host, 0)


def test_port_is_free_after_the_server_ends(folder: Path) -> None:
    """The port can be used again as soon as the server has ended."""
    with Server(site(folder)) as server:
        port = server.port
        server.say(request("/all.atom"))
    for listening in bind("127.0.0.1", port):
        listening.close()


def test_stops_while_clients_stay_connected(folder: Path) -> None:
    """Idle, slow and half-open clients do not delay the stop."""
    with ExitStack() as stack:
        with Server(site(folder)) as server:
            for said in (b"", b"GET / HT", request("/large.bin", close=False) * 9):
                stack.enter_context(server.connect()).sendall(said)
            assert statuses(server.say(request("/all.atom"))) == [200]
        assert not server.is_running


def test_slow_response_is_finished_at_stop(server: Server) -> None:
    """A response from memory that is half read at the stop is sent completely."""
    server.say(request("/large.bin"))
    with server.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.sendall(request("/large.bin", close=False))
        got = connection.recv(100)
        server.stop()
        server.until_closed()
        got += read_all(connection)
    assert got.partition(b"\r\n\r\n")[2] == b"x" * LARGE


def test_pending_response_is_sent_at_stop(folder: Path) -> None:
    """A response that is being made at the stop is still sent."""
    state = Fixed(gate=threading.Event())
    with Server(site(folder, state)) as server, server.connect() as connection:
        connection.sendall(request("/search?q=x"))
        assert state.was_called.wait(60)
        server.stop()
        assert state.gate is not None
        state.gate.set()
        assert statuses(read_all(connection)) == [200]


def test_signal_handlers_are_left_alone(folder: Path) -> None:
    """Serving does not change the signal handlers of the process."""
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
