"""Runs lemon24/reader on a list of feeds, so that `fetching` can compare it with Aggregator.

    python benchmarks/fetching_reader.py subscribe DATABASE ADDRESSES
    python benchmarks/fetching_reader.py update DATABASE --workers 4

Runs in an environment that has `reader` (3.26 was tried; with feedparser 6.0.13 or later it needs
`sgmllib3k` as well). `update` asks for every feed once, whether due or not, and prints JSON:
`feeds`, `new` and `failed`. `--search` also brings its search index up to date, as Aggregator
always does. It has no search for near-duplicates and writes no feeds.
"""

import argparse
import json
from pathlib import Path

# Only the environment made for it has it; where it is, its own types are checked.
from reader import make_reader  # type: ignore[import-not-found, unused-ignore]


def subscribe(database: Path, addresses: Path) -> None:
    with make_reader(str(database)) as reader:
        for address in addresses.read_text(encoding="utf-8").split():
            reader.add_feed(address)


def update(database: Path, workers: int, search: bool) -> dict[str, int]:
    told = {"feeds": 0, "new": 0, "failed": 0}
    with make_reader(str(database)) as reader:
        for _, result in reader.update_feeds_iter(scheduled=False, workers=workers):
            told["feeds"] += 1
            if isinstance(result, Exception):
                told["failed"] += 1
            elif result is not None:
                told["new"] += result.new
        if search:
            reader.enable_search()
            reader.update_search()
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description="Update feeds with reader.")
    parser.add_argument("work", choices=("subscribe", "update"))
    parser.add_argument("database", type=Path)
    parser.add_argument("addresses", type=Path, nargs="?", help="a file, one address a line")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--search", action="store_true")
    options = parser.parse_args()
    if options.work == "update":
        print(json.dumps(update(options.database, options.workers, options.search)))
    elif options.addresses:
        subscribe(options.database, options.addresses)
    else:
        parser.error("subscribe to which addresses?")


if __name__ == "__main__":
    main()
