"""Servers that misbehave, each in one named way.

``WAYS`` is the table: by kind, each way with its description, the expected error, and how many
entries are still read.  ``misbehaving`` starts a server for each of the given ways, on separate
ports so that none waits for another, and yields the addresses of their feeds.
"""

import asyncio
import base64
import gzip
import json
import random
import socket
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache

from tests.support.attacks import SCRIPT
from tests.support.loopback import Act, Connection, Loopback, Reply, Request

PASSWORD = "s3cret-of-reader"
MOST_ITEMS = 100
"""The ``max_items`` under which the table holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to misbehave.

    ``acts`` are by path, and the source is at ``location``, in which ``{at}`` is host and port.
    ``says`` is the error if it fails its source, on one line, as words separated by ``|``; None
    where it is still read, and then ``mentions`` is the report of a detail.  ``entries`` is how
    many are read, None where it may be read or refused.  ``later`` and ``says_later`` are the
    same after a second run, where that differs.  ``is_allowed`` is its ``allow_private``.
    """

    name: str
    what: str
    acts: Mapping[str, Sequence[Act]] = field(default_factory=dict)
    says: str | None = None
    mentions: str = ""
    entries: int | None = 0
    later: int | None = None
    says_later: str | None = None
    location: str = "http://{at}/feed"
    is_allowed: bool = True
    on_connect: Callable[[Connection], Awaitable[bool]] | None = None
    is_listening: bool = True


def fails(name: str, what: str, says: str, *acts: Act, **more: object) -> Way:
    """Return a way that fails its source."""
    given = {"acts": {"/feed": acts}, "says": says, **more}
    return Way(name=name, what=what, **given)  # type: ignore[arg-type]


def reads(name: str, what: str, entries: int, *acts: Act, **more: object) -> Way:
    """Return a way with which ``entries`` are still read."""
    given = {"acts": {"/feed": acts}, "entries": entries, **more}
    return Way(name=name, what=what, **given)  # type: ignore[arg-type]


def bears(name: str, what: str, *acts: Act) -> Way:
    """Return a way that may fail its source or not."""
    return Way(name=name, what=what, acts={"/feed": acts}, entries=None)


@contextmanager
def misbehaving(ways: Sequence[Way]) -> Iterator[dict[str, tuple[str, Loopback | None]]]:
    """Yield the address of each of ``ways`` by its name, and its server."""
    with ExitStack() as stack:
        found: dict[str, tuple[str, Loopback | None]] = {}
        for way in ways:
            if not way.is_listening:
                closed = stack.enter_context(socket.socket())
                closed.bind(("127.0.0.1", 0))  # so nothing listens on it
                port, server = closed.getsockname()[1], None
            else:
                server = stack.enter_context(Loopback(on_connect=way.on_connect))
                for path, acts in way.acts.items():
                    server.at(path, *acts)
                port = server.port
            at = f"127.0.0.1:{port}"
            found[way.name] = way.location.format(at=at, port=port, password=PASSWORD), server
        yield found


# Responses

_BEGINS = "bar bel cor dan fer gal har jan kel lam mer nor pel rin sal tor ur ven wes zan".split()
_ENDS = (
    "ber dale den ford gan hold ing kirk lath mark nest over pool quay rith sted tun vale".split()
)


def prose(seed: str, words: int = 40) -> str:
    """Return a text unlike any other: the same for the same ``seed``."""
    chance = random.Random(seed)
    parts = [_BEGINS, ["a", "e", "i", "o", "u"], _ENDS]
    chosen = ("".join(map(chance.choice, parts)) for _ in range(words))
    return " ".join(chosen).capitalize() + "."


def item(seed: str, more: str = "", **given: str) -> str:
    """Return an item of an RSS feed; ``given`` replaces its elements, and empty removes one."""
    elements = {
        "title": prose(f"{seed} title", 6),
        "link": f"http://news.example/{seed}",
        "guid": f"tag:news.example,2024:{seed}",
        "pubDate": "Sat, 01 Jun 2024 10:00:00 GMT",
        "description": prose(seed),
        **given,
    }
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in elements.items() if text)
    return f"<item>{inside}{more}</item>"


def rss(*items: str, channel: str = "", head: str = '<?xml version="1.0"?>') -> str:
    """Return an RSS feed."""
    about = f"<title>Trial</title><link>http://news.example/</link>{channel}"
    return f'{head}<rss version="2.0"><channel>{about}{"".join(items)}</channel></rss>'


def atom(*entries: str) -> str:
    """Return an Atom feed."""
    about = "<title>Trial</title><id>tag:news.example,2024:feed</id>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{about}{"".join(entries)}</feed>'


def json_feed(*items: object, **more: object) -> str:
    """Return a JSON Feed."""
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": "Trial", "items": items, **more})


def ok(body: str | bytes, kind: str = "application/rss+xml", **headers: str) -> Reply:
    """Return a correct response of 200; ``_`` in names of headers becomes ``-``."""
    content = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(200, content, {"Content-Type": kind, **named})


