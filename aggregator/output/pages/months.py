"""Build the pages of older days: the entries of all agencies, by month.

A month with more than ``LARGEST`` entries is a list of its days, which then have pages of their
own, and a day with more than ``LARGEST_DAY`` has several.  Takes what changed; yields names and
bytes.  Reads the store, writes nothing.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby, pairwise

from aggregator.output.formats.names import MONTHS, day_name, month_name
from aggregator.output.pages.dating import day as day_words
from aggregator.output.pages.dating import month as month_words
from aggregator.output.pages.page import by_year
from aggregator.output.pages.page_data import ListedEntry, SiteInfo
from aggregator.output.pages.picks import picks_of
from aggregator.output.pages.templating import render
from aggregator.output.plan import Archive, affected_archives
from aggregator.output.stale import Output
from aggregator.store import Store
from aggregator.store import pages as store_pages
from aggregator.store.selecting import months

LARGEST = 200
"""Entries of a month that are on one page."""

LARGEST_DAY = 500
"""Entries of a day that are on one page."""

Pages = Iterator[tuple[str, bytes]]
Listed = Callable[[Sequence[store_pages.Listed]], list[ListedEntry]]
Guarded = Callable[[str, Callable[[], bytes]], Pages]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The page of a month, of a day, or of a part of a day; ``day`` is empty for a month.

    ``name`` is its file.  It has ``limit`` of the entries, newest first, without the first
    ``skip``.
    """

    name: str
    day: str = ""
    skip: int = 0
    limit: int = -1


def names_of(store: Store, month: str) -> set[str]:
    """Return the files of a month, as ``2024-05``."""
    counts = store_pages.day_counts(store, month)
    days = _pieces(counts) if sum(counts.values()) > LARGEST else []
    return {month_name(month), *(each.name for each in days)} if counts else set()


def pages(
    output: Output,
    site: SiteInfo,
    changed: Collection[str] | None,
    again: Collection[str],
    entries: Collection[int] | None,
    *,
    listed: Listed,
    guarded: Guarded,
) -> Pages:
    """Yield the pages of the months that ``changed`` (None: all) and of those to be made ``again``.

    In a month that changed, only the days of ``entries`` did, which are all rows that changed or
    came.  Where a month comes or goes, the pages beside it and that of all months change too.
    """
    store, folder = output.store, output.config.output
    all_ = months(store, None)
    touched = None if changed is None else {*changed, *again} & {*all_, *(changed or ())}
    there = {month for month in touched or () if (folder / month_name(month)).exists()}
    is_new_or_gone = touched is None or bool(touched - (there & {*all_}))
    if is_new_or_gone or "index" in again or not (folder / MONTHS).exists():
        yield from guarded(MONTHS, partial(_all_months, site, all_))
    days = None if entries is None else store_pages.days_of(store, entries)
    for archive in affected_archives(all_, touched, there):
        counts = store_pages.day_counts(store, archive.month)
        number = sum(counts.values())
        if number <= LARGEST:
            found = partial(_entries, store, listed, archive.month, Piece(name=""))
            yield from guarded(
                month_name(archive.month), partial(_month, site, archive, number, found)
            )
            continue
        yield from guarded(month_name(archive.month), partial(_days, site, archive, number, counts))
        pieces = _pieces(counts)
        for newer, piece, older in _with_neighbours(pieces):
            is_stale = (
                days is None
                or archive.month in again
                or _is_beside(days, archive.month, newer, older)
                or (is_new_or_gone and (newer is None or older is None))
                or not (folder / piece.name).exists()
            )
            if is_stale:
                found = partial(_entries, store, listed, piece.day, piece)
                yield from guarded(
                    piece.name, partial(_day, site, archive, counts, newer, piece, older, found)
                )


def _is_beside(days: Collection[str], month: str, newer: Piece | None, older: Piece | None) -> bool:
    """Return whether one of ``days`` is that of a piece, of one beside it, or was between these.

    A day whose entries all moved has no page any more, and the pages beside it led to it.
    """
    first, last = older.day if older else month, newer.day if newer else f"{month}-99"
    return any(first <= day <= last for day in days)


