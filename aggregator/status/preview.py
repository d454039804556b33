"""The result of trying a source: as JSON, and as lines for people."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from aggregator.dedupe.items import Prepared
from aggregator.ingest.preview import Preview, PreviewedDocument
from aggregator.model import Problem
from aggregator.normalise.addresses import display_address
from aggregator.normalise.text import cut, title_of
from aggregator.status.layout import AGGREGATOR, Json, columns, fields, moment

_SHOWN = 5  # newest items
_MOST_PROBLEMS = 10
_FEWEST = 4  # releases that show how often a source publishes
_HOWS = {
    "new": "new",
    "same": "known already",
    "revision": "revised",
    "truncated": "known, cut or complete now",
    "near-duplicate": "known from another agency",
    "removed before": "removed before, and left out",
}


def preview_json(preview: Preview) -> Json:
    """Return the object that ``test --json`` prints; times are RFC 3339, in UTC."""
    items = [item for document in preview.documents for item in document.items]
    every = _every(items)
    return {
        "id": preview.source.id,
        "location": display_address(preview.location),
        **fields(preview, "status", "media_type", "address"),
        "moved": display_address(preview.moved) if preview.moved else None,
        "found": display_address(preview.found) if preview.found else None,
        "others": [display_address(other) for other in preview.others],
        "documents": [_document_json(document) for document in preview.documents],
        "document_count": preview.total,
        "counts": dict(sorted(preview.counts.items())),
        "publishes_every": round(every.total_seconds()) if every is not None else None,
        "newest": [_item_json(item) for item in items[:_SHOWN]],
        "error": preview.error,
    }


def _document_json(document: PreviewedDocument) -> Json:
    return {
        **fields(document, "name", "format", "title", "is_aggregator"),
        "older": display_address(document.older) if document.older else None,
        "bytes": document.size,
        "items": len(document.items),
        "dated": sum(_date(item) is not None for item in document.items),
        "problems": [_problem_json(problem) for problem in document.problems],
        "left_out": [_problem_json(problem) for problem in document.left_out],
        "error": document.unread,
    }


def _problem_json(problem: Problem) -> Json:
    return fields(problem, "lines", "reason", "rejected")


def _item_json(item: Prepared) -> Json:
    entry = item.entry
    return {
        "title": entry.title,
        "agency": entry.agency.id,
        "date": _date(item),
        "link": entry.links[0].href if entry.links else None,
        "truncated": entry.truncated,
    }


def preview_lines(preview: Preview) -> Iterator[str]:
    """Return every step of a trial, for people; an ``error`` is not among them."""
    yield from columns([*_request_rows(preview), *_content_rows(preview)])
    items = [item for document in preview.documents for item in document.items]
    if items:
        yield ""
        yield "Newest"
        rows = [
            (
                (_date(item) or "no date").replace("T", " ").removesuffix("Z"),
                item.entry.agency.id,
                cut(title_of(item.entry.title, item.entry.text), 100),
            )
            for item in items[:_SHOWN]
        ]
        yield from (f"  {line}" for line in columns(rows))
    for document in preview.documents:
        yield from _problem_lines(document.name, "not read", document.problems)
        yield from _problem_lines(document.name, "left out", document.left_out)
    if unread := [each.unread for each in preview.documents if each.unread and each.is_dispensable]:
        yield from ("", *unread)
    if preview.others:
        yield ""
        yield "The page names other feeds too; add takes the address of one"
        yield from (f"  {display_address(other)}" for other in preview.others)


def _request_rows(preview: Preview) -> Iterator[tuple[str, str]]:
    source = preview.source
    where = display_address(source.location) if source.is_remote else source.location
    yield "Asked for", where
    if preview.found:
        yield "Found", f"a web page, which leads to the feed {display_address(preview.found)}"
    elif preview.address is not None and preview.address != where:
        for_good = " for good" if preview.moved else ""
        yield "Redirected", f"to {display_address(preview.address)}{for_good}"
    if preview.status is not None:
        yield "Response", f"{preview.status}, {preview.media_type or 'no media type'}"


def _content_rows(preview: Preview) -> Iterator[tuple[str, str]]:
    documents = preview.documents
    if len(documents) == 1:
        (document,) = documents
        yield "Format", f"{document.format}, {document.size:,} bytes"
        if document.title:
            yield "Title", cut(document.title, 100)
        if document.older:
            when = "backfill reads them" if preview.source.backfill is None else "and are read too"
            yield "Older items", f"are at {display_address(document.older)}; {when}"
        if preview.source.aggregator or document.is_aggregator:
            yield "Aggregator", _aggregator_words(document, is_set=preview.source.aggregator)
    elif documents:
        more = f", of which {len(documents)} are read here" * (preview.total > len(documents))
        yield "Files", f"{preview.total:,}{more}"
        formats = dict.fromkeys(document.format for document in documents)
        yield "Format", "; ".join(formats)
    items = [item for document in documents for item in document.items]
    if any(document.unread is None for document in documents):
        dated = sum(_date(item) is not None for item in items)
        yield "Items", f"{len(items):,}: {dated:,} with a date, {len(items) - dated:,} without"
        if dated < len(items):
            yield "", "those without are dated by their words and neighbours, or when first seen"
        if (every := _every(items)) is not None:
            yield "Publishes", _every_words(every)
        words = [f"{preview.counts[how]:,} {word}" for how, word in _HOWS.items()
                 if preview.counts[how]]  # fmt: skip
        yield "Would be", ", ".join(words) or "nothing"


def _aggregator_words(document: PreviewedDocument, *, is_set: bool) -> str:
    if not is_set:
        return AGGREGATOR
    if not document.is_aggregator:
        return "'aggregator = true', but no Aggregator made this feed; it is read as any other"
    if document.format.startswith("RSS"):
        return "RSS does not hold the ids, agencies and dates to keep; use its .atom or .json"
    return "its ids, agencies and dates are kept"


def _problem_lines(name: str, what: str, problems: Sequence[Problem]) -> Iterator[str]:
    if problems:
        yield ""
        yield f"{display_address(name)}: {what}"
    for problem in problems[:_MOST_PROBLEMS]:
        yield f"  line {problem.lines[0]}: {problem.reason}"
    if (more := len(problems) - _MOST_PROBLEMS) > 0:
        yield f"  and {more:,} more"


def _date(item: Prepared) -> str | None:
    """Return the date that an item states, as data or in a dateline: a day, or a time in UTC."""
    if item.stated_day is not None:
        return item.stated_day
    if item.relayed is not None and item.relayed.dating is not None:
        return moment(item.relayed.dating.published)
    for found in item.entry.evidence:
        if found.role == "stated" and (day := found.first.to_date()) is not None:
            return day.isoformat()
    return None


def _every(items: Sequence[Prepared]) -> timedelta | None:
    """Return the median time between two releases; None where too few have a date."""
    days = sorted(datetime.fromisoformat(day[:10]) for item in items if (day := _date(item)))
    if len(days) < _FEWEST:
        return None
    gaps = ((later - earlier).total_seconds() for earlier, later in pairwise(days))
    return timedelta(seconds=median(gaps))


def _every_words(every: timedelta) -> str:
    if every < timedelta(days=1):
        return "several a day"
    days = round(every / timedelta(days=1))
    return "about one a day" if days == 1 else f"about one in {days} days"
