"""Line up digests that overlap into one order.

``line_up`` takes digests as lists of nodes, newest first; it returns for each group of digests that
share nodes one list, newest first, in which every digest keeps its own order as far as possible.

It is a topological sort.  Where the digests leave two nodes free, the one that is probably newer
goes first; where digests contradict each other, the probable days decide among those concerned, and
each order that this breaks is recorded.  Nodes are numbers that rank
them independently of which came first, so that the result is a function of the digests and not of
their order.  Time grows as n log n.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise

_Nodes = dict[int, set[int]]


@dataclass(frozen=True, slots=True)
class Lineup:
    """Digests lined up.  ``order`` is newest first; ``broken`` holds pairs of a newer and an older
    node that are the other way round in it.
    """

    order: list[int]
    broken: list[tuple[int, int]]


def line_up(digests: Sequence[Sequence[int]], guesses: Mapping[int, int]) -> Iterator[Lineup]:
    """Yield a lineup for each group of digests that share nodes.

    ``guesses`` has for some nodes the day they are probably of, as an ordinal; the others take
    that of the nearest node in a digest with them.
    """
    probable = _spread(digests, guesses)
    for group in _groups(digests):
        yield _sorted(group, probable)


def _groups(digests: Sequence[Sequence[int]]) -> list[list[Sequence[int]]]:
    """Group digests that share nodes, directly or through others; order by the lowest node."""
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
    """Return a probable day for each node: its own guess, else the latest of its neighbours'."""
    lent: dict[int, int] = {}
    for digest in digests:
        for run in (digest, digest[::-1]):
            day: int | None = None
            for node in run:
                day = guesses.get(node, day)
                if day is not None:
                    lent[node] = max(day, lent.get(node, day))
    return lent | dict(guesses)


def _sorted(digests: Sequence[Sequence[int]], probable: Mapping[int, int]) -> Lineup:
    above, below = _neighbours(digests)
    places = {node: (-probable.get(node, 0), node) for node in above}
    order = _sort_topologically(above, below, places)
    if len(order) == len(above):
        return Lineup(order, [])
    return _untangled(above, below, places)


def _sort_topologically(
    above: _Nodes, below: _Nodes, places: Mapping[int, tuple[int, int]]
) -> list[int]:
    """Return nodes after all that are above them; of free ones the probably newest first."""
    missing = {node: len(nodes) for node, nodes in above.items()}
    free = [(*places[node], node) for node, count in missing.items() if not count]
    heapify(free)
    order: list[int] = []
    while free:
        node = heappop(free)[-1]
        order.append(node)
        for older in below[node]:
            missing[older] -= 1
            if not missing[older]:
                heappush(free, (*places[older], older))
    return order


def _untangled(above: _Nodes, below: _Nodes, places: Mapping[int, tuple[int, int]]) -> Lineup:
    """Line up digests that contradict each other.

    Nodes of which each is above the other, by some path, form a tangle.  Tangles are sorted like
    single nodes; within one the probable days decide, and what they break is recorded.
    """
    tangles = _tangles(below)
    owner = {node: number for number, tangle in enumerate(tangles) for node in tangle}
    first = {number: min(places[node] for node in tangle) for number, tangle in enumerate(tangles)}
    order = [
        node
        for number in _sort_topologically(_between(above, owner), _between(below, owner), first)
        for node in sorted(tangles[number], key=places.__getitem__)
    ]
    place = {node: index for index, node in enumerate(order)}
    broken = [
        (newer, older)
        for older in order
        for newer in sorted(above[older])
        if place[newer] > place[older]
    ]
    return Lineup(order, broken)


def _between(edges: _Nodes, owner: Mapping[int, int]) -> _Nodes:
    """Return the edges from tangle to tangle."""
    joined: _Nodes = {number: set() for number in owner.values()}
    for node, others in edges.items():
        joined[owner[node]].update(owner[other] for other in others)
        joined[owner[node]].discard(owner[node])
    return joined


def _tangles(edges: _Nodes) -> list[list[int]]:
    """Return the strongly connected components, by Tarjan's algorithm without recursion."""
    found: list[list[int]] = []
    index: dict[int, int] = {}
    lowest: dict[int, int] = {}
    stack: list[int] = []
    depth: dict[int, int] = {}
    done: set[int] = set()
    for root in sorted(edges):
        if root in index:
            continue
        path = [(root, iter(sorted(edges[root])))]
        while path:
            node, rest = path[-1]
            if node not in index:
                index[node] = lowest[node] = len(index)
                depth[node] = len(stack)
                stack.append(node)
            following = next(rest, None)
            if following is None:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[node])
                if lowest[node] == index[node]:
                    found.append(stack[depth[node] :])
                    del stack[depth[node] :]
                    done.update(found[-1])
            elif following not in index:
                path.append((following, iter(sorted(edges[following]))))
            elif following not in done:
                lowest[node] = min(lowest[node], index[following])
    return found


def _neighbours(digests: Sequence[Sequence[int]]) -> tuple[_Nodes, _Nodes]:
    """Return for each node those right above it in some digest, and those right below it."""
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
