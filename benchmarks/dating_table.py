"""Prints how every release of the project's own digests is dated, as a table in Markdown.

    python benchmarks/dating_table.py                          print it
    python benchmarks/dating_table.py --into docs/dating.md    put it there, for the last one

The digests in `seeds/` are read into a separate store, so that no other store is touched. In
the file the table is between two comments, which mark its beginning and its end.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- table -->", "<!-- end of table -->"
HEADING = ("Title", "Date", "Basis", "Window", "Evidence")


def entries() -> list[dict[str, Any]]:
    """Every entry of the seeds, newest first, as `entries --json` has it."""
    with tempfile.TemporaryDirectory(prefix="aggregator-table-") as name:
        folder = Path(name)
        shutil.copy2(ROOT / "config.toml", folder)
        shutil.copytree(ROOT / "seeds", folder / "seeds")
        _run(folder, "once")
        listed = _run(folder, "entries", "--json", "--limit", "100000")
    return [json.loads(line) for line in listed.splitlines()]


def _run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "aggregator", "--config", str(folder / "config.toml")]
    ran = subprocess.run(
        [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=True
    )
    return ran.stdout


def table(listed: list[dict[str, Any]]) -> Iterator[str]:
    """The lines of the table."""
    yield _line(HEADING)
    yield _line(["---"] * len(HEADING))
    for entry in listed:
        dating = entry["dating"]
        yield _line(
            (
                entry["title"],
                entry["published"][:10],
                dating["basis"],
                _window(dating["earliest"][:10], dating["latest"][:10]),
                dating["evidence"],
            )
        )


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _window(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def put(file: Path, lines: str) -> None:
    """Replace the text between the two comments of a file."""
    before, begin, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"dating_table: {file}: {BEGIN} and {END} are not both there")
    file.write_text(f"{before}{BEGIN}\n{lines}\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Print how the project's own digests are dated.")
    parser.add_argument("--into", type=Path, metavar="FILE", help="a file with the two comments")
    options = parser.parse_args()
    lines = "\n".join(table(entries()))
    if options.into is None:
        print(lines)
    else:
        put(options.into, lines)


if __name__ == "__main__":
    main()
