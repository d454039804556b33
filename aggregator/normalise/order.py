"""One order out of many digests that overlap.

Takes digests as lists of nodes, newest first; gives for each group of digests that share nodes one
list, newest first, in which every digest keeps its own order as far as that can be had.

It is a topological sort.  Where the digests leave two nodes free, the one that is probably newer
goes first; where digests contradict each other, so that no node is free, the probably newest is
taken all the same, and each order that this breaks is recorded.  Nodes are numbers that rank them
in a way that does not depend on who came first, so that the outcome is a function of the digests
and not of their order.  Time grows as n log n.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise

_Nodes = dict[int, set[int]]


@dataclass(frozen=True, slots=True)
class Line:
    """Digests lined up.  ``order`` is newest first; ``broken`` holds pairs of a newer and an older
    node that stand the other way round in it.
    """

    order: list[int]
    broken: list[tuple[int, int]]


def line_up(digests: Sequence[Sequence[int]], guesses: Mapping[int, int]) -> Iterator[Line]:
    """The lines that ``digests`` make, each group of digests that share nodes by itself.

    ``guesses`` gives for some nodes the day they are probably of, as an ordinal; the others take
    that of the nearest node in a digest with them.
    """
    probable = _spread(digests, guesses)
    for group in _groups(digests):
        yield _sorted(group, probable)


def _groups(digests: Sequence[Sequence[int]]) -> list[list[Sequence[int]]]:
    """Digests that share nodes, directly or by way of others; each group by its lowest node."""
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        while (above := parent.setdefault(node, node)) != node:
            parent[node] = parent[above]
            node = above
        return node

    for digest in digests:
        for node in digest:
            one, other = root(digest[0]), root(node)
            parent[max(one, other)] = min(one, other)
    groups: dict[int, list[Sequence[int]]] = {}
    for digest in digests:
        if digest:
            groups.setdefault(root(digest[0]), []).append(digest)
    return [groups[node] for node in sorted(groups)]


def _spread(digests: Sequence[Sequence[int]], guesses: Mapping[int, int]) -> dict[int, int]:
    """A probable day for each node: its own guess, else the latest that a neighbour's lends it."""
    lent: dict[int, int] = {}
    for digest in digests:
        for run in (digest, digest[::-1]):
            day: int | None = None
            for node in run:
                day = guesses.get(node, day)
                if day is not None:
                    lent[node] = max(day, lent.get(node, day))
    return lent | dict(guesses)


def _sorted(digests: Sequence[Sequence[int]], probable: Mapping[int, int]) -> Line:
    above, below = _neighbours(digests)
    places = {node: (-probable.get(node, 0), node) for node in above}
    missing = {node: len(nodes) for node, nodes in above.items()}
    free = [places[node] for node, count in missing.items() if not count]
    heapify(free)
    waiting = sorted(places.values(), reverse=True)
    line = Line([], [])
    done: set[int] = set()
    while len(done) < len(above):
        if free:
            node = heappop(free)[1]
        else:  # the digests contradict each other
            node = _first_not_in(done, waiting)
            line.broken.extend((newer, node) for newer in sorted(above[node] - done))
        if node not in done:
            done.add(node)
            line.order.append(node)
            for older in below[node]:
                missing[older] -= 1
                if not missing[older]:
                    heappush(free, places[older])
    return line


def _neighbours(digests: Sequence[Sequence[int]]) -> tuple[_Nodes, _Nodes]:
    """For each node those right above it in some digest, and those right below it."""
    above: _Nodes = {}
    below: _Nodes = {}
    for digest in digests:
        nodes = list(dict.fromkeys(digest))
        for node in nodes:
            above.setdefault(node, set())
            below.setdefault(node, set())
        for newer, older in pairwise(nodes):
            above[older].add(newer)
            below[newer].add(older)
    return above, below


def _first_not_in(done: set[int], waiting: list[tuple[int, int]]) -> int:
    while (node := waiting.pop()[1]) in done:
        pass
    return node
