"""The files of ``feeds/``, cached in memory as complete responses, plain and with gzip.

A cached file is checked by one ``stat`` before it is used, so a feed that was replaced is served
from then on.  Only regular files whose real path is inside the folder are served, and no path with
a part that begins with a dot.  Pages get links to what only the server has.  Files too large for
the cache are sent from the disk.
"""

import asyncio
import gzip
import hashlib
import os
import stat
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from pathlib import Path

from aggregator.output.pages.live import ALARM_FEED, linked, with_alarm_feed, with_checks
from aggregator.web.media import Headers, Media, media_of
from aggregator.web.negotiation import RequestHeaders, accepts_gzip, precondition
from aggregator.web.paths import file_name, path_of
from aggregator.web.pool import BoundedPool
from aggregator.web.response import COMPRESS_FROM, Response

CACHE_SIZE = 64_000_000
"""Bytes of files that are kept in memory, with their compressed copies."""

MAX_CACHED = 8_000_000
"""A file with more bytes than this is sent from the disk, in chunks, and not compressed."""

CHUNK = 32_768
"""Bytes that are written at a time, so that little is buffered for a client that reads slowly."""

_LEVEL = 6

_Version = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A file in one encoding: the responses to clients that do not have it, and that do."""

    etag: bytes
    full: Response
    not_modified: Response


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFile:
    """A file as it was read; ``cost`` is the memory it takes, in bytes."""

    path: str
    version: _Version
    modified: bytes
    plain: Variant
    gzip: Variant | None
    cost: int

    def respond(self, request: RequestHeaders) -> Response:
        """The response to a GET with these headers."""
        chosen = self.plain
        etags = [chosen.etag]
        if self.gzip is not None:
            etags.append(self.gzip.etag)
            chosen = self.gzip if accepts_gzip(request) else chosen
        status = precondition(request, chosen.etag, self.modified, others=etags)
        if status == 304:
            return chosen.not_modified
        return chosen.full if status == 200 else Response(412, ((b"content-length", b"0"),))


class FileCache:
    """The files below one folder.  Belongs to one event loop, and reads in threads.

    ``links`` returns the ``Link`` header of a file by its name, ``root_of`` the relative address of
    the folder as seen from a page.
    """

    def __init__(
        self,
        folder: Path,
        now: Callable[[], datetime],
        capacity: int = CACHE_SIZE,
        links: Callable[[str], Headers] = lambda _: (),
        root_of: Callable[[str], str] = lambda name: "../" * name.count("/"),
    ) -> None:
        self._root = os.path.abspath(folder)
        self._links = links
        self._root_of = root_of
        self._now = now
        self._capacity = capacity
        self._files: OrderedDict[bytes, ServedFile] = OrderedDict()
        self._size = 0
        self._checked: set[bytes] = set()
        self._pool = BoundedPool("feeds", threads=2, room=4096, seconds=60)

    @property
    def size(self) -> int:
        """The bytes that are cached."""
        return self._size

    def cached(self, path: bytes) -> ServedFile | None:
        """The file at ``path`` if it is in memory and unchanged; never waits."""
        file = self._files.get(path)
        if file is None or path in self._checked:
            return file
        try:
            is_current = _version(os.stat(file.path)) == file.version
        except OSError:
            is_current = False
        if not is_current:
            self._remove(path)
            return None
        self._files.move_to_end(path)
        # One check for each turn of the event loop: ``stat`` releases the interpreter lock, and
        # other threads may hold it for milliseconds.
        if not self._checked:
            asyncio.get_running_loop().call_soon(self._checked.clear)
        self._checked.add(path)
        return file

    async def get(self, name: str) -> ServedFile | None:
        """The file ``name``, read if need be, or None; concurrent calls share one read.

        Raises ``UnavailableError``.
        """
        path = path_of(name)
        file = self.cached(path)
        if file is not None:
            return file
        location = os.path.join(self._root, name)
        if not _is_file(location):  # without a thread, so that guessing names costs nothing
            return None
        file = await self._pool.share(name, lambda: self._read(location, name))
        if file is not None and file.cost <= self._capacity and self._files.get(path) is not file:
            self._remove(path)
            self._files[path] = file
            self._size += file.cost
            while self._size > self._capacity:
                self._remove(next(iter(self._files)))
        return file

    def _remove(self, path: bytes) -> None:
        file = self._files.pop(path, None)
        self._size -= file.cost if file is not None else 0

    def _read(self, path: str, name: str) -> ServedFile | None:
        handle = self._open(path)
        if handle is None:
            return None
        media = media_of(name)
        media = replace(media, headers=(*media.headers, *self._links(name)))
        with os.fdopen(handle, "rb") as file:
            version = _version(os.fstat(handle))
            modified = self._modified(version)
            if version[2] > MAX_CACHED:
                etag = hashlib.file_digest(file, hashlib.sha256).hexdigest()
                stream = partial(self._chunks, path, version)
                variants = [_variant(media, modified, etag, version[2], stream=stream)]
            else:
                body = file.read(MAX_CACHED + 1)
                if name.endswith(".html"):
                    body = linked(body, self._root_of(name))
                    if name == "index.html":
                        body = with_checks(body)
                        if os.path.isfile(os.path.join(self._root, ALARM_FEED)):
                            body = with_alarm_feed(body)
                variants = _in_memory(media, modified, body)
            if _version(os.fstat(handle)) != version:
                # A file written in place, as we never do, is read again at the next request.
                version = (0, 0, -1, 0, 0)
        return ServedFile(
            path=path,
            version=version,
            modified=modified,
            plain=variants[0],
            gzip=variants[1] if len(variants) > 1 else None,
            cost=4096 + sum(len(variant.full.body) for variant in variants),
        )

    def _open(self, path: str) -> int | None:
        """A handle to the regular file at ``path``, if that is inside the folder."""
        root, real = os.path.realpath(self._root), os.path.realpath(path)
        inner = os.path.relpath(real, root).replace(os.sep, "/")
        if file_name(path_of(inner)) != inner:  # `..`, or a hidden folder
            return None
        # Non-blocking, because opening a pipe without a writer would wait for ever.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            handle = os.open(real, flags)
        except OSError:
            return None
        if stat.S_ISREG(os.fstat(handle).st_mode):
            return handle
        os.close(handle)
        return None

    def _modified(self, version: _Version) -> bytes:
        """``Last-Modified``, which is never later than now (RFC 9110, section 8.8.2.1)."""
        seconds = min(version[3] // 1_000_000_000, int(self._now().timestamp()))
        return format_datetime(datetime.fromtimestamp(max(seconds, 0), UTC), usegmt=True).encode()

    def _chunks(self, path: str, version: _Version) -> Iterator[bytes]:
        """The bytes of a large file; too few if it was replaced.

        Read in the event loop's thread: the system reads ahead, and such files are rare.
        """
        handle = self._open(path)
        if handle is None:
            return
        with os.fdopen(handle, "rb") as file:
            if _version(os.fstat(handle)) == version:
                yield from iter(lambda: file.read(CHUNK), b"")

    async def names(self) -> list[str]:
        """The sorted names of the files directly in the folder, without hidden ones."""
        return await self._pool.share("", self._list)

    def _list(self) -> list[str]:
        try:
            with os.scandir(self._root) as found:
                names = [entry.name for entry in found if entry.is_file()]
        except OSError:
            return []
        return sorted(name for name in names if file_name(path_of(name)) == name)

    def close(self) -> None:
        """Stop the threads."""
        self._pool.close()


def _version(status: os.stat_result) -> _Version:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _in_memory(media: Media, modified: bytes, body: bytes) -> list[Variant]:
    """The variants of a file: as it is, and with gzip where that saves something."""
    packed = b""
    if media.is_text and len(body) >= COMPRESS_FROM:
        packed = gzip.compress(body, _LEVEL, mtime=0)  # without a time, equal files stay equal
    bodies: list[tuple[bytes, Headers]] = [(body, ())]
    if 0 < len(packed) < len(body):
        bodies.append((packed, ((b"content-encoding", b"gzip"),)))
    return [
        _variant(media, modified, hashlib.sha256(sent).hexdigest(), len(sent), encoding, body=sent)
        for sent, encoding in bodies
    ]


def _variant(
    media: Media,
    modified: bytes,
    digest: str,
    length: int,
    encoding: Headers = (),
    *,
    body: bytes = b"",
    stream: Callable[[], Iterable[bytes]] | None = None,
) -> Variant:
    """The responses for one encoding.

    The entity tag is a digest of the bytes that are sent, so it differs between encodings (RFC
    9110, section 8.8.3.3) and survives a restart.
    """
    etag = b'"%s"' % digest[:32].encode()
    cached = ((b"etag", etag), (b"last-modified", modified), (b"vary", b"Accept-Encoding"))
    # 304 repeats what a cache needs (RFC 9110, section 15.4.5), CORS, which is by response, and the
    # hub, which may have changed since the body was sent.
    repeated = [h for h in media.headers if h[0].startswith((b"access-control-", b"link"))]
    full = (
        (b"content-type", media.type),
        (b"content-length", b"%d" % length),
        *encoding,
        *cached,
        *media.headers,
    )
    return Variant(
        etag=etag,
        full=Response(200, full, body, stream=stream),
        not_modified=Response(304, (*cached, *repeated)),
    )
