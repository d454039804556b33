"""Find the releases of one agency that report the same event without being one release.

Takes an agency's releases in the order in which they came out.  ``find`` yields pairs that share
names which few others have; ``judge`` returns why a pair is related, given the days that both texts
name, or None.  An advisory and its result, a statement, a speech, a transcript and the news about
it are related; two advisories, two readouts, two parts of a series are not.  In doubt they are not:
a wrong link is worse than a missing one.

The time grows with the releases and not with their pairs; memory has four weeks of them.
``docs/decisions/related.md`` gives the reasons.
"""

import re
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from aggregator.dedupe.names import Name, as_said, is_event, names
from aggregator.model import Evidence, PartialDate

AROUND = 14
"""Days on either side of a release within which a name is rare or not."""

REACH = 10
"""Days between two related releases, at most: an advisory, an event, and its report."""

_FEW_OTHERS = 2  # releases besides the two may have a rare name; of many releases, 2% may
_SHARE = 0.02
_MOST_OTHERS = 8
_ENOUGH_TO_TELL = 8  # with fewer others around it, a name that is in all of them looks rare
_AHEAD = 7  # days from an advisory to its event
_NEAR = 3  # days between two releases that name no day

CommonName = tuple[Name, set[str]]
"""A name, and those of its keys that another release has."""

