"""The files of ``feeds/``, kept in memory as they are to be sent, plain and with gzip.

Takes the name of a file (``names`` made it) and gives its answers, or None where there is no such
file to serve.  A kept file is looked at again before it is answered with, by one ``stat`` for all
who ask at the same moment: a feed that was replaced is served from then on.  Nothing is served but
regular files whose real place is in the folder, with no part that begins with a dot.  Pages get
links to what only the daemon has; those too large to be kept are sent as they are.
"""

import asyncio
import gzip
import hashlib
import os
import stat
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from aggregator.output.pages.live import linked
from aggregator.web.answer import Answer
from aggregator.web.media import Headers, Media, media_of
from aggregator.web.names import file_name, target_of
from aggregator.web.wishes import Wanted, precondition, takes_gzip

MOST_KEPT = 64_000_000
"""Bytes of files that are kept in memory, with their compressed copies."""

LARGEST_KEPT = 8_000_000
"""A file with more bytes than this is sent from the disk, piece by piece, and not compressed."""

_WORTH_COMPRESSING = 256  # bytes
_PIECE = 32_768
_LEVEL = 6

_State = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A file in one encoding: what is answered, and what if it is known."""

    etag: bytes
    found: Answer
    same: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A file as it was when it was read.  ``size`` is what it costs to keep, in bytes.

    ``is_whole`` says that the bodies are in memory.
    """

    path: str
    state: _State
    modified: bytes
    plain: Variant
    gzip: Variant | None
    size: int
    is_whole: bool = True

    def answer(self, headers: Wanted) -> Answer:
        """What is answered to a GET with these headers."""
        with_gzip = self.gzip is not None and takes_gzip(headers.get(b"accept-encoding"))
        chosen = self.gzip if self.gzip is not None and with_gzip else self.plain
        others = [v.etag for v in (self.plain, self.gzip) if v is not None]
        status = precondition(headers, chosen.etag, self.modified, others=others)
        if status == 304:
            return chosen.same
        return chosen.found if status == 200 else Answer(412, ((b"content-length", b"0"),))


