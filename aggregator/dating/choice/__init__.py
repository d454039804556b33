"""Choose a date for each entry of a list, with its evidence and how far it may be off.

``date_list`` takes the digests of a list, newest first, and the evidence of each entry; it returns
a ``Dated`` for each.  The method (``docs/decisions/dating.md`` has the reasons):

1. ``order``: the digests are lined up into one order.
2. ``candidate``: every phrase is turned into real days.  What lacks a year is left for later.
3. ``likelihood``: what a phrase says of each day on which its release may have come out.
4. ``posterior``: the probability of each day for each release, by all evidence and the order.
5. ``choose_days``: the most probable day and the window, and what they contradict.
6. ``times_of_day`` and ``datings``: each entry gets a time of its own on its day, and the reasons.

Pure, and a function of the set of digests: whichever order they came in, the dates are the same.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date, datetime
from statistics import median

from aggregator.dating.choice.candidate import (
    FUTURE,
    OLDEST,
    Candidate,
    Undated,
    guess,
    read,
    upstream,
)
from aggregator.dating.choice.choose_days import choose_days
from aggregator.dating.choice.datings import Dated, dated, with_times
from aggregator.dating.choice.order import Lineup, line_up
from aggregator.dating.choice.times_of_day import Taken
from aggregator.model import Dating

FAR_DAYS = 200
"""A day further than this from those around it may be a slip or an old event."""

__all__ = ["Dated", "Undated", "date_alone", "date_list", "days_covered", "is_exact"]


def date_list(
    entries: Mapping[int, Undated],
    digests: Sequence[tuple[str, Sequence[int]]],
    used: Container[datetime],
) -> Iterator[tuple[int, Dated]]:
    """Yield a date for each of ``entries``, by node.

    ``digests`` are the name of a list and its nodes, newest first; every node is in at least one.
    Nodes are numbers that rank entries independently of which came first.  ``used`` holds times
    that the entries of other lists have.
    """
    candidates = {node: read(node, undated) for node, undated in entries.items()}
    guesses = {node: day for node, entry in candidates.items() if (day := guess(entry)) is not None}
    names: dict[int, str] = {}
    taken = Taken(set(), used)
    for name, digest in digests:
        names.update((node, min(name, names.get(node, name))) for node in digest)
    tops = {digest[0] for _, digest in digests if digest}
    for lineup in line_up([digest for _, digest in digests], guesses):
        run = [candidates[node] for node in reversed(lineup.order)]
        _note_broken(lineup, candidates)
        choose_days(run, tops)
        yield from with_times(min(names[node] for node in lineup.order), run, taken)


def date_alone(undated: Undated) -> Dated:
    """Return the date of an entry that is in no digest, before others have its time."""
    if (only := _only_moment(undated)) is not None:
        return only
    entry = read(0, undated)
    given = upstream(entry)
    if given is not None and given.evidence.moment is not None:
        choose_days([entry], {0})
        return dated(entry, given.evidence.moment)
    return dict(date_list({0: undated}, [(undated.document, [0])], ()))[0]


def _only_moment(undated: Undated) -> Dated | None:
    """Return the date of an entry with nothing but a time of its publisher, as most of feeds."""
    if len(undated.evidence) != 1 or (moment := undated.evidence[0].moment) is None:
        return None
    (evidence,) = undated.evidence
    day, limit = moment.date(), (undated.seen + FUTURE).date()
    is_plain = (
        (evidence.place, evidence.role, evidence.weekday) == ("header", "stated", None)
        and evidence.first == evidence.last
        and evidence.last.to_date() == day
        and OLDEST <= day.toordinal() <= limit.toordinal()
    )
    if not is_plain:
        return None
    return Dated(
        dating=Dating(
            basis="upstream",
            published=moment,
            earliest=moment,
            latest=moment,
            evidence=evidence.phrase,
            role=evidence.role,
        )
    )


def is_exact(dating: Dating) -> bool:
    """Return whether upstream gave a time to the second: it is kept, whoever else has it."""
    return dating.basis == "upstream" and dating.earliest == dating.latest


def days_covered(entries: Sequence[Undated]) -> tuple[date, date]:
    """Return the first and last day that the entries of one digest are probably of.

    A digest without any date is taken to be of the day it was seen.
    """
    guesses = sorted(g for undated in entries if (g := guess(read(0, undated))) is not None)
    if not guesses:
        day = entries[0].seen.date() if entries else date.fromordinal(OLDEST)
        return day, day
    middle = median(guesses)
    near = [day for day in guesses if abs(day - middle) <= _far(guesses, middle)]
    return date.fromordinal(near[0]), date.fromordinal(near[-1])


def _far(days: Sequence[int], middle: float) -> float:
    """Return how far from the middle of a digest its days may lie."""
    return max(FAR_DAYS, 4 * median(abs(day - middle) for day in days))


def _note_broken(lineup: Lineup, candidates: Mapping[int, Candidate]) -> None:
    conflict = "digests disagree on its place"
    for pair in lineup.broken:
        for node in pair:
            if conflict not in candidates[node].conflicts:
                candidates[node].conflicts.append(conflict)
