"""Reads RSS 0.9x, 1.0 and 2.0, and Atom 0.3 and 1.0: bytes of a feed to items.

Takes a document; gives its items as found, and what the feed says of itself.  Cleaning the HTML is
for ``normalise``.  What a feed means is what feedparser says it means, and feedparser is slow.  So
there are two ways, which give equal items: ``parse`` reads with lxml what it is sure of, which is
most feeds, and says so where it is not; ``parse_carefully`` is feedparser.

Before either, the encoding is found out (``encoding``) and the document type taken off
(``prolog``); after either, ``found`` makes the items.
"""

import re
from collections.abc import Sequence

from aggregator.errors import ParseError
from aggregator.model import Document, Item, Parsed, Problem
from aggregator.parse.syndication import quick
from aggregator.parse.syndication.channel import Saying, channel
from aggregator.parse.syndication.encoding import UTF8, declared, text_of
from aggregator.parse.syndication.found import Bounds, Context, Found, item
from aggregator.parse.syndication.lines import spans
from aggregator.parse.syndication.prolog import DECLARATION, Prolog, parted

__all__ = ["Bounds", "parse", "parse_carefully"]

# A declaration, comments and other instructions, and the root element: no document type.
_PLAIN_START = re.compile(
    rb"(?:<\?xml\s[^<>]*\bversion=[\"']1\.0[\"'][^<>]*\?>)?"
    rb"(?:\s++|<!--(?:[^-]|-(?!-))*+-->|<\?(?!xml[\s?])[A-Za-z](?:[^?]|\?(?!>))*+\?>)*+<[A-Za-z]"
)


def parse(document: Document, bounds: Bounds) -> Parsed | None:
    """The items of a feed, quickly; None where ``parse_carefully`` has to read it."""
    xml = _plain(document)
    if xml is None:
        prolog = parted(text_of(document))
        if prolog.entities:
            return None
        xml = _with_lines(prolog)
    found = quick.read(xml, document.address or "", bounds.max_items)
    if found is None:
        return None
    return _parsed(document, bounds, found.saying, found.items, found.lines)


def parse_carefully(document: Document, bounds: Bounds) -> Parsed:
    """The items of a feed as feedparser reads it, however broken it is.

    It can take many seconds on a hostile feed: run it where it can be killed.  Raises
    ``ParseError`` where there is no feed in the document.
    """
    from aggregator.parse.syndication import careful  # it costs 80 ms, and few feeds need it

    prolog = parted(text_of(document))
    try:
        saying, items = careful.read(prolog.whole(), document.address or "")
    except careful.NoFeedError as error:
        raise ParseError(document.source, f"{document.name}: {error}") from error
    lines = spans(_with_lines(prolog), len(items))
    return _parsed(document, bounds, saying, items, lines)


def _plain(document: Document) -> bytes | None:
    """The body where it can be parsed as it is: in UTF-8, and without a document type."""
    body = document.body.removeprefix(b"\xef\xbb\xbf")
    if not _PLAIN_START.match(body):
        return None
    if (declared(body) or "utf-8") not in UTF8:
        return None
    charset = document.charset
    return body if charset is None or charset.lower() in UTF8 else None


def _with_lines(prolog: Prolog) -> bytes:
    """The document from its root on, on the lines on which it was."""
    text = f"{DECLARATION}{chr(10) * prolog.lines}{prolog.rest}"
    return text.encode("utf-8", "replace")


def _parsed(
    document: Document,
    bounds: Bounds,
    saying: Saying,
    found: list[Found],
    lines: Sequence[tuple[int, int]],
) -> Parsed:
    made = channel(saying)
    context = Context(document.address or "", made.language, bounds)
    items: list[Item] = []
    problems: list[Problem] = []
    for position, one in enumerate(found[: bounds.max_items]):
        entry, problem = item(one, position, lines[position], context)
        items.append(entry)
        if problem:
            problems.append(problem)
    if len(lines) > len(items):
        problems.append(_left_out(lines, bounds.max_items))
    return Parsed(items=tuple(items), problems=tuple(problems), channel=made)


def _left_out(lines: Sequence[tuple[int, int]], kept: int) -> Problem:
    reason = f"{len(lines) - kept:,} of {len(lines):,} items are more than max_items allows"
    return Problem(lines=(lines[kept][0], lines[-1][1]), reason=reason)
