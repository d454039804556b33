"""One date for each entry of a list, the evidence for it, and how far it may be off.

Takes the digests of a list, newest first, and what each entry says of when it came out; gives a
``Dated`` for each.  In prose (``docs/decisions/dating.md`` has the reasons):

1. The digests are lined up into one order.
2. Every phrase is turned into real days.  What lacks a year is left for later.
3. What a phrase says becomes a cost for each day the release might have: a dateline costs on both
   sides of its day, a past event before its day much and after it a little, a coming event the
   other way round.  Days that lie far from all around them count for next to nothing.
4. The days are chosen which cost least in all and never run against the order.
5. With these days in hand the phrases without a year are read, and the days are chosen again.
6. Entries that say nothing are spread between their neighbours.
7. What the entry and its neighbours allow is kept as the window, and what did not fit as conflict.

Pure, and a function of the set of digests: whichever order they came in, the dates are the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from statistics import median

from aggregator.dating.choice.candidate import OLDEST, Candidate, Undated, guess, read
from aggregator.dating.choice.choosing import allowed, choose
from aggregator.dating.choice.outcome import Dated, with_times
from aggregator.dating.order import Line, line_up

__all__ = ["Dated", "Undated", "date_list", "span"]


def date_list(
    entries: Mapping[int, Undated],
    digests: Sequence[tuple[str, Sequence[int]]],
    used: set[datetime],
) -> Iterator[tuple[int, Dated]]:
    """A date for each of ``entries``, by node.

    ``digests`` are the name of a list and its nodes, newest first; every node stands in one at
    least.  Nodes are numbers that rank entries in a way that does not depend on who came first.
    ``used`` holds times that other lists' entries have; those given out are added.
    """
    candidates = {node: read(node, undated) for node, undated in entries.items()}
    guesses = {node: day for node, entry in candidates.items() if (day := guess(entry)) is not None}
    names: dict[int, str] = {}
    for name, digest in digests:
        names.update((node, min(name, names.get(node, name))) for node in digest)
    for line in line_up([digest for _, digest in digests], guesses):
        run = [candidates[node] for node in reversed(line.order)]
        _note_broken(line, candidates)
        choose(run)
        yield from with_times(min(names[node] for node in line.order), run, used)


def span(said: Sequence[Undated]) -> tuple[date, date]:
    """The first and last day that the entries of one digest seem to be of.

    A digest that dates nothing seems to be of the day it was seen.
    """
    guesses = sorted(g for undated in said if (g := guess(read(0, undated))) is not None)
    if not guesses:
        day = said[0].seen.date() if said else date.fromordinal(OLDEST)
        return day, day
    middle = median(guesses)
    near = [day for day in guesses if abs(day - middle) <= allowed(guesses, middle)]
    return date.fromordinal(near[0]), date.fromordinal(near[-1])


def _note_broken(line: Line, candidates: Mapping[int, Candidate]) -> None:
    for newer, older in line.broken:
        for node in (newer, older):
            conflict = "digests disagree on its place"
            if conflict not in candidates[node].conflicts:
                candidates[node].conflicts.append(conflict)
