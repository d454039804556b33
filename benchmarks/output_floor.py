"""The Atom documents of a store, by feedgen and nothing else.

    python benchmarks/output_floor.py STORE FOLDER             feeds and archives
    python benchmarks/output_floor.py STORE FOLDER --feeds     feeds alone

What a plain program would do: for each document ask the store for its entries, give them to
feedgen, have it write the file. An entry has its id, title, author, dates, summary, content,
categories and links. Prints JSON: `documents` and `entries`, each counted as often as written.
"""

import argparse
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from feedgen.feed import FeedGenerator

from aggregator.store.packing import unpack_html

BASE = "http://localhost:8080/"
OF_A_FEED = 50

ENTRIES = """
SELECT key, entries.id, title, name, agency, published, updated, summary, text,
    content_html
FROM entries JOIN agencies ON agencies.id = agency WHERE {} ORDER BY published DESC, key DESC
"""
CATEGORIES = "SELECT term FROM categories WHERE entry = ? ORDER BY term"
RELATED = "SELECT id, title FROM related JOIN entries ON key = other WHERE entry = ?"
MONTHS = "SELECT DISTINCT substr(published, 1, 7) FROM entries WHERE {} ORDER BY 1"


def write(store: Path, folder: Path, *, archives: bool) -> dict[str, int]:
    """Write the documents of all agencies together and of each; returns how many of what."""
    written = {"documents": 0, "entries": 0}
    (folder / "archive").mkdir(parents=True)
    with closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)) as source:
        agencies = source.execute("SELECT id, name FROM agencies ORDER BY id").fetchall()
        for agency, title in [(None, "All"), *agencies]:
            whose = "published IS NOT NULL" if agency is None else "agency = :agency"
            rows = source.execute(
                f"{ENTRIES.format(whose)} LIMIT {OF_A_FEED}", {"agency": agency}
            ).fetchall()
            if not rows:
                continue
            name = agency or "all"
            _write(folder / f"{name}.atom", title, source, rows, written)
            months = source.execute(MONTHS.format(whose), {"agency": agency}) if archives else ()
            for (month,) in list(months):
                rows = source.execute(
                    ENTRIES.format(f"{whose} AND substr(published, 1, 7) = :month"),
                    {"agency": agency, "month": month},
                ).fetchall()
                path = folder / "archive" / f"{name}-{month}.atom"
                _write(path, title, source, rows, written)
    return written


def _write(
    path: Path,
    title: str,
    source: sqlite3.Connection,
    rows: Iterable[tuple[str, ...]],
    written: dict[str, int],
) -> None:
    made = FeedGenerator()
    made.id(f"{BASE}{path.name}")
    made.title(title)
    made.link(href=f"{BASE}{path.name}", rel="self")
    newest = ""
    for key, entry_id, headline, name, agency, published, updated, summary, text, kept in rows:
        entry = made.add_entry(order="append")
        entry.id(entry_id)
        entry.title(headline or "(untitled)")
        entry.author(name=name)
        entry.published(datetime.fromisoformat(published))
        entry.updated(datetime.fromisoformat(updated))
        if summary:
            entry.summary(summary)
        entry.content(unpack_html(kept, text), type="html")
        for (term,) in source.execute(CATEGORIES, (key,)):
            entry.category(term=term, label=name if term == agency else term)
        entry.link(href=f"{BASE}entries/{entry_id.removeprefix('urn:uuid:')}.html")
        for other, told in source.execute(RELATED, (key,)):
            entry.link(href=other, rel="related", title=told)
        newest = max(newest, updated)
        written["entries"] += 1
    made.updated(datetime.fromisoformat(newest))
    made.atom_file(str(path))
    written["documents"] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description="Write Atom feeds and archives by feedgen alone.")
    parser.add_argument("store", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--feeds", action="store_true", help="no archives")
    options = parser.parse_args()
    print(json.dumps(write(options.store, options.folder, archives=not options.feeds)))


if __name__ == "__main__":
    main()
