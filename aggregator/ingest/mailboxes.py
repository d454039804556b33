"""Reads the documents in a file: itself, or each message of an mbox.

A message is a document of its own, named after its Message-ID, so that of an mbox which grows only
what is new is read again.  The last message may still be being written: it is left until it has its
end, or until the file has not changed for a while.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain

from aggregator.config import Source
from aggregator.errors import FetchError
from aggregator.fetch import file as files
from aggregator.fetch.file import File
from aggregator.model import Document
from aggregator.parse.mail.mbox import is_complete, is_mbox, message_id, split
from aggregator.store import Store
from aggregator.store.documents import KnownDocument, known_documents

Known = Mapping[tuple[str, str], KnownDocument]

_BATCH = 200
_BATCH_SIZE = 8_000_000
_SETTLED = timedelta(minutes=10)


def documents_in(
    store: Store, source: Source, file: File, known: Known, limit: int, now: datetime
) -> Iterator[tuple[Document, KnownDocument | None]]:
    """Yield the documents in ``file``, each with the result of reading it before.

    ``known`` has those results for whole files.  Raises ``FetchError``, for a message that is too
    long after all others.
    """
    may_be_mbox = source.format in (None, "mail")
    try:
        document = files.read(source.id, file, limit, now)
    except FetchError:
        # An mbox may be larger than a document, and grow while it is read.
        modified, pieces = files.pieces(source.id, file, now) if may_be_mbox else (now, iter(()))
        first = next(pieces, b"")
        if not is_mbox(first):
            raise
        pieces = chain([first], pieces)
    else:
        if not (may_be_mbox and is_mbox(document.body)):
            yield document, known.get((document.name, document.sha256))
            return
        modified, pieces = document.modified, iter([document.body])
    too_long: list[str] = []
    messages = _complete(split(pieces, limit), is_settled=now - modified > _SETTLED)
    for batch in _batches(_documents(source, file, messages, modified, limit, too_long)):
        before = known_documents(store, source.id, [document.name for document in batch])
        for document in batch:
            yield document, before.get((document.name, document.sha256))
    if too_long:
        raise FetchError(source.id, too_long[0])


def _complete(messages: Iterator[bytes], *, is_settled: bool) -> Iterator[bytes]:
    """Yield messages, without the last one if it is still being written."""
    before = next(messages, None)
    for message in messages:
        if before is not None:
            yield before
        before = message
    if before is not None and (is_complete(before) or is_settled):
        yield before


def _documents(
    source: Source,
    file: File,
    messages: Iterable[bytes],
    modified: datetime,
    limit: int,
    too_long: list[str],
) -> Iterator[Document]:
    for message in messages:
        sha256 = hashlib.sha256(message).hexdigest()
        name = f"{file.name}#{message_id(message) or sha256[:16]}"
        if len(message) > limit:
            too_long.append(f"{name}: has more bytes than max_document_size allows ({limit:,})")
        else:
            yield Document(
                source=source.id,
                name=name,
                body=message,
                sha256=sha256,
                modified=modified,
                media_type="message/rfc822",
            )


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.body)
        if len(batch) >= _BATCH or size >= _BATCH_SIZE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
