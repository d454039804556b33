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

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import median

from aggregator.model import Basis, Dating, Evidence
from aggregator.normalise.clock import Spot, times_of_day
from aggregator.normalise.evidence import resolve
from aggregator.normalise.fit import Hinge, fit
from aggregator.normalise.order import Line, line_up

FUTURE = timedelta(days=1)
"""How far after it was seen a release may say it came out, for time zones' sake."""

REACH = 7
"""Days within which an agency writes of a past event; nearly all do on the day itself."""

MOST_TOLD = 1.5
"""The strength that all events a text tells of have together at the most."""

OPEN_END = 14
"""Days that a window is taken to stretch beyond the last thing known, where nothing bounds it."""

_OLDEST = date(1900, 1, 1).toordinal()
_FAR_DAYS = 200
_AROUND = 6
_FAR_WEIGHT = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Undated:
    """An entry to be dated.  ``seen`` is the time of the document that first carried it."""

    seen: datetime
    document: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """An entry's dating, and the entries that bound it from below and above, where some do."""

    dating: Dating
    older: int | None = None
    newer: int | None = None


@dataclass(slots=True)
class _Days:
    """A piece of evidence in real days, as ordinals."""

    evidence: Evidence
    first: int
    last: int
    weight: float = 1.0


@dataclass(slots=True)
class _Entry:
    """An entry on its way to a date."""

    node: int
    undated: Undated
    limit: int
    days: list[_Days] = field(default_factory=list)
    unread: list[Evidence] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    day: int | None = None
    low: int | None = None
    high: int | None = None
    older: int | None = None
    newer: int | None = None


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
    read = {node: _read(node, undated) for node, undated in entries.items()}
    guesses = {node: guess for node, entry in read.items() if (guess := _guess(entry)) is not None}
    names: dict[int, str] = {}
    for name, digest in digests:
        names.update((node, min(name, names.get(node, name))) for node in digest)
    for line in line_up([digest for _, digest in digests], guesses):
        run = [read[node] for node in reversed(line.order)]
        _note_broken(line, read)
        _choose(run)
        yield from _with_times(min(names[node] for node in line.order), run, used)


def span(said: Sequence[Undated]) -> tuple[date, date]:
    """The first and last day that the entries of one digest seem to be of.

    A digest that dates nothing seems to be of the day it was seen.
    """
    guesses = sorted(g for undated in said if (g := _guess(_read(0, undated))) is not None)
    if not guesses:
        day = said[0].seen.date() if said else date.fromordinal(_OLDEST)
        return day, day
    middle = median(guesses)
    near = [guess for guess in guesses if abs(guess - middle) <= _allowed(guesses, middle)]
    return date.fromordinal(near[0]), date.fromordinal(near[-1])


def _read(node: int, undated: Undated) -> _Entry:
    """What an entry says, in real days where it says them in full."""
    entry = _Entry(node, undated, (undated.seen + FUTURE).date().toordinal())
    for evidence in undated.evidence:
        if _says_something(evidence) and not _take(entry, evidence, None):
            entry.unread.append(evidence)
    return entry


def _says_something(evidence: Evidence) -> bool:
    """Whether ``evidence`` can tell a day: "today" is true of every day."""
    names_a_day = evidence.first.month is not None or evidence.weekday is not None
    return evidence.role != "history" and names_a_day


def _take(entry: _Entry, evidence: Evidence, near: date | None) -> bool:
    """Add ``evidence`` to what ``entry`` says; False where its days cannot be told yet."""
    resolved = resolve(evidence, near)
    if resolved is None:
        return False
    first, last = resolved.first.toordinal(), resolved.last.toordinal()
    weight = 1.0
    if resolved.weekday_conflict:
        weight = 0.5
        entry.conflicts.append(f"“{evidence.phrase}” was a {resolved.first:%A}")
    if last < _OLDEST:
        entry.conflicts.append(f"“{evidence.phrase}” is too long ago")
    elif evidence.role != "future" and first > entry.limit:
        entry.conflicts.append(f"“{evidence.phrase}” lies after the day it was seen")
    else:
        entry.days.append(_Days(evidence, first, last, weight))
    return True


