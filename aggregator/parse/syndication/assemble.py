"""Build the result of a parser from what it found of a feed.

Takes a ``FoundChannel`` and ``FoundItem``s of RSS, Atom or JSON Feed; returns ``Parsed`` within the
bounds.
"""

from collections.abc import Sequence

from aggregator.model import Document, Item, Parsed, Problem
from aggregator.parse.syndication.channel import FoundChannel, channel_of
from aggregator.parse.syndication.items import Bounds, Context, FoundItem, item_of


def assemble(
    document: Document,
    bounds: Bounds,
    found_channel: FoundChannel,
    found: list[FoundItem],
    lines: Sequence[tuple[int, int]],
) -> Parsed:
    """Return what was found as items of a document; ``lines`` are those of all its items."""
    channel = channel_of(found_channel)
    context = Context(document.address or "", channel.home, channel.language, bounds)
    items: list[Item] = []
    problems: list[Problem] = []
    for position, one in enumerate(found[: bounds.max_items]):
        item, problem = item_of(one, position, lines[position], context)
        items.append(item)
        if problem:
            problems.append(problem)
    if len(lines) > bounds.max_items:
        problems.append(_left_out(lines, bounds.max_items))
    return Parsed(items=tuple(items), problems=tuple(problems), channel=channel)


def _left_out(lines: Sequence[tuple[int, int]], kept: int) -> Problem:
    reason = f"{len(lines) - kept:,} of {len(lines):,} items are more than max_items allows"
    return Problem(lines=(lines[kept][0], lines[-1][1]), reason=reason)