Form = Literal["advisory", "readout", "transcript", "speech", "statement", "news"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """An entry as far as it is looked at.  ``text`` may be its beginning only.

    It came out at ``published``, or between ``earliest`` and ``latest``, all in UTC.  ``key`` is
    its row.
    """

    key: int
    id: str
    title: str
    text: str
    language: str | None
    published: datetime
    earliest: datetime | None
    latest: datetime | None

    @property
    def head(self) -> str:
        """The title and the first paragraph."""
        return f"{self.title}\n{self.text.partition(_PARAGRAPH)[0]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Two releases and the rare names that both have.

    ``head`` are those in the heads of both, ``lead`` all of them, and ``event`` one of the head
    that names an institution or event.  ``wanted`` is how many names are good evidence.
    """

    earlier: Release
    later: Release
    head: tuple[CommonName, ...]
    lead: tuple[CommonName, ...]
    event: CommonName | None
    wanted: int


def find(
    releases: Iterable[Release], own: Collection[str], first: date, last: date
) -> Iterator[Shared]:
    """Yield the pairs that may be related, the later of which came out in ``first`` to ``last``.

    ``releases`` come by ``published``, then by ``id``, from ``AROUND`` days before ``first`` to
    as many after ``last``.  ``own`` are the words of the agency's names, folded.
    """
    window = _Window(frozenset(own))
    low, high = first.toordinal(), last.toordinal()
    waiting: deque[_Read] = deque()
    for release in releases:
        read = window.read(release)
        while waiting and waiting[0].day < read.day - AROUND:
            yield from window.pairs(waiting.popleft())
        window.add(read)
        if low <= read.day <= high:
            waiting.append(read)
    while waiting:
        yield from window.pairs(waiting.popleft())


def judge(shared: Shared, earlier: Sequence[Evidence], later: Sequence[Evidence]) -> str | None:
    """Return why the two are related, for a person to read; None if they are not.

    ``earlier`` and ``later`` are what their texts say about days.
    """
    forms = form(shared.earlier), form(shared.later)
    if forms[0] == forms[1] != "news":
        return None
    days = _days(shared.earlier, earlier), _days(shared.later, later)
    both = days[0] & days[1]
    if not _dates_fit(shared, forms, days):
        return None
    said = shared.head
    if forms == ("news", "news"):
        if not both or len(said) < 3:
            return None
    elif len(said) < (shared.wanted if both else 3):
        if both and len(shared.lead) >= 3:
            said = shared.lead
        elif both and shared.event:
            said = (shared.event,)
        else:
            return None
    return _reason(said, both, shared)


def form(release: Release) -> Form:
    """Return the form in which a release reports its event."""
    for kind, pattern in _FORMS:
        if pattern.search(release.title):
            return kind
    return "advisory" if _ADVISES.search(release.head) else "news"


_FORMS: tuple[tuple[Form, re.Pattern[str]], ...] = (
    ("advisory", re.compile(r"(?i)\b(?:media|press) advisory\b|\badvisory:|[^:] to visit\b")),
    ("readout", re.compile(r"(?i)\breadout\b")),
    ("transcript", re.compile(r"(?i)\btranscript\b|\bpress conference\b|\binterview\b|\bQ&A\b")),
    ("speech", re.compile(r"(?i)\b(?:speech|remarks|doorstep|keynote|lecture)\b|\baddress by\b")),
    ("statement", re.compile(r"(?i)\b(?:statement|communiqu[eé]|declaration by)\b")),
)
_ADVISES = re.compile(
    r"\bwill (?:also )?(?:meet|visit|travel|attend|host|hold|receive|participate|deliver|welcome|"
    r"address|speak|give|join|open|chair|take (?:part|place)|be received|brief)\b"
    r"|\bto (?:visit|meet with)\b"
)
_PARAGRAPH = "\n\n"


class _Read(NamedTuple):
    """A release with its names, its day as an ordinal, and the keys by which it is found."""

    release: Release
    order: tuple[datetime, str]
    day: int
    names: tuple[Name, ...]
    keys: frozenset[str]
    head: frozenset[str]


class _Window:
    """The releases of some weeks, by their names."""

    def __init__(self, own: frozenset[str]) -> None:
        self._own = own
        self._all: deque[_Read] = deque()
        self._by_name: dict[str, deque[_Read]] = defaultdict(deque)

    def read(self, release: Release) -> _Read:
        found = tuple(names(release.title, release.text, release.language))
        keys = frozenset([key for name in found for key in name.keys])
        head = frozenset([key for name in found if name.head for key in name.keys])
        day = release.published.toordinal()
        order = release.published, release.id
        return _Read(release, order, day, found, keys - self._own, head - self._own)

    def add(self, read: _Read) -> None:
        self._all.append(read)
        for key in read.keys:
            self._by_name[key].append(read)

    def pairs(self, later: _Read) -> Iterator[Shared]:
        """Yield each pair of ``later`` and one before it; drop releases that are too old."""
        while self._all and self._all[0].day < later.day - AROUND:
            for key in self._all.popleft().keys:
                having = self._by_name[key]
                having.popleft()
                if not having:
                    del self._by_name[key]
        others = len(self._all) - 2
        few = 2 + min(_MOST_OTHERS, max(_FEW_OTHERS, int(_SHARE * others)))
        shared: dict[int, tuple[_Read, set[str]]] = {}
        oldest = later.day - REACH
        for key in later.keys:
            having = self._by_name[key]
            if not 1 < len(having) <= few:
                continue
            for other in having:
                if other.order >= later.order:
                    break
                if other.day >= oldest:
                    found = shared.get(other.release.key)
                    if found is None:
                        shared[other.release.key] = (other, {key})
                    else:
                        found[1].add(key)
        wanted = 2 if others >= _ENOUGH_TO_TELL else 3
        for earlier, keys in sorted(shared.values(), key=lambda pair: pair[0].order):
            head = keys & earlier.head & later.head
            if len(head) > 1 or len(keys) > 2 or any(map(is_event, head)):
                yield _pair(earlier, later, keys, head, wanted)


def _pair(earlier: _Read, later: _Read, keys: set[str], head: set[str], wanted: int) -> Shared:
    return Shared(
        earlier=earlier.release,
        later=later.release,
        head=_apart(earlier, later, head),
        lead=_apart(earlier, later, keys),
        event=next(iter(_count(later, {key for key in head if is_event(key)})), None),
        wanted=wanted,
    )


def _apart(one: _Read, other: _Read, keys: set[str]) -> tuple[CommonName, ...]:
    """Return the names of the shared keys, as in the text that has fewer of them."""
    here, there = _count(one, keys), _count(other, keys)
    return here if len(here) <= len(there) else there


def _count(read: _Read, keys: set[str]) -> tuple[CommonName, ...]:
    found: list[CommonName] = []
    seen: set[str] = set()
    for name in read.names:
        mine = keys.intersection(name.keys)
        if mine and seen.isdisjoint(mine):
            found.append((name, mine))
        seen |= mine
    return tuple(found)


def _days(release: Release, evidence: Sequence[Evidence]) -> frozenset[int]:
    """Return the days, as ordinals, that the head of a release names.

    A dateline is the day of release and counts only where there is no other.
    """
    head = release.head
    near = [found for found in evidence if found.phrase in head and found.role != "history"]
    told = [found for found in near if found.role != "stated"] or near
    days: set[int] = set()
    for found in told:
        if found.shift is not None:
            continue
        first, last = (_ordinal(day, release.published) for day in (found.first, found.last))
        if first is not None and last is not None and first <= last <= first + REACH:
            days.update(range(first, last + 1))
    return frozenset(days)


def _ordinal(day: PartialDate, near: datetime) -> int | None:
    """Return the ordinal of a day; without a year it is in the one that is nearest to ``near``."""
    years = [day.year] if day.year is not None else [near.year + n for n in (-1, 0, 1)]
    dates = [PartialDate(year=year, month=day.month, day=day.day).to_date() for year in years]
    ordinals = [found.toordinal() for found in dates if found is not None]
    return min(ordinals, key=lambda n: abs(n - near.toordinal()), default=None)


def _dates_fit(
    shared: Shared, forms: tuple[Form, Form], days: tuple[frozenset[int], frozenset[int]]
) -> bool:
    sides = ((shared.earlier, forms[0], days[0]), (shared.later, forms[1], days[1]))
    if days[0] and days[1] and not days[0] & days[1]:
        return False
    for release, kind, said in sides:
        ahead = min(said) - release.published.toordinal() if said else 0
        if kind == "advisory" and ahead > _AHEAD:
            return False
    if days[0] or days[1]:
        return all(_is_near(release, days[0] | days[1]) for release, _, said in sides if not said)
    one, other = shared.earlier, shared.later
    if other.published.toordinal() - one.published.toordinal() <= _NEAR:
        return True
    if not (one.earliest and one.latest and other.earliest and other.latest):
        return False
    narrow = max(one.latest - one.earliest, other.latest - other.earliest).days <= AROUND // 2
    return narrow and one.latest >= other.earliest and other.latest >= one.earliest


def _is_near(release: Release, days: frozenset[int]) -> bool:
    """Whether a release that names no day came out near the days that the other one names."""
    return min(days) - _NEAR <= release.published.toordinal() <= max(days) + _NEAR


def _reason(said: tuple[CommonName, ...], both: frozenset[int], shared: Shared) -> str:
    listed = ", ".join(as_said(name, keys) for name, keys in said[:4])
    if both:
        first, last = (date.fromordinal(f(both)).isoformat() for f in (min, max))
        when = f"and the same day, {first}" if first == last else f"and the days {first} to {last}"
    else:
        apart = shared.later.published.toordinal() - shared.earlier.published.toordinal()
        when = f"and came out {apart} days apart" if apart != 1 else "and came out a day apart"
        when = "and came out on one day" if apart == 0 else when
    return f"both name {listed}, {when}"
