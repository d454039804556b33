"""Compare the time of both feed parsers with that of building the XML tree.

    python -m benchmarks.parsing [FOLDER]...

Prints, over the sample feeds of the tests and the files of any other folder: the median of the time
of the quick parser over that of lxml's tree, the same of the careful one, how many feeds the quick
one reads, and whether both return equal items wherever both read.
"""

import hashlib
import sys
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

from lxml import etree

from aggregator.errors import ParseError
from aggregator.model import Document, Parsed
from aggregator.parse.syndication import Bounds, parse, parse_carefully

SAMPLES = Path(__file__).parent.parent / "tests" / "data" / "feeds"
BOUNDS = Bounds(max_items=10_000, max_item_size=1_000_000)
ROUNDS = 9
MANY = 10
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


@dataclass(frozen=True, slots=True)
class Measured:
    """The least seconds of one feed: tree, quick and careful parser, or None where not read."""

    name: str
    tree: float | None
    quick: float | None
    careful: float | None
    agree: bool
    items: int


def main(folders: Iterable[str]) -> None:
    """Measure the samples, and each of ``folders``."""
    warnings.simplefilter("ignore")
    for folder in [SAMPLES, *map(Path, folders)]:
        report(folder, [measured(path) for path in sorted(folder.rglob("*")) if path.is_file()])


def measured(path: Path) -> Measured:
    """Return the times of one file, read as if it had an address."""
    body = path.read_bytes()
    document = Document(
        source="benchmark",
        name=path.name,
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        modified=datetime(2024, 1, 1, tzinfo=UTC),
        address=f"https://feeds.example/{path.name}",
    )
    quick = parse(document, BOUNDS)
    careful = _carefully(document)
    return Measured(
        path.name,
        _seconds(lambda: etree.fromstring(body, PARSER)),
        _seconds(lambda: parse(document, BOUNDS)) if quick else None,
        _seconds(lambda: parse_carefully(document, BOUNDS), 1) if careful else None,
        quick is not None and careful is not None and _same(quick, careful),
        len(quick.items if quick else careful.items if careful else ()),
    )


def _same(quick: Parsed, careful: Parsed) -> bool:
    """Return whether both are equal but for the lines."""

    def without_lines(parsed: Parsed) -> Parsed:
        return replace(parsed, items=tuple(replace(item, lines=(0, 0)) for item in parsed.items))

    return without_lines(quick) == without_lines(careful)


def _carefully(document: Document) -> Parsed | None:
    try:
        return parse_carefully(document, BOUNDS)
    except ParseError:
        return None


def _seconds(call: Callable[[], object], rounds: int = ROUNDS) -> float | None:
    best = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        try:
            call()
        except etree.XMLSyntaxError:
            return None
        best = min(best, perf_counter() - start)
    return best


def report(folder: Path, feeds: list[Measured]) -> None:
    """Print the results of one folder."""
    read = [feed for feed in feeds if feed.careful is not None]
    quick = [feed for feed in read if feed.quick is not None]
    print(f"{folder.name}: {len(read)} feeds, {len(feeds) - len(read)} other files")
    if not quick:
        return
    print(f"  read by quick parser  {len(quick)} ({len(quick) / len(read):.0%})")
    print(f"  of which disagree     {[feed.name for feed in quick if not feed.agree]}")
    _print_times("all", read)
    _print_times(f"of {MANY} items or more", [feed for feed in read if feed.items >= MANY])


def _print_times(what: str, feeds: list[Measured]) -> None:
    trees = [(feed, feed.tree) for feed in feeds if feed.tree is not None]
    if not trees:
        return
    print(f"  {what}: {len(feeds)}; lxml tree {median(tree for _, tree in trees) * 1000:.2f} ms")
    for name in ("quick", "careful"):
        times = [(getattr(feed, name), tree) for feed, tree in trees if getattr(feed, name)]
        ratio = median(time / tree for time, tree in times)
        print(f"    {name:8}{median(time for time, _ in times) * 1000:8.2f} ms {ratio:7.2f} x tree")


if __name__ == "__main__":
    main(sys.argv[1:])