def _guess(entry: _Entry) -> int | None:
    """The day an entry is probably of, by itself."""
    if not entry.days:
        return None
    best = max(entry.days, key=lambda days: (_worth(days), -days.last))
    return best.first - 1 if best.evidence.role == "future" else best.last


def _worth(days: _Days) -> float:
    scale = {"header": 100.0}.get(days.evidence.place, 1.0)
    role = {"stated": 2.0, "past": 1.5, "present": 1.5, "future": 1.0}[days.evidence.role]
    return scale * role * days.evidence.strength * days.weight


def _note_broken(line: Line, read: Mapping[int, _Entry]) -> None:
    for newer, older in line.broken:
        for node in (newer, older):
            conflict = "digests disagree on its place"
            if conflict not in read[node].conflicts:
                read[node].conflicts.append(conflict)


def _choose(run: list[_Entry]) -> None:
    """Give every entry of ``run``, oldest first, its day and window, where anything tells."""
    _weigh_far(run)
    _fit(run)
    if any(entry.unread for entry in run):
        _read_rest(run)
        _weigh_far(run)
        _fit(run)
    _spread(run)
    _bound(run)


def _weigh_far(run: list[_Entry]) -> None:
    """Let days count for next to nothing that lie far from all those around them.

    An old event that reads like news would else drag its neighbours along for years.
    """
    known = [(entry, guess) for entry in run if (guess := _guess(entry)) is not None]
    if len(known) < 3:
        return
    window: list[int] = sorted(guess for _, guess in known[: _AROUND + 1])
    for index, (entry, _) in enumerate(known):
        middle = median(window)
        for days in entry.days:
            far = min(abs(days.first - middle), abs(days.last - middle)) > _allowed(window, middle)
            if far and days.weight > _FAR_WEIGHT:
                days.weight = _FAR_WEIGHT
                entry.conflicts.append(f"“{days.evidence.phrase}” is far from all around it")
        if index + _AROUND + 1 < len(known):
            insort(window, known[index + _AROUND + 1][1])
        if index >= _AROUND:
            window.remove(known[index - _AROUND][1])


def _allowed(window: Sequence[int], middle: float) -> float:
    """How far from the middle of its surroundings a day may lie."""
    return max(_FAR_DAYS, 4 * median(abs(day - middle) for day in window))


def _fit(run: list[_Entry]) -> None:
    costs = [list(_hinges(entry)) for entry in run]
    for entry, cost, day in zip(run, costs, fit(costs), strict=True):
        entry.day = day if cost else None


def _hinges(entry: _Entry) -> Iterator[Hinge]:
    """What each day would cost, by each piece of evidence.

    However many events a text tells of, together they do not outweigh what it says of itself.
    """
    told = sum(days.evidence.strength for days in entry.days if days.evidence.role != "stated")
    crowd = min(1.0, MOST_TOLD / max(told, MOST_TOLD))
    for days in entry.days:
        evidence = days.evidence
        weight = evidence.strength * days.weight
        weight *= 1.0 if evidence.role == "stated" else crowd
        if weight <= 0:
            continue
        if evidence.place == "header":
            yield Hinge(days.first, 1000 * weight, after=False)
            yield Hinge(days.first, 1000 * weight, after=True)
        elif evidence.role == "stated":
            # Never out before its own date; a day or two later in a list is not unheard of, since
            # the writer's day and the list's need not begin at the same hour.
            yield Hinge(days.first, 12 * weight, after=False)
            yield Hinge(days.last, 3 * weight, after=True)
            yield Hinge(days.last + 2, 7 * weight, after=True)
        elif evidence.role == "past":
            yield Hinge(days.last, 6 * weight, after=False)
            yield Hinge(days.last, 0.4 * weight, after=True)
        elif evidence.role == "present":
            yield Hinge(days.first, 3 * weight, after=False)
            yield Hinge(days.last, 3 * weight, after=True)
        else:
            # Announced the day before, for all we know; seldom on the day, never after it.
            yield Hinge(days.first - 1, 0.15 * weight, after=False)
            yield Hinge(days.first - 1, 0.3 * weight, after=True)
            yield Hinge(days.first, 6 * weight, after=True)
    if entry.days:
        yield Hinge(entry.limit - FUTURE.days, 50, after=True)


