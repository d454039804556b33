"""Commands that show what is in the store: status, entries, search, show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aggregator.cli.options import (
    agency_option,
    as_json,
    as_text,
    entry_key,
    load_config,
    open_for_reading,
    refuse_unknown,
    refuse_unknown_agency,
)
from aggregator.cli.terminal import as_wide_as_terminal, print_json, print_lines

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.store import Store

_MOST = 1_000_000_000
_BATCH = 200  # entries that are loaded at once


@click.command()
@click.option("--failing", "only_failing", is_flag=True, help="Only sources that fail.")
@as_json
def status(only_failing: bool, as_json: bool) -> None:
    """Say how each source and each agency is doing.

    Sources that fail come first, then what is due.  On a terminal a line is cut to its width.
    """
    from aggregator.status.listing import status_lines
    from aggregator.status.status import read_status
    from aggregator.store.times import utc_now

    config = load_config()
    with open_for_reading(config) as store:
        found = read_status(
            store, config, now=utc_now(), with_plots=as_json, only_failing=only_failing
        )
    if as_json:
        print_json(found)
    elif only_failing and not found["sources"]:
        print_lines(["No source fails"])
    else:
        print_lines(as_wide_as_terminal(status_lines(found, only_sources=only_failing)))


@click.command()
@agency_option
@click.option("--source", metavar="ID", callback=as_text, help="Only entries seen in this source.")
@click.option("--since", metavar="DATE", help="Only entries from this day or time on.")
@click.option("--limit", metavar="N", type=click.IntRange(1, _MOST), default=50, show_default=True)
@as_json
def entries(
    agency: str | None, source: str | None, since: str | None, limit: int, as_json: bool
) -> None:
    """List entries, newest first."""
    from aggregator.store.entries import newest

    config = load_config()
    refuse_unknown("--source", [source] if source else [], [s.id for s in config.sources])
    start = _time(since) if since else None
    with open_for_reading(config) as store:
        refuse_unknown_agency(config, store, agency)
        keys = newest(store, limit, agency=agency, source=source, since=start)
        _print_entries(store, keys, as_json)


def _time(text: str) -> datetime:
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.UsageError(
            f"--since: {text!r} is not a date: write 2023-12-15 or 2023-12-15T12:00:00Z"
        ) from None


@click.command()
@click.argument("query", callback=as_text)
@agency_option
@click.option("--limit", metavar="N", type=click.IntRange(1, _MOST), default=20, show_default=True)
@as_json
def search(query: str, agency: str | None, limit: int, as_json: bool) -> None:
    """Find entries by their words, best first.

    Case and accents do not count.  An entry must have all the words.  OR, NOT, "a phrase", brackets
    and begin* work as usual.
    """
    from aggregator.store.search import match_expression
    from aggregator.store.search import search as find

    config = load_config()
    if not match_expression(query):
        raise click.UsageError(f"there is no word to search for in {query!r}")
    with open_for_reading(config) as store:
        refuse_unknown_agency(config, store, agency)
        found = find(store, query, limit, agency=agency)
        _print_entries(store, found, as_json)
    if not found and not as_json:
        print_lines([f"No entry matches {query}"])


def _print_entries(store: Store, keys: list[int], as_json: bool) -> None:
    from aggregator.status.entries import entry_json, entry_line
    from aggregator.store.entries import load
    from aggregator.store.sightings import of_entries
    from aggregator.store.texts import revision_counts

    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        stored = load(store, batch)
        if as_json:
            seen, counts = of_entries(store, batch), revision_counts(store, batch)
            for entry in stored:
                print_json(entry_json(entry, seen[entry.key], counts.get(entry.key, 1)))
        else:
            print_lines(entry_line(entry) for entry in stored)


@click.command()
@click.argument("entry_id", callback=as_text)
@click.option("--diff", is_flag=True, help="Show what changed from each of its texts to the next.")
@as_json
def show(entry_id: str, diff: bool, as_json: bool) -> None:
    """Show one entry: dating, texts, sightings and reasons.

    ENTRY_ID is the whole id or the beginning of its UUID.
    """
    from aggregator.status.entries import diff_lines, entry_in_full_json, entry_lines
    from aggregator.store.entries import load, past_datings
    from aggregator.store.sightings import of_entries
    from aggregator.store.texts import revisions

    with open_for_reading(load_config()) as store:
        key = entry_key(store, entry_id)
        (stored,) = load(store, [key])
        seen, texts = of_entries(store, [key])[key], revisions(store, [key])[key]
        before = past_datings(store, [key]).get(key, [])
    if as_json:
        print_json(entry_in_full_json(stored, seen, texts))
    elif diff:
        print_lines(diff_lines(texts))
    else:
        print_lines(entry_lines(stored, seen, texts, before))


COMMANDS = (status, entries, search, show)
