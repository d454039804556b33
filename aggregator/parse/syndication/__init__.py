"""Read RSS 0.9x, 1.0 and 2.0, and Atom 0.3 and 1.0.

Takes a document; returns its items as found, and its channel.  feedparser defines what a feed
means, but is slow.  So there are two parsers, which return equal items: ``parse`` reads most feeds
with lxml and returns None where it is not sure; ``parse_carefully`` is feedparser.

Before either, the text is decoded (``encoding``) and its document type replaced (``prolog``); after
either, ``items`` and ``channel`` build the result.  ``normalise`` sanitises the HTML.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from aggregator.errors import ParseError
from aggregator.model import Document, Parsed, Problem
from aggregator.parse.syndication import quick
from aggregator.parse.syndication.assemble import assemble
from aggregator.parse.syndication.encoding import UTF8, declared, text_of
from aggregator.parse.syndication.items import Bounds, FoundItem
from aggregator.parse.syndication.lines import item_lines
from aggregator.parse.syndication.prolog import DECLARATION, Prolog, split_prolog

__all__ = ["Bounds", "parse", "parse_carefully"]

# A declaration, comments and processing instructions, and the root element: no document type.
_PLAIN_START = re.compile(
    rb"(?:<\?xml\s[^<>]*\bversion=[\"']1\.0[\"'][^<>]*\?>)?"
    rb"(?:\s++|<!--(?:[^-]|-(?!-))*+-->|<\?(?!xml[\s?])[A-Za-z](?:[^?]|\?(?!>))*+\?>)*+<[A-Za-z]"
)
_ITEM = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ROOT = re.compile(r"\s*<(?:[\w.-]+:)?(?:rss|feed|rdf)(?=[\s>])[^<>]*(?<!/)>", re.IGNORECASE)
_CLOSED = re.compile(r"</(?:[\w.-]+:)?(?:channel|rss|feed|rdf)[\s>]", re.IGNORECASE)
_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry|channel|rss|feed|rdf)[\s>]", re.IGNORECASE)


def parse(document: Document, bounds: Bounds) -> Parsed | None:
    """Return the items of a feed, or None where ``parse_carefully`` has to read it."""
    xml = _plain(document)
    if xml is None:
        prolog = split_prolog(text_of(document))
        if prolog.entities:
            return None
        xml = _with_lines(prolog)
    found = quick.read(xml, document.address or "", bounds.max_items)
    if found is None:
        return None
    return assemble(document, bounds, found.channel, found.items, found.lines)


def parse_carefully(document: Document, bounds: Bounds) -> Parsed:
    """Return the items of a feed as feedparser reads it, however broken it is.

    It can take many seconds on a hostile feed: run it in a process that can be killed.  Raises
    ``ParseError`` where there is no feed in the document.
    """
    from aggregator.parse.syndication import careful  # takes 80 ms, and few feeds need it

    prolog = split_prolog(text_of(document))
    try:
        channel, items = careful.read(prolog.whole(), document.address or "")
    except careful.NoFeedError as error:
        raise ParseError(document.source, f"{document.name}: {error}") from error
    lines = item_lines(_with_lines(prolog), len(items))
    cut = items.pop() if _is_cut_before_id(prolog.rest, items) else None
    parsed = assemble(document, bounds, channel, items, lines[: len(items)])
    if cut is not None:
        reason = "the document ends in the middle of this item, before its id"
        problem = Problem(lines=lines[-1], reason=reason)
    elif _ROOT.match(prolog.rest) and not _CLOSED.search(prolog.rest):
        last = prolog.lines + prolog.rest.count("\n") + 1
        reason = "the document ends in the middle of the feed"
        problem = Problem(lines=(last, last), reason=reason, rejected=False)
    else:
        return parsed
    return replace(parsed, problems=(*parsed.problems, problem))


def _is_cut_before_id(rest: str, items: Sequence[FoundItem]) -> bool:
    """Whether a document ends in its last item, which lacks what identifies it later.

    That is its id, if the feed has ids, else its address.
    """
    last = items[-1] if items else None
    has_ids = len(items) == 1 or any(item.id for item in items)
    if last is None or last.id or (last.link and not has_ids):
        return False
    start = max((found.start() for found in _ITEM.finditer(rest)), default=0)
    return _END.search(rest, start) is None


def _plain(document: Document) -> bytes | None:
    """Return the body if it can be parsed unchanged: in UTF-8, and without a document type."""
    body = document.body.removeprefix(b"\xef\xbb\xbf")
    if not _PLAIN_START.match(body):
        return None
    if (declared(body) or "utf-8") not in UTF8:
        return None
    charset = document.charset
    return body if charset is None or charset.lower() in UTF8 else None


def _with_lines(prolog: Prolog) -> bytes:
    """Return the document from its root on, on its original lines."""
    text = f"{DECLARATION}{chr(10) * prolog.lines}{prolog.rest}"
    return text.encode("utf-8", "replace")
