"""Many small sites on loopback, each with one feed of made-up press releases, in one process.

    python benchmarks/origin.py write FOLDER --sources 1000 --seed 1
    python benchmarks/origin.py serve FOLDER

`write` makes the feeds: RSS and Atom, whole texts and summaries, 25 entries each and one more that
is published later. One entry in 25 or so is carried from the site before, under another guid and
with a paragraph of the carrier's own. Same arguments, same bytes; the feed of a site depends on the
seed and its number alone.

`serve` answers for site n at `host(n)`, on one port of all addresses, with bytes that are ready
beforehand. It prints the port, then obeys its standard input: a line `1` or `2` says which of the
two editions is out, and is answered by a line of JSON, a `Tally` of what happened since the line
before. It ends with its input. Only Linux has all of 127.0.0.0/8 on its loopback interface.
"""

import argparse
import asyncio
import json
import mmap
import os
import re
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from html import escape
from itertools import accumulate
from pathlib import Path
from random import Random
from time import process_time

from prose import Brief, Subject, Writer, matter
from vocabulary import AGENCIES, PLACES, Agency

ENTRIES = 25  # of a feed; a second edition has one more at its top, and one less at its end
PATH = "/feed.xml"
CARRIED = 0.04  # of all releases
NEWEST = date(2025, 3, 28)  # of every first edition, so that the sites' releases are of one time
KINDS = ("news",) * 13 + ("advisory",) * 2 + ("statement", "speech", "readout")
SHAPES = ("rss", "rss with content", "atom", "atom summaries")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release: `body` as `prose` writes it, `serial` one of its own in all the sites."""

    serial: int
    title: str
    body: str
    published: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site and its releases, newest first; the first of them is not out in edition 1."""

    number: int
    agency: Agency
    town: str
    releases: list[Release]
    carried: int  # of edition 1

    @property
    def shape(self) -> str:
        return SHAPES[self.number % len(SHAPES)]

    @property
    def title(self) -> str:
        return f"{self.agency.name} in {self.town}: {matter(self.number)}"

    @property
    def home(self) -> str:
        return f"https://site{self.number}.{self.agency.site.removeprefix('www.')}"


@dataclass(slots=True)
class Tally:
    """What the origin did since it was last asked; `cpu` is its own, in seconds."""

    whole: int = 0
    not_modified: int = 0
    other: int = 0
    connections: int = 0
    cpu: float = field(default_factory=process_time)


def host(number: int) -> str:
    """The address of a site, one for each of some 16 million; 127.0.x.y is left to others."""
    return f"127.{1 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


# The sites.


def sites(count: int, seed: int) -> Iterator[Site]:
    random = Random()
    writer = Writer(random)
    before: list[Release] = []
    for number in range(count):
        random.seed(f"{seed}/{number}")
        site, before = _site(number, random, writer, before)
        yield site


def _site(
    number: int, random: Random, writer: Writer, before: list[Release]
) -> tuple[Site, list[Release]]:
    """A site, and those of its releases that the next one may carry, which are its own."""
    agency = AGENCIES[number % len(AGENCIES)]
    gaps = [1, *(random.choice((0, 0, 1, 1, 2, 3)) for _ in range(ENTRIES))]
    days = accumulate(gaps, initial=-1)
    carried = [release for release in before if random.random() < CARRIED]
    own = [
        _release(number * (ENTRIES + 1) + place, agency, NEWEST - timedelta(day), random, writer)
        for place, day in zip(range(ENTRIES + 1 - len(carried)), days, strict=False)
    ]
    # Two of one second would make the order a matter of chance when they are sorted.
    latest, *rest = own
    rest = sorted((*rest, *carried), key=lambda each: (each.published, each.serial), reverse=True)
    site = Site(
        number=number,
        agency=agency,
        town=random.choice(PLACES)[0],
        releases=[latest, *rest],
        carried=len(carried),
    )
    return site, own[1:]


def _release(serial: int, agency: Agency, day: date, random: Random, writer: Writer) -> Release:
    kind = "cut" if agency.always_cut else random.choice(KINDS)
    town, country = random.choice(PLACES)
    event = day + timedelta(random.randint(1, 6)) if kind == "advisory" else day
    subject = Subject(
        matter=matter(serial), town=town, country=country, guest=writer.person(), event=event
    )
    length = int(min(max(random.lognormvariate(7.26, 0.75), 300), 6_000))  # as in `corpus`
    brief = Brief(kind=kind, agency=agency, subject=subject, day=day, length=length)
    title, body = writer.write(brief)
    time = timedelta(hours=9, seconds=random.randrange(9 * 3600))
    published = datetime(day.year, day.month, day.day, tzinfo=UTC) + time
    return Release(serial=serial, title=title, body=body, published=published)


