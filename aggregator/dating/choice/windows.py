"""The window of each entry: the days that it and its neighbours allow."""

from collections.abc import Iterator, Sequence

from aggregator.dating.choice.candidate import Candidate, telling

REACH = 7
"""Days within which an agency writes of a past event; nearly all do on the day itself."""


def set_windows(run: Sequence[Candidate]) -> None:
    """Set the window of every entry of ``run``, which is oldest first and has its days.

    Lower bounds are carried up and upper bounds down.  An entry that names its own day bounds those
    below it by that day.
    """
    low, older = None, None
    for entry in run:
        own = max(_lows(entry), default=None)
        if own is not None and (low is None or own >= low):
            low, older = own, entry.node
        entry.low, entry.older = low, older if older != entry.node else None
    high, newer = None, None
    for entry in reversed(run):
        own = min(_highs(entry), default=None)
        if own is not None and (high is None or own <= high):
            high, newer = own, entry.node
        entry.high, entry.newer = high, newer if newer != entry.node else None
        if entry.day is not None and _names_its_day(entry) and (high is None or entry.day <= high):
            high, newer = entry.day, entry.node


def _names_its_day(entry: Candidate) -> bool:
    """Whether an entry's own words, rather than its neighbours', put it on its day."""
    return any(days.evidence.role != "future" and days.last == entry.day for days in telling(entry))


def _lows(entry: Candidate) -> Iterator[int]:
    for days in telling(entry):
        first = days.last if days.evidence.role == "past" else days.first
        if days.evidence.role != "future" and first <= (entry.day or 0):
            yield first


def _highs(entry: Candidate) -> Iterator[int]:
    for days in telling(entry):
        role = days.evidence.role
        last = days.first if role == "future" else days.last
        last += REACH if role == "past" else 0
        if last >= (entry.day or 0):
            yield min(last, max(entry.limit, entry.day or 0))
