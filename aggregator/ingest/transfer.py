"""Documents to be read, and the results, as bytes for another process, by msgspec.

Unpacking returns a value equal to the one that was packed, except that a source has no address and
no secrets of its requests: reading needs none.  A value that cannot be packed, such as a text with
half a surrogate pair, is ``None``, and has to be read where the result is needed.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from aggregator.config import Source
from aggregator.ingest.jobs import Job, ReadDocument, ReadResult, Rules, Unreadable
from aggregator.model import Agency
from aggregator.normalise.agency import Agencies

_MOST_KNOWN = 4  # a cluster may have several masters, each with a configuration before the last
_known: dict[bytes, Rules] = {}  # the one that was used last is at the end
_known_lock = threading.Lock()


def pack_rules(rules: Rules) -> bytes:
    """Return ``rules`` as bytes."""
    return _encode(rules)


def unpack_rules(packed: bytes) -> Rules:
    """Return rules that were packed."""
    return _rules.decode(packed)


def rules_key(packed: bytes) -> bytes:
    """Return by what ``known_rules`` finds rules again."""
    return blake2b(packed, digest_size=16).digest()


def known_rules(key: bytes, packed: bytes | None) -> Rules | None:
    """Return the rules of a key; None if they are not known here, and have to be ``packed`` too.

    They may be of megabytes and rarely change, so that a process is sent them once.
    """
    with _known_lock:
        found = _known.pop(key, None)
        if found is None and packed is not None:
            found = unpack_rules(packed)
        if found is not None:
            _known[key] = found
            while len(_known) > _MOST_KNOWN:
                del _known[next(iter(_known))]
        return found


def pack_jobs(jobs: Sequence[Job]) -> bytes | None:
    """Return documents as bytes."""
    return _packed([replace(job, source=without_request(job.source)) for job in jobs])


def unpack_jobs(packed: bytes) -> list[Job]:
    """Return documents that were packed."""
    return _jobs.decode(packed)


def pack_result(result: ReadResult) -> bytes | None:
    """Return what was read of a document as bytes."""
    return _packed((result, None) if isinstance(result, ReadDocument) else (None, result))


def unpack_result(packed: bytes) -> ReadResult:
    """Return what was read and packed."""
    document, problem = _result.decode(packed)
    assert document is not None or problem is not None
    return document or problem  # type: ignore[return-value]  # as asserted


def without_request(source: Source) -> Source:
    """Return what reading needs of a source."""
    return replace(
        source, location="", headers=(), cookie=None, user_agent=None, proxy=None, ca_file=None
    )


def _packed(found: object) -> bytes | None:
    try:
        return _encode(found)
    except (UnicodeEncodeError, OverflowError):
        return None


def to_plain(found: object) -> object:
    """Return what msgspec encodes for a type that it does not know."""
    if isinstance(found, Agencies):
        return found.configured, sorted(found.taken)
    if isinstance(found, Path):
        return str(found)
    assert isinstance(found, ZoneInfo)
    return found.key


def from_plain(kind: type, plain: Any) -> object:
    """Return the opposite."""
    if kind is Agencies:
        return Agencies(*msgspec.convert(plain, tuple[tuple[Agency, ...], list[str]]))
    if kind is Path:
        return Path(plain)
    assert kind is ZoneInfo
    return ZoneInfo(plain)


_encode = msgspec.msgpack.Encoder(enc_hook=to_plain).encode
_rules = msgspec.msgpack.Decoder(Rules, dec_hook=from_plain)
_jobs = msgspec.msgpack.Decoder(list[Job], dec_hook=from_plain)
_result = msgspec.msgpack.Decoder(tuple[ReadDocument | None, Unreadable | None])