# Their feeds. An edition is a head, a run of entries and the one tail.


def _head(site: Site, updated: datetime) -> str:
    title, home = escape(site.title), site.home
    if site.shape.startswith("atom"):
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>{title}</title>'
            f'<id>{home}/</id><link rel="alternate" type="text/html" href="{home}/"/>'
            f"<updated>{_rfc3339(updated)}</updated>\n"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{title}</title>'
        f"<link>{home}/</link><description>News of {title}</description><language>en</language>"
        f"<lastBuildDate>{_rfc5322(updated)}</lastBuildDate>\n"
    )


def _tail(site: Site) -> str:
    return "</feed>\n" if site.shape.startswith("atom") else "</channel></rss>\n"


def _entry(site: Site, release: Release) -> str:
    title = escape(release.title)
    link = f"{site.home}/news/{release.published:%Y/%m}/{release.serial}"
    guid = f"tag:{site.agency.site},{release.published:%Y}:{site.number}/{release.serial}"
    content = _html(site, release)
    summary = escape(release.body[:220].rpartition(" ")[0] + "…")
    if site.shape == "atom":
        text = f'<content type="html">{escape(content)}</content>'
    elif site.shape == "atom summaries":
        text = f"<summary>{summary}</summary>"
    elif site.shape == "rss":
        text = f"<description><![CDATA[{content}]]></description>"
    else:
        text = (
            f"<description>{summary}</description>"
            f"<content:encoded><![CDATA[{content}]]></content:encoded>"
        )
    if site.shape.startswith("atom"):
        return (
            f'<entry><title>{title}</title><id>{guid}</id><link rel="alternate" href="{link}"/>'
            f"<published>{_rfc3339(release.published)}</published>"
            f"<updated>{_rfc3339(release.published)}</updated>"
            f"<author><name>{escape(site.agency.name)}</name></author>{text}</entry>\n"
        )
    return (
        f'<item><title>{title}</title><link>{link}</link><guid isPermaLink="false">{guid}</guid>'
        f"<pubDate>{_rfc5322(release.published)}</pubDate>"
        f"<dc:creator>{escape(site.agency.name)}</dc:creator>{text}</item>\n"
    )


def _html(site: Site, release: Release) -> str:
    """Return the body in the few elements that such feeds use, with the carrier's name."""
    blocks = [_block(block) for block in release.body.split("\n\n")]
    if release.serial // (ENTRIES + 1) != site.number:
        blocks.append(f"<p>Passed on by {escape(site.town)}.</p>")
    return "\n".join(blocks)


def _block(text: str) -> str:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if lines and all(line.startswith("• ") for line in lines):
        return f"<ul>{''.join(f'<li>{escape(line[2:])}</li>' for line in lines)}</ul>"
    return f"<p>{'<br/>'.join(map(escape, lines))}</p>"


