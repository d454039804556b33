"""Choose a date for each entry of a list, with its evidence and how far it may be off.

``date_list`` takes the digests of a list, newest first, and the evidence of each entry; it returns
a ``Dated`` for each.  The method (``docs/decisions/dating.md`` has the reasons):

1. ``order``: the digests are lined up into one order.
2. ``candidate``: every phrase is turned into real days.  What lacks a year is left for later.
3. ``choose_days``: a phrase becomes a cost for each day the release might have: a dateline costs on
   both sides of its day, a past event much before its day and a little after it, a coming event the
   other way round.  Days that lie far from all around them count for next to nothing.
4. ``isotonic``: the days are chosen that cost least in total and never run against the order.
5. With these days known, the phrases without a year are read, and the days are chosen again.
   Entries that say nothing are spread between their neighbours.
6. ``windows``: what the entry and its neighbours allow is its window.
7. ``times_of_day`` and ``datings``: each entry gets a time of its own on its day, and the reasons.

Pure, and a function of the set of digests: whichever order they came in, the dates are the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from statistics import median

from aggregator.dating.choice.candidate import OLDEST, Candidate, Undated, guess, read
from aggregator.dating.choice.choose_days import choose_days, far_limit
from aggregator.dating.choice.datings import Dated, with_times
from aggregator.dating.choice.order import Lineup, line_up
from aggregator.dating.choice.times_of_day import Taken
from aggregator.dating.choice.windows import set_windows

__all__ = ["Dated", "Undated", "date_list", "days_covered"]


def date_list(
    entries: Mapping[int, Undated],
    digests: Sequence[tuple[str, Sequence[int]]],
    used: set[datetime],
) -> Iterator[tuple[int, Dated]]:
    """Yield a date for each of ``entries``, by node.

    ``digests`` are the name of a list and its nodes, newest first; every node is in at least one.
    Nodes are numbers that rank entries independently of which came first.  ``used`` holds times
    that the entries of other lists have; the times assigned here are added to it.
    """
    candidates = {node: read(node, undated) for node, undated in entries.items()}
    guesses = {node: day for node, entry in candidates.items() if (day := guess(entry)) is not None}
    names: dict[int, str] = {}
    taken = Taken(used)
    for name, digest in digests:
        names.update((node, min(name, names.get(node, name))) for node in digest)
    for lineup in line_up([digest for _, digest in digests], guesses):
        run = [candidates[node] for node in reversed(lineup.order)]
        _note_broken(lineup, candidates)
        choose_days(run)
        set_windows(run)
        yield from with_times(min(names[node] for node in lineup.order), run, taken)


def days_covered(entries: Sequence[Undated]) -> tuple[date, date]:
    """Return the first and last day that the entries of one digest are probably of.

    A digest without any date is taken to be of the day it was seen.
    """
    guesses = sorted(g for undated in entries if (g := guess(read(0, undated))) is not None)
    if not guesses:
        day = entries[0].seen.date() if entries else date.fromordinal(OLDEST)
        return day, day
    middle = median(guesses)
    near = [day for day in guesses if abs(day - middle) <= far_limit(guesses, middle)]
    return date.fromordinal(near[0]), date.fromordinal(near[-1])


def _note_broken(lineup: Lineup, candidates: Mapping[int, Candidate]) -> None:
    conflict = "digests disagree on its place"
    for pair in lineup.broken:
        for node in pair:
            if conflict not in candidates[node].conflicts:
                candidates[node].conflicts.append(conflict)
