"""How well duplicates are told from near misses: `python -m benchmarks.dedupe_quality`.

Prints, for every kind of pair, how many of the pairs that should merge do (recall) and how many
that must not do (false merges): for our decision, candidates looked up by sketch, and for two
baselines, equal titles and MinHash at 0.8 (if datasketch is installed).
"""

import argparse
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from aggregator.dedupe import New, Text, decide, sketch, title_key
from benchmarks.pairs import Pair, make_pairs, read_digests

Deciders = dict[str, Callable[[Pair], bool]]

# An index would not look at a candidate that shares fewer sampled shingles than this.
_SHARED = 1


def main() -> None:
    """Make the pairs, judge them, print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=4)
    options.add_argument("--digests", type=Path, help="a folder of real digests to edit as well")
    options.add_argument("--show", type=int, default=0, help="so many wrong decisions of each kind")
    chosen = options.parse_args()
    more = read_digests(chosen.digests) if chosen.digests else []
    pairs = make_pairs(seed=chosen.seed, more=more)
    deciders = {"decide": merges, "equal title": _equal_title} | _minhash()
    _print_table(pairs, deciders)
    if chosen.show:
        _print_wrong(pairs, chosen.show)


def merges(pair: Pair) -> bool:
    """Whether the one text would be found by way of the other, and merged with it."""
    shared = set(sketch(pair.one.body)) & set(sketch(pair.other.body))
    known = title_key(pair.one.title) == title_key(pair.other.title)
    if len(shared) < _SHARED and not known:
        return False
    return not isinstance(decide(pair.other, [("one", pair.one)]), New)


def _equal_title(pair: Pair) -> bool:
    return pair.one.title == pair.other.title


def _minhash() -> Deciders:
    try:
        from datasketch import MinHash  # type: ignore[import-untyped]
    except ImportError:
        return {}

    def signature(text: Text) -> MinHash:
        found = re.findall(r"\w+", f"{text.title} {text.body}".casefold())
        made = MinHash(num_perm=128)
        made.update_batch([" ".join(found[at : at + 3]).encode() for at in range(len(found) - 2)])
        return made

    return {"MinHash 0.8": lambda p: signature(p.one).jaccard(signature(p.other)) >= 0.8}


def _print_table(pairs: list[Pair], deciders: Deciders) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for pair in pairs:
        for name, decider in deciders.items():
            counts[pair.kind, name] += decider(pair)
    print(f"{'kind':28}{'pairs':>7}" + "".join(f"{name:>22}" for name in deciders))
    for merge, heading in ((True, "should merge: recall"), (False, "must not: false merges")):
        print(f"-- {heading}")
        kinds = Counter(pair.kind for pair in pairs if pair.merge is merge)
        for kind, size in kinds.items():
            cells = (
                f"{counts[kind, name]:>12} {counts[kind, name] / size:>8.1%}" for name in deciders
            )
            print(f"{kind:28}{size:>7}" + "".join(f"{cell:>22}" for cell in cells))
        print(f"{'all':28}{kinds.total():>7}" + "".join(_totals(kinds, counts, deciders)))
    print(
        "precision"
        + "".join(f"  {name} {_precision(pairs, counts, name):.2%}" for name in deciders)
    )


def _totals(
    kinds: Counter[str],
    counts: Counter[tuple[str, str]],
    deciders: dict[str, Callable[[Pair], bool]],
) -> Iterator[str]:
    for name in deciders:
        merged = sum(counts[kind, name] for kind in kinds)
        yield f"{merged:>13} {merged / max(1, kinds.total()):>8.1%}"


def _precision(pairs: list[Pair], counts: Counter[tuple[str, str]], name: str) -> float:
    merging = {pair.kind: pair.merge for pair in pairs}
    merged = sum(counts[kind, name] for kind in merging)
    return sum(counts[kind, name] for kind, merge in merging.items() if merge) / max(1, merged)


def _print_wrong(pairs: list[Pair], most: int) -> None:
    shown: Counter[str] = Counter()
    for pair in pairs:
        if merges(pair) is pair.merge or shown[pair.kind] >= most:
            continue
        shown[pair.kind] += 1
        print(f"\n{pair.kind}: {decide(pair.other, [('one', pair.one)])}")
        print(f"  {pair.one.title!r} / {pair.other.title!r}\n  {pair.other.body[:700]!r}")


if __name__ == "__main__":
    main()