def raw(body: str | bytes, *headers: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    """Return a response with only these headers."""
    content = body.encode() if isinstance(body, str) else body
    return "\r\n".join([status, *headers, "", ""]).encode("latin-1") + content


def _one(name: str, **given: str) -> str:
    """Return a feed of one item."""
    return rss(item(name, **given))


def _late(build: Callable[[], Reply]) -> Act:
    """Build a response on request only, because it is large."""

    async def act(_request: Request, connection: Connection) -> None:
        await connection.send(build().to_bytes())

    return act


def _redirect(location: str, status: int = 302) -> Reply:
    return Reply(status, b"", {"Location": location})


def _gzipped(body: str | bytes, times: int = 1) -> bytes:
    content = body.encode() if isinstance(body, str) else body
    for _ in range(times):
        content = gzip.compress(content, mtime=0)
    return content


# Acts


async def _silence(_request: Request, connection: Connection) -> None:
    await connection.until_closed()


def _then_silence(begin: bytes) -> Act:
    async def act(_request: Request, connection: Connection) -> None:
        await connection.send(begin)
        await connection.until_closed()

    return act


def _drip(whole: bytes, begin: bytes = b"") -> Act:
    """Send a byte at a time, so that no single wait is long."""

    async def act(_request: Request, connection: Connection) -> None:
        await connection.send(begin)
        for byte in whole:
            await connection.send(bytes([byte]))
            await asyncio.sleep(0.05)
        await connection.until_closed()

    return act


def _endless(begin: bytes, again: bytes) -> Act:
    async def act(_request: Request, connection: Connection) -> None:
        await connection.send(begin)
        while True:
            await connection.send(again)

    return act


def _slowly(reply: Reply) -> Act:
    async def act(_request: Request, connection: Connection) -> None:
        await asyncio.sleep(0.7)
        await connection.send(reply.to_bytes())

    return act


def _reset_after(begin: bytes) -> Act:
    async def act(_request: Request, connection: Connection) -> None:
        if begin:
            await connection.send(begin)
            await asyncio.sleep(0.05)  # else the reset overtakes the data sent before
        connection.reset()

    return act


async def _reset_at_once(connection: Connection) -> bool:
    connection.reset()
    return False


async def _close_at_once(_connection: Connection) -> bool:
    return False


async def _not_http(connection: Connection) -> bool:
    await connection.send(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    return True


async def _wants_password(request: Request, connection: Connection) -> None:
    """Require basic authentication of user ``reader``."""
    wanted = "Basic " + base64.b64encode(f"reader:{PASSWORD}".encode()).decode()
    if request.headers.get("authorization") == wanted:
        await connection.send(ok(_one("right-password")).to_bytes())
    else:
        challenge = {"WWW-Authenticate": f'Basic realm="\x1b[31m{PASSWORD}"'}
        await connection.send(Reply(401, b"No.", challenge).to_bytes())


async def _echoes_password(request: Request, connection: Connection) -> None:
    own = f"http://reader:{PASSWORD}@{request.host}/"
    text = f'&lt;a href="{own}a"&gt;more&lt;/a&gt; ' + prose("password-echoed")
    files = f'<enclosure url="{own}b.mp3" type="audio/mpeg" length="9"/>'
    more = item("password-echoed", files, link=f"{own}c", description=text)
    await connection.send(ok(rss(more, channel=f"<link>{own}</link>")).to_bytes())


def _echoing(name: str) -> Act:
    """Return a feed whose links contain the address of the request."""

    async def act(request: Request, connection: Connection) -> None:
        body = _one(name, link=f"http://{request.host}/page")
        await connection.send(ok(body, Set_Cookie="seen=1; Path=/").to_bytes())

    return act


def _entity_of(path: str) -> Act:
    """Return a feed with an external entity at this same server."""

    async def act(request: Request, connection: Connection) -> None:
        head = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "http://{request.host}{path}">]>'
        body = rss(item("entity-of-the-web", description="&x;"), head=head)
        await connection.send(ok(body).to_bytes())

    return act


def _new_each_time(build: Callable[[int], Reply]) -> Act:
    """Return another response to each request; ``build`` takes its number, from 0."""
    count = iter(range(1_000_000))

    async def act(_request: Request, connection: Connection) -> None:
        await connection.send(build(next(count)).to_bytes())

    return act


# Large and deep things

_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
_CHAIN = "".join(f'<!ENTITY e{n} "&e{n - 1};">' for n in range(1, 40_000))


def _with_entities(name: str, entities: str, text: str) -> str:
    return rss(item(name, description=text), head=f"<!DOCTYPE rss [{entities}]>")


@cache
def _bomb() -> bytes:
    """Return 100 kB that decompress to 100 MB."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = b" " * 1_000_000
    return b"".join([*(pack.compress(zeros) for _ in range(100)), pack.flush()])


def _many_attributes() -> str:
    attributes = " ".join(f'a{n}="{n}"' for n in range(40_000))
    return rss(item("many-attributes", f"<x {attributes}/>"))


def _many_namespaces() -> str:
    names = " ".join(f'xmlns:n{n}="http://n.example/{n}"' for n in range(20_000))
    return rss(item("many-namespaces", f"<x {names}/>"))


_EVIL_HTML = (
    f"<script>{SCRIPT}</script><img src=x onerror={SCRIPT}><a href='javascript:{SCRIPT}'>x</a>"
    f"<svg onload={SCRIPT}></svg><iframe src='data:text/html,x'></iframe><style>*{{}}</style>"
    f"<form action='//e.example'><input></form><p onclick={SCRIPT}>Calm text of the release.</p>"
)
_ESCAPED = _EVIL_HTML.replace("&", "&amp;").replace("<", "&lt;")


def _evil_rss() -> str:
    """Return active content in every field of RSS."""
    js = f"javascript:{SCRIPT}"
    more = (
        f"<author>{_ESCAPED}</author><category domain='{js}'>{_ESCAPED}</category>"
        f"<enclosure url='{js}' type='text/html' length='1'/><comments>{js}</comments>"
        f"<source url='{js}'>{_ESCAPED}</source>"
        "<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        f"{_ESCAPED}</dc:creator>"
        "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>"
        f"<![CDATA[{_EVIL_HTML}]]></content:encoded>"
    )
    return rss(
        item("evil-rss", more, title=f"Evil {_ESCAPED}", link=js, guid=js, description=_ESCAPED),
        channel=f"<description>{_ESCAPED}</description><image><url>{js}</url></image>",
    )


def _evil_atom() -> str:
    """Return active content in every field of Atom."""
    js = f"javascript:{SCRIPT}"
    inline = (
        f"<div xmlns='http://www.w3.org/1999/xhtml'><script>{SCRIPT}</script><p onclick='x'>Calm"
        f"</p><a href='{js}'>x</a><svg xmlns='http://www.w3.org/2000/svg' onload='x'/></div>"
    )
    entry = (
        f"<entry xml:base='{js}'><id>{js}</id><title type='html'>Evil {_ESCAPED}</title>"
        f"<summary type='html'>{_ESCAPED}</summary><content type='xhtml'>{inline}</content>"
        f"<author><name>{_ESCAPED}</name><uri>{js}</uri><email>{js}</email></author>"
        f"<category term='{js}' label='&lt;script>'/><link href='{js}'/>"
        f"<link rel='enclosure' href='{js}' type='text/html'/><link rel='via' href='data:x'/>"
        f"<rights type='html'>{_ESCAPED}</rights><updated>2024-06-01T10:00:00Z</updated></entry>"
    )
    return atom(entry)


def _evil_json() -> str:
    """Return active content in every field of JSON Feed."""
    js = f"javascript:{SCRIPT}"
    people = [{"name": _EVIL_HTML, "url": js, "avatar": js}]
    files = [{"url": js, "mime_type": "text/html", "title": _EVIL_HTML}]
    evil = {"id": js, "url": js, "external_url": js, "title": f"Evil {_EVIL_HTML}", "image": js}
    texts = {"content_html": _EVIL_HTML, "summary": _EVIL_HTML, "language": _EVIL_HTML}
    more = {"authors": people, "tags": [_EVIL_HTML, js], "attachments": files}
    return json_feed({**evil, **texts, **more}, home_page_url=js, icon=js, authors=people)


def _entry(name: str, **more: object) -> dict[str, object]:
    """Return an item of a JSON Feed."""
    id_ = f"tag:news.example,2024:{name}"
    return {"id": id_, "title": prose(f"{name} title", 6), "content_text": prose(name), **more}


_JSON = "application/feed+json"
_FRENCH = "Crème brûlée à Besançon"

_PAGE = "<!DOCTYPE html><html><head><title>x</title>{}</head><body><p>Hello</p></body></html>"
_ALTERNATE = '<link rel="alternate" type="application/rss+xml" href="{}">'

# fmt: off
WAYS: Mapping[str, Sequence[Way]] = {
    "connections": (
        fails("refused", "Nobody listens at its port.", "refused", is_listening=False),
        fails("reset-at-connect", "It resets each connection before anything is said.",
            "closed the connection", on_connect=_reset_at_once),
        fails("closed-at-connect", "It closes each connection before anything is said.",
            "closed the connection", on_connect=_close_at_once),
        fails("reset-after-request", "It resets the connection instead of answering.",
            "closed the connection", _reset_after(b"")),
        fails("reset-in-header", "It resets the connection in the middle of the header.",
            "closed the connection|header", _reset_after(b"HTTP/1.1 200 OK\r\nContent-Ty")),
        fails("reset-in-body", "It resets the connection in the middle of the body.",
            "closed the connection|body", _reset_after(raw("<rss>", "Content-Length: 5000"))),
        fails("header-cut", "It closes the connection in the middle of the header.",
            "closed the connection|header", b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nX-"),
        fails("no-tls", "It is configured with https and speaks no TLS.", "TLS", _silence,
            location="https://{at}/feed", on_connect=_not_http),
        fails("other-protocol", "A shell answers, not a web server.", "response is not HTTP",
            _silence, on_connect=_not_http),
    ),
    "silences": (
        fails("no-answer", "It takes the request, and is silent.", "no response within", _silence),
        fails("slow-drip", "It sends its feed one byte at a time.", "too slow",
            _drip(_one("slow-drip").encode(), raw("", "Content-Type: text/xml"))),
        fails("slow-header", "It sends its header one byte at a time.", "too slow",
            _drip(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100)),
        fails("stalls-in-body", "It stops in the middle of the body and keeps the connection.",
            "too slow", _then_silence(raw(_one("stalls")[:99], "Content-Length: 5000"))),
        fails("stalls-in-chunk", "It stops in the middle of a chunk and keeps the connection.",
            "too slow", _then_silence(raw("ff\r\n<rss>", "Transfer-Encoding: chunked"))),
        fails("stalls-after-hints", "It promises an answer with 100 and 103, and none comes.",
            "too slow",
            _then_silence(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n")),
        fails("slow-redirects", "Each of its redirects takes a third of the time.", "within 2 s",
            acts={f"/{n or 'feed'}": [_slowly(_redirect(f"/{n + 1}"))] for n in range(9)}),
    ),
    "lengths": (
        reads("length-too-long", "It announces more than it sends, of a whole document.", 1,
            raw(_one("length-too-long"), "Content-Length: 99999")),
        fails("length-of-more", "It announces more than it sends.", "middle of the body",
            raw(_one("length-of-more")[:-2], "Content-Length: 99999")),
        reads("lengths-alike", "It announces one length twice.", 1, raw(_one("lengths-alike"),
            *[f"Content-Length: {len(_one('lengths-alike'))}"] * 2)),
        reads("length-too-short", "It announces less than it sends.", 1,
            raw(rss(item("length-too-short"), item("length-too-short-2")),
            f"Content-Length: {len(rss(item('length-too-short'))) - 5}"), mentions="left out"),
        fails("length-negative", "It announces fewer than no bytes.", "response is not HTTP",
            raw(_one("length-negative"), "Content-Length: -1")),
        fails("length-in-words", "Its length is not a number.", "response is not HTTP",
            raw(_one("length-in-words"), "Content-Length: many")),
        fails("length-astronomic", "It announces more bytes than there are in the world.",
            "response is not HTTP", raw(_one("length-astronomic"), f"Content-Length: {10**30}")),
        fails("length-large", "It announces more than may be.", "max_download",
            raw(_one("length-large"), "Content-Length: 99999999")),
        fails("two-lengths", "It announces two lengths.", "response is not HTTP",
            raw(_one("two-lengths"), "Content-Length: 100", "Content-Length: 200")),
        reads("length-and-chunks",
            "It sends chunks and a length, as one who smuggles answers does.", 1,
            raw(f"{len(_one('length-and-chunks')):x}\r\n{_one('length-and-chunks')}\r\n0\r\n\r\n",
            "Content-Length: 5", "Transfer-Encoding: chunked")),
        reads("no-length", "Its body ends where the connection does.", 1, raw(_one("no-length"),
            "Content-Type: text/xml")),
        fails("endless-body", "Its body never ends.", "max_download", _endless(raw("<rss>"),
            b"<item>" * 10_000)),
    ),
    "chunks": (
        fails("chunk-size-no-number", "A chunk size is not a number.", "response is not HTTP",
            raw("zz\r\n<rss>\r\n0\r\n\r\n", "Transfer-Encoding: chunked")),
        fails("chunk-size-astronomic", "The size of a chunk has 30 digits.", "response is not HTTP",
            raw("f" * 30 + "\r\n<rss>", "Transfer-Encoding: chunked")),
        fails("chunk-longer-than-said", "A chunk does not end where it should.",
            "response is not HTTP", raw("3\r\n<rss>\r\n0\r\n\r\n", "Transfer-Encoding: chunked")),
        fails("chunks-cut", "The connection ends before the last chunk.", "middle of the body",
            raw("5\r\n<rss>\r\n", "Transfer-Encoding: chunked")),
        fails("chunk-extensions-endless", "The text after the size of a chunk never ends.",
            "max_download", _endless(raw("5;a=", "Transfer-Encoding: chunked"), b"b" * 60_000)),
        fails("trailers-endless", "The text after the last chunk never ends.",
            "header is longer", _endless(raw("0\r\n", "Transfer-Encoding: chunked"),
            b"X-A: b\r\n" * 500)),
        fails("transfer-unknown", "Its transfer coding was not asked for.", "transfer coding",
            raw("<rss>", "Transfer-Encoding: gzip")),
        reads("chunks-of-one-byte", "Each chunk is one byte.", 1,
            raw("".join(f"1\r\n{sign}\r\n" for sign in _one("chunks-of-one-byte")) + "0\r\n\r\n",
            "Transfer-Encoding: chunked")),
    ),
    "codings": (
        fails("gzip-bomb", "100 kB unpack to 100 MB.", "is more than", _late(lambda: ok(_bomb(),
            Content_Encoding="gzip"))),
        fails("gzip-bomb-twice", "Packed twice, so that a few hundred bytes are enough.",
            "is more than", _late(lambda: ok(_gzipped(_bomb()), Content_Encoding="gzip, gzip"))),
        fails("gzip-garbage", "It claims gzip, and is none.", "gzip",
            ok(b"\x1f\x8b\x08" + bytes(range(200)), Content_Encoding="gzip")),
        reads("gzip-not-packed", "It claims gzip, and is not packed at all.", 1,
            ok(_one("gzip-not-packed"), Content_Encoding="gzip")),
        fails("gzip-cut", "Its gzip body ends in the middle.", "middle of its compressed body",
            ok(_gzipped(_one("gzip-cut"))[:-30], Content_Encoding="gzip")),
        fails("gzip-wrong-sum", "The check sum of its gzip body is wrong.", "gzip",
            ok(_gzipped(_one("gzip-wrong-sum"))[:-8] + bytes(8), Content_Encoding="gzip")),
        reads("gzip-twice", "It is packed twice, and says so.", 1, ok(_gzipped(_one("gzip-twice"),
            2), Content_Encoding="gzip, gzip")),
        fails("gzip-thirty-times", "It is packed thirty times.", "30 times", ok(_gzipped("x", 30),
            Content_Encoding=", ".join(["gzip"] * 30))),
        fails("gzip-of-many-parts", "Its gzip body has 5,000 parts.", "parts",
            ok(_gzipped(" ") * 5000, Content_Encoding="gzip")),
        reads("gzip-and-padding", "Zeros follow its gzip body.", 1,
            ok(_gzipped(_one("gzip-and-padding")) + bytes(50), Content_Encoding="gzip")),
        reads("deflate-bare", "Its deflate body lacks the header, as some servers have it.", 1,
            ok(zlib.compress(_one("deflate-bare").encode())[2:-4], Content_Encoding="deflate")),
        fails("coding-unknown", "It is packed in a way that was not requested.", "not text",
            ok(b"\x0b\x02\x80abc\x03", Content_Encoding="br\x1b[31m")),
    ),
    "headers": (
        fails("header-huge", "One field of its header is 1 MB.", "header is longer",
            raw(_one("header-huge"), "X-A: " + "b" * 1_000_000)),
        fails("header-endless", "Its header never ends.", "header is longer",
            _endless(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 500)),
        fails("header-line-endless", "One line of its header never ends.", "header is longer",
            _endless(b"HTTP/1.1 200 OK\r\nX-A: ", b"b" * 5000)),
        fails("hints-endless", "It sends 103 (early hints) for ever.", "header is longer",
            _endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100)),
        fails("header-no-colon", "A line of its header is not a field.", "response is not HTTP",
            raw(_one("header-no-colon"), "What is this")),
        reads("header-with-nul", "Its ETag and a header hold a NUL.", 1,
            raw(_one("header-with-nul"), "X-A: \x00", 'ETag: "a\x00b"', "Content-Type: text/xml")),
        fails("status-garbage", "Its status is not a number.", "response is not HTTP",
            raw(_one("status-garbage"), status="HTTP/1.1 fine \x1b[31m")),
        fails("http-0.9", "It sends the document without any header.", "response is not HTTP",
            _one("http-0.9").encode()),
        reads("http-1.0", "It speaks HTTP/1.0.", 1, raw(_one("http-1.0"), "Content-Type: text/xml",
            status="HTTP/1.0 200 OK")),
        reads("hints", "It says 100 and 103 before it answers.", 1,
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            + raw(_one("hints"), "Content-Type: text/xml")),
        fails("upgrade", "It goes over to another protocol.", "protocol", raw("", "Upgrade: h2c",
            "Connection: Upgrade", status="HTTP/1.1 101 Switching Protocols")),
        reads("cookies", "It sets cookies, which are not kept.", 1, _echoing("cookies")),
        reads("type-garbage", "Its Content-Type is not a media type.", 1, ok(_one("type-garbage"),
            "\x7f;;=/charset=\x01")),
        reads("type-of-a-picture", "It calls its feed a picture.", 1, ok(_one("type-of-a-picture"),
            "image/png")),
        reads("etag-new", "Its ETag changes each time.", 1,
            _new_each_time(lambda n: ok(_one("etag-new"), ETag=f'"{n}"'))),
        reads("etag-odd", "Its ETag has no quotes, and bytes beyond ASCII.", 1, ok(_one("etag-odd"),
            ETag='W/ \xe9t\xe9 "; drop')),
        reads("etag-empty", "Its ETag is empty.", 1, ok(_one("etag-empty"), ETag="")),
        reads("etag-huge", "Its ETag has 50 kB.", 1, ok(_one("etag-huge"),
            ETag='"' + "e" * 50_000 + '"')),
        reads("last-modified-garbage", "Its Last-Modified is not a date.", 1,
            ok(_one("last-modified-garbage"), Last_Modified="Yesterday, \x9b noon")),
        reads("last-modified-far", "Its Last-Modified is in the year 9999.", 1,
            ok(_one("last-modified-far"), Last_Modified="Fri, 31 Dec 9999 23:59:59 -2359")),
        reads("max-age-huge", "It wants to be asked again after all of us are dead.", 1,
            ok(_one("max-age-huge"), Cache_Control="max-age=" + "9" * 5000)),
        reads("delta-unasked", "It answers 226 to a client without an earlier copy.", 1, Reply(226,
            _one("delta-unasked").encode(), {"IM": "feed"})),
    ),
    "redirects": (
        fails("redirect-to-itself", "It leads to itself.", "circle", _redirect("/feed")),
        fails("redirect-circle", "It leads round in a circle.", "circle",
            acts={"/feed": [_redirect("/b")], "/b": [_redirect("/feed")]}),
        fails("redirects-endless", "It leads on and on.", "max_redirects",
            acts={f"/{n or 'feed'}": [_redirect(f"/{n + 1}")] for n in range(30)}),
        fails("redirect-to-file", "It leads to a file of this machine.", "neither http nor https",
            _redirect("file:///etc/hostname")),
        fails("redirect-to-ftp", "It leads to FTP.", "neither http nor https",
            _redirect("ftp://127.0.0.1/feed")),
        fails("redirect-to-script", "It leads to a script.", "not an address",
            _redirect("javascript:alert(1)")),
        fails("redirect-to-data", "It leads to its own text.", "not an address",
            _redirect("data:text/xml,<rss/>")),
        fails("redirect-without-location", "It leads on, and does not say where.", "302", Reply(302,
            b"")),
        fails("redirect-to-nothing", "It leads to an empty address.", "circle", _redirect("")),
        fails("redirect-to-no-address", "It redirects to an invalid address.", "leads to",
            _redirect("http://[::1/feed")),
        fails("redirect-to-no-port", "It leads to a port that there is not.", "leads to",
            _redirect("http://127.0.0.1:99999/feed")),
        *(
            fails(f"redirect-odd-{number}", f"It leads to {what}.", "leads", _redirect(place))
            for number, (what, place) in enumerate((
                ("port 0", "http://127.0.0.1:0/"), ("a port below 0", "http://127.0.0.1:-1/"),
                ("a host with no end", f"http://{'a' * 300}/"), ("no host", "http:///feed"),
                ("a label with no end", f"http://{'a' * 64}.invalid/"),
                ("an empty label", "http://a..invalid/"), ("bad Punycode", "http://xn--\x7f/"),
                ("a zone", "http://[fe80::1%25lo]:1/"), ("a host with a NUL", "http://%00a/"),
                ("a host with a line end", "http://127.0.0.1%0d%0aX:1/"),
                ("a host of bytes", "http://\xff\xfe:1/"),
            ))
        ),
        fails("page-of-odd-links", "It is a page whose feeds have odd ports and hosts.",
            "web page", ok(_PAGE.format("".join(_ALTERNATE.format(a) for a in
            ("http://127.0.0.1:99999/", "http://127.0.0.1:0/", f"http://{'a' * 64}.invalid/",
            "http://a..invalid/", "http://127.0.0.1:x/", "http://[::1%25x]/"))), "text/html")),
        fails("redirect-with-controls", "Its Location would colour the terminal.", "leads to",
            _redirect("ftp://x\x1b[31m\x07/\x9b")),
        fails("redirect-huge", "It leads to an address of 40 kB.", "leads to",
            _redirect("gopher://x/" + "a" * 40_000)),
        fails("redirect-with-password", "It leads to an address with a password, elsewhere.",
            "neither http nor https", _redirect(f"ftp://reader:{PASSWORD}@127.0.0.1/")),
        fails("choices", "It offers a choice (300) of none.", "300", Reply(300, b"")),
        reads("moved", "It has moved for good, since today.", 1, acts={"/feed": [_redirect("/new",
            301)], "/new": [ok(_one("moved"))]}),
        reads("moved-308", "It has moved for good, by way of 308 and 302.", 1,
            acts={"/feed": [_redirect("/a", 308)], "/a": [_redirect("new")],
            "/new": [ok(_one("moved-308"))]}),
    ),
    "private": (
        *(
            fails(name, what, "not a public address", ok(_one(name)), location=location,
                is_allowed=False)
            for name, what, location in (
                ("private", "It is on this machine.", "http://{at}/feed"),
                ("private-by-name", "Its name is this machine's.", "http://localhost:{port}/feed"),
                ("private-any", "Its address means this machine.", "http://0.0.0.0:{port}/feed"),
                ("private-zero", "Its address is zero.", "http://0:{port}/feed"),
                ("private-decimal", "Its address is one number.", "http://2130706433:{port}/feed"),
                ("private-hex", "Its address is hexadecimal.", "http://0x7f000001:{port}/feed"),
                ("private-short", "Its address is short.", "http://127.1:{port}/feed"),
                ("private-6", "It is on this machine, by IPv6.", "http://[::1]:{port}/feed"),
                ("private-mapped", "An IPv6 address that holds an IPv4 one.",
                    "http://[::ffff:127.0.0.1]:{port}/feed"),
                ("private-mapped-hex", "The same in hexadecimal.",
                    "http://[::ffff:7f00:1]:{port}/feed"),
                ("private-nat64", "By way of NAT64.", "http://[64:ff9b::7f00:1]:{port}/feed"),
                ("private-6to4", "By way of 6to4.", "http://[2002:7f00:1::]:{port}/feed"),
                ("private-link", "It is link-local, where clouds tell secrets.",
                    "http://169.254.169.254/feed"),
                ("private-net", "It is in the network of a company.", "http://10.0.0.1/feed"),
                ("private-ula", "The same by IPv6.", "http://[fd00::1]/feed"),
            )
        ),
        fails("private-octal", "Its address is octal.", "0177.0.0.1", ok(_one("private-octal")),
            location="http://0177.0.0.1:{port}/feed", is_allowed=False),
    ),
    "statuses": (*(fails(f"status-{code}", f"It answers {code}.", str(code), Reply(code,
            b"<p>No.</p>")) for code in (400, 401, 403, 404, 406, 418, 451, 500, 501, 502, 503, 504,
            599)),
        fails("status-410", "It is gone.", "410|gone", Reply(410, b"")),
        fails("status-999", "It answers 999.", "999", raw("", status="HTTP/1.1 999 Denied")),
        fails("retry-seconds", "It wants peace for an hour.", "429", Reply(429, b"",
            {"Retry-After": "3600"}), says_later="no requests until"),
        fails("retry-date", "It wants peace until a date.", "503", Reply(503, b"",
            {"Retry-After": "Fri, 31 Dec 2099 23:59:59 GMT"}), says_later="no requests until"),
        fails("retry-garbage", "It wants peace, and not clearly for how long.", "429", Reply(429,
            b"", {"Retry-After": "soon\x1b"})),
        fails("retry-huge", "It wants peace for longer than numbers go.", "429", Reply(429, b"",
            {"Retry-After": "9" * 5000}), says_later="no requests until"),
        fails("status-204", "It has nothing to say.", "204", raw("", status="HTTP/1.1 204 None")),
        fails("status-206", "It sends a part that was not requested.", "206", Reply(206,
            _one("status-206").encode()[:200], {"Content-Range": "bytes 0-199/900"})),
        fails("status-304", "It says that nothing changed to one who knows nothing.", "304", raw("",
            status="HTTP/1.1 304 Not Modified")),
    ),
    "passwords": (
        fails("wrong-password", "The password in its address is wrong.", "401", _wants_password,
            location="http://reader:{password}x@{at}/feed"),
        reads("password-echoed", "Its links hold the password that it was asked with.", 1,
            _echoes_password, location="http://reader:{password}@{at}/feed"),
        reads("right-password", "It wants the password that its address has.", 1, _wants_password,
            location="http://reader:{password}@{at}/feed"),
    ),
    "charsets": (
        reads("charset-wrong", "It claims UTF-8 and is Latin-1.", 1, ok(_one("charset-wrong",
            title=_FRENCH).encode("latin-1"), "text/xml; charset=utf-8")),
        reads("charset-conflict", "Header and document name two charsets.", 1,
            ok(rss(item("charset-conflict", title=_FRENCH),
            head='<?xml version="1.0" encoding="utf-8"?>'), "text/xml; charset=iso-8859-1")),
        reads("charset-unknown", "Its charset is none that there is.", 1, ok(_one("charset-unknown",
            title=_FRENCH), "text/xml; charset=klingon")),
        reads("charset-of-a-module", "Its charset is a Python codec that is not a charset.", 1,
            ok(rss(item("charset-of-a-module"), head='<?xml version="1.0" encoding="zlib_codec"?>'),
            "text/xml; charset=rot13")),
        reads("charset-long", "Its charset has 5,000 letters.", 1, ok(_one("charset-long"),
            "text/xml; charset=" + "x" * 5000)),
        reads("utf-16", "It is UTF-16 with a mark.", 1, ok(rss(item("utf-16", title=_FRENCH),
            head='<?xml version="1.0" encoding="utf-16"?>').encode("utf-16"), "text/xml")),
        reads("utf-16-unmarked", "It is UTF-16 without a mark.", 1, ok(rss(item("utf-16-unmarked",
            title=_FRENCH)).encode("utf-16-be"), "text/xml")),
        reads("utf-16-in-name-only", "It claims UTF-16 and is UTF-8.", 1,
            ok(rss(item("utf-16-in-name-only", title=_FRENCH),
            head='<?xml version="1.0" encoding="utf-16"?>'), "text/xml")),
        reads("utf-32", "It is UTF-32.", 1, ok(rss(item("utf-32", title=_FRENCH)).encode("utf-32"),
            "text/xml")),
        reads("marks", "Three byte order marks precede it.", 1,
            ok(b"\xef\xbb\xbf" * 3 + _one("marks", title=_FRENCH).encode())),
        reads("nuls", "It holds NULs.", 1, ok(_one("nuls", title=_FRENCH).replace("<item>",
            "\0<item>\0"))),
        reads("utf-8-broken", "Its UTF-8 is broken.", 1,
            ok(_one("utf-8-broken").encode().replace(b"<item>", b"<item>\xff\xc3(\xed\xa0\x80"))),
        reads("controls", "It holds control characters, as they are and as references.", 1,
            ok(_one("controls", title="Con\x01trol &#1;&#x1b;[31m&#xFFFF; room",
            description="\x0b\x1f" + prose("controls")))),
    ),
    "pages": (
        fails("page", "It is a web page that names no feed.", "web page", ok(_PAGE.format(""),
            "text/html")),
        fails("page-called-a-feed", "It is a web page that calls itself RSS.", "web page",
            ok(_PAGE.format(""), "application/rss+xml")),
        reads("page-names-feed", "It is a web page that names its feed.", 1,
            acts={"/feed": [ok(_PAGE.format(_ALTERNATE.format("rss.xml")), "text/html")],
            "/rss.xml": [ok(_one("page-names-feed"))]}),
        fails("page-names-itself", "It is a web page that names itself as its feed.", "web page",
            ok(_PAGE.format(_ALTERNATE.format("/feed") * 3), "text/html")),
        fails("page-names-a-thousand", "It is a web page that names 1,000 feeds.", "web page",
            ok(_PAGE.format("".join(_ALTERNATE.format(f"/{n}") for n in range(1000))),
            "text/html")),
        fails("page-names-secrets", "It is a web page that names files of this machine.",
            "web page",
            ok(_PAGE.format("".join(_ALTERNATE.format(a) for a in ("file:///etc/hostname",
            "javascript:x", "http://[", "data:,x"))), "text/html")),
        reads("page-of-an-error", "Where its feed was is a page of an error now.", 1,
            ok(_one("page-of-an-error")), ok(_PAGE.format(""), "text/html"),
            says_later="web page"),
        reads("empty-later", "Where its feed was is nothing now.", 1, ok(_one("empty-later")),
            ok(""), says_later="empty"),
        fails("empty", "It answers 200 with nothing.", "empty", ok("")),
        fails("blank", "It answers 200 with white space.", "", ok(" \r\n\t ")),
        fails("mark-alone", "It is a byte order mark.", "", ok(b"\xef\xbb\xbf")),
        fails("picture", "It is a picture that calls itself RSS.", "",
            ok(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)),
        fails("zip", "It is a zip file.", "", ok(b"PK\x03\x04" + bytes(500))),
        fails("words", "It is a text and no digest.", "", ok("Dear reader,\n\nwe have moved.\n",
            "text/plain")),
        fails("other-xml", "It is XML and no feed.", "",
            ok('<?xml version="1.0"?><invoice><total>3</total></invoice>', "text/xml")),
        fails("drawing", "It is a drawing.", "",
            ok('<svg xmlns="http://www.w3.org/2000/svg"><title>x</title></svg>', "image/svg+xml")),
        fails("outline", "It is OPML, a list of feeds.", "",
            ok('<opml version="2.0"><body><outline xmlUrl="http://a.example/"/></body></opml>',
            "text/xml")),
        reads("no-items", "Its feed has no items.", 0, ok(rss())),
        fails("path-of-a-file", "Its text is the path of a file.", "", ok("/etc/hostname")),
    ),
    "items": (
        reads("hundred-thousand", "It has 100,000 items.", MOST_ITEMS,
            _late(lambda: ok(rss(*(f"<item><guid>{n}</guid><title>Release {n}</title></item>"
            for n in range(100_000))))),
            mentions="100,000 items"),
        reads("guids-equal", "All its items have one guid.", 5, ok(rss(*(item(f"guids-equal-{n}",
            guid="x") for n in range(5))))),
        reads("guids-equal-two", "Two of its items have one guid.", 5,
            ok(rss(*(item(f"guids-two-{n}", guid=str(n % 4)) for n in range(5))))),
        reads("guids-markup", "Its guids hold markup.", 2, ok(rss(item("gm1",
            guid="<![CDATA[<b>\x00<script>]]>"), item("gm2",
            guid="&lt;img src=x onerror=alert(1)&gt;&#10;\x1b[31m")))),
        reads("guids-new", "Its guids change each time.", 3,
            _new_each_time(lambda n: ok(rss(*(item(f"guids-new-{m}",
            guid=f"{n}-{m}") for m in range(3)))))),
        reads("guids-huge", "A guid has 100 kB.", 1, ok(_one("guids-huge", guid="g" * 100_000))),
        reads("guid-reused", "It uses a guid again for another text.", 1,
            ok(rss(item("guid-reused-1", guid="r"))), ok(rss(item("guid-reused-2", guid="r"))),
            later=2),
        reads("guid-of-another", "It claims the id of the healthy feed's item.", 1,
            ok(_one("guid-of-another", guid="tag:news.example,2024:healthy"))),
        reads("item-empty", "An item has no title, no link and no text.", 1,
            ok(rss(item("item-empty"), "<item/>", "<item><title> </title></item>")),
            mentions="without title|left out"),
        reads("title-alone", "An item has nothing but a title.", 1,
            ok(rss("<item><title>Alone is the title of this release</title></item>"))),
        reads("title-huge", "A title has 2 MB.", 1, ok(_one("title-huge",
            title="Long title " * 180_000))),
        reads("text-huge", "A text has 4 MB.", 1, _late(lambda: ok(_one("text-huge",
            description="Long text &amp; more. " * 230_000))), mentions="cut at"),
        reads("categories-many", "An item has 5,000 categories.", 1, ok(rss(item("categories-many",
            "".join(f"<category>c{n}</category>" for n in range(5000)))))),
        reads("links-many", "An item has 5,000 enclosures.", 1, ok(rss(item("links-many",
            "".join(f"<enclosure url='http://f.example/{n}' type='a/b' length='{n}'/>"
            for n in range(5000)))))),
        reads("lengths-odd", "Lengths of files are negative, huge and words.", 1,
            ok(rss(item("lengths-odd",
            "".join(f"<enclosure url='http://f.example/{n[:9]}' type='a/b' length='{n}'/>"
            for n in ("-5", "9" * 5000, "many", "", "1e9", "٣")))))),
        reads("links-odd", "Its links are relative, broken, and with a password.", 4,
            ok(rss(item("lo1", link="../a b?c=ü"), item("lo2", link="http://["), item("lo3",
            link="http://reader:of-the-feed@news.example/a"), item("lo4",
            link="http://x\x01y/" + "z" * 9000)))),
        reads("dates-1970", "Its dates are the first second of 1970.", 2, ok(rss(*(item(f"d70-{n}",
            pubDate="Thu, 01 Jan 1970 00:00:00 GMT") for n in range(2))))),
        reads("dates-2099", "Its dates are in 2099.", 2, ok(rss(*(item(f"d99-{n}",
            pubDate="Thu, 31 Dec 2099 23:00:00 GMT") for n in range(2))))),
        reads("dates-garbage", "Its dates are none.", 8, ok(rss(*(item(f"dg-{n}",
            pubDate=text) for n, text in enumerate(("soon", "Fri, 31 Feb 2024 99:99:99 +9999",
            "31 Dec 9999 23:59:59 -1400", "0000-00-00T00:00:00Z", "1" * 5000,
            "Mon, 01 Jan 0001 00:00:00 +1400", "2024-06-01T10:00:00+99:99",
            "&lt;b&gt;now&lt;/b&gt;"))))), mentions="the dates of 6 of 8 items cannot be read"),
    ),
    "xml": (
        reads("billion-laughs", "Entities that unfold to a billion laughs.", 1,
            ok(_with_entities("billion-laughs", f'<!ENTITY l0 "ha">{_LAUGHS}', "&l11;"))),
        reads("quadratic", "One large entity, named 5,000 times.", 1,
            _late(lambda: ok(_with_entities("quadratic", f'<!ENTITY a "{"a" * 50_000}">',
            "&a;" * 5000)))),
        reads("entity-chain", "A chain of 40,000 entities.", 1,
            _late(lambda: ok(_with_entities("entity-chain", f'<!ENTITY e0 "x">{_CHAIN}',
            "&e39999;")))),
        reads("entity-of-a-file", "An entity is a file of this machine.", 1,
            ok(_with_entities("entity-of-a-file", '<!ENTITY x SYSTEM "file:///etc/passwd">',
            "&x;"))),
        reads("entity-of-the-web", "An entity is a document of the web.", 1,
            _entity_of("/secret")),
        reads("entity-of-parameters", "Entities in the declaration itself.", 1,
            ok(_with_entities("parameters", '<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;', "x"))),
        reads("doctype", "It names a document type, as RSS 0.91 does.", 1, ok(rss(item("doctype"),
            head='<?xml version="1.0"?><!DOCTYPE rss PUBLIC '
            '"-//Netscape Communications//DTD RSS 0.91//EN" "http://n.example/rss.dtd">'))),
        reads("deep-html", "The HTML of a text is 18,000 elements deep.", 1, ok(_one("deep-html",
            description=prose("deep-html") + "&lt;div&gt;" * 18_000))),
        bears("many-attributes", "An element has 40,000 attributes.",
            _late(lambda: ok(_many_attributes()))),
        bears("many-namespaces", "An element declares 20,000 namespaces.",
            _late(lambda: ok(_many_namespaces()))),
        bears("huge-attribute", "An attribute has 5 MB.",
            _late(lambda: ok(rss(item("huge-attribute", f"<x a='{'b' * 5_000_000}'/>"))))),
        reads("huge-comment", "A comment has 5 MB.", 1, _late(lambda: ok(rss(item("huge-comment"),
            f"<!--{'b' * 5_000_000}-->")))),
        reads("bare-ampersand", "It holds a bare ampersand.", 2, ok(rss(item("ba1",
            title="Search & rescue in the northern bay"), item("ba2")))),
        reads("entities-of-html", "It uses the entities of HTML.", 1, ok(_one("entities-of-html",
            description="Caf&eacute;&nbsp;" + prose("eoh")))),
        bears("unclosed", "It ends in the middle of its second item.", ok(rss(item("uc1"),
            item("uc2")).split("<link>http://news.example/uc2")[0])),
        reads("crossed", "Its elements are closed in the wrong order.", 1,
            ok(_one("crossed").replace("</title>", "</b></title>"))),
        reads("prefix-undeclared", "It uses a prefix that it does not declare.", 1,
            ok(rss(item("prefix-undeclared", "<dc:creator>Ann</dc:creator>")))),
        reads("late-declaration", "White space precedes its declaration.", 1,
            ok("\n\n  " + _one("late-declaration"))),
        reads("junk-after", "A page of advertising follows its end.", 1,
            ok(_one("junk-after") + "<script>x()</script><!-- & -->")),
        bears("warning-before", "A warning of the server's program precedes it.",
            ok("<br />\n<b>Warning</b>: in line 3<br />\n" + _one("warning-before"))),
    ),
    "stalls": (
        bears("author-stalls", "64 kB that stall the careful parser's look for an address.",
            ok(_one("author-stalls", title="Stall & see", author="a" * 65_000))),
        fails("deep", "200,000 elements, one in the other.", "", _late(lambda: ok(rss(item("deep",
            "<a>" * 200_000))))),
        bears("ampersands", "Each of its texts is 900,000 ampersands.",
            _late(lambda: ok(rss(*(item(f"ampersands-{n}",
            description=f"<![CDATA[{prose(f'amp {n}')}{'&' * 900_000}]]>") for n in range(8)))))),
        reads("digest-of-many", "It is a digest of 5,000 items.", MOST_ITEMS,
            _late(lambda: ok("".join(f"Release {n}\n\nSource: NATO\n\nText {n}.\n\n"
            for n in range(5_000)), "text/plain")), mentions="left out"),
    ),
    "json": (
        reads("json", "A JSON feed, and nothing wrong with it.", 1, ok(json_feed(_entry("json")),
            _JSON)),
        reads("surrogates", "It holds halves of characters.", 1, ok(json_feed(_entry("surrogates",
            title="Half \ud83d of a sign and more words")), _JSON)),
        reads("many-digits", "It holds a number of 5,000 digits.", 1,
            ok(json_feed(_entry("many-digits")).replace('"id"', '"n": ' + "9" * 5000 + ', "id"'),
            _JSON)),
        fails("nested", "100,000 lists, one in the other.", "", ok("[" * 100_000, _JSON)),
        fails("nested-in-item", "The same, within an item.", "",
            ok(json_feed(_entry("nested-in-item")).replace('"id"',
            '"_x": ' + "[" * 100_000 + "]" * 100_000 + ', "id"'), _JSON)),
        fails("no-feed", "It is JSON and no feed.", "", ok('{"error": "quota"}', _JSON)),
        fails("cut", "It ends in the middle.", "", ok(json_feed(_entry("cut"))[:-9], _JSON)),
        fails("items-no-list", "Its items are not a list.", "",
            ok('{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": 3}', _JSON)),
        bears("types-wrong", "Its values are all of the wrong types.",
            ok(json_feed(_entry("types-wrong", id=7, url=["x"], tags="a", authors=3, attachments=[4,
            {}], date_published=12, language=[], image={}, ), None, 4, "item", [], {"id": None},
            title=["x"], language=5, ), _JSON, )),
        bears("constants", "It holds numbers that JSON does not have.",
            ok(json_feed(_entry("constants", x=float("nan"), y=float("inf"))), _JSON)),
        reads("marked", "A byte order mark precedes it.", 1,
            ok(b"\xef\xbb\xbf" + json_feed(_entry("marked")).encode(), _JSON)),
        reads("called-html", "A JSON feed that calls itself HTML.", 1,
            ok(json_feed(_entry("called-html")), "text/html")),
    ),
    "scripts": (
        reads("evil-rss", "Something active in every field of RSS.", 1, ok(_evil_rss())),
        reads("evil-atom", "Something active in every field of Atom.", 1, ok(_evil_atom(),
            "application/atom+xml")),
        reads("evil-json", "Something active in every field of JSON.", 1, ok(_evil_json(), _JSON)),
    ),
}
# fmt: on
"""Kinds of ways, and the ways themselves; each name is unique."""

SETTINGS = {
    "silences": 'timeout = "2s"',
    "stalls": 'parse_timeout = "2s"\nmax_item_size = "1MB"',
}
"""The ``[fetch]`` settings of each kind: short timeouts, or limits that it can reach."""