def _read_rest(run: list[_Entry]) -> None:
    """Read what lacked a year, or was told from a day not yet known, by the days now chosen."""
    near: int | None = None
    nears: list[int | None] = []
    for entry in run:
        near = entry.day if entry.day is not None else near
        nears.append(near)
    above: int | None = None
    for entry, below in zip(reversed(run), reversed(nears), strict=True):
        above = entry.day if entry.day is not None else above
        around = entry.day or _near(below, above) or entry.undated.seen.date().toordinal()
        for evidence in entry.unread:
            _take(entry, evidence, date.fromordinal(around))
        entry.unread.clear()


def _near(below: int | None, above: int | None) -> int | None:
    """A day that an entry without one is near: the newer neighbour's, where that is close."""
    if below is not None and above is not None and above - below < REACH:
        return above
    return below if below is not None else above


def _spread(run: list[_Entry]) -> None:
    """Give entries that say nothing days between their neighbours', evenly."""
    known = [index for index, entry in enumerate(run) if entry.day is not None]
    if not known:
        return
    edges = [None, *known, None]
    for left, right in pairwise(edges):
        start = -1 if left is None else left
        end = len(run) if right is None else right
        low = run[left].day if left is not None else None
        high = run[right].day if right is not None else None
        for index in range(start + 1, end):
            run[index].day = _between(low, high, index - start, end - start)


def _between(low: int | None, high: int | None, step: int, steps: int) -> int | None:
    if low is None or high is None:
        return high if low is None else low
    return low + (high - low) * step // steps


def _bound(run: list[_Entry]) -> None:
    """What each entry and those around it allow: from below going up, from above going down.

    An entry that tells its own day bounds those below it by that day.
    """
    low, older = None, None
    for entry in run:
        own = max((days for days in _lows(entry)), default=None)
        if own is not None and (low is None or own >= low):
            low, older = own, entry.node
        entry.low, entry.older = low, older if older != entry.node else None
    high, newer = None, None
    for entry in reversed(run):
        own = min((days for days in _highs(entry)), default=None)
        if own is not None and (high is None or own <= high):
            high, newer = own, entry.node
        entry.high, entry.newer = high, newer if newer != entry.node else None
        if entry.day is not None and _tells_its_day(entry) and (high is None or entry.day <= high):
            high, newer = entry.day, entry.node


def _tells_its_day(entry: _Entry) -> bool:
    """Whether an entry's own words, rather than its neighbours', put it on its day."""
    return any(
        days.evidence.role != "future" and days.last == entry.day for days in _telling(entry)
    )


def _lows(entry: _Entry) -> Iterator[int]:
    for days in _telling(entry):
        first = days.last if days.evidence.role == "past" else days.first
        if days.evidence.role != "future" and first <= (entry.day or 0):
            yield first


def _highs(entry: _Entry) -> Iterator[int]:
    for days in _telling(entry):
        role = days.evidence.role
        last = days.first if role == "future" else days.last
        last += REACH if role == "past" else 0
        if last >= (entry.day or 0):
            yield min(last, max(entry.limit, entry.day or 0))


def _telling(entry: _Entry) -> Iterator[_Days]:
    return (d for d in entry.days if d.weight * d.evidence.strength >= 0.1)