class Files:
    """The files below one folder.  Belongs to one event loop; reads happen in threads.

    ``links`` gives the ``Link`` header of a file by its name.
    """

    def __init__(
        self,
        folder: Path,
        now: Callable[[], datetime],
        most: int = MOST_KEPT,
        links: Callable[[str], Headers] = lambda _: (),
    ) -> None:
        self._root = os.path.abspath(folder)
        self._links = links
        self._now = now
        self._most = most
        self._kept: OrderedDict[bytes, Held] = OrderedDict()
        self._size = 0
        self._looked_at: set[bytes] = set()
        self._coming: dict[bytes, asyncio.Future[Held | None]] = {}
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="feeds")

    @property
    def size(self) -> int:
        """The bytes that are kept."""
        return self._size

    def kept(self, target: bytes) -> Held | None:
        """The file at ``target`` if it is in memory and did not change since; never waits."""
        held = self._kept.get(target)
        if held is None or target in self._looked_at:
            return held
        try:
            is_current = _state(os.stat(held.path)) == held.state
        except OSError:
            is_current = False
        if not is_current:
            self._drop(target)
            return None
        self._kept.move_to_end(target)
        self._remember_look(target)
        return held

    def _remember_look(self, target: bytes) -> None:
        """Look at each file once in a turn of the event loop, however many ask in that turn.

        Apart from what it costs, the call lets other threads in, which then hold the interpreter
        for milliseconds.
        """
        if not self._looked_at:
            asyncio.get_running_loop().call_soon(self._looked_at.clear)
        self._looked_at.add(target)

    async def get(self, name: str) -> Held | None:
        """The file called ``name``, read now if need be; who asks meanwhile waits for the same."""
        target = target_of(name)
        held = self.kept(target)
        if held is not None:
            return held
        path = os.path.join(self._root, name)
        if not _is_file(path):  # known without a thread, so that guessing names costs nothing
            return None
        coming = self._coming.get(target)
        if coming is None:
            loop = asyncio.get_running_loop()
            coming = loop.run_in_executor(self._readers, self._read, path, name)
            self._coming[target] = coming
            coming.add_done_callback(lambda done: self._arrived(target, done))
        return await asyncio.shield(coming)

    def _arrived(self, target: bytes, done: "asyncio.Future[Held | None]") -> None:
        del self._coming[target]
        held = None if done.cancelled() or done.exception() else done.result()
        if held is None or held.size > self._most:
            return
        self._drop(target)
        self._kept[target] = held
        self._size += held.size
        while self._size > self._most:
            self._drop(next(iter(self._kept)))

    def _drop(self, target: bytes) -> None:
        held = self._kept.pop(target, None)
        self._size -= held.size if held else 0

    def _read(self, path: str, name: str) -> Held | None:
        handle = self._open(path)
        if handle is None:
            return None
        with os.fdopen(handle, "rb") as file:
            state = _state(os.fstat(handle))
            modified = self._modified(state)
            media = media_of(name)
            media = replace(media, headers=(*media.headers, *self._links(name)))
            if state[2] > LARGEST_KEPT:
                digest = hashlib.file_digest(file, hashlib.sha256).hexdigest()
                return _from_disk(path, state, modified, media, digest)
            body = file.read(LARGEST_KEPT + 1)
            after = _state(os.fstat(handle))
        if name.endswith(".html"):
            body = linked(body, "../" * name.count("/"))
        held = _in_memory(path, state, modified, media, body)
        # Whoever writes a file where it stands, as we never do, gets it read again.
        return held if after == state else replace(held, state=(0, 0, -1, 0, 0))

    def _open(self, path: str) -> int | None:
        """A handle to the regular file that ``path`` leads to, if that is in the folder."""
        root, real = os.path.realpath(self._root), os.path.realpath(path)
        inner = os.path.relpath(real, root).replace(os.sep, "/")
        if file_name(target_of(inner)) != inner:  # `..` and hidden folders among it
            return None
        # Non-blocking, so that opening a pipe which nobody writes to does not wait for ever.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            handle = os.open(real, flags)
        except OSError:
            return None
        if stat.S_ISREG(os.fstat(handle).st_mode):
            return handle
        os.close(handle)
        return None

    def _modified(self, state: _State) -> bytes:
        """``Last-Modified``, which is never later than now (RFC 9110, section 8.8.2.1)."""
        now = self._now()
        seconds = min(state[3] // 1_000_000_000, int(now.timestamp()))
        return format_datetime(datetime.fromtimestamp(max(seconds, 0), UTC), usegmt=True).encode()

    def pieces(self, held: Held) -> Iterator[bytes]:
        """The bytes of a file that is not in memory; fewer than announced if it was replaced.

        Read in the event loop's thread: the system reads ahead, and such files are rare.
        """
        handle = self._open(held.path)
        if handle is None:
            return
        with os.fdopen(handle, "rb") as file:
            if _state(os.fstat(handle)) == held.state:
                yield from iter(lambda: file.read(_PIECE), b"")

    async def feeds(self) -> list[str]:
        """The names of the files right in the folder, sorted; hidden ones are not among them."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._names)

    def _names(self) -> list[str]:
        try:
            with os.scandir(self._root) as found:
                names = [entry.name for entry in found if entry.is_file()]
        except OSError:
            return []
        return sorted(name for name in names if file_name(target_of(name)) == name)

    def close(self) -> None:
        """Let the threads go."""
        self._readers.shutdown(wait=False, cancel_futures=True)


def _state(found: os.stat_result) -> _State:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _in_memory(path: str, state: _State, modified: bytes, media: Media, body: bytes) -> Held:
    packed = b""
    if media.is_text and len(body) >= _WORTH_COMPRESSING:
        packed = gzip.compress(body, _LEVEL, mtime=0)  # no time, so that equal files stay equal
    is_smaller = 0 < len(packed) < len(body)
    return Held(
        path=path,
        state=state,
        modified=modified,
        plain=_variant(media, modified, body, _digest(body)),
        gzip=_variant(media, modified, packed, _digest(packed), b"gzip") if is_smaller else None,
        size=len(body) + (len(packed) if is_smaller else 0) + 4096,
    )


def _from_disk(path: str, state: _State, modified: bytes, media: Media, digest: str) -> Held:
    return Held(
        path=path,
        state=state,
        modified=modified,
        plain=_variant(media, modified, None, digest, length=state[2]),
        gzip=None,
        size=4096,
        is_whole=False,
    )


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _variant(
    media: Media,
    modified: bytes,
    body: bytes | None,
    digest: str,
    encoding: bytes | None = None,
    *,
    length: int = 0,
) -> Variant:
    """The answers for one encoding.

    The entity tag is made from the bytes that are sent, so that it differs between encodings (RFC
    9110, section 8.8.3.3) and outlives this process.
    """
    etag = b'"%s"' % digest[:32].encode()
    size = length if body is None else len(body)
    # 304 repeats what a cache needs (RFC 9110, section 15.4.5), and CORS, which is by answer, and
    # where to subscribe: the hub may be another than when the body was sent.
    again = tuple(
        each for each in media.headers if each[0].startswith((b"access-control-", b"link"))
    )
    same = ((b"etag", etag), (b"last-modified", modified), (b"vary", b"Accept-Encoding"), *again)
    found = (
        (b"content-type", media.type),
        (b"content-length", b"%d" % size),
        *(((b"content-encoding", encoding),) if encoding else ()),
        *same[:3],
        *media.headers,
    )
    return Variant(etag=etag, found=Answer(200, found, body or b""), same=Answer(304, same))
