"""Says why a document cannot be read, and whether that is a failure of its source.

``unreadable`` takes a document and the error of its parser; ``remark_on`` takes the result and the
source.  Where a source takes every file of a folder, whatever its name, some are there for other
reasons, and an empty one is probably being written: these are remarks.  Anything else that a source
names and that cannot be read is a failure.
"""

from aggregator.config import Source
from aggregator.errors import SourceError
from aggregator.fetch.file import takes_all
from aggregator.ingest.jobs import Job, Unreadable
from aggregator.normalise.text import is_blank
from aggregator.parse.charset import NotTextError, decode
from aggregator.parse.sniff import kind_of, root_name

_MOST_BLANK = 10_000  # bytes; a longer file of white space is not one that is being written
_ONLY = "only digests, mails and feeds are read"


def unreadable(job: Job, error: SourceError) -> Unreadable:
    """Return why the document of ``job`` cannot be read, with what to do about it."""
    document, stated = job.document, job.source.format
    if document.address is not None:
        return Unreadable(error.problem)
    if _is_blank(document.body):
        return Unreadable(f"{document.name}: is empty", is_empty=True)
    if stated is None:
        return Unreadable(error.problem, is_unknown=True)
    likely = _looks_like(document.body)
    if likely is None or stated in (likely[0], "feed"):
        return Unreadable(error.problem)
    hint = f'it looks like {likely[1]}, and the source has format = "{stated}"'
    return Unreadable(f"{error.problem}; {hint}: without that key, the content decides")


def remark_on(source: Source, read: Unreadable) -> str | None:
    """Return what to say of a file that its source can do without; None if the source failed."""
    if not takes_all(source.location):
        return None
    if read.is_empty:
        return read.problem
    return f"{read.problem}; {_ONLY}" if read.is_unknown else None


def _is_blank(body: bytes) -> bool:
    try:
        return len(body) <= _MOST_BLANK and is_blank(decode(body))
    except NotTextError:
        return False


def _looks_like(body: bytes) -> tuple[str, str] | None:
    """Return the format that a body seems to have, as the key ``format`` and in words."""
    kind = kind_of(body, None)
    if kind == "mail":
        return "mail", "a mail"
    if kind == "json":
        return "json", "a JSON Feed"
    root = root_name(body) if kind == "xml" else None
    if root is None:
        return None
    return ("atom", "an Atom feed") if root == "feed" else ("rss", "an RSS feed")
