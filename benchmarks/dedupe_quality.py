"""Measures how well duplicates are told from near misses.

    python benchmarks/dedupe_quality.py                     print the table: a minute
    python benchmarks/dedupe_quality.py --digests seeds     edit real releases as well
    python benchmarks/dedupe_quality.py --show 3            and show some of the wrong decisions
    python benchmarks/dedupe_quality.py --truth seeds       show what is merged of real releases

Prints, for every kind of pair, how many of those that should merge do (recall) and how many of
those that must not (false merges): by our decision on what our index would find, and by two
baselines, equal titles and MinHash at 0.8. Needs datasketch. Exit code 0 if all targets are met, 1
if one is not, 2 if datasketch is absent.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from itertools import permutations
from pathlib import Path

from pairs import Pair, make_pairs, read_digests
from sequels import close_pairs

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from aggregator.dedupe.compare import Text
from aggregator.dedupe.decide import decide
from aggregator.dedupe.sketch import base, sketch
from aggregator.model import Agency
from aggregator.store import Store, open_empty
from aggregator.store.agencies import remember_agencies
from aggregator.store.sketches import SketchIndex

OURS = "decide"
RECALL = 0.99
RECALLS = {"10% edited": 0.95, "stage corrected in title": 0.9}
LEAST_PAIRS = 2_000


def main() -> None:
    """Make the pairs, judge them, print the table."""
    parser = argparse.ArgumentParser(description="Measure how well duplicates are told.")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--digests", type=Path, help="a folder of digests to edit as well")
    parser.add_argument("--show", type=int, default=0, help="so many wrong decisions of each kind")
    parser.add_argument(
        "--truth",
        type=Path,
        help="a folder of digests: show all their merges",
    )
    options = parser.parse_args()
    if find_spec("datasketch") is None:
        print(
            "dedupe_quality.py: datasketch is not installed: pip install datasketch",
            file=sys.stderr,
        )
        sys.exit(2)
    more = read_digests(options.digests) if options.digests else []
    pairs = [*make_pairs(seed=options.seed, more=more), *close_pairs()]
    with open_empty() as store:
        ours = _ours(store)
        deciders = {OURS: ours, "equal title": _equal_title, "MinHash 0.8": _minhash()}
        merged = {
            name: [pair for pair in pairs if decides(pair)] for name, decides in deciders.items()
        }
    counts = Counter((pair.kind, name) for name, each in merged.items() for pair in each)
    print("\n".join(_table(pairs, list(deciders), counts)))
    _print_wrong(pairs, merged[OURS], options.show)
    _print_merged(read_digests(options.truth) if options.truth else [])
    missed = list(_missed(pairs, counts))
    for words in missed:
        print(f"NOT MET: {words}")
    sys.exit(1 if missed else 0)


def _ours(store: Store) -> Callable[[Pair], bool]:
    """Whether the one text is found by way of the other in an index that holds it, and merged.

    `store` is as empty afterwards as before.
    """
    with store.transaction():
        remember_agencies(store, [Agency(id="known", name="Known")])

    def merges(pair: Pair) -> bool:
        return finds(pair) and decide(pair.other, [("one", pair.one)]).target is not None

    def finds(pair: Pair) -> bool:
        known, asked = sketch(pair.one.body), sketch(pair.other.body)
        with store.transaction():
            store.execute(_ENTRY, (base(known),))
            index = SketchIndex(store)
            index.add(1, known)
            (found,) = index.candidates([(asked, base(asked))], 1)
            store.execute("DELETE FROM sketch_log")
            store.execute("DELETE FROM entries")
        return bool(found)

    return merges


_ENTRY = (
    "INSERT INTO entries (key, id, agency, truncated, fingerprint, sketch_base, title, summary,"
    " text, content_html) VALUES (1, 'urn:x:1', 'known', 0, '', ?, '', '', '', '')"
)


def _equal_title(pair: Pair) -> bool:
    return pair.one.title == pair.other.title


def _minhash() -> Callable[[Pair], bool]:
    make = import_module("datasketch").MinHash

    def signature(text: Text) -> object:
        found = re.findall(r"\w+", f"{text.title} {text.body}".casefold())
        made = make(num_perm=128)
        made.update_batch([" ".join(found[at : at + 3]).encode() for at in range(len(found) - 2)])
        return made

    return lambda pair: bool(make.jaccard(signature(pair.one), signature(pair.other)) >= 0.8)


def _table(pairs: list[Pair], names: list[str], counts: Counter[tuple[str, str]]) -> Iterator[str]:
    yield f"| kind | pairs | {' | '.join(names)} |"
    yield f"| :--- | ---: |{' ---: |' * len(names)}"
    for merge, heading in ((True, "should merge"), (False, "must not merge")):
        kinds = Counter(pair.kind for pair in pairs if pair.merge is merge)
        yield f"| **{heading}** | |{' |' * len(names)}"
        for kind, size in kinds.items():
            yield _row(kind, size, [counts[kind, name] for name in names])
        merged = [sum(counts[kind, name] for kind in kinds) for name in names]
        yield _row("all of these", kinds.total(), merged)
    precisions = " | ".join(f"{_precision(pairs, counts, name):.2%}" for name in names)
    yield f"| **precision** | {len(pairs)} | {precisions} |"


def _row(kind: str, size: int, merged: list[int]) -> str:
    return f"| {kind} | {size} | {' | '.join(f'{each / size:.1%}' for each in merged)} |"


def _precision(pairs: list[Pair], counts: Counter[tuple[str, str]], name: str) -> float:
    merging = {pair.kind: pair.merge for pair in pairs}
    merged = sum(counts[kind, name] for kind in merging)
    return sum(counts[kind, name] for kind, merge in merging.items() if merge) / max(1, merged)


def _missed(pairs: list[Pair], counts: Counter[tuple[str, str]]) -> Iterator[str]:
    """What our decisions are held to and do not meet, in words."""
    for merge in (True, False):
        kinds = Counter(pair.kind for pair in pairs if pair.merge is merge)
        if kinds.total() < LEAST_PAIRS:
            yield f"{kinds.total()} pairs of a kind of which there should be {LEAST_PAIRS}"
        for kind, size in kinds.items():
            share = counts[kind, OURS] / size
            if merge and share < RECALLS.get(kind, RECALL):
                yield f"recall of {kind}: {share:.1%}, at least {RECALLS.get(kind, RECALL):.0%}"
            if not merge and share:
                yield f"false merges of {kind}: {counts[kind, OURS]} of {size}, none"


def _print_wrong(pairs: list[Pair], merged: list[Pair], most: int) -> None:
    shown: Counter[str] = Counter()
    ours = set(map(id, merged))
    for pair in pairs:
        if (id(pair) in ours) is pair.merge or shown[pair.kind] >= most:
            continue
        shown[pair.kind] += 1
        print(f"\n{pair.kind}: {decide(pair.other, [('one', pair.one)])}")
        print(f"  {pair.one.title!r} / {pair.other.title!r}\n  {pair.other.body[:700]!r}")


def _print_merged(texts: list[Text]) -> None:
    """Print which different releases of real digests are merged, whole or one of them cut.

    These are for a person to judge: a digest may hold a release twice.
    """
    if not texts:
        print("\nNo real digests are given (--truth): none were tried.")
        return
    sketches = [sketch(text.body) for text in texts]
    compared = 0
    print(f"\nMerged among {len(texts)} real releases:")
    for (at, one), (other_at, other) in permutations(enumerate(texts), 2):
        shared = len(set(sketches[at]).intersection(sketches[other_at]))
        if 4 * shared < min(len(sketches[at]), len(sketches[other_at])):
            continue
        cut = replace(one, body=one.body[:260].rstrip() + "…")
        for text in (one, cut) if at < other_at else (cut,):
            compared += 1
            verdict = decide(text, [("one", other)])
            if verdict.target is not None:
                print(f"  {verdict.rule}: {text.title!r}, {len(text.body)} characters")
                print(f"    {other.title!r}, {len(other.body)} characters: {verdict.reason}")
    print(f"{compared} pairs with words in common were compared.")


if __name__ == "__main__":
    main()