def _pieces(counts: dict[str, int]) -> list[Piece]:
    """Return the pages of the days with these numbers of entries, newest first.

    The parts of a day are numbered from its oldest, so that one more entry does not change all.
    """
    pieces = []
    for day, number in sorted(counts.items(), reverse=True):
        parts = -(-number // LARGEST_DAY)
        for part in range(parts, 0, -1):
            skip = max(0, number - part * LARGEST_DAY)
            limit = number - skip - (part - 1) * LARGEST_DAY
            name = day_name(day, part if part < parts else None)
            pieces.append(Piece(name=name, day=day, skip=skip, limit=limit))
    return pieces


def _with_neighbours(
    pieces: Sequence[Piece],
) -> Iterator[tuple[Piece | None, Piece, Piece | None]]:
    """Yield each piece between the newer and the older one."""
    padded = [None, *pieces, None]
    for (newer, piece), (_, older) in pairwise(pairwise(padded)):
        assert piece is not None
        yield newer, piece, older


def _entries(store: Store, listed: Listed, span: str, piece: Piece) -> list[ListedEntry]:
    return listed(store_pages.of_period(store, span, limit=piece.limit, skip=piece.skip))


def _all_months(site: SiteInfo, months: Sequence[str]) -> bytes:
    """Return the page that lists all months, newest first."""
    newest_first = ((date.fromisoformat(f"{month}-01"), month) for month in reversed(months))
    years = [(year, list(run)) for year, run in groupby(newest_first, lambda each: each[0].year)]
    return render("months.html", site, "../", feeds=site.feeds[:1], years=years)


def _month(
    site: SiteInfo, archive: Archive, number: int, entries: Callable[[], list[ListedEntry]]
) -> bytes:
    return _render(site, archive, number, _month_words(archive.month), entries=entries())


def _days(site: SiteInfo, archive: Archive, number: int, counts: dict[str, int]) -> bytes:
    """Return the page of a month as a list of its days."""
    days = [(date.fromisoformat(day), number) for day, number in sorted(counts.items())[::-1]]
    return _render(site, archive, number, _month_words(archive.month), days=days)


def _day(
    site: SiteInfo,
    archive: Archive,
    counts: dict[str, int],
    newer: Piece | None,
    piece: Piece,
    older: Piece | None,
    entries: Callable[[], list[ListedEntry]],
) -> bytes:
    return _render(
        site,
        archive,
        counts[piece.day],
        day_words(date.fromisoformat(piece.day)),
        entries=entries(),
        newer=_step(newer),
        older=_step(older),
        piece=piece,
    )


def _step(piece: Piece | None) -> tuple[str, str] | None:
    if piece is None:
        return None
    return piece.name, day_words(date.fromisoformat(piece.day))


def _render(
    site: SiteInfo,
    archive: Archive,
    number: int,
    words: str,
    *,
    entries: Sequence[ListedEntry] = (),
    days: Sequence[tuple[date, int]] = (),
    newer: tuple[str, str] | None = None,
    older: tuple[str, str] | None = None,
    piece: Piece | None = None,
) -> bytes:
    """Return a page with ``entries`` or ``days``.

    At the ends of a month, its neighbours are the next steps.
    """
    if newer is None and archive.after:
        newer = month_name(archive.after), _month_words(archive.after)
    if older is None and archive.before:
        older = month_name(archive.before), _month_words(archive.before)
    return render(
        "month.html",
        site,
        "../",
        feeds=site.feeds[:1],
        words=words,
        number=number,
        piece=piece,
        up=(month_name(archive.month), _month_words(archive.month)) if piece else None,
        older=older,
        newer=newer,
        years=by_year(entries),
        picks=picks_of(site, entries),
        shown=len(entries),
        days=days,
    )


def _month_words(month: str) -> str:
    return month_words(date.fromisoformat(f"{month}-01"))