def _rfc3339(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _rfc5322(time: datetime) -> str:
    return format_datetime(time, usegmt=True)


# On disk: the parts of all feeds in one file, one after another, and where they begin in another.


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site's parts begin in the file, in bytes: two heads, entries, tail, and the end.

    Entries are from the one that is out last, in edition 2, to the oldest, which only 1 has.
    """

    head_1: int
    head_2: int
    last: int
    first: int
    oldest: int
    tail: int
    end: int


def write(folder: Path, count: int, seed: int) -> int:
    """Writes the feeds of so many sites; returns how many entries of edition 1 are carried ones."""
    places: list[Place] = []
    carried = position = 0
    with (folder / "feeds.bin").open("wb") as out:
        for site in sites(count, seed):
            last, first, *others = (_entry(site, each).encode() for each in site.releases)
            newest, then = (release.published for release in site.releases[:2])
            heads = (_head(site, then).encode(), _head(site, newest).encode())
            parts = (*heads, last, first + b"".join(others[:-1]), others[-1], _tail(site).encode())
            places.append(Place(*accumulate(map(len, parts), initial=position)))
            position += sum(map(len, parts))
            out.writelines(parts)
            carried += site.carried
    index = [list(asdict(place).values()) for place in places]
    (folder / "feeds.json").write_text(json.dumps(index), encoding="utf-8")
    return carried


# The server.


class Feeds:
    """What to answer for each site in the edition that is out. Bytes stay in the file's map."""

    def __init__(self, folder: Path) -> None:
        self.edition = 1
        index = json.loads((folder / "feeds.json").read_text(encoding="utf-8"))
        self._places = [Place(*each) for each in index]
        with (folder / "feeds.bin").open("rb") as feeds:
            self._bytes = memoryview(mmap.mmap(feeds.fileno(), 0, access=mmap.ACCESS_READ))

    def number(self, address: str) -> int:
        """Which site is at an address; -1 where none is."""
        _, high, middle, low = map(int, address.split("."))
        number = (high - 1 << 16) + (middle << 8) + low
        return number if 0 <= number < len(self._places) else -1

    def etag(self, number: int) -> bytes:
        return b'"%d-%d"' % (number, self.edition)

    def modified(self) -> bytes:
        return _rfc5322(datetime(2025, 3, 28 + self.edition, 20, tzinfo=UTC)).encode()

    def body(self, number: int) -> tuple[memoryview, memoryview, memoryview]:
        place = self._places[number]
        if self.edition == 1:
            spans = ((place.head_1, place.head_2), (place.first, place.tail))
        else:
            spans = ((place.head_2, place.last), (place.last, place.oldest))
        head, entries = (self._bytes[begin:end] for begin, end in spans)
        return head, entries, self._bytes[place.tail : place.end]


class Connection(asyncio.Protocol):
    """Answers GET, one request after another; knows no body of a request and no other method."""

    def __init__(self, feeds: Feeds, tally: Tally) -> None:
        self._feeds = feeds
        self._tally = tally
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._number = self._feeds.number(transport.get_extra_info("sockname")[0])
        self._tally.connections += 1

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            request, self._received = self._received[:end], self._received[end + 4 :]
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        if self._number < 0 or not request.startswith(_REQUEST):
            self._tally.other += 1
            self._transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        elif self._is_known(request):
            self._tally.not_modified += 1
            self._transport.write(b"HTTP/1.1 304 Not Modified\r\n%s\r\n" % self._validators())
        else:
            self._tally.whole += 1
            parts = self._feeds.body(self._number)
            head = _FOUND % (self._validators(), sum(map(len, parts)))
            self._transport.writelines((head, *parts))
        if _CLOSE.search(request):
            self._transport.close()

    def _is_known(self, request: bytes) -> bool:
        """RFC 9110, section 13.2.2: the date counts only where no entity tag is asked about."""
        if match := _IF_NONE_MATCH.search(request):
            return self._feeds.etag(self._number) in match[1]
        match = _IF_MODIFIED_SINCE.search(request)
        return match is not None and match[1] == self._feeds.modified()

    def _validators(self) -> bytes:
        etag, modified = self._feeds.etag(self._number), self._feeds.modified()
        return b"ETag: %s\r\nLast-Modified: %s\r\n" % (etag, modified)


_REQUEST = f"GET {PATH} HTTP/1.1\r\n".encode()
_FOUND = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n%sContent-Length: %d\r\n\r\n"
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_IF_NONE_MATCH = re.compile(rb"\r\nif-none-match: *([^\r]*)", re.IGNORECASE)
_IF_MODIFIED_SINCE = re.compile(rb"\r\nif-modified-since: *([^\r]*)", re.IGNORECASE)


async def serve(folder: Path) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    feeds, tally = Feeds(folder), Tally()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(feeds, tally), "0.0.0.0", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = loop.create_future()
    loop.add_reader(sys.stdin.fileno(), _obey, feeds, tally, ended)
    await ended
    server.close()


def _obey(feeds: Feeds, tally: Tally, ended: "asyncio.Future[None]") -> None:
    said = os.read(sys.stdin.fileno(), 64)
    if not said:
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        ended.set_result(None)
        return
    feeds.edition = int(said)
    done = asdict(tally) | {"cpu": process_time() - tally.cpu}
    print(json.dumps(done), flush=True)
    tally.whole = tally.not_modified = tally.other = tally.connections = 0
    tally.cpu = process_time()


def main() -> None:
    parser = argparse.ArgumentParser(description="Write feeds, and serve them on loopback.")
    parser.add_argument("work", choices=("write", "serve"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sources", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.work == "serve":
        asyncio.run(serve(options.folder))
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    carried = write(options.folder, options.sources, options.seed)
    print(json.dumps({"sources": options.sources, "carried": carried}))


if __name__ == "__main__":
    main()
