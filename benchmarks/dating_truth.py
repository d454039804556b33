"""How well releases are dated whose day of publication is known, and how well windows hold.

    python benchmarks/dating_truth.py FOLDER     releases of offices, with a gold.json
    python benchmarks/dating_truth.py            lists that the benchmark makes itself

`gold.json` in FOLDER has `digests`, each with `file` and `newest` (a day), and `entries`, each with
`title` and `true` (a day).  The digests are read as they were at the time (`kept`: a file is of the
day after its newest release) and as a copy has them (`clone`: all files are of one later day).
Without FOLDER, lists of 30 releases are made from a seed, of offices that name days often or
seldom, and are known to the day.
"""

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

CONFIG = """\
title = "Truth"
base_url = "http://localhost:8080/"
store = "aggregator.db"
output = "feeds"
[[sources]]
id = "digests"
location = "in/*.txt"
format = "digest"
"""
COPIED = datetime(2026, 1, 1, tzinfo=UTC)
LISTS, LENGTH = 20, 30
AGENCIES = ("Harbour Authority", "Northern Court", "Office of Statistics", "Coast Guard")


def key(title: str) -> str:
    """A title without its punctuation and case."""
    return re.sub(r"\W+", " ", title.casefold()).strip()


def made(folder: Path) -> dict[str, Any]:
    """Write lists into a folder; return what `gold.json` would have."""
    chance = random.Random(1)
    gold: dict[str, Any] = {"digests": [], "entries": []}
    for number in range(LISTS):
        day = date(2004, 1, 1) + timedelta(chance.randrange(7000))
        pace = chance.choice((0, 0, 1, 1, 2, 5))
        telling = chance.choice((0.2, 0.5, 0.9))
        blocks: list[str] = []
        for n in range(LENGTH):
            day += timedelta(chance.choice((0, 0, 1, pace, 2 * pace)))
            title = (
                f"Case {number}-{n} of the {chance.choice(('pier', 'bridge', 'survey', 'mast'))}"
            )
            gold["entries"].append({"title": title, "true": day.isoformat()})
            agency = AGENCIES[number % len(AGENCIES)]
            blocks.insert(0, f"{title}\n\nSource: {agency}\n\n{_body(chance, day, telling)}\n")
            if n % 8 == 7 or n == LENGTH - 1:
                name = f"{number:02}-{n:02}.txt"
                (folder / name).write_text("\n".join(blocks[:14]), encoding="utf-8")
                gold["digests"].append({"file": name, "newest": day.isoformat()})
    return gold


def _body(chance: random.Random, day: date, telling: float) -> str:
    """A text that names its day, one before, one after, one of long ago, or none."""
    subject = chance.choice(("The panel", "A crew of nine", "The deputy director", "The registrar"))
    if chance.random() > telling:
        return f"{subject} is content with how the work goes on, and thanks all who took part."
    near = day - timedelta(chance.choice((0, 0, 0, 1, 2, 9, 40)))
    ahead = day + timedelta(chance.choice((1, 2, 5, 20)))
    ago = day - timedelta(chance.randrange(300, 3000))
    return chance.choice(
        (
            f"{subject} met on {day:%A (%-d %B %Y)} and chose a plan.",
            f"{subject} met on {near:%A} and chose a plan.",
            f"{subject} was told on {near:%-d %B} what had been found.",
            f"{subject} will visit the site on {ahead:%-d %B %Y}.",
            f"{subject} was fined today. The engine failed on {ago:%-d %B %Y}.",
            f"{subject} reads the accounts of {day.year} with care.",
        )
    )


def measured(gold: dict[str, Any], folder: Path, setting: str) -> dict[str, float]:
    """The figures of one setting."""
    with tempfile.TemporaryDirectory(prefix="aggregator-truth-") as name:
        work = Path(name)
        (work / "in").mkdir()
        (work / "config.toml").write_text(CONFIG, encoding="utf-8")
        for digest in gold["digests"]:
            copy = Path(shutil.copy(folder / digest["file"], work / "in"))
            read = datetime.fromisoformat(f"{digest['newest']}T18:00:00+00:00") + timedelta(days=1)
            moment = (read if setting == "kept" else COPIED).timestamp()
            os.utime(copy, (moment, moment))
        _run(work, "once")
        lines = _run(work, "entries", "--json", "--limit", "1000000").splitlines()
    return _figures(gold, [json.loads(line) for line in lines])


def _run(work: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "aggregator", "--config", str(work / "config.toml")]
    ran = subprocess.run(
        [*command, *arguments], stdout=subprocess.PIPE, encoding="utf-8", check=True
    )
    return ran.stdout


def _figures(gold: dict[str, Any], listed: list[dict[str, Any]]) -> dict[str, float]:
    found = defaultdict(list)
    for entry in listed:
        found[key(entry["title"])].append(entry)
    off, inside, days, years = [], [], [], 0
    for release in gold["entries"]:
        true = date.fromisoformat(release["true"])
        chosen = min(
            found[key(release["title"])],
            key=lambda entry: abs((_day(entry) - true).days),
            default=None,
        )
        if chosen is None:
            continue
        low, high = _window(chosen)
        off.append(abs((_day(chosen) - true).days))
        inside.append(low <= true <= high)
        days.append((high - low).days)
        years += _day(chosen).year != true.year
    share = 100 / len(off)
    return {
        "releases": len(off),
        "exact %": share * sum(one == 0 for one in off),
        "within 2 days %": share * sum(one <= 2 for one in off),
        "within 7 days %": share * sum(one <= 7 for one in off),
        "inside the window %": share * sum(inside),
        "median window, days": statistics.median(days),
        "wrong year": years,
    }


def _day(entry: dict[str, Any]) -> date:
    return date.fromisoformat(entry["published"][:10])


def _window(entry: dict[str, Any]) -> tuple[date, date]:
    first, last = entry["dating"]["earliest"], entry["dating"]["latest"]
    return (
        date.fromisoformat(first[:10]) if first else date.min,
        date.fromisoformat(last[:10]) if last else date.max,
    )


def table(columns: dict[str, dict[str, float]]) -> Iterator[str]:
    """The figures of all settings, side by side."""
    yield f"{'':24}" + "".join(f"{name:>10}" for name in columns)
    for figure in next(iter(columns.values())):
        yield f"{figure:24}" + "".join(f"{values[figure]:10.1f}" for values in columns.values())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="digests with a gold.json")
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory(prefix="aggregator-lists-") as name:
        if folder is None:
            print(f"No folder is named: {LISTS} lists are made.")
            folder = Path(name)
            gold = made(folder)
        else:
            gold = json.loads((folder / "gold.json").read_text(encoding="utf-8"))
        print(*table({s: measured(gold, folder, s) for s in ("kept", "clone")}), sep="\n")


if __name__ == "__main__":
    main()