def _with_times(name: str, run: list[_Entry], used: set[datetime]) -> Iterator[tuple[int, Dated]]:
    if all(entry.day is None for entry in run):
        yield from _first_seen(run, used)
        return
    exact = [_exact(entry) for entry in run]
    spots = [
        Spot(moment.date() if moment else date.fromordinal(_day(entry)), moment, entry.undated.seen)
        for entry, moment in zip(run, exact, strict=True)
    ]
    for entry, moment in zip(run, times_of_day(spots, name, used), strict=True):
        yield entry.node, _dated(entry, moment)


def _day(entry: _Entry) -> int:
    """The day of an entry in a line that has days: upstream's own, whatever the order says."""
    upstream = _upstream(entry)
    return upstream.first if upstream is not None else entry.day or _OLDEST


def _exact(entry: _Entry) -> datetime | None:
    upstream = _upstream(entry)
    return upstream.evidence.moment if upstream else None


def _upstream(entry: _Entry) -> _Days | None:
    return next((days for days in entry.days if days.evidence.place == "header"), None)


def _dated(entry: _Entry, published: datetime) -> Dated:
    day = published.date().toordinal()
    upstream = _upstream(entry)
    if upstream is not None and upstream.evidence.moment is not None:
        low = high = upstream.evidence.moment
    else:
        low = _start(entry.low if entry.low is not None else day - OPEN_END)
        end = min(day + OPEN_END, max(day, entry.limit - FUTURE.days))
        high = _end(entry.high if entry.high is not None else end)
    told = upstream or _told_by(entry, day)
    basis: Basis = "inferred"
    if upstream is not None:
        basis = "upstream"
    elif told is not None and told.evidence.role == "stated" and told.first == day == told.last:
        basis = "stated"
    if basis != "inferred" and (upstream is None or upstream.evidence.moment is None):
        low, high = _start(day), _end(day)
    for days in _contradicting(entry, day):
        low, high = min(low, _start(days.first)), max(high, _end(days.last))
        entry.conflicts.append(f"its own “{days.evidence.phrase}” does not fit its place")
    return Dated(
        dating=Dating(
            basis=basis,
            published=published,
            earliest=low,
            latest=high,
            evidence=told.evidence.phrase if told is not None else "",
            role=told.evidence.role if told is not None else None,
            conflict="; ".join(entry.conflicts) or None,
        ),
        older=entry.older if basis == "inferred" else None,
        newer=entry.newer if basis == "inferred" else None,
    )


def _contradicting(entry: _Entry, day: int) -> list[_Days]:
    """The statements of its own that an entry's date had to go against."""
    return [
        days
        for days in _telling(entry)
        if days.evidence.role == "stated" and days.evidence.strength >= 0.5
        if not days.first <= day <= days.last
    ]


def _told_by(entry: _Entry, day: int) -> _Days | None:
    """The evidence that explains the day best: one that names it, else the strongest there is."""
    telling = list(_telling(entry))
    return max(
        telling,
        key=lambda d: (d.first <= day <= d.last or d.last == day, _worth(d)),
        default=None,
    )


def _start(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), time.min, UTC)


def _end(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), time(23, 59, 59), UTC)


def _first_seen(run: Iterable[_Entry], used: set[datetime]) -> Iterator[tuple[int, Dated]]:
    """Entries of a line that nothing dates: in their order, from when they were seen."""
    before = datetime.min.replace(tzinfo=UTC)
    for entry in run:
        seen = entry.undated.seen.replace(microsecond=0)
        moment = max(seen, before + timedelta(seconds=1))
        while moment in used:
            moment += timedelta(seconds=1)
        used.add(moment)
        before = moment
        yield (
            entry.node,
            Dated(
                dating=Dating(
                    basis="first-seen",
                    published=moment,
                    earliest=seen,
                    latest=moment,
                    evidence=f"first seen in {entry.undated.document}",
                    conflict="; ".join(entry.conflicts) or None,
                )
            ),
        )
