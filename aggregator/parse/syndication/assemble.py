"""Build the result of a parser from what it found of a feed.

Takes a ``FoundChannel`` and ``FoundItem``s of RSS, Atom or JSON Feed; returns ``Parsed`` within the
bounds.
"""

from collections.abc import Sequence

from aggregator.dating.stated import rules_of_document
from aggregator.model import Document, Item, Parsed, Problem
from aggregator.normalise.text import cut, one_line
from aggregator.parse.syndication.channel import FoundChannel, channel_of, language_of
from aggregator.parse.syndication.items import Bounds, Context, FoundItem, item_of


def assemble(
    document: Document,
    bounds: Bounds,
    found_channel: FoundChannel,
    found: list[FoundItem],
    lines: Sequence[tuple[int, int]],
) -> Parsed:
    """Return what was found as items of a document; ``lines`` are those of all its items."""
    language = language_of(found_channel)
    stated = [date for one in found for date in (one.published, one.updated) if date]
    dates = rules_of_document(bounds.dates, language, stated)
    channel = channel_of(found_channel, dates)
    context = Context(
        document.address or "",
        channel.home,
        channel.language,
        dates,
        bounds,
        found_channel.id,
        channel.title,
    )
    items: list[Item] = []
    problems: list[Problem] = []
    for position, one in enumerate(found[: bounds.max_items]):
        item, problem = item_of(one, position, lines[position], context)
        items.append(item)
        if problem:
            problems.append(problem)
    problems += _without_dates(items)
    if len(lines) > bounds.max_items:
        problems.append(_left_out(lines, bounds.max_items))
    return Parsed(items=tuple(items), problems=tuple(problems), channel=channel)


def _without_dates(items: list[Item]) -> list[Problem]:
    """Return the problem with dates that cannot be read, of which there may be one for each item.

    It is told once for each document, with the first of them.
    """
    unread = [item for item in items if item.date and not _is_dated(item)]
    if not unread:
        return []
    first, count = unread[0], f"{len(unread):,} of {len(items):,} items"
    shown = cut(one_line(first.date or ""), 60)
    reason = f"the dates of {count} cannot be read for certain and are left out, such as '{shown}'"
    return [Problem(lines=first.lines, reason=reason, rejected=False)]


def _is_dated(item: Item) -> bool:
    upstream = item.upstream
    assert upstream is not None
    return any((upstream.published, upstream.updated, upstream.day))


def _left_out(lines: Sequence[tuple[int, int]], kept: int) -> Problem:
    reason = f"{len(lines) - kept:,} of {len(lines):,} items are more than max_items allows"
    return Problem(lines=(lines[kept][0], lines[-1][1]), reason=reason)
